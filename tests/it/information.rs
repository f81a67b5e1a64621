//! What it is worth to know more, for the choice of a level.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::calibration::{self, written};
use crate::cli::drawdown;

/// Demand known from so many requests in so many minutes, in an outage in which nothing is provisioned. How long a
/// worker is held changes nothing: none is released before the end.
fn known_demand(shape: u32, minutes: u32, outage: u32) -> String {
    let unpriced = calibration::known_demand(shape, minutes, outage);
    let unpriced = unpriced.replace("    worker_hour_cost: 0.5\n", "");
    unpriced
        + "  - {path: demand.leases.source.requests.hold, basis: reasoned, prior: {uniform: [6h, 10h]}, why: unknown}\n"
}

fn sized(file: &str, more: &[&str]) -> Value {
    let args = ["size", file, "--pool", "r/i", "--posterior", "priors"];
    let (code, out, stderr) = drawdown(&[&args[..], &["--json"], more].concat());
    assert!(code == Some(0) || code == Some(1), "{stderr}");
    serde_json::from_str(&out).expect("a document")
}

/// Within three standard errors, by an interval of 95%.
#[track_caller]
fn near(estimate: &Value, exact: f64) {
    let [point, low, high] = ["point", "low", "high"].map(|end| estimate[end].as_f64());
    let half = (high.expect("an end") - low.expect("an end")) / 2.0;
    let error = (point.expect("an estimate") - exact).abs();
    assert!(error <= 1.53 * half, "{estimate} for {exact}");
}

/// By the negative binomial distribution and quadrature: the least cost now, the value of knowing the rate, and of
/// counting requests for 10, 30, 60, 240 and 1,440 minutes. Row Q3 of `drawdown verify` has this, and another prior,
/// more precisely.
#[test]
fn what_is_measured_next_is_worth_what_quadrature_says() {
    let rows = [(
        (23, 96, 180, "500"),
        (71, 76.9099, 14.0635),
        [1.0485, 2.7304, 4.5485, 9.1631, 12.8896],
    )];
    for ((shape, minutes, outage, loss), (best, cost, perfect), counting) in rows {
        let folder = tempfile::tempdir().expect("a folder");
        let file = written(folder.path(), &known_demand(shape, minutes, outage));
        let args = ["-n", "5000", "--within", "0..160:1", "--loss", loss];
        let found = sized(&file, &args);
        let found = &found["buffers"][0]["information"];
        assert_eq!(found["unit"], "workers");
        let level = |key: &str| found[key].as_str().and_then(|it| it.parse::<i32>().ok());
        let [level, low, high] =
            ["level", "level_low", "level_high"].map(|key| level(key).expect("a level"));
        assert!((level - best).abs() <= 1, "{level} for {best}");
        assert!(low <= best && best <= high, "{low} to {high} for {best}");
        near(&found["cost"], cost);
        near(&found["perfect"], perfect);
        let watching = found["watching"].as_array().expect("a list");
        let times: Vec<f64> = watching
            .iter()
            .filter_map(|it| it["time_s"].as_f64())
            .collect();
        assert_eq!(times, [600.0, 1_800.0, 3_600.0, 14_400.0, 86_400.0]);
        for (found, exact) in watching.iter().zip(counting) {
            assert_eq!(found["class"], "leases");
            near(&found["worth"], exact);
        }
        let values = found["values"].as_array().expect("a list");
        let [rate, hold] = &values[..] else {
            panic!("{values:?}")
        };
        assert_eq!(rate["path"], "demand.leases.source.requests.rate");
        near(&rate["worth"], perfect);
        // Nothing depends on how long a worker is held: 0 lies within three standard errors.
        let [point, high] = ["point", "high"].map(|end| hold["worth"][end].as_f64());
        let [point, high] = [point, high].map(|it| it.expect("a number"));
        assert!(point <= 1.53 * (high - point), "{hold}");
        assert!(
            hold["worth"]["high"]
                .as_f64()
                .is_some_and(|it| it < 0.05 * perfect)
        );
    }
}

#[test]
fn without_a_loss_it_is_the_one_at_which_the_risk_is_optimal() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(folder.path(), &known_demand(23, 96, 180));
    let found = sized(&file, &["-n", "4000", "--within", "0..160:1"]);
    let buffer = &found["buffers"][0];
    let level = |it: &Value| it.as_str().and_then(|it| it.parse::<f64>().ok());
    let robust = level(&buffer["level"]).expect("a level");
    let found = &buffer["information"];
    assert_eq!(found["loss_from_risk"], true);
    // The buffer for the risk, and the level that costs least with the loss, are one.
    let best = level(&found["level"]).expect("a level");
    assert!((best - robust).abs() <= 1.0, "{best} and {robust}");
    // By the negative binomial: one worker more or less is worth 1 where P(N = 72) is 1 / 473.
    let loss = found["loss"].as_f64().expect("a loss");
    assert!((350.0..650.0).contains(&loss), "{loss}");
}

#[test]
fn what_is_worth_measuring_is_said_written_and_alike_on_any_number_of_threads() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(folder.path(), &known_demand(23, 96, 180));
    let args = ["-n", "600", "--within", "20..110:1"];
    let one = sized(&file, &[&args[..], &["-j", "1"]].concat());
    assert_eq!(one, sized(&file, &[&args[..], &["-j", "3"]].concat()));
    let findings = one["findings"].to_string();
    assert!(
        findings.contains("watching the demand of `leases`: 10m "),
        "{findings}"
    );
    let out = folder.path().join("out");
    let out = out.to_string_lossy().into_owned();
    let command = ["size", &file, "--pool", "r/i", "--out", &out, "-n", "600"];
    let (code, _, stderr) = drawdown(&[&command[..], &["--posterior", "priors"]].concat());
    assert_eq!(code, Some(0), "{stderr}");
    let table = fs::read_to_string(Path::new(&out).join("information.csv")).expect("a table");
    // All values, each of two, and five times of watching.
    assert_eq!(table.lines().count(), 1 + 1 + 2 + 5, "{table}");
    let page = fs::read_to_string(Path::new(&out).join("report.html")).expect("a page");
    assert!(page.contains("what more information is worth"));
    let bare = folder.path().join("bare");
    let bare = bare.to_string_lossy().into_owned();
    let command = ["size", &file, "--pool", "r/i", "--out", &bare, "-n", "200"];
    assert_eq!(drawdown(&command).0, Some(0));
    assert!(!Path::new(&bare).join("information.csv").exists());
    let wrong = ["size", &file, "--pool", "r/i", "--loss", "5"];
    let (code, _, stderr) = drawdown(&wrong);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("--posterior"), "{stderr}");
}
