//! What commands write, and what happens when two write at once.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// The command, in a folder.
fn drawdown(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("drawdown"));
    command.current_dir(folder).args(args);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A folder with a scenario of these names.
fn scenarios(names: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for name in names {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::copy("examples/full-outage.yaml", file).expect("a scenario");
    }
    folder
}

/// Runs a command line as a person would, in whose path the command is.
fn shell(folder: &Path, line: &str) -> Output {
    let binary = Path::new(assert_cmd::cargo::cargo_bin!("drawdown"));
    let mut path = binary.parent().expect("a folder").as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let mut sh = Command::new("sh");
    sh.args(["-c", line]).env("PATH", path).current_dir(folder);
    sh.output().expect("a shell")
}

/// The printed command gives the same output again.
#[track_caller]
fn reproduces(folder: &Path, args: &[&str]) {
    let done = drawdown(folder, args).output().expect("it runs");
    let said = text(&done.stdout);
    let line = said
        .lines()
        .find_map(|line| line.strip_prefix("reproduce: "));
    let line = line.unwrap_or_else(|| panic!("{args:?}: {said}{}", text(&done.stderr)));
    let again = shell(folder, line);
    assert_eq!(
        again.status.code(),
        done.status.code(),
        "{line}: {}",
        text(&again.stderr)
    );
    assert_eq!(text(&again.stdout), said, "{line}");
}

/// Commands that end with the line that reproduces them: flags, but for the scenario.
const REPRODUCED: [&str; 7] = [
    "run --replication 2",
    "run --expected-value",
    "ensemble --replications 20",
    "ensemble --precision 20% --measure hit_rate --pool anywhere/any",
    "sweep --vary pools.anywhere/any.target=10,20 --where clock.horizon<90h --measure failed_leases \
     --design sobol --points 2 --replications 5",
    "size --pool anywhere/any --within 1..60:1 --risk 20% --price 0.5 --replications 20",
    "compare --replications 20 its.yaml",
];

#[test]
fn a_printed_command_runs_in_a_shell_and_says_the_same() {
    let folder = scenarios(&["-a.yaml", "my dir/it's.yaml", "its.yaml"]);
    let name = "name=$(touch x) `y` \"z\" \\";
    let set = ["--set", "question=it's bad", "--set", name];
    for command in REPRODUCED {
        for file in ["-a.yaml", "my dir/it's.yaml"] {
            let command: Vec<&str> = command.split_whitespace().collect();
            reproduces(folder.path(), &[&command, &set[..], &["--", file]].concat());
        }
    }
    let facts = fs::read_to_string("scenarios/fnj8-vqz.yaml").expect("a scenario");
    fs::write(folder.path().join("-b c.yaml"), facts).expect("a scenario");
    let check = [
        "check",
        "--replications",
        "20",
        "--set",
        "question=it's bad",
        "--",
    ];
    reproduces(
        folder.path(),
        &[&check[..], &["-a.yaml", "-b c.yaml"]].concat(),
    );
    assert!(!folder.path().join("x").exists());
}

/// What lies in a folder, by name.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).expect("a folder");
    let entries = entries.map(|entry| entry.expect("an entry"));
    let read = |entry: fs::DirEntry| {
        let content = fs::read(entry.path()).expect("a file");
        (entry.file_name().to_string_lossy().into_owned(), content)
    };
    entries.map(read).collect()
}

/// Starts several commands at once, and waits for them.
fn at_once(folder: &Path, commands: &[&str]) -> Vec<Output> {
    let start = |line: &&str| {
        let args: Vec<&str> = line.split_whitespace().collect();
        let mut command = drawdown(folder, &args);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("it starts")
    };
    let children: Vec<Child> = commands.iter().map(start).collect();
    let end = |child: Child| child.wait_with_output().expect("it ends");
    children.into_iter().map(end).collect()
}

const SWEEP: &str = "sweep --vary pools.anywhere/any.target=10..40:5 --replications 200 a.yaml";

