//! The smallest buffer that lasts: for each replication the lowest level that does, under common random
//! numbers, and what those levels say together.

use std::cell::Cell;
use std::ops::Range;

use crate::experiment::break_even::BreakEven;
use crate::experiment::critical::{Tried, are_consecutive, critical_level};
use crate::experiment::ensemble::Ensemble;
use crate::experiment::information::ValueOfInformation;
use crate::experiment::parallel;
use crate::experiment::progress::Progress;
use crate::experiment::replications::Replications;
use crate::experiment::requirement::{Requirement, met};
use crate::experiment::runner::Runner;
use crate::kernel::random::Seed;
use crate::scenario::Scenario;
use crate::scenario::vary::design::Plan;
use crate::stats::proportion::{proportion, proportion_at};
use crate::stats::quantile::{quantile, upper_bound};
use crate::stats::{ALPHA, Estimate};

/// One replication in so many runs at many levels, to see whether more of the buffer never hurts.
const CHECKED_SHARE: usize = 100;
/// Replications that are checked so at least, if there are as many.
const CHECKED_MIN: usize = 20;
/// Levels at which a replication is checked at the most.
const CHECKED_LEVELS: usize = 32;
/// Levels whose cost is worked out, beside the answer.
const PRICED_LEVELS: usize = 10;
/// Replications that a cost rests on at the most, and those of it without outages, which scatter little.
const PRICED_MAX: usize = 1_000;
const CALM_MAX: usize = 200;

/// The smallest buffer that meets a requirement.
#[derive(Clone, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct Sizing {
    /// What was asked.
    pub requirement: Requirement,
    /// Levels of the buffer, the least first, as the file would have them.
    pub levels: Vec<String>,
    /// The place of the level that the file has, if it is one of them.
    pub today: Option<usize>,
    /// Replications.
    pub n: usize,
    /// For each replication the place of the lowest level that does; infinite where none does. Empty where
    /// a higher level can do worse.
    pub critical: Vec<f64>,
    /// The same as found by bisection, also where a higher level can do worse.
    pub(crate) bisected: Vec<f64>,
    /// Replications that ran at many levels, and those in which a higher one did worse.
    pub checked: [usize; 2],
    /// Replications in which an outage met the pool at all.
    pub met: Estimate,
    /// Whether any request can reach the pool: a standby that never opens gets none.
    pub reached: bool,
    /// The place of the lowest level at which the share that fails is no greater than the risk.
    pub answer: Option<usize>,
    /// The interval of the answer, by order statistics; an end is absent where the sample is too small.
    pub interval: [Option<usize>; 2],
    /// The place of a level that is high enough with a confidence of 95%.
    pub assured: Option<usize>,
    /// Probability of doing well, at each level that is known.
    pub curve: Vec<LevelProbability>,
    /// What some levels cost.
    pub costs: Vec<Cost>,
    /// The place of the level that was chosen together with those of other buffers.
    pub(crate) chosen: Option<usize>,
    /// The row of the sample that each replication drew; none where all values are known.
    #[serde(skip)]
    pub(crate) rows: Vec<u32>,
}

/// A buffer that was sized: the pool that it serves, and where its level stands.
#[derive(Clone, Debug)]
pub(crate) struct Buffer {
    pub pool: String,
    pub path: String,
    /// What a ready worker costs an hour, if that is known.
    pub price: Option<f64>,
    /// The currency of costs, if the file states it.
    pub currency: Option<String>,
    /// Where expected cost is least, if the costs are known.
    pub break_even: Option<BreakEven>,
    /// What it is worth to know more, where values are drawn.
    pub information: Option<ValueOfInformation>,
    pub sizing: Sizing,
}

/// How likely a level is to do.
#[derive(Clone, Copy, PartialEq, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct LevelProbability {
    /// The level's place.
    pub level: usize,
    /// Share of replications in which it does, with the exact interval.
    pub success: Estimate,
}

/// What a level costs, and what it spares.
#[derive(Clone, Copy, PartialEq, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct Cost {
    /// The level's place.
    pub level: usize,
    /// Mean of failed leases.
    pub failed_leases: Estimate,
    /// Mean of those that were not requested in an outage.
    pub(crate) failed_in_calm: Option<f64>,
    /// Share of replications in which any lease fails.
    pub any_fails: Estimate,
    /// Mean of worker-hours spent ready.
    pub idle_worker_hours: Estimate,
    /// Mean of workers ready while outages meet no pool: what the buffer keeps in ordinary times.
    pub calm_ready: Estimate,
}

