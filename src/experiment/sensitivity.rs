//! Which of the values that a scenario assumes decide its results.

use std::fmt;
use std::num::NonZeroUsize;

use crate::experiment::measure::{Kind, MEASURES, Measure};
use crate::experiment::names::UnknownMeasure;
use crate::experiment::parallel;
use crate::experiment::progress::Progress;
use crate::experiment::sensitivity_runs::{Done, Study};
use crate::kernel::random::Seed;
use crate::model::id::PoolId;
use crate::scenario::Scenario;
use crate::scenario::names::UnknownName;
use crate::scenario::vary::parameters::Parameter;
use crate::scenario::vary::points::{DIMENSIONS_MAX, POINTS_MAX};
use crate::scenario::vary::template::Template;
use crate::stats::morris::{ElementaryEffects, elementary_effects};
use crate::stats::sobol::{SobolIndices, SobolRow, sobol_indices};

/// How sensitivity is measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize)]
#[non_exhaustive]
pub enum SensitivityMethod {
    /// Shares of variance (Sobol 1993), by the design of Saltelli and others (2010).
    #[default]
    Sobol,
    /// Elementary effects (Morris 1991): cheaper, and only an order of values.
    Morris,
}

/// The specification of a sensitivity analysis.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct SensitivitySpec {
    /// How it is measured.
    pub method: SensitivityMethod,
    /// Rows of Sobol's design, rounded up to a power of two between 64 and 2^20, or trajectories of Morris's, 4 at least;
    /// by default 1,024, or 128.
    pub points: Option<NonZeroUsize>,
    /// Measures of pools; if empty, those that say most.
    pub measures: Vec<String>,
    /// Pools by name; if empty, all.
    pub pools: Vec<String>,
    /// The master seed.
    pub seed: Seed,
    /// Number of threads; no result depends on it. One per processor if absent.
    pub threads: Option<NonZeroUsize>,
}

/// What a sensitivity analysis found.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Sensitivity {
    /// How it was measured.
    pub method: SensitivityMethod,
    /// Paths of the values that are not known.
    pub paths: Vec<String>,
    /// Paths of values with a prior that are not varied, since it cannot be put there.
    pub not_varied: Vec<String>,
    /// Rows of the design, or trajectories, that were run.
    pub rows: usize,
    /// Those that were to be run: more where the work was cancelled.
    pub planned: usize,
    /// Rows that were left out since the file does not allow one of their combinations of values.
    pub left_out: usize,
    /// Replications.
    pub replications: u64,
    /// Results by measure and pool, the one that says most first.
    pub outputs: Vec<SensitivityOutput>,
    /// A combination that is not allowed: where and why.
    pub(crate) constraint: Option<String>,
}

/// One measure of one pool, and what decides it.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct SensitivityOutput {
    /// The pool.
    pub pool: String,
    /// The measure.
    pub measure: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// Share of runs in which the event of a time did not occur, so that its time at risk counts: to the end of the scenario, or
    /// of the outage. Absent for quantities.
    pub not_occurred: Option<f64>,
    /// Rows that are left out since there was nothing to measure in one of their runs.
    pub nothing_measured: usize,
    /// What was found.
    pub found: SensitivityResult,
}

/// What was found of one output.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum SensitivityResult {
    /// It does not vary; its value in every run.
    Constant(f64),
    /// There was nothing to measure in too many runs.
    NothingMeasured,
    /// Shares of variance.
    Sobol(SobolIndices),
    /// Elementary effects of each value, in the unit of the measure for the whole range of its prior.
    Morris(Vec<ElementaryEffects>),
}

/// Why there are no sensitivities.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum NoSensitivity {
    /// No value that is free has a prior.
    NothingUnknown,
    /// More values than the design has dimensions for.
    TooManyValues(usize),
    /// There is no such measure of pools.
    Measure(UnknownMeasure),
    /// A time without a fixed origin: where its event does not occur, no time can stand for it.
    NoTimeAtRisk(&'static str),
    /// There is no such pool.
    Pool(UnknownName),
    /// The file does not allow a combination of values in more than half of the rows; an example.
    Constraint(String),
    /// The work was cancelled before enough was run.
    Interrupted,
}

