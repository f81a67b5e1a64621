//! What alerts observe, and when they page.

use crate::people::{At, BLACKOUT, WAITS, simulate, world, world_of};

/// When an alert first pages, in minutes, and how often all alerts do.
#[track_caller]
fn pages(
    alert: &str,
    changes: &[(&str, &str)],
    (all, others): (&[At], &[At]),
) -> (Option<f64>, f64) {
    let note = "{on: {alert: page}, do: mitigate}";
    let mut every = vec![("alerts.page", alert), ("playbook.note", note)];
    every.extend(changes);
    let outcome = simulate(&world(&every, all, others));
    let first = outcome.incident("mitigated_after_s").expect("a measure");
    let pages = outcome
        .incident("pages")
        .expect("a measure")
        .expect("a count");
    (first.map(|seconds| seconds / 60.0), pages)
}

/// An alert without delay pages at these minutes and at no others.
#[track_caller]
fn pages_at(minutes: &[f64], alert: &str, changes: &[(&str, &str)], requests: (&[At], &[At])) {
    let (first, all) = pages(alert, changes, requests);
    let near = match (first, minutes.first()) {
        (Some(first), Some(minute)) => (first - minute).abs() < 1e-6,
        (first, minute) => first.is_none() && minute.is_none(),
    };
    assert!(near, "{alert} pages at {first:?} for {minutes:?}");
    assert_eq!(all, minutes.len() as f64, "pages of {alert}");
    let before = |minute: f64| {
        let horizon = format!("{}us", (minute * 6e7).round());
        let cut = [changes, &[("clock.horizon", horizon.as_str())]].concat();
        pages(alert, &cut, requests).1
    };
    for (place, minute) in minutes.iter().enumerate().skip(1) {
        // What happens at the horizon is outside.
        assert_eq!(
            before(*minute),
            place as f64,
            "pages of {alert} before {minute}"
        );
        assert_eq!(
            before(minute + 1e-7),
            place as f64 + 1.0,
            "pages of {alert} at {minute}"
        );
    }
}

const BLACKED_OUT: (&str, &str) = ("outages.blackout", BLACKOUT);

#[test]
fn an_alert_pages_at_the_nth_failed_provisioning() {
    // Each request orders a worker, which fails five minutes later, once.
    let requests: (&[At], &[At]) = (&[10.0, 20.0, 31.0], &[]);
    let alert = "{signal: failed_provisions, count: 3, cool_down: never}";
    pages_at(&[36.0], alert, &[BLACKED_OUT], requests);
    let alert = "{signal: failed_provisions, count: 4, cool_down: never}";
    pages_at(&[], alert, &[BLACKED_OUT], requests);
    // Without failures there is nothing to observe.
    let alert = "{signal: failed_provisions, count: 1, cool_down: never}";
    pages_at(&[], alert, &[], requests);
}

#[test]
fn an_alert_observes_only_its_scope() {
    let changes = [("pools.r/i.target", "0"), ("pools.s/i.target", "0")];
    let requests: (&[At], &[At]) = (&[10.0, 30.0], &[20.0, 40.0]);
    for (scope, minutes) in [
        ("r", [30.0]),
        ("s", [40.0]),
        ("r/i", [30.0]),
        ("s/i", [40.0]),
        ("all", [20.0]),
    ] {
        let alert =
            format!("{{signal: failed_leases, scope: {scope}, count: 2, cool_down: never}}");
        pages_at(&minutes, &alert, &changes, requests);
    }
}

#[test]
fn failures_count_while_they_lie_within_the_window() {
    // Ten minutes after the first it is outside; after nine and a half, two count.
    let requests: (&[At], &[At]) = (&[10.0, 20.0, 29.5], &[]);
    let changes = [("pools.r/i.target", "0")];
    let alert = "{signal: failed_leases, count: 2, window: 10m, cool_down: never}";
    pages_at(&[29.5], alert, &changes, requests);
    let alert = "{signal: failed_leases, count: 3, window: 19m, cool_down: never}";
    pages_at(&[], alert, &changes, requests);
    let alert = "{signal: failed_leases, count: 3, window: 20m, cool_down: never}";
    pages_at(&[29.5], alert, &changes, requests);
}

