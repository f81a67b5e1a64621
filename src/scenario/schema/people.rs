//! Alerts, playbooks and dependencies as a file states them.

use crate::scenario::schema::law::AnyLaw;
use crate::scenario::text::node::{Node, Value};
use crate::scenario::text::read::{Read, Reader, choice, record};
use crate::scenario::text::schema_type::{SchemaType, known};
use crate::scenario::text::units::{Cap, Count, Length, Limit, Moment, Rate, Share};

record! {
    /// An alert.
    Alert {
        /// Signal that it observes.
        signal: Signal,
        /// Scope: `all`, a region or a pool.
        scope: String = "all",
        /// Events or regions at which it fires; for `hit_rate`, the fewest requests.
        count: Option<Count>,
        /// Window in which events are counted.
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
        /// Cool-down: how long it stays silent after it fires.
        cool_down: Limit = "1h",
    }
}

choice! {
    /// The signal of an alert.
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
        /// Every pool in scope is back at `share` of its target, after one was below it and the incident was detected.
        "restored" => Restored,
    }
}

record! {
    /// A step of the playbook: its trigger and its actions.
    Step {
        /// Instant at which it is taken.
        at: Option<Moment>,
        /// Alert or step that triggers it.
        on: Option<Trigger>,
        /// Delay after the trigger.
        after: AnyLaw = "0s",
        /// Condition on the believed scope of the outage.
        only_if as "if": Option<Belief>,
        /// One action, or a list.
        actions as "do": Actions,
    }
}

choice! {
    /// The trigger of a step.
    Trigger {
        /// The page of this alert.
        "alert" => Alert(String),
        /// This step.
        "step" => Step(String),
    }
}

record! {
    /// The believed scope of the outage.
    Belief {
        /// Number of regions with recent failures.
        failing_regions: Reach,
    }
}

record! {
    /// Number of regions with failures within a time.
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

    fn placeholder() -> Self {
        Self(Vec::new())
    }

    fn schema_type() -> SchemaType {
        known("Actions", "One action, or a list of them.", || {
            SchemaType::Either(vec![Action::schema_type(), Vec::<Action>::schema_type()])
        })
    }
}

choice! {
    /// An action of people.
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
        /// Demand of this class is shed.
        "shed" => Shed(String),
        /// Demand of this class is restored.
        "restore" => Restore(String),
        /// This standby is activated.
        "activate" => Activate(String),
        /// This standby is reverted.
        "revert" => Revert(String),
        /// The target of a pool is replaced.
        "set_target" => SetTarget(SetTarget),
        /// The target of this pool follows its policy again.
        "follow_policy" => FollowPolicy(String),
        /// Expiry of this pool's leases is suspended.
        "suspend_expiry" => SuspendExpiry(String),
        /// Expiry of this pool's leases is resumed.
        "resume_expiry" => ResumeExpiry(String),
        /// Orders of this pool that were given up and keep their places are dropped.
        "clear_orders" => ClearOrders(String),
        /// This pool, which was stopped, orders again.
        "resume_orders" => ResumeOrders(String),
        /// The wait timeout of a pool is replaced.
        "raise_timeout" => RaiseTimeout(RaiseTimeout),
        /// The capacity of a dependency changes.
        "scale" => Scale(Scale),
        /// Only a share of the calls of a dependency is admitted.
        "admit" => Admit(Admit),
    }
}

record! {
    /// A fixed target in place of the policy.
    SetTarget {
        /// Pool.
        pool: String,
        /// Target in place of its policy.
        to: Count,
    }
}

record! {
    /// A new wait timeout.
    RaiseTimeout {
        /// Pool.
        pool: String,
        /// New wait timeout.
        to: AnyLaw,
    }
}

record! {
    /// A new capacity of a dependency.
    Scale {
        /// Dependency.
        dependency: String,
        /// New capacity.
        to: Rate,
    }
}

record! {
    /// A share of the calls of a dependency is admitted.
    Admit {
        /// Dependency.
        dependency: String,
        /// Share of calls that is admitted.
        share: Share,
        /// Time over which the share changes linearly.
        over: Length = "0s",
    }
}

record! {
    /// A period in which people take longer.
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
    /// A standby of another pool.
    Standby {
        /// The primary pool.
        primary as "for": String,
        /// Share of the primary's requests that go to it first, once active.
        share: Share,
        /// Time from the decision to the first request.
        activation: AnyLaw,
        /// Whether its workers are kept ready before it is activated.
        warm: bool,
        /// Whether it is active from the beginning, and not only once a step activates it.
        active: bool = "false",
    }
}

record! {
    /// A service that receives calls: one server, a finite queue.
    Dependency {
        /// Calls served per unit of time, one at a time; service times are exponential.
        capacity: Rate,
        /// Maximum number of calls, including the one in service.
        queue: Count,
        /// How long a caller waits for a response.
        timeout: Limit,
        /// How lateness is decided.
        late: Late = "sojourn",
        /// Whether and when a failed call is retried.
        retry: CallRetry,
        /// Background calls, from others than the pools, per unit of time.
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
    /// Whether, when and where a failed call is retried.
    CallRetry {
        /// Probability that a failed call is retried.
        probability: Share,
        /// Time between tries.
        delay: AnyLaw,
        /// Maximum number of tries, including the first.
        tries: Cap,
        /// Retries that go to another dependency.
        elsewhere: Option<Elsewhere>,
    }
}

record! {
    /// Another dependency that takes a share of the retries.
    Elsewhere {
        /// The other dependency.
        to: String,
        /// Share of the retries.
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
    /// Calls in the queue, and callers that will retry.
    CallState {
        /// Calls in the queue.
        queue: Count,
        /// Callers that will retry.
        waiting: Count,
    }
}
