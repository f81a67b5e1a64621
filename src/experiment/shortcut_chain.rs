//! The level of a pool as a Markov chain: requests lower it at a constant rate, and attempts of exponential length of which
//! some succeed raise it. Each jump takes one exponential and one uniform number (Gillespie, 1977); failed attempts, which
//! start again at once, need none.

use crate::experiment::drained::{is_never_provisioned, one_outage};
use crate::experiment::shortcut_path::SamplePath;
use crate::kernel::distribution::{Distribution, unit_exponential};
use crate::kernel::random::{Generator, TrialChance};
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::id::{ClassId, PoolId};
use crate::model::setup::Setup;
use crate::model::setup::demand::Source;
use crate::model::setup::pool::{Counts, FailedMachine, PoolSetup};
use crate::model::setup::region::RegionSetup;
use crate::model::setup::target::Target;

/// The chain, from the beginning of the warm-up to the end of the scenario.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    initial: u32,
    /// When the measured time begins (µs).
    start: f64,
    /// Requests (1/µs).
    demand: f64,
    // Invariant: each ends after the one before; the last at the end of the scenario.
    phases: Vec<Phase>,
}

/// A time in which rates do not change.
#[derive(Clone, Debug)]
struct Phase {
    until: f64,
    /// Whether the measured time begins with it.
    begins_measuring: bool,
    in_outage: bool,
    /// Whether nothing that is measured up to the first failed request can follow it.
    decides: bool,
    levels: Vec<Level>,
}

/// The jump from a level.
#[derive(Clone, Copy, Debug)]
struct Level {
    /// The mean time until it (µs).
    stay: f64,
    /// The probability that it is a request.
    down: TrialChance,
}

/// The most levels for which rates are kept.
const LEVELS_MAX: u32 = 100_000;

/// The chain of a pool on which some classes draw, or why there is none.
pub(super) fn fits(
    setup: &Setup,
    pool: PoolId,
    classes: &[ClassId],
) -> Result<Chain, &'static str> {
    let of = &setup.pools[pool];
    let rate = |class: &ClassId| match &setup.classes[*class].source {
        Source::Requests { rate, .. } => rate.constant(),
        _ => None,
    };
    let demand: Option<f64> = classes.iter().map(rate).sum();
    let demand = demand.ok_or("has a demand that changes over time")?;
    let outage = one_outage(setup, pool)?;
    let attempts = match is_never_provisioned(setup, pool) {
        true => Attempts::default(),
        false => Attempts::of(setup, of)?,
    };
    if 0.0 < attempts.each && outage.is_some_and(|(window, ..)| window.room.is_some()) {
        return Err("has an outage that leaves room for some workers");
    }
    let creates = outage.filter(|(window, ..)| window.operations.create);
    if let Some((window, ..)) = creates
        && 0.0 < attempts.each
        && !window.acts_at_completion_only()
    {
        return Err("has an outage that acts on attempts when they start");
    }
    let most = of.initial.max(attempts.target);
    if LEVELS_MAX < most {
        return Err("has too many workers");
    }
    let success = creates.map_or(1.0, |(window, ..)| {
        libm::pow(1.0 - window.failure, f64::from(of.calls))
    });
    let levels = |success: f64| -> Vec<Level> {
        let level = |ready: u32| {
            let up = success * attempts.rate(ready);
            let all = demand + up;
            Level {
                stay: 1.0 / all,
                down: TrialChance::new(if 0.0 < all { demand / all } else { 0.0 }),
            }
        };
        (0..=most).map(level).collect()
    };
    let met = outage.map(|(_, from, until)| (from, until));
    Ok(Chain {
        initial: of.initial,
        start: setup.start.micros() as f64,
        demand,
        phases: phases(setup, met, |in_outage| {
            levels(if in_outage { success } else { 1.0 })
        }),
    })
}

/// Attempts that raise the level, outages aside.
#[derive(Clone, Copy, Debug, Default)]
struct Attempts {
    target: u32,
    most: u32,
    /// Rate at which one succeeds (1/µs).
    each: f64,
}

impl Attempts {
    /// Those of a pool, if a failed one starts again at once and nothing but the level decides how many there are.
    fn of(setup: &Setup, of: &PoolSetup) -> Result<Self, &'static str> {
        let Distribution::Exponential { mean, shift: 0.0 } = of.latency else {
            return Err("has attempts whose length is not exponential");
        };
        let Target::Fixed(target) = of.target else {
            return Err("has a target that changes");
        };
        is_reordered_at_once(of, &setup.regions[of.region])?;
        Ok(Self {
            target,
            most: of.in_flight_max,
            each: (1.0 - of.failure) / mean,
        })
    }

    /// The rate of successes at a level.
    fn rate(self, ready: u32) -> f64 {
        let under_way = self.target.saturating_sub(ready).min(self.most);
        f64::from(under_way) * self.each
    }
}

