//! Estimates of information against exact values.

use statrs::distribution::{ContinuousCDF, Gamma, Normal};

use super::*;
use crate::stats::split_mix::SplitMix;

fn poisson(numbers: &mut SplitMix, mean: f64) -> f64 {
    let (mut at, mut count) = (-libm::log(numbers.unit()), 0.0);
    while at < mean {
        count += 1.0;
        at -= libm::log(numbers.unit());
    }
    count
}

/// A row of the exact table, with the replications of an outage in which nothing arrives.
struct Known {
    shape: f64,
    exposure: f64,
    outage: f64,
    loss: f64,
    now: (f64, f64),
    /// EVPI, and EVSI of 10, 30, 60, 240 and 1,440 minutes.
    exact: [f64; 6],
}

const TIMES: [f64; 5] = [10.0, 30.0, 60.0, 240.0, 1_440.0];

/// By the negative binomial distribution and quadrature.
const KNOWN: [Known; 2] = [
    Known {
        shape: 4.0,
        exposure: 16.0,
        outage: 120.0,
        loss: 100.0,
        now: (47.0, 60.4872),
        exact: [17.7636, 3.9415, 8.0629, 10.9619, 15.2553, 17.2740],
    },
    Known {
        shape: 23.0,
        exposure: 96.0,
        outage: 180.0,
        loss: 500.0,
        now: (71.0, 76.9099),
        exact: [14.0635, 1.0485, 2.7304, 4.5485, 9.1631, 12.8896],
    },
];

const ROWS: usize = 4_096;

/// Quantiles that split a distribution into so many equal parts, one in the middle of each.
fn quantiles(law: &impl ContinuousCDF<f64, f64>, count: usize) -> Vec<f64> {
    let share = |it: usize| (it as f64 + 0.5) / count as f64;
    (0..count).map(|it| law.inverse_cdf(share(it))).collect()
}

/// Sizes of levels.
fn sizes() -> Vec<f64> {
    (0..161).map(f64::from).collect()
}

/// What is estimated from so many replications: the best level; EVPI and EVSI; and what a value is worth that has
/// nothing to do with demand.
fn estimated(known: &Known, n: usize, seed: u64) -> (Best, Vec<Estimate>, Estimate) {
    let law = Gamma::new(known.shape, known.exposure).expect("a law");
    let rates = quantiles(&law, ROWS);
    let mut numbers = SplitMix(seed);
    let drawn = (0..n).map(|_| (numbers.unit() * ROWS as f64) as u32);
    let rows: Vec<u32> = drawn.collect();
    let demand = rows.iter().map(|row| rates[*row as usize] * known.outage);
    let critical: Vec<f64> = demand.map(|mean| poisson(&mut numbers, mean)).collect();
    let other: Vec<f64> = (0..ROWS).map(|_| 1.0 + numbers.unit()).collect();
    let (sizes, columns) = (sizes(), [rates, other]);
    let information = Information::new(Decision {
        sizes: &sizes,
        price: 1.0,
        loss: known.loss,
        critical: &critical,
        rows: &rows,
        columns: &columns,
        uniform: true,
    });
    let information = information.expect("values");
    let mut worth = vec![information.knowing(&[0])];
    worth.extend(information.counting(&columns[0], &TIMES));
    (information.now(), worth, information.knowing(&[1]))
}

/// Half of an interval, and whether it holds a figure.
fn half(estimate: &Estimate) -> f64 {
    let ends = estimate.low.zip(estimate.high).expect("an interval");
    f64::midpoint(-ends.0, ends.1)
}

fn holds(estimate: &Estimate, figure: f64) -> bool {
    let ends = estimate.low.zip(estimate.high).expect("an interval");
    ends.0 <= figure && figure <= ends.1
}

#[test]
fn the_exact_values_of_information_are_found() {
    for known in &KNOWN {
        let (now, worth, other) = estimated(known, 40_000, 1);
        let [level, low, high] = [now.level, now.range[0], now.range[1]].map(|it| it as f64);
        assert!((level - known.now.0).abs() <= 1.0, "{now:?}");
        assert!(low <= known.now.0 && known.now.0 <= high, "{now:?}");
        let mut all = vec![(now.cost, known.now.1)];
        all.extend(worth.into_iter().zip(known.exact));
        for (found, exact) in all {
            // Three standard errors.
            let error = (found.point.expect("an estimate") - exact).abs();
            assert!(error <= 1.53 * half(&found), "{found:?} for {exact}");
            assert!(half(&found) < 0.04 * known.now.1);
        }
        // A value that has nothing to do with it.
        assert_eq!(other.low, Some(0.0));
        assert!(other.high.is_some_and(|it| it < 0.01 * known.now.1));
    }
}

