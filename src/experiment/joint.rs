//! Levels of several buffers that are enough together. Each replication has a critical level of each
//! buffer; a replication is kept where every buffer holds at least its own. Buffers of one outage fail
//! together, so that the levels are chosen on these vectors and not on the share of each by itself.

/// Comparisons after which the search for something cheaper ends.
const WORK_MAX: u64 = 200_000_000;

/// What replications need of each of several buffers.
pub(crate) struct Needs<'a> {
    /// For each buffer the place of the critical level in each replication; infinite where none is enough.
    pub critical: Vec<&'a [f64]>,
    /// For each buffer the price of each level, which does not fall from one to the next.
    pub prices: &'a [Vec<f64>],
}

impl Needs<'_> {
    /// The cheapest levels with which all replications but `misses` are kept, by branch and bound: the
    /// levels of one buffer after another, each given up to what the replications still allow.
    /// Absent where there are none.
    pub fn cheapest(&self, misses: usize) -> Option<Vec<usize>> {
        let mut best = self.descend(misses)?;
        let mut search = Branches {
            needs: self,
            cost: self.cost(&best),
            best: &mut best,
            work: 0,
        };
        search.branch(&mut Vec::new(), &self.contested(misses), misses, 0.0);
        Some(best)
    }

    /// The levels that keep the most replications of all that cost no more than `budget`.
    pub fn best_within(&self, budget: f64) -> Option<Vec<usize>> {
        let n = self.critical.first().map_or(0, |critical| critical.len());
        let affordable = |misses: usize| {
            let levels = self.cheapest(misses)?;
            (self.cost(&levels) <= budget).then_some(levels)
        };
        let (mut low, mut high) = (0, n);
        while low < high {
            let middle = (low + high) / 2;
            match affordable(middle) {
                Some(_) => high = middle,
                None => low = middle + 1,
            }
        }
        // Where every replication may be missed, nothing has been asked for.
        affordable(low).filter(|_| low < n)
    }

    /// What levels cost together.
    pub fn cost(&self, levels: &[usize]) -> f64 {
        let each = levels.iter().zip(self.prices);
        each.map(|(level, prices)| prices[*level]).sum()
    }

    /// Replications that levels keep.
    pub fn kept(&self, levels: &[usize]) -> usize {
        let n = self.critical.first().map_or(0, |critical| critical.len());
        (0..n).filter(|it| self.keeps(levels, *it)).count()
    }

    fn keeps(&self, levels: &[usize], replication: usize) -> bool {
        let mut each = self.critical.iter().zip(levels);
        each.all(|(critical, level)| critical[replication] <= *level as f64)
    }

    /// Replications that may be missed: at most `misses` are, so that no buffer goes below the level
    /// that so many exceed, and all others are kept in any case.
    fn contested(&self, misses: usize) -> Vec<usize> {
        let n = self.critical.first().map_or(0, |critical| critical.len());
        let floors: Vec<f64> = self
            .critical
            .iter()
            .map(|critical| {
                let mut sorted = critical.to_vec();
                sorted.sort_unstable_by(|a, b| b.total_cmp(a));
                sorted.get(misses).copied().unwrap_or(f64::NEG_INFINITY)
            })
            .collect();
        let mut each = (0..n).collect::<Vec<usize>>();
        each.retain(|it| {
            let mut pairs = self.critical.iter().zip(&floors);
            pairs.any(|(critical, floor)| *floor <= critical[*it])
        });
        each
    }

    /// Levels to begin with: from those that miss only what no level keeps, buffers are lowered where
    /// that saves the most for each replication that is missed.
    fn descend(&self, misses: usize) -> Option<Vec<usize>> {
        let contested = self.contested(misses);
        let lost = |it: &usize| {
            self.critical
                .iter()
                .any(|critical| critical[*it].is_infinite())
        };
        let mut alive: Vec<usize> = contested.iter().copied().filter(|it| !lost(it)).collect();
        let mut left = misses.checked_sub(contested.len() - alive.len())?;
        loop {
            let step = |critical: &&[f64], prices: &Vec<f64>| {
                let top = level(alive.iter().map(|it| critical[*it]));
                let above = alive
                    .iter()
                    .filter(|it| critical[**it] == top as f64)
                    .count();
                let next = level(
                    alive
                        .iter()
                        .map(|it| critical[*it])
                        .filter(|it| *it < top as f64),
                );
                let saved = (prices[top] - prices[next]) / above as f64;
                (saved, above, top)
            };
            let steps = self.critical.iter().zip(self.prices);
            let steps = steps
                .map(|(critical, prices)| step(critical, prices))
                .enumerate();
            let possible = steps.filter(|(_, (saved, above, _))| *above <= left && 0.0 < *saved);
            let best = possible.max_by(|(_, one), (_, other)| one.0.total_cmp(&other.0));
            let Some((buffer, (_, above, top))) = best else {
                let all = |critical: &&[f64]| level(alive.iter().map(|it| critical[*it]));
                return Some(self.critical.iter().map(all).collect());
            };
            left -= above;
            alive.retain(|it| self.critical[buffer][*it] < top as f64);
        }
    }
}

