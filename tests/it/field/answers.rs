//! The answers of commands, in words and figures.

use std::fs;
use std::process::Command;

use assert_cmd::cargo::CommandCargoExt;
use drawdown::measure::MEASURES;
use drawdown::{Replications, Scenario, Seed, ensemble, run};
use serde_json::Value;

use crate::generate::Chance;

/// What a command prints for a scenario of this folder, and how it ends.
fn answer(command: &str, file: &str, args: &[&str]) -> (String, Option<i32>) {
    let mut process = Command::cargo_bin("drawdown").expect("the command");
    process.arg(command).args(args);
    process.arg(format!("tests/it/field/{file}"));
    let output = process.output().expect("it runs");
    let text = [output.stdout, output.stderr].concat();
    (String::from_utf8(text).expect("text"), output.status.code())
}

#[track_caller]
fn check_says(command: &str, file: &str, args: &[&str], parts: &[&str]) {
    let (text, _) = answer(command, file, args);
    for part in parts {
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
}

/// What `size` found for several pools: the levels, and whether they keep the promise.
struct Joint {
    levels: Vec<(String, u32)>,
    trial: [f64; 2],
    keeps: bool,
    code: Option<i32>,
}

fn joint(file: &str, args: &[&str]) -> Joint {
    let (text, code) = answer("size", file, &[args, &["--json"]].concat());
    let document: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
    let together = &document["together"];
    let levels = together["levels"].as_array().map_or(&[][..], Vec::as_slice);
    let level = |it: &Value| {
        let path = it["path"].as_str().expect("a path").to_owned();
        let level = it["level"].as_str().expect("a level");
        (path, level.parse().expect("a number"))
    };
    let share = |end: &str| together["trial_share"][end].as_f64().unwrap_or(f64::NAN);
    Joint {
        levels: levels.iter().map(level).collect(),
        trial: [share("low"), share("high")],
        keeps: together["keeps"].as_bool().unwrap_or(false),
        code,
    }
}

/// The share of other replications in which no pool fails a request that was made in an outage.
fn kept(file: &str, variant: Option<&str>, joint: &Joint, n: usize) -> f64 {
    let path = format!("tests/it/field/{file}");
    let changes = joint.levels.iter();
    let changes: Vec<(String, String)> = changes
        .map(|(path, level)| (path.clone(), level.to_string()))
        .collect();
    let scenario = Scenario::load_variant(&path, variant, changes);
    kept_in(&scenario.unwrap_or_else(|problems| panic!("{problems}")), n)
}

fn kept_in(scenario: &Scenario, n: usize) -> f64 {
    // A seed other than that of `size`.
    let found = ensemble(scenario, Replications::new(n), Seed(20_261_127));
    let columns: Vec<Vec<Option<f64>>> = (0..scenario.pools().len())
        .map(|pool| {
            found
                .values(pool, "failed_leases_in_outage")
                .expect("a measure")
                .collect()
        })
        .collect();
    let all = (0..n).filter(|it| columns.iter().all(|column| column[*it] == Some(0.0)));
    all.count() as f64 / n as f64
}

#[test]
fn a_pool_and_its_standby_are_sized_together_and_keep_what_is_promised() {
    let pools = [
        "--pool",
        "westeurope/ubuntu",
        "--pool",
        "northeurope/ubuntu",
    ];
    let variant = ["--variant", "two-regions-13-12", "--risk", "1%"];
    let found = joint("two-regions.yaml", &[&pools[..], &variant].concat());
    assert_eq!((found.keeps, found.code), (true, Some(0)));
    let total: u32 = found.levels.iter().map(|(_, level)| level).sum();
    // 13 and 14 are enough too.
    assert!(total <= 27, "{:?}", found.levels);
    let share = kept("two-regions.yaml", Some("two-regions-13-12"), &found, 4_000);
    assert!(
        found.trial[0] <= share,
        "{share} is kept, {:?}",
        found.trial
    );
    assert!(0.985 < share, "{share}");
}

#[test]
fn pools_without_provisioning_in_one_outage_are_sized_on_their_joint_levels() {
    let pools = [
        "--pool",
        "westeurope/ubuntu",
        "--pool",
        "northeurope/ubuntu",
    ];
    let found = joint("both-regions.yaml", &pools);
    assert_eq!((found.keeps, found.code), (true, Some(0)));
    let share = kept("both-regions.yaml", None, &found, 4_000);
    assert!(
        found.trial[0] <= share && 0.985 < share,
        "{share} is kept, {:?}",
        found.trial
    );
}

/// Three pools that are not replenished in an outage of all of them.
fn three(outage: &str, horizon: &str) -> String {
    let mut text = format!(
        "schema: 1\nname: three\nclock: {{start: 2026-01-05T00:00:00Z, horizon: {horizon}, warm_up: 0s}}\n\
         regions: {{r: {{}}}}\npools:\n"
    );
    for pool in ["a", "b", "c"] {
        text += &format!(
            "  r/{pool}:\n    target: 20\n    provision: {{latency: 1us, timeout: never}}\n    replenish: \
             {{counts: ready_and_pending, in_flight_max: unlimited, retry: {{initial: 30d, max: 30d}}}}\n    \
             lease: {{on_empty: reject}}\n"
        );
    }
    text += "demand:\n";
    for (pool, rate) in [("a", "0.30"), ("b", "0.15"), ("c", "0.08")] {
        text += &format!(
            "  of-{pool}: {{pool: r/{pool}, essential: true, source: {{requests: {{rate: {rate}/min, hold: \
             1ms}}}}}}\n"
        );
    }
    text + &format!(
        "outages:\n  o: {{regions: [r], operations: [create], {outage}, failure: 100%, judged: completion}}\n"
    )
}

#[track_caller]
fn check_three(outage: &str, horizon: &str, least: [u32; 2]) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("three.yaml");
    fs::write(&path, three(outage, horizon)).expect("a file");
    let mut command = Command::cargo_bin("drawdown").expect("the command");
    command.args([
        "size",
        "--json",
        "--replications",
        "4000",
        "--within",
        "0..400:1",
    ]);
    command.args(["--pool", "r/a", "--pool", "r/b", "--pool", "r/c"]);
    let output = command.arg(&path).output().expect("it runs");
    let document: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let together = &document["together"];
    assert_eq!(together["keeps"], true, "{together}");
    let cost = together["cost"].as_f64().expect("a cost");
    let [low, high] = least.map(f64::from);
    assert!(low <= cost && cost <= high, "{together}");
}

