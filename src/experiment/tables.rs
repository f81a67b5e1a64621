//! Results as tables. Each column is named here, and nowhere else.

use std::iter::once;

use crate::experiment::break_even::BreakEven;
use crate::experiment::compare::Comparison;
use crate::experiment::condensed::QUANTILE_ERROR;
use crate::experiment::ensemble::Ensemble;
use crate::experiment::measure::{Better, MEASURES, Subject};
use crate::experiment::run::{Outcome, within};
use crate::experiment::size::Sizing;
use crate::experiment::sweep::Cell;
use crate::experiment::table::{Table, Value, ends, estimate, text};
use crate::experiment::trace::Trace;
use crate::experiment::unknown::ends_of;
use crate::scenario::Scenario;
use crate::scenario::vary::design::Plan;

/// A row for each subject and measure of one replication.
pub fn measures<'a>(scenario: &'a Scenario, outcome: &'a Outcome) -> Table<'a> {
    let rows = Subject::all(scenario).into_iter().flat_map(|subject| {
        let (kind, name) = subject.named(scenario);
        let measures = subject.measures().iter().zip(outcome.row(subject));
        measures.map(move |(measure, value)| {
            let texts = [kind, name, measure.name, measure.unit];
            texts
                .map(text)
                .into_iter()
                .chain(once(Value::Number(value)))
                .collect()
        })
    });
    Table::new(["kind", "name", "measure", "unit", "value"], rows)
}

/// A row for each slice of time of each dependency in one replication.
pub fn dependencies<'a>(scenario: &'a Scenario, outcome: &'a Outcome) -> Table<'a> {
    let columns = [
        "time_s",
        "utc",
        "dependency",
        "calls",
        "calls_repeated",
        "calls_good",
        "calls_wasted",
        "calls_rejected",
        "calls_shed",
        "callers_lost",
        "queue_max",
        "backlog_max",
    ];
    let rows = scenario.dependencies.iter().enumerate();
    let rows = rows.flat_map(move |(place, name)| {
        outcome.slices(scenario, place).map(move |(at, slice)| {
            let counts = [
                slice.offered,
                slice.retries,
                slice.good,
                slice.wasted,
                slice.rejected,
                slice.shed,
                slice.lost,
                slice.queue_max.into(),
                slice.orbit_max.into(),
            ];
            let mut row = vec![
                Value::Number(Some(scenario.seconds(at))),
                text(scenario.utc(at).to_string()),
                text(name),
            ];
            row.extend(counts.map(Value::Count));
            row
        })
    });
    Table::new(columns, rows)
}

/// A row for each pool at the start, at each instant at which one of its levels changed, and at the end, so
/// that integrals over the rows are those over the time that was measured.
pub fn levels<'a>(scenario: &'a Scenario, outcome: &'a Outcome) -> Table<'a> {
    let columns = [
        "time_s",
        "utc",
        "pool",
        "ready",
        "pending",
        "leased",
        "deleting",
        "waiting",
        "failed_leases",
    ];
    let pools = scenario.pools.iter().zip(&outcome.levels);
    let rows = pools.flat_map(move |(pool, levels)| {
        let noted = within(levels, scenario.setup.start, outcome.until);
        noted.into_iter().map(move |noted| {
            let levels = [
                noted.ready,
                noted.pending,
                noted.leased,
                noted.deleting,
                noted.waiting,
            ];
            let mut row = vec![
                Value::Number(Some(scenario.seconds(noted.at))),
                text(scenario.utc(noted.at).to_string()),
                text(&pool.name),
            ];
            row.extend(levels.map(|level| Value::Count(level.into())));
            row.push(Value::Count(noted.failed));
            row
        })
    });
    Table::new(columns, rows)
}

/// A row for everything that happened in one replication.
pub fn events<'a>(scenario: &'a Scenario, trace: &'a Trace) -> Table<'a> {
    let columns = [
        "time_s", "utc", "pool", "event", "worker", "class", "tenant", "outage", "region", "alert",
        "step", "cause",
    ];
    let rows = trace.entries.iter().map(|entry| {
        let window = entry.window.map(|place| &scenario.windows[place]);
        let name = |name: Option<&'a String>| text(name.map_or("", String::as_str));
        let number = |number: Option<u64>| Value::Number(number.map(|number| number as f64));
        vec![
            Value::Number(Some(scenario.seconds(entry.at))),
            text(scenario.utc(entry.at).to_string()),
            name(entry.pool.map(|place| &scenario.pools[place].name)),
            text(entry.event),
            number(entry.worker),
            name(entry.class.map(|place| &scenario.classes[place].name)),
            number(entry.tenant.map(u64::from)),
            name(window.map(|window| &window.outage)),
            name(window.map(|window| &window.region)),
            name(entry.alert.map(|place| &scenario.alerts[place])),
            name(entry.step.map(|place| &scenario.steps[place])),
            text(entry.cause.unwrap_or("")),
        ]
    });
    Table::new(columns, rows)
}

