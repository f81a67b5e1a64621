//! Distributions of durations. Each draw inverts the distribution function at one uniform number, with
//! `libm`, so that the same number gives the same duration on every platform.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};

use crate::kernel::gamma;
use crate::kernel::inverse::{Inverse, Ordinate};
use crate::kernel::normal::{normal_density, normal_quantile};
use crate::kernel::random::{Draws, Kept, Stream};
use crate::kernel::time::SimDuration;

/// A distribution of durations. Draws are at least 0 and at most about seventy years.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Distribution {
    /// Always the same.
    Fixed(SimDuration),
    /// Equally likely between two limits.
    Uniform {
        /// The least (µs).
        low: f64,
        /// The most (µs).
        high: f64,
    },
    /// Memoryless, on top of a shift.
    Exponential {
        /// The mean, the shift not included (µs).
        mean: f64,
        /// The least (µs).
        shift: f64,
    },
    /// `exp` of a normal variable, on top of a shift.
    LogNormal(Arc<LogNormal>),
    /// The gamma distribution, on top of a shift.
    Gamma(Arc<Gamma>),
    /// The Weibull distribution, on top of a shift.
    Weibull(Arc<Weibull>),
    /// A density that rises linearly from `low` to `mode` and falls to `high`.
    Triangular {
        /// The least (µs).
        low: f64,
        /// The most likely (µs).
        mode: f64,
        /// The most (µs).
        high: f64,
    },
    /// Each of these, sorted, equally likely.
    Empirical(Arc<[SimDuration]>),
}

/// A log-normal law: `shift` + exp(`mu` + `sigma` Z) (µs).
#[derive(Clone, Debug)]
pub struct LogNormal {
    mu: f64,
    sigma: f64,
    shift: f64,
    inverse: Inverse,
}

/// A gamma law: `shift` + `scale` G, where G has this `shape` and scale 1 (µs).
#[derive(Clone, Debug)]
pub struct Gamma {
    shape: f64,
    scale: f64,
    shift: f64,
    inverse: Inverse,
}

/// A Weibull law: `shift` + `scale` W, where W has this `shape` and scale 1 (µs).
#[derive(Clone, Debug)]
pub struct Weibull {
    shape: f64,
    scale: f64,
    shift: f64,
    inverse: Inverse,
}

/// A cache of tabulated distributions, by their parameters. Tabulating takes time, and the cells of a
/// sweep use the same ones.
struct Known<T>(Mutex<BTreeMap<[u64; 3], Weak<T>>>);

impl<T> Known<T> {
    const fn none() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// The distribution with these parameters, from the cache if it is there.
    fn law(&self, parameters: [f64; 3], make: impl FnOnce() -> T) -> Arc<T> {
        let parameters = parameters.map(f64::to_bits);
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(law) = known().get(&parameters).and_then(Weak::upgrade) {
            return law;
        }
        let law = Arc::new(make());
        let mut known = known();
        known.retain(|_, law| 0 < law.strong_count());
        known.insert(parameters, Arc::downgrade(&law));
        law
    }
}

impl Weibull {
    /// The distribution of this `shape` > 0 and mean (µs) > 0, the shift not included.
    pub fn shared(shape: f64, mean: f64, shift: f64) -> Arc<Self> {
        static KNOWN: Known<Weibull> = Known::none();
        KNOWN.law([shape, mean, shift], || Self::new(shape, mean, shift))
    }

    fn new(shape: f64, mean: f64, shift: f64) -> Self {
        let power = 1.0 / shape;
        let inverse = Inverse::tabulate(|u| {
            let exponential = -libm::log1p(-u);
            let value = libm::pow(exponential, power);
            Ordinate {
                value,
                slope: power * value / exponential / (1.0 - u),
            }
        });
        Self {
            shape,
            scale: mean / libm::tgamma(1.0 + power),
            shift,
            inverse,
        }
    }

    fn quantile(&self, u: f64) -> f64 {
        let exact = || libm::pow(-libm::log1p(-u), 1.0 / self.shape);
        self.shift + self.scale * self.inverse.quantile(u).unwrap_or_else(exact)
    }
}

impl LogNormal {
    /// The distribution whose logarithm (ln µs) has mean `mu` and standard deviation `sigma` >= 0.
    pub fn shared(mu: f64, sigma: f64, shift: f64) -> Arc<Self> {
        static KNOWN: Known<LogNormal> = Known::none();
        KNOWN.law([mu, sigma, shift], || Self::new(mu, sigma, shift))
    }

