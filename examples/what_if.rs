//! What would two more ready workers have been worth? Any value of a file can be changed by its path,
//! and both runs have common random numbers.
#![expect(clippy::print_stdout, reason = "an example prints its result")]

use drawdown::measure::FAILED_LEASES;
use drawdown::{Scenario, Seed, run};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = "scenarios/fnj8-vqz.yaml";
    let base = Scenario::load(file)?;
    let variant = Scenario::load_with(file, [("pools.westus2/ubuntu.target", "10")])?;
    let pool = base.pool("westus2/ubuntu")?;
    println!("replication  failed leases with 8  with 10");
    for replication in 0..8 {
        let failed = |scenario| run(scenario, Seed(1), replication).measure(pool, FAILED_LEASES);
        let (before, after) = (failed(&base)?, failed(&variant)?);
        println!(
            "{replication:11}  {:20}  {:7}",
            before.unwrap_or(0.0),
            after.unwrap_or(0.0)
        );
    }
    Ok(())
}
