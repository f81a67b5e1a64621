//! Several buffers at once: what each should hold, so that all of them are enough together as often as the
//! money allows, or as cheaply as the risk allows.
//!
//! Levels are chosen on some replications and tried on others: those that chose them flatter them. Where
//! fewer are kept in the trial than was promised, levels are chosen for a smaller risk and tried again.

use std::num::NonZeroUsize;
use std::ops::Range;

use crate::experiment::alternative::Alternative;
use crate::experiment::joint::Needs;
use crate::experiment::parallel;
use crate::experiment::progress::Progress;
use crate::experiment::replications::Replications;
use crate::experiment::requirement::{Requirement, misses_at_most};
use crate::experiment::size::{Sizing, price, unpriced};
use crate::experiment::wanted::{Wanted, kept, requirements, values};
use crate::kernel::random::Seed;
use crate::scenario::text::node::Node;
use crate::scenario::vary::design::Plan;
use crate::scenario::vary::template::Template;
use crate::stats::Estimate;
use crate::stats::proportion::proportion;

/// What an allocation is to achieve.
#[derive(Clone, Copy, PartialEq, Debug)]
#[non_exhaustive]
pub enum Aim {
    /// The cheapest at which one buffer or more fails in a share of replications no greater than this.
    Risk(f64),
    /// The best that costs no more than this.
    Budget(f64),
}

/// What each of several buffers should hold.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct Allocation {
    /// The place of each buffer's level.
    pub levels: Vec<usize>,
    /// What they cost together, in the unit of the prices.
    pub cost: f64,
    /// Share of the replications on which they were chosen in which all of them are enough.
    pub kept: Estimate,
}

/// What several buffers should hold, and how often they are enough together in other replications.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Together {
    pub allocation: Allocation,
    /// Share of other replications in which all of them are enough.
    pub trial: Estimate,
    /// Whether the interval of the trial reaches what was promised.
    pub keeps: bool,
    /// What else was decided on, one after another.
    pub alternatives: Vec<Alternative>,
}

/// Trials before the search ends; for each, the risk is smaller by one standard error more.
pub(crate) const TRIALS: u32 = 4;
/// Times that buffers are sized around what the others then hold.
const ROUNDS: usize = 2;

/// Chooses the levels of several buffers, given what each level of each of them costs, on the joint
/// critical levels of each replication: exact for the replications that were run. Absent where no levels
/// meet the aim, or where a buffer was not sized.
///
/// # Panics
/// If the buffers were sized on different numbers of replications, or a level has no price.
pub fn allocate(sizings: &[Sizing], prices: &[Vec<f64>], aim: Aim) -> Option<Allocation> {
    assert_eq!(
        sizings.len(),
        prices.len(),
        "a list of prices for each buffer"
    );
    let n = sizings.first()?.n;
    for (sizing, prices) in sizings.iter().zip(prices) {
        assert_eq!(sizing.levels.len(), prices.len(), "a price for each level");
        assert_eq!(sizing.n, n, "buffers sized on the same replications");
    }
    let needs = Needs {
        critical: sizings.iter().map(|it| it.bisected.as_slice()).collect(),
        prices,
    };
    let levels = match aim {
        Aim::Risk(risk) => needs.cheapest(allowed(risk, n)),
        Aim::Budget(most) => needs.best_within(most),
    }?;
    Some(Allocation {
        cost: needs.cost(&levels),
        kept: proportion(needs.kept(&levels), n),
        levels,
    })
}

/// The aim of a later trial: a risk is smaller by so many standard errors of its estimate.
fn stricter(aim: Aim, trial: u32, n: usize) -> Aim {
    match aim {
        Aim::Risk(risk) => {
            let error = (risk * (1.0 - risk) / n as f64).sqrt();
            Aim::Risk((risk - f64::from(trial) * error).max(0.0))
        }
        budget @ Aim::Budget(_) => budget,
    }
}

/// How many of `n` replications may be missed at a risk.
fn allowed(risk: f64, n: usize) -> usize {
    // A share of a whole number that is meant, like 1% of 1,000, is not lost to rounding.
    (risk * n as f64 + 1e-9) as usize
}

