//! A pool that is not replenished: A with Poisson demand, B with demand that varies and bursts.

use crate::experiment::verify::judge::Exact::{IsZero, Law, Mean, Occurs, UpTo};
use crate::experiment::verify::value::{Value, pool};
use crate::experiment::verify::worlds::OUTAGE;
use crate::experiment::verify::{Ask, Part, Row, Run, ask, run};

const EMPTY: Value = pool("pool_empty_at_s").minutes();
const FAIL: Value = pool("first_lease_failure_at_s").minutes();

/// Distribution function of the time of so many requests at a rate (1/min): that as many or more have come.
fn erlang(requests: u32, rate: f64, at: f64) -> f64 {
    let mut term = libm::exp(-rate * at);
    let mut fewer = 0.0;
    for count in 1..=requests {
        fewer += term;
        term *= rate * at / f64::from(count);
    }
    1.0 - fewer
}

const N: usize = 200_000;

pub(crate) const ROWS: &[Row] = &[
    Row {
        id: "A1",
        about: "30 workers, 0.25 requests a minute, nothing provisioned",
        source: "time of the Sth and of the (S + 1)th request of a Poisson process (Erlang, 1909)",
        parts: &[
            run(
                OUTAGE,
                &[],
                N,
                &[
                    ask("mean time to empty, min", EMPTY, Mean(120.0)),
                    ask("P(empty by 74.97 min)", EMPTY, UpTo(74.969_703_06, 0.01)),
                    ask("P(empty by 118.67 min)", EMPTY, UpTo(118.669_332_55, 0.5)),
                    ask("P(empty by 176.76 min)", EMPTY, UpTo(176.758_837_80, 0.99)),
                    ask(
                        "law of the time to empty",
                        EMPTY,
                        Law(|at| erlang(30, 0.25, at)),
                    ),
                    ask(
                        "mean time to the first failed lease, min",
                        FAIL,
                        Mean(124.0),
                    ),
                    ask("P(fail by 78.13 min)", FAIL, UpTo(78.126_666_39, 0.01)),
                    ask("P(fail by 89.78 min)", FAIL, UpTo(89.778_047_13, 0.05)),
                    ask("P(fail by 122.67 min)", FAIL, UpTo(122.669_245_55, 0.5)),
                    ask("P(fail by 162.76 min)", FAIL, UpTo(162.762_030_38, 0.95)),
                    ask("P(fail by 181.60 min)", FAIL, UpTo(181.603_064_06, 0.99)),
                    ask(
                        "law of the time to fail",
                        FAIL,
                        Law(|at| erlang(31, 0.25, at)),
                    ),
                ],
            ),
            run(
                OUTAGE,
                &[("clock.horizon", "120m")],
                N,
                &[
                    ask("P(fail in 2 h)", FAIL, Occurs(0.451_648_487_4)),
                    ask("P(empty in 2 h)", EMPTY, Occurs(0.524_283_013_9)),
                    ask(
                        "failed leases in 2 h",
                        pool("failed_leases"),
                        Mean(2.179_035_794_1),
                    ),
                    ask(
                        "minutes empty in 2 h",
                        pool("empty_s").minutes(),
                        Mean(8.716_143_176_6),
                    ),
                ],
            ),
        ],
    },
    Row {
        id: "A5",
        about: "the same, where orders in flight are lost and the pool starts lower",
        source: "A1 less the lead time: requests of the last 8 minutes are Poisson",
        parts: &[run(
            OUTAGE,
            &[("clock.warm_up", "2h")],
            N,
            &[
                ask(
                    "mean time to the first failed lease, min",
                    FAIL,
                    Mean(116.0),
                ),
                ask("P(fail by 70.13 min)", FAIL, UpTo(70.126_666_39, 0.01)),
                ask("P(fail by 114.67 min)", FAIL, UpTo(114.669_245_55, 0.5)),
                ask("P(fail by 173.60 min)", FAIL, UpTo(173.603_064_06, 0.99)),
            ],
        )],
    },
    Row {
        id: "A6",
        about: "the same in an outage of exponential length, 180 minutes on average",
        source: "competing exponentials: r = λ/(λ + δ), P(fail) = r^(S+1), E[failed] = r^S λ/δ",
        // One order of a thousand workers is under way when the outage begins and stalls until it ends.
        // From then on no request fails and the pool is never empty, so that all there is to count lies
        // before the end. The horizon cuts 15 outages in a million.
        parts: &[run(
            OUTAGE,
            &[
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
            ],
            60_000,
            &[
                ask("P(fail before the end)", FAIL, Occurs(0.505_935_489_8)),
                ask("P(empty before the end)", EMPTY, Occurs(0.517_178_500_7)),
                ask(
                    "failed leases",
                    pool("failed_leases"),
                    Mean(23.273_032_532_1),
                ),
                ask(
                    "minutes empty",
                    pool("empty_s").minutes(),
                    Mean(93.092_130_128_2),
                ),
            ],
        )],
    },
    Row {
        id: "A7",
        about: "100 workers, 2 requests a minute, nothing provisioned",
        source: "time of the Sth request of a Poisson process (Erlang, 1909); Poisson tails",
        parts: &[
            run(
                OUTAGE,
                &[
                    ("pools.r/i.target", "100"),
                    ("demand.all.source.requests.rate", "2/min"),
                ],
                40_000,
                &[
                    ask("mean time to empty, min", EMPTY, Mean(50.0)),
                    ask(
                        "law of the time to empty",
                        EMPTY,
                        Law(|at| erlang(100, 2.0, at)),
                    ),
                ],
            ),
            run(
                OUTAGE,
                &THE_SMALLEST_BUT_ONE,
                40_000,
                &[ask(
                    "P(empty in 1 h) with 146",
                    EMPTY,
                    Occurs(0.011_705_736_4),
                )],
            ),
            run(
                OUTAGE,
                &THE_SMALLEST,
                40_000,
                &[ask(
                    "P(empty in 1 h) with 147, the least for 1%",
                    EMPTY,
                    Occurs(0.009_333_886_2),
                )],
            ),
        ],
    },
    Row {
        id: "B1",
        about: "demand that rises like a sine, by 80% in six hours",
        source: "time change of a Poisson process: P(Gamma(S + 1, 1) ≤ Λ(t)); knots every 10 minutes",
        parts: &[Part::Simulated(Run {
            world: OUTAGE,
            changes: &[],
            made: sine,
            replications: N,
            asks: &[
                ask(
                    "mean time to the first failed lease, min",
                    FAIL,
                    Mean(104.758_453_8),
                ),
                ask("P(fail by 69.71 min)", FAIL, UpTo(69.710_367_29, 0.01)),
                ask("P(fail by 104.08 min)", FAIL, UpTo(104.084_014_1, 0.5)),
                ask("P(fail by 145.76 min)", FAIL, UpTo(145.756_632_4, 0.99)),
            ],
        })],
    },
    Row {
        id: "B4",
        about: "two fifths of demand are shed at 74 minutes",
        source: "time change of a Poisson process",
        parts: &[run(
            OUTAGE,
            &SHED,
            N,
            &[
                ask(
                    "mean time to the first failed lease, min",
                    FAIL,
                    Mean(157.348_726_0),
                ),
                ask("P(fail by 80.88 min)", FAIL, UpTo(80.877_776_82, 0.01)),
                ask("P(fail by 155.12 min)", FAIL, UpTo(155.115_409_3, 0.5)),
                ask("P(fail by 253.34 min)", FAIL, UpTo(253.338_440_1, 0.99)),
            ],
        )],
    },
    Row {
        id: "B6",
        about: "demand in bursts: 0.1 or 0.55 requests a minute, for 60 and for 30 minutes on average",
        source: "Markov-modulated Poisson process of two states (Fischer and Meier-Hellstern, 1993)",
        parts: &[run(
            OUTAGE,
            &[
                ("clock.horizon", "1500m"),
                (
                    "demand.all.source.requests.bursts",
                    "{factor: 5.5, every: 60m, last: 30m}",
                ),
            ],
            N,
            &[
                ask(
                    "mean time to the first failed lease, min",
                    FAIL,
                    Mean(138.374_812_277),
                ),
                ask("P(fail by 43.09 min)", FAIL, UpTo(43.094_394_220_5, 0.01)),
                ask("P(fail by 129.83 min)", FAIL, UpTo(129.827_924_661_8, 0.5)),
                ask("P(fail by 306.63 min)", FAIL, UpTo(306.627_982_338_9, 0.99)),
            ],
        )],
    },
    Row {
        id: "B7",
        about: "the price of delay: three tenths of demand are shed at 60 or at 61 minutes of 180",
        source: "N ~ Poisson(λτ + λ(1 − s)(D − τ)); E[(N − S)⁺] by its series",
        parts: &[
            run(OUTAGE, &SHED_AT_60, N, DELAY_60),
            run(OUTAGE, &SHED_AT_61, N, DELAY_61),
        ],
    },
];

