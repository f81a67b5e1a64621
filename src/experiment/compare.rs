//! A change against what it changes, replication by replication under common random numbers.

use std::collections::BTreeMap;

use crate::experiment::ensemble::Ensemble;
use crate::experiment::measure::{Better, MEASURES, Measure, Subject};
use crate::experiment::names::Role;
use crate::experiment::parallel;
use crate::experiment::progress::Progress;
use crate::experiment::replications::Replications;
use crate::kernel::random::Seed;
use crate::model::id::PoolId;
use crate::scenario::Scenario;
use crate::stats::Estimate;
use crate::stats::mean::mean;
use crate::stats::paired::{Paired, paired};

/// One measure of one subject, without the change and with it.
#[derive(Clone, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct Compared {
    /// `pool`, `total`, `incident`, `dependency` or `class`.
    pub kind: &'static str,
    /// Its name; `all pools` for the total.
    pub name: String,
    /// The measure's name.
    pub measure: &'static str,
    /// The measure's unit.
    pub unit: &'static str,
    /// Which way is better, where that is beyond doubt.
    pub better: Option<Better>,
    /// Mean without the change, over the replications in which both have a value. For an event that does
    /// not occur, the time at risk is taken.
    pub base: Estimate,
    /// Mean with the change, over the same.
    pub variant: Estimate,
    /// What the change makes of it.
    pub paired: Paired,
}

/// A change against what it changes.
#[derive(Clone, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct Comparison {
    /// Replications of each.
    pub n: usize,
    /// Every measure of every subject that both have, and of all pools together.
    pub rows: Vec<Compared>,
    /// Pools, dependencies and demand classes that only one of them has.
    pub alone: Vec<String>,
    /// Digests of the two ensembles.
    pub digests: [u64; 2],
    /// Differences over all pools by measure and replication, and the row of the sample that each drew; none where
    /// all values are known.
    #[serde(skip)]
    pub(crate) pairs: BTreeMap<&'static str, Vec<Option<f64>>>,
    #[serde(skip)]
    pub(crate) sample_rows: Vec<u32>,
}

impl Compared {
    /// Share of replications in which the change is for the better.
    pub fn improves(&self) -> Option<Estimate> {
        self.better.map(|better| match better {
            Better::Less => self.paired.less,
            Better::More => self.paired.more,
        })
    }

    /// Share of replications in which the change is for the worse.
    pub fn worsens(&self) -> Option<Estimate> {
        self.better.map(|better| match better {
            Better::Less => self.paired.more,
            Better::More => self.paired.less,
        })
    }

    /// Whether what is measured occurs on either side.
    pub(crate) fn occurs(&self) -> bool {
        let sides = [self.base.point, self.variant.point];
        sides.into_iter().flatten().any(|mean| mean != 0.0)
    }

    /// Whether the change makes one and the same difference in every pair.
    pub(crate) fn is_constant(&self) -> bool {
        let every = |share: Estimate| share.point == Some(1.0);
        let one_way = every(self.paired.less) || every(self.paired.more);
        one_way && self.paired.variance_ratio.is_none() && 1 < self.paired.difference.n
    }

    /// Whether the change made any difference.
    pub fn differs(&self) -> bool {
        [self.paired.less, self.paired.more]
            .iter()
            .any(|share| share.point.is_some_and(|share| 0.0 < share))
    }
}

/// Compares a scenario with a changed one: every replication of the one with the same of the other, under
/// common random numbers.
///
/// # Examples
/// What ten more workers change:
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use drawdown::{Replications, Scenario, Seed, compare};
///
/// let base = Scenario::load("examples/full-outage.yaml")?;
/// let more = [("pools.anywhere/any.target", "40")];
/// let more = Scenario::load_with("examples/full-outage.yaml", more)?;
/// let found = compare(&base, &more, Replications::new(200), Seed(1));
/// let failed = found.of("anywhere/any", "failed_leases").ok_or("no such measure")?;
/// // It never hurts, under common random numbers.
/// assert_eq!(failed.worsens().and_then(|share| share.point), Some(0.0));
/// assert!(failed.paired.difference.high < Some(0.0));
/// # Ok(())
/// # }
/// ```
pub fn compare(
    base: &Scenario,
    variant: &Scenario,
    replications: Replications,
    seed: Seed,
) -> Comparison {
    compare_with(base, variant, replications, seed, &())
}

/// The same, with progress reporting and cancellation: cancelled, it compares the pairs of which both
/// replications are complete.
pub fn compare_with(
    base: &Scenario,
    variant: &Scenario,
    replications: Replications,
    seed: Seed,
    progress: &dyn Progress,
) -> Comparison {
    let sides = sides(&[base, variant], (replications, seed), progress);
    compared((base, &sides[0]), (variant, &sides[1]))
}

/// Runs several scenarios, each replication of all of them in turn: cancelled, all have as many.
pub(crate) fn sides(
    scenarios: &[&Scenario],
    (replications, seed): (Replications, Seed),
    progress: &dyn Progress,
) -> Vec<Ensemble> {
    let mut found: Vec<Ensemble> = scenarios.iter().map(|it| Ensemble::new(it)).collect();
    let count = replications.count.get();
    parallel::with_threads(replications.threads, || {
        let mut all: Vec<_> = found.iter_mut().zip(scenarios.iter().copied()).collect();
        Ensemble::extend_all(&mut all, count, seed, progress);
    });
    found
}

