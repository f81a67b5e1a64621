//! The measures that were asked for, where that is not all of them: a row and a sentence for each.

use crate::cli::ensemble::mean;
use crate::cli::finding::Sentence;
use crate::cli::screen::Glance;
use crate::cli::words;
use crate::experiment::ensemble::Ensemble;
use crate::experiment::measure::{Kind, Measure, Subject};
use crate::experiment::names::label;
use crate::experiment::summary::Summary;
use crate::scenario::Scenario;

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
    Glance {
        rows: rows.collect(),
        header: header.map(str::to_owned).to_vec(),
        left_out: Vec::new(),
    }
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
    all(scenario, found).into_iter().map(sentence).collect()
}
