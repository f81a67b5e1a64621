//! Decisions where values are not known, and in ordinary times: Q.

use crate::experiment::information::value_of_information;
use crate::experiment::progress::Progress;
use crate::experiment::replications::Replications;
use crate::experiment::requirement::Requirement;
use crate::experiment::simple_model::DemandLaw;
use crate::experiment::size::size_with;
use crate::experiment::verify::judge::Exact::{IsZero, Mean, Occurs, UpTo};
use crate::experiment::verify::table::stock::BATCHES;
use crate::experiment::verify::value::{Value, incident, pool};
use crate::experiment::verify::worlds::{DRAWN, OUTAGE, STEADY, THREE};
use crate::experiment::verify::{Part, Row, Study, ask, counted, drawn_template, run};
use crate::kernel::random::Seed;
use crate::scenario::vary::design::{Plan, SweepSpec};
use crate::stats::Estimate;

const FAIL: Value = pool("first_lease_failure_at_s").minutes();
const EMPTY: Value = pool("pool_empty_at_s").minutes();
const PAGE: Value = incident("detected_after_s").minutes();
const HITS: Value = pool("hit_rate");
/// Failed leases of the pool that has most.
const ANY_FAILED: Value = pool("failed_leases_in_outage").most_of_pools();

const N: usize = 20_000;

const NEGATIVE_BINOMIAL: &str =
    "requests of a gamma rate are negative binomial (Greenwood and Yule, 1920)";
const CONJUGATE: &str =
    "(b + t) BetaPrime(k + 1, a + n): gamma rate, Poisson counts (Raiffa and Schlaifer, 1961)";

/// A random length; a pool is judged by what was requested within it.
const LENGTH: (&str, &str) = (
    "outages.blackout",
    "{regions: [r], operations: [create], from: +0s, lasting: {lognormal: {p50: 120m, sigma: 0.6}}, failure: 100%, \
     judged: completion}",
);

/// Ordinary times of Q7: 1.5 requests a minute, 2.5 minutes to provision.
const fn calm(target: &'static str) -> [(&'static str, &'static str); 5] {
    [
        ("pools.r/i.provision.latency", "2.5m"),
        ("demand.all.source.requests.rate", "1.5/min"),
        ("pools.r/i.target", target),
        ("clock.horizon", "20000m"),
        ("clock.warm_up", "100m"),
    ]
}

const fn calm_waiting(target: &'static str) -> [(&'static str, &'static str); 7] {
    let [latency, rate, target, horizon, warm_up] = calm(target);
    [
        latency,
        rate,
        target,
        horizon,
        warm_up,
        ("pools.r/i.lease", "{on_empty: wait, wait_timeout: never}"),
        ("pools.r/i.replenish.waiting_orders", "true"),
    ]
}

/// Failures of ordinary times at a rate, and a page at so many of them.
const fn pages(rate: &'static str, alert: &'static str) -> [(&'static str, &'static str); 4] {
    [
        ("clock.horizon", "25000m"),
        ("pools.r/i.target", "0"),
        ("demand.all.source.requests.rate", rate),
        ("alerts.page", alert),
    ]
}

