//! What a log says of the requests of a class: how many, when, how long they hold their machines, by which tenants.

use std::collections::BTreeMap;

use crate::log::batches::batches;
use crate::log::calendar::{Calendar, DAY, Series};
use crate::log::durations::Durations;
use crate::log::weekly::Weekly;
use crate::log::{Counted, End, Level, Request};
use crate::stats::Estimate;
use crate::stats::counts::{Dispersion, mean_count};
use crate::stats::mean::mean_at;
use crate::stats::proportion::proportion_at;

/// Coverage of all intervals is 1 less this.
pub(crate) const ALPHA: f64 = 0.1;

/// What demand was estimated from.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Basis {
    /// Requests, one by one.
    Requests,
    /// Increments of a counter.
    Counter,
    /// Machines in use, of which this is the mean. The rate is per second of holding time: the mean level
    /// itself.
    Level,
}

/// Waits of requests.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Waits {
    /// Requests that got a machine.
    pub served: usize,
    /// Requests that got none before they ended, or before the log did.
    pub unserved: usize,
    /// Mean wait of those served (s).
    pub mean: f64,
    /// Median wait.
    pub p50: f64,
    /// 95% quantile.
    pub p95: f64,
}

/// How requests are divided among tenants.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Tenants {
    pub count: usize,
    /// Share of the one with most requests, with its interval.
    pub largest: Estimate,
    /// Number of equal tenants that would be as concentrated: 1 over the sum of squared shares.
    pub effective: f64,
}

/// The demand of a class.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Demand {
    /// Name of the class; empty if the log names none.
    pub class: String,
    pub basis: Basis,
    /// Requests, or samples of a level.
    pub count: usize,
    /// Mean rate of arrivals over the week (1/s), or the mean level.
    pub rate: Estimate,
    /// Requests of an arrival, on average; absent where they arrive one by one.
    pub batch: Option<Estimate>,
    pub weekly: Weekly,
    /// How much counts of an hour vary about the profile.
    pub hourly: Option<Dispersion>,
    /// How much counts of a day do.
    pub daily: Option<Dispersion>,
    /// How long requests hold their machines; absent if the log does not say.
    pub hold: Option<Durations>,
    pub waits: Option<Waits>,
    pub tenants: Option<Tenants>,
}

impl Demand {
    /// The dispersion that intervals of counts allow for, if any.
    pub fn widest(&self) -> Option<Dispersion> {
        widest([self.hourly, self.daily])
    }

    /// Requests per unit of time, on average, for a rate of arrivals.
    pub fn requests(&self, arrivals: f64) -> f64 {
        arrivals * self.batch.and_then(|batch| batch.point).unwrap_or(1.0)
    }

    /// The demand of requests in a log that ended at `end`.
    pub fn of_requests(
        class: &str,
        requests: &[Request],
        (calendar, end): (&Calendar, f64),
    ) -> Self {
        let mut times: Vec<f64> = requests.iter().map(|it| it.requested).collect();
        times.sort_unstable_by(f64::total_cmp);
        let (arrivals, batch) = batches(&times, end - calendar.begins());
        let mut counts = vec![0.0; calendar.slots.len()];
        // The first arrival of the log opens the window, and is not one of those counted in it.
        let opens = arrivals.first().is_some_and(|at| *at <= calendar.begins());
        for at in &arrivals[usize::from(opens)..] {
            counts[calendar.place(*at)] += 1.0;
        }
        let served = requests.iter().filter_map(|request| request.served);
        let holds = served.map(|(started, how)| match how {
            End::Ended(at) => (at - started, true),
            End::Censored(at) => (at - started, false),
            End::Open => (end - started, false),
        });
        let mut found = Self::of_counts(class, Basis::Requests, counts, calendar);
        found.count = requests.len();
        found.batch = batch;
        found.hold = Some(Durations::of(holds));
        found.waits = waits(requests);
        found.tenants = tenants(requests);
        found
    }

    /// The demand that increments of a counter show.
    pub fn of_counter(counted: &[Counted], calendar: &Calendar) -> Self {
        let mut counts = vec![0.0; calendar.slots.len()];
        let mut exposure = vec![0.0; calendar.slots.len()];
        for it in counted {
            let interval = (it.from, it.until);
            calendar.spread(&mut counts, interval, it.count);
            calendar.spread(&mut exposure, interval, it.until - it.from);
        }
        // Several series of a pool count at the same time.
        for (seconds, most) in exposure.iter_mut().zip(calendar.exposure()) {
            *seconds = seconds.min(most);
        }
        let series = Series { counts, exposure };
        Self::of_series("", Basis::Counter, &series, calendar)
    }

    fn of_counts(class: &str, basis: Basis, counts: Vec<f64>, calendar: &Calendar) -> Self {
        let exposure = calendar.exposure();
        Self::of_series(class, basis, &Series { counts, exposure }, calendar)
    }

