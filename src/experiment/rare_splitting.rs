//! Splitting on states of the world: what is saved when a level is passed goes on with other random numbers.

use crate::experiment::closeness::{Closeness, Levels};
use crate::experiment::parallel;
use crate::experiment::progress::Progress;
use crate::experiment::rare::has_failed;
use crate::kernel::event_loop::{Ended, advance};
use crate::kernel::random::Seed;
use crate::model::chance::{Chance, Purpose};
use crate::model::id::PoolId;
use crate::model::world::World;
use crate::model::world::saved::Saved;
use crate::scenario::Scenario;
use crate::stats::splitting::{self, NoLevels, Process, Trial};

/// Independent repeats, of which the interval is made.
const REPEATS: usize = 20;

/// What splitting finds.
pub(super) struct Spotted {
    pub levels: Vec<f64>,
    pub repeats: Vec<f64>,
    pub trajectories: u64,
}

/// Independent estimates of the probability that a lease fails in one of some pools, by as many trials of each level
/// altogether.
///
/// # Errors
/// Why there are none.
pub(super) fn repeats(
    scenario: &Scenario,
    pools: &[PoolId],
    (trials, seed): (usize, Seed),
    progress: &dyn Progress,
) -> Result<Spotted, String> {
    let trials = trials
        .div_ceil(REPEATS)
        .clamp(TRIALS_MIN, u32::MAX as usize) as u32;
    let new = || Worlds::new(scenario, pools, seed, progress);
    let mut first = new();
    let levels = splitting::pilot(&mut first, trials).map_err(|NoLevels::Stuck(closest)| {
        let closest = libm::exp(closest);
        format!(
            "splitting does not fit: no trial of {trials} came closer to a failed lease than where one is expected with \
             a probability of about {closest:.1e}"
        )
    })?;
    let levels_of = &levels;
    let parts = parallel::map_each(REPEATS, |repeat| {
        let mut worlds = new();
        let estimate = splitting::estimate(&mut worlds, levels_of, trials, repeat as u32 + 1);
        (estimate, worlds.trajectories)
    });
    Ok(Spotted {
        trajectories: first.trajectories + parts.iter().map(|it| it.1).sum::<u64>(),
        repeats: parts.into_iter().map(|it| it.0).collect(),
        levels,
    })
}

/// The fewest trials of a level.
const TRIALS_MIN: usize = 100;

/// A world that goes on from one saved state after another.
struct Worlds<'a> {
    world: World<'a>,
    pools: &'a [PoolId],
    closeness: Vec<Closeness>,
    seed: Seed,
    progress: &'a dyn Progress,
    trajectories: u64,
    /// The importance of the state, and what it was made of.
    known: Option<(Vec<Levels>, f64)>,
}

impl<'a> Worlds<'a> {
    fn new(
        scenario: &'a Scenario,
        pools: &'a [PoolId],
        seed: Seed,
        progress: &'a dyn Progress,
    ) -> Self {
        let setup = &scenario.setup;
        let closeness = pools.iter().map(|pool| Closeness::new(setup, *pool));
        Self {
            world: World::new(setup),
            pools,
            closeness: closeness.collect(),
            seed,
            progress,
            trajectories: 0,
            known: None,
        }
    }

    fn has_occurred(&self) -> bool {
        // Until measuring begins, failed leases are those of the warm-up.
        self.world.setup.start <= self.world.now && has_failed(&self.world.ledger, self.pools)
    }

    fn count(&mut self) {
        self.known = None;
        self.trajectories += 1;
        self.progress.completed(1);
    }
}

