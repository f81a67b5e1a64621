//! The layers, and the only place of each external crate, as `lib.rs` describes them.

use std::path::{Path, PathBuf};

/// Each layer, and those it may name.
const LAYERS: [(&str, &[&str]); 8] = [
    ("kernel", &[]),
    ("stats", &[]),
    ("model", &["kernel"]),
    ("scenario", &["kernel", "model"]),
    ("experiment", &["kernel", "stats", "model", "scenario"]),
    ("log", &["kernel", "stats", "scenario"]),
    ("output", &["kernel", "stats", "scenario", "experiment"]),
    (
        "cli",
        &["kernel", "stats", "scenario", "experiment", "log", "output"],
    ),
];

/// The folders of a layer, each of which may name those before it.
const ROOMS: [(&str, &[&str]); 2] = [
    (
        "model",
        &[
            "id", "chance", "tenancy", "setup", "record", "world", "observe",
        ],
    ),
    ("scenario", &["text", "schema", "compile", "vary"]),
];

/// Each external crate, and the only places that may name it.
const HOMES: &[(&str, &[&str])] = &[
    (
        "jiff",
        &[
            "src/scenario",
            "src/cli/axis.rs",
            "src/cli/calibrate_log.rs",
            "src/log",
        ],
    ),
    ("strsim", &["src/scenario/text/read.rs"]),
    ("rand", &["src/kernel/random.rs"]),
    ("rand_distr", &["src/scenario/vary/parameters.rs"]),
    ("typed_index_collections", &["src/model/id.rs"]),
    (
        "libm",
        &[
            "src/kernel",
            "src/model",
            "src/scenario/schema/law.rs",
            "src/scenario/compile/priors.rs",
            "src/scenario/vary/parameters.rs",
            "src/experiment",
            "src/output/chart/scales.rs",
            "src/stats",
            "src/log",
        ],
    ),
    ("statrs", &["src/stats"]),
    ("rayon", &["src/experiment/parallel.rs"]),
    // One file reads YAML; elsewhere results derive `Serialize`, and records are read back.
    (
        "serde",
        &[
            "src/scenario/text/yaml.rs",
            "src/scenario/text/problem.rs",
            "src/scenario/mod.rs",
            "src/kernel",
            "src/stats",
            "src/model/id.rs",
            "src/model/observe/levels.rs",
            "src/model/record/ledger.rs",
            "src/model/record/ledger.rs",
            "src/experiment",
            "src/log",
            "src/output/study",
            "src/output/generation.rs",
            "src/output/chart",
        ],
    ),
    ("serde_saphyr", &["src/scenario/text/yaml.rs"]),
    ("serde_yaml", &["src/log/scenario/assumption.rs"]),
    ("libc", &["src/scenario/text/files.rs"]),
    ("annotate_snippets", &["src/scenario/text/problem.rs"]),
    (
        "csv",
        &[
            "src/output/csv.rs",
            "src/scenario/compile/csv.rs",
            "src/log/csv.rs",
        ],
    ),
    ("serde_json", &["src/output", "src/log"]),
    ("quick_junit", &["src/output/junit.rs"]),
    (
        "clap",
        &[
            "src/cli/args.rs",
            "src/cli/args_facts.rs",
            "src/cli/calibrate_args.rs",
            "src/cli/divided_args.rs",
            "src/cli/ensemble_args.rs",
            "src/cli/sensitivity_args.rs",
        ],
    ),
    ("clap_complete", &["src/cli/completions.rs"]),
    ("clap_mangen", &["src/cli/man.rs"]),
    ("comfy_table", &["src/cli/table.rs"]),
    ("gethostname", &["src/output/folder.rs"]),
    ("parquet", &["src/output/parquet_file.rs"]),
    ("arrow_array", &["src/output/parquet_file.rs"]),
    ("arrow_schema", &["src/output/parquet_file.rs"]),
    ("postcard", &["src/output/pieces.rs"]),
    ("shlex", &["src/cli/shell.rs"]),
    ("indicatif", &["src/cli/progress.rs"]),
    ("ctrlc", &["src/cli/signals.rs"]),
    ("signal_hook", &["src/cli/signals.rs"]),
    ("sobol_burley", &["src/scenario/vary/points.rs"]),
    ("anstream", &["src/cli/paint.rs"]),
    ("anstyle", &["src/cli/paint.rs"]),
    ("terminal_size", &["src/cli/paint.rs"]),
    ("plotters", &["src/output/chart/bitmap.rs"]),
    ("png", &["src/output/chart/bitmap.rs"]),
    ("ratatui", &["src/cli/watch"]),
    ("maud", &["src/output/report"]),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Calls `see` with every line of the library's sources that is not in a test module.
pub fn each_line(mut see: impl FnMut(&str, usize, &str)) {
    for path in sources(Path::new("src")) {
        let name = path.to_string_lossy().replace('\\', "/");
        let text = std::fs::read_to_string(&path).expect("a source file");
        let library = text
            .split("#[cfg(test)]\nmod tests {")
            .next()
            .unwrap_or_default();
        for (number, line) in library.lines().enumerate() {
            see(&name, number + 1, line);
        }
    }
}

fn layer_of(path: &str) -> Option<&str> {
    let layer = path.strip_prefix("src/")?.split_once('/')?.0;
    LAYERS
        .iter()
        .map(|(name, _)| *name)
        .find(|name| *name == layer)
}

#[test]
fn layers_name_only_those_below() {
    let mut violations = Vec::new();
    each_line(|path, number, line| {
        let Some(layer) = layer_of(path) else { return };
        let allowed = LAYERS
            .iter()
            .find(|(name, _)| *name == layer)
            .expect("a layer")
            .1;
        for (other, _) in LAYERS {
            let named = line.contains(&format!("crate::{other}"));
            if named && other != layer && !allowed.contains(&other) {
                violations.push(format!("{path}:{number}: {layer} must not name {other}"));
            }
        }
        if line.contains("use crate::{") || (line.contains("super::") && !line.contains("super::*"))
        {
            violations.push(format!(
                "{path}:{number}: imports must show their layer: `use crate::layer::…`"
            ));
        }
    });
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}

#[test]
fn folders_name_only_those_before_them() {
    let mut violations = Vec::new();
    each_line(|path, number, line| {
        for (layer, rooms) in ROOMS {
            let Some(rest) = path.strip_prefix(&format!("src/{layer}/")) else {
                continue;
            };
            let room = rest.split(['/', '.']).next().unwrap_or_default();
            let Some(place) = rooms.iter().position(|it| *it == room) else {
                continue;
            };
            for later in &rooms[place + 1..] {
                if line.contains(&format!("crate::{layer}::{later}")) {
                    violations.push(format!("{path}:{number}: {room} must not name {later}"));
                }
            }
        }
    });
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}

#[test]
fn every_external_crate_stays_in_its_homes() {
    let mut violations = Vec::new();
    each_line(|path, number, line| {
        let code = line.split("//").next().unwrap_or_default();
        for (name, homes) in HOMES {
            let used = [
                format!("use {name}::"),
                format!(" {name}::"),
                format!("({name}::"),
            ];
            let named = used.iter().any(|used| code.contains(used.as_str()))
                || code.starts_with(&format!("{name}::"));
            // `output` has a module of this name.
            let module = *name == "csv" && path.starts_with("src/");
            let module = module && !code.contains("use csv::");
            if named && !module && !homes.iter().any(|home| path.starts_with(home)) {
                violations.push(format!(
                    "{path}:{number}: {name} is used in {}",
                    homes.join(", ")
                ));
            }
        }
    });
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}

#[test]
fn files_stay_short_and_say_what_they_are() {
    let folders = ["src", "python/src", "tests/wasm/src"];
    for path in folders.iter().flat_map(|it| sources(Path::new(it))) {
        let text = std::fs::read_to_string(&path).expect("a source file");
        assert!(
            text.starts_with("//! "),
            "{} does not begin by saying what it is",
            path.display()
        );
        let lines = text.lines().count();
        assert!(
            lines <= 500,
            "{} has {lines} lines; split it",
            path.display()
        );
    }
}

#[test]
fn every_package_has_the_version_of_the_library() {
    for manifest in ["python/Cargo.toml", "tests/wasm/Cargo.toml"] {
        let text = std::fs::read_to_string(manifest).expect("a manifest");
        let version = format!("version = \"{}\"", env!("CARGO_PKG_VERSION"));
        assert!(
            text.lines().any(|line| line == version),
            "{manifest} must say `{version}`"
        );
    }
}
