//! Tables of comma-separated values: one header, units in the names, an absent value is empty. The
//! only file that knows `csv`.

use std::io::{self, Read, Write};

use crate::experiment::condensed::QUANTILE_ERROR;
use crate::experiment::ensemble::Ensemble;
use crate::experiment::measure::{MEASURES, Subject};
use crate::experiment::run::{Outcome, within};
use crate::experiment::sweep::Cell;
use crate::experiment::trace::Trace;
use crate::experiment::unknown::ends_of;
use crate::scenario::Scenario;
use crate::stats::Estimate;

/// A number as its shortest text that reads back the same; empty where there is none.
pub(crate) fn cell(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// An estimate in three columns.
pub(crate) fn ends(estimate: Estimate) -> [String; 3] {
    [estimate.point, estimate.low, estimate.high].map(cell)
}

/// A table under its header.
pub(crate) fn table(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_table(header, rows, &mut bytes).expect("memory takes every byte");
    bytes
}

/// The same, written row by row.
fn write_table(
    header: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
    to: &mut dyn Write,
) -> io::Result<()> {
    let header = header.iter().map(|name| (*name).to_owned()).collect();
    write_lines(std::iter::once(header).chain(rows), to)
}

/// `measures.csv`: a row for each subject and measure of one replication.
pub(crate) fn measures(scenario: &Scenario, outcome: &Outcome) -> Vec<u8> {
    let rows = Subject::all(scenario).into_iter().flat_map(|subject| {
        let (kind, name) = subject.named(scenario);
        let values = outcome.row(subject).collect::<Vec<_>>();
        let measures = subject.measures().iter().zip(values);
        measures.map(move |(measure, value)| {
            let texts = [kind, name, measure.name, measure.unit];
            let mut row = texts.map(str::to_owned).to_vec();
            row.push(cell(value));
            row
        })
    });
    table(&["kind", "name", "measure", "unit", "value"], rows)
}

/// `dependencies.csv`: a row for each slice of time of each dependency.
pub(crate) fn dependencies(scenario: &Scenario, outcome: &Outcome) -> Vec<u8> {
    let header = [
        "time_s",
        "utc",
        "dependency",
        "calls",
        "calls_repeated",
        "calls_good",
        "calls_wasted",
        "calls_rejected",
        "calls_shed",
        "callers_lost",
        "queue_max",
        "backlog_max",
    ];
    let rows = scenario.dependencies.iter().enumerate();
    let rows = rows.flat_map(|(place, name)| {
        outcome.slices(scenario, place).map(move |(at, slice)| {
            let mut row = vec![
                scenario.seconds(at).to_string(),
                scenario.utc(at).to_string(),
                name.clone(),
            ];
            let counts = [
                slice.offered,
                slice.retries,
                slice.good,
                slice.wasted,
                slice.rejected,
                slice.shed,
                slice.lost,
                slice.queue_max.into(),
                slice.orbit_max.into(),
            ];
            row.extend(counts.map(|count| count.to_string()));
            row
        })
    });
    table(&header, rows)
}

/// `levels.csv`: a row for each pool at the start, at each instant at which one of its levels changed,
/// and at the end, so that integrals over the rows are those over the time that was measured.
pub(crate) fn levels(scenario: &Scenario, outcome: &Outcome, to: &mut dyn Write) -> io::Result<()> {
    let header = [
        "time_s",
        "utc",
        "pool",
        "ready",
        "pending",
        "leased",
        "deleting",
        "waiting",
        "failed_leases",
    ];
    let pools = scenario.pools.iter().zip(&outcome.levels);
    let rows = pools.flat_map(|(pool, levels)| {
        let noted = within(levels, scenario.setup.start, outcome.until);
        noted.into_iter().map(move |noted| {
            let levels = [
                noted.ready,
                noted.pending,
                noted.leased,
                noted.deleting,
                noted.waiting,
            ];
            let mut row = vec![
                scenario.seconds(noted.at).to_string(),
                scenario.utc(noted.at).to_string(),
                pool.name.clone(),
            ];
            row.extend(levels.map(|level| level.to_string()));
            row.push(noted.failed.to_string());
            row
        })
    });
    write_table(&header, rows, to)
}

/// `events.csv`: a row for everything that happened in one replication.
pub(crate) fn events(scenario: &Scenario, trace: &Trace, to: &mut dyn Write) -> io::Result<()> {
    let header = [
        "time_s", "utc", "pool", "event", "worker", "class", "tenant", "outage", "region", "alert",
        "step", "cause",
    ];
    let rows = trace.entries.iter().map(|entry| {
        let window = entry.window.map(|place| &scenario.windows[place]);
        let pool = entry.pool.map(|place| scenario.pools[place].name.clone());
        let cells = [
            pool,
            Some(entry.event.to_owned()),
            entry.worker.map(|worker| worker.to_string()),
            entry
                .class
                .map(|place| scenario.classes[place].name.clone()),
            entry.tenant.map(|tenant| tenant.to_string()),
            window.map(|window| window.outage.clone()),
            window.map(|window| window.region.clone()),
            entry.alert.map(|place| scenario.alerts[place].clone()),
            entry.step.map(|place| scenario.steps[place].clone()),
            entry.cause.map(str::to_owned),
        ];
        let mut row = vec![
            scenario.seconds(entry.at).to_string(),
            scenario.utc(entry.at).to_string(),
        ];
        row.extend(cells.map(Option::unwrap_or_default));
        row
    });
    write_table(&header, rows, to)
}

/// Columns of where figures lie for values that are not known, where those are drawn from a sample.
const IGNORANCE: [&str; 8] = [
    "present_share_ignorance_low",
    "present_share_ignorance_high",
    "nonzero_share_ignorance_low",
    "nonzero_share_ignorance_high",
    "mean_ignorance_low",
    "mean_ignorance_high",
    "p50_ignorance_low",
    "p50_ignorance_high",
];

/// Columns of what an ensemble says about one measure.
fn summary_header(uncertain: bool) -> Vec<&'static str> {
    let mut header = vec!["kind", "name", "measure", "unit", "n", "present_n"];
    for name in [
        ["present_share", "present_share_low", "present_share_high"],
        ["nonzero_share", "nonzero_share_low", "nonzero_share_high"],
        ["mean", "mean_low", "mean_high"],
        ["p05", "p05_low", "p05_high"],
        ["p50", "p50_low", "p50_high"],
        ["p95", "p95_low", "p95_high"],
    ] {
        header.extend(name);
    }
    header.push("sd");
    header.extend(IGNORANCE.iter().filter(|_| uncertain));
    header
}

