//! Many replications.

use drawdown::study::{KeptMeasures, Precision, Stopped, ensemble_keeping};
use drawdown::{Replications, tables};
use pyo3::prelude::*;

use crate::arguments::{Whole, pool as pool_of, replications as replications_of};
use crate::error::{guarded, key, value};
use crate::scenario::Scenario;
use crate::table::{Table, numbers_of};
use crate::work::working;

/// Why there are as many replications as there are.
pub fn stopped(stopped: Stopped) -> &'static str {
    match stopped {
        Stopped::Count => "count",
        Stopped::Precise => "precise",
        Stopped::Cap => "cap",
        Stopped::Absent => "absent",
        _ => "interrupted",
    }
}

/// What many replications measured.
#[pyclass(frozen, module = "drawdown")]
pub struct Ensemble {
    scenario: Scenario,
    found: drawdown::study::Ensemble,
    seed: u64,
}

#[pymethods]
impl Ensemble {
    /// The scenario that was simulated.
    #[getter]
    fn scenario(&self) -> Scenario {
        self.scenario.clone()
    }

    /// Replications.
    #[getter]
    fn replications(&self) -> usize {
        self.found.n
    }

    /// Master seed of all random numbers.
    #[getter]
    fn seed(&self) -> u64 {
        self.seed
    }

    /// Events over all replications.
    #[getter]
    fn events(&self) -> u64 {
        self.found.events
    }

    /// Replications that spent their budget of events before the end of the scenario.
    #[getter]
    fn budget_spent(&self) -> usize {
        self.found.budget_spent
    }

    /// A hash of every event of every replication: equal runs have equal digests, on any number of threads.
    #[getter]
    fn digest(&self) -> String {
        format!("{:016x}", self.found.digest)
    }

    /// Why there are no more replications: `count`, so many were asked for; `precise`, the precision was
    /// reached; `cap`, it was not; `absent`, the measure that was to be precise did not occur.
    #[getter]
    fn stopped(&self) -> &'static str {
        stopped(self.found.stopped)
    }

    /// A measure of a pool, a value for each replication, in the unit of its name.
    ///
    /// NaN where a replication has none. A time to an event that did not occur has none: the mean of the others
    /// is too low, and `summary` and `survival` take it into account. Raises `KeyError` for a name that does
    /// not exist.
    fn values<'py>(
        &self,
        py: Python<'py>,
        pool: &str,
        measure: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let pool = pool_of(self.scenario.base(), pool)?;
        let values = self.found.values(pool, measure).map_err(key)?;
        numbers_of(py, values.map(|it| it.unwrap_or(f64::NAN)))
    }

    /// A row for each replication and pool, a column for each measure: `replications.csv`.
    fn table(&self) -> PyResult<Table> {
        let (scenario, found) = (self.scenario.base(), &self.found);
        guarded(|| Table::new(tables::replications(scenario, found)))?
    }

    /// A row for each replication, a column for each measure of the incident and of each dependency:
    /// `incidents.csv`.
    fn incidents(&self) -> PyResult<Table> {
        let (scenario, found) = (self.scenario.base(), &self.found);
        guarded(|| Table::new(tables::incidents(scenario, found)))?
    }

    /// A row for each replication and demand class, a column for each measure: `classes.csv`.
    fn classes(&self) -> PyResult<Table> {
        let (scenario, found) = (self.scenario.base(), &self.found);
        guarded(|| Table::new(tables::classes(scenario, found)))?
    }

    /// A row for each subject and measure, with means and quantiles and their 95% intervals: `summary.csv`.
    ///
    /// `name` is that of a pool, a dependency or a demand class. A time to an event that does not occur counts as
    /// later than all others; its mean is given only where it occurs in every replication.
    #[pyo3(signature = (name=None, measure=None))]
    fn summary(&self, name: Option<&str>, measure: Option<&str>) -> PyResult<Table> {
        let (scenario, found) = (self.scenario.base(), &self.found);
        if let Some(measure) = measure {
            drawdown::measure::Measure::find(measure).map_err(key)?;
        }
        let known = name.is_none_or(|name| {
            let places = [
                scenario.dependency(name).is_ok(),
                scenario.class(name).is_ok(),
                name == scenario.name(),
            ];
            places.contains(&true)
        });
        if let Some(name) = name.filter(|_| !known) {
            pool_of(scenario, name)?;
        }
        guarded(|| {
            let of = |row: &Vec<tables::Value<'_>>| {
                let is = |place: usize, asked: Option<&str>| {
                    asked.is_none_or(|it| row[place] == tables::Value::Text(it.into()))
                };
                is(1, name) && is(2, measure)
            };
            let mut table = tables::summary(scenario, found);
            table.rows = Box::new(table.rows.filter(of));
            Table::new(table)
        })?
    }

    /// A row for each step of the survival curve of a clock of a pool, with 95% intervals: a part of
    /// `survival.csv`. Raises `KeyError` for a measure that is no clock with a common origin.
    fn survival(&self, pool: &str, clock: &str) -> PyResult<Table> {
        let scenario = self.scenario.base();
        let id = pool_of(scenario, pool)?;
        let curve = self.found.survival(id, clock).map_err(key)?;
        if curve.is_none() {
            return Err(key(format!(
                "`{clock}` has no survival curve: it is no time to an event that begins at one instant, or it was \
                 not kept"
            )));
        }
        guarded(|| {
            let of = |row: &Vec<tables::Value<'_>>| {
                let is = |place: usize, text: &str| row[place] == tables::Value::Text(text.into());
                is(0, pool) && is(1, clock)
            };
            let mut table = tables::survival(scenario, &self.found);
            table.rows = Box::new(table.rows.filter(of));
            Table::new(table)
        })?
    }

    /// A row for each instant and pool, a column for each quantile of the ready level: `fan.csv`.
    fn levels(&self) -> PyResult<Table> {
        let (scenario, found) = (self.scenario.base(), &self.found);
        guarded(|| Table::new(tables::fan(scenario, found)))?
    }

    fn __len__(&self) -> usize {
        self.found.n
    }

    fn __repr__(&self) -> String {
        let (name, n, seed) = (self.scenario.base().name(), self.found.n, self.seed);
        format!("<drawdown.Ensemble {name}, {n} replications, seed {seed}>")
    }
}

