//! The break-even level of a buffer: where the expected cost of ready workers, failed leases, waiting and
//! leased workers is least, under common random numbers.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::experiment::measure::{MEASURES, place, value};
use crate::experiment::parallel;
use crate::experiment::progress::Progress;
use crate::experiment::replications::Replications;
use crate::experiment::runner::Runner;
use crate::experiment::size::{Cost, YEAR_H, spread};
use crate::kernel::random::Seed;
use crate::model::id::PoolId;
use crate::model::record::ledger::Ledger;
use crate::scenario::Scenario;
use crate::scenario::vary::design::Plan;
use crate::stats::mean::mean;
use crate::stats::paired::paired;
use crate::stats::{Estimate, Paired};

impl Cost {
    /// Failed leases, whether any fails, idle worker-hours, ready in calm, idle cost, cost a year: the costs where
    /// a ready worker has a price an hour.
    pub(crate) fn estimates(&self, price: Option<f64>) -> [Estimate; 6] {
        let priced = |estimate: Estimate, hours: f64| {
            let price = price.map(|price| estimate.times(price * hours));
            price.unwrap_or_default()
        };
        [
            self.failed_leases,
            self.any_fails,
            self.idle_worker_hours,
            self.calm_ready,
            priced(self.idle_worker_hours, 1.0),
            priced(self.calm_ready, YEAR_H),
        ]
    }
}

/// Levels that are judged at once; the search continues between the neighbours of the cheapest of them.
const JUDGED_AT_ONCE: usize = 9;

/// The level of a buffer at which its expected cost is least.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct BreakEven {
    /// The level's place.
    pub level: usize,
    /// The places of the lowest and the highest level whose cost cannot be distinguished from it: the 95%
    /// interval of the paired difference does not lie above 0.
    pub range: [usize; 2],
    /// The levels that were judged, the least first.
    pub costs: Vec<LevelCost>,
}

/// What a level is expected to cost over the measured time, in the currency of the file.
#[derive(Clone, Copy, PartialEq, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct LevelCost {
    /// The level's place.
    pub level: usize,
    /// Mean cost of a replication.
    pub cost: Estimate,
    /// Mean of the cost less that of the break-even level, from paired replications.
    pub more: Estimate,
}

/// Finds the level of a buffer at which its expected cost is least. The plan has one axis: the levels, the
/// least first.
///
/// The cost is that of the pool and its standbys: ready workers, failed leases, waiting and leased
/// workers, as far as the file states their prices. `worker_hour_cost` replaces the pool's own. Absent where a
/// ready worker has no price, or neither a failed lease nor waiting has one: more, or less, of the buffer
/// is always cheaper then.
///
/// # Panics
/// If the plan has more than one axis, or there is no such pool.
///
/// # Examples
/// A failed lease costs 50, a ready worker 5 an hour:
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use drawdown::scenario::{Plan, Template, SweepSpec};
/// use drawdown::study::break_even;
/// use drawdown::{Replications, Seed};
///
/// let costs = ("costs.failed_lease".to_owned(), "50".to_owned());
/// let template = Template::load_variant("examples/full-outage.yaml", None, [costs])?;
/// let pool = template.base().pool("anywhere/any")?;
/// let axes = vec!["pools.anywhere/any.target=1..60:1".to_owned()];
/// let plan = Plan::new(template, &SweepSpec { axes, ..SweepSpec::default() })?;
/// let found = break_even(&plan, pool, Some(5.0), Replications::new(400), Seed(1));
/// let found = found.ok_or("no costs")?;
/// assert!(found.range[0] <= found.level && found.level <= found.range[1]);
/// # Ok(())
/// # }
/// ```
pub fn break_even(
    plan: &Plan,
    pool: impl Into<PoolId>,
    worker_hour_cost: Option<f64>,
    replications: Replications,
    seed: Seed,
) -> Option<BreakEven> {
    let pool = usize::from(pool.into());
    break_even_with(plan, (pool, worker_hour_cost), (replications, seed), &())
}

/// The same, with cancellation: cancelled, there is no answer.
pub(crate) fn break_even_with(
    plan: &Plan,
    (pool, worker_hour_cost): (usize, Option<f64>),
    (replications, seed): (Replications, Seed),
    progress: &dyn Progress,
) -> Option<BreakEven> {
    assert_eq!(plan.axes.len(), 1, "a buffer has one axis");
    let base = &plan.template.base;
    let price = worker_hour_cost.or(base.pools[pool].cost)?;
    if !base.prices_failures() {
        return None;
    }
    let standbys = base.standbys_of(pool);
    let standbys = standbys.map(|it| (it, base.pools[it].cost.unwrap_or(0.0)));
    let mut search = Search {
        plan,
        pools: std::iter::once((pool, price)).chain(standbys).collect(),
        n: replications.count.get(),
        seed,
        progress,
        judged: BTreeMap::new(),
    };
    parallel::with_threads(replications.threads, || search.answer())
}

