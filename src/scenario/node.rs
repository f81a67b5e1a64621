//! A YAML document as a tree that remembers where each value stands. The only file that knows the
//! YAML parser.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, Location, Spanned};

use crate::scenario::problem::{Problem, Spot};

/// The largest document that is read (bytes).
const SIZE_MAX: usize = 4 << 20;
/// The most values in a document.
const NODES_MAX: usize = 250_000;
/// The deepest nesting.
const DEPTH_MAX: usize = 64;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub value: Value,
    pub spot: Spot,
    /// Where an alias gets its value from; the same as `spot` for any other value.
    pub defined: Spot,
}

/// What a YAML value can be.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

impl Value {
    /// What the plainest texts mean, without the parser; nothing where it had better be asked.
    pub fn plain(text: &str) -> Option<Self> {
        match text {
            "{}" => Some(Self::Map(Vec::new())),
            "[]" => Some(Self::List(Vec::new())),
            // An empty text is all digits too, and no number.
            _ if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                text.parse().ok().map(Self::Number)
            }
            "0s" | "0%" | "unlimited" | "never" => Some(Self::Text(text.to_owned())),
            _ => None,
        }
    }
}

/// A key with its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub key: String,
    pub spot: Spot,
    pub value: Node,
}

impl Node {
    /// Parses one document. `source` says which of several texts it is.
    ///
    /// # Errors
    /// One problem, where the text is no YAML, or larger than any scenario has reason to be.
    pub fn parse(text: &str, source: usize) -> Result<Self, Box<Problem>> {
        if SIZE_MAX < text.len() {
            let megabytes = text.len() as f64 / f64::from(1 << 20);
            let problem = Problem::new("", format!("the file has {megabytes:.1} MiB"))
                .limit("at most 4 MiB")
                .help("keep one incident in a file");
            return Err(Box::new(problem));
        }
        let budget = serde_saphyr::budget! {
            max_nodes: NODES_MAX,
            max_depth: DEPTH_MAX,
            max_aliases: 1_000,
        };
        let options = serde_saphyr::options! {
            budget: budget,
            with_snippet: false,
            duplicate_keys: DuplicateKeyPolicy::PassThrough,
        };
        let parsed: Result<Spanned<Raw>, _> = serde_saphyr::from_str_with_options(text, options);
        parsed.map(|raw| place(raw, source)).map_err(|error| {
            let spot = error.location().map(|at| spelled(text, spot(at, source)));
            let rendered = error.without_snippet().to_string();
            let message = rendered.lines().next().unwrap_or("no YAML");
            // The place is shown beside the line; the message need not repeat it.
            let told = message
                .split_once(": ")
                .filter(|(place, _)| place.contains("column"));
            let told = told.map_or(message, |(_, told)| told);
            let told = told.split(" at line ").next().unwrap_or(told);
            let problem = Problem::new("", format!("not readable as YAML: {told}"))
                .at(spot)
                .help("quote text that holds `: `, `#`, `{` or `[`, and indent with spaces");
            Box::new(problem)
        })
    }

    /// The value at a path of keys joined by dots, if there is one.
    pub fn find(&self, path: &str) -> Option<&Node> {
        path.split('.')
            .filter(|step| !step.is_empty())
            .try_fold(self, |node, step| node.child(step))
    }

    /// Where a path stands, or the nearest of its ancestors that is there: the spot of the value,
    /// or of its key where the value is a map or a list.
    pub fn locate(&self, path: &str) -> Spot {
        let mut node = self;
        let mut spot = self.spot;
        for step in path.split('.').filter(|step| !step.is_empty()) {
            if let Value::Map(entries) = &node.value
                && let Some(entry) = entries.iter().find(|entry| entry.key == step)
            {
                let scalar = !matches!(entry.value.value, Value::Map(_) | Value::List(_));
                spot = if scalar { entry.value.spot } else { entry.spot };
                node = &entry.value;
            } else if let Some(child) = node.child(step) {
                (node, spot) = (child, child.spot);
            } else {
                break;
            }
        }
        spot
    }

