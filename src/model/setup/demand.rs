//! Sources of requests: rates, bursts, batches, shares of tenants.

use crate::model::id::PoolId;
use crate::model::setup::Setup;
use crate::model::tenancy::Fresh;
use std::sync::Arc;

use crate::kernel::distribution::{Distribution, Gamma};
use crate::kernel::intensity::Intensity;
use crate::kernel::time::{SimDuration, SimTime};

/// Source of requests.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// `count` tenants whose jobs, taken together, are a Poisson stream.
    Tenants {
        count: u32,
        jobs: Intensity,
        duration: Distribution,
        shares: Shares,
    },
    /// A stream of independent requests, each of which holds its worker this long.
    Requests {
        rate: Intensity,
        hold: Distribution,
        bursts: Option<Bursts>,
        batch: Batch,
    },
    /// The k-th request falls where its intensity reaches k - 1/2; by `tenants` in turn, if any.
    Deterministic {
        rate: Intensity,
        hold: Distribution,
        tenants: u32,
    },
    /// A trace: requests listed one by one, in the order of time.
    Trace {
        requests: Arc<[Traced]>,
        tenants: u32,
    },
}

/// A request of a trace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Traced {
    pub at: SimTime,
    pub tenant: Option<u32>,
    pub hold: SimDuration,
}

/// How the demand of a class is divided among its tenants.
#[derive(Clone, Debug)]
pub(crate) enum Shares {
    Equal,
    /// Drawn for each tenant and replication from the gamma distribution with mean 1, so that their
    /// total is random too.
    Gamma(Arc<Gamma>),
    /// The k-th has a share in proportion to k to the power of minus this exponent.
    Zipf {
        exponent: f64,
        mean: f64,
    },
}

impl PartialEq for Shares {
    fn eq(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Equal, Self::Equal))
    }
}

impl Shares {
    /// The shares of `count` tenants after Zipf (1949).
    pub fn zipf(count: u32, exponent: f64) -> Self {
        let sum: f64 = (1..=count).map(|rank| power(rank, exponent)).sum();
        Self::Zipf {
            exponent,
            mean: sum / f64::from(count),
        }
    }

    /// Demand of one tenant, relative to the mean, by `unit` of (0, 1) where it is drawn.
    pub fn weight(&self, tenant: u32, unit: impl FnOnce() -> f64) -> f64 {
        match self {
            Self::Equal => 1.0,
            Self::Gamma(law) => law.value(unit()),
            Self::Zipf { exponent, mean } => power(tenant + 1, *exponent) / mean,
        }
    }

    /// Groups that represent all tenants: the share of the tenants in each, and their weight.
    pub fn groups(&self, count: u32) -> Vec<(f64, f64)> {
        const GROUPS: u32 = 24;
        match self {
            Self::Equal => vec![(1.0, 1.0)],
            Self::Gamma(law) => {
                let middle = |group: u32| (f64::from(group) + 0.5) / f64::from(GROUPS);
                let values: Vec<f64> = (0..GROUPS).map(|group| law.value(middle(group))).collect();
                let mean = values.iter().sum::<f64>() / f64::from(GROUPS);
                let share = 1.0 / f64::from(GROUPS);
                values.iter().map(|value| (share, value / mean)).collect()
            }
            Self::Zipf { .. } => {
                // The first few one by one, then ever larger groups.
                let mut groups = Vec::new();
                let mut from = 0;
                while from < count {
                    let to = (from + 1 + from / 4).min(count);
                    let weights = (from..to).map(|tenant| self.weight(tenant, || 0.5));
                    let members = f64::from(to - from);
                    groups.push((members / f64::from(count), weights.sum::<f64>() / members));
                    from = to;
                }
                groups
            }
        }
    }
}

fn power(rank: u32, exponent: f64) -> f64 {
    libm::pow(f64::from(rank), -exponent)
}

/// A two-state modulated Poisson stream (Fischer and Meier-Hellstern, 1993): calm and bursts
/// alternate, each for an exponential time. The mean rate is what it would be without.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bursts {
    /// Factors on the rate.
    pub calm: f64,
    pub burst: f64,
    /// Mean time between bursts, and mean length of one.
    pub every: SimDuration,
    pub last: SimDuration,
}

impl Bursts {
    /// Bursts in which the rate is `factor` times that between bursts.
    pub fn new(factor: f64, every: SimDuration, last: SimDuration) -> Self {
        let (calm_time, burst_time) = (every.seconds(), last.seconds());
        let calm = (calm_time + burst_time) / (calm_time + factor * burst_time);
        Self {
            calm,
            burst: factor * calm,
            every,
            last,
        }
    }

    /// Fraction of time spent in bursts.
    pub fn share(&self) -> f64 {
        self.last.seconds() / (self.every.seconds() + self.last.seconds())
    }
}

/// Batch size: how many requests arrive at once.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Batch {
    One,
    Fixed(u32),
    /// Geometric with this mean, at least 1.
    Geometric(f64),
}

impl Batch {
    /// The size that a share `unit` of batches does not exceed.
    pub fn size(&self, unit: f64) -> u32 {
        match self {
            Self::One => 1,
            Self::Fixed(size) => *size,
            Self::Geometric(mean) => {
                let more = libm::log(1.0 - unit) / libm::log(1.0 - 1.0 / mean);
                1 + more.clamp(0.0, 1e6) as u32
            }
        }
    }

    /// The expected size.
    pub fn mean(&self) -> f64 {
        match self {
            Self::One => 1.0,
            Self::Fixed(size) => f64::from(*size),
            Self::Geometric(mean) => *mean,
        }
    }
}

