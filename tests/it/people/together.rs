//! Everything that people and services do, in one random world: the audit passes, everything is
//! seen at work, and no number of threads changes a result.

use std::num::NonZeroUsize;

use drawdown::measure::{DEPENDENCY_MEASURES, INCIDENT_MEASURES, MEASURES};
use drawdown::study::{Ensemble, audit};
use drawdown::{Replications, Scenario, Seed, ensemble, expected_value};

/// Two regions with a pool each, two standbys that stand in for the first, a pair of services, an alert
/// of each signal, and a step for each action.
const TOGETHER: &str = "
schema: 1
name: together
clock: {start: 2026-01-05T00:00:00Z, horizon: 16h, warm_up: 4h}
regions: {east: {}, north: {}, west: {timezone: America/Los_Angeles}}
profiles: {office: {daily: {\"00:00\": 0.5, \"08:00\": 1.5, \"20:00\": 1}}}
pools:
  east/linux: &pool
    target: 6
    provision: {latency: {lognormal: {p5: 3m, p95: 12m}}, timeout: 30m, through: control}
    replenish:
      counts: ready_and_pending
      in_flight_max: 8
      waiting_orders: true
      cancel_on_timeout: true
      surplus: delete
      retry: {initial: 1m, max: 8m, jitter: 20%, attempts: 6}
    lease: {idle_timeout: 20m, max_age: 5h, age_clock: created, on_empty: wait, wait_timeout: {exponential: {mean: 9m}}}
    delete: {latency: 2m}
  west/linux:
    target: 4
    provision: {latency: 6m, timeout: never}
    replenish: {counts: ready_and_pending, in_flight_max: unlimited, retry: {initial: 1m, max: 5m}}
    lease: {on_empty: reject, release: return}
  north/cold:
    target: 3
    provision: {latency: 5m, timeout: 20m, extension: {latency: 2m, failure: 2%}, through: control}
    replenish: {counts: ready_and_pending, in_flight_max: unlimited, retry: {initial: 1m, max: 5m}}
    lease: {idle_timeout: 20m, max_age: never, age_clock: leased, on_empty: reject, release: {reimage: 3m}}
    standby: {for: east/linux, share: 60%, activation: {uniform: {low: 2m, high: 20m}}, warm: false}
  west/warm:
    target: 2
    provision: {latency: 5m, timeout: never}
    replenish: {counts: total, in_flight_max: unlimited, retry: {initial: 1m, max: 5m}}
    lease: {idle_timeout: 20m, max_age: never, age_clock: leased, on_empty: reject}
    standby: {for: east/linux, share: 30%, activation: 5m, warm: true}
demand:
  tenants:
    pool: east/linux
    essential: true
    retry: {probability: 60%, delay: 2m, tries: 3}
    source: {tenants: {count: 30, jobs: 0.8/h, duration: {exponential: {mean: 8m}}}}
  jobs: {pool: east/linux, essential: false, source: {requests: {rate: 6/h, hold: 10m}}}
  others: {pool: west/linux, essential: true, source: {requests: {rate: 9/h, hold: {exponential: {mean: 12m}}}}}
outages:
  wide: {regions: [east, west], operations: [create], from: +3h, until: +6h, failure: 90%, judged: completion}
  local: {regions: [north], operations: [create, extend, delete], from: +4h, until: +4h30m, failure: 70%, judged: {start: {fails: late, in_flight: stall}}}
dependencies:
  control:
    capacity: 20/min
    queue: 60
    timeout: 3m
    retry: {probability: 80%, delay: {exponential: {mean: 1m}}, tries: 5, elsewhere: {to: other, share: 30%}}
    load: 9/min
    profile: office
    region: east
    blocked: {outage: wide, share: 70%, resume: {exponential: {mean: 4m}}}
    calm: {queue: 5, waiting: 10}
  other:
    capacity: 8/min
    queue: 12
    timeout: 1m
    late: position
    retry: {probability: 75%, delay: {exponential: {mean: 1m}}, tries: unlimited}
    load: 3/min
    initial: {queue: 12, waiting: 15}
    calm: {queue: 4, waiting: 4}
alerts:
  provisions: {signal: failed_provisions, scope: east, count: 4, window: 30m, delay: {uniform: {low: 1m, high: 9m}}}
  leases: {signal: failed_leases, count: 3, window: 20m}
  low: {signal: ready_below, scope: east/linux, level: 2, lasting: 4m, cool_down: 20m}
  waits: {signal: oldest_wait, wait: 6m}
  misses: {signal: hit_rate, scope: east, share: 50%, window: 30m, count: 5}
  spread: {signal: failing_regions, count: 2, window: 40m}
  back: {signal: restored, scope: west/linux, share: 75%}
staffing:
  night: {from: +0s, until: +4h, delays: 2.5}
  few: {from: +3h, until: +5h, delays: 0.5}
playbook:
  seen: {at: +3h20m, after: 5m, do: [detect, note]}
  declare: {on: {alert: provisions}, after: {exponential: {mean: 6m}}, do: [declare, open_ticket]}
  switch: {on: {step: declare}, after: 4m, do: [{activate: north/cold}, {activate: west/warm}]}
  think-again: {on: {alert: spread}, after: 30m, if: {failing_regions: {at_least: 3, within: 2h}}, do: {revert: north/cold}}
  shed: {on: {alert: leases}, do: [{shed: jobs}, {suspend_expiry: east/linux}]}
  patience: {on: {alert: waits}, do: {raise_timeout: {pool: east/linux, to: {exponential: {mean: 25m}}}}}
  larger: {on: {alert: low}, after: 10m, do: {set_target: {pool: east/linux, to: 11}}}
  publish: {on: {alert: misses}, do: publish}
  drain: {at: +6h, do: [{admit: {dependency: control, share: 30%}}, {scale: {dependency: other, to: 30/min}}]}
  ramp: {on: {step: drain}, after: 20m, do: {admit: {dependency: control, share: 100%, over: 40m}}}
  mitigate: {on: {alert: back}, do: mitigate}
  calm-down: {at: +9h, do: [{restore: jobs}, {resume_expiry: east/linux}, {follow_policy: east/linux}, {scale: {dependency: other, to: 8/min}}]}
  home: {on: {step: calm-down}, after: 1h, do: [{revert: north/cold}, {revert: west/warm}, resolve]}
";

fn together() -> Scenario {
    Scenario::parse("together.yaml", TOGETHER).unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn a_world_of_people_and_services_passes_the_audit() {
    let scenario = together();
    for replication in 0..12 {
        let audited = audit(&scenario, Seed(21), replication);
        assert!(20_000 < audited, "only {audited} events");
    }
}

#[test]
fn a_world_of_people_and_services_exercises_all_of_them() {
    // What never happens is not tested by the other tests of this file.
    let scenario = together();
    let found = ensemble(&scenario, Replications::new(60), Seed(22));
    let seen =
        |mut values: Box<dyn Iterator<Item = Option<f64>> + '_>| values.any(|it| Some(0.0) < it);
    for measure in INCIDENT_MEASURES {
        assert!(
            seen(Box::new(found.incident(measure.name).expect("a measure"))),
            "{} is never seen",
            measure.name
        );
    }
    for dependency in 0..scenario.dependencies().len() {
        for measure in DEPENDENCY_MEASURES {
            let values = Box::new(
                found
                    .dependency(dependency, measure.name)
                    .expect("a measure"),
            );
            let shed_here = scenario.dependencies()[dependency] == "control";
            if measure.name != "calls_shed" || shed_here {
                assert!(
                    seen(values),
                    "{} of {dependency} is never seen",
                    measure.name
                );
            }
        }
    }
    for (pool, name) in scenario.pools().iter().enumerate() {
        for measure in ["requests", "attempts_failed", "leases_ended"] {
            let values = Box::new(found.values(pool, measure).expect("a measure"));
            assert!(seen(values), "{measure} of {} is never seen", name.name);
        }
    }
}

/// All results of an ensemble.
fn said(scenario: &Scenario, found: &Ensemble) -> Vec<Option<u64>> {
    let mut all: Vec<Option<f64>> = Vec::new();
    for pool in 0..scenario.pools().len() {
        for measure in MEASURES {
            all.extend(found.values(pool, measure.name).expect("a measure"));
        }
    }
    for measure in INCIDENT_MEASURES {
        all.extend(found.incident(measure.name).expect("a measure"));
    }
    for dependency in 0..scenario.dependencies().len() {
        for measure in DEPENDENCY_MEASURES {
            all.extend(
                found
                    .dependency(dependency, measure.name)
                    .expect("a measure"),
            );
        }
    }
    all.into_iter()
        .map(|value| value.map(f64::to_bits))
        .collect()
}

#[test]
fn a_world_of_people_and_services_is_the_same_for_any_number_of_threads() {
    let scenario = together();
    let simulate = |threads| {
        let all = Replications {
            threads: NonZeroUsize::new(threads),
            ..Replications::new(50)
        };
        let found = ensemble(&scenario, all, Seed(23));
        (found.events, found.digest, said(&scenario, &found))
    };
    let one = simulate(1);
    assert_eq!(one, simulate(2), "two threads");
    assert_eq!(one, simulate(7), "seven threads");
}

#[test]
fn a_world_of_people_and_services_has_one_expected_course() {
    let scenario = together();
    let (one, other) = (expected_value(&scenario), expected_value(&scenario));
    assert_eq!(one.digest, other.digest);
    assert!(
        one.incident("detected_after_s")
            .expect("a measure")
            .is_some_and(|at| 0.0 < at)
    );
}
