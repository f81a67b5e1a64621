//! Ensembles that stop at a precision, buffers that are just large enough, and changes compared with
//! their baseline: each against an exact answer.

use drawdown::scenario::{Plan, SweepSpec, Template};
use drawdown::study::{Ensemble, Precision, Requirement, Sizing, Stopped};
use drawdown::{Replications, Scenario, Seed, compare, ensemble, size};

use crate::statistics::{mean_is, share_is};
use crate::worlds::{SMALLEST, smallest};

fn template(changes: &[(&str, &str)]) -> Template {
    let changes: Vec<(String, String)> = changes
        .iter()
        .map(|(path, value)| ((*path).to_owned(), (*value).to_owned()))
        .collect();
    Template::parse_variant("smallest.yaml", SMALLEST, None, changes).expect("a valid scenario")
}

fn plan(template: Template, axis: &str) -> Plan {
    let axes = vec![axis.to_owned()];
    let varied = SweepSpec {
        axes,
        ..SweepSpec::default()
    };
    Plan::new(template, &varied).expect("levels that are valid")
}

/// The answer is what the exact probabilities of failing at it and just below it make of it: with so many
/// replications the share of failures at each of them lies in its 99.99% interval.
#[track_caller]
fn answers(sizing: &Sizing, exact: &[(&str, f64)]) {
    let n = sizing.n;
    for (level, fails) in exact {
        let place = sizing.levels.iter().position(|it| it == level);
        let place = place.expect("a level") as f64;
        let failed = sizing.critical.iter().filter(|it| place < **it).count();
        let error = (fails * (1.0 - fails) / n as f64).sqrt();
        let z = (failed as f64 / n as f64 - fails) / error;
        assert!(
            z.abs() <= 3.89,
            "{level}: {failed} of {n} fail for {fails}, z {z}"
        );
    }
    let level = |place: Option<usize>| sizing.levels[place.expect("a level")].parse::<u32>();
    let answer: u32 = exact[0].0.parse().expect("a number");
    let [low, high] = sizing.interval.map(|place| level(place).expect("a number"));
    assert!(
        low <= answer && answer <= high,
        "{answer} outside {low} to {high}"
    );
    assert_eq!(sizing.checked[1], 0, "more hurts nobody here");
}

#[test]
fn three_hours_without_replenishment_take_56_61_or_67() {
    let world = || {
        let outage = ("outages.blackout.until", "+3h");
        plan(template(&[outage]), "pools.r/i.target=40..90:1")
    };
    let replications = Replications::new(20_000);
    let sized = |risk| {
        let requirement = Requirement::no_failed_lease(0, risk);
        size(&world(), requirement, replications, Seed(11))
    };
    answers(
        &sized(0.05),
        &[("56", 1.0 - 0.952_745), ("55", 1.0 - 0.937_442)],
    );
    answers(
        &sized(0.01),
        &[("61", 1.0 - 0.990_666), ("60", 1.0 - 0.986_711)],
    );
    answers(&sized(0.001), &[("67", 1.0 - 0.999_166)]);
}

#[test]
fn where_one_attempt_in_ten_succeeds_it_takes_39_44_or_51() {
    let partial = [
        ("pools.r/i.provision.latency", "{exponential: {mean: 8m}}"),
        ("pools.r/i.replenish.in_flight_max", "10"),
        ("pools.r/i.replenish.retry", "{initial: 0s, max: 0s}"),
        ("outages.blackout.failure", "90%"),
        ("outages.blackout.until", "+3h"),
        ("clock.horizon", "3h"),
    ];
    let plan = plan(template(&partial), "pools.r/i.target=20..70:1");
    let sized = |risk, n| {
        let requirement = Requirement::no_failed_lease(0, risk);
        size(&plan, requirement, Replications::new(n), Seed(12))
    };
    answers(
        &sized(0.01, 8_000),
        &[("44", 0.009_779_8), ("43", 0.013_563_7)],
    );
    for (risk, exact) in [(0.05, 39), (0.001, 51)] {
        let sizing = sized(risk, 8_000);
        let level = |place: Option<usize>| sizing.levels[place.expect("a level")].parse::<u32>();
        let [low, high] = sizing.interval.map(|place| level(place).expect("a number"));
        assert!(
            (low..=high).contains(&exact),
            "{exact} outside {low} to {high}"
        );
    }
}

