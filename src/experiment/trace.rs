//! One replication in full: everything that happens, and what every worker is at every instant.

use std::collections::{BTreeMap, BTreeSet};

use crate::experiment::run::{Outcome, PoolSample};
use crate::kernel::random::Seed;
use crate::kernel::time::SimTime;
use crate::model::chance::Chance;
use crate::model::id::{ClassId, OccurrenceId, PoolId};
use crate::model::record::events::FailureCause;
use crate::model::record::events::{EventLog, RequestEvent, TraceEvent, WorkerEvent};
use crate::model::setup::Setup;
use crate::model::world::World;
use crate::scenario::Scenario;

/// One replication in full, from the scenario's start to its end.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Trace {
    /// The results of the replication.
    pub outcome: Outcome,
    /// In the order of time.
    pub entries: Vec<TraceEntry>,
    /// In the order of pools, lanes and time; those of one lane never overlap.
    pub slices: Vec<WorkerSlice>,
    /// How many lanes the workers of each pool need.
    pub lanes: Vec<u32>,
}

/// A trace event. What it is not about is absent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct TraceEntry {
    /// When it occurred.
    pub at: SimTime,
    /// What occurred, as the file `events.csv` of `drawdown trace` names it.
    pub event: &'static str,
    /// Place of the pool in [`Scenario::pools`].
    pub pool: Option<usize>,
    /// Number of the worker, by order of appearance.
    pub worker: Option<u64>,
    /// Place of the class in [`Scenario::classes`].
    pub class: Option<usize>,
    /// The tenant in it.
    pub tenant: Option<u32>,
    /// Place of the outage's interval, in the order of outages and their regions.
    pub window: Option<usize>,
    /// Place of the alert, in the order of names.
    pub alert: Option<usize>,
    /// Place of the playbook step, in the order of names.
    pub step: Option<usize>,
    /// What made an attempt fail.
    pub cause: Option<&'static str>,
}

/// What a worker is for a while.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct WorkerSlice {
    /// Place of the pool in [`Scenario::pools`].
    pub pool: usize,
    /// Where it is drawn: each worker has the lowest lane of its pool that is free when it is ordered,
    /// so that there are as many lanes as workers at once, however long a scenario is.
    pub lane: u32,
    /// When it begins.
    pub from: SimTime,
    /// When it ends.
    pub until: SimTime,
    /// Number of the worker, by order of appearance.
    pub worker: u64,
    /// What the worker is.
    pub phase: Phase,
    /// Place of the class that holds it, while it is leased.
    pub class: Option<usize>,
    /// The tenant that holds it, while it is leased.
    pub tenant: Option<u32>,
    /// What came of it, where it is an attempt.
    pub fate: Option<&'static str>,
}

/// What a worker, or an order for one, can be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize)]
#[non_exhaustive]
pub enum Phase {
    /// A provisioning attempt.
    Attempt,
    /// The extension of a machine, the second stage of an attempt.
    Extension,
    /// An order that a limit of the provider or a circuit breaker holds back.
    HeldBack,
    /// An order that backs off after a failed attempt.
    BackingOff,
    /// A failed machine that is deleted before the next attempt.
    Clearing,
    /// A ready worker.
    Ready,
    /// A stopped worker that is being started for a request.
    Starting,
    /// A leased worker.
    Leased,
    /// A worker that is reimaged after its lease.
    Reimaging,
    /// A worker that is being deleted.
    Deleting,
}

/// Runs replication number `replication`, and records every event.
///
/// # Examples
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use drawdown::study::trace;
/// use drawdown::{Scenario, Seed};
///
/// let scenario = Scenario::load("examples/full-outage.yaml")?;
/// let trace = trace(&scenario, Seed(1), 0);
/// assert!(trace.entries.iter().any(|entry| entry.event == "worker_leased"));
/// # Ok(())
/// # }
/// ```
pub fn trace(scenario: &Scenario, seed: Seed, replication: u64) -> Trace {
    let chance = Chance::of(seed, replication);
    Trace::of(scenario, &scenario.setup, chance)
}

/// Runs a scenario with every chance replaced by its mean, and records every event.
pub fn trace_expected_value(scenario: &Scenario) -> Trace {
    let chance = Chance::Mean;
    Trace::of(scenario, &scenario.setup.with_mean_demand(), chance)
}

