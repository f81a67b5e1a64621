//! Tables of aligned columns. The only file that knows `comfy_table`.

use comfy_table::{CellAlignment, LineStyle, Table, presets::NOTHING};

/// A table under a header; columns from the second on whose name is in `right` are aligned right.
pub(crate) fn table(header: &[&str], right: &[&str], rows: &[Vec<String>]) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING.header_separator(LineStyle::none().fill('─').junction('─')));
    table.set_header(header.to_vec());
    table.add_rows(rows);
    for (place, name) in header.iter().enumerate() {
        if let Some(column) = table.column_mut(place) {
            column.set_padding((if place == 0 { 2 } else { 1 }, 1));
            if right.contains(name) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    table.trim_fmt() + "\n"
}
