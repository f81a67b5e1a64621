//! Observers: called after each event; they cannot change the world.

/// Invariants that hold after every event.
pub(crate) mod audit;

/// The levels of every pool over time, for charts.
pub(crate) mod levels;
