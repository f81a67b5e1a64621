//! Alerts: their inputs, and when they page. Events of the warm-up are
//! ignored; a level that is low at its end, or a request that still waits then, counts.

use crate::kernel::time::{SimDuration, SimTime};
use crate::model::chance::Purpose;
use crate::model::id::{AlertId, PoolId, WaitId};
use crate::model::record::events::{Recorder, TraceEvent};
use crate::model::setup::people::{Milestone, Trigger};
use crate::model::signal::{AlertInput, PoolState, Seen};
use crate::model::world::World;
use crate::model::world::event::Event;

/// The state of an alert.
#[derive(Clone, Debug)]
pub(crate) struct AlertState {
    /// Observations within its window.
    seen: Seen,
    /// Since when its condition has held, and whether it has fired for that.
    holding_since: SimTime,
    fired: bool,
    /// Whether a pool has been below the share of its target that counts as restored.
    armed: bool,
    silent_until: SimTime,
    alerts: u64,
    /// The place of the pool that decided about its condition last: it mostly does again.
    witness: usize,
    /// The request whose wait was checked last, and when.
    matured: (SimTime, Option<WaitId>),
}

impl Default for AlertState {
    fn default() -> Self {
        Self {
            seen: Seen::default(),
            holding_since: SimTime::NEVER,
            fired: false,
            armed: false,
            silent_until: SimTime::ZERO,
            alerts: 0,
            witness: 0,
            matured: (SimTime::NEVER, None),
        }
    }
}

impl AlertState {
    /// Clears it; keeps the memory.
    pub fn clear(&mut self) {
        self.seen.clear();
        *self = Self {
            seen: std::mem::take(&mut self.seen),
            ..Self::default()
        };
    }
}

/// A pool, as conditions on levels see it.
struct Levels<'a, 'b, R>(&'a World<'b, R>, PoolId);

impl<R: Recorder> PoolState for Levels<'_, '_, R> {
    fn ready(&self) -> u32 {
        self.0.ledger.pools[self.1].ready.value
    }

    fn waiting(&self) -> u32 {
        self.0.ledger.pools[self.1].waiting.value
    }

    fn ready_target(&self) -> u32 {
        self.0.ready_target(self.1)
    }

    fn is_unbuilt(&self) -> bool {
        self.0.is_unbuilt(self.1)
    }
}

