//! Orders and attempts: how a pool is refilled while the provider works, and what it tries while
//! the provider does not.

use crate::kernel::queue::EventQueue;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::event::Event;
use crate::model::outage::{InFlight, Judged, Manner};
use crate::model::setup::{Counts, PoolId, WindowId};
use crate::model::worker::{Fate, State, WorkerId};
use crate::model::world::{World, fails};

impl World<'_> {
    /// Puts a pool's initial workers on its shelf, when the world begins.
    pub(crate) fn stock(&mut self, pool: PoolId) {
        for _ in 0..self.setup.pools[pool.0 as usize].initial {
            let id = self.workers.order(pool);
            self.workers.get(id).state = State::Ready;
            self.pools[pool.0 as usize].ready.push_back(id);
            self.ledger.pools[pool.0 as usize].add_ready(SimTime::ZERO);
        }
    }

    /// Orders what is missing to the target, within the cap on orders under way.
    #[inline]
    pub(crate) fn replenish(&mut self, pool: PoolId, now: SimTime, queue: &mut EventQueue<Event>) {
        let of = &self.setup.pools[pool.0 as usize];
        let levels = &self.ledger.pools[pool.0 as usize];
        let counted = match of.counts {
            Counts::Ready => levels.ready.value,
            Counts::ReadyAndPending => levels.ready.value + levels.pending.value,
            Counts::Total => {
                levels.ready.value
                    + levels.pending.value
                    + levels.leased.value
                    + levels.deleting.value
            }
        };
        let wanting = if of.waiting_orders {
            self.pools[pool.0 as usize].wanting
        } else {
            0
        };
        let missing = (of.target + wanting).saturating_sub(counted);
        let room = of.in_flight_max.saturating_sub(levels.pending.value);
        for _ in 0..missing.min(room) {
            let id = self.workers.order(pool);
            self.ledger.pools[pool.0 as usize].add_pending(now);
            self.attempt(id, now, queue);
        }
    }

    /// Starts an attempt to fill an order.
    fn attempt(&mut self, id: WorkerId, now: SimTime, queue: &mut EventQueue<Event>) {
        let worker = self.workers.get(id);
        let at = worker.pool.0 as usize;
        let (of, pool) = (&self.setup.pools[at], &mut self.pools[at]);
        worker.tries += 1;
        worker.attempt = pool.attempts;
        pool.attempts += 1;

        let drawn = of.latency.draw(&mut pool.latency);
        let mut latency = drawn;
        let mut fate = Fate::Open;
        if !of.start_windows.is_empty() {
            let met = self.setup.meets_at_start(&of.start_windows, now, of.calls);
            if met.latency_factor != 1.0 {
                latency = drawn.scaled(met.latency_factor);
            }
            let (stream, trial) = (&pool.fate_at_start, worker.attempt);
            if fails(
                met.failure,
                self.setup.even,
                &mut pool.even_attempts,
                stream,
                trial,
            ) {
                fate = Fate::Doomed;
                let unit = if self.setup.even {
                    0.5 * met.failure
                } else {
                    stream.unit_at(trial)
                };
                let manner = self.setup.manner(&of.start_windows, now, of.calls, unit);
                if let Manner::Reject(after) = manner {
                    latency = after;
                }
            }
        }
        if of.timeout < latency {
            let by_outage = fate == Fate::Doomed || drawn <= of.timeout;
            fate = Fate::TooSlow { by_outage };
            latency = of.timeout;
        }
        worker.state = State::Attempted(fate);
        worker.due = now + latency;
        queue.schedule(worker.due, Event::AttemptEnds(id));
    }

    /// An attempt succeeds or fails.
    pub(crate) fn end_attempt(
        &mut self,
        id: WorkerId,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        let worker = self.workers.get(id);
        let State::Attempted(fate) = worker.state else {
            return;
        };
        if worker.due != now {
            return;
        }
        let at = worker.pool.0 as usize;
        let (of, pool) = (&self.setup.pools[at], &mut self.pools[at]);
        self.ledger.pools[at].attempts += 1;
        self.ledger.pools[at].retries += u64::from(1 < worker.tries);
        let failed_by_outage = match fate {
            Fate::Doomed => true,
            Fate::TooSlow { by_outage } => by_outage,
            Fate::Open => {
                let met = self
                    .setup
                    .meets_at_completion(&of.completion_windows, now, of.calls);
                let (stream, trial) = (&pool.fate_at_completion, worker.attempt);
                fails(met, self.setup.even, &mut pool.even_attempts, stream, trial)
            }
        };
        match fate {
            Fate::Open if !failed_by_outage => self.succeed(id, now, queue),
            _ => self.fail(id, failed_by_outage, now, queue),
        }
    }

    /// A new worker goes to the request that has waited longest, or on the shelf.
    fn succeed(&mut self, id: WorkerId, now: SimTime, queue: &mut EventQueue<Event>) {
        let worker = self.workers.get(id);
        worker.created = now;
        worker.state = State::Ready;
        worker.due = SimTime::NEVER;
        let pool = worker.pool;
        self.ledger.pools[pool.0 as usize].take_pending(now);
        if 0 < self.ledger.pools[pool.0 as usize].waiting.value {
            self.serve_next(pool, id, now, queue);
        } else {
            self.pools[pool.0 as usize].ready.push_back(id);
            self.ledger.pools[pool.0 as usize].add_ready(now);
        }
        self.replenish(pool, now, queue);
    }

    /// A failed attempt backs off, or its order is given up and another takes its place.
    fn fail(&mut self, id: WorkerId, by_outage: bool, now: SimTime, queue: &mut EventQueue<Event>) {
        let worker = self.workers.get(id);
        let pool = worker.pool;
        let retry = &self.setup.pools[pool.0 as usize].retry;
        if by_outage {
            self.ledger.provisioning_failed(pool, now);
        } else {
            self.ledger.pools[pool.0 as usize].timed_out += 1;
        }
        if worker.tries < retry.attempts_max {
            let due = now + self.delay(id);
            if self.setup.pools[pool.0 as usize].start_windows.is_empty() {
                self.foresee(id, now, due, queue);
                return;
            }
            let worker = self.workers.get(id);
            worker.state = State::BackingOff;
            worker.due = due;
            queue.schedule(due, Event::RetryDue(id));
            return;
        }
        self.workers.discard(id);
        let ledger = &mut self.ledger.pools[pool.0 as usize];
        ledger.given_up += 1;
        ledger.take_pending(now);
        self.replenish(pool, now, queue);
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
        let at = self.workers.get(id).pool.0 as usize;
        let of = &setup.pools[at];
        // Even chance adds up in the order of time, and the warm-up's counts are forgotten in it.
        let plain = !setup.even && setup.start <= now;
        loop {
            let latency = of.latency.draw(&mut self.pools[at].latency);
            let worker = self.workers.get(id);
            worker.tries += 1;
            worker.attempt = self.pools[at].attempts;
            self.pools[at].attempts += 1;
            let end = due + latency;
            let certain =
                || 1.0 <= setup.meets_at_completion(&of.completion_windows, end, of.calls);
            let last = of.retry.attempts_max <= worker.tries;
            if !plain || last || of.timeout < latency || setup.horizon <= end || !certain() {
                self.await_end(id, due, latency, queue);
                return;
            }
            let ledger = &mut self.ledger.pools[at];
            ledger.attempts += 1;
            ledger.retries += 1;
            ledger.failed_by_outage += 1;
            due = end + self.delay(id);
        }
    }

    /// Lets an attempt that starts at `from` end, after its latency or its timeout.
    fn await_end(
        &mut self,
        id: WorkerId,
        from: SimTime,
        latency: SimDuration,
        queue: &mut EventQueue<Event>,
    ) {
        let worker = self.workers.get(id);
        let timeout = self.setup.pools[worker.pool.0 as usize].timeout;
        let in_time = latency <= timeout;
        let fate = if in_time {
            Fate::Open
        } else {
            Fate::TooSlow { by_outage: false }
        };
        worker.state = State::Attempted(fate);
        worker.due = from + latency.min(timeout);
        queue.schedule(worker.due, Event::AttemptEnds(id));
    }

    /// The back-off of an order is over.
    pub(crate) fn retry(&mut self, id: WorkerId, now: SimTime, queue: &mut EventQueue<Event>) {
        let worker = self.workers.get(id);
        if worker.state == State::BackingOff && worker.due == now {
            self.attempt(id, now, queue);
        }
    }

    /// An outage begins: attempts in flight may be lost.
    pub(crate) fn fail_in_flight(
        &mut self,
        window: WindowId,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        let window = &self.setup.windows[window.0 as usize];
        let Judged::Start {
            in_flight: InFlight::FailNow,
            ..
        } = window.judged
        else {
            return;
        };
        let in_flight: Vec<(WorkerId, PoolId, u64)> = self
            .workers
            .alive()
            .filter(|(_, worker)| matches!(worker.state, State::Attempted(_)))
            .filter(|(_, worker)| window.pools.contains(&worker.pool))
            .map(|(id, worker)| (id, worker.pool, worker.attempt))
            .collect();
        for (id, pool, trial) in in_flight {
            let calls = self.setup.pools[pool.0 as usize].calls;
            let spared = libm::pow(1.0 - window.failure, f64::from(calls));
            let state = &mut self.pools[pool.0 as usize];
            let (stream, sum) = (&state.fate_in_flight, &mut state.even_attempts);
            if fails(1.0 - spared, self.setup.even, sum, stream, trial) {
                self.ledger.pools[pool.0 as usize].attempts += 1;
                self.fail(id, true, now, queue);
            }
        }
    }
}
