//! A drawing as SVG text that stands alone: nothing is fetched, letters stay letters, a screen reader
//! finds title and description, and a page around it may recolour it.

use plotters::prelude::SVGBackend;

use crate::output::chart::drawing::{Drawing, Mark, WIDTH};
use crate::output::chart::paint::{self, FINE, FONTS, Face};
use crate::output::chart::style::PALETTE;

/// The backend divides sizes by 1.24 and lowers a text by 0.76 em.
const FACE: Face = Face {
    em: 1.24,
    ascent: 0.76,
};

/// The drawing as SVG. A page that holds it inline recolours it by setting `--chart-ink`, `--chart-paper`
/// and so on, after the names of the palette; elsewhere, and to readers that know no variables, the
/// colours are those of print.
pub(crate) fn svg(drawing: &Drawing) -> String {
    let (width, height) = paint::size(drawing);
    let mut text = String::new();
    let mut backend = SVGBackend::with_string(&mut text, (width, height));
    paint::paint(drawing, &mut backend, &FACE);
    drop(backend);
    let body = tidied(&text, drawing);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" role=\"img\" width=\"{WIDTH}\" \
         height=\"{}\" viewBox=\"0 0 {width} {height}\" font-family=\"{FONTS}\" \
         stroke-linejoin=\"round\">\n",
        drawing.height
    );
    svg += &format!("<title>{}</title>\n", escaped(&drawing.title));
    svg += &format!("<desc>{}</desc>\n", escaped(&drawing.description));
    if let Some(readout) = &drawing.readout {
        svg += &format!("<metadata>{}</metadata>\n", escaped(readout));
    }
    svg += &format!("<style>\n{}</style>\n", rules());
    svg + &body
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

/// The elements without what is the same on all of them, which stands on the root or goes without saying.
fn tidied(text: &str, drawing: &Drawing) -> String {
    let mut text = text.replace(" opacity=\"1\"", "");
    text = text.replace(&format!(" font-family=\"{FONTS}\""), "");
    text = text
        .replace(" text-anchor=\"start\"", "")
        .replace(" \"/>", "\"/>");
    for mark in &drawing.marks {
        if let Mark::Text(.., letters) = mark {
            // The backend multiplies and divides; a size is as it was before that.
            let size = letters.size * FINE;
            let noisy = size * FACE.em / 1.24;
            text = text.replace(&format!("\"{noisy}\""), &format!("\"{size}\""));
        }
    }
    let mut body = String::new();
    for line in text.lines().skip(1) {
        match line {
            "</text>" => {
                body.pop();
                body += "</text>\n";
            }
            line if line.starts_with("<text ") => body += line,
            line => body += &format!("{line}\n"),
        }
    }
    body
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
