//! Elementary effects (Morris 1991): what a step of one value changes, over many places of the others.

use crate::stats::Estimate;
use crate::stats::mean::{mean, moments};

/// Elementary effects of one value, in the unit of the output for the whole range of the value.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
#[non_exhaustive]
pub struct ElementaryEffects {
    /// Mean of their sizes, μ* (Campolongo, Cariboni and Saltelli 2007), with Student's interval over trajectories: how
    /// much the value matters.
    pub size: Estimate,
    /// Their mean, μ, with its interval: which way the value works.
    pub mean: Estimate,
    /// Their standard deviation, σ: how much an effect depends on the other values, and on the random numbers. Absent of
    /// fewer than two.
    pub deviation: Option<f64>,
}

/// Elementary effects of one value: the change of the output over the step of the value, a number for each of several
/// independent trajectories.
///
/// # Examples
/// ```
/// use drawdown::stats::elementary_effects;
///
/// let found = elementary_effects(&[2.0, -2.0, 3.0, -3.0]);
/// assert_eq!(found.size.point, Some(2.5));
/// assert_eq!(found.mean.point, Some(0.0));
/// ```
pub fn elementary_effects(effects: &[f64]) -> ElementaryEffects {
    let sizes: Vec<f64> = effects.iter().map(|it| it.abs()).collect();
    let n = effects.len();
    let spread = || (moments(effects).1 / (n - 1) as f64).sqrt();
    ElementaryEffects {
        size: mean(&sizes),
        mean: mean(effects),
        deviation: (2 <= n).then(spread),
    }
}
