//! Facts as they are published: counts, shares, waits, levels, the time without ready workers, and bounds. In
//! these worlds nothing is random, so that each figure is known by hand.

use std::fs;

use drawdown::study::{Bound, Check, Verdict};
use drawdown::{Replications, Scenario, Seed, check, ensemble};
use serde_json::Value;

use crate::cli::drawdown;

/// A request each minute, from 0:00:30 on, for 2 hours. Thirty workers are ready and none is made, so that the
/// other 90 requests are rejected.
const REJECTS: &str = "
schema: 1
name: rejects
clock: {start: 2026-01-05T00:00:00Z, horizon: 2h, warm_up: 0s}
regions: {r: {}}
pools:
  r/i:
    target: 30
    provision: {latency: 8m, timeout: never}
    replenish:
      {counts: ready_and_pending, in_flight_max: unlimited, retry: {initial: 30d, max: 30d}}
    lease: {on_empty: reject}
demand:
  all: {pool: r/i, essential: true, source: {deterministic: {rate: 60/h, hold: 5m}}}
outages:
  blackout: {regions: [r], operations: [create], from: +0s, until: never, failure: 100%, judged: completion}
";

/// The same with ten workers, in which requests wait for 6 minutes before they give up. Of the 110 that wait, 104
/// give up; the last six have waited 5.5, 4.5, … 0.5 minutes when the scenario ends.
const GIVE_UP: [(&str, &str); 3] = [
    ("pools.r/i.replenish.waiting_orders", "false"),
    ("pools.r/i.target", "10"),
    ("pools.r/i.lease", "{on_empty: wait, wait_timeout: 6m}"),
];

/// A request every 5 minutes, from 0:02:30 on, for one worker that is replaced in 8 minutes: the first request
/// finds it ready, the others are served after 3 minutes, and the last still waits, since 2.5 minutes.
const SERVED: [(&str, &str); 5] = [
    ("pools.r/i.target", "1"),
    ("pools.r/i.replenish.waiting_orders", "true"),
    ("pools.r/i.lease", "{on_empty: wait, wait_timeout: never}"),
    ("demand.all.source.deterministic", "{rate: 12/h, hold: 1m}"),
    ("outages", "{}"),
];

fn held_to(changes: &[(&str, &str)], facts: &str) -> Check {
    let observed = [("observed", facts)];
    let changes = [changes, &observed].concat();
    let changes = changes
        .iter()
        .map(|(path, value)| (path.to_string(), value.to_string()));
    let scenario = Scenario::parse_with("facts.yaml", REJECTS, changes);
    let scenario = scenario.unwrap_or_else(|problems| panic!("{problems}"));
    check(&scenario, Replications::new(20), Seed(1))
}

fn verdict(changes: &[(&str, &str)], fact: &str) -> Verdict {
    let found = held_to(changes, &format!("{{it: {{{fact}, source: x, use: fit}}}}"));
    assert_eq!(found.verdicts.len(), 1);
    found.verdicts.into_iter().next().expect("one fact")
}

/// A fact holds with the first figure, and is missed with the second.
#[track_caller]
fn differs(changes: &[(&str, &str)], fact: &str, [holds, missed]: [&str; 2]) {
    let found = verdict(changes, &format!("{fact}, {holds}"));
    assert!(found.holds(), "{fact}, {holds}: {found:?}");
    let found = verdict(changes, &format!("{fact}, {missed}"));
    assert!(!found.holds(), "{fact}, {missed}: {found:?}");
}

#[test]
fn requests_that_fail_are_counted_in_their_window() {
    let cases = [
        ("pool: r/i", ["value: 90", "value: 92"]),
        ("class: all", ["value: 89", "value: 88"]),
        ("until: +1h", ["value: 30", "value: 32"]),
        ("from: +1h", ["value: 60", "value: 58"]),
        ("from: +40m, until: +50m", ["value: 10", "value: 12"]),
    ];
    for (keys, figures) in cases {
        differs(&[], &format!("what: failed_leases, {keys}"), figures);
    }
    // The first request that finds no worker is made at 0:30:30.
    let since = "what: failed_leases, pool: r/i, since: first_unserved_request, until: +40m";
    differs(&[], since, ["value: 10", "value: 12"]);
    let since = "what: failed_leases, since: outage_begins, until: +40m";
    differs(&[], since, ["value: 10", "value: 8"]);
    let given_up = "what: failed_leases";
    differs(&GIVE_UP, given_up, ["value: 104", "value: 106"]);
    // The first gives up at 0:16:30, 6 minutes after it was made.
    let early = "what: failed_leases, until: +17m";
    differs(
        &GIVE_UP,
        early,
        ["value: 1, tolerance: 0", "value: 0, tolerance: 0"],
    );
}

