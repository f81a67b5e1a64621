//! Scenarios that differ from a file at some paths: overrides, variants, axes and designs.

/// A file with replaceable values.
pub(crate) mod template;

/// Changes to a file: those of a variant, and values at paths.
mod patch;

/// Constraints on cells.
pub(crate) mod constraint;

/// How values are combined.
pub(crate) mod design;

/// Points that fill a cube.
pub(crate) mod points;

/// Accessors of a plan.
pub(crate) mod plan;

/// Values with a prior.
pub(crate) mod parameters;

/// Values that are not known.
pub(crate) mod posterior;

/// Another outage than the file's own.
#[cfg(feature = "cli")]
pub(crate) mod through;

/// A file with other values.
pub(crate) mod apply;

/// Whether a text is meant as a scenario.
mod recognised;
