//! Outages: when each is in force, what happens when it begins and ends, and
//! how it affects the operations of a pool.

use crate::kernel::time::{SimDuration, SimTime};
use crate::model::chance::{Chance, Purpose};
use crate::model::id::{OccurrenceId, PoolId, TiVec, WindowId, WorkerId};
use crate::model::record::events::FailureCause;
use crate::model::record::events::{Recorder, TraceEvent, WorkerEvent};
use crate::model::record::ledger::PoolLedger;
use crate::model::setup::Setup;
use crate::model::setup::outage::{InFlight, Judged, Operations, RandomOutages, When};
use crate::model::world::World;
use crate::model::world::event::Event;
use crate::model::world::occurrence::{ActiveOutage, Occurrence, failing};
use crate::model::world::waiting::Request;
use crate::model::world::workers::{AttemptOutcome, State};

/// Every occurrence of every outage in one replication, into `occurrences`: those with dates first,
/// each at the index of its window, then the random ones.
pub(crate) fn forecast(
    setup: &Setup,
    chance: Chance,
    occurrences: &mut TiVec<OccurrenceId, Occurrence>,
) {
    occurrences.clear();
    for (id, window) in setup.windows.iter_enumerated() {
        if let When::Dated {
            from,
            until,
            onset,
            lasting,
            recovery,
        } = &window.when
        {
            let put_off = |law: &crate::kernel::distribution::Distribution, purpose| {
                chance.stream(purpose, window.stream_key, 0).draw(law, 0)
            };
            let from = *from + put_off(onset, Purpose::Onset);
            let until = match lasting {
                Some(law) => from + put_off(law, Purpose::Lasting),
                None => *until,
            };
            let until = until + put_off(recovery, Purpose::Recovery);
            occurrences.push(Occurrence {
                window: id,
                from,
                until: until.max(from),
                capacity: u32::MAX,
            });
        }
    }
    for random in &setup.hazards {
        renew(setup, random, chance, occurrences);
    }
}

/// The occurrences of one renewal process, until the horizon.
fn renew(
    setup: &Setup,
    random: &RandomOutages,
    chance: Chance,
    occurrences: &mut TiVec<OccurrenceId, Occurrence>,
) {
    let stream = |purpose| chance.stream(purpose, random.stream_key, 0);
    let (mut ups, mut downs) = (stream(Purpose::Up).draws(), stream(Purpose::Down).draws());
    let (mut shared, place) = (stream(Purpose::Shared).coin(), stream(Purpose::Where));
    let (mut at, mut alone) = (SimTime::ZERO, 0);
    for ordinal in 0.. {
        let from = at + ups.draw(&random.up);
        let until = from + downs.draw(&random.down);
        if setup.horizon <= from {
            return;
        }
        let mut add = |window| {
            occurrences.push(Occurrence {
                window,
                from,
                until,
                capacity: u32::MAX,
            });
        };
        if shared.toss(random.shared) {
            random.windows.iter().copied().for_each(&mut add);
        } else {
            let region = place.place_at(ordinal, alone, random.windows.len());
            alone += 1;
            add(random.windows[region]);
        }
        at = until.max(from + SimDuration::from_micros(1));
    }
}

