//! Many cells, each an ensemble. What becomes of a finished cell is its receiver's business.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Mutex;

use crate::experiment::ensemble::Ensemble;
use crate::experiment::fan::Fan;
use crate::experiment::kept::{Columns, KeptMeasures};
use crate::experiment::parallel::{self, Piecework};
use crate::experiment::part::{Part, Run};
use crate::experiment::progress::Progress;
use crate::experiment::replications::Replications;
use crate::experiment::sharing::matters_late;
use crate::kernel::random::Seed;
use crate::scenario::Scenario;
use crate::scenario::schema::renamed::current_path;
use crate::scenario::vary::design::Plan;

/// A cell of a sweep whose replications are all complete.
#[derive(Debug)]
#[non_exhaustive]
pub struct Cell<'a> {
    /// Its place in the plan.
    pub number: usize,
    /// The scenario with its values.
    pub scenario: &'a Scenario,
    /// What its replications measured. The levels of pools over time are not among it.
    pub ensemble: Ensemble,
}

/// Runs every cell of a plan, and gives what `keep` makes of each, in their order. All cells have common
/// random numbers, so that two of them differ by their values only. The same for any number of threads; no more
/// cells are in memory than there are threads, and one, so that what is kept decides how much it takes.
///
/// # Panics
/// If a precision is asked for: cells of different sizes could not be compared.
///
/// # Examples
/// How many leases fail in a full outage, by the size of the pool:
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use drawdown::measure::FAILED_LEASES;
/// use drawdown::{Replications, Seed, sweep};
/// use drawdown::scenario::{Plan, Template, SweepSpec};
///
/// let template = Template::load("examples/full-outage.yaml")?;
/// let axes = vec!["pools.anywhere/any.target=10..40:10".to_owned()];
/// let plan = Plan::new(template, &SweepSpec { axes, ..SweepSpec::default() })?;
/// let failed = sweep(&plan, Replications::new(100), Seed(1), |cell| {
///     cell.ensemble.summary(0, FAILED_LEASES).map(|failed| failed.mean.point)
/// });
/// let failed = failed.into_iter().collect::<Result<Vec<_>, _>>()?;
/// assert_eq!(failed.len(), 4);
/// assert!(failed.is_sorted_by(|fewer, more| more <= fewer));
/// # Ok(())
/// # }
/// ```
pub fn sweep<T: Send>(
    plan: &Plan,
    replications: Replications,
    seed: Seed,
    keep: impl Fn(&Cell<'_>) -> T + Sync,
) -> Vec<T> {
    let kept = sweep_with(plan, replications, seed, &(), keep).into_iter();
    kept.map(|one| one.expect("every cell is complete"))
        .collect()
}

/// The same, with progress reporting and cancellation: cancelled, cells that are not complete are absent.
///
/// # Panics
/// As [`sweep`] does.
pub fn sweep_with<T: Send>(
    plan: &Plan,
    replications: Replications,
    seed: Seed,
    progress: &dyn Progress,
    keep: impl Fn(&Cell<'_>) -> T + Sync,
) -> Vec<Option<T>> {
    let kept: Vec<Mutex<Option<T>>> = (0..plan.len()).map(|_| Mutex::new(None)).collect();
    let cells: Vec<usize> = (0..plan.len()).collect();
    let sweep = Sweep {
        plan,
        cells: &cells,
        replications,
        seed,
    };
    watched(&sweep, progress, &|cell| {
        let mut place = kept[cell.number]
            .lock()
            .expect("no other thread writes there");
        *place = Some(keep(cell));
        true
    });
    let kept = kept.into_iter();
    kept.map(|one| one.into_inner().ok().flatten()).collect()
}

/// Which cells run, and how.
#[derive(Clone, Copy)]
pub(crate) struct Sweep<'a> {
    pub plan: &'a Plan,
    /// Cells that are not done yet.
    pub cells: &'a [usize],
    pub replications: Replications,
    pub seed: Seed,
}

/// Runs cells, and hands each to `receive` as it is finished, from any thread,
/// until that says no. Cells that were interrupted are not handed over.
pub(crate) fn watched(
    sweep: &Sweep<'_>,
    progress: &dyn Progress,
    receive: &(dyn Fn(&Cell<'_>) -> bool + Sync),
) {
    let precision = sweep.replications.precision;
    assert!(
        precision.is_none(),
        "cells of a sweep have as many replications as asked for"
    );
    let work = Work {
        sweep,
        groups: groups(sweep),
        progress,
        receive,
    };
    let n = sweep.replications.count.get();
    parallel::with_threads(sweep.replications.threads, || {
        parallel::piecework(&(0..work.groups.len()).collect::<Vec<_>>(), n, &work);
    });
}

/// Cells that run together; more would keep too much in memory before any is complete.
const TOGETHER_MAX: usize = 16;

/// The cells in groups whose replications may share their beginning: they have the same values on every axis that
/// matters from the beginning.
fn groups(sweep: &Sweep<'_>) -> Vec<Vec<usize>> {
    let late = |path: &str| matters_late(&current_path(path));
    let axes = sweep.plan.axes.iter();
    let early: Vec<usize> = (0..)
        .zip(axes)
        .filter(|(_, axis)| !late(&axis.path))
        .map(|(place, _)| place)
        .collect();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut open: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    for cell in sweep.cells {
        let values = sweep.plan.values(*cell);
        let key: Vec<String> = early.iter().map(|place| values[*place].clone()).collect();
        let group = open.get(&key).copied();
        match group.filter(|group| groups[*group].len() < TOGETHER_MAX) {
            Some(group) => groups[group].push(*cell),
            None => {
                open.insert(key, groups.len());
                groups.push(vec![*cell]);
            }
        }
    }
    groups
}

struct Work<'a> {
    sweep: &'a Sweep<'a>,
    groups: Vec<Vec<usize>>,
    progress: &'a dyn Progress,
    receive: &'a (dyn Fn(&Cell<'_>) -> bool + Sync),
}

impl Piecework for Work<'_> {
    type Begun = Vec<(Scenario, Columns)>;
    type Part = Vec<Part>;

    fn begin(&self, group: usize) -> Self::Begun {
        let scenarios = self.groups[group].iter().map(|cell| {
            let scenario = self.sweep.plan.scenario(*cell);
            let columns = Columns::new(&scenario, &KeptMeasures::all());
            (scenario, columns)
        });
        scenarios.collect()
    }

    fn work(&self, begun: &Self::Begun, range: Range<usize>) -> Vec<Part> {
        // The levels of pools over time are not kept.
        let runs = begun
            .iter()
            .map(|(scenario, columns)| (Fan::default(), columns, scenario));
        Run::all(runs.collect(), self.sweep.seed, range, self.progress)
    }

    fn end(&self, group: usize, begun: &Self::Begun, parts: Vec<Vec<Part>>) -> bool {
        let mut ensembles: Vec<Ensemble> = begun.iter().map(|it| Ensemble::new(&it.0)).collect();
        for part in parts {
            for (ensemble, part) in ensembles.iter_mut().zip(part) {
                if ensemble.n == part.begin {
                    ensemble.add(part);
                }
            }
        }
        if ensembles[0].n < self.sweep.replications.count.get() {
            return false;
        }
        let cells = self.groups[group].iter().zip(begun).zip(ensembles);
        let mut cells = cells.map(|((number, (scenario, _)), ensemble)| Cell {
            number: *number,
            scenario,
            ensemble,
        });
        cells.all(|cell| (self.receive)(&cell))
    }
}
