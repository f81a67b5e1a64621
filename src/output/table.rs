//! Tables of results, whatever shows them: a terminal, a page.

use crate::experiment::measure::Measure;
use crate::output::words;
use crate::stats::Estimate;

/// A part of a page: a heading, and tables below it.
pub(crate) struct Section {
    pub heading: String,
    /// A line below the heading.
    pub lead: String,
    pub tables: Vec<Table>,
    /// Folded until they are opened.
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

/// How the cells of a column are aligned.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Words,
    Numbers,
    /// Long text, which wraps early.
    Prose,
}

/// What a cell shows, and what it is sorted by where that is a number.
#[derive(Clone)]
pub(crate) struct Cell {
    pub text: String,
    pub value: Option<f64>,
    /// An explanation for readers who ask for one.
    pub hint: Option<&'static str>,
}

impl Cell {
    /// A cell of words.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            value: None,
            hint: None,
        }
    }

    /// A cell of words, where there are any.
    pub fn some(text: Option<&str>) -> Self {
        Self::text(text.unwrap_or(words::NONE))
    }

    /// The name of a measure, and its meaning.
    pub fn measure(measure: &Measure) -> Self {
        Self {
            hint: Some(measure.meaning),
            ..Self::text(measure.name)
        }
    }

    /// A number in its unit.
    pub fn number(value: Option<f64>, unit: &str) -> Self {
        Self {
            text: words::some(value, unit),
            value,
            hint: None,
        }
    }

    /// An estimate with its interval, or what is shown where there is none.
    pub fn estimate(estimate: Estimate, unit: &str, missing: &str) -> Self {
        Self {
            text: words::estimate(estimate, unit, missing),
            value: estimate.point,
            hint: None,
        }
    }
}

impl Column {
    /// A column of a table.
    pub fn new(name: &str, align: Align) -> Self {
        Self {
            name: name.to_owned(),
            align,
            pool: None,
        }
    }
}

impl Table {
    /// A table that is about no one pool.
    pub fn new(
        caption: impl Into<String>,
        columns: Vec<Column>,
        rows: impl IntoIterator<Item = Vec<Cell>>,
    ) -> Self {
        Self {
            caption: caption.into(),
            columns,
            rows: rows.into_iter().collect(),
            pool: None,
        }
    }

    /// A table of words, if it has rows.
    pub fn of_words<const N: usize>(
        caption: &str,
        columns: &[(&str, Align); N],
        rows: impl IntoIterator<Item = [Cell; N]>,
    ) -> Option<Self> {
        let rows: Vec<Vec<Cell>> = rows.into_iter().map(Into::into).collect();
        let columns = columns
            .iter()
            .map(|(name, align)| Column::new(name, *align));
        (!rows.is_empty()).then(|| Self::new(caption, columns.collect(), rows))
    }

    /// The same, where the first column has words and the others have numbers.
    pub fn of_numbers<const N: usize>(
        caption: &str,
        columns: [&str; N],
        rows: impl IntoIterator<Item = [Cell; N]>,
    ) -> Option<Self> {
        let mut columns = columns.map(|name| (name, Align::Numbers));
        columns[0].1 = Align::Words;
        Self::of_words(caption, &columns, rows)
    }
}

/// Columns from names.
pub(crate) fn columns(names: &[&str], align: Align) -> Vec<Column> {
    names.iter().map(|name| Column::new(name, align)).collect()
}

/// The unit of a measure as a table states it: a duration has its units in it, and a share is in percent.
pub(crate) fn unit(measure: &Measure) -> &'static str {
    match measure.unit {
        "s" => "duration",
        "share" => "%",
        unit => unit,
    }
}