#[test]
fn a_sample_too_small_bounds_no_buffer() {
    let plan = plan(
        template(&[("outages.blackout.until", "+3h")]),
        "pools.r/i.target=40..90:1",
    );
    let sizing = size(
        &plan,
        Requirement::no_failed_lease(0, 0.01),
        Replications::new(200),
        Seed(1),
    );
    assert!(sizing.answer.is_some());
    assert_eq!((sizing.interval[1], sizing.assured), (None, None));
}

#[test]
fn a_buffer_that_is_not_monotone_is_judged_level_by_level() {
    // Shorter timeouts, listed as if they were larger: the further down the list, the more requests fail.
    let changes = [
        ("pools.r/i.lease", "{on_empty: wait, wait_timeout: 1m}"),
        ("pools.r/i.target", "10"),
        ("clock.horizon", "3h"),
        ("outages.blackout.until", "+1h"),
        (
            "pools.r/i.replenish",
            "{counts: ready_and_pending, in_flight_max: unlimited, waiting_orders: false, retry: {initial: 1m, max: 1m}}",
        ),
    ];
    let plan = plan(
        template(&changes),
        "pools.r/i.lease.wait_timeout=90m,60m,30m,10m,5m,1m",
    );
    let sizing = size(
        &plan,
        Requirement::no_failed_lease(0, 0.5),
        Replications::new(300),
        Seed(1),
    );
    assert!(0 < sizing.checked[1], "{:?}", sizing.checked);
    assert!(sizing.critical.is_empty() && !sizing.curve.is_empty());
}

#[test]
fn common_random_numbers_resolve_a_difference_of_three_workers() {
    let (base, more) = (smallest(&[]), smallest(&[("pools.r/i.target", "33")]));
    let n = 40_000;
    let found = compare(&base, &more, Replications::new(n), Seed(3));
    let row = found.of("r/i", "time_to_survive_s").expect("a clock");
    // The difference is the time of three more arrivals: gamma of shape 3.
    let minutes = row.paired.difference.point.expect("a mean") / 60.0;
    assert!(
        (minutes - 12.0).abs() <= 4.5 * (48.0 / n as f64).sqrt(),
        "{minutes}"
    );
    let ratio = row.paired.variance_ratio.expect("a ratio");
    // Variances 496 and 544 unpaired, and 48 paired. The ratio of two sample variances of such distributions varies by
    // about 1.3% here.
    assert!((ratio / (1_040.0 / 48.0) - 1.0).abs() < 0.06, "{ratio}");
    assert_eq!(row.worsens().and_then(|share| share.point), Some(0.0));
    assert_eq!(row.improves().and_then(|share| share.point), Some(1.0));
}

#[test]
fn a_survival_curve_sees_through_outages_that_end_too_soon() {
    // Outages of three hours on average, exponential: the time to depletion has an Erlang distribution of 31
    // stages all the same.
    let changes = [
        ("clock.horizon", "3d"),
        ("outages.blackout.until", "+1ms"),
        ("outages.blackout.recovery", "{exponential: {mean: 3h}}"),
    ];
    let n = 40_000;
    let found = ensemble(&smallest(&changes), Replications::new(n), Seed(4));
    let curve = found
        .survival(0, "time_to_survive_s")
        .expect("a measure")
        .expect("a clock");
    let struck = curve.steps.iter().map(|step| step.events).sum::<usize>();
    share_is("P(deplete first)", struck, n, 0.505_94);
    for (minutes, lasting) in [
        (89.778_047_13, 0.95),
        (122.669_245_55, 0.5),
        (162.762_030_38, 0.05),
    ] {
        let step = curve.at(minutes * 60.0);
        let z = (step.survival - lasting) / step.error;
        assert!(
            z.abs() <= 4.5,
            "{} lasts {minutes} min for {lasting}, z {z}",
            step.survival
        );
    }
    // The mean of uncensored times would be 121 minutes, and with outages counted as times, 89.
    let mean = curve.restricted_mean(300.0 * 60.0);
    let (low, high) = (
        mean.low.expect("an end") / 60.0,
        mean.high.expect("an end") / 60.0,
    );
    let slack = (high - low) / 2.0 * (4.5 / 1.96 - 1.0);
    assert!(
        low - slack <= 124.0 && 124.0 <= high + slack,
        "{low} to {high}"
    );
    let naive: Vec<f64> = found
        .values(0, "time_to_survive_s")
        .expect("a measure")
        .flatten()
        .map(|at| at / 60.0)
        .collect();
    mean_is("depleted only", &naive, 121.32);
}

