//! Prior distributions of values, compiled: in the base unit of each kind of value.

use crate::kernel::normal::normal_quantile;
use crate::scenario::compile::provenance::described;
use crate::scenario::schema::{GammaPrior, LognormalPrior, Prior, Quantity, QuantityUnit};
use crate::scenario::text::node::{Node, Value};

/// A value with a prior distribution.
#[derive(Clone, Debug)]
pub(crate) struct DeclaredPrior {
    pub path: String,
    pub law: PriorLaw,
    /// How a value is written.
    pub unit: QuantityUnit,
    /// The law in words.
    pub shown: String,
}

/// A distribution of a value: a number, a share, a rate (1/µs), or seconds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum PriorLaw {
    Uniform {
        low: f64,
        high: f64,
    },
    LogUniform {
        low: f64,
        high: f64,
    },
    /// By the mean and the standard deviation of the logarithm.
    LogNormal {
        mu: f64,
        sigma: f64,
    },
    Gamma {
        shape: f64,
        rate: f64,
    },
}

impl DeclaredPrior {
    /// The prior of the value of a node; nothing where the node is not a single value.
    pub fn of(path: &str, node: &Node, prior: &Prior) -> Option<Self> {
        let own = Quantity::of(node).map(|it| it.unit);
        let unit = match prior {
            Prior::Uniform(range) | Prior::LogUniform(range) => range.low.unit.clone(),
            Prior::Lognormal(law) => law.p5.unit.clone(),
            Prior::Gamma(_) => own.clone()?,
        };
        // A clock time has no size of its own, and an instant can stand in its place.
        let is_clock = unit == QuantityUnit::Instant && matches!(node.value, Value::Text(_));
        if own.is_none() && !is_clock {
            return None;
        }
        Some(Self {
            path: path.to_owned(),
            law: PriorLaw::of(prior, node).ok()?,
            unit,
            shown: described(prior),
        })
    }
}

/// Shapes and rates that can be drawn from.
const MIN: f64 = 1e-3;
const MAX: f64 = 1e18;

/// What is wrong with a prior, and the limit.
type Wrong = (&'static str, &'static str);

impl PriorLaw {
    /// The law of the value of a node.
    ///
    /// # Errors
    /// What is wrong, and the limit.
    pub fn of(prior: &Prior, node: &Node) -> Result<Self, Wrong> {
        match prior {
            Prior::Uniform(range) => Ok(Self::Uniform {
                low: range.low.size,
                high: range.high.size,
            }),
            Prior::LogUniform(range) if range.low.size <= 0.0 => {
                Err(("a log-uniform prior from 0", "both ends above 0"))
            }
            Prior::LogUniform(range) => Ok(Self::LogUniform {
                low: range.low.size,
                high: range.high.size,
            }),
            Prior::Lognormal(law) => Self::lognormal(law, node),
            Prior::Gamma(law) => Self::gamma(law, node),
        }
    }

    fn lognormal(law: &LognormalPrior, node: &Node) -> Result<Self, Wrong> {
        let (low, high) = (&law.p5, &law.p95);
        let kind = Quantity::of(node).is_some_and(|it| it.unit.is_like(&low.unit));
        if !low.unit.is_like(&high.unit) || !kind {
            return Err((
                "quantiles of another kind than the value",
                "values of one kind",
            ));
        }
        if low.size <= 0.0 || high.size <= low.size || !high.size.is_finite() {
            return Err((
                "quantiles out of order",
                "a 5% quantile above 0 and below the 95% quantile",
            ));
        }
        let (low, high) = (libm::log(low.size), libm::log(high.size));
        Ok(Self::LogNormal {
            mu: (low + high) / 2.0,
            sigma: (high - low) / (2.0 * normal_quantile(0.95)),
        })
    }

    fn gamma(law: &GammaPrior, node: &Node) -> Result<Self, Wrong> {
        use QuantityUnit::{Duration, Number, Per, Percent};
        let value = Quantity::of(node).map(|it| it.unit);
        // A rate is counted by the microsecond, and a duration by the second.
        let rate = match (value, &law.rate.unit, law.rate.size) {
            (Some(Per(..)), Duration, length) => length * 1e6,
            (Some(Duration), Per(..), rate) => rate * 1e6,
            (Some(Number | Percent), Number, rate) => rate,
            _ => {
                return Err((
                    "a rate of another kind than the value",
                    "a duration for a rate, a rate for a duration, a number for a number",
                ));
            }
        };
        let shape = law.shape.0;
        match (MIN..=MAX).contains(&shape) && (MIN..=MAX).contains(&rate) {
            true => Ok(Self::Gamma { shape, rate }),
            false => Err((
                "a gamma prior out of range",
                "a shape and a rate above 0, neither of them extreme",
            )),
        }
    }
}
