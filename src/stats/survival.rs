//! The survival curve of censored times.

use crate::stats::proportion::proportion;
use crate::stats::{Estimate, Z};

/// The curve from one time on.
#[derive(Clone, Copy, PartialEq, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct Step {
    /// The time, in the unit of the sample.
    pub at: f64,
    /// Number at risk just before it.
    pub at_risk: usize,
    /// Number of events at it.
    pub events: usize,
    /// Number censored after it and before the next step.
    pub censored: usize,
    /// Share that survives it.
    pub survival: f64,
    /// Greenwood's standard error of that share.
    pub error: f64,
    /// Lower end of the pointwise 95% band.
    pub low: f64,
    /// Upper end of the pointwise 95% band.
    pub high: f64,
}

/// How long those of a sample last (Kaplan and Meier, 1958).
#[derive(Clone, PartialEq, Debug, Default, serde::Serialize)]
#[non_exhaustive]
pub struct Survival {
    /// The sample size.
    pub n: usize,
    /// The curve, by time; the first step is at 0, where all are at risk.
    pub steps: Vec<Step>,
    /// The longest time observed.
    pub until: f64,
}

/// A time, and whether it is an event or censored.
pub(crate) type Watched = (f64, bool);

/// The curve of a sample. At equal times, events precede censoring. The
/// band is log-log, which stays within 0 to 1 and keeps its coverage near the ends
/// (Kalbfleisch and Prentice, 1980); before the first event it is the exact bound of a share with no
/// event, and likewise once none survives, unless some were censored before: then it keeps
/// its last upper end.
pub(crate) fn survival(sample: impl IntoIterator<Item = Watched>) -> Survival {
    let sample = sample.into_iter();
    survival_of(sample.map(|(at, ended)| (at, ended, 1)))
}

/// The same, of a sample in which each of some times occurs so often.
pub(crate) fn survival_of(sample: impl IntoIterator<Item = (f64, bool, usize)>) -> Survival {
    let mut sample: Vec<(f64, bool, usize)> = sample.into_iter().collect();
    sample.sort_unstable_by(|one, other| one.0.total_cmp(&other.0).then(other.1.cmp(&one.1)));
    let n = sample.iter().map(|it| it.2).sum();
    let Some((until, ..)) = sample.last().copied() else {
        return Survival::default();
    };
    let whole = proportion(n, n);
    let mut steps = vec![Step {
        at: 0.0,
        at_risk: n,
        events: 0,
        censored: 0,
        survival: 1.0,
        error: 0.0,
        low: whole.low.unwrap_or(0.0),
        high: 1.0,
    }];
    let (mut at_risk, mut greenwood, mut unwatched) = (n, 0.0, 0);
    let none = proportion(0, n).high.unwrap_or(1.0);
    for group in sample.chunk_by(|one, other| one.0 == other.0) {
        let all: usize = group.iter().map(|it| it.2).sum();
        let ended = group.iter().filter(|(_, ended, _)| *ended);
        let events: usize = ended.map(|it| it.2).sum();
        let last = steps.last_mut().expect("a first step");
        if 0 < events {
            greenwood += events as f64 / (at_risk as f64 * (at_risk - events) as f64);
            let survival = last.survival * (at_risk - events) as f64 / at_risk as f64;
            let before = if unwatched == 0 { none } else { last.high };
            let (low, high) = band(survival, greenwood, before);
            steps.push(Step {
                at: group[0].0,
                at_risk,
                events,
                censored: all - events,
                survival,
                error: if 0.0 < survival {
                    survival * greenwood.sqrt()
                } else {
                    0.0
                },
                low,
                high,
            });
        } else {
            last.censored += all;
        }
        unwatched += all - events;
        at_risk -= all;
    }
    Survival { n, steps, until }
}

/// The log-log band of a share below 1; `none` is its upper end if none survives.
fn band(survival: f64, greenwood: f64, none: f64) -> (f64, f64) {
    if survival <= 0.0 {
        return (0.0, none);
    }
    let log = libm::log(survival);
    let half = Z * greenwood.sqrt() / log.abs();
    let end = |half: f64| libm::exp(log * libm::exp(half));
    (end(half), end(-half))
}

impl Survival {
    /// The curve from `at` on: the last step that is not later.
    ///
    /// # Panics
    /// If the sample is empty, or `at` is negative.
    pub fn at(&self, at: f64) -> &Step {
        assert!(0.0 <= at, "a survival curve begins at 0, not at {at}");
        let later = self.steps.partition_point(|step| step.at <= at);
        &self.steps[later.max(1) - 1]
    }

    /// The first time at which no more than 1 − `p` survive, with the interval of times at which the band
    /// lies around that share (Brookmeyer and Crowley, 1982); an end is absent where it is not reached.
    pub fn quantile(&self, p: f64) -> Estimate {
        let share = 1.0 - p;
        let first = |of: fn(&Step) -> f64| {
            let step = self.steps.iter().find(|step| of(step) <= share + 1e-12);
            step.map(|step| step.at)
        };
        Estimate {
            point: first(|step| step.survival),
            low: first(|step| step.low),
            high: first(|step| step.high),
            n: self.n,
        }
    }

