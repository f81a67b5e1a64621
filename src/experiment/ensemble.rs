//! Many replications, and what they say together.

use std::num::NonZeroUsize;

use crate::experiment::check::observed;
use crate::experiment::measure::{
    self, DEPENDENCY_MEASURES, INCIDENT_MEASURES, Kind, MEASURES, Subject,
};
use crate::experiment::parallel;
use crate::kernel::queue::Ended;
use crate::kernel::random::{Key, Seed};
use crate::model::setup::Setup;
use crate::model::world::World;
use crate::scenario::Scenario;
use crate::stats::mean::mean;
use crate::stats::proportion::proportion;
use crate::stats::quantile::quantile;
use crate::stats::{self, Estimate};

/// How many replications, on how many threads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Replications {
    /// Replications to live.
    pub count: NonZeroUsize,
    /// Threads to live them on; one for each processor if absent. No result depends on it.
    pub threads: Option<NonZeroUsize>,
}

impl Replications {
    /// So many replications, on a thread for each processor.
    ///
    /// # Panics
    /// If `count` is 0.
    pub fn new(count: usize) -> Self {
        let count = NonZeroUsize::new(count).expect("an ensemble has at least one replication");
        Self {
            count,
            threads: None,
        }
    }
}

/// What many replications measured.
#[derive(Clone, Debug)]
pub struct Ensemble {
    /// Replications.
    pub n: usize,
    /// Events over all replications.
    pub events: u64,
    /// A fold over the digests of the replications, in their order.
    pub digest: u64,
    /// Replications that spent their budget of events before the horizon.
    pub budget_spent: usize,
    pools: usize,
    // Invariant: `n` rows of the measures of all subjects in their order, then the observed facts; NaN
    // where there is no value.
    values: Vec<f64>,
    /// Where the measures of each subject begin in a row, and where the facts do.
    begins: Vec<usize>,
}

/// What an ensemble says about one measure of one pool.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Summary {
    /// Share of replications that have a value: for a clock, in which it struck.
    pub present: Estimate,
    /// Mean over the replications that have a value; of a clock, only where it struck in all.
    pub mean: Estimate,
    /// Standard deviation over the same.
    pub sd: Option<f64>,
    /// Quantiles 5 %, 50 % and 95 %. A clock that has not struck counts as later than all others.
    pub quantiles: [Estimate; 3],
}

/// Probabilities of the quantiles of a [`Summary`].
pub(crate) const QUANTILES: [f64; 3] = [0.05, 0.5, 0.95];

/// Lives replications 0, 1, 2, … of a scenario. The same for any number of threads.
///
/// # Examples
/// How often a pool without replenishment is emptied within its two hours:
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use drawdown::{Replications, Scenario, Seed, ensemble};
///
/// let scenario = Scenario::load("examples/full-outage.yaml")?;
/// let ensemble = ensemble(&scenario, Replications::new(400), Seed(1));
/// let emptied = ensemble.summary(0, "pool_empty_at_s").present;
/// assert!(emptied.low < Some(0.524) && Some(0.524) < emptied.high);
/// # Ok(())
/// # }
/// ```
pub fn ensemble(scenario: &Scenario, replications: Replications, seed: Seed) -> Ensemble {
    parallel::with_threads(replications.threads, || live(scenario, replications, seed))
}

