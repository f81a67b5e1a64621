//! Latency in stages: a machine is created, then extended, and an outage can break either stage alone.

use drawdown::study::Outcome;
use drawdown::{Scenario, expected_value, measure};

use crate::statistics::{mean_is, share_is};
use crate::worlds::{sample, smallest};

const BASE: &str = "
schema: 1
name: stages
question: When is the pool full?
clock: {start: 2026-03-03T00:00:00Z, horizon: 4h, warm_up: 0s}
regions: {r: {}}
pools:
  r/vm:
    target: 2
    initial: 0
    provision: {latency: 5m, extension: {latency: 3m}, timeout: 20m}
    replenish: {counts: ready_and_pending, in_flight_max: 10, retry: {initial: 1m, factor: 1, max: 1m}}
    lease: {on_empty: reject, release: delete}
demand:
  none: {pool: r/vm, essential: true, source: {deterministic: {rate: 0.001/h, hold: 1m}}}
";

fn with(changes: &[(&str, &str)]) -> Result<Outcome, String> {
    let changes = changes
        .iter()
        .map(|(path, value)| ((*path).to_owned(), (*value).to_owned()));
    let scenario = Scenario::parse_with("stages.yaml", BASE, changes);
    let scenario = scenario.map_err(|problems| problems.to_string())?;
    Ok(expected_value(&scenario))
}

#[track_caller]
fn world(changes: &[(&str, &str)]) -> Outcome {
    with(changes).unwrap_or_else(|problems| panic!("{problems}"))
}

#[track_caller]
fn value(outcome: &Outcome, measure: impl AsRef<str>) -> f64 {
    let measure = measure.as_ref();
    let value = outcome.measure(0, measure).expect("a measure");
    value.unwrap_or_else(|| panic!("{measure} has no value"))
}

/// The outage of some operations in the second hour.
fn outage(operations: &str, rest: &str) -> String {
    format!(
        "{{o: {{regions: [r], operations: [{operations}], from: +2m, until: +1h, failure: 100%, {rest}}}}}"
    )
}

#[test]
fn a_worker_is_ready_after_both_stages() {
    // Nothing is ready for 8 minutes of 4 hours.
    let empty = value(&world(&[]), "empty_s");
    assert_eq!(empty, 480.0);
}

#[test]
fn an_outage_breaks_one_stage() {
    let judged = "judged: completion";
    // Creation began before the outage and would end in it; the machine fails at 5m.
    let create = world(&[("outages", &outage("create", judged))]);
    assert_eq!(
        value(&create, measure::FIRST_FAILED_PROVISIONING_AT_S),
        300.0
    );
    // With the extension broken, the machine is there at 5m and the attempt fails at 8m, each 9 minutes
    // later again: 8, 17, 26, 35, 44, 53m. The attempt of 54m is done at 62m.
    let extend = world(&[("outages", &outage("extend", judged))]);
    assert_eq!(
        value(&extend, measure::FIRST_FAILED_PROVISIONING_AT_S),
        480.0
    );
    assert_eq!(value(&extend, measure::ATTEMPTS_FAILED), 12.0);
    assert_eq!(value(&extend, "empty_s"), 3720.0);
    // Of both, the first decides: 5, 11, 17, ... 59m fail; that of 60m is done at 68m.
    let both = world(&[("outages", &outage("create, extend", judged))]);
    assert_eq!(value(&both, measure::ATTEMPTS_FAILED), 20.0);
    assert_eq!(value(&both, "empty_s"), 4080.0);
}

#[test]
fn extensions_in_flight_stall_or_fail_with_the_outage() {
    let begins = |in_flight: &str| {
        let judged =
            format!("judged: {{start: {{fails: {{reject: 10s}}, in_flight: {in_flight}}}}}, ");
        let outage = outage("extend", &judged).replace("+2m", "+6m");
        world(&[("outages", &outage)])
    };
    // Extensions have run for a minute of three when the outage begins.
    assert_eq!(value(&begins("finish"), "empty_s"), 480.0);
    let lost = begins("fail_now");
    assert_eq!(value(&lost, measure::FIRST_FAILED_PROVISIONING_AT_S), 360.0);
    // They would stall until 62m, but the attempt of 0m times out at 20m; each further one fails 10 seconds
    // after its machine is there.
    let stalled = begins("stall");
    assert_eq!(
        value(&stalled, measure::FIRST_FAILED_PROVISIONING_AT_S),
        1200.0
    );
}

#[test]
fn an_outage_slows_one_stage() {
    let slow = "latency_factor: 4, judged: completion";
    let slowed = |operations: &str| {
        let outage = outage(operations, slow).replace("100%", "0%");
        value(&world(&[("outages", &outage)]), "empty_s")
    };
    // Creation began before it: 5m + 4 x 3m, or as ever.
    assert_eq!(slowed("extend"), 1020.0);
    assert_eq!(slowed("create"), 480.0);
}

