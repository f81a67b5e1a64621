//! Order-statistic quantiles and their intervals. A censored value is represented as
//! infinity: it counts, but is never an estimate.

use statrs::distribution::{Binomial, DiscreteCDF};

use crate::stats::{ALPHA, Estimate};

/// Quantile `p` of a sorted sample, by the inverted distribution function (definition 1 of Hyndman
/// and Fan, 1996), so that it is always a value of the sample.
///
/// The interval lies between two order statistics, with exact binomial tails; it is valid
/// for any distribution. An end is absent if the sample is too small, or if it is censored.
pub(crate) fn quantile(sorted: &[f64], p: f64) -> Estimate {
    quantile_of(sorted.len(), p, |rank| sorted[rank - 1])
}

/// The same, of a sample of `n` of which `ranked` gives the value of each rank, from 1.
pub(crate) fn quantile_of(n: usize, p: f64, ranked: impl Fn(usize) -> f64) -> Estimate {
    if n == 0 {
        return Estimate::default();
    }
    let rank = (p * n as f64).ceil().max(1.0) as usize;
    let (lower, upper) = ranks(n, p);
    let value = |rank: usize| Some(ranked(rank)).filter(|value| value.is_finite());
    Estimate {
        point: value(rank),
        low: lower.and_then(value),
        high: upper.and_then(value),
        n,
    }
}

/// The same, of a sample in which each of some values occurs so often.
pub(crate) fn quantile_counted(mut counted: Vec<(f64, usize)>, p: f64) -> Estimate {
    counted.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
    let mut n = 0;
    let ends = counted.iter().map(|(_, count)| {
        n += count;
        n
    });
    let ends: Vec<usize> = ends.collect();
    quantile_of(n, p, |rank| {
        counted[ends.partition_point(|end| *end < rank)].0
    })
}

/// An upper bound of quantile `p` of a sorted sample with a confidence of 95%: an order
/// statistic. Absent if the sample is too small, or censored there.
pub(crate) fn upper_bound(sorted: &[f64], p: f64) -> Option<f64> {
    let n = sorted.len();
    let law = Binomial::new(p, n as u64).ok()?;
    let too_low = |rank: usize| law.sf(rank as u64 - 1);
    if n == 0 || ALPHA < too_low(n) {
        return None;
    }
    let rank = 1 + last(n, |rank| ALPHA < too_low(rank));
    Some(sorted[rank - 1]).filter(|value| value.is_finite())
}

/// Ranks, from 1, of the order statistics that bound quantile `p` of a sample of `n`; absent where
/// the sample is too small.
pub(crate) fn ranks(n: usize, p: f64) -> (Option<usize>, Option<usize>) {
    let law = Binomial::new(p, n as u64).expect("a probability");
    let below = |rank: usize| law.cdf(rank as u64 - 1);
    let from = |rank: usize| law.sf(rank as u64 - 1);
    // Each tail has half of alpha; if the sample's extreme needs more, it takes from the other tail.
    let share = |least: f64, other: f64| match ALPHA / 2.0 {
        half if least <= half => half.min(ALPHA - other.max(half)),
        _ => least,
    };
    let lower_share = share(below(1), from(n));
    let upper_share = share(from(n), below(1));
    if ALPHA < below(1) + from(n) {
        let one_sided = |least: f64| least <= ALPHA / 2.0;
        let lower = one_sided(below(1)).then(|| last(n, |rank| below(rank) <= ALPHA / 2.0));
        let upper = one_sided(from(n)).then(|| 1 + last(n, |rank| ALPHA / 2.0 < from(rank)));
        return (lower, upper);
    }
    // The lower rank is the greatest l with P(B < l) within its share; the upper the least u with
    // P(B >= u) within its own.
    let lower = last(n, |rank| below(rank) <= lower_share);
    let upper = 1 + last(n, |rank| upper_share < from(rank));
    (Some(lower), Some(upper))
}

/// The last rank up to `n` for which `holds`, which is monotone; 0 if it
/// holds for none.
fn last(n: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, n);
    while low < high {
        let middle = (low + high).div_ceil(2);
        if holds(middle) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(n: usize, p: f64, ranks_expected: (usize, usize), coverage: f64) {
        let (lower, upper) = ranks(n, p);
        let (lower, upper) = (lower.expect("a lower end"), upper.expect("an upper end"));
        assert_eq!((lower, upper), ranks_expected, "n {n}, p {p}");
        let law = Binomial::new(p, n as u64).expect("a probability");
        let found = law.cdf(upper as u64 - 1) - law.cdf(lower as u64 - 1);
        assert!((found - coverage).abs() < 1e-6, "{found}");
    }

    #[test]
    fn intervals_have_the_exact_ranks() {
        check(100, 0.5, (40, 61), 0.964_799_8);
        check(1_000, 0.5, (469, 532), 0.953_708_8);
        check(1_000, 0.01, (4, 18), 0.976_094_8);
        check(1_000, 0.99, (983, 997), 0.976_094_8);
        check(10_000, 0.001, (4, 18), 0.975_457_5);
        check(10_000, 0.5, (4_902, 5_099), 0.951_167_0);
    }

    #[test]
    fn a_sample_too_small_bounds_nothing() {
        for (p, enough) in [(0.9, 29), (0.99, 299), (0.999, 2_995)] {
            assert!(both(ranks(enough, p)), "{enough} should do for {p}");
            assert!(
                !both(ranks(enough - 1, p)),
                "{} should not do for {p}",
                enough - 1
            );
        }
    }

    #[test]
    fn a_bound_is_the_greatest_value_of_a_sample_just_large_enough() {
        let sample = |n: u32| -> Vec<f64> { (1..=n).map(f64::from).collect() };
        // 0.99^299 is just below 5%, and 0.99^298 just above.
        assert_eq!(upper_bound(&sample(299), 0.99), Some(299.0));
        assert_eq!(upper_bound(&sample(298), 0.99), None);
        let beyond = [sample(290), vec![f64::INFINITY; 9]].concat();
        assert_eq!(upper_bound(&beyond, 0.99), None);
    }

    fn both((lower, upper): (Option<usize>, Option<usize>)) -> bool {
        lower.is_some() && upper.is_some()
    }

    #[test]
    fn censored_values_count_but_are_not_estimated() {
        let mut sample: Vec<f64> = (1..=60).map(f64::from).collect();
        sample.extend([f64::INFINITY; 40]);
        assert_eq!(quantile(&sample, 0.5).point, Some(50.0));
        assert_eq!(quantile(&sample, 0.5).high, None);
        assert_eq!(quantile(&sample, 0.7).point, None);
    }
}
