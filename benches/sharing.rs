//! What shares the beginning of replications, or need not run whole, against one ensemble of FNJ8-VQZ in the same
//! round: a comparison of two variants, a sweep over eight ends of the outage, and the size of one pool.
//! Single thread. Compare the ratios: absolute times depend on the machine.
#![expect(clippy::disallowed_methods, reason = "a bench looks at the clock")]
#![expect(clippy::print_stdout, reason = "a bench says what it measured")]

use std::num::NonZeroUsize;
use std::time::Instant;

use drawdown::scenario::{Plan, SweepSpec, Template};
use drawdown::study::{Requirement, compare};
use drawdown::{Replications, Scenario, Seed, ensemble, size, sweep};

const FILE: &str = "scenarios/fnj8-vqz.yaml";
const VARIANT: &str = "page-on-provisioning";
const POOL: &str = "westus2/ubuntu";
const ROUNDS: usize = 5;
const SEED: Seed = Seed(1);

fn main() {
    let base = Scenario::load(FILE).unwrap_or_else(|wrong| panic!("{wrong}"));
    let changes: [(&str, &str); 0] = [];
    let variant = Scenario::load_variant(FILE, Some(VARIANT), changes);
    let variant = variant.unwrap_or_else(|wrong| panic!("{wrong}"));
    let template = Template::load(FILE).unwrap_or_else(|wrong| panic!("{wrong}"));
    let plan = |axis: &str| {
        let axes = vec![axis.to_owned()];
        let varied = SweepSpec {
            axes,
            ..SweepSpec::default()
        };
        Plan::new(template.clone(), &varied).unwrap_or_else(|wrong| panic!("{wrong}"))
    };
    let ends = plan(
        "outages.extension-storage.until=20:30Z,21:00Z,21:30Z,22:00Z,22:30Z,23:00Z,23:30Z,23:50Z",
    );
    let levels = plan(&format!("pools.{POOL}.target=0..64:1"));
    let pool = base.pool(POOL).expect("a pool");
    let mut rounds: [Vec<f64>; 3] = Default::default();
    let mut alone_s = Vec::new();
    for _ in 0..ROUNDS {
        let (alone, one) = timed(|| ensemble(&base, many(200), SEED));
        let (both, two) = timed(|| compare(&base, &variant, many(200), SEED));
        assert_eq!(both.digests[0], alone.digest, "sharing changes no byte");
        let (cells, eight) = timed(|| sweep(&ends, many(200), SEED, |cell| cell.ensemble.digest));
        assert_eq!(cells.len(), 8);
        let required = Requirement::no_failed_lease(pool, 0.01);
        let (sized, sizing) = timed(|| size(&levels, required, many(200), SEED));
        assert!(sized.answer.is_some_and(|level| (30..46).contains(&level)));
        for (ratios, seconds) in rounds.iter_mut().zip([two, eight, sizing]) {
            ratios.push(seconds / one);
        }
        alone_s.push(one);
    }
    println!(
        "sharing/ensemble  {:7.3} s, 200 replications",
        median(alone_s)
    );
    let names = ["compare of 2", "sweep of 8 ends", "size of 65 levels"];
    for (name, ratios) in names.into_iter().zip(rounds) {
        let ratio = median(ratios);
        println!("sharing/{name}: {ratio:.2} of one ensemble, median of {ROUNDS} rounds in turn");
    }
}

fn many(count: usize) -> Replications {
    Replications {
        threads: NonZeroUsize::new(1),
        ..Replications::new(count)
    }
}

/// What work gives, and how long it took (s).
fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let began = Instant::now();
    let found = work();
    (found, began.elapsed().as_secs_f64())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