#[test]
fn a_failed_extension_leaves_a_machine() {
    let judged = "judged: {start: {fails: {reject: 10s}, in_flight: finish}}";
    let first = |operation: &str| {
        let outage = outage(operation, judged)
            .replace("+2m", "+0s")
            .replace("1h", "30m");
        let outcome = world(&[
            ("outages", &outage),
            (
                "pools.r/vm.delete",
                "{latency: 10m, failed_attempts: first}",
            ),
        ]);
        value(&outcome, measure::ATTEMPTS_FAILED)
    };
    // Two orders. Refused creations leave nothing: one each 70 seconds before 30m. Machines whose extension
    // was refused take 5m, 10s, and 10m to delete, then 1m: at 5m10s and 21m20s.
    assert_eq!(first("create"), 52.0);
    assert_eq!(first("extend"), 4.0);
}

#[test]
fn stages_fail_in_ordinary_times_too() {
    let scenario = smallest(&[
        ("clock.horizon", "40000m"),
        (
            "pools.r/i.provision",
            "{latency: 8m, timeout: never, failure: 10%, extension: {latency: 1m, failure: 20%}}",
        ),
        (
            "pools.r/i.replenish.retry",
            "{initial: 1s, factor: 1, max: 1s}",
        ),
        ("outages", "{}"),
    ]);
    let sum = |name: &str| sample(&scenario, 40, name).iter().sum::<f64>();
    let (failed, attempts) = (sum("attempts_failed_ordinarily"), sum("attempts"));
    share_is("failed", failed as usize, attempts as usize, 0.28);
    let mean = expected_value(&scenario);
    let share = value(&mean, "attempts_failed_ordinarily") / value(&mean, "attempts");
    assert!((share - 0.28).abs() < 1e-3, "{share}");
}

#[test]
fn what_is_under_way_follows_the_whole_latency() {
    // Orders under way are M/G/∞: 2 leases a minute, 5 and 3 minutes on average.
    let scenario = smallest(&[
        ("clock.horizon", "20000m"),
        ("clock.warm_up", "1000m"),
        ("pools.r/i.target", "60"),
        (
            "pools.r/i.provision",
            "{latency: {exponential: {mean: 5m}}, timeout: never, extension: {latency: {exponential: {mean: 3m}}}}",
        ),
        ("demand.all.source.requests.rate", "120/h"),
        ("outages", "{}"),
    ]);
    mean_is("pending", &sample(&scenario, 40, "pending_mean"), 16.0);
}

#[test]
fn a_stage_that_no_pool_has_cannot_fail() {
    for operation in ["extend", "start"] {
        let outage = outage(operation, "judged: completion");
        let problems = with(&[
            ("outages", &outage),
            ("pools.r/vm.provision", "{latency: 5m, timeout: 20m}"),
        ]);
        let problems = problems.expect_err("no such stage");
        assert!(
            problems.contains("no pool that it affects has"),
            "{problems}"
        );
    }
    // The timeout is that of the whole attempt.
    let short = with(&[("pools.r/vm.provision.timeout", "7m")]);
    let problems = short.expect_err("a short timeout");
    assert!(problems.contains("at least 8m"), "{problems}");
}

#[test]
fn starts_in_flight_stall_fail_or_slow_down() {
    // A request at 30m takes a stopped worker, whose start takes 4 minutes.
    let wait = |outage: &str| {
        let outages = format!(
            "{{o: {{regions: [r], operations: [start], from: +31m, until: +31m30s, {outage}}}}}"
        );
        let outcome = world(&[
            ("pools.r/vm.initial", "2"),
            ("pools.r/vm.stopped", "{start: 4m}"),
            ("pools.r/vm.lease", "{on_empty: reject, release: delete}"),
            ("demand.none.source.deterministic", "{rate: 1/h, hold: 1m}"),
            ("clock.horizon", "80m"),
            ("outages", &outages),
        ]);
        value(&outcome, "wait_max_s")
    };
    let judged = |in_flight: &str| {
        format!(
            "failure: 100%, judged: {{start: {{fails: {{reject: 1s}}, in_flight: {in_flight}}}}}"
        )
    };
    assert_eq!(wait(&judged("finish")), 240.0);
    assert_eq!(wait(&judged("stall")), 270.0);
    // It fails after a minute, backs off for one and takes 4.
    assert_eq!(wait(&judged("fail_now")), 360.0);
    let slow = "failure: 0%, latency_factor: 3, judged: completion";
    assert_eq!(wait(slow), 240.0);
    assert_eq!(
        wait(&(slow.to_owned() + ", windows: {r: {from: +29m}}")),
        720.0
    );
}
