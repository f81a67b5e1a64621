//! Dependencies in the expected-value replay: calls evenly spaced,
//! each served in the same time. The first background call comes half a gap after the beginning.

use crate::people::{R, S, world};
use drawdown::expected_value;
use drawdown::study::Outcome;

/// A world with a dependency, and with changes. The class makes no requests.
#[track_caller]
fn service(dependency: &str, changes: &[(&str, &str)]) -> Outcome {
    let mut all = vec![("dependencies.a", dependency)];
    all.extend(changes);
    expected_value(&world(&all, &[], &[]))
}

/// Measures of the first service.
fn of<const N: usize>(outcome: &Outcome, names: [&str; N]) -> [f64; N] {
    names.map(|name| {
        outcome
            .dependency(0, name)
            .expect("a measure")
            .expect("a value")
    })
}

fn clocks<const N: usize>(outcome: &Outcome, names: [&str; N]) -> [Option<f64>; N] {
    names.map(|name| outcome.dependency(0, name).expect("a measure"))
}

const NO_RETRY: &str = "retry: {probability: 0%, delay: 1m, tries: 1}";

#[test]
fn calls_are_served_one_after_another() {
    // Calls at 1, 3, 5, … take a minute each; the sixtieth, at 119, is being served at the end.
    let dependency = format!(
        "{{capacity: 1/min, queue: 10, timeout: never, {NO_RETRY}, load: 0.5/min, \
         calm: {{queue: 1, waiting: 1}}}}"
    );
    let outcome = service(&dependency, &[]);
    let counts = of(
        &outcome,
        ["calls", "calls_good", "calls_wasted", "calls_rejected"],
    );
    assert_eq!(counts, [60.0, 59.0, 0.0, 0.0]);
    assert_eq!(of(&outcome, ["queue_mean", "backlog_mean"]), [0.5, 0.0]);
    assert_eq!(
        clocks(&outcome, ["congested_at_s", "calm_at_s"]),
        [None, None]
    );
}

#[test]
fn work_for_callers_that_have_given_up_is_wasted() {
    // A call at 5, 15, …, 115 takes four minutes. A caller that waits for three retries four minutes after
    // that, fails, and gives up.
    let with = |timeout: &str| {
        let dependency = format!(
            "{{capacity: 0.25/min, queue: 10, timeout: {timeout}, load: 0.1/min, \
             retry: {{probability: 100%, delay: 4m, tries: 2}}, calm: {{queue: 1, waiting: 1}}}}"
        );
        let names = [
            "calls",
            "calls_repeated",
            "calls_good",
            "calls_wasted",
            "callers_lost",
        ];
        of(&service(&dependency, &[]), names)
    };
    // From 15 on each call waits a minute for the second of the caller before, which is being served
    // until then; that of 115 is served at 120, outside.
    assert_eq!(with("3m"), [23.0, 11.0, 0.0, 22.0, 11.0]);
    // A caller without a timeout is served.
    assert_eq!(with("4m"), [12.0, 0.0, 12.0, 0.0, 0.0]);
    assert_eq!(with("never"), [12.0, 0.0, 12.0, 0.0, 0.0]);
}

#[test]
fn a_full_queue_rejects_and_is_congested_until_it_is_calm() {
    // Calls at 1, 3, 5, … for a queue of one, which is served in four minutes: every other one is in
    // vain. At 5 a call has been served before the next one comes.
    let dependency = format!(
        "{{capacity: 0.25/min, queue: 1, timeout: never, {NO_RETRY}, load: 0.5/min, \
         calm: {{queue: 0, waiting: 0}}}}"
    );
    let outcome = service(&dependency, &[]);
    let counts = of(&outcome, ["calls", "calls_rejected", "callers_lost"]);
    assert_eq!(counts, [60.0, 30.0, 30.0]);
    let names = ["congested_at_s", "first_calm_at_s", "calm_at_s"];
    assert_eq!(clocks(&outcome, names), [Some(60.0), Some(300.0), None]);
    // A queue of three is full with three, and calm with one: three calls at 0 are served at 4, 8, 12.
    let dependency = format!(
        "{{capacity: 0.25/min, queue: 3, timeout: never, {NO_RETRY}, load: 0.001/h, \
         initial: {{queue: 3, waiting: 0}}, calm: {{queue: 1, waiting: 0}}}}"
    );
    let outcome = service(&dependency, &[]);
    assert_eq!(
        clocks(&outcome, names),
        [Some(0.0), Some(480.0), Some(480.0)]
    );
    // A caller in orbit keeps it from being calm: until 9, when the call is made.
    let dependency = "{capacity: 0.25/min, queue: 3, timeout: never, load: 0.001/h, \
                      retry: {probability: 100%, delay: 9m, tries: 5}, \
                      initial: {queue: 3, waiting: 2}, calm: {queue: 3, waiting: 0}}";
    let outcome = service(
        &dependency.replace("calm: {queue: 3", "calm: {queue: 2"),
        &[],
    );
    // Two more call at 9, when one is left: full again, until the next is served at 12.
    assert_eq!(
        clocks(&outcome, names),
        [Some(0.0), Some(720.0), Some(720.0)]
    );
}