/// Columns of where figures lie for values that are not known, where those are drawn from a sample.
const IGNORANCE: [&str; 8] = [
    "present_share_ignorance_low",
    "present_share_ignorance_high",
    "nonzero_share_ignorance_low",
    "nonzero_share_ignorance_high",
    "mean_ignorance_low",
    "mean_ignorance_high",
    "p50_ignorance_low",
    "p50_ignorance_high",
];

/// Columns of what an ensemble says about one measure.
pub(crate) fn summary_columns(uncertain: bool) -> Vec<&'static str> {
    let mut columns = vec!["kind", "name", "measure", "unit", "n", "present_n"];
    for name in [
        ["present_share", "present_share_low", "present_share_high"],
        ["nonzero_share", "nonzero_share_low", "nonzero_share_high"],
        ["mean", "mean_low", "mean_high"],
        ["p05", "p05_low", "p05_high"],
        ["p50", "p50_low", "p50_high"],
        ["p95", "p95_low", "p95_high"],
    ] {
        columns.extend(name);
    }
    columns.push("sd");
    columns.extend(IGNORANCE.iter().filter(|_| uncertain));
    columns
}

/// A row for each subject and measure of an ensemble; of some measures only, if any are named.
fn summary_rows<'a>(
    scenario: &'a Scenario,
    ensemble: &'a Ensemble,
    measures: Option<&'a [&'a str]>,
) -> impl Iterator<Item = Vec<Value<'a>>> {
    Subject::all(scenario).into_iter().flat_map(move |subject| {
        let (kind, name) = subject.named(scenario);
        let places = subject.measures().iter().enumerate();
        let places = places.filter(move |(_, measure)| {
            measures.is_none_or(|measures| measures.contains(&measure.name))
        });
        let places = places.filter(move |(place, _)| ensemble.asks(subject, *place));
        places.map(move |(place, measure)| {
            let summary = ensemble.summary_of(subject, place);
            let n = [ensemble.n, summary.mean.n].map(|n| Value::Count(n as u64));
            let texts = [kind, name, measure.name, measure.unit];
            let mut row = texts.map(text).to_vec();
            row.extend(n);
            row.extend(ends(summary.present));
            row.extend(ends(summary.nonzero));
            row.extend(ends(summary.mean));
            row.extend(summary.quantiles.into_iter().flat_map(ends));
            row.push(Value::Number(summary.sd));
            if !ensemble.rows.is_empty() {
                let ends = ends_of(ensemble, (subject, place), &summary).into_iter();
                let ends = ends.flat_map(|ends| ends.map_or([None; 2], |ends| ends.map(Some)));
                let finite = ends.map(|end| end.filter(|end| end.is_finite()));
                row.extend(finite.map(Value::Number));
            }
            row
        })
    })
}

/// A row for each subject and measure of an ensemble. Where only summaries are kept, `quantile_error` is by how much
/// quantiles can lie below those of the values, as a share of them.
pub fn summary<'a>(scenario: &'a Scenario, ensemble: &'a Ensemble) -> Table<'a> {
    let error = ensemble.is_summarised().then_some(QUANTILE_ERROR);
    let mut columns = summary_columns(!ensemble.rows.is_empty());
    columns.extend(error.map(|_| "quantile_error"));
    let rows = summary_rows(scenario, ensemble, None);
    let rows = rows.map(move |row| {
        let error = error.map(|error| Value::Number(Some(error)));
        row.into_iter().chain(error).collect()
    });
    Table::new(columns, rows)
}

/// The same of a cell of a sweep, after its place in the plan and the value of each axis; of some measures
/// only, if any are named.
pub fn cell<'a>(plan: &'a Plan, cell: &'a Cell<'_>, measures: Option<&'a [&'a str]>) -> Table<'a> {
    let axes = plan.axes.iter().map(|axis| axis.path.as_str());
    let columns = once("cell").chain(axes);
    let columns = columns.chain(summary_columns(!cell.ensemble.rows.is_empty()));
    let values = plan.values(cell.number);
    let rows = summary_rows(cell.scenario, &cell.ensemble, measures).map(move |row| {
        let begin = once(Value::Count(cell.number as u64));
        let values = values.iter().map(|value| text(value.clone()));
        begin.chain(values).chain(row).collect()
    });
    Table::new(columns, rows)
}

