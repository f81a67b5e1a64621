//! What is written of a sweep: a manifest that says what was asked, and rows of each finished cell.

use std::collections::BTreeSet;
use std::io;

use serde_json::{Map, Value, json};

use crate::experiment::digests::folded;
use crate::experiment::sweep::Cell;
#[cfg(feature = "parquet")]
use crate::experiment::table::Value as Typed;
use crate::kernel::random::{HASH, Seed, hashed, hashed_bytes};
use crate::output::csv::{records, sweep_rows};
use crate::output::json as documents;
use crate::scenario::vary::design::{Design, Plan};
use crate::stats::Estimate;

/// What a sweep was asked, in the words of its manifest.
pub(crate) fn manifest(
    plan: &Plan,
    replications: usize,
    seed: Seed,
    (measures, piece): (&[&str], usize),
) -> Map<String, Value> {
    let cells: Vec<Vec<String>> = (0..plan.len()).map(|cell| plan.values(cell)).collect();
    let axes = plan.axes.iter().enumerate().map(|(place, axis)| {
        let mut seen = BTreeSet::new();
        let values = cells.iter().map(|values| values[place].as_str());
        let values: Vec<&str> = values.filter(|value| seen.insert(*value)).collect();
        json!({"path": axis.path, "values": values})
    });
    let design = match plan.design {
        Design::Grid => "grid",
        Design::LatinHypercube(_) => "latin_hypercube",
        Design::Sobol(_) => "sobol",
    };
    let fields = [
        ("engine", json!(documents::ENGINE)),
        ("scenario", json!(plan.template.base.name)),
        (
            "scenario_digest",
            json!(documents::digest(plan.template.digest())),
        ),
        ("seed", json!(seed.0)),
        ("replications", json!(replications)),
        ("axes", Value::Array(axes.collect())),
        ("design", json!(design)),
        ("constraints", json!(plan.constraints)),
        ("measures", json!(measures)),
        ("cells", json!(plan.len())),
        ("piece", json!(piece)),
        ("complete", json!(false)),
    ];
    fields
        .map(|(key, value)| (key.to_owned(), value))
        .into_iter()
        .collect()
}

/// What a finished cell leaves.
#[derive(Clone, Debug, Default)]
pub(crate) struct Finished {
    rows: Vec<u8>,
    totals: Totals,
}

/// What was simulated, over one cell or all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Totals {
    pub events: u64,
    /// Replications that spent their budget of events before the horizon.
    pub budget_spent: u64,
    pub digest: u64,
}

impl Totals {
    /// Adds a cell; they come in their order.
    pub fn add(&mut self, cell: &Self) {
        self.events += cell.events;
        self.budget_spent += cell.budget_spent;
        self.digest = folded(self.digest, cell.digest);
    }

    /// What the manifest of a finished sweep says.
    pub fn of(manifest: &Map<String, Value>) -> Option<Self> {
        let count = |key| manifest.get(key).and_then(Value::as_u64);
        let digest = manifest.get("digest").and_then(Value::as_str)?;
        Some(Self {
            events: count("events")?,
            budget_spent: count("budget_spent")?,
            digest: u64::from_str_radix(digest, 16).ok()?,
        })
    }
}

impl Finished {
    /// What is kept of a cell: its rows of these measures.
    pub fn of(cell: &Cell<'_>, plan: &Plan, measures: &[&str]) -> Self {
        let ensemble = &cell.ensemble;
        Self {
            rows: sweep_rows(cell, plan, measures),
            totals: Totals {
                events: ensemble.events,
                budget_spent: ensemble.budget_spent as u64,
                digest: ensemble.digest,
            },
        }
    }

    /// Its rows, as lines.
    pub fn rows(&self) -> &[u8] {
        &self.rows
    }

    /// What was simulated.
    pub fn totals(&self) -> &Totals {
        &self.totals
    }

    /// Its file: the rows, and a last line that says how many they are, what was run, and a checksum of all
    /// that and of which cell it is, of the sweep that was asked what has the digest `key`.
    pub fn file(&self, cell: usize, key: u64) -> Vec<u8> {
        let Totals {
            events,
            budget_spent,
            digest,
        } = self.totals;
        let (rows, digest) = (records(&self.rows[..]).count(), documents::digest(digest));
        let last = format!("end,{rows},{events},{budget_spent},{digest}");
        let sum = checksum((key, cell), &self.rows, &last);
        let last = format!("{last},{}\n", documents::digest(sum));
        [&self.rows[..], last.as_bytes()].concat()
    }