#[test]
fn calls_that_an_outage_blocks_resume_after_it() {
    // Calls at 1, 3, …; those of 11 to 29 are held back, and made a minute after the outage, at 31.
    let made = |share: &str, more: &str, horizon: &str| {
        let dependency = format!(
            "{{capacity: 100/min, queue: 100, timeout: never, {NO_RETRY}, load: 0.5/min{more}, \
             calm: {{queue: 5, waiting: 5}}, blocked: {{outage: blackout, share: {share}, resume: 1m}}}}"
        );
        let outage = "{regions: [r, s], operations: [create], from: +10m, until: +30m, failure: 100%, \
                      judged: completion, windows: {s: {until: +20m}}}";
        let changes = [("outages.blackout", outage), ("clock.horizon", horizon)];
        of(&service(&dependency, &changes), ["calls"])
    };
    assert_eq!(made("100%", "", "31m"), [5.0]);
    assert_eq!(made("100%", "", "1861s"), [16.0]);
    assert_eq!(made("100%", "", "120m"), [60.0]);
    assert_eq!(made("50%", "", "31m"), [10.0]);
    assert_eq!(made("0%", "", "31m"), [15.0]);
    // A service in a region is cut off from its callers by the outage there, here until 20.
    assert_eq!(made("100%", ", region: s", "21m"), [5.0]);
    assert_eq!(made("100%", ", region: s", "1261s"), [11.0]);
}

#[test]
fn callers_that_fail_over_congest_the_pair() {
    // Calls at 1, 3, …: those that find the first full, at 3, 7, 11, …, turn to the second a minute
    // later. It takes ten minutes for each and holds two: at 8 it is full, and calm at 14.
    let first = "{capacity: 0.25/min, queue: 1, timeout: never, load: 0.5/min, \
                 calm: {queue: 0, waiting: 0}, \
                 retry: {probability: 100%, delay: 1m, tries: 2, elsewhere: {to: b, share: 100%}}}";
    let second = format!(
        "{{capacity: 0.1/min, queue: 2, timeout: never, {NO_RETRY}, load: 0.001/h, \
         calm: {{queue: 1, waiting: 5}}}}"
    );
    let pair = |share: &str, horizon: &str| {
        let first = first.replace("share: 100%", &format!("share: {share}"));
        let changes = [
            ("dependencies.b", second.as_str()),
            ("clock.horizon", horizon),
        ];
        let outcome = service(&first, &changes);
        [
            "calls",
            "calls_repeated",
            "calls_rejected",
            "congested_at_s",
            "first_calm_at_s",
        ]
        .map(|name| outcome.dependency(1, name).expect("a measure"))
    };
    let none = Some(0.0);
    assert_eq!(pair("0%", "20m"), [none, none, none, None, None]);
    // At 4, 8, 12 and 16; the third fails, the fourth comes when one has been served.
    let all = [Some(4.0), Some(4.0), Some(1.0), Some(480.0), Some(840.0)];
    assert_eq!(pair("100%", "20m"), all);
}

#[test]
fn fewer_calls_are_shed_as_a_ramp_rises() {
    let dependency = format!(
        "{{capacity: 100/min, queue: 100, timeout: never, {NO_RETRY}, load: 0.5/min, \
         calm: {{queue: 5, waiting: 5}}}}"
    );
    let shed = |horizon: &str| {
        let steps = [
            ("clock.horizon", horizon),
            (
                "playbook.close",
                "{at: +20m, do: {admit: {dependency: a, share: 0%}}}",
            ),
            (
                "playbook.open",
                "{at: +40m, do: {admit: {dependency: a, share: 100%, over: 20m}}}",
            ),
        ];
        of(
            &service(&dependency, &steps),
            ["calls", "calls_shed", "callers_lost"],
        )
    };
    // Ten calls from 21 to 39, and then 5%, 15 %, …, 95 % of one: five of ten.
    assert_eq!(shed("41m"), [20.0, 10.0, 10.0]);
    assert_eq!(shed("50m"), [25.0, 14.0, 14.0]);
    assert_eq!(shed("60m"), [30.0, 15.0, 15.0]);
    assert_eq!(shed("120m"), [60.0, 15.0, 15.0]);
}

