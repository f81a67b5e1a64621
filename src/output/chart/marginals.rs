//! What was known of each value before, and what is known after: a histogram of each.

use crate::experiment::calibration::{Calibration, column};
use crate::output::chart::drawing::{Drawing, Letters, Point};
use crate::output::chart::frame::{Panel, Scale};
use crate::output::chart::scales::{range, short, ticks};
use crate::output::chart::style::{BLUE, Dash, INK, LABEL, MUTED, Stroke};
use crate::output::words;
use crate::scenario::schema::QuantityUnit;
use crate::scenario::vary::parameters::Parameter;

const BINS: usize = 30;
const ACROSS: usize = 3;
/// Height of a row of panels (px).
const ROW: f64 = 190.0;

/// Draws it.
pub(crate) fn draw(found: &Calibration, subtitle: &str) -> Drawing {
    let count = found.parameters.len();
    let identified = found.known.iter().filter(|it| it.is_identified()).count();
    let title = format!("The facts identify {identified} of {count} unknown values");
    let head = Drawing::head(&title) + 40.0;
    let height = head + ROW * count.div_ceil(ACROSS) as f64 + 10.0;
    let mut drawing = Drawing::new(height, &title, subtitle);
    let keys = [
        ("prior", Stroke::new(MUTED, 1.75).dashed(Dash::Short)),
        ("posterior", Stroke::new(BLUE, 2.0)),
    ];
    for (place, (name, stroke)) in keys.into_iter().enumerate() {
        drawing.key((28.0 + 100.0 * place as f64, head - 24.0), name, stroke);
    }
    for place in 0..count {
        let (row, across) = (place / ACROSS, place % ACROSS);
        let left = 30.0 + across as f64 * 290.0;
        let top = head + row as f64 * ROW;
        panel(&mut drawing, found, place, (left, top));
    }
    drawing
}

fn panel(drawing: &mut Drawing, found: &Calibration, place: usize, (left, top): Point) {
    let parameter = &found.parameters[place];
    let (from, to) = range(found, place);
    let shares = |rows: &[Vec<f64>]| histogram(&column(rows, place), (from, to));
    let (prior, posterior) = (shares(&found.prior_rows), shares(&found.rows));
    let highest = prior
        .iter()
        .chain(&posterior)
        .fold(0.0, |most: f64, it| most.max(*it));
    let panel = Panel {
        x: Scale {
            from,
            to,
            begins: left,
            ends: left + 250.0,
        },
        y: Scale::up_to(highest.max(1e-9), top + ROW - 52.0, top + 26.0),
    };
    panel.columns(drawing, &ticks(parameter, (from, to), 5), "");
    let known = &found.known[place];
    let [low, median, high] = known.posterior.map(|it| brief(parameter, it));
    let name = short(parameter, 38);
    drawing.text((left, top + 4.0), &name, Letters::new(INK, LABEL));
    let said = match known.is_identified() {
        true => format!("{median} (90% between {low} and {high})"),
        false => "not identified".to_owned(),
    };
    drawing.text((left, top + 19.0), &said, Letters::new(MUTED, LABEL));
    let after = outline(&panel, &posterior);
    panel.fill(drawing, &after, (BLUE, 0.25));
    drawing.line(after, Stroke::new(BLUE, 1.75));
    let before = outline(&panel, &prior);
    drawing.line(before, Stroke::new(MUTED, 1.5).dashed(Dash::Short));
    drawing.describe(&format!("{name}: {said}"));
}

/// A value to three digits, a duration to the second or the minute, or an instant.
pub(crate) fn brief(parameter: &Parameter, value: f64) -> String {
    in_unit(&parameter.unit, parameter.whole, value)
}

fn in_unit(unit: &QuantityUnit, whole: bool, value: f64) -> String {
    match unit {
        QuantityUnit::Duration => words::brief(value, "s"),
        QuantityUnit::Offset => format!("+{}", words::brief(value, "s")),
        QuantityUnit::Instant => unit.written(value),
        _ if whole => unit.written(value),
        _ => {
            let rounded = format!("{value:.2e}").parse().unwrap_or(value);
            unit.written(rounded)
        }
    }
}

/// Share of values in each bin.
fn histogram(values: &[f64], (from, to): (f64, f64)) -> Vec<f64> {
    let mut shares = vec![0.0; BINS];
    for value in values {
        let bin = (value - from) / (to - from) * BINS as f64;
        shares[(bin.max(0.0) as usize).min(BINS - 1)] += 1.0 / values.len() as f64;
    }
    shares
}

/// The corners of a histogram.
fn outline(panel: &Panel, shares: &[f64]) -> Vec<Point> {
    let (from, to) = (panel.x.from, panel.x.to);
    let edge = |bin: usize| from + (to - from) * bin as f64 / BINS as f64;
    let corners = shares.iter().enumerate();
    let corners = corners
        .flat_map(|(bin, share)| [panel.at(edge(bin), *share), panel.at(edge(bin + 1), *share)]);
    corners.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_shown_to_the_second() {
        let text = in_unit(&QuantityUnit::Instant, false, 1_770_056_885.4);
        assert_eq!(text, "2026-02-02T18:28:05Z");
        assert_eq!(in_unit(&QuantityUnit::Number, false, 12.345), "12.3");
        assert_eq!(in_unit(&QuantityUnit::Offset, false, 5_025.0), "+1h24m");
    }
}
