//! Logs of one's own pools: reading them, and what they say of demand, holds and provisioning. Logs come from
//! strangers: their size is limited, every problem of a file is reported at once, and what is left out is counted.

/// Reading files.
pub(crate) mod read;

/// What is wrong with a log, and what is left out of it.
pub(crate) mod intake;

/// Times as logs write them.
pub(crate) mod instant;

/// Logs as CSV.
pub(crate) mod csv;

/// JSON, item by item.
pub(crate) mod json;

/// Jobs of GitHub Actions.
pub(crate) mod workflow;

/// Results of Prometheus queries.
pub(crate) mod prometheus;

/// Counts over time, and by the hours of a week.
pub(crate) mod calendar;

/// The profile of a week.
pub(crate) mod weekly;

/// How long something took, fitted.
pub(crate) mod durations;

/// What was found, as JSON.
pub(crate) mod record;

/// What a log says of demand.
pub(crate) mod demand;

/// Requests that arrive together.
pub(crate) mod batches;

/// Bursts that make a scenario vary as a log does.
pub(crate) mod bursts;

/// Figures as a scenario writes them.
pub(crate) mod written;

/// What was found, in words.
pub(crate) mod notes;

/// The scenario.
pub(crate) mod scenario;

/// What a log says of provisioning.
pub(crate) mod provisioning;

/// What a log says of each pool.
pub(crate) mod estimate;

#[cfg(test)]
mod coverage;

use std::collections::BTreeMap;

/// The largest log (bytes).
pub(crate) const LOG_BYTES_MAX: u64 = 256 << 20;
/// Most rows of a log, over all of its files.
pub(crate) const LOG_ROWS_MAX: usize = 5_000_000;
/// Most pools of a log; those with fewest rows beyond are left out.
pub(crate) const LOG_POOLS_MAX: usize = 20;
/// The longest time that a log may cover (s): ten years.
pub(crate) const LOG_SPAN_MAX: f64 = 3_660.0 * 86_400.0;
/// The region of a pool whose log names none.
pub(crate) const REGION: &str = "main";
/// The image of a pool whose log names none.
pub(crate) const IMAGE: &str = "all";

/// Formats of logs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Format {
    /// Comma-separated values.
    Csv,
    /// Objects or deliveries of GitHub's `workflow_job`.
    WorkflowJob,
    /// A response of Prometheus to `query_range`.
    Prometheus,
}

impl Format {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::WorkflowJob => "workflow-job",
            Self::Prometheus => "prometheus",
        }
    }
}

/// How a duration ended.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum End {
    /// It ended then.
    Ended(f64),
    /// It was cut short then: it would have lasted longer.
    Censored(f64),
    /// It was under way when the log ended.
    Open,
}

/// A request for a machine.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Request {
    /// Its pool, as a number of `Log::names`.
    pub pool: u32,
    /// Its demand class.
    pub class: u32,
    /// Its tenant, if the log says.
    pub tenant: Option<u32>,
    /// When it was made (s since 1970).
    pub requested: f64,
    /// When it got a machine, and how its hold ended; absent if it got none.
    pub served: Option<(f64, End)>,
}

/// How an attempt to provision a machine ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    /// The machine is ready.
    Succeeded,
    /// It failed.
    Failed,
    /// It was cancelled.
    Cancelled,
    /// It was under way when the log ended.
    Open,
}

/// An attempt to provision a machine.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Attempt {
    /// Its pool; absent if the log names none.
    pub pool: Option<u32>,
    /// When it started (s since 1970); absent if the log has durations only.
    pub started: Option<f64>,
    /// How it ended.
    pub outcome: Outcome,
    /// How long it took (s); absent while it is under way.
    pub total: Option<f64>,
    /// How long its machine took (s), where the log has stages.
    pub machine: Option<f64>,
    /// How long its extension took (s), where it has one.
    pub extension: Option<f64>,
}

/// Requests counted over an interval.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Counted {
    /// Their pool.
    pub pool: u32,
    /// Beginning and end of the interval (s since 1970).
    pub from: f64,
    pub until: f64,
    /// How many.
    pub count: f64,
}

/// Machines in use at an instant.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Level {
    /// Their pool.
    pub pool: u32,
    /// The instant (s since 1970).
    pub at: f64,
    /// How many.
    pub level: f64,
}

/// A file that was read.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct FileRead {
    /// Its name.
    pub name: String,
    /// Its format.
    pub format: Format,
    /// What its rows are, such as `requests`.
    pub what: &'static str,
    /// Its rows.
    pub rows: usize,
    /// Rows that are used.
    pub used: usize,
    /// Rows that are left out, by reason.
    pub left_out: BTreeMap<String, usize>,
    /// What a reader should know of how it was read.
    pub notes: Vec<String>,
}

/// Logs that were read together.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub files: Vec<FileRead>,
    pub requests: Vec<Request>,
    pub attempts: Vec<Attempt>,
    pub counted: Vec<Counted>,
    pub levels: Vec<Level>,
    /// Names of pools, classes and tenants.
    pub names: Vec<String>,
    numbers: BTreeMap<String, u32>,
}

impl Log {
    /// The number of a name.
    pub fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.names.len() as u32;
        self.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        number
    }

    /// The number of a pool, by its region and its image.
    pub fn pool(&mut self, region: Option<&str>, pool: Option<&str>) -> u32 {
        let pool = match (region, pool) {
            (None, Some(pool)) if pool.contains('/') => pool.to_owned(),
            (region, pool) => {
                let (region, pool) = (region.unwrap_or(REGION), pool.unwrap_or(IMAGE));
                format!("{}/{}", region.replace('/', "-"), pool.replace('/', "-"))
            }
        };
        self.number(&pool)
    }

    /// The first and the last instant (s since 1970); absent where the log has durations only.
    pub fn window(&self) -> Option<(f64, f64)> {
        let (mut first, mut last) = (f64::INFINITY, f64::NEG_INFINITY);
        let mut see = |at: f64| (first, last) = (first.min(at), last.max(at));
        for request in &self.requests {
            see(request.requested);
            if let Some((started, end)) = request.served {
                see(started);
                match end {
                    End::Ended(at) | End::Censored(at) => see(at),
                    End::Open => {}
                }
            }
        }
        for attempt in &self.attempts {
            if let Some(started) = attempt.started {
                see(started + attempt.total.unwrap_or(0.0));
                see(started);
            }
        }
        for counted in &self.counted {
            see(counted.from);
            see(counted.until);
        }
        for level in &self.levels {
            see(level.at);
        }
        (first <= last).then_some((first, last))
    }
}
