//! Pools as a file states them.

use crate::scenario::form::Form;
use crate::scenario::law::AnyLaw;
use crate::scenario::node::{Node, Value};
use crate::scenario::read::{Read, Reader, choice, record};
use crate::scenario::schema::Standby;
use crate::scenario::units::{Cap, ClockTime, Count, Length, Limit, Number, Share};

record! {
    Pool {
        target: AnyTarget,
        initial: Option<Count>,
        max_total: Cap = "unlimited",
        ready_max_age: Limit = "never",
        provision: Provision,
        replenish: Replenish,
        lease: Lease,
        delete: Delete = "{}",
        standby: Option<Standby>,
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
    TargetPolicy {
        "proportional" => Proportional(Proportional),
        "complement" => Complement(Complement),
        "schedule" => Schedule(Schedule),
        "forecast" => Forecast(Forecast),
    }
}

record! {
    Proportional {
        factor: Number,
        of: LoadOf,
        min: Count,
        max: Count,
    }
}

choice! {
    LoadOf {
        "in_use" => InUse,
        "waiting" => Waiting,
        "demand" => Demand,
    }
}

record! {
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
    Turn {
        days: String,
        from: ClockTime,
        to: ClockTime,
        level: Count,
    }
}

record! {
    Forecast {
        ahead: Length,
        factor: Number,
        error: Number,
        min: Count,
        max: Count,
    }
}

record! {
    Provision {
        latency: AnyLaw,
        timeout: Limit,
        calls: Count = "1",
        slots: Count = "1",
        through: Option<String>,
    }
}

record! {
    Replenish {
        counts: Counts,
        review: Review = "continuous",
        in_flight_max: Cap,
        waiting_orders: Option<bool>,
        cancel_on_timeout: Option<bool>,
        waiting_first: bool = "false",
        surplus: Surplus = "keep",
        retry: Retry,
        breaker: Option<Breaker>,
    }
}

choice! {
    Counts {
        "ready" => Ready,
        "ready_and_pending" => ReadyAndPending,
        "total" => Total,
    }
}

choice! {
    Review {
        "continuous" => Continuous,
        "every" => Every(Length),
    }
}

choice! {
    Surplus {
        "keep" => Keep,
        "delete" => Delete,
    }
}

record! {
    /// A back-off that all orders of a pool or a region share.
    Breaker {
        scope: BreakerScope,
        failures: Count,
        initial: Length,
        factor: Number = "2",
        max: Length,
        jitter: Share = "0%",
        reset: Limit,
    }
}

choice! {
    BreakerScope {
        "pool" => Pool,
        "region" => Region,
    }
}

record! {
    Retry {
        initial: Length,
        factor: Number = "2",
        max: Length,
        jitter: Share = "0%",
        attempts: Cap = "unlimited",
    }
}

record! {
    Lease {
        idle_timeout: Option<Limit>,
        max_age: Option<Limit>,
        age_clock: Option<AgeClock>,
        on_empty: OnEmpty,
        wait_timeout: Option<Patience>,
        release: Release = "delete",
        max_uses: Cap = "unlimited",
    }
}

choice! {
    AgeClock {
        "created" => Created,
        "leased" => Leased,
    }
}

choice! {
    OnEmpty {
        "wait" => Wait,
        "reject" => Reject,
        "cold" => Cold(AnyLaw),
    }
}

choice! {
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
