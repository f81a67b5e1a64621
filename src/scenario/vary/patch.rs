//! Changes to the tree of a file: those of a variant, and values at paths.

use crate::scenario::schema::renamed::{last_step, rename};
use crate::scenario::text::node::{Node, Value};
use crate::scenario::text::problem::{Problem, Spot};
use crate::scenario::text::read::{listed, nearest};
use crate::scenario::text::yaml;

pub(super) fn misplaced(path: &str, message: String) -> Problem {
    let help = "a path is keys joined by dots, such as `clock.horizon`";
    Problem::new(path, message).help(help)
}

/// Applies a variant and values to the tree of a file, and returns the problems.
pub(super) fn patch(
    tree: &mut Node,
    variant: Option<&str>,
    changes: &[(String, String)],
) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some(variant) = variant {
        problems.extend(put_variant(tree, variant));
    }
    for (source, (path, value)) in (1..).zip(changes) {
        if let Some(problem) = misspelt(tree, path) {
            problems.push(problem.at(Some(Spot::whole(source, value))));
            continue;
        }
        let put = yaml::parse(value, source).map(|mut node| {
            node.spot.source = source;
            rename(&mut node, last_step(path), &mut Vec::new());
            tree.put(path, node)
        });
        match put {
            Ok(Ok(())) => {}
            Ok(Err(message)) => problems.push(misplaced(path, message)),
            Err(problem) => problems.push(*problem),
        }
    }
    problems
}

/// A path into an entry that does not exist and whose name is nearly that of one that does: in place of every key that a
/// new entry would lack.
fn misspelt(tree: &Node, path: &str) -> Option<Problem> {
    let mut steps = path.split('.');
    let (section, name) = (steps.next()?, steps.next()?);
    steps.next()?;
    let Value::Map(entries) = &tree.find(section)?.value else {
        return None;
    };
    let known: Vec<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
    if known.contains(&name) {
        return None;
    }
    let near = nearest(name, &known)?;
    let problem = Problem::new(path, format!("there is no `{section}.{name}`"));
    let help = format!(
        "did you mean `{section}.{near}`? A new one is given whole: `{section}.{name}={{...}}`"
    );
    Some(
        problem
            .limit(format!("one of {}", listed(&known)))
            .help(help),
    )
}

/// Applies the values of a variant, and returns the problems.
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
