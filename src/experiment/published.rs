//! Figures of published facts in one replication: requests, levels, and time without ready workers.

use crate::experiment::timeline::describe;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::id::PoolId;
use crate::model::record::ledger::Ledger;
use crate::model::setup::probe::{Origin, TimeWindow};
use crate::scenario::Scenario;
use crate::scenario::compile::facts::Clock;
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

/// What a figure measures, and when.
pub(crate) fn described(scenario: &Scenario, what: Measured) -> (String, String) {
    let pool = |pool: PoolId| scenario.pools[usize::from(pool)].name.as_str();
    match what {
        Measured::ReadyLevel(probe) => {
            let what = format!("{}: ready workers", pool(probe.pool));
            (what, format!(" at {}", utc(scenario, probe.at)))
        }
        Measured::EmptyTime(id, window) => {
            let what = format!("{}: time without a ready worker", pool(id));
            (what, within(scenario, window))
        }
        Measured::Requests(tally, probe) => {
            let probe = &scenario.setup.probes.requests[probe];
            let class = |id| scenario.classes[usize::from(id)].name.as_str();
            let of = [probe.pool.map(pool), probe.class.map(class)];
            let of: Vec<&str> = of.into_iter().flatten().collect();
            let of = match &of[..] {
                [] => "all pools".to_owned(),
                of => of.join(", "),
            };
            let what = match tally {
                Tally::Failed => "requests that failed".to_owned(),
                Tally::Delayed => "requests that were served after a wait".to_owned(),
                Tally::DelayedOrFailed if probe.longer_than == SimDuration::ZERO => {
                    "share of requests that waited or failed".to_owned()
                }
                Tally::DelayedOrFailed => {
                    let limit = probe.longer_than;
                    format!("share of requests that waited longer than {limit} or failed")
                }
                Tally::WaitMean => "mean wait".to_owned(),
                Tally::WaitMax => "longest wait".to_owned(),
            };
            (format!("{of}: {what}"), within(scenario, probe.window))
        }
    }
}

/// A window in words; nothing if it is the whole scenario.
fn within(scenario: &Scenario, window: TimeWindow) -> String {
    let setup = &scenario.setup;
    if (window.from, window.until) == (Origin::At(setup.start), setup.horizon) {
        return String::new();
    }
    let from = match window.from {
        Origin::At(at) => utc(scenario, at),
        Origin::OutageBegins => "the beginning of the outage".to_owned(),
        Origin::FirstFailedProvisioning => describe(scenario, Clock::FirstFailedProvisioning(None)),
        Origin::FirstUnservedRequest(pool) => describe(scenario, Clock::FirstUnservedRequest(pool)),
        Origin::FirstLeaseFailure(pool) => describe(scenario, Clock::FirstLeaseFailure(pool)),
    };
    format!(" between {from} and {}", utc(scenario, window.until))
}

/// An instant in words.
pub(crate) fn utc(scenario: &Scenario, at: SimTime) -> String {
    let at = scenario.utc(at).to_string();
    format!("{} {} UTC", &at[..10], &at[11..19])
}
