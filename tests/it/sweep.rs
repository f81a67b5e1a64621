//! Sweeps: their files, resuming without loss, and messages about invalid designs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use drawdown::scenario::{Design, Plan, SweepSpec, Template};
use drawdown::{Replications, Seed, sweep};

use crate::cli::drawdown;
use crate::golden::compare;
use crate::worlds::SMALLEST;

/// Six cells of forty replications.
const SIX: [&str; 8] = [
    "sweep",
    "examples/full-outage.yaml",
    "--vary",
    "pools.anywhere/any.target=10..30:10",
    "--vary",
    "outages.everything.failure=50%,100%",
    "--replications",
    "40",
];

/// Every file below a folder, by its path there.
pub(crate) fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let content = fs::read(&path).expect("a file");
            found.insert(path, content);
        }
    }
    let below = |(path, content): (PathBuf, _)| {
        let below = path.strip_prefix(folder).expect("a path below").to_owned();
        (below, content)
    };
    found.into_iter().map(below).collect()
}

/// Exit code, output and error output of the six cells with further flags.
fn six(flags: &[&str]) -> (Option<i32>, String, String) {
    drawdown(&[&SIX, flags].concat())
}

fn temporary() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sweep").to_string_lossy().into_owned();
    (folder, path)
}

/// The files of the six cells without an interruption.
fn uninterrupted() -> BTreeMap<PathBuf, Vec<u8>> {
    let (_folder, out) = temporary();
    let (code, _, stderr) = six(&["--out", &out]);
    let wrote = "manifest.json, sweep.csv, sweep.json, report.html, 1 chart";
    assert_eq!(
        (code, stderr),
        (Some(0), format!("wrote to {out}: {wrote}\n"))
    );
    files(Path::new(&out))
}

/// A folder with a sweep of six cells that has been started, with none finished.
fn begun(out: &str) {
    assert_eq!(six(&["--out", out]).0, Some(0));
    let manifest = Path::new(out).join("manifest.json");
    let text = fs::read_to_string(&manifest).expect("a manifest");
    let begun = text.replace("\"complete\": true", "\"complete\": false");
    assert_ne!(text, begun);
    fs::write(manifest, begun).expect("a manifest");
    fs::remove_file(Path::new(out).join("sweep.csv")).expect("a table");
    fs::create_dir(Path::new(out).join("cells")).expect("a folder");
}

#[test]
fn a_row_for_each_cell_subject_and_measure() {
    let files = uninterrupted();
    let names: Vec<_> = files.keys().map(|path| path.to_string_lossy()).collect();
    let tables: Vec<_> = names
        .iter()
        .filter(|name| !name.starts_with("sweep-"))
        .collect();
    assert_eq!(
        tables,
        [
            "charts.json",
            "manifest.json",
            "report.html",
            "sweep.csv",
            "sweep.json"
        ]
    );
    // One pool, in which the cells differ, over two axes.
    assert!(names.iter().any(|name| name == "sweep-anywhere-any.svg"));
    let table = String::from_utf8_lossy(&files[Path::new("sweep.csv")]).into_owned();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(
        lines[0],
        "cell,pools.anywhere/any.target,outages.everything.failure,kind,name,measure,unit,n,present_n,\
         present_share,present_share_low,present_share_high,nonzero_share,nonzero_share_low,\
         nonzero_share_high,mean,mean_low,mean_high,p05,p05_low,p05_high,p50,p50_low,p50_high,p95,\
         p95_low,p95_high,sd"
    );
    let measures = [
        drawdown::measure::MEASURES,
        drawdown::measure::INCIDENT_MEASURES,
        drawdown::measure::CLASS_MEASURES,
    ];
    let measures: usize = measures.iter().map(|it| it.len()).sum();
    assert_eq!(lines.len(), 1 + 6 * measures);
    let begins = |cell: usize| lines[1 + cell * measures];
    assert!(begins(0).starts_with("0,10,50%,pool,anywhere/any,"));
    assert!(begins(1).starts_with("1,10,100%,pool,anywhere/any,"));
    assert!(begins(5).starts_with("5,30,100%,pool,anywhere/any,"));
}

