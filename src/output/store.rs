//! Where the cells of a sweep are kept: beside the manifest, in files of their own until all are
//! finished. Each appears whole or not at all, so that no interruption costs more than those in hand.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value, json};

use crate::output::claim::of_sweep;
use crate::output::csv::{lines, records, sweep_header};
use crate::output::folder::{OutputError, Pending, exclusive, remove_abandoned};
use crate::output::json as documents;
use crate::output::sweep::{Finished, Row, Totals};
use crate::scenario::vary::design::{CELLS_MAX, Plan};

/// A document is given in pieces of about so many bytes.
const PIECE: usize = 1 << 16;

/// Why a folder is not taken.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It holds a sweep that is not finished.
    Unfinished { done: usize, of: u64 },
    /// It holds another sweep, which differs in this.
    Another(Vec<String>),
    /// It holds cells and no manifest.
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
            Self::Unfinished { done, of } => {
                write!(
                    f,
                    "holds an unfinished sweep: {done} of {of} cells are done"
                )
            }
            Self::Another(differences) => {
                write!(f, "holds another sweep\n  {}", differences.join("\n  "))
            }
            Self::Strange => write!(f, "holds cells, and no manifest that says of what"),
            Self::Disk(error) => write!(f, "{error}"),
        }
    }
}

/// Where the cells of a sweep are kept.
#[derive(Debug)]
pub(crate) struct CellStore {
    manifest: Map<String, Value>,
    cells: usize,
    /// Columns of the axes and of the measures.
    header: Vec<String>,
    place: Place,
    ended: Option<Totals>,
}

#[derive(Debug)]
enum Place {
    Memory(Mutex<BTreeMap<usize, Finished>>),
    Folder(PathBuf),
}

impl CellStore {
    /// In memory, until the process ends.
    pub fn memory(plan: &Plan, manifest: Map<String, Value>) -> Self {
        let axes = plan.axes.iter().map(|axis| axis.path.as_str());
        let header = sweep_header(axes, plan.template.posterior.is_some());
        Self {
            manifest,
            cells: plan.len(),
            header: header.into_iter().map(str::to_owned).collect(),
            place: Place::Memory(Mutex::default()),
            ended: None,
        }
    }

    /// In a folder that holds no other sweep, and this one only if it is finished: then it is written again.
    ///
    /// # Errors
    /// If it holds something else, or cannot be written to.
    pub fn begin(
        folder: &Path,
        plan: &Plan,
        manifest: Map<String, Value>,
    ) -> Result<Self, Refusal> {
        // A problem with it is reported with the first file that it does not take.
        let _ = fs::create_dir_all(folder);
        let _guard = exclusive(folder);
        let there = manifest_of(folder)?;
        of_sweep(folder, there.as_ref())?;
        if let Some(there) = there {
            if !is_complete(&there) {
                let of = there.get("cells").and_then(Value::as_u64);
                let of = of.unwrap_or_default();
                let known = of.min(CELLS_MAX) as usize;
                let whole = (0..known).filter(|cell| read_cell(folder, *cell).is_some());
                return Err(Refusal::Unfinished {
                    done: whole.count(),
                    of,
                });
            }
            let differences = differences(&manifest, &there);
            if !differences.is_empty() {
                return Err(Refusal::Another(differences));
            }
        } else if has_cells(folder) {
            return Err(Refusal::Strange);
        }
        Self::open(folder, plan, manifest)
    }

    /// In a folder that holds this sweep, finished or not; one that holds none is begun. Other processes may
    /// go on with the same sweep at the same time.
    ///
    /// # Errors
    /// If it holds another sweep, or cannot be written to.
    pub fn resume(
        folder: &Path,
        plan: &Plan,
        manifest: Map<String, Value>,
    ) -> Result<Self, Refusal> {
        // A problem with it is reported with the first file that it does not take.
        let _ = fs::create_dir_all(folder);
        let _guard = exclusive(folder);
        let Some(there) = manifest_of(folder)? else {
            of_sweep(folder, None)?;
            if has_cells(folder) {
                return Err(Refusal::Strange);
            }
            return Self::open(folder, plan, manifest);
        };
        of_sweep(folder, Some(&there))?;
        let differences = differences(&manifest, &there);
        if !differences.is_empty() {
            return Err(Refusal::Another(differences));
        }
        if is_complete(&there) {
            let mut store = Self::memory(plan, there);
            store.ended = Totals::of(&store.manifest);
            store.place = Place::Folder(folder.to_owned());
            // What was interrupted between the last two steps of the end is made up for.
            store.clear();
            return Ok(store);
        }
        Self::open(folder, plan, manifest)
    }

