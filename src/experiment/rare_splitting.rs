//! Splitting on states of the world: what is saved when a level is passed goes on with other random numbers.

use crate::experiment::closeness::{Closeness, Levels};
use crate::experiment::parallel;
use crate::experiment::progress::Progress;
use crate::experiment::rare::has_failed;
use crate::kernel::event_loop::{Ended, advance};
use crate::kernel::random::Seed;
use crate::model::chance::{Chance, Purpose};
use crate::model::id::PoolId;
use crate::model::setup::Setup;
use crate::model::world::World;
use crate::model::world::saved::Saved;
use crate::stats::splitting::{self, NoLevels, Process, Trial};

/// Independent repeats, of which the interval is made.
const REPEATS: usize = 20;

/// The fewest trials of a level.
const TRIALS_MIN: usize = 100;

/// An event whose probability is estimated, and what is known of it in one trajectory.
pub(super) trait Event {
    /// A trajectory begins, or goes on from a state.
    fn start(&mut self, world: &mut World<'_>, resumed: bool);

    /// How close to the event a world is, as [`Process::importance`] defines it.
    fn importance(&mut self, world: &World<'_>) -> f64;

    /// An event of the model has been simulated.
    fn step(&mut self, _world: &World<'_>) {}

    /// Whether the trajectory has ended, although the scenario has not.
    fn is_over(&self, _world: &World<'_>) -> bool {
        false
    }
}

/// A world in one trajectory after another.
pub(super) struct Trajectories<'a, E> {
    pub world: World<'a>,
    pub event: E,
    seed: Seed,
    progress: &'a dyn Progress,
    count: u64,
}

impl<'a, E: Event> Trajectories<'a, E> {
    pub fn new(setup: &'a Setup, event: E, seed: Seed, progress: &'a dyn Progress) -> Self {
        Self {
            world: World::new(setup),
            event,
            seed,
            progress,
            count: 0,
        }
    }

    fn start(&mut self, resumed: bool) {
        self.event.start(&mut self.world, resumed);
        self.count += 1;
        self.progress.completed(1);
    }
}

impl<E: Event> Process for Trajectories<'_, E> {
    type State = Saved;

    fn begin(&mut self, trial: Trial) {
        self.world.begin(Chance::of(self.seed, trial.code()));
        self.start(false);
    }

    fn resume(&mut self, state: &Saved, trial: Trial) {
        self.world.restore(state);
        self.world.renew(trial.code());
        self.start(true);
    }

    fn save(&self) -> Saved {
        self.world.save()
    }

    fn importance(&mut self) -> f64 {
        self.event.importance(&self.world)
    }

    fn step(&mut self) -> bool {
        let setup = self.world.setup;
        let spent = setup.budget <= self.world.ledger.events;
        if spent || self.progress.is_cancelled() || self.event.is_over(&self.world) {
            return false;
        }
        let ended = advance(&mut self.world, setup.horizon, 1, &mut ());
        self.event.step(&self.world);
        ended == Ended::BudgetSpent
    }

    fn unit(&self, repeat: u32, stage: u32) -> f64 {
        let trial = Trial {
            repeat,
            stage,
            number: u32::MAX,
        };
        let stream = Chance::of(self.seed, trial.code()).stream(Purpose::Splitting, 0, 0);
        stream.unit_at(0)
    }
}

/// What splitting finds.
pub(super) struct Split {
    pub levels: Vec<f64>,
    pub repeats: Vec<f64>,
    pub trajectories: u64,
}

/// No trial of so many came closer to the event than this importance.
pub(super) struct Stuck {
    pub trials: u32,
    pub closest: f64,
}

/// Independent estimates of the probability of an event, by as many trials of each level altogether.
///
/// # Errors
/// If hardly any trial comes closer to the event than a level.
pub(super) fn repeats<'a, E: Event>(
    trials: usize,
    new: &(impl Fn() -> Trajectories<'a, E> + Sync),
) -> Result<Split, Stuck> {
    let most = u32::MAX as usize;
    let trials = trials.div_ceil(REPEATS).clamp(TRIALS_MIN, most) as u32;
    let mut first = new();
    let levels = splitting::pilot(&mut first, trials)
        .map_err(|NoLevels::Stuck(closest)| Stuck { trials, closest })?;
    let parts = parallel::map_each(REPEATS, |repeat| {
        let mut each = new();
        let found = splitting::estimate(&mut each, &levels, trials, repeat as u32 + 1);
        (found, each.count)
    });
    Ok(Split {
        trajectories: first.count + parts.iter().map(|it| it.1).sum::<u64>(),
        repeats: parts.into_iter().map(|it| it.0).collect(),
        levels,
    })
}

/// A lease fails in one of some pools.
pub(super) struct FailedLease<'a> {
    pools: &'a [PoolId],
    closeness: Vec<Closeness>,
    /// The importance of the state, and what it was made of.
    known: Option<(Vec<Levels>, f64)>,
}

impl<'a> FailedLease<'a> {
    pub fn new(setup: &Setup, pools: &'a [PoolId]) -> Self {
        let closeness = pools.iter().map(|pool| Closeness::new(setup, *pool));
        Self {
            pools,
            closeness: closeness.collect(),
            known: None,
        }
    }
}

impl Event for FailedLease<'_> {
    fn start(&mut self, _: &mut World<'_>, _: bool) {
        self.known = None;
    }

    fn importance(&mut self, world: &World<'_>) -> f64 {
        // Until measuring begins, failed leases are those of the warm-up.
        if world.setup.start <= world.now && has_failed(&world.ledger, self.pools) {
            return 0.0;
        }
        let closeness = self.closeness.iter();
        let levels: Vec<Levels> = closeness.map(|it| it.levels(world)).collect();
        if let Some((before, importance)) = &self.known
            && *before == levels
        {
            // The time that has passed has brought it no closer.
            return *importance;
        }
        let pools = self.closeness.iter().zip(&levels);
        let closest = pools.map(|(it, levels)| it.of(world, *levels));
        let importance = closest.fold(f64::NEG_INFINITY, f64::max).min(-1e-9);
        self.known = Some((levels, importance));
        importance
    }
}
