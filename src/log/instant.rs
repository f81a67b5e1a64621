//! Times as logs write them: RFC 3339, or seconds since 1970.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The instants that a log may have: years 1971 to 2199 (s since 1970). Earlier numbers are durations rather than
/// instants, and later ones milliseconds.
const SECONDS: std::ops::Range<f64> = 31_536_000.0..7.258e9;

/// Reads the times of a file, and remembers which of them have a zone.
pub(crate) struct Clock {
    zone: Option<TimeZone>,
    with_zone: Option<(u64, String)>,
    without_zone: Option<(u64, String)>,
    /// Times without a zone.
    zoneless: usize,
}

impl Clock {
    /// A clock that reads times without a zone in this one.
    pub fn new(zone: Option<TimeZone>) -> Self {
        Self {
            zone,
            with_zone: None,
            without_zone: None,
            zoneless: 0,
        }
    }

    /// A time in a row and column, in seconds since 1970; absent where it is none.
    pub fn read(&mut self, text: &str, (row, column): (u64, &str)) -> Option<f64> {
        let text = text.trim();
        let at = if let Ok(seconds) = text.parse::<f64>() {
            Some(seconds)
        } else if let Ok(at) = text.parse::<Timestamp>() {
            self.with_zone
                .get_or_insert_with(|| (row, column.to_owned()));
            Some(at.as_microsecond() as f64 / 1e6)
        } else {
            let civil: DateTime = text.parse().ok()?;
            self.without_zone
                .get_or_insert_with(|| (row, column.to_owned()));
            self.zoneless += 1;
            let zone = self.zone.clone().unwrap_or(TimeZone::UTC);
            let at = civil.to_zoned(zone).ok()?.timestamp();
            Some(at.as_microsecond() as f64 / 1e6)
        };
        at.filter(|at| SECONDS.contains(at))
    }

    /// What is wrong with the zones of the file, and what to do.
    pub fn contradiction(&self) -> Option<(String, String)> {
        let (row, column) = self.without_zone.as_ref()?;
        let count = self.zoneless;
        let times = if count == 1 { "time" } else { "times" };
        let at =
            format!("{count} {times} without a time zone, the first in line {row}, `{column}`");
        match (&self.with_zone, &self.zone) {
            (Some((row, column)), _) => Some((
                format!("{at}; others have one, the first in line {row}, `{column}`"),
                "write all times with their zone".to_owned(),
            )),
            (None, None) => Some((
                at,
                "write times with their zone, such as `Z`, or name it: --timezone UTC".to_owned(),
            )),
            (None, Some(_)) => None,
        }
    }
}

/// The time zone of a name.
pub(crate) fn zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok()
}

/// An instant in UTC, to the second (s since 1970).
pub(crate) fn utc(at: f64) -> String {
    let at = Timestamp::from_second(at.floor() as i64).unwrap_or(Timestamp::UNIX_EPOCH);
    at.to_string()
}

/// The date of an instant in UTC.
pub(crate) fn date(at: f64) -> String {
    utc(at)[..10].to_owned()
}

/// Weekday (Monday is 0), minute of the day, and offset from UTC (s) of an instant in a zone.
pub(crate) fn local(at: f64, zone: &TimeZone) -> (usize, usize, i64) {
    let at = Timestamp::from_second(at.floor() as i64).unwrap_or(Timestamp::UNIX_EPOCH);
    let zoned = at.to_zoned(zone.clone());
    let day = zoned.weekday().to_monday_zero_offset() as usize;
    let time = zoned.time();
    let minute = time.hour() as usize * 60 + time.minute() as usize;
    (day, minute, i64::from(zoned.offset().seconds()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_dated_or_seconds() {
        let mut clock = Clock::new(None);
        let mut read = |text: &str| clock.read(text, (2, "started"));
        assert_eq!(read("2026-10-01T08:00:00Z"), Some(1_790_841_600.0));
        assert_eq!(read("2026-10-01T10:00:00+02:00"), Some(1_790_841_600.0));
        assert_eq!(read("1790841600.5"), Some(1_790_841_600.5));
        // Milliseconds, a duration, and a word.
        for text in ["1790841600000", "12", "soon", "2026-13-01T00:00:00Z"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(clock.contradiction(), None);
    }

    #[test]
    fn times_without_a_zone_need_one_and_are_not_mixed() {
        let mut clock = Clock::new(zone("Europe/Amsterdam"));
        let read = clock.read("2026-10-01T10:00:00", (3, "ended"));
        assert_eq!(read, Some(1_790_841_600.0));
        assert_eq!(clock.contradiction(), None);
        clock.read("2026-10-01T10:00:00Z", (4, "started"));
        let (message, _) = clock.contradiction().expect("a problem");
        assert!(message.contains("line 3, `ended`"), "{message}");
        assert!(message.contains("line 4, `started`"), "{message}");
        let mut clock = Clock::new(None);
        clock.read("2026-10-01 10:00", (3, "ended"));
        assert!(clock.contradiction().is_some());
    }

    #[test]
    fn local_days_begin_on_monday() {
        let amsterdam = zone("Europe/Amsterdam").expect("a zone");
        // Thursday, 08:00 in UTC.
        let at = local(1_790_841_600.0, &amsterdam);
        assert_eq!(at, (3, 600, 7_200));
    }
}
