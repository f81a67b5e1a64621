//! The smallest buffer that lasts.

use drawdown::measure::{Better, Kind, Measure};
use drawdown::scenario::{Plan, PoolId, SweepSpec};
use drawdown::study::{Requirement, size_with};
use drawdown::tables;
use pyo3::prelude::*;

use crate::arguments::{Whole, pool as pool_of, replications as replications_of, share};
use crate::error::{guarded, key, of_problems, value};
use crate::scenario::Scenario;
use crate::sweep::axis;
use crate::table::Table;
use crate::work::working;

/// The smallest buffer that meets a requirement.
#[pyclass(frozen, module = "drawdown")]
pub struct Sizing {
    found: drawdown::study::Sizing,
    pool: String,
    path: String,
    price: Option<f64>,
}

/// A level as Python has it: a whole number, a number, or a text.
fn level<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    if let Ok(whole) = text.parse::<i64>() {
        return Ok(whole.into_pyobject(py)?.into_any());
    }
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number.into_pyobject(py)?.into_any()),
        _ => Ok(text.into_pyobject(py)?.into_any()),
    }
}

impl Sizing {
    fn level<'py>(
        &self,
        py: Python<'py>,
        place: Option<usize>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let text = place.map(|place| &self.found.levels[place]);
        text.map(|text| level(py, text)).transpose()
    }
}

#[pymethods]
impl Sizing {
    /// The pool that the buffer serves.
    #[getter]
    fn pool(&self) -> &str {
        &self.pool
    }

    /// Where its level stands in the file.
    #[getter]
    fn path(&self) -> &str {
        &self.path
    }

    /// The lowest level at which the share of replications that miss the requirement is no greater than the risk;
    /// None where no level that was tried is enough.
    #[getter]
    fn target<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.level(py, self.found.answer)
    }

    /// Lower end of the 95% interval of the target; None where there are too few replications for one.
    #[getter]
    fn low<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.level(py, self.found.interval[0])
    }

    /// Upper end of the 95% interval of the target; None where there are too few replications for one.
    #[getter]
    fn high<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.level(py, self.found.interval[1])
    }

    /// A level that is high enough with a confidence of 95%; None where there are too few replications for one.
    #[getter]
    fn assured<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.level(py, self.found.assured)
    }

    /// Share of replications that may miss the requirement.
    #[getter]
    fn risk(&self) -> f64 {
        self.found.requirement.risk()
    }

    /// Replications.
    #[getter]
    fn replications(&self) -> usize {
        self.found.n
    }

    /// Replications that ran at many levels to see whether a higher one can do worse, and those in which it did.
    #[getter]
    fn checked(&self) -> (usize, usize) {
        self.found.checked.into()
    }

    /// A row for each level: the share of replications in which it is enough, with its 95% interval, and costs
    /// where they were worked out: `size.csv` without the total cost.
    fn table(&self) -> PyResult<Table> {
        let names = (self.pool.as_str(), self.path.as_str());
        let table = guarded(|| Table::new(tables::size(names, &self.found, self.price, None)))??;
        table.with_numbers("level")
    }

    fn __repr__(&self) -> String {
        let answer = self.found.answer.map(|it| self.found.levels[it].as_str());
        let (pool, answer) = (&self.pool, answer.unwrap_or("no level is enough"));
        format!("<drawdown.Sizing {pool}: {answer}>")
    }
}

