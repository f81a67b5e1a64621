//! What a file may contain, and what reading it may cost.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use assert_cmd::Command;
use drawdown::scenario::{FileAccess, NO_CHANGES, Template};
use drawdown::{Scenario, expected_value};

/// What no message may quote.
const SECRET: &str = "hunter2";

/// A scenario with a trace and a distribution from CSV files.
fn scenario(trace: &str, column: &str) -> String {
    let text = r#"schema: 1
name: smallest
clock: {start: 2026-01-05T00:00:00Z, horizon: 1h, warm_up: 0s}
regions: {r: {}}
pools:
  r/p:
    target: 2
    provision: {latency: {empirical: {csv: "COLUMN", column: latency}}, timeout: 1h}
    replenish: {counts: ready_and_pending, in_flight_max: unlimited, waiting_orders: false, retry: {initial: 10s, max: 1m}}
    lease: {on_empty: wait, wait_timeout: 10m}
demand:
  jobs: {pool: r/p, essential: true, source: {trace: {csv: "TRACE"}}}
"#;
    text.replace("TRACE", trace).replace("COLUMN", column)
}

/// What the command says, and its exit code.
fn drawdown(args: &[&str]) -> (i32, String) {
    let done = Command::cargo_bin("drawdown")
        .expect("the command")
        .args(args)
        .timeout(Duration::from_secs(20))
        .output()
        .expect("an answer");
    let text = [done.stdout, done.stderr].concat();
    let code = done.status.code().expect("an exit code");
    (code, String::from_utf8_lossy(&text).into_owned())
}

/// What is wrong with a file.
#[track_caller]
fn wrong(path: &Path) -> String {
    let (code, text) = drawdown(&["validate", &path.to_string_lossy()]);
    assert_eq!(code, 2, "{text}");
    text
}

/// What is wrong with a text.
#[track_caller]
fn wrong_text(text: &str) -> String {
    let problems = Scenario::parse("made-up.yaml", text).expect_err("an invalid scenario");
    problems.to_string()
}

/// A folder with a scenario's folder in it, and secrets beside that.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("own/below")).expect("a folder");
    fs::create_dir_all(at("other")).expect("a folder");
    let write = |name: &str, text: &str| fs::write(at(name), text).expect("a file");
    write("own/trace.csv", "at,hold\n+1m,5m\n+2m,5m\n");
    write("own/below/latency.csv", "latency\n2m\n3m\n");
    write("other/trace.csv", "at,hold\n+1m,5m\n");
    write("other/secret.csv", &format!("{SECRET}\n{SECRET}\n"));
    write("own/secret.csv", &format!("{SECRET}\n{SECRET}\n"));
    write(
        "own/cells.csv",
        &format!("at,hold\n{SECRET},5m\n+1m,{SECRET}\n"),
    );
    write("own/ragged.csv", &format!("at,hold\n+1m,5m,{SECRET}\n"));
    fs::write(at("own/bytes.csv"), b"at,hold\n+1m,\xff\xfe\n").expect("a file");
    folder
}

#[test]
fn csv_files_are_in_the_folder_of_their_scenario_or_below() {
    let folder = folder();
    let file = folder.path().join("own/scenario.yaml");
    for (trace, column) in [
        ("trace.csv", "below/latency.csv"),
        ("./trace.csv", "./below/./latency.csv"),
    ] {
        fs::write(&file, scenario(trace, column)).expect("a file");
        let (code, text) = drawdown(&["validate", &file.to_string_lossy()]);
        assert_eq!(code, 0, "{text}");
    }
    // From the folder itself, where the path of the scenario has no folder.
    let done = Command::cargo_bin("drawdown").expect("the command");
    let mut done = done;
    done.current_dir(folder.path().join("own"))
        .args(["validate", "scenario.yaml"])
        .assert()
        .success();
}

