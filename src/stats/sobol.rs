//! Variance-based sensitivity of the output of a stochastic simulation: shares of variance by value that is not known.
//!
//! A run is Y = f(x, w): x the values that are not known, each with its own distribution and independent of the others, w the
//! random numbers of a replication. With g(x) = E(Y | x), the mean that a run would have if the values were known,
//! Var(Y) = Var(g(x)) + E(Var(Y | x)): what comes from the values, and what from randomness.
//!
//! The design is that of Saltelli and others (2010): rows of two independent points A and B, and for each value i the
//! point A with that value from B. Every point of a row is run with two sets of random numbers, the same two for all
//! points of the row. A product of two runs that share no random numbers has the expectation of the product of their means,
//! so that indices of g, free of interactions with w, come from noisy runs; a difference of two runs that share
//! them is free of most of their noise (common random numbers).

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::stats::mean::hardly_differ;
use crate::stats::{ALPHA, Estimate};

/// Runs of one row of the design: each point with two sets of random numbers, the first and the second the same for all
/// points of the row. Where the output is not random, both are the same.
#[derive(Clone, PartialEq, Debug)]
pub struct SobolRow {
    /// Output at point A.
    pub a: [f64; 2],
    /// Output at point B.
    pub b: [f64; 2],
    /// Output at A with one value from B, for each value.
    pub mixed: Vec<[f64; 2]>,
}

/// Shares of the variance of an output, with intervals of 95%.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct SobolIndices {
    /// Rows of the design.
    pub rows: usize,
    /// Mean of one run.
    pub mean: f64,
    /// Standard deviation of one run.
    pub deviation: f64,
    /// Share of the variance of one run that comes from the random numbers, and would remain if all values were known:
    /// E(Var(Y | x)) / Var(Y).
    pub randomness: Estimate,
    /// Share of the variance of one run that comes from values each alone: the sum of their first-order shares.
    pub alone: Estimate,
    /// Share of the variance of one run that comes from values in combination: Var(g(x)) less the first-order variances,
    /// over Var(Y).
    pub interactions: Estimate,
    /// What each value does.
    pub values: Vec<ValueIndices>,
}

/// What one value does to an output. An interval reaches below 0 or above 1 where the sample makes it so.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
#[non_exhaustive]
pub struct ValueIndices {
    /// First-order share of the variance of one run, Var(E(Y | x_i)) / Var(Y): by how much it would fall, on average, if
    /// the value were known.
    pub of_run: Estimate,
    /// First-order index of the mean, Var(E(Y | x_i)) / Var(g(x)). Absent where Var(g(x)) cannot be distinguished from 0.
    pub first: Estimate,
    /// Total index of the mean, 1 − Var(E(g | all but x_i)) / Var(g(x)): the share that its interactions with other values
    /// bring is included. Absent where Var(g(x)) cannot be distinguished from 0.
    pub total: Estimate,
}

/// Sums over rows, from which all figures are computed.
#[derive(Clone, Debug)]
struct Sums {
    rows: f64,
    value: f64,
    square: f64,
    /// Products of two runs of a point.
    product: f64,
    values: Vec<ValueSums>,
}

#[derive(Clone, Copy, Debug, Default)]
struct ValueSums {
    /// Runs at B times changes from A that share the value, and not the random numbers.
    first: f64,
    /// Changes from A.
    change: f64,
    /// Half products of the two changes.
    total: f64,
}

/// Figures in the order of their estimates: three of the output, then three for each value.
type Figures = Vec<f64>;

const RANDOMNESS: usize = 0;
const ALONE: usize = 1;
const INTERACTIONS: usize = 2;
const OF_VALUES: usize = 3;
const PER_VALUE: usize = 3;

/// Variance below this share of the largest square is a rounding error.
const ROUNDING: f64 = 1e-12;

