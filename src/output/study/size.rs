//! Sizes of buffers: the level that is enough, how sure that is, and what it costs.

use serde::{Deserialize, Serialize};

use crate::experiment::allocate::Together;
use crate::experiment::alternative::Alternative;
use crate::experiment::break_even::BreakEven;
use crate::experiment::requirement::Requirement;
use crate::experiment::size::{Buffer, Sizing as Found, YEAR_H};
use crate::output::chart::names;
use crate::output::chart::sizing::{self, Sized, Sizing};
use crate::output::study::decided;
use crate::output::study::header::{Header, Words};
use crate::output::study::information::Worth;
use crate::output::study::size_tables;
use crate::output::study::{Chart, Results, Study};
use crate::output::table::{Align, Cell, Section, Table, columns};
use crate::output::words;
use crate::scenario::Scenario;
use crate::stats::Estimate;

/// The record of sizes.
#[derive(Serialize, Deserialize)]
pub(crate) struct Record {
    seed: u64,
    buffers: Vec<SizedBuffer>,
    together: Option<Shared>,
}

/// One buffer.
#[derive(Serialize, Deserialize)]
struct SizedBuffer {
    pool: String,
    path: String,
    measure: String,
    /// Absent where the measure has a lower bound instead.
    at_most: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at_least: Option<f64>,
    risk: f64,
    replications: usize,
    outage_met_share: Estimate,
    checked: usize,
    violated: usize,
    level: Option<String>,
    level_low: Option<String>,
    level_high: Option<String>,
    level_assured: Option<String>,
    /// Its level in the answer for several buffers.
    level_together: Option<String>,
    worker_hour_cost: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    break_even: Option<Cheapest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    information: Option<Worth>,
    curve: Vec<Point>,
    costs: Vec<Costs>,
}

/// The level whose expected cost is least.
#[derive(Serialize, Deserialize)]
struct Cheapest {
    level: String,
    /// The ends of the levels whose cost cannot be distinguished from it.
    level_low: String,
    level_high: String,
    costs: Vec<Expected>,
}

/// What a level is expected to cost.
#[derive(Serialize, Deserialize)]
struct Expected {
    level: String,
    total_cost: Estimate,
    more_than_least: Estimate,
}

/// In how many replications a level is enough.
#[derive(Serialize, Deserialize)]
struct Point {
    level: String,
    does_share: Estimate,
}

/// What a level does and costs.
#[derive(Serialize, Deserialize)]
struct Costs {
    level: String,
    failed_leases: Estimate,
    any_fails_share: Estimate,
    idle_worker_hours: Estimate,
    calm_ready: Estimate,
    idle_cost: Estimate,
    cost_a_year: Estimate,
}

/// Levels of several buffers.
#[derive(Serialize, Deserialize)]
struct Shared {
    levels: Vec<Level>,
    cost: f64,
    kept_share: Estimate,
    trial_share: Estimate,
    keeps: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    alternatives: Vec<Alternative>,
}

/// The level of one of them.
#[derive(Serialize, Deserialize)]
struct Level {
    path: String,
    level: String,
}

/// The study of buffers.
pub(crate) fn study<'a>(
    scenario: &Scenario,
    buffers: &'a [Buffer],
    together: Option<&'a Together>,
    seed: u64,
    words: Words,
) -> Study<'a> {
    let shared = together.map(|together| {
        let levels = buffers.iter().zip(&together.allocation.levels);
        let levels = levels.map(|(buffer, level)| Level {
            path: buffer.path.clone(),
            level: buffer.sizing.levels[*level].clone(),
        });
        Shared {
            levels: levels.collect(),
            cost: together.allocation.cost,
            kept_share: together.allocation.kept,
            trial_share: together.trial,
            keeps: together.keeps,
            alternatives: together.alternatives.clone(),
        }
    });
    let joint = |place: usize| Some(together?.allocation.levels[place]);
    let sized = (0..).zip(buffers);
    let sized = sized.map(|(place, buffer)| SizedBuffer {
        level_together: joint(place).map(|level| buffer.sizing.levels[level].clone()),
        ..SizedBuffer::of(buffer)
    });
    let record = Record {
        seed,
        buffers: sized.collect(),
        together: shared,
    };
    let header = Header::new(Record::COMMAND, scenario, words);
    let tables = move || size_tables::all(buffers, together);
    let joint = (0..buffers.len()).map(joint).collect::<Vec<_>>();
    Study::new(header, record, tables, charts(buffers, &joint, seed))
}

