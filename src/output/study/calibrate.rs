//! Unknown values from published facts: the sample, how well each value is known, and how facts were predicted.

use serde::{Deserialize, Serialize};

use crate::experiment::abc::Ended;
use crate::experiment::calibration::{CORRELATED, Calibration, Method};
use crate::experiment::check::Figure;
use crate::output::chart::{marginals, names, pairs, predictive};
use crate::output::csv::{cell, table};
use crate::output::study::header::{Header, Words, role};
use crate::output::study::{Chart, Results, Study};
use crate::output::table::{Align, Cell, Section, Table, columns};
use crate::output::words;
use crate::scenario::Scenario;

/// The record of a calibration.
#[derive(Serialize, Deserialize)]
pub(crate) struct Record {
    seed: u64,
    /// `exact` or `simulation`.
    method: String,
    /// The largest distance of a row from a fact, in resolutions of the facts.
    tolerance: Option<f64>,
    generations: Option<u32>,
    /// Why the tolerance is no lower.
    ended: Option<String>,
    replications: u64,
    redrawn: u64,
    rows: usize,
    /// Fitted facts that say something of their own.
    distinct_facts: usize,
    /// These less parameters; at 0 and below, the fit is no evidence.
    freedom: i64,
    parameters: Vec<Unknown>,
    correlations: Vec<Correlated>,
    facts: Vec<Fact>,
}

/// One unknown value.
#[derive(Serialize, Deserialize)]
struct Unknown {
    path: String,
    prior: String,
    prior_p5: String,
    prior_p50: String,
    prior_p95: String,
    p5: String,
    p50: String,
    p95: String,
    contraction: f64,
    identified: bool,
}

/// Two of them that go together.
#[derive(Serialize, Deserialize)]
struct Correlated {
    one: String,
    other: String,
    correlation: f64,
}

/// One fact, as it was published and as it is predicted.
#[derive(Serialize, Deserialize)]
struct Fact {
    fact: String,
    #[serde(rename = "use")]
    role: String,
    unit: String,
    published: f64,
    resolution: f64,
    prior_p5: f64,
    prior_p95: f64,
    p5: f64,
    p50: f64,
    p95: f64,
    pit: Option<f64>,
    met: Option<f64>,
    crps: Option<f64>,
    crps_null: Option<f64>,
}

impl Record {
    fn of(found: &Calibration, seed: u64) -> Self {
        let (method, tolerance, generations, ended) = match found.method {
            Method::Exact => ("exact", None, None, None),
            Method::Simulation {
                tolerance,
                generations,
                ended,
            } => ("simulation", tolerance, Some(generations), Some(why(ended))),
        };
        Self {
            seed,
            method: method.to_owned(),
            tolerance,
            generations,
            ended: ended.map(str::to_owned),
            replications: found.runs,
            redrawn: found.redrawn,
            rows: found.rows.len(),
            distinct_facts: found.distinct,
            freedom: found.freedom() as i64,
            parameters: Unknown::all(found),
            correlations: Correlated::all(found),
            facts: Fact::all(found),
        }
    }

    fn unknown(&self) -> Table {
        let header = [
            "prior 5%",
            "50%",
            "95%",
            "posterior 5%",
            "50%",
            "95%",
            "contraction",
        ];
        let mut names = columns(&["value", "prior"], Align::Words);
        names.extend(columns(&header, Align::Numbers));
        let rows = self.parameters.iter().map(|it| {
            let texts = [
                &it.path,
                &it.prior,
                &it.prior_p5,
                &it.prior_p50,
                &it.prior_p95,
                &it.p5,
                &it.p50,
                &it.p95,
            ];
            let mut row: Vec<Cell> = texts.map(Cell::text).into();
            row.push(Cell::number(Some(it.contraction), "share"));
            row
        });
        Table::new("What is known of each value", names, rows)
    }

