//! One replication.

use drawdown::study::{Trace, trace, trace_expected_value};
use drawdown::tables;
use pyo3::prelude::*;

use crate::arguments::{Whole, pool as pool_of};
use crate::error::{guarded, key};
use crate::scenario::Scenario;
use crate::table::Table;
use crate::work::working;

/// What came of one replication.
#[pyclass(frozen, module = "drawdown")]
pub struct Outcome {
    scenario: Scenario,
    /// The scenario with the values that this replication drew.
    trace: Trace,
    course: String,
}

#[pymethods]
impl Outcome {
    /// The scenario that was simulated.
    #[getter]
    fn scenario(&self) -> Scenario {
        self.scenario.clone()
    }

    /// `horizon`, or `budget_spent` where the budget of events was spent before.
    #[getter]
    fn ended(&self) -> &'static str {
        match self.trace.outcome.ended {
            drawdown::study::Ended::Horizon => "horizon",
            drawdown::study::Ended::BudgetSpent => "budget_spent",
        }
    }

    /// A hash of every event: equal runs have equal digests.
    #[getter]
    fn digest(&self) -> String {
        format!("{:016x}", self.trace.outcome.digest)
    }

    /// A measure of a pool, in the unit of its name; None where there is none. Raises `KeyError` for a name that
    /// does not exist.
    fn value(&self, pool: &str, measure: &str) -> PyResult<Option<f64>> {
        let pool = pool_of(self.scenario.base(), pool)?;
        self.trace.outcome.measure(pool, measure).map_err(key)
    }

    /// A row for each subject and measure: `measures.csv`.
    fn measures(&self) -> PyResult<Table> {
        let (scenario, outcome) = (self.scenario.base(), &self.trace.outcome);
        guarded(|| Table::new(tables::measures(scenario, outcome)))?
    }

    /// The levels of each pool over time, a row wherever one changed: `levels.csv`.
    fn levels(&self) -> PyResult<Table> {
        let (scenario, outcome) = (self.scenario.base(), &self.trace.outcome);
        guarded(|| Table::new(tables::levels(scenario, outcome)))?
    }

    /// The calls to each dependency over time: `dependencies.csv`.
    fn dependencies(&self) -> PyResult<Table> {
        let (scenario, outcome) = (self.scenario.base(), &self.trace.outcome);
        guarded(|| Table::new(tables::dependencies(scenario, outcome)))?
    }

    /// A row for everything that happened: `events.csv` of `drawdown trace`.
    fn events(&self) -> PyResult<Table> {
        let (scenario, trace) = (self.scenario.base(), &self.trace);
        guarded(|| Table::new(tables::events(scenario, trace)))?
    }

    fn __repr__(&self) -> String {
        let name = self.scenario.base().name();
        format!("<drawdown.Outcome {name}, {}>", self.course)
    }
}

/// Runs one replication.
#[pyfunction]
#[pyo3(signature = (scenario, seed=None, replication=None), text_signature = "(scenario, seed=1, replication=0)")]
pub fn run(
    py: Python<'_>,
    scenario: Scenario,
    seed: Option<Whole>,
    replication: Option<Whole>,
) -> PyResult<Outcome> {
    let seed = seed.unwrap_or(Whole::from(1)).seed()?;
    let number = replication
        .unwrap_or(Whole::from(0))
        .number("replication")?;
    let base = scenario.base();
    let trace = working(py, None, |_| trace(base, seed, number))?;
    Ok(Outcome {
        trace,
        course: format!("seed {}, replication {number}", seed.0),
        scenario,
    })
}

/// Runs a scenario with every distribution replaced by its mean, arrivals evenly spaced and failures evenly shared
/// out: the one course around which chance scatters.
#[pyfunction]
pub fn expected_value(py: Python<'_>, scenario: Scenario) -> PyResult<Outcome> {
    let base = scenario.base();
    let trace = working(py, None, |_| trace_expected_value(base))?;
    Ok(Outcome {
        trace,
        course: "expected value".to_owned(),
        scenario,
    })
}