#[test]
fn a_sweep_of_one_cell_says_what_an_ensemble_says() {
    let (_folder, out) = temporary();
    let (sweep, ensemble) = (format!("{out}/sweep"), format!("{out}/ensemble"));
    let file = "scenarios/rnq2-nc8.yaml";
    let many = ["--replications", "60", "--seed", "4", "--out"];
    let vary = ["sweep", file, "--vary", "clock.horizon=9h"];
    let set = ["ensemble", file, "--set", "clock.horizon=9h"];
    assert_eq!(drawdown(&[&vary, &many[..], &[&sweep]].concat()).0, Some(0));
    assert_eq!(
        drawdown(&[&set, &many[..], &[&ensemble]].concat()).0,
        Some(0)
    );
    let read = |file: String| fs::read_to_string(file).expect("a table");
    let swept = read(format!("{sweep}/sweep.csv"));
    let swept: Vec<&str> = swept
        .lines()
        .map(|line| line.strip_prefix("0,9h,").unwrap_or(line))
        .collect();
    let summary = read(format!("{ensemble}/summary.csv"));
    assert_eq!(swept[1..], summary.lines().collect::<Vec<_>>()[1..]);
}

#[test]
fn one_two_and_five_threads_write_the_same_bytes() {
    let written = |threads: &str| {
        let (_folder, out) = temporary();
        let file = "scenarios/fnj8-vqz.yaml";
        let vary = ["--vary", "pools.westus2/ubuntu.target=4..7:1"];
        let many = [
            "--replications",
            "37",
            "--threads",
            threads,
            "--json",
            "--out",
            &out,
        ];
        let (code, said, _) = drawdown(&[&["sweep", file], &vary[..], &many].concat());
        assert_eq!(code, Some(0));
        (said, files(Path::new(&out)))
    };
    let one = written("1");
    for threads in ["2", "5"] {
        assert!(one == written(threads), "{threads} threads");
    }
}

#[test]
fn output_does_not_depend_on_where_cells_are_stored() {
    let (_folder, out) = temporary();
    let measures = ["--json", "--measure", "failed_leases", "--measure", "pages"];
    let (_, in_memory, _) = six(&measures);
    let (_, in_files, _) = six(&[&measures[..], &["--out", &out]].concat());
    assert_eq!(in_memory, in_files);
    let document: serde_json::Value = serde_json::from_str(&in_files).expect("JSON");
    // Of the pool, the incident and the class.
    assert_eq!(document["rows"].as_array().map(Vec::len), Some(18));
    assert_eq!(
        document["rows"][0]["axes"]["outages.everything.failure"],
        "50%"
    );
    assert_eq!(document["rows"][0]["axes"]["pools.anywhere/any.target"], 10);
    assert_eq!(document["complete"], true);
}

#[test]
fn one_measure_by_two_axes_is_a_table_of_both() {
    let (code, said, _) = six(&["--measure", "failed_leases", "--all"]);
    assert_eq!(code, Some(0));
    compare(Path::new("tests/it/golden/sweep-crossed.txt"), &said);
    let (code, said, _) = six(&["--all"]);
    assert_eq!(code, Some(0));
    compare(Path::new("tests/it/golden/sweep.txt"), &said);
}

#[test]
fn bigger_targets_never_fail_sooner_on_the_same_luck() {
    let template = Template::parse("smallest.yaml", SMALLEST).expect("a template");
    let axes = vec!["pools.r/i.target=5..40:5".to_owned()];
    let varied = SweepSpec {
        axes,
        ..SweepSpec::default()
    };
    let plan = Plan::new(template, &varied).expect("a plan");
    let failed = sweep(&plan, Replications::new(100), Seed(3), |cell| {
        let failed = cell
            .ensemble
            .values(0, "first_lease_failure_at_s")
            .expect("a measure");
        let late = failed.map(|at| at.unwrap_or(f64::INFINITY));
        late.collect::<Vec<f64>>()
    });
    assert_eq!(failed.len(), 8);
    for cells in failed.windows(2) {
        let pairs = cells[0].iter().zip(&cells[1]);
        for (replication, (smaller, bigger)) in pairs.enumerate() {
            assert!(
                smaller <= bigger,
                "replication {replication}: {smaller} s, {bigger} s"
            );
        }
    }
}

#[track_caller]
fn cells(axes: &[&str], constraints: &[&str], design: Design) -> Vec<Vec<String>> {
    let template = Template::load("examples/full-outage.yaml").expect("a template");
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let varied = SweepSpec {
        axes: owned(axes),
        constraints: owned(constraints),
        design: Some(design),
        seed: Seed(1),
    };
    let plan = Plan::new(template, &varied).expect("a plan");
    (0..plan.len()).map(|cell| plan.values(cell)).collect()
}