/// Indices from independent randomisations of the design, such as scramblings of a low-discrepancy sequence: `groups` has the
/// rows of each. Rows of one group may depend on each other. Absent where there are fewer than two groups, a row has no value
/// or another number of them, or the output does not vary.
///
/// First order: Var(E(Y | x_i)) = E(f(B, w) (f(A_B^i, w') − f(A, w'))) (Saltelli and others 2010). Total:
/// ½ E((f(A, w) − f(A_B^i, w)) (f(A, w') − f(A_B^i, w'))), which is Jansen's (1999) ½ E((g(A) − g(A_B^i))²) without the
/// variance that random numbers would add. Randomness: 1 − Cov(f(A, w), f(A, w')) / Var(Y), with means and variances over
/// all runs of A and B (Janon and others 2014). Intervals are Student's, by the jackknife over groups (Tukey 1958): the
/// estimates are ratios of means over all rows, and only groups are independent.
///
/// # Examples
/// Y = 3 x₁ + x₂ with uniform values: nine tenths of the variance come from the first.
/// ```
/// use drawdown::kernel::Key;
/// use drawdown::stats::{SobolRow, sobol_indices};
///
/// let y = |first: f64, second: f64| [3.0 * first + second; 2];
/// let row = |number| {
///     let stream = Key::new(1, number).stream(0, 0, 0);
///     let [a, c, b, d] = [0, 1, 2, 3].map(|place| stream.unit_at(place));
///     SobolRow { a: y(a, c), b: y(b, d), mixed: vec![y(b, c), y(a, d)] }
/// };
/// let group = |group: u64| (256 * group..256 * (group + 1)).map(row).collect();
/// let groups: Vec<Vec<SobolRow>> = (0..16).map(group).collect();
/// let found = sobol_indices(&groups).expect("it varies");
/// assert!((found.values[0].total.point.unwrap() - 0.9).abs() < 0.1);
/// assert!(found.randomness.point.unwrap().abs() < 1e-9);
/// ```
pub fn sobol_indices(groups: &[Vec<SobolRow>]) -> Option<SobolIndices> {
    let all = || groups.iter().flatten();
    let values = all().next()?.mixed.len();
    if values == 0 || groups.len() < 2 || all().any(|row| row.mixed.len() != values) {
        return None;
    }
    let runs: Vec<f64> = all().flat_map(|row| [row.a, row.b]).flatten().collect();
    // Sums of squares are of deviations from a value near the mean, so that little is cancelled.
    let near = runs.iter().sum::<f64>() / runs.len() as f64;
    let each: Vec<Sums> = groups
        .iter()
        .map(|group| Sums::of(group, near, values))
        .collect();
    let each: Vec<Sums> = each.into_iter().filter(|it| 0.0 < it.rows).collect();
    let sum = each.iter().fold(Sums::none(values), Sums::plus);
    let largest = runs.iter().fold(0.0, |most: f64, it| most.max(it * it));
    let variance = sum.variance();
    if each.len() < 2 || !variance.is_finite() || variance <= ROUNDING * largest {
        return None;
    }
    let found = sum.figures();
    let left_out: Vec<Figures> = each.iter().map(|it| sum.minus(it).figures()).collect();
    let bounded = !hardly_differ(&runs);
    let rows = sum.rows as usize;
    let estimate = |place: usize| jackknife(&found, &left_out, place, (rows, bounded));
    let randomness = estimate(RANDOMNESS);
    // Where nothing is random, the share of randomness has no error.
    let most = randomness.high.or(randomness.point);
    let moves = bounded && most.is_some_and(|most| most < 1.0);
    let of_value = |place: usize| {
        let at = OF_VALUES + PER_VALUE * place;
        let of_mean = |place: usize| match moves {
            true => estimate(place),
            false => Estimate {
                n: rows,
                ..Estimate::default()
            },
        };
        ValueIndices {
            of_run: estimate(at),
            first: of_mean(at + 1),
            total: of_mean(at + 2),
        }
    };
    Some(SobolIndices {
        rows,
        mean: near,
        deviation: variance.sqrt(),
        randomness,
        alone: estimate(ALONE),
        interactions: estimate(INTERACTIONS),
        values: (0..values).map(of_value).collect(),
    })
}

