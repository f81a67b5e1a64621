//! The state of the world, and one arm per event. The arms themselves live beside what they are
//! about: `provision.rs`, `replenish.rs`, `lease.rs`, `release.rs`, `demand.rs`, `strike.rs`.

use std::collections::VecDeque;

use crate::kernel::distribution::Distribution;
use crate::kernel::queue::{Ended, EventQueue, Model, Observer, advance};
use crate::kernel::random::{Draws, Key, Purpose, Stream};
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::alert::Watch;
use crate::model::demand::Class;
use crate::model::dependency::{Calls, Dependency};
use crate::model::event::{Event, OccurrenceId};
use crate::model::gate::{Gate, Meter};
use crate::model::journal::Recorder;
use crate::model::ledger::Ledger;
use crate::model::outage::Occurrence;
use crate::model::setup::{ClassId, PoolId, PoolSetup, Setup};
use crate::model::standby::Standing;
use crate::model::waiting::{Comebacks, Waits};
use crate::model::worker::{WorkerId, Workers};

/// A pool as it stands. Its levels are kept in the ledger.
pub(crate) struct Pool {
    /// Ready workers, the oldest first: the oldest is leased first.
    pub ready: VecDeque<WorkerId>,
    /// Orders placed since the world began.
    pub orders: u64,
    /// Waiting requests that need a worker of their own.
    pub wanting: u32,
    /// The target in force, where it does not follow from the load; and whether a playbook has set it.
    pub level: u32,
    pub steered: bool,
    /// Whether a playbook lets no lease of a tenant end.
    pub expiry_suspended: bool,
    /// How long requests wait, where a playbook has set it.
    pub patience: Option<Distribution>,
    /// How far a standby is, when it will be active, how often it has been activated, and its summed
    /// share of requests, where chance acts evenly.
    pub standing: Standing,
    pub awake_at: SimTime,
    pub activations: u64,
    pub even_routes: f64,
    /// Outages in force that meet the pool.
    pub in_force: Vec<OccurrenceId>,
    /// Latencies of first attempts, in turn and out of turn, and of those that repeat a failed one.
    pub first_latency: Draws<SimDuration>,
    pub latency: Stream,
    pub retry_latency: Stream,
    pub cold_latency: Stream,
    pub deletion: Draws<SimDuration>,
    pub reimage: Draws<SimDuration>,
    pub jitter: Stream,
    pub fate_at_start: Stream,
    pub refusal: Stream,
    pub fate_at_completion: Stream,
    pub deletion_fate: Stream,
    pub deletion_jitter: Stream,
    pub reimage_fate: Stream,
    pub fate_on_loss: Stream,
    pub forecast_error: Stream,
    /// Summed failure probability of each kind of trial, where chance acts evenly.
    pub even_attempts: f64,
    pub even_deletions: f64,
    pub even_reimages: f64,
    pub even_losses: f64,
    /// Trials of each kind so far.
    pub deletions: u64,
    pub reimages: u64,
    pub exposed: u64,
    pub reviews: u64,
}

/// Everything there is, and the memory it needs; made once, begun anew for each replication.
pub(crate) struct World<'a, R = ()> {
    pub setup: &'a Setup,
    pub pools: Vec<Pool>,
    pub classes: Vec<Class>,
    pub workers: Workers,
    pub waits: Waits,
    pub comebacks: Comebacks,
    /// The replication that is being lived.
    pub key: Key,
    /// Outages of this replication, past and to come.
    pub occurrences: Vec<Occurrence>,
    /// How often each window has met the attempts in flight.
    pub in_flight_trials: Vec<u32>,
    /// Breakers: one for each pool, then one for each region.
    pub gates: Vec<Gate>,
    /// The provider's limits, by region.
    pub create_meters: Vec<Meter>,
    pub delete_meters: Vec<Meter>,
    pub watches: Vec<Watch>,
    /// Whether any alert watches levels.
    watches_levels: bool,
    /// When something last failed, by region.
    pub region_failed: Vec<SimTime>,
    /// How often each step of the playbook has been triggered.
    pub step_triggers: Vec<u64>,
    pub dependencies: Vec<Dependency>,
    pub calls: Calls,
    pub ledger: Ledger,
    pub recorder: R,
    /// Whether any pool is on its way back from an outage.
    pub recovering: bool,
    queue: EventQueue<Event>,
    /// Adds to the number of every tenant, to show that the numbers mean nothing.
    #[cfg(test)]
    pub relabelled: u32,
}