#[test]
fn designs_have_as_many_cells_as_they_say() {
    let axes = [
        "pools.anywhere/any.target=4..8:2",
        "clock.horizon=60m..120m:30m",
    ];
    let grid = cells(&axes, &[], Design::Grid);
    assert_eq!(grid.len(), 9);
    assert_eq!(grid[0], ["4", "1h"]);
    assert_eq!(grid[8], ["8", "2h"]);
    for design in [Design::LatinHypercube(12), Design::Sobol(12)] {
        let found = cells(&axes, &[], design);
        assert_eq!(found.len(), 12, "{design:?}");
        assert!(found.iter().all(|cell| grid.contains(cell)), "{design:?}");
    }
    // A hypercube has each of three values in four of twelve cells.
    let hypercube = cells(&axes, &[], Design::LatinHypercube(12));
    let fours = hypercube.iter().filter(|cell| cell[0] == "4").count();
    assert_eq!(fours, 4);
}

#[test]
fn cells_that_do_not_meet_a_constraint_are_left_out() {
    let axes = [
        "pools.anywhere/any.target=4..8:2",
        "clock.horizon=60m..120m:30m",
    ];
    let constraints = ["clock.horizon <= 90m", "pools.anywhere/any.target > 4"];
    let found = cells(&axes, &constraints, Design::Grid);
    assert_eq!(
        found,
        [["6", "1h"], ["6", "1h30m"], ["8", "1h"], ["8", "1h30m"]]
    );
}

/// Starts the six cells, with enough replications that they can be killed.
fn start(replications: &str, out: &str) -> Child {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("drawdown"));
    command
        .args(&SIX[..7])
        .arg(replications)
        .args(["--threads", "2", "--out", out]);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().expect("it starts")
}

/// The number of cells stored in a folder.
fn kept(out: &str) -> usize {
    let cells = fs::read_dir(Path::new(out).join("cells"));
    let whole = |name: String| name.ends_with(".csv");
    cells.map_or(0, |cells| {
        let names =
            cells.filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()));
        names.filter(|name| whole(name.clone())).count()
    })
}

/// Waits until so many cells are stored, or the process has ended.
fn wait_for(child: &mut Child, out: &str, cells: usize) {
    let begun = || Path::new(out).join("manifest.json").exists();
    while !(begun() && cells <= kept(out)) && child.try_wait().expect("a child").is_none() {
        std::thread::yield_now();
    }
}

#[test]
fn killed_at_ten_points_it_resumes_to_the_same_bytes() {
    let (_folder, out) = temporary();
    let args = [&SIX[..7], &["3000"]].concat();
    let run = |flags: &[&str]| drawdown(&[&args, flags].concat());
    assert_eq!(run(&["--out", &out]).0, Some(0));
    let whole = files(Path::new(&out));
    let (_, answer, _) = run(&["--out", &out, "--resume"]);
    // A linear congruence (Knuth, MMIX) says after how many cells, and after how many looks more.
    let (mut seed, mut killed) = (20_260_202_u64, 0);
    for point in 0..40 {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let (_folder, out) = temporary();
        let mut child = start("3000", &out);
        wait_for(&mut child, &out, (seed >> 33) as usize % 5);
        for _ in 0..(seed >> 40) % 200 {
            std::thread::yield_now();
        }
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        // If it ended first, another point is used.
        if Path::new(&out).join("sweep.csv").exists() {
            continue;
        }
        killed += 1;
        let (code, said, stderr) = run(&["--out", &out, "--resume"]);
        assert_eq!(code, Some(0), "point {point}: {stderr}");
        assert_eq!(said, answer, "point {point}");
        assert!(
            whole == files(Path::new(&out)),
            "point {point}: other bytes"
        );
        if killed == 10 {
            return;
        }
    }
    panic!("only {killed} were killed before the end");
}

#[test]
fn interrupted_it_says_what_is_kept() {
    let (_folder, out) = temporary();
    // Enough replications that no machine is done before it is interrupted.
    let mut child = start("200000", &out);
    wait_for(&mut child, &out, 0);
    while !Path::new(&out).join("cells").exists() {
        std::thread::yield_now();
    }
    let pid = child.id().to_string();
    // Until the handler is set, the signal kills the process.
    let sent = Command::new("kill").args(["-INT", &pid]).status();
    assert!(sent.expect("a signal").success());
    let done = child.wait_with_output().expect("it ends");
    let stderr = String::from_utf8_lossy(&done.stderr).into_owned();
    if done.status.code().is_some() {
        assert_eq!(done.status.code(), Some(2), "{stderr}");
        let part =
            format!("of 6 cells are done and kept in {out}; go on with: drawdown sweep --resume");
        assert!(
            stderr.starts_with("interrupted: ") && stderr.contains(&part),
            "{stderr}"
        );
    }
}

