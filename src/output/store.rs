//! Where the cells of a sweep are kept: beside the manifest, in files of their own until all are
//! finished. Each appears whole or not at all, so that no interruption costs more than those in hand.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use crate::output::claim::of_sweep;
use crate::output::csv::{lines, records, sweep_header};
use crate::output::folder::{OutputError, Pending, exclusive, remove_abandoned};
use crate::output::json as documents;
use crate::output::manifest::{
    Manifest, Refusal, differences, finish, is_complete, join, key, manifest_of, piece_of, write,
};
use crate::output::pieces::PieceFiles;
use crate::output::sweep::{Finished, Row, Totals};
use crate::scenario::vary::design::{CELLS_MAX, Plan};

/// The end of a cell's file is not longer (bytes).
const END_MAX: u64 = 200;

/// A document is given in pieces of about so many bytes.
const PIECE: usize = 1 << 16;

/// Where the cells of a sweep are kept.
#[derive(Debug)]
pub(crate) struct CellStore {
    manifest: Manifest,
    cells: usize,
    /// Columns of the axes and of the measures.
    header: Vec<String>,
    /// A digest of what is asked.
    key: u64,
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
    pub fn memory(plan: &Plan, manifest: Manifest) -> Self {
        let axes = plan.axes.iter().map(|axis| axis.path.as_str());
        let header = sweep_header(axes, plan.template.posterior.is_some());
        Self {
            key: key(&manifest),
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
    pub fn begin(folder: &Path, plan: &Plan, manifest: Manifest) -> Result<Self, Refusal> {
        // A problem with it is reported with the first file that it does not take.
        let _ = fs::create_dir_all(folder);
        let _guard = exclusive(folder);
        of_sweep(folder)?;
        if let Some(there) = manifest_of(folder)? {
            if !is_complete(&there) {
                let of = there.get("cells").and_then(Value::as_u64);
                let of = of.unwrap_or_default();
                let known = of.min(CELLS_MAX) as usize;
                let key = key(&there);
                let whole = |cell: &usize| read_cell(folder, *cell, key).is_some();
                let done = (0..known).filter(whole).count();
                let done = format!("{done} of {of} cells are done");
                return Err(Refusal::Unfinished { done });
            }
            let differences = differences(&manifest, &there);
            if !differences.is_empty() {
                return Err(Refusal::Another(differences));
            }
        } else if has_cells(folder) || PieceFiles::has_any(folder) {
            return Err(Refusal::Strange);
        }
        write(folder, &manifest)?;
        remove_abandoned(folder);
        Self::open(folder, plan, manifest)
    }

    /// In a folder that holds this sweep, finished or not; one that holds none is begun. Other processes may
    /// go on with the same sweep at the same time.
    ///
    /// # Errors
    /// If it holds another sweep, or cannot be written to.
    pub fn join(
        folder: &Path,
        plan: &Plan,
        manifest: Manifest,
        piece: Option<usize>,
    ) -> Result<Self, Refusal> {
        {
            // A process that ends removes old charts before it writes the document that names the new ones.
            let _guard = exclusive(folder);
            of_sweep(folder)?;
        }
        let there = join(folder, manifest, piece)?;
        if !is_complete(&there) {
            return Self::open(folder, plan, there);
        }
        let mut store = Self::memory(plan, there);
        store.ended = Totals::of(&store.manifest);
        store.place = Place::Folder(folder.to_owned());
        // What was interrupted between the last two steps of the end is made up for.
        store.clear();
        Ok(store)
    }

    /// Makes the folder of the cells, so that what cannot be written is reported before any work.
    fn open(folder: &Path, plan: &Plan, manifest: Manifest) -> Result<Self, Refusal> {
        let mut store = Self::memory(plan, manifest);
        store.place = Place::Folder(folder.to_owned());
        let cells = cells(folder);
        fs::create_dir_all(&cells).map_err(|error| OutputError::new(&cells, error))?;
        Ok(store)
    }

    /// The size of pieces, where the folder says so.
    pub fn piece(&self) -> Option<NonZeroUsize> {
        piece_of(&self.manifest)
    }

    /// The files of pieces of cells, in a folder.
    pub fn pieces(&self) -> Option<PieceFiles> {
        match &self.place {
            Place::Memory(_) => None,
            Place::Folder(folder) => Some(PieceFiles::new(folder, self.key)),
        }
    }

    /// Whether all cells are put together.
    pub fn is_complete(&self) -> bool {
        self.ended.is_some()
    }

    /// Cells that are not kept yet.
    pub fn missing(&self) -> Vec<usize> {
        let missing = |cell: &usize| match &self.place {
            _ if self.ended.is_some() => false,
            Place::Memory(kept) => !lock(kept).contains_key(cell),
            Place::Folder(folder) => read_cell(folder, *cell, self.key).is_none(),
        };
        (0..self.cells).filter(missing).collect()
    }

    /// The same; the files of those that are torn are removed, so that shards run them again.
    pub fn missing_or_torn(&self) -> Vec<usize> {
        let missing = self.missing();
        if let Place::Folder(folder) = &self.place {
            for cell in missing.iter().filter(|cell| is_kept(folder, **cell)) {
                let _ = fs::remove_file(file(folder, *cell));
            }
        }
        missing
    }

    /// Whether a cell seems to be kept, by the end of its file: enough for one of many processes, since torn files are
    /// removed when all cells are put together.
    pub fn seems_kept(&self, cell: usize) -> bool {
        match &self.place {
            _ if self.ended.is_some() => true,
            Place::Memory(kept) => lock(kept).contains_key(&cell),
            Place::Folder(folder) => is_kept(folder, cell),
        }
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
                Pending::open(&file(folder, cell))?.write(&finished.file(cell, self.key))
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
        write(&folder, &self.manifest)?;
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
                let finished = read_cell(folder, cell, self.key).ok_or_else(torn)?;
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
        let came = (totals.events, totals.budget_spent, totals.digest);
        finish(&mut self.manifest, came);
        self.ended = Some(totals);
    }

    /// Takes the files of the cells away, and what was left of those that were interrupted.
    fn clear(&self) {
        let Place::Folder(folder) = &self.place else {
            return;
        };
        PieceFiles::new(folder, self.key).remove_all(self.cells);
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
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Names of the columns of its rows.
    #[cfg(feature = "parquet")]
    pub fn columns(&self) -> &[String] {
        &self.header
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
pub(crate) fn has_cells(folder: &Path) -> bool {
    fs::read_dir(cells(folder)).is_ok_and(|mut files| files.next().is_some())
}

fn file(folder: &Path, cell: usize) -> PathBuf {
    cells(folder).join(format!("{cell:05}.csv"))
}

fn read_cell(folder: &Path, cell: usize, key: u64) -> Option<Finished> {
    Finished::read(cell, key, &fs::read(file(folder, cell)).ok()?)
}

/// Whether the file of a cell ends as it should.
fn is_kept(folder: &Path, cell: usize) -> bool {
    let end = || -> io::Result<String> {
        let mut file = File::open(file(folder, cell))?;
        let size = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(size.saturating_sub(END_MAX)))?;
        let mut end = Vec::new();
        file.read_to_end(&mut end)?;
        Ok(String::from_utf8_lossy(&end).into_owned())
    };
    let end = end().unwrap_or_default();
    let last = end.strip_suffix('\n').and_then(|it| it.lines().last());
    last.is_some_and(|last| last.starts_with("end,"))
}
