//! A service that receives calls: capacity, a finite queue, callers that time out and retry. Work
//! done for a caller that has given up is wasted, which is what keeps a storm alive after its trigger
//! is over (Bronson et al., 2021).

use crate::model::setup::dependency::DependencySetup;
use std::collections::VecDeque;

use crate::kernel::intensity::Walk;
use crate::kernel::random::Kept;
use crate::kernel::time::SimTime;
use crate::model::chance::{Chance, Coin, Draws, Gaps, Purpose, Renew, Stream};
use crate::model::id::{CallId, DependencyId, Slots, WorkerId};

/// A call, from its first try to its response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub caller: Caller,
    pub dependency: DependencyId,
    pub tries: u32,
    pub state: CallState,
    /// When its caller acts next.
    pub due: SimTime,
    /// Distinguishes tries: a queue entry with another serial belongs to a caller that timed out.
    pub serial: u64,
}

/// The caller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Caller {
    Other,
    Worker(WorkerId),
}

/// The state of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum CallState {
    Queued,
    /// In orbit: its caller will retry.
    Orbiting,
}

/// All calls, by slot.
#[derive(Clone, Default)]
pub(crate) struct Calls {
    slots: Slots<CallId, Call>,
    pub serial: u64,
}

impl Calls {
    /// Clears it; keeps the memory.
    pub fn clear(&mut self) {
        self.slots.clear();
        self.serial = 0;
    }

    /// Takes a slot for a call that is about to be made.
    pub fn place(&mut self, caller: Caller, dependency: DependencyId) -> CallId {
        self.slots.put(Call {
            caller,
            dependency,
            tries: 0,
            state: CallState::Orbiting,
            due: SimTime::NEVER,
            serial: 0,
        })
    }

    pub fn get(&mut self, id: CallId) -> &mut Call {
        &mut self.slots[id]
    }

    /// The pending call of a worker.
    pub fn of_worker(&self, worker: WorkerId) -> Option<CallId> {
        let waits = |(_, call): &(CallId, &Call)| {
            call.caller == Caller::Worker(worker) && (call.serial != 0 || call.due.is_finite())
        };
        self.slots.iter_enumerated().find(waits).map(|(id, _)| id)
    }

    /// Callers in orbit: those that will call a dependency again.
    pub fn orbiting(&self, dependency: DependencyId) -> u32 {
        self.about_to_retry(dependency).len() as u32
    }

    /// The calls of callers in orbit.
    pub fn about_to_retry(&self, dependency: DependencyId) -> Vec<CallId> {
        let orbits = |(_, call): &(CallId, &Call)| {
            call.dependency == dependency
                && call.state == CallState::Orbiting
                && call.due.is_finite()
        };
        let orbiting = self.slots.iter_enumerated().filter(orbits);
        orbiting.map(|(id, _)| id).collect()
    }

    /// Frees the slot of a call that is over.
    pub fn end(&mut self, id: CallId) {
        let call = self.get(id);
        (call.due, call.serial) = (SimTime::NEVER, 0);
        self.slots.free(id);
    }
}

/// The state of a dependency.
#[derive(Clone)]
pub(crate) struct Dependency {
    /// (1/µs)
    pub capacity: f64,
    pub queue: VecDeque<(CallId, u64)>,
    /// When the call at the head will have been served.
    pub due: SimTime,
    /// The admitted share of calls: linear from one value to the other.
    pub admission: Admission,
    /// Windows in force that hold calls back, and the number held.
    pub holding: u32,
    pub held: u64,
    pub congested: bool,
    pub walk: Walk,
    pub arrivals: Gaps,
    pub services: Draws<f64>,
    /// How likely a call is late, by the length of the queue that it was in.
    pub lateness: Lateness,
    /// One for each [`Decision`].
    pub coins: [Coin; 5],
    pub delays: Stream,
    pub delays_kept: Kept,
    pub delayed: u64,
    pub resumes: Stream,
    pub resumed: u64,
}

/// Random decisions about a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Decision {
    Late,
    CallsAgain,
    Elsewhere,
    Admitted,
    HeldBack,
}

