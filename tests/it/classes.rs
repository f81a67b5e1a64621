//! Figures of demand classes: by hand, against theory, against the pools, and wherever they are written.

use std::fs;
use std::path::{Path, PathBuf};

use drawdown::measure::{CLASS_MEASURES, HITS, WAITED_LONGER_SHARE};
use drawdown::study::Outcome;
use drawdown::{Replications, Scenario, Seed, compare, ensemble, expected_value, run};

use crate::cli::drawdown;
use crate::statistics::mean_is;
use crate::worlds::{steady, two_classes};

/// Measures of a class that has a value of each.
fn figures<const N: usize>(outcome: &Outcome, class: usize, names: [&str; N]) -> [f64; N] {
    names.map(|name| {
        let value = outcome.class(class, name).expect("a measure");
        value.unwrap_or_else(|| panic!("no {name}"))
    })
}

/// One worker, and requests at known instants. `first` asks at 10, 30 and 50 min for 15 min each, and goes
/// before `second`, which asks every 10 min from 5 min on for 11 min each. Leases begin at 5 (second), 16, 31
/// (first), 46 (second) and 57 min (first); the last three requests of `second`, and its third, wait at 60 min.
#[test]
fn a_class_that_goes_first_waits_less() {
    let scenario = two_classes(&[]);
    for outcome in [run(&scenario, Seed(1), 0), expected_value(&scenario)] {
        let names = ["requests", "hits", "hit_rate", "delayed_leases"];
        assert_eq!(figures(&outcome, 0, names), [3.0, 0.0, 0.0, 3.0]);
        assert_eq!(figures(&outcome, 1, names), [6.0, 1.0, 1.0 / 6.0, 1.0]);
        let names = ["wait_mean_s", "wait_p95_s", "wait_max_s"];
        assert_eq!(figures(&outcome, 0, names), [280.0, 420.0, 420.0]);
        assert_eq!(figures(&outcome, 1, names), [1110.0, 2100.0, 2100.0]);
        // Those that still wait have waited until the end: 35, 25, 15 and 5 min beside 31 and 0 min.
        // Of `first`, 6 and 7 min exceed 5 min, and 1 min does not. Of `second`, 31 min of the one that was served
        // and 35, 25 and 15 min of those that still wait exceed 10 min; 5 min may or may not come to exceed it.
        assert_eq!(figures(&outcome, 0, ["waited_longer_share"]), [2.0 / 3.0]);
        assert_eq!(figures(&outcome, 1, ["waited_longer_share"]), [4.0 / 5.0]);
        for class in 0..2 {
            let names = ["failed_leases", "failed_share", "refused"];
            assert_eq!(figures(&outcome, class, names), [0.0; 3]);
            assert_eq!(outcome.class(class, "tenants_impacted"), Ok(None));
        }
    }
}

#[test]
fn a_request_that_fails_counts_as_one_that_waited_longer() {
    // Requests of `second` give up after 13 min: those of 15, 25 and 45 min at 28, 38 and 58 min. That of 35 min
    // is served at 46 min, until 57 min, when `first` goes before that of 45 min.
    let patience = ("pools.r/i.lease.wait_timeout", "13m");
    let outcome = run(&two_classes(&[patience]), Seed(1), 0);
    let names = ["requests", "hits", "delayed_leases", "failed_leases"];
    assert_eq!(figures(&outcome, 0, names), [3.0, 0.0, 3.0, 0.0]);
    assert_eq!(figures(&outcome, 1, names), [6.0, 1.0, 1.0, 3.0]);
    assert_eq!(figures(&outcome, 1, ["wait_max_s"]), [780.0]);
    // Those that failed, and the one that was served after 11 min; that of 55 min still waits.
    let second = outcome.class(1, WAITED_LONGER_SHARE);
    assert_eq!(second, Ok(Some(4.0 / 5.0)));
}

#[test]
fn without_a_limit_no_share_waits_longer_than_it() {
    let scenario = two_classes(&[("demand.first.wait_limit", "7m")]);
    let outcome = run(&scenario, Seed(1), 0);
    // A wait of just the limit is not longer.
    assert_eq!(outcome.class(0, WAITED_LONGER_SHARE), Ok(Some(0.0)));
    let unlimited = "{pool: r/i, essential: true, source: {deterministic: {rate: 3/h, hold: 15m}}}";
    let scenario = two_classes(&[("demand.first", unlimited)]);
    let outcome = run(&scenario, Seed(1), 0);
    assert_eq!(outcome.class(0, WAITED_LONGER_SHARE), Ok(None));
    assert!(outcome.class(0, "ready_mean").is_err());
    assert!(scenario.class("frist").is_err());
    assert_eq!(scenario.class("second").map(usize::from), Ok(1));
}

