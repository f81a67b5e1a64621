//! The command line: arguments in, words and exit codes out. The only layer that speaks to a
//! person, and the only one that owns files.

/// Flags and commands.
pub(crate) mod args;

/// Exit codes.
pub(crate) mod exit;

/// `drawdown run`.
pub(crate) mod run;

/// `drawdown run --watch`.
pub(crate) mod watch;

/// `drawdown ensemble`.
pub(crate) mod ensemble;

/// `drawdown trace`.
pub(crate) mod trace;

/// `drawdown check`.
pub(crate) mod check;

/// `drawdown validate`.
pub(crate) mod validate;

/// `drawdown schema`.
pub(crate) mod schema;

/// Tables.
pub(crate) mod table;

/// Levels over time, drawn with characters.
pub(crate) mod plot;

/// Durations, instants and estimates in words.
pub(crate) mod words;

use std::io::{self, Write};
use std::path::Path;

use crate::cli::args::{Command, Source, clap_error};
use crate::cli::exit::Exit;
use crate::output::folder::OutputError;
use crate::scenario::Scenario;

/// Runs the command that the process was called with, and gives its exit code.
pub fn main() -> std::process::ExitCode {
    let done = match args::parse() {
        Ok(Command::Run(args)) => run::run(&args),
        Ok(Command::Ensemble(args)) => ensemble::ensemble(&args),
        Ok(Command::Trace(args)) => trace::trace(&args),
        Ok(Command::Check(args)) => check::check(&args),
        Ok(Command::Validate(args)) => validate::validate(&args),
        Ok(Command::Schema) => schema::schema(),
        Err(told) => Err(told),
    };
    match done {
        Ok(exit) => exit.into(),
        Err(Failure::Usage(error)) => {
            let _ = error.print();
            if error.use_stderr() {
                Exit::CouldNotAnswer
            } else {
                Exit::Answered
            }
            .into()
        }
        Err(Failure::Told(message)) => {
            // Nobody may be listening, which changes nothing.
            let _ = writeln!(io::stderr(), "{message}");
            Exit::CouldNotAnswer.into()
        }
        // Whoever reads the output has stopped listening, which is no failure.
        Err(Failure::Closed) => Exit::Answered.into(),
    }
}

/// Why a command gives no answer.
pub(crate) enum Failure {
    /// The flags make no sense, or help was asked for.
    Usage(clap_error::Error),
    /// Something is wrong, in words.
    Told(String),
    /// The reader of the output has gone away.
    Closed,
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Self {
        Self::Told(error.to_string())
    }
}

/// Reads the scenario that a command names.
pub(crate) fn load(file: &Path, source: &Source) -> Result<Scenario, Failure> {
    Scenario::load_variant(file, source.variant.as_deref(), &source.set)
        .map_err(|problems| Failure::Told(problems.to_string()))
}

/// Writes to standard output.
pub(crate) fn say(text: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text)
        .and_then(|()| out.flush())
        .map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::Closed,
            _ => Failure::Told(format!("standard output cannot be written: {error}")),
        })
}
