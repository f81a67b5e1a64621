//! What pools of real owners do: small inputs from their reports, with answers worked out by hand.

use drawdown::study::Outcome;
use drawdown::{Replications, Scenario, Seed, ensemble, expected_value, measure};

use crate::statistics::{mean_is, share_is};
use crate::worlds::{sample, smallest};

#[track_caller]
fn file(name: &str, changes: &[(&str, &str)]) -> (Scenario, Outcome) {
    let path = format!("tests/it/field/{name}");
    let text = std::fs::read_to_string(&path).expect("a scenario");
    let changes = changes
        .iter()
        .map(|(path, value)| ((*path).to_owned(), (*value).to_owned()));
    let scenario = Scenario::parse_with(&path, &text, changes);
    let scenario = scenario.unwrap_or_else(|problems| panic!("{problems}"));
    let outcome = expected_value(&scenario);
    (scenario, outcome)
}

#[track_caller]
fn value(outcome: &Outcome, pool: usize, measure: impl AsRef<str>) -> f64 {
    let measure = measure.as_ref();
    let value = outcome.measure(pool, measure).expect("a measure");
    value.unwrap_or_else(|| panic!("{measure} has no value"))
}

/// The ready level of a pool so many seconds after the start.
fn ready(scenario: &Scenario, outcome: &Outcome, pool: usize, at_s: f64) -> u32 {
    let samples = outcome.levels(pool).iter();
    let before = samples.take_while(|sample| scenario.seconds(sample.at) <= at_s);
    before.last().map_or(0, |sample| sample.ready)
}

#[test]
fn a_job_whose_only_launch_fails_is_never_run() {
    let (_, outcome) = file("given-up-for-good.yaml", &[]);
    assert_eq!(value(&outcome, 0, measure::REQUESTS), 100.0);
    assert_eq!(value(&outcome, 0, measure::FAILED_LEASES), 20.0);
    assert_eq!(value(&outcome, 0, measure::ORDERS_GIVEN_UP), 20.0);
    // Without `fail_request`, a new launch replaces it and all run.
    let again = [("pools.r/runner.replenish.on_give_up", "{again: 1m}")];
    let (_, outcome) = file("given-up-for-good.yaml", &again);
    assert_eq!(value(&outcome, 0, measure::FAILED_LEASES), 0.0);
}

#[test]
fn orders_that_are_given_up_are_not_replaced_without_a_pause() {
    // Refused after a second and given up after one attempt: an attempt a minute, not one a second.
    let changes = [
        ("pools.r/prebuild.replenish.retry.attempts", "1"),
        ("pools.r/prebuild.replenish.on_give_up", "{again: 59s}"),
    ];
    let (_, outcome) = file("stop-after-three.yaml", &changes);
    assert_eq!(value(&outcome, 0, measure::ATTEMPTS), 120.0);
    let path = "tests/it/field/stop-after-three.yaml";
    let text = std::fs::read_to_string(path).expect("a scenario");
    let change = ("pools.r/prebuild.replenish.on_give_up", "{again: 0s}");
    let refused = Scenario::parse_with(path, &text, [(change.0.to_owned(), change.1.to_owned())]);
    let message = refused.expect_err("no pause").to_string();
    assert!(message.contains("a pause of 0s"), "{message}");
}

#[test]
fn a_pool_that_is_stopped_builds_no_more() {
    let (_, outcome) = file("stop-after-three.yaml", &[]);
    assert_eq!(value(&outcome, 0, measure::ATTEMPTS), 3.0);
    // A step resumes it: three more. So does time.
    let step = [(
        "playbook",
        "{fix: {at: +1h, do: {resume_orders: r/prebuild}}}",
    )];
    let (_, outcome) = file("stop-after-three.yaml", &step);
    assert_eq!(value(&outcome, 0, measure::ATTEMPTS), 6.0);
    let hour = [("pools.r/prebuild.replenish.on_give_up", "{stop_pool: 50m}")];
    let (_, outcome) = file("stop-after-three.yaml", &hour);
    assert_eq!(value(&outcome, 0, measure::ATTEMPTS), 9.0);
}

#[test]
fn an_order_that_keeps_its_place_is_not_replaced_until_it_is_cleared() {
    let keeps = (
        "pools.r/prebuild.replenish.on_give_up",
        "{keep_place: never}",
    );
    let (_, outcome) = file("stop-after-three.yaml", &[keeps]);
    assert_eq!(value(&outcome, 0, measure::ATTEMPTS), 3.0);
    assert_eq!(value(&outcome, 0, "pending_end"), 1.0);
    let step = (
        "playbook",
        "{fix: {at: +1h, do: {clear_orders: r/prebuild}}}",
    );
    let (_, outcome) = file("stop-after-three.yaml", &[keeps, step]);
    assert_eq!(value(&outcome, 0, measure::ATTEMPTS), 6.0);
    let reaped = ("pools.r/prebuild.replenish.on_give_up", "{keep_place: 50m}");
    let (_, outcome) = file("stop-after-three.yaml", &[reaped]);
    assert_eq!(value(&outcome, 0, measure::ATTEMPTS), 9.0);
}