#[test]
fn refused_and_repeated_requests_are_counted_by_class() {
    let replenish = "{counts: total, in_flight_max: unlimited, retry: {initial: 30d, max: 30d}}";
    let again = "{probability: 100%, delay: 2m, tries: 2}";
    let changes = [
        ("demand.second.reserve", "1"),
        ("pools.r/i.lease", "{on_empty: reject, release: return}"),
        ("pools.r/i.replenish", replenish),
        ("demand.first.retry", again),
    ];
    let scenario = two_classes(&changes);
    let outcome = run(&scenario, Seed(1), 0);
    // `second` may never take the last worker, and so `first` always finds it.
    assert_eq!(
        figures(&outcome, 1, ["requests", "hits", "refused"]),
        [0.0, 0.0, 6.0]
    );
    assert_eq!(outcome.class(1, "hit_rate"), Ok(None));
    let names = ["requests", "hits", "requests_repeated"];
    assert_eq!(figures(&outcome, 0, names), [3.0, 3.0, 0.0]);
    // Leases of 21 min: the request of 30 min fails, is made again at 32 min, and then finds the worker that
    // was free from 31 min on. That lease lasts until 53 min, so that of 50 min fails too, and again at 52 min.
    let longer = ("demand.first.source.deterministic.hold", "21m");
    let changes = [&changes[..], &[longer]].concat();
    let outcome = run(&two_classes(&changes), Seed(1), 0);
    let names = ["requests", "hits", "failed_leases", "requests_repeated"];
    assert_eq!(figures(&outcome, 0, names), [5.0, 2.0, 3.0, 2.0]);
    assert_eq!(
        figures(&outcome, 0, ["waited_longer_share"]),
        [3.0 / 5.0],
        "what is rejected failed"
    );
}

/// M/M/5 with two classes: whether an arrival waits does not depend on its class (Erlang, 1917); how long, by
/// priority (Cobham, 1954) and, without priorities, the share of those who wait longer than a limit.
#[test]
fn classes_of_a_queue_follow_theory() {
    // C(5, 3), the probability of waiting.
    let waits = 0.236_151_495_5;
    let class = |priority: u32, rate: &str| {
        let source =
            format!("{{requests: {{rate: {rate}, hold: {{exponential: {{mean: 12m}}}}}}}}");
        format!(
            "{{pool: r/i, essential: true, priority: {priority}, wait_limit: 6m, source: {source}}}"
        )
    };
    // Service of 5/12 a minute in all; demand of 0.1 and 0.15.
    let (served, first, all) = (5.0 / 12.0, 0.1, 0.25);
    let by_priority = [
        waits / (served - first),
        waits * served / (served - first) / (served - all),
    ];
    for (lower, means) in [(0, [waits / (served - all); 2]), (1, by_priority)] {
        let (one, other) = (class(0, "0.1/min"), class(lower, "0.15/min"));
        let found = steady(&[
            ("clock.horizon", "100000m"),
            ("pools.r/i.replenish.counts", "total"),
            ("pools.r/i.replenish.waiting_orders", "false"),
            (
                "pools.r/i.lease",
                "{on_empty: wait, wait_timeout: never, release: return}",
            ),
            ("demand.all", &one),
            ("demand.other", &other),
        ]);
        let of = |class: usize, measure: &str| -> Vec<f64> {
            let values = found.class(class, measure).expect("a measure");
            values.flatten().collect()
        };
        for (class, mean) in means.into_iter().enumerate() {
            mean_is("hit rate", &of(class, "hit_rate"), 1.0 - waits);
            let minutes: Vec<f64> = of(class, "wait_mean_s")
                .iter()
                .map(|it| it / 60.0)
                .collect();
            mean_is("wait", &minutes, mean);
            if lower == 0 {
                // Waits are exponential, with a mean of 1 / (served - all), 6 min.
                let longer = waits / std::f64::consts::E;
                mean_is("longer", &of(class, "waited_longer_share"), longer);
            }
        }
    }
}

/// Scenario files that are shipped.
fn shipped() -> Vec<PathBuf> {
    let files = |folder: &str| {
        let entries = fs::read_dir(folder).expect("a folder");
        entries.map(|entry| entry.expect("an entry").path())
    };
    let mut found: Vec<PathBuf> = files("scenarios")
        .chain(files("scenarios/policies"))
        .filter(|path| path.extension().is_some_and(|it| it == "yaml"))
        .collect();
    found.sort();
    found
}

#[test]
fn classes_add_up_to_their_pools() {
    let files = shipped();
    assert!(12 < files.len());
    for file in files {
        let scenario = Scenario::load(&file).expect("a valid scenario");
        for outcome in [run(&scenario, Seed(1), 0), expected_value(&scenario)] {
            adds_up(&scenario, &outcome, &file);
        }
    }
}

