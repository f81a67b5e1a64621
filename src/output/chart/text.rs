//! How wide a text is. Widths are those of DejaVu Sans and Verdana, which are the same; other fonts
//! are narrower, so that what fits here fits everywhere.

/// Advances of the characters from the space on (1/1000 em).
const ADVANCES: [u16; 95] = [
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636,
    636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632,
    575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685,
    611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579,
    278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
];

/// The width of a text in letters of a size (px).
pub(crate) fn width(text: &str, size: f64) -> f64 {
    let advance = |letter: char| match letter {
        ' '..='~' => f64::from(ADVANCES[letter as usize - ' ' as usize]),
        '–' => 500.0,
        '’' | '‘' => 318.0,
        // Signs and letters beyond: few are wider.
        _ => 1000.0,
    };
    text.chars().map(advance).sum::<f64>() * size / 1000.0
}

/// A text, shortened to a width where it must be.
pub(crate) fn fitted(text: &str, size: f64, most: f64) -> String {
    if width(text, size) <= most {
        return text.to_owned();
    }
    let mut kept: String = text.to_owned();
    while kept.pop().is_some() {
        let shortened = format!("{}…", kept.trim_end());
        if width(&shortened, size) <= most {
            return shortened;
        }
    }
    String::new()
}

/// A text in lines no wider than `most`; the last of `lines` is shortened where it must be.
pub(crate) fn wrapped(text: &str, size: f64, most: f64, lines: usize) -> Vec<String> {
    let mut found: Vec<String> = vec![String::new()];
    for word in text.split(' ') {
        let line = found.last_mut().expect("begins with a line");
        let longer = match line.as_str() {
            "" => word.to_owned(),
            line => format!("{line} {word}"),
        };
        if line.is_empty() || width(&longer, size) <= most {
            *line = longer;
        } else {
            found.push(word.to_owned());
        }
    }
    let rest = found.split_off(found.len().min(lines.saturating_sub(1)));
    found.push(rest.join(" "));
    let fit = |line: String| fitted(&line, size, most);
    found
        .into_iter()
        .filter(|line| !line.is_empty())
        .map(fit)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_wide_is_shortened() {
        assert_eq!(fitted("westus2", 10.0, 100.0), "westus2");
        let shortened = fitted("westus2/ubuntu", 10.0, 50.0);
        assert!(shortened.ends_with('…') && width(&shortened, 10.0) <= 50.0);
        assert_eq!(fitted("westus2", 10.0, 1.0), "");
    }

    #[test]
    fn long_titles_break_between_words() {
        let lines = wrapped("one two three four", 10.0, 60.0, 2);
        assert_eq!(lines, ["one two", "three four"]);
        let lines = wrapped("one two three four five six", 10.0, 60.0, 2);
        assert_eq!(lines[0], "one two");
        assert!(lines[1].ends_with('…'), "{lines:?}");
        assert_eq!(wrapped("", 10.0, 60.0, 2), Vec::<String>::new());
    }
}
