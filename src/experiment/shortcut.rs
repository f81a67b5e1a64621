//! Questions whose answer follows from one number, the ready workers of a pool, where that is a Markov chain: its paths
//! are drawn without the engine. The law of what is measured is the same.

use std::ops::Range;

use crate::experiment::digests::folded;
use crate::experiment::drained::{one_outage, poisson_classes};
use crate::experiment::ensemble::Ensemble;
use crate::experiment::fan::Fan;
use crate::experiment::measure::{Kind, Measure, Subject};
use crate::experiment::part::Part;
use crate::experiment::progress::Progress;
use crate::experiment::shortcut_chain::{self, Chain};
use crate::experiment::shortcut_jump::{self, Jump};
use crate::experiment::shortcut_path::{Fixed, Reach, Reader, SamplePath, reader};
use crate::experiment::summary::summarise;
use crate::kernel::random::{Generator, Key, Seed};
use crate::model::chance::Purpose;
use crate::model::id::{ClassId, PoolId};
use crate::model::setup::Setup;
use crate::model::setup::demand::ClassOnEmpty;
use crate::model::setup::pool::OnEmpty;
use crate::scenario::Scenario;
use crate::scenario::compile::BUDGET;
use crate::stats::Estimate;

/// A way to draw what happens to a pool without simulating every event, with the same law.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Shortcut {
    /// Nothing arrives: the time of the last worker is a gamma variable.
    GammaJump,
    /// Attempts take exponential times: only jumps of the level are drawn.
    JumpChain,
}

/// How paths are drawn.
#[derive(Clone, Debug)]
enum Law {
    Jump(Box<Jump>),
    Chain(Chain),
}

/// A scenario and a question for which there is a shortcut.
#[derive(Clone, Debug)]
pub(super) struct Reduced {
    law: Law,
    fixed: Fixed,
    /// Key of its random stream.
    stream_key: u64,
    /// How each column is read from a path.
    columns: Vec<&'static Reader>,
    to_the_end: bool,
    /// Whether the failed requests that are expected are a column too, the last.
    pub expects: bool,
}

/// Replications between two looks at whether they are cancelled.
const AT_ONCE: usize = 256;

/// The shortcut to some measures of a scenario, or why there is none.
pub(super) fn fits(
    scenario: &Scenario,
    asked: &[(Subject, &'static Measure)],
) -> Result<Reduced, &'static str> {
    let setup = &scenario.setup;
    if scenario.is_uncertain() {
        return Err("draws values");
    }
    if setup.budget < BUDGET {
        return Err("has a budget of events");
    }
    let pool = only_pool(setup, asked).ok_or("is not the only pool that is asked about")?;
    let classes = poisson_classes(setup, pool)?;
    is_emptied_and_fails(setup, pool, &classes)?;
    let alone = classes.len() == 1;
    let columns = asked.iter().map(|(subject, measure)| match subject {
        Subject::Class(_) if !alone => None,
        Subject::Class(_) => reader(measure, true),
        _ => reader(measure, false),
    });
    let columns: Option<Vec<&Reader>> = columns.collect();
    let columns = columns.ok_or("is asked for a measure that depends on more than its level")?;
    let reach = columns.iter().map(|it| it.reach).max();
    let reach = reach.ok_or("is asked for nothing")?;
    let jump = shortcut_jump::fits(setup, pool, &classes).ok();
    let law = match jump.filter(|_| reach < Reach::Levels) {
        Some(jump) => Law::Jump(Box::new(jump)),
        None => Law::Chain(shortcut_chain::fits(setup, pool, &classes)?),
    };
    Ok(Reduced {
        law,
        fixed: fixed(scenario, pool)?,
        stream_key: setup.pools[pool].stream_key,
        columns,
        to_the_end: Reach::Failure < reach,
        expects: asked.iter().any(|(_, it)| it.name == "failed_leases"),
    })
}

/// The pool that all measures are of, itself or the classes that draw on it.
fn only_pool(setup: &Setup, asked: &[(Subject, &Measure)]) -> Option<PoolId> {
    let of = |subject: &Subject| match subject {
        Subject::Pool(pool) => Some(PoolId::from(*pool)),
        Subject::Class(class) => Some(setup.classes[ClassId(*class as u32)].pool),
        Subject::Incident | Subject::Dependency(_) => None,
    };
    let (first, _) = asked.first()?;
    let first = of(first)?;
    let all = asked.iter().all(|(subject, _)| of(subject) == Some(first));
    all.then_some(first)
}

/// Whether requests take every ready worker at once, and fail where there is none.
fn is_emptied_and_fails(
    setup: &Setup,
    pool: PoolId,
    classes: &[ClassId],
) -> Result<(), &'static str> {
    let of = &setup.pools[pool];
    if of.stopped.is_some() {
        return Err("has workers that are stopped");
    }
    let pool_rejects = matches!(of.on_empty, OnEmpty::Reject);
    for class in classes.iter().map(|id| &setup.classes[*id]) {
        let rejects = match class.on_empty {
            Some(on_empty) => on_empty == ClassOnEmpty::Reject,
            None => pool_rejects,
        };
        match () {
            () if 0 < class.reserve => return Err("keeps workers for some classes"),
            () if !rejects => return Err("has requests that wait"),
            () => {}
        }
    }
    Ok(())
}