impl Trace {
    fn of(scenario: &Scenario, setup: &Setup, chance: Chance) -> Self {
        let mut world = World::with_recorder(EventLog::default(), setup);
        let outcome = Outcome::of_world(scenario, &mut world, chance);
        let mut builder = TraceBuilder {
            outcome: &outcome,
            start: setup.start,
            workers: 0,
            histories: Vec::new(),
            lanes: vec![Lanes::default(); setup.pools.len()],
            entries: Vec::new(),
            slices: Vec::new(),
        };
        for (at, what) in world.recorder.in_order() {
            if at < outcome.until {
                builder.record(at, what);
            }
        }
        for slot in 0..builder.histories.len() {
            builder.close(slot, outcome.until, Some("under way"));
        }
        let (entries, mut slices) = (builder.entries, builder.slices);
        let lanes = builder.lanes.iter().map(|lanes| lanes.made).collect();
        slices.sort_by_key(|slice| (slice.pool, slice.lane, slice.from));
        Self {
            outcome,
            entries,
            slices,
            lanes,
        }
    }
}

impl Trace {
    /// Holds the slices to the levels, which were counted apart from them.
    ///
    /// # Panics
    /// If slices of one lane overlap, or if there are not as many as the levels say.
    pub(crate) fn audit(&self, setup: &Setup) {
        for two in self.slices.windows(2) {
            let (one, next) = (&two[0], &two[1]);
            let apart = (one.pool, one.lane) != (next.pool, next.lane) || one.until <= next.from;
            assert!(apart, "{one:?} overlaps {next:?}");
        }
        for (pool, levels) in self.outcome.levels.iter().enumerate() {
            let slots = i64::from(setup.pools[PoolId::from(pool)].slots);
            let mut steps: BTreeMap<SimTime, [i64; 4]> = BTreeMap::new();
            for slice in self.slices.iter().filter(|slice| slice.pool == pool) {
                let (level, workers) = slice.phase.counted(slots);
                steps.entry(slice.from).or_default()[level] += workers;
                steps.entry(slice.until).or_default()[level] -= workers;
            }
            let (mut steps, mut counted) = (steps.into_iter().peekable(), [0; 4]);
            for noted in levels.iter().filter(|noted| setup.start <= noted.at) {
                while let Some((_, step)) = steps.next_if(|(at, _)| *at <= noted.at) {
                    (0..4).for_each(|level| counted[level] += step[level]);
                }
                assert_eq!(counted, levels_of(noted), "pool {pool} at {noted:?}");
            }
        }
    }
}

/// Workers ready, ordered, leased and being deleted.
fn levels_of(noted: &PoolSample) -> [i64; 4] {
    [noted.ready, noted.pending, noted.leased, noted.deleting].map(i64::from)
}

/// Lanes of a pool.
#[derive(Clone, Default)]
struct Lanes {
    made: u32,
    free: BTreeSet<u32>,
}

impl Lanes {
    fn take(&mut self) -> u32 {
        self.free.pop_first().unwrap_or_else(|| {
            self.made += 1;
            self.made - 1
        })
    }
}

/// A worker's life so far.
#[derive(Clone, Copy)]
struct WorkerHistory {
    pool: usize,
    lane: u32,
    worker: u64,
    held: Option<(ClassId, Option<u32>)>,
    /// What it is, and since when.
    phase: Option<(Phase, SimTime)>,
}

/// Makes entries and slices of what happens.
struct TraceBuilder<'a> {
    outcome: &'a Outcome,
    start: SimTime,
    workers: u64,
    /// By slot of the worker; absent where there is none.
    histories: Vec<Option<WorkerHistory>>,
    lanes: Vec<Lanes>,
    entries: Vec<TraceEntry>,
    slices: Vec<WorkerSlice>,
}

