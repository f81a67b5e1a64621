//! A report: one page that stands alone, made of nothing but the files that a command has written. What
//! `--out` writes and what `drawdown report` makes later are therefore the same bytes.

/// What commands add to their documents.
pub(crate) mod told;

/// Reading documents of results.
pub(crate) mod read;

/// Tables of a replication and of many.
pub(crate) mod measures;

/// Tables of comparisons and buffers.
pub(crate) mod studies;

/// Tables of whatever else is in a document.
pub(crate) mod plain;

/// What was assumed, and what was published.
pub(crate) mod origins;

/// Charts, set into a page.
pub(crate) mod inline;

/// The page.
pub(crate) mod html;

use serde_json::Value;

use crate::output::report::inline::Chart;
use crate::output::report::read::{list, text, texts};
use crate::output::words;

/// Everything that stands on the page, in the order in which it is read.
pub(crate) struct Report {
    pub title: String,
    /// What was done: `one replication`, `1000 replications`.
    pub asked: String,
    pub question: Option<String>,
    /// The answer, a sentence each.
    pub findings: Vec<String>,
    /// What the answer rests on.
    pub notes: Vec<String>,
    pub charts: Vec<Chart>,
    /// Results: the main figures, then all of them.
    pub results: Vec<Section>,
    /// What was published, and what was assumed.
    pub origins: Vec<Section>,
    pub pools: Vec<String>,
    /// The command that reproduces it.
    pub reproduce: String,
    pub digests: Vec<String>,
    pub engine: String,
}

/// A part of the page.
pub(crate) struct Section {
    pub heading: String,
    /// A line below the heading.
    pub lead: String,
    pub tables: Vec<Table>,
    /// Shown only to whoever opens it.
    pub folded: Vec<Table>,
}

/// A table; a cell of the first column heads its row.
#[derive(Default)]
pub(crate) struct Table {
    pub caption: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
    /// The pool that it is about.
    pub pool: Option<String>,
}

/// What a column is called.
#[derive(Clone)]
pub(crate) struct Column {
    pub name: String,
    pub align: Align,
    /// The pool that it is about.
    pub pool: Option<String>,
}

/// Where the cells of a column stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Words,
    Numbers,
    /// Long text, which wraps early.
    Prose,
}

/// What a cell says, and what it is sorted by where that is a number.
#[derive(Clone)]
pub(crate) struct Cell {
    pub text: String,
    pub value: Option<f64>,
    /// What a pointer that rests on it is told.
    pub hint: Option<&'static str>,
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            value: None,
            hint: None,
        }
    }

    pub fn number(text: String, value: Option<f64>) -> Self {
        Self {
            text,
            value,
            hint: None,
        }
    }
}

impl Column {
    pub fn new(name: &str, align: Align) -> Self {
        Self {
            name: name.to_owned(),
            align,
            pool: None,
        }
    }
}

/// Columns of words, from names.
pub(crate) fn columns(names: &[&str], align: Align) -> Vec<Column> {
    names.iter().map(|name| Column::new(name, align)).collect()
}

/// The page of a document of results; `file` gives the text of a file that was written beside it.
///
/// # Errors
/// If the document is not one of results, or a chart is missing or not as drawdown writes it.
pub(crate) fn page(
    document: &[u8],
    file: &mut dyn FnMut(&str) -> Option<String>,
) -> Result<Vec<u8>, String> {
    let document: Value = serde_json::from_slice(document)
        .map_err(|error| format!("its results are no JSON: {error}"))?;
    let command = text(&document, "command").ok_or("its results do not say what they answer")?;
    let charts = list(&document, "charts").iter();
    let charts = charts.map(|chart| inline::chart(chart, file));
    let report = Report {
        title: text(&document, "scenario").unwrap_or_default().to_owned(),
        asked: asked(&document, command),
        question: text(&document, "question").map(str::to_owned),
        findings: texts(&document, "findings"),
        notes: texts(&document, "notes"),
        charts: charts.collect::<Result<_, _>>()?,
        results: results(&document, command),
        origins: origins::sections(&document),
        pools: read::keys(&document["targets"]),
        reproduce: text(&document, "reproduce").unwrap_or_default().to_owned(),
        digests: digests(&document),
        engine: text(&document, "engine").unwrap_or_default().to_owned(),
    };
    Ok(html::page(&report).into_bytes())
}

fn asked(document: &Value, command: &str) -> String {
    let replications = || match document["replications"].as_u64() {
        Some(n) => words::counted(n as usize, "replication"),
        None => String::new(),
    };
    match command {
        "run" => "One replication".to_owned(),
        "ensemble" => replications(),
        "compare" => "What changes would have changed".to_owned(),
        "size" => "How large a buffer lasts".to_owned(),
        other => other.to_owned(),
    }
}

fn results(document: &Value, command: &str) -> Vec<Section> {
    match command {
        "run" => measures::of_run(document),
        "ensemble" => measures::of_ensemble(document),
        "compare" => studies::of_comparison(document),
        "size" => studies::of_sizes(document),
        _ => plain::sections(document),
    }
}

/// The digest of the results, or the digests of their parts.
fn digests(document: &Value) -> Vec<String> {
    let parts = list(document, "variants").iter();
    let parts = parts.flat_map(|part| texts(part, "digests"));
    let mut digests: Vec<String> = text(document, "digest")
        .map(str::to_owned)
        .into_iter()
        .chain(parts)
        .collect();
    // Variants share their base.
    let mut seen = Vec::new();
    digests.retain(|digest| {
        let new = !seen.contains(digest);
        seen.push(digest.clone());
        new
    });
    digests
}
