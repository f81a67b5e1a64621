//! The measures that were asked for, where that is not all of them: a row and a sentence for each, and what need
//! not run for them.

use crate::cli::args::{EnsembleArgs, SizeArgs};
use crate::cli::ensemble_tables::mean;
use crate::cli::finding::Sentence;
use crate::cli::screen::Glance;
use crate::cli::{Failure, place_of, words};
use crate::experiment::ensemble::Ensemble;
use crate::experiment::measure::{Kind, MEASURES, Measure, Subject, TimeOrigin};
use crate::experiment::names::label;
use crate::experiment::shortcut::Shortcut;
use crate::experiment::summary::Summary;
use crate::scenario::vary::template::Template;
use crate::scenario::{PoolId, Scenario};

/// The name of a subject, a measure that was asked for, and what the replications say about it.
type Asked = (String, &'static Measure, Summary);

fn all(scenario: &Scenario, found: &Ensemble) -> Vec<Asked> {
    let mut all = Vec::new();
    for subject in Subject::all(scenario) {
        let (kind, name) = subject.named(scenario);
        let measures = subject.measures().iter().enumerate();
        let asked = measures.filter(|(place, _)| found.asks(subject, *place));
        all.extend(asked.map(|(place, it)| {
            let name = label(kind, name);
            (name, it, found.summary_of(subject, place))
        }));
    }
    all
}

/// The scenario, of which only what can affect the measures that are asked for runs.
pub(crate) fn asking(template: Template, args: &EnsembleArgs) -> Result<Template, Failure> {
    let asked = args.pool.as_ref().filter(|_| !args.whole);
    let Some(name) = asked.filter(|_| !args.measures.is_empty()) else {
        return Ok(template);
    };
    let pool = place_of(&template.base, name)?;
    // Some are of the whole incident, and some times count from its first failed provisioning.
    let of_pool = |name: &&str| {
        let measure = MEASURES.iter().find(|measure| measure.name == *name);
        measure.is_some_and(|it| it.since != Some(TimeOrigin::Failure))
    };
    Ok(match args.measures.iter().all(of_pool) {
        true => template.asking(&[pool.into()]),
        false => template,
    })
}

/// The scenario, of which only what can affect the pools that are sized runs.
pub(crate) fn about(template: Template, args: &SizeArgs, buffers: &[(usize, String)]) -> Template {
    let pools: Vec<PoolId> = buffers.iter().map(|(pool, _)| (*pool).into()).collect();
    match args.whole {
        true => template,
        false => template.asking(&pools),
    }
}

/// What did not run, since it cannot affect what is asked about.
pub(crate) fn left_out(scenario: &Scenario) -> Option<String> {
    let pools = words::counted(scenario.left_out.len(), "pool");
    let some = !scenario.left_out.is_empty();
    some.then(|| {
        format!("Not run: {pools} that cannot affect what is asked about; --whole runs them too.")
    })
}

/// How replications were drawn where they were not simulated.
pub(crate) fn shortcut(found: &Ensemble) -> Option<String> {
    let drawn = match found.shortcut()? {
        Shortcut::GammaJump => {
            "nothing arrives, so that the time of the last worker is a gamma variable (gamma jump)"
        }
        Shortcut::JumpChain => {
            "the ready level is a Markov chain, of which only jumps are drawn (jump chain)"
        }
    };
    Some(format!(
        "Exact shortcut: {drawn}. There are no events and no levels over time; --plain simulates them."
    ))
}

/// What was not simulated of what is asked about, and what did not run for it.
pub(crate) fn notes(scenario: &Scenario, found: &Ensemble) -> impl Iterator<Item = String> {
    shortcut(found).into_iter().chain(left_out(scenario))
}

/// A row for each measure of each subject.
pub(crate) fn table(scenario: &Scenario, found: &Ensemble) -> Glance {
    let [low, high] = words::ends(found.n);
    let header = ["", "measure", "present in", low, "median", high];
    let rows = all(scenario, found).into_iter().map(|(name, it, summary)| {
        let quantiles = summary.quantiles.map(|at| words::some(at.point, it.unit));
        let first = [name, it.name.to_owned()];
        let present = words::some(summary.present.point, "share");
        first
            .into_iter()
            .chain([present])
            .chain(quantiles)
            .collect()
    });
    Glance::new(header, rows.collect())
}

/// The mean of each measure with its interval, or how often a time to an event occurs and its median.
pub(crate) fn findings(scenario: &Scenario, found: &Ensemble) -> Vec<Sentence> {
    let sentence = |(name, it, summary): Asked| {
        let text = match it.kind {
            Kind::TimeToEvent => {
                let occurs = words::estimate(summary.present, "share", words::NONE);
                let median =
                    words::estimate(summary.quantiles[1], it.unit, "not within the scenario");
                format!("occurs in {occurs}, median {median}")
            }
            Kind::Quantity => format!("mean {}", mean(&summary, it.unit)),
        };
        (name, format!("{} {text}", it.name))
    };
    let mut sentences: Vec<Sentence> = all(scenario, found).into_iter().map(sentence).collect();
    if let Some(mean) = found.failed_leases_expected() {
        let mean = words::estimate(mean, "requests", words::NONE);
        let text = format!("failed_leases mean by conditional expectation {mean}");
        let pool = sentences.first().map(|(name, _)| name.clone());
        sentences.push((pool.unwrap_or_default(), text));
    }
    sentences
}
