//! What happens in the world: draws, alerts, cascades.

use std::fs;

use drawdown::{Scenario, Seed, expected_value, run};

use crate::fuzz::differences;

/// Every scenario that is shipped.
fn shipped() -> Vec<String> {
    let files = ["scenarios", "scenarios/policies"].map(|folder| {
        let entries = fs::read_dir(folder).expect("a folder of scenarios");
        entries.map(|entry| entry.expect("an entry").path())
    });
    let mut files: Vec<String> = files
        .into_iter()
        .flatten()
        .filter(|path| path.extension().is_some_and(|it| it == "yaml"))
        .map(|path| path.display().to_string())
        .collect();
    files.sort();
    files
}

#[track_caller]
fn load(file: &str, changes: &[(&str, &str)]) -> Scenario {
    let changes: Vec<(String, String)> = changes
        .iter()
        .map(|(path, value)| ((*path).to_owned(), (*value).to_owned()))
        .collect();
    Scenario::load_with(file, &changes).unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn shortcuts_change_no_result_of_a_shipped_scenario() {
    for file in shipped() {
        let scenario = load(&file, &[]);
        let plain = scenario.without_shortcuts();
        for replication in 0..4 {
            let short = run(&scenario, Seed(1), replication);
            let long = run(&plain, Seed(1), replication);
            let found = differences(&scenario, &short, &long);
            assert_eq!(found, Vec::<String>::new(), "{file}, replication {replication}");
        }
        let (short, long) = (expected_value(&scenario), expected_value(&plain));
        assert_eq!(differences(&scenario, &short, &long), Vec::<String>::new(), "{file}, means");
    }
}
