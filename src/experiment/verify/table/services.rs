//! Services, pools, and callers that retry: K1, K5 and K6.

use crate::experiment::verify::judge::Exact::{Always, Mean};
use crate::experiment::verify::mean_field::MeanField;
use crate::experiment::verify::table::stock::BATCHES;
use crate::experiment::verify::value::{Value, class, dependency, pool};
use crate::experiment::verify::worlds::{SERVICE, STEADY};
use crate::experiment::verify::{Ask, Part, Row, Run, ask, none, run};

/// A service with nothing else: what it is, and how long it is observed after how long a warm-up.
pub(super) const fn service(
    dependency: &'static str,
    horizon: &'static str,
    warm_up: &'static str,
) -> [(&'static str, &'static str); 3] {
    [
        ("dependencies.d", dependency),
        ("clock.horizon", horizon),
        ("clock.warm_up", warm_up),
    ]
}

/// K1: a hundred calls a second are served, callers time out after a tenth of a second and retry up to three times,
/// long after.
macro_rules! mean_field {
    ($calls:literal, $queued:literal) => {
        mean_field!($calls, $queued, "0")
    };
    ($calls:literal, $queued:literal, $waiting:literal) => {
        concat!(
            "{capacity: 100/s, queue: 1000000, timeout: 100ms, load: ",
            $calls,
            "/s, retry: {probability: 100%, delay: {exponential: {mean: 10s}}, tries: 4}, initial: {queue: ",
            $queued,
            ", waiting: ",
            $waiting,
            "}, calm: {queue: 0, waiting: 0}}"
        )
    };
}

macro_rules! retrial {
    ($calls:literal, $delay:literal) => {
        concat!(
            "{capacity: 1/min, queue: 1, timeout: never, load: ",
            $calls,
            "/min, retry: {probability: 100%, delay: {exponential: {mean: ",
            $delay,
            "}}, tries: unlimited}, calm: {queue: 0, waiting: 0}}"
        )
    };
}

pub(super) const QUEUE: Value = dependency("queue_mean");
pub(super) const ORBIT: Value = dependency("backlog_mean");

pub(super) const fn lost(minutes: f64) -> Value {
    dependency("callers_lost").per(minutes)
}

pub(super) const fn steady(
    changes: &'static [(&'static str, &'static str)],
    asks: &'static [Ask],
) -> Part {
    run(SERVICE, changes, BATCHES, asks)
}

/// The service of K1 in the mean field (s).
const K1: MeanField = MeanField {
    capacity: 100.0,
    timeout: 0.1,
    retries: 3,
};

const FIXED_POINT: &str =
    "mean-field fixed point x = λ Σ f(x)^j with f(x) = exp(−(C − x)τ), 1 from x = C on";

