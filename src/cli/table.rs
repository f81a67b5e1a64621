//! Tables of aligned columns, as wide as they are or as the terminal is. The only file that knows
//! `comfy_table`.

use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, Width, presets::NOTHING,
};

use crate::cli::{paint, words};

/// Columns of space that come with each column.
const SPACE: usize = 3;
/// Words up to this length are never broken.
const WORD: usize = 40;

/// A table under a header; columns from the second on whose name is in `right` are aligned right.
pub(crate) fn table(header: &[&str], right: &[&str], rows: &[Vec<String>]) -> String {
    let Some(room) = paint::width() else {
        return laid_out(header, right, rows, None);
    };
    within(header, right, rows, room)
}

/// The table in so many columns: its texts wrap. Where that is not enough, columns of numbers alone
/// follow one another in several tables, and others become a list.
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
    let total = |widths: &[usize]| widths.iter().map(|width| width + SPACE).sum::<usize>();
    // What is not made narrower ends with a space.
    if total(&widths) < room {
        return laid_out(header, right, rows, None);
    }
    // The widest column that can give gives first.
    while room < total(&widths) {
        let giving = (0..widths.len()).filter(|place| least[*place] < widths[*place]);
        let Some(place) = giving.max_by_key(|place| widths[*place]) else {
            let numbers = header[1..].iter().all(|name| right.contains(name));
            let pair = |width: &usize| total(&[widths[0], *width]) <= room;
            return match numbers && widths[1..].iter().all(pair) {
                true => bands(header, right, rows, (&widths, room)),
                false => list(header, rows, room),
            };
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
            let left = if place == 0 { 2 } else { 1 };
            // Where room is short, nothing stands right of the last column.
            let last = widths.is_some() && place + 1 == header.len();
            let after = if last { 0 } else { 1 };
            column.set_padding((left, after));
            if let Some(widths) = widths {
                let width = widths[place] as u16 + left + after;
                column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
            }
            if right.contains(name) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    table.trim_fmt() + "\n"
}

/// Tables one below the other, each with the first column and as many of the others as have room.
fn bands(
    header: &[&str],
    right: &[&str],
    rows: &[Vec<String>],
    (widths, room): (&[usize], usize),
) -> String {
    let mut tables = Vec::new();
    let mut band = vec![0];
    for place in 1..=header.len() {
        let used: usize = band.iter().map(|place| widths[*place] + SPACE).sum();
        let full = widths
            .get(place)
            .is_none_or(|width| room < used + width + SPACE);
        if full && 1 < band.len() {
            let header: Vec<&str> = band.iter().map(|place| header[*place]).collect();
            let row = |row: &Vec<String>| band.iter().map(|place| row[*place].clone()).collect();
            let rows: Vec<Vec<String>> = rows.iter().map(row).collect();
            let widths: Vec<usize> = band.iter().map(|place| widths[*place]).collect();
            tables.push(laid_out(&header, right, &rows, Some(&widths)));
            band.truncate(1);
        }
        band.push(place);
    }
    tables.join("\n")
}

/// A line for each value, under what the row is about.
fn list(header: &[&str], rows: &[Vec<String>], room: usize) -> String {
    let label = header.iter().skip(1).map(|name| wide(name)).max();
    let label = label.unwrap_or(0);
    let mut text = String::new();
    for row in rows {
        let first = row.first().filter(|first| !first.is_empty());
        let first = first.map_or(words::NONE, String::as_str);
        let colon = if header[0].is_empty() { "" } else { ": " };
        text += &format!("  {}{colon}{first}\n", header[0]);
        for (name, value) in header.iter().zip(row).skip(1) {
            if !value.is_empty() {
                let line = format!("    {name:label$}   {value}");
                text += &(paint::broken(&line, room, label + 7) + "\n");
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
                "4h56m57s",
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
                text.contains("4h56m57s") && text.contains("23:46:00"),
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
    fn where_texts_have_no_room_each_has_its_line() {
        assert_eq!(
            example(30),
            "  fact: west-us-2-depleted
    simulated   4h56m57s
                holds
    source      the
                post-mortem,
                technical
                details
  fact: restored
    simulated   23:46:00
                MISSED
    source      dashboard
"
        );
    }

    #[test]
    fn numbers_without_room_follow_below() {
        let rows = [["ready", "8", "23", "15"].map(str::to_owned).to_vec()];
        let header = [
            "",
            "westus2/ubuntu",
            "westeurope/ubuntu",
            "australiaeast/ubuntu",
        ];
        let text = within(&header, &header[1..], &rows, 50);
        assert!(text.lines().all(|line| wide(line) <= 50), "{text}");
        let values: Vec<&str> = text.lines().filter(|line| line.contains("ready")).collect();
        assert_eq!(values.len(), 2, "{text}");
    }
}
