//! Scenario files are plain YAML: another reader of the format sees the same, and neither the order
//! of keys nor the style of writing means anything.

use drawdown::scenario::Template;
use drawdown::{Scenario, Seed, expected_value, run};
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

#[test]
fn names_of_earlier_versions_are_still_read() {
    let now = "
schema: 1
name: names
clock: {start: 2026-01-05T00:00:00Z, horizon: 2h, warm_up: 0s}
regions: {r: {}}
pools:
  r/i:
    target: 2
    provision: {latency: 5m, timeout: 30m}
    replenish: {counts: ready_and_pending, in_flight_max: 4, retry: {initial: 1m, max: 5m}}
    lease: {on_empty: reject, release: delete}
    delete: {latency: 1m, failed_attempts: in_parallel}
demand:
  all: {pool: r/i, essential: true, source: {deterministic: {rate: 20/h, hold: 10m}}}
variants:
  busy: {demand.all.source.deterministic.rate: 40/h}
assumptions:
  - {path: demand.all.source.deterministic.rate, basis: reasoned, prior: {uniform: [1/h, 90/h]}, why: It is not known.}
";
    let before = now
        .replace("deterministic", "even")
        .replace("in_parallel", "beside");
    assert_ne!(now, before);
    let parse = |text: &str, variant, changes: &[(&str, &str)]| {
        let found = Template::parse_variant("names.yaml", text, variant, changes.to_vec());
        let template = found.unwrap_or_else(|problems| panic!("{problems}"));
        let outcome = expected_value(template.base());
        (outcome.digest, template.digest())
    };
    assert_eq!(parse(&before, None, &[]), parse(now, None, &[]));
    let busy = parse(now, Some("busy"), &[]);
    assert_eq!(parse(&before, Some("busy"), &[]), busy);
    let (path, whole) = ("demand.all.source.even.rate", "demand.all.source");
    assert_eq!(parse(now, None, &[(path, "40/h")]), busy);
    let source = "{even: {rate: 40/h, hold: 10m}}";
    assert_eq!(parse(now, None, &[(whole, source)]), busy);

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("names.yaml");
    std::fs::write(&file, before).expect("a file");
    let (_, said, _) = crate::cli::drawdown(&["validate", &file.display().to_string()]);
    assert!(
        said.contains("`source: even` is now `source: deterministic`; the old name is still read"),
        "{said}"
    );
    assert!(said.contains("`failed_attempts: in_parallel`"), "{said}");
}
