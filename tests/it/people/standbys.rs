//! Standby pools: warm and cold, failing independently or with their primary.

use crate::people::{At, BLACKOUT, R, S, WAITS, simulate, world, world_of};
use drawdown::expected_value;
use drawdown::study::Outcome;

const ONLY_ONE_CLASS: (&str, &str) = (
    "demand",
    "{all: {pool: r/i, essential: true, source: {trace: {csv: all.csv}}}}",
);

/// A standby that takes requests twenty minutes after its activation.
fn standby(warm: bool, share: &str) -> String {
    format!("{{for: r/i, share: {share}, activation: 20m, warm: {warm}}}")
}

/// The world in which the second pool is a standby of the first, activated at 30 unless `changes` say
/// something else.
#[track_caller]
fn stood_in(warm: bool, changes: &[(&str, &str)], requests: &[At]) -> Outcome {
    let standby = standby(warm, "100%");
    let mut all = vec![
        ONLY_ONE_CLASS,
        ("pools.s/i.standby", standby.as_str()),
        ("playbook.activate", "{at: +30m, do: {activate: s/i}}"),
    ];
    all.extend(changes);
    simulate(&world(&all, requests, &[]))
}

fn both(outcome: &Outcome, measure: &str) -> [f64; 2] {
    [R, S].map(|pool| {
        outcome
            .measure(pool, measure)
            .expect("a measure")
            .expect("a value")
    })
}

#[test]
fn a_standby_is_asked_first_once_its_activation_is_complete() {
    for warm in [true, false] {
        // At 50 it becomes active before the request arrives.
        let outcome = stood_in(warm, &[], &[10.0, 40.0, 49.9, 50.0, 60.0]);
        assert_eq!(both(&outcome, "requests"), [3.0, 2.0], "warm: {warm}");
        assert_eq!(both(&outcome, "failed_leases"), [0.0, 0.0]);
    }
}

#[test]
fn a_warm_standby_is_ready_all_along_and_a_cold_one_from_its_activation_on() {
    let ready = |warm, horizon: &str| {
        let cut = [("clock.horizon", horizon)];
        both(&stood_in(warm, &cut, &[]), "ready_end")[1]
    };
    assert_eq!(ready(true, "31m"), 5.0);
    // Ordered when it is decided on, at 30, not when it is complete.
    assert_eq!(ready(false, "35m"), 0.0);
    assert_eq!(ready(false, "36m"), 5.0);
    let cost = |warm| both(&stood_in(warm, &[], &[]), "idle_worker_hours")[1];
    assert_eq!(cost(true), 10.0);
    assert!((cost(false) - 5.0 * 85.0 / 60.0).abs() < 1e-9);
}

#[test]
fn a_cold_standby_pages_only_once_active() {
    // Of a warm one two workers are taken at 20; a cold one has none until 35, and is complete at 50.
    let low = (
        "alerts.low",
        "{signal: ready_below, scope: all, level: 4, cool_down: never}",
    );
    let taken = "{regions: [s], operations: [], takes: {ready: 40%}, from: +20m, until: +21m}";
    let even = |warm| {
        let standby = standby(warm, "100%");
        let activate = ("playbook.activate", "{at: +30m, do: {activate: s/i}}");
        let standby = ("pools.s/i.standby", standby.as_str());
        let all = [
            ONLY_ONE_CLASS,
            standby,
            activate,
            low,
            ("outages.taken", taken),
        ];
        expected_value(&world(&all, &[], &[]))
    };
    assert_eq!(
        even(true).incident("detected_after_s").expect("a measure"),
        Some(1_200.0)
    );
    assert_eq!(
        even(false).incident("detected_after_s").expect("a measure"),
        None
    );
    // If it is not filled in time, the alert fires from then on.
    let blackout = BLACKOUT.replace("[r]", "[s]");
    let outcome = stood_in(false, &[low, ("outages.blackout", &blackout)], &[]);
    assert_eq!(
        outcome.incident("detected_after_s").expect("a measure"),
        Some(3_000.0)
    );
}

#[test]
fn a_standby_takes_its_share_of_requests() {
    let changes = |share: &str| {
        let standby = standby(true, share);
        let changes = [
            ONLY_ONE_CLASS,
            ("pools.s/i.standby", standby.as_str()),
            ("playbook.activate", "{at: +30m, do: {activate: s/i}}"),
        ];
        let requests: Vec<At> = (0..12).map(|nth| 60.0 + f64::from(nth) * 5.0).collect();
        both(
            &expected_value(&world(&changes, &requests, &[])),
            "requests",
        )
    };
    assert_eq!(changes("50%"), [6.0, 6.0]);
    assert_eq!(changes("25%"), [9.0, 3.0]);
    assert_eq!(changes("0%"), [12.0, 0.0]);
}

