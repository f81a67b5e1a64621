//! Pages of the manual on a terminal: headings in bold, tables aligned, paragraphs as wide as it is, and
//! no marks that only a browser needs.

use crate::cli::paint;
use crate::cli::table::table;

/// A page for a terminal of so many columns.
pub(crate) fn laid_out(page: &str, width: usize) -> String {
    let mut text = String::new();
    let mut lines = page.lines().peekable();
    let mut fenced = false;
    while let Some(line) = lines.next() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if fenced {
            text += &format!("    {line}\n");
        } else if line.starts_with("<!--") {
            // A mark takes the blank line after it along.
            lines.next_if(|next| next.is_empty());
        } else if line.starts_with('|') {
            let mut rows = vec![cells(line)];
            while let Some(row) = lines.next_if(|next| next.starts_with('|')) {
                rows.push(cells(row));
            }
            text += &aligned(&rows);
        } else if line.starts_with('#') {
            text += &heading(line);
        } else if line.is_empty() {
            text.push('\n');
        } else {
            let mut paragraph = line.to_owned();
            while let Some(more) = lines.next_if(|next| goes_on(next)) {
                paragraph += " ";
                paragraph += more.trim_start();
            }
            text += &wrapped(&unlinked(&paragraph.replace("**", "")), width);
        }
    }
    text
}

/// Whether a line goes on with the paragraph before it.
fn goes_on(line: &str) -> bool {
    let marks = ["#", "|", "```", "<!--", "* ", "- "];
    let numbered = line
        .split_once(". ")
        .map(|(number, _)| number.parse::<u32>());
    let begins = marks.iter().any(|mark| line.starts_with(mark)) || matches!(numbered, Some(Ok(_)));
    !line.is_empty() && !begins
}

fn heading(line: &str) -> String {
    let words = plain(line.trim_start_matches('#').trim());
    match line.starts_with("# ") || line.starts_with("## ") {
        true => paint::title(&words) + "\n",
        false => paint::finding(&words) + "\n",
    }
}

/// The cells of a line of a table.
fn cells(line: &str) -> Vec<String> {
    let inner = line.trim().trim_start_matches('|').trim_end_matches('|');
    inner.split('|').map(|cell| plain(cell.trim())).collect()
}

/// A table from its lines, of which the second says how columns are aligned.
fn aligned(rows: &[Vec<String>]) -> String {
    let header: Vec<&str> = rows[0].iter().map(String::as_str).collect();
    let marks = rows.get(1).into_iter().flatten();
    let right = header.iter().zip(marks);
    let right = right
        .filter(|(_, mark)| mark.ends_with(':'))
        .map(|(name, _)| *name);
    let right: Vec<&str> = right.collect();
    table(&header, &right, rows.get(2..).unwrap_or_default())
}

/// A heading or a cell without marks of code, emphasis and links.
fn plain(line: &str) -> String {
    unlinked(&line.replace("**", "").replace('`', ""))
}

/// A line with the addresses of its links behind their names.
fn unlinked(line: &str) -> String {
    let mut text = line.to_owned();
    while let Some(from) = text.find("](") {
        let (Some(open), Some(close)) = (text[..from].rfind('['), text[from..].find(')')) else {
            break;
        };
        let address = text[from + 2..from + close].to_owned();
        let name = text[open + 1..from].to_owned();
        let shown = match name == address {
            true => name,
            false => format!("{name} ({address})"),
        };
        text.replace_range(open..=from + close, &shown);
    }
    text
}

/// A paragraph or an item of a list; what goes on below an item stands further in.
fn wrapped(line: &str, width: usize) -> String {
    let numbered = line
        .split_once(". ")
        .is_some_and(|(number, _)| number.parse::<u32>().is_ok());
    let indent = match () {
        () if line.starts_with("* ") || line.starts_with("- ") => 2,
        () if numbered => 3,
        () => 0,
    };
    paint::broken(line, width.min(100), indent) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_laid_out() {
        let page = "# Title\n\nSome `code` that\ngoes **on**.\n\n* one\n  item\n* [two](http://x)\n\n```sh\nrun\n```\n\
                    <!-- mark -->\n\n| a | b |\n|---|--:|\n| `c` | 1 |\n";
        let text = laid_out(page, 80);
        assert!(text.contains("Title"), "{text}");
        assert!(!text.contains('|') && !text.contains("<!--"), "{text}");
        assert!(text.contains("Some `code` that goes on.\n"), "{text}");
        assert!(text.contains("* one item\n* two (http://x)\n"), "{text}");
        assert!(text.contains("\n    run\n"), "{text}");
    }
}
