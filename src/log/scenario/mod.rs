//! The scenario that a log gives: what was fitted, with its interval; and what the log cannot tell, as assumed.

/// Pools.
mod pools;

/// Demand.
mod demand;

/// What is assumed, as YAML.
mod assumption;

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;

use crate::log::calendar::{DAY, QUARTER};
use crate::log::demand::{Basis, Demand};
use crate::log::durations::Durations;
use crate::log::estimate::{Calibrated, Pool};
use crate::log::instant::{local, utc};
use crate::log::notes::Names;
use crate::log::scenario::assumption::{Assumption, section};
use crate::log::written::{length, name, quoted, unique};
use crate::stats::Estimate;

/// A hold of requests that the log does not tell, its prior, and that behind machines in use (s).
const HOLD: f64 = 1_800.0;
const HOLD_OF_LEVEL: f64 = 3_600.0;
/// When the outage begins, how long it lasts, and what follows it (s).
const BEFORE: f64 = 5_400.0;
const OUTAGE: f64 = 14_400.0;
const AFTER: f64 = 9_000.0;
/// A start where the log has no times: Tuesday, 3 March 2026, 08:00 in UTC (s since 1970).
const SOME_START: f64 = 1_772_524_800.0;

/// A scenario, and what its log cannot tell.
pub(crate) struct Written {
    /// The file.
    pub text: String,
    /// What is assumed because the log cannot tell it.
    pub unknown: Vec<String>,
}

/// A pool of the scenario.
struct Place<'a> {
    pool: &'a Pool,
    /// Keys of its demand classes.
    classes: Vec<String>,
}

struct Draft<'a> {
    names: &'a Names,
    places: Vec<Place<'a>>,
    /// Targets of the pools, in their order.
    targets: Vec<u32>,
    assumptions: Vec<Assumption>,
    unknown: BTreeMap<usize, String>,
}

/// Writes the scenario. Hours are those of a zone, by its name.
pub(crate) fn written(
    found: &Calibrated,
    names: &Names,
    (zone, zone_name): (&TimeZone, &str),
) -> Written {
    let mut draft = Draft {
        names,
        places: places(&found.pools),
        targets: Vec::new(),
        assumptions: Vec::new(),
        unknown: BTreeMap::new(),
    };
    let mut text = draft.head(found, zone);
    let regions: BTreeSet<&str> = draft
        .places
        .iter()
        .map(|it| it.pool.region.as_str())
        .collect();
    let regions: Vec<&str> = regions.into_iter().collect();
    let all = regions.join(", ");
    text += "\nregions:\n";
    for region in &regions {
        text += &format!("  {region}: {{timezone: {zone_name}}}\n");
    }
    text += &draft.profiles();
    let (pools, demand) = (draft.pools(), draft.demand());
    text += &pools;
    text += &demand;
    text += &draft.outage(&all);
    text += &section(&draft.assumptions);
    Written {
        text,
        unknown: draft.unknown.into_values().collect(),
    }
}

/// Pools with names of classes that a scenario can have, none of them twice.
fn places(pools: &[Pool]) -> Vec<Place<'_>> {
    let mut taken = BTreeSet::new();
    let mut place = |pool| place(pool, &mut taken);
    pools.iter().map(&mut place).collect()
}

fn place<'a>(pool: &'a Pool, taken: &mut BTreeSet<String>) -> Place<'a> {
    let lone = pool.key.replace('/', "-");
    let class = |demand: &Demand| match demand.class.is_empty() {
        true => lone.clone(),
        false => format!("{lone}-{}", name(&demand.class, "class")),
    };
    let mut classes: Vec<String> = pool.demand.iter().map(class).collect();
    if classes.is_empty() {
        classes.push(lone.clone());
    }
    let classes = classes.iter().map(|key| unique(taken, key)).collect();
    Place { pool, classes }
}

/// The mean hold of a demand (s): fitted, or assumed.
fn hold_mean(demand: &Demand) -> f64 {
    let fitted = demand.hold.as_ref().and_then(Durations::mean);
    fitted.unwrap_or(match demand.basis {
        Basis::Level => HOLD_OF_LEVEL,
        Basis::Requests | Basis::Counter => HOLD,
    })
}

/// The mean rate of arrivals of a demand (1/s), where it is known.
fn mean_rate(demand: &Demand) -> Option<f64> {
    let rate = demand.rate.point.filter(|rate| 0.0 < *rate)?;
    Some(match demand.basis {
        Basis::Level => rate / HOLD_OF_LEVEL,
        Basis::Requests | Basis::Counter => rate,
    })
}

/// The prior of a value that was fitted and is above 0: log-normal, with the ends of its interval of 90% as the 5% and
/// 95% quantiles, since one true value in ten lies outside. Where the data do not bound an end, nothing is known of its
/// shape: log-uniform, to ten times from the value.
fn positive_prior(estimate: Estimate, write: fn(f64) -> String) -> Option<String> {
    let point = estimate.point?;
    let bounded = estimate.low.filter(|low| 0.0 < *low).zip(estimate.high);
    let (low, high) = bounded.unwrap_or_else(|| {
        let low = estimate.low.filter(|low| 0.0 < *low);
        (
            low.unwrap_or(point / 10.0),
            estimate.high.unwrap_or(point * 10.0),
        )
    });
    let (low, high) = (write(low), write(high));
    let text = match bounded {
        Some(_) => format!("{{lognormal: {{p5: {low}, p95: {high}}}}}"),
        None => format!("{{log_uniform: [{low}, {high}]}}"),
    };
    (low != high).then_some(text)
}

