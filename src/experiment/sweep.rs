//! Many cells, each an ensemble. What becomes of a finished cell is its receiver's business.

use std::ops::Range;
use std::sync::Mutex;

use crate::experiment::ensemble::{Ensemble, Part};
use crate::experiment::fan::Fan;
use crate::experiment::kept::{Columns, KeptMeasures};
use crate::experiment::parallel::{self, Piecework};
use crate::experiment::progress::Progress;
use crate::experiment::replications::Replications;
use crate::kernel::random::Seed;
use crate::scenario::Scenario;
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
        progress,
        receive,
    };
    let n = sweep.replications.count.get();
    parallel::with_threads(sweep.replications.threads, || {
        parallel::piecework(sweep.cells, n, &work);
    });
}

struct Work<'a> {
    sweep: &'a Sweep<'a>,
    progress: &'a dyn Progress,
    receive: &'a (dyn Fn(&Cell<'_>) -> bool + Sync),
}

impl Piecework for Work<'_> {
    type Begun = (Scenario, Columns);
    type Part = Part;

    fn begin(&self, cell: usize) -> (Scenario, Columns) {
        let scenario = self.sweep.plan.scenario(cell);
        let columns = Columns::new(&scenario, &KeptMeasures::all());
        (scenario, columns)
    }

    fn work(&self, (scenario, columns): &(Scenario, Columns), range: Range<usize>) -> Part {
        // The levels of pools over time are not kept.
        let looking = (Fan::default(), columns);
        Part::run(looking, scenario, self.sweep.seed, range, self.progress)
    }

    fn end(&self, cell: usize, (scenario, _): &(Scenario, Columns), parts: Vec<Part>) -> bool {
        let mut ensemble = Ensemble::new(scenario);
        for part in parts {
            if ensemble.n == part.begin {
                ensemble.add(part);
            }
        }
        if ensemble.n < self.sweep.replications.count.get() {
            return false;
        }
        (self.receive)(&Cell {
            number: cell,
            scenario,
            ensemble,
        })
    }
}
