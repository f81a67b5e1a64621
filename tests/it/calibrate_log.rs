//! `drawdown calibrate --from`: logs that ship and their scenarios, formats, and logs with problems.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::cli::drawdown;

/// Logs that ship, each with flags and its scenario.
const EXAMPLES: [(&str, &[&str]); 3] = [
    ("workflow-jobs.json", &[]),
    (
        "azure-vm-provisioning-2018.csv",
        &["--where", "extension=medium"],
    ),
    ("vm-demand-hourly.csv", &[]),
];

/// Files with these contents, in a folder.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("a file");
    }
    folder
}

/// Exit code, output and error output for a log with this content.
fn calibrated(name: &str, text: &str, flags: &[&str]) -> (Option<i32>, String, String) {
    let folder = folder(&[(name, text)]);
    let file = folder.path().join(name).to_string_lossy().into_owned();
    drawdown(&[&["calibrate", "--from", &file], flags].concat())
}

fn record(name: &str, text: &str, flags: &[&str]) -> Value {
    let (code, out, stderr) = calibrated(name, text, &[flags, &["--json"]].concat());
    assert_eq!(code, Some(0), "{stderr}");
    serde_json::from_str(&out).expect("JSON")
}

fn near(found: &Value, expected: f64, within: f64) {
    let number = found
        .as_f64()
        .unwrap_or_else(|| panic!("no number: {found}"));
    assert!(
        (number - expected).abs() <= within,
        "{number}, not {expected}"
    );
}

#[test]
fn logs_that_ship_give_the_scenarios_that_ship_and_these_run() {
    for (log, flags) in EXAMPLES {
        let log = format!("examples/{log}");
        let (code, out, stderr) = drawdown(&[&["calibrate", "--from", &log], flags].concat());
        assert_eq!(code, Some(0), "{stderr}");
        let scenario = Path::new(&log).with_extension("yaml");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&scenario, &out).expect("a scenario");
        }
        let kept = fs::read_to_string(&scenario).expect("a scenario");
        assert!(kept == out, "{log} gives another scenario");
        let scenario = scenario.to_string_lossy();
        let (code, out, stderr) = drawdown(&["ensemble", "-n", "20", &scenario]);
        assert_eq!(code, Some(0), "{stderr}");
        assert!(out.contains("fitted"), "{out}");
        let (code, out, _) = drawdown(&["validate", "--all", &scenario]);
        assert_eq!(code, Some(0));
        assert!(!out.contains("neither sourced"), "{out}");
    }
}

#[test]
fn the_worked_example_finds_what_its_log_was_drawn_from_on_one_screen() {
    let folder = folder(&[]);
    let file = folder.path().join("my.yaml").to_string_lossy().into_owned();
    let args = [
        "calibrate",
        "--from",
        "examples/workflow-jobs.json",
        "--out",
        &file,
    ];
    let (code, out, stderr) = drawdown(&args);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(out.lines().count() <= 25, "{out}");
    for part in [
        "1,330 jobs (workflow-job), 1,303 used",
        "left out: 27 skipped jobs",
        "mean 1.69/h, 1.93 at a time",
        "lognormal, median 6m5s",
        "1,044 + 50 censored",
        "The log cannot tell",
        &format!("Next: drawdown ensemble {file}"),
    ] {
        assert!(out.contains(part), "{part}\n{out}");
    }
    // Drawn with medians of 6 and 25 minutes, and sigmas of 0.8 and 0.6.
    let text = fs::read_to_string(&file).expect("a scenario");
    for ends in [["5m50s", "6m20s"], ["23m24s", "27m4s"]] {
        let prior = format!(
            "      lognormal:\n        p5: {}\n        p95: {}\n",
            ends[0], ends[1]
        );
        assert!(text.contains(&prior), "{text}");
    }
    let (code, _, stderr) = drawdown(&args);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("is not overwritten"), "{stderr}");
}

/// Requests every ten minutes that are held for an hour, two of them unfinished and one never served.
fn requests() -> String {
    let mut text = "requested,started,ended,outcome,tenant,pool\n".to_owned();
    let start = 1_790_841_600;
    for place in 0..60 {
        let at = start + 600 * place;
        let hold = 3_000 + 40 * (place * 7 % 30);
        let (started, ended, outcome) = match place {
            7 => (String::new(), (at + 300).to_string(), "abandoned"),
            58 | 59 => ((at + 5).to_string(), String::new(), ""),
            9 => (
                (at + 5).to_string(),
                (at + 5 + hold / 2).to_string(),
                "cancelled",
            ),
            _ => (
                (at + 5).to_string(),
                (at + 5 + hold).to_string(),
                "succeeded",
            ),
        };
        let tenant = ["one", "other", "third"][place as usize % 3];
        text += &format!("{at},{started},{ended},{outcome},{tenant},linux\n");
    }
    text
}

