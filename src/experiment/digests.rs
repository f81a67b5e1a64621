//! Digests of replications, folded in their order.

use crate::experiment::summary::BLOCK;

/// A digest over digests, by blocks: up to a block, the fold of its digests; then the fold of those of blocks.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Digests {
    /// Of the blocks before the last.
    before: Option<u64>,
    last: Option<u64>,
}

impl Digests {
    /// The digest of all.
    pub fn folded(self) -> u64 {
        let last = self.last.unwrap_or_default();
        self.before.map_or(last, |before| folded(before, last))
    }

    /// Adds the digest of replication `place`; they come in their order.
    pub fn add(&mut self, place: usize, digest: u64) {
        let begun = match place.is_multiple_of(BLOCK) {
            true => {
                self.end_block();
                0
            }
            false => self.last.unwrap_or_default(),
        };
        self.last = Some(folded(begun, digest));
    }

    /// Adds the digest of a block, of which all before were whole.
    pub fn add_block(&mut self, digest: u64) {
        self.end_block();
        self.last = Some(digest);
    }

    fn end_block(&mut self) {
        self.before = self.last.map(|_| self.folded());
    }
}

/// A digest over digests, which come in their order.
pub(crate) fn folded(digest: u64, next: u64) -> u64 {
    (digest.rotate_left(7) ^ next).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_make_the_digest_of_their_replications() {
        let digest = |replication: usize| (replication as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for n in [1, BLOCK, BLOCK + 1, 2 * BLOCK, 3 * BLOCK - 7] {
            let mut all = Digests::default();
            (0..n).for_each(|it| all.add(it, digest(it)));
            let mut blocks = Digests::default();
            for begin in (0..n).step_by(BLOCK) {
                let mut block = Digests::default();
                let within = begin..(begin + BLOCK).min(n);
                within
                    .zip(0..)
                    .for_each(|(it, place)| block.add(place, digest(it)));
                blocks.add_block(block.folded());
            }
            assert_eq!(all.folded(), blocks.folded(), "{n}");
        }
        // Up to a block, it is the fold of all.
        let plain = (0..10).map(digest).fold(0, folded);
        let mut all = Digests::default();
        (0..10).for_each(|it| all.add(it, digest(it)));
        assert_eq!(all.folded(), plain);
    }
}
