//! Whether a text is meant as a scenario. One that is not is never quoted: it may contain secrets.

use crate::scenario::text::node::{Node, Value};
use crate::scenario::text::problem::Problem;

/// Whether a tree is meant as a scenario: whether it has a version, or two of the keys that every
/// scenario has.
pub(crate) fn is_scenario(tree: &Node) -> bool {
    let has = |key: &&str| tree.find(key).is_some();
    let version = tree.find("schema").map(|version| &version.value);
    let keys = ["clock", "regions", "pools"].iter().filter(|key| has(key));
    matches!(version, Some(Value::Number(_))) || 2 <= keys.count()
}

/// Whether a text that is not YAML is meant as a scenario: whether a line has its version.
pub(crate) fn seems_scenario(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start_matches(['{', ' ', '"', '\'', '\u{feff}']);
        let rest = line.strip_prefix("schema");
        let rest = rest.map(|rest| rest.trim_start_matches(['"', '\'']).trim_start());
        let version = rest.and_then(|rest| rest.strip_prefix(':'));
        version.is_some_and(|version| {
            version
                .trim_start()
                .starts_with(|it: char| it.is_ascii_digit())
        })
    })
}

pub(crate) fn no_scenario(found: &str) -> Problem {
    Problem::new("", format!("this is not a scenario: {found}"))
        .limit("a map of keys that includes `schema: 1`")
        .help("begin the file with `schema: 1`; `drawdown new` writes a small scenario")
}
