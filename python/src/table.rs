//! Tables of results, as Arrow.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, RecordBatchIterator,
    StringArray,
};
use arrow_schema::{DataType, Field, Metadata, Schema};
use drawdown::measure::Measure;
use drawdown::tables::{self, Value};
use pyo3::exceptions::{PyImportError, PyKeyError};
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyCapsule, PyDict, PyList, PyString};

use crate::error::fault;

/// Rows that are shown of a table.
const SHOWN_MAX: usize = 20;

/// A table of results: the columns of the file of the same name that the command writes, with units in their
/// names. What is missing is null. pandas, polars, pyarrow and DuckDB read it by `__arrow_c_stream__`.
#[pyclass(frozen, module = "drawdown")]
#[derive(Clone)]
pub struct Table {
    batch: RecordBatch,
}

/// The values of one column.
enum Column {
    Texts(Vec<Option<String>>),
    Counts(Vec<i64>),
    Numbers(Vec<Option<f64>>),
    Flags(Vec<bool>),
}

impl Column {
    fn push(&mut self, value: Value<'_>) {
        match (self, value) {
            (Self::Texts(texts), Value::Text(text)) => {
                texts.push((!text.is_empty()).then(|| text.into_owned()));
            }
            (Self::Counts(counts), Value::Count(count)) => counts.push(count as i64),
            (Self::Numbers(numbers), Value::Number(number)) => numbers.push(number),
            _ => unreachable!("the values of a column are all of one kind"),
        }
    }

    fn of(value: &Value<'_>) -> Self {
        match value {
            Value::Count(_) => Self::Counts(Vec::new()),
            Value::Number(_) => Self::Numbers(Vec::new()),
            _ => Self::Texts(Vec::new()),
        }
    }

    /// Texts that are all numbers, as numbers: whole ones where all of them are.
    fn parsed(self) -> Self {
        let Self::Texts(texts) = self else {
            return self;
        };
        let whole = |text: &Option<String>| text.as_ref()?.parse().ok();
        let number = |text: &Option<String>| {
            text.as_ref()?
                .parse()
                .ok()
                .filter(|it: &f64| it.is_finite())
        };
        if let Some(counts) = texts.iter().map(whole).collect::<Option<Vec<i64>>>() {
            return Self::Counts(counts);
        }
        let numbers = texts.iter().map(|text| number(text).map(Some));
        match numbers.collect::<Option<Vec<_>>>() {
            Some(numbers) => Self::Numbers(numbers),
            None => Self::Texts(texts),
        }
    }

    fn array(self) -> ArrayRef {
        match self {
            Self::Texts(texts) => Arc::new(StringArray::from(texts)),
            Self::Counts(counts) => Arc::new(Int64Array::from(counts)),
            Self::Numbers(numbers) => Arc::new(Float64Array::from(numbers)),
            Self::Flags(flags) => Arc::new(BooleanArray::from(flags)),
        }
    }
}

/// Columns under their names, from tables with the same columns.
#[derive(Default)]
pub struct Columns {
    names: Vec<String>,
    columns: Vec<Column>,
}

impl Columns {
    /// The columns of a table.
    pub fn of(table: tables::Table<'_>) -> Self {
        let mut all = Self::default();
        all.add(table);
        all
    }

    /// Adds the rows of a table with the same columns.
    pub fn add(&mut self, table: tables::Table<'_>) {
        if self.names.is_empty() {
            self.names = table.columns.into_iter().map(Into::into).collect();
        }
        for row in table.rows {
            self.push(row);
        }
    }

    /// Rows under names.
    pub fn of_rows(names: &[&str], rows: Vec<Vec<Value<'_>>>) -> Self {
        let mut all = Self {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            columns: Vec::new(),
        };
        for row in rows {
            all.push(row);
        }
        all
    }

    fn push(&mut self, row: Vec<Value<'_>>) {
        if self.columns.is_empty() {
            self.columns = row.iter().map(Column::of).collect();
        }
        for (column, value) in self.columns.iter_mut().zip(row) {
            column.push(value);
        }
    }

    /// The same, with a column of counts as flags: whether each is not 0.
    pub fn flags(mut self, name: &str) -> Self {
        let columns = self.names.iter().zip(&mut self.columns);
        for (_, column) in columns.filter(|(own, _)| *own == name) {
            if let Column::Counts(counts) = column {
                *column = Column::Flags(counts.iter().map(|count| *count != 0).collect());
            }
        }
        self
    }

    /// Adds the rows of others with the same columns.
    pub fn join(&mut self, other: Self) {
        if self.columns.is_empty() {
            *self = other;
            return;
        }
        for pair in self.columns.iter_mut().zip(other.columns) {
            match pair {
                (Column::Texts(own), Column::Texts(more)) => own.extend(more),
                (Column::Counts(own), Column::Counts(more)) => own.extend(more),
                (Column::Numbers(own), Column::Numbers(more)) => own.extend(more),
                _ => unreachable!("the values of a column are all of one kind"),
            }
        }
    }

