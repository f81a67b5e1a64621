//! Estimates against exact results. One limit holds for every comparison of a kind; none has its own.

use crate::stats::mean::{mean, moments};
use crate::stats::proportion::proportion;
use crate::stats::{Estimate, Z};

/// How far an estimate may be from the exact value, in its standard errors.
pub(crate) const Z_MAX: f64 = 4.5;

/// By how much a figure that a function computes may differ from the published one, as a share of it: half a
/// unit of the sixth significant digit.
pub(crate) const DIGITS: f64 = 5e-6;

/// Critical value of the statistic of Kolmogorov and Smirnov times √n, for a risk of 10⁻⁴ (Kolmogorov, 1933).
pub(crate) const KS_MAX: f64 = 2.225_3;

/// What is exact about a value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Exact {
    /// Its mean over replications, all of which must have it.
    Mean(f64),
    /// The share of replications in which it is at most the first number; one without a value is above it.
    UpTo(f64, f64),
    /// The share of replications that have it.
    Occurs(f64),
    /// The share of replications in which it is 0.
    IsZero(f64),
    /// Its distribution function.
    Law(fn(f64) -> f64),
    /// That it is this in every replication.
    Always(f64),
}

/// How a comparison is judged.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Test {
    /// By the distance in standard errors.
    Z,
    /// By the greatest distance of two distribution functions, times √n.
    KolmogorovSmirnov,
    /// By its digits: the figure is computed, not simulated.
    Digits,
    /// By equality.
    Equal,
}

/// What became of a comparison.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    pub expected: f64,
    /// The estimate, with its 95% interval.
    pub estimate: Estimate,
    pub test: Test,
    /// The statistic of the test; absent where it cannot be computed.
    pub statistic: Option<f64>,
    pub holds: bool,
}

/// An estimate with its standard error.
pub(crate) fn by_z(expected: f64, estimate: Estimate, error: f64) -> Judged {
    let z = estimate.point.map(|point| (point - expected) / error);
    let z = z.filter(|z| z.is_finite());
    Judged {
        expected,
        estimate,
        test: Test::Z,
        statistic: z,
        holds: z.is_some_and(|z| z.abs() <= Z_MAX),
    }
}

/// A figure that is computed.
pub(crate) fn by_digits(expected: f64, computed: f64) -> Judged {
    let off = (computed - expected).abs() / expected.abs();
    Judged {
        expected,
        estimate: exactly(computed),
        test: Test::Digits,
        statistic: None,
        holds: off <= DIGITS,
    }
}

fn exactly(value: f64) -> Estimate {
    Estimate {
        point: Some(value),
        n: 1,
        ..Estimate::default()
    }
}

/// The values of replications against what is exact of them.
pub(crate) fn judge(values: &[Option<f64>], exact: Exact) -> Judged {
    let n = values.len();
    match exact {
        Exact::Mean(expected) => judge_mean(values, expected),
        Exact::UpTo(at, share) => {
            let hits = values.iter().flatten().filter(|value| **value <= at);
            judge_share(hits.count(), n, share)
        }
        Exact::Occurs(share) => judge_share(values.iter().flatten().count(), n, share),
        Exact::IsZero(share) => {
            let hits = values.iter().flatten().filter(|value| **value == 0.0);
            judge_share(hits.count(), n, share)
        }
        Exact::Law(law) => judge_law(values, law),
        Exact::Always(expected) => {
            let differs = values.iter().find(|value| **value != Some(expected));
            let shown = differs.copied().unwrap_or(Some(expected));
            Judged {
                expected,
                estimate: Estimate {
                    point: shown,
                    n,
                    ..Estimate::default()
                },
                test: Test::Equal,
                statistic: None,
                holds: differs.is_none() && 0 < n,
            }
        }
    }
}

/// A replication without a value would bias the mean of the others, so that there is none.
fn judge_mean(values: &[Option<f64>], expected: f64) -> Judged {
    let present: Vec<f64> = values.iter().copied().flatten().collect();
    let n = present.len();
    if n < 2 || n < values.len() {
        return by_z(expected, Estimate::default(), f64::NAN);
    }
    let (_, squares) = moments(&present);
    let error = (squares / (n - 1) as f64 / n as f64).sqrt();
    by_z(expected, mean(&present), error)
}

/// The standard error is that of the exact share, so that a share near 0 or 1 has one too.
fn judge_share(hits: usize, n: usize, share: f64) -> Judged {
    let error = (share * (1.0 - share) / n as f64).sqrt();
    by_z(share, proportion(hits, n), error)
}

fn judge_law(values: &[Option<f64>], law: fn(f64) -> f64) -> Judged {
    let mut present: Vec<f64> = values.iter().copied().flatten().collect();
    present.sort_unstable_by(f64::total_cmp);
    let n = present.len() as f64;
    let distance = present.iter().enumerate().map(|(place, value)| {
        let exact = law(*value);
        (exact - place as f64 / n).max((place + 1) as f64 / n - exact)
    });
    let distance = distance.fold(0.0, f64::max);
    let whole = present.len() == values.len() && !present.is_empty();
    let statistic = whole.then(|| distance * n.sqrt());
    Judged {
        expected: 0.0,
        estimate: Estimate {
            point: whole.then_some(distance),
            n: values.len(),
            ..Estimate::default()
        },
        test: Test::KolmogorovSmirnov,
        statistic,
        holds: statistic.is_some_and(|it| it <= KS_MAX),
    }
}

/// The standard error behind an estimate with a symmetric 95% interval.
pub(crate) fn error_of(estimate: &Estimate) -> f64 {
    match (estimate.low, estimate.high) {
        (Some(low), Some(high)) => (high - low) / 2.0 / Z,
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_needs_a_value_of_every_replication() {
        let values: Vec<Option<f64>> = (0..100).map(|it| Some(f64::from(it % 3))).collect();
        assert!(judge(&values, Exact::Mean(1.0)).holds);
        assert!(!judge(&values, Exact::Mean(2.0)).holds);
        let some = [&values[..], &[None]].concat();
        let judged = judge(&some, Exact::Mean(1.0));
        assert!(!judged.holds && judged.statistic.is_none());
    }

    #[test]
    fn a_share_is_judged_by_the_error_of_the_exact_one() {
        // 50 of 100 for 0.4: (0.5 − 0.4) / √(0.24 / 100) = 2.041.
        let values: Vec<Option<f64>> = (0..100).map(|it| (it % 2 == 0).then_some(1.0)).collect();
        let judged = judge(&values, Exact::Occurs(0.4));
        assert!((judged.statistic.expect("z") - 2.041_241).abs() < 1e-6);
        assert!(judged.holds && !judge(&values, Exact::Occurs(0.2)).holds);
    }

    #[test]
    fn a_law_is_judged_by_the_greatest_distance() {
        // The middles of a hundred equal parts are 0.005 from the uniform law.
        let middles: Vec<Option<f64>> = (0..100)
            .map(|it| Some((f64::from(it) + 0.5) / 100.0))
            .collect();
        let judged = judge(&middles, Exact::Law(|x| x));
        assert!((judged.estimate.point.expect("a distance") - 0.005).abs() < 1e-12);
        assert!(judged.holds && !judge(&middles, Exact::Law(|x| x * x)).holds);
    }
}
