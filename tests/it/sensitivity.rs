//! Sensitivity to values that are not known: estimators on functions with exact indices, and the same through the door of
//! a scenario.

use std::f64::consts::PI;
use std::fs;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};

use drawdown::Seed;
use drawdown::kernel::{Key, Stream};
use drawdown::scenario::Template;

use drawdown::stats::{Estimate, SobolIndices, SobolRow, elementary_effects, sobol_indices};
use drawdown::study::{
    NoSensitivity, Progress, Sensitivity, SensitivityMethod, SensitivityResult, SensitivitySpec,
    sensitivity, sensitivity_with,
};

use crate::cli::drawdown;
use crate::shell::{plain, terminal};

/// Groups of rows of a function of values in (0, 1) and of a stream of random numbers.
fn rows(
    (seed, groups, count): (u64, usize, usize),
    values: usize,
    f: impl Fn(&[f64], &Stream) -> f64,
) -> Vec<Vec<SobolRow>> {
    let row = |group: usize, row: usize| {
        let key = Key::new(seed, (group * count + row) as u64);
        let places = key.stream(1, 1, 0);
        let point = |from: usize| -> Vec<f64> {
            (from..from + values)
                .map(|it| places.unit_at(it as u64))
                .collect()
        };
        let (a, b) = (point(0), point(values));
        let run = |x: &[f64]| [1, 2].map(|set| f(x, &key.stream(2, 2, set)));
        let mixed = |value: usize| {
            let mut mixed = a.clone();
            mixed[value] = b[value];
            run(&mixed)
        };
        SobolRow {
            a: run(&a),
            b: run(&b),
            mixed: (0..values).map(mixed).collect(),
        }
    };
    let group = |group| (0..count).map(|it| row(group, it)).collect();
    (0..groups).map(group).collect()
}

fn indices(
    size: (u64, usize, usize),
    values: usize,
    f: impl Fn(&[f64], &Stream) -> f64,
) -> SobolIndices {
    sobol_indices(&rows(size, values, f)).expect("it varies")
}

/// Whether an estimate is where it should be: within a little more than twice its interval, which is no wider than this.
#[track_caller]
fn near(what: &str, found: Estimate, exact: f64, widest: f64) {
    let (low, high) = (found.low.expect("an end"), found.high.expect("an end"));
    let half = (high - low) / 2.0;
    let off = (found.point.expect("a point") - exact).abs();
    // The factor of t(0.975; 15) = 2.13 that makes 4.5 standard errors.
    assert!(off <= 2.11 * half + 1e-12, "{what}: {found:?} for {exact}");
    assert!(half <= widest, "{what}: {found:?} is wide");
}

fn ishigami(x: &[f64]) -> f64 {
    let x = |place: usize| PI * (2.0 * x[place] - 1.0);
    x(0).sin() + 7.0 * x(1).sin().powi(2) + 0.1 * x(2).powi(4) * x(0).sin()
}

const ISHIGAMI_VARIANCE: f64 = 13.844_588;
const ISHIGAMI_FIRST: [f64; 3] = [0.313_905, 0.442_411, 0.0];
const ISHIGAMI_TOTAL: [f64; 3] = [0.557_589, 0.442_411, 0.243_684];

#[test]
fn the_indices_of_ishigami_and_homma_are_found() {
    let found = indices((1, 16, 4_096), 3, |x, _| ishigami(x));
    assert!(
        (found.deviation.powi(2) - ISHIGAMI_VARIANCE).abs() < 0.25,
        "{found:?}"
    );
    assert!((found.mean - 3.5).abs() < 0.07, "{found:?}");
    for (place, value) in found.values.iter().enumerate() {
        near("first order", value.first, ISHIGAMI_FIRST[place], 0.02);
        near("of a run", value.of_run, ISHIGAMI_FIRST[place], 0.02);
        near("total", value.total, ISHIGAMI_TOTAL[place], 0.02);
    }
    // Nothing is random.
    assert!(found.randomness.point.expect("a point").abs() < 1e-9);
    near("interactions", found.interactions, 0.243_684, 0.03);
}

