//! What part of the spread of a sample comes from values that are not known: replications that drew the same
//! row of a posterior sample differ by chance alone, so the covariance of such pairs is the variance of what a
//! figure would be if the values were known (one-way random effects; Searle, Casella and McCulloch 1992).

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use statrs::distribution::{Beta, ContinuousCDF, Gamma, Normal};

use crate::stats::proportion::proportion;
use crate::stats::quantile::quantile;
use crate::stats::{ALPHA, Estimate, mean::mean};

/// The rows that replications drew.
#[derive(Clone, Debug)]
pub(crate) struct Rows<'a> {
    rows: &'a [u32],
}

/// An estimate with both of its intervals.
#[derive(Clone, Copy, PartialEq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct TwoIntervals {
    /// The figure over all that is not known, with the interval from the finite number of replications.
    pub figure: Estimate,
    /// The ends of the interval of the figure for the one true set of values, which are not known. Absent where too
    /// few replications share a row. Infinite where it lies beyond the time that was observed.
    #[serde(deserialize_with = "ends_read")]
    pub ends: Option<[f64; 2]>,
}

/// Reads ends. JSON has no infinity: `null` is written in its place.
fn ends_read<'a, D: Deserializer<'a>>(from: D) -> Result<Option<[f64; 2]>, D::Error> {
    let ends = Option::<[Option<f64>; 2]>::deserialize(from)?;
    Ok(ends.map(|ends| ends.map(|end| end.unwrap_or(f64::INFINITY))))
}

/// Pairs of replications with the same row, below which nothing is said.
const PAIRS_MIN: u64 = 50;

impl<'a> Rows<'a> {
    /// Of replications in their order.
    pub fn new(rows: &'a [u32]) -> Self {
        Self { rows }
    }

    /// Variance of the figure between sets of values: the mean product of deviations over pairs with one row.
    fn variance(&self, values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
        let values: Vec<(u32, f64)> = (self.rows.iter().copied().zip(values))
            .filter_map(|(row, value)| Some((row, value?)))
            .collect();
        let n = values.len() as f64;
        let middle = values.iter().map(|(_, value)| value).sum::<f64>() / n;
        let mut groups: BTreeMap<u32, (f64, f64, u64)> = BTreeMap::new();
        for (row, value) in values {
            let group = groups.entry(row).or_default();
            let off = value - middle;
            *group = (group.0 + off, group.1 + off * off, group.2 + 1);
        }
        let (mut products, mut pairs) = (0.0, 0);
        for (sum, squares, count) in groups.into_values() {
            products += sum * sum - squares;
            pairs += count * (count - 1);
        }
        (2 * PAIRS_MIN <= pairs).then(|| (products / pairs as f64).max(0.0))
    }

    /// A share: of replications in which something holds.
    pub fn share(&self, holds: impl Iterator<Item = bool>) -> TwoIntervals {
        let holds: Vec<bool> = holds.collect();
        let hits = holds.iter().filter(|it| **it).count();
        let figure = proportion(hits, holds.len());
        let values = holds.iter().map(|it| Some(f64::from(u8::from(*it))));
        let share = hits as f64 / holds.len().max(1) as f64;
        let spread = self.variance(values);
        let ends = spread.map(|between| {
            let variance = between + share * (1.0 - share) / holds.len() as f64;
            [ALPHA / 2.0, 1.0 - ALPHA / 2.0].map(|p| share_quantile(share, variance, p))
        });
        TwoIntervals { figure, ends }.widened()
    }

    /// A mean, over the replications that have a value.
    pub fn mean(&self, values: impl Iterator<Item = Option<f64>>) -> TwoIntervals {
        let values: Vec<Option<f64>> = values.collect();
        let known: Vec<f64> = values.iter().flatten().copied().collect();
        let figure = mean(&known);
        let positive = known.iter().all(|it| 0.0 <= *it);
        let error = figure.high.zip(figure.point).map_or(0.0, |(high, point)| {
            ((high - point) / crate::stats::Z).powi(2)
        });
        let spread = self.variance(values.into_iter());
        let ends = spread.zip(figure.point).map(|(between, point)| {
            [ALPHA / 2.0, 1.0 - ALPHA / 2.0]
                .map(|p| mean_quantile(point, between + error, (p, positive)))
        });
        TwoIntervals { figure, ends }.widened()
    }

