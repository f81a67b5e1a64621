//! Published facts against the simulation, and the list of measures.

use std::path::PathBuf;

use drawdown::measure::{
    Better, CLASS_MEASURES, DEPENDENCY_MEASURES, INCIDENT_MEASURES, Kind, MEASURES, Measure,
};
use drawdown::scenario::{Bound as Limit, Template};
use drawdown::tables::Value;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::arguments::{Whole, replications as replications_of};
use crate::error::{guarded, of_problems};
use crate::scenario::Scenario;
use crate::table::{Columns, Table};
use crate::work::working;

/// Published facts against the simulation.
#[pyclass(frozen, module = "drawdown")]
pub struct Check {
    found: Vec<(String, drawdown::study::Check)>,
}

#[pymethods]
impl Check {
    /// Whether every fact that the scenarios were fitted to holds.
    #[getter]
    fn passed(&self) -> bool {
        self.found.iter().all(|(_, found)| found.holds())
    }

    /// A row for each fact: what was published, what the expected-value replay and the replications give (median,
    /// 5% and 95% quantiles), and whether it holds. `use` is `fit` for a fact that the scenario was fitted to, and
    /// `test` for one that it was not.
    fn table(&self) -> PyResult<Table> {
        let names = [
            "scenario",
            "fact",
            "use",
            "source",
            "bound",
            "published",
            "unit",
            "expected_value",
            "p05",
            "p50",
            "p95",
            "holds",
        ];
        let text = |text: &str| Value::Text(text.to_owned().into());
        let rows = self.found.iter().flat_map(|(name, found)| {
            found.verdicts.iter().map(move |it| {
                let bound = match it.bound {
                    Limit::AtLeast => "at_least",
                    Limit::AtMost => "at_most",
                    _ => "about",
                };
                let [p05, p50, p95] = it.ensemble.quantiles.map(|it| Value::Number(it.point));
                vec![
                    text(name),
                    text(&it.name),
                    text(if it.fitted { "fit" } else { "test" }),
                    text(&it.source),
                    text(bound),
                    Value::Number(Some(it.published)),
                    text(it.figure.unit()),
                    Value::Number(it.expected_value),
                    p05,
                    p50,
                    p95,
                    Value::Count(it.holds().into()),
                ]
            })
        });
        let rows: Vec<Vec<Value<'_>>> = rows.collect();
        guarded(|| Columns::of_rows(&names, rows).flags("holds").table())?
    }

    fn __bool__(&self) -> bool {
        self.passed()
    }

    fn __repr__(&self) -> String {
        let facts: usize = self.found.iter().map(|it| it.1.verdicts.len()).sum();
        let said = if self.passed() { "passed" } else { "failed" };
        format!("<drawdown.Check of {facts} facts: {said}>")
    }
}

/// Compares the published facts of scenarios, or of scenario files, with the simulation.
#[pyfunction]
#[pyo3(signature = (scenarios, replications=None, seed=None, *, threads=None), text_signature = "(scenarios, replications=1000, seed=1, *, threads=None)")]
pub fn check(
    py: Python<'_>,
    scenarios: &Bound<'_, PyAny>,
    replications: Option<Whole>,
    seed: Option<Whole>,
    threads: Option<Whole>,
) -> PyResult<Check> {
    let seed = seed.unwrap_or(Whole::from(1)).seed()?;
    let replications = replications_of(replications.unwrap_or(Whole::from(1_000)), threads)?;
    let single = scenarios.is_instance_of::<Scenario>()
        || scenarios.is_instance_of::<PyString>()
        || scenarios.hasattr("__fspath__")?;
    let all: Vec<Bound<'_, PyAny>> = match single {
        true => vec![scenarios.clone()],
        false => scenarios.try_iter()?.collect::<PyResult<_>>()?,
    };
    let mut found = Vec::new();
    for one in all {
        let base = match one.extract::<Scenario>() {
            Ok(scenario) => scenario.base().clone(),
            Err(_) => {
                let path: PathBuf = one.extract()?;
                let template = guarded(|| Template::load(&path))?;
                let template = template.map_err(|problems| of_problems(py, &problems))?;
                template.base().clone()
            }
        };
        let done = working(py, None, |_| {
            drawdown::study::check(&base, replications, seed)
        })?;
        found.push((base.name().to_owned(), done));
    }
    Ok(Check { found })
}

/// Every measure: of what, its name, unit and meaning, its kind, and which way is better where that is beyond doubt.
#[pyfunction]
pub fn measures() -> PyResult<Table> {
    let names = ["of", "name", "unit", "meaning", "kind", "better"];
    let lists: [(&str, &'static [Measure]); 4] = [
        ("pool", MEASURES),
        ("incident", INCIDENT_MEASURES),
        ("dependency", DEPENDENCY_MEASURES),
        ("class", CLASS_MEASURES),
    ];
    let rows = lists.into_iter().flat_map(|(of, list)| {
        list.iter().map(move |it| {
            let kind = match it.kind {
                Kind::TimeToEvent => "time_to_event",
                _ => "quantity",
            };
            let better = match it.better {
                Some(Better::More) => "more",
                Some(Better::Less) => "less",
                None => "",
            };
            let texts = [of, it.name, it.unit, it.meaning, kind, better];
            texts.map(|text| Value::Text(text.into())).to_vec()
        })
    });
    let rows: Vec<Vec<Value<'_>>> = rows.collect();
    Columns::of_rows(&names, rows).table()
}