#[test]
fn back_off_grows_by_a_factor_or_by_an_increase() {
    // Refused after 1 s: attempts begin at 0, 61 s (+60), 182 s (+120), 363 s (+180), 544 s (+180), …
    let linear = [
        ("pools.r/prebuild.replenish.on_give_up", "{again: 1m}"),
        (
            "pools.r/prebuild.replenish.retry",
            "{initial: 1m, increase: 1m, max: 3m, attempts: 99}",
        ),
        ("clock.horizon", "12m"),
    ];
    let (_, outcome) = file("stop-after-three.yaml", &linear);
    assert_eq!(value(&outcome, 0, measure::ATTEMPTS), 5.0);
}

#[test]
fn who_finds_no_room_is_refused() {
    let (scenario, outcome) = file("room-for-ten.yaml", &[]);
    let level = |at_s| ready(&scenario, &outcome, 0, at_s);
    assert_eq!([59.0, 60.0, 7_200.0].map(level), [0, 10, 10]);
    assert_eq!(level(7_320.0), 100);
    // Forty rounds of 90 before the end: at 0 s, 181 s, …, 7,059 s.
    assert_eq!(value(&outcome, 0, measure::ATTEMPTS_FAILED), 3_600.0);
    // The same as a number in all.
    let total = [(
        "outages.stock-out",
        "{regions: [r], operations: [create], from: +0s, until: +2h, capacity: 10, \
         judged: {start: {fails: {reject: 1s}, in_flight: finish}}}",
    )];
    let (_, same) = file("room-for-ten.yaml", &total);
    assert_eq!(same.digest, outcome.digest);
    // Refusals are what alerts of failed attempts see.
    let alert = [(
        "alerts",
        "{stock: {signal: failed_provisions, count: 5, window: 1m}}",
    )];
    let (_, paged) = file("room-for-ten.yaml", &alert);
    assert_eq!(
        paged.incident(measure::PAGES).expect("a measure"),
        Some(2.0)
    );
}

#[test]
fn room_of_c_machines_is_an_erlang_loss_system() {
    // Cold starts of 1 ms at 0.25 a minute held for 12 minutes on 5 machines: B(5, 3) = 0.110054.
    let n = 40;
    let scenario = smallest(&[
        ("clock.horizon", "400000m"),
        ("clock.warm_up", "4000m"),
        ("pools.r/i.target", "0"),
        ("pools.r/i.provision.latency", "1ms"),
        (
            "pools.r/i.lease",
            "{on_empty: {cold: 1ms}, wait_timeout: never}",
        ),
        (
            "demand.all.source.requests.hold",
            "{exponential: {mean: 12m}}",
        ),
        (
            "outages.blackout",
            "{regions: [r], operations: [create], from: +0s, until: never, capacity: 5, \
             judged: {start: {fails: {reject: 1s}, in_flight: finish}}}",
        ),
    ]);
    mean_is("loss", &sample(&scenario, n, "failed_share"), 0.110_054);
}

#[test]
fn stopped_stock_is_an_erlang_loss_system_of_start_and_hold() {
    // 5 stopped workers, started in 2 minutes and held for 10: B(5, 3) again.
    let n = 40;
    let scenario = smallest(&[
        ("clock.horizon", "400000m"),
        ("clock.warm_up", "4000m"),
        ("pools.r/i.target", "5"),
        ("pools.r/i.stopped", "{start: 2m}"),
        ("pools.r/i.replenish.counts", "total"),
        ("pools.r/i.lease.release", "return"),
        (
            "demand.all.source.requests.hold",
            "{exponential: {mean: 10m}}",
        ),
        ("outages", "{}"),
    ]);
    mean_is("loss", &sample(&scenario, n, "failed_share"), 0.110_054);
}

