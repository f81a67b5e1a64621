//! The levels of every pool over time, recorded after each event that changes them.

use crate::kernel::event_loop::Observer;
use crate::kernel::time::SimTime;
use crate::model::id::{PoolId, TiVec};
use crate::model::record::events::Recorder;
use crate::model::world::World;
use crate::model::world::event::Event;

/// The levels of one pool from an instant on, until the next sample.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct PoolSample {
    /// The instant; [`crate::Scenario::seconds`] counts it from the scenario's start.
    pub at: SimTime,
    /// Workers ready.
    pub ready: u32,
    /// Workers ordered, and not ready yet.
    pub pending: u32,
    /// Workers leased.
    pub leased: u32,
    /// Workers being deleted.
    pub deleting: u32,
    /// Requests that wait for a worker.
    pub waiting: u32,
    /// Requests that have failed so far.
    pub failed: u64,
    /// The target in force (workers).
    pub target: u32,
}

/// Records levels by pool; of one instant only the final ones.
#[derive(Default)]
pub(crate) struct Levels {
    pub pools: TiVec<PoolId, Vec<PoolSample>>,
    /// When the last event happened.
    pub until: SimTime,
}

impl<R: Recorder> Observer<World<'_, R>> for Levels {
    fn after(&mut self, world: &World<'_, R>, _: &Event, at: SimTime) {
        self.until = at;
        self.pools.resize_with(world.ledger.pools.len(), Vec::new);
        let pools = (0..).map(PoolId).zip(&world.ledger.pools);
        for (noted, (id, pool)) in self.pools.iter_mut().zip(pools) {
            let now = PoolSample {
                at,
                ready: pool.ready.value,
                pending: pool.pending.value,
                leased: pool.leased.value,
                deleting: pool.deleting.value,
                waiting: pool.waiting.value,
                failed: pool.failed,
                target: world.base_stock(id),
            };
            match noted.last_mut() {
                Some(last) if last.at == at => *last = now,
                Some(last) if (PoolSample { at, ..*last }) == now => {}
                _ => noted.push(now),
            }
        }
    }
}
