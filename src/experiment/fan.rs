//! The ready level of each pool over time, over many replications.

use std::collections::BTreeMap;

use crate::kernel::time::{SimDuration, SimTime};
use crate::model::outage::When;
use crate::model::setup::PoolId;
use crate::scenario::Scenario;

/// Slices of the scenario's length, at whose ends levels are looked at.
const SLICES: u64 = 96;

/// Probabilities of the bands.
pub(crate) const BANDS: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// How often each level was seen, by pool and instant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fan {
    pub instants: Vec<SimTime>,
    seen: Vec<BTreeMap<u32, u32>>,
}

/// The ready level of one pool at one instant.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Band {
    /// After the scenario's start (s).
    pub at_s: f64,
    /// Replications that were looked at.
    pub n: usize,
    /// Quantiles 5 %, 25 %, 50 %, 75 % and 95 % (workers).
    pub levels: [Option<f64>; 5],
}

impl Fan {
    /// Nothing seen yet.
    pub fn new(scenario: &Scenario) -> Self {
        let (start, length) = (scenario.setup.start, scenario.length().micros());
        let at = |slice: u64| start + SimDuration::from_micros(length / SLICES * slice);
        let instants: Vec<SimTime> = (0..=SLICES).map(at).collect();
        let seen = vec![BTreeMap::new(); instants.len() * scenario.pools.len()];
        Self { instants, seen }
    }

    /// A pool had so many ready workers at the instant of this place.
    pub fn note(&mut self, pool: PoolId, instant: usize, ready: u32) {
        let place = pool.0 as usize * self.instants.len() + instant;
        *self.seen[place].entry(ready).or_default() += 1;
    }

    /// Adds what others have seen.
    pub fn merge(&mut self, other: &Self) {
        for (seen, more) in self.seen.iter_mut().zip(&other.seen) {
            for (level, times) in more {
                *seen.entry(*level).or_default() += times;
            }
        }
    }

    /// Quantiles of the ready level of a pool over time.
    pub fn bands(&self, scenario: &Scenario, pool: PoolId) -> Vec<Band> {
        let seen = &self.seen[pool.0 as usize * self.instants.len()..];
        let at = self.instants.iter().map(|at| scenario.seconds(*at));
        at.zip(seen)
            .map(|(at_s, seen)| Band {
                at_s,
                n: seen.values().map(|times| *times as usize).sum(),
                levels: BANDS.map(|p| quantile(seen, p)),
            })
            .collect()
    }
}

/// The outages that meet a pool at the same time in every replication (s after the start).
pub(crate) fn outages(scenario: &Scenario, pool: usize) -> impl Iterator<Item = (f64, f64)> + '_ {
    let windows = scenario.setup.windows.iter();
    windows.filter_map(move |window| {
        let dated = match &window.when {
            When::Dated { from, until, .. } if window.when.is_certain() => Some((*from, *until)),
            _ => None,
        };
        let (from, until) = dated.filter(|_| window.pools.contains(&PoolId(pool as u32)))?;
        let until = until.min(scenario.setup.horizon);
        Some((scenario.seconds(from).max(0.0), scenario.seconds(until)))
    })
}

/// Quantile `p` of levels that were each seen so often, by the inverted distribution function.
fn quantile(seen: &BTreeMap<u32, u32>, p: f64) -> Option<f64> {
    let n: u64 = seen.values().map(|times| u64::from(*times)).sum();
    let rank = ((p * n as f64).ceil() as u64).max(1);
    let mut below = 0;
    let level = seen.iter().find(|(_, times)| {
        below += u64::from(**times);
        rank <= below
    });
    level.map(|(level, _)| f64::from(*level))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_a_level_that_was_seen() {
        let seen = BTreeMap::from([(0, 5), (3, 90), (7, 5)]);
        assert_eq!(quantile(&seen, 0.05), Some(0.0));
        assert_eq!(quantile(&seen, 0.5), Some(3.0));
        assert_eq!(quantile(&seen, 0.96), Some(7.0));
        assert_eq!(quantile(&BTreeMap::new(), 0.5), None);
    }
}