/// A normal number by Box and Muller (1958).
fn normal(stream: &Stream) -> f64 {
    (-2.0 * libm::log(stream.unit_at(0))).sqrt() * (2.0 * PI * stream.unit_at(1)).cos()
}

/// The mean variance of its noise, whose standard deviation is 2 + |x₁|.
const NOISE: f64 = 4.0 + 2.0 * PI + PI * PI / 3.0;

fn noisy(x: &[f64], stream: &Stream) -> f64 {
    ishigami(x) + (2.0 + PI * (2.0 * x[0] - 1.0).abs()) * normal(stream)
}

#[test]
fn noise_changes_no_index_of_the_mean_though_it_depends_on_a_value() {
    let found = indices((2, 16, 8_192), 3, noisy);
    let all = ISHIGAMI_VARIANCE + NOISE;
    near("randomness", found.randomness, NOISE / all, 0.02);
    for (place, value) in found.values.iter().enumerate() {
        near("first order", value.first, ISHIGAMI_FIRST[place], 0.04);
        let of_run = ISHIGAMI_FIRST[place] * ISHIGAMI_VARIANCE / all;
        near("of a run", value.of_run, of_run, 0.02);
        near("total", value.total, ISHIGAMI_TOTAL[place], 0.04);
    }
}

#[test]
fn intervals_of_indices_cover_as_often_as_they_say() {
    let (mut covered, mut asked) = ([0; 4], 0);
    for seed in 0..400 {
        let found = indices((seed, 16, 64), 3, noisy);
        let holds = |it: Estimate, exact: f64| {
            i32::from(
                it.low.is_some_and(|low| low <= exact) && it.high.is_some_and(|high| exact <= high),
            )
        };
        let all = ISHIGAMI_VARIANCE + NOISE;
        covered[0] += 3 * holds(found.randomness, NOISE / all);
        asked += 3;
        for (place, value) in found.values.iter().enumerate() {
            covered[1] += holds(
                value.of_run,
                ISHIGAMI_FIRST[place] * ISHIGAMI_VARIANCE / all,
            );
            covered[2] += holds(value.first, ISHIGAMI_FIRST[place]);
            covered[3] += holds(value.total, ISHIGAMI_TOTAL[place]);
        }
    }
    // Of 400 designs of 1,024 rows. Four standard errors of a share of 95% are 4.4 points.
    for covered in covered {
        let share = f64::from(covered) / f64::from(asked);
        assert!((0.906..=0.994).contains(&share), "{covered} of {asked}");
    }
}

/// The mean time to depletion Y = (S + 1) / λ, S uniform on (20, 40), λ on (0.15, 0.35).
#[test]
fn the_indices_of_the_mean_time_to_depletion_are_found() {
    let found = indices((3, 16, 4_096), 2, |x, _| {
        (20.0 + 20.0 * x[0] + 1.0) / (0.15 + 0.2 * x[1])
    });
    assert!((found.deviation.powi(2) / 1_691.806_757 - 1.0).abs() < 0.03);
    near("S", found.values[0].first, 0.353_623, 0.02);
    near("λ", found.values[1].first, 0.624_709, 0.02);
    near("S", found.values[0].total, 0.375_291, 0.02);
    near("λ", found.values[1].total, 0.646_377, 0.02);
}

#[test]
fn what_does_not_vary_or_is_malformed_has_no_indices() {
    assert_eq!(sobol_indices(&rows((1, 4, 8), 2, |_, _| 3.0)), None);
    assert_eq!(sobol_indices(&rows((1, 1, 8), 2, |x, _| x[0])), None);
    assert_eq!(sobol_indices(&[]), None);
    assert_eq!(sobol_indices(&rows((1, 4, 8), 2, |_, _| f64::NAN)), None);
    let mut uneven = rows((1, 4, 8), 2, |x, _| x[0]);
    uneven[2][1].mixed.pop();
    assert_eq!(sobol_indices(&uneven), None);
}

#[test]
fn of_pure_noise_no_index_of_the_mean_is_given() {
    let found = indices((5, 16, 256), 2, |_, stream| normal(stream));
    let randomness = found.randomness;
    assert!(
        randomness.low < Some(1.0) && Some(1.0) < randomness.high,
        "{found:?}"
    );
    assert!(
        found
            .values
            .iter()
            .all(|it| it.first.point.is_none() && it.total.point.is_none())
    );
}

