//! Which pools can affect which, so that what cannot reach the pools that are asked about need not run.

use std::collections::BTreeMap;

use crate::kernel::distribution::Distribution;
use crate::kernel::intensity::Intensity;
use crate::kernel::time::SimDuration;
use crate::model::id::{AlertId, DependencyId, PoolId, StepId, TiVec};
use crate::model::setup::Setup;
use crate::model::setup::demand::{Batch, Source};
use crate::model::setup::people::{Action, Milestone, Step, Trigger};
use crate::model::setup::pool::PoolSetup;
use crate::model::setup::target::Target;
use crate::model::signal::Signal;

/// Whatever can connect pools, in groups that are connected (union-find; Tarjan, 1975).
struct Groups {
    above: Vec<usize>,
    alerts: usize,
    steps: usize,
    dependencies: usize,
    /// The milestones of the incident, of which `restored` alerts wait for one.
    milestones: usize,
}

impl Groups {
    fn new(setup: &Setup) -> Self {
        let alerts = setup.pools.len();
        let steps = alerts + setup.alerts.len();
        let dependencies = steps + setup.playbook.len();
        let milestones = dependencies + setup.dependencies.len();
        Self {
            above: (0..=milestones).collect(),
            alerts,
            steps,
            dependencies,
            milestones,
        }
    }

    fn alert(&self, id: AlertId) -> usize {
        self.alerts + usize::from(id)
    }

    fn step(&self, id: StepId) -> usize {
        self.steps + usize::from(id)
    }

    fn dependency(&self, id: DependencyId) -> usize {
        self.dependencies + usize::from(id)
    }

    fn root(&self, mut of: usize) -> usize {
        while self.above[of] != of {
            of = self.above[of];
        }
        of
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        self.above[one] = other;
    }

    fn join_all(&mut self, pools: &[PoolId]) {
        for pair in pools.windows(2) {
            self.join(pair[0].into(), pair[1].into());
        }
    }
}

impl Setup {
    /// Pools that can affect none of those asked about, through a limit, an alert, a step, a standby, a dependency
    /// or an outage.
    pub(crate) fn unconnected(&self, asked: &[PoolId]) -> Vec<PoolId> {
        let groups = self.groups();
        let asked: Vec<usize> = asked.iter().map(|id| groups[*id]).collect();
        let pools = groups.iter_enumerated();
        let others = pools.filter(|(_, group)| !asked.contains(group));
        others.map(|(id, _)| id).collect()
    }

    /// A number for each pool, the same for those that can affect one another.
    pub(crate) fn groups(&self) -> TiVec<PoolId, usize> {
        let mut groups = Groups::new(self);
        self.join_by_provider(&mut groups);
        self.join_by_people(&mut groups);
        self.pools.keys().map(|id| groups.root(id.into())).collect()
    }

    /// The same world in parts that share nothing, each with the pools that run in it; none where it is one part, or where
    /// alerts, people, dependencies or facts may look at all of it.
    pub(crate) fn parts(&self) -> Vec<(Vec<PoolId>, Self)> {
        let people = self.alerts.len() + self.playbook.len();
        if 0 < people + self.dependencies.len() + self.probes.requests.len() {
            return Vec::new();
        }
        let mut found: BTreeMap<usize, Vec<PoolId>> = BTreeMap::new();
        for (id, group) in self.groups().iter_enumerated() {
            found.entry(*group).or_default().push(id);
        }
        if found.len() < 2 {
            return Vec::new();
        }
        let part = |own: Vec<PoolId>| {
            let others = self.pools.keys().filter(|id| !own.contains(id));
            let others: Vec<PoolId> = others.collect();
            let setup = self.without(&others);
            (own, setup)
        };
        found.into_values().map(part).collect()
    }

    fn join_by_provider(&self, groups: &mut Groups) {
        for region in &self.regions {
            let yields = region.pools.iter().any(|pool| self.pools[*pool].yields);
            let limits = [&region.creates, &region.deletes];
            if yields || region.quota.is_some() || limits.into_iter().any(Option::is_some) {
                groups.join_all(&region.pools);
            }
        }
        for (id, pool) in self.pools.iter_enumerated() {
            if let Some(standby) = &pool.standby {
                groups.join(id.into(), standby.primary.into());
            }
            if let Some(dependency) = pool.through {
                groups.join(id.into(), groups.dependency(dependency));
            }
            let circuit = |pool: &PoolSetup| pool.breaker.as_ref().map(|it| it.circuit);
            let mut pools = self.pools.iter_enumerated();
            if let Some(own) = circuit(pool)
                && let Some((other, _)) = pools.find(|(_, it)| circuit(it) == Some(own))
            {
                groups.join(id.into(), other.into());
            }
        }
        for (id, dependency) in self.dependencies.iter_enumerated() {
            if let Some((other, _)) = dependency.again.elsewhere {
                groups.join(groups.dependency(id), groups.dependency(other));
            }
        }
        let short = self.windows.iter().filter(|window| window.room.is_some());
        short.for_each(|window| groups.join_all(&window.pools));
    }

