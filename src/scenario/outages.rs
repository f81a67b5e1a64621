//! Outages as the file states them, checked and compiled to one window per region.

use crate::kernel::time::{SimDuration, SimTime};
use crate::model::outage::{InFlight, Judged, Manner, Window};
use crate::model::setup::{PoolId, Setup, WindowId};
use crate::scenario::compile::Compiler;
use crate::scenario::schema::{self, Operation, Outage, Shape};
use crate::scenario::{PoolName, WindowName};

/// Every window of every outage, in the order of outage and region.
pub(crate) fn windows(
    compiler: &mut Compiler<'_>,
    pools: &[PoolName],
) -> (Vec<Window>, Vec<WindowName>) {
    let file = compiler.file;
    let (mut windows, mut names) = (Vec::new(), Vec::new());
    for (name, outage) in &file.outages {
        compiler.check_outage(name, outage, pools);
        let judged = compiler.judged(name, outage);
        let mut regions = outage.regions.clone();
        regions.sort_unstable();
        for region in regions {
            let (from, until) = compiler.bounds(name, outage, &region);
            let (ramp_in, ramp_out) = match &outage.shape {
                Shape::Step => (SimDuration::ZERO, SimDuration::ZERO),
                Shape::Ramp(ramp) => (ramp.rise.0, ramp.fall.0),
            };
            windows.push(Window {
                from,
                until,
                ramp_in,
                ramp_out,
                failure: outage.failure.0,
                latency_factor: outage.latency_factor.0,
                judged,
                pools: covered(outage, &region, pools, Operation::is_create),
            });
            names.push(WindowName {
                outage: name.clone(),
                region,
            });
        }
    }
    (windows, names)
}

/// Tells every pool which windows it can meet, and when the last of them is over.
pub(crate) fn expose(
    compiler: &Compiler<'_>,
    setup: &mut Setup,
    names: &[WindowName],
    pools: &[PoolName],
) {
    for (place, (window, name)) in setup.windows.iter().zip(names).enumerate() {
        let id = WindowId(place as u32);
        let outage = &compiler.file.outages[&name.outage];
        for pool in &window.pools {
            let pool = &mut setup.pools[pool.0 as usize];
            if window.judged == Judged::Completion {
                pool.completion_windows.push(id);
            }
            if window.judged != Judged::Completion || window.latency_factor != 1.0 {
                pool.start_windows.push(id);
            }
            let known = pool.recovery_from.comes();
            let until = window.until;
            pool.recovery_from = if known {
                pool.recovery_from.max(until)
            } else {
                until
            };
        }
        for pool in covered(outage, &name.region, pools, Operation::is_delete) {
            setup.pools[pool.0 as usize].delete_windows.push(id);
        }
    }
}

impl Operation {
    fn is_create(&self) -> bool {
        matches!(self, Self::Create)
    }

    fn is_delete(&self) -> bool {
        matches!(self, Self::Delete)
    }
}

fn covered(
    outage: &Outage,
    region: &str,
    pools: &[PoolName],
    operation: fn(&Operation) -> bool,
) -> Vec<PoolId> {
    let met = outage.operations.iter().any(operation);
    let image = |pool: &PoolName| {
        outage
            .images
            .as_ref()
            .is_none_or(|images| images.contains(&pool.image))
    };
    let covered = |pool: &PoolName| met && pool.region == region && image(pool);
    (0..)
        .map(PoolId)
        .zip(pools)
        .filter(|(_, pool)| covered(pool))
        .map(|(id, _)| id)
        .collect()
}

