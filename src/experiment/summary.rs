//! What many replications say about one measure.

use crate::experiment::measure::Kind;
use crate::stats::mean::{Moments, too_few_differ};
use crate::stats::proportion::proportion;
use crate::stats::quantile::quantile_of;
use crate::stats::{ALPHA, Estimate};

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

/// Consecutive replications whose moments and digest are computed together: the unit of arithmetic. Those of all
/// blocks are folded in their order, so that no result depends on how the work was divided.
pub(crate) const BLOCK: usize = 1_000;

/// Summarises the values of replications, those absent included.
pub(crate) fn summarise(values: impl Iterator<Item = Option<f64>>, kind: Kind) -> Summary {
    let values: Vec<Option<f64>> = values.collect();
    let blocks = values.chunks(BLOCK);
    let blocks = blocks.map(|block| Moments::of(block.iter().copied().flatten()));
    let moments = blocks.fold(Moments::default(), Moments::and);
    let mut sorted: Vec<f64> = values.iter().flatten().copied().collect();
    let nonzero = sorted.iter().filter(|it| **it != 0.0).count();
    sorted.sort_unstable_by(f64::total_cmp);
    let median = sorted.get(sorted.len() / 2).copied().unwrap_or_default();
    let different = sorted.iter().filter(|it| **it != median).count();
    let ranked = |rank: usize| sorted.get(rank - 1).copied().unwrap_or(f64::INFINITY);
    let counted = Counted {
        n: values.len(),
        nonzero,
        different,
        moments,
    };
    counted.summary(kind, ranked)
}

/// What a sample is summarised from, besides the value at each rank.
pub(crate) struct Counted {
    /// Replications.
    pub n: usize,
    /// Those whose value is not 0.
    pub nonzero: usize,
    /// Those whose value is not the median.
    pub different: usize,
    /// Of the values that are present.
    pub moments: Moments,
}

impl Counted {
    /// The summary, where `ranked` gives the value that is present at each rank, from 1.
    pub fn summary(self, kind: Kind, ranked: impl Fn(usize) -> f64) -> Summary {
        let present = self.moments.n as usize;
        // Where an event does not occur everywhere, the mean of where it does is not the mean.
        let clock = kind == Kind::TimeToEvent;
        let censored = clock && present < self.n;
        let mean = match censored {
            true => Moments::default().mean(ALPHA, true),
            false => self
                .moments
                .mean(ALPHA, too_few_differ(self.different, present)),
        };
        let sample = if clock { self.n } else { present };
        Summary {
            present: proportion(present, self.n),
            nonzero: proportion(self.nonzero, present),
            mean: Estimate { n: present, ..mean },
            sd: self.moments.sd().filter(|_| !censored),
            quantiles: QUANTILES.map(|p| quantile_of(sample, p, &ranked)),
        }
    }
}
