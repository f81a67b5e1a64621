//! The mean time until a service becomes congested, where that is rare. An empty service forgets its past, so that its
//! cycles, each from empty to empty, are independent: the mean time is that of a cycle up to its end or the event, over
//! the probability of the event in a cycle (Asmussen, 2003, chapter VI). That probability is estimated by splitting.

use std::num::NonZeroUsize;

use crate::experiment::parallel;
use crate::experiment::progress::Progress;
use crate::experiment::rare::{CARRIED_MAX, NoRareEvent, doubts, probability, relative_error};
use crate::kernel::event_loop::{Ended, advance};
use crate::kernel::intensity::Intensity;
use crate::kernel::random::Seed;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::chance::{Chance, Purpose};
use crate::model::id::{DependencyId, PoolId};
use crate::model::setup::Setup;
use crate::model::setup::people::Action;
use crate::model::world::World;
use crate::model::world::saved::Saved;
use crate::scenario::Scenario;
use crate::stats::mean::Moments;
use crate::stats::proportion::proportion;
use crate::stats::splitting::{self, NoLevels, Process, Trial};
use crate::stats::{ALPHA, Estimate};

/// Independent repeats of splitting, of which the interval is made.
const REPEATS: usize = 20;

/// The fewest trials of a level.
const TRIALS_MIN: usize = 100;

/// How long a cycle may last (s): a year.
const CYCLE_MAX_S: u64 = 31_536_000;

/// How much a caller that is about to retry counts, of a call in the queue: by the chains of theory K4, from 0.65 to 0.75. It
/// decides how much estimates vary, and biases none.
const ORBITING: f64 = 0.7;

/// The mean time until a service becomes congested.
#[derive(Clone, Debug)]
pub(crate) struct CongestionTime {
    /// From an empty service, without calls in the queue or callers about to retry, to a full queue (s).
    pub mean_s: Estimate,
    /// Standard error as a share of it; absent where no trial became congested.
    pub relative_error: Option<f64>,
    /// Why the interval may not hold; empty where nothing was found.
    pub doubts: Vec<String>,
    /// The probability that it becomes congested in a cycle.
    pub in_a_cycle: Estimate,
    /// The share of plain cycles in which it becomes congested.
    pub plain: Estimate,
    /// Mean length of a cycle, which ends at an empty service or at congestion (s).
    pub cycle_s: Estimate,
    /// Trajectories that were simulated, the pilot of splitting and the plain cycles included.
    pub trajectories: u64,
    /// Levels of importance, relative to a full queue at 0.
    pub levels: Vec<f64>,
    /// Independent estimates of the probability in a cycle.
    pub repeats: Vec<f64>,
}

/// Estimates the mean time from an empty service to congestion, by so many plain cycles and as many trials of each level.
///
/// # Errors
/// If the service does not forget its past when it is empty, or splitting finds no levels.
pub(crate) fn time_to_congestion(
    scenario: &Scenario,
    id: DependencyId,
    (trials, threads): (usize, Option<NonZeroUsize>),
    seed: Seed,
    progress: &dyn Progress,
) -> Result<CongestionTime, NoRareEvent> {
    let reasons = unfit(scenario, id);
    if !reasons.is_empty() {
        return Err(NoRareEvent::Unfit(reasons));
    }
    let setup = alone(&scenario.setup, id);
    let new = || Cycles::new(&setup, id, seed, progress);
    let found = parallel::with_threads(threads, || {
        let plain = cycles(trials, &new);
        split(trials, &new).map(|split| (plain, split))
    });
    if progress.is_cancelled() {
        return Err(NoRareEvent::Interrupted);
    }
    let ((lengths, hits, unended), split) = found.map_err(|why| NoRareEvent::Unfit(vec![why]))?;
    if 0 < unended {
        let label = format!("{unended} of {trials} cycles did not end within a year");
        return Err(NoRareEvent::Unfit(vec![label]));
    }
    Ok(together((lengths, hits), split))
}

