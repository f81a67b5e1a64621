//! How long do pools of ready machines last when the cloud provider stops provisioning, who is hurt,
//! how fast do they recover, and what would have helped? A deterministic discrete-event
//! simulator, as a library and as the command `drawdown`.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use drawdown::measure::FIRST_LEASE_FAILURE_AFTER_S;
//! use drawdown::{Replications, Scenario, Seed, ensemble};
//!
//! let scenario = Scenario::load("scenarios/fnj8-vqz.yaml")?;
//! let pool = scenario.pool("westus2/ubuntu")?;
//! let ensemble = ensemble(&scenario, Replications::new(200), Seed(1));
//! let [early, median, late] = ensemble.summary(pool, FIRST_LEASE_FAILURE_AFTER_S)?.quantiles;
//! assert!(early.point < median.point && median.point < late.point);
//! # Ok(())
//! # }
//! ```
//!
//! The [`manual`] has a page for each topic.
//! # Modules
//!
//! The root has what the example needs; [`prelude`] brings most of the rest into scope.
//!
//! * [`scenario`]: scenario files, changes, sweep plans, and what is wrong with them.
//! * [`study`]: what is asked of a scenario, and the results; progress and cancellation.
//! * [`measure`]: every measure, as a constant and in a list.
//! * [`tables`]: results under named columns, for files and data frames.
//! * [`stats`]: estimates, paired differences, survival curves.
//! * [`kernel`]: the discrete-event kernel, for models of your own.
//!
//! The feature `cli` (default) adds the command line, and `png` (default) its PNG charts. With
//! `default-features = false` the crate is the library alone.
//!
//! # The architecture
//!
//! ```text
//! main → cli → output → experiment → scenario → model → kernel
//!                 └──────┴──→ stats
//! main → cli → log → scenario, stats
//! ```
//!
//! * `kernel`: time, order, chance. One queue, one order (time, rank, scheduling), named streams.
//! * `stats`: estimates with their intervals.
//! * `model`: the world. A flat enum of events and one exhaustive match.
//! * `scenario`: YAML in. The only place that says "invalid".
//! * `experiment`: what is asked of a scenario. Total functions of (scenario, seed).
//! * `log`: logs of one's own pools in, and the scenarios that they give.
//! * `output`: files out.
//! * `cli`: the command line.
//!
//! A layer names only those to its right, which a test enforces, as it gives each external crate
//! the places that may name it.
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

#![cfg_attr(
    not(feature = "cli"),
    expect(dead_code, reason = "only the command line and its files ask for it")
)]

pub mod kernel;
pub mod stats;

/// The world.
pub(crate) mod model;

pub mod scenario;

/// What is asked of a scenario.
pub(crate) mod experiment;

/// Logs of one's own pools.
#[cfg(feature = "cli")]
pub(crate) mod log;

/// Files out.
#[cfg(feature = "cli")]
pub(crate) mod output;

/// The command line.
#[cfg(feature = "cli")]
pub mod cli;

/// The manual.
pub mod manual;

pub use crate::experiment::check::check;
pub use crate::experiment::compare::compare;
pub use crate::experiment::ensemble::ensemble;
pub use crate::experiment::replications::Replications;
pub use crate::experiment::run::{expected_value, run};
pub use crate::experiment::size::size;
pub use crate::experiment::sweep::sweep;
pub use crate::kernel::random::Seed;
pub use crate::scenario::Scenario;

/// What is asked of a scenario, and the results. Entry points that end in `_with` report their progress,
/// and can be cancelled.
pub mod study {
    pub use crate::experiment::allocate::{Aim, Allocation, allocate};
    pub use crate::experiment::break_even::{BreakEven, LevelCost, break_even};
    pub use crate::experiment::calibrate_facts::{
        NoPosterior, calibrate_facts, calibrate_facts_with,
    };
    pub use crate::experiment::check::{Check, Criterion, Figure, Verdict, check};
    pub use crate::experiment::compare::{Compared, Comparison, compare, compare_with};
    pub use crate::experiment::ensemble::{Ensemble, ensemble, ensemble_keeping, ensemble_with};
    pub use crate::experiment::fan::Band;
    pub use crate::experiment::kept::KeptMeasures;
    pub use crate::experiment::progress::Progress;
    pub use crate::experiment::rare::{
        NoRareEvent, RareEvent, RareMethod, RareQuestion, rare_event, rare_event_with,
    };
    pub use crate::experiment::replications::{Precision, Replications, Stopped};
    pub use crate::experiment::requirement::Requirement;
    pub use crate::experiment::run::{Outcome, audit, expected_value, run};
    pub use crate::experiment::sensitivity::{
        NoSensitivity, Sensitivity, SensitivityMethod, SensitivityOutput, SensitivityResult,
        SensitivitySpec, sensitivity, sensitivity_with,
    };
    pub use crate::experiment::shortcut::Shortcut;
    pub use crate::experiment::simple_model::{DemandLaw, SimpleModel};
    pub use crate::experiment::size::{Cost, LevelProbability, Sizing, YEAR_H, size, size_with};
    pub use crate::experiment::summary::Summary;
    pub use crate::experiment::sweep::{Cell, sweep, sweep_with};
    pub use crate::experiment::timeline::{Moment, timeline};
    pub use crate::experiment::trace::{
        Phase, Trace, TraceEntry, WorkerSlice, trace, trace_expected_value,
    };
    pub use crate::kernel::event_loop::Ended;
    pub use crate::model::observe::levels::PoolSample;
    pub use crate::model::record::ledger::Slice as DependencySlice;
    pub use crate::scenario::Bound;
}

/// Measures of pools, of the incident, of dependencies and of demand classes: each a constant, and all of them
/// in lists.
pub mod measure {
    pub use crate::experiment::class_measures::CLASS_MEASURES;
    pub use crate::experiment::constants::*;
    pub use crate::experiment::dependency_measures::DEPENDENCY_MEASURES;
    pub use crate::experiment::measure::{
        Better, INCIDENT_MEASURES, Kind, MEASURES, Measure, TimeOrigin,
    };
    pub use crate::experiment::names::UnknownMeasure;
}

/// Results as tables: the columns of the files that the commands write, as values.
///
/// # Examples
/// The mean of every measure of a pool:
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use drawdown::tables::{self, Value};
/// use drawdown::{Replications, Scenario, Seed, ensemble};
///
/// let scenario = Scenario::load("examples/full-outage.yaml")?;
/// let found = ensemble(&scenario, Replications::new(20), Seed(1));
/// let table = tables::summary(&scenario, &found);
/// let mean = table.columns.iter().position(|name| name == "mean").ok_or("no such column")?;
/// assert!(table.rows.into_iter().all(|row| matches!(row[mean], Value::Number(_))));
/// # Ok(())
/// # }
/// ```
pub mod tables {
    pub use crate::experiment::table::{Table, Value};
    pub use crate::experiment::tables::{
        cell, classes, compare, dependencies, events, fan, incidents, levels, measures,
        replications, size, summary, survival,
    };
}

/// What most programs need: `use drawdown::prelude::*;`.
pub mod prelude {
    pub use crate::experiment::ensemble::Ensemble;
    pub use crate::experiment::progress::Progress;
    pub use crate::experiment::replications::Precision;
    pub use crate::experiment::requirement::Requirement;
    pub use crate::experiment::run::Outcome;
    pub use crate::kernel::Seed;
    pub use crate::measure;
    pub use crate::scenario::{Plan, Scenario, SweepSpec, Template};
    pub use crate::study::{
        Replications, check, compare, ensemble, expected_value, run, size, sweep,
    };
}