impl Compiler<'_> {
    fn check_outage(&mut self, name: &str, outage: &Outage, pools: &[PoolName]) {
        let path = format!("outages.{name}");
        let regions: Vec<&str> = self.file.regions.keys().map(String::as_str).collect();
        for (place, region) in outage.regions.iter().enumerate() {
            let at = format!("{path}.regions.{place}");
            if !regions.contains(&region.as_str()) {
                self.dangling(&at, "region", region, &regions);
            } else if outage.regions[..place].contains(region) {
                self.problem(
                    &at,
                    format!("`{region}` a second time"),
                    "each region once",
                    "remove it",
                );
            }
        }
        let mut images: Vec<&str> = pools.iter().map(|pool| pool.image.as_str()).collect();
        images.dedup();
        for (place, image) in outage.images.iter().flatten().enumerate() {
            if !images.contains(&image.as_str()) {
                self.dangling(&format!("{path}.images.{place}"), "image", image, &images);
            }
        }
        for region in outage
            .windows
            .keys()
            .filter(|region| !outage.regions.contains(region))
        {
            let known: Vec<&str> = outage.regions.iter().map(String::as_str).collect();
            self.dangling(
                &format!("{path}.windows.{region}"),
                "region of this outage",
                region,
                &known,
            );
        }
        let any = |_: &Operation| true;
        let reaches = |region: &String| !covered(outage, region, pools, any).is_empty();
        if outage.operations.is_empty() || !outage.regions.iter().any(reaches) {
            let help = "name an operation, and regions and images that a pool has";
            self.problem(&path, "the outage meets no pool", "at least one pool", help);
        }
        if outage.failure.0 == 0.0 && outage.latency_factor.0 == 1.0 {
            let help = "raise `failure` above 0 %, or give a `latency_factor`";
            let limit = "a failure or a slowness";
            self.problem(
                &format!("{path}.failure"),
                "the outage changes nothing",
                limit,
                help,
            );
        }
        if outage.latency_factor.0 < 1.0 {
            let help = "an outage slows provisioning: write 1 or more";
            let path = format!("{path}.latency_factor");
            let message = format!("a factor of {}", outage.latency_factor.0);
            self.problem(&path, message, "1 or more", help);
        }
    }

    fn judged(&mut self, name: &str, outage: &Outage) -> Judged {
        let start = match &outage.judged {
            schema::Judged::Completion => return Judged::Completion,
            schema::Judged::Start(start) => start,
        };
        let manner = match start.fails {
            schema::Manner::Late => Manner::Late,
            schema::Manner::Reject(after) => {
                if after.0 == SimDuration::ZERO {
                    let path = format!("outages.{name}.judged.start.fails.reject");
                    let help = "write how long the provider takes to refuse, such as `2s`";
                    self.problem(&path, "a refusal after 0s", "a duration above 0", help);
                }
                Manner::Reject(after.0)
            }
        };
        let in_flight = match start.in_flight {
            schema::InFlight::Finish => InFlight::Finish,
            schema::InFlight::FailNow => InFlight::FailNow,
        };
        Judged::Start { manner, in_flight }
    }

    fn bounds(&mut self, name: &str, outage: &Outage, region: &str) -> (SimTime, SimTime) {
        let own = outage.windows.get(region);
        let at = |key: &str, own_key: bool| match own_key {
            true => format!("outages.{name}.windows.{region}.{key}"),
            false => format!("outages.{name}.{key}"),
        };
        let own_from = own.and_then(|own| own.from);
        let own_until = own.and_then(|own| own.until);
        let (from_path, until_path) = (
            at("from", own_from.is_some()),
            at("until", own_until.is_some()),
        );
        let from = self.instant(&from_path, own_from.unwrap_or(outage.from));
        let until = self.instant(&until_path, own_until.unwrap_or(outage.until));
        if until <= from {
            let help = "exchange the two, or write the date: a bare clock time is its first \
                        occurrence after the start";
            let message = "the outage ends before it begins";
            self.problem(
                &until_path,
                message,
                "an instant later than `from`, or `never`",
                help,
            );
        } else if self.horizon() <= from {
            let limit = "an instant before the horizon";
            let help = "move it, or lengthen `clock.horizon`";
            self.problem(
                &from_path,
                "the outage begins after the scenario ends",
                limit,
                help,
            );
        }
        if let Shape::Ramp(ramp) = &outage.shape
            && from < until
            && (until - from) < ramp.rise.0.max(ramp.fall.0)
        {
            let message = "the ramp is longer than the outage";
            let limit = format!("at most {}", until - from);
            let path = format!("outages.{name}.shape");
            self.problem(
                &path,
                message,
                &limit,
                "shorten the ramp, or lengthen the outage",
            );
        }
        (from, until)
    }
}