/// A share that moves linearly.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Admission {
    pub before: f64,
    pub after: f64,
    pub from: SimTime,
    pub until: SimTime,
}

impl Admission {
    const ALL: Self = Self {
        before: 1.0,
        after: 1.0,
        from: SimTime::ZERO,
        until: SimTime::ZERO,
    };

    /// The admitted share at `now`.
    pub fn at(&self, now: SimTime) -> f64 {
        if self.until <= now {
            return self.after;
        }
        let passed = (now - self.from).seconds() / (self.until - self.from).seconds();
        self.before + (self.after - self.before) * passed
    }
}

impl Dependency {
    pub fn begin(setup: &DependencySetup, chance: Chance) -> Self {
        let stream = |purpose| chance.stream(purpose, setup.stream_key, 0);
        let coin = |purpose| stream(purpose).coin();
        Self {
            capacity: setup.capacity,
            queue: VecDeque::with_capacity(setup.queue_max.min(1 << 16) as usize),
            due: SimTime::NEVER,
            admission: Admission::ALL,
            holding: 0,
            held: 0,
            congested: false,
            walk: Walk::default(),
            arrivals: stream(Purpose::Call).gaps(),
            services: stream(Purpose::Service).draws(),
            lateness: Lateness::default(),
            coins: [
                coin(Purpose::Late),
                coin(Purpose::CallsAgain),
                coin(Purpose::CallsElsewhere),
                coin(Purpose::Admission),
                coin(Purpose::HeldBack),
            ],
            delays: stream(Purpose::CallDelay),
            delays_kept: Kept::default(),
            delayed: 0,
            resumes: stream(Purpose::Recovery),
            resumed: 0,
        }
    }
}

impl Renew for Dependency {
    fn renew(&mut self, replication: u64) {
        let Self {
            capacity: _,
            queue: _,
            due: _,
            admission: _,
            holding: _,
            held: _,
            congested: _,
            walk: _,
            arrivals,
            services,
            lateness: _,
            coins,
            delays,
            delays_kept,
            delayed: _,
            resumes,
            resumed: _,
        } = self;
        arrivals.renew(replication);
        services.renew(replication);
        coins.iter_mut().for_each(|it| it.renew(replication));
        delays.renew(replication);
        *delays_kept = Kept::default();
        resumes.renew(replication);
    }
}

/// The distribution function of a Poisson variable, by steps that are kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lateness {
    expected: f64,
    /// The next term.
    term: f64,
    /// The sum of the first so many terms, by their number.
    sums: Vec<f64>,
}

impl Lateness {
    /// Probability that fewer than `queue` calls are served within a time in which `expected` are, on average.
    pub fn of(&mut self, expected: f64, queue: u32) -> f64 {
        if self.sums.is_empty() || self.expected != expected {
            (self.expected, self.term) = (expected, libm::exp(-expected));
            self.sums.clear();
            self.sums.push(0.0);
        }
        while self.sums.len() <= queue as usize {
            let served = self.sums.len();
            self.sums.push(self.sums[served - 1] + self.term);
            self.term *= expected / served as f64;
        }
        self.sums[queue as usize].min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lateness_follows_the_poisson_law() {
        let mut late = Lateness::default();
        assert_eq!(late.of(10.0, 0), 0.0);
        assert!((late.of(2.0, 2) - 3.0 * libm::exp(-2.0)).abs() < 1e-15);
        assert!(0.999_999 < late.of(10.0, 40));
        let (few, many) = (late.of(10.0, 7), late.of(10.0, 80));
        assert!((few - 0.130_141_420_882_483).abs() < 1e-12);
        assert!((many - 1.0).abs() < 1e-12);
    }

    #[test]
    fn admission_ramps() {
        let second = |at: u64| SimTime::from_micros(at * 1_000_000);
        let ramp = Admission {
            before: 0.0,
            after: 1.0,
            from: second(10),
            until: second(30),
        };
        assert_eq!(
            [10, 20, 30, 99].map(|at| ramp.at(second(at))),
            [0.0, 0.5, 1.0, 1.0]
        );
        assert_eq!(Admission::ALL.at(second(0)), 1.0);
    }
}