#[test]
fn requests_that_wait_and_are_served_are_counted() {
    differs(&SERVED, "what: delayed_leases", ["value: 22", "value: 24"]);
    // Served at 0:10:30, 0:15:30, … 0:55:30.
    let hour = "what: delayed_leases, until: +1h";
    differs(
        &SERVED,
        hour,
        ["value: 10, tolerance: 0", "value: 11, tolerance: 0"],
    );
    differs(&GIVE_UP, "what: delayed_leases", ["value: 0", "value: 2"]);
}

#[test]
fn a_share_of_requests_waits_too_long_or_fails() {
    let share = "what: delayed_or_failed_share";
    differs(&[], share, ["value: 75%", "value: 77%"]);
    differs(
        &[],
        share,
        ["value: 0.7, tolerance: 5%", "value: 0.7, tolerance: 4%"],
    );
    // 104 give up; of those that still wait, one has waited longer than 5 minutes.
    let long = "what: delayed_or_failed_share, longer_than: 5m";
    differs(
        &GIVE_UP,
        long,
        [
            "value: 87.5%, tolerance: 0.1%",
            "value: 86.7%, tolerance: 0.1%",
        ],
    );
    let any = "what: delayed_or_failed_share, pool: r/i";
    differs(&SERVED, any, ["value: 95.8%", "value: 91.7%"]);
    let longer = "what: delayed_or_failed_share, longer_than: 3m";
    differs(&SERVED, longer, ["value: 0%", "value: 96%"]);
    let made = "what: delayed_or_failed_share, until: +15m";
    differs(&[], made, ["value: 0%", "value: 2%"]);
    let made = "what: delayed_or_failed_share, from: +15m, until: +45m";
    differs(&[], made, ["value: 50%", "value: 48%"]);
}

#[test]
fn waits_have_a_mean_and_a_maximum() {
    // (104 * 6m + 18m) / 120 and (22 * 3m + 2.5m) / 24.
    let exact = ["value: 5m21s, tolerance: 0s", "value: 5m22s, tolerance: 0s"];
    differs(&GIVE_UP, "what: wait_mean", exact);
    let exact = ["value: 171s, tolerance: 1s", "value: 3m, tolerance: 1s"];
    differs(&SERVED, "what: wait_mean, pool: r/i", exact);
    differs(&GIVE_UP, "what: wait_max", ["value: 6m", "value: 7m30s"]);
    differs(&SERVED, "what: wait_max", ["value: 3m", "value: 5m"]);
    // The last request, made at 1:57:30.
    let last = "what: wait_max, from: +115m";
    differs(
        &SERVED,
        last,
        ["value: 150s, tolerance: 0s", "value: 3m, tolerance: 0s"],
    );
    // A request that is rejected at once has no wait.
    differs(&[], "what: wait_mean", ["value: 0s", "value: 2m"]);
    let rejected = verdict(&[], "what: wait_mean, from: +1h, value: 0s");
    assert_eq!(rejected.expected_value, None);
    assert!(!rejected.holds());
}

#[test]
fn a_level_is_that_after_the_events_of_its_instant() {
    let exact = |count: u32| format!("value: {count}, tolerance: 0");
    for (at, level) in [
        ("00:00Z", 30),
        ("00:10Z", 20),
        ("00:10:29Z", 20),
        ("00:10:30Z", 19),
        ("00:29:29Z", 1),
        ("00:29:30Z", 0),
        ("01:59Z", 0),
    ] {
        let fact = format!("what: ready_level, pool: r/i, at: '{at}'");
        differs(&[], &fact, [&exact(level), &exact(level + 1)]);
    }
    let warm = [("clock.warm_up", "5m")];
    let fact = "what: ready_level, pool: r/i, at: '00:00Z'";
    differs(&warm, fact, [&exact(25), &exact(30)]);
    differs(&[], fact, ["value: 29", "value: 28"]);
}

#[test]
fn the_time_without_ready_workers_is_that_inside_the_window() {
    let empty = "what: empty_time, pool: r/i";
    differs(&[], empty, ["value: 90m", "value: 92m"]);
    differs(
        &[],
        &format!("{empty}, from: +1h"),
        ["value: 1h", "value: 58m"],
    );
    let part = format!("{empty}, from: +20m, until: +40m");
    differs(
        &[],
        &part,
        ["value: 630s, tolerance: 0s", "value: 11m, tolerance: 0s"],
    );
    let since = format!("{empty}, since: first_lease_failure, until: +40m");
    differs(
        &[],
        &since,
        ["value: 570s, tolerance: 0s", "value: 10m, tolerance: 0s"],
    );
    differs(
        &[],
        &format!("{empty}, until: +20m"),
        ["value: 0s", "value: 2m"],
    );
}

