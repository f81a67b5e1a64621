//! The parts of a file, each with a hash of what it says: where two scenarios differ.

use std::collections::BTreeMap;

use crate::kernel::random::{HASH, hashed};
use crate::scenario::text::files::DataFolder;
use crate::scenario::text::node::{Node, Value};

/// Keys of the file whose parts are listed apart, down to the keys of each named thing.
const DETAILED: [&str; 1] = ["outages"];

/// A hash of each part of a file by its path: of each key of the file, and of each key of an outage.
pub(crate) fn parts(root: &Node, folder: &DataFolder) -> BTreeMap<String, u64> {
    // A file that a scenario names is another in another folder.
    let before = hashed(HASH, &folder.path.display().to_string());
    let mut found = BTreeMap::new();
    let mut note = |path: String, node: &Node| {
        found.insert(path, hashed(before, &node.flow()));
    };
    for (key, value) in entries(root) {
        if !DETAILED.contains(&key) {
            note(key.to_owned(), value);
            continue;
        }
        for (name, named) in entries(value) {
            for (inner, value) in entries(named) {
                note(format!("{key}.{name}.{inner}"), value);
            }
        }
    }
    found
}

fn entries(node: &Node) -> impl Iterator<Item = (&str, &Node)> {
    let entries = match &node.value {
        Value::Map(entries) => &entries[..],
        _ => &[],
    };
    entries.iter().map(|it| (it.key.as_str(), &it.value))
}