/// Hours of a year.
pub const YEAR_H: f64 = 8_760.0;

/// Finds the smallest buffer that meets a requirement. The plan has one axis: the levels, the least
/// first, of a buffer of which more is better.
///
/// For each replication the lowest level that does is found by bisection; their quantile 1 − risk is the
/// answer, and an order statistic bounds it, whatever the law. Whether more never hurts is checked on
/// one replication in a hundred, at many levels; where it can, each level that is visited is judged by
/// all replications instead.
///
/// # Panics
/// If the plan has more than one axis, or there is no such pool.
///
/// # Examples
/// How many workers last two hours, in nine of ten cases:
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use drawdown::{Replications, Seed, size};
/// use drawdown::scenario::{Plan, Template, SweepSpec};
/// use drawdown::study::Requirement;
///
/// let template = Template::load("examples/full-outage.yaml")?;
/// let pool = template.base().pool("anywhere/any")?;
/// let axes = vec!["pools.anywhere/any.target=1..60:1".to_owned()];
/// let plan = Plan::new(template, &SweepSpec { axes, ..SweepSpec::default() })?;
/// let requirement = Requirement::no_failed_lease(pool, 0.1);
/// let sizing = size(&plan, requirement, Replications::new(400), Seed(1));
/// // Thirty arrive on average; 37 or fewer do with a probability of 91%.
/// let level = sizing.answer.ok_or("60 are not enough")?;
/// assert!((35..=39).contains(&sizing.levels[level].parse::<u32>()?));
/// # Ok(())
/// # }
/// ```
pub fn size(
    plan: &Plan,
    requirement: Requirement,
    replications: Replications,
    seed: Seed,
) -> Sizing {
    size_with(plan, requirement, replications, seed, &())
}

/// The same, with progress reporting and cancellation: cancelled, the answer rests on the `n` replications
/// that are complete.
///
/// # Panics
/// As [`size`] does.
pub fn size_with(
    plan: &Plan,
    requirement: Requirement,
    replications: Replications,
    seed: Seed,
    progress: &dyn Progress,
) -> Sizing {
    let mut sizing = unpriced(plan, requirement, (replications, seed), progress);
    if 0 < sizing.n {
        price(&mut sizing, plan, (replications, seed));
    }
    sizing
}

/// The answer, without what it costs.
pub(crate) fn unpriced(
    plan: &Plan,
    requirement: Requirement,
    (replications, seed): (Replications, Seed),
    progress: &dyn Progress,
) -> Sizing {
    assert_eq!(plan.axes.len(), 1, "a buffer has one axis");
    let levels = plan.levels();
    let today = plan.template.value(&plan.axes[0].path);
    let today = levels
        .iter()
        .position(|level| Some(level) == today.as_ref());
    let search = Search {
        scenarios: (0..plan.len()).map(|cell| plan.scenario(cell)).collect(),
        requirement,
        seed,
        workers: are_consecutive(&levels),
        progress,
    };
    parallel::with_threads(replications.threads, || {
        search.sizing((levels, today), replications)
    })
}

/// A search among the levels of a buffer.
struct Search<'a> {
    scenarios: Vec<Scenario>,
    requirement: Requirement,
    seed: Seed,
    /// Whether the levels are consecutive numbers of workers.
    workers: bool,
    progress: &'a dyn Progress,
}

/// What one replication says.
struct Path {
    critical: Option<usize>,
    met: bool,
    /// The row of the sample that it drew at its critical level.
    row: Option<u32>,
    /// Whether requests can reach the pool at any level that was tried.
    reached: bool,
    /// Whether it ran at many levels, and whether a higher one did worse.
    checked: bool,
    violated: bool,
}

impl Path {
    fn level(&self) -> f64 {
        self.critical.map_or(f64::INFINITY, |level| level as f64)
    }
}

