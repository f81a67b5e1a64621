//! Conventions of simulators and of pools, each on the smallest world that shows it: fixed durations,
//! and requests at given minutes, so that every answer can be worked out by hand. Times are minutes.

use std::fs;

use assert_cmd::Command;

/// Demand and service.
mod demand;

/// Everything at once.
mod everything;

/// The order of events of one instant.
mod order;

/// Effects of outages on attempts, workers and connections.
mod outages;

/// Replenishment.
mod pools;

/// The provider's limits, and what failed attempts leave behind.
mod provider;

/// A pool of one. An attempt takes five minutes, and a failed one is retried a minute later.
const WORLD: &str = "
schema: 1
name: conventions
clock: {start: 2026-01-05T00:00:00Z, horizon: 60m, warm_up: 0s}
regions: {r: {}}
pools:
  r/i:
    target: 1
    provision: {latency: 5m, timeout: never}
    replenish:
      counts: ready_and_pending
      in_flight_max: unlimited
      retry: {initial: 1m, max: 1m}
    lease: {idle_timeout: 1h, max_age: never, age_clock: leased, on_empty: reject}
demand:
  all: {pool: r/i, essential: true, source: {trace: {csv: requests.csv}}}
";

/// An outage in which every attempt fails.
const BLACKOUT: &str = "{regions: [r], operations: [create], failure: 100%, judged: completion, \
                        from: +0s, until: never}";

/// A hold that outlasts the world.
const FOR_EVER: f64 = 1e5;

/// The results of a command.
struct Course {
    levels: String,
    measures: String,
}

/// Runs [`WORLD`] with values changed, and requests at given instants for given times.
#[track_caller]
fn simulate(changes: &[(&str, &str)], requests: &[(f64, f64)]) -> Course {
    let row = |(at, hold): &(f64, f64)| format!("+{}s,{}s\n", at * 60.0, hold * 60.0);
    let rows: String = requests.iter().map(row).collect();
    simulate_with(changes, &[("requests.csv", &format!("at,hold\n{rows}"))])
}

/// Runs [`WORLD`] with values changed, and files in its folder.
#[track_caller]
fn simulate_with(changes: &[(&str, &str)], files: &[(&str, &str)]) -> Course {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    fs::write(path("world.yaml"), WORLD).expect("a file");
    fs::write(path("requests.csv"), "at,hold\n").expect("a file");
    for (name, text) in files {
        fs::write(path(name), text).expect("a file");
    }
    let mut command = Command::cargo_bin("drawdown").expect("the command");
    command.arg("run");
    for (path, value) in changes {
        command.arg("--set").arg(format!("{path}={value}"));
    }
    command
        .arg("--out")
        .arg(path("out"))
        .arg(path("world.yaml"));
    command.assert().success();
    let read = |name: &str| fs::read_to_string(path("out").join(name)).expect("a file");
    Course {
        levels: read("levels.csv"),
        measures: read("measures.csv"),
    }
}

impl Course {
    /// When a level of a pool changed, and to what.
    #[track_caller]
    fn steps(&self, pool: &str, level: &str) -> Vec<(f64, u32)> {
        let header: Vec<&str> = self
            .levels
            .lines()
            .next()
            .unwrap_or("")
            .split(',')
            .collect();
        let place = header.iter().position(|column| *column == level);
        let place = place.expect("a level");
        let mut steps: Vec<(f64, u32)> = Vec::new();
        for row in self.levels.lines().skip(1) {
            let cells: Vec<&str> = row.split(',').collect();
            let at: f64 = cells[0].parse().expect("seconds");
            let value = cells[place].parse().expect("a count");
            if cells[2] == pool && steps.last().is_none_or(|(_, last)| *last != value) {
                steps.push((at / 60.0, value));
            }
        }
        steps
    }

    /// When the ready level of the first pool changed, and to what.
    fn ready(&self) -> Vec<(f64, u32)> {
        self.steps("r/i", "ready")
    }

    /// A measure of the first pool; absent where there is none.
    fn measure(&self, name: &str) -> Option<f64> {
        let start = format!("pool,r/i,{name},");
        let row = self.measures.lines().find(|row| row.starts_with(&start));
        let value = row.expect("a measure").rsplit(',').next();
        value.and_then(|value| value.parse().ok())
    }

    /// The first pool's measures of these names, 0 where there is none.
    fn measures<const N: usize>(&self, names: [&str; N]) -> [f64; N] {
        names.map(|name| self.measure(name).unwrap_or(0.0))
    }
}
