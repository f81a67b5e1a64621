//! What is wrong with a log, row by row, and what is left out of it.

use std::collections::BTreeMap;

use crate::log::instant::Clock;
use crate::log::{FileRead, Format, LOG_ROWS_MAX, Log};
use crate::scenario::text::node::shortened;

/// Problems of a file that are shown; the others are counted.
const SHOWN_MAX: usize = 20;

/// How logs are read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// The format of every file; by its content where absent.
    pub format: Option<Format>,
    /// The time zone of times without one, and of the profile.
    pub zone: Option<jiff::tz::TimeZone>,
    /// Columns and the values that rows must have there.
    pub conditions: Vec<(String, String)>,
    /// Whether rows that cannot be read are left out, and counted.
    pub skip_invalid: bool,
}

/// A problem of a file.
#[derive(Clone, PartialEq, Debug)]
struct Wrong {
    row: Option<u64>,
    column: Option<String>,
    message: String,
    help: Option<String>,
}

/// A file while it is read.
pub(crate) struct Intake<'a> {
    /// Where rows go.
    pub log: &'a mut Log,
    /// Reads times.
    pub clock: Clock,
    /// How the file is read.
    pub options: &'a Options,
    /// What was read of the file.
    pub file: FileRead,
    /// What a row is, and what its number counts.
    pub words: (&'static str, &'static str),
    wrong: Vec<Wrong>,
    wrong_rows: usize,
    others: usize,
    row: u64,
    row_is_wrong: bool,
}

impl<'a> Intake<'a> {
    /// A file before its first row.
    pub fn new(log: &'a mut Log, options: &'a Options, name: &str, format: Format) -> Self {
        Self {
            log,
            clock: Clock::new(options.zone.clone()),
            options,
            file: FileRead {
                name: name.to_owned(),
                format,
                what: "rows",
                rows: 0,
                used: 0,
                left_out: BTreeMap::new(),
                notes: Vec::new(),
            },
            words: ("row", "line"),
            wrong: Vec::new(),
            wrong_rows: 0,
            others: 0,
            row: 0,
            row_is_wrong: false,
        }
    }

    /// Goes to the next row, which the file calls by this number; false if there are too many.
    pub fn next_row(&mut self, number: u64) -> bool {
        self.row = number;
        self.row_is_wrong = false;
        self.file.rows += 1;
        let before: usize = self.log.files.iter().map(|file| file.rows).sum();
        let within = before + self.file.rows <= LOG_ROWS_MAX;
        if !within && before + self.file.rows == LOG_ROWS_MAX + 1 {
            let most = format!("more than {LOG_ROWS_MAX} rows");
            self.whole(&most, "give a shorter period, or a sample of whole weeks");
        }
        within
    }

    /// Records a problem of the present row. Cells are shown only in part.
    pub fn problem(&mut self, column: &str, message: impl Into<String>) {
        if !self.row_is_wrong {
            self.row_is_wrong = true;
            self.wrong_rows += 1;
        }
        let wrong = Wrong {
            row: Some(self.row),
            column: Some(column.to_owned()),
            message: message.into(),
            help: None,
        };
        self.note(wrong);
    }

    /// Records a problem of the whole file.
    pub fn whole(&mut self, message: &str, help: &str) {
        self.note(Wrong {
            row: None,
            column: None,
            message: message.to_owned(),
            help: Some(help.to_owned()),
        });
    }

    fn note(&mut self, wrong: Wrong) {
        // Problems of the whole file are always shown.
        if wrong.row.is_none() || self.wrong.len() < SHOWN_MAX {
            self.wrong.push(wrong);
        } else {
            self.others += 1;
        }
    }

    /// Whether the present row has a problem.
    pub fn is_wrong(&self) -> bool {
        self.row_is_wrong
    }

    /// Leaves the present row out, for a reason.
    pub fn leave_out(&mut self, reason: &str) {
        *self.file.left_out.entry(reason.to_owned()).or_default() += 1;
    }

    /// Counts the present row as used.
    pub fn accept(&mut self) {
        self.file.used += 1;
    }

    /// A time in a cell; records a problem where it is none.
    pub fn time(&mut self, column: &str, text: &str) -> Option<f64> {
        match self.clock.read(text, (self.row, column)) {
            Some(at) => Some(at),
            None => {
                let limit = "RFC 3339 such as `2026-10-01T08:00:00Z`, or seconds (not milliseconds) since 1970";
                self.problem(column, format!("`{}` is no time: {limit}", shortened(text)));
                None
            }
        }
    }

    /// A number of seconds, 0 or more, in a cell; records a problem where it is none.
    pub fn seconds(&mut self, column: &str, text: &str) -> Option<f64> {
        let number = text.parse::<f64>().ok().filter(|it| it.is_finite());
        match number {
            Some(number) if 0.0 <= number => Some(number),
            Some(number) => {
                self.problem(column, format!("a negative duration, {number} s"));
                None
            }
            None => {
                let message = format!("`{}` is no number", shortened(text));
                self.problem(column, message);
                None
            }
        }
    }

    /// Records a problem where two times are out of order.
    pub fn ordered(&mut self, (first, from): (&str, f64), (second, until): (&str, f64)) {
        if until < from {
            let apart = from - until;
            let message = format!("`{second}` is {apart:.0} s before `{first}`");
            self.problem(second, message);
        }
    }

    /// Ends the file: what is wrong with it, in one text.
    ///
    /// # Errors
    /// If it cannot be used.
    pub fn finish(mut self) -> Result<(), String> {
        if let Some((message, help)) = self.clock.contradiction() {
            self.whole(&message, &help);
        }
        let rows_only = self.wrong.iter().all(|wrong| wrong.row.is_some());
        if rows_only && 0 < self.wrong_rows && self.options.skip_invalid {
            let reason = "invalid, by --skip-invalid".to_owned();
            self.file.left_out.insert(reason, self.wrong_rows);
            self.wrong.clear();
        }
        if self.wrong.is_empty() && self.file.used == 0 {
            let left: usize = self.file.left_out.values().sum();
            let help = "a log needs at least one row that can be used";
            match (self.file.rows, left) {
                (0, _) => self.whole("no rows", help),
                (rows, _) => self.whole(&format!("none of {rows} rows can be used"), help),
            }
        }
        if self.wrong.is_empty() {
            self.log.files.push(self.file);
            return Ok(());
        }
        Err(self.described())
    }

    fn described(&self) -> String {
        let rows = self.wrong_rows;
        let (name, (row_word, number_word)) = (&self.file.name, self.words);
        let mut text = match rows {
            0 => format!("{name} cannot be used"),
            1 => format!("{name}: 1 {row_word} cannot be used"),
            _ => format!("{name}: {rows} {row_word}s cannot be used"),
        };
        for wrong in &self.wrong {
            let place = match (wrong.row, &wrong.column) {
                (Some(row), Some(column)) => format!("{number_word} {row}, `{column}`: "),
                _ => String::new(),
            };
            text += &format!("\n  {place}{}", wrong.message);
            if let Some(help) = &wrong.help {
                text += &format!("\n    help: {help}");
            }
        }
        if 0 < self.others {
            text += &format!("\n  and {} more problems", self.others);
        }
        if 0 < rows {
            text += "\n  help: correct the rows, or leave them out with --skip-invalid, which counts them";
        }
        text
    }
}
