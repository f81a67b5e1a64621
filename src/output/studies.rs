//! The charts of studies: which of them there are, and what each shows.

use crate::experiment::compare::Comparison;
use crate::experiment::ensemble::Ensemble;
use crate::experiment::fan::outages;
use crate::experiment::measure::{MEASURES, Measure, place};
use crate::experiment::names::Role;
use crate::experiment::size::{Buffer, YEAR_H};
use crate::output::chart::clock::TimeAxis;
use crate::output::chart::differences::{self, Compared, Differences};
use crate::output::chart::drawing::Drawing;
use crate::output::chart::fan::{self, Fan, FanPoint};
use crate::output::chart::frame::Window;
use crate::output::chart::sizing::{self, Sized, Sizing};
use crate::output::chart::survival::{self, Survival, SurvivalCurve, SurvivalPoint};
use crate::output::chart::{self, named};
use crate::output::origin::Origin;
use crate::output::sizes;
use crate::output::words;
use crate::scenario::Scenario;
use crate::stats::survival::Survival as Curve;

/// Curves that can be told apart in one chart.
const CURVES_MAX: usize = 4;

/// Names of the charts of an ensemble.
pub(crate) fn ensemble_names(scenario: &Scenario) -> Vec<String> {
    let fans = scenario
        .pools
        .iter()
        .map(|pool| ("fan", pool.name.as_str()));
    let survival = can_fail(scenario).then_some(("survival", "pools"));
    named(survival.into_iter().chain(fans))
}

/// The charts of an ensemble, in the order of their names.
pub(crate) fn ensemble(scenario: &Scenario, found: &Ensemble, seed: u64) -> Vec<Vec<u8>> {
    let subtitle = format!("{}, seed {seed}", words::counted(found.n, "replication"));
    let origin = Origin::of(scenario, found);
    let survival = || survival::draw(&lasting(scenario, found, origin, &subtitle));
    let mut drawings: Vec<Drawing> = can_fail(scenario).then(survival).into_iter().collect();
    let pools = 0..scenario.pools.len();
    drawings.extend(pools.map(|pool| fan::draw(&over_time(scenario, found, pool, &subtitle))));
    files(&drawings)
}

/// Whether any request can fail: otherwise a chart of how long none does would be flat.
fn can_fail(scenario: &Scenario) -> bool {
    (0..scenario.pools.len()).any(|pool| scenario.requests_can_fail(pool))
}

/// The ready level of a pool over time.
fn over_time(scenario: &Scenario, found: &Ensemble, place: usize, subtitle: &str) -> Fan {
    let pool = &scenario.pools[place];
    let bands = found.levels(scenario, place).into_iter();
    let points = bands.filter_map(|band| {
        let [p05, p25, p50, p75, p95] = band.levels;
        Some(FanPoint {
            at_s: band.at_s,
            p05: p05?,
            p25: p25?,
            p50: p50?,
            p75: p75?,
            p95: p95?,
        })
    });
    let points: Vec<FanPoint> = points.collect();
    let windows = outages(scenario, place);
    let windows = windows.map(|(from_s, until_s)| Window { from_s, until_s });
    let (from_s, origin) = Origin::of(scenario, found).on_axis(scenario, found);
    Fan {
        title: match found.never_opened(place) {
            true => format!("{}: a standby that never opened", pool.name),
            false => fan::title(&pool.name, &points, (from_s, origin.after())),
        },
        subtitle: format!("{subtitle} · {} · outage shaded", held(found.n)),
        time: TimeAxis::of(scenario, Some(place)),
        target_workers: scenario.target_limits(place),
        points,
        outages: windows.collect(),
    }
}

/// What the bands of a fan hold.
fn held(n: usize) -> &'static str {
    match words::FEW <= n {
        true => "bands hold 50 % and 90 % of them",
        false => "the outer band holds all of them",
    }
}

fn files(drawings: &[Drawing]) -> Vec<Vec<u8>> {
    drawings.iter().flat_map(chart::files).collect()
}

