//! Flags of `drawdown sensitivity`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::args::{Print, Source, Threads};
use crate::cli::values::{measure, points};

#[derive(Args)]
pub(crate) struct SensitivityArgs {
    /// Scenario file; `-` reads standard input. Its assumptions with a `prior` are varied, all at once.
    pub file: PathBuf,
    #[command(flatten)]
    pub source: Source,
    /// Measure of pools to explain; can be repeated [default: time_to_survive_s and failed_leases; where no request
    /// can fail delayed_leases and empty_s].
    #[arg(long = "measure", value_name = "NAME", value_parser = measure)]
    pub measures: Vec<&'static str>,
    /// Pool to explain; can be repeated [default: every pool].
    #[arg(long, value_name = "POOL")]
    pub pool: Vec<String>,
    /// How sensitivity is measured.
    #[arg(long, default_value = "sobol")]
    pub method: MethodKind,
    /// Rows of Sobol's design, rounded up to a power of two, 64 at least; or trajectories of Morris's, 4 at least
    /// [default: 1024, or 128]. With k values a row takes 2 (k + 2) replications, a trajectory k + 1.
    #[arg(long, value_name = "N", value_parser = points)]
    pub points: Option<NonZeroUsize>,
    #[command(flatten)]
    pub threads: Threads,
    /// Write sensitivity.json, sensitivity.csv, a chart and report.html to this folder.
    #[arg(short, long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub print: Print,
}

/// How sensitivity is measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum MethodKind {
    /// Shares of variance.
    Sobol,
    /// Elementary effects: cheaper, and only an order of values.
    Morris,
}
