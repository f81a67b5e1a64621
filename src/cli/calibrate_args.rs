//! Flags of `drawdown calibrate`.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::cli::args::{Print, Source, Threads};
use crate::cli::values::{change, replications};

#[derive(Args)]
pub(crate) struct CalibrateArgs {
    /// Scenario file; `-` reads standard input. Its assumptions with a `prior` are unknown, its facts with `use: fit`
    /// are the data.
    #[arg(required_unless_present = "from", conflicts_with = "from")]
    pub file: Option<PathBuf>,
    #[command(flatten)]
    pub source: Source,
    #[command(flatten)]
    pub log: LogArgs,
    /// Rows of the posterior sample.
    #[arg(long, value_name = "N", default_value = "1000", value_parser = replications, conflicts_with = "from")]
    pub particles: NonZeroUsize,
    /// Most replications to run.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 400_000,
        conflicts_with = "from"
    )]
    pub budget: u64,
    #[command(flatten)]
    pub threads: Threads,
    /// Write calibrate.json, posterior.csv, summary.csv, charts and report.html to this folder. Finished generations
    /// are kept there. With --from, write the scenario to this file, which must not exist.
    #[arg(short, long, value_name = "DIR|FILE")]
    pub out: Option<PathBuf>,
    /// Continue the unfinished calibration in the folder of --out.
    #[arg(long, requires = "out", conflicts_with = "from")]
    pub resume: bool,
    /// Write a scenario with the posterior medians to this file, which must not exist.
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    pub apply: Option<PathBuf>,
    #[command(flatten)]
    pub print: Print,
}

impl CalibrateArgs {
    /// The scenario file; standard input where there is none, which is only so with logs.
    pub fn file(&self) -> &Path {
        self.file.as_deref().unwrap_or(Path::new("-"))
    }
}

/// Logs, and how they are read.
#[derive(Args)]
pub(crate) struct LogArgs {
    /// Logs of one's own pools: requests, provisioning attempts or machines in use as CSV, jobs of GitHub Actions,
    /// or a response of Prometheus; `drawdown help calibration` lists their columns.
    #[arg(long, value_name = "LOG", num_args = 1..)]
    pub from: Vec<PathBuf>,
    /// Format of every log [default: by its content].
    #[arg(long, requires = "from")]
    pub format: Option<LogFormat>,
    /// Time zone of the profile, and of times without a zone (IANA name) [default: UTC].
    #[arg(long, value_name = "ZONE", requires = "from")]
    pub timezone: Option<String>,
    /// Use only rows of a CSV with this value in this column; can be repeated.
    #[arg(long = "where", value_name = "COLUMN=VALUE", value_parser = change, requires = "from")]
    pub conditions: Vec<(String, String)>,
    /// Leave out rows that are invalid, and count them.
    #[arg(long, requires = "from")]
    pub skip_invalid: bool,
}

/// Formats of logs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum LogFormat {
    /// Comma-separated values.
    Csv,
    /// Jobs of GitHub Actions: objects or webhook deliveries of workflow_job.
    WorkflowJob,
    /// Response of Prometheus to query_range.
    Prometheus,
}
