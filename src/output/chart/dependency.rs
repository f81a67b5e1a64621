//! A dependency over one replication: what was asked of it, what came of it, and what piled up.

use crate::experiment::run::{Outcome, SLICES, Slice};
use crate::kernel::time::SimTime;
use crate::output::chart::clock::TimeAxis;
use crate::output::chart::drawing::{Drawing, HEIGHT, Letters};
use crate::output::chart::frame::{Panel, Scale, name_ends, steps};
use crate::output::chart::moments::{self, Event};
use crate::output::chart::style::{
    BLUE, Dash, GREEN, INK, LABEL, MUTED, PURPLE, Stroke, VERMILLION,
};
use crate::output::chart::ticks;
use crate::output::words;
use crate::scenario::Scenario;

/// What is drawn.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Calls {
    pub title: String,
    pub subtitle: String,
    pub time: TimeAxis,
    /// In the order of time; each lasts until the next.
    pub slices: Vec<CallRates>,
    pub moments: Vec<Event>,
}

/// What happened in a slice of time, which begins at `at_s`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct CallRates {
    pub at_s: f64,
    pub made_per_min: f64,
    pub repeated_per_min: f64,
    pub good_per_min: f64,
    pub wasted_per_min: f64,
    /// The most calls queued and callers that wait to retry.
    pub backlog_max: f64,
}

impl Calls {
    /// The dependency at place `dependency` in a replication; `course` says which that is.
    pub fn of(scenario: &Scenario, outcome: &Outcome, dependency: usize, course: &str) -> Self {
        let time = TimeAxis::of(scenario, None);
        let minutes = scenario.length().seconds() / 60.0 / SLICES as f64;
        let rates = |(at, slice): (SimTime, &Slice)| CallRates {
            at_s: scenario.seconds(at),
            made_per_min: slice.offered as f64 / minutes,
            repeated_per_min: slice.retries as f64 / minutes,
            good_per_min: slice.good as f64 / minutes,
            wasted_per_min: slice.wasted as f64 / minutes,
            backlog_max: f64::from(slice.queue_max) + f64::from(slice.orbit_max),
        };
        Self {
            title: title(scenario, outcome, dependency),
            subtitle: format!(
                "{course} · from {} · ringed or dashed: as published",
                time.start
            ),
            moments: moments::of(scenario, outcome, &scenario.dependencies[dependency]),
            slices: outcome.slices(scenario, dependency).map(rates).collect(),
            time,
        }
    }
}

/// The finding in one line.
pub(crate) fn title(scenario: &Scenario, outcome: &Outcome, dependency: usize) -> String {
    let name = &scenario.dependencies[dependency];
    let measure = |name| outcome.figure_of_dependency(dependency, name);
    let (good, wasted) = (measure("calls_good"), measure("calls_wasted"));
    let (good, wasted) = (good.unwrap_or(0.0), wasted.unwrap_or(0.0));
    let wasted_share = match good + wasted {
        0.0 => String::new(),
        served => {
            let share = (100.0 * wasted / served).round();
            format!("; {share}% of the calls it served were served after the caller gave up")
        }
    };
    match (measure("congested_at_s"), measure("calm_at_s")) {
        (Some(from), Some(until)) => {
            let length = words::brief(until - from, "s");
            format!("{name}: congested for {length}{wasted_share}")
        }
        (Some(_), None) => format!("{name}: congested to the end{wasted_share}"),
        (None, _) => format!("{name}: never congested{wasted_share}"),
    }
}

const LEFT: f64 = 62.0;
const RIGHT: f64 = 752.0;

/// Draws it.
pub(crate) fn draw(data: &Calls) -> Drawing {
    let mut drawing = Drawing::new(HEIGHT, &data.title, &data.subtitle);
    let x = Scale::up_to(data.time.length_s, LEFT, RIGHT);
    let most = |of: fn(&CallRates) -> f64| data.slices.iter().map(of).fold(0.0, f64::max);
    let calls = LINES.iter().map(|(_, of, _)| most(*of)).fold(0.0, f64::max);
    let y =
        |most: f64, begins: f64, ends: f64| Scale::up_to(ticks::above("calls", most), begins, ends);
    let labels = moments::labels(&x, &data.moments);
    let above = Drawing::head(&data.title) + 4.0;
    let upper = Panel {
        x,
        y: y(
            calls,
            HEIGHT - 164.0,
            above + moments::height(&labels) + 24.0,
        ),
    };
    let lower = Panel {
        x,
        y: y(
            most(|slice| slice.backlog_max),
            HEIGHT - 40.0,
            HEIGHT - 122.0,
        ),
    };
    upper.rows(&mut drawing, &ticks::numbers(0.0, upper.y.to, 5), "");
    moments::mark(&mut drawing, &upper, (&data.moments, &labels), above);
    let at = (LEFT - 20.0, upper.top() - 11.0);
    drawing.label(at, "calls per minute", Letters::new(INK, LABEL));
    let title = "backlog: calls queued and callers that wait to retry, at most";
    lower.rows(&mut drawing, &ticks::numbers(0.0, lower.y.to, 3), title);
    draw_calls(&mut drawing, &upper, data);
    let corners = series(data, |slice| slice.backlog_max);
    let points: Vec<_> = corners
        .iter()
        .map(|(at, value)| lower.at(*at, *value))
        .collect();
    lower.fill(&mut drawing, &points, (MUTED, 0.22));
    drawing.line(points, Stroke::new(MUTED, 1.5));
    lower.clock(&mut drawing, &data.time);
    drawing.describe(&spoken(data));
    drawing
}

fn draw_calls(drawing: &mut Drawing, panel: &Panel, data: &Calls) {
    let mut ends = Vec::new();
    for (name, of, stroke) in LINES {
        let corners = series(data, of);
        let last = corners.last().map_or(0.0, |(_, value)| *value);
        let points = corners.iter().map(|(at, value)| panel.at(*at, *value));
        drawing.line(points.collect(), stroke);
        ends.push((last, name, stroke));
    }
    panel.columns(drawing, &[], "");
    name_ends(drawing, panel, &ends);
}

/// The lines, by name.
type Line = (&'static str, fn(&CallRates) -> f64, Stroke);
const LINES: [Line; 4] = [
    ("made", |slice| slice.made_per_min, Stroke::new(BLUE, 2.0)),
    (
        "repeated",
        |slice| slice.repeated_per_min,
        Stroke::new(PURPLE, 1.75).dashed(Dash::Dots),
    ),
    (
        "wasted",
        |slice| slice.wasted_per_min,
        Stroke::new(VERMILLION, 1.75).dashed(Dash::Long),
    ),
    ("good", |slice| slice.good_per_min, Stroke::new(GREEN, 2.5)),
];

fn series(data: &Calls, of: fn(&CallRates) -> f64) -> Vec<(f64, f64)> {
    let values = data.slices.iter().map(|slice| (slice.at_s, of(slice)));
    steps(&values.collect::<Vec<_>>(), data.time.length_s)
}

fn spoken(data: &Calls) -> String {
    let most =
        |of: fn(&CallRates) -> f64| words::number(data.slices.iter().map(of).fold(0.0, f64::max));
    format!(
        "Per minute at most {} calls made, {} repeated, {} good, {} wasted; a backlog of {} at most. After the start: {}",
        most(|slice| slice.made_per_min),
        most(|slice| slice.repeated_per_min),
        most(|slice| slice.good_per_min),
        most(|slice| slice.wasted_per_min),
        most(|slice| slice.backlog_max),
        moments::spoken(&data.moments),
    )
}
