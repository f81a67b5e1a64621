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
#[cfg_attr(not(test), expect(dead_code, reason = "drawn by ensemble"))]
pub(crate) mod fan;

/// What has not happened yet.
#[cfg_attr(not(test), expect(dead_code, reason = "drawn by ensemble"))]
pub(crate) mod survival;

/// An estimate against a swept value.
#[cfg_attr(not(test), expect(dead_code, reason = "drawn by sweep"))]
pub(crate) mod depletion;

/// An estimate against two of them.
#[cfg_attr(not(test), expect(dead_code, reason = "drawn by sweep"))]
pub(crate) mod heat_map;

/// How much is enough.
#[cfg_attr(not(test), expect(dead_code, reason = "drawn by size"))]
pub(crate) mod sizing;

/// What variants change.
#[cfg_attr(not(test), expect(dead_code, reason = "drawn by compare"))]
pub(crate) mod differences;

/// Each chart, drawn and looked at.
#[cfg(test)]
mod tests;

use crate::output::chart::drawing::Drawing;

/// The file names of a chart: SVG, and PNG where that is built in. Names hold slashes, files do not.
pub(crate) fn names(kind: &str, name: &str) -> Vec<String> {
    let stem = format!("{kind}-{}", name.replace(['/', '\\'], "-"));
    let endings = ["svg", "png"].into_iter();
    let built = endings.filter(|ending| *ending == "svg" || cfg!(feature = "png"));
    built.map(|ending| format!("{stem}.{ending}")).collect()
}

/// The contents of these files, in their order.
pub(crate) fn files(drawing: &Drawing) -> Vec<Vec<u8>> {
    let svg = svg::svg(drawing).into_bytes();
    #[cfg(feature = "png")]
    return vec![svg, bitmap::png(drawing)];
    #[cfg(not(feature = "png"))]
    return vec![svg];
}
