//! Limits of the provider and of requests: small inputs with answers worked out by hand.

use drawdown::{Scenario, expected_value, measure};

use crate::worlds::smallest;

#[track_caller]
fn value(scenario: &Scenario, measure: impl AsRef<str>) -> f64 {
    let measure = measure.as_ref();
    let value = expected_value(scenario)
        .measure(0, measure)
        .expect("a measure");
    value.unwrap_or_else(|| panic!("{measure} has no value"))
}

/// Seconds at which the ready level rises, after the start.
fn rises(scenario: &Scenario) -> Vec<f64> {
    let outcome = expected_value(scenario);
    let samples: Vec<(f64, u32)> = outcome
        .levels(0)
        .iter()
        .map(|sample| (scenario.seconds(sample.at), sample.ready))
        .collect();
    let pairs = samples.windows(2);
    let rises = pairs.filter(|pair| pair[0].1 < pair[1].1);
    rises.map(|pair| pair[1].0).collect()
}

/// Three orders at the beginning, and nothing else.
fn three(changes: &[(&str, &str)]) -> Scenario {
    let mut all = vec![
        ("outages", "{}"),
        ("pools.r/i.target", "3"),
        ("pools.r/i.initial", "0"),
        (
            "demand.all.source",
            "{deterministic: {rate: 0.001/h, hold: 1s}}",
        ),
        (
            "pools.r/i.replenish.retry",
            "{initial: 30s, factor: 1, max: 30s}",
        ),
    ];
    all.extend(changes);
    smallest(&all)
}

#[test]
fn a_rate_limit_puts_off_or_refuses() {
    let puts_off = three(&[("regions.r", "{creates: {burst: 1, refill: 1/min}}")]);
    assert_eq!(rises(&puts_off), [480.0, 540.0, 600.0]);
    // Refused after a second and retried after half a minute: attempts of the second order at 0, 31 and 62 s,
    // of the third at 0, 31, 62, 93 and 124 s.
    let limit = "{creates: {burst: 1, refill: 1/min, refuses: 1s}}";
    let refuses = three(&[("regions.r", limit)]);
    assert_eq!(rises(&refuses), [480.0, 542.0, 604.0]);
    assert_eq!(value(&refuses, measure::THROTTLED), 6.0);
    assert_eq!(value(&refuses, measure::ATTEMPTS), 9.0);
    let alert = (
        "alerts",
        "{a: {signal: failed_provisions, count: 3, window: 1m}}",
    );
    let paged = three(&[("regions.r", limit), alert]);
    let pages = expected_value(&paged)
        .incident(measure::PAGES)
        .expect("a measure");
    assert_eq!(pages, Some(1.0));
}

#[test]
fn limits_change_with_time() {
    let counts = "counts: [pending, ready, leased, deleting]";
    let quota =
        format!("{{quota: {{workers: 1, {counts}, changes: [{{from: +1h, workers: 3}}]}}}}");
    let quota = three(&[("regions.r", &quota)]);
    assert_eq!(rises(&quota), [480.0, 4_080.0]);
    assert_eq!(value(&quota, measure::READY_END), 3.0);
    // One at 0 s; from 30 s on, two a minute: half a token is missing then, a whole one 15 s later.
    let bucket = "{creates: {burst: 1, refill: 1/min, changes: [{from: +30s, burst: 1, refill: 2/min}], \
                  refuses: 1s}}";
    let bucket = three(&[("regions.r", bucket)]);
    assert_eq!(rises(&bucket), [480.0, 542.0, 573.0]);
}

#[test]
fn one_bucket_serves_creations_and_deletions() {
    // One worker is leased and deleted, and replaced: two operations at once.
    let limited = |limits: &str| {
        let scenario = smallest(&[
            ("outages", "{}"),
            ("clock.horizon", "59m"),
            ("regions.r", limits),
            (
                "demand.all.source",
                "{deterministic: {rate: 1/h, hold: 1ms}}",
            ),
        ]);
        value(&scenario, measure::THROTTLED)
    };
    let each = "{creates: {burst: 1, refill: 1/min}, deletes: {burst: 1, refill: 1/min}}";
    assert_eq!(limited(each), 0.0);
    assert_eq!(limited("{operations: {burst: 1, refill: 1/min}}"), 1.0);
}