    /// Writes the manifest and makes the folder of the cells, so that what cannot be written is reported before
    /// any work.
    fn open(folder: &Path, plan: &Plan, manifest: Map<String, Value>) -> Result<Self, Refusal> {
        let mut store = Self::memory(plan, manifest);
        store.place = Place::Folder(folder.to_owned());
        store.write_manifest(folder)?;
        remove_abandoned(folder);
        let cells = cells(folder);
        fs::create_dir_all(&cells).map_err(|error| OutputError::new(&cells, error))?;
        Ok(store)
    }

    fn write_manifest(&self, folder: &Path) -> Result<(), OutputError> {
        let text = documents::text(&Value::Object(self.manifest.clone()));
        Pending::open(&folder.join("manifest.json"))?.write(&text)
    }

    /// Cells that are not kept yet.
    pub fn missing(&self) -> Vec<usize> {
        let missing = |cell: &usize| match &self.place {
            _ if self.ended.is_some() => false,
            Place::Memory(kept) => !lock(kept).contains_key(cell),
            Place::Folder(folder) => read_cell(folder, *cell).is_none(),
        };
        (0..self.cells).filter(missing).collect()
    }

    /// Keeps a finished cell.
    ///
    /// # Errors
    /// If the disk does not take it; those that were kept before still are.
    pub fn keep(&self, cell: usize, finished: Finished) -> Result<(), OutputError> {
        match &self.place {
            Place::Memory(kept) => {
                lock(kept).insert(cell, finished);
                Ok(())
            }
            Place::Folder(folder) => {
                Pending::open(&file(folder, cell))?.write(&finished.file(cell))
            }
        }
    }

    /// Puts all cells together, once they are kept.
    ///
    /// # Errors
    /// If the disk does not take it; the cells are still kept then.
    pub fn end(&mut self) -> Result<Totals, OutputError> {
        if let Some(totals) = self.ended {
            return Ok(totals);
        }
        let folder = match &self.place {
            Place::Memory(kept) => {
                let mut totals = Totals::default();
                lock(kept).values().for_each(|it| totals.add(it.totals()));
                self.finish(totals);
                return Ok(totals);
            }
            Place::Folder(folder) => folder.clone(),
        };
        let _guard = exclusive(&folder);
        // Another process may have been faster, and has then taken the cells away.
        let there = manifest_of(&folder)?
            .filter(|there| is_complete(there) && differences(&self.manifest, there).is_empty());
        let totals = match there.as_ref().and_then(Totals::of) {
            Some(totals) => totals,
            None => self.tabulate(&folder)?,
        };
        self.finish(totals);
        self.write_manifest(&folder)?;
        self.clear();
        Ok(totals)
    }

    /// Writes the rows of all cells into one table.
    fn tabulate(&self, folder: &Path) -> Result<Totals, OutputError> {
        let mut totals = Totals::default();
        let table = Pending::open(&folder.join("sweep.csv"))?;
        let table = table.fill(|table| {
            table.write_all(&lines(std::iter::once(self.header.clone())))?;
            for cell in 0..self.cells {
                let torn = || io::Error::other(format!("cell {cell} is gone"));
                let finished = read_cell(folder, cell).ok_or_else(torn)?;
                totals.add(finished.totals());
                table.write_all(finished.rows())?;
            }
            Ok(())
        })?;
        table.place()?;
        Ok(totals)
    }

