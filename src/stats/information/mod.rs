//! The value of information for the choice of a level: what it is worth to know an unknown value exactly (the
//! expected value of partial perfect information, EVPPI; of all values, EVPI), and to count events of an unknown
//! rate for a while (the expected value of sample information, EVSI). Raiffa and Schlaifer 1961; estimators from one
//! sample: Strong, Oakley and Brennan 2014, Heath and others 2020.
//!
//! Levels are chosen by a distribution of the critical level that was fitted to other replications than those that
//! judge the choice. So nothing is gained from noise: where a value says nothing of the level, its estimate is 0 on
//! average. What a fit that is not quite right loses is missing from the estimate, and is of second order, since costs
//! are flat near their minimum.

/// Least squares.
mod basis;

/// Distributions given values.
mod law;

/// Counts of a Poisson process.
mod counting;

use crate::stats::information::basis::Basis;
use crate::stats::information::counting::{Counting, Groups};
use crate::stats::information::law::Law;
use crate::stats::mean::{mean, moments};
use crate::stats::proportion::proportion;
use crate::stats::{Estimate, Z};

/// Parts of the rows, each judged by a fit to all others: what values have in common by chance is then no information.
const FOLDS: usize = 5;

/// Of fewer rows than this, replications are parted instead.
const ROWS_PARTED: usize = 100;

/// The choice of a level: price · size, and a loss in each replication whose critical level is higher.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decision<'a> {
    /// The size of each level, the least first.
    pub sizes: &'a [f64],
    /// What one more of size costs.
    pub price: f64,
    /// What is lost where the level is too low.
    pub loss: f64,
    /// For each replication the place of the lowest level that does; infinite where none does.
    pub critical: &'a [f64],
    /// The row of the sample that each replication drew.
    pub rows: &'a [u32],
    /// The unknown values: for each a number by row.
    pub columns: &'a [Vec<f64>],
    /// Whether each replication drew any row with the same probability.
    pub uniform: bool,
}

/// The level that costs least with what is known now.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Best {
    /// The level's place.
    pub level: usize,
    /// The lowest and the highest level whose cost cannot be distinguished from it.
    pub range: [usize; 2],
    pub cost: Estimate,
}

/// The levels that are chosen in each row, with their probabilities.
type Rule = Vec<Vec<(usize, f64)>>;

/// A decision with the fits that its estimates share.
pub(crate) struct Information<'a> {
    of: Decision<'a>,
    /// Levels that are worth a thought: no replication needs more.
    levels: usize,
    /// The ends of levels on the scale of the fits.
    ends: Vec<f64>,
    /// For each fold the fit to all others on all values, and the level that is best by it.
    folds: Vec<(Law, usize)>,
}

/// The loss at which a risk is optimal for these critical levels, if the upper tail of their distribution is
/// exponential between twice the risk and half of it: there one more of size costs as much as it saves. Absent where
/// the sample has no such tail.
pub(crate) fn implied_loss(
    sizes: &[f64],
    critical: &[f64],
    (price, risk): (f64, f64),
) -> Option<f64> {
    let mut sorted = critical.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let size = |above: f64| {
        // The least level that no greater share exceeds, half a level between it and the one before.
        let place = ((1.0 - above) * sorted.len() as f64).ceil().max(1.0) as usize - 1;
        let level = *sorted.get(place)?;
        level
            .is_finite()
            .then(|| sizes.get(level as usize).copied())?
    };
    let rise = size(risk / 2.0)? - size((2.0 * risk).min(0.5))?;
    let falls = libm::log((2.0 * risk).min(0.5) / (risk / 2.0));
    (0.0 < rise).then(|| price * rise / (risk * falls))
}

impl<'a> Information<'a> {
    /// Fits the distribution of the critical level. Absent where there are no values, or too few replications.
    pub fn new(of: Decision<'a>) -> Option<Self> {
        let rows = of.columns.first().map_or(0, Vec::len);
        if rows == 0 || of.sizes.is_empty() || of.critical.len() < 2 * FOLDS {
            return None;
        }
        let finite = of.critical.iter().filter(|it| it.is_finite());
        let highest = finite.fold(0.0, |high: f64, it| high.max(*it)) as usize;
        let mut this = Self {
            levels: (highest + 1).min(of.sizes.len()),
            ends: Vec::new(),
            folds: Vec::new(),
            of,
        };
        let ends = 0..of.sizes.len();
        this.ends = ends.map(|level| this.scale(this.between(level))).collect();
        let all = this.all();
        let fold = |fold: usize| {
            let law = this.law(&all, |it| this.part(it) != fold);
            let best = this.cheapest(&this.average(&law));
            (law, best)
        };
        this.folds = (0..FOLDS).map(fold).collect();
        Some(this)
    }