    /// Quantile `p`; an infinite value is later than all others. The quantile for known values lies below y as
    /// often as the share below y for these values exceeds `p`.
    pub fn quantile(&self, values: impl Iterator<Item = f64>, p: f64) -> TwoIntervals {
        let values: Vec<f64> = values.collect();
        let mut sorted = values.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        let figure = quantile(&sorted, p);
        sorted.dedup();
        let below = |place: usize| {
            let at = sorted[place];
            let hits = values.iter().filter(|it| **it <= at).count();
            let share = hits as f64 / values.len() as f64;
            let holds = values.iter().map(|it| Some(f64::from(u8::from(*it <= at))));
            let variance = self.variance(holds)? + share * (1.0 - share) / values.len() as f64;
            Some(share_above(share, variance, p))
        };
        let first = |least: f64| {
            let (mut low, mut high) = (0, sorted.len());
            while low < high {
                let middle = (low + high) / 2;
                match least <= below(middle)? {
                    true => high = middle,
                    false => low = middle + 1,
                }
            }
            Some(sorted.get(low).copied().unwrap_or(f64::INFINITY))
        };
        let ends = first(ALPHA / 2.0).zip(first(1.0 - ALPHA / 2.0));
        let ends = ends.map(|(low, high)| [low, high]);
        TwoIntervals { figure, ends }.widened()
    }
}

impl TwoIntervals {
    /// The second interval holds the first: what is not known adds to chance.
    fn widened(self) -> Self {
        let ends = self.ends.map(|[low, high]| {
            let (least, most) = (
                self.figure.low.unwrap_or(low),
                self.figure.high.unwrap_or(high),
            );
            [low.min(least), high.max(most)]
        });
        Self { ends, ..self }
    }
}

/// The beta distribution of a share by its mean and variance; nothing where it does not vary.
fn share_law(share: f64, variance: f64) -> Option<Beta> {
    let most = share * (1.0 - share);
    if most <= 0.0 || variance <= 0.0 {
        return None;
    }
    let weight = (most / variance.min(0.999 * most) - 1.0).max(1e-3);
    Beta::new(share * weight, (1.0 - share) * weight).ok()
}

fn share_quantile(share: f64, variance: f64, p: f64) -> f64 {
    share_law(share, variance).map_or(share, |law| law.inverse_cdf(p))
}

/// Probability that a share is `p` at least.
fn share_above(share: f64, variance: f64, p: f64) -> f64 {
    let known = f64::from(u8::from(p <= share));
    share_law(share, variance).map_or(known, |law| law.sf(p))
}

/// Quantile of a mean by its own mean and variance: gamma where no value is below 0, and normal otherwise.
fn mean_quantile(point: f64, variance: f64, (p, positive): (f64, bool)) -> f64 {
    if variance <= 0.0 {
        return point;
    }
    let gamma = (positive && 0.0 < point)
        .then(|| Gamma::new(point * point / variance, point / variance).ok())
        .flatten();
    match gamma {
        Some(law) => law.inverse_cdf(p),
        None => Normal::new(point, variance.sqrt()).map_or(point, |law| law.inverse_cdf(p)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of (0, 1) by a linear congruential generator (Knuth, MMIX).
    fn units(count: usize) -> impl Iterator<Item = f64> {
        let mut state = 1_u64;
        (0..count).map(move |_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        })
    }

    /// Rows whose share is 0.2 or 0.6: the mean is 0.4 and the variance between them 0.04.
    #[test]
    fn pairs_find_the_variance_between_rows() {
        let rows: Vec<u32> = (0..40_000).map(|it| it % 1_000).collect();
        let share = |row: u32| if row.is_multiple_of(2) { 0.2 } else { 0.6 };
        let holds: Vec<bool> = units(40_000)
            .zip(&rows)
            .map(|(unit, row)| unit < share(*row))
            .collect();
        let values = holds.iter().map(|it| Some(f64::from(u8::from(*it))));
        let found = Rows::new(&rows).variance(values).expect("enough pairs");
        // The standard error of a product over 780,000 pairs, which share rows, is near 0.0003.
        assert!((found - 0.04).abs() < 0.0015, "{found}");
        let both = Rows::new(&rows).share(holds.into_iter());
        let [low, high] = both.ends.expect("enough pairs");
        assert!(low < both.figure.low.expect("an end") && both.figure.high.expect("an end") < high);
    }
}
