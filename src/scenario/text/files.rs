//! Files on disk, opened safely: a scenario may be untrusted. Only regular files of a
//! limited size are read, and data files must be in the scenario's folder. The only file that uses `libc`.

use std::fs::{self, File, FileType, Metadata};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

/// The path of standard input.
pub(crate) const STDIN_PATH: &str = "-";

/// The name of standard input in messages.
pub(crate) const STDIN_NAME: &str = "<stdin>";

/// The files that a scenario may name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum FileAccess {
    /// Those in the folder of the scenario and below it. Links out of the folder are rejected.
    #[default]
    ScenarioFolder,
    /// Any regular file. Only for scenarios that are trusted.
    Anywhere,
}

/// Why a file is not read. Contains no content of any file.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub message: String,
    pub limit: String,
    pub help: &'static str,
}

impl Refused {
    fn new(message: impl Into<String>, limit: impl Into<String>, help: &'static str) -> Self {
        Self {
            message: message.into(),
            limit: limit.into(),
            help,
        }
    }

    fn unreadable(error: &io::Error) -> Self {
        let message = format!("cannot be read: {error}");
        Self::new(message, "a file that can be read", "check the path")
    }
}

/// The folder of a scenario, where its data files are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DataFolder<'a> {
    pub path: &'a Path,
    pub access: FileAccess,
}

impl DataFolder<'_> {
    /// Reads a file that the scenario names, of at most `most` bytes.
    ///
    /// # Errors
    /// If the file is rejected.
    pub fn read(&self, name: &str, most: u64) -> Result<Vec<u8>, Refused> {
        let path = match self.access {
            FileAccess::Anywhere => self.path.join(name),
            FileAccess::ScenarioFolder => self.inside(name)?,
        };
        read(&path, most)
    }

    /// The path of a file in the folder, without links.
    fn inside(&self, name: &str) -> Result<PathBuf, Refused> {
        let limit = "a file in the folder of the scenario, or below it";
        let help = "move the file to the folder of the scenario, or pass `--allow-files` if you trust the scenario";
        let outside = |message: &str| Refused::new(message, limit, help);
        // Checked before the disk is accessed: files elsewhere must not even be probed.
        for part in Path::new(name).components() {
            match part {
                Component::Normal(_) | Component::CurDir => {}
                Component::ParentDir => return Err(outside("leaves the folder by `..`")),
                Component::RootDir | Component::Prefix(_) => {
                    return Err(outside("is an absolute path"));
                }
            }
        }
        let folder = if self.path.as_os_str().is_empty() {
            Path::new(".")
        } else {
            self.path
        };
        let canonical = |path: &Path| fs::canonicalize(path).map_err(|it| Refused::unreadable(&it));
        // An error that depends on the target of a link would reveal whether it exists.
        let beneath = folder.join(name);
        let found = match fs::canonicalize(&beneath) {
            Ok(found) => found,
            Err(error) if leads_away(folder, name) => {
                drop(error);
                return Err(outside("is a broken link, or one out of the folder"));
            }
            Err(error) => return Err(Refused::unreadable(&error)),
        };
        if !found.starts_with(canonical(folder)?) {
            return Err(outside("is a link out of the folder"));
        }
        Ok(found)
    }
}

/// Whether any part of a path below a folder is a link.
fn leads_away(folder: &Path, name: &str) -> bool {
    let mut path = folder.to_path_buf();
    Path::new(name).components().any(|part| {
        path.push(part);
        fs::symlink_metadata(&path).is_ok_and(|found| found.is_symlink())
    })
}

/// Reads a regular file of at most `most` bytes.
///
/// # Errors
/// If the file is rejected.
pub(crate) fn read(path: &Path, most: u64) -> Result<Vec<u8>, Refused> {
    // Checked before it is opened, because opening a device can have side effects; and again once it is
    // open, because the path may have changed meanwhile.
    check(
        &fs::metadata(path).map_err(|it| Refused::unreadable(&it))?,
        most,
    )?;
    let file = open(path).map_err(|it| Refused::unreadable(&it))?;
    check(
        &file.metadata().map_err(|it| Refused::unreadable(&it))?,
        most,
    )?;
    let mut bytes = Vec::new();
    // A file can grow, and those in `/proc` report a size of 0.
    let read = file.take(most + 1).read_to_end(&mut bytes);
    read.map_err(|it| Refused::unreadable(&it))?;
    if bytes.len() as u64 <= most {
        Ok(bytes)
    } else {
        Err(too_large(bytes.len() as u64, most))
    }
}

/// Reads standard input, at most `most` bytes. It can be read only once, and a command may load its
/// scenario several times, so the text is cached.
///
/// # Errors
/// If it is rejected.
pub(crate) fn read_stdin(most: u64) -> Result<Vec<u8>, Refused> {
    static READ: OnceLock<Result<Vec<u8>, Refused>> = OnceLock::new();
    let read = READ.get_or_init(|| {
        let mut bytes = Vec::new();
        let input = io::stdin().lock();
        let read = input.take(most + 1).read_to_end(&mut bytes);
        read.map_err(|it| Refused::unreadable(&it))?;
        match bytes.len() as u64 <= most {
            true => Ok(bytes),
            false => {
                let message = format!("has more than {} MiB", most >> 20);
                let limit = format!("at most {} MiB", most >> 20);
                Err(Refused::new(message, limit, "make the scenario smaller"))
            }
        }
    });
    read.clone()
}

fn check(found: &Metadata, most: u64) -> Result<(), Refused> {
    if !found.is_file() {
        let message = format!("is {}", kind(found.file_type()));
        let help = "name a regular file";
        return Err(Refused::new(message, "a regular file", help));
    }
    if found.len() <= most {
        Ok(())
    } else {
        Err(too_large(found.len(), most))
    }
}

fn too_large(bytes: u64, most: u64) -> Refused {
    let mebibytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    let (size, limit) = (mebibytes(bytes), mebibytes(most));
    let message = format!("has {size:.1} MiB");
    Refused::new(
        message,
        format!("at most {limit:.0} MiB"),
        "make the file smaller, or split it",
    )
}

#[cfg(unix)]
fn kind(found: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    match () {
        () if found.is_dir() => "a directory",
        () if found.is_fifo() => "a FIFO",
        () if found.is_socket() => "a socket",
        () => "a device",
    }
}

#[cfg(not(unix))]
fn kind(found: FileType) -> &'static str {
    if found.is_dir() {
        "a directory"
    } else {
        "no regular file"
    }
}

/// Opens a file without blocking: a FIFO that replaced the file would block forever.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let flags = libc::O_NONBLOCK | libc::O_NOCTTY;
    File::options().read(true).custom_flags(flags).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}
