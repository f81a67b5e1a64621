//! Means and their t intervals.

use serde::{Deserialize, Serialize};
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
    let withheld = hardly_differ(values);
    Moments::of(values.iter().copied()).mean(alpha, withheld)
}

/// Whether more than half of the values are equal, and too few are not. The most common value is then the
/// median.
pub(crate) fn hardly_differ(values: &[f64]) -> bool {
    if are_equal(values) {
        return true;
    }
    let mut sorted = values.to_vec();
    let (_, median, _) = sorted.select_nth_unstable_by(values.len() / 2, f64::total_cmp);
    let different = values.iter().filter(|value| *value != median).count();
    too_few_differ(different, values.len())
}

/// Whether all values are equal.
fn are_equal(values: &[f64]) -> bool {
    values.windows(2).all(|pair| pair[0] == pair[1])
}

/// The same of a sample of which so many differ from its median.
pub(crate) fn too_few_differ(different: usize, n: usize) -> bool {
    different < DIFFERENT_MIN && 2 * different < n
}

/// Mean, and sum of squared deviations from it, in one pass (Welford, 1962).
pub(crate) fn moments(values: &[f64]) -> (f64, f64) {
    let Moments { mean, squares, .. } = Moments::of(values.iter().copied());
    (mean, squares)
}

/// Size, mean, and sum of squared deviations of a sample.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Moments {
    pub n: u64,
    pub mean: f64,
    pub squares: f64,
}

impl Moments {
    /// In one pass (Welford, 1962).
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut of = Self::default();
        for value in values {
            let from_old = value - of.mean;
            of.n += 1;
            // Many measures are the same in every replication, and a division takes long.
            if from_old != 0.0 {
                of.mean += from_old / of.n as f64;
                of.squares += from_old * (value - of.mean);
            }
        }
        of
    }

    /// Of two samples together (Chan, Golub and LeVeque, 1979). Rounding depends on their order.
    pub fn and(self, next: Self) -> Self {
        if self.n == 0 || next.n == 0 {
            return if self.n == 0 { next } else { self };
        }
        let n = self.n + next.n;
        let apart = next.mean - self.mean;
        let share = next.n as f64 / n as f64;
        Self {
            n,
            mean: self.mean + apart * share,
            squares: self.squares + next.squares + apart * apart * self.n as f64 * share,
        }
    }

    /// The mean with its t interval of coverage 1 - `alpha` (Student, 1908), unless that is withheld.
    pub fn mean(self, alpha: f64, withheld: bool) -> Estimate {
        let n = self.n as usize;
        let mut found = Estimate {
            point: (0 < n).then_some(self.mean),
            n,
            ..Estimate::default()
        };
        if n < 2 || withheld {
            return found;
        }
        let degrees = (n - 1) as f64;
        let error = (self.squares / degrees / n as f64).sqrt();
        let law = StudentsT::new(0.0, 1.0, degrees).expect("degrees of freedom are above 0");
        let half = law.inverse_cdf(1.0 - alpha / 2.0) * error;
        found.low = Some(self.mean - half);
        found.high = Some(self.mean + half);
        found
    }

    /// Standard deviation; absent for fewer than two values.
    pub fn sd(self) -> Option<f64> {
        (1 < self.n).then(|| (self.squares / (self.n - 1) as f64).sqrt())
    }
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
    fn moments_of_blocks_are_those_of_the_whole() {
        let values: Vec<f64> = (0..2_500).map(|it| f64::from(it * it % 977)).collect();
        let whole = Moments::of(values.iter().copied());
        let blocks = values
            .chunks(1_000)
            .map(|it| Moments::of(it.iter().copied()));
        let folded = blocks.fold(Moments::default(), Moments::and);
        assert_eq!(folded.n, whole.n);
        assert!((folded.mean / whole.mean - 1.0).abs() < 1e-14);
        assert!((folded.squares / whole.squares - 1.0).abs() < 1e-12);
        assert_eq!(Moments::default().and(whole), whole);
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
