//! Pools as a file states them.

use crate::scenario::schema::Standby;
use crate::scenario::schema::law::AnyLaw;
use crate::scenario::text::node::{Node, Value};
use crate::scenario::text::read::{Read, Reader, choice, record};
use crate::scenario::text::schema_type::SchemaType;
use crate::scenario::text::units::{Cap, ClockTime, Count, Length, Limit, Number, Share};

record! {
    /// Workers of one image in one region.
    Pool {
        /// Ready workers to keep: a number or a policy.
        target: AnyTarget,
        /// Ready workers when the world begins, before the warm-up; by default the target without load.
        initial: Option<Count>,
        /// The most workers of any state.
        max_total: Cap = "unlimited",
        /// Age at which a ready worker is deleted and replaced.
        ready_max_age: Limit = "never",
        /// Idle time after which a ready worker is deleted, regardless of the target.
        ready_max_idle: Limit = "never",
        /// How workers are made.
        provision: Provision,
        /// When workers are ordered.
        replenish: Replenish,
        /// How workers are leased.
        lease: Lease,
        /// How workers are deleted.
        delete: Delete = "{}",
        /// Ready workers that are stopped, and must be started for the request that takes one.
        stopped: Option<Stopped>,
        /// Makes this pool a standby of another.
        standby: Option<Standby>,
        /// Cost of a ready worker for an hour, in any currency.
        worker_hour_cost: Option<Number>,
        /// Cost of a leased worker for an hour, in the same currency.
        leased_hour_cost: Option<Number>,
    }
}

record! {
    /// Ready workers that are stopped; running ones are leased before them.
    Stopped {
        /// Share of the target that is stopped.
        share: Share = "100%",
        /// Time that a start takes; the request waits for it.
        start: AnyLaw,
        /// Probability that a start fails, outages aside; it is retried as an attempt is.
        failure: Share = "0%",
    }
}

/// A target in the file: a number, or a policy.
#[derive(Clone, Debug)]
pub(crate) enum AnyTarget {
    Fixed(Count),
    Policy(TargetPolicy),
}

impl Read for AnyTarget {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.value {
            Value::Map(_) => TargetPolicy::read(node, reader).map(Self::Policy),
            _ => Count::read(node, reader).map(Self::Fixed),
        }
    }

    fn placeholder() -> Self {
        Self::Fixed(Count::placeholder())
    }

    fn schema_type() -> SchemaType {
        SchemaType::Either(vec![Count::schema_type(), TargetPolicy::schema_type()])
    }
}

choice! {
    /// A target policy.
    TargetPolicy {
        /// A factor times the load.
        "proportional" => Proportional(Proportional),
        /// A total less the workers in use.
        "complement" => Complement(Complement),
        /// A base level, and other levels at certain days and hours.
        "schedule" => Schedule(Schedule),
        /// The requests expected in the time ahead, times a factor.
        "forecast" => Forecast(Forecast),
    }
}

record! {
    /// A factor times a load, within limits.
    Proportional {
        /// Workers for each unit of load.
        factor: Number,
        /// Load that the target follows.
        of: LoadOf,
        /// Lowest target.
        min: Count,
        /// Highest target.
        max: Count,
    }
}

choice! {
    /// What a target follows.
    LoadOf {
        /// Workers in use.
        "in_use" => InUse,
        /// Waiting requests.
        "waiting" => Waiting,
        /// Workers in use and waiting requests.
        "demand" => Demand,
    }
}

record! {
    /// A total less the workers in use.
    Complement {
        /// Total of ready workers and workers in use.
        total: Count,
    }
}

record! {
    /// Levels by day and hour; the last matching turn applies.
    Schedule {
        /// Level where no turn matches.
        base: Count,
        /// Levels at certain days and hours; the last that matches applies.
        turns: Vec<Turn>,
    }
}

record! {
    /// A level at certain days and hours.
    Turn {
        /// `mon` to `sun`, a range such as `mon-fri`, or `daily`.
        days: String,
        /// Beginning, in the local time of the region.
        from: ClockTime,
        /// End; may be after midnight.
        to: ClockTime,
        /// Ready workers to keep.
        level: Count,
    }
}

record! {
    /// The requests expected within a time ahead, times a factor and an error.
    Forecast {
        /// How far ahead requests are counted.
        ahead: Length,
        /// Workers for each expected request.
        factor: Number,
        /// Forecast error: standard deviation of its logarithm.
        error: Number,
        /// Lowest target.
        min: Count,
        /// Highest target.
        max: Count,
    }
}

