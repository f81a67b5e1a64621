//! Steps of a playbook: when they are taken, and what they do.

use crate::people::{At, BLACKOUT, R, WAITS, simulate, world, world_of};
use drawdown::Seed;
use drawdown::study::{Outcome, audit};

/// Detected, declared, mitigated and resolved, in minutes after the beginning of the outage.
#[track_caller]
fn reached(changes: &[(&str, &str)], all: &[At]) -> [Option<f64>; 4] {
    let outcome = simulate(&world(changes, all, &[]));
    ["detected", "declared", "mitigated", "resolved"].map(|milestone| {
        let at = outcome
            .incident(format!("{milestone}_after_s"))
            .expect("a measure");
        at.map(|seconds| seconds / 60.0)
    })
}

/// A page at the first failed lease.
const PAGE: (&str, &str) = (
    "alerts.page",
    "{signal: failed_leases, count: 1, delay: 2m, cool_down: never}",
);
const EMPTY: (&str, &str) = ("pools.r/i.target", "0");

#[test]
fn steps_are_triggered_by_a_time_an_alert_or_another_step() {
    let steps = [
        EMPTY,
        PAGE,
        (
            "playbook.declare",
            "{on: {alert: page}, after: 3m, do: declare}",
        ),
        (
            "playbook.mitigate",
            "{on: {step: declare}, after: 7m, do: mitigate}",
        ),
        ("playbook.resolve", "{at: +50m, after: 5m, do: resolve}"),
    ];
    let times = [Some(12.0), Some(15.0), Some(22.0), Some(55.0)];
    assert_eq!(reached(&steps, &[10.0, 11.0]), times);
    // Without a page there is no step that follows from it, and none that follows from that.
    assert_eq!(reached(&steps, &[]), [None, None, None, Some(55.0)]);
}

#[test]
fn a_milestone_is_reached_once() {
    let steps = [
        EMPTY,
        PAGE,
        ("playbook.customer", "{at: +5m, do: detect}"),
        (
            "playbook.everything",
            "{at: +20m, do: [declare, mitigate, resolve, note, open_ticket, publish]}",
        ),
        (
            "playbook.late",
            "{at: +30m, do: [detect, declare, mitigate, resolve]}",
        ),
    ];
    let times = [Some(5.0), Some(20.0), Some(20.0), Some(20.0)];
    assert_eq!(
        reached(&steps, &[10.0]),
        times,
        "whoever calls first detects"
    );
    assert_eq!(reached(&steps, &[1.0])[0], Some(3.0), "or is paged first");
}

#[test]
fn reduced_staffing_lengthens_every_delay_of_people() {
    let steps = [
        EMPTY,
        PAGE,
        (
            "playbook.declare",
            "{on: {alert: page}, after: 3m, do: declare}",
        ),
        (
            "playbook.mitigate",
            "{on: {step: declare}, after: 7m, do: mitigate}",
        ),
        ("playbook.resolve", "{at: +50m, after: 5m, do: resolve}"),
    ];
    let with = |from: &str, until: &str| {
        let few = format!("{{from: {from}, until: {until}, delays: 3}}");
        reached(
            &[&steps[..], &[("staffing.few", few.as_str())]].concat(),
            &[10.0],
        )
    };
    // Paged at 10 + 6, declared 9 later, mitigated 21 later.
    let times = [Some(16.0), Some(25.0), Some(46.0), Some(65.0)];
    assert_eq!(with("+0s", "never"), times);
    // The staffing at the beginning of a delay counts.
    let times = [Some(16.0), Some(19.0), Some(26.0), Some(55.0)];
    assert_eq!(with("+10m", "+16m"), times);
    let times = [Some(12.0), Some(15.0), Some(22.0), Some(65.0)];
    assert_eq!(with("+50m", "+51m"), times);
}