const THE_SMALLEST: [(&str, &str); 3] = [
    ("clock.horizon", "60m"),
    ("pools.r/i.target", "147"),
    ("demand.all.source.requests.rate", "2/min"),
];

const THE_SMALLEST_BUT_ONE: [(&str, &str); 3] = [
    ("clock.horizon", "60m"),
    ("pools.r/i.target", "146"),
    ("demand.all.source.requests.rate", "2/min"),
];

const SHED: [(&str, &str); 4] = [
    ("clock.horizon", "900m"),
    ("demand.all.source.requests.rate", "0.15/min"),
    (
        "demand.extra",
        "{pool: r/i, essential: false, source: {requests: {rate: 0.1/min, hold: 1ms}}}",
    ),
    ("playbook.shed", "{at: +74m, do: {shed: extra}}"),
];

const EXTRA: (&str, &str) = (
    "demand.extra",
    "{pool: r/i, essential: false, source: {requests: {rate: 0.075/min, hold: 1ms}}}",
);

const SHED_AT_60: [(&str, &str); 4] = [
    ("clock.horizon", "180m"),
    ("demand.all.source.requests.rate", "0.175/min"),
    EXTRA,
    ("playbook.shed", "{at: +60m, do: {shed: extra}}"),
];

const SHED_AT_61: [(&str, &str); 4] = [
    ("clock.horizon", "180m"),
    ("demand.all.source.requests.rate", "0.175/min"),
    EXTRA,
    ("playbook.shed", "{at: +61m, do: {shed: extra}}"),
];

/// Shed requests are not failed ones.
const DELAY_60: &[Ask] = &[
    ask(
        "failed leases, shed at 60 min",
        pool("failed_leases"),
        Mean(6.454_812_637),
    ),
    ask(
        "P(no failed lease)",
        pool("failed_leases"),
        IsZero(0.180_625_542_5),
    ),
];

const DELAY_61: &[Ask] = &[ask(
    "failed leases, shed at 61 min",
    pool("failed_leases"),
    Mean(6.519_570_748),
)];

/// The factor of each ten minutes of a day.
fn sine() -> Vec<(&'static str, String)> {
    let knots = (0..144).map(|ten| {
        let at = f64::from(ten) * 10.0 / 1_440.0 * 2.0 * std::f64::consts::PI;
        let factor = 1.0 + 0.8 * libm::sin(at);
        format!("\"{:02}:{:02}\": {factor}", ten / 6, ten % 6 * 10)
    });
    let profile = format!("{{daily: {{{}}}}}", knots.collect::<Vec<_>>().join(", "));
    vec![
        ("profiles.sine", profile),
        ("demand.all.source.requests.profile", "sine".to_owned()),
    ]
}
