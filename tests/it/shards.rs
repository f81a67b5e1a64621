//! Work that several processes share: however it is divided, repeated or torn, the folder and what is printed are
//! those of one process.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::cli::drawdown;
use crate::sweep::files;

/// Four pieces, of which the last is short.
const ENSEMBLE: [&str; 5] = [
    "ensemble",
    "examples/full-outage.yaml",
    "--replications",
    "3500",
    "--json",
];

/// Six cells of one piece.
const SMALL_CELLS: [&str; 7] = [
    "sweep",
    "examples/full-outage.yaml",
    "--vary",
    "pools.anywhere/any.target=10..60:10",
    "--replications",
    "40",
    "--json",
];

/// Two cells of three pieces.
const LARGE_CELLS: [&str; 7] = [
    "sweep",
    "examples/full-outage.yaml",
    "--vary",
    "pools.anywhere/any.target=20,40",
    "--replications",
    "2500",
    "--json",
];

struct Folder {
    _guard: tempfile::TempDir,
    path: PathBuf,
}

impl Folder {
    fn new() -> Self {
        let guard = tempfile::tempdir().expect("a folder");
        let path = guard.path().join("study");
        Self {
            _guard: guard,
            path,
        }
    }

    fn ask(&self, what: &[&str], how: &[&str]) -> (Option<i32>, String, String) {
        let out = self.path.to_string_lossy();
        drawdown(&[what, &["--out", &out], how].concat())
    }

    fn shard(&self, what: &[&str], index: usize, of: usize) {
        let shard = format!("{index}/{of}");
        let (code, printed, stderr) = self.ask(what, &["--shard", &shard]);
        assert_eq!((code, printed.as_str()), (Some(0), ""), "{stderr}");
        assert!(
            stderr.starts_with(&format!("shard {index} of {of}: ")),
            "{stderr}"
        );
    }

    /// The file of a piece.
    fn piece(&self, cell: usize, from: usize) -> PathBuf {
        let name = format!("pieces/{cell:05}/{from:09}.part");
        self.path.join(name)
    }
}

/// Files and output of one process, and those of shards that were put together.
#[track_caller]
fn check(
    one: &(Folder, String),
    many: &Folder,
    (code, printed, stderr): (Option<i32>, String, String),
) {
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(printed, one.1);
    let [one, many] = [&one.0, many].map(|it| files(&it.path));
    let names = |of: &std::collections::BTreeMap<PathBuf, Vec<u8>>| -> Vec<PathBuf> {
        of.keys().cloned().collect()
    };
    assert_eq!(names(&one), names(&many));
    for (name, content) in &one {
        assert!(content == &many[name], "{} differs", name.display());
    }
}

/// One process.
fn one(what: &[&str]) -> (Folder, String) {
    let folder = Folder::new();
    let (code, printed, stderr) = folder.ask(what, &[]);
    assert_eq!(code, Some(0), "{stderr}");
    (folder, printed)
}

fn any_number(what: &[&str], further: &[&str]) {
    let what = [what, further].concat();
    let alone = one(&what);
    for of in [1, 3, 8] {
        let many = Folder::new();
        for index in (0..of).rev() {
            many.shard(&what, index, of);
        }
        many.shard(&what, 0, of);
        let gathered = many.ask(&what, &["--gather"]);
        check(&alone, &many, gathered);
    }
    // Whatever is missing is run by what puts together.
    let many = Folder::new();
    many.shard(&what, 1, 3);
    let resumed = many.ask(&what, &["--resume"]);
    check(&alone, &many, resumed);
}

#[test]
fn any_number_of_shards_make_the_ensemble_of_one_process() {
    any_number(&ENSEMBLE, &[]);
}

#[test]
fn shards_of_summaries_make_the_summaries_of_one_process() {
    any_number(&ENSEMBLE, &["--keep", "summary"]);
}

#[test]
fn shards_of_one_measure_make_that_of_one_process() {
    any_number(
        &ENSEMBLE,
        &["--measure", "failed_leases", "--pool", "anywhere/any"],
    );
}

