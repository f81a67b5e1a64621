//! Durations and numbers in words, the same in tables and charts. What is missing is a dash, never a
//! zero.

use crate::kernel::time::SimDuration;

/// What stands where there is no value.
pub(crate) const NONE: &str = "–";

/// Seconds as a duration, to the second: `1h30m`, `-35s`.
pub(crate) fn duration(seconds: f64) -> String {
    let whole = SimDuration::from_seconds(seconds.abs().round() as u64);
    let sign = if seconds <= -0.5 { "-" } else { "" };
    format!("{sign}{whole}")
}

/// A number to three significant digits or to the unit.
pub(crate) fn number(value: f64) -> String {
    let digits = match value.abs() {
        size if size < 1e-9 || (value - value.round()).abs() < 1e-9 => 0,
        size if 100.0 <= size => 0,
        size if 10.0 <= size => 1,
        size if 1.0 <= size => 2,
        _ => 3,
    };
    format!("{value:.digits$}")
}

/// A value in its unit.
pub(crate) fn value(value: f64, unit: &str) -> String {
    match unit {
        "s" => duration(value),
        "share" => format!("{:.1} %", 100.0 * value),
        _ => number(value),
    }
}

/// A value as a chart tells it: durations of ten minutes and more to the minute.
pub(crate) fn brief(value: f64, unit: &str) -> String {
    match unit {
        "s" if 600.0 <= value.abs() => duration((value / 60.0).round() * 60.0),
        unit => self::value(value, unit),
    }
}
