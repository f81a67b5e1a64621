//! Pools as the file states them, checked and compiled.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::kernel::distribution::Distribution;
use crate::kernel::random;
use crate::kernel::time::SimDuration;
use crate::model::id::PoolId;
use crate::model::setup::pool::Standby;
use crate::model::setup::pool::{
    AgeClock, Backoff, BreakerSetup, Counts, FailedMachine, LeasePolicy, OnEmpty, PoolSetup,
    Release,
};
use crate::model::setup::shortcuts::Shortcuts;
use crate::scenario::PoolName;
use crate::scenario::compile::Compiler;
use crate::scenario::schema::{self, DemandSource, Pool};
use crate::scenario::text::limits::{CALLS_MAX, SLOTS_MAX, STANDBYS_MAX};
use crate::scenario::text::units::Cap;

/// Maximum number of steps of a back-off before it reaches its limit.
const DELAYS_MAX: usize = 10_000;

/// Every pool, in the order of its name.
pub(crate) fn pools(
    compiler: &mut Compiler<'_>,
    names: &[PoolName],
    zones: &BTreeMap<String, TimeZone>,
) -> Vec<PoolSetup> {
    let file = compiler.file;
    let named = names
        .iter()
        .filter_map(|name| Some((name, file.pools.get(&name.name)?)));
    let ids = (0..).map(PoolId);
    ids.zip(named)
        .map(|(id, (name, pool))| compiler.pool_setup(id, name, pool, zones.get(&name.region)))
        .collect()
}

