//! Means and their t intervals.

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::stats::{ALPHA, Estimate};

/// Minimum number of values different from the most common one for a t interval: with fewer, its
/// coverage is far below nominal (68% for 95%, with 30 values of which one in twenty is not
/// zero).
const DIFFERENT_MIN: usize = 50;

/// Mean of a sample with its t interval (Student, 1908). The interval is withheld if most values
/// are equal, such as 0, and too few are not.
pub(crate) fn mean(values: &[f64]) -> Estimate {
    mean_at(values, ALPHA)
}

/// The same, with an interval of coverage 1 - `alpha`.
pub(crate) fn mean_at(values: &[f64], alpha: f64) -> Estimate {
    let n = values.len();
    if n == 0 {
        return Estimate::default();
    }
    let (mean, squares) = moments(values);
    let point = Some(mean);
    if n < 2 || hardly_differ(values) {
        return Estimate {
            point,
            n,
            ..Estimate::default()
        };
    }
    let degrees = (n - 1) as f64;
    let error = (squares / degrees / n as f64).sqrt();
    let law = StudentsT::new(0.0, 1.0, degrees).expect("degrees of freedom are above 0");
    let half = law.inverse_cdf(1.0 - alpha / 2.0) * error;
    Estimate {
        point,
        low: Some(mean - half),
        high: Some(mean + half),
        n,
    }
}

/// Whether more than half of the values are equal, and too few are not. The most common value is then the
/// median.
pub(crate) fn hardly_differ(values: &[f64]) -> bool {
    let mut sorted = values.to_vec();
    let (_, median, _) = sorted.select_nth_unstable_by(values.len() / 2, f64::total_cmp);
    let different = values.iter().filter(|value| *value != median).count();
    different < DIFFERENT_MIN && 2 * different < values.len()
}

/// Mean, and sum of squared deviations from it, in one pass (Welford, 1962).
pub(crate) fn moments(values: &[f64]) -> (f64, f64) {
    let (mut mean, mut squares) = (0.0, 0.0);
    for (before, value) in values.iter().enumerate() {
        let from_old = value - mean;
        mean += from_old / (before + 1) as f64;
        squares += from_old * (value - mean);
    }
    (mean, squares)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_students() {
        let estimate = mean(&[1.0, 2.0, 3.0, 4.0, 5.0]);
        // t(0.975; 4) = 2.776445, standard error sqrt(2.5 / 5).
        assert_eq!(estimate.point, Some(3.0));
        let half = 2.776_445_105 * 0.5_f64.sqrt();
        assert!((estimate.high.expect("an end") - 3.0 - half).abs() < 1e-6);
    }

    #[test]
    fn hardly_any_nonzero_value_gives_no_interval() {
        let mut values = vec![0.0; 100];
        values[0] = 7.0;
        assert_eq!(mean(&values).low, None);
        let almost_all = values.iter().map(|value| 1.0 - value).collect::<Vec<_>>();
        assert_eq!(mean(&almost_all).low, None);
        assert!((mean(&values).point.expect("a mean") - 0.07).abs() < 1e-15);
    }

    #[test]
    fn large_values_with_small_differences_keep_their_digits() {
        // NIST StRD, NumAcc4: mean 10000000.2, standard deviation 0.1.
        let mut values = vec![10_000_000.2];
        values.extend((0..1_000).map(|i| 10_000_000.1 + 0.2 * f64::from(i % 2)));
        let (mean, squares) = moments(&values);
        assert!((mean - 10_000_000.2).abs() < 1e-8, "{mean}");
        assert!(((squares / 1_000.0).sqrt() - 0.1).abs() < 1e-8);
    }
}
