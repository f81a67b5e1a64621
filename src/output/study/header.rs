//! What every study says of itself: the question, the answer in words, what was published and assumed, and
//! the command that reproduces it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::experiment::published::{described, utc};
use crate::experiment::timeline::describe as in_words;
use crate::kernel::time::SimTime;
use crate::output::json::ENGINE;
use crate::output::study::Chart;
use crate::output::table::{Align, Cell, Section, Table};
use crate::output::words;
use crate::scenario::Scenario;
use crate::scenario::compile::facts::{Anchor, Claim, Fact};

/// The part of a record that all studies have.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Header {
    pub engine: String,
    pub command: String,
    pub scenario: String,
    pub question: Option<String>,
    /// The currency of every cost, where the file states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The answer, a sentence each.
    pub findings: Vec<String>,
    /// What the answer rests on.
    pub notes: Vec<String>,
    /// The target of each pool, as the file states it.
    pub targets: BTreeMap<String, u32>,
    pub charts: Vec<ChartFile>,
    pub observed: Vec<Observed>,
    pub sources: Vec<Sourced>,
    pub assumptions: Vec<Assumed>,
    /// Paths of values with neither a source nor an assumption.
    pub undeclared: Vec<String>,
    /// The command that reproduces it.
    pub reproduce: String,
    /// The identity of the study, where its results are written to a folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub study: Option<String>,
}

/// The file of a chart.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ChartFile {
    pub file: String,
    pub pool: Option<String>,
}

/// A published fact.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Observed {
    pub fact: String,
    pub what: String,
    pub published: String,
    #[serde(rename = "use")]
    pub role: String,
    pub source: String,
}

/// A value of the scenario that was published.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Sourced {
    pub path: String,
    pub source: String,
}

/// A value that was assumed.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Assumed {
    pub path: String,
    pub value: String,
    pub basis: String,
    pub prior: Option<String>,
    pub why: String,
}

/// What a command says of its results.
pub(crate) struct Words {
    pub findings: Vec<String>,
    pub notes: Vec<String>,
    pub reproduce: String,
    pub study: Option<String>,
}

impl ChartFile {
    /// The file of a chart that shows it best.
    pub fn of(chart: &Chart) -> Self {
        Self {
            file: format!("{}.svg", chart.name),
            pool: chart.pool.clone(),
        }
    }
}

impl Header {
    /// The header of a command's results.
    pub fn new(command: &str, scenario: &Scenario, words: Words) -> Self {
        let observed = scenario.facts.iter().map(|fact| {
            let (what, published) = claimed(scenario, fact);
            Observed {
                fact: fact.name.clone(),
                what,
                published,
                role: role(fact.fitted).to_owned(),
                source: fact.source.clone(),
            }
        });
        let sources = scenario.provenance.sources.iter();
        let sources = sources.map(|(path, source)| Sourced {
            path: path.clone(),
            source: source.clone(),
        });
        let targets = scenario.pools.iter();
        let targets = targets.map(|pool| (pool.name.clone(), pool.target));
        Self {
            engine: ENGINE.to_owned(),
            command: command.to_owned(),
            scenario: scenario.name.clone(),
            question: scenario.question.clone(),
            currency: scenario.prices.currency.clone(),
            findings: words.findings,
            notes: words.notes,
            targets: targets.collect(),
            charts: Vec::new(),
            observed: observed.collect(),
            sources: sources.collect(),
            assumptions: assumptions(scenario),
            undeclared: scenario.provenance.undeclared.clone(),
            reproduce: words.reproduce,
            study: words.study,
        }
    }

    /// What was published, and what was assumed.
    pub fn origins(&self) -> Vec<Section> {
        let some = |section: &Section| !section.tables.is_empty() || !section.folded.is_empty();
        let sections = [self.published(), self.assumed()];
        sections.into_iter().filter(some).collect()
    }

    fn published(&self) -> Section {
        let facts = |role: &str, caption: &str| {
            let facts = self.observed.iter().filter(|fact| fact.role == role);
            let rows =
                facts.map(|fact| [&fact.what, &fact.published, &fact.source].map(Cell::text));
            let columns = ["what", "published", "source"].map(|name| (name, Align::Prose));
            Table::of_words(caption, &columns, rows)
        };
        let fitted =
            "Fitted: these figures shaped the scenario. That it meets them proves nothing.";
        let held = "Held out: these did not shape it. They are evidence.";
        let tables = [facts("fit", fitted), facts("hold", held)];
        let sources = self.sources.iter();
        let sources = sources.map(|it| [&it.path, &it.source].map(Cell::text));
        let sources = Table::of_words(
            "Values of the scenario with a source",
            &["path", "source"].map(|name| (name, Align::Prose)),
            sources,
        );
        Section {
            heading: "What was published".to_owned(),
            lead: String::new(),
            tables: tables.into_iter().flatten().collect(),
            folded: sources.into_iter().collect(),
        }
    }

