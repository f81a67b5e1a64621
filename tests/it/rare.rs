//! Probabilities of rare events against exact ones, and what `ensemble --rare` says; warm-ups that are too short.

use std::num::NonZeroUsize;

use crate::cli::drawdown;
use crate::worlds::smallest;
use drawdown::study::{NoRareEvent, RareEvent, RareMethod, RareQuestion, rare_event};
use drawdown::{Scenario, Seed};

/// An hour in which nothing succeeds, with so many workers at first.
fn hour(workers: &str) -> Scenario {
    smallest(&[("clock.horizon", "60m"), ("pools.r/i.target", workers)])
}

/// An hour in which one attempt in ten succeeds, on ten slots (theory F).
fn partial(workers: &str) -> Scenario {
    smallest(&[
        ("clock.horizon", "60m"),
        ("pools.r/i.target", workers),
        ("pools.r/i.provision.latency", "{exponential: {mean: 8m}}"),
        ("pools.r/i.replenish.in_flight_max", "10"),
        ("pools.r/i.replenish.retry", "{initial: 0s, max: 0s}"),
        ("outages.blackout.failure", "90%"),
    ])
}

#[track_caller]
fn by(scenario: &Scenario, method: Option<RareMethod>, trials: usize) -> RareEvent {
    let mut question = RareQuestion::new(None, trials);
    question.method = method;
    rare_event(scenario, question, Seed(1)).expect("an estimate")
}

/// Whether an estimate lies within five standard errors of the exact probability, and within `share` of it.
#[track_caller]
fn is(found: &RareEvent, exact: f64, share: f64) {
    let point = found.probability.point.expect("an estimate");
    let error = found.relative_error.expect("an error");
    let off = point / exact - 1.0;
    assert!(
        off.abs() < 5.0 * error,
        "{point:e} is not {exact:e}, error {error}"
    );
    assert!(off.abs() < share, "{point:e} is not {exact:e}");
}

#[test]
fn tilted_sampling_finds_what_plain_replications_never_see() {
    for (workers, exact, share) in [("40", 2.343_442e-8, 0.10), ("45", 1.023_910e-10, 0.15)] {
        let found = by(&hour(workers), None, 20_000);
        assert_eq!(found.method, RareMethod::Tilted, "{}", found.why);
        is(&found, exact, share);
        assert!(found.doubts.is_empty(), "{:?}", found.doubts);
        assert_eq!(found.plain.point, Some(0.0));
    }
}

#[test]
fn splitting_on_saved_worlds_finds_it_too() {
    for (workers, exact) in [("40", 2.343_442e-8), ("45", 1.023_910e-10)] {
        let found = by(&hour(workers), Some(RareMethod::Splitting), 20_000);
        is(&found, exact, 0.5);
        assert!(found.doubts.is_empty(), "{:?}", found.doubts);
    }
}

#[test]
fn splitting_finds_it_where_some_attempts_succeed() {
    for (workers, exact) in [("30", 7.038_341e-6), ("40", 3.713_078e-10)] {
        let found = by(&partial(workers), None, 20_000);
        assert_eq!(found.method, RareMethod::Splitting, "{}", found.why);
        is(&found, exact, 0.5);
        assert!(found.doubts.is_empty(), "{:?}", found.doubts);
    }
}

#[test]
fn what_is_not_rare_is_what_plain_replications_say() {
    let waits = [
        ("clock.horizon", "60m"),
        ("clock.warm_up", "30m"),
        ("outages.blackout.until", "+40m"),
        ("pools.r/i.replenish.waiting_orders", "true"),
        ("pools.r/i.target", "10"),
        (
            "pools.r/i.lease",
            "{idle_timeout: 5m, max_age: 72h, age_clock: leased, on_empty: wait, wait_timeout: {exponential: {mean: 5m}}}",
        ),
        (
            "demand.all.source",
            "{tenants: {count: 30, jobs: 0.01/min, duration: 20m}}",
        ),
    ];
    let scenarios = [hour("18"), partial("18"), smallest(&waits)];
    for scenario in scenarios {
        let found = by(&scenario, Some(RareMethod::Splitting), 8_000);
        let (plain, split) = (found.plain, found.probability);
        assert!(
            plain.low < split.high && split.low < plain.high,
            "{plain:?} {split:?}"
        );
    }
}

