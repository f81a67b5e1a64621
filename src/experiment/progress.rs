//! Progress and cancellation of long work.

/// Receives the progress of an entry point that ends in `_with`, and can cancel it. Called from any thread,
/// between replications.
///
/// # Examples
/// An ensemble that is cancelled after fifty replications keeps those that are finished:
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::num::NonZeroUsize;
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use drawdown::study::{Progress, Stopped, ensemble_with};
/// use drawdown::{Replications, Scenario, Seed};
///
/// #[derive(Default)]
/// struct Fifty(AtomicU64);
///
/// impl Progress for Fifty {
///     fn completed(&self, replications: u64) {
///         self.0.fetch_add(replications, Ordering::Relaxed);
///     }
///
///     fn is_cancelled(&self) -> bool {
///         50 <= self.0.load(Ordering::Relaxed)
///     }
/// }
///
/// let scenario = Scenario::load("examples/full-outage.yaml")?;
/// let replications = Replications { threads: NonZeroUsize::new(1), ..Replications::new(1000) };
/// let found = ensemble_with(&scenario, replications, Seed(1), &Fifty::default());
/// assert_eq!((found.n, found.stopped), (50, Stopped::Interrupted));
/// # Ok(())
/// # }
/// ```
pub trait Progress: Sync {
    /// So many more replications are complete.
    fn completed(&self, replications: u64);

    /// Whether the work is to end with what is complete.
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// No progress reporting, no cancellation.
impl Progress for () {
    fn completed(&self, _: u64) {}
}