#[test]
fn a_folder_with_an_unfinished_sweep_is_not_overwritten() {
    let (_folder, out) = temporary();
    begun(&out);
    let (code, said, stderr) = six(&["--out", &out]);
    assert_eq!((code, said.as_str()), (Some(2), ""));
    assert_eq!(
        stderr,
        format!(
            "{out} holds an unfinished study: 0 of 6 cells are done\n  help: go on with it by `--resume`, or \
             choose another folder\n"
        )
    );
}

#[test]
fn another_sweep_is_not_resumed() {
    let (_folder, out) = temporary();
    begun(&out);
    let flags = [
        "--resume",
        "--out",
        &out,
        "--seed",
        "2",
        "--where",
        "clock.horizon <= 9h",
    ];
    let (code, said, stderr) = six(&flags);
    assert_eq!((code, said.as_str()), (Some(2), ""));
    assert_eq!(
        stderr,
        format!(
            "{out} holds another study\n  constraints: [] there, [\"clock.horizon <= 9h\"] asked for\n  \
             seed: 1 there, 2 asked for\n  help: ask for the same, or choose another folder\n"
        )
    );
    let set = [
        "--resume",
        "--out",
        &out,
        "--set",
        "pools.anywhere/any.replenish.in_flight_max=9",
    ];
    let (code, _, stderr) = six(&set);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("scenario_digest: "), "{stderr}");
}

#[test]
fn a_finished_sweep_answers_from_its_files() {
    let (_folder, out) = temporary();
    let (_, said, wrote) = six(&["--out", &out]);
    let before = files(Path::new(&out));
    assert_eq!(six(&["--out", &out, "--resume"]), (Some(0), said, wrote));
    assert!(before == files(Path::new(&out)));
}

#[test]
fn a_cell_that_cannot_be_written_does_not_affect_others() {
    let (_folder, out) = temporary();
    begun(&out);
    let third = Path::new(&out).join("cells/00003.csv");
    fs::create_dir(&third).expect("a folder");
    let (code, said, stderr) = six(&["--out", &out, "--resume", "--threads", "1"]);
    assert_eq!((code, said.as_str()), (Some(2), ""));
    let file = third.display();
    assert_eq!(
        stderr,
        format!(
            "{file} cannot be written: it is a folder\n  help: choose a path that you may write to, on a disk \
             with room\n3 of 6 cells are done and kept in {out}; go on with: drawdown sweep --resume --out \
             {out} --replications 40 --seed 1 --vary 'pools.anywhere/any.target=10..30:10' --vary \
             'outages.everything.failure=50%,100%' examples/full-outage.yaml\n"
        )
    );
    fs::remove_dir(&third).expect("an empty folder");
    // A partial cell does not count.
    let whole = Path::new(&out).join("cells/00001.csv");
    let text = fs::read(&whole).expect("a cell");
    for end in [text.len() / 2, text.len() - 1] {
        fs::write(&whole, &text[..end]).expect("a file");
        let left = Path::new(&out).join("cells/.drawdown-host-1-0.part");
        fs::write(left, "0,10").expect("a file");
        let (_, _, stderr) = six(&["--out", &out]);
        assert!(stderr.contains("2 of 6 cells are done"), "{stderr}");
    }
    assert_eq!(six(&["--out", &out, "--resume"]).0, Some(0));
    assert!(uninterrupted() == files(Path::new(&out)));
}

#[test]
fn a_folder_that_cannot_be_written_is_reported_before_any_work() {
    let (folder, out) = temporary();
    let file = folder.path().join("file");
    fs::write(&file, "").expect("a file");
    let below = file.join("sweep").to_string_lossy().into_owned();
    let (code, _, stderr) = six(&["--out", &below]);
    assert_eq!(code, Some(2));
    assert!(
        stderr.starts_with(&format!("{below}/manifest.json cannot be written")),
        "{stderr}"
    );
    // So is one in which no cell can be stored.
    fs::create_dir(&out).expect("a folder");
    fs::write(Path::new(&out).join("cells"), "").expect("a file");
    let (code, _, stderr) = six(&["--out", &out]);
    assert_eq!(code, Some(2));
    assert!(
        stderr.starts_with(&format!("{out}/cells cannot be written")),
        "{stderr}"
    );
    // And one with cells of an unknown study.
    let strange = folder.path().join("strange/cells");
    fs::create_dir_all(&strange).expect("a folder");
    fs::write(strange.join("00000.csv"), "").expect("a file");
    let strange = folder.path().join("strange").to_string_lossy().into_owned();
    let (code, _, stderr) = six(&["--out", &strange]);
    assert_eq!(code, Some(2));
    assert!(
        stderr.contains("holds parts of a study, and no manifest"),
        "{stderr}"
    );
}

