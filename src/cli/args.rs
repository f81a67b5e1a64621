//! Flags and commands. With `calibrate_args`, the only file that knows `clap`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::cli::Failure;
pub(crate) use crate::cli::args_facts::{CheckArgs, Outage, Unknown, ValidateArgs, VerifyArgs};
use crate::cli::calibrate_args::CalibrateArgs;
use crate::cli::divided_args::{Divided, Tables};
pub(crate) use crate::cli::ensemble_args::{EnsembleArgs, Keep};
use crate::cli::help::TOPICS_HELP;
use crate::cli::sensitivity_args::SensitivityArgs;
use crate::cli::values::{
    Bound, amount, change, hit_rate, loss, measure, number, replications, share, threads, wait,
};
use crate::scenario::text::files::FileAccess;

/// The error type of the flags, for its printer.
pub(crate) mod clap_error {
    pub(crate) use clap::Error;
}

/// The type of the whole command line, for its description.
pub(crate) mod clap_command {
    pub(crate) use clap::Command;
}

/// Simulate how pools of ready machines run dry while the cloud provider cannot provision.
///
/// Exit codes: 0 answered; 1 answered, and the answer is no; 2 could not answer, such as where a file is
/// invalid or there is nothing to size.
#[derive(Parser)]
#[command(
    name = "drawdown",
    version,
    propagate_version = true,
    subcommand_required = true,
    disable_help_subcommand = true,
    after_help = TOPICS_HELP
)]
struct Cli {
    /// Print no progress and no notes on standard error; errors are still printed.
    #[arg(short, long, global = true, display_order = 999)]
    quiet: bool,
    #[command(subcommand)]
    command: Command,
}

/// The command to run.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run one replication and print its timeline, levels and measures.
    Run(RunArgs),
    /// Run many replications: how long each pool lasts, with confidence intervals.
    Ensemble(EnsembleArgs),
    /// Vary values: run an ensemble for each cell of a grid or another design.
    Sweep(SweepArgs),
    /// Compare variants of a scenario, or another file, with it on common random numbers.
    Compare(CompareArgs),
    /// Find the smallest buffer that lasts an outage, or keeps waits short without one; how sure that is, and
    /// what it costs.
    Size(SizeArgs),
    /// Rebuild report.html from the files that another command wrote.
    Report(ReportArgs),
    /// Export one replication for trace viewers: the state of every worker over time.
    Trace(TraceArgs),
    /// Compare scenarios with the published facts of their incidents; exit 1 if a fitted fact is missed.
    Check(CheckArgs),
    /// Find the unknown values of a scenario from its published facts, with how well each is known; or, with --from,
    /// turn logs of your own pools into a scenario that runs at once.
    Calibrate(CalibrateArgs),
    /// Find which of the values that a scenario assumes decide its results: shares of variance, and what is left to
    /// randomness.
    Sensitivity(SensitivityArgs),
    /// Compare the simulator with exact results: queues, pools and decisions whose answers are known; exit 1 if one is
    /// missed.
    Verify(VerifyArgs),
    /// Report every problem of scenario files, and where each number comes from; run nothing.
    Validate(ValidateArgs),
    /// Print the JSON Schema of scenario files, for editors.
    Schema,
    /// Write a small scenario to start from, with your own figures if you give any.
    New(NewArgs),
    /// Print a completion script for a shell.
    Completions(CompletionsArgs),
    /// Print the manual page; with --out, write one for each command.
    Man(ManArgs),
    /// Print help for a command, or a page of the manual.
    Help(HelpArgs),
}

/// Changes to a scenario, and its seed.
#[derive(Args)]
pub(crate) struct Source {
    /// Change the value at a path, written as YAML; can be repeated.
    #[arg(long, value_name = "PATH=VALUE", value_parser = change)]
    pub set: Vec<(String, String)>,
    /// Use a variant that the file declares.
    #[arg(long, value_name = "NAME")]
    pub variant: Option<String>,
    #[command(flatten)]
    pub outage: Outage,
    /// Master seed of all random numbers.
    #[arg(short, long, value_name = "N", default_value_t = 1, allow_negative_numbers = true, value_parser = number)]
    pub seed: u64,
    #[command(flatten)]
    pub files: Files,
}

