//! Alerts, playbooks and dependencies as a file states them.

use crate::scenario::schema::law::AnyLaw;
use crate::scenario::text::node::{Node, Value};
use crate::scenario::text::read::{Read, Reader, choice, record};
use crate::scenario::text::schema_type::{Form, known};
use crate::scenario::text::units::{Cap, Count, Length, Limit, Moment, Rate, Share};

record! {
    /// What is noticed, and when.
    Alert {
        signal: Signal,
        /// `all`, a region or a pool.
        scope: String = "all",
        count: Option<Count>,
        window: Option<Length>,
        level: Option<Count>,
        lasting: Option<Length>,
        wait: Option<Length>,
        share: Option<Share>,
        /// From the alert to the page.
        delay: AnyLaw = "0s",
        /// How long it stays silent after it has fired.
        cool_down: Limit = "1h",
    }
}

choice! {
    /// What an alert watches.
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
    /// A step of the playbook: what it follows from, and what it does.
    Step {
        at: Option<Moment>,
        on: Option<Trigger>,
        /// From what it follows to the step.
        after: AnyLaw = "0s",
        /// What must be believed for it to be taken.
        only_if as "if": Option<Belief>,
        actions as "do": Actions,
    }
}

choice! {
    /// What a step follows from.
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
    /// In how many regions something has failed within a time.
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
    /// Something that people do.
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
    /// The target is this, whatever the policy.
    SetTarget {
        pool: String,
        to: Count,
    }
}

record! {
    /// Requests wait as long as this from now on.
    RaiseTimeout {
        pool: String,
        to: AnyLaw,
    }
}

record! {
    /// A dependency serves so many calls from now on.
    Scale {
        dependency: String,
        to: Rate,
    }
}

record! {
    /// Of the calls of a dependency this share is let through.
    Admit {
        dependency: String,
        share: Share,
        /// How long it takes to get there.
        over: Length = "0s",
    }
}

record! {
    /// A time in which people take longer.
    Staffing {
        from: Moment,
        until: Moment,
        /// Factor on the delays of people.
        delays: crate::scenario::text::units::Number,
    }
}

record! {
    /// A pool that stands in for another.
    Standby {
        primary as "for": String,
        /// Of the requests of that pool, once it is active.
        share: Share,
        /// From the decision to the first request.
        activation: AnyLaw,
        /// Whether its workers are kept ready all the time.
        warm: bool,
    }
}

record! {
    /// A service that calls go through: one server, a finite queue.
    Dependency {
        /// Calls served while there are any.
        capacity: Rate,
        /// The most calls at once.
        queue: Count,
        /// How long a caller waits for an answer.
        timeout: Limit,
        late: Late = "sojourn",
        retry: CallRetry,
        /// Calls of others than the pools.
        load: Rate,
        profile: Option<String>,
        region: Option<String>,
        blocked: Option<Blocked>,
        /// With what the world begins.
        initial: CallState = "{queue: 0, waiting: 0}",
        /// With no more than this it counts as calm.
        calm: CallState,
    }
}

choice! {
    /// How lateness is told: by the caller, or by the place in the queue.
    Late {
        "sojourn" => Sojourn,
        "position" => Position,
    }
}

record! {
    /// Whether, when and where a failed call is made again.
    CallRetry {
        probability: Share,
        delay: AnyLaw,
        /// The most tries, the first included.
        tries: Cap,
        elsewhere: Option<Elsewhere>,
    }
}

record! {
    /// Another dependency that takes a share of the repeated calls.
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
