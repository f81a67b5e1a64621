//! Values of flags: shares, amounts, numbers of replications, measures and changes.

use std::num::NonZeroUsize;

use crate::experiment::class_measures::CLASS_MEASURES;
use crate::experiment::dependency_measures::DEPENDENCY_MEASURES;
use crate::experiment::measure::{INCIDENT_MEASURES, MEASURES, Measure};
use crate::scenario::text::read::nearest;

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

/// A number of 0 or more.
pub(crate) fn amount(text: &str) -> Result<f64, String> {
    let number = text
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite() && 0.0 <= *number);
    number.ok_or_else(|| "write a number of 0 or more".to_owned())
}

/// The name of a measure of pools.
pub(crate) fn measure(name: &str) -> Result<&'static str, String> {
    one_of(MEASURES.iter(), name, "such measure of pools")
}

/// A measure of pools, of the incident, of dependencies or of demand classes.
pub(crate) fn any_measure(name: &str) -> Result<&'static str, String> {
    let lists = [
        MEASURES,
        INCIDENT_MEASURES,
        DEPENDENCY_MEASURES,
        CLASS_MEASURES,
    ];
    one_of(lists.into_iter().flatten(), name, "such measure")
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
