//! Which values decide an output: bars with their intervals, and what one run's variance is made of.

use crate::output::chart::drawing::{Anchor, Drawing, End, Letters, MARGIN, Point, WIDTH};
use crate::output::chart::frame::Scale;
use crate::output::chart::style::{
    AXIS, BLUE, Colour, GREEN, INK, LABEL, MUTED, RULE, SKY, Stroke, TICK,
};
use crate::output::chart::{text, ticks};
use crate::output::words;
use crate::stats::Estimate;

/// What is drawn.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Bars {
    pub title: String,
    pub subtitle: String,
    /// What the bars measure, such as `share of the variance of the mean`, and its unit.
    pub axis: String,
    pub unit: String,
    /// What each of the bars of a value is, one or two of them.
    pub keys: Vec<String>,
    /// Values, with an estimate for each key and what else is known.
    pub rows: Vec<Bar>,
    /// What the variance of one run is made of: values alone, their combinations, randomness.
    pub parts: Option<[(&'static str, Estimate); 3]>,
}

/// One value.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Bar {
    pub name: String,
    pub estimates: Vec<Estimate>,
    /// What stands beside the last estimate.
    pub note: String,
}

const LEFT: f64 = 262.0;
const RIGHT: f64 = 652.0;
/// Height of a bar, and room around the bars of a row.
const BAR: f64 = 9.0;
const ROOM: f64 = 15.0;
const COLOURS: [Colour; 2] = [BLUE, SKY];
/// Room for the parts of one run's variance.
const PARTS: f64 = 68.0;

/// Draws it.
pub(crate) fn draw(data: &Bars) -> Drawing {
    let row = ROOM + (BAR + 4.0) * data.keys.len() as f64;
    let top = Drawing::head(&data.title) + 34.0;
    let bottom = top + row * data.rows.len() as f64;
    let parts = data.parts.map_or(0.0, |_| PARTS);
    let mut drawing = Drawing::new((bottom + 56.0 + parts).ceil(), &data.title, &data.subtitle);
    for (place, key) in data.keys.iter().enumerate() {
        let x = LEFT + 150.0 * place as f64;
        drawing.cell(
            (x, top - 21.0),
            (x + 20.0, top - 21.0 + BAR),
            COLOURS[place],
            1.0,
        );
        drawing.text((x + 26.0, top - 12.0), key, Letters::new(INK, LABEL));
    }
    let x = scale(data);
    axis(&mut drawing, data, &x, (top, bottom));
    for (place, bar) in data.rows.iter().enumerate() {
        let y = top + row * place as f64;
        bars(&mut drawing, (bar, &data.unit), &x, (y, row));
    }
    if let Some(parts) = &data.parts {
        draw_parts(&mut drawing, parts, bottom + 56.0);
    }
    drawing.describe(&spoken(data));
    drawing
}

/// From 0, or from below it where an interval reaches there.
fn scale(data: &Bars) -> Scale {
    let estimates = data.rows.iter().flat_map(|row| &row.estimates);
    let ends = estimates
        .flat_map(|it| [it.point, it.low, it.high])
        .flatten();
    let (least, most) = ends.fold((0.0_f64, 0.0_f64), |(least, most), end| {
        (least.min(end), most.max(end))
    });
    let most = if 0.0 < most { most } else { 1.0 };
    Scale {
        from: least,
        to: most + 0.03 * (most - least),
        begins: LEFT,
        ends: RIGHT,
    }
}

fn axis(drawing: &mut Drawing, data: &Bars, x: &Scale, (top, bottom): Point) {
    for tick in ticks::of_unit(&data.unit, x.from, x.to, 6) {
        let at = x.at(tick.at);
        drawing.line(vec![(at, top), (at, bottom)], RULE);
        let letters = Letters::new(MUTED, TICK).anchored(Anchor::Middle);
        drawing.text((at, bottom + 17.0), &tick.label, letters);
    }
    let zero = x.at(0.0);
    drawing.line(vec![(zero, top - 4.0), (zero, bottom + 5.0)], AXIS);
    let letters = Letters::new(INK, LABEL).anchored(Anchor::End);
    drawing.text((RIGHT, bottom + 36.0), &data.axis, letters);
}

