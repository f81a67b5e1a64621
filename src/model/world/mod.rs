//! The state of the world, and one match arm per event; each handler is in the file of its mechanism.

/// Everything that can happen, ranked.
pub(crate) mod event;

/// The state of a pool.
pub(crate) mod pool;

/// Workers, by slot.
pub(crate) mod workers;

/// Requests that wait for a worker.
pub(crate) mod waiting;

/// The state of a world, kept to go on from it.
pub(crate) mod saved;

/// Occurrences of outages, and their effect on operations.
pub(crate) mod occurrence;

/// The effects of outages when they begin and end.
pub(crate) mod outages;

/// Arrivals of requests.
pub(crate) mod demand;

/// Routing of requests.
pub(crate) mod standby;

/// Requests and leases: how a pool is used.
pub(crate) mod leasing;

/// How requests end, for facts.
pub(crate) mod probes;

/// Workers whose lease has ended.
pub(crate) mod release;

/// Replenishment of pools.
pub(crate) mod ordering;

/// Orders and attempts: how a pool is refilled.
pub(crate) mod provisioning;

/// Limits on attempts: token buckets and circuit breakers.
pub(crate) mod limits;

/// What becomes of an order after its last attempt.
pub(crate) mod giving_up;

/// Steps of the provider's beside the creation of machines.
pub(crate) mod stage;

/// Extensions of machines.
pub(crate) mod extending;

/// Ready workers that are stopped, and their starts.
pub(crate) mod starting;

/// Requests that move on to the next pool of a chain.
pub(crate) mod moving;

/// Workers that the provider has room for.
pub(crate) mod room;

/// When alerts fire and page.
pub(crate) mod alerts;

/// Steps that people take.
pub(crate) mod playbook;

/// The state of a dependency.
pub(crate) mod dependency;

/// Calls as they go through a dependency.
pub(crate) mod calls;

use crate::model::record::events::{RequestEvent, TraceEvent, WorkerEvent};

use crate::kernel::event_loop::{Ended, Model, Observer, advance};
use crate::kernel::queue::EventQueue;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::chance::Chance;
use crate::model::id::{
    AlertId, ClassId, DependencyId, OccurrenceId, PoolId, RegionId, RetryId, Slots, StepId, TiVec,
    WindowId, WorkerId,
};
use crate::model::record::events::Recorder;
use crate::model::record::ledger::Ledger;
use crate::model::setup::Setup;
use crate::model::world::alerts::AlertState;
use crate::model::world::demand::Class;
use crate::model::world::dependency::{Calls, Dependency};
use crate::model::world::event::Event;
use crate::model::world::limits::{CircuitBreaker, TokenBucket};
use crate::model::world::occurrence::Occurrence;
use crate::model::world::pool::Pool;
use crate::model::world::waiting::{Request, Waits};
use crate::model::world::workers::Workers;

/// The whole state and its memory; allocated once, reset for each replication.
pub(crate) struct World<'a, R = ()> {
    pub setup: &'a Setup,
    pub pools: TiVec<PoolId, Pool>,
    pub classes: TiVec<ClassId, Class>,
    pub workers: Workers,
    pub waits: Waits,
    pub retries: Slots<RetryId, Request>,
    /// The source of chance of this replication.
    pub chance: Chance,
    /// Outages of this replication, past and future.
    pub occurrences: TiVec<OccurrenceId, Occurrence>,
    /// How often each window has acted on the attempts in flight.
    pub in_flight_trials: TiVec<WindowId, u32>,
    /// Circuit breakers: one for each pool, then one for each region.
    pub breakers: Vec<CircuitBreaker>,
    /// The provider's limits, by region.
    pub create_buckets: TiVec<RegionId, TokenBucket>,
    pub delete_buckets: TiVec<RegionId, TokenBucket>,
    pub alert_states: TiVec<AlertId, AlertState>,
    /// Whether any alert has a condition on levels.
    watches_levels: bool,
    /// When something last failed, by region.
    pub region_failed: TiVec<RegionId, SimTime>,
    /// How often each step of the playbook has been triggered.
    pub step_triggers: TiVec<StepId, u64>,
    pub dependencies: TiVec<DependencyId, Dependency>,
    pub calls: Calls,
    pub ledger: Ledger,
    pub recorder: R,
    /// Whether something looks on between events, so that every change has its event.
    observed: bool,
    /// Whether any pool is recovering from an outage.
    pub recovering: bool,
    /// The instant of the event that is being handled.
    pub now: SimTime,
    pub queue: EventQueue<Event>,
    /// Added to every tenant number, to show that results do not depend on the numbering.
    #[cfg(test)]
    pub relabelled: u32,
}

impl<'a> World<'a> {
    /// A world without a recorder.
    pub fn new(setup: &'a Setup) -> Self {
        Self {
            observed: false,
            ..Self::observed(setup)
        }
    }

