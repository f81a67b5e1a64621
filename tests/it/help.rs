//! `drawdown help`: commands, topics and the pages of the manual.

use std::fs;

use crate::cli::drawdown;

const TOPICS: [&str; 11] = [
    "first-hour",
    "cluster",
    "incidents",
    "scenario",
    "semantics",
    "outputs",
    "statistics",
    "calibration",
    "policies",
    "limits",
    "contributing",
];

#[test]
fn help_lists_commands_and_topics() {
    let (code, out, _) = drawdown(&["help"]);
    assert_eq!(code, Some(0));
    for name in TOPICS.iter().chain(&["ensemble", "validate", "help"]) {
        assert!(
            out.contains(&format!("\n  {name} ")),
            "{name} is missing:\n{out}"
        );
    }
    assert_eq!(out, drawdown(&["--help"]).1);
}

#[test]
fn a_topic_is_printed_as_its_page_is_written() {
    for topic in TOPICS {
        let (code, out, _) = drawdown(&["help", topic]);
        assert_eq!(code, Some(0), "{topic}");
        let page = fs::read_to_string(format!("src/manual/{topic}.md")).expect("a page");
        assert!(
            out == page,
            "{topic} is printed otherwise than it is written"
        );
        assert!(!out.contains('\u{1b}'), "{topic}");
    }
}

#[test]
fn a_command_has_its_help_under_both_names() {
    for command in ["size", "new", "check"] {
        let (code, out, _) = drawdown(&["help", command]);
        assert_eq!(code, Some(0));
        assert!(out.contains(&format!("Usage: drawdown {command}")), "{out}");
        assert_eq!(out, drawdown(&[command, "--help"]).1);
    }
}

#[test]
fn an_unknown_topic_exits_2_and_names_a_near_one() {
    for (asked, near) in [
        ("sizze", "size"),
        ("outpts", "outputs"),
        ("senario", "scenario"),
    ] {
        let (code, out, stderr) = drawdown(&["help", asked]);
        assert_eq!((code, out.as_str()), (Some(2), ""));
        assert!(
            stderr.contains(&format!("did you mean `{near}`?")),
            "{stderr}"
        );
    }
    let (code, _, stderr) = drawdown(&["help", "zzz"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("`drawdown help` lists"), "{stderr}");
}

#[test]
fn the_reference_has_every_key_that_the_schema_has() {
    let reference = drawdown(&["help", "scenario"]).1;
    let schema: serde_json::Value = serde_json::from_str(&drawdown(&["schema"]).1).expect("JSON");
    let definitions = schema["$defs"].as_object().expect("definitions");
    let mut keys = 0;
    for (name, definition) in definitions {
        let Some(properties) = definition["properties"].as_object() else {
            continue;
        };
        for key in properties.keys() {
            let ends = [format!(".{key}`"), format!("`{key}`")];
            assert!(
                ends.iter().any(|end| reference.contains(end)),
                "{name}.{key}"
            );
            keys += 1;
        }
    }
    assert!(150 < keys, "only {keys} keys");
}

#[test]
fn the_manual_names_no_file_that_is_missing() {
    let pages = TOPICS.map(|topic| format!("src/manual/{topic}.md"));
    for page in pages.iter().map(String::as_str).chain(["README.md"]) {
        let text = fs::read_to_string(page).expect("a page");
        for part in text.split('`').skip(1).step_by(2) {
            let folders = [
                "src/",
                "tests/",
                "benches/",
                "examples/",
                "scenarios/",
                ".ci/",
                ".github/",
            ];
            let is_path = folders.iter().any(|folder| part.starts_with(folder));
            if is_path && !part.contains([' ', '*']) {
                assert!(fs::exists(part).expect("a path"), "{page}: {part}");
            }
        }
        for part in text.split("](").skip(1) {
            let link = part.split(')').next().unwrap_or_default();
            if !link.contains("://") {
                assert!(fs::exists(link).expect("a path"), "{page}: {link}");
            }
        }
    }
}

#[test]
fn the_readme_is_a_front_page() {
    let words = fs::read_to_string("README.md").expect("the README");
    let words = words.split_whitespace().count();
    assert!(words <= 1300, "{words} words");
}
