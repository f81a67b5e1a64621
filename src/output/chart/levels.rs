//! A pool over one replication: how many workers are ready, how many are leased, which leases fail, and
//! what happened meanwhile.

use crate::experiment::run::{Outcome, PoolSample};
use crate::output::chart::clock::TimeAxis;
use crate::output::chart::drawing::{Drawing, HEIGHT, Letters};
use crate::output::chart::frame::{Panel, Scale, Window, name_ends, steps, thinned};
use crate::output::chart::moments::{self, Event};
use crate::output::chart::readout::{Readout, Row};
use crate::output::chart::style::{BLUE, Dash, INK, LABEL, MUTED, SKY, Stroke, TARGET, VERMILLION};
use crate::output::chart::text;
use crate::output::chart::ticks;
use crate::output::words;
use crate::scenario::Scenario;

/// What is drawn.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Levels {
    pub title: String,
    pub subtitle: String,
    pub time: TimeAxis,
    /// In the order of time; each holds until the next.
    pub levels: Vec<Level>,
    pub outages: Vec<Window>,
    /// When leases failed (s after the start).
    pub failures_s: Vec<f64>,
    pub moments: Vec<Event>,
}

/// Levels of a pool from an instant on (workers).
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Level {
    pub at_s: f64,
    pub ready: u32,
    pub pending: u32,
    pub leased: u32,
    /// The target in force.
    pub target: u32,
}

impl Levels {
    /// The pool at place `pool` in a replication; `course` says which that is.
    pub fn of(scenario: &Scenario, outcome: &Outcome, pool: usize, course: &str) -> Self {
        let time = TimeAxis::of(scenario, Some(pool));
        let horizon_s = scenario.length().seconds();
        let noted = &outcome.levels[pool];
        let within = |at_s: f64| (0.0..horizon_s).contains(&at_s);
        // The last level of the warm-up is the first that is seen.
        let before = noted.partition_point(|noted| noted.at <= scenario.setup.start);
        let seen = &noted[before.saturating_sub(1)..];
        let level = |noted: &PoolSample| Level {
            at_s: scenario.seconds(noted.at).max(0.0),
            ready: noted.ready,
            pending: noted.pending,
            leased: noted.leased,
            target: noted.target,
        };
        let failures_s = seen.windows(2).flat_map(|pair| {
            let many = (pair[1].failed - pair[0].failed) as usize;
            std::iter::repeat_n(scenario.seconds(pair[1].at), many)
        });
        let outages = outcome.shaded(scenario, pool).map(|outage| Window {
            from_s: scenario.seconds(outage.from).max(0.0),
            until_s: scenario.seconds(outage.until).min(horizon_s),
        });
        let subtitle = format!(
            "{course} · from {} · outage shaded · ringed or dashed: as published",
            time.start
        );
        Self {
            title: title(scenario, outcome, pool),
            subtitle,
            levels: seen
                .iter()
                .map(level)
                .filter(|level| within(level.at_s))
                .collect(),
            outages: outages
                .filter(|window| window.from_s < window.until_s)
                .collect(),
            failures_s: failures_s.filter(|at| within(*at)).collect(),
            moments: moments::of(scenario, outcome, &scenario.pools[pool].name),
            time,
        }
    }
}

/// The finding in one line.
pub(crate) fn title(scenario: &Scenario, outcome: &Outcome, pool: usize) -> String {
    let name = &scenario.pools[pool].name;
    let after = outcome.figure(pool, "first_lease_failure_after_s");
    let at = outcome.figure(pool, "first_lease_failure_at_s");
    match (after, at) {
        (Some(after), _) => {
            let after = words::brief(after, "s");
            format!("{name}: first lease failed {after} after the first failed provisioning")
        }
        (None, Some(at)) => {
            let after = words::brief(at, "s");
            format!("{name}: first lease failed {after} after the start")
        }
        (None, None) if outcome.figure(pool, "empty_s").is_none() => {
            format!("{name}: a standby that never opened")
        }
        (None, None) => {
            let lowest = words::number(outcome.figure(pool, "ready_min").unwrap_or(0.0));
            format!("{name}: no lease failed; {lowest} ready at the lowest")
        }
    }
}

/// From so many corners on a line is dense.
const DENSE: usize = 1_400;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 768.0;

/// Draws it.
pub(crate) fn draw(data: &Levels) -> Drawing {
    let mut drawing = Drawing::new(HEIGHT, &data.title, &data.subtitle);
    let x = Scale::up_to(data.time.length_s, LEFT, RIGHT);
    let labels = moments::labels(&x, &data.moments);
    let above = Drawing::head(&data.title) + 4.0;
    let most = |of: fn(&Level) -> u32| data.levels.iter().map(of).max().unwrap_or(0);
    let stock = f64::from(most(|level| level.ready.max(level.pending)));
    let y = |most: f64, begins: f64, ends: f64| {
        Scale::up_to(ticks::above("workers", most), begins, ends)
    };
    let top = above + moments::height(&labels) + 24.0;
    let upper = Panel {
        x,
        y: y(
            stock.max(f64::from(most(|level| level.target))),
            HEIGHT - 164.0,
            top,
        ),
    };
    let leased = f64::from(most(|level| level.leased));
    let lower = Panel {
        x,
        y: y(leased, HEIGHT - 50.0, HEIGHT - 106.0),
    };
    upper.rows(&mut drawing, &whole(upper.y.to, 5), "");
    lower.rows(&mut drawing, &whole(lower.y.to, 2), "leased workers");
    for window in &data.outages {
        upper.outage(&mut drawing, *window);
        lower.outage(&mut drawing, *window);
    }
    moments::mark(&mut drawing, &upper, (&data.moments, &labels), above);
    let at = (LEFT - 20.0, upper.top() - 11.0);
    drawing.label(at, "ready workers", Letters::new(INK, LABEL));
    draw_stock(&mut drawing, &upper, data);
    draw_failures(&mut drawing, &upper, &data.failures_s);
    draw_leased(&mut drawing, &lower, data);
    lower.clock(&mut drawing, &data.time);
    drawing.describe(&spoken(data));
    let rows = data.levels.iter().map(|level| {
        let values = [level.ready, level.pending, level.leased];
        (level.at_s, values.map(|it| Some(f64::from(it))).to_vec())
    });
    drawing.readout = Some(readout(&upper, data, rows.collect()));
    drawing
}

