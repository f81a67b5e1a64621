//! Scenario files are plain YAML: another reader of the format sees the same, and neither the order
//! of keys nor the style of writing means anything.

use drawdown::{Scenario, Seed, run};
use serde_yaml::Value;

fn digest(text: &str) -> (u64, u64) {
    let scenario =
        Scenario::parse("rewritten.yaml", text).unwrap_or_else(|problems| panic!("{problems}"));
    (
        run(&scenario, Seed(1), 0).digest,
        drawdown::expected_value(&scenario).digest,
    )
}

fn reversed(value: Value) -> Value {
    match value {
        Value::Mapping(map) => {
            let entries = map.into_iter().map(|(key, value)| (key, reversed(value)));
            Value::Mapping(entries.collect::<Vec<_>>().into_iter().rev().collect())
        }
        Value::Sequence(items) => Value::Sequence(items.into_iter().map(reversed).collect()),
        value => value,
    }
}

#[test]
fn another_reader_sees_the_same_and_order_means_nothing() {
    let folders = ["scenarios", "scenarios/policies"].map(std::fs::read_dir);
    for file in folders
        .into_iter()
        .flat_map(|folder| folder.expect("a folder"))
    {
        let path = file.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a file");
        let read: Value = serde_yaml::from_str(&text).expect("YAML");
        let rewritten = serde_yaml::to_string(&read).expect("YAML");
        assert_eq!(digest(&text), digest(&rewritten), "{path:?} rewritten");
        let turned = serde_yaml::to_string(&reversed(read)).expect("YAML");
        assert_ne!(rewritten, turned);
        assert_eq!(digest(&text), digest(&turned), "{path:?} in reverse");
    }
}
