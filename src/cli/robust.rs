//! `drawdown size --posterior`: the buffer for values that are not known, beside the one from their means.

use std::sync::Arc;

use crate::cli::args::SizeArgs;
use crate::cli::buffers::wanted;
use crate::cli::finding::Sentence;
use crate::cli::posterior::second;
use crate::cli::progress::Bar;
use crate::cli::size::answer;
use crate::cli::{Failure, words};
use crate::experiment::size::{Buffer, YEAR_H};
use crate::experiment::unknown::{of_sizing, success};
use crate::scenario::vary::parameters::node;
use crate::scenario::vary::posterior::Posterior;
use crate::scenario::vary::template::Template;
use crate::stats::between::TwoIntervals;

/// The buffer that the means of a sample seem to need.
pub(crate) fn at_means(
    known: &Template,
    sample: &Arc<Posterior>,
    args: &SizeArgs,
    (pool, path): &(usize, String),
    bar: &Bar,
) -> Result<Buffer, Failure> {
    let means = sample.means(known);
    let values = means.iter().filter(|(path, _)| !known.sets(path));
    let values: Vec<_> = values
        .map(|(path, value)| (path.as_str(), node(value)))
        .collect();
    let template = known.changed(&values).unwrap_or_else(|| known.clone());
    let wanted = wanted(&template, args, *pool, path)?;
    let (sized, _) = answer(&template, &[wanted], args, bar);
    let first = sized.into_iter().next();
    first.ok_or_else(|| Failure::Message("there is nothing to size".to_owned()))
}

/// What the two answers say together.
pub(crate) fn lines(robust: &Buffer, means: &Buffer) -> Vec<Sentence> {
    let sizing = &robust.sizing;
    let name = robust.pool.clone();
    let level = |place: usize| sizing.levels.get(place).cloned().unwrap_or_default();
    let mut lines = Vec::new();
    if let (Some(both), Some(answer)) = (of_sizing(sizing), sizing.answer) {
        lines.push((
            name.clone(),
            format!(
                "{}: {}",
                level(answer),
                intervals(&both, &|place| level(place as usize))
            ),
        ));
    }
    let Some(of_means) = means.sizing.answer else {
        return lines;
    };
    let of_means = means.sizing.levels[of_means].clone();
    let place = sizing.levels.iter().position(|it| *it == of_means);
    let risk = place.and_then(|place| success(sizing, place));
    let risk = risk.map_or_else(String::new, |does| {
        let missed = missed(&does);
        let of = |end: Option<f64>| words::some(end, "share");
        format!(
            ", which fails in {} of cases (luck {} to {}; luck with ignorance {}), not in {}",
            of(missed.figure.point),
            of(missed.figure.low),
            of(missed.figure.high),
            second(&missed, "share"),
            words::value(sizing.requirement.risk, "share")
        )
    });
    lines.push((
        name.clone(),
        format!("from the posterior means alone it would be {of_means}{risk}"),
    ));
    if let Some(answer) = sizing.answer
        && let (Ok(most), Ok(least)) = (level(answer).parse::<f64>(), of_means.parse::<f64>())
    {
        let more = most - least;
        let cost = robust.price.map_or_else(String::new, |price| {
            let currency = robust
                .currency
                .as_deref()
                .map_or_else(String::new, |it| format!(" {it}"));
            format!(
                ", {}{currency} a year if they are always ready",
                words::number(more * price * YEAR_H)
            )
        });
        let what = if more < 0.0 { " fewer " } else { " more " };
        let workers = words::counted(more.abs() as usize, "worker").replacen(' ', what, 1);
        let said = format!("not knowing the values takes {workers}{cost}");
        lines.push((name, said));
    }
    lines
}

/// The share that fails, for the share that does.
fn missed(does: &TwoIntervals) -> TwoIntervals {
    TwoIntervals {
        figure: does.figure.complement(),
        ends: does.ends.map(|[low, high]| [1.0 - high, 1.0 - low]),
    }
}

/// Both intervals of a level.
fn intervals(both: &TwoIntervals, level: &dyn Fn(f64) -> String) -> String {
    let end = |end: Option<f64>| match end {
        Some(place) if place.is_finite() => level(place),
        _ => "unbounded".to_owned(),
    };
    let luck = format!("luck {} to {}", end(both.figure.low), end(both.figure.high));
    match both.ends {
        Some([low, high]) => format!(
            "{luck}; luck with ignorance {} to {}, the buffer if the true values were known",
            end(Some(low)),
            end(Some(high))
        ),
        None => luck,
    }
}
