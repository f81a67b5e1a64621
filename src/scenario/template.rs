//! A scenario file that values can be put into before it is read, so that sweeps, variants and sizing
//! need no code of their own for any of its fields.

use std::path::Path;

use crate::scenario::Scenario;
use crate::scenario::compile;
use crate::scenario::digest::digest;
use crate::scenario::node::{Node, Value};
use crate::scenario::problem::{self, Problem, Problems};
use crate::scenario::read::{Read, Reader, listed};
use crate::scenario::schema::File;

/// A valid scenario file, and what it says before anything is put into it.
#[derive(Clone, Debug)]
pub struct Template {
    /// The scenario as it is.
    pub(crate) base: Scenario,
    name: String,
    /// Name and text of the file, and of each value given beside it.
    sources: Vec<(String, String)>,
    tree: Node,
}

impl Template {
    /// The scenario as it is.
    pub fn base(&self) -> &Scenario {
        &self.base
    }

    /// Reads a scenario file, or a variant that it declares, with values changed.
    ///
    /// # Errors
    /// Every problem of the file, of the variant and of the changed values.
    pub fn load(
        path: impl AsRef<Path>,
        variant: Option<&str>,
        changes: &[(String, String)],
    ) -> Result<Self, Problems> {
        let name = path.as_ref().display().to_string();
        match read_text(path.as_ref()) {
            Ok(text) => Self::parse(&name, &text, variant, changes),
            Err(problem) => Err(Problems::new(vec![(name, String::new())], vec![*problem])),
        }
    }

    /// The same, from a text; `name` stands for the file in messages.
    ///
    /// # Errors
    /// Every problem of the text, of the variant and of the changed values.
    pub fn parse(
        name: &str,
        text: &str,
        variant: Option<&str>,
        changes: &[(String, String)],
    ) -> Result<Self, Problems> {
        let mut sources = vec![(name.to_owned(), text.to_owned())];
        sources.extend(
            changes
                .iter()
                .map(|(path, value)| (format!("--set {path}="), value.clone())),
        );
        let (tree, mut problems) = patched(text, variant, changes);
        let Some(tree) = tree else {
            return Err(Problems::new(sources, problems));
        };
        let changed = variant.is_some() || !changes.is_empty();
        match compiled(name, &tree, changed) {
            Ok(base) if problems.is_empty() => Ok(Self {
                base,
                name: name.to_owned(),
                sources,
                tree,
            }),
            read => {
                problems.extend(read.err().unwrap_or_default());
                Err(Problems::new(sources, problems))
            }
        }
    }

    /// The value that the file has at a path, as it stands there.
    pub(crate) fn value(&self, path: &str) -> Option<String> {
        self.tree.find(path).map(Node::flow)
    }

    /// The scenario with values put at paths, or what is then wrong with it.
    pub(crate) fn with(&self, values: &[(&str, Node)]) -> Result<Scenario, Vec<Problem>> {
        let (tree, problems) = self.put(values);
        let scenario = compiled(&self.name, &tree, true);
        match scenario {
            Ok(scenario) if problems.is_empty() => Ok(scenario),
            read => Err([problems, read.err().unwrap_or_default()].concat()),
        }
    }

    /// The file with values put at paths for good, if it is then valid.
    pub(crate) fn changed(&self, values: &[(&str, Node)]) -> Option<Self> {
        Some(Self {
            base: self.with(values).ok()?,
            tree: self.put(values).0,
            ..self.clone()
        })
    }

    /// The tree with values put at paths, and those that cannot be put.
    pub(crate) fn put(&self, values: &[(&str, Node)]) -> (Node, Vec<Problem>) {
        let mut tree = self.tree.clone();
        let mut problems = Vec::new();
        for (path, value) in values {
            let spot = value.spot;
            if let Err(message) = tree.put(path, value.clone()) {
                problems.push(misplaced(path, message).at(Some(spot)));
            }
        }
        (tree, problems)
    }

    /// The first part of a path at which the file has nothing, and what it has beside it; nothing where all
    /// of it is there.
    pub(crate) fn absent(&self, path: &str) -> Option<(String, Vec<&str>)> {
        let mut node = &self.tree;
        for (end, _) in path.match_indices('.').chain([(path.len(), "")]) {
            let part = &path[..end];
            let Some(found) = self.tree.find(part) else {
                let siblings = match &node.value {
                    Value::Map(entries) => entries.iter().map(|entry| entry.key.as_str()).collect(),
                    _ => Vec::new(),
                };
                return Some((part.to_owned(), siblings));
            };
            node = found;
        }
        None
    }

