//! Replenishment: targets, reviews, release of workers, machines of several slots.

use crate::conventions::{BLACKOUT, FOR_EVER, simulate, simulate_with};

#[test]
fn a_periodic_review_orders_what_is_missing_and_nothing_between() {
    let course = simulate(
        &[
            ("pools.r/i.target", "2"),
            ("pools.r/i.replenish.review", "{every: 10m}"),
        ],
        &[(3.0, 1.0), (4.0, 1.0), (20.0, 1.0)],
    );
    // A review comes before a request of its instant, so the last worker is missed at 30.
    let ready = [
        (0.0, 2),
        (3.0, 1),
        (4.0, 0),
        (15.0, 2),
        (20.0, 1),
        (35.0, 2),
    ];
    assert_eq!(course.ready(), ready);
}

#[test]
fn a_ready_worker_is_replaced_at_its_maximum_age() {
    let course = simulate(&[("pools.r/i.ready_max_age", "20m")], &[]);
    let ready = [(0.0, 1), (20.0, 0), (25.0, 1), (45.0, 0), (50.0, 1)];
    assert_eq!(course.ready(), ready);
    assert_eq!(course.measure("workers_expired"), Some(2.0));
}

#[test]
fn a_leased_worker_has_no_maximum_ready_age() {
    let course = simulate(
        &[
            ("pools.r/i.ready_max_age", "20m"),
            ("pools.r/i.replenish.counts", "total"),
        ],
        &[(10.0, 30.0)],
    );
    assert_eq!(course.ready(), [(0.0, 1), (10.0, 0), (45.0, 1)]);
    assert_eq!(course.measure("workers_expired"), Some(0.0));
}

#[test]
fn a_returned_worker_is_deleted_after_its_last_use() {
    let course = simulate(
        &[
            ("pools.r/i.replenish.counts", "total"),
            ("pools.r/i.lease.release", "return"),
            ("pools.r/i.lease.max_uses", "2"),
        ],
        &[(1.0, 1.0), (3.0, 1.0), (5.0, 1.0)],
    );
    let ready = [(0.0, 1), (1.0, 0), (2.0, 1), (3.0, 0), (9.0, 1)];
    assert_eq!(course.ready(), ready);
    assert_eq!(course.measure("failed_leases"), Some(1.0));
}

#[test]
fn a_reimaged_worker_is_ready_again_after_a_while_unless_that_fails() {
    let changes = [
        ("pools.r/i.replenish.counts", "total"),
        ("pools.r/i.lease.release", "{reimage: 3m}"),
    ];
    let course = simulate(&changes, &[(10.0, 5.0)]);
    assert_eq!(course.ready(), [(0.0, 1), (10.0, 0), (18.0, 1)]);
    assert_eq!(course.measure("attempts"), Some(0.0));
    // A worker that cannot be reimaged is deleted, and another is ordered.
    let outage = "{regions: [r], operations: [reimage], failure: 100%, from: +16m, until: +20m}";
    let changes = [&changes[..], &[("outages.one", outage)]].concat();
    let course = simulate(&changes, &[(10.0, 5.0)]);
    assert_eq!(course.ready(), [(0.0, 1), (10.0, 0), (23.0, 1)]);
    assert_eq!(course.measure("attempts"), Some(1.0));
}

#[test]
fn a_proportional_target_follows_the_workers_in_use_within_its_limits() {
    let target = "{proportional: {factor: 1, of: in_use, min: 2, max: 3}}";
    let requests = [10.0, 20.0, 30.0, 40.0].map(|at| (at, FOR_EVER));
    let course = simulate(&[("pools.r/i.target", target)], &requests);
    // The third request raises the target to three, the fourth no further.
    let ready = [
        (0.0, 2),
        (10.0, 1),
        (15.0, 2),
        (20.0, 1),
        (25.0, 2),
        (30.0, 1),
        (35.0, 3),
        (40.0, 2),
        (45.0, 3),
    ];
    assert_eq!(course.ready(), ready);
}

