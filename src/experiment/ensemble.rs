//! Many replications, and what they say together.

use std::ops::Range;

use crate::experiment::check::observed;
use crate::experiment::fan::{Band, Fan};
use crate::experiment::measure::{self, Kind, MEASURES, Since, Subject};
use crate::experiment::parallel;
use crate::experiment::progress::Progress;
use crate::experiment::replications::{Precision, Replications, Stopped};
use crate::experiment::summary::{Summary, summarise};
use crate::kernel::queue::Ended;
use crate::kernel::random::Seed;
use crate::model::chance::Chance;
use crate::model::id::PoolId;
use crate::model::world::World;
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
    pools: usize,
    /// Length of the scenario (s).
    length_s: f64,
    fan: Fan,
    // Invariant: `n` rows of the measures of all subjects in their order, then the observed facts; NaN
    // where there is no value.
    values: Vec<f64>,
    /// Where the measures of each subject begin in a row, and where the facts do.
    begins: Vec<usize>,
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
    parallel::with_threads(replications.threads, || {
        simulate(scenario, replications, seed, progress)
    })
}

fn simulate(
    scenario: &Scenario,
    replications: Replications,
    seed: Seed,
    progress: &dyn Progress,
) -> Ensemble {
    let cap = replications.count.get();
    let mut all = Ensemble::new(scenario);
    let sizes = match replications.precision {
        None => vec![cap],
        Some(_) => looks(cap),
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

/// A range of replications.
pub(crate) struct Part {
    pub begin: usize,
    events: u64,
    budget_spent: usize,
    digests: Vec<u64>,
    fan: Fan,
    values: Vec<f64>,
}

impl Part {
    /// Runs a range of replications, or as many of it as are not cancelled.
    pub fn run(
        scenario: &Scenario,
        seed: Seed,
        range: Range<usize>,
        progress: &dyn Progress,
    ) -> Self {
        Self::looking(Fan::new(scenario), scenario, seed, range, progress)
    }

    /// The same, without the levels of pools over time.
    pub fn run_without_levels(
        scenario: &Scenario,
        seed: Seed,
        range: Range<usize>,
        progress: &dyn Progress,
    ) -> Self {
        Self::looking(Fan::default(), scenario, seed, range, progress)
    }

    fn looking(
        fan: Fan,
        scenario: &Scenario,
        seed: Seed,
        range: Range<usize>,
        progress: &dyn Progress,
    ) -> Self {
        let mut world = World::new(&scenario.setup);
        let mut part = Self {
            begin: range.start,
            events: 0,
            budget_spent: 0,
            digests: Vec::new(),
            fan,
            values: Vec::new(),
        };
        let subjects = Subject::all(scenario);
        let instants = part.fan.instants.clone();
        for replication in range {
            if progress.is_cancelled() {
                break;
            }
            let chance = Chance::of(seed, replication as u64);
            let fan = &mut part.fan;
            let ended = world.run_sampled(chance, &mut (), &instants, |instant, world| {
                for (pool, ledger) in (0..).map(PoolId).zip(&world.ledger.pools) {
                    fan.note(pool, instant, ledger.ready.value);
                }
            });
            part.note(scenario, &subjects, &world, ended);
            progress.completed(1);
        }
        part
    }

    fn note(&mut self, scenario: &Scenario, subjects: &[Subject], world: &World, ended: Ended) {
        let ledger = &world.ledger;
        self.events += ledger.events;
        self.digests.push(ledger.digest);
        self.budget_spent += usize::from(ended == Ended::BudgetSpent);
        for subject in subjects {
            let row = measure::row(scenario, ledger, *subject, false);
            self.values.extend(row);
        }
        for fact in &scenario.facts {
            let value = observed(scenario, ledger, &fact.claim);
            self.values.push(value.unwrap_or(f64::NAN));
        }
    }
}

/// A digest over digests, which come in their order.
pub(crate) fn folded(digest: u64, next: u64) -> u64 {
    (digest.rotate_left(7) ^ next).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

impl Ensemble {
    /// No replication yet.
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let mut begins = vec![0];
        for subject in Subject::all(scenario) {
            let end = begins.last().copied().unwrap_or_default();
            begins.push(end + subject.measures().len());
        }
        Self {
            n: 0,
            stopped: Stopped::Count,
            events: 0,
            digest: 0,
            budget_spent: 0,
            pools: scenario.pools.len(),
            length_s: scenario.length().seconds(),
            fan: Fan::new(scenario),
            values: Vec::new(),
            begins,
        }
    }

    /// Memory that so many replications take, estimated (bytes).
    pub(crate) fn memory(scenario: &Scenario, replications: usize) -> f64 {
        let subjects = Subject::all(scenario);
        let measures = subjects.iter().map(|subject| subject.measures().len());
        let row = measures.sum::<usize>() + scenario.facts.len();
        // Rows are gathered by thread and then joined, and the list of them doubles as it grows.
        const COPIES: f64 = 1.2;
        replications as f64 * row as f64 * size_of::<f64>() as f64 * COPIES
    }

    /// Runs replications until there are `size`, or the work is cancelled.
    pub(crate) fn extend(
        &mut self,
        scenario: &Scenario,
        size: usize,
        seed: Seed,
        progress: &dyn Progress,
    ) {
        let done = self.n;
        let parts = parallel::map_ranges(size - done, |range| {
            let range = done + range.start..done + range.end;
            Part::run(scenario, seed, range, progress)
        });
        for part in parts {
            // What lies beyond a gap is of no use: a sample is the first replications, or a choice.
            if self.n == part.begin {
                self.add(part);
            }
        }
    }

    /// Adds the replications that come next.
    pub(crate) fn add(&mut self, part: Part) {
        assert_eq!(self.n, part.begin, "replications are added in their order");
        self.n += part.digests.len();
        self.events += part.events;
        self.budget_spent += part.budget_spent;
        for digest in part.digests {
            self.digest = folded(self.digest, digest);
        }
        self.fan.merge(&part.fan);
        self.values.extend(part.values);
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
        let clock = MEASURES[place].kind == Kind::Clock;
        let mut values = self.column(self.begins[pool] + place).flatten();
        values.any(|value| clock || value != 0.0)
    }

    /// How long an event was observed for in one replication; absent where that never began.
    fn watch(&self, replication: usize, subject: Subject, since: Since) -> Option<f64> {
        let first = |name| {
            let column = self.begins.iter().take(self.pools);
            let column = column.map(|begin| begin + measure::place(MEASURES, name));
            let all = column.filter_map(|column| self.value(replication, column));
            all.min_by(f64::total_cmp)
        };
        match since {
            Since::Start => Some(self.length_s),
            Since::Failure => Some(self.length_s - first("first_failed_provisioning_at_s")?),
            Since::Outage => {
                let place = measure::place(MEASURES, "outage_s");
                self.value(replication, self.begin(subject) + place)
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
        self.value(replication, self.begin(subject) + place)
            .or_else(|| self.watch(replication, subject, subject.measures()[place].since?))
    }

    /// The survival curve of a clock of a pool, by a name that exists.
    pub(crate) fn curve(&self, pool: usize, name: &str) -> Option<Survival> {
        self.curve_of(pool, measure::place(MEASURES, name))
    }

    /// The survival curve of the clock at a place; absent for one that begins at no common time.
    pub(crate) fn curve_of(&self, pool: usize, place: usize) -> Option<Survival> {
        assert!(pool < self.pools, "there is no pool {pool}");
        let since = MEASURES[place].since?;
        let subject = Subject::Pool(pool);
        let sample = (0..self.n).filter_map(|replication| {
            let occurred = self.value(replication, self.begins[pool] + place);
            let occurred = occurred.map(|at| (at.max(0.0), true));
            occurred.or_else(|| Some((self.watch(replication, subject, since)?, false)))
        });
        Some(survival(sample))
    }

    /// Quantiles of a pool's ready level over time.
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
        self.column(self.begin(subject) + place)
    }

    /// Whether a pool is a standby that opens in no replication.
    pub(crate) fn never_opened(&self, pool: usize) -> bool {
        self.sample(pool, "empty_s").all(|empty| empty.is_none())
    }

    fn begin(&self, subject: Subject) -> usize {
        match subject {
            Subject::Pool(place) => {
                assert!(place < self.pools, "there is no pool {place}");
                self.begins[place]
            }
            Subject::Incident => self.begins[self.pools],
            Subject::Dependency(place) => self.begins[self.pools + 1 + place],
        }
    }

    /// What the ensemble says about the measure at `place` of a subject.
    pub(crate) fn summary_of(&self, subject: Subject, place: usize) -> Summary {
        let measure = &subject.measures()[place];
        let mut summary = summarise(self.column_of(subject, place), measure.kind);
        if measure.unit == "share" {
            summary.mean = summary.mean.within_one();
        }
        summary
    }

    /// Every measure of a subject in one replication.
    pub(crate) fn row(
        &self,
        replication: usize,
        subject: Subject,
    ) -> impl Iterator<Item = Option<f64>> + '_ {
        let width = self.values.len() / self.n;
        let from = replication * width + self.begin(subject);
        let row = &self.values[from..from + subject.measures().len()];
        row.iter()
            .map(|value| Some(*value).filter(|value| !value.is_nan()))
    }

    /// What the scenario's fact at place `fact` was in each replication.
    pub(crate) fn fact(&self, fact: usize) -> impl ExactSizeIterator<Item = Option<f64>> + '_ {
        let facts = self.begins.last().copied().unwrap_or_default();
        self.column(facts + fact)
    }

    fn value(&self, replication: usize, column: usize) -> Option<f64> {
        let width = self.values.len() / self.n;
        Some(self.values[replication * width + column]).filter(|value| !value.is_nan())
    }

    fn column(&self, column: usize) -> impl ExactSizeIterator<Item = Option<f64>> + use<'_> {
        (0..self.n).map(move |replication| self.value(replication, column))
    }
}