#[test]
fn three_pools_in_one_outage_of_three_hours_need_142_workers() {
    // The optimum is 142 (Poisson). One worker changes the share by 0.2%, which 4,000
    // replications estimate to 0.16%; each trial after the first requires one such error more.
    check_three("from: +0s, until: +180m", "180m", [140, 145]);
}

#[test]
fn pools_that_share_the_length_of_an_outage_need_fewer_than_if_they_failed_apart() {
    // The optimum is 281 with one length for all, and 321 as if they failed independently. The length
    // is log-normal (median 120 minutes, sigma 0.6): 4,000 replications estimate the share to 0.16%, which is
    // 8 workers here: two such errors to either side, and one for a second trial.
    let outage = "from: +0s, until: +1us, recovery: {lognormal: {p50: 120m, p95: 322m}}";
    check_three(outage, "1200m", [265, 305]);
}

/// A small world of two or three pools, with a standby or an outage that they share.
fn made_up(chance: &mut Chance) -> String {
    let pools = 2 + chance.below(2);
    let standby = chance.percent(50);
    let mut text = "schema: 1\nname: made up\n\
                    clock: {start: 2026-01-05T00:00:00Z, horizon: 4h, warm_up: 1h}\n\
                    regions: {r: {}, s: {}}\npools:\n"
        .to_owned();
    let latency = [
        "2m",
        "{uniform: {low: 2m, high: 9m}}",
        "{exponential: {mean: 5m}}",
    ];
    for pool in 0..pools {
        let stands_in = match pool {
            1 if standby => "\n    standby: {for: r/p0, share: 50%, activation: 0s, warm: true}",
            _ => "",
        };
        let region = if pool == 1 { "s" } else { "r" };
        text += &format!(
            "  {region}/p{pool}:\n    target: 8\n    provision: {{latency: {}, timeout: 30m}}\n    replenish: \
             {{counts: ready_and_pending, in_flight_max: {}, waiting_orders: false, retry: {{initial: 1m, max: \
             5m}}}}\n    lease: {{on_empty: wait, wait_timeout: {}m}}{stands_in}\n",
            chance.pick(&latency),
            2 + chance.below(8),
            1 + chance.below(10),
        );
    }
    text += "demand:\n";
    for pool in (0..pools).filter(|pool| !(standby && *pool == 1)) {
        let region = if pool == 1 { "s" } else { "r" };
        let rate = 6 + chance.below(15);
        text += &format!(
            "  d{pool}: {{pool: {region}/p{pool}, essential: true, source: {{requests: {{rate: {rate}/h, hold: \
             {}m}}}}}}\n",
            5 + chance.below(30)
        );
    }
    // A pool that no outage affects, and that is no standby, cannot be sized.
    let regions = if standby {
        *chance.pick(&["[r]", "[r, s]"])
    } else {
        "[r, s]"
    };
    let failure = *chance.pick(&["100%", "80%"]);
    text += &format!(
        "outages:\n  o: {{regions: {regions}, operations: [create], from: +30m, until: +{}m, failure: {failure}, \
         judged: completion}}\n",
        90 + chance.below(60)
    );
    if standby {
        text += "playbook: {open: {at: +0s, do: {activate: s/p1}}}\n";
    }
    text
}

