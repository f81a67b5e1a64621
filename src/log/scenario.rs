//! The scenario that a log gives: what was fitted, with its interval; and what the log cannot tell, as assumed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;

use crate::log::bursts::{Bursts, SHARE};
use crate::log::calendar::{DAY, QUARTER};
use crate::log::demand::{Basis, Demand};
use crate::log::durations::{Durations, Law};
use crate::log::estimate::{Calibrated, Pool};
use crate::log::instant::{local, utc};
use crate::log::notes::{self, Names};
use crate::log::written::{interval, length, name, number, quoted, rate, share, unique};
use crate::stats::Estimate;

/// A hold of requests that the log does not tell, its prior, and that behind machines in use (s).
const HOLD: f64 = 1_800.0;
const HOLD_OF_LEVEL: f64 = 3_600.0;
/// When the outage begins, how long it lasts, and what follows it (s).
const BEFORE: f64 = 5_400.0;
const OUTAGE: f64 = 14_400.0;
const AFTER: f64 = 9_000.0;
/// A latency that the log does not tell: 5% and 95% quantiles, and the mean (s).
const LATENCY: &str = "{lognormal: {p50: 4m30s, sigma: 0.49}}";
const LATENCY_MEAN: f64 = 300.0;
/// A start where the log has no times: Tuesday, 3 March 2026, 08:00 in UTC (s since 1970).
const SOME_START: f64 = 1_772_524_800.0;