    fn assumed(&self) -> Section {
        let fitted = self.assumptions.iter().filter(|it| it.basis == "fitted");
        let fitted = fitted.count();
        let rows = self.assumptions.iter().map(|it| {
            [
                Cell::text(&it.path),
                Cell::text(&it.value),
                Cell::text(&it.basis),
                Cell::some(it.prior.as_deref()),
                Cell::text(&it.why),
            ]
        });
        let columns = [
            ("path", Align::Prose),
            ("value", Align::Prose),
            ("basis", Align::Words),
            ("prior", Align::Prose),
            ("why", Align::Prose),
        ];
        let assumed = Table::of_words("Assumed values", &columns, rows);
        let undeclared = self.undeclared.iter().map(|path| [Cell::text(path)]);
        let columns = [("path", Align::Prose)];
        let undeclared = Table::of_words("Neither sourced nor assumed", &columns, undeclared);
        let lead = match self.assumptions.len() {
            0 => String::new(),
            1 => format!("1 value is assumed, {fitted} fitted to the published figures."),
            n => {
                format!("{n} values are assumed, {fitted} of them fitted to the published figures.")
            }
        };
        Section {
            heading: "What was assumed".to_owned(),
            lead,
            tables: assumed.into_iter().collect(),
            folded: undeclared.into_iter().collect(),
        }
    }
}

/// What a scenario assumes.
pub(crate) fn assumptions(scenario: &Scenario) -> Vec<Assumed> {
    let assumed = scenario.provenance.assumptions.iter();
    let assumed = assumed.map(|it| Assumed {
        path: it.path.clone(),
        value: it.value.clone(),
        basis: it.basis.to_owned(),
        prior: it.prior.clone(),
        why: it.why.clone(),
    });
    assumed.collect()
}

/// The use of a fact, as a file states it.
pub(crate) fn role(fitted: bool) -> &'static str {
    if fitted { "fit" } else { "hold" }
}

/// The use of a fact, in words.
pub(crate) fn role_in_words(role: &str) -> &'static str {
    if role == "fit" { "fitted" } else { "held out" }
}

/// What a fact is about, and what was published of it.
fn claimed(scenario: &Scenario, fact: &Fact) -> (String, String) {
    let bound = fact.bound.words();
    let utc = |at: SimTime| utc(scenario, at);
    match &fact.claim {
        Claim::Occurred {
            clock,
            since,
            after,
        } => {
            let after = match since {
                Anchor::Start => format!("{bound}{}", utc(scenario.setup.start + *after)),
                _ => format!(
                    "{bound}{} after {}",
                    words::duration(after.seconds()),
                    anchor(scenario, *since)
                ),
            };
            (in_words(scenario, *clock), after)
        }
        Claim::NotBefore {
            clock,
            until,
            share,
        } => {
            let label = match *share < 1.0 {
                true => format!("; asked of {}", words::value(*share, "share")),
                false => String::new(),
            };
            let none = format!("not before {}{label}", utc(*until));
            (in_words(scenario, *clock), none)
        }
        Claim::By { clock, by } => (in_words(scenario, *clock), format!("by {}", utc(*by))),
        Claim::TenantsUnserved {
            pool,
            since,
            until,
            count,
        } => {
            let name = &scenario.pools[usize::from(*pool)].name;
            let since = anchor(scenario, *since);
            let label = format!("{bound}{count} between {since} and {}", utc(*until));
            (format!("{name}: tenants that found it empty"), label)
        }
        Claim::Measured { what, value } => {
            let (what, when) = described(scenario, *what);
            (what, format!("{bound}{value}{when}"))
        }
    }
}

fn anchor(scenario: &Scenario, anchor: Anchor) -> String {
    match anchor {
        Anchor::Start => "the start".to_owned(),
        Anchor::OutageBegins => "the beginning of the outage".to_owned(),
        Anchor::Clock(clock) => in_words(scenario, clock),
    }
}