#[test]
fn shards_of_one_measure_can_be_simulated_or_summarised() {
    any_number(&ENSEMBLE, &["--measure", "failed_leases", "--plain"]);
    any_number(
        &ENSEMBLE,
        &["--measure", "failed_leases", "--keep", "summary"],
    );
}

#[test]
fn shards_share_an_ensemble_of_unknown_values() {
    let what = [
        "ensemble",
        "scenarios/rnq2-nc8.yaml",
        "--posterior",
        "priors",
        "--replications",
        "1100",
        "--json",
    ];
    let alone = one(&what);
    let many = Folder::new();
    many.shard(&what, 1, 2);
    let resumed = many.ask(&what, &["--resume"]);
    check(&alone, &many, resumed);
}

#[test]
fn any_number_of_shards_make_the_sweep_of_one_process() {
    any_number(&SMALL_CELLS, &[]);
}

#[test]
fn cells_can_be_divided_too() {
    any_number(&LARGE_CELLS, &[]);
}

#[test]
fn the_size_of_pieces_changes_nothing() {
    let alone = one(&ENSEMBLE);
    let many = Folder::new();
    let what = [&ENSEMBLE[..], &["--piece", "2000"]].concat();
    many.shard(&what, 1, 2);
    // The folder knows it.
    let resumed = many.ask(&ENSEMBLE, &["--resume"]);
    check(&alone, &many, resumed);
}

