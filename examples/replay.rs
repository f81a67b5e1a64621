//! When did each pool of an incident run dry? The expected-value replay has no chance in it, so it
//! gives one answer.
#![expect(clippy::print_stdout, reason = "an example says what it found")]

use drawdown::{Problems, Scenario, expected_value};

fn main() -> Result<(), Problems> {
    let scenario = Scenario::load("scenarios/rnq2-nc8.yaml")?;
    let outcome = expected_value(&scenario);
    for (place, pool) in scenario.pools().iter().enumerate() {
        match outcome
            .measure(place, "first_unserved_request_after_s")
            .expect("a measure")
        {
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
