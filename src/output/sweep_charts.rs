//! The charts of a sweep: an estimate against one axis, or over two.

use std::collections::BTreeMap;

use crate::experiment::measure::{Kind, MEASURES, place};
use crate::output::chart::depletion::{self, Swept, Values};
use crate::output::chart::drawing::Drawing;
use crate::output::chart::heat_map::{self, HeatMap, Threshold};
use crate::output::chart::names;
use crate::output::folder::OutputError;
use crate::output::store::CellStore;
use crate::output::study::Chart;
use crate::output::sweep::Row;
use crate::output::words;
use crate::scenario::text::units::duration;
use crate::scenario::vary::design::{Design, Plan};
use crate::stats::Estimate;

/// What is drawn against one axis, and over two, by default.
const DEPLETION: &str = "first_lease_failure_after_s";
const SPARED: &str = "failed_leases_in_outage";

/// The share of replications without a failed lease that a contour marks.
const ENOUGH: f64 = 0.99;

/// What is drawn of a measure.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Drawn {
    Median,
    Mean,
    /// The share of replications in which it is 0.
    None,
}

/// The charts: one for each pool in which the cells differ. A grid of one or two axes,
/// none of its cells left out, has some; any other sweep has none.
///
/// # Errors
/// If what is kept of the cells cannot be read.
pub(crate) fn charts(
    plan: &Plan,
    store: &CellStore,
    measures: &[&str],
) -> Result<Vec<Chart>, OutputError> {
    let counts: Option<Vec<u64>> = plan.axes.iter().map(|axis| axis.count()).collect();
    let whole = counts.is_some_and(|counts| counts.iter().product::<u64>() == plan.len() as u64);
    let measure = match (measures, plan.axes.len()) {
        ([one], 1 | 2) => one,
        (_, 1) => DEPLETION,
        (_, 2) => SPARED,
        _ => return Ok(Vec::new()),
    };
    let known = measures.contains(&measure) && MEASURES.iter().any(|it| it.name == measure);
    if plan.design != Design::Grid || !whole || !known {
        return Ok(Vec::new());
    }
    let drawn = match MEASURES[place(MEASURES, measure)].kind {
        Kind::TimeToEvent => Drawn::Median,
        Kind::Quantity if measures.len() == 1 => Drawn::Mean,
        Kind::Quantity => Drawn::None,
    };
    let mut pools: BTreeMap<String, Vec<Estimate>> = BTreeMap::new();
    store.rows(|row: &Row<'_>| {
        if let ["pool", name, of, _] = row.texts()
            && of == measure
        {
            let estimate = match drawn {
                Drawn::Median => row.estimate("p50"),
                Drawn::Mean => row.estimate("mean"),
                Drawn::None => row.estimate("nonzero_share").complement(),
            };
            pools.entry(name.to_owned()).or_default().push(estimate);
        }
        Ok::<(), OutputError>(())
    })?;
    pools.retain(|_, estimates| estimates.iter().any(|it| it.point != estimates[0].point));
    let names = names(pools.keys().map(|name| ("sweep", name.as_str())));
    let charts = names.into_iter().zip(&pools);
    let charts = charts.map(|(name, (pool, estimates))| Chart {
        name,
        pool: Some(pool.clone()),
        drawing: match plan.axes.len() {
            1 => against(plan, pool, (measure, drawn), estimates),
            _ => over(plan, pool, (measure, drawn), estimates),
        },
    });
    Ok(charts.collect())
}

/// The different values of an axis, in the order of the cells.
fn values(plan: &Plan, axis: usize) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for cell in 0..plan.len() {
        let value = plan.values(cell).swap_remove(axis);
        if !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

/// What is drawn, in words, and its unit.
fn describe((measure, drawn): (&str, Drawn)) -> (String, String) {
    let known = &MEASURES[place(MEASURES, measure)];
    let words = measure
        .strip_suffix("_s")
        .unwrap_or(measure)
        .replace('_', " ");
    match drawn {
        Drawn::Median => (format!("{words}, median"), known.unit.to_owned()),
        Drawn::Mean => (format!("{words}, mean"), known.unit.to_owned()),
        Drawn::None => (
            "replications without a failed lease".to_owned(),
            "share".to_owned(),
        ),
    }
}

fn against(plan: &Plan, pool: &str, of: (&str, Drawn), estimates: &[Estimate]) -> Drawing {
    let names = values(plan, 0);
    let ascending = |at: Vec<f64>| at.is_sorted().then_some(at);
    let numbers = names
        .iter()
        .map(|name| name.parse().ok())
        .collect::<Option<Vec<f64>>>();
    let length = |name: &String| Some(duration(name.trim_start_matches('+'))?.seconds());
    let lengths = names.iter().map(length).collect::<Option<Vec<f64>>>();
    let values = match (numbers.and_then(ascending), lengths.and_then(ascending)) {
        (Some(at), _) => Values::Numbers {
            unit: String::new(),
            at,
        },
        (_, Some(at)) => Values::Numbers {
            unit: "s".to_owned(),
            at,
        },
        _ => Values::Categories(names),
    };
    let (measure, unit) = describe(of);
    let mut swept = Swept {
        title: String::new(),
        subtitle: subtitle(estimates, "95% intervals"),
        axis: plan.axes[0].path.clone(),
        measure,
        unit,
        values,
        estimates: estimates.to_vec(),
    };
    swept.title = depletion::title(&format!("{pool}: {}", swept.measure), &swept);
    depletion::draw(&swept)
}

fn over(plan: &Plan, pool: &str, of: (&str, Drawn), estimates: &[Estimate]) -> Drawing {
    let (upwards, across) = (values(plan, 0), values(plan, 1));
    let (measure, unit) = describe(of);
    let threshold = (of.1 == Drawn::None).then(|| Threshold {
        value: ENOUGH,
        label: "99% of replications without a failed lease".to_owned(),
    });
    let mut map = HeatMap {
        title: String::new(),
        subtitle: subtitle(estimates, pool),
        across: (plan.axes[1].path.clone(), across),
        upwards: (plan.axes[0].path.clone(), upwards),
        measure,
        unit,
        values: estimates.iter().map(|estimate| estimate.point).collect(),
        threshold,
    };
    map.title = heat_map::title(&map);
    heat_map::draw(&map)
}

fn subtitle(estimates: &[Estimate], what: &str) -> String {
    let n = estimates
        .iter()
        .map(|estimate| estimate.n)
        .max()
        .unwrap_or(0);
    format!("{} a cell · {what}", words::counted(n, "replication"))
}
