//! What happens to workers and requests, told as it happens: to those who want to follow a single
//! replication. Nobody listens in the others, and then nothing of this is left.

use crate::kernel::time::SimTime;
use crate::model::id::{AlertId, ClassId, OccurrenceId, PoolId, StepId, WorkerId};

/// Hears of everything that happens.
pub(crate) trait Recorder {
    /// Something happens at `at`, which may be later than what is told next: the ends of attempts
    /// that are certain to fail are told in advance.
    fn note(&mut self, at: SimTime, what: TraceEvent);
}

/// Hears nothing, and costs nothing.
impl Recorder for () {
    #[inline(always)]
    fn note(&mut self, _: SimTime, _: TraceEvent) {}
}

/// Something that happens.
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

/// A turn in the life of a worker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum WorkerEvent {
    AttemptStarts,
    AttemptSucceeds,
    AttemptFails(FailureCause),
    /// It is still there, but something holds its next attempt back.
    HeldBack,
    BacksOff,
    /// The machine of its failed attempt is deleted, before it goes on.
    Clears,
    /// An order comes to nothing, once all attempts are made or because it is not needed.
    GivenUp,
    Dropped,
    Ready,
    Leased(ClassId, Option<u32>),
    Released,
    Reimages,
    Deletes,
    DeletionFails,
    Deleted,
    /// An outage takes it.
    Lost,
}

/// What becomes of a request that is not granted at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum RequestEvent {
    Waits,
    /// It has waited, and is served.
    Served,
    Fails,
    /// It is turned away, to keep workers for others.
    Refused,
    /// Its tenant holds a worker, but cannot connect.
    CutOff,
}

/// Keeps everything that happens.
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
    /// Everything that has happened, in the order of time.
    pub fn told(mut self) -> Vec<(SimTime, TraceEvent)> {
        // Stable: what happens at one instant stays in the order in which it was told.
        self.entries.sort_by_key(|(at, _)| *at);
        self.entries
    }
}

/// What made an attempt fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum FailureCause {
    Outage,
    /// It took longer than its timeout, with no outage to blame.
    Timeout,
    /// The dependency that it goes through did not answer in time.
    Dependency,
}
