//! Figures of published facts in one replication: requests, levels, and time without ready workers.

use crate::kernel::time::{SimDuration, SimTime};
use crate::model::id::PoolId;
use crate::model::record::ledger::Ledger;
use crate::model::setup::probe::TimeWindow;
use crate::scenario::Scenario;
use crate::scenario::compile::figures::{Measured, Tally};

/// The figure, in seconds, a count or a share; absent where the window has not begun, or holds no request
/// that the figure could be about.
pub(crate) fn measured(scenario: &Scenario, ledger: &Ledger, what: Measured) -> Option<f64> {
    match what {
        Measured::Requests(tally, probe) => {
            let window = scenario.setup.probes.requests[probe].window;
            let begun = ledger.origin(window.from).is_finite();
            begun.then(|| of_requests(ledger, tally, probe)).flatten()
        }
        Measured::ReadyLevel(probe) => {
            let pool = &ledger.pools[probe.pool];
            Some(f64::from(pool.levels_at.at(probe.at, pool.ready.value)))
        }
        Measured::EmptyTime(pool, window) => empty_time(ledger, pool, window),
    }
}

fn of_requests(ledger: &Ledger, tally: Tally, probe: usize) -> Option<f64> {
    let count = &ledger.counts[probe];
    let share = |some: u64, all: u64| (0 < all).then(|| some as f64 / all as f64);
    match tally {
        Tally::Failed => Some(count.failed as f64),
        Tally::Delayed => Some(count.delayed as f64),
        Tally::DelayedOrFailed => share(count.long_or_failed, count.made),
        Tally::WaitMean => share(count.wait_micros, count.waited).map(|micros| micros / 1e6),
        Tally::WaitMax => (0 < count.waited).then(|| count.longest.seconds()),
    }
}

/// How long a pool took requests in a window and had no ready worker (s).
fn empty_time(ledger: &Ledger, pool: PoolId, window: TimeWindow) -> Option<f64> {
    let clocks = &ledger.pools[pool].clocks;
    let (from, until) = (ledger.origin(window.from), window.until);
    let takes = clocks.serving.first();
    if !from.is_finite() || until <= takes {
        return None;
    }
    let inside = |(begins, ends): (SimTime, SimTime)| (ends.min(until) - begins.max(from)).micros();
    let micros = clocks.empty.with(&clocks.serving).map(inside).sum();
    Some(SimDuration::from_micros(micros).seconds())
}
