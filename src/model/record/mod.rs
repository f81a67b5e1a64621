//! Results of a replication.

/// A number over time, and its integral.
pub(crate) mod level;

/// Every instant at which a clock occurred.
pub(crate) mod clocks;

/// The ready level of a pool before its first outage.
pub(crate) mod ordinary;

/// Requests of one demand class.
pub(crate) mod class;

/// What facts ask of requests and levels.
pub(crate) mod probes;

/// Calls of every dependency.
pub(crate) mod dependency;

/// The digest of events.
pub(crate) mod digest;

/// Ledgers of parts that share nothing.
pub(crate) mod joined;

/// Levels over time, counts and clocks of everything.
pub(crate) mod ledger;

/// Every event of a worker, a request and the incident, for traces.
pub(crate) mod events;
