//! Families of distributions of durations, and their likelihoods. Each has a location (a mean or a median) and, but
//! for the exponential, a shape; both are searched on the log scale.

use statrs::function::gamma::checked_gamma_ur;

use crate::stats::lifetime::sample::Lifetimes;

/// A family of distributions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Family {
    /// By its mean.
    Exponential,
    /// By its median and the standard deviation of its logarithm.
    Lognormal,
    /// By its mean and its shape.
    Gamma,
    /// By its mean and its shape.
    Weibull,
}

/// ln sqrt(2 π).
const LOG_ROOT_TAU: f64 = 0.918_938_533_204_672_8;
/// A likelihood that underflowed, finite so that searches compare it.
const UNDERFLOW: f64 = -1e9;

impl Family {
    /// Every family, the one with fewest parameters first.
    pub const ALL: [Self; 4] = [
        Self::Exponential,
        Self::Lognormal,
        Self::Gamma,
        Self::Weibull,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exponential => "exponential",
            Self::Lognormal => "lognormal",
            Self::Gamma => "gamma",
            Self::Weibull => "weibull",
        }
    }

    /// Number of its parameters.
    pub fn parameters(self) -> usize {
        match self {
            Self::Exponential => 1,
            _ => 2,
        }
    }

    /// Logarithms of the ends between which its shape is searched.
    pub fn log_shapes(self) -> (f64, f64) {
        let (low, high) = match self {
            Self::Exponential => (1.0, 1.0),
            Self::Lognormal => (1e-3, 20.0),
            Self::Gamma => (0.05, 1e4),
            Self::Weibull => (0.1, 100.0),
        };
        (libm::log(low), libm::log(high))
    }

    /// The distribution with this location and shape.
    pub fn with(self, location: f64, shape: f64) -> Distribution {
        let scale = match self {
            Self::Exponential | Self::Lognormal => location,
            Self::Gamma => location / shape,
            Self::Weibull => location / libm::tgamma(1.0 + 1.0 / shape),
        };
        Distribution {
            family: self,
            shape,
            log_scale: libm::log(scale),
            log_gamma: libm::lgamma(shape),
        }
    }
}

/// A distribution of durations.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Distribution {
    family: Family,
    shape: f64,
    log_scale: f64,
    log_gamma: f64,
}

impl Distribution {
    /// Logarithm of the density at the duration with this logarithm.
    fn log_density(&self, log: f64) -> f64 {
        let (shape, from) = (self.shape, log - self.log_scale);
        match self.family {
            Family::Exponential => -self.log_scale - libm::exp(from),
            Family::Lognormal => {
                let z = from / shape;
                -log - libm::log(shape) - LOG_ROOT_TAU - 0.5 * z * z
            }
            Family::Gamma => shape * from - log - self.log_gamma - libm::exp(from),
            Family::Weibull => libm::log(shape) - log + shape * from - libm::exp(shape * from),
        }
    }

    /// Logarithm of the probability of a longer duration than that with this logarithm.
    fn log_survival(&self, log: f64) -> f64 {
        let (shape, from) = (self.shape, log - self.log_scale);
        match self.family {
            Family::Exponential => -libm::exp(from),
            Family::Lognormal => log_normal_tail(from / shape),
            Family::Gamma => log_gamma_tail(shape, libm::exp(from), self.log_gamma),
            Family::Weibull => -libm::exp(shape * from),
        }
    }

    /// Probability of a duration up to `time`.
    pub fn distribution(&self, time: f64) -> f64 {
        -libm::expm1(self.log_survival(libm::log(time)))
    }

    /// Log-likelihood of a sample.
    pub fn log_likelihood(&self, sample: &Lifetimes) -> f64 {
        let mut sum = 0.0;
        for it in &sample.distinct {
            if 0.0 < it.events {
                sum += it.events * self.log_density(it.log);
            }
            if 0.0 < it.censored {
                sum += it.censored * self.log_survival(it.log).max(UNDERFLOW);
            }
        }
        if sum.is_finite() { sum } else { f64::MIN }
    }
}

/// ln P(Z > z) of the standard normal distribution.
fn log_normal_tail(z: f64) -> f64 {
    if z < 30.0 {
        libm::log(0.5 * libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2))
    } else {
        // Mills' ratio, where erfc underflows.
        -0.5 * z * z - LOG_ROOT_TAU - libm::log(z)
    }
}

/// ln P(X > x) of the gamma distribution of scale 1.
fn log_gamma_tail(shape: f64, x: f64, log_gamma: f64) -> f64 {
    let tail = checked_gamma_ur(shape, x).unwrap_or(0.0);
    if 1e-280 < tail {
        libm::log(tail.min(1.0))
    } else {
        (shape - 1.0) * libm::log(x) - x - log_gamma
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn densities_and_tails_agree() {
        for (family, location, shape) in [
            (Family::Exponential, 3.0, 1.0),
            (Family::Lognormal, 3.0, 0.7),
            (Family::Gamma, 3.0, 2.5),
            (Family::Gamma, 3.0, 0.4),
            (Family::Weibull, 3.0, 1.7),
        ] {
            let law = family.with(location, shape);
            // The slope of the distribution function is the density.
            for time in [0.5, 2.0, 7.0] {
                let step = 1e-5;
                let slope =
                    (law.distribution(time + step) - law.distribution(time - step)) / (2.0 * step);
                let density = libm::exp(law.log_density(libm::log(time)));
                assert!((slope - density).abs() < 1e-7, "{family:?} {time}");
            }
        }
    }

    #[test]
    fn locations_are_means_and_medians() {
        let half = Family::Lognormal.with(3.0, 0.7).distribution(3.0);
        assert!((half - 0.5).abs() < 1e-12);
        for family in [Family::Exponential, Family::Gamma, Family::Weibull] {
            let shape = if family == Family::Exponential {
                1.0
            } else {
                1.6
            };
            let law = family.with(3.0, shape);
            // The mean is the area under the survival function.
            let step = 1e-3;
            let area = (0..60_000).map(|i| (f64::from(i) + 0.5) * step);
            let area: f64 = area.map(|time| step * (1.0 - law.distribution(time))).sum();
            assert!((area - 3.0).abs() < 1e-4, "{family:?} {area}");
        }
    }

    #[test]
    fn far_tails_do_not_underflow() {
        assert!((log_normal_tail(29.999) - log_normal_tail(30.001)).abs() < 0.1);
        assert!(log_gamma_tail(2.0, 2_000.0, 0.0) < -1_900.0);
        assert!(log_gamma_tail(2.0, 2_000.0, 0.0).is_finite());
    }
}
