//! Many replications: summaries of every measure, how long pools last, and their levels over time.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::experiment::class_measures::CLASS_MEASURES;
use crate::experiment::condensed::QUANTILE_ERROR;
use crate::experiment::dependency_measures::DEPENDENCY_MEASURES;
use crate::experiment::ensemble::Ensemble;
use crate::experiment::fan::outages;
use crate::experiment::measure::{INCIDENT_MEASURES, Kind, MEASURES, Measure};
use crate::experiment::names::Role;
use crate::experiment::replications::Stopped;
use crate::experiment::shortcut::Shortcut;
use crate::experiment::summary::Summary;
use crate::experiment::tables;
use crate::experiment::unknown::{Uncertain, of_ensemble};
use crate::output::chart::clock::TimeAxis;
use crate::output::chart::depletion::{self, Swept, Values};
use crate::output::chart::fan::{self, Fan, FanPoint};
use crate::output::chart::frame::Window;
use crate::output::chart::survival::{self, Survival, SurvivalCurve, SurvivalPoint};
use crate::output::folder::OutputError;
use crate::output::manifest::Manifest;
use crate::output::origin::Origin;
use crate::output::study::header::{Header, Words};
use crate::output::study::measured::{ByMeasure, Measured};
use crate::output::study::{Chart, Format, Results, Study, unknown};
use crate::output::table::{Align, Cell, Section, Table, columns};
use crate::output::{json, words};
use crate::scenario::Scenario;
use crate::scenario::vary::template::Template;
use crate::stats::Estimate;
use crate::stats::proportion::proportion;
use crate::stats::quantile::quantile;
use crate::stats::survival::Survival as Curve;

/// Curves that one chart can distinguish.
const CURVES_MAX: usize = 4;

/// The record of many replications.
#[derive(Serialize, Deserialize)]
pub(crate) struct Record {
    seed: u64,
    replications: usize,
    /// Why no more replications were run.
    stopped: String,
    budget_spent: u64,
    events: u64,
    digest: String,
    /// By how much quantiles can lie below those of the values, as a share of them, where only summaries are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quantile_error: Option<f64>,
    /// How replications were drawn where not every event was simulated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shortcut: Option<String>,
    /// The mean of failed leases by its conditional expectation, given the times without a ready worker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failed_leases_expected: Option<Estimate>,
    /// The main figures with both of their intervals, where values are drawn from a sample.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unknown: Vec<Uncertain>,
    #[serde(flatten)]
    measured: Measured<Summarised>,
}

/// The summary of a measure.
#[derive(Serialize, Deserialize)]
struct Summarised {
    present_share: Estimate,
    nonzero_share: Estimate,
    mean: Estimate,
    sd: Option<f64>,
    p05: Estimate,
    p50: Estimate,
    p95: Estimate,
}

impl From<Summary> for Summarised {
    fn from(summary: Summary) -> Self {
        let [p05, p50, p95] = summary.quantiles;
        Self {
            present_share: summary.present,
            nonzero_share: summary.nonzero,
            mean: summary.mean,
            sd: summary.sd,
            p05,
            p50,
            p95,
        }
    }
}

/// The study of many replications.
pub(crate) fn study<'a>(
    scenario: &'a Scenario,
    found: &'a Ensemble,
    (seed, format): (u64, Format),
    words: Words,
) -> Study<'a> {
    let tables = move || {
        vec![
            format.bytes(tables::summary(scenario, found)),
            format.bytes(tables::survival(scenario, found)),
            format.bytes(tables::fan(scenario, found)),
            format.bytes(tables::replications(scenario, found)),
            format.bytes(tables::incidents(scenario, found)),
            format.bytes(tables::classes(scenario, found)),
        ]
    };
    let value = |subject, place| {
        let asked = found.asks(subject, place);
        asked.then(|| found.summary_of(subject, place).into())
    };
    let record = Record {
        seed,
        replications: found.n,
        stopped: match found.stopped {
            Stopped::Count => "count",
            Stopped::Precise => "precise",
            Stopped::Cap => "cap",
            Stopped::Interrupted => "interrupted",
            Stopped::Absent => "absent",
        }
        .to_owned(),
        budget_spent: found.budget_spent as u64,
        events: found.events,
        digest: json::digest(found.digest),
        quantile_error: found.is_summarised().then_some(QUANTILE_ERROR),
        shortcut: found.shortcut().map(name).map(str::to_owned),
        failed_leases_expected: found.failed_leases_expected(),
        unknown: of_ensemble(scenario, found),
        measured: Measured::of(scenario, value),
    };
    let header = Header::new(Record::COMMAND, scenario, words);
    let study = Study::new(header, record, tables, charts(scenario, found, seed));
    study.in_format(format)
}

