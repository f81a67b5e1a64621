//! Storms of callers that retry at a service: K4.

use crate::experiment::progress::Progress;
use crate::experiment::rare_congestion::time_to_congestion;
use crate::experiment::replications::Replications;
use crate::experiment::verify::judge::Exact::{Always, Mean, UpTo};
use crate::experiment::verify::table::services::{ORBIT, QUEUE, lost, service, steady};
use crate::experiment::verify::value::{Value, dependency};
use crate::experiment::verify::worlds::SERVICE;
use crate::experiment::verify::{Part, Row, Study, Uncounted, ask, drawn_template, run};
use crate::kernel::random::Seed;
use crate::model::id::DependencyId;
use crate::stats::Estimate;

/// The chain of K4: 10 calls a minute are served, callers time out after a minute and retry after one on average.
/// Lateness is decided by the position in the queue, so that the chain has two numbers.
macro_rules! storm {
    ($calls:literal, $again:literal) => {
        storm!($calls, $again, "10", "20")
    };
    ($calls:literal, $again:literal, $capacity:literal, $queue:literal) => {
        concat!(
            "{capacity: ",
            $capacity,
            "/min, queue: ",
            $queue,
            ", timeout: 1m, late: position, load: ",
            $calls,
            "/min, retry: {probability: ",
            $again,
            ", delay: {exponential: {mean: 1m}}, tries: unlimited}, initial: {queue: ",
            $queue,
            ", waiting: 15}, calm: {queue: 5, waiting: 5}}"
        )
    };
}

/// The same chain from an empty service to a queue of 15, which is full: below it, the room beyond does not matter.
macro_rules! storm_to_come {
    ($calls:literal, $again:literal) => {
        concat!(
            "{capacity: 10/min, queue: 15, timeout: 1m, late: position, load: ",
            $calls,
            "/min, retry: {probability: ",
            $again,
            ", delay: {exponential: {mean: 1m}}, tries: unlimited}, calm: {queue: 5, waiting: 5}}"
        )
    };
}

/// The mean time to congestion by splitting (min), in repeats of so many trials a level.
const fn rare(
    exact: &'static [(&'static str, f64)],
    estimates: fn(Replications, Seed, &dyn Progress) -> Vec<Estimate>,
) -> Part {
    Part::Studied(Study {
        replications: 20_000,
        exact,
        estimates,
    })
}

fn congested_after(
    dependency: &'static str,
    (replications, seed): (Replications, Seed),
    progress: &dyn Progress,
) -> Vec<Estimate> {
    let scenario = drawn_template(&SERVICE, &service(dependency, "1d", "0s"), seed).base;
    let many = (replications.count.get(), replications.threads);
    let found = time_to_congestion(&scenario, DependencyId(0), many, seed, &Uncounted(progress));
    progress.completed(replications.count.get() as u64);
    let minutes = found.map(|it| it.mean_s.times(1.0 / 60.0));
    vec![minutes.unwrap_or_default()]
}

const CONGESTED: Value = dependency("congested_at_s");
const CONGESTED_OR_300: Value = dependency("congested_at_s").or(18_000.0).minutes();
const CALM: Value = dependency("first_calm_at_s").minutes();
const CHAIN: &str =
    "chain of queue and orbit, solved by elimination (Grassmann, Taksar and Heyman, 1985)";
const CALM_OR_3000: Value = dependency("first_calm_at_s").or(180_000.0).minutes();
const CALM_OR_20000: Value = dependency("first_calm_at_s").or(1_200_000.0).minutes();

const fn good(minutes: f64) -> Value {
    dependency("calls_good").per(minutes)
}

