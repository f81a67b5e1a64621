//! Time, event order and random numbers. The kernel guarantees four things:
//! time is whole microseconds and never runs backwards; events of one instant run by rank, then in
//! the order of scheduling; every draw is a pure function of its stream and position; nothing allocates once warm.
//! It knows nothing of pools, files, threads or the wall clock.

/// Whole-microsecond instants and durations.
pub(crate) mod time;

/// The future event list and the event loop.
pub(crate) mod queue;

/// Named, counter-based streams of random numbers.
pub(crate) mod random;

/// Distributions of durations, sampled by inversion.
pub(crate) mod distribution;

/// The gamma distribution, whose inverse has no closed form.
pub(crate) mod gamma;

/// Tabulated quantile functions, so that a draw costs a few nanoseconds for any distribution.
pub(crate) mod inverse;

/// Time-varying rates, inverted exactly.
pub(crate) mod intensity;
