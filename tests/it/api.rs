//! The public API of the library, name by name and signature by signature, read from the sources as `rustfmt`
//! lays them out. `UPDATE_GOLDEN=1` rewrites it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::architecture::each_line;
use crate::golden::compare;

/// Files that re-export names, and the public module that each is.
const ROOTS: [(&str, &str); 4] = [
    ("src/lib.rs", "drawdown"),
    ("src/kernel/mod.rs", "drawdown::kernel"),
    ("src/scenario/mod.rs", "drawdown::scenario"),
    ("src/stats/mod.rs", "drawdown::stats"),
];

/// A public name, and the path of the module that declares it.
type Item = (String, String);

#[test]
fn the_public_api_is_the_stored_one() {
    let sources = Sources::read();
    let modules = sources.modules();
    let mut text = String::from("# Modules\n");
    for (module, items) in &modules {
        text += &format!("\n{module}\n");
        for (name, _) in items {
            text += &format!("  {name}\n");
        }
    }
    text += "\n# Items\n";
    let items: BTreeSet<&Item> = modules.values().flatten().collect();
    for item in items {
        // What only passes a name on does not define it.
        let definition = sources.definition(item);
        if !definition.is_empty() {
            let found = [definition, sources.implementations(item)].concat();
            text += &format!("\n{}\n", found.join("\n"));
        }
    }
    compare(Path::new("tests/it/golden/api.txt"), &text);
}

/// The lines of the library by the path of their module, without test modules.
struct Sources(BTreeMap<String, Vec<String>>);

impl Sources {
    fn read() -> Self {
        let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
        each_line(|path, _, line| {
            let path = path.trim_end_matches(".rs").trim_end_matches("/mod");
            let path = path.replace("src/lib", "src").replace('/', "::");
            let module = path.replacen("src", "crate", 1);
            files.entry(module).or_default().push(line.to_owned());
        });
        Self(files)
    }

    /// The items of each public module.
    fn modules(&self) -> BTreeMap<String, BTreeSet<Item>> {
        let mut modules: BTreeMap<String, BTreeSet<Item>> = BTreeMap::new();
        for (path, root) in ROOTS {
            let text = std::fs::read_to_string(path).expect("a source file");
            let (own, mut module) = (root.replacen("drawdown", "crate", 1), root.to_owned());
            for statement in statements(&text) {
                if let Some(name) = statement.strip_prefix("pub mod ") {
                    let bare = name.trim_end_matches([' ', '{', ';']).to_owned();
                    let items = modules.entry(root.to_owned()).or_default();
                    items.insert((bare.clone(), String::new()));
                    if name.ends_with('{') {
                        module = format!("{root}::{bare}");
                    }
                } else if statement == "}" {
                    module = root.to_owned();
                } else if let Some(used) = statement.strip_prefix("pub use ") {
                    let items = modules.entry(module.clone()).or_default();
                    items.extend(self.used(used.trim_end_matches(';')));
                } else if let Some(name) = declared(&statement) {
                    let items = modules.entry(module.clone()).or_default();
                    items.insert((name.to_owned(), own.clone()));
                }
            }
        }
        modules
    }

    /// The items that `pub use` takes from a path.
    fn used(&self, path: &str) -> Vec<Item> {
        let (module, names) = path.rsplit_once("::").expect("a path");
        if names == "*" {
            let lines = self.0[module].iter();
            let constants = lines.filter_map(|line| line.trim().split_once(" = \""));
            return constants
                .map(|it| (it.0.to_owned(), String::new()))
                .collect();
        }
        let names = names.trim_matches(['{', '}']).split(',').map(str::trim);
        let names = names.filter(|name| !name.is_empty());
        names
            .map(|name| (name.to_owned(), module.to_owned()))
            .collect()
    }

