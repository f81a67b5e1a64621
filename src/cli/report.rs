//! `drawdown report`: one page of results that were written before. The same page is the last file that
//! `--out` of other commands writes.

use std::path::{Path, PathBuf};

use crate::cli::args::ReportArgs;
use crate::cli::exit::Exit;
use crate::cli::{Failure, say};
use crate::output::folder::Folder;
use crate::output::report::page;

/// The file that the page is written to.
pub(crate) const NAME: &str = "report.html";

/// The documents that a page can be made of.
const DOCUMENTS: [&str; 5] = [
    "run.json",
    "ensemble.json",
    "compare.json",
    "size.json",
    "sweep.json",
];

/// Answers the command.
pub(crate) fn report(args: &ReportArgs) -> Result<Exit, Failure> {
    let document = document(&args.results)?;
    let folder = document.parent().unwrap_or(Path::new(""));
    let unreadable = |error| {
        let file = document.display();
        Failure::Told(format!("{file} cannot be read: {error}"))
    };
    let results = std::fs::read(&document).map_err(unreadable)?;
    let mut beside = |name: &str| std::fs::read_to_string(folder.join(name)).ok();
    let page = page(&results, &mut beside).map_err(|told| {
        let help = "write the results anew with `--out`";
        Failure::Told(format!("{}: {told}\n  help: {help}", document.display()))
    })?;
    Folder::open(folder, &[NAME])?.write(&[page])?;
    say(format!("{}\n", folder.join(NAME).display()).as_bytes())?;
    Ok(Exit::Answered)
}

/// The document that is meant: a file, or the only one in a folder.
fn document(results: &Path) -> Result<PathBuf, Failure> {
    if results.is_file() {
        return Ok(results.to_owned());
    }
    let told = results.display();
    let found = DOCUMENTS.map(|name| results.join(name));
    let found: Vec<PathBuf> = found.into_iter().filter(|file| file.is_file()).collect();
    match &found[..] {
        [document] => Ok(document.clone()),
        [] => Err(Failure::Told(format!(
            "{told} holds no results\n  help: name a folder that `--out` of run, ensemble, sweep, compare or \
             size has written"
        ))),
        several => {
            let names = several.iter().map(|file| file.display().to_string());
            let names: Vec<String> = names.collect();
            Err(Failure::Told(format!(
                "{told} holds the results of several commands\n  help: name one: {}",
                names.join(", ")
            )))
        }
    }
}

/// Writes the files of a command, and after them the page, whose name is the last.
pub(crate) fn write(
    folder: Folder,
    names: &[String],
    mut files: Vec<Vec<u8>>,
) -> Result<(), Failure> {
    let text = |name: &str| {
        let place = names.iter().position(|it| it == name)?;
        let content = files.get(place)?.clone();
        String::from_utf8(content).ok()
    };
    // The document comes first.
    let page = page(&files[0], &mut { text }).map_err(Failure::Told)?;
    files.push(page);
    Ok(folder.write(&files)?)
}
