//! Requests that wait and move on to the next pool of a chain of standbys: after a time, or when the order for
//! them is given up.

use crate::model::id::{PoolId, WaitId};
use crate::model::record::events::{Recorder, RequestEvent};
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
            after.is_some_and(|after| wait.joined + after == self.now)
        };
        let Some(wait) = self.waits.get(id).filter(due) else {
            return;
        };
        if let Some(to) = self.next_pool(&wait) {
            self.waits.leave(id);
            self.move_on(&wait, to);
        }
    }

    /// The request that has waited longest moves on, or fails where there is no other pool.
    pub(crate) fn move_oldest(&mut self, pool: PoolId) {
        let Some(wait) = self.waits.serve_next(pool) else {
            return;
        };
        match self.next_pool(&wait) {
            Some(to) => self.move_on(&wait, to),
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

    /// A request leaves its queue and is served by another pool, or waits there.
    fn move_on(&mut self, wait: &Wait, to: PoolId) {
        let from = wait.request.pool;
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
        self.wait_since(moved.request, wait.since);
    }
}
