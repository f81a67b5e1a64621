//! Axes: from values to places on a drawing, with marks, units and directions.

use crate::output::chart::clock::TimeAxis;
use crate::output::chart::drawing::{Anchor, Drawing, Letters, Point, WIDTH};
use crate::output::chart::labels;
use crate::output::chart::style::{
    AXIS, Colour, INK, LABEL, MUTED, OUTAGE, RULE, Stroke, TICK, VERMILLION,
};
use crate::output::chart::text;
use crate::output::chart::ticks::Tick;

/// From values to places along one direction.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Scale {
    pub from: f64,
    pub to: f64,
    /// Where `from` and `to` stand (px).
    pub begins: f64,
    pub ends: f64,
}

impl Scale {
    /// From 0 up to a value.
    pub fn up_to(to: f64, begins: f64, ends: f64) -> Self {
        Self {
            from: 0.0,
            to,
            begins,
            ends,
        }
    }

    /// Where a value stands; beyond the ends where it lies beyond them.
    pub fn at(&self, value: f64) -> f64 {
        let share = (value - self.from) / (self.to - self.from);
        self.begins + share * (self.ends - self.begins)
    }

    /// Where a value stands, or the end it lies beyond.
    pub fn clamped(&self, value: f64) -> f64 {
        self.at(value.clamp(self.from.min(self.to), self.from.max(self.to)))
    }
}

/// The field that data are drawn on; `y` begins at the bottom.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Panel {
    pub x: Scale,
    pub y: Scale,
}

impl Panel {
    /// Where a pair of values stands, within the field.
    pub fn at(&self, x: f64, y: f64) -> Point {
        (self.x.clamped(x), self.y.clamped(y))
    }

    pub fn left(&self) -> f64 {
        self.x.begins
    }

    pub fn right(&self) -> f64 {
        self.x.ends
    }

    pub fn top(&self) -> f64 {
        self.y.ends
    }

    pub fn bottom(&self) -> f64 {
        self.y.begins
    }

    /// Rules the field at values of `y`, and says what they are of.
    pub fn rows(&self, drawing: &mut Drawing, ticks: &[Tick], title: &str) {
        let letters = Letters::new(MUTED, TICK).anchored(Anchor::End);
        for tick in ticks {
            let y = self.y.at(tick.at);
            drawing.line(vec![(self.left(), y), (self.right(), y)], RULE);
            drawing.text((self.left() - 7.0, y + 4.0), &tick.label, letters);
        }
        let widest = ticks.iter().map(|tick| text::width(&tick.label, TICK));
        let indent = widest.fold(0.0, f64::max) + 7.0;
        let at = ((self.left() - indent).max(24.0), self.top() - 11.0);
        drawing.text(at, title, Letters::new(INK, LABEL));
    }

    /// The line at the bottom, marked at values of `x`, and what they are of.
    pub fn columns(&self, drawing: &mut Drawing, ticks: &[Tick], title: &str) {
        let letters = Letters::new(MUTED, TICK).anchored(Anchor::Middle);
        let bottom = self.bottom();
        drawing.rule((self.left(), bottom), (self.right(), bottom));
        for tick in ticks {
            let x = self.x.at(tick.at);
            drawing.rule((x, bottom), (x, bottom + 5.0));
            drawing.text((x, bottom + 18.0), &tick.label, letters);
        }
        let letters = Letters::new(INK, LABEL).anchored(Anchor::End);
        drawing.text((self.right(), bottom + 37.0), title, letters);
    }

    /// The line at the bottom with clock times: UTC, and below it where the pool is.
    pub fn clock(&self, drawing: &mut Drawing, axis: &TimeAxis) {
        let bottom = self.bottom();
        drawing.rule((self.left(), bottom), (self.right(), bottom));
        let beside = self.right() + 24.0;
        let row = |name: &str, below: f64, drawing: &mut Drawing| {
            let name = text::fitted(name, TICK, WIDTH - beside - 8.0);
            drawing.text((beside, bottom + below), &name, Letters::new(MUTED, TICK));
        };
        row("UTC", 18.0, drawing);
        if let Some(place) = &axis.place {
            row(place, 34.0, drawing);
        }
        for tick in &axis.ticks {
            let x = self.x.at(tick.at_s);
            drawing.line(vec![(x, bottom), (x, bottom + 5.0)], AXIS);
            self.clock_label(drawing, (x, bottom + 18.0), &tick.utc);
            if axis.place.is_some() {
                self.clock_label(drawing, (x, bottom + 34.0), &tick.local);
            }
        }
    }

