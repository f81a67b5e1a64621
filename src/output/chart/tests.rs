//! Each chart of small data made by hand, compared with the stored SVG. `UPDATE_GOLDEN=1` rewrites;
//! `CHARTS=DIR` writes the PNGs there, to be looked at.

use std::path::PathBuf;

use crate::experiment::measure::Better;
use crate::output::chart::clock::{TimeAxis, TimeTick};
use crate::output::chart::dependency::{self, CallRates, Calls};
use crate::output::chart::depletion::{self, Swept, Values};
use crate::output::chart::differences::{self, Compared, Differences};
use crate::output::chart::drawing::{Anchor, Drawing, Mark, WIDTH};
use crate::output::chart::fan::{self, Fan, FanPoint};
use crate::output::chart::frame::Window;
use crate::output::chart::heat_map::{self, HeatMap, Threshold};
use crate::output::chart::levels::{self, Level, Levels};
use crate::output::chart::moments::{By, Event};
use crate::output::chart::sensitivity::{self, Bar, Bars};
use crate::output::chart::sizing::{self, Sized, Sizing};
use crate::output::chart::survival::{self, Survival, SurvivalCurve, SurvivalPoint};
use crate::output::chart::{svg, text};
use crate::stats::Estimate;

/// Draws a chart twice, and compares it with the stored one.
#[track_caller]
fn check(name: &str, draw: impl Fn() -> Drawing) {
    let drawing = draw();
    within_the_paper(&drawing);
    let now = svg::svg(&drawing);
    assert_eq!(now, svg::svg(&draw()), "the same data make the same bytes");
    let stored = PathBuf::from(format!("tests/it/golden/charts/{name}.svg"));
    look(name, &drawing);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(stored.parent().expect("a folder")).expect("a folder");
        std::fs::write(&stored, &now).expect("a file");
        return;
    }
    let expected = std::fs::read_to_string(&stored).unwrap_or_default();
    let mut lines = expected.lines().zip(now.lines());
    let different = lines.find(|(one, other)| one != other);
    assert!(
        expected == now,
        "{} differs, first at {different:#?}",
        stored.display()
    );
}

/// No letter is cut off, by widths that most fonts stay below.
#[track_caller]
fn within_the_paper(drawing: &Drawing) {
    for mark in &drawing.marks {
        if let Mark::Text((x, y), phrase, letters) = mark {
            let width = text::width(phrase, letters.size);
            let left = match letters.anchor {
                Anchor::Start => *x,
                Anchor::Middle => x - width / 2.0,
                Anchor::End => x - width,
            };
            let within = 0.0 <= left && left + width <= WIDTH;
            assert!(
                within && *y <= drawing.height - 4.0,
                "`{phrase}` is cut off"
            );
        }
    }
}

#[cfg(feature = "png")]
fn look(name: &str, drawing: &Drawing) {
    use crate::output::chart::bitmap;
    let bytes = bitmap::png(drawing);
    assert_eq!(
        bytes,
        bitmap::png(drawing),
        "the same data make the same bytes"
    );
    assert!(bytes.starts_with(b"\x89PNG"));
    if let Some(folder) = std::env::var_os("CHARTS") {
        std::fs::write(PathBuf::from(&folder).join(format!("{name}.png")), bytes).expect("a file");
    }
}

#[cfg(not(feature = "png"))]
fn look(_: &str, _: &Drawing) {}

fn estimate(point: f64, low: f64, high: f64) -> Estimate {
    Estimate {
        point: Some(point),
        low: Some(low),
        high: Some(high),
        n: 1_000,
    }
}

/// Eight hours from 18:00 on, in Seattle.
fn evening() -> TimeAxis {
    let tick = |hour: u32| TimeTick {
        at_s: f64::from(hour) * 3_600.0,
        utc: match hour {
            6 => "3 Feb".to_owned(),
            hour => format!("{:02}:00", (18 + hour) % 24),
        },
        local: format!("{:02}:00", 10 + hour),
    };
    TimeAxis {
        length_s: 8.0 * 3_600.0,
        start: "2 Feb 2026, 18:00 UTC".to_owned(),
        place: Some("Los Angeles".to_owned()),
        ticks: (0..=8).map(tick).collect(),
    }
}

const OUTAGE: Window = Window {
    from_s: 3_000.0,
    until_s: 17_280.0,
};

