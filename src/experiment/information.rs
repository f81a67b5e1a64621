//! What it is worth to know more of the values that a buffer depends on: each of them exactly, all of them, and
//! demand after watching it for a while. Nothing is simulated again: every replication has its row of the sample and
//! its critical level.

use crate::experiment::size::Sizing;
use crate::kernel::intensity::Intensity;
use crate::kernel::random::Seed;
use crate::model::setup::demand::Source;
use crate::scenario::Scenario;
use crate::scenario::vary::posterior::DrawnValue;
use crate::stats::Estimate;
use crate::stats::information::{Best, Decision, Information, implied_loss};

/// How long demand is watched (s).
pub(crate) const WATCHED_S: [f64; 5] = [600.0, 1_800.0, 3_600.0, 14_400.0, 86_400.0];

const MICROSECONDS: f64 = 1e6;

/// What information is worth for the choice of a level, in the unit of the price.
#[derive(Clone, Debug)]
pub(crate) struct ValueOfInformation {
    /// What one more of the buffer costs: a worker-hour where that has a price, and 1 otherwise.
    pub price: f64,
    /// What is lost in a replication whose critical level is higher than the level.
    pub loss: f64,
    /// Whether the loss follows from the risk, and was not stated.
    pub implied: bool,
    /// The level that costs least with what is known now, and its cost.
    pub now: Best,
    /// Of all values together.
    pub all: Estimate,
    /// Of each value, known exactly, the greatest first.
    pub values: Vec<(String, Estimate)>,
    /// Of watching the demand of each class whose rate is not known, for some time (s).
    pub watching: Vec<(String, Vec<(f64, Estimate)>)>,
}

/// Why there is no value of information.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NoValue {
    /// Levels are not numbers, or more of the buffer can do worse.
    NoCriticalLevels,
    /// The sample has no tail that would tell the loss.
    NoLoss,
    /// No value is a number, or there are too few replications.
    TooLittle,
}

/// What it is worth to know more, if a level costs this for each of its size, and a miss that loss or the one that is
/// implied by the risk.
pub(crate) fn value_of_information(
    scenario: &Scenario,
    sizing: &Sizing,
    (price, loss): (f64, Option<f64>),
    seed: Seed,
) -> Result<ValueOfInformation, NoValue> {
    let sizes = sizing.levels.iter().map(|level| level.parse().ok());
    let sizes: Option<Vec<f64>> = sizes.collect();
    let sizes = sizes.filter(|_| !sizing.critical.is_empty() && !sizing.is_untouched());
    let sizes = sizes.ok_or(NoValue::NoCriticalLevels)?;
    let implied = || implied_loss(&sizes, &sizing.critical, (price, sizing.requirement.risk));
    let used = loss.or_else(implied).ok_or(NoValue::NoLoss)?;
    let drawn = scenario.drawn_values();
    let known: Vec<&DrawnValue> = drawn.iter().filter(|it| it.numbers.is_some()).collect();
    let columns = known.iter().filter_map(|it| it.numbers.clone());
    let columns: Vec<Vec<f64>> = columns.collect();
    let first = |it: usize| scenario.row(seed, it);
    let information = Information::new(Decision {
        sizes: &sizes,
        price,
        loss: used,
        critical: &sizing.critical,
        rows: &sizing.rows,
        columns: &columns,
        uniform: (0..sizing.n).all(|it| first(it) == Some(sizing.rows[it])),
    });
    let information = information.ok_or(NoValue::TooLittle)?;
    let all = information.knowing(&(0..columns.len()).collect::<Vec<_>>());
    let value = |place: usize| match columns.len() {
        1 => all,
        _ => information.knowing(&[place]),
    };
    let mut values: Vec<(String, Estimate)> = (0..columns.len())
        .map(|place| (known[place].path.clone(), value(place)))
        .collect();
    values.sort_by(|one, other| point(&other.1).total_cmp(&point(&one.1)));
    let unread = drawn.iter().filter(|it| it.numbers.is_none());
    values.extend(unread.map(|it| (it.path.clone(), Estimate::default())));
    let watching = demand(scenario, sizing, &known).into_iter().map(|it| {
        let times = WATCHED_S.map(|time| time * MICROSECONDS);
        let worth = information.counting(&it.1, &times);
        (it.0, WATCHED_S.into_iter().zip(worth).collect())
    });
    Ok(ValueOfInformation {
        price,
        loss: used,
        implied: loss.is_none(),
        now: information.now(),
        all,
        watching: watching.collect(),
        values,
    })
}

fn point(estimate: &Estimate) -> f64 {
    estimate.point.unwrap_or(f64::NEG_INFINITY)
}

/// The classes of the pool whose mean rate is not known, with that rate by row (1/µs). Only where requests come
/// independently of each other, so that their counts follow Poisson's distribution.
fn demand(scenario: &Scenario, sizing: &Sizing, known: &[&DrawnValue]) -> Vec<(String, Vec<f64>)> {
    let setup = &scenario.setup;
    let mean = |rate: &Intensity| {
        let [start, end] = [setup.start, setup.horizon].map(|at| at.micros() as f64);
        (rate.reached(end) - rate.reached(start)) / (end - start)
    };
    let pool = sizing.requirement.pool.into();
    let classes = scenario.classes.iter().zip(&setup.classes);
    let rates = classes.filter_map(|(class, of)| {
        let (mean, keys) = match &of.source {
            Source::Requests {
                rate, bursts: None, ..
            } => (mean(rate), &["requests.rate"][..]),
            Source::Tenants { jobs, .. } => (mean(jobs), &["tenants.count", "tenants.jobs"][..]),
            _ => return None,
        };
        let path = |key: &&str| format!("demand.{}.source.{key}", class.name);
        let paths: Vec<String> = keys.iter().map(path).collect();
        let factors = known.iter().filter(|it| paths.contains(&it.path));
        let factors: Vec<Vec<f64>> = factors.filter_map(|it| it.relative()).collect();
        let rows = factors.first().filter(|_| class.pool == pool)?.len();
        let rate = |row: usize| factors.iter().map(|it| it[row]).product::<f64>() * mean;
        Some((class.name.clone(), (0..rows).map(rate).collect()))
    });
    rates.collect()
}
