//! Target policies: how many ready workers a pool keeps.

use crate::kernel::intensity::Intensity;
use crate::kernel::time::{SimDuration, SimTime};

/// A pool's target: its base stock.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// Constant (workers).
    Fixed(u32),
    /// From each instant on the level paired with it; before the first, `base`.
    Schedule {
        base: u32,
        changes: Vec<(SimTime, u32)>,
    },
    /// `factor` times a load, within limits.
    Proportional {
        factor: f64,
        load: Load,
        low: u32,
        high: u32,
    },
    /// A total less the workers in use.
    Complement { total: u32 },
    /// The expected fresh requests within `ahead`, times `factor` and an error that is drawn
    /// at each review (log-normal, mean 1, this standard deviation of its logarithm).
    Forecast {
        fresh: Vec<Intensity>,
        ahead: SimDuration,
        factor: f64,
        error: f64,
        low: u32,
        high: u32,
    },
}

/// What a proportional target follows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Load {
    /// Workers leased.
    InUse,
    /// Requests that wait.
    Waiting,
    /// Both.
    Demand,
}

impl Target {
    /// The initial target (workers).
    pub fn at_first(&self) -> u32 {
        self.level_at(SimTime::ZERO)
    }

    /// The target at `now`, where it does not depend on the load; its minimum where it does.
    pub fn level_at(&self, now: SimTime) -> u32 {
        match self {
            Self::Fixed(level) => *level,
            Self::Schedule { base, changes } => {
                let past = changes.partition_point(|(at, _)| *at <= now);
                past.checked_sub(1).map_or(*base, |last| changes[last].1)
            }
            Self::Proportional { low, .. } => *low,
            Self::Complement { total } => *total,
            Self::Forecast { .. } => self.forecast(now, 1.0),
        }
    }

    /// Its minimum and maximum (workers).
    pub fn limits(&self) -> (u32, u32) {
        match self {
            Self::Fixed(level) => (*level, *level),
            Self::Schedule { base, changes } => {
                let levels = changes.iter().map(|(_, level)| *level).chain([*base]);
                levels.fold((u32::MAX, 0), |(low, high), level| {
                    (low.min(level), high.max(level))
                })
            }
            Self::Proportional { low, high, .. } | Self::Forecast { low, high, .. } => {
                (*low, *high)
            }
            Self::Complement { total } => (0, *total),
        }
    }

    /// The target that results from the workers in use and the waiting requests; `None` where it
    /// depends on neither.
    pub fn following(&self, in_use: u32, waiting: u32) -> Option<u32> {
        match self {
            Self::Proportional {
                factor,
                load,
                low,
                high,
            } => {
                let load = match load {
                    Load::InUse => in_use,
                    Load::Waiting => waiting,
                    Load::Demand => in_use + waiting,
                };
                Some(whole(factor * f64::from(load)).clamp(*low, *high))
            }
            Self::Complement { total } => Some(total.saturating_sub(in_use)),
            Self::Fixed(_) | Self::Schedule { .. } | Self::Forecast { .. } => None,
        }
    }

    /// The forecast made at `now`, with the error factor `error`.
    ///
    /// # Panics
    /// If the target is no forecast.
    pub fn forecast(&self, now: SimTime, error: f64) -> u32 {
        let Self::Forecast {
            fresh,
            ahead,
            factor,
            low,
            high,
            ..
        } = self
        else {
            panic!("{self:?} is no forecast");
        };
        let (from, to) = (now.micros() as f64, (now + *ahead).micros() as f64);
        let within = |fresh: &Intensity| fresh.reached(to) - fresh.reached(from);
        let expected: f64 = fresh.iter().map(within).sum();
        whole(factor * error * expected).clamp(*low, *high)
    }
}

/// Rounds up to whole workers, tolerating rounding errors.
fn whole(workers: f64) -> u32 {
    (workers - 1e-9).ceil().max(0.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proportional_target_keeps_its_limits() {
        let target = Target::Proportional {
            factor: 0.25,
            load: Load::Demand,
            low: 2,
            high: 10,
        };
        let of = |in_use, waiting| target.following(in_use, waiting);
        assert_eq!(of(0, 0), Some(2));
        assert_eq!(of(17, 3), Some(5));
        assert_eq!(of(18, 3), Some(6));
        assert_eq!(of(400, 0), Some(10));
        assert_eq!(Target::Complement { total: 8 }.following(11, 0), Some(0));
    }
}
