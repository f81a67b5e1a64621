//! Names of earlier versions that are still read: a scenario that uses one means what it meant, and `validate` says
//! what to write instead.

use std::borrow::Cow;

use crate::scenario::text::node::{Node, Value};

/// A key or a word, the key that it stands below, and what it is called now.
struct Renamed {
    below: &'static str,
    before: &'static str,
    now: &'static str,
}

const RENAMED: [Renamed; 2] = [
    Renamed {
        below: "source",
        before: "even",
        now: "deterministic",
    },
    Renamed {
        below: "failed_attempts",
        before: "beside",
        now: "in_parallel",
    },
];

/// What a key or a word below a key is called now, if it was renamed.
fn now(below: &str, name: &str) -> Option<&'static str> {
    let found = RENAMED
        .iter()
        .find(|it| it.below == below && it.before == name);
    found.map(|it| it.now)
}

/// A path with the names of today.
pub(crate) fn current_path(path: &str) -> Cow<'_, str> {
    if !(path.contains('.') && RENAMED.iter().any(|it| path.contains(it.before))) {
        return Cow::Borrowed(path);
    }
    let mut below = "";
    let steps = path.split('.').map(|step| {
        let current = now(below, step).unwrap_or(step);
        below = step;
        current
    });
    Cow::Owned(steps.collect::<Vec<&str>>().join("."))
}

/// The last key of a path.
pub(crate) fn last_step(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or_default()
}

/// Replaces the names of earlier versions in a value that stands below a key: in its keys, in paths that are keys,
/// and in the paths that it names as `path`. Notes each that a file uses, once: what it is called now.
pub(crate) fn rename(node: &mut Node, below: &str, notes: &mut Vec<String>) {
    let mut current = |name: &mut String| {
        let Some(now) = now(below, name) else {
            return;
        };
        let note = format!("`{below}: {name}` is now `{below}: {now}`");
        if !notes.contains(&note) {
            notes.push(note);
        }
        *name = now.to_owned();
    };
    match &mut node.value {
        Value::Map(entries) => {
            entries.iter_mut().for_each(|it| current(&mut it.key));
            for entry in entries {
                if let Cow::Owned(path) = current_path(&entry.key) {
                    entry.key = path;
                }
                rename(&mut entry.value, last_step(&entry.key), notes);
            }
        }
        Value::List(items) => {
            for item in items {
                rename(item, below, notes);
            }
        }
        Value::Text(text) => {
            current(text);
            if below == "path"
                && let Cow::Owned(path) = current_path(text)
            {
                *text = path;
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::text::yaml::parse;

    #[test]
    fn earlier_names_are_read() {
        assert_eq!(
            current_path("demand.even.source.even.rate"),
            "demand.even.source.deterministic.rate"
        );
        let text = "{demand: {a: {source: {even: {rate: 1/h}}}}, even: 1, \
                    variants: {v: {demand.a.source.even.rate: 2/h, pools.p.delete.failed_attempts: beside}}, \
                    vary: [{path: demand.a.source.even.rate}]}";
        let Ok(mut node) = parse(text, 0) else {
            panic!("{text}");
        };
        let mut notes = Vec::new();
        rename(&mut node, "", &mut notes);
        assert_eq!(
            notes,
            [
                "`source: even` is now `source: deterministic`",
                "`failed_attempts: beside` is now `failed_attempts: in_parallel`",
            ]
        );
        let now = "{demand: {a: {source: {deterministic: {rate: 1/h}}}}, even: 1, \
                   variants: {v: {demand.a.source.deterministic.rate: 2/h, pools.p.delete.failed_attempts: in_parallel}}, \
                   vary: [{path: demand.a.source.deterministic.rate}]}";
        assert_eq!(node.flow(), now);
    }
}
