//! Limits on attempts: the provider's token buckets, and circuit breakers.

use crate::kernel::time::{SimDuration, SimTime};
use crate::model::id::{PoolId, WorkerId};
use crate::model::record::events::{Recorder, WorkerEvent};
use crate::model::setup::region::BucketSetup;
use crate::model::world::World;
use crate::model::world::workers::State;

/// The state of a token bucket: the instant at which it would be full again. An operation that finds too few
/// tokens gets the instant at which there will be enough: the virtual scheduling form of the
/// generic cell rate algorithm (ITU-T I.371).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TokenBucket {
    /// (µs)
    full_at: f64,
}

impl TokenBucket {
    /// Takes `tokens` and gives the instant from which they may be used, `now` or later.
    pub fn take(&mut self, bucket: BucketSetup, now: SimTime, tokens: u32) -> SimTime {
        let at = now.micros() as f64;
        self.full_at = self.full_at.max(at) + f64::from(tokens) * bucket.gap;
        let wait = self.full_at - at - bucket.burst * bucket.gap;
        now + SimDuration::from_micros_f64(wait)
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
}

impl Default for CircuitBreaker {
    fn default() -> Self {
        Self {
            failures: 0,
            opened: 0,
            failed_at: SimTime::ZERO,
            open_until: SimTime::ZERO,
        }
    }
}

impl<R: Recorder> World<'_, R> {
    /// Delays an attempt that an open breaker or the provider's limits do not admit; returns whether it did.
    pub(crate) fn held_back(&mut self, id: WorkerId) -> bool {
        let pool = self.workers.get(id).pool;
        let of = &self.setup.pools[pool];
        let (state, until) = if let Some(breaker) = &of.breaker
            && self.now < self.breakers[breaker.circuit].open_until
        {
            (State::BackingOff, self.breakers[breaker.circuit].open_until)
        } else if let Some(bucket) = self.setup.regions[of.region].creates {
            let bucket_state = &mut self.create_buckets[of.region];
            (
                State::Throttled,
                bucket_state.take(bucket, self.now, of.calls),
            )
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

    /// How long the provider's limits delay a deletion.
    pub(crate) fn deletion_held_back(&mut self, pool: PoolId) -> SimDuration {
        let region = self.setup.pools[pool].region;
        let Some(bucket) = self.setup.regions[region].deletes else {
            return SimDuration::ZERO;
        };
        let wait = self.delete_buckets[region].take(bucket, self.now, 1) - self.now;
        self.ledger.pools[pool].throttled += u64::from(SimDuration::ZERO < wait);
        wait
    }

    /// Counts a failed attempt: a circuit breaker opens after too many consecutive ones. While open, it
    /// counts none.
    pub(crate) fn note_failure(&mut self, id: WorkerId) {
        let worker = *self.workers.get(id);
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
            let unit = || jitter.unit_at(worker.attempt);
            let delay = breaker.backoff.delay(circuit.opened, unit);
            circuit.open_until = self.now + delay;
        }
    }

    /// Counts a success: the circuit breaker closes.
    pub(crate) fn note_success(&mut self, pool: PoolId) {
        if let Some(breaker) = &self.setup.pools[pool].breaker {
            let circuit = &mut self.breakers[breaker.circuit];
            (circuit.failures, circuit.opened) = (0, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_burst_at_once_and_then_one_each_gap() {
        let bucket = BucketSetup {
            burst: 3.0,
            gap: 10e6,
        };
        let mut bucket_state = TokenBucket::default();
        let now = SimTime::from_micros(5_000_000);
        let starts = [1, 1, 1, 1, 2].map(|tokens| bucket_state.take(bucket, now, tokens));
        let seconds = starts.map(|at| at.seconds_since(now));
        assert_eq!(seconds, [0.0, 0.0, 0.0, 10.0, 30.0]);
        let later = now + SimDuration::from_seconds(600);
        assert_eq!(bucket_state.take(bucket, later, 3), later);
    }
}