/// A pool that nothing fills again, for two days, with assumptions.
fn file(assumptions: &[(&str, &str)]) -> String {
    let file = fs::read_to_string("examples/full-outage.yaml").expect("a file");
    let file = file.replace("horizon: 2h", "horizon: 48h");
    let lines = assumptions.iter().map(|(path, prior)| {
        format!("  - {{path: {path}, basis: reasoned, why: Unknown., prior: {prior}}}\n")
    });
    match assumptions {
        [] => file,
        _ => file + "assumptions:\n" + &lines.collect::<String>(),
    }
}

fn template(assumptions: &[(&str, &str)]) -> Template {
    Template::parse("full-outage.yaml", &file(assumptions)).expect("a valid file")
}

const TARGET: &str = "pools.anywhere/any.target";
const RATE: &str = "demand.leases.source.requests.rate";
const STOCK_AND_DEMAND: [(&str, &str); 2] = [
    (TARGET, "{uniform: [20, 40]}"),
    (RATE, "{uniform: [0.15/min, 0.35/min]}"),
];

fn spec(measures: &[&str]) -> SensitivitySpec {
    SensitivitySpec {
        measures: measures.iter().map(|it| (*it).to_owned()).collect(),
        seed: Seed(1),
        ..SensitivitySpec::default()
    }
}

fn shares(found: &Sensitivity) -> &SobolIndices {
    match &found.outputs[0].found {
        SensitivityResult::Sobol(shares) => shares,
        other => panic!("{other:?}"),
    }
}

/// Moments of S + 1, S uniform over the whole numbers from 20 to 40, and of 1 / λ (min), λ uniform on (0.15, 0.35).
const STOCK: [f64; 2] = [31.0, 31.0 * 31.0 + (21.0 * 21.0 - 1.0) / 12.0];

fn slowness() -> [f64; 2] {
    [
        libm::log(0.35 / 0.15) / 0.2,
        (1.0 / 0.15 - 1.0 / 0.35) / 0.2,
    ]
}

#[test]
fn a_scenario_has_the_shares_of_its_time_to_depletion() {
    let measure = "first_lease_failure_at_s";
    let found = sensitivity(&template(&STOCK_AND_DEMAND), &spec(&[measure])).expect("it varies");
    assert_eq!(
        (found.rows, found.replications, found.left_out),
        (1_024, 8_192, 0)
    );
    assert_eq!(found.outputs[0].not_occurred, Some(0.0));
    let shares = shares(&found);
    let [mean, square] = slowness();
    // The time is Gamma(S + 1, λ), so that its variance for known values is (S + 1) / λ².
    let of_mean = STOCK[1] * square - (STOCK[0] * mean).powi(2);
    let noise = STOCK[0] * square;
    let all = of_mean + noise;
    let by_stock = (STOCK[1] - STOCK[0].powi(2)) * mean.powi(2);
    let by_demand = STOCK[0].powi(2) * (square - mean.powi(2));
    assert!((by_stock / all - 0.277).abs() < 0.02 && (noise / all - 0.259).abs() < 0.01);
    near("randomness", shares.randomness, noise / all, 0.06);
    near("alone", shares.alone, (by_stock + by_demand) / all, 0.09);
    near(
        "combinations",
        shares.interactions,
        (of_mean - by_stock - by_demand) / all,
        0.09,
    );
    let [stock, demand] = [shares.values[0], shares.values[1]];
    near("S, one run", stock.of_run, by_stock / all, 0.06);
    near("λ, one run", demand.of_run, by_demand / all, 0.06);
    near("S", stock.first, by_stock / of_mean, 0.08);
    near("λ", demand.first, by_demand / of_mean, 0.08);
    near("S, total", stock.total, 1.0 - by_demand / of_mean, 0.08);
    near("λ, total", demand.total, 1.0 - by_stock / of_mean, 0.08);
    assert!(
        (shares.mean / (60.0 * STOCK[0] * mean) - 1.0).abs() < 0.02,
        "{shares:?}"
    );
    assert!(
        (shares.deviation / (60.0 * all.sqrt()) - 1.0).abs() < 0.05,
        "{shares:?}"
    );
}

