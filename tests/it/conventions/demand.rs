//! Demand and service: traces, priorities, reserves, retries, surges, batches, shares.

use crate::conventions::{FOR_EVER, simulate, simulate_with};
use crate::statistics::mean_is;
use crate::worlds::{sample, smallest};

/// Another class of the same pool, with a trace of its own.
const OTHER: &str = "{pool: r/i, essential: false, source: {trace: {csv: other.csv}}}";

#[test]
fn a_trace_runs_in_the_order_of_time_and_tenants_keep_their_leases() {
    let rows = "at,tenant,hold\n2026-01-05T00:20:00Z,b,1m\n+10m,a,2m\n+15m,a,5m\n+21m,,1m\n";
    let course = simulate_with(&[("pools.r/i.target", "3")], &[("requests.csv", rows)]);
    // The lease of a lasts from 10 to 80 and beyond, that of a request without a tenant a minute.
    let leased = [(0.0, 0), (10.0, 1), (20.0, 2), (21.0, 3), (22.0, 2)];
    assert_eq!(course.steps("r/i", "leased"), leased);
    assert_eq!(course.measures(["requests", "reused"]), [3.0, 1.0]);
}

#[test]
fn a_lease_ends_when_it_has_been_idle_or_is_too_old_but_never_in_mid_job() {
    for (idle, age, end) in [
        ("10m", "never", 38.0),
        ("10m", "15m", 28.0),
        ("10m", "5m", 17.0),
    ] {
        let course = simulate_with(
            &[
                ("pools.r/i.lease.idle_timeout", idle),
                ("pools.r/i.lease.max_age", age),
            ],
            // With an age of five minutes the second job finds no lease any more.
            &[("requests.csv", "at,tenant,hold\n+10m,a,7m\n+20m,a,8m\n")],
        );
        let ended = course.steps("r/i", "leased");
        let first_end = ended.iter().skip(1).find(|(_, leased)| *leased == 0);
        assert_eq!(first_end, Some(&(end, 0)), "idle {idle}, age {age}");
    }
}

#[test]
fn those_of_higher_priority_are_served_first_and_among_equals_those_who_came_first() {
    // Workers arrive at 5, 10 and 15. The important request waits from 3 to 5, the others from 1 to 10
    // and from 2 to 15; without priorities they would wait 4, 8 and 12 minutes.
    let waits = |important: &str| {
        let course = simulate_with(
            &[
                ("pools.r/i.initial", "0"),
                ("pools.r/i.replenish.waiting_orders", "false"),
                ("pools.r/i.lease.on_empty", "wait"),
                ("pools.r/i.lease.wait_timeout", "never"),
                ("demand.all.priority", "1"),
                ("demand.other", OTHER),
                ("demand.other.priority", important),
            ],
            &[
                ("requests.csv", "at,hold\n+1m,1h\n+2m,1h\n"),
                ("other.csv", "at,hold\n+3m,1h\n"),
            ],
        );
        course.measures(["wait_mean_s", "wait_p50_s", "wait_max_s", "queue_max"])
    };
    assert_eq!(waits("0"), [480.0, 540.0, 780.0, 3.0]);
    assert_eq!(waits("1"), [480.0, 480.0, 720.0, 3.0]);
}

#[test]
fn a_reserve_is_kept_for_others() {
    let course = simulate_with(
        &[
            ("pools.r/i.target", "2"),
            ("demand.other", OTHER),
            ("demand.other.reserve", "1"),
        ],
        &[
            ("requests.csv", "at,hold\n+3m,1h\n+4m,1h\n"),
            ("other.csv", "at,hold\n+1m,1h\n+2m,1h\n"),
        ],
    );
    // One rejected at 2, with a worker ready; one failed at 4, with none.
    let names = ["requests", "refused", "failed_leases", "hit_rate"];
    assert_eq!(course.measures(names), [3.0, 1.0, 1.0, 2.0 / 3.0]);
}