impl fmt::Display for NoSensitivity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingUnknown => f.write_str(
                "no assumption has a `prior` for a single value that is not set otherwise, so that there is nothing to \
                 vary\n  help: add one, such as `prior: {log_uniform: [4, 60]}`",
            ),
            Self::TooManyValues(count) => write!(
                f,
                "{count} values have a prior, and the design has room for {}\n  help: use `--method morris`, or set \
                 some of them with `--set`",
                DIMENSIONS_MAX / 2
            ),
            Self::Measure(unknown) => unknown.fmt(f),
            Self::NoTimeAtRisk(measure) => write!(
                f,
                "`{measure}` counts from an instant that differs by run, so that where it does not occur no time can \
                 stand for it\n  help: choose a time from the start, the first failed provisioning or the beginning of the \
                 outage, such as `time_to_survive_s`"
            ),
            Self::Pool(unknown) => unknown.fmt(f),
            Self::Constraint(example) => write!(
                f,
                "the file does not allow more than half of the combinations of values that the priors give: {example}\n  \
                 help: narrow the priors until all combinations are allowed"
            ),
            Self::Interrupted => f.write_str("interrupted before enough was run; nothing was written"),
        }
    }
}

impl std::error::Error for NoSensitivity {}

/// Scramblings of the design, from which intervals come: as many independent estimates, each from fewer points.
pub(crate) const SCRAMBLINGS: usize = 16;
/// Fewest scramblings, or trajectories, of a cancelled analysis that give intervals.
const GROUPS_MIN: usize = 4;
/// Rows, and trajectories, by default.
const ROWS: usize = 1_024;
const TRAJECTORIES: usize = 128;
/// Fewest rows, and the most.
const ROWS_MIN: usize = 64;
pub(crate) const ROWS_MAX: usize = SCRAMBLINGS * POINTS_MAX as usize;

/// Measures by default: the first is for how long pools last.
const MEASURES_SHOWN: [&str; 2] = ["time_to_survive_s", "failed_leases"];
/// Those where no request fails.
const MEASURES_OF_WAITS: [&str; 2] = ["delayed_leases", "empty_s"];

/// Which of the values with a prior decide results, over chance and all of the values at once. The same for any number of
/// threads.
///
/// # Errors
/// If nothing is unknown, a name does not exist, or the file forbids most combinations of values.
///
/// # Examples
/// How long a pool lasts, by its target and its demand:
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use drawdown::scenario::Template;
/// use drawdown::study::{SensitivityResult, SensitivitySpec, sensitivity};
///
/// let assumptions = "
/// assumptions:
///   - {path: pools.anywhere/any.target, basis: reasoned, why: Unknown., prior: {uniform: [20, 40]}}
///   - {path: demand.leases.source.requests.rate, basis: reasoned, why: Unknown., prior: {uniform: [0.15/min, 0.35/min]}}
/// ";
/// let file = std::fs::read_to_string("examples/full-outage.yaml")?;
/// let file = file.replace("horizon: 2h", "horizon: 12h") + assumptions;
/// let template = Template::parse("full-outage.yaml", &file)?;
/// let spec = SensitivitySpec { points: std::num::NonZeroUsize::new(256), ..SensitivitySpec::default() };
/// let found = sensitivity(&template, &spec)?;
/// let SensitivityResult::Sobol(shares) = &found.outputs[0].found else { panic!("it varies") };
/// // Demand decides more than the target does.
/// assert!(shares.values[0].total.point < shares.values[1].total.point);
/// # Ok(())
/// # }
/// ```
pub fn sensitivity(
    template: &Template,
    spec: &SensitivitySpec,
) -> Result<Sensitivity, NoSensitivity> {
    sensitivity_with(template, spec, &())
}

