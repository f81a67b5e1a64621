//! From YAML text to a tree, within limits, and with the parser's errors in our own words. The only file
//! that uses the YAML parser.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::granit_parser::ErrorKind;
use serde_saphyr::{
    DuplicateKeyPolicy, Error, ExternalMessageSource, Location, Spanned, alias_limits,
};

use crate::scenario::text::limits::{DEPTH_MAX, FILE_BYTES_MAX, NODES_MAX, SCALAR_BYTES_MAX};
use crate::scenario::text::node::{Entry, Node, Value};
use crate::scenario::text::problem::{Problem, Spot};

const TEXT_HELP: &str = "quote text that holds `: `, `#`, `{` or `[`, and indent with spaces";

/// Parses one document. `source` says which of several texts it is.
///
/// # Errors
/// One problem, if the text is not YAML, or exceeds a limit.
pub(crate) fn parse(text: &str, source: usize) -> Result<Node, Box<Problem>> {
    if FILE_BYTES_MAX < text.len() as u64 {
        let megabytes = text.len() as f64 / f64::from(1 << 20);
        let problem = Problem::new("", format!("the text has {megabytes:.1} MiB"))
            .limit(format!("at most {} MiB", FILE_BYTES_MAX >> 20))
            .help("use one file per incident");
        return Err(Box::new(problem));
    }
    // Values are counted with aliases expanded, which limits YAML bombs; how many
    // aliases share an anchor does not matter then.
    let budget = serde_saphyr::budget! {
        max_nodes: NODES_MAX,
        max_events: 4 * NODES_MAX,
        max_depth: DEPTH_MAX,
        flow_nesting_limit: DEPTH_MAX,
        max_aliases: NODES_MAX,
        max_anchors: NODES_MAX,
        max_merge_keys: NODES_MAX,
        max_total_scalar_bytes: SCALAR_BYTES_MAX,
        enforce_alias_anchor_ratio: false,
    };
    let options = serde_saphyr::options! {
        budget: budget,
        alias_limits: alias_limits! { max_total_replayed_events: 4 * NODES_MAX },
        with_snippet: false,
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
    };
    let parsed: Result<Spanned<Raw>, _> = serde_saphyr::from_str_with_options(text, options);
    parsed.map(|raw| place(raw, source)).map_err(|error| {
        let spot = error.location().map(|at| spelled(text, spot(at, source)));
        let problem = problem(&error);
        // The parser blames the beginning of the value that a tab is found in.
        let spot = match problem.message.ends_with(TAB) {
            true => indented_by_tab(text, source).or(spot),
            false => spot,
        };
        Box::new(problem.at(spot))
    })
}

/// The parser's error, in our own words.
#[expect(
    clippy::too_many_lines,
    reason = "a table, an arm for each kind of error"
)]
fn problem(error: &Error) -> Problem {
    let unreadable = |found: &str, limit: &str, help: &str| {
        let problem = Problem::new("", format!("not readable as YAML: {found}")).help(help);
        match limit {
            "" => problem,
            limit => problem.limit(limit),
        }
    };
    match error {
        Error::WithSnippet { error, .. } | Error::AliasError { error, .. } => problem(error),
        Error::MultipleDocuments { .. } => unreadable(
            "there is more than one document",
            "one document, which is one scenario",
            "move what follows `---` to a file of its own",
        ),
        Error::RecursiveReferencesRequireWeakTypes { .. } => unreadable(
            "an alias is inside the value that it refers to",
            "an alias of an earlier, complete value",
            "write the value out instead of the alias",
        ),
        Error::UnknownAnchor { .. } => unreadable(
            "an alias refers to an anchor that does not exist",
            "an anchor, such as `&pool`, in a line above its aliases",
            "declare the anchor, or quote text that begins with `*`",
        ),
        Error::AliasReplayStackDepthExceeded { .. } => too_deep(),
        Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. } => too_many(),
        Error::Budget { breach, .. } => match breach {
            BudgetBreach::Depth { .. } => too_deep(),
            BudgetBreach::ScalarBytes { .. } => unreadable(
                "there is too much text",
                &format!("at most {} MiB, aliases resolved", SCALAR_BYTES_MAX >> 20),
                "remove aliases of long texts",
            ),
            _ => too_many(),
        },
        Error::MergeValueNotMapOrSeqOfMaps { .. } => unreadable(
            "`<<` is not given a map",
            "a map, an alias of a map, or a list of these",
            "write `<<: *name`, where `&name` marks a map",
        ),
        Error::NonFiniteFloat { .. } => unreadable(
            "a number is infinite or not a number",
            "a finite number",
            "write a number in digits, or `never` or `unlimited` where the key takes it",
        ),
        Error::ExternalMessage { source, msg, .. } => match source.as_ref() {
            ExternalMessageSource::Parser(error) => scanned(error.kind(), msg),
            _ => unreadable("a value is malformed", "", TEXT_HELP),
        },
        Error::SerdeInvalidType { .. }
        | Error::NullIntoString { .. }
        | Error::TaggedScalarCannotDeserializeIntoString { .. }
        | Error::Unexpected { .. } => unreadable(
            "a key is not plain text",
            "keys that are texts or numbers",
            "write `key: value`, and quote keys that look like something else",
        ),
        Error::Eof { .. } => unreadable("the text is empty or ends too early", "", TEXT_HELP),
        _ => unreadable("a value is malformed", "", TEXT_HELP),
    }
}