impl TraceBuilder<'_> {
    fn record(&mut self, at: SimTime, what: TraceEvent) {
        let blank = TraceEntry {
            at,
            event: "",
            pool: None,
            worker: None,
            class: None,
            tenant: None,
            window: None,
            alert: None,
            step: None,
            cause: None,
        };
        let window = |id: usize| self.outcome.occurrences[OccurrenceId::from(id)].window.0 as usize;
        let entry = match what {
            TraceEvent::Worker(id, pool, turn) => self.turn(id.0 as usize, pool, turn, blank),
            TraceEvent::Request(asked, pool, class, tenant) => TraceEntry {
                event: asked_name(asked),
                pool: Some(pool.0 as usize),
                class: Some(class.0 as usize),
                tenant,
                ..blank
            },
            TraceEvent::OutageBegins(id) => TraceEntry {
                event: "outage_began",
                window: Some(window(id.0 as usize)),
                ..blank
            },
            TraceEvent::OutageEnds(id) => TraceEntry {
                event: "outage_ended",
                window: Some(window(id.0 as usize)),
                ..blank
            },
            TraceEvent::Paged(id) => TraceEntry {
                event: "alert_paged",
                alert: Some(id.0 as usize),
                ..blank
            },
            TraceEvent::Acted(id) => TraceEntry {
                event: "step_taken",
                step: Some(id.0 as usize),
                ..blank
            },
            TraceEvent::Activated(id) => TraceEntry {
                event: "standby_activated",
                pool: Some(id.0 as usize),
                ..blank
            },
        };
        // The warm-up is simulated, but not traced.
        if self.start <= at {
            self.entries.push(entry);
        }
    }

    fn turn(
        &mut self,
        slot: usize,
        pool: PoolId,
        turn: WorkerEvent,
        blank: TraceEntry,
    ) -> TraceEntry {
        let at = blank.at;
        let course = self.course(slot, pool.0 as usize);
        let held = match turn {
            WorkerEvent::Leased(class, tenant) => Some((class, tenant)),
            WorkerEvent::Released | WorkerEvent::Lost => course.held,
            _ => None,
        };
        let mut cause = None;
        match turn {
            WorkerEvent::AttemptStarts => self.open(slot, at, Phase::Attempt),
            WorkerEvent::Extends => {
                self.close(slot, at, Some("machine_created"));
                self.open(slot, at, Phase::Extension);
            }
            WorkerEvent::AttemptSucceeds => self.close(slot, at, Some("succeeded")),
            WorkerEvent::AttemptFails(blame) => {
                cause = Some(blame_name(blame));
                self.close(slot, at, cause);
            }
            WorkerEvent::HeldBack => self.open(slot, at, Phase::HeldBack),
            WorkerEvent::BacksOff => self.open(slot, at, Phase::BackingOff),
            WorkerEvent::Clears => self.open(slot, at, Phase::Clearing),
            WorkerEvent::GivenUp | WorkerEvent::DeletionFails => {}
            WorkerEvent::Ready => self.open(slot, at, Phase::Ready),
            WorkerEvent::Starts => self.open(slot, at, Phase::Starting),
            WorkerEvent::StartFails(blame) => cause = Some(blame_name(blame)),
            WorkerEvent::Leased(..) => {
                self.open(slot, at, Phase::Leased);
                if let Some(course) = &mut self.histories[slot] {
                    course.held = held;
                }
            }
            WorkerEvent::Released => self.close(slot, at, None),
            WorkerEvent::Reimages => self.open(slot, at, Phase::Reimaging),
            WorkerEvent::Deletes => self.open(slot, at, Phase::Deleting),
            WorkerEvent::Dropped | WorkerEvent::Deleted | WorkerEvent::Lost => self.end(slot, at),
        }
        TraceEntry {
            event: turn_name(turn),
            pool: Some(course.pool),
            worker: Some(course.worker),
            class: held.map(|(class, _)| class.0 as usize),
            tenant: held.and_then(|(_, tenant)| tenant),
            cause,
            ..blank
        }
    }

    /// The course of the worker in a slot; a new one, if there was none.
    fn course(&mut self, slot: usize, pool: usize) -> WorkerHistory {
        if self.histories.len() <= slot {
            self.histories.resize(slot + 1, None);
        }
        let (workers, lanes) = (&mut self.workers, &mut self.lanes[pool]);
        *self.histories[slot].get_or_insert_with(|| {
            *workers += 1;
            WorkerHistory {
                pool,
                lane: lanes.take(),
                worker: *workers,
                held: None,
                phase: None,
            }
        })
    }

    fn open(&mut self, slot: usize, at: SimTime, phase: Phase) {
        self.close(slot, at, None);
        if let Some(course) = &mut self.histories[slot] {
            course.phase = Some((phase, at));
        }
    }

    /// What the worker in a slot has been so far ends, with a fate if it was an attempt.
    fn close(&mut self, slot: usize, at: SimTime, fate: Option<&'static str>) {
        let Some(course) = &mut self.histories[slot] else {
            return;
        };
        let held = course.held.take();
        let Some((phase, since)) = course.phase.take() else {
            return;
        };
        let slice = WorkerSlice {
            pool: course.pool,
            lane: course.lane,
            from: since.max(self.start),
            until: at,
            worker: course.worker,
            phase,
            class: held.map(|(class, _)| class.0 as usize),
            tenant: held.and_then(|(_, tenant)| tenant),
            fate: fate.filter(|_| matches!(phase, Phase::Attempt | Phase::Extension)),
        };
        if slice.from < slice.until {
            self.slices.push(slice);
        }
    }

    /// The worker in a slot is gone, and its lane is free.
    fn end(&mut self, slot: usize, at: SimTime) {
        self.close(slot, at, Some("dropped"));
        if let Some(course) = self.histories[slot].take() {
            self.lanes[course.pool].free.insert(course.lane);
        }
    }
}

