//! Retries of attempts and deletions, circuit breakers, and what becomes of an order after its last attempt:
//! checked and compiled.

use crate::kernel::time::SimDuration;
use crate::model::id::PoolId;
use crate::model::setup::pool::{Backoff, BreakerSetup, GiveUp};
use crate::scenario::compile::Compiler;
use crate::scenario::compile::termination::sum;
use crate::scenario::schema::{self, OnEmpty, OnGiveUp, Pool};
use crate::scenario::text::units::Cap;

/// Maximum number of steps of a back-off before it reaches its limit.
const DELAYS_MAX: usize = 10_000;

impl Compiler<'_> {
    pub(crate) fn deletion_retry(&mut self, path: &str, pool: &Pool) -> Backoff {
        let schema::DeleteRetry {
            initial,
            factor,
            max,
            jitter,
        } = pool.delete.retry;
        let retry = schema::Retry {
            initial,
            factor: Some(factor),
            increase: None,
            max,
            jitter,
            attempts: Cap(u32::MAX),
        };
        let path = format!("{path}.delete.retry");
        self.backoff(&path, &retry)
    }

    pub(crate) fn breaker(
        &mut self,
        path: &str,
        pool: PoolId,
        region: u32,
        of: &Pool,
    ) -> Option<BreakerSetup> {
        let breaker = of.replenish.breaker.as_ref()?;
        let retry = schema::Retry {
            initial: breaker.initial,
            factor: Some(breaker.factor),
            increase: None,
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
            half_open: breaker.half_open,
        })
    }

    pub(crate) fn backoff(&mut self, path: &str, retry: &schema::Retry) -> Backoff {
        let (initial, most) = (retry.initial.0, retry.max.0);
        let factor = retry.factor.map_or(2.0, |factor| factor.0);
        let increase = retry.increase.map(|increase| increase.0);
        if increase.is_some() && retry.factor.is_some() {
            let message = "both `factor` and `increase`";
            let limit = "an exponential or a linear back-off";
            let path = format!("{path}.increase");
            self.problem(&path, message, limit, "remove one of the two");
        }
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
        let grows = match increase {
            Some(increase) => SimDuration::ZERO < increase,
            None => 1.0 < factor && SimDuration::ZERO < initial,
        };
        while delay < most && grows {
            let next = match increase {
                Some(increase) => sum(delay, increase),
                None => delay.scaled(factor),
            };
            delay = next.min(most);
            delays.push(delay);
            if delays.len() == DELAYS_MAX {
                let (key, message) = match increase {
                    Some(increase) => ("increase", format!("an increase of {increase}")),
                    None => ("factor", format!("a factor of {factor}")),
                };
                let limit = format!("a `{key}` that reaches `max` within {DELAYS_MAX} retries");
                let help = format!("raise `{key}`, or lower `max`");
                self.problem(&format!("{path}.{key}"), message, &limit, &help);
                break;
            }
        }
        Backoff {
            delays,
            jitter: retry.jitter.0,
            attempts_max: retry.attempts.0,
        }
    }

    pub(crate) fn give_up(&mut self, path: &str, pool: &Pool) -> GiveUp {
        let retry = &pool.replenish.retry;
        let ends = retry.attempts.0 < u32::MAX;
        let path = format!("{path}.replenish.on_give_up");
        let Some(on_give_up) = &pool.replenish.on_give_up else {
            if ends && retry.max.0 == SimDuration::ZERO {
                let limit = "given where `attempts` is limited and `retry.max` is 0s";
                let help = "add `on_give_up:`, such as `{again: 1m}`";
                self.problem(&path, "`on_give_up` is missing", limit, help);
            }
            return GiveUp::KeepPlace(retry.max.0);
        };
        if !ends {
            let limit = "only where `retry.attempts` is limited";
            let help = "add `attempts:` to `retry`, or remove it";
            self.problem(&path, "an order that is never given up", limit, help);
        }
        match on_give_up {
            OnGiveUp::Again(pause) => {
                if pause.0 == SimDuration::ZERO {
                    let help = "write how long until a new order replaces it, such as `1m`";
                    let path = format!("{path}.again");
                    self.problem(&path, "a pause of 0s", "a duration above 0", help);
                }
                GiveUp::KeepPlace(pause.0)
            }
            OnGiveUp::FailRequest | OnGiveUp::MoveRequest => {
                if !matches!(pool.lease.on_empty, OnEmpty::Wait) {
                    let limit = "`on_empty: wait`, so that a request waits for the order";
                    let help = "write `on_empty: wait`, or choose another";
                    self.problem(&path, "no request waits", limit, help);
                }
                match on_give_up {
                    OnGiveUp::MoveRequest => GiveUp::MoveRequest(retry.max.0),
                    _ => GiveUp::FailRequest(retry.max.0),
                }
            }
            OnGiveUp::KeepPlace(length) => GiveUp::KeepPlace(length.0),
            OnGiveUp::StopPool(length) => GiveUp::StopPool(length.0),
        }
    }
}
