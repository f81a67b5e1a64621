//! The library as a program that depends on it meets it: names that do not exist, results as data, and work
//! that is cancelled.

use drawdown::measure::{FAILED_LEASES, Measure, PAGES};
use drawdown::prelude::*;
use drawdown::study::{Stopped, compare_with, ensemble_with, size_with, sweep_with, trace};

const FILE: &str = "examples/full-outage.yaml";

/// Cancels before the first replication.
struct Never;

impl Progress for Never {
    fn completed(&self, _: u64) {
        panic!("nothing was to run");
    }

    fn is_cancelled(&self) -> bool {
        true
    }
}

fn scenario() -> Scenario {
    Scenario::load(FILE).expect("a valid scenario")
}

fn plan() -> Plan {
    let template = Template::load(FILE).expect("a valid scenario");
    let axes = vec!["pools.anywhere/any.target=10..30:10".to_owned()];
    let varied = SweepSpec {
        axes,
        ..SweepSpec::default()
    };
    Plan::new(template, &varied).expect("a plan")
}

#[test]
fn a_name_that_does_not_exist_is_an_error_and_no_panic() {
    let scenario = scenario();
    let pool = scenario.pool("anywhere/any").expect("a pool");
    let found = ensemble(&scenario, Replications::new(2), Seed(1));
    let outcome = run(&scenario, Seed(1), 0);
    let wrong = "no_such_measure";
    assert!(Measure::find(wrong).is_err() && Measure::of_pools(wrong).is_err());
    assert!(found.values(pool, wrong).is_err() && found.incident(wrong).is_err());
    assert!(found.summary(pool, wrong).is_err() && found.survival(pool, wrong).is_err());
    assert!(outcome.measure(pool, wrong).is_err() && outcome.incident(wrong).is_err());
    assert!(Requirement::new(pool, wrong, 0.0, 0.1).is_err());
    assert!(Precision::new(0.1, wrong, Some(pool)).is_err());
    // A measure of something else is no measure of pools.
    assert!(outcome.measure(pool, PAGES).is_err() && outcome.incident(PAGES).is_ok());
    let message = |it: &dyn std::error::Error| it.to_string();
    let unknown = scenario.pool("anywhere/ane").expect_err("no such pool");
    assert_eq!(
        message(&unknown),
        format!(
            "there is no pool `anywhere/ane` in {}\n  help: did you mean `anywhere/any`?",
            scenario.name()
        )
    );
    let unknown = scenario.dependency("dns").expect_err("no such dependency");
    assert!(message(&unknown).ends_with("help: it has none"));
}

#[test]
fn a_problem_passes_through_a_question_mark() {
    fn parse(text: &str) -> Result<Option<u64>, Box<dyn std::error::Error>> {
        Ok(drawdown::scenario::Axis::parse(text)?.count())
    }
    assert_eq!(parse("pools.a/b.target=1..3:1").ok().flatten(), Some(3));
    assert!(parse("no values").is_err());
}

#[test]
fn results_are_data() {
    let scenario = scenario();
    let pool = scenario.pool("anywhere/any").expect("a pool");
    let found = ensemble(&scenario, Replications::new(20), Seed(1));
    let summary = found.summary(pool, FAILED_LEASES).expect("a measure");
    let json = serde_json::to_value(summary).expect("JSON");
    assert_eq!(json["mean"]["point"].as_f64(), summary.mean.point);
    let curve = found.survival(pool, "pool_empty_at_s").expect("a measure");
    let json = serde_json::to_value(&curve).expect("JSON");
    assert_eq!(json["steps"][0]["at_risk"], 20);
    let outcome = run(&scenario, Seed(1), 0);
    let json = serde_json::to_value(outcome.levels(pool)).expect("JSON");
    assert_eq!(json[0]["ready"], outcome.levels(pool)[0].ready);
    let trace = trace(&scenario, Seed(1), 0);
    let json = serde_json::to_value(&trace.entries).expect("JSON");
    assert_eq!(json[0]["event"], trace.entries[0].event);
    let requirement = Requirement::no_failed_lease(pool, 0.1);
    let sizing = size(&plan(), requirement, Replications::new(20), Seed(1));
    let json = serde_json::to_value(&sizing).expect("JSON");
    assert_eq!(json["requirement"]["measure"], requirement.measure());
    let change = compare(&scenario, &scenario, Replications::new(3), Seed(1));
    let json = serde_json::to_value(&change).expect("JSON");
    assert_eq!(
        json["rows"].as_array().map(Vec::len),
        Some(change.rows.len())
    );
    assert_eq!(json["rows"][0]["paired"]["difference"]["n"], 3);
}

#[test]
fn cancelled_work_ends_with_what_is_complete() {
    let scenario = scenario();
    let pool = scenario.pool("anywhere/any").expect("a pool");
    let n = Replications::new(50);
    let found = ensemble_with(&scenario, n, Seed(1), &Never);
    assert_eq!((found.n, found.stopped), (0, Stopped::Interrupted));
    let summary = found.summary(pool, FAILED_LEASES).expect("a measure");
    assert_eq!(summary.mean.point, None);
    let change = compare_with(&scenario, &scenario, n, Seed(1), &Never);
    assert_eq!(change.n, 0);
    let requirement = Requirement::no_failed_lease(pool, 0.1);
    let sizing = size_with(&plan(), requirement, n, Seed(1), &Never);
    assert_eq!((sizing.n, sizing.answer), (0, None));
    let cells = sweep_with(&plan(), n, Seed(1), &Never, |cell| cell.number);
    assert_eq!(cells, [None; 3]);
    // Work that nobody cancels is the same, watched or not.
    let cells = sweep_with(&plan(), n, Seed(1), &(), |cell| cell.ensemble.digest);
    let plain = sweep(&plan(), n, Seed(1), |cell| cell.ensemble.digest);
    assert_eq!(cells.into_iter().flatten().collect::<Vec<_>>(), plain);
}

#[test]
fn the_course_of_a_dependency_can_be_read() {
    let scenario = Scenario::load("scenarios/fnj8-vqz-managed-identity.yaml");
    let scenario = scenario.expect("a valid scenario");
    let name = scenario.dependencies().first().expect("a dependency");
    let dependency = scenario.dependency(name).expect("a dependency");
    let outcome = expected_value(&scenario);
    let offered = outcome
        .slices(&scenario, dependency)
        .map(|(_, it)| it.offered);
    let calls = outcome.dependency(dependency, drawdown::measure::CALLS);
    assert_eq!(calls.expect("a measure"), Some(offered.sum::<u64>() as f64));
    let starts = outcome
        .slices(&scenario, dependency)
        .map(|(at, _)| scenario.seconds(at));
    let starts: Vec<f64> = starts.collect();
    assert_eq!((starts.len(), starts[0]), (96, 0.0));
    assert!(starts.is_sorted() && starts[95] < scenario.length().seconds());
}
