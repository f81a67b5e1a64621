//! All that a world starts from. A `Setup` that exists is valid: names are resolved to indices,
//! instants to microseconds, and every list is in the order of its names.

use crate::kernel::distribution::Distribution;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::alert::AlertSetup;
use crate::model::dependency::DependencySetup;
use crate::model::id::{AlertId, ClassId, DependencyId, PoolId, RegionId, StepId, TiVec, WindowId};
use crate::model::outage::{RandomOutages, Window};
use crate::model::playbook::{Staffing, Step};
use crate::model::shortcuts::Shortcuts;
use crate::model::source::Source;
use crate::model::standby::Standby;
use crate::model::target::Target;

/// A world before anything has happened.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    /// When measuring begins: the end of the warm-up.
    pub start: SimTime,
    /// When the world ends; nothing happens at or after it.
    pub horizon: SimTime,
    /// In the order of their names.
    pub regions: TiVec<RegionId, RegionSetup>,
    /// In the order of their names.
    pub pools: TiVec<PoolId, PoolSetup>,
    /// In the order of their names.
    pub classes: TiVec<ClassId, ClassSetup>,
    /// Every outage and hazard, once for each of its regions.
    pub windows: TiVec<WindowId, Window>,
    /// In the order of their names.
    pub hazards: Vec<RandomOutages>,
    /// In the order of their names.
    pub alerts: TiVec<AlertId, AlertSetup>,
    /// In the order of their names.
    pub playbook: TiVec<StepId, Step>,
    /// Times in which people take longer.
    pub staffing: Vec<Staffing>,
    /// In the order of their names.
    pub dependencies: TiVec<DependencyId, DependencySetup>,
    /// The most events a replication may take.
    pub budget: u64,
}

/// A region before anything has happened.
#[derive(Clone, Debug)]
pub(crate) struct RegionSetup {
    /// Its pools, in the order of their names.
    pub pools: Vec<PoolId>,
    pub quota: Option<Quota>,
    /// Limits on how often workers are created and deleted in it.
    pub creates: Option<BucketSetup>,
    pub deletes: Option<BucketSetup>,
}

/// The most workers of a region.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quota {
    pub workers: u32,
    /// Which of them count.
    pub pending: bool,
    pub ready: bool,
    pub leased: bool,
    pub deleting: bool,
}

/// A token bucket: so many calls at once, and then one each `gap` (µs).
#[derive(Clone, Copy, Debug)]
pub(crate) struct BucketSetup {
    pub burst: f64,
    pub gap: f64,
}

/// A pool before anything has happened.
#[derive(Clone, Debug)]
pub(crate) struct PoolSetup {
    /// The name of its streams.
    pub stream_key: u64,
    pub region: RegionId,
    /// What it stands in for, if it is a standby; and the standbys that stand in for it.
    pub standby: Option<Standby>,
    pub standbys: Vec<PoolId>,
    /// The service that every attempt calls before it completes, if any.
    pub through: Option<DependencyId>,
    /// Base stock.
    pub target: Target,
    /// Ready workers when the world begins.
    pub initial: u32,
    /// What counts towards the target.
    pub counts: Counts,
    /// How long from one review to the next; zero where any change is one.
    pub review: SimDuration,
    /// How long ready workers above the target may stand idle before they are deleted.
    pub surplus_idle: SimDuration,
    /// Whether each waiting request raises the target by one, and whether it takes its order with it
    /// when it gives up.
    pub waiting_orders: bool,
    pub cancel_on_timeout: bool,
    /// Whether nothing is ordered for the shelf while requests wait in the region.
    pub yields: bool,
    /// The most orders under way at once, those backing off included.
    pub in_flight_max: u32,
    /// The most workers of any state.
    pub max_total: u32,
    /// How long an attempt takes.
    pub latency: Distribution,
    /// How long an attempt may take.
    pub timeout: SimDuration,
    /// Provider calls an attempt makes; each must succeed.
    pub calls: u32,
    /// Workers that one attempt makes.
    pub slots: u32,
    /// How a failed attempt is repeated, and what becomes of its machine.
    pub retry: Backoff,
    pub remains: FailedMachine,
    /// When no attempt is made at all.
    pub breaker: Option<BreakerSetup>,
    /// How long a deletion takes, and how a failed one is repeated.
    pub deletion: Distribution,
    pub deletion_retry: Backoff,
    /// When a ready worker is replaced, for its age or because nobody has taken it.
    pub ready_max_age: SimDuration,
    pub ready_max_idle: SimDuration,
    /// How leases end, and what becomes of the worker.
    pub lease: LeasePolicy,
    pub release: Release,
    /// Leases after which a worker is deleted whatever `release` says.
    pub max_uses: u32,
    /// What a request does that finds no worker.
    pub on_empty: OnEmpty,
    /// What the engine need not look at.
    pub shortcuts: Shortcuts,
}

