//! Counts over time in quarters of an hour, and by the hours of a week in local time.

use jiff::tz::TimeZone;

use crate::log::instant::local;

/// Length of a bin (s). Offsets of all time zones are whole numbers of it.
pub(crate) const QUARTER: f64 = 900.0;
/// Quarters of a week.
pub(crate) const WEEK: usize = 7 * DAY;
/// Quarters of a day.
pub(crate) const DAY: usize = 96;

/// The quarters of a window, and the quarter of the local week that each of them is.
pub(crate) struct Calendar {
    first: i64,
    window: (f64, f64),
    /// The quarter of the week, Monday 00:00 first, of each quarter.
    pub slots: Vec<usize>,
}

impl Calendar {
    /// The quarters from `from` until `until` (s since 1970).
    pub fn new((from, until): (f64, f64), zone: &TimeZone) -> Self {
        let first = (from / QUARTER).floor() as i64;
        let last = ((until / QUARTER).ceil() as i64).max(first + 1);
        let slot = |quarter: i64| {
            let (day, minute, _) = local(quarter as f64 * QUARTER, zone);
            day * DAY + minute / 15
        };
        Self {
            first,
            window: (from, until),
            slots: (first..last).map(slot).collect(),
        }
    }

    /// When the window begins (s since 1970).
    pub fn begins(&self) -> f64 {
        self.window.0
    }

    /// The seconds of each quarter that lie in the window.
    pub fn exposure(&self) -> Vec<f64> {
        let within = |place: usize| {
            let from = (self.first + place as i64) as f64 * QUARTER;
            let (from, until) = (from.max(self.window.0), (from + QUARTER).min(self.window.1));
            (until - from).max(0.0)
        };
        (0..self.slots.len()).map(within).collect()
    }

    /// The place of an instant's quarter.
    pub fn place(&self, at: f64) -> usize {
        let quarter = (at / QUARTER).floor() as i64 - self.first;
        quarter.clamp(0, self.slots.len() as i64 - 1) as usize
    }

    /// Adds an amount, spread evenly over an interval.
    pub fn spread(&self, to: &mut [f64], (from, until): (f64, f64), amount: f64) {
        let (first, last) = (self.place(from), self.place(until));
        if first == last || until <= from {
            to[first] += amount;
            return;
        }
        for (place, sum) in (first..).zip(&mut to[first..=last]) {
            let begins = (self.first + place as i64) as f64 * QUARTER;
            let overlap = (begins + QUARTER).min(until) - begins.max(from);
            *sum += amount * overlap.max(0.0) / (until - from);
        }
    }
}

/// Counts, and the time over which they were counted, by quarters of an hour.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Series {
    pub counts: Vec<f64>,
    /// Seconds of each quarter that were observed.
    pub exposure: Vec<f64>,
}

impl Series {
    /// Sums of so many quarters each, of which some was observed: count, and places of the quarters.
    pub fn blocks(&self, quarters: usize) -> impl Iterator<Item = (f64, std::ops::Range<usize>)> {
        let whole = self.counts.len() / quarters;
        let range = move |block: usize| block * quarters..(block + 1) * quarters;
        (0..whole).map(range).map(|range| {
            let count = self.counts[range.clone()].iter().sum();
            (count, range)
        })
    }

    /// Sum of all counts.
    pub fn total(&self) -> f64 {
        self.counts.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_of_the_week_are_local() {
        // Thursday, 1 October 2026, 08:00 in UTC and 10:00 in Amsterdam.
        let from = 1_790_841_600.0;
        let zone = TimeZone::get("Europe/Amsterdam").expect("a zone");
        let calendar = Calendar::new((from + 300.0, from + 2_000.0), &zone);
        assert_eq!(calendar.slots, [3 * DAY + 40, 3 * DAY + 41, 3 * DAY + 42]);
        assert_eq!(calendar.exposure(), [600.0, 900.0, 200.0]);
        let mut sums = vec![0.0; 3];
        calendar.spread(&mut sums, (from + 600.0, from + 1_200.0), 4.0);
        assert_eq!(sums, [2.0, 2.0, 0.0]);
    }
}