    fn join_by_people(&self, groups: &mut Groups) {
        let mut signals = self.alerts.iter().map(|alert| alert.signal);
        let awaited = signals.any(Signal::is_of_recovery);
        for (id, alert) in self.alerts.iter_enumerated() {
            groups.join_all(&alert.pools);
            if let Some(pool) = alert.pools.first() {
                groups.join(groups.alert(id), (*pool).into());
            }
            // Every page detects the incident, and only then can it be over.
            if awaited {
                groups.join(groups.alert(id), groups.milestones);
            }
        }
        for (id, step) in self.playbook.iter_enumerated() {
            if step.only_if.is_some() {
                // It depends on failures anywhere.
                let all: Vec<PoolId> = self.pools.keys().collect();
                groups.join_all(&all);
                if let Some(pool) = all.first() {
                    groups.join(groups.step(id), (*pool).into());
                }
            }
            // A step at an instant acts on each pool alike, whatever the others do.
            match step.trigger {
                _ if self.is_dated(step) => continue,
                Trigger::At(_) => {}
                Trigger::Alert(alert) => groups.join(groups.step(id), groups.alert(alert)),
                Trigger::Step(other) => groups.join(groups.step(id), groups.step(other)),
            }
            for action in &step.actions {
                if let Some(reached) = self.reached(action, groups) {
                    groups.join(groups.step(id), reached);
                }
            }
        }
    }

    /// Whether a step follows from an instant alone.
    fn is_dated(&self, step: &Step) -> bool {
        let (mut step, mut left) = (step, self.playbook.len());
        loop {
            match step.trigger {
                _ if step.only_if.is_some() || left == 0 => return false,
                Trigger::At(_) => return true,
                Trigger::Alert(_) => return false,
                Trigger::Step(other) => step = &self.playbook[other],
            }
            left -= 1;
        }
    }

    /// What an action acts on.
    fn reached(&self, action: &Action, groups: &Groups) -> Option<usize> {
        match action {
            Action::Shed(class) | Action::Restore(class) => Some(self.classes[*class].pool.into()),
            Action::Activate(pool)
            | Action::Revert(pool)
            | Action::SetTarget(pool, _)
            | Action::FollowPolicy(pool)
            | Action::SuspendExpiry(pool)
            | Action::ResumeExpiry(pool)
            | Action::ClearOrders(pool)
            | Action::ResumeOrders(pool)
            | Action::SetTimeout(pool, _) => Some((*pool).into()),
            Action::Scale(dependency, _) | Action::Admit(dependency, ..) => {
                Some(groups.dependency(*dependency))
            }
            Action::Reach(Milestone::Detected) => Some(groups.milestones),
            Action::Reach(_) | Action::Note => None,
        }
    }

    /// The same world without some pools, which keep their places: no request is made to them, nothing is ordered,
    /// and no outage affects them.
    pub(crate) fn without(&self, pools: &[PoolId]) -> Self {
        let mut rest = self.clone();
        let none = SimDuration::ZERO;
        for id in pools {
            let pool = &mut rest.pools[*id];
            (pool.target, pool.initial, pool.review) = (Target::Fixed(0), 0, none);
            (pool.standby, pool.stopped) = (None, None);
        }
        for class in &mut rest.classes {
            if pools.contains(&class.pool) {
                class.source = Source::Requests {
                    rate: Intensity::flat(0.0),
                    hold: Distribution::Fixed(none),
                    bursts: None,
                    batch: Batch::One,
                };
            }
        }
        let kept = |id: &PoolId| !pools.contains(id);
        rest.windows.iter_mut().for_each(|it| it.pools.retain(kept));
        rest.alerts.iter_mut().for_each(|it| it.pools.retain(kept));
        rest.complete();
        rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::random::Seed;
    use crate::model::chance::Chance;
    use crate::model::world::World;
    use crate::scenario::Scenario;

    /// Compares the ledger of each pool and of its classes with those of a world in which only what is connected
    /// to it runs, and gives how many pools were left out.
    fn compare(setup: &Setup) -> usize {
        let mut left_out = 0;
        for asked in setup.pools.keys() {
            let others = setup.unconnected(&[asked]);
            left_out += others.len();
            let reduced = setup.without(&others);
            let (mut whole, mut part) = (World::new(setup), World::new(&reduced));
            for replication in 0..3 {
                let chance = Chance::of(Seed(9), replication);
                whole.run(chance, &mut ());
                part.run(chance, &mut ());
                assert!(part.ledger.events <= whole.ledger.events);
                for pool in setup.pools.keys().filter(|id| !others.contains(id)) {
                    assert_eq!(part.ledger.pools[pool], whole.ledger.pools[pool]);
                }
                for (id, class) in setup.classes.iter_enumerated() {
                    let same = part.ledger.classes[id] == whole.ledger.classes[id];
                    assert!(same || others.contains(&class.pool));
                }
            }
        }
        left_out
    }

    #[test]
    fn what_is_not_connected_changes_nothing() {
        let files = [
            "fnj8-vqz",
            "rnq2-nc8",
            "front-door-2023-01-25",
            "quota-starvation",
            "spill-over",
            "wan-2023-01-25",
        ];
        let mut left_out = 0;
        for file in files {
            let scenario = Scenario::load(format!("scenarios/{file}.yaml")).expect("a scenario");
            left_out += compare(&scenario.setup);
            // Without people, little connects the pools of an incident.
            let mut alone = scenario.setup.clone();
            alone.alerts.clear();
            alone.playbook.clear();
            alone.complete();
            left_out += compare(&alone);
        }
        assert!(10 < left_out, "{left_out}");
    }
}
