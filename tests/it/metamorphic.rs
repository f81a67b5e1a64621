//! Metamorphic relations: what must not change, or only in one direction, when the scenario changes.

use crate::worlds::{SMALLEST, smallest};
use drawdown::study::audit;
use drawdown::{Replications, Scenario, Seed, ensemble, run};

/// Tenants and independent requests, on one pool under a full outage.
const CROWD: &str = "
  crowd:
    pool: r/i
    essential: true
    source: {tenants: {count: 40, jobs: 0.7/h, duration: {lognormal: {p50: 6m, p95: 25m}}}}
";

fn crowded(target: u32) -> Scenario {
    let text = SMALLEST.replace("outages:", &format!("{}outages:", &CROWD[1..]));
    let lease =
        "{idle_timeout: 1h, max_age: 5h, age_clock: leased, on_empty: wait, wait_timeout: 10m}";
    let changes = [
        ("pools.r/i.lease", lease),
        ("pools.r/i.replenish.waiting_orders", "false"),
        ("pools.r/i.target", &target.to_string()),
        ("clock.horizon", "12h"),
    ];
    let changes: Vec<(String, String)> = changes
        .iter()
        .map(|(path, value)| ((*path).to_owned(), (*value).to_owned()))
        .collect();
    Scenario::parse_with("crowded.yaml", &text, changes).unwrap_or_else(|wrong| panic!("{wrong}"))
}

#[test]
fn a_larger_buffer_never_fails_sooner_on_common_random_numbers() {
    for replication in 0..60 {
        let failure = |target| {
            let outcome = run(&crowded(target), Seed(11), replication);
            outcome
                .measure(0, "first_lease_failure_at_s")
                .expect("a measure")
                .unwrap_or(f64::INFINITY)
        };
        let failures: Vec<f64> = (0..40).step_by(3).map(failure).collect();
        let rising = failures.windows(2).all(|pair| pair[0] <= pair[1]);
        assert!(rising, "replication {replication}: {failures:?}");
    }
}

#[test]
fn shifting_all_times_shifts_all_answers() {
    let digest = |text: &str| {
        let scenario = Scenario::parse("shifted.yaml", text).expect("a valid scenario");
        let outcome = run(&scenario, Seed(3), 0);
        (
            outcome.digest,
            outcome
                .measure(0, "first_lease_failure_at_s")
                .expect("a measure")
                .map(f64::to_bits),
        )
    };
    let dated = SMALLEST.replace("+0s", "2026-01-05T00:40:00Z");
    let shifted = dated.replace("2026-01-05T00:", "2026-05-17T13:");
    assert_eq!(digest(&dated), digest(&shifted));
    assert_ne!(digest(&dated), digest(SMALLEST));
}

#[test]
fn demand_of_another_class_shifts_no_draw_of_the_first() {
    let other = "{pool: r/i, essential: false, source: {deterministic: {rate: 1/h, hold: 1h}}}";
    let (plain, more) = (smallest(&[]), smallest(&[("demand.other", other)]));
    for replication in 0..50 {
        let failure = |scenario| {
            run(scenario, Seed(4), replication)
                .measure(0, "first_lease_failure_at_s")
                .expect("a measure")
        };
        assert!(
            failure(&more) <= failure(&plain),
            "replication {replication}"
        );
    }
}

#[test]
fn a_pool_of_any_policy_passes_the_audit() {
    let waits = "{idle_timeout: 30m, max_age: 4h, age_clock: created, on_empty: wait, \
                 wait_timeout: {exponential: {mean: 6m}}}";
    let at_start = "{start: {fails: {reject: 20s}, in_flight: fail_now}}";
    let late = "{start: {fails: late, in_flight: finish}}";
    let tenants = "{tenants: {count: 25, jobs: 1/h, duration: {gamma: {mean: 9m, shape: 0.7}}}}";
    for (counts, cap) in [
        ("ready", "6"),
        ("ready_and_pending", "unlimited"),
        ("total", "9"),
    ] {
        for (judged, orders) in [("completion", "true"), (at_start, "false"), (late, "true")] {
            let scenario = smallest(&[
                ("clock.horizon", "30h"),
                ("clock.warm_up", "10h"),
                ("pools.r/i.target", "12"),
                (
                    "pools.r/i.provision",
                    "{latency: {uniform: {low: 2m, high: 9m}}, timeout: 8m}",
                ),
                ("pools.r/i.replenish.counts", counts),
                ("pools.r/i.replenish.in_flight_max", cap),
                ("pools.r/i.replenish.waiting_orders", orders),
                (
                    "pools.r/i.replenish.retry",
                    "{initial: 30s, max: 4m, jitter: 50%, attempts: 4}",
                ),
                ("pools.r/i.lease", waits),
                ("pools.r/i.delete", "{latency: 3m}"),
                (
                    "demand.crowd",
                    &format!("{{pool: r/i, essential: true, source: {tenants}}}"),
                ),
                ("outages.blackout.operations", "[create, delete]"),
                ("outages.blackout.from", "+5h"),
                ("outages.blackout.until", "+9h"),
                ("outages.blackout.shape", "{ramp: {in: 1h, out: 30m}}"),
                ("outages.blackout.failure", "80%"),
                ("outages.blackout.latency_factor", "1.5"),
                ("outages.blackout.judged", judged),
                (
                    "outages.again",
                    "{regions: [r], operations: [create], from: +8h, until: +11h, failure: 60%, \
                     judged: completion}",
                ),
            ]);
            for replication in 0..3 {
                assert!(1_000 < audit(&scenario, Seed(9), replication));
            }
        }
    }
}

