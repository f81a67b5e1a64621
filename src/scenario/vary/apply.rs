//! A scenario file with other values, its comments and its layout kept.

use crate::scenario::text::node::{Node, Value};
use crate::scenario::text::problem::Spot;
use crate::scenario::vary::template::Template;

/// A value that was calibrated.
pub(crate) struct Calibrated {
    pub path: String,
    pub value: String,
    /// What is added to the reason of its assumption.
    pub why: String,
}

/// The text of a file with calibrated values, and the paths that could not be written because other parts of the
/// file share them, or because they are not in the file.
pub(crate) fn applied(template: &Template, values: &[Calibrated]) -> (String, Vec<String>) {
    let (text, tree) = (template.text(), template.tree());
    let mut edits: Vec<(Spot, String)> = Vec::new();
    let mut left = Vec::new();
    for value in values {
        let node = tree.find(&value.path);
        let own = node.filter(|node| node.spot.source == 0 && 0 < node.spot.length);
        let Some(node) = own.filter(|node| node.spot == node.defined) else {
            left.push(value.path.clone());
            continue;
        };
        edits.push((node.spot, value.value.clone()));
        let assumption = assumption(tree, &value.path);
        if let Some(basis) = assumption.and_then(|node| node.find("basis")) {
            edits.push((basis.spot, "calibrated".to_owned()));
        }
        if let Some(why) = assumption.and_then(|node| node.find("why"))
            && let Value::Text(before) = &why.value
        {
            edits.push((
                why.spot,
                quoted(&format!("{} {}", before.trim(), value.why)),
            ));
        }
    }
    edits.retain(|(spot, _)| spot.source == 0 && spot.offset + spot.length <= text.len());
    edits.sort_by_key(|(spot, _)| spot.offset);
    let (mut written, mut from) = (String::new(), 0);
    for (spot, value) in edits {
        if spot.offset < from {
            continue;
        }
        written += &text[from..spot.offset];
        let old = &text[spot.offset..spot.offset + spot.length];
        written += &value;
        // A block of text ends with its line.
        written += if old.ends_with('\n') { "\n" } else { "" };
        from = spot.offset + spot.length;
    }
    (written + &text[from..], left)
}

/// The assumption of a path.
fn assumption<'a>(tree: &'a Node, path: &str) -> Option<&'a Node> {
    let Value::List(items) = &tree.find("assumptions")?.value else {
        return None;
    };
    let of = |node: &&Node| node.find("path").map(Node::written).as_deref() == Some(path);
    items.iter().find(of)
}

/// A text in double quotes.
fn quoted(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
