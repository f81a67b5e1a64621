//! Values that are not known, from published facts or from their priors.

use std::sync::Arc;

use drawdown::scenario::{Posterior as Sample, Template};
use drawdown::study::calibrate_facts_with;
use pyo3::prelude::*;

use crate::arguments::Whole;
use crate::error::{guarded, of_list, value};
use crate::scenario::Scenario;
use crate::table::Table;
use crate::work::working;

/// A sample of the values of a scenario that are not known, every row with the same weight. `Scenario.with_` takes
/// it; each replication then draws a row.
#[pyclass(frozen, module = "drawdown", from_py_object)]
#[derive(Clone)]
pub struct Posterior {
    sample: Arc<Sample>,
}

#[pymethods]
impl Posterior {
    /// Paths of the values.
    #[getter]
    fn paths(&self) -> Vec<String> {
        self.sample.paths().to_vec()
    }

    fn __len__(&self) -> usize {
        self.sample.len()
    }

    /// A row for each draw, a column for each path; numbers where all values of a path are plain numbers, and
    /// otherwise as a file has them, such as `90s`.
    fn table(&self) -> PyResult<Table> {
        let rows: Vec<Vec<String>> = self.sample.rows().collect();
        let column = |place: usize| rows.iter().map(|row| Some(row[place].clone())).collect();
        let paths = self.sample.paths().iter().enumerate();
        Table::of_texts(
            paths
                .map(|(place, path)| (path.clone(), column(place)))
                .collect(),
        )
    }

    fn __repr__(&self) -> String {
        let paths = self.sample.paths().join(", ");
        format!(
            "<drawdown.Posterior of {} rows: {paths}>",
            self.sample.len()
        )
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, State)> {
        let restore = py.import("drawdown._drawdown")?.getattr("_posterior")?;
        let rows = self.sample.rows().collect();
        Ok((restore, (self.paths(), rows)))
    }
}

/// Paths, and rows of values.
type State = (Vec<String>, Vec<Vec<String>>);

/// Restores a pickled sample.
#[pyfunction(name = "_posterior")]
pub fn posterior_of(paths: Vec<String>, rows: Vec<Vec<String>>) -> PyResult<Posterior> {
    let sample = Sample::new(paths, &rows).map_err(value)?;
    Ok(Posterior {
        sample: Arc::new(sample),
    })
}

/// A scenario whose values are drawn from a sample.
pub fn attached(py: Python<'_>, template: Template, posterior: &Posterior) -> PyResult<Template> {
    let attached = guarded(|| template.with_posterior(&posterior.sample))?;
    attached.map_err(|(row, problems)| {
        of_list(
            py,
            &format!("row {row} of the sample is not valid:"),
            &problems,
        )
    })
}

/// A sample of the values of a scenario that are free and have a prior, given its facts with `use: fit`.
///
/// It has so many `rows`, from at most about `budget` replications: in closed form where the model is the simplest
/// one, and by approximate Bayesian computation otherwise. The figures are fitted, not known.
#[pyfunction]
#[pyo3(signature = (scenario, rows=None, budget=None, seed=None, *, progress=None), text_signature = "(scenario, rows=1000, budget=200000, seed=1, *, progress=None)")]
pub fn calibrate(
    py: Python<'_>,
    scenario: Scenario,
    rows: Option<Whole>,
    budget: Option<Whole>,
    seed: Option<Whole>,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Posterior> {
    let seed = seed.unwrap_or(Whole::from(1)).seed()?;
    let rows = rows.unwrap_or(Whole::from(1_000)).count("rows")?.get();
    let budget = budget.unwrap_or(Whole::from(200_000)).budget("budget")?;
    let template = &scenario.template;
    let sample = working(py, progress, |watch| {
        calibrate_facts_with(template, rows, budget, seed, watch)
    })?;
    let sample = sample.map_err(|error| value(error.to_string()))?;
    Ok(Posterior {
        sample: Arc::new(sample),
    })
}

/// A sample of the values of a scenario that are free, from their priors alone.
#[pyfunction]
#[pyo3(signature = (scenario, seed=None), text_signature = "(scenario, seed=1)")]
pub fn priors(py: Python<'_>, scenario: Scenario, seed: Option<Whole>) -> PyResult<Posterior> {
    let seed = seed.unwrap_or(Whole::from(1)).seed()?;
    let template = &scenario.template;
    let sample = working(py, None, |_| Sample::of_priors(template, seed))?;
    let sample = sample.map_err(|problems| of_list(py, "there is no sample:", &problems))?;
    Ok(Posterior {
        sample: Arc::new(sample),
    })
}
