//! Ready workers that are stopped: a request that takes one waits until it has been started, which takes time,
//! needs the provider, and can fail.

use crate::model::id::{PoolId, WorkerId};
use crate::model::record::events::{Recorder, WorkerEvent};
use crate::model::world::World;
use crate::model::world::event::Event;
use crate::model::world::stage::StageKind;
use crate::model::world::waiting::Request;
use crate::model::world::workers::{AttemptOutcome, State};

impl<R: Recorder> World<'_, R> {
    /// Whether a worker that becomes ready is stopped: all but so many of them as are to be running.
    pub(crate) fn is_to_stop(&self, pool: PoolId) -> bool {
        let Some(stopped) = &self.setup.pools[pool].stopped else {
            return false;
        };
        let running = (1.0 - stopped.share) * f64::from(self.ready_target(pool));
        running.round() as usize <= self.pools[pool].ready.len()
    }

    /// A request takes a stopped worker, if there is one, and waits until it has been started.
    pub(crate) fn start_for(&mut self, request: Request) -> bool {
        let pool = request.pool;
        let Some(id) = self.pools[pool].stopped.pop_front() else {
            return false;
        };
        let state = &mut self.pools[pool];
        let worker = self.workers.get(id);
        (worker.order, worker.tries) = (state.starts, 0);
        state.starts += 1;
        state.starting += 1;
        self.ledger.pools[pool].take_ready(self.now);
        self.ledger.pools[pool].add_pending(self.now);
        self.record_worker(id, pool, WorkerEvent::Starts, self.now);
        self.begin_start(id);
        self.wait(request);
        true
    }

    /// A stopped worker is being started.
    pub(crate) fn begin_start(&mut self, id: WorkerId) {
        let worker = self.workers.get(id);
        let pool = worker.pool;
        worker.tries += 1;
        worker.ready_since = self.now;
        let (trial, timeout) = (worker.attempt(), self.setup.pools[pool].timeout);
        let (outcome, latency) = self.begin_stage(pool, StageKind::Start, trial, timeout);
        let worker = self.workers.get(id);
        (worker.state, worker.due) = (State::Starting(outcome), self.now + latency);
        self.queue.schedule(worker.due, Event::AttemptEnds(id));
    }

    /// A start succeeds: the worker serves the request that has waited longest. Or it fails and is retried.
    pub(crate) fn end_start(&mut self, id: WorkerId, outcome: AttemptOutcome) {
        let worker = self.workers.get(id);
        let (pool, trial) = (worker.pool, worker.attempt());
        let cause = self.end_stage(pool, StageKind::Start, trial, outcome);
        let ledger = &mut self.ledger.pools[pool];
        ledger.starts += 1;
        let Some(cause) = cause else {
            ledger.take_pending(self.now);
            self.pools[pool].starting -= 1;
            match self.is_dismantled(pool) {
                true => self.delete(id),
                false => self.put_running(id, &self.setup.pools[pool]),
            }
            return self.freed(pool);
        };
        ledger.starts_failed += 1;
        self.record_worker(id, pool, WorkerEvent::StartFails(cause), self.now);
        let jitter = self.pools[pool].start.as_ref().map(|stage| stage.jitter);
        let unit = || jitter.map_or(0.5, |jitter| jitter.unit_at(trial));
        let worker = self.workers.get(id);
        let retry = &self.setup.pools[pool].retry;
        let delay = retry.delay(worker.tries, unit);
        (worker.state, worker.due) = (State::StartBackingOff, self.now + delay);
        self.queue.schedule(worker.due, Event::RetryDue(id));
    }
}
