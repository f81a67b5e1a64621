//! A replication as it is exported for viewers: what is drawn is what was measured.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use drawdown::study::Outcome;
use drawdown::{Scenario, Seed};
use serde_json::Value;

use crate::cli::drawdown;

/// Scenarios of which every state of a worker, every fate and every turn is seen.
const SCENARIOS: [&str; 12] = [
    "scenarios/fnj8-vqz.yaml",
    "scenarios/fnj8-vqz-managed-identity.yaml",
    "scenarios/front-door-2023-01-25.yaml",
    "scenarios/quota-starvation.yaml",
    "scenarios/rnq2-nc8.yaml",
    "scenarios/spill-over.yaml",
    "scenarios/wan-2023-01-25.yaml",
    "scenarios/policies/azure-standby-pool.yaml",
    "scenarios/policies/buildkite.yaml",
    "scenarios/policies/ec2-warm-pool.yaml",
    "scenarios/policies/gitlab-fleeting.yaml",
    "scenarios/policies/nodepool.yaml",
];

/// A row of `events.csv` or `levels.csv`, by column.
type Row = BTreeMap<String, String>;

struct Exported {
    /// Events of the Chrome trace, by phase.
    drawn: BTreeMap<String, Vec<Value>>,
    entries: Vec<Row>,
    levels: Vec<Row>,
    outcome: Outcome,
    scenario: Scenario,
    /// Process of each pool.
    pids: BTreeMap<String, u64>,
}

fn rows(text: &str) -> Vec<Row> {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let row = |line: &str| {
        let cells = header.iter().zip(line.split(','));
        cells
            .map(|(name, cell)| ((*name).to_owned(), cell.to_owned()))
            .collect()
    };
    lines.map(row).collect()
}

fn exported(file: &str, replication: u64) -> Exported {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_string_lossy();
    let number = replication.to_string();
    let flags = ["--seed", "3", "--replication", &number, "--out", &out, file];
    for command in ["trace", "run"] {
        let (code, _, stderr) = drawdown(&[&[command], &flags[..]].concat());
        assert_eq!(code, Some(0), "{stderr}");
    }
    let read = |name| fs::read_to_string(folder.path().join(name)).expect("a file");
    let document: Value = serde_json::from_str(&read("trace.json")).expect("JSON");
    let mut drawn: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for event in document["traceEvents"].as_array().expect("events") {
        let phase = event["ph"].as_str().expect("a phase");
        drawn
            .entry(phase.to_owned())
            .or_default()
            .push(event.clone());
    }
    let scenario = Scenario::load(file).expect("a valid scenario");
    let names = drawn["M"].iter().filter(|it| it["name"] == "process_name");
    let pids = names.map(|it| (text(&it["args"], "name"), number_of(it, "pid")));
    Exported {
        pids: pids.collect(),
        entries: rows(&read("events.csv")),
        levels: rows(&read("levels.csv")),
        outcome: drawdown::run(&scenario, Seed(3), replication),
        drawn,
        scenario,
    }
}

fn number_of(event: &Value, key: &str) -> u64 {
    event[key]
        .as_u64()
        .unwrap_or_else(|| panic!("no whole {key} in {event}"))
}

fn text(event: &Value, key: &str) -> String {
    event[key].as_str().expect("a text").to_owned()
}

/// Seconds of a CSV as whole microseconds.
fn micros(seconds: &str) -> u64 {
    (seconds.parse::<f64>().expect("a number") * 1e6).round() as u64
}

#[test]
fn every_event_has_what_the_format_asks_for() {
    for file in SCENARIOS {
        let drawn = exported(file, 0).drawn;
        assert!(
            drawn
                .keys()
                .all(|phase| ["M", "X", "i", "C"].contains(&&phase[..])),
            "{:?}",
            drawn.keys()
        );
        for (phase, event) in drawn
            .iter()
            .flat_map(|(p, all)| all.iter().map(move |e| (p, e)))
        {
            assert!(
                event["name"].is_string() && event["pid"].is_u64(),
                "{event}"
            );
            assert!(event["tid"].is_u64(), "{event}");
            match &phase[..] {
                "M" => assert!(event["args"].is_object(), "{event}"),
                "X" => assert!(0 < number_of(event, "dur"), "{event}"),
                "i" => assert_eq!(event["s"], "t", "{event}"),
                _ => assert!(event["args"].as_object().is_some_and(|it| it.len() == 1)),
            }
            if phase != "M" {
                number_of(event, "ts");
            }
        }
    }
}

