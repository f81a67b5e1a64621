//! Values with units, as people write them: `1h30m`, `2/h`, `35%`, `18:50Z`, `+1h`. Spans and
//! timestamps are parsed by `jiff`.

use std::ops::RangeInclusive;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SpanRelativeTo, Timestamp, Unit};

use crate::kernel::time::SimDuration;
use crate::scenario::text::limits::{COUNT_MAX, DAYS_MAX, TEXT_BYTES_MAX};
use crate::scenario::text::node::{Node, Value};
use crate::scenario::text::pattern;
use crate::scenario::text::read::{Read, Reader, is_control};
use crate::scenario::text::schema_type::{SchemaType, known};

/// The years in which a scenario may start: ten years of warm-up before them, and of horizon
/// after them, are within the calendar.
const YEARS: RangeInclusive<i16> = 1900..=2199;

/// A length of time, 0 or more.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Length(pub SimDuration);

/// A length of time, or `never`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Limit(pub SimDuration);

/// A rate (1/µs), above 0.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Rate(pub f64);

/// A share from 0 to 1.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Share(pub f64);

/// A whole number, 0 or more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Count(pub u32);

/// A whole number, or `unlimited`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Cap(pub u32);

/// A finite number, 0 or more.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Number(pub f64);

/// An instant as written, relative to the start.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Moment {
    Absolute(Timestamp),
    /// The first time the clock shows this, in UTC, at or after the start.
    Clock(Time),
    /// After the start.
    Offset(SimDuration),
    Never,
}

/// A clock time of a day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct ClockTime(pub Time);

const LENGTH: &str = "a duration of 0 or more, at most ten years";
const LENGTH_HELP: &str = "write it with its unit: `90s`, `30m`, `1h30m`, `3d`";
const LENGTH_MEANING: &str = "A duration of 0 or more, at most ten years, with its unit.";
const MOMENT_MEANING: &str = "An instant: dated, a clock time (its first occurrence after the start), \
                              after the start, or `never`.";

impl Read for Length {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let length = text(node).and_then(duration);
        length.map_or_else(
            || reader.expected(node, LENGTH, LENGTH_HELP),
            |length| Some(Self(length)),
        )
    }

    fn placeholder() -> Self {
        Self(SimDuration::from_seconds(60))
    }

    fn schema_type() -> SchemaType {
        known("Duration", LENGTH_MEANING, || {
            SchemaType::Text(pattern::duration())
        })
    }
}

impl Read for Limit {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match text(node) {
            Some("never") => Some(Self(SimDuration::FOREVER)),
            written => {
                let limit = "a duration of 0 or more, or `never`";
                let length = written.and_then(duration);
                length.map_or_else(
                    || reader.expected(node, limit, LENGTH_HELP),
                    |it| Some(Self(it)),
                )
            }
        }
    }

    fn placeholder() -> Self {
        Self(SimDuration::FOREVER)
    }

    fn schema_type() -> SchemaType {
        SchemaType::Either(vec![SchemaType::Word("never"), Length::schema_type()])
    }
}

impl Read for Rate {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let rate = text(node).and_then(rate);
        let help =
            "write it as a number per unit: `2/h`, `0.25/min`; remove the entry for a rate of 0";
        rate.map_or_else(
            || reader.expected(node, "a rate above 0, at most 1000/s", help),
            |rate| Some(Self(rate)),
        )
    }

    fn placeholder() -> Self {
        Self(1e-12)
    }

    fn schema_type() -> SchemaType {
        known("Rate", "A rate above 0 and at most 1000/s.", || {
            SchemaType::Text(pattern::rate())
        })
    }
}

impl Read for Share {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let share = match &node.value {
            Value::Number(share) => Some(*share),
            Value::Text(text) => percentage(text),
            _ => None,
        };
        share
            .filter(|share| (0.0..=1.0).contains(share))
            .map(Self)
            .or_else(|| {
                reader.expected(
                    node,
                    "a share from 0% to 100%",
                    "write it as `35%` or as `0.35`",
                )
            })
    }

    fn placeholder() -> Self {
        Self(0.5)
    }

    fn schema_type() -> SchemaType {
        known("Share", "A share from 0% to 100%.", || {
            let percentage = SchemaType::Text(pattern::percentage());
            SchemaType::Either(vec![SchemaType::Number(0.0, 1.0), percentage])
        })
    }
}

impl Read for Count {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        count(node).map(Self).or_else(|| {
            reader.expected(
                node,
                "a whole number from 0 to 1,000,000",
                "write it in digits: `12`",
            )
        })
    }

    fn placeholder() -> Self {
        Self(1_000_000)
    }

    fn schema_type() -> SchemaType {
        SchemaType::Whole(0, COUNT_MAX)
    }
}

