//! Which of the values that a scenario assumes decide its results.

use serde::{Deserialize, Serialize};

use crate::experiment::measure::Measure;
use crate::experiment::sensitivity::{
    Sensitivity, SensitivityMethod, SensitivityOutput, SensitivityResult,
};
use crate::output::chart::names;
use crate::output::chart::sensitivity::draw;
use crate::output::csv::{cell, ends, table};
use crate::output::sensitivity_chart::bars;
use crate::output::study::header::{Header, Words};
use crate::output::study::{Chart, Results, Study};
use crate::output::table::{Align, Cell, Section, Table, columns};
use crate::output::words;
use crate::scenario::Scenario;
use crate::stats::Estimate;

/// The record of a sensitivity analysis.
#[derive(Serialize, Deserialize)]
pub(crate) struct Record {
    seed: u64,
    /// `sobol` or `morris`.
    method: String,
    /// Rows of the design, or trajectories.
    rows: usize,
    /// Those that were asked for, more where it was interrupted.
    planned: usize,
    /// Those without a combination of values that the file allows.
    left_out: usize,
    /// Paths of values with a prior that are not varied.
    not_varied: Vec<String>,
    replications: u64,
    outputs: Vec<Output>,
}

/// One measure of one pool.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Output {
    pub pool: String,
    pub measure: String,
    pub unit: String,
    /// Share of runs in which the event did not occur, so that its time at risk counts.
    not_occurred: Option<f64>,
    /// Rows without a value.
    nothing_measured: usize,
    /// Its value in every run, where it does not vary.
    constant: Option<f64>,
    /// Of one run.
    mean: Option<f64>,
    deviation: Option<f64>,
    /// Shares of the variance of one run.
    pub randomness: Option<Estimate>,
    pub alone: Option<Estimate>,
    pub interactions: Option<Estimate>,
    pub values: Vec<Value>,
}

/// What one value does.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Value {
    pub path: String,
    pub prior: String,
    /// First-order share of the variance of one run.
    pub of_run: Option<Estimate>,
    /// Indices of the mean: first order and total.
    pub first: Option<Estimate>,
    pub total: Option<Estimate>,
    /// Elementary effects: mean of sizes, mean, standard deviation.
    pub effect: Option<Estimate>,
    pub effect_mean: Option<Estimate>,
    pub effect_deviation: Option<f64>,
}

impl Value {
    /// By what values are put in order: the total index, the share of a run, or the size of its effects.
    pub fn weight(&self) -> Option<Estimate> {
        let known = |it: &Option<Estimate>| it.filter(|it| it.point.is_some());
        known(&self.total)
            .or_else(|| known(&self.of_run))
            .or_else(|| known(&self.effect))
    }

    /// Whether it cannot be distinguished from one that does nothing.
    pub fn is_idle(&self) -> bool {
        self.weight()
            .is_none_or(|it| it.point <= Some(0.0) || it.low.is_some_and(|low| low <= 0.0))
    }
}

impl Output {
    /// What it is called.
    pub fn name(&self) -> String {
        format!("{}, {}", in_words(&self.measure), self.pool)
    }

    /// Whether it varies.
    pub fn varies(&self) -> bool {
        !self.values.is_empty()
    }

    /// Whether indices of the mean are known.
    pub fn has_mean(&self) -> bool {
        self.values
            .iter()
            .any(|it| it.total.is_some_and(|it| it.point.is_some()))
    }

    /// How often its event did not occur, where it did not.
    pub fn not_occurred(&self) -> Option<f64> {
        self.not_occurred.filter(|share| 0.0 < *share)
    }

    /// Rows without a value.
    pub fn nothing_measured(&self) -> usize {
        self.nothing_measured
    }

    fn of(scenario: &Scenario, found: &Sensitivity, output: &SensitivityOutput) -> Self {
        let mut record = Self {
            pool: output.pool.clone(),
            measure: output.measure.to_owned(),
            unit: output.unit.to_owned(),
            not_occurred: output.not_occurred,
            nothing_measured: output.nothing_measured,
            ..Self::default()
        };
        let value = |path: &String| Value {
            path: path.clone(),
            prior: prior(scenario, path),
            ..Value::default()
        };
        let values = found.paths.iter().map(value);
        match &output.found {
            SensitivityResult::Constant(value) => record.constant = Some(*value),
            SensitivityResult::NothingMeasured => {}
            SensitivityResult::Sobol(it) => {
                record.mean = Some(it.mean);
                record.deviation = Some(it.deviation);
                record.randomness = Some(it.randomness);
                record.alone = Some(it.alone);
                record.interactions = Some(it.interactions);
                let values = values.zip(&it.values).map(|(value, it)| Value {
                    of_run: Some(it.of_run),
                    first: Some(it.first),
                    total: Some(it.total),
                    ..value
                });
                record.values = values.collect();
            }
            SensitivityResult::Morris(effects) => {
                let values = values.zip(effects).map(|(value, it)| Value {
                    effect: Some(it.size),
                    effect_mean: Some(it.mean),
                    effect_deviation: it.deviation,
                    ..value
                });
                record.values = values.collect();
            }
        }
        let weight = |it: &Value| {
            it.weight()
                .and_then(|it| it.point)
                .unwrap_or(f64::NEG_INFINITY)
        };
        record
            .values
            .sort_by(|one, other| weight(other).total_cmp(&weight(one)));
        record
    }

