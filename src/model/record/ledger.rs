//! Results: levels and their integrals, counts, and the clocks of every pool. Knows
//! nothing of causes. The warm-up leaves only its final levels.

use crate::kernel::time::SimTime;
use crate::model::id::{AlertId, ClassId, DependencyId, OccurrenceId, PoolId, StepId, TiVec};
pub(crate) use crate::model::record::class::ClassLedger;
use crate::model::record::clocks::{Instants, PoolClocks};
pub(crate) use crate::model::record::dependency::{DependencyLedger, SLICES};
use crate::model::record::digest::Common;
use crate::model::record::level::Level;
use crate::model::record::ordinary::Ordinary;
use crate::model::record::probes::{LevelsAt, RequestCount};
use crate::model::setup::Setup;
use crate::model::setup::people::Milestone;

/// Shares of a level at which a pool counts as recovered.
pub(crate) const RECOVERY_SHARES: [f64; 2] = [0.9, 1.0];

/// The level of a pool that counts as recovered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mark {
    /// The target in force.
    Target,
    /// The mean ready level before the outage.
    Ordinary,
}

/// What happened to one pool.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct PoolLedger {
    pub ready: Level,
    pub pending: Level,
    pub leased: Level,
    pub deleting: Level,
    pub waiting: Level,
    pub lowest: u32,
    /// Most requests that waited at once.
    pub queue_max: u32,
    pub clocks: PoolClocks,
    /// When the ready level recovered after the last outage: by [`Mark`], at each of [`RECOVERY_SHARES`].
    pub recovered: [[SimTime; 2]; 2],
    /// The ready level and the target for which that was recorded last.
    recovery_seen: Option<(u32, u32)>,
    ordinary: Ordinary,
    /// Whether the last outage is over and recovery is not complete.
    pub recovering: bool,
    /// Fresh requests, by outcome.
    pub requests: u64,
    pub hits: u64,
    pub delayed: u64,
    pub failed: u64,
    /// Requests that failed and were made in an outage.
    pub failed_in_outage: u64,
    /// Jobs that found their tenant's lease.
    pub reused: u64,
    /// Leases that ended, those of them that ended by age, and how long they all lasted (µs).
    pub leases_ended: u64,
    pub leases_aged_out: u64,
    pub leased_micros: u64,
    /// Leases of the warm-up that end after it, where their ends have no other effect: from when until when.
    early_leases: Vec<(SimTime, SimTime)>,
    /// Waits of requests that did not find a worker at once (µs).
    pub waits: Vec<u64>,
    pub attempts: u64,
    pub retries: u64,
    pub failed_by_outage: u64,
    pub timed_out: u64,
    /// Attempts whose call to a dependency failed.
    pub unanswered: u64,
    /// Starts of stopped workers that ended, and those that failed.
    pub starts: u64,
    pub starts_failed: u64,
    /// Attempts that failed as some do, outages aside.
    pub failed_ordinarily: u64,
    pub given_up: u64,
    pub deletions_failed: u64,
    /// Attempts and deletions that the provider's limits delayed.
    pub throttled: u64,
    /// Workers that an outage took, the jobs that ran on them, and ready workers deleted for their age or
    /// because there were too many.
    pub lost: u64,
    pub jobs_lost: u64,
    pub expired: u64,
    pub trimmed: u64,
    /// Requests and jobs that could not connect.
    pub unconnected: u64,
    /// Requests rejected to keep workers for others.
    pub refused: u64,
    /// When the last outage of its provisioning ended.
    pub recovery_from: SimTime,
    /// The first outage that affects it, from its beginning or the start of the measured time, with those
    /// that overlap it; and when the first request failed that was made in it.
    pub first_outage: Option<(SimTime, SimTime)>,
    pub first_failure_in_outage: SimTime,
    /// Outages that affect the pool in the measured time, and those in which a failed request was made.
    pub outages: u32,
    pub outages_failed: Vec<OccurrenceId>,
    /// Ready levels at the instants that facts ask for.
    pub levels_at: LevelsAt,
    horizon: SimTime,
}

/// Results of one alert.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct AlertLedger {
    pub pages: Instants,
}

