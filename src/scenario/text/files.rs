//! Files on disk, opened with care: a scenario may come from a stranger. Only regular files of a
//! limited size are read, and what a scenario names lies in its folder. The only file that knows `libc`.

use std::fs::{self, File, FileType, Metadata};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

/// The path that stands for standard input.
pub(crate) const STDIN_PATH: &str = "-";

/// What standard input is called in messages.
pub(crate) const STDIN_NAME: &str = "<stdin>";

/// Which files a scenario may name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum FileAccess {
    /// Those in the folder of the scenario and below it. Links that lead out of the folder are refused.
    #[default]
    ScenarioFolder,
    /// Any regular file. Only for scenarios that are trusted.
    Anywhere,
}

/// Why a file is not read. Holds no content of any file.
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

/// The folder of a scenario, from which it may name data files.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DataFolder<'a> {
    pub path: &'a Path,
    pub access: FileAccess,
}

impl DataFolder<'_> {
    /// Reads a file that the scenario names, of at most `most` bytes.
    ///
    /// # Errors
    /// Says why the file is refused.
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
        let help = "move the file beside the scenario, or trust the scenario with `--allow-files`";
        let outside = |message: &str| Refused::new(message, limit, help);
        // Looked at before the disk is: what lies elsewhere must not even be probed for.
        for part in Path::new(name).components() {
            match part {
                Component::Normal(_) | Component::CurDir => {}
                Component::ParentDir => return Err(outside("leads out of the folder by `..`")),
                Component::RootDir | Component::Prefix(_) => {
                    return Err(outside("is an absolute path"));
                }
            }
        }
        let folder = match self.path.as_os_str().is_empty() {
            true => Path::new("."),
            false => self.path,
        };
        let canonical = |path: &Path| fs::canonicalize(path).map_err(|it| Refused::unreadable(&it));
        // An error that depends on what a link leads to would tell what is there.
        let beneath = folder.join(name);
        let found = match fs::canonicalize(&beneath) {
            Ok(found) => found,
            Err(error) if leads_away(folder, name) => {
                drop(error);
                return Err(outside("is a link that leads nowhere in the folder"));
            }
            Err(error) => return Err(Refused::unreadable(&error)),
        };
        if !found.starts_with(canonical(folder)?) {
            return Err(outside("is a link that leads out of the folder"));
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
/// Says why the file is refused.
pub(crate) fn read(path: &Path, most: u64) -> Result<Vec<u8>, Refused> {
    // Before it is opened, because opening a device can have effects of its own; and again once it is
    // open, because the path may lead elsewhere by then.
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
    // A file can grow, and those of `/proc` claim to be empty.
    let read = file.take(most + 1).read_to_end(&mut bytes);
    read.map_err(|it| Refused::unreadable(&it))?;
    match bytes.len() as u64 <= most {
        true => Ok(bytes),
        false => Err(too_large(bytes.len() as u64, most)),
    }
}

/// Reads standard input, at most `most` bytes of it. It can be read once, and a command may ask for its
/// scenario several times, so that what was read is kept.
///
/// # Errors
/// Says why it is refused.
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
        let help = "name a file with content of its own";
        return Err(Refused::new(message, "a regular file", help));
    }
    match found.len() <= most {
        true => Ok(()),
        false => Err(too_large(found.len(), most)),
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
    match found.is_dir() {
        true => "a directory",
        false => "no regular file",
    }
}

/// Opens a file without waiting: a FIFO that took the file's place would block for ever.
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
