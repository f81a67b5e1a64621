//! Figures with both of their intervals, as a page shows them.

use crate::experiment::unknown::Uncertain;
use crate::output::table::{Align, Cell, Table, columns};
use crate::output::words;

/// The table of some figures, if there are any.
pub(crate) fn table(all: &[Uncertain]) -> Option<Table> {
    let row = |it: &Uncertain| {
        let between = |ends: Option<[f64; 2]>| match ends {
            Some(ends) => {
                let [low, high] = ends.map(|end| match end.is_finite() {
                    true => words::value(end, &it.unit),
                    false => "unbounded".to_owned(),
                });
                Cell::text(format!("{low} to {high}"))
            }
            None => Cell::text(words::NONE),
        };
        let figure = &it.both.figure;
        let luck = figure.low.zip(figure.high).map(|(low, high)| [low, high]);
        vec![
            Cell::text(format!("{}: {}", it.name, it.what)),
            Cell::number(figure.point, &it.unit),
            between(luck),
            between(it.both.ends),
        ]
    };
    let mut names = columns(&["figure"], Align::Words);
    names.extend(columns(
        &["estimate", "luck", "luck with ignorance"],
        Align::Numbers,
    ));
    let caption = "Values are drawn from a sample. Luck: the finite number of replications. Luck with ignorance: \
                   where the figure lies for the true values, which are not known.";
    (!all.is_empty()).then(|| Table::new(caption, names, all.iter().map(row)))
}