/// The same, with progress reporting and cancellation: cancelled, it has what was complete, if that gives intervals.
///
/// # Errors
/// Those of [`sensitivity`], and [`NoSensitivity::Interrupted`].
pub fn sensitivity_with(
    template: &Template,
    spec: &SensitivitySpec,
    progress: &dyn Progress,
) -> Result<Sensitivity, NoSensitivity> {
    let parameters = Parameter::all(template);
    let sobol = spec.method == SensitivityMethod::Sobol;
    if parameters.is_empty() {
        return Err(NoSensitivity::NothingUnknown);
    } else if sobol && DIMENSIONS_MAX < 2 * parameters.len() {
        return Err(NoSensitivity::TooManyValues(parameters.len()));
    }
    let outputs = outputs(&template.base, spec)?;
    let study = Study {
        template,
        parameters: &parameters,
        outputs: &outputs,
        seed: spec.seed,
    };
    let planned = rows(spec);
    let done = parallel::with_threads(spec.threads, || match spec.method {
        SensitivityMethod::Sobol => study.sobol(planned / SCRAMBLINGS, progress),
        SensitivityMethod::Morris => study.morris(planned, progress),
    });
    let groups = match spec.method {
        SensitivityMethod::Sobol => done.groups.len(),
        SensitivityMethod::Morris => done.rows,
    };
    if groups < GROUPS_MIN {
        return Err(NoSensitivity::Interrupted);
    }
    if let Some(example) = done
        .constraint
        .as_ref()
        .filter(|_| done.rows < 2 * done.left_out)
    {
        return Err(NoSensitivity::Constraint(example.clone()));
    }
    Ok(found(spec.method, (&study, &done), planned))
}

/// How many rows or trajectories are asked for.
pub(crate) fn rows(spec: &SensitivitySpec) -> usize {
    let asked = spec.points.map(NonZeroUsize::get);
    match spec.method {
        SensitivityMethod::Sobol => {
            let rows = asked.unwrap_or(ROWS).clamp(ROWS_MIN, ROWS_MAX);
            rows.next_power_of_two()
        }
        SensitivityMethod::Morris => asked.unwrap_or(TRAJECTORIES).max(GROUPS_MIN),
    }
}

/// Replications that this takes.
pub(crate) fn replications(spec: &SensitivitySpec, values: usize) -> u64 {
    let each = match spec.method {
        SensitivityMethod::Sobol => 2 * (values + 2),
        SensitivityMethod::Morris => values + 1,
    };
    (rows(spec) * each) as u64
}

/// The outputs that are asked for: places of pools and of measures.
fn outputs(
    scenario: &Scenario,
    spec: &SensitivitySpec,
) -> Result<Vec<(PoolId, usize)>, NoSensitivity> {
    let pools = match &spec.pools[..] {
        [] => (0..scenario.pools.len()).map(PoolId::from).collect(),
        names => {
            let pools = names.iter().map(|name| scenario.pool(name));
            pools
                .collect::<Result<Vec<PoolId>, _>>()
                .map_err(NoSensitivity::Pool)?
        }
    };
    let fails = pools
        .iter()
        .any(|pool| scenario.requests_can_fail(usize::from(*pool)));
    let usual = if fails {
        MEASURES_SHOWN
    } else {
        MEASURES_OF_WAITS
    };
    let names: Vec<&str> = match &spec.measures[..] {
        [] => usual.to_vec(),
        names => names.iter().map(String::as_str).collect(),
    };
    let mut outputs = Vec::new();
    for name in names {
        let measure = Measure::of_pools(name).map_err(NoSensitivity::Measure)?;
        if measure.kind == Kind::TimeToEvent && measure.since.is_none() {
            return Err(NoSensitivity::NoTimeAtRisk(measure.name));
        }
        let place = crate::experiment::measure::place(MEASURES, name);
        let new = pools.iter().map(|pool| (*pool, place));
        let new: Vec<_> = new.filter(|it| !outputs.contains(it)).collect();
        outputs.extend(new);
    }
    Ok(outputs)
}

