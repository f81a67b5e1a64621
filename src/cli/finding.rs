//! The answer in a sentence, which every report begins with.

use crate::cli::{paint, words};
use crate::experiment::check::{Checked, Verdict};
use crate::experiment::ensemble::Ensemble;
use crate::experiment::measure::{self, MEASURES, Subject};
use crate::experiment::run::Outcome;
use crate::experiment::size::YEAR_H;
use crate::experiment::summary::Summary;
use crate::output::origin::Origin;
use crate::scenario::{PoolName, Scenario};
use crate::stats::proportion::proportion;

/// What is said of something that has a name.
pub(crate) type Sentence = (String, String);

/// What one replication says of each pool.
pub(crate) fn of_run(scenario: &Scenario, outcome: &Outcome) -> Vec<Sentence> {
    let sentence = |(place, pool): (usize, &PoolName)| {
        let measure = |name: &str| outcome.figure(place, name);
        let label = if measure("empty_s").is_none() {
            NEVER_OPENED.to_owned()
        } else if !scenario.requests_can_fail(place) {
            waits(measure, "")
        } else if is_long(scenario) {
            let count = |name| measure(name).unwrap_or(0.0) as usize;
            let failed = words::counted(count("failed_leases"), "failed lease");
            let outages = words::counted(count("outages"), "outage");
            format!(
                "{failed}; {outages}, {} survived",
                count("outages_survived")
            )
        } else {
            first_failure(measure)
        };
        (pool.name.clone(), label)
    };
    let met = |place| {
        outcome
            .figure(place, "outages")
            .is_some_and(|count| 0.0 < count)
    };
    let pools = scenario.pools.iter().enumerate().map(sentence);
    ordered(untouched(scenario, met), pools)
}

/// What many replications say of each pool.
pub(crate) fn of_ensemble(scenario: &Scenario, found: &Ensemble) -> Vec<Sentence> {
    let sentence = |(place, pool): (usize, &PoolName)| {
        let summary = |name: &str| found.about(place, name);
        let median = |name: &str| summary(name).quantiles[1].point;
        let label = if found.never_opened(place) {
            NEVER_OPENED.to_owned()
        } else if !scenario.requests_can_fail(place) {
            let medians = format!(" (medians of {})", words::counted(found.n, "replication"));
            waits(median, if found.n == 1 { "" } else { &medians })
        } else if is_long(scenario) {
            year(scenario, found, place)
        } else {
            let clocks = ["first_lease_failure_after_s", "first_lease_failure_at_s"];
            let [after, at] = clocks.map(summary);
            let label = match Origin::of(scenario, found) {
                Origin::Outage => since_outage(&summary(Origin::Outage.clock()), found.n),
                _ => lease(&after, &at, found.n),
            };
            label + &seldom(found, place)
        };
        (pool.name.clone(), label)
    };
    let met = |place| Some(0.0) < found.about(place, "outages").nonzero.point;
    let pools = scenario.pools.iter().enumerate().map(sentence);
    ordered(untouched(scenario, met), pools)
}

/// What the scenario says, and then what pools do: standbys that never opened come last.
fn ordered(first: Option<Sentence>, pools: impl Iterator<Item = Sentence>) -> Vec<Sentence> {
    let (idle, used): (Vec<Sentence>, Vec<Sentence>) =
        pools.partition(|(_, label)| label == NEVER_OPENED);
    first.into_iter().chain(used).chain(idle).collect()
}

const NEVER_OPENED: &str = "a standby that never opened";

/// Scenarios at least this long are described by what a year brings (days).
const LONG_D: f64 = 30.0;

fn is_long(scenario: &Scenario) -> bool {
    LONG_D * 86_400.0 <= scenario.length().seconds()
}

/// How often no outage meets a pool, where one may.
fn seldom(found: &Ensemble, place: usize) -> String {
    let met = found.about(place, "outages").nonzero;
    match met.point {
        Some(0.0) => "; no outage meets it".to_owned(),
        Some(met) if met < 1.0 => {
            format!("; no outage meets it in {}", share(1.0 - met, found.n))
        }
        _ => String::new(),
    }
}

/// When the first lease fails in an outage, counted from its beginning, where that is when times count
/// from.
fn since_outage(clock: &Summary, n: usize) -> String {
    let occurs = clock.present.point.unwrap_or(0.0);
    match clock.quantiles[1].point {
        Some(_) => failing(clock, Origin::Outage.after(), (occurs, n)),
        None => format!("no lease fails in an outage in {}", share(1.0 - occurs, n)),
    }
}

/// Where outages are declared and no pool meets one, that comes first.
fn untouched(scenario: &Scenario, met: impl Fn(usize) -> bool) -> Option<Sentence> {
    let declared = !scenario.setup.windows.is_empty();
    let none = !(0..scenario.pools.len()).any(met);
    let label = "none meets a pool within the scenario";
    (declared && none).then(|| ("outages".to_owned(), label.to_owned()))
}

