//! Many replications, and what they say together.

use std::ops::Range;
use std::sync::OnceLock;

use crate::experiment::condensed::ColumnSummary;
use crate::experiment::digests::Digests;
use crate::experiment::fan::{Band, Fan};
use crate::experiment::kept::{Columns, KeptMeasures};
use crate::experiment::measure::{self, Kind, MEASURES, Subject, TimeOrigin};
use crate::experiment::parallel;
use crate::experiment::part::{Part, Run};
use crate::experiment::pieces::Piece;
use crate::experiment::progress::Progress;
use crate::experiment::replications::{Precision, Replications, Stopped};
use crate::experiment::summary::{BLOCK, Summary, summarise};
use crate::kernel::random::Seed;
use crate::model::id::PoolId;
use crate::scenario::Scenario;
use crate::stats::mean::mean;
use crate::stats::stopping::{looks, precise};
use crate::stats::survival::{Survival, survival};

/// What many replications measured.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Ensemble {
    /// Replications.
    pub n: usize,
    /// Why there are no more.
    pub stopped: Stopped,
    /// Events over all replications.
    pub events: u64,
    /// A fold over the digests of the replications, in their order.
    pub digest: u64,
    /// Replications that spent their budget of events before the horizon.
    pub budget_spent: usize,
    /// The row of the sample that each replication drew; empty where all values are known.
    pub(crate) rows: Vec<u32>,
    pools: usize,
    /// Length of the scenario (s).
    length_s: f64,
    pub(super) digests: Digests,
    pub(super) fan: Fan,
    pub(super) columns: Columns,
    // Invariant: for each column that is kept, `n` values; NaN where there is none. None where summaries are kept.
    pub(super) values: Vec<Vec<f64>>,
    /// A summary of each column, where values are not kept.
    pub(super) summaries: Option<Vec<ColumnSummary>>,
    /// The summary of each column, once it was asked for: to sort the values takes long.
    known: Vec<OnceLock<Summary>>,
}

/// Runs replications 0, 1, 2, … of a scenario. The same for any number of threads. Where a precision
/// is asked for, the rest is spared once it is reached: the sample is looked at in the order of its
/// replications, at sizes that grow by a fifth, so that no thread decides when.
///
/// # Examples
/// How often a pool without replenishment is emptied within its two hours:
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use drawdown::measure::POOL_EMPTY_AT_S;
/// use drawdown::{Replications, Scenario, Seed, ensemble};
///
/// let scenario = Scenario::load("examples/full-outage.yaml")?;
/// let ensemble = ensemble(&scenario, Replications::new(400), Seed(1));
/// let pool = scenario.pool("anywhere/any")?;
/// let emptied = ensemble.summary(pool, POOL_EMPTY_AT_S)?.present;
/// assert!(emptied.low < Some(0.524) && Some(0.524) < emptied.high);
/// # Ok(())
/// # }
/// ```
pub fn ensemble(scenario: &Scenario, replications: Replications, seed: Seed) -> Ensemble {
    ensemble_with(scenario, replications, seed, &())
}

/// The same, with progress reporting and cancellation: cancelled, the ensemble has the replications from 0
/// to the first that did not run, and is [`Stopped::Interrupted`].
pub fn ensemble_with(
    scenario: &Scenario,
    replications: Replications,
    seed: Seed,
    progress: &dyn Progress,
) -> Ensemble {
    ensemble_keeping(scenario, &KeptMeasures::all(), replications, seed, progress)
}

/// The same, which keeps only some measures and so takes less memory.
///
/// # Panics
/// If the measure that is to be precise is not kept, or only summaries are kept of it.
pub fn ensemble_keeping(
    scenario: &Scenario,
    kept: &KeptMeasures,
    replications: Replications,
    seed: Seed,
    progress: &dyn Progress,
) -> Ensemble {
    let all = Ensemble::keeping(scenario, kept);
    parallel::with_threads(replications.threads, || match kept.is_summarised() {
        true => condense(all, (scenario, kept), replications, seed, progress),
        false => simulate(all, scenario, replications, seed, progress),
    })
}

/// Runs block by block, of each of which only summaries are kept.
fn condense(
    mut all: Ensemble,
    of: (&Scenario, &KeptMeasures),
    replications: Replications,
    seed: Seed,
    progress: &dyn Progress,
) -> Ensemble {
    let end = replications.count.get();
    assert!(
        replications.precision.is_none(),
        "how precise a mean is is seen by its values"
    );
    while all.n < end {
        let block = all.n..(all.n + BLOCK).min(end);
        let Some(block) = Piece::run(of, block, seed, progress) else {
            all.stopped = Stopped::Interrupted;
            break;
        };
        assert!(all.add_piece(block), "it is the next of the same scenario");
    }
    all
}

