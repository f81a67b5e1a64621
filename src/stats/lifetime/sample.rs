//! Durations of which some are right-censored: known only to be longer than what was observed.

/// Distinct durations beyond which they are rounded.
const DISTINCT_MAX: usize = 4_096;

/// A distinct duration, and how often it was observed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Distinct {
    /// The duration, above 0.
    pub time: f64,
    /// Its natural logarithm.
    pub log: f64,
    /// Durations that ended after this time.
    pub events: f64,
    /// Durations that were observed for this time, and had not ended.
    pub censored: f64,
}

/// A sample of durations, by distinct values in their order.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Lifetimes {
    /// Distinct durations.
    pub distinct: Vec<Distinct>,
    /// Number of durations that ended.
    pub events: usize,
    /// Number of durations that are censored.
    pub censored: usize,
}

impl Lifetimes {
    /// The sample of durations, each with whether it ended. All of them must be above 0. Where thousands are
    /// distinct, they are rounded to three significant digits, so that a likelihood is cheap.
    pub fn new(durations: impl IntoIterator<Item = (f64, bool)>) -> Self {
        let mut all: Vec<(f64, bool)> = durations.into_iter().collect();
        all.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
        let distinct = |all: &[(f64, bool)]| all.chunk_by(|one, other| one.0 == other.0).count();
        if DISTINCT_MAX < distinct(&all) {
            for (time, _) in &mut all {
                *time = rounded(*time);
            }
        }
        let group = |group: &[(f64, bool)]| {
            let events = group.iter().filter(|(_, ended)| *ended).count();
            Distinct {
                time: group[0].0,
                log: libm::log(group[0].0),
                events: events as f64,
                censored: (group.len() - events) as f64,
            }
        };
        let events = all.iter().filter(|(_, ended)| *ended).count();
        Self {
            distinct: all
                .chunk_by(|one, other| one.0 == other.0)
                .map(group)
                .collect(),
            events,
            censored: all.len() - events,
        }
    }

    /// Number of distinct durations that ended.
    pub fn distinct_events(&self) -> usize {
        self.distinct.iter().filter(|it| 0.0 < it.events).count()
    }

    /// Sum of all durations, ended or not.
    pub fn exposure(&self) -> f64 {
        let of = |it: &Distinct| it.time * (it.events + it.censored);
        self.distinct.iter().map(of).sum()
    }

    /// Logarithms of the shortest and the longest duration.
    pub fn log_range(&self) -> (f64, f64) {
        let first = self.distinct.first().map_or(0.0, |it| it.log);
        let last = self.distinct.last().map_or(0.0, |it| it.log);
        (first, last)
    }
}

/// A number above 0 to three significant digits.
fn rounded(value: f64) -> f64 {
    let digits = 2.0 - libm::log10(value).floor();
    let scale = libm::pow(10.0, digits);
    (value * scale).round() / scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_durations_are_counted_together() {
        let sample = Lifetimes::new([(2.0, true), (1.0, false), (2.0, false), (2.0, true)]);
        assert_eq!((sample.events, sample.censored), (2, 2));
        assert_eq!(sample.distinct.len(), 2);
        assert_eq!(sample.distinct[1].events, 2.0);
        assert_eq!(sample.exposure(), 7.0);
        assert_eq!(sample.distinct_events(), 1);
    }

    #[test]
    fn many_distinct_durations_are_rounded() {
        let sample = Lifetimes::new((1..20_000).map(|i| (f64::from(i) * 0.017, true)));
        assert!(sample.distinct.len() < DISTINCT_MAX);
        assert_eq!(sample.events, 19_999);
        assert!((rounded(0.012_345) - 0.012_3).abs() < 1e-12);
        assert!((rounded(98_765.0) - 98_800.0).abs() < 1e-6);
    }
}
