//! Flags of the commands about published facts and exact results, and of answers with a posterior sample.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::{Files, Many, Print, Source, Threads};
use crate::cli::values::{change, number};

/// What is not known of a scenario.
#[derive(Args)]
pub(crate) struct Unknown {
    /// Draw a row of this posterior sample for each replication: the posterior.csv of `calibrate`, or a folder with
    /// one. `priors` draws from the priors of the file.
    #[arg(long, value_name = "SAMPLE")]
    pub posterior: Option<PathBuf>,
}

/// Another outage than the scenario's own.
#[derive(Args)]
pub(crate) struct Outage {
    /// Replace the outages of the scenario by that of this file, such as scenarios/outages/rnq2-nc8.yaml. It begins when
    /// the first of them begins, in the regions that it names or else in all.
    #[arg(long, value_name = "FILE")]
    pub through: Option<PathBuf>,
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
    /// Write the evidence to this file, as Markdown: each fact with its predictive interval and where it lies in it, and
    /// what one incident predicts of another.
    #[arg(long, value_name = "FILE")]
    pub evidence: Option<PathBuf>,
    /// Write a JUnit report to this file, whatever the exit code.
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    #[command(flatten)]
    pub print: Print,
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

#[derive(Args)]
pub(crate) struct VerifyArgs {
    /// Run only this row, or the rows whose names begin so, such as `A1` or `K`; can be repeated [default: all].
    #[arg(long, value_name = "ROW")]
    pub only: Vec<String>,
    /// Run ten times as many replications.
    #[arg(long)]
    pub thorough: bool,
    /// Run a fifth of the replications of rows that have 10,000 or more.
    #[arg(long, conflicts_with = "thorough")]
    pub quick: bool,
    /// Master seed of all random numbers.
    #[arg(short, long, value_name = "N", default_value_t = 1, allow_negative_numbers = true, value_parser = number)]
    pub seed: u64,
    #[command(flatten)]
    pub threads: Threads,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}
