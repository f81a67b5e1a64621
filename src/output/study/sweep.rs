//! The cells of a sweep: the manifest, and tables of what is shown of them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::output::study::header::{Header, Words};
use crate::output::study::{Chart, Results, Study};
use crate::output::table::{Align, Cell, Section, Table, columns};
use crate::scenario::Scenario;

/// The record of a sweep. All cells are in `sweep.csv`.
#[derive(Serialize, Deserialize)]
pub(crate) struct Record {
    tables: Vec<Shown>,
    #[serde(flatten)]
    manifest: Map<String, Value>,
}

/// What is shown of one subject.
#[derive(Serialize, Deserialize)]
pub(crate) struct Shown {
    pub subject: String,
    /// Paths of the axes, and figures.
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
    /// How many of the columns, the first, are axes.
    pub axes: usize,
}

/// The study of a sweep.
pub(crate) fn study(
    base: &Scenario,
    mut manifest: Map<String, Value>,
    tables: Vec<Shown>,
    charts: Vec<Chart>,
    words: Words,
) -> Study<'static> {
    // The header has them.
    for key in ["engine", "scenario"] {
        manifest.remove(key);
    }
    let header = Header::new(Record::COMMAND, base, words);
    Study::new(
        header,
        Record { tables, manifest },
        Vec::<Vec<u8>>::new,
        charts,
    )
}

impl Results for Record {
    const COMMAND: &'static str = "sweep";
    const TABLES: &'static [&'static str] = &[];

    fn asked(&self) -> String {
        "sweep".to_owned()
    }

    fn sections(&self, _: &Header) -> Vec<Section> {
        let tables: Vec<Table> = self.tables.iter().map(Shown::table).collect();
        let section = Section {
            heading: "Results".to_owned(),
            lead: "Intervals in brackets cover 95%.".to_owned(),
            tables,
            folded: Vec::new(),
        };
        let sections = (!self.tables.is_empty()).then_some(section);
        sections.into_iter().collect()
    }

    fn digests(&self) -> Vec<String> {
        let digest = self.manifest.get("digest").and_then(Value::as_str);
        digest.map(str::to_owned).into_iter().collect()
    }
}

impl Shown {
    fn table(&self) -> Table {
        let names: Vec<&str> = self.columns.iter().map(String::as_str).collect();
        let (axes, figures) = names.split_at(self.axes.min(names.len()));
        let mut header = columns(axes, Align::Words);
        header.extend(columns(figures, Align::Words));
        let row = |row: &Vec<String>| row.iter().map(Cell::text).collect();
        let caption = self.subject.replace('_', " ");
        Table::new(caption, header, self.rows.iter().map(row))
    }
}