/// Runs many replications.
///
/// `precision` ends them once half of the 95% interval of the mean of the first of `measures` is so small a share
/// of that mean (`first_lease_failure_at_s` by default), in `pool` or in every pool; `replications` are then the
/// most of them. `measures` and `pool` keep only some measures, which takes less memory; where an exact shortcut draws
/// them, there are no events and no levels, unless `plain`. `threads` is by default one for each processor; no result
/// depends on it. `progress` is called with the number of replications that are
/// complete. Ctrl-C ends the work with `KeyboardInterrupt`.
#[pyfunction]
#[pyo3(signature = (scenario, replications=None, seed=None, *, threads=None, precision=None, measures=None, pool=None, plain=false, progress=None), text_signature = "(scenario, replications=None, seed=1, *, threads=None, precision=None, measures=None, pool=None, plain=False, progress=None)")]
pub fn ensemble(
    py: Python<'_>,
    scenario: Scenario,
    replications: Option<Whole>,
    seed: Option<Whole>,
    threads: Option<Whole>,
    precision: Option<f64>,
    measures: Option<Vec<String>>,
    pool: Option<&str>,
    plain: bool,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Ensemble> {
    const PRECISE: &str = "first_lease_failure_at_s";
    const PRECISE_MAX: i64 = 100_000;
    let most = if precision.is_some() {
        PRECISE_MAX
    } else {
        1_000
    };
    let replications = replications.unwrap_or(Whole::from(most));
    let seed = seed.unwrap_or(Whole::from(1)).seed()?;
    let many = replications_of(replications, threads)?;
    let pool = pool.map(|name| pool_of(scenario.base(), name));
    let pool = pool.transpose()?;
    let names = measures.unwrap_or_default();
    let kept = match names.is_empty() {
        true => KeptMeasures::all(),
        false => KeptMeasures::only(&names, pool).map_err(key)?,
    };
    let kept = if plain { kept.plain() } else { kept };
    let precise = |relative: f64| {
        if !(0.0 < relative && relative.is_finite()) {
            return Err(value("`precision` must be above 0: a share of the mean"));
        }
        let measure = names.first().map_or(PRECISE, String::as_str);
        Precision::new(relative, measure, pool).map_err(key)
    };
    let asked = Replications {
        precision: precision.map(precise).transpose()?,
        ..many
    };
    let base = scenario.base();
    let found = working(py, progress, |watch| {
        ensemble_keeping(base, &kept, asked, seed, watch)
    })?;
    Ok(Ensemble {
        found,
        seed: seed.0,
        scenario,
    })
}
