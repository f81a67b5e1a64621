//! JSON documents: what the terminal says, for programs. An absent value is `null`.

use serde_json::{Value, json};

use crate::experiment::check::{Checked, Verdict};
use crate::experiment::summary::Summary;
use crate::experiment::verify::judge::Judged;
use crate::experiment::verify::table::LEFT_OUT;
use crate::experiment::verify::{Effort, Line, Verified};

/// The version that results are stamped with.
pub(crate) const ENGINE: &str = concat!("drawdown ", env!("CARGO_PKG_VERSION"));

/// A document as text, indented, with a final line break.
pub(crate) fn text(document: &Value) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(document).expect("a document of plain values");
    text.push(b'\n');
    text
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
    let criteria = verdict
        .criteria
        .iter()
        .map(|criterion| json!({"asked": criterion.asked, "holds": criterion.holds}));
    json!({
        "fact": verdict.name,
        "use": if verdict.fitted { "fit" } else { "hold" },
        "source": verdict.source,
        "unit": verdict.figure.unit(),
        "bound": verdict.bound,
        "published": verdict.published,
        "expected_value": verdict.expected_value,
        "ensemble": summary(&verdict.ensemble),
        "pit": verdict.pit,
        "holds": verdict.holds(),
        "criteria": criteria.collect::<Vec<_>>(),
    })
}

fn summary(summary: &Summary) -> Value {
    let [p05, p50, p95] = summary.quantiles;
    json!({
        "present_share": summary.present,
        "nonzero_share": summary.nonzero,
        "mean": summary.mean,
        "sd": summary.sd,
        "p05": p05,
        "p50": p50,
        "p95": p95,
    })
}

/// A digest as it is shown: sixteen hexadecimal digits.
pub(crate) fn digest(digest: u64) -> String {
    format!("{digest:016x}")
}

/// Exact results against the simulation, a comparison each.
pub(crate) fn verified(verified: &Verified, effort: Effort) -> Value {
    let line = |line: &Line| {
        let Judged {
            expected,
            estimate,
            test,
            statistic,
            holds,
        } = &line.judged;
        json!({
            "row": line.row,
            "about": line.about,
            "source": line.source,
            "what": line.what,
            "replications": line.replications,
            "expected": expected,
            "simulated": estimate,
            "test": test,
            "statistic": statistic,
            "holds": holds,
        })
    };
    let left_out = LEFT_OUT
        .iter()
        .map(|(what, why)| json!({"what": what, "why": why}));
    json!({
        "engine": ENGINE,
        "seed": effort.seed.0,
        "thorough": effort.thorough,
        "quick": effort.quick,
        "rows": verified.rows,
        "interrupted": verified.interrupted,
        "holds": verified.holds(),
        "comparisons": verified.lines.iter().map(line).collect::<Vec<_>>(),
        "left_out": left_out.collect::<Vec<_>>(),
    })
}
