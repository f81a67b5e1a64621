//! Tables of one replication and of many: of pools, of the incident, of dependencies and demand.

use serde_json::Value;

use crate::experiment::measure::{DEPENDENCY_MEASURES, INCIDENT_MEASURES, Kind, MEASURES, Measure};
use crate::experiment::names::Role;
use crate::output::report::read::{interval, keys, list, number, text, words_of};
use crate::output::report::{Align, Cell, Column, Section, Table, columns};
use crate::output::words;

/// What a document of one replication holds.
pub(crate) fn of_run(document: &Value) -> Vec<Section> {
    let pools = &document["pools"];
    let shown = |measure: &Measure| {
        let found = |pool: &String| {
            let value = pools[pool][measure.name].as_f64();
            value.is_some_and(|value| !measure.has(Role::Rare) || value != 0.0)
        };
        measure.has(Role::Shown) && keys(pools).iter().any(found)
    };
    let caption = "Main measures by pool. Clocks count from the first failed provisioning, recoveries from \
                   the end of the outage.";
    let main = MEASURES.iter().filter(|measure| shown(measure));
    let main = by_pool(caption, document, main);
    let all = by_pool("All measures of pools", document, MEASURES.iter());
    let mut folded = vec![all];
    folded.extend(demand(document));
    let mut tables = vec![main];
    tables.extend(incident(document));
    tables.extend(dependencies(document));
    let figures = section("Figures", "", tables, folded);
    vec![timeline(document), figures]
}

fn section(heading: &str, lead: &str, tables: Vec<Table>, folded: Vec<Table>) -> Section {
    Section {
        heading: heading.to_owned(),
        lead: lead.to_owned(),
        tables,
        folded,
    }
}

fn timeline(document: &Value) -> Section {
    let first = text(document, "start").unwrap_or_default();
    let clock = |moment: &Value, key: &str| match text(moment, key) {
        Some(at) => Cell::text(clock(first, at)),
        None => Cell::text(""),
    };
    let rows = list(document, "timeline").iter().map(|moment| {
        let apart = moment["apart_s"].as_f64();
        let told = apart.map_or_else(String::new, words::apart);
        vec![
            words_of(moment, "what"),
            clock(moment, "published"),
            clock(moment, "simulated"),
            Cell::number(told, apart),
            Cell::text(text(moment, "use").map_or("", role)),
        ]
    });
    let mut header = columns(&["what"], Align::Prose);
    header.extend(columns(
        &["published", "simulated", "apart"],
        Align::Numbers,
    ));
    header.extend(columns(&["published figure"], Align::Words));
    let date = first.get(..10).unwrap_or_default();
    let table = Table {
        caption: format!("Times are UTC, on {date} where no date is given."),
        columns: header,
        rows: rows.collect(),
        pool: None,
    };
    let lead = "A fitted figure shaped the scenario, so that meeting it proves nothing; one that is held out \
                is evidence.";
    section("Timeline", lead, vec![table], Vec::new())
}

/// The clock time of an instant, with its date where that is not the first.
fn clock(first: &str, at: &str) -> String {
    match (at.get(..10), at.get(11..19)) {
        (Some(date), Some(time)) if first.starts_with(date) => time.to_owned(),
        (Some(date), Some(time)) => format!("{} {time}", &date[5..]),
        _ => at.to_owned(),
    }
}

/// What a fact was used for, in words.
pub(crate) fn role(role: &str) -> &'static str {
    if role == "fit" { "fitted" } else { "held out" }
}

/// A row for each measure, a column for each pool.
fn by_pool<'a>(
    caption: &str,
    document: &Value,
    measures: impl Iterator<Item = &'a Measure>,
) -> Table {
    let pools = &document["pools"];
    let names = keys(pools);
    let mut header = columns(&["measure"], Align::Words);
    header.extend(names.iter().map(|name| Column {
        pool: Some(name.clone()),
        ..Column::new(name, Align::Numbers)
    }));
    header.extend(columns(&["unit"], Align::Words));
    let rows = measures.map(|measure| {
        let mut row = vec![named(measure)];
        let values = names.iter().map(|pool| &pools[pool][measure.name]);
        row.extend(values.map(|value| number(value, measure.unit)));
        row.push(Cell::text(unit(measure)));
        row
    });
    Table {
        caption: caption.to_owned(),
        rows: rows.collect(),
        columns: header,
        pool: None,
    }
}

/// The name of a measure, and what it means for whoever asks.
pub(crate) fn named(measure: &Measure) -> Cell {
    Cell {
        hint: Some(measure.meaning),
        ..Cell::text(measure.name)
    }
}

/// The unit of a measure as it is written: a duration has its units in it, and a share is in percent.
fn unit(measure: &Measure) -> &'static str {
    match measure.unit {
        "s" => "duration",
        "share" => "%",
        unit => unit,
    }
}

fn incident(document: &Value) -> Option<Table> {
    let incident = &document["incident"];
    let of = |measure: &&Measure| incident[measure.name].is_number();
    let rows = INCIDENT_MEASURES.iter().filter(of).map(|measure| {
        let value = number(&incident[measure.name], measure.unit);
        vec![named(measure), value, Cell::text(unit(measure))]
    });
    let rows: Vec<_> = rows.collect();
    let mut header = columns(&["measure"], Align::Words);
    header.extend(columns(&["value"], Align::Numbers));
    header.extend(columns(&["unit"], Align::Words));
    (1 < rows.len()).then(|| Table {
        caption: "The incident. Clocks count from the beginning of the first outage.".to_owned(),
        columns: header,
        rows,
        pool: None,
    })
}

