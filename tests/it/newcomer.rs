//! A newcomer's first commands: a scenario with figures, standard input, short flags.

use std::fs;

use assert_cmd::Command;
use drawdown::scenario::Template;

use crate::cli::drawdown;

/// Exit code, output and error output of a command line that reads this text.
fn fed(args: &[&str], text: &str) -> (Option<i32>, String, String) {
    let mut command = Command::cargo_bin("drawdown").expect("the command");
    let done = command
        .args(args)
        .write_stdin(text)
        .output()
        .expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (done.status.code(), text(done.stdout), text(done.stderr))
}

const FIGURES: [&str; 10] = [
    "--target",
    "25",
    "--rate",
    "40/h",
    "--latency",
    "4m..9m",
    "--outage",
    "3h",
    "--regions",
    "2",
];

#[test]
fn figures_that_are_given_are_in_the_file_and_the_others_are_assumed() {
    let (code, text, stderr) = drawdown(&[&["new"], &FIGURES[..]].concat());
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(text.matches("target: 25").count(), 2, "{text}");
    assert_eq!(text.matches("rate: 40/h").count(), 2, "{text}");
    assert_eq!(text.matches("{p5: 4m, p95: 9m}").count(), 2, "{text}");
    assert!(text.contains("until: +4h30m"), "{text}");
    let (code, out, stderr) = fed(&["validate", "-"], &text);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(
        out.starts_with("<stdin>: valid; 2 pools, 2 demand classes"),
        "{out}"
    );
    assert!(!out.contains("neither sourced"), "{out}");
    let (sourced, assumed) = out.split_once("Assumed").expect("assumptions");
    assert!(sourced.contains("given as --target"), "{out}");
    assert!(assumed.contains("source.requests.hold"), "{out}");
    assert!(!assumed.contains("ubuntu.target"), "{out}");
}

#[test]
fn any_figures_make_a_valid_scenario() {
    let cases: [&[&str]; 12] = [
        &["--target", "5"],
        &["--target", "0", "--rate", "1/d"],
        &["--hold", "20m"],
        &["--hold", "{exponential: {mean: 1h}}", "--rate", "2/min"],
        &["--latency", "8m"],
        &["--latency", "20m..2h"],
        &["--latency", "{gamma: {mean: 5m, shape: 2}}"],
        &["--regions", "10"],
        &["--outage", "30s"],
        &["--outage", "90d", "--rate", "1/h"],
        &["--name", "it's: a \"name\" @target@ \\"],
        &["--rate", "\"40/h\""],
    ];
    for figures in cases {
        let (code, text, wrong) = drawdown(&[&["new"], figures].concat());
        assert_eq!(code, Some(0), "{figures:?}\n{wrong}");
        let template = Template::parse("new", &text);
        assert!(template.is_ok(), "{figures:?}\n{}", template.unwrap_err());
    }
}

#[test]
fn a_new_scenario_can_be_run_and_sized_at_once() {
    let text = drawdown(&[&["new"], &FIGURES[..]].concat()).1;
    let (code, out, stderr) = fed(&["ensemble", "-n", "50", "-"], &text);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(
        out.contains("westeurope/ubuntu   the first lease fails"),
        "{out}"
    );
    let size = [
        "size",
        "-n",
        "50",
        "--risk",
        "10%",
        "--pool",
        "westeurope/ubuntu",
        "-",
    ];
    let (code, out, stderr) = fed(&size, &text);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(out.contains("a target of"), "{out}");
    let (code, out, stderr) = fed(&["compare", "-n", "20", "-"], &text);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(out.contains("twice-the-stock"), "{out}");
}

#[test]
fn all_bad_figures_are_in_one_message() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("new.yaml");
    let bad = [
        "new",
        "--target",
        "abc",
        "--rate",
        "40",
        "--hold",
        "{",
        "--latency",
        "9m..4m",
        "--outage",
        "3",
        "--regions",
        "0",
        "--name",
        " ",
        "--out",
        &file.to_string_lossy(),
    ];
    let (code, out, stderr) = drawdown(&bad);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    for flag in [
        "target", "rate", "hold", "latency", "outage", "regions", "name",
    ] {
        assert!(
            stderr.contains(&format!("`--{flag}`: ")),
            "{flag}:\n{stderr}"
        );
    }
    assert!(stderr.contains("write it with its unit"), "{stderr}");
    assert!(stderr.ends_with("nothing was written\n"), "{stderr}");
    assert!(!file.exists());
}

#[test]
fn standard_input_is_read_as_a_file_is() {
    let file = "scenarios/rnq2-nc8.yaml";
    let text = fs::read_to_string(file).expect("a scenario");
    for command in [
        &["run"][..],
        &["ensemble", "-n", "20"],
        &["sweep", "-n", "5", "--vary", "clock.horizon=12h,13h"],
    ] {
        let (code, fed, stderr) = fed(&[command, &["-"]].concat(), &text);
        assert_eq!(code, Some(0), "{stderr}");
        let (_, named, _) = drawdown(&[command, &[file]].concat());
        let note = "The scenario is that of standard input: give it to these commands again.\n";
        assert!(fed.contains(note), "{fed}");
        let fed = fed.replace(note, "");
        assert_eq!(fed.replace(" -\n", &format!(" {file}\n")), named);
        assert!(fed.contains(" -\n"), "{fed}");
    }
    let (code, out, _) = fed(&["check", "--all", "-n", "50", "-"], &text);
    assert_eq!(code, Some(0), "{out}");
    assert!(out.contains("(<stdin>)"), "{out}");
}

