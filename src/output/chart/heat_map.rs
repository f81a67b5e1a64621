//! A value over a grid of two swept values, with the line where it crosses a threshold.

use crate::output::chart::drawing::{Anchor, Drawing, Letters, Point};
use crate::output::chart::style::{
    GRID, INK, LABEL, MUTED, PAPER, RULE, Stroke, TICK, legible_on, viridis,
};
use crate::output::chart::{text, ticks};
use crate::output::words;

/// What is drawn.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct HeatMap {
    pub title: String,
    pub subtitle: String,
    /// What was swept, with its unit, and the values as text.
    pub across: (String, Vec<String>),
    pub upwards: (String, Vec<String>),
    /// What the colours are of, and its unit, as in the tables.
    pub measure: String,
    pub unit: String,
    /// Row by row from the bottom, each from the left; absent where there is no value.
    pub values: Vec<Option<f64>>,
    pub threshold: Option<Threshold>,
}

/// A value that divides the grid.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Threshold {
    pub value: f64,
    /// What the line is, in words.
    pub label: String,
}

/// The finding in one line: how much of the grid meets the threshold, where there is one.
pub(crate) fn title(data: &HeatMap) -> String {
    let known: Vec<f64> = data.values.iter().copied().flatten().collect();
    let phrase = |value: f64| words::brief(value, &data.unit);
    match &data.threshold {
        Some(threshold) => {
            let met = known
                .iter()
                .filter(|value| threshold.value <= **value)
                .count();
            let (many, value) = (known.len(), phrase(threshold.value));
            // Cells without a value are on neither side.
            let cells = match (met, many) {
                (0, _) => "no cell reaches".to_owned(),
                (met, many) if met == many => "every cell reaches".to_owned(),
                (1, many) => format!("1 of {many} cells reaches"),
                (met, many) => format!("{met} of {many} cells reach"),
            };
            format!("{}: {cells} {value}", data.measure)
        }
        None if known.is_empty() => data.measure.clone(),
        None => {
            let (low, high) = range(&known);
            match phrase(low) == phrase(high) {
                true => format!("{}: {} in every cell", data.measure, phrase(low)),
                false => format!("{}: from {} to {}", data.measure, phrase(low), phrase(high)),
            }
        }
    }
}

fn range(known: &[f64]) -> (f64, f64) {
    let low = known.iter().copied().fold(f64::INFINITY, f64::min);
    let high = known.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (low, high)
}

/// The grid on the paper.
struct Grid {
    left: f64,
    bottom: f64,
    /// Width and height of a cell.
    cell: Point,
    columns: usize,
    rows: usize,
    /// Values of the darkest and the lightest colour.
    low: f64,
    high: f64,
}

impl Grid {
    fn corner(&self, column: usize, row: usize) -> Point {
        let (width, height) = self.cell;
        (
            self.left + width * column as f64,
            self.bottom - height * row as f64,
        )
    }

    fn share(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }
}

const HEIGHT: f64 = 560.0;
const BAR: f64 = 16.0;

/// Draws it.
///
/// # Panics
/// If there is not one value for each cell.
pub(crate) fn draw(data: &HeatMap) -> Drawing {
    let mut drawing = Drawing::new(HEIGHT, &data.title, &data.subtitle);
    let grid = grid(data);
    let cells = grid.columns * grid.rows;
    assert_eq!(cells, data.values.len(), "a value for each cell");
    draw_cells(&mut drawing, &grid, data);
    if let Some(threshold) = &data.threshold {
        draw_contour(&mut drawing, &grid, data, threshold.value);
    }
    draw_axes(&mut drawing, &grid, data);
    draw_bar(&mut drawing, &grid, data);
    drawing.describe(&spoken(data));
    drawing
}

fn grid(data: &HeatMap) -> Grid {
    let ((_, across), (_, upwards)) = (&data.across, &data.upwards);
    let widest = upwards
        .iter()
        .map(|name| text::width(name, TICK))
        .fold(20.0, f64::max);
    let left = 24.0 + widest.min(160.0) + 10.0;
    let (top, bottom) = (Drawing::head(&data.title) + 28.0, HEIGHT - 62.0);
    let (columns, rows) = (across.len(), upwards.len());
    let width = (WIDEST - left) / columns.max(1) as f64;
    let height = (bottom - top) / rows.max(1) as f64;
    let known: Vec<f64> = data.values.iter().copied().flatten().collect();
    let (low, high) = match range(&known) {
        (low, high) if low < high => (low, high),
        // One value has a colour too.
        (low, _) if low.is_finite() => (low - 0.5, low + 0.5),
        _ => (0.0, 1.0),
    };
    Grid {
        left,
        bottom,
        cell: (width, height),
        columns,
        rows,
        low,
        high,
    }
}