fn simulate(
    mut all: Ensemble,
    scenario: &Scenario,
    replications: Replications,
    seed: Seed,
    progress: &dyn Progress,
) -> Ensemble {
    let cap = replications.count.get();
    let sizes = match replications.precision {
        None => {
            all.reserve(cap);
            vec![cap]
        }
        Some(precision) => {
            let place = measure::place(MEASURES, precision.measure);
            let kept = all
                .asked(precision)
                .all(|pool| all.asks(Subject::Pool(pool), place));
            assert!(
                kept,
                "`{}` is to be precise and is not kept",
                precision.measure
            );
            looks(cap)
        }
    };
    for size in sizes {
        all.extend(scenario, size, seed, progress);
        if all.n < size {
            all.stopped = Stopped::Interrupted;
            return all;
        }
        if let Some(precision) = replications.precision {
            all.stopped = Stopped::Cap;
            if all.lacks(precision) {
                all.stopped = Stopped::Absent;
                return all;
            }
            if all.is(precision) {
                all.stopped = Stopped::Precise;
                return all;
            }
        }
    }
    all
}

/// Replications after which a measure that has not occurred is given up.
const ABSENT_MIN: usize = 1_000;

/// Replications that run before their values are joined to the others: few enough that the copies that
/// threads hold are small.
const ROUND: usize = 1 << 15;

impl Ensemble {
    /// No replication yet.
    pub(crate) fn new(scenario: &Scenario) -> Self {
        Self::keeping(scenario, &KeptMeasures::all())
    }

    /// No replication yet, of which only some measures are to be kept.
    pub(crate) fn keeping(scenario: &Scenario, kept: &KeptMeasures) -> Self {
        let columns = Columns::new(scenario, kept);
        Self {
            n: 0,
            stopped: Stopped::Count,
            events: 0,
            digest: 0,
            budget_spent: 0,
            rows: Vec::new(),
            pools: scenario.pools.len(),
            length_s: scenario.length().seconds(),
            digests: Digests::default(),
            fan: columns.fan(scenario),
            values: vec![Vec::new(); columns.width],
            known: vec![OnceLock::new(); columns.width],
            summaries: kept
                .is_summarised()
                .then(|| vec![ColumnSummary::default(); columns.width]),
            columns,
        }
    }

    /// Memory that so many replications take, estimated (bytes).
    pub(crate) fn memory(scenario: &Scenario, kept: &KeptMeasures, replications: usize) -> f64 {
        let row = Columns::new(scenario, kept).width;
        let replications = match kept.is_summarised() {
            true => replications.min(BLOCK),
            false => replications,
        };
        replications as f64 * row as f64 * size_of::<f64>() as f64
    }

    /// Makes room for `size` replications in all.
    fn reserve(&mut self, size: usize) {
        for column in &mut self.values {
            column.reserve_exact(size - self.n);
        }
    }

    /// Whether a measure of a subject was asked for. What was not has no values.
    pub(crate) fn asks(&self, subject: Subject, place: usize) -> bool {
        self.columns.asks(self.columns.of(subject, place))
    }

    /// Whether every measure was asked for.
    pub(crate) fn is_whole(&self) -> bool {
        self.columns.whole
    }

    /// Runs replications until there are `size`, or the work is cancelled.
    pub(crate) fn extend(
        &mut self,
        scenario: &Scenario,
        size: usize,
        seed: Seed,
        progress: &dyn Progress,
    ) {
        Self::extend_all(&mut [(self, scenario)], size, seed, progress);
    }

    /// Runs replications of several scenarios, of which all have as many, until there are `size` of each, or the
    /// work is cancelled. Levels of pools over time are counted for one scenario only.
    pub(crate) fn extend_all(
        all: &mut [(&mut Self, &Scenario)],
        size: usize,
        seed: Seed,
        progress: &dyn Progress,
    ) {
        if let [(ensemble, scenario)] = all {
            ensemble.extend_in_parts(scenario, size, seed, progress);
        }
        // Levels over time are counted from the start, and what several scenarios share may end later.
        let alone = all.len() == 1;
        while all[0].0.n < size && !progress.is_cancelled() {
            let done = all[0].0.n;
            let parts = parallel::map_ranges(ROUND.min(size - done), |range| {
                let range = done + range.start..done + range.end;
                let of = all.iter();
                let of = of.map(|(all, scenario)| {
                    let fan = alone.then(|| all.columns.fan(scenario));
                    (fan.unwrap_or_default(), &all.columns, *scenario)
                });
                Run::all(of.collect(), seed, range, progress)
            });
            for part in parts {
                for ((ensemble, _), part) in all.iter_mut().zip(part) {
                    // What lies beyond a gap is of no use: a sample is the first replications, or a choice.
                    if ensemble.n == part.begin {
                        ensemble.add(part);
                    }
                }
            }
        }
    }