    /// The table of its values.
    pub fn table(&self) -> Table {
        let share =
            |it: Option<Estimate>| Cell::estimate(it.unwrap_or_default(), "share", words::NONE);
        let effects = self.values.iter().any(|it| it.effect.is_some());
        let header: &[&str] = match effects {
            true => &["mean size of effects", "mean effect", "standard deviation"],
            false => &["share of one run", "mean: first order", "mean: total"],
        };
        let mut names = columns(&["value", "prior"], Align::Words);
        names.extend(columns(header, Align::Numbers));
        let unit = &self.unit;
        let row = |it: &Value| {
            let mut row = vec![Cell::text(&it.path), Cell::text(&it.prior)];
            match effects {
                true => {
                    let effect = |it: Option<Estimate>| {
                        Cell::estimate(it.unwrap_or_default(), unit, words::NONE)
                    };
                    let deviation = Cell::number(it.effect_deviation, unit);
                    row.extend([effect(it.effect), effect(it.effect_mean), deviation]);
                }
                false => row.extend([share(it.of_run), share(it.first), share(it.total)]),
            }
            row
        };
        let mut rows: Vec<Vec<Cell>> = self.values.iter().map(row).collect();
        for (name, it) in [
            ("combinations of values", self.interactions),
            ("randomness", self.randomness),
        ] {
            if it.is_some() {
                let none = || Cell::text("");
                rows.push(vec![Cell::text(name), none(), share(it), none(), none()]);
            }
        }
        Table {
            caption: self.caption(),
            columns: names,
            rows,
            pool: Some(self.pool.clone()),
        }
    }

    /// What it is in one run.
    pub fn caption(&self) -> String {
        let (mean, deviation) = (self.mean, self.deviation);
        let said = mean.zip(deviation).map(|(mean, deviation)| {
            let value = |it| words::brief(it, &self.unit);
            format!(
                ": mean {}, standard deviation {}",
                value(mean),
                value(deviation)
            )
        });
        format!(
            "{}, {}{}",
            self.measure,
            self.pool,
            said.unwrap_or_default()
        )
    }
}

/// The name of a measure in a sentence.
pub(crate) fn in_words(measure: &str) -> String {
    Measure::of_pools(measure).map_or_else(|_| measure.to_owned(), Measure::in_words)
}

/// A prior in words.
fn prior(scenario: &Scenario, path: &str) -> String {
    let mut priors = scenario.provenance.priors.iter();
    let prior = priors.find(|it| it.path == path);
    prior.map_or_else(String::new, |it| it.shown.clone())
}

impl Record {
    /// The record of what was found.
    pub fn of(scenario: &Scenario, found: &Sensitivity, seed: u64) -> Self {
        let outputs = found.outputs.iter();
        Self {
            seed,
            method: method(found.method).to_owned(),
            rows: found.rows,
            planned: found.planned,
            left_out: found.left_out,
            not_varied: found.not_varied.clone(),
            replications: found.replications,
            outputs: outputs.map(|it| Output::of(scenario, found, it)).collect(),
        }
    }

    /// The outputs, the one that says most first.
    pub fn outputs(&self) -> &[Output] {
        &self.outputs
    }
}

/// A method as the command line names it.
pub(crate) fn method(method: SensitivityMethod) -> &'static str {
    match method {
        SensitivityMethod::Sobol => "sobol",
        SensitivityMethod::Morris => "morris",
    }
}

/// Everything that the command gives.
pub(crate) fn study<'a>(
    scenario: &'a Scenario,
    found: &'a Sensitivity,
    seed: u64,
    words: Words,
) -> Study<'a> {
    let header = Header::new(Record::COMMAND, scenario, words);
    let record = Record::of(scenario, found, seed);
    let outputs = record.outputs.clone();
    let tables = move || vec![csv(&outputs)];
    let charts = charts(scenario, &record);
    Study::new(header, record, tables, charts)
}