impl Compiler<'_> {
    fn pool_setup(
        &mut self,
        id: PoolId,
        name: &PoolName,
        pool: &Pool,
        zone: Option<&TimeZone>,
    ) -> PoolSetup {
        let path = format!("pools.{}", name.name);
        let latency = self.law(
            &format!("{path}.provision.latency"),
            &pool.provision.latency,
        );
        let deletion = self.law(&format!("{path}.delete.latency"), &pool.delete.latency);
        self.check_provision(&path, pool, &latency);
        self.check_replenish(&path, pool);
        self.check_ready_max_age(&path, pool);
        let (replenish, region) = (&pool.replenish, self.region(&name.region));
        let setup =
            PoolSetup {
                stream_key: random::stream_key(&path),
                region,
                standby: self.standby(&path, &name.name, pool),
                standbys: Vec::new(),
                through: pool.provision.through.as_ref().and_then(|through| {
                    self.dependency(&format!("{path}.provision.through"), through)
                }),
                target: self.target(&path, pool, zone),
                initial: self.initial(&path, pool),
                counts: counts(&replenish.counts),
                review: match replenish.review {
                    schema::Review::Continuous => SimDuration::ZERO,
                    schema::Review::Every(length) => length.0,
                },
                surplus_idle: surplus_idle(&replenish.surplus),
                waiting_orders: replenish.waiting_orders.unwrap_or(false),
                cancel_on_timeout: replenish.cancel_on_timeout.unwrap_or(false),
                yields: replenish.waiting_first,
                in_flight_max: replenish.in_flight_max.0,
                max_total: pool.max_total.0,
                latency,
                timeout: pool.provision.timeout.0,
                calls: pool.provision.calls.0,
                slots: pool.provision.slots.0.max(1),
                retry: self.backoff(&format!("{path}.replenish.retry"), &replenish.retry),
                remains: remains(&pool.delete.failed_attempts),
                breaker: self.breaker(&format!("{path}.replenish.breaker"), id, region.0, pool),
                deletion_retry: self.deletion_retry(&path, pool),
                deletion,
                ready_max_age: pool.ready_max_age.0,
                ready_max_idle: pool.ready_max_idle.0,
                lease: self.lease(&path, &name.name, &pool.lease),
                release: self.release(&path, &pool.lease.release),
                max_uses: pool.lease.max_uses.0,
                on_empty: self.on_empty(&path, pool),
                shortcuts: Shortcuts::default(),
            };
        self.check_pool_pace(&path, &setup);
        setup
    }

    fn release(&mut self, path: &str, release: &schema::Release) -> Release {
        match release {
            schema::Release::Delete => Release::Delete,
            schema::Release::Return => Release::Return,
            schema::Release::Reimage(law) => {
                Release::Reimage(self.law(&format!("{path}.lease.release.reimage"), law))
            }
        }
    }

    fn standby(&mut self, path: &str, name: &str, pool: &Pool) -> Option<Standby> {
        let standby = pool.standby.as_ref()?;
        let path = format!("{path}.standby");
        let known: Vec<&str> = self.file.pools.keys().map(String::as_str).collect();
        let primary = known.iter().position(|pool| *pool == standby.primary);
        let at = format!("{path}.for");
        let other = self.file.pools.get(&standby.primary);
        if primary.is_none() {
            self.dangling(&at, "pool", &standby.primary, &known);
        } else if self.standbys_of(&standby.primary) > STANDBYS_MAX {
            let limit = format!("at most {STANDBYS_MAX} standbys of one pool");
            let message = format!("`{}` has more standbys", standby.primary);
            self.problem(&at, message, &limit, "merge standbys of one kind");
        } else if standby.primary == name || other.is_some_and(|pool| pool.standby.is_some()) {
            let message = format!("`{}` cannot have a standby", standby.primary);
            let help = "name a pool that is not a standby itself";
            self.problem(&at, message, "a pool that is not a standby", help);
        }
        if self.file.demand.values().any(|class| class.pool == name) {
            let message = "a standby that has demand of its own";
            let limit = "a standby serves the demand of its primary pool";
            let help = "let the class name the primary pool";
            self.problem(&path, message, limit, help);
        }
        let activation = self.law(&format!("{path}.activation"), &standby.activation);
        Some(Standby {
            primary: PoolId::from(primary?),
            share: standby.share.0,
            activation,
            warm: standby.warm,
        })
    }

    /// Limits the number of standbys of a pool: each request may try all of them.
    fn standbys_of(&self, name: &str) -> usize {
        let pools = self.file.pools.values();
        let standbys = pools.filter_map(|pool| pool.standby.as_ref());
        standbys.filter(|standby| standby.primary == name).count()
    }

    fn deletion_retry(&mut self, path: &str, pool: &Pool) -> Backoff {
        let schema::DeleteRetry {
            initial,
            factor,
            max,
            jitter,
        } = pool.delete.retry;
        let retry = schema::Retry {
            initial,
            factor,
            max,
            jitter,
            attempts: Cap(u32::MAX),
        };
        let path = format!("{path}.delete.retry");
        self.backoff(&path, &retry)
    }

    fn breaker(
        &mut self,
        path: &str,
        pool: PoolId,
        region: u32,
        of: &Pool,
    ) -> Option<BreakerSetup> {
        let breaker = of.replenish.breaker.as_ref()?;
        let retry = schema::Retry {
            initial: breaker.initial,
            factor: breaker.factor,
            max: breaker.max,
            jitter: breaker.jitter,
            attempts: Cap(u32::MAX),
        };
        if breaker.failures.0 == 0 {
            let help = "write the number of consecutive failures after which it opens";
            self.problem(&format!("{path}.failures"), "0 failures", "1 or more", help);
        }
        if breaker.initial.0 == SimDuration::ZERO {
            let help = "write how long it stays open, such as `5m`";
            let path = format!("{path}.initial");
            self.problem(
                &path,
                "a circuit breaker that opens for 0s",
                "a duration above 0",
                help,
            );
        }
        let circuit = match breaker.scope {
            schema::BreakerScope::Pool => pool.0,
            schema::BreakerScope::Region => self.file.pools.len() as u32 + region,
        };
        Some(BreakerSetup {
            circuit: circuit as usize,
            failures: breaker.failures.0,
            backoff: self.backoff(path, &retry),
            reset: breaker.reset.0,
        })
    }

    fn initial(&mut self, path: &str, pool: &Pool) -> u32 {
        let most = Self::target_most(pool);
        // A target that depends on the load starts with no load, so a pool may begin with its minimum.
        let begin = match &pool.target {
            schema::AnyTarget::Policy(schema::TargetPolicy::Proportional(policy)) => policy.min.0,
            schema::AnyTarget::Policy(schema::TargetPolicy::Forecast(policy)) => policy.min.0,
            schema::AnyTarget::Policy(schema::TargetPolicy::Schedule(policy)) => policy.base.0,
            _ => most,
        };
        let cold = pool.standby.as_ref().is_some_and(|standby| !standby.warm);
        let begin = if cold { 0 } else { begin.min(pool.max_total.0) };
        let initial = pool.initial.map_or(begin, |initial| initial.0);
        let message = format!("a pool that begins with {initial} ready workers");
        if most < initial {
            let limit = format!("at most the target of {most}");
            let help = "lower `initial`, or raise `target`";
            self.problem(&format!("{path}.initial"), message, &limit, help);
        } else if pool.max_total.0 < initial {
            let limit = format!("at most the `max_total` of {}", pool.max_total.0);
            let message = format!("a pool that begins with {initial} ready workers");
            let help = "lower `initial`, or raise `max_total`";
            self.problem(&format!("{path}.initial"), message, &limit, help);
        }
        initial
    }

    fn check_provision(&mut self, path: &str, pool: &Pool, latency: &Distribution) {
        let least = latency.quantile(1e-9);
        if latency.mean() == SimDuration::ZERO {
            let help = "write the time that provisioning takes; `1ms` for almost none";
            let path = format!("{path}.provision.latency");
            self.problem(&path, "a latency of 0s", "a duration above 0", help);
        } else if pool.provision.timeout.0 < least {
            let message = format!("a timeout of {}", pool.provision.timeout.0);
            let limit = format!("at least {least}, the shortest latency");
            let help = "raise `timeout`; otherwise no attempt ever succeeds";
            self.problem(&format!("{path}.provision.timeout"), message, &limit, help);
        }
        for (key, count, most) in [
            ("slots", pool.provision.slots.0, SLOTS_MAX),
            ("calls", pool.provision.calls.0, CALLS_MAX),
        ] {
            let path = format!("{path}.provision.{key}");
            let (limit, help) = match key {
                "slots" => (
                    "1 or more",
                    "write the number of workers per machine, at least 1",
                ),
                _ => (
                    "1 or more",
                    "write the number of provider calls per attempt, at least 1",
                ),
            };
            if count == 0 {
                self.problem(&path, format!("0 {key}"), limit, help);
            } else if most < count {
                let help = "split the pool, or lower it";
                let limit = format!("at most {most} per attempt");
                self.problem(&path, format!("{count} {key}"), &limit, help);
            }
        }
    }

    fn check_replenish(&mut self, path: &str, pool: &Pool) {
        let waits = matches!(pool.lease.on_empty, schema::OnEmpty::Wait);
        let cold = matches!(pool.lease.on_empty, schema::OnEmpty::Cold(_));
        let replenish = &pool.replenish;
        if let schema::Review::Every(length) = replenish.review
            && length.0 == SimDuration::ZERO
        {
            let help = "write the time between reviews, or `review: continuous`";
            let path = format!("{path}.replenish.review.every");
            self.problem(&path, "a review every 0s", "a duration above 0", help);
        }
        if replenish.waiting_first && replenish.waiting_orders == Some(false) {
            let message = "nothing is ordered while requests wait, not even for them";
            let limit = "`waiting_orders: true` with `waiting_first: true`, where requests wait";
            let help = "let waiting requests order workers, or remove `waiting_first`";
            self.problem(
                &format!("{path}.replenish.waiting_first"),
                message,
                limit,
                help,
            );
        }
        if replenish.cancel_on_timeout.is_some() && replenish.waiting_orders != Some(true) && !cold
        {
            let limit = "only where waiting requests order workers";
            let help = "remove it, or write `waiting_orders: true`";
            let path = format!("{path}.replenish.cancel_on_timeout");
            self.problem(
                &path,
                "`cancel_on_timeout` without `waiting_orders: true`",
                limit,
                help,
            );
        }
        let orders = format!("{path}.replenish.waiting_orders");
        match (waits, replenish.waiting_orders) {
            (true, None) => {
                let limit = "`true` or `false`, where requests wait";
                let help = "set whether each waiting request orders a worker of its own";
                self.problem(&orders, "`waiting_orders` is missing", limit, help);
            }
            (false, Some(_)) => {
                let limit = "only where requests wait";
                let help = "remove it, or write `on_empty: wait`";
                self.problem(
                    &orders,
                    "`waiting_orders` where requests do not wait",
                    limit,
                    help,
                );
            }
            _ => {}
        }
        if matches!(replenish.counts, schema::Counts::Ready)
            && replenish.in_flight_max.0 == u32::MAX
        {
            let message = "orders under way are not counted, and nothing else limits them";
            let help = "write a number, or count `ready_and_pending`";
            let path = format!("{path}.replenish.in_flight_max");
            self.problem(&path, message, "a number, where `counts: ready`", help);
        }
    }

    fn backoff(&mut self, path: &str, retry: &schema::Retry) -> Backoff {
        let (initial, factor, most) = (retry.initial.0, retry.factor.0, retry.max.0);
        if factor < 1.0 {
            let help = "write 1 for a constant delay, 2 for one that doubles";
            self.problem(
                &format!("{path}.factor"),
                format!("a factor of {factor}"),
                "1 or more",
                help,
            );
        }
        if most < initial {
            let message = format!("a maximum of {most}");
            let limit = format!("at least the initial delay of {initial}");
            self.problem(
                &format!("{path}.max"),
                message,
                &limit,
                "raise `max`, or lower `initial`",
            );
        }
        let mut delays = vec![initial];
        let mut delay = initial;
        while delay < most && 1.0 < factor && SimDuration::ZERO < initial {
            delay = delay.scaled(factor).min(most);
            delays.push(delay);
            if delays.len() == DELAYS_MAX {
                let limit = format!("a factor that reaches `max` within {DELAYS_MAX} retries");
                let help = "raise `factor`, or lower `max`";
                let message = format!("a factor of {factor}");
                self.problem(&format!("{path}.factor"), message, &limit, help);
                break;
            }
        }
        Backoff {
            delays,
            jitter: retry.jitter.0,
            attempts_max: retry.attempts.0,
        }
    }

    fn lease(&mut self, path: &str, pool: &str, lease: &schema::Lease) -> LeasePolicy {
        // A standby leases its workers to the tenants of its primary pool.
        let file = self.file;
        let standby = file.pools.get(pool).and_then(|pool| pool.standby.as_ref());
        let serves =
            |name: &String| name == pool || standby.is_some_and(|standby| standby.primary == *name);
        let mut classes = file.demand.iter().filter(|(_, class)| serves(&class.pool));
        let tenants = classes.any(|(name, class)| match &class.source {
            DemandSource::Tenants(_) => true,
            DemandSource::Trace(trace) => {
                let path = format!("demand.{name}.source.trace");
                self.trace(&path, trace).has_tenants()
            }
            DemandSource::Requests(_) | DemandSource::Even(_) => false,
        });
        let missing = [
            ("idle_timeout", lease.idle_timeout.is_none()),
            ("max_age", lease.max_age.is_none()),
            ("age_clock", lease.age_clock.is_none()),
        ];
        for (key, _) in missing.iter().filter(|(_, missing)| *missing && tenants) {
            let limit = "given where tenants keep their leases between jobs";
            let help = format!("add `{key}:`");
            self.problem(
                &format!("{path}.lease.{key}"),
                format!("`{key}` is missing"),
                limit,
                help,
            );
        }
        let forever = SimDuration::FOREVER;
        let max_age = lease.max_age.map_or(forever, |age| age.0);
        if max_age == SimDuration::ZERO {
            let help = "write the age at which a worker is replaced, or `never`";
            let path = format!("{path}.lease.max_age");
            self.problem(&path, "a maximum age of 0s", "a duration above 0", help);
        }
        LeasePolicy {
            idle_timeout: lease.idle_timeout.map_or(forever, |idle| idle.0),
            max_age,
            age_clock: match lease.age_clock {
                Some(schema::AgeClock::Created) => AgeClock::Created,
                Some(schema::AgeClock::Leased) | None => AgeClock::Leased,
            },
        }
    }

    fn on_empty(&mut self, path: &str, pool: &Pool) -> OnEmpty {
        let path = format!("{path}.lease.wait_timeout");
        match (&pool.lease.on_empty, &pool.lease.wait_timeout) {
            (schema::OnEmpty::Reject, None) => OnEmpty::Reject,
            (schema::OnEmpty::Reject, Some(_)) => {
                let limit = "only where requests wait";
                let help = "remove it, or write `on_empty: wait`";
                self.problem(
                    &path,
                    "`wait_timeout` where requests are rejected",
                    limit,
                    help,
                );
                OnEmpty::Reject
            }
            (schema::OnEmpty::Wait | schema::OnEmpty::Cold(_), None) => {
                let limit = "a duration, a distribution, or `never`";
                let help = "set how long a request waits before it fails";
                self.problem(&path, "`wait_timeout` is missing", limit, help);
                OnEmpty::Reject
            }
            (schema::OnEmpty::Wait, Some(patience)) => {
                OnEmpty::Wait(self.patience(&path, patience))
            }
            (schema::OnEmpty::Cold(latency), Some(patience)) => {
                let at = path.replace(".wait_timeout", ".on_empty.cold");
                OnEmpty::Cold {
                    latency: self.law(&at, latency),
                    patience: self.patience(&path, patience),
                }
            }
        }
    }

    fn patience(&mut self, path: &str, patience: &schema::Patience) -> Distribution {
        match &patience.0 {
            Some(law) => self.law(path, law),
            None => Distribution::Fixed(SimDuration::FOREVER),
        }
    }
}

/// How long a surplus ready worker may be idle.
fn surplus_idle(surplus: &schema::Surplus) -> SimDuration {
    match surplus {
        schema::Surplus::Keep => SimDuration::FOREVER,
        schema::Surplus::Delete => SimDuration::ZERO,
        schema::Surplus::Idle(length) => length.0,
    }
}

fn counts(counts: &schema::Counts) -> Counts {
    match counts {
        schema::Counts::Ready => Counts::Ready,
        schema::Counts::ReadyAndPending => Counts::ReadyAndPending,
        schema::Counts::Total => Counts::Total,
    }
}

fn remains(failed: &schema::FailedAttempts) -> FailedMachine {
    match failed {
        schema::FailedAttempts::Nothing => FailedMachine::Nothing,
        schema::FailedAttempts::Beside => FailedMachine::DeleteInParallel,
        schema::FailedAttempts::First => FailedMachine::DeleteFirst,
    }
}