/// What is the same in every replication.
fn fixed(scenario: &Scenario, pool: PoolId) -> Result<Fixed, &'static str> {
    let setup = &scenario.setup;
    let measured = |(from, until)| (setup.start.max(from), setup.horizon.min(until));
    let outage = one_outage(setup, pool)?.map(|(_, from, until)| measured((from, until)));
    let outage = outage.filter(|(from, until)| from < until);
    Ok(Fixed {
        length: scenario.length().seconds(),
        outage: outage.map(|(from, until)| (scenario.seconds(from), until.seconds_since(from))),
        price: scenario.prices.failed_lease,
    })
}

impl Reduced {
    /// What it is.
    pub fn kind(&self) -> Shortcut {
        match self.law {
            Law::Jump(_) => Shortcut::GammaJump,
            Law::Chain(_) => Shortcut::JumpChain,
        }
    }

    /// A range of replications, or as many of it as are not cancelled.
    pub fn run(&self, seed: Seed, range: Range<usize>, progress: &dyn Progress) -> Part {
        let width = self.columns.len() + usize::from(self.expects);
        let mut part = Part::new(&range, Fan::default(), width);
        for begin in range.clone().step_by(AT_ONCE) {
            if progress.is_cancelled() {
                break;
            }
            let some = begin..(begin + AT_ONCE).min(range.end);
            for replication in some.clone() {
                let key = Key::new(seed.0, replication as u64);
                let stream = key.stream(Purpose::Shortcut as u8, self.stream_key, 0);
                let path = self.path(&mut stream.generator());
                part.digests.push(self.note(&path, &mut part.values));
            }
            progress.completed(some.len() as u64);
        }
        part
    }

    #[inline]
    fn path(&self, generator: &mut Generator) -> SamplePath {
        match &self.law {
            Law::Jump(jump) => jump.path(generator, self.to_the_end),
            Law::Chain(chain) => chain.path(generator, self.to_the_end),
        }
    }

    /// Adds the values of a path to their columns, and gives a digest of them.
    #[inline]
    fn note(&self, path: &SamplePath, values: &mut [Vec<f64>]) -> u64 {
        let mut digest = 0;
        let read = self.columns.iter().map(|column| {
            let value = (column.read)(path, &self.fixed);
            value.unwrap_or(f64::NAN)
        });
        let expected = self.expects.then_some(path.expected);
        for (column, value) in values.iter_mut().zip(read.chain(expected)) {
            digest = folded(digest, value.to_bits());
            column.push(value);
        }
        digest
    }
}

impl Ensemble {
    /// The shortcut by which replications were drawn, if there was one: events and levels over time are absent then.
    ///
    /// # Examples
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use drawdown::measure::FAILED_LEASES;
    /// use drawdown::study::{KeptMeasures, Shortcut, ensemble_keeping};
    /// use drawdown::{Replications, Scenario, Seed};
    ///
    /// // Nothing is provisioned in it, and requests are a Poisson stream.
    /// let scenario = Scenario::load("examples/full-outage.yaml")?;
    /// let kept = KeptMeasures::only([FAILED_LEASES], None)?;
    /// let found = ensemble_keeping(&scenario, &kept, Replications::new(1_000), Seed(1), &());
    /// assert_eq!(found.shortcut(), Some(Shortcut::GammaJump));
    /// let plain = ensemble_keeping(&scenario, &kept.plain(), Replications::new(1_000), Seed(1), &());
    /// assert_eq!(plain.shortcut(), None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn shortcut(&self) -> Option<Shortcut> {
        self.columns.reduced.as_ref().map(Reduced::kind)
    }

    /// The mean of `failed_leases` as the mean of its conditional expectation, given the times without a ready worker
    /// (requests times): the same mean with a narrower interval. Only where a shortcut draws `failed_leases`.
    pub fn failed_leases_expected(&self) -> Option<Estimate> {
        let slot = self.columns.expected()?;
        match &self.summaries {
            Some(columns) => Some(columns[slot].mean()),
            None => {
                let values = self.values[slot].iter().copied().map(Some);
                Some(summarise(values, Kind::Quantity).mean)
            }
        }
    }
}
