//! Work that several processes share: which pieces are missing, running them, and what is said of it.

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::path::Path;

use crate::cli::divided_args::Divided;
use crate::cli::progress::Bar;
use crate::cli::{Failure, remark, words};
use crate::experiment::kept::KeptMeasures;
use crate::experiment::parallel::with_threads;
use crate::experiment::pieces::{Piece, Pieces, Shard};
use crate::experiment::progress::Progress;
use crate::kernel::random::Seed;
use crate::output::folder::OutputError;
use crate::output::manifest::{Refusal, manifest_of};
use crate::output::pieces::PieceFiles;
use crate::scenario::Scenario;

/// The most pieces that a message lists.
const LISTED_MAX: usize = 20;

/// How pieces are run.
pub(crate) struct Runner<'a> {
    pub pieces: Pieces,
    pub files: PieceFiles,
    /// The scenario of a cell.
    pub scenario: &'a (dyn Fn(usize) -> Cow<'a, Scenario> + Sync),
    pub kept: &'a KeptMeasures,
    pub seed: Seed,
    pub threads: Option<NonZeroUsize>,
}

impl Runner<'_> {
    /// Whether a piece is kept.
    pub fn has(&self, piece: usize) -> bool {
        let (cell, range) = self.pieces.of(piece);
        self.files.has((cell, range.start))
    }

    /// Runs pieces one after another, each on all threads. Gives how many; fewer where the work is interrupted.
    ///
    /// # Errors
    /// If the disk does not take one; those before are kept.
    pub fn run(&self, todo: &[usize]) -> Result<usize, OutputError> {
        let replications = todo.iter().map(|piece| self.pieces.of(*piece).1.len());
        let bar = Bar::new(replications.sum::<usize>() as u64);
        let run = || {
            let mut last: Option<(usize, Cow<'_, Scenario>)> = None;
            for (done, piece) in todo.iter().enumerate() {
                bar.say(format!("{done} of {} pieces", todo.len()));
                let (cell, range) = self.pieces.of(*piece);
                // Another process may have been faster.
                if self.has(*piece) {
                    bar.completed(range.len() as u64);
                    continue;
                }
                let known = last.take().filter(|last| last.0 == cell);
                let (_, scenario) =
                    last.insert(known.unwrap_or_else(|| (cell, (self.scenario)(cell))));
                let of = (&**scenario, self.kept);
                match Piece::run(of, range, self.seed, &bar) {
                    Some(piece) => self.files.write(cell, &piece)?,
                    None => return Ok(done),
                }
                if bar.is_cancelled() {
                    return Ok(done + 1);
                }
            }
            Ok(todo.len())
        };
        let done = with_threads(self.threads, run);
        bar.end();
        done
    }
}

/// What is said of a folder that is not taken.
pub(crate) fn refused(out: &Path, refusal: Refusal) -> Failure {
    let help = match refusal {
        Refusal::Disk(error) => return error.into(),
        Refusal::Unfinished { .. } => "go on with it by `--resume`, or choose another folder",
        Refusal::Another(_) => "ask for the same, or choose another folder",
        Refusal::Strange => "choose another folder",
    };
    Failure::Message(format!("{} {refusal}\n  help: {help}", out.display()))
}

/// What a shard says where it has run its share.
pub(crate) fn share_done(shard: Shard, (run, of): (usize, usize)) {
    let Shard { index, of: shards } = shard;
    remark(&format!(
        "shard {index} of {shards}: {} run, {} there before; `--gather` puts all together",
        words::counted(run, "piece"),
        of - run,
    ));
}

/// Refuses to put together what was not begun.
pub(crate) fn must_be_begun(divided: &Divided, out: &Path) -> Result<(), Failure> {
    if !divided.gather || manifest_of(out)?.is_some() {
        return Ok(());
    }
    Err(Failure::Message(format!(
        "{}: there is nothing to put together\n  help: run the shards first, with the same `--out`, or choose their folder",
        out.display()
    )))
}

/// What is said where work is missing that was to be put together.
pub(crate) fn missing(out: &Path, missing: &[usize], of: usize) -> Failure {
    let listed: Vec<String> = missing
        .iter()
        .take(LISTED_MAX)
        .map(usize::to_string)
        .collect();
    let more = match missing.len() - listed.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let (listed, verb) = (
        listed.join(", "),
        if missing.len() == 1 { "is" } else { "are" },
    );
    Failure::Message(format!(
        "{}: {} of {} {verb} missing: {listed}{more}\n  help: shard I of N runs piece I, I+N, I+2N and so on: run the \
         shards of those again, or run what is missing here with `--resume` in place of `--gather`",
        out.display(),
        missing.len(),
        words::counted(of, "piece"),
    ))
}

/// Which pieces a process runs: those of its shard, or all.
pub(crate) fn own(divided: &Divided, piece: usize) -> bool {
    divided.shard.is_none_or(|shard| shard.has(piece))
}
