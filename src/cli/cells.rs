//! What a sweep found, in tables: a row for each cell, or rows and columns where two values are varied
//! and one measure is asked for.

use std::collections::BTreeMap;

use crate::cli::Failure;
use crate::cli::args::SweepArgs;
use crate::cli::run::assumed;
use crate::cli::screen::{self, Glance, Screen};
use crate::cli::sweep::command;
use crate::cli::table::table;
use crate::cli::{paint, words};
use crate::experiment::measure::{Kind, Measure};
use crate::experiment::names::label;
use crate::output::json;
use crate::output::store::CellStore;
use crate::output::study::sweep;
use crate::output::sweep::{Row, Totals};
use crate::scenario::vary::design::{Design, Plan};
use crate::stats::Estimate;

/// The most rows of a table.
const ROWS_MAX: usize = 60;
/// The most rows of a table on one screen.
const ROWS_AT_A_GLANCE: usize = 10;
/// The most columns of a table of two axes.
const COLUMNS_MAX: u64 = 16;

/// What is shown of each pool, or of whatever else is measured.
pub(crate) struct Shown {
    pub measures: Vec<&'static str>,
    columns: Vec<Column>,
    /// How many of them, the first, must differ between cells for a subject to be worth a table.
    telling: usize,
    /// Whether only pools are shown: what was asked for may be measured of classes too.
    only_pools: bool,
    /// Whether the cells are laid out by two axes.
    crossed: bool,
}

