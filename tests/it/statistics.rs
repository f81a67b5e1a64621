//! Estimates against exact results: by z = (estimate - exact) / standard error, which may be 4.5
//! either way.

use drawdown::study::Ensemble;

pub const Z_MAX: f64 = 4.5;

pub fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values
        .iter()
        .map(|value| (value - mean) * (value - mean))
        .sum();
    (mean, (squares / (n - 1.0) / n).sqrt())
}

#[track_caller]
pub fn mean_is(name: &str, values: &[f64], exact: f64) {
    let (mean, error) = mean_and_error(values);
    let z = (mean - exact) / error;
    assert!(
        z.abs() <= Z_MAX,
        "{name}: mean {mean} for {exact}, z {z}, n {}",
        values.len()
    );
}

#[track_caller]
pub fn share_is(name: &str, hits: usize, n: usize, exact: f64) {
    let error = (exact * (1.0 - exact) / n as f64).sqrt();
    let z = (hits as f64 / n as f64 - exact) / error;
    assert!(z.abs() <= Z_MAX, "{name}: {hits} of {n} for {exact}, z {z}");
}

/// The share of `values` up to each quantile, as a binomial: catches shapes that a mean misses.
#[track_caller]
pub fn quantiles_are(name: &str, values: &[f64], n: usize, exact: &[(f64, f64)]) {
    for (p, at) in exact {
        let hits = values.iter().filter(|value| **value <= *at).count();
        share_is(&format!("{name} at {p}"), hits, n, *p);
    }
}

pub fn minutes(seconds: Vec<f64>) -> Vec<f64> {
    seconds.into_iter().map(|seconds| seconds / 60.0).collect()
}

/// A measure of the only pool in each replication; those that have none are left out.
pub fn batches(found: &Ensemble, measure: &str) -> Vec<f64> {
    found
        .values(0, measure)
        .expect("a measure")
        .flatten()
        .collect()
}