    /// A world that an observer looks at.
    pub fn observed(setup: &'a Setup) -> Self {
        Self::with_recorder((), setup)
    }
}

impl<'a, R: Recorder> World<'a, R> {
    /// A world with a recorder of its events.
    pub fn with_recorder(recorder: R, setup: &'a Setup) -> Self {
        Self {
            setup,
            pools: TiVec::new(),
            classes: TiVec::new(),
            workers: Workers::default(),
            waits: Waits::default(),
            retries: Slots::default(),
            chance: Chance::Mean,
            occurrences: TiVec::new(),
            in_flight_trials: TiVec::new(),
            breakers: Vec::new(),
            create_buckets: TiVec::new(),
            delete_buckets: TiVec::new(),
            alert_states: TiVec::new(),
            watches_levels: setup
                .alerts
                .iter()
                .any(|alert| alert.signal.lasting().is_some()),
            region_failed: TiVec::new(),
            step_triggers: TiVec::new(),
            dependencies: TiVec::new(),
            calls: Calls::default(),
            ledger: Ledger::default(),
            recorder,
            observed: true,
            recovering: false,
            now: SimTime::ZERO,
            queue: EventQueue::default(),
            #[cfg(test)]
            relabelled: 0,
        }
    }

    /// Runs one replication; the results are in the ledger.
    pub fn run(&mut self, chance: Chance, observer: &mut impl Observer<Self>) -> Ended {
        self.run_sampled(chance, observer, &[], |_, _| {})
    }

    /// Runs one replication and calls `look` just before each of some instants, in order. A
    /// replication that exhausts its event budget is not sampled after that.
    pub fn run_sampled(
        &mut self,
        chance: Chance,
        observer: &mut impl Observer<Self>,
        instants: &[SimTime],
        look: impl FnMut(usize, &Self),
    ) -> Ended {
        self.begin(chance);
        self.go_on(observer, instants, look)
    }

    /// Runs from the beginning to an instant, and says whether the budget of events lasted.
    pub fn run_until(&mut self, chance: Chance, at: SimTime) -> Ended {
        self.begin(chance);
        self.advance_to(at)
    }

    /// Goes on to an instant.
    pub fn advance_to(&mut self, at: SimTime) -> Ended {
        self.advance_observed(at, &mut ())
    }

    /// Goes on to an instant, while the budget of events lasts.
    fn advance_observed(&mut self, at: SimTime, observer: &mut impl Observer<Self>) -> Ended {
        loop {
            let left = self.setup.budget - self.ledger.events;
            let ended = advance(self, at, left, observer);
            // Ends of leases do not count.
            if ended == Ended::Horizon || self.ledger.events == self.setup.budget {
                return ended;
            }
        }
    }

    /// Goes on to the horizon from any earlier instant.
    pub fn go_on(
        &mut self,
        observer: &mut impl Observer<Self>,
        instants: &[SimTime],
        mut look: impl FnMut(usize, &Self),
    ) -> Ended {
        let horizon = self.setup.horizon;
        let mut ended = Ended::Horizon;
        for (place, at) in instants.iter().chain([&horizon]).enumerate() {
            ended = self.advance_observed(*at, observer);
            if ended == Ended::BudgetSpent {
                break;
            }
            if place < instants.len() {
                look(place, self);
            }
        }
        let end = match ended {
            Ended::Horizon => horizon,
            Ended::BudgetSpent => self.now,
        };
        self.end_waits(end);
        self.settle_before(end);
        ended
    }

    /// Begins a replication.
    pub(crate) fn begin(&mut self, chance: Chance) {
        let setup = self.setup;
        self.now = SimTime::ZERO;
        self.queue.clear();
        self.queue.end_at(setup.horizon);
        self.ledger.begin(setup);
        self.workers.clear();
        self.waits.clear(setup.pools.len());
        self.retries.clear();
        self.chance = chance;
        self.recovering = false;
        self.begin_entities(chance);
        self.queue.schedule(setup.start, Event::MeasuringBegins);
        self.breakers.clear();
        self.breakers.resize(
            setup.pools.len() + setup.regions.len(),
            CircuitBreaker::default(),
        );
        for bucket_state in [&mut self.create_buckets, &mut self.delete_buckets] {
            bucket_state.clear();
            bucket_state.resize(setup.regions.len(), TokenBucket::default());
        }
        self.alert_states
            .resize_with(setup.alerts.len(), AlertState::default);
        self.alert_states.iter_mut().for_each(AlertState::clear);
        self.region_failed.clear();
        self.region_failed
            .resize(setup.regions.len(), SimTime::NEVER);
        self.in_flight_trials.clear();
        self.in_flight_trials.resize(setup.windows.len(), 0);
        self.step_triggers.clear();
        self.step_triggers.resize(setup.playbook.len(), 0);
        self.schedule_steps();
        self.schedule_quotas();
        self.begin_dependencies();
        self.schedule_outages(SimTime::ZERO);
        for pool in setup.pools.keys() {
            self.stock(pool);
        }
        if setup.start == SimTime::ZERO {
            self.measure();
        }
        self.apply_outages_at_start();
        for pool in setup.pools.keys() {
            self.change_target(pool);
            match setup.pools[pool].review {
                SimDuration::ZERO => self.replenish(pool),
                _ => self.review_due(pool),
            }
        }
        for class in setup.classes.keys() {
            self.schedule_arrival(class);
        }
    }