impl Read for Cap {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if text(node) == Some("unlimited") {
            return Some(Self(u32::MAX));
        }
        count(node)
            .filter(|count| 1 <= *count)
            .map(Self)
            .or_else(|| {
                let limit = "a whole number from 1 to 1,000,000, or `unlimited`";
                reader.expected(node, limit, "write digits, such as `12`, or `unlimited`")
            })
    }

    fn placeholder() -> Self {
        Self(1)
    }

    fn schema_type() -> SchemaType {
        let some = SchemaType::Whole(1, COUNT_MAX);
        SchemaType::Either(vec![some, SchemaType::Word("unlimited")])
    }
}

impl Read for Number {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.value {
            Value::Number(number) if (0.0..=1e9).contains(&number) => Some(Self(number)),
            _ => reader.expected(node, "a number from 0 to 1e9", "write it in digits: `1.5`"),
        }
    }

    fn placeholder() -> Self {
        Self(1.0)
    }

    fn schema_type() -> SchemaType {
        SchemaType::Number(0.0, 1e9)
    }
}

impl Read for bool {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.value {
            Value::Bool(value) => Some(value),
            _ => reader.expected(
                node,
                "`true` or `false`",
                "write one of the two, without quotes",
            ),
        }
    }

    fn placeholder() -> Self {
        false
    }

    fn schema_type() -> SchemaType {
        SchemaType::Truth
    }
}

impl Read for String {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match &node.value {
            Value::Text(text) if !text.trim().is_empty() => plain_text(node, reader, text.trim()),
            _ => reader.expected(
                node,
                "a text",
                "write it in quotes if it looks like a number",
            ),
        }
    }

    fn placeholder() -> Self {
        Self::new()
    }

    fn schema_type() -> SchemaType {
        SchemaType::Text(pattern::words())
    }
}

/// A text of limited length without control characters; it may have several lines.
fn plain_text(node: &Node, reader: &mut Reader, text: &str) -> Option<String> {
    let odd = |it: &char| is_control(*it) && !matches!(it, '\n' | '\t');
    let (message, limit, help) = if let Some(odd) = text.chars().find(odd) {
        let message = format!("a text with the control character U+{:04X}", odd as u32);
        let limit = "text without control characters".to_owned();
        (message, limit, "remove the character")
    } else if TEXT_BYTES_MAX < text.len() {
        let message = format!("a text of {} bytes", text.len());
        (
            message,
            format!("at most {TEXT_BYTES_MAX} bytes"),
            "shorten it",
        )
    } else {
        return Some(text.to_owned());
    };
    let problem = reader.problem(node, message);
    problem.limit = Some(limit);
    problem.help = Some(help.to_owned());
    None
}

impl Read for Timestamp {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let at = text(node).and_then(|text| text.parse().ok());
        let within = |at: &Self| YEARS.contains(&at.to_zoned(TimeZone::UTC).year());
        at.filter(within).or_else(|| {
            let help = "write date, time and zone: `2026-02-02T18:00:00Z`";
            reader.expected(node, "an instant with its zone, from 1900 to 2199", help)
        })
    }

    fn placeholder() -> Self {
        Self::UNIX_EPOCH
    }

    fn schema_type() -> SchemaType {
        known(
            "Timestamp",
            "An instant with its zone, from 1900 to 2199.",
            || SchemaType::Text(pattern::timestamp()),
        )
    }
}

impl Read for ClockTime {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        text(node).and_then(clock_time).map(Self).or_else(|| {
            let help = "write hours and minutes in quotes: `\"08:30\"`";
            reader.expected(node, "a clock time from `00:00` to `23:59`", help)
        })
    }

    fn placeholder() -> Self {
        Self(Time::midnight())
    }

    fn schema_type() -> SchemaType {
        known(
            "ClockTime",
            "A clock time from `00:00` to `23:59`, in quotes.",
            || SchemaType::Text(pattern::clock_time()),
        )
    }
}

impl Read for Moment {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        text(node).and_then(moment).or_else(|| {
            let help = "write `2026-02-02T18:50:00Z`, `18:50Z`, `+50m` after the start, or `never`";
            reader.expected(node, "an instant", help)
        })
    }

    fn placeholder() -> Self {
        Self::Offset(SimDuration::ZERO)
    }

    fn schema_type() -> SchemaType {
        let moment = || SchemaType::Text(pattern::moment());
        known("Moment", MOMENT_MEANING, moment)
    }
}

