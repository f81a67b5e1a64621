//! A pool, as declared.

use crate::kernel::distribution::Distribution;
use crate::kernel::time::SimDuration;
use crate::model::id::{DependencyId, PoolId, RegionId};
use crate::model::setup::shortcuts::Shortcuts;
use crate::model::setup::target::Target;

/// A pool, as declared.
#[derive(Clone, Debug)]
pub(crate) struct PoolSetup {
    /// Key of its random streams.
    pub stream_key: u64,
    pub region: RegionId,
    /// What it is a standby of, if it is one; and its own standbys.
    pub standby: Option<Standby>,
    pub standbys: Vec<PoolId>,
    /// The dependency that every attempt calls before it completes, if any.
    pub through: Option<DependencyId>,
    /// Base stock.
    pub target: Target,
    /// Ready workers when the world begins.
    pub initial: u32,
    /// What counts towards the target.
    pub counts: Counts,
    /// Review period; zero for continuous review.
    pub review: SimDuration,
    /// How long surplus ready workers may be idle before they are deleted, and how long nothing is ordered
    /// after that.
    pub surplus_idle: SimDuration,
    pub surplus_pause: SimDuration,
    /// Whether each waiting request raises the target by one, and whether it cancels its order
    /// when it gives up.
    pub waiting_orders: bool,
    pub cancel_on_timeout: bool,
    /// Whether an order whose request gave up is in addition to the target.
    pub keeps_abandoned: bool,
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
    /// Probability that an attempt fails, outages aside.
    pub failure: f64,
    /// The extension of its machine, if it has one.
    pub extension: Option<StageSetup>,
    /// How a failed attempt is retried, what becomes of an order after its last attempt, and what happens
    /// to the machine of a failed attempt.
    pub retry: Backoff,
    pub give_up: GiveUp,
    pub remains: FailedMachine,
    /// The circuit breaker, if any.
    pub breaker: Option<BreakerSetup>,
    /// How long a deletion takes, and how a failed one is retried.
    pub deletion: Distribution,
    pub deletion_retry: Backoff,
    /// Maximum age and idle time of a ready worker.
    pub ready_max_age: SimDuration,
    pub ready_max_idle: SimDuration,
    /// How leases end, and what happens to the worker.
    pub lease: LeasePolicy,
    pub release: Release,
    /// Leases after which a worker is deleted whatever `release` says.
    pub max_uses: u32,
    /// Which ready worker is leased first.
    pub lease_order: LeaseOrder,
    /// What a request does if no worker is ready, and how many requests may wait.
    pub on_empty: OnEmpty,
    pub waiting_max: u32,
    /// How long a request waits before it moves on to the next pool of its chain, if it does.
    pub move_after: Option<SimDuration>,
    /// Its stopped workers, if it has any.
    pub stopped: Option<Stopped>,
    /// Whether a class makes its requests to this pool.
    pub has_demand: bool,
    /// Shortcuts of the engine.
    pub shortcuts: Shortcuts,
}

/// What becomes of an order after its last attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum GiveUp {
    /// It keeps its place in target, quota and caps for this long, or until a step clears it; then a new order
    /// may take it.
    KeepPlace(SimDuration),
    /// The request that has waited longest fails with it. Where none waits, it keeps its place for this long.
    FailRequest(SimDuration),
    /// The request that has waited longest moves on to the next pool of its chain, or fails where there is none.
    /// Where none waits, it keeps its place for this long.
    MoveRequest(SimDuration),
    /// The pool orders nothing for this long, or until a step resumes its orders.
    StopPool(SimDuration),
}

/// Ready workers that are stopped, and how they are started.
#[derive(Clone, Debug)]
pub(crate) struct Stopped {
    /// Share of the target that is stopped.
    pub share: f64,
    pub start: StageSetup,
}

/// A step of the provider's beside the creation of a machine.
#[derive(Clone, Debug)]
pub(crate) struct StageSetup {
    /// How long it takes.
    pub latency: Distribution,
    /// Probability that it fails, outages aside.
    pub failure: f64,
}

/// Which ready worker is leased first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum LeaseOrder {
    /// The one that has been ready for longest.
    Oldest,
    /// The one that became ready last.
    Newest,
}

/// What happens to the machine of a failed attempt, if there is one: a rejected attempt has
/// none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum FailedMachine {
    /// Nothing remains.
    Nothing,
    /// It is deleted in parallel with the order, and holds quota until then. An order without quota
    /// is dropped.
    DeleteInParallel,
    /// It is deleted before the next attempt.
    DeleteFirst,
}

/// A circuit breaker shared by all orders of a pool or a region.
#[derive(Clone, Debug)]
pub(crate) struct BreakerSetup {
    /// Index of its state in the world.
    pub circuit: usize,
    /// Consecutive failures after which it opens.
    pub failures: u32,
    pub backoff: Backoff,
    /// A failure this long after the last one restarts the count.
    pub reset: SimDuration,
    /// Whether one attempt goes first after it was open.
    pub half_open: bool,
}

/// What happens to a worker whose lease has ended.
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
    /// On-hand stock only: orders under way do not count.
    Ready,
    /// On-hand stock and orders under way.
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
    /// Attempts after which an order is given up and replaced by a new one.
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

/// What a request does if no worker is ready.
#[derive(Clone, Debug)]
pub(crate) enum OnEmpty {
    /// Fails at once.
    Reject,
    /// Waits in the queue, this long at most.
    Wait(Distribution),
    /// Starts cold: orders a worker beyond the target and the cap on orders, with this `latency`, and waits in the
    /// queue. If the attempt fails, so does the request that has waited longest.
    Cold {
        latency: Distribution,
        patience: Distribution,
        /// How long a request waits for a worker before it starts cold.
        after: SimDuration,
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

impl PoolSetup {
    /// Whether it serves requests from the beginning: unless it is a standby that is not active and has no
    /// demand of its own.
    pub fn serves_at_first(&self) -> bool {
        self.has_demand || self.standby.as_ref().is_none_or(|standby| standby.active)
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
    /// Whether it is warm: workers are always kept ready; otherwise they are ordered from that decision on.
    pub warm: bool,
    /// Whether it is active from the beginning.
    pub active: bool,
}
