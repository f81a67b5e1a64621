//! Charts: data in, a `drawing::Drawing` out, which `svg` and `bitmap` turn into text and bytes. Each
//! kind of chart has its own record of data, whatever that was computed from; the same data make the same bytes.

/// Marks on paper.
pub(crate) mod drawing;

/// Through a backend onto a canvas.
pub(crate) mod paint;

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

/// Each chart, drawn and looked at.
#[cfg(test)]
mod tests;

use crate::output::chart::drawing::Drawing;

/// The file names of charts by kind and name, in their order: each has an SVG, and a PNG where that is built
/// in. Names hold slashes, files do not; two names that are then the same are told apart by a number.
pub(crate) fn named<'a>(charts: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let mut stems: Vec<String> = Vec::new();
    for (place, (kind, name)) in charts.enumerate() {
        let stem = format!("{kind}-{}", name.replace(['/', '\\'], "-"));
        stems.push(match stems.contains(&stem) {
            true => format!("{stem}-{place}"),
            false => stem,
        });
    }
    let built = |stem: String| {
        let endings = ["svg", "png"].into_iter();
        let endings = endings.filter(|ending| *ending == "svg" || cfg!(feature = "png"));
        endings.map(move |ending| format!("{stem}.{ending}"))
    };
    stems.into_iter().flat_map(built).collect()
}

/// The contents of these files, in their order.
pub(crate) fn files(drawing: &Drawing) -> Vec<Vec<u8>> {
    let svg = svg::svg(drawing).into_bytes();
    #[cfg(feature = "png")]
    return vec![svg, bitmap::png(drawing)];
    #[cfg(not(feature = "png"))]
    return vec![svg];
}
