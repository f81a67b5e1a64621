//! Sizes in ordinary times, and break-even levels: each against an exact answer.

use drawdown::measure::{
    FAILED_LEASES, FAILURE_COST, HIT_RATE, IDLE_COST, IDLE_WORKER_HOURS, LEASED_COST, LEASED_MEAN,
    Measure, REQUESTS, TOTAL_COST, WAIT_MEAN_S, WAITING_COST,
};
use drawdown::scenario::{Plan, SweepSpec, Template};
use drawdown::study::{BreakEven, Requirement, break_even};
use drawdown::{Replications, Scenario, Seed, run, size};

use crate::cli::drawdown;
use crate::worlds::{SMALLEST, smallest};

fn plan(changes: &[(&str, &str)], axis: &str) -> Plan {
    let changes: Vec<(String, String)> = changes
        .iter()
        .map(|(path, value)| ((*path).to_owned(), (*value).to_owned()))
        .collect();
    let template = Template::parse_variant("smallest.yaml", SMALLEST, None, changes);
    let varied = SweepSpec {
        axes: vec![axis.to_owned()],
        ..SweepSpec::default()
    };
    Plan::new(template.expect("a valid scenario"), &varied).expect("levels that are valid")
}

/// Requests at 1.5 a minute, and a lead time of 2.5 minutes.
const CALM: [(&str, &str); 4] = [
    ("pools.r/i.provision.latency", "2.5m"),
    ("demand.all.source.requests.rate", "1.5/min"),
    ("pools.r/i.target", "2"),
    ("outages", "{}"),
];

/// Requests that find no worker wait, and each orders one.
const BACKORDERS: [(&str, &str); 2] = [
    ("pools.r/i.lease", "{on_empty: wait, wait_timeout: never}"),
    ("pools.r/i.replenish.waiting_orders", "true"),
];

#[test]
fn a_hit_rate_of_99_percent_takes_9_or_10() {
    // 1 − B(9, 3.75) = 0.99045 and 1 − B(8, 3.75) = 0.97685; P(N < 10) = 0.99469 and P(N < 9) = 0.98519.
    // Replications of 90,000 requests scatter by less than 0.001, and the median of levels is the answer.
    let length = [("clock.horizon", "60000m"), ("clock.warm_up", "100m")];
    for (more, exact) in [(&[][..], "9"), (&BACKORDERS[..], "10")] {
        let changes = [&CALM[..], &length, more].concat();
        let plan = plan(&changes, "pools.r/i.target=8..11:1");
        let requirement = Requirement::at_least_of(0, HIT_RATE, 0.99, 0.5).expect("a measure");
        let sizing = size(&plan, requirement, Replications::new(10), Seed(5));
        let answer = sizing.answer.expect("an answer");
        assert_eq!(sizing.levels[answer], exact);
        // The level below is far from enough.
        let below = sizing.curve.iter().find(|it| it.level + 1 == answer);
        assert_eq!(below.expect("a level").success.point, Some(0.0));
    }
}

/// The distribution function of a Poisson law of mean 45.
fn poisson_45() -> Vec<f64> {
    let mut mass = libm::exp(-45.0);
    let mut sum = 0.0;
    let mut cumulative = Vec::new();
    for k in 1..=200 {
        sum += mass;
        cumulative.push(sum);
        mass *= 45.0 / f64::from(k);
    }
    cumulative
}

/// Three hours in which nothing can be provisioned: N requests of a Poisson law of mean 45 meet a stock of S.
/// A ready worker costs 3 an hour and a failed lease 40, where a scenario states them.
fn newsvendor(failed_lease: &str) -> Option<BreakEven> {
    let changes = [
        ("clock.horizon", "3h"),
        ("outages.blackout.until", "+3h"),
        ("pools.r/i.worker_hour_cost", "3"),
        ("costs", failed_lease),
    ];
    let plan = plan(&changes, "pools.r/i.target=20..90:1");
    break_even(&plan, 0, None, Replications::new(6_000), Seed(21))
}

#[test]
fn the_break_even_level_is_that_of_the_newsvendor() {
    // The mapping: worker S + 1 is ready until request S + 1, so that it costs c = 3 h(S) with
    // h(S) = ∫ P(N(t) <= S) dt = Σ_{k <= S} P(N > k) / λ hours over the outage, and spares K P(N > S) with
    // K = 40. Cost is least at the smallest S with P(N <= S) >= 1 − c / K.
    let below = poisson_45();
    let (hour_cost, failed_lease, rate) = (3.0, 40.0, 15.0);
    let hours = |stock: usize| below[..=stock].iter().map(|it| 1.0 - it).sum::<f64>() / rate;
    let enough = |stock: &usize| 1.0 - hour_cost * hours(*stock) / failed_lease <= below[*stock];
    let exact = (0..100).find(enough).expect("a level");
    assert_eq!(exact, 50);
    let found = newsvendor("{currency: EUR, failed_lease: 40}").expect("costs");
    let level = |place: usize| 20 + place;
    assert_eq!(level(found.level), exact);
    assert_eq!(found.range.map(level), [exact, exact]);
    // E[(N − S)+] = Σ_{k >= S} P(N > k).
    let lost = |stock: usize| below[stock..].iter().map(|it| 1.0 - it).sum::<f64>();
    for cost in &found.costs {
        let stock = level(cost.level);
        let idle: f64 = (0..stock).map(hours).sum();
        let exact = hour_cost * idle + failed_lease * lost(stock);
        let (mean, high) = (cost.cost.point.expect("a mean"), cost.cost.high);
        let half = high.expect("an interval") - mean;
        assert!(
            (mean - exact).abs() <= 2.0 * half,
            "{stock}: {mean} for {exact}"
        );
    }
}