    /// The restricted mean: the mean of the times, each capped at `until`, which is the area under the curve
    /// (Irwin, 1949), with the interval of its asymptotic error. For heavily censored samples. The
    /// curve keeps its last share beyond the last time observed.
    pub fn restricted_mean(&self, until: f64) -> Estimate {
        let steps: Vec<&Step> = self.steps.iter().filter(|step| step.at < until).collect();
        let (mut area, mut variance) = (0.0, 0.0);
        // From the last step back, `area` is the area beyond the step: by so much each event at the step
        // moves the mean.
        for (place, step) in steps.iter().enumerate().rev() {
            let next = steps.get(place + 1).map_or(until, |next| next.at);
            area += step.survival * (next - step.at);
            let left = (step.at_risk - step.events) as f64;
            if 0 < step.events && 0.0 < left {
                variance += area * area * step.events as f64 / (step.at_risk as f64 * left);
            }
        }
        // Without an event, the variance of the times is unknown.
        if self.n < 2 || variance == 0.0 {
            let point = (0 < self.n).then_some(area);
            return Estimate {
                point,
                n: self.n,
                ..Estimate::default()
            };
        }
        let half = Z * variance.sqrt();
        Estimate {
            point: Some(area),
            low: Some((area - half).max(0.0)),
            high: Some((area + half).min(until)),
            n: self.n,
        }
    }

    /// Times at which a step censors.
    pub fn censored(&self) -> usize {
        self.steps.iter().map(|step| step.censored).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Weeks of remission under 6-MP (Freireich et al., 1963; Gehan, 1965).
    fn six_mp() -> Survival {
        let ended = [6, 6, 6, 7, 10, 13, 16, 22, 23];
        let watched = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35];
        let of = |times: &[u32], ended| -> Vec<Watched> {
            times.iter().map(|at| (f64::from(*at), ended)).collect()
        };
        survival([of(&ended, true), of(&watched, false)].concat())
    }

    #[test]
    fn the_published_table_is_met_to_its_last_digit() {
        #[rustfmt::skip]
        let table = [
            (6.0, 21, 0.857_143, 0.076_360, 0.619_718, 0.951_552),
            (7.0, 17, 0.806_723, 0.086_935, 0.563_147, 0.922_809),
            (10.0, 15, 0.752_941, 0.096_350, 0.503_200, 0.889_362),
            (13.0, 12, 0.690_196, 0.106_815, 0.431_610, 0.849_066),
            (16.0, 11, 0.627_451, 0.114_054, 0.367_511, 0.804_912),
            (22.0, 7, 0.537_815, 0.128_234, 0.267_779, 0.746_791),
            (23.0, 6, 0.448_179, 0.134_591, 0.188_052, 0.680_143),
        ];
        let curve = six_mp();
        assert_eq!(curve.steps.len(), table.len() + 1);
        for (step, (at, at_risk, survival, error, low, high)) in curve.steps[1..].iter().zip(table)
        {
            assert_eq!((step.at, step.at_risk), (at, at_risk));
            for (found, printed) in [
                (step.survival, survival),
                (step.error, error),
                (step.low, low),
                (step.high, high),
            ] {
                assert!(
                    (found - printed).abs() <= 5e-7,
                    "at {at}: {found} for {printed}"
                );
            }
        }
        assert_eq!(curve.quantile(0.5).point, Some(23.0));
        let mean = curve.restricted_mean(35.0);
        assert!(
            (mean.point.expect("a mean") - 23.287_395).abs() <= 5e-7,
            "{mean:?}"
        );
    }

    #[test]
    fn before_the_first_end_the_bound_is_exact() {
        let curve = survival([(5.0, true), (9.0, false), (9.0, false)]);
        // All three of three: 0.025^(1/3).
        assert!((curve.at(4.9).low - 0.025_f64.cbrt()).abs() < 1e-9);
        assert_eq!((curve.at(4.9).survival, curve.at(4.9).high), (1.0, 1.0));
        assert!(curve.at(5.0).survival < 1.0);
    }

    #[test]
    fn without_censoring_the_curve_is_the_share_that_lasts() {
        let curve = survival((1..=10).map(|at| (f64::from(at), true)));
        assert!((curve.at(3.5).survival - 0.7).abs() < 1e-12);
        let last = curve.at(10.0);
        assert_eq!((last.survival, last.low), (0.0, 0.0));
        // None of ten: 1 - 0.025^(1/10).
        assert!((last.high - 0.308_497).abs() < 1e-6, "{}", last.high);
        assert!((curve.restricted_mean(10.0).point.expect("a mean") - 5.5).abs() < 1e-12);
    }

    #[test]
    fn where_nothing_ends_the_mean_is_the_whole_time() {
        let curve = survival([(8.0, false); 50]);
        let mean = curve.restricted_mean(8.0);
        assert_eq!((mean.point, mean.low), (Some(8.0), None));
        assert_eq!(curve.quantile(0.5).point, None);
        assert_eq!((curve.censored(), curve.until), (50, 8.0));
    }
}