impl<R: Recorder> World<'_, R> {
    /// Schedules what happens to every outage of this replication from an instant on; those in force at time 0 begin
    /// at once.
    pub(crate) fn schedule_outages(&mut self, at: SimTime) {
        forecast(self.setup, self.chance, &mut self.occurrences);
        for id in self.occurrences.keys() {
            let occurrence = self.occurrences[id];
            let window = &self.setup.windows[occurrence.window];
            if window.operations.create || window.operations.extend {
                for pool in &window.pools {
                    let ledger = &mut self.ledger.pools[*pool];
                    ledger.recovery_from = if ledger.recovery_from.is_finite() {
                        ledger.recovery_from.max(occurrence.until)
                    } else {
                        occurrence.until
                    };
                }
            }
            if occurrence.until <= occurrence.from {
                continue;
            }
            let from = occurrence.from.max(self.setup.start);
            if from < occurrence.until {
                self.ledger.outage_from = self.ledger.outage_from.min(from);
            }
            match occurrence.from {
                from if from < at => {}
                SimTime::ZERO => self.enter(id),
                from => self.queue.schedule(from, Event::OutageBegins(id)),
            }
            if at <= occurrence.until {
                self.queue.schedule(occurrence.until, Event::OutageEnds(id));
            }
        }
        for pool in (0..self.pools.len() as u32).map(PoolId) {
            let outages = self.measured_outages(pool).count() as u32;
            self.ledger.pools[pool].outages = outages;
            if let Some((begins, outage)) = self.first_outage(pool) {
                self.ledger.pools[pool].meets(outage, begins);
            }
        }
    }

    /// Every outage of this replication that affects a pool.
    pub(crate) fn outages_of(&self, pool: PoolId) -> impl Iterator<Item = &Occurrence> + Clone {
        let windows = &self.setup.windows;
        let meets = move |it: &&Occurrence| windows[it.window].pools.contains(&pool);
        self.occurrences.iter().filter(meets)
    }

    /// Those that overlap the measured time.
    fn measured_outages(&self, pool: PoolId) -> impl Iterator<Item = &Occurrence> + Clone {
        let (start, horizon) = (self.setup.start, self.setup.horizon);
        let measured =
            move |it: &&Occurrence| it.from < it.until && start < it.until && it.from < horizon;
        self.outages_of(pool).filter(measured)
    }

    /// The first outage that affects a pool in the measured time, with those that overlap it, after the
    /// instant at which it begins, which may lie in the warm-up.
    fn first_outage(&self, pool: PoolId) -> Option<(SimTime, (SimTime, SimTime))> {
        let (start, horizon) = (self.setup.start, self.setup.horizon);
        let met = self.measured_outages(pool);
        let begins = met.clone().map(|it| it.from).min()?;
        let from = begins.max(start);
        let mut until = from;
        while let Some(later) = met
            .clone()
            .filter(|it| it.from <= until && until < it.until)
            .map(|it| it.until)
            .max()
        {
            until = later;
        }
        Some((begins, (from, until.min(horizon))))
    }

    /// Outages in force at time 0 take their share of the initial workers.
    pub(crate) fn apply_outages_at_start(&mut self) {
        self.ledger.pools.iter_mut().for_each(PoolLedger::stocked);
        for id in self.occurrences.keys() {
            let occurrence = self.occurrences[id];
            if occurrence.from == SimTime::ZERO && SimTime::ZERO < occurrence.until {
                self.limit_room(id);
                self.lose_workers(id);
            }
        }
    }

    fn enter(&mut self, id: OccurrenceId) {
        self.recorder.note(self.now, TraceEvent::OutageBegins(id));
        let window = self.occurrences[id].window;
        for pool in &self.setup.windows[window].pools {
            self.pools[*pool].in_force.push(id);
        }
        self.hold_calls(window);
    }

    /// An outage begins: attempts in flight and workers may be lost.
    pub(crate) fn begin_outage(&mut self, id: OccurrenceId) {
        self.enter(id);
        self.limit_room(id);
        self.begin_phase(id);
        self.lose_workers(id);
    }

    /// An outage is in force from now on, for the first time or after a pause: attempts in flight may be
    /// lost.
    pub(crate) fn begin_phase(&mut self, id: OccurrenceId) {
        let occurrence = self.occurrences[id];
        let setup = self.setup;
        let window = &setup.windows[occurrence.window];
        let Judged::Start { in_flight, .. } = window.judged else {
            return;
        };
        let Operations {
            create,
            extend,
            start,
            ..
        } = window.operations;
        if in_flight == InFlight::Finish || !(create || extend || start) {
            return;
        }
        let (until, next) = occurrence.phase(window.shape, self.now);
        if let Some(next) = next {
            self.queue.schedule(next, Event::PhaseBegins(id));
        }
        self.fail_in_flight(occurrence.window, until);
    }

    /// An outage ends; recovery is measured from the last one.
    pub(crate) fn end_outage(&mut self, id: OccurrenceId) {
        let window = self.occurrences[id].window;
        for pool in &self.setup.windows[window].pools {
            self.pools[*pool].in_force.retain(|it| *it != id);
            let ledger = &mut self.ledger.pools[*pool];
            if ledger.recovery_from == self.now {
                (ledger.recovering, self.recovering) = (true, true);
            }
        }
        self.recorder.note(self.now, TraceEvent::OutageEnds(id));
        self.release_calls(window);
    }

    /// The outages in force at `at` that affect an operation of a pool.
    pub(crate) fn active(
        &self,
        pool: PoolId,
        at: SimTime,
        operation: fn(&Operations) -> bool,
    ) -> impl Iterator<Item = ActiveOutage<'_>> {
        let in_force = self.pools[pool].in_force.iter();
        in_force
            .map(move |id| self.active_outage(*id, at))
            .filter(move |met| operation(&met.window.operations))
    }

    /// A latency that begins now, times the factors of the outages in force that affect an operation.
    pub(crate) fn slowed(
        &self,
        pool: PoolId,
        operation: fn(&Operations) -> bool,
        drawn: SimDuration,
    ) -> SimDuration {
        let slowness: f64 = self
            .active(pool, self.now, operation)
            .map(|met| 1.0 + (met.window.latency_factor - 1.0) * met.severity)
            .product();
        match slowness {
            1.0 => drawn,
            slowness => drawn.scaled(slowness),
        }
    }

    /// The outages that may make an attempt fail when it starts.
    pub(crate) fn active_at_start(
        &self,
        pool: PoolId,
        at: SimTime,
    ) -> impl Iterator<Item = ActiveOutage<'_>> {
        let met = self.active(pool, at, |operations| operations.create);
        met.filter(|met| !met.window.judged.at_completion())
    }

    /// The outages in force when an attempt of a predictable pool completes.
    #[inline]
    pub(crate) fn predicted(
        &self,
        pool: PoolId,
        at: SimTime,
    ) -> impl Iterator<Item = ActiveOutage<'_>> {
        let windows = self.setup.pools[pool].shortcuts.predicted.iter();
        windows.map(move |window| self.active_outage(OccurrenceId(window.0), at))
    }

    /// The interval of an outage that fails every attempt of a predictable pool that completes in it: of the first
    /// that is not over at an instant, if any.
    pub(crate) fn certain_to_fail(&self, pool: PoolId, at: SimTime) -> Option<(SimTime, SimTime)> {
        let windows = self.setup.pools[pool].shortcuts.predicted.iter();
        let certain = windows.filter_map(|id| {
            let occurrence = &self.occurrences[OccurrenceId(id.0)];
            let window = &self.setup.windows[*id];
            let is_certain = 1.0 <= window.failure && window.shape.is_flat();
            (is_certain && at < occurrence.until).then_some((occurrence.from, occurrence.until))
        });
        certain.min()
    }

    #[inline]
    fn active_outage(&self, id: OccurrenceId, at: SimTime) -> ActiveOutage<'_> {
        let occurrence = &self.occurrences[id];
        let window = &self.setup.windows[occurrence.window];
        let severity = occurrence.severity(window.shape, at);
        ActiveOutage {
            window,
            failure: severity * window.failure,
            severity,
        }
    }

    /// Attempts in flight fail, or stall until the given instant: drawn again by each window, and by each
    /// phase of it.
    fn fail_in_flight(&mut self, id: WindowId, until: SimTime) {
        let setup = self.setup;
        let window = &setup.windows[id];
        let trial = &mut self.in_flight_trials[id];
        *trial += 1;
        let ordinal = *trial;
        let met: Vec<(WorkerId, PoolId, u64)> = self
            .workers
            .alive()
            .filter(|(_, worker)| in_flight_purpose(worker.state, &window.operations).is_some())
            .filter(|(_, worker)| window.pools.contains(&worker.pool))
            .map(|(id, worker)| (id, worker.pool, worker.attempt()))
            .collect();
        for (id, pool, position) in met {
            let state = self.workers.get(id).state;
            let Some(purpose) = in_flight_purpose(state, &window.operations) else {
                continue;
            };
            let of = &self.setup.pools[pool];
            let calls = match state {
                State::Attempted(_) => of.calls,
                _ => 1,
            };
            let failure = failing(1.0 - window.failure, calls);
            let stream_key = of.stream_key ^ window.stream_key.rotate_left(32);
            let stream = self.chance.stream(purpose, stream_key, ordinal);
            let failed = &mut self.pools[pool].failed_attempts;
            if !failed.succeeds(failure, &stream, position) {
                continue;
            }
            if matches!(
                window.judged,
                Judged::Start {
                    in_flight: InFlight::Stall,
                    ..
                }
            ) {
                self.stall(id, until - self.now);
                continue;
            }
            let retries = u64::from(1 < self.workers.get(id).tries);
            let ledger = &mut self.ledger.pools[pool];
            match state {
                State::Starting(_) => self.end_start(id, AttemptOutcome::WillFail),
                State::Extending(_) => self.fail(id, FailureCause::Outage),
                _ => {
                    ledger.attempts += 1;
                    ledger.retries += retries;
                    self.fail(id, FailureCause::Outage);
                }
            }
        }
    }

    /// An attempt stalls for `pause`, or until its timeout.
    fn stall(&mut self, id: WorkerId, pause: SimDuration) {
        let worker = self.workers.get(id);
        let begun = match worker.state {
            State::Starting(_) => worker.ready_since,
            _ => worker.created,
        };
        let end = worker.due + pause;
        let timed_out = begun + self.setup.pools[worker.pool].timeout;
        worker.due = end.min(timed_out);
        if timed_out < end {
            let outcome = AttemptOutcome::TimesOut { by_outage: true };
            if worker.state.is_held() {
                self.pools[worker.pool].held -= self.setup.pools[worker.pool].slots;
            }
            worker.state = match worker.state {
                State::Starting(_) => State::Starting(outcome),
                State::Extending(_) => State::Extending(outcome),
                _ => State::Attempted(outcome),
            };
        }
        self.queue.schedule(worker.due, Event::AttemptEnds(id));
    }

    /// Ready and leased workers are lost, each with the probability that the outage declares. They
    /// are all removed before any event follows.
    fn lose_workers(&mut self, id: OccurrenceId) {
        let setup = self.setup;
        let window = &setup.windows[self.occurrences[id].window];
        if window.takes.ready == 0.0 && window.takes.leased == 0.0 {
            return;
        }
        let lost: Vec<(WorkerId, PoolId, f64)> = self
            .workers
            .alive()
            .filter(|(_, worker)| window.pools.contains(&worker.pool))
            .filter_map(|(id, worker)| match worker.state {
                State::Ready => Some((id, worker.pool, window.takes.ready)),
                State::Leased => Some((id, worker.pool, window.takes.leased)),
                _ => None,
            })
            .collect();
        let mut again = Vec::new();
        for (id, pool, share) in lost {
            if self.pools[pool].fate_on_loss.toss(share) {
                again.extend(self.lose(id));
            }
        }
        for request in again {
            self.request(request);
        }
        for pool in &window.pools {
            self.freed(*pool);
        }
    }

    /// A worker is lost, and its jobs with it. Gives the job that is to be requested again.
    fn lose(&mut self, id: WorkerId) -> Option<Request> {
        let worker = *self.workers.get(id);
        self.ledger.pools[worker.pool].lost += 1;
        let mut again = None;
        if worker.state == State::Leased {
            let busy = self.now < worker.lease.busy_until;
            self.ledger.pools[worker.pool].jobs_lost += u64::from(busy);
            self.end_lease(id, false);
            again = self.lost_job(&worker.lease);
        } else {
            self.take_ready(id);
        }
        self.workers.discard(id);
        self.record_worker(id, worker.pool, WorkerEvent::Lost, self.now);
        again
    }
}

/// Of what is under way in a state, the purpose of the trial that decides whether it is lost when an outage of some
/// operations begins; none where they do not affect it.
fn in_flight_purpose(state: State, operations: &Operations) -> Option<Purpose> {
    let (affected, purpose) = match state {
        State::Attempted(_) => (operations.create, Purpose::FateInFlight),
        State::Extending(_) => (operations.extend, Purpose::ExtensionFateInFlight),
        State::Starting(_) => (operations.start, Purpose::StartFateInFlight),
        _ => return None,
    };
    affected.then_some(purpose)
}