/// What the buffer must do.
fn requirement(
    pool: PoolId,
    risk: f64,
    measure: Option<&str>,
    (at_most, at_least): (Option<f64>, Option<f64>),
) -> PyResult<Requirement> {
    let name = measure.unwrap_or("failed_leases_in_outage");
    let known = Measure::of_pools(name).map_err(key)?;
    let (better, limit) = match (at_most, at_least) {
        (Some(_), Some(_)) => return Err(value("give `at_most` or `at_least`, not both")),
        (None, Some(limit)) => (Better::More, limit),
        (limit, None) => (Better::Less, limit.unwrap_or(0.0)),
    };
    if !limit.is_finite() {
        return Err(value("a limit must be a finite number"));
    }
    if known.kind != Kind::Quantity || known.better != Some(better) {
        let (side, examples) = match better {
            Better::Less => (
                "less",
                "`failed_leases`, `delayed_leases` or `wait_p95_s` with `at_most`",
            ),
            Better::More => ("more", "`hit_rate` with `at_least`"),
        };
        return Err(value(format!(
            "`{name}` is not a figure of which {side} is better\n  help: take one such as {examples}"
        )));
    }
    let found = match better {
        Better::Less => Requirement::new(pool, name, limit, risk),
        Better::More => Requirement::at_least_of(pool, name, limit, risk),
    };
    found.map_err(key)
}

/// Finds the smallest buffer of a pool that lasts, but for a share `risk` of the replications.
///
/// By default no request that is made in an outage may fail; `measure` with `at_most` or `at_least` asks for
/// something else, such as `measure="hit_rate", at_least=0.99`. `path` is where the level stands, by default the
/// pool's target, and `levels` those that are tried: an iterable, or a text such as `"0..80:1"`. `price` is what a
/// ready worker costs an hour; without it the costs in the table are missing.
#[pyfunction]
#[pyo3(signature = (scenario, pool, risk=0.01, replications=None, seed=None, *, measure=None, at_most=None, at_least=None, path=None, levels=None, price=None, threads=None, progress=None), text_signature = "(scenario, pool, risk=0.01, replications=1000, seed=1, *, measure=None, at_most=None, at_least=None, path=None, levels=None, price=None, threads=None, progress=None)")]
pub fn size(
    py: Python<'_>,
    scenario: Scenario,
    pool: &str,
    risk: f64,
    replications: Option<Whole>,
    seed: Option<Whole>,
    measure: Option<&str>,
    at_most: Option<f64>,
    at_least: Option<f64>,
    path: Option<String>,
    levels: Option<&Bound<'_, PyAny>>,
    price: Option<f64>,
    threads: Option<Whole>,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Sizing> {
    let seed = seed.unwrap_or(Whole::from(1)).seed()?;
    let risk = share("risk", risk)?;
    let replications = replications_of(replications.unwrap_or(Whole::from(1_000)), threads)?;
    let n = replications.count.get();
    if (n as f64) < (1.0 / risk).ceil() {
        let sure = (0.05_f64.log2() / (1.0 - risk).log2()).ceil();
        return Err(value(format!(
            "{n} replications are too few for a risk of {risk}\n  help: `replications={sure}` are enough to be sure of \
             a level"
        )));
    }
    if price.is_some_and(|price| !(0.0 <= price && price.is_finite())) {
        return Err(value("`price` must be a number of 0 or more"));
    }
    let id = pool_of(scenario.base(), pool)?;
    let required = requirement(id, risk, measure, (at_most, at_least))?;
    let path = path.unwrap_or_else(|| format!("pools.{pool}.target"));
    let template = &scenario.template;
    let spec = match levels {
        Some(levels) => {
            let axis = axis(&path, levels)?;
            SweepSpec::of_levels(&path, axis.get(path.len() + 1..).unwrap_or_default())
        }
        None => guarded(|| SweepSpec::of_every_level(template, id, &path))?,
    };
    let plan = guarded(|| Plan::new((**template).clone(), &spec))?;
    let plan = plan.map_err(|problems| of_problems(py, &problems))?;
    let found = working(py, progress, |watch| {
        size_with(&plan, required, replications, seed, watch)
    })?;
    if !found.reached || (required.is_of_outages() && found.met.point == Some(0.0)) {
        return Err(value(format!(
            "no outage meets {pool}, or no request reaches it, in any of {n} replications, so that there is nothing to \
             size\n  help: size for a wait with `measure=\"wait_p95_s\", at_most=30`, or for a hit rate with \
             `measure=\"hit_rate\", at_least=0.99`"
        )));
    }
    Ok(Sizing {
        found,
        pool: pool.to_owned(),
        path,
        price,
    })
}
