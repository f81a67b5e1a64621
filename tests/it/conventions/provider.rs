//! The provider's limits, circuit breakers, and what failed attempts leave behind.

use crate::conventions::{BLACKOUT, Course, FOR_EVER, simulate};

/// A second pool in the region, like the first.
const OTHER: &str = "{target: 3, initial: 1, provision: {latency: 5m, timeout: never}, \
                     replenish: {counts: ready_and_pending, in_flight_max: unlimited, \
                     retry: {initial: 1m, max: 1m}}, lease: {on_empty: reject}}";

/// All that counts against the quota of the region at each instant at which a level of a pool changes.
fn used(course: &Course, pools: &[&str], states: &[&str]) -> Vec<(f64, u32)> {
    let mut changes: Vec<(f64, usize, u32)> = Vec::new();
    let levels = pools
        .iter()
        .flat_map(|pool| states.iter().map(move |state| (pool, state)));
    for (place, (pool, state)) in levels.enumerate() {
        let steps = course.steps(pool, state).into_iter();
        changes.extend(steps.map(|(at, value)| (at, place, value)));
    }
    changes.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut now = vec![0; pools.len() * states.len()];
    let mut sums: Vec<(f64, u32)> = Vec::new();
    for (at, place, value) in changes {
        now[place] = value;
        sums.retain(|(last, _)| *last != at);
        sums.push((at, now.iter().sum()));
    }
    sums
}

#[test]
fn places_in_a_quota_that_are_freed_go_to_the_other_pool() {
    // Both pools want three and have one and three. The lease of minute 10 ends at 15; its worker is
    // gone two minutes later. The pool it came from wants its place too, but comes second by name.
    for (counts, freed_at) in [
        ("[pending, ready, leased, deleting]", 17.0),
        ("[pending, ready, leased]", 15.0),
    ] {
        let quota = format!("{{workers: 4, counts: {counts}}}");
        let course = simulate(
            &[
                ("regions.r.quota", &quota),
                ("pools.r/i.target", "3"),
                ("pools.r/i.delete.latency", "2m"),
                ("pools.r/a", OTHER),
            ],
            &[(10.0, 5.0)],
        );
        assert_eq!(course.ready(), [(0.0, 3), (10.0, 2)], "{counts}");
        let other = [(0.0, 1), (freed_at + 5.0, 2)];
        assert_eq!(course.steps("r/a", "ready"), other, "{counts}");
    }
}

#[test]
fn places_in_a_quota_of_orders_are_freed_by_a_success() {
    // Only orders count, and there is room for three: the pools are served in turn.
    let course = simulate(
        &[
            ("regions.r.quota", "{workers: 3, counts: [pending]}"),
            ("pools.r/i.target", "3"),
            ("pools.r/i.initial", "0"),
            ("pools.r/a", OTHER),
            ("pools.r/a.initial", "0"),
        ],
        &[],
    );
    assert_eq!(course.steps("r/a", "ready"), [(0.0, 0), (5.0, 3)]);
    assert_eq!(course.ready(), [(0.0, 0), (10.0, 3)]);
}

#[test]
fn a_quota_is_never_exceeded() {
    let demand = "{pool: r/a, essential: true, source: {requests: {rate: 20/h, hold: \
                  {exponential: {mean: 9m}}}}}";
    let states = ["pending", "ready", "leased", "deleting"];
    for remains in ["nothing", "first", "beside"] {
        let course = simulate(
            &[
                ("clock.horizon", "20h"),
                (
                    "regions.r.quota",
                    "{workers: 9, counts: [pending, ready, leased, deleting]}",
                ),
                ("pools.r/i.target", "5"),
                ("pools.r/i.delete", "{latency: 3m}"),
                ("pools.r/i.delete.failed_attempts", remains),
                ("pools.r/a", OTHER),
                ("demand.other", demand),
                ("demand.all.source", "{requests: {rate: 12/h, hold: 7m}}"),
                ("outages.one", BLACKOUT),
                ("outages.one.from", "+5h"),
                ("outages.one.until", "+9h"),
                ("outages.one.operations", "[create, delete]"),
                ("outages.one.failure", "60%"),
            ],
            &[],
        );
        let used = used(&course, &["r/i", "r/a"], &states);
        assert!(1_000 < used.len(), "{remains}");
        let most = used.iter().map(|(_, sum)| *sum).max();
        assert_eq!(most, Some(9), "{remains}");
    }
}

#[test]
fn a_pool_has_no_more_workers_than_its_own_maximum_in_all_states() {
    let course = simulate(
        &[("pools.r/i.target", "3"), ("pools.r/i.max_total", "2")],
        &[(1.0, 10.0)],
    );
    assert_eq!(course.ready(), [(0.0, 2), (1.0, 1), (16.0, 2)]);
}

