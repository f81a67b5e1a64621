//! Flags of the commands about published facts, and of answers with a posterior sample.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use crate::cli::args::{Files, Many, Source};
use crate::cli::values::{change, replications};

/// What is not known of a scenario.
#[derive(Args)]
pub(crate) struct Unknown {
    /// Draw a row of this posterior sample for each replication: the posterior.csv of `calibrate`, or a folder with
    /// one. `priors` draws from the priors of the file.
    #[arg(long, value_name = "SAMPLE")]
    pub posterior: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct CheckArgs {
    /// Scenario files; `-` reads standard input.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub source: Source,
    #[command(flatten)]
    pub many: Many,
    /// Write a JUnit report to this file, whatever the exit code.
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Print everything instead of one screen.
    #[arg(long, conflicts_with = "json")]
    pub all: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub(crate) struct CalibrateArgs {
    /// Scenario file; `-` reads standard input. Its assumptions with a `prior` are unknown, its facts with `use: fit`
    /// are the data.
    pub file: PathBuf,
    #[command(flatten)]
    pub source: Source,
    /// Rows of the posterior sample.
    #[arg(long, value_name = "N", default_value = "1000", value_parser = replications)]
    pub particles: NonZeroUsize,
    /// Most replications to run.
    #[arg(long, value_name = "N", default_value_t = 400_000)]
    pub budget: u64,
    /// Number of threads; no result depends on it [default: one per processor].
    #[arg(short = 'j', long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// Write calibrate.json, posterior.csv, summary.csv, charts and report.html to this folder. Finished generations
    /// are kept there.
    #[arg(short, long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Continue the unfinished calibration in the folder of --out.
    #[arg(long, requires = "out")]
    pub resume: bool,
    /// Write a scenario with the posterior medians to this file, which must not exist.
    #[arg(long, value_name = "FILE")]
    pub apply: Option<PathBuf>,
    /// Print everything instead of one screen.
    #[arg(long, conflicts_with = "json")]
    pub all: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub(crate) struct ValidateArgs {
    /// Scenario files; `-` reads standard input.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Change the value at a path, written as YAML; can be repeated.
    #[arg(long, value_name = "PATH=VALUE", value_parser = change)]
    pub set: Vec<(String, String)>,
    /// Print everything instead of one screen.
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub files_named: Files,
}
