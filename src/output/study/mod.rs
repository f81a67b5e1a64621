//! Studies: what each command gives. A study is one record, which is published as JSON, and from which the
//! page is made; with it come tables (CSV) and charts. A new command adds a file here and a line to
//! `STUDIES`.

/// What all studies have in common.
pub(crate) mod header;

/// One replication.
pub(crate) mod run;

/// Many replications.
pub(crate) mod ensemble;

/// Probabilities of rare events.
pub(crate) mod rare;

/// Times until services are congested, where that is rare.
pub(crate) mod congestion;

/// The cells of a sweep.
pub(crate) mod sweep;

/// Differences between variants.
pub(crate) mod compare;

/// Sizes of buffers.
pub(crate) mod size;

/// The tables of sizes of buffers.
pub(crate) mod size_tables;

/// Unknown values from published facts.
pub(crate) mod calibrate;

/// Which values decide.
pub(crate) mod sensitivity;

/// Alternatives of a decision.
pub(crate) mod decided;

/// What more information is worth.
pub(crate) mod information;

/// Figures with both of their intervals.
pub(crate) mod unknown;

/// Measures by subject, as records hold them.
pub(crate) mod measured;

/// Titles held to their data.
mod tests;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::experiment::table as results;
use crate::output::chart::drawing::Drawing;
use crate::output::chart::names;
use crate::output::csv;
use crate::output::folder::Content;
use crate::output::json;
use crate::output::manifest::{MANIFEST, Manifest};
#[cfg(feature = "parquet")]
use crate::output::parquet_file;
use crate::output::report::{self, Report};
use crate::output::study::header::Header;
use crate::output::table::Section;

/// The file of a study's page.
pub(crate) const PAGE: &str = "report.html";

/// The file of a study's drawings, from which its page can be rendered again.
pub(crate) const DRAWINGS: &str = "charts.json";

/// The results of one command.
pub(crate) trait Results: Serialize + DeserializeOwned {
    /// The command that gives them; its document is `COMMAND.json`.
    const COMMAND: &'static str;

    /// The tables that are written beside the document.
    const TABLES: &'static [&'static str];

    /// What was done, in words: `1,000 replications`.
    fn asked(&self) -> String;

    /// The tables of the page.
    fn sections(&self, header: &Header) -> Vec<Section>;

    /// Digests of what was simulated.
    fn digests(&self) -> Vec<String> {
        Vec::new()
    }
}

/// The published record of a study.
#[derive(Serialize, Deserialize)]
struct Document<R> {
    #[serde(flatten)]
    header: Header,
    #[serde(flatten)]
    results: R,
}

/// A chart of a study.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Chart {
    /// The name of its files, without their ending.
    pub name: String,
    /// The pool that it shows.
    pub pool: Option<String>,
    pub drawing: Drawing,
}

impl Chart {
    /// Charts with the names of their files, from what each shows: its kind, of what, of which pool.
    fn named(drawn: Vec<(&str, &str, Option<String>, Drawing)>) -> Vec<Self> {
        let names = names(drawn.iter().map(|(kind, of, ..)| (*kind, *of)));
        let charts = names.into_iter().zip(drawn);
        let charts = charts.map(|(name, (_, _, pool, drawing))| Self {
            name,
            pool,
            drawing,
        });
        charts.collect()
    }
}

/// The format of tables.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Format {
    Csv,
    #[cfg(feature = "parquet")]
    Parquet,
}

impl Format {
    /// A table of results; nothing where it has no columns.
    pub fn bytes(self, table: results::Table<'_>) -> Vec<u8> {
        match self {
            Self::Csv => csv::bytes(table),
            #[cfg(feature = "parquet")]
            Self::Parquet => parquet_file::file(table),
        }
    }

    /// The name of a table's file, by that of its CSV file.
    pub fn name(self, csv: &str) -> String {
        match self {
            Self::Csv => csv.to_owned(),
            #[cfg(feature = "parquet")]
            Self::Parquet => csv.replace(".csv", ".parquet"),
        }
    }
}

/// What a command gives.
pub(crate) struct Study<'a> {
    /// The document, as JSON text.
    pub document: Vec<u8>,
    /// Contents of the tables, in the order of `Results::TABLES`.
    tables: Box<dyn Fn() -> Vec<Content<'a>> + 'a>,
    pub charts: Vec<Chart>,
    /// What was asked, if that is written beside the document.
    manifest: Option<Vec<u8>>,
    format: Format,
    kind: &'static Kind,
}

