//! What becomes of an order after its last attempt: it keeps its place for some time, fails a request, or stops
//! its pool.

use crate::kernel::time::SimDuration;
use crate::model::id::{PoolId, WorkerId};
use crate::model::record::events::{Recorder, WorkerEvent};
use crate::model::setup::pool::GiveUp;
use crate::model::world::World;
use crate::model::world::event::Event;
use crate::model::world::workers::State;

impl<R: Recorder> World<'_, R> {
    /// An order is given up after its last attempt.
    pub(crate) fn give_up_order(&mut self, id: WorkerId) {
        let pool = self.workers.get(id).pool;
        self.ledger.pools[pool].given_up += 1;
        self.record_worker(id, pool, WorkerEvent::GivenUp, self.now);
        match self.setup.pools[pool].give_up {
            GiveUp::FailRequest(_) if self.is_for_request(pool) => {
                self.fail_oldest_wait(pool);
                self.drop_order(id);
            }
            GiveUp::MoveRequest(_) if self.is_for_request(pool) => {
                self.move_oldest(pool);
                self.drop_order(id);
            }
            GiveUp::KeepPlace(length)
            | GiveUp::FailRequest(length)
            | GiveUp::MoveRequest(length) => {
                self.record_worker(id, pool, WorkerEvent::HeldBack, self.now);
                self.hold(id, State::GivenUp, self.now + length);
            }
            GiveUp::StopPool(length) => {
                self.stop_orders(pool, length);
                self.drop_order(id);
            }
        }
    }

    /// Whether an order of a pool is for a request that waits: the other orders are fewer than those requests.
    fn is_for_request(&self, pool: PoolId) -> bool {
        let orders = self.ledger.pools[pool].pending.value;
        let others = orders.saturating_sub(self.setup.pools[pool].slots);
        0 < self.ledger.pools[pool].waiting.value && others < self.pools[pool].backorders
    }

    /// Drops the orders of a pool that were given up and keep their places.
    pub(crate) fn clear_orders(&mut self, pool: PoolId) {
        let workers = self.workers.alive();
        let given_up = workers.filter(|(_, it)| it.pool == pool && it.state == State::GivenUp);
        let given_up: Vec<WorkerId> = given_up.map(|(id, _)| id).collect();
        for id in given_up {
            self.drop_order(id);
        }
    }

    /// The pool orders nothing for some time.
    pub(crate) fn stop_orders(&mut self, pool: PoolId, length: SimDuration) {
        let until = self.now + length;
        let state = &mut self.pools[pool];
        state.orders_from = state.orders_from.max(until);
        if until.is_finite() {
            self.queue.schedule(until, Event::OrdersResume(pool));
        }
    }

    /// A pool that was stopped orders what is missing.
    pub(crate) fn resume_orders(&mut self, pool: PoolId) {
        if self.pools[pool].orders_from <= self.now {
            self.freed(pool);
        }
    }
}
