//! Tables of textbooks: T.

use crate::experiment::verify::judge::Exact::Mean;
use crate::experiment::verify::table::stock::BATCHES;
use crate::experiment::verify::value::{Value, class, pool};
use crate::experiment::verify::worlds::{OUTAGE, STEADY};
use crate::experiment::verify::{Part, Row, ask, run};
use crate::stats::survival::{Step, survival};

const LOSS: Value = pool("failed_leases").over("requests");
const WAITS: Value = pool("hit_rate").complement();
const WAIT: Value = pool("wait_mean_s").minutes();
const BUSY: Value = pool("pending_mean");

/// Servers of a queue are orders: a pool of c keeps c orders under way or ready, and a ready worker is an idle server.
const EXPONENTIAL: (&str, &str) = ("pools.r/i.provision.latency", "{exponential: {mean: 12m}}");
const NO_ORDERS: (&str, &str) = ("pools.r/i.replenish.waiting_orders", "false");
const PATIENT: (&str, &str) = ("pools.r/i.lease", "{on_empty: wait, wait_timeout: never}");

/// Weeks of remission under 6-MP, and whether it ended.
const REMISSIONS: [(f64, bool); 21] = [
    (6.0, true),
    (6.0, true),
    (6.0, true),
    (6.0, false),
    (7.0, true),
    (9.0, false),
    (10.0, true),
    (10.0, false),
    (11.0, false),
    (13.0, true),
    (16.0, true),
    (17.0, false),
    (19.0, false),
    (20.0, false),
    (22.0, true),
    (23.0, true),
    (25.0, false),
    (32.0, false),
    (32.0, false),
    (34.0, false),
    (35.0, false),
];

/// The step of the survival curve at a week.
fn at(week: f64) -> Step {
    let curve = survival(REMISSIONS);
    let step = curve.steps.into_iter().rfind(|step| step.at <= week);
    step.expect("a step at 0")
}