/// A row for each subject and measure of an ensemble; of some measures only, if any are named.
fn summary_rows(
    scenario: &Scenario,
    ensemble: &Ensemble,
    measures: Option<&[&str]>,
) -> impl Iterator<Item = Vec<String>> {
    Subject::all(scenario).into_iter().flat_map(move |subject| {
        let (kind, name) = subject.named(scenario);
        let places = subject.measures().iter().enumerate();
        let places = places.filter(move |(_, measure)| {
            measures.is_none_or(|measures| measures.contains(&measure.name))
        });
        let places = places.filter(move |(place, _)| ensemble.asks(subject, *place));
        places.map(move |(place, measure)| {
            let summary = ensemble.summary_of(subject, place);
            let n = [ensemble.n, summary.mean.n].map(|n| n.to_string());
            let texts = [kind, name, measure.name, measure.unit];
            let mut row = texts.map(str::to_owned).to_vec();
            row.extend(n);
            row.extend(ends(summary.present));
            row.extend(ends(summary.nonzero));
            row.extend(ends(summary.mean));
            row.extend(summary.quantiles.into_iter().flat_map(ends));
            row.push(cell(summary.sd));
            if !ensemble.rows.is_empty() {
                let ends = ends_of(ensemble, (subject, place), &summary).into_iter();
                let ends = ends.flat_map(|ends| ends.map_or([None; 2], |ends| ends.map(Some)));
                row.extend(ends.map(|end| cell(end.filter(|end| end.is_finite()))));
            }
            row
        })
    })
}

/// `summary.csv`: a row for each subject and measure of an ensemble.
pub(crate) fn summary(scenario: &Scenario, ensemble: &Ensemble) -> Vec<u8> {
    let mut header = summary_header(!ensemble.rows.is_empty());
    let error = ensemble.is_summarised().then(|| QUANTILE_ERROR.to_string());
    header.extend(error.iter().map(|_| "quantile_error"));
    let rows = summary_rows(scenario, ensemble, None);
    let rows = rows.map(|row| row.into_iter().chain(error.clone()).collect());
    table(&header, rows)
}

