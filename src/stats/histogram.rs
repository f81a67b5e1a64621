//! Counts of values in classes that are as narrow as three digits.

use serde::{Deserialize, Serialize};

/// Bits of a value's fraction that its class drops: eleven are kept.
const DROPPED: u32 = 52 - 11;

/// By how much a value of a class can exceed its least, as a share of it.
pub(crate) const RELATIVE_WIDTH: f64 = 1.0 / 2048.0;

/// How often values occurred, in classes whose width is at most 1/2048 (0.05%) of their least value, log-linear as
/// those of an HDR histogram (Tene, 2012); whole numbers up to 4,096 have classes of their own. The sum of two
/// does not depend on their order.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Histogram {
    // Invariant: by class, none of them empty.
    counts: Vec<(i64, u64)>,
}

/// The class of a value; classes have the order of values.
fn class(value: f64) -> i64 {
    let magnitude = (value.abs().to_bits() >> DROPPED) as i64;
    if value < 0.0 { -magnitude } else { magnitude }
}

/// The value of a class that is nearest to 0.
fn least(class: i64) -> f64 {
    let magnitude = f64::from_bits(class.unsigned_abs() << DROPPED);
    if class < 0 { -magnitude } else { magnitude }
}

impl Histogram {
    /// Counts some values.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut classes: Vec<i64> = values.into_iter().map(class).collect();
        classes.sort_unstable();
        let groups = classes.chunk_by(i64::eq);
        Self {
            counts: groups.map(|it| (it[0], it.len() as u64)).collect(),
        }
    }

    /// Adds the counts of another.
    pub fn add(&mut self, other: &Self) {
        let mut both = Vec::with_capacity(self.counts.len() + other.counts.len());
        let (mut ours, mut theirs) = (&self.counts[..], &other.counts[..]);
        while let ([one, rest @ ..], [other, others @ ..]) = (ours, theirs) {
            let (count, next) = match one.0.cmp(&other.0) {
                std::cmp::Ordering::Less => (*one, (rest, theirs)),
                std::cmp::Ordering::Greater => (*other, (ours, others)),
                std::cmp::Ordering::Equal => ((one.0, one.1 + other.1), (rest, others)),
            };
            both.push(count);
            (ours, theirs) = next;
        }
        both.extend_from_slice(ours);
        both.extend_from_slice(theirs);
        self.counts = both;
    }

    /// Values counted.
    pub fn n(&self) -> usize {
        self.counts.iter().map(|it| it.1 as usize).sum()
    }

    /// Each class that has values, by the one nearest to 0, with how many it has.
    pub fn classes(&self) -> impl Iterator<Item = (f64, usize)> + '_ {
        let counts = self.counts.iter();
        counts.map(|(class, count)| (least(*class), *count as usize))
    }

    /// Values of classes that come before that of the value at a rank, from 1, and the class; none beyond the last.
    fn at(&self, rank: usize) -> Option<(i64, u64)> {
        let mut before = 0;
        let found = self.counts.iter().find(|(_, count)| {
            before += *count as usize;
            rank <= before
        });
        found.copied()
    }

    /// The value at a rank, from 1: that of its class which is nearest to 0. Infinite beyond the last.
    pub fn ranked(&self, rank: usize) -> f64 {
        self.at(rank).map_or(f64::INFINITY, |it| least(it.0))
    }

    /// Values that lie in another class than the median.
    pub fn differ_from_median(&self) -> usize {
        let n = self.n();
        let median = self.at(n / 2 + 1).map_or(0, |it| it.1);
        n - median as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_kept_to_three_digits_and_small_counts_exactly() {
        for value in [0.0, 1.0, 3.0, 4_096.0, -17.0] {
            assert_eq!(least(class(value)), value);
        }
        for value in [0.123_456, 5_400.123, 1.0e9 / 3.0, -86_399.9] {
            let kept = least(class(value));
            assert!(kept.abs() <= f64::abs(value));
            assert!(f64::abs(value) < kept.abs() * (1.0 + RELATIVE_WIDTH));
        }
    }

    #[test]
    fn the_order_of_adding_leaves_no_trace() {
        let parts: Vec<Histogram> = (0..5_u32)
            .map(|part| {
                Histogram::of((0..100).map(|it| f64::from((it * 37 + part * 11) % 90) - 20.0))
            })
            .collect();
        let sum = |order: &[usize]| {
            let mut all = Histogram::default();
            order.iter().for_each(|it| all.add(&parts[*it]));
            all
        };
        assert_eq!(sum(&[0, 1, 2, 3, 4]), sum(&[4, 2, 0, 1, 3]));
        assert_eq!(sum(&[0, 1, 2, 3, 4]).n(), 500);
    }

    #[test]
    fn ranks_run_through_the_classes() {
        let counted = Histogram::of([5.0, 1.0, 1.0, -2.0]);
        let ranks: Vec<f64> = (1..=5).map(|rank| counted.ranked(rank)).collect();
        assert_eq!(ranks, [-2.0, 1.0, 1.0, 5.0, f64::INFINITY]);
        assert_eq!(counted.differ_from_median(), 2);
    }
}
