//! One replication whose parts share nothing, such as regions of which each has its own pools and limits: they run in
//! parallel, and what they give together is the same to the byte.

use crate::experiment::ensemble::Ensemble;
use crate::experiment::parallel;
use crate::experiment::part::Run;
use crate::experiment::progress::Progress;
use crate::kernel::event_loop::Ended;
use crate::kernel::random::Seed;
use crate::model::chance::Chance;
use crate::model::id::PoolId;
use crate::model::record::ledger::Ledger;
use crate::model::setup::Setup;
use crate::model::world::World;
use crate::scenario::Scenario;

/// A world in parts.
pub(crate) struct Parts<'a> {
    setup: &'a Setup,
    parts: Vec<(Vec<PoolId>, Setup)>,
}

impl<'a> Parts<'a> {
    /// The parts of a world, if there are several and more threads than `replications`, or a single one: a part has
    /// fewer pools and tenants to look through than the whole.
    pub fn of(setup: &'a Setup, replications: usize) -> Option<Self> {
        if 1 < replications && parallel::threads() <= replications {
            return None;
        }
        let parts = setup.parts();
        (!parts.is_empty()).then_some(Self { setup, parts })
    }

    /// Runs one replication, each part with `go_on` from its beginning to its end, and gives the ledger of all and what
    /// `go_on` gave for each; nothing if it exceeds its budget of events, which no part knows alone.
    pub fn run<T: Send>(
        &self,
        chance: Chance,
        new: fn(&Setup) -> World<'_>,
        go_on: impl Fn(&mut World<'_>, &[PoolId]) -> (Ended, T) + Sync,
    ) -> Option<(Ledger, Vec<T>)> {
        let ran = parallel::map_each(self.parts.len(), |place| {
            let (pools, setup) = &self.parts[place];
            let mut world = new(setup);
            world.begin(chance);
            let (ended, made) = go_on(&mut world, pools);
            (ended, world.ledger, made)
        });
        let mut whole: Option<Ledger> = None;
        let mut all = Vec::with_capacity(ran.len());
        for ((pools, _), (ended, ledger, made)) in self.parts.iter().zip(ran) {
            if ended == Ended::BudgetSpent {
                return None;
            }
            match &mut whole {
                None => whole = Some(ledger),
                Some(whole) => whole.join(ledger, self.setup, pools),
            }
            all.push(made);
        }
        let whole = whole.filter(|it| it.events < self.setup.budget)?;
        Some((whole, all))
    }
}

impl Ensemble {
    /// Runs replications until there are `size`, each in parts side by side, where there are fewer of them than threads.
    pub fn extend_in_parts(
        &mut self,
        scenario: &Scenario,
        size: usize,
        seed: Seed,
        progress: &dyn Progress,
    ) {
        let few = size.saturating_sub(self.n);
        if few == 0 || scenario.is_uncertain() || self.columns.reduced.is_some() {
            return;
        }
        let Some(parts) = Parts::of(&scenario.setup, few) else {
            return;
        };
        while self.n < size && !progress.is_cancelled() {
            let of = (self.columns.fan(scenario), &self.columns, scenario);
            let Some(part) = Run::in_parts(of, &parts, seed, self.n..self.n + 1) else {
                return;
            };
            self.add(part);
            progress.completed(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Regions with pools of their own, of which one has two that share a quota, in two outages, one of them random.
    const APART: &str = "
schema: 1
name: apart
clock: {start: 2026-01-05T00:00:00Z, horizon: 30h, warm_up: 6h}
regions: {a: {}, b: {quota: {workers: 60, counts: [pending, ready, leased]}}, c: {}}
pools:
  a/x: &pool
    target: 20
    provision: {latency: {lognormal: {p50: 6m, p95: 15m}}, timeout: 30m}
    replenish: {counts: ready_and_pending, waiting_orders: true, in_flight_max: 6, retry: {initial: 1m, factor: 2, max: 10m}}
    lease: {idle_timeout: 40m, max_age: 9h, age_clock: created, on_empty: wait, wait_timeout: 10m}
  b/x: *pool
  b/y: *pool
  c/x: *pool
demand:
  a: {pool: a/x, essential: true, source: {tenants: {count: 80, jobs: 0.5/h, duration: 10m}}}
  b: {pool: b/x, essential: true, source: {requests: {rate: 9/h, hold: 1h}}}
  y: {pool: b/y, essential: true, source: {requests: {rate: 9/h, hold: 2h}}}
  c: {pool: c/x, essential: true, source: {requests: {rate: 9/h, hold: {exponential: {mean: 1h}}}}}
outages:
  all: {regions: [a, b, c], operations: [create], from: +8h, until: +12h, failure: 90%, judged: completion}
  some: {regions: [a, c], operations: [create], random: {up: {exponential: {mean: 9h}}, down: 1h, shared: 50%}, failure: 100%, judged: completion}
";

    #[test]
    fn parts_side_by_side_equal_the_whole() {
        let scenario = Scenario::parse("apart", APART).unwrap_or_else(|wrong| panic!("{wrong}"));
        let setup = &scenario.setup;
        let three = std::num::NonZeroUsize::new(3);
        for replication in 0..20 {
            for chance in [Chance::of(Seed(4), replication), Chance::Mean] {
                let mut whole = World::new(setup);
                whole.run(chance, &mut ());
                // Of one instant they are in no order that matters.
                whole.ledger.unserved.sort_by_key(|it| (it.at, it.pool));
                parallel::with_threads(three, || {
                    let parts = Parts::of(setup, 2).expect("more threads");
                    assert_eq!(parts.parts.len(), 3);
                    let go_on = |world: &mut World<'_>, _: &[PoolId]| {
                        (world.go_on(&mut (), &[], |_, _| {}), ())
                    };
                    let ran = parts.run(chance, |setup| World::new(setup), go_on);
                    let (joined, _) = ran.expect("within its budget");
                    assert!(joined == whole.ledger, "{replication} {chance:?}");
                    assert!(Parts::of(setup, 3).is_none(), "no thread is idle");
                    assert!(Parts::of(setup, 1).is_some());
                });
            }
        }
    }

    #[test]
    fn people_make_one_part_of_all() {
        let scenario = Scenario::load("scenarios/fnj8-vqz.yaml").expect("a scenario");
        assert!(scenario.setup.parts().is_empty());
    }
}