/// What documents call a shortcut.
fn name(shortcut: Shortcut) -> &'static str {
    match shortcut {
        Shortcut::GammaJump => "gamma_jump",
        Shortcut::JumpChain => "jump_chain",
    }
}

/// What an ensemble is asked.
pub(crate) struct Asked<'a> {
    pub template: &'a Template,
    pub replications: usize,
    pub precision: Option<f64>,
    pub seed: u64,
    /// Measures that are kept; all if there are none.
    pub measures: &'a [&'static str],
    pub pool: Option<&'a str>,
    /// Whether pools run that nothing is asked about.
    pub whole: bool,
    /// Whether every event is simulated.
    pub plain: bool,
    /// What is kept of each replication.
    pub keep: &'a str,
    /// Replications of a piece.
    pub piece: usize,
}

/// The same, in the words of its manifest.
pub(crate) fn manifest(asked: &Asked<'_>) -> Manifest {
    let template = asked.template;
    let fields = [
        ("engine", json!(json::ENGINE)),
        ("command", json!(Record::COMMAND)),
        ("scenario", json!(template.base.name)),
        ("scenario_digest", json!(json::digest(template.digest()))),
        ("seed", json!(asked.seed)),
        ("replications", json!(asked.replications)),
        ("precision", json!(asked.precision)),
        ("measures", json!(asked.measures)),
        ("pool", json!(asked.pool)),
        ("whole", json!(asked.whole)),
        ("plain", json!(asked.plain)),
        ("keep", json!(asked.keep)),
        ("piece", json!(asked.piece)),
        ("complete", json!(false)),
    ];
    let fields = fields.into_iter();
    fields.map(|(key, value)| (key.to_owned(), value)).collect()
}

/// The document of an ensemble that is finished, from its folder.
///
/// # Errors
/// If it cannot be read.
pub(crate) fn document(folder: &Path) -> Result<Vec<u8>, OutputError> {
    let path = folder.join(format!("{}.json", Record::COMMAND));
    std::fs::read(&path).map_err(|error| OutputError::reading(&path, error))
}

/// How long pools last, and a fan for each pool.
fn charts(scenario: &Scenario, found: &Ensemble, seed: u64) -> Vec<Chart> {
    let subtitle = format!("{}, seed {seed}", words::counted(found.n, "replication"));
    let origin = Origin::of(scenario, found);
    let survival = || survival::draw(&lasting(scenario, found, origin, &subtitle));
    let whole = found.is_whole();
    let survival = (whole && can_fail(scenario)).then(|| ("survival", "pools", None, survival()));
    // A shortcut leaves out levels over time.
    let seen = scenario
        .pools
        .iter()
        .enumerate()
        .filter(|_| found.shortcut().is_none());
    let fans = seen.map(|(place, pool)| {
        let drawing = fan::draw(&over_time(scenario, found, place, &subtitle));
        ("fan", &pool.name[..], Some(pool.name.clone()), drawing)
    });
    let risk = exceedance(scenario, found, &subtitle).filter(|_| whole);
    let risk = risk.map(|data| {
        let drawing = depletion::draw(&data);
        ("exceedance", "failed-leases", None, drawing)
    });
    Chart::named(survival.into_iter().chain(risk).chain(fans).collect())
}

/// The most levels of a chart of exceedance.
const LEVELS_MAX: usize = 12;

/// The share of replications in which more leases fail, over all pools, than each of some levels: the risk
/// curve that a buffer is bought against. Nothing where no lease fails, or where only summaries are kept.
fn exceedance(scenario: &Scenario, found: &Ensemble, subtitle: &str) -> Option<Swept> {
    if found.is_summarised() {
        return None;
    }
    let mut totals = vec![0.0; found.n];
    for pool in 0..scenario.pools.len() {
        for (total, failed) in totals.iter_mut().zip(found.sample(pool, "failed_leases")) {
            *total += failed.unwrap_or(0.0);
        }
    }
    let most = totals.iter().copied().fold(0.0, f64::max) as usize;
    if most == 0 {
        return None;
    }
    let step = most.div_ceil(LEVELS_MAX - 1);
    let levels: Vec<f64> = (0..=most.div_ceil(step))
        .map(|it| (it * step) as f64)
        .collect();
    let more = |level: &f64| totals.iter().filter(|total| level < total).count();
    let estimates = levels.iter().map(|level| proportion(more(level), found.n));
    let mut data = Swept {
        title: String::new(),
        subtitle: format!("{subtitle} · 95% intervals"),
        axis: "failed leases over all pools".to_owned(),
        measure: "share of replications with more".to_owned(),
        unit: "share".to_owned(),
        estimates: estimates.collect(),
        values: Values::Numbers {
            unit: "failed leases".to_owned(),
            at: levels,
        },
    };
    let median = quantile(&sorted(totals), 0.5).point.unwrap_or(0.0);
    data.title = format!(
        "Failed leases over all pools: {} in half of the replications or more, at most {most}",
        words::number(median)
    );
    Some(data)
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// Whether any request can fail: otherwise a chart of how long none does would be flat.
fn can_fail(scenario: &Scenario) -> bool {
    (0..scenario.pools.len()).any(|pool| scenario.requests_can_fail(pool))
}

/// The ready level of a pool over time.
pub(crate) fn over_time(
    scenario: &Scenario,
    found: &Ensemble,
    place: usize,
    subtitle: &str,
) -> Fan {
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
        true => "bands hold 50% and 90% of them",
        false => "the outer band holds all of them",
    }
}

