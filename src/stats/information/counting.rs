//! What counts of a Poisson process say of its rate, without a prior of a certain form: each row of a sample weighs
//! as much as the probability that it gives to the count.

/// At most so many classes of counts, and so many groups of rows of nearly the same rate.
const CLASSES_MAX: usize = 400;
const GROUPS_MAX: usize = 256;

/// Standard deviations of a count that are looked at.
const DEVIATIONS: f64 = 9.0;

/// Probabilities of classes of counts, in each row.
pub(super) struct Counting {
    classes: usize,
    /// For each row its first class, and the probabilities from there on.
    rows: Vec<(usize, Vec<f64>)>,
}

/// Rows of nearly the same rate.
pub(super) struct Groups(Vec<Vec<usize>>);

impl Groups {
    /// Groups of rows, as many in each.
    pub fn of(rates: &[f64]) -> Self {
        let mut order: Vec<usize> = (0..rates.len()).collect();
        order.sort_by(|one, other| rates[*one].total_cmp(&rates[*other]));
        let size = order.len().div_ceil(GROUPS_MAX).max(1);
        Self(order.chunks(size).map(<[usize]>::to_vec).collect())
    }

    /// The mean of what the rows of each group say.
    pub fn averages(&self, says: impl Fn(usize) -> Vec<f64>) -> Vec<Vec<f64>> {
        let mean = |group: &Vec<usize>| {
            let mut means = says(group[0]);
            for row in &group[1..] {
                let row = says(*row);
                means.iter_mut().zip(row).for_each(|(sum, it)| *sum += it);
            }
            means.iter_mut().for_each(|sum| *sum /= group.len() as f64);
            means
        };
        self.0.iter().map(mean).collect()
    }
}

impl Counting {
    /// Counts for a time.
    pub fn of(rates: &[f64], time: f64) -> Self {
        let means: Vec<f64> = rates.iter().map(|rate| (rate * time).max(0.0)).collect();
        let reach = |mean: f64| DEVIATIONS * mean.sqrt() + DEVIATIONS;
        let range = |mean: f64| {
            let (low, high) = (mean - reach(mean), mean + reach(mean));
            (low.max(0.0) as usize, high.ceil() as usize)
        };
        let first = means.iter().map(|it| range(*it).0).min().unwrap_or(0);
        let last = means.iter().map(|it| range(*it).1).max().unwrap_or(0);
        let width = (last - first + 1).div_ceil(CLASSES_MAX);
        let row = |mean: &f64| {
            let (from, to) = range(*mean);
            let begin = (from - first) / width;
            let mut shares = vec![0.0; (to - first) / width - begin + 1];
            for (count, share) in (from..).zip(poisson(*mean, from, to)) {
                shares[(count - first) / width - begin] += share;
            }
            (begin, shares)
        };
        Self {
            classes: (last - first) / width + 1,
            rows: means.iter().map(row).collect(),
        }
    }

    /// For each class of counts the mean of what groups say, each with the probability that it gives to the class.
    pub fn averages(&self, groups: &Groups, says: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let width = says.first().map_or(0, Vec::len);
        let mut sums = vec![vec![0.0; width]; self.classes];
        let mut weights = vec![0.0; self.classes];
        for (group, says) in groups.0.iter().zip(says) {
            let mut shares = vec![0.0; self.classes];
            let (mut low, mut high) = (self.classes, 0);
            for row in group {
                let (begin, each) = &self.rows[*row];
                (low, high) = (low.min(*begin), high.max(begin + each.len()));
                for (sum, it) in shares[*begin..].iter_mut().zip(each) {
                    *sum += it;
                }
            }
            for class in low..high {
                weights[class] += shares[class];
                for (sum, it) in sums[class].iter_mut().zip(says) {
                    *sum += shares[class] * it;
                }
            }
        }
        for (sums, weight) in sums.iter_mut().zip(weights).filter(|(_, it)| 0.0 < *it) {
            sums.iter_mut().for_each(|sum| *sum /= weight);
        }
        sums
    }

    /// The probabilities of levels in a row, where each class of counts leads to one.
    pub fn chosen(&self, row: usize, choices: &[usize]) -> Vec<(usize, f64)> {
        let (begin, shares) = &self.rows[row];
        let mut chosen: Vec<(usize, f64)> = Vec::new();
        for (choice, share) in choices[*begin..].iter().zip(shares) {
            match chosen.last_mut() {
                Some((level, sum)) if level == choice => *sum += share,
                _ => chosen.push((*choice, *share)),
            }
        }
        chosen
    }
}

/// The Poisson probabilities of counts from `from` to `to`, which sum to 1: by recurrence from the mode, so that none
/// underflows that matters.
fn poisson(mean: f64, from: usize, to: usize) -> Vec<f64> {
    let mode = (mean as usize).clamp(from, to);
    let mut shares = vec![0.0; to - from + 1];
    shares[mode - from] = 1.0;
    for count in mode + 1..=to {
        shares[count - from] = shares[count - 1 - from] * mean / count as f64;
    }
    for count in (from..mode).rev() {
        shares[count - from] = shares[count + 1 - from] * (count + 1) as f64 / mean;
    }
    let sum: f64 = shares.iter().sum();
    shares.iter_mut().for_each(|share| *share /= sum);
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{Discrete, Poisson};

    #[test]
    fn probabilities_of_counts_are_those_of_poisson() {
        for mean in [0.0, 0.3, 4.0, 345.0] {
            let (from, to) = ((mean - 9.0 * f64::sqrt(mean)).max(0.0) as usize, 900);
            let shares = poisson(mean, from, to);
            for (count, share) in (from..).zip(shares) {
                let exact = match mean {
                    0.0 => f64::from(u8::from(count == 0)),
                    _ => Poisson::new(mean).expect("a mean").pmf(count as u64),
                };
                assert!((share - exact).abs() < 1e-12, "{count} of {mean}");
            }
        }
    }
}
