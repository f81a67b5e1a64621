//! A sweep that several processes share, in a folder: `--shard`, `--gather` and `--resume`. Cells of one piece are kept
//! as they are finished; of larger ones pieces are, until all of a cell are there.

use std::borrow::Cow;
use std::path::Path;

use crate::cli::Failure;
use crate::cli::args::SweepArgs;
use crate::cli::divided::{Runner, missing, share_done};
use crate::cli::sweep::{command, pieces, simulate};
use crate::experiment::ensemble::Ensemble;
use crate::experiment::kept::KeptMeasures;
use crate::experiment::pieces::Shard;
use crate::experiment::sweep::Cell;
use crate::kernel::random::Seed;
use crate::output::folder::OutputError;
use crate::output::store::CellStore;
use crate::output::sweep::Finished;
use crate::scenario::vary::design::Plan;

/// What the work is about.
struct Shared<'a> {
    args: &'a SweepArgs,
    plan: &'a Plan,
    store: &'a CellStore,
    measures: &'a [&'static str],
    out: &'a Path,
    runner: Runner<'a>,
}

/// Does what is asked of several processes that share a folder. Gives the cells that are still to run; nothing where
/// that is all.
pub(super) fn work(
    args: &SweepArgs,
    (plan, store): (&Plan, &CellStore),
    measures: &[&'static str],
    out: &Path,
) -> Result<Option<Vec<usize>>, Failure> {
    let Some(files) = store.pieces().filter(|_| !store.is_complete()) else {
        return Ok(args.divided.shard.is_none().then(Vec::new));
    };
    let shared = Shared {
        args,
        plan,
        store,
        measures,
        out,
        runner: Runner {
            pieces: pieces(args, plan.len(), store.piece()),
            files,
            scenario: &|cell| Cow::Owned(plan.scenario(cell)),
            kept: &KeptMeasures::all(),
            seed: Seed(args.source.seed),
            threads: args.many.threads.number,
        },
    };
    if let Some(shard) = args.divided.shard {
        shared.run_shard(shard)?;
        return Ok(None);
    }
    shared.continue_cells()?;
    if args.divided.gather {
        shared.refuse_missing()?;
        return Ok(Some(Vec::new()));
    }
    Ok(Some(store.missing()))
}

impl Shared<'_> {
    /// Runs what is missing of the pieces of a shard.
    fn run_shard(&self, shard: Shard) -> Result<(), Failure> {
        let pieces = self.runner.pieces;
        let own: Vec<usize> = (0..pieces.count()).filter(|it| shard.has(*it)).collect();
        let kept = |piece: usize| {
            let cell = pieces.of(piece).0;
            self.store.seems_kept(cell) || self.runner.has(piece)
        };
        let todo: Vec<usize> = own.iter().copied().filter(|it| !kept(*it)).collect();
        match pieces.per_cell() {
            1 => simulate(self.args, (self.plan, self.store), &todo, |_| self.measures)?,
            _ => self.run(&todo)?,
        }
        share_done(shard, (todo.len(), own.len()));
        Ok(())
    }

    /// Puts the cells together of which pieces are there, having run those that are missing if that is asked for. A
    /// cell of which nothing is there runs as a whole later, together with those that share its beginning.
    fn continue_cells(&self) -> Result<(), Failure> {
        let pieces = self.runner.pieces;
        if pieces.per_cell() == 1 {
            return Ok(());
        }
        let lacking = self.store.missing().into_iter();
        let begun: Vec<usize> = lacking
            .filter(|cell| pieces.of_cell(*cell).any(|it| self.runner.has(it)))
            .collect();
        if !self.args.divided.gather {
            let all = begun.iter().flat_map(|cell| pieces.of_cell(*cell));
            let todo: Vec<usize> = all.filter(|it| !self.runner.has(*it)).collect();
            self.run(&todo)?;
        }
        for cell in begun {
            let kept = self.put_together(cell);
            kept.map_err(|error| self.stuck(&error.to_string()))?;
        }
        Ok(())
    }

    /// Lists what is missing, if anything is.
    fn refuse_missing(&self) -> Result<(), Failure> {
        let pieces = self.runner.pieces;
        let lacking = self.store.missing_or_torn().into_iter();
        let lacking = lacking.flat_map(|cell| pieces.of_cell(cell));
        let lacking: Vec<usize> = lacking.filter(|it| !self.runner.has(*it)).collect();
        match lacking.is_empty() {
            true => Ok(()),
            false => Err(missing(self.out, &lacking, pieces.count())),
        }
    }

    fn run(&self, todo: &[usize]) -> Result<(), Failure> {
        match self.runner.run(todo) {
            Ok(done) if done < todo.len() => Err(self.stuck("interrupted")),
            Ok(_) => Ok(()),
            Err(error) => Err(self.stuck(&error.to_string())),
        }
    }

    /// Keeps a cell, if all of its pieces are there.
    fn put_together(&self, cell: usize) -> Result<(), OutputError> {
        let Runner { pieces, files, .. } = &self.runner;
        let scenario = self.plan.scenario(cell);
        let mut ensemble = Ensemble::new(&scenario);
        for piece in pieces.of_cell(cell) {
            let read = files.read((cell, pieces.of(piece).1.start));
            if !read.is_some_and(|read| ensemble.add_piece(read)) {
                return Ok(());
            }
        }
        let whole = Cell {
            number: cell,
            scenario: &scenario,
            ensemble,
        };
        let finished = Finished::of(&whole, self.plan, self.measures);
        self.store.keep(cell, finished)?;
        files.remove(cell);
        Ok(())
    }

    /// What is said where the work stops, and what became of the pieces that are finished.
    fn stuck(&self, why: &str) -> Failure {
        let command = command(self.args, Some(self.out));
        Failure::Message(format!(
            "{why}\n  help: finished pieces are kept; go on with: {command}"
        ))
    }
}