/// A row for each step of the survival curve of each clock of each pool.
pub fn survival<'a>(scenario: &'a Scenario, ensemble: &'a Ensemble) -> Table<'a> {
    let columns = [
        "pool",
        "clock",
        "time_s",
        "at_risk",
        "events",
        "censored",
        "survival_share",
        "survival_share_low",
        "survival_share_high",
    ];
    let clocks = || MEASURES.iter().map(|measure| measure.name);
    let pools = scenario.pools.iter().enumerate();
    let rows = pools.flat_map(move |(place, pool)| {
        let curves = clocks().filter_map(move |clock| Some((clock, ensemble.curve(place, clock)?)));
        curves.flat_map(move |(clock, curve)| {
            curve.steps.into_iter().map(move |step| {
                let counts = [step.at_risk, step.events, step.censored];
                let shares = [step.survival, step.low, step.high];
                let mut row = vec![text(&pool.name), text(clock), Value::Number(Some(step.at))];
                row.extend(counts.map(|count| Value::Count(count as u64)));
                row.extend(shares.map(|share| Value::Number(Some(share))));
                row
            })
        })
    });
    Table::new(columns, rows)
}

/// A row for each instant and pool, a column for each quantile of the ready level.
pub fn fan<'a>(scenario: &'a Scenario, ensemble: &'a Ensemble) -> Table<'a> {
    let columns = [
        "time_s",
        "utc",
        "pool",
        "n",
        "ready_p05",
        "ready_p25",
        "ready_p50",
        "ready_p75",
        "ready_p95",
    ];
    let rows = scenario.pools.iter().enumerate().flat_map(|(place, pool)| {
        let bands = ensemble.levels(scenario, place).into_iter();
        bands.map(|band| {
            let utc = scenario.utc(scenario.instant_at(band.at_s)).to_string();
            let mut row = vec![
                Value::Number(Some(band.at_s)),
                text(utc),
                text(&pool.name),
                Value::Count(band.n as u64),
            ];
            row.extend(band.levels.map(Value::Number));
            row
        })
    });
    Table::new(columns, rows)
}

/// A row for each replication and pool, a column for each measure. No columns where only summaries are kept.
pub fn replications<'a>(scenario: &'a Scenario, ensemble: &'a Ensemble) -> Table<'a> {
    let pools = (0..scenario.pools.len()).map(Subject::Pool);
    by_replication(scenario, ensemble, "pool", pools)
}

/// A row for each replication and demand class, a column for each measure. No columns where only summaries are kept.
pub fn classes<'a>(scenario: &'a Scenario, ensemble: &'a Ensemble) -> Table<'a> {
    let classes = (0..scenario.classes.len()).map(Subject::Class);
    by_replication(scenario, ensemble, "class", classes)
}

/// A row for each replication and each of some subjects of one kind.
fn by_replication<'a>(
    scenario: &'a Scenario,
    ensemble: &'a Ensemble,
    kind: &'static str,
    subjects: impl Iterator<Item = Subject>,
) -> Table<'a> {
    if ensemble.is_summarised() {
        return Table::joined([]);
    }
    let asked = |subject: Subject| {
        let measures = subject.measures().iter().enumerate();
        measures.filter(move |it| ensemble.asks(subject, it.0))
    };
    let subjects: Vec<Subject> = subjects
        .filter(|subject| asked(*subject).next().is_some())
        .collect();
    let mut columns = vec!["replication", kind];
    let names = subjects.first().into_iter().flat_map(|it| asked(*it));
    columns.extend(names.map(|(_, measure)| measure.name));
    // Each column is read from its beginning to its end, which is quicker than to look up each value.
    let values = subjects.iter().map(|subject| {
        let values = asked(*subject).map(|(place, _)| ensemble.column_of(*subject, place));
        (subject.named(scenario).1, values.collect::<Vec<_>>())
    });
    let mut values: Vec<_> = values.collect();
    let rows = (0..ensemble.n).flat_map(move |replication| {
        let rows = values.iter_mut().map(|(name, columns)| {
            let mut row = vec![Value::Count(replication as u64), text(*name)];
            let numbers = columns.iter_mut().map(|it| it.next().flatten());
            row.extend(numbers.map(Value::Number));
            row
        });
        rows.collect::<Vec<_>>()
    });
    Table::new(columns, rows)
}

