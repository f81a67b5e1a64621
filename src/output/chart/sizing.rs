//! How likely it is that a requirement is met, by the level of a buffer, and what that costs.

use crate::output::chart::drawing::{Anchor, Drawing, HEIGHT, Letters, Point};
use crate::output::chart::frame::{Panel, Scale};
use crate::output::chart::style::{
    BAND, BLUE, Dash, GREEN, INK, LABEL, MUTED, PUBLISHED, Stroke, VERMILLION,
};
use crate::output::chart::ticks;
use crate::output::words;
use crate::stats::Estimate;

/// What is drawn.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Sizing {
    pub title: String,
    pub subtitle: String,
    /// What is required, such as `no lease fails in an outage`.
    pub asked: String,
    /// What was tried, such as `target of westus2/ubuntu (workers)`.
    pub axis: String,
    /// In ascending order.
    pub levels: Vec<Sized>,
    /// The probability that is asked for, between 0 and 1.
    pub required: f64,
    /// The smallest level that meets it.
    pub answer_workers: Option<f64>,
    /// What the second field shows of each level, with its unit: idle worker-hours or cost.
    pub burden: Option<String>,
}

/// A level that was tried (workers).
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Sized {
    pub workers: f64,
    /// The share of replications that meet the requirement.
    pub spared: Estimate,
    pub burden: Option<f64>,
}

impl Sizing {
    /// The finding in one line: the level that is enough and the share that it reaches, or how far the best
    /// level falls short.
    pub fn title(&self, pool: &str) -> String {
        let (asked, required) = (&self.asked, words::value(self.required, "share"));
        let reached = |level: &Sized| level.spared.point;
        let answer = self
            .levels
            .iter()
            .find(|level| Some(level.workers) == self.answer_workers);
        match (self.answer_workers, answer.and_then(reached)) {
            (Some(workers), Some(share)) => format!(
                "{pool}: with {}, {asked} in {} of replications ({required} required)",
                words::number(workers),
                words::value(share, "share"),
            ),
            (Some(workers), None) => format!(
                "{pool}: with {}, {asked} in {required} of replications",
                words::number(workers)
            ),
            (None, _) => {
                let best = self
                    .levels
                    .iter()
                    .filter_map(reached)
                    .max_by(f64::total_cmp);
                let best = best.unwrap_or(0.0);
                format!(
                    "{pool}: at no level tried {asked} in {required} of replications; {} at the best",
                    words::value(best, "share"),
                )
            }
        }
    }
}

/// Draws it.
pub(crate) fn draw(data: &Sizing) -> Drawing {
    let mut drawing = Drawing::new(HEIGHT, &data.title, &data.subtitle);
    let bottom = HEIGHT - if data.burden.is_some() { 186.0 } else { 62.0 };
    let workers = data.levels.iter().map(|level| level.workers);
    let (from, to) = match (workers.clone().next(), workers.clone().next_back()) {
        (Some(first), Some(last)) if first < last => (first, last),
        (Some(only), _) => (only - 1.0, only + 1.0),
        _ => (0.0, 1.0),
    };
    let x = Scale {
        from,
        to,
        begins: 78.0,
        ends: 868.0,
    };
    let upper = Panel {
        x,
        y: Scale::up_to(1.0, bottom, Drawing::head(&data.title) + 30.0),
    };
    let title = format!("share of replications in which {}", data.asked);
    upper.rows(&mut drawing, &ticks::shares(0.0, 1.0, 5), &title);
    let columns = ticks::numbers(from, to, 14);
    match &data.burden {
        None => upper.columns(&mut drawing, &columns, &data.axis),
        Some(burden) => {
            upper.columns(&mut drawing, &[], "");
            let lower = lower(data, x);
            lower.rows(&mut drawing, &ticks::numbers(0.0, lower.y.to, 3), burden);
            lower.columns(&mut drawing, &columns, &data.axis);
            draw_burden(&mut drawing, &lower, data);
        }
    }
    draw_required(&mut drawing, &upper, data.required);
    draw_curve(&mut drawing, &upper, data);
    draw_answer(&mut drawing, &upper, data);
    drawing.describe(&spoken(data));
    drawing
}

