//! Runs an ensemble, and says by its exit code whether its digest is the one that the command gave: 0 if it is. In
//! WebAssembly a program has no arguments, and can say no more without unsafe code; so the digest is given when it is
//! compiled. `.ci/wasm` runs it.

use std::process::ExitCode;

use drawdown::{Replications, Scenario, Seed, ensemble};

/// A scenario that names no other file.
const SCENARIO: &str = include_str!("../../../scenarios/fnj8-vqz.yaml");

/// The digest of the command, in hexadecimal digits.
const DIGEST: Option<&str> = option_env!("DRAWDOWN_DIGEST");

/// Replications that the command ran, with seed 1.
const REPLICATIONS: usize = 100;

fn main() -> ExitCode {
    let Ok(scenario) = Scenario::parse("fnj8-vqz.yaml", SCENARIO) else {
        return ExitCode::from(2);
    };
    let found = ensemble(&scenario, Replications::new(REPLICATIONS), Seed(1));
    let digest = format!("{:016x}", found.digest);
    match DIGEST == Some(&digest) {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(1),
    }
}
