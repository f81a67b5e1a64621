//! How far a distribution lies from a censored sample.

use crate::stats::lifetime::sample::Lifetimes;

/// A distance that matters to no answer, however many durations show it.
const NEGLIGIBLE: f64 = 0.02;

/// The distance of a distribution from the data.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Goodness {
    /// Largest distance between the distribution function and that of Kaplan and Meier (1958), up to the longest
    /// duration that ended.
    pub distance: f64,
    /// Distance that sampling alone exceeds with a probability of at most 5% (Kolmogorov, 1933), for as many
    /// durations as ended. Parameters that were fitted to the same data make distances smaller, so that a distance
    /// above this rules the distribution out, and one below it does not confirm it.
    pub critical: f64,
}

impl Goodness {
    /// Whether the data rule the distribution out, by a distance that matters.
    pub fn is_poor(self) -> bool {
        self.critical.max(NEGLIGIBLE) < self.distance
    }
}

/// The distance of a distribution function from a sample.
pub(crate) fn goodness(sample: &Lifetimes, distribution: impl Fn(f64) -> f64) -> Goodness {
    let mut at_risk = (sample.events + sample.censored) as f64;
    let (mut survival, mut distance) = (1.0, 0.0_f64);
    for it in &sample.distinct {
        if 0.0 < it.events {
            let fitted = 1.0 - distribution(it.time);
            let after = survival * (1.0 - it.events / at_risk);
            distance = distance.max((fitted - survival).abs());
            distance = distance.max((fitted - after).abs());
            survival = after;
        }
        at_risk -= it.events + it.censored;
    }
    Goodness {
        distance,
        critical: 1.358 / (sample.events.max(1) as f64).sqrt(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_the_empirical_distribution() {
        // Uniform: steps at 0.2, 0.5, 0.9; the largest gap is 1/3 to 0.5, and 2/3 to 0.9.
        let sample = Lifetimes::new([0.2, 0.5, 0.9].map(|time| (time, true)));
        let found = goodness(&sample, |time| time);
        assert!((found.distance - (0.9 - 2.0 / 3.0)).abs() < 1e-12);
        assert!(!found.is_poor());
    }

    #[test]
    fn censored_durations_leave_the_risk_set() {
        // After one event of four and one censored, the next event is one of two.
        let sample = Lifetimes::new([(1.0, true), (2.0, false), (3.0, true), (4.0, false)]);
        let found = goodness(&sample, |time| if time < 3.0 { 0.25 } else { 0.625 });
        assert!((found.distance - 0.375).abs() < 1e-12);
    }
}
