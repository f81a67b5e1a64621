//! Results of one replication and of many, for users of the library: by pool, dependency or demand class, each
//! a handle or a place, and by measure, each a constant or a name. A name that does not exist is an error.

use crate::experiment::ensemble::Ensemble;
use crate::experiment::measure::Subject;
use crate::experiment::names::{
    UnknownMeasure, of_classes, of_dependencies, of_incident, of_pools,
};
use crate::experiment::run::{Outcome, PoolSample};
use crate::experiment::summary::Summary;
use crate::model::id::{ClassId, DependencyId, PoolId};
use crate::stats::survival::Survival;

impl Outcome {
    /// A measure of a pool; absent where there is none.
    ///
    /// # Errors
    /// If there is no such measure; [`crate::measure::MEASURES`] lists them.
    ///
    /// # Panics
    /// If there is no such pool.
    pub fn measure(
        &self,
        pool: impl Into<PoolId>,
        measure: impl AsRef<str>,
    ) -> Result<Option<f64>, UnknownMeasure> {
        Ok(self.value_of(
            Subject::Pool(pool.into().into()),
            of_pools(measure.as_ref())?,
        ))
    }

    /// A measure of the incident; absent where there is none.
    ///
    /// # Errors
    /// If there is no such measure; [`crate::measure::INCIDENT_MEASURES`] lists them.
    pub fn incident(&self, measure: impl AsRef<str>) -> Result<Option<f64>, UnknownMeasure> {
        Ok(self.value_of(Subject::Incident, of_incident(measure.as_ref())?))
    }

    /// A measure of a dependency; absent where there is none.
    ///
    /// # Errors
    /// If there is no such measure; [`crate::measure::DEPENDENCY_MEASURES`] lists them.
    ///
    /// # Panics
    /// If there is no such dependency.
    pub fn dependency(
        &self,
        dependency: impl Into<DependencyId>,
        measure: impl AsRef<str>,
    ) -> Result<Option<f64>, UnknownMeasure> {
        let place = of_dependencies(measure.as_ref())?;
        Ok(self.value_of(Subject::Dependency(dependency.into().into()), place))
    }

    /// A measure of a demand class; absent where there is none.
    ///
    /// # Errors
    /// If there is no such measure; [`crate::measure::CLASS_MEASURES`] lists them.
    ///
    /// # Panics
    /// If there is no such class.
    ///
    /// # Examples
    /// The hit rate of each class:
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use drawdown::{Scenario, Seed, measure, run};
    ///
    /// let scenario = Scenario::load("scenarios/fnj8-vqz.yaml")?;
    /// let outcome = run(&scenario, Seed(1), 0);
    /// for class in scenario.classes() {
    ///     let rate = outcome.class(scenario.class(&class.name)?, measure::HIT_RATE)?;
    ///     assert!(rate.is_none_or(|rate| rate <= 1.0));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn class(
        &self,
        class: impl Into<ClassId>,
        measure: impl AsRef<str>,
    ) -> Result<Option<f64>, UnknownMeasure> {
        let place = of_classes(measure.as_ref())?;
        Ok(self.value_of(Subject::Class(class.into().into()), place))
    }
}

impl Outcome {
    /// The levels of a pool over time, in the order of time: a sample at each instant at which one of them
    /// changed, the warm-up included.
    ///
    /// # Panics
    /// If there is no such pool.
    ///
    /// # Examples
    /// The lowest ready level after the scenario's start, and when it was reached:
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use drawdown::{Scenario, Seed, measure, run};
    ///
    /// let scenario = Scenario::load("examples/full-outage.yaml")?;
    /// let pool = scenario.pool("anywhere/any")?;
    /// let outcome = run(&scenario, Seed(1), 0);
    /// let samples = outcome.levels(pool).iter();
    /// let samples = samples.filter(|sample| 0.0 <= scenario.seconds(sample.at));
    /// let lowest = samples.min_by_key(|sample| sample.ready).ok_or("no samples")?;
    /// let minimum = outcome.measure(pool, measure::READY_MIN)?;
    /// assert_eq!(minimum, Some(f64::from(lowest.ready)));
    /// # Ok(())
    /// # }
    /// ```
    pub fn levels(&self, pool: impl Into<PoolId>) -> &[PoolSample] {
        &self.levels[usize::from(pool.into())]
    }
}

