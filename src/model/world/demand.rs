//! Demand. Each class draws its arrivals, its tenants and its holds from streams
//! of its own, whether or not a request succeeds, so that nothing that happens to a
//! pool can shift the demand on it.

use crate::kernel::distribution::unit_exponential;
use crate::kernel::intensity::{Intensity, Walk};
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::chance::{Chance, Draws, Gaps, Purpose, Renew, Stream, TryCoin};
use crate::model::id::{ClassId, PoolId, RetryId, WorkerId};
use crate::model::record::events::Recorder;
use crate::model::setup::demand::ClassSetup;
use crate::model::setup::demand::{Batch, Bursts, Shares, Source};
use crate::model::setup::pool::OnEmpty;
use crate::model::world::World;
use crate::model::world::event::Event;
use crate::model::world::waiting::Request;
use crate::model::world::workers::Held;

/// The state of a demand class.
#[derive(Clone)]
pub(crate) struct Class {
    arrivals: Gaps,
    picks: Draws<f64>,
    holds: Draws<SimDuration>,
    sizes: Draws<u32>,
    patience: Stream,
    /// Whether each try of a request fails to connect.
    pub connects: TryCoin,
    /// Whether a failed request is retried, and after which delay.
    is_retried: TryCoin,
    retry_delay: Stream,
    walk: Walk,
    phase: Phase,
    /// Requests made since the world began, and jobs that were requested again.
    made: u64,
    repeated: u64,
    /// Its requests that wait.
    pub waiting: u32,
    pub shed: bool,
    pub tenants: Vec<Tenant>,
    /// Where tenants differ: the share of demand of each and all before it.
    reached: Vec<f64>,
    /// Demand of all of them, relative to its mean.
    scale: f64,
}

/// The state of a tenant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tenant {
    /// The worker it holds, where tenants keep their leases between jobs.
    pub lease: Option<WorkerId>,
    /// Its requests that wait, and where they do.
    pub waiting: u32,
    pub waits_at: PoolId,
    /// Whether it has found the pool empty, and whether a lease of its has failed, since measuring
    /// began.
    pub unserved: bool,
    pub impacted: bool,
}

impl Default for Tenant {
    fn default() -> Self {
        Self {
            lease: None,
            waiting: 0,
            waits_at: PoolId(0),
            unserved: false,
            impacted: false,
        }
    }
}

/// The state of a bursty stream.
#[derive(Clone, Copy, Debug, Default)]
struct Phase {
    bursting: bool,
    until: SimTime,
    turns: u64,
}

impl Default for Class {
    fn default() -> Self {
        let stream = Chance::Mean.stream(Purpose::Arrival, 0, 0);
        Self {
            arrivals: stream.gaps(),
            picks: stream.draws(),
            holds: stream.draws(),
            sizes: stream.draws(),
            patience: stream,
            connects: TryCoin::new(stream),
            is_retried: TryCoin::new(stream),
            retry_delay: stream,
            walk: Walk::default(),
            phase: Phase::default(),
            made: 0,
            repeated: 0,
            waiting: 0,
            shed: false,
            tenants: Vec::new(),
            reached: Vec::new(),
            scale: 1.0,
        }
    }
}

impl Renew for Class {
    fn renew(&mut self, replication: u64) {
        let Self {
            arrivals,
            picks,
            holds,
            sizes,
            patience,
            connects,
            is_retried,
            retry_delay,
            walk: _,
            phase: _,
            made: _,
            repeated: _,
            waiting: _,
            shed: _,
            tenants: _,
            reached: _,
            scale: _,
        } = self;
        arrivals.renew(replication);
        picks.renew(replication);
        holds.renew(replication);
        sizes.renew(replication);
        patience.renew(replication);
        connects.renew(replication);
        is_retried.renew(replication);
        retry_delay.renew(replication);
    }
}

impl Class {
    /// Requests made since the world began.
    pub fn made(&self) -> u64 {
        self.made
    }

    /// Resets the state; keeps the memory.
    pub fn begin(&mut self, setup: &ClassSetup, chance: Chance) {
        let stream = |purpose| chance.stream(purpose, setup.stream_key, 0);
        let (mut tenants, mut reached) = (
            std::mem::take(&mut self.tenants),
            std::mem::take(&mut self.reached),
        );
        tenants.clear();
        tenants.resize(setup.source.tenants() as usize, Tenant::default());
        reached.clear();
        *self = Self {
            arrivals: match setup.source {
                Source::Deterministic { .. } => Gaps::even(),
                _ => stream(Purpose::Arrival).gaps(),
            },
            picks: stream(Purpose::Tenant).draws(),
            holds: stream(Purpose::Hold).draws(),
            sizes: stream(Purpose::BatchSize).draws(),
            patience: stream(Purpose::Patience),
            connects: TryCoin::new(stream(Purpose::FateOnConnect)),
            is_retried: TryCoin::new(stream(Purpose::IsRetried)),
            retry_delay: stream(Purpose::RetryDelay),
            tenants,
            reached,
            ..Self::default()
        };
        match &setup.source {
            Source::Tenants { count, shares, .. } => {
                self.share_out(*count, shares, stream(Purpose::Share));
            }
            Source::Requests {
                bursts: Some(bursts),
                ..
            } => self.phase.begin(bursts, stream(Purpose::Burst)),
            _ => {}
        }
    }