#[test]
fn a_token_bucket_admits_a_burst_and_then_one_order_after_another() {
    // Attempts start at 0, 0, 1, 2 and 3; with two calls each, at 0, 2, 4, 6 and 8.
    for (calls, ready, throttled) in [
        ("1", [(0.0, 0), (5.0, 2), (6.0, 3), (7.0, 4), (8.0, 5)], 3.0),
        (
            "2",
            [(0.0, 0), (5.0, 1), (7.0, 2), (9.0, 3), (11.0, 4)],
            4.0,
        ),
    ] {
        let course = simulate(
            &[
                ("regions.r.creates", "{burst: 2, refill: 1/min}"),
                ("pools.r/i.target", "5"),
                ("pools.r/i.initial", "0"),
                ("pools.r/i.provision.calls", calls),
            ],
            &[],
        );
        assert_eq!(course.ready()[..5], ready, "{calls} calls");
        assert_eq!(
            course.measure("throttled"),
            Some(throttled),
            "{calls} calls"
        );
    }
}

#[test]
fn a_token_bucket_delays_deletions_too() {
    let course = simulate(
        &[
            ("regions.r.deletes", "{burst: 1, refill: 1/min}"),
            ("pools.r/i.target", "3"),
            ("pools.r/i.delete.latency", "2m"),
        ],
        &[(1.0, 9.0), (2.0, 8.0), (3.0, 7.0)],
    );
    let deleting = [(0.0, 0), (10.0, 3), (12.0, 2), (13.0, 1), (14.0, 0)];
    assert_eq!(course.steps("r/i", "deleting"), deleting);
    assert_eq!(course.measure("throttled"), Some(2.0));
}

/// An attempt takes a minute and is retried at once, but a circuit breaker opens after two failures.
#[track_caller]
fn broken(changes: &[(&str, &str)]) -> Course {
    let mut all = vec![
        ("pools.r/i.initial", "0"),
        ("pools.r/i.provision.latency", "1m"),
        ("pools.r/i.replenish.retry", "{initial: 0s, max: 0s}"),
        (
            "pools.r/i.replenish.breaker",
            "{scope: pool, failures: 2, initial: 10m, max: 1h, reset: never}",
        ),
        ("outages.one", BLACKOUT),
        ("outages.one.until", "+30m"),
    ];
    all.extend(changes);
    simulate(&all, &[])
}

#[test]
fn a_circuit_breaker_opens_after_consecutive_failures_and_for_longer_each_time() {
    // Failures at 1 and 2 open it for ten minutes, the one at 13 for twenty.
    let course = broken(&[]);
    assert_eq!(course.ready(), [(0.0, 0), (34.0, 1)]);
    assert_eq!(course.measure("attempts_failed"), Some(3.0));
}

#[test]
fn a_failure_long_after_the_last_restarts_the_count() {
    // Failures at 1 and 2, at 13 and 14, at 25 and 26; each pair opens it for ten minutes.
    let course = broken(&[("pools.r/i.replenish.breaker.reset", "5m")]);
    assert_eq!(course.ready(), [(0.0, 0), (37.0, 1)]);
    assert_eq!(course.measure("attempts_failed"), Some(6.0));
}

#[test]
fn a_success_closes_the_circuit_breaker() {
    // A pool of two: of the pairs of attempts that end at 1 and at 12, both of the first fail and both
    // of the second succeed; the count restarts with the failures at 21 and 22.
    let course = simulate(
        &[
            ("pools.r/i.target", "2"),
            ("pools.r/i.initial", "0"),
            ("pools.r/i.provision.latency", "1m"),
            ("pools.r/i.replenish.retry", "{initial: 0s, max: 0s}"),
            (
                "pools.r/i.replenish.breaker",
                "{scope: pool, failures: 2, initial: 10m, max: 1h, reset: never}",
            ),
            ("outages.one", BLACKOUT),
            ("outages.one.until", "+2m"),
            ("outages.two", BLACKOUT),
            ("outages.two.from", "+20m"),
            ("outages.two.until", "+23m"),
        ],
        &[(20.0, FOR_EVER)],
    );
    let ready = [(0.0, 0), (12.0, 2), (20.0, 1), (33.0, 2)];
    assert_eq!(course.ready(), ready);
}

