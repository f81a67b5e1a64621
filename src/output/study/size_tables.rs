//! Sizes of buffers as tables: a file each.

use crate::experiment::allocate::Together;
use crate::experiment::size::Buffer;
use crate::output::csv::{cell, ends, table};
use crate::output::study::size::costs;
use crate::output::study::{decided, information};

/// The contents of all of them, in the order of their names.
pub(crate) fn all(buffers: &[Buffer], together: Option<&Together>) -> Vec<Vec<u8>> {
    vec![
        curve(buffers),
        critical(buffers),
        information::csv(buffers),
        decided::csv(buffers, together),
    ]
}

/// `size.csv`: a row for each level of each buffer.
fn curve(buffers: &[Buffer]) -> Vec<u8> {
    let estimates = [
        "does_share",
        "failed_leases_mean",
        "any_fails_share",
        "idle_worker_hours_mean",
        "calm_ready_mean",
        "idle_cost_mean",
        "cost_a_year",
        "total_cost_mean",
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
            let does = does.map(|likely| likely.success).unwrap_or_default();
            let mut expected = buffer.break_even.iter().flat_map(|it| &it.costs);
            let expected = expected.find(|cost| cost.level == level);
            let expected = expected.map(|cost| cost.cost).unwrap_or_default();
            let all = [does].into_iter().chain(costs).chain([expected]);
            row.extend(all.flat_map(ends));
            row
        })
    });
    table(&header, rows)
}

/// `critical.csv`: a row for each replication of each buffer; the level is empty where none is enough.
fn critical(buffers: &[Buffer]) -> Vec<u8> {
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
