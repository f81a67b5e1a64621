//! Every limit on the size and cost of a scenario, in one place. The manual shows the same table; a
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
/// Nesting of a YAML document, and steps of a path. Reading recurses, and an unoptimised build needs some 30 kB of
/// stack a level, of the 2 MiB that a thread has.
pub(crate) const DEPTH_MAX: usize = 32;
/// A name of a pool, class, outage or variant: it becomes part of a file name (bytes).
pub(crate) const NAME_BYTES_MAX: usize = 100;
/// A text such as a question or a source (bytes).
pub(crate) const TEXT_BYTES_MAX: usize = 10_000;
/// Named things of one kind.
pub(crate) const NAMED_MAX: usize = 2_000;
/// Items of a list.
pub(crate) const LIST_MAX: usize = 10_000;
/// Actions of a step.
pub(crate) const ACTIONS_MAX: usize = 100;
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
/// Phases of an intermittent outage within a scenario.
pub(crate) const PHASES_MAX: u64 = 100_000;
/// Standbys of one pool.
pub(crate) const STANDBYS_MAX: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    /// A number with thousands separators.
    fn apart(number: f64) -> String {
        let digits = format!("{number:.0}");
        let place = |at: usize| 0 < at && (digits.len() - at).is_multiple_of(3);
        let digits = digits.char_indices();
        digits
            .map(|(at, digit)| {
                if place(at) {
                    format!(",{digit}")
                } else {
                    digit.to_string()
                }
            })
            .collect()
    }

    fn mebibytes(bytes: u64) -> String {
        format!("{} MiB", bytes >> 20)
    }

    #[expect(clippy::too_many_lines, reason = "a table, a row for each limit")]
    fn table() -> String {
        let count = |number: usize| apart(number as f64);
        let rows = [
            (
                "a scenario file, or a value of `--set`",
                mebibytes(FILE_BYTES_MAX),
            ),
            (
                "CSV files of a scenario together; each counts once for each column that a distribution uses",
                mebibytes(CSV_BYTES_MAX),
            ),
            ("rows of a CSV file", count(CSV_ROWS_MAX)),
            (
                "values in a file; their text; aliases count as their values",
                format!(
                    "{}; {}",
                    count(NODES_MAX),
                    mebibytes(SCALAR_BYTES_MAX as u64)
                ),
            ),
            ("levels of nesting; steps of a path", DEPTH_MAX.to_string()),
            (
                "a name; no control characters, dots or backticks",
                format!("{NAME_BYTES_MAX} bytes"),
            ),
            (
                "the `name` of the scenario; any other text",
                format!(
                    "{} bytes; {} bytes",
                    2 * NAME_BYTES_MAX,
                    count(TEXT_BYTES_MAX)
                ),
            ),
            (
                "named things of one kind; items of a list",
                format!("{}; {}", count(NAMED_MAX), count(LIST_MAX)),
            ),
            (
                "standbys of a pool; variants; surges of a class; turns of a schedule; actions of a step",
                format!("{STANDBYS_MAX}; {VARIANTS_MAX}; {SURGES_MAX}; {TURNS_MAX}; {ACTIONS_MAX}"),
            ),
            (
                "a whole number; a duration",
                format!(
                    "{}; {} days",
                    apart(COUNT_MAX.into()),
                    apart(DAYS_MAX as f64)
                ),
            ),
            (
                "`calls` and `slots` of an attempt; requests of a batch",
                format!("{}; {}", apart(CALLS_MAX.into()), apart(BATCH_MAX.into())),
            ),
            (
                "phases of an intermittent outage within the scenario",
                apart(PHASES_MAX as f64),
            ),
            (
                "times of day of a profile; points of all profiles and schedules over the world",
                format!("{}; {}", count(TIMES_MAX), apart(POINTS_MAX)),
            ),
            (
                "arrivals expected in a replication, over all classes and dependencies",
                apart(ARRIVALS_MAX),
            ),
            (
                "memory of a replication, estimated: its workers, tenants, and the requests that wait at once if none is served",
                mebibytes(MEMORY_MAX as u64),
            ),
        ];
        let rows = rows.map(|(what, most)| format!("| {what} | {most} |\n"));
        format!("| what | at most |\n|---|---|\n{}", rows.concat())
    }

    #[test]
    fn the_manual_has_every_limit() {
        let page = std::fs::read_to_string("src/manual/limits.md").expect("the page of limits");
        assert!(page.contains(&table()), "the manual needs\n{}", table());
    }
}
