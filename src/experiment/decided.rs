//! Replications that end once it is decided whether a buffer does what it must: when a request has failed, or when
//! every outage is over and no request of the pool waits.

use crate::experiment::requirement::Requirement;
use crate::kernel::event_loop::Ended;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::chance::Chance;
use crate::model::id::PoolId;
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
    if requirements.iter().all(|it| ends_early(scenario, it)) {
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
    world.occurrences.iter().all(|it| it.until <= at)
}

/// Whether a requirement can be decided before the end: it bounds requests that fail in outages from above, and the
/// pool takes requests from the beginning. Whether any reaches a standby is known only at the end.
fn ends_early(scenario: &Scenario, requirement: &Requirement) -> bool {
    let pool = &scenario.setup.pools[requirement.pool()];
    let bounded = requirement.at_least == f64::NEG_INFINITY;
    requirement.is_of_outages() && bounded && pool.serves_at_first()
}

/// Whether a request waits that the requirements count.
fn waits(scenario: &Scenario, world: &World, requirements: &[Requirement]) -> bool {
    requirements.iter().any(|it| {
        let pools = std::iter::once(it.pool).chain(scenario.standbys_of(it.pool));
        let waiting = |pool| world.ledger.pools[PoolId::from(pool)].waiting.value;
        pools.map(waiting).any(|waiting| 0 < waiting)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::random::Seed;

    /// Whether deciding early says of a replication what the whole of it says.
    fn agrees(scenario: &Scenario, requirement: Requirement) {
        for replication in 0..40 {
            let chance = Chance::of(Seed(1), replication);
            let (mut whole, mut early) = (World::new(&scenario.setup), World::new(&scenario.setup));
            whole.run(chance, &mut ());
            let met = meets_all(scenario, &mut early, &[requirement], chance);
            let says = |world: &World| {
                [
                    requirement.is_touched(scenario, &world.ledger),
                    requirement.is_reached(scenario, &world.ledger),
                ]
            };
            assert_eq!(met, requirement.is_met(scenario, &whole.ledger));
            assert_eq!(says(&early), says(&whole), "replication {replication}");
        }
    }

    #[test]
    fn a_replication_that_ends_early_says_what_the_whole_says() {
        let full = Scenario::load("examples/full-outage.yaml").expect("a scenario");
        let in_outage = "failed_leases_in_outage";
        agrees(&full, Requirement::no_failed_lease(0, 0.1));
        let few = Requirement::new(0, in_outage, 3.0, 0.1).expect("a measure");
        agrees(&full, few);
        // That many fail is known only at the end.
        let many = Requirement::at_least_of(0, in_outage, 2.0, 0.1).expect("a measure");
        agrees(&full, many);
        // The last step activates this standby after the outage has begun.
        let incident = Scenario::load("scenarios/rnq2-nc8.yaml").expect("a scenario");
        for pool in ["northeurope/all", "westeurope/all"] {
            let pool = incident.pool(pool).expect("a pool");
            agrees(&incident, Requirement::no_failed_lease(pool, 0.1));
        }
    }
}