#[test]
fn a_pool_without_workers_passes_the_request_on() {
    let blackout = ("outages.blackout", BLACKOUT);
    let (one, none) = (("pools.r/i.target", "1"), standby(true, "0%"));
    // The first pool has one worker and gets no other; the standby has five and gets more.
    let changes = [blackout, one, ("pools.s/i.standby", none.as_str())];
    let outcome = stood_in(true, &changes, &[60.0, 61.0, 62.0]);
    assert_eq!(both(&outcome, "requests"), [1.0, 2.0]);
    // And the other way round. If neither has one, it fails at its first choice.
    let elsewhere = BLACKOUT.replace("[r]", "[r, s]");
    let changes = [
        ("outages.blackout", elsewhere.as_str()),
        ("pools.s/i.target", "1"),
        ("pools.r/i.target", "2"),
    ];
    let outcome = stood_in(true, &changes, &[60.0, 61.0, 62.0, 63.0]);
    assert_eq!(both(&outcome, "requests"), [2.0, 2.0]);
    assert_eq!(both(&outcome, "failed_leases"), [0.0, 1.0]);
    // Before it is active nothing is passed on to it.
    let outcome = stood_in(true, &[blackout, one], &[10.0, 11.0]);
    assert_eq!(both(&outcome, "failed_leases"), [1.0, 0.0]);
}

#[test]
fn a_standby_fails_independently_or_with_its_primary() {
    // Twelve requests from 60 on, one a minute, for five workers that are made in five minutes.
    let requests: Vec<At> = (0..12).map(|nth| 60.0 + f64::from(nth)).collect();
    let struck = |regions: &str| {
        let blackout = BLACKOUT.replace("[r]", regions);
        let changes = [
            ("outages.blackout", blackout.as_str()),
            ("pools.r/i.target", "0"),
        ];
        let outcome = stood_in(true, &changes, &requests);
        (
            both(&outcome, "failed_leases")[1],
            both(&outcome, "ready_end")[1],
        )
    };
    assert_eq!(struck("[r]"), (0.0, 5.0), "its own region works");
    assert_eq!(struck("[r, s]"), (7.0, 0.0), "its own region fails too");
    // A cold one is not even built.
    let blackout = BLACKOUT.replace("[r]", "[r, s]");
    let changes = [
        ("outages.blackout", blackout.as_str()),
        ("pools.r/i.target", "0"),
    ];
    let outcome = stood_in(false, &changes, &requests);
    assert_eq!(both(&outcome, "failed_leases"), [0.0, 12.0]);
    assert_eq!(both(&outcome, "attempts_failed"), [0.0, 5.0]);
}

const REVERT: (&str, &str) = ("playbook.revert", "{at: +60m, do: {revert: s/i}}");

#[test]
fn a_standby_that_is_reverted_takes_no_more_requests() {
    for (warm, left) in [(true, 5.0), (false, 0.0)] {
        let outcome = stood_in(warm, &[REVERT], &[50.0, 55.0, 60.0, 65.0]);
        assert_eq!(both(&outcome, "requests"), [2.0, 2.0], "warm: {warm}");
        // A warm one is kept as it was; of a cold one only the leases remain.
        assert_eq!(both(&outcome, "ready_end")[1], left, "warm: {warm}");
        assert_eq!(both(&outcome, "leases_ended")[1], 0.0);
    }
    // Orders under way are dropped: one of 58 would have been filled at 63.
    let outcome = stood_in(false, &[REVERT], &[58.0]);
    assert_eq!(both(&outcome, "attempts")[1], 5.0);
}

#[test]
fn a_standby_reverted_before_its_activation_takes_no_requests() {
    for warm in [true, false] {
        let early = ("playbook.revert", "{at: +49m, do: {revert: s/i}}");
        let outcome = stood_in(warm, &[early], &[50.0, 60.0]);
        assert_eq!(both(&outcome, "requests"), [2.0, 0.0], "warm: {warm}");
        // Activated again, it is active twenty minutes after that.
        let again = ("playbook.again", "{at: +49m, do: {activate: s/i}}");
        let early = ("playbook.a-revert", "{at: +40m, do: {revert: s/i}}");
        let outcome = stood_in(warm, &[early, again], &[50.0, 68.9, 69.0]);
        assert_eq!(both(&outcome, "requests"), [2.0, 1.0], "warm: {warm}");
    }
}

