//! How close a pool is to a failed lease: a fluid forecast of its level. It is the importance function of splitting, so
//! that any error of it makes estimates vary more and biases none.

use crate::kernel::intensity::Intensity;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::id::PoolId;
use crate::model::setup::Setup;
use crate::model::setup::demand::Source;
use crate::model::world::World;
use crate::model::world::occurrence::{Occurrence, failing};
use crate::stats::splitting::ln_poisson_tail;

/// What is known of a pool before any replication.
pub(super) struct Closeness {
    pool: PoolId,
    /// Expected fresh requests, by class.
    demand: Vec<Intensity>,
    /// How long a first attempt takes on average (µs).
    latency: f64,
}

/// What the forecast of a pool rests on, beside the time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Levels {
    ready: u32,
    waiting: u32,
    pending: u32,
    outages: usize,
}

impl Closeness {
    pub fn new(setup: &Setup, pool: PoolId) -> Self {
        let classes = setup.classes.iter().filter(|class| class.pool == pool);
        let length = setup.horizon.micros() as f64;
        let demand = classes.map(|class| match &class.source {
            Source::Trace { requests, .. } => Intensity::flat(requests.len() as f64 / length),
            _ => setup.fresh_requests(class),
        });
        Self {
            pool,
            demand: demand.collect(),
            latency: setup.pools[pool].latency.mean().micros() as f64,
        }
    }

    /// What the forecast rests on now.
    pub fn levels(&self, world: &World<'_>) -> Levels {
        let pool = &world.ledger.pools[self.pool];
        Levels {
            ready: pool.ready.value,
            waiting: pool.waiting.value,
            pending: pool.pending.value,
            outages: world.pools[self.pool].in_force.len(),
        }
    }

    /// Logarithm of the probability that the pool runs dry, as it is forecast now: the highest over the time that an
    /// order takes, and over each outage that has not ended.
    pub fn of(&self, world: &World<'_>, levels: Levels) -> f64 {
        let now = world.now.micros() as f64;
        let stock = f64::from(levels.ready) - f64::from(levels.waiting);
        let next = self.runs_dry(world, (now, now + self.latency), (stock, 0.0));
        let outages = world.outages_of(self.pool);
        let left = outages.filter(|it| world.now < it.until && it.from < it.until);
        let in_outage = left.map(|it| self.in_outage(world, it, (stock, levels.pending)));
        in_outage.fold(next, f64::max)
    }

    /// The same over an outage, and the time that an order takes after it.
    fn in_outage(
        &self,
        world: &World<'_>,
        outage: &Occurrence,
        (stock, pending): (f64, u32),
    ) -> f64 {
        let window = &world.setup.windows[outage.window];
        if !(window.operations.create || 0.0 < window.takes.ready) {
            return f64::NEG_INFINITY;
        }
        let of = &world.setup.pools[self.pool];
        let until = outage.until.min(world.setup.horizon);
        let [now, from, until] = [world.now, outage.from, until].map(micros);
        let (begins, ends) = (from.max(now), until + self.latency);
        let pending = f64::from(pending);
        // Until it begins, what is on order arrives, and then a part may be lost.
        let arrives = pending * ((begins - now) / self.latency.max(1.0)).min(1.0);
        let lost = if now < from { window.takes.ready } else { 0.0 };
        let stock = (stock + arrives) * (1.0 - lost);
        // Orders succeed one after another. On the way to an empty pool each lease places one, up to the cap.
        let fails = match window.operations.create {
            true => failing(1.0 - window.failure, of.calls),
            false => 0.0,
        };
        let backoff = micros_of(of.retry.delays[0]);
        let attempt = self.latency + fails * backoff.min(until - begins);
        let left = stock.max(0.0);
        let most = (pending + left)
            .min(f64::from(of.in_flight_max))
            .max(pending);
        let rise = most - pending;
        let orders = most - 0.5 * rise * rise / left.max(rise).max(1.0);
        let attempts = orders * (until - begins) / attempt.max(1.0);
        self.runs_dry(world, (begins, ends), (stock, (1.0 - fails) * attempts))
    }

    /// Logarithm of the probability that requests in a window are more than a stock and what is expected to arrive, both of
    /// them Poisson counts: their difference has nearly the law of a shifted Poisson count of the same mean and variance.
    fn runs_dry(
        &self,
        world: &World<'_>,
        (from, until): (f64, f64),
        (stock, supply): (f64, f64),
    ) -> f64 {
        let horizon = micros(world.setup.horizon);
        let (from, until) = (from.min(horizon), until.min(horizon));
        let reached = |it: &Intensity| it.reached(until) - it.reached(from);
        let expected: f64 = self.demand.iter().map(reached).sum();
        // Below no stock the number that wait still matters.
        let short = (-stock).max(0.0);
        ln_poisson_tail(expected + supply, stock + 2.0 * supply + 1.0) - 1.0 / (1.0 + short)
    }
}

fn micros(at: SimTime) -> f64 {
    at.micros() as f64
}

fn micros_of(length: SimDuration) -> f64 {
    length.micros() as f64
}
