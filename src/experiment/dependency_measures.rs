//! What is measured of a dependency.

use crate::experiment::measure::{Better, Kind, Measure, measures, one, read_all};
use crate::experiment::names::Role;
use crate::kernel::time::SimTime;
use crate::model::id::DependencyId;
use crate::model::record::ledger::{DependencyLedger, Ledger, Slice};
use crate::model::record::level::Level;
use crate::scenario::Scenario;

/// What the measures of a dependency are read from.
struct Service<'a> {
    scenario: &'a Scenario,
    ledger: &'a DependencyLedger,
}

impl Service<'_> {
    fn sum(&self, of: impl Fn(&Slice) -> u64) -> Option<f64> {
        Some(self.ledger.slices.iter().map(of).sum::<u64>() as f64)
    }

    fn mean(&self, level: Level) -> Option<f64> {
        Some(level.seconds() / self.scenario.length().seconds())
    }

    fn clock(&self, at: SimTime) -> Option<f64> {
        at.is_finite().then(|| self.scenario.seconds(at))
    }
}

measures! {
    /// Every measure of a dependency, in the order of columns.
    DEPENDENCY_MEASURES, READ_SERVICE of Service<'_>;
    "congested_at_s" ["s"] TimeToEvent, More: "start to the first instant at which its queue was full"
        => |v| v.clock(v.ledger.congested.first());
    "first_calm_at_s" ["s"] TimeToEvent, Less: "start to the first instant at which it was calm again"
        => |v| v.clock(v.ledger.congested.first_end());
    "calm_at_s" ["s"] TimeToEvent, Less +Compared: "start to the instant from which it stayed calm"
        => |v| v.clock(v.ledger.congested.last_end());
    "calls" ["calls"] Quantity: "calls made" => |v| v.sum(|slice| slice.offered);
    "calls_repeated" ["calls"] Quantity: "those of them that repeated a failed one"
        => |v| v.sum(|slice| slice.retries);
    "calls_good" ["calls"] Quantity, More +Compared: "calls answered in time" => |v| v.sum(|slice| slice.good);
    "calls_wasted" ["calls"] Quantity, Less: "calls served for a caller that had given up"
        => |v| v.sum(|slice| slice.wasted);
    "calls_rejected" ["calls"] Quantity, Less: "calls that found the queue full"
        => |v| v.sum(|slice| slice.rejected);
    "calls_shed" ["calls"] Quantity: "calls that were not let through" => |v| v.sum(|slice| slice.shed);
    "callers_lost" ["callers"] Quantity, Less: "callers that gave up for good" => |v| v.sum(|slice| slice.lost);
    "queue_mean" ["calls"] Quantity: "calls queued, averaged over time" => |v| v.mean(v.ledger.queue);
    "backlog_mean" ["callers"] Quantity, Less: "callers that wait to retry, averaged over time"
        => |v| v.mean(v.ledger.orbit);
}

/// Measures of a dependency, those at the places that are wanted.
pub(crate) fn read(
    scenario: &Scenario,
    ledger: &Ledger,
    dependency: DependencyId,
    wanted: impl Fn(usize) -> bool,
) -> Vec<Option<f64>> {
    let view = Service {
        scenario,
        ledger: &ledger.dependencies[dependency],
    };
    read_all(READ_SERVICE, &view, wanted)
}