/// A chart of each buffer whose levels are numbers, with its level in the joint answer, if there is one.
fn charts(buffers: &[Buffer], joint: &[Option<usize>], seed: u64) -> Vec<Chart> {
    let drawn = buffers.iter().zip(joint);
    let drawn = drawn.filter_map(|(it, joint)| Some((it, sized(it, *joint, seed)?)));
    let drawn: Vec<_> = drawn.collect();
    let names = names(drawn.iter().map(|(buffer, _)| ("size", &buffer.pool[..])));
    let charts = names
        .into_iter()
        .zip(&drawn)
        .map(|(name, (buffer, data))| Chart {
            name,
            pool: Some(buffer.pool.clone()),
            drawing: sizing::draw(data),
        });
    charts.collect()
}

fn numbers(levels: &[String]) -> Option<Vec<f64>> {
    levels.iter().map(|level| level.parse().ok()).collect()
}

fn sized(buffer: &Buffer, joint: Option<usize>, seed: u64) -> Option<Sizing> {
    let found = &buffer.sizing;
    let workers = numbers(&found.levels)?;
    let shown = found.costs.first()?.level..=found.costs.last()?.level;
    let levels = found
        .curve
        .iter()
        .filter(|likely| shown.contains(&likely.level));
    let levels = levels.map(|likely| {
        let cost = found.costs.iter().find(|cost| cost.level == likely.level);
        let burden = cost.and_then(|cost| match buffer.price {
            Some(price) => cost.calm_ready.times(price * YEAR_H).point,
            None => cost.calm_ready.point,
        });
        Sized {
            workers: workers[likely.level],
            spared: likely.success,
            burden,
        }
    });
    let burden = match buffer.price {
        Some(_) => "cost a year",
        None => "ready in calm (workers)",
    };
    let required = 1.0 - found.requirement.risk;
    let answer = joint.or(found.answer).map(|level| workers[level]);
    let mut data = Sizing {
        title: String::new(),
        subtitle: format!(
            "{}, seed {seed} · band holds 95%",
            words::counted(found.n, "replication")
        ),
        asked: asked(&found.requirement),
        axis: buffer.path.clone(),
        levels: levels.collect(),
        required,
        answer_workers: answer,
        burden: Some(burden.to_owned()),
    };
    data.title = data.title(&buffer.pool);
    Some(data)
}

/// What is asked of a buffer, in words.
pub(crate) fn asked(requirement: &Requirement) -> String {
    let (measure, most) = (requirement.measured(), requirement.at_most());
    match most {
        0.0 if requirement.is_of_outages() => "no lease fails in an outage".to_owned(),
        0.0 if measure.name == "failed_leases" => "no lease fails".to_owned(),
        _ if requirement.at_least().is_finite() => format!(
            "{} is at least {}",
            measure.name,
            words::value(requirement.at_least(), measure.unit)
        ),
        _ => format!(
            "{} is at most {}",
            measure.name,
            words::value(most, measure.unit)
        ),
    }
}

/// A bound, where there is one.
fn bound(limit: f64) -> Option<f64> {
    limit.is_finite().then_some(limit)
}

impl Cheapest {
    fn of(found: &BreakEven, sizing: &Found) -> Self {
        let level = |place: usize| sizing.levels[place].clone();
        let costs = found.costs.iter().map(|cost| Expected {
            level: level(cost.level),
            total_cost: cost.cost,
            more_than_least: cost.more,
        });
        Self {
            level: level(found.level),
            level_low: level(found.range[0]),
            level_high: level(found.range[1]),
            costs: costs.collect(),
        }
    }
}

impl SizedBuffer {
    fn of(buffer: &Buffer) -> Self {
        let sizing = &buffer.sizing;
        let level = |place: Option<usize>| place.map(|place| sizing.levels[place].clone());
        let [low, high] = sizing.interval.map(level);
        let curve = sizing.curve.iter().map(|likely| Point {
            level: sizing.levels[likely.level].clone(),
            does_share: likely.success,
        });
        let costs = sizing.costs.iter().map(|cost| {
            let [failed, any, idle, calm, idle_cost, year] = cost.estimates(buffer.price);
            Costs {
                level: sizing.levels[cost.level].clone(),
                failed_leases: failed,
                any_fails_share: any,
                idle_worker_hours: idle,
                calm_ready: calm,
                idle_cost,
                cost_a_year: year,
            }
        });
        Self {
            pool: buffer.pool.clone(),
            path: buffer.path.clone(),
            measure: sizing.requirement.measure.to_owned(),
            at_most: bound(sizing.requirement.at_most),
            at_least: bound(sizing.requirement.at_least),
            risk: sizing.requirement.risk,
            replications: sizing.n,
            outage_met_share: sizing.met,
            checked: sizing.checked[0],
            violated: sizing.checked[1],
            level: level(sizing.answer),
            level_low: low,
            level_high: high,
            level_assured: level(sizing.assured),
            level_together: None,
            worker_hour_cost: buffer.price,
            currency: buffer.currency.clone(),
            break_even: buffer
                .break_even
                .as_ref()
                .map(|it| Cheapest::of(it, sizing)),
            information: buffer.information.as_ref().map(|it| Worth::of(buffer, it)),
            curve: curve.collect(),
            costs: costs.collect(),
        }
    }

