//! Pool managers: what their policies guarantee in any world, and how each manager fares in the
//! same one, for which the manual has a table.

use std::path::{Path, PathBuf};

use drawdown::scenario::NO_CHANGES;
use drawdown::study::{Summary, audit};
use drawdown::{Replications, Scenario, Seed, ensemble};
use serde_yaml::Value;

use crate::cli::drawdown;
use crate::golden::compare;
use crate::worlds::{sample, smallest};

#[test]
fn recovery_follows_a_moving_target() {
    // Of 20 workers about 5 are in use, so that 20 are never ready again, nor need be.
    let scenario = smallest(&[
        ("pools.r/i.target", "{complement: {total: 20}}"),
        ("pools.r/i.lease.release", "return"),
        ("demand.all.source.requests.hold", "20m"),
        ("outages.blackout.until", "+2h"),
    ]);
    let recovered = sample(&scenario, 50, "recovered_100_after_s");
    assert_eq!(recovered, [0.0; 50]);
}

#[test]
fn recovery_of_a_total_excludes_leased_workers() {
    let scenario = smallest(&[
        ("pools.r/i.target", "20"),
        ("pools.r/i.replenish.counts", "total"),
        ("pools.r/i.lease.release", "return"),
        ("demand.all.source.requests.hold", "20m"),
        ("outages.blackout.until", "+2h"),
    ]);
    let recovered = sample(&scenario, 50, "recovered_100_after_s");
    assert_eq!(recovered, [0.0; 50]);
}

#[test]
fn failing_orders_make_no_worker_surplus() {
    // In an endless outage every leased worker is ordered again and never arrives; the
    // one that is returned must not count as surplus next to that order.
    let scenario = smallest(&[
        ("pools.r/i.lease.release", "return"),
        ("pools.r/i.replenish.surplus", "delete"),
        ("demand.all.source.requests.hold", "20m"),
    ]);
    assert_eq!(sample(&scenario, 50, "workers_trimmed"), [0.0; 50]);
    assert_eq!(sample(&scenario, 50, "failed_leases"), [0.0; 50]);
}

#[test]
fn workers_being_deleted_make_no_other_surplus() {
    let scenario = smallest(&[
        (
            "pools.r/i.target",
            "{schedule: {base: 30, turns: [{days: daily, from: \"01:00\", to: \"00:00\", level: 25}]}}",
        ),
        ("pools.r/i.replenish.counts", "total"),
        ("pools.r/i.replenish.surplus", "delete"),
        ("pools.r/i.delete.latency", "10m"),
        ("demand", "{}"),
    ]);
    assert_eq!(sample(&scenario, 5, "workers_trimmed"), [5.0; 5]);
    assert_eq!(sample(&scenario, 5, "ready_end"), [25.0; 5]);
}

#[test]
fn a_surplus_worker_is_deleted_once_it_has_been_idle_for_so_long() {
    // One worker for one request an hour, held for 20 minutes: another is made in 8 minutes, and of the
    // two, the one that has been idle for longer is deleted 30 minutes after it became ready.
    let trimmed_and_idle = |idle: &str| {
        let scenario = smallest(&[
            ("clock.horizon", "60m"),
            ("pools.r/i.target", "1"),
            ("pools.r/i.lease.release", "return"),
            ("pools.r/i.replenish.surplus", idle),
            (
                "demand.all.source",
                "{deterministic: {rate: 1/h, hold: 20m}}",
            ),
            ("outages", "{}"),
        ]);
        let of = |measure| sample(&scenario, 1, measure)[0];
        (
            of("workers_trimmed"),
            (of("idle_worker_hours") * 60.0).round(),
        )
    };
    // The request comes at 30 minutes. Until then one is idle, from 38 minutes on the new one, and
    // from 50 the old one beside it.
    assert_eq!(trimmed_and_idle("keep"), (0.0, 30.0 + 22.0 + 10.0));
    assert_eq!(trimmed_and_idle("{idle: 30m}"), (0.0, 30.0 + 22.0 + 10.0));
    assert_eq!(trimmed_and_idle("{idle: 20m}"), (1.0, 30.0 + 20.0 + 10.0));
    assert_eq!(trimmed_and_idle("{idle: 10m}"), (1.0, 30.0 + 12.0 + 10.0));
    assert_eq!(trimmed_and_idle("delete"), (1.0, 30.0 + 12.0 + 10.0));
}

