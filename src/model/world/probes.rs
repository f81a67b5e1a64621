//! How requests end, for the facts that ask for them.

use crate::kernel::time::SimTime;
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
}