    /// A cell from its file, if that is whole and unchanged.
    pub fn read(cell: usize, key: u64, file: &[u8]) -> Option<Self> {
        let lines = file.strip_suffix(b"\n")?;
        let begins = lines
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |end| end + 1);
        let last = std::str::from_utf8(&lines[begins..]).ok()?;
        let (last, sum) = last.rsplit_once(',')?;
        if documents::digest(checksum((key, cell), &file[..begins], last)) != sum {
            return None;
        }
        let ["end", rows, events, budget_spent, digest] = last.split(',').collect::<Vec<_>>()[..]
        else {
            return None;
        };
        let finished = Self {
            rows: file[..begins].to_vec(),
            totals: Totals {
                events: events.parse().ok()?,
                budget_spent: budget_spent.parse().ok()?,
                digest: u64::from_str_radix(digest, 16).ok()?,
            },
        };
        let records = records(&finished.rows[..]).collect::<io::Result<Vec<_>>>();
        let rows: usize = rows.parse().ok()?;
        (records.ok()?.len() == rows).then_some(finished)
    }
}

/// A checksum of a cell's file: its sweep, its number, its rows, and the beginning of its last line.
fn checksum((key, cell): (u64, usize), rows: &[u8], last: &str) -> u64 {
    let begin = hashed(HASH, &format!("{key},{cell}"));
    hashed(hashed_bytes(begin, rows), last)
}

/// A row of `sweep.csv`.
pub(crate) struct Row<'a> {
    header: &'a [String],
    record: &'a [String],
    pub cell: usize,
    /// Columns of axes.
    axes: usize,
}

impl<'a> Row<'a> {
    /// The row of a record, if it is one.
    pub fn read(header: &'a [String], record: &'a [String]) -> Option<Self> {
        let cell = record.first()?.parse().ok()?;
        let axes = header.iter().rposition(|name| name == "kind")?;
        let axes = axes.checked_sub(1)?;
        (header.len() == record.len()).then_some(Self {
            header,
            record,
            cell,
            axes,
        })
    }

    /// The value of each axis.
    pub fn values(&self) -> &'a [String] {
        &self.record[1..=self.axes]
    }

    /// Kind and name of what was measured, the measure and its unit.
    pub fn texts(&self) -> [&'a str; 4] {
        [1, 2, 3, 4].map(|place| self.record[self.axes + place].as_str())
    }

    /// An estimate by the column of its point.
    ///
    /// # Panics
    /// If there is no such column.
    pub fn estimate(&self, name: &str) -> Estimate {
        let columns = &self.header[self.axes + 1..];
        let place = columns.iter().position(|column| column == name);
        let place = self.axes + 1 + place.unwrap_or_else(|| panic!("there is no column `{name}`"));
        let [point, low, high] = [0, 1, 2].map(|it| self.record[place + it].parse().ok());
        let n = self.record[self.axes + 6].parse().unwrap_or_default();
        Estimate {
            point,
            low,
            high,
            n,
        }
    }

    /// Where a figure lies for values that are not known, by the column of its point.
    pub fn ignorance(&self, name: &str) -> Option<[f64; 2]> {
        let end = |end: &str| {
            let name = format!("{name}_ignorance_{end}");
            let place = self.header.iter().rposition(|column| *column == name)?;
            self.record[place].parse().ok()
        };
        Some([end("low")?, end("high")?])
    }

    /// The row as values: a count for the cell, texts for axes and names, then counts and numbers.
    #[cfg(feature = "parquet")]
    pub fn typed(&self) -> Vec<Typed<'a>> {
        let count = |text: &str| Typed::Count(text.parse().unwrap_or_default());
        let fields = self.record.iter().enumerate().skip(1);
        let rest = fields.map(|(place, field)| match place.checked_sub(self.axes + 1) {
            None | Some(0..4) => Typed::Text(field.into()),
            Some(4 | 5) => count(field),
            Some(_) => Typed::Number(field.parse().ok()),
        });
        std::iter::once(Typed::Count(self.cell as u64))
            .chain(rest)
            .collect()
    }

    /// The row as JSON: axes by path, texts, and numbers, `null` where there is none.
    pub fn document(&self) -> Value {
        let text = |text: &String| match text.parse::<f64>() {
            Ok(number) if number.is_finite() => match text.parse::<u64>() {
                Ok(whole) => json!(whole),
                Err(_) => json!(number),
            },
            _ => json!(text),
        };
        let axes = self.header[1..=self.axes].iter().cloned();
        let axes: Map<String, Value> = axes.zip(self.values().iter().map(text)).collect();
        let rest = self.header.iter().zip(self.record).skip(self.axes + 1);
        let mut row: Map<String, Value> = rest
            .enumerate()
            .map(|(place, (name, field))| {
                let value = match (place < 4, field.is_empty()) {
                    (true, _) => json!(field),
                    (false, true) => Value::Null,
                    (false, false) => text(field),
                };
                (name.clone(), value)
            })
            .collect();
        row.insert("cell".to_owned(), json!(self.cell));
        row.insert("axes".to_owned(), Value::Object(axes));
        Value::Object(row)
    }
}