#[test]
fn a_level_pages_when_it_has_been_low_for_long_enough() {
    // 4 ready from 10 on, 3 from 13, 4 from 15, and 5 again from 18.
    let requests: (&[At], &[At]) = (&[10.0, 13.0], &[]);
    for (alert, minutes) in [
        ("{signal: ready_below, scope: r, level: 5}", vec![10.0]),
        ("{signal: ready_below, scope: r, level: 4}", vec![13.0]),
        ("{signal: ready_below, scope: r, level: 3}", vec![]),
        (
            "{signal: ready_below, scope: r, level: 4, lasting: 119s}",
            vec![13.0 + 119.0 / 60.0],
        ),
        // A worker that is ready at the very instant is in time.
        (
            "{signal: ready_below, scope: r, level: 4, lasting: 2m}",
            vec![],
        ),
        (
            "{signal: ready_below, scope: r, level: 5, lasting: 7m}",
            vec![17.0],
        ),
        (
            "{signal: ready_below, scope: r, level: 5, lasting: 8m}",
            vec![],
        ),
    ] {
        pages_at(&minutes, alert, &[], requests);
    }
}

#[test]
fn a_level_is_low_regardless_of_the_cause() {
    let alert = "{signal: ready_below, scope: r, level: 2, cool_down: never}";
    let taken = "{regions: [r], operations: [], takes: {ready: 80%}, from: +30m, until: +31m}";
    pages_at(&[30.0], alert, &[("outages.taken", taken)], (&[], &[]));
    pages_at(
        &[20.0],
        alert,
        &[("pools.r/i.ready_max_age", "20m")],
        (&[], &[]),
    );
    let fewer = [
        ("pools.r/i.replenish.surplus", "delete"),
        (
            "playbook.fewer",
            "{at: +40m, do: {set_target: {pool: r/i, to: 1}}}",
        ),
    ];
    pages_at(&[40.0], alert, &fewer, (&[], &[]));
}

#[test]
fn a_level_that_is_low_when_measuring_begins_pages_then() {
    let alert = "{signal: ready_below, scope: r, level: 4}";
    let long_ago = BLACKOUT.replace("+0s", "2026-01-04T23:00:00Z");
    for (warm_up, blackout) in [("0s", BLACKOUT), ("1h", long_ago.as_str())] {
        let low = [
            ("clock.warm_up", warm_up),
            ("pools.r/i.initial", "3"),
            ("outages.blackout", blackout),
        ];
        pages_at(&[0.0], alert, &low, (&[], &[]));
        // The initial workers are ready before levels are checked.
        let enough = [low[0], ("pools.r/i.initial", "4"), low[2]];
        pages_at(&[], alert, &enough, (&[], &[]));
    }
}

#[test]
fn a_wait_pages_when_it_has_lasted_so_long() {
    // One worker: taken at 10, replaced at 15. The second request waits from 11 to 15.
    let changes = [
        ("pools.r/i.target", "1"),
        ("pools.r/i.lease", WAITS),
        ("pools.r/i.replenish.waiting_orders", "false"),
    ];
    let requests: (&[At], &[At]) = (&[10.0, 11.0], &[]);
    pages_at(
        &[14.5],
        "{signal: oldest_wait, wait: 210s}",
        &changes,
        requests,
    );
    pages_at(&[], "{signal: oldest_wait, wait: 4m}", &changes, requests);
    // In an outage it waits until it gives up at 21, which is long enough to page.
    let mut out = changes.to_vec();
    out.push(BLACKED_OUT);
    pages_at(&[21.0], "{signal: oldest_wait, wait: 10m}", &out, requests);
    pages_at(&[], "{signal: oldest_wait, wait: 601s}", &out, requests);
}

