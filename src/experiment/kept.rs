//! Which measures an ensemble keeps, and the column of each.

use crate::experiment::fan::Fan;
use crate::experiment::measure::{Measure, Subject, TimeOrigin};
use crate::experiment::names::UnknownMeasure;
use crate::experiment::shortcut::{Reduced, fits};
use crate::model::id::PoolId;
use crate::scenario::Scenario;

/// The measures that an ensemble keeps of each replication: all, or only some, which takes less memory.
///
/// # Examples
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use drawdown::study::{KeptMeasures, ensemble_keeping};
/// use drawdown::{Replications, Scenario, Seed};
///
/// let scenario = Scenario::load("examples/full-outage.yaml")?;
/// let kept = KeptMeasures::only(["failed_leases"], None)?;
/// let found = ensemble_keeping(&scenario, &kept, Replications::new(100), Seed(1), &());
/// let pool = scenario.pool("anywhere/any")?;
/// assert_eq!(found.summary(pool, "failed_leases")?.mean.n, 100);
/// // What was not kept has no values.
/// assert_eq!(found.summary(pool, "requests")?.mean.n, 0);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct KeptMeasures {
    /// Names of measures, of pools, of the incident, of dependencies or of classes; all if absent.
    only: Option<Vec<&'static str>>,
    /// The pool whose measures are kept, and those of the classes that draw on it; every pool if absent.
    pool: Option<PoolId>,
    /// Whether only summaries are kept of them.
    summarised: bool,
    /// Whether every event is simulated.
    plain: bool,
}

impl KeptMeasures {
    /// Every measure.
    pub fn all() -> Self {
        Self::default()
    }

    /// Only these measures, of one pool and the classes that draw on it, or of all. A name that both pools and
    /// classes have means both.
    ///
    /// # Errors
    /// If there is no such measure.
    pub fn only(
        measures: impl IntoIterator<Item = impl AsRef<str>>,
        pool: Option<PoolId>,
    ) -> Result<Self, UnknownMeasure> {
        let measures = measures.into_iter();
        let found = measures.map(|it| Measure::find(it.as_ref()).map(|it| it.name));
        Ok(Self {
            only: Some(found.collect::<Result<_, _>>()?),
            pool,
            ..Self::default()
        })
    }

    /// The same measures, without shortcuts: every event is simulated. Otherwise some measures of a pool are drawn from
    /// their exact law, where the scenario allows it; see [`Ensemble::shortcut`].
    ///
    /// [`Ensemble::shortcut`]: crate::study::Ensemble::shortcut
    pub fn plain(self) -> Self {
        Self {
            plain: true,
            ..self
        }
    }

    /// The same measures, of which only summaries are kept: the memory that they take does not grow with the number
    /// of replications. Counts, shares, means and digests are exact; quantiles lie at most 0.05% below those of
    /// the values; values by replication are absent.
    pub fn summarised(self) -> Self {
        Self {
            summarised: true,
            ..self
        }
    }

    /// The same measures, of which every value is kept.
    pub(crate) fn with_rows(self) -> Self {
        Self {
            summarised: false,
            ..self
        }
    }

    /// Whether only summaries are kept.
    pub(crate) fn is_summarised(&self) -> bool {
        self.summarised
    }

    fn asks(&self, scenario: &Scenario, subject: Subject, measure: &Measure) -> bool {
        let named = |only: &Vec<&str>| only.contains(&measure.name);
        let of = match subject {
            Subject::Pool(place) => Some(PoolId::from(place)),
            Subject::Class(place) => Some(scenario.classes[place].pool),
            Subject::Incident | Subject::Dependency(_) => None,
        };
        let elsewhere = self.pool.zip(of).is_some_and(|(asked, of)| asked != of);
        self.only.as_ref().is_none_or(named) && !elsewhere
    }
}

/// The columns of an ensemble: measures of all subjects in their order, then the scenario's facts.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    /// Where the measures of each subject begin, and where the facts do.
    begins: Vec<usize>,
    /// Whether each measure was asked for.
    asked: Vec<bool>,
    /// The place of each among those that are kept.
    slots: Vec<Option<u32>>,
    /// Columns that are kept.
    pub width: usize,
    /// Whether every measure is kept.
    pub whole: bool,
    pools: usize,
    dependencies: usize,
    /// The shortcut to them, if there is one.
    pub(super) reduced: Option<Reduced>,
}