#[test]
fn a_neighbour_serves_its_own_requests_and_anothers() {
    let (scenario, outcome) = file("neighbour-with-demand.yaml", &[]);
    let [a, b] = ["a/vm", "b/vm"].map(|name| usize::from(scenario.pool(name).expect("a pool")));
    // Jobs of both regions arrive together, every three minutes: nine pairs after 01:30.
    let empty = value(&outcome, b, measure::POOL_EMPTY_AT_S);
    assert!((6_900.0..=7_020.0).contains(&empty), "{empty}");
    // 20 an hour of its own, and from 01:05 those of the other.
    assert!(100.0 < value(&outcome, b, measure::REQUESTS));
    assert!(18 <= ready(&scenario, &outcome, a, 0.0));
    // It has demand of its own, so that it counts from the start.
    assert!(
        outcome
            .measure(b, measure::EMPTY_S)
            .expect("a measure")
            .is_some()
    );
}

#[test]
fn active_pairs_share_and_help_each_other() {
    // Both serve a half of each other's requests, and what the other has no worker for.
    let pair = [
        (
            "pools.b/vm.standby",
            "{for: a/vm, share: 50%, activation: 0s, warm: true, active: true}",
        ),
        (
            "pools.a/vm.standby",
            "{for: b/vm, share: 50%, activation: 0s, warm: true, active: true}",
        ),
        ("playbook", "{}"),
        ("outages.o.regions", "[a]"),
        ("outages.o.windows", "{}"),
    ];
    let (scenario, outcome) = file("neighbour-with-demand.yaml", &pair);
    let [a, b] = ["a/vm", "b/vm"].map(|name| usize::from(scenario.pool(name).expect("a pool")));
    let requests = [a, b].map(|pool| value(&outcome, pool, measure::REQUESTS));
    assert_eq!(requests.iter().sum::<f64>(), 160.0);
    // A hundred and twenty of three hours go to `b` once `a` is empty; nobody waits.
    assert!(requests[0] < requests[1], "{requests:?}");
    let hits = [a, b].map(|pool| value(&outcome, pool, measure::HIT_RATE));
    assert_eq!(hits, [1.0, 1.0]);
}

#[test]
fn a_chain_of_standbys_goes_on_where_the_next_is_empty() {
    // Nothing is made. 2 + 2 + 2 workers of a chain serve six of seven requests.
    let text = "
schema: 1
name: chain
clock: {start: 2026-03-03T00:00:00Z, horizon: 70m, warm_up: 0s}
regions: {r: {}}
pools:
  r/a: &pool
    target: 2
    provision: {latency: 1m, timeout: never}
    replenish: {counts: ready_and_pending, in_flight_max: unlimited, retry: {initial: 1d, max: 1d}}
    lease: {on_empty: reject}
  r/b:
    <<: *pool
    standby: {for: r/a, share: 0%, activation: 0s, warm: true, active: true}
  r/c:
    <<: *pool
    standby: {for: r/b, share: 0%, activation: 0s, warm: true, active: true}
demand:
  all: {pool: r/a, essential: true, source: {deterministic: {rate: 6/h, hold: 1d}}}
outages:
  o: {regions: [r], operations: [create], from: +0s, until: never, failure: 100%, judged: completion}
";
    let scenario = Scenario::parse("chain.yaml", text).unwrap_or_else(|it| panic!("{it}"));
    let outcome = expected_value(&scenario);
    let served: Vec<f64> = (0..3)
        .map(|pool| value(&outcome, pool, measure::REQUESTS))
        .collect();
    assert_eq!(served, [3.0, 2.0, 2.0]);
    assert_eq!(value(&outcome, 0, measure::FAILED_LEASES), 1.0);
}

#[test]
fn stopped_workers_must_be_started() {
    let calm = [("outages", "{}")];
    let (_, outcome) = file("stopped-machines.yaml", &calm);
    let waits = ["wait_mean_s", "wait_p50_s", "wait_max_s"].map(|name| value(&outcome, 0, name));
    assert_eq!(waits, [80.0; 3]);
    assert_eq!(value(&outcome, 0, measure::STARTS), 40.0);
    // The ten jobs of the outage wait for its end: the first, of 01:03, for at least 57 minutes.
    let (_, outcome) = file("stopped-machines.yaml", &[]);
    let longest = value(&outcome, 0, measure::WAIT_MAX_S);
    assert!((3_420.0..3_600.0).contains(&longest), "{longest}");
    assert_eq!(value(&outcome, 0, measure::DELAYED_LEASES), 40.0);
    assert!(0.0 < value(&outcome, 0, measure::STARTS_FAILED));
    // Half of them running: ten jobs of the outage are served at once.
    let half = [("pools.r/stopped.stopped.share", "50%")];
    let (_, outcome) = file("stopped-machines.yaml", &half);
    assert!(0.4 < value(&outcome, 0, measure::HIT_RATE));
}

