//! Ranges of replications of one or several scenarios, run by one thread.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::experiment::check::observed;
use crate::experiment::fan::Fan;
use crate::experiment::kept::Columns;
use crate::experiment::measure::{self, Subject};
use crate::experiment::progress::Progress;
use crate::experiment::sharing::Branches;
use crate::experiment::side_by_side::Parts;
use crate::kernel::event_loop::Ended;
use crate::kernel::random::Seed;
use crate::kernel::time::SimTime;
use crate::model::chance::Chance;
use crate::model::id::PoolId;
use crate::model::record::ledger::Ledger;
use crate::model::world::World;
use crate::scenario::Scenario;

/// A range of replications.
#[derive(Serialize, Deserialize)]
pub(crate) struct Part {
    pub begin: usize,
    pub events: u64,
    pub budget_spent: usize,
    pub digests: Vec<u64>,
    /// The row of the sample that each replication drew, if values are not known.
    pub rows: Vec<u32>,
    pub fan: Fan,
    /// The values of each column.
    pub values: Vec<Vec<f64>>,
}

/// A scenario that is run, and what is kept of it.
pub(crate) struct Run<'a> {
    scenario: &'a Scenario,
    columns: &'a Columns,
    world: World<'a>,
    subjects: Vec<Subject>,
    instants: Vec<SimTime>,
    part: Part,
}

impl<'a> Run<'a> {
    /// Runs a range of replications of several scenarios, or as many of it as are not cancelled. Where they differ
    /// only from some instant on, what comes before it is run once. Without the levels of pools over time, if the
    /// fan has no instants. One scenario with a shortcut is not run.
    pub fn all(
        of: Vec<(Fan, &'a Columns, &'a Scenario)>,
        seed: Seed,
        range: Range<usize>,
        progress: &dyn Progress,
    ) -> Vec<Part> {
        if let [(_, columns, _)] = &of[..]
            && let Some(reduced) = &columns.reduced
        {
            return vec![reduced.run(seed, range, progress)];
        }
        let branches = Branches::of(&of.iter().map(|it| it.2).collect::<Vec<_>>());
        let uncertain = of.iter().any(|it| it.2.is_uncertain());
        let begin = |(fan, columns, scenario)| Self::new((fan, columns), scenario, &range);
        let mut runs: Vec<Self> = of.into_iter().map(begin).collect();
        for replication in range.clone() {
            if progress.is_cancelled() {
                break;
            }
            let chance = Chance::of(seed, replication as u64);
            match uncertain {
                true => Self::replicate_drawn(&mut runs, (seed, replication), chance),
                false => Self::replicate(&mut runs, chance, &branches),
            }
            progress.completed(runs.len() as u64);
        }
        runs.into_iter().map(|run| run.part).collect()
    }

    /// Runs a few replications of a scenario, of each of which parts that share nothing run in parallel; nothing if
    /// one of them exceeds its budget of events.
    pub fn in_parts(
        of: (Fan, &'a Columns, &'a Scenario),
        parts: &Parts<'_>,
        seed: Seed,
        range: Range<usize>,
    ) -> Option<Part> {
        let (fan, columns, scenario) = of;
        let mut run = Self::new((fan, columns), scenario, &range);
        for replication in range {
            let chance = Chance::of(seed, replication as u64);
            let ran = parts.run(
                chance,
                |setup| World::new(setup),
                |world, pools| {
                    let mut seen = Vec::new();
                    let ended = world.go_on(&mut (), &run.instants, |instant, world| {
                        let ready = |id: &PoolId| world.ledger.pools[*id].ready.value;
                        seen.extend(pools.iter().map(|id| (*id, instant, ready(id))));
                    });
                    (ended, seen)
                },
            );
            let (ledger, seen) = ran?;
            for (pool, instant, ready) in seen.into_iter().flatten() {
                run.part.fan.note(pool, instant, ready);
            }
            let of = (&run.subjects[..], columns);
            run.part.note(scenario, of, &ledger, Ended::Horizon);
        }
        Some(run.part)
    }

