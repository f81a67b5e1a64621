//! Least squares on functions of unknown values: natural cubic splines of each, and products of pairs.

use crate::stats::mean::moments;

/// Shares of the rows below the knots of a spline.
const KNOTS: [f64; 5] = [0.02, 0.25, 0.5, 0.75, 0.98];

/// Observations that a function needs.
const OBSERVATIONS_EACH: usize = 20;

/// Keeps normal equations of nearly dependent functions solvable; relative to their diagonal.
const RIDGE: f64 = 1e-7;

/// Functions of the values of a row: `width` for each row, the first of them constant.
#[derive(Clone, Debug)]
pub(super) struct Basis {
    width: usize,
    values: Vec<f64>,
}

impl Basis {
    /// Splines and products for columns with a value for each of `rows` rows, as far as so many observations
    /// support them: without products, or with straight lines, where they are few.
    pub fn smooth(columns: &[&[f64]], rows: usize, observations: usize) -> Self {
        let most = observations / OBSERVATIONS_EACH;
        let scaled: Vec<Vec<f64>> = columns.iter().filter_map(|it| scaled(it)).collect();
        let mut functions: Vec<Vec<f64>> = scaled.iter().flat_map(|it| spline(it)).collect();
        if most <= functions.len() {
            functions.clone_from(&scaled);
        }
        let pairs = scaled.len() * scaled.len().saturating_sub(1) / 2;
        if functions.len() + pairs < most {
            for (place, one) in scaled.iter().enumerate() {
                let products = scaled[place + 1..].iter().map(|other| {
                    let product = one.iter().zip(other).map(|(one, other)| one * other);
                    product.collect()
                });
                functions.extend(products.collect::<Vec<Vec<f64>>>());
            }
        }
        Self::of(&functions, rows)
    }

    /// Straight lines.
    pub fn linear(columns: &[&[f64]], rows: usize) -> Self {
        let scaled: Vec<Vec<f64>> = columns.iter().filter_map(|it| scaled(it)).collect();
        Self::of(&scaled, rows)
    }

    fn of(functions: &[Vec<f64>], rows: usize) -> Self {
        let row = |row: usize| {
            std::iter::once(1.0).chain(functions.iter().map(move |function| function[row]))
        };
        Self {
            width: functions.len() + 1,
            values: (0..rows).flat_map(row).collect(),
        }
    }

    fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.width..(row + 1) * self.width]
    }

    /// The fitted value of every row, by least squares from observations: each a row, and what was observed.
    pub fn fitted(&self, observed: impl Iterator<Item = (usize, f64)>) -> Vec<f64> {
        let width = self.width;
        let rows = self.values.len() / width;
        let mut totals = vec![(0.0, 0.0); rows];
        for (row, value) in observed {
            totals[row].0 += 1.0;
            totals[row].1 += value;
        }
        let (mut matrix, mut right) = (vec![0.0; width * width], vec![0.0; width]);
        for (row, (count, sum)) in totals.iter().enumerate().filter(|(_, it)| 0.0 < it.0) {
            let functions = self.row(row);
            for (place, one) in functions.iter().enumerate() {
                right[place] += one * sum;
                for (other, two) in functions[..=place].iter().enumerate() {
                    matrix[place * width + other] += count * one * two;
                }
            }
        }
        let factors = solved(&mut matrix, right);
        let fitted = |row: usize| {
            let each = self.row(row).iter().zip(&factors);
            each.map(|(function, factor)| function * factor).sum()
        };
        (0..rows).map(fitted).collect()
    }
}

