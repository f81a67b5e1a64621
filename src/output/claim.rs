//! Whose a folder is. A command writes to an empty folder, or over its own results of the same study: the
//! same scenario file, variant, changes and question, whatever the file says by now and however many
//! replications are run. It overwrites nothing else, and leaves nothing of its own beside new results.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::kernel::random::{HASH, hashed};
use crate::output::folder::OutputError;
use crate::output::json::digest;
use crate::output::manifest::{MANIFEST, manifest_of};
use crate::output::study::{DRAWINGS, Kind, PAGE, STUDIES};

/// The most of a trace that is read: what it is about stands at its beginning.
const HEAD: u64 = 1 << 16;

/// Where events begin in a trace.
const EVENTS: &str = ",\"traceEvents\":";

/// What a trace writes.
const TRACE: [&str; 2] = ["trace.json", "events.csv"];

/// What a calibration keeps in its folder.
pub(crate) const GENERATION: &str = "generation.json";

/// The table of a sweep as Parquet.
pub(crate) const PARQUET: &str = "sweep.parquet";

/// What a sweep keeps in its folder, besides charts. Its manifest says whose they are.
const SWEEP: [&str; 7] = [
    MANIFEST,
    "sweep.csv",
    PARQUET,
    "sweep.json",
    PAGE,
    DRAWINGS,
    "cells",
];

/// The identity of a study whose results are written to `out`: scenario files, by their places relative to
/// that folder, and the flags that make the question. A study can be moved together with its results, and
/// asked for from any folder.
pub(crate) fn study(out: &Path, files: &[&Path], flags: &[String]) -> String {
    let files: Vec<Vec<String>> = files.iter().map(|file| relative(out, file)).collect();
    digest(hashed(HASH, &json!([files, flags]).to_string()))
}

/// The parts of a path, seen from a folder.
fn relative(folder: &Path, path: &Path) -> Vec<String> {
    let (folder, path) = (plain(folder), plain(path));
    let (from, to): (Vec<_>, Vec<_>) = (folder.iter().collect(), path.iter().collect());
    let common = from.iter().zip(&to).take_while(|(one, other)| one == other);
    let common = common.count();
    let up = from[common..].iter().map(|_| "..".to_owned());
    let down = to[common..].iter();
    up.chain(down.map(|part| part.to_string_lossy().into_owned()))
        .collect()
}

/// An absolute path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(plain.pop()),
            _ => plain.push(part),
        }
    }
    plain
}

/// Who writes to a folder, and about what.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    command: &'static str,
    /// The identity of the study; absent for a sweep, whose manifest has been compared.
    study: Option<String>,
}

impl Claim {
    /// The claim of a command on the folder of its results.
    pub fn new(command: &'static str, study: Option<&str>) -> Self {
        Self {
            command,
            study: study.map(str::to_owned),
        }
    }

    /// Files that the command writes, besides charts.
    pub fn names(&self) -> Vec<String> {
        files_of(self.command)
    }

    /// The document that says whose the files are.
    pub fn document_name(&self) -> String {
        format!("{}.json", self.command)
    }

    /// Files that this command wrote earlier, and does not write now.
    ///
    /// # Errors
    /// If the folder holds something else.
    pub fn stale(&self, folder: &Path, names: &[String]) -> Result<Vec<String>, OutputError> {
        let there = entries(folder)?;
        let document = self.document(folder);
        let own = match &document {
            Some(document) => [names, &self.of_study(folder, document)?[..]].concat(),
            None => Vec::new(),
        };
        let kept = self.beside(folder, names)?;
        let known = |name: &&String| own.contains(name) || kept.contains(name);
        if let Some(name) = there.iter().find(|name| !known(name)) {
            return Err(self.taken(folder, &there, name));
        }
        let stale = there.into_iter();
        let stale = stale.filter(|name| !names.contains(name) && !kept.contains(name));
        Ok(stale.collect())
    }

    /// The charts of a document, if it is about the same study.
    fn of_study(&self, folder: &Path, document: &Value) -> Result<Vec<String>, OutputError> {
        let study = self.study.as_deref();
        if study.is_none_or(|study| text(document, "study") == Some(study)) {
            return Ok(charts(document).into_iter().collect());
        }
        let command = format!("drawdown {}", self.command);
        let line = text(document, "reproduce").unwrap_or(&command);
        let scenario = text(document, "scenario").unwrap_or_default();
        let label = format!("results of another study, `{line}` (scenario `{scenario}`)");
        Err(OutputError::taken(folder, label))
    }

    /// What may lie beside the files of this command. What a sweep keeps is looked at before it begins; a
    /// trace and a run show one replication, under names that differ.
    fn beside(&self, folder: &Path, names: &[String]) -> Result<Vec<String>, OutputError> {
        let other = match self.command {
            "sweep" => return Ok([names, &SWEEP.map(str::to_owned)].concat()),
            "calibrate" => return Ok(vec![GENERATION.to_owned()]),
            // It is there before the first results of an ensemble that several processes share.
            "ensemble" => {
                let there = manifest_of(folder)?;
                let own = there.is_some_and(|it| it.get("command") == Some(&json!("ensemble")));
                return Ok(own.then(|| MANIFEST.to_owned()).into_iter().collect());
            }
            "run" => "trace",
            "trace" => "run",
            _ => return Ok(Vec::new()),
        };
        let other = Self::new(other, self.study.as_deref());
        let Some(document) = other.document(folder) else {
            return Ok(Vec::new());
        };
        let mut kept = other.of_study(folder, &document)?;
        kept.extend(other.names());
        Ok(kept)
    }