#[test]
fn a_log_of_requests_has_its_rate_holds_waits_and_tenants() {
    let found = record("requests.csv", &requests(), &[]);
    let demand = &found["pools"][0]["demand"][0];
    assert_eq!(found["pools"][0]["pool"], "main/linux");
    assert_eq!(demand["count"], 60);
    assert_eq!(demand["hold"]["ended"], 56);
    assert_eq!(demand["hold"]["censored"], 3);
    assert_eq!(demand["waits"]["unserved"], 1);
    near(&demand["waits"]["mean_s"], 5.0, 1e-6);
    assert_eq!(demand["tenants"]["count"], 3);
    near(&demand["tenants"]["effective"], 3.0, 1e-9);
    // 59 requests after the first, in the ten hours and some to the last end.
    let rate = &demand["arrivals_per_hour"];
    near(&rate["point"], 5.4, 0.3);
    assert!(rate["low"].as_f64() < rate["point"].as_f64());
    assert_eq!(demand["hold"]["fits"].as_array().map(Vec::len), Some(4));
}

#[test]
fn the_same_jobs_give_the_same_fits_in_every_form_of_the_log() {
    let text = fs::read_to_string("examples/workflow-jobs.json").expect("a log");
    let jobs: Vec<Value> = serde_json::from_str(&text).expect("JSON");
    let whole = record("jobs.json", &text, &[]);
    let lines: String = jobs.iter().map(|job| format!("{job}\n")).collect();
    let page = serde_json::json!({"total_count": jobs.len(), "jobs": &jobs}).to_string();
    // Each job is delivered when it is queued, and again as it is now.
    let deliveries: String = jobs
        .iter()
        .map(|job| {
            let mut queued = job.clone();
            queued["status"] = "queued".into();
            queued["conclusion"] = Value::Null;
            queued["completed_at"] = Value::Null;
            let early = serde_json::json!({"action": "queued", "workflow_job": queued});
            let late = serde_json::json!({"action": "completed", "workflow_job": job});
            format!("{late}\n{early}\n")
        })
        .collect();
    for (form, text) in [
        ("lines", lines),
        ("a page", page),
        ("deliveries", deliveries),
    ] {
        let found = record("jobs.json", &text, &[]);
        let same = |record: &Value| record["pools"][0]["demand"][0]["hold"].clone();
        assert_eq!(same(&found), same(&whole), "{form}");
    }
}

