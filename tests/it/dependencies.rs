//! What happens at a dependency, in worlds small enough to be told by hand.

use drawdown::{Seed, expected_value, run};

use crate::worlds::smallest;

#[test]
fn an_outage_from_the_very_beginning_holds_calls_back_like_a_later_one() {
    let calls = |from: &str| {
        let dependencies = "{d: {capacity: 1/s, queue: 9, timeout: 1m,
            retry: {probability: 0%, delay: 1s, tries: 1}, load: 1/min, calm: {queue: 1, waiting: 0},
            blocked: {outage: blackout, share: 100%, resume: 1s}}}";
        let scenario = smallest(&[
            ("dependencies", dependencies),
            ("outages.blackout.from", from),
            ("outages.blackout.until", "+100m"),
            ("clock.horizon", "101m"),
        ]);
        let outcome = run(&scenario, Seed(1), 0);
        outcome.dependency(0, "calls").expect("a count")
    };
    assert_eq!(calls("+0s"), calls("+1us"));
    assert!(50.0 <= calls("+0s"), "they resume at the end");
}
