//! Tables of whatever else is in a document: each list of records becomes one, a column for each of their
//! values. A command whose results are such lists needs no code of its own here.

use serde_json::Value;

use crate::output::report::read::{interval, number};
use crate::output::report::{Align, Cell, Column, Section, Table};
use crate::output::words;

/// Keys that stand elsewhere on the page.
const ELSEWHERE: [&str; 8] = [
    "assumptions",
    "axes",
    "charts",
    "findings",
    "notes",
    "observed",
    "sources",
    "undeclared",
];

/// The lists of records in a document.
pub(crate) fn sections(document: &Value) -> Vec<Section> {
    let parts = document.as_object().into_iter().flatten();
    let parts = parts.filter(|(key, _)| !ELSEWHERE.contains(&key.as_str()));
    let tables = parts.filter_map(|(key, value)| {
        let records: Vec<&Value> = value.as_array()?.iter().collect();
        let records = records.iter().all(|it| it.is_object()).then_some(records)?;
        (!records.is_empty()).then(|| table(key, &records))
    });
    let tables: Vec<Table> = tables.collect();
    if tables.is_empty() {
        return Vec::new();
    }
    vec![Section {
        heading: "Results".to_owned(),
        lead: "Intervals in brackets cover 95\u{a0}%.".to_owned(),
        tables,
        folded: Vec::new(),
    }]
}

fn table(caption: &str, records: &[&Value]) -> Table {
    let mut columns: Vec<Column> = Vec::new();
    for (key, value) in records.iter().filter_map(|it| it.as_object()).flatten() {
        let estimate = value.get("point").is_some();
        let align = match value {
            Value::String(_) | Value::Bool(_) => Align::Words,
            Value::Number(_) => Align::Numbers,
            Value::Object(_) if estimate => Align::Numbers,
            _ => continue,
        };
        if columns.iter().all(|column| column.name != *key) {
            columns.push(Column::new(key, align));
        }
    }
    // What a record is about, a path among it, comes before what was found of it.
    columns.sort_by_key(|column| (column.align == Align::Numbers, !column.name.contains('.')));
    let row = |record: &&Value| -> Vec<Cell> {
        let cells = columns.iter().map(|column| cell(&column.name, record));
        cells.collect()
    };
    Table {
        caption: caption.replace('_', " "),
        rows: records.iter().map(row).collect(),
        columns,
        pool: None,
    }
}

fn cell(key: &str, record: &Value) -> Cell {
    // Names end in their units.
    let unit = match key.rsplit('_').find(|part| ["s", "share"].contains(part)) {
        Some("s") => "s",
        Some(_) => "share",
        None => "",
    };
    match &record[key] {
        Value::String(text) => Cell::text(&text[..]),
        Value::Bool(holds) => Cell::text(if *holds { "yes" } else { "no" }),
        value if value.is_object() => interval(value, unit, words::NONE),
        value => number(value, unit),
    }
}