#[test]
fn eight_processes_that_resume_one_sweep_all_finish() {
    let folder = scenarios(&["a.yaml"]);
    let alone = at_once(folder.path(), &[&format!("{SWEEP} --out alone")]);
    let alone = (alone[0].stdout.clone(), files(&folder.path().join("alone")));
    for round in 0..3 {
        let command = format!("{SWEEP} --resume --threads 1 --out shared-{round}");
        for done in at_once(folder.path(), &[&command[..]; 8]) {
            assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
            assert!(done.stdout == alone.0, "{}", text(&done.stdout));
        }
        let shared = files(&folder.path().join(format!("shared-{round}")));
        assert!(shared == alone.1, "{:?}", shared.keys());
    }
}

#[test]
fn equal_commands_at_once_leave_one_whole_set() {
    let folder = scenarios(&["a.yaml"]);
    let command = |out: &str| format!("ensemble --replications 50 --threads 1 a.yaml --out {out}");
    at_once(folder.path(), &[&command("alone")]);
    for done in at_once(folder.path(), &[&command("shared")[..]; 6]) {
        assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    }
    assert!(files(&folder.path().join("alone")) == files(&folder.path().join("shared")));
}

#[test]
fn different_commands_at_once_leave_the_files_of_one() {
    let folder = scenarios(&["a.yaml"]);
    let commands = [
        "ensemble --replications 50 a.yaml",
        "run a.yaml",
        "compare --replications 20 a.yaml a.yaml",
        "size --pool anywhere/any --within 1..60:1 --risk 20% --replications 20 a.yaml",
        "sweep --vary pools.anywhere/any.target=10,20 --replications 20 a.yaml",
    ];
    let alone = commands.iter().enumerate().map(|(place, command)| {
        let out = format!("alone-{place}");
        at_once(folder.path(), &[&format!("{command} --out {out}")]);
        files(&folder.path().join(out))
    });
    let alone: Vec<_> = alone.collect();
    for round in 0..5 {
        let out = format!("shared-{round}");
        let lines = commands.map(|command| format!("{command} --out {out}"));
        let done = at_once(folder.path(), &lines.each_ref().map(String::as_str));
        let there = files(&folder.path().join(out));
        let won = alone.iter().position(|alone| *alone == there);
        let won = won.unwrap_or_else(|| panic!("a mixture: {:?}", there.keys()));
        for (place, done) in done.iter().enumerate() {
            let code = if place == won { 0 } else { 2 };
            let stderr = text(&done.stderr);
            assert_eq!(done.status.code(), Some(code), "{place}: {stderr}");
            assert_eq!(stderr.contains(" holds "), place != won, "{stderr}");
        }
    }
}

/// Exit code, and what is said on standard error.
fn stderr(folder: &Path, line: &str) -> (Option<i32>, String) {
    let done = &at_once(folder, &[line])[0];
    (done.status.code(), text(&done.stderr))
}

#[test]
fn written_files_are_listed_and_replaced_by_the_same_command() {
    let folder = scenarios(&["a.yaml"]);
    let (code, wrote) = stderr(folder.path(), "run a.yaml --out out");
    let expected = "wrote to out: run.json, measures.csv, levels.csv, dependencies.csv, report.html, 1 chart\n";
    assert_eq!((code, &wrote[..]), (Some(0), expected));
    let first = files(&folder.path().join("out"));
    assert_eq!(
        stderr(folder.path(), "run a.yaml --seed 2 --out out"),
        (Some(0), wrote)
    );
    assert!(first != files(&folder.path().join("out")));
    // A pool that the scenario has no more leaves no chart behind.
    let scenario = fs::read_to_string(folder.path().join("a.yaml")).expect("a scenario");
    let renamed = scenario.replace("anywhere/any", "anywhere/other");
    fs::write(folder.path().join("a.yaml"), renamed).expect("a scenario");
    assert_eq!(stderr(folder.path(), "run a.yaml --out out").0, Some(0));
    let names: Vec<String> = files(&folder.path().join("out")).into_keys().collect();
    let charts: Vec<&String> = names.iter().filter(|name| name.ends_with("svg")).collect();
    assert_eq!(charts, ["levels-anywhere-other.svg"]);
    assert_eq!(stderr(folder.path(), "report out").0, Some(0));
}

