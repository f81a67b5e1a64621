//! Exact results that the simulator must reproduce: the table of `drawdown verify`, run as the command runs it. Each
//! estimate is compared by z = (estimate − exact) / standard error and may be 4.5 off; with two hundred comparisons
//! one build in five hundred would fail by chance, and the seed is fixed.

use serde_json::Value;

use crate::cli::drawdown;

fn verified(args: &[&str]) -> (Option<i32>, Value) {
    let (code, out, stderr) = drawdown(&[&["verify", "--json"], args].concat());
    assert!(code == Some(0) || code == Some(1), "{stderr}");
    (code, serde_json::from_str(&out).expect("a document"))
}

#[test]
fn every_exact_result_is_reproduced() {
    let (code, found) = verified(&["--quick"]);
    let comparisons = found["comparisons"].as_array().expect("a list");
    let missed = comparisons.iter().filter(|it| it["holds"] != true);
    let missed: Vec<String> = missed.map(ToString::to_string).collect();
    assert!(missed.is_empty(), "{}", missed.join("\n"));
    assert_eq!((code, &found["holds"]), (Some(0), &Value::Bool(true)));
    assert!(200 <= comparisons.len(), "{}", comparisons.len());
    for it in comparisons {
        let sourced = it["source"].as_str().is_some_and(|source| 5 < source.len());
        assert!(sourced, "{it}");
        let z = it["statistic"].as_f64();
        assert!(
            it["test"] != "z" || z.is_some_and(|z| z.abs() <= 4.5),
            "{it}"
        );
    }
}

/// The default seed is the first one that there is; others do as well.
#[test]
fn rows_hold_with_another_seed_too() {
    let few = [
        "--only", "C5", "--only", "L2", "--only", "W1", "--only", "T1",
    ];
    let (code, found) = verified(&[&few[..], &["--seed", "2"]].concat());
    assert_eq!(code, Some(0), "{found}");
    assert_eq!(found["seed"].to_string(), "2");
}

#[test]
fn no_number_of_threads_changes_a_row() {
    let asked = ["--only", "W1", "--only", "Q1", "--only", "T6"];
    let one = verified(&[&asked[..], &["-j", "1"]].concat());
    assert_eq!(one, verified(&[&asked[..], &["-j", "3"]].concat()));
}

#[test]
fn a_row_that_is_named_is_printed_with_its_question_and_source() {
    let (code, out, stderr) = drawdown(&["verify", "--only", "t6", "--only", "W"]);
    assert_eq!(code, Some(0), "{stderr}");
    for part in [
        "T6: weeks of remission",
        "exact: Freireich and others (1963)",
        "W1: requests of A1 wait",
        "comparisons in 2 rows hold; the greatest |z| is",
        "reproduce: drawdown verify --only t6 --only W --seed 1",
    ] {
        assert!(out.contains(part), "{part}:\n{out}");
    }
    assert!(!out.contains("MISSED"), "{out}");
    let (code, out, stderr) = drawdown(&["verify", "--only", "A11"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(
        stderr.contains("there is no row `A11`\n  help: did you mean `A1`?"),
        "{stderr}"
    );
}
