//! Every pair of unknown values: the rows of the sample as dots, and the correlation opposite.

use crate::experiment::calibration::Calibration;
use crate::output::chart::drawing::{Anchor, Drawing, Letters, Point, WIDTH};
use crate::output::chart::frame::Scale;
use crate::output::chart::scales::{range, short, ticks};
use crate::output::chart::style::{AXIS, BLUE, GRID, INK, LABEL, MUTED, Stroke, TICK, VERMILLION};

/// The most dots of a field.
const DOTS_MAX: usize = 600;
/// The most values that are shown: those on which the facts say most.
const VALUES_MAX: usize = 7;

/// Draws it.
pub(crate) fn draw(found: &Calibration, subtitle: &str) -> Drawing {
    let mut shown: Vec<usize> = (0..found.parameters.len()).collect();
    if VALUES_MAX < shown.len() {
        let contraction = |place: &usize| found.known[*place].contraction;
        shown.sort_by(|one, other| contraction(other).total_cmp(&contraction(one)));
        shown.truncate(VALUES_MAX);
        shown.sort_unstable();
    }
    let title = title(found);
    let head = Drawing::head(&title) + 12.0;
    let side = (WIDTH - 110.0 - 24.0) / shown.len() as f64;
    let tall = side.min(200.0);
    let height = head + tall * shown.len() as f64 + 44.0;
    let mut drawing = Drawing::new(height, &title, subtitle);
    for (row, of_row) in shown.iter().enumerate() {
        for (across, of_column) in shown.iter().enumerate() {
            let corner = (96.0 + side * across as f64, head + tall * row as f64);
            let field = Field {
                corner,
                size: (side - 12.0, tall - 12.0),
                found,
            };
            match row.cmp(&across) {
                std::cmp::Ordering::Greater => field.dots(&mut drawing, (*of_column, *of_row)),
                std::cmp::Ordering::Equal => field.name(&mut drawing, *of_row),
                std::cmp::Ordering::Less => field.correlation(&mut drawing, (*of_row, *of_column)),
            }
            let last = row + 1 == shown.len();
            field.marks(
                &mut drawing,
                (*of_column, *of_row),
                (last, across == 0 && 0 < row),
            );
        }
    }
    drawing
}

fn title(found: &Calibration) -> String {
    match found.correlations.first() {
        Some((one, other, correlation)) if 0.5 < correlation.abs() => format!(
            "{} and {} go together: correlation {correlation:.2}",
            short(&found.parameters[*one], 40),
            short(&found.parameters[*other], 40),
        ),
        _ => "No two values are strongly correlated".to_owned(),
    }
}

/// One field of the matrix.
struct Field<'a> {
    corner: Point,
    size: Point,
    found: &'a Calibration,
}

impl Field<'_> {
    fn scales(&self, (x, y): (usize, usize)) -> (Scale, Scale) {
        let ((left, top), (wide, tall)) = (self.corner, self.size);
        let scale = |place: usize, begins: f64, ends: f64| {
            let (from, to) = range(self.found, place);
            Scale {
                from,
                to,
                begins,
                ends,
            }
        };
        (
            scale(x, left + 4.0, left + wide - 4.0),
            scale(y, top + tall - 4.0, top + 4.0),
        )
    }

    fn border(&self, drawing: &mut Drawing) {
        let ((left, top), (wide, tall)) = (self.corner, self.size);
        let (right, bottom) = (left + wide, top + tall);
        let corners = [
            (left, top),
            (right, top),
            (right, bottom),
            (left, bottom),
            (left, top),
        ];
        drawing.line(corners.to_vec(), Stroke::new(GRID, 1.0));
    }

    fn dots(&self, drawing: &mut Drawing, places: (usize, usize)) {
        self.border(drawing);
        let (x, y) = self.scales(places);
        let rows = &self.found.rows;
        let every = rows.len().div_ceil(DOTS_MAX).max(1);
        for row in rows.iter().step_by(every) {
            drawing.dot(
                (x.clamped(row[places.0]), y.clamped(row[places.1])),
                1.5,
                BLUE,
            );
        }
    }

    fn name(&self, drawing: &mut Drawing, place: usize) {
        self.border(drawing);
        let ((left, top), (wide, tall)) = (self.corner, self.size);
        let path = short(&self.found.parameters[place], 60);
        let mut lines = vec![String::new()];
        for part in path.split_inclusive(['.', '/']) {
            let last = lines.len() - 1;
            if !lines[last].is_empty() && wide < 6.6 * (lines[last].len() + part.len()) as f64 {
                lines.push(String::new());
            }
            let last = lines.len() - 1;
            lines[last] += part;
        }
        let middle = (
            left + wide / 2.0,
            top + tall / 2.0 - 7.0 * lines.len() as f64 + 11.0,
        );
        for (line, text) in lines.iter().enumerate() {
            let letters = Letters::new(INK, LABEL).anchored(Anchor::Middle);
            drawing.text((middle.0, middle.1 + 14.0 * line as f64), text, letters);
        }
    }

    fn correlation(&self, drawing: &mut Drawing, (one, other): (usize, usize)) {
        let mut pairs = self.found.correlations.iter();
        let pair = pairs.find(|(a, b, _)| (*a, *b) == (one, other));
        let correlation = pair.map_or(0.0, |(.., it)| *it);
        let ((left, top), (wide, tall)) = (self.corner, self.size);
        let strong = 0.5 < correlation.abs();
        let colour = if strong { VERMILLION } else { MUTED };
        let letters = Letters::new(colour, 12.0 + 10.0 * correlation.abs());
        let text = format!("{correlation:.2}").replace('-', "−");
        let middle = (left + wide / 2.0, top + tall / 2.0 + 5.0);
        drawing.text(middle, &text, letters.anchored(Anchor::Middle));
    }

    /// Marks below the last row and left of the first column.
    fn marks(&self, drawing: &mut Drawing, (x, y): (usize, usize), (below, left): (bool, bool)) {
        let (along, up) = self.scales((x, y));
        let ((from, top), (_, tall)) = (self.corner, self.size);
        if below {
            let most = (self.size.0 / 45.0) as usize;
            for tick in ticks(&self.found.parameters[x], range(self.found, x), most.max(2)) {
                let at = along.at(tick.at);
                drawing.line(vec![(at, top + tall), (at, top + tall + 4.0)], AXIS);
                let letters = Letters::new(MUTED, TICK).anchored(Anchor::Middle);
                drawing.text((at, top + tall + 17.0), &tick.label, letters);
            }
        }
        if left {
            for tick in ticks(&self.found.parameters[y], range(self.found, y), 4) {
                let at = up.at(tick.at);
                drawing.line(vec![(from - 4.0, at), (from, at)], AXIS);
                let letters = Letters::new(MUTED, TICK).anchored(Anchor::End);
                drawing.text((from - 7.0, at + 4.0), &tick.label, letters);
            }
        }
    }
}