#[test]
fn what_is_missing_or_torn_is_listed_and_run_again() {
    let alone = one(&ENSEMBLE);
    let many = Folder::new();
    many.shard(&ENSEMBLE, 0, 2);
    let (code, printed, stderr) = many.ask(&ENSEMBLE, &["--gather"]);
    assert_eq!((code, printed.as_str()), (Some(2), ""));
    assert!(
        stderr.contains("2 of 4 pieces are missing: 1, 3\n"),
        "{stderr}"
    );
    many.shard(&ENSEMBLE, 1, 2);
    // Longer than it was, and with a bit turned.
    let torn = many.piece(0, 2_000);
    let mut bytes = fs::read(&torn).expect("a piece");
    bytes[200] ^= 4;
    fs::write(&torn, &bytes).expect("a piece");
    let (code, _, stderr) = many.ask(&ENSEMBLE, &["--gather"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("1 of 4 pieces is missing: 2\n"), "{stderr}");
    many.shard(&ENSEMBLE, 0, 2);
    let gathered = many.ask(&ENSEMBLE, &["--gather"]);
    check(&alone, &many, gathered);
    assert!(!many.path.join("pieces").exists());
    // A straggler finds nothing to do.
    let (code, printed, stderr) = many.ask(&ENSEMBLE, &["--shard", "1/2"]);
    assert_eq!((code, printed.as_str()), (Some(0), ""));
    assert!(stderr.contains("complete; nothing was run"), "{stderr}");
}

#[test]
fn a_torn_cell_is_run_again() {
    let alone = one(&SMALL_CELLS);
    let many = Folder::new();
    many.shard(&SMALL_CELLS, 0, 1);
    let torn = many.path.join("cells/00003.csv");
    let text = fs::read_to_string(&torn).expect("a cell");
    let changed = text.replacen(",40,pool,", ",41,pool,", 1);
    assert_ne!(text, changed);
    fs::write(&torn, changed).expect("a cell");
    let (code, _, stderr) = many.ask(&SMALL_CELLS, &["--gather"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("1 of 6 pieces is missing: 3\n"), "{stderr}");
    many.shard(&SMALL_CELLS, 3, 6);
    let gathered = many.ask(&SMALL_CELLS, &["--gather"]);
    check(&alone, &many, gathered);
}

#[test]
fn another_study_is_refused() {
    let folder = Folder::new();
    folder.shard(&ENSEMBLE, 0, 4);
    for (other, named) in [
        (&["--seed", "2"][..], "seed: 1 there, 2 asked for"),
        (
            &["--set", "pools.anywhere/any.target=31"],
            "scenario_digest: ",
        ),
        (
            &["--keep", "summary"],
            "keep: \"rows\" there, \"summary\" asked for",
        ),
        (&["--piece", "2000"], "piece: 1000 there, 2000 asked for"),
        (&["--plain"], "plain: false there, true asked for"),
    ] {
        let what = [&ENSEMBLE[..], other].concat();
        let (code, _, stderr) = folder.ask(&what, &["--shard", "1/4"]);
        assert_eq!(code, Some(2), "{stderr}");
        assert!(stderr.contains(named), "{stderr}");
    }
    // Without a shard, nothing is overwritten that others are working on.
    let (code, _, stderr) = folder.ask(&ENSEMBLE, &[]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("holds an unfinished study"), "{stderr}");
    let (code, _, stderr) = folder.ask(&SMALL_CELLS, &["--resume"]);
    assert_eq!(code, Some(2), "{stderr}");
}

#[test]
fn flags_that_make_no_sense_together_are_refused() {
    let folder = Folder::new();
    for how in [
        &["--shard", "4/4"][..],
        &["--shard", "1"],
        &["--shard", "0/2", "--gather"],
        &["--gather", "--resume"],
        &["--piece", "1500"],
    ] {
        let (code, _, stderr) = folder.ask(&ENSEMBLE, how);
        assert_eq!(code, Some(2), "{stderr}");
        assert!(!folder.path.exists());
    }
    let without_folder = [&ENSEMBLE[..], &["--shard", "0/2"]].concat();
    assert_eq!(drawdown(&without_folder).0, Some(2));
}

/// Starts a process, which goes on beside others.
fn start(what: &[&str], how: &[&str], out: &Path) -> Child {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("drawdown"));
    let command = command.args(what).args(how).arg("--out").arg(out);
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("a process")
}

#[test]
fn eight_processes_begin_at_once_in_a_new_folder() {
    for what in [&ENSEMBLE[..], &SMALL_CELLS, &LARGE_CELLS] {
        let alone = one(what);
        let many = Folder::new();
        let shards = (0..8).map(|index| {
            let shard = format!("{index}/8");
            start(what, &["--shard", &shard], &many.path)
        });
        for shard in shards.collect::<Vec<_>>() {
            let done = shard.wait_with_output().expect("an end");
            assert!(
                done.status.success(),
                "{}",
                String::from_utf8_lossy(&done.stderr)
            );
        }
        let gathered = many.ask(what, &["--gather"]);
        check(&alone, &many, gathered);
    }
}

/// Twenty times, for what a process finds depends on how far the others are.
#[test]
fn a_process_that_joins_as_another_begins_refuses_nothing() {
    let axis = "pools.anywhere/any.target=20..27:1";
    let what = ["sweep", "examples/full-outage.yaml", "--vary", axis];
    let what = [&what[..], &["-n", "2", "-j", "1"]].concat();
    for _ in 0..20 {
        let many = Folder::new();
        let shards = (0..8).map(|index| {
            let shard = format!("{index}/8");
            start(&what, &["--shard", &shard], &many.path)
        });
        for shard in shards.collect::<Vec<_>>() {
            let done = shard.wait_with_output().expect("an end");
            let stderr = String::from_utf8_lossy(&done.stderr);
            assert!(done.status.success(), "{stderr}");
        }
    }
}

#[test]
fn eight_processes_continue_one_folder_at_once() {
    for what in [&ENSEMBLE[..], &SMALL_CELLS, &LARGE_CELLS] {
        let alone = one(what);
        let many = Folder::new();
        let all = (0..8).map(|_| start(what, &["--resume"], &many.path));
        for process in all.collect::<Vec<_>>() {
            let done = process.wait_with_output().expect("an end");
            assert!(
                done.status.success(),
                "{}",
                String::from_utf8_lossy(&done.stderr)
            );
        }
        let again = many.ask(what, &["--resume"]);
        assert_eq!(again.0, Some(0));
        check(&alone, &many, (Some(0), alone.1.clone(), String::new()));
    }
}