#[test]
fn an_ensemble_stops_where_it_is_precise() {
    let precise = |relative, threads| Replications {
        precision: Some(
            Precision::new(relative, "first_lease_failure_at_s", None).expect("a measure"),
        ),
        threads: std::num::NonZeroUsize::new(threads),
        ..Replications::new(100_000)
    };
    let simulate =
        |relative, threads| ensemble(&smallest(&[]), precise(relative, threads), Seed(5));
    let found = simulate(0.01, 1);
    assert_eq!(found.stopped, Stopped::Precise);
    // 1,240 are needed on average; looks are a fifth apart.
    assert!((900..2_000).contains(&found.n), "{}", found.n);
    for threads in [2, 5] {
        let other = simulate(0.01, threads);
        assert_eq!((other.n, other.digest), (found.n, found.digest));
    }
    let mean = found
        .summary(0, "first_lease_failure_at_s")
        .expect("a measure")
        .mean;
    let half = (mean.high.expect("an end") - mean.low.expect("an end")) / 2.0;
    assert!(half <= 0.01 * mean.point.expect("a mean"), "{half}");
}

#[test]
fn an_ensemble_that_cannot_reach_the_precision_says_so() {
    // Nothing ever fails, so the variance is unknown.
    let replications = Replications {
        precision: Precision::new(0.02, "failed_leases", Some(0.into())).ok(),
        ..Replications::new(300)
    };
    let found = ensemble(&smallest(&[("outages", "{}")]), replications, Seed(6));
    assert_eq!((found.n, found.stopped), (300, Stopped::Cap));
}

fn one_and_two_threads(scenario: &Scenario) -> [Ensemble; 2] {
    [1, 2].map(|threads| {
        let replications = Replications {
            threads: std::num::NonZeroUsize::new(threads),
            ..Replications::new(120)
        };
        ensemble(scenario, replications, Seed(7))
    })
}

#[test]
fn a_fan_of_levels_ends_where_the_levels_do() {
    let scenario = smallest(&[("clock.horizon", "60m")]);
    let [one, two] = one_and_two_threads(&scenario);
    let (bands, same) = (one.levels(&scenario, 0), two.levels(&scenario, 0));
    assert_eq!(bands, same);
    assert_eq!((bands.len(), bands[0].n), (97, 120));
    assert_eq!((bands[0].at_s, bands[96].at_s), (0.0, 3_600.0));
    let [.., median, _, high] = bands[96].levels;
    let ends = one.summary(0, "ready_end").expect("a measure");
    assert_eq!(
        (median, high),
        (ends.quantiles[1].point, ends.quantiles[2].point)
    );
    for pair in bands[0].levels.windows(2) {
        assert!(pair[0] <= pair[1]);
    }
}

/// The command, interrupted once it has begun, and what it then says.
#[cfg(unix)]
fn interrupted(args: &[&str]) -> (Option<i32>, String, String) {
    signalled(args, &["-INT"])
}

