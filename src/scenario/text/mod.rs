//! From text to a tree, and from a tree to typed values. Knows nothing of pools.

/// Problems of a file: where, what, the limit, and what to do.
pub(crate) mod problem;

/// Limits on the size of a file.
pub(crate) mod limits;

/// Files on disk, opened safely.
pub(crate) mod files;

/// From YAML text to a tree.
pub(crate) mod yaml;

/// YAML as a tree with source locations.
pub(crate) mod node;

/// The schema of the file.
pub(crate) mod schema_type;

/// From tree to typed values, recording every problem.
pub(crate) mod read;

/// Choices as written in a file.
pub(crate) mod tagged;

/// Patterns of values with units.
pub(crate) mod pattern;

/// Values with units.
pub(crate) mod units;

/// The digest of a file.
pub(crate) mod digest;