impl<'a> Study<'a> {
    /// A study of results.
    pub fn new<R: Results, T: Into<Content<'a>>>(
        mut header: Header,
        results: R,
        tables: impl Fn() -> Vec<T> + 'a,
        charts: Vec<Chart>,
    ) -> Self {
        header.charts = charts.iter().map(header::ChartFile::of).collect();
        let document = Document { header, results };
        let value = serde_json::to_value(&document).expect("a record of plain values");
        let kind = STUDIES.iter().find(|kind| kind.command == R::COMMAND);
        Self {
            document: json::text(&value),
            tables: Box::new(move || tables().into_iter().map(Into::into).collect()),
            charts,
            manifest: None,
            format: Format::Csv,
            kind: kind.expect("every study is registered"),
        }
    }

    /// The same, with a manifest beside the document.
    pub fn with_manifest(self, manifest: &Manifest) -> Self {
        let manifest = json::text(&serde_json::Value::Object(manifest.clone()));
        Self {
            manifest: Some(manifest),
            ..self
        }
    }

    /// The same, whose tables are in a format.
    pub fn in_format(self, format: Format) -> Self {
        Self { format, ..self }
    }

    /// All files of the study, by name: the document, tables, charts and the page.
    pub fn files(&self) -> Vec<(String, Content<'a>)> {
        let mut files = vec![(self.kind.document(), self.document.clone().into())];
        let tables = self.kind.tables.iter().map(|name| self.format.name(name));
        // A table of what was not asked for is left out.
        let written = tables.zip((self.tables)());
        files.extend(written.filter(|(_, table)| !table.is_empty()));
        let charts = self.charts.iter().flat_map(Chart::files);
        files.extend(charts.map(|(name, bytes)| (name, bytes.into())));
        if !self.charts.is_empty() {
            let drawings = serde_json::to_vec(&self.charts).expect("drawings of plain values");
            files.push((DRAWINGS.to_owned(), drawings.into()));
        }
        let page = (self.kind.report)(&self.document, self.charts.clone());
        let page = page.expect("a document that was just written");
        files.push((
            PAGE.to_owned(),
            report::html::page(&page).into_bytes().into(),
        ));
        let manifest = self.manifest.iter().cloned();
        files.extend(manifest.map(|it| (MANIFEST.to_owned(), it.into())));
        files
    }
}

impl Chart {
    /// The chart as files: SVG, and PNG where that is built in.
    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let svg = crate::output::chart::svg::svg(&self.drawing).into_bytes();
        let files = vec![(format!("{}.svg", self.name), svg)];
        #[cfg(feature = "png")]
        let files = {
            let png = crate::output::chart::bitmap::png(&self.drawing);
            [files, vec![(format!("{}.png", self.name), png)]].concat()
        };
        files
    }
}

/// A kind of study, as a folder of results is read.
pub(crate) struct Kind {
    pub command: &'static str,
    pub tables: &'static [&'static str],
    /// The page of a document and its charts.
    pub report: fn(&[u8], Vec<Chart>) -> Result<Report, String>,
}

impl Kind {
    const fn of<R: Results>() -> Self {
        Self {
            command: R::COMMAND,
            tables: R::TABLES,
            report: of_document::<R>,
        }
    }

    /// The name of its document.
    pub fn document(&self) -> String {
        format!("{}.json", self.command)
    }
}

/// Every kind of study.
pub(crate) const STUDIES: &[Kind] = &[
    Kind::of::<run::Record>(),
    Kind::of::<ensemble::Record>(),
    Kind::of::<rare::Record>(),
    Kind::of::<congestion::Record>(),
    Kind::of::<sweep::Record>(),
    Kind::of::<compare::Record>(),
    Kind::of::<size::Record>(),
    Kind::of::<calibrate::Record>(),
    Kind::of::<sensitivity::Record>(),
];

/// The charts in a file of drawings.
///
/// # Errors
/// If it holds something else.
pub(crate) fn drawings(file: &[u8]) -> Result<Vec<Chart>, String> {
    serde_json::from_slice(file).map_err(|error| format!("{DRAWINGS} cannot be read: {error}"))
}

/// The report of a document.
///
/// # Errors
/// If the document is not one of this command.
fn of_document<R: Results>(document: &[u8], charts: Vec<Chart>) -> Result<Report, String> {
    let document: Document<R> = serde_json::from_slice(document)
        .map_err(|error| format!("its results cannot be read: {error}"))?;
    let (header, results) = (document.header, document.results);
    let mut digests = results.digests();
    // Variants share their base.
    let mut seen = Vec::new();
    digests.retain(|digest| {
        let new = !seen.contains(digest);
        seen.push(digest.clone());
        new
    });
    Ok(Report {
        asked: results.asked(),
        results: results.sections(&header),
        digests,
        charts,
        header,
    })
}
