//! What many replications say about one measure.

use crate::experiment::measure::Kind;
use crate::stats::Estimate;
use crate::stats::mean::{mean, moments};
use crate::stats::proportion::proportion;
use crate::stats::quantile::quantile;

/// What an ensemble says about one measure of one pool.
#[derive(Clone, Copy, PartialEq, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// Share of replications that have a value: for a clock, in which it occurred.
    pub present: Estimate,
    /// Share of those that have a value in which it is not 0. Where few are, no interval of the mean is
    /// worth its name, and this says more.
    pub nonzero: Estimate,
    /// Mean over the replications that have a value; of a clock, only where it occurred in all.
    pub mean: Estimate,
    /// Standard deviation over the same.
    pub sd: Option<f64>,
    /// Quantiles 5%, 50% and 95%. A time to an event that does not occur counts as later than all others.
    pub quantiles: [Estimate; 3],
}

/// Probabilities of the quantiles of a [`Summary`].
pub(crate) const QUANTILES: [f64; 3] = [0.05, 0.5, 0.95];

/// Summarises the values of replications, those absent included.
pub(crate) fn summarise(values: impl Iterator<Item = Option<f64>>, kind: Kind) -> Summary {
    let values: Vec<Option<f64>> = values.collect();
    let present: Vec<f64> = values.iter().flatten().copied().collect();
    let mut sorted = present.clone();
    if kind == Kind::TimeToEvent {
        sorted.resize(values.len(), f64::INFINITY);
    }
    sorted.sort_unstable_by(f64::total_cmp);
    let (_, squares) = moments(&present);
    // Where an event does not occur everywhere, the mean of where it does is not the mean.
    let censored = kind == Kind::TimeToEvent && present.len() < values.len();
    let few = censored || present.len() < 2;
    Summary {
        present: proportion(present.len(), values.len()),
        nonzero: proportion(
            present.iter().filter(|it| **it != 0.0).count(),
            present.len(),
        ),
        mean: if censored {
            Estimate {
                n: present.len(),
                ..Estimate::default()
            }
        } else {
            mean(&present)
        },
        sd: (!few).then(|| (squares / (present.len() - 1) as f64).sqrt()),
        quantiles: QUANTILES.map(|p| quantile(&sorted, p)),
    }
}
