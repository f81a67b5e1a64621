//! What decides an output, as a chart shows it.

use crate::output::chart::scales::brief_path;
use crate::output::chart::sensitivity::{Bar, Bars};
use crate::output::study::sensitivity::{Output, Value};
use crate::output::words;

/// The finding in one line.
fn title(output: &Output) -> String {
    let what = output.name();
    let top: Vec<&Value> = output.values.iter().filter(|it| !it.is_idle()).collect();
    let Some(first) = top.first() else {
        return format!("No value can be shown to change {what}");
    };
    // Those that the first is not clearly above.
    let low = first.weight().and_then(|it| it.low);
    let alike = top[1..].iter();
    let alike = alike
        .filter(|it| low <= it.weight().and_then(|it| it.high))
        .count();
    let names = |count: usize| {
        let names = top[..count].iter().map(|it| brief_path(&it.path, 40));
        names.collect::<Vec<_>>().join(" and ")
    };
    match alike {
        0 => format!("{} matters most for {what}", names(1)),
        1 => format!("{} matter most for {what}", names(2)),
        more => format!("{} values matter alike for {what}", more + 1),
    }
}

/// The bars of an output, and what its variance is made of.
pub(crate) fn bars(output: &Output, subtitle: &str) -> Bars {
    let effects = output.values.iter().any(|it| it.effect.is_some());
    let (axis, unit, keys): (&str, &str, &[&str]) = match (effects, output.has_mean()) {
        (true, _) => (
            "mean size of effects over the whole range of the prior",
            &output.unit,
            &["mean size of effects"],
        ),
        (false, true) => (
            "share of the variance of the mean that unknown values cause",
            "share",
            &["first order", "total"],
        ),
        (false, false) => (
            "share of the variance of one run",
            "share",
            &["first order"],
        ),
    };
    let bar = |it: &Value| {
        let estimates = match (effects, output.has_mean()) {
            (true, _) => vec![it.effect],
            (false, true) => vec![it.first, it.total],
            (false, false) => vec![it.of_run],
        };
        let deviation = it.effect_deviation;
        Bar {
            name: brief_path(&it.path, 34),
            estimates: estimates
                .into_iter()
                .map(Option::unwrap_or_default)
                .collect(),
            note: deviation.map_or_else(String::new, |it| {
                format!(", sd {}", words::brief(it, &output.unit))
            }),
        }
    };
    let parts = output.randomness.zip(output.interactions).zip(output.alone);
    Bars {
        title: title(output),
        subtitle: subtitle.to_owned(),
        axis: axis.to_owned(),
        unit: unit.to_owned(),
        keys: keys.iter().map(|it| (*it).to_owned()).collect(),
        rows: output.values.iter().map(bar).collect(),
        parts: parts.map(|((randomness, interactions), alone)| {
            [
                ("each value alone", alone),
                ("combinations", interactions),
                ("randomness", randomness),
            ]
        }),
    }
}
