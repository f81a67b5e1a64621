//! Titles of charts are held to the data that they show, and records to what reads them.

#![cfg(test)]

use crate::experiment::compare::compare;
use crate::experiment::ensemble::Ensemble;
use crate::experiment::ensemble::ensemble;
use crate::experiment::replications::Replications;
use crate::experiment::requirement::Requirement;
use crate::experiment::run::run;
use crate::kernel::random::Seed;
use crate::output::chart::differences;
use crate::output::chart::drawing::Mark;
use crate::output::chart::fan;
use crate::output::chart::levels::{self, Levels};
use crate::output::chart::sizing::{self, Sized, Sizing};
use crate::output::chart::survival;
use crate::output::origin::Origin;
use crate::output::study::compare::compared;
use crate::output::study::ensemble::{lasting, over_time};
use crate::output::study::size;
use crate::output::words;
use crate::scenario::Scenario;
use crate::stats::Estimate;

fn changed(file: &str, changes: &[(&str, &str)]) -> Scenario {
    Scenario::load_with(file, changes.iter().copied()).expect("the file is valid")
}

const BUSY: &str = "tests/it/field/never-back.yaml";
const STANDBY: &str = "tests/it/field/year.yaml";
const PROPORTIONAL: &str = "scenarios/policies/gitlab-fleeting.yaml";

/// Holds the titles of an ensemble's charts to its replications; gives that of the curves.
#[track_caller]
fn titled(scenario: &Scenario, n: usize) -> String {
    let found = ensemble(scenario, Replications::new(n), Seed(1));
    let origin = Origin::of(scenario, &found);
    let curves = lasting(scenario, &found, origin, "");
    survival::draw(&curves);
    let mut fails = false;
    for (place, pool) in scenario.pools.iter().enumerate() {
        let mut after: Vec<f64> = found.sample(place, origin.clock()).flatten().collect();
        fails |= !after.is_empty();
        after.sort_by(f64::total_cmp);
        let shown = curves.curves.iter().any(|curve| curve.name == pool.name);
        if shown && curves.title.contains("median: ") {
            let label = match after.get(n.div_ceil(2) - 1) {
                Some(half) => format!("{} {}", pool.name, words::brief(*half, "s")),
                None => format!("{} not within the scenario", pool.name),
            };
            assert!(curves.title.contains(&label), "{label}: {}", curves.title);
        }
        over_time_held(scenario, &found, place);
    }
    assert_eq!(curves.title.contains("median: "), fails, "{}", curves.title);
    assert!(curves.title.contains(&curves.since), "the origin is named");
    curves.title
}

#[track_caller]
fn over_time_held(scenario: &Scenario, found: &Ensemble, place: usize) {
    let chart = over_time(scenario, found, place, "");
    let label = words::target(scenario.target_limits(place));
    let drawing = fan::draw(&chart);
    let shown = |mark: &Mark| matches!(mark, Mark::Text(_, text, _) if *text == label);
    assert!(drawing.marks.iter().any(shown), "{label}");
    let title = &chart.title;
    if title.ends_with("a standby that never opened") {
        assert!(chart.points.iter().all(|point| point.p95 == 0.0), "{title}");
        return;
    }
    let (from_s, origin) = Origin::of(scenario, found).on_axis(scenario, found);
    let lowest = chart
        .points
        .iter()
        .map(|point| point.p50)
        .fold(f64::INFINITY, f64::min);
    let empty = chart
        .points
        .iter()
        .find(|it| from_s <= it.at_s && it.p50 == 0.0);
    let label = match empty {
        Some(it) => format!("{} {}", words::brief(it.at_s - from_s, "s"), origin.after()),
        None => format!("below {}", words::counted(lowest as usize, "ready worker")),
    };
    assert!(title.ends_with(&label), "{label}: {title}");
}

#[test]
fn titles_of_an_ensemble_hold() {
    // Everything fails, at one time in all replications, and in one.
    let everything = titled(&changed(BUSY, &[]), 20);
    assert!(everything.contains("after the first failed provisioning, median: r/vm 1m"));
    assert_eq!(titled(&changed(BUSY, &[]), 1), everything);
    let nothing = changed(BUSY, &[("pools.r/vm.target", "3000")]);
    let title = titled(&nothing, 20);
    assert!(title.ends_with("in any replication"), "{title}");
    let calm = changed(BUSY, &[("outages", "{}"), ("observed", "{}")]);
    assert!(titled(&calm, 20).contains("after the start"));
    titled(&changed(STANDBY, &[("clock.horizon", "3h")]), 20);
    titled(&changed(PROPORTIONAL, &[]), 5);
}

