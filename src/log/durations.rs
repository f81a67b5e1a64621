//! How long something took, as a family of distributions with intervals.

use crate::stats::Estimate;
use crate::stats::lifetime::family::Family;
use crate::stats::lifetime::fit::{Fit, fits};
use crate::stats::lifetime::sample::Lifetimes;

/// What a duration of 0 counts as (s): logs write whole seconds, so that it lies between 0 and 1.
const ZERO: f64 = 0.5;
/// Durations that must have ended for a fit.
const ENDED_MIN: usize = 5;

/// Durations and what was fitted to them.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Durations {
    /// Number of durations that ended.
    pub ended: usize,
    /// Number that are right-censored.
    pub censored: usize,
    /// Number of durations of 0, which count as half a second.
    pub zeros: usize,
    /// The law.
    pub law: Law,
}

/// What a scenario can use.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Law {
    /// Fitted families, the best first.
    Fitted(Vec<Fit>),
    /// All of the durations are equal (s).
    Equal(f64),
    /// Too few durations ended to tell.
    TooFew,
}

impl Durations {
    /// Fits durations (s), each with whether it ended.
    pub fn of(durations: impl IntoIterator<Item = (f64, bool)>) -> Self {
        let mut zeros = 0;
        let above_zero = durations.into_iter().map(|(seconds, ended)| {
            if seconds <= 0.0 {
                zeros += 1;
            }
            let seconds = if seconds <= 0.0 { ZERO } else { seconds };
            (seconds, ended)
        });
        let sample = Lifetimes::new(above_zero);
        let law = match (sample.events, sample.distinct_events()) {
            (ended, _) if ended < ENDED_MIN => Law::TooFew,
            (_, 1) if sample.distinct.len() == 1 => Law::Equal(sample.distinct[0].time),
            _ => Law::Fitted(fits(&sample)),
        };
        Self {
            ended: sample.events,
            censored: sample.censored,
            zeros,
            law,
        }
    }

    /// The fit by the best family.
    pub fn best(&self) -> Option<&Fit> {
        match &self.law {
            Law::Fitted(fits) => fits.first(),
            Law::Equal(_) | Law::TooFew => None,
        }
    }

    /// The mean (s), where there is a law.
    pub fn mean(&self) -> Option<f64> {
        match &self.law {
            Law::Equal(seconds) => Some(*seconds),
            Law::TooFew => None,
            Law::Fitted(fits) => {
                let best = fits.first()?;
                let location = best.location.point?;
                let sigma = best.shape.and_then(|shape| shape.point);
                Some(match (best.family, sigma) {
                    (Family::Lognormal, Some(sigma)) => location * libm::exp(0.5 * sigma * sigma),
                    _ => location,
                })
            }
        }
    }

    /// Names and values of the parameters of the best fit: durations in seconds first, then numbers.
    pub fn parameters(&self) -> Vec<(&'static str, Estimate)> {
        let Some(best) = self.best() else {
            return Vec::new();
        };
        let (location, shape) = match best.family {
            Family::Lognormal => ("p50", "sigma"),
            _ => ("mean", "shape"),
        };
        let mut all = vec![(location, best.location)];
        all.extend(best.shape.map(|estimate| (shape, estimate)));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_and_few_durations_have_no_family() {
        let equal = Durations::of([(30.0, true); 10]);
        assert_eq!(equal.law, Law::Equal(30.0));
        let few = Durations::of([(30.0, true), (40.0, true), (50.0, false)]);
        assert_eq!((few.law, few.ended, few.censored), (Law::TooFew, 2, 1));
        let zeros = Durations::of([(0.0, true); 10]);
        assert_eq!((zeros.law, zeros.zeros), (Law::Equal(0.5), 10));
    }
}