fn lower(data: &Sizing, x: Scale) -> Panel {
    let most = data
        .levels
        .iter()
        .filter_map(|level| level.burden)
        .fold(0.0, f64::max);
    Panel {
        x,
        y: Scale::up_to(ticks::above("workers", most), HEIGHT - 62.0, HEIGHT - 142.0),
    }
}

fn draw_curve(drawing: &mut Drawing, panel: &Panel, data: &Sizing) {
    let bounded = |level: &Sized| Some((level.spared.low?, level.spared.high?));
    for piece in data.levels.split(|level| bounded(level).is_none()) {
        let edge = |of: fn((f64, f64)) -> f64| -> Vec<Point> {
            let places = piece.iter();
            let places = places.filter_map(|it| Some(panel.at(it.workers, of(bounded(it)?))));
            places.collect()
        };
        let mut area = edge(|(_, high)| high);
        area.extend(edge(|(low, _)| low).into_iter().rev());
        if !area.is_empty() {
            drawing.area(area, BLUE, BAND);
        }
    }
    let known = data.levels.iter();
    let known = known.filter_map(|it| Some(panel.at(it.workers, it.spared.point?)));
    let points: Vec<Point> = known.collect();
    drawing.line(points.clone(), Stroke::new(BLUE, 2.0));
    for point in points {
        drawing.dot(point, 3.0, BLUE);
    }
}

fn draw_required(drawing: &mut Drawing, panel: &Panel, required: f64) {
    let y = panel.y.clamped(required);
    let stroke = Stroke::new(GREEN, 1.75).dashed(Dash::Long);
    drawing.line(vec![(panel.left(), y), (panel.right(), y)], stroke);
    let text = format!("required: {}", words::value(required, "share"));
    drawing.label(
        (panel.left() + 8.0, y + 16.0),
        &text,
        Letters::new(INK, LABEL),
    );
}

/// A line down from the answer, named beside it.
fn draw_answer(drawing: &mut Drawing, panel: &Panel, data: &Sizing) {
    let Some(workers) = data.answer_workers else {
        return;
    };
    let x = panel.x.at(workers);
    let bottom = if data.burden.is_some() {
        HEIGHT - 62.0
    } else {
        panel.bottom()
    };
    let stroke = Stroke {
        colour: VERMILLION,
        ..PUBLISHED
    };
    let answer = data.levels.iter().find(|level| level.workers == workers);
    let reached = answer.and_then(|level| level.spared.point);
    let y = panel.y.clamped(reached.unwrap_or(data.required));
    drawing.line(vec![(x, y), (x, bottom)], stroke);
    drawing.dot((x, y), 5.5, VERMILLION);
    let left_half = x < (panel.left() + panel.right()) / 2.0;
    let (anchor, beside) = if left_half {
        (Anchor::Start, 9.0)
    } else {
        (Anchor::End, -9.0)
    };
    let text = format!("answer: {}", words::number(workers));
    let letters = Letters::new(INK, LABEL).anchored(anchor);
    drawing.label((x + beside, panel.bottom() - 10.0), &text, letters);
}

fn draw_burden(drawing: &mut Drawing, panel: &Panel, data: &Sizing) {
    let known = data.levels.iter();
    let known = known.filter_map(|it| Some(panel.at(it.workers, it.burden?)));
    drawing.line(known.collect(), Stroke::new(MUTED, 1.75));
    let answer = data
        .levels
        .iter()
        .find(|level| Some(level.workers) == data.answer_workers);
    if let Some((level, burden)) = answer.and_then(|level| Some((level, level.burden?))) {
        let (x, y) = panel.at(level.workers, burden);
        drawing.dot((x, y), 4.0, VERMILLION);
        let far = panel.right() - 90.0 < x;
        let (anchor, beside) = if far {
            (Anchor::End, -9.0)
        } else {
            (Anchor::Start, 9.0)
        };
        let letters = Letters::new(INK, LABEL).anchored(anchor);
        drawing.label((x + beside, y + 15.0), &words::number(burden), letters);
    }
}

fn spoken(data: &Sizing) -> String {
    let text = data.levels.iter().map(|level| {
        let spared = level.spared.point.map(|share| words::value(share, "share"));
        let spared = spared.unwrap_or_else(|| words::NONE.to_owned());
        format!("{} workers: {spared}", words::number(level.workers))
    });
    format!("{}. {}", data.axis, text.collect::<Vec<_>>().join("; "))
}