/// Why an empty service would not forget its past, or is not on its own.
fn unfit(scenario: &Scenario, id: DependencyId) -> Vec<String> {
    let setup = &scenario.setup;
    let of = &setup.dependencies[id];
    let calls = setup.pools.iter().any(|pool| pool.through == Some(id));
    let mut from = setup.dependencies.iter();
    let elsewhere = of.again.elsewhere.is_some()
        || from.any(|it| it.again.elsewhere.is_some_and(|(to, _)| to == id));
    let mut actions = setup.playbook.iter().flat_map(|step| &step.actions);
    let acts = actions.any(|action| match action {
        Action::Scale(on, _) | Action::Admit(on, ..) => *on == id,
        _ => false,
    });
    let reasons = [
        (scenario.is_uncertain(), "values are drawn from priors"),
        (of.load.len() != 1, "its load varies over time"),
        (of.load.rate(0.0) <= 0.0, "it has no load of its own"),
        (
            0 < of.initial_queue + of.initial_orbit,
            "it does not begin empty",
        ),
        (of.blocked.is_some(), "outages hold its calls back"),
        (calls, "pools call it"),
        (elsewhere, "callers retry elsewhere"),
        (acts, "a step of the playbook scales it or sheds its calls"),
    ];
    let name = &scenario.dependencies[usize::from(id)];
    let reasons = reasons.into_iter().filter(|(holds, _)| *holds);
    reasons
        .map(|(_, why)| format!("dependency `{name}`: {why}"))
        .collect()
}

/// A service and nothing else, for as long as a cycle may last.
fn alone(setup: &Setup, id: DependencyId) -> Setup {
    let pools: Vec<PoolId> = setup.pools.keys().collect();
    let mut alone = setup.without(&pools);
    for (other, of) in alone.dependencies.iter_mut_enumerated() {
        if other != id {
            of.load = Intensity::flat(0.0);
            (of.initial_queue, of.initial_orbit) = (0, 0);
        }
    }
    alone.playbook.clear();
    alone.alerts.clear();
    alone.windows.clear();
    alone.hazards.clear();
    alone.complete();
    alone.start = SimTime::ZERO;
    alone.horizon = SimTime::ZERO + SimDuration::from_seconds(CYCLE_MAX_S);
    alone.budget = u64::MAX;
    alone
}

/// Lengths of plain cycles (s), those with the event, and those that did not end.
fn cycles<'a>(trials: usize, new: &(impl Fn() -> Cycles<'a> + Sync)) -> (Moments, usize, usize) {
    let parts = parallel::map_ranges(trials, |range| {
        let mut cycle = new();
        let (mut lengths, mut hits, mut unended) = (Vec::new(), 0, 0);
        for number in range {
            cycle.begin(Trial {
                repeat: 0,
                stage: u32::from(u16::MAX),
                number: number as u32,
            });
            while cycle.importance() < 0.0 && cycle.step() {}
            hits += usize::from(0.0 <= cycle.importance());
            unended += usize::from(cycle.importance() < 0.0 && !cycle.is_over());
            lengths.push(cycle.world.now.seconds_since(SimTime::ZERO));
        }
        (lengths, hits, unended)
    });
    let hits = parts.iter().map(|it| it.1).sum();
    let unended = parts.iter().map(|it| it.2).sum();
    let lengths = Moments::of(parts.into_iter().flat_map(|it| it.0));
    (lengths, hits, unended)
}

/// What splitting finds.
struct Split {
    levels: Vec<f64>,
    repeats: Vec<f64>,
    trajectories: u64,
}

/// Independent estimates of the probability of congestion in a cycle.
fn split<'a>(trials: usize, new: &(impl Fn() -> Cycles<'a> + Sync)) -> Result<Split, String> {
    let most = u32::MAX as usize;
    let trials = trials.div_ceil(REPEATS).clamp(TRIALS_MIN, most) as u32;
    let mut first = new();
    let levels = splitting::pilot(&mut first, trials).map_err(|NoLevels::Stuck(closest)| {
        let filled = 100.0 * (closest + 2.0).min(1.0);
        format!(
            "no trial of {trials} came closer to a full queue than {filled:.0}% of it, 7 in 10 callers about to retry \
             included"
        )
    })?;
    let parts = parallel::map_each(REPEATS, |repeat| {
        let mut cycle = new();
        let found = splitting::estimate(&mut cycle, &levels, trials, repeat as u32 + 1);
        (found, cycle.trajectories)
    });
    Ok(Split {
        trajectories: first.trajectories + parts.iter().map(|it| it.1).sum::<u64>(),
        repeats: parts.into_iter().map(|it| it.0).collect(),
        levels,
    })
}

