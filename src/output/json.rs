//! JSON documents: what the terminal says, for programs. An absent value is `null`. The only file
//! that knows `serde_json`.

use serde_json::{Map, Value, json};

use crate::experiment::check::{Checked, Figure, Verdict};
use crate::experiment::ensemble::{Ensemble, Summary};
use crate::experiment::measure::MEASURES;
use crate::experiment::run::Outcome;
use crate::kernel::queue::Ended;
use crate::scenario::Scenario;
use crate::stats::Estimate;

/// The version that results are stamped with.
const ENGINE: &str = concat!("drawdown ", env!("CARGO_PKG_VERSION"));

/// A document as text, indented, with a final line break.
pub(crate) fn text(document: &Value) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(document).expect("a document of plain values");
    text.push(b'\n');
    text
}

/// One replication.
pub(crate) fn run(scenario: &Scenario, outcome: &Outcome) -> Value {
    let mut pools = Map::new();
    for (place, pool) in scenario.pools.iter().enumerate() {
        let measures = MEASURES.iter().map(|measure| {
            (
                measure.name.to_owned(),
                json!(outcome.measure(place, measure.name)),
            )
        });
        pools.insert(pool.name.clone(), Value::Object(measures.collect()));
    }
    let classes = scenario
        .classes
        .iter()
        .zip(&outcome.ledger.classes)
        .map(|(class, ledger)| {
            let counts = json!({
                "arrivals": ledger.arrivals,
                "shed": ledger.shed,
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
        "first_failed_provisioning_at_s": origin.comes().then(|| scenario.seconds(origin)),
        "pools": pools,
        "demand": Value::Object(classes.collect()),
        "assumptions": assumptions(scenario),
    })
}

/// An ensemble.
pub(crate) fn ensemble(scenario: &Scenario, ensemble: &Ensemble, seed: u64) -> Value {
    let mut pools = Map::new();
    for (place, pool) in scenario.pools.iter().enumerate() {
        let measures = MEASURES.iter().map(|measure| {
            (
                measure.name.to_owned(),
                summary(&ensemble.summary(place, measure.name)),
            )
        });
        pools.insert(pool.name.clone(), Value::Object(measures.collect()));
    }
    json!({
        "engine": ENGINE,
        "scenario": scenario.name,
        "seed": seed,
        "replications": ensemble.n,
        "budget_spent": ensemble.budget_spent,
        "events": ensemble.events,
        "digest": digest(ensemble.digest),
        "pools": pools,
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
        "mean": estimate(summary.mean),
        "sd": summary.sd,
        "p05": p05,
        "p50": p50,
        "p95": p95,
    })
}

fn estimate(estimate: Estimate) -> Value {
    json!({
        "point": estimate.point,
        "low": estimate.low,
        "high": estimate.high,
        "n": estimate.n,
    })
}

fn assumptions(scenario: &Scenario) -> Vec<Value> {
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
