//! Ready workers that are stopped: a request that takes one waits until it has been started, which takes time,
//! needs the provider, and can fail.

use crate::kernel::random::position;
use crate::model::id::{PoolId, WorkerId};
use crate::model::record::events::{FailureCause, Recorder, WorkerEvent};
use crate::model::setup::outage::Manner;
use crate::model::world::World;
use crate::model::world::event::Event;
use crate::model::world::occurrence::{any_fails, manner};
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
        let setup = self.setup;
        let worker = self.workers.get(id);
        let pool = worker.pool;
        worker.tries += 1;
        worker.attempt = position(worker.order, worker.tries);
        let trial = worker.attempt;
        let of = &setup.pools[pool];
        let Some(stopped) = &of.stopped else {
            return;
        };
        let drawn = self.pools[pool].start_latency.draw(&stopped.latency, trial);
        let active = || {
            let met = self.active(pool, self.now, |operations| operations.start);
            met.filter(|met| !met.window.judged.at_completion())
        };
        let failure = any_fails(active(), 1);
        let (stream, mut sum) = (self.pools[pool].start_fate, self.pools[pool].failed_starts);
        let fails = sum.succeeds(failure, &stream, trial);
        let (outcome, latency) = match fails {
            false => (AttemptOutcome::Undecided, drawn),
            true => match manner(active(), 1, stream.unit_below(failure, trial)) {
                Manner::Reject(after) => (
                    AttemptOutcome::WillFail,
                    self.pools[pool].start_refusal.draw(after, trial),
                ),
                Manner::Late => (AttemptOutcome::WillFail, drawn),
                Manner::Hang => (AttemptOutcome::WillFail, of.timeout),
                Manner::Slow(factor) => (AttemptOutcome::Undecided, drawn.scaled(*factor)),
            },
        };
        self.pools[pool].failed_starts = sum;
        let outcome = match latency <= of.timeout {
            true => outcome,
            false => AttemptOutcome::TimesOut { by_outage: fails },
        };
        let worker = self.workers.get(id);
        worker.state = State::Starting(outcome);
        worker.due = self.now + latency.min(of.timeout);
        self.queue.schedule(worker.due, Event::AttemptEnds(id));
    }

    /// A start succeeds: the worker serves the request that has waited longest. Or it fails and is retried.
    pub(crate) fn end_start(&mut self, id: WorkerId, outcome: AttemptOutcome) {
        let setup = self.setup;
        let worker = self.workers.get(id);
        let (pool, trial) = (worker.pool, worker.attempt);
        let of = &setup.pools[pool];
        let cause = match outcome {
            AttemptOutcome::Undecided => {
                let active = self.active(pool, self.now, |operations| operations.start);
                let active = active.filter(|met| met.window.judged.at_completion());
                let failure = any_fails(active, 1);
                let ordinary = of.stopped.as_ref().map_or(0.0, |stopped| stopped.failure);
                let state = &mut self.pools[pool];
                let stream = state.start_fate_at_completion;
                if state.failed_starts.succeeds(failure, &stream, trial) {
                    Some(FailureCause::Outage)
                } else {
                    let stream = state.start_ordinary;
                    let sum = &mut state.ordinary_start_failures;
                    let fails = sum.succeeds(ordinary, &stream, trial);
                    fails.then_some(FailureCause::Ordinary)
                }
            }
            AttemptOutcome::TimesOut { by_outage: false } => Some(FailureCause::Timeout),
            _ => Some(FailureCause::Outage),
        };
        let ledger = &mut self.ledger.pools[pool];
        ledger.starts += 1;
        let Some(cause) = cause else {
            ledger.take_pending(self.now);
            self.pools[pool].starting -= 1;
            match self.is_dismantled(pool) {
                true => self.delete(id),
                false => self.put_running(id),
            }
            return self.freed(pool);
        };
        ledger.starts_failed += 1;
        self.record_worker(id, pool, WorkerEvent::StartFails(cause), self.now);
        let jitter = self.pools[pool].start_jitter;
        let worker = self.workers.get(id);
        let delay = of.retry.delay(worker.tries, || jitter.unit_at(trial));
        (worker.state, worker.due) = (State::StartBackingOff, self.now + delay);
        self.queue.schedule(worker.due, Event::RetryDue(id));
    }
}
