//! The benchmark's world against the answers that were published with it. Other exact results are the table of
//! `drawdown verify`, which `verify` runs.

use crate::statistics::{Z_MAX, batches, mean_and_error, mean_is, minutes, quantiles_are};
use drawdown::{Replications, Scenario, Seed, ensemble};

#[test]
fn w1_has_its_published_answers() {
    let n = 20_000;
    let scenario = Scenario::load("benches/w1.yaml").expect("a valid scenario");
    let found = ensemble(&scenario, Replications::new(n), Seed(7));
    let of = |measure| batches(&found, measure);
    let empty = minutes(of("pool_empty_at_s"));
    let m = 1.6 * libm::exp(0.08);
    mean_is("pool empty", &empty, 120.0 + (64.0 - m) / 0.4);
    let exact = [
        (0.01, 232.83),
        (0.05, 244.27),
        (0.5, 274.84),
        (0.95, 309.84),
        (0.99, 325.76),
    ];
    quantiles_are("pool empty", &empty, n, &exact);
    let fail = minutes(of("first_lease_failure_at_s"));
    mean_is("first failed lease", &fail, 140.0 + (65.0 - m) / 0.4);
    let exact = [
        (0.01, 254.96),
        (0.05, 266.53),
        (0.5, 297.34),
        (0.95, 332.63),
        (0.99, 348.63),
    ];
    quantiles_are("first failed lease", &fail, n, &exact);
    // These were themselves estimated, with the standard error given.
    for (name, values, answer, its_error) in [
        ("failed leases", of("failed_leases"), 49.829, 0.021 / 1.96),
        ("ready at the end", of("ready_end"), 62.266, 0.003 / 1.96),
        ("minutes empty", minutes(of("empty_s")), 146.46, 0.04 / 1.96),
    ] {
        let (mean, error) = mean_and_error(&values);
        let z = (mean - answer) / error.hypot(its_error);
        assert!(z.abs() <= Z_MAX, "{name}: {mean} for {answer}, z {z}");
    }
}
