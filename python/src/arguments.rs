//! Numbers and names that callers give.

use std::num::NonZeroUsize;

use drawdown::scenario::PoolId;
use drawdown::{Replications, Seed};
use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;

use crate::error::{key, value};

/// The most replications.
const REPLICATIONS_MAX: i128 = 1_000_000_000;
/// The most threads.
const THREADS_MAX: i128 = 4_096;

/// A whole number of any size, so that one out of range is a `ValueError` and never an `OverflowError`.
#[derive(Clone, Copy)]
pub struct Whole(i128);

impl FromPyObject<'_, '_> for Whole {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        match object.extract::<i64>() {
            Ok(number) => Ok(Self(number.into())),
            Err(error) if error.is_instance_of::<PyOverflowError>(object.py()) => {
                match object.extract::<u64>() {
                    Ok(number) => Ok(Self(number.into())),
                    Err(_) if object.lt(0)? => Ok(Self(i128::MIN)),
                    Err(_) => Ok(Self(i128::MAX)),
                }
            }
            Err(error) => Err(error),
        }
    }
}

impl From<i64> for Whole {
    fn from(number: i64) -> Self {
        Self(number.into())
    }
}

impl Whole {
    fn within(self, name: &str, range: std::ops::RangeInclusive<i128>) -> PyResult<u64> {
        let (least, most) = (range.start(), range.end());
        match range.contains(&self.0) {
            true => Ok(self.0 as u64),
            false => Err(value(format!(
                "`{name}` must be a whole number from {least} to {most}"
            ))),
        }
    }

    /// A count that is at least 1.
    pub fn count(self, name: &str) -> PyResult<NonZeroUsize> {
        let count = self.within(name, 1..=REPLICATIONS_MAX)?;
        Ok(NonZeroUsize::new(count as usize).unwrap_or(NonZeroUsize::MIN))
    }

    /// A count of replications that may be large.
    pub fn budget(self, name: &str) -> PyResult<u64> {
        self.within(name, 1..=i128::from(u32::MAX) * 1_000)
    }

    /// The number of a replication, from 0.
    pub fn number(self, name: &str) -> PyResult<u64> {
        self.within(name, 0..=REPLICATIONS_MAX - 1)
    }

    /// A seed.
    pub fn seed(self) -> PyResult<Seed> {
        self.within("seed", 0..=i128::from(u64::MAX)).map(Seed)
    }
}

/// So many replications on so many threads.
pub fn replications(count: Whole, threads: Option<Whole>) -> PyResult<Replications> {
    let threads = threads.map(|threads| threads.within("threads", 1..=THREADS_MAX));
    let threads = threads
        .transpose()?
        .and_then(|it| NonZeroUsize::new(it as usize));
    Ok(Replications {
        threads,
        ..Replications::new(count.count("replications")?.get())
    })
}

/// A share above 0 and below 1.
pub fn share(name: &str, share: f64) -> PyResult<f64> {
    match 0.0 < share && share < 1.0 {
        true => Ok(share),
        false => Err(value(format!("`{name}` must be above 0 and below 1"))),
    }
}

/// A pool by its name.
pub fn pool(scenario: &drawdown::Scenario, name: &str) -> PyResult<PoolId> {
    scenario.pool(name).map_err(key)
}