/// The command, sent signals at once after it has begun, and what it then says.
#[cfg(unix)]
fn signalled(args: &[&str], signals: &[&str]) -> (Option<i32>, String, String) {
    use std::process::{Command, Stdio};
    let command = Command::new(assert_cmd::cargo::cargo_bin("drawdown"))
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    std::thread::sleep(std::time::Duration::from_millis(700));
    let pid = command.id().to_string();
    for signal in signals {
        let asked = Command::new("kill").args([signal, &pid[..]]).status();
        assert!(
            asked.expect("kill").success(),
            "it ended before it was interrupted"
        );
    }
    let done = command.wait_with_output().expect("it ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (done.status.code(), text(done.stdout), text(done.stderr))
}

#[test]
#[cfg(unix)]
fn one_request_to_end_may_arrive_as_two_signals() {
    let args = ["ensemble", "-n", "10000000", "scenarios/fnj8-vqz.yaml"];
    for signal in ["-INT", "-TERM"] {
        let (code, _, stderr) = signalled(&args, &[signal, signal]);
        assert_eq!(code, Some(0), "{signal}: {stderr}");
        assert!(stderr.contains("interrupted: "), "{signal}: {stderr}");
    }
}

#[test]
#[cfg(unix)]
fn an_interrupted_check_judges_no_file_by_fewer_replications() {
    let args = ["check", "-n", "10000000", "scenarios/fnj8-vqz.yaml"];
    let (code, stdout, stderr) = interrupted(&args);
    assert_eq!(code, Some(2), "{stderr}");
    assert_eq!(stdout, "");
    assert!(
        stderr.contains("fnj8-vqz.yaml: interrupted after "),
        "{stderr}"
    );
    assert!(stderr.contains("; not checked"), "{stderr}");
}

#[test]
#[cfg(unix)]
fn an_interrupted_ensemble_answers_with_what_it_has() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_string_lossy().into_owned();
    let file = "scenarios/fnj8-vqz.yaml";
    let args = [
        "ensemble",
        "--replications",
        "10000000",
        "--json",
        "--out",
        &out,
        file,
    ];
    let (code, stdout, stderr) = interrupted(&args);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("interrupted: "), "{stderr}");
    assert!(stdout.contains("\"stopped\": \"interrupted\""));
    let n = stdout
        .lines()
        .find_map(|line| line.trim().strip_prefix("\"replications\": "));
    let n = n.expect("a number of replications").trim_end_matches(',');
    // What it has is what was asked for, had one asked for no more.
    let args = [
        "ensemble",
        "--replications",
        n,
        "--json",
        "--out",
        &out,
        file,
    ];
    let whole = crate::cli::drawdown(&args);
    let figures = |document: &str| -> Vec<String> {
        let skipped = [
            "\"digest\"",
            "\"point\"",
            "\"low\"",
            "\"high\"",
            "\"n\"",
            "\"sd\"",
        ];
        let lines = document
            .lines()
            .filter(|line| skipped.iter().any(|key| line.contains(key)));
        lines.map(str::to_owned).collect()
    };
    let (stdout, whole) = (figures(&stdout), figures(&whole.1));
    assert!(
        1_000 < stdout.len() && stdout == whole,
        "{n} replications say something else"
    );
}

#[test]
#[cfg(unix)]
fn an_interrupted_size_answers_with_what_it_has() {
    let pool = ["--pool", "westus2/ubuntu", "--within", "30..40:1"];
    let file = ["--replications", "10000000", "scenarios/fnj8-vqz.yaml"];
    let (code, stdout, stderr) = interrupted(&[&["size"], &pool[..], &file].concat());
    assert!(matches!(code, Some(0 | 1)), "{stderr}");
    assert!(
        stderr.contains("interrupted: ") && stdout.contains("westus2/ubuntu"),
        "{stderr}{stdout}"
    );
}