/// Columns of `sweep.csv`: the cell, the value of each axis, and those of `summary.csv`.
pub(crate) fn sweep_header<'a>(
    axes: impl Iterator<Item = &'a str>,
    uncertain: bool,
) -> Vec<&'a str> {
    std::iter::once("cell")
        .chain(axes)
        .chain(summary_header(uncertain))
        .collect()
}

/// The rows of one cell of `sweep.csv`, under no header.
pub(crate) fn sweep_rows(cell: &Cell<'_>, values: &[String], measures: &[&str]) -> Vec<u8> {
    let rows = summary_rows(cell.scenario, &cell.ensemble, Some(measures));
    lines(rows.map(|row| {
        let begin = std::iter::once(cell.number.to_string());
        begin.chain(values.iter().cloned()).chain(row).collect()
    }))
}

/// Records as lines, under no header. A text that a spreadsheet would run as a formula is written so that it
/// shows as text: behind a `'`, and quoted (OWASP, CSV injection).
pub(crate) fn lines(records: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_lines(records, &mut bytes).expect("memory takes every byte");
    bytes
}

fn write_lines(records: impl Iterator<Item = Vec<String>>, to: &mut dyn Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(to);
    for record in records {
        if !record.iter().any(|text| is_formula(text)) {
            writer.write_record(&record)?;
            continue;
        }
        // Quotes are the choice of a writer, so that this record has its own.
        let to = writer.into_inner().map_err(|error| error.into_error())?;
        let mut quoting = csv::WriterBuilder::new()
            .quote_style(csv::QuoteStyle::NonNumeric)
            .from_writer(to);
        quoting.write_record(record.iter().map(|text| shown(text)))?;
        let to = quoting.into_inner().map_err(|error| error.into_error())?;
        writer = csv::Writer::from_writer(to);
    }
    writer.flush()
}

/// What a spreadsheet takes for the beginning of a formula, or removes before it looks.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Whether a text begins like a formula and is no number. One that begins like the written form of such a
/// text counts too, so that reading gives every text back.
fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(FORMULA) && text.parse::<f64>().is_err()
}

/// A text as it is written.
fn shown(text: &str) -> String {
    let mark = if is_formula(text) { "'" } else { "" };
    format!("{mark}{text}")
}

/// A text as it was before it was written.
fn read_back(text: &str) -> &str {
    let rest = text.strip_prefix('\'').filter(|rest| is_formula(rest));
    rest.unwrap_or(text)
}

/// The records of a table without its header, as long as they can be read and are of one length.
pub(crate) fn records(table: impl Read) -> impl Iterator<Item = io::Result<Vec<String>>> {
    let reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(table);
    let texts = |record: csv::StringRecord| {
        let texts = record.iter().map(|text| read_back(text).to_owned());
        texts.collect()
    };
    let records = reader.into_records();
    records.map(move |record| record.map(texts).map_err(io::Error::other))
}

/// `survival.csv`: a row for each step of the survival curve of each clock of each pool.
pub(crate) fn survival(scenario: &Scenario, ensemble: &Ensemble) -> Vec<u8> {
    let header = [
        "pool",
        "clock",
        "time_s",
        "at_risk",
        "events",
        "censored",
        "survival_share",
        "survival_share_low",
        "survival_share_high",
    ];
    let clocks = || MEASURES.iter().map(|measure| measure.name);
    let rows = scenario.pools.iter().enumerate().flat_map(|(place, pool)| {
        let curves = clocks().filter_map(move |clock| Some((clock, ensemble.curve(place, clock)?)));
        curves.flat_map(move |(clock, curve)| {
            curve.steps.into_iter().map(move |step| {
                let counts = [step.at_risk, step.events, step.censored];
                let shares = [step.survival, step.low, step.high];
                let mut row = vec![pool.name.clone(), clock.to_owned(), step.at.to_string()];
                row.extend(counts.map(|count| count.to_string()));
                row.extend(shares.map(|share| share.to_string()));
                row
            })
        })
    });
    table(&header, rows)
}

/// `fan.csv`: a row for each instant and pool, a column for each quantile of the ready level.
pub(crate) fn fan(scenario: &Scenario, ensemble: &Ensemble) -> Vec<u8> {
    let header = [
        "time_s",
        "utc",
        "pool",
        "n",
        "ready_p05",
        "ready_p25",
        "ready_p50",
        "ready_p75",
        "ready_p95",
    ];
    let rows = scenario.pools.iter().enumerate().flat_map(|(place, pool)| {
        let bands = ensemble.levels(scenario, place).into_iter();
        bands.map(|band| {
            let utc = scenario.utc(scenario.instant_at(band.at_s)).to_string();
            let mut row = vec![
                band.at_s.to_string(),
                utc,
                pool.name.clone(),
                band.n.to_string(),
            ];
            row.extend(band.levels.map(cell));
            row
        })
    });
    table(&header, rows)
}

