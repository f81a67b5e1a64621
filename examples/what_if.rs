//! What would two more ready workers have been worth? Any value of a file can be changed by its path,
//! and both runs meet the same luck.
#![expect(clippy::print_stdout, reason = "an example says what it found")]

use drawdown::{Problems, Scenario, Seed, run};

fn main() -> Result<(), Problems> {
    let file = "scenarios/fnj8-vqz.yaml";
    let more = [("pools.westus2/ubuntu.target".to_owned(), "10".to_owned())];
    let (base, variant) = (Scenario::load(file)?, Scenario::load_with(file, &more)?);
    let pool = base
        .pools()
        .iter()
        .position(|pool| pool.name == "westus2/ubuntu")
        .unwrap_or(0);
    println!("replication  failed leases with 8  with 10");
    for replication in 0..8 {
        let failed = |scenario| {
            run(scenario, Seed(1), replication)
                .measure(pool, "failed_leases")
                .expect("a measure")
                .unwrap_or(0.0)
        };
        println!(
            "{replication:11}  {:20}  {:7}",
            failed(&base),
            failed(&variant)
        );
    }
    Ok(())
}
