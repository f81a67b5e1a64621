//! All that a world starts from. A `Setup` that exists is valid: names are resolved to indices,
//! instants to microseconds, and every list is in the order of its names.

use crate::kernel::distribution::Distribution;
use crate::kernel::intensity::Intensity;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::outage::Window;

/// Index of a pool in [`Setup::pools`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct PoolId(pub u32);

/// Index of a demand class in [`Setup::classes`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct ClassId(pub u32);

/// Index of a playbook step in [`Setup::playbook`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct StepId(pub u32);

/// Index of an outage window in [`Setup::windows`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct WindowId(pub u32);

/// A world before anything has happened.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    /// When measuring begins: the end of the warm-up.
    pub start: SimTime,
    /// When the world ends; nothing happens at or after it.
    pub horizon: SimTime,
    /// In the order of their names.
    pub pools: Vec<PoolSetup>,
    /// In the order of their names.
    pub classes: Vec<ClassSetup>,
    /// Every window of every outage.
    pub windows: Vec<Window>,
    /// In the order of their names.
    pub playbook: Vec<Step>,
    /// Whether chance acts evenly: the n-th trial fails where the summed probability steps up.
    pub even: bool,
    /// The most events a replication may take.
    pub budget: u64,
}

/// A pool before anything has happened.
#[derive(Clone, Debug)]
pub(crate) struct PoolSetup {
    /// The name of its streams.
    pub entity: u64,
    /// Base stock (workers).
    pub target: u32,
    /// Ready workers when the world begins.
    pub initial: u32,
    /// What counts towards the target.
    pub counts: Counts,
    /// Whether each waiting request raises the target by one.
    pub waiting_orders: bool,
    /// The most orders under way at once, those backing off included.
    pub in_flight_max: u32,
    /// How long an attempt takes.
    pub latency: Distribution,
    /// How long an attempt may take.
    pub timeout: SimDuration,
    /// Provider calls an attempt makes; each must succeed.
    pub calls: u32,
    /// How a failed attempt is repeated.
    pub retry: Backoff,
    /// How long a deletion takes, and how a failed one is repeated.
    pub deletion: Distribution,
    pub deletion_retry: Backoff,
    /// How leases end.
    pub lease: LeasePolicy,
    /// What a request does that finds no worker.
    pub on_empty: OnEmpty,
    /// Windows that an attempt can meet when it starts, when it completes, and those that a deletion
    /// can meet.
    pub start_windows: Vec<WindowId>,
    pub completion_windows: Vec<WindowId>,
    pub delete_windows: Vec<WindowId>,
    /// When the last of the create windows ends.
    pub recovery_from: SimTime,
}

/// What counts towards a pool's target.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Counts {
    /// Ready workers only: an order under way does not stop the next.
    Ready,
    /// Ready workers and orders under way.
    ReadyAndPending,
    /// Every worker, leased and deleting ones included, and orders under way.
    Total,
}

/// Truncated exponential back-off with jitter.
#[derive(Clone, Debug)]
pub(crate) struct Backoff {
    // Invariant: never empty; the last delay repeats.
    pub delays: Vec<SimDuration>,
    /// The delay is multiplied by a uniform number of [1 - jitter, 1 + jitter].
    pub jitter: f64,
    /// Attempts after which an order is given up and placed anew.
    pub attempts_max: u32,
}

/// When a lease ends that is not wanted any more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LeasePolicy {
    /// After this long without a job.
    pub idle_timeout: SimDuration,
    /// At this age of the worker; never in mid-job.
    pub max_age: SimDuration,
    /// From when the age counts.
    pub age_clock: AgeClock,
}

/// From when a worker's age counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum AgeClock {
    /// From the success of its provisioning.
    Created,
    /// From the beginning of the lease.
    Leased,
}

/// What a request does that finds no worker ready.
#[derive(Clone, Debug)]
pub(crate) enum OnEmpty {
    /// Fails at once.
    Reject,
    /// Waits its turn, this long at the most.
    Wait(Distribution),
}

/// A demand class before anything has happened.
#[derive(Clone, Debug)]
pub(crate) struct ClassSetup {
    /// The name of its streams.
    pub entity: u64,
    pub pool: PoolId,
    pub source: Source,
}

/// Where requests come from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// `count` equal tenants whose jobs, taken together, are a Poisson stream.
    Tenants {
        count: u32,
        jobs: Intensity,
        duration: Distribution,
    },
    /// A Poisson stream of requests, each by somebody new, who holds the worker this long.
    Requests { rate: Intensity, hold: Distribution },
    /// The k-th request falls where its intensity reaches k - 1/2; by `tenants` in turn, if any.
    Even {
        rate: Intensity,
        hold: Distribution,
        tenants: u32,
    },
}

impl Source {
    /// Tenants whose requests can be told apart; 0 where every request is somebody new.
    pub fn tenants(&self) -> u32 {
        match self {
            Self::Tenants { count, .. } => *count,
            Self::Even { tenants, .. } => *tenants,
            Self::Requests { .. } => 0,
        }
    }
}

/// A dated step of a playbook.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub at: SimTime,
    pub action: Action,
}

/// What a step does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    /// Requests of the class are no longer made.
    Shed(ClassId),
    /// They are made again.
    Restore(ClassId),
}

impl Backoff {
    /// The delay before retry number `retry` (from 1), by `jitter_unit` from (0, 1).
    pub fn delay(&self, retry: u32, jitter_unit: impl FnOnce() -> f64) -> SimDuration {
        let place = (retry as usize - 1).min(self.delays.len() - 1);
        let delay = self.delays[place];
        if self.jitter == 0.0 {
            return delay;
        }
        delay.scaled(1.0 + self.jitter * (2.0 * jitter_unit() - 1.0))
    }
}