    /// Gives each tenant its share of demand, for this replication.
    fn share_out(&mut self, count: u32, shares: &Shares, stream: Stream) {
        if *shares == Shares::Equal {
            return;
        }
        let mut sum = 0.0;
        for tenant in 0..count {
            sum += shares.weight(tenant, || stream.unit_at(u64::from(tenant)));
            self.reached.push(sum);
        }
        self.scale = sum / f64::from(count);
    }

    fn pick(&mut self, count: u32) -> u32 {
        let unit = self.picks.next(|unit| unit, 0.5);
        match self.reached.last() {
            None => (unit * f64::from(count)) as u32,
            Some(all) => {
                let place = self.reached.partition_point(|sum| *sum <= unit * all);
                (place as u32).min(count - 1)
            }
        }
    }

    /// The next arrival of a bursty stream: the expected arrivals until each change of phase are used up
    /// before the next phase begins, so that each arrival takes one random number.
    fn next_in_bursts(
        &mut self,
        rate: &Intensity,
        bursts: &Bursts,
        stream: Stream,
        horizon: SimTime,
    ) -> SimTime {
        let mut more = self.arrivals.next();
        loop {
            let factor = if self.phase.bursting {
                bursts.burst
            } else {
                bursts.calm
            };
            let left = rate.reached(self.phase.until.micros() as f64) - self.walk.reached();
            if more < factor * left {
                return self.walk.advance(rate, more / factor);
            }
            if horizon <= self.phase.until {
                return SimTime::NEVER;
            }
            more -= factor * left;
            self.walk.skip(left);
            self.phase.turn(bursts, stream);
        }
    }
}

impl Phase {
    fn begin(&mut self, bursts: &Bursts, stream: Stream) {
        self.bursting = stream.unit_at(0) < bursts.share();
        self.until = SimTime::ZERO + self.sojourn(bursts, stream);
    }

    fn turn(&mut self, bursts: &Bursts, stream: Stream) {
        self.bursting = !self.bursting;
        let sojourn = self.sojourn(bursts, stream);
        self.until += sojourn;
    }

    fn sojourn(&mut self, bursts: &Bursts, stream: Stream) -> SimDuration {
        self.turns += 1;
        let mean = if self.bursting {
            bursts.last
        } else {
            bursts.every
        };
        let sojourn = mean.scaled(unit_exponential(stream.unit_at(self.turns)));
        sojourn.max(SimDuration::from_micros(1))
    }
}

/// The first ordinal of jobs that are requested again.
const REPEATED: u64 = 1 << 35;

