//! The vocabulary of the project is that of its field: a list of words that have a standard term.

use std::path::{Path, PathBuf};

/// Words, each with the term that replaces it. A word matches whole words only, whatever their case;
/// identifiers in snake case count as several words.
const WORDS: &[(&str, &str)] = &[
    ("told", "reported, shown, described"),
    ("lived", "simulated, run"),
    ("struck", "occurred, affected"),
    ("strikes", "occurs, affects"),
    ("shelf", "on-hand stock, checkpoint, cell store"),
    ("shelved", "stored, put into stock"),
    ("whoever", "a user, a caller"),
    ("nobody", "no request, no caller, without"),
    ("luck", "common random numbers"),
    ("heed", "observe"),
    ("heeds", "observes"),
    ("hearken", "observe"),
    ("hears", "observes"),
    ("heard", "observed"),
    ("listens", "observes, receives"),
    ("comeback", "retry"),
    ("comebacks", "retries"),
    ("foresee", "predict"),
    ("foreseeable", "predictable"),
    ("lest", "so that … not"),
    ("anew", "again"),
    ("in vain", "without success"),
    ("for ever", "forever, without limit"),
    ("made again", "retried"),
    ("calls again", "retries"),
    ("call again", "retry"),
    ("comes back", "returns, recovers"),
    ("come back", "return, recover"),
    ("stands for", "represents, counts as"),
    ("the same luck", "common random numbers"),
    ("keeps the books", "passes the audit"),
];

/// Places that still use some of them. The table of measures in `outputs.md` is generated from
/// `src/experiment`.
const LATER: &[&str] = &[];

/// Uses that are names: keys of files, columns and identifiers that a version has published.
const NAMES: &[(&str, &str)] = &[
    ("src/cli/posterior.rs", "luck"),
    ("src/cli/robust.rs", "luck"),
    ("src/output/study/unknown.rs", "luck"),
    ("src/manual/calibration.md", "luck"),
];

fn texts(root: &Path, found: &mut Vec<PathBuf>) {
    if root.is_file() {
        let extension = root.extension().and_then(|it| it.to_str());
        if matches!(extension, Some("rs" | "md" | "yaml")) {
            found.push(root.to_owned());
        }
        return;
    }
    for entry in std::fs::read_dir(root).expect("a folder") {
        texts(&entry.expect("an entry").path(), found);
    }
}

/// A line in lower case, of which everything but letters is a blank.
fn letters(line: &str) -> String {
    let letter = |it: char| if it.is_alphabetic() { it } else { ' ' };
    let line: String = line.to_lowercase().chars().map(letter).collect();
    format!(" {line} ")
}

#[test]
fn words_are_those_of_the_field() {
    let mut files = Vec::new();
    for root in ["src", "README.md", "scenarios", "benches", "python"] {
        texts(Path::new(root), &mut files);
    }
    let mut found = Vec::new();
    for path in files {
        let name = path.to_string_lossy().replace('\\', "/");
        if LATER.iter().any(|folder| name.starts_with(folder)) {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a text");
        for (number, line) in text.lines().enumerate() {
            let line = letters(line);
            for (word, term) in WORDS {
                let is_name = NAMES.contains(&(name.as_str(), word));
                if line.contains(&format!(" {word} ")) && !is_name {
                    let place = number + 1;
                    found.push(format!("{name}:{place}: `{word}`; write {term}"));
                }
            }
        }
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}