#[test]
fn attempts_have_stages_failures_and_those_under_way() {
    let mut text = "started,ended,outcome,machine_s,extension_s\n".to_owned();
    let start = 1_790_841_600;
    for place in 0..40 {
        let at = start + 700 * place;
        let (machine, extension) = (200 + place * 7 % 30, 400 + place * 11 % 90);
        let end = at + machine + extension + 5;
        text += &match place {
            3 | 4 => format!("{at},{},failed,,\n", at + 30),
            5 => format!("{at},{},failed,{machine},\n", at + 900),
            6 => format!("{at},{},cancelled,,\n", at + 100),
            39 => format!("{at},,,,\n"),
            _ => format!("{at},{end},succeeded,{machine},{extension}\n"),
        };
    }
    let found = record("attempts.csv", &text, &[]);
    let provisioning = &found["pools"][0]["provisioning"];
    assert_eq!(provisioning["attempts"], 40);
    // 35 that succeeded and one that failed later; one cancelled, one under way.
    assert_eq!(provisioning["machine"]["ended"], 36);
    assert_eq!(provisioning["machine"]["censored"], 2);
    assert_eq!(provisioning["extension"]["ended"], 35);
    near(&provisioning["failure"]["point"], 2.0 / 38.0, 1e-9);
    near(
        &provisioning["extension_failure"]["point"],
        1.0 / 36.0,
        1e-9,
    );
    let (code, scenario, stderr) = calibrated("attempts.csv", &text, &[]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(
        scenario.contains("extension:\n        latency:"),
        "{scenario}"
    );
    assert!(stderr.contains("The log cannot tell"), "{stderr}");
    assert!(!stderr.contains('\u{1b}'), "{stderr}");
}

#[test]
fn requests_and_attempts_are_read_together() {
    let attempts = "machine_s,pool\n200,linux\n210,linux\n230,linux\n190,linux\n250,linux\n";
    let folder = folder(&[("requests.csv", &requests()), ("attempts.csv", attempts)]);
    let file = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (requests, attempts) = (file("requests.csv"), file("attempts.csv"));
    let (code, out, stderr) = drawdown(&["calibrate", "--from", &requests, &attempts, "--json"]);
    assert_eq!(code, Some(0), "{stderr}");
    let found: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(found["pools"].as_array().map(Vec::len), Some(1));
    assert_eq!(found["pools"][0]["provisioning"]["machine"]["ended"], 5);
    assert_eq!(found["pools"][0]["demand"][0]["count"], 60);
}

fn prometheus(name: &str, values: impl Iterator<Item = (u32, f64)>) -> String {
    let values = values.map(|(minute, value)| {
        serde_json::json!([
            1_790_841_600.0 + 60.0 * f64::from(minute),
            value.to_string()
        ])
    });
    serde_json::json!({
        "status": "success",
        "data": {
            "resultType": "matrix",
            "result": [{
                "metric": {"__name__": name, "pool": "linux"},
                "values": values.collect::<Vec<_>>(),
            }],
        },
    })
    .to_string()
}

#[test]
fn counters_are_requests_also_over_a_reset_and_gauges_are_machines_in_use() {
    // Two a minute for four hours, with a reset after two of them.
    let counter = (0..=240).map(|minute| {
        let since = if minute < 120 { minute } else { minute - 120 };
        (minute, 2.0 * f64::from(since))
    });
    let found = record("counter.json", &prometheus("requests_total", counter), &[]);
    let demand = &found["pools"][0]["demand"][0];
    assert_eq!(demand["basis"], "counter");
    // The increment of the reset itself is lost.
    near(&demand["arrivals_per_hour"]["point"], 119.5, 0.51);
    let gauge = (0..240).map(|minute| (minute, 20.0 + f64::from(minute % 3)));
    let found = record("gauge.json", &prometheus("busy", gauge), &[]);
    let demand = &found["pools"][0]["demand"][0];
    assert_eq!(demand["basis"], "machines_in_use");
    near(&demand["mean_level"]["point"], 21.0, 0.01);
    let note = found["files"][0]["notes"][0].as_str().expect("a note");
    assert!(note.contains("machines in use"), "{note}");
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table, a row for each log")]
fn every_problem_of_a_log_is_reported_with_its_place() {
    let times = "2026-10-01T08:00:00Z,2026-10-01T08:00:05Z";
    let many = format!(
        "requested,started,ended,outcome\n\
         {times},2026-10-01T07:00:00Z,succeeded\n\
         2026-10-01T08:10:00Z,2026-10-01T08:00:05Z,2026-10-01T09:00:00Z,exploded\n\
         yesterday,,,\n\
         {times},2026-10-01T09:00:00,\n\
         2026-10-01T08:30:00Z,2026-10-01T08:30:05Z\n\
         ,,,served\n\
         1790841600000,,,rejected\n"
    );
    let cases: [(&str, &str, &[&str]); 12] = [
        (
            "near.csv",
            "request,started,ended\n",
            &[
                "no column `requested`, which requests need",
                "is `request` meant?",
            ],
        ),
        (
            "other.csv",
            "x;y\n1;2\n",
            &["no column that a log has; it has `x;y`"],
        ),
        (
            "many.csv",
            &many,
            &[
                "6 rows cannot be used",
                "line 2, `ended`: `ended` is 3605 s before `started`",
                "line 3, `outcome`: the outcome `exploded` is unknown",
                "line 3, `started`: `started` is 595 s before `requested`",
                "line 4, `requested`: `yesterday` is no time",
                "line 6, `(all)`: 2 cells, and the header has 4",
                "line 7, `requested`: it is empty",
                "line 8, `requested`: `1790841600000` is no time",
                "1 time without a time zone, the first in line 5, `ended`",
                "--skip-invalid",
            ],
        ),
        ("empty.csv", "", &["the file is empty"]),
        ("header.csv", "requested,started,ended\n", &["no rows"]),
        (
            "missing.csv",
            "requested,started\n1790841600,\n",
            &["no column `ended`, which requests need"],
        ),
        (
            "negative.csv",
            "machine_s\n-5\nx\n",
            &[
                "line 2, `machine_s`: a negative duration",
                "line 3, `machine_s`",
            ],
        ),
        (
            "zone.csv",
            "requested,started,ended\n2026-10-01T08:00:00,,\n",
            &["1 time without a time zone", "--timezone"],
        ),
        (
            "one.csv",
            &format!("requested,started,ended\n{times},\n"),
            &["nothing can be fitted to 1 row"],
        ),
        (
            "jobs.json",
            "[{\"status\": \"completed\", \"conclusion\": \"boom\", \"created_at\": \"2026-10-01T08:00:00Z\"}, 5]",
            &["item 1, `conclusion`", "item 2, `(all)`: no object"],
        ),
        ("cut.json", "[{\"id\": 1,", &["it is no JSON", "line 1"]),
        (
            "error.json",
            "{\"status\": \"error\", \"error\": \"too long\", \"resultType\": 1}",
            &["it has no data: too long"],
        ),
    ];
    for (name, text, parts) in cases {
        let (code, out, stderr) = calibrated(name, text, &[]);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{name}");
        for part in parts {
            assert!(stderr.contains(part), "{name}: {part}\n{stderr}");
        }
    }
}

#[test]
fn invalid_rows_are_left_out_on_request_and_counted() {
    let text = requests() + "soon,,,,,\n1790841600,1790841500,,,,\n";
    let (code, _, stderr) = calibrated("requests.csv", &text, &[]);
    assert_eq!(code, Some(2), "{stderr}");
    let found = record("requests.csv", &text, &["--skip-invalid"]);
    let file = &found["files"][0];
    assert_eq!(file["rows"], 62);
    assert_eq!(file["used"], 60);
    assert_eq!(file["left_out"]["invalid, by --skip-invalid"], 2);
    let found = record("requests.csv", &requests(), &["--where", "tenant=one"]);
    assert_eq!(found["files"][0]["used"], 20);
    assert_eq!(found["files"][0]["left_out"]["not of --where"], 40);
}

#[test]
fn times_without_a_zone_are_read_in_the_one_that_is_named() {
    let mut text = "requested,started,ended\n".to_owned();
    for hour in 10..20 {
        text +=
            &format!("2026-10-01T{hour}:00:00,2026-10-01T{hour}:00:05,2026-10-01T{hour}:30:00\n");
    }
    let found = record("local.csv", &text, &["--timezone", "Europe/Amsterdam"]);
    assert_eq!(found["from"], "2026-10-01T08:00:00Z");
    let (code, _, stderr) = calibrated("local.csv", &text, &["--timezone", "Mars"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("there is no zone `Mars`"), "{stderr}");
}

#[test]
fn odd_names_of_pools_give_scenarios_that_run() {
    let mut text = "requested,started,ended,region,pool,class\n".to_owned();
    let names = [
        "1",
        "no",
        "a.b",
        "ü/ß",
        "\"quo\"\"te\"",
        "`tick`",
        "a b",
        "a-b",
        "-",
        "x: y",
    ];
    for place in 0..100 {
        let name = names[place % 10];
        let at = 1_790_841_600 + 97 * place;
        text += &format!("{at},{at},{},{name},{name},{name}\n", at + 50 + place);
    }
    let (code, scenario, stderr) = calibrated("odd.csv", &text, &[]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(scenario.contains("region-1/pool-1"), "{scenario}");
    assert!(scenario.contains("a-b/a-b-2"), "{scenario}");
    drawdown::scenario::Template::parse("odd", &scenario).expect("a scenario");
}

#[test]
fn a_log_beyond_the_limits_is_refused() {
    let folder = folder(&[(
        "rows.csv",
        &("machine_s\n".to_owned() + &"1\n".repeat(5_000_001)),
    )]);
    let large = folder.path().join("large.csv");
    let file = fs::File::create(&large).expect("a file");
    file.set_len((256 << 20) + 1).expect("a size");
    for (name, part) in [
        ("rows.csv", "more than 5000000 rows"),
        ("large.csv", "at most 256 MiB"),
    ] {
        let file = folder.path().join(name).to_string_lossy().into_owned();
        let (code, _, stderr) = drawdown(&["calibrate", "--from", &file]);
        assert_eq!(code, Some(2), "{name}");
        assert!(stderr.contains(part), "{name}: {stderr}");
    }
}