    /// What is wrong, beside texts that were given with the file: their spots count from 1.
    pub(crate) fn wrong(&self, beside: &[(String, String)], problems: Vec<Problem>) -> Problems {
        let mut sources = self.sources.clone();
        sources.extend_from_slice(beside);
        Problems::new(sources, problems)
    }

    /// How many texts the file was read from; a text given beside it has the next number.
    pub(crate) fn texts(&self) -> usize {
        self.sources.len()
    }

    /// A number for what the file says, with its variant and its changes in place: another for any scenario
    /// that could run differently, the same however the file is laid out and whatever it is called.
    pub fn digest(&self) -> u64 {
        let folder = Path::new(&self.name).parent().unwrap_or(Path::new(""));
        digest(&self.tree, folder)
    }
}

/// The scenario that a tree means, or everything that is wrong with it.
fn compiled(name: &str, tree: &Node, changed: bool) -> Result<Scenario, Vec<Problem>> {
    let folder = Path::new(name).parent().unwrap_or(Path::new(""));
    let mut reader = Reader::default();
    let file = File::read(tree, &mut reader);
    let mut problems = Vec::new();
    // Of a file with hundreds of misreadings, nobody asks what else is wrong.
    let file = file.filter(|_| reader.problems.len() < problem::KEPT_MAX);
    let scenario = file.and_then(|file| {
        let (scenario, mut found) =
            compile::compile(&file, folder, (tree, changed), reader.defaults);
        // What follows from a stand-in has been told already.
        found.retain(|problem| !reader.problems.iter().any(|read| problem.is_below(read)));
        problems.append(&mut found);
        scenario
    });
    problems.append(&mut reader.problems);
    match scenario {
        Some(scenario) if problems.is_empty() => Ok(scenario),
        _ => Err(problems),
    }
}

fn misplaced(path: &str, message: String) -> Problem {
    let help = "a path is keys joined by dots, such as `clock.horizon`";
    Problem::new(path, message).help(help)
}

/// The tree of a file with a variant of it and values put into it.
fn patched(
    text: &str,
    variant: Option<&str>,
    changes: &[(String, String)],
) -> (Option<Node>, Vec<Problem>) {
    let mut tree = match Node::parse(text, 0) {
        Ok(tree) => tree,
        Err(problem) => return (None, vec![*problem]),
    };
    let mut problems = Vec::new();
    if let Some(variant) = variant {
        problems.extend(put_variant(&mut tree, variant));
    }
    for (source, (path, value)) in (1..).zip(changes) {
        let put = Node::parse(value, source).map(|mut node| {
            node.spot.source = source;
            tree.put(path, node)
        });
        match put {
            Ok(Ok(())) => {}
            Ok(Err(message)) => problems.push(misplaced(path, message)),
            Err(problem) => problems.push(*problem),
        }
    }
    (Some(tree), problems)
}

/// Puts the values of a variant in place of the file's, and says what is wrong with it.
fn put_variant(tree: &mut Node, variant: &str) -> Vec<Problem> {
    let entries = |node: Option<&Node>| match node.map(|node| &node.value) {
        Some(Value::Map(entries)) => entries.clone(),
        _ => Vec::new(),
    };
    let path = format!("variants.{variant}");
    let Some(node) = tree.find(&path) else {
        let known = entries(tree.find("variants"));
        let known: Vec<&str> = known.iter().map(|entry| entry.key.as_str()).collect();
        let limit = match known[..] {
            [] => "a variant of this file, which has none".to_owned(),
            _ => format!("one of {}", listed(&known)),
        };
        let problem = Problem::new("variants", format!("there is no variant `{variant}`"));
        return vec![problem.limit(limit).help("name one that the file declares")];
    };
    let mut problems = Vec::new();
    for entry in entries(Some(node)) {
        if let Err(message) = tree.put(&entry.key, entry.value) {
            let problem = misplaced(&format!("{path}.{}", entry.key), message);
            problems.push(problem.at(Some(entry.spot)));
        }
    }
    problems
}

fn read_text(path: &Path) -> Result<String, Box<Problem>> {
    let bytes = std::fs::read(path).map_err(|error| {
        Problem::new("", format!("cannot be read: {error}")).help("check the path")
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Problem::new("", format!("byte {at} is not UTF-8")).help("save the file as UTF-8 text")
    })?;
    Ok(text)
}
