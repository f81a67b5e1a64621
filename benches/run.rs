//! Whole replications: workloads W1 and W2 against a plain reference, in alternating rounds, FNJ8-VQZ, a retry storm,
//! and the exact shortcuts.
//! Single thread. Compare the ratio: absolute times depend on the machine.
#![expect(clippy::disallowed_methods, reason = "a bench looks at the clock")]
#![expect(clippy::print_stdout, reason = "a bench says what it measured")]

mod plain;

use std::num::NonZeroUsize;
use std::time::Instant;

use drawdown::study::{Ensemble, KeptMeasures, ensemble_keeping};
use drawdown::{Replications, Scenario, Seed, ensemble};

const ROUNDS: usize = 9;

fn main() {
    WORKLOADS.iter().for_each(workload);
    fnj8();
    storm();
    shortcut("f3", "benches/f3.yaml", (219.089_8, 65.831_3));
    shortcut(
        "a1",
        "src/experiment/verify/smallest.yaml",
        (124.0, 22.271_1),
    );
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

/// A workload: W1, and W2 with a hundred times the pool and the demand. Exact: failed leases, the first failed lease
/// (min), workers ready at the end; and how far the mean of so many replications may be off.
struct Workload {
    name: &'static str,
    scale: u32,
    count: u64,
    failed: (f64, f64),
    first: (f64, f64),
    ready: (f64, f64),
}

const WORKLOADS: [Workload; 2] = [
    Workload {
        name: "w1",
        scale: 1,
        count: 1_000,
        failed: (49.83, 1.5),
        first: (298.17, 3.0),
        ready: (62.27, 0.5),
    },
    // At 40 a minute 6,400 last until 120 + (6,400 − 173) / 40, and a request waits 20 minutes.
    Workload {
        name: "w2",
        scale: 100,
        count: 20,
        failed: (4_982.0, 60.0),
        first: (295.7, 1.5),
        ready: (6_227.0, 10.0),
    },
];

fn reference(of: &Workload) -> (u64, f64) {
    let began = Instant::now();
    let (mut events, mut failed, mut first, mut ready) = (0, 0, 0.0, 0);
    for seed in 0..of.count {
        let measured = plain::replicate(seed, of.scale);
        events += measured.events;
        failed += measured.failed;
        ready += measured.ready;
        first += measured.first_failure.expect("every pool fails");
    }
    let seconds = began.elapsed().as_secs_f64();
    let n = of.count as f64;
    is("failed leases", failed as f64 / n, of.failed);
    is("the first failed lease", first / n, of.first);
    is("ready at the end", f64::from(ready) / n, of.ready);
    (events, seconds)
}

fn is(what: &str, found: f64, (exact, off): (f64, f64)) {
    assert!(
        (found - exact).abs() < off,
        "{what}: {found}, and not {exact}"
    );
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn workload(of: &Workload) {
    let changes = [
        ("pools.here/any.target", (64 * of.scale).to_string()),
        (
            "demand.all.source.requests.rate",
            format!("{}/min", 0.4 * f64::from(of.scale)),
        ),
    ];
    let scenario = Scenario::load_with("benches/w1.yaml", changes);
    let scenario = scenario.unwrap_or_else(|wrong| panic!("{wrong}"));
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (found, seconds) = simulate(&scenario, of.count as usize);
        let failed = found.summary(0, "failed_leases").expect("a measure");
        is(
            "failed leases",
            failed.mean.point.expect("a mean"),
            of.failed,
        );
        let (events, reference_seconds) = reference(of);
        ours.push(seconds * 1e9 / found.events as f64);
        theirs.push(reference_seconds * 1e9 / events as f64);
        ratios.push(seconds / reference_seconds);
    }
    let name = of.name;
    println!("run/{name}            {:7.1} ns/event", median(ours));
    println!("run/{name}/plain      {:7.1} ns/event", median(theirs));
    println!(
        "run/{name} to plain   {:7.2} of its time, median of {ROUNDS} rounds in turn",
        median(ratios)
    );
}

fn storm() {
    let scenario = Scenario::load("benches/storm.yaml").unwrap_or_else(|wrong| panic!("{wrong}"));
    let rounds = (0..ROUNDS).map(|_| {
        let (found, seconds) = simulate(&scenario, 10);
        let good = found.dependency(0, "calls_good").expect("a measure");
        let good: Vec<f64> = good.flatten().map(|calls| calls / 50_000.0).collect();
        is(
            "served in time a minute",
            good.iter().sum::<f64>() / good.len() as f64,
            (0.209, 0.1),
        );
        seconds * 1e9 / found.events as f64
    });
    let each = median(rounds.collect());
    println!(
        "run/storm         {each:7.1} ns/event, {:.1} M events/s",
        1e3 / each
    );
}

/// Replications of which only the first failed lease (min) is drawn, of exact mean and standard deviation.
fn shortcut(name: &str, path: &str, (mean, sd): (f64, f64)) {
    const COUNT: usize = 1_000_000;
    let scenario = Scenario::load(path).unwrap_or_else(|wrong| panic!("{wrong}"));
    let measure = "first_lease_failure_at_s";
    let kept = KeptMeasures::only([measure], None).expect("a measure");
    let rounds = (0..ROUNDS).map(|_| {
        let replications = Replications {
            threads: NonZeroUsize::new(1),
            ..Replications::new(COUNT)
        };
        let began = Instant::now();
        let found = ensemble_keeping(&scenario, &kept, replications, Seed(1), &());
        let first = found.summary(0, measure).expect("a measure");
        let seconds = began.elapsed().as_secs_f64();
        assert!(found.shortcut().is_some(), "{name} is drawn");
        let off = 4.5 * sd / (COUNT as f64).sqrt();
        let found = first.mean.point.expect("every pool fails") / 60.0;
        is("the first failed lease", found, (mean, off));
        COUNT as f64 / seconds / 1e6
    });
    println!(
        "run/{name}/shortcut {:7.2} M replications/s",
        median(rounds.collect())
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
