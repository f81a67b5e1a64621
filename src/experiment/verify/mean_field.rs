//! Callers that retry at a first-come, first-served service, in the mean field: the limit of long delays, in which a retry
//! meets a queue that has forgotten what made its call late.

use crate::stats::optimum::{falls_to_zero, maximum};

/// An M/M/1 queue whose callers time out and retry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MeanField {
    /// Calls served in a unit of time.
    pub capacity: f64,
    pub timeout: f64,
    /// The most retries of a caller.
    pub retries: i32,
}

impl MeanField {
    /// Calls that each caller makes on average, where so many come in a unit of time: Σ f(x)^j, with the probability f(x)
    /// that a call is late.
    fn each(self, calls: f64) -> f64 {
        let spare = (self.capacity - calls).max(0.0);
        let late = libm::exp(-spare * self.timeout);
        (0..=self.retries).map(|it| late.powi(it)).sum()
    }

    /// The greatest number of callers in a unit of time for which there is a good state: calls there, and callers.
    pub fn fold(self) -> (f64, f64) {
        maximum(|calls| calls / self.each(calls), (0.0, self.capacity), 1e-9)
    }

    /// Calls in a unit of time that bring about themselves, the least first: the good state and the middle one, if there
    /// are any, and the congested one, if there is.
    pub fn fixed_points(self, callers: f64) -> Vec<f64> {
        let (at, most) = self.fold();
        let under = |calls: f64| calls / self.each(calls) - callers;
        let good = callers < most;
        let near = |end: f64| falls_to_zero(under, at, end, 1e-3).filter(|_| good);
        let congested = callers * f64::from(self.retries + 1);
        let congested = (self.capacity <= congested).then_some(congested);
        // Below what is congested, there is no middle one.
        let middle = congested.and_then(|_| near(self.capacity));
        [near(0.0), middle, congested]
            .into_iter()
            .flatten()
            .collect()
    }
}
