//! A digest of a scenario file: independent of its layout, and different for any file that could run
//! differently. It does not depend on the meaning of values, so no change of the code changes it.

use crate::kernel::random::{HASH, hashed};
use crate::scenario::text::files::DataFolder;
use crate::scenario::text::limits::CSV_BYTES_MAX;
use crate::scenario::text::node::{Node, Value};

/// Keys that describe the file or how it is used: no replication depends on them. Variants
/// have been put in place.
pub(crate) const DESCRIBING: [&str; 8] = [
    "name",
    "question",
    "observed",
    "history",
    "sources",
    "assumptions",
    "variants",
    "sweep",
];

/// The digest of a file with all values in place; files that it names lie in `folder`.
pub(crate) fn digest(tree: &Node, folder: DataFolder) -> u64 {
    let mut digest = Digest { hash: HASH, folder };
    match &tree.value {
        Value::Map(entries) => {
            let kept = entries.iter();
            let kept = kept.filter(|entry| !DESCRIBING.contains(&&*entry.key));
            digest.map(kept.map(|entry| (&*entry.key, &entry.value)).collect());
        }
        _ => digest.node(tree),
    }
    digest.hash
}

struct Digest<'a> {
    hash: u64,
    folder: DataFolder<'a>,
}

impl Digest<'_> {
    /// A part of the file. Kind and length make the encoding unambiguous.
    fn part(&mut self, kind: &str, text: &str) {
        let head = format!("{kind}{}:", text.len());
        self.hash = hashed(hashed(self.hash, &head), text);
    }

    fn node(&mut self, node: &Node) {
        match &node.value {
            Value::Null => self.part("null", ""),
            Value::Bool(value) => self.part("bool", &value.to_string()),
            // Both zeros are equal.
            Value::Number(value) => self.part("number", &(value + 0.0).to_string()),
            Value::Text(text) => self.part("text", text),
            Value::List(items) => {
                self.part("list", &items.len().to_string());
                items.iter().for_each(|item| self.node(item));
            }
            Value::Map(entries) => {
                let entries = entries.iter();
                self.map(entries.map(|entry| (&*entry.key, &entry.value)).collect());
            }
        }
    }

    /// Keys in alphabetical order, so that their order in the file does not matter.
    fn map(&mut self, mut entries: Vec<(&str, &Node)>) {
        entries.sort_by_key(|(key, _)| *key);
        self.part("map", &entries.len().to_string());
        for (key, value) in entries {
            self.part("key", key);
            match (key, &value.value) {
                // The content of the file counts, not its path.
                ("csv", Value::Text(name)) => self.file(name),
                _ => self.node(value),
            }
        }
    }

    fn file(&mut self, name: &str) {
        // The scenario is valid, so the file was readable a moment ago.
        let bytes = self.folder.read(name, CSV_BYTES_MAX).unwrap_or_default();
        self.part("file", &String::from_utf8_lossy(&bytes));
    }
}
