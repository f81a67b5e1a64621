//! Outages of providers, through which any scenario can be put, and the table of who lasts through which.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::cli::drawdown;
use crate::golden::compare;
use crate::worlds::SMALLEST;

const SCENARIOS: [(&str, &str); 5] = [
    ("scenarios/fnj8-vqz.yaml", "FNJ8-VQZ"),
    ("scenarios/rnq2-nc8.yaml", "RNQ2-NC8"),
    ("scenarios/policies/octopus.yaml", "Octopus"),
    ("scenarios/policies/gitlab-fleeting.yaml", "GitLab Runner"),
    ("scenarios/policies/ec2-warm-pool.yaml", "EC2 warm pool"),
];

fn outages() -> Vec<String> {
    let folder = fs::read_dir("scenarios/outages").expect("a folder");
    let names = folder.map(|it| it.expect("an entry").file_name());
    let names = names.map(|it| it.to_string_lossy().into_owned());
    let mut names: Vec<String> = names
        .filter_map(|it| it.strip_suffix(".yaml").map(str::to_owned))
        .collect();
    names.sort();
    names
}

fn through(command: &str, outage: &str, more: &[&str]) -> (Option<i32>, String, String) {
    let file = format!("scenarios/outages/{outage}.yaml");
    drawdown(&[&[command, "--through", &file], more].concat())
}

/// When the first lease of any pool fails, and which share of all requests does.
fn lasts(scenario: &str, outage: &str) -> String {
    let args = ["-n", "40", "--json", scenario];
    let (code, out, stderr) = through("ensemble", outage, &args);
    assert_eq!(code, Some(0), "{scenario} through {outage}: {stderr}");
    let found: Value = serde_json::from_str(&out).expect("a document");
    let pools = found["pools"].as_object().expect("pools");
    let mean = |name: &str| -> f64 {
        let each = pools.values().map(|it| &it[name]["mean"]["point"]);
        each.filter_map(Value::as_f64).sum()
    };
    let firsts = pools
        .values()
        .map(|it| &it["time_to_survive_s"]["p50"]["point"]);
    let first = firsts.filter_map(Value::as_f64).min_by(f64::total_cmp);
    let share = 100.0 * mean("failed_leases") / mean("requests");
    match first {
        None => format!("lasts, {share:.1}%"),
        Some(first) => {
            let minutes = (first / 60.0).round() as u32;
            format!("{}h{:02}, {share:.1}%", minutes / 60, minutes % 60)
        }
    }
}

/// The value of a key of an outage's file, on one line.
fn value(outage: &str, key: &str) -> String {
    let text = fs::read_to_string(format!("scenarios/outages/{outage}.yaml")).expect("a file");
    let tree: serde_yaml::Value = serde_yaml::from_str(&text).expect("YAML");
    match &tree[key] {
        serde_yaml::Value::String(text) => text.trim().to_owned(),
        serde_yaml::Value::Sequence(items) => {
            let items = items.iter().filter_map(serde_yaml::Value::as_str);
            items.collect::<Vec<_>>().join(", ")
        }
        other => panic!("{outage}: {key} is {other:?}"),
    }
}

#[test]
fn who_lasts_through_which() {
    let mut text = "# Provider outages\n\n\
        Each file is an outage of a provider in which machines could not be created, from a public review: its window, its \
        regions, what failed, where that is from and what is assumed. `--through FILE` puts any scenario through it, in place of the \
        scenario's own outages: it begins when the first of those begins, in the regions that it names or, where the scenario \
        has none of them, in all.\n\n\
        The median time from the beginning of the outage to the first failed lease of any pool, and the share of all \
        requests of the scenario that fail; 40 replications each. \"lasts\": no lease fails in half of the replications. An outage may \
        outlast the scenario. Every outage but RNQ2-NC8 fails every create, so that they differ by their length and regions alone; \
        what the providers published says no more. The table is made by the test `who_lasts_through_which`.\n\n| outage | regions |"
        .to_owned();
    for (_, name) in SCENARIOS {
        let _ = write!(text, " {name} |");
    }
    text += "\n|---|---|--:|--:|--:|--:|--:|\n";
    for outage in outages() {
        let _ = write!(
            text,
            "| [{}]({outage}.yaml) | {} |",
            value(&outage, "name"),
            value(&outage, "regions")
        );
        for (scenario, _) in SCENARIOS {
            let _ = write!(text, " {} |", lasts(scenario, &outage));
        }
        text.push('\n');
    }
    compare(Path::new("scenarios/outages/README.md"), &text);
}

#[test]
fn an_outage_states_its_origin_and_goes_through_every_command() {
    for outage in outages() {
        for key in ["name", "provider", "source", "assumed", "regions"] {
            assert!(!value(&outage, key).is_empty(), "{outage}: {key}");
        }
    }
    let file = "scenarios/rnq2-nc8.yaml";
    let (code, out, stderr) = through("run", "aws-2025-10-20", &["--seed", "2", file]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(
        stderr.contains("through AWS 2025-10-20: from +"),
        "{stderr}"
    );
    assert!(
        stderr.contains("all regions, since it names none of scenarios/rnq2-nc8.yaml"),
        "{stderr}"
    );
    assert!(
        out.contains("--through scenarios/outages/aws-2025-10-20.yaml"),
        "{out}"
    );
    let (code, _, stderr) = through("compare", "1k80-n8", &["-n", "20", file]);
    assert_eq!(code, Some(0), "{stderr}");
    // Facts of one incident are not those of another; what is asked of them is still answered.
    let (code, out, stderr) = through("check", "aws-2026-04-27", &["-n", "20", file]);
    assert_eq!(code, Some(1), "{stderr}");
    assert!(out.contains("missed"), "{out}");
}

#[test]
fn an_outage_replaces_the_scenarios_own_where_it_began() {
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = folder.path().join("smallest.yaml");
    // The scenario's outage begins after 100 minutes; the other lasts for 60, and a stock of 30 is enough for it.
    let text = SMALLEST.replace("from: +0s, until: never", "from: +100m, until: never");
    fs::write(&scenario, text).expect("a file");
    let scenario = scenario.to_string_lossy().into_owned();
    let outage = |text: &str| {
        let path = folder.path().join("outage.yaml");
        fs::write(&path, text).expect("a file");
        path.to_string_lossy().into_owned()
    };
    const HEAD: &str = "name: short\nprovider: mine\nsource: here\nassumed: all\n";
    let short = format!(
        "{HEAD}regions: [elsewhere]\nphases: {{it: {{until: 1h, operations: [create], failure: 100%, judged: completion}}}}\n"
    );
    let path = outage(&short);
    let args = [
        "ensemble",
        "-n",
        "50",
        "--json",
        "--through",
        &path,
        &scenario,
    ];
    let (code, out, stderr) = drawdown(&args);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(
        stderr.contains("through short: from +1h40m to +2h40m, in all regions"),
        "{stderr}"
    );
    let found: Value = serde_json::from_str(&out).expect("a document");
    let length = &found["pools"]["r/i"]["outage_s"]["mean"]["point"];
    assert_eq!(length.as_f64(), Some(3_600.0));
    // Problems of the outage's file are those of a scenario file: where, what, and what to do.
    let path = outage(&short.replace("phases:", "phasis:"));
    let (code, _, stderr) = drawdown(&["run", "--through", &path, &scenario]);
    assert_eq!(code, Some(2));
    assert!(
        stderr.contains("outage.yaml:6") && stderr.contains("did you mean `phases`?"),
        "{stderr}"
    );
    let (code, _, stderr) = drawdown(&["run", "--through", &path, "-"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("name a file"), "{stderr}");
}
