//! Every policy and every kind of outage in one world, in many combinations: the audit passes, and no
//! number of threads changes a result.

use std::num::NonZeroUsize;

use drawdown::measure::MEASURES;
use drawdown::study::{Ensemble, audit};
use drawdown::{Replications, Scenario, Seed, ensemble, expected_value};

/// Two pools that share a region's limits, one in another region and a standby there, with a service
/// that provisioning goes through, and people.
const EVERYTHING: &str = "
schema: 1
name: everything
clock: {start: 2026-01-05T00:00:00Z, horizon: 30h, warm_up: 6h}
regions:
  east:
    quota: {workers: 40, counts: [pending, ready, leased, deleting]}
    creates: {burst: 6, refill: 1/min}
    deletes: {burst: 3, refill: 1/min}
  west: {timezone: America/Los_Angeles}
pools:
  east/linux:
    target: 8
    initial: 4
    max_total: 30
    ready_max_age: 3h
    provision: {latency: {weibull: {mean: 6m, shape: 1.6}}, timeout: 20m, calls: 2}
    replenish:
      counts: ready_and_pending
      in_flight_max: 12
      retry: {initial: 30s, max: 4m, jitter: 50%, attempts: 4}
      breaker: {scope: pool, failures: 3, initial: 2m, max: 20m, jitter: 20%, reset: 30m}
    lease: {idle_timeout: 30m, max_age: 4h, age_clock: created, on_empty: reject, max_uses: 3}
    delete: {latency: {uniform: {low: 1m, high: 5m}}, retry: {initial: 1m, max: 4m, jitter: 30%}}
  east/windows:
    target: 5
    provision: {latency: 9m, timeout: 30m, slots: 2, through: storage}
    replenish:
      counts: total
      in_flight_max: unlimited
      waiting_orders: true
      cancel_on_timeout: true
      waiting_first: true
      surplus: delete
      retry: {initial: 1m, max: 8m}
      breaker: {scope: region, failures: 4, initial: 3m, max: 30m, reset: never}
    lease: {release: return, on_empty: wait, wait_timeout: {exponential: {mean: 6m}}}
    delete: {latency: 2m, failed_attempts: first}
  west/linux:
    target: {forecast: {ahead: 30m, factor: 1.2, error: 0.3, min: 1, max: 12}}
    provision: {latency: {triangular: {low: 2m, mode: 4m, high: 12m}}, timeout: 25m}
    replenish:
      counts: ready
      review: {every: 7m}
      in_flight_max: 6
      retry: {initial: 20s, max: 3m}
    ready_max_idle: 90m
    lease: {on_empty: {cold: {exponential: {mean: 3m}}}, wait_timeout: 10m}
  west/windows:
    target: 3
    provision: {latency: 5m, timeout: 30m}
    replenish:
      counts: ready_and_pending
      in_flight_max: 4
      waiting_orders: true
      retry: {initial: 1m, max: 8m}
    lease: {on_empty: wait, wait_timeout: 8m}
    standby: {for: east/windows, share: 40%, activation: 20m, warm: false}
dependencies:
  storage:
    capacity: 2/min
    queue: 30
    timeout: 4m
    retry: {probability: 80%, delay: {exponential: {mean: 1m}}, tries: 5}
    load: 1/min
    blocked: {outage: ramp, share: 50%, resume: {exponential: {mean: 3m}}}
    calm: {queue: 5, waiting: 3}
demand:
  tenants:
    pool: east/linux
    essential: true
    retry: {probability: 70%, delay: {exponential: {mean: 3m}}, tries: 4}
    source: {tenants: {count: 25, jobs: 1/h, duration: {gamma: {mean: 9m, shape: 0.7}}, shares: {zipf: 0.8}}}
  batches:
    pool: east/windows
    essential: false
    reserve: 1
    priority: 2
    source: {requests: {rate: 4/h, hold: {exponential: {mean: 12m}}, batch: {geometric: 2.5}}}
  bursts:
    pool: east/windows
    essential: true
    surges: {noon: {from: +8h, until: +11h, factor: 2}}
    source: {requests: {rate: 9/h, hold: 5m, bursts: {factor: 6, every: 40m, last: 15m}}}
  even: {pool: west/linux, essential: true, source: {deterministic: {rate: 12/h, hold: 6m}}}
outages:
  random:
    regions: [east, west]
    operations: [create, delete, reimage]
    failure: 80%
    latency_factor: 1.5
    judged: {start: {fails: late, in_flight: finish}}
    random: {up: {exponential: {mean: 3h}}, down: {exponential: {mean: 40m}}, shared: 50%}
  ramp:
    regions: [east]
    operations: [create]
    failure: 90%
    judged: completion
    shape: {ramp: {in: 30m, out: 20m}}
    from: +4h
    until: +7h
    onset: {exponential: {mean: 5m}}
    recovery: {exponential: {mean: 9m}}
  takes: {regions: [east, west], operations: [], takes: {ready: 60%, leased: 30%}, from: +9h, until: +10h}
  connect:
    regions: [east, west]
    operations: [connect]
    failure: 30%
    shape: {intermittent: {on: 10m, off: 20m}}
    from: +12h
    until: +15h
