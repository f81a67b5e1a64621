//! Whole replications: workload W1 against a plain reference, in alternating rounds, and FNJ8-VQZ.
//! Single thread. Compare the ratio: absolute times depend on the machine.
#![expect(clippy::disallowed_methods, reason = "a bench looks at the clock")]
#![expect(clippy::print_stdout, reason = "a bench says what it measured")]

mod plain;

use std::num::NonZeroUsize;
use std::time::Instant;

use drawdown::study::Ensemble;
use drawdown::{Replications, Scenario, Seed, ensemble};

const ROUNDS: usize = 9;

fn main() {
    w1();
    fnj8();
}

fn simulate(scenario: &Scenario, count: usize) -> (Ensemble, f64) {
    let replications = Replications {
        threads: NonZeroUsize::new(1),
        ..Replications::new(count)
    };
    let began = Instant::now();
    let found = ensemble(scenario, replications, Seed(1));
    (found, began.elapsed().as_secs_f64())
}

fn reference(count: u64) -> (u64, f64) {
    let began = Instant::now();
    let (mut events, mut failed, mut first, mut ready) = (0, 0, 0.0, 0);
    for seed in 0..count {
        let measured = plain::replicate(seed);
        events += measured.events;
        failed += measured.failed;
        ready += measured.ready;
        first += measured.first_failure.expect("every pool fails");
    }
    let seconds = began.elapsed().as_secs_f64();
    let n = count as f64;
    assert!(
        (failed as f64 / n - 49.83).abs() < 1.5,
        "the reference fails {failed} leases"
    );
    assert!(
        (first / n - 298.17).abs() < 3.0,
        "the reference fails first at {}",
        first / n
    );
    assert!(
        (f64::from(ready) / n - 62.27).abs() < 0.5,
        "the reference ends with {ready} ready"
    );
    (events, seconds)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn w1() {
    let scenario = Scenario::load("benches/w1.yaml").unwrap_or_else(|wrong| panic!("{wrong}"));
    let count = 1_000;
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (found, seconds) = simulate(&scenario, count);
        let failed = found
            .summary(0, "failed_leases")
            .expect("a measure")
            .mean
            .point
            .expect("a mean");
        assert!((failed - 49.83).abs() < 1.5, "{failed} failed leases");
        let (events, reference_seconds) = reference(count as u64);
        ours.push(seconds * 1e9 / found.events as f64);
        theirs.push(reference_seconds * 1e9 / events as f64);
        ratios.push(seconds / reference_seconds);
    }
    println!("run/w1            {:7.1} ns/event", median(ours));
    println!("run/w1/plain      {:7.1} ns/event", median(theirs));
    println!(
        "run/w1 to plain   {:7.2} of its time, median of {ROUNDS} rounds in turn",
        median(ratios)
    );
}

fn fnj8() {
    let path = "scenarios/fnj8-vqz.yaml";
    let scenario = Scenario::load(path).unwrap_or_else(|wrong| panic!("{wrong}"));
    let windows = scenario.pool("westus2/windows").expect("a Windows pool");
    let rounds: Vec<(f64, f64)> = (0..ROUNDS)
        .map(|_| {
            let (found, seconds) = simulate(&scenario, 500);
            let failed = found
                .summary(windows, "first_failed_provisioning_at_s")
                .expect("a measure")
                .present
                .point;
            assert_eq!(failed, Some(0.0), "Windows pools do not fail");
            (seconds * 1e9 / found.events as f64, seconds * 1e6 / 500.0)
        })
        .collect();
    let each = median(rounds.iter().map(|round| round.0).collect());
    let replication = median(rounds.iter().map(|round| round.1).collect());
    println!("run/fnj8-vqz      {each:7.1} ns/event, {replication:.0} µs a replication");
}
