//! Further exact results: outages of random length and at random, bursts, rejections,
//! refills, unequal tenants, reserves.

use crate::statistics::{
    batches, failing_share, mean_is, minutes, quantiles_are, share_is, waiting_share,
};
use crate::worlds::{BATCHES, sample, smallest, steady};
use drawdown::{Replications, Seed, ensemble};

#[test]
fn a6_an_outage_of_random_length() {
    let n = 200_000;
    // One order of a thousand workers is under way when the outage begins and stalls until it ends.
    // From then on no request fails and the pool is never empty, so that all there is to count lies
    // before the end. The horizon cuts 15 outages in a million.
    let scenario = smallest(&[
        ("clock.horizon", "2000m"),
        ("pools.r/i.target", "1030"),
        ("pools.r/i.initial", "30"),
        (
            "pools.r/i.provision",
            "{latency: 2us, timeout: 3000h, slots: 1000}",
        ),
        ("pools.r/i.replenish.in_flight_max", "1000"),
        ("demand.all.source.requests.hold", "60d"),
        ("outages.blackout.from", "+1us"),
        ("outages.blackout.until", "+2us"),
        ("outages.blackout.recovery", "{exponential: {mean: 180m}}"),
        (
            "outages.blackout.judged",
            "{start: {fails: late, in_flight: stall}}",
        ),
    ]);
    let found = ensemble(&scenario, Replications::new(n), Seed(11));
    let of = |measure| batches(&found, measure);
    let (failed, empty) = (of("first_lease_failure_at_s"), of("pool_empty_at_s"));
    share_is("P(fail before the end)", failed.len(), n, 0.505_935_489_8);
    share_is("P(empty)", empty.len(), n, 0.517_178_500_7);
    mean_is("failed", &of("failed_leases"), 23.273_032_532_1);
    mean_is("minutes empty", &minutes(of("empty_s")), 93.092_130_128_2);
}

#[test]
fn b6_bursts_of_demand() {
    let n = 200_000;
    let scenario = smallest(&[
        ("clock.horizon", "1500m"),
        (
            "demand.all.source.requests.bursts",
            "{factor: 5.5, every: 60m, last: 30m}",
        ),
    ]);
    let fail = minutes(sample(&scenario, n, "first_lease_failure_at_s"));
    assert_eq!(fail.len(), n, "every pool fails within 1500 minutes");
    mean_is("T_fail", &fail, 138.374_812_277);
    let exact = [
        (0.01, 43.094_394_220_5),
        (0.5, 129.827_924_661_8),
        (0.99, 306.627_982_338_9),
    ];
    quantiles_are("T_fail", &fail, n, &exact);
}

#[test]
fn e3_waits_that_order_workers_and_cancel_their_orders() {
    let found = steady(&[
        ("clock.horizon", "200000m"),
        ("pools.r/i.provision.latency", "{exponential: {mean: 12m}}"),
        ("pools.r/i.replenish.waiting_orders", "true"),
        ("pools.r/i.replenish.cancel_on_timeout", "true"),
        (
            "pools.r/i.lease",
            "{on_empty: wait, wait_timeout: {exponential: {mean: 5m}}}",
        ),
        ("demand.all.source.requests.rate", "0.5/min"),
    ]);
    mean_is("P(wait)", &waiting_share(&found), 0.562_683_467_1);
    mean_is("P(timeout)", &failing_share(&found), 0.211_150_031_1);
    let waits = minutes(batches(&found, "wait_mean_s"));
    mean_is("E[W]", &waits, 1.055_750_155_4);
}