#[test]
fn idle_time_counts_from_the_last_lease_and_age_does_not() {
    // One worker, taken at 30 minutes for 20: idle for 40 minutes it is gone at 90, aged 40 at 50.
    let emptied = |key: &str| {
        let scenario = smallest(&[
            ("clock.horizon", "100m"),
            ("pools.r/i.target", "1"),
            (key, "40m"),
            ("pools.r/i.lease.release", "return"),
            (
                "demand.all.source",
                "{deterministic: {rate: 1/h, hold: 20m}}",
            ),
            (
                "demand.all.surges",
                "{none: {from: +1h, until: never, factor: 0}}",
            ),
        ]);
        let idle = sample(&scenario, 1, "idle_worker_hours")[0] * 60.0;
        (idle.round(), sample(&scenario, 1, "workers_expired")[0])
    };
    assert_eq!(emptied("pools.r/i.ready_max_idle"), (70.0, 1.0));
    assert_eq!(emptied("pools.r/i.ready_max_age"), (30.0, 1.0));
}

/// Where the outage of `scenarios/policies` begins (s after the start).
const OUTAGE_S: f64 = 7_200.0;

const COLUMNS: [&str; 8] = [
    "manager",
    "what keeps it full",
    "when it is empty",
    "first failed lease",
    "failed leases",
    "minutes empty",
    "90% back",
    "why",
];

/// What the manual says of each manager besides its figures: the file, or a variant of it, the manager, what
/// keeps it full, what it does when it is empty, and why it fared as it did.
const MANAGERS: [[&str; 5]; 15] = [
    [
        "octopus",
        "Octopus dynamic workers",
        "20 ready; each leased one is replaced",
        "the lease times out after 7 minutes",
        "a worker is its tenant's for an hour and is never returned; few tenants come again within it",
    ],
    [
        "gitlab-fleeting",
        "GitLab Runner autoscaler",
        "20 idle, or a fifth of those in use",
        "the job fails after 15 minutes",
        "each instance runs one job, so 20 serve 20",
    ],
    [
        "nodepool",
        "Zuul Nodepool",
        "20 ready (`min-ready`)",
        "three launches, then the request fails",
        "each node runs one job, and a request gives up sooner",
    ],
    [
        "ec2-warm-pool",
        "EC2 warm pool",
        "26 less those in service, stopped",
        "cold start",
        "instances return on scale-in, so nothing needs to be launched; each job waits 80 seconds for a start",
    ],
    [
        "ec2-warm-pool starts-fail",
        "the same, and starts fail too",
        "26 less those in service, stopped",
        "the job waits for its start, an hour here",
        "a stopped instance serves as long as the provider can start it, which is not at all here",
    ],
    [
        "azure-standby-pool",
        "Azure standby pool",
        "26 less those in the scale set",
        "cold start, which fails within minutes",
        "machines are deleted on scale-in; a back-off of only 30 seconds makes recovery quick",
    ],
    [
        "azure-standby-pool deallocated",
        "the same, deallocated",
        "26 less those in the scale set",
        "cold start, which fails within minutes",
        "as many machines, used up as soon; each job waits for a start",
    ],
    [
        "actions-runner-controller",
        "Actions Runner Controller",
        "20 in addition to the assigned jobs",
        "the job waits for its runner, an hour here",
        "each runner takes one job; a timeout of an hour delays the first failure by an hour and saves the jobs of the last hour",
    ],
    [
        "buildkite",
        "Buildkite Elastic CI Stack",
        "an instance a job; idle ones stay 10 minutes",
        "the job waits for any agent, an hour here",
        "no stock: only busy instances remain in the outage, and waiting jobs keep most of them from idling",
    ],
    [
        "jenkins",
        "Jenkins EC2 plugin",
        "20 spare, each deleted when idle for 30 minutes",
        "the build waits for any agent, an hour here",
        "the idle timeout reduces the stock, but agents that get another build in time remain",
    ],
    [
        "databricks",
        "Databricks instance pool",
        "20 idle",
        "cold start",
        "instances return on release; only idle ones above the 20 are ever deleted",
    ],
    [
        "cluster-autoscaler",
        "Cluster Autoscaler",
        "20 nodes for pause pods",
        "pods wait, the node group backs off for up to 30 minutes",
        "nodes outlive their pods; missing ones are ordered after the back-off",
    ],
    [
        "capacity-buffer",
        "CapacityBuffer by percentage",
        "333% of the jobs that run",
        "as above",
        "the buffer shrinks whenever few jobs run, and nodes deleted then cannot be replaced",
    ],
    [
        "agent-sandbox",
        "agent-sandbox warm pool",
        "20 replicas in addition to the claimed ones",
        "the claim waits for a sandbox, an hour here",
        "each sandbox serves one claim",
    ],
    [
        "agent-sandbox nodes-stay",
        "the same, where only nodes fail",
        "20 replicas in addition to the claimed ones",
        "the claim waits for a sandbox, an hour here",
        "the next sandbox is made on the node of one that has ended",
    ],
];

