//! Demand of the scenario that a log gives.

use crate::log::bursts::{Bursts, SHARE};
use crate::log::demand::{Basis, Demand};
use crate::log::notes;
use crate::log::scenario::{
    Draft, HOLD_OF_LEVEL, hold_mean, limited_prior, mean_rate, positive_prior,
};
use crate::log::written::{interval, length, number, rate, share};
use crate::stats::Estimate;

/// Durations of requests, rather than of attempts.
const ATTEMPTS: bool = false;

impl Draft<'_> {
    pub(super) fn profiles(&mut self) -> String {
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

    pub(super) fn demand(&mut self) -> String {
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
                let prior = positive_prior(demand.rate.times(factor), rate);
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
        if let Some(batch) = demand.batch {
            text += &self.batch(batch, &path);
        }
        if let Some(bursts) = bursts {
            text += &self.bursts(demand, bursts, &path);
        }
        text
    }

    fn batch(&mut self, batch: Estimate, path: &str) -> String {
        let mean = number(batch.point.unwrap_or(1.0));
        let why = format!(
            "Requests at most a second apart arrived together: {} arrivals of {mean} on average, {}.",
            batch.n,
            interval(batch, number)
        );
        let prior = limited_prior(batch, number);
        self.fitted(&format!("{path}.batch.geometric"), prior, &why);
        format!("        batch: {{geometric: {mean}}}\n")
    }

    fn bursts(&mut self, demand: &Demand, bursts: Bursts, path: &str) -> String {
        let why = notes::bursts(demand, bursts);
        let prior = positive_prior(bursts.factor, number);
        self.fitted(&format!("{path}.bursts.factor"), prior, &why);
        let why = "Fitted with the factor, without an interval.";
        self.fitted(&format!("{path}.bursts.last"), None, why);
        let share = share(SHARE);
        let why = format!("So that bursts take {share} of the time, which is assumed.");
        self.declare(&format!("{path}.bursts.every"), "reasoned", None, &why);
        format!(
            "        bursts: {{factor: {}, every: {}, last: {}}}\n",
            number(bursts.factor.point.unwrap_or(1.0)),
            length(bursts.every),
            length(bursts.last)
        )
    }

    fn hold(&mut self, demand: &Demand, path: &str) -> String {
        let path = format!("{path}.hold");
        let known = demand.hold.as_ref();
        let fitted = known.and_then(|known| self.durations(&path, known, ("holds", ATTEMPTS)));
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
}
