//! One replication: by chance, or with every chance replaced by its mean.

use crate::experiment::dependency_measures::DEPENDENCY_MEASURES;
use crate::experiment::measure::{self, INCIDENT_MEASURES, MEASURES, Subject};
use crate::experiment::side_by_side::Parts;
use crate::experiment::trace::trace;
use crate::kernel::event_loop::Ended;
use crate::kernel::random::Seed;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::chance::Chance;
use crate::model::id::{DependencyId, OccurrenceId, PoolId, TiVec, WindowId};
use crate::model::observe::audit::Auditor;
use crate::model::observe::levels::Levels;
pub(crate) use crate::model::observe::levels::PoolSample;
use crate::model::record::events::Recorder;
use crate::model::record::ledger::Ledger;
pub(crate) use crate::model::record::ledger::{SLICES, Slice};
use crate::model::setup::Setup;
use crate::model::world::World;
use crate::model::world::occurrence::Occurrence;
use crate::model::world::outages::forecast;
use crate::scenario::Scenario;

/// What came of one replication.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// Whether the replication reached its horizon.
    pub ended: Ended,
    /// Events that occurred, the warm-up's included.
    pub events: u64,
    /// A fold over every event and its instant: equal runs have equal digests.
    pub digest: u64,
    pub(crate) ledger: Ledger,
    pub(crate) levels: Vec<Vec<PoolSample>>,
    /// The end of what was simulated: the horizon, or the last event that the budget allowed.
    pub(crate) until: SimTime,
    pub(crate) occurrences: TiVec<OccurrenceId, Occurrence>,
    pools: usize,
    dependencies: usize,
    // Invariant: a row for each subject of the scenario, in their order.
    measures: Vec<Vec<f64>>,
}

/// What a replication leaves: its ledger, levels by pool, and outages.
type Recorded = (
    Ledger,
    Vec<Vec<PoolSample>>,
    TiVec<OccurrenceId, Occurrence>,
);

impl Outcome {
    fn of(scenario: &Scenario, setup: &Setup, chance: Chance) -> Self {
        let parts = (setup.start == SimTime::ZERO).then(|| Parts::of(setup, 1));
        let parts = parts.flatten();
        let found = parts.and_then(|parts| Self::of_parts(scenario, (setup, &parts), chance));
        found.unwrap_or_else(|| Self::of_world(scenario, &mut World::observed(setup), chance))
    }

    /// The outcome of a replication whose parts run side by side, unless it exceeds its budget of events.
    fn of_parts(
        scenario: &Scenario,
        (setup, parts): (&Setup, &Parts<'_>),
        chance: Chance,
    ) -> Option<Self> {
        let (ledger, seen) = parts.run(
            chance,
            |setup| World::observed(setup),
            |world, pools| {
                let mut levels = Levels::default();
                let ended = world.go_on(&mut levels, &[], |_, _| {});
                (ended, (pools.to_vec(), levels.pools))
            },
        )?;
        let mut levels: TiVec<PoolId, Vec<PoolSample>> = TiVec::new();
        levels.resize_with(setup.pools.len(), Vec::new);
        for (pools, mut own) in seen {
            for pool in pools {
                levels[pool] = std::mem::take(&mut own[pool]);
            }
        }
        let mut occurrences = TiVec::new();
        forecast(setup, chance, &mut occurrences);
        let of = (ledger, levels.into(), occurrences);
        Some(Self::new(
            scenario,
            of,
            Ended::Horizon,
            setup.horizon,
            chance,
        ))
    }

    /// The outcome of a replication of a world, with any recorder.
    pub(crate) fn of_world<R: Recorder>(
        scenario: &Scenario,
        world: &mut World<'_, R>,
        chance: Chance,
    ) -> Self {
        let mut levels = Levels::default();
        let ended = world.run(chance, &mut levels);
        let until = match ended {
            Ended::Horizon => world.setup.horizon,
            // The last event is a part of it.
            Ended::BudgetSpent => levels.until + SimDuration::from_micros(1),
        };
        let occurrences = std::mem::take(&mut world.occurrences);
        let ledger = std::mem::take(&mut world.ledger);
        let of = (ledger, levels.pools.into(), occurrences);
        Self::new(scenario, of, ended, until, chance)
    }

    fn new(
        scenario: &Scenario,
        (ledger, levels, occurrences): Recorded,
        ended: Ended,
        until: SimTime,
        chance: Chance,
    ) -> Self {
        let even = chance.is_mean();
        let rows = Subject::all(scenario)
            .into_iter()
            .map(|subject| measure::row(scenario, &ledger, subject, even, |_| true).collect());
        Self {
            ended,
            events: ledger.events,
            digest: ledger.digest,
            pools: scenario.pools.len(),
            dependencies: scenario.dependencies.len(),
            measures: rows.collect(),
            until,
            levels,
            occurrences,
            ledger,
        }
    }

    /// The calls to a dependency in each of 96 equal slices of the scenario's time, with the instant at which
    /// the slice begins.
    ///
    /// # Panics
    /// If there is no such dependency.
    pub fn slices(
        &self,
        scenario: &Scenario,
        dependency: impl Into<DependencyId>,
    ) -> impl Iterator<Item = (SimTime, &Slice)> {
        let (start, length) = (scenario.setup.start, scenario.length().micros());
        let at = move |place: u64| start + SimDuration::from_micros(length * place / SLICES);
        let slices = &self.ledger.dependencies[dependency.into()].slices;
        (0..).map(at).zip(slices)
    }

    /// Outages that met the pool at place `pool`.
    pub(crate) fn shaded(
        &self,
        scenario: &Scenario,
        pool: usize,
    ) -> impl Iterator<Item = &Occurrence> {
        let met = move |window: &WindowId| {
            let window = &scenario.setup.windows[*window];
            window.pools.contains(&PoolId::from(pool))
        };
        let occurrences = self.occurrences.iter();
        occurrences.filter(move |occurrence| met(&occurrence.window))
    }

    /// A measure of a pool by a name that exists.
    pub(crate) fn figure(&self, pool: usize, name: &str) -> Option<f64> {
        self.value_of(Subject::Pool(pool), measure::place(MEASURES, name))
    }

    /// A measure of the incident by a name that exists.
    pub(crate) fn figure_of_incident(&self, name: &str) -> Option<f64> {
        self.value_of(Subject::Incident, measure::place(INCIDENT_MEASURES, name))
    }

    /// A measure of a dependency by a name that exists.
    pub(crate) fn figure_of_dependency(&self, dependency: usize, name: &str) -> Option<f64> {
        let place = measure::place(DEPENDENCY_MEASURES, name);
        self.value_of(Subject::Dependency(dependency), place)
    }

    /// The measure at a place of a subject; absent where there is none.
    pub(crate) fn value_of(&self, subject: Subject, place: usize) -> Option<f64> {
        self.value(self.place_of(subject), place)
    }

    fn place_of(&self, subject: Subject) -> usize {
        match subject {
            Subject::Pool(place) => {
                assert!(place < self.pools, "there is no pool {place}");
                place
            }
            Subject::Incident => self.pools,
            Subject::Dependency(place) => {
                assert!(place < self.dependencies, "there is no dependency {place}");
                self.pools + 1 + place
            }
            Subject::Class(place) => self.pools + 1 + self.dependencies + place,
        }
    }

    /// Every measure of a subject.
    pub(crate) fn row(&self, subject: Subject) -> impl Iterator<Item = Option<f64>> + '_ {
        let row = self.place_of(subject);
        (0..self.measures[row].len()).map(move |place| self.value(row, place))
    }