#[test]
fn shipped_scenarios_pass_the_audit() {
    for incident in [
        "fnj8-vqz",
        "fnj8-vqz-managed-identity",
        "front-door-2023-01-25",
        "quota-starvation",
        "rnq2-nc8",
        "spill-over",
        "wan-2023-01-25",
    ] {
        let scenario = Scenario::load(format!("scenarios/{incident}.yaml"));
        let scenario = scenario.unwrap_or_else(|problems| panic!("{problems}"));
        assert!(1_000 < audit(&scenario, Seed(1), 0), "{incident}");
    }
}

#[test]
fn attempts_that_are_certain_to_fail_are_counted_without_events() {
    // An outage that might affect the start of an attempt, though it does not, makes the model handle
    // every start and every end as an event.
    let watch = "{regions: [r], operations: [create], from: +299m, until: +300m, failure: 1%, \
                 judged: {start: {fails: late, in_flight: finish}}}";
    let base = [
        ("clock.horizon", "290m"),
        ("clock.warm_up", "30m"),
        ("outages.blackout.from", "+40m"),
        ("outages.blackout.until", "+180m"),
        (
            "pools.r/i.replenish.retry",
            "{initial: 1m, max: 10m, attempts: 6}",
        ),
    ];
    let short = smallest(&base);
    let watched = smallest(
        &[
            &base[..],
            &[("clock.horizon", "300m"), ("outages.watch", watch)],
        ]
        .concat(),
    );
    let long = smallest(&[&base[..], &[("clock.horizon", "300m")]].concat());
    for replication in 0..20 {
        let of = |scenario, name| {
            run(scenario, Seed(2), replication)
                .measure(0, name)
                .expect("a measure")
        };
        for name in [
            "attempts",
            "retries",
            "attempts_failed",
            "orders_given_up",
            "ready_mean",
        ] {
            assert_eq!(
                of(&long, name),
                of(&watched, name),
                "{name} in {replication}"
            );
        }
        assert!(run(&long, Seed(2), 0).events < run(&watched, Seed(2), 0).events);
        assert!(of(&short, "attempts") <= of(&long, "attempts"));
    }
}

#[test]
fn expected_fresh_requests_agree_with_simulation_for_any_lease_length() {
    for (idle, age) in [
        ("never", "never"),
        ("24h", "never"),
        ("1h", "72h"),
        ("1h", "3h"),
    ] {
        let lease = format!(
            "{{idle_timeout: {idle}, max_age: {age}, age_clock: leased, on_empty: reject}}"
        );
        let scenario = smallest(&[
            ("clock.horizon", "40h"),
            ("pools.r/i.target", "60"),
            ("pools.r/i.provision.latency", "1ms"),
            ("pools.r/i.lease", &lease),
            (
                "demand.all.source",
                "{tenants: {count: 50, jobs: 3/h, duration: 5m}}",
            ),
            ("outages", "{}"),
        ]);
        let even = drawdown::expected_value(&scenario);
        let chance = ensemble(&scenario, Replications::new(400), Seed(1));
        let mean = chance
            .summary(0, "requests")
            .expect("a measure")
            .mean
            .point
            .expect("a mean");
        let value = even
            .measure(0, "requests")
            .expect("a measure")
            .expect("a value");
        assert!(
            (value / mean - 1.0).abs() < 0.04,
            "{idle}, {age}: {value} for {mean}"
        );
    }
}

#[test]
fn memory_of_past_replications_does_not_leak_into_the_next() {
    let scenario = crowded(9);
    let one = ensemble(&scenario, Replications::new(8), Seed(1));
    let last = run(&scenario, Seed(1), 7);
    let failure = one
        .values(0, "first_lease_failure_at_s")
        .expect("a measure")
        .last()
        .flatten();
    assert_eq!(
        failure,
        last.measure(0, "first_lease_failure_at_s")
            .expect("a measure")
    );
}