struct Column {
    name: String,
    measure: &'static str,
    figure: Figure,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Figure {
    /// The share of replications in which it is 0.
    None,
    Mean,
    /// The median of a clock.
    Median,
}

impl Shown {
    /// What is shown where these measures are asked for; of all of them, the few that say most.
    pub fn of(plan: &Plan, asked: &[String], measures: &[&'static str]) -> Self {
        let column = |name: &str, measure, figure| Column {
            name: name.to_owned(),
            measure,
            figure,
        };
        let columns = match asked.is_empty() {
            true => vec![
                column("no failed lease", "failed_leases", Figure::None),
                column("failed leases", "failed_leases", Figure::Mean),
                column(
                    "time to survive, median",
                    "time_to_survive_s",
                    Figure::Median,
                ),
                column("time empty", "empty_s", Figure::Mean),
                column("idle worker-hours", "idle_worker_hours", Figure::Mean),
            ],
            false => measures
                .iter()
                .map(
                    |measure| match Measure::find(measure).ok().map(|it| it.kind) {
                        Some(Kind::TimeToEvent) => {
                            column(&format!("{measure}, median"), measure, Figure::Median)
                        }
                        _ => column(&format!("{measure}, mean"), measure, Figure::Mean),
                    },
                )
                .collect(),
        };
        let crossed = match &plan.axes[..] {
            [rows, across] if plan.design == Design::Grid && columns.len() == 1 => {
                rows.count() <= Some(ROWS_MAX as u64) && across.count() <= Some(COLUMNS_MAX)
            }
            _ => false,
        };
        Self {
            measures: columns.iter().map(|column| column.measure).collect(),
            telling: match asked.is_empty() {
                true => 2,
                false => columns.len(),
            },
            columns,
            only_pools: asked.is_empty(),
            crossed,
        }
    }

    /// Whether a cell is among those shown.
    pub fn has(&self, cell: usize) -> bool {
        self.crossed || cell < ROWS_MAX
    }
}

/// What is shown of one subject, by cell.
type Texts = BTreeMap<usize, Texted>;

/// A cell in words.
struct Texted {
    /// The value of each axis.
    values: Vec<String>,
    /// A text for each column.
    texts: Vec<String>,
    /// The figure of the first.
    first: Option<f64>,
}

/// The results as text.
pub(crate) fn describe(
    args: &SweepArgs,
    (plan, store): (&Plan, &CellStore),
    shown: &Shown,
    totals: Totals,
) -> Result<String, Failure> {
    let base = &plan.template.base;
    let paths: Vec<&str> = plan.axes.iter().map(|axis| axis.path.as_str()).collect();
    let replications = args.many.replications().count;
    let mut text = format!(
        "{}: {} of {}, by {}\n",
        base.name,
        words::counted(plan.len(), "cell"),
        words::counted(replications.get(), "replication"),
        paths.join(" and "),
    );
    if 0 < totals.budget_spent {
        let n = words::counted(totals.budget_spent as usize, "replication");
        text += &format!("{n} spent the budget of events.\n");
    }
    let (mut same, mut tables) = (String::new(), String::new());
    for (name, texts) in subjects(store, shown)? {
        if let Some(always) = always(&texts, shown) {
            same += &format!("  {name}: {always}\n");
            continue;
        }
        let range = paint::prose(&range(&name, &texts, shown));
        text += &(paint::finding(&range) + "\n");
        let table = match shown.crossed {
            true => crossed(plan, &shown.columns[0], &texts),
            false => listed(&paths, &shown.columns, &texts),
        };
        tables += &format!("\n{}\n{table}", paint::title(&name));
    }
    text += &tables;
    if !same.is_empty() {
        let cells = if shown.has(plan.len() - 1) {
            "cell"
        } else {
            "cell shown"
        };
        let title = paint::title(&format!("The same in every {cells}"));
        text += &format!("\n{title}\n{same}");
    }
    text += &format!("\n{}\n", paint::prose(&note(args, plan, shown)));
    text += &assumed(base);
    text += &format!(
        "\n{} events, digest {}\n",
        totals.events,
        json::digest(totals.digest)
    );
    text += &format!("reproduce: {}\n", command(args, None));
    Ok(text)
}

/// The sweep at a glance: the subject that differs most, and the range of each.
pub(crate) fn screen(
    args: &SweepArgs,
    (plan, store): (&Plan, &CellStore),
    shown: &Shown,
    totals: Totals,
) -> Result<Screen, Failure> {
    let base = &plan.template.base;
    let paths: Vec<&str> = plan.axes.iter().map(|axis| axis.path.as_str()).collect();
    let (mut answer, mut plot, mut same) = (Vec::new(), String::new(), 0);
    for (name, texts) in subjects(store, shown)? {
        if always(&texts, shown).is_some() {
            same += 1;
            continue;
        }
        let range = range(&name, &texts, shown);
        let said = range.trim_start().split_once(": ");
        let said = said.map_or(range.clone(), |(_, said)| said.to_owned());
        answer.push((name.clone(), said));
        // The pool whose value is varied comes before others.
        let varied = paths
            .iter()
            .any(|path| path.starts_with(&format!("pools.{name}.")));
        if plot.is_empty() || varied {
            let table = match shown.crossed {
                true => crossed(plan, &shown.columns[0], &texts),
                false => listed(&paths, &shown.columns, &sampled(texts)),
            };
            plot = format!("{}\n{table}", paint::title(&name));
        }
    }
    let left_out = left_out(plan, shown, answer.len(), same);
    let mut notes = Vec::new();
    if 0 < totals.budget_spent {
        let n = words::counted(totals.budget_spent as usize, "replication");
        notes.push(format!("{n} spent the budget of events."));
    }
    notes.extend(screen::assumed(base));
    if answer.is_empty() {
        answer.push((base.name.clone(), "every cell is the same".to_owned()));
    }
    let replications = args.many.replications().count.get();
    Ok(Screen {
        title: format!(
            "{}: {} of {}",
            base.name,
            words::counted(plan.len(), "cell"),
            words::counted(replications, "replication")
        ),
        plot,
        table: Glance {
            left_out,
            ..Glance::default()
        },
        notes,
        reproduce: command(args, None),
        next: None,
        answer,
    })
}

/// What one screen of a sweep leaves out, of so many subjects that differ and that do not.
fn left_out(plan: &Plan, shown: &Shown, differ: usize, same: usize) -> Vec<String> {
    let mut left_out = Vec::new();
    if 1 < differ {
        let more = words::counted(differ - 1, "table");
        let others = if shown.only_pools {
            "pools"
        } else {
            "subjects"
        };
        left_out.push(format!("{more} of other {others}"));
    }
    if ROWS_AT_A_GLANCE < plan.len() && !shown.crossed {
        left_out.push(format!("{} rows", plan.len() - ROWS_AT_A_GLANCE));
    }
    if 0 < same {
        left_out.push(format!("{same} that are the same in every cell"));
    }
    left_out
}

/// Cells spread evenly over all of them, as many as a screen has room for.
fn sampled(texts: Texts) -> Texts {
    let n = texts.len();
    if n <= ROWS_AT_A_GLANCE {
        return texts;
    }
    let last = ROWS_AT_A_GLANCE - 1;
    let places: Vec<usize> = (0..=last).map(|it| it * (n - 1) / last).collect();
    let cells = texts.into_iter().enumerate();
    let kept = cells.filter(|(place, _)| places.contains(place));
    kept.map(|(_, cell)| cell).collect()
}

/// What a page shows: the answer in words, and a table for each subject in which the cells differ.
pub(crate) fn page(
    plan: &Plan,
    store: &CellStore,
    shown: &Shown,
) -> Result<(Vec<String>, Vec<sweep::Shown>), Failure> {
    let (mut findings, mut tables) = (Vec::new(), Vec::new());
    for (name, texts) in subjects(store, shown)? {
        if always(&texts, shown).is_some() {
            continue;
        }
        findings.push(range(&name, &texts, shown).trim_start().to_owned());
        let axes = plan.axes.iter().map(|axis| axis.path.clone());
        let names = shown.columns.iter().map(|column| column.name.clone());
        let row = |cell: &Texted| [&cell.values[..], &cell.texts].concat();
        tables.push(sweep::Shown {
            subject: name,
            columns: axes.chain(names).collect(),
            rows: texts.values().map(row).collect(),
            axes: plan.axes.len(),
        });
    }
    Ok((findings, tables))
}

/// Names of what was measured in their order, with the texts of each.
fn subjects(store: &CellStore, shown: &Shown) -> Result<Vec<(String, Texts)>, Failure> {
    let mut subjects: Vec<(String, Texts)> = Vec::new();
    store.rows(|row| -> Result<(), Failure> {
        let [kind, name, measure, unit] = row.texts();
        let left_out = shown.only_pools && kind != "pool";
        if left_out || !shown.has(row.cell) || !shown.measures.contains(&measure) {
            return Ok(());
        }
        let name = label(kind, name);
        let place = subjects.iter().position(|(known, _)| *known == name);
        let place = place.unwrap_or_else(|| {
            subjects.push((name, Texts::new()));
            subjects.len() - 1
        });
        let cell = subjects[place].1.entry(row.cell);
        let cell = cell.or_insert_with(|| Texted {
            values: row.values().to_vec(),
            texts: vec![String::new(); shown.columns.len()],
            first: None,
        });
        for (place, column) in shown.columns.iter().enumerate() {
            if column.measure == measure {
                let found = figure(row, column.figure);
                let ends = ignorance(row, column.figure);
                cell.texts[place] = worded(column.figure, (found, ends), unit, shown.crossed);
                if place == 0 {
                    cell.first = found.point;
                }
            }
        }
        Ok(())
    })?;
    Ok(subjects)
}

/// What is shown of a subject that is the same in every cell, where there are several.
fn always(texts: &Texts, shown: &Shown) -> Option<String> {
    let mut all = texts.values().map(|cell| &cell.texts[..shown.telling]);
    let first = all.next()?;
    if texts.len() < 2 || all.any(|other| other != first) {
        return None;
    }
    let columns = shown.columns.iter().zip(first);
    let label = columns.map(|(column, text)| format!("{} {text}", column.name));
    Some(label.collect::<Vec<_>>().join("; "))
}

/// One figure of a row.
fn figure(row: &Row<'_>, figure: Figure) -> Estimate {
    match figure {
        Figure::None => row.estimate("nonzero_share").complement(),
        Figure::Mean => row.estimate("mean"),
        Figure::Median => row.estimate("p50"),
    }
}

/// Where a figure of a row lies for values that are not known.
fn ignorance(row: &Row<'_>, figure: Figure) -> Option<[f64; 2]> {
    match figure {
        Figure::None => {
            let [low, high] = row.ignorance("nonzero_share")?;
            Some([1.0 - high, 1.0 - low])
        }
        Figure::Mean => row.ignorance("mean"),
        Figure::Median => row.ignorance("p50"),
    }
}

/// A figure in words; only its point where a table has no room for intervals.
fn worded(
    figure: Figure,
    (found, ignorance): (Estimate, Option<[f64; 2]>),
    unit: &str,
    short: bool,
) -> String {
    let (unit, missing) = match figure {
        Figure::None => ("share", words::NONE),
        Figure::Mean => (unit, words::NONE),
        Figure::Median => (unit, "not within the scenario"),
    };
    match short {
        true => words::some(found.point, unit),
        false => match ignorance.map(|ends| ends.map(|end| words::value(end, unit))) {
            Some([low, high]) => {
                let estimate = words::estimate(found, unit, missing);
                format!("{estimate} ({low} to {high})")
            }
            None => words::estimate(found, unit, missing),
        },
    }
}

/// Between which cells the first figure of a subject lies, the answer in a line.
fn range(name: &str, texts: &Texts, shown: &Shown) -> String {
    let size = |cell: &&Texted| cell.first.unwrap_or(f64::INFINITY);
    let by_size = |one: &&Texted, other: &&Texted| size(one).total_cmp(&size(other));
    // Of several, the first at either end.
    let least = texts.values().min_by(by_size);
    let most = texts.values().rev().max_by(by_size);
    let end = |cell: &Texted| {
        let text = match cell.texts[0].as_str() {
            words::NONE => "none",
            text => text,
        };
        format!("{text} ({})", cell.values.join(", "))
    };
    let [least, most] = [least, most].map(|cell| cell.map(end).unwrap_or_default());
    format!("  {name}: {} from {least} to {most}", shown.columns[0].name)
}

/// A row for each cell.
fn listed(paths: &[&str], columns: &[Column], texts: &Texts) -> String {
    let mut header = paths.to_vec();
    header.extend(columns.iter().map(|column| column.name.as_str()));
    let rows = texts
        .values()
        .map(|cell| [&cell.values[..], &cell.texts].concat());
    table(&header, paths, &rows.collect::<Vec<_>>())
}

/// A row for each value of the first axis, a column for each of the second.
fn crossed(plan: &Plan, column: &Column, texts: &Texts) -> String {
    let mut values: [Vec<&str>; 2] = Default::default();
    for cell in texts.values() {
        for (values, value) in values.iter_mut().zip(&cell.values) {
            if !values.contains(&value.as_str()) {
                values.push(value);
            }
        }
    }
    let [down, across] = values;
    let found: BTreeMap<[&str; 2], &str> = texts
        .values()
        .map(|cell| ([&cell.values[0][..], &cell.values[1]], &cell.texts[0][..]))
        .collect();
    let rows: Vec<Vec<String>> = down
        .iter()
        .map(|row| {
            let cell = |value: &&str| found.get(&[*row, *value]).copied().unwrap_or_default();
            let cells = across.iter().map(|value| cell(value).to_owned());
            std::iter::once((*row).to_owned()).chain(cells).collect()
        })
        .collect();
    let corner = format!("{} ↓, {} →", plan.axes[0].path, plan.axes[1].path);
    let header: Vec<&str> = std::iter::once(corner.as_str())
        .chain(across.iter().copied())
        .collect();
    format!("{}\n{}", column.name, table(&header, &across, &rows))
}

/// What the tables leave out, and how they are read.
pub(crate) fn note(args: &SweepArgs, plan: &Plan, shown: &Shown) -> String {
    let all = match &args.out {
        // Without its folder: no file may depend on where it is.
        Some(_) => "sweep.csv has",
        None => "`--out DIR` and `--json` give",
    };
    if shown.crossed {
        let clock = match shown.columns[0].figure {
            Figure::Median => format!("; {} is not within the scenario", words::NONE),
            _ => String::new(),
        };
        return format!("{all} the intervals and all else that is known{clock}.");
    }
    let mut text =
        "Intervals cover 95%. A time to an event that does not occur counts as later than all others."
            .to_owned();
    if ROWS_MAX < plan.len() {
        let more = plan.len() - ROWS_MAX;
        text += &format!(" {more} more cells are not shown; {all} all of them.");
    }
    text
}