    fn new(mu: f64, sigma: f64, shift: f64) -> Self {
        let inverse = Inverse::tabulate(|u| {
            let z = normal_quantile(u);
            let value = libm::exp(mu + sigma * z);
            Ordinate {
                value,
                slope: value * sigma / normal_density(z),
            }
        });
        Self {
            mu,
            sigma,
            shift,
            inverse,
        }
    }

    fn quantile(&self, u: f64) -> f64 {
        let exact = || libm::exp(self.mu + self.sigma * normal_quantile(u));
        self.shift + self.inverse.quantile(u).unwrap_or_else(exact)
    }
}

impl Gamma {
    /// The distribution of this `shape` > 0 and `scale` > 0 (µs).
    pub fn shared(shape: f64, scale: f64, shift: f64) -> Arc<Self> {
        static KNOWN: Known<Gamma> = Known::none();
        KNOWN.law([shape, scale, shift], || Self::new(shape, scale, shift))
    }

    fn new(shape: f64, scale: f64, shift: f64) -> Self {
        let inverse = Inverse::tabulate(|u| {
            let value = gamma::quantile(shape, u);
            Ordinate {
                value,
                slope: 1.0 / gamma::density(shape, value),
            }
        });
        Self {
            shape,
            scale,
            shift,
            inverse,
        }
    }

    /// The value that a share `u` of draws does not exceed, 0 < `u` < 1.
    pub fn value(&self, u: f64) -> f64 {
        let exact = || gamma::quantile(self.shape, u);
        self.shift + self.scale * self.inverse.quantile(u).unwrap_or_else(exact)
    }
}

impl Distribution {
    /// The exponential distribution of this mean (s), above 0.
    pub fn exponential(mean_s: f64) -> Self {
        Self::Exponential {
            mean: 1e6 * mean_s,
            shift: 0.0,
        }
    }

    /// The next of `draws`, all of which are this law's. A fixed duration takes none, having nothing to
    /// decide.
    #[inline]
    pub fn draw(&self, draws: &mut Draws<SimDuration>) -> SimDuration {
        match self {
            Self::Fixed(length) => *length,
            _ => draws.next(|unit| self.quantile(unit)),
        }
    }

    /// The draw at `position` of `stream`, independent of earlier draws.
    pub fn draw_at(&self, stream: &Stream, position: u64) -> SimDuration {
        match self {
            Self::Fixed(length) => *length,
            _ => self.quantile(stream.unit_at(position)),
        }
    }

    /// The same, where the positions asked for lie near each other.
    #[inline]
    pub fn draw_near(&self, stream: &Stream, position: u64, kept: &mut Kept) -> SimDuration {
        match self {
            Self::Fixed(length) => *length,
            _ => self.quantile(stream.unit_near(position, kept)),
        }
    }

    /// The duration that a share `u` of draws does not exceed, 0 < `u` < 1.
    #[inline]
    pub fn quantile(&self, u: f64) -> SimDuration {
        let micros = match self {
            Self::Fixed(length) => return *length,
            Self::Uniform { low, high } => low + (high - low) * u,
            Self::Exponential { mean, shift } => shift + mean * unit_exponential(u),
            Self::LogNormal(law) => law.quantile(u),
            Self::Gamma(law) => law.value(u),
            Self::Weibull(law) => law.quantile(u),
            Self::Triangular { low, mode, high } => triangular(*low, *mode, *high, u),
            Self::Empirical(values) => return values[(u * values.len() as f64) as usize],
        };
        SimDuration::from_micros_f64(micros)
    }

    /// The expected duration.
    pub fn mean(&self) -> SimDuration {
        let micros = match self {
            Self::Fixed(length) => return *length,
            Self::Uniform { low, high } => 0.5 * (low + high),
            Self::Exponential { mean, shift } => shift + mean,
            Self::LogNormal(law) => law.shift + libm::exp(law.mu + 0.5 * law.sigma * law.sigma),
            Self::Gamma(law) => law.shift + law.shape * law.scale,
            Self::Weibull(law) => law.shift + law.scale * libm::tgamma(1.0 + 1.0 / law.shape),
            Self::Triangular { low, mode, high } => (low + mode + high) / 3.0,
            Self::Empirical(values) => {
                values
                    .iter()
                    .map(|value| value.micros() as f64)
                    .sum::<f64>()
                    / values.len() as f64
            }
        };
        SimDuration::from_micros_f64(micros)
    }

