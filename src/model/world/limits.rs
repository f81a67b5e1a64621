//! Limits on attempts: the provider's token buckets, and circuit breakers.

use crate::kernel::distribution::Distribution;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::id::{PoolId, WorkerId};
use crate::model::record::events::{Recorder, WorkerEvent};
use crate::model::setup::pool::PoolSetup;
use crate::model::setup::region::{BucketRate, BucketSetup};
use crate::model::world::World;
use crate::model::world::event::Event;
use crate::model::world::workers::{AttemptOutcome, State};

/// The state of a token bucket: the instant at which it would be full again. An operation that finds too few
/// tokens gets the instant at which there will be enough: the virtual scheduling form of the
/// generic cell rate algorithm (ITU-T I.371).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TokenBucket {
    /// (µs)
    full_at: f64,
    /// Changes of its rate so far.
    changes: usize,
}

impl TokenBucket {
    /// Takes `tokens` and gives the instant from which they may be used, `now` or later.
    pub fn take(&mut self, bucket: &BucketSetup, now: SimTime, tokens: u32) -> SimTime {
        let rate = self.rate(bucket, now);
        let at = now.micros() as f64;
        self.full_at = self.full_at.max(at) + f64::from(tokens) * rate.gap;
        let wait = self.full_at - at - rate.burst * rate.gap;
        now + SimDuration::from_micros_f64(wait)
    }

    /// Whether there are so many tokens now.
    fn has(&mut self, bucket: &BucketSetup, now: SimTime, tokens: u32) -> bool {
        let rate = self.rate(bucket, now);
        let at = now.micros() as f64;
        let full_at = self.full_at.max(at) + f64::from(tokens) * rate.gap;
        full_at - at <= rate.burst * rate.gap
    }

    /// The rate in force. Where it has changed, as many tokens are missing as before, and refill at the new
    /// rate.
    fn rate(&mut self, bucket: &BucketSetup, now: SimTime) -> BucketRate {
        let of = |changes: usize| match changes {
            0 => bucket.rate,
            changes => bucket.changes[changes - 1].1,
        };
        while let Some((at, rate)) = bucket.changes.get(self.changes) {
            if now < *at {
                break;
            }
            let at = at.micros() as f64;
            let missing = (self.full_at - at).max(0.0) / of(self.changes).gap;
            self.full_at = at + missing * rate.gap;
            self.changes += 1;
        }
        of(self.changes)
    }
}

/// The state of a circuit breaker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CircuitBreaker {
    /// Consecutive failures, and how often it has opened since the last success.
    failures: u32,
    opened: u32,
    failed_at: SimTime,
    pub open_until: SimTime,
    /// The attempt that is under way as a probe.
    probe: Option<WorkerId>,
}

impl Default for CircuitBreaker {
    fn default() -> Self {
        Self {
            failures: 0,
            opened: 0,
            failed_at: SimTime::ZERO,
            open_until: SimTime::ZERO,
            probe: None,
        }
    }
}