#[test]
fn a_failed_request_is_retried_until_it_is_served_or_gives_up() {
    let retry = (
        "demand.all.retry",
        "{probability: 100%, delay: 2m, tries: 3}",
    );
    let none = [("pools.r/i.target", "0"), retry];
    let course = simulate(&none, &[(10.0, 1.0)]);
    let failed = [(0.0, 0), (10.0, 1), (12.0, 2), (14.0, 3)];
    assert_eq!(course.steps("r/i", "failed_leases"), failed);
    // A worker is ready at 5, when the request of minute 3 is retried.
    let late = [("pools.r/i.initial", "0"), retry];
    let course = simulate(&late, &[(3.0, 1.0)]);
    let names = ["requests", "failed_leases", "hit_rate"];
    assert_eq!(course.measures(names), [2.0, 1.0, 0.5]);
}

#[test]
fn a_surge_multiplies_demand_in_its_half_open_window() {
    // The intensity reaches 1/2, 3/2, 5/2, … at 5, 12.5, 17.5, 25, … minutes.
    let course = simulate(
        &[
            ("clock.horizon", "30m"),
            ("pools.r/i.target", "0"),
            (
                "demand.all.source",
                "{deterministic: {rate: 6/h, hold: 1m}}",
            ),
            (
                "demand.all.surges",
                "{noon: {from: +10m, until: +20m, factor: 2}}",
            ),
        ],
        &[],
    );
    let failed = [(0.0, 0), (5.0, 1), (12.5, 2), (17.5, 3), (25.0, 4)];
    let found = course.steps("r/i", "failed_leases");
    assert_eq!(found.len(), failed.len(), "{found:?}");
    for ((at, count), (exact, expected)) in found.into_iter().zip(failed) {
        assert!(
            (at - exact).abs() < 1e-6 && count == expected,
            "{count} at {at}"
        );
    }
}

#[test]
fn a_batch_arrives_at_one_instant() {
    let course = simulate(
        &[
            ("pools.r/i.target", "2"),
            ("pools.r/i.provision.latency", "1d"),
            (
                "demand.all.source",
                "{requests: {rate: 20/h, hold: 1h, batch: {fixed: 3}}}",
            ),
        ],
        &[],
    );
    // The first batch takes both workers and fails for a third; all others fail.
    let requests = course.measure("requests").expect("a count");
    assert!(30.0 <= requests && requests % 3.0 == 0.0, "{requests}");
    assert_eq!(course.measure("failed_leases"), Some(requests - 2.0));
    let ready = course.ready();
    assert_eq!((ready.len(), ready[0], ready[1].1), (2, (0.0, 2), 0));
}

#[test]
fn batches_of_random_size_have_their_mean() {
    let scenario = smallest(&[
        ("clock.horizon", "120m"),
        ("pools.r/i.target", "0"),
        ("demand.all.source.requests.batch", "{geometric: 2.5}"),
    ]);
    mean_is("requests", &sample(&scenario, 100_000, "requests"), 75.0);
}

#[test]
fn tenants_ask_as_often_as_their_rank_in_zipfs_law_says() {
    // Two jobs are expected in ten minutes, of which 48, 24, 16 and 12 hundredths are each tenant's.
    let scenario = smallest(&[
        ("clock.horizon", "10m"),
        ("pools.r/i.target", "0"),
        (
            "pools.r/i.lease",
            "{idle_timeout: 1us, max_age: never, age_clock: leased, on_empty: reject}",
        ),
        (
            "demand.all.source",
            "{tenants: {count: 4, jobs: 3/h, duration: 0s, shares: {zipf: 1}}}",
        ),
    ]);
    let exact: f64 = [0.48, 0.24, 0.16, 0.12]
        .iter()
        .map(|share| 1.0 - libm::exp(-2.0 * share))
        .sum();
    mean_is(
        "distinct",
        &sample(&scenario, 100_000, "tenants_unserved"),
        exact,
    );
}

#[test]
fn a_request_without_a_tenant_holds_its_worker_for_its_own_time() {
    let course = simulate(&[("pools.r/i.target", "2")], &[(1.0, 3.0), (2.0, FOR_EVER)]);
    let leased = [(0.0, 0), (1.0, 1), (2.0, 2), (4.0, 1)];
    assert_eq!(course.steps("r/i", "leased"), leased);
}
