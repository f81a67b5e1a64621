//! Workers that the provider has room for while it is short of machines: who finds none is refused.

use crate::kernel::time::SimDuration;
use crate::model::id::{OccurrenceId, PoolId};
use crate::model::record::events::Recorder;
use crate::model::setup::outage::{Judged, Manner, Room};
use crate::model::world::World;

impl<R: Recorder> World<'_, R> {
    /// An outage begins, which may limit the workers of its pools.
    pub(crate) fn limit_room(&mut self, id: OccurrenceId) {
        let window = &self.setup.windows[self.occurrences[id].window];
        let Some(room) = window.room else {
            return;
        };
        self.occurrences[id].capacity = match room {
            Room::More(more) => self.occupied(&window.pools).saturating_add(more),
            Room::Total(total) => total,
        };
    }

    /// The first outage in force that has no room for the workers of an attempt that starts, which are
    /// among those on order.
    pub(crate) fn without_room(&self, pool: PoolId) -> Option<OccurrenceId> {
        let mut in_force = self.pools[pool].in_force.iter().copied();
        in_force.find(|id| {
            let occurrence = &self.occurrences[*id];
            let window = &self.setup.windows[occurrence.window];
            window.room.is_some()
                && window.operations.create
                && 0.0 < occurrence.severity(window.shape, self.now)
                && occurrence.capacity < self.occupied(&window.pools)
        })
    }

    /// How long the provider takes to refuse an attempt for lack of room.
    pub(crate) fn refusal(&self, pool: PoolId, id: OccurrenceId, trial: u64) -> SimDuration {
        let window = &self.setup.windows[self.occurrences[id].window];
        match &window.judged {
            Judged::Start {
                manner: Manner::Reject(after),
                ..
            } => self.pools[pool].refusal.draw(after, trial),
            _ => SimDuration::ZERO,
        }
    }

    /// Workers for which the provider has a machine that is not stopped, or makes one.
    fn occupied(&self, pools: &[PoolId]) -> u32 {
        let of = |pool: &PoolId| {
            let levels = &self.ledger.pools[*pool];
            let state = &self.pools[*pool];
            let made = levels.pending.value - state.held;
            let running = levels.ready.value - state.stopped.len() as u32;
            running + levels.leased.value + levels.deleting.value + made
        };
        pools.iter().map(of).sum()
    }
}
