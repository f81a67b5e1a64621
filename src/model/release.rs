//! What becomes of workers whose lease has ended, or that nobody wants: deleted, returned or
//! reimaged. A lease has one lazy timer, which looks whether the lease is over and, if a job has
//! prolonged it, asks again later.

use crate::kernel::queue::EventQueue;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::event::Event;
use crate::model::journal::{Recorder, Turn};
use crate::model::outage::any_fails;
use crate::model::setup::{AgeClock, LeasePolicy, PoolId, Release};
use crate::model::worker::{State, Worker, WorkerId};
use crate::model::world::{World, fails};

impl<R: Recorder> World<'_, R> {
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
        let of = &self.setup.pools[worker.pool.0 as usize];
        if !self.pools[worker.pool.0 as usize].expiry_suspended || worker.lease.tenant.is_none() {
            worker.due = lease_end(worker, of.lease);
        } else {
            worker.due = SimTime::NEVER;
        }
        if now < worker.due {
            queue.schedule(worker.due, Event::LeaseMayEnd(id));
            return;
        }
        let held = worker.lease;
        let aged_out = held.tenant.is_some() && now < held.busy_until + of.lease.idle_timeout;
        let aged = aged_out || age_end(worker, of.lease) <= now;
        let (pool, uses) = (worker.pool, worker.uses);
        let keeps = !aged && uses < of.max_uses && !self.is_dismantled(pool);
        self.end_lease(id, now, aged_out);
        match &of.release {
            Release::Return if keeps => {
                let pool = self.workers.get(id).pool;
                self.shelve(id, now, queue);
                self.freed(pool, now, queue);
            }
            Release::Reimage(law) if keeps => {
                let worker = self.workers.get(id);
                let pool = &mut self.pools[worker.pool.0 as usize];
                worker.state = State::Reimaging;
                worker.due = now + law.draw(&mut pool.reimage);
                self.ledger.pools[worker.pool.0 as usize].add_pending(now);
                queue.schedule(worker.due, Event::AttemptEnds(id));
                let pool = worker.pool;
                self.turned(id, pool, Turn::Reimages, now);
                self.freed(pool, now, queue);
            }
            _ => {
                self.delete(id, now, queue);
                if self.setup.pools[pool.0 as usize].shortcuts.ends_matter {
                    self.freed(pool, now, queue);
                }
            }
        }
    }

    /// Leases end again: those that have lasted too long meanwhile end now.
    pub(crate) fn resume_expiry(
        &mut self,
        pool: PoolId,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        self.pools[pool.0 as usize].expiry_suspended = false;
        let policy = self.setup.pools[pool.0 as usize].lease;
        let held: Vec<WorkerId> = self
            .workers
            .alive()
            .filter(|(_, worker)| worker.pool == pool && worker.state == State::Leased)
            .filter(|(_, worker)| !worker.due.comes())
            .map(|(id, _)| id)
            .collect();
        for id in held {
            let worker = self.workers.get(id);
            worker.due = lease_end(worker, policy).max(now);
            queue.schedule(worker.due, Event::LeaseMayEnd(id));
        }
    }

    /// Takes a worker from whoever holds it.
    #[inline]
    pub(crate) fn end_lease(&mut self, id: WorkerId, now: SimTime, aged_out: bool) {
        let worker = self.workers.get(id);
        let held = worker.lease;
        if let Some(tenant) = held.tenant {
            self.classes[held.class.0 as usize].tenants[tenant as usize].lease = None;
        }
        let pool = worker.pool;
        self.ledger.pools[pool.0 as usize].take_leased(now, held.from, aged_out);
        self.turned(id, pool, Turn::Released, now);
    }

    /// A worker that is ready goes to the request that has waited longest, or on the shelf.
    #[inline]
    pub(crate) fn shelve(&mut self, id: WorkerId, now: SimTime, queue: &mut EventQueue<Event>) {
        let worker = self.workers.get(id);
        worker.state = State::Ready;
        worker.due = SimTime::NEVER;
        let pool = worker.pool;
        if 0 < self.ledger.pools[pool.0 as usize].waiting.value {
            self.serve_next(pool, id, now, queue);
            return;
        }
        let of = &self.setup.pools[pool.0 as usize];
        if of.ready_max_age.ends() || of.ready_max_idle.ends() {
            let of_age = (worker.created + of.ready_max_age).max(now);
            worker.due = of_age.min(now + of.ready_max_idle);
            queue.schedule(worker.due, Event::ShelfLifeEnds(id));
        }
        worker.shelved = now;
        // Where there are periodic reviews, they find what has been idle for too long.
        let patient = SimDuration::ZERO < of.surplus_idle && of.surplus_idle.ends();
        if patient && of.review == SimDuration::ZERO {
            queue.schedule(now + of.surplus_idle, Event::SurplusDue(pool));
        }
        self.pools[pool.0 as usize].ready.push_back(id);
        self.ledger.pools[pool.0 as usize].add_ready(now);
        self.turned(id, pool, Turn::Ready, now);
    }

    /// Takes a worker off the shelf that is not the next to be leased.
    pub(crate) fn take_off_shelf(&mut self, id: WorkerId, now: SimTime) {
        let pool = self.workers.get(id).pool;
        let ready = &mut self.pools[pool.0 as usize].ready;
        // Workers go in the order of their age, so it stands near the front.
        let place = ready.iter().position(|it| *it == id);
        ready.remove(place.expect("a ready worker is on its shelf"));
        self.ledger.pools[pool.0 as usize].take_ready(now);
    }

    /// A worker may have been ready for too long.
    pub(crate) fn end_shelf_life(
        &mut self,
        id: WorkerId,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        let worker = self.workers.get(id);
        if worker.state != State::Ready || worker.due != now {
            return;
        }
        let pool = worker.pool;
        self.take_off_shelf(id, now);
        self.ledger.pools[pool.0 as usize].expired += 1;
        self.delete(id, now, queue);
        self.freed(pool, now, queue);
    }

    /// A reimage succeeds, or fails and the worker is deleted.
    pub(crate) fn end_reimage(
        &mut self,
        id: WorkerId,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        let pool = self.workers.get(id).pool;
        self.ledger.pools[pool.0 as usize].take_pending(now);
        let met = any_fails(self.met(pool, now, |operations| operations.reimage), 1);
        let state = &mut self.pools[pool.0 as usize];
        let trial = state.reimages;
        state.reimages += 1;
        let (stream, sum) = (&state.reimage_fate, &mut state.even_reimages);
        if fails(met, self.setup.even, sum, stream, trial) || self.is_dismantled(pool) {
            self.delete(id, now, queue);
        } else {
            self.shelve(id, now, queue);
        }
        self.freed(pool, now, queue);
    }

    /// Deletes a worker, now or in the time that it takes. It is for the caller to review its pool, once
    /// for each change: where only ready workers count, each review orders again.
    #[inline]
    pub(crate) fn delete(&mut self, id: WorkerId, now: SimTime, queue: &mut EventQueue<Event>) {
        let pool = self.workers.get(id).pool;
        let of = &self.setup.pools[pool.0 as usize];
        let latency = of.deletion.draw(&mut self.pools[pool.0 as usize].deletion);
        if latency == SimDuration::ZERO && !of.shortcuts.deletions_matter {
            self.workers.discard(id);
            self.turned(id, pool, Turn::Deleted, now);
        } else {
            self.workers.get(id).state = State::Deleting;
            self.ledger.pools[pool.0 as usize].add_deleting(now);
            self.turned(id, pool, Turn::Deletes, now);
            self.schedule_deletion(id, latency, now, queue);
        }
    }

    /// The machine of a failed attempt is deleted before its order goes on.
    pub(crate) fn clear(&mut self, id: WorkerId, now: SimTime, queue: &mut EventQueue<Event>) {
        let pool = self.workers.get(id).pool;
        self.workers.get(id).state = State::Clearing;
        self.turned(id, pool, Turn::Clears, now);
        let of = &self.setup.pools[pool.0 as usize];
        let latency = of.deletion.draw(&mut self.pools[pool.0 as usize].deletion);
        self.schedule_deletion(id, latency, now, queue);
    }

    /// The machine of a failed attempt is deleted beside its order.
    pub(crate) fn leave_machine(
        &mut self,
        pool: PoolId,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        let id = self.workers.order(pool);
        self.delete(id, now, queue);
    }

    fn schedule_deletion(
        &mut self,
        id: WorkerId,
        latency: SimDuration,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        let pool = self.workers.get(id).pool;
        let from = now + self.deletion_held_back(pool, now);
        let worker = self.workers.get(id);
        worker.deletion_tries = 1;
        worker.due = from + latency;
        queue.schedule(worker.due, Event::DeletionEnds(id));
    }

    /// A deletion succeeds, or fails and is tried again after its back-off.
    pub(crate) fn end_deletion(
        &mut self,
        id: WorkerId,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        let worker = self.workers.get(id);
        let clearing = worker.state == State::Clearing;
        if worker.due != now || !(clearing || worker.state == State::Deleting) {
            return;
        }
        let pool = worker.pool;
        let met = any_fails(self.met(pool, now, |operations| operations.delete), 1);
        let state = &mut self.pools[pool.0 as usize];
        let trial = state.deletions;
        state.deletions += 1;
        let (stream, sum) = (&state.deletion_fate, &mut state.even_deletions);
        if fails(met, self.setup.even, sum, stream, trial) {
            self.ledger.pools[pool.0 as usize].deletions_failed += 1;
            self.turned(id, pool, Turn::DeletionFails, now);
            self.retry_deletion(id, trial, now, queue);
        } else if clearing {
            self.go_on(id, now, queue);
        } else {
            self.workers.discard(id);
            self.turned(id, pool, Turn::Deleted, now);
            self.ledger.pools[pool.0 as usize].take_deleting(now);
            if self.setup.pools[pool.0 as usize].shortcuts.ends_matter {
                self.freed(pool, now, queue);
            }
        }
    }

    fn retry_deletion(
        &mut self,
        id: WorkerId,
        trial: u64,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        let pool = self.workers.get(id).pool;
        let put_off = self.deletion_held_back(pool, now);
        let (of, state) = (
            &self.setup.pools[pool.0 as usize],
            &mut self.pools[pool.0 as usize],
        );
        let latency = of.deletion.draw(&mut state.deletion);
        let worker = self.workers.get(id);
        let delay = of
            .deletion_retry
            .delay(worker.deletion_tries, || match self.setup.even {
                true => 0.5,
                false => state.deletion_jitter.unit_at(trial),
            });
        worker.due = now + delay + put_off + latency;
        worker.deletion_tries += 1;
        queue.schedule(worker.due, Event::DeletionEnds(id));
    }
}

/// When a lease ends if no further job prolongs it: idle for too long, or at its maximum age but
/// never in mid-job.
pub(crate) fn lease_end(worker: &Worker, policy: LeasePolicy) -> SimTime {
    let held = &worker.lease;
    if held.tenant.is_none() {
        return held.busy_until;
    }
    let of_age = age_end(worker, policy).max(held.busy_until);
    (held.busy_until + policy.idle_timeout).min(of_age)
}

/// When a worker reaches its maximum age.
fn age_end(worker: &Worker, policy: LeasePolicy) -> SimTime {
    let born = match policy.age_clock {
        AgeClock::Created => worker.created,
        AgeClock::Leased => worker.lease.from,
    };
    born + policy.max_age
}