    fn predicted(&self, role: &str, caption: &str) -> Option<Table> {
        let facts = self.facts.iter().filter(|it| it.role == role);
        let rows = facts.map(|it| {
            let number = |value: f64| Cell::number(Some(value), &it.unit);
            vec![
                Cell::text(&it.fact),
                number(it.published),
                number(it.p5),
                number(it.p50),
                number(it.p95),
                Cell::number(it.pit, ""),
                Cell::number(it.met, "share"),
                Cell::number(it.crps, &it.unit),
                Cell::number(it.crps_null, &it.unit),
            ]
        });
        let rows: Vec<Vec<Cell>> = rows.collect();
        let header = [
            "published",
            "5%",
            "median",
            "95%",
            "PIT",
            "met",
            "CRPS",
            "CRPS without a model",
        ];
        let mut names = columns(&["fact"], Align::Words);
        names.extend(columns(&header, Align::Numbers));
        (!rows.is_empty()).then(|| Table::new(caption, names, rows))
    }

    fn correlated(&self) -> Option<Table> {
        let strong = self.correlations.iter();
        let strong = strong.filter(|it| CORRELATED < it.correlation.abs());
        let rows = strong.map(|it| {
            let correlation = Cell::number(Some(it.correlation), "");
            [Cell::text(&it.one), Cell::text(&it.other), correlation]
        });
        let header = [
            ("value", Align::Words),
            ("value", Align::Words),
            ("correlation", Align::Numbers),
        ];
        Table::of_words("Values that the facts do not separate", &header, rows)
    }
}

impl Unknown {
    fn all(found: &Calibration) -> Vec<Self> {
        let parameters = found.parameters.iter().zip(&found.known);
        let unknown = parameters.map(|(it, known)| {
            let written = |value: f64| it.unit.written(value);
            let [prior_p5, prior_p50, prior_p95] = known.prior.map(written);
            let [p5, p50, p95] = known.posterior.map(written);
            Self {
                path: it.path.clone(),
                prior: it.shown.clone(),
                prior_p5,
                prior_p50,
                prior_p95,
                p5,
                p50,
                p95,
                contraction: known.contraction,
                identified: known.is_identified(),
            }
        });
        unknown.collect()
    }
}

impl Correlated {
    fn all(found: &Calibration) -> Vec<Self> {
        let name = |place: usize| found.parameters[place].path.clone();
        let pairs = found.correlations.iter();
        let pairs = pairs.map(|(one, other, correlation)| Self {
            one: name(*one),
            other: name(*other),
            correlation: *correlation,
        });
        pairs.collect()
    }
}

impl Fact {
    fn all(found: &Calibration) -> Vec<Self> {
        let facts = found.aims.iter().zip(&found.predicted);
        let facts = facts.map(|(aim, predicted)| {
            let [p5, p50, p95] = predicted.quantiles;
            Self {
                fact: aim.name.clone(),
                role: role(aim.fitted).to_owned(),
                unit: aim.figure.unit().to_owned(),
                published: aim.published,
                resolution: aim.resolution,
                prior_p5: predicted.prior_quantiles[0],
                prior_p95: predicted.prior_quantiles[2],
                p5,
                p50,
                p95,
                pit: predicted.below,
                met: predicted.met,
                crps: predicted.score,
                crps_null: predicted.score_null,
            }
        });
        facts.collect()
    }
}

/// Why a simulation ended.
pub(crate) fn why(ended: Ended) -> &'static str {
    match ended {
        Ended::Resolved => "every fact is met to its resolution",
        Ended::Acceptance => "fewer than 1% of proposals were accepted",
        Ended::Stalled => "distances did not fall further",
        Ended::Budget => "the budget was spent",
        Ended::Interrupted => "interrupted",
    }
}

/// The study of a calibration.
pub(crate) fn study<'a>(
    scenario: &Scenario,
    found: &'a Calibration,
    seed: u64,
    words: Words,
) -> Study<'a> {
    let header = Header::new(Record::COMMAND, scenario, words);
    let record = Record::of(found, seed);
    let tables = move || vec![posterior(found), summary(found)];
    Study::new(header, record, tables, charts(scenario, found, seed))
}

