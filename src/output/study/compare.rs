//! Differences between a scenario and its variants.

use serde::{Deserialize, Serialize};

use crate::experiment::compare::{Compared, Comparison};
use crate::experiment::measure::{MEASURES, Measure, place};
use crate::experiment::names::{Role, label};
use crate::experiment::tables;
use crate::experiment::unknown::{Uncertain, of_comparison};
use crate::output::chart::differences::{self, Compared as Drawn, Differences};
use crate::output::chart::names;
use crate::output::study::header::{Header, Words};
use crate::output::study::{Chart, Results, Study, unknown};
use crate::output::table::{Align, Cell, Section, Table, columns};
use crate::output::{csv, json, words};
use crate::scenario::Scenario;
use crate::stats::Estimate;

/// The record of a comparison.
#[derive(Serialize, Deserialize)]
pub(crate) struct Record {
    seed: u64,
    variants: Vec<Variant>,
}

/// What is set against the base.
#[derive(Serialize, Deserialize)]
struct Variant {
    variant: String,
    replications: usize,
    digests: [String; 2],
    only_in_one: Vec<String>,
    /// The main differences with both of their intervals, where values are drawn from a sample.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unknown: Vec<Uncertain>,
    measures: Vec<Row>,
}

/// The difference in one measure.
#[derive(Serialize, Deserialize)]
struct Row {
    kind: String,
    name: String,
    measure: String,
    unit: String,
    better: Option<String>,
    base_mean: Estimate,
    variant_mean: Estimate,
    difference: Estimate,
    less_share: Estimate,
    more_share: Estimate,
    variance_ratio: Option<f64>,
}

/// The study of a comparison.
pub(crate) fn study<'a>(
    scenario: &Scenario,
    found: &'a [(String, Comparison)],
    seed: u64,
    words: Words,
) -> Study<'a> {
    let variants = found.iter().map(|(variant, comparison)| Variant {
        variant: variant.clone(),
        replications: comparison.n,
        digests: comparison.digests.map(json::digest),
        only_in_one: comparison.alone.clone(),
        unknown: of_comparison(variant, comparison, &comparison.sample_rows),
        measures: comparison.rows.iter().map(Row::of).collect(),
    });
    let record = Record {
        seed,
        variants: variants.collect(),
    };
    let drawing = differences::draw(&compared(found, seed));
    let charts = names([("differences", "all-pools")].into_iter());
    let charts = charts.into_iter().map(|name| Chart {
        name,
        pool: None,
        drawing: drawing.clone(),
    });
    let header = Header::new(Record::COMMAND, scenario, words);
    let tables = move || vec![csv::bytes(tables::compare(found))];
    Study::new(header, record, tables, charts.collect())
}

impl Row {
    fn of(row: &Compared) -> Self {
        Self {
            kind: row.kind.to_owned(),
            name: row.name.clone(),
            measure: row.measure.to_owned(),
            unit: row.unit.to_owned(),
            better: row.better.map(|it| it.name().to_owned()),
            base_mean: row.base,
            variant_mean: row.variant,
            difference: row.paired.difference,
            less_share: row.paired.less,
            more_share: row.paired.more,
            variance_ratio: row.paired.variance_ratio,
        }
    }

    /// Whether it is one of those that matter, and differs.
    fn matters(&self) -> bool {
        let known = Measure::find(&self.measure).is_ok_and(|it| it.has(Role::Compared));
        known && self.difference.point.is_some_and(|it| it != 0.0)
    }

    fn cells(&self) -> Vec<Cell> {
        let unit = &self.unit[..];
        let name = Measure::find(&self.measure);
        vec![
            Cell::text(label(&self.kind, &self.name)),
            name.map_or_else(|_| Cell::text(&self.measure), Cell::measure),
            Cell::number(self.base_mean.point, unit),
            Cell::number(self.variant_mean.point, unit),
            Cell::estimate(self.difference, words::of_difference(unit), words::NONE),
            Cell::number(self.less_share.point, "share"),
            Cell::number(self.more_share.point, "share"),
            Cell::some(self.better.as_deref()),
        ]
    }
}

pub(crate) fn compared(found: &[(String, Comparison)], seed: u64) -> Differences {
    // What occurs anywhere is drawn for every variant.
    let headlines = found.iter().flat_map(|(_, it)| it.headlines());
    let mut drawn: Vec<&Measure> = headlines.map(|(measure, _)| measure).collect();
    let place = |it: &Measure| place(MEASURES, it.name);
    drawn.sort_by_key(|it| (!it.has(Role::Failure), place(it)));
    drawn.dedup_by_key(|it| place(it));
    let measures = drawn.into_iter().filter_map(|measure| {
        let row = |(name, comparison): &(String, Comparison)| {
            let row = comparison.of("all pools", measure.name)?;
            Some((name.clone(), row.paired.difference))
        };
        let rows: Vec<_> = found.iter().filter_map(row).collect();
        (!rows.is_empty()).then(|| Drawn {
            measure: format!("{}, all pools", measure.in_words()),
            unit: measure.unit.to_owned(),
            better: measure.better,
            rows,
        })
    });
    let measures: Vec<Drawn> = measures.collect();
    let cost = |(name, it): &(String, Comparison)| {
        let row = it.cost().filter(|row| row.differs())?;
        Some((name.clone(), row.paired.difference.point?))
    };
    let costs: Vec<(String, f64)> = found.iter().filter_map(cost).collect();
    let n = found
        .iter()
        .map(|(_, comparison)| comparison.n)
        .min()
        .unwrap_or(0);
    Differences {
        title: differences::title(&measures, &costs),
        subtitle: format!(
            "mean differences of {} under common random numbers, seed {seed} · 95% intervals",
            words::counted(n, "pair")
        ),
        measures,
    }
}

impl Results for Record {
    const COMMAND: &'static str = "compare";
    const TABLES: &'static [&'static str] = &["compare.csv"];

    fn asked(&self) -> String {
        "What changes would have changed".to_owned()
    }

    fn sections(&self, _: &Header) -> Vec<Section> {
        let (mut tables, mut folded) = (Vec::new(), Vec::new());
        for variant in &self.variants {
            tables.extend(unknown::table(&variant.unknown));
            let (name, pairs) = (&variant.variant, variant.replications);
            let caption = format!("{name}: what changes, in {pairs} pairs");
            let table = variant.differences(&caption, Row::matters);
            tables.extend((!table.rows.is_empty()).then_some(table));
            folded.push(variant.differences(&format!("{name}: all measures"), |_| true));
        }
        let lead = "Differences are variant less base, of pairs under common random numbers. Intervals in brackets \
                    cover 95%. A time to an event that does not occur counts as long as it was observed.";
        vec![Section {
            heading: "Differences".to_owned(),
            lead: lead.to_owned(),
            tables,
            folded,
        }]
    }

    fn digests(&self) -> Vec<String> {
        let digests = self.variants.iter().flat_map(|it| &it.digests);
        digests.cloned().collect()
    }
}

impl Variant {
    fn differences(&self, caption: &str, shown: impl Fn(&Row) -> bool) -> Table {
        let mut header = columns(&["of", "measure"], Align::Words);
        let names = ["base", "variant", "difference", "less in", "more in"];
        header.extend(columns(&names, Align::Numbers));
        header.extend(columns(&["better is"], Align::Words));
        let rows = self.measures.iter().filter(|row| shown(row));
        Table::new(caption, header, rows.map(Row::cells))
    }
}
