//! Several buffers at once: what each should hold, so that all of them last together as often as the money
//! allows, or as cheaply as the risk allows.

use crate::experiment::parallel;
use crate::experiment::progress::Progress;
use crate::experiment::replications::Replications;
use crate::experiment::requirement::{Requirement, met};
use crate::experiment::size::{Sizing, price, unpriced};
use crate::kernel::random::Seed;
use crate::scenario::Scenario;
use crate::scenario::design::{Plan, Varied};
use crate::scenario::node::Node;
use crate::scenario::template::Template;
use crate::stats::Estimate;
use crate::stats::proportion::proportion;

/// What an allocation is to achieve.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Aim {
    /// The cheapest at which one buffer or more fails in a share of cases no greater than this.
    Risk(f64),
    /// The best that costs no more than this.
    Budget(f64),
}

/// What each of several buffers should hold.
#[derive(Clone, PartialEq, Debug)]
pub struct Allocation {
    /// The place of each buffer's level.
    pub levels: Vec<usize>,
    /// What they cost together, in the unit of the prices.
    pub cost: f64,
    /// Probability that all do, if they fail independently of each other.
    pub likely: f64,
}

/// What several buffers should hold, and how often they then do together in other replications.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Together {
    pub allocation: Allocation,
    /// Absent where the file refuses those levels together.
    pub confirmed: Option<Estimate>,
}

/// Combinations that are kept on the way: enough to tell a ten-thousandth of the way between the cheapest and
/// the best.
const KEPT_MAX: usize = 10_000;

/// Finds the levels of several buffers, given what each level of each of them costs. Exact for the shares
/// that were seen: of all combinations, those are kept that no cheaper one equals (a knapsack by its
/// frontier, Nemhauser and Ullmann, 1969). Absent where no combination meets the aim.
///
/// # Panics
/// If a buffer has no price for each of its levels.
pub fn allocate(sizings: &[Sizing], prices: &[Vec<f64>], aim: Aim) -> Option<Allocation> {
    assert_eq!(
        sizings.len(),
        prices.len(),
        "a list of prices for each buffer"
    );
    let mut frontier = vec![Allocation {
        levels: Vec::new(),
        cost: 0.0,
        likely: 1.0,
    }];
    for (sizing, prices) in sizings.iter().zip(prices) {
        assert_eq!(sizing.levels.len(), prices.len(), "a price for each level");
        let mut wider = Vec::new();
        for base in &frontier {
            for likely in &sizing.curve {
                let share = likely.does.point.unwrap_or(0.0);
                if 0.0 < share {
                    wider.push(Allocation {
                        levels: [&base.levels[..], &[likely.level]].concat(),
                        cost: base.cost + prices[likely.level],
                        likely: base.likely * share,
                    });
                }
            }
        }
        frontier = undominated(wider);
    }
    match aim {
        Aim::Risk(risk) => frontier.into_iter().find(|it| 1.0 - risk <= it.likely),
        Aim::Budget(most) => frontier.into_iter().rev().find(|it| it.cost <= most),
    }
}

/// Those that are likelier than everything cheaper, the cheapest first.
fn undominated(mut all: Vec<Allocation>) -> Vec<Allocation> {
    all.sort_by(|one, other| {
        let by_cost = one.cost.total_cmp(&other.cost);
        by_cost.then(other.likely.total_cmp(&one.likely))
    });
    let mut best = 0.0;
    all.retain(|it| {
        let better = best < it.likely;
        best = it.likely.max(best);
        better
    });
    let every = all.len().div_ceil(KEPT_MAX).max(1);
    let last = all.len().saturating_sub(1);
    let mut place = 0;
    all.retain(|_| {
        place += 1;
        (place - 1) % every == 0 || place - 1 == last
    });
    all
}

/// One of several buffers that are sized together.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// The axis of its levels, numbers all of them.
    pub varied: Varied,
    pub plan: Plan,
    pub requirement: Requirement,
    /// What one more of it costs.
    pub price: f64,
}

/// Sizes several buffers: each by itself with the others as the file has them; then again with the others
/// as that would have them, since pools share people and limits. Last, all of them are tried together
/// on other luck.
pub(crate) fn size_together(
    template: &Template,
    wanted: &[Wanted],
    aim: Aim,
    (replications, seed): (Replications, Seed),
    progress: &dyn Progress,
) -> (Vec<Sizing>, Option<Together>) {
    let asked = (replications, seed);
    let prices = wanted.iter().map(|it| {
        let levels = it.plan.levels().into_iter();
        levels
            .map(|level| it.price * level.parse().unwrap_or(f64::INFINITY))
            .collect()
    });
    let prices: Vec<Vec<f64>> = prices.collect();
    let mut plans: Vec<Plan> = wanted.iter().map(|it| it.plan.clone()).collect();
    let mut sizings = sizings(&plans, wanted, asked, progress);
    if let Some(first) = allocate(&sizings, &prices, aim)
        && let Some(again) = around(template, wanted, &first)
        && !progress.stopped()
    {
        plans = again;
        sizings = self::sizings(&plans, wanted, asked, progress);
    }
    for (sizing, plan) in sizings
        .iter_mut()
        .zip(&plans)
        .filter(|(sizing, _)| 0 < sizing.n)
    {
        price(sizing, plan, asked);
    }
    let together = allocate(&sizings, &prices, aim).map(|allocation| {
        let scenario = template.with(&values(wanted, &allocation)).ok();
        let confirmed = scenario.map(|scenario| confirm(&scenario, wanted, replications, seed));
        Together {
            allocation,
            confirmed,
        }
    });
    (sizings, together)
}