fn turn_name(turn: WorkerEvent) -> &'static str {
    match turn {
        WorkerEvent::AttemptStarts => "attempt_started",
        WorkerEvent::Extends => "extension_started",
        WorkerEvent::AttemptSucceeds => "attempt_succeeded",
        WorkerEvent::AttemptFails(_) => "attempt_failed",
        WorkerEvent::HeldBack => "attempt_held_back",
        WorkerEvent::BacksOff => "order_backed_off",
        WorkerEvent::Clears => "clearing_started",
        WorkerEvent::GivenUp => "order_given_up",
        WorkerEvent::Dropped => "order_dropped",
        WorkerEvent::Ready => "worker_ready",
        WorkerEvent::Starts => "start_begun",
        WorkerEvent::StartFails(_) => "start_failed",
        WorkerEvent::Leased(..) => "worker_leased",
        WorkerEvent::Released => "worker_released",
        WorkerEvent::Reimages => "reimage_started",
        WorkerEvent::Deletes => "deletion_started",
        WorkerEvent::DeletionFails => "deletion_failed",
        WorkerEvent::Deleted => "worker_deleted",
        WorkerEvent::Lost => "worker_lost",
    }
}

fn asked_name(asked: RequestEvent) -> &'static str {
    match asked {
        RequestEvent::Waits => "request_waited",
        RequestEvent::Served => "request_served",
        RequestEvent::Fails => "request_failed",
        RequestEvent::Refused => "request_refused",
        RequestEvent::CutOff => "job_cut_off",
    }
}

fn blame_name(blame: FailureCause) -> &'static str {
    match blame {
        FailureCause::Outage => "outage",
        FailureCause::Timeout => "timeout",
        FailureCause::Dependency => "dependency",
        FailureCause::Ordinary => "ordinary",
        FailureCause::Limit => "limit",
    }
}

impl Phase {
    /// The level that counts it, by its place in [`levels_of`], and for how many workers: an order stands
    /// for as many as a machine has slots.
    fn counted(self, slots: i64) -> (usize, i64) {
        match self {
            Self::Ready => (0, 1),
            Self::Attempt
            | Self::Extension
            | Self::HeldBack
            | Self::BackingOff
            | Self::Clearing => (1, slots),
            Self::Reimaging | Self::Starting => (1, 1),
            Self::Leased => (2, 1),
            Self::Deleting => (3, 1),
        }
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Attempt => "provisioning",
            Self::Extension => "extending",
            Self::HeldBack => "held back",
            Self::BackingOff => "backing off",
            Self::Clearing => "clearing",
            Self::Ready => "ready",
            Self::Leased => "leased",
            Self::Reimaging => "reimaging",
            Self::Starting => "starting",
            Self::Deleting => "deleting",
        }
    }
}
