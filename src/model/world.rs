//! The state of the world, and one arm per event. The arms themselves live beside what they are
//! about: `provision.rs`, `lease.rs`, `demand.rs`.

use std::collections::VecDeque;

use crate::kernel::queue::{Ended, EventQueue, Model, Observer, advance};
use crate::kernel::random::{Draws, Key, Purpose, Stream};
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::demand::Class;
use crate::model::event::Event;
use crate::model::ledger::Ledger;
use crate::model::setup::{Action, ClassId, PoolId, PoolSetup, Setup, StepId, WindowId};
use crate::model::waiting::Waits;
use crate::model::worker::{WorkerId, Workers};

/// A pool as it stands. Its levels are kept in the ledger.
pub(crate) struct Pool {
    /// Ready workers, the oldest first: the oldest is leased first.
    pub ready: VecDeque<WorkerId>,
    /// Attempts made since the world began.
    pub attempts: u64,
    /// Waiting requests that need a worker of their own.
    pub wanting: u32,
    pub latency: Draws<SimDuration>,
    pub deletion: Draws<SimDuration>,
    pub jitter: Stream,
    pub fate_at_start: Stream,
    pub fate_at_completion: Stream,
    pub fate_in_flight: Stream,
    pub deletion_fate: Stream,
    pub deletion_jitter: Stream,
    /// Summed failure probability of attempts and of deletions, where chance acts evenly.
    pub even_attempts: f64,
    pub even_deletions: f64,
    pub deletions: u64,
}

/// Everything there is, and the memory it needs; made once, begun anew for each replication.
pub(crate) struct World<'a> {
    pub setup: &'a Setup,
    pub pools: Vec<Pool>,
    pub classes: Vec<Class>,
    pub workers: Workers,
    pub waits: Waits,
    pub ledger: Ledger,
    queue: EventQueue<Event>,
    /// Adds to the number of every tenant, to show that the numbers mean nothing.
    #[cfg(test)]
    pub relabelled: u32,
}

impl<'a> World<'a> {
    /// A world that has not begun.
    pub fn new(setup: &'a Setup) -> Self {
        Self {
            setup,
            pools: Vec::new(),
            classes: Vec::new(),
            workers: Workers::default(),
            waits: Waits::default(),
            ledger: Ledger::default(),
            queue: EventQueue::default(),
            #[cfg(test)]
            relabelled: 0,
        }
    }

    /// Lives one replication from beginning to end; what happened is then in the ledger.
    pub fn live(&mut self, key: Key, observer: &mut impl Observer<Self>) -> Ended {
        let mut queue = std::mem::take(&mut self.queue);
        queue.clear();
        self.begin(key, &mut queue);
        let (horizon, budget) = (self.setup.horizon, self.setup.budget);
        let ended = advance(self, &mut queue, horizon, budget, observer);
        self.queue = queue;
        ended
    }

    fn begin(&mut self, key: Key, queue: &mut EventQueue<Event>) {
        let setup = self.setup;
        self.ledger.begin(setup);
        self.workers.clear();
        self.waits.clear(setup.pools.len());
        self.pools.truncate(0);
        self.pools
            .extend(setup.pools.iter().map(|pool| Pool::begin(pool, key)));
        self.classes
            .resize_with(setup.classes.len(), Class::default);
        for (class, of) in self.classes.iter_mut().zip(&setup.classes) {
            class.begin(of, key);
        }
        queue.schedule(setup.start, Event::MeasuringBegins);
        for (place, window) in setup.windows.iter().enumerate() {
            let id = WindowId(place as u32);
            queue.schedule(window.from, Event::OutageBegins(id));
            queue.schedule(window.until, Event::OutageEnds(id));
        }
        for (place, step) in setup.playbook.iter().enumerate() {
            queue.schedule(step.at, Event::Acts(StepId(place as u32)));
        }
        for pool in (0..setup.pools.len() as u32).map(PoolId) {
            self.stock(pool);
            self.replenish(pool, SimTime::ZERO, queue);
        }
        for class in (0..setup.classes.len() as u32).map(ClassId) {
            self.schedule_arrival(class, queue);
        }
    }

    /// Forgets what happened in the warm-up.
    fn measure(&mut self, now: SimTime) {
        self.ledger.measure(now);
        for tenant in self.classes.iter_mut().flat_map(|class| &mut class.tenants) {
            (tenant.unserved, tenant.impacted) = (false, false);
        }
    }

    fn act(&mut self, step: StepId) {
        match self.setup.playbook[step.0 as usize].action {
            Action::Shed(class) => self.classes[class.0 as usize].shed = true,
            Action::Restore(class) => self.classes[class.0 as usize].shed = false,
        }
    }

    fn end_outage(&mut self, window: WindowId, now: SimTime) {
        for pool in &self.setup.windows[window.0 as usize].pools {
            if self.setup.pools[pool.0 as usize].recovery_from == now {
                self.ledger.pools[pool.0 as usize].begin_recovery(now);
            }
        }
    }
}

impl Model for World<'_> {
    type Event = Event;

    #[inline]
    fn handle(&mut self, event: Event, now: SimTime, queue: &mut EventQueue<Event>) {
        self.ledger.digest(now, event.number());
        match event {
            Event::MeasuringBegins => self.measure(now),
            Event::OutageEnds(window) => self.end_outage(window, now),
            Event::OutageBegins(window) => self.fail_in_flight(window, now, queue),
            Event::AttemptEnds(worker) => self.end_attempt(worker, now, queue),
            Event::RetryDue(worker) => self.retry(worker, now, queue),
            Event::DeletionEnds(worker) => self.end_deletion(worker, now, queue),
            Event::LeaseMayEnd(worker) => self.review_lease(worker, now, queue),
            Event::Acts(step) => self.act(step),
            Event::Arrives(class) => self.arrive(class, now, queue),
            Event::WaitExpires(wait) => self.expire_wait(wait, now),
        }
    }
}

impl Pool {
    fn begin(setup: &PoolSetup, key: Key) -> Self {
        let stream = |purpose| key.stream(purpose, setup.entity, 0);
        Self {
            ready: VecDeque::with_capacity(setup.target.min(1 << 16) as usize),
            attempts: 0,
            wanting: 0,
            latency: stream(Purpose::Latency).draws(),
            deletion: stream(Purpose::Deletion).draws(),
            jitter: stream(Purpose::Jitter),
            fate_at_start: stream(Purpose::FateAtStart),
            fate_at_completion: stream(Purpose::FateAtCompletion),
            fate_in_flight: stream(Purpose::FateInFlight),
            deletion_fate: stream(Purpose::DeletionFate),
            deletion_jitter: stream(Purpose::DeletionJitter),
            even_attempts: 0.0,
            even_deletions: 0.0,
            deletions: 0,
        }
    }
}

/// Whether trial number `trial` fails, which does so with `probability`. Where chance acts evenly,
/// it does where the sum of the probabilities so far, rounded, steps up.
pub(crate) fn fails(
    probability: f64,
    even: bool,
    sum: &mut f64,
    stream: &Stream,
    trial: u64,
) -> bool {
    if probability <= 0.0 {
        return false;
    }
    if even {
        let before = (*sum + 0.5).floor();
        *sum += probability;
        return before < (*sum + 0.5).floor();
    }
    1.0 <= probability || stream.unit_at(trial) < probability
}
