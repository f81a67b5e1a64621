//! Estimates from independent replications, with their intervals. Nothing here knows of time, pools or files.

/// Means and their t intervals.
pub(crate) mod mean;

/// Order-statistic quantiles and their intervals.
pub(crate) mod quantile;

/// Counts of values in narrow classes.
pub(crate) mod histogram;

/// Proportions and their exact intervals.
pub(crate) mod proportion;

/// Survival curves.
pub(crate) mod survival;

/// Differences under common random numbers.
pub(crate) mod paired;

/// What comes from values that are not known.
pub(crate) mod between;

/// What it is worth to know values that are not known.
pub(crate) mod information;

/// When a sample is precise enough.
pub(crate) mod stopping;

/// Maxima and roots.
pub(crate) mod optimum;

/// Shares of variance.
pub(crate) mod sobol;

/// Probabilities of rare events by splitting.
pub(crate) mod splitting;

/// What depends on the beginning.
pub(crate) mod mser;

/// Elementary effects.
pub(crate) mod morris;

/// Distributions of durations.
pub(crate) mod lifetime;

/// Counts of events.
pub(crate) mod counts;

#[cfg(test)]
pub(crate) mod split_mix;

/// Quantile `p` of the standard normal distribution.
pub(crate) fn normal_quantile(p: f64) -> f64 {
    use statrs::distribution::{ContinuousCDF, Normal};
    Normal::standard().inverse_cdf(p)
}

pub use crate::stats::morris::{ElementaryEffects, elementary_effects};
pub use crate::stats::paired::Paired;
pub use crate::stats::sobol::{SobolIndices, SobolRow, ValueIndices, sobol_indices};
pub use crate::stats::survival::{Step, Survival};

/// A number with its uncertainty. An end that the sample cannot bound is absent.
#[derive(Clone, Copy, PartialEq, Debug, Default, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Estimate {
    /// The estimate itself; absent where the sample has none.
    pub point: Option<f64>,
    /// Lower end of the interval.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
    /// The sample size.
    pub n: usize,
}

impl Estimate {
    /// The same in another unit: multiplied by a positive number.
    pub(crate) fn times(self, factor: f64) -> Self {
        let times = |end: Option<f64>| end.map(|end| end * factor);
        Self {
            point: times(self.point),
            low: times(self.low),
            high: times(self.high),
            n: self.n,
        }
    }
}

impl Estimate {
    /// The share of the others, of a share.
    pub(crate) fn complement(self) -> Self {
        let rest = |end: Option<f64>| end.map(|share| 1.0 - share);
        Self {
            point: rest(self.point),
            low: rest(self.high),
            high: rest(self.low),
            n: self.n,
        }
    }

    /// The same, clamped to 0 and 1.
    pub(crate) fn within_one(self) -> Self {
        Self {
            low: self.low.map(|low| low.max(0.0)),
            high: self.high.map(|high| high.min(1.0)),
            ..self
        }
    }
}

/// Coverage of every interval: 95%.
pub(crate) const ALPHA: f64 = 0.05;

/// Quantile 97.5% of the standard normal distribution.
pub(crate) const Z: f64 = 1.959_963_984_540_054;