#[test]
fn problems_of_standard_input_name_it() {
    let (code, out, stderr) = fed(&["run", "-"], "schema: 1\nnme: x\n");
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(stderr.contains("<stdin>:2:1"), "{stderr}");
    assert!(stderr.contains("<stdin>: "), "{stderr}");
    let (code, _, stderr) = fed(&["run", "-"], "");
    assert_eq!(code, Some(2), "{stderr}");
    let large = " ".repeat((4 << 20) + 1);
    let (code, _, stderr) = fed(&["run", "-"], &large);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("at most 4 MiB"), "{stderr}");
}

#[test]
fn csv_files_of_standard_input_are_in_the_current_directory() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("holds.csv"), "hold\n5m\n7m\n").expect("a file");
    let text = crate::worlds::SMALLEST;
    let set = "pools.r/i.provision.latency={empirical: {csv: holds.csv, column: hold}}";
    let run = |directory: &std::path::Path| {
        let mut command = Command::cargo_bin("drawdown").expect("the command");
        command
            .current_dir(directory)
            .args(["validate", "--set", set, "-"]);
        command.write_stdin(text).output().expect("it runs")
    };
    let done = run(folder.path());
    let stderr = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(0), "{stderr}");
    let elsewhere = tempfile::tempdir().expect("a folder");
    assert_eq!(run(elsewhere.path()).status.code(), Some(2));
}

#[test]
fn short_flags_are_the_long_ones() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    let file = "scenarios/rnq2-nc8.yaml";
    let short = [
        "ensemble",
        "-n",
        "20",
        "-s",
        "7",
        "-j",
        "1",
        "-o",
        &one.to_string_lossy(),
        file,
    ];
    let long = [
        "ensemble",
        "--replications",
        "20",
        "--seed",
        "7",
        "--threads",
        "1",
        "--out",
        &two.to_string_lossy(),
        file,
    ];
    let (code, first, noted) = drawdown(&short);
    assert_eq!(code, Some(0), "{noted}");
    assert!(noted.contains("wrote to"), "{noted}");
    assert_eq!(first, drawdown(&long).1);
    let read = |folder: &std::path::Path| fs::read(folder.join("summary.csv")).expect("a file");
    assert_eq!(read(&one), read(&two));
}

#[test]
fn quiet_leaves_notes_out_and_errors_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_string_lossy().into_owned();
    let file = "scenarios/rnq2-nc8.yaml";
    for args in [
        &["-q", "run", "-o", &out, file][..],
        &["run", "--quiet", "-o", &out, file],
    ] {
        let (code, _, noted) = drawdown(args);
        assert_eq!((code, noted.as_str()), (Some(0), ""));
    }
    let (code, _, stderr) = drawdown(&["run", "-q", "missing.yaml"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("missing.yaml"), "{stderr}");
}

/// What a newcomer mistypes, and what the report must say, which is all that is said of it.
const MISTAKES: [(&[&str], &[&str]); 9] = [
    (
        &[
            "ensemble",
            "examples/full-outage.yaml",
            "--set",
            "pools.anywhere/eny.target=3",
        ],
        &[
            "there is no `pools.anywhere/eny`",
            "did you mean `pools.anywhere/any`?",
        ],
    ),
    (
        &[
            "run",
            "examples/full-outage.yaml",
            "--through",
            "scenarios/rnq2-nc8.yaml",
        ],
        &["this is a scenario, not an outage", "scenarios/outages"],
    ),
    (
        &[
            "ensemble",
            "-n",
            "20",
            "examples/full-outage.yaml",
            "--out",
            "README.md",
        ],
        &["README.md is a file, not a folder; nothing was written"],
    ),
    (
        &[
            "ensemble",
            "examples/full-outage.yaml",
            "--gather",
            "--out",
            "target/none",
        ],
        &["there is nothing to put together", "run the shards first"],
    ),
    (
        &["ensemble", "examples/full-outage.yaml", "-j", "0"],
        &["write a whole number of 1 or more"],
    ),
    (
        &["ensemble", "examples/full-outage.yaml", "-n", "-5"],
        &["write a whole number from 1 to "],
    ),
    (
        &[
            "run",
            "examples/full-outage.yaml",
            "--replication",
            "99999999999999999999",
        ],
        &["write a whole number from 0 to 18446744073709551615"],
    ),
    (
        &["new", "--latency", "9m..4m"],
        &[
            "`--latency`: found `9m..4m`",
            "LOW..HIGH, with LOW below HIGH",
        ],
    ),
    (
        &["new", "--outage", "0s", "--target", "-1"],
        &[
            "`--outage`: found an outage that lasts no time",
            "`--target`: ",
        ],
    ),
];

#[test]
fn a_mistake_is_reported_where_it_was_made() {
    for (args, said) in MISTAKES {
        let (code, stdout, stderr) = drawdown(args);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{args:?}: {stderr}");
        for expected in said {
            assert!(stderr.contains(expected), "{args:?}: {stderr}");
        }
        assert!(stderr.lines().count() < 14, "{args:?}: {stderr}");
    }
}

#[test]
fn a_tab_is_reported_in_its_own_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("tab.yaml");
    std::fs::write(&file, "a: 1\n\tb: 2\nschema: 1\n").expect("a file");
    let (code, _, stderr) = drawdown(&["validate", &file.to_string_lossy()]);
    assert_eq!(code, Some(2));
    assert!(
        stderr.contains("a tab is used where only spaces are allowed"),
        "{stderr}"
    );
    assert!(stderr.contains("tab.yaml:2:1"), "{stderr}");
}