/// Counts of a dependency in one slice of time.
#[derive(Clone, Copy, PartialEq, Debug, Default, serde::Serialize)]
#[non_exhaustive]
pub struct Slice {
    /// Calls made.
    pub offered: u64,
    /// Those of them that repeated a failed one.
    pub retries: u64,
    /// Calls served in time.
    pub good: u64,
    /// Calls served for a caller that had given up.
    pub wasted: u64,
    /// Calls refused by a full queue.
    pub rejected: u64,
    /// Calls not admitted.
    pub shed: u64,
    /// Callers that gave up.
    pub lost: u64,
    /// The largest queue.
    pub queue_max: u32,
    /// The most callers that waited to retry.
    pub orbit_max: u32,
}

/// A request that found no worker ready.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Unserved {
    pub at: SimTime,
    pub pool: PoolId,
    pub class: ClassId,
    pub tenant: Option<u32>,
}

/// What happened.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Ledger {
    pub pools: TiVec<PoolId, PoolLedger>,
    pub classes: TiVec<ClassId, ClassLedger>,
    /// The first attempt that an outage made fail, over all pools.
    pub first_failed_provisioning: SimTime,
    /// In the order of time.
    pub unserved: Vec<Unserved>,
    pub alerts: TiVec<AlertId, AlertLedger>,
    /// When each step of the playbook was taken.
    pub steps: TiVec<StepId, Instants>,
    /// When each milestone of the incident was reached, in the order of `playbook::MILESTONES`.
    pub milestones: [Instants; 4],
    /// When the first outage began.
    pub outage_from: SimTime,
    pub dependencies: TiVec<DependencyId, DependencyLedger>,
    /// Requests that facts ask for.
    pub counts: Vec<RequestCount>,
    pub events: u64,
    /// A sum over all events, so that parts of a world that share nothing can run side by side.
    pub digest: u64,
    /// Those of them that every such part has.
    pub common: Common,
    pub horizon: SimTime,
}

impl Ledger {
    /// Clears everything; keeps the memory.
    pub fn begin(&mut self, setup: &Setup) {
        self.horizon = setup.horizon;
        self.pools.resize_with(setup.pools.len(), PoolLedger::new);
        self.classes
            .resize_with(setup.classes.len(), ClassLedger::default);
        for (pool, of) in self.pools.iter_mut().zip(&setup.pools) {
            pool.clear(setup.horizon);
            if of.serves_at_first() {
                pool.clocks.serving.open(SimTime::ZERO);
            }
        }
        self.classes.iter_mut().for_each(ClassLedger::clear);
        self.first_failed_provisioning = SimTime::NEVER;
        self.unserved.clear();
        self.alerts.clear();
        self.alerts
            .resize(setup.alerts.len(), AlertLedger::default());
        self.steps.clear();
        self.steps.resize(setup.playbook.len(), Instants::default());
        self.milestones.iter_mut().for_each(Instants::clear);
        self.outage_from = SimTime::NEVER;
        self.dependencies
            .resize_with(setup.dependencies.len(), DependencyLedger::default);
        for dependency in &mut self.dependencies {
            dependency.begin();
        }
        self.begin_probes(&setup.probes);
        (self.events, self.digest, self.common) = (0, 0, Common::default());
    }

    /// Clears the records of the warm-up, except the levels.
    pub fn measure(&mut self, now: SimTime) {
        self.pools.iter_mut().for_each(|pool| pool.measure(now));
        self.classes.iter_mut().for_each(ClassLedger::clear);
        self.first_failed_provisioning = SimTime::NEVER;
        self.unserved.clear();
        self.counts.iter_mut().for_each(RequestCount::clear);
        let rest = self.horizon - now;
        for dependency in &mut self.dependencies {
            dependency.measure(now, rest);
        }
    }

    /// A milestone is reached, perhaps not for the first time.
    pub fn reach(&mut self, milestone: Milestone, now: SimTime) {
        self.milestones[milestone as usize].note(now);
    }

    /// An attempt of `pool` failed by an outage.
    pub fn provisioning_failed(&mut self, pool: PoolId, now: SimTime) {
        let of = &mut self.pools[pool];
        of.failed_by_outage += 1;
        of.clocks.failed_provisionings.note(now);
        self.first_failed_provisioning = self.first_failed_provisioning.min(now);
    }
}

