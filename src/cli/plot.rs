//! The ready level of a pool over time, drawn with characters: the outage shaded, failed leases
//! marked below.

use crate::cli::words;
use crate::experiment::run::{Noted, Outcome, SLICES, Slice};
use crate::kernel::time::{SimDuration, SimTime};
use crate::scenario::Scenario;

/// Columns of the drawing.
const WIDTH: usize = 80;
/// Rows of the drawing; each shows eight steps.
const HEIGHT: usize = 5;
/// Eighths of a row.
const STEPS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The drawing of the pool at place `pool`.
pub(crate) fn level(scenario: &Scenario, outcome: &Outcome, pool: usize) -> String {
    let edges = edges(scenario);
    let columns: Vec<Column> = edges
        .windows(2)
        .map(|edge| column(scenario, outcome, pool, edge[0], edge[1]))
        .collect();
    let target = f64::from(scenario.pools[pool].target);
    let most = columns
        .iter()
        .map(|column| column.level)
        .fold(target.max(1.0), f64::max);
    let label = |row: usize| match row {
        0 => words::number(0.0),
        row if row == HEIGHT => words::number(most),
        _ => String::new(),
    };
    let mut text = String::new();
    for row in (0..HEIGHT).rev() {
        let cells = columns.iter().map(|column| column.cell(row, most));
        let margin = if row + 1 == HEIGHT {
            label(HEIGHT)
        } else {
            String::new()
        };
        text += &format!("{margin:>5} ┤{}\n", cells.collect::<String>().trim_end());
    }
    text += &format!("{:>5} └{}\n", label(0), axis(&columns));
    text += &format!("{:>7}{}\n", "", labels(scenario, &edges));
    if columns.iter().any(|column| column.failed) {
        let marks: String = columns
            .iter()
            .map(|column| if column.failed { '×' } else { ' ' })
            .collect();
        text += &format!("{:>7}{}  × failed leases\n", "", marks.trim_end());
    }
    text
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
            0 if self.outage => '░',
            filled => STEPS[filled],
        }
    }
}

/// Instants that bound the columns.
fn edges(scenario: &Scenario) -> Vec<SimTime> {
    let (start, length) = (scenario.setup.start, scenario.length().micros());
    let at = |column: usize| length / WIDTH as u64 * column as u64;
    (0..=WIDTH)
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
    let failures = |noted: Option<&Noted>| noted.map_or(0, |noted| noted.failed);
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
    let edges = edges(scenario);
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
    let most = |row: &[f64]| row.iter().copied().fold(0.0, f64::max);
    let rows = LINES.each_ref().map(|line| {
        let row = (0..WIDTH).map(|place| column(line, place));
        row.collect::<Vec<f64>>()
    });
    // Calls share a scale, so that good ones can be compared with those made. Of calls that were
    // made before, more can come to an end in a column than are made in it.
    let counts = LINES.iter().zip(&rows).filter(|(line, _)| line.counts);
    let calls = counts.map(|(_, row)| most(row)).fold(1.0, f64::max);
    let minutes = scenario.length().seconds() / 60.0 / SLICES as f64;
    let mut text = String::new();
    for (line, row) in LINES.iter().zip(&rows) {
        let (scale, peak, unit) = match line.counts {
            true => (calls, most(row) / minutes, "/min"),
            false => (most(row).max(1.0), most(row), ""),
        };
        let cell = |value: &f64| {
            let eighths = (value / scale * 8.0).round() as usize;
            STEPS[if 0.0 < *value { eighths.max(1) } else { 0 }]
        };
        let (label, cells) = (line.label, row.iter().map(cell).collect::<String>());
        let peak = words::number(peak);
        text += &format!("{label:>14} ┤{cells:<WIDTH$} at most {peak}{unit}\n");
    }
    text += &format!("{:>16}{}\n", "", labels(scenario, &edges));
    text
}

fn axis(columns: &[Column]) -> String {
    (0..columns.len())
        .map(|column| if column % 10 == 0 { '┬' } else { '─' })
        .collect()
}

fn labels(scenario: &Scenario, edges: &[SimTime]) -> String {
    let mut line = String::new();
    for column in (0..WIDTH).step_by(10) {
        let time = words::clock(scenario, edges[column]);
        let time = time.split(' ').next_back().unwrap_or_default();
        line += &format!("{:<10}", &time[..5]);
    }
    line.trim_end().to_owned()
}
