//! The same command gives the same bytes, however many threads there are.

use std::collections::BTreeMap;
use std::path::Path;

use assert_cmd::Command;

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let read = |entry: std::io::Result<std::fs::DirEntry>| {
        let entry = entry.expect("an entry");
        let content = std::fs::read(entry.path()).expect("a file");
        (entry.file_name().to_string_lossy().into_owned(), content)
    };
    entries.map(read).collect()
}

fn ensemble(threads: &str) -> (BTreeMap<String, Vec<u8>>, Vec<u8>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = Command::cargo_bin("drawdown").expect("the command");
    command.args([
        "ensemble",
        "--replications",
        "137",
        "--threads",
        threads,
        "--json",
        "--out",
    ]);
    let done = command
        .arg(folder.path())
        .arg("scenarios/fnj8-vqz.yaml")
        .assert()
        .success();
    (files(folder.path()), done.get_output().stdout.clone())
}

#[test]
fn one_two_and_seven_threads_write_the_same_bytes() {
    let one = ensemble("1");
    for name in [
        "ensemble.json",
        "fan.csv",
        "fan-westus2-ubuntu.svg",
        "survival.csv",
    ] {
        assert!(one.0.contains_key(name), "{name} is not among the files");
    }
    for threads in ["2", "7"] {
        assert_eq!(one, ensemble(threads), "{threads} threads");
    }
}

#[test]
fn a_replication_alone_is_the_one_in_the_ensemble() {
    use drawdown::{Replications, Scenario, Seed};
    let scenario = Scenario::load("scenarios/rnq2-nc8.yaml").expect("a valid scenario");
    let ensemble = drawdown::ensemble(&scenario, Replications::new(20), Seed(5));
    for measure in drawdown::measure::MEASURES {
        let alone = drawdown::run(&scenario, Seed(5), 13)
            .measure(0, measure.name)
            .expect("a measure");
        assert_eq!(
            ensemble.values(0, measure.name).expect("a measure").nth(13),
            Some(alone),
            "{}",
            measure.name
        );
    }
}