/// The highest of some finite critical levels; the lowest there is, where there are none.
fn level(critical: impl Iterator<Item = f64>) -> usize {
    critical.fold(0.0, f64::max) as usize
}

/// The levels of the buffers before this one, and what is known to be better than what follows.
struct Branches<'a, 'b> {
    needs: &'a Needs<'b>,
    best: &'a mut Vec<usize>,
    cost: f64,
    work: u64,
}

impl Branches<'_, '_> {
    fn branch(&mut self, levels: &mut Vec<usize>, alive: &[usize], left: usize, spent: f64) {
        let buffer = levels.len();
        let Some(critical) = self.needs.critical.get(buffer) else {
            if spent < self.cost {
                (self.cost, *self.best) = (spent, levels.clone());
            }
            return;
        };
        self.work += (alive.len() * self.needs.critical.len()) as u64;
        if WORK_MAX < self.work || self.cost <= spent + self.least(buffer, alive, left) {
            return;
        }
        let mut order = alive.to_vec();
        order.sort_by(|one, other| critical[*other].total_cmp(&critical[*one]));
        let mut above = 0;
        while above <= left {
            let top = order.get(above).map_or(0.0, |it| critical[*it]);
            let rest = &order[above..];
            if top.is_finite() {
                let place = top as usize;
                levels.push(place);
                let price = self.needs.prices[buffer][place];
                self.branch(levels, rest, left - above, spent + price);
                levels.pop();
            }
            let tied = rest.iter().take_while(|it| critical[**it] == top).count();
            if tied == 0 {
                return;
            }
            above += tied;
        }
    }

    /// What the buffers from `first` on cost at the least: each as if all that may be missed were missed
    /// for its sake.
    fn least(&self, first: usize, alive: &[usize], left: usize) -> f64 {
        let each = self
            .needs
            .critical
            .iter()
            .zip(self.needs.prices)
            .skip(first);
        let floor = |(critical, prices): (&&[f64], &Vec<f64>)| {
            let mut needed: Vec<f64> = alive.iter().map(|it| critical[*it]).collect();
            if needed.len() <= left {
                return prices[0];
            }
            let (_, at, _) = needed.select_nth_unstable_by(left, |a, b| b.total_cmp(a));
            match at.is_finite() {
                true => prices[*at as usize],
                false => f64::INFINITY,
            }
        };
        each.map(floor).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::split_mix::SplitMix;

    fn prices(buffers: usize, unit: f64) -> Vec<Vec<f64>> {
        vec![(0..12).map(|level| unit * f64::from(level)).collect(); buffers]
    }

    #[test]
    fn buffers_that_fail_together_share_what_may_be_missed() {
        // One replication in four needs much of both: to miss it spares both.
        let critical: [&[f64]; 2] = [&[1.0, 2.0, 9.0, 2.0], &[3.0, 1.0, 9.0, 2.0]];
        let prices = prices(2, 1.0);
        let needs = Needs {
            critical: critical.to_vec(),
            prices: &prices,
        };
        assert_eq!(needs.cheapest(0), Some(vec![9, 9]));
        assert_eq!(needs.cheapest(1), Some(vec![2, 3]));
        assert_eq!(needs.best_within(5.0), Some(vec![2, 3]));
        assert_eq!(needs.kept(&[2, 3]), 3);
    }

    #[test]
    fn what_no_level_keeps_is_missed_or_nothing_is_enough() {
        let critical: [&[f64]; 2] = [&[1.0, f64::INFINITY, 2.0], &[1.0, 1.0, 5.0]];
        let prices = prices(2, 1.0);
        let needs = Needs {
            critical: critical.to_vec(),
            prices: &prices,
        };
        assert_eq!(needs.cheapest(0), None);
        assert_eq!(needs.cheapest(1), Some(vec![2, 5]));
        assert_eq!(needs.cheapest(2), Some(vec![1, 1]));
    }

    #[test]
    fn the_cheapest_is_no_dearer_than_trying_everything() {
        let mut numbers = SplitMix(1);
        for case in 0..200 {
            let n = 4 + case % 9;
            let mut drawn = || -> Vec<f64> {
                let level = |_| match numbers.bits() % 15 {
                    14 => f64::INFINITY,
                    level => (level % 8) as f64,
                };
                (0..n).map(level).collect()
            };
            let critical = [drawn(), drawn(), drawn()];
            let mut prices = prices(3, 1.0);
            prices[1].iter_mut().for_each(|price| *price *= 2.5);
            let needs = Needs {
                critical: critical.iter().map(Vec::as_slice).collect(),
                prices: &prices,
            };
            for misses in 0..3 {
                let every = (0..512).map(|it| vec![it % 8, it / 8 % 8, it / 64]);
                let enough = every.filter(|levels| n <= needs.kept(levels) + misses);
                let least = enough
                    .map(|levels| needs.cost(&levels))
                    .min_by(f64::total_cmp);
                let found = needs.cheapest(misses).map(|levels| needs.cost(&levels));
                assert_eq!(found, least, "case {case}, {misses} misses");
            }
        }
    }
}