    /// The best level as it is.
    pub fn now(&self) -> Best {
        let law = self.law(&self.all(), |_| true);
        let level = self.cheapest(&self.average(&law));
        let costlier = |other: usize| self.is_costlier(other, level);
        let low = (0..level).rev().find(|it| costlier(*it));
        let high = (level + 1..self.of.sizes.len()).find(|it| costlier(*it));
        Best {
            level,
            range: [
                low.map_or(0, |it| it + 1),
                high.map_or(self.of.sizes.len(), |it| it) - 1,
            ],
            cost: self.cost_of(level),
        }
    }

    /// Whether a level costs more than another: by the exact interval of the share of replications in which one of them
    /// does and the other does not.
    fn is_costlier(&self, level: usize, than: usize) -> bool {
        let (low, high) = (level.min(than) as f64, level.max(than) as f64);
        let between = self.of.critical.iter();
        let between = between.filter(|it| low < **it && **it <= high).count();
        let share = proportion(between, self.of.critical.len());
        let more = self.of.price * (self.of.sizes[level] - self.of.sizes[than]);
        let lost = |end: Option<f64>| end.map_or(0.0, |it| it * self.of.loss);
        match level < than {
            true => 0.0 < lost(share.low) + more,
            false => 0.0 < more - lost(share.high),
        }
    }

    /// What a level costs, by the exact interval of the share that it does not do in.
    fn cost_of(&self, level: usize) -> Estimate {
        let missed = self.of.critical.iter().filter(|it| (level as f64) < **it);
        let share = proportion(missed.count(), self.of.critical.len());
        let cost = |end: Option<f64>| {
            end.map(|it| self.of.price * self.of.sizes[level] + self.of.loss * it)
        };
        Estimate {
            point: cost(share.point),
            low: cost(share.low),
            high: cost(share.high),
            n: share.n,
        }
    }

    /// What it is worth to know some values, by the places of their columns.
    pub fn knowing(&self, columns: &[usize]) -> Estimate {
        let every = columns.len() == self.of.columns.len();
        self.worth(|fold| {
            let (all, best) = &self.folds[fold];
            let known = (!every).then(|| self.law(columns, |it| self.part(it) != fold));
            // The one level is that of the same fit: what a fit errs by is no information.
            let best = match &known {
                Some(known) => self.cheapest(&self.average(known)),
                None => *best,
            };
            let known = known.as_ref().unwrap_or(all);
            let rule = |row: usize| vec![(self.cheapest(&self.tail(known, row)), 1.0)];
            (best, (0..self.row_count()).map(rule).collect())
        })
    }

    /// What it is worth to count events for these times, of which each row expects `rates` in a unit of time.
    pub fn counting(&self, rates: &[f64], times: &[f64]) -> Vec<Estimate> {
        let groups = Groups::of(rates);
        let tails: Vec<Vec<Vec<f64>>> = self
            .folds
            .iter()
            .map(|(law, _)| groups.averages(|row| self.tail(law, row)))
            .collect();
        let worth = |time: &f64| {
            let counting = Counting::of(rates, *time);
            self.worth(|fold| {
                let choices = counting.averages(&groups, &tails[fold]);
                let choices: Vec<usize> = choices.iter().map(|it| self.cheapest(it)).collect();
                let rows = 0..self.row_count();
                let rule = rows.map(|row| counting.chosen(row, &choices)).collect();
                (self.folds[fold].1, rule)
            })
        };
        times.iter().map(worth).collect()
    }

    /// The mean over replications of what they cost at the level that is best for all, less what they cost by a
    /// rule; both were chosen without them.
    fn worth(&self, chosen: impl Fn(usize) -> (usize, Rule)) -> Estimate {
        let n = self.of.critical.len();
        let mut saved = vec![0.0; n];
        for (fold, (law, _)) in self.folds.iter().enumerate() {
            let (fixed, rule) = chosen(fold);
            // What the fit expects of a row has a mean over all rows that is known: a control variate.
            let expected: Vec<f64> = match self.of.uniform {
                true => (0..self.row_count())
                    .map(|row| self.expected(law, row, (fixed, &rule[row])))
                    .collect(),
                false => vec![0.0; self.row_count()],
            };
            let middle = expected.iter().sum::<f64>() / expected.len() as f64;
            for it in (0..n).filter(|it| self.part(*it) == fold) {
                let row = self.of.rows[it] as usize;
                let by_rule = rule[row].iter();
                let by_rule: f64 = by_rule
                    .map(|(level, share)| share * self.cost(*level, it))
                    .sum();
                saved[it] = self.cost(fixed, it) - by_rule - expected[row] + middle;
            }
        }
        saving(&saved, self.of.loss)
    }

