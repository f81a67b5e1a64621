//! A scenario file with replaceable values, so that sweeps, variants and sizing
//! need no code for individual fields.

use std::path::Path;
use std::sync::Arc;

use crate::model::id::PoolId;
use crate::scenario::compile;
use crate::scenario::schema::File;
use crate::scenario::schema::renamed::{current_path, last_step, rename};
use crate::scenario::text::digest::digest;
use crate::scenario::text::files::{self, DataFolder, FileAccess, STDIN_NAME, STDIN_PATH};
use crate::scenario::text::limits::FILE_BYTES_MAX;
use crate::scenario::text::node::{Node, Value, shortened};
use crate::scenario::text::problem::{self, Problem, Problems};
use crate::scenario::text::read::{Read, Reader};
use crate::scenario::text::yaml;
use crate::scenario::vary::patch::{misplaced, patch};
use crate::scenario::vary::posterior::{Posterior, Uncertain};
use crate::scenario::vary::recognised::{is_scenario, no_scenario, seems_scenario};
use crate::scenario::{NO_CHANGES, Scenario};

/// A valid scenario file, before values are replaced.
#[derive(Clone, Debug)]
pub struct Template {
    /// The scenario of the file.
    pub(crate) base: Scenario,
    name: String,
    access: FileAccess,
    /// Name and text of the file, and of each value from the command line.
    sources: Vec<(String, String)>,
    tree: Node,
    /// Names of earlier versions that the file uses.
    pub(crate) renamed: Vec<String>,
    /// Paths that a variant, a change or an axis sets.
    set: Vec<String>,
    /// What values are drawn from, if some are not known.
    pub(crate) posterior: Option<Arc<Posterior>>,
    /// Pools that are asked about; all if there are none.
    asked: Vec<PoolId>,
}

impl Template {
    /// The scenario of the file.
    pub fn base(&self) -> &Scenario {
        &self.base
    }

