//! The share of replications in which something has not happened yet, as it falls over time.

use crate::output::chart::drawing::{Anchor, Drawing, HEIGHT, Letters, Point};
use crate::output::chart::frame::{Panel, Scale, name_ends};
use crate::output::chart::readout::Readout;
use crate::output::chart::style::{BAND, CURVES, INK, LABEL, PUBLISHED, Stroke};
use crate::output::chart::ticks;
use crate::output::chart::{labels, text};
use crate::output::words;

/// What is drawn.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Survival {
    pub title: String,
    pub subtitle: String,
    /// What is counted from, such as `after the first failed provisioning`.
    pub since: String,
    /// What the share is of, such as `replications without a failed lease`.
    pub share_of: String,
    /// Where the axis begins and ends (s).
    pub from_s: f64,
    pub until_s: f64,
    /// Four at the most.
    pub curves: Vec<SurvivalCurve>,
}

/// One curve.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct SurvivalCurve {
    pub name: String,
    /// In the order of time; before the first nothing has happened.
    pub points: Vec<SurvivalPoint>,
    /// A figure that was published (s).
    pub published_s: Option<f64>,
}

/// From an instant on: the share, the ends of its pointwise 95% interval where there is one, and how many
/// replications were censored there.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct SurvivalPoint {
    pub at_s: f64,
    pub survival: f64,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub censored: usize,
}

/// The finding in one line: when half of the replications have seen it happen, counted from what is
/// named, or that none has.
pub(crate) fn title(what: &str, since: &str, curves: &[SurvivalCurve]) -> String {
    let mut points = curves.iter().flat_map(|curve| &curve.points);
    if points.all(|point| 1.0 <= point.survival) {
        return format!("{what}: none {since} in any replication");
    }
    let halves = curves.iter().map(|curve| {
        let half = curve.points.iter().find(|point| point.survival <= 0.5);
        match half {
            Some(point) => format!("{} {}", curve.name, words::brief(point.at_s, "s")),
            None => format!("{} not within the scenario", curve.name),
        }
    });
    let halves = halves.collect::<Vec<_>>().join(", ");
    format!("{what} {since}, median: {halves}")
}

/// Draws it.
///
/// # Panics
/// If there are more curves than can be distinguished.
pub(crate) fn draw(data: &Survival) -> Drawing {
    let many = data.curves.len();
    assert!(many <= CURVES.len(), "{many} curves cannot be phrase apart");
    let mut drawing = Drawing::new(HEIGHT, &data.title, &data.subtitle);
    let names = data
        .curves
        .iter()
        .map(|curve| text::width(&curve.name, LABEL));
    let beside = names.fold(40.0, f64::max).min(220.0);
    let panel = Panel {
        x: Scale {
            from: data.from_s,
            to: data.until_s,
            begins: 74.0,
            ends: 900.0 - 52.0 - beside,
        },
        y: Scale::up_to(1.0, HEIGHT - 58.0, Drawing::head(&data.title) + 64.0),
    };
    panel.rows(&mut drawing, &ticks::shares(0.0, 1.0, 5), "");
    // Above the labels, whose lines would cross it.
    let above = (34.0, Drawing::head(&data.title) + 18.0);
    drawing.text(above, &data.share_of, Letters::new(INK, LABEL));
    let times = ticks::durations(data.from_s, data.until_s, 9);
    panel.columns(&mut drawing, &times, &data.since);
    for (curve, stroke) in data.curves.iter().zip(CURVES) {
        draw_band(&mut drawing, &panel, curve, stroke);
    }
    mark_published(&mut drawing, &panel, data);
    let mut ends = Vec::new();
    for (curve, stroke) in data.curves.iter().zip(CURVES) {
        let last = draw_curve(&mut drawing, &panel, curve, stroke);
        ends.push((last, text::fitted(&curve.name, LABEL, beside), stroke));
    }
    let ends: Vec<_> = ends
        .iter()
        .map(|(at, name, stroke)| (*at, name.as_str(), *stroke))
        .collect();
    name_ends(&mut drawing, &panel, &ends);
    drawing.describe(&spoken(data));
    drawing.readout = Some(readout(&panel, data));
    drawing
}

