//! An axis of a sweep: a path in the file, and the values to put there.

use std::collections::BTreeSet;

use crate::kernel::time::SimDuration;
use crate::scenario::text::node::{Entry, Node, Value};
use crate::scenario::text::pattern;
use crate::scenario::text::problem::{Problem, Spot};
use crate::scenario::text::read::{Read, Reader};
use crate::scenario::text::schema_type::SchemaType;
use crate::scenario::text::units::duration;
use crate::scenario::text::yaml;

/// A path, and the values to put there.
#[derive(Clone, Debug)]
pub struct Axis {
    /// Keys joined by dots.
    pub(crate) path: String,
    levels: Levels,
    pub(crate) spot: Spot,
}

#[derive(Clone, Debug)]
enum Levels {
    Listed(Vec<Node>),
    /// `count` values, the first at `from`.
    Steps {
        from: f64,
        step: f64,
        count: u64,
        unit: Unit,
    },
    /// Any value between two.
    Between {
        low: f64,
        high: f64,
        unit: Unit,
    },
}

/// The unit of a number.
#[derive(Clone, PartialEq, Debug)]
enum Unit {
    /// A duration, after a text such as `+`.
    Length(String),
    /// A number before a text such as `%` or `/h`.
    Number(String),
}

const RANGE: &str = "two values of one kind, the lower first, and a step between them above 0";
const RANGE_HELP: &str = "write `4..40:2`, `30m..6h:30m` or `a,b,c`";

impl Axis {
    /// Keys joined by dots.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Reads `PATH=VALUES`: `4..40:2` for values two apart, `4..40` for any between, or values
    /// separated by commas.
    ///
    /// # Errors
    /// If the text is malformed.
    ///
    /// # Examples
    /// An axis of three values:
    /// ```
    /// let axis = drawdown::scenario::Axis::parse("pools.westus2/ubuntu.target=4..8:2")?;
    /// assert_eq!(axis.count(), Some(3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, Box<Problem>> {
        Self::read_text(text, 0)
    }

    /// As `parse`; `source` is the index of the text that holds the values.
    pub(crate) fn read_text(text: &str, source: usize) -> Result<Self, Box<Problem>> {
        let help = "write a path, `=` and values, such as `clock.horizon=6h,12h`";
        let Some((path, values)) = text.split_once('=') else {
            let problem = Problem::new("", format!("`{text}` varies nothing"));
            return Err(Box::new(problem.help(help)));
        };
        let path = path.trim().to_owned();
        let spot = Spot::whole(source, values);
        let levels = match values.split_once("..") {
            Some((from, rest)) => {
                let (to, step) = rest
                    .split_once(':')
                    .map_or((rest, None), |(to, step)| (to, Some(step)));
                Levels::range(from, to, step).ok_or_else(|| {
                    let problem = Problem::new(path.clone(), format!("found `{values}`"));
                    Box::new(problem.limit(RANGE).help(RANGE_HELP).at(Some(spot)))
                })?
            }
            None => {
                let list = yaml::parse(&format!("[{values}]"), source);
                let list = list.map_err(|problem| Box::new(problem.at(Some(spot))))?;
                // Columns are off by the bracket added above.
                let unbracketed = |spot: Spot| Spot {
                    column: spot.column.saturating_sub(1),
                    offset: spot.offset.saturating_sub(1),
                    ..spot
                };
                match list.relocated(&unbracketed).value {
                    Value::List(items) if !items.is_empty() => Levels::Listed(items),
                    _ => {
                        let problem = Problem::new(path, "no value is given").help(help);
                        return Err(Box::new(problem.at(Some(spot))));
                    }
                }
            }
        };
        Ok(Self { path, levels, spot })
    }

    /// The number of values; `None` for a continuous range.
    pub fn count(&self) -> Option<u64> {
        match &self.levels {
            Levels::Listed(values) => Some(values.len() as u64),
            Levels::Steps { count, .. } => Some(*count),
            Levels::Between { .. } => None,
        }
    }

    /// Whether this is the location of one of its values, or of all of them.
    pub(crate) fn is_at(&self, spot: Option<Spot>) -> bool {
        let listed = |values: &[Node]| values.iter().any(|value| Some(value.spot) == spot);
        spot == Some(self.spot) || matches!(&self.levels, Levels::Listed(values) if listed(values))
    }

    /// If some of its values are not whole numbers, the nearest steps that are.
    pub(crate) fn whole_steps(&self) -> Option<String> {
        let (low, high, step, unit) = match &self.levels {
            Levels::Between { low, high, unit } => (*low, *high, 1.0, unit),
            Levels::Steps {
                from,
                step,
                count,
                unit,
            } => (*from, from + step * (count - 1) as f64, *step, unit),
            Levels::Listed(_) => return None,
        };
        let (low, high, step) = (low.ceil(), high.floor(), step.ceil());
        let plain = matches!(unit, Unit::Number(suffix) if suffix.is_empty());
        (plain && low < high).then(|| format!("{}={low}..{high}:{step}", self.path))
    }

    /// The first value of a list that repeats an earlier one.
    pub(crate) fn repeated(&self) -> Option<String> {
        let Levels::Listed(values) = &self.levels else {
            return None;
        };
        let mut seen = BTreeSet::new();
        let mut values = values.iter().map(Node::flow);
        values.find(|value| !seen.insert(value.clone()))
    }

    /// The value at a place, from 0.
    ///
    /// # Panics
    /// If there is none.
    pub(crate) fn level(&self, place: u64) -> Node {
        match &self.levels {
            Levels::Listed(values) => values[place as usize].clone(),
            Levels::Steps {
                from,
                step,
                count,
                unit,
            } => {
                assert!(
                    place < *count,
                    "{} has {count} values, and no {place}",
                    self.path
                );
                self.node(unit.written(from + step * place as f64))
            }
            Levels::Between { .. } => panic!("{} has no values in order", self.path),
        }
    }

    /// The value at a share of the way from the first to the last, 0 < `share` < 1.
    pub(crate) fn at(&self, share: f64) -> Node {
        match (&self.levels, self.count()) {
            (Levels::Between { low, high, unit }, _) => {
                self.node(unit.written(low + (high - low) * share))
            }
            (_, count) => {
                let count = count.unwrap_or(1);
                self.level(((share * count as f64) as u64).min(count - 1))
            }
        }
    }

    fn node(&self, text: String) -> Node {
        let value = match text.parse() {
            Ok(number) => Value::Number(number),
            Err(_) => Value::Text(text),
        };
        Node {
            value,
            spot: self.spot,
            defined: self.spot,
        }
    }
}