/// Which files a scenario may name.
#[derive(Args)]
pub(crate) struct Files {
    /// Allow CSV files outside the scenario's folder; use only with scenarios you trust.
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

/// What is printed.
#[derive(Args)]
pub(crate) struct Print {
    /// Print everything instead of one screen.
    #[arg(long, conflicts_with = "json")]
    pub all: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// How many threads.
#[derive(Args)]
pub(crate) struct Threads {
    /// Number of threads; no result depends on it [default: one per processor].
    #[arg(id = "threads", short = 'j', long = "threads", value_name = "N", allow_negative_numbers = true, value_parser = threads)]
    pub number: Option<NonZeroUsize>,
}

/// How many replications, on how many threads.
#[derive(Args)]
pub(crate) struct Many {
    /// Number of replications [default: 1000].
    #[arg(short = 'n', long, value_name = "N", allow_negative_numbers = true, value_parser = replications)]
    pub replications: Option<NonZeroUsize>,
    #[command(flatten)]
    pub threads: Threads,
}

/// Which replication is run.
#[derive(Args)]
pub(crate) struct Course {
    /// Number of the replication to run.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        allow_negative_numbers = true,
        value_parser = number,
        conflicts_with = "expected_value"
    )]
    pub replication: u64,
    /// Replace all randomness by means: evenly spaced arrivals, mean durations.
    #[arg(long, conflicts_with = "seed")]
    pub expected_value: bool,
}

#[derive(Args)]
pub(crate) struct RunArgs {
    /// Scenario file; `-` reads standard input.
    pub file: PathBuf,
    #[command(flatten)]
    pub source: Source,
    #[command(flatten)]
    pub course: Course,
    /// Write tables (run.json, measures.csv, levels.csv, dependencies.csv), a chart of each pool and each
    /// dependency (SVG and PNG) and report.html to this folder.
    #[arg(short, long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Play the replication on the whole terminal; press `?` for the keys.
    #[arg(long, conflicts_with_all = ["out", "json"])]
    pub watch: bool,
    /// Simulated seconds that --watch plays in a second.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 60,
        requires = "watch",
        value_parser = clap::value_parser!(u32).range(1..=86_400)
    )]
    pub pace: u32,
    #[command(flatten)]
    pub print: Print,
}

#[derive(Args)]
pub(crate) struct TraceArgs {
    /// Scenario file; `-` reads standard input.
    pub file: PathBuf,
    #[command(flatten)]
    pub source: Source,
    #[command(flatten)]
    pub course: Course,
    /// Write trace.json and events.csv to this folder [default: print the trace].
    #[arg(short, long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct SweepArgs {
    /// Scenario file; `-` reads standard input.
    pub file: PathBuf,
    #[command(flatten)]
    pub source: Source,
    #[command(flatten)]
    pub unknown: Unknown,
    #[command(flatten)]
    pub many: Many,
    /// Vary the value at a path: `4..40:2`, `4..40` (any value between, for designs) or `a,b,c`; can be
    /// repeated [default: what the file's `sweep` varies].
    #[arg(long, value_name = "PATH=VALUES")]
    pub vary: Vec<String>,
    /// Leave out cells that break this constraint: two paths or values with <, <=, =, >= or > between them;
    /// can be repeated.
    #[arg(long = "where", value_name = "CONSTRAINT")]
    pub constraints: Vec<String>,
    /// How values are combined [default: grid].
    #[arg(long)]
    pub design: Option<DesignKind>,
    /// Number of cells of a design other than grid.
    #[arg(long, value_name = "N")]
    pub points: Option<u64>,
    /// Keep only this measure; can be repeated [default: all].
    #[arg(long, value_name = "NAME")]
    pub measure: Vec<String>,
    /// Write manifest.json, sweep.csv, sweep.json, report.html and charts of a grid of one or two axes to
    /// this folder. Finished cells are kept there.
    #[arg(short, long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub tables: Tables,
    #[command(flatten)]
    pub divided: Divided,
    #[command(flatten)]
    pub print: Print,
}

