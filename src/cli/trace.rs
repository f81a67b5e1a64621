//! `drawdown trace`: one replication for public viewers.

use std::io::Write;

use crate::cli::args::{Course, Source, TraceArgs};
use crate::cli::deliver::{open, write};
use crate::cli::exit::Exit;
use crate::cli::shell::Line;
use crate::cli::{Failure, load, say};
use crate::experiment::tables;
use crate::experiment::trace::{Trace, trace as simulate, trace_expected_value};
use crate::kernel::random::Seed;
use crate::output::folder::Content;
use crate::output::{csv, trace as drawn};
use crate::scenario::Scenario;

/// Answers the command.
pub(crate) fn trace(args: &TraceArgs) -> Result<Exit, Failure> {
    let scenario = load(&args.file, &args.source)?;
    // The same as of a run, beside whose results it may be written.
    let question = Line::question().changes(&args.source);
    let study = question.study(args.out.as_deref(), &[&args.file]);
    let folder = open(args.out.as_deref(), "trace", study.as_deref())?;
    let trace = recorded(&scenario, &args.source, &args.course);
    let document = drawn::trace(&scenario, &trace, study.as_deref());
    match folder {
        Some(folder) => {
            let events = |to: &mut dyn Write| csv::write(tables::events(&scenario, &trace), to);
            let events = Content::Written(Box::new(events));
            let files = [("trace.json", document.into()), ("events.csv", events)];
            let files = files.map(|(name, content)| (name.to_owned(), content));
            write(folder, files.into(), &[])?;
        }
        None => say(&document)?,
    }
    Ok(Exit::Answered)
}

/// The course that the flags ask for, text in full.
pub(crate) fn recorded(scenario: &Scenario, source: &Source, course: &Course) -> Trace {
    match course.expected_value {
        true => trace_expected_value(scenario),
        false => simulate(scenario, Seed(source.seed), course.replication),
    }
}