#[test]
fn slices_of_a_track_never_overlap() {
    for (file, replication) in SCENARIOS
        .into_iter()
        .flat_map(|file| [(file, 0), (file, 1)])
    {
        let mut tracks: BTreeMap<u64, Vec<[u64; 3]>> = BTreeMap::new();
        for slice in &exported(file, replication).drawn["X"] {
            let [pid, tid, from, length] =
                ["pid", "tid", "ts", "dur"].map(|key| number_of(slice, key));
            tracks.entry(tid).or_default().push([from, length, pid]);
        }
        for (tid, mut slices) in tracks {
            slices.sort_unstable();
            let apart = slices
                .windows(2)
                .all(|two| two[0][0] + two[0][1] <= two[1][0]);
            assert!(apart, "track {tid} of {file}");
            assert!(
                slices.iter().all(|it| it[2] == slices[0][2]),
                "track {tid} of {file}"
            );
        }
    }
}

#[test]
fn counters_are_the_levels_that_a_run_writes() {
    for file in SCENARIOS {
        let exported = exported(file, 0);
        let mut counted: BTreeMap<(u64, String), BTreeMap<u64, u64>> = BTreeMap::new();
        for event in &exported.drawn["C"] {
            let value = event["args"].as_object().and_then(|it| it.values().next());
            let value = value.and_then(Value::as_u64).expect("a count");
            let key = (number_of(event, "pid"), text(event, "name"));
            counted
                .entry(key)
                .or_default()
                .insert(number_of(event, "ts"), value);
        }
        for row in &exported.levels {
            for level in ["ready", "pending", "leased", "deleting", "waiting"] {
                let counter = &counted[&(exported.pids[&row["pool"]], level.to_owned())];
                let value = counter.range(..=micros(&row["time_s"])).next_back();
                let value = value.map(|(_, value)| value.to_string());
                assert_eq!(
                    value.as_ref(),
                    Some(&row[level]),
                    "{level} in {row:?} of {file}"
                );
            }
        }
    }
}

#[test]
fn as_many_slices_are_under_way_as_the_levels_say() {
    for (file, replication) in SCENARIOS
        .into_iter()
        .flat_map(|file| [(file, 0), (file, 7)])
    {
        let exported = exported(file, replication);
        // Where a machine makes several workers, an order stands for all of them.
        let slots = if file.contains("gitlab") || file.contains("nodepool") {
            None
        } else {
            Some(1)
        };
        let mut steps: BTreeMap<(u64, String), BTreeMap<u64, i64>> = BTreeMap::new();
        for slice in &exported.drawn["X"] {
            let level = match &text(slice, "cat")[..] {
                "reimaging" | "starting" => "pending".to_owned(),
                level => level.to_owned(),
            };
            let steps = steps.entry((number_of(slice, "pid"), level)).or_default();
            let (from, length) = (number_of(slice, "ts"), number_of(slice, "dur"));
            *steps.entry(from).or_default() += 1;
            *steps.entry(from + length).or_default() -= 1;
        }
        // Slices end where the scenario does; the last row of a pool says what it ends with.
        let last = exported.levels.iter().map(|row| micros(&row["time_s"]));
        let end = last.max().unwrap_or(0);
        let before = |row: &&BTreeMap<String, String>| micros(&row["time_s"]) < end;
        for row in exported.levels.iter().filter(before) {
            for level in ["ready", "pending", "leased", "deleting"] {
                if level == "pending" && slots.is_none() {
                    continue;
                }
                let key = (exported.pids[&row["pool"]], level.to_owned());
                let steps = steps.get(&key).into_iter();
                let under_way: i64 = steps
                    .flat_map(|it| it.range(..=micros(&row["time_s"])))
                    .map(|(_, step)| step)
                    .sum();
                assert_eq!(
                    under_way.to_string(),
                    row[level],
                    "{level} in {row:?} of {file}"
                );
            }
        }
    }
}

#[test]
fn traced_events_agree_with_measures() {
    for (file, replication) in SCENARIOS
        .into_iter()
        .flat_map(|file| [(file, 0), (file, 4)])
    {
        let exported = exported(file, replication);
        // A year of sixty regions has many rows: they are counted once.
        let mut counted: BTreeMap<[&str; 3], u32> = BTreeMap::new();
        for row in &exported.entries {
            let [pool, event, cause] = ["pool", "event", "cause"].map(|key| row[key].as_str());
            *counted.entry([pool, event, cause]).or_default() += 1;
            if !cause.is_empty() {
                *counted.entry([pool, event, ""]).or_default() += 1;
            }
        }
        let mut failures: BTreeMap<u64, u32> = BTreeMap::new();
        let drawn = exported.drawn.get("i").into_iter().flatten();
        for failed in drawn.filter(|it| it["cat"] == "failed_lease") {
            *failures.entry(number_of(failed, "pid")).or_default() += 1;
        }
        for (place, pool) in exported.scenario.pools().iter().enumerate() {
            let drawn = failures.get(&exported.pids[&pool.name]);
            let failed = exported
                .outcome
                .measure(place, "failed_leases")
                .expect("a measure");
            assert_eq!(
                Some(drawn.copied().unwrap_or_default().into()),
                failed,
                "{} of {file}",
                pool.name
            );
            for (event, cause, measure) in [
                ("request_failed", "", "failed_leases"),
                ("request_served", "", "delayed_leases"),
                ("request_refused", "", "refused"),
                ("worker_released", "", "leases_ended"),
                ("worker_lost", "", "workers_lost"),
                ("attempt_failed", "outage", "attempts_failed"),
                ("attempt_failed", "timeout", "attempts_timed_out"),
                ("attempt_failed", "dependency", "attempts_unanswered"),
                ("deletion_failed", "", "deletions_failed"),
                ("order_given_up", "", "orders_given_up"),
            ] {
                let measured = exported.outcome.measure(place, measure).expect("a measure");
                let traced = counted.get(&[&pool.name[..], event, cause]);
                let traced = Some(traced.copied().unwrap_or_default().into());
                assert_eq!(
                    traced, measured,
                    "{event} {cause} of {} in {file}",
                    pool.name
                );
            }
        }
    }
}