#[test]
fn bounds_hold_on_one_side() {
    let cases = [
        ("what: failed_leases", ["at_least: 90", "at_least: 91"]),
        ("what: failed_leases", ["at_most: 90", "at_most: 89"]),
        (
            "what: delayed_or_failed_share",
            ["at_least: 75%", "at_least: 76%"],
        ),
        (
            "what: delayed_or_failed_share",
            ["at_most: 0.75", "at_most: 0.74"],
        ),
        ("what: wait_max", ["at_most: 0s", "at_least: 1s"]),
        (
            "what: ready_level, pool: r/i, at: +10m",
            ["at_least: 20", "at_least: 21"],
        ),
        (
            "what: empty_time, pool: r/i",
            ["at_least: 90m", "at_most: 90m"],
        ),
        // The pool is empty from 0:29:30 on.
        (
            "what: pool_empty, pool: r/i, since: start",
            ["at_least: 29m", "at_least: 30m"],
        ),
        (
            "what: pool_empty, pool: r/i, since: start",
            ["at_most: 30m", "at_most: 29m"],
        ),
    ];
    for (fact, figures) in cases {
        differs(&[], fact, figures);
    }
    // What does not occur meets no bound.
    let never = "what: first_lease_failure, pool: r/i, since: start";
    let ample = [("pools.r/i.target", "200")];
    assert!(!verdict(&ample, &format!("{never}, at_least: 1m")).holds());
    assert!(!verdict(&ample, &format!("{never}, at_most: 1h")).holds());
    let bound = verdict(&[], "what: failed_leases, at_least: 90");
    assert_eq!(bound.bound, Bound::AtLeast);
}

#[test]
fn bounds_on_tenants_are_asked_of_the_ensemble() {
    let of = |bound: &str| {
        let what = "what: tenants_unserved, pool: westus2/ubuntu, since: start, until: +6h";
        let facts = format!("{{it: {{{what}, {bound}, source: x, use: fit}}}}");
        let scenario = Scenario::load_with("scenarios/fnj8-vqz.yaml", [("observed", facts)]);
        let scenario = scenario.unwrap_or_else(|problems| panic!("{problems}"));
        check(&scenario, Replications::new(20), Seed(1)).holds()
    };
    assert!(of("at_least: 1"));
    assert!(!of("at_least: 100000"));
    assert!(of("at_most: 100000"));
    assert!(!of("at_most: 0"));
}

#[test]
fn requests_of_a_class_or_a_pool_are_counted_alone() {
    let two = [
        (
            "pools.r/j",
            "{target: 10, provision: {latency: 8m, timeout: never}, replenish: {counts: ready_and_pending, in_flight_max: unlimited, retry: {initial: 30d, max: 30d}}, lease: {on_empty: reject}}",
        ),
        (
            "demand.some",
            "{pool: r/j, essential: true, source: {deterministic: {rate: 30/h, hold: 5m}}}",
        ),
        (
            "demand.more",
            "{pool: r/j, essential: true, source: {deterministic: {rate: 30/h, hold: 5m}}}",
        ),
    ];
    let cases = [
        ("what: failed_leases", ["value: 200", "value: 198"]),
        (
            "what: failed_leases, pool: r/j",
            ["value: 110", "value: 108"],
        ),
        (
            "what: failed_leases, class: some",
            ["value: 55", "value: 57"],
        ),
        (
            "what: failed_leases, class: some, pool: r/j",
            ["value: 55", "value: 57"],
        ),
        (
            "what: failed_leases, class: some, pool: r/i",
            ["value: 0", "value: 55"],
        ),
    ];
    for (fact, figures) in cases {
        differs(&two, fact, figures);
    }
}

