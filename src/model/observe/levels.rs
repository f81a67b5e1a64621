//! The levels of every pool over time, recorded after each event that changes them.

use crate::kernel::event_loop::Observer;
use crate::kernel::time::SimTime;
use crate::model::id::{PoolId, TiVec};
use crate::model::record::events::Recorder;
use crate::model::setup::Setup;
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
    /// For each pool those that it can affect, and itself.
    affected: TiVec<PoolId, Vec<PoolId>>,
}

impl Levels {
    fn begin(&mut self, setup: &Setup) {
        self.pools.resize_with(setup.pools.len(), Vec::new);
        let groups = setup.groups();
        let members = |group: &usize| {
            let pools = groups.iter_enumerated();
            let members = pools.filter(|(_, other)| *other == group);
            members.map(|(id, _)| id).collect()
        };
        self.affected = groups.iter().map(members).collect();
    }

    fn note<R: Recorder>(&mut self, world: &World<'_, R>, id: PoolId, at: SimTime) {
        let pool = &world.ledger.pools[id];
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
        let noted = &mut self.pools[id];
        match noted.last_mut() {
            Some(last) if last.at == at => *last = now,
            Some(last) if (PoolSample { at, ..*last }) == now => {}
            _ => noted.push(now),
        }
    }
}

impl<R: Recorder> Observer<World<'_, R>> for Levels {
    fn after(&mut self, world: &World<'_, R>, event: &Event, at: SimTime) {
        self.until = at;
        let first = self.pools.is_empty();
        if first {
            self.begin(world.setup);
        }
        match world.pool_of(event).filter(|_| !first) {
            Some(pool) => {
                for place in 0..self.affected[pool].len() {
                    self.note(world, self.affected[pool][place], at);
                }
            }
            None => {
                for id in world.setup.pools.keys() {
                    self.note(world, id, at);
                }
            }
        }
    }
}
