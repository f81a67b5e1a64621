//! Standby pools: routing of requests, activation and reversion.

use crate::model::chance::Purpose;
use crate::model::id::{PoolId, WorkerId};
use crate::model::record::events::{Recorder, TraceEvent};
use crate::model::world::World;
use crate::model::world::event::Event;
use crate::model::world::waiting::Request;
use crate::model::world::workers::State;

/// The state of a standby.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum StandbyState {
    /// The pool is not a standby, or is active.
    Active,
    Inactive,
    Activating,
}

impl<R: Recorder> World<'_, R> {
    /// The pool that a request goes to. A tenant that already waits stays in that queue. Of a pool and
    /// its active standbys, the first choice passes the request on, where it has no worker ready, to
    /// one that has.
    #[inline]
    pub(crate) fn route(&mut self, request: &Request, primary: PoolId) -> PoolId {
        if self.setup.pools[primary].standbys.is_empty() {
            return primary;
        }
        self.route_among(primary, request)
    }

    fn route_among(&mut self, primary: PoolId, request: &Request) -> PoolId {
        let setup = self.setup;
        if let Some(tenant) = request.tenant {
            if let Some(worker) = self.lease_of(request) {
                return self.workers.pool(worker);
            }
            let tenant = self.classes[request.class].tenants[tenant as usize];
            if 0 < tenant.waiting {
                return tenant.waits_at;
            }
        }
        let standbys = &setup.pools[primary].standbys;
        let mut first = primary;
        for pool in standbys {
            let of = &setup.pools[*pool];
            let state = &mut self.pools[*pool];
            let Some(standby) = of.standby.as_ref().filter(|it| it.primary == primary) else {
                continue;
            };
            if state.standby != StandbyState::Active || first != primary {
                continue;
            }
            let class = setup.classes[request.class].stream_key;
            let stream_key = of.stream_key ^ class.rotate_left(32);
            let stream = self.chance.stream(Purpose::Route, stream_key, 0);
            let position = request.position();
            if state.routed.succeeds(standby.share, &stream, position) {
                first = *pool;
            }
        }
        let able = |pool: &PoolId| {
            let state = &self.pools[*pool];
            let serves = *pool == primary || state.standby == StandbyState::Active;
            serves && !(state.ready.is_empty() && state.stopped.is_empty())
        };
        if able(&first) {
            return first;
        }
        let mut others = std::iter::once(primary).chain(standbys.iter().copied());
        others.find(able).unwrap_or(first)
    }

    /// Whether a pool needs no workers, because it is a cold standby that is not active.
    pub(crate) fn is_dismantled(&self, pool: PoolId) -> bool {
        let state = &self.pools[pool];
        state.standby == StandbyState::Inactive && !state.overridden && self.is_unbuilt(pool)
    }

    /// Whether a pool is a cold standby whose activation is not complete.
    pub(crate) fn is_unbuilt(&self, pool: PoolId) -> bool {
        let standby = &self.setup.pools[pool].standby;
        self.pools[pool].standby != StandbyState::Active
            && standby.as_ref().is_some_and(|standby| !standby.warm)
    }

    /// Starts the activation of a standby.
    pub(crate) fn activate(&mut self, pool: PoolId) {
        let Some(standby) = &self.setup.pools[pool].standby else {
            return;
        };
        let state = &mut self.pools[pool];
        if state.standby != StandbyState::Inactive {
            return;
        }
        state.standby = StandbyState::Activating;
        let stream_key = self.setup.pools[pool].stream_key;
        let stream = self.chance.stream(Purpose::Activation, stream_key, 0);
        let delay = stream.draw(&standby.activation, state.activations);
        state.activations += 1;
        state.active_at = self.now + delay;
        self.queue
            .schedule(state.active_at, Event::ActivationEnds(pool));
        self.replenish(pool);
    }

    /// An activation is complete, unless it has been reverted.
    pub(crate) fn end_activation(&mut self, pool: PoolId) {
        let state = &mut self.pools[pool];
        if state.standby == StandbyState::Activating && state.active_at == self.now {
            state.standby = StandbyState::Active;
            let ledger = &mut self.ledger.pools[pool];
            ledger.clocks.activations.note(self.now);
            if !self.setup.pools[pool].serves_at_first() {
                ledger.clocks.serving.open(self.now);
            }
            self.recorder.note(self.now, TraceEvent::Activated(pool));
        }
    }

    /// A standby takes no further requests; a cold one is dismantled. Leases continue.
    pub(crate) fn revert(&mut self, pool: PoolId) {
        let Some(standby) = &self.setup.pools[pool].standby else {
            return;
        };
        if !self.setup.pools[pool].has_demand {
            self.ledger.pools[pool].clocks.serving.close(self.now);
        }
        self.pools[pool].standby = StandbyState::Inactive;
        if standby.warm {
            return;
        }
        let idle: Vec<(WorkerId, State)> = self
            .workers
            .alive()
            .filter(|(_, worker)| worker.pool == pool)
            .map(|(id, worker)| (id, worker.state))
            .collect();
        for (id, state) in idle {
            if state.is_ordered() {
                self.drop_order(id);
            } else if state == State::Ready {
                self.take_ready(id);
                self.delete(id);
            }
        }
        self.freed(pool);
    }
}
