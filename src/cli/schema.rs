//! `drawdown schema`: the JSON Schema of scenario files, for editors.

use crate::cli::exit::Exit;
use crate::cli::{Failure, say};
use crate::output::{json, schema};

/// Answers the command.
pub(crate) fn schema() -> Result<Exit, Failure> {
    say(&json::text(&schema::schema()))?;
    Ok(Exit::Answered)
}
