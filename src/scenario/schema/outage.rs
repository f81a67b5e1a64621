//! Outages as a file states them.

use crate::scenario::schema::Named;
use crate::scenario::schema::law::AnyLaw;
use crate::scenario::text::read::{choice, record};
use crate::scenario::text::units::{Length, Moment, Number, Share};

record! {
    /// What fails, where and when.
    Outage {
        regions: Vec<String>,
        /// All, if absent.
        images: Option<Vec<String>>,
        operations: Vec<Operation>,
        from: Option<Moment>,
        until: Option<Moment>,
        /// Other times for a region.
        windows: Named<WindowOverride> = "{}",
        /// Puts off the beginning, in each region.
        onset: AnyLaw = "0s",
        /// Puts off the end, in each region.
        recovery: AnyLaw = "0s",
        random: Option<Random>,
        shape: Shape = "step",
        /// Of a call, at full severity.
        failure: Option<Share>,
        /// On the latency of attempts that start in it.
        latency_factor: Number = "1",
        /// When the fate of an attempt is drawn.
        judged: Option<Judged>,
        takes: Option<Takes>,
    }
}

record! {
    /// An outage that comes again and again, at random.
    Random {
        /// From the end of one to the beginning of the next.
        up: AnyLaw,
        /// How long one lasts.
        down: AnyLaw,
        /// How often one strikes in all regions at once.
        shared: Option<Share>,
    }
}

record! {
    /// Shares of workers that are lost as the outage begins.
    Takes {
        ready: Share = "0%",
        leased: Share = "0%",
    }
}

choice! {
    /// An operation that fails.
    Operation {
        "create" => Create,
        "delete" => Delete,
        "reimage" => Reimage,
        "connect" => Connect,
    }
}

record! {
    /// Other times for a region.
    WindowOverride {
        from: Option<Moment>,
        until: Option<Moment>,
    }
}

choice! {
    /// How severity runs from the beginning to the end.
    Shape {
        "step" => Step,
        "ramp" => Ramp(Ramp),
        "intermittent" => Intermittent(Intermittent),
    }
}

record! {
    /// Full severity for `on`, none for `off`, and so on.
    Intermittent {
        on: Length,
        off: Length,
    }
}

record! {
    /// Severity rises over `in` from the beginning and falls over `out` to the end.
    Ramp {
        rise as "in": Length = "0s",
        fall as "out": Length = "0s",
    }
}

choice! {
    /// When the fate of an attempt is drawn.
    Judged {
        "completion" => Completion,
        "start" => Start(JudgedAtStart),
    }
}

record! {
    /// The fate is drawn when the attempt starts.
    JudgedAtStart {
        /// How an attempt fails that is to fail.
        fails: Manner,
        /// What becomes of attempts in flight when the outage begins.
        in_flight: InFlight,
    }
}

choice! {
    /// How an attempt fails: after a delay, at the end of its course, at its timeout, or not at all
    /// but so many times as slowly.
    Manner {
        "reject" => Reject(AnyLaw),
        "late" => Late,
        "hang" => Hang,
        "slow" => Slow(Number),
    }
}

choice! {
    /// What becomes of attempts in flight.
    InFlight {
        "finish" => Finish,
        "fail_now" => FailNow,
        "stall" => Stall,
    }
}