fn adds_up(scenario: &Scenario, outcome: &Outcome, file: &Path) {
    let pool = |pool: usize, name: &str| outcome.measure(pool, name).expect("a measure");
    let class = |class: usize, name: &str| outcome.class(class, name).expect("a measure");
    let (pools, classes) = (0..scenario.pools().len(), 0..scenario.classes().len());
    // A standby takes requests of the classes of another pool, so that only all of them add up.
    for name in ["requests", "failed_leases", "delayed_leases", "refused"] {
        let [of_pools, of_classes]: [f64; 2] = [
            pools.clone().filter_map(|it| pool(it, name)).sum(),
            classes.clone().filter_map(|it| class(it, name)).sum(),
        ];
        assert_eq!(of_pools, of_classes, "{name} in {}", file.display());
    }
    let rate = |it: usize| Some(pool(it, "hit_rate")? * pool(it, "requests")?);
    let hits: f64 = pools.clone().filter_map(rate).sum();
    let of_classes: f64 = classes.clone().filter_map(|it| class(it, "hits")).sum();
    assert!((hits - of_classes).abs() < 1e-6, "{}", file.display());
    let longest = |waits: Vec<Option<f64>>| waits.into_iter().flatten().fold(0.0, f64::max);
    assert_eq!(
        longest(pools.clone().map(|it| pool(it, "wait_max_s")).collect()),
        longest(classes.clone().map(|it| class(it, "wait_max_s")).collect()),
        "{}",
        file.display()
    );
    for name in ["tenants_unserved", "tenants_impacted"] {
        for at in pools.clone() {
            let own = classes.clone();
            let own = own.filter(|it| usize::from(scenario.classes()[*it].pool) == at);
            let sum: f64 = own.filter_map(|it| class(it, name)).sum();
            let place = format!("{name} of pool {at} in {}", file.display());
            assert_eq!(pool(at, name).unwrap_or(0.0), sum, "{place}");
        }
    }
}

#[test]
fn a_comparison_and_an_ensemble_have_rows_of_classes() {
    let (base, variant) = (two_classes(&[]), two_classes(&[("pools.r/i.target", "2")]));
    let found = ensemble(&base, Replications::new(3), Seed(1));
    let hits = found.class(1, HITS).expect("a measure");
    assert_eq!(hits.collect::<Vec<_>>(), [Some(1.0); 3]);
    let found = compare(&base, &variant, Replications::new(3), Seed(1));
    let rows = found.rows.iter().filter(|row| row.kind == "class");
    assert_eq!(rows.count(), 2 * CLASS_MEASURES.len());
    let rate = found.of("second", "hit_rate").expect("a row");
    assert_eq!(rate.improves().and_then(|it| it.point), Some(1.0));
}

#[test]
fn figures_of_classes_are_in_every_file() {
    let file = "scenarios/rnq2-nc8.yaml";
    let names: Vec<String> = {
        let scenario = Scenario::load(file).expect("a valid scenario");
        scenario
            .classes()
            .iter()
            .map(|it| it.name.clone())
            .collect()
    };
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_string_lossy().into_owned();
    let (code, json, _) = drawdown(&["run", "--json", "--out", &out, file]);
    assert_eq!(code, Some(0));
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let outcome = run(&Scenario::load(file).expect("a scenario"), Seed(1), 0);
    let table = fs::read_to_string(folder.path().join("measures.csv")).expect("a file");
    for (place, name) in names.iter().enumerate() {
        for measure in CLASS_MEASURES {
            let value = outcome.class(place, measure).expect("a measure");
            assert_eq!(json["classes"][name][measure.name].as_f64(), value);
            let text = value.map_or_else(String::new, |it| it.to_string());
            let row = format!("\nclass,{name},{},{},{text}\n", measure.name, measure.unit);
            assert!(table.contains(&row), "{row}");
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_string_lossy().into_owned();
    let many = ["ensemble", "--replications", "3", "--out", &out, file];
    assert_eq!(drawdown(&many).0, Some(0));
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect("a file");
    let table = read("classes.csv");
    let measures: Vec<&str> = CLASS_MEASURES.iter().map(|it| it.name).collect();
    let header = format!("replication,class,{}", measures.join(","));
    assert_eq!(table.lines().next(), Some(header.as_str()));
    assert_eq!(table.lines().count(), 1 + 3 * names.len());
    for name in &names {
        assert!(read("summary.csv").contains(&format!("\nclass,{name},hit_rate,share,3,")));
        assert!(read("report.html").contains(&format!("Demand class {name}")));
    }
    assert!(!read("incidents.csv").contains("hit_rate"));
}

#[test]
fn a_name_that_pools_and_classes_share_stands_for_both() {
    let file = "scenarios/rnq2-nc8.yaml";
    let scenario = Scenario::load(file).expect("a valid scenario");
    let (pools, classes) = (scenario.pools().len(), scenario.classes().len());
    let rows = |measure: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().to_string_lossy().into_owned();
        let asked = ["ensemble", "--replications", "2", "--measure", measure];
        let (code, screen, _) = drawdown(&[&asked[..], &["--out", &out, file]].concat());
        assert_eq!(code, Some(0));
        assert!(screen.contains(measure));
        let table = fs::read_to_string(folder.path().join("summary.csv")).expect("a file");
        table.lines().count() - 1
    };
    assert_eq!(rows("hit_rate"), pools + classes);
    assert_eq!(rows("hits"), classes);
    assert_eq!(rows("ready_min"), pools);
    let screen = drawdown(&["run", "--all", file]).1;
    let title = screen.find("demand class ").expect("a table");
    assert!(screen[title..].contains(&scenario.classes()[0].name));
}