fn readout(panel: &Panel, data: &Survival) -> String {
    let rows = |curve: &SurvivalCurve| {
        let steps = steps(panel, curve).into_iter().map(|(it, _)| it);
        steps
            .map(|it| (it.at_s, vec![Some(it.survival), it.low, it.high]))
            .collect()
    };
    let series = data.curves.iter();
    let readout = Readout {
        panel: *panel,
        start: None,
        columns: &["share", "low", "high"],
        unit: "share",
        series: series.map(|curve| (&curve.name[..], rows(curve))).collect(),
    };
    readout.json()
}

/// Each step of the curve, with where it ends.
fn steps(panel: &Panel, curve: &SurvivalCurve) -> Vec<(SurvivalPoint, f64)> {
    let first = SurvivalPoint {
        at_s: panel.x.from,
        survival: 1.0,
        low: Some(1.0),
        high: Some(1.0),
        censored: 0,
    };
    let until = curve
        .points
        .iter()
        .map(|point| point.at_s)
        .chain([panel.x.to]);
    let from = [first].into_iter().chain(curve.points.iter().copied());
    from.zip(until).collect()
}

fn draw_band(drawing: &mut Drawing, panel: &Panel, curve: &SurvivalCurve, stroke: Stroke) {
    let bounded = |point: &SurvivalPoint| Some((point.low?, point.high?));
    let all = steps(panel, curve);
    // The band has a gap wherever an end of it is not known.
    for piece in all.split(|(point, _)| bounded(point).is_none()) {
        let edge = |of: fn((f64, f64)) -> f64| -> Vec<Point> {
            let ends = piece.iter().filter_map(|(point, until)| {
                let value = of(bounded(point)?);
                Some([panel.at(point.at_s, value), panel.at(*until, value)])
            });
            ends.flatten().collect()
        };
        let mut area = edge(|(_, high)| high);
        area.extend(edge(|(low, _)| low).into_iter().rev());
        if !area.is_empty() {
            drawing.area(area, stroke.colour, BAND);
        }
    }
}

/// Draws the line and its ticks, and gives the value it ends with.
fn draw_curve(drawing: &mut Drawing, panel: &Panel, curve: &SurvivalCurve, stroke: Stroke) -> f64 {
    let all = steps(panel, curve);
    let corners = all
        .iter()
        .flat_map(|(point, until)| [point.at_s, *until].map(|at| panel.at(at, point.survival)));
    drawing.line(corners.collect(), stroke);
    let mut last = f64::NEG_INFINITY;
    for point in curve.points.iter().filter(|point| 0 < point.censored) {
        let (x, y) = panel.at(point.at_s, point.survival);
        if last + 2.0 <= x {
            let tick = Stroke::new(stroke.colour, 1.5);
            drawing.line(vec![(x, y - 5.0), (x, y + 5.0)], tick);
            last = x;
        }
    }
    all.last().map_or(1.0, |(point, _)| point.survival)
}

fn mark_published(drawing: &mut Drawing, panel: &Panel, data: &Survival) {
    let mut marks = Vec::new();
    for curve in &data.curves {
        if let Some(at) = curve
            .published_s
            .filter(|at| panel.x.from <= *at && *at <= panel.x.to)
        {
            let figure = format!("published: {}", words::brief(at, "s"));
            let label = match data.curves.len() {
                1 => figure,
                _ => format!("{figure}, {}", curve.name),
            };
            let x = panel.x.at(at);
            marks.push(labels::Wanted { x, label, rank: 0 });
        }
    }
    let bounds = (panel.left(), 880.0);
    for label in labels::staggered(&marks, LABEL, 2, bounds) {
        let y = panel.top() - 6.0 - 15.0 * (1 - label.lane) as f64;
        drawing.line(
            vec![(label.x, y - 11.0), (label.x, panel.bottom())],
            PUBLISHED,
        );
        let letters = Letters::new(INK, LABEL).anchored(Anchor::Start);
        drawing.text((label.left, y), &marks[label.of].label, letters);
    }
}

fn spoken(data: &Survival) -> String {
    let phrase = data.curves.iter().map(|curve| {
        let end = curve.points.last().map_or(1.0, |point| point.survival);
        let published = curve
            .published_s
            .map(|at| format!(", published {}", words::brief(at, "s")));
        let end = words::value(end, "share");
        format!(
            "{}: {end} at the end{}",
            curve.name,
            published.unwrap_or_default()
        )
    });
    format!(
        "{} {}. {}",
        data.share_of,
        data.since,
        phrase.collect::<Vec<_>>().join("; ")
    )
}
