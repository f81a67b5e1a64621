//! Tables as Parquet: the columns of the CSV files under the same names, with units and meanings as metadata of fields.
//! The only file that knows `parquet` and Arrow.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, UInt64Array};
use arrow_schema::{DataType, Field, Metadata, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::experiment::measure::Measure;
use crate::experiment::table::{Table, Value};
use crate::output::json::ENGINE;

/// Rows of a group, which is the most that is in memory besides what is written.
const GROUP: usize = 1 << 16;

/// The values of one column of a group.
enum Column {
    Texts(Vec<Option<String>>),
    Counts(Vec<u64>),
    Numbers(Vec<Option<f64>>),
}

impl Column {
    /// A column for values like this.
    fn of(value: &Value<'_>) -> Self {
        match value {
            Value::Text(_) => Self::Texts(Vec::new()),
            Value::Count(_) => Self::Counts(Vec::new()),
            Value::Number(_) => Self::Numbers(Vec::new()),
        }
    }

    fn push(&mut self, value: Value<'_>) {
        match (self, value) {
            (Self::Texts(texts), Value::Text(text)) => {
                texts.push((!text.is_empty()).then(|| text.into_owned()));
            }
            (Self::Counts(counts), Value::Count(count)) => counts.push(count),
            (Self::Numbers(numbers), Value::Number(number)) => numbers.push(number),
            _ => unreachable!("the values of a column are all of one kind"),
        }
    }

    /// Its type, and whether values can be absent.
    fn data_type(&self) -> (DataType, bool) {
        match self {
            Self::Texts(_) => (DataType::Utf8, true),
            Self::Counts(_) => (DataType::UInt64, false),
            Self::Numbers(_) => (DataType::Float64, true),
        }
    }

    /// The values, of which none are left.
    fn take(&mut self) -> ArrayRef {
        match self {
            Self::Texts(texts) => Arc::new(StringArray::from(std::mem::take(texts))),
            Self::Counts(counts) => Arc::new(UInt64Array::from(std::mem::take(counts))),
            Self::Numbers(numbers) => Arc::new(Float64Array::from(std::mem::take(numbers))),
        }
    }
}

/// A table that is written row by row, in memory.
pub(crate) struct Writer {
    names: Vec<String>,
    columns: Vec<Column>,
    rows: usize,
    to: Option<(Arc<Schema>, ArrowWriter<Vec<u8>>)>,
}

impl Writer {
    /// A table with columns of these names. The first row says what they hold.
    pub fn new(names: Vec<String>) -> Self {
        Self {
            names,
            columns: Vec::new(),
            rows: 0,
            to: None,
        }
    }

    /// Adds a row, with a value for each column.
    pub fn push(&mut self, row: Vec<Value<'_>>) {
        if self.columns.is_empty() {
            self.columns = row.iter().map(Column::of).collect();
        }
        for (column, value) in self.columns.iter_mut().zip(row) {
            column.push(value);
        }
        self.rows += 1;
        if self.rows.is_multiple_of(GROUP) {
            self.write();
        }
    }

    fn write(&mut self) {
        let (schema, writer) = self
            .to
            .get_or_insert_with(|| begin(&self.names, &self.columns));
        let arrays = self.columns.iter_mut().map(Column::take).collect();
        let batch = RecordBatch::try_new(Arc::clone(schema), arrays);
        let batch = batch.expect("columns of one length");
        writer.write(&batch).expect("memory takes every byte");
        writer.flush().expect("memory takes every byte");
    }

    /// The file.
    pub fn end(mut self) -> Vec<u8> {
        let none = || Column::Texts(Vec::new());
        self.columns.resize_with(self.names.len(), none);
        self.write();
        let (_, writer) = self.to.expect("it was begun");
        writer.into_inner().expect("memory takes every byte")
    }
}

fn begin(names: &[String], columns: &[Column]) -> (Arc<Schema>, ArrowWriter<Vec<u8>>) {
    let fields = names.iter().zip(columns).map(|(name, column)| {
        let (data_type, nullable) = column.data_type();
        Field::new(name, data_type, nullable).with_metadata(metadata(name))
    });
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by(ENGINE.to_owned())
        .build();
    let writer = ArrowWriter::try_new(Vec::new(), Arc::clone(&schema), Some(properties));
    (schema, writer.expect("types that Parquet has"))
}

/// Unit and meaning of the measure that a column has, if it has one.
fn metadata(name: &str) -> Metadata {
    let own = name.rsplit(':').next().unwrap_or(name);
    let known = Measure::find(own).map(|it| [("unit", it.unit), ("meaning", it.meaning)]);
    let known = known.into_iter().flatten();
    known
        .map(|(key, text)| (key.to_owned(), text.to_owned()))
        .collect()
}

/// A table of results; nothing where it has no columns.
pub(crate) fn file(table: Table<'_>) -> Vec<u8> {
    if table.columns.is_empty() {
        return Vec::new();
    }
    let names = table.columns.into_iter().map(Into::into).collect();
    let mut writer = Writer::new(names);
    table.rows.for_each(|row| writer.push(row));
    writer.end()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field as Read;

    use super::*;
    use crate::experiment::ensemble::ensemble;
    use crate::experiment::replications::Replications;
    use crate::experiment::tables;
    use crate::kernel::random::Seed;
    use crate::output::csv;
    use crate::scenario::Scenario;

    /// Every value is that of the CSV file, to the bit, and the same bytes come twice.
    #[test]
    fn a_file_reads_back_as_its_csv_file() {
        let scenario = Scenario::load("examples/full-outage.yaml").expect("an example");
        let found = ensemble(&scenario, Replications::new(50), Seed(1));
        for table in [tables::summary, tables::replications, tables::survival] {
            let file = super::file(table(&scenario, &found));
            assert_eq!(file, super::file(table(&scenario, &found)));
            let reader = SerializedFileReader::new(bytes::Bytes::from(file)).expect("a file");
            let rows = reader.get_row_iter(None).expect("rows").map(|row| {
                let row = row.expect("a row");
                let columns = row.get_column_iter();
                let texts = columns.map(|(name, value)| {
                    let text = match value {
                        Read::Null => String::new(),
                        Read::Str(text) => text.clone(),
                        Read::ULong(count) => count.to_string(),
                        Read::Double(number) => number.to_string(),
                        other => panic!("{name}: {other:?}"),
                    };
                    (name.clone(), text)
                });
                texts.collect::<BTreeMap<String, String>>()
            });
            let csv = csv::bytes(table(&scenario, &found));
            let mut records = csv::records(&csv[..]).map(|it| it.expect("a record"));
            let header = records.next().expect("a header");
            let expected = records.map(|record| header.iter().cloned().zip(record).collect());
            let expected: Vec<BTreeMap<String, String>> = expected.collect();
            assert_eq!(rows.collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn a_table_is_written_in_groups() {
        let rows = GROUP + 3;
        let mut writer = Writer::new(vec!["replication".to_owned(), "failed_leases".to_owned()]);
        for place in 0..rows {
            let number = (place % 2 == 0).then_some(place as f64);
            writer.push(vec![Value::Count(place as u64), Value::Number(number)]);
        }
        let reader = SerializedFileReader::new(bytes::Bytes::from(writer.end())).expect("a file");
        let metadata = reader.metadata();
        assert_eq!(metadata.num_row_groups(), 2);
        assert_eq!(metadata.file_metadata().num_rows(), rows as i64);
    }
}