#[test]
fn a_half_open_breaker_lets_one_attempt_through() {
    // Five orders fail at 1 s; the breaker is open for ten minutes after each failure, until the outage is over.
    let with = |half_open: &str| {
        let breaker = format!(
            "{{scope: pool, failures: 1, initial: 10m, factor: 1, max: 10m, reset: never, half_open: {half_open}}}"
        );
        smallest(&[
            ("pools.r/i.target", "5"),
            ("pools.r/i.initial", "0"),
            (
                "pools.r/i.replenish.retry",
                "{initial: 30s, factor: 1, max: 30s}",
            ),
            ("pools.r/i.replenish.breaker", &breaker),
            (
                "demand.all.source",
                "{deterministic: {rate: 0.001/h, hold: 1s}}",
            ),
            (
                "outages.blackout",
                "{regions: [r], operations: [create], from: +0s, until: +1h, failure: 100%, \
                 judged: {start: {fails: {reject: 1s}, in_flight: finish}}}",
            ),
        ])
    };
    assert_eq!(value(&with("false"), measure::ATTEMPTS_FAILED), 30.0);
    let half_open = with("true");
    assert_eq!(value(&half_open, measure::ATTEMPTS_FAILED), 10.0);
    // The probe of 3,606 s succeeds after eight minutes, and the others start then.
    let rises = rises(&half_open);
    assert_eq!(rises[0], 4_086.0);
    assert!((rises[1] - 4_566.0).abs() < 0.001, "{rises:?}");
    assert_eq!(value(&half_open, measure::READY_END), 5.0);
}

#[test]
fn a_request_waits_before_it_starts_cold() {
    let scenario = smallest(&[
        ("outages", "{}"),
        ("pools.r/i.target", "0"),
        (
            "pools.r/i.lease",
            "{on_empty: {cold: 1m}, cold_after: 2m, wait_timeout: never}",
        ),
        (
            "demand.all.source",
            "{deterministic: {rate: 6/h, hold: 1m}}",
        ),
    ]);
    assert_eq!(value(&scenario, measure::WAIT_MEAN_S), 180.0);
    assert_eq!(value(&scenario, measure::WAIT_MAX_S), 180.0);
    // A worker that is returned meanwhile spares the cold start.
    let returned = smallest(&[
        ("outages", "{}"),
        ("pools.r/i.target", "0"),
        ("pools.r/i.replenish.counts", "total"),
        (
            "pools.r/i.lease",
            "{on_empty: {cold: 1m}, cold_after: 5m, wait_timeout: never, release: return}",
        ),
        (
            "demand.all.source",
            "{deterministic: {rate: 12/h, hold: 7m}}",
        ),
        ("clock.horizon", "100m"),
    ]);
    // The first two start cold; every other request waits for a worker to be returned.
    assert_eq!(value(&returned, measure::ATTEMPTS), 2.0);
}

#[test]
fn classes_wait_or_are_rejected() {
    // Nothing is ready: of the same pool, one class waits for ever, one for ten minutes, one not at all.
    let class = |keys: &str| {
        format!(
            "{{pool: r/i, essential: true, source: {{deterministic: {{rate: 1/h, hold: 1m}}}}{keys}}}"
        )
    };
    let demand = format!(
        "{{patient: {}, hasty: {}, picky: {}}}",
        class(""),
        class(", wait_timeout: 10m"),
        class(", on_empty: reject"),
    );
    let scenario = smallest(&[
        ("pools.r/i.target", "0"),
        ("pools.r/i.lease", "{on_empty: wait, wait_timeout: never}"),
        ("pools.r/i.replenish.waiting_orders", "false"),
        ("demand", &demand),
        ("clock.horizon", "4h"),
    ]);
    let outcome = expected_value(&scenario);
    let failed = ["patient", "hasty", "picky"].map(|name| {
        let class = scenario.class(name).expect("a class");
        outcome.class(class, "failed_leases").expect("a measure")
    });
    assert_eq!(failed, [Some(0.0), Some(4.0), Some(4.0)]);
    assert_eq!(value(&scenario, measure::WAITING_END), 4.0);
    // At most two of a class wait.
    let bounded = format!("{{patient: {}}}", class(", waiting_max: 2"));
    let bounded = smallest(&[
        ("pools.r/i.target", "0"),
        ("pools.r/i.lease", "{on_empty: wait, wait_timeout: never}"),
        ("pools.r/i.replenish.waiting_orders", "false"),
        ("demand", &bounded),
        ("clock.horizon", "4h"),
    ]);
    assert_eq!(value(&bounded, measure::FAILED_LEASES), 2.0);
}

#[test]
fn jobs_on_lost_workers_are_requested_again() {
    let with = |lost_jobs: &str| {
        smallest(&[
            ("pools.r/i.target", "8"),
            (
                "demand.all.source",
                "{deterministic: {rate: 4/h, hold: 2h}}",
            ),
            ("demand.all.lost_jobs", lost_jobs),
            ("clock.horizon", "61m"),
            (
                "outages.blackout",
                "{regions: [r], operations: [], from: +1h, until: +2h, takes: {leased: 100%}}",
            ),
        ])
    };
    for (lost_jobs, requests) in [("vanish", 4.0), ("again", 8.0)] {
        let scenario = with(lost_jobs);
        assert_eq!(value(&scenario, measure::JOBS_LOST), 4.0);
        assert_eq!(value(&scenario, measure::REQUESTS), requests);
    }
    assert_eq!(value(&with("again"), measure::LEASED_END), 4.0);
}

