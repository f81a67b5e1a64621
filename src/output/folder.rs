//! Files that are opened first and appear last: a run that is interrupted leaves no half of one, and two
//! that write to one folder never write to the same file.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::output::claim::Claim;

/// What went wrong with a file.
#[derive(Debug)]
pub struct OutputError {
    path: PathBuf,
    fault: Fault,
}

#[derive(Debug)]
enum Fault {
    Reading(io::Error),
    Writing(io::Error),
    /// A folder holds other files.
    Taken(String),
    /// A file is where a folder should be.
    File,
}

impl OutputError {
    /// What went wrong as a file was written.
    pub(crate) fn new(path: &Path, error: impl Into<io::Error>) -> Self {
        Self::with(path, Fault::Writing(error.into()))
    }

    /// What went wrong as an earlier result was read.
    pub(crate) fn reading(path: &Path, error: impl Into<io::Error>) -> Self {
        Self::with(path, Fault::Reading(error.into()))
    }

    /// A folder that may not be written to, because of what it holds.
    pub(crate) fn taken(path: &Path, holds: String) -> Self {
        Self::with(path, Fault::Taken(holds))
    }

    fn with(path: &Path, fault: Fault) -> Self {
        let path = path.to_owned();
        Self { path, fault }
    }
}

impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        let (text, help) = match &self.fault {
            Fault::Reading(error) => (
                format!("cannot be read: {error}"),
                "choose another folder, or start again",
            ),
            Fault::Writing(error) => (
                format!("cannot be written: {error}"),
                "choose a path that you may write to, on a disk with room",
            ),
            Fault::File => (
                "is a file, not a folder; nothing was written".to_owned(),
                "choose another path: folders are made where there is nothing",
            ),
            Fault::Taken(holds) => (
                format!("holds {holds}; nothing was written"),
                "choose another folder for `--out`, or move away what is there",
            ),
        };
        write!(f, "{path} {text}\n  help: {help}")
    }
}

impl std::error::Error for OutputError {}

/// What the names of temporary files begin and end with. A leading dot keeps them out of listings.
const TEMPORARY: (&str, &str) = (".drawdown-", ".part");

/// How often a name, or a folder that another process removes, is tried again.
const TRIES: usize = 1_000;

/// A file under a temporary name that no other process uses.
#[derive(Debug)]
pub(crate) struct Pending {
    path: PathBuf,
    temporary: PathBuf,
    file: BufWriter<File>,
}

impl Pending {
    /// Opens a file, making the folders above it.
    ///
    /// # Errors
    /// If it cannot be opened for writing.
    pub fn open(path: &Path) -> Result<Self, OutputError> {
        let text = |error| OutputError::new(path, error);
        refuse_folder(path)?;
        let parent = path.parent();
        let parent = parent.filter(|folder| !folder.as_os_str().is_empty());
        let folder = parent.unwrap_or(Path::new("."));
        if folder.is_file() {
            return Err(OutputError::with(folder, Fault::File));
        }
        let mut last = io::Error::other("no temporary name is free");
        for _ in 0..TRIES {
            fs::create_dir_all(folder).map_err(text)?;
            let temporary = parent.unwrap_or(Path::new("")).join(temporary_name());
            match create(&temporary) {
                Ok(Some(file)) => {
                    return Ok(Self {
                        path: path.to_owned(),
                        temporary,
                        file: BufWriter::new(file),
                    });
                }
                Ok(None) => {}
                // Another process has ended, and taken the empty folder with it.
                Err(error) if error.kind() == io::ErrorKind::NotFound => last = error,
                Err(error) => return Err(text(error)),
            }
        }
        Err(text(last))
    }

    /// Writes the content, and gives the file its name.
    ///
    /// # Errors
    /// If the disk does not take it; the file that was there before is then still there.
    pub fn write(self, content: &[u8]) -> Result<(), OutputError> {
        self.fill(|file| file.write_all(content))?.place()
    }

    /// Writes content that need not be in memory at once, still under the temporary name.
    ///
    /// # Errors
    /// If the disk does not take it, or if the content cannot be had.
    pub fn fill(
        mut self,
        content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<Self, OutputError> {
        let written = content(&mut self.file).and_then(|()| self.file.flush());
        let written = written.and_then(|()| self.file.get_ref().sync_all());
        match written {
            Ok(()) => Ok(self),
            Err(error) => Err(OutputError::new(&self.path, error)),
        }
    }

    /// Gives a file that is written its name. A link of that name is replaced, not followed.
    ///
    /// # Errors
    /// If it cannot be renamed.
    pub fn place(self) -> Result<(), OutputError> {
        fs::rename(&self.temporary, &self.path).map_err(|error| OutputError::new(&self.path, error))
    }
}

impl Drop for Pending {
    /// Leaves no temporary file behind. Where it has been renamed there is none to remove.
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.temporary);
    }
}