impl PoolLedger {
    fn new() -> Self {
        let level = Level::default();
        Self {
            ready: level,
            pending: level,
            leased: level,
            deleting: level,
            waiting: level,
            lowest: 0,
            queue_max: 0,
            clocks: PoolClocks::default(),
            recovered: [[SimTime::NEVER; 2]; 2],
            recovery_seen: None,
            ordinary: Ordinary::NONE,
            recovering: false,
            requests: 0,
            hits: 0,
            delayed: 0,
            failed: 0,
            failed_in_outage: 0,
            reused: 0,
            leases_ended: 0,
            leases_aged_out: 0,
            leased_micros: 0,
            early_leases: Vec::new(),
            waits: Vec::new(),
            attempts: 0,
            retries: 0,
            failed_by_outage: 0,
            timed_out: 0,
            unanswered: 0,
            starts: 0,
            starts_failed: 0,
            failed_ordinarily: 0,
            given_up: 0,
            deletions_failed: 0,
            throttled: 0,
            lost: 0,
            jobs_lost: 0,
            expired: 0,
            trimmed: 0,
            unconnected: 0,
            refused: 0,
            recovery_from: SimTime::NEVER,
            first_outage: None,
            first_failure_in_outage: SimTime::NEVER,
            outages: 0,
            outages_failed: Vec::new(),
            levels_at: LevelsAt::default(),
            horizon: SimTime::NEVER,
        }
    }

    fn clear(&mut self, horizon: SimTime) {
        let mut waits = std::mem::take(&mut self.waits);
        waits.clear();
        let mut clocks = std::mem::take(&mut self.clocks);
        clocks.clear();
        let mut outages_failed = std::mem::take(&mut self.outages_failed);
        outages_failed.clear();
        let mut early_leases = std::mem::take(&mut self.early_leases);
        early_leases.clear();
        // No such instant lies in the warm-up.
        let levels_at = std::mem::take(&mut self.levels_at);
        *self = Self {
            waits,
            clocks,
            outages_failed,
            early_leases,
            levels_at,
            horizon,
            ..Self::new()
        };
        self.clocks.empty.open(SimTime::ZERO);
    }

    fn measure(&mut self, now: SimTime) {
        let levels = [
            self.ready,
            self.pending,
            self.leased,
            self.deleting,
            self.waiting,
        ];
        let recovering = self.recovering;
        let early_leases = std::mem::take(&mut self.early_leases);
        let (horizon, rest) = (self.horizon, self.horizon - now);
        let (recovery_from, first_outage) = (self.recovery_from, self.first_outage);
        let outages = self.outages;
        let (mut ordinary, serving) = (self.ordinary, self.clocks.serving.is_open());
        ordinary.carry(self.ready, rest);
        self.clear(horizon);
        (self.recovering, self.ordinary) = (recovering, ordinary);
        (self.recovery_from, self.first_outage) = (recovery_from, first_outage);
        self.outages = outages;
        [
            self.ready,
            self.pending,
            self.leased,
            self.deleting,
            self.waiting,
        ] = levels.map(|level| level.restarted(rest));
        for lease in early_leases {
            self.add_lease(lease, now);
        }
        (self.lowest, self.queue_max) = (self.ready.value, self.waiting.value);
        self.clocks.empty.clear();
        if self.ready.value == 0 {
            self.clocks.empty.open(now);
        }
        if serving {
            self.clocks.serving.open(now);
        }
    }

    /// Records the first outage that affects it in the measured time, from its beginning or the start of that,
    /// with those that overlap it; and when the first of them really begins.
    pub fn meets(&mut self, outage: (SimTime, SimTime), begins: SimTime) {
        self.first_outage = Some(outage);
        self.ordinary = self.ordinary.moved(Some(begins));
    }

    /// Forgets its outages, which are given again.
    pub fn forget_outages(&mut self) {
        (self.recovery_from, self.first_outage, self.outages) = (SimTime::NEVER, None, 0);
    }

    /// No outage affects it.
    pub fn meets_none(&mut self) {
        self.ordinary = self.ordinary.moved(None);
    }

    /// The world begins with these ready workers.
    pub fn stocked(&mut self) {
        self.ordinary.stock(self.ready.value);
    }

    /// The mean ready level before the first outage, once that has begun.
    pub fn ordinary(&self, now: SimTime) -> Option<f64> {
        self.ordinary.level(self.ready, now, self.horizon)
    }

