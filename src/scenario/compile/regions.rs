//! Regions as the file states them, checked and compiled: quotas and the provider's limits.

use crate::kernel::time::SimTime;
use crate::model::id::{PoolId, RegionId};
use crate::model::setup::pool::PoolSetup;
use crate::model::setup::region::{BucketRate, BucketSetup, Quota, RegionSetup};
use crate::scenario::PoolName;
use crate::scenario::compile::Compiler;
use crate::scenario::schema::{self, Region, TokenBucket};
use crate::scenario::text::units::{Count, Moment, Rate};

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
        let mut bucket = |key: &str, bucket: &Option<TokenBucket>| {
            let path = format!("regions.{name}.{key}");
            compiler.bucket(&path, bucket.as_ref())
        };
        let creates = bucket("creates", &region.creates);
        let deletes = bucket("deletes", &region.deletes);
        let shared = bucket("operations", &region.operations);
        let creates = creates.or_else(|| shared.clone());
        let deletes = deletes.or_else(|| shared.clone());
        compiler.check_limits(name, region);
        regions.push(RegionSetup {
            pools,
            quota: compiler.quota(&format!("regions.{name}.quota"), region),
            creates,
            deletes,
            is_shared: shared.is_some(),
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
        let times = self.changes(path, quota.changes.iter().map(|it| it.from));
        let workers = quota.changes.iter().map(|it| it.workers.0);
        Some(Quota {
            workers: quota.workers.0,
            changes: times.into_iter().zip(workers).collect(),
            pending: has(|state| matches!(state, schema::WorkerState::Pending)),
            ready: has(|state| matches!(state, schema::WorkerState::Ready)),
            leased: has(|state| matches!(state, schema::WorkerState::Leased)),
            deleting: has(|state| matches!(state, schema::WorkerState::Deleting)),
        })
    }

    /// One limit of both operations, or one of each; deletions wait for tokens.
    fn check_limits(&mut self, name: &str, region: &Region) {
        let each = region.creates.is_some() || region.deletes.is_some();
        if region.operations.is_some() && each {
            let path = format!("regions.{name}.operations");
            let limit = "either `operations`, or `creates` and `deletes`";
            let message = "a limit of both operations beside one of each";
            self.problem(&path, message, limit, "remove one of them");
        }
        if region
            .deletes
            .as_ref()
            .is_some_and(|it| it.refuses.is_some())
        {
            let path = format!("regions.{name}.deletes.refuses");
            let limit = "only for `creates` and `operations`";
            self.problem(&path, "a deletion that is refused", limit, "remove it");
        }
    }

    fn bucket(&mut self, path: &str, bucket: Option<&TokenBucket>) -> Option<BucketSetup> {
        let bucket = bucket?;
        let mut rate = |path: &str, burst: Count, refill: Rate| {
            if burst.0 == 0 {
                let help = "write the number of calls that can be made at once";
                self.problem(&format!("{path}.burst"), "a burst of 0", "1 or more", help);
            }
            BucketRate {
                burst: f64::from(burst.0),
                gap: 1.0 / refill.0,
            }
        };
        let first = rate(path, bucket.burst, bucket.refill);
        let changes = bucket.changes.iter().enumerate();
        let rates: Vec<BucketRate> = changes
            .map(|(place, it)| rate(&format!("{path}.changes.{place}"), it.burst, it.refill))
            .collect();
        let times = self.changes(path, bucket.changes.iter().map(|it| it.from));
        let refuses = bucket.refuses.as_ref().map(|law| {
            let path = format!("{path}.refuses");
            let law = self.law(&path, law);
            let help = "write the delay of a refusal, such as `2s`";
            let typical = self.typical(&law);
            self.check_recurrence(&path, typical, "a refusal after", help);
            law
        });
        Some(BucketSetup {
            rate: first,
            changes: times.into_iter().zip(rates).collect(),
            refuses,
        })
    }

    /// The instants of changes, which come in the order of time.
    fn changes(&mut self, path: &str, from: impl Iterator<Item = Moment>) -> Vec<SimTime> {
        let mut times: Vec<SimTime> = Vec::new();
        for (place, from) in from.enumerate() {
            let path = format!("{path}.changes.{place}.from");
            let at = self.instant(&path, from);
            if times.last().is_some_and(|before| at <= *before) {
                let help = "list the changes in the order of time";
                let limit = "an instant later than the one before";
                self.problem(
                    &path,
                    "a change that is not later than the last",
                    limit,
                    help,
                );
            }
            times.push(at);
        }
        times
    }
}
