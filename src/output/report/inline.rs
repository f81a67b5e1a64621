//! Charts, set into a page. An SVG is text that somebody may have changed since it was written, and
//! becomes part of the page only if it holds nothing but what a chart is made of.

use serde_json::Value;

use crate::output::report::read::text;

/// A chart in parts: the page shows the drawing, and says the rest in its own way.
pub(crate) struct Chart {
    pub title: String,
    /// What a screen reader says.
    pub description: String,
    /// The elements of the drawing.
    pub drawing: String,
    /// Its frame of coordinates.
    pub view: String,
    /// Values by place, as JSON.
    pub readout: Option<String>,
    /// The pool that it shows.
    pub pool: Option<String>,
}

/// Elements that a chart is made of.
const ELEMENTS: [&str; 10] = [
    "svg", "title", "desc", "metadata", "style", "rect", "polyline", "polygon", "circle", "text",
];

/// Attributes of the root and of these.
const ATTRIBUTES: [&str; 22] = [
    "xmlns",
    "class",
    "role",
    "width",
    "height",
    "viewBox",
    "font-family",
    "stroke-linejoin",
    "x",
    "y",
    "dy",
    "cx",
    "cy",
    "r",
    "points",
    "fill",
    "stroke",
    "stroke-width",
    "opacity",
    "font-size",
    "text-anchor",
    "fill-opacity",
];

/// The chart that a document names.
///
/// # Errors
/// If its file is not there, or holds what no chart has.
pub(crate) fn chart(
    named: &Value,
    file: &mut dyn FnMut(&str) -> Option<String>,
) -> Result<Chart, String> {
    let name = text(named, "file").unwrap_or_default();
    if name.contains(['/', '\\']) || !name.ends_with(".svg") {
        return Err(format!("`{name}` is no name of a chart"));
    }
    let svg = file(name).ok_or_else(|| format!("the chart {name} is missing"))?;
    if let Some(foreign) = foreign(&svg) {
        return Err(format!(
            "the chart {name} holds `{foreign}`, which no chart of drawdown does"
        ));
    }
    let part = |tag: &str| {
        let (_, rest) = svg.split_once(&format!("<{tag}>"))?;
        rest.split_once(&format!("</{tag}>")).map(|(part, _)| part)
    };
    let view = svg
        .split_once("viewBox=\"")
        .and_then(|(_, rest)| rest.split_once('"'));
    let drawing = svg
        .split_once("</style>\n")
        .and_then(|(_, rest)| rest.split_once("</svg>"));
    let (Some((view, _)), Some((drawing, _))) = (view, drawing) else {
        return Err(format!("{name} is no chart of drawdown"));
    };
    // Texts stay escaped, as the file has them.
    Ok(Chart {
        title: part("title").unwrap_or_default().to_owned(),
        description: part("desc").unwrap_or_default().to_owned(),
        drawing: drawing.to_owned(),
        view: view.to_owned(),
        readout: part("metadata").map(str::to_owned),
        pool: text(named, "pool").map(str::to_owned),
    })
}

/// The first thing in it that no chart has.
fn foreign(svg: &str) -> Option<String> {
    for piece in svg.split('<').skip(1) {
        let Some((tag, _)) = piece.split_once('>') else {
            return Some(piece.chars().take(20).collect());
        };
        let tag = tag.trim_start_matches('/').trim_end_matches('/');
        let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
        if !ELEMENTS.contains(&name) {
            return Some(name.to_owned());
        }
        while let Some((attribute, after)) = rest.split_once("=\"") {
            let attribute = attribute.trim();
            let Some((value, after)) = after.split_once('"') else {
                return Some(attribute.to_owned());
            };
            if !ATTRIBUTES.contains(&attribute) || value.contains("url(") {
                return Some(attribute.to_owned());
            }
            rest = after;
        }
        if !rest.trim().is_empty() {
            return Some(rest.trim().to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_chart_has_is_named() {
        let foreign = |inner: &str| foreign(&format!("<svg>{inner}</svg>\n"));
        assert_eq!(foreign("<rect x=\"1\" fill=\"#FFF\"/>"), None);
        assert_eq!(foreign("<script>x</script>"), Some("script".to_owned()));
        assert_eq!(foreign("<rect onload=\"x\"/>"), Some("onload".to_owned()));
        assert_eq!(foreign("<rect onload='x'/>"), Some("onload='x'".to_owned()));
        assert_eq!(foreign("<rect fill=\"url(#a)\"/>"), Some("fill".to_owned()));
        assert_eq!(foreign("<a\nhref=\"x\">"), Some("a\nhref=\"x\"".to_owned()));
    }
}