impl Levels {
    /// A range between two values of one kind, with or without a step.
    fn range(from: &str, to: &str, step: Option<&str>) -> Option<Self> {
        let ((low, unit), (high, other)) = (Unit::read(from)?, Unit::read(to)?);
        if unit != other || high < low {
            return None;
        }
        let Some(step) = step else {
            return (low < high).then_some(Self::Between { low, high, unit });
        };
        // A step is a difference, so it has no sign of an instant.
        let (step, of_step) = Unit::read(step)?;
        let alike = match (&unit, &of_step) {
            (Unit::Length(_), Unit::Length(_)) => true,
            (unit, of_step) => unit == of_step,
        };
        let count = ((high - low) / step + 1e-9).floor();
        (alike && 0.0 < step && count < 1e15).then(|| Self::Steps {
            from: low,
            step,
            count: count as u64 + 1,
            unit,
        })
    }
}

impl Unit {
    /// The size of a value, and its unit.
    fn read(text: &str) -> Option<(f64, Self)> {
        let text = text.trim();
        let (sign, rest) = match text.strip_prefix('+') {
            Some(rest) => ("+", rest),
            None => ("", text),
        };
        if let Some(length) = duration(rest) {
            return Some((length.seconds(), Self::Length(sign.to_owned())));
        }
        let end = text.find(|it: char| !(it.is_ascii_digit() || "+-.".contains(it)));
        let (number, suffix) = text.split_at(end.unwrap_or(text.len()));
        let number = number
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite())?;
        Some((number, Self::Number(suffix.to_owned())))
    }

    /// A value of this kind as written in a file.
    fn written(&self, size: f64) -> String {
        match self {
            Self::Length(sign) => format!(
                "{sign}{}",
                SimDuration::from_micros((size * 1e6).round() as u64)
            ),
            Self::Number(suffix) => {
                // Ten digits distinguish any two steps, and hide the rounding of their sums.
                let digits = format!("{size:.9e}").parse::<f64>().unwrap_or(size);
                format!("{digits}{suffix}")
            }
        }
    }
}

/// Every axis of a file, by path.
impl Read for Vec<Axis> {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let entries = reader.entries(node)?;
        let axis = |reader: &mut Reader, entry: &Entry| {
            let path = entry.key.clone();
            let levels = match &entry.value.value {
                Value::List(items) if !items.is_empty() => Some(Levels::Listed(items.clone())),
                Value::Map(ends) => {
                    reader.refuse_unknown(ends, &["from", "to", "step"]);
                    let find = |key| entry.value.find(key).map(Node::written);
                    let (from, to, step) = (find("from"), find("to"), find("step"));
                    from.zip(to)
                        .and_then(|(from, to)| Levels::range(&from, &to, step.as_deref()))
                }
                _ => None,
            };
            levels.map(|levels| Axis {
                path,
                levels,
                spot: entry.value.spot,
            })
        };
        let mut axes = Vec::new();
        for entry in entries {
            match axis(reader, entry) {
                Some(axis) => axes.push(axis),
                None => {
                    let path = format!("{}.{}", reader.path(), entry.key);
                    let problem = Problem::new(path, format!("found {}", entry.value.kind()));
                    let problem = problem.limit(format!("a list of values, or {RANGE}"));
                    let help = "write `[4, 8, 16]`, or `{from: 4, to: 40, step: 2}`";
                    reader
                        .problems
                        .push(problem.help(help).at(Some(entry.value.spot)));
                }
            }
        }
        Some(axes)
    }

    fn placeholder() -> Self {
        Self::new()
    }

    fn schema_type() -> SchemaType {
        SchemaType::Keyed(pattern::path(), Box::new(SchemaType::Anything))
    }
}
