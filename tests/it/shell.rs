//! The command in a shell and a terminal: completions, manual, starter, colour and width.

use std::fs;
use std::process::Command;

use crate::cli::drawdown;

/// What a shell line prints in which `$DRAWDOWN` is the command, with these variables set.
#[track_caller]
fn shell(line: &str, variables: &[(&str, &str)]) -> String {
    let mut bash = Command::new("bash");
    bash.args(["-c", line]);
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS"] {
        bash.env_remove(name);
    }
    bash.env("DRAWDOWN", assert_cmd::cargo::cargo_bin("drawdown"));
    bash.env("TERM", "xterm-256color");
    bash.envs(variables.iter().copied());
    let done = bash.output().expect("bash");
    let stderr = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{line}\n{stderr}");
    String::from_utf8(done.stdout).expect("UTF-8")
}

/// The same on a terminal of so many columns; absent where no terminal can be had.
pub fn terminal(columns: usize, line: &str, variables: &[(&str, &str)]) -> Option<String> {
    let there = Command::new("script").arg("--version").output();
    there.ok().filter(|done| done.status.success())?;
    let line = format!("stty cols {columns} rows 50; {line}");
    let line = format!("script -qec {line:?} /dev/null < /dev/null");
    Some(shell(&line.replace("$DRAWDOWN", "\\$DRAWDOWN"), variables).replace('\r', ""))
}

/// A text without its escape codes.
pub fn plain(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| part.split_once('m').expect("the end of a code").1);
    first + &rest.collect::<String>()
}

/// The starter in a file of its own, after a change of its text.
fn starter(change: impl Fn(&str) -> String) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("starter.yaml");
    let (code, text, stderr) = drawdown(&["new"]);
    assert_eq!(code, Some(0), "{stderr}");
    fs::write(&file, change(&text)).expect("a file");
    let file = file.to_string_lossy().into_owned();
    (folder, file)
}

const COMMANDS: [&str; 17] = [
    "run",
    "ensemble",
    "sweep",
    "compare",
    "size",
    "report",
    "trace",
    "check",
    "calibrate",
    "sensitivity",
    "validate",
    "verify",
    "schema",
    "new",
    "completions",
    "man",
    "help",
];

#[test]
fn every_shell_completes_every_command() {
    for name in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (code, script, _) = drawdown(&["completions", name]);
        assert_eq!(code, Some(0));
        let knows = |command: &&str| script.contains(*command);
        assert!(COMMANDS.iter().all(knows), "{name}");
        assert!(script.contains("replications"), "{name}");
        assert_eq!(script, drawdown(&["completions", name]).1);
    }
    assert_eq!(drawdown(&["completions", "tcsh"]).0, Some(2));
    shell("bash -n <(\"$DRAWDOWN\" completions bash)", &[]);
}

#[test]
fn each_command_has_a_page_in_the_manual() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("man1");
    let (code, ..) = drawdown(&["man", "--out", &out.to_string_lossy()]);
    assert_eq!(code, Some(0));
    let names = COMMANDS
        .iter()
        .map(|command| format!("drawdown-{command}.1"));
    let mut expected: Vec<String> = names.chain(["drawdown.1".to_owned()]).collect();
    expected.sort();
    let entries = fs::read_dir(&out).expect("a folder");
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("an entry").file_name();
    let mut found: Vec<String> = entries
        .map(|entry| name(entry).to_string_lossy().into_owned())
        .collect();
    found.sort();
    assert_eq!(found, expected);
    let page = |name: &str| fs::read_to_string(out.join(name)).expect("a page");
    assert_eq!(drawdown(&["man"]).1, page("drawdown.1"));
    assert!(page("drawdown-run.1").contains("drawdown run"));
    // Where groff is there to judge, it has nothing to warn of.
    if Command::new("groff").arg("--version").output().is_ok() {
        let line = format!("groff -man -ww -z -Tutf8 {}/*.1 2>&1", out.display());
        assert_eq!(shell(&line, &[]), "");
    }
}

#[test]
fn the_starter_is_valid_and_declares_all_it_assumes() {
    let (_folder, file) = starter(str::to_owned);
    let (code, out, stderr) = drawdown(&["validate", &file]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(out.contains("valid; 1 pool, 1 demand class"), "{out}");
    assert!(
        !out.contains("neither sourced") && !out.contains("Neither"),
        "{out}"
    );
    let text = fs::read_to_string(&file).expect("a file");
    assert!(text.starts_with("# A scenario to begin from: one region, one pool, one outage."));
    for (number, line) in text.lines().enumerate() {
        assert!(line.chars().count() <= 100, "line {}: {line}", number + 1);
    }
}

#[test]
fn the_starter_runs_dry_and_twice_the_stock_lasts_longer() {
    let (_folder, file) = starter(str::to_owned);
    let (_, out, _) = drawdown(&["run", "--all", "--expected-value", &file]);
    assert!(out.contains("first lease failed 1h01m02s after"), "{out}");
    assert!(out.contains("step keep-leases"), "{out}");
    let many = ["ensemble", "--replications", "100", &file];
    let (_, out, _) = drawdown(&many);
    let line = out.lines().last().unwrap_or_default();
    assert!(
        line.starts_with("  westeurope/ubuntu  the first lease fails 5"),
        "{out}"
    );
    assert!(line.ends_with("in all 100 replications"), "{out}");
    let (_, out, _) = drawdown(&[&many[..], &["--variant", "twice-the-stock"]].concat());
    assert!(out.contains("the first lease fails 1h"), "{out}");
}

#[test]
fn the_facts_that_the_starter_shows_can_be_checked() {
    let (_folder, file) = starter(|text| {
        let mut example = false;
        let lines = text.lines().map(|line| {
            example = example && line.starts_with('#') || line == "# observed:";
            if example {
                line.get(2..).unwrap_or_default()
            } else {
                line
            }
        });
        lines.map(|line| line.to_owned() + "\n").collect()
    });
    let (code, out, stderr) = drawdown(&["check", "--all", &file]);
    assert_eq!(code, Some(0), "{out}{stderr}");
    let answer = "Every fitted fact holds (1 of 1).\nEvery held-out fact holds (1 of 1).\n";
    assert!(out.starts_with(answer), "{out}");
}

#[test]
fn a_file_that_is_there_is_not_overwritten() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mine.yaml");
    let args = ["new", "--out", &file.to_string_lossy()];
    assert_eq!(drawdown(&args).0, Some(0));
    assert_eq!(
        fs::read_to_string(&file).expect("a file"),
        drawdown(&["new"]).1
    );
    fs::write(&file, "mine").expect("a file");
    let (code, out, stderr) = drawdown(&args);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(
        stderr.contains("is already there, and is not overwritten"),
        "{stderr}"
    );
    assert_eq!(fs::read_to_string(&file).expect("a file"), "mine");
}

