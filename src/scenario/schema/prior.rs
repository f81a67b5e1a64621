//! Prior distributions of assumed values, as a file states them.

use jiff::Timestamp;

use crate::kernel::time::SimDuration;
use crate::scenario::text::node::{Node, Value};
use crate::scenario::text::read::{Read, Reader, choice, record};
use crate::scenario::text::schema_type::{SchemaType, known};
use crate::scenario::text::units::{Number, duration, magnitude, percentage, rate};

choice! {
    /// A prior distribution of a value. Where the value is a whole number, so is each draw.
    Prior {
        /// Uniform between two values.
        "uniform" => Uniform(Range),
        /// Uniform in the logarithm between two values.
        "log_uniform" => LogUniform(Range),
        /// Log-normal, by its 5% and 95% quantiles.
        "lognormal" => Lognormal(LognormalPrior),
        /// Gamma, by its shape and its rate; conjugate to counts of requests.
        "gamma" => Gamma(GammaPrior),
    }
}

record! {
    /// Log-normal.
    LognormalPrior {
        /// 5% quantile.
        p5: Quantity,
        /// 95% quantile.
        p95: Quantity,
    }
}

record! {
    /// Gamma; its mean is `shape` divided by `rate`.
    GammaPrior {
        /// Shape, such as a number of requests.
        shape: Number,
        /// Rate, in the inverse of the unit of the value: for a rate such as `0.25/min` a duration, such as that in
        /// which `shape` requests were counted.
        rate: Quantity,
    }
}

/// A value with its unit. The size is a number, a share, a rate (1/µs), seconds, or seconds since 1970.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Quantity {
    pub size: f64,
    pub unit: QuantityUnit,
}

/// How a value is written.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum QuantityUnit {
    Number,
    Percent,
    /// Per a unit of time: how long that is (µs), and how it is written.
    Per(f64, String),
    Duration,
    /// After the start of the scenario.
    Offset,
    Instant,
}

/// Digits of a value that is written: more than any figure is known to.
const DIGITS: i32 = 6;

impl Quantity {
    /// The value of a node, if it is one with a unit.
    pub fn of(node: &Node) -> Option<Self> {
        let text = match &node.value {
            Value::Number(number) => {
                return Some(Self {
                    size: *number,
                    unit: QuantityUnit::Number,
                });
            }
            Value::Text(text) => text.trim(),
            _ => return None,
        };
        if let Some(length) = text.strip_prefix('+').and_then(duration) {
            let (size, unit) = (length.seconds(), QuantityUnit::Offset);
            return Some(Self { size, unit });
        }
        let unit = if percentage(text).is_some() {
            QuantityUnit::Percent
        } else if rate(text).is_some() {
            let unit = text.split_once('/')?.1.trim();
            QuantityUnit::Per(1.0 / rate(&format!("1/{unit}"))?, unit.to_owned())
        } else if duration(text).is_some() {
            QuantityUnit::Duration
        } else {
            QuantityUnit::Instant
        };
        let size = magnitude(node)?;
        Some(Self { size, unit })
    }
}

impl QuantityUnit {
    /// Whether values of both units are of one kind.
    pub fn is_like(&self, other: &Self) -> bool {
        use QuantityUnit::{Number, Per, Percent};
        match (self, other) {
            (Per(..), Per(..)) | (Number | Percent, Number | Percent) => true,
            (one, other) => one == other,
        }
    }

    /// A value of this unit as written in a file, to six digits.
    pub fn written(&self, size: f64) -> String {
        let rounded = |size: f64| {
            let digits = format!("{size:.*e}", DIGITS as usize - 1);
            digits.parse::<f64>().unwrap_or(size)
        };
        match self {
            Self::Number => rounded(size).to_string(),
            Self::Percent => format!("{}%", rounded(size * 100.0)),
            Self::Per(micros, unit) => format!("{}/{unit}", rounded(size * micros)),
            Self::Duration => written_duration(size),
            Self::Offset => format!("+{}", written_duration(size)),
            Self::Instant => Timestamp::from_second(size.round() as i64)
                .map_or_else(|_| String::new(), |at| at.to_string()),
        }
    }
}

/// A duration to the millisecond, or to the second where it is long.
fn written_duration(seconds: f64) -> String {
    let step = if 600.0 <= seconds { 1e6 } else { 1e3 };
    let micros = (seconds.max(0.0) * 1e6 / step).round() * step;
    SimDuration::from_micros_f64(micros).to_string()
}

impl Read for Quantity {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        Self::of(node).or_else(|| {
            let help = "write it in the unit of the value, such as `20m` or `0.25/min`";
            reader.expected(node, "a number, or a value with its unit", help)
        })
    }

    fn placeholder() -> Self {
        Self {
            size: 1.0,
            unit: QuantityUnit::Number,
        }
    }

    fn schema_type() -> SchemaType {
        known("Quantity", "A number, or a value with its unit.", end)
    }
}

/// An end of a range.
fn end() -> SchemaType {
    let ends = [
        SchemaType::Number(f64::NEG_INFINITY, f64::INFINITY),
        String::schema_type(),
    ];
    SchemaType::Either(ends.into())
}

/// Two values of one kind, the first below the second.
#[derive(Clone, Debug)]
pub(crate) struct Range {
    pub low: Quantity,
    pub high: Quantity,
    pub text: String,
}

impl Read for Range {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if let Value::List(ends) = &node.value
            && let [low, high] = &ends[..]
            && let (Some(first), Some(last)) = (Quantity::of(low), Quantity::of(high))
            && first.unit.is_like(&last.unit)
            && first.size < last.size
            && (last.size - first.size).is_finite()
        {
            return Some(Self {
                low: first,
                high: last,
                text: format!("{} to {}", low.written(), high.written()),
            });
        }
        reader.expected(
            node,
            "two values of one kind, the lower first",
            "write `[1, 60]` or `[1m, 20m]`",
        )
    }

    fn placeholder() -> Self {
        let end = |size| Quantity {
            size,
            unit: QuantityUnit::Number,
        };
        Self {
            low: end(0.0),
            high: end(f64::INFINITY),
            text: String::new(),
        }
    }

    fn schema_type() -> SchemaType {
        known("Range", "Two values of one kind, the lower first.", || {
            SchemaType::Pair(Box::new(end()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::text::yaml::parse;

    #[test]
    fn a_value_is_written_as_it_was_read() {
        for text in [
            "12",
            "0.25/min",
            "35%",
            "1h30m",
            "+50m",
            "2026-02-02T18:50:00Z",
        ] {
            let node = parse(text, 0).expect("a value");
            let quantity = Quantity::of(&node).expect("a value with a unit");
            assert_eq!(quantity.unit.written(quantity.size), text);
        }
    }
}