impl Source {
    /// Its rate, and how many requests arrive at once on average; nothing for a trace.
    fn rate(&self) -> Option<(&Intensity, f64)> {
        match self {
            Self::Tenants { jobs: rate, .. } | Self::Deterministic { rate, .. } => {
                Some((rate, 1.0))
            }
            Self::Requests { rate, batch, .. } => Some((rate, batch.mean())),
            Self::Trace { .. } => None,
        }
    }

    /// Arrivals expected before an instant (µs).
    pub fn arrivals_before(&self, end: f64) -> f64 {
        match (self, self.rate()) {
            (Self::Trace { requests, .. }, _) => requests.len() as f64,
            (_, rate) => rate.map_or(0.0, |(rate, batch)| rate.reached(end) * batch),
        }
    }

    /// Whether its rate is the same all the time.
    pub fn is_constant(&self) -> bool {
        self.rate().is_some_and(|(rate, _)| rate.len() == 1)
    }

    /// Tenants; 0 where requests are independent of each other.
    pub fn tenants(&self) -> u32 {
        match self {
            Self::Tenants { count, .. } => *count,
            Self::Deterministic { tenants, .. } | Self::Trace { tenants, .. } => *tenants,
            Self::Requests { .. } => 0,
        }
    }

    /// Whether its requests come from tenants, who may keep their leases between jobs.
    pub fn has_tenants(&self) -> bool {
        0 < self.tenants()
    }

    /// Whether tenants keep their leases from job to job.
    pub fn keeps_leases(&self) -> bool {
        matches!(self, Self::Tenants { .. } | Self::Trace { .. })
    }
}

/// A demand class, as declared.
#[derive(Clone, Debug)]
pub(crate) struct ClassSetup {
    /// Key of its random streams.
    pub stream_key: u64,
    pub pool: PoolId,
    pub source: Source,
    /// Its priority in the queue of waiting requests; lower is served first.
    pub priority: u32,
    /// Its requests are rejected while no more workers than these are ready.
    pub reserve: u32,
    pub retry: Option<Retry>,
    /// What its requests do if no worker is ready, where that is not what the pool says.
    pub on_empty: Option<ClassOnEmpty>,
    /// Their patience, where that is not what the pool says.
    pub patience: Option<Distribution>,
    /// The most of them that wait at once.
    pub waiting_max: u32,
    /// Whether its jobs on workers that are lost are requested again.
    pub repeats_lost_jobs: bool,
    /// Wait that counts as too long, if one is declared.
    pub wait_limit: Option<SimDuration>,
}

/// What the requests of a class do if no worker is ready.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ClassOnEmpty {
    Wait,
    Reject,
}

/// Whether and when a failed request is retried.
#[derive(Clone, Debug)]
pub(crate) struct Retry {
    pub probability: f64,
    pub delay: Distribution,
    /// The most tries of one request, the first included.
    pub tries_max: u32,
}

impl Setup {
    /// This world with the expected demand: the requests of each class at equal spacing.
    pub fn with_mean_demand(&self) -> Self {
        let classes = self.classes.iter().map(|class| ClassSetup {
            source: self.expected(class),
            ..class.clone()
        });
        Self {
            classes: classes.collect(),
            ..self.clone()
        }
    }

    /// The expected fresh requests of a class, over time.
    pub(crate) fn fresh_requests(&self, class: &ClassSetup) -> Intensity {
        match self.expected(class) {
            Source::Deterministic { rate, .. } => rate,
            // A trace has no rate.
            _ => Intensity::flat(0.0),
        }
    }

    /// The expected requests of a class, evenly spaced.
    fn expected(&self, class: &ClassSetup) -> Source {
        match &class.source {
            Source::Tenants {
                count,
                jobs,
                duration,
                shares,
            } => {
                let lease = &self.pools[class.pool].lease;
                let gap = lease.idle_timeout.micros() as f64 + duration.mean().micros() as f64;
                let each = jobs.scaled(1.0 / f64::from(*count));
                let fresh = shares.groups(*count).into_iter().map(|(share, weight)| {
                    let one =
                        Fresh::requests(&each.scaled(weight), gap, lease.max_age, self.horizon);
                    (share, one)
                });
                let fresh = Fresh::together(fresh);
                Source::Deterministic {
                    rate: Intensity::through(&fresh.rate).scaled(f64::from(*count)),
                    hold: Distribution::Fixed(fresh.mean_lease),
                    tenants: *count,
                }
            }
            Source::Requests {
                rate, hold, batch, ..
            } => Source::Deterministic {
                rate: rate.scaled(batch.mean()),
                hold: hold.clone(),
                tenants: 0,
            },
            known @ (Source::Deterministic { .. } | Source::Trace { .. }) => known.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_stand_for_all_tenants() {
        let shares = [
            Shares::Equal,
            Shares::zipf(137, 1.1),
            Shares::Gamma(Gamma::shared(0.5, 2.0, 0.0)),
        ];
        for shares in shares {
            let groups = shares.groups(137);
            let members: f64 = groups.iter().map(|(share, _)| share).sum();
            let demand: f64 = groups.iter().map(|(share, weight)| share * weight).sum();
            assert!((members - 1.0).abs() < 1e-12 && (demand - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn geometric_batches_have_their_mean() {
        let batch = Batch::Geometric(3.0);
        let n = 100_000;
        let sizes = (0..n).map(|i| batch.size((f64::from(i) + 0.5) / f64::from(n)));
        let mean = sizes.map(f64::from).sum::<f64>() / f64::from(n);
        assert!((mean - 3.0).abs() < 1e-2, "{mean}");
    }
}
