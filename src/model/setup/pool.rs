//! A pool, as declared.

use crate::kernel::distribution::Distribution;
use crate::kernel::time::SimDuration;
use crate::model::id::{DependencyId, PoolId, RegionId};
use crate::model::setup::shortcuts::Shortcuts;
use crate::model::setup::target::Target;

/// A pool before anything has happened.
#[derive(Clone, Debug)]
pub(crate) struct PoolSetup {
    /// Key of its random streams.
    pub stream_key: u64,
    pub region: RegionId,
    /// What it is a standby of, if it is one; and its own standbys.
    pub standby: Option<Standby>,
    pub standbys: Vec<PoolId>,
    /// The service that every attempt calls before it completes, if any.
    pub through: Option<DependencyId>,
    /// Base stock.
    pub target: Target,
    /// Ready workers when the world begins.
    pub initial: u32,
    /// What counts towards the target.
    pub counts: Counts,
    /// How long from one review to the next; zero where any change is one.
    pub review: SimDuration,
    /// How long ready workers above the target may stand idle before they are deleted.
    pub surplus_idle: SimDuration,
    /// Whether each waiting request raises the target by one, and whether it takes its order with it
    /// when it gives up.
    pub waiting_orders: bool,
    pub cancel_on_timeout: bool,
    /// Whether only backorders are ordered while requests wait in the region.
    pub yields: bool,
    /// The most orders under way at once, those backing off included.
    pub in_flight_max: u32,
    /// The most workers of any state.
    pub max_total: u32,
    /// How long an attempt takes.
    pub latency: Distribution,
    /// How long an attempt may take.
    pub timeout: SimDuration,
    /// Provider calls an attempt makes; each must succeed.
    pub calls: u32,
    /// Workers that one attempt makes.
    pub slots: u32,
    /// How a failed attempt is repeated, and what becomes of its machine.
    pub retry: Backoff,
    pub remains: FailedMachine,
    /// When no attempt is made at all.
    pub breaker: Option<BreakerSetup>,
    /// How long a deletion takes, and how a failed one is repeated.
    pub deletion: Distribution,
    pub deletion_retry: Backoff,
    /// When a ready worker is replaced, for its age or its idle time.
    pub ready_max_age: SimDuration,
    pub ready_max_idle: SimDuration,
    /// How leases end, and what becomes of the worker.
    pub lease: LeasePolicy,
    pub release: Release,
    /// Leases after which a worker is deleted whatever `release` says.
    pub max_uses: u32,
    /// What a request does that finds no worker.
    pub on_empty: OnEmpty,
    /// What the engine need not look at.
    pub shortcuts: Shortcuts,
}

/// What becomes of the machine of a failed attempt, if there is one: an attempt that was refused has
/// made none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum FailedMachine {
    /// Nothing remains.
    Nothing,
    /// It is deleted while the order goes on, and holds quota until then. An order for which that leaves
    /// no place is dropped.
    DeleteInParallel,
    /// It is deleted before the order goes on.
    DeleteFirst,
}

/// A back-off shared by all orders of a pool or a region.
#[derive(Clone, Debug)]
pub(crate) struct BreakerSetup {
    /// Index of the gate among the world's.
    pub gate: usize,
    /// Failures in a row after which no attempt is made for a while.
    pub failures: u32,
    pub backoff: Backoff,
    /// A failure so long after the last one begins a new row.
    pub reset: SimDuration,
}

/// What becomes of a worker whose lease has ended.
#[derive(Clone, Debug)]
pub(crate) enum Release {
    Delete,
    /// It is ready again at once.
    Return,
    /// It is ready again after this long.
    Reimage(Distribution),
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

/// When a lease ends.
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
    /// Orders a worker beyond the target and the cap on orders, made in this `latency`, and waits its
    /// turn. If that attempt fails, so does the request that has waited longest.
    Cold {
        latency: Distribution,
        patience: Distribution,
    },
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

/// A standby of another pool.
#[derive(Clone, Debug)]
pub(crate) struct Standby {
    /// The pool that it is a standby of.
    pub primary: PoolId,
    /// Share of the primary's requests for which it is the first choice, once it is active.
    pub share: f64,
    /// From the decision to activate it to its first request.
    pub activation: Distribution,
    /// Whether its workers are kept ready all the time, or are only ordered from that decision on.
    pub warm: bool,
}
