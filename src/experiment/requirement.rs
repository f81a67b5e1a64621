//! What a buffer must do, and how often it does.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::experiment::measure::{self, MEASURES, Measure};
use crate::experiment::names::{Role, UnknownMeasure};
use crate::experiment::parallel;
use crate::experiment::runner::Runner;
use crate::kernel::random::Seed;
use crate::model::id::PoolId;
use crate::model::record::ledger::Ledger;
use crate::scenario::Scenario;

/// What is counted against a buffer by default.
const IN_OUTAGE: &str = "failed_leases_in_outage";

/// What a buffer must do.
#[derive(Clone, Copy, PartialEq, Debug, serde::Serialize)]
pub struct Requirement {
    /// The pool, by its place in [`Scenario::pools`].
    pub(crate) pool: usize,
    /// What is counted against the buffer.
    pub(crate) measure: &'static str,
    /// The most of it that is allowed; infinite where there is no such bound.
    pub(crate) at_most: f64,
    /// The least of it that is required; minus infinity where there is no such bound.
    pub(crate) at_least: f64,
    /// The share of replications that may have more.
    pub(crate) risk: f64,
}

impl Requirement {
    /// That a measure of a pool is at most so much, but for a share `risk` of the replications.
    ///
    /// # Errors
    /// If there is no such measure of pools.
    ///
    /// # Panics
    /// If `risk` does not lie between 0 and 1.
    ///
    /// # Examples
    /// A misspelt name is an error:
    /// ```
    /// use drawdown::study::Requirement;
    ///
    /// assert!(Requirement::new(0, "failed_leases", 2.0, 0.1).is_ok());
    /// let error = Requirement::new(0, "failed_lease", 2.0, 0.1).unwrap_err();
    /// assert!(error.to_string().contains("did you mean `failed_leases`?"));
    /// ```
    pub fn new(
        pool: impl Into<PoolId>,
        measure: impl AsRef<str>,
        at_most: f64,
        risk: f64,
    ) -> Result<Self, UnknownMeasure> {
        Ok(Self {
            measure: Measure::of_pools(measure.as_ref())?.name,
            at_most,
            ..Self::no_failed_lease(pool, risk)
        })
    }

    /// That a measure of a pool is at least so much, but for a share `risk` of the replications.
    ///
    /// # Errors
    /// If there is no such measure of pools.
    ///
    /// # Panics
    /// If `risk` does not lie between 0 and 1.
    ///
    /// # Examples
    /// In nine of ten replications, 99% of requests find a ready worker at once:
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use drawdown::{measure, study::Requirement};
    ///
    /// let requirement = Requirement::at_least_of(0, measure::HIT_RATE, 0.99, 0.1)?;
    /// assert_eq!(requirement.at_least(), 0.99);
    /// # Ok(())
    /// # }
    /// ```
    pub fn at_least_of(
        pool: impl Into<PoolId>,
        measure: impl AsRef<str>,
        at_least: f64,
        risk: f64,
    ) -> Result<Self, UnknownMeasure> {
        let unbounded = Self::new(pool, measure, f64::INFINITY, risk)?;
        Ok(Self {
            at_least,
            ..unbounded
        })
    }

    /// The pool.
    pub fn pool(&self) -> PoolId {
        PoolId::from(self.pool)
    }