#[test]
fn piped_output_has_no_colour_unless_forced() {
    let line = "\"$DRAWDOWN\" check --replications 100 scenarios/fnj8-vqz.yaml";
    let piped = shell(line, &[("COLUMNS", "60")]);
    assert!(!piped.contains('\u{1b}'), "{piped}");
    let forced = shell(line, &[("CLICOLOR_FORCE", "1")]);
    assert!(forced.contains("\u{1b}[32mholds\u{1b}[0m"), "{forced}");
    // Colour carries no information that the words do not.
    assert_eq!(plain(&forced), piped);
    let json = "\"$DRAWDOWN\" run --json scenarios/fnj8-vqz.yaml";
    assert_eq!(shell(json, &[("CLICOLOR_FORCE", "1")]), shell(json, &[]));
}

#[test]
fn a_report_for_machines_has_no_colour() {
    let folder = tempfile::tempdir().expect("a folder");
    let report = folder.path().join("report.xml");
    let line = format!(
        "\"$DRAWDOWN\" check --replications 100 --junit {} scenarios/fnj8-vqz.yaml",
        report.display()
    );
    shell(&line, &[("CLICOLOR_FORCE", "1")]);
    let report = fs::read_to_string(report).expect("a report");
    assert!(!report.contains('\u{1b}'), "{report}");
}

#[test]
fn a_terminal_has_colour_unless_disabled() {
    let line = "$DRAWDOWN run --expected-value scenarios/fnj8-vqz.yaml";
    let Some(shown) = terminal(100, line, &[]) else {
        return;
    };
    assert!(
        shown.contains("\u{1b}[33m░"),
        "the outage has no colour:\n{shown}"
    );
    let refused = terminal(100, line, &[("NO_COLOR", "1")]).unwrap_or_default();
    assert!(!refused.contains('\u{1b}'), "{refused}");
    assert_eq!(plain(&shown), refused);
}

#[test]
fn nothing_is_wider_than_the_terminal() {
    let commands = [
        "run --expected-value scenarios/fnj8-vqz.yaml",
        "run --expected-value scenarios/fnj8-vqz-managed-identity.yaml",
        "check --quiet --replications 100 scenarios/rnq2-nc8.yaml",
        "validate scenarios/rnq2-nc8.yaml",
    ];
    for columns in [60, 80, 120] {
        for command in commands {
            let Some(shown) = terminal(columns, &format!("$DRAWDOWN {command}"), &[]) else {
                return;
            };
            let shown = plain(&shown);
            // Words wrap by themselves; what is drawn would fall apart.
            let drawn = |line: &&str| line.contains(['┤', '└', '─', '×']) || line.contains("   ");
            for line in shown.lines().filter(drawn) {
                assert!(
                    line.chars().count() <= columns,
                    "{columns}: {command}\n{line}"
                );
            }
        }
    }
    let run = "$DRAWDOWN run --expected-value scenarios/rnq2-nc8.yaml";
    let by_window = terminal(60, run, &[]);
    // Some shells reset the variable to the window size, so it is set for the command alone.
    let by_variable = terminal(200, &format!("COLUMNS=60 {run}"), &[]);
    assert_eq!(by_window, by_variable);
}

#[test]
fn a_long_scenario_has_dates_below_its_drawing() {
    let (_, out, _) = drawdown(&["run", "scenarios/azure-year.yaml"]);
    let dated = out
        .lines()
        .find(|line| line.trim_start().starts_with("2026-01  "));
    assert!(dated.is_some_and(|line| line.contains("2026-11")), "{out}");
    let week = [
        "run",
        "--set",
        "clock.horizon=7d",
        "scenarios/rnq2-nc8.yaml",
    ];
    let (_, out, _) = drawdown(&week);
    assert!(
        out.lines()
            .any(|line| line.trim_start().starts_with("03-24")),
        "{out}"
    );
}

#[test]
fn a_page_of_the_manual_fits_the_terminal() {
    for columns in [60, 100] {
        for topic in ["scenario", "outputs", "limits"] {
            let Some(shown) = terminal(columns, &format!("$DRAWDOWN help {topic}"), &[]) else {
                return;
            };
            assert!(
                shown.starts_with("\u{1b}["),
                "no heading stands out:\n{shown}"
            );
            let shown = plain(&shown);
            assert!(!shown.contains("<!--"), "{shown}");
            for line in shown.lines() {
                assert!(!line.starts_with('|'), "{columns}: {line}");
                assert!(line.chars().count() <= columns, "{columns}: {line}");
            }
        }
    }
}
