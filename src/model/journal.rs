//! What happens to workers and requests, told as it happens: to those who want to follow a single
//! replication. Nobody listens in the others, and then nothing of this is left.

use crate::kernel::time::SimTime;
use crate::model::id::{AlertId, ClassId, OccurrenceId, PoolId, StepId, WorkerId};
use crate::model::provision::Blame;
use crate::model::waiting::Request;
use crate::model::world::World;

/// Hears of everything that happens.
pub(crate) trait Recorder {
    /// Something happens at `at`, which may be later than what is told next: the ends of attempts
    /// that are certain to fail are told in advance.
    fn note(&mut self, at: SimTime, what: Happening);
}

/// Hears nothing, and costs nothing.
impl Recorder for () {
    #[inline(always)]
    fn note(&mut self, _: SimTime, _: Happening) {}
}

/// Something that happens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Happening {
    /// To a worker, or to an order for one.
    Worker(WorkerId, PoolId, Turn),
    /// To a request.
    Request(Asked, PoolId, ClassId, Option<u32>),
    OutageBegins(OccurrenceId),
    OutageEnds(OccurrenceId),
    Paged(AlertId),
    Acted(StepId),
    Activated(PoolId),
}

/// A turn in the life of a worker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Turn {
    AttemptStarts,
    AttemptSucceeds,
    AttemptFails(Blame),
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
pub(crate) enum Asked {
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
pub(crate) struct Journal {
    entries: Vec<(SimTime, Happening)>,
}

impl Recorder for Journal {
    fn note(&mut self, at: SimTime, what: Happening) {
        self.entries.push((at, what));
    }
}

impl Journal {
    /// Everything that has happened, in the order of time.
    pub fn told(mut self) -> Vec<(SimTime, Happening)> {
        // Stable: what happens at one instant stays in the order in which it was told.
        self.entries.sort_by_key(|(at, _)| *at);
        self.entries
    }
}

impl<R: Recorder> World<'_, R> {
    /// Tells of a turn in the life of a worker.
    #[inline(always)]
    pub(crate) fn turned(&mut self, id: WorkerId, pool: PoolId, turn: Turn, at: SimTime) {
        self.recorder.note(at, Happening::Worker(id, pool, turn));
    }

    /// Tells what becomes of a request.
    #[inline(always)]
    pub(crate) fn asked(&mut self, asked: Asked, request: &Request, at: SimTime) {
        let (pool, class, tenant) = (request.pool, request.class, request.tenant);
        self.recorder
            .note(at, Happening::Request(asked, pool, class, tenant));
    }
}