#[test]
fn compare_sets_two_files_or_variants_side_by_side() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_string_lossy().into_owned();
    let file = "scenarios/fnj8-vqz.yaml";
    let few = ["--replications", "60"];
    let (code, stdout, stderr) =
        crate::cli::drawdown(&[&["compare", "--out", &out], &few[..], &[file]].concat());
    assert_eq!(code, Some(0), "{stderr}");
    for name in ["keep-leases           saves", "page-on-provisioning  saves"] {
        assert!(stdout.contains(name), "{stdout}");
    }
    let csv = std::fs::read_to_string(folder.path().join("compare.csv")).expect("a file");
    assert!(
        csv.starts_with("variant,kind,name,measure,unit,better,n,base_mean,"),
        "{csv}"
    );
    assert!(
        csv.lines()
            .any(|line| line.starts_with("keep-leases,total,all pools,failed_leases,"))
    );
    // A file against itself, and a file without variants.
    let (code, stdout, _) = crate::cli::drawdown(&[&["compare"], &few[..], &[file, file]].concat());
    assert_eq!(code, Some(0));
    assert!(
        stdout.contains("  no difference found in failed leases,"),
        "{stdout}"
    );
    let (code, _, stderr) = crate::cli::drawdown(&["compare", "examples/full-outage.yaml"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("has no variants"), "{stderr}");
}

#[test]
fn size_says_how_large_how_sure_and_at_what_cost() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_string_lossy().into_owned();
    let file = "scenarios/fnj8-vqz.yaml";
    let ask = |more: &[&str]| {
        let args = ["size", "--replications", "120"];
        crate::cli::drawdown(&[&args, more, &[file]].concat())
    };
    let one = [
        "--risk",
        "10%",
        "--pool",
        "westus2/ubuntu",
        "--price",
        "0.2",
        "--out",
        &out,
    ];
    let (code, stdout, stderr) = ask(&one);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(
        stdout.contains("is the least with which no lease fails in an outage"),
        "{stdout}"
    );
    assert!(
        stdout.contains("cost a year") && stdout.contains("today 8"),
        "{stdout}"
    );
    for name in ["size.csv", "critical.csv", "size.json"] {
        assert!(folder.path().join(name).is_file(), "{name}");
    }
    let two = ["--pool", "westus2/ubuntu", "--pool", "westeurope/ubuntu"];
    let (code, stdout, _) = ask(&[&two[..], &["--budget", "50"]].concat());
    assert_eq!(code, Some(0));
    assert!(
        stdout.contains("Together, the best for 50 workers"),
        "{stdout}"
    );
}

#[test]
fn size_reports_failure_and_rejects_what_cannot_be_sized() {
    let ask = |more: &[&str]| {
        let args = ["size", "--replications", "120"];
        crate::cli::drawdown(&[&args, more, &["scenarios/fnj8-vqz.yaml"]].concat())
    };
    // Too small a range is an answer, and it is no.
    let (code, stdout, _) = ask(&["--pool", "westus2/ubuntu", "--within", "1..10:1"]);
    assert_eq!(code, Some(1));
    assert!(stdout.contains("is not enough"), "{stdout}");
    for (args, part) in [
        (
            &["--pool", "westus2/ubunto"][..],
            "did you mean `westus2/ubuntu`?",
        ),
        (&[][..], "which pool is to be sized?"),
        (
            &["--pool", "westus2/ubuntu", "--within", "1..2"][..],
            "a grid needs separate values",
        ),
        (
            &["--pool", "westus2/ubuntu", "--risk", "2"][..],
            "write a share",
        ),
        (&["--path", "clock.horizon"][..], "--pool"),
        (
            &["--pool", "westus2/ubuntu", "--risk", "0.01%"][..],
            "too few for a risk",
        ),
        (
            &["--pool", "westus2/ubuntu", "--measure", "hit_rate"][..],
            "of which less is better",
        ),
        (
            &["--pool", "westus2/ubuntu", "--pool", "westus2/ubuntu"][..],
            "is given twice",
        ),
        (
            &["--pool", "westus2/ubuntu", "--price", "-1"][..],
            "a number of 0 or more",
        ),
    ] {
        let (code, _, stderr) = ask(args);
        assert_eq!(code, Some(2), "{args:?}");
        assert!(stderr.contains(part), "{stderr}");
    }
}
