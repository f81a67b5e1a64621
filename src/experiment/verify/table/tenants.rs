//! Tenants who keep a worker from job to job: H how many are impacted, I how long leases last.

use crate::experiment::verify::judge::Exact::{Always, Mean};
use crate::experiment::verify::table::stock::BATCHES;
use crate::experiment::verify::value::{Value, pool};
use crate::experiment::verify::worlds::OUTAGE;
use crate::experiment::verify::{Part, Row, Run, ask, none, run};

const UNSERVED: Value = pool("tenants_unserved");
const FRESH: Value = pool("requests").over_sum_with("reused");
/// Of 50 tenants.
const LEASED: Value = pool("leased_mean").per(50.0);
const LEASE: Value = pool("lease_mean_s").per(3_600.0);
const AGED: Value = pool("leases_aged_out").over("leases_ended");

/// Of 100 tenants.
const IMPACTED: Value = pool("tenants_impacted").per(100.0);
const FAILED: Value = pool("failed_leases").per(100.0);

const BUSY_PERIOD: &str =
    "busy period of M/G/∞ (Takács, 1962), cut at the maximum age by its delay equation";

/// The lease of I: an hour without a job ends it, and 72 hours do.
const LEASE_OF_I: (&str, &str) = (
    "pools.r/i.lease",
    "{idle_timeout: 1h, max_age: 72h, age_clock: leased, on_empty: reject}",
);

/// A pool that never lacks a worker, for so many jobs an hour of each of 50 tenants.
const fn ample(source: &'static str) -> [(&'static str, &'static str); 7] {
    [
        ("demand.all.source", source),
        LEASE_OF_I,
        ("pools.r/i.target", "60"),
        ("pools.r/i.provision.latency", "1ms"),
        ("outages", "{}"),
        ("clock.warm_up", "600h"),
        ("clock.horizon", "4000h"),
    ]
}

/// A pool of no stock, where each request orders its own worker: it comes within a millisecond until the
/// outage begins, and never after.
const fn depleted(
    source: &'static str,
    horizon: &'static str,
) -> [(&'static str, &'static str); 7] {
    [
        ("demand.all.source", source),
        (
            "pools.r/i.lease",
            "{idle_timeout: 1h, max_age: never, age_clock: leased, on_empty: wait, wait_timeout: 2ms}",
        ),
        ("pools.r/i.target", "0"),
        ("pools.r/i.provision.latency", "1ms"),
        ("pools.r/i.replenish.waiting_orders", "true"),
        ("clock.warm_up", "30h"),
        ("clock.horizon", horizon),
    ]
}

const TWO_AN_HOUR: &str = "{tenants: {count: 100, jobs: 2/h, duration: 0s}}";
const TENTH_AN_HOUR: &str = "{tenants: {count: 100, jobs: 0.1/h, duration: 0s}}";

const fn i(
    changes: &'static [(&'static str, &'static str)],
    asks: &'static [crate::experiment::verify::Ask],
) -> [Part; 1] {
    [Part::Simulated(Run {
        world: OUTAGE,
        changes,
        made: none,
        replications: BATCHES,
        asks,
    })]
}

