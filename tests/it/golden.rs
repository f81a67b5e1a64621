//! The output of commands for the shipped scenarios, verbatim. `UPDATE_GOLDEN=1` rewrites it.

use std::path::{Path, PathBuf};

use assert_cmd::Command;

/// Compares a text with the stored one, or stores it.
#[track_caller]
pub fn compare(stored: &Path, text: &str) {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(stored.parent().expect("a folder")).expect("a folder");
        std::fs::write(stored, text).expect("a file");
        return;
    }
    let expected = std::fs::read_to_string(stored).unwrap_or_default();
    if expected != text {
        let different = expected
            .lines()
            .zip(text.lines())
            .find(|(one, other)| one != other);
        panic!(
            "{} differs, first at {different:#?}\nnow:\n{text}",
            stored.display()
        );
    }
}

#[track_caller]
fn said(name: &str, args: &[&str]) {
    let done = Command::cargo_bin("drawdown")
        .expect("the command")
        .args(args)
        .assert()
        .success();
    let text = String::from_utf8(done.get_output().stdout.clone()).expect("UTF-8");
    compare(&PathBuf::from(format!("tests/it/golden/{name}.txt")), &text);
}

#[test]
fn fnj8_vqz_as_expected_and_by_chance() {
    said(
        "fnj8-vqz-expected-value",
        &[
            "run",
            "--all",
            "--expected-value",
            "scenarios/fnj8-vqz.yaml",
        ],
    );
    said(
        "fnj8-vqz-seed-1",
        &["run", "--all", "--seed", "1", "scenarios/fnj8-vqz.yaml"],
    );
}

#[test]
fn rnq2_nc8_as_expected_and_as_json() {
    said(
        "rnq2-nc8-expected-value",
        &[
            "run",
            "--all",
            "--expected-value",
            "scenarios/rnq2-nc8.yaml",
        ],
    );
    said(
        "rnq2-nc8-json",
        &["run", "--json", "--seed", "2", "scenarios/rnq2-nc8.yaml"],
    );
}

#[test]
fn ensembles_and_checks() {
    said(
        "rnq2-nc8-ensemble",
        &[
            "ensemble",
            "--all",
            "--replications",
            "300",
            "scenarios/rnq2-nc8.yaml",
        ],
    );
    said(
        "check",
        &[
            "check",
            "--all",
            "--replications",
            "1000",
            "scenarios/fnj8-vqz.yaml",
            "scenarios/rnq2-nc8.yaml",
        ],
    );
    said(
        "validate",
        &["validate", "--all", "scenarios/rnq2-nc8.yaml"],
    );
}
