//! Exact shortcuts: the law of what is measured is that of the engine and of theory; the bytes do not depend on threads or
//! shards; and every condition is needed.

use std::num::NonZeroUsize;

use crate::cli::drawdown;
use crate::worlds::smallest;
use drawdown::study::{Ensemble, KeptMeasures, Shortcut, ensemble_keeping};
use drawdown::{Replications, Scenario, Seed};

type Changes<'a> = &'a [(&'a str, &'a str)];

/// Measures up to the first failed request.
const TIMES: &[&str] = &[
    "pool_empty_at_s",
    "first_unserved_request_at_s",
    "first_lease_failure_at_s",
    "time_to_survive_s",
    "outage_s",
    "outages",
];

/// Measures of the whole scenario.
const COUNTS: &[&str] = &[
    "last_lease_failure_at_s",
    "outages_survived",
    "requests",
    "failed_leases",
    "failed_leases_in_outage",
    "failed_share",
    "hit_rate",
    "delayed_leases",
    "failure_cost",
    "empty_s",
    "ready_min",
    "ready_end",
];

/// Measures of every level on the way.
const LEVELS: &[&str] = &["ready_mean", "idle_worker_hours"];

/// Replications of each side of a comparison.
const N: usize = 100_000;

/// Critical value of the statistic of Kolmogorov and Smirnov times √(n/2), for a risk of 10⁻⁶: some 300 comparisons
/// reject a true law once in 3,000 choices of seeds.
const KS_MAX: f64 = 2.693_4;

fn run(scenario: &Scenario, kept: &KeptMeasures, n: usize, seed: u64) -> Ensemble {
    ensemble_keeping(scenario, kept, Replications::new(n), Seed(seed), &())
}

fn only(measures: &[&str]) -> KeptMeasures {
    KeptMeasures::only(measures, None).expect("measures that exist")
}

/// Some attempts of exponential length succeed, ten at a time (theory F3).
const PARTIAL: Changes<'_> = &[
    ("pools.r/i.provision.latency", "{exponential: {mean: 8m}}"),
    ("pools.r/i.replenish.in_flight_max", "10"),
    ("pools.r/i.replenish.retry", "{initial: 0s, max: 0s}"),
    ("outages.blackout.failure", "90%"),
];

fn partial(changes: Changes<'_>) -> Scenario {
    smallest(&[PARTIAL, changes].concat())
}

