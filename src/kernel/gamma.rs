//! The gamma distribution with unit scale: its distribution function and the inverse of it.

use crate::kernel::normal::normal_quantile;

/// Density at `x` > 0 of the gamma distribution with this `shape` > 0 and scale 1.
pub(crate) fn density(shape: f64, x: f64) -> f64 {
    libm::exp((shape - 1.0) * libm::log(x) - x - libm::lgamma(shape))
}

/// Quantile of the gamma distribution with this `shape` > 0 and scale 1, for 0 < `p` < 1.
///
/// Starts from the approximation of Wilson and Hilferty (1931), or from the leading term of the
/// series near 0, and improves it by Halley steps on the distribution function.
pub(crate) fn quantile(shape: f64, p: f64) -> f64 {
    let ninth = 1.0 / (9.0 * shape);
    let cube_root = 1.0 - ninth + normal_quantile(p) * ninth.sqrt();
    let leading = libm::exp((libm::log(p) + libm::lgamma(shape + 1.0)) / shape);
    let mut x = if cube_root <= 0.0 || shape * cube_root * cube_root * cube_root < 0.1 * shape {
        leading
    } else {
        shape * cube_root * cube_root * cube_root
    };
    for _ in 0..50 {
        let (below, above) = tails(shape, x);
        // The smaller tail is the accurate one.
        let miss = if p < 0.5 {
            below - p
        } else {
            (1.0 - p) - above
        };
        let newton = miss / density(shape, x);
        let bend = 0.5 * ((shape - 1.0) / x - 1.0);
        let step = newton / (1.0 - (newton * bend).clamp(-0.5, 0.5));
        let next = if step < x { x - step } else { 0.5 * x };
        if (next - x).abs() <= 1e-15 * x {
            return next;
        }
        x = next;
    }
    x
}

/// P(X <= x) and P(X > x): by the series left of the mode, by the continued fraction right of it
/// (Abramowitz and Stegun, 1964, 6.5.29 and 6.5.31; the latter in the form of Lentz, 1976).
fn tails(shape: f64, x: f64) -> (f64, f64) {
    let front = libm::exp(shape * libm::log(x) - x - libm::lgamma(shape));
    if x < shape + 1.0 {
        let mut term = 1.0 / shape;
        let mut sum = term;
        let mut n = shape;
        while 1e-17 * sum < term {
            n += 1.0;
            term *= x / n;
            sum += term;
        }
        let below = front * sum;
        return (below, 1.0 - below);
    }
    let mut b = x + 1.0 - shape;
    let mut c = 1e300;
    let mut d = 1.0 / b;
    let mut fraction = d;
    for i in 1..10_000 {
        let a = -f64::from(i) * (f64::from(i) - shape);
        b += 2.0;
        d = 1.0 / (a * d + b);
        c = b + a / c;
        let factor = c * d;
        fraction *= factor;
        if (factor - 1.0).abs() < 1e-16 {
            break;
        }
    }
    let above = front * fraction;
    (1.0 - above, above)
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, Gamma};

    #[test]
    fn the_quantile_undoes_an_independent_distribution_function() {
        for shape in [0.3, 0.5, 1.0, 2.5, 30.0, 400.0] {
            let peer = Gamma::new(shape, 1.0).expect("a valid law");
            for p in [1e-6, 1e-3, 0.05, 0.3, 0.5, 0.8, 0.99, 1.0 - 1e-6] {
                let x = quantile(shape, p);
                let back = if p < 0.5 {
                    peer.cdf(x) / p
                } else {
                    peer.sf(x) / (1.0 - p)
                };
                assert!(
                    (back - 1.0).abs() < 1e-7,
                    "shape {shape}, p {p}: x {x}, ratio {back}"
                );
            }
        }
    }
}
