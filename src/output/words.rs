//! Durations, numbers, shares and counts in words, the same on the terminal, in reports and in charts:
//! the only place that knows how a figure is written for people. What is missing is a dash, never a
//! zero.

use crate::kernel::time::SimDuration;
use crate::stats::Estimate;

/// What stands where there is no value.
pub(crate) const NONE: &str = "–";

/// The unit of a difference of two shares.
const POINTS: &str = "points";

/// Seconds as a duration: to the second from ten seconds on (`1h30m`, `2h00m11s`), to a tenth below
/// (`1.4s`), in milliseconds below one (`-400ms`).
pub(crate) fn duration(seconds: f64) -> String {
    let size = seconds.abs();
    let text = match size {
        size if 9.95 <= size => SimDuration::from_seconds(size.round() as u64).to_string(),
        size if 0.9995 <= size => short(size, 1, "s"),
        size if 0.000_999_5 <= size => short(size * 1e3, 0, "ms"),
        size if 0.5e-6 <= size => short(size * 1e6, 0, "µs"),
        _ => return "0s".to_owned(),
    };
    let sign = if seconds < 0.0 { "-" } else { "" };
    format!("{sign}{text}")
}

fn short(value: f64, digits: usize, unit: &str) -> String {
    let text = format!("{value:.digits$}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    format!("{text}{unit}")
}

/// How long after something else it was, with its sign: `+5m`, `-35s`.
pub(crate) fn apart(seconds: f64) -> String {
    let text = duration(seconds);
    let sign = if seconds <= 0.0 || text == "0s" {
        ""
    } else {
        "+"
    };
    format!("{sign}{text}")
}

/// A number to three significant digits or to the unit, its thousands apart.
pub(crate) fn number(value: f64) -> String {
    let digits = match value.abs() {
        size if size < 1e-9 || (value - value.round()).abs() < 1e-9 => 0,
        size if 100.0 <= size => 0,
        size if 10.0 <= size => 1,
        size if 1.0 <= size => 2,
        _ => 3,
    };
    separated(&format!("{value:.digits$}"))
}

/// A decimal number with its thousands apart: `12,345.6`.
pub(crate) fn separated(number: &str) -> String {
    let (sign, size) = match number.strip_prefix('-') {
        Some(size) => ("-", size),
        None => ("", number),
    };
    let (whole, rest) = size.split_at(size.find('.').unwrap_or(size.len()));
    let mut text = String::new();
    for (place, digit) in whole.char_indices() {
        if 0 < place && (whole.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{sign}{text}{rest}")
}

/// A count of things: `1 replication`, `12,345 replications`.
pub(crate) fn counted(count: usize, thing: &str) -> String {
    let many = if count == 1 { "" } else { "s" };
    format!("{} {thing}{many}", separated(&count.to_string()))
}

/// A share in percent, with one digit behind the point.
pub(crate) fn share(share: f64) -> String {
    format!("{}%", percentage(share))
}

/// A share in percent with the ends of its interval, as short as can be: `12.0% [10.1, 14.2]`.
pub(crate) fn share_between(point: f64, (low, high): (f64, f64)) -> String {
    let [low, high] = [low, high].map(percentage);
    format!("{} [{low}, {high}]", share(point))
}

fn percentage(share: f64) -> String {
    let text = format!("{:.1}", 100.0 * share);
    if text == "-0.0" {
        "0.0".to_owned()
    } else {
        text
    }
}

/// A value in its unit.
pub(crate) fn value(value: f64, unit: &str) -> String {
    match unit {
        "s" => duration(value),
        "share" => share(value),
        POINTS => format!("{} points", percentage(value)),
        _ => number(value),
    }
}

/// A value as a chart shows it: durations of ten minutes and more to the minute.
pub(crate) fn brief(value: f64, unit: &str) -> String {
    match unit {
        "s" if 600.0 <= value.abs() => duration((value / 60.0).round() * 60.0),
        unit => self::value(value, unit),
    }
}

/// The unit of a difference of two values in this unit: that of two shares is in points, for percent
/// would be of the first of them.
pub(crate) fn of_difference(unit: &str) -> &str {
    match unit {
        "share" => POINTS,
        unit => unit,
    }
}

/// A value in its unit, or a dash.
pub(crate) fn some(point: Option<f64>, unit: &str) -> String {
    point.map_or_else(|| NONE.to_owned(), |point| value(point, unit))
}

/// An estimate with its interval. Where there is no point, the event did not occur; where an end is
/// absent, the sample does not bound it.
pub(crate) fn estimate(estimate: Estimate, unit: &str, missing: &str) -> String {
    let Some(point) = estimate.point else {
        return missing.to_owned();
    };
    let end = |end: Option<f64>| end.map_or_else(|| "unbounded".to_owned(), |it| value(it, unit));
    match (estimate.low, estimate.high) {
        (None, None) => value(point, unit),
        (low, high) => format!("{} [{}, {}]", value(point, unit), end(low), end(high)),
    }
}

/// An estimate as short as can be: `12.0% [10.1, 14.2]`, durations of ten minutes and more to the minute.
pub(crate) fn estimate_briefly(estimate: Estimate, unit: &str) -> String {
    let value = |it: f64| brief(it, unit);
    match (estimate.point, estimate.low.zip(estimate.high)) {
        (None, _) => NONE.to_owned(),
        (Some(point), None) => value(point),
        (Some(point), Some(ends)) if unit == "share" => share_between(point, ends),
        (Some(point), Some((low, high))) => {
            format!("{} [{}, {}]", value(point), value(low), value(high))
        }
    }
}

/// Replications below which quantiles of 5% and 95% are the least and the greatest value.
pub(crate) const FEW: usize = 20;

/// What the quantiles of 5% and 95% are of so many replications.
pub(crate) fn ends(n: usize) -> [&'static str; 2] {
    match n < FEW {
        true => ["least", "most"],
        false => ["5%", "95%"],
    }
}

/// What lies between the quantiles of 5% and 95% of so many replications, or that there is no between.
pub(crate) fn between(low: &str, high: &str, n: usize) -> String {
    match (low == high, n) {
        (true, 0..FEW) => format!("{low} in all {n}"),
        (true, _) => format!("{low} in the central 90%"),
        (false, 0..FEW) => format!("from {low} to {high} in {n}"),
        (false, _) => format!("90% between {low} and {high}"),
    }
}

/// A pool's target: one level, or the least and the most that it can be.
pub(crate) fn target((low, high): (u32, u32)) -> String {
    let [low, high] = [low, high].map(|level| separated(&level.to_string()));
    if low == high {
        format!("target {low}")
    } else {
        format!("target {low} to {high}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_drop_no_zero_and_round_no_second_to_none() {
        let cases = [
            (0.0, "0s"),
            (-1e-13, "0s"),
            (0.000_4, "400µs"),
            (0.4, "400ms"),
            (-0.4, "-400ms"),
            (0.9996, "1s"),
            (1.4, "1.4s"),
            (5.0, "5s"),
            (9.96, "10s"),
            (59.6, "1m"),
            (-35.2, "-35s"),
            (5_400.0, "1h30m"),
            (7_211.0, "2h00m11s"),
            (-7_204.0, "-2h00m04s"),
            (86_700.0, "1d00h05m"),
        ];
        for (seconds, text) in cases {
            assert_eq!(duration(seconds), text, "{seconds} s");
        }
        assert_eq!(
            [300.0, -0.3, 0.0].map(apart),
            ["+5m", "-300ms", "0s"].map(str::to_owned)
        );
    }

    #[test]
    fn numbers_have_their_thousands_apart() {
        let cases = [
            (0.0, "0"),
            (0.1234, "0.123"),
            (7.255, "7.25"),
            (999.6, "1,000"),
            (12_345.0, "12,345"),
            (-1_234_567.0, "-1,234,567"),
            (100.4, "100"),
        ];
        for (value, text) in cases {
            assert_eq!(number(value), text, "{value}");
        }
    }

    #[test]
    fn one_is_singular() {
        assert_eq!(counted(0, "replication"), "0 replications");
        assert_eq!(counted(1, "replication"), "1 replication");
        assert_eq!(counted(12_345, "replication"), "12,345 replications");
    }

    #[test]
    fn shares_are_in_percent_and_their_differences_in_points() {
        assert_eq!(value(0.5, "share"), "50.0%");
        assert_eq!(value(-0.012, of_difference("share")), "-1.2 points");
        assert_eq!(value(-1e-9, of_difference("share")), "0.0 points");
        assert_eq!(of_difference("s"), "s");
    }

    #[test]
    fn nothing_lies_between_a_figure_and_itself() {
        assert_eq!(between("5m", "5m", 20), "5m in the central 90%");
        assert_eq!(between("5m", "6m", 20), "90% between 5m and 6m");
    }

    #[test]
    fn few_replications_have_no_central_share() {
        assert_eq!(between("5m", "6m", 2), "from 5m to 6m in 2");
        assert_eq!(between("5m", "5m", 19), "5m in all 19");
    }

    #[test]
    fn a_target_that_moves_has_two_ends() {
        assert_eq!(target((8, 8)), "target 8");
        assert_eq!(target((10, 4_000)), "target 10 to 4,000");
    }
}