/// Values in order; one that is absent is later than all others.
fn sorted(found: &Ensemble, class: bool, measure: &str) -> Vec<f64> {
    let values: Vec<Option<f64>> = match class {
        false => found.values(0, measure).expect("a measure").collect(),
        true => found.class(0, measure).expect("a measure").collect(),
    };
    let mut values: Vec<f64> = values
        .into_iter()
        .map(|it| it.unwrap_or(f64::INFINITY))
        .collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// The greatest distance of two distribution functions, times √(n/2).
fn distance(one: &[f64], other: &[f64]) -> f64 {
    let (mut i, mut j, mut most) = (0, 0, 0.0_f64);
    while i < one.len() && j < other.len() {
        let at = one[i].min(other[j]);
        i += one[i..].iter().take_while(|it| **it <= at).count();
        j += other[j..].iter().take_while(|it| **it <= at).count();
        most = most.max((i as f64 / one.len() as f64 - j as f64 / other.len() as f64).abs());
    }
    most * (one.len() as f64 / 2.0).sqrt()
}

/// Compares the laws of measures as drawn by a shortcut and as simulated.
#[track_caller]
fn compare(measures: &[&str], drawn: &Ensemble, plain: &Ensemble) {
    for measure in measures {
        for class in [false, true] {
            if class && drawn.class(0, measure).is_err() {
                continue;
            }
            let [one, other] = [drawn, plain].map(|it| sorted(it, class, measure));
            let apart = distance(&one, &other);
            assert!(apart < KS_MAX, "{measure}: {apart}");
        }
    }
}

#[track_caller]
fn same_law(scenario: &Scenario, measures: &[&str], shortcut: Shortcut) -> Ensemble {
    let kept = only(measures);
    let drawn = run(scenario, &kept, N, 1);
    let plain = run(scenario, &kept.plain(), N, 2);
    assert_eq!(drawn.shortcut(), Some(shortcut));
    assert_eq!((plain.shortcut(), drawn.events), (None, 0));
    compare(measures, &drawn, &plain);
    plain
}

/// All that each shortcut gives, and the times alone, which end early.
#[track_caller]
fn same_laws(scenario: &Scenario, shortcut: Shortcut) {
    let levels = match shortcut {
        Shortcut::JumpChain => LEVELS,
        _ => &[],
    };
    let plain = same_law(scenario, &[TIMES, COUNTS, levels].concat(), shortcut);
    let times = run(scenario, &only(TIMES), N, 3);
    assert_eq!(times.shortcut(), Some(shortcut));
    compare(TIMES, &times, &plain);
}

const PRICE: (&str, &str) = ("costs", "{failed_lease: 3}");

#[test]
fn a_gamma_jump_has_the_law_of_the_engine() {
    let variants: &[Changes<'_>] = &[
        &[("clock.horizon", "120m"), PRICE],
        &[("clock.horizon", "60m"), ("pools.r/i.target", "12")],
        &[("clock.horizon", "20m"), ("pools.r/i.target", "1")],
        &[("clock.horizon", "20m"), ("pools.r/i.initial", "0")],
        // Hundreds of requests fail.
        &[
            ("clock.horizon", "30m"),
            ("demand.all.source.requests.rate", "12/min"),
        ],
        // Attempts fail at once, or at the end of an outage that outlasts the scenario.
        &[
            ("clock.horizon", "100m"),
            (
                "outages.blackout.judged",
                "{start: {fails: {reject: 1s}, in_flight: fail_now}}",
            ),
            ("pools.r/i.replenish.retry", "{initial: 1m, max: 10m}"),
            ("outages.blackout.until", "+90m"),
            ("outages.blackout.recovery", "10m"),
        ],
        // No outage, and orders arrive too late.
        &[
            ("clock.horizon", "2h"),
            ("outages", "{}"),
            ("pools.r/i.provision.latency", "3h"),
        ],
    ];
    for changes in variants {
        same_laws(&smallest(changes), Shortcut::GammaJump);
    }
}

#[test]
fn a_gamma_jump_has_the_law_of_the_engine_where_demand_varies() {
    let knots = "{daily: {\"00:00\": 0.2, \"00:40\": 2.5, \"01:10\": 0, \"01:30\": 0, \"02:00\": 4, \"03:00\": 0}}";
    let varies = [
        ("clock.horizon", "220m"),
        ("profiles.waves", knots),
        ("demand.all.source.requests.profile", "waves"),
        (
            "demand.all.surges",
            "{sale: {from: +10m, until: +25m, factor: 3}}",
        ),
    ];
    same_laws(&smallest(&varies), Shortcut::GammaJump);
    let two = (
        "demand.more",
        "{pool: r/i, essential: true, source: {requests: {rate: 0.1/min, hold: 1h}}}",
    );
    let two = smallest(&[&varies[..], &[two]].concat());
    // Which class a failed request is of is not drawn.
    same_law(&two, TIMES, Shortcut::GammaJump);
    let of_pool = ["empty_s", "ready_end", "last_lease_failure_at_s"];
    same_law(&two, &of_pool, Shortcut::GammaJump);
}

#[test]
fn a_jump_chain_has_the_law_of_the_engine() {
    let variants: &[Changes<'_>] = &[
        &[("clock.horizon", "240m"), PRICE],
        &[
            ("clock.horizon", "100m"),
            ("pools.r/i.target", "8"),
            ("pools.r/i.replenish.in_flight_max", "3"),
            ("demand.all.source.requests.rate", "0.5/min"),
            ("outages.blackout.failure", "70%"),
            ("pools.r/i.provision.failure", "20%"),
            ("pools.r/i.provision.calls", "2"),
        ],
        // Fewer workers than the target at first, and as many attempts as are missing.
        &[
            ("clock.horizon", "90m"),
            ("pools.r/i.target", "6"),
            ("pools.r/i.initial", "3"),
            ("pools.r/i.replenish.in_flight_max", "unlimited"),
        ],
        &[
            ("clock.horizon", "60m"),
            ("pools.r/i.target", "6"),
            ("pools.r/i.initial", "0"),
        ],
        // Nothing but orders that succeed.
        &[
            ("clock.horizon", "90m"),
            ("pools.r/i.target", "5"),
            ("outages", "{}"),
        ],
    ];
    for changes in variants {
        same_laws(&partial(changes), Shortcut::JumpChain);
    }
}

#[test]
fn a_jump_chain_has_the_law_of_the_engine_before_in_and_after_an_outage() {
    let small = [
        ("pools.r/i.target", "6"),
        ("pools.r/i.replenish.in_flight_max", "4"),
        ("demand.all.source.requests.rate", "0.5/min"),
        ("clock.horizon", "3h"),
        ("outages.blackout.from", "+40m"),
        ("outages.blackout.until", "+110m"),
    ];
    let full = [&small[..], &[("outages.blackout.failure", "100%")]].concat();
    same_laws(&partial(&full), Shortcut::JumpChain);
    let warm = [
        &small[..],
        &[
            ("clock.warm_up", "2h"),
            ("outages.blackout.onset", "5m"),
            ("outages.blackout.recovery", "12m"),
        ],
    ];
    same_laws(&partial(&warm.concat()), Shortcut::JumpChain);
    // In force when measuring begins.
    let begun = [
        &small[..4],
        &[
            ("clock.warm_up", "1h"),
            ("outages.blackout.from", "2026-01-04T23:40:00Z"),
        ],
    ];
    same_laws(&partial(&begun.concat()), Shortcut::JumpChain);
}

/// The levels on the way to an empty pool need the chain, where nothing arrives as well.
#[test]
fn levels_are_drawn_where_nothing_arrives() {
    let scenario = smallest(&[("clock.horizon", "150m")]);
    same_law(
        &scenario,
        &[TIMES, COUNTS, LEVELS].concat(),
        Shortcut::JumpChain,
    );
}

/// The mean and the share up to some times within 4.5 standard errors of a million replications (theory F1, F3).
#[track_caller]
fn is_exact(scenario: &Scenario, mean: f64, sd: f64, shares: &[(f64, f64)]) {
    let n = 1_000_000;
    let found = run(scenario, &only(&["first_lease_failure_at_s"]), n, 1);
    assert!(found.shortcut().is_some());
    let values = found.values(0, "first_lease_failure_at_s");
    let minutes = values
        .expect("a measure")
        .map(|at| at.expect("it fails") / 60.0);
    let minutes: Vec<f64> = minutes.collect();
    let n = n as f64;
    let z = (minutes.iter().sum::<f64>() / n - mean) / (sd / n.sqrt());
    assert!(z.abs() <= 4.5, "mean: z {z}");
    for (until, share) in shares {
        let hits = minutes.iter().filter(|at| *at <= until).count() as f64;
        let z = (hits - n * share) / (n * share * (1.0 - share)).sqrt();
        assert!(z.abs() <= 4.5, "{until} min: z {z}");
    }
}

#[test]
fn shortcuts_have_the_exact_laws_of_theory() {
    let f1 = partial(&[
        ("clock.horizon", "1000m"),
        ("outages.blackout.failure", "100%"),
    ]);
    let quantiles = [
        (78.126_666_39, 0.01),
        (122.669_245_55, 0.5),
        (181.603_064_06, 0.99),
        (240.0, 0.999_985_825_7),
    ];
    is_exact(&f1, 124.0, 22.271_057, &quantiles);
    let f3 = partial(&[("clock.horizon", "3000m")]);
    let quantiles = [
        (106.761_927_83, 0.01),
        (209.563_278_48, 0.5),
        (240.0, 0.676_993_547_2),
        (416.154_041_18, 0.99),
    ];
    is_exact(&f3, 219.089_781_66, 65.831_273, &quantiles);
}

/// Theory A1 in two hours: 2.1790358 failed leases are expected, and the pool is empty for 8.7161431 minutes.
#[test]
fn a_conditional_expectation_has_the_same_mean_and_a_narrower_interval() {
    let exact = 2.179_035_794_1;
    for n in [300, 100_000] {
        let scenario = smallest(&[("clock.horizon", "2h")]);
        let kept = only(&["failed_leases"]);
        let found = run(&scenario, &kept, n, 1);
        let expected = found.failed_leases_expected().expect("a shortcut");
        let drawn = found.summary(0, "failed_leases").expect("a measure").mean;
        let width =
            |it: drawdown::stats::Estimate| it.high.expect("an end") - it.low.expect("an end");
        assert!(width(expected) < 0.95 * width(drawn));
        let error = width(expected) / 2.0 / 1.96;
        let z = (expected.point.expect("a mean") - exact) / error;
        assert!(z.abs() <= 4.5, "{z}");
        let summaries = run(&scenario, &kept.clone().summarised(), n, 1);
        assert_eq!(summaries.failed_leases_expected(), Some(expected));
        assert_eq!(
            run(&scenario, &kept.plain(), 10, 1).failed_leases_expected(),
            None
        );
    }
}

#[test]
fn levels_over_time_are_absent_and_not_zero() {
    let scenario = smallest(&[]);
    let kept = only(&["failed_leases"]);
    assert!(run(&scenario, &kept, 10, 1).levels(&scenario, 0).is_empty());
    assert!(
        !run(&scenario, &kept.plain(), 10, 1)
            .levels(&scenario, 0)
            .is_empty()
    );
}

#[test]
fn threads_change_nothing_and_neither_does_what_else_is_kept() {
    for scenario in [smallest(&[("clock.horizon", "150m")]), partial(&[])] {
        let with = |threads: usize, kept: &KeptMeasures| {
            let replications = Replications {
                threads: NonZeroUsize::new(threads),
                ..Replications::new(2_345)
            };
            ensemble_keeping(&scenario, kept, replications, Seed(5), &())
        };
        let all = only(&["first_lease_failure_at_s", "failed_leases", "empty_s"]);
        let values = |found: &Ensemble, measure: &str| -> Vec<Option<f64>> {
            found.values(0, measure).expect("a measure").collect()
        };
        let one = with(1, &all);
        for threads in [2, 7] {
            let more = with(threads, &all);
            assert_eq!(one.digest, more.digest);
            for measure in ["first_lease_failure_at_s", "failed_leases", "empty_s"] {
                assert_eq!(values(&one, measure), values(&more, measure));
            }
        }
        assert_eq!(one.digest, with(1, &all.clone().summarised()).digest);
        let times = with(1, &only(&["first_lease_failure_at_s"]));
        let measure = "first_lease_failure_at_s";
        assert_eq!(values(&one, measure), values(&times, measure));
    }
}

/// What no shortcut is for.
const ANYTHING: &[Changes<'static>] = &[
    &[("pools.r/i.lease.release", "return")],
    &[("pools.r/i.ready_max_age", "3h")],
    &[("pools.r/i.replenish.surplus", "delete")],
    &[
        ("pools.r/i.lease", "{on_empty: wait, wait_timeout: 10m}"),
        ("pools.r/i.replenish.waiting_orders", "false"),
    ],
    &[("pools.r/i.stopped", "{share: 50%, start: 1m}")],
    &[("demand.all.reserve", "2")],
    &[(
        "demand.all.retry",
        "{probability: 50%, delay: 1m, tries: 3}",
    )],
    &[("demand.all.source.requests.batch", "{fixed: 2}")],
    &[(
        "demand.all.source.requests.bursts",
        "{factor: 5, every: 60m, last: 30m}",
    )],
    &[(
        "demand.all.source",
        "{deterministic: {rate: 0.25/min, hold: 1ms}}",
    )],
    &[(
        "demand.more",
        "{pool: r/i, essential: true, source: {requests: {rate: 0.1/min, hold: 1m}}}",
    )],
    &[
        ("playbook.act", "{at: +1h, do: {shed: all}}"),
        ("demand.all.essential", "false"),
    ],
    &[("outages.blackout.takes", "{ready: 10%}")],
    &[("outages.blackout.shape", "{ramp: {in: 10m}}")],
    &[("outages.blackout.onset", "{exponential: {mean: 5m}}")],
    &[("outages.blackout.operations", "[create, connect]")],
    &[(
        "outages.again",
        "{regions: [r], operations: [create], from: +1h, until: +2h, failure: 100%, judged: completion}",
    )],
];

/// What a jump chain is not for.
const NO_CHAIN: &[Changes<'static>] = &[
    &[("pools.r/i.provision.latency", "8m")],
    &[(
        "pools.r/i.provision.latency",
        "{exponential: {mean: 8m, shift: 1m}}",
    )],
    &[("pools.r/i.provision.timeout", "30m")],
    &[("pools.r/i.provision.slots", "2")],
    &[("pools.r/i.provision.extension", "{latency: 1m}")],
    &[("pools.r/i.replenish.retry", "{initial: 1m, max: 1m}")],
    &[
        (
            "pools.r/i.replenish.retry",
            "{initial: 0s, max: 0s, attempts: 3}",
        ),
        ("pools.r/i.replenish.on_give_up", "{again: 1m}"),
    ],
    &[("pools.r/i.replenish.counts", "total")],
    &[("pools.r/i.replenish.review", "{every: 5m}")],
    &[("pools.r/i.max_total", "40")],
    &[("pools.r/i.delete.failed_attempts", "first")],
    &[(
        "regions.r",
        "{quota: {workers: 50, counts: [pending, ready]}}",
    )],
    &[("outages.blackout.latency_factor", "2")],
    &[(
        "outages.blackout.judged",
        "{start: {fails: late, in_flight: finish}}",
    )],
    &[(
        "demand.all.surges",
        "{sale: {from: +1h, until: +2h, factor: 2}}",
    )],
];

/// What a gamma jump is not for.
const NO_JUMP: &[Changes<'static>] = &[
    &[("clock.warm_up", "1h")],
    &[("outages.blackout.from", "+1m")],
    &[("outages.blackout.until", "+399m")],
    &[("outages.blackout.failure", "99%")],
    &[(
        "outages.blackout.judged",
        "{start: {fails: {slow: 3}, in_flight: finish}}",
    )],
];

#[test]
fn what_depends_on_more_than_the_level_is_simulated() {
    let kept = only(&["first_lease_failure_at_s", "failed_leases"]);
    let shortcut = |scenario: &Scenario| run(scenario, &kept, 5, 1).shortcut();
    assert_eq!(shortcut(&smallest(&[])), Some(Shortcut::GammaJump));
    assert_eq!(shortcut(&partial(&[])), Some(Shortcut::JumpChain));
    for changes in [ANYTHING, NO_JUMP].concat() {
        assert_eq!(shortcut(&smallest(changes)), None, "{changes:?}");
    }
    for changes in [ANYTHING, NO_CHAIN].concat() {
        assert_eq!(shortcut(&partial(changes)), None, "{changes:?}");
    }
    let budget = smallest(&[]).with_budget(1_000);
    assert_eq!(shortcut(&budget), None);
}

#[test]
fn what_does_not_follow_from_a_path_is_simulated() {
    let scenario = smallest(&[]);
    for measure in [
        "attempts",
        "first_lease_failure_after_s",
        "first_failed_provisioning_at_s",
        "pages",
        "leased_mean",
        "waited_longer_share",
    ] {
        let kept = only(&["failed_leases", measure]);
        assert_eq!(run(&scenario, &kept, 5, 1).shortcut(), None, "{measure}");
    }
    let all = run(&scenario, &KeptMeasures::all(), 5, 1);
    assert_eq!(all.shortcut(), None);
    // One pool of several, if it is asked for alone.
    let three = "{target: 5, provision: {latency: 8m, timeout: never}, lease: {on_empty: reject}, \
                 replenish: {counts: ready_and_pending, in_flight_max: 10, retry: {initial: 30d, max: 30d}}}";
    let several = smallest(&[("pools.r/j", three)]);
    let of = |pool| KeptMeasures::only(["empty_s"], pool).expect("a measure");
    assert_eq!(run(&several, &of(None), 5, 1).shortcut(), None);
    let pool = several.pool("r/i").expect("a pool");
    let found = run(&several, &of(Some(pool)), 5, 1);
    assert_eq!(found.shortcut(), Some(Shortcut::GammaJump));
}

#[test]
fn the_command_says_how_replications_were_drawn_and_what_turns_it_off() {
    let ask = |further: &[&str]| {
        let what = [
            "ensemble",
            "examples/full-outage.yaml",
            "--measure",
            "failed_leases",
            "-n",
            "500",
        ];
        let (code, printed, stderr) = drawdown(&[&what[..], further].concat());
        assert_eq!(code, Some(0), "{stderr}");
        printed
    };
    let drawn = ask(&[]);
    assert!(drawn.contains("Exact shortcut: "), "{drawn}");
    assert!(drawn.contains("--plain"), "{drawn}");
    assert!(drawn.contains("by conditional expectation"), "{drawn}");
    for flag in ["--plain", "--whole"] {
        let plain = ask(&[flag]);
        assert!(!plain.contains("shortcut"), "{plain}");
        assert!(plain.contains(&format!(" {flag} ")), "{plain}");
    }
    let json = ask(&["--json"]);
    assert!(json.contains("\"shortcut\": \"gamma_jump\""), "{json}");
    assert!(json.contains("\"failed_leases_expected\""), "{json}");
    assert!(!ask(&["--json", "--plain"]).contains("\"shortcut\""));
}