fn too_deep() -> Problem {
    Problem::new("", "not readable as YAML: values are nested too deeply")
        .limit(format!("at most {DEPTH_MAX} levels"))
        .help("remove brackets or indentation that no key of a scenario needs")
}

fn too_many() -> Problem {
    Problem::new("", "not readable as YAML: there are too many values")
        .limit(format!("at most {NODES_MAX} values, aliases resolved"))
        .help("keep one incident in a file, and remove aliases of large values")
}

/// What is said of a tab.
const TAB: &str = "a tab is used where only spaces are allowed";

/// The first tab by which a line is indented.
fn indented_by_tab(text: &str, source: usize) -> Option<Spot> {
    let mut offset = 0;
    for (line, content) in (1..).zip(text.split_inclusive('\n')) {
        let indented = content.len() - content.trim_start_matches([' ', '\t']).len();
        if let Some(place) = content[..indented].find('\t') {
            return Some(Spot {
                source,
                line,
                column: place + 1,
                offset: offset + place,
                length: 1,
            });
        }
        offset += content.len();
    }
    None
}

/// A syntax error.
fn scanned(kind: &ErrorKind, message: &str) -> Problem {
    let (found, help) = match kind {
        ErrorKind::RecursionLimitExceeded => return too_deep(),
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart => (TAB.to_owned(), "indent with spaces"),
        _ if message.ends_with("found a tab") => (TAB.to_owned(), "indent with spaces"),
        ErrorKind::UnclosedFlowCollection { open } => (
            format!("the bracket `{open}` is never closed"),
            "close the bracket, or quote the text that it belongs to",
        ),
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => (
            format!("the bracket `{open}` is closed by `{close}`"),
            "close each bracket with its own kind",
        ),
        ErrorKind::MisplacedFlowCollectionEnd => (
            "a bracket is closed that was never opened".to_owned(),
            "remove it, or quote the text that it belongs to",
        ),
        ErrorKind::UnclosedQuotedScalar => (
            "a quoted text is never closed".to_owned(),
            "close the quote, or double a quote within single quotes",
        ),
        // The parser's message, without its context.
        _ => {
            let found = message.split_once(", ");
            let found = found.filter(|(doing, _)| doing.starts_with("while "));
            (
                found.map_or(message, |(_, found)| found).to_owned(),
                TEXT_HELP,
            )
        }
    };
    Problem::new("", format!("not readable as YAML: {found}")).help(help)
}

/// The document as serde sees it.
enum Raw {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

fn place(raw: Spanned<Raw>, source: usize) -> Node {
    let (spot, defined) = (spot(raw.referenced, source), spot(raw.defined, source));
    let value = match raw.value {
        Raw::Null => Value::Null,
        Raw::Bool(value) => Value::Bool(value),
        Raw::Number(value) => Value::Number(value),
        Raw::Text(text) => Value::Text(text),
        Raw::List(items) => {
            Value::List(items.into_iter().map(|item| place(item, source)).collect())
        }
        Raw::Map(entries) => {
            let entry = |(key, value): (Spanned<String>, _)| Entry {
                key: key.value,
                spot: self::spot(key.referenced, source),
                value: place(value, source),
            };
            Value::Map(entries.into_iter().map(entry).collect())
        }
    };
    Node {
        value,
        spot,
        defined,
    }
}

/// Completes a spot of which only line and column are known with its offset in the text.
fn spelled(text: &str, spot: Spot) -> Spot {
    if 0 < spot.offset || spot.line <= 1 {
        return spot;
    }
    let before = text
        .split_inclusive('\n')
        .take(spot.line - 1)
        .map(str::len)
        .sum::<usize>();
    let line = text[before..].lines().next().unwrap_or_default();
    let column = line.char_indices().nth(spot.column.saturating_sub(1));
    Spot {
        offset: before + column.map_or(line.len(), |(at, _)| at),
        ..spot
    }
}

fn spot(at: Location, source: usize) -> Spot {
    Spot {
        source,
        line: at.line() as usize,
        column: at.column() as usize,
        offset: at.span().byte_offset().unwrap_or(0) as usize,
        length: at.span().byte_len().unwrap_or(0) as usize,
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Raw;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a YAML value")
            }

            fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
                Ok(Raw::Bool(value))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
                Ok(Raw::Number(value as f64))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
                Ok(Raw::Number(value as f64))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
                Ok(Raw::Number(value))
            }

            fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
                Ok(Raw::Text(value.to_owned()))
            }

            fn visit_unit<E>(self) -> Result<Raw, E> {
                Ok(Raw::Null)
            }

            fn visit_none<E>(self) -> Result<Raw, E> {
                Ok(Raw::Null)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element()? {
                    list.push(item);
                }
                Ok(Raw::List(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
                let mut map = Vec::new();
                while let Some(entry) = entries.next_entry()? {
                    map.push(entry);
                }
                Ok(Raw::Map(map))
            }
        }

        deserializer.deserialize_any(Any)
    }
}
