//! `scenarios/EVIDENCE.md` is what `drawdown check --evidence` writes; UPDATE_GOLDEN=1 rewrites it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cli::drawdown;
use crate::golden::compare;

/// Every incident, in the order of its name.
fn files() -> Vec<String> {
    let folder = fs::read_dir("scenarios").expect("a folder");
    let paths = folder.map(|it| it.expect("an entry").path());
    let is_yaml = |path: &PathBuf| path.extension().is_some_and(|it| it == "yaml");
    let mut files: Vec<String> = paths
        .filter(is_yaml)
        .map(|path| path.to_string_lossy().replace('\\', "/"))
        .collect();
    files.sort();
    files
}

/// The cells of each line of a table.
fn cells(line: &str) -> Vec<&str> {
    line.trim_matches('|').split(" | ").map(str::trim).collect()
}

#[test]
fn the_evidence_is_what_the_check_finds() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("EVIDENCE.md");
    let files = files();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let evidence = path.to_string_lossy();
    let args = ["check", "--json", "--evidence", &evidence];
    let (code, out, stderr) = drawdown(&[&args[..], &files].concat());
    assert_eq!(code, Some(0), "{stderr}");
    let text = fs::read_to_string(&path).expect("a record");
    compare(Path::new("scenarios/EVIDENCE.md"), &text);
    // The check and the record of one run do not disagree on any fact.
    let found: Value = serde_json::from_str(&out).expect("a document");
    let checks = found["checks"].as_array().expect("a list");
    let mut facts = 0;
    for fact in checks
        .iter()
        .flat_map(|it| it["facts"].as_array())
        .flatten()
    {
        let name = fact["fact"].as_str().expect("a name");
        let source = fact["source"].as_str().expect("a source");
        let mut lines = text.lines().map(cells);
        let line = lines.find(|it| it[0] == name && it.last() == Some(&source));
        let line = line.unwrap_or_else(|| panic!("{name} is missing"));
        assert_eq!(line[6] == "holds", fact["holds"] == true, "{name}");
        assert_eq!(line[1] == "fitted", fact["use"] == "fit", "{name}");
        match fact["pit"].as_f64() {
            Some(pit) => assert_eq!(line[5], format!("{pit:.3}"), "{name}"),
            None => assert_eq!(line[5], "–", "{name}"),
        }
        facts += 1;
    }
    assert!(40 <= facts, "{facts}");
}

#[test]
fn tests_across_incidents_give_what_quadrature_gives() {
    let text = fs::read_to_string("scenarios/EVIDENCE.md").expect("the evidence");
    let line = |test: &str, with: &str| {
        let mut lines = text.lines().map(cells);
        let found =
            lines.find(|it| it[0] == test && it.get(2).is_some_and(|it| it.starts_with(with)));
        found.unwrap_or_else(|| panic!("{test} with {with}"))
    };
    // PIT by quadrature over the negative binomial and the binomial law; 20,000 draws know it to 0.01.
    for (test, with, pit, verdict) in [
        ("V1", "the same stock and rate", 0.776_837, "holds weakly"),
        (
            "V1",
            "the rate times a factor, log-normal with sigma 0.3",
            0.688_273,
            "holds weakly",
        ),
        (
            "V1",
            "the rate times a factor, log-normal with sigma 0.5",
            0.635_866,
            "holds weakly",
        ),
        ("V1", "up to half of demand shed", 0.710_065, "holds weakly"),
        ("V1", "the same, and up to half", 0.865_250, "holds weakly"),
        ("V2", "the rate of West Europe", 0.992_808, "**fails**"),
    ] {
        let line = line(test, with);
        let found: f64 = line[5]
            .split(' ')
            .next()
            .and_then(|it| it.parse().ok())
            .expect("a share");
        let error = (pit * (1.0 - pit) / 20_000.0_f64).sqrt();
        assert!(
            (found - pit).abs() < 4.5 * error + 0.0005,
            "{test}: {found} for {pit}"
        );
        assert_eq!(line[7], verdict, "{test} with {with}");
    }
    // The prediction of West Europe is better than one without a model.
    let scores: Vec<f64> = line("V1", "the same stock")[6]
        .split(", ")
        .map(|it| it.parse().expect("a score"))
        .collect();
    assert!(scores[0] < scores[1], "{scores:?}");
    assert!(
        text.contains("P(at most two further failures in 33 minutes) is 0.0263"),
        "{text}"
    );
    assert!(line("V3", "the rate from the three failures")[3].starts_with("4 / "));
}
