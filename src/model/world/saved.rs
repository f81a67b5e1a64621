//! The state of a world, kept to go on from it: in the same world, or in one whose outages, alerts or people differ
//! from then on. Everything that is not kept here follows from the setup.

use crate::kernel::queue::EventQueue;
use crate::kernel::time::SimTime;
use crate::model::chance::{Chance, Renew};
use crate::model::id::{AlertId, StepId, TiVec, WindowId};
use crate::model::id::{ClassId, DependencyId, OccurrenceId, PoolId, RegionId, RetryId, Slots};
use crate::model::record::clocks::Instants;
use crate::model::record::events::Recorder;
use crate::model::record::ledger::{AlertLedger, Ledger, PoolLedger};
use crate::model::world::World;
use crate::model::world::alerts::AlertState;
use crate::model::world::demand::Class;
use crate::model::world::dependency::{Calls, Dependency};
use crate::model::world::event::Event;
use crate::model::world::limits::{CircuitBreaker, TokenBucket};
use crate::model::world::occurrence::Occurrence;
use crate::model::world::pool::Pool;
use crate::model::world::waiting::{Request, Waits};
use crate::model::world::workers::Workers;

/// What is kept of a world: everything that does not follow from its setup.
macro_rules! state {
    ($($field:ident: $kind:ty),* $(,)?) => {
        /// The state of a world at an instant.
        #[derive(Clone)]
        pub(crate) struct Saved {
            $($field: $kind,)*
        }

        impl<R: Recorder> World<'_, R> {
            /// The state as it is now.
            pub(crate) fn save(&self) -> Saved {
                // Every field is named, so that a new one does not compile until it is kept or left out on purpose.
                let World {
                    setup: _,
                    watches_levels: _,
                    recorder: _,
                    observed: _,
                    #[cfg(test)]
                    relabelled: _,
                    $($field,)*
                } = self;
                Saved {
                    $($field: $field.clone(),)*
                }
            }

            /// Goes back to a state of this world, or of one with the same setup.
            pub(crate) fn restore(&mut self, saved: &Saved) {
                $(self.$field.clone_from(&saved.$field);)*
            }

            /// Goes to the state of another world.
            fn copy(&mut self, other: &Self) {
                $(self.$field.clone_from(&other.$field);)*
            }
        }
    };
}

state! {
    pools: TiVec<PoolId, Pool>,
    classes: TiVec<ClassId, Class>,
    workers: Workers,
    waits: Waits,
    retries: Slots<RetryId, Request>,
    chance: Chance,
    occurrences: TiVec<OccurrenceId, Occurrence>,
    in_flight_trials: TiVec<WindowId, u32>,
    breakers: Vec<CircuitBreaker>,
    create_buckets: TiVec<RegionId, TokenBucket>,
    delete_buckets: TiVec<RegionId, TokenBucket>,
    alert_states: TiVec<AlertId, AlertState>,
    region_failed: TiVec<RegionId, SimTime>,
    step_triggers: TiVec<StepId, u64>,
    dependencies: TiVec<DependencyId, Dependency>,
    calls: Calls,
    ledger: Ledger,
    recovering: bool,
    now: SimTime,
    queue: EventQueue<Event>,
}