#[derive(Args)]
pub(crate) struct CompareArgs {
    /// Scenario file; `-` reads standard input.
    pub file: PathBuf,
    /// Another scenario file to compare with, instead of variants.
    pub other: Option<PathBuf>,
    /// Compare only this variant; can be repeated [default: all that the file declares].
    #[arg(long, value_name = "NAME", conflicts_with = "other")]
    pub variant: Vec<String>,
    /// Change the value at a path on both sides, written as YAML; can be repeated.
    #[arg(long, value_name = "PATH=VALUE", value_parser = change)]
    pub set: Vec<(String, String)>,
    #[command(flatten)]
    pub outage: Outage,
    /// Master seed of all random numbers.
    #[arg(short, long, value_name = "N", default_value_t = 1, allow_negative_numbers = true, value_parser = number)]
    pub seed: u64,
    #[command(flatten)]
    pub files: Files,
    #[command(flatten)]
    pub unknown: Unknown,
    #[command(flatten)]
    pub many: Many,
    /// Write compare.json, compare.csv, a chart of the differences and report.html to this folder.
    #[arg(short, long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub print: Print,
}

/// How values are combined.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum DesignKind {
    /// Every value of each axis with every value of the others.
    Grid,
    /// Latin hypercube.
    #[value(alias = "latin_hypercube")]
    Lhs,
    /// Scrambled Sobol sequence.
    Sobol,
}

#[derive(Args)]
pub(crate) struct SizeArgs {
    /// Scenario file; `-` reads standard input.
    pub file: PathBuf,
    #[command(flatten)]
    pub source: Source,
    /// Pool whose target is sized; repeat it to size several pools together.
    #[arg(long, value_name = "POOL")]
    pub pool: Vec<String>,
    /// Size the value at this path instead of a target; more of it must not hurt the pool.
    #[arg(long, value_name = "PATH")]
    pub path: Option<String>,
    /// Levels to choose from [default: 0 to eight times the target, at least 40].
    #[arg(long, value_name = "LOW..HIGH:STEP")]
    pub within: Option<String>,
    /// Accepted share of replications in which a level does not meet the requirement, each judged by its own
    /// measured time.
    #[arg(long, value_name = "SHARE", default_value = "1%", value_parser = share)]
    pub risk: f64,
    /// Measure that decides whether a level lasts.
    #[arg(long, value_name = "NAME", default_value = "failed_leases_in_outage", value_parser = measure)]
    pub measure: &'static str,
    /// Highest value of --measure at which a level still lasts.
    #[arg(long, value_name = "N", default_value_t = 0.0, allow_negative_numbers = true, value_parser = amount)]
    pub at_most: f64,
    /// Require a wait of fresh requests, instead of --measure: `p50`, `p95`, `mean` or `max`, such as
    /// 'p95 <= 30s'. Needs no outage.
    #[arg(long, value_name = "BOUND", value_parser = wait, conflicts_with_all = ["measure", "at_most"])]
    pub wait: Option<Bound>,
    /// Require a share of fresh requests that get a ready worker at once, such as '>= 99%'. Needs no outage.
    #[arg(long, value_name = "BOUND", value_parser = hit_rate, conflicts_with_all = ["measure", "at_most", "wait"])]
    pub hit_rate: Option<Bound>,
    /// Cost of a ready worker for an hour [default: the pool's `worker_hour_cost`].
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true, value_parser = amount)]
    pub price: Option<f64>,
    /// Decide on another value too, such as the share of a standby: PATH=0%,50%,100%. Pools are sized together for each
    /// value, and the cheapest that keeps what is promised is the answer; can be repeated.
    #[arg(long, value_name = "PATH=VALUES", conflicts_with = "path")]
    pub decide: Vec<String>,
    /// Loss where a level does not meet the requirement, in what the level costs (its price an hour, or workers), for
    /// what more information is worth [default: the one at which --risk is optimal].
    #[arg(long, value_name = "COST", allow_negative_numbers = true, requires = "posterior", value_parser = loss)]
    pub loss: Option<f64>,
    /// Most that the targets of all sized pools may cost together an hour; in workers where no price is
    /// known.
    #[arg(long, value_name = "COST", allow_negative_numbers = true, value_parser = amount)]
    pub budget: Option<f64>,
    /// Run every pool, also those that cannot affect the ones that are sized.
    #[arg(long)]
    pub whole: bool,
    #[command(flatten)]
    pub unknown: Unknown,
    #[command(flatten)]
    pub many: Many,
    /// Write size.json, tables (size.csv, critical.csv; information.csv with --posterior, alternatives.csv with --decide), a
    /// chart of each pool and report.html to this folder.
    #[arg(short, long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub print: Print,
}

