//! Outages as a file states them.

use crate::scenario::law::AnyLaw;
use crate::scenario::read::{choice, record};
use crate::scenario::schema::Named;
use crate::scenario::units::{Length, Moment, Number, Share};

record! {
    Outage {
        regions: Vec<String>,
        images: Option<Vec<String>>,
        operations: Vec<Operation>,
        from: Option<Moment>,
        until: Option<Moment>,
        windows: Named<WindowOverride> = "{}",
        onset: AnyLaw = "0s",
        recovery: AnyLaw = "0s",
        random: Option<Random>,
        shape: Shape = "step",
        failure: Option<Share>,
        latency_factor: Number = "1",
        judged: Option<Judged>,
        takes: Option<Takes>,
    }
}

record! {
    /// An outage that comes again and again, at random.
    Random {
        up: AnyLaw,
        down: AnyLaw,
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
    Operation {
        "create" => Create,
        "delete" => Delete,
        "reimage" => Reimage,
        "connect" => Connect,
    }
}

record! {
    WindowOverride {
        from: Option<Moment>,
        until: Option<Moment>,
    }
}

choice! {
    Shape {
        "step" => Step,
        "ramp" => Ramp(Ramp),
        "intermittent" => Intermittent(Intermittent),
    }
}

record! {
    Intermittent {
        on: Length,
        off: Length,
    }
}

record! {
    Ramp {
        rise as "in": Length = "0s",
        fall as "out": Length = "0s",
    }
}

choice! {
    Judged {
        "completion" => Completion,
        "start" => Start(JudgedAtStart),
    }
}

record! {
    JudgedAtStart {
        fails: Manner,
        in_flight: InFlight,
    }
}

choice! {
    Manner {
        "reject" => Reject(AnyLaw),
        "late" => Late,
        "hang" => Hang,
        "slow" => Slow(Number),
    }
}

choice! {
    InFlight {
        "finish" => Finish,
        "fail_now" => FailNow,
        "stall" => Stall,
    }
}
