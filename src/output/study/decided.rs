//! The alternatives of a decision on several buffers: their tables.

use crate::experiment::allocate::Together;
use crate::experiment::alternative::Alternative;
use crate::experiment::size::Buffer;
use crate::output::csv::{self, cell, ends};
use crate::output::table::{Align, Cell, Table, columns};
use crate::output::words;

/// The names of the columns of a table of alternatives.
pub(crate) const NAMES: [&str; 4] = ["decided", "levels", "total", "all enough"];

/// The values of an alternative, in words.
pub(crate) fn decided(it: &Alternative) -> String {
    let each = it.values.iter();
    let each = each.map(|one| format!("{} {}", one.path, one.value));
    each.collect::<Vec<_>>().join(", ")
}

/// The levels of an alternative, by the names of the pools.
pub(crate) fn levels<'a>(pools: impl Iterator<Item = &'a str>, it: &Alternative) -> String {
    if it.levels.is_empty() {
        return words::NONE.to_owned();
    }
    let each = pools.zip(&it.levels);
    let each = each.map(|(pool, level)| format!("{pool} {level}"));
    each.collect::<Vec<_>>().join(", ")
}

/// The unit of the total, and what it is.
pub(crate) fn cost_of(buffers: &[Buffer]) -> (&'static str, &'static str) {
    match buffers.iter().all(|it| it.price.is_some()) {
        true => ("currency", "an hour at full target"),
        false => ("workers", "workers"),
    }
}

/// The table of a page; none where nothing was decided.
pub(crate) fn table(pools: &[&str], alternatives: &[Alternative]) -> Option<Table> {
    let row = |it: &Alternative| {
        let mark = if it.answer { " · answer" } else { "" };
        vec![
            Cell::text(decided(it) + mark),
            Cell::text(levels(pools.iter().copied(), it)),
            Cell::number(it.cost, "workers"),
            Cell::estimate(it.trial_share, "share", words::NONE),
        ]
    };
    let mut names = columns(&NAMES[..2], Align::Words);
    names.extend(columns(&NAMES[2..], Align::Numbers));
    let caption = "what was decided beside the levels: every alternative, sized on common random numbers and tried \
                   on the same other replications";
    let rows = alternatives.iter().map(row);
    (!alternatives.is_empty()).then(|| Table::new(caption, names, rows))
}

/// Every alternative; empty where nothing was decided.
pub(crate) fn csv(buffers: &[Buffer], together: Option<&Together>) -> Vec<u8> {
    let alternatives = together.map_or(&[][..], |it| &it.alternatives);
    let Some(first) = alternatives.first() else {
        return Vec::new();
    };
    let paths = first.values.iter().map(|it| it.path.as_str());
    let targets = buffers.iter().map(|it| it.path.as_str());
    let kept = [
        "cost",
        "trial_share",
        "trial_low",
        "trial_high",
        "keeps",
        "answer",
    ];
    let header: Vec<&str> = paths.chain(targets).chain(kept).collect();
    let rows = alternatives.iter().map(|it| {
        let values = it.values.iter().map(|one| one.value.clone());
        let mut levels = it.levels.clone();
        levels.resize(buffers.len(), String::new());
        let mut row: Vec<String> = values.chain(levels).collect();
        row.push(cell(it.cost));
        row.extend(ends(it.trial_share));
        row.extend([it.keeps.to_string(), it.answer.to_string()]);
        row
    });
    csv::table(&header, rows)
}
