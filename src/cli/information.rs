//! `drawdown size --posterior`: what to measure next, in words.

use crate::cli::args::SizeArgs;
use crate::cli::finding::Sentence;
use crate::cli::table::table;
use crate::cli::words;
use crate::experiment::information::{NoValue, ValueOfInformation, value_of_information};
use crate::experiment::size::Buffer;
use crate::experiment::wanted::Wanted;
use crate::kernel::random::Seed;
use crate::output::study::information::{is_found, unit, watched};
use crate::stats::Estimate;

/// Values that are named on a screen.
const NAMED: usize = 3;

/// Adds to a buffer what information is worth, and says so in a few sentences.
pub(crate) fn added(it: &mut Buffer, wanted: &Wanted, args: &SizeArgs) -> Vec<Sentence> {
    let asked = (it.price.unwrap_or(1.0), args.loss);
    let seed = Seed(args.source.seed);
    let found = value_of_information(&wanted.plan.scenario(0), &it.sizing, asked, seed);
    let labels = match &found {
        Ok(found) => said(it, found),
        Err(NoValue::NoLoss) => vec![
            "what more information is worth depends on what a miss costs: widen `--within`, or state it with `--loss`"
                .to_owned(),
        ],
        Err(NoValue::NoCriticalLevels) => vec![
            "what more information is worth is not estimated: levels must be numbers, and a higher one must never \
             do worse"
                .to_owned(),
        ],
        Err(NoValue::TooLittle) => vec![
            "what more information is worth is not estimated: no value that is drawn is a number".to_owned(),
        ],
    };
    it.information = found.ok();
    let named = labels.into_iter().map(|label| (it.pool.clone(), label));
    named.collect()
}

fn said(it: &Buffer, found: &ValueOfInformation) -> Vec<String> {
    let unit = unit(it);
    let of = |estimate: Estimate| words::estimate(estimate, "workers", words::NONE);
    let loss = match found.implied {
        true => format!(
            "{}, at which a risk of {} is optimal",
            words::number(found.loss),
            words::value(it.sizing.requirement.risk, "share")
        ),
        false => words::number(found.loss),
    };
    let mut labels = vec![format!(
        "all values known exactly: worth {} {unit} of the {} that {} is expected to cost (a miss costs {loss})",
        of(found.all),
        of(found.now.cost),
        it.sizing.levels[found.now.level],
    )];
    for (class, times) in &found.watching {
        let times: Vec<String> = times
            .iter()
            .map(|(time, worth)| format!("{} {}", watched(*time), of(*worth)))
            .collect();
        labels.push(format!(
            "watching the demand of `{class}`: {}",
            times.join(", ")
        ));
    }
    if found.values.len() == 1 {
        return labels;
    }
    let (found, nothing): (Vec<_>, Vec<_>) =
        (found.values.iter()).partition(|(_, worth)| is_found(worth));
    let each = found.iter().take(NAMED);
    let each: Vec<String> = each
        .map(|(path, worth)| format!("`{path}` {}", of(*worth)))
        .collect();
    let mut alone = Vec::new();
    if !each.is_empty() {
        alone.push(each.join(", "));
    }
    let named: Vec<String> = nothing.iter().map(|it| format!("`{}`", it.0)).collect();
    if !named.is_empty() {
        let names = match named.len() {
            ..=NAMED => named.join(", "),
            many => format!(
                "{} and {} more",
                named[..NAMED - 1].join(", "),
                many + 1 - NAMED
            ),
        };
        let highest = nothing.iter().filter_map(|it| it.1.high);
        let most = words::number(highest.fold(0.0, f64::max));
        alone.push(format!(
            "not distinguished from worth nothing: {names} (each at most {most})"
        ));
    }
    labels.push(format!("each value alone: {}", alone.join("; ")));
    labels
}

/// What every value is worth, as a table.
pub(crate) fn table_of(it: &Buffer) -> Option<String> {
    let found = it.information.as_ref()?;
    let of = |estimate: Estimate| words::estimate(estimate, "workers", words::NONE);
    let mut rows = vec![vec!["all values, known exactly".to_owned(), of(found.all)]];
    for (path, worth) in &found.values {
        rows.push(vec![format!("{path}, known exactly"), of(*worth)]);
    }
    for (class, times) in &found.watching {
        let row = |(time, worth): &(f64, Estimate)| {
            vec![
                format!("demand of {class}, watched for {}", watched(*time)),
                of(*worth),
            ]
        };
        rows.extend(times.iter().map(row));
    }
    let unit = format!("worth ({})", unit(it));
    Some(table(&["information", &unit], &[&unit], &rows))
}