/// Ways to name files elsewhere, or what is not a file; each is rejected at once, without a quote.
#[cfg(unix)]
#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn thirty_ways_to_read_another_file_are_rejected() {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let link = |to: &Path, name: &str| symlink(to, at(name)).expect("a link");
    link(&at("other/secret.csv"), "own/away.csv");
    link(Path::new("../other/secret.csv"), "own/relative.csv");
    link(&at("other"), "own/folder");
    link(Path::new("away.csv"), "own/twice.csv");
    link(Path::new("/dev/zero"), "own/zero.csv");
    link(Path::new("/proc/self/environ"), "own/environ.csv");
    link(Path::new("loop.csv"), "own/loop.csv");
    link(&at("other/nowhere.csv"), "own/dangling.csv");
    link(Path::new("below"), "own/below-link");
    let fifo = |name: &str| {
        let made = std::process::Command::new("mkfifo").arg(at(name)).status();
        assert!(made.expect("mkfifo").success());
    };
    fifo("own/fifo.csv");
    fifo("fifo.yaml");
    let _socket = UnixListener::bind(at("own/socket.csv")).expect("a socket");
    let large = fs::File::create(at("own/large.csv")).expect("a file");
    large.set_len(65 << 20).expect("a size");
    let absolute = at("other/secret.csv");
    let absolute = absolute.to_string_lossy();
    let ways: [(&str, &str); 31] = [
        (&absolute, "an absolute path"),
        ("/proc/self/environ", "an absolute path"),
        ("/dev/zero", "an absolute path"),
        ("/dev/stdin", "an absolute path"),
        ("//etc/passwd", "an absolute path"),
        ("/etc/../etc/passwd", "an absolute path"),
        ("/nowhere/at/all", "an absolute path"),
        ("../other/secret.csv", "by `..`"),
        ("../own/trace.csv", "by `..`"),
        ("below/../trace.csv", "by `..`"),
        ("below/../../other/secret.csv", "by `..`"),
        ("./../other/secret.csv", "by `..`"),
        ("folder/../trace.csv", "by `..`"),
        ("..", "by `..`"),
        ("away.csv", "a link out of the folder"),
        ("relative.csv", "a link out of the folder"),
        ("twice.csv", "a link out of the folder"),
        ("folder/secret.csv", "a link out of the folder"),
        ("below-link/../../other/secret.csv", "by `..`"),
        ("zero.csv", "a link out of the folder"),
        ("environ.csv", "a link out of the folder"),
        ("loop.csv", "a broken link"),
        ("dangling.csv", "a broken link"),
        (".", "a directory"),
        ("below", "a directory"),
        ("fifo.csv", "a FIFO"),
        ("socket.csv", "a socket"),
        ("large.csv", "65.0 MiB"),
        ("nowhere.csv", "cannot be read"),
        ("trace.csv/", "cannot be read"),
        ("a\\0b", "the control character U+0000"),
    ];
    let file = at("own/scenario.yaml");
    for (way, said) in ways {
        for text in [
            scenario(way, "below/latency.csv"),
            scenario("trace.csv", way),
        ] {
            fs::write(&file, text).expect("a file");
            let message = wrong(&file);
            assert!(message.contains(said), "{way}: {message}");
            assert!(!message.contains(SECRET), "{way}: {message}");
            assert!(!message.contains("PATH="), "{way}: {message}");
        }
    }
    // With `--allow-files`, the folder does not matter; the kind of file still does.
    for (way, code) in [("../other/trace.csv", 0), ("/dev/zero", 2), ("fifo.csv", 2)] {
        fs::write(&file, scenario(way, "below/latency.csv")).expect("a file");
        let (found, text) = drawdown(&["validate", "--allow-files", &file.to_string_lossy()]);
        assert_eq!(found, code, "{way}: {text}");
    }
    fs::write(&file, scenario("../other/trace.csv", "below/latency.csv")).expect("a file");
    assert!(Template::load(&file).is_err());
    let trusted = Template::load_with_access(&file, None, NO_CHANGES, FileAccess::Anywhere);
    assert_eq!(trusted.expect("a valid scenario").base().classes().len(), 1);
    // The folder is the one in the path that was named, also where that is a link.
    symlink(&file, at("linked.yaml")).expect("a link");
    assert!(wrong(&at("linked.yaml")).contains("by `..`"));
    assert!(wrong(&at("fifo.yaml")).contains("the file is a FIFO"));
}