/// A limit on file size, as on a disk that fills up.
#[test]
fn a_full_disk_is_reported_and_finished_cells_are_kept() {
    let (_folder, out) = temporary();
    let binary = assert_cmd::cargo::cargo_bin!("drawdown")
        .display()
        .to_string();
    let quoted = |args: &[&str]| {
        let args = args.iter().map(|arg| format!(" '{arg}'"));
        args.collect::<String>()
    };
    let script = format!(
        "trap '' XFSZ; ulimit -f 4; exec '{binary}'{}",
        quoted(
            &[
                &SIX[..],
                &[
                    "--measure",
                    "empty_s",
                    "--measure",
                    "hit_rate",
                    "--measure",
                    "requests"
                ]
            ]
            .concat()
        ),
    );
    let many = ["--vary", "pools.anywhere/any.initial=0..9:1", "--out", &out];
    let script = script + &quoted(&many);
    let done = Command::new("sh")
        .args(["-c", &script])
        .output()
        .expect("a shell");
    let stderr = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(2), "{stderr}");
    assert!(
        stderr.starts_with(&format!(
            "{out}/sweep.csv cannot be written: File too large"
        )),
        "{stderr}"
    );
    assert!(
        stderr.contains("60 of 60 cells are done and kept in"),
        "{stderr}"
    );
    let measures = [
        "--measure",
        "empty_s",
        "--measure",
        "hit_rate",
        "--measure",
        "requests",
    ];
    let (code, _, stderr) = six(&[&measures[..], &many[..], &["--resume"]].concat());
    assert_eq!(code, Some(0), "{stderr}");
}

/// Invalid designs: a name, and flags.
const IMPOSSIBLE: [(&str, &[&str]); 16] = [
    ("nothing", &[]),
    ("no-values", &["--vary=pools.anywhere/any.target"]),
    ("empty", &["--vary=pools.anywhere/any.target="]),
    ("upside-down", &["--vary=pools.anywhere/any.target=8..4:1"]),
    ("two-kinds", &["--vary=pools.anywhere/any.target=4..8m:1"]),
    ("unknown-pool", &["--vary=pools.anywhere/ayn.target=4,8"]),
    ("unknown-key", &["--vary=pools.anywhere/any.tarket=4,8"]),
    (
        "out-of-range",
        &[
            "--vary=outages.everything.failure=50%..150%:10%",
            "--vary=pools.anywhere/any.target=-1,4,x",
        ],
    ),
    (
        "a-thousand-million",
        &[
            "--vary=pools.anywhere/any.target=1..100000:1",
            "--vary=pools.anywhere/any.initial=1..10000:1",
        ],
    ),
    ("no-step", &["--vary=outages.everything.failure=50%..100%"]),
    (
        "no-points",
        &[
            "--vary=outages.everything.failure=50%..100%",
            "--design=lhs",
        ],
    ),
    (
        "points-of-a-grid",
        &["--vary=outages.everything.failure=50%,100%", "--points=9"],
    ),
    (
        "fractions",
        &[
            "--vary=pools.anywhere/any.target=4..8",
            "--design=sobol",
            "--points=9",
        ],
    ),
    (
        "twice",
        &[
            "--vary=pools.anywhere/any.target=4,8",
            "--vary=pools.anywhere/any.target=9",
        ],
    ),
    (
        "constraints",
        &[
            "--vary=pools.anywhere/any.target=4,8",
            "--where=clock.horizon",
            "--where=clock.horizon<=pools.anywhere/any",
        ],
    ),
    (
        "several",
        &[
            "--vary=outages.everything.failure=50%,150%",
            "--measure=failed_lease",
            "--where=clock.horizon<=10m",
        ],
    ),
];

#[test]
fn invalid_designs_get_their_message() {
    for (name, flags) in IMPOSSIBLE {
        let args = [&["sweep", "examples/full-outage.yaml"], flags].concat();
        let (code, said, stderr) = drawdown(&args);
        assert_eq!((code, said.as_str()), (Some(2), ""), "{name}: {stderr}");
        assert!(stderr.contains("help: "), "{name}: {stderr}");
        let stored = format!("tests/it/designs/{name}.txt");
        compare(&PathBuf::from(stored), &stderr);
    }
}