fn readout(panel: &Panel, data: &Levels, rows: Vec<Row>) -> String {
    let readout = Readout {
        panel: *panel,
        start: Some(&data.time.start),
        columns: &["ready", "pending", "leased"],
        unit: "workers",
        series: vec![("", rows)],
    };
    readout.json()
}

/// Marks of whole workers.
fn whole(to: f64, most: usize) -> Vec<ticks::Tick> {
    let mut ticks = ticks::numbers(0.0, to, most);
    ticks.retain(|tick| tick.at.fract() == 0.0);
    for tick in &mut ticks {
        tick.label = words::number(tick.at);
    }
    ticks
}

fn series(data: &Levels, of: fn(&Level) -> u32) -> Vec<(f64, f64)> {
    let levels = data
        .levels
        .iter()
        .map(|level| (level.at_s, f64::from(of(level))));
    let columns = (RIGHT - LEFT) as usize;
    let values = thinned(&levels.collect::<Vec<_>>(), data.time.length_s, columns);
    steps(&values, data.time.length_s)
}

/// The target over time; of one that never moves, its two ends.
fn targets(data: &Levels) -> Vec<(f64, f64)> {
    match limits(data) {
        (low, high) if low < high => series(data, |level| level.target),
        (level, _) => [0.0, data.time.length_s]
            .map(|at| (at, level.into()))
            .into(),
    }
}

/// The least and the most that the target was (workers).
fn limits(data: &Levels) -> (u32, u32) {
    let targets = || data.levels.iter().map(|level| level.target);
    (targets().min().unwrap_or(0), targets().max().unwrap_or(0))
}

fn draw_stock(drawing: &mut Drawing, panel: &Panel, data: &Levels) {
    let place = |(at, value): &(f64, f64)| panel.at(*at, *value);
    let ready = series(data, |level| level.ready);
    let pending = series(data, |level| level.pending);
    let points: Vec<_> = ready.iter().map(place).collect();
    panel.fill(drawing, &points, (BLUE, 0.22));
    let target = targets(data);
    drawing.line(target.iter().map(place).collect(), TARGET);
    // Where lines go up and down within a pixel, dashes are lost on them and weight makes them a blot.
    let (faint, strong) = match ready.len() < DENSE {
        true => (
            Stroke::new(SKY, 1.25).dashed(Dash::Short),
            Stroke::new(BLUE, 2.0),
        ),
        false => (Stroke::new(SKY, 0.5), Stroke::new(BLUE, 0.5)),
    };
    drawing.line(pending.iter().map(place).collect(), faint);
    drawing.line(points, strong);
    drawing.rule(
        (panel.left(), panel.bottom()),
        (panel.right(), panel.bottom()),
    );
    let end = |series: &[(f64, f64)]| series.last().map_or(0.0, |(_, value)| *value);
    let (last, target) = (end(&target), words::target(limits(data)));
    let ends = [
        (last, target.as_str(), TARGET),
        (end(&ready), "ready", strong),
        (end(&pending), "pending", faint),
    ];
    name_ends(drawing, panel, &ends);
}

fn draw_failures(drawing: &mut Drawing, panel: &Panel, failures_s: &[f64]) {
    let (top, bottom) = (panel.bottom() + 4.0, panel.bottom() + 13.0);
    let mut last = f64::NEG_INFINITY;
    for at in failures_s {
        let x = panel.x.at(*at);
        // Of those that fall on one another one is seen.
        if last + 1.0 <= x {
            drawing.line(vec![(x, top), (x, bottom)], Stroke::new(VERMILLION, 1.5));
            last = x;
        }
    }
    if !failures_s.is_empty() {
        let phrase = words::counted(failures_s.len(), "failed lease");
        let at = (panel.right() + 16.0, bottom);
        let phrase = text::fitted(&phrase, LABEL, 112.0);
        drawing.text(at, &phrase, Letters::new(INK, LABEL));
        let key = panel.right() + 10.0;
        drawing.line(
            vec![(key, top), (key, bottom)],
            Stroke::new(VERMILLION, 1.5),
        );
    }
}

fn draw_leased(drawing: &mut Drawing, panel: &Panel, data: &Levels) {
    let leased = series(data, |level| level.leased);
    let points: Vec<_> = leased
        .iter()
        .map(|(at, value)| panel.at(*at, *value))
        .collect();
    panel.fill(drawing, &points, (MUTED, 0.18));
    let width = if leased.len() < DENSE { 1.25 } else { 0.5 };
    drawing.line(points, Stroke::new(MUTED, width));
}

fn spoken(data: &Levels) -> String {
    let lowest = data
        .levels
        .iter()
        .map(|level| level.ready)
        .min()
        .unwrap_or(0);
    format!(
        "Ready workers over {}, {}: {lowest} at the lowest, {}. After the start: {}",
        words::duration(data.time.length_s),
        words::target(limits(data)),
        words::counted(data.failures_s.len(), "failed lease"),
        moments::spoken(&data.moments),
    )
}
