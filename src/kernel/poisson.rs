//! Draws of Poisson counts, of any mean.

use crate::kernel::random::Generator;

/// Mean from which on a count is drawn by rejection.
const REJECTION_FROM: f64 = 10.0;

/// A Poisson count of this mean >= 0: by inversion where it is small, otherwise by transformed rejection (algorithm PTRS,
/// Hörmann, 1993).
pub(crate) fn draw(generator: &mut Generator, mean: f64) -> u64 {
    if mean < REJECTION_FROM {
        return by_inversion(generator.unit(), mean);
    }
    let (log_mean, root) = (libm::log(mean), mean.sqrt());
    let b = 0.931 + 2.53 * root;
    let a = -0.059 + 0.024_83 * b;
    let inverse_alpha = 1.123_9 + 1.132_8 / (b - 3.4);
    let squeeze = 0.927_7 - 3.622_4 / (b - 2.0);
    loop {
        let u = generator.unit() - 0.5;
        let v = generator.unit();
        let us = 0.5 - u.abs();
        let count = ((2.0 * a / us + b) * u + mean + 0.43).floor();
        if 0.07 <= us && v <= squeeze {
            return count as u64;
        }
        if count < 0.0 || us < 0.013 && us < v {
            continue;
        }
        let log = libm::log(v * inverse_alpha / (a / (us * us) + b));
        if log <= count * log_mean - mean - libm::lgamma(count + 1.0) {
            return count as u64;
        }
    }
}

fn by_inversion(unit: f64, mean: f64) -> u64 {
    let mut term = libm::exp(-mean);
    let (mut count, mut reached) = (0, term);
    while reached < unit && 0.0 < term {
        count += 1;
        term *= mean / count as f64;
        reached += term;
    }
    count
}

/// The distribution function of a Poisson count of this mean > 0, given that it is below a limit: at 0, 1 and so on.
pub(crate) fn below(limit: u32, mean: f64) -> Vec<f64> {
    let log = |count: u32| {
        let count = f64::from(count);
        count * libm::log(mean) - libm::lgamma(count + 1.0)
    };
    // Relative to the likeliest of them, which may lie far out in the tail.
    let likeliest = log((mean as u32).min(limit.saturating_sub(1)));
    let mut reached = 0.0;
    let sums = (0..limit).map(|count| {
        reached += libm::exp(log(count) - likeliest);
        reached
    });
    let sums: Vec<f64> = sums.collect();
    sums.into_iter().map(|sum| sum / reached).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::random::Key;
    use statrs::distribution::{Discrete, Poisson};

    /// Counts against their probabilities by chi-square; the limit is the quantile of 1 - 10⁻⁶ by Wilson and Hilferty (1931).
    #[test]
    fn counts_have_the_probabilities_of_the_law() {
        let stream = Key::new(1, 0).stream(7, 1, 0);
        let mut generator = stream.generator();
        for mean in [0.3, 4.0, 9.99, 10.0, 33.0, 1_500.0] {
            let law = Poisson::new(mean).expect("a mean above 0");
            let n = 400_000;
            let mut seen = vec![0.0; 4_000];
            for _ in 0..n {
                seen[draw(&mut generator, mean) as usize] += 1.0;
            }
            let (mut statistic, mut classes, mut rest) = (0.0, 0.0_f64, (n as f64, n as f64));
            for (count, seen) in (0_u64..).zip(&seen) {
                let expected = law.pmf(count) * n as f64;
                if 20.0 <= expected {
                    statistic += (seen - expected) * (seen - expected) / expected;
                    classes += 1.0;
                    rest = (rest.0 - seen, rest.1 - expected);
                }
            }
            statistic += (rest.0 - rest.1) * (rest.0 - rest.1) / rest.1.max(20.0);
            let ninth = 2.0 / (9.0 * classes);
            let limit = classes * (1.0 - ninth + 4.753 * ninth.sqrt()).powi(3);
            assert!(statistic < limit, "{mean}: {statistic} of {limit}");
        }
    }

    #[test]
    fn a_truncated_count_has_its_share_of_the_probabilities() {
        for (limit, mean) in [(5, 2.0), (30, 45.0), (40, 3_000.0)] {
            let law = Poisson::new(mean).expect("a mean above 0");
            let found = below(limit, mean);
            assert_eq!(found.len(), limit as usize);
            assert_eq!(found.last(), Some(&1.0));
            let ratio = (found[3] - found[2]) / (found[4] - found[3]);
            assert!((ratio / (4.0 / mean) - 1.0).abs() < 1e-9 || mean == 3_000.0);
            let all: f64 = (0..u64::from(limit)).map(|it| law.pmf(it)).sum();
            if 1e-200 < all {
                assert!((found[2] - (0..3).map(|it| law.pmf(it)).sum::<f64>() / all).abs() < 1e-10);
            }
        }
    }
}
