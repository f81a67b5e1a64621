//! Alerts, playbooks and dependencies as a file states them.

use crate::scenario::form::{Form, known};
use crate::scenario::law::AnyLaw;
use crate::scenario::node::{Node, Value};
use crate::scenario::read::{Read, Reader, choice, record};
use crate::scenario::units::{Cap, Count, Length, Limit, Moment, Rate, Share};

record! {
    Alert {
        signal: Signal,
        scope: String = "all",
        count: Option<Count>,
        window: Option<Length>,
        level: Option<Count>,
        lasting: Option<Length>,
        wait: Option<Length>,
        share: Option<Share>,
        delay: AnyLaw = "0s",
        cool_down: Limit = "1h",
    }
}

choice! {
    Signal {
        "failed_provisions" => FailedProvisions,
        "failed_leases" => FailedLeases,
        "ready_below" => ReadyBelow,
        "oldest_wait" => OldestWait,
        "hit_rate" => HitRate,
        "failing_regions" => FailingRegions,
        "restored" => Restored,
    }
}

record! {
    Step {
        at: Option<Moment>,
        on: Option<Trigger>,
        after: AnyLaw = "0s",
        only_if as "if": Option<Belief>,
        actions as "do": Actions,
    }
}

choice! {
    Trigger {
        "alert" => Alert(String),
        "step" => Step(String),
    }
}

record! {
    /// How far the outage is believed to reach.
    Belief {
        failing_regions: Reach,
    }
}

record! {
    Reach {
        at_least: Count = "0",
        at_most: Cap = "unlimited",
        within: Length,
    }
}

/// One action, or a list of them.
#[derive(Clone, Debug)]
pub(crate) struct Actions(pub Vec<Action>);

impl Read for Actions {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.value {
            Value::List(_) => Vec::read(node, reader).map(Self),
            _ => Action::read(node, reader).map(|action| Self(vec![action])),
        }
    }

    fn stand_in() -> Self {
        Self(Vec::new())
    }

    fn form() -> Form {
        known("Actions", "One action, or a list of them.", || {
            Form::Either(vec![Action::form(), Vec::<Action>::form()])
        })
    }
}

choice! {
    Action {
        "note" => Note,
        "open_ticket" => OpenTicket,
        "publish" => Publish,
        "detect" => Detect,
        "declare" => Declare,
        "mitigate" => Mitigate,
        "resolve" => Resolve,
        "shed" => Shed(String),
        "restore" => Restore(String),
        "activate" => Activate(String),
        "revert" => Revert(String),
        "set_target" => SetTarget(SetTarget),
        "follow_policy" => FollowPolicy(String),
        "suspend_expiry" => SuspendExpiry(String),
        "resume_expiry" => ResumeExpiry(String),
        "raise_timeout" => RaiseTimeout(RaiseTimeout),
        "scale" => Scale(Scale),
        "admit" => Admit(Admit),
    }
}

record! {
    SetTarget {
        pool: String,
        to: Count,
    }
}

record! {
    RaiseTimeout {
        pool: String,
        to: AnyLaw,
    }
}

record! {
    Scale {
        dependency: String,
        to: Rate,
    }
}

record! {
    Admit {
        dependency: String,
        share: Share,
        over: Length = "0s",
    }
}

record! {
    /// A time in which people take longer.
    Staffing {
        from: Moment,
        until: Moment,
        delays: crate::scenario::units::Number,
    }
}

record! {
    Standby {
        primary as "for": String,
        share: Share,
        activation: AnyLaw,
        warm: bool,
    }
}

record! {
    Dependency {
        capacity: Rate,
        queue: Count,
        timeout: Limit,
        late: Late = "sojourn",
        retry: CallRetry,
        load: Rate,
        profile: Option<String>,
        region: Option<String>,
        blocked: Option<Blocked>,
        initial: CallState = "{queue: 0, waiting: 0}",
        calm: CallState,
    }
}

choice! {
    Late {
        "sojourn" => Sojourn,
        "position" => Position,
    }
}

record! {
    CallRetry {
        probability: Share,
        delay: AnyLaw,
        tries: Cap,
        elsewhere: Option<Elsewhere>,
    }
}

record! {
    Elsewhere {
        to: String,
        share: Share,
    }
}

record! {
    /// Calls that an outage holds back until it ends.
    Blocked {
        outage: String,
        share: Share,
        resume: AnyLaw,
    }
}

record! {
    /// Calls in the queue, and callers about to call again.
    CallState {
        queue: Count,
        waiting: Count,
    }
}
