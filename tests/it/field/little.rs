//! Reports of little: few replications, nothing that can fail, nothing to size, no
//! difference.

use std::fs;
use std::path::Path;
use std::process::Command;

use assert_cmd::cargo::CommandCargoExt;

/// What a command line prints, on both streams, and how it ends.
fn said(line: &str) -> (String, Option<i32>) {
    let mut process = Command::cargo_bin("drawdown").expect("the command");
    let output = process.args(line.split_whitespace()).output();
    let output = output.expect("it runs");
    let text = [output.stdout, output.stderr].concat();
    (String::from_utf8(text).expect("text"), output.status.code())
}

#[track_caller]
fn check(line: &str, code: i32, parts: &[&str], absent: &[&str]) -> String {
    let (text, ended) = said(line);
    assert_eq!(ended, Some(code), "{text}");
    for part in parts {
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
    for part in absent {
        assert!(!text.contains(part), "`{part}` in\n{text}");
    }
    text
}

const BUSY: &str = "tests/it/field/never-back.yaml";
const WAITS: &str = "tests/it/field/all-requests-wait.yaml";
const YEAR: &str = "tests/it/field/year.yaml";

#[test]
fn nothing_to_size_is_no_answer() {
    let line = format!("size --pool r/vm --set outages={{}} --replications 100 {BUSY}");
    let parts = [
        "the file has no outage, so that a buffer must be sized for ordinary times",
        "`--hit-rate '>= 99%'`",
    ];
    check(&line, 2, &parts, &["leave out"]);
    let line = format!(
        "size --pool westeurope/ubuntu --set clock.horizon=1m --set clock.warm_up=0s --risk 10% \
         --replications 10 --within 0..4:1 {YEAR}"
    );
    let parts = [
        "no outage meets westeurope/ubuntu in any of 10 replications, so that there is nothing to size",
        "help: size for failures at any time with `--measure failed_leases`, for a wait",
    ];
    check(&line, 2, &parts, &["leave out"]);
    let line = format!(
        "size --pool northeurope/ubuntu --set clock.horizon=90d --risk 5% --replications 50 \
         --within 0..4:1 {YEAR}"
    );
    let parts = [
        "northeurope/ubuntu is a standby that never opens, and no request reaches it in any of 50 \
         replications, so that there is nothing to size",
    ];
    check(&line, 2, &parts, &["fewer may do"]);
}

/// The title of the first chart in a folder whose name begins so.
fn title(folder: &Path, begin: &str) -> String {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut paths = entries.map(|entry| entry.expect("an entry").path());
    let chart = paths.find(|path| {
        let name = path.file_name().expect("a name").to_string_lossy();
        name.starts_with(begin) && name.ends_with(".svg")
    });
    let text = fs::read_to_string(chart.expect("a chart")).expect("a chart");
    let (_, text) = text.split_once("<title>").expect("a title");
    text.split("</title>").next().unwrap_or_default().to_owned()
}

#[test]
fn charts_of_sizes_state_their_requirement() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().display();
    let pool = fs::read_to_string(WAITS).expect("a scenario");
    let pool = pool.lines().skip_while(|line| *line != "pools:").nth(1);
    let pool = pool
        .expect("a pool")
        .trim()
        .trim_end_matches(':')
        .to_owned();
    let line = format!(
        "size --pool {pool} --measure wait_p95_s --at-most 60 --risk 10% --replications 50 \
         --within 0..400:20 --out {out} {WAITS}"
    );
    check(&line, 0, &["wait_p95_s is at most 1m"], &[]);
    let title = title(folder.path(), "size-");
    assert!(title.contains("wait_p95_s is at most 1m in "), "{title}");
    assert!(title.contains("(90.0% required)"), "{title}");
    assert!(!title.contains("lease"), "{title}");
}

#[test]
fn where_nothing_can_fail_there_is_no_survival_chart() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().display();
    let line = format!("ensemble --replications 10 --out {out} {WAITS}");
    check(&line, 0, &["wrote to"], &["without a failed lease"]);
    let names = fs::read_dir(folder.path()).expect("a folder");
    let names = names.map(|it| it.expect("an entry").file_name());
    let names: Vec<String> = names.map(|it| it.to_string_lossy().into_owned()).collect();
    assert!(
        names.iter().any(|name| name.starts_with("fan-")),
        "{names:?}"
    );
    let survival = |name: &String| name.starts_with("survival-");
    assert!(!names.iter().any(survival), "{names:?}");
}

#[test]
fn two_replications_have_no_central_share() {
    let line = format!("ensemble --all --replications 2 {BUSY}");
    let parts = [" in both replications", "least", "most"];
    check(&line, 0, &parts, &["90%", "95%  ", "all 2", "(median"]);
}

#[test]
fn a_year_counts_from_the_first_outage() {
    let line = format!("ensemble --all --set clock.horizon=60d --replications 40 {YEAR}");
    let parts = ["Pools without a failed lease, so long after the first outage began"];
    let text = check(&line, 0, &parts, &[]);
    let place = |part: &str| text.find(part).expect("a sentence");
    assert!(
        place("westeurope/ubuntu: ") < place("northeurope/ubuntu: a standby that never opened"),
        "{text}"
    );
}

