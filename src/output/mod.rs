//! Files out: knows results, not how they came about. Files are opened before any work starts,
//! written under a temporary name, and renamed when they are whole.

/// A folder of files that appear together.
pub(crate) mod folder;

/// Whose a folder is.
pub(crate) mod claim;

/// Tables of comma-separated values.
pub(crate) mod csv;

/// Tables as Parquet.
#[cfg(feature = "parquet")]
pub(crate) mod parquet_file;

/// JSON documents.
pub(crate) mod json;

/// The charts of sweeps.
pub(crate) mod sweep_charts;

/// The chart of a sensitivity analysis.
pub(crate) mod sensitivity_chart;

/// What each command gives.
pub(crate) mod study;

/// Tables, whatever shows them.
pub(crate) mod table;

/// Chrome traces, for public viewers.
pub(crate) mod trace;

/// The JSON Schema of scenario files.
pub(crate) mod schema;

/// What is written of a sweep.
pub(crate) mod sweep;

/// Where its cells are kept.
pub(crate) mod store;

/// Where the pieces of a study are kept.
pub(crate) mod pieces;

/// What a study in a folder was asked.
pub(crate) mod manifest;

/// JUnit reports, for continuous integration.
pub(crate) mod junit;

/// Durations and numbers in words.
pub(crate) mod words;

/// From when a report counts.
pub(crate) mod origin;

/// Charts.
pub(crate) mod chart;

/// Pages of studies.
pub(crate) mod report;

/// The generations of a calibration.
pub(crate) mod generation;