    /// Reads a scenario file. The path `-` is standard input, from which CSV files are found in the
    /// current directory.
    ///
    /// # Errors
    /// Every problem of the file.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Problems> {
        Self::read(path.as_ref(), None, &[], FileAccess::default())
    }

    /// Reads a scenario file, or a variant that it declares, with values changed: each is a path and the
    /// YAML to put there.
    ///
    /// # Errors
    /// Every problem of the file, of the variant and of the changed values.
    pub fn load_variant(
        path: impl AsRef<Path>,
        variant: Option<&str>,
        changes: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Result<Self, Problems> {
        Self::load_with_access(path, variant, changes, FileAccess::default())
    }

    /// The same, where the scenario may name the files that `access` says.
    ///
    /// # Errors
    /// Every problem of the file, of the variant and of the changed values.
    pub fn load_with_access(
        path: impl AsRef<Path>,
        variant: Option<&str>,
        changes: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
        access: FileAccess,
    ) -> Result<Self, Problems> {
        Self::read(path.as_ref(), variant, &owned(changes), access)
    }

    fn read(
        path: &Path,
        variant: Option<&str>,
        changes: &[(String, String)],
        access: FileAccess,
    ) -> Result<Self, Problems> {
        let source = Text::read(path, access)?;
        let tree = source.tree(changes)?;
        source.template(tree, variant, changes)
    }

    /// Reads a scenario file and every variant that it declares, with values changed; the file is
    /// valid only if all of them are.
    ///
    /// # Errors
    /// Every problem of the file, or, if it has none, of its variants, by name.
    pub fn load_with_variants(
        path: impl AsRef<Path>,
        changes: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
        access: FileAccess,
    ) -> Result<Self, Problems> {
        let changes = owned(changes);
        let source = Text::read(path.as_ref(), access)?;
        let tree = source.tree(&changes)?;
        let template = source.template(tree.clone(), None, &changes)?;
        let mut problems = Vec::new();
        for variant in &template.base.variants {
            if let Err(found) = source.template(tree.clone(), Some(variant), &changes) {
                problems.extend(found.of_variant(variant));
            }
        }
        if problems.is_empty() {
            Ok(template)
        } else {
            Err(Problems::new(template.sources, problems))
        }
    }

    /// Reads a scenario from a text, as [`Template::load`] does from a file; `name` is the name of the
    /// file in messages.
    ///
    /// # Errors
    /// Every problem of the text.
    pub fn parse(name: &str, text: &str) -> Result<Self, Problems> {
        Self::parse_variant(name, text, None, NO_CHANGES)
    }

    /// Reads a scenario from a text, or a variant that it declares, with values changed.
    ///
    /// # Errors
    /// Every problem of the text, of the variant and of the changed values.
    pub fn parse_variant(
        name: &str,
        text: &str,
        variant: Option<&str>,
        changes: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Result<Self, Problems> {
        let source = Text {
            name: name.to_owned(),
            text: text.to_owned(),
            access: FileAccess::default(),
        };
        let changes = owned(changes);
        let tree = source.tree(&changes)?;
        source.template(tree, variant, &changes)
    }

    /// The text of the file, as it was read.
    pub fn text(&self) -> &str {
        &self.sources[0].1
    }

    /// The tree of the file.
    pub(crate) fn tree(&self) -> &Node {
        &self.tree
    }

    /// The value of the file at a path, as written.
    pub(crate) fn value(&self, path: &str) -> Option<String> {
        self.tree.find(&current_path(path)).map(Node::flow)
    }

    /// The scenario with values put at paths, or its problems.
    pub(crate) fn with(&self, values: &[(&str, Node)]) -> Result<Scenario, Vec<Problem>> {
        let (tree, problems) = self.put(values);
        let scenario = compiled((Path::new(&self.name), self.access), &tree, true);
        match scenario {
            Ok(mut scenario) if problems.is_empty() => {
                let uncertain = self.uncertain(values);
                if uncertain.as_ref().is_some_and(|it| !it.has_valid_row()) {
                    return Err(vec![no_valid_row()]);
                }
                scenario.uncertain = uncertain;
                Ok(scenario.asking(&self.asked))
            }
            read => Err([problems, read.err().unwrap_or_default()].concat()),
        }
    }

    /// A template with values put at paths, if it is valid.
    pub(crate) fn changed(&self, values: &[(&str, Node)]) -> Option<Self> {
        let paths = values.iter().map(|(path, _)| (*path).to_owned());
        Some(Self {
            base: self.with(values).ok()?,
            tree: self.put(values).0,
            set: self.set.iter().cloned().chain(paths).collect(),
            ..self.clone()
        })
    }

    /// The same, of which only those pools run that can affect some of these.
    pub(crate) fn asking(self, pools: &[PoolId]) -> Self {
        Self {
            base: self.base.asking(pools),
            asked: pools.to_vec(),
            ..self
        }
    }

    /// Whether a variant, a change or an axis sets the value at a path.
    pub(crate) fn sets(&self, path: &str) -> bool {
        self.set.iter().any(|set| overlap(set, path))
    }

    /// What the scenario with values put at paths draws its other values from.
    pub(crate) fn uncertain(&self, values: &[(&str, Node)]) -> Option<Arc<Uncertain>> {
        let posterior = self.posterior.as_ref()?;
        let of = (self.name.as_str(), self.access);
        let put = |path: &str| values.iter().any(|(set, _)| overlap(set, path));
        let sets = |path: &str| self.sets(path) || put(path);
        let tree = self.put(values).0;
        Some(Arc::new(Uncertain::new(posterior, of, tree, sets)))
    }

    /// The tree with values put at paths, and the problems of those that cannot be put.
    pub(crate) fn put(&self, values: &[(&str, Node)]) -> (Node, Vec<Problem>) {
        let mut tree = self.tree.clone();
        let mut problems = Vec::new();
        for (path, value) in values {
            let spot = value.spot;
            let (path, mut value) = (current_path(path), value.clone());
            rename(&mut value, last_step(&path), &mut Vec::new());
            if let Err(message) = tree.put(&path, value) {
                problems.push(misplaced(&path, message).at(Some(spot)));
            }
        }
        (tree, problems)
    }

    /// The first part of a path that is missing in the file, and its existing siblings; `None` if all
    /// of it exists.
    pub(crate) fn absent(&self, path: &str) -> Option<(String, Vec<&str>)> {
        let path = &*current_path(path);
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

    /// The problems, with the texts from the command line, whose spots count from 1.
    pub(crate) fn problems(&self, texts: &[(String, String)], problems: Vec<Problem>) -> Problems {
        let mut sources = self.sources.clone();
        sources.extend_from_slice(texts);
        Problems::new(sources, problems)
    }

    /// The number of texts so far; a further text gets the next index.
    pub(crate) fn texts(&self) -> usize {
        self.sources.len()
    }

    /// A digest of the file with its variant and changes applied: different for any scenario
    /// that could run differently, and independent of the layout and name of the file.
    pub fn digest(&self) -> u64 {
        let path = Path::new(&self.name).parent().unwrap_or(Path::new(""));
        let access = self.access;
        let own = digest(&self.tree, DataFolder { path, access });
        let posterior = self.posterior.as_ref();
        posterior.map_or(own, |posterior| posterior.digest(own))
    }
}

/// Changes as they are kept: a path, and the YAML to put there.
fn owned(
    changes: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
) -> Vec<(String, String)> {
    let changes = changes.into_iter();
    changes
        .map(|(path, value)| (current_path(&path.into()).into_owned(), value.into()))
        .collect()
}

/// The tree of a file, with the names of today, and the names of earlier versions that the file uses.
#[derive(Clone)]
struct Tree {
    root: Node,
    renamed: Vec<String>,
}

/// The text of a scenario file.
struct Text {
    name: String,
    text: String,
    access: FileAccess,
}

impl Text {
    fn read(path: &Path, access: FileAccess) -> Result<Self, Problems> {
        let name = if path == Path::new(STDIN_PATH) {
            STDIN_NAME.to_owned()
        } else {
            path.display().to_string()
        };
        match read_text(path) {
            Ok(text) => Ok(Self { name, text, access }),
            Err(problem) => Err(Problems::new(vec![(name, String::new())], vec![*problem])),
        }
    }

    /// Name and text of the file, and of each value from the command line.
    fn sources(&self, changes: &[(String, String)]) -> Vec<(String, String)> {
        let file = (self.name.clone(), self.text.clone());
        let changes = changes
            .iter()
            .map(|(path, value)| (format!("--set {}", shortened(path)), value.clone()));
        [file].into_iter().chain(changes).collect()
    }

    /// The tree of the file as written.
    ///
    /// # Errors
    /// One problem. A file that is not a scenario is not quoted: it may contain secrets.
    fn tree(&self, changes: &[(String, String)]) -> Result<Tree, Problems> {
        let problem = match yaml::parse(&self.text, 0) {
            Ok(mut root) if is_scenario(&root) => {
                let mut renamed = Vec::new();
                rename(&mut root, "", &mut renamed);
                return Ok(Tree { root, renamed });
            }
            Ok(tree) => no_scenario(&format!("found {}", tree.sort())),
            Err(problem) if seems_scenario(&self.text) => {
                return Err(Problems::new(self.sources(changes), vec![*problem]));
            }
            Err(problem) => no_scenario("not readable as YAML").at(problem.spot),
        };
        let unquoted = vec![(self.name.clone(), String::new())];
        Err(Problems::new(unquoted, vec![problem]))
    }

    /// The template of a tree, with a variant and changes applied.
    fn template(
        &self,
        Tree { mut root, renamed }: Tree,
        variant: Option<&str>,
        changes: &[(String, String)],
    ) -> Result<Template, Problems> {
        let mut problems = patch(&mut root, variant, changes);
        let changed = variant.is_some() || !changes.is_empty();
        match compiled((Path::new(&self.name), self.access), &root, changed) {
            Ok(base) if problems.is_empty() => Ok(Template {
                base,
                name: self.name.clone(),
                access: self.access,
                sources: self.sources(changes),
                set: set_paths(&root, variant, changes),
                posterior: None,
                asked: Vec::new(),
                tree: root,
                renamed,
            }),
            read => {
                problems.extend(read.err().unwrap_or_default());
                Err(Problems::new(self.sources(changes), problems))
            }
        }
    }
}

/// The scenario of a tree, or all its problems.
pub(crate) fn compiled(
    (name, access): (&Path, FileAccess),
    tree: &Node,
    changed: bool,
) -> Result<Scenario, Vec<Problem>> {
    let folder = DataFolder {
        path: name.parent().unwrap_or(Path::new("")),
        access,
    };
    let mut reader = Reader::default();
    let file = File::read(tree, &mut reader);
    let mut problems = Vec::new();
    // With hundreds of reading problems, further checks are not useful.
    let file = file.filter(|_| reader.problems.len() < problem::KEPT_MAX);
    let scenario = file.and_then(|file| {
        let (scenario, mut found) =
            compile::compile(&file, folder, (tree, changed), reader.defaults);
        // Problems that result from a placeholder have been reported already.
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

/// Whether one of two paths is that of the other, or below it.
fn overlap(one: &str, other: &str) -> bool {
    let below = |path: &str, of: &str| {
        let rest = path.strip_prefix(of);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    below(one, other) || below(other, one)
}

/// The paths that a variant and changes set.
fn set_paths(tree: &Node, variant: Option<&str>, changes: &[(String, String)]) -> Vec<String> {
    let variant = variant.and_then(|name| tree.find(&format!("variants.{name}")));
    let entries = match variant.map(|node| &node.value) {
        Some(Value::Map(entries)) => &entries[..],
        _ => &[],
    };
    let of_variant = entries.iter().map(|entry| entry.key.clone());
    let changed = changes.iter().map(|(path, _)| path.clone());
    of_variant.chain(changed).collect()
}

fn no_valid_row() -> Problem {
    let message = "no row of the posterior sample is valid together with what is set";
    Problem::new("", message)
        .limit("at least one valid row")
        .help("set other values, or calibrate with them in place")
}

pub(crate) fn read_text(path: &Path) -> Result<String, Box<Problem>> {
    let bytes = if path == Path::new(STDIN_PATH) {
        files::read_stdin(FILE_BYTES_MAX)
    } else {
        files::read(path, FILE_BYTES_MAX)
    };
    let bytes = bytes.map_err(|refused| {
        let problem = Problem::new("", format!("the file {}", refused.message));
        problem.limit(refused.limit).help(refused.help)
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let problem = Problem::new("", format!("byte {at} is not UTF-8"));
        problem
            .limit("text in UTF-8")
            .help("save the file as UTF-8 text")
    })?;
    Ok(text)
}
