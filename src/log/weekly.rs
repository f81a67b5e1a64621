//! The profile of a week: how a rate or a level changes with the hour, on each type of day. Types of days and the
//! width of hours are chosen by Akaike's criterion, allowing for overdispersion (Burnham and Anderson, 2002), and the
//! profile that a scenario draws, linear between its times, is the most likely one.

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
#[derive(Clone, Copy, PartialEq, Debug)]
struct Model {
    types: usize,
    hours: usize,
}

impl Model {
    fn per_day(self) -> usize {
        24 / self.hours
    }

    fn parameters(self) -> usize {
        TYPES[self.types].1.len() * self.per_day()
    }

    /// The parameter of a quarter of the week.
    fn parameter(self, slot: usize) -> usize {
        let (day, quarter) = (slot / DAY, slot % DAY);
        TYPES[self.types].0[day] * self.per_day() + quarter / (4 * self.hours)
    }
}

/// A fitted profile, whose mean over the week is 1.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Weekly {
    /// Keys of types of days, each with its knots: minute of the day, and value. Empty where the profile is flat.
    pub days: Vec<(&'static str, Vec<(usize, f64)>)>,
    /// Width of the intervals that it was fitted by (h).
    pub hours: usize,
    /// The multiplier of each quarter of the week.
    multipliers: Vec<f64>,
    parameters: usize,
}

impl Weekly {
    /// The most likely profile of a series, as fine as the data tell; flat where they cannot tell.
    pub fn fit(series: &Series, slots: &[usize]) -> Self {
        let (mut counts, mut exposure) = (vec![0.0; WEEK], vec![0.0; WEEK]);
        for (place, slot) in slots.iter().enumerate() {
            counts[*slot] += series.counts[place];
            exposure[*slot] += series.exposure[place];
        }
        let all = (0..TYPES.len()).flat_map(|types| {
            let model = move |hours: &usize| Model {
                types,
                hours: *hours,
            };
            WIDTHS.iter().map(model)
        });
        let flat = Model {
            types: 0,
            hours: 24,
        };
        // Every interval of every type of day must have been seen twice.
        let seen = |model: &Model| {
            let sums = summed(*model, &exposure);
            let needed = 2.0 * model.hours as f64 * 3_600.0;
            sums.iter().all(|it| 0.95 * needed <= *it)
        };
        let models: Vec<Model> = all.filter(seen).collect();
        let richest = models.iter().copied().max_by_key(|it| it.parameters());
        let Some(richest) = richest.filter(|_| 0.0 < series.total()) else {
            return Self::drawn(flat, &counts, &exposure);
        };
        let index = Self::stepped(richest, &counts, &exposure).dispersion(series, slots, 4);
        let index = index.map_or(1.0, |it| it.index.max(1.0));
        let criterion = |model: &Model| {
            let likelihood = log_likelihood(*model, &counts, &exposure);
            2.0 * model.parameters() as f64 - 2.0 * likelihood / index
        };
        let best = models
            .into_iter()
            .map(|model| (criterion(&model), model))
            .min_by(|one, other| one.0.total_cmp(&other.0));
        Self::drawn(best.map_or(flat, |(_, model)| model), &counts, &exposure)
    }

    /// The profile of a model: constant in each interval.
    fn stepped(model: Model, counts: &[f64], exposure: &[f64]) -> Self {
        let (counts, exposure) = (summed(model, counts), summed(model, exposure));
        let rates = counts.iter().zip(&exposure);
        let rates: Vec<f64> = rates
            .map(|(count, seconds)| if 0.0 < *seconds { count / seconds } else { 0.0 })
            .collect();
        let multipliers = (0..WEEK).map(|slot| rates[model.parameter(slot)]);
        Self {
            days: Vec::new(),
            hours: model.hours,
            multipliers: multipliers.collect(),
            parameters: model.parameters(),
        }
        .normalised()
    }

