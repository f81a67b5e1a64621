//! The signals of alerts: what each observes, and when its condition holds.

use std::collections::VecDeque;

use crate::kernel::time::{SimDuration, SimTime};
use crate::model::id::WaitId;

/// An observation that alerts may react to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum AlertInput {
    FailedProvision,
    FailedLease,
    Waits(WaitId),
    Hit,
    Miss,
}

impl AlertInput {
    /// Whether something failed.
    pub fn is_failure(self) -> bool {
        matches!(self, Self::FailedProvision | Self::FailedLease)
    }
}

/// The condition of an alert.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Signal {
    /// So many failed attempts within `window`.
    FailedProvisions { count: u32, window: SimDuration },
    /// So many failed requests within `window`.
    FailedLeases { count: u32, window: SimDuration },
    /// A pool has fewer ready workers than that, for so long.
    ReadyBelow { level: u32, lasting: SimDuration },
    /// A request has waited for so long.
    OldestWait { wait: SimDuration },
    /// Fewer than this share of at least `least` fresh requests within `window` found a worker ready.
    HitRate {
        below: f64,
        window: SimDuration,
        least: u32,
    },
    /// Attempts or requests failed in so many regions within `window`.
    FailingRegions { count: u32, window: SimDuration },
    /// All pools are back at this share of their targets, after one was not, and the incident has been
    /// detected.
    Restored { share: f64 },
}

/// Observations within the window of an alert, each with whether it was a hit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    all: VecDeque<(SimTime, bool)>,
    hits: u32,
}

/// The state of a pool that conditions on levels depend on.
pub(crate) trait PoolState {
    /// Ready workers.
    fn ready(&self) -> u32;
    /// Requests that wait.
    fn waiting(&self) -> u32;
    /// Ready workers that its target implies.
    fn ready_target(&self) -> u32;
    /// Whether it is a standby that has not been activated.
    fn is_unbuilt(&self) -> bool;
}

impl Signal {
    /// How long its condition on levels must hold; none for a signal that observes events.
    pub fn lasting(self) -> Option<SimDuration> {
        match self {
            Self::ReadyBelow { lasting, .. } => Some(lasting),
            Self::Restored { .. } => Some(SimDuration::ZERO),
            _ => None,
        }
    }

    /// Whether its condition is that no pool decides about it any more, once the incident is detected.
    pub fn is_of_recovery(self) -> bool {
        matches!(self, Self::Restored { .. })
    }

    /// Whether it depends on how requests are served.
    pub fn is_of_requests(self) -> bool {
        matches!(self, Self::HitRate { .. } | Self::OldestWait { .. })
    }

    /// Whether it depends on pools outside its scope.
    pub fn is_of_all_pools(self) -> bool {
        matches!(self, Self::FailingRegions { .. })
    }

    /// The wait after which it fires, where it observes waits.
    pub fn wait(self) -> Option<SimDuration> {
        match self {
            Self::OldestWait { wait } => Some(wait),
            _ => None,
        }
    }

    /// Whether a pool decides about a condition on levels.
    pub fn holds_in(self, pool: &impl PoolState) -> bool {
        match self {
            Self::ReadyBelow { level, .. } => pool.ready() < level && !pool.is_unbuilt(),
            Self::Restored { share } => {
                0 < pool.waiting()
                    || f64::from(pool.ready()) < share * f64::from(pool.ready_target())
            }
            _ => false,
        }
    }

    /// Whether an observation makes it fire; `failing` counts the regions with failures in a window.
    pub fn observe(
        self,
        input: AlertInput,
        now: SimTime,
        seen: &mut Seen,
        failing: impl Fn(SimDuration) -> u32,
    ) -> bool {
        match (self, input) {
            (Self::FailedProvisions { count, window }, AlertInput::FailedProvision)
            | (Self::FailedLeases { count, window }, AlertInput::FailedLease) => {
                seen.note(now, false, window);
                count <= seen.count()
            }
            (Self::FailingRegions { count, window }, _) if input.is_failure() => {
                count <= failing(window)
            }
            (
                Self::HitRate {
                    below,
                    window,
                    least,
                },
                AlertInput::Hit | AlertInput::Miss,
            ) => {
                seen.note(now, input == AlertInput::Hit, window);
                let n = seen.count();
                least <= n && f64::from(seen.hits) < below * f64::from(n)
            }
            _ => false,
        }
    }
}

impl Seen {
    /// Clears it; keeps the memory.
    pub fn clear(&mut self) {
        self.all.clear();
        self.hits = 0;
    }

    /// Records an observation, and drops those outside the window.
    fn note(&mut self, now: SimTime, hit: bool, window: SimDuration) {
        self.all.push_back((now, hit));
        self.hits += u32::from(hit);
        while let Some((at, hit)) = self.all.front().copied()
            && at + window <= now
        {
            self.all.pop_front();
            self.hits -= u32::from(hit);
        }
    }

    fn count(&self) -> u32 {
        self.all.len() as u32
    }
}
