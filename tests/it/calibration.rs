//! Unknown values from published facts, and answers with a sample of them.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use drawdown::kernel::{Key, Seed, Stream};
use drawdown::scenario::{Plan, Posterior, SweepSpec, Template};
use drawdown::study::{DemandLaw, NoPosterior, SimpleModel, calibrate_facts};
use drawdown::{Replications, ensemble};
use serde_json::Value;

use crate::cli::drawdown;

/// The simple model of RNQ2-NC8. With a warm-up of a second it is not recognised as such.
const SIMPLE: &str = "\
schema: 1
name: simple
clock: {start: 2023-03-23T03:03:00Z, horizon: 4h, warm_up: 0s}
regions: {westeurope: {}}
pools:
  westeurope/all:
    target: 30 # today
    provision: {latency: 8m, timeout: never}
    replenish: {counts: ready_and_pending, in_flight_max: 10, retry: {initial: 1m, max: 10m}}
    lease: {on_empty: reject}
demand:
  leases:
    pool: westeurope/all
    essential: true
    source: {requests: {rate: 0.23/min, hold: 8h}}
outages:
  everything:
    {regions: [westeurope], operations: [create], from: +0s, until: never, failure: 100%, judged: completion}
observed:
  exhausted:
    {what: first_unserved_request, pool: westeurope/all, since: outage_begins, value: 132m, source: seed, use: fit}
  failed:
    {what: failed_leases, pool: westeurope/all, since: first_unserved_request, until: 06:51Z, value: 23, source: seed, use: fit}
assumptions:
  - path: pools.westeurope/all.target
    basis: reasoned
    prior: {uniform: [0, 120]}
    why: >-
      It is not
      published.
  - {path: demand.leases.source.requests.rate, basis: reasoned, prior: {log_uniform: [0.02/min, 1/min]}, why: unknown}
";

/// Demand that is known from so many requests in so many minutes.
pub fn known_demand(shape: u32, minutes: u32, outage: u32) -> String {
    format!(
        "\
schema: 1
name: known demand
clock: {{start: 2026-01-05T00:00:00Z, horizon: {outage}m, warm_up: 0s}}
regions: {{r: {{}}}}
pools:
  r/i:
    target: 59
    worker_hour_cost: 0.5
    provision: {{latency: 8m, timeout: never}}
    replenish: {{counts: ready_and_pending, in_flight_max: 10, retry: {{initial: 1m, max: 10m}}}}
    lease: {{on_empty: reject}}
demand:
  leases: {{pool: r/i, essential: true, source: {{requests: {{rate: 0.24/min, hold: 8h}}}}}}
outages:
  everything: {{regions: [r], operations: [create], from: +0s, until: never, failure: 100%, judged: completion}}
assumptions:
  - path: demand.leases.source.requests.rate
    basis: reasoned
    prior: {{gamma: {{shape: {shape}, rate: {minutes}m}}}}
    why: counted
"
    )
}

pub fn written(folder: &Path, text: &str) -> String {
    let file = folder.join("scenario.yaml");
    fs::write(&file, text).expect("a file");
    file.to_string_lossy().into_owned()
}

fn json(args: &[&str]) -> Value {
    let (code, out, stderr) = drawdown(args);
    assert!(code == Some(0) || code == Some(1), "{stderr}");
    serde_json::from_str(&out).expect("a document")
}

#[track_caller]
fn near(found: f64, expected: f64, within: f64) {
    assert!(
        (found / expected - 1.0).abs() <= within,
        "{found} for {expected}"
    );
}

#[test]
fn the_simple_model_has_its_closed_form() {
    let known = SimpleModel::new(132.0 * 60.0, 96.0 * 60.0, 23);
    assert_eq!(
        [0.05, 0.5, 0.95].map(|p| known.stock_quantile(p)),
        [19, 31, 47]
    );
    for (p, rate) in [(0.05, 0.163_745), (0.5, 0.236_120), (0.95, 0.327_238)] {
        near(60.0 * known.rate_quantile(p), rate, 1e-5);
    }
    let flat = SimpleModel::with_prior(132.0 * 60.0, 96.0 * 60.0, 23, (1.0, 0.0));
    assert_eq!(
        [0.05, 0.5, 0.95].map(|p| flat.stock_quantile(p)),
        [20, 32, 49]
    );
    near(60.0 * flat.rate_quantile(0.5), 0.246_536, 1e-5);
}

