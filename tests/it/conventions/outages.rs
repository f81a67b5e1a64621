//! Effects of outages on attempts, workers and connections.

use crate::conventions::{BLACKOUT, FOR_EVER, simulate, simulate_with};
use crate::worlds::smallest;
use drawdown::{Seed, run};

/// The ready level of a pool that begins empty and whose attempts take five minutes, in an outage with
/// `changes`.
#[track_caller]
fn refill(changes: &[(&str, &str)]) -> (Vec<(f64, u32)>, [f64; 2]) {
    let mut all = vec![("pools.r/i.initial", "0"), ("outages.one", BLACKOUT)];
    all.extend(changes);
    let course = simulate(&all, &[]);
    let counts = course.measures(["attempts_failed", "attempts_timed_out"]);
    (course.ready(), counts)
}

#[test]
fn an_attempt_that_hangs_fails_at_its_timeout_whatever_has_ended_meanwhile() {
    // It fails at 12, and is retried at 13.
    let (ready, counts) = refill(&[
        ("pools.r/i.provision.timeout", "12m"),
        ("outages.one.until", "+10m"),
        (
            "outages.one.judged",
            "{start: {fails: hang, in_flight: finish}}",
        ),
    ]);
    assert_eq!(ready, [(0.0, 0), (18.0, 1)]);
    assert_eq!(counts, [1.0, 0.0]);
}

#[test]
fn an_attempt_that_is_to_fail_late_takes_its_ordinary_time_even_beyond_the_end() {
    let (ready, counts) = refill(&[
        ("outages.one.until", "+1m"),
        (
            "outages.one.judged",
            "{start: {fails: late, in_flight: finish}}",
        ),
    ]);
    assert_eq!(ready, [(0.0, 0), (11.0, 1)]);
    assert_eq!(counts, [1.0, 0.0]);
}

#[test]
fn a_rejected_attempt_fails_after_the_delay_of_the_rejection() {
    // Rejected at 1 and at 3, retried at 2 and at 4.
    let (ready, counts) = refill(&[
        ("outages.one.until", "+4m"),
        (
            "outages.one.judged",
            "{start: {fails: {reject: 1m}, in_flight: finish}}",
        ),
    ]);
    assert_eq!(ready, [(0.0, 0), (9.0, 1)]);
    assert_eq!(counts, [2.0, 0.0]);
}

#[test]
fn a_slow_attempt_succeeds_unless_it_becomes_too_slow() {
    let slow = "{start: {fails: {slow: 3}, in_flight: finish}}";
    let (ready, counts) = refill(&[("outages.one.judged", slow)]);
    assert_eq!(ready, [(0.0, 0), (15.0, 1)]);
    assert_eq!(counts, [0.0, 0.0]);
    // Its timeout is attributed to the outage.
    let (ready, counts) = refill(&[
        ("pools.r/i.provision.timeout", "12m"),
        ("outages.one.until", "+1m"),
        ("outages.one.judged", slow),
    ]);
    assert_eq!(ready, [(0.0, 0), (18.0, 1)]);
    assert_eq!(counts, [1.0, 0.0]);
}

#[test]
fn an_outage_that_only_slows_lets_attempts_that_start_in_it_take_longer() {
    let (ready, counts) = refill(&[
        ("outages.one.until", "+1m"),
        ("outages.one.failure", "0%"),
        ("outages.one.latency_factor", "2.5"),
    ]);
    assert_eq!(ready, [(0.0, 0), (12.5, 1)]);
    assert_eq!(counts, [0.0, 0.0]);
}

#[test]
fn an_attempt_in_flight_stalls_until_the_end_unless_it_times_out() {
    let stalls = "{start: {fails: late, in_flight: stall}}";
    // Two of its five minutes have passed as the outage begins; three follow its end.
    for (timeout, ready_at, failed) in [("13m", 13.0, 0.0), ("12m", 18.0, 1.0)] {
        let (ready, counts) = refill(&[
            ("pools.r/i.provision.timeout", timeout),
            ("outages.one.from", "+2m"),
            ("outages.one.until", "+10m"),
            ("outages.one.judged", stalls),
        ]);
        assert_eq!(ready, [(0.0, 0), (ready_at, 1)], "timeout {timeout}");
        assert_eq!(counts, [failed, 0.0], "timeout {timeout}");
    }
}

