//! The initial data of a world. A `Setup` is always valid: names are resolved to indices,
//! instants to microseconds, and every list is in the order of its names.

/// Regions and their limits.
pub(crate) mod region;

/// Pools.
pub(crate) mod pool;

/// Target policies.
pub(crate) mod target;

/// Where requests come from, and how unevenly.
pub(crate) mod demand;

/// Outages.
pub(crate) mod outage;

/// Services that provisioning calls.
pub(crate) mod dependency;

/// Alerts, playbooks and staffing.
pub(crate) mod people;

/// What facts ask of requests and levels.
pub(crate) mod probe;

/// Shortcuts of the engine.
pub(crate) mod shortcuts;

/// Which pools can affect which.
pub(crate) mod connected;

use crate::kernel::time::SimTime;
use crate::model::id::{AlertId, ClassId, DependencyId, PoolId, RegionId, StepId, TiVec, WindowId};
use crate::model::setup::demand::ClassSetup;
use crate::model::setup::dependency::DependencySetup;
use crate::model::setup::outage::{RandomOutages, Window};
use crate::model::setup::people::AlertSetup;
use crate::model::setup::people::{Staffing, Step};
use crate::model::setup::pool::PoolSetup;
use crate::model::setup::probe::Probes;
use crate::model::setup::region::RegionSetup;
use crate::model::setup::target::Target;

/// A world, as declared.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    /// When measuring begins: the end of the warm-up.
    pub start: SimTime,
    /// When the simulation ends; no event occurs at or after it.
    pub horizon: SimTime,
    /// In the order of their names.
    pub regions: TiVec<RegionId, RegionSetup>,
    /// In the order of their names.
    pub pools: TiVec<PoolId, PoolSetup>,
    /// In the order of their names.
    pub classes: TiVec<ClassId, ClassSetup>,
    /// Every outage, once for each of its regions.
    pub windows: TiVec<WindowId, Window>,
    /// In the order of their names.
    pub hazards: Vec<RandomOutages>,
    /// In the order of their names.
    pub alerts: TiVec<AlertId, AlertSetup>,
    /// In the order of their names.
    pub playbook: TiVec<StepId, Step>,
    /// Times in which people take longer.
    pub staffing: Vec<Staffing>,
    /// In the order of their names.
    pub dependencies: TiVec<DependencyId, DependencySetup>,
    /// What the facts ask of a replication.
    pub probes: Probes,
    /// The event budget of a replication.
    pub budget: u64,
}

impl Setup {
    /// Derives the rest: which outages affect which pools, the inputs of forecasts, the shortcuts.
    pub fn complete(&mut self) {
        self.inform_forecasts();
        for class in &self.classes {
            self.pools[class.pool].has_demand = true;
        }
        self.appoint_standbys();
        self.derive_shortcuts();
    }

    /// The same world, in which outages affect no pool.
    pub fn calm(&self) -> Self {
        let mut calm = self.clone();
        for window in &mut calm.windows {
            window.pools.clear();
        }
        calm.complete();
        calm
    }

    /// Links pools to their standbys, the nearest first: their own, those of these, and so on.
    fn appoint_standbys(&mut self) {
        let standby_of = |pool: PoolId| self.pools[pool].standby.as_ref().map(|it| it.primary);
        let own = |primary: PoolId| {
            let pools = self.pools.keys();
            pools.filter(move |pool| standby_of(*pool) == Some(primary))
        };
        let chains = self.pools.keys().map(|first| {
            let mut chain: Vec<PoolId> = own(first).collect();
            let mut place = 0;
            while let Some(pool) = chain.get(place).copied() {
                let next: Vec<PoolId> = own(pool).collect();
                let next = next.into_iter().filter(|it| *it != first);
                let new: Vec<PoolId> = next.filter(|it| !chain.contains(it)).collect();
                chain.extend(new);
                place += 1;
            }
            chain
        });
        let chains: Vec<Vec<PoolId>> = chains.collect();
        for (pool, chain) in self.pools.iter_mut().zip(chains) {
            pool.standbys = chain;
        }
    }

    /// Gives each forecast the expected fresh requests of the classes of its pool.
    fn inform_forecasts(&mut self) {
        for place in self.pools.keys() {
            if matches!(self.pools[place].target, Target::Forecast { .. }) {
                let classes = self.classes.iter();
                let own = classes.filter(|class| class.pool == place);
                let expected = own.map(|class| self.fresh_requests(class)).collect();
                if let Target::Forecast { fresh, .. } = &mut self.pools[place].target {
                    *fresh = expected;
                }
            }
        }
    }
}