#[test]
fn no_result_depends_on_threads() {
    for method in [RareMethod::Tilted, RareMethod::Splitting] {
        let with = |threads| {
            let mut question = RareQuestion::new(None, 2_000);
            (question.method, question.threads) = (Some(method), NonZeroUsize::new(threads));
            let found = rare_event(&hour("40"), question, Seed(5)).expect("an estimate");
            format!("{found:?}")
        };
        assert_eq!(with(1), with(3));
    }
}

#[test]
fn where_nothing_fits_it_says_why() {
    let even = [
        ("clock.horizon", "60m"),
        (
            "demand.all.source",
            "{deterministic: {rate: 0.25/min, hold: 1ms}}",
        ),
    ];
    let refused = rare_event(&smallest(&even), RareQuestion::new(None, 2_000), Seed(1));
    let Err(NoRareEvent::Unfit(reasons)) = refused else {
        panic!("{refused:?}");
    };
    let text = reasons.join("; ");
    assert!(
        text.contains("not a Poisson stream") && text.contains("splitting does not fit"),
        "{text}"
    );
}

#[test]
fn the_command_answers_and_refuses() {
    let file = "examples/full-outage.yaml";
    let larger = [
        "--set",
        "clock.horizon=1h",
        "--set",
        "pools.anywhere/any.target=40",
    ];
    let ask = |more: &[&str]| {
        drawdown(
            &[
                &["ensemble", "--rare", "-n", "5000"],
                more,
                &larger,
                &[file],
            ]
            .concat(),
        )
    };
    let (code, screen, stderr) = ask(&[]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(
        screen.contains("By tilted sampling") && screen.contains("e-8 ["),
        "{screen}"
    );
    let (code, json, _) = ask(&["--json"]);
    let document: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((code, &document["method"]), (Some(0), &"tilted".into()));
    for other in [
        ["--precision", "2%"],
        ["--keep", "summary"],
        ["--measure", "hits"],
    ] {
        let (code, _, stderr) = ask(&other);
        assert!(
            code == Some(2) && stderr.contains("cannot be used with"),
            "{stderr}"
        );
    }
    let out = tempfile::tempdir().expect("a folder");
    let folder = out.path().to_string_lossy().into_owned();
    let (code, _, stderr) = ask(&["--out", &folder]);
    assert_eq!(code, Some(0), "{stderr}");
    for name in ["rare.json", "rare.csv", "report.html"] {
        assert!(out.path().join(name).exists(), "{name}");
    }
    assert_eq!(drawdown(&["report", &folder]).0, Some(0));
}

/// A pool that begins empty and is filled one worker after another.
fn slow(warm_up: &str) -> (tempfile::TempDir, String) {
    let text = crate::worlds::SMALLEST
        .replace("warm_up: 0s", &format!("warm_up: {warm_up}"))
        .replace("target: 30", "target: 30\n    initial: 0")
        .replace("in_flight_max: unlimited", "in_flight_max: 6")
        .replace("rate: 0.25/min", "rate: 0.5/min");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("slow.yaml");
    std::fs::write(&file, text).expect("a file");
    let file = file.to_string_lossy().into_owned();
    (folder, file)
}

#[test]
fn a_warm_up_that_is_too_short_is_said_and_a_longer_one_proposed() {
    let says = |warm_up: &str, of: &[&str]| {
        let (_folder, file) = slow(warm_up);
        let (code, text, stderr) = drawdown(&[&["ensemble"], of, &[&file[..]]].concat());
        assert_eq!(code, Some(0), "{stderr}");
        text
    };
    let line = "The warm-up is too short";
    assert!(says("1h", &["-n", "50"]).contains(line));
    let (_folder, file) = slow("1d");
    let (_, json, _) = drawdown(&["ensemble", "-n", "50", "--json", &file]);
    assert!(!json.contains(line) && !says("1d", &["-n", "50"]).contains(line));
    let proposed = says("1h", &["--warm-up", "auto"]);
    let length = proposed.split("clock.warm_up=").nth(1).expect("a length");
    let length = length.split_whitespace().next().expect("a word");
    let length = length.trim_end_matches('\'');
    assert!(!says(length, &["-n", "50"]).contains(line), "{proposed}");
}

/// A service of ten calls a minute with so many, of which three in four are retried where they are late (theory K4): a
/// queue of 15 is congested.
fn storm(calls: &str, more: &str) -> (tempfile::TempDir, String) {
    let text = format!(
        "
schema: 1
name: storm
clock: {{start: 2026-01-05T00:00:00Z, horizon: 30d, warm_up: 0s}}
regions: {{r: {{}}}}
pools:
  r/i:
    target: 0
    provision: {{latency: 8m, timeout: never}}
    replenish: {{counts: ready_and_pending, in_flight_max: unlimited, retry: {{initial: 30d, max: 30d}}}}
    lease: {{on_empty: reject}}
demand: {{}}
outages: {{}}
dependencies:
  d:
    capacity: 10/min
    queue: 15
    timeout: 1m
    late: position
    load: {calls}/min
    retry: {{probability: 75%, delay: {{exponential: {{mean: 1m}}}}, tries: unlimited}}
    calm: {{queue: 5, waiting: 5}}
    {more}
"
    );
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("storm.yaml");
    std::fs::write(&file, text).expect("a file");
    let file = file.to_string_lossy().into_owned();
    (folder, file)
}

const TO_STORM: [&str; 4] = ["ensemble", "--rare", "--measure", "congested_at_s"];

#[test]
fn a_storm_that_begins_once_in_three_million_minutes_is_found_from_the_command_line() {
    let (_folder, file) = storm("3", "");
    let (code, json, stderr) = drawdown(&[&TO_STORM[..], &["--json", &file]].concat());
    assert_eq!(code, Some(0), "{stderr}");
    let document: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let found = &document["dependencies"][0];
    let number = |value: &serde_json::Value| value.as_f64().expect("a number");
    let mean = number(&found["mean_s"]["point"]) / 60.0;
    let error = number(&found["relative_error"]);
    let z = (mean / 3.036_252_149e6 - 1.0) / error;
    assert!(z.abs() < 4.5 && error < 0.15, "{mean:e}, z {z}, {error}");
    assert_eq!(found["doubts"], serde_json::json!([]));
    let three = drawdown(&[&TO_STORM[..], &["-j", "3", "--json", &file]].concat());
    assert_eq!(three.1, json);
}

#[test]
fn what_is_no_storm_on_its_own_is_refused_with_the_reason() {
    let (_folder, file) = storm("3", "initial: {queue: 3, waiting: 0}");
    let (code, out, stderr) = drawdown(&[&TO_STORM[..], &[&file]].concat());
    assert_eq!((code, out.as_str()), (Some(2), ""), "{stderr}");
    assert!(stderr.contains("it does not begin empty"), "{stderr}");
    let (_folder, file) = storm("3", "");
    for (more, why) in [
        (
            ["--measure", "hits"],
            "`--measure hits` cannot be used with",
        ),
        (["--pool", "r/i"], "`--pool` cannot be used with"),
    ] {
        let (code, _, stderr) = drawdown(&[&TO_STORM[..], &more, &[&file]].concat());
        assert!(code == Some(2) && stderr.contains(why), "{stderr}");
    }
    let (code, _, stderr) = drawdown(&[&TO_STORM[..], &["examples/full-outage.yaml"]].concat());
    assert!(
        code == Some(2) && stderr.contains("the scenario has no dependency"),
        "{stderr}"
    );
}

#[test]
fn a_storm_that_is_not_rare_is_what_plain_replications_say() {
    let (_folder, file) = storm("6", "");
    let out = tempfile::tempdir().expect("a folder");
    let folder = out.path().to_string_lossy().into_owned();
    let (code, text, stderr) = drawdown(&[&TO_STORM[..], &["--out", &folder, &file]].concat());
    assert_eq!(code, Some(0), "{stderr}");
    assert!(text.contains("it is not rare"), "{text}");
    for name in ["congestion.json", "congestion.csv", "report.html"] {
        assert!(out.path().join(name).exists(), "{name}");
    }
    assert_eq!(drawdown(&["report", &folder]).0, Some(0));
}

#[test]
fn a_run_says_that_a_warm_up_is_too_short() {
    let line = "The warm-up is too short";
    let says = |of: &[&str], warm_up: &str| {
        let (_folder, file) = slow(warm_up);
        let (code, text, stderr) = drawdown(&[&["run"], of, &[&file[..]]].concat());
        assert_eq!(code, Some(0), "{stderr}");
        text.contains(line)
    };
    for of in [&[][..], &["--all"], &["--json"]] {
        assert!(says(of, "1h") && !says(of, "1d"), "{of:?}");
    }
    assert!(!says(&["--expected-value"], "1h"));
}
