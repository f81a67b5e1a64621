//! Workers whose lease has ended, or that are surplus: deleted, returned or
//! reimaged. A lease has one lazy timer, which checks whether the lease is over and, if a job has
//! extended it, is rescheduled.

use crate::kernel::time::{SimDuration, SimTime};
use crate::model::id::{PoolId, WorkerId};
use crate::model::record::events::{Recorder, WorkerEvent};
use crate::model::setup::pool::{AgeClock, LeasePolicy, PoolSetup, Release};
use crate::model::world::World;
use crate::model::world::event::Event;
use crate::model::world::occurrence::any_fails;
use crate::model::world::workers::{State, Worker};

impl<R: Recorder> World<'_, R> {
    /// Checks whether a lease is over.
    pub(crate) fn review_lease(&mut self, id: WorkerId) {
        let worker = self.workers.get(id);
        if worker.state != State::Leased || worker.due != self.now {
            return;
        }
        let of = &self.setup.pools[worker.pool];
        if !self.pools[worker.pool].expiry_suspended || worker.lease.tenant.is_none() {
            worker.due = lease_end(worker, &of.lease);
        } else {
            worker.due = SimTime::NEVER;
        }
        if self.now < worker.due {
            self.queue.schedule(worker.due, Event::LeaseMayEnd(id));
            return;
        }
        let held = worker.lease;
        let aged_out = held.tenant.is_some() && self.now < held.busy_until + of.lease.idle_timeout;
        let aged = aged_out || age_end(worker, &of.lease) <= self.now;
        let (pool, uses) = (worker.pool, worker.uses);
        self.end_lease(id, aged_out);
        let reusable = !matches!(of.release, Release::Delete) && !aged && uses < of.max_uses;
        let keeps = reusable && !self.is_dismantled(pool);
        match &of.release {
            Release::Return if keeps => {
                self.put_ready(id, of);
                self.freed(pool);
            }
            Release::Reimage(law) if keeps => {
                let worker = self.workers.get(id);
                let pool = &mut self.pools[worker.pool];
                worker.state = State::Reimaging;
                worker.due = self.now + pool.reimage.draw(law);
                self.ledger.pools[worker.pool].add_pending(self.now);
                self.queue.schedule(worker.due, Event::AttemptEnds(id));
                let pool = worker.pool;
                self.record_worker(id, pool, WorkerEvent::Reimages, self.now);
                self.freed(pool);
            }
            _ => {
                self.delete(id);
                if self.setup.pools[pool].shortcuts.ends_matter {
                    self.freed(pool);
                }
            }
        }
    }

    /// Whether a worker's lease ends without an event, when something depends on it.
    #[inline]
    pub(crate) fn ends_silently(&self, id: WorkerId) -> bool {
        let pool = self.workers.pool(id);
        let silent = self.setup.pools[pool].shortcuts.silent_ends && !self.observed;
        silent && !self.pools[pool].expiry_suspended
    }

    /// Ends a lease that was over by an instant, no earlier than at `since`, and says whether it was.
    pub(crate) fn settle(&mut self, id: WorkerId, by: SimTime, since: SimTime) -> bool {
        let worker = self.workers.get(id);
        let policy = &self.setup.pools[worker.pool].lease;
        let end = lease_end(worker, policy);
        if by < end {
            return false;
        }
        let at = end.max(since);
        let aged_out = at < worker.lease.busy_until + policy.idle_timeout;
        self.end_lease_at(id, at, aged_out);
        self.workers.discard(id);
        true
    }

    /// Ends the leases of some pools that were over by an instant without an event, no earlier than at `since`.
    pub(crate) fn settle_leases(
        &mut self,
        by: SimTime,
        since: SimTime,
        of: impl Fn(PoolId) -> bool,
    ) {
        for id in self.workers.slots() {
            let worker = self.workers.get(id);
            if worker.state == State::Leased && of(worker.pool) && self.ends_silently(id) {
                self.settle(id, by, since);
            }
        }
    }

    /// Leases end no more.
    pub(crate) fn suspend_expiry(&mut self, pool: PoolId) {
        self.settle_leases(self.now, SimTime::ZERO, |it| it == pool);
        self.pools[pool].expiry_suspended = true;
    }

    /// Leases end again: those that have lasted too long meanwhile end now.
    pub(crate) fn resume_expiry(&mut self, pool: PoolId) {
        self.pools[pool].expiry_suspended = false;
        self.settle_leases(self.now, self.now, |it| it == pool);
        let policy = &self.setup.pools[pool].lease;
        let held: Vec<WorkerId> = self
            .workers
            .alive()
            .filter(|(_, worker)| worker.pool == pool && worker.state == State::Leased)
            .filter(|(id, worker)| !worker.due.is_finite() && !self.ends_silently(*id))
            .map(|(id, _)| id)
            .collect();
        for id in held {
            let worker = self.workers.get(id);
            worker.due = lease_end(worker, policy).max(self.now);
            self.queue.schedule(worker.due, Event::LeaseMayEnd(id));
        }
    }

    /// Takes a worker from the tenant that holds it.
    #[inline]
    pub(crate) fn end_lease(&mut self, id: WorkerId, aged_out: bool) {
        self.end_lease_at(id, self.now, aged_out);
    }

    #[inline]
    fn end_lease_at(&mut self, id: WorkerId, at: SimTime, aged_out: bool) {
        let worker = self.workers.get(id);
        let held = worker.lease;
        if let Some(tenant) = held.tenant {
            self.classes[held.class].tenants[tenant as usize].lease = None;
        }
        let pool = worker.pool;
        self.ledger.pools[pool].take_leased(at, held.from, aged_out);
        self.record_worker(id, pool, WorkerEvent::Released, at);
    }

    /// A worker serves the request that has waited longest, or becomes ready: stopped, where enough are running.
    #[inline]
    pub(crate) fn put_ready(&mut self, id: WorkerId, of: &PoolSetup) {
        if of.stopped.is_some() {
            let pool = self.workers.get(id).pool;
            // Requests that wait for a worker that is being started are its own.
            let waiting = self.ledger.pools[pool].waiting.value;
            let stocked = waiting <= self.pools[pool].starting;
            if stocked && self.is_to_stop(pool) {
                return self.stock_ready(id, of, true);
            }
        }
        self.put_running(id, of);
    }

    /// A running worker serves the request that has waited longest, or becomes ready.
    #[inline]
    pub(crate) fn put_running(&mut self, id: WorkerId, of: &PoolSetup) {
        let pool = self.workers.get(id).pool;
        if self.pools[pool].starting < self.ledger.pools[pool].waiting.value {
            self.serve_next(pool, id);
            return;
        }
        self.stock_ready(id, of, false);
    }

    /// A worker becomes ready, running or stopped.
    #[inline]
    fn stock_ready(&mut self, id: WorkerId, of: &PoolSetup, stopped: bool) {
        let worker = self.workers.get(id);
        worker.state = State::Ready;
        worker.due = SimTime::NEVER;
        let pool = worker.pool;
        if of.ready_max_age.is_finite() || of.ready_max_idle.is_finite() {
            let of_age = (worker.created + of.ready_max_age).max(self.now);
            worker.due = of_age.min(self.now + of.ready_max_idle);
            self.queue.schedule(worker.due, Event::ReadyAgeEnds(id));
        }
        worker.ready_since = self.now;
        // Under periodic review, surplus idle workers are found by the reviews.
        let patient = SimDuration::ZERO < of.surplus_idle && of.surplus_idle.is_finite();
        if patient && of.review == SimDuration::ZERO {
            self.queue
                .schedule(self.now + of.surplus_idle, Event::SurplusDue(pool));
        }
        let state = &mut self.pools[pool];
        let stock = if stopped {
            &mut state.stopped
        } else {
            &mut state.ready
        };
        stock.push_back(id);
        self.ledger.pools[pool].add_ready(self.now);
        self.record_worker(id, pool, WorkerEvent::Ready, self.now);
    }

    /// Removes a ready worker that is not the next to be leased.
    pub(crate) fn take_ready(&mut self, id: WorkerId) {
        let pool = self.workers.get(id).pool;
        let state = &mut self.pools[pool];
        // Workers are removed in the order of their age, so it is near the front.
        let place = state.ready.iter().position(|it| *it == id);
        if let Some(place) = place {
            state.ready.remove(place);
        } else {
            let place = state.stopped.iter().position(|it| *it == id);
            state
                .stopped
                .remove(place.expect("a ready worker is in one of the queues"));
        }
        self.ledger.pools[pool].take_ready(self.now);
    }

    /// A ready worker may have reached its maximum age.
    pub(crate) fn end_ready_age(&mut self, id: WorkerId) {
        let worker = self.workers.get(id);
        if worker.state != State::Ready || worker.due != self.now {
            return;
        }
        let pool = worker.pool;
        self.take_ready(id);
        self.ledger.pools[pool].expired += 1;
        self.delete(id);
        self.freed(pool);
    }

    /// A reimage succeeds, or fails and the worker is deleted.
    pub(crate) fn end_reimage(&mut self, id: WorkerId) {
        let pool = self.workers.get(id).pool;
        self.ledger.pools[pool].take_pending(self.now);
        let met = any_fails(
            self.active(pool, self.now, |operations| operations.reimage),
            1,
        );
        let failed = self.pools[pool].reimage_fate.toss(met);
        if failed || self.is_dismantled(pool) {
            self.delete(id);
        } else {
            self.put_ready(id, &self.setup.pools[pool]);
        }
        self.freed(pool);
    }

    /// Deletes a worker, now or after the deletion time. The caller must review the pool, once
    /// for each change: where only ready workers count, each review orders again.
    #[inline]
    pub(crate) fn delete(&mut self, id: WorkerId) {
        let pool = self.workers.get(id).pool;
        let of = &self.setup.pools[pool];
        let latency = self.pools[pool].deletion.draw(&of.deletion);
        if latency == SimDuration::ZERO && !of.shortcuts.deletions_matter {
            self.workers.discard(id);
            self.record_worker(id, pool, WorkerEvent::Deleted, self.now);
        } else {
            self.workers.get(id).state = State::Deleting;
            self.ledger.pools[pool].add_deleting(self.now);
            self.record_worker(id, pool, WorkerEvent::Deletes, self.now);
            self.schedule_deletion(id, latency);
        }
    }

    /// The machine of a failed attempt is deleted before its order goes on.
    pub(crate) fn clear(&mut self, id: WorkerId) {
        let pool = self.workers.get(id).pool;
        self.workers.get(id).state = State::Clearing;
        self.record_worker(id, pool, WorkerEvent::Clears, self.now);
        let of = &self.setup.pools[pool];
        let latency = self.pools[pool].deletion.draw(&of.deletion);
        self.schedule_deletion(id, latency);
    }

    /// The machine of a failed attempt is deleted in parallel with its order.
    pub(crate) fn leave_machine(&mut self, pool: PoolId) {
        let id = self.workers.order(pool);
        self.delete(id);
    }

    fn schedule_deletion(&mut self, id: WorkerId, latency: SimDuration) {
        let pool = self.workers.get(id).pool;
        let from = self.now + self.deletion_held_back(pool);
        let worker = self.workers.get(id);
        worker.deletion_tries = 1;
        worker.due = from + latency;
        self.queue.schedule(worker.due, Event::DeletionEnds(id));
    }

    /// A deletion succeeds, or fails and is retried after its back-off.
    pub(crate) fn end_deletion(&mut self, id: WorkerId) {
        let worker = self.workers.get(id);
        let clearing = worker.state == State::Clearing;
        if worker.due != self.now || !(clearing || worker.state == State::Deleting) {
            return;
        }
        let pool = worker.pool;
        let met = any_fails(
            self.active(pool, self.now, |operations| operations.delete),
            1,
        );
        let coin = &mut self.pools[pool].deletion_fate;
        let trial = coin.tosses();
        if coin.toss(met) {
            self.ledger.pools[pool].deletions_failed += 1;
            self.record_worker(id, pool, WorkerEvent::DeletionFails, self.now);
            self.retry_deletion(id, trial);
        } else if clearing {
            self.retry_or_give_up(id);
        } else {
            self.workers.discard(id);
            self.record_worker(id, pool, WorkerEvent::Deleted, self.now);
            self.ledger.pools[pool].take_deleting(self.now);
            if self.setup.pools[pool].shortcuts.ends_matter {
                self.freed(pool);
            }
        }
    }

    fn retry_deletion(&mut self, id: WorkerId, trial: u64) {
        let pool = self.workers.get(id).pool;
        let put_off = self.deletion_held_back(pool);
        let (of, state) = (&self.setup.pools[pool], &mut self.pools[pool]);
        let latency = state.deletion.draw(&of.deletion);
        let worker = self.workers.get(id);
        let delay = of.deletion_retry.delay(worker.deletion_tries, || {
            state.deletion_jitter.unit_at(trial)
        });
        worker.due = self.now + delay + put_off + latency;
        worker.deletion_tries += 1;
        self.queue.schedule(worker.due, Event::DeletionEnds(id));
    }
}

