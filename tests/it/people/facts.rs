//! Published facts about people and services, checked in worlds in which every time is known; and
//! variants of a file.

use std::fs;

use crate::people::{R, world};
use drawdown::scenario::NO_CHANGES;
use drawdown::{Replications, Scenario, Seed, check, run};

/// From 10 to 60 nothing can be made. Two workers are taken at 12 and 20, requests fail at 30 and 40, and
/// the second pages at 45. At 48 the incident is declared and a standby decided on, which is there at
/// 68. A service is full from the beginning and is made to serve a thousand a second at 30.
const INCIDENT: [(&str, &str); 11] = [
    (
        "demand",
        "{all: {pool: r/i, essential: true, source: {trace: {csv: all.csv}}}}",
    ),
    (
        "outages",
        "{blackout: {regions: [r], operations: [create], from: +10m, until: +60m, failure: 100%, \
         judged: completion}}",
    ),
    ("pools.r/i.target", "2"),
    (
        "pools.s/i.standby",
        "{for: r/i, share: 100%, activation: 20m, warm: true}",
    ),
    (
        "dependencies.storage",
        "{capacity: 0.001/d, queue: 30, timeout: never, load: 0.001/d, \
         retry: {probability: 0%, delay: 1m, tries: 1}, \
         initial: {queue: 30, waiting: 0}, calm: {queue: 0, waiting: 0}}",
    ),
    (
        "alerts.page",
        "{signal: failed_leases, scope: r, count: 2, delay: 5m, cool_down: never}",
    ),
    (
        "alerts.silent",
        "{signal: failed_leases, scope: all, count: 3, cool_down: never}",
    ),
    (
        "playbook.declare",
        "{on: {alert: page}, after: 3m, do: [declare, {activate: s/i}]}",
    ),
    (
        "playbook.scale",
        "{at: +30m, do: {scale: {dependency: storage, to: 1000/s}}}",
    ),
    ("playbook.mitigate", "{at: +80m, do: mitigate}"),
    (
        "playbook.resolve",
        "{on: {step: declare}, after: 52m, do: resolve}",
    ),
];

/// Whether all that is asked of a fact holds in [`INCIDENT`].
#[track_caller]
fn holds(fact: &str) -> bool {
    let fact = fact.replace('}', ", tolerance: 0s, source: none, use: fit}");
    let observed = [&INCIDENT[..], &[("observed.fact", fact.as_str())]].concat();
    let scenario = world(&observed, &[12.0, 20.0, 30.0, 40.0], &[]);
    let check = check(&scenario, Replications::new(20), Seed(1));
    assert_eq!(check.verdicts.len(), 1, "a fact is lost: {fact}");
    assert_eq!(check.holds(), check.verdicts[0].holds());
    check.verdicts[0].holds()
}

#[test]
fn times_of_people_and_services_are_met_to_the_second() {
    for (what, minute) in [
        ("paged, alert: page", 45),
        ("detected", 45),
        ("declared", 48),
        ("mitigated", 80),
        ("resolved", 100),
        ("step_taken, step: declare", 48),
        ("step_taken, step: scale", 30),
        ("activated, pool: s/i", 68),
        ("congested, dependency: storage", 0),
    ] {
        let second = minute * 60;
        assert!(
            holds(&format!("{{what: {what}, at: +{second}s}}")),
            "{what}"
        );
        assert!(
            !holds(&format!("{{what: {what}, at: +{}s}}", second + 1)),
            "{what}"
        );
        // The outage begins at 10, and the first provisioning fails at 17.
        if 17 <= minute {
            for (since, origin) in [("outage_begins", 600), ("first_failed_provisioning", 1_020)] {
                let since =
                    |value: i32| format!("{{what: {what}, since: {since}, value: {value}s}}");
                assert!(holds(&since(second - origin)), "{what} since {origin}");
                assert!(!holds(&since(second - origin - 1)), "{what} since {origin}");
            }
        }
    }
    // Facts about events that never occurred: they are missed.
    assert!(!holds("{what: paged, alert: silent, at: +45m}"));
}

#[test]
fn a_time_can_count_from_the_first_failure_of_a_pool() {
    // The first request fails, and is unserved, at 30.
    for since in ["first_lease_failure", "first_unserved_request"] {
        let fact = |value| {
            format!("{{what: paged, alert: page, pool: r/i, since: {since}, value: {value}}}")
        };
        assert!(holds(&fact("15m")), "{since}");
        assert!(!holds(&fact("901s")), "{since}");
    }
}

