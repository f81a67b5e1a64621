//! Outages, and what an operation meets in them. Windows are half-open and independent: the end of
//! one never undoes another.

use crate::kernel::distribution::Distribution;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::id::{PoolId, WindowId};

/// An outage in one region.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    /// The name of its streams.
    pub stream_key: u64,
    pub when: When,
    pub shape: Shape,
    /// Probability that a call fails at full severity.
    pub failure: f64,
    /// Factor on the latency of attempts that start in it, at full severity.
    pub latency_factor: f64,
    pub judged: Judged,
    pub operations: Operations,
    /// Share of ready and of leased workers that are lost when it begins.
    pub takes: Takes,
    /// Pools that it meets.
    pub pools: Vec<PoolId>,
}

/// When an outage is in force.
#[derive(Clone, Debug)]
pub(crate) enum When {
    /// Between two instants, each put off by a random delay of its own.
    Dated {
        from: SimTime,
        until: SimTime,
        onset: Distribution,
        recovery: Distribution,
    },
    /// Whenever its hazard strikes here.
    RandomOutages,
}

/// Random outages: an alternating renewal process.
#[derive(Clone, Debug)]
pub(crate) struct RandomOutages {
    /// The name of its streams.
    pub stream_key: u64,
    /// From the end of one outage, or the beginning of the world, to the beginning of the next.
    pub up: Distribution,
    /// How long an outage lasts.
    pub down: Distribution,
    /// Probability that one strikes in all regions; otherwise it strikes in one, each as likely.
    pub shared: f64,
    /// One for each region, in the order of their names.
    pub windows: Vec<WindowId>,
}

/// How severity runs from the beginning to the end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shape {
    /// It rises over `rise` from the beginning and falls over `fall` to the end.
    Ramp {
        rise: SimDuration,
        fall: SimDuration,
    },
    /// Full for `on`, none for `off`, and so on.
    Intermittent { on: SimDuration, off: SimDuration },
}

/// Operations that an outage makes fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Operations {
    pub create: bool,
    pub delete: bool,
    pub reimage: bool,
    pub connect: bool,
}

/// Shares of workers that are lost.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(crate) struct Takes {
    pub ready: f64,
    pub leased: f64,
}

/// When an attempt's fate is drawn.
#[derive(Clone, Debug)]
pub(crate) enum Judged {
    /// At the instant it would complete.
    Completion,
    /// When it starts; a failing one fails in this manner.
    Start { manner: Manner, in_flight: InFlight },
}

/// How an attempt fails that was judged when it started.
#[derive(Clone, Debug)]
pub(crate) enum Manner {
    /// After a delay of the provider's.
    Reject(Distribution),
    /// At the end of its ordinary course.
    Late,
    /// When its timeout has run out.
    Hang,
    /// Not at all, but it takes so many times as long.
    Slow(f64),
}

/// What becomes of attempts in flight when the window begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum InFlight {
    /// They go on as if nothing had happened.
    Finish,
    /// Each fails at once, with the window's probability at full severity.
    FailNow,
    /// Each stands still until the end, with that probability.
    Stall,
}

/// A window that has been, is or will be in force in one replication.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Occurrence {
    pub window: WindowId,
    pub from: SimTime,
    pub until: SimTime,
}

impl Judged {
    /// Whether the fate is drawn at completion.
    pub fn at_completion(&self) -> bool {
        matches!(self, Self::Completion)
    }
}

impl When {
    /// Whether the outage is in force at the same time in every replication.
    pub fn is_certain(&self) -> bool {
        match self {
            Self::Dated {
                onset, recovery, ..
            } => onset.is_fixed() && recovery.is_fixed(),
            Self::RandomOutages => false,
        }
    }
}

impl Shape {
    /// Full from the beginning to the end.
    pub const STEP: Self = Self::Ramp {
        rise: SimDuration::ZERO,
        fall: SimDuration::ZERO,
    };
}

