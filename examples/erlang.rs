//! Does a pool under a full outage follow the Erlang law? With no new workers and leases that come
//! at random, the pool is empty at the moment of its 30th lease.
#![expect(clippy::print_stdout, reason = "an example says what it found")]

use drawdown::measure::POOL_EMPTY_AT_S;
use drawdown::{Replications, Scenario, Seed, ensemble};

const STOCK: u32 = 30;
const LEASES_PER_MINUTE: f64 = 0.25;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let longer = [("clock.horizon", "6h")];
    let scenario = Scenario::load_with("examples/full-outage.yaml", longer)?;
    let pool = scenario.pool("anywhere/any")?;
    let n = 20_000;
    let found = ensemble(&scenario, Replications::new(n), Seed(1));
    println!("minutes  emptied by then  Erlang law");
    for minutes in [75, 90, 105, 120, 135, 150, 175] {
        let by = |at: Option<f64>| at.is_some_and(|at| at <= 60.0 * f64::from(minutes));
        let emptied = found
            .values(pool, POOL_EMPTY_AT_S)?
            .filter(|at| by(*at))
            .count();
        let law = erlang(STOCK, LEASES_PER_MINUTE * f64::from(minutes));
        println!(
            "{minutes:7}  {:14.1}%  {:9.1}%",
            100.0 * emptied as f64 / n as f64,
            100.0 * law
        );
    }
    Ok(())
}

/// P(at least `stages` events of a Poisson count with mean `a`) (Erlang, 1909).
fn erlang(stages: u32, a: f64) -> f64 {
    let mut term = libm::exp(-a);
    let mut fewer = 0.0;
    for k in 0..stages {
        fewer += term;
        term *= a / f64::from(k + 1);
    }
    1.0 - fewer
}
