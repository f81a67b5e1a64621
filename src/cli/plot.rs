//! The ready level of a pool over time, drawn with characters as wide as the terminal: the outage
//! shaded, failed leases marked below.

use crate::cli::axis::{self, Tick};
use crate::cli::{paint, words};
use crate::experiment::run::{Outcome, PoolSample, SLICES, Slice};
use crate::kernel::time::{SimDuration, SimTime};
use crate::output::words::brief;
use crate::scenario::Scenario;
use crate::stats::survival::Survival;

/// Columns of a drawing where there is no terminal to fill.
const WIDTH: usize = 80;
/// Columns below which a drawing shows nothing any more.
const LEAST: usize = 40;
/// Columns left of the calls to a dependency.
const MARGIN: usize = 16;
/// Columns that a peak takes, right of its calls.
const PEAK: usize = 19;
/// Shade of an outage.
const SHADE: char = '░';
/// Rows of the drawing; each shows eight steps.
const HEIGHT: usize = 5;
/// Eighths of a row.
const STEPS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The drawing of the pool at place `pool`.
pub(crate) fn level(scenario: &Scenario, outcome: &Outcome, pool: usize) -> String {
    let room = paint::width();
    let (least, target) = scenario.target_limits(pool);
    // A target that moves may reach much further than the levels do.
    let fixed = f64::from(if least == target { target } else { 1 });
    let levels = outcome.levels[pool].iter();
    let highest = levels
        .map(|noted| f64::from(noted.ready))
        .fold(fixed, f64::max);
    let wide = words::number(highest).chars().count().max(5);
    let margin = wide + 2;
    let width = room.map_or(WIDTH, |room| room.saturating_sub(margin).max(LEAST));
    let edges = edges(scenario, width);
    let columns: Vec<Column> = edges
        .windows(2)
        .map(|edge| column(scenario, outcome, pool, edge[0], edge[1]))
        .collect();
    let most = columns
        .iter()
        .map(|column| column.level)
        .fold(fixed.max(1.0), f64::max);
    let label = |row: usize| match row {
        0 => words::number(0.0),
        row if row == HEIGHT => words::number(most),
        _ => String::new(),
    };
    let mut text = String::new();
    for row in (0..HEIGHT).rev() {
        let cells: String = columns
            .iter()
            .map(|column| column.cell(row, most))
            .collect();
        let name = if row + 1 == HEIGHT {
            label(HEIGHT)
        } else {
            String::new()
        };
        text += &format!("{name:>wide$} ┤{}\n", shaded(cells.trim_end()));
    }
    let ticks = ticks(scenario, &edges);
    text += &format!("{:>wide$} └{}\n", label(0), axis::marks(&ticks, width));
    text += &format!("{:>margin$}{}\n", "", axis::labels(&ticks));
    let failed: Vec<bool> = columns.iter().map(|column| column.failed).collect();
    text + &marks(&failed, room, margin)
}

/// The line of failed leases, and what its marks mean; nothing where there are none.
fn marks(failed: &[bool], room: Option<usize>, margin: usize) -> String {
    let Some(last) = failed.iter().rposition(|failed| *failed) else {
        return String::new();
    };
    let marks = failed[..=last]
        .iter()
        .map(|failed| if *failed { '×' } else { ' ' });
    let marks = paint::bad(&marks.collect::<String>());
    let meaning = "× failed leases";
    let used = margin + last + 1 + 2 + meaning.chars().count();
    let meaning = paint::bad(meaning);
    match room {
        Some(room) if room < used => format!("{:>margin$}{marks}\n{:>margin$}{meaning}\n", "", ""),
        _ => format!("{:>margin$}{marks}  {meaning}\n", ""),
    }
}

/// A row with the outage in its colour.
fn shaded(cells: &str) -> String {
    let mut text = String::new();
    let mut rest = cells;
    while let Some(from) = rest.find(SHADE) {
        let shade = &rest[from..];
        let until = shade.find(|cell| cell != SHADE).unwrap_or(shade.len());
        text += &rest[..from];
        text += &paint::outage(&shade[..until]);
        rest = &shade[until..];
    }
    text + rest
}