    fn new(
        (fan, columns): (Fan, &'a Columns),
        scenario: &'a Scenario,
        range: &Range<usize>,
    ) -> Self {
        Self {
            scenario,
            columns,
            world: World::new(&scenario.setup),
            subjects: Subject::all(scenario),
            instants: fan.instants.clone(),
            part: Part::new(range, fan, columns.width),
        }
    }

    /// One replication of each.
    fn replicate(runs: &mut [Self], chance: Chance, branches: &Branches) {
        runs[branches.trunk].world.begin(chance);
        let mut ended = Ended::Horizon;
        for &(place, shared) in &branches.others {
            if ended == Ended::Horizon && SimTime::ZERO < shared.until {
                ended = runs[branches.trunk].world.advance_to(shared.until);
            }
            let Ok([trunk, run]) = runs.get_disjoint_mut([branches.trunk, place]) else {
                continue;
            };
            match ended == Ended::Horizon && SimTime::ZERO < shared.until {
                true => run
                    .world
                    .take_over(&trunk.world, (shared.until, shared.people)),
                false => run.world.begin(chance),
            }
            run.go_on();
        }
        runs[branches.trunk].go_on();
    }

    /// One replication of each, with the values that it draws.
    fn replicate_drawn(runs: &mut [Self], (seed, replication): (Seed, usize), chance: Chance) {
        for run in runs {
            let Some((row, own)) = run.scenario.drawn(seed, replication) else {
                run.world.begin(chance);
                run.go_on();
                continue;
            };
            run.part.rows.push(row as u32);
            let mut world = World::new(&own.setup);
            world.begin(chance);
            run.part.go_on(
                (&own, &run.subjects, run.columns),
                &run.instants,
                &mut world,
            );
        }
    }

    /// Goes on to the end, and keeps what is asked for.
    fn go_on(&mut self) {
        let of = (self.scenario, &self.subjects[..], self.columns);
        self.part.go_on(of, &self.instants, &mut self.world);
    }
}

impl Part {
    /// No replication of a range yet, with so many columns.
    pub fn new(range: &Range<usize>, fan: Fan, width: usize) -> Self {
        Self {
            begin: range.start,
            events: 0,
            budget_spent: 0,
            digests: Vec::with_capacity(range.len()),
            rows: Vec::new(),
            fan,
            values: (0..width)
                .map(|_| Vec::with_capacity(range.len()))
                .collect(),
        }
    }

    /// Replications.
    pub fn len(&self) -> usize {
        self.digests.len()
    }

    /// Adds those that come next.
    pub fn append(&mut self, next: Self) {
        let end = self.begin + self.len();
        assert_eq!(end, next.begin, "replications are added in their order");
        self.events += next.events;
        self.budget_spent += next.budget_spent;
        self.digests.extend(next.digests);
        self.rows.extend(next.rows);
        self.fan.merge(&next.fan);
        for (column, values) in self.values.iter_mut().zip(next.values) {
            column.extend(values);
        }
    }

    fn go_on(
        &mut self,
        (scenario, subjects, columns): (&Scenario, &[Subject], &Columns),
        instants: &[SimTime],
        world: &mut World<'_>,
    ) {
        let fan = &mut self.fan;
        let ended = world.go_on(&mut (), instants, |instant, world| {
            for (pool, ledger) in (0..).map(PoolId).zip(&world.ledger.pools) {
                fan.note(pool, instant, ledger.ready.value);
            }
        });
        self.note(scenario, (subjects, columns), &world.ledger, ended);
    }

    fn note(
        &mut self,
        scenario: &Scenario,
        (subjects, columns): (&[Subject], &Columns),
        ledger: &Ledger,
        ended: Ended,
    ) {
        self.events += ledger.events;
        self.digests.push(ledger.digest);
        self.budget_spent += usize::from(ended == Ended::BudgetSpent);
        // Columns come in the order of subjects, measures and facts.
        let mut kept = self.values.iter_mut();
        for subject in subjects {
            let wanted = |place| columns.slot(columns.of(*subject, place)).is_some();
            for value in measure::row(scenario, ledger, *subject, false, wanted) {
                kept.next().expect("a column for each value").push(value);
            }
        }
        for (column, fact) in kept.zip(&scenario.facts) {
            let value = observed(scenario, ledger, &fact.claim);
            column.push(value.unwrap_or(f64::NAN));
        }
    }
}