impl<R: Recorder> World<'_, R> {
    /// Passes an input to the alerts of a pool.
    #[inline(always)]
    pub(crate) fn observe(&mut self, input: AlertInput, pool: PoolId) {
        let of = &self.setup.pools[pool].shortcuts;
        let watched = match input.is_failure() {
            true => of.watched,
            false => of.requests_watched,
        };
        if watched {
            self.observe_watched(input, pool);
        }
    }

    #[cold]
    fn observe_watched(&mut self, input: AlertInput, pool: PoolId) {
        if self.now < self.setup.start {
            return;
        }
        if input.is_failure() {
            let region = self.setup.pools[pool].region;
            self.region_failed[region] = self.now;
        }
        for id in self.setup.alerts.keys() {
            if self.setup.alerts[id].pools.contains(&pool) {
                self.consider(id, input);
            }
        }
    }

    /// Fires an alert if its condition is met, or schedules a check of how long a request waits.
    fn consider(&mut self, id: AlertId, input: AlertInput) {
        let signal = self.setup.alerts[id].signal;
        if let (AlertInput::Waits(request), Some(wait)) = (input, signal.wait()) {
            let due = self.now + wait;
            return self.queue.schedule(due, Event::WaitMatures(id, request));
        }
        let mut seen = std::mem::take(&mut self.alert_states[id].seen);
        let failing = |window| self.failing_regions(window);
        let fires = signal.observe(input, self.now, &mut seen, failing);
        self.alert_states[id].seen = seen;
        if fires {
            self.fire(id);
        }
    }

    /// Checks the conditions on levels after every event, whatever changed the levels.
    pub(crate) fn look_at_levels(&mut self) {
        if self.now < self.setup.start {
            return;
        }
        for id in (0..self.setup.alerts.len() as u16).map(AlertId) {
            let signal = self.setup.alerts[id].signal;
            let Some(lasting) = signal.lasting() else {
                continue;
            };
            let holds = match signal.is_of_recovery() {
                true => self.is_restored(id),
                false => self.holds_in_any(id),
            };
            let state = &mut self.alert_states[id];
            if !holds {
                (state.holding_since, state.fired) = (SimTime::NEVER, false);
            } else if !state.holding_since.is_finite() {
                state.holding_since = self.now;
                // A condition that begins during the cool-down and outlasts it fires at its end.
                let due = (self.now + lasting).max(state.silent_until);
                if due <= self.now {
                    self.fire(id);
                } else {
                    self.queue.schedule(due, Event::AlertMatures(id));
                }
            }
        }
    }

    /// Whether every pool is restored, after one was not, and the incident has been detected.
    fn is_restored(&mut self, id: AlertId) -> bool {
        let detected = self.ledger.milestones[Milestone::Detected as usize]
            .first()
            .is_finite();
        let armed = self.alert_states[id].armed;
        if armed && !detected {
            return false;
        }
        let short = self.holds_in_any(id);
        self.alert_states[id].armed |= short;
        detected && armed && !short
    }

    /// Whether the condition of an alert on levels holds in any of its pools.
    fn holds_in_any(&mut self, id: AlertId) -> bool {
        let of = &self.setup.alerts[id];
        let holds = |pool: &PoolId| of.signal.holds_in(&Levels(self, *pool));
        let witness = self.alert_states[id].witness;
        if of.pools.get(witness).is_some_and(holds) {
            return true;
        }
        let found = of.pools.iter().position(holds);
        if let Some(place) = found {
            self.alert_states[id].witness = place;
        }
        found.is_some()
    }

    /// The warm-up ends: the waits of open requests are timed.
    pub(crate) fn time_open_waits(&mut self) {
        for (id, alert) in (0..).map(AlertId).zip(&self.setup.alerts) {
            let Some(wait) = alert.signal.wait() else {
                continue;
            };
            for pool in &alert.pools {
                for (request, open) in self.waits.open(*pool) {
                    let due = (open.since + wait).max(self.now);
                    self.queue.schedule(due, Event::WaitMatures(id, request));
                }
            }
        }
    }

    /// The timer of a wait has run out: an alert fires if the request still waits.
    pub(crate) fn mature_wait(&mut self, id: AlertId, request: WaitId) {
        let Some(wait) = self.setup.alerts[id].signal.wait() else {
            return;
        };
        let start = self.setup.start;
        let due = self
            .waits
            .since(request)
            .map(|since| (since + wait).max(start));
        // A slot that is freed and reused within one instant has two timers.
        let state = &mut self.alert_states[id];
        let seen = std::mem::replace(&mut state.matured, (self.now, Some(request)));
        if due == Some(self.now) && seen != (self.now, Some(request)) {
            self.fire(id);
        }
    }

    /// The timer of a condition has run out: an alert fires if the condition has held since.
    pub(crate) fn mature_alert(&mut self, id: AlertId) {
        let state = &self.alert_states[id];
        let lasting = self.setup.alerts[id].signal.lasting();
        let lasted = lasting.is_some_and(|it| state.holding_since + it <= self.now);
        let fires = !state.fired && lasted;
        if fires {
            self.fire(id);
        }
    }

    fn fire(&mut self, id: AlertId) {
        let alert = &self.setup.alerts[id];
        let state = &mut self.alert_states[id];
        if self.now < state.silent_until {
            return;
        }
        state.silent_until = self.now + alert.cool_down;
        (state.fired, state.armed) = (true, false);
        let stream = self.chance.stream(Purpose::Delay, alert.stream_key, 0);
        let delay = stream.draw(&alert.delay, state.alerts);
        state.alerts += 1;
        self.queue.schedule(
            self.now + self.staffed(delay, self.now),
            Event::AlertPages(id),
        );
    }

    /// A page: the incident is detected now, at the latest.
    pub(crate) fn page(&mut self, id: AlertId) {
        self.ledger.alerts[id].pages.note(self.now);
        self.ledger.reach(Milestone::Detected, self.now);
        self.recorder.note(self.now, TraceEvent::Paged(id));
        self.trigger(Trigger::Alert(id));
    }

    /// Regions in which an attempt or a request has failed within `window`: the responders' estimate of the
    /// scope of an outage.
    pub(crate) fn failing_regions(&self, window: SimDuration) -> u32 {
        let failing = |at: &&SimTime| at.is_finite() && self.now < **at + window;
        self.region_failed.iter().filter(failing).count() as u32
    }
}
