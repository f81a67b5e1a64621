//! Predictions: of one incident by another, of a drain that is under way, and from a state that was saved.

use crate::experiment::ensemble::{Ensemble, ensemble_keeping};
use crate::experiment::kept::KeptMeasures;
use crate::experiment::measure::{self, Subject};
use crate::experiment::progress::Progress;
use crate::experiment::replications::Replications;
use crate::experiment::simple_model::DemandLaw;
use crate::experiment::transfer::{Transfer, depletions, further_failures};
use crate::experiment::verify::worlds::{DRAWN, OUTAGE, STEADY, THREE, World};
use crate::experiment::verify::{Part, Row, Study, Uncounted, counted, drawn_template};
use crate::kernel::random::Seed;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::chance::Chance;
use crate::model::world::World as Simulated;
use crate::stats::Estimate;
use crate::stats::mean::mean;
use crate::stats::proportion::proportion;

pub(crate) const ROWS: &[Row] = &[
    Row {
        id: "V1",
        about: "West Europe of RNQ2-NC8 predicts how long it lasts in FNJ8-VQZ: P(less than the published 161 min), PIT",
        source: "quadrature over the posterior of the simplest model, and over what is shed",
        parts: &[Part::Studied(Study {
            replications: 20_000,
            exact: &[
                ("the same stock and rate", 0.776_837_393),
                ("the rate times a factor (sigma 0.3)", 0.688_273),
                ("the rate times a factor (sigma 0.5)", 0.635_866),
                ("demand shed in FNJ8-VQZ", 0.710_064_758),
                ("demand shed in both", 0.865_249_501),
            ],
            estimates: |many, seed, progress| below(depletions, many, (seed, progress)),
        })],
    },
    Row {
        id: "V2",
        about: "the rate of RNQ2-NC8 predicts the third failure of West US 2 in FNJ8-VQZ: PIT of the published 33 min",
        source: "quadrature over the posterior of the rate",
        parts: &[Part::Studied(Study {
            replications: 20_000,
            exact: &[("the rate of West Europe", 0.992_808)],
            estimates: |many, seed, progress| below(further_failures, many, (seed, progress)),
        })],
    },
    Row {
        id: "Q8",
        about: "a look 30 minutes into a drain of 30 at a rate that is not known: what the requests so far say of the rest",
        source: "negative binomial law of requests after a look; PIT is uniform (Dawid, 1984), and P is a martingale",
        parts: &[Part::Studied(Study {
            replications: 10_000,
            exact: &[
                ("the central 90% hold the first failed lease", 0.9),
                ("mean PIT of the first failed lease", 0.5),
                ("mean of P(fail by 120 min) at the look", BY_120),
            ],
            estimates: looks,
        })],
    },
    Row {
        id: "Q9",
        about: "a state that is saved, and gone on with, ends as without a stop",
        source: "equality of everything that is recorded",
        parts: &[
            Part::Computed("A1: share of replications that end the same", 1.0, || {
                ends_the_same(&OUTAGE, &[("clock.horizon", "240m")], 60)
            }),
            Part::Computed("Q2: share of replications that end the same", 1.0, || {
                ends_the_same(&THREE, &[], 90)
            }),
            Part::Computed("C1: share of replications that end the same", 1.0, || {
                ends_the_same(&STEADY, &[("clock.horizon", "4000m")], 3_000)
            }),
        ],
    },
];

/// P(more than 30 requests in 120 min) where the rate was counted: 4 in 16 min.
const BY_120: f64 = 0.421_176_144_098;

/// PIT of each published figure, by so many draws.
fn below(
    predict: fn((Seed, u64)) -> Vec<Transfer>,
    replications: Replications,
    (seed, progress): (Seed, &dyn Progress),
) -> Vec<Estimate> {
    let draws = replications.count.get() as u64;
    let found = predict((seed, draws));
    progress.completed(draws);
    let published = found.into_iter().filter_map(|it| it.published);
    published.map(|it| it.below).collect()
}

/// What a look at each drain says, and what became of it.
fn looks(replications: Replications, seed: Seed, progress: &dyn Progress) -> Vec<Estimate> {
    let kept = KeptMeasures::only(["requests", "first_lease_failure_at_s"], None);
    let kept = kept.expect("measures of the table exist");
    let until = |horizon: &'static str| {
        let changes = [
            counted!("4", "16m"),
            ("clock.horizon", horizon),
            ("pools.r/i.target", "30"),
        ];
        let scenario = drawn_template(&DRAWN, &changes, seed).base;
        ensemble_keeping(&scenario, &kept, replications, seed, &Uncounted(progress))
    };
    let column = |found: &Ensemble, name: &str| -> Vec<Option<f64>> {
        let place = measure::place(Subject::Pool(0).measures(), name);
        found.column_of(Subject::Pool(0), place).collect()
    };
    let looked = column(&until("30m"), "requests");
    let failed = column(&until("20000m"), "first_lease_failure_at_s");
    progress.completed(replications.count.get() as u64);
    let (mut pits, mut by_120) = (Vec::new(), Vec::new());
    for (requests, failed) in looked.into_iter().zip(failed) {
        let minutes = failed.map_or(f64::INFINITY, |it| it / 60.0);
        let (Some(requests), false) = (requests, minutes <= 30.0) else {
            by_120.push(1.0);
            continue;
        };
        let rate = DemandLaw::new(4.0 + requests, 16.0 + 30.0);
        let left = 30 - requests as u32;
        by_120.push(rate.more_than(left, 90.0));
        let pit = if minutes.is_finite() {
            rate.more_than(left, minutes - 30.0)
        } else {
            1.0
        };
        pits.push(pit);
    }
    let central = pits.iter().filter(|it| (0.05..=0.95).contains(*it));
    vec![
        proportion(central.count(), pits.len()),
        mean(&pits),
        mean(&by_120),
    ]
}

/// Replications that are saved.
const SAVED: u64 = 200;

/// The share of replications that end the same without a stop, with one at so many minutes, and gone on with a second time
/// from there.
fn ends_the_same(world: &World, changes: &[(&'static str, &'static str)], minutes: u64) -> f64 {
    let scenario = drawn_template(world, changes, Seed(1)).base;
    let at = SimTime::ZERO + SimDuration::from_seconds(60 * minutes);
    let mut world = Simulated::new(&scenario.setup);
    let same = (0..SAVED).filter(|replication| {
        let chance = Chance::of(Seed(1), *replication);
        world.run(chance, &mut ());
        let whole = world.ledger.clone();
        world.run_until(chance, at);
        let saved = world.save();
        world.go_on(&mut (), &[], |_, _| {});
        let stopped = world.ledger == whole;
        world.restore(&saved);
        world.go_on(&mut (), &[], |_, _| {});
        stopped && world.ledger == whole
    });
    same.count() as f64 / SAVED as f64
}
