//! From text to a tree, and from a tree to typed values. Knows nothing of pools.

/// What is wrong with a file: where, what, the limit, and what to do.
pub(crate) mod problem;

/// How much a file may hold.
pub(crate) mod limits;

/// Files on disk, opened with care.
pub(crate) mod files;

/// From YAML text to a tree.
pub(crate) mod yaml;

/// YAML as a tree that remembers where each value stands.
pub(crate) mod node;

/// What a file may hold, as a description that can be printed.
pub(crate) mod schema_type;

/// From tree to typed values, noting every problem.
pub(crate) mod read;

/// Choices as they stand in a file.
pub(crate) mod tagged;

/// Patterns of values with units.
pub(crate) mod pattern;

/// Values with units.
pub(crate) mod units;

/// A number for what a file says.
pub(crate) mod digest;
