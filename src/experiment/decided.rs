//! Replications that end once it is decided whether a buffer does what it must: when a request has failed, or when
//! every outage is over and no request of the pool waits.

use crate::experiment::requirement::Requirement;
use crate::kernel::queue::Ended;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::chance::Chance;
use crate::model::id::PoolId;
use crate::model::setup::outage::When;
use crate::model::world::World;
use crate::scenario::Scenario;

/// How often a replication is looked at.
const LOOKS: u64 = 96;

/// Whether one replication meets all of several requirements; the ledger holds what had happened when that was known.
pub(crate) fn meets_all(
    scenario: &Scenario,
    world: &mut World<'_>,
    requirements: &[Requirement],
    chance: Chance,
) -> bool {
    let met = |world: &World| {
        let mut requirements = requirements.iter();
        requirements.all(|it| it.is_met(scenario, &world.ledger))
    };
    world.begin(chance);
    if requirements.iter().all(Requirement::is_of_outages) {
        let (start, horizon) = (scenario.setup.start, scenario.setup.horizon);
        let step = SimDuration::from_micros((horizon - start).micros().div_ceil(LOOKS).max(1));
        let mut at = start + step;
        while at < horizon {
            if world.advance_to(at) == Ended::BudgetSpent {
                break;
            }
            // Failed requests are never fewer than they were.
            if !met(world) {
                return false;
            }
            if are_over(world, at) && !waits(scenario, world, requirements) {
                return true;
            }
            at += step;
        }
    }
    world.go_on(&mut (), &[], |_, _| {});
    met(world)
}

/// Whether no outage is in force at an instant or later.
fn are_over(world: &World, at: SimTime) -> bool {
    let random = |window: &crate::model::setup::outage::Window| match window.when {
        When::Dated { .. } => false,
        When::RandomOutages => true,
    };
    !world.setup.windows.iter().any(random) && world.occurrences.iter().all(|it| it.until <= at)
}

/// Whether a request waits that the requirements count.
fn waits(scenario: &Scenario, world: &World, requirements: &[Requirement]) -> bool {
    requirements.iter().any(|it| {
        let pools = std::iter::once(it.pool).chain(scenario.standbys_of(it.pool));
        let waiting = |pool| world.ledger.pools[PoolId::from(pool)].waiting.value;
        pools.map(waiting).any(|waiting| 0 < waiting)
    })
}
