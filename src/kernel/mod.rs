//! Time, order and chance. The kernel promises four things:
//! time is whole microseconds and never runs backwards; events of one instant run by rank, then in
//! the order of scheduling; every draw is a pure function of its name; nothing allocates once warm.
//! It knows nothing of pools, files, threads or the wall clock.

/// Whole-microsecond instants and durations.
pub(crate) mod time;

/// The queue of future events and the loop that drains it.
pub(crate) mod queue;

/// Named, counter-based streams of random numbers.
pub(crate) mod random;

/// Laws of durations, drawn by inversion.
pub(crate) mod distribution;

/// The gamma law, for which no closed inverse exists.
pub(crate) mod gamma;

/// Quantile functions tabulated once, so that a draw costs a few nanoseconds whatever the law.
pub(crate) mod inverse;

/// Rates that vary over time, inverted exactly.
pub(crate) mod intensity;
