//! Scenarios that differ from a file at some paths: overrides, variants, axes and designs.

/// A file that values can be put into.
pub(crate) mod template;

/// What every cell must meet.
pub(crate) mod constraint;

/// Which values go together.
pub(crate) mod design;

/// What a plan says of itself.
pub(crate) mod plan;