#[test]
fn demand_of_a_rate_that_is_not_known_is_negative_binomial() {
    for (shape, exposure, outage, of_mean, risk, right) in [
        (23.0, 96.0, 180.0, 59, 0.0793, 72),
        (4.0, 16.0, 120.0, 43, 0.181, 78),
    ] {
        let demand = DemandLaw::new(shape, exposure);
        assert_eq!(demand.quantile(outage, 0.99), right);
        near(demand.more_than(of_mean, outage), risk, 0.003);
        // With a rate that is known almost exactly the answer is that of the mean.
        let sure = DemandLaw::new(shape * 1e7, exposure * 1e7);
        assert_eq!(sure.quantile(outage, 0.99), of_mean);
    }
}

/// Numbers of a stream, one after another.
struct Units(Stream, u64);

impl Units {
    fn next(&mut self) -> f64 {
        self.1 += 1;
        self.0.unit_at(self.1)
    }

    /// The time of so many arrivals, at a rate of 1.
    fn gamma(&mut self, count: u32) -> f64 {
        (0..count).map(|_| -libm::log(self.next())).sum()
    }

    fn poisson(&mut self, mean: f64) -> u32 {
        let (mut at, mut count) = (-libm::log(self.next()), 0);
        while at < mean {
            count += 1;
            at -= libm::log(self.next());
        }
        count
    }
}

/// Simulation-based calibration (Talts and others 2018): the rank of the truth among 99 draws from the posterior
/// is uniform; 43.8 is the quantile 99.9% of chi-squared with 19 degrees of freedom.
#[test]
fn ranks_of_the_truth_in_the_closed_form_are_uniform() {
    const STOCK_MAX: u32 = 60;
    let window = 96.0 * 60.0;
    let prior = (2.0, 8.0 * 60.0);
    let mut bins = [[0_u32; 20]; 2];
    for truth in 0..2_000_u64 {
        let mut units = Units(Key::new(7, truth).stream(200, 0, 0), 0);
        let rate = units.gamma(2) / prior.1;
        let stock = ((units.next() * f64::from(STOCK_MAX + 1)) as u32).min(STOCK_MAX);
        let time = units.gamma(stock + 1) / rate;
        let count = 1 + units.poisson(rate * window);
        let known = SimpleModel::with_prior(time, window, count, prior);
        let draws = (truth * 1_000_000..).map(|number| known.draw(Seed(11), number));
        let draws: Vec<(u32, f64)> = draws.filter(|(it, _)| *it <= STOCK_MAX).take(99).collect();
        let below = draws.iter().filter(|(it, _)| *it < stock).count();
        let same = draws.iter().filter(|(it, _)| *it == stock).count();
        // Among equals any rank is as likely.
        let among = (units.next() * (same + 1) as f64) as usize;
        bins[0][(below + among.min(same)) / 5] += 1;
        bins[1][draws.iter().filter(|(_, it)| *it < rate).count() / 5] += 1;
    }
    for counts in bins {
        let squares = counts
            .iter()
            .map(|it| (f64::from(*it) - 100.0).powi(2) / 100.0);
        let statistic: f64 = squares.sum();
        assert!(statistic < 43.8, "{statistic}: {counts:?}");
    }
}

/// Quantiles 5%, 50% and 95% of a value, by its place in `calibrate.json`.
fn quantiles(document: &Value, place: usize) -> [f64; 3] {
    ["p5", "p50", "p95"].map(|key| {
        let text = document["parameters"][place][key]
            .as_str()
            .expect("a value");
        let number = text.split('/').next().expect("a number");
        number.parse().expect("a number")
    })
}

