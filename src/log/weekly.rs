//! The profile of a week: how a rate or a level changes with the hour, on each type of day. Types of days, and the width
//! of the intervals of each type, are chosen by Akaike's criterion, allowing for overdispersion (Burnham and Anderson,
//! 2002). The profile that a scenario draws, linear between its knots, is the most likely one.

use crate::log::calendar::{DAY, Series, WEEK};
use crate::stats::counts::Dispersion;

/// Types of days: which of them each day of the week is, Monday first, and their keys in a scenario.
const TYPES: [([usize; 7], &[&str]); 3] = [
    ([0; 7], &["daily"]),
    ([0, 0, 0, 0, 0, 1, 1], &["mon-fri", "sat-sun"]),
    (
        [0, 1, 2, 3, 4, 5, 6],
        &["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
    ),
];
/// Widths of the intervals of a day (h), the whole day first.
const WIDTHS: [usize; 6] = [24, 6, 4, 3, 2, 1];
/// Steps of the search for the most likely knots.
const STEPS: usize = 200;

/// How a week is divided.
#[derive(Clone, PartialEq, Debug)]
struct Model {
    types: usize,
    /// Width of the intervals of each type of day (h).
    hours: Vec<usize>,
}

impl Model {
    fn flat() -> Self {
        Self {
            types: 0,
            hours: vec![24],
        }
    }

    /// The first parameter of a type of day.
    fn first(&self, kind: usize) -> usize {
        self.hours[..kind].iter().map(|hours| 24 / hours).sum()
    }

    fn parameters(&self) -> usize {
        self.first(self.hours.len())
    }

    /// The parameter of a quarter of the week.
    fn parameter(&self, slot: usize) -> usize {
        let kind = TYPES[self.types].0[slot / DAY];
        self.first(kind) + slot % DAY / (4 * self.hours[kind])
    }

    /// The knots of a type of day, in quarters from midnight, and their parameters: one in the middle of each interval,
    /// or one at either end of a day that is flat.
    fn knots(&self, kind: usize) -> Vec<(f64, usize)> {
        let (hours, first) = (self.hours[kind], self.first(kind));
        if hours == 24 {
            return vec![(0.0, first), (DAY as f64 - 1.0 / 15.0, first)];
        }
        let middle = |interval: usize| ((4 * interval + 2) * hours) as f64;
        let all = 0..24 / hours;
        all.map(|interval| (middle(interval), first + interval))
            .collect()
    }

    /// For each quarter of the week, the two knots that it lies between, and the share of each.
    fn between(&self) -> Vec<[(usize, f64); 2]> {
        let days = 0..9;
        let of_day = |day: usize| {
            let kind = TYPES[self.types].0[(day + 6) % 7];
            let begins = day as f64 * DAY as f64;
            self.knots(kind)
                .into_iter()
                .map(move |(at, knot)| (begins + at, knot))
        };
        // From the day before the week to the day after it.
        let knots: Vec<(f64, usize)> = days.flat_map(of_day).collect();
        let at = |slot: usize| {
            let middle = (DAY + slot) as f64 + 0.5;
            let next = knots.partition_point(|(at, _)| *at <= middle);
            let ((from, one), (to, other)) = (knots[next - 1], knots[next]);
            let share = (middle - from) / (to - from);
            [(one, 1.0 - share), (other, share)]
        };
        (0..WEEK).map(at).collect()
    }
}

/// A fitted profile, whose mean over the week is 1.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Weekly {
    /// Keys of types of days, each with its knots: minute of the day, and value. Empty where the profile is flat.
    pub days: Vec<(&'static str, Vec<(usize, f64)>)>,
    /// Width of the intervals of each type of day (h).
    pub hours: Vec<usize>,
    /// The count of the interval with the greatest rate.
    pub busiest_count: f64,
    /// The multiplier of each quarter of the week.
    multipliers: Vec<f64>,
    parameters: usize,
}

/// Counts and observed seconds by quarters of the week.
struct Week {
    counts: Vec<f64>,
    exposure: Vec<f64>,
}

impl Weekly {
    /// The most likely profile of a series, as fine as the data tell; flat where they cannot tell.
    pub fn fit(series: &Series, slots: &[usize]) -> Self {
        let mut week = Week {
            counts: vec![0.0; WEEK],
            exposure: vec![0.0; WEEK],
        };
        for (place, slot) in slots.iter().enumerate() {
            week.counts[*slot] += series.counts[place];
            week.exposure[*slot] += series.exposure[place];
        }
        if series.total() <= 0.0 {
            return Self::drawn(&Model::flat(), &week);
        }
        let all = 0..TYPES.len();
        let finest = all.clone().filter_map(|types| week.finest(types));
        let finest = finest.max_by_key(Model::parameters);
        let index = finest.map(|model| Self::stepped(&model, &week));
        // Of hours or of days, whichever is greater: bursts that last for hours are no profile.
        let index = index.map_or(1.0, |finest| {
            let scales = [4, DAY].map(|quarters| finest.dispersion(series, slots, quarters));
            let indices = scales.into_iter().flatten().map(|it| it.index);
            indices.fold(1.0, f64::max)
        });
        let best = all.filter_map(|types| week.best(types, index));
        let best = best.min_by(|one, other| one.1.total_cmp(&other.1));
        Self::drawn(&best.map_or_else(Model::flat, |(model, _)| model), &week)
    }

    /// The profile of a model: constant in each interval.
    fn stepped(model: &Model, week: &Week) -> Self {
        let rates = week.rates(model);
        let counts = Week::summed(model, &week.counts);
        let busiest = rates.iter().zip(&counts);
        let busiest = busiest.max_by(|one, other| one.0.total_cmp(other.0));
        let multipliers = (0..WEEK).map(|slot| rates[model.parameter(slot)]);
        Self {
            days: Vec::new(),
            hours: model.hours.clone(),
            busiest_count: busiest.map_or(0.0, |(_, count)| *count),
            multipliers: multipliers.collect(),
            parameters: model.parameters(),
        }
        .normalised()
        .0
    }

    /// The profile of a model, drawn as a scenario draws it.
    fn drawn(model: &Model, week: &Week) -> Self {
        let profile = Self::stepped(model, week);
        if model.parameters() == 1 {
            return profile;
        }
        let between = model.between();
        let knots = week.most_likely_knots(model, &between);
        let value =
            |two: &[(usize, f64); 2]| two.iter().map(|(knot, share)| share * knots[*knot]).sum();
        let multipliers = between.iter().map(value).collect();
        let (mut profile, mean) = Self {
            multipliers,
            ..profile
        }
        .normalised();
        let day = |kind: usize| {
            let all = model.knots(kind).into_iter();
            let minute = |at: f64| (at * 15.0).round() as usize;
            all.map(|(at, knot)| (minute(at), knots[knot] / mean))
                .collect()
        };
        let keys = TYPES[model.types].1.iter().enumerate();
        profile.days = keys.map(|(kind, key)| (*key, day(kind))).collect();
        profile
    }

    /// The same with a mean of 1 over the week, and what its mean was.
    fn normalised(mut self) -> (Self, f64) {
        let mean = self.multipliers.iter().sum::<f64>() / WEEK as f64;
        let of = |value: &f64| if 0.0 < mean { value / mean } else { 1.0 };
        self.multipliers = self.multipliers.iter().map(of).collect();
        (self, mean)
    }

    /// Whether the rate is the same at all hours.
    pub fn is_flat(&self) -> bool {
        self.days.is_empty()
    }

    /// The time that was observed, each second as the multiplier says (s).
    pub fn weighted_exposure(&self, series: &Series, slots: &[usize]) -> f64 {
        let weighted = |(seconds, slot): (&f64, &usize)| seconds * self.multipliers[*slot];
        series.exposure.iter().zip(slots).map(weighted).sum()
    }

    /// How much counts of so many quarters vary about the profile; absent where too few are expected to tell.
    pub fn dispersion(
        &self,
        series: &Series,
        slots: &[usize],
        quarters: usize,
    ) -> Option<Dispersion> {
        let rate = series.total() / self.weighted_exposure(series, slots);
        let expected = |range: std::ops::Range<usize>| {
            let of = |place: usize| series.exposure[place] * self.multipliers[slots[place]];
            rate * range.map(of).sum::<f64>()
        };
        let blocks = series.blocks(quarters);
        let pairs = blocks.map(|(count, range)| (count, expected(range)));
        let pairs: Vec<(f64, f64)> = pairs.filter(|(_, expected)| 0.05 < *expected).collect();
        // Sums of a day depend on the types of days alone.
        let fitted = match quarters {
            DAY => self.hours.len(),
            _ => self.parameters,
        };
        let fitted = fitted.min(pairs.len() / 2);
        Dispersion::of(&pairs, fitted)
    }

    /// The quarter of the week with the greatest multiplier, and that multiplier.
    pub fn busiest(&self) -> (usize, f64) {
        let all = self.multipliers.iter().copied().enumerate();
        all.fold(
            (0, 0.0),
            |best, next| if best.1 < next.1 { next } else { best },
        )
    }

    /// The least multiplier.
    pub fn quietest(&self) -> f64 {
        self.multipliers
            .iter()
            .copied()
            .fold(f64::INFINITY, f64::min)
    }
}

impl Week {
    /// Sums of quarters of the week by parameters of a model.
    fn summed(model: &Model, of: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; model.parameters()];
        for (slot, value) in of.iter().enumerate() {
            sums[model.parameter(slot)] += value;
        }
        sums
    }

    /// The rate of each interval (1/s); 0 where nothing was observed.
    fn rates(&self, model: &Model) -> Vec<f64> {
        let (counts, exposure) = (
            Self::summed(model, &self.counts),
            Self::summed(model, &self.exposure),
        );
        let rate = |(count, seconds): (&f64, &f64)| match *seconds {
            seconds if 0.0 < seconds => count / seconds,
            _ => 0.0,
        };
        counts.iter().zip(&exposure).map(rate).collect()
    }

    /// Count and observed seconds of each interval of a type of day.
    fn intervals(&self, (types, kind): (usize, usize), hours: usize) -> Vec<(f64, f64)> {
        let mut sums = vec![(0.0, 0.0); 24 / hours];
        for slot in (0..WEEK).filter(|slot| TYPES[types].0[slot / DAY] == kind) {
            let sum = &mut sums[slot % DAY / (4 * hours)];
            *sum = (sum.0 + self.counts[slot], sum.1 + self.exposure[slot]);
        }
        sums
    }

    /// Whether every interval of a type of day was seen twice.
    fn is_seen(&self, of: (usize, usize), hours: usize) -> bool {
        let needed = 2.0 * hours as f64 * 3_600.0;
        let intervals = self.intervals(of, hours);
        intervals
            .iter()
            .all(|(_, seconds)| 0.95 * needed <= *seconds)
    }

    /// The model with the narrowest intervals that were seen twice.
    fn finest(&self, types: usize) -> Option<Model> {
        let narrowest = |kind| {
            let mut widths = WIDTHS.iter().rev();
            widths
                .find(|hours| self.is_seen((types, kind), **hours))
                .copied()
        };
        let kinds = 0..TYPES[types].1.len();
        let hours = kinds.map(narrowest).collect::<Option<Vec<usize>>>()?;
        Some(Model { types, hours })
    }

    /// The best model with these types of days, and its criterion; less is better. Types of days do not share
    /// parameters, so that each has its own best width.
    fn best(&self, types: usize, index: f64) -> Option<(Model, f64)> {
        let (mut hours, mut sum) = (Vec::new(), 0.0);
        for kind in 0..TYPES[types].1.len() {
            let seen = WIDTHS
                .iter()
                .filter(|hours| self.is_seen((types, kind), **hours));
            let criterion = |hours: &usize| {
                let intervals = self.intervals((types, kind), *hours);
                2.0 * intervals.len() as f64 - 2.0 * log_likelihood(&intervals) / index
            };
            let each = seen.map(|hours| (criterion(hours), *hours));
            let (least, width) = each.min_by(|one, other| one.0.total_cmp(&other.0))?;
            hours.push(width);
            sum += least;
        }
        Some((Model { types, hours }, sum))
    }

    /// The most likely knots, by expectation and maximisation from the mean of each interval (Dempster, Laird and Rubin,
    /// 1977): each step divides counts among the knots they lie between.
    fn most_likely_knots(&self, model: &Model, between: &[[(usize, f64); 2]]) -> Vec<f64> {
        let mut knots = self.rates(model);
        let mut weights = vec![0.0; knots.len()];
        for (two, seconds) in between.iter().zip(&self.exposure) {
            for (knot, share) in two {
                weights[*knot] += share * seconds;
            }
        }
        for _ in 0..STEPS {
            let mut shares = vec![0.0; knots.len()];
            for (two, count) in between.iter().zip(&self.counts) {
                let value: f64 = two.iter().map(|(knot, share)| share * knots[*knot]).sum();
                if 0.0 < value {
                    for (knot, share) in two {
                        shares[*knot] += count * share * knots[*knot] / value;
                    }
                }
            }
            let next = shares.iter().zip(&weights);
            knots = next.map(|(share, weight)| share / weight).collect();
        }
        knots
    }
}