/// The file of an entry of [`MANAGERS`], and its variant.
fn entry(name: &str) -> (PathBuf, Option<&str>) {
    let (file, variant) = name
        .split_once(' ')
        .map_or((name, None), |(file, of)| (file, Some(of)));
    (path(file), variant)
}

/// What the header of a file says of its figures, by variant.
fn answers(file: &Path) -> Vec<(Option<String>, String)> {
    let text = std::fs::read_to_string(file).expect("a file");
    let header = text.lines().take_while(|line| line.starts_with('#'));
    let words: Vec<&str> = header
        .flat_map(|line| line[1..].split_whitespace())
        .collect();
    let words = words.join(" ");
    let from = words.find("Answer ").expect("an answer") + "Answer ".len();
    let upto = words.find(" Source ").expect("a source");
    let mut parts = words[from..upto].split(" With ");
    let first = (None, parts.next().expect("an answer").to_owned());
    let others = parts.map(|part| {
        let (variant, answer) = part.split_once(": ").expect("a variant and its answer");
        (Some(variant.to_owned()), answer.to_owned())
    });
    std::iter::once(first).chain(others).collect()
}

fn files() -> Vec<PathBuf> {
    let folder = std::fs::read_dir("scenarios/policies").expect("a folder");
    let mut files: Vec<PathBuf> = folder.map(|file| file.expect("an entry").path()).collect();
    files.sort();
    files
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(format!("scenarios/policies/{name}.yaml"))
}

#[test]
fn every_manager_has_its_file_and_every_number_its_origin() {
    let mut named = MANAGERS.map(|[file, ..]| entry(file).0).to_vec();
    named.sort();
    named.dedup();
    assert_eq!(files(), named);
    for file in files() {
        let (code, out, stderr) = drawdown(&["validate", &file.to_string_lossy()]);
        assert_eq!(code, Some(0), "{stderr}");
        assert!(!out.contains("Neither sourced nor assumed"), "{out}");
    }
}

#[test]
fn every_manager_passes_the_audit() {
    for file in files() {
        let scenario = Scenario::load(file).expect("a valid scenario");
        for replication in 0..2 {
            assert!(0 < audit(&scenario, Seed(1), replication));
        }
    }
}

