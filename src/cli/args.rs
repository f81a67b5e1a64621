//! Flags and commands. The only file that knows `clap`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::cli::Failure;

/// The error type of the flags, for whoever prints it.
pub(crate) mod clap_error {
    pub(crate) use clap::Error;
}

/// How long do pools of ready machines last when the provider stops provisioning?
///
/// Exit codes: 0 answered; 1 answered, and the answer is no; 2 could not answer.
#[derive(Parser)]
#[command(version, propagate_version = true, subcommand_required = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// What is asked.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Tell the story of one replication: timeline, levels, figures.
    Run(RunArgs),
    /// Live many replications: how long each pool lasts, with intervals.
    Ensemble(EnsembleArgs),
    /// Export one replication for trace viewers: what every worker is at every instant.
    Trace(TraceArgs),
    /// Hold scenarios to the published facts of their incidents; exit 1 if one is missed.
    Check(CheckArgs),
    /// Say everything that is wrong with scenario files, and run nothing.
    Validate(ValidateArgs),
    /// Print the JSON Schema of scenario files, for editors.
    Schema,
}

/// Changes to a scenario, and its seed.
#[derive(Args)]
pub(crate) struct Source {
    /// Change a value: its path, and the YAML to put there; can be repeated.
    #[arg(long, value_name = "PATH=VALUE", value_parser = change)]
    pub set: Vec<(String, String)>,
    /// Take a variant that the file declares.
    #[arg(long, value_name = "NAME")]
    pub variant: Option<String>,
    /// Master seed of every chance.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// How many replications, on how many threads.
#[derive(Args)]
pub(crate) struct Many {
    /// Replications to live.
    #[arg(long, value_name = "N", default_value = "1000")]
    pub replications: NonZeroUsize,
    /// Threads to live them on; one for each processor if absent. No result depends on it.
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
}

/// Which course a scenario takes.
#[derive(Args)]
pub(crate) struct Course {
    /// Which replication to live.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        conflicts_with = "expected_value"
    )]
    pub replication: u64,
    /// Replace every chance by its mean: even arrivals, mean durations.
    #[arg(long, conflicts_with = "seed")]
    pub expected_value: bool,
}

#[derive(Args)]
pub(crate) struct RunArgs {
    /// The scenario.
    pub file: PathBuf,
    #[command(flatten)]
    pub source: Source,
    #[command(flatten)]
    pub course: Course,
    /// Write run.json, measures.csv, levels.csv and dependencies.csv to this folder.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Play it on the whole terminal; `?` tells the keys.
    #[arg(long, conflicts_with_all = ["out", "json"])]
    pub watch: bool,
    /// Simulated seconds that pass in a second of --watch.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 60,
        requires = "watch",
        value_parser = clap::value_parser!(u32).range(1..=86_400)
    )]
    pub pace: u32,
    /// Print JSON instead of the story.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub(crate) struct TraceArgs {
    /// The scenario.
    pub file: PathBuf,
    #[command(flatten)]
    pub source: Source,
    #[command(flatten)]
    pub course: Course,
    /// Write trace.json and events.csv to this folder; without it, the trace goes to the terminal.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct EnsembleArgs {
    /// The scenario.
    pub file: PathBuf,
    #[command(flatten)]
    pub source: Source,
    #[command(flatten)]
    pub many: Many,
    /// Write ensemble.json, summary.csv, replications.csv and incidents.csv to this folder.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print JSON instead of tables.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub(crate) struct CheckArgs {
    /// The scenarios.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub source: Source,
    #[command(flatten)]
    pub many: Many,
    /// Write a JUnit report to this file.
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Print JSON instead of tables.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub(crate) struct ValidateArgs {
    /// The scenarios.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Change a value: its path, and the YAML to put there; can be repeated.
    #[arg(long, value_name = "PATH=VALUE", value_parser = change)]
    pub set: Vec<(String, String)>,
}

/// Reads the arguments of the process.
pub(crate) fn parse() -> Result<Command, Failure> {
    Cli::try_parse()
        .map(|cli| cli.command)
        .map_err(Failure::Usage)
}

fn change(text: &str) -> Result<(String, String), String> {
    let (path, value) = text
        .split_once('=')
        .ok_or("write a path, `=` and a value, such as `clock.horizon=12h`")?;
    Ok((path.trim().to_owned(), value.to_owned()))
}

impl Source {
    /// The flags that reproduce it.
    pub fn flags(&self) -> String {
        let variant = self.variant.iter().map(|name| format!(" --variant {name}"));
        let set = self
            .set
            .iter()
            .map(|(path, value)| format!(" --set '{path}={value}'"));
        variant.chain(set).collect()
    }
}
