//! Several buffers that are sized together, and how often levels of them are enough.

use std::num::NonZeroUsize;
use std::ops::Range;

use crate::experiment::parallel;
use crate::experiment::requirement::{Requirement, met};
use crate::kernel::random::Seed;
use crate::scenario::Scenario;
use crate::scenario::text::node::Node;
use crate::scenario::vary::design::{Plan, SweepSpec};
use crate::scenario::vary::template::Template;
use crate::stats::Estimate;
use crate::stats::proportion::proportion;

/// One of several buffers that are sized together.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// The axis of its levels, numbers all of them.
    pub varied: SweepSpec,
    pub plan: Plan,
    pub requirement: Requirement,
    /// What one more of it costs.
    pub price: f64,
}

/// Share of some replications in which levels meet all requirements; absent where the file refuses
/// those levels together.
pub(crate) fn kept(
    (template, wanted): (&Template, &[Wanted]),
    levels: &[usize],
    replications: Range<usize>,
    (threads, seed): (Option<NonZeroUsize>, Seed),
) -> Option<Estimate> {
    let scenario: Scenario = template.with(&values(wanted, levels)).ok()?;
    let (n, requirements) = (replications.len(), requirements(wanted));
    let hits = parallel::with_threads(threads, || {
        met(&scenario, &requirements, replications, seed)
    });
    Some(proportion(hits, n))
}

/// What each buffer must do.
pub(crate) fn requirements(wanted: &[Wanted]) -> Vec<Requirement> {
    wanted.iter().map(|it| it.requirement).collect()
}

/// Path and value of each buffer, at these levels.
pub(crate) fn values<'a>(wanted: &'a [Wanted], levels: &[usize]) -> Vec<(&'a str, Node)> {
    let levels = wanted.iter().zip(levels);
    let axes = levels.map(|(it, level)| (&it.plan.axes[0], *level as u64));
    axes.map(|(axis, level)| (axis.path(), axis.level(level)))
        .collect()
}