/// A scenario, and what its log cannot tell.
pub(crate) struct Written {
    /// The file.
    pub text: String,
    /// What is assumed because the log cannot tell it.
    pub untold: Vec<String>,
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
    assumptions: String,
    untold: BTreeMap<usize, String>,
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
        assumptions: String::new(),
        untold: BTreeMap::new(),
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
    text += &format!("\nassumptions:\n{}", draft.assumptions);
    Written {
        text,
        untold: draft.untold.into_values().collect(),
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

/// The mean rate of a demand (1/s), where it is known.
fn mean_rate(demand: &Demand) -> Option<f64> {
    let rate = demand.rate.point.filter(|rate| 0.0 < *rate)?;
    Some(match demand.basis {
        Basis::Level => rate / HOLD_OF_LEVEL,
        Basis::Requests | Basis::Counter => rate,
    })
}

/// Both ends of a prior; an end that the data do not bound is ten times away from the value.
fn prior(estimate: Estimate, kind: &str, write: fn(f64) -> String) -> Option<String> {
    let point = estimate.point?;
    let low = write(estimate.low.unwrap_or(point / 10.0));
    let high = write(estimate.high.unwrap_or(point * 10.0));
    (low != high).then(|| format!("{{{kind}: [{low}, {high}]}}"))
}

/// What stands in a file for durations.
fn law(durations: &Durations) -> Option<String> {
    match &durations.law {
        Law::TooFew => None,
        Law::Equal(seconds) => Some(length(*seconds)),
        Law::Fitted(fits) => {
            let family = fits.first()?.family.name();
            let parameters = durations.parameters();
            let parameters = parameters.iter().map(|(key, estimate)| {
                let point = estimate.point.unwrap_or(1.0);
                match *key {
                    "sigma" | "shape" => format!("{key}: {}", number(point)),
                    _ => format!("{key}: {}", length(point)),
                }
            });
            let parameters: Vec<String> = parameters.collect();
            Some(format!("{{{family}: {{{}}}}}", parameters.join(", ")))
        }
    }
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
        self.untold.entry(place).or_insert_with(|| what.to_owned());
    }

    fn declare(&mut self, path: &str, basis: &str, prior: Option<&str>, why: &str) {
        self.assumptions += &format!("  - path: {path}\n    basis: {basis}\n");
        if let Some(prior) = prior {
            self.assumptions += &format!("    prior: {prior}\n");
        }
        self.assumptions += &format!("    why: {}\n", quoted(why));
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
            false => "After the log.",
        };
        self.declare("clock.start", "reasoned", None, why);
        let (names, outage) = (&self.names.all, length(OUTAGE));
        let horizon = length(BEFORE + OUTAGE + AFTER);
        format!(
            "# Calibrated from {names} by `drawdown calibrate --from`.\n\
             # Under `assumptions`, `basis: calibrated` marks what was fitted; its prior is a 90% interval. `basis: \
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

    fn profiles(&mut self) -> String {
        let mut text = String::new();
        let mut fitted = Vec::new();
        for place in &self.places {
            for (demand, key) in place.pool.demand.iter().zip(&place.classes) {
                if demand.weekly.is_flat() {
                    continue;
                }
                if text.is_empty() {
                    text += "\n# The rate over the week, as a factor on its mean; straight lines between the times given.\n\
                             profiles:\n";
                }
                text += &format!("  {key}:\n");
                for (days, knots) in &demand.weekly.days {
                    let knot = |(minute, value): &(usize, f64)| {
                        format!("\"{:02}:{:02}\": {value:.2}", minute / 60, minute % 60)
                    };
                    let knots: Vec<String> = knots.iter().map(knot).collect();
                    let lines = knots.chunks(6).map(|line| line.join(", "));
                    let lines: Vec<String> = lines.collect();
                    text += &format!("    {days}: {{{}}}\n", lines.join(",\n      "));
                }
                fitted.push((
                    format!("profiles.{key}"),
                    notes::profile(demand, self.names),
                ));
            }
        }
        for (path, why) in fitted {
            self.fitted(&path, None, &why);
        }
        text
    }

    fn pools(&mut self) -> String {
        let mut text = "\npools:\n".to_owned();
        let places = std::mem::take(&mut self.places);
        for place in &places {
            let target = self.target(place);
            self.targets.push(target);
            let provision = self.provision(place);
            text += &format!(
                "  {}:\n    target: {target}\n{provision}    replenish:\n      counts: ready_and_pending\n      \
                 in_flight_max: unlimited\n      waiting_orders: false\n      retry: {{initial: 30s, factor: 2, max: \
                 10m, jitter: 20%}}\n    lease: {{on_empty: wait, wait_timeout: 10m}}\n",
                place.pool.key
            );
            let path = format!("pools.{}", place.pool.key);
            let at = (5, "retries of failed attempts");
            self.assumed(
                &format!("{path}.replenish"),
                None,
                at,
                "As such controllers do.",
            );
            let at = (4, "how long requests wait");
            let prior = Some("{log_uniform: [1m, 1h]}");
            let why = "Not in the log: how long a request waits before it fails.";
            self.assumed(&format!("{path}.lease.wait_timeout"), prior, at, why);
        }
        self.places = places;
        text
    }

    /// The target: enough for the requests of one latency in the busiest hour, 19 times of 20.
    fn target(&mut self, place: &Place<'_>) -> u32 {
        let provisioning = place.pool.provisioning.as_ref();
        let stages = provisioning.map(|it| {
            let extension = it.extension.as_ref().and_then(Durations::mean);
            it.machine.mean().unwrap_or(LATENCY_MEAN) + extension.unwrap_or(0.0)
        });
        let latency = stages.unwrap_or(LATENCY_MEAN);
        let peak = |it: &Demand| Some(mean_rate(it)? * it.weekly.busiest().1.max(1.0));
        let peak: f64 = place.pool.demand.iter().filter_map(peak).sum();
        let expected = if 0.0 < peak { peak * latency } else { 2.0 };
        let target = (expected + 1.645 * expected.sqrt())
            .ceil()
            .clamp(2.0, 100_000.0);
        let (low, high) = ((target / 4.0).floor().max(1.0), target * 4.0);
        let prior = format!("{{log_uniform: [{low}, {high}]}}");
        let why = "Not in the log. This holds the requests of one provisioning time in the busiest hour, 19 times of 20.";
        let path = format!("pools.{}.target", place.pool.key);
        self.assumed(
            &path,
            Some(&prior),
            (0, "how many ready machines are kept (target)"),
            why,
        );
        target as u32
    }

    fn provision(&mut self, place: &Place<'_>) -> String {
        let path = format!("pools.{}.provision", place.pool.key);
        let Some(known) = &place.pool.provisioning else {
            let why = "Not in the log: 2 to 10 minutes for 9 machines of 10, as of ordinary virtual machines.";
            let at = (1, "how long provisioning takes and how often it fails");
            let prior = Some("{log_uniform: [1m, 20m]}");
            self.assumed(&format!("{path}.latency.lognormal.p50"), prior, at, why);
            let why = "Not in the log: with the median, 9 of 10 machines take 2 to 10 minutes.";
            let prior = Some("{uniform: [0.2, 1]}");
            self.assumed(&format!("{path}.latency.lognormal.sigma"), prior, at, why);
            self.timeout(&path, 1_800.0);
            return format!("    provision: {{latency: {LATENCY}, timeout: 30m}}\n");
        };
        let names = self.names;
        let mut text = "    provision:\n".to_owned();
        let (what, staged) = (names.attempts.clone(), known.extension.is_some());
        let stage = if staged {
            "first stages (the machine)"
        } else {
            "attempts"
        };
        let machine = self.durations(&format!("{path}.latency"), &known.machine, (stage, &what));
        let at = (1, "how long provisioning takes");
        let machine = machine.unwrap_or_else(|| {
            self.assumed(
                &format!("{path}.latency"),
                None,
                at,
                "Too few attempts ended to tell.",
            );
            LATENCY.to_owned()
        });
        text += &format!("      latency: {machine}\n");
        if let Some(extension) = &known.extension {
            let at = format!("{path}.extension.latency");
            let stage = ("second stages (the extension)", what.as_str());
            let law = self
                .durations(&at, extension, stage)
                .unwrap_or_else(|| "0s".to_owned());
            text += &format!("      extension:\n        latency: {law}\n");
            if let Some(failure) = known.extension_failure {
                let at = format!("{path}.extension.failure");
                text += &format!(
                    "        failure: {}\n",
                    self.failure(&at, failure, "second stages", &what)
                );
            }
        }
        match known.failure {
            Some(failure) => {
                let at = format!("{path}.failure");
                text += &format!(
                    "      failure: {}\n",
                    self.failure(&at, failure, "attempts", &what)
                );
            }
            None => {
                let at = (2, "how often provisioning fails in ordinary times");
                self.untold.entry(at.0).or_insert_with(|| at.1.to_owned());
            }
        }
        let timeout = (3.0 * known.longest.unwrap_or(600.0)).max(1_800.0);
        let timeout = (timeout / 600.0).ceil() * 600.0;
        self.timeout(&path, timeout);
        text + &format!("      timeout: {}\n", length(timeout))
    }

    fn timeout(&mut self, path: &str, seconds: f64) {
        let prior = format!(
            "{{log_uniform: [{}, {}]}}",
            length(seconds / 2.0),
            length(seconds * 3.0)
        );
        let why = "Not in the log; beyond nearly all of the latency.";
        let at = (3, "timeouts of attempts");
        self.assumed(&format!("{path}.timeout"), Some(&prior), at, why);
    }

    /// A share of failures, declared as fitted.
    fn failure(&mut self, path: &str, of: Estimate, stage: &str, file: &str) -> String {
        let point = of.point.unwrap_or(0.0);
        let why = format!(
            "{} of {} {stage} failed in {file}: {}, {}.",
            (point * of.n as f64).round(),
            of.n,
            share(point),
            interval(of, share)
        );
        self.fitted(path, prior(of, "uniform", share), &why);
        share(point)
    }

    /// A law and its parameters, declared as fitted; absent where too few durations ended.
    fn durations(
        &mut self,
        path: &str,
        of: &Durations,
        (what, file): (&str, &str),
    ) -> Option<String> {
        let law = law(of)?;
        let Some(best) = of.best() else {
            self.fitted(
                path,
                None,
                &format!("All {} {what} in {file} took as long.", of.ended),
            );
            return Some(law);
        };
        let family = best.family.name();
        for (place, (key, estimate)) in of.parameters().into_iter().enumerate() {
            let write = if matches!(key, "sigma" | "shape") {
                number
            } else {
                length
            };
            let why = match place {
                0 => notes::durations(of, (what, file), (key, estimate)),
                _ => format!(
                    "Fitted with it: {}, {}.",
                    number(estimate.point.unwrap_or(1.0)),
                    interval(estimate, number)
                ),
            };
            let path = format!("{path}.{family}.{key}");
            self.fitted(&path, prior(estimate, "log_uniform", write), &why);
        }
        Some(law)
    }

    fn demand(&mut self) -> String {
        let mut text = "\ndemand:\n".to_owned();
        let places = std::mem::take(&mut self.places);
        for place in &places {
            let lone = &place.classes[0];
            if place.pool.demand.is_empty() {
                let path = format!("demand.{lone}.source.requests");
                let at = (6, "demand");
                let prior = Some("{log_uniform: [1/h, 120/h]}");
                self.assumed(&format!("{path}.rate"), prior, at, "Not in the log.");
                let prior = Some("{log_uniform: [5m, 3h]}");
                self.assumed(&format!("{path}.hold"), prior, at, "Not in the log.");
                let pool = &place.pool.key;
                text += &format!(
                    "  {lone}:\n    pool: {pool}\n    essential: true\n    source: {{requests: {{rate: 12/h, hold: 30m}}}}\n"
                );
            }
            for (demand, key) in place.pool.demand.iter().zip(&place.classes) {
                text += &self.class(demand, key, &place.pool.key);
            }
        }
        self.places = places;
        text
    }

    fn class(&mut self, demand: &Demand, key: &str, pool: &str) -> String {
        let path = format!("demand.{key}.source.requests");
        let bursts = Bursts::of(demand);
        let between = bursts.map_or(1.0, |it| 1.0 / it.mean());
        let mean = mean_rate(demand);
        let written = rate(mean.unwrap_or(12.0 / 3_600.0) * between);
        let mut text = format!(
            "  {key}:\n    pool: {pool}\n    essential: true\n    source:\n      requests:\n        rate: {written}\n"
        );
        let factor = match demand.basis {
            Basis::Level => between / HOLD_OF_LEVEL,
            Basis::Requests | Basis::Counter => between,
        };
        match mean {
            Some(_) => {
                let why = notes::rate(demand, bursts, self.names);
                let prior = prior(demand.rate.times(factor), "log_uniform", rate);
                self.fitted(&format!("{path}.rate"), prior, &why);
            }
            None => {
                let at = (6, "demand");
                let why = "Too few requests to tell.";
                self.assumed(
                    &format!("{path}.rate"),
                    Some("{log_uniform: [1/h, 120/h]}"),
                    at,
                    why,
                );
            }
        }
        if !demand.weekly.is_flat() {
            text += &format!("        profile: {key}\n");
        }
        text += &format!("        hold: {}\n", self.hold(demand, &path));
        if let Some(bursts) = bursts {
            text += &format!(
                "        bursts: {{factor: {}, every: {}, last: {}}}\n",
                number(bursts.factor),
                length(bursts.every),
                length(bursts.last)
            );
            let why = notes::bursts(demand);
            self.fitted(&format!("{path}.bursts.factor"), None, &why);
            self.fitted(
                &format!("{path}.bursts.last"),
                None,
                "Fitted with the factor.",
            );
            let why = format!(
                "So that bursts take {} of the time, which is assumed.",
                share(SHARE)
            );
            self.declare(&format!("{path}.bursts.every"), "reasoned", None, &why);
        }
        text
    }

    fn hold(&mut self, demand: &Demand, path: &str) -> String {
        let path = format!("{path}.hold");
        let known = demand.hold.as_ref();
        let file = self.names.requests.clone();
        let fitted = known.and_then(|known| self.durations(&path, known, ("holds", &file)));
        fitted.unwrap_or_else(|| {
            let (prior, why) = match demand.basis {
                Basis::Level => (
                    "{log_uniform: [10m, 12h]}",
                    "Not in the log, which has machines in use only. The rate was divided by it: change both together.",
                ),
                Basis::Counter => ("{log_uniform: [5m, 3h]}", "Not in the log."),
                Basis::Requests => ("{log_uniform: [5m, 3h]}", "Too few requests ended to tell."),
            };
            self.assumed(&path, Some(prior), (7, "how long requests hold their machines"), why);
            length(hold_mean(demand))
        })
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
        let rate = |it: &Demand| mean_rate(it).unwrap_or(0.0);
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