/// When a lease ends if no further job prolongs it: idle for too long, or at its maximum age but
/// never in mid-job.
pub(crate) fn lease_end(worker: &Worker, policy: &LeasePolicy) -> SimTime {
    let held = &worker.lease;
    if held.tenant.is_none() {
        return held.busy_until;
    }
    let of_age = age_end(worker, policy).max(held.busy_until);
    (held.busy_until + policy.idle_timeout).min(of_age)
}

/// When a worker reaches its maximum age.
fn age_end(worker: &Worker, policy: &LeasePolicy) -> SimTime {
    let born = match policy.age_clock {
        AgeClock::Created => worker.created,
        AgeClock::Leased => worker.lease.from,
    };
    born + policy.max_age
}

#[cfg(test)]
mod tests {
    use crate::kernel::random::Seed;
    use crate::model::chance::Chance;
    use crate::model::world::World;
    use crate::scenario::Scenario;

    /// Compares replications with and without events for ends of leases, and gives how many pools need none.
    fn compare(file: &str, changes: &[(&str, &str)]) -> usize {
        let changes = changes
            .iter()
            .map(|(path, value)| (*path, (*value).to_owned()));
        let scenario = Scenario::load_with(file, changes).expect("a scenario");
        let setup = &scenario.setup;
        let (mut short, mut whole) = (World::new(setup), World::observed(setup));
        for replication in 0..3 {
            for chance in [Chance::of(Seed(3), replication), Chance::Mean] {
                assert_eq!(
                    short.run(chance, &mut ()),
                    whole.run(chance, &mut ()),
                    "{file}"
                );
                assert!(
                    short.ledger == whole.ledger,
                    "{file} {replication} {chance:?}"
                );
            }
        }
        let pools = setup.pools.iter();
        pools.filter(|pool| pool.shortcuts.silent_ends).count()
    }

