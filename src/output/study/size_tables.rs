//! Sizes of buffers as tables: a file each.

use crate::experiment::allocate::Together;
use crate::experiment::size::Buffer;
use crate::experiment::table::Table;
use crate::experiment::tables;
use crate::output::csv::{bytes, table};
use crate::output::study::{decided, information};

/// The contents of all of them, in the order of their names.
pub(crate) fn all(buffers: &[Buffer], together: Option<&Together>) -> Vec<Vec<u8>> {
    vec![
        curve(buffers),
        critical(buffers),
        information::csv(buffers),
        decided::csv(buffers, together),
    ]
}

/// `size.csv`: a row for each level of each buffer.
fn curve(buffers: &[Buffer]) -> Vec<u8> {
    let tables = buffers.iter().map(|it| {
        let names = (it.pool.as_str(), it.path.as_str());
        tables::size(names, &it.sizing, it.price, it.break_even.as_ref())
    });
    bytes(Table::joined(tables))
}

/// `critical.csv`: a row for each replication of each buffer; the level is empty where none is enough.
fn critical(buffers: &[Buffer]) -> Vec<u8> {
    let rows = buffers.iter().flat_map(|buffer| {
        let critical = buffer.sizing.critical.iter().enumerate();
        critical.map(move |(replication, level)| {
            let level = buffer.sizing.levels.get(*level as usize);
            let level = level.cloned().unwrap_or_default();
            vec![
                buffer.pool.clone(),
                buffer.path.clone(),
                replication.to_string(),
                level,
            ]
        })
    });
    table(&["pool", "path", "replication", "level"], rows)
}
