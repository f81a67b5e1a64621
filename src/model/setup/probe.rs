//! What the facts of a scenario ask of its requests and levels. A scenario without such facts has no
//! probes, and nothing is counted for them.

use crate::kernel::time::{SimDuration, SimTime};
use crate::model::id::{ClassId, PoolId};

/// Everything that is asked.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Probes {
    pub requests: Vec<RequestProbe>,
    pub levels: Vec<LevelProbe>,
}

/// Fresh requests in a window of time.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct RequestProbe {
    /// The pool that they were made at; every pool if absent.
    pub pool: Option<PoolId>,
    /// Their class; every class if absent.
    pub class: Option<ClassId>,
    pub window: TimeWindow,
    /// A longer wait counts as delayed.
    pub longer_than: SimDuration,
}

/// The ready level of a pool at an instant, after the events of that instant.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct LevelProbe {
    pub pool: PoolId,
    pub at: SimTime,
}

/// A window of time. It is half-open: what happens at its end is outside.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct TimeWindow {
    pub from: Origin,
    pub until: SimTime,
}

/// The beginning of a window; the first occurrence of an event, unless it is an instant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Origin {
    At(SimTime),
    /// The first outage begins.
    OutageBegins,
    /// An attempt, in any pool, fails in an outage.
    FirstFailedProvisioning,
    /// A request finds no ready worker in the pool.
    FirstUnservedRequest(PoolId),
    /// A request fails in the pool.
    FirstLeaseFailure(PoolId),
}
