//! Other values than levels as part of the decision on several buffers.

use std::fs;

use serde_json::Value;

use crate::cli::drawdown;

/// Two regions in one outage in which nothing is provisioned. The second takes a share of the requests of the first,
/// has demand of its own, and is three times as dear.
const TWO: &str = "\
schema: 1
name: two regions
clock: {start: 2026-01-05T00:00:00Z, horizon: 100m, warm_up: 0s}
regions: {a: {}, b: {}}
pools:
  a/i:
    target: 30
    worker_hour_cost: 1
    provision: {latency: 1us, timeout: never}
    replenish: {counts: ready_and_pending, in_flight_max: unlimited, retry: {initial: 30d, max: 30d}}
    lease: {on_empty: reject}
  b/i:
    target: 30
    worker_hour_cost: 3
    provision: {latency: 1us, timeout: never}
    replenish: {counts: ready_and_pending, in_flight_max: unlimited, retry: {initial: 30d, max: 30d}}
    lease: {on_empty: reject}
    standby: {for: a/i, share: 50%, activation: 0s, warm: true, active: true}
demand:
  of-a: {pool: a/i, essential: true, source: {requests: {rate: 0.30/min, hold: 1ms}}}
  of-b: {pool: b/i, essential: true, source: {requests: {rate: 0.10/min, hold: 1ms}}}
outages:
  o: {regions: [a, b], operations: [create], from: +0s, until: never, failure: 100%, judged: completion}
";

/// Poisson probabilities of 0 to 199.
fn poisson(mean: f64) -> Vec<f64> {
    let mut shares = vec![libm::exp(-mean)];
    for count in 1..200 {
        shares.push(shares[count - 1] * mean / count as f64);
    }
    shares
}

/// The least cost of levels that are enough in 99% of cases where all requests of the first region go there first, and
/// to the second once it is empty: it lasts if they are enough for its own requests and for those.
fn least() -> f64 {
    let (first, own) = (poisson(30.0), poisson(10.0));
    let enough = |a: usize, b: usize| {
        let pairs = first.iter().enumerate().map(|(count, share)| {
            let left = (b + a).checked_sub(count.max(a));
            let kept = left.map_or(0.0, |left| own[..=left.min(199)].iter().sum());
            share * kept
        });
        0.99 <= pairs.sum::<f64>()
    };
    let pairs = (0..80).flat_map(|a| (0..80).map(move |b| (a, b)));
    let kept = pairs.filter(|(a, b)| enough(*a, *b));
    kept.map(|(a, b)| (a + 3 * b) as f64)
        .fold(f64::INFINITY, f64::min)
}

fn sized(decide: &[&str], more: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("two.yaml");
    fs::write(&file, TWO).expect("a file");
    let file = file.to_string_lossy().into_owned();
    let args = [
        "size", &file, "--pool", "a/i", "--pool", "b/i", "--within", "0..80:1",
    ];
    drawdown(&[&args[..], decide, more].concat())
}

/// A request that goes to the dear region first takes a worker that only its own requests need: with a share of 0
/// each request takes the cheap worker where there is one, so that no other share is cheaper.
#[test]
fn the_share_of_a_standby_is_chosen_with_the_levels() {
    let decide = ["--decide", "pools.b/i.standby.share=0%,50%,100%"];
    let (code, out, stderr) = sized(&decide, &["-n", "1000", "--json"]);
    assert_eq!(code, Some(0), "{stderr}");
    let document: Value = serde_json::from_str(&out).expect("a document");
    let together = &document["together"];
    let alternatives = together["alternatives"].as_array().expect("a list");
    let value = |it: &Value| it["values"][0]["value"].as_str().map(str::to_owned);
    let values: Vec<_> = alternatives.iter().filter_map(value).collect();
    assert_eq!(values, ["0%", "50%", "100%"]);
    let answers: Vec<_> = alternatives
        .iter()
        .filter(|it| it["answer"] == true)
        .collect();
    assert_eq!(answers.len(), 1);
    assert_eq!(value(answers[0]).as_deref(), Some("0%"), "{together}");
    let costs: Vec<f64> = alternatives
        .iter()
        .filter_map(|it| it["cost"].as_f64())
        .collect();
    assert!(costs[0] < costs[1] && costs[1] < costs[2], "{costs:?}");
    // 1,000 replications know a share of 1% to 0.3%: one and a half worker of the first region, or one of the second, for
    // which the others are chosen again. Two such errors to either side, and one for each of two further trials.
    let (least, cost) = (least(), together["cost"].as_f64().expect("a cost"));
    assert!(
        least - 6.0 <= cost && cost <= least + 12.0,
        "{cost} for {least}"
    );
    let share = &together["trial_share"];
    assert!(
        share["high"].as_f64().is_some_and(|high| 0.99 <= high),
        "{share}"
    );
    let findings = document["findings"].to_string();
    assert!(
        findings.contains("with pools.b/i.standby.share 0%, the best of 3 alternatives"),
        "{findings}"
    );
}

#[test]
fn alternatives_are_shown_and_alike_on_any_number_of_threads() {
    let decide = ["--decide", "pools.b/i.standby.share=0%,100%"];
    let out = tempfile::tempdir().expect("a folder");
    let folder = out.path().join("out").to_string_lossy().into_owned();
    let one = sized(&decide, &["-n", "300", "-j", "1", "--out", &folder]);
    let two = sized(&decide, &["-n", "300", "-j", "2"]);
    assert_eq!(one.0, Some(0), "{}", one.2);
    let table = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.contains("standby.share"));
        lines
            .filter(|line| !line.contains("reproduce"))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(table(&one.1), table(&two.1));
    assert!(
        one.1.contains("pools.b/i.standby.share 0% < answer"),
        "{}",
        one.1
    );
    let csv = fs::read_to_string(out.path().join("out/alternatives.csv")).expect("a table");
    assert!(csv.starts_with("pools.b/i.standby.share,pools.a/i.target,pools.b/i.target,cost,"));
    assert_eq!(csv.lines().count(), 3, "{csv}");
    let page = fs::read_to_string(out.path().join("out/report.html")).expect("a page");
    assert!(page.contains("what was decided beside the levels"));
}

#[test]
fn what_cannot_be_decided_is_explained() {
    let (code, _, stderr) = sized(&["--decide", "pools.b/i.standby.shar=0%,100%"], &[]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("shar"), "{stderr}");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("two.yaml");
    fs::write(&file, TWO).expect("a file");
    let file = file.to_string_lossy().into_owned();
    let decide = ["--decide", "pools.b/i.standby.share=0%,100%"];
    let (code, _, stderr) = drawdown(&[&["size", &file, "--pool", "a/i"][..], &decide].concat());
    assert_eq!(code, Some(2));
    assert!(stderr.contains("name two pools or more"), "{stderr}");
}