/// A column with mean 0 and variance 1: of the values or of their logarithms, whichever are less skewed. Absent
/// where all are the same.
fn scaled(column: &[f64]) -> Option<Vec<f64>> {
    let standard = |values: &[f64]| {
        let (mean, squares) = moments(values);
        let deviation = (squares / values.len() as f64).sqrt();
        let varies = 1e-12 * mean.abs() < deviation;
        varies.then(|| -> Vec<f64> { values.iter().map(|it| (it - mean) / deviation).collect() })
    };
    let plain = standard(column)?;
    if column.iter().any(|value| *value <= 0.0) {
        return Some(plain);
    }
    let logarithms: Vec<f64> = column.iter().map(|value| libm::log(*value)).collect();
    let Some(logarithms) = standard(&logarithms) else {
        return Some(plain);
    };
    let skewness = |values: &[f64]| values.iter().map(|it| it.powi(3)).sum::<f64>().abs();
    match skewness(&logarithms) < skewness(&plain) {
        true => Some(logarithms),
        false => Some(plain),
    }
}

/// Natural cubic splines (Hastie, Tibshirani and Friedman 2009, equations 5.4 and 5.5), without the constant.
fn spline(values: &[f64]) -> Vec<Vec<f64>> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share).round() as usize];
    let mut knots = KNOTS.map(at).to_vec();
    knots.dedup();
    let mut functions = vec![values.to_vec()];
    let &[.., before, last] = &knots[..] else {
        return functions;
    };
    let beyond = |value: f64, knot: f64| (value - knot).max(0.0).powi(3);
    let bend = |value: f64, knot: f64| (beyond(value, knot) - beyond(value, last)) / (last - knot);
    for knot in &knots[..knots.len() - 2] {
        let function = values.iter().map(|it| bend(*it, *knot) - bend(*it, before));
        functions.push(function.collect());
    }
    functions
}

/// Solves normal equations, of which the lower triangle is given, by Cholesky's factors. A function that the others
/// nearly determine gets the factor 0.
fn solved(matrix: &mut [f64], mut right: Vec<f64>) -> Vec<f64> {
    let width = right.len();
    for place in 0..width {
        let whole = matrix[place * width + place] * (1.0 + RIDGE);
        let before = &matrix[place * width..place * width + place];
        let rest = whole - before.iter().map(|it| it * it).sum::<f64>();
        let pivot = match RIDGE * whole < rest {
            true => rest.sqrt(),
            false => f64::INFINITY,
        };
        matrix[place * width + place] = pivot;
        for below in place + 1..width {
            let product: f64 = (0..place)
                .map(|it| matrix[below * width + it] * matrix[place * width + it])
                .sum();
            let entry = &mut matrix[below * width + place];
            *entry = (*entry - product) / pivot;
        }
    }
    for place in 0..width {
        let known: f64 = (0..place)
            .map(|it| matrix[place * width + it] * right[it])
            .sum();
        right[place] = (right[place] - known) / matrix[place * width + place];
    }
    for place in (0..width).rev() {
        let known: f64 = (place + 1..width)
            .map(|it| matrix[it * width + place] * right[it])
            .sum();
        right[place] = (right[place] - known) / matrix[place * width + place];
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_smooth_function_of_two_values_is_found() {
        let rows = 400;
        let one: Vec<f64> = (0..rows).map(|it| f64::from(it % 20) / 20.0).collect();
        let two: Vec<f64> = (0..rows).map(|it| f64::from(it / 20) / 20.0).collect();
        let of = |row: usize| 3.0 + one[row].sin() - 2.0 * one[row] * two[row];
        let rows = one.len();
        let basis = Basis::smooth(&[&one, &two], rows, 10 * rows);
        let fitted = basis.fitted((0..rows).map(|row| (row, of(row))));
        let error = (0..rows).map(|row| (fitted[row] - of(row)).abs());
        assert!(error.fold(0.0, f64::max) < 0.01);
        // A column that never varies, and one that is there twice, change nothing.
        let same = vec![5.0; rows];
        let basis = Basis::smooth(&[&one, &two, &same, &one], rows, 10 * rows);
        let again = basis.fitted((0..rows).map(|row| (row, of(row))));
        let error = (0..rows).map(|row| (again[row] - of(row)).abs());
        assert!(error.fold(0.0, f64::max) < 0.01);
    }
}
