//! Exact results that the simulator must reproduce: closed forms, chains and quadratures. Each
//! estimate is compared by z = (estimate - exact) / standard error and may be 4.5 off; with sixty
//! such tests fewer than one build in a thousand would fail by chance, and seeds are fixed.

use crate::statistics::{
    Z_MAX, batches, failing_share, mean_and_error, mean_is, minutes, quantiles_are, share_is,
    waiting_share,
};
use crate::worlds::{BATCHES, sample, smallest, steady};
use drawdown::{Replications, Scenario, Seed, ensemble};

#[test]
fn a1_time_to_empty_and_to_fail_are_gamma() {
    let n = 200_000;
    let scenario = smallest(&[]);
    let found = ensemble(&scenario, Replications::new(n), Seed(1));
    let of = |measure| {
        minutes(
            found
                .values(0, measure)
                .expect("a measure")
                .flatten()
                .collect(),
        )
    };
    let empty = of("pool_empty_at_s");
    mean_is("T_empty", &empty, 120.0);
    let exact = [
        (0.01, 74.969_703_06),
        (0.5, 118.669_332_55),
        (0.99, 176.758_837_80),
    ];
    quantiles_are("T_empty", &empty, n, &exact);
    let fail = of("first_lease_failure_at_s");
    mean_is("T_fail", &fail, 124.0);
    let exact = [
        (0.01, 78.126_666_39),
        (0.05, 89.778_047_13),
        (0.5, 122.669_245_55),
        (0.95, 162.762_030_38),
        (0.99, 181.603_064_06),
    ];
    quantiles_are("T_fail", &fail, n, &exact);
}

#[test]
fn a1_failures_in_two_hours() {
    let n = 200_000;
    let scenario = smallest(&[("clock.horizon", "120m")]);
    let found = ensemble(&scenario, Replications::new(n), Seed(2));
    let of = |measure| {
        found
            .values(0, measure)
            .expect("a measure")
            .flatten()
            .collect::<Vec<f64>>()
    };
    share_is(
        "P(fail)",
        of("first_lease_failure_at_s").len(),
        n,
        0.451_648_487_4,
    );
    share_is("P(empty)", of("pool_empty_at_s").len(), n, 0.524_283_013_9);
    mean_is("failed leases", &of("failed_leases"), 2.179_035_794);
    mean_is("minutes empty", &minutes(of("empty_s")), 8.716_143_177);
}

#[test]
fn a5_orders_in_flight_are_lost_and_the_pool_starts_lower() {
    let n = 200_000;
    let fail = minutes(sample(
        &smallest(&[("clock.warm_up", "2h")]),
        n,
        "first_lease_failure_at_s",
    ));
    mean_is("T_fail", &fail, 116.0);
    let exact = [
        (0.01, 70.126_666_39),
        (0.5, 114.669_245_55),
        (0.99, 173.603_064_06),
    ];
    quantiles_are("T_fail", &fail, n, &exact);
}

#[test]
fn b1_demand_that_rises_like_a_sine() {
    let n = 200_000;
    let knots = (0..144).map(|ten| {
        let at = ten as f64 * 10.0 / 1_440.0 * 2.0 * std::f64::consts::PI;
        format!(
            "\"{:02}:{:02}\": {}",
            ten / 6,
            ten % 6 * 10,
            1.0 + 0.8 * at.sin()
        )
    });
    let profile = format!("{{daily: {{{}}}}}", knots.collect::<Vec<_>>().join(", "));
    let scenario = smallest(&[
        ("profiles.sine", &profile),
        ("demand.all.source.requests.profile", "sine"),
    ]);
    let fail = minutes(sample(&scenario, n, "first_lease_failure_at_s"));
    mean_is("T_fail", &fail, 104.758_453_8);
    let exact = [
        (0.01, 69.710_367_29),
        (0.5, 104.084_014_1),
        (0.99, 145.756_632_4),
    ];
    quantiles_are("T_fail", &fail, n, &exact);
}

#[test]
fn b4_shedding_two_fifths_of_demand() {
    let n = 200_000;
    let extra = "{pool: r/i, essential: false, source: {requests: {rate: 0.1/min, hold: 1ms}}}";
    let scenario = smallest(&[
        ("clock.horizon", "900m"),
        ("demand.all.source.requests.rate", "0.15/min"),
        ("demand.extra", extra),
        ("playbook.shed", "{at: +74m, do: {shed: extra}}"),
    ]);
    let fail = minutes(sample(&scenario, n, "first_lease_failure_at_s"));
    mean_is("T_fail", &fail, 157.348_726_0);
    let exact = [
        (0.01, 80.877_776_82),
        (0.5, 155.115_409_3),
        (0.99, 253.338_440_1),
    ];
    quantiles_are("T_fail", &fail, n, &exact);
}

