//! Alerts, playbooks and dependencies as a file states them.

use crate::scenario::schema::law::AnyLaw;
use crate::scenario::text::node::{Node, Value};
use crate::scenario::text::read::{Read, Reader, choice, record};
use crate::scenario::text::schema_type::{Form, known};
use crate::scenario::text::units::{Cap, Count, Length, Limit, Moment, Rate, Share};

record! {
    /// What is noticed, and when.
    Alert {
        /// Signal that it watches.
        signal: Signal,
        /// Scope: `all`, a region or a pool.
        scope: String = "all",
        /// Events or regions at which it fires; for `hit_rate`, the fewest requests.
        count: Option<Count>,
        /// Time in which events are counted.
        window: Option<Length>,
        /// Ready workers below which `ready_below` fires.
        level: Option<Count>,
        /// How long the level must stay below that, for `ready_below`.
        lasting: Option<Length>,
        /// Wait above which `oldest_wait` fires.
        wait: Option<Length>,
        /// Hit rate below which `hit_rate` fires; share of the target for `restored`.
        share: Option<Share>,
        /// Time from the alert to the page.
        delay: AnyLaw = "0s",
        /// How long it stays silent after it fired.
        cool_down: Limit = "1h",
    }
}

choice! {
    /// What an alert watches.
    Signal {
        /// At least `count` failed attempts within `window`.
        "failed_provisions" => FailedProvisions,
        /// At least `count` failed requests within `window`.
        "failed_leases" => FailedLeases,
        /// Fewer than `level` workers ready, `lasting` this long.
        "ready_below" => ReadyBelow,
        /// A request has waited for longer than `wait`.
        "oldest_wait" => OldestWait,
        /// Less than `share` of at least `count` requests found a ready worker, within `window`.
        "hit_rate" => HitRate,
        /// At least `count` regions have failures within `window`.
        "failing_regions" => FailingRegions,
        /// Every watched pool is back at `share` of its target, after one was below it and the incident was detected.
        "restored" => Restored,
    }
}

record! {
    /// A step of the playbook: what it follows from, and what it does.
    Step {
        /// Instant at which it is taken.
        at: Option<Moment>,
        /// Alert or step that it follows.
        on: Option<Trigger>,
        /// Delay after what it follows.
        after: AnyLaw = "0s",
        /// Condition: how far the outage is believed to reach.
        only_if as "if": Option<Belief>,
        /// One action, or a list.
        actions as "do": Actions,
    }
}

choice! {
    /// What a step follows from.
    Trigger {
        /// The page of this alert.
        "alert" => Alert(String),
        /// This step.
        "step" => Step(String),
    }
}

record! {
    /// How far the outage is believed to reach.
    Belief {
        /// Number of regions with recent failures.
        failing_regions: Reach,
    }
}

record! {
    /// In how many regions something has failed within a time.
    Reach {
        /// Fewest regions.
        at_least: Count = "0",
        /// Most regions.
        at_most: Cap = "unlimited",
        /// How recent a failure must be.
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
        /// Appears in the timeline only.
        "note" => Note,
        /// A ticket is opened; appears in the timeline.
        "open_ticket" => OpenTicket,
        /// A status is published; appears in the timeline.
        "publish" => Publish,
        /// The incident is detected.
        "detect" => Detect,
        /// The incident is declared.
        "declare" => Declare,
        /// The incident is mitigated.
        "mitigate" => Mitigate,
        /// The incident is resolved.
        "resolve" => Resolve,
        /// Requests of this class are no longer made.
        "shed" => Shed(String),
        /// Requests of this class are made again.
        "restore" => Restore(String),
        /// This standby is activated.
        "activate" => Activate(String),
        /// This standby is reverted.
        "revert" => Revert(String),
        /// The target of a pool is replaced.
        "set_target" => SetTarget(SetTarget),
        /// The target of this pool follows its policy again.
        "follow_policy" => FollowPolicy(String),
        /// Leases of this pool no longer expire.
        "suspend_expiry" => SuspendExpiry(String),
        /// Leases of this pool expire again.
        "resume_expiry" => ResumeExpiry(String),
        /// Requests of a pool wait for another time.
        "raise_timeout" => RaiseTimeout(RaiseTimeout),
        /// The capacity of a dependency changes.
        "scale" => Scale(Scale),
        /// Only a share of the calls of a dependency is let through.
        "admit" => Admit(Admit),
    }
}

