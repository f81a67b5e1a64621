//! Invariants that must hold after every event, checked by recounting from scratch.

use std::collections::BTreeMap;

use crate::kernel::event_loop::Observer;
use crate::kernel::time::SimTime;
use crate::model::id::{DependencyId, PoolId, WorkerId};
use crate::model::setup::people::Action;
use crate::model::setup::pool::{Counts, OnEmpty, Release};
use crate::model::setup::target::Target;
use crate::model::world::World;
use crate::model::world::event::Event;
use crate::model::world::workers::{State, Worker};

/// Recounts everything after each event.
///
/// # Panics
/// At the first event after which an invariant does not hold.
#[derive(Default)]
pub(crate) struct Auditor {
    now: SimTime,
    /// Events audited.
    pub audited: u64,
}

impl Observer<World<'_>> for Auditor {
    fn after(&mut self, world: &World<'_>, event: &Event, now: SimTime) {
        assert!(
            self.now <= now,
            "time ran backwards from {:?} to {now:?}",
            self.now
        );
        self.now = now;
        self.audited += 1;
        for pool in world.pools.keys() {
            audit_levels(world, pool, event);
        }
        audit_leases(world, event);
        for dependency in world.dependencies.keys() {
            audit_calls(world, dependency, event);
        }
    }
}

/// Workers are conserved: the levels agree with a count of the workers and of the queue.
fn audit_levels(world: &World<'_>, pool: PoolId, event: &Event) {
    let (at, ledger) = (pool.0, &world.ledger.pools[pool]);
    let levels = [ledger.ready, ledger.pending, ledger.leased, ledger.deleting];
    let [ready, ..] = levels.map(|level| level.value);
    let counted = counted(world, pool);
    assert_eq!(
        counted,
        levels.map(|level| level.value),
        "pool {at} after {event:?}"
    );
    assert_eq!(
        (world.pools[pool].ready.len() + world.pools[pool].stopped.len()) as u32,
        ready,
        "ready queues of pool {at} after {event:?}"
    );
    let held = |worker: &&Worker| worker.pool == pool && worker.state.is_held();
    let held = world.workers.alive().map(|(_, it)| it).filter(held).count() as u32;
    assert_eq!(
        held * world.setup.pools[pool].slots,
        world.pools[pool].held,
        "held orders of pool {at} after {event:?}"
    );
    let waiting = world.waits.open(pool).count() as u32;
    assert_eq!(
        waiting, ledger.waiting.value,
        "queue of pool {at} after {event:?}"
    );
    assert!(
        world.pools[pool].ready.is_empty() || waiting <= world.pools[pool].starting,
        "pool {at}: {waiting} wait although workers are ready"
    );
    assert!(
        waiting <= world.setup.pools[pool].waiting_max,
        "pool {at}: {waiting} wait"
    );
    assert_eq!(
        ledger.clocks.empty.is_open(),
        ready == 0,
        "empty clock of pool {at}"
    );
    assert!(
        ledger.lowest <= ready,
        "lowest level {} of pool {at} above {ready}",
        ledger.lowest
    );
    assert!(
        ledger.hits <= ledger.requests,
        "{} hits of pool {at}",
        ledger.hits
    );
    audit_limits(world, pool, levels.map(|level| level.value));
}

/// Caps and targets hold.
fn audit_limits(world: &World<'_>, pool: PoolId, levels: [u32; 4]) {
    let (at, [ready, pending, ..]) = (pool.0, levels);
    let setup = &world.setup.pools[pool];
    // Cold starts, reimages and starts of stopped workers are exempt from the cap on orders.
    let capped = !matches!(setup.on_empty, OnEmpty::Cold { .. })
        && !matches!(setup.release, Release::Reimage(_))
        && setup.stopped.is_none();
    assert!(
        pending <= setup.in_flight_max || !capped,
        "pool {at}: {pending} orders under way"
    );
    let total = levels.iter().sum::<u32>();
    assert!(
        total <= setup.max_total,
        "pool {at}: {total} workers for {}",
        setup.max_total
    );
    // Orders of requests that have given up may outlive them, targets may fall, and workers may be
    // returned, so the target is an upper bound only without all that.
    let deletes = matches!(setup.release, Release::Delete);
    let mut actions = world.setup.playbook.iter().flat_map(|step| &step.actions);
    let overridden = actions.any(|it| matches!(it, Action::SetTarget(id, _) if *id == pool));
    if let (Counts::ReadyAndPending, Target::Fixed(target)) = (setup.counts, &setup.target)
        && (capped && deletes && !setup.waiting_orders && setup.slots == 1)
        && !overridden
    {
        assert!(
            ready + pending <= *target,
            "pool {at}: {ready} + {pending} for {target}"
        );
    }
}

/// Workers of a pool: ready, ordered, leased, deleting.
fn counted(world: &World<'_>, pool: PoolId) -> [u32; 4] {
    let mut counted = [0; 4];
    for (_, worker) in world
        .workers
        .alive()
        .filter(|(_, worker)| worker.pool == pool)
    {
        let slots = world.setup.pools[pool].slots;
        let (place, workers) = match worker.state {
            State::Ready => (0, 1),
            state if state.is_ordered() => (1, slots),
            State::Reimaging | State::Starting(_) | State::StartBackingOff => (1, 1),
            State::Leased => (2, 1),
            State::Deleting => (3, 1),
            _ => continue,
        };
        counted[place] += workers;
    }
    counted
}

/// No lease is on two workers, and none on a worker that is not leased.
fn audit_leases(world: &World<'_>, event: &Event) {
    let workers: BTreeMap<WorkerId, _> = world.workers.alive().collect();
    let mut held = BTreeMap::new();
    for (number, class) in world.classes.iter().enumerate() {
        for (tenant, of) in class.tenants.iter().enumerate() {
            let Some(id) = of.lease else { continue };
            let worker = workers.get(&id);
            let lease = worker.map(|worker| (worker.state, worker.lease.tenant));
            let expected = Some((State::Leased, Some(tenant as u32)));
            assert_eq!(lease, expected, "lease of tenant {tenant} after {event:?}");
            let other = held.insert(id, (number, tenant));
            assert_eq!(other, None, "{id:?} is leased twice after {event:?}");
        }
    }
    let kept = workers
        .values()
        .filter(|worker| worker.state == State::Leased);
    let kept = kept.filter(|worker| worker.lease.tenant.is_some()).count();
    assert_eq!(kept, held.len(), "kept leases after {event:?}");
}

/// Queue and orbit agree with a count of them, and a queue that is not empty is served.
fn audit_calls(world: &World<'_>, dependency: DependencyId, event: &Event) {
    let at = dependency.0;
    let (state, ledger) = (
        &world.dependencies[dependency],
        &world.ledger.dependencies[dependency],
    );
    let counted = (state.queue.len() as u32, world.calls.orbiting(dependency));
    assert_eq!(
        counted,
        (ledger.queue.value, ledger.orbit.value),
        "calls of dependency {at} after {event:?}"
    );
    let most = world.setup.dependencies[dependency].queue_max;
    assert!(counted.0 <= most, "{} calls for {most}", counted.0);
    assert_eq!(
        state.queue.is_empty(),
        !state.due.is_finite(),
        "service of dependency {at} after {event:?}"
    );
}