#[test]
fn c1_lost_sales_follow_erlang_whatever_the_lead_time() {
    for latency in [
        "12m",
        "{exponential: {mean: 12m}}",
        "{lognormal: {mean: 12m, sigma: 0.832554611}}",
    ] {
        let found = steady(&[("pools.r/i.provision.latency", latency)]);
        mean_is("loss", &failing_share(&found), 0.110_054_347_8);
        mean_is("on order", &batches(&found, "pending_mean"), 2.669_836_957);
        mean_is("on hand", &batches(&found, "ready_mean"), 2.330_163_043);
    }
}

#[test]
fn c5_the_smallest_stock_for_a_loss() {
    for (target, loss) in [
        ("7", 0.021_864_315_3),
        ("8", 0.008_132_439_4),
        ("9", 0.002_703_484_5),
        ("10", 0.000_810_388_1),
    ] {
        let found = steady(&[("pools.r/i.target", target)]);
        mean_is(target, &failing_share(&found), loss);
    }
}

#[test]
fn c6_the_way_to_the_steady_state() {
    let n = 200_000;
    for (horizon, empty, lost) in [
        ("10m", 0.025_878_210_9, 0.018_006_354_4),
        ("30m", 0.097_933_561_4, 0.370_202_115),
        ("60m", 0.109_608_474_5, 1.168_990_273_1),
        ("240m", 0.110_054_347_8, 6.120_427_324_6),
    ] {
        let scenario = smallest(&[
            ("clock.horizon", horizon),
            ("pools.r/i.target", "5"),
            ("pools.r/i.provision.latency", "{exponential: {mean: 12m}}"),
            ("outages", "{}"),
        ]);
        let found = ensemble(&scenario, Replications::new(n), Seed(4));
        let end = batches(&found, "ready_end");
        let hits = end.iter().filter(|ready| **ready == 0.0).count();
        share_is(&format!("empty at {horizon}"), hits, n, empty);
        mean_is(
            &format!("lost by {horizon}"),
            &batches(&found, "failed_leases"),
            lost,
        );
    }
}

#[test]
fn d1_backorders_wait_as_theory_says() {
    let found = steady(&[
        ("pools.r/i.replenish.waiting_orders", "true"),
        ("pools.r/i.lease", "{on_empty: wait, wait_timeout: never}"),
    ]);
    mean_is("P(wait)", &waiting_share(&found), 0.184_736_755_5);
    mean_is(
        "E[W]",
        &minutes(batches(&found, "wait_mean_s")),
        0.538_482_225_1,
    );
    // P(W > x) = P(Poisson(0.25 (12 - x)) >= 5) is 5% at x = 4.156 min, to three digits.
    let tail = |x: f64| {
        let a = 0.25 * (12.0 - x);
        1.0 - libm::exp(-a) * (1.0 + a + a * a / 2.0 + a.powi(3) / 6.0 + a.powi(4) / 24.0)
    };
    let (mut low, mut high) = (0.0, 12.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if tail(middle) > 0.05 {
            low = middle
        } else {
            high = middle
        }
    }
    mean_is(
        "95 % of waits",
        &minutes(batches(&found, "wait_p95_s")),
        low,
    );
}

fn waiting_with(patience: &str) -> drawdown::study::Ensemble {
    let lease = format!("{{on_empty: wait, wait_timeout: {patience}}}");
    steady(&[
        ("pools.r/i.provision.latency", "{exponential: {mean: 12m}}"),
        ("pools.r/i.replenish.waiting_orders", "false"),
        ("pools.r/i.lease", &lease),
    ])
}

#[test]
fn e1_waits_with_exponential_patience() {
    let found = waiting_with("{exponential: {mean: 5m}}");
    mean_is("P(wait)", &waiting_share(&found), 0.162_378_097_9);
    mean_is("P(timeout)", &failing_share(&found), 0.064_387_563_4);
    mean_is(
        "E[W]",
        &minutes(batches(&found, "wait_mean_s")),
        0.321_937_817_0,
    );
    mean_is("on hand", &batches(&found, "ready_mean"), 2.193_162_630_2);
}

