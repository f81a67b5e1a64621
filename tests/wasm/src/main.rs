//! Runs an ensemble, and says by its exit code whether its digest is the one that the command gave: 0 if it is. In
//! WebAssembly a program can say no more without unsafe code, and nobody passes it arguments; so the digest
//! comes when it is compiled. `.ci/wasm` runs it.

use std::process::ExitCode;

use drawdown::{Replications, Scenario, Seed, ensemble};

/// A scenario that names no other file.
const SCENARIO: &str = include_str!("../../../scenarios/fnj8-vqz.yaml");

/// The digest of the command, in hexadecimal digits.
const DIGEST: &str = env!("DRAWDOWN_DIGEST");

/// Replications that the command ran, with seed 1.
const REPLICATIONS: usize = 100;

fn main() -> ExitCode {
    let Ok(scenario) = Scenario::parse("fnj8-vqz.yaml", SCENARIO) else {
        return ExitCode::from(2);
    };
    let found = ensemble(&scenario, Replications::new(REPLICATIONS), Seed(1));
    match format!("{:016x}", found.digest) == DIGEST {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(1),
    }
}
