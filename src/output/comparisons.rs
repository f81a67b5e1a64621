//! What changes change, as a table and as a document.

use serde_json::{Value, json};

use crate::experiment::compare::{Compared, Comparison};
use crate::experiment::measure::Better;
use crate::output::csv::{cell, ends, table};
use crate::output::json::{ENGINE, assumptions, digest, estimate};
use crate::scenario::Scenario;

/// `compare.csv`: a row for each variant, subject and measure.
pub(crate) fn csv(comparisons: &[(String, Comparison)]) -> Vec<u8> {
    let mut header: Vec<String> = ["variant", "kind", "name", "measure", "unit", "better", "n"]
        .map(str::to_owned)
        .to_vec();
    for name in [
        "base_mean",
        "variant_mean",
        "difference",
        "less_share",
        "more_share",
    ] {
        header.extend(["", "_low", "_high"].map(|end| format!("{name}{end}")));
    }
    header.push("variance_ratio".to_owned());
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let rows = comparisons.iter().flat_map(|(variant, comparison)| {
        comparison.rows.iter().map(move |row| {
            let texts = [
                row.kind,
                &row.name,
                row.measure,
                row.unit,
                better(row).unwrap_or(""),
            ];
            let mut cells = vec![variant.clone()];
            cells.extend(texts.map(str::to_owned));
            cells.push(row.base.n.to_string());
            let of_pairs = [row.paired.difference, row.paired.less, row.paired.more];
            let estimates = [row.base, row.variant].into_iter().chain(of_pairs);
            cells.extend(estimates.flat_map(ends));
            cells.push(cell(row.paired.variance_ratio));
            cells
        })
    });
    table(&header, rows)
}

fn better(row: &Compared) -> Option<&'static str> {
    row.better.map(|better| match better {
        Better::Less => "less",
        Better::More => "more",
    })
}

/// `compare.json`.
pub(crate) fn json(scenario: &Scenario, comparisons: &[(String, Comparison)], seed: u64) -> Value {
    let row = |row: &Compared| {
        json!({
            "kind": row.kind,
            "name": row.name,
            "measure": row.measure,
            "unit": row.unit,
            "better": better(row),
            "base_mean": estimate(row.base),
            "variant_mean": estimate(row.variant),
            "difference": estimate(row.paired.difference),
            "less_share": estimate(row.paired.less),
            "more_share": estimate(row.paired.more),
            "variance_ratio": row.paired.variance_ratio,
        })
    };
    let variants = comparisons.iter().map(|(variant, comparison)| {
        json!({
            "variant": variant,
            "replications": comparison.n,
            "digests": comparison.digests.map(digest),
            "only_in_one": comparison.alone,
            "measures": comparison.rows.iter().map(row).collect::<Vec<_>>(),
        })
    });
    json!({
        "engine": ENGINE,
        "scenario": scenario.name,
        "seed": seed,
        "variants": variants.collect::<Vec<_>>(),
        "assumptions": assumptions(scenario),
    })
}