#[test]
fn e2_waits_with_a_fixed_timeout() {
    let found = waiting_with("5m");
    mean_is("P(wait)", &waiting_share(&found), 0.186_028_336_9);
    mean_is("P(timeout)", &failing_share(&found), 0.043_746_260_7);
    mean_is(
        "E[W]",
        &minutes(batches(&found, "wait_mean_s")),
        0.525_595_501_9,
    );
}

fn partial(failure: &str, horizon: &str, n: usize) -> Vec<f64> {
    let scenario = smallest(&[
        ("clock.horizon", horizon),
        ("pools.r/i.provision.latency", "{exponential: {mean: 8m}}"),
        ("pools.r/i.replenish.in_flight_max", "10"),
        ("pools.r/i.replenish.retry", "{initial: 0s, max: 0s}"),
        ("outages.blackout.failure", failure),
    ]);
    minutes(sample(&scenario, n, "first_lease_failure_at_s"))
}

#[test]
fn f1_ten_slots_that_never_succeed_change_nothing() {
    let fail = partial("100%", "300m", 60_000);
    let exact = [
        (0.01, 78.126_666_39),
        (0.5, 122.669_245_55),
        (0.99, 181.603_064_06),
    ];
    quantiles_are("T_fail", &fail, 60_000, &exact);
    mean_is("T_fail", &fail, 124.0);
}

#[test]
fn f3_one_attempt_in_ten_succeeds() {
    let n = 60_000;
    let fail = partial("90%", "1000m", n);
    assert_eq!(fail.len(), n, "every pool fails within a thousand minutes");
    mean_is("T_fail", &fail, 219.089_781_66);
    let exact = [
        (0.01, 106.761_927_83),
        (0.5, 209.563_278_48),
        (0.676_993_547_2, 240.0),
        (0.99, 416.154_041_18),
    ];
    quantiles_are("T_fail", &fail, n, &exact);
}