pub(crate) const ROWS: &[Row] = &[
    Row {
        id: "H1",
        about: "distinct tenants of 200 equal ones, 0.25 requests a minute for 96 minutes, no worker",
        source: "Σ(1 − exp(−λᵢW)) of independent Poisson processes",
        parts: &[run(
            OUTAGE,
            &[
                (
                    "demand.all.source",
                    "{tenants: {count: 200, jobs: 0.075/h, duration: 0s}}",
                ),
                LEASE_OF_I,
                ("pools.r/i.target", "0"),
                ("clock.horizon", "96m"),
            ],
            60_000,
            &[ask("distinct tenants", UNSERVED, Mean(22.615_912_656_6))],
        )],
    },
    Row {
        id: "H4",
        about: "the same of tenants with unequal shares (gamma, shape 0.5)",
        source: "the same, averaged over the law of shares",
        parts: &[run(
            OUTAGE,
            &[
                ("clock.horizon", "96m"),
                ("pools.r/i.target", "0"),
                (
                    "pools.r/i.lease",
                    "{idle_timeout: 1us, max_age: 1us, age_clock: leased, on_empty: reject}",
                ),
                (
                    "demand.all.source",
                    "{tenants: {count: 200, jobs: 0.075/h, duration: 0s, shares: {gamma: 0.5}}}",
                ),
            ],
            60_000,
            &[ask("distinct tenants", UNSERVED, Mean(20.394_697_973_2))],
        )],
    },
    Row {
        id: "I1",
        about: "leases of tenants with 0.5 jobs an hour, which end an hour after the last one, at 72 hours at most",
        source: BUSY_PERIOD,
        parts: &i(
            &ample("{tenants: {count: 50, jobs: 0.5/h, duration: 0s}}"),
            &[
                ask(
                    "share of jobs that lease afresh",
                    FRESH,
                    Mean(0.606_530_659_7),
                ),
                ask("share of time leased", LEASED, Mean(0.393_469_340_3)),
                ask("mean lease, h", LEASE, Mean(1.297_442_541_4)),
                ask("share of leases that reach 72 h", AGED, Always(0.0)),
            ],
        ),
    },
    Row {
        id: "I2",
        about: "the same with 2 jobs an hour",
        source: BUSY_PERIOD,
        parts: &i(
            &ample("{tenants: {count: 50, jobs: 2/h, duration: 0s}}"),
            &[
                ask(
                    "share of jobs that lease afresh",
                    FRESH,
                    Mean(0.135_335_283_2),
                ),
                ask("share of time leased", LEASED, Mean(0.864_664_716_8)),
                ask("mean lease, h", LEASE, Mean(3.194_528_049_5)),
                ask("share of leases that reach 72 h", AGED, Always(0.0)),
            ],
        ),
    },
    Row {
        id: "I3",
        about: "the same with 5 jobs an hour",
        source: BUSY_PERIOD,
        parts: &i(
            &ample("{tenants: {count: 50, jobs: 5/h, duration: 0s}}"),
            &[
                ask(
                    "share of jobs that lease afresh",
                    FRESH,
                    Mean(0.007_328_701_0),
                ),
                ask("share of time leased", LEASED, Mean(0.992_671_299_1)),
                ask("mean lease, h", LEASE, Mean(27.089_965_864_9)),
                ask(
                    "share of leases that reach 72 h",
                    AGED,
                    Mean(0.083_469_990_0),
                ),
            ],
        ),
    },
    Row {
        id: "I7",
        about: "tenants with 2 jobs an hour lose their leases one by one and get no other",
        source: "delay equation of the busy period from its stationary state, by quadrature",
        parts: &[
            run(
                OUTAGE,
                &depleted(TWO_AN_HOUR, "30m"),
                DEPLETED,
                &[
                    ask(
                        "tenants impacted by 0.5 h, each",
                        IMPACTED,
                        Mean(0.135_335_283_2),
                    ),
                    ask(
                        "failed requests by 0.5 h, each",
                        FAILED,
                        Mean(0.203_002_924_9),
                    ),
                ],
            ),
            run(
                OUTAGE,
                &depleted(TWO_AN_HOUR, "1h"),
                DEPLETED,
                &[
                    ask(
                        "tenants impacted by 1 h, each",
                        IMPACTED,
                        Mean(0.270_670_566_5),
                    ),
                    ask(
                        "failed requests by 1 h, each",
                        FAILED,
                        Mean(0.541_341_132_9),
                    ),
                ],
            ),
            run(
                OUTAGE,
                &depleted(TWO_AN_HOUR, "96m"),
                DEPLETED,
                &[
                    ask(
                        "tenants impacted by 1.6 h, each",
                        IMPACTED,
                        Mean(0.419_869_943_2),
                    ),
                    ask(
                        "failed requests by 1.6 h, each",
                        FAILED,
                        Mean(1.107_527_401_7),
                    ),
                ],
            ),
            run(
                OUTAGE,
                &depleted(TWO_AN_HOUR, "3h"),
                DEPLETED,
                &[
                    ask(
                        "tenants impacted by 3 h, each",
                        IMPACTED,
                        Mean(0.668_791_591_2),
                    ),
                    ask(
                        "failed requests by 3 h, each",
                        FAILED,
                        Mean(2.911_112_376_1),
                    ),
                ],
            ),
            run(
                OUTAGE,
                &depleted(TWO_AN_HOUR, "6h"),
                DEPLETED,
                &[
                    ask(
                        "tenants impacted by 6 h, each",
                        IMPACTED,
                        Mean(0.902_033_524_8),
                    ),
                    ask(
                        "failed requests by 6 h, each",
                        FAILED,
                        Mean(7.995_127_948_7),
                    ),
                ],
            ),
        ],
    },
    Row {
        id: "I9",
        about: "the same with 0.1 jobs an hour",
        source: "delay equation of the busy period from its stationary state, by quadrature",
        parts: &[run(
            OUTAGE,
            &depleted(TENTH_AN_HOUR, "96m"),
            DEPLETED,
            &[
                ask(
                    "tenants impacted by 1.6 h, each",
                    IMPACTED,
                    Mean(0.143_297_345_1),
                ),
                ask(
                    "failed requests by 1.6 h, each",
                    FAILED,
                    Mean(0.154_852_717_2),
                ),
            ],
        )],
    },
];

const DEPLETED: usize = 2_000;