/// Sizes several buffers, and works out what their levels cost.
pub(crate) fn size_together(
    template: &Template,
    wanted: &[Wanted],
    aim: Aim,
    asked: (Replications, Seed),
    progress: &dyn Progress,
) -> (Vec<Sizing>, Option<Together>) {
    let (mut sizings, plans, together) = choose_together(template, wanted, aim, asked, progress);
    price_all(&mut sizings, &plans, asked);
    (sizings, together)
}

/// Works out what levels of several buffers cost, of those that any replication was run for.
pub(crate) fn price_all(sizings: &mut [Sizing], plans: &[Plan], asked: (Replications, Seed)) {
    let done = sizings.iter_mut().zip(plans);
    for (sizing, plan) in done.filter(|(sizing, _)| 0 < sizing.n) {
        price(sizing, plan, asked);
    }
}

/// Sizes several buffers: each with the others as they are, which is all where nothing connects them;
/// otherwise levels are exchanged from there, since pools share people, limits and requests. What comes of
/// it is tried on other replications. With the plan of each, with the others as chosen.
pub(crate) fn choose_together(
    template: &Template,
    wanted: &[Wanted],
    aim: Aim,
    (replications, seed): (Replications, Seed),
    progress: &dyn Progress,
) -> (Vec<Sizing>, Vec<Plan>, Option<Together>) {
    let prices = wanted.iter().map(|it| {
        let levels = it.plan.levels().into_iter();
        levels
            .map(|level| it.price * level.parse().unwrap_or(f64::INFINITY))
            .collect()
    });
    let prices: Vec<Vec<f64>> = prices.collect();
    let search = Search {
        template,
        wanted,
        prices: &prices,
        aim,
        seed,
        threads: replications.threads,
        progress,
    };
    let (mut sizings, plans, together) = search.conclude(replications);
    if let Some(together) = &together {
        for (sizing, level) in sizings.iter_mut().zip(&together.allocation.levels) {
            sizing.chosen = Some(*level);
        }
    }
    (sizings, plans, together)
}

impl Aim {
    /// Whether the interval of the share in which all buffers are enough reaches what was promised.
    pub(crate) fn is_kept(self, trial: &Estimate) -> bool {
        match self {
            Self::Risk(risk) => trial.high.is_some_and(|high| 1.0 - risk <= high),
            Self::Budget(_) => true,
        }
    }
}

/// A search for the levels of several buffers.
#[derive(Clone, Copy)]
struct Search<'a> {
    template: &'a Template,
    wanted: &'a [Wanted],
    prices: &'a [Vec<f64>],
    aim: Aim,
    seed: Seed,
    threads: Option<NonZeroUsize>,
    progress: &'a dyn Progress,
}

