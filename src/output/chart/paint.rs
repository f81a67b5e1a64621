//! Paints a drawing through any backend of `plotters`: one code for every format.

use plotters::prelude::{DrawingBackend, IntoFont, RGBAColor, TextStyle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, ShapeStyle};

use crate::output::chart::drawing::{Anchor, Drawing, Letters, Mark, Point, WIDTH};
use crate::output::chart::style::{Colour, Stroke};

/// Pixels of a backend to one of a drawing. A backend counts in whole pixels; a quarter of one is
/// too small for the eye.
pub(crate) const FINE: f64 = 4.0;

/// Fonts of one set of widths, under the name that each system knows it by.
pub(crate) const FONTS: &str = "DejaVu Sans,Verdana,Geneva,sans-serif";

/// How a backend sets letters.
pub(crate) struct Face {
    /// Size that the backend calls an em.
    pub em: f64,
    /// From the top of a text to its base line (em).
    pub ascent: f64,
}

/// Width and height of the canvas that a drawing is painted on.
pub(crate) fn size(drawing: &Drawing) -> (u32, u32) {
    ((WIDTH * FINE) as u32, (drawing.height * FINE) as u32)
}

/// Paints every mark.
///
/// # Panics
/// If the backend refuses, which none that paints into memory does.
pub(crate) fn paint<B: DrawingBackend>(drawing: &Drawing, backend: &mut B, face: &Face) {
    for mark in &drawing.marks {
        let painted = match mark {
            Mark::Line(points, stroke) => dashes(points, stroke.dash)
                .into_iter()
                .filter(|piece| 1 < piece.len())
                .try_for_each(|piece| {
                    let width = (stroke.width * FINE).round() as u32;
                    backend.draw_path(piece.into_iter().map(fine), &lined(*stroke, width))
                }),
            Mark::Area(points, colour, opacity) => {
                let points = points.iter().copied().map(fine);
                backend.fill_polygon(points, &mixed(*colour, *opacity).filled())
            }
            Mark::Cell(from, until, colour, opacity) => {
                let style = mixed(*colour, *opacity).filled();
                backend.draw_rect(fine(*from), fine(*until), &style, true)
            }
            Mark::Disc(at, radius, colour) => {
                let radius = (radius * FINE).round() as u32;
                backend.draw_circle(fine(*at), radius, &mixed(*colour, 1.0).filled(), true)
            }
            Mark::Text(at, text, letters) => {
                let top = (at.0, at.1 - letters.size * face.ascent);
                backend.draw_text(text, &lettered(*letters, face), fine(top))
            }
        };
        assert!(painted.is_ok(), "{:?} cannot be painted", mark);
    }
    assert!(backend.present().is_ok(), "the canvas is kept in memory");
}

fn fine((x, y): Point) -> (i32, i32) {
    ((x * FINE).round() as i32, (y * FINE).round() as i32)
}

fn mixed(colour: Colour, opacity: f64) -> RGBAColor {
    let (red, green, blue) = colour.rgb;
    RGBAColor(red, green, blue, opacity)
}

fn lined(stroke: Stroke, width: u32) -> ShapeStyle {
    mixed(stroke.colour, stroke.opacity).stroke_width(width.max(1))
}

fn lettered(letters: Letters, face: &Face) -> TextStyle<'static> {
    let anchor = match letters.anchor {
        Anchor::Start => HPos::Left,
        Anchor::Middle => HPos::Center,
        Anchor::End => HPos::Right,
    };
    let font = (FONTS, letters.size * FINE * face.em).into_font();
    TextStyle {
        font,
        color: mixed(letters.colour, 1.0).to_backend_color(),
        pos: Pos::new(anchor, VPos::Top),
    }
}

/// The pieces of a line that a dash leaves; `dash` holds lengths of dashes and gaps in turn.
fn dashes(points: &[Point], dash: &[f64]) -> Vec<Vec<Point>> {
    if dash.is_empty() {
        return vec![points.to_vec()];
    }
    let (mut place, mut left) = (0, dash[0]);
    let mut pieces = vec![points.first().copied().into_iter().collect::<Vec<Point>>()];
    for pair in points.windows(2) {
        let ((x, y), (to_x, to_y)) = (pair[0], pair[1]);
        let (over, down) = (to_x - x, to_y - y);
        let length = (over * over + down * down).sqrt();
        let mut gone = 0.0;
        while left < length - gone {
            gone += left;
            let at = (x + over * gone / length, y + down * gone / length);
            if place % 2 == 0 {
                pieces.last_mut().expect("begins with a piece").push(at);
            } else {
                pieces.push(vec![at]);
            }
            place += 1;
            left = dash[place % dash.len()];
        }
        left -= length - gone;
        if place % 2 == 0 {
            pieces
                .last_mut()
                .expect("begins with a piece")
                .push(pair[1]);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_go_round_corners() {
        let line = [(0.0, 0.0), (5.0, 0.0), (5.0, 6.0)];
        let pieces = dashes(&line, &[4.0, 3.0]);
        let second = vec![(5.0, 2.0), (5.0, 6.0)];
        assert_eq!(pieces, [vec![(0.0, 0.0), (4.0, 0.0)], second]);
        assert_eq!(dashes(&line, &[]), [line.to_vec()]);
        assert_eq!(dashes(&line, &[100.0, 3.0]), [line.to_vec()]);
    }
}