impl<'a> World<'a> {
    /// A world that has not begun, of which nobody hears.
    pub fn new(setup: &'a Setup) -> Self {
        Self::told_to((), setup)
    }
}

impl<'a, R: Recorder> World<'a, R> {
    /// A world that has not begun, and who is to hear of it.
    pub fn told_to(recorder: R, setup: &'a Setup) -> Self {
        Self {
            setup,
            pools: Vec::new(),
            classes: Vec::new(),
            workers: Workers::default(),
            waits: Waits::default(),
            comebacks: Comebacks::default(),
            key: Key {
                seed: 0,
                replication: 0,
            },
            occurrences: Vec::new(),
            in_flight_trials: Vec::new(),
            gates: Vec::new(),
            create_meters: Vec::new(),
            delete_meters: Vec::new(),
            watches: Vec::new(),
            watches_levels: setup.alerts.iter().any(|alert| alert.signal.is_of_levels()),
            region_failed: Vec::new(),
            step_triggers: Vec::new(),
            dependencies: Vec::new(),
            calls: Calls::default(),
            ledger: Ledger::default(),
            recorder,
            recovering: false,
            queue: EventQueue::default(),
            #[cfg(test)]
            relabelled: 0,
        }
    }

    /// Lives one replication from beginning to end; what happened is then in the ledger.
    pub fn live(&mut self, key: Key, observer: &mut impl Observer<Self>) -> Ended {
        self.live_looking(key, observer, &[], |_, _| {})
    }

    /// The same, with a look at the world just before each of some instants, in their order. A
    /// replication that spends its budget is not looked at after that.
    pub fn live_looking(
        &mut self,
        key: Key,
        observer: &mut impl Observer<Self>,
        instants: &[SimTime],
        mut look: impl FnMut(usize, &Self),
    ) -> Ended {
        let mut queue = std::mem::take(&mut self.queue);
        queue.clear();
        self.begin(key, &mut queue);
        let (horizon, budget) = (self.setup.horizon, self.setup.budget);
        let mut ended = Ended::Horizon;
        for (place, at) in instants.iter().chain([&horizon]).enumerate() {
            let left = budget - self.ledger.events;
            ended = advance(self, &mut queue, *at, left, observer);
            if ended == Ended::BudgetSpent {
                break;
            }
            if place < instants.len() {
                look(place, self);
            }
        }
        self.queue = queue;
        ended
    }

    fn begin(&mut self, key: Key, queue: &mut EventQueue<Event>) {
        let setup = self.setup;
        self.ledger.begin(setup);
        self.workers.clear();
        self.waits.clear(setup.pools.len());
        self.comebacks.clear();
        self.key = key;
        self.recovering = false;
        self.pools.truncate(0);
        self.pools
            .extend(setup.pools.iter().map(|pool| Pool::begin(pool, key)));
        self.classes
            .resize_with(setup.classes.len(), Class::default);
        for (class, of) in self.classes.iter_mut().zip(&setup.classes) {
            class.begin(of, key);
        }
        queue.schedule(setup.start, Event::MeasuringBegins);
        self.gates.clear();
        self.gates
            .resize(setup.pools.len() + setup.regions.len(), Gate::default());
        for meters in [&mut self.create_meters, &mut self.delete_meters] {
            meters.clear();
            meters.resize(setup.regions.len(), Meter::default());
        }
        self.watches.resize_with(setup.alerts.len(), Watch::default);
        self.watches.iter_mut().for_each(Watch::clear);
        self.region_failed.clear();
        self.region_failed
            .resize(setup.regions.len(), SimTime::NEVER);
        self.in_flight_trials.clear();
        self.in_flight_trials.resize(setup.windows.len(), 0);
        self.step_triggers.clear();
        self.step_triggers.resize(setup.playbook.len(), 0);
        self.schedule_steps(queue);
        self.begin_dependencies(queue);
        self.schedule_outages(key, queue);
        for pool in (0..setup.pools.len() as u32).map(PoolId) {
            self.stock(pool, queue);
        }
        if setup.start == SimTime::ZERO {
            self.measure(SimTime::ZERO);
        }
        self.strike_from_the_beginning(queue);
        for pool in (0..setup.pools.len() as u32).map(PoolId) {
            self.turn_target(pool, SimTime::ZERO, queue);
            match setup.pools[pool.0 as usize].review {
                SimDuration::ZERO => self.replenish(pool, SimTime::ZERO, queue),
                _ => self.review_due(pool, SimTime::ZERO, queue),
            }
        }
        for class in (0..setup.classes.len() as u32).map(ClassId) {
            self.schedule_arrival(class, queue);
        }
    }