/// Tenants whose lease lasts from job to job.
fn tenants(count: u32, jobs: &str, idle: &str) -> [(&'static str, String); 2] {
    [
        (
            "demand.all.source",
            format!("{{tenants: {{count: {count}, jobs: {jobs}, duration: 0s}}}}"),
        ),
        (
            "pools.r/i.lease",
            format!("{{idle_timeout: {idle}, max_age: 72h, age_clock: leased, on_empty: reject}}"),
        ),
    ]
}

#[track_caller]
fn with_tenants(tenants: &[(&'static str, String); 2], more: &[(&str, &str)]) -> Scenario {
    let mut changes: Vec<(&str, &str)> = tenants
        .iter()
        .map(|(path, value)| (*path, value.as_str()))
        .collect();
    changes.extend(more);
    smallest(&changes)
}

#[test]
fn h1_distinct_tenants_without_reuse() {
    let scenario = with_tenants(
        &tenants(200, "0.075/h", "1h"),
        &[("pools.r/i.target", "0"), ("clock.horizon", "96m")],
    );
    mean_is(
        "distinct",
        &sample(&scenario, 200_000, "tenants_unserved"),
        22.615_912_656_6,
    );
}

#[test]
fn i1_to_i3_leases_are_busy_periods() {
    // Jobs an hour, fresh fraction, share leased, mean lease [h], share that reaches 72 h.
    for (jobs, fraction, leased, lease, aged) in [
        (
            "0.5/h",
            0.606_530_659_7,
            0.393_469_340_3,
            1.297_442_541_4,
            0.0,
        ),
        (
            "2/h",
            0.135_335_283_2,
            0.864_664_716_8,
            3.194_528_049_5,
            0.0,
        ),
        (
            "5/h",
            0.007_328_701_0,
            0.992_671_299_1,
            27.089_965_864_9,
            0.083_469_900_0,
        ),
    ] {
        let scenario = with_tenants(
            &tenants(50, jobs, "1h"),
            &[
                ("pools.r/i.target", "60"),
                ("pools.r/i.provision.latency", "1ms"),
                ("outages", "{}"),
                ("clock.warm_up", "600h"),
                ("clock.horizon", "4000h"),
            ],
        );
        let found = ensemble(&scenario, Replications::new(BATCHES), Seed(5));
        let of = |measure| batches(&found, measure);
        let pairs = of("requests").into_iter().zip(of("reused"));
        let fresh: Vec<f64> = pairs
            .map(|(fresh, reused)| fresh / (fresh + reused))
            .collect();
        mean_is(&format!("fresh fraction at {jobs}"), &fresh, fraction);
        let on: Vec<f64> = of("leased_mean").iter().map(|mean| mean / 50.0).collect();
        mean_is(&format!("share leased at {jobs}"), &on, leased);
        let lengths: Vec<f64> = of("lease_mean_s")
            .iter()
            .map(|mean| mean / 3_600.0)
            .collect();
        mean_is(&format!("mean lease at {jobs}"), &lengths, lease);
        let pairs = of("leases_aged_out").into_iter().zip(of("leases_ended"));
        let shares: Vec<f64> = pairs.map(|(aged, ended)| aged / ended).collect();
        if 0.0 < aged {
            mean_is(&format!("aged out at {jobs}"), &shares, aged);
        } else {
            assert!(
                shares.iter().all(|share| *share == 0.0),
                "none ages out at {jobs}"
            );
        }
    }
}

#[test]
fn i7_tenants_lose_their_leases_and_get_no_other() {
    // A pool of no stock, where each request orders its own worker: it comes within a millisecond
    // until the outage begins, and never after.
    for (horizon, distinct, failed) in [
        ("30m", 0.135_335_283_2, 0.203_002_904_9),
        ("1h", 0.270_670_566_5, 0.541_341_132_9),
        ("96m", 0.419_869_943_2, 1.107_527_401_7),
        ("3h", 0.668_791_592_0, 2.911_112_376_1),
        ("6h", 0.902_033_524_8, 7.995_127_948_7),
    ] {
        let mut tenants = tenants(100, "2/h", "1h");
        tenants[1].1 = "{idle_timeout: 1h, max_age: never, age_clock: leased, on_empty: wait, \
                        wait_timeout: 2ms}"
            .to_owned();
        let scenario = with_tenants(
            &tenants,
            &[
                ("pools.r/i.target", "0"),
                ("pools.r/i.provision.latency", "1ms"),
                ("pools.r/i.replenish.waiting_orders", "true"),
                ("clock.warm_up", "30h"),
                ("clock.horizon", horizon),
            ],
        );
        let found = ensemble(&scenario, Replications::new(2_000), Seed(6));
        let each = |measure| {
            batches(&found, measure)
                .iter()
                .map(|all| all / 100.0)
                .collect::<Vec<f64>>()
        };
        mean_is(
            &format!("distinct by {horizon}"),
            &each("tenants_impacted"),
            distinct,
        );
        mean_is(
            &format!("failed by {horizon}"),
            &each("failed_leases"),
            failed,
        );
    }
}

#[test]
fn w1_has_its_published_answers() {
    let n = 20_000;
    let scenario = Scenario::load("benches/w1.yaml").expect("a valid scenario");
    let found = ensemble(&scenario, Replications::new(n), Seed(7));
    let of = |measure| batches(&found, measure);
    let empty = minutes(of("pool_empty_at_s"));
    let m = 1.6 * libm::exp(0.08);
    mean_is("pool empty", &empty, 120.0 + (64.0 - m) / 0.4);
    let exact = [
        (0.01, 232.83),
        (0.05, 244.27),
        (0.5, 274.84),
        (0.95, 309.84),
        (0.99, 325.76),
    ];
    quantiles_are("pool empty", &empty, n, &exact);
    let fail = minutes(of("first_lease_failure_at_s"));
    mean_is("first failed lease", &fail, 140.0 + (65.0 - m) / 0.4);
    let exact = [
        (0.01, 254.96),
        (0.05, 266.53),
        (0.5, 297.34),
        (0.95, 332.63),
        (0.99, 348.63),
    ];
    quantiles_are("first failed lease", &fail, n, &exact);
    // These were themselves estimated, with the standard error given.
    for (name, values, answer, its_error) in [
        ("failed leases", of("failed_leases"), 49.829, 0.021 / 1.96),
        ("ready at the end", of("ready_end"), 62.266, 0.003 / 1.96),
        ("minutes empty", minutes(of("empty_s")), 146.46, 0.04 / 1.96),
    ] {
        let (mean, error) = mean_and_error(&values);
        let z = (mean - answer) / error.hypot(its_error);
        assert!(z.abs() <= Z_MAX, "{name}: {mean} for {answer}, z {z}");
    }
}