    /// What is said of a file that this command has not written.
    fn taken(&self, folder: &Path, there: &BTreeSet<String>, name: &str) -> OutputError {
        let mut others = STUDIES.iter().map(|kind| kind.command).chain(["trace"]);
        let other = others.find(|other| {
            *other != self.command && there.contains(&format!("{other}.json"))
                || *other == "sweep" && self.command != "sweep" && there.contains(MANIFEST)
        });
        let label = match other {
            Some(other) => format!("results of `drawdown {other}`"),
            None => format!("`{name}`, which `drawdown {}` did not write", self.command),
        };
        OutputError::taken(folder, label)
    }

    /// The document of this command's earlier results, if there is one.
    fn document(&self, folder: &Path) -> Option<Value> {
        let path = folder.join(self.document_name());
        let document: Value = match self.command {
            "trace" => head(&path).ok()?,
            _ => serde_json::from_slice(&fs::read(path).ok()?).ok()?,
        };
        let engine = text(&document, "engine")?.starts_with("drawdown ");
        let command = text(&document, "command").unwrap_or(self.command);
        (engine && command == self.command).then_some(document)
    }
}

/// Files that a command writes, besides charts.
fn files_of(command: &str) -> Vec<String> {
    let of_study = |kind: &Kind| {
        let names = |name: &&str| [(*name).to_owned(), name.replace(".csv", ".parquet")];
        let tables = kind.tables.iter().flat_map(names);
        let rest = [PAGE, DRAWINGS].map(str::to_owned);
        let document = std::iter::once(kind.document());
        document.chain(tables).chain(rest).collect()
    };
    let kind = STUDIES.iter().find(|kind| kind.command == command);
    kind.map_or_else(|| TRACE.map(str::to_owned).to_vec(), of_study)
}

/// The text under a key.
fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str()
}

/// Names of files in a folder. Folders below it are left alone, and what begins with a dot belongs to tools.
fn entries(folder: &Path) -> Result<BTreeSet<String>, OutputError> {
    let found = match fs::read_dir(folder) {
        Ok(found) => found,
        Err(error)
            if [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory].contains(&error.kind()) =>
        {
            return Ok(BTreeSet::new());
        }
        Err(error) => return Err(OutputError::new(folder, error)),
    };
    let mut names = BTreeSet::new();
    for entry in found {
        let entry = entry.map_err(|error| OutputError::new(folder, error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let below = entry.file_type().is_ok_and(|it| it.is_dir());
        if !below && !name.starts_with('.') {
            names.insert(name);
        }
    }
    Ok(names)
}

/// The files of the charts that a document names.
fn charts(document: &Value) -> BTreeSet<String> {
    let charts = document.get("charts").and_then(Value::as_array);
    let charts = charts.into_iter().flatten();
    let charts = charts.filter_map(|chart| text(chart, "file"));
    let both = charts.flat_map(|svg| {
        let png = svg.strip_suffix(".svg").map(|stem| format!("{stem}.png"));
        [Some(svg.to_owned()), png]
    });
    both.flatten().collect()
}

/// What a trace is about.
fn head(path: &Path) -> io::Result<Value> {
    let mut bytes = Vec::new();
    File::open(path)?.take(HEAD).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let (head, _) = text.split_once(EVENTS).unwrap_or_default();
    let head: Value = serde_json::from_str(&format!("{head}}}"))?;
    Ok(head["otherData"].clone())
}

/// Looks whether a folder holds nothing but a sweep, or cells of one.
///
/// # Errors
/// If it holds something else.
pub(crate) fn of_sweep(folder: &Path) -> Result<(), OutputError> {
    // Another process may begin the sweep at this moment: what is listed first was there, and its manifest too.
    let there = entries(folder)?;
    let manifest = manifest_of(folder)?;
    let claim = Claim::new("sweep", None);
    let charts = claim.document(folder).as_ref().map(charts);
    let charts = charts.unwrap_or_default();
    let known = |name: &str| match manifest.as_ref().is_some_and(is_ours) {
        true => SWEEP.contains(&name) || charts.contains(name),
        false => name == "cells",
    };
    match there.iter().find(|name| !known(name)) {
        Some(name) => Err(claim.taken(folder, &there, name)),
        None => Ok(()),
    }
}

/// Whether a manifest is of a sweep that drawdown wrote.
fn is_ours(manifest: &Map<String, Value>) -> bool {
    let engine = manifest.get("engine").and_then(Value::as_str);
    let sweep = !manifest.contains_key("command");
    sweep && engine.is_some_and(|engine| engine.starts_with("drawdown "))
}
