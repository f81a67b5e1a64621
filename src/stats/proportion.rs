//! Proportions and their exact intervals.

use statrs::distribution::{Beta, ContinuousCDF};

use crate::stats::{ALPHA, Estimate};

/// Share of `hits` among `n`, with the exact interval of Clopper and Pearson (1934). Its coverage
/// is at least nominal, even near 0 and 1, where depletion probabilities lie.
pub(crate) fn proportion(hits: usize, n: usize) -> Estimate {
    proportion_at(hits, n, ALPHA)
}

/// The same, with an interval of coverage 1 - `alpha` or more.
pub(crate) fn proportion_at(hits: usize, n: usize, alpha: f64) -> Estimate {
    if n == 0 {
        return Estimate::default();
    }
    let beta = |a: usize, b: usize, p: f64| {
        Beta::new(a as f64, b as f64)
            .expect("shapes are above 0")
            .inverse_cdf(p)
    };
    let low = if hits == 0 {
        0.0
    } else {
        beta(hits, n - hits + 1, alpha / 2.0)
    };
    let high = if hits == n {
        1.0
    } else {
        beta(hits + 1, n - hits, 1.0 - alpha / 2.0)
    };
    Estimate {
        point: Some(hits as f64 / n as f64),
        low: Some(low),
        high: Some(high),
        n,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_seen_is_bounded_from_above_only() {
        let none = proportion(0, 100);
        assert_eq!(none.low, Some(0.0));
        // 1 - 0.025^(1/100).
        assert!((none.high.expect("an end") - 0.036_216_7).abs() < 1e-6);
        assert_eq!(proportion(100, 100).high, Some(1.0));
    }
}