impl Ensemble {
    /// How long a clock of a pool runs until it occurs: the survival curve, in seconds, of the
    /// replications in which it was observed. Absent for a time that begins at no common instant.
    ///
    /// # Errors
    /// If there is no such measure; [`crate::measure::MEASURES`] lists them.
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
    /// let pool = scenario.pool("anywhere/any")?;
    /// let curve = ensemble.survival(pool, drawdown::measure::POOL_EMPTY_AT_S)?.ok_or("not a clock")?;
    /// let lasts = curve.at(5400.0);
    /// assert!(lasts.low < 0.925 && 0.925 < lasts.high);
    /// # Ok(())
    /// # }
    /// ```
    pub fn survival(
        &self,
        pool: impl Into<PoolId>,
        measure: impl AsRef<str>,
    ) -> Result<Option<Survival>, UnknownMeasure> {
        Ok(self.curve_of(pool.into().into(), of_pools(measure.as_ref())?))
    }

    /// A measure of a pool, by replication; absent where a
    /// replication has none.
    ///
    /// # Errors
    /// If there is no such measure; [`crate::measure::MEASURES`] lists them.
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
    /// let error = ensemble.summary(scenario.pool("anywhere/any")?, "failed_lease").unwrap_err();
    /// assert!(error.to_string().contains("did you mean `failed_leases`?"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn values(
        &self,
        pool: impl Into<PoolId>,
        measure: impl AsRef<str>,
    ) -> Result<impl ExactSizeIterator<Item = Option<f64>>, UnknownMeasure> {
        Ok(self.column_of(
            Subject::Pool(pool.into().into()),
            of_pools(measure.as_ref())?,
        ))
    }

    /// What the ensemble says about a measure of a pool.
    ///
    /// # Errors
    /// If there is no such measure; [`crate::measure::MEASURES`] lists them.
    ///
    /// # Panics
    /// If there is no such pool.
    pub fn summary(
        &self,
        pool: impl Into<PoolId>,
        measure: impl AsRef<str>,
    ) -> Result<Summary, UnknownMeasure> {
        Ok(self.summary_of(
            Subject::Pool(pool.into().into()),
            of_pools(measure.as_ref())?,
        ))
    }

    /// A measure of the incident, by replication.
    ///
    /// # Errors
    /// If there is no such measure; [`crate::measure::INCIDENT_MEASURES`] lists them.
    pub fn incident(
        &self,
        measure: impl AsRef<str>,
    ) -> Result<impl ExactSizeIterator<Item = Option<f64>>, UnknownMeasure> {
        Ok(self.column_of(Subject::Incident, of_incident(measure.as_ref())?))
    }

    /// A measure of a dependency, by
    /// replication.
    ///
    /// # Errors
    /// If there is no such measure; [`crate::measure::DEPENDENCY_MEASURES`] lists them.
    ///
    /// # Panics
    /// If there is no such dependency.
    pub fn dependency(
        &self,
        dependency: impl Into<DependencyId>,
        measure: impl AsRef<str>,
    ) -> Result<impl ExactSizeIterator<Item = Option<f64>>, UnknownMeasure> {
        let place = of_dependencies(measure.as_ref())?;
        Ok(self.column_of(Subject::Dependency(dependency.into().into()), place))
    }

    /// A measure of a demand class, by replication.
    ///
    /// # Errors
    /// If there is no such measure; [`crate::measure::CLASS_MEASURES`] lists them.
    ///
    /// # Panics
    /// If there is no such class.
    pub fn class(
        &self,
        class: impl Into<ClassId>,
        measure: impl AsRef<str>,
    ) -> Result<impl ExactSizeIterator<Item = Option<f64>>, UnknownMeasure> {
        let place = of_classes(measure.as_ref())?;
        Ok(self.column_of(Subject::Class(class.into().into()), place))
    }
}