#[test]
fn workers_returned_to_a_dismantled_standby_are_deleted() {
    // Leased at 55 for ten minutes, so it is returned at 65.
    for release in ["return", "{reimage: 2m}"] {
        let release = [
            ("pools.s/i.lease.release", release),
            ("playbook.revert", "{at: +60m, do: {revert: s/i}}"),
        ];
        let standby = standby(false, "100%");
        let mut all = vec![
            ONLY_ONE_CLASS,
            ("pools.s/i.standby", standby.as_str()),
            ("playbook.activate", "{at: +30m, do: {activate: s/i}}"),
        ];
        all.extend(release);
        let files = [("all.csv", "at,hold\n+55m,10m\n".to_owned())];
        let outcome = simulate(&world_of(&all, &files));
        assert_eq!(both(&outcome, "requests"), [0.0, 1.0]);
        assert_eq!(both(&outcome, "leases_ended"), [0.0, 1.0]);
        assert_eq!(both(&outcome, "ready_end"), [5.0, 0.0], "{release:?}");
    }
}

/// Jobs of tenants, each with its minute, its length in minutes and its tenant.
#[track_caller]
fn jobs(changes: &[(&str, &str)], jobs: &[(f64, f64, &str)]) -> Outcome {
    let row = |(at, hold, tenant): &(f64, f64, &str)| {
        format!("+{}s,{}s,{tenant}\n", at * 60.0, hold * 60.0)
    };
    let rows = format!(
        "at,hold,tenant\n{}",
        jobs.iter().map(row).collect::<String>()
    );
    let standby = standby(true, "100%");
    let mut all = vec![
        ONLY_ONE_CLASS,
        ("pools.s/i.standby", standby.as_str()),
        ("playbook.activate", "{at: +30m, do: {activate: s/i}}"),
    ];
    all.extend(changes);
    simulate(&world_of(&all, &[("all.csv", rows)]))
}

#[test]
fn a_tenant_that_holds_a_lease_stays_where_it_is() {
    // Leases at the first pool, before the standby is active; its next job runs there. Another tenant
    // goes to the standby, and stays there after it has been reverted.
    let outcome = jobs(
        &[REVERT],
        &[
            (45.0, 1.0, "one"),
            (55.0, 1.0, "one"),
            (56.0, 1.0, "other"),
            (65.0, 1.0, "other"),
            (66.0, 1.0, "third"),
        ],
    );
    assert_eq!(both(&outcome, "requests"), [2.0, 1.0]);
    assert_eq!(both(&outcome, "reused"), [1.0, 1.0]);
}

#[test]
fn a_waiting_tenant_stays_in_its_queue() {
    let waits = WAITS.replace("wait_timeout: 10m", "wait_timeout: never");
    let changes = [
        ("pools.r/i.target", "0"),
        ("pools.r/i.lease", waits.as_str()),
        ("pools.r/i.replenish.waiting_orders", "false"),
    ];
    // Its second job waits with the first, though the standby has workers; somebody else's does not.
    let outcome = jobs(
        &changes,
        &[(10.0, 1.0, "one"), (60.0, 1.0, "one"), (61.0, 1.0, "other")],
    );
    assert_eq!(both(&outcome, "requests"), [2.0, 1.0]);
    assert_eq!(both(&outcome, "waiting_end"), [2.0, 0.0]);
}

#[test]
fn a_standby_is_reverted_when_two_regions_fail_and_kept_when_one_does() {
    let requests = [10.0, 60.0, 61.0, 62.0];
    let kept = |regions: &str| {
        let blackout = BLACKOUT.replace("[r]", regions);
        let revert =
            "{at: +90m, if: {failing_regions: {at_least: 2, within: 3h}}, do: {revert: s/i}}";
        let changes = [
            ("outages.blackout", blackout.as_str()),
            ("playbook.revert", revert),
        ];
        // Requests after the decision show what it was.
        let requests = [&requests[..], &[95.0]].concat();
        both(&stood_in(true, &changes, &requests), "requests")
    };
    assert_eq!(kept("[r]"), [1.0, 4.0]);
    // The workers that the standby has ordered since 60 fail as well.
    assert_eq!(kept("[r, s]"), [2.0, 3.0]);
}
