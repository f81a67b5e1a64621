//! Published facts against replications.

use std::num::NonZeroUsize;

use drawdown::study::{Check, Verdict};
use drawdown::{Replications, Scenario, Seed, check, ensemble, expected_value, run};

use crate::cli::drawdown;

const REPLICATIONS: usize = 100;

fn held_to(file: &str, changes: &[(&str, &str)]) -> Check {
    let changes: Vec<(String, String)> = changes
        .iter()
        .map(|(path, value)| ((*path).to_owned(), (*value).to_owned()))
        .collect();
    let path = format!("tests/it/field/{file}.yaml");
    let scenario = Scenario::load_with(path, changes).expect("the file is valid");
    check(&scenario, Replications::new(REPLICATIONS), Seed(1))
}

#[track_caller]
fn only(check: &Check) -> &Verdict {
    assert_eq!(check.verdicts.len(), 1);
    assert_eq!(NonZeroUsize::new(check.n), NonZeroUsize::new(REPLICATIONS));
    &check.verdicts[0]
}

#[test]
fn a_figure_holds_that_lies_within_its_own_tolerance() {
    let found = held_to("rounded-figure", &[]);
    let verdict = only(&found);
    assert!(verdict.holds(), "{verdict:?}");
    let exact = [("observed.drained.tolerance", "1m")];
    let found = held_to("rounded-figure", &exact);
    assert!(!only(&found).holds(), "two minutes more are a miss");
}

#[test]
fn restored_at_an_instant_is_missed_where_it_is_much_sooner() {
    assert!(only(&held_to("restored-much-sooner", &[])).holds());
    let fact = |keys: &str| {
        let fact =
            format!("{{what: restored, pool: r/vm, {keys}, share: 90%, source: x, use: hold}}");
        held_to(
            "restored-much-sooner",
            &[("observed", &format!("{{drained: {fact}}}"))],
        )
    };
    let found = fact("at: 12:29Z");
    assert!(!only(&found).holds(), "two hours too soon");
    let at = only(&found).expected_value.expect("it is back");
    assert!((3_600.0..4_200.0).contains(&at), "back at {at} s");
    assert!(only(&fact("at: 10:34Z, tolerance: 5m")).holds());
    let since = "since: outage_begins, value: 64m, tolerance: 5m";
    assert!(only(&fact(since)).holds());
}

#[test]
fn a_time_from_the_outage_counts_only_what_occurs_in_it() {
    let found = held_to("before-the-outage", &[]);
    let verdict = only(&found);
    let [low, median, _] = verdict.ensemble.quantiles;
    assert!(low.point.is_some_and(|low| 0.0 <= low), "{verdict:?}");
    let median = median.point.expect("it strikes in most");
    assert!((60.0..900.0).contains(&median), "{median} s");
}

#[test]
fn a_busy_pool_recovers_to_its_ordinary_level() {
    let of = |of: &str, by: &str| {
        let fact = format!(
            "{{back: {{what: restored, pool: r/vm, by: '{by}', share: 90%, of: {of}, source: x, use: hold}}}}"
        );
        held_to("never-back", &[("observed", &fact)])
    };
    assert!(
        !only(&of("target", "03:59Z")).holds(),
        "it is never at 90% of its target"
    );
    let found = of("ordinary", "01:32Z");
    let verdict = only(&found);
    assert!(verdict.holds(), "{verdict:?}");
    let back = verdict
        .expected_value
        .expect("the mean replay is back as well");
    assert!((5_400.0..5_520.0).contains(&back), "{back} s");
}

#[track_caller]
fn printed(arguments: &[&str]) -> String {
    let (code, text, error) = drawdown(arguments);
    assert!(code < Some(2), "{error}");
    text
}

#[test]
fn waits_below_a_second_are_shown_in_milliseconds() {
    let text = printed(&[
        "run",
        "--all",
        "--expected-value",
        "tests/it/field/half-a-second.yaml",
    ]);
    let wait = text.lines().find(|line| line.contains("wait_p95_s"));
    assert!(wait.is_some_and(|line| line.ends_with(" 400ms")), "{text}");
}

#[test]
fn one_replication_is_not_all_of_them() {
    for file in ["before-the-outage", "never-back", "half-a-second"] {
        let path = format!("tests/it/field/{file}.yaml");
        let text = printed(&["ensemble", "--replications", "1", &path]);
        assert!(text.contains(": 1 replication\n"), "{text}");
        let waits = text.contains("of requests are served at once");
        let fails = text.contains("in the one replication");
        assert!(waits || fails, "{text}");
        for odd in ["1 replications", "all 1", "90% between"] {
            assert!(!text.contains(odd), "{odd}:\n{text}");
        }
    }
}

