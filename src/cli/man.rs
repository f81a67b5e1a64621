//! `drawdown man`: the manual, a page for each command. The only file that knows `clap_mangen`.

use clap_mangen::Man;

use crate::cli::args::clap_command::Command;
use crate::cli::args::{ManArgs, described};
use crate::cli::deliver::wrote;
use crate::cli::exit::Exit;
use crate::cli::{Failure, say};
use crate::output::folder::write_beside;

/// Answers the command.
pub(crate) fn man(args: &ManArgs) -> Result<Exit, Failure> {
    let mut command = described();
    // Building gives each subcommand the name that it is called by: `drawdown run`.
    command.build();
    let Some(out) = &args.out else {
        say(&page(&command))?;
        return Ok(Exit::Answered);
    };
    let subcommands = command.get_subcommands().filter(|it| !it.is_hide_set());
    let commands: Vec<&Command> = std::iter::once(&command).chain(subcommands).collect();
    let names: Vec<String> = commands
        .iter()
        .map(|it| format!("{}.1", title(it)))
        .collect();
    // Other manuals lie in the same folder.
    write_beside(
        out,
        names.iter().cloned().zip(commands.into_iter().map(page)),
    )?;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    wrote(out, &names);
    Ok(Exit::Answered)
}

/// What the page of a command is called: `drawdown-run`.
fn title(command: &Command) -> String {
    let name = command.get_display_name();
    name.unwrap_or_else(|| command.get_name()).to_owned()
}

fn page(command: &Command) -> Vec<u8> {
    let mut page = Vec::new();
    let rendered = Man::new(command.clone())
        .title(title(command))
        .source(concat!("drawdown ", env!("CARGO_PKG_VERSION")))
        .render(&mut page);
    rendered.expect("memory takes what is written to it");
    page
}