    /// Whether replications have the columns that this ensemble keeps.
    pub(super) fn takes(&self, part: &Part) -> bool {
        let whole = |column: &Vec<f64>| column.len() == part.len();
        self.summaries.is_none()
            && self.values.len() == part.values.len()
            && part.values.iter().all(whole)
            && self.fan.is_like(&part.fan)
    }

    /// Adds the replications that come next.
    pub(crate) fn add(&mut self, part: Part) {
        assert_eq!(self.n, part.begin, "replications are added in their order");
        for (place, digest) in (self.n..).zip(&part.digests) {
            self.digests.add(place, *digest);
        }
        self.digest = self.digests.folded();
        self.forget_summaries();
        self.n += part.len();
        self.events += part.events;
        self.budget_spent += part.budget_spent;
        self.rows.extend(part.rows);
        self.fan.merge(&part.fan);
        for (column, values) in self.values.iter_mut().zip(part.values) {
            column.extend(values);
        }
    }

    /// Replications are added, which summaries do not have.
    pub(super) fn forget_summaries(&mut self) {
        self.known.fill_with(OnceLock::new);
    }

    /// Whether a measure's mean is known so precisely, in the pool that is asked for or in every pool in
    /// which it occurs.
    fn is(&self, precision: Precision) -> bool {
        let place = measure::place(MEASURES, precision.measure);
        self.asked(precision).all(|pool| {
            let value = |it| self.watched(it, Subject::Pool(pool), place);
            let values: Vec<f64> = (0..self.n).filter_map(value).collect();
            let absent = ABSENT_MIN <= self.n && !self.occurs(pool, place);
            absent || precise(mean(&values), precision.relative)
        })
    }

    /// Whether a measure that is to be precise has not occurred for so long that it is not to be expected.
    fn lacks(&self, precision: Precision) -> bool {
        let place = measure::place(MEASURES, precision.measure);
        let occurs = |pool| self.occurs(pool, place);
        ABSENT_MIN <= self.n && !self.asked(precision).any(occurs)
    }

    /// The pools in which a measure is to be precise.
    fn asked(&self, precision: Precision) -> Range<usize> {
        precision.pool.map_or(0..self.pools, |pool| pool..pool + 1)
    }

    /// Whether a clock occurs in any replication, or a figure has any value but 0.
    fn occurs(&self, pool: usize, place: usize) -> bool {
        let clock = MEASURES[place].kind == Kind::TimeToEvent;
        let mut values = self.column_of(Subject::Pool(pool), place).flatten();
        values.any(|value| clock || value != 0.0)
    }

    /// How long an event was observed for in one replication; absent where that never began.
    pub(super) fn watch(
        &self,
        replication: usize,
        subject: Subject,
        since: TimeOrigin,
    ) -> Option<f64> {
        let first = |name| {
            let place = measure::place(MEASURES, name);
            let pools = (0..self.pools).map(Subject::Pool);
            let all = pools.filter_map(|pool| self.value(replication, pool, place));
            all.min_by(f64::total_cmp)
        };
        match since {
            TimeOrigin::Start => Some(self.length_s),
            TimeOrigin::Failure => Some(self.length_s - first("first_failed_provisioning_at_s")?),
            TimeOrigin::Outage => {
                let place = measure::place(MEASURES, "outage_s");
                self.value(replication, subject, place)
            }
        }
    }

    /// A measure in one replication; the time at risk of an event that did not occur.
    pub(crate) fn watched(
        &self,
        replication: usize,
        subject: Subject,
        place: usize,
    ) -> Option<f64> {
        self.value(replication, subject, place)
            .or_else(|| self.watch(replication, subject, subject.measures()[place].since?))
    }

    /// The survival curve of a clock of a pool, by a name that exists.
    pub(crate) fn curve(&self, pool: usize, name: &str) -> Option<Survival> {
        self.curve_of(pool, measure::place(MEASURES, name))
    }

