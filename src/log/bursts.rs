//! Bursts that make the demand of a scenario vary as much as that of a log: a rate that alternates between two levels
//! (a Markov-modulated Poisson process; Fischer and Meier-Hellstern, 1993), fitted to the indices of dispersion of
//! hours and of days.

use crate::log::demand::{ALPHA, Demand};
use crate::stats::Estimate;
use crate::stats::counts::Dispersion;

/// Share of the time that bursts take. Two indices tell how strong and how long bursts are, not how rare.
pub(crate) const SHARE: f64 = 0.1;
/// Lengths of bursts that are tried (s).
const LENGTHS: [f64; 8] = [
    900.0, 1_800.0, 3_600.0, 7_200.0, 14_400.0, 28_800.0, 86_400.0, 259_200.0,
];
/// The length where days tell nothing (s).
const USUAL: f64 = 3_600.0;
const HOUR: f64 = 3_600.0;
const DAY: f64 = 86_400.0;
/// The strongest burst that is written.
const FACTOR_MAX: f64 = 50.0;

/// Bursts of a rate.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Bursts {
    /// Rate in a burst, as a factor on the rate between bursts.
    pub factor: Estimate,
    /// Mean time between bursts (s).
    pub every: f64,
    /// Mean length of a burst (s).
    pub last: f64,
}

impl Bursts {
    /// The mean rate, as a factor on the rate between bursts.
    pub fn mean(self) -> f64 {
        1.0 + SHARE * (self.factor.point.unwrap_or(1.0) - 1.0)
    }

    /// The bursts of a demand; absent where it does not vary more than a Poisson process.
    pub fn of(demand: &Demand) -> Option<Self> {
        let over = |it: Option<Dispersion>| it.filter(|it| it.is_over());
        let (hour, day) = (over(demand.hourly), over(demand.daily));
        let rate = demand.rate.point.filter(|rate| 0.0 < *rate)?;
        let (index, window) = match (hour, day) {
            (Some(hour), _) => (hour, HOUR),
            (None, Some(day)) => (day, DAY),
            (None, None) => return None,
        };
        let last = match (hour, demand.daily) {
            (Some(hour), Some(day)) => {
                let wanted = (day.index - 1.0).max(hour.index - 1.0) / (hour.index - 1.0);
                let off = |last: &f64| (growth(*last, DAY) / growth(*last, HOUR) - wanted).abs();
                let nearest = LENGTHS.iter().copied();
                nearest.min_by(|one, other| off(one).total_cmp(&off(other)))?
            }
            (Some(_), None) => USUAL,
            (None, _) => DAY,
        };
        let factor = |index: f64| factor(index, rate * growth(last, window));
        let (low, high) = index.interval(ALPHA);
        Some(Self {
            factor: Estimate {
                point: Some(factor(index.index)),
                low: Some(factor(low)),
                high: Some(factor(high)),
                n: demand.count,
            },
            every: last * (1.0 - SHARE) / SHARE,
            last,
        })
    }
}

/// The factor of bursts with which the index of dispersion of a window is this, where it exceeds 1 by `unit` times the
/// squared coefficient of variation of the rate.
fn factor(index: f64, unit: f64) -> f64 {
    let variation = (index - 1.0).max(0.0) / unit;
    let root = (variation / (SHARE * (1.0 - SHARE))).sqrt();
    match 1.0 - SHARE * root {
        left if root / FACTOR_MAX < left => 1.0 + root / left,
        _ => FACTOR_MAX,
    }
}

/// What the index of dispersion of a window exceeds 1 by, divided by rate and squared coefficient of variation (s).
fn growth(last: f64, window: f64) -> f64 {
    let every = last * (1.0 - SHARE) / SHARE;
    let decay = 1.0 / every + 1.0 / last;
    let reach = decay * window;
    2.0 / decay * (1.0 + libm::expm1(-reach) / reach)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dispersion_grows_with_the_window() {
        assert!(growth(900.0, DAY) / growth(900.0, HOUR) < 2.0);
        assert!(20.0 < growth(259_200.0, DAY) / growth(259_200.0, HOUR));
        // A short window sees a constant rate: the excess is rate, variation and window.
        assert!((growth(259_200.0, 60.0) - 60.0).abs() < 0.1);
    }

    #[test]
    fn the_mean_of_bursts_is_that_of_their_shares() {
        let bursts = Bursts {
            factor: Estimate {
                point: Some(6.0),
                ..Estimate::default()
            },
            every: 9.0,
            last: 1.0,
        };
        assert!((bursts.mean() - (0.9 + 0.6)).abs() < 1e-12);
        // A tenth of the time at four times the rate between: squared coefficient of variation 0.81 / 1.69.
        assert!((factor(1.0 + 0.81 / 1.69, 1.0) - 4.0).abs() < 1e-9);
        assert!((factor(0.9, 1.0) - 1.0).abs() < 1e-12);
    }
}
