//! Maximum likelihood of a family, intervals by profile likelihood, and the choice between families.

use crate::stats::Estimate;
use crate::stats::lifetime::family::Family;
use crate::stats::lifetime::goodness::{Goodness, goodness};
use crate::stats::lifetime::sample::Lifetimes;
use crate::stats::optimum::{falls_to_zero, maximum};

/// Half of the 90% quantile of chi-squared with one degree of freedom: how far a profile of the log-likelihood
/// falls to the ends of a 90% interval (Wilks, 1938).
const FALL: f64 = 1.352_771_727_047_702_3;
/// Precision of logarithms of parameters.
const TOLERANCE: f64 = 1e-6;
/// How far beyond the observed durations a location is searched, as a logarithm.
const BEYOND: f64 = 7.0;

/// A family fitted to a sample.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Fit {
    /// The family.
    pub family: Family,
    /// Mean, or median of a lognormal distribution, with its 90% interval.
    pub location: Estimate,
    /// Shape, or standard deviation of the logarithm of a lognormal distribution, with its 90% interval;
    /// absent for the exponential distribution.
    pub shape: Option<Estimate>,
    /// Log-likelihood.
    pub log_likelihood: f64,
    /// How far it lies from the data.
    pub goodness: Goodness,
}

impl Fit {
    /// Akaike's information criterion (1974): less is better.
    pub fn aic(&self) -> f64 {
        2.0 * self.family.parameters() as f64 - 2.0 * self.log_likelihood
    }
}

/// The likelihood of a family over a sample, by logarithms of location and shape.
struct Surface<'a> {
    family: Family,
    sample: &'a Lifetimes,
    locations: (f64, f64),
    shapes: (f64, f64),
}

impl Surface<'_> {
    fn at(&self, location: f64, shape: f64) -> f64 {
        let law = self.family.with(libm::exp(location), libm::exp(shape));
        law.log_likelihood(self.sample)
    }

    /// The best location for a shape, and its log-likelihood.
    fn best_location(&self, shape: f64) -> (f64, f64) {
        maximum(
            |location| self.at(location, shape),
            self.locations,
            TOLERANCE,
        )
    }

    /// The greatest log-likelihood for a location.
    fn profile_of_location(&self, location: f64) -> f64 {
        maximum(|shape| self.at(location, shape), self.shapes, TOLERANCE).1
    }

    /// Logarithms of the most likely location and shape, and their log-likelihood.
    fn top(&self) -> (f64, f64, f64) {
        let profile = |shape: f64| self.best_location(shape).1;
        let (shape, _) = maximum(profile, self.shapes, TOLERANCE);
        let (location, value) = self.best_location(shape);
        (location, shape, value)
    }

    /// The interval around the logarithm of a parameter in which its profile lies near the top; an end that
    /// the data do not bound is absent.
    fn interval(
        &self,
        best: f64,
        (low, high): (f64, f64),
        above: impl Fn(f64) -> f64,
    ) -> (Option<f64>, Option<f64>) {
        let step = 0.5 / (self.sample.events as f64).sqrt();
        let end = |to| falls_to_zero(&above, best, to, step);
        (end(low), end(high))
    }
}

/// The most likely distribution of a family; absent where the sample has too few durations that ended, or they
/// are all equal.
pub(crate) fn fit(family: Family, sample: &Lifetimes) -> Option<Fit> {
    if sample.distinct_events() < family.parameters() {
        return None;
    }
    let (shortest, longest) = sample.log_range();
    let surface = Surface {
        family,
        sample,
        locations: (shortest - BEYOND, longest + BEYOND),
        shapes: family.log_shapes(),
    };
    let (n, one_parameter) = (sample.events, family == Family::Exponential);
    let (location, shape, top) = match one_parameter {
        true => {
            let mean = libm::log(sample.exposure() / n as f64);
            (mean, 0.0, surface.at(mean, 0.0))
        }
        false => surface.top(),
    };
    let above = |at: f64| {
        let value = match one_parameter {
            true => surface.at(at, 0.0),
            false => surface.profile_of_location(at),
        };
        value - top + FALL
    };
    let ends = surface.interval(location, surface.locations, above);
    let estimate = |point: f64, (low, high): (Option<f64>, Option<f64>)| Estimate {
        point: Some(libm::exp(point)),
        low: low.map(libm::exp),
        high: high.map(libm::exp),
        n,
    };
    let shape_estimate = (!one_parameter).then(|| {
        let above = |shape: f64| surface.best_location(shape).1 - top + FALL;
        let ends = surface.interval(shape, surface.shapes, above);
        estimate(shape, ends)
    });
    let law = family.with(libm::exp(location), libm::exp(shape));
    Some(Fit {
        family,
        location: estimate(location, ends),
        shape: shape_estimate,
        log_likelihood: top,
        goodness: goodness(sample, |time| law.distribution(time)),
    })
}

