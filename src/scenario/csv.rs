//! CSV files beside a scenario: traces of demand and observed durations. The only file that reads CSV.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use csv::{ReaderBuilder, Trim};

use crate::kernel::distribution::Distribution;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::source::{Source, Traced};
use crate::scenario::compile::Compiler;
use crate::scenario::law::{AnyLaw, Law, Sample, empirical};
use crate::scenario::read::listed;
use crate::scenario::schema::Trace;
use crate::scenario::units::{duration, moment};

/// Rows that a file may have.
const ROWS_MAX: usize = 1_000_000;
/// Rows whose problems are told.
const TOLD_MAX: usize = 5;

/// The columns of a file that were asked for, row by row, each with the number of its line.
struct Table {
    rows: Vec<(u64, Vec<Option<String>>)>,
}

impl Compiler<'_> {
    /// The distribution of a law, noting what is wrong with it.
    pub(crate) fn law(&mut self, path: &str, law: &AnyLaw) -> Distribution {
        let found = match &law.0 {
            Law::Empirical(Sample::Column(column)) => {
                let at = format!("{path}.empirical.csv");
                let Some(table) = self.table(&at, &column.csv, &[&column.column], &[]) else {
                    return Distribution::Fixed(SimDuration::from_seconds(1));
                };
                let mut values = Vec::new();
                for (line, row) in table.rows {
                    let text = row[0].clone().unwrap_or_default();
                    match duration(&text) {
                        Some(value) => values.push(value),
                        None => {
                            self.wrong_cell(&at, &column.csv, (line, &text), "a duration: `4m30s`")
                        }
                    }
                }
                empirical(values)
            }
            _ => law.distribution(),
        };
        found.unwrap_or_else(|(message, limit, help)| {
            self.problem(path, message, limit, help);
            Distribution::Fixed(SimDuration::from_seconds(1))
        })
    }

    /// The requests of a trace, in the order of time.
    pub(crate) fn trace(&mut self, path: &str, trace: &Trace) -> Source {
        let at = format!("{path}.csv");
        let Some(table) = self.table(&at, &trace.csv, &["at", "hold"], &["tenant"]) else {
            return Source::Trace {
                requests: Arc::from([]),
                tenants: 0,
            };
        };
        let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
        let tenants = table.rows.iter().filter_map(|(_, row)| row[2].clone());
        numbers.extend(tenants.map(|tenant| (tenant, 0)));
        for (number, (_, slot)) in (0..).zip(&mut numbers) {
            *slot = number;
        }
        let mut requests = Vec::new();
        for (line, row) in &table.rows {
            let [when, hold] = [0, 1].map(|cell| row[cell].clone().unwrap_or_default());
            match (self.traced_instant(&when), duration(&hold)) {
                (Some(at), Some(hold)) => requests.push(Traced {
                    at,
                    tenant: row[2].as_ref().map(|tenant| numbers[tenant]),
                    hold,
                }),
                (None, _) => {
                    let wanted = "an instant inside the world: `+10m`, or date, time and zone";
                    self.wrong_cell(&at, &trace.csv, (*line, &when), wanted);
                }
                (_, None) => {
                    self.wrong_cell(&at, &trace.csv, (*line, &hold), "a duration: `4m30s`");
                }
            }
        }
        requests.sort_by_key(|traced| traced.at);
        Source::Trace {
            requests: requests.into(),
            tenants: numbers.len() as u32,
        }
    }

    fn traced_instant(&self, text: &str) -> Option<SimTime> {
        let after = moment(text)?.micros_after(self.file.clock.start)?;
        let micros = u64::try_from(after + self.file.clock.warm_up.0.micros() as i64).ok()?;
        Some(SimTime::from_micros(micros))
    }

    fn wrong_cell(&mut self, path: &str, file: &str, (line, text): (u64, &str), wanted: &str) {
        let told = self.problems.iter().filter(|told| told.path == path);
        if told.count() < TOLD_MAX {
            let message = format!("line {line} of `{file}` has `{text}`");
            self.problem(path, message, wanted, "correct the line, or remove it");
        }
    }

    /// Reads the columns of a file that lies beside the scenario; those `optional` may be absent.
    fn table(
        &mut self,
        path: &str,
        file: &str,
        needed: &[&str],
        optional: &[&str],
    ) -> Option<Table> {
        read(&self.folder.join(file), needed, optional)
            .map_err(|(wrong, limit, help)| {
                self.problem(path, format!("`{file}` {wrong}"), &limit, help);
            })
            .ok()
    }
}

/// What is wrong with a file, the limit, and what to do.
type Wrong = (String, String, &'static str);

fn read(path: &Path, needed: &[&str], optional: &[&str]) -> Result<Table, Wrong> {
    let unreadable = |error: csv::Error| {
        let limit = "a CSV file with a header, by its path from the scenario";
        let wrong = format!("cannot be read: {error}");
        (wrong, limit.to_owned(), "check the path and the file")
    };
    let mut reader = ReaderBuilder::new()
        .trim(Trim::All)
        .from_path(path)
        .map_err(unreadable)?;
    let header = reader.headers().map_err(unreadable)?.clone();
    let column = |name: &&str| header.iter().position(|column| column == *name);
    if let Some(missing) = needed.iter().find(|name| column(name).is_none()) {
        let known: Vec<&str> = header.iter().collect();
        let wrong = format!("has no column `{missing}`");
        let help = "add the column, or name another";
        return Err((wrong, format!("one of {}", listed(&known)), help));
    }
    let places: Vec<Option<usize>> = needed.iter().chain(optional).map(column).collect();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        if rows.len() == ROWS_MAX {
            let wrong = "has more rows than that".to_owned();
            return Err((wrong, format!("at most {ROWS_MAX} rows"), "split it"));
        }
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |place: &Option<usize>| {
            let text = place.and_then(|place| record.get(place))?;
            (!text.is_empty()).then(|| text.to_owned())
        };
        rows.push((line, places.iter().map(cell).collect()));
    }
    Ok(Table { rows })
}