impl Moment {
    /// Microseconds from `start` to the instant, negative before it; `None` for `never`.
    pub fn micros_after(self, start: Timestamp) -> Option<i64> {
        match self {
            Self::Never => None,
            Self::Offset(length) => Some(length.micros() as i64),
            Self::Absolute(at) => Some((at - start).total(Unit::Microsecond).ok()? as i64),
            Self::Clock(time) => {
                let day = 86_400_000_000;
                let of_day = |at: Time| {
                    i64::from(at.hour()) * 3_600_000_000
                        + i64::from(at.minute()) * 60_000_000
                        + i64::from(at.second()) * 1_000_000
                };
                let started = start.as_microsecond().rem_euclid(day);
                Some((of_day(time) - started).rem_euclid(day))
            }
        }
    }
}

fn text(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Text(text) => Some(text.trim()),
        _ => None,
    }
}

fn count(node: &Node) -> Option<u32> {
    match node.value {
        Value::Number(number)
            if number.fract() == 0.0 && (0.0..=f64::from(COUNT_MAX)).contains(&number) =>
        {
            Some(number as u32)
        }
        _ => None,
    }
}

/// A duration such as `1h30m`; `None` if it is invalid, negative or above ten years.
pub(crate) fn duration(text: &str) -> Option<SimDuration> {
    let span: jiff::Span = text.parse().ok()?;
    let micros = span
        .total((Unit::Microsecond, SpanRelativeTo::days_are_24_hours()))
        .ok()?;
    let most = (DAYS_MAX * 86_400_000_000) as f64;
    (0.0..=most)
        .contains(&micros)
        .then(|| SimDuration::from_micros_f64(micros))
}

/// A rate such as `2/h` (1/µs); `None` if it is invalid, 0 or above a thousand per second.
pub(crate) fn rate(text: &str) -> Option<f64> {
    let (number, unit) = text.split_once('/')?;
    let micros = match unit.trim() {
        "s" => 1e6,
        "min" | "m" => 6e7,
        "h" => 3.6e9,
        "d" => 8.64e10,
        _ => return None,
    };
    let rate = number.trim().parse::<f64>().ok()? / micros;
    (0.0 < rate && rate <= 1e-3).then_some(rate)
}

/// A percentage such as `35%`, as a share.
pub(crate) fn percentage(text: &str) -> Option<f64> {
    text.trim()
        .strip_suffix('%')?
        .trim()
        .parse::<f64>()
        .ok()
        .map(|percent| percent / 100.0)
}

/// An instant such as `18:50Z`, `+50m` or `2026-02-02T18:50:00Z`.
pub(crate) fn moment(text: &str) -> Option<Moment> {
    if text == "never" {
        return Some(Moment::Never);
    }
    if let Some(offset) = text.strip_prefix('+') {
        return duration(offset).map(Moment::Offset);
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(Moment::Absolute(at));
    }
    clock_time(text.strip_suffix('Z')?).map(Moment::Clock)
}

/// A time of day such as `08:00` or `18:50:04`.
pub(crate) fn clock_time(text: &str) -> Option<Time> {
    let shape = text.len() == 5 || text.len() == 8;
    (shape && text.as_bytes()[2] == b':')
        .then(|| text.parse().ok())
        .flatten()
}

/// The size of any value with a unit, to compare values of one kind.
pub(crate) fn magnitude(node: &Node) -> Option<f64> {
    match &node.value {
        Value::Number(number) => Some(*number),
        Value::Text(text) => {
            let text = text.trim();
            percentage(text)
                .or_else(|| rate(text))
                .or_else(|| duration(text).map(SimDuration::seconds))
                .or_else(|| {
                    text.parse::<Timestamp>()
                        .ok()
                        .map(|at| at.as_second() as f64)
                })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        let seconds = |text| duration(text).map(SimDuration::seconds);
        assert_eq!(seconds("1h30m"), Some(5_400.0));
        assert_eq!(seconds("1.5h"), Some(5_400.0));
        assert_eq!(seconds("3d"), Some(259_200.0));
        for bad in ["90", "-1h", "1h1h", "40y", ""] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_bare_clock_time_is_its_first_occurrence_after_the_start() {
        let start: Timestamp = "2026-02-02T18:00:00Z".parse().expect("a timestamp");
        let hours = |text| {
            let micros = moment(text).and_then(|moment| moment.micros_after(start));
            micros.map(|micros| micros as f64 / 3.6e9)
        };
        assert_eq!(hours("18:30Z"), Some(0.5));
        assert_eq!(hours("17:00Z"), Some(23.0));
        assert_eq!(hours("+2h"), Some(2.0));
        assert_eq!(hours("2026-02-02T17:00:00Z"), Some(-1.0));
        assert_eq!(hours("18:30"), None);
    }
}
