//! Sweeps on one thread and on two, in alternating rounds: cells of FNJ8-VQZ, distributed in ranges of
//! replications so that no thread waits for the last. Of a quiet machine with two cores, two threads are
//! to take at most 0.55 of the time of one.
#![expect(clippy::disallowed_methods, reason = "a bench looks at the clock")]
#![expect(clippy::print_stdout, reason = "a bench says what it measured")]

use std::num::NonZeroUsize;
use std::time::Instant;

use drawdown::scenario::{Plan, SweepSpec, Template};
use drawdown::{Replications, Seed, sweep};

const ROUNDS: usize = 7;
const REPLICATIONS: usize = 100;

fn main() {
    let template = Template::load("scenarios/fnj8-vqz.yaml");
    let template = template.unwrap_or_else(|wrong| panic!("{wrong}"));
    let varied = SweepSpec {
        axes: vec!["pools.westus2/ubuntu.target=4..15:1".to_owned()],
        ..SweepSpec::default()
    };
    let plan = Plan::new(template, &varied).unwrap_or_else(|wrong| panic!("{wrong}"));
    let (mut one, mut two, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (alone, alone_s) = simulate(&plan, 1);
        let (both, both_s) = simulate(&plan, 2);
        assert_eq!(alone, both, "threads decide nothing");
        one.push(alone_s);
        two.push(both_s);
        ratios.push(both_s / alone_s);
    }
    let cells = plan.len();
    let (one, two) = (median(one), median(two));
    println!("sweep/{cells}_cells/1_thread   {one:7.3} s");
    println!("sweep/{cells}_cells/2_threads  {two:7.3} s");
    println!(
        "sweep/2_threads to 1_thread {:.2} of its time, median of {ROUNDS} rounds in turn, {:.2} at best",
        median(ratios.clone()),
        ratios.into_iter().fold(f64::INFINITY, f64::min),
    );
}

/// The digest of every cell, and how long they took (s).
fn simulate(plan: &Plan, threads: usize) -> (Vec<u64>, f64) {
    let replications = Replications {
        threads: NonZeroUsize::new(threads),
        ..Replications::new(REPLICATIONS)
    };
    let began = Instant::now();
    let digests = sweep(plan, replications, Seed(1), |cell| cell.ensemble.digest);
    (digests, began.elapsed().as_secs_f64())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
