//! Pools of the scenario that a log gives.

use crate::log::demand::Demand;
use crate::log::durations::{Durations, Law};
use crate::log::notes;
use crate::log::provisioning::Provisioning;
use crate::log::scenario::{Draft, Place, limited_prior, mean_rate, positive_prior};
use crate::log::written::{interval, length, number, share};
use crate::stats::Estimate;

/// A latency that the log does not tell: 5% and 95% quantiles, and the mean (s).
const LATENCY: &str = "{lognormal: {p50: 4m30s, sigma: 0.49}}";
const LATENCY_MEAN: f64 = 300.0;
/// Durations of attempts, rather than of requests.
const ATTEMPTS: bool = true;

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
    pub(super) fn pools(&mut self) -> String {
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
        let demand = &place.pool.demand;
        let peak = |it: &Demand| {
            let busiest = it.weekly.busiest().1.max(1.0);
            Some(it.requests(mean_rate(it)? * busiest) * latency)
        };
        let expected: f64 = demand.iter().filter_map(peak).sum();
        let expected = if 0.0 < expected { expected } else { 2.0 };
        // Geometric batches of mean m have an index of dispersion of 2 m - 1.
        let index = |it: &Demand| 2.0 * it.requests(1.0) - 1.0;
        let index = demand.iter().map(index).fold(1.0, f64::max);
        let above = 1.645 * (index * expected).sqrt();
        let target = (expected + above).ceil().clamp(2.0, 100_000.0);
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
            let at = (1, "how long provisioning takes and how often it fails");
            let latency = self.assumed_latency(&path, at);
            self.timeout(&path, 1_800.0);
            return format!("    provision: {{latency: {latency}, timeout: 30m}}\n");
        };
        let stage = match known.extension {
            Some(_) => "first stages (the machine)",
            None => "attempts",
        };
        let machine = self.durations(
            &format!("{path}.latency"),
            &known.machine,
            (stage, ATTEMPTS),
        );
        let at = (1, "how long provisioning takes");
        let machine = machine.unwrap_or_else(|| self.assumed_latency(&path, at));
        let mut text = format!("    provision:\n      latency: {machine}\n");
        if let Some(extension) = &known.extension {
            text += &self.extension(&format!("{path}.extension"), known, extension);
        }
        match known.failure {
            Some(failure) => {
                let failure = self.failure(&format!("{path}.failure"), failure, "attempts");
                text += &format!("      failure: {failure}\n");
            }
            None => {
                let what = "how often provisioning fails in ordinary times";
                self.unknown.entry(2).or_insert_with(|| what.to_owned());
            }
        }
        let timeout = (3.0 * known.longest.unwrap_or(600.0)).max(1_800.0);
        let timeout = (timeout / 600.0).ceil() * 600.0;
        self.timeout(&path, timeout);
        text + &format!("      timeout: {}\n", length(timeout))
    }

    fn assumed_latency(&mut self, path: &str, at: (usize, &str)) -> String {
        let why = "Not in the log: 2 to 10 minutes for 9 machines of 10, as of ordinary virtual machines.";
        let prior = Some("{log_uniform: [1m, 20m]}");
        self.assumed(&format!("{path}.latency.lognormal.p50"), prior, at, why);
        let why = "Not in the log: with the median, 9 of 10 machines take 2 to 10 minutes.";
        let prior = Some("{uniform: [0.2, 1]}");
        self.assumed(&format!("{path}.latency.lognormal.sigma"), prior, at, why);
        LATENCY.to_owned()
    }

    fn extension(&mut self, path: &str, known: &Provisioning, of: &Durations) -> String {
        let stage = ("second stages (the extension)", ATTEMPTS);
        let law = self.durations(&format!("{path}.latency"), of, stage);
        let law = law.unwrap_or_else(|| {
            let (at, prior) = (
                (1, "how long the extension takes"),
                "{log_uniform: [1m, 20m]}",
            );
            let why = "Too few second stages ended to tell.";
            self.assumed(&format!("{path}.latency"), Some(prior), at, why);
            "5m".to_owned()
        });
        let mut text = format!("      extension:\n        latency: {law}\n");
        if let Some(failure) = known.extension_failure {
            let failure = self.failure(&format!("{path}.failure"), failure, "second stages");
            text += &format!("        failure: {failure}\n");
        }
        text
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
    fn failure(&mut self, path: &str, of: Estimate, stage: &str) -> String {
        let file = &self.names.attempts;
        let point = of.point.unwrap_or(0.0);
        let why = format!(
            "{} of {} {stage} failed in {file}: {}, {}.",
            (point * of.n as f64).round(),
            of.n,
            share(point),
            interval(of, share)
        );
        self.fitted(path, limited_prior(of, share), &why);
        share(point)
    }

    /// A law and its parameters, declared as fitted; absent where too few durations ended. What they are, and of which of
    /// the files, says the last argument.
    pub(super) fn durations(
        &mut self,
        path: &str,
        of: &Durations,
        (what, of_attempts): (&str, bool),
    ) -> Option<String> {
        let law = law(of)?;
        let names = self.names;
        let file = if of_attempts {
            &names.attempts
        } else {
            &names.requests
        };
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
            self.fitted(&path, positive_prior(estimate, write), &why);
        }
        Some(law)
    }
}
