//! Pools as a file states them.

use crate::scenario::schema::Standby;
use crate::scenario::schema::law::AnyLaw;
use crate::scenario::text::node::{Node, Value};
use crate::scenario::text::read::{Read, Reader, choice, record};
use crate::scenario::text::schema_type::Form;
use crate::scenario::text::units::{Cap, ClockTime, Count, Length, Limit, Number, Share};

record! {
    /// Workers of one image in one region.
    Pool {
        target: AnyTarget,
        /// Ready workers when the world begins.
        initial: Option<Count>,
        /// The most workers of any state.
        max_total: Cap = "unlimited",
        /// When a ready worker is replaced.
        ready_max_age: Limit = "never",
        ready_max_idle: Limit = "never",
        provision: Provision,
        replenish: Replenish,
        lease: Lease,
        delete: Delete = "{}",
        /// What it stands in for.
        standby: Option<Standby>,
        /// Of a ready worker, in whatever currency.
        worker_hour_cost: Option<Number>,
    }
}

/// A target as a value of the file: a number, or a policy.
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

    fn stand_in() -> Self {
        Self::Fixed(Count::stand_in())
    }

    fn form() -> Form {
        Form::Either(vec![Count::form(), TargetPolicy::form()])
    }
}

choice! {
    /// How a target follows from something.
    TargetPolicy {
        "proportional" => Proportional(Proportional),
        "complement" => Complement(Complement),
        "schedule" => Schedule(Schedule),
        "forecast" => Forecast(Forecast),
    }
}

record! {
    /// So many times a load, within limits.
    Proportional {
        factor: Number,
        of: LoadOf,
        min: Count,
        max: Count,
    }
}

choice! {
    /// What a target follows.
    LoadOf {
        "in_use" => InUse,
        "waiting" => Waiting,
        "demand" => Demand,
    }
}

record! {
    /// What the workers in use leave of a total.
    Complement {
        total: Count,
    }
}

record! {
    /// The last turn that matches gives the level.
    Schedule {
        base: Count,
        turns: Vec<Turn>,
    }
}

record! {
    /// A level at certain days and hours.
    Turn {
        /// `mon` to `sun`, a range such as `mon-fri`, or `daily`.
        days: String,
        from: ClockTime,
        to: ClockTime,
        level: Count,
    }
}

record! {
    /// The requests expected within a time ahead, times a factor and an error.
    Forecast {
        ahead: Length,
        factor: Number,
        /// Standard deviation of its logarithm.
        error: Number,
        min: Count,
        max: Count,
    }
}

record! {
    /// How workers are made.
    Provision {
        /// Of an attempt.
        latency: AnyLaw,
        /// How long an attempt may take.
        timeout: Limit,
        /// Provider calls of an attempt; each must succeed.
        calls: Count = "1",
        /// Workers that one attempt makes.
        slots: Count = "1",
        /// The dependency that an attempt calls.
        through: Option<String>,
    }
}

record! {
    /// When workers are ordered.
    Replenish {
        /// What counts towards the target.
        counts: Counts,
        review: Review = "continuous",
        /// The most orders under way at once.
        in_flight_max: Cap,
        /// Whether each waiting request orders a worker of its own.
        waiting_orders: Option<bool>,
        /// Whether a request that gives up takes its order with it. An order that is left behind stands for
        /// the target or for the next waiting request; it is not added on top of them.
        cancel_on_timeout: Option<bool>,
        /// Whether only backorders are ordered while requests wait in the region.
        waiting_first: bool = "false",
        /// What becomes of ready workers above the target.
        surplus: Surplus = "keep",
        retry: Retry,
        breaker: Option<Breaker>,
    }
}

choice! {
    /// What counts towards a target.
    Counts {
        "ready" => Ready,
        "ready_and_pending" => ReadyAndPending,
        "total" => Total,
    }
}

choice! {
    /// When stock is compared with its target.
    Review {
        "continuous" => Continuous,
        "every" => Every(Length),
    }
}

choice! {
    /// What becomes of ready workers above the target.
    Surplus {
        "keep" => Keep,
        "delete" => Delete,
        "idle" => Idle(Length),
    }
}

record! {
    /// A back-off that all orders of a pool or a region share.
    Breaker {
        scope: BreakerScope,
        /// In a row, after which no attempt is made for a while.
        failures: Count,
        initial: Length,
        factor: Number = "2",
        max: Length,
        jitter: Share = "0%",
        /// A failure so long after the last begins a new row.
        reset: Limit,
    }
}

choice! {
    /// Whose orders share a back-off.
    BreakerScope {
        "pool" => Pool,
        "region" => Region,
    }
}

record! {
    /// How a failed attempt is repeated: truncated exponential back-off.
    Retry {
        initial: Length,
        factor: Number = "2",
        max: Length,
        jitter: Share = "0%",
        /// After which an order is given up and placed anew.
        attempts: Cap = "unlimited",
    }
}

record! {
    /// How long workers are held.
    Lease {
        /// A lease ends after this long without a job.
        idle_timeout: Option<Limit>,
        /// A lease ends at this age, never in mid-job.
        max_age: Option<Limit>,
        /// From when the age counts.
        age_clock: Option<AgeClock>,
        /// What a request does that finds no worker.
        on_empty: OnEmpty,
        /// How long a request waits.
        wait_timeout: Option<Patience>,
        /// What becomes of a worker whose lease has ended.
        release: Release = "delete",
        /// Leases after which a worker is deleted.
        max_uses: Cap = "unlimited",
    }
}

choice! {
    /// From when the age of a worker counts.
    AgeClock {
        "created" => Created,
        "leased" => Leased,
    }
}

choice! {
    /// What a request does that finds no worker.
    OnEmpty {
        "wait" => Wait,
        "reject" => Reject,
        "cold" => Cold(AnyLaw),
    }
}

choice! {
    /// What becomes of a worker whose lease has ended.
    Release {
        "delete" => Delete,
        "return" => Return,
        "reimage" => Reimage(AnyLaw),
    }
}

/// How long a request waits: a law, or `never` for no timeout.
#[derive(Clone, Debug)]
pub(crate) struct Patience(pub Option<AnyLaw>);

impl Read for Patience {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match &node.value {
            Value::Text(text) if text == "never" => Some(Self(None)),
            _ => AnyLaw::read(node, reader).map(|law| Self(Some(law))),
        }
    }

    fn stand_in() -> Self {
        Self(None)
    }

    fn form() -> Form {
        Form::Either(vec![Form::Word("never"), AnyLaw::form()])
    }
}

record! {
    /// How workers are deleted.
    Delete {
        latency: AnyLaw = "0s",
        retry: DeleteRetry = "{initial: 1m, factor: 2, max: 10m}",
        failed_attempts: FailedAttempts = "nothing",
    }
}

choice! {
    /// What is to be deleted of a failed attempt, and when.
    FailedAttempts {
        "nothing" => Nothing,
        "beside" => Beside,
        "first" => First,
    }
}

record! {
    /// A deletion is tried until it succeeds.
    DeleteRetry {
        initial: Length,
        factor: Number = "2",
        max: Length,
        jitter: Share = "0%",
    }
}
