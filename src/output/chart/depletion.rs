//! An estimate with its interval against a value that was swept, or by category.

use crate::output::chart::drawing::{Anchor, Drawing, End, HEIGHT, Letters, Point};
use crate::output::chart::frame::{Panel, Scale};
use crate::output::chart::style::{BLUE, INK, LABEL, MUTED, PAPER, Stroke, TICK};
use crate::output::chart::text;
use crate::output::chart::ticks::{self, Tick};
use crate::output::words;
use crate::stats::Estimate;

/// What is drawn.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Swept {
    pub title: String,
    pub subtitle: String,
    /// What was swept, with its unit.
    pub axis: String,
    /// What is estimated, with what it is counted from.
    pub measure: String,
    /// Unit of the measure, as in the tables.
    pub unit: String,
    pub values: Values,
    /// One for each value. One without a point lies beyond the scenario; an end that is absent is not
    /// bounded by the sample.
    pub estimates: Vec<Estimate>,
}

/// The values that were swept.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Values {
    /// Numbers in ascending order, in a unit as in the tables.
    Numbers {
        unit: String,
        at: Vec<f64>,
    },
    Categories(Vec<String>),
}

impl Values {
    fn len(&self) -> usize {
        match self {
            Self::Numbers { at, .. } => at.len(),
            Self::Categories(names) => names.len(),
        }
    }

    /// Where each stands on the axis.
    fn at(&self, place: usize) -> f64 {
        match self {
            Self::Numbers { at, .. } => at[place],
            Self::Categories(_) => place as f64,
        }
    }

    /// How each is called.
    fn name(&self, place: usize) -> String {
        match self {
            Self::Numbers { unit, at } => words::brief(at[place], unit),
            Self::Categories(names) => names[place].clone(),
        }
    }

    /// The same in a sentence, where a number needs its unit.
    fn spelt(&self, place: usize) -> String {
        let name = self.name(place);
        match self {
            Self::Numbers { unit, .. } if unit != "s" && unit != "share" => {
                format!("{name} {unit}").trim_end().to_owned()
            }
            _ => name,
        }
    }
}

/// The finding in one line: from the first value to the last.
pub(crate) fn title(what: &str, data: &Swept) -> String {
    let phrase = |place: usize| {
        let point = data.estimates[place].point;
        let point = point.map(|point| words::brief(point, &data.unit));
        point.unwrap_or_else(|| "not within the scenario".to_owned())
    };
    match data.values.len() {
        0 => what.to_owned(),
        1 => format!("{what}: {}", phrase(0)),
        many if (1..many).all(|place| phrase(place) == phrase(0)) => {
            format!("{what}: {} at every value", phrase(0))
        }
        many => {
            let (first, last) = (data.values.spelt(0), data.values.spelt(many - 1));
            format!(
                "{what}: {} at {first}, {} at {last}",
                phrase(0),
                phrase(many - 1)
            )
        }
    }
}

/// Draws it.
///
/// # Panics
/// If there is not one estimate for each value.
pub(crate) fn draw(data: &Swept) -> Drawing {
    let (many, estimates) = (data.values.len(), data.estimates.len());
    assert_eq!(many, estimates, "an estimate for each value");
    let mut drawing = Drawing::new(HEIGHT, &data.title, &data.subtitle);
    let panel = panel(data);
    let rows = ticks::of_unit(&data.unit, panel.y.from, panel.y.to, 7);
    panel.rows(&mut drawing, &rows, &data.measure);
    panel.columns(&mut drawing, &columns(data, &panel), &data.axis);
    draw_line(&mut drawing, &panel, data);
    for (place, estimate) in data.estimates.iter().enumerate() {
        draw_estimate(&mut drawing, &panel, data.values.at(place), *estimate);
    }
    if data
        .estimates
        .iter()
        .any(|estimate| estimate.point.is_none())
    {
        let (phrase, y) = ("not within the scenario", panel.top() - 24.0);
        let letters = Letters::new(MUTED, LABEL).anchored(Anchor::End);
        drawing.text((panel.right(), y), phrase, letters);
        beyond(
            &mut drawing,
            (panel.right() - text::width(phrase, LABEL) - 12.0, y - 4.0),
        );
    }
    drawing.describe(&spoken(data));
    drawing
}

fn panel(data: &Swept) -> Panel {
    let known = data
        .estimates
        .iter()
        .flat_map(|it| [it.point, it.low, it.high]);
    let known: Vec<f64> = known.flatten().collect();
    let most = known.iter().copied().fold(0.0, f64::max);
    let least = known.iter().copied().fold(0.0, f64::min);
    let to = ticks::above(&data.unit, most.max(least.abs() / 8.0));
    let from = if least < 0.0 {
        -ticks::above(&data.unit, -least)
    } else {
        0.0
    };
    let (first, last) = match data.values.len() {
        0 => (0.0, 1.0),
        many => (data.values.at(0), data.values.at(many - 1)),
    };
    let apart = match &data.values {
        Values::Categories(_) => 0.5,
        Values::Numbers { .. } => ((last - first) * 0.04).max(if first < last { 0.0 } else { 0.5 }),
    };
    Panel {
        x: Scale {
            from: first - apart,
            to: last + apart,
            begins: 78.0,
            ends: 872.0,
        },
        y: Scale {
            from,
            to,
            begins: HEIGHT - 62.0,
            // Room for the arrows of what lies beyond.
            ends: Drawing::head(&data.title) + 48.0,
        },
    }
}

