//! Requests that arrive together, such as the jobs of one push.

use crate::log::demand::ALPHA;
use crate::stats::Estimate;
use crate::stats::normal_quantile;

/// Requests at most so far apart arrived together (s): logs write whole seconds.
const TOGETHER: f64 = 1.0;
/// The least mean number of requests that counts as more than one.
const MEAN_MIN: f64 = 1.1;
/// How many times more requests must arrive together than by chance.
const CHANCE: f64 = 4.0;

/// The instants at which requests arrived in a window of so many seconds, and the mean number that arrived together, with
/// its interval; absent where they arrive one by one. Times must be sorted.
pub(crate) fn batches(times: &[f64], seconds: f64) -> (Vec<f64>, Option<Estimate>) {
    let groups = times.chunk_by(|one, other| other - one < TOGETHER);
    let first: Vec<f64> = groups.map(|group| group[0]).collect();
    let mean = times.len() as f64 / first.len().max(1) as f64;
    // Independent requests are within a second of the one before with a probability of 1 - exp(-rate), so that groups of
    // them have a mean of exp(rate).
    let rate = times.len() as f64 * TOGETHER / seconds.max(1.0);
    if mean < MEAN_MIN || mean - 1.0 < CHANCE * libm::expm1(rate) {
        return (times.to_vec(), None);
    }
    // A geometric number has the variance m (m - 1); the interval is normal on the scale of ln (m - 1).
    let above = mean - 1.0;
    let half = normal_quantile(1.0 - ALPHA / 2.0) * (mean / (above * first.len() as f64)).sqrt();
    let estimate = Estimate {
        point: Some(mean),
        low: Some(1.0 + above * libm::exp(-half)),
        high: Some(1.0 + above * libm::exp(half)),
        n: first.len(),
    };
    (first, Some(estimate))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_of_one_push_are_one_batch() {
        let times = [0.0, 0.0, 0.4, 600.0, 900.0, 900.0];
        let (first, mean) = batches(&times, 3_600.0);
        assert_eq!(first, [0.0, 600.0, 900.0]);
        let mean = mean.expect("a mean");
        assert_eq!(mean.point, Some(2.0));
        assert!(mean.low.is_some_and(|low| 1.0 < low && low < 2.0));
        let apart: Vec<f64> = (0..100).map(|i| f64::from(i) * 60.0).collect();
        assert_eq!(batches(&apart, 6_000.0), (apart.clone(), None));
    }

    #[test]
    fn what_is_near_by_chance_is_no_batch() {
        // Ten a second, evenly: all are within a second of the one before.
        let dense: Vec<f64> = (0..1_000).map(|i| f64::from(i) * 0.1).collect();
        assert_eq!(batches(&dense, 100.0).1, None);
    }
}
