//! Flags of work that several processes share, and of its tables.

use std::num::NonZeroUsize;

use clap::{Args, ValueEnum};

use crate::cli::values::{piece, shard};
use crate::experiment::pieces::Shard;
use crate::output::study::Format;

/// How the work is divided between processes, and continued. No result depends on it.
#[derive(Args)]
pub(crate) struct Divided {
    /// Run only shard I of N (I from 0 to N-1), and keep what it finishes in the folder of --out. Shards can run at the
    /// same time, on any machines that share the folder, and again.
    #[arg(long, value_name = "I/N", requires = "out", value_parser = shard)]
    pub shard: Option<Shard>,
    /// Put together what the shards finished in the folder of --out; if something is missing, list it and exit with 2.
    #[arg(long, requires = "out", conflicts_with = "shard")]
    pub gather: bool,
    /// Keep finished work in the folder of --out, and continue with what is missing there.
    #[arg(long, requires = "out", conflicts_with_all = ["shard", "gather"])]
    pub resume: bool,
    /// Replications of a piece, which is what an interruption costs: a multiple of 1000 [default: 1000 to 16000, by
    /// the number of replications].
    #[arg(long, value_name = "N", requires = "out", value_parser = piece)]
    pub piece: Option<NonZeroUsize>,
}

/// The format of tables in the folder of --out.
#[derive(Args)]
pub(crate) struct Tables {
    /// Write tables as Parquet (compressed, with units and meanings as metadata of the columns) in place of CSV; of a sweep,
    /// beside it.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = TableFormat::Csv)]
    pub format: TableFormat,
}

/// A format of tables.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum TableFormat {
    /// Comma-separated values.
    Csv,
    /// Apache Parquet.
    #[cfg(feature = "parquet")]
    Parquet,
}

impl From<TableFormat> for Format {
    fn from(format: TableFormat) -> Self {
        match format {
            TableFormat::Csv => Self::Csv,
            #[cfg(feature = "parquet")]
            TableFormat::Parquet => Self::Parquet,
        }
    }
}

impl Divided {
    /// Whether work is kept piece by piece.
    pub fn is_divided(&self) -> bool {
        self.shard.is_some() || self.gather || self.resume
    }
}
