//! A region and its limits, as declared.

use crate::kernel::distribution::Distribution;
use crate::kernel::time::SimTime;
use crate::model::id::PoolId;

/// A region, as declared.
#[derive(Clone, Debug)]
pub(crate) struct RegionSetup {
    /// Its pools, in the order of their names.
    pub pools: Vec<PoolId>,
    pub quota: Option<Quota>,
    /// Limits on how often workers are created and deleted in it.
    pub creates: Option<BucketSetup>,
    pub deletes: Option<BucketSetup>,
    /// Whether creations and deletions take tokens from one bucket, that of creations.
    pub is_shared: bool,
}

/// The most workers of a region.
#[derive(Clone, Debug)]
pub(crate) struct Quota {
    /// How many, and how many from certain instants on, in the order of time.
    pub workers: u32,
    pub changes: Vec<(SimTime, u32)>,
    /// Which of them count.
    pub pending: bool,
    pub ready: bool,
    pub leased: bool,
    pub deleting: bool,
}

impl Quota {
    /// How many workers it admits.
    pub fn at(&self, now: SimTime) -> u32 {
        let past = self.changes.partition_point(|(at, _)| *at <= now);
        match past {
            0 => self.workers,
            past => self.changes[past - 1].1,
        }
    }
}

/// A token bucket, and how an attempt fails that finds too few tokens, if it does not wait for them.
#[derive(Clone, Debug)]
pub(crate) struct BucketSetup {
    pub rate: BucketRate,
    /// Other rates from certain instants on, in the order of time.
    pub changes: Vec<(SimTime, BucketRate)>,
    pub refuses: Option<Distribution>,
}

/// So many calls at once, and then one each `gap` (µs).
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct BucketRate {
    pub burst: f64,
    pub gap: f64,
}
