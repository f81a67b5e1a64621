//! The digest of the events of a replication.

use crate::kernel::time::SimTime;
use crate::model::record::ledger::Ledger;

/// Events that every part of a world has: measuring begins, outages begin and end, quotas change.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Common {
    pub events: u64,
    pub digest: u64,
}

impl Ledger {
    /// Adds one event to the digest.
    #[inline]
    pub fn digest(&mut self, now: SimTime, number: u64) {
        self.events += 1;
        self.digest = self.digest.wrapping_add(mixed(now, number));
    }

    /// Counts an event, which is in the digest, among those that every part of a world has.
    pub fn is_common(&mut self, now: SimTime, number: u64) {
        self.common.events += 1;
        self.common.digest = self.common.digest.wrapping_add(mixed(now, number));
    }
}

/// An event and its instant in 64 bits (multiplicative hashing, with the high bits in the low half too).
#[inline]
fn mixed(now: SimTime, number: u64) -> u64 {
    let mixed = (now.micros() ^ number.rotate_left(40)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ mixed >> 32
}
