//! What happened to the requests of one demand class.

use crate::kernel::time::SimDuration;

/// Results of one demand class. Requests are counted as its pools count them: one that began to wait in the
/// warm-up and is served, or fails, after it counts among those served or failed, and not among those made.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct ClassLedger {
    /// Jobs or requests made and not shed.
    pub arrivals: u64,
    pub shed: u64,
    /// Requests rejected to keep workers for others, and retries of failed ones.
    pub refused: u64,
    pub retries: u64,
    /// Fresh requests, and those of them that were served at once, were served after a wait, or failed.
    pub requests: u64,
    pub hits: u64,
    pub delayed: u64,
    pub failed: u64,
    /// Requests that waited longer than the class's limit: served after it, and still waiting at the end.
    pub late: u64,
    pub overdue: u64,
    /// Waits of requests that did not find a worker at once (µs).
    pub waits: Vec<u64>,
    /// Distinct tenants that found the pool empty, and those that had a lease fail.
    pub tenants_unserved: u32,
    pub tenants_impacted: u32,
}

impl ClassLedger {
    /// Clears everything; keeps the memory.
    pub fn clear(&mut self) {
        let mut waits = std::mem::take(&mut self.waits);
        waits.clear();
        *self = Self {
            waits,
            ..Self::default()
        };
    }

    /// A request is served after this wait.
    pub fn served_after(&mut self, wait: SimDuration, limit: Option<SimDuration>) {
        self.delayed += 1;
        self.late += u64::from(limit.is_some_and(|limit| limit < wait));
    }

    /// Share of fresh requests that failed or waited longer than the limit. Those that still wait at the end,
    /// and have not reached it, are left out.
    pub fn waited_longer_share(&self) -> Option<f64> {
        let longer = self.late + self.overdue + self.failed;
        let known = self.hits + self.delayed + self.overdue + self.failed;
        (0 < known).then(|| longer as f64 / known as f64)
    }
}
