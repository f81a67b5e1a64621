//! What is measured of pools, of the incident, of dependencies and of demand classes, under one name
//! everywhere: in the terminal, in CSV columns, in JSON keys and in the README.

use crate::experiment::class_measures::{self, CLASS_MEASURES};
use crate::experiment::dependency_measures::{self, DEPENDENCY_MEASURES};
use crate::experiment::names::Role;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::id::{ClassId, DependencyId, PoolId};
use crate::model::record::clocks::PoolClocks;
use crate::model::record::ledger::{ClassLedger, Ledger, Mark, PoolLedger};
use crate::model::setup::people::Milestone;
use crate::scenario::Scenario;

/// One measure in one replication.
#[derive(Debug, serde::Serialize)]
#[non_exhaustive]
pub struct Measure {
    /// Its name everywhere; ends in its unit where it has one.
    pub name: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What an absent value means.
    pub kind: Kind,
    /// The origin of a time to an event that may not occur; absent for quantities, and for times that begin
    /// at different times in different replications.
    pub since: Option<TimeOrigin>,
    /// Which way is better, where that is beyond doubt.
    pub better: Option<Better>,
    /// Its name in sentences, where that is not its name without underscores.
    #[serde(skip)]
    pub(crate) label: Option<&'static str>,
    /// Where it appears.
    #[serde(skip)]
    pub(crate) roles: &'static [Role],
}

/// The origin of a time to an event, and so how long it is observed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[non_exhaustive]
pub enum TimeOrigin {
    /// From the scenario's start to its end.
    Start,
    /// From the first failed provisioning of any pool to the scenario's end.
    Failure,
    /// From the beginning of the pool's first outage to its end.
    Outage,
}

/// Which way a measure gets better.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
pub enum Better {
    /// More is better.
    More,
    /// Less is better.
    Less,
}

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Subject {
    Pool(usize),
    Incident,
    Dependency(usize),
    Class(usize),
}

impl Subject {
    /// Every subject of a scenario, in the order in which its values are kept.
    pub fn all(scenario: &Scenario) -> Vec<Self> {
        let pools = (0..scenario.pools.len()).map(Self::Pool);
        let dependencies = (0..scenario.dependencies.len()).map(Self::Dependency);
        let classes = (0..scenario.classes.len()).map(Self::Class);
        let others = [Self::Incident].into_iter().chain(dependencies);
        pools.chain(others).chain(classes).collect()
    }

    /// What is measured of it.
    pub fn measures(self) -> &'static [Measure] {
        match self {
            Self::Pool(_) => MEASURES,
            Self::Incident => INCIDENT_MEASURES,
            Self::Dependency(_) => DEPENDENCY_MEASURES,
            Self::Class(_) => CLASS_MEASURES,
        }
    }

    /// Its kind and its name.
    pub fn named(self, scenario: &Scenario) -> (&'static str, &str) {
        match self {
            Self::Pool(place) => ("pool", &scenario.pools[place].name),
            Self::Incident => ("incident", &scenario.name),
            Self::Dependency(place) => ("dependency", &scenario.dependencies[place]),
            Self::Class(place) => ("class", &scenario.classes[place].name),
        }
    }
}

/// What an absent value of a measure means.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[non_exhaustive]
pub enum Kind {
    /// A time to an event: where it is absent it had not occurred when the scenario ended.
    TimeToEvent,
    /// A quantity: where it is absent there was nothing to measure.
    Quantity,
}

/// What a measure is read from.
struct View<'a> {
    scenario: &'a Scenario,
    ledger: &'a Ledger,
    pool: PoolId,
    /// Whether every chance was replaced by its mean, and tenants by their fresh requests.
    even: bool,
}