impl<R: Recorder> World<'_, R> {
    /// Goes on with the random numbers of another replication. What has been drawn stays as it is: what is scheduled, when
    /// outages begin and end, how tenants differ.
    pub(crate) fn renew(&mut self, replication: u64) {
        self.chance.renew(replication);
        self.pools.iter_mut().for_each(|it| it.renew(replication));
        self.classes.iter_mut().for_each(|it| it.renew(replication));
        let dependencies = self.dependencies.iter_mut();
        dependencies.for_each(|it| it.renew(replication));
    }

    /// Takes over the state at an instant of a world that differs from this one only in outages, of which none has begun
    /// or that differ in nothing but their ends ahead, and in alerts and people, unless they are the same (`people`),
    /// before any of them has acted. They are those of this world from then on.
    pub(crate) fn take_over(&mut self, other: &Self, (at, people): (SimTime, bool)) {
        self.copy(other);
        if !people {
            self.forget_people();
        }
        self.in_flight_trials.clear();
        self.in_flight_trials.resize(self.setup.windows.len(), 0);
        self.ledger.outage_from = SimTime::NEVER;
        let pools = self.ledger.pools.iter_mut();
        pools.for_each(PoolLedger::forget_outages);
        // Steps are scheduled first when a world begins, and nothing else has the ranks of outages.
        let aside = self.queue.set_aside(|event| {
            let outage = matches!(event, Event::OutageBegins(_) | Event::OutageEnds(_));
            !(outage || !people && matches!(event, Event::StepDue(_)))
        });
        if !people {
            self.schedule_steps();
        }
        self.schedule_outages(at);
        // The room of those that have begun is known.
        let begun = self.occurrences.iter_mut().zip(&other.occurrences);
        for (occurrence, before) in begun.filter(|(it, _)| it.from < at) {
            occurrence.capacity = before.capacity;
        }
        self.queue.put_back(aside);
        for pool in &mut self.ledger.pools {
            if pool.first_outage.is_none() {
                pool.meets_none();
            }
        }
    }

    /// Makes room for the alerts and steps of this world, of which none has acted.
    fn forget_people(&mut self) {
        let (alerts, steps) = (self.setup.alerts.len(), self.setup.playbook.len());
        self.alert_states.clear();
        self.alert_states.resize_with(alerts, AlertState::default);
        self.step_triggers.clear();
        self.step_triggers.resize(steps, 0);
        self.ledger.alerts.clear();
        self.ledger.alerts.resize(alerts, AlertLedger::default());
        self.ledger.steps.clear();
        self.ledger.steps.resize(steps, Instants::default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::random::Seed;
    use crate::kernel::time::SimDuration;
    use crate::scenario::Scenario;

    fn shipped() -> Vec<Scenario> {
        let folders = ["scenarios", "scenarios/policies", "examples"];
        let files = folders
            .iter()
            .flat_map(|folder| std::fs::read_dir(folder).expect("a folder"));
        let mut files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
        files.sort();
        files
            .iter()
            .filter(|file| file.extension().is_some_and(|it| it == "yaml"))
            .filter_map(|file| Scenario::load(file).ok())
            .collect()
    }

    #[test]
    fn with_other_numbers_it_goes_on_otherwise_and_the_same_each_time() {
        for scenario in shipped() {
            let setup = &scenario.setup;
            let length = (setup.horizon - SimTime::ZERO).micros();
            if 30 * 86_400_000_000 < length || setup.classes.is_empty() {
                continue;
            }
            let mut world = World::new(setup);
            world.run_until(Chance::of(Seed(5), 3), SimTime::from_micros(length / 3));
            let saved = world.save();
            let mut digest = |replication: Option<u64>| {
                world.restore(&saved);
                if let Some(replication) = replication {
                    world.renew(replication);
                }
                world.go_on(&mut (), &[], |_, _| {});
                world.ledger.digest
            };
            let [own, one, again, other] = [None, Some(7), Some(7), Some(8)].map(&mut digest);
            assert!(one == again, "{}", scenario.name());
            let drawn = own != one && one != other;
            let expected = !setup
                .classes
                .iter()
                .all(|it| matches!(it.source, crate::model::setup::demand::Source::Trace { .. }));
            assert!(drawn || !expected, "{}", scenario.name());
        }
    }

    #[test]
    fn going_on_from_any_instant_equals_not_stopping() {
        let scenarios = shipped();
        assert!(10 < scenarios.len(), "{}", scenarios.len());
        for scenario in &scenarios {
            let setup = &scenario.setup;
            let length = (setup.horizon - SimTime::ZERO).micros();
            // A year of outages is too long to be run many times.
            let stops = if length < 30 * 86_400_000_000 { 8 } else { 1 };
            let chance = Chance::of(Seed(5), 3);
            let mut whole = World::new(setup);
            let ended = whole.run(chance, &mut ());
            let (mut world, mut other) = (World::new(setup), World::new(setup));
            for stop in 1..=stops {
                let at = SimTime::ZERO + SimDuration::from_micros(length / (stops + 1) * stop);
                world.run_until(chance, at);
                let saved = world.save();
                assert_eq!(world.go_on(&mut (), &[], |_, _| {}), ended);
                assert_eq!(world.ledger, whole.ledger, "{} at {at:?}", scenario.name());
                other.restore(&saved);
                other.go_on(&mut (), &[], |_, _| {});
                assert_eq!(other.ledger, whole.ledger, "{} at {at:?}", scenario.name());
                if at <= setup.start && setup.hazards.is_empty() {
                    world.restore(&saved);
                    other.take_over(&world, (at, false));
                    other.go_on(&mut (), &[], |_, _| {});
                    let acts = setup.windows.iter().any(|window| match &window.when {
                        crate::model::setup::outage::When::Dated { from, .. } => *from < at,
                        _ => true,
                    });
                    assert!(acts || other.ledger == whole.ledger, "{}", scenario.name());
                }
            }
        }
    }
}