/// A search among the levels of a buffer.
struct Search<'a> {
    plan: &'a Plan,
    /// The pools that count, each with the price of a ready worker for an hour.
    pools: Vec<(usize, f64)>,
    n: usize,
    seed: Seed,
    progress: &'a dyn Progress,
    /// The cost of each replication, of each level that was judged.
    judged: BTreeMap<usize, Vec<f64>>,
}

impl Search<'_> {
    fn answer(&mut self) -> Option<BreakEven> {
        self.narrow()?;
        let means = self.judged.iter();
        let means = means.map(|(level, costs)| (*level, mean(costs).point));
        let (least, _) = means.min_by(|one, other| {
            let [one, other] = [one.1, other.1].map(|cost| cost.unwrap_or(f64::INFINITY));
            one.total_cmp(&other)
        })?;
        let costlier = |level: &&usize| self.is_costlier(**level, least);
        let below = self.judged.range(..least).map(|it| it.0);
        let below = below.rev().find(costlier).copied();
        let above = self.judged.range(least + 1..).map(|it| it.0);
        let above = above.into_iter().find(costlier).copied();
        let low = self.edge(least, below, 0)?;
        let high = self.edge(least, above, self.plan.len() - 1)?;
        let costs = self.judged.iter().map(|(level, costs)| LevelCost {
            level: *level,
            cost: mean(costs),
            more: self.more(*level, least).difference,
        });
        Some(BreakEven {
            level: least,
            range: [low, high],
            costs: costs.collect(),
        })
    }

    /// Judges levels ever closer to the cheapest, until its neighbours are among them.
    fn narrow(&mut self) -> Option<()> {
        let (mut low, mut high) = (0, self.plan.len() - 1);
        loop {
            let count = high - low + 1;
            let places = spread(count, JUDGED_AT_ONCE);
            let levels: Vec<usize> = places.into_iter().map(|place| low + place).collect();
            let mut cheapest = (0, f64::INFINITY);
            for (place, level) in levels.iter().enumerate() {
                self.judge(*level)?;
                let cost = mean(&self.judged[level]).point?;
                if cost < cheapest.1 {
                    cheapest = (place, cost);
                }
            }
            if levels.len() == count {
                return Some(());
            }
            low = levels[cheapest.0.saturating_sub(1)];
            high = levels[(cheapest.0 + 1).min(levels.len() - 1)];
        }
    }

    /// The level farthest from the cheapest that cannot be distinguished from it, towards a level that
    /// can; where there is none, the end of all levels.
    fn edge(&mut self, least: usize, costlier: Option<usize>, end: usize) -> Option<usize> {
        let Some(mut far) = costlier else {
            return Some(end);
        };
        let mut near = least;
        while 1 < far.abs_diff(near) {
            let middle = usize::midpoint(far, near);
            self.judge(middle)?;
            match self.is_costlier(middle, least) {
                true => far = middle,
                false => near = middle,
            }
        }
        Some(near)
    }

    /// The cost of a level less that of another, by replication.
    fn more(&self, level: usize, than: usize) -> Paired {
        let pairs = self.judged[&than].iter().zip(&self.judged[&level]);
        let pairs: Vec<(f64, f64)> = pairs.map(|(than, cost)| (*than, *cost)).collect();
        paired(&pairs)
    }

    fn is_costlier(&self, level: usize, than: usize) -> bool {
        let more = self.more(level, than);
        // The same difference in every replication has no interval, and needs none.
        let same = more
            .difference
            .point
            .filter(|_| more.variance_ratio.is_none());
        more.difference.low.or(same).is_some_and(|low| 0.0 < low)
    }

    /// Runs all replications of a level, unless that is done. Absent where the work is cancelled.
    fn judge(&mut self, level: usize) -> Option<()> {
        if self.judged.contains_key(&level) {
            return Some(());
        }
        let scenario = self.plan.scenario(level);
        let parts = parallel::map_ranges(self.n, |range| self.costs(&scenario, range));
        let costs: Option<Vec<Vec<f64>>> = parts.into_iter().collect();
        self.judged.insert(level, costs?.concat());
        Some(())
    }

    fn costs(&self, scenario: &Scenario, range: Range<usize>) -> Option<Vec<f64>> {
        let mut runner = Runner::new(scenario, self.seed);
        let mut costs = Vec::with_capacity(range.len());
        for replication in range {
            if self.progress.is_cancelled() {
                return None;
            }
            costs.push(runner.run(replication, |scenario, ledger| self.cost(scenario, ledger)));
        }
        Some(costs)
    }

    fn cost(&self, scenario: &Scenario, ledger: &Ledger) -> f64 {
        let cost = |(pool, price): &(usize, f64)| {
            let of = |name| value(scenario, ledger, *pool, place(MEASURES, name)).unwrap_or(0.0);
            let others = ["failure_cost", "waiting_cost", "leased_cost"].map(of);
            price * of("idle_worker_hours") + others.iter().sum::<f64>()
        };
        self.pools.iter().map(cost).sum()
    }
}
