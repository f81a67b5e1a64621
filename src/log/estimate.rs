//! What a log says of each pool, and what it does not say.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;

use crate::log::calendar::Calendar;
use crate::log::demand::Demand;
use crate::log::durations::{Durations, Law};
use crate::log::provisioning::{Provisioning, provisioning};
use crate::log::written::{self, unique};
use crate::log::{Attempt, Counted, IMAGE, LOG_POOLS_MAX, Level, Log, REGION, Request};

/// A pool.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Pool {
    /// REGION/IMAGE, as a scenario can have them.
    pub key: String,
    /// Its region.
    pub region: String,
    /// Its demand, by class.
    pub demand: Vec<Demand>,
    /// How its machines are made; absent if the log does not say.
    pub provisioning: Option<Provisioning>,
}

/// What logs say.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Calibrated {
    /// First and last instant (s since 1970); absent where the log has durations only.
    pub window: Option<(f64, f64)>,
    pub pools: Vec<Pool>,
    /// What was read and is not used, in words.
    pub unused: Vec<String>,
}

impl Calibrated {
    /// Whether anything could be fitted.
    pub fn tells_something(&self) -> bool {
        let law = |of: &Durations| of.law != Law::TooFew;
        let of_demand = |it: &Demand| {
            it.rate.point.is_some_and(|rate| 0.0 < rate) || it.hold.as_ref().is_some_and(law)
        };
        let made = |it: &Provisioning| law(&it.machine) || it.failure.is_some();
        self.pools.iter().any(|pool| {
            pool.demand.iter().any(of_demand) || pool.provisioning.as_ref().is_some_and(made)
        })
    }
}

/// What belongs to one pool.
#[derive(Default)]
struct Parts {
    requests: BTreeMap<u32, Vec<Request>>,
    counted: Vec<Counted>,
    levels: Vec<Level>,
    attempts: Vec<Attempt>,
}

impl Parts {
    fn rows(&self) -> usize {
        let requests: usize = self.requests.values().map(Vec::len).sum();
        requests + self.counted.len() + self.levels.len() + self.attempts.len()
    }

    fn has_demand(&self) -> bool {
        !(self.requests.is_empty() && self.counted.is_empty() && self.levels.is_empty())
    }
}

/// Estimates everything that a log tells. Hours of the week are those of `zone`.
pub(crate) fn estimate(log: &Log, zone: &TimeZone) -> Calibrated {
    let window = log.window();
    let (mut parts, unnamed) = parts(log);
    let mut unused = left_out(&mut parts, log);
    let calendar = window.map(|window| Calendar::new(demand_window(log, window), zone));
    let end = window.map_or(0.0, |(_, last)| last);
    let named = parts
        .iter()
        .map(|(number, parts)| (log.names[*number as usize].clone(), parts));
    let mut named: Vec<(String, &Parts)> = named.collect();
    let (nameless, nothing) = (format!("{REGION}/{IMAGE}"), Parts::default());
    if named.is_empty() {
        named.push((nameless, &nothing));
    }
    let mut pools = Vec::new();
    let mut keys = BTreeSet::new();
    for (name, parts) in named {
        let (region, image) = name.split_once('/').unwrap_or((REGION, &name));
        let region = written::name(region, "region");
        let key = format!("{region}/{}", written::name(image, "pool"));
        let key = unique(&mut keys, &key);
        let demand = match &calendar {
            Some(calendar) => demand(log, parts, (calendar, end), (&key, &mut unused)),
            None => Vec::new(),
        };
        let attempts = if parts.attempts.is_empty() {
            &unnamed
        } else {
            &parts.attempts
        };
        pools.push(Pool {
            key,
            region,
            demand,
            provisioning: provisioning(attempts, end),
        });
    }
    Calibrated {
        window,
        pools,
        unused,
    }
}

/// The window in which demand is counted: it begins with the first request, or sample, of any pool.
fn demand_window(log: &Log, (first, last): (f64, f64)) -> (f64, f64) {
    let requested = log.requests.iter().map(|it| it.requested);
    let counted = log.counted.iter().map(|it| it.from);
    let levels = log.levels.iter().map(|it| it.at);
    let begins = requested
        .chain(counted)
        .chain(levels)
        .fold(f64::INFINITY, f64::min);
    (if begins.is_finite() { begins } else { first }, last)
}

/// The log by pools, and attempts of no pool in particular. A log of attempts alone is one pool.
fn parts(log: &Log) -> (BTreeMap<u32, Parts>, Vec<Attempt>) {
    let mut parts: BTreeMap<u32, Parts> = BTreeMap::new();
    for request in &log.requests {
        let part = parts.entry(request.pool).or_default();
        part.requests
            .entry(request.class)
            .or_default()
            .push(*request);
    }
    for counted in &log.counted {
        parts
            .entry(counted.pool)
            .or_default()
            .counted
            .push(*counted);
    }
    for level in &log.levels {
        parts.entry(level.pool).or_default().levels.push(*level);
    }
    let mut unnamed = Vec::new();
    for attempt in &log.attempts {
        match attempt.pool {
            Some(pool) => parts.entry(pool).or_default().attempts.push(*attempt),
            None => unnamed.push(*attempt),
        }
    }
    (parts, unnamed)
}

/// Takes pools beyond the most away, those with fewest rows first, and says so.
fn left_out(parts: &mut BTreeMap<u32, Parts>, log: &Log) -> Vec<String> {
    let mut by_rows: Vec<(u32, usize)> =
        parts.iter().map(|(it, part)| (*it, part.rows())).collect();
    by_rows.sort_by_key(|(pool, rows)| (std::cmp::Reverse(*rows), *pool));
    let beyond = by_rows.split_off(by_rows.len().min(LOG_POOLS_MAX));
    if beyond.is_empty() {
        return Vec::new();
    }
    let rows: usize = beyond.iter().map(|(_, rows)| rows).sum();
    let first = &log.names[beyond[0].0 as usize];
    for (pool, _) in &beyond {
        parts.remove(pool);
    }
    let count = beyond.len();
    vec![format!(
        "{rows} rows of the {count} pools with fewest rows, `{first}` first: a scenario has at most {LOG_POOLS_MAX} here"
    )]
}

fn demand(
    log: &Log,
    parts: &Parts,
    (calendar, end): (&Calendar, f64),
    (name, unused): (&str, &mut Vec<String>),
) -> Vec<Demand> {
    let mut unused = |what: &str, rows: usize| {
        if 0 < rows {
            unused.push(format!(
                "{rows} {what} of {name}, whose requests are known one by one"
            ));
        }
    };
    if !parts.requests.is_empty() {
        unused("increments of a counter", parts.counted.len());
        unused("levels", parts.levels.len());
        let class = |(class, requests): (&u32, &Vec<Request>)| {
            let class = &log.names[*class as usize];
            Demand::of_requests(class, requests, (calendar, end))
        };
        return parts.requests.iter().map(class).collect();
    }
    if !parts.counted.is_empty() {
        unused("levels", parts.levels.len());
        return vec![Demand::of_counter(&parts.counted, calendar)];
    }
    match parts.has_demand() {
        true => vec![Demand::of_levels(&parts.levels, calendar)],
        false => Vec::new(),
    }
}