#[test]
fn a_proportional_target_falls_with_the_load_and_what_is_too_much_is_deleted() {
    let target = "{proportional: {factor: 1, of: in_use, min: 1, max: 3}}";
    for (surplus, ready_end, trimmed) in [("keep", 3.0, 0.0), ("delete", 1.0, 2.0)] {
        let course = simulate(
            &[
                ("pools.r/i.target", target),
                ("pools.r/i.replenish.surplus", surplus),
            ],
            &[(10.0, 30.0), (20.0, 20.0), (30.0, 10.0)],
        );
        // Two and then three ready workers for as many leased until minute 40.
        assert_eq!(course.ready()[..2], [(0.0, 1), (10.0, 0)]);
        let ends = course.measures(["ready_end", "workers_trimmed"]);
        assert_eq!(ends, [ready_end, trimmed], "{surplus}");
    }
}

#[test]
fn a_complement_keeps_the_sum_of_ready_and_leased_workers() {
    let course = simulate(
        &[("pools.r/i.target", "{complement: {total: 4}}")],
        &[(10.0, 10.0)],
    );
    assert_eq!(course.ready(), [(0.0, 4), (10.0, 3), (25.0, 4)]);
}

#[test]
fn a_scheduled_target_takes_effect_at_its_time_and_what_is_too_much_goes_if_it_is_to() {
    let target = "{schedule: {base: 1, turns: [{days: daily, from: \"00:10\", to: \"00:30\", \
                  level: 3}]}}";
    let grown = [(0.0, 1), (15.0, 3)];
    for (surplus, counts, after) in [
        ("keep", "ready_and_pending", vec![]),
        ("delete", "ready_and_pending", vec![(30.0, 1)]),
        // Workers that are being deleted still count here, but not for a second deletion.
        ("delete", "total", vec![(30.0, 1)]),
    ] {
        let course = simulate(
            &[
                ("pools.r/i.target", target),
                ("pools.r/i.replenish.surplus", surplus),
                ("pools.r/i.replenish.counts", counts),
                ("pools.r/i.delete.latency", "3m"),
            ],
            &[],
        );
        let expected = [&grown[..], &after].concat();
        assert_eq!(course.ready(), expected, "{surplus}, {counts}");
    }
}

#[test]
fn a_forecast_orders_for_expected_requests() {
    // Requests at 5, 15 and 25, and from 30 on three times as many: the forecasts for the next twenty
    // minutes are two, two and four. Orders take three minutes.
    let course = simulate(
        &[
            ("clock.horizon", "30m"),
            (
                "pools.r/i.target",
                "{forecast: {ahead: 20m, factor: 1, error: 0, min: 0, max: 10}}",
            ),
            ("pools.r/i.replenish.review", "{every: 10m}"),
            ("pools.r/i.provision.latency", "3m"),
            (
                "demand.all.source",
                "{deterministic: {rate: 6/h, hold: 1m}}",
            ),
            (
                "demand.all.surges",
                "{late: {from: +30m, until: never, factor: 3}}",
            ),
        ],
        &[],
    );
    let ready = [
        (0.0, 0),
        (3.0, 2),
        (5.0, 1),
        (13.0, 2),
        (15.0, 1),
        (23.0, 4),
        (25.0, 3),
    ];
    assert_eq!(course.ready(), ready);
}

#[test]
fn a_machine_brings_all_its_workers_at_once() {
    // Six are wanted, of machines with four: two machines, if the cap leaves room for both.
    for (cap, ready) in [
        ("8", vec![(0.0, 0), (5.0, 8)]),
        ("7", vec![(0.0, 0), (5.0, 4), (10.0, 8)]),
    ] {
        let course = simulate(
            &[
                ("pools.r/i.target", "6"),
                ("pools.r/i.initial", "0"),
                ("pools.r/i.provision.slots", "4"),
                ("pools.r/i.replenish.in_flight_max", cap),
            ],
            &[],
        );
        assert_eq!(course.ready(), ready, "at most {cap} under way");
        assert_eq!(course.measure("attempts"), Some(2.0));
    }
}

#[test]
fn a_cold_start_waits_for_its_own_worker() {
    let course = simulate(
        &[
            ("pools.r/i.target", "0"),
            ("pools.r/i.lease.on_empty", "{cold: 2m}"),
            ("pools.r/i.lease.wait_timeout", "never"),
        ],
        &[(10.0, 1.0), (11.0, 1.0)],
    );
    let names = [
        "delayed_leases",
        "failed_leases",
        "wait_max_s",
        "queue_max",
        "ready_end",
    ];
    assert_eq!(course.measures(names), [2.0, 0.0, 120.0, 2.0, 0.0]);
    // The second lease begins at 13 as the first one ends.
    let leased = [(0.0, 0), (12.0, 1), (14.0, 0)];
    assert_eq!(course.steps("r/i", "leased"), leased);
}