    fn begin_entities(&mut self, chance: Chance) {
        let setup = self.setup;
        self.pools.truncate(setup.pools.len());
        for (id, of) in setup.pools.iter_enumerated() {
            let begun = Pool::begin(of, chance, self.pools.get_mut(id));
            match self.pools.get_mut(id) {
                Some(pool) => *pool = begun,
                None => self.pools.push(begun),
            }
        }
        self.classes
            .resize_with(setup.classes.len(), Class::default);
        for (class, of) in self.classes.iter_mut().zip(&setup.classes) {
            class.begin(of, chance);
        }
    }

    /// The warm-up, if any, ends. Without one, measuring starts at time 0, before the first orders.
    fn begin_measuring(&mut self) {
        if SimTime::ZERO < self.now {
            self.settle_before(self.now);
            self.measure();
            self.time_open_waits();
        }
    }

    /// Ends the leases that were over before an instant without an event.
    fn settle_before(&mut self, at: SimTime) {
        if let Some(by) = at.micros().checked_sub(1) {
            self.settle_leases(SimTime::from_micros(by), SimTime::ZERO, |_| true);
        }
    }

    /// Clears the records of the warm-up.
    fn measure(&mut self) {
        self.ledger.measure(self.now);
        for tenant in self.classes.iter_mut().flat_map(|class| &mut class.tenants) {
            (tenant.unserved, tenant.impacted) = (false, false);
        }
    }
}

impl<R: Recorder> Model for World<'_, R> {
    type Event = Event;

    #[inline]
    fn queue(&mut self) -> &mut EventQueue<Event> {
        &mut self.queue
    }

    #[inline]
    fn handle(&mut self, event: Event, now: SimTime) {
        self.now = now;
        if let Some(number) = event.number() {
            self.ledger.digest(now, number);
            if event.is_common() {
                self.ledger.is_common(now, number);
            }
        }
        match event {
            Event::MeasuringBegins => self.begin_measuring(),
            Event::OutageEnds(outage) => self.end_outage(outage),
            Event::OutageBegins(outage) => self.begin_outage(outage),
            Event::PhaseBegins(outage) => self.begin_phase(outage),
            Event::AttemptEnds(worker) => self.end_attempt(worker),
            Event::RetryDue(worker) => self.retry(worker),
            Event::DeletionEnds(worker) => self.end_deletion(worker),
            Event::LeaseMayEnd(worker) => self.review_lease(worker),
            Event::ReadyAgeEnds(worker) => self.end_ready_age(worker),
            Event::ReviewDue(pool) => self.review_due(pool),
            Event::SurplusDue(pool) => self.end_surplus(pool),
            Event::TargetChanges(pool) => self.change_target(pool),
            Event::OrdersResume(pool) => self.resume_orders(pool),
            Event::QuotaChanges(region) => self.change_quota(region),
            Event::ColdStartDue(wait) => self.cold_start_due(wait),
            Event::MoveDue(wait) => self.move_due(wait),
            Event::AlertMatures(alert) => self.mature_alert(alert),
            Event::WaitMatures(alert, wait) => self.mature_wait(alert, wait),
            Event::AlertPages(alert) => self.page(alert),
            Event::StepDue(step) => self.take_step(step),
            Event::ActivationEnds(pool) => self.end_activation(pool),
            Event::CallServed(dependency) => self.serve_call(dependency),
            Event::CallerActs(call) => self.caller_acts(call),
            Event::CallArrives(dependency) => self.call_arrives(dependency),
            Event::Arrives(class) => self.arrive(class),
            Event::RequestRetried(request) => self.retry_request(request),
            Event::WaitExpires(wait) => self.expire_wait(wait),
        }
        if self.watches_levels {
            self.look_at_levels();
        }
        if self.recovering {
            self.note_recoveries();
        }
    }
}

impl<R: Recorder> World<'_, R> {
    /// Records an event of a worker.
    #[inline(always)]
    pub(crate) fn record_worker(
        &mut self,
        id: WorkerId,
        pool: PoolId,
        turn: WorkerEvent,
        at: SimTime,
    ) {
        self.recorder.note(at, TraceEvent::Worker(id, pool, turn));
    }

    /// Records an event of a request.
    #[inline(always)]
    pub(crate) fn record_request(&mut self, asked: RequestEvent, request: &Request, at: SimTime) {
        let (pool, class, tenant) = (request.pool, request.class, request.tenant);
        self.recorder
            .note(at, TraceEvent::Request(asked, pool, class, tenant));
    }
}