record! {
    /// How workers are made.
    Provision {
        /// Time that an attempt takes.
        latency: AnyLaw,
        /// Time after which an attempt fails.
        timeout: Limit,
        /// Probability that an attempt fails, outages aside; it is found when its machine would be complete.
        failure: Share = "0%",
        /// A second stage of each attempt, after its machine has been created, that an outage can break alone.
        extension: Option<Extension>,
        /// Provider calls of an attempt; the attempt fails if any of them does.
        calls: Count = "1",
        /// Workers that one machine makes; they are ordered together and leased one by one.
        slots: Count = "1",
        /// Dependency that an attempt calls.
        through: Option<String>,
    }
}

record! {
    /// What is installed on a machine after it has been created, such as an agent or an extension.
    Extension {
        /// Time that it takes, within the timeout of the attempt.
        latency: AnyLaw,
        /// Probability that it fails, outages aside; the attempt fails with it.
        failure: Share = "0%",
    }
}

record! {
    /// When workers are ordered.
    Replenish {
        /// What counts towards the target.
        counts: Counts,
        /// When stock is compared with the target.
        review: Review = "continuous",
        /// Most orders under way at once.
        in_flight_max: Cap,
        /// Whether each waiting request orders a worker of its own.
        waiting_orders: Option<bool>,
        /// Whether a request that gives up cancels its order. Otherwise the order counts towards
        /// the target or serves the next waiting request; it is not added on top of them.
        cancel_on_timeout: Option<bool>,
        /// What an order counts as whose request gave up and did not cancel it.
        abandoned_orders: AbandonedOrders = "stock",
        /// Whether orders for stock wait while requests wait in the region.
        waiting_first: bool = "false",
        /// What happens to ready workers above the target.
        surplus: Surplus = "keep",
        /// How long nothing is ordered after surplus workers were deleted.
        surplus_pause: Length = "0s",
        /// How a failed attempt is retried.
        retry: Retry,
        /// What becomes of an order after its last attempt; `again` after `retry.max` by default.
        on_give_up: Option<OnGiveUp>,
        /// Circuit breaker that stops attempts for a while.
        breaker: Option<Breaker>,
    }
}

choice! {
    /// What an order counts as whose request gave up and did not cancel it.
    AbandonedOrders {
        /// Stock: it counts towards the target, or serves the next request that waits.
        "stock" => Stock,
        /// An order of its own: it is made in addition to the target and to the orders of other requests.
        "extra" => Extra,
    }
}

choice! {
    /// What counts towards a target.
    Counts {
        /// Ready workers only; orders under way are ignored, up to `in_flight_max`.
        "ready" => Ready,
        /// Ready workers and orders under way.
        "ready_and_pending" => ReadyAndPending,
        /// Workers of any state.
        "total" => Total,
    }
}

choice! {
    /// When stock is compared with its target.
    Review {
        /// At every change.
        "continuous" => Continuous,
        /// Periodically, at this interval.
        "every" => Every(Length),
    }
}

choice! {
    /// What happens to ready workers above the target.
    Surplus {
        /// They are kept.
        "keep" => Keep,
        /// They are deleted at once.
        "delete" => Delete,
        /// They are deleted once ready for this long.
        "idle" => Idle(Length),
    }
}

record! {
    /// A circuit breaker: after consecutive failures, no attempt of a pool or region is made for a while.
    Breaker {
        /// Orders that share it.
        scope: BreakerScope,
        /// Consecutive failures after which it opens.
        failures: Count,
        /// How long it stays open the first time.
        initial: Length,
        /// Factor on that time, each time it opens again.
        factor: Number = "2",
        /// Longest time that it stays open.
        max: Length,
        /// Jitter: random share by which each of these times is varied.
        jitter: Share = "0%",
        /// A failure this long after the last restarts the count.
        reset: Limit,
        /// Whether one attempt goes first after it was open (half-open), and the others wait until it has ended.
        half_open: bool = "false",
    }
}

choice! {
    /// Orders that share a circuit breaker.
    BreakerScope {
        /// Orders of the pool.
        "pool" => Pool,
        /// Orders of all pools of the region.
        "region" => Region,
    }
}

record! {
    /// How a failed attempt is retried: truncated back-off, exponential or linear.
    Retry {
        /// Wait before the first retry.
        initial: Length,
        /// Factor on the wait for each further retry (exponential back-off); 2 by default.
        factor: Option<Number>,
        /// Time added to the wait for each further retry (linear back-off), instead of `factor`.
        increase: Option<Length>,
        /// Longest wait.
        max: Length,
        /// Jitter: random share by which each wait is varied.
        jitter: Share = "0%",
        /// Attempts after which an order is given up; `on_give_up` says what follows.
        attempts: Cap = "unlimited",
    }
}

