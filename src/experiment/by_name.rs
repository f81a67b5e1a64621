//! Figures of one replication and of many by the names of their measures, for users of the library. A name
//! that does not exist is an error.

use crate::experiment::ensemble::Ensemble;
use crate::experiment::measure::Subject;
use crate::experiment::names::{UnknownMeasure, of_dependencies, of_incident, of_pools};
use crate::experiment::run::Outcome;
use crate::experiment::summary::Summary;
use crate::stats::survival::Survival;

impl Outcome {
    /// A measure of the pool at place `pool` in [`crate::Scenario::pools`]; absent where there is none.
    ///
    /// # Errors
    /// If there is no such measure; [`crate::MEASURES`] lists them.
    ///
    /// # Panics
    /// If there is no such pool.
    pub fn measure(&self, pool: usize, name: &str) -> Result<Option<f64>, UnknownMeasure> {
        Ok(self.value_of(Subject::Pool(pool), of_pools(name)?))
    }

    /// A measure of the incident; absent where there is none.
    ///
    /// # Errors
    /// If there is no such measure; [`crate::INCIDENT_MEASURES`] lists them.
    pub fn incident(&self, name: &str) -> Result<Option<f64>, UnknownMeasure> {
        Ok(self.value_of(Subject::Incident, of_incident(name)?))
    }

    /// A measure of the dependency at place `dependency` in [`crate::Scenario::dependencies`]; absent where
    /// there is none.
    ///
    /// # Errors
    /// If there is no such measure; [`crate::DEPENDENCY_MEASURES`] lists them.
    ///
    /// # Panics
    /// If there is no such dependency.
    pub fn dependency(&self, dependency: usize, name: &str) -> Result<Option<f64>, UnknownMeasure> {
        let place = of_dependencies(name)?;
        Ok(self.value_of(Subject::Dependency(dependency), place))
    }
}

impl Ensemble {
    /// How long a clock of a pool runs until it strikes: the survival curve, in seconds, of the
    /// replications in which it was watched. Absent for a clock that begins at no common time.
    ///
    /// # Errors
    /// If there is no such measure; [`crate::MEASURES`] lists them.
    ///
    /// # Panics
    /// If there is no such pool.
    ///
    /// # Examples
    /// The share of replications in which a pool lasts an hour and a half:
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use drawdown::{Replications, Scenario, Seed, ensemble};
    ///
    /// let scenario = Scenario::load("examples/full-outage.yaml")?;
    /// let ensemble = ensemble(&scenario, Replications::new(400), Seed(1));
    /// let curve = ensemble.survival(0, "pool_empty_at_s")?.ok_or("not a clock")?;
    /// let lasts = curve.at(5400.0);
    /// assert!(lasts.low < 0.925 && 0.925 < lasts.high);
    /// # Ok(())
    /// # }
    /// ```
    pub fn survival(&self, pool: usize, name: &str) -> Result<Option<Survival>, UnknownMeasure> {
        Ok(self.curve_of(pool, of_pools(name)?))
    }

    /// A measure of the pool at place `pool` in [`crate::Scenario::pools`], by replication; absent where a
    /// replication has none.
    ///
    /// # Errors
    /// If there is no such measure; [`crate::MEASURES`] lists them.
    ///
    /// # Panics
    /// If there is no such pool.
    ///
    /// # Examples
    /// A misspelt name is an error:
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use drawdown::{Replications, Scenario, Seed, ensemble};
    ///
    /// let scenario = Scenario::load("examples/full-outage.yaml")?;
    /// let ensemble = ensemble(&scenario, Replications::new(2), Seed(1));
    /// let error = ensemble.summary(0, "failed_lease").unwrap_err();
    /// assert!(error.to_string().contains("did you mean `failed_leases`?"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn values(
        &self,
        pool: usize,
        name: &str,
    ) -> Result<impl ExactSizeIterator<Item = Option<f64>> + use<'_>, UnknownMeasure> {
        Ok(self.column_of(Subject::Pool(pool), of_pools(name)?))
    }

    /// What the ensemble says about a measure of a pool.
    ///
    /// # Errors
    /// If there is no such measure; [`crate::MEASURES`] lists them.
    ///
    /// # Panics
    /// If there is no such pool.
    pub fn summary(&self, pool: usize, name: &str) -> Result<Summary, UnknownMeasure> {
        Ok(self.summary_of(Subject::Pool(pool), of_pools(name)?))
    }

    /// A measure of the incident, by replication.
    ///
    /// # Errors
    /// If there is no such measure; [`crate::INCIDENT_MEASURES`] lists them.
    pub fn incident(
        &self,
        name: &str,
    ) -> Result<impl ExactSizeIterator<Item = Option<f64>> + use<'_>, UnknownMeasure> {
        Ok(self.column_of(Subject::Incident, of_incident(name)?))
    }

    /// A measure of the dependency at place `dependency` in [`crate::Scenario::dependencies`], by
    /// replication.
    ///
    /// # Errors
    /// If there is no such measure; [`crate::DEPENDENCY_MEASURES`] lists them.
    ///
    /// # Panics
    /// If there is no such dependency.
    pub fn dependency(
        &self,
        dependency: usize,
        name: &str,
    ) -> Result<impl ExactSizeIterator<Item = Option<f64>> + use<'_>, UnknownMeasure> {
        let place = of_dependencies(name)?;
        Ok(self.column_of(Subject::Dependency(dependency), place))
    }
}