fn live(scenario: &Scenario, replications: Replications, seed: Seed) -> Ensemble {
    let setup = &scenario.setup;
    let n = replications.count.get();
    let parts = parallel::map_ranges(n, |range| part(scenario, setup, seed, range));
    let mut all = Ensemble {
        n,
        events: 0,
        digest: 0,
        budget_spent: 0,
        pools: scenario.pools.len(),
        values: Vec::new(),
        begins: vec![0],
    };
    for subject in Subject::all(scenario) {
        let end = all.begins.last().copied().unwrap_or_default();
        all.begins.push(end + subject.measures().len());
    }
    for part in parts {
        all.events += part.events;
        all.budget_spent += part.budget_spent;
        for digest in part.digests {
            all.digest = (all.digest.rotate_left(7) ^ digest).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
        all.values.extend(part.values);
    }
    all
}

/// A range of replications.
struct Part {
    events: u64,
    budget_spent: usize,
    digests: Vec<u64>,
    values: Vec<f64>,
}

fn part(scenario: &Scenario, setup: &Setup, seed: Seed, range: std::ops::Range<usize>) -> Part {
    let mut world = World::new(setup);
    let mut part = Part {
        events: 0,
        budget_spent: 0,
        digests: Vec::new(),
        values: Vec::new(),
    };
    for replication in range {
        let ended = world.live(
            Key {
                seed: seed.0,
                replication: replication as u64,
            },
            &mut (),
        );
        let ledger = &world.ledger;
        part.events += ledger.events;
        part.digests.push(ledger.digest);
        part.budget_spent += usize::from(ended == Ended::BudgetSpent);
        for subject in Subject::all(scenario) {
            part.values
                .extend(measure::row(scenario, ledger, subject, false));
        }
        for fact in &scenario.facts {
            part.values
                .push(observed(scenario, ledger, &fact.claim).unwrap_or(f64::NAN));
        }
    }
    part
}

impl Ensemble {
    /// A measure of the pool at place `pool` in [`Scenario::pools`], by replication; absent where a
    /// replication has none.
    ///
    /// # Panics
    /// If there is no such pool or measure; [`MEASURES`] lists them.
    pub fn values(
        &self,
        pool: usize,
        name: &str,
    ) -> impl ExactSizeIterator<Item = Option<f64>> + '_ {
        assert!(pool < self.pools, "there is no pool {pool}");
        self.column(self.begins[pool] + measure::place(MEASURES, name))
    }

    /// A measure of the incident, by replication.
    ///
    /// # Panics
    /// If there is no such measure; [`INCIDENT_MEASURES`] lists them.
    pub fn incident(&self, name: &str) -> impl ExactSizeIterator<Item = Option<f64>> + '_ {
        self.column(self.begins[self.pools] + measure::place(INCIDENT_MEASURES, name))
    }

    /// A measure of the dependency at place `dependency` in [`Scenario::dependencies`], by replication.
    ///
    /// # Panics
    /// If there is no such dependency or measure; [`DEPENDENCY_MEASURES`] lists them.
    pub fn dependency(
        &self,
        dependency: usize,
        name: &str,
    ) -> impl ExactSizeIterator<Item = Option<f64>> + '_ {
        let from = self.begins[self.pools + 1 + dependency];
        self.column(from + measure::place(DEPENDENCY_MEASURES, name))
    }

    fn begin(&self, subject: Subject) -> usize {
        match subject {
            Subject::Pool(place) => self.begins[place],
            Subject::Incident => self.begins[self.pools],
            Subject::Dependency(place) => self.begins[self.pools + 1 + place],
        }
    }

    /// What the ensemble says about the measure at `place` of a subject.
    pub(crate) fn summary_of(&self, subject: Subject, place: usize) -> Summary {
        let kind = subject.measures()[place].kind;
        summarise(self.column(self.begin(subject) + place), kind)
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

    fn column(&self, column: usize) -> impl ExactSizeIterator<Item = Option<f64>> + '_ {
        let width = self.values.len() / self.n;
        let value = move |row| Some(self.values[row * width + column]);
        (0..self.n).map(move |row| value(row).filter(|value| !value.is_nan()))
    }

    /// What the ensemble says about a measure of a pool.
    ///
    /// # Panics
    /// If there is no such pool or measure; [`MEASURES`] lists them.
    pub fn summary(&self, pool: usize, name: &str) -> Summary {
        let place = measure::place(MEASURES, name);
        self.summary_of(Subject::Pool(pool), place)
    }
}

/// Summarises the values of replications, those absent included.
pub(crate) fn summarise(values: impl Iterator<Item = Option<f64>>, kind: Kind) -> Summary {
    let values: Vec<Option<f64>> = values.collect();
    let present: Vec<f64> = values.iter().flatten().copied().collect();
    let mut sorted = present.clone();
    if kind == Kind::Clock {
        sorted.resize(values.len(), f64::INFINITY);
    }
    sorted.sort_unstable_by(f64::total_cmp);
    let (_, squares) = stats::mean::moments(&present);
    // Where a clock has not struck everywhere, the mean of where it has is nobody's mean.
    let censored = kind == Kind::Clock && present.len() < values.len();
    let few = censored || present.len() < 2;
    Summary {
        present: proportion(present.len(), values.len()),
        mean: if censored {
            Estimate {
                n: present.len(),
                ..Estimate::default()
            }
        } else {
            mean(&present)
        },
        sd: (!few).then(|| (squares / (present.len() - 1) as f64).sqrt()),
        quantiles: QUANTILES.map(|p| quantile(&sorted, p)),
    }
}