#[test]
fn an_attempt_in_flight_fails_as_the_outage_begins() {
    // It fails at 2; its successor starts in the outage at 3 and fails late, at 8; the next starts at
    // 9, as the outage ends.
    let (ready, counts) = refill(&[
        ("outages.one.from", "+2m"),
        ("outages.one.until", "+9m"),
        (
            "outages.one.judged",
            "{start: {fails: late, in_flight: fail_now}}",
        ),
    ]);
    assert_eq!(ready, [(0.0, 0), (14.0, 1)]);
    assert_eq!(counts, [2.0, 0.0]);
}

#[test]
fn an_intermittent_outage_is_on_and_off_in_turn_from_its_beginning() {
    // On from 1 to 4, from 9 to 12 and so on. Two attempts complete at 10 and 16; the first fails.
    let course = simulate(
        &[
            ("outages.one", BLACKOUT),
            ("outages.one.from", "+1m"),
            ("outages.one.shape", "{intermittent: {on: 3m, off: 5m}}"),
        ],
        &[(5.0, 1.0)],
    );
    assert_eq!(course.ready(), [(0.0, 1), (5.0, 0), (16.0, 1)]);
}

#[test]
fn attempts_in_flight_are_affected_by_every_phase_of_an_intermittent_outage() {
    // On from 1 to 2 and from 6 to 7. An attempt fails at 1, its successor, of minute 2, at 6; that of
    // minute 7 completes.
    let judged = |in_flight| format!("{{start: {{fails: late, in_flight: {in_flight}}}}}");
    let refilled = |in_flight| {
        refill(&[
            ("pools.r/i.provision.timeout", "1h"),
            ("outages.one.from", "+1m"),
            ("outages.one.until", "+10m"),
            ("outages.one.shape", "{intermittent: {on: 1m, off: 4m}}"),
            ("outages.one.judged", &judged(in_flight)),
        ])
    };
    let (ready, counts) = refilled("fail_now");
    assert_eq!(ready, [(0.0, 0), (12.0, 1)]);
    assert_eq!(counts, [2.0, 0.0]);
    // An attempt stalls for a minute in each phase.
    let (ready, counts) = refilled("stall");
    assert_eq!(ready, [(0.0, 0), (7.0, 1)]);
    assert_eq!(counts, [0.0, 0.0]);
}

#[test]
fn beginning_and_end_of_an_outage_have_their_own_delays() {
    // In force from 4 to 14: the attempts of minutes 5 and 11 fail, not that of minute 17.
    let (ready, counts) = refill(&[
        ("outages.one.from", "+1m"),
        ("outages.one.until", "+6m"),
        ("outages.one.onset", "3m"),
        ("outages.one.recovery", "8m"),
    ]);
    assert_eq!(ready, [(0.0, 0), (17.0, 1)]);
    assert_eq!(counts, [2.0, 0.0]);
}

#[test]
fn random_outages_alternate_between_up_and_down_times() {
    // Down from 4 to 13, from 17 to 26 and from 30 on: the attempts that end at 5, 11, 17 and 23 fail.
    let (ready, counts) = refill(&[(
        "outages.one",
        "{regions: [r], operations: [create], failure: 100%, judged: completion, \
         random: {up: 4m, down: 9m}}",
    )]);
    assert_eq!(ready, [(0.0, 0), (29.0, 1)]);
    assert_eq!(counts, [4.0, 0.0]);
}