/// `sensitivity.csv`: for each measure and pool a row for each value, for their combinations, and for randomness.
fn csv(outputs: &[Output]) -> Vec<u8> {
    let plain = ["measure", "unit", "pool", "kind", "value", "prior"];
    let estimates = ["of_run", "first", "total", "effect", "effect_mean"];
    let estimates = estimates.map(|it| [it.to_owned(), format!("{it}_low"), format!("{it}_high")]);
    let mut header: Vec<String> = plain.map(str::to_owned).into();
    header.extend(estimates.into_iter().flatten());
    header.push("effect_deviation".to_owned());
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let rows = outputs.iter().flat_map(|output| {
        let begin = |kind: &str, value: &str, prior: &str| {
            let (measure, unit, pool) = (&output.measure[..], &output.unit[..], &output.pool[..]);
            [measure, unit, pool, kind, value, prior]
                .map(str::to_owned)
                .to_vec()
        };
        let mut rows: Vec<Vec<String>> = Vec::new();
        for it in &output.values {
            let mut row = begin("value", &it.path, &it.prior);
            let estimates = [it.of_run, it.first, it.total, it.effect, it.effect_mean];
            row.extend(
                estimates
                    .into_iter()
                    .flat_map(|it| ends(it.unwrap_or_default())),
            );
            row.push(cell(it.effect_deviation));
            rows.push(row);
        }
        for (kind, it) in [
            ("combinations", output.interactions),
            ("randomness", output.randomness),
        ] {
            if let Some(it) = it {
                let mut row = begin(kind, "", "");
                row.extend(ends(it));
                row.resize(header_len(), String::new());
                rows.push(row);
            }
        }
        rows
    });
    table(&header, rows)
}

/// Columns of the table.
const fn header_len() -> usize {
    6 + 5 * 3 + 1
}

/// One chart: of the output that says most.
fn charts(scenario: &Scenario, record: &Record) -> Vec<Chart> {
    let Some(output) = record.outputs.first().filter(|it| it.varies()) else {
        return Vec::new();
    };
    let runs = words::counted(record.replications as usize, "replication");
    let subtitle = format!(
        "{}, {runs}, seed {}; intervals of 95%",
        scenario.name, record.seed
    );
    let name = names(std::iter::once(("sensitivity", &output.pool[..])));
    let chart = name.into_iter().map(|name| Chart {
        name,
        pool: Some(output.pool.clone()),
        drawing: draw(&bars(output, &subtitle)),
    });
    chart.collect()
}

impl Results for Record {
    const COMMAND: &'static str = "sensitivity";
    const TABLES: &'static [&'static str] = &["sensitivity.csv"];

    fn asked(&self) -> String {
        let rows = counted(self.rows, self.method == "morris");
        let runs = words::counted(self.replications as usize, "replication");
        format!("{rows}, {runs}")
    }

    fn sections(&self, _: &Header) -> Vec<Section> {
        let (varying, constant): (Vec<&Output>, Vec<&Output>) =
            self.outputs.iter().partition(|it| it.varies());
        let constant = constant.iter().map(|it| {
            let value = it.constant.map_or_else(
                || "nothing to measure".to_owned(),
                |value| words::value(value, &it.unit),
            );
            [
                Cell::text(&it.measure),
                Cell::text(&it.pool),
                Cell::text(value),
            ]
        });
        let header = [
            ("measure", Align::Words),
            ("pool", Align::Words),
            ("in every run", Align::Numbers),
        ];
        let constant = Table::of_words("Results that do not vary", &header, constant);
        vec![Section {
            heading: "Which values decide".to_owned(),
            lead: meaning(self.method == "morris").to_owned(),
            tables: varying.iter().map(|it| it.table()).collect(),
            folded: constant.into_iter().collect(),
        }]
    }
}

/// So many rows or trajectories.
pub(crate) fn counted(rows: usize, morris: bool) -> String {
    match (rows, morris) {
        (1, true) => "1 trajectory".to_owned(),
        (_, true) => words::counted(rows, "trajectorie"),
        (_, false) => words::counted(rows, "row"),
    }
}

/// What the figures mean.
pub(crate) fn meaning(morris: bool) -> &'static str {
    if morris {
        "Effects are for the whole range of the prior, by its quantiles. Size: mean of absolute effects; they hold the \
         random numbers, which are the same along a trajectory. A standard deviation above the mean says that the effect \
         depends on the other values, or on chance."
    } else {
        "One run: shares of the variance of a single replication; randomness would remain if all values were known. Mean: \
         shares of the variance of the mean that unknown values cause; total includes combinations with other values. \
         A value whose interval holds 0 may have no effect."
    }
}
