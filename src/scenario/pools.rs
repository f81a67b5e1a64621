//! Pools as the file states them, checked and compiled.

use crate::kernel::distribution::Distribution;
use crate::kernel::random;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::setup::{AgeClock, Backoff, Counts, LeasePolicy, OnEmpty, PoolSetup};
use crate::scenario::PoolName;
use crate::scenario::compile::Compiler;
use crate::scenario::law::AnyLaw;
use crate::scenario::schema::{self, DemandSource, Pool};
use crate::scenario::units::Cap;

/// Delays that a back-off may go through before it reaches its maximum.
const DELAYS_MAX: usize = 10_000;

/// Every pool, in the order of its name.
pub(crate) fn pools(compiler: &mut Compiler<'_>, names: &[PoolName]) -> Vec<PoolSetup> {
    let file = compiler.file;
    let named = names
        .iter()
        .filter_map(|name| Some((name, file.pools.get(&name.name)?)));
    named
        .map(|(name, pool)| compiler.pool_setup(&name.name, pool))
        .collect()
}

impl Compiler<'_> {
    fn pool_setup(&mut self, name: &str, pool: &Pool) -> PoolSetup {
        let path = format!("pools.{name}");
        let latency = self.law(
            &format!("{path}.provision.latency"),
            &pool.provision.latency,
        );
        self.check_provision(&path, pool, &latency);
        self.check_replenish(&path, pool);
        let schema::DeleteRetry {
            initial,
            factor,
            max,
            jitter,
        } = pool.delete.retry;
        let deletion_retry = schema::Retry {
            initial,
            factor,
            max,
            jitter,
            attempts: Cap(u32::MAX),
        };
        PoolSetup {
            entity: random::entity(&path),
            target: pool.target.0,
            initial: self.initial(&path, pool),
            counts: match pool.replenish.counts {
                schema::Counts::Ready => Counts::Ready,
                schema::Counts::ReadyAndPending => Counts::ReadyAndPending,
                schema::Counts::Total => Counts::Total,
            },
            waiting_orders: pool.replenish.waiting_orders.unwrap_or(false),
            in_flight_max: pool.replenish.in_flight_max.0,
            latency,
            timeout: pool.provision.timeout.0,
            calls: pool.provision.calls.0,
            retry: self.backoff(&format!("{path}.replenish.retry"), &pool.replenish.retry),
            deletion: self.law(&format!("{path}.delete.latency"), &pool.delete.latency),
            deletion_retry: self.backoff(&format!("{path}.delete.retry"), &deletion_retry),
            lease: self.lease(&path, name, &pool.lease),
            on_empty: self.on_empty(&path, pool),
            start_windows: Vec::new(),
            completion_windows: Vec::new(),
            delete_windows: Vec::new(),
            recovery_from: SimTime::NEVER,
        }
    }

    /// The distribution of a law, noting what is wrong with it.
    pub(crate) fn law(&mut self, path: &str, law: &AnyLaw) -> Distribution {
        law.distribution().unwrap_or_else(|(message, limit, help)| {
            self.problem(path, message, limit, help);
            Distribution::Fixed(SimDuration::from_seconds(1))
        })
    }

    fn initial(&mut self, path: &str, pool: &Pool) -> u32 {
        let initial = pool.initial.map_or(pool.target.0, |initial| initial.0);
        if pool.target.0 < initial {
            let limit = format!("at most the target of {}", pool.target.0);
            let message = format!("a pool that begins with {initial} ready workers");
            let help = "lower `initial`, or raise `target`";
            self.problem(&format!("{path}.initial"), message, &limit, help);
        }
        initial
    }

    fn check_provision(&mut self, path: &str, pool: &Pool, latency: &Distribution) {
        let least = latency.quantile(1e-9);
        if latency.mean() == SimDuration::ZERO {
            let help = "write the time that provisioning takes; `1ms` for next to none";
            let path = format!("{path}.provision.latency");
            self.problem(&path, "a latency of 0s", "a duration above 0", help);
        } else if pool.provision.timeout.0 < least {
            let message = format!("a timeout of {}", pool.provision.timeout.0);
            let limit = format!("at least {least}, which the fastest attempt takes");
            let help = "raise `timeout`, or no attempt will ever succeed";
            self.problem(&format!("{path}.provision.timeout"), message, &limit, help);
        }
        if pool.provision.calls.0 == 0 {
            let help = "write how many provider calls an attempt makes, at least 1";
            self.problem(
                &format!("{path}.provision.calls"),
                "0 calls",
                "1 or more",
                help,
            );
        }
    }

    fn check_replenish(&mut self, path: &str, pool: &Pool) {
        let waits = matches!(pool.lease.on_empty, schema::OnEmpty::Wait);
        let replenish = &pool.replenish;
        let orders = format!("{path}.replenish.waiting_orders");
        match (waits, replenish.waiting_orders) {
            (true, None) => {
                let limit = "`true` or `false`, where requests wait";
                let help = "say whether each waiting request orders a worker of its own";
                self.problem(&orders, "`waiting_orders` is missing", limit, help);
            }
            (false, Some(_)) => {
                let limit = "only where requests wait";
                let help = "remove it, or write `on_empty: wait`";
                self.problem(&orders, "`waiting_orders` without a line", limit, help);
            }
            _ => {}
        }
        if matches!(replenish.counts, schema::Counts::Ready)
            && replenish.in_flight_max.0 == u32::MAX
        {
            let message = "orders under way do not count, and nothing else limits them";
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
        let tenants =
            self.file.demand.values().any(|class| {
                class.pool == pool && matches!(class.source, DemandSource::Tenants(_))
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
            (schema::OnEmpty::Wait, None) => {
                let limit = "a duration, a law, or `never`";
                let help = "say how long a request waits before it fails";
                self.problem(&path, "`wait_timeout` is missing", limit, help);
                OnEmpty::Reject
            }
            (schema::OnEmpty::Wait, Some(patience)) => OnEmpty::Wait(match &patience.0 {
                Some(law) => self.law(&path, law),
                None => Distribution::Fixed(SimDuration::FOREVER),
            }),
        }
    }
}