    /// Centred, save a long one that would reach beyond the field.
    fn clock_label(&self, drawing: &mut Drawing, (x, y): Point, label: &str) {
        // A new date stands out among clock times.
        let colour = if label.contains(' ') { INK } else { MUTED };
        let letters = Letters::new(colour, TICK);
        let half = text::width(label, TICK) / 2.0;
        let x = x.clamp(self.left() - 18.0 + half, self.right() + 18.0 - half);
        drawing.text((x, y), label, letters.anchored(Anchor::Middle));
    }

    /// Tints what lies between a line and the bottom of the field.
    pub fn fill(&self, drawing: &mut Drawing, line: &[Point], (colour, opacity): (Colour, f64)) {
        let (Some(first), Some(last)) = (line.first(), line.last()) else {
            return;
        };
        let mut area = line.to_vec();
        area.extend([(last.0, self.bottom()), (first.0, self.bottom())]);
        drawing.area(area, colour, opacity);
    }

    /// Tints the field where an outage is in force.
    pub fn outage(&self, drawing: &mut Drawing, window: Window) {
        let (from, until) = (
            self.x.clamped(window.from_s),
            self.x.clamped(window.until_s),
        );
        if from < until {
            // However short, it is seen.
            let corner = (until.max(from + 1.0), self.bottom());
            drawing.cell((from, self.top()), corner, VERMILLION, OUTAGE);
        }
    }
}

/// Names lines beside the right end of the field: each at the height of its end, moved apart.
pub(crate) fn name_ends(drawing: &mut Drawing, panel: &Panel, ends: &[(f64, &str, Stroke)]) {
    let wanted: Vec<f64> = ends
        .iter()
        .map(|(value, ..)| panel.y.clamped(*value) + 4.0)
        .collect();
    let places = labels::spread(&wanted, 17.0, panel.top() + 4.0, panel.bottom() - 4.0);
    for (y, (_, name, stroke)) in places.into_iter().zip(ends) {
        drawing.key((panel.right() + 8.0, y), name, *stroke);
    }
}

/// A stretch of time (s after the start).
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Window {
    pub from_s: f64,
    pub until_s: f64,
}

/// The corners of a step line: each value holds until the next, the last until `end`.
pub(crate) fn steps(values: &[(f64, f64)], end: f64) -> Vec<(f64, f64)> {
    let mut corners: Vec<(f64, f64)> = Vec::with_capacity(2 * values.len() + 1);
    for (at, value) in values {
        if let Some((_, last)) = corners.last().copied() {
            corners.push((*at, last));
        }
        corners.push((*at, *value));
    }
    if let Some((_, last)) = corners.last().copied() {
        corners.push((end, last));
    }
    corners
}

/// Steps without those that one would not see: within each of `columns` columns of time only the first,
/// the lowest, the highest and the last remain.
pub(crate) fn thinned(values: &[(f64, f64)], end: f64, columns: usize) -> Vec<(f64, f64)> {
    if values.len() <= 2 * columns {
        return values.to_vec();
    }
    let column = |at: f64| (at / end * columns as f64) as i64;
    let mut kept = Vec::new();
    for group in values.chunk_by(|one, other| column(one.0) == column(other.0)) {
        let places = 0..group.len();
        let by = |one: &usize, other: &usize| group[*one].1.total_cmp(&group[*other].1);
        let (lowest, highest) = (places.clone().min_by(by), places.max_by(by));
        let mut found = vec![0, group.len() - 1];
        found.extend(lowest.into_iter().chain(highest));
        found.sort_unstable();
        found.dedup();
        kept.extend(found.into_iter().map(|place| group[place]));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_holds_until_the_next() {
        let corners = steps(&[(0.0, 3.0), (2.0, 1.0)], 5.0);
        assert_eq!(corners, [(0.0, 3.0), (2.0, 3.0), (2.0, 1.0), (5.0, 1.0)]);
        assert_eq!(steps(&[], 5.0), []);
    }

    #[test]
    fn thinning_keeps_the_extremes() {
        let values: Vec<(f64, f64)> = (0..10_000)
            .map(|place| {
                (
                    f64::from(place),
                    if place == 5_432 {
                        -1.0
                    } else {
                        f64::from(place % 7)
                    },
                )
            })
            .collect();
        let kept = thinned(&values, 10_000.0, 100);
        assert!(kept.len() <= 400 && kept.contains(&(5_432.0, -1.0)));
        assert_eq!(kept.last(), values.last());
    }
}
