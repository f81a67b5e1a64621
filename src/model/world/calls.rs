//! The path of a call through a dependency: offered, queued, served in time or too late, retried.

use crate::kernel::distribution::{Distribution, unit_exponential};
use crate::kernel::intensity::Walk;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::id::{CallId, DependencyId, WindowId, WorkerId};
use crate::model::record::events::Recorder;
use crate::model::record::ledger::Slice;
use crate::model::setup::dependency::Late;
use crate::model::world::World;
use crate::model::world::dependency::{Admission, CallState, Caller, Decision, Dependency};
use crate::model::world::event::Event;
use crate::model::world::workers::State;

impl<R: Recorder> World<'_, R> {
    /// Initializes every dependency to its declared state and schedules the first background call.
    pub(crate) fn begin_dependencies(&mut self) {
        let setup = self.setup;
        self.calls.clear();
        self.dependencies.clear();
        for of in &setup.dependencies {
            self.dependencies.push(Dependency::begin(of, self.chance));
        }
        for (id, of) in setup.dependencies.iter_enumerated() {
            for _ in 0..of.initial_queue {
                let call = self.calls.place(Caller::Other, id);
                self.offer(call);
            }
            for _ in 0..of.initial_orbit {
                let call = self.calls.place(Caller::Other, id);
                self.calls.get(call).tries = 1;
                self.orbit(call);
            }
            self.schedule_call(id);
        }
    }

    fn schedule_call(&mut self, id: DependencyId) {
        let of = &self.setup.dependencies[id];
        let state = &mut self.dependencies[id];
        let more = state.arrivals.next();
        let at = state.walk.advance(&of.load, more);
        let process = self.process(id);
        self.queue
            .schedule_recurring(process, at, Event::CallArrives(id));
    }

    /// The number of a dependency among what recurs, after the classes of demand.
    fn process(&self, id: DependencyId) -> usize {
        self.setup.classes.len() + usize::from(id)
    }

    /// A background call arrives, or is held back by an outage.
    pub(crate) fn call_arrives(&mut self, id: DependencyId) {
        self.schedule_call(id);
        let blocked = &self.setup.dependencies[id].blocked;
        if 0 < self.dependencies[id].holding
            && let Some(blocked) = blocked
            && self.bernoulli(id, Decision::HeldBack, blocked.share)
        {
            self.dependencies[id].held += 1;
            return;
        }
        let call = self.calls.place(Caller::Other, id);
        self.offer(call);
    }

    /// An attempt calls its dependency.
    pub(crate) fn call_for(&mut self, worker: WorkerId, id: DependencyId) {
        let slot = self.workers.get(worker);
        (slot.state, slot.due) = (State::Calling, SimTime::NEVER);
        let call = self.calls.place(Caller::Worker(worker), id);
        self.offer(call);
    }

    /// A call reaches the dependency: it is queued, rejected because the queue is full, or shed.
    fn offer(&mut self, call: CallId) {
        let id = self.calls.get(call).dependency;
        let of = &self.setup.dependencies[id];
        self.calls.get(call).tries += 1;
        let again = 1 < self.calls.get(call).tries;
        let slice = self.slice(id);
        slice.offered += 1;
        slice.retries += u64::from(again);
        let share = self.dependencies[id].admission.at(self.now);
        if share < 1.0 && !self.bernoulli(id, Decision::Admitted, share) {
            self.slice(id).shed += 1;
            self.call_failed(call);
            return;
        }
        if of.queue_max as usize <= self.dependencies[id].queue.len() {
            self.slice(id).rejected += 1;
            self.call_failed(call);
            return;
        }
        self.calls.serial += 1;
        let serial = self.calls.serial;
        let slot = self.calls.get(call);
        (slot.state, slot.serial) = (CallState::Queued, serial);
        slot.due = match of.late {
            Late::Sojourn => self.now + of.timeout,
            Late::Position => SimTime::NEVER,
        };
        self.queue.schedule(slot.due, Event::CallerActs(call));
        let state = &mut self.dependencies[id];
        state.queue.push_back((call, serial));
        let first = state.queue.len() == 1;
        self.ledger.dependencies[id]
            .queue
            .raise(self.setup.horizon - self.now);
        if first {
            self.begin_service(id);
        }
        self.update_congestion(id);
    }

    /// The call at the head of the queue is served from now on.
    fn begin_service(&mut self, id: DependencyId) {
        let state = &mut self.dependencies[id];
        let drawn = state.services.next(unit_exponential, 1.0);
        let length = SimDuration::from_micros_f64(drawn / state.capacity);
        state.due = self.now + length.max(SimDuration::from_micros(1));
        let (at, process) = (state.due, self.process(id));
        self.queue
            .schedule_recurring(process, at, Event::CallServed(id));
    }

    /// A call has been served: in time, too late, or after its caller had given up.
    pub(crate) fn serve_call(&mut self, id: DependencyId) {
        let state = &mut self.dependencies[id];
        if state.due != self.now {
            return;
        }
        let length = state.queue.len() as u32;
        let capacity = state.capacity;
        let Some((call, serial)) = state.queue.pop_front() else {
            return;
        };
        state.due = SimTime::NEVER;
        if 1 < length {
            self.begin_service(id);
        }
        self.ledger.dependencies[id]
            .queue
            .lower(self.setup.horizon - self.now);
        let of = &self.setup.dependencies[id];
        let abandoned = self.calls.get(call).serial != serial;
        let late = of.late == Late::Position && !abandoned && of.timeout.is_finite() && {
            let expected = capacity * of.timeout.micros() as f64;
            let late = self.dependencies[id].lateness.of(expected, length);
            self.bernoulli(id, Decision::Late, late)
        };
        if abandoned || late {
            self.slice(id).wasted += 1;
        } else {
            self.slice(id).good += 1;
        }
        if late {
            self.call_failed(call);
        } else if !abandoned {
            let caller = self.calls.get(call).caller;
            self.calls.end(call);
            self.answer(caller, true);
        }
        self.update_congestion(id);
    }

    /// A caller times out, or retries.
    pub(crate) fn caller_acts(&mut self, id: CallId) {
        let call = self.calls.get(id);
        if call.due != self.now {
            return;
        }
        match call.state {
            CallState::Queued => {
                // Its entry stays in the queue and is served for nothing.
                call.serial = 0;
                self.call_failed(id);
            }
            CallState::Orbiting => {
                let dependency = call.dependency;
                self.ledger.dependencies[dependency]
                    .orbit
                    .lower(self.setup.horizon - self.now);
                self.offer(id);
                self.update_congestion(dependency);
            }
        }
    }

    /// A call has failed: its caller retries, here or elsewhere, or gives up.
    fn call_failed(&mut self, id: CallId) {
        let call = *self.calls.get(id);
        let again = &self.setup.dependencies[call.dependency].again;
        if call.tries < again.tries_max
            && self.bernoulli(call.dependency, Decision::CallsAgain, again.probability)
        {
            if let Some((elsewhere, share)) = again.elsewhere
                && self.bernoulli(call.dependency, Decision::Elsewhere, share)
            {
                self.calls.get(id).dependency = elsewhere;
            }
            self.orbit(id);
            return;
        }
        self.slice(call.dependency).lost += 1;
        self.calls.end(id);
        self.answer(call.caller, false);
    }

    /// A caller joins the orbit: it will retry.
    fn orbit(&mut self, id: CallId) {
        let dependency = self.calls.get(id).dependency;
        let again = &self.setup.dependencies[dependency].again;
        let state = &mut self.dependencies[dependency];
        let (delays, kept) = (state.delays, &mut state.delays_kept);
        let delay = delays.draw_near(&again.delay, state.delayed, kept);
        state.delayed += 1;
        self.await_call(id, delay);
    }

    fn await_call(&mut self, id: CallId, delay: SimDuration) {
        let call = self.calls.get(id);
        (call.state, call.due, call.serial) = (CallState::Orbiting, self.now + delay, 0);
        let dependency = call.dependency;
        self.queue.schedule(call.due, Event::CallerActs(id));
        self.ledger.dependencies[dependency]
            .orbit
            .raise(self.setup.horizon - self.now);
        self.update_congestion(dependency);
    }

    fn answer(&mut self, caller: Caller, well: bool) {
        if let Caller::Worker(worker) = caller
            && self.workers.get(worker).state == State::Calling
        {
            self.answered(worker, well);
        }
    }

    /// An order is dropped whose attempt has called: the entry stays in the queue, is served for nothing,
    /// and the call is not retried.
    pub(crate) fn abandon_call(&mut self, worker: WorkerId) {
        let Some(id) = self.calls.of_worker(worker) else {
            return;
        };
        let call = *self.calls.get(id);
        self.calls.end(id);
        if call.state == CallState::Orbiting {
            self.ledger.dependencies[call.dependency]
                .orbit
                .lower(self.setup.horizon - self.now);
            self.update_congestion(call.dependency);
        }
    }

    /// An outage begins that blocks callers.
    pub(crate) fn hold_calls(&mut self, window: WindowId) {
        for (state, of) in self.dependencies.iter_mut().zip(&self.setup.dependencies) {
            let blocks = of.blocked.iter().any(|it| it.windows.contains(&window));
            state.holding += u32::from(blocks);
        }
    }

    /// An outage that blocked callers ends: each resumes after a random delay.
    pub(crate) fn release_calls(&mut self, window: WindowId) {
        let setup = self.setup;
        for (id, of) in setup.dependencies.iter_enumerated() {
            let Some(blocked) = of
                .blocked
                .as_ref()
                .filter(|it| it.windows.contains(&window))
            else {
                continue;
            };
            self.dependencies[id].holding -= 1;
            if 0 < self.dependencies[id].holding {
                continue;
            }
            for _ in 0..std::mem::take(&mut self.dependencies[id].held) {
                let state = &mut self.dependencies[id];
                let delay = state.resumes.draw(&blocked.resume, state.resumed);
                state.resumed += 1;
                let call = self.calls.place(Caller::Other, id);
                self.await_call(call, delay);
            }
        }
    }

    /// A dependency is scaled: the rest of the service under way continues at the new rate.
    pub(crate) fn scale(&mut self, id: DependencyId, capacity: f64) {
        let state = &mut self.dependencies[id];
        let pace = state.capacity / capacity;
        state.capacity = capacity;
        if state.due.is_finite() {
            state.due = self.now + (state.due - self.now).scaled(pace);
            self.queue.schedule(state.due, Event::CallServed(id));
        }
    }

    /// The admitted share of calls changes, at once or over a ramp.
    pub(crate) fn admit(&mut self, id: DependencyId, share: f64, over: SimDuration) {
        let state = &mut self.dependencies[id];
        state.admission = Admission {
            before: state.admission.at(self.now),
            after: share,
            from: self.now,
            until: self.now + over,
        };
    }

    /// Draws the rest of what has no memory again: of the time to the next background call, of the service under way, and
    /// of each exponential delay before a retry. What follows has the same law as before.
    pub(crate) fn redraw_memoryless(&mut self, id: DependencyId) {
        let of = &self.setup.dependencies[id];
        let others = |event: &Event| *event != Event::CallArrives(id);
        let aside = self.queue.set_aside(others);
        let state = &mut self.dependencies[id];
        state.walk = Walk::default();
        state.walk.skip(of.load.reached(self.now.micros() as f64));
        self.schedule_call(id);
        self.queue.put_back(aside);
        if self.dependencies[id].due.is_finite() {
            self.begin_service(id);
        }
        let delay = &of.again.delay;
        if !matches!(delay, Distribution::Exponential { shift: 0.0, .. }) {
            return;
        }
        for call in self.calls.about_to_retry(id) {
            let state = &mut self.dependencies[id];
            let rest = state.delays.draw(delay, state.delayed);
            state.delayed += 1;
            let due = self.now + rest;
            self.calls.get(call).due = due;
            self.queue.schedule(due, Event::CallerActs(call));
        }
    }

    fn bernoulli(&mut self, id: DependencyId, decision: Decision, probability: f64) -> bool {
        self.dependencies[id].coins[decision as usize].toss(probability)
    }

    /// The time slice of the current instant.
    #[inline]
    fn slice(&mut self, id: DependencyId) -> &mut Slice {
        let (start, horizon) = (self.setup.start, self.setup.horizon);
        self.ledger.dependencies[id].slice(self.now, start, horizon)
    }

    /// Records how full a dependency is, and when it becomes congested and calm.
    fn update_congestion(&mut self, id: DependencyId) {
        let of = &self.setup.dependencies[id];
        let ledger = &self.ledger.dependencies[id];
        let (queued, orbiting) = (ledger.queue.value, ledger.orbit.value);
        let slice = self.slice(id);
        slice.queue_max = slice.queue_max.max(queued);
        slice.orbit_max = slice.orbit_max.max(orbiting);
        let state = &mut self.dependencies[id];
        let ledger = &mut self.ledger.dependencies[id];
        if !state.congested && of.queue_max <= queued {
            state.congested = true;
            ledger.congested.open(self.now);
        } else if state.congested && queued <= of.calm_queue && orbiting <= of.calm_orbit {
            state.congested = false;
            ledger.congested.close(self.now);
        }
    }
}
