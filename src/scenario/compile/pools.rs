//! Pools as the file states them, checked and compiled.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::kernel::distribution::Distribution;
use crate::kernel::random;
use crate::kernel::time::SimDuration;
use crate::model::id::PoolId;
use crate::model::setup::pool::Standby;
use crate::model::setup::pool::{
    AgeClock, Counts, FailedMachine, LeaseOrder, LeasePolicy, OnEmpty, PoolSetup, Release,
    StageSetup, Stopped,
};
use crate::model::setup::shortcuts::Shortcuts;
use crate::scenario::PoolName;
use crate::scenario::compile::Compiler;
use crate::scenario::compile::termination::sum;
use crate::scenario::schema::{self, DemandSource, Pool};
use crate::scenario::text::limits::{CALLS_MAX, SLOTS_MAX, STANDBYS_MAX};

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
        let extension = self.extension(&path, pool);
        self.check_provision(&path, pool, &latency, extension.as_ref());
        self.check_replenish(&path, pool);
        self.check_ready_max_age(&path, pool);
        let (replenish, region) = (&pool.replenish, self.region(&name.region));
        let setup = PoolSetup {
            stream_key: random::stream_key(&path),
            region,
            standby: self.standby(&path, &name.name, pool),
            standbys: Vec::new(),
            through: pool
                .provision
                .through
                .as_ref()
                .and_then(|through| self.dependency(&format!("{path}.provision.through"), through)),
            target: self.target(&path, pool, zone),
            initial: self.initial(&path, pool),
            counts: counts(&replenish.counts),
            review: review(&replenish.review),
            surplus_idle: surplus_idle(&replenish.surplus),
            surplus_pause: replenish.surplus_pause.0,
            waiting_orders: replenish.waiting_orders.unwrap_or(false),
            cancel_on_timeout: replenish.cancel_on_timeout.unwrap_or(false),
            keeps_abandoned: matches!(replenish.abandoned_orders, schema::AbandonedOrders::Extra),
            yields: replenish.waiting_first,
            in_flight_max: replenish.in_flight_max.0,
            max_total: pool.max_total.0,
            latency,
            timeout: pool.provision.timeout.0,
            calls: pool.provision.calls.0,
            slots: pool.provision.slots.0.max(1),
            failure: pool.provision.failure.0,
            extension,
            retry: self.backoff(&format!("{path}.replenish.retry"), &replenish.retry),
            give_up: self.give_up(&path, pool),
            remains: remains(&pool.delete.failed_attempts),
            breaker: self.breaker(&format!("{path}.replenish.breaker"), id, region.0, pool),
            deletion_retry: self.deletion_retry(&path, pool),
            deletion,
            ready_max_age: pool.ready_max_age.0,
            ready_max_idle: pool.ready_max_idle.0,
            lease: self.lease(&path, &name.name, &pool.lease),
            release: self.release(&path, &pool.lease.release),
            max_uses: pool.lease.max_uses.0,
            lease_order: lease_order(&pool.lease.order),
            on_empty: self.on_empty(&path, pool),
            waiting_max: pool.lease.waiting_max.0,
            move_after: pool.lease.move_after.map(|length| length.0),
            stopped: self.stopped(&path, pool),
            has_demand: false,
            shortcuts: Shortcuts::default(),
        };
        self.check_pool_pace(&path, &setup);
        setup
    }

    fn stopped(&mut self, path: &str, pool: &Pool) -> Option<Stopped> {
        let stopped = pool.stopped.as_ref()?;
        Some(Stopped {
            share: stopped.share.0,
            start: StageSetup {
                latency: self.law(&format!("{path}.stopped.start"), &stopped.start),
                failure: stopped.failure.0,
            },
        })
    }

    fn extension(&mut self, path: &str, pool: &Pool) -> Option<StageSetup> {
        let extension = pool.provision.extension.as_ref()?;
        let path = format!("{path}.provision.extension.latency");
        Some(StageSetup {
            latency: self.law(&path, &extension.latency),
            failure: extension.failure.0,
        })
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
        if primary.is_none() {
            self.dangling(&at, "pool", &standby.primary, &known);
        } else if self.standbys_of(&standby.primary) > STANDBYS_MAX {
            let limit = format!("at most {STANDBYS_MAX} standbys of one pool");
            let message = format!("`{}` has more standbys", standby.primary);
            self.problem(&at, message, &limit, "merge standbys of one kind");
        } else if standby.primary == name {
            let message = format!("`{name}` cannot be a standby of itself");
            self.problem(&at, message, "another pool", "name another pool");
        }
        let demanded = self.file.demand.values().any(|class| class.pool == name);
        if demanded && !standby.warm {
            let message = "a cold standby that has demand of its own";
            let limit = "`warm: true` where a class makes its requests to the pool";
            let help = "write `warm: true`, or let the class name the primary pool";
            self.problem(&format!("{path}.warm"), message, limit, help);
        }
        let activation = self.law(&format!("{path}.activation"), &standby.activation);
        Some(Standby {
            primary: PoolId::from(primary?),
            share: standby.share.0,
            activation,
            warm: standby.warm,
            active: standby.active,
        })
    }

    /// Limits the number of standbys of a pool: each request may try all of them.
    fn standbys_of(&self, name: &str) -> usize {
        let pools = self.file.pools.values();
        let standbys = pools.filter_map(|pool| pool.standby.as_ref());
        standbys.filter(|standby| standby.primary == name).count()
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

    fn check_provision(
        &mut self,
        path: &str,
        pool: &Pool,
        latency: &Distribution,
        extension: Option<&StageSetup>,
    ) {
        let least = |law: &Distribution| law.quantile(1e-9);
        let extended = extension.map_or(SimDuration::ZERO, |it| least(&it.latency));
        let least = sum(least(latency), extended);
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

    fn lease(&mut self, path: &str, pool: &str, lease: &schema::Lease) -> LeasePolicy {
        // A standby leases its workers to the tenants of the pools that it is a standby of.
        let file = self.file;
        let mut served = vec![pool];
        while let Some(standby) = served
            .last()
            .and_then(|pool| file.pools.get(*pool)?.standby.as_ref())
            .filter(|standby| !served.contains(&standby.primary.as_str()))
        {
            served.push(&standby.primary);
        }
        let serves = |name: &String| served.contains(&name.as_str());
        let mut classes = file.demand.iter().filter(|(_, class)| serves(&class.pool));
        let tenants = classes.any(|(name, class)| match &class.source {
            DemandSource::Tenants(_) => true,
            DemandSource::Trace(trace) => {
                let path = format!("demand.{name}.source.trace");
                self.trace(&path, trace).has_tenants()
            }
            _ => false,
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
        let cold = matches!(pool.lease.on_empty, schema::OnEmpty::Cold(_));
        if SimDuration::ZERO < pool.lease.cold_after.0 && !cold {
            let path = format!("{path}.lease.cold_after");
            let help = "remove it, or write `on_empty: {cold: …}`";
            let message = "`cold_after` where no request starts cold";
            self.problem(&path, message, "only where requests start cold", help);
        }
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
                    after: pool.lease.cold_after.0,
                }
            }
        }
    }

    pub(crate) fn patience(&mut self, path: &str, patience: &schema::Patience) -> Distribution {
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

/// The review period; zero for continuous review.
fn review(review: &schema::Review) -> SimDuration {
    match review {
        schema::Review::Continuous => SimDuration::ZERO,
        schema::Review::Every(length) => length.0,
    }
}

fn lease_order(order: &schema::LeaseOrder) -> LeaseOrder {
    match order {
        schema::LeaseOrder::Oldest => LeaseOrder::Oldest,
        schema::LeaseOrder::Newest => LeaseOrder::Newest,
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
        schema::FailedAttempts::InParallel => FailedMachine::DeleteInParallel,
        schema::FailedAttempts::First => FailedMachine::DeleteFirst,
    }
}
