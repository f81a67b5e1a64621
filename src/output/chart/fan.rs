//! A pool's ready level over many replications: the median and the bands around it.

use crate::output::chart::clock::TimeAxis;
use crate::output::chart::drawing::{Drawing, HEIGHT, Point};
use crate::output::chart::frame::{Panel, Scale, Window, name_ends};
use crate::output::chart::readout::Readout;
use crate::output::chart::style::{BAND, BLUE, INNER_BAND, Stroke, TARGET};
use crate::output::chart::ticks;
use crate::output::words;

/// What is drawn.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Fan {
    pub title: String,
    pub subtitle: String,
    pub time: TimeAxis,
    /// The least and the most that the target can be.
    pub target_workers: (u32, u32),
    /// In the order of time.
    pub points: Vec<FanPoint>,
    pub outages: Vec<Window>,
}

/// Quantiles of the ready level at an instant, over replications (workers).
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct FanPoint {
    pub at_s: f64,
    pub p05: f64,
    pub p25: f64,
    pub p50: f64,
    pub p75: f64,
    pub p95: f64,
}

/// The finding in one line; times count from an origin on the axis (s), as it is named.
pub(crate) fn title(pool: &str, points: &[FanPoint], (from_s, after): (f64, &str)) -> String {
    let empty = |point: &&FanPoint| from_s <= point.at_s && point.p50 <= 0.0;
    let empty = points.iter().find(empty);
    let lowest = points
        .iter()
        .map(|point| point.p50)
        .fold(f64::INFINITY, f64::min);
    match empty {
        Some(point) => {
            let length = words::brief(point.at_s - from_s, "s");
            format!("{pool}: half of all replications are without a ready worker {length} {after}")
        }
        None if lowest.is_finite() => {
            let lowest = words::counted(lowest as usize, "ready worker");
            format!("{pool}: the median never falls below {lowest}")
        }
        None => format!("{pool}: ready workers"),
    }
}

/// Draws it.
pub(crate) fn draw(data: &Fan) -> Drawing {
    let mut drawing = Drawing::new(HEIGHT, &data.title, &data.subtitle);
    let most = data
        .points
        .iter()
        .map(|point| point.p95)
        .fold(f64::from(data.target_workers.1), f64::max);
    let panel = Panel {
        x: Scale::up_to(data.time.length_s, 62.0, 768.0),
        y: Scale::up_to(
            ticks::above("workers", most),
            HEIGHT - 54.0,
            Drawing::head(&data.title) + 30.0,
        ),
    };
    let rows = ticks::numbers(0.0, panel.y.to, 6);
    panel.rows(&mut drawing, &rows, "ready workers");
    for window in &data.outages {
        panel.outage(&mut drawing, *window);
    }
    let line = |of: fn(&FanPoint) -> f64| -> Vec<Point> {
        let points = data.points.iter();
        points
            .map(|point| panel.at(point.at_s, of(point)))
            .collect()
    };
    let band = |low: Vec<Point>, high: Vec<Point>| -> Vec<Point> {
        high.into_iter().chain(low.into_iter().rev()).collect()
    };
    drawing.area(band(line(|it| it.p05), line(|it| it.p95)), BLUE, BAND);
    drawing.area(band(line(|it| it.p25), line(|it| it.p75)), BLUE, INNER_BAND);
    draw_targets(&mut drawing, &panel, data.target_workers);
    let median = Stroke::new(BLUE, 2.25);
    drawing.line(line(|it| it.p50), median);
    panel.clock(&mut drawing, &data.time);
    name_bands(&mut drawing, &panel, data, median);
    drawing.describe(&spoken(data));
    let rows = data.points.iter().map(|it| {
        let values = [it.p05, it.p25, it.p50, it.p75, it.p95];
        (it.at_s, values.map(Some).to_vec())
    });
    let readout = Readout {
        panel,
        start: Some(&data.time.start),
        columns: &["5%", "25%", "median", "75%", "95%"],
        unit: "workers",
        series: vec![("", rows.collect())],
    };
    drawing.readout = Some(readout.json());
    drawing
}

/// The least and the most that the target can be, which mostly are one.
fn draw_targets(drawing: &mut Drawing, panel: &Panel, (least, most): (u32, u32)) {
    for target in (least..=most).step_by((most - least).max(1) as usize) {
        let y = panel.y.at(f64::from(target));
        drawing.line(vec![(panel.left(), y), (panel.right(), y)], TARGET);
    }
}

fn name_bands(drawing: &mut Drawing, panel: &Panel, data: &Fan, median: Stroke) {
    let Some(last) = data.points.last() else {
        return;
    };
    let tint = |opacity| Stroke {
        opacity,
        ..Stroke::new(BLUE, 10.0)
    };
    let target = words::target(data.target_workers);
    let ends = [
        (f64::from(data.target_workers.1), target.as_str(), TARGET),
        (last.p50, "median", median),
        (last.p25, "25–75%", tint(BAND + INNER_BAND)),
        (last.p05, "5–95%", tint(BAND)),
    ];
    name_ends(drawing, panel, &ends);
}

fn spoken(data: &Fan) -> String {
    let lowest = |of: fn(&FanPoint) -> f64| {
        let lowest = data.points.iter().map(of).fold(f64::INFINITY, f64::min);
        if lowest.is_finite() {
            words::number(lowest)
        } else {
            words::NONE.to_owned()
        }
    };
    format!(
        "Ready workers over {}, {}; lowest median {}, lowest 5% quantile {}, lowest 95% quantile {}",
        words::duration(data.time.length_s),
        words::target(data.target_workers),
        lowest(|it| it.p50),
        lowest(|it| it.p05),
        lowest(|it| it.p95),
    )
}
