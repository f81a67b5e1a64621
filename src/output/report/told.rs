//! What a command adds to the document of its results, so that a report can be made of it alone: the
//! question, the answer in words, what was published, and the command that reproduces it.

use serde_json::{Value, json};

use crate::experiment::run::Outcome;
use crate::experiment::timeline::{timeline, told as in_words};
use crate::kernel::time::SimTime;
use crate::output::chart::file_name;
use crate::output::words;
use crate::scenario::Scenario;
use crate::scenario::compile::facts::{Anchor, Claim};

/// What a command says of its results.
pub(crate) struct Told<'a> {
    pub command: &'static str,
    /// The answer, a sentence each.
    pub findings: Vec<String>,
    /// What it rests on.
    pub notes: Vec<String>,
    /// The files of `--out`, among them the charts.
    pub files: &'a [String],
    /// The command that reproduces it.
    pub reproduce: String,
    /// The identity of the study, where its results are written to a folder.
    pub study: Option<String>,
}

/// The document with what is told.
pub(crate) fn with(mut document: Value, scenario: &Scenario, told: Told<'_>) -> Value {
    let sources = scenario.provenance.sources.iter();
    let sources = sources.map(|(path, source)| json!({"path": path, "source": source}));
    let facts = scenario.facts.iter().map(|fact| {
        let (what, published) = claimed(scenario, &fact.claim);
        let role = role(fact.fitted);
        json!({"fact": fact.name, "what": what, "published": published, "use": role, "source": fact.source})
    });
    let pools = scenario.pools.iter();
    let targets = pools.map(|pool| (pool.name.clone(), json!(pool.target)));
    let added = [
        ("command", json!(told.command)),
        ("question", json!(scenario.question)),
        ("findings", json!(told.findings)),
        ("notes", json!(told.notes)),
        ("targets", Value::Object(targets.collect())),
        ("charts", charts(scenario, told.files)),
        ("observed", facts.collect()),
        ("sources", sources.collect()),
        ("undeclared", json!(scenario.provenance.undeclared)),
        ("reproduce", json!(told.reproduce)),
    ];
    let study = told.study.map(|study| ("study".to_owned(), json!(study)));
    let object = document.as_object_mut().expect("results are an object");
    object.extend(study);
    object.extend(added.map(|(key, value)| (key.to_owned(), value)));
    document
}

/// The timeline of a replication, as a document.
pub(crate) fn moments(scenario: &Scenario, outcome: &Outcome) -> Value {
    let utc = |at: Option<SimTime>| at.map(|at| scenario.utc(at).to_string());
    let moments = timeline(scenario, outcome).into_iter().map(|moment| {
        let apart = moment.published.zip(moment.simulated);
        json!({
            "published": utc(moment.published),
            "simulated": utc(moment.simulated),
            "apart_s": apart.map(|(published, simulated)| simulated.seconds_since(published)),
            "what": moment.what,
            "use": moment.fitted.map(role),
        })
    });
    moments.collect()
}

fn role(fitted: bool) -> &'static str {
    if fitted { "fit" } else { "hold" }
}

/// Each SVG, and the pool it shows where it shows one.
fn charts(scenario: &Scenario, files: &[String]) -> Value {
    let charts = files.iter().filter_map(|file| {
        let stem = file.strip_suffix(".svg")?;
        let of = |pool: &str| {
            let (_, name) = stem.split_once('-')?;
            (name == file_name(pool)).then(|| pool.to_owned())
        };
        let pool = scenario.pools.iter().find_map(|pool| of(&pool.name));
        Some(json!({"file": file, "pool": pool}))
    });
    charts.collect()
}

/// What a fact is about, and what was published of it.
fn claimed(scenario: &Scenario, claim: &Claim) -> (String, String) {
    let utc = |at: SimTime| {
        let at = scenario.utc(at).to_string();
        format!("{} {} UTC", &at[..10], &at[11..19])
    };
    match claim {
        Claim::Struck {
            clock,
            since,
            after,
        } => {
            let after = match since {
                Anchor::Start => utc(scenario.setup.start + *after),
                _ => format!(
                    "{} after {}",
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
            let told = match *share < 1.0 {
                true => format!("; asked of {}", words::value(*share, "share")),
                false => String::new(),
            };
            let none = format!("not before {}{told}", utc(*until));
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
            let told = format!("{count} between {since} and {}", utc(*until));
            (format!("{name}: tenants that found it empty"), told)
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