    /// The same, with the columns of these names as numbers where all their texts are numbers.
    pub fn parsed(mut self, names: &[String]) -> Self {
        let columns = self.names.iter().zip(self.columns);
        self.columns = columns
            .map(|(name, column)| match names.contains(name) {
                true => column.parsed(),
                false => column,
            })
            .collect();
        self
    }

    /// The table.
    pub fn table(self) -> PyResult<Table> {
        // A table without rows does not say what its columns hold.
        let empty = || Column::Texts(Vec::new());
        let mut columns = self.columns;
        columns.resize_with(self.names.len(), empty);
        let arrays: Vec<ArrayRef> = columns.into_iter().map(Column::array).collect();
        let fields = self.names.iter().zip(&arrays);
        let fields: Vec<Field> = fields
            .map(|(name, array)| field(name, array.data_type()))
            .collect();
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays);
        let batch = batch.map_err(|error| fault(&error.to_string()))?;
        Ok(Table { batch })
    }
}

/// A column's name and type; of a measure, also its unit and meaning.
fn field(name: &str, data_type: &DataType) -> Field {
    let field = Field::new(name, data_type.clone(), true);
    let own = name.rsplit(':').next().unwrap_or(name);
    match Measure::find(own) {
        Ok(measure) => {
            let known = [("unit", measure.unit), ("meaning", measure.meaning)];
            let known = known.map(|(key, text)| (key.to_owned(), text.to_owned()));
            field.with_metadata(known.into_iter().collect::<Metadata>())
        }
        Err(_) => field,
    }
}

impl Table {
    /// A table of the library.
    pub fn new(table: tables::Table<'_>) -> PyResult<Self> {
        Columns::of(table).table()
    }

    /// A table from columns of texts under their names.
    pub fn of_texts(columns: Vec<(String, Vec<Option<String>>)>) -> PyResult<Self> {
        let (names, columns) = columns.into_iter().unzip();
        let columns: Vec<Vec<Option<String>>> = columns;
        let columns = columns
            .into_iter()
            .map(|texts| Column::Texts(texts).parsed());
        Columns {
            names,
            columns: columns.collect(),
        }
        .table()
    }

    /// The same, with a column of texts as numbers where all of them are.
    pub fn with_numbers(mut self, name: &str) -> PyResult<Self> {
        let schema = self.batch.schema();
        let Ok(place) = schema.index_of(name) else {
            return Ok(self);
        };
        let texts = self.batch.column(place).as_string::<i32>().iter();
        let texts = texts.map(|text| text.map(str::to_owned)).collect();
        let mut arrays = self.batch.columns().to_vec();
        arrays[place] = Column::Texts(texts).parsed().array();
        let fields = schema.fields().iter().zip(&arrays);
        let fields: Vec<Field> = fields
            .map(|(own, array)| field(own.name(), array.data_type()))
            .collect();
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays);
        self.batch = batch.map_err(|error| fault(&error.to_string()))?;
        Ok(self)
    }

    /// The rows of a column as text.
    fn texts(&self, column: usize, rows: usize) -> Vec<String> {
        let array = self.batch.column(column);
        let text = |row: usize| {
            if array.is_null(row) {
                return String::new();
            }
            match array.data_type() {
                DataType::Float64 => shown(array.as_primitive::<Float64Type>().value(row)),
                DataType::Int64 => array.as_primitive::<Int64Type>().value(row).to_string(),
                DataType::Boolean => array.as_boolean().value(row).to_string(),
                _ => array.as_string::<i32>().value(row).to_owned(),
            }
        };
        (0..rows).map(text).collect()
    }

    fn numpy<'py>(&self, py: Python<'py>, column: usize) -> PyResult<Bound<'py, PyAny>> {
        let array = self.batch.column(column);
        match array.data_type() {
            DataType::Float64 => {
                let numbers = array.as_primitive::<Float64Type>();
                numbers_of(py, numbers.iter().map(|it| it.unwrap_or(f64::NAN)))
            }
            DataType::Int64 => {
                let counts = array.as_primitive::<Int64Type>().values();
                numpy(py, counts.iter().map(|count| count.to_ne_bytes()), "int64")
            }
            DataType::Boolean => {
                let flags = array.as_boolean().iter();
                numpy(py, flags.map(|flag| [flag.unwrap_or(false).into()]), "bool")
            }
            _ => {
                let texts = array.as_string::<i32>();
                let mut known: BTreeMap<&str, Bound<'py, PyString>> = BTreeMap::new();
                let list = PyList::empty(py);
                for text in texts {
                    match text {
                        Some(text) => {
                            let made = known.entry(text);
                            list.append(&*made.or_insert_with(|| PyString::new(py, text)))?;
                        }
                        None => list.append(py.None())?,
                    }
                }
                Ok(list.into_any())
            }
        }
    }
}