fn sizings(
    plans: &[Plan],
    wanted: &[Wanted],
    asked: (Replications, Seed),
    progress: &dyn Progress,
) -> Vec<Sizing> {
    let each = plans.iter().zip(wanted);
    each.map(|(plan, it)| unpriced(plan, it.requirement, asked, progress))
        .collect()
}

/// Path and value of each buffer, as allocated.
fn values<'a>(wanted: &'a [Wanted], allocation: &Allocation) -> Vec<(&'a str, Node)> {
    let levels = wanted.iter().zip(&allocation.levels);
    let axes = levels.map(|(it, level)| (&it.plan.axes[0], *level as u64));
    axes.map(|(axis, level)| (axis.path.as_str(), axis.level(level)))
        .collect()
}

/// The plan of each buffer with the others as allocated; absent where the file refuses one of them.
fn around(template: &Template, wanted: &[Wanted], allocation: &Allocation) -> Option<Vec<Plan>> {
    let values = values(wanted, allocation);
    let plan = |(place, it): (usize, &Wanted)| {
        let mut others = values.clone();
        others.remove(place);
        Plan::new(template.changed(&others)?, &it.varied).ok()
    };
    wanted.iter().enumerate().map(plan).collect()
}

/// How often several requirements are met together, in as many replications as these, but others: luck
/// that chose the levels is no witness for them.
fn confirm(
    scenario: &Scenario,
    wanted: &[Wanted],
    replications: Replications,
    seed: Seed,
) -> Estimate {
    let n = replications.count.get();
    let requirements: Vec<Requirement> = wanted.iter().map(|it| it.requirement).collect();
    parallel::with_threads(replications.threads, || {
        proportion(met(scenario, &requirements, n..2 * n, seed), n)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buffer(shares: &[f64]) -> Sizing {
        let curve =
            shares
                .iter()
                .enumerate()
                .map(|(level, share)| crate::experiment::size::Likely {
                    level,
                    does: Estimate {
                        point: Some(*share),
                        n: 100,
                        ..Estimate::default()
                    },
                });
        Sizing {
            requirement: Requirement::no_failed_lease(0, 0.05),
            levels: (0..shares.len()).map(|level| level.to_string()).collect(),
            today: None,
            n: 100,
            critical: Vec::new(),
            checked: [0; 2],
            met: Estimate::default(),
            answer: None,
            interval: [None; 2],
            assured: None,
            curve: curve.collect(),
            costs: Vec::new(),
        }
    }

    #[test]
    fn money_goes_where_it_helps_most() {
        let buffers = [buffer(&[0.1, 0.9, 0.95]), buffer(&[0.8, 0.9, 0.91])];
        let prices = vec![vec![0.0, 1.0, 2.0]; 2];
        let best = |most| allocate(&buffers, &prices, Aim::Budget(most)).map(|it| it.levels);
        assert_eq!(best(0.0), Some(vec![0, 0]));
        assert_eq!(best(1.0), Some(vec![1, 0]));
        assert_eq!(best(2.0), Some(vec![1, 1]));
        assert_eq!(best(3.0), Some(vec![2, 1]));
        let cheapest = |risk| allocate(&buffers, &prices, Aim::Risk(risk)).map(|it| it.cost);
        assert_eq!(cheapest(0.3), Some(1.0));
        assert_eq!(cheapest(0.15), Some(3.0));
        assert_eq!(cheapest(0.1), None);
    }

    #[test]
    fn the_frontier_is_no_worse_than_trying_everything() {
        let shares = [
            [0.3, 0.5, 0.55, 0.9],
            [0.2, 0.7, 0.75, 0.8],
            [0.6, 0.61, 0.9, 0.99],
        ];
        let prices = vec![
            vec![1.0, 2.5, 3.0, 7.0],
            vec![0.5, 2.0, 4.0, 4.5],
            vec![1.0, 1.5, 5.0, 9.0],
        ];
        let buffers = shares.map(|shares| buffer(&shares));
        for most in [2.5, 4.0, 6.0, 9.5, 12.0, 20.5] {
            let mut best: f64 = 0.0;
            for (a, b, c) in (0..64).map(|it| (it % 4, it / 4 % 4, it / 16)) {
                if prices[0][a] + prices[1][b] + prices[2][c] <= most {
                    best = best.max(shares[0][a] * shares[1][b] * shares[2][c]);
                }
            }
            let found = allocate(&buffers, &prices, Aim::Budget(most)).map(|it| it.likely);
            assert!(
                (found.expect("something is affordable") - best).abs() < 1e-12,
                "{most}"
            );
        }
    }
}