/// What one column shows.
struct Column {
    /// Ready workers, averaged over its time.
    level: f64,
    outage: bool,
    failed: bool,
}

impl Column {
    fn cell(&self, row: usize, most: f64) -> char {
        let eighths = (self.level / most * (HEIGHT * 8) as f64).round() as usize;
        // A level above 0 is never drawn as none.
        let eighths = if 0.0 < self.level { eighths.max(1) } else { 0 };
        match eighths.saturating_sub(row * 8).min(8) {
            0 if self.outage => SHADE,
            filled => STEPS[filled],
        }
    }
}

/// Instants that bound the columns.
fn edges(scenario: &Scenario, width: usize) -> Vec<SimTime> {
    let (start, length) = (scenario.setup.start, scenario.length().micros());
    let at = |column: usize| length / width as u64 * column as u64;
    (0..=width)
        .map(|column| start + SimDuration::from_micros(at(column)))
        .collect()
}

fn column(
    scenario: &Scenario,
    outcome: &Outcome,
    pool: usize,
    from: SimTime,
    until: SimTime,
) -> Column {
    let levels = &outcome.levels[pool];
    let known = levels.partition_point(|noted| noted.at <= from);
    let before = known.checked_sub(1).map(|place| &levels[place]);
    let (mut at, mut ready, mut area) = (from, before.map_or(0, |noted| noted.ready), 0.0);
    let mut last = before;
    for noted in levels[known..].iter().take_while(|noted| noted.at < until) {
        area += f64::from(ready) * (noted.at - at).seconds();
        (at, ready, last) = (noted.at, noted.ready, Some(noted));
    }
    area += f64::from(ready) * (until - at).seconds();
    let failures = |noted: Option<&PoolSample>| noted.map_or(0, |noted| noted.failed);
    let outage = outcome
        .shaded(scenario, pool)
        .any(|outage| outage.from < until && from < outage.until);
    Column {
        level: area / (until - from).seconds(),
        outage,
        failed: failures(before) < failures(last),
    }
}

/// What is drawn of a dependency, a line each.
struct Line {
    label: &'static str,
    of: fn(&Slice) -> u64,
    /// Whether it counts what happens in a slice of time; otherwise it is the peak of a level.
    counts: bool,
}

const LINES: [Line; 5] = [
    Line {
        label: "calls made",
        of: |slice| slice.offered,
        counts: true,
    },
    Line {
        label: "calls repeated",
        of: |slice| slice.retries,
        counts: true,
    },
    Line {
        label: "calls good",
        of: |slice| slice.good,
        counts: true,
    },
    Line {
        label: "calls wasted",
        of: |slice| slice.wasted,
        counts: true,
    },
    Line {
        label: "backlog",
        of: |slice| u64::from(slice.queue_max + slice.orbit_max),
        counts: false,
    },
];

/// Calls to the dependency at place `dependency` over time: what was asked of it, what came of it, and
/// what piled up.
pub(crate) fn dependency(scenario: &Scenario, outcome: &Outcome, dependency: usize) -> String {
    let room = paint::width().map(|room| room.saturating_sub(MARGIN));
    // Where a drawing and its peaks do not fit side by side, the peaks go below.
    let below = room.is_some_and(|room| room < LEAST + PEAK);
    let beside = if below { 0 } else { PEAK };
    // There is no more to see than there are slices.
    let width = room.map_or(WIDTH, |room| {
        let wanted = room.saturating_sub(beside);
        wanted.clamp(LEAST, SLICES as usize)
    });
    let edges = edges(scenario, width);
    let slices: Vec<(SimTime, &Slice)> = outcome.slices(scenario, dependency).collect();
    let column = |line: &Line, column: usize| {
        let (from, until) = (edges[column], edges[column + 1]);
        let inside = slices.iter().filter(|(at, _)| from <= *at && *at < until);
        let found: Vec<f64> = inside.map(|(_, slice)| (line.of)(slice) as f64).collect();
        // Some columns hold two slices: counts are averaged, of peaks the greater one is.
        match line.counts {
            true => found.iter().sum::<f64>() / found.len().max(1) as f64,
            false => found.iter().copied().fold(0.0, f64::max),
        }
    };
    let rows = LINES.each_ref().map(|line| {
        let row = (0..width).map(|place| column(line, place));
        row.collect::<Vec<f64>>()
    });
    let mut text = String::new();
    let mut peaks = Vec::new();
    for (line, (cells, peak)) in LINES.iter().zip(drawn(scenario, &rows)) {
        let label = line.label;
        let (drawing, peak) = match below {
            true => (cells.trim_end().to_owned(), peak),
            false => (format!("{cells} at most {peak}"), String::new()),
        };
        text += &format!("{label:>14} ┤{drawing}\n");
        peaks.push(peak);
    }
    text += &format!("{:>16}{}\n", "", axis::labels(&ticks(scenario, &edges)));
    if below {
        text += &format!("  at most {}\n", peaks.join(", "));
    }
    text
}