    /// The warm-up is over, if there was one: without one the world is measured from its beginning, of
    /// which the first orders are a part.
    fn begin_measuring(&mut self, now: SimTime, queue: &mut EventQueue<Event>) {
        if SimTime::ZERO < now {
            self.measure(now);
            self.time_open_waits(now, queue);
        }
    }

    /// Forgets what happened in the warm-up.
    fn measure(&mut self, now: SimTime) {
        self.ledger.measure(now);
        for tenant in self.classes.iter_mut().flat_map(|class| &mut class.tenants) {
            (tenant.unserved, tenant.impacted) = (false, false);
        }
    }
}

impl<R: Recorder> Model for World<'_, R> {
    type Event = Event;

    #[inline]
    fn handle(&mut self, event: Event, now: SimTime, queue: &mut EventQueue<Event>) {
        self.ledger.digest(now, event.number());
        match event {
            Event::MeasuringBegins => self.begin_measuring(now, queue),
            Event::OutageEnds(outage) => self.end_outage(outage, now, queue),
            Event::OutageBegins(outage) => self.begin_outage(outage, now, queue),
            Event::PhaseBegins(outage) => self.begin_phase(outage, now, queue),
            Event::AttemptEnds(worker) => self.end_attempt(worker, now, queue),
            Event::RetryDue(worker) => self.retry(worker, now, queue),
            Event::DeletionEnds(worker) => self.end_deletion(worker, now, queue),
            Event::LeaseMayEnd(worker) => self.review_lease(worker, now, queue),
            Event::ShelfLifeEnds(worker) => self.end_shelf_life(worker, now, queue),
            Event::ReviewDue(pool) => self.review_due(pool, now, queue),
            Event::SurplusDue(pool) => self.end_surplus(pool, now, queue),
            Event::TargetTurns(pool) => self.turn_target(pool, now, queue),
            Event::AlertMatures(alert) => self.mature_alert(alert, now, queue),
            Event::WaitMatures(alert, wait) => self.mature_wait(alert, wait, now, queue),
            Event::Pages(alert) => self.page(alert, now, queue),
            Event::Acts(step) => self.act(step, now, queue),
            Event::Activates(pool) => self.wake(pool, now),
            Event::CallServed(dependency) => self.serve_call(dependency, now, queue),
            Event::CallerActs(call) => self.caller_acts(call, now, queue),
            Event::CallArrives(dependency) => self.call_arrives(dependency, now, queue),
            Event::Arrives(class) => self.arrive(class, now, queue),
            Event::ComesBack(request) => self.come_back(request, now, queue),
            Event::WaitExpires(wait) => self.expire_wait(wait, now, queue),
        }
        if self.watches_levels {
            self.look_at_levels(now, queue);
        }
        if self.recovering {
            self.note_recoveries(now);
        }
    }
}

impl Pool {
    fn begin(setup: &PoolSetup, key: Key) -> Self {
        let stream = |purpose| key.stream(purpose, setup.entity, 0);
        Self {
            ready: VecDeque::with_capacity(setup.target.at_first().min(1 << 16) as usize),
            orders: 0,
            wanting: 0,
            level: setup.target.at_first(),
            steered: false,
            expiry_suspended: false,
            patience: None,
            standing: match setup.standby {
                Some(_) => Standing::Asleep,
                None => Standing::Serving,
            },
            awake_at: SimTime::NEVER,
            activations: 0,
            even_routes: 0.0,
            in_force: Vec::new(),
            first_latency: stream(Purpose::Latency).draws(),
            latency: stream(Purpose::Latency),
            retry_latency: stream(Purpose::RetryLatency),
            cold_latency: stream(Purpose::ColdLatency),
            deletion: stream(Purpose::Deletion).draws(),
            reimage: stream(Purpose::Reimage).draws(),
            jitter: stream(Purpose::Jitter),
            fate_at_start: stream(Purpose::FateAtStart),
            refusal: stream(Purpose::Refusal),
            fate_at_completion: stream(Purpose::FateAtCompletion),
            deletion_fate: stream(Purpose::DeletionFate),
            deletion_jitter: stream(Purpose::DeletionJitter),
            reimage_fate: stream(Purpose::ReimageFate),
            fate_on_loss: stream(Purpose::FateOnLoss),
            forecast_error: stream(Purpose::ForecastError),
            even_attempts: 0.0,
            even_deletions: 0.0,
            even_reimages: 0.0,
            even_losses: 0.0,
            deletions: 0,
            reimages: 0,
            exposed: 0,
            reviews: 0,
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
