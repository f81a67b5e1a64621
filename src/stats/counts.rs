//! Counts of events: rates, their intervals, and how much more they vary than those of a Poisson process.

use statrs::distribution::{ChiSquared, ContinuousCDF, Gamma, StudentsT};

use crate::stats::Estimate;

/// The exact interval of the mean of a Poisson count (Garwood, 1936), with coverage 1 - `alpha` or more. Of no
/// event, the lower end is 0.
pub(crate) fn poisson_interval(events: usize, alpha: f64) -> (f64, f64) {
    let quantile = |shape: usize, p: f64| {
        let law = Gamma::new(shape as f64, 1.0).expect("a shape above 0");
        law.inverse_cdf(p)
    };
    let low = match events {
        0 => 0.0,
        events => quantile(events, alpha / 2.0),
    };
    (low, quantile(events + 1, 1.0 - alpha / 2.0))
}

/// How much counts vary about what is expected of them.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Dispersion {
    /// Index of dispersion: variance divided by mean; 1 for a Poisson process. Pearson's statistic over its
    /// degrees of freedom (McCullagh and Nelder, 1989).
    pub index: f64,
    /// Degrees of freedom.
    pub degrees: f64,
}

impl Dispersion {
    /// The dispersion of counts about expected values above 0, of which `fitted` parameters were estimated; absent
    /// where too few counts remain.
    pub fn of(counts: &[(f64, f64)], fitted: usize) -> Option<Self> {
        let degrees = counts.len() as f64 - fitted as f64;
        if degrees < 3.0 {
            return None;
        }
        let term = |(count, expected): &(f64, f64)| {
            let off = count - expected;
            off * off / expected
        };
        let index = counts.iter().map(term).sum::<f64>() / degrees;
        Some(Self { index, degrees })
    }

    /// Whether a Poisson process would vary as much with a probability below 5%. The chi-squared quantile is that
    /// of Wilson and Hilferty (1931).
    pub fn is_over(self) -> bool {
        let part = 2.0 / (9.0 * self.degrees);
        let root = 1.0 - part + 1.644_853_627 * part.sqrt();
        root * root * root < self.index
    }

    /// An approximate interval of the index, with coverage 1 - `alpha`: as of the variance of normal values.
    pub fn interval(self, alpha: f64) -> (f64, f64) {
        let law = ChiSquared::new(self.degrees).expect("degrees of freedom above 0");
        let end = |p: f64| self.index * self.degrees / law.inverse_cdf(p);
        (end(1.0 - alpha / 2.0), end(alpha / 2.0))
    }
}

/// The mean of a count, with its interval of coverage 1 - `alpha`: exact for a Poisson process; wider by the root of
/// the index of dispersion, on the log scale, where counts are overdispersed (quasi-likelihood; Wedderburn, 1974).
pub(crate) fn mean_count(events: usize, dispersion: Option<Dispersion>, alpha: f64) -> Estimate {
    let point = events as f64;
    let (low, high) = match dispersion.filter(|it| it.is_over() && 0 < events) {
        None => poisson_interval(events, alpha),
        Some(over) => {
            let law = StudentsT::new(0.0, 1.0, over.degrees).expect("degrees of freedom above 0");
            let half = law.inverse_cdf(1.0 - alpha / 2.0) * (over.index / point).sqrt();
            (point * libm::exp(-half), point * libm::exp(half))
        }
    };
    Estimate {
        point: Some(point),
        low: Some(low),
        high: Some(high),
        n: events,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_poisson_interval_is_garwoods() {
        // Published table of 95% limits: 0: 0, 3.689; 1: 0.0253, 5.572; 10: 4.795, 18.39; 100: 81.36, 121.6.
        for (events, low, high) in [
            (0, 0.0, 3.688_9),
            (1, 0.025_3, 5.571_6),
            (10, 4.795_4, 18.390_4),
            (100, 81.364, 121.627),
        ] {
            let found = poisson_interval(events, 0.05);
            assert!((found.0 - low).abs() < 1e-3, "{events}: {found:?}");
            assert!((found.1 - high).abs() < 1e-3, "{events}: {found:?}");
        }
    }

    #[test]
    fn dispersion_is_variance_over_mean() {
        let counts: Vec<(f64, f64)> = (0..100)
            .map(|i| (if i % 2 == 0 { 2.0 } else { 8.0 }, 5.0))
            .collect();
        let found = Dispersion::of(&counts, 1).expect("enough counts");
        assert!((found.index - 180.0 / 99.0).abs() < 1e-12);
        assert!(found.is_over());
        // 99 degrees of freedom: chi-squared quantiles 77.046 and 123.225.
        let (low, high) = found.interval(0.1);
        assert!((low - 180.0 / 123.225).abs() < 1e-4, "{low}");
        assert!((high - 180.0 / 77.046).abs() < 1e-4, "{high}");
        let even = vec![(5.0, 5.0); 100];
        assert!(!Dispersion::of(&even, 1).expect("enough counts").is_over());
        assert_eq!(Dispersion::of(&even[..3], 1), None);
    }

    #[test]
    fn overdispersed_counts_have_wider_intervals() {
        let over = Dispersion {
            index: 4.0,
            degrees: 1e6,
        };
        let found = mean_count(400, Some(over), 0.1);
        // exp(1.645 sqrt(4 / 400)).
        assert!((found.high.expect("an end") - 400.0 * libm::exp(0.164_485)).abs() < 0.01);
        let exact = mean_count(400, None, 0.1);
        assert!(exact.high < found.high && found.low < exact.low);
    }
}