impl Search<'_> {
    fn sizing(
        &self,
        (levels, today): (Vec<String>, Option<usize>),
        replications: Replications,
    ) -> Sizing {
        let asked = replications.count.get();
        let every = CHECKED_SHARE.min(asked.div_ceil(CHECKED_MIN)).max(1);
        let parts = parallel::map_ranges(asked, |range| (range.start, self.paths(range, every)));
        let mut paths: Vec<Path> = Vec::new();
        for (begin, part) in parts {
            // As in an ensemble: what lies beyond a gap is of no use.
            if begin == paths.len() {
                paths.extend(part);
            }
        }
        let n = paths.len();
        let count = |of: fn(&Path) -> bool| paths.iter().filter(|path| of(path)).count();
        let checked = [count(|path| path.checked), count(|path| path.violated)];
        let met = proportion(count(|path| path.met), n);
        let mut sizing = Sizing {
            requirement: self.requirement,
            levels,
            today,
            n,
            critical: Vec::new(),
            bisected: paths.iter().map(Path::level).collect(),
            checked,
            met,
            reached: paths.iter().any(|path| path.reached),
            answer: None,
            interval: [None; 2],
            assured: None,
            curve: Vec::new(),
            costs: Vec::new(),
            chosen: None,
            rows: paths.iter().filter_map(|path| path.row).collect(),
        };
        if checked[1] == 0 {
            sizing.critical.clone_from(&sizing.bisected);
            sizing.conclude();
        } else {
            self.level_by_level(&mut sizing);
        }
        sizing
    }

    /// Runs a range of replications, or as many of it as are not cancelled.
    fn paths(&self, range: Range<usize>, every: usize) -> Vec<Path> {
        let runners = self.scenarios.iter().map(|it| Runner::new(it, self.seed));
        let mut runners: Vec<Runner> = runners.collect();
        let mut paths = Vec::new();
        for replication in range {
            if self.progress.is_cancelled() {
                break;
            }
            paths.push(self.path(replication, replication % every == 0, &mut runners));
            self.progress.completed(1);
        }
        paths
    }

    fn path(&self, replication: usize, checked: bool, runners: &mut [Runner<'_>]) -> Path {
        let (mut met, mut reached) = (false, false);
        let row = Cell::new(None);
        let mut does = |level: usize| {
            let required = std::slice::from_ref(&self.requirement);
            runners[level].decide(replication, required, |found| {
                met |= self.requirement.is_touched(found.scenario, found.ledger);
                reached |= self.requirement.is_reached(found.scenario, found.ledger);
                let pool = &found.ledger.pools[self.requirement.pool()];
                // Of levels that do, each that is tried is lower than the one before. A row that is not valid with
                // some level is drawn again there.
                if found.met || row.get().is_none() {
                    row.set(found.row);
                }
                Tried {
                    does: found.met,
                    spare: pool.lowest as usize,
                }
            })
        };
        let count = self.scenarios.len();
        let critical = critical_level(count, self.workers, &mut does);
        let drawn = row.get();
        let violated = checked
            && spread(count, CHECKED_LEVELS)
                .into_iter()
                .any(|level| does(level).does != critical.is_some_and(|it| it <= level));
        Path {
            critical,
            met,
            row: drawn,
            reached,
            checked,
            violated,
        }
    }

    /// Where more can hurt: bisection over the levels, each judged by all replications, so that all
    /// judgements hold together with 95%.
    fn level_by_level(&self, sizing: &mut Sizing) {
        let count = self.scenarios.len();
        let visits = (count + 1).next_power_of_two().trailing_zeros().max(1);
        let alpha = ALPHA / f64::from(visits);
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = (low + high) / 2;
            let hits = self.hits(middle, sizing.n);
            sizing.curve.push(LevelProbability {
                level: middle,
                success: proportion(hits, sizing.n),
            });
            let does = proportion_at(hits, sizing.n, alpha);
            let enough = 1.0 - self.requirement.risk;
            if does.low.is_some_and(|low| enough <= low) {
                sizing.assured = Some(middle);
            }
            match does.point.is_some_and(|share| enough <= share) {
                true => high = middle,
                false => low = middle + 1,
            }
        }
        sizing.answer = (low < count).then_some(low);
        sizing.curve.sort_by_key(|likely| likely.level);
    }

    /// Replications in which a level does.
    fn hits(&self, level: usize, n: usize) -> usize {
        let requirement = std::slice::from_ref(&self.requirement);
        met(&self.scenarios[level], requirement, 0..n, self.seed)
    }
}

/// Levels around where it is decided, the answer and today's among them.
fn priced(sizing: &Sizing) -> Vec<usize> {
    let last = sizing.levels.len() - 1;
    let sorted = sorted(&sizing.critical);
    let around = |p: f64| {
        quantile(&sorted, p)
            .point
            .map_or(last, |level| level as usize)
    };
    let (from, to) = match sorted.is_empty() {
        true => (0, last),
        false => (around(0.05), around(0.999).max(sizing.answer.unwrap_or(0))),
    };
    let mut levels: Vec<usize> = spread(to - from + 1, PRICED_LEVELS)
        .into_iter()
        .map(|level| from + level)
        .chain(
            [sizing.answer, sizing.assured, sizing.today, sizing.chosen]
                .into_iter()
                .flatten(),
        )
        .collect();
    levels.sort_unstable();
    levels.dedup();
    levels
}