/// How long pools last: those that run dry most often.
fn lasting(scenario: &Scenario, found: &Ensemble, origin: Origin, subtitle: &str) -> Survival {
    let (clock, since) = (origin.clock(), origin.after());
    let anchored = origin == Origin::FailedProvisioning;
    let pools = 0..scenario.pools.len();
    let fails = |pool: &usize| scenario.requests_can_fail(*pool) && !found.never_opened(*pool);
    let mut curves: Vec<_> = pools
        .filter(fails)
        .filter_map(|pool| Some((pool, found.curve(pool, clock)?)))
        .filter(|(_, curve)| 0 < curve.n)
        .collect();
    let last = |curve: &Curve| curve.steps.last().map_or(1.0, |step| step.survival);
    curves.sort_by(|one, other| last(&one.1).total_cmp(&last(&other.1)));
    // Those of which none ever runs dry say nothing, unless there are no others.
    let dry = curves.iter().filter(|(_, curve)| last(curve) < 1.0).count();
    curves.truncate(CURVES_MAX.min(dry.max(1)));
    let until_s = curves
        .iter()
        .map(|(_, curve)| curve.until)
        .fold(1.0, f64::max);
    let curve = |(pool, curve): (usize, Curve)| SurvivalCurve {
        name: scenario.pools[pool].name.clone(),
        published_s: scenario.published_failure(pool).filter(|_| anchored),
        points: curve
            .steps
            .iter()
            .map(|step| SurvivalPoint {
                at_s: step.at,
                survival: step.survival,
                low: Some(step.low),
                high: Some(step.high),
                censored: step.censored,
            })
            .collect(),
    };
    let curves: Vec<SurvivalCurve> = curves.into_iter().map(curve).collect();
    Survival {
        title: survival::title("first failed lease", since, &curves),
        subtitle: format!("{subtitle} · bands hold 95 %"),
        since: since.to_owned(),
        share_of: "replications without a failed lease".to_owned(),
        from_s: 0.0,
        until_s,
        curves,
    }
}

/// Names of the charts of buffers; one whose levels are no numbers has none.
pub(crate) fn size_names<'a>(
    buffers: impl Iterator<Item = (&'a str, &'a [String])>,
) -> Vec<String> {
    let drawn = buffers.filter(|(_, levels)| numbers(levels).is_some());
    named(drawn.map(|(pool, _)| ("size", pool)))
}

fn numbers(levels: &[String]) -> Option<Vec<f64>> {
    levels.iter().map(|level| level.parse().ok()).collect()
}

/// The charts of buffers, in the order of their names.
pub(crate) fn sizes(buffers: &[Buffer], seed: u64) -> Vec<Vec<u8>> {
    let drawn = buffers.iter().filter_map(|buffer| sized(buffer, seed));
    let drawings = drawn.map(|data| sizing::draw(&data));
    files(&drawings.collect::<Vec<_>>())
}

fn sized(buffer: &Buffer, seed: u64) -> Option<Sizing> {
    let found = &buffer.sizing;
    let workers = numbers(&found.levels)?;
    let shown = found.costs.first()?.level..=found.costs.last()?.level;
    let levels = found
        .curve
        .iter()
        .filter(|likely| shown.contains(&likely.level));
    let levels = levels.map(|likely| {
        let cost = found.costs.iter().find(|cost| cost.level == likely.level);
        let burden = cost.and_then(|cost| match buffer.price {
            Some(price) => cost.calm_ready.times(price * YEAR_H).point,
            None => cost.calm_ready.point,
        });
        Sized {
            workers: workers[likely.level],
            spared: likely.does,
            burden,
        }
    });
    let burden = match buffer.price {
        Some(_) => "cost a year",
        None => "ready in calm (workers)",
    };
    let required = 1.0 - found.requirement.risk;
    let answer = found.answer.map(|level| workers[level]);
    let mut data = Sizing {
        title: String::new(),
        subtitle: format!(
            "{}, seed {seed} · band holds 95 %",
            words::counted(found.n, "replication")
        ),
        asked: sizes::asked(&found.requirement),
        axis: buffer.path.clone(),
        levels: levels.collect(),
        required,
        answer_workers: answer,
        burden: Some(burden.to_owned()),
    };
    data.title = data.title(&buffer.pool);
    Some(data)
}

/// Names of the charts of a comparison.
pub(crate) fn comparison_names() -> Vec<String> {
    named([("differences", "all-pools")].into_iter())
}

/// The charts of a comparison, in the order of their names.
pub(crate) fn comparisons(found: &[(String, Comparison)], seed: u64) -> Vec<Vec<u8>> {
    files(&[differences::draw(&compared(found, seed))])
}

