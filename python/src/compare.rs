//! Differences between a scenario and others.

use drawdown::study::compare_with;
use drawdown::tables;
use pyo3::prelude::*;
use pyo3::types::{PyMapping, PyString};

use crate::arguments::{Whole, replications as replications_of};
use crate::error::{guarded, value};
use crate::scenario::Scenario;
use crate::table::Table;
use crate::work::working;
use crate::yaml;

/// A scenario against others, replication by replication under common random numbers.
#[pyclass(frozen, module = "drawdown")]
pub struct Comparison {
    found: Vec<(String, drawdown::study::Comparison)>,
    name: String,
}

#[pymethods]
impl Comparison {
    /// Names of the variants.
    #[getter]
    fn variants(&self) -> Vec<String> {
        self.found.iter().map(|(name, _)| name.clone()).collect()
    }

    /// Replications of each side.
    #[getter]
    fn replications(&self) -> usize {
        self.found.first().map_or(0, |(_, found)| found.n)
    }

    /// Digests of the two ensembles of each variant.
    #[getter]
    fn digests(&self) -> Vec<(String, String)> {
        let digests = self.found.iter().map(|(_, found)| found.digests);
        let digests = digests.map(|digests| digests.map(|it| format!("{it:016x}")));
        digests.map(Into::into).collect()
    }

    /// A row for each variant, subject and measure, with means, their difference and 95% intervals:
    /// `compare.csv`.
    fn table(&self) -> PyResult<Table> {
        guarded(|| Table::new(tables::compare(&self.found)))?
    }

    fn __repr__(&self) -> String {
        let variants = self.variants().join(", ");
        format!("<drawdown.Comparison of {} with {variants}>", self.name)
    }
}

/// Names and scenarios to compare with.
fn others(
    scenario: &Scenario,
    variants: Option<&Bound<'_, PyAny>>,
    py: Python<'_>,
) -> PyResult<Vec<(String, Scenario)>> {
    let declared = |names: Vec<String>| {
        let mut others: Vec<(String, Scenario)> = Vec::new();
        for name in names {
            if others.iter().all(|(known, _)| *known != name) {
                let other = scenario.variant_of(py, &name)?;
                others.push((name, other));
            }
        }
        Ok(others)
    };
    match variants {
        None => declared(scenario.base().variants().to_vec()),
        Some(one) if one.is_instance_of::<PyString>() => declared(vec![one.extract()?]),
        Some(one) if one.is_instance_of::<Scenario>() => {
            let other: Scenario = one.extract()?;
            Ok(vec![(other.base().name().to_owned(), other)])
        }
        Some(mapping) if mapping.is_instance_of::<PyMapping>() => {
            let pairs = yaml::pairs(mapping)?.into_iter();
            pairs
                .map(|(name, other)| Ok((name, other.extract::<Scenario>()?)))
                .collect()
        }
        Some(names) => declared(names.extract()?),
    }
}

/// Compares a scenario with variants that its file declares, all of them by default, or with other scenarios by
/// name: `{"more": s.with_(set={"pools.westus2/ubuntu.target": 40})}`.
///
/// Every replication of the one is set against the same of the other, under common random numbers.
#[pyfunction]
#[pyo3(signature = (scenario, variants=None, replications=None, seed=None, *, threads=None, progress=None), text_signature = "(scenario, variants=None, replications=1000, seed=1, *, threads=None, progress=None)")]
pub fn compare(
    py: Python<'_>,
    scenario: Scenario,
    variants: Option<&Bound<'_, PyAny>>,
    replications: Option<Whole>,
    seed: Option<Whole>,
    threads: Option<Whole>,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Comparison> {
    let seed = seed.unwrap_or(Whole::from(1)).seed()?;
    let replications = replications_of(replications.unwrap_or(Whole::from(1_000)), threads)?;
    let others = others(&scenario, variants, py)?;
    if others.is_empty() {
        return Err(value(format!(
            "{} has no variants\n  help: declare `variants` in the file, or give other scenarios by name",
            scenario.base().name()
        )));
    }
    let base = scenario.base();
    let known = |pool: &drawdown::scenario::PoolName| base.pool(&pool.name).is_ok();
    if let Some((name, _)) = others
        .iter()
        .find(|it| !it.1.base().pools().iter().any(known))
    {
        return Err(value(format!(
            "{} and {name} have no pool in common\n  help: compare scenarios of one service",
            base.name()
        )));
    }
    let found = working(py, progress, |watch| {
        let compared = others.iter().map(|(name, other)| {
            let found = compare_with(base, other.base(), replications, seed, watch);
            (name.clone(), found)
        });
        compared.collect()
    })?;
    Ok(Comparison {
        found,
        name: base.name().to_owned(),
    })
}
