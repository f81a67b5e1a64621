//! Counts of the requests and levels that facts ask for.

use crate::kernel::time::{SimDuration, SimTime};
use crate::model::id::{ClassId, PoolId};
use crate::model::record::ledger::Ledger;
use crate::model::setup::probe::{Origin, Probes, RequestProbe};

/// What came of a fresh request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum End {
    /// It found a ready worker.
    Hit,
    /// It waited and was served.
    Served,
    /// It was rejected or gave up.
    Failed,
    /// It still waits when the replication ends.
    Open,
}

/// Fresh requests of a probe.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct RequestCount {
    probe: RequestProbe,
    /// Requests that failed in the window, and those that were served in it after a wait.
    pub failed: u64,
    pub delayed: u64,
    /// Requests made in the window, and those of them that failed or waited longer than the probe says.
    pub made: u64,
    pub long_or_failed: u64,
    /// Requests made in the window that were not rejected at once, their waits (µs), and the longest.
    pub waited: u64,
    pub wait_micros: u64,
    pub longest: SimDuration,
}

impl RequestCount {
    fn of(probe: RequestProbe) -> Self {
        Self {
            probe,
            failed: 0,
            delayed: 0,
            made: 0,
            long_or_failed: 0,
            waited: 0,
            wait_micros: 0,
            longest: SimDuration::ZERO,
        }
    }

    /// Forgets all requests.
    pub fn clear(&mut self) {
        *self = Self::of(self.probe);
    }

    /// A request made at `since` ends at `now`; the window begins at `from`.
    fn add(&mut self, end: End, from: SimTime, (since, now): (SimTime, SimTime)) {
        let inside = |at: SimTime| from <= at && at < self.probe.window.until;
        let (made, ended) = (inside(since), inside(now));
        self.failed += u64::from(ended && end == End::Failed);
        self.delayed += u64::from(ended && end == End::Served);
        if !made {
            return;
        }
        let wait = now - since;
        let long = self.probe.longer_than < wait || end == End::Failed;
        self.made += 1;
        self.long_or_failed += u64::from(long);
        // A request that is rejected at once has no wait.
        if end != End::Failed || SimDuration::ZERO < wait {
            self.waited += 1;
            self.wait_micros += wait.micros();
            self.longest = self.longest.max(wait);
        }
    }
}

/// The ready levels of a pool at some instants.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct LevelsAt {
    /// Instants in order, each with its level once a later event has changed it.
    instants: Vec<(SimTime, Option<u32>)>,
    /// The first instant without a level.
    due: SimTime,
}

impl Default for LevelsAt {
    fn default() -> Self {
        Self {
            instants: Vec::new(),
            due: SimTime::NEVER,
        }
    }
}

impl LevelsAt {
    fn begin(&mut self, instants: impl Iterator<Item = SimTime>) {
        self.instants.clear();
        self.instants.extend(instants.map(|at| (at, None)));
        self.instants.sort_unstable_by_key(|(at, _)| *at);
        self.due = self.instants.first().map_or(SimTime::NEVER, |(at, _)| *at);
    }

    /// The level changes at `now`; `level` is what it was before.
    #[inline]
    pub fn note(&mut self, level: u32, now: SimTime) {
        if self.due < now {
            self.note_past(level, now);
        }
    }

    fn note_past(&mut self, level: u32, now: SimTime) {
        self.due = SimTime::NEVER;
        for (at, noted) in &mut self.instants {
            if *at < now {
                noted.get_or_insert(level);
            } else {
                self.due = self.due.min(*at);
            }
        }
    }

    /// The level at an instant that was asked for; `last` is the final level.
    pub fn at(&self, instant: SimTime, last: u32) -> u32 {
        let noted = self.instants.iter().find(|(at, _)| *at == instant);
        noted.and_then(|(_, level)| *level).unwrap_or(last)
    }
}

impl Ledger {
    /// Nothing has been counted yet.
    pub fn begin_probes(&mut self, probes: &Probes) {
        self.counts.clear();
        self.counts
            .extend(probes.requests.iter().copied().map(RequestCount::of));
        for (id, pool) in self.pools.iter_mut_enumerated() {
            let own = probes.levels.iter().filter(|probe| probe.pool == id);
            pool.levels_at.begin(own.map(|probe| probe.at));
        }
    }

    /// A fresh request made at `since` ends at `now`.
    #[inline]
    pub fn request_ends(
        &mut self,
        end: End,
        of: (PoolId, ClassId),
        (since, now): (SimTime, SimTime),
    ) {
        if !self.counts.is_empty() {
            self.count(end, of, (since, now));
        }
    }

    fn count(&mut self, end: End, (pool, class): (PoolId, ClassId), ends: (SimTime, SimTime)) {
        let mut counts = std::mem::take(&mut self.counts);
        for count in &mut counts {
            let probe = &count.probe;
            let own =
                probe.pool.is_none_or(|it| it == pool) && probe.class.is_none_or(|it| it == class);
            if own {
                let from = self.origin(probe.window.from);
                count.add(end, from, ends);
            }
        }
        self.counts = counts;
    }

    /// When a window begins; `NEVER` if the event has not occurred so far.
    pub fn origin(&self, origin: Origin) -> SimTime {
        match origin {
            Origin::At(at) => at,
            Origin::OutageBegins => self.outage_from,
            Origin::FirstFailedProvisioning => self.first_failed_provisioning,
            Origin::FirstUnservedRequest(pool) => self.pools[pool].clocks.unserved_requests.first(),
            Origin::FirstLeaseFailure(pool) => self.pools[pool].clocks.lease_failures.first(),
        }
    }
}
