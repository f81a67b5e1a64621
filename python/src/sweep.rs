//! Many cells, each an ensemble.

use drawdown::measure::Measure;
use drawdown::scenario::{Design, Plan, SweepSpec};
use drawdown::study::sweep_with;
use drawdown::tables;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::arguments::{Whole, replications as replications_of};
use crate::error::{guarded, key, of_problems, value};
use crate::scenario::Scenario;
use crate::table::{Columns, Table};
use crate::work::working;
use crate::yaml;

/// What the cells of a sweep measured.
#[pyclass(frozen, module = "drawdown")]
pub struct Sweep {
    table: Table,
    cells: usize,
    replications: usize,
    name: String,
}

#[pymethods]
impl Sweep {
    /// Cells.
    #[getter]
    fn cells(&self) -> usize {
        self.cells
    }

    /// Replications of each cell.
    #[getter]
    fn replications(&self) -> usize {
        self.replications
    }

    /// A row for each cell, subject and measure, with the value of each axis, means and quantiles and their 95%
    /// intervals: `sweep.csv`. The values of an axis are numbers where all of them are.
    fn table(&self) -> Table {
        self.table.clone()
    }

    fn __len__(&self) -> usize {
        self.cells
    }

    fn __repr__(&self) -> String {
        let (name, cells, n) = (&self.name, self.cells, self.replications);
        format!("<drawdown.Sweep {name}, {cells} cells of {n} replications>")
    }
}

/// An axis in the syntax of the command: `path=4..40:2` or `path=a,b,c`.
pub fn axis(path: &str, values: &Bound<'_, PyAny>) -> PyResult<String> {
    let values = match values.cast::<PyString>() {
        Ok(text) => text.to_str()?.to_owned(),
        Err(_) => {
            let values = values.try_iter()?.map(|it| yaml::written(&it?));
            values.collect::<PyResult<Vec<_>>>()?.join(",")
        }
    };
    Ok(format!("{path}={values}"))
}

fn design(name: Option<&str>, points: Option<Whole>) -> PyResult<Option<Design>> {
    let points = points.map(|points| points.count("points")).transpose()?;
    let points = points.map(|points| points.get() as u64);
    match (name, points) {
        (None, None) => Ok(None),
        (Some("grid"), None) => Ok(Some(Design::Grid)),
        (Some("latin_hypercube"), Some(points)) => Ok(Some(Design::LatinHypercube(points))),
        (Some("sobol"), Some(points)) => Ok(Some(Design::Sobol(points))),
        (Some("latin_hypercube" | "sobol"), None) => Err(value(
            "a design other than a grid needs `points`, the number of cells",
        )),
        (None | Some("grid"), Some(_)) => Err(value(
            "`points` is for designs\n  help: `design=\"latin_hypercube\"` or `\"sobol\"`",
        )),
        (Some(_), _) => Err(value(
            "`design` must be `\"grid\"`, `\"latin_hypercube\"` or `\"sobol\"`",
        )),
    }
}

/// Runs an ensemble for each cell of a design, all under common random numbers.
///
/// `axes` has values by path: a range or another iterable, or a text such as `"4..40:2"`; without it, what the file's
/// `sweep` varies. `where` leaves out cells that break a constraint such as `"pools.a/b.target <= 20"`. `design` is
/// `"grid"`, or `"latin_hypercube"` or `"sobol"` with so many `points`. Every cell is read before the first
/// replication; `ScenarioError` has the problems of all. `measures` keeps only these.
#[pyfunction]
#[pyo3(signature = (scenario, axes=None, replications=None, seed=None, *, r#where=None, design=None, points=None, measures=None, threads=None, progress=None), text_signature = "(scenario, axes=None, replications=1000, seed=1, *, where=None, design=None, points=None, measures=None, threads=None, progress=None)")]
pub fn sweep(
    py: Python<'_>,
    scenario: Scenario,
    axes: Option<&Bound<'_, PyAny>>,
    replications: Option<Whole>,
    seed: Option<Whole>,
    r#where: Option<Vec<String>>,
    design: Option<&str>,
    points: Option<Whole>,
    measures: Option<Vec<String>>,
    threads: Option<Whole>,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Sweep> {
    let seed = seed.unwrap_or(Whole::from(1)).seed()?;
    let replications = replications_of(replications.unwrap_or(Whole::from(1_000)), threads)?;
    let axes = axes.map(yaml::pairs).transpose()?.unwrap_or_default();
    let axes = axes.iter().map(|(path, values)| axis(path, values));
    let names = measures.unwrap_or_default();
    let kept = names.iter().map(|name| Measure::find(name).map_err(key));
    let kept: Vec<&str> = kept
        .map(|it| it.map(|it| it.name))
        .collect::<PyResult<_>>()?;
    let spec = SweepSpec {
        axes: axes.collect::<PyResult<_>>()?,
        constraints: r#where.unwrap_or_default(),
        design: self::design(design, points)?,
        seed,
    };
    let plan = guarded(|| Plan::new((*scenario.template).clone(), &spec))?;
    let plan = plan.map_err(|problems| of_problems(py, &problems))?;
    let kept = (!kept.is_empty()).then_some(&kept[..]);
    let cells = working(py, progress, |watch| {
        sweep_with(&plan, replications, seed, watch, |cell| {
            Columns::of(tables::cell(&plan, cell, kept))
        })
    })?;
    let mut all = Columns::default();
    for cell in cells.into_iter().flatten() {
        all.join(cell);
    }
    let paths: Vec<String> = plan.axes().iter().map(|it| it.path().to_owned()).collect();
    Ok(Sweep {
        table: all.parsed(&paths).table()?,
        cells: plan.len(),
        replications: replications.count.get(),
        name: scenario.base().name().to_owned(),
    })
}
