//! What happens in the world: draws, alerts, cascades.

use std::fs;

use drawdown::study::Outcome;
use drawdown::{Scenario, Seed, expected_value, run};

use crate::fuzz::differences;
use crate::worlds::smallest;

/// Every scenario that is shipped.
fn shipped() -> Vec<String> {
    let files = ["scenarios", "scenarios/policies"].map(|folder| {
        let entries = fs::read_dir(folder).expect("a folder of scenarios");
        entries.map(|entry| entry.expect("an entry").path())
    });
    let mut files: Vec<String> = files
        .into_iter()
        .flatten()
        .filter(|path| path.extension().is_some_and(|it| it == "yaml"))
        .map(|path| path.display().to_string())
        .collect();
    files.sort();
    files
}

#[track_caller]
fn load(file: &str, changes: &[(&str, &str)]) -> Scenario {
    let changes: Vec<(String, String)> = changes
        .iter()
        .map(|(path, value)| ((*path).to_owned(), (*value).to_owned()))
        .collect();
    Scenario::load_with(file, changes).unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn shortcuts_change_no_result_of_a_shipped_scenario() {
    for file in shipped() {
        let scenario = load(&file, &[]);
        let plain = scenario.without_shortcuts();
        for replication in 0..4 {
            let short = run(&scenario, Seed(1), replication);
            let long = run(&plain, Seed(1), replication);
            let found = differences(&scenario, &short, &long);
            assert_eq!(
                found,
                Vec::<String>::new(),
                "{file}, replication {replication}"
            );
        }
        let (short, long) = (expected_value(&scenario), expected_value(&plain));
        assert_eq!(
            differences(&scenario, &short, &long),
            Vec::<String>::new(),
            "{file}, means"
        );
    }
}

/// A pool that is never short of workers, whose requests fail to connect now and then and are retried.
fn retried(changes: &[(&str, &str)]) -> Scenario {
    let base = [
        ("clock.horizon", "2000m"),
        ("pools.r/i.target", "50"),
        ("pools.r/i.provision.latency", "1s"),
        (
            "demand.all.source",
            "{deterministic: {rate: 20/min, hold: 1ms}}",
        ),
        (
            "outages.blackout",
            "{regions: [r], operations: [connect], from: +0s, until: never, failure: 20%}",
        ),
    ];
    smallest(&[&base[..], changes].concat())
}

/// Tries of a request on average, and the share of requests that are served in the end.
fn load_and_success(outcome: &Outcome) -> [f64; 2] {
    let count = |name| {
        outcome
            .measure(0, name)
            .expect("a measure")
            .expect("a count")
    };
    let fresh = 40_000.0;
    [
        count("requests") / fresh,
        (count("requests") - count("failed_leases")) / fresh,
    ]
}

#[track_caller]
fn check_retries(changes: &[(&str, &str)], load: f64, success: f64) {
    let scenario = retried(changes);
    let near = |outcome: &Outcome, by: f64| {
        let found = load_and_success(outcome);
        assert!((found[0] - load).abs() < by, "load {} for {load}", found[0]);
        assert!(
            (found[1] - success).abs() < by,
            "success {} for {success}",
            found[1]
        );
    };
    // Of 40,000 requests: four standard errors of the load are 0.01 at most.
    near(&run(&scenario, Seed(5), 0), 0.01);
    near(&expected_value(&scenario), 0.001);
}

#[test]
fn every_try_of_a_request_draws_its_connection() {
    for delay in ["1s", "3s", "15s", "{exponential: {mean: 1m}}"] {
        let retry = format!("{{probability: 100%, delay: {delay}, tries: 3}}");
        check_retries(&[("demand.all.retry", &retry)], 1.24, 0.992);
    }
}

#[test]
fn every_try_of_a_request_draws_its_retry() {
    let retry = "{probability: 50%, delay: 1s, tries: unlimited}";
    let changes = [
        ("demand.all.retry", retry),
        ("outages.blackout.failure", "100%"),
    ];
    check_retries(&changes, 2.0, 0.0);
    let changes = [
        ("demand.all.retry", retry),
        ("outages.blackout.failure", "40%"),
    ];
    check_retries(&changes, 1.0 / 0.8, 0.6 / 0.8);
}

#[test]
fn every_try_of_a_request_draws_its_patience() {
    // Nothing is ever ready, so a wait is as long as its request's patience: two tries with one
    // patience would wait equally long.
    // Nothing is ever ready, so that a wait is as long as its request's patience: two tries with one
    // patience would wait equally long.
    let scenario = smallest(&[
        ("pools.r/i.target", "0"),
        ("pools.r/i.replenish.waiting_orders", "false"),
        (
            "pools.r/i.lease",
            "{on_empty: wait, wait_timeout: {exponential: {mean: 5m}}}",
        ),
        ("clock.horizon", "4000m"),
        (
            "demand.all.source",
            "{deterministic: {rate: 0.0005/min, hold: 1ms}}",
        ),
        (
            "demand.all.retry",
            "{probability: 100%, delay: 10h, tries: 2}",
        ),
    ]);
    let outcome = run(&scenario, Seed(1), 0);
    let [failed, mean, longest] = ["failed_leases", "wait_mean_s", "wait_max_s"]
        .map(|name| outcome.measure(0, name).expect("a measure"));
    assert_eq!(failed, Some(4.0));
    assert!(
        mean < longest,
        "{mean:?} is the mean, {longest:?} the longest"
    );
}

#[test]
fn an_alert_on_waits_pages_once_for_each_request_that_waits_when_the_warm_up_is_over() {
    // Requests wait from minutes 10, 30, 50, 70 and 90 on, for 50 minutes at the most. At minute 101, when
    // the warm-up ends, those of 70 and 90 still wait, and have done so for more than ten minutes.
    let scenario = smallest(&[
        ("clock.horizon", "1m"),
        ("clock.warm_up", "101m"),
        ("pools.r/i.target", "0"),
        ("pools.r/i.replenish.waiting_orders", "false"),
        ("pools.r/i.lease", "{on_empty: wait, wait_timeout: 50m}"),
        (
            "demand.all.source",
            "{deterministic: {rate: 3/h, hold: 1s}}",
        ),
        (
            "alerts.slow",
            "{signal: oldest_wait, wait: 10m, cool_down: 0s}",
        ),
    ]);
    assert_eq!(
        run(&scenario, Seed(1), 0)
            .incident("pages")
            .expect("a measure"),
        Some(2.0)
    );
}

#[test]
fn a_target_that_falls_by_a_hundred_thousand_workers_is_no_recursion() {
    let scenario = smallest(&[
        ("clock.horizon", "10m"),
        ("pools.r/i.target", "100000"),
        ("pools.r/i.replenish.surplus", "{idle: 0s}"),
        ("outages", "{}"),
        (
            "playbook.lower",
            "{at: +1m, do: {set_target: {pool: r/i, to: 1}}}",
        ),
    ]);
    let trimmed = run(&scenario, Seed(1), 0)
        .measure(0, "workers_trimmed")
        .expect("a measure");
    assert!(trimmed.is_some_and(|it| 99_990.0 < it), "{trimmed:?}");
}
