//! Where an axis is marked: round numbers, and round times.

use crate::output::words;

/// A mark on an axis, and what stands beside it.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Tick {
    pub at: f64,
    pub label: String,
}

/// Steps between times that read well (s).
const TIMES: [u64; 22] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200,
    86_400, 172_800, 604_800, 1_209_600, 2_419_200,
];

/// Marks at multiples of 1, 2 or 5 times a power of ten, `most` of them or fewer.
pub(crate) fn numbers(from: f64, to: f64, most: usize) -> Vec<Tick> {
    let step = step(to - from, most);
    let digits = decimals(step);
    let label = |at: f64| match at == 0.0 {
        true => "0".to_owned(),
        false => format!("{at:.digits$}").replace('-', "−"),
    };
    multiples(from, to, step, label)
}

/// Marks of a share between 0 and 1, in percent.
pub(crate) fn shares(from: f64, to: f64, most: usize) -> Vec<Tick> {
    let percent = numbers(100.0 * from, 100.0 * to, most);
    let tick = |tick: Tick| Tick {
        at: tick.at / 100.0,
        label: format!("{}%", tick.label),
    };
    percent.into_iter().map(tick).collect()
}

/// Marks of durations in seconds, at round minutes, hours or days.
pub(crate) fn durations(from: f64, to: f64, most: usize) -> Vec<Tick> {
    let step = time_step(to - from, most) as f64;
    let label = |at: f64| words::duration(at).replace('-', "−");
    multiples(from, to, step, label)
}

/// Marks in a unit of measure.
pub(crate) fn of_unit(unit: &str, from: f64, to: f64, most: usize) -> Vec<Tick> {
    match unit {
        "s" => durations(from, to, most),
        "share" => shares(from, to, most),
        _ => numbers(from, to, most),
    }
}

/// The smallest round time of which a length holds `most` at the most (s).
pub(crate) fn time_step(length: f64, most: usize) -> u64 {
    let fits = |step: &&u64| length / **step as f64 <= most as f64;
    let step = TIMES.iter().find(fits).copied();
    step.unwrap_or_else(|| TIMES[TIMES.len() - 1])
}

/// The least round number that is not below a value: where an axis that begins at 0 ends.
pub(crate) fn above(unit: &str, value: f64) -> f64 {
    let value = if 0.0 < value { value } else { 1.0 };
    let step = match unit {
        "s" => time_step(value, 6) as f64,
        _ => step(value, 6),
    };
    let steps = (value / step - 1e-9).ceil();
    step * steps
}

/// Marks at the multiples of a step.
pub(crate) fn multiples(from: f64, to: f64, step: f64, label: impl Fn(f64) -> String) -> Vec<Tick> {
    let (first, last) = (
        (from / step - 1e-9).ceil() as i64,
        (to / step + 1e-9).floor() as i64,
    );
    let at = |place: i64| {
        let at = place as f64 * step;
        let label = label(at);
        Tick { at, label }
    };
    (first..=last).map(at).collect()
}

/// The smallest of 1, 2, 5 times a power of ten of which a length holds `most` at the most.
fn step(length: f64, most: usize) -> f64 {
    assert!(
        0.0 < length && length.is_finite(),
        "an axis of length {length}"
    );
    let wanted = length / most.max(1) as f64;
    let mut power = 1.0;
    while wanted < power {
        power /= 10.0;
    }
    while power * 10.0 <= wanted {
        power *= 10.0;
    }
    let steps = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
    let fits = |step: &f64| wanted <= step * (1.0 + 1e-9);
    steps.into_iter().find(fits).unwrap_or(10.0 * power)
}

fn decimals(step: f64) -> usize {
    let (mut digits, mut step) = (0, step);
    while step < 1.0 - 1e-9 && digits < 9 {
        (digits, step) = (digits + 1, step * 10.0);
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ticks: Vec<Tick>) -> Vec<String> {
        ticks.into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn numbers_are_round() {
        assert_eq!(labels(numbers(0.0, 8.0, 5)), ["0", "2", "4", "6", "8"]);
        assert_eq!(labels(numbers(0.0, 0.3, 4)), ["0", "0.1", "0.2", "0.3"]);
        assert_eq!(labels(numbers(-3.0, 3.0, 3)), ["−2", "0", "2"]);
        assert_eq!(labels(numbers(0.0, 1200.0, 3)), ["0", "500", "1000"]);
        let tiny = numbers(0.0, 0.000_04, 4);
        assert_eq!(labels(tiny)[1], "0.00001");
    }

    #[test]
    fn shares_are_in_percent() {
        assert_eq!(labels(shares(0.0, 1.0, 4)), ["0%", "50%", "100%"]);
    }

    #[test]
    fn times_are_round() {
        let hours = durations(0.0, 9_000.0, 6);
        assert_eq!(labels(hours), ["0s", "30m", "1h", "1h30m", "2h", "2h30m"]);
        assert_eq!(time_step(8.0 * 3600.0, 9), 3_600);
        assert_eq!(time_step(1e9, 9), 2_419_200);
    }

    #[test]
    fn an_axis_ends_at_a_round_number() {
        assert_eq!(above("workers", 23.0), 25.0);
        assert_eq!(above("workers", 0.0), 1.0);
        assert_eq!(above("s", 4_000.0), 4_500.0);
        assert_eq!(above("workers", 8.0), 8.0);
    }
}