/// How long requests wait where none fails.
fn waits(figure: impl Fn(&str) -> Option<f64>, note: &str) -> String {
    let Some(longest) = figure("wait_max_s") else {
        return "no request is made".to_owned();
    };
    if longest == 0.0 {
        return format!("every request is served at once{note}");
    }
    let hits = figure("hit_rate").unwrap_or(0.0);
    let longest = words::duration(longest);
    let most = words::duration(figure("wait_p95_s").unwrap_or(0.0));
    let longer = match most == longest {
        true => String::new(),
        false => format!("5% wait longer than {most}, "),
    };
    let waiting = figure("waiting_end").unwrap_or(0.0);
    let still = match waiting == 0.0 {
        true => String::new(),
        false => format!(", {} still wait at the end", words::number(waiting)),
    };
    format!(
        "{} of requests are served at once, {longer}the longest wait is {longest}{still}{note}",
        words::value(hits, "share"),
    )
}

/// What a year brings: outages, those that the pool survives, and failed leases.
fn year(scenario: &Scenario, found: &Ensemble, place: usize) -> String {
    let years = YEAR_H * 3_600.0 / scenario.length().seconds();
    let a_year = |name: &str| found.about(place, name).mean.times(years);
    let total = |name: &str| {
        let values = found.counted(Subject::Pool(place), measure::place(MEASURES, name));
        let sum: f64 = values.into_iter().map(|(value, n)| value * n as f64).sum();
        sum as usize
    };
    let failed = words::estimate(a_year("failed_leases"), "requests", words::NONE);
    let failed = format!("{failed} failed leases a year");
    match total("outages") {
        0 => format!("{failed}; no outage meets it"),
        outages => {
            let survived = proportion(total("outages_survived"), outages);
            let survived = words::estimate(survived, "share", words::NONE);
            let outages = words::estimate(a_year("outages"), "outages", words::NONE);
            format!("{failed}; {outages} outages a year, {survived} of them survived")
        }
    }
}

/// When the first lease failed in one replication.
fn first_failure(measure: impl Fn(&str) -> Option<f64>) -> String {
    let after = measure("first_lease_failure_after_s");
    match (after, measure("first_lease_failure_at_s")) {
        (Some(after), _) => format!("first lease failed {}", since_failure(after)),
        (None, Some(at)) => format!("first lease failed {} after the start", words::duration(at)),
        (None, None) => format!(
            "no lease failed; {} ready at the lowest",
            words::number(measure("ready_min").unwrap_or(0.0))
        ),
    }
}

/// The sentences as a terminal shows them, what they are about in a column of its own.
pub(crate) fn aligned(sentences: &[Sentence]) -> String {
    let width = sentences.iter().map(|(name, _)| name.len()).max();
    let width = width.unwrap_or(0);
    let line = |(name, label): &Sentence| shown(&format!("  {name:width$}  {label}"));
    sentences.iter().map(line).collect()
}

/// The sentences as a terminal shows them, a line each.
pub(crate) fn listed(sentences: &[Sentence]) -> String {
    let line = |(name, label): &Sentence| shown(&format!("  {name}: {label}"));
    sentences.iter().map(line).collect()
}

fn shown(line: &str) -> String {
    paint::finding(&paint::prose(line)) + "\n"
}

/// The sentences, with one for all pools of which the same is said.
pub(crate) fn grouped(sentences: &[Sentence]) -> Vec<Sentence> {
    let mut groups: Vec<(Vec<&str>, &str)> = Vec::new();
    for (name, said) in sentences {
        match groups.iter_mut().find(|(_, known)| *known == said) {
            Some((names, _)) => names.push(name),
            None => groups.push((vec![name], said)),
        }
    }
    // What is said of one comes before what is said of many.
    groups.sort_by_key(|(names, _)| 2 < names.len());
    let groups = groups.into_iter().flat_map(|(names, said)| {
        let names = match names.len() {
            1 | 2 => names.into_iter().map(str::to_owned).collect(),
            n => vec![format!("{n} pools")],
        };
        names.into_iter().map(|name| (name, said.to_owned()))
    });
    groups.collect()
}

/// The sentences as plain text.
pub(crate) fn plain(sentences: &[Sentence]) -> Vec<String> {
    let line = |(name, label): &Sentence| format!("{name}: {label}");
    sentences.iter().map(line).collect()
}