#[test]
fn f6_rejections_come_sooner_than_successes() {
    let n = 60_000;
    let scenario = smallest(&[
        ("clock.horizon", "700m"),
        ("pools.r/i.target", "15"),
        ("pools.r/i.provision.latency", "{exponential: {mean: 8m}}"),
        ("pools.r/i.replenish.in_flight_max", "3"),
        ("pools.r/i.replenish.retry", "{initial: 0s, max: 0s}"),
        ("outages.blackout.failure", "90%"),
        (
            "outages.blackout.judged",
            "{start: {fails: {reject: {exponential: {mean: 2m}}}, in_flight: finish}}",
        ),
    ]);
    let fail = minutes(sample(&scenario, n, "first_lease_failure_at_s"));
    assert_eq!(fail.len(), n, "every pool fails within 700 minutes");
    mean_is("T_fail", &fail, 105.963_046_706);
    let exact = [
        (0.01, 40.341_348_045_5),
        (0.5, 99.155_899_778),
        (0.992_303_555_8, 240.0),
        (0.99, 232.116_701_396_1),
    ];
    quantiles_are("T_fail", &fail, n, &exact);
}

/// An outage that ends before it can affect anything, from whose end recovery is measured.
const OVER_AT_ONCE: [(&str, &str); 2] = [
    ("outages.blackout.until", "+1us"),
    ("pools.r/i.initial", "0"),
];

#[test]
fn g1_and_g3_a_pool_refills_while_it_is_used() {
    let n = 200_000;
    let changes = [
        ("clock.horizon", "800m"),
        ("pools.r/i.provision.latency", "{exponential: {mean: 8m}}"),
        ("pools.r/i.replenish.in_flight_max", "10"),
        ("demand.all.source.requests.hold", "60d"),
    ];
    let scenario = smallest(&[&OVER_AT_ONCE[..], &changes].concat());
    let found = ensemble(&scenario, Replications::new(n), Seed(12));
    let full = minutes(batches(&found, "recovered_100_after_s"));
    assert_eq!(full.len(), n, "every pool is full within 800 minutes");
    mean_is("to 30", &full, 71.096_913_580_2);
    let exact = [
        (0.01, 26.207_357_377_7),
        (0.5, 61.237_396_177_2),
        (0.99, 200.355_919_697),
    ];
    quantiles_are("to 30", &full, n, &exact);
    let nearly = minutes(batches(&found, "recovered_90_after_s"));
    mean_is("to 27", &nearly, 31.984_391_534_4);
    let exact = [
        (0.01, 17.000_298_850_3),
        (0.5, 30.964_024_119),
        (0.99, 56.272_758_709_8),
    ];
    quantiles_are("to 27", &nearly, n, &exact);
}

#[test]
fn g5_a_pool_is_full_after_the_first_lead_time_without_a_request() {
    let n = 100_000;
    for (latency, horizon, exact) in [
        ("8m", "600m", 25.556_224_395_7),
        ("12m", "1500m", 76.342_147_692_8),
    ] {
        let changes = [
            ("clock.horizon", horizon),
            ("pools.r/i.provision.latency", latency),
            ("pools.r/i.replenish.waiting_orders", "true"),
            ("pools.r/i.lease", "{on_empty: wait, wait_timeout: never}"),
            ("demand.all.source.requests.hold", "60d"),
        ];
        let scenario = smallest(&[&OVER_AT_ONCE[..], &changes].concat());
        let full = minutes(sample(&scenario, n, "recovered_100_after_s"));
        assert_eq!(full.len(), n, "every pool is full within {horizon}");
        mean_is(latency, &full, exact);
    }
}

#[test]
fn h4_distinct_tenants_with_unequal_shares() {
    let source = "{tenants: {count: 200, jobs: 0.075/h, duration: 0s, shares: {gamma: 0.5}}}";
    let scenario = smallest(&[
        ("clock.horizon", "96m"),
        ("pools.r/i.target", "0"),
        (
            "pools.r/i.lease",
            "{idle_timeout: 1us, max_age: 1us, age_clock: leased, on_empty: reject}",
        ),
        ("demand.all.source", source),
    ]);
    let distinct = sample(&scenario, 200_000, "tenants_unserved");
    mean_is("distinct", &distinct, 20.394_697_973_2);
}