#[test]
fn without_a_price_of_failures_nothing_breaks_even() {
    assert_eq!(newsvendor("{currency: EUR}"), None);
    let plan = plan(&[("costs.failed_lease", "40")], "pools.r/i.target=20..90:1");
    let found = |price| break_even(&plan, 0, price, Replications::new(10), Seed(1));
    assert_eq!(found(None), None);
    assert!(found(Some(1.0)).is_some());
}

#[test]
fn costs_are_counts_times_prices() {
    let of = |scenario: &Scenario, measure: &Measure| {
        let outcome = run(scenario, Seed(4), 0);
        outcome.measure(0, measure).expect("a measure")
    };
    let base = [
        ("pools.r/i.target", "10"),
        ("pools.r/i.lease", "{on_empty: wait, wait_timeout: 10m}"),
        ("pools.r/i.replenish.waiting_orders", "false"),
        ("demand.all.source.requests.hold", "20m"),
    ];
    let priced = [
        ("costs", "{failed_lease: 50, waiting_minute: 0.5}"),
        ("pools.r/i.worker_hour_cost", "0.2"),
        ("pools.r/i.leased_hour_cost", "2"),
    ];
    let world = smallest(&[&base[..], &priced].concat());
    let value = |measure| of(&world, measure).expect("a value");
    let hours = 400.0 / 60.0;
    let waited = value(WAIT_MEAN_S) * value(REQUESTS) / 60.0;
    let exact = [
        (IDLE_COST, 0.2 * value(IDLE_WORKER_HOURS)),
        (FAILURE_COST, 50.0 * value(FAILED_LEASES)),
        (WAITING_COST, 0.5 * waited),
        (LEASED_COST, 2.0 * hours * value(LEASED_MEAN)),
    ];
    for (measure, exact) in exact {
        let found = value(measure);
        assert!(
            0.0 < found && (found - exact).abs() < 1e-6 * exact,
            "{}: {found} for {exact}",
            measure.name
        );
    }
    let sum: f64 = exact.iter().map(|it| it.1).sum();
    assert!((value(TOTAL_COST) - sum).abs() < 1e-6 * sum);
    // Without a price there is no cost, and that of ready workers alone is no total.
    let idle = smallest(&[&base[..], &[("pools.r/i.worker_hour_cost", "0.2")]].concat());
    for measure in [FAILURE_COST, WAITING_COST, LEASED_COST, TOTAL_COST] {
        assert_eq!(of(&idle, measure), None, "{}", measure.name);
    }
    let failed = smallest(&[&base[..], &[("costs.failed_lease", "50")]].concat());
    assert_eq!(of(&failed, TOTAL_COST), of(&failed, FAILURE_COST));
}

/// Sizes the smallest scenario, with flags, and gives the exit code, what is printed, and errors.
fn sized(changes: &[(&str, &str)], args: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mine.yaml");
    std::fs::write(&file, SMALLEST).expect("a file");
    let sets = changes
        .iter()
        .map(|(path, value)| format!("--set={path}={value}"));
    let sets: Vec<String> = sets.collect();
    let file = file.to_string_lossy().into_owned();
    let mut all = vec!["size", "--pool", "r/i", "-n", "100"];
    all.extend(args);
    all.extend(sets.iter().map(String::as_str));
    all.push(&file);
    drawdown(&all)
}

