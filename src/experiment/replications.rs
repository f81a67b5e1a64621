//! How many replications, and why no more.

use std::num::NonZeroUsize;

/// How many replications, on how many threads.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Replications {
    /// Replications to live; the most of them, where a precision is asked for.
    pub count: NonZeroUsize,
    /// Threads to live them on; one for each processor if absent. No result depends on it.
    pub threads: Option<NonZeroUsize>,
    /// How precise a mean must be for the rest to be spared.
    pub precision: Option<Precision>,
}

/// When an ensemble is precise enough.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Precision {
    /// Half of the 95 % interval, as a share of the mean.
    pub relative: f64,
    /// The measure whose mean must be so precise; of a clock that was watched in vain, the time it was
    /// watched is taken.
    pub measure: &'static str,
    /// The pool in which it must, by its place in [`crate::Scenario::pools`]; every pool if absent.
    pub pool: Option<usize>,
}

/// Why an ensemble has as many replications as it has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stopped {
    /// So many were asked for.
    Count,
    /// They were precise enough.
    Precise,
    /// They were not precise enough, but no more were allowed.
    Cap,
    /// Somebody interrupted it.
    Interrupted,
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