fn dependencies(document: &Value) -> Option<Table> {
    let dependencies = &document["dependencies"];
    let names = keys(dependencies);
    let mut header = columns(&["measure"], Align::Words);
    let of_names: Vec<&str> = names.iter().map(String::as_str).collect();
    header.extend(columns(&of_names, Align::Numbers));
    header.extend(columns(&["unit"], Align::Words));
    let rows = DEPENDENCY_MEASURES.iter().map(|measure| {
        let mut row = vec![named(measure)];
        let values = names.iter().map(|name| &dependencies[name][measure.name]);
        row.extend(values.map(|value| number(value, measure.unit)));
        row.push(Cell::text(unit(measure)));
        row
    });
    (!names.is_empty()).then(|| Table {
        caption: "Dependencies. Clocks count from the start.".to_owned(),
        rows: rows.collect(),
        columns: header,
        pool: None,
    })
}

fn demand(document: &Value) -> Option<Table> {
    const COUNTS: [&str; 6] = [
        "arrivals",
        "shed",
        "refused",
        "comebacks",
        "requests",
        "failed_leases",
    ];
    let classes = &document["demand"];
    let rows = keys(classes).into_iter().map(|name| {
        let counts = COUNTS.map(|count| number(&classes[&name][count], "requests"));
        let mut row = vec![Cell::text(&name[..])];
        row.extend(counts);
        row
    });
    let mut header = columns(&["demand class"], Align::Words);
    header.extend(columns(&COUNTS, Align::Numbers));
    classes.is_object().then(|| Table {
        caption: "Demand, in requests".to_owned(),
        rows: rows.collect(),
        columns: header,
        pool: None,
    })
}

/// What a document of many replications holds.
pub(crate) fn of_ensemble(document: &Value) -> Vec<Section> {
    let (pools, targets) = (&document["pools"], &document["targets"]);
    let (mut tables, mut folded) = (Vec::new(), Vec::new());
    for name in keys(pools) {
        let caption = format!("{name}, target {}", targets[&name]);
        let main = |measure: &Measure| measure.has(Role::Shown);
        let main = summaries(&caption, &pools[&name], MEASURES, main);
        let caption = format!("{name}: all measures");
        let all = summaries(&caption, &pools[&name], MEASURES, |_| true);
        for (table, kept) in [(main, &mut tables), (all, &mut folded)] {
            kept.push(Table {
                pool: Some(name.clone()),
                ..table
            });
        }
    }
    let caption = "The incident. Clocks count from the beginning of the first outage.";
    let people = summaries(caption, &document["incident"], INCIDENT_MEASURES, |_| true);
    // Where nobody does anything, there is no incident to tell of.
    let told = people
        .rows
        .iter()
        .any(|row| row[1].value != Some(0.0) && row[0].text != "pages");
    tables.extend(told.then_some(people));
    let dependencies = &document["dependencies"];
    for name in keys(dependencies) {
        let table = summaries(&name, &dependencies[&name], DEPENDENCY_MEASURES, |_| true);
        tables.push(table);
    }
    let lead = "Intervals in brackets cover 95\u{a0}%. A clock that has not struck counts as later than all others; \
                its mean is given only where it struck in every replication.";
    vec![section("Figures", lead, tables, folded)]
}

/// A row for each measure that was ever present and not always 0, or whose clock might have struck.
fn summaries(
    caption: &str,
    of: &Value,
    measures: &[Measure],
    shown: impl Fn(&Measure) -> bool,
) -> Table {
    let mut header = columns(&["measure"], Align::Words);
    let n = measures
        .iter()
        .find_map(|measure| of[measure.name]["present_share"]["n"].as_u64());
    let [low, high] = words::ends(n.unwrap_or_default() as usize);
    let names = ["present in", "mean", low, "median", high];
    header.extend(columns(&names, Align::Numbers));
    let found = |measure: &&Measure| {
        let summary = &of[measure.name];
        let zero = summary["nonzero_share"]["point"].as_f64() == Some(0.0);
        let present = summary["present_share"]["point"].as_f64() != Some(0.0);
        shown(measure)
            && summary.is_object()
            && (present || measure.kind == Kind::Clock)
            && !(zero && measure.has(Role::Rare))
    };
    let rows = measures.iter().filter(found).map(|measure| {
        let summary = &of[measure.name];
        let late = match measure.kind {
            Kind::Clock => "not within",
            Kind::Figure => words::NONE,
        };
        let quantile = |key: &str| interval(&summary[key], measure.unit, late);
        vec![
            named(measure),
            number(&summary["present_share"]["point"], "share"),
            interval(&summary["mean"], measure.unit, words::NONE),
            quantile("p05"),
            quantile("p50"),
            quantile("p95"),
        ]
    });
    Table {
        caption: caption.to_owned(),
        rows: rows.collect(),
        columns: header,
        pool: None,
    }
}