impl<R: Recorder> World<'_, R> {
    /// Schedules the next request of a class.
    #[inline]
    pub(crate) fn schedule_arrival(&mut self, id: ClassId) {
        self.schedule_next(id, &self.setup.classes[id]);
    }

    #[inline]
    fn schedule_next(&mut self, id: ClassId, of: &ClassSetup) {
        let class = &mut self.classes[id];
        let at = match &of.source {
            Source::Tenants { jobs: rate, .. } => {
                let more = class.arrivals.next();
                class.walk.advance(rate, more / class.scale)
            }
            Source::Requests {
                rate, bursts: None, ..
            } => {
                let more = class.arrivals.next();
                class.walk.advance(rate, more)
            }
            Source::Requests {
                rate,
                bursts: Some(bursts),
                ..
            } => {
                let stream = self.chance.stream(Purpose::Burst, of.stream_key, 0);
                class.next_in_bursts(rate, bursts, stream, self.setup.horizon)
            }
            Source::Deterministic { rate, .. } => {
                let more = class.arrivals.next();
                class.walk.advance(rate, more)
            }
            Source::Trace { requests, .. } => requests
                .get(class.made as usize)
                .map_or(SimTime::NEVER, |traced| traced.at),
        };
        self.queue
            .schedule_recurring(id.into(), at, Event::Arrives(id));
    }

    /// A class makes its next request or batch of them, unless it is shed.
    #[inline]
    pub(crate) fn arrive(&mut self, id: ClassId) {
        let setup = self.setup;
        let of = &setup.classes[id];
        let size = match &of.source {
            Source::Requests { batch, .. } if *batch != Batch::One => {
                let class = &mut self.classes[id];
                class.sizes.next(|unit| batch.size(unit), 1)
            }
            _ => 1,
        };
        let first = self.draw_request(id, of);
        if size == 1 {
            self.schedule_next(id, of);
            self.make(first);
            return;
        }
        self.make(first);
        for _ in 1..size {
            let next = self.draw_request(id, of);
            self.make(next);
        }
        self.schedule_next(id, of);
    }

    #[inline(always)]
    fn draw_request(&mut self, id: ClassId, of: &ClassSetup) -> Request {
        let class = &mut self.classes[id];
        let ordinal = class.made;
        class.made += 1;
        let (tenant, hold) = match &of.source {
            Source::Tenants {
                count, duration, ..
            } => {
                let tenant = class.pick(*count);
                #[cfg(test)]
                let tenant = (tenant + self.relabelled) % count;
                (Some(tenant), class.holds.draw(duration))
            }
            Source::Requests { hold, .. } => (None, class.holds.draw(hold)),
            Source::Deterministic { hold, tenants, .. } => {
                let tenant = (0 < *tenants).then(|| (ordinal % u64::from(*tenants)) as u32);
                (tenant, class.holds.draw(hold))
            }
            Source::Trace { requests, .. } => {
                let traced = requests[ordinal as usize];
                (traced.tenant, traced.hold)
            }
        };
        Request {
            class: id,
            pool: of.pool,
            tenant,
            hold,
            ordinal,
            tries: 1,
            priority: of.priority,
        }
    }

    #[inline(always)]
    fn make(&mut self, request: Request) {
        let ledger = &mut self.ledger.classes[request.class];
        if self.classes[request.class].shed {
            ledger.shed += 1;
            return;
        }
        ledger.arrivals += 1;
        self.request(request);
    }

    /// The patience of a request: set by a playbook, or drawn from the distribution of its class or its pool.
    /// Where none of them has one, it waits without limit.
    pub(crate) fn patience(&self, request: &Request) -> SimDuration {
        let set = self.pools[request.pool].patience.as_ref();
        let own = self.setup.classes[request.class].patience.as_ref();
        let of_pool = match &self.setup.pools[request.pool].on_empty {
            OnEmpty::Reject => None,
            OnEmpty::Wait(law) | OnEmpty::Cold { patience: law, .. } => Some(law),
        };
        let Some(law) = set.or(own).or(of_pool) else {
            return SimDuration::FOREVER;
        };
        let stream = &self.classes[request.class].patience;
        stream.draw(law, request.position())
    }

    /// The job on a worker that is lost, to be requested again from the beginning, if its class repeats such
    /// jobs.
    pub(crate) fn lost_job(&mut self, lease: &Held) -> Option<Request> {
        let of = &self.setup.classes[lease.class];
        if !of.repeats_lost_jobs || lease.busy_until <= self.now {
            return None;
        }
        let class = &mut self.classes[lease.class];
        class.repeated += 1;
        Some(Request {
            class: lease.class,
            pool: of.pool,
            tenant: lease.tenant,
            hold: lease.busy_until - lease.from,
            // Beyond those of first requests.
            ordinal: REPEATED + class.repeated,
            tries: 1,
            priority: of.priority,
        })
    }

    /// A request has failed, and may be retried later.
    pub(crate) fn may_retry(&mut self, request: &Request) {
        let Some(policy) = &self.setup.classes[request.class].retry else {
            return;
        };
        if policy.tries_max <= request.tries {
            return;
        }
        let class = &mut self.classes[request.class];
        let position = request.position();
        let coin = &mut class.is_retried;
        if coin.toss(policy.probability, request.tries, position) {
            let delay = class.retry_delay.draw(&policy.delay, position);
            let again = Request {
                tries: request.tries + 1,
                ..*request
            };
            let id = self.retries.put(again);
            self.queue
                .schedule(self.now + delay, Event::RequestRetried(id));
        }
    }

    /// A failed request is retried, unless its class has been shed meanwhile.
    pub(crate) fn retry_request(&mut self, id: RetryId) {
        let request = self.retries[id];
        self.retries.free(id);
        self.ledger.classes[request.class].retries += 1;
        self.make(request);
    }
}

#[cfg(test)]
mod tests {
    use crate::kernel::random::Seed;
    use crate::model::chance::Chance;
    use crate::model::world::World;
    use crate::scenario::Scenario;

    #[test]
    fn permuting_equal_tenants_changes_no_aggregate() {
        let scenario = Scenario::load("scenarios/rnq2-nc8.yaml").expect("a valid scenario");
        let chance = Chance::of(Seed(5), 0);
        let mut plain = World::new(&scenario.setup);
        plain.run(chance, &mut ());
        let mut other = World::new(&scenario.setup);
        other.relabelled = 17;
        other.run(chance, &mut ());
        assert_eq!(plain.ledger.pools, other.ledger.pools);
        assert_eq!(plain.ledger.classes, other.ledger.classes);
        assert_ne!(plain.ledger.unserved, other.ledger.unserved);
    }
}
