//! Base stock in ordinary times: C with lost requests, D with requests that wait, E with those that give up.

use crate::experiment::measure::Subject;
use crate::experiment::verify::judge::Exact::{IsZero, Mean};
use crate::experiment::verify::value::{Value, class, pool};
use crate::experiment::verify::worlds::{OUTAGE, STEADY};
use crate::experiment::verify::{Ask, Row, ask, run};

/// Replications that stand for batches of a longer one.
pub(super) const BATCHES: usize = 40;

const LOSS: Value = pool("failed_leases").over("requests");
const WAITS: Value = pool("hit_rate").complement();
const WAIT: Value = pool("wait_mean_s").minutes();
const ON_HAND: Value = pool("ready_mean");
const ON_ORDER: Value = pool("pending_mean");

const ERLANG_LOSS: &str =
    "Erlang's loss formula B(S, λL) (Erlang, 1917), for any lead time (Sevastyanov, 1957)";

const C1: &[Ask] = &[
    ask("share of requests lost", LOSS, Mean(0.110_054_347_8)),
    ask("workers on order", ON_ORDER, Mean(2.669_836_957)),
    ask("workers on hand", ON_HAND, Mean(2.330_163_043)),
    ask(
        "requests served a minute",
        pool("requests")
            .minus(Subject::Pool(0), "failed_leases")
            .per(400_000.0),
        Mean(0.222_486_413_04),
    ),
];

