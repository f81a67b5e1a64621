//! A scenario file with other values, its comments and its layout kept.

use std::ops::Range;

use crate::scenario::text::node::{Entry, Node, Value, quoted};
use crate::scenario::text::problem::Spot;
use crate::scenario::vary::template::Template;

/// A value that was calibrated.
pub(crate) struct Calibrated {
    pub path: String,
    pub value: String,
    /// What is added to the reason of its assumption.
    pub why: String,
}

/// A file with calibrated values.
pub(crate) struct Applied {
    pub text: String,
    /// Paths that could not be written: their values stand elsewhere, by an alias, or not in the file.
    pub left: Vec<String>,
    /// Paths that changed with others, since they share a value by an alias.
    pub shared: Vec<String>,
}

/// The text of a file with calibrated values.
pub(crate) fn applied(template: &Template, values: &[Calibrated]) -> Applied {
    let (text, tree) = (template.text(), template.tree());
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let (mut left, mut shared) = (Vec::new(), Vec::new());
    for value in values {
        let node = tree.find(&value.path);
        let own = node.filter(|node| node.spot.source == 0 && 0 < node.spot.length);
        let Some(node) = own.filter(|node| node.spot == node.defined) else {
            left.push(value.path.clone());
            continue;
        };
        edits.push((range(node.spot), value.value.clone()));
        let defined = node.defined;
        tree.leaves(&mut Vec::new(), &mut |path, node| {
            let path = path.join(".");
            if node.defined == defined && path != value.path {
                shared.push(path);
            }
        });
        let assumption = assumption(tree, &value.path);
        if let Some(basis) = assumption.and_then(|node| node.find("basis")) {
            edits.push((range(basis.spot), "calibrated".to_owned()));
        }
        if let Some(entry) = assumption.and_then(|node| entry(node, "why"))
            && let Value::Text(before) = &entry.value.value
        {
            let why = format!("{before} {}", value.why);
            let words: Vec<&str> = why.split_whitespace().collect();
            edits.push((extent(text, entry), quoted(&words.join(" "))));
        }
    }
    edits.retain(|(range, _)| range.end <= text.len());
    edits.sort_by_key(|(range, _)| range.start);
    let (mut written, mut from) = (String::new(), 0);
    for (range, value) in edits {
        if range.start < from {
            continue;
        }
        written += &text[from..range.start];
        written += &value;
        from = range.end;
    }
    Applied {
        text: written + &text[from..],
        left,
        shared,
    }
}

fn range(spot: Spot) -> Range<usize> {
    spot.offset..spot.offset + spot.length
}

/// The entry of a key.
fn entry<'a>(node: &'a Node, key: &str) -> Option<&'a Entry> {
    match &node.value {
        Value::Map(entries) => entries.iter().find(|entry| entry.key == key),
        _ => None,
    }
}

/// Where the text of a value stands: a block of text begins with its mark behind the key, and goes on for as
/// long as lines are indented deeper than the key.
fn extent(text: &str, entry: &Entry) -> Range<usize> {
    let from = entry.spot.offset + entry.spot.length;
    let colon = text[from..].find(':').map_or(from, |at| from + at + 1);
    let rest = text[colon..].trim_start_matches(' ');
    let begins = text.len() - rest.len();
    if !rest.starts_with(['>', '|']) {
        return range(entry.value.spot);
    }
    let line = text[..entry.spot.offset].rfind('\n').map_or(0, |at| at + 1);
    let column = entry.spot.offset - line;
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let mut ends = begins;
    for (nth, line) in rest.split_inclusive('\n').enumerate() {
        let blank = line.trim().is_empty();
        if 0 < nth && !blank && indent(line) <= column {
            break;
        }
        ends += line.len();
    }
    begins..begins + text[begins..ends].trim_end().len()
}

/// The assumption of a path.
fn assumption<'a>(tree: &'a Node, path: &str) -> Option<&'a Node> {
    let Value::List(items) = &tree.find("assumptions")?.value else {
        return None;
    };
    let of = |node: &&Node| node.find("path").map(Node::written).as_deref() == Some(path);
    items.iter().find(of)
}
