//! Regions as the file states them, checked and compiled: quotas and the provider's limits.

use crate::model::id::{PoolId, RegionId};
use crate::model::setup::pool::PoolSetup;
use crate::model::setup::region::{BucketSetup, Quota, RegionSetup};
use crate::scenario::PoolName;
use crate::scenario::compile::Compiler;
use crate::scenario::schema::{self, Region, TokenBucket};

/// Every region, in the order of its name.
pub(crate) fn regions(
    compiler: &mut Compiler<'_>,
    pools: &[PoolName],
    setups: &[PoolSetup],
) -> Vec<RegionSetup> {
    let file = compiler.file;
    let mut regions = Vec::new();
    for (name, region) in &file.regions {
        let ids = (0..).map(PoolId).zip(pools);
        let own = ids.filter(|(_, pool)| pool.region == *name);
        let pools: Vec<PoolId> = own.map(|(id, _)| id).collect();
        compiler.check_beginning(name, region, &pools, setups);
        regions.push(RegionSetup {
            pools,
            quota: compiler.quota(&format!("regions.{name}.quota"), region),
            creates: compiler.bucket(&format!("regions.{name}.creates"), region.creates.as_ref()),
            deletes: compiler.bucket(&format!("regions.{name}.deletes"), region.deletes.as_ref()),
        });
    }
    regions
}

impl Compiler<'_> {
    /// The index of a region by its name.
    pub(crate) fn region(&self, name: &str) -> RegionId {
        let place = self.file.regions.keys().position(|region| region == name);
        RegionId(place.unwrap_or(0) as u32)
    }

    /// The initial stock must fit into the quota.
    fn check_beginning(
        &mut self,
        name: &str,
        region: &Region,
        pools: &[PoolId],
        setups: &[PoolSetup],
    ) {
        let Some(quota) = &region.quota else { return };
        let own = pools.iter().filter_map(|pool| setups.get(pool.0 as usize));
        let ready: u32 = own.map(|pool| pool.initial).sum();
        let counts = quota.counts.iter();
        let mut counts = counts.filter(|state| matches!(state, schema::WorkerState::Ready));
        if quota.workers.0 < ready && counts.next().is_some() {
            let path = format!("regions.{name}.quota.workers");
            let message = format!("a quota of {} workers", quota.workers.0);
            let limit = format!("at least the {ready} workers that are ready initially");
            let help = "raise it, or give pools of the region a lower `initial`";
            self.problem(&path, message, &limit, help);
        }
    }

    fn quota(&mut self, path: &str, region: &Region) -> Option<Quota> {
        let quota = region.quota.as_ref()?;
        let has = |state: fn(&schema::WorkerState) -> bool| quota.counts.iter().any(state);
        if quota.counts.is_empty() {
            let help = "list them, such as `[pending, ready, leased, deleting]`";
            let path = format!("{path}.counts");
            self.problem(&path, "no state counts", "at least one state", help);
        }
        Some(Quota {
            workers: quota.workers.0,
            pending: has(|state| matches!(state, schema::WorkerState::Pending)),
            ready: has(|state| matches!(state, schema::WorkerState::Ready)),
            leased: has(|state| matches!(state, schema::WorkerState::Leased)),
            deleting: has(|state| matches!(state, schema::WorkerState::Deleting)),
        })
    }

    fn bucket(&mut self, path: &str, bucket: Option<&TokenBucket>) -> Option<BucketSetup> {
        let bucket = bucket?;
        if bucket.burst.0 == 0 {
            let help = "write the number of calls that can be made at once";
            self.problem(&format!("{path}.burst"), "a burst of 0", "1 or more", help);
        }
        Some(BucketSetup {
            burst: f64::from(bucket.burst.0),
            gap: 1.0 / bucket.refill.0,
        })
    }
}