pub(crate) const ROWS: &[Row] = &[
    Row {
        id: "Q1",
        about: "the risk of a buffer where the rate was counted: 23 requests in 96 minutes, or 4 in 16",
        source: NEGATIVE_BINOMIAL,
        parts: &[
            Part::Computed("P(N > 59) in 180 min", 0.079_320_614, || {
                DemandLaw::new(23.0, 96.0).more_than(59, 180.0)
            }),
            Part::Computed("least buffer for 1%", 72.0, || {
                f64::from(DemandLaw::new(23.0, 96.0).quantile(180.0, 0.99))
            }),
            Part::Computed("P(N > 43) in 120 min", 0.180_954_081, || {
                DemandLaw::new(4.0, 16.0).more_than(43, 120.0)
            }),
            Part::Computed("least buffer for 1%", 78.0, || {
                f64::from(DemandLaw::new(4.0, 16.0).quantile(120.0, 0.99))
            }),
            run(
                DRAWN,
                &[],
                10_000,
                &[ask("P(fail) with 59", FAIL, Occurs(0.079_320_614))],
            ),
            run(
                DRAWN,
                &[("pools.r/i.target", "72")],
                10_000,
                &[ask("P(fail) with 72", FAIL, Occurs(0.009_896_277))],
            ),
            run(
                DRAWN,
                &[
                    counted!("4", "16m"),
                    ("clock.horizon", "120m"),
                    ("pools.r/i.target", "43"),
                ],
                10_000,
                &[ask("P(fail) with 43", FAIL, Occurs(0.180_954_081))],
            ),
            run(
                DRAWN,
                &[
                    counted!("4", "16m"),
                    ("clock.horizon", "120m"),
                    ("pools.r/i.target", "78"),
                ],
                10_000,
                &[ask("P(fail) with 78", FAIL, Occurs(0.009_799_708))],
            ),
        ],
    },
    Row {
        id: "Q2",
        about: "three pools in one outage: P(none fails)",
        source: "product of Poisson distribution functions; over one random length, by quadrature",
        parts: &[
            run(
                THREE,
                &[],
                40_000,
                &[ask(
                    "74/42/26, 180 min",
                    ANY_FAILED,
                    IsZero(0.991_443_420_8),
                )],
            ),
            run(
                THREE,
                &[("pools.r/b.target", "41")],
                40_000,
                &[ask(
                    "74/41/26, 180 min",
                    ANY_FAILED,
                    IsZero(0.989_701_210_7),
                )],
            ),
            run(
                THREE,
                &[
                    ("clock.horizon", "3000m"),
                    LENGTH,
                    ("pools.r/a.target", "153"),
                    ("pools.r/b.target", "81"),
                    ("pools.r/c.target", "47"),
                ],
                20_000,
                &[ask(
                    "153/81/47, one random length",
                    ANY_FAILED,
                    IsZero(0.990_006_293_9),
                )],
            ),
        ],
    },
    Row {
        id: "Q3",
        about: "what it is worth to know the rate of Q1, or to count requests for some time",
        source: "EVPI and EVSI by the negative binomial law and quadrature (Raiffa and Schlaifer, 1961)",
        parts: &[
            Part::Studied(Study {
                replications: 10_000,
                exact: &[
                    ("cost now: 4 in 16 min, loss 100", 60.4872),
                    ("value of knowing the rate", 17.7636),
                    ("value of counting for 10 min", 3.9415),
                    ("value of counting for 30 min", 8.0629),
                    ("value of counting for 60 min", 10.9619),
                    ("value of counting for 240 min", 15.2553),
                    ("value of counting for 1,440 min", 17.2740),
                ],
                estimates: |replications, seed, progress| {
                    let changes = [counted!("4", "16m"), ("clock.horizon", "120m")];
                    worth(&changes, 100.0, (replications, seed), progress)
                },
            }),
            Part::Studied(Study {
                replications: 10_000,
                exact: &[
                    ("cost now: 23 in 96 min, loss 500", 76.9099),
                    ("value of knowing the rate", 14.0635),
                    ("value of counting for 10 min", 1.0485),
                    ("value of counting for 30 min", 2.7304),
                    ("value of counting for 60 min", 4.5485),
                    ("value of counting for 240 min", 9.1631),
                    ("value of counting for 1,440 min", 12.8896),
                ],
                estimates: |replications, seed, progress| {
                    worth(&[], 500.0, (replications, seed), progress)
                },
            }),
        ],
    },
    Row {
        id: "Q5",
        about: "mean time to a false page, where failures of ordinary times are Poisson",
        source: "k = 2: (1/ρ)(1 + 1/(1 − exp(−ρw))); k = 3: an integral equation (scan statistic; Naus, 1982)",
        parts: &[
            run(
                OUTAGE,
                &pages(
                    "2/h",
                    "{signal: failed_leases, count: 2, window: 10m, cool_down: never}",
                ),
                PAGED,
                &[ask(
                    "2 within 10 min, one in 30 min, min",
                    PAGE,
                    Mean(135.831_794_195),
                )],
            ),
            run(
                OUTAGE,
                &pages(
                    "2/h",
                    "{signal: failed_leases, count: 3, window: 10m, cool_down: never}",
                ),
                PAGED,
                &[ask(
                    "3 within 10 min, one in 30 min, min",
                    PAGE,
                    Mean(837.647),
                )],
            ),
            run(
                OUTAGE,
                &pages(
                    "1/h",
                    "{signal: failed_leases, count: 2, window: 30m, cool_down: never}",
                ),
                PAGED,
                &[ask(
                    "2 within 30 min, one in 60 min, min",
                    PAGE,
                    Mean(212.489_644_952),
                )],
            ),
            run(
                OUTAGE,
                &pages(
                    "1/h",
                    "{signal: failed_leases, count: 3, window: 30m, cool_down: never}",
                ),
                PAGED,
                &[ask(
                    "3 within 30 min, one in 60 min, min",
                    PAGE,
                    Mean(916.308),
                )],
            ),
        ],
    },
    Row {
        id: "Q6",
        about: "time to the first failed lease after a look: n requests in t minutes, k workers ready",
        source: CONJUGATE,
        parts: &[
            run(
                DRAWN,
                &[counted!("2", "20m"), HORIZON, ("pools.r/i.target", "20")],
                N,
                &[
                    ask(
                        "P(fail in 60 min), no look, 20 ready",
                        FAIL,
                        UpTo(60.0, 0.014_865_056),
                    ),
                    ask("P(fail by 80.95 min)", FAIL, UpTo(80.9478, 0.05)),
                    ask("P(fail by 246.23 min)", FAIL, UpTo(246.2266, 0.5)),
                    ask("P(fail by 1,199.70 min)", FAIL, UpTo(1_199.696_9, 0.95)),
                    ask("P(empty by 234.31 min)", EMPTY, UpTo(234.3112, 0.5)),
                ],
            ),
            run(
                DRAWN,
                &[counted!("10", "80m"), HORIZON, ("pools.r/i.target", "12")],
                N,
                &[
                    ask(
                        "P(fail in 60 min), 8 in 60 min, 12 ready",
                        FAIL,
                        UpTo(60.0, 0.093_536_881),
                    ),
                    ask("P(fail by 52.27 min)", FAIL, UpTo(52.2655, 0.05)),
                    ask("P(fail by 104.82 min)", FAIL, UpTo(104.8172, 0.5)),
                    ask("P(fail by 214.86 min)", FAIL, UpTo(214.8622, 0.95)),
                    ask("P(empty by 96.54 min)", EMPTY, UpTo(96.5445, 0.5)),
                ],
            ),
            run(
                DRAWN,
                &[counted!("20", "130m"), HORIZON, ("pools.r/i.target", "2")],
                N,
                &[
                    ask(
                        "P(fail in 60 min), 18 in 110 min, 2 ready",
                        FAIL,
                        UpTo(60.0, 0.985_713_344),
                    ),
                    ask("P(fail by 5.17 min)", FAIL, UpTo(5.1665, 0.05)),
                    ask("P(fail by 17.68 min)", FAIL, UpTo(17.6776, 0.5)),
                    ask("P(fail by 45.55 min)", FAIL, UpTo(45.5491, 0.95)),
                    ask("P(empty by 11.10 min)", EMPTY, UpTo(11.0964, 0.5)),
                ],
            ),
            run(
                DRAWN,
                &[counted!("7", "78.43m"), HORIZON, ("pools.r/i.target", "4")],
                N,
                &[
                    ask(
                        "P(fail in 60 min), 4 in 45 min, 4 ready",
                        FAIL,
                        UpTo(60.0, 0.558_764_230),
                    ),
                    ask("P(fail by 19.56 min)", FAIL, UpTo(19.5556, 0.05)),
                    ask("P(fail by 54.93 min)", FAIL, UpTo(54.9295, 0.5)),
                    ask("P(fail by 145.78 min)", FAIL, UpTo(145.7764, 0.95)),
                    ask("P(empty by 43.19 min)", EMPTY, UpTo(43.1857, 0.5)),
                ],
            ),
        ],
    },
    Row {
        id: "Q7",
        about: "hit rates in ordinary times: 1.5 requests a minute, 2.5 minutes to provision",
        source: "1 − B(S, λL) (Erlang, 1917) where others are lost; P(Poisson(λL) < S) (Palm, 1938) where they wait",
        parts: &[
            run(
                STEADY,
                &calm("2"),
                BATCHES,
                &[ask("2, lost", HITS, Mean(0.403_183_023_9))],
            ),
            run(
                STEADY,
                &calm("8"),
                BATCHES,
                &[ask("8, lost", HITS, Mean(0.976_847_072_7))],
            ),
            run(
                STEADY,
                &calm("9"),
                BATCHES,
                &[ask(
                    "9, lost: the least for 99%",
                    HITS,
                    Mean(0.990_445_123_4),
                )],
            ),
            run(
                STEADY,
                &calm_waiting("2"),
                BATCHES,
                &[ask("2, waiting", HITS, Mean(0.111_709_292_8))],
            ),
            run(
                STEADY,
                &calm_waiting("9"),
                BATCHES,
                &[ask("9, waiting", HITS, Mean(0.985_188_658_9))],
            ),
            run(
                STEADY,
                &calm_waiting("10"),
                BATCHES,
                &[ask(
                    "10, waiting: the least for 99%",
                    HITS,
                    Mean(0.994_692_826_2),
                )],
            ),
        ],
    },
];

const PAGED: usize = 20_000;
const HORIZON: (&str, &str) = ("clock.horizon", "1300m");

/// The cost of the best level now, the value of knowing the rate, and of counting requests for each time.
fn worth(
    changes: &[(&'static str, &'static str)],
    loss: f64,
    (replications, seed): (Replications, Seed),
    progress: &dyn Progress,
) -> Vec<Estimate> {
    let template = drawn_template(&DRAWN, changes, seed);
    let spec = SweepSpec {
        axes: vec!["pools.r/i.target=0..160:1".to_owned()],
        ..SweepSpec::default()
    };
    let plan = Plan::new(template, &spec).expect("levels of the table");
    let requirement = Requirement::no_failed_lease(0, 0.01);
    let sizing = size_with(&plan, requirement, replications, seed, progress);
    let scenario = plan.scenario(0);
    let found = value_of_information(&scenario, &sizing, (1.0, Some(loss)), seed);
    let Ok(found) = found else {
        return Vec::new();
    };
    let counting = found.watching.iter().flat_map(|(_, times)| times);
    let counting = counting.map(|(_, estimate)| *estimate);
    [found.now.cost, found.all]
        .into_iter()
        .chain(counting)
        .collect()
}