pub(crate) const ROWS: &[Row] = &[
    Row {
        id: "K4a",
        about: "a storm of 2 calls a minute, of which 75% of those that fail are retried; 10 are served",
        source: CHAIN,
        parts: &[
            run(
                SERVICE,
                &service(storm!("2", "75%"), "120m", "0s"),
                10_000,
                &[
                    ask("congested from the start", CONGESTED, Always(0.0)),
                    ask("mean time to recover, min", CALM, Mean(12.393_465_266)),
                ],
            ),
            steady(
                &service(storm!("2", "75%"), "100000m", "1000m"),
                &[
                    ask(
                        "calls in time a minute",
                        good(100_000.0),
                        Mean(1.999_831_443_022),
                    ),
                    ask(
                        "callers lost a minute",
                        lost(100_000.0),
                        Mean(0.000_168_556_978),
                    ),
                    ask("calls queued", QUEUE, Mean(0.250_107_381_7)),
                    ask("callers about to retry", ORBIT, Mean(0.000_505_670_93)),
                ],
            ),
        ],
    },
    Row {
        id: "K4c",
        about: "the same with 3 calls a minute",
        source: CHAIN,
        parts: &[
            run(
                SERVICE,
                &service(storm!("3", "75%"), "300m", "0s"),
                10_000,
                &[ask("mean time to recover, min", CALM, Mean(25.778_103_106))],
            ),
            steady(
                &service(storm!("3", "75%"), "100000m", "1000m"),
                &[
                    ask(
                        "calls in time a minute",
                        good(100_000.0),
                        Mean(2.999_296_476_060),
                    ),
                    ask(
                        "callers lost a minute",
                        lost(100_000.0),
                        Mean(0.000_703_523_940),
                    ),
                    ask("calls queued", QUEUE, Mean(0.429_302_065_2)),
                    ask("callers about to retry", ORBIT, Mean(0.002_110_571_8)),
                ],
            ),
        ],
    },
    Row {
        id: "K4f",
        about: "the same with 5 calls a minute, half of those that fail retried",
        source: CHAIN,
        parts: &[
            run(
                SERVICE,
                &service(storm!("5", "50%"), "150m", "0s"),
                10_000,
                &[ask("mean time to recover, min", CALM, Mean(14.184_000_286))],
            ),
            steady(
                &service(storm!("5", "50%"), "100000m", "1000m"),
                &[
                    ask(
                        "calls in time a minute",
                        good(100_000.0),
                        Mean(4.977_081_154_245),
                    ),
                    ask(
                        "callers lost a minute",
                        lost(100_000.0),
                        Mean(0.022_918_845_755),
                    ),
                    ask("calls queued", QUEUE, Mean(1.027_187_213_8)),
                    ask("callers about to retry", ORBIT, Mean(0.022_918_845_8)),
                ],
            ),
        ],
    },
    Row {
        id: "K4g",
        about: "the same with 4.5, 5 and 6 calls a minute, 75% retried: a storm that lasts; horizons cut some off",
        // Where a horizon cuts some storms off, what is exact is E[min(T, horizon)] and P(T ≤ horizon), by the chain
        // whose E[T] is 318.077, 1,116.638 and 18,728.983 minutes.
        source: CHAIN,
        parts: &[
            run(
                SERVICE,
                &service(storm!("4.5", "75%"), "3000m", "0s"),
                1_000,
                &[ask(
                    "mean time to recover at 4.5, min",
                    CALM_OR_3000,
                    Mean(318.058_218_974),
                )],
            ),
            run(
                SERVICE,
                &service(storm!("5", "75%"), "3000m", "0s"),
                1_000,
                &[
                    ask(
                        "mean time to recover at 5, 3,000 min at most",
                        CALM_OR_3000,
                        Mean(1_042.156_974_037),
                    ),
                    ask(
                        "P(recovered by 3,000 min) at 5",
                        CALM,
                        UpTo(3_000.0, 0.932_779_169_6),
                    ),
                ],
            ),
            run(
                SERVICE,
                &service(storm!("6", "75%"), "20000m", "0s"),
                80,
                &[
                    ask(
                        "mean time to recover at 6, 20,000 min at most",
                        CALM_OR_20000,
                        Mean(12_292.610_858_565),
                    ),
                    ask(
                        "P(recovered by 20,000 min) at 6",
                        CALM,
                        UpTo(20_000.0, 0.656_263_234_6),
                    ),
                ],
            ),
        ],
    },
    Row {
        id: "K4h",
        about: "goodput of the same, which become congested and recover",
        // Warm-ups are many times 1/(1/recovery + 1/time to congestion): 309, 801 and 324 minutes.
        source: CHAIN,
        parts: &[
            steady(
                &service(storm!("4.5", "75%"), "50000m", "5000m"),
                &[
                    ask(
                        "calls in time a minute at 4.5",
                        good(50_000.0),
                        Mean(4.441_534_704_653),
                    ),
                    ask(
                        "callers lost a minute at 4.5",
                        lost(50_000.0),
                        Mean(0.058_465_295_347),
                    ),
                    ask("calls queued at 4.5", QUEUE, Mean(1.049_937_723)),
                    ask("callers about to retry at 4.5", ORBIT, Mean(0.175_395_886)),
                ],
            ),
            steady(
                &service(storm!("5", "75%"), "30000m", "10000m"),
                &[
                    ask(
                        "calls in time a minute at 5",
                        good(30_000.0),
                        Mean(4.070_562_516_619),
                    ),
                    ask(
                        "callers lost a minute at 5",
                        lost(30_000.0),
                        Mean(0.929_437_483_381),
                    ),
                    ask("calls queued at 5", QUEUE, Mean(4.424_013_687)),
                    ask("callers about to retry at 5", ORBIT, Mean(2.788_312_450)),
                ],
            ),
            steady(
                &service(storm!("6", "75%"), "25000m", "5000m"),
                &[
                    ask(
                        "calls in time a minute at 6",
                        good(25_000.0),
                        Mean(0.208_893_395_260),
                    ),
                    ask(
                        "callers lost a minute at 6",
                        lost(25_000.0),
                        Mean(5.791_106_604_740),
                    ),
                    ask("calls queued at 6", QUEUE, Mean(18.913_367_483)),
                    ask("callers about to retry at 6", ORBIT, Mean(17.373_319_814)),
                ],
            ),
        ],
    },
    Row {
        id: "K4t",
        about: "the same from an empty service, without a call or a caller about to retry, to a queue of 15",
        source: "first passage of the same chain, by elimination (Grassmann, Taksar and Heyman, 1985)",
        parts: &[
            run(
                SERVICE,
                &service(storm_to_come!("6", "75%"), "300m", "0s"),
                2_000,
                &[
                    ask(
                        "mean time to congestion at 6, 300 min at most",
                        CONGESTED_OR_300,
                        Mean(198.319_332_229),
                    ),
                    ask(
                        "P(congested by 300 min) at 6",
                        CONGESTED.minutes(),
                        UpTo(300.0, 0.596_495_348),
                    ),
                ],
            ),
            rare(
                &[(
                    "mean time to congestion at 2, by splitting, min",
                    1.105_724_476e9,
                )],
                |n, seed, progress| {
                    congested_after(storm_to_come!("2", "75%"), (n, seed), progress)
                },
            ),
            rare(
                &[(
                    "mean time to congestion at 3, by splitting, min",
                    3.036_252_149e6,
                )],
                |n, seed, progress| {
                    congested_after(storm_to_come!("3", "75%"), (n, seed), progress)
                },
            ),
            rare(
                &[(
                    "mean time to congestion at 4.5, by splitting, min",
                    11_003.127_587,
                )],
                |n, seed, progress| {
                    congested_after(storm_to_come!("4.5", "75%"), (n, seed), progress)
                },
            ),
            rare(
                &[(
                    "mean time at 5, half retried, by splitting, min",
                    4_871.220_724,
                )],
                |n, seed, progress| {
                    congested_after(storm_to_come!("5", "50%"), (n, seed), progress)
                },
            ),
        ],
    },
    Row {
        id: "K4s",
        about: "a queue of 80 calls and 15 callers: what ends a storm of 6 calls a minute",
        source: "first passage of the same chain, by banded elimination; from 80 calls and 15 callers to 5 and 5",
        parts: &[
            run(
                SERVICE,
                &service(storm!("6", "75%", "25", "80"), "3000m", "0s"),
                1_000,
                &[ask(
                    "capacity × 2.5: mean time to recover, min",
                    CALM,
                    Mean(105.001_493_479),
                )],
            ),
            run(
                SERVICE,
                &service(storm!("6", "75%", "30", "80"), "1000m", "0s"),
                2_000,
                &[ask(
                    "capacity × 3: mean time to recover, min",
                    CALM,
                    Mean(24.852_429_325),
                )],
            ),
            run(
                SERVICE,
                &service(storm!("2", "75%", "10", "80"), "4000m", "0s"),
                1_000,
                &[ask(
                    "a third of the calls: mean time to recover, min",
                    CALM,
                    Mean(129.462_985_091),
                )],
            ),
            run(
                SERVICE,
                &service(storm!("1", "75%", "10", "80"), "2000m", "0s"),
                2_000,
                &[ask(
                    "a sixth of the calls: mean time to recover, min",
                    CALM,
                    Mean(48.376_846_016),
                )],
            ),
        ],
    },
];