#[test]
fn levels_of_a_pool() {
    check("levels", || {
        let ready = [8, 7, 8, 7, 5, 4, 2, 1, 0, 0, 0, 0, 0, 3, 7, 8, 7, 8];
        let level = |(place, ready): (usize, &u32)| Level {
            at_s: 1_600.0 * place as f64,
            ready: *ready,
            pending: 8 - ready,
            leased: [6, 7, 5, 3, 1, 2][place % 6],
            target: 8,
        };
        let phrase = |at_s: f64, what: &str, by: By, rank: u8| Event {
            at_s,
            what: what.to_owned(),
            by,
            rank,
        };
        levels::draw(&Levels {
            title: "westus2/ubuntu: first lease failed 4h56m after the first failed provisioning"
                .to_owned(),
            subtitle: "made by hand · ringed or dashed: as published".to_owned(),
            time: evening(),
            levels: ready.iter().enumerate().map(level).collect(),
            outages: vec![OUTAGE],
            failures_s: vec![8_014.0, 9_000.0, 9_001.0, 12_000.0],
            moments: vec![
                phrase(3_120.0, "first failed provisioning", By::Both, 1),
                phrase(6_900.0, "no worker is ready", By::Simulated, 3),
                phrase(8_014.0, "first lease failure", By::Both, 0),
                phrase(10_020.0, "alert page pages", By::Both, 1),
                phrase(10_100.0, "prepare-standby", By::Simulated, 2),
                phrase(
                    12_000.0,
                    "the provider acknowledges an issue in several regions",
                    By::Published,
                    5,
                ),
                phrase(28_000.0, "mitigate", By::Simulated, 2),
            ],
        })
    });
}

#[test]
fn fan_of_a_pool() {
    check("fan", || {
        let middle = [
            7.6, 7.4, 5.0, 2.5, 0.6, 0.0, 0.0, 0.0, 0.0, 1.0, 6.4, 7.4, 7.5,
        ];
        let point = |(place, p50): (usize, &f64)| FanPoint {
            at_s: 2_400.0 * place as f64,
            p05: (p50 - 2.5).max(0.0),
            p25: (p50 - 1.0).max(0.0),
            p50: *p50,
            p75: (p50 + 0.8).min(8.0),
            p95: (p50 + 2.0).min(8.0),
        };
        let points: Vec<FanPoint> = middle.iter().enumerate().map(point).collect();
        fan::draw(&Fan {
            title: fan::title(
                "westus2/ubuntu",
                &points,
                (OUTAGE.from_s, "after the outage began"),
            ),
            subtitle: "1,000 replications, seed 1".to_owned(),
            time: evening(),
            target_workers: (8, 8),
            points,
            outages: vec![OUTAGE],
        })
    });
}

fn curve(name: &str, first_s: f64, published_s: Option<f64>) -> SurvivalCurve {
    let point = |place: u32| {
        let survival = 1.0 - f64::from(place) * 0.07;
        let within = (survival * (1.0 - survival) / 40.0).sqrt() * 1.96;
        SurvivalPoint {
            at_s: first_s + f64::from(place * place) * 60.0,
            survival,
            low: (place < 13).then_some((survival - within).max(0.0)),
            high: (place < 13).then_some((survival + within).min(1.0)),
            censored: if place % 6 == 5 { 2 } else { 0 },
        }
    };
    SurvivalCurve {
        name: name.to_owned(),
        points: (1..=13).map(point).collect(),
        published_s,
    }
}

#[test]
fn survival_of_pools() {
    check("survival", || {
        let curves = vec![
            curve("westus2/ubuntu", 2_400.0, Some(4_860.0)),
            curve("westeurope/ubuntu", 6_000.0, Some(9_660.0)),
            curve("australiaeast/ubuntu", 12_000.0, None),
        ];
        survival::draw(&Survival {
            title: survival::title(
                "First failed lease",
                "after the first failed provisioning",
                &curves,
            ),
            subtitle: "1,000 replications, seed 1 · pointwise 95% bands · ticks: censored"
                .to_owned(),
            since: "after the first failed provisioning".to_owned(),
            share_of: "replications without a failed lease".to_owned(),
            from_s: 0.0,
            until_s: 25_000.0,
            curves,
        })
    });
}

