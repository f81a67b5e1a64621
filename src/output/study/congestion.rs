//! The mean time until services become congested, where that is rare.

use serde::{Deserialize, Serialize};

use crate::experiment::rare_congestion::CongestionTime;
use crate::output::csv::{cell, ends, table};
use crate::output::study::header::{Header, Words};
use crate::output::study::rare::estimate;
use crate::output::study::{Results, Study};
use crate::output::table::{Cell, Section, Table};
use crate::output::words;
use crate::scenario::Scenario;
use crate::stats::Estimate;

/// The record of times to congestion.
#[derive(Serialize, Deserialize)]
pub(crate) struct Record {
    seed: u64,
    dependencies: Vec<Dependency>,
}

/// A service.
#[derive(Serialize, Deserialize)]
struct Dependency {
    name: String,
    /// Mean time from an empty service to a full queue (s).
    mean_s: Estimate,
    /// Standard error as a share of it.
    relative_error: Option<f64>,
    /// Why the interval may not hold.
    doubts: Vec<String>,
    /// The probability that it becomes congested in a cycle.
    in_a_cycle: Estimate,
    /// The share of plain cycles in which it becomes congested.
    plain: Estimate,
    /// Mean length of a cycle (s).
    cycle_s: Estimate,
    /// Trajectories that were simulated, those of the pilot and the plain cycles included.
    trajectories: u64,
    /// Levels of importance, relative to a full queue at 0.
    levels: Vec<f64>,
    /// Independent estimates of the probability in a cycle.
    repeats: Vec<f64>,
}

/// The study of services by name.
pub(crate) fn study(
    scenario: &Scenario,
    found: &[(String, CongestionTime)],
    seed: u64,
    words: Words,
) -> Study<'static> {
    let dependencies = found.iter().map(|(name, it)| Dependency {
        name: name.clone(),
        mean_s: it.mean_s,
        relative_error: it.relative_error,
        doubts: it.doubts.clone(),
        in_a_cycle: it.in_a_cycle,
        plain: it.plain,
        cycle_s: it.cycle_s,
        trajectories: it.trajectories,
        levels: it.levels.clone(),
        repeats: it.repeats.clone(),
    });
    let record = Record {
        seed,
        dependencies: dependencies.collect(),
    };
    let csv = csv(&record);
    let header = Header::new(Record::COMMAND, scenario, words);
    Study::new(header, record, move || vec![csv.clone()], Vec::new())
}

/// `congestion.csv`: of each dependency, a row for each estimate.
fn csv(record: &Record) -> Vec<u8> {
    let rows = record.dependencies.iter().flat_map(|it| {
        let row = |what: &str, estimate: Estimate, error: Option<f64>| {
            let mut row = vec![it.name.clone(), what.to_owned()];
            row.extend(ends(estimate));
            row.extend([cell(error), estimate.n.to_string()]);
            row
        };
        [
            row("mean_s", it.mean_s, it.relative_error),
            row("in_a_cycle", it.in_a_cycle, None),
            row("plain_in_a_cycle", it.plain, None),
            row("cycle_s", it.cycle_s, None),
        ]
    });
    let header = [
        "dependency",
        "estimate",
        "point",
        "low",
        "high",
        "relative_error",
        "n",
    ];
    table(&header, rows)
}

/// The columns of the table.
pub(crate) const COLUMNS: [&str; 5] = [
    "dependency",
    "mean time to congestion",
    "relative error",
    "likely in a cycle",
    "mean cycle",
];

/// The row of a service.
pub(crate) fn row(
    name: &str,
    (mean_s, error): (Estimate, Option<f64>),
    cycle: [Estimate; 2],
) -> [String; 5] {
    let [in_a_cycle, cycle_s] = cycle;
    [
        name.to_owned(),
        length(mean_s),
        error.map_or_else(|| words::NONE.to_owned(), |it| words::value(it, "share")),
        estimate(in_a_cycle),
        words::some(cycle_s.point, "s"),
    ]
}

/// A length with its interval: in minutes, as a power of ten from a million on.
pub(crate) fn length(of: Estimate) -> String {
    let one = |seconds: f64| match seconds / 60.0 {
        minutes if minutes < 1e6 => words::number(minutes),
        minutes => format!("{minutes:.2e}"),
    };
    let some = |it: Option<f64>| it.map_or_else(|| words::NONE.to_owned(), one);
    match of.point {
        None => words::NONE.to_owned(),
        Some(point) => format!("{} [{}, {}] min", one(point), some(of.low), some(of.high)),
    }
}

impl Results for Record {
    const COMMAND: &'static str = "congestion";
    const TABLES: &'static [&'static str] = &["congestion.csv"];

    fn asked(&self) -> String {
        let all: u64 = self.dependencies.iter().map(|it| it.trajectories).sum();
        let all = words::separated(&all.to_string());
        format!("splitting, {all} trajectories")
    }

    fn sections(&self, _: &Header) -> Vec<Section> {
        let rows = self.dependencies.iter().map(|it| {
            let cycle = [it.in_a_cycle, it.cycle_s];
            row(&it.name, (it.mean_s, it.relative_error), cycle).map(Cell::text)
        });
        vec![Section {
            heading: "How long until congestion".to_owned(),
            lead:
                "From an empty service to a full queue, by splitting on cycles from empty to empty."
                    .to_owned(),
            tables: Table::of_numbers("Services", COLUMNS, rows)
                .into_iter()
                .collect(),
            folded: Vec::new(),
        }]
    }
}