/// The greatest log-likelihood of a rate for each interval, but for a constant.
fn log_likelihood(intervals: &[(f64, f64)]) -> f64 {
    let term = |(count, seconds): &(f64, f64)| match *count {
        count if 0.0 < count => count * libm::log(count / seconds) - count,
        _ => 0.0,
    };
    intervals.iter().map(term).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::calendar::QUARTER;

    /// Weeks of the counts that a rate gives by day and hour, exactly.
    fn series(weeks: usize, rate: impl Fn(usize, usize) -> f64) -> (Series, Vec<usize>) {
        let slots: Vec<usize> = (0..weeks * WEEK).map(|place| place % WEEK).collect();
        let count = |slot: &usize| rate(slot / DAY, slot % DAY / 4) / 4.0;
        let series = Series {
            counts: slots.iter().map(count).collect(),
            exposure: vec![QUARTER; slots.len()],
        };
        (series, slots)
    }

    #[test]
    fn a_steady_rate_has_a_flat_profile() {
        let (series, slots) = series(4, |_, _| 3.0);
        let weekly = Weekly::fit(&series, &slots);
        assert!(weekly.is_flat());
        assert!((weekly.weighted_exposure(&series, &slots) - 28.0 * 86_400.0).abs() < 1e-3);
    }

    #[test]
    fn office_hours_are_found_with_their_days() {
        let rate = |day, hour| match (day, hour) {
            (0..5, 8..18) => 40.0,
            (0..5, _) => 6.0,
            _ => 2.0,
        };
        let (series, slots) = series(4, rate);
        let weekly = Weekly::fit(&series, &slots);
        let keys: Vec<&str> = weekly.days.iter().map(|(key, _)| *key).collect();
        assert_eq!(keys, ["mon-fri", "sat-sun"]);
        let mean = weekly.multipliers.iter().sum::<f64>() / WEEK as f64;
        assert!((mean - 1.0).abs() < 1e-9);
        let (busiest, value) = weekly.busiest();
        assert!((8..18).contains(&(busiest % DAY / 4)), "{busiest}");
        // Ten hours of 40, fourteen of 6, on five days; 2 on two.
        let mean = (5.0 * (400.0 + 84.0) + 96.0) / 168.0;
        assert!((value * mean - 40.0).abs() < 4.0, "{}", value * mean);
    }

    #[test]
    fn a_day_that_was_seen_once_gives_no_profile() {
        let (mut series, mut slots) = series(1, |_, hour| hour as f64);
        series.counts.truncate(DAY);
        series.exposure.truncate(DAY);
        slots.truncate(DAY);
        assert!(Weekly::fit(&series, &slots).is_flat());
    }
}