#[test]
fn messages_about_csv_files_quote_nothing_of_them() {
    let folder = folder();
    let file = folder.path().join("own/scenario.yaml");
    for (trace, said) in [
        ("secret.csv", "`secret.csv` has no column `at`"),
        (
            "cells.csv",
            "line 2 of `cells.csv` has an invalid value in column `at`",
        ),
        (
            "cells.csv",
            "line 3 of `cells.csv` has an invalid value in column `hold`",
        ),
        ("ragged.csv", "`ragged.csv` has 3 columns in line 2"),
        ("bytes.csv", "`bytes.csv` is not UTF-8 in line 2, column 2"),
    ] {
        fs::write(&file, scenario(trace, "below/latency.csv")).expect("a file");
        let message = wrong(&file);
        assert!(message.contains(said), "{message}");
        assert!(!message.contains(SECRET), "{message}");
    }
    fs::write(&file, scenario("trace.csv", "secret.csv")).expect("a file");
    let message = wrong(&file);
    assert!(
        message.contains("`secret.csv` has no column `latency`"),
        "{message}"
    );
    assert!(!message.contains(SECRET), "{message}");
}

#[test]
fn what_is_not_a_scenario_is_not_quoted() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("secrets");
    for text in [
        format!("{SECRET}\n"),
        format!("password: {SECRET}\n"),
        format!("password: {SECRET}\nclock: {SECRET}\n"),
        format!("- {SECRET}\n"),
        format!("A={SECRET}\0B={SECRET}"),
        format!("[section]\nkey = \"{SECRET}\n"),
        format!("a: b: {SECRET}\n"),
        format!("--- {SECRET}\n--- {SECRET}\n"),
        format!("{SECRET}: *{SECRET}\n"),
        format!("x: &{SECRET} [*{SECRET}]\n"),
    ] {
        fs::write(&file, &text).expect("a file");
        let message = wrong(&file);
        assert!(
            message.contains("this is not a scenario"),
            "{text}: {message}"
        );
        assert!(message.contains("`schema: 1`"), "{text}: {message}");
        assert!(!message.contains(SECRET), "{text}: {message}");
    }
    // A scenario is quoted, for its author.
    let message = wrong_text("schema: 1\nname: [\n");
    assert!(message.contains("2 | name: ["), "{message}");
}

#[test]
fn a_scenario_file_is_a_regular_file_of_limited_size() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("large.yaml");
    // Half a gigabyte, of which nothing is read.
    let large = fs::File::create(&file).expect("a file");
    large.set_len(500 << 20).expect("a size");
    assert!(wrong(&file).contains("the file has 500.0 MiB"));
    assert!(wrong(folder.path()).contains("the file is a directory"));
    if cfg!(unix) {
        assert!(wrong(Path::new("/dev/zero")).contains("the file is a device"));
        let environ = wrong(Path::new("/proc/self/environ"));
        assert!(!environ.contains("PATH="), "{environ}");
    }
}

const BASE: &str = "schema: 1
name: smallest
clock: {start: 2026-01-05T00:00:00Z, horizon: 1h, warm_up: 0s}
regions: {r: {}}
pools:
  r/p: &pool
    target: 2
    provision: {latency: 1m, timeout: 1h}
    replenish: {counts: ready_and_pending, in_flight_max: unlimited, waiting_orders: false, retry: {initial: 10s, max: 1m}}
    lease: {on_empty: wait, wait_timeout: 10m}
";

#[track_caller]
fn says(text: &str, parts: &[&str]) {
    let message = wrong_text(text);
    for part in parts {
        assert!(message.contains(part), "`{part}` is not in:\n{message}");
    }
    assert!(message.len() < 20_000, "{} bytes", message.len());
}