#[test]
fn a_step_is_taken_if_as_many_regions_fail_as_it_says() {
    // Attempts fail at 15 in one region and, where there is a request, at 25 in the other.
    let both = BLACKOUT.replace("[r]", "[r, s]");
    let declared = |belief: &str, at: &str, others: &[At]| {
        let declare = format!("{{at: {at}, if: {{failing_regions: {belief}}}, do: declare}}");
        let steps = [
            ("outages.blackout", both.as_str()),
            ("playbook.declare", &declare),
            ("playbook.mitigate", "{on: {step: declare}, do: mitigate}"),
        ];
        let outcome = simulate(&world(&steps, &[10.0], others));
        let declared = outcome.incident("declared_after_s").expect("a measure");
        assert_eq!(
            declared,
            outcome.incident("mitigated_after_s").expect("a measure"),
            "what follows from it"
        );
        declared.is_some()
    };
    for (belief, at, one, two) in [
        ("{at_least: 2, within: 1h}", "+30m", false, true),
        ("{at_least: 1, within: 1h}", "+30m", true, true),
        ("{at_most: 1, within: 1h}", "+30m", true, false),
        ("{at_least: 1, at_most: 1, within: 1h}", "+30m", true, false),
        // Fifteen minutes after it the first failure is no longer within fifteen minutes.
        ("{at_least: 2, within: 15m}", "+30m", false, false),
        ("{at_least: 2, within: 16m}", "+30m", false, true),
        // At 25 the second attempt has failed before people act.
        ("{at_least: 2, within: 1h}", "+25m", false, true),
        ("{at_least: 2, within: 1h}", "+24m", false, false),
    ] {
        assert_eq!(
            declared(belief, at, &[]),
            one,
            "{belief} at {at}, one region"
        );
        assert_eq!(
            declared(belief, at, &[20.0]),
            two,
            "{belief} at {at}, two regions"
        );
    }
}

fn of(outcome: &Outcome, measure: &str) -> f64 {
    outcome
        .measure(R, measure)
        .expect("a measure")
        .expect("a value")
}

#[test]
fn a_class_that_is_shed_makes_no_requests_until_it_is_restored() {
    let steps = [
        ("playbook.shed", "{at: +20m, do: {shed: all}}"),
        ("playbook.restore", "{at: +40m, do: [{restore: all}]}"),
    ];
    // People act before requests of the same instant arrive.
    let outcome = simulate(&world(&steps, &[10.0, 20.0, 30.0, 39.0, 40.0, 50.0], &[]));
    assert_eq!(of(&outcome, "requests"), 3.0);
}

#[test]
fn a_target_can_be_set_and_left_to_its_policy_again() {
    let schedule =
        "{schedule: {base: 5, turns: [{days: daily, from: \"00:30\", to: \"12:00\", level: 7}]}}";
    let set = (
        "playbook.set",
        "{at: +10m, do: {set_target: {pool: r/i, to: 6}}}",
    );
    let follow = ("playbook.follow", "{at: +40m, do: {follow_policy: r/i}}");
    let ready = |changes: &[(&str, &str)], horizon: &str| {
        let changes = [&[("clock.horizon", horizon)], changes].concat();
        of(&simulate(&world(&changes, &[], &[])), "ready_end")
    };
    let scheduled = ("pools.r/i.target", schedule);
    // One order at 10 is filled at 15; two at 30 at 35.
    assert_eq!(ready(&[set], "15m"), 5.0);
    assert_eq!(ready(&[set], "16m"), 6.0);
    assert_eq!(ready(&[scheduled], "36m"), 7.0);
    // A set target overrides the schedule; `follow_policy` restores the level then scheduled.
    assert_eq!(ready(&[scheduled, set], "40m"), 6.0);
    let all = [scheduled, set, follow];
    assert_eq!(ready(&all, "45m"), 6.0);
    assert_eq!(ready(&all, "46m"), 7.0);
    // A target that falls orders nothing until as many have been taken.
    let fewer = (
        "playbook.set",
        "{at: +10m, do: {set_target: {pool: r/i, to: 3}}}",
    );
    let outcome = simulate(&world(&[fewer], &[20.0, 21.0, 22.0], &[]));
    assert_eq!(of(&outcome, "attempts"), 1.0);
    assert_eq!(of(&outcome, "ready_end"), 3.0);
}

#[test]
fn workers_ordered_under_a_set_target_are_kept_afterwards() {
    let more = (
        "playbook.more",
        "{at: +10m, do: {set_target: {pool: r/i, to: 9}}}",
    );
    let follow = ("playbook.follow", "{at: +40m, do: {follow_policy: r/i}}");
    let scenario = world(&[more, follow], &[50.0], &[]);
    assert_eq!(of(&simulate(&scenario), "ready_end"), 8.0);
    // More than the policy's target passes the audit.
    assert!(5 < audit(&scenario, Seed(1), 0));
}