#[test]
fn the_manual_explains_every_event() {
    let page = fs::read_to_string("src/manual/outputs.md").expect("the page of outputs");
    let mut seen = BTreeSet::new();
    for file in SCENARIOS {
        let entries = exported(file, 0).entries.into_iter();
        seen.extend(entries.map(|row| row["event"].clone()));
    }
    assert!(15 < seen.len(), "{seen:?}");
    for event in seen {
        assert!(
            page.contains(&format!("`{event}`")),
            "the manual does not explain {event}"
        );
    }
}

#[test]
fn rows_are_in_the_order_of_time_and_name_what_they_are_about() {
    let exported = exported("scenarios/rnq2-nc8.yaml", 0);
    let times = exported.entries.iter().map(|row| micros(&row["time_s"]));
    assert!(times.is_sorted());
    let seen: BTreeSet<&str> = exported
        .entries
        .iter()
        .map(|row| &row["event"][..])
        .collect();
    for event in ["outage_began", "outage_ended", "alert_paged", "step_taken"] {
        assert!(seen.contains(event), "{event} is not among {seen:?}");
    }
    for row in &exported.entries {
        let about = match &row["event"][..] {
            "outage_began" | "outage_ended" => &["outage", "region"][..],
            "alert_paged" => &["alert"],
            "step_taken" => &["step"],
            "worker_leased" => &["pool", "worker", "class"],
            "request_failed" => &["pool", "class"],
            "attempt_failed" => &["pool", "worker", "cause"],
            _ => &["pool"],
        };
        assert!(
            about.iter().all(|column| !row[*column].is_empty()),
            "{row:?}"
        );
    }
}

#[test]
fn a_trace_is_the_same_bytes_wherever_it_goes() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_string_lossy();
    let file = "scenarios/fnj8-vqz.yaml";
    let written = drawdown(&["trace", "--expected-value", "--out", &out, file]);
    let wrote = format!("wrote to {out}: trace.json, events.csv\n");
    assert_eq!(written, (Some(0), String::new(), wrote));
    let (code, said, _) = drawdown(&["trace", "--expected-value", file]);
    let kept = fs::read_to_string(folder.path().join("trace.json")).expect("a file");
    // In a folder it also has the identity of its study.
    let (before, study) = kept.split_once(",\"study\":\"").expect("a study");
    let (_, after) = study.split_once('"').expect("its end");
    assert_eq!((code, said == format!("{before}{after}")), (Some(0), true));
    let digest = format!(
        "{:016x}",
        drawdown::expected_value(&Scenario::load(file).expect("valid")).digest
    );
    assert!(kept.contains(&digest), "the digest is not that of a run");
}

#[test]
fn a_year_needs_no_more_lanes_than_workers_at_once() {
    let exported = exported("scenarios/azure-year.yaml", 0);
    let lanes = exported.drawn["M"].iter();
    let lanes = lanes.filter(|it| {
        it["args"]["name"]
            .as_str()
            .is_some_and(|name| name.starts_with("worker "))
    });
    let workers = exported
        .entries
        .iter()
        .map(|row| &row["worker"])
        .collect::<BTreeSet<_>>();
    let (lanes, workers) = (lanes.count(), workers.len());
    assert!(20 * lanes < workers, "{lanes} lanes for {workers} workers");
}

#[test]
fn calls_to_a_dependency_add_up() {
    let exported = exported("scenarios/fnj8-vqz-managed-identity.yaml", 0);
    for (place, name) in exported.scenario.dependencies().iter().enumerate() {
        for (counter, measure) in [
            ("made", "calls"),
            ("repeated", "calls_repeated"),
            ("good", "calls_good"),
        ] {
            let drawn = exported.drawn["C"].iter();
            let drawn = drawn.filter(|it| number_of(it, "pid") == exported.pids[name]);
            let drawn = drawn.filter(|it| it["name"] == counter);
            let sum: u64 = drawn.map(|it| number_of(&it["args"], "calls")).sum();
            let measured = exported
                .outcome
                .dependency(place, measure)
                .expect("a measure");
            assert_eq!(Some(sum as f64), measured, "{counter} of {name}");
        }
    }
}
