//! Distributions of durations as a file states them, and their compilation to those of the kernel.

use crate::kernel::distribution::{Distribution, Gamma, LogNormal, Weibull};
use crate::kernel::normal::normal_quantile;
use crate::kernel::time::SimDuration;
use crate::scenario::text::node::{Node, Value};
use crate::scenario::text::read::{Read, Reader, choice, record};
use crate::scenario::text::schema_type::{SchemaType, known};
use crate::scenario::text::units::{Length, Number};

choice! {
    /// A distribution of durations; a bare duration is a fixed one.
    Law {
        /// Always this duration.
        "fixed" => Fixed(Length),
        /// Uniform between two durations.
        "uniform" => Uniform(UniformLaw),
        /// Exponential with this mean.
        "exponential" => Exponential(ExponentialLaw),
        /// Log-normal; any two of its parameters determine it.
        "lognormal" => LogNormal(LogNormalLaw),
        /// Gamma.
        "gamma" => Gamma(GammaLaw),
        /// Weibull.
        "weibull" => Weibull(GammaLaw),
        /// Triangular.
        "triangular" => Triangular(TriangularLaw),
        /// Drawn from observed durations: a list, or a column of a CSV file.
        "empirical" => Empirical(Sample),
    }
}

record! {
    /// Uniform between two durations.
    UniformLaw {
        /// Shortest.
        low: Length,
        /// Longest.
        high: Length,
    }
}

record! {
    /// Exponential.
    ExponentialLaw {
        /// Mean, without the shift.
        mean: Length,
        /// Added to every duration.
        shift: Length = "0s",
    }
}

record! {
    /// Any two of its parameters determine it.
    LogNormalLaw {
        /// 5% quantile.
        p5: Option<Length>,
        /// Median.
        p50: Option<Length>,
        /// 95% quantile.
        p95: Option<Length>,
        /// Mean, without the shift.
        mean: Option<Length>,
        /// Standard deviation of the logarithm.
        sigma: Option<Number>,
        /// Added to every duration.
        shift: Length = "0s",
    }
}

record! {
    /// A gamma or Weibull distribution; with a shape of 1, either is exponential.
    GammaLaw {
        /// Without the shift.
        mean: Length,
        /// Shape; 1 is exponential.
        shape: Number,
        /// Added to every duration.
        shift: Length = "0s",
    }
}

record! {
    /// Triangular.
    TriangularLaw {
        /// Shortest.
        low: Length,
        /// Most likely.
        mode: Length,
        /// Longest.
        high: Length,
    }
}

record! {
    /// A column of a CSV file in the scenario's folder.
    Column {
        /// File, relative to the scenario.
        csv: String,
        /// Column of durations.
        column: String,
    }
}

/// Observed durations: listed here, or in a CSV file.
#[derive(Clone, Debug)]
pub(crate) enum Sample {
    Listed(Vec<Length>),
    Column(Column),
}

impl Read for Sample {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.value {
            Value::Map(_) => Column::read(node, reader).map(Self::Column),
            _ => Vec::read(node, reader).map(Self::Listed),
        }
    }

    fn placeholder() -> Self {
        Self::Listed(vec![Length::placeholder()])
    }

    fn schema_type() -> SchemaType {
        let listed = SchemaType::List(1, Box::new(Length::schema_type()));
        SchemaType::Either(vec![listed, Column::schema_type()])
    }
}

/// A distribution in the file: a duration, or a choice of distributions.
#[derive(Clone, Debug)]
pub(crate) struct AnyLaw(pub Law);

impl Read for AnyLaw {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.value {
            Value::Map(_) => Law::read(node, reader),
            _ => Length::read(node, reader).map(Law::Fixed),
        }
        .map(Self)
    }

    fn placeholder() -> Self {
        Self(Law::placeholder())
    }

    fn schema_type() -> SchemaType {
        known(
            "AnyLaw",
            "A duration, or a distribution of durations.",
            || SchemaType::Either(vec![Length::schema_type(), Law::schema_type()]),
        )
    }
}

/// A problem of a distribution: message, limit, help.
pub(crate) type Wrong = (String, &'static str, &'static str);