impl Search<'_> {
    /// The sizing of each buffer with the others as chosen, the plans of that, and what is chosen.
    fn conclude(&self, replications: Replications) -> (Vec<Sizing>, Vec<Plan>, Option<Together>) {
        let n = replications.count.get();
        let plans = self.plans();
        let first = self.sizings(&plans, replications);
        let buffers = self.wanted.iter().map(|it| it.requirement.pool);
        let apart = self.template.base.are_apart(&buffers.collect::<Vec<_>>());
        let mut best: Option<Together> = None;
        for trial in 0..TRIALS {
            let search = Search {
                aim: stricter(self.aim, trial, n),
                ..*self
            };
            let found = match &best {
                _ if apart => allocate(&first, self.prices, search.aim),
                None => search.choose(&first, replications),
                Some(before) => search.again(&before.allocation.levels, n),
            };
            let Some(found) = found.filter(|_| !self.progress.is_cancelled()) else {
                break;
            };
            let from = n * (1 + trial as usize);
            let together = self.trial(found, self.aim, from..from + n);
            let enough = match self.aim {
                Aim::Risk(risk) => together.trial.point.is_some_and(|it| 1.0 - risk <= it),
                Aim::Budget(_) => true,
            };
            best = Some(together);
            if enough {
                break;
            }
        }
        let around = best.as_ref().filter(|_| !apart);
        match around.and_then(|it| self.around(&it.allocation.levels)) {
            Some(around) => (self.sizings(&around, replications), around, best),
            None => (first, plans, best),
        }
    }

    /// Levels that meet the aim on some replications, if there are any, of buffers that help or harm each
    /// other. The critical levels of each, with the others at theirs, begin the search.
    fn choose(&self, first: &[Sizing], sample: Replications) -> Option<Allocation> {
        let n = sample.count.get();
        let mut best: Option<Allocation> = None;
        let mut sizings = first.to_vec();
        for _ in 0..ROUNDS {
            let Some(found) = allocate(&sizings, self.prices, self.aim) else {
                break;
            };
            best = self.better(best, self.tried(&found.levels, n), n);
            let Some(around) = self.around(&found.levels) else {
                break;
            };
            sizings = self.sizings(&around, sample);
            if self.progress.is_cancelled() {
                return best;
            }
        }
        match self.aim {
            Aim::Risk(risk) => {
                let start = best.map_or_else(|| self.highest(), |best| best.levels);
                self.exchange(start, allowed(risk, n), n)
            }
            Aim::Budget(_) => best,
        }
    }

    /// The same for a smaller risk than the one that gave these levels: from the cheapest that are enough
    /// with one buffer raised.
    fn again(&self, before: &[usize], n: usize) -> Option<Allocation> {
        let Aim::Risk(risk) = self.aim else {
            return None;
        };
        let misses = allowed(risk, n);
        let enough = |levels: &[usize]| self.is_enough(levels, misses, n);
        let raised = (0..before.len()).filter_map(|place| {
            let mut levels = before.to_vec();
            levels[place] = self.least(before, place, &enough)?;
            Some(levels)
        });
        let start = raised.min_by(|one, other| self.cost(one).total_cmp(&self.cost(other)));
        self.exchange(start.unwrap_or_else(|| self.highest()), misses, n)
    }

    /// Lowers one buffer by a step and gives another the least level that makes up for it, where that is
    /// cheaper; then in steps half as long, down to one.
    fn exchange(&self, start: Vec<usize>, misses: usize, n: usize) -> Option<Allocation> {
        let enough = |levels: &[usize]| self.is_enough(levels, misses, n);
        if !enough(&start) {
            return None;
        }
        let (mut levels, mut cost) = (start, f64::INFINITY);
        let longest = self.prices.iter().map(Vec::len).max().unwrap_or(0);
        let mut step = longest / 2;
        while 0 < step && !self.progress.is_cancelled() {
            let mut improved = false;
            for (lowered, raised) in self.pairs() {
                let mut tried = levels.clone();
                if lowered != raised {
                    tried[lowered] = tried[lowered].saturating_sub(step);
                }
                let Some(least) = self.least(&tried, raised, &enough) else {
                    continue;
                };
                tried[raised] = least;
                if self.cost(&tried) < cost {
                    (cost, levels, improved) = (self.cost(&tried), tried, true);
                }
            }
            if !improved {
                step /= 2;
            }
        }
        self.tried(&levels, n)
    }

    /// Every buffer with every other, and with itself, the dearest first.
    fn pairs(&self) -> Vec<(usize, usize)> {
        let mut order: Vec<usize> = (0..self.wanted.len()).collect();
        let price = |place: &usize| self.wanted[*place].price;
        order.sort_by(|one, other| price(other).total_cmp(&price(one)));
        let pairs = order
            .iter()
            .flat_map(|lowered| order.iter().map(|raised| (*lowered, *raised)));
        pairs.collect()
    }

    /// The least level of a buffer that is enough with the others at theirs, if any is.
    fn least(
        &self,
        levels: &[usize],
        place: usize,
        enough: &impl Fn(&[usize]) -> bool,
    ) -> Option<usize> {
        let mut tried = levels.to_vec();
        let count = self.prices[place].len();
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = (low + high) / 2;
            tried[place] = middle;
            match enough(&tried) {
                true => high = middle,
                false => low = middle + 1,
            }
        }
        (low < count).then_some(low)
    }

    /// Whether levels miss no more than so many of the first `n` replications.
    fn is_enough(&self, levels: &[usize], misses: usize, n: usize) -> bool {
        let Ok(scenario) = self.template.with(&self.values(levels)) else {
            return false;
        };
        let requirements = self.requirements();
        parallel::with_threads(self.threads, || {
            misses_at_most(&scenario, &requirements, misses, n, self.seed)
        })
    }

    /// Levels with what they cost and how often they are enough, all requirements taken together.
    fn tried(&self, levels: &[usize], n: usize) -> Option<Allocation> {
        Some(Allocation {
            kept: self.kept(levels, 0..n)?,
            cost: self.cost(levels),
            levels: levels.to_vec(),
        })
    }

    fn cost(&self, levels: &[usize]) -> f64 {
        let each = levels.iter().zip(self.prices);
        each.map(|(level, prices)| prices[*level]).sum()
    }

    fn plans(&self) -> Vec<Plan> {
        self.wanted.iter().map(|it| it.plan.clone()).collect()
    }

    /// Of two allocations the one that comes nearer to the aim.
    fn better(
        &self,
        best: Option<Allocation>,
        tried: Option<Allocation>,
        n: usize,
    ) -> Option<Allocation> {
        let share = |it: &Allocation| it.kept.point.unwrap_or(0.0);
        let tried = tried.filter(|it| match self.aim {
            Aim::Risk(risk) => {
                let most = allowed(risk, n) as f64;
                ((1.0 - share(it)) * n as f64).round() <= most
            }
            Aim::Budget(most) => it.cost <= most,
        });
        let (Some(one), Some(other)) = (&best, &tried) else {
            return best.or(tried);
        };
        let wins = match self.aim {
            Aim::Risk(_) => other.cost < one.cost,
            Aim::Budget(_) => share(one) < share(other),
        };
        if wins { tried } else { best }
    }

    /// Tries levels on other replications than they were chosen on.
    fn trial(&self, allocation: Allocation, aim: Aim, others: Range<usize>) -> Together {
        let trial = self.kept(&allocation.levels, others).unwrap_or_default();
        Together {
            allocation,
            trial,
            keeps: aim.is_kept(&trial),
            alternatives: Vec::new(),
        }
    }

    fn kept(&self, levels: &[usize], replications: Range<usize>) -> Option<Estimate> {
        let of = (self.template, self.wanted);
        kept(of, levels, replications, (self.threads, self.seed))
    }

    fn requirements(&self) -> Vec<Requirement> {
        requirements(self.wanted)
    }

    fn sizings(&self, plans: &[Plan], replications: Replications) -> Vec<Sizing> {
        let each = plans.iter().zip(self.wanted);
        let asked = (replications, self.seed);
        each.map(|(plan, it)| unpriced(plan, it.requirement, asked, self.progress))
            .collect()
    }

    fn highest(&self) -> Vec<usize> {
        self.prices.iter().map(|prices| prices.len() - 1).collect()
    }

    fn values(&self, levels: &[usize]) -> Vec<(&str, Node)> {
        values(self.wanted, levels)
    }

    /// The plan of each buffer with the others at these levels; absent where the file refuses one of
    /// them.
    fn around(&self, levels: &[usize]) -> Option<Vec<Plan>> {
        let values = self.values(levels);
        let plan = |(place, it): (usize, &Wanted)| {
            let mut others = values.clone();
            others.remove(place);
            Plan::new(self.template.changed(&others)?, &it.varied).ok()
        };
        self.wanted.iter().enumerate().map(plan).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buffer(critical: &[f64]) -> Sizing {
        Sizing {
            requirement: Requirement::no_failed_lease(0, 0.05),
            levels: (0..4).map(|level| level.to_string()).collect(),
            today: None,
            n: critical.len(),
            critical: critical.to_vec(),
            bisected: critical.to_vec(),
            checked: [0; 2],
            met: Estimate::default(),
            reached: true,
            answer: None,
            interval: [None; 2],
            assured: None,
            curve: Vec::new(),
            costs: Vec::new(),
            chosen: None,
            rows: Vec::new(),
        }
    }

    #[test]
    fn a_risk_or_a_budget_is_met_on_the_joint_critical_levels() {
        let buffers = [buffer(&[1.0, 1.0, 2.0, 3.0]), buffer(&[0.0, 1.0, 1.0, 3.0])];
        let prices = vec![vec![0.0, 1.0, 2.0, 3.0]; 2];
        let found = |aim| {
            let found = allocate(&buffers, &prices, aim)?;
            Some((found.levels, found.cost, found.kept.point?))
        };
        assert_eq!(found(Aim::Risk(0.01)), Some((vec![3, 3], 6.0, 1.0)));
        assert_eq!(found(Aim::Risk(0.25)), Some((vec![2, 1], 3.0, 0.75)));
        assert_eq!(found(Aim::Budget(2.5)), Some((vec![1, 1], 2.0, 0.5)));
        assert_eq!(found(Aim::Budget(0.0)), None);
    }
}
