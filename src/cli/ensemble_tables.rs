//! Tables of what many replications say together.

use crate::cli::table::table;
use crate::cli::{paint, plot, words};
use crate::experiment::ensemble::Ensemble;
use crate::experiment::measure::{self, Kind, MEASURES, Measure, Subject};
use crate::experiment::summary::Summary;
use crate::output::origin::Origin;
use crate::scenario::Scenario;
use crate::stats::quantile::quantile_counted;
use crate::stats::survival::Survival;

/// The survival curves of pools, up to what nearly all outages last: drawn, and their shares at the
/// quarters. The same clock as the chart's.
pub(super) fn lasting(scenario: &Scenario, found: &Ensemble, with_table: bool) -> String {
    let length = measure::place(MEASURES, "outage_s");
    let pools = 0..scenario.pools.len();
    let lengths = pools.flat_map(|pool| found.counted(Subject::Pool(pool), length));
    let Some(long) = quantile_counted(lengths.collect(), 0.95).point else {
        return String::new();
    };
    let origin = Origin::of(scenario, found);
    let curves = scenario
        .pools
        .iter()
        .enumerate()
        .filter_map(|(place, pool)| {
            let curve = found.curve(place, origin.clock())?;
            let met = Some(0.0) < found.about(place, "outage_s").present.point;
            // Where none can fail, or a standby never opens, a curve of 100% would say nothing.
            let shows = met && scenario.requests_can_fail(place) && !found.never_opened(place);
            (shows && 0 < curve.n).then_some((pool.name.as_str(), curve))
        });
    let curves: Vec<(&str, Survival)> = curves.collect();
    if curves.is_empty() {
        return String::new();
    }
    let times = [1, 2, 3, 4].map(|quarter| long * f64::from(quarter) / 4.0);
    let rows = curves.iter().map(|(name, curve)| {
        let mut row = vec![(*name).to_owned()];
        row.extend(times.iter().map(|at| share_at(curve, *at)));
        let mean = curve.restricted_mean(long.min(curve.until));
        row.push(words::estimate(mean, "s", words::NONE));
        row
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let names = times.map(words::duration);
    let mut header = vec!["pool"];
    header.extend(names.iter().map(String::as_str));
    header.push("mean, up to there");
    let title = format!("Pools without a failed lease, so long {}", origin.after());
    let drawn = plot::survival(&curves, long);
    if !with_table {
        return format!("{}\n{drawn}", paint::title(&title));
    }
    format!(
        "\n{}\n{drawn}\n{}",
        paint::title(&title),
        table(&header, &[], &rows)
    )
}

/// The share that lasts longer, with its band.
fn share_at(curve: &Survival, at: f64) -> String {
    let step = curve.at(at);
    // Beyond the last observation, survival is unknown.
    match at <= curve.until || step.survival == 0.0 {
        true => words::share_between(step.survival, (step.low, step.high)),
        false => words::NONE.to_owned(),
    }
}

/// Measures of one kind, with their places.
fn of_kind(
    found: &Ensemble,
    subject: Subject,
    kind: Kind,
) -> impl Iterator<Item = (usize, &'static Measure)> {
    let measures = subject.measures().iter().enumerate();
    measures.filter(move |(place, measure)| measure.kind == kind && found.asks(subject, *place))
}

pub(super) fn clocks(found: &Ensemble, subject: Subject) -> String {
    let mut rows = Vec::new();
    for (place, measure) in of_kind(found, subject, Kind::TimeToEvent) {
        let summary = found.summary_of(subject, place);
        if summary.present.point == Some(0.0) {
            rows.push(vec![measure.name.to_owned(), "never".to_owned()]);
            continue;
        }
        let mut row = vec![measure.name.to_owned()];
        row.push(words::estimate(summary.present, "share", words::NONE));
        let later = |estimate| words::estimate(estimate, measure.unit, "not within the scenario");
        row.extend(summary.quantiles.map(later));
        rows.push(row);
    }
    let [low, high] = words::ends(found.n);
    match rows.is_empty() {
        true => String::new(),
        false => table(&["clock", "occurs", low, "median", high], &[], &rows),
    }
}

pub(super) fn figures(found: &Ensemble, subject: Subject) -> String {
    let mut rows = Vec::new();
    for (place, measure) in of_kind(found, subject, Kind::Quantity) {
        let summary = found.summary_of(subject, place);
        if summary.present.point == Some(0.0) {
            continue;
        }
        let mut row = vec![measure.name.to_owned()];
        row.push(mean(&summary, measure.unit));
        let point = |place: usize| words::some(summary.quantiles[place].point, measure.unit);
        row.extend([point(0), point(1), point(2)]);
        rows.push(row);
    }
    let [low, high] = words::ends(found.n);
    let header = ["figure", "mean", low, "median", high];
    match rows.is_empty() {
        true => String::new(),
        false => table(&header, &header[2..], &rows),
    }
}

/// A mean with its interval; where too few values are not 0 for one, how many are.
pub(crate) fn mean(summary: &Summary, unit: &str) -> String {
    let text = words::estimate(summary.mean, unit, words::NONE);
    let few = summary.mean.low.is_none() && summary.mean.point.is_some_and(|mean| mean != 0.0);
    if few {
        let share = words::estimate(summary.nonzero, "share", words::NONE);
        return format!("{text}; not 0 in {share}");
    }
    text
}