/// A row for each replication, a column for each measure of the incident, and for each measure of each
/// dependency, as `dependency:measure`. No columns where only summaries are kept.
pub fn incidents<'a>(scenario: &'a Scenario, ensemble: &'a Ensemble) -> Table<'a> {
    if ensemble.is_summarised() {
        return Table::joined([]);
    }
    let subjects = Subject::all(scenario).into_iter();
    let subjects: Vec<Subject> = subjects
        .filter(|it| matches!(it, Subject::Incident | Subject::Dependency(_)))
        .collect();
    let names = subjects.iter().flat_map(|subject| {
        let prefix = match subject {
            Subject::Dependency(place) => format!("{}:", scenario.dependencies[*place]),
            _ => String::new(),
        };
        let measures = subject.measures().iter().enumerate();
        let asked = measures.filter(|it| ensemble.asks(*subject, it.0));
        asked.map(move |(_, measure)| format!("{prefix}{}", measure.name))
    });
    let columns: Vec<String> = once("replication".to_owned()).chain(names).collect();
    let rows = (0..ensemble.n).map(move |replication| {
        let values = subjects
            .iter()
            .flat_map(|it| ensemble.row(replication, *it));
        once(Value::Count(replication as u64))
            .chain(values.map(Value::Number))
            .collect()
    });
    Table::new(columns, rows)
}

/// A row for each variant, subject and measure of comparisons, by the names of the variants.
pub fn compare(comparisons: &[(String, Comparison)]) -> Table<'_> {
    let names = ["variant", "kind", "name", "measure", "unit", "better", "n"];
    let mut columns = names.map(str::to_owned).to_vec();
    for name in [
        "base_mean",
        "variant_mean",
        "difference",
        "less_share",
        "more_share",
    ] {
        columns.extend(estimate(name));
    }
    columns.push("variance_ratio".to_owned());
    let rows = comparisons.iter().flat_map(|(variant, comparison)| {
        comparison.rows.iter().map(move |row| {
            let better = row.better.map_or("", Better::name);
            let texts = [variant, row.kind, &row.name, row.measure, row.unit, better];
            let mut cells = texts.map(text).to_vec();
            cells.push(Value::Count(row.base.n as u64));
            let of_pairs = [row.paired.difference, row.paired.less, row.paired.more];
            let estimates = [row.base, row.variant].into_iter().chain(of_pairs);
            cells.extend(estimates.flat_map(ends));
            cells.push(Value::Number(row.paired.variance_ratio));
            cells
        })
    });
    Table::new(columns, rows)
}

/// A row for each level of a buffer: how likely it is to do, and what it costs where that was worked out. `path`
/// is where its level stands, and `price` what a ready worker costs an hour.
pub fn size<'a>(
    (pool, path): (&'a str, &'a str),
    sizing: &'a Sizing,
    price: Option<f64>,
    break_even: Option<&'a BreakEven>,
) -> Table<'a> {
    let names = ["pool", "path", "level", "n", "costs_n"];
    let mut columns = names.map(str::to_owned).to_vec();
    for name in [
        "does_share",
        "failed_leases_mean",
        "any_fails_share",
        "idle_worker_hours_mean",
        "calm_ready_mean",
        "idle_cost_mean",
        "cost_a_year",
        "total_cost_mean",
    ] {
        columns.extend(estimate(name));
    }
    let rows = sizing.levels.iter().enumerate().map(move |(place, level)| {
        let texts = [pool, path, level];
        let mut row = texts.map(text).to_vec();
        row.push(Value::Count(sizing.n as u64));
        let cost = sizing.costs.iter().find(|cost| cost.level == place);
        row.push(Value::Number(
            cost.map(|cost| cost.idle_worker_hours.n as f64),
        ));
        let costs = cost.map_or_else(Default::default, |cost| cost.estimates(price));
        let does = sizing.curve.iter().find(|likely| likely.level == place);
        let does = does.map(|likely| likely.success).unwrap_or_default();
        let mut expected = break_even.iter().flat_map(|it| &it.costs);
        let expected = expected.find(|cost| cost.level == place);
        let expected = expected.map(|cost| cost.cost).unwrap_or_default();
        let all = [does].into_iter().chain(costs).chain([expected]);
        row.extend(all.flat_map(ends));
        row
    });
    Table::new(columns, rows)
}
