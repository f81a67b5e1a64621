//! Termination checks: recurring events must let time pass, or a simulation never ends. They limit how often
//! reviews, attempts, deletions, retries and requests can occur.

use crate::kernel::distribution::Distribution;
use crate::kernel::time::SimDuration;
use crate::model::setup::pool::PoolSetup;
use crate::scenario::compile::Compiler;

/// Maximum number of events of one kind in a replication: about a minute of computing.
const OFTEN: u64 = 100_000_000;
/// Maximum number of immediate retries of a request or call.
const TRIES_AT_ONCE: f64 = 1_000.0;
/// Quantiles that represent a distribution.
const QUANTILES: u32 = 32;

impl Compiler<'_> {
    /// The minimum time between two events.
    fn pause(&self) -> SimDuration {
        SimDuration::from_micros(self.horizon().micros() / OFTEN)
    }

    /// The typical duration of a distribution: its mean, but without rare values, and
    /// with values capped at the horizon. A log-normal distribution with a wide spread has a long mean, and
    /// yet mostly draws very short durations.
    pub(crate) fn typical(&self, law: &Distribution) -> SimDuration {
        let most = self.horizon().micros();
        let middle = |place: u32| (f64::from(place) + 0.5) / f64::from(QUANTILES);
        let quantiles = (0..QUANTILES).map(|place| law.quantile(middle(place)));
        let sum: u64 = quantiles.map(|length| length.micros().min(most)).sum();
        SimDuration::from_micros(sum / u64::from(QUANTILES))
    }

    /// Records a problem if an event recurs after `length` and that is too soon.
    pub(crate) fn check_recurrence(
        &mut self,
        path: &str,
        length: SimDuration,
        what: &str,
        help: &str,
    ) {
        let pause = self.pause();
        if length <= pause {
            let limit = format!("more than {pause}, for a scenario of this length");
            self.problem(path, format!("{what} {length}"), &limit, help);
        }
    }

    /// Failed orders and deletions, and workers that are too old, are replaced.
    pub(crate) fn check_pool_pace(&mut self, path: &str, pool: &PoolSetup) {
        let (attempt, deletion) = (self.typical(&pool.latency), self.typical(&pool.deletion));
        let retries = [
            ("replenish.retry.initial", attempt, &pool.retry),
            ("delete.retry.initial", deletion, &pool.deletion_retry),
        ];
        for (key, length, retry) in retries {
            let path = format!("{path}.{key}");
            let what = "failures are retried, each after";
            let help = "write the delay before a retry, such as `30s`";
            self.check_recurrence(&path, sum(length, retry.delays[0]), what, help);
        }
        if pool.ready_max_age.is_finite() {
            let path = format!("{path}.ready_max_age");
            let what = "workers are made and replaced within";
            let help = "write the age at which a ready worker is replaced, or `never`";
            self.check_recurrence(&path, sum(attempt, pool.ready_max_age), what, help);
        }
        if SimDuration::ZERO < pool.review {
            let path = format!("{path}.replenish.review.every");
            let help = "write a longer time between reviews, or `review: continuous`";
            self.check_recurrence(&path, pool.review, "a review every", help);
        }
    }

    /// Checks retries of failed requests or calls: their probability, delay and limit of tries.
    pub(crate) fn check_tries(
        &mut self,
        path: &str,
        what: &str,
        (probability, most): (f64, u32),
        delay: &Distribution,
    ) {
        let tries = (1.0 / (1.0 - probability)).min(f64::from(most));
        if TRIES_AT_ONCE < tries && self.typical(delay) <= self.pause() {
            let often = match most {
                u32::MAX => "without limit".to_owned(),
                most => format!("up to {most} times"),
            };
            let limit = format!("fewer than {TRIES_AT_ONCE} tries, or a delay between them");
            let help = "give a delay, a limit of tries, or a probability below 100%";
            self.problem(path, format!("{what} at once, {often}"), &limit, help);
        }
    }
}

/// One length of time after another.
pub(crate) fn sum(one: SimDuration, other: SimDuration) -> SimDuration {
    SimDuration::from_micros(one.micros() + other.micros())
}