#[test]
fn a_simple_scenario_is_answered_in_closed_form() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(folder.path(), SIMPLE);
    let found = json(&["calibrate", &file, "--particles", "4000", "--json"]);
    assert_eq!(found["method"], "exact");
    let [low, median, high] = quantiles(&found, 0);
    // The standard error of a median of 4,000 is near 0.2 workers, and of an end 0.5.
    assert!(
        (low - 19.0).abs() <= 1.0 && (median - 31.0).abs() <= 1.0 && (high - 47.0).abs() <= 2.0
    );
    for (found, expected) in quantiles(&found, 1)
        .into_iter()
        .zip([0.1637, 0.2361, 0.3272])
    {
        near(found, expected, 0.03);
    }
    assert_eq!(found["freedom"], 0);
    let (_, screen, _) = drawdown(&["calibrate", &file]);
    assert!(
        screen.contains("SATURATED: 2 fitted facts for 2 unknown values"),
        "{screen}"
    );
    assert!(screen.lines().count() <= 25, "{screen}");
}

#[test]
fn simulation_agrees_with_the_closed_form() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(folder.path(), &SIMPLE.replace("warm_up: 0s", "warm_up: 1s"));
    let found = json(&["calibrate", &file, "--particles", "600", "--json"]);
    assert_eq!(found["method"], "simulation");
    for (place, expected) in [(0, [19.0, 31.0, 47.0]), (1, [0.1637, 0.2361, 0.3272])] {
        let [low, median, high] = quantiles(&found, place);
        near(low, expected[0], 0.10);
        near(median, expected[1], 0.05);
        near(high, expected[2], 0.10);
    }
}

#[test]
fn no_number_of_threads_and_no_interruption_changes_a_sample() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(folder.path(), &SIMPLE.replace("warm_up: 0s", "warm_up: 1s"));
    let sample = |name: &str, more: &[&str]| {
        let out = folder.path().join(name);
        let out = out.to_string_lossy().into_owned();
        let args = ["calibrate", &file, "--particles", "40", "--out", &out];
        let (code, _, stderr) = drawdown(&[&args[..], more].concat());
        assert_eq!(code, Some(0), "{stderr}");
        fs::read_to_string(folder.path().join(name).join("posterior.csv")).expect("a sample")
    };
    let one = sample("one", &["-j", "1", "--budget", "8000"]);
    assert_eq!(one.lines().count(), 41);
    assert_eq!(one, sample("two", &["-j", "3", "--budget", "8000"]));
    let short = sample("short", &["--budget", "1500"]);
    assert_ne!(one, short);
    assert_eq!(one, sample("short", &["--resume", "--budget", "8000"]));
    let other = ["calibrate", &file, "--particles", "41", "--resume", "--out"];
    let out = folder.path().join("short").to_string_lossy().into_owned();
    let (code, _, stderr) = drawdown(&[&other[..], &[&out]].concat());
    assert_eq!(code, Some(2));
    assert!(stderr.contains("is of another calibration"), "{stderr}");
}

#[test]
fn a_fact_that_the_priors_cannot_produce_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let far = SIMPLE
        .replace("uniform: [0, 120]", "uniform: [0, 40]")
        .replace("[0.02/min, 1/min]", "[0.2/min, 1/min]")
        .replace("value: 132m", "value: 239m")
        .replace("until: 06:51Z", "until: 07:02:30Z");
    let (code, out, stderr) = drawdown(&["calibrate", &written(folder.path(), &far)]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(
        stderr.contains("the model and its priors cannot produce `exhausted`: published 3h59m"),
        "{stderr}"
    );
}

#[test]
fn medians_are_applied_to_a_file_that_keeps_its_comments() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(folder.path(), SIMPLE);
    let applied = folder.path().join("applied.yaml");
    let applied = applied.to_string_lossy().into_owned();
    let args = ["calibrate", &file, "--apply", &applied];
    let (code, _, stderr) = drawdown(&args);
    assert_eq!(code, Some(0), "{stderr}");
    let text = fs::read_to_string(&applied).expect("a scenario");
    assert!(text.contains(" # today\n"), "{text}");
    assert_eq!(text.matches("basis: calibrated").count(), 2, "{text}");
    assert!(
        text.contains("why: \"It is not published. Posterior median 3"),
        "{text}"
    );
    assert_eq!(drawdown(&["validate", &applied]).0, Some(0));
    assert_eq!(drawdown(&args).0, Some(2), "a file is not overwritten");
}

