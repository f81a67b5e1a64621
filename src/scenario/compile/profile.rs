//! Weekly profiles in local time, compiled to knots on the world's clock. The time zones are those
//! bundled with `jiff`, never the system's.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::kernel::intensity::Intensity;
use crate::kernel::time::SimTime;
use crate::scenario::schema::DayKnots;
use crate::scenario::text::units::ClockTime;

/// A multiplier by weekday (Monday first) and clock time, linear in between.
pub(crate) type Week = [Vec<(ClockTime, f64)>; 7];

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The days that a key such as `mon-fri`, `sat` or `daily` names; `None` if it names none.
pub(crate) fn days(key: &str) -> Option<Vec<usize>> {
    let day = |name: &str| DAYS.iter().position(|day| *day == name);
    if key == "daily" {
        return Some((0..7).collect());
    }
    match key.split_once('-') {
        None => day(key).map(|day| vec![day]),
        Some((from, to)) => {
            let (from, to) = (day(from)?, day(to)?);
            Some(
                (from..from + 7)
                    .map(|day| day % 7)
                    .take((to + 7 - from) % 7 + 1)
                    .collect(),
            )
        }
    }
}

/// A problem of a profile: the key below it (if it concerns one key), message, limit, help.
pub(crate) type Wrong = (Option<String>, String, &'static str, &'static str);

/// The week of a profile.
///
/// # Errors
/// A key that names no day, a day named twice, no knot, or demand of zero.
pub(crate) fn week(profile: &BTreeMap<String, DayKnots>) -> Result<Week, Vec<Wrong>> {
    let mut week: Week = Default::default();
    let mut problems = Vec::new();
    let mut named: [Option<&str>; 7] = [None; 7];
    for (key, knots) in profile {
        let Some(days) = days(key) else {
            let limit = "`mon` to `sun`, a range such as `mon-fri`, or `daily`";
            let help = "use the first three letters of English weekdays";
            problems.push((
                Some(key.clone()),
                format!("`{key}` names no day"),
                limit,
                help,
            ));
            continue;
        };
        for day in days {
            if let Some(other) = named[day].replace(key) {
                let message = format!("`{}` is in `{other}` and in `{key}`", DAYS[day]);
                let limit = "each day once";
                problems.push((Some(key.clone()), message, limit, "narrow one of the two"));
            }
            week[day].clone_from(&knots.0);
        }
    }
    let greatest = week
        .iter()
        .flatten()
        .map(|(_, value)| *value)
        .fold(0.0, f64::max);
    if problems.is_empty() && greatest <= 0.0 {
        let message = "the profile is nowhere above 0".to_owned();
        problems.push((
            None,
            message,
            "at least one knot above 0",
            "add a knot, or remove the class",
        ));
    }
    if problems.is_empty() {
        Ok(week)
    } else {
        Err(problems)
    }
}

/// The multiplier over the world's time, from `begin` (its instant 0) to `horizon`.
pub(crate) fn multiplier(
    week: &Week,
    zone: &TimeZone,
    begin: Timestamp,
    horizon: SimTime,
) -> Intensity {
    let end = horizon.micros() as i64;
    let points = knots(week, zone, begin, end);
    // There is a knot on either side, since the dates extend a week beyond the world.
    let after = points.partition_point(|(at, _)| *at <= 0);
    let ((t0, v0), (t1, v1)) = (points[after - 1], points[after]);
    let first = v0 + (v1 - v0) * (-t0) as f64 / (t1 - t0) as f64;
    let mut inside = vec![(SimTime::ZERO, first)];
    for (at, value) in &points[after..] {
        inside.push((SimTime::from_micros(*at as u64), *value));
        if end <= *at {
            break;
        }
    }
    Intensity::through(&inside)
}

/// Knots in µs from `begin`, sorted, from at least a week before it to a week after `end`.
fn knots(week: &Week, zone: &TimeZone, begin: Timestamp, end: i64) -> Vec<(i64, f64)> {
    let origin = begin.as_microsecond();
    let date = |micros: i64| {
        let at = Timestamp::from_microsecond(micros).unwrap_or(begin);
        at.to_zoned(zone.clone()).date()
    };
    let mut day: Date = date(origin).saturating_sub(9.days());
    let last: Date = date(origin + end).saturating_add(9.days());
    let mut points = Vec::new();
    while day <= last {
        for (time, value) in &week[monday_first(day.weekday())] {
            if let Ok(at) = day.to_datetime(time.0).to_zoned(zone.clone()) {
                points.push((at.timestamp().as_microsecond() - origin, *value));
            }
        }
        day = day.saturating_add(1.days());
    }
    // Where clocks go back, the knots of one hour overlap; sorted, they still trace the profile.
    points.sort_by_key(|(at, _)| *at);
    points.dedup_by_key(|(at, _)| *at);
    points
}

fn monday_first(weekday: Weekday) -> usize {
    weekday.to_monday_zero_offset() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a timestamp")
    }

    fn profile() -> Week {
        let time = |text: &str| ClockTime(text.parse().expect("a time"));
        let knots = |value: f64| DayKnots(vec![(time("00:00"), 0.0), (time("12:00"), value)]);
        let days = BTreeMap::from([
            ("mon-fri".to_owned(), knots(1.0)),
            ("sat-sun".to_owned(), knots(0.5)),
        ]);
        week(&days).expect("a week")
    }

    #[test]
    fn noon_is_noon_in_local_time_on_either_side_of_a_clock_change() {
        let zone = TimeZone::get("Europe/Amsterdam").expect("a bundled zone");
        // Clocks went forward on Sunday, 26 March 2023.
        for (day, value) in [
            ("2023-03-24T11:00:00Z", 1.0),
            ("2023-03-26T10:00:00Z", 0.5),
            ("2023-03-27T10:00:00Z", 1.0),
        ] {
            let intensity = multiplier(&profile(), &zone, at(day), SimTime::from_micros(1 << 40));
            assert!((intensity.rate(0.0) - value).abs() < 1e-12, "{day}");
        }
    }

    #[test]
    fn days_wrap_around_the_week() {
        assert_eq!(days("fri-mon"), Some(vec![4, 5, 6, 0]));
        assert_eq!(days("wed"), Some(vec![2]));
        assert_eq!(days("weekday"), None);
    }
}