/// Jobs of a tenant, each at a minute and for a minute, with changes.
#[track_caller]
fn jobs(changes: &[(&str, &str)], minutes: &[f64]) -> Outcome {
    let row = |at: &f64| format!("+{}s,1m,somebody\n", at * 60.0);
    let rows = format!(
        "at,hold,tenant\n{}",
        minutes.iter().map(row).collect::<String>()
    );
    let files = [("all.csv", rows), ("others.csv", "at,hold\n".to_owned())];
    simulate(&world_of(changes, &files))
}

const SUSPEND: (&str, &str) = ("playbook.suspend", "{at: +20m, do: {suspend_expiry: r/i}}");
const RESUME: (&str, &str) = ("playbook.resume", "{at: +60m, do: {resume_expiry: r/i}}");

#[test]
fn leases_do_not_end_while_their_expiry_is_suspended() {
    let ended = |changes: &[(&str, &str)], minutes: &[f64]| {
        let outcome = jobs(changes, minutes);
        let mean = outcome
            .measure(R, "lease_mean_s")
            .expect("a measure")
            .map(|seconds| seconds / 60.0);
        (of(&outcome, "leases_ended"), of(&outcome, "reused"), mean)
    };
    // A minute's job at 10, and half an hour without one.
    assert_eq!(ended(&[], &[10.0]), (1.0, 0.0, Some(31.0)));
    assert_eq!(ended(&[SUSPEND], &[10.0]), (0.0, 0.0, None));
    assert_eq!(ended(&[SUSPEND, RESUME], &[10.0]), (1.0, 0.0, Some(50.0)));
    // A job at 50 finds the lease that would have ended at 41, and has it last until 81.
    assert_eq!(ended(&[], &[10.0, 50.0]), (2.0, 0.0, Some(31.0)));
    assert_eq!(
        ended(&[SUSPEND, RESUME], &[10.0, 50.0]),
        (1.0, 1.0, Some(71.0))
    );
    // What would end after the resumption ends when it would have.
    assert_eq!(ended(&[SUSPEND, RESUME], &[45.0]), (1.0, 0.0, Some(31.0)));
}

#[test]
fn workers_past_their_age_go_when_expiry_is_resumed() {
    let age = ("pools.r/i.lease.max_age", "35m");
    let aged = |changes: &[(&str, &str)]| {
        let outcome = jobs(changes, &[10.0, 40.0]);
        let mean = of(&outcome, "lease_mean_s") / 60.0;
        (of(&outcome, "leases_aged_out"), mean)
    };
    assert_eq!(aged(&[age]), (1.0, 35.0));
    assert_eq!(aged(&[age, SUSPEND, RESUME]), (1.0, 50.0));
}

#[test]
fn requests_without_a_tenant_return_the_worker_all_the_same() {
    let rows = "at,hold\n+10m,15m\n";
    let files = [
        ("all.csv", rows.to_owned()),
        ("others.csv", "at,hold\n".to_owned()),
    ];
    let outcome = simulate(&world_of(&[SUSPEND], &files));
    assert_eq!(of(&outcome, "leases_ended"), 1.0);
}

#[test]
fn requests_after_a_raised_timeout_wait_longer() {
    let steps = [
        EMPTY,
        ("pools.r/i.lease", WAITS),
        ("pools.r/i.replenish.waiting_orders", "false"),
        (
            "playbook.raise",
            "{at: +15m, do: {raise_timeout: {pool: r/i, to: 25m}}}",
        ),
    ];
    let failures = |requests: &[At]| {
        let outcome = simulate(&world(&steps, requests, &[]));
        ["first", "last"].map(|which| of(&outcome, &format!("{which}_lease_failure_at_s")) / 60.0)
    };
    // A request that already waits keeps its timeout.
    assert_eq!(failures(&[10.0, 30.0]), [20.0, 55.0]);
    assert_eq!(failures(&[14.0, 15.0]), [24.0, 40.0]);
}

#[test]
fn notes_tickets_and_posts_change_nothing() {
    let plain = simulate(&world(&[], &[10.0, 12.0, 40.0], &[15.0]));
    let note = (
        "playbook.note",
        "{at: +11m, do: [note, open_ticket, publish]}",
    );
    let noted = simulate(&world(&[note], &[10.0, 12.0, 40.0], &[15.0]));
    for measure in drawdown::measure::MEASURES {
        let of = |outcome: &Outcome| outcome.measure(R, measure.name).expect("a measure");
        assert_eq!(of(&plain), of(&noted), "{}", measure.name);
    }
}
