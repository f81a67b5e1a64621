//! The time axis: clock times in UTC and where the pool is, with the date wherever a day begins.

use crate::kernel::time::{SimDuration, SimTime};
use crate::output::chart::ticks;
use crate::scenario::Scenario;

/// A time axis, from the start of a scenario to its end.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct TimeAxis {
    pub length_s: f64,
    /// When it begins, in words.
    pub start: String,
    /// The place whose time stands in the second row; none where that is UTC, or rows are of days.
    pub place: Option<String>,
    pub ticks: Vec<TimeTick>,
}

/// A mark on a time axis.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct TimeTick {
    /// Seconds after the start.
    pub at_s: f64,
    pub utc: String,
    pub local: String,
}

const DAY: u64 = 86_400;
/// Marks that an axis has room for.
const MOST: usize = 9;
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

impl TimeAxis {
    /// The axis of a scenario, with the time of the pool at place `pool` as second row.
    pub fn of(scenario: &Scenario, pool: Option<usize>) -> Self {
        let length_s = scenario.length().seconds();
        let begins = scenario.local(scenario.setup.start, None);
        let step = ticks::time_step(length_s, MOST);
        let place = pool.and_then(|pool| {
            let start = scenario.setup.start;
            let differs = scenario.local(start, Some(pool)) != begins;
            (differs && step < DAY).then(|| place(&scenario.pools[pool].timezone))
        });
        let (utc, local) = (labels(scenario, None), labels(scenario, pool));
        let instants = instants(scenario);
        let at_s = instants.into_iter().map(|(at, _)| scenario.seconds(at));
        let ticks = at_s.zip(utc.into_iter().zip(local));
        let (day, year) = (begins.day(), begins.year());
        let month = MONTHS[begins.month() as usize - 1];
        let clock = format!("{:02}:{:02}", begins.hour(), begins.minute());
        Self {
            length_s,
            start: format!("{day} {month} {year}, {clock} UTC"),
            place,
            ticks: ticks
                .map(|(at_s, (utc, local))| TimeTick { at_s, utc, local })
                .collect(),
        }
    }
}

/// What stands beside the marks, in the time of a pool or in UTC. A new date is written once: in place of a
/// midnight, or before the time.
fn labels(scenario: &Scenario, pool: Option<usize>) -> Vec<String> {
    let mut date = scenario.local(scenario.setup.start, None).date();
    let label = |(at, by_month): (SimTime, bool)| {
        let there = scenario.local(at, pool);
        let month = MONTHS[there.month() as usize - 1];
        let day = format!("{} {month}", there.day());
        let mut clock = format!("{:02}:{:02}", there.hour(), there.minute());
        if there.second() != 0 {
            clock += &format!(":{:02}", there.second());
        }
        let new = std::mem::replace(&mut date, there.date()) != there.date();
        match (by_month, new) {
            (true, _) if there.month() == 1 => there.year().to_string(),
            (true, _) => month.to_owned(),
            (false, _) if clock == "00:00" => day,
            (false, true) => format!("{day} {clock}"),
            (false, false) => clock,
        }
    };
    instants(scenario).into_iter().map(label).collect()
}

/// The round instants of a scenario, and whether they are the beginnings of months.
fn instants(scenario: &Scenario) -> Vec<(SimTime, bool)> {
    let length_s = scenario.length().seconds();
    let start = scenario.utc(scenario.setup.start).as_second();
    let step = ticks::time_step(length_s, MOST);
    let at = |second: i64| {
        let after = SimDuration::from_seconds((second - start).max(0) as u64);
        scenario.setup.start + after
    };
    let months = 60 * DAY < length_s as u64;
    if months {
        let year = 365.0 * DAY as f64;
        let every = [1, 2, 3, 6, 12]
            .into_iter()
            .find(|every| length_s <= year * f64::from(*every));
        let every = every.unwrap_or(12) as i8;
        let begins = |at: &SimTime| {
            let there = scenario.local(*at, None);
            there.day() == 1 && (there.month() - 1) % every == 0
        };
        let days = multiples(start, length_s, DAY).map(at);
        return days.filter(begins).map(|at| (at, true)).collect();
    }
    multiples(start, length_s, step)
        .map(at)
        .map(|at| (at, false))
        .collect()
}

/// The seconds from `start` on that are multiples of a step; of weeks those that are Mondays.
fn multiples(start: i64, length_s: f64, step: u64) -> impl Iterator<Item = i64> {
    let step = step as i64;
    // The epoch was a Thursday.
    let from = if step % (7 * DAY as i64) == 0 {
        4 * DAY as i64
    } else {
        0
    };
    let first = start + (from - start).rem_euclid(step);
    let last = start + length_s as i64;
    (0..)
        .map(move |place| first + place * step)
        .take_while(move |at| *at <= last)
}

/// The place that a zone is named after.
fn place(zone: &str) -> String {
    let last = zone.rsplit('/').next().unwrap_or(zone);
    last.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiples_are_those_of_the_clock() {
        let quarter = multiples(1_000, 1_000.0, 900).collect::<Vec<i64>>();
        assert_eq!(quarter, [1_800]);
        let mondays = multiples(0, 12.0 * DAY as f64, 7 * DAY).collect::<Vec<i64>>();
        assert_eq!(mondays, [4 * DAY as i64, 11 * DAY as i64]);
    }

    #[test]
    fn zones_are_named_after_places() {
        assert_eq!(place("America/Los_Angeles"), "Los Angeles");
        assert_eq!(place("UTC"), "UTC");
    }
}