    /// Says in the manifest that all cells are put together.
    fn finish(&mut self, totals: Totals) {
        let ended = [
            ("complete", json!(true)),
            ("events", json!(totals.events)),
            ("budget_spent", json!(totals.budget_spent)),
            ("digest", json!(documents::digest(totals.digest))),
        ];
        self.manifest
            .extend(ended.map(|(key, value)| (key.to_owned(), value)));
        self.ended = Some(totals);
    }

    /// Takes the files of the cells away, and what was left of those that were interrupted.
    fn clear(&self) {
        let Place::Folder(folder) = &self.place else {
            return;
        };
        let cells = cells(folder);
        remove_abandoned(folder);
        remove_abandoned(&cells);
        if cells.is_dir() {
            for cell in 0..self.cells {
                let _ = fs::remove_file(file(folder, cell));
            }
        }
        // Where something else lies in it, it stays.
        let _ = fs::remove_dir(cells);
    }

    /// What was asked.
    pub fn manifest(&self) -> &Map<String, Value> {
        &self.manifest
    }

    /// Gives the manifest and all rows as one JSON document, piece by piece.
    ///
    /// # Errors
    /// If they cannot be read, or with the error of `give`.
    pub fn document<E: From<OutputError>>(
        &self,
        mut give: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let manifest = documents::text(&Value::Object(self.manifest.clone()));
        let open = manifest.strip_suffix(b"\n}\n").expect("a map ends so");
        let mut piece = [open, b",\n  \"rows\": ["].concat();
        let mut between = "\n    ";
        self.rows(|row| {
            piece.extend_from_slice(between.as_bytes());
            between = ",\n    ";
            piece.extend_from_slice(row.document().to_string().as_bytes());
            if piece.len() < PIECE {
                return Ok(());
            }
            give(&std::mem::take(&mut piece))
        })?;
        piece.extend_from_slice(b"\n  ]\n}\n");
        give(&piece)
    }

    /// Calls `see` with each row, cell by cell, once all are put together.
    ///
    /// # Errors
    /// If they cannot be read, or with the error of `see`.
    pub fn rows<E: From<OutputError>>(
        &self,
        mut see: impl FnMut(&Row<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut each = |table: &mut dyn Read, path: &Path, header: usize| -> Result<(), E> {
            let label = |error| OutputError::reading(path, error);
            for record in records(table).skip(header) {
                let record = record.map_err(label)?;
                let row = Row::read(&self.header, &record);
                see(&row.ok_or_else(|| label(io::Error::other("it is no table of this sweep")))?)?;
            }
            Ok(())
        };
        match &self.place {
            Place::Memory(kept) => {
                let mut kept = lock(kept);
                kept.values_mut()
                    .try_for_each(|it| each(&mut it.rows(), Path::new(""), 0))
            }
            Place::Folder(folder) => {
                let path = folder.join("sweep.csv");
                let label = |error| OutputError::reading(&path, error);
                let table = File::open(&path).map_err(label)?;
                each(&mut BufReader::new(table), &path, 1)
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn cells(folder: &Path) -> PathBuf {
    folder.join("cells")
}

/// Whether a folder holds anything where the cells of a sweep go.
fn has_cells(folder: &Path) -> bool {
    fs::read_dir(cells(folder)).is_ok_and(|mut files| files.next().is_some())
}

fn file(folder: &Path, cell: usize) -> PathBuf {
    cells(folder).join(format!("{cell:05}.csv"))
}

fn read_cell(folder: &Path, cell: usize) -> Option<Finished> {
    Finished::read(cell, &fs::read(file(folder, cell)).ok()?)
}

/// Whether the sweep of a manifest is finished.
fn is_complete(manifest: &Map<String, Value>) -> bool {
    manifest.get("complete") == Some(&json!(true))
}

/// The manifest in a folder, if there is one.
fn manifest_of(folder: &Path) -> Result<Option<Map<String, Value>>, OutputError> {
    let path = folder.join("manifest.json");
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
fn differences(manifest: &Map<String, Value>, there: &Map<String, Value>) -> Vec<String> {
    let others = manifest
        .iter()
        .filter(|(key, value)| *key != "complete" && there.get(*key) != Some(value));
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
