//! Charts: data in, a `drawing::Drawing` out, which `svg` and `bitmap` turn into text and bytes. Each
//! kind of chart has its own record of data, whatever that was computed from; the same data make the same bytes.

/// Marks on paper.
pub(crate) mod drawing;

/// Whole quarters of a pixel.
pub(crate) mod canvas;

/// SVG text.
pub(crate) mod svg;

/// PNG bytes.
#[cfg(feature = "png")]
pub(crate) mod bitmap;

/// Colours, lines and letters.
pub(crate) mod style;

/// Widths of texts.
pub(crate) mod text;

/// Round numbers and times.
pub(crate) mod ticks;

/// Clock times.
pub(crate) mod clock;

/// Values by place.
pub(crate) mod readout;

/// Labels that keep apart.
pub(crate) mod labels;

/// Axes.
pub(crate) mod frame;

/// What happened when.
pub(crate) mod moments;

/// A pool's level over time.
pub(crate) mod levels;

/// What became of calls to a dependency.
pub(crate) mod dependency;

/// Bands of many replications.
pub(crate) mod fan;

/// What has not happened yet.
pub(crate) mod survival;

/// An estimate against a swept value.
pub(crate) mod depletion;

/// An estimate against two of them.
pub(crate) mod heat_map;

/// How much is enough.
pub(crate) mod sizing;

/// What variants change.
pub(crate) mod differences;

/// Scales of unknown values.
pub(crate) mod scales;

/// Unknown values, before and after.
pub(crate) mod marginals;

/// Pairs of unknown values.
pub(crate) mod pairs;

/// Published figures and their predictions.
pub(crate) mod predictive;

/// What decides a result.
pub(crate) mod sensitivity;

/// Each chart, drawn and looked at.
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

/// The most bytes of a name that a file name takes; systems allow 255 in all.
const NAME_MAX: usize = 150;

/// A name as part of a file name that every system takes: no slashes, nothing that Windows reserves, and not
/// too long. What it is joined to keeps it from being the name of a device.
pub(crate) fn file_name(name: &str) -> String {
    let reserved = |letter: char| r#"<>:"/\|?*"#.contains(letter) || letter.is_control();
    let plain: String = name
        .chars()
        .map(|letter| if reserved(letter) { '-' } else { letter })
        .collect();
    let starts = plain.char_indices().map(|(start, _)| start);
    let end = starts
        .chain([plain.len()])
        .take_while(|end| *end <= NAME_MAX);
    plain[..end.last().unwrap_or(0)]
        .trim_end_matches(['.', ' '])
        .to_owned()
}

/// The file names of charts by kind and name, in their order, without their endings. Two names that are then
/// the same, also where a system does not distinguish capital letters, are distinguished by a number.
pub(crate) fn names<'a>(charts: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let (mut stems, mut taken) = (Vec::new(), BTreeSet::new());
    for (place, (kind, name)) in charts.enumerate() {
        let plain = format!("{kind}-{}", file_name(name));
        let numbered = (place..).map(|number| format!("{plain}-{number}"));
        let mut free = std::iter::once(plain.clone()).chain(numbered);
        let stem = free.find(|stem| taken.insert(stem.to_lowercase()));
        stems.push(stem.expect("a number is free"));
    }
    stems
}

#[cfg(test)]
mod name_tests {
    use super::*;

    #[test]
    fn file_names_are_valid_everywhere_and_unique() {
        let given = [
            "a/b",
            "a\\b",
            "A-b",
            "a-b-1",
            "c<>:\"|?*d",
            "e. .",
            "f\u{7}",
        ];
        let found = names(given.into_iter().map(|name| ("size", name)));
        let expected = [
            "size-a-b",
            "size-a-b-1",
            "size-A-b-2",
            "size-a-b-1-3",
            "size-c-------d",
            "size-e",
            "size-f-",
        ];
        assert_eq!(found, expected);
        let long = "é".repeat(300);
        assert!(file_name(&long).len() <= NAME_MAX);
    }
}
