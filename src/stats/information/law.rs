//! The distribution of a critical level given unknown values: a mean and a spread that depend on them, and the
//! distribution of standardised residuals, which does not.

use statrs::distribution::{ContinuousCDF, Normal};

use crate::stats::information::basis::Basis;
use crate::stats::mean::moments;

/// Points at which the distribution of residuals is kept.
const POINTS: usize = 512;

/// A squared residual is at least this share of the variance, so that its logarithm is finite.
const RESIDUAL_MIN: f64 = 1e-3;

/// A fitted distribution, for each row.
#[derive(Clone, Debug)]
pub(super) struct Law {
    mean: Vec<f64>,
    spread: Vec<f64>,
    residuals: Residuals,
}

impl Law {
    /// Fits observations: each a row, and a value. The mean is a smooth function of the row's values; the logarithm
    /// of the variance is linear in them (Harvey 1976).
    pub fn fit(smooth: &Basis, linear: &Basis, observed: &[(usize, f64)]) -> Self {
        let mean = smooth.fitted(observed.iter().copied());
        let off: Vec<f64> = observed.iter().map(|(row, it)| it - mean[*row]).collect();
        let variance = off.iter().map(|it| it * it).sum::<f64>() / off.len().max(1) as f64;
        let least = (variance * RESIDUAL_MIN).max(f64::MIN_POSITIVE);
        let logarithm = |off: &f64| libm::log((off * off).max(least));
        let logarithms = observed.iter().zip(&off);
        let logarithms = linear.fitted(logarithms.map(|((row, _), off)| (*row, logarithm(off))));
        let spread: Vec<f64> = logarithms.iter().map(|it| libm::exp(it / 2.0)).collect();
        let standard = observed.iter().zip(off);
        let standard = standard.map(|((row, _), off)| off / spread[*row]).collect();
        Self {
            residuals: Residuals::of(standard),
            mean,
            spread,
        }
    }

    /// Probability that the value of a row exceeds this.
    pub fn exceeds(&self, row: usize, value: f64) -> f64 {
        self.residuals
            .exceed((value - self.mean[row]) / self.spread[row])
    }
}

/// The smoothed survival function of residuals, at evenly spaced points.
#[derive(Clone, Debug)]
struct Residuals {
    first: f64,
    step: f64,
    survival: Vec<f64>,
}

impl Residuals {
    /// A Gaussian kernel with Silverman's bandwidth (1986), on values drawn together so that it keeps their variance
    /// (Jones 1991).
    fn of(mut values: Vec<f64>) -> Self {
        let n = values.len().max(1) as f64;
        let (mean, squares) = moments(&values);
        let deviation = (squares / n).sqrt().max(1e-9);
        let bandwidth = 0.9 * libm::pow(n, -0.2) * deviation;
        let drawn = (1.0 + (bandwidth / deviation).powi(2)).sqrt();
        for value in &mut values {
            *value = mean + (*value - mean) / drawn;
        }
        let (low, high) = values.iter().fold((mean, mean), |(low, high), it| {
            (low.min(*it), high.max(*it))
        });
        let first = low - 4.0 * bandwidth;
        let step = (high + 4.0 * bandwidth - first) / (POINTS - 1) as f64;
        let mut weights = vec![0.0; POINTS];
        for value in values {
            let at = (value - first) / step;
            let (place, share) = (at.floor() as usize, at.fract());
            weights[place] += (1.0 - share) / n;
            weights[(place + 1).min(POINTS - 1)] += share / n;
        }
        let kernel = Normal::standard();
        let kernel: Vec<f64> = (0..2 * POINTS)
            .map(|it| kernel.sf((it as f64 - POINTS as f64) * step / bandwidth))
            .collect();
        let survival = |point: usize| {
            let each = weights.iter().enumerate();
            each.map(|(place, weight)| weight * kernel[POINTS + point - place])
                .sum()
        };
        Self {
            first,
            step,
            survival: (0..POINTS).map(survival).collect(),
        }
    }

    fn exceed(&self, residual: f64) -> f64 {
        let at = (residual - self.first) / self.step;
        if at <= 0.0 {
            return 1.0;
        }
        let (place, share) = (at.floor() as usize, at.fract());
        match self.survival.get(place..place + 2) {
            Some(ends) => ends[0] + share * (ends[1] - ends[0]),
            None => 0.0,
        }
    }
}