impl Process for Worlds<'_> {
    type State = Saved;

    fn begin(&mut self, trial: Trial) {
        self.world.begin(Chance::of(self.seed, trial.code()));
        self.count();
    }

    fn resume(&mut self, state: &Saved, trial: Trial) {
        self.world.restore(state);
        self.world.renew(trial.code());
        self.count();
    }

    fn save(&self) -> Saved {
        self.world.save()
    }

    fn importance(&mut self) -> f64 {
        if self.has_occurred() {
            return 0.0;
        }
        let closeness = self.closeness.iter();
        let levels: Vec<Levels> = closeness.map(|it| it.levels(&self.world)).collect();
        if let Some((before, importance)) = &self.known
            && *before == levels
        {
            // The time that has passed has brought it no closer.
            return *importance;
        }
        let pools = self.closeness.iter().zip(&levels);
        let closest = pools.map(|(it, levels)| it.of(&self.world, *levels));
        let importance = closest.fold(f64::NEG_INFINITY, f64::max).min(-1e-9);
        self.known = Some((levels, importance));
        importance
    }

    fn step(&mut self) -> bool {
        let setup = self.world.setup;
        let left = setup.budget - self.world.ledger.events;
        let cancelled = self.progress.is_cancelled();
        !cancelled
            && 0 < left
            && advance(&mut self.world, setup.horizon, 1, &mut ()) == Ended::BudgetSpent
    }

    fn unit(&self, repeat: u32, stage: u32) -> f64 {
        let code = Trial {
            repeat,
            stage,
            number: u32::MAX,
        }
        .code();
        let stream = Chance::of(self.seed, code).stream(Purpose::Splitting, 0, 0);
        stream.unit_at(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::DependencyId;
    use crate::stats::mean::mean;

    /// The chain of theory K4 in the engine: three calls a minute, of which ten are served; callers whose call came too
    /// late retry after a minute on average, three in four.
    const STORM: &str = "
schema: 1
name: storm
clock: {start: 2026-01-05T00:00:00Z, horizon: 30d, warm_up: 0s}
regions: {r: {}}
pools:
  r/i:
    target: 0
    provision: {latency: 8m, timeout: never}
    replenish: {counts: ready_and_pending, in_flight_max: unlimited, retry: {initial: 30d, max: 30d}}
    lease: {on_empty: reject}
demand: {}
outages: {}
dependencies:
  d:
    capacity: 10/min
    queue: 20
    timeout: 1m
    late: position
    load: 3/min
    retry: {probability: 75%, delay: {exponential: {mean: 1m}}, tries: unlimited}
    calm: {queue: 5, waiting: 5}
";

    /// Cycles of a service, each from an empty system to the next; the event is a queue of 15.
    struct Storm<'a> {
        world: World<'a>,
        begun: bool,
    }

    impl Storm<'_> {
        fn levels(&self) -> (u32, u32) {
            let of = &self.world.ledger.dependencies[DependencyId(0)];
            (of.queue.value, of.orbit.value)
        }
    }

    impl Process for Storm<'_> {
        type State = Saved;

        fn begin(&mut self, trial: Trial) {
            self.world.begin(Chance::of(Seed(1), trial.code()));
            self.begun = false;
        }

        fn resume(&mut self, state: &Saved, trial: Trial) {
            self.world.restore(state);
            self.world.renew(trial.code());
            self.begun = true;
        }

        fn save(&self) -> Saved {
            self.world.save()
        }

        fn importance(&mut self) -> f64 {
            match self.levels() {
                (15.., _) => 0.0,
                (queue, orbit) => {
                    let near = f64::from(queue) + 0.5 * f64::from(orbit);
                    (near / 15.0 - 2.0).min(-1e-9)
                }
            }
        }

        fn step(&mut self) -> bool {
            if self.begun && self.levels() == (0, 0) {
                return false;
            }
            let horizon = self.world.setup.horizon;
            let ended = advance(&mut self.world, horizon, 1, &mut ());
            self.begun |= self.levels() != (0, 0);
            ended == Ended::BudgetSpent
        }

        fn unit(&self, repeat: u32, stage: u32) -> f64 {
            let trial = Trial {
                repeat,
                stage,
                number: u32::MAX,
            };
            let stream = Chance::of(Seed(1), trial.code()).stream(Purpose::Splitting, 0, 0);
            stream.unit_at(0)
        }
    }

    #[test]
    fn a_storm_that_begins_once_in_three_million_minutes_has_its_first_passage_in_the_engine() {
        let scenario = Scenario::parse("storm.yaml", STORM).expect("a valid scenario");
        let mut storm = Storm {
            world: World::new(&scenario.setup),
            begun: false,
        };
        let levels = splitting::pilot(&mut storm, 1_000).expect("levels");
        let repeats = 1..=40;
        let estimates = repeats.map(|it| splitting::estimate(&mut storm, &levels, 1_000, it));
        let probability = mean(&estimates.collect::<Vec<f64>>());
        let point = probability.point.expect("a mean");
        let half = (probability.high.expect("an end") - point) / point;
        // Cycles are independent: the mean time up to the event is that of a cycle over its probability in one.
        let cycles = 20_000;
        let mut time = 0.0;
        for number in 0..cycles {
            storm.begin(Trial {
                repeat: 0,
                stage: u32::from(u16::MAX),
                number,
            });
            while storm.step() {}
            time += storm.world.now.micros() as f64 / 60e6;
        }
        let passage = time / f64::from(cycles) / point;
        let exact = 3.0363e6;
        let off = passage / exact - 1.0;
        assert!(off.abs() < 2.5 * half, "{passage:e} is not {exact:e}");
        assert!(half < 0.2, "{half}");
    }
}