#[test]
fn requests_that_cannot_connect_fail_although_the_pool_is_full() {
    let course = simulate(
        &[(
            "outages.one",
            "{regions: [r], operations: [connect], failure: 100%, from: +5m, until: +15m}",
        )],
        &[(10.0, 1.0), (15.0, 1.0)],
    );
    assert_eq!(course.ready(), [(0.0, 1), (15.0, 0), (20.0, 1)]);
    let counts = course.measures(["requests", "failed_leases", "unconnected", "hit_rate"]);
    assert_eq!(counts, [2.0, 1.0, 1.0, 0.5]);
}

#[test]
fn a_tenant_whose_job_cannot_connect_is_impacted_but_keeps_its_lease() {
    let course = simulate_with(
        &[(
            "outages.one",
            "{regions: [r], operations: [connect], failure: 100%, from: +5m, until: +15m}",
        )],
        &[(
            "requests.csv",
            "at,tenant,hold\n+2m,a,1m\n+10m,a,1m\n+20m,a,1m\n",
        )],
    );
    let names = [
        "requests",
        "failed_leases",
        "unconnected",
        "tenants_impacted",
        "reused",
    ];
    assert_eq!(course.measures(names), [1.0, 0.0, 1.0, 1.0, 1.0]);
}

#[test]
fn ready_and_leased_workers_are_lost_when_an_outage_begins() {
    for (takes, ready, lost) in [
        (
            "{ready: 100%}",
            vec![(0.0, 3), (1.0, 2), (6.0, 3), (10.0, 0), (15.0, 3)],
            [3.0, 0.0],
        ),
        (
            "{leased: 100%}",
            vec![(0.0, 3), (1.0, 2), (6.0, 3)],
            [1.0, 1.0],
        ),
        (
            "{ready: 100%, leased: 100%}",
            vec![(0.0, 3), (1.0, 2), (6.0, 3), (10.0, 0), (15.0, 3)],
            [4.0, 1.0],
        ),
    ] {
        let outage =
            format!("{{regions: [r], operations: [], takes: {takes}, from: +10m, until: +11m}}");
        let changes = [("pools.r/i.target", "3"), ("outages.one", &outage)];
        let course = simulate(&changes, &[(1.0, FOR_EVER)]);
        assert_eq!(course.ready(), ready, "{takes}");
        assert_eq!(
            course.measures(["workers_lost", "jobs_lost"]),
            lost,
            "{takes}"
        );
    }
}

#[test]
fn workers_are_lost_to_an_outage_in_force_at_time_0() {
    let course = simulate(
        &[(
            "outages.one",
            "{regions: [r], operations: [], takes: {ready: 100%}, from: +0s, until: +1m}",
        )],
        &[],
    );
    assert_eq!(course.ready(), [(0.0, 0), (5.0, 1)]);
}

#[test]
fn a_tenant_whose_worker_is_lost_requests_another() {
    let course = simulate_with(
        &[(
            "outages.one",
            "{regions: [r], operations: [], takes: {leased: 100%}, from: +10m, until: +11m}",
        )],
        &[("requests.csv", "at,tenant,hold\n+2m,a,1m\n+20m,a,1m\n")],
    );
    // The lease was idle, so no job was lost with it.
    let names = ["requests", "reused", "workers_lost", "jobs_lost"];
    assert_eq!(course.measures(names), [2.0, 0.0, 1.0, 0.0]);
}

#[test]
fn callers_wait_for_the_end_of_an_outage_in_force_at_time_0() {
    // All are held back until 10 and resume a minute later.
    let calls = |horizon: &str| {
        let scenario = smallest(&[
            ("clock.horizon", horizon),
            ("outages.blackout.until", "+10m"),
            (
                "dependencies.storage",
                "{capacity: 10/min, queue: 100, timeout: never, load: 2/min, calm: {queue: 5, \
                 waiting: 5}, retry: {probability: 0%, delay: 1m, tries: 1}, \
                 blocked: {outage: blackout, share: 100%, resume: 1m}}",
            ),
        ]);
        run(&scenario, Seed(1), 0)
            .dependency(0, "calls")
            .expect("a measure")
    };
    assert_eq!(calls("10m"), Some(0.0));
    assert!(Some(5.0) < calls("661s"));
}
