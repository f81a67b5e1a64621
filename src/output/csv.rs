//! Tables of comma-separated values: one header, units in the names, an absent value is empty. The
//! only file that knows `csv`.

use std::borrow::Cow;
use std::io::{self, Read, Write};
use std::iter::once;

use crate::experiment::sweep::Cell;
use crate::experiment::table::{Table, Value};
use crate::experiment::tables::{self, summary_columns};
use crate::scenario::vary::design::Plan;
use crate::stats::Estimate;

/// A number as its shortest text that reads back the same; empty where there is none.
pub(crate) fn cell(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// An estimate in three columns.
pub(crate) fn ends(estimate: Estimate) -> [String; 3] {
    [estimate.point, estimate.low, estimate.high].map(cell)
}

/// A table under its header.
pub(crate) fn table(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let header = header.iter().map(|name| (*name).to_owned()).collect();
    lines(once(header).chain(rows))
}

/// A table of results; nothing where it has no columns.
pub(crate) fn bytes(table: Table<'_>) -> Vec<u8> {
    if table.columns.is_empty() {
        return Vec::new();
    }
    let mut bytes = Vec::new();
    write(table, &mut bytes).expect("memory takes every byte");
    bytes
}

/// The same, written row by row.
pub(crate) fn write(table: Table<'_>, to: &mut dyn Write) -> io::Result<()> {
    let header = table.columns.into_iter().map(Cow::into_owned).collect();
    write_lines(once(header).chain(table.rows.map(texts)), to)
}

/// The values of a row as texts.
fn texts(row: Vec<Value<'_>>) -> Vec<String> {
    let text = |value| match value {
        Value::Text(text) => text.into_owned(),
        Value::Count(count) => count.to_string(),
        Value::Number(value) => cell(value),
    };
    row.into_iter().map(text).collect()
}

/// Columns of `sweep.csv`: the cell, the value of each axis, and those of `summary.csv`.
pub(crate) fn sweep_header<'a>(
    axes: impl Iterator<Item = &'a str>,
    uncertain: bool,
) -> Vec<&'a str> {
    once("cell")
        .chain(axes)
        .chain(summary_columns(uncertain))
        .collect()
}

/// The rows of one cell of `sweep.csv`, under no header.
pub(crate) fn sweep_rows(cell: &Cell<'_>, plan: &Plan, measures: &[&str]) -> Vec<u8> {
    lines(tables::cell(plan, cell, Some(measures)).rows.map(texts))
}

/// Records as lines, under no header. A text that a spreadsheet would run as a formula is written so that it
/// shows as text: behind a `'`, and quoted (OWASP, CSV injection).
pub(crate) fn lines(records: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_lines(records, &mut bytes).expect("memory takes every byte");
    bytes
}

fn write_lines(records: impl Iterator<Item = Vec<String>>, to: &mut dyn Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(to);
    for record in records {
        if !record.iter().any(|text| is_formula(text)) {
            writer.write_record(&record)?;
            continue;
        }
        // Quotes are the choice of a writer, so that this record has its own.
        let to = writer.into_inner().map_err(|error| error.into_error())?;
        let mut quoting = csv::WriterBuilder::new()
            .quote_style(csv::QuoteStyle::NonNumeric)
            .from_writer(to);
        quoting.write_record(record.iter().map(|text| shown(text)))?;
        let to = quoting.into_inner().map_err(|error| error.into_error())?;
        writer = csv::Writer::from_writer(to);
    }
    writer.flush()
}

/// What a spreadsheet takes for the beginning of a formula, or removes before it looks.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Whether a text begins like a formula and is no number. One that begins like the written form of such a
/// text counts too, so that reading gives every text back.
fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(FORMULA) && text.parse::<f64>().is_err()
}

/// A text as it is written.
fn shown(text: &str) -> String {
    let mark = if is_formula(text) { "'" } else { "" };
    format!("{mark}{text}")
}

/// A text as it was before it was written.
fn read_back(text: &str) -> &str {
    let rest = text.strip_prefix('\'').filter(|rest| is_formula(rest));
    rest.unwrap_or(text)
}

/// The records of a table without its header, as long as they can be read and are of one length.
pub(crate) fn records(table: impl Read) -> impl Iterator<Item = io::Result<Vec<String>>> {
    let reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(table);
    let texts = |record: csv::StringRecord| {
        let texts = record.iter().map(|text| read_back(text).to_owned());
        texts.collect()
    };
    let records = reader.into_records();
    records.map(move |record| record.map(texts).map_err(io::Error::other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_text_and_numbers_are_left_alone() {
        let hostile = "=HYPERLINK(\"x\")";
        let row = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let rows: [Vec<String>; 4] = [
            row(&[hostile, "-1.5", "-1e-9", "+3"]),
            row(&["@a", "-b", "+c", "\td"]),
            row(&["'=x", "'x", "", "r/=i"]),
            row(&["plain", "-2", "a,b", "4"]),
        ];
        let lines = lines(rows.iter().cloned());
        let text = String::from_utf8(lines.clone()).expect("UTF-8");
        assert_eq!(
            text,
            "\"'=HYPERLINK(\"\"x\"\")\",-1.5,-1e-9,+3\n\"'@a\",\"'-b\",\"'+c\",\"'\td\"\n\
             \"''=x\",\"'x\",\"\",\"r/=i\"\nplain,-2,\"a,b\",4\n"
        );
        let back: Vec<Vec<String>> = records(&lines[..])
            .collect::<io::Result<_>>()
            .expect("rows");
        assert_eq!(back, rows);
    }
}