/// Where the grid ends on the right, with room for the bar of colours.
const WIDEST: f64 = 760.0;

fn draw_cells(drawing: &mut Drawing, grid: &Grid, data: &HeatMap) {
    let phrase = |value: f64| words::brief(value, &data.unit);
    let widths = data
        .values
        .iter()
        .flatten()
        .map(|value| text::width(&phrase(*value), TICK));
    let fits = widths.fold(0.0, f64::max) + 6.0 <= grid.cell.0 && 15.0 <= grid.cell.1;
    for (place, value) in data.values.iter().enumerate() {
        let (column, row) = (place % grid.columns, place / grid.columns);
        let (left, bottom) = grid.corner(column, row);
        let (right, top) = grid.corner(column + 1, row + 1);
        let middle = ((left + right) / 2.0, (top + bottom) / 2.0 + 4.0);
        let letters = |colour| Letters::new(colour, TICK).anchored(Anchor::Middle);
        match value {
            Some(value) => {
                let colour = viridis(grid.share(*value));
                drawing.cell((left, top), (right, bottom), colour, 1.0);
                if fits {
                    drawing.text(middle, &phrase(*value), letters(legible_on(colour)));
                }
            }
            None => {
                drawing.cell((left, top), (right, bottom), GRID, 0.45);
                drawing.text(middle, words::NONE, letters(MUTED));
            }
        }
    }
}

/// A line along the edges between cells on either side of the threshold.
fn draw_contour(drawing: &mut Drawing, grid: &Grid, data: &HeatMap, threshold: f64) {
    let reached = |column: usize, row: usize| {
        let within = column < grid.columns && row < grid.rows;
        let value = within
            .then(|| data.values[row * grid.columns + column])
            .flatten();
        value.map(|value| threshold <= value)
    };
    let parted = |one: Option<bool>, other: Option<bool>| match (one, other) {
        (Some(one), Some(other)) => one != other,
        _ => false,
    };
    let mut edges = Vec::new();
    for row in 0..grid.rows {
        for column in 0..grid.columns {
            let here = reached(column, row);
            let corner = grid.corner(column + 1, row + 1);
            if parted(here, reached(column + 1, row)) {
                edges.push((grid.corner(column + 1, row), corner));
            }
            if parted(here, reached(column, row + 1)) {
                edges.push((grid.corner(column, row + 1), corner));
            }
        }
    }
    // Light below dark, so that the line is seen on every colour; ends reach over corners.
    for (colour, width) in [(PAPER, 6.0), (INK, 3.0)] {
        for ((x, y), (to_x, to_y)) in &edges {
            let over = if y == to_y {
                (width / 2.0, 0.0)
            } else {
                (0.0, -width / 2.0)
            };
            let ends = vec![(x - over.0, y - over.1), (to_x + over.0, to_y + over.1)];
            drawing.line(ends, Stroke::new(colour, width));
        }
    }
}

fn draw_axes(drawing: &mut Drawing, grid: &Grid, data: &HeatMap) {
    let ((across, columns), (upwards, rows)) = (&data.across, &data.upwards);
    let muted = Letters::new(MUTED, TICK);
    let widest = columns
        .iter()
        .map(|name| text::width(name, TICK))
        .fold(1.0, f64::max);
    // Where names do not fit side by side, every second, third … is written.
    let every = ((widest + 8.0) / grid.cell.0).ceil().max(1.0) as usize;
    for (column, name) in columns.iter().enumerate().step_by(every) {
        let x = grid.corner(column, 0).0 + grid.cell.0 / 2.0;
        drawing.text(
            (x, grid.bottom + 17.0),
            name,
            muted.anchored(Anchor::Middle),
        );
    }
    let every = (15.0 / grid.cell.1).ceil().max(1.0) as usize;
    for (row, name) in rows.iter().enumerate().step_by(every) {
        let y = grid.corner(0, row).1 - grid.cell.1 / 2.0 + 4.0;
        let name = text::fitted(name, TICK, 160.0);
        drawing.text((grid.left - 8.0, y), &name, muted.anchored(Anchor::End));
    }
    let letters = Letters::new(INK, LABEL);
    let end = grid.corner(grid.columns, 0).0;
    drawing.text(
        (end, grid.bottom + 38.0),
        across,
        letters.anchored(Anchor::End),
    );
    let top = grid.corner(0, grid.rows).1;
    drawing.text((24.0, top - 11.0), upwards, letters);
}

