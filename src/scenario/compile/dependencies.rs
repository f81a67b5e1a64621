//! Dependencies as the file states them, checked and compiled.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::kernel::random;
use crate::model::id::WindowId;
use crate::model::setup::dependency::{Again, Blocked, DependencySetup, Late};
use crate::scenario::WindowName;
use crate::scenario::compile::Compiler;
use crate::scenario::compile::profile::Week;
use crate::scenario::schema::{self, Dependency};
use crate::scenario::text::read::listed;

/// Every dependency, in the order of its name.
pub(crate) fn dependencies(
    compiler: &mut Compiler<'_>,
    windows: &[WindowName],
    zones: &BTreeMap<String, TimeZone>,
    weeks: &BTreeMap<String, Week>,
) -> Vec<DependencySetup> {
    let file = compiler.file;
    let mut dependencies = Vec::new();
    for (name, dependency) in &file.dependencies {
        let path = format!("dependencies.{name}");
        let zone = compiler.zone_of(&path, dependency, zones);
        let shape = compiler.shape(&path, dependency.profile.as_deref(), zone, weeks);
        if dependency.queue.0 == 0 {
            let help = "write the maximum number of calls, including the one in service";
            compiler.problem(&format!("{path}.queue"), "a queue of 0", "1 or more", help);
        }
        if dependency.queue.0 < dependency.initial.queue.0 {
            let limit = format!("at most the queue of {}", dependency.queue.0);
            let message = format!("{} initial calls", dependency.initial.queue.0);
            let help = "lower it, or raise `queue`";
            compiler.problem(&format!("{path}.initial.queue"), message, &limit, help);
        }
        if 0 < dependency.queue.0 && dependency.queue.0 <= dependency.calm.queue.0 {
            let limit = format!("below the queue of {}", dependency.queue.0);
            let message = format!("calm with {} calls in the queue", dependency.calm.queue.0);
            let help = "write the number of calls that counts as calm";
            compiler.problem(&format!("{path}.calm.queue"), message, &limit, help);
        }
        let load = shape.scaled(dependency.load.0);
        let volume = load.reached(compiler.horizon().micros() as f64);
        compiler.check_arrivals(&format!("{path}.load"), volume);
        let calls =
            f64::from(dependency.queue.0.min(1_000_000)) + f64::from(dependency.initial.waiting.0);
        compiler.check_queue(&format!("{path}.queue"), calls);
        dependencies.push(DependencySetup {
            stream_key: random::stream_key(&path),
            capacity: dependency.capacity.0,
            queue_max: dependency.queue.0,
            timeout: dependency.timeout.0,
            late: match dependency.late {
                schema::Late::Sojourn => Late::Sojourn,
                schema::Late::Position => Late::Position,
            },
            again: compiler.again(&path, dependency),
            load,
            blocked: compiler.blocked(&path, dependency, windows),
            initial_queue: dependency.initial.queue.0,
            initial_orbit: dependency.initial.waiting.0,
            calm_queue: dependency.calm.queue.0,
            calm_orbit: dependency.calm.waiting.0,
        });
    }
    dependencies
}

impl Compiler<'_> {
    fn zone_of<'z>(
        &mut self,
        path: &str,
        dependency: &Dependency,
        zones: &'z BTreeMap<String, TimeZone>,
    ) -> Option<&'z TimeZone> {
        match &dependency.region {
            Some(region) => {
                if !self.file.regions.contains_key(region) {
                    let known: Vec<&str> = self.file.regions.keys().map(String::as_str).collect();
                    self.dangling(&format!("{path}.region"), "region", region, &known);
                }
                zones.get(region)
            }
            None => {
                if dependency.profile.is_some() {
                    let limit = "given where there is a profile, for its local time";
                    let help = "add `region:`";
                    let path = format!("{path}.region");
                    self.problem(&path, "`region` is missing", limit, help);
                }
                None
            }
        }
    }

    fn again(&mut self, path: &str, dependency: &Dependency) -> Again {
        let retry = &dependency.retry;
        let delay = self.law(&format!("{path}.retry.delay"), &retry.delay);
        let odds = (retry.probability.0, retry.tries.0);
        self.check_tries(&format!("{path}.retry"), "callers retry", odds, &delay);
        let elsewhere = retry.elsewhere.as_ref().and_then(|elsewhere| {
            let to = self.dependency(&format!("{path}.retry.elsewhere.to"), &elsewhere.to)?;
            Some((to, elsewhere.share.0))
        });
        Again {
            probability: retry.probability.0,
            delay,
            tries_max: retry.tries.0,
            elsewhere,
        }
    }

    fn blocked(
        &mut self,
        path: &str,
        dependency: &Dependency,
        windows: &[WindowName],
    ) -> Option<Blocked> {
        let blocked = dependency.blocked.as_ref()?;
        let path = format!("{path}.blocked");
        let resume = self.law(&format!("{path}.resume"), &blocked.resume);
        if !self.file.outages.contains_key(&blocked.outage) {
            let known: Vec<&str> = self.file.outages.keys().map(String::as_str).collect();
            self.dangling(&format!("{path}.outage"), "outage", &blocked.outage, &known);
        }
        // If the dependency has a region, only the outage there blocks its callers.
        let here = |name: &WindowName| {
            name.outage == blocked.outage
                && dependency
                    .region
                    .as_ref()
                    .is_none_or(|it| *it == name.region)
        };
        let own = (0..).map(WindowId).zip(windows);
        let windows: Vec<WindowId> = own
            .filter(|(_, name)| here(name))
            .map(|(id, _)| id)
            .collect();
        if let (Some(outage), Some(region), true) = (
            self.file.outages.get(&blocked.outage),
            &dependency.region,
            windows.is_empty(),
        ) {
            let message = format!("`{}` does not affect `{region}`", blocked.outage);
            let limit = format!("an outage in `{region}`, where the dependency is");
            let reached: Vec<&str> = outage.regions.iter().map(String::as_str).collect();
            let help = format!("it affects {}; name another outage", listed(&reached));
            self.problem(&format!("{path}.outage"), message, &limit, help);
        }
        Some(Blocked {
            windows,
            share: blocked.share.0,
            resume,
        })
    }
}