impl View<'_> {
    fn pool(&self) -> &PoolLedger {
        &self.ledger.pools[self.pool]
    }

    fn clock(&self, at: SimTime) -> Option<f64> {
        at.is_finite().then(|| self.scenario.seconds(at))
    }

    /// The first time at or after the first failed provisioning, counted from it.
    fn after_failure(&self, since: impl Fn(&PoolClocks, SimTime) -> SimTime) -> Option<f64> {
        after(self.ledger.first_failed_provisioning, |origin| {
            since(&self.pool().clocks, origin)
        })
    }

    fn survived(&self) -> Option<f64> {
        let (from, _) = self.pool().first_outage?;
        let at = self.pool().first_failure_in_outage;
        at.is_finite().then(|| at.seconds_since(from))
    }

    fn recovery(&self, mark: Mark, share: usize) -> Option<f64> {
        let at = self.pool().recovered[mark as usize][share];
        let from = self.pool().recovery_from;
        at.is_finite().then(|| at.seconds_since(from))
    }

    fn mean(&self, seconds: f64) -> Option<f64> {
        Some(seconds / self.scenario.length().seconds())
    }

    fn wait(&self, p: f64) -> Option<f64> {
        quantile_of_waits(self.pool().hits, &self.pool().waits, p)
    }

    /// A count of what only tenants do that keep their leases between jobs.
    fn kept(&self, count: u64) -> Option<f64> {
        (!self.even).then_some(count as f64)
    }

    /// What failed leases cost.
    fn failure_cost(&self) -> Option<f64> {
        let price = self.scenario.prices.failed_lease;
        price.map(|price| price * self.pool().failed as f64)
    }

    /// What waiting costs.
    fn waiting_cost(&self) -> Option<f64> {
        let price = self.scenario.prices.waiting_minute;
        price.map(|price| price * self.pool().waiting.seconds() / 60.0)
    }

    /// What leased workers cost.
    fn leased_cost(&self) -> Option<f64> {
        let price = self.scenario.pools[usize::from(self.pool)].leased_cost;
        price.map(|price| price * self.pool().leased.seconds() / 3_600.0)
    }

    /// What ready workers cost.
    fn idle_cost(&self) -> Option<f64> {
        let price = self.scenario.pools[usize::from(self.pool)].cost;
        price.map(|price| price * self.pool().ready.seconds() / 3_600.0)
    }

    /// All of these; absent where only ready workers have a price, since `idle_cost` is the same then.
    fn total_cost(&self) -> Option<f64> {
        let others = [self.failure_cost(), self.waiting_cost(), self.leased_cost()];
        let others = others.into_iter().flatten().reduce(|sum, cost| sum + cost);
        others.map(|sum| sum + self.idle_cost().unwrap_or(0.0))
    }

    fn tenants(&self, of: impl Fn(&ClassLedger) -> u32) -> Option<f64> {
        let setups = &self.scenario.setup.classes;
        let known = |id: &crate::model::id::ClassId| 0 < setups[*id].source.tenants();
        let classes = self.scenario.classes_of(self.pool).filter(known);
        let counts: Vec<u32> = classes.map(|id| of(&self.ledger.classes[id])).collect();
        (!counts.is_empty()).then(|| f64::from(counts.iter().sum::<u32>()))
    }
}

/// The time from an origin to the first of something at or after it.
fn after(origin: SimTime, first_since: impl Fn(SimTime) -> SimTime) -> Option<f64> {
    let at = first_since(origin);
    (origin.is_finite() && at.is_finite()).then(|| at.seconds_since(origin))
}

pub(crate) fn share(part: u64, whole: u64) -> Option<f64> {
    (0 < whole).then(|| part as f64 / whole as f64)
}

/// The mean wait (s) of requests of which so many did not wait, and the others so long (µs).
pub(crate) fn mean_of_waits(hits: u64, waits: &[u64]) -> Option<f64> {
    let mean = share(waits.iter().sum(), hits + waits.len() as u64);
    mean.map(|micros| micros / 1e6)
}

/// A quantile (s) of the same.
pub(crate) fn quantile_of_waits(hits: u64, waits: &[u64], p: f64) -> Option<f64> {
    let n = hits as usize + waits.len();
    if n == 0 {
        return None;
    }
    let rank = ((p * n as f64).ceil() as usize).max(1);
    let Some(place) = rank.checked_sub(hits as usize + 1) else {
        return Some(0.0);
    };
    let mut waits = waits.to_vec();
    let (_, wait, _) = waits.select_nth_unstable(place);
    Some(SimDuration::from_micros(*wait).seconds())
}