/// `replications.csv`: a row for each replication and pool, a column for each measure.
pub(crate) fn replications(scenario: &Scenario, ensemble: &Ensemble) -> Vec<u8> {
    let pools = (0..scenario.pools.len()).map(Subject::Pool);
    by_replication(scenario, ensemble, "pool", pools)
}

/// `classes.csv`: a row for each replication and demand class, a column for each measure.
pub(crate) fn classes(scenario: &Scenario, ensemble: &Ensemble) -> Vec<u8> {
    let classes = (0..scenario.classes.len()).map(Subject::Class);
    by_replication(scenario, ensemble, "class", classes)
}

/// A row for each replication and each of some subjects of one kind.
fn by_replication(
    scenario: &Scenario,
    ensemble: &Ensemble,
    kind: &str,
    subjects: impl Iterator<Item = Subject>,
) -> Vec<u8> {
    if ensemble.is_summarised() {
        return Vec::new();
    }
    let asked = |subject: Subject| {
        let measures = subject.measures().iter().enumerate();
        let asked = measures.filter(move |it| ensemble.asks(subject, it.0));
        asked.map(|(_, measure)| measure.name)
    };
    let subjects: Vec<Subject> = subjects
        .filter(|subject| asked(*subject).next().is_some())
        .collect();
    let mut header = vec!["replication", kind];
    header.extend(subjects.first().into_iter().flat_map(|it| asked(*it)));
    let rows = (0..ensemble.n).flat_map(|replication| {
        subjects.iter().map(move |subject| {
            let name = subject.named(scenario).1.to_owned();
            let mut row = vec![replication.to_string(), name];
            row.extend(ensemble.row(replication, *subject).map(cell));
            row
        })
    });
    table(&header, rows)
}

/// `incidents.csv`: a row for each replication, a column for each measure of the incident, and for each
/// measure of each dependency, as `dependency:measure`.
pub(crate) fn incidents(scenario: &Scenario, ensemble: &Ensemble) -> Vec<u8> {
    if ensemble.is_summarised() {
        return Vec::new();
    }
    let subjects = Subject::all(scenario).into_iter();
    let subjects: Vec<Subject> = subjects
        .filter(|it| matches!(it, Subject::Incident | Subject::Dependency(_)))
        .collect();
    let names = subjects.iter().flat_map(|subject| {
        let prefix = match subject {
            Subject::Dependency(place) => format!("{}:", scenario.dependencies[*place]),
            _ => String::new(),
        };
        let measures = subject.measures().iter().enumerate();
        let asked = measures.filter(|it| ensemble.asks(*subject, it.0));
        asked.map(move |(_, measure)| format!("{prefix}{}", measure.name))
    });
    let names: Vec<String> = names.collect();
    let mut header = vec!["replication"];
    header.extend(names.iter().map(String::as_str));
    let rows = (0..ensemble.n).map(|replication| {
        let values = subjects
            .iter()
            .flat_map(|it| ensemble.row(replication, *it));
        std::iter::once(replication.to_string())
            .chain(values.map(cell))
            .collect()
    });
    table(&header, rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_text_and_numbers_are_left_alone() {
        let hostile = "=HYPERLINK(\"x\")";
        let row = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let rows: [Vec<String>; 4] = [
            row(&[hostile, "-1.5", "-1e-9", "+3"]),
            row(&["@a", "-b", "+c", "\td"]),
            row(&["'=x", "'x", "", "r/=i"]),
            row(&["plain", "-2", "a,b", "4"]),
        ];
        let lines = lines(rows.iter().cloned());
        let text = String::from_utf8(lines.clone()).expect("UTF-8");
        assert_eq!(
            text,
            "\"'=HYPERLINK(\"\"x\"\")\",-1.5,-1e-9,+3\n\"'@a\",\"'-b\",\"'+c\",\"'\td\"\n\
             \"''=x\",\"'x\",\"\",\"r/=i\"\nplain,-2,\"a,b\",4\n"
        );
        let back: Vec<Vec<String>> = records(&lines[..])
            .collect::<io::Result<_>>()
            .expect("rows");
        assert_eq!(back, rows);
    }
}