fn swept(values: Values) -> Swept {
    let hours = [0.8, 1.3, 2.1, 2.9, 3.6].map(|hours| hours * 3_600.0);
    let mut estimates: Vec<Estimate> = hours
        .iter()
        .map(|at| estimate(*at, at * 0.85, at * 1.2))
        .collect();
    estimates[4].high = None;
    estimates.push(Estimate {
        low: Some(13_500.0),
        n: 1_000,
        ..Estimate::default()
    });
    estimates.push(Estimate::default());
    let mut swept = Swept {
        title: String::new(),
        subtitle: "1,000 replications a value, seed 1 · 95% intervals".to_owned(),
        axis: "target of westus2/ubuntu (workers)".to_owned(),
        measure: "median time from the first failed provisioning to the first failed lease"
            .to_owned(),
        unit: "s".to_owned(),
        values,
        estimates,
    };
    swept.title = depletion::title("First failed lease", &swept);
    swept
}

#[test]
fn depletion_by_number_and_by_category() {
    let at = vec![4.0, 8.0, 12.0, 16.0, 20.0, 28.0, 40.0];
    let unit = "workers".to_owned();
    check("depletion", || {
        depletion::draw(&swept(Values::Numbers {
            unit: unit.clone(),
            at: at.clone(),
        }))
    });
    let names = [
        "base",
        "page-on-provisioning",
        "keep-leases",
        "diversified",
        "second-region",
    ];
    let mut names: Vec<String> = names.map(str::to_owned).into();
    names.extend(["twice-the-stock-and-more".to_owned(), "none".to_owned()]);
    check("depletion-categories", || {
        depletion::draw(&swept(Values::Categories(names.clone())))
    });
}

#[test]
fn heat_map_with_a_threshold() {
    check("heat-map", || {
        let value = |cell: usize| {
            let (column, row) = (cell % 8, cell / 8);
            let seconds = 1_500.0 * (column + 1) as f64 * (8 - row) as f64 / 3.0;
            (seconds < 28_000.0).then_some(seconds)
        };
        let mut map = HeatMap {
            title: String::new(),
            subtitle: "200 replications a cell, seed 1 · –: not within the scenario".to_owned(),
            across: (
                "target of westus2/ubuntu (workers)".to_owned(),
                (1..=8).map(|step| (4 * step).to_string()).collect(),
            ),
            upwards: (
                "jobs of a tenant in the busiest hour".to_owned(),
                (1..=6).map(|step| format!("0.{step}/h")).collect(),
            ),
            measure: "Median time to the first failed lease".to_owned(),
            unit: "s".to_owned(),
            values: (0..48).map(value).collect(),
            threshold: Some(Threshold {
                value: 10_800.0,
                label: "3h: as long as the longest outage of the year".to_owned(),
            }),
        };
        map.title = heat_map::title(&map);
        heat_map::draw(&map)
    });
}

#[test]
fn sizing_with_its_answer() {
    check("sizing", || {
        let level = |step: u32| {
            let workers = f64::from(4 * step);
            let spared = (workers * workers / 1_600.0).min(1.0) * 0.98 + 0.01;
            let within = 1.96 * (spared * (1.0 - spared) / 400.0).sqrt();
            Sized {
                workers,
                spared: estimate(
                    spared,
                    (spared - within).max(0.0),
                    (spared + within).min(1.0),
                ),
                burden: Some(workers * 7.3),
            }
        };
        let mut data = Sizing {
            title: String::new(),
            asked: "no lease fails in an outage".to_owned(),
            subtitle: "400 replications a level, seed 1 · pointwise 95% band".to_owned(),
            axis: "target of westus2/ubuntu (workers)".to_owned(),
            levels: (1..=13).map(level).collect(),
            required: 0.95,
            answer_workers: Some(40.0),
            burden: Some("idle worker-hours in the scenario".to_owned()),
        };
        data.title = data.title("westus2/ubuntu");
        sizing::draw(&data)
    });
}

