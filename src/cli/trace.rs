//! `drawdown trace`: one replication for public viewers.

use crate::cli::args::TraceArgs;
use crate::cli::exit::Exit;
use crate::cli::{Failure, load, say};
use crate::experiment::trace::{trace as live, trace_expected_value};
use crate::kernel::random::Seed;
use crate::output::folder::Folder;
use crate::output::{csv, trace as drawn};

/// Answers the command.
pub(crate) fn trace(args: &TraceArgs) -> Result<Exit, Failure> {
    let scenario = load(&args.file, &args.source)?;
    let names = ["trace.json", "events.csv"];
    let folder = args
        .out
        .as_deref()
        .map(|out| Folder::open(out, &names))
        .transpose()?;
    let trace = if args.course.expected_value {
        trace_expected_value(&scenario)
    } else {
        live(&scenario, Seed(args.source.seed), args.course.replication)
    };
    let document = drawn::trace(&scenario, &trace);
    match folder {
        Some(folder) => folder.write(&[document, csv::events(&scenario, &trace)])?,
        None => say(&document)?,
    }
    Ok(Exit::Answered)
}