/// The mean length of a cycle over the probability in one. Both are independent, so that their relative variances add. The
/// interval is that of the reciprocal, the rate of congestion, whose error is nearly normal.
fn together((lengths, hits): (Moments, usize), split: Split) -> CongestionTime {
    let moments = Moments::of(split.repeats.iter().copied());
    let in_a_cycle = probability(moments);
    let cycle_s = lengths.mean(ALPHA, false);
    let half = |of: Estimate| Some((of.high? - of.point?) / of.point?);
    let error = relative_error(moments)
        .zip(relative_error(lengths))
        .map(|(one, other)| one.hypot(other));
    let mut mean_s = Estimate {
        point: None,
        n: split.repeats.len(),
        ..Estimate::default()
    };
    let likelihood = moments.mean(ALPHA, moments.mean == 0.0);
    if let Some(half) = half(likelihood).zip(half(cycle_s)) {
        let (point, half) = (lengths.mean / moments.mean, half.0.hypot(half.1));
        mean_s.point = Some(point);
        mean_s.low = Some(point / (1.0 + half));
        mean_s.high = (half < 1.0).then(|| point / (1.0 - half));
    }
    let mut doubts = doubts(error);
    let most = split.repeats.iter().copied().fold(0.0, f64::max);
    if 0.0 < most && CARRIED_MAX * moments.mean * (split.repeats.len() as f64) < most {
        doubts.push("one repeat carries the estimate".to_owned());
    }
    CongestionTime {
        mean_s,
        relative_error: error,
        doubts,
        in_a_cycle,
        plain: proportion(hits, lengths.n as usize),
        cycle_s,
        trajectories: split.trajectories + lengths.n,
        levels: split.levels,
        repeats: split.repeats,
    }
}

/// A service in one cycle after another.
struct Cycles<'a> {
    world: World<'a>,
    id: DependencyId,
    /// Whether the first call of the cycle has come.
    begun: bool,
    seed: Seed,
    progress: &'a dyn Progress,
    trajectories: u64,
}

impl<'a> Cycles<'a> {
    fn new(setup: &'a Setup, id: DependencyId, seed: Seed, progress: &'a dyn Progress) -> Self {
        Self {
            world: World::new(setup),
            id,
            begun: false,
            seed,
            progress,
            trajectories: 0,
        }
    }

    /// Calls in the queue, and callers about to retry.
    fn levels(&self) -> (u32, u32) {
        let of = &self.world.ledger.dependencies[self.id];
        (of.queue.value, of.orbit.value)
    }

    fn is_over(&self) -> bool {
        self.begun && self.levels() == (0, 0)
    }

    fn count(&mut self) {
        self.trajectories += 1;
        self.progress.completed(1);
    }
}

impl Process for Cycles<'_> {
    type State = Saved;

    fn begin(&mut self, trial: Trial) {
        self.world.begin(Chance::of(self.seed, trial.code()));
        self.begun = false;
        self.count();
    }

    fn resume(&mut self, state: &Saved, trial: Trial) {
        self.world.restore(state);
        self.world.renew(trial.code());
        // Otherwise trials from one state would share what comes next, and a long service would count many times.
        self.world.redraw_memoryless(self.id);
        self.begun = true;
        self.count();
    }

    fn save(&self) -> Saved {
        self.world.save()
    }

    fn importance(&mut self) -> f64 {
        let full = self.world.setup.dependencies[self.id].queue_max;
        let (queue, orbit) = self.levels();
        if full <= queue {
            return 0.0;
        }
        let near = f64::from(queue) + ORBITING * f64::from(orbit);
        (near / f64::from(full) - 2.0).min(-1e-9)
    }

    fn step(&mut self) -> bool {
        if self.is_over() || self.progress.is_cancelled() {
            return false;
        }
        let horizon = self.world.setup.horizon;
        let ended = advance(&mut self.world, horizon, 1, &mut ());
        self.begun |= self.levels() != (0, 0);
        ended == Ended::BudgetSpent
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