/// A pool that makes its five workers through a service, from the beginning on.
const THROUGH: [(&str, &str); 2] = [
    ("pools.r/i.initial", "0"),
    ("pools.r/i.provision.through", "a"),
];

fn pool(outcome: &Outcome, pool: usize, measure: &str) -> f64 {
    outcome
        .measure(pool, measure)
        .expect("a measure")
        .expect("a value")
}

#[test]
fn a_pool_whose_attempts_are_queued_stays_empty() {
    // Sixty calls at first, a minute each. The attempts call at 5 and are answered at 61 to 65.
    let dependency = format!(
        "{{capacity: 1/min, queue: 100, timeout: never, {NO_RETRY}, load: 0.001/h, \
         initial: {{queue: 60, waiting: 0}}, calm: {{queue: 5, waiting: 5}}}}"
    );
    let outcome = service(&dependency, &THROUGH);
    assert_eq!(pool(&outcome, R, "empty_s") / 60.0, 61.0);
    assert_eq!(pool(&outcome, R, "attempts_failed"), 0.0);
    let ready = |horizon: &str| {
        let changes = [&THROUGH[..], &[("clock.horizon", horizon)]].concat();
        pool(&service(&dependency, &changes), R, "ready_end")
    };
    assert_eq!([ready("61m"), ready("63m"), ready("66m")], [0.0, 2.0, 5.0]);
}

#[test]
fn a_pool_stays_empty_while_the_service_is_congested_and_fills_when_it_is_scaled() {
    // The queue is full and is served in hundred-minute steps. Attempts end at 5 and 20 in vain; at 30
    // the service is made to serve sixty a minute, and those of 35 are answered a second apart.
    let dependency = format!(
        "{{capacity: 0.01/min, queue: 30, timeout: never, {NO_RETRY}, load: 0.001/h, \
         initial: {{queue: 30, waiting: 0}}, calm: {{queue: 0, waiting: 0}}}}"
    );
    let retry = (
        "pools.r/i.replenish.retry",
        "{initial: 10m, factor: 1, max: 10m}",
    );
    let scale = (
        "playbook.scale",
        "{at: +30m, do: {scale: {dependency: a, to: 60/min}}}",
    );
    let congested = [&THROUGH[..], &[retry]].concat();
    let outcome = service(&dependency, &congested);
    assert_eq!(pool(&outcome, R, "ready_end"), 0.0, "nobody scales it");
    let outcome = service(&dependency, &[&congested[..], &[scale]].concat());
    assert_eq!(pool(&outcome, R, "attempts_unanswered"), 10.0);
    assert_eq!(of(&outcome, ["calls_rejected"]), [10.0]);
    assert_eq!(pool(&outcome, R, "empty_s"), 2_101.0);
    assert_eq!(pool(&outcome, R, "ready_end"), 5.0);
    // Seventy of the hundred minutes of the first call were left: 0.7 s at the new pace, and 29 s for
    // the others.
    let [calm] = clocks(&outcome, ["calm_at_s"]);
    assert!(
        (calm.expect("calm") - 1_829.7).abs() < 1e-3,
        "calm at {calm:?}"
    );
}

#[test]
fn dropping_an_order_abandons_its_call() {
    // Forty calls at first, a minute each. A cold standby is decided on at 10, and its attempts call at
    // 15; at 20 it is given up, and at 30 decided on again, with attempts that call at 35.
    let dependency = format!(
        "{{capacity: 1/min, queue: 100, timeout: never, {NO_RETRY}, load: 0.001/h, \
         initial: {{queue: 40, waiting: 0}}, calm: {{queue: 5, waiting: 5}}}}"
    );
    let changes = [
        (
            "demand",
            "{all: {pool: r/i, essential: true, source: {trace: {csv: all.csv}}}}",
        ),
        (
            "pools.s/i.standby",
            "{for: r/i, share: 100%, activation: 0s, warm: false}",
        ),
        ("pools.s/i.provision.through", "a"),
        ("playbook.on", "{at: +10m, do: {activate: s/i}}"),
        ("playbook.off", "{at: +20m, do: {revert: s/i}}"),
        ("playbook.on-again", "{at: +30m, do: {activate: s/i}}"),
    ];
    let outcome = service(&dependency, &changes);
    // The calls of 15 are served for nothing at 41 to 45; those of 35 at 46 to 50.
    assert_eq!(of(&outcome, ["calls", "calls_wasted"]), [10.0, 5.0]);
    // It is counted while it takes requests: from 10 to 20, and from 30 until its workers are there at 46.
    assert_eq!(pool(&outcome, S, "empty_s") / 60.0, 26.0);
    assert_eq!(pool(&outcome, S, "ready_end"), 5.0);
}
