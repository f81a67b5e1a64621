//! Alerts (L), reserves (N), standbys (S) and requests that wait through an outage (W).

use crate::experiment::measure::Subject;
use crate::experiment::verify::judge::Exact::{Always, Mean, Occurs, UpTo};
use crate::experiment::verify::value::{Value, incident, of, pool};
use crate::experiment::verify::worlds::{OUTAGE, WAITING};
use crate::experiment::verify::{Row, ask, run};

const FAIL: Value = pool("first_lease_failure_at_s").minutes();
const PAGE: Value = incident("detected_after_s").minutes();
const WARNING: Value = pool("first_lease_failure_at_s")
    .minus(Subject::Incident, "detected_after_s")
    .minutes();

/// The primary, and the standby, which comes second by its name.
const SECOND: Value = of(Subject::Pool(1), "first_lease_failure_at_s").minutes();

const N: usize = 100_000;

pub(crate) const ROWS: &[Row] = &[
    Row {
        id: "L1",
        about: "a page at the fifth failed provisioning of A1, and the warning before the first failed lease",
        source: "Gamma(k, λ), and Gamma(S + 1 − k, λ) independent of it",
        // An attempt fails a millisecond after its lease, once; somebody is paged at once.
        parts: &[run(
            OUTAGE,
            &[
                ("pools.r/i.provision.latency", "1ms"),
                (
                    "alerts.page",
                    "{signal: failed_provisions, count: 5, cool_down: never}",
                ),
            ],
            N,
            &[
                ask("mean time to the page, min", PAGE, Mean(20.0)),
                ask("P(page by 7.88 min)", PAGE, UpTo(7.880_598_272, 0.05)),
                ask("P(page by 36.61 min)", PAGE, UpTo(36.614_076_107, 0.95)),
                ask("mean warning, min", WARNING, Mean(104.0)),
                ask(
                    "P(warning up to 62.49 min)",
                    WARNING,
                    UpTo(62.491_345_210, 0.01),
                ),
                ask(
                    "P(warning up to 72.87 min)",
                    WARNING,
                    UpTo(72.874_186_472, 0.05),
                ),
                ask(
                    "P(warning up to 102.67 min)",
                    WARNING,
                    UpTo(102.669_748_412, 0.5),
                ),
                ask("pages", incident("pages"), Always(1.0)),
            ],
        )],
    },
    Row {
        id: "L2",
        about: "a page at two failures within ten minutes, of a pool without workers",
        source: "1/λ + 1/(λ(1 − exp(−λw)))",
        parts: &[run(
            OUTAGE,
            &[
                ("clock.horizon", "250m"),
                ("pools.r/i.target", "0"),
                (
                    "alerts.page",
                    "{signal: failed_leases, count: 2, window: 10m, cool_down: never}",
                ),
            ],
            200_000,
            &[ask("mean time to the page, min", PAGE, Mean(8.357_701_959))],
        )],
    },
    Row {
        id: "N1",
        about: "non-essential requests (0.10 a minute) are rejected from 10 workers on, customers' (0.15) are not",
        source: "Gamma(20, 0.25) + Gamma(11, 0.15), by convolution",
        parts: &[run(
            OUTAGE,
            &[
                ("clock.horizon", "600m"),
                ("demand.all.source.requests.rate", "0.15/min"),
                ("demand.all.source.requests.hold", "60d"),
                (
                    "demand.other",
                    "{pool: r/i, essential: false, reserve: 10, source: {requests: {rate: 0.1/min, hold: 60d}}}",
                ),
            ],
            200_000,
            &[
                ask(
                    "mean time to the first failed customer, min",
                    FAIL,
                    Mean(153.333_333_333_3),
                ),
                ask("P(fail by 95.40 min)", FAIL, UpTo(95.397_445_865_3, 0.01)),
                ask("P(fail by 151.48 min)", FAIL, UpTo(151.475_618_918_8, 0.5)),
                ask("P(fail by 227.67 min)", FAIL, UpTo(227.665_441_789_3, 0.99)),
            ],
        )],
    },
    Row {
        id: "S1",
        about: "a standby of 20 workers that is switched on at 100 minutes of A1",
        source: "Poisson counts of both phases, by quadrature",
        parts: &[run(
            OUTAGE,
            &[
                ("regions.s", "{}"),
                (
                    "pools.s/i",
                    "{target: 20, provision: {latency: 8m, timeout: never}, replenish: {counts: ready_and_pending, \
                     in_flight_max: unlimited, retry: {initial: 30d, max: 30d}}, lease: {on_empty: reject}, \
                     standby: {for: r/i, share: 100%, activation: 0s, warm: true}}",
                ),
                ("outages.blackout.regions", "[r, s]"),
                ("playbook.switch", "{at: +100m, do: {activate: s/i}}"),
            ],
            N,
            &[
                // Once the standby is on, it is the first choice, and all later failures occur there.
                ask("P(any failed before)", FAIL, Occurs(0.136_691_130_8)),
                ask(
                    "failed before",
                    pool("failed_leases"),
                    Mean(0.451_863_974_0),
                ),
                ask(
                    "mean time of the second depletion, min",
                    SECOND,
                    Mean(205.807_455_896),
                ),
                ask(
                    "P(second depletion by 300 min)",
                    SECOND,
                    UpTo(300.0, 0.998_597_151_4),
                ),
            ],
        )],
    },
    Row {
        id: "W1",
        about: "requests of A1 wait for 10 minutes; at 180 minutes the provider works at once",
        source: "E[(N(170) − S)⁺] and E[(N(180) − S)⁺] of a Poisson process",
        parts: &[
            // Failed orders are not retried, so supply is instant at the end of the outage and nowhere else: thirty
            // fresh orders then, for those who wait.
            run(
                WAITING,
                &[
                    ("clock.horizon", "181m"),
                    ("outages.blackout.until", "+180m"),
                    (
                        "playbook.supply",
                        "{at: +180m, do: {set_target: {pool: r/i, to: 60}}}",
                    ),
                ],
                N,
                &[
                    ask(
                        "requests that time out",
                        pool("failed_leases"),
                        Mean(12.548_196_690_9),
                    ),
                    ask(
                        "requests that are served late",
                        pool("delayed_leases"),
                        Mean(2.469_561_227_0),
                    ),
                ],
            ),
            run(
                WAITING,
                &[],
                N,
                &[ask(
                    "mean time to the first timeout, min",
                    FAIL,
                    Mean(134.0),
                )],
            ),
        ],
    },
];