#[test]
fn files_of_others_are_neither_replaced_nor_joined() {
    let folder = scenarios(&["a.yaml"]);
    let sweep = "sweep --vary pools.anywhere/any.target=10,20 --replications 5 a.yaml";
    assert_eq!(
        stderr(folder.path(), &format!("{sweep} --out swept")).0,
        Some(0)
    );
    for (command, out) in [("run a.yaml", "run"), ("trace a.yaml", "trace")] {
        assert_eq!(
            stderr(folder.path(), &format!("{command} --out {out}")).0,
            Some(0)
        );
    }
    fs::create_dir(folder.path().join("mine")).expect("a folder");
    fs::write(folder.path().join("mine/report.html"), "mine").expect("a file");
    let help = "nothing was written\n  help: choose another folder for `--out`, or move away what is there\n";
    for (command, out, holds) in [
        (
            "ensemble --replications 5 a.yaml",
            "run",
            "results of `drawdown run`",
        ),
        (
            "ensemble --replications 5 a.yaml",
            "swept",
            "results of `drawdown sweep`",
        ),
        (
            "ensemble --replications 5 a.yaml",
            "trace",
            "results of `drawdown trace`",
        ),
        (
            "run a.yaml",
            "mine",
            "`report.html`, which `drawdown run` did not write",
        ),
        (
            sweep,
            "mine",
            "`report.html`, which `drawdown sweep` did not write",
        ),
        (sweep, "run", "results of `drawdown run`"),
    ] {
        let before = files(&folder.path().join(out));
        let (code, message) = stderr(folder.path(), &format!("{command} --out {out}"));
        assert_eq!(
            (code, message),
            (Some(2), format!("{out} holds {holds}; {help}"))
        );
        assert!(before == files(&folder.path().join(out)), "{out}");
    }
    let other = "run a.yaml --set name=another --out run";
    let (code, message) = stderr(folder.path(), other);
    assert_eq!(code, Some(2));
    assert!(
        message.contains("results of another study, `drawdown run --seed 1 a.yaml` (scenario `"),
        "{message}"
    );
}

#[test]
fn another_file_variant_or_value_is_another_study() {
    let folder = scenarios(&["a.yaml", "b.yaml", "below/a.yaml"]);
    let file = folder.path().join("a.yaml");
    let scenario = fs::read_to_string(&file).expect("a scenario");
    let target = "{pools.anywhere/any.target: 20}";
    let scenario = format!("{scenario}\nvariants:\n  more: {target}\n");
    for name in ["a.yaml", "b.yaml", "below/a.yaml"] {
        fs::write(folder.path().join(name), &scenario).expect("a scenario");
    }
    let first = [
        ("ensemble --replications 5", "a.yaml"),
        ("run", "a.yaml"),
        ("compare --replications 5", "a.yaml"),
        (
            "size --risk 20% --replications 20 --pool anywhere/any",
            "a.yaml",
        ),
    ];
    for (place, (command, file)) in first.into_iter().enumerate() {
        let out = format!("out-{place}");
        let line = |more: &str, file: &str| format!("{command} {more} --out {out} {file}");
        let (code, message) = stderr(folder.path(), &line("", file));
        assert!(matches!(code, Some(0 | 1)), "{message}");
        let before = files(&folder.path().join(&out));
        let mut others = vec![
            line("--set clock.horizon=3h", file),
            line("", "below/a.yaml"),
        ];
        if command.starts_with("compare") {
            others.push(line("", "a.yaml b.yaml"))
        } else {
            others.extend([line("", "b.yaml"), line("--variant more", file)])
        }
        for other in others {
            let (code, message) = stderr(folder.path(), &other);
            assert_eq!(code, Some(2), "{other}: {message}");
            assert!(
                message.contains("holds results of another study, `drawdown "),
                "{message}"
            );
            assert!(before == files(&folder.path().join(&out)), "{other}");
        }
        // The same file by another path, with another seed, from another folder, edited and renamed.
        let (code, message) = stderr(folder.path(), &line("--seed 2", "./below/../a.yaml"));
        assert!(matches!(code, Some(0 | 1)), "{message}");
        let below = folder.path().join("below");
        let (code, message) = stderr(&below, &format!("{command} --out ../{out} ../a.yaml"));
        assert!(matches!(code, Some(0 | 1)), "{message}");
    }
    let renamed = scenario.replacen("name: ", "name: renamed-", 1);
    fs::write(&file, renamed.replace("target: 20", "target: 30")).expect("a scenario");
    let (code, message) = stderr(folder.path(), "run --out out-1 a.yaml");
    assert_eq!(code, Some(0), "{message}");
}

