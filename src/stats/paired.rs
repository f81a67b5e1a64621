//! Differences between two samples under common random numbers.

use crate::stats::Estimate;
use crate::stats::mean::{mean, moments};
use crate::stats::proportion::proportion;

/// What pairs of one replication each say about a change.
#[derive(Clone, Copy, PartialEq, Debug, Default, serde::Serialize)]
#[non_exhaustive]
pub struct Paired {
    /// Mean of the second less the first, over the pairs, with its t interval.
    pub difference: Estimate,
    /// Share of pairs in which the second is less, with its exact interval.
    pub less: Estimate,
    /// Share of pairs in which the second is more.
    pub more: Estimate,
    /// Variance of the difference without pairing, divided by that with pairing; absent
    /// if all differences are equal, except for rounding.
    pub variance_ratio: Option<f64>,
}

/// Differences below this share of the largest value are rounding errors: values are sums of many
/// terms.
const ROUNDING: f64 = 1e-12;

/// The second less the first of each pair, with rounding errors set to 0.
fn differences(pairs: &[(f64, f64)]) -> Vec<f64> {
    let sizes = pairs
        .iter()
        .flat_map(|(first, second)| [first.abs(), second.abs()]);
    let rounding = ROUNDING * sizes.fold(0.0, f64::max);
    let none = |it: f64| if it.abs() <= rounding { 0.0 } else { it };
    let mut found: Vec<f64> = pairs.iter().map(|pair| none(pair.1 - pair.0)).collect();
    let least = found.iter().copied().fold(f64::INFINITY, f64::min);
    let most = found.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if most - least <= rounding {
        found.fill(least);
    }
    found
}

/// Compares pairs of values. Common random numbers correlate them, so their difference
/// varies less than each of them (Kahn and Marshall, 1953).
pub(crate) fn paired(pairs: &[(f64, f64)]) -> Paired {
    let differences = differences(pairs);
    let count = |holds: fn(f64) -> bool| differences.iter().filter(|it| holds(**it)).count();
    let squares = |of: fn(&(f64, f64)) -> f64| moments(&pairs.iter().map(of).collect::<Vec<_>>()).1;
    let paired = moments(&differences).1;
    let apart = || squares(|pair| pair.0) + squares(|pair| pair.1);
    Paired {
        difference: mean(&differences),
        less: proportion(count(|it| it < 0.0), pairs.len()),
        more: proportion(count(|it| 0.0 < it), pairs.len()),
        variance_ratio: (0.0 < paired).then(|| apart() / paired),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_common_cancels() {
        let pairs: Vec<(f64, f64)> = (0..100)
            .map(|i| (f64::from(i), f64::from(i) + 1.0 + f64::from(i % 2)))
            .collect();
        let found = paired(&pairs);
        assert!((found.difference.point.expect("a mean") - 1.5).abs() < 1e-12);
        assert_eq!((found.less.point, found.more.point), (Some(0.0), Some(1.0)));
        // Variances near 100²/12 each, and 1/4 of the difference.
        assert!((found.variance_ratio.expect("a ratio") - 6_665.0).abs() < 10.0);
        assert_eq!(paired(&[(1.0, 1.0); 3]).variance_ratio, None);
    }

    #[test]
    fn rounding_is_no_difference() {
        // One and the same difference, but for the last bits of sums.
        let third = |i: u32| f64::from(i) / 3.0;
        let pairs: Vec<(f64, f64)> = (1..100).map(|i| (third(i), third(i) + 0.1)).collect();
        let found = paired(&pairs);
        assert_eq!(found.variance_ratio, None);
        assert_eq!(found.more.point, Some(1.0));
        assert!((found.difference.point.expect("a mean") - 0.1).abs() < 1e-12);
        let none: Vec<(f64, f64)> = (1..100)
            .map(|i| (third(i), third(i) * (1.0 + f64::EPSILON)))
            .collect();
        let found = paired(&none);
        assert_eq!((found.less.point, found.more.point), (Some(0.0), Some(0.0)));
        assert_eq!(found.difference.point, Some(0.0));
    }
}
