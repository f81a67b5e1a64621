//! A table: named columns with their units in the names, and rows under them. Knows no file format.

use std::borrow::Cow;

use crate::stats::Estimate;

/// A table, whose rows are made as they are asked for.
#[non_exhaustive]
pub struct Table<'a> {
    /// Names of the columns.
    pub columns: Vec<Cow<'a, str>>,
    /// Rows, each with a value for each column. The values of a column are all of one kind.
    pub rows: Box<dyn Iterator<Item = Vec<Value<'a>>> + 'a>,
}

/// A value of a table.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum Value<'a> {
    /// A text; empty where there is none.
    Text(Cow<'a, str>),
    /// A count, or a place.
    Count(u64),
    /// A number in the unit that the column names, or that the column `unit` has; absent where there is none.
    Number(Option<f64>),
}

impl<'a> Table<'a> {
    pub(crate) fn new(
        columns: impl IntoIterator<Item = impl Into<Cow<'a, str>>>,
        rows: impl Iterator<Item = Vec<Value<'a>>> + 'a,
    ) -> Self {
        Self {
            columns: columns.into_iter().map(Into::into).collect(),
            rows: Box::new(rows),
        }
    }

    /// The rows of several tables with the same columns; no column where there is no table.
    pub(crate) fn joined(tables: impl IntoIterator<Item = Self>) -> Self {
        let (mut columns, mut rows) = (Vec::new(), Vec::new());
        for table in tables {
            columns = table.columns;
            rows.push(table.rows);
        }
        Self {
            columns,
            rows: Box::new(rows.into_iter().flatten()),
        }
    }
}

/// A text as a value.
pub(crate) fn text<'a>(text: impl Into<Cow<'a, str>>) -> Value<'a> {
    Value::Text(text.into())
}

/// An estimate in three columns.
pub(crate) fn ends<'a>(estimate: Estimate) -> [Value<'a>; 3] {
    [estimate.point, estimate.low, estimate.high].map(Value::Number)
}

/// The names of the columns of an estimate.
pub(crate) fn estimate(name: &str) -> [String; 3] {
    ["", "_low", "_high"].map(|end| format!("{name}{end}"))
}
