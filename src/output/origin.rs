//! From when a report counts how long pools last: one origin for its curves, their figures and the
//! titles of its charts, named wherever a time counts from it.

use crate::experiment::ensemble::Ensemble;
use crate::experiment::fan::outages;
use crate::experiment::measure::{self, MEASURES, Subject};
use crate::scenario::Scenario;
use crate::stats::quantile::quantile_counted;

/// From when times count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Origin {
    /// The first attempt that an outage made fail, as published figures count.
    FailedProvisioning,
    /// The beginning of the first outage that meets a pool.
    Outage,
    /// The start of the scenario.
    Start,
}

impl Origin {
    /// The origin that an ensemble has: the first failed provisioning where most replications have one,
    /// the outage otherwise. Random outages begin at other times for each pool, so that one origin for all
    /// would be another's outage.
    pub fn of(scenario: &Scenario, found: &Ensemble) -> Self {
        let pools = 0..scenario.pools.len();
        let met = pools
            .into_iter()
            .any(|pool| found.about(pool, "outage_s").present.point > Some(0.0));
        let failed: usize = failed_provisionings(scenario, found)
            .iter()
            .map(|it| it.1)
            .sum();
        match (met, scenario.setup.hazards.is_empty()) {
            (false, _) => Self::Start,
            (true, true) if found.n <= 2 * failed => Self::FailedProvisioning,
            (true, _) => Self::Outage,
        }
    }

    /// The measure of how long a pool lasts that counts from it.
    pub fn clock(self) -> &'static str {
        match self {
            Self::FailedProvisioning => "first_lease_failure_after_s",
            Self::Outage => "time_to_survive_s",
            Self::Start => "first_lease_failure_at_s",
        }
    }

    /// What a time counts from.
    pub fn after(self) -> &'static str {
        match self {
            Self::FailedProvisioning => "after the first failed provisioning",
            Self::Outage => "after the first outage began",
            Self::Start => "after the start",
        }
    }

    /// Where it lies on the axis of a chart of many replications: where it mostly does (s after the
    /// start), and under which name; the start where it lies anywhere.
    pub fn on_axis(self, scenario: &Scenario, found: &Ensemble) -> (f64, Self) {
        let at_s = match self {
            Self::Start => None,
            Self::FailedProvisioning => {
                quantile_counted(failed_provisionings(scenario, found), 0.5).point
            }
            Self::Outage if !scenario.setup.hazards.is_empty() => None,
            Self::Outage => {
                let pools = 0..scenario.pools.len();
                let begins = pools.flat_map(|pool| outages(scenario, pool));
                begins.map(|(from, _)| from).min_by(f64::total_cmp)
            }
        };
        at_s.map_or((0.0, Self::Start), |at_s| (at_s, self))
    }
}

/// The first failed provisioning of any pool, of the replications that have one (s after the start), with how many
/// have it there. Where only summaries are kept, that of the pool in which it occurs most often.
fn failed_provisionings(scenario: &Scenario, found: &Ensemble) -> Vec<(f64, usize)> {
    const NAME: &str = "first_failed_provisioning_at_s";
    let pools = 0..scenario.pools.len();
    if found.is_summarised() {
        let counted = pools.map(|pool| {
            let pool = Subject::Pool(pool);
            found.counted(pool, measure::place(MEASURES, NAME))
        });
        let times = |counted: &Vec<(f64, usize)>| counted.iter().map(|it| it.1).sum::<usize>();
        return counted.max_by_key(times).unwrap_or_default();
    }
    let mut first = vec![f64::INFINITY; found.n];
    for pool in pools {
        let values = found.sample(pool, NAME);
        for (first, value) in first.iter_mut().zip(values) {
            *first = first.min(value.unwrap_or(f64::INFINITY));
        }
    }
    first.retain(|at| at.is_finite());
    first.into_iter().map(|at| (at, 1)).collect()
}