impl Columns {
    pub fn new(scenario: &Scenario, kept: &KeptMeasures) -> Self {
        let subjects = Subject::all(scenario);
        let each = |subject: &Subject| {
            let subject = *subject;
            let measures = subject.measures().iter();
            measures.map(move |measure| (subject, measure))
        };
        let measures: Vec<(Subject, &'static Measure)> = subjects.iter().flat_map(each).collect();
        let whole = kept.only.is_none();
        let asked = measures.iter().map(|(of, it)| kept.asks(scenario, *of, it));
        let mut asked: Vec<bool> = asked.collect();
        asked.resize(asked.len() + scenario.facts.len(), whole);
        let begins_of = asked.iter().zip(&measures).filter(|(asked, _)| **asked);
        let origins: Vec<(Subject, TimeOrigin)> = begins_of
            .filter_map(|(_, (of, it))| Some((*of, it.since?)))
            .collect();
        // How long a time that does not occur was observed is known from these.
        let needed = |of: Subject, it: &Measure| match it.name {
            "first_failed_provisioning_at_s" => origins
                .iter()
                .any(|(_, since)| *since == TimeOrigin::Failure),
            "outage_s" => origins.contains(&(of, TimeOrigin::Outage)),
            _ => false,
        };
        let mut width = 0;
        let slots = asked.iter().enumerate().map(|(column, asked)| {
            let needed = measures.get(column).is_some_and(|(of, it)| needed(*of, it));
            (*asked || needed).then(|| {
                width += 1;
                width - 1
            })
        });
        let slots: Vec<Option<u32>> = slots.collect();
        let kept_ones = measures
            .iter()
            .zip(&slots)
            .filter(|(_, slot)| slot.is_some());
        let kept_ones: Vec<(Subject, &'static Measure)> = kept_ones.map(|(it, _)| *it).collect();
        let reduced = match whole || kept.plain {
            true => None,
            false => fits(scenario, &kept_ones).ok(),
        };
        // What is expected comes after the values.
        width += u32::from(reduced.as_ref().is_some_and(|it| it.expects));
        let mut begins = vec![0];
        for subject in subjects {
            let end = begins.last().copied().unwrap_or_default();
            begins.push(end + subject.measures().len());
        }
        Self {
            begins,
            asked,
            slots,
            width: width as usize,
            whole,
            pools: scenario.pools.len(),
            dependencies: scenario.dependencies.len(),
            reduced,
        }
    }

    /// Where levels of pools over time are counted; nowhere if a shortcut leaves them out.
    pub fn fan(&self, scenario: &Scenario) -> Fan {
        match self.reduced {
            Some(_) => Fan::default(),
            None => Fan::new(scenario),
        }
    }

    /// Where the failed leases are that are expected, if they are kept.
    pub fn expected(&self) -> Option<usize> {
        let expects = self.reduced.as_ref().is_some_and(|it| it.expects);
        expects.then(|| self.width - 1)
    }

    /// The column of the measure at a place of a subject.
    ///
    /// # Panics
    /// If there is no such subject.
    pub fn of(&self, subject: Subject, place: usize) -> usize {
        let subject = match subject {
            Subject::Pool(pool) => {
                assert!(pool < self.pools, "there is no pool {pool}");
                pool
            }
            Subject::Incident => self.pools,
            Subject::Dependency(dependency) => {
                assert!(
                    dependency < self.dependencies,
                    "there is no dependency {dependency}"
                );
                self.pools + 1 + dependency
            }
            Subject::Class(class) => self.pools + 1 + self.dependencies + class,
        };
        self.begins[subject] + place
    }

    /// The column of a fact.
    pub fn of_fact(&self, fact: usize) -> usize {
        self.begins.last().copied().unwrap_or_default() + fact
    }

    /// Whether a column was asked for.
    pub fn asks(&self, column: usize) -> bool {
        self.asked[column]
    }

    /// Where the values of a column are, if they are kept.
    pub fn slot(&self, column: usize) -> Option<usize> {
        self.slots[column].map(|slot| slot as usize)
    }
}
