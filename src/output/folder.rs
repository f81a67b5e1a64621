//! Files that are opened first and appear last: a run that is interrupted leaves no half of one.

use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// What went wrong with a file.
#[derive(Debug)]
pub struct OutputError {
    path: PathBuf,
    error: io::Error,
    reading: bool,
}

impl OutputError {
    pub(crate) fn new(path: &Path, error: impl Into<io::Error>) -> Self {
        Self {
            path: path.to_owned(),
            error: error.into(),
            reading: false,
        }
    }

    /// What went wrong as an earlier result was read.
    pub(crate) fn reading(path: &Path, error: impl Into<io::Error>) -> Self {
        let reading = true;
        Self {
            reading,
            ..Self::new(path, error)
        }
    }
}

impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, error) = (self.path.display(), &self.error);
        let (done, help) = match self.reading {
            true => ("read", "choose another folder, or begin anew"),
            false => (
                "written",
                "choose a path that you may write to, on a disk with room",
            ),
        };
        write!(f, "{path} cannot be {done}: {error}\n  help: {help}")
    }
}

impl std::error::Error for OutputError {}

/// A file under a temporary name.
#[derive(Debug)]
pub(crate) struct Pending {
    path: PathBuf,
    temporary: PathBuf,
    file: Option<BufWriter<File>>,
}

impl Pending {
    /// Opens a file, making the folders above it.
    ///
    /// # Errors
    /// If it cannot be opened for writing.
    pub fn open(path: &Path) -> Result<Self, OutputError> {
        let told = |error| OutputError::new(path, error);
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder).map_err(told)?;
        }
        if path.is_dir() {
            return Err(told(io::Error::new(
                io::ErrorKind::IsADirectory,
                "it is a folder",
            )));
        }
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let temporary = path.with_file_name(name);
        let file = Some(BufWriter::new(File::create(&temporary).map_err(told)?));
        Ok(Self {
            path: path.to_owned(),
            temporary,
            file,
        })
    }

    /// Writes the content, and gives the file its name.
    ///
    /// # Errors
    /// If the disk does not take it; the file that was there before is then still there.
    pub fn write(self, content: &[u8]) -> Result<(), OutputError> {
        self.fill(|file| file.write_all(content))
    }

    /// The same, with content that need not be in memory at once.
    ///
    /// # Errors
    /// The same, or if the content cannot be had.
    pub fn fill(
        mut self,
        content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), OutputError> {
        let told = |error| OutputError::new(&self.path, error);
        if let Some(mut file) = self.file.take() {
            content(&mut file)
                .and_then(|()| file.flush())
                .map_err(told)?;
            file.get_ref().sync_all().map_err(told)?;
        }
        std::fs::rename(&self.temporary, &self.path).map_err(told)
    }
}

impl Drop for Pending {
    /// Leaves no temporary file behind. Where it has been renamed there is none to remove.
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.temporary);
    }
}

/// The files of one folder, opened together.
#[derive(Debug)]
pub(crate) struct Folder {
    files: Vec<Pending>,
}

impl Folder {
    /// Opens files of these names in a folder, making it if it is not there.
    ///
    /// # Errors
    /// If any of them cannot be opened; none is then left behind.
    pub fn open(folder: &Path, names: &[impl AsRef<str>]) -> Result<Self, OutputError> {
        let files = names
            .iter()
            .map(|name| Pending::open(&folder.join(name.as_ref())));
        Ok(Self {
            files: files.collect::<Result<_, _>>()?,
        })
    }

    /// Writes the contents, in the order of the names.
    ///
    /// # Errors
    /// At the first that the disk does not take.
    pub fn write(self, contents: &[Vec<u8>]) -> Result<(), OutputError> {
        assert_eq!(
            self.files.len(),
            contents.len(),
            "one content for each file"
        );
        self.files
            .into_iter()
            .zip(contents)
            .try_for_each(|(file, content)| file.write(content))
    }
}