#[test]
fn a_circuit_breaker_of_the_region_counts_every_pool() {
    // One failure in each pool at 1, so that neither tries again before 11.
    let breaker = "{scope: region, failures: 2, initial: 10m, max: 1h, reset: never}";
    let course = broken(&[
        ("pools.r/a", OTHER),
        ("pools.r/a.target", "1"),
        ("pools.r/a.initial", "0"),
        ("pools.r/a.provision.latency", "1m"),
        ("pools.r/a.replenish.breaker", breaker),
        ("pools.r/i.replenish.breaker", breaker),
        ("outages.one.until", "+2m"),
    ]);
    assert_eq!(course.ready(), [(0.0, 0), (12.0, 1)]);
    assert_eq!(course.steps("r/a", "ready"), [(0.0, 0), (12.0, 1)]);
}

/// What happens after an attempt has failed at minute 5 that leaves a machine, which takes four minutes
/// to delete.
#[track_caller]
fn left(remains: &str, changes: &[(&str, &str)], requests: &[(f64, f64)]) -> Course {
    let mut all = vec![
        ("pools.r/i.initial", "0"),
        (
            "pools.r/i.delete",
            "{latency: 4m, retry: {initial: 1m, max: 1m}}",
        ),
        ("pools.r/i.delete.failed_attempts", remains),
        ("outages.one", BLACKOUT),
        ("outages.one.images", "[i]"),
        ("outages.one.until", "+6m"),
    ];
    all.extend(changes);
    simulate(&all, requests)
}

#[test]
fn the_machine_of_a_failed_attempt_is_deleted_in_parallel_or_first() {
    for (remains, ready_at, deleting) in [
        ("nothing", 11.0, vec![(0.0, 0)]),
        ("beside", 11.0, vec![(0.0, 0), (5.0, 1), (9.0, 0)]),
        ("first", 15.0, vec![(0.0, 0)]),
    ] {
        let course = left(remains, &[], &[]);
        assert_eq!(course.ready(), [(0.0, 0), (ready_at, 1)], "{remains}");
        assert_eq!(course.steps("r/i", "deleting"), deleting, "{remains}");
    }
}

#[test]
fn a_rejected_attempt_leaves_no_machine() {
    let course = left(
        "first",
        &[
            ("outages.one.until", "+1m"),
            (
                "outages.one.judged",
                "{start: {fails: {reject: 1m}, in_flight: finish}}",
            ),
        ],
        &[],
    );
    assert_eq!(course.ready(), [(0.0, 0), (7.0, 1)]);
}

/// Deletions end at 9, 14, 19, 24, 29 and 34, and fail before minute 30.
const LEAK: (&str, &str) = (
    "outages.leak",
    "{regions: [r], operations: [delete], failure: 100%, from: +0s, until: +30m}",
);

#[test]
fn a_machine_that_cannot_be_deleted_is_a_leak_that_holds_up_its_order() {
    let course = left("first", &[LEAK], &[]);
    assert_eq!(course.ready(), [(0.0, 0), (40.0, 1)]);
    assert_eq!(course.measure("deletions_failed"), Some(5.0));
}

#[test]
fn a_machine_that_cannot_be_deleted_is_a_leak_that_holds_quota() {
    // The other pool loses its worker of minute 12 at 13, and has no room for another before 34.
    let changes = [
        (
            "regions.r.quota",
            "{workers: 3, counts: [pending, ready, leased, deleting]}",
        ),
        ("pools.r/a", OTHER),
        ("pools.r/a.target", "1"),
        (
            "demand.other",
            "{pool: r/a, essential: true, source: {trace: {csv: requests.csv}}}",
        ),
        (
            "pools.r/a.lease",
            "{idle_timeout: 1h, max_age: never, age_clock: leased, on_empty: reject}",
        ),
        (
            "demand.all.source",
            "{deterministic: {rate: 1/d, hold: 0s}}",
        ),
    ];
    let (with, without) = ([&changes[..], &[LEAK]].concat(), changes);
    let requests = [(12.0, 1.0)];
    let other = |course: Course| course.steps("r/a", "ready");
    let leaking = other(left("beside", &with, &requests));
    assert_eq!(leaking, [(0.0, 1), (12.0, 0), (39.0, 1)]);
    let sound = other(left("beside", &without, &requests));
    assert_eq!(sound, [(0.0, 1), (12.0, 0), (17.0, 1)]);
}

#[test]
fn an_order_waits_while_its_failed_machine_holds_its_quota() {
    // Room for one: the attempt of minute 5 fails, and its machine is gone at 9 or, as a leak, at 34.
    let quota = (
        "regions.r.quota",
        "{workers: 1, counts: [pending, ready, leased, deleting]}",
    );
    let course = left("beside", &[quota], &[]);
    assert_eq!(course.ready(), [(0.0, 0), (14.0, 1)]);
    let course = left("beside", &[quota, LEAK], &[]);
    assert_eq!(course.ready(), [(0.0, 0), (39.0, 1)]);
}