#[test]
fn a_request_whose_cold_start_fails_fails_with_it() {
    let course = simulate(
        &[
            ("pools.r/i.target", "0"),
            ("pools.r/i.lease.on_empty", "{cold: 2m}"),
            ("pools.r/i.lease.wait_timeout", "never"),
            ("outages.one", BLACKOUT),
        ],
        &[(10.0, 1.0)],
    );
    let failed = course.steps("r/i", "failed_leases");
    assert_eq!(failed, [(0.0, 0), (12.0, 1)]);
    assert_eq!(course.measures(["attempts", "retries"]), [1.0, 0.0]);
}

#[test]
fn a_request_that_gives_up_cancels_its_order_if_declared() {
    for (cancels, pending, ready_end) in [
        ("true", vec![(0.0, 0), (1.0, 1), (3.0, 0)], 0.0),
        ("false", vec![(0.0, 0), (1.0, 1), (6.0, 0)], 1.0),
    ] {
        let course = simulate(
            &[
                ("pools.r/i.target", "0"),
                ("pools.r/i.replenish.waiting_orders", "true"),
                ("pools.r/i.replenish.cancel_on_timeout", cancels),
                ("pools.r/i.lease.on_empty", "wait"),
                ("pools.r/i.lease.wait_timeout", "2m"),
            ],
            &[(1.0, 1.0)],
        );
        assert_eq!(course.steps("r/i", "pending"), pending, "{cancels}");
        let ends = course.measures(["failed_leases", "ready_end"]);
        assert_eq!(ends, [1.0, ready_end], "{cancels}");
    }
}

/// A second pool in the region, with `waiting_first`.
const YIELDING: &str = "{target: 1, provision: {latency: 5m, timeout: never}, replenish: {counts: \
                        ready_and_pending, in_flight_max: unlimited, waiting_first: true, \
                        surplus: delete, retry: {initial: 1m, max: 1m}}, lease: {idle_timeout: 1h, \
                        max_age: never, age_clock: leased, on_empty: reject}}";

#[test]
fn nothing_is_ordered_for_stock_while_requests_wait_in_the_region() {
    // The second pool wants its worker back from minute 2 on, while one waits for the first pool until
    // it is served at 6 or gives up at 4.
    for (patience, resumed) in [("never", 6.0), ("3m", 4.0)] {
        let course = simulate_with(
            &[
                ("pools.r/i.target", "0"),
                ("pools.r/i.replenish.waiting_orders", "true"),
                ("pools.r/i.lease.on_empty", "wait"),
                ("pools.r/i.lease.wait_timeout", patience),
                ("pools.r/b", YIELDING),
                (
                    "demand.b",
                    "{pool: r/b, essential: true, source: {trace: {csv: b.csv}}}",
                ),
            ],
            &[
                ("requests.csv", "at,hold\n+1m,1m\n"),
                ("b.csv", "at,hold\n+2m,1m\n"),
            ],
        );
        let ready = [(0.0, 1), (2.0, 0), (resumed + 5.0, 1)];
        assert_eq!(course.steps("r/b", "ready"), ready, "patience {patience}");
    }
}

#[test]
fn a_pool_that_orders_nothing_while_others_wait_keeps_what_it_has() {
    // Its lease of minute 2 ends at 3, which is no reason to delete the second worker.
    let course = simulate_with(
        &[
            ("pools.r/i.target", "0"),
            ("pools.r/i.replenish.waiting_orders", "true"),
            ("pools.r/i.lease.on_empty", "wait"),
            ("pools.r/i.lease.wait_timeout", "never"),
            ("pools.r/b", YIELDING),
            ("pools.r/b.target", "2"),
            (
                "demand.b",
                "{pool: r/b, essential: true, source: {trace: {csv: b.csv}}}",
            ),
        ],
        &[
            ("requests.csv", "at,hold\n+1m,1m\n"),
            ("b.csv", "at,hold\n+2m,1m\n"),
        ],
    );
    let ready = [(0.0, 2), (2.0, 1), (11.0, 2)];
    assert_eq!(course.steps("r/b", "ready"), ready);
}
