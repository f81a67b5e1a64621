//! Observers: they look at a world after each event and cannot change it.

/// Invariants that hold after every event.
pub(crate) mod audit;

/// The levels of every pool over time, for those who draw them.
pub(crate) mod levels;
