//! Requests and leases: how a pool is used.

use crate::kernel::time::{SimDuration, SimTime};
use crate::model::id::{OccurrenceId, PoolId, WaitId, WorkerId};
use crate::model::record::events::{Recorder, RequestEvent, WorkerEvent};
use crate::model::record::ledger::Unserved;
use crate::model::record::probes::End;
use crate::model::setup::demand::ClassOnEmpty;
use crate::model::setup::pool::{LeaseOrder, OnEmpty};
use crate::model::signal::AlertInput;
use crate::model::world::World;
use crate::model::world::event::Event;
use crate::model::world::occurrence::any_fails;
use crate::model::world::release::lease_end;
use crate::model::world::waiting::{Request, Wait};
use crate::model::world::workers::{Held, State};

impl<R: Recorder> World<'_, R> {
    /// A request uses its tenant's lease, takes a ready worker, waits, or fails.
    pub(crate) fn request(&mut self, mut request: Request) {
        let setup = self.setup;
        let of_class = &setup.classes[request.class];
        let pool = self.route(&request, of_class.pool);
        request.pool = pool;
        if !self.pools[pool].in_force.is_empty() && self.cut_off(&request) {
            return;
        }
        if let Some(pool) = self.reuse(&request) {
            self.ledger.pools[pool].reused += 1;
            return;
        }
        let reserve = of_class.reserve;
        if 0 < reserve && self.ledger.pools[pool].ready.value <= reserve {
            self.ledger.pools[pool].refused += 1;
            self.ledger.classes[request.class].refused += 1;
            self.record_request(RequestEvent::Refused, &request, self.now);
            return;
        }
        let worker = self.next_ready(pool);
        let hits = u64::from(worker.is_some());
        let of_pool = &mut self.ledger.pools[pool];
        (of_pool.requests, of_pool.hits) = (of_pool.requests + 1, of_pool.hits + hits);
        let of_class = &mut self.ledger.classes[request.class];
        (of_class.requests, of_class.hits) = (of_class.requests + 1, of_class.hits + hits);
        if let Some(worker) = worker {
            self.request_ends(End::Hit, &request, self.now);
            self.grant(worker, request);
            self.freed(pool);
            self.observe(AlertInput::Hit, pool);
            return;
        }
        if !self.start_for(request) {
            self.miss(request);
        }
    }

    /// A request finds no ready worker.
    fn miss(&mut self, request: Request) {
        let pool = request.pool;
        self.note_unserved(&request);
        self.observe(AlertInput::Miss, pool);
        let setup = self.setup;
        let (of, of_class) = (&setup.pools[pool], &setup.classes[request.class]);
        let full = of.waiting_max <= self.ledger.pools[pool].waiting.value
            || of_class.waiting_max <= self.classes[request.class].waiting;
        let rejected = match of_class.on_empty {
            Some(on_empty) => on_empty == ClassOnEmpty::Reject,
            None => matches!(of.on_empty, OnEmpty::Reject),
        };
        if rejected || full {
            return self.fail_lease(&request, self.now);
        }
        match of.on_empty {
            OnEmpty::Cold { after, .. } if of_class.on_empty.is_none() => {
                self.start_cold(request, after);
            }
            _ => drop(self.wait(request)),
        }
    }

    /// Takes the ready worker that is leased next, if any is running.
    pub(crate) fn next_ready(&mut self, pool: PoolId) -> Option<WorkerId> {
        let ready = &mut self.pools[pool].ready;
        let next = match self.setup.pools[pool].lease_order {
            LeaseOrder::Oldest => ready.pop_front(),
            LeaseOrder::Newest => ready.pop_back(),
        };
        if next.is_some() {
            self.ledger.pools[pool].take_ready(self.now);
        }
        next
    }

    /// Waits for a worker of the pool, and for so long before a cold start.
    fn start_cold(&mut self, request: Request, after: SimDuration) {
        let pool = request.pool;
        let before = self.pools[pool].backorders;
        let id = self.wait(request);
        // Further jobs of a tenant that already waits need no worker of their own.
        if before == self.pools[pool].backorders {
            return;
        }
        match after {
            SimDuration::ZERO => self.order_cold(pool),
            after => self
                .queue
                .schedule(self.now + after, Event::ColdStartDue(id)),
        }
    }

    /// A request may have waited long enough for a cold start. Its slot may have another request by now, which
    /// began to wait at another instant.
    pub(crate) fn cold_start_due(&mut self, id: WaitId) {
        let Some(request) = self.waits.cold_start(id, |wait| {
            let setup = &self.setup.pools[wait.request.pool];
            match setup.on_empty {
                OnEmpty::Cold { after, .. } => wait.joined + after == self.now,
                _ => false,
            }
        }) else {
            return;
        };
        self.order_cold(request.pool);
    }

    /// Orders a worker for a request that starts cold, if the pool admits one.
    fn order_cold(&mut self, pool: PoolId) {
        let of = &self.setup.pools[pool];
        let stopped = self.now < self.pools[pool].orders_from;
        if stopped || of.shortcuts.limited && self.headroom(pool) < of.slots {
            self.fail_oldest_wait(pool);
        } else {
            self.order(pool, of, true);
        }
    }

    /// Whether an outage of connections makes a request fail, whatever the stock.
    fn cut_off(&mut self, request: &Request) -> bool {
        let pool = request.pool;
        let failure = any_fails(
            self.active(pool, self.now, |operations| operations.connect),
            1,
        );
        let coin = &mut self.classes[request.class].connects;
        if !coin.toss(failure, request.tries, request.position()) {
            return false;
        }
        self.ledger.pools[pool].unconnected += 1;
        if self.lease_of(request).is_some() {
            self.impact(request);
            self.record_request(RequestEvent::CutOff, request, self.now);
        } else {
            self.ledger.pools[pool].requests += 1;
            self.ledger.classes[request.class].requests += 1;
            self.observe(AlertInput::Miss, pool);
            self.fail_lease(request, self.now);
        }
        true
    }

    /// Runs the job on the worker that its tenant holds, if it holds one, and gives its pool.
    fn reuse(&mut self, request: &Request) -> Option<PoolId> {
        if !self.keeps_leases(request) {
            return None;
        }
        let id = self.lease_of(request)?;
        Some(self.prolong(id, request))
    }

    /// Runs the job on a worker that its tenant holds, and gives its pool.
    fn prolong(&mut self, id: WorkerId, request: &Request) -> PoolId {
        let worker = self.workers.get(id);
        worker.lease.busy_until = worker.lease.busy_until.max(self.now + request.hold);
        worker.pool
    }

    /// The worker that the tenant of a request holds.
    pub(crate) fn lease_of(&mut self, request: &Request) -> Option<WorkerId> {
        let tenants = &self.classes[request.class].tenants;
        let id = tenants[request.tenant? as usize].lease?;
        if self.ends_silently(id) && self.settle(id, self.now, SimTime::ZERO) {
            return None;
        }
        Some(id)
    }

    /// Leases `worker`, which is no longer among the ready ones, to a request.
    pub(crate) fn grant(&mut self, id: WorkerId, request: Request) {
        let keeps = self.keeps_leases(&request);
        let setup = self.setup;
        let worker = self.workers.get(id);
        worker.state = State::Leased;
        worker.uses += 1;
        worker.lease = Held {
            class: request.class,
            tenant: request.tenant.filter(|_| keeps),
            from: self.now,
            busy_until: self.now + request.hold,
        };
        let pool = worker.pool;
        let of = &setup.pools[pool];
        let (class, tenant) = (request.class, request.tenant);
        let silent = of.shortcuts.silent_ends && !self.observed;
        if let Some(tenant) = worker.lease.tenant {
            self.classes[request.class].tenants[tenant as usize].lease = Some(id);
        } else if silent {
            self.workers.discard(id);
            self.ledger.pools[pool].lease(self.now, self.now + request.hold, setup.start);
            return;
        }
        if !silent {
            worker.due = lease_end(worker, &of.lease);
            self.queue.schedule(worker.due, Event::LeaseMayEnd(id));
        }
        self.ledger.pools[pool].add_leased(self.now);
        self.record_worker(id, pool, WorkerEvent::Leased(class, tenant), self.now);
    }

    fn keeps_leases(&self, request: &Request) -> bool {
        request.tenant.is_some() && self.setup.classes[request.class].source.keeps_leases()
    }

    /// Puts a request in the queue.
    pub(crate) fn wait(&mut self, request: Request) -> WaitId {
        self.wait_since(request, self.now)
    }

    /// Puts a request in the queue that has waited since some instant, if only elsewhere.
    pub(crate) fn wait_since(&mut self, request: Request, since: SimTime) -> WaitId {
        let pool = request.pool;
        let patience = self.patience(&request);
        let joined = (since, self.now);
        let id = self.waits.join(request, joined, patience.is_finite());
        self.schedule_move(id, pool);
        self.ledger.pools[pool].add_waiting(self.now);
        self.classes[request.class].waiting += 1;
        self.queue
            .schedule(self.now + patience, Event::WaitExpires(id));
        self.record_request(RequestEvent::Waits, &request, self.now);
        self.want(&request);
        self.replenish(pool);
        self.observe(AlertInput::Waits(id), pool);
        id
    }

    /// Leases a new worker to the request that has waited longest, and lets the other waiting jobs
    /// of its tenant run on it too.
    pub(crate) fn serve_next(&mut self, pool: PoolId, worker: WorkerId) {
        let wait = self
            .waits
            .serve_next(pool)
            .expect("a level above 0 counts an open wait");
        self.note_served(&wait);
        self.grant(worker, wait.request);
        self.serve_with(&wait, worker);
        if self.ledger.pools[pool].waiting.value == 0 {
            self.resume_stocking(pool);
        }
    }

    /// A request that has waited is served.
    fn note_served(&mut self, wait: &Wait) {
        self.leave_line(wait);
        self.note_delayed(wait);
        self.request_ends(End::Served, &wait.request, wait.since);
        self.record_request(RequestEvent::Served, &wait.request, self.now);
    }

    /// Lets the other waiting jobs of a tenant run on the worker that one of them has been leased.
    fn serve_with(&mut self, wait: &Wait, worker: WorkerId) {
        let (Some(tenant), true) = (wait.request.tenant, self.keeps_leases(&wait.request)) else {
            return;
        };
        let (pool, class) = (wait.request.pool, wait.request.class);
        if self.classes[class].tenants[tenant as usize].waiting == 0 {
            return;
        }
        let mut joined = Vec::new();
        self.waits
            .serve_tenant(pool, class, tenant, |wait| joined.push(wait));
        for wait in joined {
            self.note_served(&wait);
            self.prolong(worker, &wait.request);
        }
    }

    /// The patience of a waiting request runs out.
    pub(crate) fn expire_wait(&mut self, id: WaitId) {
        if let Some(wait) = self.waits.expire(id) {
            self.give_up(&wait);
            self.leave_order(wait.request.pool);
        }
    }

    /// A request gives up or moves on: its order is cancelled or remains, as stock or in addition to it.
    pub(crate) fn leave_order(&mut self, pool: PoolId) {
        let of = &self.setup.pools[pool];
        if of.cancel_on_timeout {
            self.cancel_order(pool);
        } else if of.keeps_abandoned && of.waiting_orders {
            let pending = self.ledger.pools[pool].pending.value;
            let abandoned = &mut self.pools[pool].abandoned;
            *abandoned = (*abandoned + of.slots).min(pending);
        }
    }

    /// The request that has waited longest fails, because a cold start did.
    pub(crate) fn fail_oldest_wait(&mut self, pool: PoolId) {
        if let Some(wait) = self.waits.serve_next(pool) {
            self.give_up(&wait);
        }
    }

    pub(crate) fn give_up(&mut self, wait: &Wait) {
        self.leave_line(wait);
        self.fail_lease(&wait.request, wait.since);
        if self.ledger.pools[wait.request.pool].waiting.value == 0 {
            self.resume_stocking(wait.request.pool);
        }
    }

    fn leave_line(&mut self, wait: &Wait) {
        self.ledger.pools[wait.request.pool].take_waiting(self.now, wait.since);
        self.leave_queue(wait);
    }

    /// A request is no longer among those that wait for a pool.
    pub(crate) fn leave_queue(&mut self, wait: &Wait) {
        self.classes[wait.request.class].waiting -= 1;
        let waited = (self.now - wait.since).micros();
        self.ledger.classes[wait.request.class].waits.push(waited);
        let pool = &mut self.pools[wait.request.pool];
        match wait.request.tenant {
            None => pool.backorders -= 1,
            Some(tenant) => {
                let class = &mut self.classes[wait.request.class];
                let waiting = &mut class.tenants[tenant as usize].waiting;
                *waiting -= 1;
                pool.backorders -= u32::from(*waiting == 0);
            }
        }
    }

    /// A waiting request is served.
    pub(crate) fn note_delayed(&mut self, wait: &Wait) {
        let class = wait.request.class;
        self.ledger.pools[wait.request.pool].delayed += 1;
        let limit = self.setup.classes[class].wait_limit;
        self.ledger.classes[class].served_after(self.now - wait.since, limit);
    }

    /// Requests that still wait at the end have waited so long at the least; of those, the ones that have waited
    /// longer than the limit of their class are counted.
    pub(crate) fn end_waits(&mut self, end: SimTime) {
        for pool in self.setup.pools.keys() {
            for (_, wait) in self.waits.open(pool) {
                let waited = end - wait.since;
                let class = wait.request.class;
                let limit = self.setup.classes[class].wait_limit;
                let longer = limit.is_some_and(|limit| limit < waited);
                let of_class = &mut self.ledger.classes[class];
                of_class.overdue += u64::from(longer);
                of_class.waits.push(waited.micros());
                self.ledger.pools[pool].waits.push(waited.micros());
                let of = (pool, class);
                self.ledger.request_ends(End::Open, of, (wait.since, end));
            }
        }
    }

    /// Counts a waiting request among those that need a worker of their own, unless its tenant
    /// waits already.
    fn want(&mut self, request: &Request) {
        let pool = &mut self.pools[request.pool];
        match request.tenant {
            None => pool.backorders += 1,
            Some(tenant) => {
                let class = &mut self.classes[request.class];
                let waiting = &mut class.tenants[tenant as usize].waiting;
                pool.backorders += u32::from(*waiting == 0);
                *waiting += 1;
                class.tenants[tenant as usize].waits_at = request.pool;
            }
        }
    }

    fn note_unserved(&mut self, request: &Request) {
        let (pool, class, tenant) = (request.pool, request.class, request.tenant);
        self.ledger.unserved.push(Unserved {
            at: self.now,
            pool,
            class,
            tenant,
        });
        let ledger = &mut self.ledger.pools[pool];
        ledger.clocks.unserved_requests.note(self.now);
        if let Some(tenant) = tenant {
            let marks = &mut self.classes[class].tenants[tenant as usize];
            let first = !std::mem::replace(&mut marks.unserved, true);
            self.ledger.classes[class].tenants_unserved += u32::from(first);
        }
    }

    /// A request fails that was made at `since`.
    fn fail_lease(&mut self, request: &Request, since: SimTime) {
        let in_outage = self.fails_in_outage(request, since);
        let ledger = &mut self.ledger.pools[request.pool];
        ledger.lease_failed(self.now);
        if in_outage {
            ledger.lease_failed_in_outage(since, self.now);
        }
        self.ledger.classes[request.class].failed += 1;
        self.request_ends(End::Failed, request, since);
        self.record_request(RequestEvent::Fails, request, self.now);
        self.impact(request);
        self.may_retry(request);
        self.observe(AlertInput::FailedLease, request.pool);
    }

    /// Whether a failed request was made in an outage, of the pool where it failed or of the pool that
    /// it was made for; each such outage is recorded.
    fn fails_in_outage(&mut self, request: &Request, since: SimTime) -> bool {
        let setup = self.setup;
        let home = setup.classes[request.class].pool;
        let mut found = false;
        for (place, occurrence) in (0..).zip(&self.occurrences) {
            if since < occurrence.from || occurrence.until <= since {
                continue;
            }
            let window = &setup.windows[occurrence.window];
            for pool in [request.pool, home] {
                if window.pools.contains(&pool) {
                    found = true;
                    if setup.start < occurrence.until {
                        self.ledger.pools[pool].failed_in(OccurrenceId(place));
                    }
                }
            }
        }
        found
    }

    /// A request of a tenant has failed.
    fn impact(&mut self, request: &Request) {
        if let Some(tenant) = request.tenant {
            let marks = &mut self.classes[request.class].tenants[tenant as usize];
            let first = !std::mem::replace(&mut marks.impacted, true);
            self.ledger.classes[request.class].tenants_impacted += u32::from(first);
        }
    }
}