#[test]
fn differences_of_variants() {
    check("differences", || {
        let row = |name: &str, it: Estimate| (name.to_owned(), it);
        let measures = vec![
            Compared {
                measure: "failed leases, westus2/ubuntu".to_owned(),
                unit: "requests".to_owned(),
                better: Some(Better::Less),
                rows: vec![
                    row("page-on-provisioning", estimate(-1.5, -1.8, -1.2)),
                    row("keep-leases", estimate(-0.4, -0.9, 0.1)),
                    row(
                        "a-variant-whose-name-is-rather-long",
                        estimate(0.8, 0.2, 1.4),
                    ),
                ],
            },
            Compared {
                measure: "first failed lease, westus2/ubuntu".to_owned(),
                unit: "s".to_owned(),
                better: Some(Better::More),
                rows: vec![
                    row("page-on-provisioning", estimate(240.0, -60.0, 540.0)),
                    row(
                        "keep-leases",
                        Estimate {
                            high: None,
                            ..estimate(1_500.0, 700.0, 0.0)
                        },
                    ),
                    row("unattended", Estimate::default()),
                ],
            },
            Compared {
                measure: "pages".to_owned(),
                unit: "pages".to_owned(),
                better: None,
                rows: vec![row("keep-leases", estimate(0.0, 0.0, 0.0))],
            },
        ];
        differences::draw(&Differences {
            title: differences::title(&measures, &[]),
            subtitle: "variant less base, 1,000 pairs of replications, seed 1 · 95% intervals"
                .to_owned(),
            measures,
        })
    });
}

#[test]
fn calls_to_a_dependency() {
    check("dependency", || {
        let made = [
            10.0, 10.0, 75.0, 50.0, 48.0, 49.0, 40.0, 20.0, 12.0, 12.0, 12.0, 12.0,
        ];
        let slice = |(place, made): (usize, &f64)| CallRates {
            at_s: 2_400.0 * place as f64,
            made_per_min: *made,
            repeated_per_min: (made - 12.0).max(0.0),
            good_per_min: if *made < 30.0 { made.min(12.0) } else { 0.0 },
            wasted_per_min: if *made < 45.0 { 0.0 } else { 40.0 },
            backlog_max: made * 6.0,
        };
        dependency::draw(&Calls {
            title: "identity-eastus: congested for 5h57m; 64% of the calls it served were served after the caller gave up".to_owned(),
            subtitle: "made by hand".to_owned(),
            time: evening(),
            slices: made.iter().enumerate().map(slice).collect(),
            moments: vec![Event {
                at_s: 4_800.0,
                what: "congested".to_owned(),
                by: By::Both,
                rank: 0,
            }],
        })
    });
}

#[test]
fn what_decides_a_result() {
    let bar = |name: &str, first, total| Bar {
        name: name.to_owned(),
        estimates: vec![first, total],
        note: String::new(),
    };
    let bars = Bars {
        title: "tenants.count matters most for time to survive, westeurope/all".to_owned(),
        subtitle: "made by hand".to_owned(),
        axis: "share of the variance of the mean that unknown values cause".to_owned(),
        unit: "share".to_owned(),
        keys: vec!["first order".to_owned(), "total".to_owned()],
        rows: vec![
            bar(
                "tenants.count",
                estimate(0.5, 0.45, 0.55),
                estimate(0.6, 0.56, 0.64),
            ),
            bar(
                "wait_timeout",
                estimate(-0.01, -0.04, 0.02),
                estimate(0.01, 0.0, 0.02),
            ),
            bar("unknown", Estimate::default(), Estimate::default()),
        ],
        parts: Some([
            ("each value alone", estimate(0.6, 0.55, 0.65)),
            ("combinations", estimate(0.1, 0.05, 0.15)),
            ("randomness", estimate(0.3, 0.27, 0.33)),
        ]),
    };
    check("sensitivity", || sensitivity::draw(&bars));
}

#[test]
fn nothing_to_show_is_drawn_all_the_same() {
    let empty = Estimate::default();
    within_the_paper(&fan::draw(&Fan {
        title: fan::title("none", &[], (0.0, "after the start")),
        subtitle: String::new(),
        time: evening(),
        target_workers: (0, 0),
        points: Vec::new(),
        outages: Vec::new(),
    }));
    within_the_paper(&sizing::draw(&Sizing {
        title: "none".to_owned(),
        subtitle: String::new(),
        asked: "no lease fails".to_owned(),
        axis: String::new(),
        levels: vec![Sized {
            workers: 3.0,
            spared: empty,
            burden: None,
        }],
        required: 0.999,
        answer_workers: None,
        burden: None,
    }));
    let mut alone = swept(Values::Categories(vec!["one".to_owned()]));
    alone.estimates = vec![empty];
    within_the_paper(&depletion::draw(&alone));
}
