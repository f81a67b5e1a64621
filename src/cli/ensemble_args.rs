//! Flags of `drawdown ensemble`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum};

use crate::cli::args::{Many, Print, Source, Unknown};
use crate::cli::divided_args::{Divided, Tables};
use crate::cli::values::{any_measure, share};
use crate::experiment::rare::RareMethod;

#[derive(Args)]
#[command(group(ArgGroup::new("asking").args(["precision", "measures", "rare"]).multiple(true)))]
pub(crate) struct EnsembleArgs {
    /// Scenario file; `-` reads standard input.
    pub file: PathBuf,
    #[command(flatten)]
    pub source: Source,
    #[command(flatten)]
    pub unknown: Unknown,
    #[command(flatten)]
    pub many: Many,
    /// Stop once the half-width of a mean's 95% interval is at most this share of the mean.
    /// --replications is then the maximum [default maximum: 100000].
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub precision: Option<f64>,
    /// Keep and print only this measure, which takes less memory; can be repeated. The first is also the
    /// measure for --precision [default for --precision: first_lease_failure_at_s, with every measure kept];
    /// a time to an event that does not occur counts to the end.
    #[arg(long = "measure", value_name = "NAME", value_parser = any_measure)]
    pub measures: Vec<&'static str>,
    /// Estimate the probability that a lease fails, where plain replications would hardly ever see it: by sampling with
    /// more demand where nothing but requests changes a pool (tilted), by continuing what comes closest to it otherwise
    /// (splitting), or by the method that is named. With --measure congested_at_s, estimate instead how long it takes on
    /// average until a dependency is congested. --replications is then the number of trials [default: 20000].
    #[arg(long, value_enum, value_name = "METHOD", num_args = 0..=1, require_equals = true, default_missing_value = "auto",
          conflicts_with_all = ["precision", "whole", "plain", "posterior", "keep", "shard", "gather", "resume", "piece"])]
    pub rare: Option<Rare>,
    /// Propose a warm-up after which levels no longer depend on how they began (MSER-5), and run nothing else.
    #[arg(long, value_enum, value_name = "auto", hide_possible_values = true,
          conflicts_with_all = ["precision", "measures", "whole", "plain", "posterior", "keep", "shard", "gather", "resume", "piece",
          "rare", "replications", "out", "all", "json"])]
    pub warm_up: Option<WarmUp>,
    /// Pool for --measure, --precision and --rare [default: every pool].
    #[arg(long, value_name = "POOL", requires = "asking")]
    pub pool: Option<String>,
    /// Run every pool, also where --measure and --pool ask about some that the others cannot affect.
    #[arg(long)]
    pub whole: bool,
    /// Simulate every event, also where --measure asks for what can be drawn from its exact law.
    #[arg(long)]
    pub plain: bool,
    /// Keep every value of each replication, or only summaries, whose size does not grow with the number of replications:
    /// quantiles then lie up to 0.05% too low, and there is no replications.csv, incidents.csv or classes.csv.
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = Keep::Rows, conflicts_with_all = ["precision", "posterior"])]
    pub keep: Keep,
    /// Write tables (ensemble.json, summary.csv, survival.csv, fan.csv, replications.csv, incidents.csv,
    /// classes.csv), manifest.json, charts and report.html to this folder.
    #[arg(short, long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub tables: Tables,
    #[command(flatten)]
    pub divided: Divided,
    #[command(flatten)]
    pub print: Print,
}

/// Which warm-up is proposed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum WarmUp {
    /// By a test of levels.
    Auto,
}

/// How the probability of a rare event is estimated.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Rare {
    /// By the method that fits.
    Auto,
    /// Tilted importance sampling.
    Tilted,
    /// Splitting on saved states.
    Splitting,
}

impl Rare {
    /// Its name, as a value of the flag.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Tilted => "tilted",
            Self::Splitting => "splitting",
        }
    }

    /// The method, unless it is to be chosen.
    pub fn method(self) -> Option<RareMethod> {
        match self {
            Self::Auto => None,
            Self::Tilted => Some(RareMethod::Tilted),
            Self::Splitting => Some(RareMethod::Splitting),
        }
    }
}

/// What is kept of each replication.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Keep {
    /// Every value.
    Rows,
    /// Counts, means and histograms over all.
    Summary,
}

impl Keep {
    /// Its name, as a value of the flag.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Summary => "summary",
        }
    }
}
