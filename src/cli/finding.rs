//! The answer in a sentence, which every report begins with.

use crate::cli::{paint, words};
use crate::experiment::check::{Checked, Verdict};
use crate::experiment::ensemble::Ensemble;
use crate::experiment::run::Outcome;
use crate::experiment::summary::Summary;
use crate::scenario::{PoolName, Scenario};

/// What is said of something that has a name.
pub(crate) type Sentence = (String, String);

/// What one replication says of each pool.
pub(crate) fn of_run(scenario: &Scenario, outcome: &Outcome) -> Vec<Sentence> {
    let sentence = |(place, pool): (usize, &PoolName)| {
        let after = outcome.measure(place, "first_lease_failure_after_s");
        let at = outcome.measure(place, "first_lease_failure_at_s");
        let lowest = outcome.measure(place, "ready_min").unwrap_or(0.0);
        let told = match (after, at) {
            (Some(after), _) => format!("first lease failed {}", since_failure(after)),
            (None, Some(at)) => {
                format!("first lease failed {} after the start", words::duration(at))
            }
            (None, None) if outcome.measure(place, "empty_s").is_none() => {
                "a standby that never opened".to_owned()
            }
            (None, None) => format!(
                "no lease failed; {} ready at the lowest",
                words::number(lowest)
            ),
        };
        (pool.name.clone(), told)
    };
    scenario.pools.iter().enumerate().map(sentence).collect()
}

/// What many replications say of each pool.
pub(crate) fn of_ensemble(scenario: &Scenario, found: &Ensemble) -> Vec<Sentence> {
    let sentence = |(place, pool): (usize, &PoolName)| {
        let after = found.summary(place, "first_lease_failure_after_s");
        let at = found.summary(place, "first_lease_failure_at_s");
        let never_opened = found.values(place, "empty_s").all(|empty| empty.is_none());
        let told = match never_opened {
            true => "a standby that never opened".to_owned(),
            false => lease(&after, &at, found.n),
        };
        (pool.name.clone(), told)
    };
    scenario.pools.iter().enumerate().map(sentence).collect()
}

/// The sentences as a terminal shows them, what they are about in a column of its own.
pub(crate) fn aligned(sentences: &[Sentence]) -> String {
    let width = sentences.iter().map(|(name, _)| name.len()).max();
    let width = width.unwrap_or(0);
    let line = |(name, told): &Sentence| shown(&format!("  {name:width$}  {told}"));
    sentences.iter().map(line).collect()
}

/// The sentences as a terminal shows them, a line each.
pub(crate) fn listed(sentences: &[Sentence]) -> String {
    let line = |(name, told): &Sentence| shown(&format!("  {name}: {told}"));
    sentences.iter().map(line).collect()
}

fn shown(line: &str) -> String {
    paint::finding(&paint::prose(line)) + "\n"
}

/// The sentences as plain text.
pub(crate) fn plain(sentences: &[Sentence]) -> Vec<String> {
    let line = |(name, told): &Sentence| format!("{name}: {told}");
    sentences.iter().map(line).collect()
}

/// When the first lease fails, counted from the first failed provisioning where there mostly is one,
/// and from the start otherwise; or how often none does.
fn lease(after: &Summary, at: &Summary, n: usize) -> String {
    let struck = at.present.point.unwrap_or(0.0);
    let median = |clock: &Summary| clock.quantiles[1].point;
    let (clock, told) = match (median(after), median(at)) {
        (Some(seconds), _) => (after, since_failure(seconds)),
        (None, Some(seconds)) => (at, format!("{} after the start", words::duration(seconds))),
        (None, None) => return format!("no lease fails in {}", share(1.0 - struck, n)),
    };
    // The upper quantile is absent where more than one in twenty never strikes.
    let [low, _, high] = clock
        .quantiles
        .map(|quantile| quantile.point.map(words::duration));
    let spread = match (low, high) {
        _ if n == 1 => return format!("the first lease fails {told} in {}", share(struck, n)),
        (Some(low), Some(high)) => format!("; {}", words::between(&low, &high)),
        (Some(low), None) => format!("; in 95 % not before {low}"),
        (None, _) => String::new(),
    };
    format!(
        "the first lease fails {told} (median{spread}); in {}",
        share(struck, n)
    )
}