#[test]
fn sensitivities_do_not_depend_on_the_number_of_threads() {
    let template = template(&STOCK_AND_DEMAND);
    for method in [SensitivityMethod::Sobol, SensitivityMethod::Morris] {
        let with = |threads| {
            let spec = SensitivitySpec {
                method,
                points: NonZeroUsize::new(64),
                threads: NonZeroUsize::new(threads),
                ..spec(&[])
            };
            sensitivity(&template, &spec).expect("it varies")
        };
        let one = with(1);
        assert_eq!(one.outputs.len(), 2);
        assert_eq!(one, with(2));
        assert_eq!(one, with(7));
    }
}

const FROM: &str = "outages.everything.from";
const UNTIL: &str = "outages.everything.until";

/// The length of the outage is the difference of two values.
fn lengths() -> Template {
    let file = file(&[
        (FROM, "{uniform: [+0s, +20m]}"),
        (UNTIL, "{uniform: [+40m, +80m]}"),
        (RATE, "{uniform: [0.15/min, 0.35/min]}"),
    ]);
    let file = file.replace("until: never", "until: +1h");
    Template::parse("lengths.yaml", &file).expect("a valid file")
}

#[test]
fn what_is_linear_has_one_elementary_effect_for_each_value() {
    let spec = SensitivitySpec {
        method: SensitivityMethod::Morris,
        points: NonZeroUsize::new(100),
        ..spec(&["outage_s"])
    };
    let found = sensitivity(&lengths(), &spec).expect("it varies");
    assert_eq!((found.rows, found.replications), (100, 400));
    let SensitivityResult::Morris(effects) = &found.outputs[0].found else {
        panic!("{found:?}");
    };
    for (it, exact) in effects.iter().zip([-1_200.0_f64, 2_400.0, 0.0]) {
        let close = |value: Option<f64>, to: f64| (value.expect("a value") - to).abs() < 0.1;
        assert!(
            close(it.size.point, exact.abs()) && close(it.mean.point, exact),
            "{it:?}"
        );
        assert!(close(it.deviation, 0.0), "{it:?}");
    }
    // Ten trajectories of known effects.
    let found = elementary_effects(&[3.0, -1.0, 3.0, -1.0, 3.0, -1.0, 3.0, -1.0, 3.0, -1.0]);
    let close = |value: Option<f64>, to: f64| (value.expect("a value") - to).abs() < 1e-12;
    assert!(close(found.size.point, 2.0) && close(found.mean.point, 1.0));
    // t(0.975; 9) = 2.262157, standard deviation √(40 / 9) of the effects and √(10 / 9) of their sizes.
    let half = found.size.high.expect("an end") - 2.0;
    assert!((half - 2.262_157 * (10.0_f64 / 9.0).sqrt() / 10.0_f64.sqrt()).abs() < 1e-5);
    assert!((found.deviation.expect("some") - (40.0_f64 / 9.0).sqrt()).abs() < 1e-12);
}

#[test]
fn what_is_not_random_leaves_nothing_to_randomness() {
    let found = sensitivity(&lengths(), &spec(&["outage_s"])).expect("it varies");
    let shares = shares(&found);
    assert!(shares.randomness.point.expect("a point").abs() < 1e-9);
    let [from, until, rate] = [0, 1, 2].map(|place| shares.values[place]);
    // Variances of 20² / 12 and 40² / 12.
    near("from", from.first, 0.2, 0.03);
    near("until", until.first, 0.8, 0.03);
    near("from, total", from.total, 0.2, 0.03);
    near("until, total", until.total, 0.8, 0.03);
    assert_eq!((rate.first.point, rate.total.point), (Some(0.0), Some(0.0)));
    // That it changed nothing in these rows bounds nothing.
    assert_eq!((rate.total.low, rate.total.high), (None, None));
}