#[test]
fn every_depth_has_a_bound() {
    let deep = "values are nested too deeply";
    for text in [
        format!("{BASE}x: {}", "[".repeat(100_000)),
        format!("{BASE}x: {}{}", "[".repeat(33), "]".repeat(33)),
        format!("{BASE}x: {}", "{a: ".repeat(10_000)),
        format!("{BASE}x: {}", "- ".repeat(10_000)),
        format!("{BASE}x: {}", "? ".repeat(10_000)),
        format!("{BASE}x: {}", "&a ".repeat(10_000)),
        format!("{BASE}x: {}", "!!map ".repeat(10_000)),
    ] {
        wrong_text(&text);
    }
    says(
        &format!("{BASE}x: {}", "[".repeat(100_000)),
        &[deep, "at most 32 levels"],
    );
    let nested: String = (1..200)
        .map(|level| format!("a{level}: &a{level} [*a{}]\n", level - 1))
        .collect();
    says(&format!("{BASE}a0: &a0 [1]\n{nested}"), &[deep]);
    let merged: String = (1..200)
        .map(|level| format!("a{level}: &a{level} {{<<: *a{}, k{level}: 1}}\n", level - 1))
        .collect();
    wrong_text(&format!("{BASE}a0: &a0 {{k: 1}}\n{merged}"));
    // A variant's path goes no deeper than a document.
    let steps = "a.".repeat(100_000) + "a";
    let text = format!("{BASE}variants:\n  v:\n    ? {steps}\n    : 1\n");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("deep.yaml");
    fs::write(&file, text).expect("a file");
    let message = wrong(&file);
    assert!(message.contains("in the variant `v`"), "{message}");
    assert!(
        message.contains("a path of more than 32 steps"),
        "{message}"
    );
    assert!(message.len() < 20_000, "{} bytes", message.len());
    let change = [(steps, "1".to_owned())];
    let problems = Scenario::parse_with("made-up.yaml", BASE, change).expect_err("a deep path");
    assert!(
        problems.to_string().contains("more than 32 steps"),
        "{problems}"
    );
    let change = [("clock".to_owned(), "[".repeat(100_000))];
    let problems = Scenario::parse_with("made-up.yaml", BASE, change).expect_err("a deep value");
    assert!(problems.to_string().contains(deep), "{problems}");
}

#[test]
fn names_are_short_and_hold_no_control_characters() {
    let long = "n".repeat(101);
    let named = |name: &str| {
        [
            format!("{BASE}  r/{name}: *pool\n"),
            BASE.replace(
                "regions: {r: {}}",
                &format!("regions: {{r: {{}}, \"{name}\": {{}}}}"),
            ),
            format!("{BASE}demand: {{\"{name}\": {{}}}}\n"),
            format!("{BASE}outages: {{\"{name}\": {{}}}}\n"),
            format!("{BASE}outages: {{o: {{windows: {{\"{name}\": {{}}}}}}}}\n"),
            format!("{BASE}dependencies: {{\"{name}\": {{}}}}\n"),
            format!("{BASE}alerts: {{\"{name}\": {{}}}}\n"),
            format!("{BASE}playbook: {{\"{name}\": {{}}}}\n"),
            format!("{BASE}staffing: {{\"{name}\": {{}}}}\n"),
            format!("{BASE}observed: {{\"{name}\": {{}}}}\n"),
            format!("{BASE}variants: {{\"{name}\": {{}}}}\n"),
            format!("{BASE}profiles: {{\"{name}\": {{}}}}\n"),
            format!("{BASE}demand: {{d: {{surges: {{\"{name}\": {{}}}}}}}}\n"),
        ]
    };
    for text in named(&long) {
        says(&text, &["bytes", "at most 100 bytes", "shorten the name"]);
    }
    for text in &named(r"a\u001b[2Jb")[1..] {
        says(
            text,
            &[
                "a name with the control character U+001B",
                "remove the character",
            ],
        );
        assert!(!wrong_text(text).contains('\u{1b}'));
    }
    for control in [r"\u0007", r"\u009b", r"\u202e", r"\u2028"] {
        let text = BASE.replace("name: smallest", &format!("name: \"a{control}b\""));
        says(&text, &["a text with the control character U+"]);
        says(
            &format!("{BASE}question: \"a{control}b\"\n"),
            &["control character"],
        );
    }
    let text = BASE.replace("name: smallest", "name: \"a\\nb\"");
    says(&text, &["one line of at most 200 bytes"]);
    let question = format!("{BASE}question: |\n  two\n  lines\n");
    assert!(Scenario::parse("made-up.yaml", &question).is_ok());
    let hundred = format!("{BASE}  r/{}: *pool\n", "n".repeat(98));
    assert!(Scenario::parse("made-up.yaml", &hundred).is_ok());
}

