//! How a terminal shows text: a few named styles, and how wide it is. The only file that knows
//! `anstream`, `anstyle` and `terminal_size`. Text is built with its styles, and loses them on its
//! way out to anything but a terminal. No meaning is carried by colour alone.

use std::io::{self, IsTerminal, Write};

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};

/// What begins every escape code.
const ESCAPE: u8 = 0x1b;

/// Columns of a terminal whose width is unknown.
const UNTOLD: usize = 80;

/// The answer.
pub(crate) fn finding(text: &str) -> String {
    painted(Style::new().bold(), text)
}

/// What a part is called.
pub(crate) fn title(text: &str) -> String {
    painted(Style::new().bold().underline(), text)
}

/// Secondary text.
pub(crate) fn dim(text: &str) -> String {
    painted(Style::new().dimmed(), text)
}

/// What holds.
pub(crate) fn good(text: &str) -> String {
    painted(AnsiColor::Green.on_default(), text)
}

/// What is missed or fails.
pub(crate) fn bad(text: &str) -> String {
    painted(AnsiColor::Red.on_default().bold(), text)
}

/// The time of an outage.
pub(crate) fn outage(text: &str) -> String {
    painted(AnsiColor::Yellow.on_default(), text)
}

/// Line by line, so that a pager which shows only some of them shows those as they are.
fn painted(style: Style, text: &str) -> String {
    let line = |line: &str| match line {
        "" => String::new(),
        line => format!("{style}{line}{style:#}"),
    };
    let lines: Vec<String> = text.split('\n').map(line).collect();
    lines.join("\n")
}

/// Writes to standard output: with styles to a terminal, as
/// `NO_COLOR`, `CLICOLOR` and `CLICOLOR_FORCE` say, and without to anything else.
pub(crate) fn write(text: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    // A document has no styles, and must arrive byte for byte.
    if text.contains(&ESCAPE) {
        AutoStream::auto(&mut out).write_all(text)?;
    } else {
        out.write_all(text)?;
    }
    out.flush()
}

/// A text without its styles.
pub(crate) fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

/// A line of prose in the width of the terminal; what goes on below it stands a little further in.
pub(crate) fn prose(line: &str) -> String {
    let Some(room) = width() else {
        return line.to_owned();
    };
    let indent = line.len() - line.trim_start().len();
    broken(line, room, if 0 < indent { indent + 2 } else { 0 })
}

/// Breaks a line between words where it is longer than the room; further lines are indented.
pub(crate) fn broken(line: &str, room: usize, indent: usize) -> String {
    let (mut text, mut used) = (String::new(), 0);
    for (place, word) in line.split(' ').enumerate() {
        let wide = word.chars().count();
        if 0 < place && room < used + 1 + wide && indent < used {
            text += &format!("\n{:indent$}", "");
            used = indent;
        } else if 0 < place {
            text.push(' ');
            used += 1;
        }
        text += word;
        used += wide;
    }
    text
}

/// Columns of the terminal; absent where standard output is none, so that what is piped depends on
/// no window. `COLUMNS`, where it is exported, takes precedence.
pub(crate) fn width() -> Option<usize> {
    let out = io::stdout();
    if !out.is_terminal() {
        return None;
    }
    let wanted = std::env::var("COLUMNS").ok();
    let wanted = wanted.and_then(|columns| columns.parse().ok());
    let found = || terminal_size::terminal_size_of(&out).map(|(width, _)| usize::from(width.0));
    let width = wanted.or_else(found).filter(|width| 0 < *width);
    Some(width.unwrap_or(UNTOLD))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_breaks_between_words() {
        assert_eq!(broken("  one two three", 9, 4), "  one two\n    three");
        assert_eq!(broken("unbreakable", 5, 0), "unbreakable");
        assert_eq!(broken("fits", 4, 0), "fits");
    }

    #[test]
    fn each_line_has_its_style() {
        assert_eq!(finding("\na\n"), "\n\u{1b}[1ma\u{1b}[0m\n");
    }
}