#[test]
fn all_managers_share_one_world() {
    let read = |file: &Path| -> Value {
        let text = std::fs::read_to_string(file).expect("a file");
        serde_yaml::from_str(&text).expect("YAML")
    };
    let arrivals = |file: &Path| -> Value {
        let (_, out, _) = drawdown(&["run", "--json", "--seed", "1", &file.to_string_lossy()]);
        let run: Value = serde_yaml::from_str(&out).expect("JSON is YAML");
        run["demand"]["jobs"]["arrivals"].clone()
    };
    let latency = |file: &Value| file["pools"]["region/worker"]["provision"]["latency"].clone();
    let first = path("nodepool");
    let (world, jobs) = (read(&first), arrivals(&first));
    for file in files() {
        let other = read(&file);
        for part in ["clock", "regions", "profiles", "outages"] {
            assert_eq!(other[part], world[part], "{part} of {file:?}");
        }
        assert_eq!(latency(&other), latency(&world), "{file:?}");
        assert_eq!(arrivals(&file), jobs, "{file:?}");
        // Only Octopus needs tenants.
        if file != path("octopus") {
            assert_eq!(other["demand"], world["demand"], "{file:?}");
        }
    }
}

#[test]
fn the_table_and_the_answers_are_what_the_files_give() {
    let mut table = format!(
        "| {} |\n|---|---|---|---|--:|--:|---|---|\n",
        COLUMNS.join(" | ")
    );
    for [file, manager, full, empty, why] in MANAGERS {
        let (file, variant) = entry(file);
        let [first, failed, minutes, back] = figures(&file, variant);
        table += &format!(
            "| {manager} | {full} | {empty} | {first} | {failed} | {minutes} | {back} | {why} |\n"
        );
    }
    let mut unanswered = String::new();
    for file in files() {
        for (variant, answer) in answers(&file) {
            let [first, failed, minutes, back] = figures(&file, variant.as_deref());
            let found = format!(
                "First failed lease: {first}. Failed leases: {failed}. Minutes empty: {minutes}. 90% \
                 back: {back}."
            );
            if answer != found {
                unanswered += &format!("{file:?}, {variant:?}: {found}\n");
            }
        }
    }
    compare(Path::new("tests/it/golden/policies.txt"), &table);
    let page = std::fs::read_to_string("src/manual/policies.md").expect("the page of policies");
    assert!(
        page.contains(&table),
        "the manual has another table:\n{table}"
    );
    assert!(
        unanswered.is_empty(),
        "headers answer otherwise:\n{unanswered}"
    );
}

/// The figures of a row: medians, of clocks with the central 90%.
fn figures(file: &Path, variant: Option<&str>) -> [String; 4] {
    let scenario = Scenario::load_variant(file, variant, NO_CHANGES).expect("a valid scenario");
    let ensemble = ensemble(&scenario, Replications::new(1_000), Seed(1));
    let median = |measure| {
        ensemble.summary(0, measure).expect("a measure").quantiles[1]
            .point
            .expect("a figure")
    };
    let first = ensemble
        .summary(0, "first_lease_failure_at_s")
        .expect("a measure");
    let back = ensemble
        .summary(0, "recovered_90_after_s")
        .expect("a measure");
    [
        clock(&first, OUTAGE_S),
        format!("{:.0}", median("failed_leases")),
        format!("{:.0}", median("empty_s") / 60.0),
        clock(&back, 0.0),
    ]
}

fn clock(summary: &Summary, since: f64) -> String {
    let shown = |point: Option<f64>| {
        let Some(seconds) = point else {
            return "none".to_owned();
        };
        match ((seconds - since) / 60.0).round() as i64 {
            minutes @ ..60 => format!("{minutes}m"),
            minutes if minutes % 60 == 0 => format!("{}h", minutes / 60),
            minutes => format!("{}h{}m", minutes / 60, minutes % 60),
        }
    };
    let [low, median, high] = summary.quantiles.map(|quantile| shown(quantile.point));
    if low == high {
        median
    } else {
        format!("{median} ({low} to {high})")
    }
}
