//! The mean time until a service becomes congested, where that is rare. An empty service forgets its past, so that its
//! cycles, each from empty to empty, are independent: the mean time is that of a cycle up to its end or the event, over
//! the probability of the event in a cycle (Asmussen, 2003, chapter VI). That probability is estimated by splitting.

use std::num::NonZeroUsize;

use crate::experiment::parallel;
use crate::experiment::progress::Progress;
use crate::experiment::rare::{NoRareEvent, carried, doubts, probability, relative_error};
use crate::experiment::rare_splitting::{Event, Split, Stuck, Trajectories, repeats};
use crate::kernel::intensity::Intensity;
use crate::kernel::random::Seed;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::id::{DependencyId, PoolId};
use crate::model::setup::Setup;
use crate::model::setup::people::Action;
use crate::model::world::World;
use crate::scenario::Scenario;
use crate::stats::mean::Moments;
use crate::stats::proportion::proportion;
use crate::stats::splitting::{Process, Trial};
use crate::stats::{ALPHA, Estimate};

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
    let new = || Trajectories::new(&setup, Cycle { id, begun: false }, seed, progress);
    let found = parallel::with_threads(threads, || {
        let plain = cycles(trials, &new);
        repeats(trials, &new).map(|split| (plain, split))
    });
    if progress.is_cancelled() {
        return Err(NoRareEvent::Interrupted);
    }
    let ((lengths, hits, unended), split) = found.map_err(|Stuck { trials, closest }| {
        let filled = 100.0 * (closest + 2.0).min(1.0);
        NoRareEvent::Unfit(vec![format!(
            "no trial of {trials} came closer to a full queue than {filled:.0}% of it, 7 in 10 callers about to retry \
             included"
        )])
    })?;
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
fn cycles<'a>(
    trials: usize,
    new: &(impl Fn() -> Trajectories<'a, Cycle> + Sync),
) -> (Moments, usize, usize) {
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
            unended += usize::from(cycle.importance() < 0.0 && !cycle.event.is_over(&cycle.world));
            lengths.push(cycle.world.now.seconds_since(SimTime::ZERO));
        }
        (lengths, hits, unended)
    });
    let hits = parts.iter().map(|it| it.1).sum();
    let unended = parts.iter().map(|it| it.2).sum();
    let lengths = Moments::of(parts.into_iter().flat_map(|it| it.0));
    (lengths, hits, unended)
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
    doubts.extend(carried(&split.repeats, moments));
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

/// A service becomes congested in a cycle.
struct Cycle {
    id: DependencyId,
    /// Whether the first call of the cycle has come.
    begun: bool,
}

impl Cycle {
    /// Calls in the queue, and callers about to retry.
    fn levels(&self, world: &World<'_>) -> (u32, u32) {
        let of = &world.ledger.dependencies[self.id];
        (of.queue.value, of.orbit.value)
    }
}

impl Event for Cycle {
    fn start(&mut self, world: &mut World<'_>, resumed: bool) {
        self.begun = resumed;
        if resumed {
            // Otherwise trials from one state would share what comes next, and a long service would count many times.
            world.redraw_memoryless(self.id);
        }
    }

    fn importance(&mut self, world: &World<'_>) -> f64 {
        let full = world.setup.dependencies[self.id].queue_max;
        let (queue, orbit) = self.levels(world);
        if full <= queue {
            return 0.0;
        }
        let near = f64::from(queue) + ORBITING * f64::from(orbit);
        (near / f64::from(full) - 2.0).min(-1e-9)
    }

    fn step(&mut self, world: &World<'_>) {
        self.begun |= self.levels(world) != (0, 0);
    }

    fn is_over(&self, world: &World<'_>) -> bool {
        self.begun && self.levels(world) == (0, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    queue: 15
    timeout: 1m
    late: position
    load: 3/min
    retry: {probability: 75%, delay: {exponential: {mean: 1m}}, tries: unlimited}
    calm: {queue: 5, waiting: 5}
";

    #[test]
    fn a_storm_that_begins_once_in_three_million_minutes_has_its_first_passage_in_the_engine() {
        let scenario = Scenario::parse("storm.yaml", STORM).expect("a valid scenario");
        let effort = (40_000, None);
        let found = time_to_congestion(&scenario, DependencyId(0), effort, Seed(1), &());
        let found = found.expect("levels");
        let point = found.in_a_cycle.point.expect("a mean");
        let half = (found.in_a_cycle.high.expect("an end") - point) / point;
        let passage = found.mean_s.point.expect("a mean") / 60.0;
        let exact = 3.0363e6;
        let off = passage / exact - 1.0;
        assert!(off.abs() < 2.5 * half, "{passage:e} is not {exact:e}");
        assert!(half < 0.2, "{half}");
    }
}
