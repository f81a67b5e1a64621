//! How many replications, and why no more.

use std::num::NonZeroUsize;

use crate::experiment::measure::Measure;
use crate::experiment::names::UnknownMeasure;
use crate::model::id::PoolId;

/// How many replications, on how many threads.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Replications {
    /// Replications to run; the most of them, where a precision is asked for.
    pub count: NonZeroUsize,
    /// Threads to run them on; one for each processor if absent. No result depends on it.
    pub threads: Option<NonZeroUsize>,
    /// How precise a mean must be for the rest to be spared.
    pub precision: Option<Precision>,
}

/// When an ensemble is precise enough.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Precision {
    /// Half of the 95% interval, as a share of the mean.
    pub(crate) relative: f64,
    /// The measure whose mean must be so precise; for an event that does not occur, the time at
    /// risk is taken.
    pub(crate) measure: &'static str,
    /// The pool in which it must, by its place in [`crate::Scenario::pools`]; every pool if absent.
    pub(crate) pool: Option<usize>,
}

impl Precision {
    /// The mean of a measure is to be known to a share of itself, in one pool or, where that is absent, in
    /// every pool.
    ///
    /// # Errors
    /// If there is no such measure of pools.
    ///
    /// # Panics
    /// If the share is not above 0.
    pub fn new(
        relative: f64,
        measure: impl AsRef<str>,
        pool: Option<PoolId>,
    ) -> Result<Self, UnknownMeasure> {
        assert!(0.0 < relative, "a precision of {relative}");
        Ok(Self {
            relative,
            measure: Measure::of_pools(measure.as_ref())?.name,
            pool: pool.map(usize::from),
        })
    }

    /// Half of the 95% interval, as a share of the mean.
    pub fn relative(&self) -> f64 {
        self.relative
    }

    /// The measure whose mean must be so precise.
    pub fn measure(&self) -> &'static str {
        self.measure
    }

    /// The pool in which it must; every pool if absent.
    pub fn pool(&self) -> Option<PoolId> {
        self.pool.map(PoolId::from)
    }
}

/// Why an ensemble has as many replications as it has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[non_exhaustive]
pub enum Stopped {
    /// So many were asked for.
    Count,
    /// They were precise enough.
    Precise,
    /// They were not precise enough, but no more were allowed.
    Cap,
    /// It was interrupted.
    Interrupted,
    /// The measure whose mean was to be precise had no value in any of them.
    Absent,
}

impl Replications {
    /// So many replications, on a thread for each processor.
    ///
    /// # Panics
    /// If `count` is 0.
    pub fn new(count: usize) -> Self {
        let count = NonZeroUsize::new(count).expect("an ensemble has at least one replication");
        Self {
            count,
            threads: None,
            precision: None,
        }
    }
}