    /// What more information is worth, where that was estimated.
    fn worth(&self) -> Option<Table> {
        let found = self.information.as_ref()?;
        Some(found.table(&self.pool, &self.path))
    }

    /// What levels about the answer do and cost.
    fn costs(&self) -> Table {
        let mut names = vec![
            "does",
            "failed leases",
            "idle worker-hours",
            "ready in calm",
        ];
        if self.worker_hour_cost.is_some() {
            names.extend(["idle cost", "cost a year"]);
        }
        let rows = self.costs.iter().map(|cost| {
            let point = self.curve.iter().find(|point| point.level == cost.level);
            let does = point.map_or(Estimate::default(), |point| point.does_share);
            let cells = [
                (does, "share"),
                (cost.failed_leases, "requests"),
                (cost.idle_worker_hours, "h"),
                (cost.calm_ready, "workers"),
                (cost.idle_cost, "currency"),
                (cost.cost_a_year, "currency"),
            ];
            let cells = cells.into_iter().take(names.len());
            let cells = cells.map(|(estimate, unit)| Cell::estimate(estimate, unit, words::NONE));
            let mut row: Vec<Cell> = std::iter::once(level(&cost.level)).chain(cells).collect();
            let marks = match &self.level_together {
                Some(_) => [(&self.level_together, "answer"), (&self.level, "alone")],
                None => [(&self.level, "answer"), (&self.level_assured, "95% sure")],
            };
            for (of, name) in marks {
                if of.as_ref() == Some(&cost.level) {
                    row[0].text += &format!(" · {name}");
                }
            }
            row
        });
        let rows = rows.collect();
        self.table("levels about the answer", rows, &names)
    }

    /// Every level that was tried.
    fn curve(&self) -> Table {
        let rows = self.curve.iter().map(|point| {
            let does = Cell::estimate(point.does_share, "share", words::NONE);
            vec![level(&point.level), does]
        });
        let rows = rows.collect();
        self.table("every level", rows, &["does"])
    }

    /// What levels are expected to cost, where that is known.
    fn expected(&self) -> Option<Table> {
        let found = self.break_even.as_ref()?;
        let rows = found.costs.iter().map(|cost| {
            let cells = [cost.total_cost, cost.more_than_least];
            let cells = cells.map(|it| Cell::estimate(it, "currency", words::NONE));
            let mut row: Vec<Cell> = [level(&cost.level)].into_iter().chain(cells).collect();
            if cost.level == found.level {
                row[0].text += " · least";
            }
            row
        });
        let what = match &self.currency {
            Some(currency) => format!("expected cost ({currency})"),
            None => "expected cost".to_owned(),
        };
        let rows = rows.collect();
        Some(self.table(&what, rows, &["total cost", "more than the least"]))
    }

    fn table(&self, what: &str, rows: Vec<Vec<Cell>>, names: &[&str]) -> Table {
        let mut header = columns(&["level"], Align::Numbers);
        header.extend(columns(names, Align::Numbers));
        Table {
            caption: format!("{}: {what}", self.path),
            columns: header,
            rows,
            pool: Some(self.pool.clone()),
        }
    }
}

fn level(level: &str) -> Cell {
    Cell {
        value: level.parse().ok(),
        ..Cell::text(level)
    }
}

impl Results for Record {
    const COMMAND: &'static str = "size";
    const TABLES: &'static [&'static str] = &[
        "size.csv",
        "critical.csv",
        "information.csv",
        "alternatives.csv",
    ];

    fn asked(&self) -> String {
        "How large a buffer lasts".to_owned()
    }

    fn sections(&self, _: &Header) -> Vec<Section> {
        let pools: Vec<&str> = self.buffers.iter().map(|it| &it.pool[..]).collect();
        let together = self.together.as_ref();
        let alternatives = together.map_or(&[][..], |it| &it.alternatives);
        let lead = "Intervals in brackets cover 95%. Cost a year: ready workers while no outage is in force, as if \
                    every hour of a year were like those of the scenario.";
        vec![Section {
            heading: "Levels".to_owned(),
            lead: lead.to_owned(),
            tables: decided::table(&pools, alternatives)
                .into_iter()
                .chain(self.buffers.iter().flat_map(|it| {
                    let tables = [Some(it.costs()), it.expected(), it.worth()];
                    tables.into_iter().flatten()
                }))
                .collect(),
            folded: self.buffers.iter().map(SizedBuffer::curve).collect(),
        }]
    }
}
