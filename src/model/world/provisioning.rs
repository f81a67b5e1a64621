//! Orders and attempts: how a pool is refilled while the provider works, and how it retries while
//! the provider is down.

use crate::kernel::random::{Kept, retry_position};
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::id::{PoolId, WorkerId};
use crate::model::record::events::FailureCause;
use crate::model::record::events::{Recorder, WorkerEvent};
use crate::model::setup::pool::{FailedMachine, OnEmpty, PoolSetup};
use crate::model::signal::AlertInput;
use crate::model::world::World;
use crate::model::world::event::Event;
use crate::model::world::occurrence::{any_fails, manner};
use crate::model::world::workers::{AttemptOutcome, State};

impl<R: Recorder> World<'_, R> {
    /// Places one order, for as many workers as a machine has slots.
    pub(crate) fn order(&mut self, pool: PoolId, of: &PoolSetup, cold: bool) {
        let id = self.workers.order(pool);
        let state = &mut self.pools[pool];
        let worker = self.workers.get(id);
        (worker.cold, worker.order) = (cold, state.orders);
        state.orders += 1;
        let levels = &mut self.ledger.pools[pool];
        for _ in 0..of.slots {
            levels.add_pending(self.now);
        }
        self.attempt(id, of);
    }

    /// An order of a pool has ended; while some are in addition to the target, it is one of those.
    #[inline]
    fn take_abandoned(&mut self, pool: PoolId) {
        let abandoned = &mut self.pools[pool].abandoned;
        if 0 < *abandoned {
            *abandoned = abandoned.saturating_sub(self.setup.pools[pool].slots);
        }
    }

    /// Drops an order.
    pub(crate) fn drop_order(&mut self, id: WorkerId) {
        let worker = self.workers.get(id);
        let (pool, state) = (worker.pool, worker.state);
        if state.is_held() {
            self.pools[pool].held -= self.setup.pools[pool].slots;
        }
        self.end_probe(id, pool);
        self.take_abandoned(pool);
        if state == State::Calling {
            self.abandon_call(id);
        }
        self.record_worker(id, pool, WorkerEvent::Dropped, self.now);
        self.workers.discard(id);
        for _ in 0..self.setup.pools[pool].slots {
            self.ledger.pools[pool].take_pending(self.now);
        }
        self.freed(pool);
    }

    /// Starts an attempt to fill an order, unless a limit delays it.
    #[inline]
    fn attempt(&mut self, id: WorkerId, of: &PoolSetup) {
        if !(of.shortcuts.gated && self.held_back(id)) {
            self.start_attempt(id, of);
        }
    }

    #[inline]
    fn start_attempt(&mut self, id: WorkerId, of: &PoolSetup) {
        let worker = self.workers.get(id);
        let place = worker.pool;
        let pool = &mut self.pools[place];
        if worker.state.is_held() {
            pool.held -= of.slots;
        }
        worker.begin_try(self.now);
        let drawn = match &of.on_empty {
            OnEmpty::Cold { latency, .. } if worker.cold => {
                pool.cold_latency.draw(latency, worker.attempt())
            }
            _ if 1 < worker.tries => {
                let position = retry_position(worker.order, worker.tries - 1);
                pool.retry_latency.draw(&of.latency, position)
            }
            // Where the first attempt starts when the order is placed, latencies are drawn in sequence.
            OnEmpty::Reject | OnEmpty::Wait(_) if !of.shortcuts.gated => {
                pool.first_latency.draw(&of.latency)
            }
            _ => pool.latency.draw(&of.latency, worker.attempt()),
        };
        let (fate, latency) = if pool.in_force.is_empty() {
            (AttemptOutcome::Undecided, drawn)
        } else {
            self.fate_at_start(id, drawn)
        };
        let fate = fate.within(of.timeout, latency, drawn);
        self.record_worker(id, place, WorkerEvent::AttemptStarts, self.now);
        self.schedule_end((id, of), self.now, (fate, latency));
    }

    /// The effect of outages on an attempt that starts: its outcome and its latency.
    fn fate_at_start(&mut self, id: WorkerId, drawn: SimDuration) -> (AttemptOutcome, SimDuration) {
        let (pool, trial) = {
            let worker = self.workers.get(id);
            (worker.pool, worker.attempt())
        };
        let of = &self.setup.pools[pool];
        let latency = self.slowed(pool, |operations| operations.create, drawn);
        if let Some(outage) = self.without_room(pool) {
            return (AttemptOutcome::Refused, self.refusal(pool, outage, trial));
        }
        let failure = any_fails(self.active_at_start(pool, self.now), of.calls);
        let state = &mut self.pools[pool];
        let stream = state.fate_at_start;
        if !state.failed_attempts.succeeds(failure, &stream, trial) {
            return (AttemptOutcome::Undecided, latency);
        }
        let unit = stream.unit_below(failure, trial);
        let manner = manner(self.active_at_start(pool, self.now), of.calls, unit);
        AttemptOutcome::of(manner, latency, |after| {
            let delays = &self.pools[pool].refusal;
            (AttemptOutcome::Refused, delays.draw(after, trial))
        })
    }

    /// Schedules the end of an attempt that starts at `from`: after its latency or its timeout.
    #[inline]
    fn schedule_end(
        &mut self,
        (id, of): (WorkerId, &PoolSetup),
        from: SimTime,
        (fate, latency): (AttemptOutcome, SimDuration),
    ) {
        let worker = self.workers.get(id);
        worker.state = State::Attempted(fate);
        if worker.state.is_held() {
            self.pools[worker.pool].held += of.slots;
        }
        worker.due = from + latency.min(of.timeout);
        self.queue.schedule(worker.due, Event::AttemptEnds(id));
    }

    /// An attempt or a reimage succeeds or fails.
    pub(crate) fn end_attempt(&mut self, id: WorkerId) {
        let worker = self.workers.get(id);
        if worker.due != self.now {
            return;
        }
        let fate = match worker.state {
            State::Attempted(fate) => fate,
            State::Reimaging => return self.end_reimage(id),
            State::Extending(outcome) => return self.end_extension(id, outcome),
            State::Starting(outcome) => return self.end_start(id, outcome),
            _ => return,
        };
        let (pool, trial) = (worker.pool, worker.attempt());
        let setup = self.setup;
        let of = &setup.pools[pool];
        let counts = &mut self.ledger.pools[pool];
        counts.attempts += 1;
        counts.retries += u64::from(1 < worker.tries);
        let failed_by_outage = match fate {
            AttemptOutcome::OverLimit => return self.fail(id, FailureCause::Limit),
            AttemptOutcome::WillFail | AttemptOutcome::Refused => true,
            AttemptOutcome::TimesOut { by_outage } => by_outage,
            AttemptOutcome::Undecided if self.pools[pool].in_force.is_empty() => false,
            AttemptOutcome::Undecided => {
                let met = self.active(pool, self.now, |operations| operations.create);
                let met = met.filter(|met| met.window.judged.at_completion());
                let failure = any_fails(met, of.calls);
                let state = &mut self.pools[pool];
                let stream = &state.fate_at_completion;
                state.failed_attempts.succeeds(failure, stream, trial)
            }
        };
        match fate {
            AttemptOutcome::Undecided if !failed_by_outage => {
                if 0.0 < of.failure && self.fails_anyway(pool, of.failure, trial) {
                    self.fail(id, FailureCause::Ordinary);
                } else if of.extension.is_some() {
                    self.begin_extension(id);
                } else {
                    self.complete(id, of);
                }
            }
            _ if failed_by_outage => self.fail(id, FailureCause::Outage),
            _ => self.fail(id, FailureCause::Timeout),
        }
    }

    /// The provider has made what it makes: the attempt makes its call, or succeeds.
    pub(crate) fn complete(&mut self, id: WorkerId, of: &PoolSetup) {
        match of.through {
            Some(dependency) => self.call_for(id, dependency),
            None => self.succeed(id, of),
        }
    }

    /// Whether an attempt fails as some do, outages aside.
    fn fails_anyway(&mut self, pool: PoolId, failure: f64, trial: u64) -> bool {
        let state = &mut self.pools[pool];
        let stream = &state.ordinary_fate;
        state.ordinary_failures.succeeds(failure, stream, trial)
    }

    /// The call of an attempt has succeeded or failed.
    pub(crate) fn answered(&mut self, id: WorkerId, well: bool) {
        if well {
            let of = &self.setup.pools[self.workers.get(id).pool];
            self.succeed(id, of);
        } else {
            self.fail(id, FailureCause::Dependency);
        }
    }

    /// A machine has been created: its workers serve waiting requests, or become ready.
    #[inline]
    fn succeed(&mut self, id: WorkerId, of: &PoolSetup) {
        let worker = self.workers.get(id);
        worker.created = self.now;
        let pool = worker.pool;
        self.record_worker(id, pool, WorkerEvent::AttemptSucceeds, self.now);
        self.note_success(of);
        self.take_abandoned(pool);
        self.ledger.pools[pool].take_pending(self.now);
        self.put_ready(id, of);
        for _ in 1..of.slots {
            let sibling = self.workers.order(pool);
            self.workers.get(sibling).created = self.now;
            self.ledger.pools[pool].take_pending(self.now);
            self.put_ready(sibling, of);
        }
        self.freed(pool);
    }

    /// An attempt has failed: its machine is deleted, and the order is retried or dropped.
    pub(crate) fn fail(&mut self, id: WorkerId, by: FailureCause) {
        let worker = *self.workers.get(id);
        let of = &self.setup.pools[worker.pool];
        match by {
            FailureCause::Outage => self.ledger.provisioning_failed(worker.pool, self.now),
            FailureCause::Timeout => self.ledger.pools[worker.pool].timed_out += 1,
            FailureCause::Dependency => self.ledger.pools[worker.pool].unanswered += 1,
            FailureCause::Limit => self.ledger.pools[worker.pool].throttled += 1,
            FailureCause::Ordinary => self.ledger.pools[worker.pool].failed_ordinarily += 1,
        }
        self.record_worker(id, worker.pool, WorkerEvent::AttemptFails(by), self.now);
        self.note_failure(id);
        self.observe(AlertInput::FailedProvision, worker.pool);
        let refused = matches!(
            worker.state,
            State::Attempted(AttemptOutcome::Refused | AttemptOutcome::OverLimit)
        );
        if worker.cold {
            self.fail_oldest_wait(worker.pool);
            self.drop_order(id);
            return;
        }
        match of.remains {
            FailedMachine::DeleteFirst if !refused => self.clear(id),
            FailedMachine::DeleteInParallel if !refused => {
                self.leave_machine(worker.pool);
                // The provider rejects a machine beyond the quota; freed quota is ordered again.
                if self.is_over_limit(worker.pool) {
                    self.drop_order(id);
                } else {
                    self.retry_or_give_up(id);
                }
            }
            _ => self.retry_or_give_up(id),
        }
    }

    /// A failed attempt backs off, or its order is given up.
    pub(crate) fn retry_or_give_up(&mut self, id: WorkerId) {
        let worker = self.workers.get(id);
        let of = &self.setup.pools[worker.pool];
        if of.retry.attempts_max <= worker.tries {
            return self.give_up_order(id);
        }
        let (pool, due) = (worker.pool, self.now + self.delay(id));
        self.record_worker(id, pool, WorkerEvent::BacksOff, self.now);
        // Before the first outage every attempt is an event, so that all scenarios have the same whose outages and
        // people differ.
        let outage = !self.pools[pool].in_force.is_empty();
        if of.shortcuts.predictable && outage && self.setup.start <= self.now {
            self.skip_certain_failures(id, due);
            return;
        }
        self.hold(id, State::BackingOff, due);
    }

    /// An order waits for its next attempt, or keeps its place, until an instant.
    pub(crate) fn hold(&mut self, id: WorkerId, state: State, until: SimTime) {
        let worker = self.workers.get(id);
        let before = worker.state;
        (worker.state, worker.due) = (state, until);
        if !before.is_held() {
            self.pools[worker.pool].held += self.setup.pools[worker.pool].slots;
        }
        if until.is_finite() {
            self.queue.schedule(until, Event::RetryDue(id));
        }
    }

    /// How long an order backs off after the attempt that has just failed.
    fn delay(&mut self, id: WorkerId) -> SimDuration {
        let worker = self.workers.get(id);
        let jitter = &self.pools[worker.pool].jitter;
        let retry = &self.setup.pools[worker.pool].retry;
        retry.delay(worker.tries, || jitter.unit_at(worker.attempt()))
    }

    /// Makes the next attempt, from `due` on, in a pool where no outage acts at the start: that
    /// needs no event. Nor does the end of an attempt that is certain to fail, which is only counted;
    /// the first attempt that may succeed is the next event.
    fn skip_certain_failures(&mut self, id: WorkerId, mut due: SimTime) {
        let setup = self.setup;
        let mut worker = *self.workers.get(id);
        let pool = worker.pool;
        let of = &setup.pools[pool];
        let mut kept = Kept::default();
        let (stream, jitter) = (self.pools[pool].retry_latency, self.pools[pool].jitter);
        let (from, until) = self.certain_to_fail(pool, due).unwrap_or_default();
        let mut skipped = 0;
        // Mean chance accumulates in the order of time, and the warm-up's counts are cleared in it.
        let plain = !self.chance.is_mean();
        let (fate, latency) = loop {
            worker.begin_try(due);
            let position = retry_position(worker.order, worker.tries - 1);
            let latency = stream.draw_near(&of.latency, position, &mut kept);
            let end = due + latency;
            let last = of.retry.attempts_max <= worker.tries;
            self.record_worker(id, pool, WorkerEvent::AttemptStarts, due);
            let fails = |world: &Self| {
                from <= end && end < until || 1.0 <= any_fails(world.predicted(pool, end), of.calls)
            };
            let fate = AttemptOutcome::Undecided.within(of.timeout, latency, latency);
            let ends = fate == AttemptOutcome::Undecided;
            if !(plain && !last && ends && end < setup.horizon && fails(self)) {
                break (fate, latency);
            }
            skipped += 1;
            let failure = WorkerEvent::AttemptFails(FailureCause::Outage);
            self.record_worker(id, pool, failure, end);
            self.record_worker(id, pool, WorkerEvent::BacksOff, end);
            due = end
                + of.retry
                    .delay(worker.tries, || jitter.unit_at(worker.attempt()));
        };
        *self.workers.get(id) = worker;
        let counts = &mut self.ledger.pools[pool];
        counts.attempts += skipped;
        counts.retries += skipped;
        counts.failed_by_outage += skipped;
        self.schedule_end((id, of), due, (fate, latency));
    }

    /// The back-off of an order is over, or the provider's rate limit admits it.
    pub(crate) fn retry(&mut self, id: WorkerId) {
        let worker = self.workers.get(id);
        if worker.due != self.now {
            return;
        }
        let of = &self.setup.pools[worker.pool];
        match worker.state {
            State::BackingOff => self.attempt(id, of),
            State::Throttled => self.start_attempt(id, of),
            State::GivenUp => self.drop_order(id),
            State::StartBackingOff => self.begin_start(id),
            _ => {}
        }
    }
}