#[test]
fn folders_below_and_hidden_files_are_left_alone() {
    let folder = scenarios(&["a.yaml"]);
    fs::create_dir(folder.path().join("run")).expect("a folder");
    fs::create_dir(folder.path().join("run/more")).expect("a folder");
    fs::write(folder.path().join("run/.gitignore"), "*").expect("a file");
    let (code, message) = stderr(folder.path(), "run a.yaml --out run");
    assert_eq!(code, Some(0), "{message}");
    assert!(folder.path().join("run/.gitignore").exists());
}

#[test]
fn a_trace_and_a_run_of_one_scenario_go_together() {
    let folder = scenarios(&["a.yaml"]);
    for line in ["run a.yaml --out run", "trace a.yaml --out trace"] {
        assert_eq!(stderr(folder.path(), line).0, Some(0));
    }
    assert_eq!(stderr(folder.path(), "run a.yaml --out trace").0, Some(0));
    assert_eq!(stderr(folder.path(), "trace a.yaml --out run").0, Some(0));
    assert_eq!(stderr(folder.path(), "run a.yaml --out run").0, Some(0));
    let there = files(&folder.path().join("run"));
    assert!(
        there == files(&folder.path().join("trace")),
        "{:?}",
        there.keys()
    );
    let (code, message) = stderr(folder.path(), "run a.yaml --set name=b --out trace");
    assert_eq!(code, Some(2));
    assert!(
        message.contains("results of another study, `drawdown run --seed 1 a.yaml` (scenario `"),
        "{message}"
    );
}