    #[test]
    fn ends_of_leases_without_an_event_change_nothing() {
        let tenants = "scenarios/fnj8-vqz.yaml";
        assert_eq!(compare(tenants, &[]), 7);
        assert_eq!(compare("scenarios/rnq2-nc8.yaml", &[]), 2);
        assert_eq!(compare("benches/w1.yaml", &[]), 1);
        let warm = [
            ("clock.warm_up", "200m"),
            ("outages.blackout.from", "+220m"),
        ];
        assert_eq!(compare("benches/w1.yaml", &warm), 1);
        // Workers that are returned, and those that an outage takes, are needed again.
        let back = [("pools.here/any.lease.release", "return")];
        assert_eq!(compare("benches/w1.yaml", &back), 0);
        let lost = [("outages.blackout.takes", "{leased: 50%}")];
        assert_eq!(compare("benches/w1.yaml", &lost), 0);
    }

    #[test]
    fn leases_end_without_events_around_a_suspension_of_expiry() {
        let resumed = [
            (
                "playbook.hold",
                "{at: 19:30Z, do: {suspend_expiry: westeurope/ubuntu}}",
            ),
            (
                "playbook.release",
                "{at: 21:40Z, do: {resume_expiry: westeurope/ubuntu}}",
            ),
        ];
        assert_eq!(compare("scenarios/fnj8-vqz.yaml", &resumed), 7);
        assert_eq!(compare("scenarios/fnj8-vqz.yaml", &resumed[..1]), 7);
    }
}
