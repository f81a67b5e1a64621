//! How requests end, for the facts that ask for them.

use crate::kernel::time::SimTime;
use crate::model::id::PoolId;
use crate::model::record::events::Recorder;
use crate::model::record::probes::End;
use crate::model::world::World;
use crate::model::world::waiting::Request;

impl<R: Recorder> World<'_, R> {
    /// A fresh request made at `since` ends now.
    #[inline]
    pub(crate) fn request_ends(&mut self, end: End, request: &Request, since: SimTime) {
        let of = (request.pool, request.class);
        self.ledger.request_ends(end, of, (since, self.now));
    }

    /// Counts each request that still waits: it has waited until `now`, at least.
    pub(crate) fn count_open_requests(&mut self, now: SimTime) {
        if self.ledger.counts.is_empty() {
            return;
        }
        for pool in (0..self.pools.len() as u32).map(PoolId) {
            for (_, wait) in self.waits.open(pool) {
                let of = (pool, wait.request.class);
                self.ledger.request_ends(End::Open, of, (wait.since, now));
            }
        }
    }
}