#[test]
fn j1_availability_and_failures_of_a_pool_that_every_outage_finds_full() {
    // The row takes a pool that is full as each outage begins and again as it ends. Orders that are
    // retried every five minutes and take no time fill it except for one outage in ten thousand that
    // follows another within those; until they do, no request fails, being served cold. So the row's
    // share of time is the share of requests that fail, arrivals being Poisson. A pool without stock,
    // in the same region, asks whether the provider works.
    let probe = "{target: 0, provision: {latency: 1us, timeout: never}, \
                 replenish: {counts: ready_and_pending, in_flight_max: unlimited, \
                 retry: {initial: 5m, max: 5m}}, lease: {on_empty: {cold: 1us}, wait_timeout: never}}";
    let asks = "{pool: r/probe, essential: true, source: {requests: {rate: 3/h, hold: 0s}}}";
    let scenario = smallest(&[
        ("clock.horizon", "4000000m"),
        ("clock.warm_up", "4000m"),
        ("pools.r/i.provision.latency", "1us"),
        ("pools.r/i.replenish.retry", "{initial: 5m, max: 5m}"),
        (
            "pools.r/i.lease",
            "{on_empty: {cold: 1us}, wait_timeout: never}",
        ),
        ("pools.r/probe", probe),
        ("demand.probe", asks),
        (
            "outages.blackout",
            "{regions: [r], operations: [create], failure: 100%, judged: completion, \
             random: {up: {exponential: {mean: 43200m}}, down: {exponential: {mean: 180m}}}}",
        ),
    ]);
    let found = ensemble(&scenario, Replications::new(BATCHES), Seed(13));
    mean_is("failed", &failing_share(&found), 0.002_145_968_882_6);
    let down = found
        .values(1, "failed_leases")
        .expect("a measure")
        .zip(found.values(1, "requests").expect("a measure"));
    let up: Vec<f64> = down
        .map(|(failed, all)| 1.0 - failed.expect("a count") / all.expect("a count"))
        .collect();
    mean_is("availability", &up, 0.995_850_622_4);
}

#[test]
fn j4_a_pool_under_random_outages() {
    // An attempt that fails is retried at once, which for exponential latencies is as if it had
    // stalled. How often the pool is empty while the provider works has no measure of its own.
    let found = steady(&[
        ("clock.horizon", "2000000m"),
        ("pools.r/i.target", "10"),
        ("pools.r/i.provision.latency", "{exponential: {mean: 8m}}"),
        ("pools.r/i.replenish.in_flight_max", "4"),
        ("pools.r/i.replenish.retry", "{initial: 0s, max: 0s}"),
        (
            "outages",
            "{random: {regions: [r], operations: [create], failure: 100%, judged: completion, \
             random: {up: {exponential: {mean: 600m}}, down: {exponential: {mean: 60m}}}}}",
        ),
    ]);
    let days = 2_000_000.0 / 1_440.0;
    let of = |measure, unit: f64| -> Vec<f64> {
        let all = batches(&found, measure);
        all.iter().map(|value| value / unit).collect()
    };
    let empty = of("empty_s", 2_000_000.0 * 60.0);
    mean_is("empty", &empty, 0.060_842_102_96);
    let failed = of("failed_leases", days);
    mean_is("failed a day", &failed, 21.903_157_064_9);
    let ready = of("ready_mean", 1.0);
    mean_is("on hand", &ready, 7.155_702_594_2);
}

#[test]
fn n1_a_reserve_for_customers() {
    let n = 200_000;
    let other = "{pool: r/i, essential: false, reserve: 10, source: {requests: {rate: 0.1/min, hold: 60d}}}";
    let scenario = smallest(&[
        ("clock.horizon", "600m"),
        ("demand.all.source.requests.rate", "0.15/min"),
        ("demand.all.source.requests.hold", "60d"),
        ("demand.other", other),
    ]);
    let fail = minutes(sample(&scenario, n, "first_lease_failure_at_s"));
    assert_eq!(fail.len(), n, "every pool fails within 600 minutes");
    mean_is("T_fail of customers", &fail, 153.333_333_333_3);
    let exact = [
        (0.01, 95.397_445_865_3),
        (0.5, 151.475_618_918_8),
        (0.99, 227.665_441_789_3),
    ];
    quantiles_are("T_fail of customers", &fail, n, &exact);
}