fn draw_bar(drawing: &mut Drawing, grid: &Grid, data: &HeatMap) {
    let (left, top) = (WIDEST + 24.0, grid.corner(0, grid.rows).1);
    let length = grid.bottom - top;
    let at = |value: f64| grid.bottom - length * grid.share(value);
    const PIECES: usize = 64;
    for piece in 0..PIECES {
        let from = grid.bottom - length * piece as f64 / PIECES as f64;
        let until = grid.bottom - length * (piece + 1) as f64 / PIECES as f64;
        let colour = viridis((piece as f64 + 0.5) / PIECES as f64);
        drawing.cell((left, until), (left + BAR, from), colour, 1.0);
    }
    let threshold = data
        .threshold
        .as_ref()
        .filter(|it| (grid.low..=grid.high).contains(&it.value));
    let muted = Letters::new(MUTED, TICK);
    for tick in ticks::of_unit(&data.unit, grid.low, grid.high, 6) {
        // The threshold's own label goes first.
        let taken = threshold.is_some_and(|it| (at(it.value) - at(tick.at)).abs() < 14.0);
        if !taken {
            let y = at(tick.at);
            drawing.line(
                vec![(left + BAR, y), (left + BAR + 4.0, y)],
                Stroke {
                    colour: MUTED,
                    ..RULE
                },
            );
            drawing.text((left + BAR + 8.0, y + 4.0), &tick.label, muted);
        }
    }
    if let Some(threshold) = threshold {
        let y = at(threshold.value);
        drawing.line(
            vec![(left - 4.0, y), (left + BAR + 4.0, y)],
            Stroke::new(PAPER, 5.0),
        );
        drawing.line(
            vec![(left - 4.0, y), (left + BAR + 4.0, y)],
            Stroke::new(INK, 2.5),
        );
        let label = words::brief(threshold.value, &data.unit);
        let ink = Letters::new(INK, TICK);
        drawing.text((left + BAR + 8.0, y + 4.0), &label, ink);
    }
    let end = Letters::new(INK, LABEL).anchored(Anchor::End);
    drawing.text(
        (876.0, top - 11.0),
        &text::fitted(&data.measure, LABEL, 420.0),
        end,
    );
    if let Some(threshold) = &data.threshold {
        let label = text::fitted(&threshold.label, LABEL, 420.0);
        let (x, y) = (grid.left, grid.bottom + 38.0);
        drawing.line(
            vec![(x, y - 4.0), (x + 22.0, y - 4.0)],
            Stroke::new(INK, 3.0),
        );
        drawing.text((x + 28.0, y), &label, Letters::new(INK, LABEL));
    }
}

fn spoken(data: &HeatMap) -> String {
    let ((across, columns), (upwards, rows)) = (&data.across, &data.upwards);
    let threshold = data.threshold.as_ref().map(|it| format!(". {}", it.label));
    format!(
        "{} over {across} ({} values, across) and {upwards} ({} values, upwards){}",
        data.measure,
        columns.len(),
        rows.len(),
        threshold.unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(values: &[Option<f64>], threshold: Option<f64>, expected: &str) {
        let map = HeatMap {
            title: String::new(),
            subtitle: String::new(),
            across: (String::new(), Vec::new()),
            upwards: (String::new(), Vec::new()),
            measure: "lasting".to_owned(),
            unit: "share".to_owned(),
            values: values.to_vec(),
            threshold: threshold.map(|value| Threshold {
                value,
                label: String::new(),
            }),
        };
        assert_eq!(title(&map), expected);
    }

    #[test]
    fn titles_hold_where_cells_are_alike_or_missing() {
        check(&[None, None], None, "lasting");
        check(
            &[Some(0.5), Some(0.5)],
            None,
            "lasting: 50.0% in every cell",
        );
        check(
            &[Some(0.25), None, Some(1.0)],
            None,
            "lasting: from 25.0% to 100.0%",
        );
        check(
            &[Some(0.25), Some(0.5)],
            Some(0.99),
            "lasting: no cell reaches 99.0%",
        );
        check(
            &[Some(1.0), Some(1.0)],
            Some(0.99),
            "lasting: every cell reaches 99.0%",
        );
        check(
            &[Some(1.0), Some(0.5)],
            Some(0.99),
            "lasting: 1 of 2 cells reaches 99.0%",
        );
        check(
            &[Some(1.0), Some(1.0), Some(0.5)],
            Some(0.99),
            "lasting: 2 of 3 cells reach 99.0%",
        );
    }
}
