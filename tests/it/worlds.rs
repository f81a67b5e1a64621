//! The smallest scenario, and how tests vary it.

use drawdown::study::Ensemble;
use drawdown::{Replications, Scenario, Seed, ensemble};

/// One pool under an endless full outage; minimal, not realistic.
pub const SMALLEST: &str = include_str!("../../src/experiment/verify/smallest.yaml");

/// The smallest scenario with values changed.
#[track_caller]
pub fn smallest(changes: &[(&str, &str)]) -> Scenario {
    let changes: Vec<(String, String)> = changes
        .iter()
        .map(|(path, value)| ((*path).to_owned(), (*value).to_owned()))
        .collect();
    match Scenario::parse_with("smallest.yaml", SMALLEST, changes) {
        Ok(scenario) => scenario,
        Err(problems) => panic!("{problems}"),
    }
}

/// A measure of the only pool in each of `n` replications; those that have none are left out.
pub fn sample(scenario: &Scenario, n: usize, measure: &str) -> Vec<f64> {
    ensemble(scenario, Replications::new(n), Seed(20_260_202))
        .values(0, measure)
        .expect("a measure")
        .flatten()
        .collect()
}

/// Replications of a long world, that stand for batches of one still longer.
pub const BATCHES: usize = 40;

/// A pool of five without outages, with values changed: batches of a hundred thousand
/// requests at 0.25 a minute, after a warm-up of a thousand.
#[track_caller]
pub fn steady(changes: &[(&str, &str)]) -> Ensemble {
    let mut all = vec![
        ("clock.horizon", "400000m"),
        ("clock.warm_up", "4000m"),
        ("pools.r/i.target", "5"),
        ("pools.r/i.provision.latency", "12m"),
        ("outages", "{}"),
    ];
    all.extend(changes);
    ensemble(&smallest(&all), Replications::new(BATCHES), Seed(3))
}

/// One worker for an hour, and two classes of evenly spaced requests, of which `first` goes first.
const TWO_CLASSES: &str = "
schema: 1
name: two classes
clock: {start: 2026-01-05T00:00:00Z, horizon: 60m, warm_up: 0s}
regions: {r: {}}
pools:
  r/i:
    target: 1
    provision: {latency: 1m, timeout: never}
    replenish:
      counts: total
      in_flight_max: unlimited
      waiting_orders: false
      retry: {initial: 30d, max: 30d}
    lease: {on_empty: wait, wait_timeout: never, release: return}
demand:
  first:
    {pool: r/i, essential: true, wait_limit: 5m, source: {deterministic: {rate: 3/h, hold: 15m}}}
  second:
    {pool: r/i, essential: true, priority: 1, wait_limit: 10m, source: {deterministic: {rate: 6/h, hold: 11m}}}
";

/// The scenario of two classes with values changed.
#[track_caller]
pub fn two_classes(changes: &[(&str, &str)]) -> Scenario {
    let changes = changes.iter().copied();
    match Scenario::parse_with("two-classes.yaml", TWO_CLASSES, changes) {
        Ok(scenario) => scenario,
        Err(problems) => panic!("{problems}"),
    }
}