/// `posterior.csv`: a line of paths, and a row of values for each row of the sample.
fn posterior(found: &Calibration) -> Vec<u8> {
    let paths: Vec<&str> = found.parameters.iter().map(|it| it.path.as_str()).collect();
    table(&paths, found.written())
}

/// `summary.csv`: a row for each parameter, then one for each fact.
fn summary(found: &Calibration) -> Vec<u8> {
    let header = [
        "kind",
        "name",
        "use",
        "unit",
        "published",
        "prior_p5",
        "prior_p50",
        "prior_p95",
        "p5",
        "p50",
        "p95",
        "contraction",
        "pit",
        "met",
        "crps",
        "crps_null",
    ];
    let none = String::new;
    let parameters = found.parameters.iter().zip(&found.known);
    let parameters = parameters.map(|(it, known)| {
        let mut row = vec!["value".to_owned(), it.path.clone(), none(), none(), none()];
        let all = known.prior.iter().chain(&known.posterior);
        row.extend(all.map(|value| it.unit.written(*value)));
        row.extend([
            cell(Some(known.contraction)),
            none(),
            none(),
            none(),
            none(),
        ]);
        row
    });
    let facts = found.aims.iter().zip(&found.predicted);
    let facts = facts.map(|(aim, it)| {
        let (kind, name) = ("fact".to_owned(), aim.name.clone());
        let (of, unit) = (role(aim.fitted).to_owned(), aim.figure.unit().to_owned());
        let mut row = vec![kind, name, of, unit, cell(Some(aim.published))];
        let all = it.prior_quantiles.iter().chain(&it.quantiles);
        row.extend(all.map(|value| cell(Some(*value))));
        row.extend([
            none(),
            cell(it.below),
            cell(it.met),
            cell(it.score),
            cell(it.score_null),
        ]);
        row
    });
    table(&header, parameters.chain(facts))
}

/// A figure of a fact, in words; an instant as a clock time.
pub(crate) fn figure(scenario: &Scenario, figure: Figure, value: f64) -> String {
    match figure {
        Figure::Instant | Figure::NotBefore | Figure::By => {
            let at = scenario.utc(scenario.instant_at(value)).to_string();
            at[11..19].to_owned()
        }
        _ => words::brief(value, figure.unit()),
    }
}

fn charts(scenario: &Scenario, found: &Calibration, seed: u64) -> Vec<Chart> {
    let subtitle = format!(
        "{}, {}, seed {seed}",
        scenario.name,
        words::counted(found.rows.len(), "row")
    );
    let mut drawn = vec![
        ("marginals", marginals::draw(found, &subtitle)),
        (
            "predictive",
            predictive::draw(found, &subtitle, &|of, value| figure(scenario, of, value)),
        ),
    ];
    if 1 < found.parameters.len() {
        drawn.insert(1, ("pairs", pairs::draw(found, &subtitle)));
    }
    let names = names(drawn.iter().map(|(kind, _)| (*kind, &scenario.name[..])));
    let charts = names.into_iter().zip(drawn);
    let charts = charts.map(|(name, (_, drawing))| Chart {
        name,
        pool: None,
        drawing,
    });
    charts.collect()
}

impl Results for Record {
    const COMMAND: &'static str = "calibrate";
    const TABLES: &'static [&'static str] = &["posterior.csv", "summary.csv"];

    fn asked(&self) -> String {
        let values = words::counted(self.parameters.len(), "unknown value");
        format!("{values} from published facts")
    }

    fn sections(&self, _: &Header) -> Vec<Section> {
        let fitted = "Fitted facts: that they are met proves nothing";
        let held = "Held-out facts: predicted, and evidence";
        let tables = [
            Some(self.unknown()),
            self.correlated(),
            self.predicted("hold", held),
            self.predicted("fit", fitted),
        ];
        let lead = "Contraction: 1 − the standard deviation of the posterior over that of the prior; below 20%, the \
                    facts do not identify the value.";
        vec![Section {
            heading: "What the facts say".to_owned(),
            lead: lead.to_owned(),
            tables: tables.into_iter().flatten().collect(),
            folded: Vec::new(),
        }]
    }
}
