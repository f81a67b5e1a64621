//! Flags of `drawdown ensemble`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum};

use crate::cli::args::{Many, Source, Unknown};
use crate::cli::divided_args::{Divided, Tables};
use crate::cli::values::{any_measure, share};

#[derive(Args)]
#[command(group(ArgGroup::new("asking").args(["precision", "measures"]).multiple(true)))]
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
    /// Pool for --measure and --precision [default: every pool].
    #[arg(long, value_name = "POOL", requires = "asking")]
    pub pool: Option<String>,
    /// Run every pool, also where --measure and --pool ask about some that the others cannot affect.
    #[arg(long)]
    pub whole: bool,
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
    /// Print everything instead of one screen.
    #[arg(long, conflicts_with = "json")]
    pub all: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
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