impl<R: Recorder> World<'_, R> {
    /// Delays an attempt that an open breaker or the provider's limits do not admit; returns whether it did.
    pub(crate) fn held_back(&mut self, id: WorkerId) -> bool {
        let pool = self.workers.get(id).pool;
        let of = &self.setup.pools[pool];
        let broken = self.broken_until(id);
        let (state, until) = if let Some(until) = broken {
            (State::BackingOff, until)
        } else if let Some(bucket) = &self.setup.regions[of.region].creates {
            let bucket_state = &mut self.create_buckets[of.region];
            if let Some(law) = &bucket.refuses
                && !bucket_state.has(bucket, self.now, of.calls)
            {
                self.refuse(id, law);
                return true;
            }
            let until = bucket_state.take(bucket, self.now, of.calls);
            (State::Throttled, until)
        } else {
            return false;
        };
        if until <= self.now {
            return false;
        }
        if state == State::Throttled {
            self.ledger.pools[pool].throttled += 1;
        }
        self.hold(id, state, until);
        self.record_worker(id, pool, WorkerEvent::HeldBack, self.now);
        true
    }

    /// Until when a circuit breaker holds an attempt back, if it does. After a half-open breaker has been open,
    /// one attempt is let through as a probe, and the others wait until it has ended.
    fn broken_until(&mut self, id: WorkerId) -> Option<SimTime> {
        let pool = self.workers.get(id).pool;
        let breaker = self.setup.pools[pool].breaker.as_ref()?;
        let circuit = &mut self.breakers[breaker.circuit];
        if self.now < circuit.open_until {
            return Some(circuit.open_until);
        }
        if !breaker.half_open || circuit.opened == 0 {
            return None;
        }
        let Some(probe) = circuit.probe.filter(|probe| *probe != id) else {
            circuit.probe = Some(id);
            return None;
        };
        let due = self.workers.get(probe).due;
        // A probe that waits for a dependency or for tokens has no end yet.
        let least = self.now + breaker.backoff.delays[0];
        let next = if self.now < due { due } else { least };
        Some(next + SimDuration::from_micros(1))
    }

    /// The provider refuses an attempt for lack of tokens.
    fn refuse(&mut self, id: WorkerId, law: &Distribution) {
        let worker = self.workers.get(id);
        let pool = worker.pool;
        worker.begin_try(self.now);
        let after = self.pools[pool].refusal.draw(law, worker.attempt());
        self.hold(
            id,
            State::Attempted(AttemptOutcome::OverLimit),
            SimTime::NEVER,
        );
        let worker = self.workers.get(id);
        worker.due = self.now + after;
        self.queue.schedule(worker.due, Event::AttemptEnds(id));
        self.record_worker(id, pool, WorkerEvent::AttemptStarts, self.now);
    }

    /// An order that may be the probe of a breaker has ended.
    pub(crate) fn end_probe(&mut self, id: WorkerId, pool: PoolId) {
        if let Some(breaker) = &self.setup.pools[pool].breaker {
            let probe = &mut self.breakers[breaker.circuit].probe;
            *probe = probe.filter(|probe| *probe != id);
        }
    }

    /// How long the provider's limits delay a deletion.
    pub(crate) fn deletion_held_back(&mut self, pool: PoolId) -> SimDuration {
        let region = self.setup.pools[pool].region;
        let of = &self.setup.regions[region];
        let Some(bucket) = &of.deletes else {
            return SimDuration::ZERO;
        };
        let bucket_state = match of.is_shared {
            true => &mut self.create_buckets[region],
            false => &mut self.delete_buckets[region],
        };
        let wait = bucket_state.take(bucket, self.now, 1) - self.now;
        self.ledger.pools[pool].throttled += u64::from(SimDuration::ZERO < wait);
        wait
    }

    /// Counts a failed attempt: a circuit breaker opens after too many consecutive ones. While open, it
    /// counts none.
    pub(crate) fn note_failure(&mut self, id: WorkerId) {
        let worker = *self.workers.get(id);
        self.end_probe(id, worker.pool);
        let Some(breaker) = &self.setup.pools[worker.pool].breaker else {
            return;
        };
        let circuit = &mut self.breakers[breaker.circuit];
        if self.now < circuit.open_until {
            return;
        }
        if circuit.failed_at + breaker.reset <= self.now {
            (circuit.failures, circuit.opened) = (0, 0);
        }
        circuit.failed_at = self.now;
        circuit.failures = circuit.failures.saturating_add(1);
        if breaker.failures <= circuit.failures {
            circuit.opened = circuit.opened.saturating_add(1);
            let jitter = &self.pools[worker.pool].jitter;
            let unit = || jitter.unit_at(worker.attempt());
            let delay = breaker.backoff.delay(circuit.opened, unit);
            circuit.open_until = self.now + delay;
        }
    }

    /// Counts a success: the circuit breaker closes.
    #[inline]
    pub(crate) fn note_success(&mut self, of: &PoolSetup) {
        if let Some(breaker) = &of.breaker {
            let circuit = &mut self.breakers[breaker.circuit];
            (circuit.failures, circuit.opened, circuit.probe) = (0, 0, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_burst_at_once_and_then_one_each_gap() {
        let second = 1_000_000;
        let change = SimTime::from_micros(1_000 * second);
        let slower = BucketRate {
            burst: 3.0,
            gap: 20e6,
        };
        let bucket = BucketSetup {
            rate: BucketRate {
                burst: 3.0,
                gap: 10e6,
            },
            changes: vec![(change, slower)],
            refuses: None,
        };
        let mut bucket_state = TokenBucket::default();
        let now = SimTime::from_micros(5_000_000);
        let starts = [1, 1, 1, 1, 2].map(|tokens| bucket_state.take(&bucket, now, tokens));
        let seconds = starts.map(|at| at.seconds_since(now));
        assert_eq!(seconds, [0.0, 0.0, 0.0, 10.0, 30.0]);
        let later = now + SimDuration::from_seconds(600);
        assert_eq!(bucket_state.take(&bucket, later, 3), later);
        // Five seconds before the change, two and a half tokens are missing; they refill at the new rate.
        let before = SimTime::from_micros(995 * second);
        assert_eq!(bucket_state.take(&bucket, before, 3), before);
        assert!(bucket_state.has(&bucket, change, 0));
        assert!(!bucket_state.has(&bucket, change, 1));
        let wait = bucket_state.take(&bucket, change, 1).seconds_since(change);
        assert_eq!(wait, 10.0);
    }
}