fn compared(found: &[(String, Comparison)], seed: u64) -> Differences {
    // What occurs anywhere is drawn for every variant.
    let headlines = found.iter().flat_map(|(_, it)| it.headlines());
    let mut drawn: Vec<&Measure> = headlines.map(|(measure, _)| measure).collect();
    let place = |it: &Measure| place(MEASURES, it.name);
    drawn.sort_by_key(|it| (!it.has(Role::Failure), place(it)));
    drawn.dedup_by_key(|it| place(it));
    let measures = drawn.into_iter().filter_map(|measure| {
        let row = |(name, comparison): &(String, Comparison)| {
            let row = comparison.of("all pools", measure.name)?;
            Some((name.clone(), row.paired.difference))
        };
        let rows: Vec<_> = found.iter().filter_map(row).collect();
        (!rows.is_empty()).then(|| Compared {
            measure: format!("{}, all pools", measure.in_words()),
            unit: measure.unit.to_owned(),
            better: measure.better,
            rows,
        })
    });
    let measures: Vec<Compared> = measures.collect();
    let cost = |(name, it): &(String, Comparison)| {
        let row = it.cost().filter(|row| row.differs())?;
        Some((name.clone(), row.paired.difference.point?))
    };
    let costs: Vec<(String, f64)> = found.iter().filter_map(cost).collect();
    let n = found
        .iter()
        .map(|(_, comparison)| comparison.n)
        .min()
        .unwrap_or(0);
    Differences {
        title: differences::title(&measures, &costs),
        subtitle: format!(
            "mean differences of {} under common random numbers, seed {seed} · 95 % intervals",
            words::counted(n, "pair")
        ),
        measures,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::compare::compare;
    use crate::experiment::ensemble::ensemble;
    use crate::experiment::replications::Replications;
    use crate::experiment::requirement::Requirement;
    use crate::experiment::run::run;
    use crate::kernel::random::Seed;
    use crate::output::chart::drawing::Mark;
    use crate::output::chart::levels::{self, Levels};
    use crate::stats::Estimate;

    fn changed(file: &str, changes: &[(&str, &str)]) -> Scenario {
        let owned = |(path, value): &(&str, &str)| ((*path).to_owned(), (*value).to_owned());
        let changes: Vec<(String, String)> = changes.iter().map(owned).collect();
        Scenario::load_with(file, changes).expect("the file is valid")
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
                let told = match after.get(n.div_ceil(2) - 1) {
                    Some(half) => format!("{} {}", pool.name, words::brief(*half, "s")),
                    None => format!("{} not within the scenario", pool.name),
                };
                assert!(curves.title.contains(&told), "{told}: {}", curves.title);
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
        let told = words::target(scenario.target_limits(place));
        let drawing = fan::draw(&chart);
        let shown = |mark: &Mark| matches!(mark, Mark::Text(_, text, _) if *text == told);
        assert!(drawing.marks.iter().any(shown), "{told}");
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
        let told = match empty {
            Some(it) => format!("{} {}", words::brief(it.at_s - from_s, "s"), origin.after()),
            None => format!("below {}", words::counted(lowest as usize, "ready worker")),
        };
        assert!(title.ends_with(&told), "{told}: {title}");
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
        let told = words::target((least, most));
        let drawing = levels::draw(&data);
        let shown = |mark: &Mark| matches!(mark, Mark::Text(_, text, _) if *text == told);
        assert!(drawing.marks.iter().any(shown), "{told}");
    }

    #[test]
    fn titles_of_levels_hold_to_the_answer() {
        for (answer, told) in [
            (
                None,
                "r/vm: at no level tried wait_p95_s is at most 1m in 99.0 % of replications; 0.0 % at the best",
            ),
            (
                Some(1.0),
                "r/vm: with 1, wait_p95_s is at most 1m in 100.0 % of replications (99.0 % required)",
            ),
            (
                Some(2.0),
                "r/vm: with 2, wait_p95_s is at most 1m in 100.0 % of replications (99.0 % required)",
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
                asked: sizes::asked(&requirement),
                axis: String::new(),
                levels: [1.0, 2.0, 3.0].map(level).into(),
                required: 0.99,
                answer_workers: answer,
                burden: None,
            };
            data.title = data.title("r/vm");
            let drawing = sizing::draw(&data);
            assert_eq!(drawing.title, told);
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
            cost.is_some_and(|(_, told)| told.contains(", b +")),
            "{tie}"
        );
        let one = against(100, &[("same", &base), ("more", &more)]);
        assert!(one.starts_with("more helps most: −"), "{one}");
        let few = against(10, &[("more", &more)]);
        assert!(few.starts_with("too few replications to tell"), "{few}");
    }
}