    /// The survival curve of the clock at a place; absent for one that begins at no common time, or that
    /// was not asked for.
    pub(crate) fn curve_of(&self, pool: usize, place: usize) -> Option<Survival> {
        let subject = Subject::Pool(pool);
        let asked = self.asks(subject, place);
        let since = MEASURES[place].since.filter(|_| asked)?;
        if self.is_summarised() {
            return self.condensed_curve(subject, place);
        }
        let sample = (0..self.n).filter_map(|replication| {
            let occurred = self.value(replication, subject, place);
            let occurred = occurred.map(|at| (at.max(0.0), true));
            occurred.or_else(|| Some((self.watch(replication, subject, since)?, false)))
        });
        Some(survival(sample))
    }

    /// Quantiles of a pool's ready level over time; empty where a shortcut leaves it out.
    ///
    /// # Panics
    /// If there is no such pool.
    pub fn levels(&self, scenario: &Scenario, pool: impl Into<PoolId>) -> Vec<Band> {
        let pool = usize::from(pool.into());
        assert!(pool < self.pools, "there is no pool {pool}");
        self.fan.bands(scenario, PoolId::from(pool))
    }

    /// A measure of a pool by a name that exists, by replication.
    pub(crate) fn sample(
        &self,
        pool: usize,
        name: &str,
    ) -> impl ExactSizeIterator<Item = Option<f64>> + use<'_> {
        self.column_of(Subject::Pool(pool), measure::place(MEASURES, name))
    }

    /// What the ensemble says about a measure of a pool, by a name that exists.
    pub(crate) fn about(&self, pool: usize, name: &str) -> Summary {
        self.summary_of(Subject::Pool(pool), measure::place(MEASURES, name))
    }

    /// The measure at a place of a subject, by replication.
    pub(crate) fn column_of(
        &self,
        subject: Subject,
        place: usize,
    ) -> impl ExactSizeIterator<Item = Option<f64>> + use<'_> {
        self.column(self.columns.of(subject, place))
    }

    /// Whether a pool is a standby that opens in no replication.
    pub(crate) fn never_opened(&self, pool: usize) -> bool {
        let known = self.asks(Subject::Pool(pool), measure::place(MEASURES, "empty_s"));
        known && self.about(pool, "empty_s").present.point == Some(0.0)
    }

    /// What the ensemble says about the measure at `place` of a subject.
    pub(crate) fn summary_of(&self, subject: Subject, place: usize) -> Summary {
        match self.columns.slot(self.columns.of(subject, place)) {
            Some(slot) => *self.known[slot].get_or_init(|| self.summarised(subject, place)),
            None => self.summarised(subject, place),
        }
    }

    fn summarised(&self, subject: Subject, place: usize) -> Summary {
        let measure = &subject.measures()[place];
        let kept = self.condensed_summary(subject, place);
        let mut summary =
            kept.unwrap_or_else(|| summarise(self.column_of(subject, place), measure.kind));
        if measure.unit == "share" {
            summary.mean = summary.mean.within_one();
        }
        summary
    }

    /// The measures of a subject that were asked for, in one replication.
    pub(crate) fn row(
        &self,
        replication: usize,
        subject: Subject,
    ) -> impl Iterator<Item = Option<f64>> + '_ {
        let places = 0..subject.measures().len();
        let asked = places.filter(move |place| self.asks(subject, *place));
        asked.map(move |place| self.value(replication, subject, place))
    }

    /// What the scenario's fact at place `fact` was in each replication.
    pub(crate) fn fact(&self, fact: usize) -> impl ExactSizeIterator<Item = Option<f64>> + '_ {
        self.column(self.columns.of_fact(fact))
    }

    fn value(&self, replication: usize, subject: Subject, place: usize) -> Option<f64> {
        let slot = self.columns.slot(self.columns.of(subject, place))?;
        let value = self.values[slot].get(replication)?;
        Some(*value).filter(|value| !value.is_nan())
    }

    /// The values of a column, none of them present where they are not kept.
    fn column(&self, column: usize) -> impl ExactSizeIterator<Item = Option<f64>> + use<'_> {
        let kept = self.columns.slot(column).filter(|_| !self.is_summarised());
        let values = kept.map(|slot| &self.values[slot]);
        (0..self.n).map(move |replication| {
            let value = values.map(|values| values[replication]);
            value.filter(|value| !value.is_nan())
        })
    }
}
