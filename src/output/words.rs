//! Durations and numbers in words, the same in tables and charts. What is missing is a dash, never a
//! zero.

use crate::kernel::time::SimDuration;
use crate::stats::Estimate;

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

/// A value in its unit, or a dash.
pub(crate) fn some(point: Option<f64>, unit: &str) -> String {
    point.map_or_else(|| NONE.to_owned(), |point| value(point, unit))
}

/// An estimate with its interval. Where there is no point, the clock had not struck; where an end is
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
