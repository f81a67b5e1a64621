//! Orders and attempts: how a pool is refilled while the provider works, and what it tries while
//! the provider does not.

use crate::kernel::queue::EventQueue;
use crate::kernel::random::{Kept, position, retry_position};
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::alert::Sign;
use crate::model::event::Event;
use crate::model::journal::{Recorder, Turn};
use crate::model::outage::{Manner, any_fails, manner};
use crate::model::setup::{OnEmpty, PoolId, Remains};
use crate::model::worker::{Fate, State, WorkerId};
use crate::model::world::{World, fails};

/// What made an attempt fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Blame {
    Outage,
    /// It took too long of itself.
    Itself,
    /// The dependency that it goes through did not answer in time.
    Dependency,
}

impl<R: Recorder> World<'_, R> {
    /// Places one order, which brings as many workers as a machine has slots.
    pub(crate) fn order(
        &mut self,
        pool: PoolId,
        cold: bool,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        let id = self.workers.order(pool);
        let state = &mut self.pools[pool.0 as usize];
        let worker = self.workers.get(id);
        (worker.cold, worker.order) = (cold, state.orders);
        state.orders += 1;
        for _ in 0..self.setup.pools[pool.0 as usize].slots {
            self.ledger.pools[pool.0 as usize].add_pending(now);
        }
        self.attempt(id, now, queue);
    }

    /// An order comes to nothing.
    pub(crate) fn drop_order(&mut self, id: WorkerId, now: SimTime, queue: &mut EventQueue<Event>) {
        let worker = self.workers.get(id);
        let (pool, calls) = (worker.pool, worker.state == State::Calling);
        if calls {
            self.hang_up(id, now);
        }
        self.turned(id, pool, Turn::Dropped, now);
        self.workers.discard(id);
        for _ in 0..self.setup.pools[pool.0 as usize].slots {
            self.ledger.pools[pool.0 as usize].take_pending(now);
        }
        self.freed(pool, now, queue);
    }

    /// Starts an attempt to fill an order, unless something holds it back.
    #[inline]
    fn attempt(&mut self, id: WorkerId, now: SimTime, queue: &mut EventQueue<Event>) {
        let pool = self.workers.get(id).pool;
        let gated = self.setup.pools[pool.0 as usize].shortcuts.gated;
        if !(gated && self.held_back(id, now, queue)) {
            self.launch(id, now, queue);
        }
    }

    #[inline]
    fn launch(&mut self, id: WorkerId, now: SimTime, queue: &mut EventQueue<Event>) {
        let worker = self.workers.get(id);
        let at = worker.pool.0 as usize;
        let (of, pool) = (&self.setup.pools[at], &mut self.pools[at]);
        worker.tries += 1;
        worker.attempt = position(worker.order, worker.tries);
        worker.created = now;
        let drawn = match &of.on_empty {
            OnEmpty::Cold { latency, .. } if worker.cold => {
                latency.draw_at(&pool.cold_latency, worker.attempt)
            }
            _ if 1 < worker.tries => {
                let position = retry_position(worker.order, worker.tries - 1);
                of.latency.draw_at(&pool.retry_latency, position)
            }
            // Orders are drawn for in turn where the first attempt of each starts as it is placed.
            OnEmpty::Reject | OnEmpty::Wait(_) if !of.shortcuts.gated => {
                of.latency.draw(&mut pool.first_latency)
            }
            _ => of.latency.draw_at(&pool.latency, worker.attempt),
        };
        let (fate, latency) = if pool.in_force.is_empty() {
            (Fate::Open, drawn)
        } else {
            self.fate_at_start(id, drawn, now)
        };
        let fate = match latency <= of.timeout {
            true => fate,
            false => Fate::TooSlow {
                by_outage: fate != Fate::Open || drawn <= of.timeout,
            },
        };
        let pool = self.workers.get(id).pool;
        self.turned(id, pool, Turn::AttemptStarts, now);
        self.await_end(id, now, (fate, latency), queue);
    }

    /// What an attempt meets at its start: how it will end, and how long it takes.
    fn fate_at_start(
        &mut self,
        id: WorkerId,
        drawn: SimDuration,
        now: SimTime,
    ) -> (Fate, SimDuration) {
        let (pool, trial) = {
            let worker = self.workers.get(id);
            (worker.pool, worker.attempt)
        };
        let of = &self.setup.pools[pool.0 as usize];
        let slowness: f64 = self
            .met(pool, now, |operations| operations.create)
            .map(|met| 1.0 + (met.window.latency_factor - 1.0) * met.severity)
            .product();
        let latency = match slowness {
            1.0 => drawn,
            slowness => drawn.scaled(slowness),
        };
        let failure = any_fails(self.met_at_start(pool, now), of.calls);
        let state = &mut self.pools[pool.0 as usize];
        let stream = state.fate_at_start;
        if !fails(
            failure,
            self.setup.even,
            &mut state.even_attempts,
            &stream,
            trial,
        ) {
            return (Fate::Open, latency);
        }
        let unit = match self.setup.even {
            true => 0.5 * failure,
            false => stream.unit_at(trial),
        };
        match manner(self.met_at_start(pool, now), of.calls, unit) {
            Manner::Reject(after) => {
                let delays = &self.pools[pool.0 as usize].refusal;
                (Fate::Refused, after.draw_at(delays, trial))
            }
            Manner::Late => (Fate::Doomed, latency),
            Manner::Hang => (Fate::Doomed, SimDuration::FOREVER),
            Manner::Slow(factor) => (Fate::Open, latency.scaled(*factor)),
        }
    }

    /// Lets an attempt that starts at `from` end, after its latency or its timeout.
    fn await_end(
        &mut self,
        id: WorkerId,
        from: SimTime,
        (fate, latency): (Fate, SimDuration),
        queue: &mut EventQueue<Event>,
    ) {
        let worker = self.workers.get(id);
        let timeout = self.setup.pools[worker.pool.0 as usize].timeout;
        worker.state = State::Attempted(fate);
        worker.due = from + latency.min(timeout);
        queue.schedule(worker.due, Event::AttemptEnds(id));
    }

    /// An attempt or a reimage succeeds or fails.
    pub(crate) fn end_attempt(
        &mut self,
        id: WorkerId,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        let worker = self.workers.get(id);
        if worker.due != now {
            return;
        }
        let fate = match worker.state {
            State::Attempted(fate) => fate,
            State::Reimaging => return self.end_reimage(id, now, queue),
            _ => return,
        };
        let (pool, trial) = (worker.pool, worker.attempt);
        let at = pool.0 as usize;
        self.ledger.pools[at].attempts += 1;
        self.ledger.pools[at].retries += u64::from(1 < worker.tries);
        let failed_by_outage = match fate {
            Fate::Doomed | Fate::Refused => true,
            Fate::TooSlow { by_outage } => by_outage,
            Fate::Open if self.pools[at].in_force.is_empty() => false,
            Fate::Open => {
                let met = self.met(pool, now, |operations| operations.create);
                let met = met.filter(|met| met.window.judged.at_completion());
                let failure = any_fails(met, self.setup.pools[at].calls);
                let state = &mut self.pools[at];
                let (stream, sum) = (&state.fate_at_completion, &mut state.even_attempts);
                fails(failure, self.setup.even, sum, stream, trial)
            }
        };
        match fate {
            Fate::Open if !failed_by_outage => match self.setup.pools[at].through {
                Some(dependency) => self.call_for(id, dependency, now, queue),
                None => self.succeed(id, now, queue),
            },
            _ if failed_by_outage => self.fail(id, Blame::Outage, now, queue),
            _ => self.fail(id, Blame::Itself, now, queue),
        }
    }

    /// What an attempt called for has been answered, or not.
    pub(crate) fn answered(
        &mut self,
        id: WorkerId,
        well: bool,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        match well {
            true => self.succeed(id, now, queue),
            false => self.fail(id, Blame::Dependency, now, queue),
        }
    }

    /// A machine is made: all of its workers go to those who wait, or on the shelf.
    #[inline]
    fn succeed(&mut self, id: WorkerId, now: SimTime, queue: &mut EventQueue<Event>) {
        let worker = self.workers.get(id);
        worker.created = now;
        let pool = worker.pool;
        self.turned(id, pool, Turn::AttemptSucceeds, now);
        self.note_success(pool);
        self.ledger.pools[pool.0 as usize].take_pending(now);
        self.shelve(id, now, queue);
        for _ in 1..self.setup.pools[pool.0 as usize].slots {
            let sibling = self.workers.order(pool);
            self.workers.get(sibling).created = now;
            self.ledger.pools[pool.0 as usize].take_pending(now);
            self.shelve(sibling, now, queue);
        }
        self.freed(pool, now, queue);
    }

    /// An attempt has failed: what it left is cleared away, and the order goes on or not.
    pub(crate) fn fail(
        &mut self,
        id: WorkerId,
        by: Blame,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        let worker = *self.workers.get(id);
        let of = &self.setup.pools[worker.pool.0 as usize];
        match by {
            Blame::Outage => self.ledger.provisioning_failed(worker.pool, now),
            Blame::Itself => self.ledger.pools[worker.pool.0 as usize].timed_out += 1,
            Blame::Dependency => self.ledger.pools[worker.pool.0 as usize].unanswered += 1,
        }
        self.turned(id, worker.pool, Turn::AttemptFails(by), now);
        self.note_failure(id, now);
        self.heed(Sign::FailedProvision, worker.pool, now, queue);
        let refused = worker.state == State::Attempted(Fate::Refused);
        if worker.cold {
            self.fail_oldest_wait(worker.pool, now, queue);
            self.drop_order(id, now, queue);
            return;
        }
        match of.remains {
            Remains::First if !refused => self.clear(id, now, queue),
            Remains::Beside if !refused => {
                self.leave_machine(worker.pool, now, queue);
                // The provider would refuse a machine beyond the quota; a place that is freed is ordered anew.
                if self.is_over_limit(worker.pool) {
                    self.drop_order(id, now, queue);
                } else {
                    self.go_on(id, now, queue);
                }
            }
            _ => self.go_on(id, now, queue),
        }
    }

    /// A failed attempt backs off, or its order is given up and another takes its place.
    pub(crate) fn go_on(&mut self, id: WorkerId, now: SimTime, queue: &mut EventQueue<Event>) {
        let worker = self.workers.get(id);
        let of = &self.setup.pools[worker.pool.0 as usize];
        if of.retry.attempts_max <= worker.tries {
            let pool = worker.pool;
            self.ledger.pools[pool.0 as usize].given_up += 1;
            self.turned(id, pool, Turn::GivenUp, now);
            self.drop_order(id, now, queue);
            return;
        }
        let (pool, due) = (worker.pool, now + self.delay(id));
        self.turned(id, pool, Turn::BacksOff, now);
        if of.shortcuts.foreseeable {
            self.foresee(id, now, due, queue);
            return;
        }
        let worker = self.workers.get(id);
        (worker.state, worker.due) = (State::BackingOff, due);
        queue.schedule(due, Event::RetryDue(id));
    }

    /// How long an order backs off after the attempt that has just failed.
    fn delay(&mut self, id: WorkerId) -> SimDuration {
        let worker = self.workers.get(id);
        let jitter = &self.pools[worker.pool.0 as usize].jitter;
        let retry = &self.setup.pools[worker.pool.0 as usize].retry;
        retry.delay(worker.tries, || match self.setup.even {
            true => 0.5,
            false => jitter.unit_at(worker.attempt),
        })
    }

    /// Makes the next attempt, from `due` on, in a pool where nothing can be met at its start: that
    /// needs no event. Nor does the end of an attempt that is certain to fail, of which only a count
    /// is left: the first one that may succeed is the next event.
    fn foresee(
        &mut self,
        id: WorkerId,
        now: SimTime,
        mut due: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        let setup = self.setup;
        let pool = self.workers.get(id).pool;
        let at = pool.0 as usize;
        let of = &setup.pools[at];
        let mut kept = Kept::default();
        // Even chance adds up in the order of time, and the warm-up's counts are forgotten in it.
        let plain = !setup.even && setup.start <= now;
        loop {
            let worker = self.workers.get(id);
            worker.tries += 1;
            worker.attempt = position(worker.order, worker.tries);
            worker.created = due;
            let position = retry_position(worker.order, worker.tries - 1);
            let stream = &self.pools[at].retry_latency;
            let latency = of.latency.draw_near(stream, position, &mut kept);
            let end = due + latency;
            let last = of.retry.attempts_max <= worker.tries;
            self.turned(id, pool, Turn::AttemptStarts, due);
            let certain = plain
                && !last
                && latency <= of.timeout
                && end < setup.horizon
                && 1.0 <= any_fails(self.foreseen(pool, end), of.calls);
            if !certain {
                let fate = match latency <= of.timeout {
                    true => Fate::Open,
                    false => Fate::TooSlow { by_outage: false },
                };
                self.await_end(id, due, (fate, latency), queue);
                return;
            }
            let ledger = &mut self.ledger.pools[at];
            ledger.attempts += 1;
            ledger.retries += 1;
            ledger.failed_by_outage += 1;
            self.turned(id, pool, Turn::AttemptFails(Blame::Outage), end);
            self.turned(id, pool, Turn::BacksOff, end);
            due = end + self.delay(id);
        }
    }

    /// The back-off of an order is over, or its place in the provider's queue has come.
    pub(crate) fn retry(&mut self, id: WorkerId, now: SimTime, queue: &mut EventQueue<Event>) {
        let worker = self.workers.get(id);
        if worker.due != now {
            return;
        }
        match worker.state {
            State::BackingOff => self.attempt(id, now, queue),
            State::Throttled => self.launch(id, now, queue),
            _ => {}
        }
    }
}
