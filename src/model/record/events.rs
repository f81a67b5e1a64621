//! Events of workers, requests and the incident, for traces of a single
//! replication. Other replications record nothing, at no cost.

use crate::kernel::time::SimTime;
use crate::model::id::{AlertId, ClassId, OccurrenceId, PoolId, StepId, WorkerId};

/// Records events.
pub(crate) trait Recorder {
    /// An event at `at`, which may be later than the next one recorded: the ends of attempts
    /// that are certain to fail are recorded in advance.
    fn note(&mut self, at: SimTime, what: TraceEvent);
}

/// Records nothing, at no cost.
impl Recorder for () {
    #[inline(always)]
    fn note(&mut self, _: SimTime, _: TraceEvent) {}
}

/// An event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TraceEvent {
    /// To a worker, or to an order for one.
    Worker(WorkerId, PoolId, WorkerEvent),
    /// To a request.
    Request(RequestEvent, PoolId, ClassId, Option<u32>),
    OutageBegins(OccurrenceId),
    OutageEnds(OccurrenceId),
    Paged(AlertId),
    Acted(StepId),
    Activated(PoolId),
}

/// An event of a worker, or of an order for one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum WorkerEvent {
    AttemptStarts,
    AttemptSucceeds,
    AttemptFails(FailureCause),
    /// The machine of its attempt has been created, and its extension begins.
    Extends,
    /// It remains, but its next attempt is delayed.
    HeldBack,
    BacksOff,
    /// The machine of its failed attempt is deleted before the next attempt.
    Clears,
    /// An order is given up after its last attempt.
    GivenUp,
    /// It is dropped, or no longer needed.
    Dropped,
    Ready,
    /// A stopped worker is started for a request.
    Starts,
    StartFails(FailureCause),
    Leased(ClassId, Option<u32>),
    Released,
    Reimages,
    Deletes,
    DeletionFails,
    Deleted,
    /// An outage takes it.
    Lost,
}

/// An event of a request that is not served at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum RequestEvent {
    Waits,
    /// It has waited, and is served.
    Served,
    Fails,
    /// It is rejected, to keep workers for others.
    Refused,
    /// Its tenant holds a worker, but cannot connect.
    CutOff,
}

/// Keeps every event.
#[derive(Default)]
pub(crate) struct EventLog {
    entries: Vec<(SimTime, TraceEvent)>,
}

impl Recorder for EventLog {
    fn note(&mut self, at: SimTime, what: TraceEvent) {
        self.entries.push((at, what));
    }
}

impl EventLog {
    /// All events, in the order of time.
    pub fn in_order(mut self) -> Vec<(SimTime, TraceEvent)> {
        // Stable: events of one instant stay in the order in which they were recorded.
        self.entries.sort_by_key(|(at, _)| *at);
        self.entries
    }
}

/// What made an attempt fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum FailureCause {
    Outage,
    /// It exceeded its timeout without an outage.
    Timeout,
    /// The dependency that it calls did not respond in time.
    Dependency,
    /// As attempts sometimes do, outages aside.
    Ordinary,
    /// The provider's rate limit refused it.
    Limit,
}