#[test]
fn figures_of_the_whole_scenario_are_those_of_its_measures() {
    let file = "scenarios/fnj8-vqz.yaml";
    let pool = "westus2/ubuntu";
    let fact =
        |what: &str| format!("{{what: {what}, pool: {pool}, value: 0, source: x, use: hold}}");
    let facts = format!(
        "{{failed: {}, delayed: {}, empty: {{what: empty_time, pool: {pool}, value: 0s, source: x, use: hold}}}}",
        fact("failed_leases"),
        fact("delayed_leases"),
    );
    let scenario = Scenario::load_with(file, [("observed", facts)]);
    let scenario = scenario.unwrap_or_else(|problems| panic!("{problems}"));
    let n = Replications::new(50);
    let (found, all) = (
        check(&scenario, n, Seed(1)),
        ensemble(&scenario, n, Seed(1)),
    );
    let pool = scenario.pool(pool).expect("a pool");
    for (name, measure) in [
        ("failed", "failed_leases"),
        ("delayed", "delayed_leases"),
        ("empty", "empty_s"),
    ] {
        let verdict = found.verdicts.iter().find(|it| it.name == name);
        let verdict = verdict.expect("the fact");
        let summary = all.summary(pool, measure).expect("a measure");
        let (one, other) = (verdict.ensemble.mean.point, summary.mean.point);
        assert!(one.is_some_and(|mean| 0.0 < mean), "{name}");
        assert_eq!(one, other, "{name}");
    }
    // Facts count what happens, and change none of it.
    let plain = Scenario::load(file).expect("a scenario");
    assert_eq!(found.digest, ensemble(&plain, n, Seed(1)).digest);
}

/// The scenario with facts, in a file.
fn written(folder: &tempfile::TempDir, facts: &str) -> String {
    let file = folder.path().join("facts.yaml");
    fs::write(&file, format!("{REJECTS}observed:\n{facts}")).expect("a file");
    file.to_string_lossy().into_owned()
}

#[test]
fn a_missed_figure_fails_the_check_unless_it_was_held_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let report = folder.path().join("report.xml");
    let report = report.to_string_lossy().into_owned();
    let checked = |facts: &str, args: &[&str]| {
        let file = written(&folder, facts);
        drawdown(&[&["check", "--replications", "20"], args, &[&file]].concat())
    };
    let share = |figure: &str, role: &str| {
        format!(
            "  jobs: {{what: delayed_or_failed_share, longer_than: 5m, {figure}, source: x, use: {role}}}\n"
        )
    };
    let (code, out, _) = checked(&share("at_least: 30%", "fit"), &["--all"]);
    assert_eq!(code, Some(0), "{out}");
    assert!(out.contains("at least 30.0%"), "{out}");
    let (code, out, _) = checked(
        &share("at_most: 30%", "fit"),
        &["--all", "--junit", &report],
    );
    assert_eq!(code, Some(1), "{out}");
    assert!(
        out.contains("missed  at most that in the expected-value replay"),
        "{out}"
    );
    let text = fs::read_to_string(&report).expect("a report");
    assert!(text.contains("published at most 30.0%"), "{text}");
    let (code, out, _) = checked(&share("at_most: 30%", "hold"), &[]);
    assert_eq!(code, Some(0), "{out}");
    let (code, out, _) = checked(&share("value: 75%", "fit"), &["--json"]);
    assert_eq!(code, Some(0), "{out}");
    let document: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}"));
    let fact = &document["checks"][0]["facts"][0];
    assert_eq!(
        (&fact["unit"], &fact["bound"]),
        (&"share".into(), &"about".into())
    );
    assert_eq!(fact["published"], 0.75);
    assert_eq!(
        fact["criteria"][1]["asked"],
        "within 1 point of the central 90% of the ensemble"
    );
}

#[test]
fn a_report_says_what_was_published_and_when() {
    let folder = tempfile::tempdir().expect("a folder");
    let facts = "  failed: {what: failed_leases, at_least: 50, from: +1h, source: x, use: fit}
  share: {what: delayed_or_failed_share, pool: r/i, longer_than: 5m, value: 75%, source: x, use: fit}
  level: {what: ready_level, pool: r/i, at: +10m, value: 20, source: x, use: hold}
  empty: {what: empty_time, pool: r/i, since: outage_begins, value: 90m, source: x, use: hold}
  wait: {what: wait_mean, class: all, value: 0s, source: x, use: hold}
";
    let file = written(&folder, facts);
    let (code, out, _) = drawdown(&["run", "--expected-value", "--json", &file]);
    assert_eq!(code, Some(0), "{out}");
    for part in [
        "all pools: requests that failed",
        "at least 50 between 2026-01-05 01:00:00 UTC and 2026-01-05 02:00:00 UTC",
        "r/i: share of requests that waited longer than 5m or failed",
        "\"published\": \"75%\"",
        "20 at 2026-01-05 00:10:00 UTC",
        "1h30m between the beginning of the outage and 2026-01-05 02:00:00 UTC",
        "all: mean wait",
    ] {
        assert!(out.contains(part), "no `{part}` in\n{out}");
    }
}
