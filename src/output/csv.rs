//! Tables of comma-separated values: one header, units in the names, an absent value is empty. The
//! only file that knows `csv`.

use crate::experiment::ensemble::Ensemble;
use crate::experiment::measure::MEASURES;
use crate::experiment::run::Outcome;
use crate::scenario::Scenario;
use crate::stats::Estimate;

/// A number as its shortest text that reads back the same; empty where there is none.
fn cell(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn table(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = writer.write_record(header);
    let written = rows.fold(written, |written, row| {
        written.and_then(|()| writer.write_record(row))
    });
    written.expect("rows are as long as the header, and memory takes every byte");
    writer.into_inner().expect("memory takes every byte")
}

/// `pools.csv`: a row for each pool and measure of one replication.
pub(crate) fn pools(scenario: &Scenario, outcome: &Outcome) -> Vec<u8> {
    let rows = scenario.pools.iter().enumerate().flat_map(|(place, pool)| {
        MEASURES.iter().map(move |measure| {
            let value = cell(outcome.measure(place, measure.name));
            vec![
                pool.name.clone(),
                measure.name.to_owned(),
                measure.unit.to_owned(),
                value,
            ]
        })
    });
    table(&["pool", "measure", "unit", "value"], rows)
}

/// `levels.csv`: a row for each instant at which a level of a pool changed.
pub(crate) fn levels(scenario: &Scenario, outcome: &Outcome) -> Vec<u8> {
    let header = [
        "time_s",
        "utc",
        "pool",
        "ready",
        "pending",
        "leased",
        "deleting",
        "waiting",
        "failed_leases",
    ];
    let rows = scenario
        .pools
        .iter()
        .zip(&outcome.levels)
        .flat_map(|(pool, levels)| {
            levels
                .iter()
                .filter(|noted| scenario.setup.start <= noted.at)
                .map(|noted| {
                    let levels = [
                        noted.ready,
                        noted.pending,
                        noted.leased,
                        noted.deleting,
                        noted.waiting,
                    ];
                    let mut row = vec![
                        scenario.seconds(noted.at).to_string(),
                        scenario.utc(noted.at).to_string(),
                        pool.name.clone(),
                    ];
                    row.extend(levels.map(|level| level.to_string()));
                    row.push(noted.failed.to_string());
                    row
                })
        });
    table(&header, rows)
}

/// `summary.csv`: a row for each pool and measure of an ensemble.
pub(crate) fn summary(scenario: &Scenario, ensemble: &Ensemble) -> Vec<u8> {
    let mut header = vec!["pool", "measure", "unit", "n", "present_n"];
    for name in [
        ["present_share", "present_share_low", "present_share_high"],
        ["mean", "mean_low", "mean_high"],
        ["p05", "p05_low", "p05_high"],
        ["p50", "p50_low", "p50_high"],
        ["p95", "p95_low", "p95_high"],
    ] {
        header.extend(name);
    }
    header.push("sd");
    let ends = |estimate: Estimate| [estimate.point, estimate.low, estimate.high].map(cell);
    let rows = scenario.pools.iter().enumerate().flat_map(|(place, pool)| {
        MEASURES.iter().map(move |measure| {
            let summary = ensemble.summary(place, measure.name);
            let n = [ensemble.n, summary.mean.n].map(|n| n.to_string());
            let mut row = vec![
                pool.name.clone(),
                measure.name.to_owned(),
                measure.unit.to_owned(),
            ];
            row.extend(n);
            row.extend(ends(summary.present));
            row.extend(ends(summary.mean));
            row.extend(summary.quantiles.into_iter().flat_map(ends));
            row.push(cell(summary.sd));
            row
        })
    });
    table(&header, rows)
}

/// `replications.csv`: a row for each replication and pool, a column for each measure.
pub(crate) fn replications(scenario: &Scenario, ensemble: &Ensemble) -> Vec<u8> {
    let mut header = vec!["replication", "pool"];
    header.extend(MEASURES.iter().map(|measure| measure.name));
    let rows = (0..ensemble.n).flat_map(|replication| {
        scenario.pools.iter().enumerate().map(move |(place, pool)| {
            let mut row = vec![replication.to_string(), pool.name.clone()];
            row.extend(ensemble.row(replication, place).map(cell));
            row
        })
    });
    table(&header, rows)
}
