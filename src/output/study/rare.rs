//! The probability of a rare event: the estimate, how it was made, and the plain share beside it.

use serde::{Deserialize, Serialize};

use crate::experiment::rare::{RareEvent, RareMethod};
use crate::output::csv::{cell, ends, table};
use crate::output::study::header::{Header, Words};
use crate::output::study::{Results, Study};
use crate::output::table::{Cell, Section, Table};
use crate::output::words;
use crate::scenario::Scenario;
use crate::stats::Estimate;

/// The record of a rare event.
#[derive(Serialize, Deserialize)]
pub(crate) struct Record {
    seed: u64,
    /// The pool in which a lease fails; any where it is absent.
    pool: Option<String>,
    method: RareMethod,
    /// Why by this method.
    why: String,
    probability: Estimate,
    /// Standard error as a share of the probability.
    relative_error: Option<f64>,
    /// Why the interval may not hold.
    doubts: Vec<String>,
    /// The share of plain replications with the event.
    plain: Estimate,
    /// Trajectories that were simulated, those of a pilot and the plain replications included.
    trajectories: u64,
    /// Factor on the rate of requests, for tilted sampling.
    tilt: Option<f64>,
    /// Levels of importance, for splitting: logarithms of a forecast probability.
    levels: Vec<f64>,
    /// Independent estimates, for splitting.
    repeats: Vec<f64>,
}

/// The study of a rare event in a pool, or in any.
pub(crate) fn study(
    scenario: &Scenario,
    found: &RareEvent,
    (pool, seed): (Option<&str>, u64),
    words: Words,
) -> Study<'static> {
    let record = Record {
        seed,
        pool: pool.map(str::to_owned),
        method: found.method,
        why: found.why.clone(),
        probability: found.probability,
        relative_error: found.relative_error,
        doubts: found.doubts.clone(),
        plain: found.plain,
        trajectories: found.trajectories,
        tilt: found.tilt,
        levels: found.levels.clone(),
        repeats: found.repeats.clone(),
    };
    let csv = csv(&record);
    let header = Header::new(Record::COMMAND, scenario, words);
    Study::new(header, record, move || vec![csv.clone()], Vec::new())
}

/// `rare.csv`: a row for the estimate, for that of plain replications, and for each repeat.
fn csv(record: &Record) -> Vec<u8> {
    let row = |kind: &str, estimate: Estimate, error: Option<f64>| {
        let mut row = vec![kind.to_owned()];
        row.extend(ends(estimate));
        row.extend([cell(error), estimate.n.to_string()]);
        row
    };
    let error = record.relative_error;
    let rows = [
        row(method(record.method), record.probability, error),
        row("plain", record.plain, None),
    ];
    let repeats = record.repeats.iter().map(|it| {
        let point = Estimate {
            point: Some(*it),
            n: 1,
            ..Estimate::default()
        };
        row("repeat", point, None)
    });
    let header = [
        "method",
        "probability",
        "low",
        "high",
        "relative_error",
        "n",
    ];
    table(&header, rows.into_iter().chain(repeats))
}

/// What a method is called.
pub(crate) fn method(method: RareMethod) -> &'static str {
    match method {
        RareMethod::Tilted => "tilted",
        RareMethod::Splitting => "splitting",
    }
}

/// A probability, in percent or as a power of ten.
pub(crate) fn probability(value: f64) -> String {
    match value {
        0.0 => "0".to_owned(),
        value if 1e-2 <= value => words::share(value),
        value => format!("{value:.2e}"),
    }
}

/// A probability with its interval.
pub(crate) fn estimate(of: Estimate) -> String {
    let some = |it: Option<f64>| it.map_or_else(|| words::NONE.to_owned(), probability);
    match (of.low, of.high) {
        (Some(low), Some(high)) => format!(
            "{} [{}, {}]",
            some(of.point),
            probability(low),
            probability(high)
        ),
        _ => some(of.point),
    }
}

/// The table of estimates: by a method, with its relative error, and by plain replications.
pub(crate) fn rows(
    by: RareMethod,
    (probability, error, plain): (Estimate, Option<f64>, Estimate),
) -> [[String; 4]; 2] {
    let error = error.map_or_else(|| words::NONE.to_owned(), |it| words::value(it, "share"));
    let sample = match by {
        RareMethod::Tilted => "weighted replication",
        RareMethod::Splitting => "repeat",
    };
    let sample = words::counted(probability.n, sample);
    let (none, replications) = (words::NONE.to_owned(), plain_sample(plain.n));
    [
        [method(by).to_owned(), estimate(probability), error, sample],
        ["plain".to_owned(), estimate(plain), none, replications],
    ]
}

/// What the plain estimate is made of.
pub(crate) fn plain_sample(n: usize) -> String {
    words::counted(n, "replication")
}

/// The columns of the table of estimates.
pub(crate) const COLUMNS: [&str; 4] = ["method", "probability", "relative error", "of"];

impl Results for Record {
    const COMMAND: &'static str = "rare";
    const TABLES: &'static [&'static str] = &["rare.csv"];

    fn asked(&self) -> String {
        format!(
            "{}, {} trajectories",
            method(self.method),
            words::separated(&self.trajectories.to_string())
        )
    }

    fn sections(&self, _: &Header) -> Vec<Section> {
        let estimates = (self.probability, self.relative_error, self.plain);
        let rows = rows(self.method, estimates).map(|row| row.map(Cell::text));
        let caption = match &self.pool {
            Some(pool) => format!("A lease fails in {pool}"),
            None => "A lease fails in any pool".to_owned(),
        };
        vec![Section {
            heading: "How likely it is".to_owned(),
            lead: format!("By {}: {}.", method(self.method), self.why),
            tables: Table::of_numbers(&caption, COLUMNS, rows)
                .into_iter()
                .collect(),
            folded: Vec::new(),
        }]
    }
}
