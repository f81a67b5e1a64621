//! How long do pools of ready machines last when the cloud provider stops provisioning, who is hurt,
//! how fast do they come back, and what would have helped? A deterministic discrete-event
//! simulator, as a library and as the command `drawdown`.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use drawdown::{Replications, Scenario, Seed, ensemble};
//!
//! let scenario = Scenario::load("scenarios/fnj8-vqz.yaml")?;
//! let pool = scenario.pools().iter().position(|pool| pool.name == "westus2/ubuntu");
//! let pool = pool.ok_or("no such pool")?;
//! let ensemble = ensemble(&scenario, Replications::new(200), Seed(1));
//! let [early, median, late] = ensemble.summary(pool, "first_lease_failure_after_s")?.quantiles;
//! assert!(early.point < median.point && median.point < late.point);
//! # Ok(())
//! # }
//! ```
//!
//! The [`manual`] has a page for each topic.
//!
//! # The architecture
//!
//! ```text
//! main → cli → output → experiment → scenario → model → kernel
//!                 └──────┴──→ stats
//! ```
//!
//! * `kernel`: time, order, chance. One queue, one order (time, rank, scheduling), named streams.
//! * `stats`: estimates with their intervals.
//! * `model`: the world. A flat enum of events and one exhaustive match.
//! * `scenario`: YAML in. The only place that says "invalid".
//! * `experiment`: what is asked of a scenario. Total functions of (scenario, seed).
//! * `output`: files out.
//! * `cli`: the command line.
//!
//! A layer names only those to its right, which a test enforces, as it gives each external crate
//! the one file that may name it.
//!
//! **Architecture invariant:** a [`Scenario`] that exists is valid; nothing downstream checks it again.
//!
//! **Architecture invariant:** a replication is a pure function of (scenario, [`Seed`], replication
//! number). No clock, environment, thread, hash order or pointer can reach it.
//!
//! **Architecture invariant:** a value is addressed by its path in the file and patched there, before
//! the file is read; no field needs code of its own to be varied.
//!
//! **Architecture invariant:** events are never cancelled. A stale one finds nothing and does nothing; a
//! timer that was pushed back reschedules itself.
//!
//! **Architecture invariant:** outages are data, scheduled when the world begins.
//!
//! **Architecture invariant:** only `output` and `cli` write, and only `cli` speaks to a person.

/// Time, order, chance.
pub(crate) mod kernel;

/// Estimates.
pub(crate) mod stats;

/// The world.
pub(crate) mod model;

/// YAML in.
pub(crate) mod scenario;

/// What is asked of a scenario.
pub(crate) mod experiment;

/// Files out.
pub(crate) mod output;

/// The command line.
pub mod cli;

/// The manual.
pub mod manual;

pub use crate::experiment::allocate::{Aim, Allocation, allocate};
pub use crate::experiment::check::{Check, Criterion, Figure, Verdict, check};
pub use crate::experiment::compare::{Compared, Comparison, compare};
pub use crate::experiment::ensemble::{Ensemble, ensemble};
pub use crate::experiment::fan::Band;
pub use crate::experiment::measure::{
    Better, DEPENDENCY_MEASURES, INCIDENT_MEASURES, Kind, MEASURES, Measure, Since,
};
pub use crate::experiment::names::UnknownMeasure;
pub use crate::experiment::replications::{Precision, Replications, Stopped};
pub use crate::experiment::requirement::Requirement;
pub use crate::experiment::run::{Outcome, audit, expected_value, run};
pub use crate::experiment::size::{Cost, Likely, Sizing, YEAR_H, size};
pub use crate::experiment::summary::Summary;
pub use crate::experiment::sweep::{Cell, sweep};
pub use crate::kernel::queue::Ended;
pub use crate::kernel::random::Seed;
pub use crate::scenario::schema::axis::Axis;
pub use crate::scenario::text::files::FileAccess;
pub use crate::scenario::text::problem::{Problem, Problems, Spot};
pub use crate::scenario::vary::design::{Design, Plan, Varied};
pub use crate::scenario::vary::template::Template;
pub use crate::scenario::{ClassName, Happened, PoolName, Scenario};
pub use crate::stats::Estimate;
pub use crate::stats::paired::Paired;
pub use crate::stats::survival::{Step, Survival};