pub(crate) const ROWS: &[Row] = &[
    Row {
        id: "T1",
        about: "tables of Erlang's loss formula: 10 servers offered 5, 20 offered 12 and 15",
        source: "B(10, 5), B(20, 12) and B(20, 15) (Erlang, 1917)",
        parts: &[
            run(
                STEADY,
                &[
                    ("pools.r/i.target", "10"),
                    ("demand.all.source.requests.rate", "25/h"),
                    SHORT,
                ],
                BATCHES,
                &[ask("B(10, 5)", LOSS, Mean(0.018_384_570_3))],
            ),
            run(
                STEADY,
                &[
                    ("pools.r/i.target", "20"),
                    ("demand.all.source.requests.rate", "1/min"),
                    SHORT,
                ],
                BATCHES,
                &[ask("B(20, 12)", LOSS, Mean(0.009_795_639_4))],
            ),
            run(
                STEADY,
                &[
                    ("pools.r/i.target", "20"),
                    ("demand.all.source.requests.rate", "75/h"),
                    SHORT,
                ],
                BATCHES,
                &[ask("B(20, 15)", LOSS, Mean(0.045_593_215_6))],
            ),
        ],
    },
    Row {
        id: "T2",
        about: "tables of Erlang's delay formula: 5 servers offered 3, 20 offered 15",
        source: "C(5, 3), C(20, 15), and C/(cμ − λ) (Erlang, 1917)",
        parts: &[
            run(
                STEADY,
                &[EXPONENTIAL, NO_ORDERS, PATIENT],
                BATCHES,
                &[
                    ask("C(5, 3)", WAITS, Mean(0.236_151_603_5)),
                    ask("mean wait, min", WAIT, Mean(1.416_909_621)),
                    ask("servers busy", BUSY, Mean(3.0)),
                ],
            ),
            run(
                STEADY,
                &[
                    EXPONENTIAL,
                    NO_ORDERS,
                    PATIENT,
                    ("pools.r/i.target", "20"),
                    ("demand.all.source.requests.rate", "75/h"),
                    SHORT,
                ],
                BATCHES,
                &[
                    ask("C(20, 15)", WAITS, Mean(0.160_429_387_4)),
                    ask("mean wait, min", WAIT, Mean(0.385_030_529_8)),
                ],
            ),
        ],
    },
    Row {
        id: "T3",
        about: "single-server queue: a customer a minute, served in half a minute on average",
        source: "M/M/1 of Law, Simulation Modeling and Analysis (2015), chapter 1: delay ρ/(μ − λ)",
        parts: &[run(
            STEADY,
            &[
                ("pools.r/i.provision.latency", "{exponential: {mean: 30s}}"),
                NO_ORDERS,
                PATIENT,
                ("pools.r/i.target", "1"),
                ("demand.all.source.requests.rate", "1/min"),
                SHORT,
            ],
            BATCHES,
            &[
                ask("P(delay)", WAITS, Mean(0.5)),
                ask("mean delay, min", WAIT, Mean(0.5)),
                ask("share of time busy", BUSY, Mean(0.5)),
            ],
        )],
    },
    Row {
        id: "T4",
        about: "five servers and room for three that wait, offered 3",
        source: "M/M/5/8, birth-death chain (Kendall, 1953)",
        parts: &[run(
            STEADY,
            &[
                EXPONENTIAL,
                NO_ORDERS,
                PATIENT,
                ("demand.all.waiting_max", "3"),
            ],
            BATCHES,
            &[
                ask("share of requests turned away", LOSS, Mean(0.021_047_667_6)),
                ask(
                    "share of requests not served at once",
                    WAITS,
                    Mean(0.212_035_762_7),
                ),
                ask(
                    "requests that wait and are served",
                    class("delayed_leases").over("requests"),
                    Mean(0.190_988_095_1),
                ),
            ],
        )],
    },
    Row {
        id: "T5",
        about: "newsvendor: a worker-hour costs 3, a failed lease 40, 45 requests in an outage of 3 h; 50 is best",
        source: "E[(N − S)⁺] and ∫P(N(t) ≤ S)dt of a Poisson process (Arrow, Harris and Marschak, 1951)",
        parts: &[
            run(
                OUTAGE,
                &newsvendor("49"),
                PRICED,
                &[ask("cost with 49", COST, Mean(285.918_890_839))],
            ),
            run(
                OUTAGE,
                &newsvendor("50"),
                PRICED,
                &[
                    ask("cost with 50", COST, Mean(284.862_788_249)),
                    ask(
                        "of it, ready workers",
                        pool("idle_cost"),
                        Mean(248.058_545_514),
                    ),
                    ask(
                        "of it, failed leases",
                        pool("failure_cost"),
                        Mean(36.804_242_735),
                    ),
                ],
            ),
            run(
                OUTAGE,
                &newsvendor("51"),
                PRICED,
                &[ask("cost with 51", COST, Mean(285.570_722_593))],
            ),
        ],
    },
    Row {
        id: "T6",
        about: "weeks of remission of 21 patients under 6-MP, 12 of them censored",
        source: "Freireich and others (1963); product-limit estimate and Greenwood's error (Kaplan and Meier, 1958)",
        parts: &[
            Part::Computed("survival at 6 weeks", 0.857_143, || at(6.0).survival),
            Part::Computed("survival at 7 weeks", 0.806_723, || at(7.0).survival),
            Part::Computed("survival at 10 weeks", 0.752_941, || at(10.0).survival),
            Part::Computed("survival at 13 weeks", 0.690_196, || at(13.0).survival),
            Part::Computed("survival at 16 weeks", 0.627_451, || at(16.0).survival),
            Part::Computed("survival at 22 weeks", 0.537_815, || at(22.0).survival),
            Part::Computed("survival at 23 weeks", 0.448_179, || at(23.0).survival),
            Part::Computed("standard error at 13 weeks", 0.106_815, || at(13.0).error),
            Part::Computed("standard error at 23 weeks", 0.134_591, || at(23.0).error),
        ],
    },
];

const SHORT: (&str, &str) = ("clock.horizon", "100000m");
const COST: Value = pool("total_cost");
const PRICED: usize = 60_000;

const fn newsvendor(target: &'static str) -> [(&'static str, &'static str); 6] {
    [
        ("clock.horizon", "3h"),
        ("pools.r/i.target", target),
        ("pools.r/i.worker_hour_cost", "3"),
        ("costs", "{failed_lease: 40}"),
        ("demand.all.source.requests.rate", "15/h"),
        ("outages.blackout.until", "+3h"),
    ]
}