#[test]
fn a_full_disk_leaves_the_set_that_was_there() {
    let folder = scenarios(&["a.yaml"]);
    let line = "drawdown ensemble a.yaml --replications 20 --out out";
    assert_eq!(shell(folder.path(), line).status.code(), Some(0));
    let before = files(&folder.path().join("out"));
    // Files of more than so many blocks of 512 bytes are refused, as on a disk without room.
    let full = format!("trap '' XFSZ; ulimit -f 40; exec {line} --seed 2");
    let done = shell(folder.path(), &full);
    let message = text(&done.stderr);
    assert_eq!(done.status.code(), Some(2), "{message}");
    assert!(
        message.contains("cannot be written: File too large"),
        "{message}"
    );
    assert!(before == files(&folder.path().join("out")), "{message}");
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link() {
    let folder = scenarios(&["a.yaml"]);
    assert_eq!(stderr(folder.path(), "run a.yaml --out out").0, Some(0));
    let (link, other) = (
        folder.path().join("out/report.html"),
        folder.path().join("other"),
    );
    fs::write(&other, "mine").expect("a file");
    fs::remove_file(&link).expect("a file");
    std::os::unix::fs::symlink(&other, &link).expect("a link");
    assert_eq!(stderr(folder.path(), "run a.yaml --out out").0, Some(0));
    assert_eq!(fs::read_to_string(&other).expect("a file"), "mine");
    assert!(fs::read_to_string(&link).expect("a page").starts_with("<!"));
}

#[test]
fn a_changed_cell_is_run_again() {
    let folder = scenarios(&["a.yaml"]);
    let whole = at_once(folder.path(), &[&format!("{SWEEP} --out whole")]);
    let begun = folder.path().join("begun");
    // The folder of a sweep whose last cell cannot be kept.
    fs::create_dir_all(begun.join("cells/00006.csv")).expect("a folder");
    let manifest =
        fs::read_to_string(folder.path().join("whole/manifest.json")).expect("a manifest");
    let manifest = manifest.replace("\"complete\": true", "\"complete\": false");
    fs::write(begun.join("manifest.json"), manifest).expect("a manifest");
    let resume = format!("{SWEEP} --resume --threads 1 --out begun");
    let (code, message) = stderr(folder.path(), &resume);
    assert_eq!(code, Some(2));
    assert!(message.contains("6 of 7 cells are done"), "{message}");
    let cell = |place: usize| begun.join(format!("cells/0000{place}.csv"));
    // One digit, a row less with a count to match, the cell of another number.
    let kept = fs::read_to_string(cell(0)).expect("a cell");
    fs::write(cell(0), kept.replacen("200,", "201,", 1)).expect("a cell");
    let kept = fs::read_to_string(cell(1)).expect("a cell");
    let rows: Vec<&str> = kept.lines().collect();
    let end = rows[rows.len() - 1];
    let fewer = end.replacen(
        &(rows.len() - 1).to_string(),
        &(rows.len() - 2).to_string(),
        1,
    );
    fs::write(
        cell(1),
        [&rows[1..rows.len() - 1], &[&fewer[..]]]
            .concat()
            .join("\n")
            + "\n",
    )
    .expect("a cell");
    fs::copy(cell(3), cell(2)).expect("a cell");
    let (_, message) = stderr(folder.path(), &format!("{SWEEP} --out begun"));
    assert!(message.contains("3 of 7 cells are done"), "{message}");
    fs::remove_dir(cell(6)).expect("a folder");
    let again = at_once(folder.path(), &[&resume]);
    assert_eq!(text(&again[0].stdout), text(&whole[0].stdout));
    assert!(files(&begun) == files(&folder.path().join("whole")));
}

/// A JUnit report of these files, and the exit code.
fn junit(folder: &Path, files: &str) -> (Option<i32>, String) {
    let line = format!("check --replications 50 --junit report.xml {files}");
    let (code, message) = stderr(folder, &line);
    assert!(message.contains("wrote report.xml"), "{message}");
    let report = folder.join("report.xml");
    (code, fs::read_to_string(report).expect("a report"))
}

#[test]
fn a_junit_report_is_written_whatever_the_files_are() {
    let folder = scenarios(&["factless.yaml"]);
    let scenario = fs::read_to_string("scenarios/fnj8-vqz.yaml").expect("a scenario");
    fs::write(folder.path().join("facts.yaml"), &scenario).expect("a scenario");
    fs::write(folder.path().join("broken.yaml"), "schema: 1\nnmae: x\n").expect("a scenario");
    // Nothing was checked, which is no answer; the case passes, and says why.
    let (code, report) = junit(folder.path(), "factless.yaml");
    assert_eq!(code, Some(2));
    for part in [
        r#"<testsuite name="factless.yaml" tests="1" skipped="0" errors="0" failures="0" time="#,
        r#"<testcase name="no facts" classname="factless.yaml" time="#,
        "the file is valid and states no facts to check",
    ] {
        assert!(report.contains(part), "{report}");
    }
    let (code, report) = junit(folder.path(), "broken.yaml facts.yaml");
    assert_eq!(code, Some(2));
    for part in [
        r#"<testcase name="valid" classname="broken.yaml" time="0.000">"#,
        "<error message=\"",
        "nmae",
        r#"<testcase name="west-us-2-depleted" classname="facts.yaml" time="#,
    ] {
        assert!(report.contains(part), "{part}: {report}");
    }
    assert_eq!(report.matches("<error ").count(), 1, "{report}");
    assert!(!report.contains("<skipped"), "{report}");
    let done = &at_once(
        folder.path(),
        &["check --replications 50 broken.yaml facts.yaml"],
    )[0];
    assert_eq!(done.status.code(), Some(2));
    assert!(text(&done.stderr).contains("nmae"));
    assert!(text(&done.stdout).contains("fitted facts"));
}

#[test]
fn a_missed_fact_is_said_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = fs::read_to_string("scenarios/fnj8-vqz.yaml").expect("a scenario");
    let doubled = scenario.replacen("target: 8", "target: 16", 1);
    fs::write(folder.path().join("a.yaml"), doubled).expect("a scenario");
    let early = "--set observed.west-us-2-restored.by=22:50Z";
    let (code, report) = junit(folder.path(), &format!("a.yaml {early}"));
    assert_eq!(code, Some(1));
    assert_eq!(
        report.matches("west-us-2-depleted: published").count(),
        1,
        "{report}"
    );
    assert!(
        report.contains("<failure message=\"west-us-2-depleted: published"),
        "{report}"
    );
    // A held-out fact that is missed is evidence, and no failure.
    assert!(
        report.contains("held out, missed: west-us-2-restored: published"),
        "{report}"
    );
    assert!(!report.contains("<skipped"), "{report}");
    assert!(report.contains(r#"classname="a.yaml""#), "{report}");
    assert!(!report.contains(r#"time="0.000""#), "{report}");
}

/// Whether a process catches and ignores a signal; nothing where the system does not say.
fn caught(process: u32, signal: u32) -> Option<(bool, bool)> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let mask = |key| {
        let line = status.lines().find_map(|line| line.strip_prefix(key))?;
        u64::from_str_radix(line.trim(), 16).ok()
    };
    let bit = |mask: u64| mask & (1 << (signal - 1)) != 0;
    Some((bit(mask("SigCgt:")?), bit(mask("SigIgn:")?)))
}

const TERM: u32 = 15;
const HUP: u32 = 1;

#[test]
fn termination_keeps_and_reports_finished_work() {
    let folder = scenarios(&["a.yaml"]);
    // Only where the system says when a signal is caught can it be sent in time.
    if !Path::new("/proc/self/status").exists() {
        return;
    }
    let many = "a.yaml --replications 100000000";
    let sweep = "sweep --vary pools.anywhere/any.target=10,20";
    for (signal, command) in [("INT", "ensemble"), ("TERM", "ensemble"), ("HUP", sweep)] {
        let line = format!("{command} {many} --out {signal}");
        let args: Vec<&str> = line.split_whitespace().collect();
        let mut command = drawdown(folder.path(), &args);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().expect("it starts");
        while caught(child.id(), HUP).is_some_and(|(caught, _)| !caught) {
            std::thread::yield_now();
        }
        let id = child.id().to_string();
        let mut kill = Command::new("kill");
        let sent = kill.args([&format!("-{signal}"), &id[..]]).status();
        assert!(sent.expect("a signal").success());
        let done = child.wait_with_output().expect("it ends");
        let message = text(&done.stderr);
        assert!(
            message.lines().any(|line| line.starts_with("interrupted")),
            "{signal}: {:?} {message}",
            done.status
        );
        assert!(
            matches!(done.status.code(), Some(0 | 2)),
            "{signal}: {message}"
        );
    }
}

#[test]
fn nohup_is_respected() {
    let folder = scenarios(&["a.yaml"]);
    let binary = assert_cmd::cargo::cargo_bin!("drawdown").display();
    let line = format!("trap '' HUP; exec '{binary}' ensemble a.yaml --replications 100000000");
    let mut sh = Command::new("sh");
    sh.args(["-c", &line]).current_dir(folder.path());
    let mut child = sh
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a shell");
    let known = loop {
        match caught(child.id(), TERM) {
            Some((true, _)) => break caught(child.id(), HUP),
            Some(_) => std::thread::yield_now(),
            None => break None,
        }
    };
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    assert!(
        known.is_none_or(|known| known == (false, true)),
        "{known:?}"
    );
}

#[test]
fn the_terminal_is_restored_when_a_player_is_terminated() {
    let script = Command::new("script").arg("--version").output();
    if script.is_err() || !Path::new("/proc/self/status").exists() {
        return;
    }
    let folder = scenarios(&["a.yaml"]);
    let binary = assert_cmd::cargo::cargo_bin!("drawdown").display();
    // Once it catches the signal, it is asked to end; `grep` reads the mask of caught signals.
    let line = format!(
        "stty cols 80 rows 24; '{binary}' run --watch a.yaml & p=$!
        until grep -q '^SigCgt:.*[4-7c-f]...$' /proc/$p/status; do :; done
        kill -TERM $p; wait $p; echo code $?"
    );
    fs::write(folder.path().join("play.sh"), line).expect("a file");
    let mut sh = Command::new("script");
    sh.args(["-qec", "bash play.sh", "/dev/null"])
        .current_dir(folder.path());
    sh.env("TERM", "xterm-256color").stdin(Stdio::null());
    let said = text(&sh.output().expect("a terminal").stdout);
    assert!(said.contains("code 0"), "{said:?}");
    assert!(said.contains("\u{1b}[?1049l"), "{said:?}");
    assert!(
        said.contains("reproduce: drawdown run --seed 1 a.yaml"),
        "{said:?}"
    );
}

#[test]
fn names_that_begin_like_formulas_are_text_in_every_table() {
    let folder = scenarios(&["a.yaml"]);
    let file = folder.path().join("a.yaml");
    let scenario = fs::read_to_string(&file).expect("a scenario");
    let hostile = scenario.replace("anywhere", "=cmd|x");
    assert_ne!(scenario, hostile);
    fs::write(&file, hostile.replace("=cmd|x/any:", "\"=cmd|x/any\":")).expect("a scenario");
    let sweep = "sweep --vary clock.horizon=3h,4h --replications 5 --measure failed_leases";
    for (command, out) in [
        ("run", "run"),
        ("ensemble --replications 5", "ensemble"),
        ("trace", "trace"),
        ("compare a.yaml --replications 5", "compare"),
        (sweep, "sweep"),
    ] {
        let (code, message) = stderr(folder.path(), &format!("{command} a.yaml --out {out}"));
        assert_eq!(code, Some(0), "{message}");
        let mut seen = 0;
        for (name, content) in files(&folder.path().join(out)) {
            assert!(!name.contains(['|', '<', ':', '"', '?', '*']), "{name}");
            if name.ends_with(".csv") {
                let content = text(&content);
                let bare = ["\n=", ",=", "\"="].iter().any(|it| content.contains(it));
                assert!(!bare, "{out}/{name}: {content}");
                seen += content.matches("\"'=cmd|x/any\"").count();
            }
        }
        assert!(0 < seen, "{out}");
    }
    // What a sweep says it reads back from its table.
    let done = &at_once(folder.path(), &[&format!("{sweep} a.yaml --json")])[0];
    let said = text(&done.stdout);
    assert!(said.contains("\"=cmd|x/any\""), "{said}");
}

#[test]
fn a_digest_is_of_what_a_file_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = fs::read_to_string("examples/full-outage.yaml").expect("a scenario");
    let table = "latency: {empirical: {csv: times.csv, column: took}}";
    let text = text.replace("latency: 8m", table);
    let times = folder.path().join("times.csv");
    fs::write(&times, "took\n5m\n7m\n").expect("a table");
    let name = folder.path().join("a.yaml").to_string_lossy().into_owned();
    let digest = |text: &str, changes: &[(&str, &str)]| {
        let owned = |(path, value): &(&str, &str)| ((*path).to_owned(), (*value).to_owned());
        let changes: Vec<(String, String)> = changes.iter().map(owned).collect();
        let template = drawdown::scenario::Template::parse_variant(&name, text, None, changes);
        template.unwrap_or_else(|wrong| panic!("{wrong}")).digest()
    };
    let plain = digest(&text, &[]);
    assert_eq!(plain, digest(&format!("# a comment\n\n{text}"), &[]));
    assert_eq!(plain, digest(&text, &[("question", "another")]));
    let (first, rest) = text.split_once("clock:").expect("a clock");
    let end = rest.find("\nregions").expect("what follows");
    let moved = format!("{first}{}\nclock:{}\n", &rest[end..], &rest[..end]);
    assert_eq!(plain, digest(&moved, &[]));
    assert_ne!(plain, digest(&text, &[("clock.horizon", "1h")]));
    fs::write(&times, "took\n5m\n8m\n").expect("a table");
    assert_ne!(plain, digest(&text, &[]));
}