#[test]
fn a_hit_rate_pages_when_it_is_low_among_enough_requests() {
    let changes = [BLACKED_OUT, ("pools.r/i.target", "2")];
    // Hits at 10 and 12; then misses.
    let requests: (&[At], &[At]) = (&[10.0, 12.0, 14.0, 16.0, 18.0, 20.0], &[]);
    for (alert, minutes) in [
        // Half of four is not below a half.
        (
            "{signal: hit_rate, share: 50%, window: 1h, count: 4}",
            vec![18.0],
        ),
        (
            "{signal: hit_rate, share: 50%, window: 1h, count: 6}",
            vec![20.0],
        ),
        (
            "{signal: hit_rate, share: 50%, window: 1h, count: 7}",
            vec![],
        ),
        // At 16 the first hit lies outside: one of three.
        (
            "{signal: hit_rate, share: 50%, window: 6m, count: 3}",
            vec![16.0],
        ),
        (
            "{signal: hit_rate, share: 70%, window: 1h, count: 3}",
            vec![14.0],
        ),
        (
            "{signal: hit_rate, share: 30%, window: 1h, count: 1}",
            vec![],
        ),
    ] {
        pages_at(&minutes, alert, &changes, requests);
    }
}

#[test]
fn so_many_regions_must_fail_within_the_window() {
    // Attempts fail at 15 in one region and at 29 in the other.
    let both = BLACKOUT.replace("[r]", "[r, s]");
    let changes = [("outages.blackout", both.as_str())];
    let requests: (&[At], &[At]) = (&[10.0], &[24.0]);
    for (alert, minutes) in [
        (
            "{signal: failing_regions, count: 2, window: 15m}",
            vec![29.0],
        ),
        ("{signal: failing_regions, count: 2, window: 14m}", vec![]),
        (
            "{signal: failing_regions, count: 1, window: 1m, cool_down: 5m}",
            vec![15.0, 29.0],
        ),
    ] {
        pages_at(&minutes, alert, &changes, requests);
    }
    // A lease that fails counts as well as an attempt.
    let none = [("pools.r/i.target", "0"), ("pools.s/i.target", "0")];
    let alert = "{signal: failing_regions, count: 2, window: 15m}";
    pages_at(&[24.0], alert, &none, requests);
}

/// Two workers are leased, at 10 and at 20, and replaced when the outage is over, at 43 and at 45.
const AND_BACK: [(&str, &str); 2] = [
    (
        "outages.blackout",
        "{regions: [r], operations: [create], from: +0s, until: +40m, failure: 100%, judged: completion}",
    ),
    (
        "pools.r/i.replenish.retry",
        "{initial: 1m, max: 1m, factor: 1}",
    ),
];

#[test]
fn pools_are_restored_after_they_have_been_below_and_recover() {
    let requests: (&[At], &[At]) = (&[10.0, 20.0], &[]);
    let detected = [
        &AND_BACK[..],
        &[(
            "alerts.first",
            "{signal: failed_provisions, count: 1, cool_down: never}",
        )],
    ]
    .concat();
    // When the incident is detected, at 15, four of five are ready: a pool must have been below its level
    // to be restored.
    let restored = |share: &str, changes: &[(&str, &str)]| {
        let alert = format!("{{signal: restored, share: {share}, cool_down: never}}");
        pages(&alert, changes, requests)
    };
    assert_eq!(restored("80%", &detected), (Some(43.0), 2.0));
    assert_eq!(restored("100%", &detected), (Some(45.0), 2.0));
    // Fewer workers are asked for: with that the pool is where it should be.
    let mut fewer = detected.clone();
    fewer.push((
        "playbook.fewer",
        "{at: +30m, do: {set_target: {pool: r/i, to: 3}}}",
    ));
    assert_eq!(restored("100%", &fewer), (Some(30.0), 2.0));
    // Nor is a pool restored before the incident is detected.
    assert_eq!(restored("80%", &AND_BACK), (None, 0.0));
    // If detection is late, the alert fires as soon as the incident is detected.
    let mut late = detected;
    late[2].1 = "{signal: failed_provisions, count: 1, delay: 1h, cool_down: never}";
    assert_eq!(restored("100%", &late), (Some(75.0), 2.0));
}