#[test]
fn a_standby_that_never_opened_is_not_counted_as_empty() {
    let changes = [("clock.horizon", "3h")];
    let scenario = Scenario::load_with("tests/it/field/year.yaml", changes).expect("valid");
    let standby = scenario.pool("northeurope/ubuntu");
    let standby = standby.expect("the standby");
    let outcome = run(&scenario, Seed(1), 0);
    let many = ensemble(&scenario, Replications::new(20), Seed(1));
    for measure in ["pool_empty_at_s", "pool_empty_after_s", "empty_s"] {
        assert_eq!(
            outcome.measure(standby, measure).expect("a measure"),
            None,
            "{measure}"
        );
        assert!(
            many.values(standby, measure)
                .expect("a measure")
                .all(|value| value.is_none()),
            "{measure}"
        );
    }
    let changes = ["--set", "clock.horizon=3h", "tests/it/field/year.yaml"];
    for command in [
        vec!["run", "--all"],
        vec!["ensemble", "--all", "--replications", "20"],
    ] {
        let text = printed(&[&command[..], &changes[..]].concat());
        assert!(
            text.contains("a standby that never opened: not counted as empty"),
            "{text}"
        );
        assert!(!text.contains("empty_s   3h"), "{text}");
    }
    // An active one is, from its activation on.
    let open = [
        ("clock.horizon", "3h"),
        (
            "playbook.open",
            "{at: +1h, do: {activate: northeurope/ubuntu}}",
        ),
    ];
    let scenario = Scenario::load_with("tests/it/field/year.yaml", open).expect("valid");
    let outcome = run(&scenario, Seed(1), 0);
    assert_eq!(
        outcome
            .measure(standby, "pool_empty_at_s")
            .expect("a measure"),
        Some(3_600.0)
    );
    assert_eq!(
        outcome.measure(standby, "empty_s").expect("a measure"),
        Some(7_200.0)
    );
}

#[test]
fn hours_from_the_levels_are_those_that_were_measured() {
    for file in ["tests/it/field/never-back.yaml", "scenarios/rnq2-nc8.yaml"] {
        let out = tempfile::tempdir().expect("a folder");
        let folder = out.path().to_str().expect("text");
        printed(&["run", "--seed", "3", "--out", folder, file]);
        let scenario = Scenario::load(file).expect("valid");
        let outcome = run(&scenario, Seed(3), 0);
        let table = std::fs::read_to_string(out.path().join("levels.csv")).expect("levels.csv");
        for (place, pool) in scenario.pools().iter().enumerate() {
            let rows: Vec<(f64, f64)> = table
                .lines()
                .map(|line| line.split(',').collect::<Vec<_>>())
                .filter(|row| row[2] == pool.name)
                .map(|row| (row[0].parse().expect("s"), row[3].parse().expect("workers")))
                .collect();
            assert_eq!(rows[0].0, 0.0, "{}: a row at the start", pool.name);
            let (mut ready, mut empty) = (0.0, 0.0);
            for two in rows.windows(2) {
                let length = two[1].0 - two[0].0;
                ready += two[0].1 * length / 3_600.0;
                empty += if two[0].1 == 0.0 { length } else { 0.0 };
            }
            let near = |measure: &str, found: f64| {
                let Some(value) = outcome.measure(place, measure).expect("a measure") else {
                    return;
                };
                assert!(
                    (value - found).abs() < 1e-6 * value.max(1.0),
                    "{}: {measure} {value}, {found}",
                    pool.name
                );
            };
            near("idle_worker_hours", ready);
            // A standby has no such time before its activation.
            if file.contains("never-back") {
                near("empty_s", empty);
            }
        }
    }
}

#[test]
fn a_proportional_target_is_shown_as_a_range() {
    let text = printed(&[
        "run",
        "--expected-value",
        "scenarios/policies/gitlab-fleeting.yaml",
    ]);
    assert!(text.contains("region/worker, target 20 to 100 ("), "{text}");
}

#[test]
fn an_order_left_behind_counts_towards_the_target() {
    let file = "tests/it/field/orders-that-outlive-requests.yaml";
    let scenario = Scenario::load(file).expect("valid");
    let outcome = expected_value(&scenario);
    // If such orders were added on top, each request that gave up would leave a connection.
    assert_eq!(
        outcome.measure(0, "orders_given_up").expect("a measure"),
        Some(0.0)
    );
    let most = outcome
        .measure(0, "ready_end")
        .expect("a measure")
        .expect("a level");
    assert!(most <= 14.0, "{most} connections");
    let (_, schema, _) = drawdown(&["schema"]);
    assert!(
        schema.contains("it is not added on top of them"),
        "the schema says which it is"
    );
}