#[test]
fn a_file_without_an_outage_is_sized_for_waits_or_hits() {
    let waits = [&CALM[..], &BACKORDERS, &[("clock.horizon", "300m")]].concat();
    let (code, stdout, _) = sized(&waits, &["--wait", "p95 <= 30s", "--within", "0..20:1"]);
    assert_eq!(code, Some(0));
    for part in [
        "is the least with which wait_p95_s is at most 30s in 99%",
        "no outage meets the pool: levels are judged in ordinary times",
        "--wait 'p95 <= 30s'",
    ] {
        assert!(stdout.contains(part), "{part}:\n{stdout}");
    }
    let hits = [
        "--hit-rate",
        ">= 90%",
        "--within",
        "0..20:1",
        "--risk",
        "5%",
    ];
    let (code, stdout, _) = sized(&waits, &hits);
    assert_eq!(code, Some(0));
    let part = "is the least with which hit_rate is at least 90.0% in 95%";
    assert!(stdout.contains(part), "{stdout}");
    // Without a requirement, there is nothing that a buffer could be sized for.
    let (code, _, stderr) = sized(&waits, &[]);
    assert_eq!(code, Some(2));
    for part in [
        "the file has no outage",
        "--wait 'p95 <= 30s'",
        "--hit-rate '>= 99%'",
    ] {
        assert!(stderr.contains(part), "{part}:\n{stderr}");
    }
    // Where requests are rejected, none waits.
    let (code, _, stderr) = sized(&CALM, &["--wait", "p95 <= 30s"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("never wait"), "{stderr}");
    for wrong in ["p95 <= 30", "p90 <= 30s"] {
        let (code, _, stderr) = sized(&waits, &["--wait", wrong]);
        assert_eq!(code, Some(2));
        assert!(stderr.contains("`p95 <= 30s`"), "{stderr}");
    }
}

#[test]
fn size_reports_the_break_even_level_in_the_currency_of_the_file() {
    let outage = [("outages.blackout.until", "+3h"), ("clock.horizon", "3h")];
    let costs = [("costs", "{currency: EUR, failed_lease: 40}")];
    let changes = [&outage[..], &costs].concat();
    let price = ["--price", "3", "--within", "30..80:1"];
    let (code, stdout, _) = sized(&changes, &price);
    assert_eq!(code, Some(0));
    assert!(stdout.contains("break-even at "), "{stdout}");
    assert!(stdout.contains("EUR "), "{stdout}");
    let (_, stdout, _) = sized(&changes, &[&price[..], &["--json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
    let buffer = &json["buffers"][0];
    assert_eq!(buffer["currency"], "EUR");
    assert!(buffer["break_even"]["level"].is_string(), "{buffer}");
    let (_, stdout, _) = sized(&changes, &price[2..]);
    assert!(
        stdout.contains("needs the cost of a ready worker"),
        "{stdout}"
    );
    let (_, stdout, _) = sized(&outage, &price);
    assert!(!stdout.contains("break-even"), "{stdout}");
    let (_, stdout, _) = sized(&changes, &[&price[..], &["--all"]].concat());
    assert!(stdout.contains("total cost (EUR)"), "{stdout}");
    // The report is rebuilt from what was written.
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_string_lossy().into_owned();
    let (code, ..) = sized(&changes, &[&price[..], &["--out", &out]].concat());
    assert_eq!(code, Some(0));
    let page = || std::fs::read_to_string(folder.path().join("report.html")).expect("a page");
    let written = page();
    assert!(written.contains("expected cost (EUR)"));
    let (code, _, stderr) = drawdown(&["report", &out]);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(page(), written);
    let table = std::fs::read_to_string(folder.path().join("size.csv")).expect("a table");
    assert!(table.starts_with("pool,path,level,") && table.contains(",total_cost_mean,"));
}

#[test]
fn pages_of_several_buffers_mark_the_joint_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_string_lossy().into_owned();
    let pools = ["--pool", "westus2/ubuntu", "--pool", "westeurope/ubuntu"];
    let rest = ["-n", "100", "--out", &out, "scenarios/fnj8-vqz.yaml"];
    let (code, _, stderr) = crate::cli::drawdown(&[&["size"], &pools[..], &rest].concat());
    assert!(matches!(code, Some(0 | 1)), "{stderr}");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("a file");
    let document: serde_json::Value = serde_json::from_str(&read("size.json")).expect("JSON");
    let page = read("report.html");
    let joint = document["together"]["levels"].as_array().expect("levels");
    let buffers = document["buffers"].as_array().expect("buffers");
    assert_eq!((joint.len(), buffers.len()), (2, 2));
    for (joint, buffer) in joint.iter().zip(buffers) {
        assert_eq!(joint["level"], buffer["level_together"]);
        let level = joint["level"].as_str().expect("a level");
        assert!(page.contains(&format!("{level} · answer")), "{level}");
    }
    assert_eq!(page.matches(" · answer").count(), 2);
}

#[test]
fn where_more_workers_change_nothing_it_says_so() {
    let file = "scenarios/wan-2023-01-25.yaml";
    let args = ["size", "-n", "100", "--pool", "westeurope/ubuntu", file];
    let (code, stdout, stderr) = crate::cli::drawdown(&args);
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stdout.contains("so that more change nothing"), "{stdout}");
    assert!(!stdout.contains("widen `--within`"), "{stdout}");
}

#[test]
fn a_pool_whose_requests_wait_is_on_the_screen() {
    let file = "scenarios/quota-starvation.yaml";
    let (code, stdout, stderr) = crate::cli::drawdown(&["ensemble", "-n", "10", file]);
    assert_eq!(code, Some(0), "{stderr}");
    let starves = |line: &str| line.starts_with("  secondary/unrelated") && line.contains("100.0%");
    assert!(stdout.lines().any(starves), "{stdout}");
    let next = "next: drawdown size --pool secondary/unrelated --wait 'p95 <= 1m'";
    assert!(stdout.contains(next), "{stdout}");
}
