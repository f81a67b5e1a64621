//! Whether the warm-up is long enough, by MSER-5 on the levels of pools, and how long it should be. Only pools are judged
//! whose demand and target are the same all the time, since others have no steady level.

use crate::experiment::parallel;
use crate::kernel::event_loop::Ended;
use crate::kernel::random::Seed;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::chance::Chance;
use crate::model::id::PoolId;
use crate::model::setup::Setup;
use crate::model::setup::outage::When;
use crate::model::setup::target::Target;
use crate::model::world::World;
use crate::scenario::Scenario;
use crate::stats::mean::mean_at;
use crate::stats::mser::mser5;

/// Instants at which levels are looked at.
const LOOKS: u64 = 500;

/// The most replications whose levels are averaged.
const REPLICATIONS: usize = 40;

/// Error of the claim that the levels before and after differ.
const ERROR: f64 = 0.01;

/// The warm-up of a pool.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Settling {
    pub pool: PoolId,
    /// The time after which its levels no longer depend on how they began; absent where it is not over in the time that
    /// was simulated.
    pub settled: Option<SimDuration>,
}

/// The levels of pools that are judged over the warm-up, in so many replications, of which 40 are enough; none where the
/// warm-up has no length, outages act in it or values are drawn.
pub(crate) fn over_warm_up(scenario: &Scenario, seed: Seed, replications: usize) -> Vec<Settling> {
    let setup = &scenario.setup;
    let acts = setup.windows.iter().any(|window| match &window.when {
        When::Dated { from, .. } => *from < setup.start,
        When::RandomOutages => true,
    });
    match acts || setup.start == SimTime::ZERO || scenario.is_uncertain() {
        true => Vec::new(),
        false => settling(setup, setup.start, (seed, replications.min(REPLICATIONS))),
    }
}

/// A length of the warm-up that is enough for every pool that is judged: the shortest of the usual lengths of which what
/// depends on the beginning is at most half. Absent where none is judged, or where none is enough.
pub(crate) fn proposed(scenario: &Scenario, seed: Seed) -> Option<SimDuration> {
    let mut setup = scenario.setup.calm();
    setup.hazards.clear();
    // The budget is for the length of the scenario.
    setup.budget = u64::MAX;
    for seconds in USUAL_S {
        let length = SimDuration::from_seconds(seconds);
        (setup.start, setup.horizon) = (SimTime::ZERO + length, SimTime::ZERO + length + length);
        let found = settling(&setup, SimTime::ZERO + length, (seed, REPLICATIONS));
        if found.is_empty() {
            return None;
        }
        if found.iter().all(|it| it.settled.is_some()) {
            return Some(length);
        }
    }
    None
}

/// Lengths that people write (s).
const USUAL_S: [u64; 17] = [
    600, 1_800, 3_600, 7_200, 10_800, 14_400, 21_600, 43_200, 86_400, 172_800, 259_200, 345_600,
    604_800, 1_209_600, 1_814_400, 2_592_000, 5_184_000,
];

/// Whether the demand and the target of a pool are the same all the time.
fn is_steady(setup: &Setup, pool: PoolId) -> bool {
    let own = setup.classes.iter().filter(|class| class.pool == pool);
    let mut constant = own.map(|class| class.source.is_constant());
    let target = &setup.pools[pool].target;
    let moves = matches!(target, Target::Schedule { .. } | Target::Forecast { .. });
    constant.all(|it| it) && !moves && setup.pools[pool].has_demand
}

/// The levels of pools that are judged, from the beginning until an instant.
fn settling(setup: &Setup, until: SimTime, (seed, replications): (Seed, usize)) -> Vec<Settling> {
    let pools: Vec<PoolId> = setup
        .pools
        .keys()
        .filter(|it| is_steady(setup, *it))
        .collect();
    let length = (until - SimTime::ZERO).micros();
    if pools.is_empty() || length < LOOKS {
        return Vec::new();
    }
    let at = |look: u64| SimTime::from_micros(length / LOOKS * look);
    // By replication, pool and kind of level, and instant.
    let parts = parallel::map_ranges(replications, |range| {
        let mut world = World::new(setup);
        let run = range.map(|replication| {
            let mut series = vec![[Vec::new(), Vec::new()]; pools.len()];
            world.begin(Chance::of(seed, replication as u64));
            for look in 1..=LOOKS {
                if world.advance_to(at(look)) == Ended::BudgetSpent {
                    break;
                }
                for ([ready, pending], pool) in series.iter_mut().zip(&pools) {
                    let of = &world.ledger.pools[*pool];
                    ready.push(f64::from(of.ready.value));
                    pending.push(f64::from(of.pending.value));
                }
            }
            series
        });
        run.collect::<Vec<_>>()
    });
    let all: Vec<Vec<[Vec<f64>; 2]>> = parts.into_iter().flatten().collect();
    let judged = pools.iter().enumerate().map(|(place, pool)| {
        let kinds = [0, 1].map(|kind| {
            let series: Vec<&[f64]> = all.iter().map(|it| &it[place][kind][..]).collect();
            dropped(&series)
        });
        let most = kinds.into_iter().max().flatten().unwrap_or_default();
        let settled = SimDuration::from_micros(length / LOOKS * most as u64);
        Settling {
            pool: *pool,
            settled: (2 * most as u64 <= LOOKS).then_some(settled),
        }
    });
    judged.collect()
}

/// How many instants to drop, by the mean over replications; 0 where the levels before do not differ from those after
/// (paired t interval over replications).
fn dropped(series: &[&[f64]]) -> Option<usize> {
    let n = series.iter().map(|it| it.len()).min()?;
    let mean = |look: usize| series.iter().map(|it| it[look]).sum::<f64>() / series.len() as f64;
    let means: Vec<f64> = (0..n).map(mean).collect();
    let dropped = mser5(&means)?;
    if dropped == 0 {
        return Some(0);
    }
    let average = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let differences = series
        .iter()
        .map(|it| average(&it[..dropped]) - average(&it[dropped..n]));
    let difference = mean_at(&differences.collect::<Vec<f64>>(), ERROR);
    let differs = difference.low.zip(difference.high);
    // Without an interval they are all but equal.
    let differs = differs.is_some_and(|(low, high)| 0.0 < low || high < 0.0);
    Some(if differs { dropped } else { 0 })
}
