//! Pieces of an ensemble: whole blocks of replications, which can run anywhere and in any order, and are put
//! together in theirs.

use std::num::NonZeroUsize;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::experiment::condensed::Condensed;
use crate::experiment::ensemble::Ensemble;
use crate::experiment::kept::{Columns, KeptMeasures};
use crate::experiment::parallel;
use crate::experiment::part::{Part, Run};
use crate::experiment::progress::Progress;
use crate::experiment::replications::Stopped;
use crate::experiment::summary::BLOCK;
use crate::kernel::random::Seed;
use crate::scenario::Scenario;

/// Blocks of the largest piece, where no size is asked for.
const BLOCKS_MAX: usize = 16;

/// Pieces that there are at least, where there are as many blocks and no size is asked for.
const PIECES_MIN: usize = 64;

/// Into which pieces the replications of each of several cells are cut. Pieces are numbered cell by cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Pieces {
    /// Replications of each cell.
    pub replications: usize,
    /// Replications of a piece; the last of a cell may have fewer.
    pub size: usize,
    pub cells: usize,
}

impl Pieces {
    /// Pieces of the size that is asked for. By default there are some sixty or more, of at most 16 blocks: it
    /// depends on the number of replications only.
    pub fn new(cells: usize, replications: usize, size: Option<NonZeroUsize>) -> Self {
        let blocks = replications.div_ceil(BLOCK * PIECES_MIN);
        let usual = blocks.clamp(1, BLOCKS_MAX) * BLOCK;
        Self {
            replications,
            size: size.map_or(usual, NonZeroUsize::get),
            cells,
        }
    }

    /// Pieces of a cell.
    pub fn per_cell(&self) -> usize {
        self.replications.div_ceil(self.size)
    }

    /// Pieces of all cells.
    pub fn count(&self) -> usize {
        self.cells * self.per_cell()
    }

    /// The pieces of a cell.
    pub fn of_cell(&self, cell: usize) -> Range<usize> {
        cell * self.per_cell()..(cell + 1) * self.per_cell()
    }

    /// The cell of a piece, and its replications.
    pub fn of(&self, piece: usize) -> (usize, Range<usize>) {
        let begin = piece % self.per_cell() * self.size;
        let end = (begin + self.size).min(self.replications);
        (piece / self.per_cell(), begin..end)
    }
}

/// One of several processes that share the pieces of a study.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Shard {
    pub index: usize,
    /// How many there are.
    pub of: usize,
}

impl Shard {
    /// Whether a piece is one of this shard's.
    pub fn has(self, piece: usize) -> bool {
        piece % self.of == self.index
    }
}

/// What came of the replications of a piece.
#[derive(Serialize, Deserialize)]
pub(crate) enum Piece {
    /// Every value of each.
    Rows(Part),
    /// Their summaries.
    Summaries(Condensed),
}

impl Piece {
    /// Runs the replications of a piece; nothing where the work is cancelled.
    pub fn run(
        (scenario, kept): (&Scenario, &KeptMeasures),
        range: Range<usize>,
        seed: Seed,
        progress: &dyn Progress,
    ) -> Option<Self> {
        let columns = Columns::new(scenario, kept);
        if !kept.is_summarised() {
            return rows((scenario, &columns), range, seed, progress).map(Self::Rows);
        }
        let mut all: Option<Condensed> = None;
        for begin in range.clone().step_by(BLOCK) {
            let block = begin..(begin + BLOCK).min(range.end);
            let part = rows((scenario, &columns), block, seed, progress)?;
            let block = Condensed::of(scenario, kept, part);
            match &mut all {
                None => all = Some(block),
                Some(all) => all.append(block),
            }
        }
        all.map(Self::Summaries)
    }

    /// Replications.
    pub fn range(&self) -> Range<usize> {
        match self {
            Self::Rows(part) => part.begin..part.begin + part.len(),
            Self::Summaries(condensed) => condensed.begin..condensed.begin + condensed.n,
        }
    }
}

/// Runs a range of replications; nothing where the work is cancelled.
fn rows(
    (scenario, columns): (&Scenario, &Columns),
    range: Range<usize>,
    seed: Seed,
    progress: &dyn Progress,
) -> Option<Part> {
    let parts = parallel::map_ranges(range.len(), |within| {
        let within = range.start + within.start..range.start + within.end;
        let of = vec![(columns.fan(scenario), columns, scenario)];
        Run::all(of, seed, within, progress)
    });
    let mut parts = parts.into_iter().flatten();
    let mut all = parts.next()?;
    for next in parts {
        if all.begin + all.len() < next.begin {
            return None;
        }
        all.append(next);
    }
    (all.len() == range.len()).then_some(all)
}

impl Ensemble {
    /// Adds the replications of the piece that comes next, if it is one of this scenario with the same measures.
    pub(crate) fn add_piece(&mut self, piece: Piece) -> bool {
        let fits = piece.range().start == self.n;
        match piece {
            Piece::Rows(part) if fits && self.takes(&part) => self.add(part),
            Piece::Summaries(condensed) if fits && self.takes_condensed(&condensed) => {
                self.add_condensed(&condensed);
            }
            _ => return false,
        }
        self.stopped = Stopped::Count;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_every_replication_of_every_cell_once() {
        for (cells, replications, size) in
            [(1, 24_000, None), (3, 2_500, Some(1_000)), (7, 10, None)]
        {
            let size = size.and_then(NonZeroUsize::new);
            let pieces = Pieces::new(cells, replications, size);
            let mut next = (0, 0);
            for piece in 0..pieces.count() {
                let (cell, range) = pieces.of(piece);
                assert_eq!((cell, range.start), next);
                assert_eq!(range.start % BLOCK, 0);
                let ended = range.end == replications;
                next = if ended {
                    (cell + 1, 0)
                } else {
                    (cell, range.end)
                };
            }
            assert_eq!(next, (cells, 0));
        }
        assert_eq!(Pieces::new(1, 24_000, None).count(), 24);
        assert_eq!(Pieces::new(1, 10_000_000, None).size, 16_000);
    }

    #[test]
    fn every_piece_is_one_shards() {
        let shards: Vec<Shard> = (0..3).map(|index| Shard { index, of: 3 }).collect();
        for piece in 0..20 {
            assert_eq!(shards.iter().filter(|it| it.has(piece)).count(), 1);
        }
    }
}
