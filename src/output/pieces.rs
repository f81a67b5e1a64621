//! Where the pieces of a study are kept until all are finished: a file for each, which appears whole or not at all.
//! Any process may write any piece, at any time and as often as it likes: the bytes are the same.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::experiment::pieces::Piece;
use crate::kernel::random::{HASH, hashed_bytes};
use crate::output::folder::{OutputError, Pending, remove_abandoned};

/// What a file of a piece begins with: the version of its format.
const BEGIN: &[u8; 16] = b"drawdown piece 1";

/// Bytes of the header: the version, the study, the cell and the first replication.
const HEADER: usize = BEGIN.len() + 3 * size_of::<u64>();

/// Bytes of the end: the length of what lies between, and a checksum.
const END: usize = 2 * size_of::<u64>();

/// The folder of pieces below that of a study.
pub(crate) const PIECES: &str = "pieces";

/// The files of the pieces of a study.
#[derive(Clone, Debug)]
pub(crate) struct PieceFiles {
    folder: PathBuf,
    /// A digest of what the study was asked.
    key: u64,
}

impl PieceFiles {
    /// Those of the study in a folder that was asked what has this digest.
    pub fn new(study: &Path, key: u64) -> Self {
        Self {
            folder: study.join(PIECES),
            key,
        }
    }

    /// The file of a piece, by its cell and its first replication.
    fn file(&self, (cell, from): (usize, usize)) -> PathBuf {
        let folder = self.folder.join(format!("{cell:05}"));
        folder.join(format!("{from:09}.part"))
    }

    fn header(&self, (cell, from): (usize, usize)) -> Vec<u8> {
        let numbers = [self.key, cell as u64, from as u64];
        let numbers = numbers.iter().flat_map(|it| it.to_le_bytes());
        BEGIN.iter().copied().chain(numbers).collect()
    }

    /// Whether a piece is there, by the beginning and the end of its file.
    pub fn has(&self, at: (usize, usize)) -> bool {
        let has = || -> std::io::Result<bool> {
            let mut file = File::open(self.file(at))?;
            let mut header = [0; HEADER];
            file.read_exact(&mut header)?;
            let size = file.seek(SeekFrom::End(-(END as i64)))? + END as u64;
            let mut length = [0; size_of::<u64>()];
            file.read_exact(&mut length)?;
            let whole = u64::from_le_bytes(length) + (HEADER + END) as u64 == size;
            Ok(whole && header[..] == self.header(at))
        };
        has().unwrap_or(false)
    }

    /// Keeps a piece of a cell.
    ///
    /// # Errors
    /// If the disk does not take it.
    pub fn write(&self, cell: usize, piece: &Piece) -> Result<(), OutputError> {
        let at = (cell, piece.range().start);
        let path = self.file(at);
        let label = |error| OutputError::new(&path, std::io::Error::other(error));
        let mut bytes = postcard::to_extend(piece, self.header(at)).map_err(label)?;
        let length = (bytes.len() - HEADER) as u64;
        let sum = hashed_bytes(HASH, &bytes);
        bytes.extend(length.to_le_bytes());
        bytes.extend(sum.to_le_bytes());
        Pending::open(&path)?.write(&bytes)
    }

    /// A piece, if its file is there, whole, and of this study. One that is not is removed, so that it is run again.
    pub fn read(&self, at: (usize, usize)) -> Option<Piece> {
        let path = self.file(at);
        let bytes = fs::read(&path).ok()?;
        let piece = self.decode(at, &bytes);
        if piece.is_none() {
            let _ = fs::remove_file(&path);
        }
        piece
    }

    fn decode(&self, at: (usize, usize), bytes: &[u8]) -> Option<Piece> {
        let content = bytes.strip_prefix(&self.header(at)[..])?;
        let (content, end) = content.split_at_checked(content.len().checked_sub(END)?)?;
        let sum = hashed_bytes(HASH, &bytes[..bytes.len() - END]);
        let expected = [content.len() as u64, sum];
        let expected: Vec<u8> = expected.iter().flat_map(|it| it.to_le_bytes()).collect();
        if expected != end {
            return None;
        }
        let piece: Piece = postcard::from_bytes(content).ok()?;
        (piece.range().start == at.1).then_some(piece)
    }

    /// Whether anything is kept.
    pub fn has_any(study: &Path) -> bool {
        fs::read_dir(study.join(PIECES)).is_ok_and(|mut files| files.next().is_some())
    }

    /// Removes the pieces of a cell, and what was left of those that were interrupted.
    pub fn remove(&self, cell: usize) {
        let folder = self.folder.join(format!("{cell:05}"));
        remove_abandoned(&folder);
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            if entry.path().extension().is_some_and(|it| it == "part") {
                let _ = fs::remove_file(entry.path());
            }
        }
        // Where something else lies in them, they stay.
        let _ = fs::remove_dir(folder);
        let _ = fs::remove_dir(&self.folder);
    }

    /// Removes the pieces of all of so many cells, of those that were begun.
    pub fn remove_all(&self, cells: usize) {
        if self.folder.is_dir() {
            (0..cells).for_each(|cell| self.remove(cell));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::kept::KeptMeasures;
    use crate::kernel::random::Seed;
    use crate::scenario::Scenario;

    #[test]
    fn a_torn_or_foreign_piece_is_missing() {
        let scenario = Scenario::load("examples/full-outage.yaml").expect("an example");
        let of = (&scenario, &KeptMeasures::all());
        let piece = Piece::run(of, 0..20, Seed(1), &()).expect("not cancelled");
        let folder = tempfile::tempdir().expect("a folder");
        let files = PieceFiles::new(folder.path(), 7);
        let at = (3, 0);
        assert!(!files.has(at));
        files.write(3, &piece).expect("a disk with room");
        assert!(files.has(at));
        let whole = fs::read(files.file(at)).expect("a file");
        assert!(files.decode(at, &whole).is_some());
        assert!(
            PieceFiles::new(folder.path(), 8)
                .decode(at, &whole)
                .is_none()
        );
        assert!(!PieceFiles::new(folder.path(), 8).has(at));
        assert!(files.decode((4, 0), &whole).is_none());
        for end in 0..whole.len() {
            assert!(files.decode(at, &whole[..end]).is_none());
        }
        for place in [0, HEADER + 5, whole.len() - 1] {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            assert!(files.decode(at, &changed).is_none());
        }
        fs::write(files.file(at), &whole[..whole.len() - 1]).expect("a file");
        assert!(!files.has(at));
        assert!(files.read(at).is_none());
        assert!(!files.file(at).exists());
    }
}
