//! Outage windows, and what an attempt meets in them. Windows are half-open and independent: the
//! end of one never undoes another.

use crate::kernel::time::{SimDuration, SimTime};
use crate::model::setup::{PoolId, Setup, WindowId};

/// One outage in one region.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    pub from: SimTime,
    pub until: SimTime,
    /// Severity rises over `ramp_in` from the beginning and falls over `ramp_out` to the end.
    pub ramp_in: SimDuration,
    pub ramp_out: SimDuration,
    /// Probability that a call fails at full severity.
    pub failure: f64,
    /// Factor on the latency of attempts that start in it, at full severity.
    pub latency_factor: f64,
    pub judged: Judged,
    /// Pools whose attempts it meets.
    pub pools: Vec<PoolId>,
}

/// When an attempt's fate is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Judged {
    /// At the instant it would complete.
    Completion,
    /// When it starts; a failing one fails in this manner.
    Start { manner: Manner, in_flight: InFlight },
}

/// How an attempt fails that was judged when it started.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Manner {
    /// After a delay of the provider's.
    Reject(SimDuration),
    /// At the end of its ordinary course.
    Late,
}

/// What becomes of attempts in flight when the window begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum InFlight {
    /// They go on as if nothing had happened.
    Finish,
    /// Each fails at once, with the window's probability at full severity.
    FailNow,
}

impl Window {
    /// Share of full severity at `at`, 0 outside the window.
    pub fn severity(&self, at: SimTime) -> f64 {
        if at < self.from || self.until <= at {
            return 0.0;
        }
        let share = |passed: SimDuration, ramp: SimDuration| {
            if ramp <= passed {
                1.0
            } else {
                passed.micros() as f64 / ramp.micros() as f64
            }
        };
        share(at - self.from, self.ramp_in).min(share(self.until - at, self.ramp_out))
    }
}

/// What an attempt that starts now has to expect.
pub(crate) struct Start {
    /// Probability that it fails.
    pub failure: f64,
    pub latency_factor: f64,
}

impl Setup {
    /// What an attempt meets that starts at `at` in a pool exposed to `windows`.
    pub fn meets_at_start(&self, windows: &[WindowId], at: SimTime, calls: u32) -> Start {
        let (mut spared, mut latency_factor) = (1.0, 1.0);
        for window in windows.iter().map(|id| &self.windows[id.0 as usize]) {
            let severity = window.severity(at);
            latency_factor *= 1.0 + (window.latency_factor - 1.0) * severity;
            if window.judged != Judged::Completion {
                spared *= 1.0 - severity * window.failure;
            }
        }
        Start {
            failure: any_fails(spared, calls),
            latency_factor,
        }
    }

    /// How an attempt fails for which `unit`, below its failure probability, was drawn: in the manner
    /// of the first window whose share of that probability, added up, exceeds it.
    pub fn manner(&self, windows: &[WindowId], at: SimTime, calls: u32, unit: f64) -> Manner {
        let (mut spared, mut manner) = (1.0, Manner::Late);
        for window in windows.iter().map(|id| &self.windows[id.0 as usize]) {
            let failure = window.severity(at) * window.failure;
            if let Judged::Start { manner: own, .. } = window.judged
                && 0.0 < failure
            {
                (spared, manner) = (spared * (1.0 - failure), own);
                if unit < any_fails(spared, calls) {
                    break;
                }
            }
        }
        manner
    }

    /// Probability that an operation fails which completes at `at` and may meet `windows`.
    #[inline]
    pub fn meets_at_completion(&self, windows: &[WindowId], at: SimTime, calls: u32) -> f64 {
        let spared = windows
            .iter()
            .map(|id| &self.windows[id.0 as usize])
            .map(|window| 1.0 - window.severity(at) * window.failure)
            .product();
        any_fails(spared, calls)
    }
}

/// Probability that at least one of `calls` fails, each being spared with probability `spared`.
fn any_fails(spared: f64, calls: u32) -> f64 {
    if spared == 1.0 {
        0.0
    } else {
        1.0 - (0..calls).fold(1.0, |all, _| all * spared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(minutes: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_seconds(60 * minutes)
    }

    #[test]
    fn severity_is_half_open_and_ramps() {
        let window = Window {
            from: minutes(10),
            until: minutes(50),
            ramp_in: SimDuration::from_seconds(1_200),
            ramp_out: SimDuration::ZERO,
            failure: 0.5,
            latency_factor: 1.0,
            judged: Judged::Completion,
            pools: Vec::new(),
        };
        let seen = [9, 10, 15, 30, 49, 50].map(|at| window.severity(minutes(at)));
        assert_eq!(seen, [0.0, 0.0, 0.25, 1.0, 1.0, 0.0]);
    }

    #[test]
    fn one_failed_call_fails_the_attempt() {
        assert!((any_fails(0.5, 3) - 0.875).abs() < 1e-15);
        assert_eq!(any_fails(1.0, 5), 0.0);
    }
}
