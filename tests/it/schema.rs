//! `drawdown schema`: the schema for editors agrees with the reader.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use drawdown::Scenario;
use jsonschema::Validator;
use serde_json::Value;

use crate::golden::compare;
use crate::worlds::SMALLEST;

/// What `drawdown schema` prints.
pub fn printed() -> String {
    let done = Command::cargo_bin("drawdown")
        .expect("the command")
        .arg("schema")
        .assert()
        .success();
    String::from_utf8(done.get_output().stdout.clone()).expect("UTF-8")
}

/// The schema, ready to judge files.
pub fn validator() -> Validator {
    let schema: Value = serde_json::from_str(&printed()).expect("JSON");
    jsonschema::draft202012::new(&schema).expect("a schema")
}

/// A file as JSON; `None` if it is not YAML.
pub fn as_json(text: &str) -> Option<Value> {
    let yaml: serde_yaml::Value = serde_yaml::from_str(text).ok()?;
    serde_json::to_value(yaml).ok()
}

fn shipped() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![
        PathBuf::from("scenarios"),
        "examples".into(),
        "benches".into(),
    ];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            // Outages, and files for clusters, are of another kind.
            let other = path.ends_with("outages") || path.ends_with("cluster");
            if path.is_dir() && !other {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "yaml") {
                found.push(path);
            }
        }
    }
    found
}

#[test]
fn the_schema_is_a_schema_and_stays_as_it_is() {
    let text = printed();
    let schema: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    if let Err(errors) = jsonschema::meta::validate(&schema) {
        panic!("{errors}");
    }
    compare(Path::new("tests/it/golden/schema.json"), &text);
}

#[test]
fn every_shipped_scenario_is_valid_under_the_schema() {
    let validator = validator();
    let mut texts = vec![("smallest".to_owned(), SMALLEST.to_owned())];
    for path in shipped() {
        let text = std::fs::read_to_string(&path).expect("a file");
        texts.push((path.display().to_string(), text));
    }
    assert!(5 <= texts.len(), "only {} scenarios", texts.len());
    for (name, text) in texts {
        let file = as_json(&text).expect("YAML");
        let errors: Vec<String> = validator
            .iter_errors(&file)
            .map(|errors| format!("{name}: {}: {errors}", errors.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{}", errors.join("\n"));
    }
}

#[test]
fn invalid_files_are_invalid_under_the_schema() {
    let validator = validator();
    let names = [
        "count-that-is-none",
        "fact-without-use",
        "missing-keys",
        "misspelt-key",
        "name-with-a-dot",
        "negative-duration",
        "null-for-a-map",
        "number-without-unit",
        "share-above-one",
        "text-for-a-count",
        "two-distributions-at-once",
        "unknown-key",
        "unknown-distribution",
        "wrong-unit",
        "wrong-version",
    ];
    for name in names {
        let path = format!("tests/it/broken/{name}.yaml");
        let text = std::fs::read_to_string(path).expect("a file");
        let file = as_json(&text).expect("YAML");
        assert!(!validator.is_valid(&file), "{name} is valid");
    }
}

/// Puts each text at a path of the smallest scenario, and asks its reader and the schema.
#[track_caller]
fn agree(path: &str, texts: &[&str], read: bool) {
    let validator = validator();
    let mut file = as_json(SMALLEST).expect("YAML");
    for text in texts {
        let quoted = format!("\"{text}\"");
        let change = (path.to_owned(), quoted);
        let problems = match Scenario::parse_with("smallest.yaml", SMALLEST, [change]) {
            Ok(_) => Vec::new(),
            Err(problems) => problems.list().to_vec(),
        };
        let own = problems.iter().any(|problem| problem.path == path);
        assert_eq!(own, !read, "`{text}` at {path}: {problems:?}");
        let place = format!("/{}", path.replace('/', "~1").replace('.', "/"));
        *file.pointer_mut(&place).expect("a place") = Value::from(*text);
        assert_eq!(validator.is_valid(&file), read, "`{text}` at {path}");
    }
}

#[test]
fn what_is_read_as_a_unit_matches_its_pattern() {
    let durations = [
        "90s",
        "1h21m",
        "1.5h",
        "2 hours, 5 minutes",
        "3 days 02:30:00",
        "PT1H30M",
        "pt90s",
        "1h 5m ",
        "1w2d",
        "1wk 1day 1hr 1min 1sec 1msec 1usec 1nsec",
        "2hrs3mins4secs5millis6micros7nanos",
        "1hour 1minute 1second 1millisecond",
        "+2h",
        "5 µs",
        "1,5h",
        "01:30:00",
    ];
    agree("clock.horizon", &durations, true);
    let errors = ["90", "-1h", "1 parsec", "h", "1h30", "", "never", "1:30"];
    agree("clock.horizon", &errors, false);
    let rates = ["2/h", "0.25/min", " 1e-3 / s ", ".5/d", "3./m"];
    agree("demand.all.source.requests.rate", &rates, true);
    agree(
        "demand.all.source.requests.rate",
        &["2", "2/w", "-2/h", "1/ h /h"],
        false,
    );
    agree(
        "outages.blackout.failure",
        &["35%", "0.5 %", "100.0%", "007%", "1e-9%", ".5%"],
        true,
    );
    agree(
        "outages.blackout.failure",
        &["35", "half", "-3%", "%", "100.1%", "120%"],
        false,
    );
}

#[test]
fn what_is_read_as_an_instant_matches_its_pattern() {
    let dated = [
        "2026-01-05T00:00:00Z",
        "2026-01-05 00:00Z",
        "2026-01-05T00:00:00.250Z",
        "20260105T000000Z",
        "2026-01-05T01:00:00+01:00",
        "2026-01-05T01:00:00+01:00[Europe/Amsterdam]",
        "2026-01-05T00z",
    ];
    agree("clock.start", &dated, true);
    agree(
        "clock.start",
        &["2026-01-05", "2026-01-05T00:00:00", "yesterday", "18:50Z"],
        false,
    );
    agree(
        "outages.blackout.until",
        &["never", "18:50Z", "23:59:59Z", "+50m", "+1 hour"],
        true,
    );
    agree(
        "outages.blackout.until",
        &["18:50", "25:00Z", "50m", "always"],
        false,
    );
}