fn bars(drawing: &mut Drawing, (bar, unit): (&Bar, &str), x: &Scale, (y, row): (f64, f64)) {
    let right = Letters::new(INK, LABEL).anchored(Anchor::End);
    let name = text::fitted(&bar.name, LABEL, LEFT - MARGIN - 14.0);
    drawing.text((LEFT - 14.0, y + row / 2.0 + 4.0), &name, right);
    let last = bar.estimates.len().saturating_sub(1);
    for (place, estimate) in bar.estimates.iter().enumerate() {
        let above = y + ROOM / 2.0 + (BAR + 4.0) * place as f64 + 2.0;
        let middle = above + BAR / 2.0;
        if let Some(point) = estimate.point {
            let (from, to) = (x.at(point.min(0.0)), x.at(point.max(0.0)));
            drawing.cell((from, above), (to, above + BAR), COLOURS[place], 1.0);
        }
        if let (Some(low), Some(high)) = (estimate.low, estimate.high) {
            let ends = [low, high].map(|end| ((x.at(end), middle), End::Known));
            drawing.whisker(ends, INK);
        }
        let note = if place == last { &bar.note[..] } else { "" };
        let phrase = words::estimate_briefly(*estimate, unit) + note;
        let phrase = text::fitted(&phrase, TICK, WIDTH - MARGIN - RIGHT - 18.0);
        drawing.text(
            (RIGHT + 18.0, middle + 4.0),
            &phrase,
            Letters::new(INK, TICK),
        );
    }
}

/// One bar that is as long as the variance of one run.
fn draw_parts(drawing: &mut Drawing, parts: &[(&str, Estimate); 3], top: f64) {
    let left = Letters::new(INK, LABEL).anchored(Anchor::End);
    drawing.text((LEFT - 14.0, top + 14.0), "variance of one run", left);
    let mut from = 0.0;
    let width = RIGHT - LEFT;
    let colours = [BLUE, GREEN, MUTED];
    for ((_, share), colour) in parts.iter().zip(colours) {
        let until = (from + share.point.unwrap_or(0.0).max(0.0)).min(1.0);
        let corners = [from, until].map(|share: f64| LEFT + width * share);
        drawing.cell((corners[0], top), (corners[1], top + 18.0), colour, 1.0);
        from = until;
    }
    let frame = [
        (LEFT, top),
        (RIGHT, top),
        (RIGHT, top + 18.0),
        (LEFT, top + 18.0),
        (LEFT, top),
    ];
    drawing.line(frame.to_vec(), Stroke::new(MUTED, 1.0));
    let mut x = LEFT - 200.0;
    for ((name, share), colour) in parts.iter().zip(colours) {
        let phrase = format!("{name} {}", words::estimate_briefly(*share, "share"));
        drawing.cell((x, top + 31.0), (x + 10.0, top + 41.0), colour, 1.0);
        drawing.text((x + 16.0, top + 40.0), &phrase, Letters::new(INK, TICK));
        x += 40.0 + text::width(&phrase, TICK);
    }
}

fn spoken(data: &Bars) -> String {
    let said = |bar: &Bar| {
        let keys = data.keys.iter().zip(&bar.estimates);
        let keys =
            keys.map(|(key, it)| format!("{key} {}", words::estimate_briefly(*it, &data.unit)));
        format!(
            "{}: {}{}",
            bar.name,
            keys.collect::<Vec<_>>().join(", "),
            bar.note
        )
    };
    let mut all: Vec<String> = data.rows.iter().map(said).collect();
    all.extend(data.parts.iter().flatten().map(|(name, share)| {
        let share = words::estimate_briefly(*share, "share");
        format!("of the variance of one run, {name}: {share}")
    }));
    all.join(". ")
}