pub(crate) const ROWS: &[Row] = &[
    Row {
        id: "C1",
        about: "5 workers, 0.25 requests a minute, 12 minutes to provision; lost requests",
        source: ERLANG_LOSS,
        parts: &[
            run(STEADY, &[], BATCHES, C1),
            run(
                STEADY,
                &[("pools.r/i.provision.latency", "{exponential: {mean: 12m}}")],
                BATCHES,
                C1,
            ),
            run(
                STEADY,
                &[(
                    "pools.r/i.provision.latency",
                    "{lognormal: {mean: 12m, sigma: 0.832554611}}",
                )],
                BATCHES,
                C1,
            ),
        ],
    },
    Row {
        id: "C5",
        about: "the least stock for a loss of 1% (8) and of 0.1% (10)",
        source: ERLANG_LOSS,
        parts: &[
            run(
                STEADY,
                &[("pools.r/i.target", "7")],
                BATCHES,
                &[ask("loss with 7", LOSS, Mean(0.021_864_315_3))],
            ),
            run(
                STEADY,
                &[("pools.r/i.target", "8")],
                BATCHES,
                &[ask("loss with 8", LOSS, Mean(0.008_132_439_4))],
            ),
            run(
                STEADY,
                &[("pools.r/i.target", "9")],
                BATCHES,
                &[ask("loss with 9", LOSS, Mean(0.002_703_484_5))],
            ),
            run(
                STEADY,
                &[("pools.r/i.target", "10")],
                BATCHES,
                &[ask("loss with 10", LOSS, Mean(0.000_810_388_1))],
            ),
        ],
    },
    Row {
        id: "C6",
        about: "the way of C1 from a full pool to its steady state, with exponential lead times",
        source: "transient solution of the chain by uniformization (Jensen, 1953)",
        parts: &[
            run(
                OUTAGE,
                &[("clock.horizon", "10m"), C6_STOCK, C6_LEAD, CALM],
                C6_N,
                &[
                    ask("P(empty at 10 min)", READY_END, IsZero(0.025_878_210_9)),
                    ask("lost by 10 min", LOST, Mean(0.018_006_354_4)),
                ],
            ),
            run(
                OUTAGE,
                &[("clock.horizon", "30m"), C6_STOCK, C6_LEAD, CALM],
                C6_N,
                &[
                    ask("P(empty at 30 min)", READY_END, IsZero(0.097_933_561_4)),
                    ask("lost by 30 min", LOST, Mean(0.370_202_115)),
                ],
            ),
            run(
                OUTAGE,
                &[("clock.horizon", "60m"), C6_STOCK, C6_LEAD, CALM],
                C6_N,
                &[
                    ask("P(empty at 60 min)", READY_END, IsZero(0.109_608_474_5)),
                    ask("lost by 60 min", LOST, Mean(1.168_990_273_1)),
                ],
            ),
            run(
                OUTAGE,
                &[("clock.horizon", "240m"), C6_STOCK, C6_LEAD, CALM],
                C6_N,
                &[
                    ask("P(empty at 240 min)", READY_END, IsZero(0.110_054_347_8)),
                    ask("lost by 240 min", LOST, Mean(6.120_427_324_6)),
                ],
            ),
        ],
    },
    Row {
        id: "D1",
        about: "C1 where requests wait, and each orders a worker",
        source: "orders are Poisson(λL) (Palm, 1938); P(W > x) = P(Poisson(λ(L − x)) ≥ S) for a fixed lead time",
        parts: &[
            run(
                STEADY,
                &[BACKORDERS, NEVER, ("demand.all.wait_limit", "1m")],
                BATCHES,
                &[
                    ask("P(wait)", WAITS, Mean(0.184_736_755_5)),
                    ask("mean wait, min", WAIT, Mean(0.538_482_225_1)),
                    // P(W > x) is 5% at x = 4.119 min, where a quantile of 100,000 waits is exact to three digits.
                    ask(
                        "95% quantile of the wait, min",
                        pool("wait_p95_s").minutes(),
                        Mean(4.119_401_73),
                    ),
                    ask("P(wait above 1 min)", LONGER, Mean(0.144_621_493_8)),
                ],
            ),
            run(
                STEADY,
                &[BACKORDERS, NEVER, ("demand.all.wait_limit", "3m")],
                BATCHES,
                &[ask("P(wait above 3 min)", LONGER, Mean(0.078_014_107_4))],
            ),
            run(
                STEADY,
                &[BACKORDERS, NEVER, ("demand.all.wait_limit", "6m")],
                BATCHES,
                &[ask("P(wait above 6 min)", LONGER, Mean(0.018_575_936_2))],
            ),
        ],
    },
    Row {
        id: "E1",
        about: "C1 where requests wait and give up after 5 minutes on average; they order nothing",
        source: "M/M/n+G (Zeltyn and Mandelbaum, 2005), with exponential patience (Palm, 1957)",
        parts: &[run(
            STEADY,
            &[
                ("pools.r/i.provision.latency", "{exponential: {mean: 12m}}"),
                ("pools.r/i.replenish.waiting_orders", "false"),
                (
                    "pools.r/i.lease",
                    "{on_empty: wait, wait_timeout: {exponential: {mean: 5m}}}",
                ),
            ],
            BATCHES,
            &[
                ask("P(wait)", WAITS, Mean(0.162_378_097_9)),
                ask("P(timeout)", LOSS, Mean(0.064_387_563_4)),
                ask("mean wait, min", WAIT, Mean(0.321_937_817_0)),
                ask("workers on hand", ON_HAND, Mean(2.193_162_690_2)),
                ask("workers on order", ON_ORDER, Mean(2.806_837_309_8)),
            ],
        )],
    },
    Row {
        id: "E2",
        about: "the same with a timeout of exactly 5 minutes",
        source: "M/M/n+G (Zeltyn and Mandelbaum, 2005), with deterministic patience",
        parts: &[run(
            STEADY,
            &[
                ("pools.r/i.provision.latency", "{exponential: {mean: 12m}}"),
                ("pools.r/i.replenish.waiting_orders", "false"),
                ("pools.r/i.lease", "{on_empty: wait, wait_timeout: 5m}"),
            ],
            BATCHES,
            &[
                ask("P(wait)", WAITS, Mean(0.186_028_336_9)),
                ask("P(timeout)", LOSS, Mean(0.043_746_260_7)),
                ask("mean wait, min", WAIT, Mean(0.525_595_501_9)),
            ],
        )],
    },
    Row {
        id: "E3",
        about: "the same at 0.5 requests a minute, which order workers and cancel them when they give up",
        source: "stationary distribution of the birth-death chain",
        parts: &[run(
            STEADY,
            &[
                ("clock.horizon", "200000m"),
                ("pools.r/i.provision.latency", "{exponential: {mean: 12m}}"),
                ("pools.r/i.replenish.waiting_orders", "true"),
                ("pools.r/i.replenish.cancel_on_timeout", "true"),
                (
                    "pools.r/i.lease",
                    "{on_empty: wait, wait_timeout: {exponential: {mean: 5m}}}",
                ),
                ("demand.all.source.requests.rate", "0.5/min"),
            ],
            BATCHES,
            &[
                ask("P(wait)", WAITS, Mean(0.562_683_467_1)),
                ask("P(timeout)", LOSS, Mean(0.211_150_031_1)),
                ask("mean wait, min", WAIT, Mean(1.055_750_155_4)),
            ],
        )],
    },
];

const READY_END: Value = pool("ready_end");
const LOST: Value = pool("failed_leases");
const LONGER: Value = class("waited_longer_share");
const C6_N: usize = 200_000;
const C6_STOCK: (&str, &str) = ("pools.r/i.target", "5");
const C6_LEAD: (&str, &str) = ("pools.r/i.provision.latency", "{exponential: {mean: 12m}}");
const CALM: (&str, &str) = ("outages", "{}");
const BACKORDERS: (&str, &str) = ("pools.r/i.replenish.waiting_orders", "true");
const NEVER: (&str, &str) = ("pools.r/i.lease", "{on_empty: wait, wait_timeout: never}");
