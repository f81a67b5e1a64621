//! When did each pool of an incident run dry? The expected-value replay has no chance in it, so it
//! gives one answer.
#![expect(clippy::print_stdout, reason = "an example prints its result")]

use drawdown::measure::FIRST_UNSERVED_REQUEST_AFTER_S;
use drawdown::{Scenario, expected_value};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let scenario = Scenario::load("scenarios/rnq2-nc8.yaml")?;
    let outcome = expected_value(&scenario);
    for pool in scenario.pools() {
        match outcome.measure(pool.id, FIRST_UNSERVED_REQUEST_AFTER_S)? {
            Some(seconds) => println!(
                "{}: first unserved request {:.0} minutes after the first failed provisioning",
                pool.name,
                seconds / 60.0
            ),
            None => println!("{}: every request was served", pool.name),
        }
    }
    Ok(())
}
