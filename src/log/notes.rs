//! What was found, in words: the reasons of a scenario's assumptions.

use std::fmt::Write as _;

use crate::log::bursts::Bursts;
use crate::log::demand::{ALPHA, Basis, Demand};
use crate::log::durations::Durations;
use crate::log::estimate::Calibrated;
use crate::log::instant::date;
use crate::log::written::{interval, length, number, rate as per_time};
use crate::log::{FileRead, Log};
use crate::stats::Estimate;
use crate::stats::counts::{Dispersion, mean_count};

/// Names of the files that a log was read from.
pub(crate) struct Names {
    /// All of them, with their rows and dates.
    pub all: String,
    /// All of them, without.
    pub short: String,
    /// Those with requests or levels.
    pub requests: String,
    /// Those with attempts to provision.
    pub attempts: String,
}

impl Names {
    /// The names of a log's files.
    pub fn of(log: &Log, found: &Calibrated) -> Self {
        let attempts = |file: &&FileRead| file.what.contains("attempts");
        let joined = |files: Vec<&FileRead>| {
            let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
            names.join(", ")
        };
        let described = |file: &FileRead| format!("{} ({} {})", file.name, file.used, file.what);
        let described: Vec<String> = log.files.iter().map(described).collect();
        let dates = found.window.map(|(first, last)| (date(first), date(last)));
        let dates = dates.map(|(first, last)| format!(", {first} to {last},"));
        let (one, other): (Vec<_>, Vec<_>) = log.files.iter().partition(attempts);
        Self {
            all: described.join(", ") + &dates.unwrap_or_default(),
            short: joined(log.files.iter().collect()),
            requests: joined(other),
            attempts: joined(one),
        }
    }
}

/// What a rate was fitted to.
pub(crate) fn rate(demand: &Demand, bursts: Option<Bursts>, names: &Names) -> String {
    let (file, count) = (&names.requests, demand.count);
    if demand.basis == Basis::Level {
        let level = number(demand.rate.point.unwrap_or(0.0));
        let interval = interval(demand.rate, number);
        return format!(
            "Machines in use in {file}, not arrivals: mean {level}, {interval}, divided by the assumed hold (Little, 1961)."
        );
    }
    let mean = per_time(demand.rate.point.unwrap_or(0.0));
    let what = if demand.batch.is_some() {
        "arrivals"
    } else {
        "requests"
    };
    let interval = interval(demand.rate, per_time);
    let mut text = format!("Fitted to {count} requests in {file}: {mean} {what}, {interval}");
    match dispersions(demand) {
        Some(over) => {
            let _ = write!(text, ", which allows for {over}.");
        }
        None => text += ", exact for a Poisson process.",
    }
    if let Some(bursts) = bursts {
        let _ = write!(
            text,
            " Bursts raise this rate between them by {} on average.",
            number(bursts.mean())
        );
    }
    text
}

/// Indices of dispersion that are above 1, in words.
pub(crate) fn dispersions(demand: &Demand) -> Option<String> {
    let over = |it: Option<Dispersion>, what: &str| {
        let found = it.filter(|it| it.is_over())?;
        let (low, high) = found.interval(ALPHA);
        let [index, low, high] = [found.index, low, high].map(hundredths);
        Some(format!("{index} ({low} to {high}) of {what}"))
    };
    let parts = [over(demand.hourly, "hours"), over(demand.daily, "days")];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| format!("an index of dispersion {}", parts.join(" and ")))
}

fn hundredths(value: f64) -> String {
    number((value * 100.0).round() / 100.0)
}

/// What bursts were fitted to.
pub(crate) fn bursts(demand: &Demand, of: Bursts) -> String {
    let over = dispersions(demand).unwrap_or_default();
    let factor = interval(of.factor, number);
    format!(
        "Moments, approximate {factor}: counts vary about the profile with {over}; 1 would be a Poisson process."
    )
}

/// What a profile was fitted to.
pub(crate) fn profile(demand: &Demand, names: &Names) -> String {
    let weekly = &demand.weekly;
    let what = match demand.basis {
        Basis::Level => "levels (machines in use, smoother and later than arrivals)",
        Basis::Requests | Basis::Counter => "requests",
    };
    let days = weekly.days.iter().zip(&weekly.hours);
    let days = days.map(|((key, _), hours)| match hours {
        24 => format!("{key} flat"),
        hours => format!("{key} by {hours} h"),
    });
    let days: Vec<String> = days.collect();
    format!(
        "Fitted to {} {what} in {}; types of days and intervals ({}) chosen by Akaike's criterion. {}.",
        demand.count,
        names.requests,
        days.join(", "),
        busiest(demand)
    )
}

/// How sure the greatest value of a profile is.
fn busiest(demand: &Demand) -> String {
    let weekly = &demand.weekly;
    if demand.basis == Basis::Level {
        return "No interval: levels of neighbouring hours are not independent".to_owned();
    }
    let count = weekly.busiest_count;
    let sure = mean_count(count.round() as usize, demand.widest(), ALPHA);
    let (_, most) = weekly.busiest();
    let sure = sure.times(most / count);
    format!(
        "Its greatest value rests on {} arrivals: {}",
        number(count),
        interval(sure, hundredths)
    )
}

/// What durations were fitted to.
pub(crate) fn durations(
    of: &Durations,
    (what, file): (&str, &str),
    (key, estimate): (&str, Estimate),
) -> String {
    let Some(best) = of.best() else {
        return String::new();
    };
    let (family, named) = (
        best.family.name(),
        if key == "p50" { "median" } else { "mean" },
    );
    let mut text = format!(
        "Fitted to {} {what} in {file}, {} of them censored: {family} by Akaike's criterion, {named} {}, {}; {}",
        of.ended + of.censored,
        of.censored,
        length(estimate.point.unwrap_or(0.0)),
        interval(estimate, length),
        goodness(of)
    );
    if 0 < of.zeros {
        let _ = write!(text, " {} of 0s count as 0.5s.", of.zeros);
    }
    text
}

/// The goodness of the best fit, in words.
pub(crate) fn goodness(of: &Durations) -> String {
    let Some(best) = of.best() else {
        return String::new();
    };
    let found = best.goodness;
    let (distance, critical) = (number(round(found.distance)), number(round(found.critical)));
    match found.is_poor() {
        true => {
            format!("POOR FIT: distance {distance} from Kaplan-Meier, and {critical} rules it out.")
        }
        false if found.critical < found.distance => {
            format!("distance {distance} from Kaplan-Meier, too small to matter.")
        }
        false => {
            format!("distance {distance} from Kaplan-Meier, where {critical} would rule it out.")
        }
    }
}

fn round(share: f64) -> f64 {
    (share * 1e3).round() / 1e3
}
