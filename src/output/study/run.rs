//! One replication: its measures, its timeline, and the levels of its pools.

use std::collections::BTreeMap;
use std::io::Write;

use serde::{Deserialize, Serialize};

use crate::experiment::measure::{MEASURES, Measure};
use crate::experiment::names::Role;
use crate::experiment::run::Outcome;
use crate::experiment::tables;
use crate::experiment::timeline::timeline;
use crate::kernel::event_loop::Ended;
use crate::kernel::time::SimTime;
use crate::output::chart::dependency::{self, Calls};
use crate::output::chart::levels::{self, Levels};
use crate::output::folder::Content;
use crate::output::study::header::{Header, Words, role, role_in_words};
use crate::output::study::measured::Measured;
use crate::output::study::{Chart, Results, Study};
use crate::output::table::{Align, Cell, Section, Table, columns};
use crate::output::{csv, json, words};
use crate::scenario::Scenario;

/// The record of one replication.
#[derive(Serialize, Deserialize)]
pub(crate) struct Record {
    start: String,
    reached_horizon: bool,
    events: u64,
    digest: String,
    first_failed_provisioning_at_s: Option<f64>,
    #[serde(flatten)]
    measured: Measured<Option<f64>>,
    demand: BTreeMap<String, Demand>,
    timeline: Vec<Moment>,
}

/// Requests of a demand class.
#[derive(Serialize, Deserialize)]
struct Demand {
    arrivals: u64,
    shed: u64,
    refused: u64,
    retries: u64,
    requests: u64,
    failed_leases: u64,
}

/// Something that was published or simulated.
#[derive(Serialize, Deserialize)]
struct Moment {
    published: Option<String>,
    simulated: Option<String>,
    apart_s: Option<f64>,
    what: String,
    #[serde(rename = "use")]
    role: Option<String>,
}

/// The study of one replication; `course` says which it is.
pub(crate) fn study<'a>(
    scenario: &'a Scenario,
    outcome: &'a Outcome,
    words: Words,
    course: &str,
) -> Study<'a> {
    let tables = move || {
        let levels = move |to: &mut dyn Write| csv::write(tables::levels(scenario, outcome), to);
        vec![
            csv::bytes(tables::measures(scenario, outcome)).into(),
            Content::Written(Box::new(levels)),
            csv::bytes(tables::dependencies(scenario, outcome)).into(),
        ]
    };
    let header = Header::new(Record::COMMAND, scenario, words);
    let charts = charts(scenario, outcome, course);
    Study::new(header, record(scenario, outcome), tables, charts)
}

fn record(scenario: &Scenario, outcome: &Outcome) -> Record {
    let classes = scenario.classes.iter().zip(&outcome.ledger.classes);
    let demand = classes.map(|(class, ledger)| {
        let counts = Demand {
            arrivals: ledger.arrivals,
            shed: ledger.shed,
            refused: ledger.refused,
            retries: ledger.retries,
            requests: ledger.requests,
            failed_leases: ledger.failed,
        };
        (class.name.clone(), counts)
    });
    let utc = |at: Option<SimTime>| at.map(|at| scenario.utc(at).to_string());
    let moments = timeline(scenario, outcome).into_iter().map(|moment| {
        let apart = moment.published.zip(moment.simulated);
        Moment {
            published: utc(moment.published),
            simulated: utc(moment.simulated),
            apart_s: apart.map(|(published, simulated)| simulated.seconds_since(published)),
            what: moment.what,
            role: moment.fitted.map(|fitted| role(fitted).to_owned()),
        }
    });
    let origin = outcome.ledger.first_failed_provisioning;
    let value = |subject, place| outcome.row(subject).nth(place);
    Record {
        start: scenario.utc(scenario.setup.start).to_string(),
        reached_horizon: outcome.ended == Ended::Horizon,
        events: outcome.events,
        digest: json::digest(outcome.digest),
        first_failed_provisioning_at_s: origin.is_finite().then(|| scenario.seconds(origin)),
        measured: Measured::of(scenario, value),
        demand: demand.collect(),
        timeline: moments.collect(),
    }
}

