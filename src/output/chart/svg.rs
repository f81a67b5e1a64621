//! A drawing as SVG text that stands alone: nothing is fetched, letters stay letters, a screen reader
//! finds title and description, and a page around it may recolour it.

use std::fmt::Write;

use crate::output::chart::canvas::{self, FINE, FONTS, dashes, fine};
use crate::output::chart::drawing::{Anchor, Drawing, Letters, Mark, Point, WIDTH};
use crate::output::chart::style::PALETTE;

/// A text is lowered by this share of its size, from the top of its letters to its base line.
const ASCENT: f64 = 0.76;

/// The drawing as SVG. A page that holds it inline recolours it by setting `--chart-ink`, `--chart-paper`
/// and so on, after the names of the palette; elsewhere, and to readers that know no variables, the
/// colours are those of print.
pub(crate) fn svg(drawing: &Drawing) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" role=\"img\" width=\"{WIDTH}\" \
         height=\"{}\" viewBox=\"{}\" font-family=\"{FONTS}\" \
         stroke-linejoin=\"round\">\n",
        drawing.height,
        view_box(drawing)
    );
    svg += &format!("<title>{}</title>\n", escaped(&drawing.title));
    svg += &format!("<desc>{}</desc>\n", escaped(&drawing.description));
    if let Some(readout) = &drawing.readout {
        svg += &format!("<metadata>{}</metadata>\n", escaped(readout));
    }
    svg += &format!("<style>\n{}</style>\n", rules());
    svg + &elements(drawing) + "</svg>\n"
}

/// The frame of the coordinates of its elements.
pub(crate) fn view_box(drawing: &Drawing) -> String {
    let (width, height) = canvas::size(drawing);
    format!("0 0 {width} {height}")
}

/// How a page recolours charts.
pub(crate) fn rules() -> String {
    // What knows no variables must skip these rules, for it would take them to mean black.
    let mut rules = "@supports (fill:var(--chart-ink)){\n".to_owned();
    for colour in PALETTE {
        let (name, hex) = (colour.name, colour.hex());
        for property in ["fill", "stroke"] {
            rules +=
                &format!(".chart [{property}=\"{hex}\"]{{{property}:var(--chart-{name},{hex})}}\n");
        }
    }
    // Neighbouring cells share their edges without a seam.
    rules + "}\n.chart rect{shape-rendering:crispEdges}\n"
}

/// The elements of the drawing, a line each, in whole quarters of a pixel.
pub(crate) fn elements(drawing: &Drawing) -> String {
    let mut out = String::new();
    for mark in &drawing.marks {
        element(mark, &mut out);
    }
    out
}

fn element(mark: &Mark, out: &mut String) {
    let scaled = |length: f64| (length * FINE).round() as u32;
    let opacity = |opacity: f64| match opacity {
        1.0 => String::new(),
        _ => format!(" opacity=\"{opacity}\""),
    };
    let done = match mark {
        Mark::Line(points, stroke) => dashes(points, stroke.dash.lengths())
            .iter()
            .filter(|piece| 1 < piece.len())
            .try_for_each(|piece| {
                writeln!(
                    out,
                    "<polyline fill=\"none\"{} stroke=\"{}\" stroke-width=\"{}\" points=\"{}\"/>",
                    opacity(stroke.opacity),
                    stroke.colour.hex(),
                    scaled(stroke.width).max(1),
                    listed(piece),
                )
            }),
        Mark::Area(points, colour, strength) => writeln!(
            out,
            "<polygon{} fill=\"{}\" points=\"{}\"/>",
            opacity(*strength),
            colour.hex(),
            listed(points),
        ),
        Mark::Cell(from, until, colour, strength) => {
            let ((left, top), (right, bottom)) = (fine(*from), fine(*until));
            writeln!(
                out,
                "<rect x=\"{left}\" y=\"{top}\" width=\"{}\" height=\"{}\"{} fill=\"{}\" stroke=\"none\"/>",
                right - left,
                bottom - top,
                opacity(*strength),
                colour.hex(),
            )
        }
        Mark::Disc(at, radius, colour) => {
            let ((x, y), radius) = (fine(*at), scaled(*radius));
            let fill = colour.hex();
            writeln!(
                out,
                "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" fill=\"{fill}\" stroke=\"none\" stroke-width=\"1\"/>",
            )
        }
        Mark::Text(at, text, letters) => writeln!(out, "{}", lettered(*at, text, *letters)),
    };
    done.expect("text in memory takes everything");
}

/// A text, from the top of its letters.
fn lettered(at: Point, text: &str, letters: Letters) -> String {
    let (x, y) = fine((at.0, at.1 - letters.size * ASCENT));
    let anchor = match letters.anchor {
        Anchor::Start => "",
        Anchor::Middle => " text-anchor=\"middle\"",
        Anchor::End => " text-anchor=\"end\"",
    };
    format!(
        "<text x=\"{x}\" y=\"{y}\" dy=\"0.76em\"{anchor} font-size=\"{}\" fill=\"{}\">{}</text>",
        letters.size * FINE,
        letters.colour.hex(),
        escaped(text),
    )
}

/// Points as an attribute lists them.
fn listed(points: &[Point]) -> String {
    let points: Vec<String> = points
        .iter()
        .map(|point| {
            let (x, y) = fine(*point);
            format!("{x},{y}")
        })
        .collect();
    points.join(" ")
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::chart::drawing::Letters;
    use crate::output::chart::style::{INK, LABEL};

    #[test]
    fn names_with_signs_of_markup_stay_text() {
        let mut drawing = Drawing::new(100.0, "a < b & c", "n > 3");
        drawing.text((10.0, 80.0), "</svg>", Letters::new(INK, LABEL));
        let svg = svg(&drawing);
        assert!(svg.contains("<title>a &lt; b &amp; c</title>"), "{svg}");
        assert_eq!(svg.matches("</svg>").count(), 1);
        assert!(svg.contains("viewBox=\"0 0 3600 400\""));
    }
}
