//! The command line: exit codes, files, and messages.

use std::fs;

use assert_cmd::Command;

use crate::worlds::SMALLEST;

/// Exit code, output and error output of a command line.
pub fn drawdown(args: &[&str]) -> (Option<i32>, String, String) {
    let done = Command::cargo_bin("drawdown")
        .expect("the command")
        .args(args)
        .output();
    let done = done.expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (done.status.code(), text(done.stdout), text(done.stderr))
}

#[test]
fn a_check_that_holds_exits_0() {
    let (code, out, _) = drawdown(&[
        "check",
        "--all",
        "scenarios/fnj8-vqz.yaml",
        "scenarios/rnq2-nc8.yaml",
    ]);
    assert_eq!(code, Some(0), "{out}");
    assert!(out.contains("fitted facts: 16 hold, 0 missed"), "{out}");
}

#[test]
fn a_file_without_facts_counts_neither_for_nor_against() {
    let folder = tempfile::tempdir().expect("a folder");
    let report = folder.path().join("report.xml");
    let (none, some) = ("scenarios/policies/octopus.yaml", "scenarios/fnj8-vqz.yaml");
    let args = [
        "check",
        "--all",
        "--junit",
        &report.to_string_lossy(),
        none,
        some,
    ];
    let (code, out, _) = drawdown(&args);
    assert_eq!(code, Some(0), "{out}");
    let line = format!("({none}): states no facts; nothing to hold it to");
    assert!(out.contains(&line), "{out}");
    assert!(out.contains("fitted facts: 8 hold, 0 missed"), "{out}");
    let report = fs::read_to_string(report).expect("a report");
    let suite = format!("<testsuite name=\"{none}\" tests=\"1\"");
    assert!(report.contains(&suite), "{report}");

    let (code, out, _) = drawdown(&["check", "--json", "--replications", "100", none, some]);
    assert_eq!(code, Some(0), "{out}");
    assert!(out.contains("\"holds\": null"), "{out}");
    assert!(out.contains("\"holds\": true"), "{out}");
}

#[test]
fn where_no_file_states_a_fact_nothing_can_be_answered() {
    let files = [
        "scenarios/policies/octopus.yaml",
        "scenarios/policies/nodepool.yaml",
    ];
    let (code, out, stderr) = drawdown(&[&["check"], &files[..]].concat());
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(files.iter().all(|file| stderr.contains(file)), "{stderr}");
    assert!(stderr.contains("states no facts"), "{stderr}");
}

#[test]
fn a_doubled_target_exits_1_and_names_the_fact() {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("doubled.yaml");
    let text = fs::read_to_string("scenarios/fnj8-vqz.yaml").expect("a scenario");
    let doubled = text.replacen("target: 8", "target: 16", 1);
    assert_ne!(text, doubled);
    fs::write(&copy, doubled).expect("a file");
    let report = folder.path().join("report.xml");
    let (code, out, _) = drawdown(&[
        "check",
        "--all",
        "--junit",
        &report.to_string_lossy(),
        &copy.to_string_lossy(),
    ]);
    assert_eq!(code, Some(1), "{out}");
    let line = out
        .lines()
        .find(|line| line.starts_with("west-us-2-depleted: published 1h21m"));
    assert!(
        line.is_some_and(|line| line.contains("in the expected-value replay")),
        "{out}"
    );
    let report = fs::read_to_string(report).expect("a report");
    assert!(
        report.contains("<failure") && report.contains("west-us-2-depleted"),
        "{report}"
    );
}

#[test]
fn a_held_out_fact_that_is_missed_does_not_fail_the_check() {
    let early = "observed.west-us-2-restored.by=22:50Z";
    let (code, out, _) = drawdown(&[
        "check",
        "--all",
        "--replications",
        "200",
        "--set",
        early,
        "scenarios/fnj8-vqz.yaml",
    ]);
    assert!(out.contains("held-out facts: 2 hold, 1 missed"), "{out}");
    assert_eq!(code, Some(0));
}

#[test]
fn invalid_files_exit_2_and_all_are_reported() {
    let files = [
        "tests/it/broken/unknown-key.yaml",
        "tests/it/broken/dangling-pool.yaml",
    ];
    for command in ["validate", "check"] {
        let (code, out, stderr) = drawdown(&[&[command], &files[..]].concat());
        assert_eq!(code, Some(2));
        assert!(files.iter().all(|file| stderr.contains(file)), "{stderr}");
        assert_eq!(out, "");
    }
}

#[test]
fn a_changed_value_is_checked_like_one_in_the_file() {
    let (code, _, stderr) = drawdown(&[
        "run",
        "--set",
        "clock.horizon=12",
        "scenarios/fnj8-vqz.yaml",
    ]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("--set clock.horizon:"), "{stderr}");
    assert!(stderr.contains("write it with its unit"), "{stderr}");
    let (code, _, stderr) = drawdown(&[
        "run",
        "--set",
        "clock.horzon=12h",
        "scenarios/fnj8-vqz.yaml",
    ]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("did you mean `horizon`?"), "{stderr}");
}

#[test]
fn an_output_that_cannot_be_written_is_reported_before_any_work() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("taken");
    fs::write(&file, "by a file").expect("a file");
    let size = ["size", "--pool", "westus2/ubuntu"];
    for command in [&["ensemble"][..], &["compare"], &size] {
        let out = file.to_string_lossy();
        let many = ["--replications", "1000000000", "--out", &out];
        let (code, _, stderr) = drawdown(&[command, &many, &["scenarios/fnj8-vqz.yaml"]].concat());
        assert_eq!(code, Some(2));
        assert!(stderr.contains("taken is a file, not a folder"), "{stderr}");
    }
}