impl Occurrence {
    /// Share of full severity at `at`, 0 outside the window.
    #[inline]
    pub fn severity(&self, shape: Shape, at: SimTime) -> f64 {
        if at < self.from || self.until <= at {
            return 0.0;
        }
        let (passed, left) = (at - self.from, self.until - at);
        match shape {
            Shape::Ramp { rise, fall } => {
                let share = |passed: SimDuration, ramp: SimDuration| {
                    if ramp <= passed {
                        1.0
                    } else {
                        passed.micros() as f64 / ramp.micros() as f64
                    }
                };
                share(passed, rise).min(share(left, fall))
            }
            Shape::Intermittent { on, off } => {
                let within = passed.micros() % (on.micros() + off.micros());
                f64::from(u8::from(within < on.micros()))
            }
        }
    }

    /// The end of the phase that begins at `at`, and the beginning of the next, if there is one.
    pub fn phase(&self, shape: Shape, at: SimTime) -> (SimTime, Option<SimTime>) {
        let Shape::Intermittent { on, off } = shape else {
            return (self.until, None);
        };
        let next = at + on + off;
        (
            (at + on).min(self.until),
            Some(next).filter(|next| *next < self.until),
        )
    }
}

/// A window in force, as an operation meets it.
#[derive(Clone, Copy)]
pub(crate) struct ActiveOutage<'a> {
    pub window: &'a Window,
    /// Probability that one call fails in it now.
    pub failure: f64,
    /// Share of full severity.
    pub severity: f64,
}

/// Probability that at least one of `calls` fails, each being spared by every window it meets.
#[inline]
pub(crate) fn any_fails<'a>(met: impl Iterator<Item = ActiveOutage<'a>>, calls: u32) -> f64 {
    let spared: f64 = met.map(|met| 1.0 - met.failure).product();
    failing(spared, calls)
}

/// Probability that at least one of `calls` fails, each being spared with probability `spared`.
pub(crate) fn failing(spared: f64, calls: u32) -> f64 {
    if spared == 1.0 {
        0.0
    } else {
        1.0 - (0..calls).fold(1.0, |all, _| all * spared)
    }
}

/// How an attempt of `calls` fails for which `unit`, below its failure probability, was drawn: in the
/// manner of the first window whose share of that probability, added up, exceeds it.
pub(crate) fn manner<'a>(
    met: impl Iterator<Item = ActiveOutage<'a>>,
    calls: u32,
    unit: f64,
) -> &'a Manner {
    let (mut spared, mut manner) = (1.0, &Manner::Late);
    for met in met {
        if let Judged::Start { manner: own, .. } = &met.window.judged
            && 0.0 < met.failure
        {
            (spared, manner) = (spared * (1.0 - met.failure), own);
            if unit < failing(spared, calls) {
                break;
            }
        }
    }
    manner
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(minutes: u64) -> SimTime {
        SimTime::ZERO + length(minutes)
    }

    fn length(minutes: u64) -> SimDuration {
        SimDuration::from_seconds(60 * minutes)
    }

    #[test]
    fn severity_is_half_open_ramps_and_comes_and_goes() {
        let occurrence = Occurrence {
            window: WindowId(0),
            from: minutes(10),
            until: minutes(50),
        };
        let seen = |shape, at: [u64; 6]| at.map(|at| occurrence.severity(shape, minutes(at)));
        let ramp = Shape::Ramp {
            rise: length(20),
            fall: SimDuration::ZERO,
        };
        assert_eq!(
            seen(ramp, [9, 10, 15, 30, 49, 50]),
            [0.0, 0.0, 0.25, 1.0, 1.0, 0.0]
        );
        let flicker = Shape::Intermittent {
            on: length(2),
            off: length(3),
        };
        assert_eq!(
            seen(flicker, [9, 10, 11, 12, 15, 50]),
            [0.0, 1.0, 1.0, 0.0, 1.0, 0.0]
        );
    }

    #[test]
    fn one_failed_call_fails_the_attempt() {
        assert!((failing(0.5, 3) - 0.875).abs() < 1e-15);
        assert_eq!(failing(1.0, 5), 0.0);
    }
}
