//! Distributions of durations by maximum likelihood, some of the durations right-censored.

/// Durations, some of them censored.
pub(crate) mod sample;

/// Families and their likelihoods.
pub(crate) mod family;

/// How far a distribution lies from the data.
pub(crate) mod goodness;

/// Fits and their intervals.
pub(crate) mod fit;
