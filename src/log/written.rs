//! Figures and names as a scenario writes them: four significant digits, with their units.

use std::collections::BTreeSet;

use crate::kernel::time::SimDuration;
use crate::scenario::text::node;
use crate::scenario::text::read::is_control;
use crate::stats::Estimate;

/// Bytes of a name that are kept: names become parts of names of files.
const NAME_BYTES: usize = 60;

/// A number to four significant digits.
pub(crate) fn number(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return "0".to_owned();
    }
    let size = libm::log10(value.abs()).floor();
    let digits = (3.0 - size).clamp(0.0, 12.0) as usize;
    let text = format!("{value:.digits$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// A duration (s): whole seconds from a minute on.
pub(crate) fn length(seconds: f64) -> String {
    let rounded = match seconds {
        seconds if 60.0 <= seconds => seconds.round(),
        seconds if 1.0 <= seconds => (seconds * 10.0).round() / 10.0,
        seconds => (seconds * 1e3).round().max(1.0) / 1e3,
    };
    SimDuration::from_micros_f64(rounded * 1e6).to_string()
}

/// A rate (1/s), by the hour, or by the day or second where that is a handier number.
pub(crate) fn rate(per_second: f64) -> String {
    let (factor, unit) = match per_second * 3_600.0 {
        hourly if hourly < 0.1 => (86_400.0, "d"),
        hourly if hourly < 36_000.0 => (3_600.0, "h"),
        _ => (1.0, "s"),
    };
    format!("{}/{unit}", number(per_second * factor))
}

/// A share, in percent.
pub(crate) fn share(share: f64) -> String {
    format!("{}%", number((share * 1e4).round() / 1e2))
}

/// An estimate's interval in words, with what writes its ends; an end that the data do not bound is named so.
pub(crate) fn interval(estimate: Estimate, write: fn(f64) -> String) -> String {
    match (estimate.low, estimate.high) {
        (Some(low), Some(high)) => format!("90% interval {} to {}", write(low), write(high)),
        (Some(low), None) => format!("90% interval from {}, unbounded above", write(low)),
        (None, Some(high)) => format!("90% interval up to {}, unbounded below", write(high)),
        (None, None) => "no interval".to_owned(),
    }
}

/// A text in quotes, whatever it holds; invisible characters become blanks.
pub(crate) fn quoted(text: &str) -> String {
    node::quoted(&text.replace(is_control, " "))
}

/// A part of a name of a pool, class or region: letters, digits, `-` and `_`. One that does not begin with a letter, or
/// that YAML would read as something else, gets the kind in front of it.
pub(crate) fn name(text: &str, kind: &str) -> String {
    let keep = |it: char| {
        if it.is_alphanumeric() || "-_".contains(it) {
            it
        } else {
            '-'
        }
    };
    let mut name: String = text.chars().map(keep).collect();
    while NAME_BYTES < name.len() {
        name.pop();
    }
    let name = name.trim_matches('-');
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let is_plain = name.starts_with(char::is_alphabetic);
    match name {
        "" => kind.to_owned(),
        name if is_plain && !words.contains(&name.to_lowercase().as_str()) => name.to_owned(),
        name => format!("{kind}-{name}"),
    }
}

/// A name that is not taken yet: the wanted one, or that with a number.
pub(crate) fn unique(taken: &mut BTreeSet<String>, wanted: &str) -> String {
    let numbered = (2..).map(|number| format!("{wanted}-{number}"));
    let mut all = std::iter::once(wanted.to_owned()).chain(numbered);
    let free = all.find(|it| !taken.contains(it)).unwrap_or_default();
    taken.insert(free.clone());
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_four_digits_and_units() {
        assert_eq!(number(12.345_6), "12.35");
        assert_eq!(number(123_456.0), "123456");
        assert_eq!(number(0.000_123_456), "0.0001235");
        assert_eq!(number(2.0), "2");
        assert_eq!(length(754.4), "12m34s");
        assert_eq!(length(7.26), "7.3s");
        assert_eq!(length(0.5), "0.5s");
        assert_eq!(rate(12.5 / 3_600.0), "12.5/h");
        assert_eq!(rate(1.0 / 864_000.0), "0.1/d");
        assert_eq!(share(0.012_34), "1.23%");
    }

    #[test]
    fn names_are_plain_and_never_empty() {
        assert_eq!(name("Ubuntu 22.04 (x64)", "pool"), "Ubuntu-22-04--x64");
        assert_eq!(name("…", "pool"), "pool");
        assert_eq!(name("1", "region"), "region-1");
        assert_eq!(name("No", "region"), "region-No");
        assert_eq!(name(&"a".repeat(200), "pool").len(), NAME_BYTES);
        assert_eq!(quoted("a \"b\"\n\\"), "\"a \\\"b\\\" \\\\\"");
    }
}
