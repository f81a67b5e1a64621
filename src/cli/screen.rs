//! A screen of answer: at most 25 lines on a terminal of 100 columns, or 40 where a scenario has many pools.
//! The last lines are the answer, for they are what stays on the screen; `--all` prints everything.

use crate::cli::finding::Sentence;
use crate::cli::table::table;
use crate::cli::{finding, paint, words};
use crate::scenario::Scenario;

/// The most rows of its table.
const ROWS_MAX: usize = 12;

/// What a command prints.
#[derive(Default)]
pub(crate) struct Screen {
    /// The scenario, and what was done.
    pub title: String,
    /// One drawing, with its own title.
    pub plot: String,
    pub table: Glance,
    /// What the answer rests on, a line each.
    pub notes: Vec<String>,
    /// The command that reproduces it, and one to try next.
    pub reproduce: String,
    pub next: Option<String>,
    pub answer: Vec<Sentence>,
}

/// The one table of what matters.
#[derive(Default)]
pub(crate) struct Glance {
    /// Names of its columns; all but the first are aligned right.
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
    /// What was left out of it, in words, such as `5 pools that no outage affects`.
    pub left_out: Vec<String>,
}

impl Glance {
    /// A table of which nothing is left out.
    pub fn new<'a>(header: impl IntoIterator<Item = &'a str>, rows: Vec<Vec<String>>) -> Self {
        Self {
            header: header.into_iter().map(str::to_owned).collect(),
            rows,
            left_out: Vec::new(),
        }
    }

    /// The table without columns that say nothing: those in which every row has one of `empty`.
    pub fn without_empty(mut self, empty: &[&str]) -> Self {
        let says = |place: &usize| {
            *place == 0
                || self
                    .rows
                    .iter()
                    .any(|row| !empty.contains(&row[*place].as_str()))
        };
        let kept: Vec<usize> = (0..self.header.len()).filter(says).collect();
        let keep = |row: &Vec<String>| kept.iter().map(|place| row[*place].clone()).collect();
        self.rows = self.rows.iter().map(keep).collect();
        self.header = keep(&self.header);
        self
    }

    fn text(&self) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        let header: Vec<&str> = self.header.iter().map(String::as_str).collect();
        let shown = &self.rows[..self.rows.len().min(ROWS_MAX)];
        table(&header, &header[1..], shown)
    }

    fn left_out(&self) -> String {
        let mut left = self.left_out.clone();
        let more = self.rows.len().saturating_sub(ROWS_MAX);
        if 0 < more {
            left.push(format!("{more} more rows"));
        }
        match left.is_empty() {
            true => EVERYTHING.to_owned(),
            false => format!("Left out: {}. {EVERYTHING}", left.join(", ")),
        }
    }
}

/// How to see all of a study.
const EVERYTHING: &str = "More: --all.";

/// What is said where the scenario was read from standard input.
const SAME_INPUT: &str = "The scenario is that of standard input: give it to these commands again.";

impl Screen {
    /// The screen as text.
    pub fn text(&self) -> String {
        let mut text = paint::title(&self.title) + "\n";
        for part in [&self.plot, &self.table.text()] {
            if !part.is_empty() {
                text += &format!("{}\n\n", part.trim_matches('\n'));
            }
        }
        let more = self.table.left_out();
        let (last, notes) = match self.notes.split_last() {
            // What is left out has a line of its own.
            Some((last, notes)) if more == EVERYTHING => (format!("{last} {more}"), notes),
            _ => (more, &self.notes[..]),
        };
        for note in notes {
            text += &(paint::prose(note) + "\n");
        }
        text += &(paint::dim(&paint::prose(&last)) + "\n");
        if self.reproduce.ends_with(" -") {
            text += &(paint::dim(&paint::prose(SAME_INPUT)) + "\n");
        }
        // Commands are not folded, so that they can be pasted.
        let next = self.next.iter().map(|next| ("next", next));
        for (label, command) in next.chain([("reproduce", &self.reproduce)]) {
            text += &paint::dim(&format!("{label}: {command}\n"));
        }
        text.push('\n');
        text + &finding::aligned(&finding::grouped(&self.answer))
    }
}

/// Share of requests served at once from which on a pool that no outage affects is left out.
pub(crate) const SERVED: f64 = 0.95;

/// Pools that a screen shows, all of them where it would show none, and what is said of those that it leaves out.
pub(crate) fn shown_pools(
    scenario: &Scenario,
    shows: impl Fn(usize) -> bool,
) -> (Vec<usize>, Vec<String>) {
    let pools = 0..scenario.pools.len();
    let shown: Vec<usize> = pools.clone().filter(|pool| shows(*pool)).collect();
    match scenario.pools.len() - shown.len() {
        0 => (shown, Vec::new()),
        _ if shown.is_empty() => (pools.collect(), Vec::new()),
        n => {
            let pools = words::counted(n, "pool");
            let label =
                format!("{pools} that no outage affects and that serves its requests at once");
            let label = if n == 1 {
                label
            } else {
                label.replace("serves its", "serve their")
            };
            (shown, vec![label])
        }
    }
}

/// How many values are assumed, in a line; nothing where there are none.
pub(crate) fn assumed(scenario: &Scenario) -> Option<String> {
    let provenance = &scenario.provenance;
    let assumed = provenance.assumptions.len();
    let fitted = provenance.assumptions.iter();
    let fitted = fitted.filter(|it| it.basis == "fitted").count();
    let undeclared = provenance.undeclared.len();
    let mut parts = Vec::new();
    if 0 < assumed {
        let values = if assumed == 1 {
            "value is"
        } else {
            "values are"
        };
        let fitted = match fitted {
            0 => String::new(),
            // Without facts, it was fitted to a log.
            fitted if scenario.facts.is_empty() => format!(" ({fitted} fitted)"),
            fitted => format!(" ({fitted} fitted to published figures)"),
        };
        parts.push(format!("{assumed} {values} assumed{fitted}"));
    }
    if 0 < undeclared {
        let values = match (assumed, undeclared) {
            (0, 1) => "1 value has".to_owned(),
            (0, many) => format!("{many} values have"),
            (_, many) => format!("{many} have"),
        };
        parts.push(format!("{values} neither source nor assumption"));
    }
    let text = parts.join(", ");
    (!text.is_empty()).then(|| format!("{text}; `drawdown validate` lists them."))
}