/// A number with six digits, for people.
fn shown(number: f64) -> String {
    let magnitude = number.abs();
    if magnitude != 0.0 && !(1e-4..1e15).contains(&magnitude) {
        return format!("{number:.5e}");
    }
    let whole = (magnitude as u64).to_string().len();
    let text = format!("{number:.*}", 6_usize.saturating_sub(whole));
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// Numbers as an array of NumPy.
pub fn numbers_of(
    py: Python<'_>,
    numbers: impl ExactSizeIterator<Item = f64>,
) -> PyResult<Bound<'_, PyAny>> {
    numpy(py, numbers.map(f64::to_ne_bytes), "float64")
}

/// An array of NumPy that owns its memory and can be written to, from the bytes of its values.
fn numpy<'py, const N: usize>(
    py: Python<'py>,
    values: impl ExactSizeIterator<Item = [u8; N]>,
    dtype: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let bytes = PyByteArray::new_with(py, N * values.len(), |bytes| {
        for (place, value) in bytes.chunks_exact_mut(N).zip(values) {
            place.copy_from_slice(&value);
        }
        Ok(())
    })?;
    needed(py, "numpy")?.call_method1("frombuffer", (bytes, dtype))
}

/// A package that is not a part of this one.
fn needed<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyModule>> {
    py.import(name).map_err(|error| {
        if !error.is_instance_of::<PyImportError>(py) {
            return error;
        }
        let text = format!("{name} is not installed\n  help: `pip install {name}`");
        PyImportError::new_err(text)
    })
}

#[pymethods]
impl Table {
    /// Names of the columns.
    #[getter]
    fn columns(&self) -> Vec<String> {
        let schema = self.batch.schema();
        schema.fields().iter().map(|it| it.name().clone()).collect()
    }

    fn __len__(&self) -> usize {
        self.batch.num_rows()
    }

    /// A column: an array of NumPy, with NaN where a number is missing; a list of texts, with None.
    fn __getitem__<'py>(&self, py: Python<'py>, column: &str) -> PyResult<Bound<'py, PyAny>> {
        let place = self.batch.schema().index_of(column).map_err(|_| {
            let names = self.columns().join("`, `");
            PyKeyError::new_err(format!(
                "there is no column `{column}`\n  help: there are `{names}`"
            ))
        })?;
        self.numpy(py, place)
    }

    /// The Arrow PyCapsule interface.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // A consumer casts what it wants to have otherwise.
        let _ = requested_schema;
        let batches = RecordBatchIterator::new([Ok(self.batch.clone())], self.batch.schema());
        let stream = FFI_ArrowArrayStream::new(Box::new(batches));
        PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
    }

    /// The table as `pyarrow.Table`.
    fn to_arrow<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        needed(slf.py(), "pyarrow")?.call_method1("table", (slf,))
    }

    /// The table as `pandas.DataFrame`; a number that is missing is NaN.
    fn to_pandas<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let pandas = needed(py, "pandas")?;
        let columns = PyDict::new(py);
        for (place, name) in self.columns().iter().enumerate() {
            columns.set_item(name, self.numpy(py, place)?)?;
        }
        pandas.call_method1("DataFrame", (columns,))
    }

    /// The table as `polars.DataFrame`.
    fn to_polars<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        needed(slf.py(), "polars")?.call_method1("DataFrame", (slf,))
    }

    fn __repr__(&self) -> String {
        let (rows, columns) = (self.batch.num_rows(), self.batch.num_columns());
        let names = self.columns().join(", ");
        format!("<drawdown.Table of {rows} rows and {columns} columns: {names}>")
    }

    fn _repr_html_(&self) -> String {
        let rows = self.batch.num_rows();
        let first = rows.min(SHOWN_MAX);
        let texts: Vec<Vec<String>> = (0..self.batch.num_columns())
            .map(|column| self.texts(column, first))
            .collect();
        let cell = |tag: &str, text: &str| format!("<{tag}>{}</{tag}>", escaped(text));
        let mut html = String::from("<table><thead><tr>");
        html.extend(self.columns().iter().map(|name| cell("th", name)));
        html += "</tr></thead><tbody>";
        for row in 0..first {
            html += "<tr>";
            html.extend(texts.iter().map(|column| cell("td", &column[row])));
            html += "</tr>";
        }
        html += "</tbody></table>";
        if first < rows {
            html += &format!("<p>The first {first} of {rows} rows.</p>");
        }
        html
    }
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}