impl Sums {
    fn none(values: usize) -> Self {
        Self {
            rows: 0.0,
            value: 0.0,
            square: 0.0,
            product: 0.0,
            values: vec![ValueSums::default(); values],
        }
    }

    fn of(rows: &[SobolRow], near: f64, values: usize) -> Self {
        rows.iter().fold(Self::none(values), |mut sum, row| {
            let [a, b] = [row.a, row.b].map(|runs| runs.map(|run| run - near));
            sum.rows += 1.0;
            sum.value += (a[0] + a[1] + b[0] + b[1]) / 4.0;
            sum.square += (a[0] * a[0] + a[1] * a[1] + b[0] * b[0] + b[1] * b[1]) / 4.0;
            sum.product += f64::midpoint(a[0] * a[1], b[0] * b[1]);
            for (of, mixed) in sum.values.iter_mut().zip(&row.mixed) {
                let change = [mixed[0] - row.a[0], mixed[1] - row.a[1]];
                of.first += f64::midpoint(b[0] * change[1], b[1] * change[0]);
                of.change += f64::midpoint(change[0], change[1]);
                of.total += change[0] * change[1] / 2.0;
            }
            sum
        })
    }

    fn with(&self, other: &Self, sign: f64) -> Self {
        let values = self.values.iter().zip(&other.values);
        let values = values.map(|(one, other)| ValueSums {
            first: one.first + sign * other.first,
            change: one.change + sign * other.change,
            total: one.total + sign * other.total,
        });
        Self {
            rows: self.rows + sign * other.rows,
            value: self.value + sign * other.value,
            square: self.square + sign * other.square,
            product: self.product + sign * other.product,
            values: values.collect(),
        }
    }

    fn plus(self, other: &Self) -> Self {
        self.with(other, 1.0)
    }

    fn minus(&self, other: &Self) -> Self {
        self.with(other, -1.0)
    }

    fn mean(&self) -> f64 {
        self.value / self.rows
    }

    /// Variance of one run.
    fn variance(&self) -> f64 {
        self.square / self.rows - self.mean().powi(2)
    }

    fn figures(&self) -> Figures {
        let (mean, variance) = (self.mean(), self.variance());
        let of_mean = self.product / self.rows - mean * mean;
        let first = |it: &ValueSums| (it.first - mean * it.change) / self.rows;
        let firsts: f64 = self.values.iter().map(first).sum();
        let mut figures = vec![
            1.0 - of_mean / variance,
            firsts / variance,
            (of_mean - firsts) / variance,
        ];
        figures.extend(self.values.iter().flat_map(|it| {
            let (first, total) = (first(it), it.total / self.rows);
            [first / variance, first / of_mean, total / of_mean]
        }));
        figures
    }
}

/// A figure over all groups with its interval, from what it is without each of them.
fn jackknife(
    found: &Figures,
    left_out: &[Figures],
    place: usize,
    (rows, bounded): (usize, bool),
) -> Estimate {
    let point = found[place];
    let groups = left_out.len() as f64;
    let middle = left_out.iter().map(|it| it[place]).sum::<f64>() / groups;
    let squares: f64 = left_out.iter().map(|it| (it[place] - middle).powi(2)).sum();
    let error = ((groups - 1.0) / groups * squares).sqrt();
    let law = StudentsT::new(0.0, 1.0, groups - 1.0).expect("degrees of freedom are above 0");
    let half = law.inverse_cdf(1.0 - ALPHA / 2.0) * error;
    let known = |it: f64| Some(it).filter(|it| it.is_finite());
    // A value that changes nothing in any row has no error that can be estimated.
    let end = |it: f64| known(it).filter(|_| bounded && 0.0 < squares);
    Estimate {
        point: known(point),
        low: end(point - half),
        high: end(point + half),
        n: rows,
    }
}