/// The prior of a fitted value that has limits, such as a share: uniform over its interval.
fn limited_prior(estimate: Estimate, write: fn(f64) -> String) -> Option<String> {
    let point = estimate.point?;
    let low = write(estimate.low.unwrap_or(point / 10.0));
    let high = write(estimate.high.unwrap_or(point * 10.0));
    (low != high).then(|| format!("{{uniform: [{low}, {high}]}}"))
}

impl Draft<'_> {
    /// Declares a value that was fitted.
    fn fitted(&mut self, path: &str, prior: Option<String>, why: &str) {
        self.declare(path, "calibrated", prior.as_deref(), why);
    }

    /// Declares a value that the log cannot tell; `what` names it in the report, by its place there.
    fn assumed(
        &mut self,
        path: &str,
        prior: Option<&str>,
        (place, what): (usize, &str),
        why: &str,
    ) {
        self.declare(path, "reasoned", prior, why);
        self.unknown.entry(place).or_insert_with(|| what.to_owned());
    }

    fn declare(&mut self, path: &str, basis: &'static str, prior: Option<&str>, why: &str) {
        let assumption = Assumption::new(path, basis, prior, why);
        self.assumptions.push(assumption);
    }

    /// What a file begins with, up to its clock.
    fn head(&mut self, found: &Calibrated, zone: &TimeZone) -> String {
        let holds = self
            .places
            .iter()
            .flat_map(|it| &it.pool.demand)
            .map(hold_mean);
        let longest = holds.fold(0.0, f64::max);
        let days = (6.0 * longest / 86_400.0).ceil().clamp(1.0, 14.0);
        let (start, busiest) = start(found, zone);
        self.declare(
            "clock.warm_up",
            "reasoned",
            None,
            "Several mean holds, so that as many machines are in use at the start as on any day.",
        );
        let why = match busiest {
            true => {
                "An hour and a half before the outage, which begins in the busiest hour of the week."
            }
            false if found.window.is_some() => "After the log.",
            false => "The log has no dates.",
        };
        self.declare("clock.start", "reasoned", None, why);
        let (names, outage) = (&self.names.all, length(OUTAGE));
        let horizon = length(BEFORE + OUTAGE + AFTER);
        format!(
            "# Calibrated from {names} by `drawdown calibrate --from`.\n\
             # Under `assumptions`, `basis: calibrated` marks what was fitted; its prior has its 90% interval. `basis: \
             reasoned`\n# marks what the log cannot tell: replace those values by your own.\n\
             #\n\
             #   drawdown validate FILE    where each number comes from\n\
             #   drawdown ensemble FILE    how long the pools last\n\n\
             schema: 1\n\
             name: {}\n\
             question: How long do the pools last when the provider cannot create machines for {outage}?\n\n\
             clock: {{start: {}, horizon: {horizon}, warm_up: {}}}\n",
            quoted(&format!("From {}", self.names.short)),
            utc(start),
            length(days * 86_400.0),
        )
    }

    fn outage(&mut self, regions: &str) -> String {
        let why = "The log says nothing of an outage: the worst case, for as long as in FNJ8-VQZ.";
        self.assumed("outages.no-creation", None, (8, "an outage"), why);
        let mut variant = "\nvariants:\n  twice-the-stock:\n".to_owned();
        for (place, target) in self.places.iter().zip(&self.targets) {
            let key = &place.pool.key;
            variant += &format!("    pools.{key}.target: {}\n", 2 * target);
        }
        self.declare("variants.twice-the-stock", "reasoned", None, "An example.");
        format!(
            "\noutages:\n  no-creation:\n    regions: [{regions}]\n    operations: [create]\n    from: +{}\n    until: \
             +{}\n    failure: 100%\n    judged: completion\n{variant}",
            length(BEFORE),
            length(BEFORE + OUTAGE)
        )
    }
}

/// When the scenario starts (s since 1970), and whether its outage begins in the busiest hour of a week: that of the
/// pool with most requests, after the log.
fn start(found: &Calibrated, zone: &TimeZone) -> (f64, bool) {
    let Some((_, last)) = found.window else {
        return (SOME_START, false);
    };
    let all = found.pools.iter().flat_map(|pool| &pool.demand);
    let most = all.max_by(|one, other| {
        let rate = |it: &Demand| it.requests(mean_rate(it).unwrap_or(0.0));
        rate(one).total_cmp(&rate(other))
    });
    let next = (last / QUARTER).ceil() as i64;
    let Some(weekly) = most.map(|demand| &demand.weekly).filter(|it| !it.is_flat()) else {
        return ((next / 96 + 1) as f64 * 86_400.0 + 8.0 * 3_600.0, false);
    };
    let (slot, _) = weekly.busiest();
    let is_busiest = |quarter: &i64| {
        let (day, minute, _) = local(*quarter as f64 * QUARTER, zone);
        day * DAY + minute / 15 == slot
    };
    let quarters = next..next + 8 * DAY as i64;
    let begins = quarters.clone().find(is_busiest).unwrap_or(next);
    (begins as f64 * QUARTER - BEFORE, true)
}
