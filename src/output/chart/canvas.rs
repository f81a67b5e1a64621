//! The canvas that a drawing is painted on: whole quarters of a pixel, and the pieces of dashed lines.

use crate::output::chart::drawing::{Drawing, Point, WIDTH};

/// Pixels of a canvas to one of a drawing. A canvas counts in whole pixels; a quarter of one is
/// too small for the eye.
pub(crate) const FINE: f64 = 4.0;

/// Fonts of one set of widths, under the name that each system knows it by.
pub(crate) const FONTS: &str = "DejaVu Sans,Verdana,Geneva,sans-serif";

/// Width and height of the canvas that a drawing is painted on.
pub(crate) fn size(drawing: &Drawing) -> (u32, u32) {
    ((WIDTH * FINE) as u32, (drawing.height * FINE) as u32)
}

/// A place on the canvas.
pub(crate) fn fine((x, y): Point) -> (i32, i32) {
    ((x * FINE).round() as i32, (y * FINE).round() as i32)
}

/// The pieces of a line that a dash leaves; `dash` holds lengths of dashes and gaps in turn.
pub(crate) fn dashes(points: &[Point], dash: &[f64]) -> Vec<Vec<Point>> {
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