/// Marks at the values themselves where there is room, at round numbers where there is none.
fn columns(data: &Swept, panel: &Panel) -> Vec<Tick> {
    let many = data.values.len();
    let room = (panel.right() - panel.left()) / many.max(1) as f64 - 8.0;
    let tick = |place: usize| {
        let label = data.values.name(place);
        let at = data.values.at(place);
        Tick { at, label }
    };
    let own: Vec<Tick> = (0..many).map(tick).collect();
    let places: Vec<f64> = own.iter().map(|tick| panel.x.at(tick.at)).collect();
    let fits = own.windows(2).zip(places.windows(2)).all(|(ticks, at)| {
        let halves: f64 = ticks
            .iter()
            .map(|it| text::width(&it.label, TICK) / 2.0)
            .sum();
        halves + 8.0 <= at[1] - at[0]
    });
    match &data.values {
        Values::Numbers { unit, .. } if !fits => ticks::of_unit(unit, panel.x.from, panel.x.to, 9),
        Values::Numbers { .. } => own,
        Values::Categories(_) => {
            let shortened = own.into_iter().map(|tick| Tick {
                label: text::fitted(&tick.label, TICK, room),
                ..tick
            });
            shortened.collect()
        }
    }
}

/// Joins neighbours that have a point each; categories have no neighbours.
fn draw_line(drawing: &mut Drawing, panel: &Panel, data: &Swept) {
    let Values::Numbers { at, .. } = &data.values else {
        return;
    };
    let points: Vec<Option<Point>> = at
        .iter()
        .zip(&data.estimates)
        .map(|(at, estimate)| Some(panel.at(*at, estimate.point?)))
        .collect();
    for piece in points.split(Option::is_none) {
        let piece: Vec<Point> = piece.iter().copied().flatten().collect();
        if 1 < piece.len() {
            drawing.line(piece, Stroke::new(BLUE, 2.0));
        }
    }
}

/// A dot with its whisker, or an open arrow at the top edge.
fn draw_estimate(drawing: &mut Drawing, panel: &Panel, at: f64, estimate: Estimate) {
    let x = panel.x.at(at);
    let above = panel.top() - 8.0;
    let high = match estimate.high {
        Some(high) => ((x, panel.y.at(high)), End::Known),
        None => ((x, above + 8.0), End::Open),
    };
    let low = match estimate.low {
        Some(low) => ((x, panel.y.at(low)), End::Known),
        None => ((x, panel.bottom()), End::Open),
    };
    match estimate.point {
        Some(point) => {
            // Neither end is known where nothing is said of the uncertainty.
            if estimate.low.is_some() || estimate.high.is_some() {
                drawing.whisker([high, low], BLUE);
            }
            drawing.dot((x, panel.y.at(point)), 4.0, BLUE);
        }
        None => {
            if estimate.low.is_some() {
                drawing.whisker([((x, above + 8.0), End::Open), low], BLUE);
            }
            beyond(drawing, (x, above));
        }
    }
}

/// An open arrowhead upwards.
fn beyond(drawing: &mut Drawing, (x, y): Point) {
    let corners = |half: f64, below: f64, above: f64| {
        vec![(x - half, y + below), (x, y - above), (x + half, y + below)]
    };
    drawing.area(corners(6.0, 4.5, 6.0), INK, 1.0);
    drawing.area(corners(3.25, 3.0, 2.75), PAPER, 1.0);
}

fn spoken(data: &Swept) -> String {
    let end =
        |end: Option<f64>| end.map_or("unbounded".to_owned(), |it| words::brief(it, &data.unit));
    let phrase = data.estimates.iter().enumerate().map(|(place, estimate)| {
        let name = data.values.name(place);
        match estimate.point {
            Some(point) => {
                let point = words::brief(point, &data.unit);
                format!(
                    "{name}: {point} [{}, {}]",
                    end(estimate.low),
                    end(estimate.high)
                )
            }
            None => format!("{name}: not within the scenario"),
        }
    });
    format!(
        "{} by {}. {}",
        data.measure,
        data.axis,
        phrase.collect::<Vec<_>>().join("; ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(points: &[Option<f64>], expected: &str) {
        let estimates = points.iter().map(|point| Estimate {
            point: *point,
            ..Estimate::default()
        });
        let swept = Swept {
            title: String::new(),
            subtitle: String::new(),
            axis: String::new(),
            measure: String::new(),
            unit: "s".to_owned(),
            values: Values::Categories((0..points.len()).map(|it| format!("v{it}")).collect()),
            estimates: estimates.collect(),
        };
        assert_eq!(title("failure", &swept), expected);
    }

    #[test]
    fn titles_hold_where_values_are_alike_or_missing() {
        check(&[], "failure");
        check(&[Some(60.0)], "failure: 1m");
        check(&[Some(60.0), Some(60.0)], "failure: 1m at every value");
        check(
            &[None, None],
            "failure: not within the scenario at every value",
        );
        check(
            &[Some(60.0), None],
            "failure: 1m at v0, not within the scenario at v1",
        );
    }
}