#[test]
fn what_never_occurs_is_not_made_precise() {
    let calm = format!("ensemble --precision 5% --set outages={{}} --set observed={{}} {BUSY}");
    let cases = [
        ("recovered_90_after_s", "10"),
        ("first_lease_failure_at_s", "3000"),
        ("failed_leases", "3000"),
    ];
    for (measure, target) in cases {
        let line = format!("{calm} --measure {measure} --set pools.r/vm.target={target}");
        let parts = [
            format!("`{measure}` does not occur in any pool in any of 1,"),
            "nothing was written".to_owned(),
        ];
        check(&line, 2, &parts.each_ref().map(String::as_str), &[]);
    }
}

#[test]
fn memory_is_said_with_its_thousands_apart() {
    let line = format!(
        "ensemble --precision 90% --replications 2000000 --pool westeurope/ubuntu --set clock.horizon=30d {YEAR}"
    );
    check(&line, 0, &["2,000,000 replications take about 2,"], &[]);
    // It falls with what is kept.
    check(
        &format!("{line} --measure failed_leases"),
        0,
        &[],
        &["of memory"],
    );
}

#[test]
fn measures_that_are_not_asked_for_are_not_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out").display().to_string();
    let asked = "--measure failed_leases --measure time_to_survive_s --measure pages";
    let line = format!("ensemble -n 60 {asked} --out {out} {YEAR} --set clock.horizon=30d");
    let parts = [
        "westeurope/ubuntu   failed_leases mean ",
        "; not 0 in 35.0%",
        "pages mean 0",
        "reproduce: drawdown",
    ];
    check(&line, 0, &parts, &["without a failed lease", "idle hours"]);
    let header = |name: &str| {
        let text = fs::read_to_string(folder.path().join("out").join(name)).expect("a table");
        text.lines().next().unwrap_or_default().to_owned()
    };
    let columns = "replication,pool,time_to_survive_s,failed_leases";
    assert_eq!(header("replications.csv"), columns);
    assert_eq!(header("incidents.csv"), "replication,pages");
    // The same values as with everything.
    let all = folder.path().join("all").display().to_string();
    let line = format!("ensemble -n 60 --out {all} {YEAR} --set clock.horizon=30d");
    check(&line, 0, &[], &[]);
    let rows = |name: &str| {
        let path = folder.path().join(name).join("replications.csv");
        let mut reader = csv::Reader::from_path(path).expect("a table");
        let header = reader.headers().expect("a header").clone();
        let places = columns
            .split(',')
            .map(|column| header.iter().position(|it| it == column));
        let places: Vec<usize> = places.map(|it| it.expect("a column")).collect();
        let row = |row: csv::StringRecord| places.iter().map(|at| row[*at].to_owned()).collect();
        let rows = reader.into_records().map(|it| row(it.expect("a row")));
        rows.collect::<Vec<Vec<String>>>()
    };
    assert_eq!(rows("out"), rows("all"));
    let one = format!("ensemble -n 9 --all --pool westeurope/ubuntu {asked} {YEAR}");
    check(
        &one,
        0,
        &["failed_leases"],
        &["northeurope", "never opened"],
    );
    check(
        &format!("ensemble --measure failed_lease {YEAR}"),
        2,
        &["`failed_leases`"],
        &[],
    );
}

#[test]
fn a_difference_that_is_the_same_in_every_pair_is_constant() {
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = fs::read_to_string("examples/full-outage.yaml").expect("a scenario");
    let (more, most) = (folder.path().join("a.yaml"), folder.path().join("b.yaml"));
    let with = |target: &str| scenario.replacen("target: 30", target, 1);
    fs::write(&more, with("target: 1000")).expect("a scenario");
    fs::write(&most, with("target: 1001")).expect("a scenario");
    let line = format!(
        "compare --all --replications 60 {} {}",
        more.display(),
        most.display()
    );
    let text = check(
        &line,
        0,
        &["constant", "no difference found in"],
        &["×", "tenants"],
    );
    assert!(text.contains("idle_worker_hours"), "{text}");
}

#[test]
fn errors_of_values_name_the_path_that_was_set() {
    let line = format!("run --set pools.r/vm.target=x {BUSY}");
    check(&line, 2, &["--> --set pools.r/vm.target:1:1"], &[]);
    let line = "sweep --vary pools.anywhere/any.target=4..8:0.5 --design lhs --points 4 \
                examples/full-outage.yaml";
    let help = "help: use a whole step: `pools.anywhere/any.target=4..8:1`";
    check(line, 2, &[help], &[]);
}

/// The labels and the column of the axis of the first drawing.
fn axis(text: &str) -> (String, Vec<usize>) {
    let rows = text.lines().filter(|line| line.contains('┤')).take(5);
    let rows: Vec<&str> = rows.collect();
    let column = |row: &&str| row.chars().position(|it| it == '┤').expect("an axis");
    let label = rows[0].split('┤').next().unwrap_or_default();
    (label.trim().to_owned(), rows.iter().map(column).collect())
}

#[test]
fn drawings_are_scaled_to_what_they_show() {
    let line = format!("run --set pools.r/vm.target=100000 {BUSY}");
    let (label, columns) = axis(&check(&line, 0, &[], &[]));
    assert_eq!(label, "100,000");
    assert!(columns.iter().all(|it| *it == columns[0]), "{columns:?}");
    let (label, _) = axis(&check(
        "run --expected-value --set pools.region/worker.target.proportional.max=4000 \
         scenarios/policies/gitlab-fleeting.yaml",
        0,
        &[],
        &[],
    ));
    let most: f64 = label.replace(',', "").parse().expect("a level");
    assert!(most < 2_000.0, "{most}");
}
