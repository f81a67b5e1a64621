//! CSV files of a scenario: traces of demand and observed durations. The only file that reads CSV.

use std::collections::BTreeMap;
use std::sync::Arc;

use csv::{ReaderBuilder, Trim};

use crate::kernel::distribution::Distribution;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::setup::demand::{Source, Traced};
use crate::scenario::compile::Compiler;
use crate::scenario::schema::Trace;
use crate::scenario::schema::law::{self, AnyLaw, Column, Law, Sample, empirical};
use crate::scenario::text::files::Refused;
use crate::scenario::text::limits::{CSV_BYTES_MAX, CSV_ROWS_MAX};
use crate::scenario::text::node::shortened;
use crate::scenario::text::units::{duration, moment};

/// The format of a cell with a duration.
const DURATION: &str = "a duration: `4m30s`";
/// Maximum number of rows whose problems are reported.
const SHOWN_MAX: usize = 5;

/// CSV files read so far, so that none is read twice for the same purpose.
#[derive(Default)]
pub(crate) struct CsvFiles {
    /// Bytes read.
    bytes: u64,
    laws: BTreeMap<(String, String), Distribution>,
    traces: BTreeMap<String, Source>,
}

/// The requested columns of a file, row by row, each with its line number.
struct Table {
    rows: Vec<(u64, Vec<Option<String>>)>,
}

impl Compiler<'_> {
    /// The distribution in a file; records its problems.
    pub(crate) fn law(&mut self, path: &str, law: &AnyLaw) -> Distribution {
        let found = match &law.0 {
            Law::Empirical(Sample::Column(column)) => self.column(path, column),
            _ => law.distribution(),
        };
        found.unwrap_or_else(|(message, limit, help)| {
            self.problem(path, message, limit, help);
            Distribution::Fixed(SimDuration::from_seconds(1))
        })
    }

    /// The distribution of a column of durations.
    fn column(&mut self, path: &str, column: &Column) -> Result<Distribution, law::Wrong> {
        let key = (column.csv.clone(), column.column.clone());
        if let Some(law) = self.csv.laws.get(&key) {
            return Ok(law.clone());
        }
        let at = format!("{path}.empirical.csv");
        let Some(table) = self.table(&at, &column.csv, &[&column.column], &[]) else {
            return Ok(Distribution::Fixed(SimDuration::from_seconds(1)));
        };
        let before = self.problems.len();
        let mut values = Vec::new();
        for (line, row) in table.rows {
            match row[0].as_deref().and_then(duration) {
                Some(value) => values.push(value),
                None => self.invalid_cell(&at, &column.csv, (line, &column.column), DURATION),
            }
        }
        if values.is_empty() && before < self.problems.len() {
            return Ok(Distribution::Fixed(SimDuration::from_seconds(1)));
        }
        let law = empirical(values)?;
        self.csv.laws.insert(key, law.clone());
        Ok(law)
    }

    /// The requests of a trace, in the order of time.
    pub(crate) fn trace(&mut self, path: &str, trace: &Trace) -> Source {
        if let Some(source) = self.csv.traces.get(&trace.csv) {
            return source.clone();
        }
        let at = format!("{path}.csv");
        let Some(table) = self.table(&at, &trace.csv, &["at", "hold"], &["tenant"]) else {
            let none = Source::Trace {
                requests: Arc::from([]),
                tenants: 0,
            };
            // The problem has been recorded already.
            self.csv.traces.insert(trace.csv.clone(), none.clone());
            return none;
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
                    self.invalid_cell(&at, &trace.csv, (*line, "at"), wanted);
                }
                (_, None) => {
                    self.invalid_cell(&at, &trace.csv, (*line, "hold"), DURATION);
                }
            }
        }
        requests.sort_by_key(|traced| traced.at);
        let source = Source::Trace {
            requests: requests.into(),
            tenants: numbers.len() as u32,
        };
        self.csv.traces.insert(trace.csv.clone(), source.clone());
        source
    }

    fn traced_instant(&self, text: &str) -> Option<SimTime> {
        let after = moment(text)?.micros_after(self.file.clock.start)?;
        let micros = u64::try_from(after + self.file.clock.warm_up.0.micros() as i64).ok()?;
        Some(SimTime::from_micros(micros))
    }

    /// Records a problem of a cell without quoting it: the file may not be what the scenario claims.
    fn invalid_cell(&mut self, path: &str, file: &str, cell: (u64, &str), wanted: &str) {
        let (line, column) = cell;
        let shown = self.problems.iter().filter(|it| it.path == path);
        if shown.count() < SHOWN_MAX {
            let message = format!(
                "line {line} of `{file}` has an invalid value in column `{}`",
                shortened(column)
            );
            self.problem(path, message, wanted, "correct the line, or remove it");
        }
    }

    /// Reads the columns of a file of the scenario; those `optional` may be absent.
    fn table(
        &mut self,
        path: &str,
        file: &str,
        needed: &[&str],
        optional: &[&str],
    ) -> Option<Table> {
        let left = CSV_BYTES_MAX.saturating_sub(self.csv.bytes);
        let shared = |refused: Refused| match left {
            CSV_BYTES_MAX => refused,
            _ => Refused {
                limit: format!(
                    "{}, including the other CSV files of the scenario",
                    refused.limit
                ),
                ..refused
            },
        };
        let table = self
            .folder
            .read(file, left)
            .map_err(shared)
            .and_then(|bytes| {
                self.csv.bytes += bytes.len() as u64;
                read(&bytes, needed, optional)
            });
        table
            .map_err(|refused| {
                let name = shortened(file);
                let message = format!("`{name}` {}", refused.message);
                self.problem(path, message, &refused.limit, refused.help);
            })
            .ok()
    }
}

/// Reads the columns of a CSV file.
///
/// # Errors
/// A problem by line and column, without quoting the content.
fn read(bytes: &[u8], needed: &[&str], optional: &[&str]) -> Result<Table, Refused> {
    let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(bytes);
    let header = reader.headers().map_err(|it| malformed(&it))?.clone();
    let column = |name: &&str| header.iter().position(|column| column == *name);
    if let Some(missing) = needed.iter().find(|name| column(name).is_none()) {
        return Err(Refused {
            message: format!("has no column `{}`", shortened(missing)),
            limit: format!("a header with that column; it has {}", header.len()),
            help: "add the column, or name another",
        });
    }
    let places: Vec<Option<usize>> = needed.iter().chain(optional).map(column).collect();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|it| malformed(&it))?;
        if rows.len() == CSV_ROWS_MAX {
            return Err(Refused {
                message: "has too many rows".to_owned(),
                limit: format!("at most {CSV_ROWS_MAX} rows"),
                help: "split it",
            });
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

/// A problem with the format of a CSV file.
fn malformed(error: &csv::Error) -> Refused {
    let line = error.position().map_or(1, csv::Position::line);
    let (message, limit) = match error.kind() {
        csv::ErrorKind::Utf8 { err, .. } => (
            format!("is not UTF-8 in line {line}, column {}", err.field() + 1),
            "text in UTF-8".to_owned(),
        ),
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => (
            format!("has {len} columns in line {line}"),
            format!("{expected_len} columns, as in the header"),
        ),
        _ => (
            format!("is malformed in line {line}"),
            "a CSV file with a header".to_owned(),
        ),
    };
    Refused {
        message,
        limit,
        help: "check that it is the right file, and correct the line",
    }
}
