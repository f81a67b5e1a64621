//! Flags and commands. The only file that knows `clap`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::cli::Failure;
use crate::experiment::measure::MEASURES;
use crate::scenario::text::files::FileAccess;
use crate::scenario::text::read::nearest;

/// The most replications.
const REPLICATIONS_MAX: usize = 1_000_000_000;

/// The error type of the flags, for whoever prints it.
pub(crate) mod clap_error {
    pub(crate) use clap::Error;
}

/// The type of the whole command line, for whoever describes it.
pub(crate) mod clap_command {
    pub(crate) use clap::Command;
}

/// How long do pools of ready machines last when the provider stops provisioning?
///
/// Exit codes: 0 answered; 1 answered, and the answer is no; 2 could not answer, such as where a file is
/// invalid or there is nothing to size.
#[derive(Parser)]
#[command(
    name = "drawdown",
    version,
    propagate_version = true,
    subcommand_required = true
)]
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
    /// Vary values: an ensemble for each cell of a grid or of another design.
    Sweep(SweepArgs),
    /// Set variants, or another file, against a scenario: what each would have saved.
    Compare(CompareArgs),
    /// Find the smallest buffer that lasts an outage, how sure that is, and what it costs.
    Size(SizeArgs),
    /// Make report.html anew from the files that another command wrote to a folder.
    Report(ReportArgs),
    /// Export one replication for trace viewers: what every worker is at every instant.
    Trace(TraceArgs),
    /// Hold scenarios to the published facts of their incidents; exit 1 if one is missed.
    Check(CheckArgs),
    /// Say everything that is wrong with scenario files, and run nothing.
    Validate(ValidateArgs),
    /// Print the JSON Schema of scenario files, for editors.
    Schema,
    /// Write a small scenario, explained line by line, to begin from.
    New(NewArgs),
    /// Print a script that completes commands and flags in a shell.
    Completions(CompletionsArgs),
    /// Print the manual page; with `--out`, write one for each command.
    Man(ManArgs),
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
    #[command(flatten)]
    pub files: Files,
}

/// Which files a scenario may name.
#[derive(Args)]
pub(crate) struct Files {
    /// Let the scenario name CSV files outside of its folder; only for scenarios that you trust.
    #[arg(long)]
    pub allow_files: bool,
}

impl Files {
    /// The files that a scenario may name.
    pub fn access(&self) -> FileAccess {
        if self.allow_files {
            FileAccess::Anywhere
        } else {
            FileAccess::ScenarioFolder
        }
    }
}

/// How many replications, on how many threads.
#[derive(Args)]
pub(crate) struct Many {
    /// Replications to live; 1000 if absent.
    #[arg(long, value_name = "N", value_parser = replications)]
    pub replications: Option<NonZeroUsize>,
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
    /// Write run.json, measures.csv, levels.csv and dependencies.csv to this folder, a chart of each
    /// pool (levels-POOL) and of each dependency (dependency-NAME) as SVG and PNG, and report.html.
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
    /// Stop as soon as the mean of a measure is known to this share of itself; --replications is then the
    /// most, and 100000 if absent.
    #[arg(long, value_name = "SHARE", value_parser = precision)]
    pub precision: Option<f64>,
    /// The measure whose mean is to be so precise; a clock that has not struck counts to the end.
    #[arg(long, value_name = "NAME", requires = "precision", default_value = "first_lease_failure_at_s",
          value_parser = measure)]
    pub measure: &'static str,
    /// The pool in which it is to be so precise; every pool if absent.
    #[arg(long, value_name = "POOL", requires = "precision")]
    pub pool: Option<String>,
    /// Write ensemble.json, summary.csv, survival.csv, fan.csv, replications.csv, incidents.csv and charts of
    /// the curves and levels (survival-pools, fan-POOL) to this folder, and report.html.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print JSON instead of tables.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub(crate) struct SweepArgs {
    /// The scenario.
    pub file: PathBuf,
    #[command(flatten)]
    pub source: Source,
    #[command(flatten)]
    pub many: Many,
    /// Vary a value: its path, and values as `4..40:2`, `4..40` (any between) or `a,b,c`; can be repeated.
    /// What the file varies if absent.
    #[arg(long, value_name = "PATH=VALUES")]
    pub vary: Vec<String>,
    /// Leave out cells that do not meet this: two paths or values with <, <=, =, >= or > between them; can
    /// be repeated.
    #[arg(long = "where", value_name = "CONSTRAINT")]
    pub constraints: Vec<String>,
    /// Which values go together: every one with every other, or --points cells that fill the space.
    #[arg(long)]
    pub design: Option<DesignKind>,
    /// Cells of a design that is no grid.
    #[arg(long, value_name = "N")]
    pub points: Option<u64>,
    /// Keep this measure; can be repeated. All if absent.
    #[arg(long, value_name = "NAME")]
    pub measure: Vec<String>,
    /// Write manifest.json, sweep.csv, sweep.json, report.html and, for a grid of one or two axes, charts
    /// (sweep-POOL) to this folder; finished cells are kept there if interrupted.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Go on with the unfinished sweep in that folder.
    #[arg(long, requires = "out")]
    pub resume: bool,
    /// Print JSON instead of tables.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub(crate) struct CompareArgs {
    /// The scenario.
    pub file: PathBuf,
    /// Another scenario, to be set against it instead of its variants.
    pub other: Option<PathBuf>,
    /// Take this variant; can be repeated. All that the file declares if absent.
    #[arg(long, value_name = "NAME", conflicts_with = "other")]
    pub variant: Vec<String>,
    /// Change a value of both sides: its path, and the YAML to put there; can be repeated.
    #[arg(long, value_name = "PATH=VALUE", value_parser = change)]
    pub set: Vec<(String, String)>,
    /// Master seed of every chance.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    #[command(flatten)]
    pub files: Files,
    #[command(flatten)]
    pub many: Many,
    /// Write compare.json, compare.csv, a chart of the differences and report.html to this folder.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print JSON instead of tables.
    #[arg(long)]
    pub json: bool,
}

