//! Sensitivity to values that are not known: estimators on functions with exact indices, and the same through the door of
//! a scenario.

use std::f64::consts::PI;

use drawdown::kernel::{Key, Stream};

use drawdown::stats::{Estimate, SobolIndices, SobolRow, sobol_indices};

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
    (-2.0_f64 * stream.unit_at(0).ln()).sqrt() * (2.0 * PI * stream.unit_at(1)).cos()
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
