//! Durations, instants and estimates in words. What is missing is a dash, never a zero.

use crate::kernel::time::SimTime;
pub(crate) use crate::output::words::{NONE, duration, number, value};
use crate::scenario::Scenario;
use crate::stats::Estimate;

/// The clock time of an instant in UTC, to the second, with the day where it is not the first.
pub(crate) fn clock(scenario: &Scenario, at: SimTime) -> String {
    let first = scenario.utc(scenario.setup.start);
    let (at, first) = (scenario.utc(at).to_string(), first.to_string());
    let day = |at: String| at[..10].to_owned();
    let (time, date) = (at[11..19].to_owned(), day(at));
    if date == day(first) {
        time
    } else {
        format!("{} {time}", &date[5..])
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