    /// Whether some draw is finite.
    pub fn can_end(&self) -> bool {
        !matches!(self, Self::Fixed(length) if !length.is_finite())
    }

    /// Whether every draw is the same.
    pub fn is_fixed(&self) -> bool {
        matches!(self, Self::Fixed(_))
    }
}

/// Quantile of the exponential distribution of mean 1: -ln(1 - `u`), from a table, for 0 < `u` < 1.
#[inline]
pub(crate) fn unit_exponential(u: f64) -> f64 {
    static TABLE: LazyLock<Inverse> = LazyLock::new(|| {
        Inverse::tabulate(|u| Ordinate {
            value: -libm::log(1.0 - u),
            slope: 1.0 / (1.0 - u),
        })
    });
    TABLE.quantile(u).unwrap_or_else(|| -libm::log(1.0 - u))
}

fn triangular(low: f64, mode: f64, high: f64, u: f64) -> f64 {
    let width = high - low;
    if width * u < mode - low {
        low + (u * width * (mode - low)).sqrt()
    } else {
        high - ((1.0 - u) * width * (high - mode)).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::random::Key;

    const MINUTE: f64 = 6e7;

    fn laws() -> Vec<(&'static str, Distribution)> {
        let lengths = [1, 2, 2, 10].map(|minutes| SimDuration::from_seconds(60 * minutes));
        vec![
            (
                "uniform",
                Distribution::Uniform {
                    low: MINUTE,
                    high: 5.0 * MINUTE,
                },
            ),
            (
                "exponential",
                Distribution::Exponential {
                    mean: 3.0 * MINUTE,
                    shift: MINUTE,
                },
            ),
            (
                "lognormal",
                Distribution::LogNormal(LogNormal::shared(libm::log(MINUTE), 0.6, 0.0)),
            ),
            (
                "gamma",
                Distribution::Gamma(Gamma::shared(2.5, MINUTE, 0.0)),
            ),
            (
                "gamma below one",
                Distribution::Gamma(Gamma::shared(0.5, MINUTE, 0.0)),
            ),
            (
                "weibull",
                Distribution::Weibull(Weibull::shared(0.7, MINUTE, 0.0)),
            ),
            (
                "weibull above one",
                Distribution::Weibull(Weibull::shared(3.0, MINUTE, MINUTE)),
            ),
            (
                "triangular",
                Distribution::Triangular {
                    low: MINUTE,
                    mode: 2.0 * MINUTE,
                    high: 7.0 * MINUTE,
                },
            ),
            ("empirical", Distribution::Empirical(Arc::from(lengths))),
        ]
    }

    #[test]
    fn sample_means_agree_with_the_stated_mean() {
        for (name, law) in laws() {
            let mut stream = Key {
                seed: 1,
                replication: 0,
            }
            .stream(3, 1, 0)
            .draws();
            let n = 200_000;
            let draws: Vec<f64> = (0..n).map(|_| law.draw(&mut stream).seconds()).collect();
            let mean = draws.iter().sum::<f64>() / f64::from(n);
            let variance = draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>();
            let error = (variance / f64::from(n) / f64::from(n)).sqrt();
            let z = (mean - law.mean().seconds()) / error;
            assert!(z.abs() < 4.5, "{name}: mean {mean}, z {z}");
        }
    }

    #[test]
    fn the_table_keeps_eight_digits() {
        let law = LogNormal::new(0.0, 1.5, 0.0);
        let gammas = [0.5, 2.5, 40.0].map(|shape| Gamma::new(shape, 1.0, 0.0));
        let mut stream = Key {
            seed: 2,
            replication: 0,
        }
        .stream(3, 1, 0)
        .draws();
        for _ in 0..20_000 {
            let u = stream.next(|unit| unit);
            let exact = libm::exp(1.5 * normal_quantile(u));
            assert!(
                (law.quantile(u) / exact - 1.0).abs() < 1e-8,
                "log-normal at {u}"
            );
            for gamma in &gammas {
                let exact = gamma::quantile(gamma.shape, u);
                let ratio = gamma.value(u) / exact;
                assert!(
                    (ratio - 1.0).abs() < 1e-8,
                    "gamma {} at {u}: {ratio}",
                    gamma.shape
                );
            }
        }
    }

    #[test]
    fn quantiles_rise() {
        for (name, law) in laws() {
            let values: Vec<_> = (1..2_000)
                .map(|i| law.quantile(f64::from(i) / 2e3))
                .collect();
            assert!(values.windows(2).all(|pair| pair[0] <= pair[1]), "{name}");
        }
    }
}
