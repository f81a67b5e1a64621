//! The public API of the library, name by name and signature by signature, read from the sources as `rustfmt`
//! lays them out. `UPDATE_GOLDEN=1` rewrites it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::architecture::each_line;
use crate::golden::compare;

/// Files that re-export names, and the public module that each is.
const ROOTS: [(&str, &str); 4] = [
    ("src/lib.rs", "drawdown"),
    ("src/kernel/mod.rs", "drawdown::kernel"),
    ("src/scenario/mod.rs", "drawdown::scenario"),
    ("src/stats/mod.rs", "drawdown::stats"),
];

#[test]
fn the_public_api_is_the_stored_one() {
    let modules = modules();
    let items: BTreeSet<&str> = modules.values().flatten().map(String::as_str).collect();
    let lines = lines();
    let mut text = String::from("# Modules\n");
    for (module, names) in &modules {
        text += &format!("\n{module}\n");
        for name in names {
            text += &format!("  {name}\n");
        }
    }
    text += "\n# Items\n";
    for name in items {
        let found = [definition(&lines, name), implementations(&lines, name)].concat();
        if !found.is_empty() {
            text += &format!("\n{}\n", found.join("\n"));
        }
    }
    compare(Path::new("tests/it/golden/api.txt"), &text);
}

/// The names of each public module.
fn modules() -> BTreeMap<String, BTreeSet<String>> {
    let mut modules: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, root) in ROOTS {
        let text = std::fs::read_to_string(path).expect("a source file");
        let mut module = root.to_owned();
        for statement in statements(&text) {
            if let Some(name) = statement.strip_prefix("pub mod ") {
                modules
                    .entry(root.to_owned())
                    .or_default()
                    .insert(name.trim_end_matches([' ', '{', ';']).to_owned());
                if let Some(inner) = name.strip_suffix(" {") {
                    module = format!("{root}::{inner}");
                }
            } else if statement == "}" {
                module = root.to_owned();
            } else if let Some(used) = statement.strip_prefix("pub use ") {
                modules
                    .entry(module.clone())
                    .or_default()
                    .extend(used_names(used));
            } else if let Some(name) = declared(&statement) {
                modules
                    .entry(module.clone())
                    .or_default()
                    .insert(name.to_owned());
            }
        }
    }
    modules
}

/// Public statements of a file, and closing braces at its left edge, each on one line.
fn statements(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let outer = line.strip_prefix("    ").unwrap_or(line);
        if line == "}" || outer.starts_with("pub mod ") || declared(line).is_some() {
            found.push(line.to_owned());
        } else if outer.starts_with("pub use ") {
            let mut whole = outer.to_owned();
            while !whole.ends_with(';') {
                whole += lines.next().expect("the rest of it").trim();
            }
            found.push(whole);
        }
    }
    found
}

/// The names that `pub use` takes from a path.
fn used_names(used: &str) -> Vec<String> {
    let used = used.trim_end_matches(';');
    if let Some(path) = used.strip_suffix("::*") {
        let path = file_of(path);
        let text = std::fs::read_to_string(&path).expect("a source file");
        let constants = text
            .lines()
            .filter_map(|line| line.trim().split_once(" = \""));
        return constants.map(|(name, _)| name.to_owned()).collect();
    }
    let names = match used.split_once('{') {
        Some((_, names)) => names.trim_end_matches('}'),
        None => used.rsplit("::").next().unwrap_or(used),
    };
    let names = names.split(',').map(str::trim);
    names
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

fn file_of(path: &str) -> PathBuf {
    PathBuf::from(format!(
        "{}.rs",
        path.replace("crate", "src").replace("::", "/")
    ))
}

/// The name of the item that a line declares at the left edge.
fn declared(line: &str) -> Option<&str> {
    let kinds = ["struct ", "enum ", "trait ", "fn ", "const fn ", "const "];
    let rest = line.strip_prefix("pub ")?;
    let name = kinds.iter().find_map(|kind| rest.strip_prefix(kind))?;
    name.split(|it: char| !it.is_alphanumeric() && it != '_')
        .next()
}

/// Every line of the library that is not in a test module.
fn lines() -> Vec<String> {
    let mut lines = Vec::new();
    each_line(|path, _, line| {
        if !path.starts_with("src/cli") && !path.starts_with("src/output") {
            lines.push(line.to_owned());
        }
    });
    lines
}

/// What is public of the definition of an item.
fn definition(lines: &[String], name: &str) -> Vec<String> {
    let Some(place) = lines.iter().position(|line| declared(line) == Some(name)) else {
        return Vec::new();
    };
    let attributes = lines[..place]
        .iter()
        .rev()
        .take_while(|line| line.starts_with("#["));
    let mut found: Vec<String> = attributes.cloned().collect();
    found.reverse();
    let first = &lines[place];
    found.push(signature(&lines[place..]));
    let kept = |line: &&String| {
        let inner = line.strip_prefix("    ").unwrap_or_default();
        let member = first.starts_with("pub enum")
            && inner.starts_with(|it: char| it.is_alphanumeric())
            || inner.starts_with("pub ") && !inner.starts_with("pub(")
            || inner == "#[serde(skip)]";
        member && !first.starts_with("pub fn")
    };
    let body = lines[place + 1..].iter().take_while(|line| *line != "}");
    let has_body = first.ends_with('{');
    if first.starts_with("pub trait") {
        found.extend(functions(&lines[place + 1..], "fn "));
    } else if has_body {
        found.extend(body.filter(kept).cloned());
    }
    found
}

/// Public functions of an item, and the traits that it implements.
fn implementations(lines: &[String], name: &str) -> Vec<String> {
    let (mut own, mut traits) = (Vec::new(), Vec::new());
    for (place, line) in lines
        .iter()
        .enumerate()
        .filter(|(_, line)| line.starts_with("impl"))
    {
        let head = line.trim_end_matches(" {");
        let of = head
            .rsplit(' ')
            .find(|word| word.starts_with(|it: char| it.is_uppercase()));
        let of = of.and_then(|word| word.split('<').next());
        if of != Some(name) {
            continue;
        }
        if head.contains(" for ") {
            traits.push(head.to_owned());
        } else {
            own.extend(functions(&lines[place + 1..], "pub "));
        }
    }
    traits.sort();
    own.sort();
    [own, traits].concat()
}

/// The functions of a block, up to its end, that begin with a word.
fn functions(lines: &[String], begin: &str) -> Vec<String> {
    let end = lines.iter().position(|line| line == "}");
    let block = &lines[..end.unwrap_or(lines.len())];
    let begins = |line: &str| {
        let inner = line.strip_prefix("    ").unwrap_or_default();
        inner.starts_with(begin) && inner.contains("fn ")
    };
    let places = (0..block.len()).filter(|place| begins(&block[*place]));
    places
        .map(|place| format!("    {}", signature(&block[place..])))
        .collect()
}

/// A declaration on one line, without its body.
fn signature(lines: &[String]) -> String {
    let mut whole = String::new();
    for line in lines {
        let line = line.trim();
        whole += &format!("{line} ");
        if line.ends_with(['{', ';', '}']) {
            break;
        }
    }
    let whole = whole.trim_end_matches([' ', '{', ';']);
    let whole = whole
        .replace("( ", "(")
        .replace(", )", ")")
        .replace("{}", "");
    whole.trim().to_owned()
}
