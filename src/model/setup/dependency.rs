//! Services that provisioning goes through, as declared.

use crate::kernel::distribution::Distribution;
use crate::kernel::intensity::Intensity;
use crate::kernel::time::SimDuration;
use crate::model::id::{DependencyId, WindowId};

/// A dependency before anything has happened.
#[derive(Clone, Debug)]
pub(crate) struct DependencySetup {
    /// Key of its random streams.
    pub stream_key: u64,
    /// Calls served while the queue is not empty (1/µs); each takes an exponential time.
    pub capacity: f64,
    /// The most calls in it at once, the one being served included.
    pub queue_max: u32,
    /// How long a caller waits for an answer, and when an answer is late.
    pub timeout: SimDuration,
    pub late: Late,
    pub again: Again,
    /// Calls of others: all that do not come from the pools of the scenario.
    pub load: Intensity,
    /// Calls of others that wait for an outage to end.
    pub blocked: Option<Blocked>,
    /// A queue and a number of callers about to call again with which the world begins.
    pub initial_queue: u32,
    pub initial_orbit: u32,
    /// With no more than these it counts as calm again, once its queue has been full.
    pub calm_queue: u32,
    pub calm_orbit: u32,
}

/// When a call counts as answered too late.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Late {
    /// The caller gives up after the timeout and calls again; its call stays in the queue.
    Sojourn,
    /// When the call has been served, by the queue it leaves: with q in it, the call included, it is
    /// late if fewer than q could have been served within the timeout. A chain on two numbers.
    Position,
}

/// Whether, when and where a caller calls again whose call has failed.
#[derive(Clone, Debug)]
pub(crate) struct Again {
    pub probability: f64,
    pub delay: Distribution,
    /// The most tries, the first included.
    pub tries_max: u32,
    /// Another dependency that takes this share of the repeated calls.
    pub elsewhere: Option<(DependencyId, f64)>,
}

/// Calls of others that are held back during an outage.
#[derive(Clone, Debug)]
pub(crate) struct Blocked {
    /// Windows of the outage.
    pub windows: Vec<WindowId>,
    /// Share of the calls that is held back.
    pub share: f64,
    /// From the end of the outage to each of these calls.
    pub resume: Distribution,
}
