//! Flags of `drawdown calibrate`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::values::change;

#[derive(Args)]
pub(crate) struct CalibrateArgs {
    #[command(flatten)]
    pub log: LogArgs,
    /// Write the scenario to this file, which must not exist [default: standard output].
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Print what was read and fitted as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Logs, and how they are read.
#[derive(Args)]
pub(crate) struct LogArgs {
    /// Logs of one's own pools: requests, provisioning attempts or machines in use as CSV, jobs of GitHub Actions,
    /// or a response of Prometheus; `drawdown help calibration` lists their columns.
    #[arg(long, value_name = "LOG", num_args = 1.., required = true)]
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