choice! {
    /// What becomes of an order after its last attempt.
    OnGiveUp {
        /// A new order replaces it after this pause, if it is still missing.
        "again" => Again(Length),
        /// The request that has waited longest fails. Where none waits, a new order replaces it after `retry.max`.
        "fail_request" => FailRequest,
        /// The request that has waited longest moves on to the next pool of its chain of active standbys; where
        /// there is none, it fails. Where no request waits, a new order replaces it after `retry.max`.
        "move_request" => MoveRequest,
        /// It keeps its place in target, quota and caps for this long, or until a `clear_orders` step.
        "keep_place" => KeepPlace(Limit),
        /// The pool orders nothing for this long, or until a `resume_orders` step.
        "stop_pool" => StopPool(Limit),
    }
}

record! {
    /// How long workers are held.
    Lease {
        /// Time without a job after which a tenant's lease ends; needed where tenants have jobs.
        idle_timeout: Option<Limit>,
        /// Age at which a lease ends, once its job is done; needed where tenants have jobs.
        max_age: Option<Limit>,
        /// When the age starts to count; needed where tenants have jobs.
        age_clock: Option<AgeClock>,
        /// Which ready worker is leased first.
        order: LeaseOrder = "oldest",
        /// What a request does if no worker is ready.
        on_empty: OnEmpty,
        /// How long a request waits before it moves on to the next pool of its chain of active standbys.
        move_after: Option<Length>,
        /// How long a request waits for a worker before it starts cold, with `on_empty: cold`.
        cold_after: Length = "0s",
        /// Most requests that wait at once; further ones fail.
        waiting_max: Cap = "unlimited",
        /// How long a request waits before it fails; needed unless `on_empty` is `reject`.
        wait_timeout: Option<Patience>,
        /// What happens to a worker when its lease ends.
        release: Release = "delete",
        /// Leases after which a worker is deleted.
        max_uses: Cap = "unlimited",
    }
}

choice! {
    /// Which ready worker is leased first.
    LeaseOrder {
        /// The one that has been ready for longest.
        "oldest" => Oldest,
        /// The one that became ready last.
        "newest" => Newest,
    }
}

choice! {
    /// When the age of a worker starts to count.
    AgeClock {
        /// When the worker was created, so that its time in the pool counts.
        "created" => Created,
        /// When the worker was leased.
        "leased" => Leased,
    }
}

choice! {
    /// What a request does if no worker is ready.
    OnEmpty {
        /// It waits for a worker.
        "wait" => Wait,
        /// It fails at once.
        "reject" => Reject,
        /// It starts a worker of its own, with this latency.
        "cold" => Cold(AnyLaw),
    }
}

choice! {
    /// What happens to a worker whose lease has ended.
    Release {
        /// It is deleted.
        "delete" => Delete,
        /// It is ready again.
        "return" => Return,
        /// It is ready again after a reimage of this latency.
        "reimage" => Reimage(AnyLaw),
    }
}

/// How long a request waits: a distribution, or `never` for no timeout.
#[derive(Clone, Debug)]
pub(crate) struct Patience(pub Option<AnyLaw>);

impl Read for Patience {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match &node.value {
            Value::Text(text) if text == "never" => Some(Self(None)),
            _ => AnyLaw::read(node, reader).map(|law| Self(Some(law))),
        }
    }

    fn placeholder() -> Self {
        Self(None)
    }

    fn schema_type() -> SchemaType {
        SchemaType::Either(vec![SchemaType::Word("never"), AnyLaw::schema_type()])
    }
}

record! {
    /// How workers are deleted.
    Delete {
        /// Time that a deletion takes.
        latency: AnyLaw = "0s",
        /// How a failed deletion is retried, until it succeeds.
        retry: DeleteRetry = "{initial: 1m, factor: 2, max: 10m}",
        /// What a failed attempt leaves behind, to be deleted.
        failed_attempts: FailedAttempts = "nothing",
    }
}

choice! {
    /// What a failed attempt leaves behind, and when it is deleted.
    FailedAttempts {
        /// Nothing.
        "nothing" => Nothing,
        /// A machine, which is deleted in parallel with the next attempt.
        "in_parallel" => InParallel,
        /// A machine, which is deleted before the next attempt.
        "first" => First,
    }
}

record! {
    /// A deletion is retried until it succeeds.
    DeleteRetry {
        /// Wait before the first retry.
        initial: Length,
        /// Factor on the wait for each further retry.
        factor: Number = "2",
        /// Longest wait.
        max: Length,
        /// Jitter: random share by which each wait is varied.
        jitter: Share = "0%",
    }
}