/// Fits of every family that the sample can tell, the best first by Akaike's criterion.
pub(crate) fn fits(sample: &Lifetimes) -> Vec<Fit> {
    let mut fits: Vec<Fit> = Family::ALL
        .iter()
        .filter_map(|family| fit(*family, sample))
        .collect();
    fits.sort_by(|one, other| one.aic().total_cmp(&other.aic()));
    fits
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Remission times of the 6-MP arm (Freireich and others, 1963).
    fn remission() -> Lifetimes {
        let ended = [6.0, 6.0, 6.0, 7.0, 10.0, 13.0, 16.0, 22.0, 23.0];
        let censored = [
            6.0, 9.0, 10.0, 11.0, 17.0, 19.0, 20.0, 25.0, 32.0, 32.0, 34.0, 35.0,
        ];
        let ended = ended.into_iter().map(|time| (time, true));
        Lifetimes::new(ended.chain(censored.into_iter().map(|time| (time, false))))
    }

    fn near(found: Option<f64>, expected: f64, within: f64) {
        let found = found.expect("a value");
        assert!((found - expected).abs() < within, "{found}, not {expected}");
    }

    #[test]
    fn the_exponential_fit_is_exposure_over_events() {
        let fit = fit(Family::Exponential, &remission()).expect("a fit");
        // 359 weeks of observation, 9 relapses.
        near(fit.location.point, 359.0 / 9.0, 1e-9);
        near(
            Some(fit.log_likelihood),
            9.0 * libm::log(9.0 / 359.0) - 9.0,
            1e-9,
        );
    }

    #[test]
    fn weibull_of_published_remission_times() {
        // Lawless (2003), and survreg of R: intercept 3.51913, scale 0.73873.
        let fit = fit(Family::Weibull, &remission()).expect("a fit");
        let shape = 1.0 / 0.738_73;
        near(fit.shape.and_then(|it| it.point), shape, 1e-3);
        let mean = libm::exp(3.519_13) * libm::tgamma(1.0 + 0.738_73);
        near(fit.location.point, mean, 0.02);
    }

    #[test]
    fn uncensored_fits_have_their_closed_forms() {
        let times = [1.0, 2.0, 4.0, 8.0, 16.0];
        let sample = Lifetimes::new(times.map(|time| (time, true)));
        let lognormal = fit(Family::Lognormal, &sample).expect("a fit");
        near(lognormal.location.point, 4.0, 1e-4);
        let sigma = std::f64::consts::LN_2 * 2.0_f64.sqrt();
        near(lognormal.shape.and_then(|it| it.point), sigma, 1e-4);
        let gamma = fit(Family::Gamma, &sample).expect("a fit");
        near(gamma.location.point, 6.2, 1e-4);
        // ln k - digamma(k) = ln mean - mean ln (Greenwood and Durand, 1960).
        let shape = gamma.shape.and_then(|it| it.point).expect("a shape");
        let left = libm::log(shape) - statrs::function::gamma::digamma(shape);
        near(Some(left), libm::log(6.2) - libm::log(4.0), 1e-5);
    }

    #[test]
    fn the_interval_of_a_median_is_nearly_students() {
        // Profile likelihood of a normal mean: n ln(1 + t²/(n - 1)) / 2 falls by FALL.
        let times = [1.0, 2.0, 4.0, 8.0, 16.0];
        let sample = Lifetimes::new(times.map(|time| (time, true)));
        let fit = fit(Family::Lognormal, &sample).expect("a fit");
        let sd = std::f64::consts::LN_2 * 2.5_f64.sqrt();
        let t = (4.0 * libm::expm1(2.0 * FALL / 5.0)).sqrt();
        let half = t * sd / 5.0_f64.sqrt();
        near(fit.location.high, 4.0 * libm::exp(half), 1e-3);
        near(fit.location.low, 4.0 / libm::exp(half), 1e-3);
    }

    #[test]
    fn equal_durations_have_no_shape() {
        let sample = Lifetimes::new([(5.0, true); 7]);
        assert_eq!(fit(Family::Gamma, &sample), None);
        assert!(fit(Family::Exponential, &sample).is_some());
        assert!(fits(&Lifetimes::new([(5.0, false); 7])).is_empty());
    }
}
