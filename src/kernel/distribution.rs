//! Distributions of durations. Each draw inverts the distribution function at one uniform number, with
//! `libm`, so that the same number gives the same duration on every platform.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};

use crate::kernel::gamma;
use crate::kernel::inverse::{Inverse, Ordinate};
use crate::kernel::random::{Draws, Kept, Stream};
use crate::kernel::time::SimDuration;

/// A distribution of durations.
#[derive(Clone, Debug)]
pub(crate) enum Distribution {
    /// Constant.
    Fixed(SimDuration),
    /// Equally likely between two limits (µs).
    Uniform { low: f64, high: f64 },
    /// Memoryless, on top of `shift` (µs).
    Exponential { mean: f64, shift: f64 },
    /// `exp` of a normal variable, on top of a shift.
    LogNormal(Arc<LogNormal>),
    /// The gamma distribution, on top of a shift.
    Gamma(Arc<Gamma>),
    /// The Weibull distribution, on top of a shift.
    Weibull(Arc<Weibull>),
    /// Rising linearly from `low` to `mode`, falling to `high` (µs).
    Triangular { low: f64, mode: f64, high: f64 },
    /// Each of these, sorted, equally likely.
    Empirical(Arc<[SimDuration]>),
}

/// A log-normal law: `shift` + exp(`mu` + `sigma` Z) (µs).
#[derive(Clone, Debug)]
pub(crate) struct LogNormal {
    mu: f64,
    sigma: f64,
    shift: f64,
    inverse: Inverse,
}

/// A gamma law: `shift` + `scale` G, where G has this `shape` and scale 1 (µs).
#[derive(Clone, Debug)]
pub(crate) struct Gamma {
    shape: f64,
    scale: f64,
    shift: f64,
    inverse: Inverse,
}

/// A Weibull law: `shift` + `scale` W, where W has this `shape` and scale 1 (µs).
#[derive(Clone, Debug)]
pub(crate) struct Weibull {
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
    /// The next of `draws`, all of which belong to this distribution. A fixed duration takes none: there is nothing to
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

fn normal_density(z: f64) -> f64 {
    libm::exp(-0.5 * z * z) / (2.0 * std::f64::consts::PI).sqrt()
}

/// Quantile of the standard normal law: algorithm AS 241, PPND16 (Wichura, 1988), about sixteen
/// digits over the whole of (0, 1).
pub(crate) fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180625 - q * q;
        return q * horner(&CENTRE.0, r) / horner(&CENTRE.1, r);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    let r = (-libm::log(tail)).sqrt();
    let z = if r <= 5.0 {
        horner(&MIDDLE.0, r - 1.6) / horner(&MIDDLE.1, r - 1.6)
    } else {
        horner(&FAR.0, r - 5.0) / horner(&FAR.1, r - 5.0)
    };
    if q < 0.0 { -z } else { z }
}

fn horner(coefficients: &[f64; 8], x: f64) -> f64 {
    coefficients
        .iter()
        .rev()
        .fold(0.0, |sum, coefficient| sum * x + coefficient)
}

type Ratio = ([f64; 8], [f64; 8]);

const CENTRE: Ratio = (
    [
        3.387_132_872_796_366_5,
        1.331_416_678_917_843_8e2,
        1.971_590_950_306_551_3e3,
        1.373_169_376_550_946e4,
        4.592_195_393_154_987e4,
        6.726_577_092_700_87e4,
        3.343_057_558_358_813e4,
        2.509_080_928_730_122_7e3,
    ],
    [
        1.0,
        4.231_333_070_160_091e1,
        6.871_870_074_920_579e2,
        5.394_196_021_424_751e3,
        2.121_379_430_158_659_7e4,
        3.930_789_580_009_271e4,
        2.872_908_573_572_194_3e4,
        5.226_495_278_852_545e3,
    ],
);

const MIDDLE: Ratio = (
    [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        2.417_807_251_774_506e-1,
        2.272_384_498_926_918_4e-2,
        7.745_450_142_783_414e-4,
    ],
    [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        6.897_673_349_851e-1,
        1.481_039_764_274_800_8e-1,
        1.519_866_656_361_645_7e-2,
        5.475_938_084_995_345e-4,
        1.050_750_071_644_416_9e-9,
    ],
);

const FAR: Ratio = (
    [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        2.965_605_718_285_048_7e-1,
        2.653_218_952_657_612_4e-2,
        1.242_660_947_388_078_4e-3,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288_1e-7,
    ],
    [
        1.0,
        5.998_322_065_558_88e-1,
        1.369_298_809_227_358e-1,
        1.487_536_129_085_061_5e-2,
        7.868_691_311_456_133e-4,
        1.846_318_317_510_054_8e-5,
        1.421_511_758_316_446e-7,
        2.044_263_103_389_939_8e-15,
    ],
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::random::Key;
    use statrs::distribution::{ContinuousCDF, Normal};

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
    fn the_normal_quantile_undoes_an_independent_distribution_function() {
        let peer = Normal::new(0.0, 1.0).expect("a valid law");
        for p in [1e-12, 1e-5, 0.01, 0.08, 0.3, 0.5, 0.7, 0.95, 0.9999] {
            assert!((peer.cdf(normal_quantile(p)) / p - 1.0).abs() < 1e-8, "{p}");
        }
        assert!((normal_quantile(0.975) - 1.959_963_984_540_054).abs() < 1e-14);
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
