//! Workers, by slot. A slot is taken when a worker is ordered and free again when it is deleted.

use crate::kernel::distribution::Distribution;
use crate::kernel::random::position;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::id::{ClassId, PoolId, Slots, WorkerId};
use crate::model::setup::outage::Manner;

/// The state of a worker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum State {
    Gone,
    Attempted(AttemptOutcome),
    /// The machine of an attempt has been created and is being extended.
    Extending(AttemptOutcome),
    /// The machine of a failed attempt is being deleted, before the order goes on.
    Clearing,
    BackingOff,
    /// An attempt waits for the response of a dependency.
    Calling,
    /// An attempt waits for the provider's rate limits.
    Throttled,
    /// The order was given up and keeps its place.
    GivenUp,
    Ready,
    /// A stopped worker is being started for a request, or waits to be started again.
    Starting(AttemptOutcome),
    StartBackingOff,
    Leased,
    Reimaging,
    Deleting,
}

impl State {
    /// Whether the worker is an order under way.
    pub fn is_ordered(self) -> bool {
        use State::{Attempted, BackingOff, Calling, Clearing, Extending, GivenUp, Throttled};
        matches!(
            self,
            Attempted(_) | Extending(_) | Calling | Clearing | BackingOff | Throttled | GivenUp
        )
    }

    /// Whether it is an order of which the provider has no machine.
    pub fn is_held(self) -> bool {
        use State::{Attempted, BackingOff, GivenUp, Throttled};
        matches!(
            self,
            BackingOff
                | Throttled
                | GivenUp
                | Attempted(AttemptOutcome::Refused | AttemptOutcome::OverLimit)
        )
    }
}

/// The outcome of an attempt, as far as it was decided at the start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum AttemptOutcome {
    /// It will complete; whether it fails is decided then.
    Undecided,
    /// It will fail, by an outage.
    WillFail,
    /// It will be refused, by an outage, and leaves no machine.
    Refused,
    /// It will be refused by the provider's rate limit, and leaves no machine.
    OverLimit,
    /// It will exceed its timeout; by an outage's slowness, or by its own.
    TimesOut { by_outage: bool },
}

impl AttemptOutcome {
    /// The effect of an outage on an attempt at its start, and the latency of an attempt that would take `latency`.
    pub fn of(
        manner: &Manner,
        latency: SimDuration,
        reject: impl FnOnce(&Distribution) -> (Self, SimDuration),
    ) -> (Self, SimDuration) {
        match manner {
            Manner::Reject(after) => reject(after),
            Manner::Late => (Self::WillFail, latency),
            Manner::Hang => (Self::WillFail, SimDuration::FOREVER),
            Manner::Slow(factor) => (Self::Undecided, latency.scaled(*factor)),
        }
    }

    /// The outcome with a timeout, of an attempt that takes `latency` and would take `drawn` without outages.
    #[inline]
    pub fn within(self, timeout: SimDuration, latency: SimDuration, drawn: SimDuration) -> Self {
        let by_outage = self != Self::Undecided || drawn <= timeout;
        match latency <= timeout {
            true => self,
            false => Self::TimesOut { by_outage },
        }
    }
}

/// One worker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Worker {
    pub state: State,
    pub pool: PoolId,
    /// When its pending event is due. An event with another instant is stale.
    pub due: SimTime,
    /// Ordinal of its order within the pool.
    pub order: u64,
    /// Attempts made for this order, and attempts at the deletion.
    pub tries: u32,
    pub deletion_tries: u32,
    /// Whether it was ordered by a cold start.
    pub cold: bool,
    /// Leases that it has had.
    pub uses: u32,
    /// When its provisioning succeeded; before, when the attempt under way started.
    pub created: SimTime,
    /// When it last became ready; while a stopped worker is being started, when that began.
    pub ready_since: SimTime,
    pub lease: Held,
}

impl Worker {
    /// The next attempt to fill an order begins.
    #[inline]
    pub fn begin_try(&mut self, at: SimTime) {
        self.tries += 1;
        self.created = at;
    }

    /// Position of the draws for its latest attempt, of which there has been one, by order and try.
    #[inline]
    pub fn attempt(&self) -> u64 {
        position(self.order, self.tries)
    }
}

/// The lease on a worker; meaningless while it has none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    pub class: ClassId,
    /// The tenant of the class, where tenants keep their leases between jobs.
    pub tenant: Option<u32>,
    pub from: SimTime,
    /// When the last of its jobs so far ends.
    pub busy_until: SimTime,
}

/// All workers, with the free slots kept for reuse.
#[derive(Clone, Default)]
pub(crate) struct Workers {
    slots: Slots<WorkerId, Worker>,
}

impl Workers {
    /// Clears it; keeps the memory.
    pub fn clear(&mut self) {
        self.slots.clear();
    }

    /// Takes a slot for a worker that is being ordered for `pool`.
    pub fn order(&mut self, pool: PoolId) -> WorkerId {
        let lease = Held {
            class: ClassId(0),
            tenant: None,
            from: SimTime::ZERO,
            busy_until: SimTime::ZERO,
        };
        self.slots.put(Worker {
            state: State::Attempted(AttemptOutcome::Undecided),
            pool,
            due: SimTime::NEVER,
            order: 0,
            tries: 0,
            deletion_tries: 0,
            cold: false,
            uses: 0,
            created: SimTime::ZERO,
            ready_since: SimTime::ZERO,
            lease,
        })
    }

    /// Frees the slot of a worker.
    pub fn discard(&mut self, id: WorkerId) {
        let worker = self.get(id);
        (worker.state, worker.due) = (State::Gone, SimTime::NEVER);
        self.slots.free(id);
    }

    /// The worker in a slot.
    #[inline]
    pub fn get(&mut self, id: WorkerId) -> &mut Worker {
        &mut self.slots[id]
    }

    /// The pool of the worker that is, or last was, in a slot.
    #[inline]
    pub fn pool(&self, id: WorkerId) -> PoolId {
        self.slots[id].pool
    }

    /// Every slot, free or not.
    pub fn slots(&self) -> impl Iterator<Item = WorkerId> + use<> {
        (0..self.slots.len() as u32).map(WorkerId)
    }

    /// Every worker.
    pub fn alive(&self) -> impl Iterator<Item = (WorkerId, &Worker)> {
        self.slots
            .iter_enumerated()
            .filter(|(_, worker)| worker.state != State::Gone)
    }
}
