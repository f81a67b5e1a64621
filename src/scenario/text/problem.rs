//! Problems of a scenario: where, what, the limit, and what to do. The only file that uses
//! `annotate_snippets`.

use std::borrow::Cow;
use std::fmt;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::scenario::text::read::is_control;

/// Maximum number of problems recorded, once a file has been read.
pub(crate) const KEPT_MAX: usize = 500;
/// Maximum number of problems shown; the rest are counted.
const SHOWN_MAX: usize = 50;

/// Maximum number of characters shown of a path.
const LABEL_MAX: usize = 200;

/// A place in one of the texts that a scenario was read from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, serde::Serialize)]
#[non_exhaustive]
pub struct Spot {
    /// Which text: 0 is the file, further ones are values given on the command line.
    pub source: usize,
    /// From 1; 0 where the location is unknown.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    #[serde(skip)]
    pub(crate) offset: usize,
    #[serde(skip)]
    pub(crate) length: usize,
}

impl Spot {
    /// All of a text of one line.
    pub(crate) fn whole(source: usize, text: &str) -> Self {
        Self {
            source,
            line: 1,
            column: 1,
            offset: 0,
            length: text.len(),
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// Keys joined by dots; empty for the file as a whole.
    pub path: String,
    /// The problem.
    pub message: String,
    /// What is valid.
    pub limit: Option<String>,
    /// What to do.
    pub help: Option<String>,
    /// Its location, once known.
    pub spot: Option<Spot>,
}

impl Problem {
    pub(crate) fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        let (path, message) = (path.into(), message.into());
        Self {
            path,
            message,
            limit: None,
            help: None,
            spot: None,
        }
    }

    pub(crate) fn limit(self, limit: impl Into<String>) -> Self {
        Self {
            limit: Some(limit.into()),
            ..self
        }
    }

    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }

    /// Whether this concerns the same value as `other`, or one below it.
    pub(crate) fn is_below(&self, other: &Self) -> bool {
        let rest = self.path.strip_prefix(&other.path);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    pub(crate) fn at(self, spot: Option<Spot>) -> Self {
        Self { spot, ..self }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let spot = self.spot.filter(|spot| 0 < spot.line);
        if let Some(spot) = spot {
            write!(f, "line {}, column {}: ", spot.line, spot.column)?;
        }
        if !self.path.is_empty() {
            write!(f, "`{}`: ", self.path)?;
        }
        f.write_str(&self.message)?;
        if let Some(limit) = &self.limit {
            write!(f, "\n  limit: {limit}")?;
        }
        match &self.help {
            Some(help) => write!(f, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Problem {}

/// All problems of a scenario, in the order of the text.
#[derive(Clone, Debug)]
pub struct Problems {
    /// Name and text of the file, then of each value from the command line.
    sources: Vec<(String, String)>,
    list: Vec<Problem>,
}

impl Problems {
    pub(crate) fn new(sources: Vec<(String, String)>, mut list: Vec<Problem>) -> Self {
        list.sort_by_key(|problem| problem.spot.unwrap_or_default());
        list.dedup();
        Self { sources, list }
    }

    /// The problems, in the order of the text.
    pub fn list(&self) -> &[Problem] {
        &self.list
    }

    /// The problems as those of a variant of the file.
    pub(crate) fn of_variant(self, variant: &str) -> Vec<Problem> {
        let named = |problem: Problem| Problem {
            message: format!("in the variant `{variant}`: {}", problem.message),
            ..problem
        };
        self.list.into_iter().map(named).collect()
    }

    fn render(&self, problem: &Problem) -> String {
        let (name, text) = match problem.spot {
            Some(spot) => &self.sources[spot.source],
            None => &self.sources[0],
        };
        let (name, message) = (visible(name), visible(&problem.message));
        let title = Level::ERROR.primary_title(message.as_ref());
        let mut group = Group::with_title(title);
        let label = match problem.path.char_indices().nth(LABEL_MAX) {
            Some((end, _)) => format!("`{}…`", &problem.path[..end]),
            None => format!("`{}`", problem.path),
        };
        let label = visible(&label);
        let spot = problem
            .spot
            .filter(|spot| 0 < spot.line && spot.offset <= text.len() && !text.is_empty());
        let line = spot.map(|spot| line_around(text, spot));
        if let (Some(spot), Some((from, line))) = (spot, line) {
            let start = spot.offset - from;
            let end = (start + spot.length.max(1)).min(line.len()).max(start);
            // A mark that ends within a letter covers it.
            let end = (end..=line.len()).find(|end| line.is_char_boundary(*end));
            let end = end.unwrap_or(line.len());
            let mut mark = AnnotationKind::Primary.span(start..end);
            if !problem.path.is_empty() {
                mark = mark.label(label.as_ref());
            }
            let snippet = Snippet::source(line)
                .line_start(spot.line)
                .path(name.as_ref());
            group = group.element(snippet.annotation(mark));
        } else {
            let mut origin = Origin::path(name.as_ref());
            if let Some(spot) = problem.spot.filter(|spot| 0 < spot.line) {
                origin = origin.line(spot.line).char_column(spot.column);
            }
            group = group.element(origin);
        }
        if let Some(limit) = &problem.limit {
            let limit = Level::NOTE.with_name("limit").message(visible(limit));
            group = group.element(limit);
        }
        if let Some(help) = &problem.help {
            group = group.element(Level::HELP.message(visible(help)));
        }
        Renderer::plain().term_width(120).render(&[group])
    }
}

/// A text with its control characters escaped, so that a terminal does not interpret them.
fn visible(text: &str) -> Cow<'_, str> {
    let odd = |it: char| is_control(it) && !matches!(it, '\n' | '\t');
    if !text.contains(odd) {
        return Cow::Borrowed(text);
    }
    let written = |it: char| {
        if odd(it) {
            it.escape_unicode().to_string()
        } else {
            it.to_string()
        }
    };
    Cow::Owned(text.chars().map(written).collect())
}

/// The line of a spot, and its offset in the text.
fn line_around(text: &str, spot: Spot) -> (usize, &str) {
    let from = text[..spot.offset].rfind('\n').map_or(0, |end| end + 1);
    let to = text[spot.offset..]
        .find('\n')
        .map_or(text.len(), |end| spot.offset + end);
    (from, text[from..to].trim_end_matches('\r'))
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in self.list.iter().take(SHOWN_MAX) {
            writeln!(f, "{}\n", self.render(problem))?;
        }
        if SHOWN_MAX < self.list.len() {
            writeln!(f, "and {} more\n", self.list.len() - SHOWN_MAX)?;
        }
        let count = match self.list.len() {
            1 => "1 problem".to_owned(),
            count => format!("{count} problems"),
        };
        write!(
            f,
            "{}: {count}; nothing was run",
            visible(&self.sources[0].0)
        )
    }
}

impl std::error::Error for Problems {}
