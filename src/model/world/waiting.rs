//! Requests that wait for a worker: first come, first served, within each priority.

use std::collections::VecDeque;

use crate::kernel::random::position;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::id::{ClassId, PoolId, Slots, TiVec, WaitId};

/// A request for a worker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    pub class: ClassId,
    /// The pool that it goes to.
    pub pool: PoolId,
    /// The tenant of the class, if its class has tenants.
    pub tenant: Option<u32>,
    /// How long its job runs, or its lease is held.
    pub hold: SimDuration,
    /// Ordinal among the requests of its class.
    pub ordinal: u64,
    /// Tries so far, this one included.
    pub tries: u32,
    /// Its priority in the queue; lower is served first.
    pub priority: u32,
}

impl Request {
    /// Position of the draws for this try. Tenant and hold are drawn once for each request; whether
    /// it connects, its patience, its route and whether it is retried are drawn for each try.
    #[inline]
    pub fn position(&self) -> u64 {
        position(self.ordinal, self.tries)
    }
}

/// A request in a queue, or one that has left it while its timer still runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wait {
    pub request: Request,
    /// When it was made, and when it joined this queue.
    pub since: SimTime,
    pub joined: SimTime,
    pub open: bool,
    /// Whether it has started cold after a wait.
    is_cold: bool,
    in_line: bool,
    timed: bool,
}

/// All waits. Each pool has its own queue; a request that leaves from the middle stays in it,
/// closed, until it reaches the front.
#[derive(Clone, Default)]
pub(crate) struct Waits {
    slots: Slots<WaitId, Wait>,
    lines: TiVec<PoolId, VecDeque<WaitId>>,
}

impl Waits {
    /// Empties the queues of `pools` pools; keeps the memory.
    pub fn clear(&mut self, pools: usize) {
        self.slots.clear();
        self.lines.iter_mut().for_each(VecDeque::clear);
        self.lines.resize_with(pools, VecDeque::new);
    }

    /// Puts a request in a pool's queue, behind all of its priority and before those of a higher
    /// number; `timed` if a timer will end its wait.
    pub fn join(
        &mut self,
        request: Request,
        (since, joined): (SimTime, SimTime),
        timed: bool,
    ) -> WaitId {
        let wait = Wait {
            request,
            since,
            joined,
            open: true,
            is_cold: false,
            in_line: true,
            timed,
        };
        let id = self.slots.put(wait);
        let line = &mut self.lines[request.pool];
        let ahead = |id: &WaitId| self.slots[*id].request.priority <= request.priority;
        match line.iter().rposition(ahead) {
            Some(last) if last + 1 < line.len() => line.insert(last + 1, id),
            None if !line.is_empty() => line.push_front(id),
            _ => line.push_back(id),
        }
        id
    }

    /// Ends the wait whose timer has run out; nothing if it had ended before.
    pub fn expire(&mut self, id: WaitId) -> Option<Wait> {
        let slot = &mut self.slots[id];
        let was = *slot;
        slot.open = false;
        slot.timed = false;
        self.reclaim(id);
        self.drop_closed(was.request.pool);
        was.open.then_some(was)
    }

    /// Ends the wait of the request that has waited longest for a worker of `pool`.
    pub fn serve_next(&mut self, pool: PoolId) -> Option<Wait> {
        self.drop_closed(pool);
        let id = self.lines[pool].pop_front()?;
        let slot = &mut self.slots[id];
        slot.open = false;
        slot.in_line = false;
        let wait = *slot;
        self.reclaim(id);
        Some(wait)
    }

    /// Ends every other wait of a tenant that has just been given a worker.
    pub fn serve_tenant(
        &mut self,
        pool: PoolId,
        class: ClassId,
        tenant: u32,
        mut served: impl FnMut(Wait),
    ) {
        for id in &self.lines[pool] {
            let slot = &mut self.slots[*id];
            if slot.open && slot.request.class == class && slot.request.tenant == Some(tenant) {
                slot.open = false;
                served(*slot);
            }
        }
    }

    /// Open waits in the queue of `pool`, in the order in which they are served.
    pub fn open(&self, pool: PoolId) -> impl Iterator<Item = (WaitId, &Wait)> {
        let line = self.lines[pool].iter();
        line.map(|id| (*id, &self.slots[*id]))
            .filter(|(_, wait)| wait.open)
    }

    /// Since when a request has waited, if it still does.
    pub fn since(&self, id: WaitId) -> Option<SimTime> {
        let wait = &self.slots[id];
        wait.open.then_some(wait.since)
    }

    /// Ends a wait that is open, before its timer.
    pub fn leave(&mut self, id: WaitId) {
        let slot = &mut self.slots[id];
        slot.open = false;
        let pool = slot.request.pool;
        self.drop_closed(pool);
    }

    /// A wait that is open.
    pub fn get(&self, id: WaitId) -> Option<Wait> {
        Some(self.slots[id]).filter(|wait| wait.open)
    }

    /// The request of a wait that is open and due, unless it has started cold already.
    pub fn cold_start(&mut self, id: WaitId, is_due: impl Fn(&Wait) -> bool) -> Option<Request> {
        let wait = &mut self.slots[id];
        let starts = wait.open && !wait.is_cold && is_due(wait);
        wait.is_cold |= starts;
        starts.then_some(wait.request)
    }

    fn drop_closed(&mut self, pool: PoolId) {
        while let Some(id) = self.lines[pool].front().copied() {
            let slot = &mut self.slots[id];
            if slot.open {
                return;
            }
            slot.in_line = false;
            self.lines[pool].pop_front();
            self.reclaim(id);
        }
    }

    /// Frees a slot that neither its queue nor its timer refers to.
    fn reclaim(&mut self, id: WaitId) {
        let slot = &self.slots[id];
        if !slot.in_line && !slot.timed {
            self.slots.free(id);
        }
    }
}
