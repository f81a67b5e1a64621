//! JSON documents: what the terminal says, for programs. An absent value is `null`.

use serde_json::{Map, Value, json};

use crate::experiment::check::{Checked, Figure, Verdict};
use crate::experiment::ensemble::Ensemble;
use crate::experiment::measure::Subject;
use crate::experiment::replications::Stopped;
use crate::experiment::run::Outcome;
use crate::experiment::summary::Summary;
use crate::kernel::queue::Ended;
use crate::output::report::told;
use crate::scenario::Scenario;
use crate::stats::Estimate;

/// The version that results are stamped with.
pub(crate) const ENGINE: &str = concat!("drawdown ", env!("CARGO_PKG_VERSION"));

/// A document as text, indented, with a final line break.
pub(crate) fn text(document: &Value) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(document).expect("a document of plain values");
    text.push(b'\n');
    text
}

/// Subjects by kind and name, each with what `measured` gives for its measures.
fn subjects(scenario: &Scenario, mut measured: impl FnMut(Subject, usize) -> Value) -> [Value; 3] {
    let (mut pools, mut incident, mut dependencies) = (Map::new(), Map::new(), Map::new());
    for subject in Subject::all(scenario) {
        let measures = subject.measures().iter().enumerate();
        let measures: Map<String, Value> = measures
            .map(|(place, measure)| (measure.name.to_owned(), measured(subject, place)))
            .collect();
        let name = subject.named(scenario).1.to_owned();
        match subject {
            Subject::Pool(_) => drop(pools.insert(name, Value::Object(measures))),
            Subject::Incident => incident = measures,
            Subject::Dependency(_) => drop(dependencies.insert(name, Value::Object(measures))),
        }
    }
    [pools, incident, dependencies].map(Value::Object)
}

/// One replication.
pub(crate) fn run(scenario: &Scenario, outcome: &Outcome) -> Value {
    let value = |subject, place| json!(outcome.row(subject).nth(place).flatten());
    let [pools, incident, dependencies] = subjects(scenario, value);
    let classes = scenario
        .classes
        .iter()
        .zip(&outcome.ledger.classes)
        .map(|(class, ledger)| {
            let counts = json!({
                "arrivals": ledger.arrivals,
                "shed": ledger.shed,
                "refused": ledger.refused,
                "comebacks": ledger.comebacks,
                "requests": ledger.requests,
                "failed_leases": ledger.failed,
            });
            (class.name.clone(), counts)
        });
    let origin = outcome.ledger.first_failed_provisioning;
    json!({
        "engine": ENGINE,
        "scenario": scenario.name,
        "start": scenario.utc(scenario.setup.start).to_string(),
        "reached_horizon": outcome.ended == Ended::Horizon,
        "events": outcome.events,
        "digest": digest(outcome.digest),
        "first_failed_provisioning_at_s": origin.is_finite().then(|| scenario.seconds(origin)),
        "incident": incident,
        "pools": pools,
        "dependencies": dependencies,
        "demand": Value::Object(classes.collect()),
        "timeline": told::moments(scenario, outcome),
        "assumptions": assumptions(scenario),
    })
}

/// An ensemble.
pub(crate) fn ensemble(scenario: &Scenario, ensemble: &Ensemble, seed: u64) -> Value {
    let value = |subject, place| summary(&ensemble.summary_of(subject, place));
    let [pools, incident, dependencies] = subjects(scenario, value);
    json!({
        "engine": ENGINE,
        "scenario": scenario.name,
        "seed": seed,
        "replications": ensemble.n,
        "stopped": match ensemble.stopped {
            Stopped::Count => "count",
            Stopped::Precise => "precise",
            Stopped::Cap => "cap",
            Stopped::Interrupted => "interrupted",
            Stopped::Absent => "absent",
        },
        "budget_spent": ensemble.budget_spent,
        "events": ensemble.events,
        "digest": digest(ensemble.digest),
        "incident": incident,
        "pools": pools,
        "dependencies": dependencies,
        "assumptions": assumptions(scenario),
    })
}

/// Checks of several scenarios, by file. One without facts neither holds nor fails to.
pub(crate) fn checks(checked: &[Checked<'_>], seed: u64) -> Value {
    let checks = checked.iter().map(|checked| {
        let check = checked.check.as_ref();
        let verdicts = check.map_or(&[][..], |check| &check.verdicts);
        json!({
            "file": checked.file,
            "scenario": checked.scenario.name,
            "holds": check.map(|check| check.holds()),
            "replications": check.map(|check| check.n),
            "digest": check.map(|check| digest(check.digest)),
            "facts": verdicts.iter().map(verdict).collect::<Vec<_>>(),
        })
    });
    json!({"engine": ENGINE, "seed": seed, "checks": checks.collect::<Vec<_>>()})
}

fn verdict(verdict: &Verdict) -> Value {
    let unit = if verdict.figure == Figure::Tenants {
        "tenants"
    } else {
        "s"
    };
    let criteria = verdict
        .criteria
        .iter()
        .map(|criterion| json!({"asked": criterion.asked, "holds": criterion.holds}));
    json!({
        "fact": verdict.name,
        "use": if verdict.fitted { "fit" } else { "hold" },
        "source": verdict.source,
        "unit": unit,
        "published": verdict.published,
        "expected_value": verdict.expected_value,
        "ensemble": summary(&verdict.ensemble),
        "holds": verdict.holds(),
        "criteria": criteria.collect::<Vec<_>>(),
    })
}

fn summary(summary: &Summary) -> Value {
    let [p05, p50, p95] = summary.quantiles.map(estimate);
    json!({
        "present_share": estimate(summary.present),
        "nonzero_share": estimate(summary.nonzero),
        "mean": estimate(summary.mean),
        "sd": summary.sd,
        "p05": p05,
        "p50": p50,
        "p95": p95,
    })
}

pub(crate) fn estimate(estimate: Estimate) -> Value {
    json!({
        "point": estimate.point,
        "low": estimate.low,
        "high": estimate.high,
        "n": estimate.n,
    })
}

pub(crate) fn assumptions(scenario: &Scenario) -> Vec<Value> {
    let assumed = scenario.provenance.assumptions.iter();
    assumed
        .map(|it| {
            json!({
                "path": it.path,
                "value": it.value,
                "basis": it.basis,
                "prior": it.prior,
                "why": it.why,
            })
        })
        .collect()
}

/// A digest as it is shown: sixteen hexadecimal digits.
pub(crate) fn digest(digest: u64) -> String {
    format!("{digest:016x}")
}
