//! Services that provisioning goes through, as declared.

use crate::kernel::distribution::Distribution;
use crate::kernel::intensity::Intensity;
use crate::kernel::time::SimDuration;
use crate::model::id::{DependencyId, WindowId};

/// A dependency, as declared.
#[derive(Clone, Debug)]
pub(crate) struct DependencySetup {
    /// Key of its random streams.
    pub stream_key: u64,
    /// Calls served while the queue is not empty (1/µs); each takes an exponential time.
    pub capacity: f64,
    /// Capacity of the queue, the call in service included.
    pub queue_max: u32,
    /// How long a caller waits for a response, and when a response is late.
    pub timeout: SimDuration,
    pub late: Late,
    pub again: Again,
    /// Background calls: those that do not come from the pools of the scenario.
    pub load: Intensity,
    /// Background calls that an outage holds back.
    pub blocked: Option<Blocked>,
    /// Initial queue and orbit.
    pub initial_queue: u32,
    pub initial_orbit: u32,
    /// After congestion, it is calm again with no more than these.
    pub calm_queue: u32,
    pub calm_orbit: u32,
}

/// When a call counts as served too late.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Late {
    /// The caller times out and retries; its call stays in the queue.
    Sojourn,
    /// When the call has been served, by the queue it leaves behind: with q in it, the call included, it is
    /// late if fewer than q could have been served within the timeout. A Markov chain on two numbers.
    Position,
}

/// Whether, when and where a failed call is retried.
#[derive(Clone, Debug)]
pub(crate) struct Again {
    pub probability: f64,
    pub delay: Distribution,
    /// The most tries, the first included.
    pub tries_max: u32,
    /// Another dependency that gets this share of the retries.
    pub elsewhere: Option<(DependencyId, f64)>,
}

/// Background calls that are held back during an outage.
#[derive(Clone, Debug)]
pub(crate) struct Blocked {
    /// Windows of the outage.
    pub windows: Vec<WindowId>,
    /// Share of the calls that are held back.
    pub share: f64,
    /// From the end of the outage to each of these calls.
    pub resume: Distribution,
}
