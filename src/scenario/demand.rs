//! Demand classes as the file states them, checked and compiled.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::kernel::intensity::Intensity;
use crate::kernel::random;
use crate::model::setup::{ClassSetup, PoolId, Source};
use crate::scenario::compile::Compiler;
use crate::scenario::profile::{self, Week};
use crate::scenario::schema::{Class, DemandSource};
use crate::scenario::units::Rate;
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
        let (tag, profile) = match &class.source {
            DemandSource::Tenants(tenants) => ("tenants", &tenants.profile),
            DemandSource::Requests(requests) => ("requests", &requests.profile),
            DemandSource::Even(even) => ("even", &even.profile),
        };
        let path = format!("{path}.source.{tag}");
        let zone = pool.and_then(|pool| zones.get(&pools[pool.0 as usize].region));
        let shape = compiler.shape(&path, profile.as_deref(), zone, weeks);
        let source = compiler.source(&path, class, &shape);
        let pool = pool.unwrap_or(PoolId(0));
        let entity = random::entity(&format!("demand.{name}"));
        let named = ClassName {
            name: name.clone(),
            essential: class.essential,
            pool,
        };
        classes.push((
            named,
            ClassSetup {
                entity,
                pool,
                source,
            },
        ));
    }
    classes
}

impl Compiler<'_> {
    /// The course of demand over the world's time, 1 where nothing is said about it.
    fn shape(
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
                    let help = "write how many tenants there are, or leave the class out";
                    self.problem(&format!("{path}.count"), "0 tenants", "1 or more", help);
                }
                let all = each * f64::from(count);
                self.check_rate(&format!("{path}.jobs"), all);
                Source::Tenants {
                    count,
                    jobs: shape.scaled(all),
                    duration: self.law(&format!("{path}.duration"), &tenants.duration),
                }
            }
            DemandSource::Requests(requests) => Source::Requests {
                rate: shape.scaled(requests.rate.0),
                hold: self.law(&format!("{path}.hold"), &requests.hold),
            },
            DemandSource::Even(even) => Source::Even {
                rate: shape.scaled(even.rate.0),
                hold: self.law(&format!("{path}.hold"), &even.hold),
                tenants: 0,
            },
        }
    }

    /// All tenants of a class together may make a thousand requests a second at the most.
    fn check_rate(&mut self, path: &str, all: f64) {
        if 1e-3 < all {
            let message = format!("{:.0} jobs a second, over all tenants", all * 1e6);
            let help = "lower the rate, or the number of tenants";
            self.problem(path, message, "at most 1000/s over all tenants", help);
        }
    }
}