    fn of_series(class: &str, basis: Basis, series: &Series, calendar: &Calendar) -> Self {
        let slots = &calendar.slots;
        let weekly = Weekly::fit(series, slots);
        let hourly = weekly.dispersion(series, slots, 4);
        let daily = weekly.dispersion(series, slots, DAY);
        let widest = widest([hourly, daily]);
        let count = series.total().round() as usize;
        let seconds = weekly.weighted_exposure(series, slots);
        let rate = mean_count(count, widest, ALPHA).times(1.0 / seconds);
        Self {
            class: class.to_owned(),
            basis,
            count,
            rate,
            batch: None,
            weekly,
            hourly,
            daily,
            hold: None,
            waits: None,
            tenants: None,
        }
    }

    /// The demand behind machines in use.
    pub fn of_levels(levels: &[Level], calendar: &Calendar) -> Self {
        let mut counts = vec![0.0; calendar.slots.len()];
        let mut exposure = vec![0.0; calendar.slots.len()];
        // A sample is the level until the next one.
        let lasts = spacing(levels);
        for level in levels {
            let interval = (level.at, level.at + lasts);
            calendar.spread(&mut counts, interval, level.level * lasts);
            calendar.spread(&mut exposure, interval, lasts);
        }
        let series = Series { counts, exposure };
        let weekly = Weekly::fit(&series, &calendar.slots);
        let point = series.total() / weekly.weighted_exposure(&series, &calendar.slots);
        Self {
            class: String::new(),
            basis: Basis::Level,
            count: levels.len(),
            rate: mean_level(&series, point),
            batch: None,
            weekly,
            hourly: None,
            daily: None,
            hold: None,
            waits: None,
            tenants: None,
        }
    }
}

/// The greater of two dispersions that are significant: slow changes show in days only.
fn widest(both: [Option<Dispersion>; 2]) -> Option<Dispersion> {
    let significant = both.into_iter().flatten().filter(|it| it.is_over());
    significant.max_by(|one, other| one.index.total_cmp(&other.index))
}

/// The usual time between samples (s): the median.
fn spacing(levels: &[Level]) -> f64 {
    let mut at: Vec<f64> = levels.iter().map(|level| level.at).collect();
    at.sort_unstable_by(f64::total_cmp);
    let between = at.windows(2).map(|pair| pair[1] - pair[0]);
    let mut between: Vec<f64> = between.filter(|seconds| 0.0 < *seconds).collect();
    between.sort_unstable_by(f64::total_cmp);
    let median = between.get(between.len() / 2).copied();
    median.unwrap_or(3_600.0)
}

/// The mean level with the interval of Student (1908) over the means of weeks, or of days where there are fewer than
/// four weeks: levels of neighbouring hours are not independent, those of weeks nearly are.
fn mean_level(series: &Series, point: f64) -> Estimate {
    let means = |quarters: usize| {
        let blocks = series.blocks(quarters).filter_map(|(sum, range)| {
            let seconds: f64 = series.exposure[range].iter().sum();
            (0.0 < seconds).then(|| sum / seconds)
        });
        blocks.collect::<Vec<f64>>()
    };
    let (weeks, days) = (means(7 * DAY), means(DAY));
    let batches = if 4 <= weeks.len() { weeks } else { days };
    let spread = mean_at(&batches, ALPHA);
    let half = match (spread.low, spread.high) {
        (Some(low), Some(high)) => Some(0.5 * (high - low)),
        _ => None,
    };
    Estimate {
        point: Some(point),
        low: half.map(|half| (point - half).max(0.0)),
        high: half.map(|half| point + half),
        n: batches.len(),
    }
}

fn waits(requests: &[Request]) -> Option<Waits> {
    let wait = |it: &Request| it.served.map(|(started, _)| started - it.requested);
    let mut all: Vec<f64> = requests.iter().filter_map(wait).collect();
    if all.is_empty() {
        return None;
    }
    all.sort_unstable_by(f64::total_cmp);
    let quantile = |p: f64| all[((p * all.len() as f64).ceil() as usize).max(1) - 1];
    Some(Waits {
        served: all.len(),
        unserved: requests.len() - all.len(),
        mean: all.iter().sum::<f64>() / all.len() as f64,
        p50: quantile(0.5),
        p95: quantile(0.95),
    })
}

fn tenants(requests: &[Request]) -> Option<Tenants> {
    let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
    for tenant in requests.iter().filter_map(|it| it.tenant) {
        *counts.entry(tenant).or_default() += 1;
    }
    let largest = counts.values().copied().max()?;
    let all: usize = counts.values().sum();
    let square = |count: &usize| (*count as f64 / all as f64) * (*count as f64 / all as f64);
    Some(Tenants {
        count: counts.len(),
        largest: proportion_at(largest, all, ALPHA),
        effective: 1.0 / counts.values().map(square).sum::<f64>(),
    })
}