impl AnyLaw {
    /// The kernel's distribution.
    ///
    /// # Errors
    /// If its parameters contradict each other.
    pub fn distribution(&self) -> Result<Distribution, Wrong> {
        match &self.0 {
            Law::Fixed(Length(length)) => Ok(Distribution::Fixed(*length)),
            Law::Uniform(law) => uniform(law),
            Law::Exponential(law) if law.mean.0 == SimDuration::ZERO => Err((
                "a mean of 0s".to_owned(),
                "a mean above 0",
                "write `0s` for no delay",
            )),
            Law::Exponential(law) => Ok(Distribution::Exponential {
                mean: micros(law.mean),
                shift: micros(law.shift),
            }),
            Law::LogNormal(law) => {
                let (mu, sigma) = log_normal(law)?;
                let law = LogNormal::shared(mu, sigma, micros(law.shift));
                Ok(Distribution::LogNormal(law))
            }
            Law::Gamma(law) => gamma(law),
            Law::Weibull(law) => weibull(law),
            Law::Triangular(law) => triangular(law),
            Law::Empirical(Sample::Listed(values)) => {
                empirical(values.iter().map(|value| value.0).collect())
            }
            Law::Empirical(Sample::Column(_)) => Err((
                "a column that was not read".to_owned(),
                "a distribution that is read with its file",
                "list the durations instead",
            )),
        }
    }
}

/// The distribution of observed durations.
///
/// # Errors
/// If there are none.
pub(crate) fn empirical(mut values: Vec<SimDuration>) -> Result<Distribution, Wrong> {
    if values.is_empty() {
        return Err((
            "an empty list".to_owned(),
            "at least one duration",
            "list the observed durations",
        ));
    }
    values.sort_unstable();
    Ok(Distribution::Empirical(values.into()))
}

fn weibull(law: &GammaLaw) -> Result<Distribution, Wrong> {
    if !(0.1..=100.0).contains(&law.shape.0) {
        let message = format!("a shape of {}", law.shape.0);
        let help = "a shape of 1 is the exponential distribution";
        return Err((message, "a shape from 0.1 to 100", help));
    }
    if law.mean.0 == SimDuration::ZERO {
        let help = "write `0s` for no delay";
        return Err(("a mean of 0s".to_owned(), "a mean above 0", help));
    }
    let law = Weibull::shared(law.shape.0, micros(law.mean), micros(law.shift));
    Ok(Distribution::Weibull(law))
}

fn triangular(law: &TriangularLaw) -> Result<Distribution, Wrong> {
    if !(law.low <= law.mode && law.mode <= law.high && law.low < law.high) {
        let (low, mode, high) = (law.low.0, law.mode.0, law.high.0);
        let message = format!("a triangle from {low} over {mode} to {high}");
        let limit = "`low` at most `mode`, `mode` at most `high`, `low` below `high`";
        return Err((message, limit, "put them in order"));
    }
    Ok(Distribution::Triangular {
        low: micros(law.low),
        mode: micros(law.mode),
        high: micros(law.high),
    })
}

fn micros(length: Length) -> f64 {
    length.0.micros() as f64
}

fn uniform(law: &UniformLaw) -> Result<Distribution, Wrong> {
    if law.high < law.low {
        let message = format!("`low` of {} is above `high` of {}", law.low.0, law.high.0);
        return Err((message, "`low` at most `high`", "swap the two"));
    }
    Ok(Distribution::Uniform {
        low: micros(law.low),
        high: micros(law.high),
    })
}

fn gamma(law: &GammaLaw) -> Result<Distribution, Wrong> {
    if !(0.05..=1e4).contains(&law.shape.0) {
        let message = format!("a shape of {}", law.shape.0);
        return Err((
            message,
            "a shape from 0.05 to 10,000",
            "a shape of 1 is the exponential distribution",
        ));
    }
    let scale = micros(law.mean) / law.shape.0;
    if scale == 0.0 {
        let help = "write `0s` for no delay";
        return Err(("a mean of 0s".to_owned(), "a mean above 0", help));
    }
    Ok(Distribution::Gamma(Gamma::shared(
        law.shape.0,
        scale,
        micros(law.shift),
    )))
}

