//! The events, and the one table of ranks.

use crate::kernel::queue::Ranked;
use crate::model::id::{
    AlertId, CallId, ClassId, DependencyId, OccurrenceId, PoolId, RegionId, RetryId, StepId,
    WaitId, WorkerId,
};
use crate::model::record::events::Recorder;
use crate::model::world::World;

/// An event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Event {
    /// The warm-up ends: the ledger is reset.
    MeasuringBegins,
    OutageEnds(OccurrenceId),
    OutageBegins(OccurrenceId),
    /// An intermittent outage is in force again.
    PhaseBegins(OccurrenceId),
    /// A provisioning attempt or a reimage succeeds or fails.
    AttemptEnds(WorkerId),
    /// The back-off of an order is over.
    RetryDue(WorkerId),
    /// A deletion succeeds or fails.
    DeletionEnds(WorkerId),
    /// A lease may be over: a lazy timer checks, and reschedules itself if it is not.
    LeaseMayEnd(WorkerId),
    /// A ready worker may have reached its maximum age.
    ReadyAgeEnds(WorkerId),
    /// A pool's periodic review.
    ReviewDue(PoolId),
    /// A ready worker has reached the idle time after which it is deleted if surplus.
    SurplusDue(PoolId),
    /// A scheduled target takes effect.
    TargetChanges(PoolId),
    /// A pool that was stopped, or that pauses, orders again.
    OrdersResume(PoolId),
    /// A region's quota changes.
    QuotaChanges(RegionId),
    /// A request has waited for as long as it does before it starts cold.
    ColdStartDue(WaitId),
    /// A request has waited for as long as it does before it moves on to another pool.
    MoveDue(WaitId),
    /// The condition of an alert may have held long enough.
    AlertMatures(AlertId),
    /// The wait of a request may have reached the limit of an alert.
    WaitMatures(AlertId, WaitId),
    /// An alert sends its page.
    AlertPages(AlertId),
    /// A playbook step is due.
    StepDue(StepId),
    /// The activation of a standby is complete.
    ActivationEnds(PoolId),
    /// A dependency has served the call at the head of its queue.
    CallServed(DependencyId),
    /// A caller of a dependency times out, or retries.
    CallerActs(CallId),
    /// A background call of a dependency arrives.
    CallArrives(DependencyId),
    /// A class makes its next request.
    Arrives(ClassId),
    /// A failed request is retried.
    RequestRetried(RetryId),
    /// The patience of a waiting request runs out.
    WaitExpires(WaitId),
}

impl Ranked for Event {
    const RANKS: u8 = 8;

    /// Within one instant the provider acts first, then what was under way completes, then leases
    /// end, then people act, then requests arrive, and only then do waits expire. `OutageEnds`
    /// comes before `OutageBegins`, so windows that touch never overlap; a worker released at t
    /// can be leased at t, and one that arrives as a wait expires serves it.
    fn rank(&self) -> u8 {
        match self {
            Self::MeasuringBegins => 0,
            Self::OutageEnds(_) => 1,
            Self::OutageBegins(_) | Self::PhaseBegins(_) => 2,
            Self::AttemptEnds(_) | Self::RetryDue(_) | Self::DeletionEnds(_) => 3,
            Self::LeaseMayEnd(_) | Self::ReadyAgeEnds(_) => 4,
            Self::CallServed(_) => 3,
            Self::AlertMatures(_)
            | Self::WaitMatures(..)
            | Self::AlertPages(_)
            | Self::StepDue(_)
            | Self::ActivationEnds(_)
            | Self::TargetChanges(_)
            | Self::OrdersResume(_)
            | Self::QuotaChanges(_)
            | Self::ReviewDue(_)
            | Self::SurplusDue(_) => 5,
            Self::Arrives(_) | Self::RequestRetried(_) | Self::CallArrives(_) => 6,
            Self::CallerActs(_) => 7,
            Self::WaitExpires(_) | Self::ColdStartDue(_) | Self::MoveDue(_) => 7,
        }
    }
}

impl Event {
    /// Whether it occurs in each part of a world that falls into parts.
    #[inline]
    pub fn is_common(self) -> bool {
        use Event::{MeasuringBegins, OutageBegins, OutageEnds, PhaseBegins, QuotaChanges};
        matches!(
            self,
            MeasuringBegins | OutageEnds(_) | OutageBegins(_) | PhaseBegins(_) | QuotaChanges(_)
        )
    }

    /// The event as a number, for the digest. Slots of workers, requests and calls do not count, nor do the ends of leases,
    /// of which most need no event.
    pub fn number(self) -> Option<u64> {
        let of = |kind: u64, stream_key: u32| kind << 32 | u64::from(stream_key);
        Some(match self {
            Self::MeasuringBegins => of(0, 0),
            Self::OutageEnds(id) => of(1, id.0),
            Self::OutageBegins(id) => of(2, id.0),
            Self::AttemptEnds(_) => of(3, 0),
            Self::RetryDue(_) => of(4, 0),
            Self::DeletionEnds(_) => of(5, 0),
            Self::LeaseMayEnd(_) => return None,
            Self::StepDue(id) => of(7, id.0),
            Self::Arrives(id) => of(8, id.0),
            Self::WaitExpires(_) => of(9, 0),
            Self::ReadyAgeEnds(_) => of(10, 0),
            Self::ReviewDue(id) => of(11, id.0),
            Self::TargetChanges(id) => of(12, id.0),
            Self::RequestRetried(_) => of(13, 0),
            Self::AlertMatures(id) => of(14, u32::from(id.0)),
            Self::AlertPages(id) => of(15, u32::from(id.0)),
            Self::ActivationEnds(id) => of(16, id.0),
            Self::CallServed(id) => of(17, id.0),
            Self::CallerActs(_) => of(18, 0),
            Self::CallArrives(id) => of(19, id.0),
            Self::SurplusDue(id) => of(20, id.0),
            Self::PhaseBegins(id) => of(21, id.0),
            Self::OrdersResume(id) => of(23, id.0),
            Self::QuotaChanges(id) => of(24, id.0),
            Self::ColdStartDue(_) => of(25, 0),
            Self::MoveDue(_) => of(26, 0),
            Self::WaitMatures(alert, _) => of(22, u32::from(alert.0)),
        })
    }
}

impl<R: Recorder> World<'_, R> {
    /// The pool of an event that acts on one pool, and by that only on those that it can affect.
    pub(crate) fn pool_of(&self, event: &Event) -> Option<PoolId> {
        match *event {
            Event::AttemptEnds(worker)
            | Event::RetryDue(worker)
            | Event::DeletionEnds(worker)
            | Event::LeaseMayEnd(worker)
            | Event::ReadyAgeEnds(worker) => Some(self.workers.pool(worker)),
            Event::Arrives(class) => Some(self.setup.classes[class].pool),
            Event::ReviewDue(pool) | Event::SurplusDue(pool) => Some(pool),
            _ => None,
        }
    }
}
