//! The simulator against the engines for 200 sets of parameters at random.
//!
//! Each set has one or two comparisons of 100 or more replications, 350 in all. The critical value is 5.5: Student's t with
//! 99 degrees of freedom exceeds it with a probability of 3 in ten million, so that the whole test fails by chance with a
//! probability of 1 in 10,000. Parameters are drawn from a fixed seed.

use drawdown::kernel::{Key, Seed, Stream};
use drawdown::{Replications, Scenario, ensemble};

use super::{Drain, Queue, poisson_above};
use crate::statistics::mean_and_error;
use crate::worlds::smallest;

const SETS: u64 = 50;
const CRITICAL: f64 = 5.5;

/// Numbers of one set of parameters.
struct Draws(Stream, u64);

impl Draws {
    fn of(kind: u64, set: u64) -> Self {
        Self(Key::new(kind, set).stream(201, 0, 0), 0)
    }

    fn unit(&mut self) -> f64 {
        self.1 += 1;
        self.0.unit_at(self.1)
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    fn whole(&mut self, low: usize, high: usize) -> usize {
        (low + (self.unit() * (high - low + 1) as f64) as usize).min(high)
    }
}

fn scenario(changes: &[(&str, String)]) -> Scenario {
    let changes: Vec<(&str, &str)> = changes
        .iter()
        .map(|(path, value)| (*path, value.as_str()))
        .collect();
    smallest(&changes)
}

fn values(scenario: &Scenario, n: usize, seed: u64, measure: &str) -> Vec<Option<f64>> {
    let found = ensemble(scenario, Replications::new(n), Seed(seed));
    found.values(0, measure).expect("a measure").collect()
}

#[track_caller]
fn agrees(what: &str, (found, error): (f64, f64), exact: f64) {
    let z = (found - exact) / error;
    assert!(z.abs() <= CRITICAL, "{what}: {found} for {exact}, z {z}");
}

#[track_caller]
fn share_agrees(what: &str, values: &[Option<f64>], exact: f64) {
    let n = values.len() as f64;
    let share = values.iter().flatten().count() as f64 / n;
    agrees(what, (share, (exact * (1.0 - exact) / n).sqrt()), exact);
}

/// Parameters of a pool that drains: a horizon near the time at which half of them have failed.
fn drained(drain: Drain, horizon: f64) -> Vec<(&'static str, String)> {
    vec![
        ("clock.horizon", format!("{}us", (horizon * 6e7) as u64)),
        ("pools.r/i.target", drain.stock.to_string()),
        (
            "pools.r/i.provision.latency",
            "{exponential: {mean: 8m}}".to_owned(),
        ),
        (
            "pools.r/i.replenish.in_flight_max",
            drain.slots.max(1).to_string(),
        ),
        (
            "pools.r/i.replenish.retry",
            "{initial: 0s, max: 0s}".to_owned(),
        ),
        (
            "outages.blackout.failure",
            format!("{}", 1.0 - 8.0 * drain.successes),
        ),
        (
            "demand.all.source.requests.rate",
            format!("{}/min", drain.requests),
        ),
    ]
}

#[test]
fn pools_without_supply_fail_as_poisson_tails_say() {
    for set in 0..SETS {
        let mut draws = Draws::of(1, set);
        let (stock, requests) = (draws.whole(0, 40), draws.between(0.05, 2.0));
        let horizon = draws.between(0.7, 1.3) * (stock + 1) as f64 / requests;
        let drain = Drain {
            stock,
            requests,
            successes: 0.0,
            slots: 0,
        };
        let world = scenario(&drained(drain, horizon));
        let exact = poisson_above(requests * horizon, stock);
        let fail = values(&world, 2_000, set, "first_lease_failure_at_s");
        share_agrees(&format!("{drain:?}"), &fail, exact);
    }
}

#[test]
fn pools_with_some_supply_fail_as_the_absorbing_chain_says() {
    for set in 0..SETS {
        let mut draws = Draws::of(2, set);
        let (stock, requests) = (draws.whole(2, 25), draws.between(0.1, 1.0));
        // Supply is at most 80% of demand, so that pools do fail.
        let slots = draws.whole(1, 10);
        let supply = draws.between(0.0, 0.8) * requests;
        let successes = (supply / slots as f64).min(0.12);
        let drain = Drain {
            stock,
            requests,
            successes,
            slots,
        };
        let horizon = draws.between(0.5, 1.2) * drain.mean();
        let world = scenario(&drained(drain, horizon));
        let fail = values(&world, 1_000, set, "first_lease_failure_at_s");
        share_agrees(&format!("{drain:?}"), &fail, drain.failed_by(horizon));
    }
}

/// A queue as a pool, over so many requests on average after a warm-up: its failures, and orders under way.
#[track_caller]
fn queue_agrees(queue: Queue, seed: u64, more: &[(&'static str, String)]) {
    const REQUESTS: f64 = 1_000.0;
    let length = REQUESTS / queue.arrivals;
    let mut changes = vec![
        ("clock.horizon", format!("{}us", (length * 6e7) as u64)),
        ("clock.warm_up", format!("{}us", (length * 3e7) as u64)),
        ("pools.r/i.target", queue.servers.to_string()),
        (
            "pools.r/i.provision.latency",
            format!(
                "{{exponential: {{mean: {}us}}}}",
                (6e7 / queue.service) as u64
            ),
        ),
        (
            "demand.all.source.requests.rate",
            format!("{}/min", queue.arrivals),
        ),
        ("outages", "{}".to_owned()),
    ];
    changes.extend(more.iter().cloned());
    let world = scenario(&changes);
    let found = ensemble(&world, Replications::new(100), Seed(seed));
    let of = |measure| {
        let values = found.values(0, measure).expect("a measure");
        mean_and_error(&values.flatten().collect::<Vec<f64>>())
    };
    agrees(
        &format!("{queue:?}: busy"),
        of("pending_mean"),
        queue.busy(),
    );
    let lost = queue.lost() * length;
    // Too few losses to speak of have no normal law.
    if 2.0 < lost {
        agrees(&format!("{queue:?}: lost"), of("failed_leases"), lost);
    }
}

/// Servers and the load of each.
fn servers(draws: &mut Draws, most: f64) -> Queue {
    let servers = draws.whole(1, 12);
    let service = draws.between(0.05, 0.5);
    let arrivals = draws.between(0.3, most) * servers as f64 * service;
    Queue {
        arrivals,
        service,
        servers,
        room: 0,
        impatience: 0.0,
    }
}

#[test]
fn pools_lose_what_erlang_says() {
    for set in 0..SETS {
        let mut draws = Draws::of(3, set);
        let queue = servers(&mut draws, 1.5);
        queue_agrees(queue, set, &[]);
    }
}

#[test]
fn pools_with_requests_that_wait_are_queues() {
    for set in 0..SETS {
        let mut draws = Draws::of(4, set);
        let queue = servers(&mut draws, 0.8);
        // Half of them with room for some, half with callers that give up.
        let wait = |patience: &str| {
            let value = format!("{{on_empty: wait, wait_timeout: {patience}}}");
            ("pools.r/i.lease", value)
        };
        let idle = ("pools.r/i.replenish.waiting_orders", "false".to_owned());
        if set % 2 == 0 {
            let room = draws.whole(1, 10);
            let cap = ("demand.all.waiting_max", room.to_string());
            queue_agrees(Queue { room, ..queue }, set, &[wait("never"), cap, idle]);
        } else {
            let impatience = draws.between(0.2, 3.0) * queue.service;
            let patience = format!("{{exponential: {{mean: {}us}}}}", (6e7 / impatience) as u64);
            let palm = Queue {
                room: 400,
                impatience,
                ..queue
            };
            queue_agrees(palm, set, &[wait(&patience), idle]);
        }
    }
}