/// What becomes of the machine of a failed attempt, if there is one: an attempt that was refused has
/// made none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum FailedMachine {
    /// Nothing remains.
    Nothing,
    /// It is deleted while the order goes on, and holds quota until then. An order for which that leaves
    /// no place is dropped.
    DeleteInParallel,
    /// It is deleted before the order goes on.
    DeleteFirst,
}

/// A back-off shared by all orders of a pool or a region.
#[derive(Clone, Debug)]
pub(crate) struct BreakerSetup {
    /// Index of the gate among the world's.
    pub gate: usize,
    /// Failures in a row after which no attempt is made for a while.
    pub failures: u32,
    pub backoff: Backoff,
    /// A failure so long after the last one begins a new row.
    pub reset: SimDuration,
}

/// What becomes of a worker whose lease has ended.
#[derive(Clone, Debug)]
pub(crate) enum Release {
    Delete,
    /// It is ready again at once.
    Return,
    /// It is ready again after this long.
    Reimage(Distribution),
}

/// What counts towards a pool's target.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Counts {
    /// Ready workers only: an order under way does not stop the next.
    Ready,
    /// Ready workers and orders under way.
    ReadyAndPending,
    /// Every worker, leased and deleting ones included, and orders under way.
    Total,
}

/// Truncated exponential back-off with jitter.
#[derive(Clone, Debug)]
pub(crate) struct Backoff {
    // Invariant: never empty; the last delay repeats.
    pub delays: Vec<SimDuration>,
    /// The delay is multiplied by a uniform number of [1 - jitter, 1 + jitter].
    pub jitter: f64,
    /// Attempts after which an order is given up and placed anew.
    pub attempts_max: u32,
}

/// When a lease ends that is not wanted any more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LeasePolicy {
    /// After this long without a job.
    pub idle_timeout: SimDuration,
    /// At this age of the worker; never in mid-job.
    pub max_age: SimDuration,
    /// From when the age counts.
    pub age_clock: AgeClock,
}

/// From when a worker's age counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum AgeClock {
    /// From the success of its provisioning.
    Created,
    /// From the beginning of the lease.
    Leased,
}

/// What a request does that finds no worker ready.
#[derive(Clone, Debug)]
pub(crate) enum OnEmpty {
    /// Fails at once.
    Reject,
    /// Waits its turn, this long at the most.
    Wait(Distribution),
    /// Orders a worker beyond the target and the cap on orders, made in this `latency`, and waits its
    /// turn. If that attempt fails, so does the request that has waited longest.
    Cold {
        latency: Distribution,
        patience: Distribution,
    },
}

/// A demand class before anything has happened.
#[derive(Clone, Debug)]
pub(crate) struct ClassSetup {
    /// The name of its streams.
    pub stream_key: u64,
    pub pool: PoolId,
    pub source: Source,
    /// Its place in a line of requests that wait; lower goes first.
    pub priority: u32,
    /// Its requests are refused where no more workers than these are ready.
    pub reserve: u32,
    pub comeback: Option<Comeback>,
}

/// Whether and when a failed request is made again.
#[derive(Clone, Debug)]
pub(crate) struct Comeback {
    pub probability: f64,
    pub delay: Distribution,
    /// The most tries of one request, the first included.
    pub tries_max: u32,
}

impl Setup {
    /// Fills in what follows from the rest: which pools meet what, and what forecasts know.
    pub fn complete(&mut self) {
        self.inform_forecasts();
        self.appoint_standbys();
        self.derive_shortcuts();
    }

    /// The same world, in which outages meet no pool.
    pub fn calm(&self) -> Self {
        let mut calm = self.clone();
        for window in &mut calm.windows {
            window.pools.clear();
        }
        calm.complete();
        calm
    }

    /// A pool knows its standbys.
    fn appoint_standbys(&mut self) {
        for pool in &mut self.pools {
            pool.standbys.clear();
        }
        for place in self.pools.keys() {
            if let Some(primary) = self.pools[place].standby.as_ref().map(|it| it.primary) {
                let standbys = &mut self.pools[primary].standbys;
                standbys.push(place);
            }
        }
    }

    /// A forecast knows the fresh requests that are to be expected of each class of its pool.
    fn inform_forecasts(&mut self) {
        for place in self.pools.keys() {
            if matches!(self.pools[place].target, Target::Forecast { .. }) {
                let classes = self.classes.iter();
                let own = classes.filter(|class| class.pool == place);
                let expected = own.map(|class| self.fresh_requests(class)).collect();
                if let Target::Forecast { fresh, .. } = &mut self.pools[place].target {
                    *fresh = expected;
                }
            }
        }
    }
}

impl Backoff {
    /// The delay before retry number `retry` (from 1), by `jitter_unit` from (0, 1).
    pub fn delay(&self, retry: u32, jitter_unit: impl FnOnce() -> f64) -> SimDuration {
        let place = (retry as usize - 1).min(self.delays.len() - 1);
        let delay = self.delays[place];
        if self.jitter == 0.0 {
            return delay;
        }
        delay.scaled(1.0 + self.jitter * (2.0 * jitter_unit() - 1.0))
    }
}