#[test]
fn a_long_name_is_answered_at_once() {
    let long = "x".repeat(1_000_000);
    for text in [
        format!("{BASE}? {long}\n: 1\n"),
        format!("{BASE}demand: {{d: {{pool: {long}}}}}\n"),
        BASE.replace("counts: ready_and_pending", &format!("counts: {long}")),
        BASE.replace("name: smallest", &format!("name: {long}")),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("long.yaml");
        fs::write(&file, text).expect("a file");
        // The command is given twenty seconds; a name of this length once took a quarter of an hour.
        let message = wrong(&file);
        assert!(message.len() < 20_000, "{} bytes", message.len());
    }
}

#[test]
fn a_thousand_pools_share_an_anchor() {
    for count in [100, 1_000] {
        let pools: String = (0..count)
            .map(|pool| format!("  r/q{pool}: *pool\n"))
            .collect();
        let scenario = Scenario::parse("made-up.yaml", &format!("{BASE}{pools}"));
        let scenario = scenario.unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(scenario.pools().len(), count + 1);
    }
}

/// A class with this source.
fn with_class(name: &str, source: &str) -> String {
    format!("  {name}: {{pool: r/p, essential: true, source: {source}}}\n")
}

#[test]
fn arrivals_are_limited_per_file() {
    let class = |name: &str| with_class(name, "{requests: {rate: 600/s, hold: 1m}}");
    let world = BASE
        .replace("horizon: 1h", "horizon: 1d")
        .replace("wait_timeout: 10m", "wait_timeout: 1s");
    let one = format!("{world}demand:\n{}", class("a"));
    assert!(Scenario::parse("made-up.yaml", &one).is_ok());
    let two = format!("{one}{}", class("b"));
    says(
        &two,
        &["in total so far", "fewer than a hundred million per file"],
    );
}