/// A chart for each pool and each dependency.
fn charts(scenario: &Scenario, outcome: &Outcome, course: &str) -> Vec<Chart> {
    let pools = scenario.pools.iter().enumerate().map(|(place, pool)| {
        let drawing = levels::draw(&Levels::of(scenario, outcome, place, course));
        ("levels", &pool.name[..], Some(pool.name.clone()), drawing)
    });
    let dependencies = scenario.dependencies.iter().enumerate();
    let dependencies = dependencies.map(|(place, name)| {
        let drawing = dependency::draw(&Calls::of(scenario, outcome, place, course));
        ("dependency", &name[..], None, drawing)
    });
    Chart::named(pools.chain(dependencies).collect())
}

impl Results for Record {
    const COMMAND: &'static str = "run";
    const TABLES: &'static [&'static str] = &["measures.csv", "levels.csv", "dependencies.csv"];

    fn asked(&self) -> String {
        "One replication".to_owned()
    }

    fn sections(&self, _: &Header) -> Vec<Section> {
        let measured = &self.measured;
        let shown = |measure: &&Measure| {
            let found = |pool: &String| {
                let value = measured.of_pool(pool, measure);
                value.is_some_and(|value| !measure.has(Role::Rare) || value != 0.0)
            };
            measure.has(Role::Shown) && measured.pools.keys().any(found)
        };
        let caption = "Main measures by pool. Times to an event count from the first failed provisioning, \
                       recoveries from the end of the outage.";
        let main = measured.by_pool(caption, MEASURES.iter().filter(shown));
        let mut folded = vec![measured.by_pool("All measures of pools", MEASURES.iter())];
        folded.push(self.demand());
        let mut tables = vec![main];
        tables.extend(measured.of_incident());
        tables.extend(measured.of_dependencies());
        tables.extend(measured.of_classes());
        let figures = Section {
            heading: "Figures".to_owned(),
            lead: String::new(),
            tables,
            folded,
        };
        vec![self.timeline(), figures]
    }

    fn digests(&self) -> Vec<String> {
        vec![self.digest.clone()]
    }
}

impl Record {
    fn timeline(&self) -> Section {
        let clock = |at: &Option<String>| match at {
            Some(at) => Cell::text(clock(&self.start, at)),
            None => Cell::text(""),
        };
        let rows = self.timeline.iter().map(|moment| {
            let apart = Cell {
                value: moment.apart_s,
                ..Cell::text(moment.apart_s.map_or_else(String::new, words::apart))
            };
            vec![
                Cell::text(&moment.what),
                clock(&moment.published),
                clock(&moment.simulated),
                apart,
                Cell::text(moment.role.as_deref().map_or("", role_in_words)),
            ]
        });
        let mut header = columns(&["what"], Align::Prose);
        let names = ["published", "simulated", "apart"];
        header.extend(columns(&names, Align::Numbers));
        header.extend(columns(&["published figure"], Align::Words));
        let date = self.start.get(..10).unwrap_or_default();
        let caption = format!("Times are UTC, on {date} where no date is given.");
        let table = Table::new(caption, header, rows);
        let lead = "A fitted figure shaped the scenario, so that meeting it proves nothing; one that is held out \
                    is evidence.";
        Section {
            heading: "Timeline".to_owned(),
            lead: lead.to_owned(),
            tables: vec![table],
            folded: Vec::new(),
        }
    }

    fn demand(&self) -> Table {
        let names = [
            "arrivals",
            "shed",
            "refused",
            "retries",
            "requests",
            "failed_leases",
        ];
        let rows = self.demand.iter().map(|(name, of)| {
            let counts = [
                of.arrivals,
                of.shed,
                of.refused,
                of.retries,
                of.requests,
                of.failed_leases,
            ];
            let counts = counts.map(|count| Cell::number(Some(count as f64), "requests"));
            std::iter::once(Cell::text(name)).chain(counts).collect()
        });
        let mut header = columns(&["demand class"], Align::Words);
        header.extend(columns(&names, Align::Numbers));
        Table::new("Demand, in requests", header, rows)
    }
}

/// The clock time of an instant, with its date where that is not the first.
fn clock(first: &str, at: &str) -> String {
    match (at.get(..10), at.get(11..19)) {
        (Some(date), Some(time)) if first.starts_with(date) => time.to_owned(),
        (Some(date), Some(time)) => format!("{} {time}", &date[5..]),
        _ => at.to_owned(),
    }
}