#[test]
fn nothing_unknown_is_nothing_to_calibrate() {
    let (code, _, stderr) = drawdown(&["calibrate", "examples/full-outage.yaml"]);
    assert_eq!(code, Some(2));
    assert!(
        stderr.contains("there is nothing to calibrate\n  help: add one"),
        "{stderr}"
    );
}

/// Both exact rows: the buffer from the mean alone, its risk, and the right one.
#[test]
fn a_robust_buffer_keeps_its_risk() {
    for (shape, minutes, outage, of_mean, right) in [(23, 96, 180, 59, 72), (4, 16, 120, 43, 78)] {
        let folder = tempfile::tempdir().expect("a folder");
        let file = written(folder.path(), &known_demand(shape, minutes, outage));
        let args = [
            "size",
            &file,
            "--pool",
            "r/i",
            "--posterior",
            "priors",
            "-n",
            "2000",
        ];
        let found = json(&[&args[..], &["--within", "20..110:1", "--json"]].concat());
        let buffer = &found["buffers"][0];
        let level = |key: &str| buffer[key].as_str().and_then(|it| it.parse::<i32>().ok());
        let ends = [level("level_low"), level("level_high")].map(|it| it.expect("an end"));
        assert!(ends[0] <= right && right <= ends[1], "{ends:?} for {right}");
        let findings = found["findings"].to_string();
        let alone = [of_mean - 1, of_mean, of_mean + 1];
        let said = |it: &i32| {
            findings.contains(&format!("from the posterior means alone it would be {it},"))
        };
        assert!(alone.iter().any(said), "{findings}");
        let law = DemandLaw::new(f64::from(shape), f64::from(minutes));
        let risk = law.more_than(of_mean as u32, f64::from(outage));
        let curve = buffer["curve"].as_array().expect("a curve");
        let name = of_mean.to_string();
        let point = curve
            .iter()
            .find(|it| it["level"] == name.as_str())
            .expect("a level");
        let missed = 1.0 - point["does_share"]["point"].as_f64().expect("a share");
        // Four standard errors of a share of 2,000.
        assert!((missed - risk).abs() < 4.0 * (risk * (1.0 - risk) / 2_000.0).sqrt());
        assert!(findings.contains("luck with ignorance"), "{findings}");
    }
}

#[test]
fn a_sample_is_drawn_alike_on_any_number_of_threads() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(folder.path(), &known_demand(23, 96, 180));
    let sample = folder.path().join("posterior.csv");
    let path = "demand.leases.source.requests.rate";
    fs::write(&sample, format!("{path}\n0.1/min\n0.2/min\n0.4/min\n")).expect("a sample");
    let sample = sample.to_string_lossy().into_owned();
    let args = [
        "ensemble",
        &file,
        "--posterior",
        &sample,
        "-n",
        "300",
        "--json",
    ];
    let one = json(&[&args[..], &["-j", "1"]].concat());
    assert_eq!(one, json(&[&args[..], &["-j", "3"]].concat()));
    assert!(one["unknown"].as_array().is_some_and(|it| !it.is_empty()));

    let template = Template::load(&file).expect("a scenario");
    let rows = ["0.1/min", "0.4/min"].map(|rate| vec![rate.to_owned()]);
    let posterior = Posterior::new(vec![path.to_owned()], &rows).expect("a sample");
    let uncertain = template
        .clone()
        .with_posterior(&posterior.into())
        .expect("valid rows");
    let mean = |scenario| {
        let found = ensemble(scenario, Replications::new(400), Seed(1));
        let requests = found.summary(0, "requests").expect("a measure");
        requests.mean.point.expect("a mean")
    };
    assert!(uncertain.base().is_uncertain() && !template.base().is_uncertain());
    // 0.1 and 0.4 a minute for three hours are 18 and 72.
    near(mean(uncertain.base()), 45.0, 0.1);
}

#[test]
fn the_library_calibrates_too() {
    let template = Template::parse("simple.yaml", SIMPLE).expect("a scenario");
    let posterior = calibrate_facts(&template, 200, 10_000, Seed(1)).expect("a sample");
    assert_eq!(posterior.len(), 200);
    assert_eq!(posterior.paths()[0], "pools.westeurope/all.target");
    let known = Template::load("examples/full-outage.yaml").expect("a scenario");
    let none = calibrate_facts(&known, 200, 10_000, Seed(1)).expect_err("nothing unknown");
    assert_eq!(none, NoPosterior::NothingUnknown);
}

