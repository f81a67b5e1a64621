//! A region and its limits, as declared.

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
}

/// The most workers of a region.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quota {
    pub workers: u32,
    /// Which of them count.
    pub pending: bool,
    pub ready: bool,
    pub leased: bool,
    pub deleting: bool,
}

/// A token bucket: so many calls at once, and then one each `gap` (µs).
#[derive(Clone, Copy, Debug)]
pub(crate) struct BucketSetup {
    pub burst: f64,
    pub gap: f64,
}