/// The cells of each line, and its peak.
fn drawn(scenario: &Scenario, rows: &[Vec<f64>]) -> Vec<(String, String)> {
    let most = |row: &[f64]| row.iter().copied().fold(0.0, f64::max);
    // Calls share a scale, so that good ones can be compared with those made. Of calls that were
    // made before, more can come to an end in a column than are made in it.
    let counts = LINES.iter().zip(rows).filter(|(line, _)| line.counts);
    let calls = counts.map(|(_, row)| most(row)).fold(1.0, f64::max);
    let minutes = scenario.length().seconds() / 60.0 / SLICES as f64;
    let lines = LINES.iter().zip(rows).map(|(line, row)| {
        let (scale, peak, unit) = match line.counts {
            true => (calls, most(row) / minutes, "/min"),
            false => (most(row).max(1.0), most(row), ""),
        };
        let cell = |value: &f64| {
            let eighths = (value / scale * 8.0).round() as usize;
            STEPS[if 0.0 < *value { eighths.max(1) } else { 0 }]
        };
        let cells = row.iter().map(cell).collect();
        (cells, format!("{}{unit}", words::number(peak)))
    });
    lines.collect()
}

/// Survival curves up to a time (s), one below the other: how high each column is filled is the share
/// that still lasts, and a dot marks the end of observation.
pub(crate) fn survival(curves: &[(&str, Survival)], until_s: f64) -> String {
    let wide = curves
        .iter()
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or(0);
    let room = paint::width().map(|room| room.saturating_sub(wide + 4));
    let width = room.map_or(WIDTH, |room| room.max(LEAST));
    let cell = |curve: &Survival, column: usize| {
        let at = until_s * (column as f64 + 0.5) / width as f64;
        let share = curve.at(at).survival;
        match at <= curve.until || share == 0.0 {
            // Whatever still lasts is seen, and so is whatever does not.
            true if 0.0 < share && share < 1.0 => {
                STEPS[(8.0 * share).round().clamp(1.0, 7.0) as usize]
            }
            true => STEPS[(8.0 * share) as usize],
            false => '·',
        }
    };
    let mut text = String::new();
    for (name, curve) in curves {
        let cells: String = (0..width).map(|column| cell(curve, column)).collect();
        text += &format!("  {name:>wide$} ┤{}\n", cells.trim_end());
    }
    let ticks = [0, 1, 2, 3].map(|quarter| Tick {
        column: width * quarter / 4,
        label: brief(until_s * quarter as f64 / 4.0, "s"),
    });
    text + &format!("  {:wide$}  {}\n", "", axis::labels(&ticks))
}

/// Times below a drawing whose columns these instants bound.
fn ticks(scenario: &Scenario, edges: &[SimTime]) -> Vec<Tick> {
    let start = scenario.utc(scenario.setup.start).as_microsecond();
    let zero = start - scenario.setup.start.micros() as i64;
    let edges: Vec<i64> = edges.iter().map(|at| zero + at.micros() as i64).collect();
    axis::ticks(&edges, |at| {
        let at = SimTime::ZERO + SimDuration::from_micros((at - zero) as u64);
        scenario.utc(at).to_string()
    })
}