#[test]
fn a_result_that_does_not_vary_is_constant() {
    let template = template(&STOCK_AND_DEMAND);
    for method in [SensitivityMethod::Sobol, SensitivityMethod::Morris] {
        let spec = SensitivitySpec {
            method,
            points: NonZeroUsize::new(64),
            ..spec(&["outage_s", "failed_leases"])
        };
        let found = sensitivity(&template, &spec).expect("it can be run");
        // What varies comes first.
        let [varies, constant] = &found.outputs[..] else {
            panic!("{found:?}");
        };
        assert_eq!(
            (varies.measure, constant.measure),
            ("failed_leases", "outage_s")
        );
        assert_eq!(constant.found, SensitivityResult::Constant(172_800.0));
    }
}

#[test]
fn combinations_that_the_file_forbids_are_left_out_and_counted() {
    let initial = "pools.anywhere/any.replenish.retry.initial";
    let within = |most: &str| {
        let prior = format!("{{uniform: [1m, {most}]}}");
        let template = template(&[(TARGET, "{uniform: [20, 40]}"), (initial, &prior)]);
        sensitivity(&template, &spec(&["first_lease_failure_at_s"]))
    };
    // A row is complete where the value of A and that of B are at most ten minutes: (9 / 10)² of rows.
    let found = within("11m").expect("most are allowed");
    let share = found.left_out as f64 / found.rows as f64;
    assert!((share - 0.19).abs() < 0.04, "{share}");
    assert_eq!(shares(&found).rows, found.rows - found.left_out);
    let Err(NoSensitivity::Constraint(why)) = within("60m") else {
        panic!("most are not allowed");
    };
    assert!(
        why.contains("retry.max") && why.contains("at least the initial delay"),
        "{why}"
    );
}

#[test]
fn a_time_that_does_not_occur_counts_as_its_time_at_risk() {
    let file = file(&STOCK_AND_DEMAND).replace("horizon: 48h", "horizon: 1h");
    let template = Template::parse("short.yaml", &file).expect("a valid file");
    let found = sensitivity(&template, &spec(&["first_lease_failure_at_s"])).expect("it varies");
    let not = found.outputs[0].not_occurred.expect("a time");
    assert!((0.9..1.0).contains(&not), "{not}");
    let shares = shares(&found);
    assert!(shares.mean < 3_600.0 && 3_300.0 < shares.mean, "{shares:?}");
}

/// Cancels after so many replications.
struct After(u64, AtomicU64);

