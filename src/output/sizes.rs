//! What buffers should hold, as tables and as a document.

use serde_json::{Value, json};

use crate::experiment::allocate::Together;
use crate::experiment::requirement::Requirement;
use crate::experiment::size::{Buffer, Cost, YEAR_H};
use crate::output::csv::{cell, ends, table};
use crate::output::json::{ENGINE, assumptions, estimate};
use crate::output::words;
use crate::scenario::Scenario;
use crate::stats::Estimate;

/// What is asked of a buffer, in words.
pub(crate) fn asked(requirement: &Requirement) -> String {
    let (measure, most) = (requirement.measured(), requirement.at_most());
    match most {
        0.0 if requirement.is_of_outages() => "no lease fails in an outage".to_owned(),
        0.0 if measure.name == "failed_leases" => "no lease fails".to_owned(),
        _ => format!(
            "{} is at most {}",
            measure.name,
            words::value(most, measure.unit)
        ),
    }
}

/// `size.csv`: a row for each level of each buffer.
pub(crate) fn curve(buffers: &[Buffer]) -> Vec<u8> {
    let estimates = [
        "does_share",
        "failed_leases_mean",
        "any_fails_share",
        "idle_worker_hours_mean",
        "calm_ready_mean",
        "idle_cost_mean",
        "cost_a_year",
    ];
    let mut header: Vec<String> = ["pool", "path", "level", "n", "costs_n"]
        .map(str::to_owned)
        .to_vec();
    for name in estimates {
        header.extend(["", "_low", "_high"].map(|end| format!("{name}{end}")));
    }
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let rows = buffers.iter().flat_map(|buffer| {
        (0..buffer.sizing.levels.len()).map(move |level| {
            let sizing = &buffer.sizing;
            let mut row = vec![
                buffer.pool.clone(),
                buffer.path.clone(),
                sizing.levels[level].clone(),
                sizing.n.to_string(),
            ];
            let cost = sizing.costs.iter().find(|cost| cost.level == level);
            row.push(cell(cost.map(|cost| cost.idle_worker_hours.n as f64)));
            let costs = cost.map_or_else(Default::default, |cost| costs(buffer, cost));
            let does = sizing.curve.iter().find(|likely| likely.level == level);
            let does = does.map(|likely| likely.does).unwrap_or_default();
            row.extend([does].into_iter().chain(costs).flat_map(ends));
            row
        })
    });
    table(&header, rows)
}

/// Failed leases, whether any fails, idle worker-hours, ready in calm, idle cost, cost a year.
fn costs(buffer: &Buffer, cost: &Cost) -> [Estimate; 6] {
    let priced = |estimate: Estimate, hours: f64| {
        let price = buffer.price.map(|price| estimate.times(price * hours));
        price.unwrap_or_default()
    };
    [
        cost.failed_leases,
        cost.any_fails,
        cost.idle_worker_hours,
        cost.calm_ready,
        priced(cost.idle_worker_hours, 1.0),
        priced(cost.calm_ready, YEAR_H),
    ]
}

/// `critical.csv`: a row for each replication of each buffer; the level is empty where none is enough.
pub(crate) fn critical(buffers: &[Buffer]) -> Vec<u8> {
    let rows = buffers.iter().flat_map(|buffer| {
        let critical = buffer.sizing.critical.iter().enumerate();
        critical.map(move |(replication, level)| {
            let level = buffer.sizing.levels.get(*level as usize);
            let level = level.cloned().unwrap_or_default();
            vec![
                buffer.pool.clone(),
                buffer.path.clone(),
                replication.to_string(),
                level,
            ]
        })
    });
    table(&["pool", "path", "replication", "level"], rows)
}

/// `size.json`.
pub(crate) fn json(
    scenario: &Scenario,
    buffers: &[Buffer],
    together: Option<&Together>,
    seed: u64,
) -> Value {
    let together = together.map(|together| {
        let levels = buffers.iter().zip(&together.allocation.levels);
        let levels = levels.map(
            |(buffer, level)| json!({"path": buffer.path, "level": buffer.sizing.levels[*level]}),
        );
        json!({
            "levels": levels.collect::<Vec<_>>(),
            "cost": together.allocation.cost,
            "kept_share": estimate(together.allocation.kept),
            "trial_share": estimate(together.trial),
            "keeps": together.keeps,
        })
    });
    json!({
        "engine": ENGINE,
        "scenario": scenario.name,
        "seed": seed,
        "buffers": buffers.iter().map(buffer).collect::<Vec<_>>(),
        "together": together,
        "assumptions": assumptions(scenario),
    })
}

fn buffer(buffer: &Buffer) -> Value {
    let sizing = &buffer.sizing;
    let level = |place: Option<usize>| place.map(|place| sizing.levels[place].clone());
    let [low, high] = sizing.interval.map(level);
    let curve = sizing.curve.iter().map(
        |likely| json!({"level": sizing.levels[likely.level], "does_share": estimate(likely.does)}),
    );
    let costs = sizing.costs.iter().map(|cost| {
        let [failed, any, idle, calm, idle_cost, year] = costs(buffer, cost).map(estimate);
        json!({
            "level": sizing.levels[cost.level],
            "failed_leases": failed,
            "any_fails_share": any,
            "idle_worker_hours": idle,
            "calm_ready": calm,
            "idle_cost": idle_cost,
            "cost_a_year": year,
        })
    });
    json!({
        "pool": buffer.pool,
        "path": buffer.path,
        "measure": sizing.requirement.measure,
        "at_most": sizing.requirement.at_most,
        "risk": sizing.requirement.risk,
        "replications": sizing.n,
        "outage_met_share": estimate(sizing.met),
        "checked": sizing.checked[0],
        "violated": sizing.checked[1],
        "level": level(sizing.answer),
        "level_low": low,
        "level_high": high,
        "level_assured": level(sizing.assured),
        "worker_hour_cost": buffer.price,
        "curve": curve.collect::<Vec<_>>(),
        "costs": costs.collect::<Vec<_>>(),
    })
}
