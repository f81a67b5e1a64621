//! Alerts: their inputs, and when they page. Events of the warm-up are
//! ignored; a level that is low at its end, or a request that still waits then, counts.

use crate::model::setup::people::Signal;
use std::collections::VecDeque;

use crate::kernel::time::{SimDuration, SimTime};
use crate::model::chance::Purpose;
use crate::model::id::{AlertId, PoolId, WaitId};
use crate::model::record::events::{Recorder, TraceEvent};
use crate::model::setup::people::{Milestone, Trigger};
use crate::model::world::World;
use crate::model::world::event::Event;

/// An observation that alerts may react to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum AlertInput {
    FailedProvision,
    FailedLease,
    Waits(WaitId),
    Hit,
    Miss,
}

/// The state of an alert.
#[derive(Clone, Debug)]
pub(crate) struct AlertState {
    /// Observations within its window, each with whether it was a hit.
    seen: VecDeque<(SimTime, bool)>,
    hits: u32,
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
            seen: VecDeque::new(),
            hits: 0,
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

    /// Records an observation, and drops those outside the window.
    fn note(&mut self, now: SimTime, hit: bool, window: SimDuration) {
        self.seen.push_back((now, hit));
        self.hits += u32::from(hit);
        while let Some((at, hit)) = self.seen.front().copied()
            && at + window <= now
        {
            self.seen.pop_front();
            self.hits -= u32::from(hit);
        }
    }
}

impl<R: Recorder> World<'_, R> {
    /// Passes an input to the alerts of a pool.
    #[inline(always)]
    pub(crate) fn observe(&mut self, input: AlertInput, pool: PoolId) {
        let of = &self.setup.pools[pool].shortcuts;
        let watched = match input {
            AlertInput::FailedProvision | AlertInput::FailedLease => of.watched,
            AlertInput::Waits(_) | AlertInput::Hit | AlertInput::Miss => of.requests_watched,
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
        if matches!(input, AlertInput::FailedProvision | AlertInput::FailedLease) {
            let region = self.setup.pools[pool].region;
            self.region_failed[region] = self.now;
        }
        for id in self.setup.alerts.keys() {
            if self.setup.alerts[id].pools.contains(&pool) {
                self.consider(id, input);
            }
        }
    }

    /// Fires an alert if its condition is met, or schedules a check of how long it lasts.
    fn consider(&mut self, id: AlertId, input: AlertInput) {
        let alert = &self.setup.alerts[id];
        let failed = matches!(input, AlertInput::FailedProvision | AlertInput::FailedLease);
        let fires = match (alert.signal, input) {
            (Signal::FailedProvisions { count, window }, AlertInput::FailedProvision)
            | (Signal::FailedLeases { count, window }, AlertInput::FailedLease) => {
                let state = &mut self.alert_states[id];
                state.note(self.now, false, window);
                count <= state.seen.len() as u32
            }
            (Signal::FailingRegions { count, window }, _) if failed => {
                count <= self.failing_regions(window)
            }
            (
                Signal::HitRate {
                    below,
                    window,
                    least,
                },
                AlertInput::Hit | AlertInput::Miss,
            ) => {
                let state = &mut self.alert_states[id];
                state.note(self.now, input == AlertInput::Hit, window);
                let n = state.seen.len() as u32;
                least <= n && f64::from(state.hits) < below * f64::from(n)
            }
            (Signal::OldestWait { wait }, AlertInput::Waits(request)) => {
                self.queue
                    .schedule(self.now + wait, Event::WaitMatures(id, request));
                false
            }
            _ => false,
        };
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
            let (holds, lasting) = match self.setup.alerts[id].signal {
                Signal::ReadyBelow { level, lasting } => (self.is_below(id, level), lasting),
                Signal::Restored { share } => (self.is_restored(id, share), SimDuration::ZERO),
                _ => continue,
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

    fn is_below(&mut self, id: AlertId, level: u32) -> bool {
        self.find_pool(id, |world, pool| {
            let ready = world.ledger.pools[pool].ready.value;
            ready < level && !world.is_unbuilt(pool)
        })
    }

    fn is_restored(&mut self, id: AlertId, share: f64) -> bool {
        let detected = self.ledger.milestones[Milestone::Detected as usize]
            .first()
            .is_finite();
        let armed = self.alert_states[id].armed;
        if armed && !detected {
            return false;
        }
        let short = self.find_pool(id, |world, pool| {
            let levels = &world.ledger.pools[pool];
            let (ready, waiting) = (levels.ready.value, levels.waiting.value);
            0 < waiting || f64::from(ready) < share * f64::from(world.ready_target(pool))
        });
        self.alert_states[id].armed |= short;
        detected && armed && !short
    }

    /// Whether a condition holds in any pool of an alert.
    fn find_pool(&mut self, id: AlertId, holds: impl Fn(&Self, PoolId) -> bool) -> bool {
        let pools = &self.setup.alerts[id].pools;
        let witness = self.alert_states[id].witness;
        if pools.get(witness).is_some_and(|pool| holds(self, *pool)) {
            return true;
        }
        let found = pools.iter().position(|pool| holds(self, *pool));
        if let Some(place) = found {
            self.alert_states[id].witness = place;
        }
        found.is_some()
    }

    /// The warm-up ends: the waits of open requests are timed.
    pub(crate) fn time_open_waits(&mut self) {
        for (id, alert) in (0..).map(AlertId).zip(&self.setup.alerts) {
            let Signal::OldestWait { wait } = alert.signal else {
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
        let Signal::OldestWait { wait } = self.setup.alerts[id].signal else {
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
        let alert = &self.setup.alerts[id];
        let state = &self.alert_states[id];
        let fires = match alert.signal {
            Signal::ReadyBelow { lasting, .. } => {
                !state.fired && state.holding_since + lasting <= self.now
            }
            Signal::Restored { .. } => !state.fired && state.holding_since <= self.now,
            _ => false,
        };
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
