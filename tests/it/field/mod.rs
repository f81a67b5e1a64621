//! Reports from real use: small inputs whose right answers were worked out by hand.

/// What happens in the world: draws, alerts, cascades.
mod engine;

/// What a file may contain, and what reading it may cost.
mod reading;

/// What commands write, and what happens when two write at once.
mod writing;

/// Published facts against replications.
mod facts;

/// Limits of the provider and of requests.
mod limits;

/// Latency in stages.
mod stages;

/// Mechanisms of real pools.
mod mechanisms;

/// The answers of commands, in words and figures.
mod answers;

/// What is said where there is little to say.
mod little;