/// A name that differs between machines, processes and calls.
fn temporary_name() -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let host = gethostname::gethostname();
    let host = host.to_string_lossy();
    let host: String = host
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(40)
        .collect();
    let (begin, end) = TEMPORARY;
    let (process, count) = (std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed));
    format!("{begin}{host}-{process}-{count}{end}")
}

/// A file that was not there before, locked while this process has it open; nothing where the name is taken.
fn create(temporary: &Path) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    let file = match options.write(true).create_new(true).open(temporary) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
        Err(error) => return Err(error),
    };
    // Between the two calls another process may take the file for one that was left behind.
    if let Err(fs::TryLockError::WouldBlock) = file.try_lock() {
        return Ok(None);
    }
    Ok(temporary.exists().then_some(file))
}

/// Removes temporary files whose processes were killed: their locks are free.
pub(crate) fn remove_abandoned(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let regular = entry.file_type().is_ok_and(|it| it.is_file());
        if !regular || !is_temporary(&name) {
            continue;
        }
        // Some systems lock only what is open for writing.
        let file = OpenOptions::new().write(true).open(entry.path());
        if file.is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether a file is one that has not got its name yet.
pub(crate) fn is_temporary(name: &str) -> bool {
    name.starts_with(TEMPORARY.0) && name.ends_with(TEMPORARY.1)
}

/// Waits until no other process changes what a folder holds; until the guard is dropped, none does. Where
/// the system locks no folders, files still appear whole.
pub(crate) fn exclusive(folder: &Path) -> Option<File> {
    let file = File::open(folder).ok()?;
    file.lock().ok()?;
    Some(file)
}

/// The content of a file: in memory, or written as it is made where it is large.
pub(crate) enum Content<'a> {
    Bytes(Vec<u8>),
    Written(Box<Writing<'a>>),
}

/// Writes the content of a file.
type Writing<'a> = dyn Fn(&mut dyn Write) -> io::Result<()> + 'a;

impl From<Vec<u8>> for Content<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl Content<'_> {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Bytes(bytes) if bytes.is_empty())
    }

    fn write(&self, to: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Bytes(bytes) => to.write_all(bytes),
            Self::Written(write) => write(to),
        }
    }
}

/// The folder of one command's results.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    claim: Claim,
    /// A file that shows that the folder can be written to.
    _probe: Pending,
}

impl Folder {
    /// Makes the folder if it is not there, and tries to write to it.
    ///
    /// # Errors
    /// If the folder holds what this command has not written, or cannot be written to; nothing is then left
    /// behind.
    pub fn open(path: &Path, claim: Claim) -> Result<Self, OutputError> {
        {
            // A process that ends removes old charts before it writes the document that names the new ones.
            let _guard = exclusive(path);
            claim.stale(path, &claim.names())?;
        }
        for name in claim.names() {
            refuse_folder(&path.join(name))?;
        }
        Ok(Self {
            _probe: Pending::open(&path.join(claim.document_name()))?,
            path: path.to_owned(),
            claim,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes files in place of what the command wrote there before.
    ///
    /// # Errors
    /// If the disk does not take them all, or another process has written to the folder in the meantime; what
    /// was there is then still there.
    pub fn write(self, files: &[(String, Content<'_>)]) -> Result<(), OutputError> {
        let written = files.iter().map(|(name, content)| {
            Pending::open(&self.path.join(name))?.fill(|file| content.write(file))
        });
        let written: Vec<Pending> = written.collect::<Result<_, _>>()?;
        let names: Vec<String> = files.iter().map(|(name, _)| name.clone()).collect();
        let _guard = exclusive(&self.path);
        // Stale files go first, while the document that names them is still there.
        for name in self.claim.stale(&self.path, &names)? {
            let path = self.path.join(name);
            fs::remove_file(&path).map_err(|error| OutputError::new(&path, error))?;
        }
        written.into_iter().try_for_each(Pending::place)?;
        remove_abandoned(&self.path);
        Ok(())
    }
}

/// Refuses a path where a folder is.
fn refuse_folder(path: &Path) -> Result<(), OutputError> {
    if path.is_dir() {
        let error = io::Error::new(io::ErrorKind::IsADirectory, "it is a folder");
        return Err(OutputError::new(path, error));
    }
    Ok(())
}

/// Writes files that stand for themselves, beside whatever is there.
///
/// # Errors
/// If the disk does not take them all; none is then written.
pub(crate) fn write_beside(
    folder: &Path,
    files: impl Iterator<Item = (String, Vec<u8>)>,
) -> Result<(), OutputError> {
    let written = files.map(|(name, content)| {
        Pending::open(&folder.join(name))?.fill(|file| file.write_all(&content))
    });
    let written: Vec<Pending> = written.collect::<Result<_, _>>()?;
    written.into_iter().try_for_each(Pending::place)
}