#[derive(Args)]
pub(crate) struct ReportArgs {
    /// Folder with results, or the JSON file of one command where the folder holds several.
    pub results: PathBuf,
}

/// The figures of a new scenario, each as it would be written in a file.
#[derive(Args)]
pub(crate) struct NewArgs {
    /// Ready workers that each pool keeps [default: 10].
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub target: Option<String>,
    /// Requests of each pool per unit of time, such as 40/h [default: 12/h, by tenants in office hours].
    #[arg(long, value_name = "RATE", allow_hyphen_values = true)]
    pub rate: Option<String>,
    /// How long a request keeps its worker [default: 30m].
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub hold: Option<String>,
    /// Time to provision a worker: a duration, or the 5% and 95% quantiles as 4m..9m [default: 2m..10m].
    #[arg(long, value_name = "LOW..HIGH", allow_hyphen_values = true)]
    pub latency: Option<String>,
    /// Length of the outage [default: 4h].
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub outage: Option<String>,
    /// Number of regions, each with one pool; the outage affects all of them [default: 1].
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub regions: Option<String>,
    /// Name of the scenario [default: starter].
    #[arg(long)]
    pub name: Option<String>,
    /// Write to this file, which must not exist [default: standard output].
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct CompletionsArgs {
    /// Shell to complete for.
    pub shell: Shell,
}

/// Shells with a completion script.
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
    #[arg(short, long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct HelpArgs {
    /// Command, or topic of the manual [default: list both].
    pub topic: Option<String>,
}

/// The whole command line, for its manual and its completions.
pub(crate) fn described() -> clap_command::Command {
    Cli::command()
}

/// Reads the arguments of the process: the command, and whether it is to be quiet.
pub(crate) fn parse() -> Result<(Command, bool), Failure> {
    Cli::try_parse()
        .map(|cli| (cli.command, cli.quiet))
        .map_err(Failure::Usage)
}

/// The help of a command, or of all where none is named, as a failure to be printed; nothing where
/// there is no such command.
pub(crate) fn help_of(command: Option<&str>) -> Option<Failure> {
    let known = |name: &&str| described().find_subcommand(name).is_some();
    let words = match command {
        None => vec!["drawdown", "--help"],
        Some(name) => vec!["drawdown", Some(name).filter(known)?, "--help"],
    };
    Cli::try_parse_from(words).err().map(Failure::Usage)
}

/// The names of all commands.
pub(crate) fn commands() -> Vec<String> {
    let described = described();
    let names = described
        .get_subcommands()
        .map(|it| it.get_name().to_owned());
    names.collect()
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
