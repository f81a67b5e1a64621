//! A YAML document as a tree with source locations.

use crate::scenario::text::limits::DEPTH_MAX;
use crate::scenario::text::problem::Spot;

/// A value and its location.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub value: Value,
    pub spot: Spot,
    /// The location of the anchor of an alias; the same as `spot` for any other value.
    pub defined: Spot,
}

/// A YAML value.
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
    /// The value of the simplest texts, without the parser; `None` where the parser is needed.
    pub fn plain(text: &str) -> Option<Self> {
        match text {
            "{}" => Some(Self::Map(Vec::new())),
            "[]" => Some(Self::List(Vec::new())),
            // An empty text is all digits too, but not a number.
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
    /// The value at a path of keys joined by dots, if there is one.
    pub fn find(&self, path: &str) -> Option<&Node> {
        path.split('.')
            .filter(|step| !step.is_empty())
            .try_fold(self, |node, step| node.child(step))
    }

    /// The location of a path, or of its nearest ancestor that exists: the spot of the value,
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

    /// Puts `value` at a path, creating missing maps on the way.
    ///
    /// # Errors
    /// If a part of the path is neither a map nor an item of a list.
    pub fn put(&mut self, path: &str, value: Node) -> Result<(), String> {
        // Limits nesting: the value itself may be nested as deeply as a document.
        if DEPTH_MAX < path.split('.').take(DEPTH_MAX + 1).count() {
            return Err(format!("a path of more than {DEPTH_MAX} steps"));
        }
        let mut node = self;
        for step in path.split('.') {
            node = node.child_to_fill(step, value.spot)?;
        }
        *node = value;
        Ok(())
    }

    /// The child at a step of a path, created if this is a map without it.
    fn child_to_fill(&mut self, step: &str, spot: Spot) -> Result<&mut Self, String> {
        if step.is_empty() {
            return Err("a path is keys joined by dots, none of them empty".to_owned());
        }
        match &mut self.value {
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
                Ok(&mut entries[place].value)
            }
            Value::List(items) => {
                let length = items.len();
                let item = step
                    .parse()
                    .ok()
                    .and_then(|place: usize| items.get_mut(place));
                item.ok_or_else(|| {
                    format!(
                        "`{}` is not an index of a list of {length}",
                        shortened(step)
                    )
                })
            }
            _ => Err(format!(
                "`{}` is looked up in a single value",
                shortened(step)
            )),
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

    /// A value as written in a file, on one line.
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

    /// The same value, with the location of every part mapped by `elsewhere`.
    pub fn relocated(self, elsewhere: &dyn Fn(Spot) -> Spot) -> Self {
        let value = match self.value {
            Value::List(items) => {
                let items = items.into_iter().map(|item| item.relocated(elsewhere));
                Value::List(items.collect())
            }
            Value::Map(entries) => {
                let entry = |entry: Entry| Entry {
                    spot: elsewhere(entry.spot),
                    value: entry.value.relocated(elsewhere),
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

    /// The kind of the value, without its content.
    pub fn sort(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "`true` or `false`",
            Value::Number(_) => "a number",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a map of other keys",
        }
    }

    /// The value, as named in messages.
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

/// A text in double quotes, on one line, which YAML reads back as it is.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = "\"".to_owned();
    for it in text.chars() {
        match it {
            '"' | '\\' => quoted.extend(['\\', it]),
            '\n' => quoted += "\\n",
            '\t' => quoted += "\\t",
            it => quoted.push(it),
        }
    }
    quoted + "\""
}

/// A text shortened for a message.
pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::text::yaml::parse;

    #[test]
    fn quoted_texts_are_read_back() {
        for text in [
            "a: b",
            "5% \"of\" a\\b",
            "two\nlines\tand a tab",
            "{odd}, #1",
        ] {
            let node = parse(&quoted(text), 0);
            let read = node.map(|node| node.written());
            assert_eq!(read.ok().as_deref(), Some(text));
        }
    }

    #[test]
    fn plain_texts_mean_what_the_parser_says() {
        let texts = ["{}", "[]", "0", "2", "17", "0s", "0%", "unlimited", "never"];
        for text in texts {
            let plain = Value::plain(text).map(|value| format!("{value:?}"));
            let parsed = parse(text, 0).map(|node| format!("{:?}", node.value));
            assert_eq!(plain, parsed.ok(), "{text}");
        }
        assert!(Value::plain("").is_none() && Value::plain("{a: 1}").is_none());
    }
}