/// How long pools last: those that run dry most often.
pub(crate) fn lasting(
    scenario: &Scenario,
    found: &Ensemble,
    origin: Origin,
    subtitle: &str,
) -> Survival {
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
        subtitle: format!("{subtitle} · bands hold 95%"),
        since: since.to_owned(),
        share_of: "replications without a failed lease".to_owned(),
        from_s: 0.0,
        until_s,
        curves,
    }
}

impl Results for Record {
    const COMMAND: &'static str = "ensemble";
    const TABLES: &'static [&'static str] = &[
        "summary.csv",
        "survival.csv",
        "fan.csv",
        "replications.csv",
        "incidents.csv",
        "classes.csv",
    ];

    fn asked(&self) -> String {
        words::counted(self.replications, "replication")
    }

    fn sections(&self, header: &Header) -> Vec<Section> {
        let measured = &self.measured;
        let (mut tables, mut folded) = (Vec::new(), Vec::new());
        tables.extend(unknown::table(&self.unknown));
        for (name, of) in &measured.pools {
            let target = header.targets.get(name).copied().unwrap_or_default();
            let caption = format!("{name}, target {target}");
            // Where only some were asked for, those are what to show.
            let some = of.len() < MEASURES.len();
            let main = |measure: &Measure| some || measure.has(Role::Shown);
            let main = self.summaries(&caption, of, MEASURES, main);
            let caption = format!("{name}: all measures");
            let all = self.summaries(&caption, of, MEASURES, |_| true);
            for (table, kept) in [(main, &mut tables), (all, &mut folded)] {
                kept.push(Table {
                    pool: Some(name.clone()),
                    ..table
                });
            }
        }
        let caption = "The incident. Times count from the beginning of the first outage.";
        let people = self.summaries(caption, &measured.incident, INCIDENT_MEASURES, |_| true);
        // Without alerts and steps there is no incident.
        let some = people
            .rows
            .iter()
            .any(|row| row[1].value != Some(0.0) && row[0].text != "pages");
        tables.extend(some.then_some(people));
        for (name, of) in &measured.dependencies {
            tables.push(self.summaries(name, of, DEPENDENCY_MEASURES, |_| true));
        }
        for (name, of) in &measured.classes {
            let caption = format!("Demand class {name}");
            tables.push(self.summaries(&caption, of, CLASS_MEASURES, |_| true));
        }
        let lead = "Intervals in brackets cover 95%. A time to an event that does not occur counts as later \
                    than all others; its mean is given only where it occurs in every replication.";
        vec![Section {
            heading: "Figures".to_owned(),
            lead: lead.to_owned(),
            tables,
            folded,
        }]
    }

    fn digests(&self) -> Vec<String> {
        vec![self.digest.clone()]
    }
}

impl Record {
    /// A row for each measure that was ever present and not always 0, or whose event might have occurred.
    fn summaries(
        &self,
        caption: &str,
        of: &ByMeasure<Summarised>,
        measures: &[Measure],
        shown: impl Fn(&Measure) -> bool,
    ) -> Table {
        let mut header = columns(&["measure"], Align::Words);
        let [low, high] = words::ends(self.replications);
        let names = ["present in", "mean", low, "median", high];
        header.extend(columns(&names, Align::Numbers));
        let found = |measure: &Measure, summary: &Summarised| {
            let zero = summary.nonzero_share.point == Some(0.0);
            let present = summary.present_share.point != Some(0.0);
            shown(measure)
                && (present || measure.kind == Kind::TimeToEvent)
                && !(zero && measure.has(Role::Rare))
        };
        let rows = measures.iter().filter_map(|measure| {
            let summary = of.get(measure.name)?;
            let late = match measure.kind {
                Kind::TimeToEvent => "not within",
                Kind::Quantity => words::NONE,
            };
            let quantile = |estimate| Cell::estimate(estimate, measure.unit, late);
            found(measure, summary).then(|| {
                vec![
                    Cell::measure(measure),
                    Cell::number(summary.present_share.point, "share"),
                    Cell::estimate(summary.mean, measure.unit, words::NONE),
                    quantile(summary.p05),
                    quantile(summary.p50),
                    quantile(summary.p95),
                ]
            })
        });
        Table::new(caption, header, rows)
    }
}
