//! One screen of answer: what commands print by default fits a terminal of 100 columns and 25 lines, or 40
//! where a scenario has many pools; `--all` prints the rest.

use std::fs;
use std::path::Path;

use drawdown::Scenario;

use crate::cli::drawdown;
use crate::golden::compare;
use crate::shell::{plain, terminal};

/// The most lines for a scenario.
fn most(scenario: &Scenario) -> usize {
    if scenario.pools().len() <= 3 { 25 } else { 40 }
}

/// What a command prints on a terminal of 100 columns; where there is no terminal to be had, what it prints
/// to a pipe.
#[track_caller]
fn fits(args: &[&str], most: usize) -> String {
    let (code, piped, wrong) = drawdown(args);
    assert!(matches!(code, Some(0 | 1)), "{args:?}: {wrong}");
    let words: Vec<String> = args.iter().map(|word| format!("'{word}'")).collect();
    let line = format!("$DRAWDOWN -q {}", words.join(" "));
    let shown = terminal(100, &line, &[]).map(|shown| plain(&shown));
    let shown = shown.unwrap_or_else(|| piped.clone());
    let used = shown.trim_end().lines().count();
    assert!(
        used <= most,
        "{args:?} takes {used} lines, not {most}:\n{shown}"
    );
    piped
}

#[test]
fn every_scenario_fits_one_screen() {
    for folder in ["scenarios", "scenarios/policies"] {
        let files = fs::read_dir(folder).expect("a folder");
        let files = files.filter_map(|entry| Some(entry.ok()?.path()));
        let mut files: Vec<_> = files
            .filter(|path| path.extension().is_some_and(|it| it == "yaml"))
            .collect();
        files.sort();
        for file in files {
            let scenario = Scenario::load(&file).expect("a valid file");
            let (file, most) = (file.to_string_lossy().into_owned(), most(&scenario));
            fits(&["run", &file], most);
            fits(&["run", "--expected-value", &file], most);
            fits(&["ensemble", "-n", "10", &file], most);
            fits(&["validate", &file], most);
        }
    }
}

#[test]
fn the_last_lines_are_the_answer() {
    let file = "scenarios/fnj8-vqz.yaml";
    for (name, args) in [
        ("run", &["run", "--expected-value", file][..]),
        ("ensemble", &["ensemble", "-n", "200", file]),
        ("compare", &["compare", "-n", "100", file]),
        (
            "size",
            &["size", "--pool", "westus2/ubuntu", "-n", "200", file],
        ),
        ("check", &["check", "-n", "200", file]),
        (
            "sweep",
            &[
                "sweep",
                "-n",
                "50",
                "--vary",
                "pools.westus2/ubuntu.target=4..12:2",
                file,
            ],
        ),
    ] {
        let out = fits(args, 40);
        let stored = format!("tests/it/golden/screen-{name}.txt");
        compare(Path::new(&stored), &out);
        let last = out.trim_end().lines().last().unwrap_or_default();
        assert!(last.starts_with("  "), "{name} ends with: {last}");
        assert!(out.contains("--all"), "{name} names `--all`");
    }
}
