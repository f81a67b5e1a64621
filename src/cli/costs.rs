//! Costs of the levels of a buffer, and the level that is expected to cost least.

use crate::cli::table::table;
use crate::cli::words;
use crate::experiment::size::{Buffer, Cost, YEAR_H};
use crate::scenario::vary::template::Template;
use crate::stats::Estimate;

/// The level that is expected to cost least, in one sentence.
pub(crate) fn cheapest(it: &Buffer) -> Option<String> {
    let found = it.break_even.as_ref()?;
    let levels = &it.sizing.levels;
    let of = found.costs.iter().find(|cost| cost.level == found.level)?;
    let [low, high] = found.range.map(|place| levels[place].as_str());
    let alike = match low == high {
        true => "every other level costs more".to_owned(),
        false => format!("{low} to {high} cannot be distinguished from it"),
    };
    let end = match found.level + 1 == levels.len() {
        true => "; it is the highest level asked for: more may cost less",
        false => "",
    };
    Some(format!(
        "{}: break-even at {}, with the least expected cost: {} over the measured time; {alike}{end}",
        it.pool,
        levels[found.level],
        money(of.cost, it.currency.as_deref()),
    ))
}

/// What is said where failures have a price and ready workers have none.
pub(crate) fn unpriced(it: &Buffer, template: &Template) -> Option<String> {
    let lacks = template.base.prices_failures() && it.price.is_none();
    lacks.then(|| {
        format!(
            "{}: the break-even level needs the cost of a ready worker: `--price`, or `worker_hour_cost`",
            it.pool
        )
    })
}

/// What levels are expected to cost, where that is known.
pub(crate) fn expected(it: &Buffer) -> Option<String> {
    let found = it.break_even.as_ref()?;
    let rows = found.costs.iter().map(|cost| {
        let mark = match cost.level == found.level {
            true => " < least",
            false => "",
        };
        let of = |estimate| words::estimate(estimate, "currency", words::NONE);
        let level = format!("{}{mark}", it.sizing.levels[cost.level]);
        vec![level, of(cost.cost), of(cost.more)]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let total = match &it.currency {
        Some(currency) => format!("total cost ({currency})"),
        None => "total cost".to_owned(),
    };
    Some(table(&["level", &total, "more than the least"], &[], &rows))
}

/// A cost with its interval and its currency.
fn money(cost: Estimate, currency: Option<&str>) -> String {
    let text = words::estimate(cost, "currency", words::NONE);
    match currency {
        Some(currency) => format!("{currency} {text}"),
        None => text,
    }
}

/// What levels about the answer do and cost; `brief`: only those that have a name.
pub(crate) fn table_of(it: &Buffer, brief: bool) -> String {
    let sizing = &it.sizing;
    let named = [sizing.chosen, sizing.answer, sizing.today, sizing.assured];
    let shown = |cost: &&Cost| !brief || named.contains(&Some(cost.level));
    let row = |cost: &Cost| {
        let known = sizing
            .curve
            .iter()
            .find(|likely| likely.level == cost.level);
        let of = |estimate, unit| words::estimate(estimate, unit, words::NONE);
        let mark = match Some(cost.level) {
            level if level == sizing.chosen => " < answer",
            level if level == sizing.answer && sizing.chosen.is_none() => " < answer",
            level if level == sizing.today => " < today",
            level if level == sizing.assured => " < 95% sure",
            _ => "",
        };
        let mut row = vec![
            format!("{}{mark}", sizing.levels[cost.level]),
            known.map_or(words::NONE.to_owned(), |it| of(it.success, "share")),
            of(cost.failed_leases, "requests"),
            of(cost.idle_worker_hours, "h"),
            of(cost.calm_ready, "workers"),
        ];
        if let Some(price) = it.price {
            row.push(of(cost.idle_worker_hours.times(price), "currency"));
            row.push(of(cost.calm_ready.times(price * YEAR_H), "currency"));
        }
        row
    };
    let rows: Vec<Vec<String>> = sizing.costs.iter().filter(shown).map(row).collect();
    let mut header = vec![
        "level",
        "lasts",
        "failed leases",
        "idle worker-hours",
        "ready in calm",
    ];
    if it.price.is_some() {
        header.extend(["idle cost", "cost a year"]);
    }
    table(&header, &[], &rows)
}