#[test]
fn the_newest_first_keeps_fewer_workers_than_the_oldest_first() {
    // Requests at 0.9 a second, each held for 1.991 s, on instances that are deleted after 600 s of idling, as
    // function platforms do (SimFaaS, Mahmoudi and Khazaei, 2021): oldest first 11.60 instances on average,
    // newest first 7.70 and P(cold) 0.00134.
    let of = |order: &str| {
        let scenario = smallest(&[
            ("clock.horizon", "1000000s"),
            ("clock.warm_up", "10000s"),
            ("pools.r/i.target", "0"),
            ("pools.r/i.ready_max_idle", "600s"),
            ("pools.r/i.provision.latency", "1ms"),
            (
                "pools.r/i.lease",
                "{on_empty: {cold: 1ms}, wait_timeout: never, release: return}",
            ),
            ("pools.r/i.lease.order", order),
            ("demand.all.source.requests.rate", "0.9/s"),
            (
                "demand.all.source.requests.hold",
                "{exponential: {mean: 1991ms}}",
            ),
            ("outages", "{}"),
        ]);
        let found = ensemble(&scenario, Replications::new(8), Seed(5));
        let values = |name: &str| -> Vec<f64> {
            found
                .values(0, name)
                .expect("a measure")
                .flatten()
                .collect()
        };
        let sum = |one: Vec<f64>, other: Vec<f64>| -> Vec<f64> {
            one.iter()
                .zip(other)
                .map(|(one, other)| one + other)
                .collect()
        };
        let workers = sum(values("ready_mean"), values("leased_mean"));
        (workers, values("hit_rate"))
    };
    let (workers, _) = of("oldest");
    mean_is("workers, oldest first", &workers, 11.60);
    let (workers, hits) = of("newest");
    mean_is("workers, newest first", &workers, 7.70);
    mean_is("hits, newest first", &hits, 1.0 - 0.001_34);
}

#[test]
fn a_bound_on_waiting_requests_is_a_finite_queue() {
    // M/M/2/3 with λ 3 and μ 4 an hour: P(reject) = 0.04936.
    let scenario = smallest(&[
        ("clock.horizon", "400000m"),
        ("clock.warm_up", "4000m"),
        ("pools.r/i.target", "2"),
        ("pools.r/i.replenish.counts", "total"),
        ("pools.r/i.replenish.waiting_orders", "false"),
        (
            "pools.r/i.lease",
            "{on_empty: wait, wait_timeout: never, waiting_max: 1, release: return}",
        ),
        ("demand.all.source.requests.rate", "3/h"),
        (
            "demand.all.source.requests.hold",
            "{exponential: {mean: 15m}}",
        ),
        ("outages", "{}"),
    ]);
    mean_is(
        "rejected",
        &sample(&scenario, 40, "failed_share"),
        0.049_360,
    );
}

#[test]
fn attempts_fail_in_ordinary_times_too() {
    let n = 40;
    let scenario = smallest(&[
        ("clock.horizon", "40000m"),
        (
            "pools.r/i.provision",
            "{latency: 8m, timeout: never, failure: 20%}",
        ),
        (
            "pools.r/i.replenish.retry",
            "{initial: 1s, factor: 1, max: 1s}",
        ),
        ("outages", "{}"),
    ]);
    let sum = |name: &str| sample(&scenario, n, name).iter().sum::<f64>();
    let (failed, attempts) = (sum("attempts_failed_ordinarily"), sum("attempts"));
    share_is("failed", failed as usize, attempts as usize, 0.2);
    assert_eq!(sum("attempts_failed"), 0.0);
    // In the expected-value replay, every fifth.
    let mean = expected_value(&scenario);
    let failed = value(&mean, 0, "attempts_failed_ordinarily");
    assert!((failed / value(&mean, 0, "attempts") - 0.2).abs() < 1e-3);
}

#[test]
fn an_outage_can_be_given_by_its_length() {
    let outage = |end: &str| {
        format!(
            "{{regions: [r], operations: [create, start], from: +1h, {end}, failure: 100%, \
             judged: {{start: {{fails: {{reject: 5s}}, in_flight: finish}}}}}}"
        )
    };
    let with = |end: &str| {
        file(
            "stopped-machines.yaml",
            &[("outages.no-capacity", &outage(end))],
        )
    };
    let until = with("until: +2h").1;
    assert_eq!(with("lasting: 1h").1.digest, until.digest);
    // By a law, it is drawn for each replication; the expected-value replay takes the mean.
    let (scenario, mean) = with("lasting: {exponential: {mean: 1h}}");
    assert_eq!(mean.digest, until.digest);
    let lengths = sample(&scenario, 2_000, "outage_s");
    let least = lengths.iter().copied().fold(f64::INFINITY, f64::min);
    assert!(least < 60.0, "{least}");
}