    /// Puts `value` at a path, making maps on the way where there is nothing yet.
    ///
    /// # Errors
    /// Says which part of the path is neither a map nor a place in a list.
    pub fn put(&mut self, path: &str, value: Node) -> Result<(), String> {
        let (step, rest) = path
            .split_once('.')
            .map_or((path, None), |(step, rest)| (step, Some(rest)));
        if step.is_empty() {
            return Err("a path is keys joined by dots, and none of them is empty".to_owned());
        }
        let spot = value.spot;
        let child = match &mut self.value {
            Value::Map(entries) => {
                let place = entries.iter().position(|entry| entry.key == step);
                let place = place.unwrap_or_else(|| {
                    let value = Node {
                        value: Value::Map(Vec::new()),
                        spot,
                        defined: spot,
                    };
                    entries.push(Entry {
                        key: step.to_owned(),
                        spot,
                        value,
                    });
                    entries.len() - 1
                });
                &mut entries[place].value
            }
            Value::List(items) => {
                let length = items.len();
                let item = step
                    .parse()
                    .ok()
                    .and_then(|place: usize| items.get_mut(place));
                item.ok_or_else(|| format!("`{step}` is no place in a list of {length}"))?
            }
            _ => return Err(format!("`{step}` is asked of a single value")),
        };
        match rest {
            Some(rest) => child.put(rest, value),
            None => {
                *child = value;
                Ok(())
            }
        }
    }

    /// Calls `see` with the path of every value that is neither a map nor a list.
    pub fn leaves<'a>(&'a self, path: &mut Vec<&'a str>, see: &mut dyn FnMut(&[&str], &Node)) {
        match &self.value {
            Value::Map(entries) => {
                for entry in entries {
                    path.push(&entry.key);
                    entry.value.leaves(path, see);
                    path.pop();
                }
            }
            Value::List(items) => {
                for item in items {
                    item.leaves(path, see);
                }
            }
            _ => see(path, self),
        }
    }

    fn child(&self, step: &str) -> Option<&Node> {
        match &self.value {
            Value::Map(entries) => entries
                .iter()
                .find(|entry| entry.key == step)
                .map(|entry| &entry.value),
            Value::List(items) => step
                .parse::<usize>()
                .ok()
                .and_then(|place| items.get(place)),
            _ => None,
        }
    }

    /// A single value as it is written.
    pub fn written(&self) -> String {
        match &self.value {
            Value::Number(number) => number.to_string(),
            Value::Text(text) => text.clone(),
            _ => self.kind(),
        }
    }

    /// A value as it stands in a file, on one line.
    pub fn flow(&self) -> String {
        let joined = |parts: Vec<String>| parts.join(", ");
        match &self.value {
            Value::Null => "null".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::List(items) => format!("[{}]", joined(items.iter().map(Self::flow).collect())),
            Value::Map(entries) => {
                let entry = |entry: &Entry| format!("{}: {}", entry.key, entry.value.flow());
                format!("{{{}}}", joined(entries.iter().map(entry).collect()))
            }
            Value::Number(_) | Value::Text(_) => self.written(),
        }
    }

    /// The same value, every part of which stands where `elsewhere` says.
    pub fn standing(self, elsewhere: &dyn Fn(Spot) -> Spot) -> Self {
        let value = match self.value {
            Value::List(items) => {
                let items = items.into_iter().map(|item| item.standing(elsewhere));
                Value::List(items.collect())
            }
            Value::Map(entries) => {
                let entry = |entry: Entry| Entry {
                    spot: elsewhere(entry.spot),
                    value: entry.value.standing(elsewhere),
                    ..entry
                };
                Value::Map(entries.into_iter().map(entry).collect())
            }
            single => single,
        };
        Self {
            value,
            spot: elsewhere(self.spot),
            defined: elsewhere(self.defined),
        }
    }

    /// What the value is, in the words of a message.
    pub fn kind(&self) -> String {
        match &self.value {
            Value::Null => "nothing".to_owned(),
            Value::Bool(value) => format!("`{value}`"),
            Value::Number(value) => format!("the number {value}"),
            Value::Text(text) => format!("`{}`", shortened(text)),
            Value::List(items) => format!("a list of {}", items.len()),
            Value::Map(entries) => format!("a map of {}", entries.len()),
        }
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
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

/// A spot of which only line and column are known, with its place in the text.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_texts_mean_what_the_parser_says() {
        let texts = ["{}", "[]", "0", "2", "17", "0s", "0%", "unlimited", "never"];
        for text in texts {
            let plain = Value::plain(text).map(|value| format!("{value:?}"));
            let parsed = Node::parse(text, 0).map(|node| format!("{:?}", node.value));
            assert_eq!(plain, parsed.ok(), "{text}");
        }
        assert!(Value::plain("").is_none() && Value::plain("{a: 1}").is_none());
    }
}