#[test]
fn memory_is_limited_per_file() {
    let world = BASE
        .replace("horizon: 1h", "horizon: 1d")
        .replace("wait_timeout: 10m", "wait_timeout: never");
    let class = with_class("a", "{requests: {rate: 1000/s, hold: 1m}}");
    let text = format!("{world}demand:\n{class}");
    says(
        &text,
        &[
            "requests that wait at once",
            "GiB",
            "at most 1 GiB per file",
            "help:",
        ],
    );
    let text = format!(
        "{}  r/q1: *pool\n  r/q2: *pool\n  r/q3: *pool\n  r/q4: *pool\n  r/q5: *pool\n",
        BASE.replace("target: 2", "target: 1000000")
    );
    says(&text, &["1000000 workers", "at most 1 GiB per file"]);
    let tenants = "{tenants: {count: 1000000, jobs: 1/d, duration: 1m, shares: {zipf: 1}}}";
    let lease = BASE.replace(
        "lease: {",
        "lease: {idle_timeout: 1m, max_age: 1h, age_clock: leased, ",
    );
    let classes: String = (0..9)
        .map(|class| with_class(&format!("c{class}"), tenants))
        .collect();
    says(
        &format!("{lease}demand:\n{classes}"),
        &["1000000 tenants", "at most 1 GiB per file"],
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn the_time_of_an_event_is_limited() {
    for (from, to, limit) in [
        (
            "timeout: 1h}",
            "timeout: 1h, calls: 999999}",
            "at most 1000 per attempt",
        ),
        (
            "timeout: 1h}",
            "timeout: 1h, slots: 999999}",
            "at most 1000 per attempt",
        ),
    ] {
        says(&BASE.replace(from, to), &["999999", limit]);
    }
    let standbys: String = (0..102)
        .map(|pool| format!("  r/s{pool}: {{<<: *pool, standby: {{for: r/p, share: 10%, activation: 0s, warm: true}}}}\n"))
        .collect();
    says(
        &format!("{BASE}{standbys}"),
        &["at most 100 standbys of one pool"],
    );
    let actions = "note, ".repeat(101);
    says(
        &format!("{BASE}playbook: {{s: {{at: +1m, after: 0s, do: [{actions}]}}}}\n"),
        &["101 actions", "at most 100 in a step"],
    );
    let turns: String = (0..101)
        .map(|_| "{days: daily, from: \"08:00\", to: \"09:00\", level: 1}, ")
        .collect();
    let schedule = format!("target: {{schedule: {{base: 1, turns: [{turns}]}}}}");
    says(
        &BASE.replace("target: 2", &schedule),
        &["101 turns", "at most 100"],
    );
    let surges: String = (0..101)
        .map(|surge| format!("s{surge}: {{from: +1m, until: +2m, factor: 2}}, "))
        .collect();
    let class = format!(
        "  a: {{pool: r/p, essential: true, surges: {{{surges}}}, source: {{requests: {{rate: 1/h, hold: 1m}}}}}}\n"
    );
    says(
        &format!("{BASE}demand:\n{class}"),
        &["101 surges", "at most 100 of a class"],
    );
    let knots: String = (0..1440)
        .map(|minute| format!("\"{:02}:{:02}\": 1, ", minute / 60, minute % 60))
        .collect();
    let profile = format!(
        "{}profiles: {{p: {{daily: {{{knots}}}}}}}\ndemand:\n{}",
        BASE.replace("horizon: 1h", "horizon: 3660d"),
        with_class("a", "{requests: {rate: 1/h, hold: 1m, profile: p}}")
    );
    says(
        &profile,
        &[
            "points of profiles and schedules",
            "at most 2000000 over the whole scenario",
        ],
    );
    let variants: String = (0..101)
        .map(|variant| format!("v{variant}: {{}}, "))
        .collect();
    says(
        &format!("{BASE}variants: {{{variants}}}\n"),
        &["101 variants", "at most 100"],
    );
}

#[test]
fn syntax_errors_are_in_plain_words() {
    for (text, parts) in [
        (
            "schema: 1\n---\nschema: 1\n",
            ["more than one document", "a file of its own"],
        ),
        (
            "schema: 1\nx: &a [*a]\n",
            ["is inside the value", "write the value out"],
        ),
        (
            "schema: 1\nx: *nobody\n",
            [
                "an anchor that does not exist",
                "quote text that begins with `*`",
            ],
        ),
        (
            "schema: 1\nx:\n\ty: 1\n",
            [
                "a tab is used where only spaces are allowed",
                "indent with spaces",
            ],
        ),
        (
            "schema: 1\nx: [1, 2\n",
            ["the bracket `[` is never closed", "close the bracket"],
        ),
        (
            "schema: 1\nx: [1, 2}\n",
            ["the bracket `[` is closed by `}`", "with its own kind"],
        ),
        (
            "schema: 1\nx: \"abc\n",
            ["a quoted text is never closed", "close the quote"],
        ),
        (
            "schema: 1\n<<: 5\n",
            ["`<<` is not given a map", "write `<<: *name`"],
        ),
        (
            "schema: 1\nx: .inf\n",
            ["infinite or not a number", "`unlimited`"],
        ),
        (
            "schema: 1\n[a, b]: 1\n",
            ["a key is not plain text", "`key: value`"],
        ),
    ] {
        says(text, &parts);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("latin-1.yaml");
    fs::write(&file, b"schema: 1\nname: caf\xe9\n").expect("a file");
    let message = wrong(&file);
    assert!(message.contains("byte 19 is not UTF-8"), "{message}");
    assert!(message.contains("save the file as UTF-8"), "{message}");
}

fn field(name: &str) -> PathBuf {
    Path::new("tests/it/field").join(name)
}

#[test]
fn a_trace_without_tenants_needs_no_lease_keys() {
    let scenario = Scenario::load(field("trace-without-tenants.yaml"));
    let scenario = scenario.unwrap_or_else(|problems| panic!("{problems}"));
    let outcome = expected_value(&scenario);
    let measure = |name| {
        outcome
            .measure(0, name)
            .expect("a measure")
            .expect("a measure")
    };
    assert_eq!((measure("requests"), measure("hit_rate")), (2.0, 1.0));
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn what_is_given_but_invalid_is_not_missing_as_well() {
    let cases = [
        (
            "wait_timeout: 10m",
            "wait_timeout: {exponential: 5m}",
            "`exponential: {mean: 5m}`",
        ),
        (
            "wait_timeout: 10m",
            "wait_timeout: {gamma: 5m}",
            "`gamma: {mean: 5m, shape: 1}`",
        ),
        (
            "wait_timeout: 10m",
            "wait_timeout: {lognormal: 5m}",
            "`lognormal: {p5: 90s, p50: 30m}`",
        ),
        (
            "wait_timeout: 10m",
            "wait_timeout: {uniform: 5m}",
            "`uniform: {low: 90s, high: 30m}`",
        ),
        (
            "wait_timeout: 10m",
            "wait_timeout: soon",
            "write it with its unit",
        ),
        ("waiting_orders: false", "waiting_orders: perhaps", "help"),
        (
            "initial: 10s, max: 1m}",
            "initial: 10s, max: 1m}, breaker: 5m",
            "help",
        ),
    ];
    for (from, to, help) in cases {
        let text = BASE.replace(from, to);
        let problems = Scenario::parse("made-up.yaml", &text).expect_err("an invalid scenario");
        assert_eq!(problems.list().len(), 1, "{problems}");
        assert!(problems.to_string().contains(help), "{problems}");
        assert!(!problems.to_string().contains("missing"), "{problems}");
    }
    // The same of outages and alerts.
    let outage = "regions: [r], operations: [create], from: +1m, until: +2m, failure: 50%, judged: completion";
    for (from, to) in [
        ("failure: 50%", "failure: half"),
        ("judged: completion", "judged: 5"),
        ("from: +1m", "from: soon"),
        ("until: +2m", "until: 5"),
    ] {
        let text = format!("{BASE}outages: {{o: {{{}}}}}\n", outage.replace(from, to));
        let problems = Scenario::parse("made-up.yaml", &text).expect_err("an invalid scenario");
        assert_eq!(problems.list().len(), 1, "{problems}");
    }
    for (signal, key) in [
        ("ready_below", "level"),
        ("oldest_wait", "wait"),
        ("restored", "share"),
    ] {
        let text = format!(
            "{BASE}alerts: {{a: {{signal: {signal}, {key}: [], scope: all, delay: 1m, cool_down: 1m}}}}\n"
        );
        let problems = Scenario::parse("made-up.yaml", &text).expect_err("an invalid scenario");
        assert_eq!(problems.list().len(), 1, "{problems}");
    }
}

#[test]
fn an_invalid_variant_makes_the_file_invalid() {
    let file = field("mutual.yaml");
    let file = file.to_string_lossy();
    let done = Command::cargo_bin("drawdown")
        .expect("the command")
        .args(["validate", &file])
        .output()
        .expect("an answer");
    assert_eq!(done.status.code(), Some(2));
    assert!(
        done.stdout.is_empty(),
        "{}",
        String::from_utf8_lossy(&done.stdout)
    );
    let message = String::from_utf8_lossy(&done.stderr);
    assert!(
        message.contains(
            "in the variant `itself`: `northeurope/ubuntu` cannot be a standby of itself"
        ),
        "{message}"
    );
    assert_eq!(message.matches("nothing was run").count(), 1, "{message}");
    // The file itself can be run, and so can its valid variants.
    assert_eq!(drawdown(&["run", "--expected-value", &file]).0, 0);
    assert_eq!(
        drawdown(&["run", "--expected-value", "--variant", "50-each", &file]).0,
        0
    );
    assert_eq!(
        drawdown(&["run", "--expected-value", "--variant", "mutual", &file]).0,
        0
    );
    assert_eq!(
        drawdown(&["run", "--expected-value", "--variant", "itself", &file]).0,
        2
    );
}