#[test]
fn an_alert_that_has_fired_is_silent_for_a_while() {
    let none = [("pools.r/i.target", "0")];
    let requests: (&[At], &[At]) = (&[10.0, 15.0, 20.0, 29.9, 30.0, 69.9, 70.0], &[]);
    let alert = "{signal: failed_leases, count: 1, cool_down: 10m}";
    pages_at(&[10.0, 20.0, 30.0, 69.9], alert, &none, requests);
    pages_at(
        &[10.0, 70.0],
        "{signal: failed_leases, count: 1}",
        &none,
        requests,
    );
    let alert = "{signal: failed_leases, count: 1, cool_down: never}";
    pages_at(&[10.0], alert, &none, requests);
    // A level is low from 10 to 15, from 20 to 25 and from 38 to 43: when the silence ends, it still is.
    let alert = "{signal: ready_below, scope: r, level: 5, cool_down: 30m}";
    pages_at(&[10.0, 40.0], alert, &[], (&[10.0, 20.0, 38.0], &[]));
}

/// When an incident is detected, in minutes after the beginning of its outage.
#[track_caller]
fn detected(alert: &str, changes: &[(&str, &str)], all: &[At]) -> Option<f64> {
    let mut every = vec![("alerts.page", alert)];
    every.extend(changes);
    let outcome = simulate(&world(&every, all, &[]));
    let at = outcome.incident("detected_after_s").expect("a measure");
    at.map(|seconds| seconds / 60.0)
}

#[test]
fn an_incident_is_detected_when_the_page_arrives() {
    let none = ("pools.r/i.target", "0");
    let delayed = "{signal: failed_leases, count: 2, delay: 10m}";
    let found = |changes: &[(&str, &str)]| detected(delayed, changes, &[12.0, 30.0]);
    assert_eq!(found(&[none]), Some(40.0));
    // With half the staff, delays that begin meanwhile take twice as long.
    let few = |from, until| format!("{{from: {from}, until: {until}, delays: 2}}");
    assert_eq!(
        found(&[none, ("staffing.few", &few("+30m", "+31m"))]),
        Some(50.0)
    );
    assert_eq!(
        found(&[none, ("staffing.few", &few("+0m", "+30m"))]),
        Some(40.0)
    );
    assert_eq!(
        found(&[none, ("staffing.few", &few("+31m", "+60m"))]),
        Some(40.0)
    );
    let (night, holiday) = (few("+0m", "never"), few("+20m", "+40m"));
    let both = [
        none,
        ("staffing.holiday", &holiday),
        ("staffing.night", &night),
    ];
    assert_eq!(found(&both), Some(70.0), "factors multiply");
}

#[test]
fn alerts_ignore_the_warm_up() {
    let rows = "at,hold\n2026-01-04T23:30:00Z,1d\n2026-01-04T23:50:00Z,1d\n+5m,1d\n+20m,1d\n";
    let heard = |alert: &str, more: &[(&str, &str)]| {
        let mut changes = vec![
            ("clock.warm_up", "1h"),
            ("pools.r/i.target", "0"),
            ("alerts.page", alert),
        ];
        changes.extend(more);
        let files = [
            ("all.csv", rows.to_owned()),
            ("others.csv", "at,hold\n".to_owned()),
        ];
        let outcome = simulate(&world_of(&changes, &files));
        let minutes = outcome
            .incident("detected_after_s")
            .expect("a measure")
            .map(|at| at / 60.0);
        (outcome.incident("pages").expect("a measure"), minutes)
    };
    let failed = |count| format!("{{signal: failed_leases, count: {count}, cool_down: never}}");
    assert_eq!(heard(&failed(3), &[]), (Some(0.0), None));
    assert_eq!(heard(&failed(2), &[]), (Some(1.0), Some(20.0)));
    let misses = "{signal: hit_rate, share: 50%, window: 1h, count: 3}";
    assert_eq!(heard(misses, &[]), (Some(0.0), None));
    // A request that waits on from the warm-up has waited since then, here since half past: for 70
    // minutes at 40, and for more than 20 when the warm-up is over.
    let waits = WAITS.replace("wait_timeout: 10m", "wait_timeout: never");
    let waits = [
        ("pools.r/i.lease", waits.as_str()),
        ("pools.r/i.replenish.waiting_orders", "false"),
    ];
    let oldest = |wait| format!("{{signal: oldest_wait, wait: {wait}, cool_down: never}}");
    assert_eq!(heard(&oldest("70m"), &waits), (Some(1.0), Some(40.0)));
    assert_eq!(heard(&oldest("20m"), &waits), (Some(1.0), Some(0.0)));
}
