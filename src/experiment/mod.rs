//! What is asked of a scenario, and what comes back: a file per question, pure functions of
//! (scenario, seed). They cannot fail, and they neither write nor print.

/// One replication.
pub(crate) mod run;

/// Many replications.
pub(crate) mod ensemble;

/// Published facts against the simulation.
pub(crate) mod check;

/// One replication in full.
pub(crate) mod trace;

/// The course of a replication beside the published one.
pub(crate) mod timeline;

/// What is measured of a pool, and how it is called everywhere.
pub(crate) mod measure;

/// Threads.
pub(crate) mod parallel;