/// What the runs come to.
fn found(
    method: SensitivityMethod,
    (study, done): (&Study<'_>, &Done),
    planned: usize,
) -> Sensitivity {
    let outputs = study.outputs.iter().enumerate();
    let mut outputs: Vec<(f64, SensitivityOutput)> = outputs
        .map(|(place, (pool, measure))| {
            let (measure, pool) = (&MEASURES[*measure], usize::from(*pool));
            let output = SensitivityOutput {
                pool: study.template.base.pools[pool].name.clone(),
                measure: measure.name,
                unit: measure.unit,
                not_occurred: (measure.kind == Kind::TimeToEvent)
                    .then(|| done.not_occurred[place] as f64 / done.replications.max(1) as f64),
                nothing_measured: done.nothing_measured(place),
                found: of_output(method, done, place),
            };
            (done.failed[pool], output)
        })
        .collect();
    // What varies first; then measures as they were asked for, each in the pool first in which most requests fail.
    let varies = |it: &SensitivityOutput| {
        let constant = matches!(
            it.found,
            SensitivityResult::Constant(_) | SensitivityResult::NothingMeasured
        );
        !constant
    };
    let mut measures: Vec<&str> = outputs.iter().map(|(_, it)| it.measure).collect();
    measures.dedup();
    outputs.sort_by(|(failed, one), (others, other)| {
        let place = |it: &SensitivityOutput| measures.iter().position(|of| *of == it.measure);
        let rank = |it: &SensitivityOutput| (!varies(it), place(it));
        let by_rank = rank(one).cmp(&rank(other));
        by_rank.then(others.total_cmp(failed))
    });
    Sensitivity {
        method,
        paths: study.parameters.iter().map(|it| it.path.clone()).collect(),
        not_varied: not_varied(study),
        rows: done.rows,
        planned,
        left_out: done.left_out,
        replications: done.replications,
        outputs: outputs.into_iter().map(|(_, it)| it).collect(),
        constraint: done.constraint.clone(),
    }
}

/// Values with a prior that are neither varied nor set.
fn not_varied(study: &Study<'_>) -> Vec<String> {
    let varied = |path: &str| study.parameters.iter().any(|it| it.path == path);
    let assumptions = study.template.base.provenance.assumptions.iter();
    let with_prior = assumptions.filter(|it| it.prior.is_some());
    let left = with_prior.filter(|it| !varied(&it.path) && !study.template.sets(&it.path));
    left.map(|it| it.path.clone()).collect()
}

fn of_output(method: SensitivityMethod, done: &Done, place: usize) -> SensitivityResult {
    if done.rows - done.left_out < 2 * done.nothing_measured(place) {
        return SensitivityResult::NothingMeasured;
    }
    let rows = || done.groups.iter().flatten();
    let runs = || {
        rows()
            .filter_map(|row| row[place].as_ref())
            .flatten()
            .flatten()
    };
    let Some(first) = done.first[place] else {
        return SensitivityResult::NothingMeasured;
    };
    let same = match method {
        SensitivityMethod::Sobol => first,
        // Their rows hold effects.
        SensitivityMethod::Morris => 0.0,
    };
    if runs().all(|run| *run == same) {
        return SensitivityResult::Constant(first);
    }
    match method {
        SensitivityMethod::Sobol => {
            let row = |runs: &Vec<Vec<f64>>| {
                let point = |at: usize| [runs[at][0], runs[at][1]];
                SobolRow {
                    a: point(0),
                    b: point(1),
                    mixed: (2..runs.len()).map(point).collect(),
                }
            };
            let groups = done.groups.iter().map(|group| {
                let complete = group.iter().filter_map(|rows| rows[place].as_ref());
                complete.map(row).collect()
            });
            let groups: Vec<Vec<SobolRow>> = groups.collect();
            if groups.iter().filter(|group| !group.is_empty()).count() < 2 {
                return SensitivityResult::NothingMeasured;
            }
            let constant = SensitivityResult::Constant(first);
            sobol_indices(&groups).map_or(constant, SensitivityResult::Sobol)
        }
        SensitivityMethod::Morris => {
            let complete = rows().filter_map(|row| row[place].as_ref());
            let complete: Vec<&Vec<Vec<f64>>> = complete.collect();
            let values = complete.first().map_or(0, |row| row.len());
            let of_value = |value: usize| {
                let effects: Vec<f64> = complete.iter().map(|row| row[value][0]).collect();
                elementary_effects(&effects)
            };
            SensitivityResult::Morris((0..values).map(of_value).collect())
        }
    }
}