/// What the measures of the incident are read from.
struct Incident<'a> {
    ledger: &'a Ledger,
}

impl Incident<'_> {
    fn after_outage(&self, milestone: Milestone) -> Option<f64> {
        let reached = &self.ledger.milestones[milestone as usize];
        after(self.ledger.outage_from, |origin| {
            reached.first_since(origin)
        })
    }
}

macro_rules! one {
    () => {
        None
    };
    ($value:expr) => {
        Some($value)
    };
}

macro_rules! measures {
    ($(#[$meta:meta])* $list:ident, $read:ident of $view:ty;
     $($name:literal [$unit:literal] $kind:ident $(since $since:ident)? $(, $better:ident)?
       $(as $label:literal)? $(+ $role:ident)*: $meaning:literal => |$v:ident| $value:expr;)*) => {
        $(#[$meta])*
        pub const $list: &[Measure] = &[$(Measure {
            name: $name,
            unit: $unit,
            meaning: $meaning,
            kind: Kind::$kind,
            since: one!($(TimeOrigin::$since)?),
            better: one!($(Better::$better)?),
            label: one!($($label)?),
            roles: &[$(Role::$role),*],
        },)*];

        const $read: &[fn(&$view) -> Option<f64>] = &[$(|$v| $value,)*];
    };
}

pub(crate) use {measures, one};

measures! {
    /// Every measure of a pool, in the order of columns.
    MEASURES, READ_POOL of View<'_>;
    "first_failed_provisioning_at_s" ["s"] TimeToEvent since Start:
        "start to the first attempt of this pool that an outage made fail"
        => |v| v.clock(v.pool().clocks.failed_provisionings.first());
    "pool_empty_at_s" ["s"] TimeToEvent since Start, More: "start to the first instant without a ready worker"
        => |v| v.clock(v.pool().clocks.empty_since(SimTime::ZERO));
    "first_unserved_request_at_s" ["s"] TimeToEvent since Start, More: "start to the first request that found no ready worker"
        => |v| v.clock(v.pool().clocks.unserved_requests.first());
    "first_lease_failure_at_s" ["s"] TimeToEvent since Start, More: "start to the first request that was rejected or gave up"
        => |v| v.clock(v.pool().clocks.lease_failures.first());
    "last_lease_failure_at_s" ["s"] TimeToEvent: "start to the last request that was rejected or gave up"
        => |v| v.clock(v.pool().clocks.lease_failures.last());
    "pool_empty_after_s" ["s"] TimeToEvent since Failure, More +Shown: "first failed provisioning of any pool to the first instant from then on without a ready worker"
        => |v| v.after_failure(|clocks, origin| clocks.empty_since(origin));
    "first_unserved_request_after_s" ["s"] TimeToEvent since Failure, More +Shown:
        "first failed provisioning of any pool to the first request from then on that found no ready worker"
        => |v| v.after_failure(|clocks, origin| clocks.unserved_requests.first_since(origin));
    "first_lease_failure_after_s" ["s"] TimeToEvent since Failure, More +Shown:
        "first failed provisioning of any pool to the first request from then on that was rejected or gave up"
        => |v| v.after_failure(|clocks, origin| clocks.lease_failures.first_since(origin));
    "time_to_survive_s" ["s"] TimeToEvent since Outage, More +Compared:
        "beginning of the first outage that meets the pool to the first failure of a request made in it"
        => |v| v.survived();
    "outage_s" ["s"] Quantity: "length of that outage, within the scenario"
        => |v| v.pool().first_outage.map(|(from, until)| until.seconds_since(from));
    "outages" ["outages"] Quantity: "outages that meet the pool"
        => |v| Some(f64::from(v.pool().outages));
    "outages_survived" ["outages"] Quantity: "those of them in which no request was made that failed"
        => |v| Some(f64::from(v.pool().outages) - v.pool().outages_failed.len() as f64);
    "recovered_90_after_s" ["s"] TimeToEvent, Less +Shown +Compared: "end of the last outage to a ready level of 90% of the target in force"
        => |v| v.recovery(Mark::Target, 0);
    "recovered_100_after_s" ["s"] TimeToEvent, Less +Shown: "end of the last outage to a ready level of the whole target in force"
        => |v| v.recovery(Mark::Target, 1);
    "recovered_90_of_ordinary_after_s" ["s"] TimeToEvent, Less +Shown: "end of the last outage to 90% of ready_ordinary"
        => |v| v.recovery(Mark::Ordinary, 0);
    "recovered_100_of_ordinary_after_s" ["s"] TimeToEvent, Less: "end of the last outage to the whole of ready_ordinary"
        => |v| v.recovery(Mark::Ordinary, 1);
    "requests" ["requests"] Quantity +Shown +Summed: "fresh requests: by a tenant without a lease, or independent ones"
        => |v| Some(v.pool().requests as f64);
    "failed_leases" ["requests"] Quantity, Less +Shown +Summed +Compared +Failure +Headline: "fresh requests that were rejected or gave up"
        => |v| Some(v.pool().failed as f64);
    "failed_leases_in_outage" ["requests"] Quantity, Less +Summed +Failure: "those of them that were made in an outage"
        => |v| Some(v.pool().failed_in_outage as f64);
    "delayed_leases" ["requests"] Quantity, Less +Shown +Summed +Wait: "fresh requests that waited and were served"
        => |v| Some(v.pool().delayed as f64);
    "pending_end" ["workers"] Quantity: "orders under way at the end" => |v| Some(f64::from(v.pool().pending.value));
    "leased_end" ["workers"] Quantity: "leased workers at the end" => |v| Some(f64::from(v.pool().leased.value));
    "waiting_end" ["requests"] Quantity, Less: "requests that still wait at the end"
        => |v| Some(f64::from(v.pool().waiting.value));
    "failed_share" ["share"] Quantity, Less: "share of fresh requests that were rejected or gave up"
        => |v| (0 < v.pool().requests).then(|| v.pool().failed as f64 / v.pool().requests as f64);
    "hit_rate" ["share"] Quantity, More +Shown +Compared: "share of fresh requests that got a ready worker at once"
        => |v| share(v.pool().hits, v.pool().requests);
    "wait_mean_s" ["s"] Quantity, Less: "mean wait of fresh requests, 0 where a worker was ready; to the end where they still wait"
        => |v| mean_of_waits(v.pool().hits, &v.pool().waits);
    "wait_p50_s" ["s"] Quantity, Less: "median wait of fresh requests" => |v| v.wait(0.5);
    "wait_p95_s" ["s"] Quantity, Less +Shown: "95th percentile of the wait of fresh requests" => |v| v.wait(0.95);
    "wait_max_s" ["s"] Quantity, Less: "longest wait of a fresh request" => |v| v.wait(1.0);
    "queue_max" ["requests"] Quantity, Less: "most requests that waited at once"
        => |v| Some(f64::from(v.pool().queue_max));
    "tenants_unserved" ["tenants"] Quantity, Less +Shown +Summed: "distinct tenants that found no ready worker"
        => |v| v.tenants(|class| class.tenants_unserved);
    "tenants_impacted" ["tenants"] Quantity, Less as "impacted tenants" +Shown +Summed +Compared +Failure +Headline: "distinct tenants of whom a request failed, or a job could not connect to its worker"
        => |v| v.tenants(|class| class.tenants_impacted);
    "empty_s" ["s"] Quantity, Less as "time without a ready worker" +Shown +Summed +Compared +Headline: "time without a ready worker; of a standby, while it takes requests"
        => |v| v.pool().clocks.empty_for(v.ledger.horizon).map(SimDuration::seconds);
    "ready_min" ["workers"] Quantity, More +Shown: "lowest ready level" => |v| Some(f64::from(v.pool().lowest));
    "ready_mean" ["workers"] Quantity: "ready level, averaged over time"
        => |v| v.mean(v.pool().ready.seconds());
    "ready_ordinary" ["workers"] Quantity: "ready level, averaged over the hour before the first outage that meets the pool"
        => |v| v.pool().ordinary(v.ledger.horizon);
    "ready_end" ["workers"] Quantity: "ready level at the end"
        => |v| Some(f64::from(v.pool().ready.value));
    "pending_mean" ["workers"] Quantity: "orders under way, averaged over time"
        => |v| v.mean(v.pool().pending.seconds());
    "leased_mean" ["workers"] Quantity: "leased workers, averaged over time"
        => |v| v.mean(v.pool().leased.seconds());
    "reused" ["jobs"] Quantity: "jobs that ran on the worker their tenant held"
        => |v| v.kept(v.pool().reused);
    "lease_mean_s" ["s"] Quantity: "mean length of the leases that ended"
        => |v| share(v.pool().leased_micros, v.pool().leases_ended).map(|micros| micros / 1e6);
    "leases_ended" ["leases"] Quantity: "leases that ended" => |v| Some(v.pool().leases_ended as f64);
    "leases_aged_out" ["leases"] Quantity: "leases that ended at the maximum age"
        => |v| v.kept(v.pool().leases_aged_out);
    "attempts" ["attempts"] Quantity +Shown +Summed: "provisioning attempts that ended" => |v| Some(v.pool().attempts as f64);
    "retries" ["attempts"] Quantity +Shown: "those that repeated a failed one"
        => |v| Some(v.pool().retries as f64);
    "attempts_failed" ["attempts"] Quantity +Shown +Summed: "attempts that an outage made fail"
        => |v| Some(v.pool().failed_by_outage as f64);
    "attempts_timed_out" ["attempts"] Quantity +Shown: "attempts that timed out of themselves"
        => |v| Some(v.pool().timed_out as f64);
    "attempts_unanswered" ["attempts"] Quantity: "attempts whose call to a dependency failed"
        => |v| Some(v.pool().unanswered as f64);
    "attempts_failed_ordinarily" ["attempts"] Quantity +Shown +Rare: "attempts that failed with the probability of \
        ordinary times"
        => |v| Some(v.pool().failed_ordinarily as f64);
    "starts" ["starts"] Quantity +Shown +Rare: "starts of stopped workers that ended"
        => |v| Some(v.pool().starts as f64);
    "starts_failed" ["starts"] Quantity +Shown +Rare: "those that failed"
        => |v| Some(v.pool().starts_failed as f64);
    "orders_given_up" ["orders"] Quantity: "orders given up after their last attempt"
        => |v| Some(v.pool().given_up as f64);
    "deletions_failed" ["attempts"] Quantity: "deletions that an outage made fail"
        => |v| Some(v.pool().deletions_failed as f64);
    "throttled" ["operations"] Quantity +Shown +Rare: "attempts and deletions that the provider's limits put off"
        => |v| Some(v.pool().throttled as f64);
    "refused" ["requests"] Quantity +Shown +Rare: "requests refused to keep workers for others"
        => |v| Some(v.pool().refused as f64);
    "unconnected" ["requests"] Quantity, Less +Shown +Summed +Rare: "requests and jobs that could not connect"
        => |v| Some(v.pool().unconnected as f64);
    "workers_lost" ["workers"] Quantity, Less +Shown +Summed +Rare: "ready and leased workers that an outage took"
        => |v| Some(v.pool().lost as f64);
    "jobs_lost" ["jobs"] Quantity, Less +Shown +Summed +Rare: "jobs that ran on them" => |v| Some(v.pool().jobs_lost as f64);
    "workers_expired" ["workers"] Quantity: "ready workers deleted for their age, or their idle time"
        => |v| Some(v.pool().expired as f64);
    "workers_trimmed" ["workers"] Quantity: "ready workers deleted because there were too many"
        => |v| Some(v.pool().trimmed as f64);
    "deleting_mean" ["workers"] Quantity: "workers being deleted, averaged over time"
        => |v| v.mean(v.pool().deleting.seconds());
    "idle_worker_hours" ["h"] Quantity, Less +Shown +Summed +Compared: "worker-hours spent ready"
        => |v| Some(v.pool().ready.seconds() / 3_600.0);
    "idle_cost" ["currency"] Quantity, Less +Shown +Summed +Compared +Cost: "idle_worker_hours times worker_hour_cost"
        => |v| v.idle_cost();
    "failure_cost" ["currency"] Quantity, Less +Summed: "failed_leases times costs.failed_lease"
        => |v| v.failure_cost();
    "waiting_cost" ["currency"] Quantity, Less +Summed: "minutes that requests wait, added up over them, times costs.waiting_minute"
        => |v| v.waiting_cost();
    "leased_cost" ["currency"] Quantity +Summed: "leased worker-hours times leased_hour_cost"
        => |v| v.leased_cost();
    "total_cost" ["currency"] Quantity, Less +Shown +Summed +Compared:
        "idle_cost, failure_cost, waiting_cost and leased_cost, those of them that have a price; absent where only idle_cost has"
        => |v| v.total_cost();
}

measures! {
    /// Every measure of the incident, in the order of columns.
    INCIDENT_MEASURES, READ_INCIDENT of Incident<'_>;
    "detected_after_s" ["s"] TimeToEvent, Less +Compared:
        "beginning of the first outage to the first page from then on, or to its detection otherwise"
        => |v| v.after_outage(Milestone::Detected);
    "declared_after_s" ["s"] TimeToEvent, Less +Compared: "beginning of the first outage to the incident's declaration"
        => |v| v.after_outage(Milestone::Declared);
    "mitigated_after_s" ["s"] TimeToEvent, Less +Compared: "beginning of the first outage to the incident's mitigation"
        => |v| v.after_outage(Milestone::Mitigated);
    "resolved_after_s" ["s"] TimeToEvent, Less: "beginning of the first outage to the incident's resolution"
        => |v| v.after_outage(Milestone::Resolved);
    "pages" ["pages"] Quantity: "pages that alerts sent"
        => |v| Some(v.ledger.alerts.iter().map(|alert| alert.pages.count()).sum::<u64>() as f64);
}

/// Measures of one subject, those at the places that are wanted; NaN where there is no value.
pub(crate) fn row(
    scenario: &Scenario,
    ledger: &Ledger,
    subject: Subject,
    even: bool,
    wanted: impl Fn(usize) -> bool,
) -> impl Iterator<Item = f64> {
    let values: Vec<Option<f64>> = match subject {
        Subject::Pool(place) => {
            let view = View {
                scenario,
                ledger,
                pool: PoolId::from(place),
                even,
            };
            read_all(READ_POOL, &view, wanted)
        }
        Subject::Incident => {
            let view = Incident { ledger };
            read_all(READ_INCIDENT, &view, wanted)
        }
        Subject::Dependency(place) => {
            dependency_measures::read(scenario, ledger, DependencyId::from(place), wanted)
        }
        Subject::Class(place) => {
            class_measures::read(scenario, ledger, ClassId::from(place), wanted)
        }
    };
    values.into_iter().map(|value| value.unwrap_or(f64::NAN))
}

pub(crate) fn read_all<V>(
    reads: &[fn(&V) -> Option<f64>],
    view: &V,
    wanted: impl Fn(usize) -> bool,
) -> Vec<Option<f64>> {
    let reads = reads.iter().enumerate();
    let wanted = reads.filter(|(place, _)| wanted(*place));
    wanted.map(|(_, read)| read(view)).collect()
}

/// One measure of one pool.
pub(crate) fn value(
    scenario: &Scenario,
    ledger: &Ledger,
    pool: usize,
    place: usize,
) -> Option<f64> {
    let view = View {
        scenario,
        ledger,
        pool: PoolId::from(pool),
        even: false,
    };
    READ_POOL[place](&view)
}

/// The place of a measure by its name, among those of a subject.
///
/// # Panics
/// If there is no such measure.
pub(crate) fn place(measures: &[Measure], name: &str) -> usize {
    let place = measures.iter().position(|measure| measure.name == name);
    place.unwrap_or_else(|| panic!("there is no measure `{name}`"))
}
