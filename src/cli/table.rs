//! Tables of aligned columns, as wide as they are, or as the terminal is. The only file that knows
//! `comfy_table`.

use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, Width, presets::NOTHING,
};

use crate::cli::paint;

/// Columns of space that come with each column.
const SPACE: usize = 3;
/// Words up to this length are never broken.
const WORD: usize = 24;

/// A table under a header; columns from the second on whose name is in `right` are aligned right.
pub(crate) fn table(header: &[&str], right: &[&str], rows: &[Vec<String>]) -> String {
    let Some(room) = paint::width() else {
        return laid_out(header, right, rows, None);
    };
    within(header, right, rows, room)
}

/// The table in so many columns: its texts wrap, and where its numbers do not fit it becomes a list.
fn within(header: &[&str], right: &[&str], rows: &[Vec<String>], room: usize) -> String {
    let least = |place: usize| {
        // A number is not broken, its name may be.
        let numbers = 0 < place && right.contains(&header[place]);
        let cells = cells(place, rows);
        let inner = match numbers {
            true => cells.map(wide).max(),
            false => cells.map(longest_word).max(),
        };
        inner.unwrap_or(0).max(longest_word(header[place]))
    };
    let least: Vec<usize> = (0..header.len()).map(least).collect();
    let most = |place: usize| cells(place, rows).chain([header[place]]).map(wide).max();
    let mut widths: Vec<usize> = (0..header.len()).filter_map(most).collect();
    let room = room.saturating_sub(SPACE * header.len());
    if widths.iter().sum::<usize>() <= room {
        return laid_out(header, right, rows, None);
    }
    // The widest column that can give gives first.
    while room < widths.iter().sum() {
        let giving = (0..widths.len()).filter(|place| least[*place] < widths[*place]);
        let Some(place) = giving.max_by_key(|place| widths[*place]) else {
            return list(header, rows);
        };
        widths[place] -= 1;
    }
    laid_out(header, right, rows, Some(&widths))
}

fn cells(place: usize, rows: &[Vec<String>]) -> impl Iterator<Item = &str> {
    rows.iter()
        .filter_map(move |row| Some(row.get(place)?.as_str()))
}

fn wide(text: &str) -> usize {
    text.chars().count()
}

fn longest_word(text: &str) -> usize {
    text.split(' ').map(wide).max().unwrap_or(0).min(WORD)
}

fn laid_out(
    header: &[&str],
    right: &[&str],
    rows: &[Vec<String>],
    widths: Option<&[usize]>,
) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING.header_separator(LineStyle::none().fill('─').junction('─')));
    table.set_header(header.to_vec());
    table.add_rows(rows);
    if widths.is_some() {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    for (place, name) in header.iter().enumerate() {
        if let Some(column) = table.column_mut(place) {
            let padding = if place == 0 { 2 } else { 1 };
            column.set_padding((padding, 1));
            if let Some(widths) = widths {
                let width = widths[place] as u16 + padding + 1;
                column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
            }
            if right.contains(name) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    table.trim_fmt() + "\n"
}

/// A line for each value, under what the row is about.
fn list(header: &[&str], rows: &[Vec<String>]) -> String {
    let label = header.iter().skip(1).map(|name| wide(name)).max();
    let label = label.unwrap_or(0);
    let mut text = String::new();
    for row in rows {
        text += &format!("  {}\n", row.first().map_or("", String::as_str));
        for (name, value) in header.iter().zip(row).skip(1) {
            if !value.is_empty() {
                text += &format!("    {name:label$}   {value}\n");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(room: usize) -> String {
        let rows = [
            [
                "west-us-2-depleted",
                "1h21m14s",
                "holds",
                "the post-mortem, technical details",
            ],
            ["restored", "23:46:00", "MISSED", "dashboard"],
        ];
        let rows: Vec<Vec<String>> = rows
            .iter()
            .map(|row| row.map(str::to_owned).to_vec())
            .collect();
        within(
            &["fact", "simulated", "", "source"],
            &["simulated"],
            &rows,
            room,
        )
    }

    #[test]
    fn no_line_is_longer_than_the_terminal_is_wide() {
        for room in [40, 50, 60, 70, 80, 120] {
            let text = example(room);
            assert!(
                text.lines().all(|line| wide(line) <= room),
                "{room}:\n{text}"
            );
            // Numbers stay whole, whatever wraps.
            assert!(
                text.contains("1h21m14s") && text.contains("23:46:00"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_table_that_has_room_is_left_alone() {
        let all = laid_out(
            &["a", "b"],
            &["b"],
            &[vec!["x".to_owned(), "1".to_owned()]],
            None,
        );
        let rows = [vec!["x".to_owned(), "1".to_owned()]];
        assert_eq!(within(&["a", "b"], &["b"], &rows, 80), all);
    }

    #[test]
    fn where_numbers_have_no_room_each_has_its_line() {
        assert_eq!(
            example(30),
            "  west-us-2-depleted
    simulated   1h21m14s
                holds
    source      the post-mortem, technical details
  restored
    simulated   23:46:00
                MISSED
    source      dashboard
"
        );
    }
}