/// Whether as many attempts are under way as workers are missing, up to the cap.
fn is_reordered_at_once(of: &PoolSetup, region: &RegionSetup) -> Result<(), &'static str> {
    let limited = of.max_total < u32::MAX || region.quota.is_some() || region.creates.is_some();
    let at_once = of.retry.delays.iter().all(|it| *it == SimDuration::ZERO);
    let stages = of.through.is_some() || of.extension.is_some();
    match () {
        () if of.counts != Counts::ReadyAndPending => Err("does not count ready and pending"),
        () if of.review != SimDuration::ZERO => Err("is reviewed periodically"),
        () if of.slots != 1 => Err("has attempts that make several workers"),
        () if of.timeout.is_finite() => Err("has attempts that time out"),
        () if !at_once || of.retry.attempts_max < u32::MAX => {
            Err("has failed attempts that do not start again at once")
        }
        () if of.remains != FailedMachine::Nothing => {
            Err("deletes the machines of failed attempts")
        }
        () if limited => Err("has limits on its workers or attempts"),
        () if of.breaker.is_some() => Err("has a circuit breaker"),
        () if stages => Err("has attempts of several stages"),
        () if of.yields => Err("yields to requests that wait"),
        () => Ok(()),
    }
}

/// The phases of a scenario, where an outage lies between two instants.
fn phases(
    setup: &Setup,
    outage: Option<(SimTime, SimTime)>,
    levels: impl Fn(bool) -> Vec<Level>,
) -> Vec<Phase> {
    let edges = outage.map_or(Vec::new(), |(from, until)| vec![from, until]);
    let within = |at: &SimTime| SimTime::ZERO < *at && *at < setup.horizon;
    let mut edges: Vec<SimTime> = [edges, vec![setup.start]].concat();
    edges.retain(within);
    edges.push(setup.horizon);
    edges.sort_unstable();
    edges.dedup();
    let mut from = SimTime::ZERO;
    let phases = edges.into_iter().map(|until| {
        let in_outage = outage.is_some_and(|(begins, ends)| begins <= from && from < ends);
        let to_come = outage.is_some_and(|(begins, _)| from < begins && begins < setup.horizon);
        let phase = Phase {
            until: until.micros() as f64,
            begins_measuring: from == setup.start,
            in_outage,
            decides: setup.start <= from && !to_come,
            levels: levels(in_outage),
        };
        from = until;
        phase
    });
    phases.collect()
}

impl Chain {
    /// One path: to its end, or to the first failed request.
    #[inline]
    pub fn path(&self, generator: &mut Generator, to_the_end: bool) -> SamplePath {
        match to_the_end {
            true => self.walk::<true>(generator),
            false => self.walk::<false>(generator),
        }
    }

    fn walk<const TO_THE_END: bool>(&self, generator: &mut Generator) -> SamplePath {
        let (mut at, mut ready) = (0.0, self.initial);
        let mut path = SamplePath::new(ready);
        for phase in &self.phases {
            if phase.begins_measuring {
                path = SamplePath::new(ready);
            }
            loop {
                let level = phase.levels[ready as usize];
                let (unit, is_request) = generator.unit_and_trial(level.down);
                let next = at + unit_exponential(unit) * level.stay;
                if TO_THE_END {
                    let stays = next.min(phase.until) - at;
                    path.ready += f64::from(ready) * stays;
                    path.empty += if ready == 0 { stays } else { 0.0 };
                }
                // Exponential times have no memory, so that the next phase draws its own.
                if phase.until <= next {
                    at = phase.until;
                    break;
                }
                at = next;
                if TO_THE_END {
                    path.requests += u64::from(is_request);
                }
                if is_request & (ready == 0) {
                    path.fail(at - self.start, phase.in_outage);
                    if !TO_THE_END && phase.decides {
                        return path;
                    }
                    continue;
                }
                // Which way it goes cannot be predicted, so nothing branches on it.
                ready = ready + 1 - 2 * u32::from(is_request);
                path.lowest = path.lowest.min(ready);
                if ready == 0 {
                    path.empty_at = path.empty_at.min(at - self.start);
                }
            }
        }
        path.ready_end = ready;
        // Requests come at the same rate whether they find a worker or not.
        path.expected = self.demand * path.empty;
        path
    }
}