#[test]
fn a_service_is_calm_when_its_last_call_has_been_served() {
    // Thirty calls at a thousand a second take 0.03 s as expected, and by chance give or take 0.0055.
    let calm = |at| holds(&format!("{{what: calm, dependency: storage, at: +{at}s}}"));
    assert!(calm("1800.03"));
    assert!(!calm("1800"), "not before the first has been served");
    assert!(!calm("1801"), "nor long after the last");
}

#[test]
fn what_did_not_happen_holds_until_it_does() {
    for (fact, until, after) in [
        ("no_page, alert: page", "+45m", "+2701s"),
        ("no_depletion, pool: r/i", "+20m", "+1201s"),
        ("no_lease_failure, pool: r/i", "+30m", "+1801s"),
    ] {
        let fact = |until| format!("{{what: {fact}, until: {until}, share: 100%}}");
        assert!(holds(&fact(until)), "{}", fact(until));
        assert!(!holds(&fact(after)), "{}", fact(after));
    }
    assert!(holds(
        "{what: no_page, alert: silent, until: +119m, share: 100%}"
    ));
    assert!(holds(
        "{what: no_depletion, pool: s/i, until: +119m, share: 100%}"
    ));
}

/// A file with three variants, of which one names what there is not.
const FILE: &str = "
schema: 1
name: varied
clock: {start: 2026-01-05T00:00:00Z, horizon: 120m, warm_up: 0s}
regions: {q: {}, r: {}}
pools:
  q/i: &pool
    target: 5
    provision: {latency: 5m, timeout: never}
    replenish:
      counts: ready_and_pending
      in_flight_max: unlimited
      retry: {initial: 30d, max: 30d}
    lease: {on_empty: reject}
  r/i: *pool
demand:
  all: {pool: r/i, essential: true, source: {deterministic: {rate: 0.1/min, hold: 1d}}}
variants:
  larger:
    pools.r/i.target: 9
    pools.r/i.initial: 7
  shed:
    playbook.shed: {at: +30m, do: {shed: all}}
  wrong:
    pools.r/j.target: 9
    name.of.it: other
";

#[test]
fn a_variant_puts_its_values_in_place_of_the_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("varied.yaml");
    fs::write(&path, FILE).expect("a file");
    let varied = |variant, changes: &[(String, String)]| {
        let scenario = Scenario::load_variant(&path, variant, changes.iter().cloned());
        let outcome = run(&scenario.expect("a valid scenario"), Seed(1), 0);
        let of = |measure| {
            outcome
                .measure(R, measure)
                .expect("a measure")
                .expect("a value")
        };
        (of("requests"), of("ready_end"))
    };
    // Requests at 5, 15, …, 115, each replaced in five minutes; the last is at 120.
    assert_eq!(varied(None, &[]), (12.0, 4.0));
    assert_eq!(varied(Some("larger"), &[]), (12.0, 8.0));
    assert_eq!(varied(Some("shed"), &[]), (3.0, 5.0));
    // Changes take precedence over a variant.
    let smaller = ("pools.r/i.target".to_owned(), "7".to_owned());
    assert_eq!(varied(Some("larger"), &[smaller]), (12.0, 6.0));
    let scenario = Scenario::load(&path).expect("a valid scenario");
    assert_eq!(scenario.variants(), ["larger", "shed", "wrong"]);
}

#[test]
fn problems_of_a_variant_are_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("varied.yaml");
    fs::write(&path, FILE).expect("a file");
    let problems = |variant| {
        let read = Scenario::load_variant(&path, Some(variant), NO_CHANGES);
        read.expect_err("no scenario").to_string()
    };
    let unknown = problems("large");
    for part in [
        "there is no variant `large`",
        "one of `larger`, `shed`, `wrong`",
    ] {
        assert!(unknown.contains(part), "{unknown}");
    }
    let invalid = problems("wrong");
    for part in [
        "`pools.r/j.provision`",
        "`of` is looked up in a single value",
        "`variants.wrong.name.of.it`",
    ] {
        assert!(invalid.contains(part), "{invalid}");
    }
}
