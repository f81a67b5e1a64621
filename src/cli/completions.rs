//! `drawdown completions`: what a shell must know to complete commands and flags. The only file that
//! knows `clap_complete`.

use clap_complete::{Shell as Generator, generate};

use crate::cli::args::{CompletionsArgs, Shell, described};
use crate::cli::exit::Exit;
use crate::cli::{Failure, say};

/// Answers the command.
pub(crate) fn completions(args: &CompletionsArgs) -> Result<Exit, Failure> {
    let shell = match args.shell {
        Shell::Bash => Generator::Bash,
        Shell::Zsh => Generator::Zsh,
        Shell::Fish => Generator::Fish,
        Shell::Powershell => Generator::PowerShell,
        Shell::Elvish => Generator::Elvish,
    };
    let mut script = Vec::new();
    generate(shell, &mut described(), "drawdown", &mut script);
    say(&script)?;
    Ok(Exit::Answered)
}