    /// What is counted against the buffer.
    pub fn measure(&self) -> &'static str {
        self.measure
    }

    /// The most of it that is allowed; infinite where there is no such bound.
    pub fn at_most(&self) -> f64 {
        self.at_most
    }

    /// The least of it that is required; minus infinity where there is no such bound.
    pub fn at_least(&self) -> f64 {
        self.at_least
    }

    /// The share of replications that may have more.
    pub fn risk(&self) -> f64 {
        self.risk
    }

    /// That no request fails which is made in an outage, but for a share `risk` of the replications.
    ///
    /// # Panics
    /// If `risk` does not lie between 0 and 1.
    pub fn no_failed_lease(pool: impl Into<PoolId>, risk: f64) -> Self {
        assert!(0.0 < risk && risk < 1.0, "a risk of {risk}");
        Self {
            pool: usize::from(pool.into()),
            measure: IN_OUTAGE,
            at_most: 0.0,
            at_least: f64::NEG_INFINITY,
            risk,
        }
    }

    /// Whether only what happens in an outage counts.
    pub fn is_of_outages(&self) -> bool {
        self.measure == IN_OUTAGE
    }

    /// What is counted, with its unit.
    pub(crate) fn measured(&self) -> &'static Measure {
        &MEASURES[measure::place(MEASURES, self.measure)]
    }

    /// Whether a replication meets it. What its standbys do counts as the pool's own: counts are added
    /// up, and any other measure must be met by each.
    pub(crate) fn is_met(&self, scenario: &Scenario, ledger: &Ledger) -> bool {
        let place = measure::place(MEASURES, self.measure);
        self.holds(scenario, |pool| {
            measure::value(scenario, ledger, pool, place)
        })
    }

    /// The same, given the measure of each pool.
    pub(crate) fn holds(&self, scenario: &Scenario, value: impl Fn(usize) -> Option<f64>) -> bool {
        let mut standbys = scenario.standbys_of(self.pool);
        match self.measured().has(Role::Summed) {
            true => {
                let sum = standbys.filter_map(&value).fold(0.0, |sum, it| sum + it);
                self.allows(value(self.pool).map(|own| own + sum))
            }
            false => self.allows(value(self.pool)) && standbys.all(|pool| self.allows(value(pool))),
        }
    }

    /// Whether an outage meets the pool in a replication, or the pool that it stands in for.
    pub(crate) fn is_touched(&self, scenario: &Scenario, ledger: &Ledger) -> bool {
        let place = measure::place(MEASURES, "outage_s");
        let met = |pool| measure::value(scenario, ledger, pool, place).is_some();
        met(self.pool) || scenario.primary_of(self.pool).is_some_and(met)
    }

    /// Whether any request can reach the pool in a replication: a standby that never opens gets none.
    pub(crate) fn is_reached(&self, scenario: &Scenario, ledger: &Ledger) -> bool {
        let place = measure::place(MEASURES, "empty_s");
        measure::value(scenario, ledger, self.pool, place).is_some()
    }

    /// Whether it allows so much. Where there is nothing to measure, there is nothing against it.
    pub(crate) fn allows(&self, value: Option<f64>) -> bool {
        value.is_none_or(|value| self.at_least <= value && value <= self.at_most)
    }
}

/// How many of these replications meet all of several requirements.
pub(crate) fn met(
    scenario: &Scenario,
    requirements: &[Requirement],
    replications: Range<usize>,
    seed: Seed,
) -> usize {
    let parts = parallel::map_ranges(replications.len(), |range| {
        let mut runner = Runner::new(scenario, seed);
        let meets = |it: &usize| meets(&mut runner, requirements, replications.start + it);
        range.filter(meets).count()
    });
    parts.into_iter().sum()
}

/// Whether no more than `most` of the first `n` replications miss a requirement. Ends as soon as that is
/// known, which any order of work finds alike.
pub(crate) fn misses_at_most(
    scenario: &Scenario,
    requirements: &[Requirement],
    most: usize,
    n: usize,
    seed: Seed,
) -> bool {
    let missed = AtomicUsize::new(0);
    parallel::map_ranges(n, |range| {
        let mut runner = Runner::new(scenario, seed);
        for replication in range {
            if most < missed.load(Ordering::Relaxed) {
                return;
            }
            if !meets(&mut runner, requirements, replication) {
                missed.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    missed.into_inner() <= most
}

/// Whether one replication meets all of several requirements.
fn meets(runner: &mut Runner<'_>, requirements: &[Requirement], replication: usize) -> bool {
    runner.decide(replication, requirements, |found| found.met)
}
