//! One ledger of the parts of a world that share nothing and ran side by side.

use crate::model::id::PoolId;
use crate::model::record::ledger::Ledger;
use crate::model::setup::Setup;

impl Ledger {
    /// Adds what happened in a part of a world to that of other parts: to some pools, and to what was requested of
    /// them.
    pub fn join(&mut self, mut part: Self, setup: &Setup, pools: &[PoolId]) {
        for pool in pools {
            std::mem::swap(&mut self.pools[*pool], &mut part.pools[*pool]);
        }
        for (id, class) in setup.classes.iter_enumerated() {
            if pools.contains(&class.pool) {
                std::mem::swap(&mut self.classes[id], &mut part.classes[id]);
            }
        }
        let failed = &mut self.first_failed_provisioning;
        *failed = part.first_failed_provisioning.min(*failed);
        self.unserved.append(&mut part.unserved);
        self.unserved.sort_by_key(|it| (it.at, it.pool));
        // Every part begins measuring and has every outage; these count once.
        self.events += part.events - part.common.events;
        let own = part.digest.wrapping_sub(part.common.digest);
        self.digest = self.digest.wrapping_add(own);
    }
}
