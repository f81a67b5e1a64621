//! Choices as written in a file: a word, or a map of one key.

use crate::scenario::text::node::{Node, Value, shortened};
use crate::scenario::text::read::{Reader, listed, nearest};

/// A choice as written in the file.
pub(crate) struct Tagged<'a> {
    pub tag: &'a str,
    pub payload: Option<&'a Node>,
}

/// Splits a choice into tag and value, or records that it is none of `known`.
pub(crate) fn tagged<'a>(
    node: &'a Node,
    reader: &mut Reader,
    known: &[&str],
) -> Option<Tagged<'a>> {
    let (tag, payload, spot) = match &node.value {
        Value::Text(word) => (word.as_str(), None, node.spot),
        Value::Map(entries) if entries.len() == 1 => (
            entries[0].key.as_str(),
            Some(&entries[0].value),
            entries[0].spot,
        ),
        Value::Map(entries) if 1 < entries.len() => {
            let keys: Vec<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
            let found = format!("found {} choices at once: {}", keys.len(), listed(&keys));
            let problem = reader.problem(node, found);
            problem.limit = Some(format!("exactly one of {}", listed(known)));
            problem.help = Some("keep one of them".to_owned());
            problem.spot = Some(entries[1].spot);
            return None;
        }
        _ => {
            let limit = format!("one of {}", listed(known));
            return reader.expected(node, &limit, "choose one of them");
        }
    };
    if known.contains(&tag) {
        return Some(Tagged { tag, payload });
    }
    let problem = reader.problem(
        node,
        format!("there is no choice `{}` here", shortened(tag)),
    );
    problem.limit = Some(format!("one of {}", listed(known)));
    problem.help = Some(match nearest(tag, known) {
        Some(name) => format!("did you mean `{name}`?"),
        None => "choose one of them".to_owned(),
    });
    problem.spot = Some(spot);
    None
}
