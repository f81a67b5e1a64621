//! Events of one instant, the ends of windows, and the edges of what a world can be.

use crate::conventions::{BLACKOUT, simulate};
use crate::worlds::smallest;
use drawdown::study::Ended;
use drawdown::{Replications, Seed, ensemble, expected_value, run};

#[test]
fn windows_are_half_open_for_attempts_judged_at_completion() {
    // The only attempt that matters completes at minute 5.
    for (from, until, failed) in [
        ("+5m", "+20m", true),
        ("+1m", "+5m", false),
        ("+1m", "+300000001us", true),
        ("+300000001us", "+20m", false),
    ] {
        let course = simulate(
            &[
                ("pools.r/i.initial", "0"),
                ("clock.horizon", "6m"),
                ("outages.one", BLACKOUT),
                ("outages.one.from", from),
                ("outages.one.until", until),
            ],
            &[],
        );
        let failures = f64::from(u8::from(failed));
        assert_eq!(
            course.measures(["attempts_failed", "ready_end"]),
            [failures, 1.0 - failures],
            "from {from} until {until}"
        );
    }
}

#[test]
fn windows_are_half_open_for_attempts_judged_at_their_start() {
    // The request at minute 10 takes the only worker, and its successor is ordered at once.
    for (from, until, back_at) in [
        ("+10m", "+11m", 17.0),
        ("+1m", "+10m", 15.0),
        ("+1m", "+600000001us", 17.0),
        ("+600000001us", "+11m", 15.0),
    ] {
        let course = simulate(
            &[
                ("outages.one", BLACKOUT),
                ("outages.one.from", from),
                ("outages.one.until", until),
                (
                    "outages.one.judged",
                    "{start: {fails: {reject: 1m}, in_flight: finish}}",
                ),
            ],
            &[(10.0, 1.0)],
        );
        let expected = [(0.0, 1), (10.0, 0), (back_at, 1)];
        assert_eq!(course.ready(), expected, "from {from} until {until}");
    }
}

#[test]
fn the_end_of_an_outage_does_not_undo_another() {
    // Attempts end at 5, 10, 15, … until one succeeds.
    for (one, other, ready_at) in [
        (["+2m", "+12m"], ["+8m", "+20m"], 20.0),
        (["+2m", "+22m"], ["+4m", "+6m"], 25.0),
        (["+0s", "+10m"], ["+10m", "+15m"], 15.0),
        (["+3m", "+11m"], ["+3m", "+11m"], 15.0),
    ] {
        let course = simulate(
            &[
                ("pools.r/i.initial", "0"),
                ("pools.r/i.replenish.retry", "{initial: 0s, max: 0s}"),
                ("outages.one", BLACKOUT),
                ("outages.one.from", one[0]),
                ("outages.one.until", one[1]),
                ("outages.other", BLACKOUT),
                ("outages.other.from", other[0]),
                ("outages.other.until", other[1]),
            ],
            &[],
        );
        assert_eq!(
            course.ready(),
            [(0.0, 0), (ready_at, 1)],
            "{one:?} {other:?}"
        );
    }
}

#[test]
fn a_worker_released_at_an_instant_serves_a_request_of_that_instant() {
    let returned = [
        ("pools.r/i.replenish.counts", "total"),
        ("pools.r/i.lease.release", "return"),
    ];
    let failed = |second: f64| {
        let course = simulate(&returned, &[(10.0, 5.0), (second, 5.0)]);
        course.measure("failed_leases")
    };
    assert_eq!(failed(15.0), Some(0.0));
    assert_eq!(failed(14.999), Some(1.0));
}

#[test]
fn a_worker_that_arrives_as_a_wait_expires_serves_it() {
    let wait = |timeout: &str| {
        let course = simulate(
            &[
                ("pools.r/i.initial", "0"),
                ("pools.r/i.replenish.waiting_orders", "false"),
                ("pools.r/i.lease.on_empty", "wait"),
                ("pools.r/i.lease.wait_timeout", timeout),
            ],
            &[(2.0, 1.0)],
        );
        course.measures(["delayed_leases", "failed_leases"])
    };
    assert_eq!(wait("3m"), [1.0, 0.0]);
    assert_eq!(wait("179999999us"), [0.0, 1.0]);
}

#[test]
fn nothing_happens_at_the_horizon() {
    let ready = |horizon: &str| {
        let changes = [("pools.r/i.initial", "0"), ("clock.horizon", horizon)];
        simulate(&changes, &[]).measure("ready_end")
    };
    assert_eq!(ready("5m"), Some(0.0));
    assert_eq!(ready("300000001us"), Some(1.0));
}

#[test]
fn no_stock_an_endless_outage_and_a_pool_of_one_end_with_an_answer() {
    let (reject, wait) = ("reject", "wait, wait_timeout: never");
    let always = "{always: {regions: [r], operations: [create, delete], from: +0s, until: never, \
                  failure: 100%, judged: completion}}";
    // Without stock no request is served; a pool of one makes a worker every eight minutes.
    for (target, outages, on_empty, most_served) in [
        ("0", "{}", reject, 0.0),
        ("0", "{}", wait, 0.0),
        ("1", "{}", reject, 51.0),
        ("1", "{}", wait, 51.0),
        ("1", always, reject, 1.0),
        ("1", always, wait, 1.0),
    ] {
        let lease = format!("{{on_empty: {on_empty}}}");
        let mut changes = vec![
            ("pools.r/i.target", target),
            ("pools.r/i.lease", &lease),
            ("outages", outages),
        ];
        if on_empty == wait {
            changes.push(("pools.r/i.replenish.waiting_orders", "false"));
        }
        let scenario = smallest(&changes);
        for outcome in [run(&scenario, Seed(1), 0), expected_value(&scenario)] {
            assert_eq!(outcome.ended, Ended::Horizon);
            let of = |name| {
                outcome
                    .measure(0, name)
                    .expect("a measure")
                    .expect("a figure")
            };
            let served = of("requests") - of("failed_leases") - of("waiting_end");
            assert!(50.0 < of("requests"), "{target} {outages} {on_empty}");
            assert!(served <= most_served, "{target} {outages} {on_empty}");
        }
        let found = ensemble(&scenario, Replications::new(5), Seed(1));
        assert_eq!(found.budget_spent, 0);
    }
}