/// Works out what some levels cost, and how often they do where that is not known.
pub(crate) fn price(sizing: &mut Sizing, plan: &Plan, (replications, seed): (Replications, Seed)) {
    // Ordinary times have the same beginning.
    let simulated = |scenario: &Scenario, calm: &Scenario| {
        let (mut with, mut without) = (Ensemble::new(scenario), Ensemble::new(calm));
        let (n, few) = (sizing.n.min(PRICED_MAX), sizing.n.min(CALM_MAX));
        parallel::with_threads(replications.threads, || {
            let mut both = [(&mut with, scenario), (&mut without, calm)];
            Ensemble::extend_all(&mut both, few, seed, &());
            with.extend(scenario, n, seed, &());
        });
        (with, without)
    };
    let requirement = sizing.requirement;
    let pool = requirement.pool;
    let mut does = Vec::new();
    let mut cost = |level: usize| {
        let scenario = plan.scenario(level);
        let (with, without) = simulated(&scenario, &scenario.calm());
        let failed = with.about(pool, "failed_leases");
        let in_outage = with.about(pool, "failed_leases_in_outage").mean.point;
        let column = |pool| with.sample(pool, requirement.measure).collect::<Vec<_>>();
        let columns: Vec<_> = (0..scenario.pools.len()).map(column).collect();
        let holds = |it: &usize| requirement.holds(&scenario, |pool| columns[pool][*it]);
        let hits = (0..with.n).filter(holds);
        does.push(LevelProbability {
            level,
            success: proportion(hits.count(), with.n),
        });
        Cost {
            level,
            failed_in_calm: in_outage
                .zip(failed.mean.point)
                .map(|(inside, all)| all - inside),
            failed_leases: failed.mean,
            any_fails: failed.nonzero,
            idle_worker_hours: with.about(pool, "idle_worker_hours").mean,
            calm_ready: without.about(pool, "ready_mean").mean,
        }
    };
    sizing.costs = priced(sizing).into_iter().map(&mut cost).collect();
    // Where levels were judged one by one, those that are shown are known too.
    let unknown =
        |likely: &LevelProbability| !sizing.curve.iter().any(|it| it.level == likely.level);
    does.retain(unknown);
    sizing.curve.extend(does);
    sizing.curve.sort_by_key(|likely| likely.level);
}

impl Sizing {
    /// Whether there is nothing to size, since only outages count and none meets the pool.
    pub(crate) fn is_untouched(&self) -> bool {
        self.met.point == Some(0.0) && self.requirement.is_of_outages()
    }

    /// The answer, its bounds and the whole curve, from the critical levels.
    fn conclude(&mut self) {
        let sorted = sorted(&self.critical);
        if sorted.is_empty() {
            return;
        }
        let p = 1.0 - self.requirement.risk;
        let place = |value: Option<f64>| value.map(|level| level as usize);
        let found = quantile(&sorted, p);
        // Where no outage ever meets the pool, every level does, and none is an answer.
        if self.is_untouched() {
            return;
        }
        self.answer = place(found.point);
        self.interval = [place(found.low), place(found.high)];
        self.assured = place(upper_bound(&sorted, p));
        let likely = |level: usize| LevelProbability {
            level,
            success: proportion(sorted.partition_point(|it| *it <= level as f64), self.n),
        };
        self.curve = (0..self.levels.len()).map(likely).collect();
    }
}

fn sorted(critical: &[f64]) -> Vec<f64> {
    let mut sorted = critical.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

/// At most `most` of the places 0 to `count` − 1, evenly, the first and the last among them.
pub(crate) fn spread(count: usize, most: usize) -> Vec<usize> {
    let most = most.min(count).max(1);
    let place = |nth: usize| nth * (count - 1) / (most - 1).max(1);
    (0..most).map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_spread_from_the_first_to_the_last() {
        assert_eq!(spread(1, 10), [0]);
        assert_eq!(spread(3, 10), [0, 1, 2]);
        assert_eq!(spread(101, 3), [0, 50, 100]);
    }
}
