//! Outages as the file states them, checked and compiled to one window per region.

use crate::kernel::distribution::Distribution;
use crate::kernel::random;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::id::{PoolId, WindowId};
use crate::model::setup::outage::{
    InFlight, Judged, Manner, Operations, RandomOutages, Room, Shape, Takes, When, Window,
};
use crate::scenario::compile::Compiler;
use crate::scenario::schema::{self, Operation, Outage};
use crate::scenario::text::limits::PHASES_MAX;
use crate::scenario::{PoolName, WindowName};

/// Every window of every outage, those with dates first, and the renewal processes of the others.
pub(crate) fn windows(
    compiler: &mut Compiler<'_>,
    pools: &[PoolName],
) -> (Vec<Window>, Vec<RandomOutages>, Vec<WindowName>) {
    let file = compiler.file;
    let (mut windows, mut hazards, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for (name, outage) in &file.outages {
        compiler.check_outage(name, outage, pools);
    }
    let (random, dated): (Vec<_>, Vec<_>) = file
        .outages
        .iter()
        .partition(|(_, outage)| outage.random.is_some());
    for (name, outage) in dated.into_iter().chain(random) {
        let first = windows.len() as u32;
        let mut regions = outage.regions.clone();
        regions.sort_unstable();
        for region in regions {
            windows.push(compiler.window(name, outage, &region, pools));
            names.push(WindowName {
                outage: name.clone(),
                region,
            });
        }
        let own = (first..windows.len() as u32).map(WindowId).collect();
        hazards.extend(compiler.hazard(name, outage, own));
    }
    (windows, hazards, names)
}

pub(crate) fn covered(outage: &Outage, region: &str, pools: &[PoolName]) -> Vec<PoolId> {
    let image = |pool: &PoolName| {
        outage
            .images
            .as_ref()
            .is_none_or(|images| images.contains(&pool.image))
    };
    let covered = |pool: &PoolName| pool.region == region && image(pool);
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
                    format!("`{region}` is given twice"),
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
        let reaches = |region: &String| !covered(outage, region, pools).is_empty();
        let idle = outage.operations.is_empty() && outage.takes.is_none();
        if idle || !outage.regions.iter().any(reaches) {
            let help = "name an operation, and regions and images that a pool has";
            self.problem(
                &path,
                "the outage affects no pool",
                "at least one pool",
                help,
            );
        }
        self.check_stages(&path, outage, pools);
        self.check_effect(&path, outage);
        self.check_times(&path, outage);
        if outage.latency_factor.0 < 1.0 {
            let help = "write 1 or more; an outage cannot speed up provisioning";
            let path = format!("{path}.latency_factor");
            let message = format!("a factor of {}", outage.latency_factor.0);
            self.problem(&path, message, "1 or more", help);
        }
    }

    fn hazard(
        &mut self,
        name: &str,
        outage: &Outage,
        windows: Vec<WindowId>,
    ) -> Option<RandomOutages> {
        let random = outage.random.as_ref()?;
        let path = format!("outages.{name}.random");
        let (up, down) = (
            self.law(&format!("{path}.up"), &random.up),
            self.law(&format!("{path}.down"), &random.down),
        );
        for (key, law) in [("up", &up), ("down", &down)] {
            // A million outages in a replication are a mistake.
            let least = SimDuration::from_micros(self.horizon().micros() / 1_000_000);
            let typical = self.typical(law);
            if typical <= least {
                let limit = format!("typically more than {least}");
                let message = format!("a time of typically {typical}");
                self.problem(
                    &format!("{path}.{key}"),
                    message,
                    &limit,
                    "write a longer one",
                );
            }
        }
        Some(RandomOutages {
            stream_key: random::stream_key(&format!("outages.{name}")),
            up,
            down,
            shared: random.shared.map_or(0.0, |share| share.0),
            windows,
        })
    }

    fn window(&mut self, name: &str, outage: &Outage, region: &str, pools: &[PoolName]) -> Window {
        let path = format!("outages.{name}");
        let onset = self.law(&format!("{path}.onset"), &outage.onset);
        let recovery = self.law(&format!("{path}.recovery"), &outage.recovery);
        let onset_is_fixed = onset.is_fixed() && onset.mean() == SimDuration::ZERO;
        let when = if outage.random.is_some() {
            When::RandomOutages
        } else {
            let lasting = outage.lasting.as_ref();
            let lasting = lasting.map(|law| self.law(&format!("{path}.lasting"), law));
            let (from, until) = self.bounds(name, outage, region, lasting.as_ref());
            When::Dated {
                from,
                until,
                onset,
                lasting: lasting.filter(|law| !law.is_fixed() || !onset_is_fixed),
                recovery,
            }
        };
        let has = |operation: fn(&Operation) -> bool| outage.operations.iter().any(operation);
        Window {
            stream_key: random::stream_key(&format!("outages.{name}.{region}")),
            when,
            shape: self.outage_shape(&path, outage),
            failure: outage.failure.map_or(0.0, |share| share.0),
            latency_factor: outage.latency_factor.0,
            judged: self.judged(name, outage, pools, region),
            room: match (outage.room, outage.capacity) {
                (Some(more), _) => Some(Room::More(more.0)),
                (None, total) => total.map(|total| Room::Total(total.0)),
            },
            operations: Operations {
                create: has(|it| matches!(it, Operation::Create)),
                extend: has(|it| matches!(it, Operation::Extend)),
                start: has(|it| matches!(it, Operation::Start)),
                delete: has(|it| matches!(it, Operation::Delete)),
                reimage: has(|it| matches!(it, Operation::Reimage)),
                connect: has(|it| matches!(it, Operation::Connect)),
            },
            takes: outage
                .takes
                .as_ref()
                .map_or(Takes::default(), |takes| Takes {
                    ready: takes.ready.0,
                    leased: takes.leased.0,
                }),
            pools: covered(outage, region, pools),
        }
    }

    fn outage_shape(&mut self, path: &str, outage: &Outage) -> Shape {
        match &outage.shape {
            schema::Shape::Step => Shape::STEP,
            schema::Shape::Ramp(ramp) => Shape::Ramp {
                rise: ramp.rise.0,
                fall: ramp.fall.0,
            },
            schema::Shape::Intermittent(shape) => {
                if shape.on.0 == SimDuration::ZERO {
                    let help = "write how long each phase of failures lasts";
                    let path = format!("{path}.shape.intermittent.on");
                    self.problem(
                        &path,
                        "an outage that is on for 0s",
                        "a duration above 0",
                        help,
                    );
                }
                let period = shape.on.0.micros().saturating_add(shape.off.0.micros());
                let phases = self.horizon().micros() / period.max(1);
                if SimDuration::ZERO < shape.on.0 && PHASES_MAX < phases {
                    let message = format!("an intermittent outage of {phases} phases");
                    let limit = format!("at most {PHASES_MAX} phases within the scenario");
                    let help = "lengthen `on` or `off`, or use a lower `failure` instead";
                    self.problem(&format!("{path}.shape.intermittent"), message, &limit, help);
                }
                Shape::Intermittent {
                    on: shape.on.0.max(SimDuration::from_micros(1)),
                    off: shape.off.0,
                }
            }
        }
    }

    fn judged(&mut self, name: &str, outage: &Outage, pools: &[PoolName], region: &str) -> Judged {
        let start = match &outage.judged {
            Some(schema::Judged::Start(start)) => start,
            Some(schema::Judged::Completion) | None => return Judged::Completion,
        };
        let path = format!("outages.{name}.judged.start");
        let manner = match &start.fails {
            schema::Manner::Late => Manner::Late,
            schema::Manner::Hang => Manner::Hang,
            schema::Manner::Slow(factor) => {
                if factor.0 < 1.0 {
                    let message = format!("a factor of {}", factor.0);
                    let help = "write the factor on the latency, 1 or more";
                    self.problem(&format!("{path}.fails.slow"), message, "1 or more", help);
                }
                Manner::Slow(factor.0)
            }
            schema::Manner::Reject(after) => {
                let path = format!("{path}.fails.reject");
                let law = self.law(&path, after);
                let help = "write the delay of a rejection, such as `2s`";
                let typical = self.typical(&law);
                if typical == SimDuration::ZERO {
                    self.problem(&path, "a rejection after 0s", "a duration above 0", help);
                } else {
                    self.check_recurrence(&path, typical, "a rejection after", help);
                }
                Manner::Reject(law)
            }
        };
        let in_flight = match start.in_flight {
            schema::InFlight::Finish => InFlight::Finish,
            schema::InFlight::FailNow => InFlight::FailNow,
            schema::InFlight::Stall => InFlight::Stall,
        };
        if matches!(manner, Manner::Hang) || in_flight == InFlight::Stall {
            for pool in covered(outage, region, pools) {
                let name = &pools[usize::from(pool)].name;
                let Some(pool) = self.file.pools.get(name) else {
                    continue;
                };
                if !pool.provision.timeout.0.is_finite() {
                    let path = format!("pools.{name}.provision.timeout");
                    let message = "an attempt that hangs in this outage never ends";
                    let help = "set the `timeout` of attempts";
                    self.problem(&path, message, "a duration, where attempts may hang", help);
                }
            }
        }
        Judged::Start { manner, in_flight }
    }

    fn bounds(
        &mut self,
        name: &str,
        outage: &Outage,
        region: &str,
        lasting: Option<&Distribution>,
    ) -> (SimTime, SimTime) {
        let own = outage.windows.get(region);
        let at = |key: &str, own_key: bool| {
            if own_key {
                format!("outages.{name}.windows.{region}.{key}")
            } else {
                format!("outages.{name}.{key}")
            }
        };
        let own_from = own.and_then(|own| own.from);
        let own_until = own.and_then(|own| own.until);
        let (from_path, until_path) = (
            at("from", own_from.is_some()),
            at("until", own_until.is_some()),
        );
        let (Some(from), until) = (own_from.or(outage.from), own_until.or(outage.until)) else {
            return (SimTime::ZERO, SimTime::NEVER);
        };
        let from = self.instant(&from_path, from);
        let until = match (until, lasting) {
            (Some(until), _) => self.instant(&until_path, until),
            (None, Some(lasting)) => from + lasting.mean(),
            (None, None) => return (SimTime::ZERO, SimTime::NEVER),
        };
        if until <= from {
            let help = "swap the two, or write the date: a bare clock time is its first \
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
        if let schema::Shape::Ramp(ramp) = &outage.shape
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
