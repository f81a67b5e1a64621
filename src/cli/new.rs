//! `drawdown new`: a small scenario to start from, explained line by line, or with figures of the user's.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

use crate::cli::args::NewArgs;
use crate::cli::exit::Exit;
use crate::cli::shell::Line;
use crate::cli::{Failure, figures, say};
use crate::output::folder::OutputError;

/// The scenario.
const STARTER: &str = include_str!("starter.yaml");

/// Answers the command.
pub(crate) fn new(args: &NewArgs) -> Result<Exit, Failure> {
    let text = match figures::given(args) {
        true => figures::written(args)?,
        false => STARTER.to_owned(),
    };
    match &args.out {
        Some(file) => write(file, &text)?,
        None => say(text.as_bytes())?,
    }
    Ok(Exit::Answered)
}

/// Writes the scenario to a file that must not exist, and says so.
fn write(file: &Path, text: &str) -> Result<(), Failure> {
    create(file, text)?;
    let next = Line::new("run").files(&[file]);
    say(format!("{} is written; next: {next}\n", file.display()).as_bytes())
}

/// Writes a file that must not exist, so that nothing is overwritten.
pub(crate) fn create(file: &Path, text: &str) -> Result<(), Failure> {
    let label = |error| OutputError::new(file, error);
    let opened = OpenOptions::new().write(true).create_new(true).open(file);
    let mut opened = match opened {
        Ok(opened) => opened,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let message = "is already there, and is not overwritten";
            let help = "name a file that does not exist, or move this one away";
            let file = file.display();
            return Err(Failure::Message(format!(
                "{file} {message}\n  help: {help}"
            )));
        }
        Err(error) => return Err(label(error).into()),
    };
    opened.write_all(text.as_bytes()).map_err(label)?;
    Ok(())
}