#[test]
fn joint_sizes_of_made_up_worlds_keep_what_they_promise() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut outside, mut answered) = (0, 0);
    for world in 0..10 {
        let mut chance = Chance(world);
        let text = made_up(&mut chance);
        let path = folder.path().join("made-up.yaml");
        fs::write(&path, &text).expect("a file");
        let scenario = Scenario::load(&path).unwrap_or_else(|problems| panic!("{problems}"));
        let mut command = Command::cargo_bin("drawdown").expect("the command");
        command.args(["size", "--json", "--risk", "5%", "--replications", "400"]);
        for pool in scenario.pools() {
            command.args(["--pool", &pool.name]);
        }
        let output = command.arg(&path).output().expect("it runs");
        let document: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let together = &document["together"];
        if together["keeps"] != true {
            assert_eq!(output.status.code(), Some(1), "world {world}");
            continue;
        }
        answered += 1;
        let levels = together["levels"].as_array().expect("levels").iter();
        let changes: Vec<(String, String)> = levels
            .map(|it| {
                let text = |key: &str| it[key].as_str().expect("a text").to_owned();
                (text("path"), text("level"))
            })
            .collect();
        let sized = Scenario::load_with(&path, changes).expect("a valid scenario");
        let share = kept_in(&sized, 10_000);
        let low = together["trial_share"]["low"].as_f64().expect("a share");
        outside += usize::from(share < low);
        assert!(
            0.95 - 0.03 < share,
            "world {world} keeps {share}, not 95%:\n{text}\n{together}"
        );
    }
    assert!(7 <= answered, "only {answered} of 10 were answered");
    assert!(
        outside <= 2,
        "{outside} of {answered} intervals lie above what is kept"
    );
}

#[test]
fn where_requests_only_wait_the_answer_is_how_long() {
    let file = "all-requests-wait.yaml";
    let parts = [
        "of requests are served at once, 5% wait longer than",
        "the longest wait is 1h",
        "(medians of 200 replications)",
    ];
    check_says("ensemble", file, &["--replications", "200"], &parts);
    let (text, code) = answer("size", file, &["--pool", "r/vm"]);
    assert_eq!(code, Some(2));
    let says = "requests to r/vm wait until they are served and never fail";
    assert!(
        text.contains(says) && text.contains("--measure wait_p95_s"),
        "{text}"
    );
    let wait = [
        "--pool",
        "r/vm",
        "--measure",
        "wait_p95_s",
        "--at-most",
        "60",
        "--replications",
        "200",
    ];
    let (text, code) = answer("size", file, &wait);
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn over_a_year_the_answer_is_per_year() {
    let parts = [
        "failed leases a year; ",
        "outages a year, ",
        " of them survived",
    ];
    check_says("ensemble", "year.yaml", &["--replications", "20"], &parts);
    check_says(
        "run",
        "year.yaml",
        &[],
        &["one random replication (seed 1, number 0)", " survived"],
    );
}

#[test]
fn an_outage_that_affects_no_pool_is_reported_first() {
    // The provider works for longer than the scenario lasts.
    let random = "outages.o={regions: [r], operations: [create], random: {up: 30d, down: 1h}, \
                  failure: 100%, judged: completion}";
    let nowhere = ["--set", random, "--replications", "20"];
    let parts = ["outages  none meets a pool within the scenario"];
    check_says("ensemble", "never-back.yaml", &nowhere, &parts);
}

#[test]
fn a_change_that_makes_no_difference_is_said_to_make_none() {
    let args = ["--replications", "20", "tests/it/field/never-back.yaml"];
    let parts =
        ["never-back.yaml  no difference found in failed leases or time without a ready worker\n"];
    check_says("compare", "never-back.yaml", &args, &parts);
}

#[test]
fn features_without_effect_change_no_figure() {
    let file = "scenarios/policies/octopus.yaml";
    let changes = [
        ("alerts.never", "{signal: failed_leases, count: 1000000}"),
        (
            "pools.region/worker.replenish.breaker",
            "{scope: pool, failures: 1000000, initial: 1m, factor: 2, max: 10m, reset: 1h}",
        ),
    ];
    let base = Scenario::load(file).expect("a valid scenario");
    for (path, value) in changes {
        let change = [(path, value)];
        let other = Scenario::load_with(file, change).unwrap_or_else(|wrong| panic!("{wrong}"));
        for replication in 0..300 {
            let [one, two] = [&base, &other].map(|it| run(it, Seed(1), replication));
            for pool in 0..base.pools().len() {
                for measure in MEASURES {
                    let values =
                        [&one, &two].map(|it| it.measure(pool, measure.name).expect("a measure"));
                    assert_eq!(
                        values[0], values[1],
                        "{path}: {} in {replication}",
                        measure.name
                    );
                }
            }
        }
    }
}