    /// What is public of the definition of an item.
    fn definition(&self, (name, module): &Item) -> Vec<String> {
        let name = original(name);
        let lines = self.0.get(module).map_or(&[][..], Vec::as_slice);
        // A macro declares typed indices.
        let typed_index = format!("    pub {name}(");
        let declares =
            |line: &String| declared(line) == Some(name) || line.starts_with(&typed_index);
        let Some(place) = lines.iter().position(declares) else {
            return Vec::new();
        };
        let attributes = lines[..place].iter().rev();
        let attributes = attributes.take_while(|line| line.starts_with("#["));
        let mut found: Vec<String> = attributes.cloned().collect();
        found.reverse();
        found.push(signature(&lines[place..]));
        let (first, rest) = (lines[place].as_str(), &lines[place + 1..]);
        let end = rest.iter().position(|line| line == "}").unwrap_or(0);
        let body = if first.ends_with('{') {
            &rest[..end]
        } else {
            &[]
        };
        if first.starts_with("pub trait") {
            found.extend(members(body, &["fn ", "const ", "type "]));
        } else if first.starts_with("pub enum") {
            let hidden = |line: &&String| !line.trim_start().starts_with(['/', '#']);
            found.extend(body.iter().filter(hidden).cloned());
        } else if first.starts_with("pub struct") {
            let public = |line: &&String| line.starts_with("    pub ");
            found.extend(body.iter().filter(public).cloned());
        }
        found
    }

    /// Public functions and constants of an item, and the traits that it implements.
    fn implementations(&self, item: &Item) -> Vec<String> {
        let (mut own, mut traits) = (Vec::new(), Vec::new());
        for lines in self.knowing(item) {
            for (place, line) in lines.iter().enumerate() {
                if !line.starts_with("impl") || implementor(line) != Some(original(&item.0)) {
                    continue;
                }
                if line.contains(" for ") {
                    traits.push(line.trim_end_matches([' ', '{', '}']).to_owned());
                } else {
                    let end = lines[place..].iter().position(|line| line == "}");
                    let block = &lines[place + 1..place + end.unwrap_or(1)];
                    own.extend(members(block, &["pub fn ", "pub const "]));
                }
            }
        }
        traits.sort();
        own.sort();
        [own, traits].concat()
    }

    /// The files that declare an item, or import it.
    fn knowing(&self, (name, module): &Item) -> Vec<&[String]> {
        let import = format!("use {module}::");
        let word = |it: char| !it.is_alphanumeric() && it != '_';
        let imports = |line: &String| {
            let names = line.trim_start_matches("pub ").strip_prefix(&import);
            names.is_some_and(|names| names.split(word).any(|it| it == original(name)))
        };
        let knows = |(file, lines): &(&String, &Vec<String>)| {
            !module.is_empty() && (*file == module || lines.iter().any(imports))
        };
        self.0
            .iter()
            .filter(knows)
            .map(|it| it.1.as_slice())
            .collect()
    }
}

/// Public statements of a file, and closing braces at its left edge, each on one line.
fn statements(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let inner = line.strip_prefix("    ").unwrap_or(line);
        if line == "}" || line.starts_with("pub mod ") || declared(line).is_some() {
            found.push(line.to_owned());
        } else if inner.starts_with("pub use ") {
            let mut whole = inner.to_owned();
            while !whole.ends_with(';') {
                whole += lines.next().expect("the rest of it").trim();
            }
            found.push(whole);
        }
    }
    found
}

/// The name of the item that a line declares at the left edge.
fn declared(line: &str) -> Option<&str> {
    let kinds = ["struct ", "enum ", "trait ", "fn ", "const fn ", "const "];
    let rest = line.strip_prefix("pub ")?;
    let name = kinds.iter().find_map(|kind| rest.strip_prefix(kind))?;
    name.split(|it: char| !it.is_alphanumeric() && it != '_')
        .next()
}

/// The name of an item where it is declared.
fn original(name: &str) -> &str {
    name.split(" as ").next().unwrap_or(name)
}

/// The type that an `impl` is for.
fn implementor(line: &str) -> Option<&str> {
    let head = line.trim_end_matches([' ', '{', '}']);
    let of = head.rsplit_once(" for ").map_or(head, |it| it.1);
    let of = of.strip_prefix("impl").unwrap_or(of);
    // Generics of an `impl` nest no further.
    let of = match of.strip_prefix('<') {
        Some(generics) => generics.split_once("> ")?.1,
        None => of,
    };
    of.trim_start().split(['<', ' ']).next()
}

/// The members of a block that begin with one of some words.
fn members(block: &[String], begin: &[&str]) -> Vec<String> {
    let begins = |line: &str| {
        let inner = line.strip_prefix("    ").unwrap_or_default();
        begin.iter().any(|word| inner.starts_with(word))
    };
    let places = (0..block.len()).filter(|place| begins(&block[*place]));
    let members = places.map(|place| format!("    {}", signature(&block[place..])));
    members.collect()
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
    whole.replace("( ", "(").replace(", )", ")")
}
