//! Questions about a scenario, and their answers: a file per question, pure functions of
//! (scenario, seed). They cannot fail, and they neither write nor print.

/// One replication.
pub(crate) mod run;

/// One replication after another.
pub(crate) mod runner;

/// Many replications.
pub(crate) mod ensemble;

/// Ranges of replications.
pub(crate) mod part;

/// Pieces of many replications, which can run anywhere.
pub(crate) mod pieces;

/// Digests of replications.
pub(crate) mod digests;

/// Replications of which only summaries are kept.
pub(crate) mod condensed;

/// Which measures they keep.
pub(crate) mod kept;

/// Pools that only requests and provisioning change.
pub(crate) mod drained;

/// Questions that a chain of one state answers, with the same law.
pub(crate) mod shortcut;

/// The same where some attempts succeed.
pub(crate) mod shortcut_chain;

/// The same where nothing is provisioned.
pub(crate) mod shortcut_jump;

/// What is read from a path of it.
pub(crate) mod shortcut_path;

/// Probabilities of rare events.
pub(crate) mod rare;

/// The same by more demand than there is.
pub(crate) mod rare_tilted;

/// The same by splitting on states of the world.
pub(crate) mod rare_splitting;

/// The mean time until a service is congested, where that is rare.
pub(crate) mod rare_congestion;

/// How close a pool is to a failed lease.
pub(crate) mod closeness;

/// Whether the warm-up is long enough.
pub(crate) mod warm_up;

/// A change against what it changes.
pub(crate) mod compare;

/// What a buffer must do.
pub(crate) mod requirement;

/// The lowest level of a buffer that does in one replication.
pub(crate) mod critical;

/// Whether a buffer does what it must in one replication.
pub(crate) mod decided;

/// The smallest buffer that lasts.
pub(crate) mod size;

/// The level of a buffer that costs least.
pub(crate) mod break_even;

/// Buffers that are sized together.
pub(crate) mod wanted;

/// What becomes of values that are decided on.
pub(crate) mod alternative;

/// Other values as part of the decision on several buffers.
pub(crate) mod decide;

/// What it is worth to know more of what is not known.
pub(crate) mod information;

/// Levels of several buffers that are enough together.
pub(crate) mod joint;

/// Several buffers at once.
pub(crate) mod allocate;

/// Measures by their names.
pub(crate) mod names;

/// Figures by the names of their measures.
pub(crate) mod by_name;

/// How many replications.
pub(crate) mod replications;

/// What they say about one measure.
pub(crate) mod summary;

/// The levels of pools over many replications.
pub(crate) mod fan;

/// Up to when scenarios are the same.
pub(crate) mod sharing;

/// Parts of one replication that share nothing.
pub(crate) mod side_by_side;

/// Many cells, each an ensemble.
pub(crate) mod sweep;

/// A table of values.
pub(crate) mod table;

/// Results as tables.
pub(crate) mod tables;

/// Published facts against the simulation.
pub(crate) mod check;

/// Figures of published facts in one replication.
pub(crate) mod published;

/// How far a replication is from published facts.
pub(crate) mod aims;

/// Unknown values from published facts, by simulation.
pub(crate) mod abc;

/// The same in closed form, for the simplest model.
pub(crate) mod simple_model;

/// What a calibration found.
pub(crate) mod calibration;

/// The same as one call.
pub(crate) mod calibrate_facts;

/// Which unknown values decide results.
pub(crate) mod sensitivity;

/// The runs of a sensitivity analysis.
pub(crate) mod sensitivity_runs;

/// Estimates where values are not known.
pub(crate) mod unknown;

/// One replication in full.
pub(crate) mod trace;

/// The course of a replication beside the published one.
pub(crate) mod timeline;

/// What is measured of a pool, and how it is called everywhere.
pub(crate) mod measure;

/// What is measured of a demand class.
pub(crate) mod class_measures;

/// What is measured of a dependency.
pub(crate) mod dependency_measures;

/// Every measure as a constant.
pub(crate) mod constants;

/// How far long work is.
pub(crate) mod progress;

/// Threads.
pub(crate) mod parallel;

/// What one incident predicts of another.
#[cfg(feature = "cli")]
pub(crate) mod transfer;

/// Exact results that the simulator must reproduce.
#[cfg(feature = "cli")]
pub(crate) mod verify;