fn since_failure(seconds: f64) -> String {
    format!(
        "{} after the first failed provisioning",
        words::duration(seconds)
    )
}

/// A share of the replications.
fn share(share: f64, n: usize) -> String {
    let of = words::counted(n, "replication");
    match n {
        1 => "the one replication".to_owned(),
        _ if share < 1.0 => format!("{} of {of}", words::value(share, "share")),
        _ => format!("all {of}"),
    }
}

/// What is said of a standby that never opened, which has no time without a ready worker.
pub(crate) fn never_opened(empty: Option<f64>) -> &'static str {
    match empty {
        Some(_) => "",
        None => ", a standby that never opened: not counted as empty",
    }
}

/// Whether the facts hold: the fitted ones, which decide, and those held out.
pub(crate) fn of_check(checked: &[Checked<'_>]) -> String {
    let checks = checked.iter().filter_map(|checked| checked.check.as_ref());
    let verdicts: Vec<&Verdict> = checks.flat_map(|check| &check.verdicts).collect();
    let told = [("fitted", true), ("held-out", false)].map(|(role, fitted)| {
        let these = verdicts.iter().filter(|verdict| verdict.fitted == fitted);
        let missed = these.clone().filter(|verdict| !verdict.holds());
        let missed: Vec<&str> = missed.map(|verdict| verdict.name.as_str()).collect();
        facts(role, these.count(), &missed)
    });
    let told: Vec<String> = told.into_iter().filter(|told| !told.is_empty()).collect();
    told.concat()
}

fn facts(role: &str, n: usize, missed: &[&str]) -> String {
    match (n, missed) {
        (0, _) => String::new(),
        (n, []) => paint::good(&format!("Every {role} fact holds ({n} of {n}).\n")),
        (n, missed) => paint::bad(&format!(
            "Missed: {} of {n} {role} facts ({}).\n",
            missed.len(),
            missed.join(", ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::measure::Kind;
    use crate::experiment::summary::summarise;

    /// A clock that strikes after so many minutes, or never.
    fn clock(minutes: impl Iterator<Item = Option<u32>>) -> Summary {
        let seconds = minutes.map(|it| it.map(|minutes| f64::from(minutes) * 60.0));
        summarise(seconds, Kind::Clock)
    }

    #[test]
    fn a_pool_that_runs_dry_says_when() {
        let always = clock((1..1001).map(Some));
        assert_eq!(
            lease(&always, &always, 1000),
            "the first lease fails 8h20m after the first failed provisioning (median; 90 % between \
             50m and 15h50m); in all 1,000 replications"
        );
        let mostly = clock((1..101).map(|minute| (minute <= 80).then_some(minute)));
        assert_eq!(
            lease(&mostly, &mostly, 100),
            "the first lease fails 50m after the first failed provisioning (median; in 95 % not \
             before 5m); in 80.0 % of 100 replications"
        );
    }

    #[test]
    fn a_pool_that_mostly_lasts_says_how_often() {
        let seldom = clock((1..101).map(|minute| (minute <= 11).then_some(minute)));
        assert_eq!(
            lease(&seldom, &seldom, 100),
            "no lease fails in 89.0 % of 100 replications"
        );
        let never = clock((1..101).map(|_| None));
        assert_eq!(
            lease(&never, &never, 100),
            "no lease fails in all 100 replications"
        );
    }

    #[test]
    fn without_a_failed_provisioning_time_counts_from_the_start() {
        let (never, always) = (clock((1..101).map(|_| None)), clock((1..101).map(Some)));
        let told = lease(&never, &always, 100);
        assert!(
            told.starts_with("the first lease fails 50m after the start"),
            "{told}"
        );
    }

    #[test]
    fn facts_that_are_missed_are_named() {
        assert_eq!(
            facts("fitted", 16, &["a", "b"]),
            paint::bad("Missed: 2 of 16 fitted facts (a, b).\n")
        );
        assert_eq!(facts("held-out", 0, &[]), "");
    }

    #[test]
    fn one_replication_is_neither_all_of_them_nor_a_spread() {
        let one = clock([Some(50)].into_iter());
        assert_eq!(
            lease(&one, &one, 1),
            "the first lease fails 50m after the first failed provisioning in the one replication"
        );
    }
}
