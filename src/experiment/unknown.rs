//! Estimates where values are not known: each with the interval from the finite number of replications, and
//! with that for the true values.

use crate::experiment::compare::Comparison;
use crate::experiment::ensemble::Ensemble;
use crate::experiment::measure::{self, Kind, MEASURES, Subject};
use crate::experiment::size::Sizing;
use crate::experiment::summary::Summary;
use crate::scenario::Scenario;
use crate::stats::between::{Rows, TwoIntervals};

/// One figure with both intervals.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Uncertain {
    /// Of what: a pool, or a variant.
    pub name: String,
    pub what: String,
    pub unit: String,
    #[serde(flatten)]
    pub both: TwoIntervals,
}

/// What is shown of each pool: a share, means, and a quantile.
const MEANS: [(&str, &str); 3] = [
    ("failed_leases", "mean failed leases"),
    ("wait_mean_s", "mean wait"),
    ("empty_s", "mean time without a ready worker"),
];
const FAILURE: &str = "first_lease_failure_after_s";

/// The main estimates of every pool that something happens in; none where all values are known.
pub(crate) fn of_ensemble(scenario: &Scenario, found: &Ensemble) -> Vec<Uncertain> {
    if found.rows.is_empty() || !found.is_whole() {
        return Vec::new();
    }
    let rows = Rows::new(&found.rows);
    let mut all = Vec::new();
    for (place, pool) in scenario.pools.iter().enumerate() {
        let mut add = |what: &str, unit: &str, both| {
            all.push(Uncertain {
                name: pool.name.clone(),
                what: what.to_owned(),
                unit: unit.to_owned(),
                both,
            });
        };
        let failed = || found.sample(place, "failed_leases");
        let met = found.sample(place, "outages").flatten().any(|it| 0.0 < it);
        if !met && failed().flatten().all(|it| it == 0.0) {
            continue;
        }
        let none = failed().map(|it| it.unwrap_or(0.0) == 0.0);
        add("no failed lease", "share", rows.share(none));
        for (name, what) in MEANS {
            let at = measure::place(MEASURES, name);
            let values = || found.column_of(Subject::Pool(place), at);
            if values().flatten().any(|it| it != 0.0) {
                add(what, MEASURES[at].unit, rows.mean(values()));
            }
        }
        let at = measure::place(MEASURES, FAILURE);
        let times = || {
            found
                .column_of(Subject::Pool(place), at)
                .map(|it| it.unwrap_or(f64::INFINITY))
        };
        if times().any(f64::is_finite) {
            for (what, p) in [("median", 0.5), ("5%", 0.05)] {
                let both = rows.quantile(times(), p);
                if both.figure.point.is_some() {
                    add(&format!("first lease failure, {what}"), "s", both);
                }
            }
        }
    }
    all
}

/// Where four figures of a measure lie for the true values, which are not known, each absent where nothing is known of it:
/// the shares of replications with a value and with one that is not 0, the mean, and the median of a time.
pub(crate) fn ends_of(
    found: &Ensemble,
    (subject, place): (Subject, usize),
    of: &Summary,
) -> [Option<[f64; 2]>; 4] {
    let column = || found.column_of(subject, place);
    let rows = Rows::new(&found.rows);
    let present = found.rows.iter().copied().zip(column());
    let (own, values): (Vec<u32>, Vec<f64>) = present
        .filter_map(|(row, value)| Some((row, value?)))
        .unzip();
    let nonzero = Rows::new(&own).share(values.iter().map(|it| *it != 0.0));
    let is_time = subject.measures()[place].kind == Kind::TimeToEvent;
    let occurs = || column().map(|it| it.unwrap_or(f64::INFINITY));
    let median = is_time.then(|| rows.quantile(occurs(), 0.5).ends).flatten();
    let found = [
        rows.share(column().map(|it| it.is_some())).ends,
        nonzero.ends,
        rows.mean(column()).ends.filter(|_| of.mean.point.is_some()),
        median.filter(|_| of.quantiles[1].point.is_some()),
    ];
    found.map(|ends| ends.filter(|_| !values.is_empty()))
}

/// The differences that say most of a change, with both intervals.
pub(crate) fn of_comparison(name: &str, comparison: &Comparison, rows: &[u32]) -> Vec<Uncertain> {
    let rows = Rows::new(rows);
    let headlines = comparison.headlines().into_iter();
    let each = headlines
        .filter(|_| !comparison.pairs.is_empty())
        .filter_map(|(measure, _)| {
            let differences = comparison.pairs.get(measure.name)?;
            Some(Uncertain {
                name: name.to_owned(),
                what: measure.in_words(),
                unit: measure.unit.to_owned(),
                both: rows.mean(differences.iter().copied()),
            })
        });
    each.collect()
}

/// The least buffer with both intervals: the place of the level.
pub(crate) fn of_sizing(sizing: &Sizing) -> Option<TwoIntervals> {
    if sizing.rows.is_empty() || sizing.critical.is_empty() {
        return None;
    }
    let p = 1.0 - sizing.requirement.risk;
    Some(Rows::new(&sizing.rows).quantile(sizing.critical.iter().copied(), p))
}

/// The share of replications in which a level does, with both intervals.
pub(crate) fn success(sizing: &Sizing, level: usize) -> Option<TwoIntervals> {
    if sizing.rows.is_empty() || sizing.critical.is_empty() {
        return None;
    }
    let does = sizing.critical.iter().map(|it| *it <= level as f64);
    Some(Rows::new(&sizing.rows).share(does))
}
