//! `drawdown report`: the page of results that were written before, or an index of several. The page of a
//! study is the same as the one that `--out` of its command writes.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cli::args::ReportArgs;
use crate::cli::exit::Exit;
use crate::cli::{Failure, say};
use crate::output::folder::Pending;
use crate::output::report::index::{self, Entry};
use crate::output::report::{Report, html};
use crate::output::study::{self, Chart, DRAWINGS, Kind, PAGE, STUDIES};

/// The file of an index.
const INDEX: &str = "index.html";

/// Answers the command.
pub(crate) fn report(args: &ReportArgs) -> Result<Exit, Failure> {
    let results = &args.results;
    if let Some((document, kind)) = document(results)? {
        let folder = document.parent().unwrap_or(Path::new(""));
        let page = html::page(&read(&document, kind)?);
        write(&folder.join(PAGE), &page)?;
        return Ok(Exit::Answered);
    }
    let studies = studies(results)?;
    if studies.is_empty() {
        return Err(Failure::Message(format!(
            "{} holds no results\n  help: name a folder that `--out` of run, ensemble, sweep, compare or size has \
             written, or one that holds such folders",
            results.display()
        )));
    }
    let mut entries = Vec::new();
    for (folder, document, kind) in studies {
        let report = read(&document, kind)?;
        write_page(&folder, &report)?;
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        entries.push(Entry {
            page: format!("{name}/{PAGE}"),
            report,
        });
    }
    write(&results.join(INDEX), &index::page(&entries))?;
    Ok(Exit::Answered)
}

fn write(path: &Path, page: &str) -> Result<(), Failure> {
    Pending::open(path)?.write(page.as_bytes())?;
    say(format!("{}\n", path.display()).as_bytes())
}

fn write_page(folder: &Path, report: &Report) -> Result<(), Failure> {
    let path = folder.join(PAGE);
    Pending::open(&path)?.write(html::page(report).as_bytes())?;
    Ok(())
}

/// The folders of studies in a folder, in the order of their names, each with its document.
fn studies(folder: &Path) -> Result<Vec<(PathBuf, PathBuf, &'static Kind)>, Failure> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir()
            && let Some((document, kind)) = document(&path)?
        {
            found.push((path, document, kind));
        }
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(found)
}

/// The report of a document, with the drawings beside it.
fn read(document: &Path, kind: &Kind) -> Result<Report, Failure> {
    let bytes = |path: &Path| {
        fs::read(path).map_err(|error| {
            let file = path.display();
            Failure::Message(format!("{file} cannot be read: {error}"))
        })
    };
    let wrong = |text: String| {
        let help = "write the results again with `--out`";
        Failure::Message(format!("{}: {text}\n  help: {help}", document.display()))
    };
    let results = bytes(document)?;
    let drawings = document.with_file_name(DRAWINGS);
    let charts: Vec<Chart> = match drawings.exists() {
        true => study::drawings(&bytes(&drawings)?).map_err(wrong)?,
        false => Vec::new(),
    };
    let report = (kind.report)(&results, charts).map_err(wrong)?;
    if report.charts.len() != report.header.charts.len() {
        return Err(wrong(format!("its charts are missing from {DRAWINGS}")));
    }
    Ok(report)
}

/// The document that is meant: a file, or the only one in a folder; none where the folder has none.
fn document(results: &Path) -> Result<Option<(PathBuf, &'static Kind)>, Failure> {
    if results.is_file() {
        let name = results.file_name().unwrap_or_default().to_string_lossy();
        let kind = STUDIES.iter().find(|kind| kind.document() == name);
        let kind = kind.ok_or_else(|| {
            let names: Vec<String> = STUDIES.iter().map(Kind::document).collect();
            Failure::Message(format!(
                "{} is no document of results\n  help: name one of {}, or its folder",
                results.display(),
                names.join(", ")
            ))
        })?;
        return Ok(Some((results.to_owned(), kind)));
    }
    let found = STUDIES
        .iter()
        .map(|kind| (results.join(kind.document()), kind));
    let found: Vec<_> = found.filter(|(file, _)| file.is_file()).collect();
    match &found[..] {
        [] => Ok(None),
        [one] => Ok(Some(one.clone())),
        several => {
            let names = several.iter().map(|(file, _)| file.display().to_string());
            let names: Vec<String> = names.collect();
            Err(Failure::Message(format!(
                "{} holds the results of several commands\n  help: name one: {}",
                results.display(),
                names.join(", ")
            )))
        }
    }
}
