//! Command lines that are printed to be run: every word is quoted for a POSIX shell. The
//! only file that knows `shlex`.

use std::fmt::Display;
use std::path::Path;

use crate::cli::args::{Files, Source, Unknown};
use crate::output::claim::study;
use crate::scenario::text::files::STDIN_PATH;

/// A command line, built word by word.
pub(crate) struct Line {
    words: Vec<String>,
}

impl Line {
    /// `drawdown` and a command of it.
    pub fn new(command: &str) -> Self {
        Self {
            words: vec!["drawdown".to_owned(), command.to_owned()],
        }
    }

    /// What is asked, for the identity of a study: no command, and nothing of how it is sampled.
    pub fn question() -> Self {
        Self { words: Vec::new() }
    }

    /// The identity of the study that asks this of these files, where its results are written to a folder.
    pub fn study(self, out: Option<&Path>, files: &[&Path]) -> Option<String> {
        out.map(|out| study(out, files, &self.words))
    }

    /// A flag without a value.
    pub fn switch(mut self, name: &str) -> Self {
        self.words.push(format!("--{name}"));
        self
    }

    /// The same, if it is on.
    pub fn switch_if(self, name: &str, on: bool) -> Self {
        match on {
            true => self.switch(name),
            false => self,
        }
    }

    /// A flag and its value. One that begins with `-` would be taken for a flag if it stood alone.
    pub fn flag(mut self, name: &str, value: impl Display) -> Self {
        let value = value.to_string();
        match value.starts_with('-') {
            true => self.words.push(format!("--{name}={value}")),
            false => self.words.extend([format!("--{name}"), value]),
        }
        self
    }

    /// A flag for each of several values.
    pub fn flags(self, name: &str, values: impl IntoIterator<Item = impl Display>) -> Self {
        let add = |line: Self, value| line.flag(name, value);
        values.into_iter().fold(self, add)
    }

    /// The sample of what is not known.
    pub fn unknown(self, unknown: &Unknown) -> Self {
        let sample = unknown.posterior.iter();
        self.flags("posterior", sample.map(|it| it.display().to_string()))
    }

    /// The changes to a scenario, and whether it may name files outside of its folder.
    pub fn source(self, source: &Source) -> Self {
        self.changes(source).access(&source.files)
    }

    /// The changes to a scenario.
    pub fn changes(self, source: &Source) -> Self {
        self.flags("variant", &source.variant)
            .through(source.outage.through.as_deref())
            .sets(&source.set)
    }

    /// An outage in place of the scenario's own.
    pub fn through(self, outage: Option<&Path>) -> Self {
        self.flags("through", outage.map(|path| path.display().to_string()))
    }

    /// Whether a scenario may name files outside of its folder.
    pub fn access(self, files: &Files) -> Self {
        self.switch_if("allow-files", files.allow_files)
    }

    /// The changes of values.
    pub fn sets(self, changes: &[(String, String)]) -> Self {
        let changes = changes.iter();
        self.flags(
            "set",
            changes.map(|(path, value)| format!("{path}={value}")),
        )
    }

    /// The whole line, which ends with files. After `--` none of them can be taken for a flag.
    pub fn files(mut self, files: &[&Path]) -> String {
        let files = files.iter().map(|file| file.display().to_string());
        let files: Vec<String> = files.collect();
        // A single `-` is standard input.
        if files
            .iter()
            .any(|file| file.starts_with('-') && file != STDIN_PATH)
        {
            self.words.push("--".to_owned());
        }
        self.words.extend(files);
        let quoted = shlex::try_join(self.words.iter().map(String::as_str));
        quoted.expect("no argument of a process holds a NUL")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_a_shell_would_change_are_quoted() {
        let line = Line::new("run").flag("set", "question=it's bad");
        let line = line.flags("within", ["-4..8", "a b"]).switch("json");
        assert_eq!(
            line.files(&[Path::new("my dir/a.yaml"), Path::new("-b.yaml")]),
            "drawdown run --set \"question=it's bad\" '--within=-4..8' --within 'a b' --json -- \
             'my dir/a.yaml' -b.yaml"
        );
        assert_eq!(
            Line::new("run").files(&[Path::new("a.yaml")]),
            "drawdown run a.yaml"
        );
        assert_eq!(Line::new("run").files(&[Path::new("-")]), "drawdown run -");
    }
}
