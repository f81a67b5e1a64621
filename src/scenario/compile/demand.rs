//! Demand classes as the file states them, checked and compiled.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::kernel::distribution::{Distribution, Gamma};
use crate::kernel::intensity::Intensity;
use crate::kernel::random;
use crate::kernel::time::SimDuration;
use crate::model::id::PoolId;
use crate::model::setup::demand::{Batch, Bursts, Shares, Source};
use crate::model::setup::demand::{ClassOnEmpty, ClassSetup, Retry};
use crate::scenario::compile::Compiler;
use crate::scenario::compile::profile::{self, Week};
use crate::scenario::schema::{self, Class, DemandSource};
use crate::scenario::text::limits::{BATCH_MAX, SURGES_MAX};
use crate::scenario::text::units::Rate;
use crate::scenario::{ClassName, PoolName};

/// Every class, in the order of its name.
pub(crate) fn classes(
    compiler: &mut Compiler<'_>,
    pools: &[PoolName],
    zones: &BTreeMap<String, TimeZone>,
    weeks: &BTreeMap<String, Week>,
) -> Vec<(ClassName, ClassSetup)> {
    let file = compiler.file;
    let mut classes = Vec::new();
    for (name, class) in &file.demand {
        let path = format!("demand.{name}");
        let pool = compiler.pool(&format!("{path}.pool"), &class.pool, pools);
        let (tag, volume, profile) = match &class.source {
            DemandSource::Tenants(tenants) => ("tenants", "jobs", &tenants.profile),
            DemandSource::Requests(requests) => ("requests", "rate", &requests.profile),
            DemandSource::Deterministic(even) => ("deterministic", "rate", &even.profile),
            DemandSource::Trace(_) => ("trace", "csv", &None),
        };
        let within = format!("{path}.source.{tag}");
        let zone = pool.and_then(|pool| zones.get(&pools[usize::from(pool)].region));
        let shape = compiler.shape(&within, profile.as_deref(), zone, weeks);
        let shape = compiler.surges(&path, class, shape);
        let source = compiler.source(&within, class, &shape);
        let arrivals = source.arrivals_before(compiler.horizon().micros() as f64);
        compiler.check_arrivals(&format!("{within}.{volume}"), arrivals);
        let pool = pool.unwrap_or(PoolId(0));
        let named = ClassName {
            name: name.clone(),
            essential: class.essential,
            pool,
        };
        let setup = ClassSetup {
            stream_key: random::stream_key(&path),
            pool,
            source,
            priority: class.priority.0,
            reserve: class.reserve.0,
            retry: compiler.retry(&path, class),
            on_empty: class.on_empty.as_ref().map(|it| match it {
                schema::ClassOnEmpty::Wait => ClassOnEmpty::Wait,
                schema::ClassOnEmpty::Reject => ClassOnEmpty::Reject,
            }),
            patience: compiler.class_patience(&path, class),
            waiting_max: class.waiting_max.0,
            repeats_lost_jobs: matches!(class.lost_jobs, schema::LostJobs::Again),
            wait_limit: class.wait_limit.map(|limit| limit.0),
        };
        classes.push((named, setup));
    }
    classes
}