/// Which values go together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum DesignKind {
    /// Every value of each axis with every value of the others.
    Grid,
    /// A Latin hypercube.
    #[value(alias = "latin_hypercube")]
    Lhs,
    /// Scrambled points of the sequence of Sobol.
    Sobol,
}

#[derive(Args)]
pub(crate) struct SizeArgs {
    /// The scenario.
    pub file: PathBuf,
    #[command(flatten)]
    pub source: Source,
    /// The pool whose target is sized; repeated, several pools at once.
    #[arg(long, value_name = "POOL")]
    pub pool: Vec<String>,
    /// Size the value at this path instead; more of it must not hurt the pool.
    #[arg(long, value_name = "PATH")]
    pub path: Option<String>,
    /// Levels to choose from, the least first; from 0 to eight times the target if absent, to 40 at
    /// least.
    #[arg(long, value_name = "LOW..HIGH:STEP")]
    pub within: Option<String>,
    /// The share of cases in which it may not last.
    #[arg(long, value_name = "SHARE", default_value = "1%", value_parser = precision)]
    pub risk: f64,
    /// What is counted against a level.
    #[arg(long, value_name = "NAME", default_value = "failed_leases_in_outage", value_parser = measure)]
    pub measure: &'static str,
    /// The most of it that is allowed.
    #[arg(long, value_name = "N", default_value_t = 0.0, allow_negative_numbers = true, value_parser = amount)]
    pub at_most: f64,
    /// What a ready worker costs an hour; the pool's `worker_hour_cost` if absent.
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true, value_parser = amount)]
    pub price: Option<f64>,
    /// The most that the targets of all pools may cost an hour together; or the most workers, where
    /// no price is known.
    #[arg(long, value_name = "COST", allow_negative_numbers = true, value_parser = amount)]
    pub budget: Option<f64>,
    #[command(flatten)]
    pub many: Many,
    /// Write size.json, size.csv, critical.csv, a chart of each pool (size-POOL) and report.html to this
    /// folder.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print JSON instead of tables.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub(crate) struct ReportArgs {
    /// The folder; or the JSON file of one command, where it holds those of several.
    pub results: PathBuf,
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
    /// Write a JUnit report to this file, also where a file is invalid or states no facts.
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
    #[command(flatten)]
    pub files_named: Files,
}

#[derive(Args)]
pub(crate) struct NewArgs {
    /// Write it to this file, which must not exist, instead of to standard output.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    pub shell: Shell,
}

/// Shells that can be taught the command line.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
    Elvish,
}

#[derive(Args)]
pub(crate) struct ManArgs {
    /// Write drawdown.1, drawdown-run.1 and so on to this folder.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// The whole command line, for its manual and its completions.
pub(crate) fn described() -> clap_command::Command {
    Cli::command()
}

/// Reads the arguments of the process.
pub(crate) fn parse() -> Result<Command, Failure> {
    Cli::try_parse()
        .map(|cli| cli.command)
        .map_err(Failure::Usage)
}

/// A share above 0 and below 1: `2%`, or `0.02`.
fn precision(text: &str) -> Result<f64, String> {
    let share = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse().map(|percent: f64| percent / 100.0),
        None => text.parse(),
    };
    let share = share.ok().filter(|share| 0.0 < *share && *share < 1.0);
    share.ok_or_else(|| "write a share above 0 and below 1, such as `2%`".to_owned())
}

/// A number of replications that somebody may live to see.
fn replications(text: &str) -> Result<NonZeroUsize, String> {
    let number = text
        .parse()
        .ok()
        .filter(|n: &NonZeroUsize| n.get() <= REPLICATIONS_MAX);
    number.ok_or_else(|| format!("write a whole number from 1 to {REPLICATIONS_MAX}"))
}

/// A number of 0 or more.
fn amount(text: &str) -> Result<f64, String> {
    let number = text
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite() && 0.0 <= *number);
    number.ok_or_else(|| "write a number of 0 or more".to_owned())
}

/// The name of a measure of pools.
fn measure(name: &str) -> Result<&'static str, String> {
    let names: Vec<&'static str> = MEASURES.iter().map(|measure| measure.name).collect();
    let known = names.iter().find(|known| **known == name).copied();
    known.ok_or_else(|| match nearest(name, &names) {
        Some(near) => format!("there is no such measure; did you mean `{near}`?"),
        None => "there is no such measure of pools; the README lists them".to_owned(),
    })
}

fn change(text: &str) -> Result<(String, String), String> {
    let (path, value) = text
        .split_once('=')
        .ok_or("write a path, `=` and a value, such as `clock.horizon=12h`")?;
    Ok((path.trim().to_owned(), value.to_owned()))
}

impl DesignKind {
    /// What it is called on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Grid => "grid",
            Self::Lhs => "lhs",
            Self::Sobol => "sobol",
        }
    }
}
