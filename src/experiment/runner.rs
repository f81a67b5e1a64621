//! Replications of one scenario, one after another: in one world, or each in its own where values are drawn.

use crate::experiment::decided::meets_all;
use crate::experiment::requirement::Requirement;
use crate::kernel::random::Seed;
use crate::model::chance::Chance;
use crate::model::record::ledger::Ledger;
use crate::model::world::World;
use crate::scenario::Scenario;

/// A world that is used for one replication after another.
pub(crate) struct Runner<'a> {
    scenario: &'a Scenario,
    seed: Seed,
    world: Option<World<'a>>,
}

impl<'a> Runner<'a> {
    /// A runner of a scenario.
    pub fn new(scenario: &'a Scenario, seed: Seed) -> Self {
        Self {
            scenario,
            seed,
            world: None,
        }
    }

    /// Runs a replication, and gives what `see` makes of its scenario and its ledger.
    pub fn run<T>(&mut self, replication: usize, see: impl FnOnce(&Scenario, &Ledger) -> T) -> T {
        self.with_world(replication, |(scenario, _), world, chance| {
            world.run(chance, &mut ());
            see(scenario, &world.ledger)
        })
    }

    /// Runs a replication until it is decided whether it meets all of several requirements, and gives what `see` makes
    /// of that.
    pub fn decide<T>(
        &mut self,
        replication: usize,
        requirements: &[Requirement],
        see: impl FnOnce(Decided<'_>) -> T,
    ) -> T {
        self.with_world(replication, |(scenario, row), world, chance| {
            let met = meets_all(scenario, world, requirements, chance);
            see(Decided {
                met,
                row,
                scenario,
                ledger: &world.ledger,
            })
        })
    }

    /// Calls `simulate` with the scenario of a replication and the row that it drew, a world of it, and its random
    /// numbers.
    fn with_world<T>(
        &mut self,
        replication: usize,
        simulate: impl FnOnce((&Scenario, Option<u32>), &mut World<'_>, Chance) -> T,
    ) -> T {
        let chance = Chance::of(self.seed, replication as u64);
        if let Some((row, own)) = self.scenario.drawn(self.seed, replication) {
            let row = Some(row as u32);
            return simulate((&own, row), &mut World::new(&own.setup), chance);
        }
        let scenario = self.scenario;
        let world = self
            .world
            .get_or_insert_with(|| World::new(&scenario.setup));
        simulate((scenario, None), world, chance)
    }
}

/// What is known of a replication when it is decided whether it meets requirements.
pub(crate) struct Decided<'a> {
    /// Whether it meets all of them.
    pub met: bool,
    /// The row of the sample that it drew, where values are drawn.
    pub row: Option<u32>,
    pub scenario: &'a Scenario,
    pub ledger: &'a Ledger,
}
