//! Manifests: what a study in a folder was asked, so that other processes can join it, and nothing else is taken
//! for it.

use std::fmt;
use std::fs;
use std::io;
use std::num::NonZeroUsize;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::kernel::random::{HASH, hashed};
use crate::output::folder::{OutputError, Pending, exclusive, remove_abandoned};
use crate::output::json as documents;
use crate::output::pieces::PieceFiles;
use crate::output::store::has_cells;

/// The file of a manifest.
pub(crate) const MANIFEST: &str = "manifest.json";

/// A manifest, in its words.
pub(crate) type Manifest = Map<String, Value>;

/// Keys that say what came of a study, or how its work is divided, and not what was asked.
const OF_THE_WORK: [&str; 5] = ["complete", "events", "budget_spent", "digest", "piece"];

/// Why a folder is not taken.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It holds a study that is not finished.
    Unfinished { done: String },
    /// It holds another study, which differs in this.
    Another(Vec<String>),
    /// It holds parts of a study and no manifest.
    Strange,
    /// It cannot be used.
    Disk(OutputError),
}

impl From<OutputError> for Refusal {
    fn from(error: OutputError) -> Self {
        Self::Disk(error)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unfinished { done } => write!(f, "holds an unfinished study: {done}"),
            Self::Another(differences) => {
                write!(f, "holds another study\n  {}", differences.join("\n  "))
            }
            Self::Strange => write!(
                f,
                "holds parts of a study, and no manifest that says of which"
            ),
            Self::Disk(error) => write!(f, "{error}"),
        }
    }
}

/// Joins the study of a manifest in a folder, or begins it there. Gives the manifest that is there then, which may
/// be that of a finished study. Other processes may join at the same time.
///
/// # Errors
/// If the folder holds another study, or cannot be written to.
pub(crate) fn join(
    folder: &Path,
    manifest: Manifest,
    piece: Option<usize>,
) -> Result<Manifest, Refusal> {
    // A problem with it is reported with the first file that it does not take.
    let _ = fs::create_dir_all(folder);
    let _guard = exclusive(folder);
    let Some(there) = manifest_of(folder)? else {
        if PieceFiles::has_any(folder) || has_cells(folder) {
            return Err(Refusal::Strange);
        }
        write(folder, &manifest)?;
        remove_abandoned(folder);
        return Ok(manifest);
    };
    let mut differences = differences(&manifest, &there);
    let other = there
        .get("piece")
        .filter(|there| piece.is_some_and(|piece| **there != json!(piece)));
    differences.extend(other.map(|it| difference("piece", Some(it), &json!(piece))));
    match differences.is_empty() {
        true => Ok(there),
        false => Err(Refusal::Another(differences)),
    }
}

/// The size of the pieces of a study that is not finished.
pub(crate) fn piece_of(manifest: &Manifest) -> Option<NonZeroUsize> {
    let piece = manifest.get("piece")?.as_u64()?;
    NonZeroUsize::new(usize::try_from(piece).ok()?)
}

/// Says in a manifest that its study is finished, and what came of it.
pub(crate) fn finish(manifest: &mut Manifest, (events, budget_spent, digest): (u64, u64, u64)) {
    manifest.remove("piece");
    let ended = [
        ("complete", json!(true)),
        ("events", json!(events)),
        ("budget_spent", json!(budget_spent)),
        ("digest", json!(documents::digest(digest))),
    ];
    manifest.extend(ended.map(|(key, value)| (key.to_owned(), value)));
}

/// Whether the study of a manifest is finished.
pub(crate) fn is_complete(manifest: &Manifest) -> bool {
    manifest.get("complete") == Some(&json!(true))
}

/// The manifest in a folder, if there is one.
pub(crate) fn manifest_of(folder: &Path) -> Result<Option<Manifest>, OutputError> {
    let path = folder.join(MANIFEST);
    let label = |error| OutputError::reading(&path, error);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error)
            if [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory].contains(&error.kind()) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(label(error)),
    };
    let read = serde_json::from_slice(&text).map_err(|error| label(io::Error::other(error)))?;
    Ok(Some(read))
}

/// What one manifest asks otherwise than another.
pub(crate) fn differences(manifest: &Manifest, there: &Manifest) -> Vec<String> {
    let asked = manifest.iter().filter(|(key, _)| is_asked(key));
    let others = asked.filter(|(key, value)| there.get(*key) != Some(value));
    others
        .map(|(key, value)| difference(key, there.get(key), value))
        .collect()
}

/// How two manifests differ at a key.
fn difference(key: &str, there: Option<&Value>, here: &Value) -> String {
    let short = |value: &Value| {
        let text = value.to_string();
        (text.chars().count() <= 60).then_some(text)
    };
    let there = there.unwrap_or(&Value::Null);
    match (short(there), short(here)) {
        (Some(there), Some(here)) => format!("{key}: {there} there, {here} asked for"),
        _ => format!("{key}: others there than asked for"),
    }
}

fn is_asked(key: &str) -> bool {
    !OF_THE_WORK.contains(&key)
}

/// A digest of what a manifest asks.
pub(crate) fn key(manifest: &Manifest) -> u64 {
    let asked = manifest.iter().filter(|(key, _)| is_asked(key));
    asked.fold(HASH, |hash, (key, value)| {
        hashed(hash, &format!("{key}:{value};"))
    })
}

/// Writes a manifest to its folder.
///
/// # Errors
/// If the disk does not take it.
pub(crate) fn write(folder: &Path, manifest: &Manifest) -> Result<(), OutputError> {
    let text = documents::text(&Value::Object(manifest.clone()));
    Pending::open(&folder.join(MANIFEST))?.write(&text)
}
