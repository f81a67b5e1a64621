//! The ready level of each pool over time, over many replications.

use serde::{Deserialize, Serialize};

use crate::kernel::time::{SimDuration, SimTime};
use crate::model::id::PoolId;
use crate::model::setup::outage::When;
use crate::scenario::Scenario;

/// Slices of the scenario's length, at whose ends levels are looked at.
const SLICES: u64 = 96;

/// Probabilities of the bands.
pub(crate) const BANDS: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// How often each level was seen, by pool and instant.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Fan {
    /// Known from the scenario, and not written with what was seen.
    #[serde(skip)]
    pub instants: Vec<SimTime>,
    seen: Vec<Counts>,
}

/// How often each level was seen, from the lowest that was; as long as levels lie apart.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
struct Counts {
    lowest: u32,
    times: Vec<u32>,
}

/// The ready level of one pool at one instant.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct Band {
    /// After the scenario's start (s).
    pub at_s: f64,
    /// Replications that were looked at.
    pub n: usize,
    /// Quantiles 5%, 25%, 50%, 75% and 95% (workers).
    pub levels: [Option<f64>; 5],
}

impl Fan {
    /// Nothing seen yet.
    pub fn new(scenario: &Scenario) -> Self {
        let (start, length) = (scenario.setup.start, scenario.length().micros());
        let at = |slice: u64| start + SimDuration::from_micros(length / SLICES * slice);
        let instants: Vec<SimTime> = (0..=SLICES).map(at).collect();
        let seen = vec![Counts::default(); instants.len() * scenario.pools.len()];
        Self { instants, seen }
    }

    /// A pool had so many ready workers at the instant of this place.
    pub fn note(&mut self, pool: PoolId, instant: usize, ready: u32) {
        let place = pool.0 as usize * self.instants.len() + instant;
        self.seen[place].add(ready, 1);
    }

    /// Whether both have seen the same pools at the same instants.
    pub fn is_like(&self, other: &Self) -> bool {
        self.seen.len() == other.seen.len()
    }

    /// Adds what others have seen.
    pub fn merge(&mut self, other: &Self) {
        for (seen, more) in self.seen.iter_mut().zip(&other.seen) {
            for (level, times) in (more.lowest..).zip(&more.times) {
                seen.add(level, *times);
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
                n: seen.n() as usize,
                levels: BANDS.map(|p| seen.quantile(p)),
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
        let (from, until) = dated.filter(|_| window.pools.contains(&PoolId::from(pool)))?;
        let until = until.min(scenario.setup.horizon);
        Some((scenario.seconds(from).max(0.0), scenario.seconds(until)))
    })
}

impl Counts {
    /// A level was seen so many times more.
    fn add(&mut self, level: u32, times: u32) {
        if self.times.is_empty() {
            self.lowest = level;
        } else if level < self.lowest {
            let below = (self.lowest - level) as usize;
            self.times.splice(0..0, std::iter::repeat_n(0, below));
            self.lowest = level;
        }
        let place = (level - self.lowest) as usize;
        if self.times.len() <= place {
            self.times.resize(place + 1, 0);
        }
        self.times[place] += times;
    }

    fn n(&self) -> u64 {
        self.times.iter().map(|times| u64::from(*times)).sum()
    }

    /// Quantile `p`, by the inverted distribution function.
    fn quantile(&self, p: f64) -> Option<f64> {
        let rank = ((p * self.n() as f64).ceil() as u64).max(1);
        let mut below = 0;
        let place = self.times.iter().position(|times| {
            below += u64::from(*times);
            rank <= below
        });
        place.map(|place| f64::from(self.lowest) + place as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_a_level_that_was_seen() {
        let mut seen = Counts::default();
        for (level, times) in [(3, 90), (7, 5), (0, 5)] {
            seen.add(level, times);
        }
        assert_eq!(seen.n(), 100);
        assert_eq!(seen.quantile(0.05), Some(0.0));
        assert_eq!(seen.quantile(0.5), Some(3.0));
        assert_eq!(seen.quantile(0.96), Some(7.0));
        assert_eq!(Counts::default().quantile(0.5), None);
    }
}
