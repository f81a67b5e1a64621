//! Broken files, each with the whole message that its reader gets.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::golden::compare;
use assert_cmd::Command;
use drawdown::Scenario;

fn broken() -> Vec<PathBuf> {
    let entries = std::fs::read_dir("tests/it/broken").expect("a folder");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "yaml")
    });
    files.sort();
    files
}

#[test]
fn every_broken_file_gets_its_message() {
    let files = broken();
    assert!(40 <= files.len(), "only {} broken files", files.len());
    for file in files {
        let problems = match Scenario::load(&file) {
            Ok(_) => panic!("{} is valid", file.display()),
            Err(problems) => problems,
        };
        for problem in problems.list() {
            assert!(
                problem.help.is_some(),
                "{}: no help in {problem:?}",
                file.display()
            );
        }
        compare(&file.with_extension("txt"), &format!("{problems}\n"));
    }
}

#[track_caller]
fn check_message(name: &str, text: &str, part: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join(name);
    std::fs::write(&file, text).expect("a file");
    let done = Command::cargo_bin("drawdown")
        .expect("the command")
        .arg("validate")
        .arg(&file)
        .timeout(Duration::from_secs(20))
        .assert()
        .code(2);
    let message = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
    assert!(message.contains(part), "{message}");
    assert!(message.len() < 60_000, "{} bytes of message", message.len());
}

#[test]
fn a_file_of_five_megabytes_ends_in_a_message() {
    check_message(
        "large.yaml",
        &"# nothing but comments\n".repeat(230_000),
        "the file has 5.0 MiB",
    );
    check_message(
        "many.yaml",
        &format!("schema: 1\n{}", "a: 1\n".repeat(700_000)),
        "at most 250000 values",
    );
    let pools = |count: usize| {
        let pool = |pool| format!("  r/{pool}: {{target: x}}\n");
        let pools: String = (0..count).map(pool).collect();
        format!("schema: 1\npools:\n{pools}")
    };
    check_message("pools.yaml", &pools(1_900), "and 451 more");
    check_message(
        "many-pools.yaml",
        &pools(30_000),
        "at most 2000 of one kind",
    );
}

#[test]
fn deep_nesting_ends_in_a_message() {
    check_message(
        "brackets.yaml",
        &format!("schema: 1\na: {}{}", "[".repeat(90_000), "]".repeat(90_000)),
        "values are nested too deeply",
    );
    let braces = format!("schema: 1\nb: {}", "{a: ".repeat(50_000));
    check_message("braces.yaml", &braces, "values are nested too deeply");
    let lines: String = (0..3_000)
        .map(|depth| format!("{}a:\n", " ".repeat(depth)))
        .collect();
    check_message(
        "indented.yaml",
        &format!("schema: 1\n{}", &lines[..lines.len().min(3 << 20)]),
        "values are nested too deeply",
    );
}

#[test]
fn an_alias_bomb_ends_in_a_message() {
    let mut text = "schema: 1\na0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let inner = vec![format!("*a{}", level - 1); 9].join(", ");
        text += &format!("a{level}: &a{level} [{inner}]\n");
    }
    check_message("bomb.yaml", &text, "there are too many values");
}

#[test]
fn a_file_that_is_not_text_ends_in_a_message() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("binary.yaml");
    std::fs::write(&file, [0xff, 0xfe, 0x00, 0x31]).expect("a file");
    let message = Scenario::load(&file).expect_err("no scenario").to_string();
    assert!(message.contains("byte 0 is not UTF-8"), "{message}");
    let message = Scenario::load(Path::new("nowhere.yaml"))
        .expect_err("no scenario")
        .to_string();
    assert!(message.contains("cannot be read"), "{message}");
    check_message("empty.yaml", "", "found nothing");
    check_message("list.yaml", "[1, 2]", "a map of keys");
    check_message("control.yaml", "name: \u{0}\n", "not readable");
}

#[test]
fn no_mutilated_scenario_causes_a_panic() {
    let text = std::fs::read_to_string("scenarios/fnj8-vqz.yaml").expect("a scenario");
    let lines: Vec<&str> = text.lines().collect();
    for place in 0..lines.len() {
        let mut fewer = lines.clone();
        fewer.remove(place);
        let _ = Scenario::parse("fewer.yaml", &fewer.join("\n"));
        for (from, to) in [
            (": ", ": -"),
            ("0", "9e99"),
            ("{", "["),
            ("m", ""),
            ("\"", ""),
        ] {
            let mut changed = lines.clone();
            let line = changed[place].replacen(from, to, 1);
            changed[place] = &line;
            let _ = Scenario::parse("changed.yaml", &changed.join("\n"));
        }
    }
    for end in (0..text.len())
        .step_by(97)
        .filter(|end| text.is_char_boundary(*end))
    {
        let _ = Scenario::parse("cut.yaml", &text[..end]);
    }
}