/// When the first lease fails, counted from the first failed provisioning where there mostly is one,
/// and from the start otherwise; or how often none does.
fn lease(after: &Summary, at: &Summary, n: usize) -> String {
    let occurs = at.present.point.unwrap_or(0.0);
    let median = |clock: &Summary| clock.quantiles[1].point;
    let (clock, since) = match (median(after), median(at)) {
        (Some(_), _) => (after, Origin::FailedProvisioning.after()),
        (None, Some(_)) => (at, Origin::Start.after()),
        (None, None) => return format!("no lease fails in {}", share(1.0 - occurs, n)),
    };
    failing(clock, since, (occurs, n))
}

/// When the first lease fails, by a clock that mostly occurs, in a share of the replications. Of few, the
/// earliest and the latest are all there is to say.
fn failing(clock: &Summary, since: &str, (occurs, n): (f64, usize)) -> String {
    // The upper quantile is absent where more than one in twenty never occurs.
    let [low, median, high] = clock
        .quantiles
        .map(|quantile| quantile.point.map(words::duration));
    let of = share(occurs, n);
    let [low, median] = [low, median].map(|it| it.unwrap_or_else(|| words::NONE.to_owned()));
    let spread = match (high, n) {
        (_, 1) => return format!("the first lease fails {median} {since} in {of}"),
        (Some(high), 0..words::FEW) if high == low => {
            return format!("the first lease fails {low} {since} in {of}");
        }
        (Some(high), 2) => {
            return format!("the first lease fails {low} and {high} {since} in {of}");
        }
        (Some(high), 0..words::FEW) => {
            return format!("the first lease fails {low} to {high} {since} in {of}");
        }
        (None, 0..words::FEW) => {
            return format!("the first lease fails {low} {since} or later, in {of}");
        }
        (Some(high), _) => words::between(&low, &high, n),
        (None, _) => format!("in 95% not before {low}"),
    };
    format!("the first lease fails {median} {since} (median; {spread}); in {of}")
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
        2 if share == 1.0 => "both replications".to_owned(),
        2..words::FEW if share < 1.0 => format!("{} of {of}", (share * n as f64).round()),
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
    let label = [("fitted", true), ("held-out", false)].map(|(role, fitted)| {
        let these = verdicts.iter().filter(|verdict| verdict.fitted == fitted);
        let missed = these.clone().filter(|verdict| !verdict.holds());
        let missed: Vec<&str> = missed.map(|verdict| verdict.name.as_str()).collect();
        facts(role, these.count(), &missed)
    });
    let label: Vec<String> = label
        .into_iter()
        .filter(|label| !label.is_empty())
        .collect();
    label.concat()
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

    /// A time to an event that occurs after so many minutes, or never.
    fn clock(minutes: impl Iterator<Item = Option<u32>>) -> Summary {
        let seconds = minutes.map(|it| it.map(|minutes| f64::from(minutes) * 60.0));
        summarise(seconds, Kind::TimeToEvent)
    }

    #[test]
    fn a_pool_that_runs_dry_says_when() {
        let always = clock((1..1001).map(Some));
        assert_eq!(
            lease(&always, &always, 1000),
            "the first lease fails 8h20m after the first failed provisioning (median; 90% between \
             50m and 15h50m); in all 1,000 replications"
        );
        let mostly = clock((1..101).map(|minute| (minute <= 80).then_some(minute)));
        assert_eq!(
            lease(&mostly, &mostly, 100),
            "the first lease fails 50m after the first failed provisioning (median; in 95% not \
             before 5m); in 80.0% of 100 replications"
        );
    }

    #[test]
    fn a_pool_that_mostly_lasts_says_how_often() {
        let seldom = clock((1..101).map(|minute| (minute <= 11).then_some(minute)));
        assert_eq!(
            lease(&seldom, &seldom, 100),
            "no lease fails in 89.0% of 100 replications"
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
        let label = lease(&never, &always, 100);
        assert!(
            label.starts_with("the first lease fails 50m after the start"),
            "{label}"
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
    fn few_replications_are_counted() {
        let two = clock([Some(50), Some(70)].into_iter());
        assert_eq!(
            lease(&two, &two, 2),
            "the first lease fails 50m and 1h10m after the first failed provisioning in both \
             replications"
        );
        let same = clock([Some(50), Some(50)].into_iter());
        assert_eq!(
            lease(&same, &same, 2),
            "the first lease fails 50m after the first failed provisioning in both replications"
        );
        let five = clock((1..6).map(Some));
        assert_eq!(
            lease(&five, &five, 5),
            "the first lease fails 1m to 5m after the first failed provisioning in all 5 replications"
        );
        let mostly = clock((1..6).map(|minute| (minute < 5).then_some(minute)));
        assert_eq!(
            lease(&mostly, &mostly, 5),
            "the first lease fails 1m after the first failed provisioning or later, in 4 of 5 \
             replications"
        );
        let never = clock([None, None].into_iter());
        assert_eq!(
            lease(&never, &never, 2),
            "no lease fails in both replications"
        );
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
