//! The cost of a replication, estimated while compiling: arrivals, memory, time. A file
//! that exceeds the limits is rejected before anything runs.

use crate::kernel::distribution::Distribution;
use crate::kernel::time::SimDuration;
use crate::model::setup::demand::ClassSetup;
use crate::model::setup::pool::{OnEmpty, PoolSetup};
use crate::scenario::PoolName;
use crate::scenario::compile::Compiler;
use crate::scenario::compile::termination::sum;
use crate::scenario::text::limits::{ARRIVALS_MAX, MEMORY_MAX, POINTS_MAX};

/// Bytes of a worker with its timers; of a waiting request; of a tenant; of a call in a queue. Measured,
/// and rounded up, because lists grow by doubling.
const WORKER: f64 = 200.0;
const WAITING: f64 = 160.0;
const TENANT: f64 = 150.0;
const CALL: f64 = 150.0;
/// Bytes of the record of a request that finds no worker, and of the levels that `run` records.
const UNSERVED: f64 = 64.0;
const LEVELS: f64 = 150.0;
/// Events per arrival, and seconds per event, with one pool and no alert.
const EVENTS: f64 = 4.0;
const SECONDS: f64 = 0.25e-6;
/// Seconds that each further pool adds to an event of `run`, and each alert to any.
const SECONDS_POOL: f64 = 3e-9;
const SECONDS_ALERT: f64 = 20e-9;
/// Thresholds for reporting the cost: memory (bytes) and time (s).
const SAID_BYTES: f64 = (1_u64 << 30) as f64;
const SAID_SECONDS: f64 = 10.0;

/// The cost of a replication.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    /// Arrivals expected, over all classes and dependencies.
    pub arrivals: f64,
    /// Memory of workers, tenants and waiting requests (bytes).
    pub memory: f64,
    /// Points of profiles and schedules.
    points: f64,
    /// Events that recur without arrivals.
    recurring: f64,
    pools: f64,
    alerts: f64,
}

impl Cost {
    /// A description of the cost, if it is large.
    pub fn summary(&self) -> Option<String> {
        let events = self.arrivals * EVENTS + self.recurring;
        let each = SECONDS + self.pools * SECONDS_POOL + self.alerts * SECONDS_ALERT;
        let (seconds, bytes) = (
            events * each,
            self.memory + self.arrivals * (UNSERVED + LEVELS),
        );
        (SAID_SECONDS < seconds || SAID_BYTES < bytes).then(|| {
            let time = SimDuration::from_seconds((seconds.ceil() as u64).max(1));
            let gibibytes = bytes / SAID_BYTES;
            format!(
                "large: up to {events:.0e} events, {time} and {gibibytes:.1} GiB for `run`, if no request is served"
            )
        })
    }
}

