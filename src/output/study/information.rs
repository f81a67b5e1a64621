//! What it is worth to know more of what a buffer depends on: its record, its tables.

use serde::{Deserialize, Serialize};

use crate::experiment::information::ValueOfInformation;
use crate::experiment::size::Buffer;
use crate::output::csv::{self, cell, ends};
use crate::output::table::{Align, Cell, Table, columns};
use crate::output::words;
use crate::stats::Estimate;

/// The value of information for the choice of a level.
#[derive(Serialize, Deserialize)]
pub(crate) struct Worth {
    /// The unit of costs and values.
    unit: String,
    /// What one more of the buffer costs, and what is lost in a replication in which the level does not do.
    price: f64,
    loss: f64,
    /// Whether the loss was stated, or follows from the risk.
    loss_from_risk: bool,
    /// The level that costs least with what is known now, between those that cannot be distinguished from it.
    level: String,
    level_low: String,
    level_high: String,
    cost: Estimate,
    /// Of all values, known exactly (EVPI), and of each (EVPPI).
    perfect: Estimate,
    values: Vec<Known>,
    /// Of watching the demand of a class (EVSI).
    watching: Vec<Watched>,
}

/// A value that is known exactly.
#[derive(Serialize, Deserialize)]
struct Known {
    path: String,
    worth: Estimate,
}

/// A demand class that is watched for a while.
#[derive(Serialize, Deserialize)]
struct Watched {
    class: String,
    time_s: f64,
    worth: Estimate,
}

/// The unit of costs and values.
pub(crate) fn unit(buffer: &Buffer) -> String {
    match (buffer.price, &buffer.currency) {
        (Some(_), Some(currency)) => format!("{currency} an hour"),
        (Some(_), None) => "an hour".to_owned(),
        (None, _) => "workers".to_owned(),
    }
}

/// Whether a value can be distinguished from nothing.
pub(crate) fn is_found(worth: &Estimate) -> bool {
    worth.low.is_some_and(|low| 0.0 < low)
}

/// A time of watching, in words.
pub(crate) fn watched(seconds: f64) -> String {
    words::duration(seconds)
}

impl Worth {
    /// The record of a buffer.
    pub fn of(buffer: &Buffer, found: &ValueOfInformation) -> Self {
        let level = |place: usize| buffer.sizing.levels[place].clone();
        let values = found.values.iter().map(|(path, worth)| Known {
            path: path.clone(),
            worth: *worth,
        });
        let watching = found.watching.iter().flat_map(|(class, times)| {
            times.iter().map(|(time, worth)| Watched {
                class: class.clone(),
                time_s: *time,
                worth: *worth,
            })
        });
        Self {
            unit: unit(buffer),
            price: found.price,
            loss: found.loss,
            loss_from_risk: found.implied,
            level: level(found.now.level),
            level_low: level(found.now.range[0]),
            level_high: level(found.now.range[1]),
            cost: found.now.cost,
            perfect: found.all,
            values: values.collect(),
            watching: watching.collect(),
        }
    }

    /// The table of a page.
    pub fn table(&self, pool: &str, path: &str) -> Table {
        let row = |what: String, worth: Estimate| {
            let cell = Cell::estimate(worth, "workers", words::NONE);
            let found = match is_found(&worth) {
                true => "",
                false => "not distinguished from nothing",
            };
            vec![Cell::text(what), cell, Cell::text(found)]
        };
        let mut rows = vec![row("all values, known exactly".to_owned(), self.perfect)];
        let values = self.values.iter();
        rows.extend(values.map(|it| row(format!("{}, known exactly", it.path), it.worth)));
        let watching = self.watching.iter();
        rows.extend(watching.map(|it| {
            let time = watched(it.time_s);
            row(
                format!("demand of {}, watched for {time}", it.class),
                it.worth,
            )
        }));
        let mut names = columns(&["information"], Align::Words);
        names.extend(columns(
            &[&format!("worth ({})", self.unit)],
            Align::Numbers,
        ));
        names.extend(columns(&[""], Align::Words));
        let stated = match self.loss_from_risk {
            true => ", at which the risk asked for is optimal",
            false => "",
        };
        Table {
            caption: format!(
                "{path}: what more information is worth. {} costs {} now; one more costs {}, a miss {}{stated}",
                self.level,
                words::estimate(self.cost, "workers", words::NONE),
                words::number(self.price),
                words::number(self.loss),
            ),
            columns: names,
            rows,
            pool: Some(pool.to_owned()),
        }
    }
}

/// The table of all buffers; empty where nothing is known of it.
pub(crate) fn csv(buffers: &[Buffer]) -> Vec<u8> {
    let header = [
        "pool",
        "path",
        "information",
        "of",
        "time_s",
        "worth",
        "worth_low",
        "worth_high",
        "unit",
    ];
    let rows = buffers.iter().filter_map(|buffer| {
        let found = buffer.information.as_ref()?;
        let row = |kind: &str, of: &str, time: Option<f64>, worth: Estimate| {
            let mut row = vec![buffer.pool.clone(), buffer.path.clone()];
            row.extend([kind.to_owned(), of.to_owned(), cell(time)]);
            row.extend(ends(worth));
            row.push(unit(buffer));
            row
        };
        let mut rows = vec![row("perfect", "", None, found.all)];
        let values = found.values.iter();
        rows.extend(values.map(|(path, worth)| row("perfect", path, None, *worth)));
        for (class, times) in &found.watching {
            let each = times.iter();
            rows.extend(each.map(|(time, worth)| row("count", class, Some(*time), *worth)));
        }
        Some(rows)
    });
    let rows: Vec<Vec<String>> = rows.flatten().collect();
    match rows.is_empty() {
        true => Vec::new(),
        false => csv::table(&header, rows.into_iter()),
    }
}
