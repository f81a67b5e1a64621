//! A drawing as PNG bytes, twice as large as it is drawn, so that it is sharp on any screen.

use std::sync::Once;

use plotters::prelude::{BitMapBackend, DrawingBackend, IntoFont, RGBAColor, TextStyle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, ShapeStyle, register_font};

use crate::output::chart::canvas::{self, FINE, FONTS, dashes, fine};
use crate::output::chart::drawing::{Anchor, Drawing, Letters, Mark};
use crate::output::chart::style::{Colour, Stroke};

/// The font; `NOTICE` beside it says whose it is.
static FONT: &[u8] = include_bytes!("DejaVuSans-subset.ttf");
static REGISTERED: Once = Once::new();

/// The backend calls the height from descent to ascent its size, 1.164 em of this font, and hangs letters so
/// that the base line is half of that below the top.
const EM: f64 = 1.164;
const ASCENT: f64 = 0.582;

/// The drawing as PNG.
pub(crate) fn png(drawing: &Drawing) -> Vec<u8> {
    REGISTERED.call_once(|| {
        let registered = register_font(FONTS, FontStyle::Normal, FONT);
        assert!(registered.is_ok(), "the font is whole");
    });
    let (width, height) = canvas::size(drawing);
    let mut canvas = vec![0; 3 * width as usize * height as usize];
    let mut backend = BitMapBackend::with_buffer(&mut canvas, (width, height));
    paint(drawing, &mut backend);
    drop(backend);
    encoded(&halved(&canvas, width as usize), width / 2, height / 2)
}

/// Paints every mark.
///
/// # Panics
/// If the backend refuses, which one that paints into memory does not.
fn paint(drawing: &Drawing, backend: &mut BitMapBackend<'_>) {
    for mark in &drawing.marks {
        let painted = match mark {
            Mark::Line(points, stroke) => dashes(points, stroke.dash.lengths())
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
                let top = (at.0, at.1 - letters.size * ASCENT);
                backend.draw_text(text, &lettered(*letters), fine(top))
            }
        };
        assert!(painted.is_ok(), "{:?} cannot be painted", mark);
    }
    assert!(backend.present().is_ok(), "the canvas is kept in memory");
}

fn mixed(colour: Colour, opacity: f64) -> RGBAColor {
    let (red, green, blue) = colour.rgb;
    RGBAColor(red, green, blue, opacity)
}

fn lined(stroke: Stroke, width: u32) -> ShapeStyle {
    mixed(stroke.colour, stroke.opacity).stroke_width(width.max(1))
}

fn lettered(letters: Letters) -> TextStyle<'static> {
    let anchor = match letters.anchor {
        Anchor::Start => HPos::Left,
        Anchor::Middle => HPos::Center,
        Anchor::End => HPos::Right,
    };
    let font = (FONTS, letters.size * FINE * EM).into_font();
    TextStyle {
        font,
        color: mixed(letters.colour, 1.0).to_backend_color(),
        pos: Pos::new(anchor, VPos::Top),
    }
}

/// Each pixel the mean of four: edges of the canvas are hard, these are not.
fn halved(canvas: &[u8], width: usize) -> Vec<u8> {
    let row = 3 * width;
    let mut small = Vec::with_capacity(canvas.len() / 4);
    for rows in canvas.chunks_exact(2 * row) {
        let (upper, lower) = rows.split_at(row);
        for (above, below) in upper.chunks_exact(6).zip(lower.chunks_exact(6)) {
            for part in 0..3 {
                let four = [above[part], above[part + 3], below[part], below[part + 3]];
                let sum: u32 = four.into_iter().map(u32::from).sum();
                small.push(((sum + 2) / 4) as u8);
            }
        }
    }
    small
}

fn encoded(pixels: &[u8], width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let written = encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(pixels));
    assert!(written.is_ok(), "memory takes {} bytes", pixels.len());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::chart::text;

    #[test]
    fn widths_are_those_of_the_font() {
        png(&Drawing::new(40.0, "", ""));
        let letters = "The quick brown fox, 4h56m [0.95] jumps over {lazy} dogs/§";
        let (_, (width, _)) = (FONTS, 1164.0)
            .into_font()
            .layout_box(letters)
            .expect("a font");
        let label = text::width(letters, 1000.0);
        assert!(
            (f64::from(width) - label).abs() < 0.03 * label,
            "{width} {label}"
        );
    }
}
