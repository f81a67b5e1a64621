//! Requests and leases: how a pool is used.

use crate::kernel::queue::EventQueue;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::alert::Sign;
use crate::model::event::{Event, OccurrenceId};
use crate::model::journal::{Asked, Recorder, Turn};
use crate::model::ledger::Unserved;
use crate::model::outage::any_fails;
use crate::model::release::lease_end;
use crate::model::setup::{OnEmpty, PoolId};
use crate::model::waiting::{Request, Wait, WaitId};
use crate::model::worker::{Held, State, WorkerId};
use crate::model::world::{World, fails};

impl<R: Recorder> World<'_, R> {
    /// A request uses its tenant's lease, takes a ready worker, waits, or fails.
    pub(crate) fn request(
        &mut self,
        mut request: Request,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        let pool = self.route(&request);
        request.pool = pool;
        if !self.pools[pool.0 as usize].in_force.is_empty() && self.cut_off(&request, now, queue) {
            return;
        }
        if let Some(pool) = self.reuse(&request, now) {
            self.ledger.pools[pool.0 as usize].reused += 1;
            return;
        }
        let reserve = self.setup.classes[request.class.0 as usize].reserve;
        if 0 < reserve && self.ledger.pools[pool.0 as usize].ready.value <= reserve {
            self.ledger.pools[pool.0 as usize].refused += 1;
            self.ledger.classes[request.class.0 as usize].refused += 1;
            self.asked(Asked::Refused, &request, now);
            return;
        }
        self.ledger.pools[pool.0 as usize].requests += 1;
        self.ledger.classes[request.class.0 as usize].requests += 1;
        if let Some(worker) = self.pools[pool.0 as usize].ready.pop_front() {
            self.ledger.pools[pool.0 as usize].take_ready(now);
            self.ledger.pools[pool.0 as usize].hits += 1;
            self.grant(worker, request, now, queue);
            self.freed(pool, now, queue);
            self.heed(Sign::Hit, pool, now, queue);
            return;
        }
        self.note_unserved(&request, now);
        self.heed(Sign::Miss, pool, now, queue);
        match &self.setup.pools[pool.0 as usize].on_empty {
            OnEmpty::Reject => self.fail_lease(&request, now, now, queue),
            OnEmpty::Wait(law) => {
                let patience = self.patience(&request, law);
                self.wait(request, patience, now, queue);
            }
            OnEmpty::Cold { patience, .. } => {
                let patience = self.patience(&request, patience);
                self.start_cold(request, patience, now, queue);
            }
        }
    }

    /// Waits for a worker that is made for this request, if there may be one.
    fn start_cold(
        &mut self,
        request: Request,
        patience: SimDuration,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        let pool = request.pool;
        let of = &self.setup.pools[pool.0 as usize];
        let before = self.pools[pool.0 as usize].wanting;
        self.wait(request, patience, now, queue);
        // Another job of a tenant that waits already needs no worker of its own.
        if before == self.pools[pool.0 as usize].wanting {
            return;
        }
        if of.shortcuts.limited && self.headroom(pool) < of.slots {
            self.fail_oldest_wait(pool, now, queue);
        } else {
            self.order(pool, true, now, queue);
        }
    }

    /// Whether an outage of connections makes a request fail, whatever the pool holds.
    fn cut_off(&mut self, request: &Request, now: SimTime, queue: &mut EventQueue<Event>) -> bool {
        let pool = request.pool;
        let failure = any_fails(self.met(pool, now, |operations| operations.connect), 1);
        let class = &mut self.classes[request.class.0 as usize];
        let (stream, sum) = (class.connects, class.even_connects.of(request.tries));
        let position = request.position();
        if !fails(failure, self.setup.even, sum, &stream, position) {
            return false;
        }
        self.ledger.pools[pool.0 as usize].unconnected += 1;
        let leased = request
            .tenant
            .is_some_and(|tenant| class.tenants[tenant as usize].lease.is_some());
        if leased {
            self.impact(request);
            self.asked(Asked::CutOff, request, now);
        } else {
            self.ledger.pools[pool.0 as usize].requests += 1;
            self.ledger.classes[request.class.0 as usize].requests += 1;
            self.heed(Sign::Miss, pool, now, queue);
            self.fail_lease(request, now, now, queue);
        }
        true
    }

    /// Runs the job on the worker that its tenant holds, if it holds one, and gives its pool.
    fn reuse(&mut self, request: &Request, now: SimTime) -> Option<PoolId> {
        if !self.keeps_leases(request) {
            return None;
        }
        let class = &self.classes[request.class.0 as usize];
        let worker = class.tenants[request.tenant? as usize].lease?;
        let worker = self.workers.get(worker);
        worker.lease.busy_until = worker.lease.busy_until.max(now + request.hold);
        Some(worker.pool)
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
        worker.uses += 1;
        worker.lease = Held {
            class: request.class,
            tenant: request.tenant.filter(|_| keeps),
            from: now,
            busy_until: now + request.hold,
        };
        let pool = worker.pool;
        worker.due = lease_end(worker, self.setup.pools[pool.0 as usize].lease);
        queue.schedule(worker.due, Event::LeaseMayEnd(id));
        let (class, tenant) = (request.class, request.tenant);
        if let Some(tenant) = worker.lease.tenant {
            self.classes[request.class.0 as usize].tenants[tenant as usize].lease = Some(id);
        }
        self.ledger.pools[pool.0 as usize].add_leased(now);
        self.turned(id, pool, Turn::Leased(class, tenant), now);
    }

    fn keeps_leases(&self, request: &Request) -> bool {
        request.tenant.is_some()
            && self.setup.classes[request.class.0 as usize]
                .source
                .keeps_leases()
    }

    /// Puts a request in line.
    fn wait(
        &mut self,
        request: Request,
        patience: SimDuration,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        let pool = request.pool;
        let id = self.waits.join(request, now, patience.ends());
        self.ledger.pools[pool.0 as usize].add_waiting(now);
        queue.schedule(now + patience, Event::WaitExpires(id));
        self.asked(Asked::Waits, &request, now);
        self.want(&request);
        self.replenish(pool, now, queue);
        self.heed(Sign::Waits(id), pool, now, queue);
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
        self.asked(Asked::Served, &wait.request, now);
        self.grant(worker, wait.request, now, queue);
        self.serve_with(&wait, now);
        if self.ledger.pools[pool.0 as usize].waiting.value == 0 {
            self.resume_stocking(pool, now, queue);
        }
    }

    /// Lets the other waiting jobs of a tenant run on the worker that one of them has been leased.
    fn serve_with(&mut self, wait: &Wait, now: SimTime) {
        let (Some(tenant), true) = (wait.request.tenant, self.keeps_leases(&wait.request)) else {
            return;
        };
        let (pool, class) = (wait.request.pool, wait.request.class);
        if self.classes[class.0 as usize].tenants[tenant as usize].waiting == 0 {
            return;
        }
        let mut joined = Vec::new();
        self.waits
            .serve_tenant(pool, class, tenant, |wait| joined.push(wait));
        for wait in joined {
            self.leave_line(&wait, now);
            self.ledger.pools[pool.0 as usize].delayed += 1;
            self.asked(Asked::Served, &wait.request, now);
            self.reuse(&wait.request, now);
        }
    }

    /// A request has waited as long as it is prepared to.
    pub(crate) fn expire_wait(&mut self, id: WaitId, now: SimTime, queue: &mut EventQueue<Event>) {
        if let Some(wait) = self.waits.expire(id) {
            self.give_up(&wait, now, queue);
            if self.setup.pools[wait.request.pool.0 as usize].cancel_on_timeout {
                self.cancel_order(wait.request.pool, now, queue);
            }
        }
    }

    /// The request that has waited longest fails, because a cold start did.
    pub(crate) fn fail_oldest_wait(
        &mut self,
        pool: PoolId,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        if let Some(wait) = self.waits.serve_next(pool) {
            self.give_up(&wait, now, queue);
        }
    }

    fn give_up(&mut self, wait: &Wait, now: SimTime, queue: &mut EventQueue<Event>) {
        self.leave_line(wait, now);
        self.fail_lease(&wait.request, wait.since, now, queue);
        if self.ledger.pools[wait.request.pool.0 as usize]
            .waiting
            .value
            == 0
        {
            self.resume_stocking(wait.request.pool, now, queue);
        }
    }

    fn leave_line(&mut self, wait: &Wait, now: SimTime) {
        self.ledger.pools[wait.request.pool.0 as usize].take_waiting(now, wait.since);
        let pool = &mut self.pools[wait.request.pool.0 as usize];
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
    fn want(&mut self, request: &Request) {
        let pool = &mut self.pools[request.pool.0 as usize];
        match request.tenant {
            None => pool.wanting += 1,
            Some(tenant) => {
                let class = &mut self.classes[request.class.0 as usize];
                let waiting = &mut class.tenants[tenant as usize].waiting;
                pool.wanting += u32::from(*waiting == 0);
                *waiting += 1;
                class.tenants[tenant as usize].waits_at = request.pool;
            }
        }
    }

    fn note_unserved(&mut self, request: &Request, now: SimTime) {
        let (pool, class, tenant) = (request.pool, request.class, request.tenant);
        self.ledger.unserved.push(Unserved {
            at: now,
            pool,
            class,
            tenant,
        });
        let ledger = &mut self.ledger.pools[pool.0 as usize];
        ledger.clocks.unserved_requests.note(now);
        if let Some(tenant) = tenant {
            let marks = &mut self.classes[class.0 as usize].tenants[tenant as usize];
            let first = !std::mem::replace(&mut marks.unserved, true);
            self.ledger.classes[class.0 as usize].tenants_unserved += u32::from(first);
        }
    }

    /// A request fails that was made at `since`.
    fn fail_lease(
        &mut self,
        request: &Request,
        since: SimTime,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        let in_outage = self.fails_in_outage(request, since);
        let ledger = &mut self.ledger.pools[request.pool.0 as usize];
        ledger.lease_failed(now);
        if in_outage {
            ledger.lease_failed_in_outage(since, now);
        }
        self.ledger.classes[request.class.0 as usize].failed += 1;
        self.asked(Asked::Fails, request, now);
        self.impact(request);
        self.may_come_back(request, now, queue);
        self.heed(Sign::FailedLease, request.pool, now, queue);
    }

    /// Whether a request that fails was made in an outage, of the pool that failed it or of the pool that
    /// it was made for; each such outage is noted.
    fn fails_in_outage(&mut self, request: &Request, since: SimTime) -> bool {
        let setup = self.setup;
        let home = setup.classes[request.class.0 as usize].pool;
        let mut found = false;
        for (place, occurrence) in (0..).zip(&self.occurrences) {
            if since < occurrence.from || occurrence.until <= since {
                continue;
            }
            let window = &setup.windows[occurrence.window.0 as usize];
            for pool in [request.pool, home] {
                if window.pools.contains(&pool) {
                    found = true;
                    if setup.start < occurrence.until {
                        self.ledger.pools[pool.0 as usize].failed_in(OccurrenceId(place));
                    }
                }
            }
        }
        found
    }

    /// A request of a tenant has failed.
    fn impact(&mut self, request: &Request) {
        if let Some(tenant) = request.tenant {
            let marks = &mut self.classes[request.class.0 as usize].tenants[tenant as usize];
            let first = !std::mem::replace(&mut marks.impacted, true);
            self.ledger.classes[request.class.0 as usize].tenants_impacted += u32::from(first);
        }
    }
}
