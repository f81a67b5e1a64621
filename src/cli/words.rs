//! Durations, instants and estimates in words. What is missing is a dash, never a zero.

use crate::kernel::time::SimTime;
pub(crate) use crate::output::words::{
    FEW, NONE, apart, between, brief, counted, duration, ends, estimate, estimate_briefly, number,
    of_difference, separated, share_between, some, target, value,
};
use crate::scenario::Scenario;

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

/// A share in percent, to four digits behind the point at the most.
pub(crate) fn percent(share: f64) -> String {
    format!("{}%", (share * 1e6).round() / 1e4)
}
