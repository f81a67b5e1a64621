//! Calls as they go through a dependency: offered, queued, served in time or too late, made again.

use crate::kernel::distribution::unit_exponential;
use crate::kernel::queue::EventQueue;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::dependency::{
    Admission, CallId, CallState, Caller, Chance, Dependency, Late, too_late,
};
use crate::model::event::Event;
use crate::model::journal::Recorder;
use crate::model::ledger::{SLICES, Slice};
use crate::model::setup::{DependencyId, WindowId};
use crate::model::worker::{State, WorkerId};
use crate::model::world::{World, fails};

impl<R: Recorder> World<'_, R> {
    /// Begins every dependency in its declared state, with the first call of others.
    pub(crate) fn begin_dependencies(&mut self, queue: &mut EventQueue<Event>) {
        let setup = self.setup;
        self.calls.clear();
        self.dependencies.clear();
        for of in &setup.dependencies {
            self.dependencies.push(Dependency::begin(of, self.key));
        }
        for (id, of) in (0..).map(DependencyId).zip(&setup.dependencies) {
            for _ in 0..of.initial_queue {
                let call = self.calls.place(Caller::Other, id);
                self.offer(call, SimTime::ZERO, queue);
            }
            for _ in 0..of.initial_orbit {
                let call = self.calls.place(Caller::Other, id);
                self.calls.get(call).tries = 1;
                self.orbit(call, SimTime::ZERO, queue);
            }
            self.schedule_call(id, queue);
        }
    }

    fn schedule_call(&mut self, id: DependencyId, queue: &mut EventQueue<Event>) {
        let of = &self.setup.dependencies[id.0 as usize];
        let state = &mut self.dependencies[id.0 as usize];
        let more = match self.setup.even {
            true if state.made == 0 => 0.5,
            true => 1.0,
            false => state.arrivals.next(unit_exponential),
        };
        queue.schedule(state.walk.advance(&of.load, more), Event::CallArrives(id));
    }

    /// Others make a call, or would make one if they were not blocked.
    pub(crate) fn call_arrives(
        &mut self,
        id: DependencyId,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        self.dependencies[id.0 as usize].made += 1;
        self.schedule_call(id, queue);
        let blocked = &self.setup.dependencies[id.0 as usize].blocked;
        if 0 < self.dependencies[id.0 as usize].holding
            && let Some(blocked) = blocked
            && self.comes_true(id, Chance::HeldBack, blocked.share)
        {
            self.dependencies[id.0 as usize].held += 1;
            return;
        }
        let call = self.calls.place(Caller::Other, id);
        self.offer(call, now, queue);
    }

    /// An attempt makes its call.
    pub(crate) fn call_for(
        &mut self,
        worker: WorkerId,
        id: DependencyId,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        let slot = self.workers.get(worker);
        (slot.state, slot.due) = (State::Calling, SimTime::NEVER);
        let call = self.calls.place(Caller::Worker(worker), id);
        self.offer(call, now, queue);
    }

    /// A call reaches the dependency: it is queued, refused, or not let through.
    fn offer(&mut self, call: CallId, now: SimTime, queue: &mut EventQueue<Event>) {
        let id = self.calls.get(call).dependency;
        let of = &self.setup.dependencies[id.0 as usize];
        self.calls.get(call).tries += 1;
        let again = 1 < self.calls.get(call).tries;
        let slice = self.slice(id, now);
        slice.offered += 1;
        slice.retries += u64::from(again);
        let share = self.dependencies[id.0 as usize].admission.at(now);
        if share < 1.0 && !self.comes_true(id, Chance::Admitted, share) {
            self.slice(id, now).shed += 1;
            self.call_failed(call, now, queue);
            return;
        }
        if of.queue_max as usize <= self.dependencies[id.0 as usize].queue.len() {
            self.slice(id, now).rejected += 1;
            self.call_failed(call, now, queue);
            return;
        }
        self.calls.serial += 1;
        let serial = self.calls.serial;
        let slot = self.calls.get(call);
        (slot.state, slot.serial) = (CallState::Queued, serial);
        slot.due = match of.late {
            Late::Sojourn => now + of.timeout,
            Late::Position => SimTime::NEVER,
        };
        queue.schedule(slot.due, Event::CallerActs(call));
        let state = &mut self.dependencies[id.0 as usize];
        state.queue.push_back((call, serial));
        let first = state.queue.len() == 1;
        self.ledger.dependencies[id.0 as usize]
            .queue
            .raise(self.setup.horizon - now);
        if first {
            self.begin_service(id, now, queue);
        }
        self.feel(id, now);
    }

    /// The call at the head of the queue is served from now on.
    fn begin_service(&mut self, id: DependencyId, now: SimTime, queue: &mut EventQueue<Event>) {
        let state = &mut self.dependencies[id.0 as usize];
        let drawn = match self.setup.even {
            true => 1.0,
            false => state.services.next(unit_exponential),
        };
        let length = SimDuration::from_micros_f64(drawn / state.capacity);
        state.due = now + length.max(SimDuration::from_micros(1));
        queue.schedule(state.due, Event::CallServed(id));
    }

    /// A call has been served: in time, too late, or for nobody.
    pub(crate) fn serve_call(
        &mut self,
        id: DependencyId,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        let state = &mut self.dependencies[id.0 as usize];
        if state.due != now {
            return;
        }
        let length = state.queue.len() as u32;
        let capacity = state.capacity;
        let Some((call, serial)) = state.queue.pop_front() else {
            return;
        };
        state.due = SimTime::NEVER;
        if 1 < length {
            self.begin_service(id, now, queue);
        }
        self.ledger.dependencies[id.0 as usize]
            .queue
            .lower(self.setup.horizon - now);
        let of = &self.setup.dependencies[id.0 as usize];
        let abandoned = self.calls.get(call).serial != serial;
        let late = of.late == Late::Position && !abandoned && of.timeout.ends() && {
            let expected = capacity * of.timeout.micros() as f64;
            self.comes_true(id, Chance::Late, too_late(expected, length))
        };
        if abandoned || late {
            self.slice(id, now).wasted += 1;
        } else {
            self.slice(id, now).good += 1;
        }
        if late {
            self.call_failed(call, now, queue);
        } else if !abandoned {
            let caller = self.calls.get(call).caller;
            self.calls.end(call);
            self.answer(caller, true, now, queue);
        }
        self.feel(id, now);
    }

    /// A caller gives up waiting, or calls again.
    pub(crate) fn caller_acts(&mut self, id: CallId, now: SimTime, queue: &mut EventQueue<Event>) {
        let call = self.calls.get(id);
        if call.due != now {
            return;
        }
        match call.state {
            CallState::Queued => {
                // What it asked for stays in the queue, for nobody.
                call.serial = 0;
                self.call_failed(id, now, queue);
            }
            CallState::Orbiting => {
                let dependency = call.dependency;
                self.ledger.dependencies[dependency.0 as usize]
                    .orbit
                    .lower(self.setup.horizon - now);
                self.offer(id, now, queue);
                self.feel(dependency, now);
            }
        }
    }

    /// A call has failed: its caller calls again, here or elsewhere, or gives up for good.
    fn call_failed(&mut self, id: CallId, now: SimTime, queue: &mut EventQueue<Event>) {
        let call = *self.calls.get(id);
        let again = &self.setup.dependencies[call.dependency.0 as usize].again;
        if call.tries < again.tries_max
            && self.comes_true(call.dependency, Chance::CallsAgain, again.probability)
        {
            if let Some((elsewhere, share)) = again.elsewhere
                && self.comes_true(call.dependency, Chance::Elsewhere, share)
            {
                self.calls.get(id).dependency = elsewhere;
            }
            self.orbit(id, now, queue);
            return;
        }
        self.slice(call.dependency, now).lost += 1;
        self.calls.end(id);
        self.answer(call.caller, false, now, queue);
    }

    /// A caller is about to call again.
    fn orbit(&mut self, id: CallId, now: SimTime, queue: &mut EventQueue<Event>) {
        let dependency = self.calls.get(id).dependency;
        let again = &self.setup.dependencies[dependency.0 as usize].again;
        let state = &mut self.dependencies[dependency.0 as usize];
        let delay = again.delay.draw_at(&state.delays, state.delayed);
        state.delayed += 1;
        self.await_call(id, delay, now, queue);
    }

    fn await_call(
        &mut self,
        id: CallId,
        delay: SimDuration,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        let call = self.calls.get(id);
        (call.state, call.due, call.serial) = (CallState::Orbiting, now + delay, 0);
        let dependency = call.dependency;
        queue.schedule(call.due, Event::CallerActs(id));
        self.ledger.dependencies[dependency.0 as usize]
            .orbit
            .raise(self.setup.horizon - now);
        self.feel(dependency, now);
    }

    fn answer(&mut self, caller: Caller, well: bool, now: SimTime, queue: &mut EventQueue<Event>) {
        if let Caller::Worker(worker) = caller
            && self.workers.get(worker).state == State::Calling
        {
            self.answered(worker, well, now, queue);
        }
    }

    /// An order is dropped whose attempt has called: what it asked for stays in the queue, for nobody,
    /// and it does not call again.
    pub(crate) fn hang_up(&mut self, worker: WorkerId, now: SimTime) {
        let Some(id) = self.calls.of_worker(worker) else {
            return;
        };
        let call = *self.calls.get(id);
        self.calls.end(id);
        if call.state == CallState::Orbiting {
            self.ledger.dependencies[call.dependency.0 as usize]
                .orbit
                .lower(self.setup.horizon - now);
            self.feel(call.dependency, now);
        }
    }

    /// An outage begins that blocks callers.
    pub(crate) fn hold_calls(&mut self, window: WindowId) {
        for (state, of) in self.dependencies.iter_mut().zip(&self.setup.dependencies) {
            let blocks = of.blocked.iter().any(|it| it.windows.contains(&window));
            state.holding += u32::from(blocks);
        }
    }

    /// An outage ends that has blocked callers: they resume, each in its own time.
    pub(crate) fn release_calls(
        &mut self,
        window: WindowId,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        let setup = self.setup;
        for (id, of) in (0..).map(DependencyId).zip(&setup.dependencies) {
            let Some(blocked) = of
                .blocked
                .as_ref()
                .filter(|it| it.windows.contains(&window))
            else {
                continue;
            };
            self.dependencies[id.0 as usize].holding -= 1;
            if 0 < self.dependencies[id.0 as usize].holding {
                continue;
            }
            for _ in 0..std::mem::take(&mut self.dependencies[id.0 as usize].held) {
                let state = &mut self.dependencies[id.0 as usize];
                let delay = blocked.resume.draw_at(&state.resumes, state.resumed);
                state.resumed += 1;
                let call = self.calls.place(Caller::Other, id);
                self.await_call(call, delay, now, queue);
            }
        }
    }

    /// A dependency is scaled: what is left of the call being served goes on at the new pace.
    pub(crate) fn scale(
        &mut self,
        id: DependencyId,
        capacity: f64,
        now: SimTime,
        queue: &mut EventQueue<Event>,
    ) {
        let state = &mut self.dependencies[id.0 as usize];
        let pace = state.capacity / capacity;
        state.capacity = capacity;
        if state.due.comes() {
            state.due = now + (state.due - now).scaled(pace);
            queue.schedule(state.due, Event::CallServed(id));
        }
    }

    /// From now on another share of calls is let through, at once or ramped.
    pub(crate) fn admit(&mut self, id: DependencyId, share: f64, over: SimDuration, now: SimTime) {
        let state = &mut self.dependencies[id.0 as usize];
        state.admission = Admission {
            before: state.admission.at(now),
            after: share,
            from: now,
            until: now + over,
        };
    }

    fn comes_true(&mut self, id: DependencyId, chance: Chance, probability: f64) -> bool {
        let trials = &mut self.dependencies[id.0 as usize].trials[chance as usize];
        let trial = trials.asked;
        trials.asked += 1;
        fails(
            probability,
            self.setup.even,
            &mut trials.even,
            &trials.stream,
            trial,
        )
    }

    /// Where what happens now is counted.
    fn slice(&mut self, id: DependencyId, now: SimTime) -> &mut Slice {
        let (start, horizon) = (self.setup.start, self.setup.horizon);
        let place = (now - start).micros() * SLICES / (horizon - start).micros();
        &mut self.ledger.dependencies[id.0 as usize].slices[place.min(SLICES - 1) as usize]
    }

    /// Notes how full a dependency is, and when it is congested and calm.
    fn feel(&mut self, id: DependencyId, now: SimTime) {
        let of = &self.setup.dependencies[id.0 as usize];
        let ledger = &self.ledger.dependencies[id.0 as usize];
        let (queued, orbiting) = (ledger.queue.value, ledger.orbit.value);
        let slice = self.slice(id, now);
        slice.queue_max = slice.queue_max.max(queued);
        slice.orbit_max = slice.orbit_max.max(orbiting);
        let state = &mut self.dependencies[id.0 as usize];
        let ledger = &mut self.ledger.dependencies[id.0 as usize];
        if !state.congested && of.queue_max <= queued {
            state.congested = true;
            ledger.congested.open(now);
        } else if state.congested && queued <= of.calm_queue && orbiting <= of.calm_orbit {
            state.congested = false;
            ledger.congested.close(now);
        }
    }
}