alerts: {page: {signal: failed_leases, count: 3, window: 10m, delay: 5m}}
playbook:
  shed: {at: +20h, do: {shed: even}}
  restore: {at: +22h, do: {restore: even}}
  wake: {on: {alert: page}, after: {exponential: {mean: 20m}}, do: {activate: west/windows}}
  steer: {on: {step: wake}, after: 1h, do: [{set_target: {pool: east/windows, to: 2}}, {suspend_expiry: east/linux}]}
  return: {at: +25h, do: [{follow_policy: east/windows}, {resume_expiry: east/linux}, {revert: west/windows}]}
";

fn scenario(changes: &[(&str, &str)]) -> Scenario {
    let changes: Vec<(String, String)> = changes
        .iter()
        .map(|(path, value)| ((*path).to_owned(), (*value).to_owned()))
        .collect();
    Scenario::parse_with("everything.yaml", EVERYTHING, changes)
        .unwrap_or_else(|wrong| panic!("{wrong}"))
}

/// Combination number `n`: each list is cycled with its own period.
fn combination(n: usize) -> Scenario {
    let turn = "{days: daily, from: \"02:00\", to: \"14:00\", level: 12}";
    let schedule = format!("{{schedule: {{base: 4, turns: [{turn}]}}}}");
    let targets = [
        "9",
        "{proportional: {factor: 0.8, of: demand, min: 2, max: 14}}",
        "{complement: {total: 16}}",
        &schedule,
    ];
    let releases = ["delete", "return", "{reimage: {exponential: {mean: 4m}}}"];
    let judged = [
        "{start: {fails: late, in_flight: fail_now}}",
        "{start: {fails: hang, in_flight: stall}}",
        "{start: {fails: {slow: 3}, in_flight: finish}}",
        "{start: {fails: {reject: {exponential: {mean: 20s}}}, in_flight: stall}}",
        "completion",
    ];
    let pick = |list: &[&'static str], pace: usize| list[n / pace % list.len()];
    let remains = pick(&["beside", "nothing", "first"], 2);
    scenario(&[
        ("pools.east/linux.target", targets[n % 4]),
        ("pools.east/linux.lease.release", releases[n % 3]),
        ("pools.east/linux.delete.failed_attempts", remains),
        (
            "pools.east/linux.replenish.surplus",
            pick(&["keep", "delete", "{idle: 10m}"], 3),
        ),
        (
            "pools.east/linux.replenish.counts",
            pick(&["total", "ready", "ready_and_pending"], 4),
        ),
        (
            "pools.east/windows.provision.slots",
            pick(&["1", "3", "2"], 1),
        ),
        ("pools.west/linux.lease.release", releases[n / 2 % 3]),
        (
            "pools.west/linux.lease.on_empty",
            pick(&["{cold: 3m}", "{cold: {exponential: {mean: 5m}}}"], 1),
        ),
        ("outages.random.judged", judged[n % 5]),
        ("outages.ramp.judged", judged[n / 2 % 5]),
    ])
}

#[test]
fn a_world_of_every_policy_passes_the_audit() {
    for n in 0..24 {
        let scenario = combination(n);
        for replication in 0..2 {
            let audited = audit(&scenario, Seed(14), replication);
            assert!(1_500 < audited, "only {audited} events of number {n}");
        }
    }
}

#[test]
fn a_world_of_every_policy_exercises_all_of_them() {
    // What never happens is not tested by the other tests of this file.
    let all: Vec<Ensemble> = (0..12)
        .map(|n| ensemble(&combination(n), Replications::new(20), Seed(15)))
        .collect();
    for name in [
        "delayed_leases",
        "failed_leases",
        "reused",
        "leases_aged_out",
        "retries",
        "attempts_failed",
        "attempts_timed_out",
        "orders_given_up",
        "deletions_failed",
        "throttled",
        "refused",
        "unconnected",
        "workers_lost",
        "jobs_lost",
        "workers_expired",
        "workers_trimmed",
    ] {
        let seen = all.iter().any(|found| {
            (0..4).any(|pool| {
                found
                    .values(pool, name)
                    .expect("a measure")
                    .flatten()
                    .any(|value| 0.0 < value)
            })
        });
        assert!(seen, "{name} is 0 everywhere");
    }
}

#[test]
fn a_world_of_every_policy_is_the_same_for_any_number_of_threads() {
    for n in [0, 7, 17] {
        let scenario = combination(n);
        let simulate = |threads| {
            let count = Replications::new(60);
            let threads = NonZeroUsize::new(threads);
            let found = ensemble(&scenario, Replications { threads, ..count }, Seed(16));
            let summaries: Vec<String> = (0..4)
                .flat_map(|pool| MEASURES.iter().map(move |measure| (pool, measure)))
                .map(|(pool, measure)| {
                    format!(
                        "{:?}",
                        found.summary(pool, measure.name).expect("a measure")
                    )
                })
                .collect();
            (found.events, found.digest, summaries)
        };
        let one = simulate(1);
        assert_eq!(one, simulate(2), "combination {n}, two threads");
        assert_eq!(one, simulate(7), "combination {n}, seven threads");
    }
}

#[test]
fn a_world_of_every_policy_has_one_expected_course() {
    for n in 0..12 {
        let scenario = combination(n);
        let (one, other) = (expected_value(&scenario), expected_value(&scenario));
        assert_eq!(one.digest, other.digest, "combination {n}");
        assert!(
            0.0 < one
                .measure(0, "requests")
                .expect("a measure")
                .unwrap_or(0.0)
        );
    }
}
