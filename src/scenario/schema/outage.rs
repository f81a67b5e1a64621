//! Outages as a file states them.

use crate::scenario::schema::Named;
use crate::scenario::schema::law::AnyLaw;
use crate::scenario::text::read::{choice, record};
use crate::scenario::text::units::{Count, Length, Moment, Number, Share};

record! {
    /// What fails, where and when.
    Outage {
        /// Regions that it affects.
        regions: Vec<String>,
        /// Images that it affects; all by default.
        images: Option<Vec<String>>,
        /// Operations that fail.
        operations: Vec<Operation>,
        /// Beginning.
        from: Option<Moment>,
        /// End, exclusive.
        until: Option<Moment>,
        /// How long it lasts, instead of `until`.
        lasting: Option<AnyLaw>,
        /// Other times for a region.
        windows: Named<WindowOverride> = "{}",
        /// Random delay of the beginning, in each region.
        onset: AnyLaw = "0s",
        /// Random delay of the end, in each region.
        recovery: AnyLaw = "0s",
        /// Makes it recur at random, instead of `from` and `until`.
        random: Option<Random>,
        /// How its severity develops.
        shape: Shape = "step",
        /// Probability that a call fails, at full severity.
        failure: Option<Share>,
        /// Workers of its pools, in each region, that the provider has room for beyond those there are when it
        /// begins; more are refused. Deleted workers make room.
        room: Option<Count>,
        /// Workers of its pools, in each region, that the provider has room for in all; more are refused.
        capacity: Option<Count>,
        /// Factor on the latency of attempts that start in it.
        latency_factor: Number = "1",
        /// When it is decided whether an attempt fails.
        judged: Option<Judged>,
        /// Workers that are lost when it begins.
        takes: Option<Takes>,
    }
}

impl Outage {
    /// Whether the provider lacks room while it lasts.
    pub fn limits_room(&self) -> bool {
        self.room.is_some() || self.capacity.is_some()
    }

    /// Whether anything differs while it lasts.
    pub fn has_effect(&self) -> bool {
        self.failure.is_some_and(|share| 0.0 < share.0)
            || self.latency_factor.0 != 1.0
            || self.takes.is_some()
            || self.limits_room()
    }
}

record! {
    /// An outage that recurs at random.
    Random {
        /// Time from the end of one to the beginning of the next.
        up: AnyLaw,
        /// Length of one.
        down: AnyLaw,
        /// Share of occurrences that affect all regions at once.
        shared: Option<Share>,
    }
}

record! {
    /// Shares of workers that are lost as the outage begins.
    Takes {
        /// Share of ready workers.
        ready: Share = "0%",
        /// Share of leased workers.
        leased: Share = "0%",
    }
}

choice! {
    /// An operation that fails.
    Operation {
        /// Attempts to create a worker.
        "create" => Create,
        /// Extensions of machines.
        "extend" => Extend,
        /// Starts of stopped workers.
        "start" => Start,
        /// Deletions.
        "delete" => Delete,
        /// Reimages of released workers.
        "reimage" => Reimage,
        /// Connections of requests and jobs to their worker.
        "connect" => Connect,
    }
}

record! {
    /// Other times for a region.
    WindowOverride {
        /// Beginning.
        from: Option<Moment>,
        /// End.
        until: Option<Moment>,
    }
}

choice! {
    /// How severity develops from the beginning to the end.
    Shape {
        /// Full severity from beginning to end.
        "step" => Step,
        /// Severity rises and falls linearly.
        "ramp" => Ramp(Ramp),
        /// Full severity and none in turn.
        "intermittent" => Intermittent(Intermittent),
    }
}

record! {
    /// Full severity for `on`, none for `off`, and so on.
    Intermittent {
        /// Time at full severity.
        on: Length,
        /// Time at none.
        off: Length,
    }
}

record! {
    /// Severity rises over `in` from the beginning and falls over `out` to the end.
    Ramp {
        /// Time of the rise, from the beginning.
        rise as "in": Length = "0s",
        /// Time of the fall, up to the end.
        fall as "out": Length = "0s",
    }
}

choice! {
    /// When the outcome of an attempt is drawn.
    Judged {
        /// When the attempt would complete.
        "completion" => Completion,
        /// When the attempt starts.
        "start" => Start(JudgedAtStart),
    }
}

record! {
    /// The outcome is drawn when the attempt starts.
    JudgedAtStart {
        /// How an attempt fails.
        fails: Manner,
        /// What happens to attempts in flight when the outage begins.
        in_flight: InFlight,
    }
}

choice! {
    /// How an attempt fails.
    Manner {
        /// It fails after this delay.
        "reject" => Reject(AnyLaw),
        /// It fails after its full latency.
        "late" => Late,
        /// It fails at its timeout.
        "hang" => Hang,
        /// It does not fail; its latency is multiplied by this factor.
        "slow" => Slow(Number),
    }
}

choice! {
    /// What happens to attempts in flight.
    InFlight {
        /// They complete as if there were no outage.
        "finish" => Finish,
        /// They fail with the full probability `failure`, regardless of the ramp.
        "fail_now" => FailNow,
        /// They stall until the outage ends.
        "stall" => Stall,
    }
}
