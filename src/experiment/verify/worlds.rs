//! The scenarios in which the rows are asked: each is a text of its own, and rows change its values.

/// A scenario, and the changes that all of its rows share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct World {
    pub text: &'static str,
    pub changes: &'static [(&'static str, &'static str)],
    /// Whether a value is drawn from its prior for each replication.
    pub drawn: bool,
}

const fn world(text: &'static str, changes: &'static [(&'static str, &'static str)]) -> World {
    World {
        text,
        changes,
        drawn: false,
    }
}

/// One pool under an endless full outage; minimal, not realistic.
const SMALLEST: &str = include_str!("smallest.yaml");

/// 30 workers, 0.25 requests a minute, and an outage from the start in which nothing is provisioned.
pub(crate) const OUTAGE: World = world(SMALLEST, &[]);

/// A pool of five without outages: 0.25 requests a minute, 12 minutes to provision. Replications stand for batches
/// of 100,000 requests after 1,000 to warm up.
pub(crate) const STEADY: World = world(
    SMALLEST,
    &[
        ("clock.horizon", "400000m"),
        ("clock.warm_up", "4000m"),
        ("pools.r/i.target", "5"),
        ("pools.r/i.provision.latency", "12m"),
        ("outages", "{}"),
    ],
);

/// A service that a scenario depends on, and nothing else that happens.
pub(crate) const SERVICE: World = world(
    SMALLEST,
    &[
        ("pools.r/i.target", "0"),
        ("demand", "{}"),
        ("outages", "{}"),
    ],
);

/// An outage that ends before it can affect anything, from whose end recovery is measured; the pool is empty.
pub(crate) const REFILL: World = world(
    SMALLEST,
    &[
        ("outages.blackout.until", "+1us"),
        ("pools.r/i.initial", "0"),
        ("demand.all.source.requests.hold", "60d"),
    ],
);

/// Requests wait for ten minutes, and orders take no time when the provider works.
pub(crate) const WAITING: World = world(
    SMALLEST,
    &[
        ("pools.r/i.lease", "{on_empty: wait, wait_timeout: 10m}"),
        ("pools.r/i.replenish.waiting_orders", "false"),
        ("pools.r/i.provision.latency", "1ms"),
    ],
);

/// Requests at a rate that is known only from counting some, in an outage in which nothing is provisioned.
pub(crate) const DRAWN: World = World {
    text: "
schema: 1
name: known demand
clock: {start: 2026-01-05T00:00:00Z, horizon: 180m, warm_up: 0s}
regions: {r: {}}
pools:
  r/i:
    target: 59
    provision: {latency: 8m, timeout: never}
    replenish: {counts: ready_and_pending, in_flight_max: 10, retry: {initial: 30d, max: 30d}}
    lease: {on_empty: reject}
demand:
  all: {pool: r/i, essential: true, source: {requests: {rate: 0.24/min, hold: 1ms}}}
outages:
  blackout:
    {regions: [r], operations: [create], from: +0s, until: never, failure: 100%, judged: completion}
assumptions:
  - path: demand.all.source.requests.rate
    basis: reasoned
    prior: {gamma: {shape: 23, rate: 96m}}
    why: counted
",
    changes: &[],
    drawn: true,
};

/// Three pools of one region, and so in one outage in which nothing is provisioned: 0.30, 0.15 and 0.08 requests a minute.
pub(crate) const THREE: World = world(
    "
schema: 1
name: three pools
clock: {start: 2026-01-05T00:00:00Z, horizon: 180m, warm_up: 0s}
regions: {r: {}}
pools:
  r/a:
    target: 74
    provision: {latency: 8m, timeout: never}
    replenish: {counts: ready_and_pending, in_flight_max: 10, retry: {initial: 30d, max: 30d}}
    lease: {on_empty: reject}
  r/b: {target: 42, provision: {latency: 8m, timeout: never}, replenish: {counts: ready_and_pending, in_flight_max: 10, retry: {initial: 30d, max: 30d}}, lease: {on_empty: reject}}
  r/c: {target: 26, provision: {latency: 8m, timeout: never}, replenish: {counts: ready_and_pending, in_flight_max: 10, retry: {initial: 30d, max: 30d}}, lease: {on_empty: reject}}
demand:
  a: {pool: r/a, essential: true, source: {requests: {rate: 0.30/min, hold: 1ms}}}
  b: {pool: r/b, essential: true, source: {requests: {rate: 0.15/min, hold: 1ms}}}
  c: {pool: r/c, essential: true, source: {requests: {rate: 0.08/min, hold: 1ms}}}
outages:
  blackout:
    {regions: [r], operations: [create], from: +0s, until: never, failure: 100%, judged: completion}
",
    &[],
);
