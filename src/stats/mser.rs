//! How long a simulation depends on how it began: MSER-5 (White, 1997; White, Cobb and Spratt, 2000). What is dropped at
//! the beginning is what makes the marginal standard error of the rest smallest.

/// Observations of a batch.
pub(crate) const BATCH: usize = 5;

/// Batches at the end that are never dropped: of fewer, the standard error is small by chance.
const LAST: usize = 5;

/// How many observations to drop at the beginning: a multiple of 5. Where it is more than half of them, the series is too
/// short to say (White and Robinson, 2010). Absent for fewer than ten batches.
pub(crate) fn mser5(values: &[f64]) -> Option<usize> {
    let batches = values.chunks_exact(BATCH);
    let means: Vec<f64> = batches
        .map(|it| it.iter().sum::<f64>() / BATCH as f64)
        .collect();
    if means.len() < 2 * LAST {
        return None;
    }
    // From the end on: moments of what is kept (Welford, 1962).
    let (mut mean, mut squares) = (0.0, 0.0);
    let mut best = (f64::INFINITY, 0);
    for (kept, place) in (1..).zip((0..means.len()).rev()) {
        let off = means[place] - mean;
        mean += off / f64::from(kept);
        squares += off * (means[place] - mean);
        let error = squares / f64::from(kept) / f64::from(kept);
        // Of equal errors, that which drops less.
        if LAST <= kept as usize && error <= best.0 {
            best = (error, place);
        }
    }
    Some(best.1 * BATCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A level that begins so much too high and comes down by a factor e in `decay` observations, with noise of standard
    /// deviation 1.
    fn series(n: usize, (height, decay): (f64, f64), seed: u64) -> Vec<f64> {
        let mut bits = seed;
        let mut unit = || {
            bits = bits
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (bits >> 11) as f64 / (1_u64 << 53) as f64
        };
        let noise = |unit: &mut dyn FnMut() -> f64| {
            let sum: f64 = (0..12).map(|_| unit()).sum();
            sum - 6.0
        };
        (0..n)
            .map(|i| height * libm::exp(-(i as f64) / decay) + noise(&mut unit))
            .collect()
    }

    #[test]
    fn a_transient_is_dropped_and_nothing_is_of_a_steady_level() {
        for seed in 1..=20 {
            let dropped = mser5(&series(1_000, (10.0, 40.0), seed)).expect("enough batches");
            // After 100 observations 0.8 of 10 is left, after 300 hardly anything.
            assert!((80..=400).contains(&dropped), "{seed}: {dropped}");
        }
        assert_eq!(mser5(&[3.0; 200]), Some(0));
        assert_eq!(mser5(&[3.0; 49]), None);
    }

    #[test]
    fn a_step_is_dropped_exactly() {
        let mut values = vec![0.0; 100];
        values.extend([5.0; 300]);
        assert_eq!(mser5(&values), Some(100));
    }

    #[test]
    fn a_series_that_ends_in_its_transient_is_too_short() {
        for seed in 1..=20 {
            let dropped = mser5(&series(200, (50.0, 300.0), seed)).expect("enough batches");
            assert!(100 < dropped, "{seed}: {dropped}");
        }
    }
}
