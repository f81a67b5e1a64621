//! What a provider does: F where some attempts fail, G as a pool refills, J where outages come at random.

use crate::experiment::measure::Subject;
use crate::experiment::verify::judge::Exact::{Mean, UpTo};
use crate::experiment::verify::table::stock::BATCHES;
use crate::experiment::verify::value::{Value, of, pool};
use crate::experiment::verify::worlds::{OUTAGE, REFILL, STEADY};
use crate::experiment::verify::{Row, ask, run};

const FAIL: Value = pool("first_lease_failure_at_s").minutes();
const FULL: Value = pool("recovered_100_after_s").minutes();
const NEARLY: Value = pool("recovered_90_after_s").minutes();

const N: usize = 60_000;
const LATENCY: (&str, &str) = ("pools.r/i.provision.latency", "{exponential: {mean: 8m}}");
const TEN: (&str, &str) = ("pools.r/i.replenish.in_flight_max", "10");
const AT_ONCE: (&str, &str) = ("pools.r/i.replenish.retry", "{initial: 0s, max: 0s}");

/// Absorbing chains of F.
const ABSORBING: &str = "absorbing chain of the level, by uniformization (Jensen, 1953)";

pub(crate) const ROWS: &[Row] = &[
    Row {
        id: "F1",
        about: "A1 with ten attempts at a time, none of which succeeds",
        source: "time of the (S + 1)th request of a Poisson process (Erlang, 1909)",
        parts: &[run(
            OUTAGE,
            &[
                ("clock.horizon", "300m"),
                LATENCY,
                TEN,
                AT_ONCE,
                ("outages.blackout.failure", "100%"),
            ],
            N,
            &[
                ask(
                    "mean time to the first failed lease, min",
                    FAIL,
                    Mean(124.0),
                ),
                ask("P(fail by 78.13 min)", FAIL, UpTo(78.126_666_39, 0.01)),
                ask("P(fail by 122.67 min)", FAIL, UpTo(122.669_245_55, 0.5)),
                ask("P(fail by 181.60 min)", FAIL, UpTo(181.603_064_06, 0.99)),
                ask("P(fail by 240 min)", FAIL, UpTo(240.0, 0.999_985_825_7)),
            ],
        )],
    },
    Row {
        id: "F3",
        about: "the same where one attempt in ten succeeds",
        source: ABSORBING,
        parts: &[run(
            OUTAGE,
            &[
                ("clock.horizon", "1000m"),
                LATENCY,
                TEN,
                AT_ONCE,
                ("outages.blackout.failure", "90%"),
            ],
            N,
            &[
                ask(
                    "mean time to the first failed lease, min",
                    FAIL,
                    Mean(219.089_781_66),
                ),
                ask("P(fail by 106.76 min)", FAIL, UpTo(106.761_927_83, 0.01)),
                ask("P(fail by 209.56 min)", FAIL, UpTo(209.563_278_48, 0.5)),
                ask("P(fail by 240 min)", FAIL, UpTo(240.0, 0.676_993_547_2)),
                ask("P(fail by 416.15 min)", FAIL, UpTo(416.154_041_18, 0.99)),
            ],
        )],
    },
    Row {
        id: "F6",
        about: "15 workers, three attempts at a time; failures are known after 2 minutes, successes after 8",
        source: "absorbing chain of the level and of the attempts that will fail, by uniformization (Jensen, 1953)",
        parts: &[run(
            OUTAGE,
            &[
                ("clock.horizon", "700m"),
                ("pools.r/i.target", "15"),
                LATENCY,
                ("pools.r/i.replenish.in_flight_max", "3"),
                AT_ONCE,
                ("outages.blackout.failure", "90%"),
                (
                    "outages.blackout.judged",
                    "{start: {fails: {reject: {exponential: {mean: 2m}}}, in_flight: finish}}",
                ),
            ],
            N,
            &[
                ask(
                    "mean time to the first failed lease, min",
                    FAIL,
                    Mean(105.963_046_706),
                ),
                ask("P(fail by 40.34 min)", FAIL, UpTo(40.341_348_045_5, 0.01)),
                ask("P(fail by 99.16 min)", FAIL, UpTo(99.155_899_778, 0.5)),
                ask("P(fail by 232.12 min)", FAIL, UpTo(232.116_701_396_1, 0.99)),
                ask("P(fail by 240 min)", FAIL, UpTo(240.0, 0.992_303_555_8)),
            ],
        )],
    },
    Row {
        id: "G1",
        about: "an empty pool refills to 30, ten at a time, while requests are lost",
        source: "first passage of the birth-death chain of the level (Keilson, 1979)",
        parts: &[run(
            REFILL,
            &[("clock.horizon", "800m"), LATENCY, TEN],
            100_000,
            &[
                ask("mean time to 30, min", FULL, Mean(71.096_913_580_2)),
                ask("P(30 by 26.21 min)", FULL, UpTo(26.207_357_377_7, 0.01)),
                ask("P(30 by 61.24 min)", FULL, UpTo(61.237_396_177_2, 0.5)),
                ask("P(30 by 200.36 min)", FULL, UpTo(200.355_919_697, 0.99)),
            ],
        )],
    },
    Row {
        id: "G3",
        about: "the same, to 27 of 30",
        source: "first passage of the birth-death chain of the level (Keilson, 1979)",
        parts: &[run(
            REFILL,
            &[("clock.horizon", "800m"), LATENCY, TEN],
            60_000,
            &[
                ask("mean time to 27, min", NEARLY, Mean(31.984_391_534_4)),
                ask("P(27 by 17.00 min)", NEARLY, UpTo(17.000_298_850_3, 0.01)),
                ask("P(27 by 30.96 min)", NEARLY, UpTo(30.964_024_119, 0.5)),
                ask("P(27 by 56.27 min)", NEARLY, UpTo(56.272_758_709_8, 0.99)),
            ],
        )],
    },
    Row {
        id: "G5",
        about: "a pool with backorders is full after the first lead time without a request",
        source: "first gap of length L of a Poisson process: (e^(λL) − 1)/λ",
        parts: &[
            run(
                REFILL,
                &[
                    ("clock.horizon", "600m"),
                    ("pools.r/i.provision.latency", "8m"),
                    ("pools.r/i.replenish.waiting_orders", "true"),
                    ("pools.r/i.lease", "{on_empty: wait, wait_timeout: never}"),
                ],
                40_000,
                &[ask(
                    "mean time to full with 8 minutes, min",
                    FULL,
                    Mean(25.556_224_395_7),
                )],
            ),
            run(
                REFILL,
                &[
                    ("clock.horizon", "1500m"),
                    ("pools.r/i.provision.latency", "12m"),
                    ("pools.r/i.replenish.waiting_orders", "true"),
                    ("pools.r/i.lease", "{on_empty: wait, wait_timeout: never}"),
                ],
                40_000,
                &[ask(
                    "mean time to full with 12 minutes, min",
                    FULL,
                    Mean(76.342_147_692_8),
                )],
            ),
        ],
    },
    Row {
        id: "J1",
        about: "a provider that works for 30 days and fails for 3 hours on average; each outage finds the pool full",
        source: "alternating renewal process: U/(U + D), and r^S D/(U + D) with r of A6",
        // Orders that are retried every five minutes and take no time fill the pool, except for one outage in ten
        // thousand that follows another within those; until they do, no request fails, being served cold. So the row's
        // share of time is the share of requests that fail, arrivals being Poisson. A pool without stock, in the same
        // region, asks whether the provider works.
        parts: &[run(
            OUTAGE,
            &[
                ("clock.horizon", "4000000m"),
                ("clock.warm_up", "4000m"),
                ("pools.r/i.provision.latency", "1us"),
                ("pools.r/i.replenish.retry", "{initial: 5m, max: 5m}"),
                (
                    "pools.r/i.lease",
                    "{on_empty: {cold: 1us}, wait_timeout: never}",
                ),
                (
                    "pools.r/probe",
                    "{target: 0, provision: {latency: 1us, timeout: never}, replenish: {counts: ready_and_pending, \
                     in_flight_max: unlimited, retry: {initial: 5m, max: 5m}}, lease: {on_empty: {cold: 1us}, \
                     wait_timeout: never}}",
                ),
                (
                    "demand.probe",
                    "{pool: r/probe, essential: true, source: {requests: {rate: 3/h, hold: 0s}}}",
                ),
                (
                    "outages.blackout",
                    "{regions: [r], operations: [create], failure: 100%, judged: completion, \
                     random: {up: {exponential: {mean: 43200m}}, down: {exponential: {mean: 180m}}}}",
                ),
            ],
            BATCHES,
            &[
                ask(
                    "share of requests lost",
                    pool("failed_leases").over("requests"),
                    Mean(0.002_145_968_882_6),
                ),
                ask(
                    "availability of the provider",
                    of(Subject::Pool(1), "failed_leases")
                        .over("requests")
                        .complement(),
                    Mean(0.995_850_622_4),
                ),
            ],
        )],
    },
    Row {
        id: "J4",
        about: "10 workers, a provider that works for 10 hours and fails for 1 on average",
        source: "stationary distribution of the chain of pool and provider",
        // An attempt that fails is retried at once, which for exponential latencies is as if it had stalled. Requests
        // are Poisson, so that the share of those that fail in outages is the share of time in which the pool is
        // empty in one (Wolff, 1982).
        parts: &[run(
            STEADY,
            &[
                ("clock.horizon", "2000000m"),
                ("pools.r/i.target", "10"),
                LATENCY,
                ("pools.r/i.replenish.in_flight_max", "4"),
                AT_ONCE,
                (
                    "outages",
                    "{random: {regions: [r], operations: [create], failure: 100%, judged: completion, \
                     random: {up: {exponential: {mean: 600m}}, down: {exponential: {mean: 60m}}}}}",
                ),
            ],
            BATCHES,
            &[
                ask(
                    "P(empty)",
                    pool("empty_s").per(120_000_000.0),
                    Mean(0.060_842_102_96),
                ),
                ask(
                    "P(empty in an outage)",
                    pool("failed_leases_in_outage").over("requests"),
                    Mean(0.055_790_792_27),
                ),
                ask(
                    "P(empty while the provider works)",
                    pool("failed_leases")
                        .minus(Subject::Pool(0), "failed_leases_in_outage")
                        .per(500_000.0),
                    Mean(0.005_051_310_69),
                ),
                ask(
                    "failed leases a day",
                    pool("failed_leases").per(DAYS),
                    Mean(21.903_157_064_9),
                ),
                ask("workers on hand", pool("ready_mean"), Mean(7.155_702_594_2)),
            ],
        )],
    },
];

/// Length of the runs of J4.
const DAYS: f64 = 2_000_000.0 / 1_440.0;
