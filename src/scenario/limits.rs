//! Every limit on what a scenario may hold or cost, in one place. The README shows the same table; a
//! test compares the two.

/// The largest scenario file, and the largest value given on the command line (bytes).
pub(crate) const FILE_BYTES_MAX: u64 = 4 << 20;
/// CSV files of a scenario together (bytes).
pub(crate) const CSV_BYTES_MAX: u64 = 64 << 20;
/// Rows of one CSV file.
pub(crate) const CSV_ROWS_MAX: usize = 1_000_000;
/// Values in a YAML document, aliases resolved.
pub(crate) const NODES_MAX: usize = 250_000;
/// Text in a YAML document, aliases resolved (bytes).
pub(crate) const SCALAR_BYTES_MAX: usize = 16 << 20;
/// Nesting of a YAML document, and steps of a path.
pub(crate) const DEPTH_MAX: usize = 64;
/// A name of a pool, class, outage, variant and so on: it becomes part of a file name (bytes).
pub(crate) const NAME_BYTES_MAX: usize = 100;
/// A text such as a question or a source (bytes).
pub(crate) const TEXT_BYTES_MAX: usize = 10_000;
/// Named things of one kind.
pub(crate) const NAMED_MAX: usize = 10_000;
/// A whole number.
pub(crate) const COUNT_MAX: u32 = 1_000_000;
/// A duration (days).
pub(crate) const DAYS_MAX: u64 = 3_660;
/// Arrivals expected in a replication, over all classes and dependencies.
pub(crate) const ARRIVALS_MAX: f64 = 1e8;
/// Points of profiles, surges and schedules over the whole world.
pub(crate) const POINTS_MAX: f64 = 2e6;
/// Times of day of a profile.
pub(crate) const TIMES_MAX: usize = 1_440;
/// Turns of a schedule.
pub(crate) const TURNS_MAX: usize = 100;
/// Surges of one class.
pub(crate) const SURGES_MAX: usize = 100;
/// Variants of a file.
pub(crate) const VARIANTS_MAX: usize = 100;
/// Memory that a replication may take, estimated (bytes).
pub(crate) const MEMORY_MAX: f64 = (1_u64 << 30) as f64;
/// Provider calls of one attempt.
pub(crate) const CALLS_MAX: u32 = 1_000;
/// Workers of one attempt.
pub(crate) const SLOTS_MAX: u32 = 1_000;
/// Requests that arrive at once.
pub(crate) const BATCH_MAX: u32 = 10_000;
/// Standbys of one pool.
pub(crate) const STANDBYS_MAX: usize = 100;
