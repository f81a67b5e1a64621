//! `drawdown report`: one page of results that were written before. The same page is the last file that
//! `--out` of other commands writes.

use std::path::{Path, PathBuf};

use crate::cli::args::ReportArgs;
use crate::cli::exit::Exit;
use crate::cli::{Failure, remark, say};
use crate::output::folder::{Folder, Pending};
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
    Pending::open(&folder.join(NAME))?.write(&page)?;
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

/// Writes the files of a command, and after them the page, whose name is the last; and says what is in the
/// folder then, with what was kept there before.
pub(crate) fn write(folder: Folder, mut files: Vec<Vec<u8>>, kept: &[&str]) -> Result<(), Failure> {
    let names = folder.names().to_vec();
    let text = |name: &str| {
        let place = names.iter().position(|it| it == name)?;
        let content = files.get(place)?.clone();
        String::from_utf8(content).ok()
    };
    // The document comes first.
    let page = page(&files[0], &mut { text }).map_err(Failure::Told)?;
    files.push(page);
    let out = folder.path().to_owned();
    folder.write(&files)?;
    let kept = kept.iter().copied();
    let all: Vec<&str> = kept.chain(names.iter().map(String::as_str)).collect();
    wrote(&out, &all);
    Ok(())
}

/// Says which files a folder holds now. Charts are counted, since a large scenario has a hundred of them.
pub(crate) fn wrote(out: &Path, names: &[&str]) {
    let is_chart = |name: &&str| name.ends_with(".svg") || name.ends_with(".png");
    let (charts, mut told): (Vec<&str>, Vec<&str>) = names.iter().partition(|name| is_chart(name));
    let drawn = charts.iter().filter(|name| name.ends_with(".svg")).count();
    let drawn = match drawn {
        1 => "1 chart".to_owned(),
        _ => format!("{drawn} charts"),
    };
    told.extend((!charts.is_empty()).then_some(&drawn[..]));
    remark(&format!("wrote to {}: {}", out.display(), told.join(", ")));
}