    fn value(&self, row: usize, place: usize) -> Option<f64> {
        Some(self.measures[row][place]).filter(|value| !value.is_nan())
    }
}

/// The levels of a pool from an instant until another, at both of them and wherever one changed.
pub(crate) fn within(levels: &[PoolSample], from: SimTime, until: SimTime) -> Vec<PoolSample> {
    let known = levels.partition_point(|noted| noted.at <= from);
    let Some(before) = known.checked_sub(1) else {
        return levels.to_vec();
    };
    let first = PoolSample {
        at: from,
        // What failed in the warm-up is forgotten.
        failed: if levels[before].at < from {
            0
        } else {
            levels[before].failed
        },
        ..levels[before]
    };
    let mut rows = vec![first];
    for noted in &levels[known..] {
        let last = rows[rows.len() - 1];
        let (at, target) = (noted.at, noted.target);
        if (PoolSample { at, target, ..last }) != *noted {
            rows.push(*noted);
        }
    }
    let last = rows[rows.len() - 1];
    if last.at < until {
        rows.push(PoolSample { at: until, ..last });
    }
    rows
}

/// Runs replication number `replication` of a scenario: a pure function of its arguments.
///
/// # Examples
/// The first lease to fail in West US 2, in seconds after the start:
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use drawdown::{Scenario, Seed, measure, run};
///
/// let scenario = Scenario::load("scenarios/fnj8-vqz.yaml")?;
/// let outcome = run(&scenario, Seed(7), 0);
/// let pool = scenario.pool("westus2/ubuntu")?;
/// let failure = outcome.measure(pool, measure::FIRST_LEASE_FAILURE_AT_S)?;
/// assert!(failure.is_some_and(|at| 0.0 < at));
/// # Ok(())
/// # }
/// ```
pub fn run(scenario: &Scenario, seed: Seed, replication: u64) -> Outcome {
    let chance = Chance::of(seed, replication);
    match scenario.drawn(seed, replication as usize) {
        Some((_, own)) => Outcome::of(&own, &own.setup, chance),
        None => Outcome::of(scenario, &scenario.setup, chance),
    }
}

/// Runs a scenario with every law replaced by its mean, arrivals evenly spaced and failures evenly
/// shared out: the one course around which chance scatters.
pub fn expected_value(scenario: &Scenario) -> Outcome {
    Outcome::of(scenario, &scenario.setup.with_mean_demand(), Chance::Mean)
}

/// Runs a replication with an auditor that checks every invariant after every event and compares the trace
/// with what was counted, and gives the number of events audited. For tests of scenarios and of the model; slow.
///
/// # Panics
/// At the first event after which an invariant does not hold.
pub fn audit(scenario: &Scenario, seed: Seed, replication: u64) -> u64 {
    let mut auditor = Auditor::default();
    let chance = Chance::of(seed, replication);
    let mut world = World::observed(&scenario.setup);
    world.run(chance, &mut auditor);
    let trace = trace(scenario, seed, replication);
    assert_eq!(
        world.ledger.digest, trace.outcome.digest,
        "to be text of it changes a replication"
    );
    trace.audit(&scenario.setup);
    auditor.audited
}
