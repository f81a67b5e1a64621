//! Tables of comparisons and of buffers.

use serde_json::Value;

use crate::experiment::measure::Measure;
use crate::experiment::names::Role;
use crate::output::report::measures::named;
use crate::output::report::read::{interval, list, number, text, words_of};
use crate::output::report::{Align, Cell, Section, Table, columns};
use crate::output::words;

/// What a document of a comparison holds.
pub(crate) fn of_comparison(document: &Value) -> Vec<Section> {
    let (mut tables, mut folded) = (Vec::new(), Vec::new());
    for variant in list(document, "variants") {
        let name = text(variant, "variant").unwrap_or_default();
        let pairs = &variant["replications"];
        let changed = |row: &Value| {
            let known = text(row, "measure").and_then(|name| Measure::find(name).ok());
            let known = known.is_some_and(|it| it.has(Role::Compared));
            known
                && row["difference"]["point"]
                    .as_f64()
                    .is_some_and(|it| it != 0.0)
        };
        let caption = format!("{name}: what changes, in {pairs} pairs");
        let table = differences(&caption, variant, changed);
        tables.extend((!table.rows.is_empty()).then_some(table));
        folded.push(differences(
            &format!("{name}: all measures"),
            variant,
            |_| true,
        ));
    }
    let lead = "Differences are variant less base, of pairs on the same luck. Intervals in brackets cover 95\u{a0}%. \
                A clock that was watched in vain counts as long as it was watched.";
    vec![Section {
        heading: "Differences".to_owned(),
        lead: lead.to_owned(),
        tables,
        folded,
    }]
}

fn differences(caption: &str, variant: &Value, shown: impl Fn(&Value) -> bool) -> Table {
    let mut header = columns(&["of", "measure"], Align::Words);
    let names = ["base", "variant", "difference", "less in", "more in"];
    header.extend(columns(&names, Align::Numbers));
    header.extend(columns(&["better is"], Align::Words));
    let rows = list(variant, "measures").iter().filter(|row| shown(row));
    let rows = rows.map(|row| {
        let unit = text(row, "unit").unwrap_or_default();
        let name = text(row, "measure").unwrap_or_default();
        let known = Measure::find(name).ok();
        vec![
            words_of(row, "name"),
            known.map_or_else(|| Cell::text(name), named),
            number(&row["base_mean"]["point"], unit),
            number(&row["variant_mean"]["point"], unit),
            interval(&row["difference"], words::of_difference(unit), words::NONE),
            number(&row["less_share"]["point"], "share"),
            number(&row["more_share"]["point"], "share"),
            words_of(row, "better"),
        ]
    });
    Table {
        caption: caption.to_owned(),
        rows: rows.collect(),
        columns: header,
        pool: None,
    }
}

/// What a document of buffers holds.
pub(crate) fn of_sizes(document: &Value) -> Vec<Section> {
    let buffers = list(document, "buffers").iter();
    let tables = buffers.clone().map(costs);
    let folded = buffers.map(curve);
    let lead = "Intervals in brackets cover 95\u{a0}%. Cost a year: ready workers while outages meet no pool, as if \
                every hour of a year were like those of the scenario.";
    vec![Section {
        heading: "Levels".to_owned(),
        lead: lead.to_owned(),
        tables: tables.collect(),
        folded: folded.collect(),
    }]
}

fn of_pool(buffer: &Value, caption: String, rows: Vec<Vec<Cell>>, names: &[&str]) -> Table {
    let mut header = columns(&["level"], Align::Numbers);
    header.extend(columns(names, Align::Numbers));
    Table {
        caption,
        columns: header,
        rows,
        pool: text(buffer, "pool").map(str::to_owned),
    }
}

fn level(value: &Value) -> Cell {
    let level = text(value, "level").unwrap_or(words::NONE);
    Cell::number(level.to_owned(), level.parse().ok())
}

/// What levels about the answer do and cost.
fn costs(buffer: &Value) -> Table {
    let priced = buffer["worker_hour_cost"].is_number();
    let mut names = vec![
        "does",
        "failed leases",
        "idle worker-hours",
        "ready in calm",
    ];
    if priced {
        names.extend(["idle cost", "cost a year"]);
    }
    let rows = list(buffer, "costs").iter().map(|cost| {
        let does = list(buffer, "curve").iter();
        let mut does = does.filter(|likely| likely["level"] == cost["level"]);
        let does = does
            .next()
            .map_or(&Value::Null, |likely| &likely["does_share"]);
        let mut row = vec![level(cost), interval(does, "share", words::NONE)];
        let of = [
            ("failed_leases", "requests"),
            ("idle_worker_hours", "h"),
            ("calm_ready", "workers"),
            ("idle_cost", "currency"),
            ("cost_a_year", "currency"),
        ];
        let of = of.iter().take(names.len() - 1);
        row.extend(of.map(|(key, unit)| interval(&cost[*key], unit, words::NONE)));
        for (key, told) in [("level", "answer"), ("level_assured", "95 % sure")] {
            if buffer[key].is_string() && buffer[key] == cost["level"] {
                row[0].text += &format!(" · {told}");
            }
        }
        row
    });
    let rows = rows.collect();
    let path = text(buffer, "path").unwrap_or_default();
    of_pool(
        buffer,
        format!("{path}: levels about the answer"),
        rows,
        &names,
    )
}

/// Every level that was tried.
fn curve(buffer: &Value) -> Table {
    let rows = list(buffer, "curve").iter();
    let rows = rows.map(|likely| {
        let does = interval(&likely["does_share"], "share", words::NONE);
        vec![level(likely), does]
    });
    let rows = rows.collect();
    let path = text(buffer, "path").unwrap_or_default();
    of_pool(buffer, format!("{path}: every level"), rows, &["does"])
}
