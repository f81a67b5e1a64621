//! Files out: knows results, not how they came about. Files are opened before any work starts,
//! written under a temporary name, and renamed when they are whole.

/// A folder of files that appear together.
pub(crate) mod folder;

/// Tables of comma-separated values.
pub(crate) mod csv;

/// JSON documents.
pub(crate) mod json;

/// Chrome traces, for public viewers.
pub(crate) mod trace;

/// The JSON Schema of scenario files.
pub(crate) mod schema;

/// JUnit reports, for continuous integration.
pub(crate) mod junit;