#[test]
fn a_sample_of_another_file_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let sample = folder.path().join("posterior.csv");
    fs::write(&sample, "pools.r/i.target\n3\n").expect("a sample");
    let sample = sample.to_string_lossy().into_owned();
    let run = |sample: &str| {
        let args = [
            "ensemble",
            "examples/full-outage.yaml",
            "--posterior",
            sample,
        ];
        let (code, _, stderr) = drawdown(&args);
        assert_eq!(code, Some(2));
        stderr
    };
    assert!(run(&sample).contains("the file has no `pools.r/i.target`"));
    fs::write(&sample, "pools.anywhere/any.target\nmany\n").expect("a sample");
    let stderr = run(&sample);
    assert!(
        stderr.contains("row 1 of the sample does not make a valid scenario"),
        "{stderr}"
    );
    assert!(run("nowhere.csv").contains("nowhere.csv: cannot be read"));
    assert!(run("priors").contains("no value that is free has a prior"));
}

#[test]
fn what_is_compared_and_swept_can_be_unknown_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let more = "variants: {larger: {pools.r/i.target: 72}}\n";
    let text = known_demand(23, 96, 180) + more;
    let file = written(folder.path(), &text);
    let found = json(&[
        "compare",
        &file,
        "--posterior",
        "priors",
        "-n",
        "1500",
        "--json",
    ]);
    let unknown = found["variants"][0]["unknown"]
        .as_array()
        .expect("differences");
    let failed = unknown
        .iter()
        .find(|it| it["what"] == "failed leases")
        .expect("failed leases");
    assert!(failed["figure"]["high"].as_f64() < Some(0.0));
    let ends = failed["ends"].as_array().expect("an interval");
    assert!(ends[0].as_f64() < failed["figure"]["low"].as_f64());
    let args = [
        "sweep",
        &file,
        "--posterior",
        "priors",
        "-n",
        "1500",
        "--json",
    ];
    let axis = ["--vary", "pools.r/i.target=40,60"];
    let swept = json(&[&args[..], &axis].concat());
    assert_eq!(swept, json(&[&args[..], &axis, &["-j", "1"]].concat()));
    // The mean of (N − 40)⁺ for a rate at either end of its 95% interval.
    let rows = swept["rows"].as_array().expect("rows");
    let failed = |it: &&Value| it["measure"] == "failed_leases" && it["kind"] == "pool";
    let first = rows.iter().find(failed).expect("failed leases");
    let [low, high] = ["mean_ignorance_low", "mean_ignorance_high"].map(|it| first[it].as_f64());
    assert!(low < first["mean_low"].as_f64() && first["mean_high"].as_f64() < high);
    let exact = [0.022, 22.455];
    assert!((low.expect("an end") - exact[0]).abs() < 1.5, "{low:?}");
    near(high.expect("an end"), exact[1], 0.25);
}

#[test]
fn a_cell_in_which_no_row_is_valid_is_refused() {
    // A pool cannot begin with 8 ready workers of 5.
    let path = "pools.westeurope/all.initial";
    let text = SIMPLE.replace(
        "    target: 30 # today\n",
        "    target: 30\n    initial: 3\n",
    );
    let posterior = Posterior::new(vec![path.to_owned()], &[vec!["8".to_owned()]]);
    let posterior = Arc::new(posterior.expect("a sample"));
    let template = Template::parse("simple", &text).expect("a scenario");
    let template = template.with_posterior(&posterior).expect("valid rows");
    let plan = |levels: &str| {
        let axes = vec![format!("pools.westeurope/all.target={levels}")];
        let spec = SweepSpec {
            axes,
            ..SweepSpec::default()
        };
        Plan::new(template.clone(), &spec)
    };
    assert!(plan("10,20").is_ok());
    let problems = plan("5,20").expect_err("8 ready workers of 5").to_string();
    assert!(
        problems.contains("no row of the posterior sample"),
        "{problems}"
    );
}