/// Mean and standard deviation of the logarithm (ln µs) from any two parameters.
fn log_normal(law: &LogNormalLaw) -> Result<(f64, f64), Wrong> {
    let given: Vec<(&str, f64)> = [
        ("p5", law.p5.map(micros)),
        ("p50", law.p50.map(micros)),
        ("p95", law.p95.map(micros)),
        ("mean", law.mean.map(micros)),
        ("sigma", law.sigma.map(|sigma| sigma.0)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect();
    let [(one, x), (two, y)] = given[..] else {
        let names: Vec<&str> = given.iter().map(|(name, _)| *name).collect();
        let names = if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ")
        };
        return Err((
            format!("{} parameters given: {names}", given.len()),
            "exactly two of `p5`, `p50`, `p95`, `mean`, `sigma`",
            "two parameters determine a log-normal distribution; remove the others",
        ));
    };
    let zero = "every duration above 0";
    if x <= 0.0 || (two != "sigma" && y <= 0.0) {
        return Err((
            "a log-normal distribution through 0s".to_owned(),
            zero,
            "write a shorter duration",
        ));
    }
    let solved = if two == "sigma" {
        with_sigma(one, x, y)
    } else {
        through(one, x, two, y)
    };
    solved.filter(|(_, sigma)| *sigma <= 20.0).ok_or_else(|| {
        (
            format!("no log-normal distribution has this `{one}` and this `{two}`"),
            "`p5` < `p50` < `p95`, and `p5`, `p50` < `mean`; `p95` not far below `mean`",
            "swap the values or correct one of them",
        )
    })
}

fn with_sigma(name: &str, value: f64, sigma: f64) -> Option<(f64, f64)> {
    let above = if name == "mean" {
        0.5 * sigma * sigma
    } else {
        sigma * z(name)
    };
    Some((libm::log(value) - above, sigma))
}

fn through(one: &str, x: f64, two: &str, y: f64) -> Option<(f64, f64)> {
    let rise = libm::log(y) - libm::log(x);
    // A quantile lies z sigma above mu, the mean sigma²/2 above it.
    let sigma = if two == "mean" {
        // sigma²/2 - z sigma - rise = 0; of two positive roots the smaller is the plausible one.
        let z = z(one);
        let root = z * z + 2.0 * rise;
        if root < 0.0 {
            return None;
        }
        if 0.0 <= rise {
            z + root.sqrt()
        } else {
            z - root.sqrt()
        }
    } else {
        rise / (z(two) - z(one))
    };
    (0.0 <= sigma).then(|| (libm::log(x) - z(one) * sigma, sigma))
}

fn z(quantile: &str) -> f64 {
    match quantile {
        "p5" => normal_quantile(0.05),
        "p95" => normal_quantile(0.95),
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(minutes: f64) -> Option<Length> {
        Some(Length(SimDuration::from_micros_f64(minutes * 6e7)))
    }

    #[test]
    #[expect(
        clippy::too_many_lines,
        reason = "rustfmt spreads a table of ten laws over fifty"
    )]
    fn any_two_figures_give_the_same_law() {
        let none = LogNormalLaw {
            p5: None,
            p50: None,
            p95: None,
            mean: None,
            sigma: None,
            shift: Length(SimDuration::ZERO),
        };
        // mu = ln 8 min, sigma = 0.5.
        let factor = libm::exp(0.5 * normal_quantile(0.95));
        let (p5, p50, p95) = (minutes(8.0 / factor), minutes(8.0), minutes(8.0 * factor));
        let mean = minutes(8.0 * libm::exp(0.125));
        let sigma = Some(Number(0.5));
        let base = &none;
        let laws = [
            LogNormalLaw {
                p5,
                p50,
                ..base.clone()
            },
            LogNormalLaw {
                p5,
                p95,
                ..base.clone()
            },
            LogNormalLaw {
                p5,
                mean,
                ..base.clone()
            },
            LogNormalLaw {
                p5,
                sigma,
                ..base.clone()
            },
            LogNormalLaw {
                p50,
                p95,
                ..base.clone()
            },
            LogNormalLaw {
                p50,
                mean,
                ..base.clone()
            },
            LogNormalLaw {
                p50,
                sigma,
                ..base.clone()
            },
            LogNormalLaw {
                p95,
                mean,
                ..base.clone()
            },
            LogNormalLaw {
                p95,
                sigma,
                ..base.clone()
            },
            LogNormalLaw {
                mean,
                sigma,
                ..base.clone()
            },
        ];
        for law in laws {
            let (mu, found) = log_normal(&law).expect("a law");
            assert!((found - 0.5).abs() < 1e-6, "{law:?}: {found}");
            assert!((libm::exp(mu) / 6e7 - 8.0).abs() < 1e-5, "{law:?}: {mu}");
        }
    }
}