impl Compiler<'_> {
    /// The patience of a class, which must be known where it waits and its pool rejects.
    fn class_patience(&mut self, path: &str, class: &Class) -> Option<Distribution> {
        let pool = self.file.pools.get(&class.pool);
        let rejects = pool.is_some_and(|it| matches!(it.lease.on_empty, schema::OnEmpty::Reject));
        let at = format!("{path}.wait_timeout");
        let waits = match class.on_empty {
            Some(schema::ClassOnEmpty::Wait) => true,
            Some(schema::ClassOnEmpty::Reject) => false,
            None => !rejects,
        };
        match &class.wait_timeout {
            None if waits && rejects => {
                let limit = "a duration, a distribution, or `never`, where the pool states none";
                let help = "set how long a request waits before it fails";
                self.problem(&at, "`wait_timeout` is missing", limit, help);
                None
            }
            Some(_) if !waits => {
                let limit = "only where requests wait";
                let help = "remove it, or write `on_empty: wait`";
                let message = "`wait_timeout` where requests are rejected";
                self.problem(&at, message, limit, help);
                None
            }
            patience => patience.as_ref().map(|it| self.patience(&at, it)),
        }
    }

    /// The multiplier of demand over time, 1 by default.
    pub(crate) fn shape(
        &mut self,
        path: &str,
        profile: Option<&str>,
        zone: Option<&TimeZone>,
        weeks: &BTreeMap<String, Week>,
    ) -> Intensity {
        let Some(profile) = profile else {
            return Intensity::flat(1.0);
        };
        match (weeks.get(profile), zone) {
            (Some(week), Some(zone)) => {
                let knots: usize = week.iter().map(Vec::len).sum();
                let points = knots as f64 / 7.0 * self.days().max(7.0);
                if !self.check_points(&format!("{path}.profile"), points) {
                    return Intensity::flat(1.0);
                }
                profile::multiplier(week, zone, self.begin(), self.horizon())
            }
            _ => {
                if !self.file.profiles.contains_key(profile) {
                    let known: Vec<&str> = self.file.profiles.keys().map(String::as_str).collect();
                    self.dangling(&format!("{path}.profile"), "profile", profile, &known);
                }
                Intensity::flat(1.0)
            }
        }
    }

    fn source(&mut self, path: &str, class: &Class, shape: &Intensity) -> Source {
        match &class.source {
            DemandSource::Tenants(tenants) => {
                let Rate(each) = tenants.jobs;
                let count = tenants.count.0;
                if count == 0 {
                    let help = "write the number of tenants, or remove the class";
                    self.problem(&format!("{path}.count"), "0 tenants", "1 or more", help);
                }
                let fits = self.check_tenants(&format!("{path}.count"), count);
                let all = each * f64::from(count);
                self.check_rate(&format!("{path}.jobs"), all);
                Source::Tenants {
                    count,
                    jobs: shape.scaled(all),
                    duration: self.law(&format!("{path}.duration"), &tenants.duration),
                    shares: if fits {
                        self.shares(&format!("{path}.shares"), count, &tenants.shares)
                    } else {
                        Shares::Equal
                    },
                }
            }
            DemandSource::Requests(requests) => {
                let batch = self.batch(&format!("{path}.batch"), &requests.batch);
                self.check_rate(&format!("{path}.rate"), requests.rate.0 * batch.mean());
                Source::Requests {
                    rate: shape.scaled(requests.rate.0),
                    hold: self.law(&format!("{path}.hold"), &requests.hold),
                    bursts: self.bursts(&format!("{path}.bursts"), requests.bursts.as_ref()),
                    batch,
                }
            }
            DemandSource::Deterministic(even) => Source::Deterministic {
                rate: shape.scaled(even.rate.0),
                hold: self.law(&format!("{path}.hold"), &even.hold),
                tenants: 0,
            },
            DemandSource::Trace(trace) => self.trace(path, trace),
        }
    }

    fn shares(&mut self, path: &str, count: u32, shares: &schema::Shares) -> Shares {
        match shares {
            schema::Shares::Equal => Shares::Equal,
            schema::Shares::Gamma(shape) if (0.05..=1e4).contains(&shape.0) => {
                Shares::Gamma(Gamma::shared(shape.0, 1.0 / shape.0, 0.0))
            }
            schema::Shares::Zipf(exponent) if exponent.0 <= 5.0 => {
                Shares::zipf(count.max(1), exponent.0)
            }
            schema::Shares::Gamma(shape) => {
                let message = format!("a shape of {}", shape.0);
                let help = "the smaller the shape, the more unequal the tenants";
                self.problem(&format!("{path}.gamma"), message, "0.05 to 10,000", help);
                Shares::Equal
            }
            schema::Shares::Zipf(exponent) => {
                let message = format!("an exponent of {}", exponent.0);
                let help = "0 means equal shares, 1 is the usual exponent";
                self.problem(&format!("{path}.zipf"), message, "0 to 5", help);
                Shares::Equal
            }
        }
    }

    fn batch(&mut self, path: &str, batch: &schema::Batch) -> Batch {
        let help = "write the number of requests in a batch, or remove it";
        match batch {
            schema::Batch::Single => Batch::One,
            schema::Batch::Fixed(size) if (1..=BATCH_MAX).contains(&size.0) => Batch::Fixed(size.0),
            schema::Batch::Geometric(mean) if 1.0 < mean.0 && mean.0 <= f64::from(BATCH_MAX) => {
                Batch::Geometric(mean.0)
            }
            schema::Batch::Fixed(size) => {
                let message = format!("batches of {}", size.0);
                self.problem(&format!("{path}.fixed"), message, "1 to 10,000", help);
                Batch::One
            }
            schema::Batch::Geometric(mean) => {
                let message = format!("batches of {} on average", mean.0);
                let limit = "more than 1, at most 10,000";
                self.problem(&format!("{path}.geometric"), message, limit, help);
                Batch::One
            }
        }
    }

    fn bursts(&mut self, path: &str, bursts: Option<&schema::Bursts>) -> Option<Bursts> {
        let bursts = bursts?;
        for (key, length) in [("every", bursts.every), ("last", bursts.last)] {
            if length.0 == SimDuration::ZERO {
                let help = "write a mean length of time, such as `30m`";
                let message = format!("`{key}` of 0s");
                self.problem(
                    &format!("{path}.{key}"),
                    message,
                    "a duration above 0",
                    help,
                );
            } else {
                let help = "write a longer mean length of time";
                let what = format!("`{key}` of");
                self.check_recurrence(&format!("{path}.{key}"), length.0, &what, help);
            }
        }
        Some(Bursts::new(bursts.factor.0, bursts.every.0, bursts.last.0))
    }

    fn retry(&mut self, path: &str, class: &Class) -> Option<Retry> {
        let retry = class.retry.as_ref()?;
        let path = format!("{path}.retry");
        let delay = self.law(&format!("{path}.delay"), &retry.delay);
        let odds = (retry.probability.0, retry.tries.0);
        self.check_tries(&path, "failed requests are retried", odds, &delay);
        Some(Retry {
            probability: retry.probability.0,
            delay,
            tries_max: retry.tries.0,
        })
    }

    fn surges(&mut self, path: &str, class: &Class, mut shape: Intensity) -> Intensity {
        if SURGES_MAX < class.surges.len() {
            let limit = format!("at most {SURGES_MAX} of a class");
            let message = format!("{} surges", class.surges.len());
            let help = "describe regular variation by a profile";
            self.problem(&format!("{path}.surges"), message, &limit, help);
            return shape;
        }
        for (name, surge) in &class.surges {
            let at = format!("{path}.surges.{name}");
            let from = self.instant(&format!("{at}.from"), surge.from);
            let until = self.instant(&format!("{at}.until"), surge.until);
            if until <= from {
                let limit = "an instant later than `from`, or `never`";
                let help = "swap the two";
                let until = format!("{at}.until");
                self.problem(&until, "the surge ends before it begins", limit, help);
            } else if self.check_points(&at, shape.len() as f64) {
                shape = shape.surging(from, until, surge.factor.0);
            }
        }
        shape
    }

    /// All tenants of a class together may make at most a thousand requests per second.
    fn check_rate(&mut self, path: &str, all: f64) {
        if 1e-3 < all {
            let message = format!("{:.0} jobs per second, over all tenants", all * 1e6);
            let help = "lower the rate, or the number of tenants";
            self.problem(path, message, "at most 1000/s over all tenants", help);
        }
    }
}
