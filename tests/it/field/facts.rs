//! Published facts against replications.

use std::num::NonZeroUsize;

use drawdown::{Check, Replications, Scenario, Seed, Verdict, check};

const REPLICATIONS: usize = 100;

fn held_to(file: &str, changes: &[(&str, &str)]) -> Check {
    let changes: Vec<(String, String)> = changes
        .iter()
        .map(|(path, value)| ((*path).to_owned(), (*value).to_owned()))
        .collect();
    let path = format!("tests/it/field/{file}.yaml");
    let scenario = Scenario::load_with(path, &changes).expect("the file is valid");
    check(&scenario, Replications::new(REPLICATIONS), Seed(1))
}

#[track_caller]
fn only(check: &Check) -> &Verdict {
    assert_eq!(check.verdicts.len(), 1);
    assert_eq!(NonZeroUsize::new(check.n), NonZeroUsize::new(REPLICATIONS));
    &check.verdicts[0]
}

#[test]
fn a_figure_holds_that_lies_within_its_own_tolerance() {
    let found = held_to("rounded-figure", &[]);
    let verdict = only(&found);
    assert!(verdict.holds(), "{verdict:?}");
    let exact = [("observed.drained.tolerance", "1m")];
    let found = held_to("rounded-figure", &exact);
    assert!(!only(&found).holds(), "two minutes more are a miss");
}

#[test]
fn restored_at_an_instant_is_missed_where_it_is_much_sooner() {
    assert!(only(&held_to("restored-much-sooner", &[])).holds());
    let fact = |keys: &str| {
        let fact =
            format!("{{what: restored, pool: r/vm, {keys}, share: 90%, source: x, use: hold}}");
        held_to(
            "restored-much-sooner",
            &[("observed", &format!("{{drained: {fact}}}"))],
        )
    };
    let found = fact("at: 12:29Z");
    assert!(!only(&found).holds(), "two hours too soon");
    let at = only(&found).expected_value.expect("it is back");
    assert!((3_600.0..4_200.0).contains(&at), "back at {at} s");
    assert!(only(&fact("at: 10:34Z, tolerance: 5m")).holds());
    let since = "since: outage_begins, value: 64m, tolerance: 5m";
    assert!(only(&fact(since)).holds());
}

#[test]
fn a_clock_of_the_outage_counts_what_happens_in_it() {
    let found = held_to("before-the-outage", &[]);
    let verdict = only(&found);
    let [low, median, _] = verdict.ensemble.quantiles;
    assert!(low.point.is_some_and(|low| 0.0 <= low), "{verdict:?}");
    let median = median.point.expect("it strikes in most");
    assert!((60.0..900.0).contains(&median), "{median} s");
}

#[test]
fn a_busy_pool_is_back_at_its_ordinary_level() {
    let of = |of: &str, by: &str| {
        let fact = format!(
            "{{back: {{what: restored, pool: r/vm, by: '{by}', share: 90%, of: {of}, source: x, use: hold}}}}"
        );
        held_to("never-back", &[("observed", &fact)])
    };
    assert!(
        !only(&of("target", "04:00Z")).holds(),
        "it is never at 90 % of its target"
    );
    let found = of("ordinary", "01:32Z");
    let verdict = only(&found);
    assert!(verdict.holds(), "{verdict:?}");
    let back = verdict
        .expected_value
        .expect("the mean replay is back as well");
    assert!((5_400.0..5_520.0).contains(&back), "{back} s");
}