    /// The profile of a model, drawn as a scenario draws it.
    fn drawn(model: Model, counts: &[f64], exposure: &[f64]) -> Self {
        let mut profile = Self::stepped(model, counts, exposure);
        let keys = TYPES[model.types].1;
        if model.parameters() == 1 {
            return profile;
        }
        let per_day = model.per_day();
        let day_of = |kind: usize| {
            let days = TYPES[model.types].0;
            days.iter().position(|it| *it == kind).unwrap_or(0)
        };
        if per_day == 1 {
            // A knot at either end of the day: the level of the whole day.
            let knots = |kind: usize| {
                let value = profile.multipliers[day_of(kind) * DAY];
                vec![(0, value), (1_439, value)]
            };
            let days = keys.iter().enumerate();
            profile.days = days.map(|(kind, key)| (*key, knots(kind))).collect();
            return profile;
        }
        let knots = most_likely_knots(model, counts, exposure);
        profile.multipliers = interpolated(model, &knots);
        let mean = profile.mean();
        profile = profile.normalised();
        let middle = |interval: usize| (2 * interval + 1) * model.hours * 30;
        let knot = |kind: usize, interval: usize| {
            (middle(interval), knots[kind * per_day + interval] / mean)
        };
        let day = |kind: usize| (0..per_day).map(|interval| knot(kind, interval)).collect();
        let days = keys.iter().enumerate();
        profile.days = days.map(|(kind, key)| (*key, day(kind))).collect();
        profile
    }

    fn mean(&self) -> f64 {
        self.multipliers.iter().sum::<f64>() / WEEK as f64
    }

    fn normalised(mut self) -> Self {
        let mean = self.mean();
        let of = |value: &f64| if 0.0 < mean { value / mean } else { 1.0 };
        self.multipliers = self.multipliers.iter().map(of).collect();
        self
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
        let fitted = self.parameters.min(pairs.len() / 2);
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

/// Sums of quarters of the week by parameters of a model.
fn summed(model: Model, of: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0; model.parameters()];
    for (slot, value) in of.iter().enumerate() {
        sums[model.parameter(slot)] += value;
    }
    sums
}

/// The greatest log-likelihood of a model, but for a constant.
fn log_likelihood(model: Model, counts: &[f64], exposure: &[f64]) -> f64 {
    let (counts, exposure) = (summed(model, counts), summed(model, exposure));
    let term = |(count, seconds): (&f64, &f64)| {
        if *count <= 0.0 {
            return 0.0;
        }
        count * libm::log(count / seconds) - count
    };
    counts.iter().zip(&exposure).map(term).sum()
}

/// The knots that a quarter of the week lies between, and the share of each: knots are in the middle of intervals.
fn between(model: Model, slot: usize) -> [(usize, f64); 2] {
    let width = 4 * model.hours;
    let from_middle = (slot % width) as f64 + 0.5 - 0.5 * width as f64;
    let share = from_middle.abs() / width as f64;
    let other = if from_middle < 0.0 {
        slot + WEEK - width
    } else {
        slot + width
    };
    [
        (model.parameter(slot), 1.0 - share),
        (model.parameter(other % WEEK), share),
    ]
}

fn interpolated(model: Model, knots: &[f64]) -> Vec<f64> {
    let at = |slot: usize| {
        let between = between(model, slot);
        between
            .iter()
            .map(|(knot, share)| share * knots[*knot])
            .sum()
    };
    (0..WEEK).map(at).collect()
}

/// The most likely knots, by expectation and maximisation from the mean of each interval (Dempster, Laird and Rubin,
/// 1977): each step divides counts among the knots they lie between.
fn most_likely_knots(model: Model, counts: &[f64], exposure: &[f64]) -> Vec<f64> {
    let (sums, seconds) = (summed(model, counts), summed(model, exposure));
    let start = sums.iter().zip(&seconds);
    let mut knots: Vec<f64> = start.map(|(count, seconds)| count / seconds).collect();
    let mut weights = vec![0.0; knots.len()];
    for slot in 0..WEEK {
        for (knot, share) in between(model, slot) {
            weights[knot] += share * exposure[slot];
        }
    }
    for _ in 0..STEPS {
        let mut shares = vec![0.0; knots.len()];
        for (slot, count) in counts.iter().enumerate() {
            let between = between(model, slot);
            let value: f64 = between
                .iter()
                .map(|(knot, share)| share * knots[*knot])
                .sum();
            if 0.0 < value {
                for (knot, share) in between {
                    shares[knot] += count * share * knots[knot] / value;
                }
            }
        }
        let next = shares.iter().zip(&weights);
        knots = next.map(|(share, weight)| share / weight).collect();
    }
    knots
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
