//! Patterns of names and of values with units, for editors. `units` reads the values themselves; a
//! pattern is never stricter for anything a person would write.

use crate::scenario::text::schema_type::Text;

const NUMBER: &str = r"\+?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?";
const UNIT: &str = "(?:weeks?|wks?|w|days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s\
                    |milliseconds?|millis?|msecs?|ms|microseconds?|micros?|[uµ]secs?|[uµ]s\
                    |nanoseconds?|nanos?|nsecs?|ns)";
const HOURS: &str = r"\d+:\d+:\d+(?:[.,]\d+)?";
const CLOCK: &str = r"(?:[01]\d|2[0-3]):[0-5]\d(?::(?:[0-5]\d|60))?";
const DATE: &str = r"[-+]?\d{4,6}-?\d\d-?\d\d";

/// A duration: numbers with units, clock notation, or ISO 8601.
fn lasting() -> String {
    let pieces = format!(r"(?:\d+(?:[.,]\d+)?\s*{UNIT},?\s*)+");
    format!(r"\+?\s*(?:{pieces}(?:{HOURS})?|{HOURS}|[Pp][0-9.,WDTHMSwdthms]+)")
}

/// Date, time and zone.
fn dated() -> String {
    let time = r"\d\d(?::?\d\d(?::?\d\d(?:[.,]\d+)?)?)?";
    let zone = r"(?:[Zz]|[-+]\d\d(?::?\d\d(?::?\d\d)?)?)(?:\[[^\]]*\])*";
    format!(r"{DATE}[Tt ]{time}\s?{zone}")
}

/// A name; paths join them by dots.
pub(crate) fn name() -> Text {
    Text::new(r"[^.`\x00-\x1f\x7f]{1,100}", &[])
}

/// A path of names.
pub(crate) fn path() -> Text {
    Text::new(r"[^.]+(?:\.[^.]+)*", &["clock.horizon"])
}

/// Any text that is not blank.
pub(crate) fn words() -> Text {
    Text {
        pattern: r"\S".to_owned(),
        examples: &[],
    }
}

/// A duration.
pub(crate) fn duration() -> Text {
    Text::new(&lasting(), &["90s", "30m", "1h30m", "3d"])
}

/// A number per unit of time.
pub(crate) fn rate() -> Text {
    let pattern = format!(r"{NUMBER}\s*/\s*(?:s|min|m|h|d)");
    Text::new(&pattern, &["2/h", "0.25/min"])
}

/// A number of hundredths, at most 100.
pub(crate) fn percentage() -> Text {
    let pattern = r"\+?(?:0*100(?:\.0*)?|0*\d{1,2}(?:\.\d*)?|\.\d+)(?:[eE]-\d+)?\s*%";
    Text::new(pattern, &["35%", "100%"])
}

/// A time of day.
pub(crate) fn clock_time() -> Text {
    Text::new(CLOCK, &["08:30", "23:59"])
}

/// An instant with its zone.
pub(crate) fn timestamp() -> Text {
    Text::new(&dated(), &["2026-02-02T18:00:00Z"])
}

/// An instant, dated or from the start on.
pub(crate) fn moment() -> Text {
    let pattern = format!(r"never|\+{}|{}|{CLOCK}Z", lasting(), dated());
    let examples = &["2026-02-02T18:50:00Z", "18:50Z", "+50m", "never"];
    Text::new(&pattern, examples)
}