record! {
    /// The target is this, whatever the policy.
    SetTarget {
        /// Pool.
        pool: String,
        /// Its target, whatever its policy.
        to: Count,
    }
}

record! {
    /// Requests wait as long as this from now on.
    RaiseTimeout {
        /// Pool.
        pool: String,
        /// How long requests wait from now on.
        to: AnyLaw,
    }
}

record! {
    /// A dependency serves so many calls from now on.
    Scale {
        /// Dependency.
        dependency: String,
        /// Its capacity from now on.
        to: Rate,
    }
}

record! {
    /// Of the calls of a dependency this share is let through.
    Admit {
        /// Dependency.
        dependency: String,
        /// Share of calls that is let through.
        share: Share,
        /// Time over which the share changes linearly.
        over: Length = "0s",
    }
}

record! {
    /// A time in which people take longer.
    Staffing {
        /// Beginning.
        from: Moment,
        /// End.
        until: Moment,
        /// Factor on the delays of alerts and steps.
        delays: crate::scenario::text::units::Number,
    }
}

record! {
    /// A pool that stands in for another.
    Standby {
        /// Pool that it stands in for.
        primary as "for": String,
        /// Share of the requests of that pool that it is asked first, once active.
        share: Share,
        /// Time from the decision to the first request.
        activation: AnyLaw,
        /// Whether its workers are kept ready before it is activated.
        warm: bool,
    }
}

record! {
    /// A service that calls go through: one server, a finite queue.
    Dependency {
        /// Calls served per unit of time; one at a time, each for an exponential time.
        capacity: Rate,
        /// Most calls at once, the one being served included.
        queue: Count,
        /// How long a caller waits for an answer.
        timeout: Limit,
        /// How lateness is decided.
        late: Late = "sojourn",
        /// Whether and when a failed call is repeated.
        retry: CallRetry,
        /// Calls of others than the pools, per unit of time.
        load: Rate,
        /// Profile that multiplies the load.
        profile: Option<String>,
        /// Region whose local time the profile follows.
        region: Option<String>,
        /// Calls that an outage holds back.
        blocked: Option<Blocked>,
        /// State when the world begins.
        initial: CallState = "{queue: 0, waiting: 0}",
        /// It is calm with no more than this.
        calm: CallState,
    }
}

choice! {
    /// How lateness is decided.
    Late {
        /// By the time that the call spent in the queue and in service.
        "sojourn" => Sojourn,
        /// By the queue that the call leaves behind; a Markov chain on two numbers, for comparison with theory.
        "position" => Position,
    }
}

record! {
    /// Whether, when and where a failed call is made again.
    CallRetry {
        /// Probability that a failed call is repeated.
        probability: Share,
        /// Time between tries.
        delay: AnyLaw,
        /// The most tries, the first included.
        tries: Cap,
        /// Repeated calls that go to another dependency.
        elsewhere: Option<Elsewhere>,
    }
}

record! {
    /// Another dependency that takes a share of the repeated calls.
    Elsewhere {
        /// The other dependency.
        to: String,
        /// Share of repeated calls.
        share: Share,
    }
}

record! {
    /// Calls that an outage holds back until it ends.
    Blocked {
        /// Outage that holds calls back.
        outage: String,
        /// Share of calls that is held back.
        share: Share,
        /// Delay, after its end, of each call that was held back.
        resume: AnyLaw,
    }
}

record! {
    /// Calls in the queue, and callers about to call again.
    CallState {
        /// Calls in the queue.
        queue: Count,
        /// Callers about to call again.
        waiting: Count,
    }
}
