//! Alerts, people and services: claims with answers worked out by hand, in
//! deterministic worlds. Times are minutes.

use std::fs;

use drawdown::study::Outcome;
use drawdown::{Scenario, Seed, run};

/// What alerts observe, and when they page.
mod alerts;

/// Steps: when they are taken, and what they do.
mod playbook;

/// Standby pools.
mod standbys;

/// What was published of people and services, and variants of a file.
mod facts;

/// Everything of this in one world.
mod together;

/// Dependencies.
mod services;

/// Five workers in each of two regions, made in five minutes. An attempt is made once. From the
/// beginning on, an outage affects a pool without demand, so that times after it are defined.
const WORLD: &str = "
schema: 1
name: people
clock: {start: 2026-01-05T00:00:00Z, horizon: 120m, warm_up: 0s}
regions: {r: {}, s: {}, quiet: {}}
pools:
  r/i: &pool
    target: 5
    provision: {latency: 5m, timeout: never}
    replenish:
      counts: ready_and_pending
      in_flight_max: unlimited
      retry: {initial: 30d, max: 30d}
    lease: {idle_timeout: 30m, max_age: never, age_clock: leased, on_empty: reject}
  s/i: *pool
  quiet/i: *pool
demand:
  all: {pool: r/i, essential: true, source: {trace: {csv: all.csv}}}
  others: {pool: s/i, essential: false, source: {trace: {csv: others.csv}}}
outages:
  somewhere: {regions: [quiet], operations: [create], from: +0s, until: never, failure: 100%, judged: completion}
";

/// Places in the order of names.
const R: usize = 1;
const S: usize = 2;

/// Every attempt of the first region fails from the beginning on.
const BLACKOUT: &str = "{regions: [r], operations: [create], from: +0s, until: never, failure: 100%, \
                        judged: completion}";

/// Requests wait for ten minutes.
const WAITS: &str = "{idle_timeout: 30m, max_age: never, age_clock: leased, on_empty: wait, \
                     wait_timeout: 10m}";

/// A request for a worker at a minute, which is held for a day.
type At = f64;

/// [`WORLD`] with values changed and requests at given minutes, to each of its two pools.
#[track_caller]
fn world(changes: &[(&str, &str)], all: &[At], others: &[At]) -> Scenario {
    let rows = |requests: &[At]| {
        let row = |at: &At| format!("+{}s,1d\n", at * 60.0);
        format!("at,hold\n{}", requests.iter().map(row).collect::<String>())
    };
    let files = [("all.csv", rows(all)), ("others.csv", rows(others))];
    world_of(changes, &files)
}

/// [`WORLD`] with values changed and files in its folder.
#[track_caller]
fn world_of(changes: &[(&str, &str)], files: &[(&str, String)]) -> Scenario {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("world.yaml");
    fs::write(&path, WORLD).expect("a file");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("a file");
    }
    Scenario::load_with(&path, owned(changes)).unwrap_or_else(|wrong| panic!("{wrong}"))
}

fn owned(changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let changes = changes.iter();
    let owned = changes.map(|(path, value)| ((*path).to_owned(), (*value).to_owned()));
    owned.collect()
}

/// Runs a deterministic world.
fn simulate(scenario: &Scenario) -> Outcome {
    run(scenario, Seed(1), 0)
}