impl Progress for After {
    fn completed(&self, replications: u64) {
        self.1.fetch_add(replications, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.0 <= self.1.load(Ordering::Relaxed)
    }
}

#[test]
fn a_cancelled_analysis_has_the_scramblings_that_were_complete() {
    let template = template(&STOCK_AND_DEMAND);
    let after = |replications| {
        let spec = SensitivitySpec {
            points: NonZeroUsize::new(256),
            threads: NonZeroUsize::new(1),
            ..spec(&[])
        };
        sensitivity_with(&template, &spec, &After(replications, AtomicU64::new(0)))
    };
    // 16 scramblings of 16 rows of 8 runs.
    let found = after(1_100).expect("enough");
    assert_eq!((found.rows, found.planned), (128, 256));
    assert_eq!(after(100), Err(NoSensitivity::Interrupted));
}

#[track_caller]
fn refused(args: &[&str], what: &[&str]) {
    let (code, out, wrong) = drawdown(&[&["sensitivity"], args].concat());
    assert_eq!((code, out.as_str()), (Some(2), ""), "{args:?}");
    for part in what {
        assert!(wrong.contains(part), "{args:?}: {wrong}");
    }
    assert!(!wrong.contains("panicked"), "{wrong}");
}

#[test]
fn what_cannot_be_answered_is_one_clear_message() {
    refused(
        &["examples/full-outage.yaml"],
        &["full outage: no assumption has a `prior`", "help: add one"],
    );
    let file = "scenarios/rnq2-nc8.yaml";
    refused(
        &["--pool", "westeurope/al", file],
        &[
            "there is no pool `westeurope/al`",
            "did you mean `westeurope/all`?",
        ],
    );
    refused(
        &["--measure", "failed_lease", file],
        &["did you mean `failed_leases`?"],
    );
    refused(
        &["--measure", "last_lease_failure_at_s", file],
        &[
            "counts from an instant that differs by run",
            "time_to_survive_s",
        ],
    );
    refused(&["--points", "0", file], &["a whole number from 1"]);
    refused(
        &["--points", "2000000", file],
        &["a whole number from 1 to 1048576"],
    );
    let every = STOCK_AND_DEMAND.map(|(path, _)| path);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("known.yaml");
    fs::write(&path, self::file(&STOCK_AND_DEMAND)).expect("a file");
    let path = path.to_string_lossy();
    let set = [format!("{}=30", every[0]), format!("{}=0.25/min", every[1])];
    refused(
        &["--set", &set[0], "--set", &set[1], &path],
        &["no assumption has a `prior`"],
    );
}

#[test]
fn the_command_writes_its_files_and_reads_them_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("pool.yaml");
    fs::write(&file, self::file(&STOCK_AND_DEMAND)).expect("a file");
    let file = file.to_string_lossy();
    for method in ["sobol", "morris"] {
        let out = folder.path().join(method);
        let args = [
            "sensitivity",
            "--method",
            method,
            "--points",
            "64",
            "--out",
            &out.to_string_lossy(),
            &file,
        ];
        let (code, screen, wrong) = drawdown(&args);
        assert_eq!(code, Some(0), "{wrong}");
        assert!(screen.lines().count() <= 25, "{screen}");
        let last = screen.lines().last().unwrap_or_default();
        assert!(
            last.contains(if method == "sobol" {
                "of the variance of one run"
            } else {
                "effects of"
            }),
            "{screen}"
        );
        let (code, json, _) = drawdown(&[&args[..5], &["--json", "-j", "3", &file]].concat());
        assert_eq!(code, Some(0));
        let written = fs::read_to_string(out.join("sensitivity.json")).expect("a file");
        let of = |text: &str| -> serde_json::Value { serde_json::from_str(text).expect("JSON") };
        assert_eq!(of(&json)["outputs"], of(&written)["outputs"]);
        assert_eq!(of(&json)["rows"], 64);
        let table = fs::read_to_string(out.join("sensitivity.csv")).expect("a file");
        assert!(
            table.starts_with("measure,unit,pool,kind,value,prior,of_run,of_run_low"),
            "{table}"
        );
        let page = || fs::read_to_string(out.join("report.html")).expect("a file");
        let before = page();
        assert!(
            before.contains("matters most for") || before.contains("matter most for"),
            "{before}"
        );
        assert_eq!(drawdown(&["report", &out.to_string_lossy()]).0, Some(0));
        assert_eq!(page(), before);
        let all = drawdown(&[&args[..5], &["--all", &file]].concat()).1;
        assert!(
            all.contains("uniform, 20 to 40") && all.contains("reproduce: drawdown sensitivity"),
            "{all}"
        );
    }
}

#[test]
fn every_value_with_a_prior_is_varied_or_named() {
    let template = Template::load("scenarios/fnj8-vqz.yaml").expect("a valid file");
    let spec = SensitivitySpec {
        method: SensitivityMethod::Morris,
        points: NonZeroUsize::new(4),
        ..spec(&[])
    };
    let found = sensitivity(&template, &spec).expect("it varies");
    // A clock time is varied as the instants of its prior.
    let begins = "outages.extension-storage.from".to_owned();
    assert!(found.paths.contains(&begins), "{:?}", found.paths);
    let all = found.paths.iter().chain(&found.not_varied);
    let priors = fs::read_to_string("scenarios/fnj8-vqz.yaml").expect("a file");
    assert_eq!(
        all.count(),
        priors
            .lines()
            .filter(|line| line.contains("prior: {"))
            .count()
    );
}

#[test]
fn the_answer_fits_one_screen_of_100_columns() {
    for (file, most) in [
        ("scenarios/rnq2-nc8.yaml", 25),
        ("scenarios/fnj8-vqz.yaml", 40),
    ] {
        for method in ["sobol", "morris"] {
            let line = format!("$DRAWDOWN -q sensitivity --method {method} --points 64 {file}");
            let Some(shown) = terminal(100, &line, &[]) else {
                return;
            };
            let shown = plain(&shown);
            let lines = shown.trim_end().lines().count();
            assert!(lines <= most, "{lines} lines:\n{shown}");
            // The table is not cut into several.
            assert_eq!(shown.matches("\n  value ").count(), 1, "{shown}");
        }
    }
}