#[test]
fn files_have_their_columns_and_leave_nothing_else_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("deep/er");
    let (code, ..) = drawdown(&[
        "run",
        "--out",
        &out.to_string_lossy(),
        "scenarios/rnq2-nc8.yaml",
    ]);
    assert_eq!(code, Some(0));
    let mut names: Vec<String> = fs::read_dir(&out)
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    let charts = ["levels-northeurope-all", "levels-westeurope-all"];
    let endings: &[&str] = if cfg!(feature = "png") {
        &["png", "svg"]
    } else {
        &["svg"]
    };
    let charts = charts
        .iter()
        .flat_map(|chart| endings.iter().map(move |it| format!("{chart}.{it}")));
    let tables = [
        "charts.json",
        "dependencies.csv",
        "levels.csv",
        "measures.csv",
        "report.html",
        "run.json",
    ];
    let mut expected: Vec<String> = tables
        .map(str::to_owned)
        .into_iter()
        .chain(charts)
        .collect();
    expected.sort();
    assert_eq!(names, expected);
    let levels = fs::read_to_string(out.join("levels.csv")).expect("a file");
    let header = "time_s,utc,pool,ready,pending,leased,deleting,waiting,failed_leases";
    assert_eq!(levels.lines().next(), Some(header));
    let page = fs::read_to_string("src/manual/outputs.md").expect("the page of outputs");
    let measures = drawdown::measure::MEASURES
        .iter()
        .chain(drawdown::measure::INCIDENT_MEASURES)
        .chain(drawdown::measure::DEPENDENCY_MEASURES)
        .chain(drawdown::measure::CLASS_MEASURES);
    for name in measures.map(|measure| measure.name) {
        assert!(
            page.contains(&format!("`{name}`")),
            "the manual does not explain {name}"
        );
    }
}

#[test]
fn charts_show_the_figures_of_the_tables() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_string_lossy().into_owned();
    let file = "scenarios/fnj8-vqz-managed-identity.yaml";
    let (code, stdout, _) = drawdown(&["run", "--seed", "3", "--out", &out, file]);
    assert_eq!(code, Some(0));
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect("a file");
    let measures = read("measures.csv");
    let measure = |start: &str| {
        let row = measures.lines().find(|row| row.starts_with(start));
        let value = row
            .and_then(|row| row.rsplit(',').next())
            .map(str::to_owned);
        value.expect("a measure")
    };
    let levels = read("levels-eastus-worker.svg");
    let failed = measure("pool,eastus/worker,failed_leases,");
    assert!(
        failed != "0" && levels.contains(&format!("{failed} failed leases")),
        "{failed}"
    );
    let calls = read("dependency-identity-eastus.svg");
    let seconds = |name: &str| {
        let value = measure(&format!("dependency,identity-eastus,{name},"));
        value.parse::<f64>().expect("a number")
    };
    let minutes = ((seconds("calm_at_s") - seconds("congested_at_s")) / 60.0).round() as u64;
    let length = format!("congested for {}h{}m", minutes / 60, minutes % 60);
    assert!(calls.contains(&length), "{length}");
    assert!(stdout.contains("first lease failed"), "{stdout}");
}

#[test]
fn nothing_is_written_where_the_scenario_is_invalid() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let (code, ..) = drawdown(&[
        "run",
        "--out",
        &out.to_string_lossy(),
        "tests/it/broken/unknown-key.yaml",
    ]);
    assert_eq!(code, Some(2));
    assert!(!out.exists());
}

#[test]
fn a_closed_pipe_is_not_a_failure() {
    let binary = assert_cmd::cargo::cargo_bin("drawdown");
    let pipe = format!(
        "{} ensemble --json --replications 400 scenarios/fnj8-vqz.yaml | head -c 10; exit ${{PIPESTATUS[0]}}",
        binary.display()
    );
    let done = std::process::Command::new("bash")
        .args(["-c", &pipe])
        .output()
        .expect("bash");
    assert_eq!(
        done.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

#[test]
fn calls_left_over_from_before_fit_the_drawing() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("backlog.yaml");
    let backlog = "
dependencies:
  identity:
    {capacity: 10/s, queue: 1000, timeout: 1s, retry: {probability: 0%, delay: 1s, tries: 1},
     load: 1/h, initial: {queue: 1000, waiting: 0}, calm: {queue: 0, waiting: 0}}
";
    fs::write(&file, format!("{SMALLEST}{backlog}")).expect("a file");
    let (code, out, stderr) = drawdown(&["run", "--all", &file.to_string_lossy()]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(out.contains("calls wasted"), "{out}");
}

#[test]
fn flags_that_make_no_sense_exit_2() {
    for args in [
        &["run"][..],
        &["ensemble", "--replications", "0", "x.yaml"],
        &["rnu"],
    ] {
        assert_eq!(drawdown(args).0, Some(2), "{args:?}");
    }
    assert_eq!(drawdown(&["--help"]).0, Some(0));
}

#[test]
fn watching_needs_a_terminal() {
    let (code, out, stderr) = drawdown(&["run", "--watch", "scenarios/fnj8-vqz.yaml"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(stderr.contains("draws on a terminal"), "{stderr}");
    for flags in [
        &["--pace", "60"][..],
        &["--watch", "--json"],
        &["--watch", "--pace", "0"],
    ] {
        let (code, ..) = drawdown(&[&["run", "scenarios/fnj8-vqz.yaml"], flags].concat());
        assert_eq!(code, Some(2), "{flags:?}");
    }
}