pub(crate) const ROWS: &[Row] = &[
    Row {
        id: "K1",
        about: "100 calls a second are served, callers time out after 0.1 s and retry up to three times",
        source: FIXED_POINT,
        // The mean field is the limit of long delays: a retry meets a queue that has forgotten what made its call
        // late. A queue forgets within 0.03 s (20 calls a second) or 0.05 s (30), and delays are 10 s on average, so
        // what is left is below a hundredth; the standard errors are above it. Where every call is late, it is exact.
        parts: &[
            steady(
                &service(mean_field!("20", "0"), "10000s", "100s"),
                &[
                    ask(
                        "calls a second at 20, calm",
                        dependency("calls").per(10_000.0),
                        Mean(20.006_716_015),
                    ),
                    ask(
                        "retries a second at 20, calm",
                        dependency("calls_repeated").per(10_000.0),
                        Mean(0.006_716_015),
                    ),
                ],
            ),
            steady(
                &service(mean_field!("30", "0"), "5000s", "100s"),
                &[
                    ask(
                        "calls a second at 30, calm",
                        dependency("calls").per(5_000.0),
                        Mean(30.027_456_780),
                    ),
                    ask(
                        "retries a second at 30, calm",
                        dependency("calls_repeated").per(5_000.0),
                        Mean(0.027_456_780),
                    ),
                ],
            ),
            steady(
                &service(mean_field!("30", "5000"), "200s", "300s"),
                &[
                    ask(
                        "calls a second at 30, congested",
                        dependency("calls").per(200.0),
                        Mean(120.0),
                    ),
                    ask(
                        "calls in time at 30, congested",
                        dependency("calls_good"),
                        Always(0.0),
                    ),
                    ask("callers lost a second at 30", lost(200.0), Mean(30.0)),
                    ask(
                        "calls wasted a second at 30",
                        dependency("calls_wasted").per(200.0),
                        Mean(100.0),
                    ),
                ],
            ),
            steady(
                &service(mean_field!("50", "5000"), "200s", "300s"),
                &[
                    ask(
                        "calls a second at 50, congested",
                        dependency("calls").per(200.0),
                        Mean(200.0),
                    ),
                    ask(
                        "calls in time at 50, congested",
                        dependency("calls_good"),
                        Always(0.0),
                    ),
                ],
            ),
            steady(
                &service(mean_field!("70", "5000"), "200s", "300s"),
                &[
                    ask(
                        "calls a second at 70, congested",
                        dependency("calls").per(200.0),
                        Mean(280.0),
                    ),
                    ask(
                        "calls in time at 70, congested",
                        dependency("calls_good"),
                        Always(0.0),
                    ),
                ],
            ),
        ],
    },
    Row {
        id: "K1b",
        about: "K1 has two lasting states from 25 to 69 calls a second; which one it is in depends on the trigger",
        source: FIXED_POINT,
        // A trigger is a number of callers about to retry, who do so within 10 s on average: 686 of them bring 30 calls a
        // second to the middle fixed point, which no simulation stays at. A third of them is forgotten, and three times as
        // many are not.
        parts: &[
            Part::Computed(
                "calls a second at 30, middle fixed point",
                98.611_127,
                || K1.fixed_points(30.0)[1],
            ),
            Part::Computed(
                "calls a second at 50, middle fixed point",
                92.951_004,
                || K1.fixed_points(50.0)[1],
            ),
            Part::Computed("fixed points at 70", 1.0, || {
                K1.fixed_points(70.0).len() as f64
            }),
            Part::Computed(
                "most calls a second with a good state (fold)",
                69.371_737,
                || K1.fold().1,
            ),
            Part::Computed("calls and retries a second there", 78.268_480, || {
                K1.fold().0
            }),
            steady(
                &service(mean_field!("30", "0", "230"), "5000s", "300s"),
                &[ask(
                    "calls a second at 30, from 230 callers",
                    dependency("calls").per(5_000.0),
                    Mean(30.027_456_780),
                )],
            ),
            steady(
                &service(mean_field!("30", "0", "2060"), "200s", "300s"),
                &[
                    ask(
                        "calls a second at 30, from 2,060 callers",
                        dependency("calls").per(200.0),
                        Mean(120.0),
                    ),
                    ask(
                        "calls in time at 30, from 2,060 callers",
                        dependency("calls_good"),
                        Always(0.0),
                    ),
                ],
            ),
        ],
    },
    Row {
        id: "K5",
        about: "one server, callers that never give up",
        source: "retrial queue M/M/1/1: E[orbit] = ρ(ρ + λ/θ)/(1 − ρ) (Falin and Templeton, 1997)",
        parts: &[
            steady(
                &service(retrial!("0.7", "2m"), "100000m", "1000m"),
                &[
                    ask("P(busy) at 0.7 calls a minute", QUEUE, Mean(0.7)),
                    ask("callers about to retry at 0.7", ORBIT, Mean(4.9)),
                    ask(
                        "callers lost at 0.7",
                        dependency("callers_lost"),
                        Always(0.0),
                    ),
                ],
            ),
            steady(
                &service(retrial!("0.5", "30s"), "100000m", "1000m"),
                &[
                    ask("P(busy) at 0.5 calls a minute", QUEUE, Mean(0.5)),
                    ask("callers about to retry at 0.5", ORBIT, Mean(0.75)),
                    ask(
                        "callers lost at 0.5",
                        dependency("callers_lost"),
                        Always(0.0),
                    ),
                ],
            ),
        ],
    },
    Row {
        id: "K6",
        about: "C1 where lost requests are retried after 5 minutes on average, without end",
        source: "retrial queue M/M/5/5, its chain truncated where nothing is left (Falin and Templeton, 1997)",
        parts: &[Part::Simulated(Run {
            world: STEADY,
            changes: &[
                ("pools.r/i.provision.latency", "{exponential: {mean: 12m}}"),
                (
                    "demand.all.retry",
                    "{probability: 100%, delay: {exponential: {mean: 5m}}, tries: unlimited}",
                ),
            ],
            made: none,
            replications: BATCHES,
            asks: &[
                ask(
                    "P(empty)",
                    pool("empty_s").per(24_000_000.0),
                    Mean(0.196_585_925_7),
                ),
                // Each caller retries at a rate of 0.2 a minute, so that retries a minute are a fifth of the callers.
                ask(
                    "requests about to be retried",
                    class("requests_repeated").per(80_000.0),
                    Mean(0.632_925_012_9),
                ),
                ask("workers on order", pool("pending_mean"), Mean(3.0)),
            ],
        })],
    },
];