#[test]
fn a_target_that_moves_is_a_step_line() {
    let low = [
        ("pools.region/worker.target.proportional.min", "2"),
        ("pools.region/worker.target.proportional.factor", "2"),
    ];
    let scenario = changed(PROPORTIONAL, &low);
    let outcome = run(&scenario, Seed(1), 0);
    let data = Levels::of(&scenario, &outcome, 0, "");
    let targets = || data.levels.iter().map(|level| level.target);
    let (least, most) = (targets().min().unwrap_or(0), targets().max().unwrap_or(0));
    assert!(
        2 <= least && least < most && most <= 100,
        "{least} to {most}"
    );
    let label = words::target((least, most));
    let drawing = levels::draw(&data);
    let shown = |mark: &Mark| matches!(mark, Mark::Text(_, text, _) if *text == label);
    assert!(drawing.marks.iter().any(shown), "{label}");
}

#[test]
fn titles_of_levels_hold_to_the_answer() {
    for (answer, label) in [
        (
            None,
            "r/vm: at no level tried wait_p95_s is at most 1m in 99.0% of replications; 0.0% at the best",
        ),
        (
            Some(1.0),
            "r/vm: with 1, wait_p95_s is at most 1m in 100.0% of replications (99.0% required)",
        ),
        (
            Some(2.0),
            "r/vm: with 2, wait_p95_s is at most 1m in 100.0% of replications (99.0% required)",
        ),
    ] {
        let level = |workers: f64| Sized {
            workers,
            spared: Estimate {
                point: Some(f64::from(answer.is_some_and(|answer| answer <= workers))),
                ..Estimate::default()
            },
            burden: None,
        };
        let requirement = Requirement::new(0, "wait_p95_s", 60.0, 0.01).expect("a measure");
        let mut data = Sizing {
            title: String::new(),
            subtitle: String::new(),
            asked: size::asked(&requirement),
            axis: String::new(),
            levels: [1.0, 2.0, 3.0].map(level).into(),
            required: 0.99,
            answer_workers: answer,
            burden: None,
        };
        data.title = data.title("r/vm");
        let drawing = sizing::draw(&data);
        assert_eq!(drawing.title, label);
        let axis = "share of replications in which wait_p95_s is at most 1m";
        let shown = |mark: &Mark| matches!(mark, Mark::Text(_, text, _) if text == axis);
        assert!(drawing.marks.iter().any(shown), "{axis}");
    }
}

#[test]
fn titles_of_comparisons_hold() {
    let chance = "{requests: {rate: 600/h, hold: 5m}}";
    let of = |target: &str| {
        let target = ("pools.r/vm.target", target);
        let cost = ("pools.r/vm.worker_hour_cost", "1");
        changed(BUSY, &[("demand.jobs.source", chance), target, cost])
    };
    let (base, more) = (of("30"), of("200"));
    let against = |n: usize, variants: &[(&str, &Scenario)]| {
        let pair = |(name, variant): &(&str, &Scenario)| {
            let found = compare(&base, variant, Replications::new(n), Seed(1));
            ((*name).to_owned(), found)
        };
        let found: Vec<_> = variants.iter().map(pair).collect();
        let data = compared(&found, 1);
        differences::draw(&data);
        data.title
    };
    let same = against(100, &[("same", &base)]);
    assert_eq!(same, "no variant changes failed leases, all pools");
    let tie = against(100, &[("a", &more), ("b", &more)]);
    assert!(tie.starts_with("a and b help most: −"), "{tie}");
    let cost = tie.split_once("all pools; idle cost: a +");
    assert!(
        cost.is_some_and(|(_, label)| label.contains(", b +")),
        "{tie}"
    );
    let one = against(100, &[("same", &base), ("more", &more)]);
    assert!(one.starts_with("more helps most: −"), "{one}");
    let few = against(10, &[("more", &more)]);
    assert!(few.starts_with("too few replications to show"), "{few}");
}
