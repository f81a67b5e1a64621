//! Requests that wait and move on to the next pool of a chain of standbys: after a time, or when the order for
//! them is given up.

use crate::kernel::distribution::Distribution;
use crate::kernel::time::SimDuration;
use crate::model::id::{PoolId, WaitId};
use crate::model::record::events::{Recorder, RequestEvent};
use crate::model::setup::pool::OnEmpty;
use crate::model::world::World;
use crate::model::world::event::Event;
use crate::model::world::standby::StandbyState;
use crate::model::world::waiting::Wait;

impl<R: Recorder> World<'_, R> {
    /// Schedules when a request moves on that has joined the queue of a pool.
    pub(crate) fn schedule_move(&mut self, id: WaitId, pool: PoolId) {
        if let Some(after) = self.setup.pools[pool].move_after {
            self.queue.schedule(self.now + after, Event::MoveDue(id));
        }
    }

    /// A request may have waited long enough to move on. Its slot may have another request by now, which joined
    /// the queue at another instant.
    pub(crate) fn move_due(&mut self, id: WaitId) {
        let due = |wait: &Wait| {
            let after = self.setup.pools[wait.request.pool].move_after;
            let is_due = after.is_some_and(|after| wait.joined + after == self.now);
            is_due && self.next_pool(wait).is_some()
        };
        if let Some(wait) = self.waits.get(id).filter(due) {
            self.waits.leave(id);
            self.move_on(&wait);
        }
    }

    /// The request that has waited longest moves on, or fails where there is no other pool.
    pub(crate) fn move_oldest(&mut self, pool: PoolId) {
        let Some(wait) = self.waits.serve_next(pool) else {
            return;
        };
        match self.next_pool(&wait) {
            Some(_) => self.move_on(&wait),
            None => self.give_up(&wait),
        }
    }

    /// The next pool of the chain of a waiting request that takes requests. A tenant that has other jobs in the
    /// queue stays with them.
    fn next_pool(&self, wait: &Wait) -> Option<PoolId> {
        if wait.request.tenant.is_some() {
            return None;
        }
        let primary = self.setup.classes[wait.request.class].pool;
        let chain = std::iter::once(&primary).chain(&self.setup.pools[primary].standbys);
        let mut later = chain.skip_while(|pool| **pool != wait.request.pool).skip(1);
        let serves = |pool: &&PoolId| self.pools[**pool].standby == StandbyState::Active;
        later.find(serves).copied()
    }

    /// A request leaves its queue and is served by the next pool, or waits there.
    fn move_on(&mut self, wait: &Wait) {
        let (from, Some(to)) = (wait.request.pool, self.next_pool(wait)) else {
            return;
        };
        self.ledger.pools[from].moves_on(self.now);
        self.leave_queue(wait);
        self.leave_order(from);
        if self.ledger.pools[from].waiting.value == 0 {
            self.resume_stocking(from);
        }
        let mut moved = *wait;
        moved.request.pool = to;
        if let Some(worker) = self.next_ready(to) {
            let waited = (self.now - wait.since).micros();
            self.ledger.pools[to].waits.push(waited);
            self.note_delayed(&moved);
            self.record_request(RequestEvent::Served, &moved.request, self.now);
            self.grant(worker, moved.request);
            self.freed(to);
            return;
        }
        let setup = self.setup;
        let forever = Distribution::Fixed(SimDuration::FOREVER);
        let law = match &setup.pools[to].on_empty {
            OnEmpty::Wait(law) | OnEmpty::Cold { patience: law, .. } => law,
            OnEmpty::Reject => &forever,
        };
        let patience = self.patience(&moved.request, law);
        self.wait_since(moved.request, patience, wait.since);
    }
}