/// Compares what two scenarios came to; replications that one of them lacks are left out.
pub(crate) fn compared(
    base: (&Scenario, &Ensemble),
    variant: (&Scenario, &Ensemble),
) -> Comparison {
    let (subjects, others) = (Subject::all(base.0), Subject::all(variant.0));
    let named = |subject: Subject, scenario: &Scenario| {
        let (kind, name) = subject.named(scenario);
        // There is one incident, whatever the scenario is called.
        (
            kind,
            if kind == "incident" {
                String::new()
            } else {
                name.to_owned()
            },
        )
    };
    let n = base.1.n.min(variant.1.n);
    let (pools, others_pools) = (base.0.pools.iter(), variant.0.pools.iter());
    // Sums over different pools would say nothing of any change.
    let same = pools.map(|it| &it.name).eq(others_pools.map(|it| &it.name));
    let mut pairs = BTreeMap::new();
    let mut rows = match same {
        true => totals(base, variant, n, &mut pairs),
        false => Vec::new(),
    };
    let mut alone = Vec::new();
    for subject in &subjects {
        let of_base = named(*subject, base.0);
        let other = others.iter().find(|it| named(**it, variant.0) == of_base);
        let Some(other) = other else {
            alone.push(of_base.1);
            continue;
        };
        for (place, measure) in subject.measures().iter().enumerate() {
            let pairs = (0..n).filter_map(|replication| {
                let first = base.1.watched(replication, *subject, place)?;
                Some((first, variant.1.watched(replication, *other, place)?))
            });
            let named = (of_base.0, subject.named(base.0).1.to_owned());
            rows.push(Compared::of(named, measure, &pairs.collect::<Vec<_>>()));
        }
    }
    let new = others.iter().map(|it| named(*it, variant.0));
    alone.extend(
        new.filter(|it| !subjects.iter().any(|of| named(*of, base.0) == *it))
            .map(|it| it.1),
    );
    Comparison {
        n,
        rows,
        alone,
        digests: [base.1.digest, variant.1.digest],
        pairs,
        sample_rows: base.1.rows.iter().copied().take(n).collect(),
    }
}

/// Sums over all pools of each. A standby that stands by is not counted as empty.
fn totals(
    base: (&Scenario, &Ensemble),
    variant: (&Scenario, &Ensemble),
    n: usize,
    differences: &mut BTreeMap<&'static str, Vec<Option<f64>>>,
) -> Vec<Compared> {
    let sum = |(scenario, ensemble): (&Scenario, &Ensemble), replication, place: usize| {
        let empty = MEASURES[place].name == "empty_s";
        let stands_by = |pool: &usize| !scenario.setup.pools[PoolId::from(*pool)].serves_at_first();
        let pools = (0..scenario.pools.len()).filter(|pool| !(empty && stands_by(pool)));
        let values =
            pools.filter_map(|pool| ensemble.watched(replication, Subject::Pool(pool), place));
        let values: Vec<f64> = values.collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>())
    };
    let summed = MEASURES
        .iter()
        .enumerate()
        .filter(|(_, it)| it.has(Role::Summed));
    let row = |(place, measure): (usize, &'static Measure)| {
        let pairs = (0..n).map(|replication| {
            Some((
                sum(base, replication, place)?,
                sum(variant, replication, place)?,
            ))
        });
        let pairs: Vec<Option<(f64, f64)>> = pairs.collect();
        if !base.1.rows.is_empty() {
            let less = pairs
                .iter()
                .map(|pair| pair.map(|(base, variant)| variant - base));
            differences.insert(measure.name, less.collect());
        }
        let named = ("total", "all pools".to_owned());
        Compared::of(
            named,
            measure,
            &pairs.into_iter().flatten().collect::<Vec<_>>(),
        )
    };
    summed.map(row).collect()
}

impl Compared {
    fn of(
        (kind, name): (&'static str, String),
        measure: &'static Measure,
        pairs: &[(f64, f64)],
    ) -> Self {
        let side = |of: fn(&(f64, f64)) -> f64| {
            let mean = mean(&pairs.iter().map(of).collect::<Vec<_>>());
            match measure.unit {
                "share" => mean.within_one(),
                _ => mean,
            }
        };
        let base = side(|pair| pair.0);
        // Most measures of most subjects are the same with the change.
        let same = pairs.iter().all(|(base, variant)| base == variant);
        Self {
            kind,
            name,
            measure: measure.name,
            unit: measure.unit,
            better: measure.better,
            base,
            variant: if same { base } else { side(|pair| pair.1) },
            paired: paired(pairs),
        }
    }
}

impl Comparison {
    /// Measures of all pools that say most of a change: those that occur on either side. Where nothing
    /// fails, what waits leads. Where nothing occurs at all, the first of them.
    pub(crate) fn headlines(&self) -> Vec<(&'static Measure, &Compared)> {
        let of = |role: Role| {
            let measures = MEASURES.iter().filter(move |it| it.has(role));
            measures.filter_map(|it| Some((it, self.of("all pools", it.name)?)))
        };
        let occurring = |role| of(role).filter(|(_, row)| row.occurs());
        let fails = occurring(Role::Failure).next().is_some();
        let waits = occurring(Role::Wait).filter(|_| !fails);
        let found: Vec<_> = waits.chain(occurring(Role::Headline)).collect();
        match found.is_empty() {
            true => of(Role::Headline).take(1).collect(),
            false => found,
        }
    }

    /// What the buffers of all pools cost, where that is known.
    pub(crate) fn cost(&self) -> Option<&Compared> {
        let cost = MEASURES.iter().find(|it| it.has(Role::Cost))?;
        self.of("all pools", cost.name).filter(|row| row.occurs())
    }

    /// A measure of a subject by its name; `all pools` are one.
    pub fn of(&self, name: &str, measure: impl AsRef<str>) -> Option<&Compared> {
        let (mut rows, measure) = (self.rows.iter(), measure.as_ref());
        rows.find(|row| row.name == name && row.measure == measure)
    }
}