    #[inline]
    pub fn add_ready(&mut self, now: SimTime) {
        let rest = self.horizon - now;
        self.ordinary.note(self.ready, now, self.horizon);
        self.levels_at.note(self.ready.value, now);
        if self.ready.value == 0 {
            self.clocks.empty.close(now);
        }
        self.ready.raise(rest);
    }

    #[inline]
    pub fn take_ready(&mut self, now: SimTime) {
        let rest = self.horizon - now;
        self.ordinary.note(self.ready, now, self.horizon);
        self.levels_at.note(self.ready.value, now);
        self.ready.lower(rest);
        self.lowest = self.lowest.min(self.ready.value);
        if self.ready.value == 0 {
            self.clocks.empty.open(now);
        }
    }

    #[inline]
    pub fn add_pending(&mut self, now: SimTime) {
        self.pending.raise(self.horizon - now);
    }

    #[inline]
    pub fn take_pending(&mut self, now: SimTime) {
        self.pending.lower(self.horizon - now);
    }

    #[inline]
    pub fn add_leased(&mut self, now: SimTime) {
        self.leased.raise(self.horizon - now);
    }

    #[inline]
    pub fn take_leased(&mut self, now: SimTime, since: SimTime, aged_out: bool) {
        self.leased.lower(self.horizon - now);
        self.leases_ended += 1;
        self.leases_aged_out += u64::from(aged_out);
        self.leased_micros += (now - since).micros();
    }

    /// A lease from now until an instant, whose end has no other effect. Measuring starts at `start`.
    pub fn lease(&mut self, now: SimTime, until: SimTime, start: SimTime) {
        if start <= now {
            self.add_lease((now, until), now);
        } else if start <= until {
            self.early_leases.push((now, until));
        }
    }

    /// Records a lease from `now` on, its end included.
    fn add_lease(&mut self, (from, until): (SimTime, SimTime), now: SimTime) {
        self.add_leased(now);
        if until < self.horizon {
            self.take_leased(until, from, false);
        }
    }

    pub fn add_deleting(&mut self, now: SimTime) {
        self.deleting.raise(self.horizon - now);
    }

    pub fn take_deleting(&mut self, now: SimTime) {
        self.deleting.lower(self.horizon - now);
    }

    pub fn add_waiting(&mut self, now: SimTime) {
        self.waiting.raise(self.horizon - now);
        self.queue_max = self.queue_max.max(self.waiting.value);
    }

    /// A request stops waiting, having waited since `since`.
    pub fn take_waiting(&mut self, now: SimTime, since: SimTime) {
        self.moves_on(now);
        self.waits.push((now - since).micros());
    }

    /// A request no longer waits here; its wait has not ended.
    pub fn moves_on(&mut self, now: SimTime) {
        self.waiting.lower(self.horizon - now);
    }

    pub fn lease_failed(&mut self, now: SimTime) {
        self.failed += 1;
        self.clocks.lease_failures.note(now);
    }

    /// Records the failure of a request made in an outage, at `since`.
    pub fn lease_failed_in_outage(&mut self, since: SimTime, now: SimTime) {
        self.failed_in_outage += 1;
        if self
            .first_outage
            .is_some_and(|(from, until)| from <= since && since < until)
        {
            self.first_failure_in_outage = self.first_failure_in_outage.min(now);
        }
    }

    /// Records the failure of a request made in this outage.
    pub fn failed_in(&mut self, outage: OccurrenceId) {
        if !self.outages_failed.contains(&outage) {
            self.outages_failed.push(outage);
        }
    }

    /// Records the shares of the target `aim` and of the ordinary level that the ready level has reached again, while
    /// no request waits. What it finds depends on nothing but these levels once the outage is over.
    pub fn note_recovery(&mut self, aim: u32, now: SimTime) {
        let levels = Some((self.ready.value, aim));
        if std::mem::replace(&mut self.recovery_seen, levels) == levels {
            return;
        }
        let marks = [Some(f64::from(aim)), self.ordinary(now)].into_iter();
        // Without an outage in the measured time there is no ordinary level to compare with.
        self.recovering = false;
        for (mark, back) in marks.flatten().zip(&mut self.recovered) {
            for (share, at) in RECOVERY_SHARES.iter().zip(back) {
                if (share * mark).ceil() <= f64::from(self.ready.value) && !at.is_finite() {
                    *at = now;
                }
                self.recovering |= !at.is_finite();
            }
        }
    }
}
