//! Occurrences of outages, and their effect on operations. Windows are half-open and independent: the
//! end of one never undoes another.

use crate::kernel::time::{SimDuration, SimTime};
use crate::model::id::WindowId;
use crate::model::setup::outage::{Judged, Manner, Shape, Window};

/// An interval in which an outage is in force in one replication.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Occurrence {
    pub window: WindowId,
    pub from: SimTime,
    pub until: SimTime,
    /// The most workers of its pools, where the provider is short of room; known once it has begun.
    pub capacity: u32,
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

/// An outage in force, and its effect on an operation.
#[derive(Clone, Copy)]
pub(crate) struct ActiveOutage<'a> {
    pub window: &'a Window,
    /// Probability that one call fails now.
    pub failure: f64,
    /// Share of full severity.
    pub severity: f64,
}

/// Probability that at least one of `calls` fails under all outages in force.
#[inline]
pub(crate) fn any_fails<'a>(met: impl Iterator<Item = ActiveOutage<'a>>, calls: u32) -> f64 {
    let success: f64 = met.map(|met| 1.0 - met.failure).product();
    failing(success, calls)
}

/// Probability that at least one of `calls` fails, where each succeeds with probability `success`.
pub(crate) fn failing(success: f64, calls: u32) -> f64 {
    if success == 1.0 {
        0.0
    } else {
        1.0 - (0..calls).fold(1.0, |all, _| all * success)
    }
}

/// How an attempt of `calls` fails for which `unit`, below its failure probability, was drawn: in the
/// manner of the first window whose share of that probability, added up, exceeds it.
pub(crate) fn manner<'a>(
    met: impl Iterator<Item = ActiveOutage<'a>>,
    calls: u32,
    unit: f64,
) -> &'a Manner {
    let (mut success, mut manner) = (1.0, &Manner::Late);
    for met in met {
        if let Judged::Start { manner: own, .. } = &met.window.judged
            && 0.0 < met.failure
        {
            (success, manner) = (success * (1.0 - met.failure), own);
            if unit < failing(success, calls) {
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
            capacity: u32::MAX,
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