    /// What the fit expects a rule to save in a row.
    fn expected(&self, law: &Law, row: usize, (fixed, rule): (usize, &[(usize, f64)])) -> f64 {
        let cost = |level: usize| {
            let missed = law.exceeds(row, self.ends[level]);
            self.of.sizes[level] * self.of.price + self.of.loss * missed
        };
        let by_rule = rule.iter().map(|(level, share)| share * cost(*level));
        cost(fixed) - by_rule.sum::<f64>()
    }

    /// The part of a replication.
    fn part(&self, replication: usize) -> usize {
        match self.row_count() < ROWS_PARTED {
            true => replication % FOLDS,
            false => self.of.rows[replication] as usize % FOLDS,
        }
    }

    fn all(&self) -> Vec<usize> {
        (0..self.of.columns.len()).collect()
    }

    fn row_count(&self) -> usize {
        self.of.columns[0].len()
    }

    /// The fit to some replications, on some columns.
    fn law(&self, columns: &[usize], fitted: impl Fn(usize) -> bool) -> Law {
        let observed: Vec<(usize, f64)> = (0..self.of.critical.len())
            .filter(|it| fitted(*it))
            .map(|it| (self.of.rows[it] as usize, self.scale(self.size_of(it))))
            .collect();
        let columns: Vec<&[f64]> = columns.iter().map(|it| &self.of.columns[*it][..]).collect();
        let smooth = Basis::smooth(&columns, self.row_count(), observed.len());
        let linear = Basis::linear(&columns, self.row_count());
        Law::fit(&smooth, &linear, &observed)
    }

    /// Critical levels are fitted on the scale of the square root, on which counts scatter alike (Bartlett 1936).
    fn scale(&self, size: f64) -> f64 {
        (size - self.of.sizes[0].min(0.0)).max(0.0).sqrt()
    }

    /// The size of the critical level of a replication; one step above all levels where none does.
    fn size_of(&self, replication: usize) -> f64 {
        let (place, last) = (self.of.critical[replication], self.of.sizes.len() - 1);
        match self.of.sizes.get(place as usize) {
            Some(size) if place.is_finite() => *size,
            _ => self.between(last) * 2.0 - self.of.sizes[last],
        }
    }

    /// Half-way from a level to the next.
    fn between(&self, level: usize) -> f64 {
        let size = self.of.sizes[level];
        let next = match self.of.sizes.get(level + 1) {
            Some(next) => *next,
            None if level == 0 => size + 1.0,
            None => 2.0 * size - self.of.sizes[level - 1],
        };
        f64::midpoint(size, next)
    }

    /// Probability that each level is too low, in a row.
    fn tail(&self, law: &Law, row: usize) -> Vec<f64> {
        let ends = self.ends[..self.levels].iter();
        ends.map(|end| law.exceeds(row, *end)).collect()
    }

    /// The same over all rows.
    fn average(&self, law: &Law) -> Vec<f64> {
        let rows = self.row_count();
        let mean = |end: &f64| (0..rows).map(|row| law.exceeds(row, *end)).sum::<f64>();
        let ends = self.ends[..self.levels].iter();
        ends.map(|end| mean(end) / rows as f64).collect()
    }

    /// The level that costs least, given the probability that each is too low.
    fn cheapest(&self, tail: &[f64]) -> usize {
        let cost = |level: usize| self.of.price * self.of.sizes[level] + self.of.loss * tail[level];
        let levels = 0..tail.len();
        let least = levels.min_by(|one, other| cost(*one).total_cmp(&cost(*other)));
        least.unwrap_or(0)
    }

    /// What a level costs in a replication.
    fn cost(&self, level: usize, replication: usize) -> f64 {
        let lost = (level as f64) < self.of.critical[replication];
        self.of.price * self.of.sizes[level] + if lost { self.of.loss } else { 0.0 }
    }
}

/// The mean of what is saved, which is 0 at the least. Losses are few and large, so that the normal interval is widened by
/// the variance of one more of them on either side (as Agresti and Coull 1998 do for shares). Where the rule hardly ever
/// leaves the one level, a loss with a probability of 3 / n is added, below which nothing need be seen in n replications
/// (Hanley and Lippman-Hand 1983).
fn saving(saved: &[f64], loss: f64) -> Estimate {
    let (n, (middle, squares)) = (saved.len() as f64, moments(saved));
    let found = mean(saved);
    let unseen = match found.low {
        Some(_) => 0.0,
        None => 3.0 * loss / n,
    };
    let half = Z * (squares + 2.0 * loss * loss).sqrt() / n + unseen;
    Estimate {
        point: Some(middle.max(0.0)),
        low: Some((middle - half).max(0.0)),
        high: Some((middle + half).max(0.0)),
        n: found.n,
    }
}

#[cfg(test)]
mod tests;
