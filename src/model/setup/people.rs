//! Alerts, playbooks and staffing, as declared.

use crate::kernel::distribution::Distribution;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::id::{AlertId, ClassId, DependencyId, PoolId, StepId};
use crate::model::signal::Signal;

/// An alert, as declared.
#[derive(Clone, Debug)]
pub(crate) struct AlertSetup {
    /// Key of its random streams.
    pub stream_key: u64,
    pub signal: Signal,
    /// Pools that it observes.
    pub pools: Vec<PoolId>,
    /// From the alert to the page.
    pub delay: Distribution,
    /// How long it stays silent after it has fired.
    pub cool_down: SimDuration,
}

/// A step of a playbook.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// Key of its random streams.
    pub stream_key: u64,
    pub trigger: Trigger,
    /// From the trigger to the step.
    pub delay: Distribution,
    /// The condition for taking it, if any.
    pub only_if: Option<Belief>,
    pub actions: Vec<Action>,
}

/// The trigger of a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Trigger {
    At(SimTime),
    Alert(AlertId),
    Step(StepId),
}

/// The believed scope of the outage: regions with failures within `within`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Belief {
    pub at_least: u32,
    pub at_most: u32,
    pub within: SimDuration,
}

/// What a step does.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// Demand of the class is shed.
    Shed(ClassId),
    /// Demand of the class is restored.
    Restore(ClassId),
    /// A standby pool is activated or reverted.
    Activate(PoolId),
    Revert(PoolId),
    /// The pool's target is this, whatever its policy.
    SetTarget(PoolId, u32),
    /// The pool's target follows its policy again.
    FollowPolicy(PoolId),
    /// Expiry of the leases of the pool's tenants is suspended or resumed.
    SuspendExpiry(PoolId),
    ResumeExpiry(PoolId),
    /// Orders of the pool that were given up and keep their places are dropped.
    ClearOrders(PoolId),
    /// A pool that was stopped orders again.
    ResumeOrders(PoolId),
    /// The patience of requests to the pool from now on.
    SetTimeout(PoolId, Distribution),
    /// A dependency serves so many calls (1/µs) from now on.
    Scale(DependencyId, f64),
    /// The admitted share of its calls, reached linearly by the end of the given time.
    Admit(DependencyId, f64, SimDuration),
    /// A milestone of the incident is reached.
    Reach(Milestone),
    /// An entry in the timeline only: a ticket, a post, an acknowledgement.
    Note,
}

/// A milestone of an incident.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Milestone {
    Detected,
    Declared,
    Mitigated,
    Resolved,
}

/// All milestones, in their order.
pub(crate) const MILESTONES: [Milestone; 4] = [
    Milestone::Detected,
    Milestone::Declared,
    Milestone::Mitigated,
    Milestone::Resolved,
];

/// A period with another staffing factor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Staffing {
    pub from: SimTime,
    pub until: SimTime,
    /// Factor on every delay of people.
    pub delays: f64,
}
