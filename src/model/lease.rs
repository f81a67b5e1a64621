//! Requests and leases: how a pool is used. A lease has one lazy timer, which looks whether the
//! lease is over and, if a job has prolonged it, asks again later.

use crate::kernel::queue::EventQueue;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::event::Event;
use crate::model::ledger::Unserved;
use crate::model::setup::{AgeClock, Counts, LeasePolicy, OnEmpty, PoolId, Source};
use crate::model::waiting::{Request, Wait, WaitId};
use crate::model::worker::{Held, State, Worker, WorkerId};
use crate::model::world::{World, fails};

impl World<'_> {
    /// A request uses its tenant's lease, takes a ready worker, waits, or fails.
    pub(crate) fn request(
        &mut self,
        request: Request,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        let pool = self.setup.classes[request.class.0 as usize].pool;
        if self.reuse(&request, now) {
            self.ledger.pools[pool.0 as usize].reused += 1;
            return;
        }
        self.ledger.pools[pool.0 as usize].requests += 1;
        self.ledger.classes[request.class.0 as usize].requests += 1;
        if let Some(worker) = self.pools[pool.0 as usize].ready.pop_front() {
            self.ledger.pools[pool.0 as usize].take_ready(now);
            self.ledger.pools[pool.0 as usize].hits += 1;
            self.grant(worker, request, now, queue);
            self.replenish(pool, now, queue);
            return;
        }
        self.note_unserved(&request, pool, now);
        match &self.setup.pools[pool.0 as usize].on_empty {
            OnEmpty::Reject => self.fail_lease(&request, pool, now),
            OnEmpty::Wait(law) => {
                let patience = self.patience(&request, law);
                self.wait(request, patience, now, queue);
            }
        }
    }

    /// Runs the job on the worker that its tenant holds, if it holds one.
    fn reuse(&mut self, request: &Request, now: SimTime) -> bool {
        let (Some(tenant), true) = (request.tenant, self.keeps_leases(request)) else {
            return false;
        };
        let class = &self.classes[request.class.0 as usize];
        let Some(worker) = class.tenants[tenant as usize].lease else {
            return false;
        };
        let held = &mut self.workers.get(worker).lease;
        held.busy_until = held.busy_until.max(now + request.hold);
        true
    }

    /// Leases `worker`, which is on no shelf any more, to a request.
    fn grant(
        &mut self,
        id: WorkerId,
        request: Request,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        let keeps = self.keeps_leases(&request);
        let worker = self.workers.get(id);
        worker.state = State::Leased;
        worker.lease = Held {
            class: request.class,
            tenant: request.tenant.filter(|_| keeps),
            from: now,
            busy_until: now + request.hold,
        };
        let pool = worker.pool;
        worker.due = lease_end(worker, self.setup.pools[pool.0 as usize].lease);
        queue.schedule(worker.due, Event::LeaseMayEnd(id));
        if let Some(tenant) = worker.lease.tenant {
            self.classes[request.class.0 as usize].tenants[tenant as usize].lease = Some(id);
        }
        self.ledger.pools[pool.0 as usize].add_leased(now);
    }

    fn keeps_leases(&self, request: &Request) -> bool {
        matches!(
            self.setup.classes[request.class.0 as usize].source,
            Source::Tenants { .. }
        )
    }

    /// Looks whether a lease is over.
    pub(crate) fn review_lease(
        &mut self,
        id: WorkerId,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        let worker = self.workers.get(id);
        if worker.state != State::Leased || worker.due != now {
            return;
        }
        let pool = worker.pool;
        let policy = self.setup.pools[pool.0 as usize].lease;
        worker.due = lease_end(worker, policy);
        if now < worker.due {
            queue.schedule(worker.due, Event::LeaseMayEnd(id));
            return;
        }
        let held = worker.lease;
        let idle_until = held.busy_until + policy.idle_timeout;
        let aged_out = held.tenant.is_some() && now < idle_until;
        if let Some(tenant) = held.tenant {
            self.classes[held.class.0 as usize].tenants[tenant as usize].lease = None;
        }
        self.ledger.pools[pool.0 as usize].take_leased(now, held.from, aged_out);
        self.delete(id, now, queue);
    }

    /// Deletes a worker, now or in the time that it takes.
    fn delete(&mut self, id: WorkerId, now: SimTime, queue: &mut EventQueue<Event>) {
        let worker = self.workers.get(id);
        let pool = worker.pool;
        let (of, state) = (
            &self.setup.pools[pool.0 as usize],
            &mut self.pools[pool.0 as usize],
        );
        let latency = of.deletion.draw(&mut state.deletion);
        if latency == SimDuration::ZERO && of.delete_windows.is_empty() {
            self.workers.discard(id);
            if of.counts == Counts::Total {
                self.replenish(pool, now, queue);
            }
            return;
        }
        worker.state = State::Deleting;
        worker.tries = 1;
        worker.due = now + latency;
        queue.schedule(worker.due, Event::DeletionEnds(id));
        self.ledger.pools[pool.0 as usize].add_deleting(now);
    }

    /// A deletion succeeds, or fails and is tried again after its back-off.
    pub(crate) fn end_deletion(
        &mut self,
        id: WorkerId,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        let worker = self.workers.get(id);
        if worker.state != State::Deleting || worker.due != now {
            return;
        }
        let pool = worker.pool;
        let (of, state) = (
            &self.setup.pools[pool.0 as usize],
            &mut self.pools[pool.0 as usize],
        );
        let trial = state.deletions;
        state.deletions += 1;
        let met = self.setup.meets_at_completion(&of.delete_windows, now, 1);
        let (stream, sum) = (&state.deletion_fate, &mut state.even_deletions);
        if fails(met, self.setup.even, sum, stream, trial) {
            self.ledger.pools[pool.0 as usize].deletions_failed += 1;
            let latency = of.deletion.draw(&mut state.deletion);
            let delay = of
                .deletion_retry
                .delay(worker.tries, || match self.setup.even {
                    true => 0.5,
                    false => state.deletion_jitter.unit_at(trial),
                });
            worker.due = now + delay + latency;
            worker.tries += 1;
            queue.schedule(worker.due, Event::DeletionEnds(id));
            return;
        }
        self.workers.discard(id);
        self.ledger.pools[pool.0 as usize].take_deleting(now);
        self.replenish(pool, now, queue);
    }

    /// Puts a request in line.
    fn wait(
        &mut self,
        request: Request,
        patience: SimDuration,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        let pool = self.setup.classes[request.class.0 as usize].pool;
        let id = self.waits.join(request, pool, now, patience.ends());
        self.ledger.pools[pool.0 as usize].add_waiting(now);
        queue.schedule(now + patience, Event::WaitExpires(id));
        self.want(&request, pool);
        self.replenish(pool, now, queue);
    }

    /// Leases a new worker to the request that has waited longest, and lets the other waiting jobs
    /// of its tenant run on it too.
    pub(crate) fn serve_next(
        &mut self,
        pool: PoolId,
        worker: WorkerId,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        let wait = self
            .waits
            .serve_next(pool)
            .expect("a level above 0 counts an open wait");
        self.leave_line(&wait, now);
        self.ledger.pools[pool.0 as usize].delayed += 1;
        self.grant(worker, wait.request, now, queue);
        let (Some(tenant), true) = (wait.request.tenant, self.keeps_leases(&wait.request)) else {
            return;
        };
        let class = wait.request.class;
        if self.classes[class.0 as usize].tenants[tenant as usize].waiting == 0 {
            return;
        }
        let mut joined = Vec::new();
        self.waits
            .serve_tenant(pool, class, tenant, |wait| joined.push(wait));
        for wait in joined {
            self.leave_line(&wait, now);
            self.ledger.pools[pool.0 as usize].delayed += 1;
            self.reuse(&wait.request, now);
        }
    }

    /// A request has waited as long as it is prepared to.
    pub(crate) fn expire_wait(&mut self, id: WaitId, now: SimTime) {
        if let Some(wait) = self.waits.expire(id) {
            self.leave_line(&wait, now);
            self.fail_lease(&wait.request, wait.pool, now);
        }
    }

    fn leave_line(&mut self, wait: &Wait, now: SimTime) {
        self.ledger.pools[wait.pool.0 as usize].take_waiting(now, wait.since);
        let pool = &mut self.pools[wait.pool.0 as usize];
        match wait.request.tenant {
            None => pool.wanting -= 1,
            Some(tenant) => {
                let class = &mut self.classes[wait.request.class.0 as usize];
                let waiting = &mut class.tenants[tenant as usize].waiting;
                *waiting -= 1;
                pool.wanting -= u32::from(*waiting == 0);
            }
        }
    }

    /// Counts a waiting request among those that need a worker of their own, unless its tenant
    /// waits already.
    fn want(&mut self, request: &Request, pool: PoolId) {
        let pool = &mut self.pools[pool.0 as usize];
        match request.tenant {
            None => pool.wanting += 1,
            Some(tenant) => {
                let class = &mut self.classes[request.class.0 as usize];
                let waiting = &mut class.tenants[tenant as usize].waiting;
                pool.wanting += u32::from(*waiting == 0);
                *waiting += 1;
            }
        }
    }

    fn note_unserved(&mut self, request: &Request, pool: PoolId, now: SimTime) {
        let (class, tenant) = (request.class, request.tenant);
        self.ledger.unserved.push(Unserved {
            at: now,
            pool,
            class,
            tenant,
        });
        let ledger = &mut self.ledger.pools[pool.0 as usize];
        ledger.first_unserved_request = ledger.first_unserved_request.min(now);
        if let Some(tenant) = tenant {
            let marks = &mut self.classes[class.0 as usize].tenants[tenant as usize];
            let first = !std::mem::replace(&mut marks.unserved, true);
            self.ledger.classes[class.0 as usize].tenants_unserved += u32::from(first);
        }
    }

    fn fail_lease(&mut self, request: &Request, pool: PoolId, now: SimTime) {
        self.ledger.pools[pool.0 as usize].lease_failed(now);
        let ledger = &mut self.ledger.classes[request.class.0 as usize];
        ledger.failed += 1;
        if let Some(tenant) = request.tenant {
            let marks = &mut self.classes[request.class.0 as usize].tenants[tenant as usize];
            let first = !std::mem::replace(&mut marks.impacted, true);
            ledger.tenants_impacted += u32::from(first);
        }
    }
}

/// When a lease ends if no further job prolongs it: idle for too long, or at its maximum age but
/// never in mid-job.
fn lease_end(worker: &Worker, policy: LeasePolicy) -> SimTime {
    let held = &worker.lease;
    if held.tenant.is_none() {
        return held.busy_until;
    }
    let born = match policy.age_clock {
        AgeClock::Created => worker.created,
        AgeClock::Leased => held.from,
    };
    let of_age = (born + policy.max_age).max(held.busy_until);
    (held.busy_until + policy.idle_timeout).min(of_age)
}
