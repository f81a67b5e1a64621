//! The maximum of a function of one variable, and where a monotone function reaches a level.

/// Golden section: the ratio of the smaller part of an interval to the whole.
const GOLDEN: f64 = 0.381_966_011_250_105_1;
/// Most evaluations of one search.
const STEPS_MAX: usize = 200;

/// The place and value of the maximum of a unimodal function between two places, to within `tolerance`, by
/// parabolic steps with golden sections where they fail (Brent, 1973).
pub(crate) fn maximum(
    of: impl Fn(f64) -> f64,
    (mut low, mut high): (f64, f64),
    tolerance: f64,
) -> (f64, f64) {
    let mut best = low + GOLDEN * (high - low);
    let mut value = of(best);
    let (mut second, mut third) = ((best, value), (best, value));
    let (mut step, mut before): (f64, f64) = (0.0, 0.0);
    for _ in 0..STEPS_MAX {
        let middle = 0.5 * (low + high);
        if (best - middle).abs() <= 2.0 * tolerance - 0.5 * (high - low) {
            break;
        }
        let parabolic = (tolerance < before.abs())
            .then(|| vertex((best, value), second, third))
            .flatten()
            .filter(|to| low < *to && *to < high && (to - best).abs() < 0.5 * before.abs());
        let to = match parabolic {
            Some(to) => {
                before = step;
                // Not nearer to an end than the tolerance, where the function was evaluated already.
                let near = to - low < 2.0 * tolerance || high - to < 2.0 * tolerance;
                if near {
                    best + tolerance.copysign(middle - best)
                } else {
                    to
                }
            }
            None => {
                before = if best < middle {
                    high - best
                } else {
                    low - best
                };
                best + GOLDEN * before
            }
        };
        step = to - best;
        let to = best + step.abs().max(tolerance).copysign(step);
        let found = of(to);
        if value <= found {
            if best <= to {
                low = best;
            } else {
                high = best;
            }
            third = second;
            second = (best, value);
            (best, value) = (to, found);
        } else {
            if to < best {
                low = to;
            } else {
                high = to;
            }
            if second.1 <= found || second.0 == best {
                third = second;
                second = (to, found);
            } else if third.1 <= found || third.0 == best || third.0 == second.0 {
                third = (to, found);
            }
        }
    }
    (best, value)
}

/// The vertex of the parabola through three points; absent where they lie on a line.
fn vertex(one: (f64, f64), two: (f64, f64), three: (f64, f64)) -> Option<f64> {
    let (left, right) = (one.0 - two.0, one.0 - three.0);
    let (rise, fall) = (left * (one.1 - three.1), right * (one.1 - two.1));
    let below = 2.0 * (rise - fall);
    let to = one.0 - (left * rise - right * fall) / below;
    to.is_finite().then_some(to)
}

/// Where a function that is above 0 at `inside` falls to 0 in the direction of `outside`; absent where it does
/// not. Steps double from `step` on, and bisection ends them.
pub(crate) fn falls_to_zero(
    of: impl Fn(f64) -> f64,
    inside: f64,
    outside: f64,
    step: f64,
) -> Option<f64> {
    let toward = (outside - inside).signum();
    let (mut above, mut step) = (inside, step.abs());
    let mut below = loop {
        let next = above + toward * step;
        let last = (outside - next) * toward <= 0.0;
        let next = if last { outside } else { next };
        if of(next) <= 0.0 {
            break next;
        }
        if last {
            return None;
        }
        (above, step) = (next, 2.0 * step);
    };
    for _ in 0..STEPS_MAX {
        let middle = 0.5 * (above + below);
        if (above - below).abs() <= 1e-7 * (1.0 + middle.abs()) {
            break;
        }
        if 0.0 < of(middle) {
            above = middle;
        } else {
            below = middle;
        }
    }
    Some(0.5 * (above + below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maxima_are_found_within_their_tolerance() {
        let (at, value) = maximum(|x| -(x - 1.3) * (x - 1.3), (-10.0, 10.0), 1e-9);
        assert!((at - 1.3).abs() < 1e-8, "{at}");
        assert!(value.abs() < 1e-15);
        // x - exp(x) has its maximum at 0; flat and steep sides.
        let (at, _) = maximum(|x| x - libm::exp(x), (-50.0, 20.0), 1e-8);
        assert!(at.abs() < 1e-6, "{at}");
        // At an end.
        let (at, _) = maximum(|x| x, (0.0, 1.0), 1e-8);
        assert!((at - 1.0).abs() < 1e-6, "{at}");
    }

    #[test]
    fn a_level_that_is_not_reached_is_absent() {
        let root = falls_to_zero(|x| 2.0 - x * x, 0.0, 10.0, 0.1).expect("a root");
        assert!((root - 2.0_f64.sqrt()).abs() < 1e-6);
        let root = falls_to_zero(|x| 2.0 - x * x, 0.0, -10.0, 0.1).expect("a root");
        assert!((root + 2.0_f64.sqrt()).abs() < 1e-6);
        assert_eq!(falls_to_zero(|_| 1.0, 0.0, 10.0, 0.1), None);
    }
}
