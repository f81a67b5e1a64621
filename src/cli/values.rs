//! Values of flags: shares, amounts, numbers of replications, measures and changes.

use std::num::NonZeroUsize;

use crate::experiment::measure::{MEASURES, Measure};
use crate::experiment::pieces::Shard;
use crate::experiment::sensitivity::ROWS_MAX;
use crate::experiment::summary::BLOCK;
use crate::scenario::text::read::nearest;
use crate::scenario::text::units::duration;

/// The most replications.
const REPLICATIONS_MAX: usize = 1_000_000_000;

/// A share above 0 and below 1: `2%`, or `0.02`.
pub(crate) fn share(text: &str) -> Result<f64, String> {
    let share = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse().map(|percent: f64| percent / 100.0),
        None => text.parse(),
    };
    let share = share.ok().filter(|share| 0.0 < *share && *share < 1.0);
    share.ok_or_else(|| "write a share above 0 and below 1, such as `2%`".to_owned())
}

/// A number of replications.
pub(crate) fn replications(text: &str) -> Result<NonZeroUsize, String> {
    let number = text
        .parse()
        .ok()
        .filter(|n: &NonZeroUsize| n.get() <= REPLICATIONS_MAX);
    number.ok_or_else(|| format!("write a whole number from 1 to {REPLICATIONS_MAX}"))
}

/// A number of threads.
pub(crate) fn threads(text: &str) -> Result<NonZeroUsize, String> {
    let number = text.parse().ok();
    number.ok_or_else(|| "write a whole number of 1 or more".to_owned())
}

/// A number from 0 on, such as a seed.
pub(crate) fn number(text: &str) -> Result<u64, String> {
    let number = text.parse().ok();
    number.ok_or_else(|| format!("write a whole number from 0 to {}", u64::MAX))
}

/// A number of points of a design.
pub(crate) fn points(text: &str) -> Result<NonZeroUsize, String> {
    let points = text.parse().ok();
    let points = points.filter(|n: &NonZeroUsize| n.get() <= ROWS_MAX);
    points.ok_or_else(|| format!("write a whole number from 1 to {ROWS_MAX}"))
}

/// A number of 0 or more.
pub(crate) fn amount(text: &str) -> Result<f64, String> {
    let number = text
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite() && 0.0 <= *number);
    number.ok_or_else(|| "write a number of 0 or more".to_owned())
}

/// One of several shards, from 0.
pub(crate) fn shard(text: &str) -> Result<Shard, String> {
    let read = || {
        let (index, of) = text.split_once('/')?;
        let (index, of) = (index.parse().ok()?, of.parse().ok()?);
        (index < of).then_some(Shard { index, of })
    };
    read().ok_or_else(|| "write I/N, with I from 0 to N-1, such as `0/16`".to_owned())
}

/// Replications of a piece: whole blocks.
pub(crate) fn piece(text: &str) -> Result<NonZeroUsize, String> {
    let number = replications(text).ok();
    let number = number.filter(|number| number.get().is_multiple_of(BLOCK));
    number.ok_or_else(|| format!("write a multiple of {BLOCK}"))
}

/// A number above 0.
pub(crate) fn loss(text: &str) -> Result<f64, String> {
    let number = amount(text).ok().filter(|number| 0.0 < *number);
    number.ok_or_else(|| "write a number above 0".to_owned())
}

/// A bound on a measure of pools, and how it was written.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Bound {
    pub text: String,
    pub measure: &'static str,
    /// In the unit of the measure.
    pub limit: f64,
}

/// A bound on a wait: `p95 <= 30s`.
pub(crate) fn wait(text: &str) -> Result<Bound, String> {
    let help =
        || "write `p50`, `p95`, `mean` or `max`, `<=` and a duration: `p95 <= 30s`".to_owned();
    let (figure, limit) = text.split_once("<=").ok_or_else(help)?;
    let measure = match figure.trim() {
        "p50" => "wait_p50_s",
        "p95" => "wait_p95_s",
        "mean" => "wait_mean_s",
        "max" => "wait_max_s",
        _ => return Err(help()),
    };
    let limit = duration(limit.trim()).ok_or_else(help)?.seconds();
    Ok(Bound {
        text: text.to_owned(),
        measure,
        limit,
    })
}

/// A bound on the hit rate: `>= 99%`.
pub(crate) fn hit_rate(text: &str) -> Result<Bound, String> {
    let limit = text
        .trim()
        .strip_prefix(">=")
        .map(|limit| share(limit.trim()));
    let limit = limit.and_then(Result::ok);
    let help = || "write `>=` and a share above 0 and below 1: `>= 99%`".to_owned();
    Ok(Bound {
        text: text.to_owned(),
        measure: "hit_rate",
        limit: limit.ok_or_else(help)?,
    })
}

/// The name of a measure of pools.
pub(crate) fn measure(name: &str) -> Result<&'static str, String> {
    one_of(MEASURES.iter(), name, "such measure of pools")
}

/// A measure of pools, of the incident, of dependencies or of demand classes.
pub(crate) fn any_measure(name: &str) -> Result<&'static str, String> {
    one_of(Measure::all(), name, "such measure")
}

fn one_of(
    measures: impl Iterator<Item = &'static Measure>,
    name: &str,
    what: &str,
) -> Result<&'static str, String> {
    let names: Vec<&'static str> = measures.map(|measure| measure.name).collect();
    let known = names.iter().find(|known| **known == name).copied();
    known.ok_or_else(|| match nearest(name, &names) {
        Some(near) => format!("there is no such measure; did you mean `{near}`?"),
        None => format!("there is no {what}; `drawdown help outputs` lists them"),
    })
}

/// A path and the value to put there.
pub(crate) fn change(text: &str) -> Result<(String, String), String> {
    let (path, value) = text
        .split_once('=')
        .ok_or("write a path, `=` and a value, such as `clock.horizon=12h`")?;
    Ok((path.trim().to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_read_with_their_units() {
        let read = |bound: Result<Bound, String>| bound.ok().map(|it| (it.measure, it.limit));
        assert_eq!(read(wait("p95 <= 30s")), Some(("wait_p95_s", 30.0)));
        assert_eq!(read(wait("max<=1m30s")), Some(("wait_max_s", 90.0)));
        assert_eq!(read(hit_rate(">= 99%")), Some(("hit_rate", 0.99)));
        assert_eq!(read(hit_rate(">=0.9")), Some(("hit_rate", 0.9)));
        for wrong in ["p99 <= 30s", "p95 < 30s", "p95 <= 30", "30s", ""] {
            assert_eq!(read(wait(wrong)), None, "{wrong}");
        }
        for wrong in ["99%", ">= 100%", "<= 99%", ">= 2"] {
            assert_eq!(read(hit_rate(wrong)), None, "{wrong}");
        }
    }
}
