//! What comes again and again must let time pass, or a world never ends: the checks of how often
//! reviews, attempts, deletions, retries and requests can come.

use crate::kernel::distribution::Distribution;
use crate::kernel::time::SimDuration;
use crate::model::setup::demand::Source;
use crate::model::setup::pool::PoolSetup;
use crate::scenario::compile::Compiler;
use crate::scenario::compile::cost::volume;

/// How often one thing may come in a world: as often as a computer can tell in a minute or so.
const OFTEN: u64 = 100_000_000;
/// Tries of one request, or of one call, that may follow each other at once.
const TRIES_AT_ONCE: f64 = 1_000.0;
/// Quantiles that stand for a law.
const QUANTILES: u32 = 32;

impl Compiler<'_> {
    /// What must pass between one time and the next.
    fn pause(&self) -> SimDuration {
        SimDuration::from_micros(self.horizon().micros() / OFTEN)
    }

    /// How long a law lasts as a rule: its mean, but for what only happens once in a blue moon, and
    /// for whatever outlasts the world. A log-normal law with a wide spread has a long mean, and
    /// yet draws next to nothing time and again.
    pub(crate) fn usual(&self, law: &Distribution) -> SimDuration {
        let most = self.horizon().micros();
        let middle = |place: u32| (f64::from(place) + 0.5) / f64::from(QUANTILES);
        let quantiles = (0..QUANTILES).map(|place| law.quantile(middle(place)));
        let sum: u64 = quantiles.map(|length| length.micros().min(most)).sum();
        SimDuration::from_micros(sum / u64::from(QUANTILES))
    }

    /// Notes what comes again after no more than `length`, if that is too soon.
    pub(crate) fn check_pace(&mut self, path: &str, length: SimDuration, what: &str, help: &str) {
        let pause = self.pause();
        if length <= pause {
            let limit = format!("more than {pause}, in a world as long as this");
            self.problem(path, format!("{what} {length}"), &limit, help);
        }
    }

    /// Orders and deletions that fail, and workers that are too old, are followed by others.
    pub(crate) fn check_pool_pace(&mut self, path: &str, pool: &PoolSetup) {
        let (attempt, deletion) = (self.usual(&pool.latency), self.usual(&pool.deletion));
        let retries = [
            ("replenish.retry.initial", attempt, &pool.retry),
            ("delete.retry.initial", deletion, &pool.deletion_retry),
        ];
        for (key, length, retry) in retries {
            let path = format!("{path}.{key}");
            let what = "what has failed is tried again and again, each time after";
            let help = "write how long to wait before trying again, such as `30s`";
            self.check_pace(&path, sum(length, retry.delays[0]), what, help);
        }
        if pool.ready_max_age.is_finite() {
            let path = format!("{path}.ready_max_age");
            let what = "workers are made and replaced within";
            let help = "write the age at which a ready worker is replaced, or `never`";
            self.check_pace(&path, sum(attempt, pool.ready_max_age), what, help);
        }
        if SimDuration::ZERO < pool.review {
            let path = format!("{path}.replenish.review.every");
            let help = "write a longer time between reviews, or `review: continuous`";
            self.check_pace(&path, pool.review, "a review every", help);
        }
    }

    /// A request or a call that fails is made again, with a probability and so many times at the most.
    pub(crate) fn check_tries(
        &mut self,
        path: &str,
        what: &str,
        (probability, most): (f64, u32),
        delay: &Distribution,
    ) {
        let tries = (1.0 / (1.0 - probability)).min(f64::from(most));
        if TRIES_AT_ONCE < tries && self.usual(delay) <= self.pause() {
            let often = match most {
                u32::MAX => "for ever".to_owned(),
                most => format!("up to {most} times"),
            };
            let limit = format!("fewer than {TRIES_AT_ONCE} tries, or time in between");
            let help = "give a delay, a limit of tries, or a probability below 100 %";
            self.problem(path, format!("{what} at once, {often}"), &limit, help);
        }
    }

    /// Notes a stream of requests that nobody can follow.
    pub(crate) fn check_volume(&mut self, path: &str, source: &Source) {
        let key = match source {
            Source::Tenants { .. } => "jobs",
            Source::Requests { .. } | Source::Even { .. } => "rate",
            Source::Trace { .. } => "csv",
        };
        let volume = volume(source, self.horizon().micros() as f64);
        self.check_arrivals(&format!("{path}.{key}"), volume);
    }
}

/// One length of time after another.
pub(crate) fn sum(one: SimDuration, other: SimDuration) -> SimDuration {
    SimDuration::from_micros(one.micros() + other.micros())
}