#[test]
fn intervals_hold_the_exact_values_as_often_as_they_say() {
    let trials = 24;
    for known in &KNOWN {
        let mut covered = [0; 6];
        for trial in 0..trials {
            let (_, worth, _) = estimated(known, 2_000, 100 + trial);
            for (place, (found, exact)) in worth.iter().zip(known.exact).enumerate() {
                covered[place] += u32::from(holds(found, exact));
            }
        }
        // Six or more of 24 outside have a probability of 0.1%.
        assert!(covered.iter().all(|it| 19 <= *it), "{covered:?}");
    }
}

/// Probabilities that each size is too low for a count of this mean.
fn tail(mean: f64, sizes: &[f64]) -> Vec<f64> {
    let (mut share, mut left) = (libm::exp(-mean), 1.0);
    let next = |size: &f64| {
        left -= share;
        share *= mean / (size + 1.0);
        left
    };
    sizes.iter().map(next).collect()
}

/// The least expected cost over some rows.
fn least(tails: &[Vec<f64>], rows: &[usize], sizes: &[f64], loss: f64) -> f64 {
    let cost = |level: usize| {
        let missed: f64 = rows.iter().map(|row| tails[*row][level]).sum();
        sizes[level] + loss * missed / rows.len() as f64
    };
    (0..sizes.len()).map(cost).fold(f64::INFINITY, f64::min)
}

/// Demand of a rate and for a time that are both unknown: on a grid of them the exact values are sums.
#[test]
fn each_of_two_values_is_worth_what_it_is() {
    let (side, loss, sizes) = (64, 300.0, sizes());
    let rate = Gamma::new(23.0, 96.0).expect("a law");
    let time = Normal::new(4.6, 0.35).expect("a law");
    let (rates, times) = (quantiles(&rate, side), quantiles(&time, side));
    let all: Vec<usize> = (0..side * side).collect();
    let columns: [Vec<f64>; 2] = [
        all.iter().map(|row| rates[row / side]).collect(),
        all.iter().map(|row| libm::exp(times[row % side])).collect(),
    ];
    let mean = |row: usize| columns[0][row] * columns[1][row];
    let tails: Vec<Vec<f64>> = all.iter().map(|row| tail(mean(*row), &sizes)).collect();
    let now = least(&tails, &all, &sizes, loss);
    let known = |same: &dyn Fn(usize) -> usize| {
        let mut parts = vec![Vec::new(); side * side];
        all.iter().for_each(|row| parts[same(*row)].push(*row));
        parts.retain(|part| !part.is_empty());
        let costs = parts.iter().map(|part| least(&tails, part, &sizes, loss));
        now - costs.sum::<f64>() / parts.len() as f64
    };
    let exact = [
        known(&|row| row / side),
        known(&|row| row % side),
        known(&|row| row),
    ];
    let mut numbers = SplitMix(5);
    let drawn = (0..30_000).map(|_| (numbers.unit() * all.len() as f64) as u32);
    let rows: Vec<u32> = drawn.collect();
    let critical = rows
        .iter()
        .map(|row| poisson(&mut numbers, mean(*row as usize)));
    let critical: Vec<f64> = critical.collect();
    let information = Information::new(Decision {
        sizes: &sizes,
        price: 1.0,
        loss,
        critical: &critical,
        rows: &rows,
        columns: &columns,
        uniform: true,
    });
    let information = information.expect("values");
    for (known, exact) in [&[0][..], &[1], &[0, 1]].into_iter().zip(exact) {
        let found = information.knowing(known);
        let error = (found.point.expect("an estimate") - exact).abs();
        assert!(error <= 1.53 * half(&found), "{found:?} for {exact}");
    }
}

#[test]
fn the_risk_that_was_asked_for_is_optimal_at_the_loss_that_it_implies() {
    // An exponential tail: one more of size halves the risk every 10 ln 2.
    let sizes = sizes();
    let critical: Vec<f64> = (0..100_000)
        .map(|it| (-10.0 * libm::log((f64::from(it) + 0.5) / 1e5)).ceil())
        .collect();
    let loss = implied_loss(&sizes, &critical, (2.0, 0.01)).expect("a tail");
    // Price / (risk · hazard), with a hazard of 0.1.
    assert!((loss / 2_000.0 - 1.0).abs() < 0.08, "{loss}");
    assert_eq!(implied_loss(&sizes, &[3.0; 50], (1.0, 0.01)), None);
    assert_eq!(
        implied_loss(&sizes, &[f64::INFINITY; 50], (1.0, 0.01)),
        None
    );
}