impl Compiler<'_> {
    /// Adds arrivals, and records a problem if there are too many.
    pub(crate) fn check_arrivals(&mut self, path: &str, volume: f64) {
        let before = self.cost.arrivals;
        self.cost.arrivals += volume;
        if before < ARRIVALS_MAX && ARRIVALS_MAX <= self.cost.arrivals {
            let all = self.cost.arrivals;
            let message = match before {
                0.0 => format!("about {all:.0e} arrivals, warm-up included"),
                _ => format!("about {all:.0e} arrivals in total so far, warm-up included"),
            };
            let limit = "fewer than a hundred million per file";
            let help = "lower the rate, its profile or its surges, or shorten `clock.horizon`";
            self.problem(path, message, limit, help);
        }
    }

    /// Adds memory, and records a problem if it is too much. Returns whether it fits.
    pub(crate) fn check_memory(&mut self, path: &str, bytes: f64, what: &str) -> bool {
        let before = self.cost.memory;
        self.cost.memory += bytes;
        if before <= MEMORY_MAX && MEMORY_MAX < self.cost.memory {
            let gibibytes = self.cost.memory / f64::from(1 << 30);
            let message = format!("{what} bring the memory to about {gibibytes:.1} GiB");
            let limit = format!(
                "at most {:.0} GiB per file",
                MEMORY_MAX / f64::from(1 << 30)
            );
            let help = "lower the number, rates or waits, or shorten `clock.horizon`";
            self.problem(path, message, &limit, help);
        }
        self.cost.memory <= MEMORY_MAX
    }

    /// Adds points of a profile or a schedule, and records a problem if there are too many. Returns whether they
    /// fit.
    pub(crate) fn check_points(&mut self, path: &str, points: f64) -> bool {
        let before = self.cost.points;
        self.cost.points += points;
        if before <= POINTS_MAX && POINTS_MAX < self.cost.points {
            let message = format!(
                "about {:.0e} points of profiles and schedules",
                self.cost.points
            );
            let limit = format!("at most {POINTS_MAX:.0} over the whole scenario");
            let help = "use fewer times of day, or shorten `clock.horizon`";
            self.problem(path, message, &limit, help);
        }
        self.cost.points <= POINTS_MAX
    }

    /// Days of the world.
    pub(crate) fn days(&self) -> f64 {
        self.horizon().micros() as f64 / 86_400e6
    }

    /// Adds the memory of tenants. Returns whether they fit.
    pub(crate) fn check_tenants(&mut self, path: &str, count: u32) -> bool {
        let bytes = f64::from(count) * TENANT;
        self.check_memory(path, bytes, &format!("{count} tenants"))
    }

    /// Adds the memory of calls in the queue or the orbit of a dependency.
    pub(crate) fn check_queue(&mut self, path: &str, calls: f64) {
        self.check_memory(path, calls * CALL, &format!("{calls} calls"));
    }

    /// The cost of pools: workers, reviews, and failed orders.
    pub(crate) fn check_pools(&mut self, names: &[PoolName], pools: &[PoolSetup]) {
        let world = self.horizon().micros() as f64;
        let outage = !self.file.outages.is_empty();
        for (name, pool) in names.iter().zip(pools) {
            let most = f64::from(name.target.max(pool.initial));
            let slots = f64::from(pool.slots);
            let workers = (most * slots.max(1.0)).min(f64::from(pool.max_total));
            let what = format!("{workers} workers");
            self.check_memory(
                &format!("pools.{}.target", name.name),
                workers * WORKER,
                &what,
            );
            let mut again = |every: SimDuration, times: f64| {
                self.cost.recurring += world / every.micros().max(1) as f64 * times;
            };
            if SimDuration::ZERO < pool.review {
                again(pool.review, 1.0);
            }
            if pool.ready_max_age.is_finite() {
                again(pool.ready_max_age, 4.0 * most);
            }
            if let (true, Some(last)) = (outage, pool.retry.delays.last()) {
                let orders = most.min(f64::from(pool.in_flight_max));
                again(sum(*last, pool.latency.mean()), 2.0 * orders);
            }
        }
        self.cost.pools = pools.len() as f64;
        self.cost.alerts = self.file.alerts.len() as f64;
    }

    /// The memory of the requests of a class that wait at once, if none is served, and of those that will
    /// be retried.
    pub(crate) fn check_waiting(&mut self, path: &str, class: &ClassSetup, pool: &PoolSetup) {
        let end = self.horizon().micros() as f64;
        let share = |law: &Distribution| (self.typical(law).micros() as f64 / end).min(1.0);
        let waiting = match &pool.on_empty {
            OnEmpty::Reject => 0.0,
            OnEmpty::Wait(patience) | OnEmpty::Cold { patience, .. } => share(patience),
        };
        let again = class.retry.as_ref();
        let again = again.map_or(0.0, |it| share(&it.delay) * it.probability);
        let at_once = class.source.arrivals_before(end) * (waiting + again);
        // With short waits few wait on average, but a batch arrives at once.
        let what = format!("about {at_once:.0e} requests that wait at once, if none is served,");
        self.check_memory(path, at_once * WAITING, &what);
    }
}