/// A pool without workers, and one beside it that has five from the eighth minute on.
fn two_pools(of_a: &str) -> Scenario {
    let text = format!(
        "
schema: 1
name: two pools
clock: {{start: 2026-03-03T00:00:00Z, horizon: 65m, warm_up: 0s}}
regions: {{r: {{}}, s: {{}}}}
pools:
  r/a:
    target: 0
    provision: {{latency: 2m, timeout: never}}
{of_a}
  s/b:
    target: 5
    initial: 0
    provision: {{latency: 8m, timeout: never}}
    replenish: {{counts: ready_and_pending, in_flight_max: unlimited, waiting_orders: true, retry: {{initial: 1m, max: 1h}}}}
    lease: {{on_empty: wait, wait_timeout: never}}
    standby: {{for: r/a, share: 0%, activation: 0s, warm: true, active: true}}
demand:
  all: {{pool: r/a, essential: true, source: {{deterministic: {{rate: 6/h, hold: 1m}}}}}}
outages:
  o: {{regions: [r], operations: [create], from: +0s, until: never, failure: 100%, judged: completion}}
"
    );
    Scenario::parse("two-pools.yaml", &text).unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn a_request_that_waits_moves_on_to_another_pool() {
    // The first, of 5 min, moves on at 15 min, when the other pool has workers; those after it go there at once.
    let replenish = "    replenish: {counts: ready_and_pending, in_flight_max: unlimited, waiting_orders: false, \
                     retry: {initial: 1m, max: 1h}}";
    let waits = format!("{replenish}\n    lease: {{on_empty: wait, wait_timeout: never}}");
    assert_eq!(value(&two_pools(&waits), measure::WAITING_END), 1.0);
    let moves =
        format!("{replenish}\n    lease: {{on_empty: wait, wait_timeout: never, move_after: 10m}}");
    let outcome = expected_value(&two_pools(&moves));
    let of = |pool: usize, name: &str| outcome.measure(pool, name).expect("a measure");
    assert_eq!(of(0, "waiting_end"), Some(0.0));
    assert_eq!(of(1, "delayed_leases"), Some(1.0));
    assert_eq!(of(1, "wait_max_s"), Some(600.0));
    assert_eq!(of(1, "hit_rate"), Some(1.0));
    // The launch for the first request fails at 7 min and is not repeated: it moves on then, and waits for the
    // other pool until 13 min.
    let launches = "    replenish: {counts: ready_and_pending, in_flight_max: unlimited, waiting_orders: true, \
                    retry: {initial: 1m, max: 1h, attempts: 1}, on_give_up: move_request}\n    \
                    lease: {on_empty: wait, wait_timeout: never}";
    let outcome = expected_value(&two_pools(launches));
    let of = |pool: usize, name: &str| outcome.measure(pool, name).expect("a measure");
    assert_eq!(of(0, "orders_given_up"), Some(1.0));
    assert_eq!(of(1, "wait_max_s"), Some(180.0));
    assert_eq!(of(0, "failed_leases"), Some(0.0));
}

#[test]
fn orders_that_outlive_their_requests_are_extra_where_the_file_says_so() {
    let path = "tests/it/field/orders-that-outlive-requests.yaml";
    let text = std::fs::read_to_string(path).expect("a scenario");
    // Ten for the target and one for each of sixty requests.
    for (abandoned, most) in [("stock", 13), ("extra", 70)] {
        let change = (
            "pools.db/connection.replenish.abandoned_orders".to_owned(),
            abandoned.to_owned(),
        );
        let scenario = Scenario::parse_with(path, &text, [change]);
        let scenario = scenario.unwrap_or_else(|problems| panic!("{problems}"));
        let outcome = expected_value(&scenario);
        let pending = outcome.levels(0).iter().map(|sample| sample.pending);
        let found = pending.max().unwrap_or_default();
        // A request that gives up as another arrives may leave its order for a moment.
        assert!((most..=most + 1).contains(&found), "{found} orders");
    }
}

#[test]
fn nothing_is_ordered_for_a_while_after_a_surplus() {
    // Five of ten are deleted at 10 min and wanted again at 11 min; with a pause of five minutes they are ordered
    // at 15 min, and ready eight minutes later.
    let ready = |pause: &str| {
        let scenario = smallest(&[
            ("outages", "{}"),
            ("pools.r/i.target", "10"),
            ("pools.r/i.replenish.surplus", "delete"),
            ("pools.r/i.replenish.surplus_pause", pause),
            (
                "demand.all.source",
                "{deterministic: {rate: 0.001/h, hold: 1s}}",
            ),
            (
                "playbook",
                "{less: {at: +10m, do: {set_target: {pool: r/i, to: 5}}}, \
                 more: {at: +11m, do: {set_target: {pool: r/i, to: 10}}}}",
            ),
        ]);
        rises(&scenario).last().copied()
    };
    assert_eq!(ready("0s"), Some(19.0 * 60.0));
    assert_eq!(ready("5m"), Some(23.0 * 60.0));
}
