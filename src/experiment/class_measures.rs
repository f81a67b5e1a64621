//! What is measured of a demand class. A measure that pools have too has the same name, unit and meaning, of
//! the requests of the class alone.

use crate::experiment::measure::{
    Better, Kind, Measure, mean_of_waits, measures, one, quantile_of_waits, read_all, share,
};
use crate::experiment::names::Role;
use crate::kernel::time::SimDuration;
use crate::model::id::ClassId;
use crate::model::record::ledger::{ClassLedger, Ledger};
use crate::scenario::Scenario;

/// What the measures of a class are read from.
struct Requests<'a> {
    ledger: &'a ClassLedger,
    has_tenants: bool,
    has_limit: bool,
}

impl Requests<'_> {
    fn wait(&self, p: f64) -> Option<f64> {
        quantile_of_waits(self.ledger.hits, &self.ledger.waits, p)
    }

    fn longest_wait(&self) -> Option<f64> {
        let longest = self.ledger.waits.iter().max().copied();
        let longest = longest.or_else(|| (0 < self.ledger.hits).then_some(0));
        longest.map(|wait| SimDuration::from_micros(wait).seconds())
    }

    fn tenants(&self, count: u32) -> Option<f64> {
        self.has_tenants.then(|| f64::from(count))
    }
}

measures! {
    /// Every measure of a demand class, in the order of columns.
    CLASS_MEASURES, READ_CLASS of Requests<'_>;
    "requests" ["requests"] Quantity +Shown: "fresh requests: by a tenant without a lease, or independent ones"
        => |v| Some(v.ledger.requests as f64);
    "hits" ["requests"] Quantity, More: "fresh requests that got a ready worker at once"
        => |v| Some(v.ledger.hits as f64);
    "hit_rate" ["share"] Quantity, More +Shown +Compared: "share of fresh requests that got a ready worker at once"
        => |v| share(v.ledger.hits, v.ledger.requests);
    "failed_leases" ["requests"] Quantity, Less +Shown +Compared: "fresh requests that were rejected or gave up"
        => |v| Some(v.ledger.failed as f64);
    "failed_share" ["share"] Quantity, Less: "share of fresh requests that were rejected or gave up"
        => |v| share(v.ledger.failed, v.ledger.requests);
    "delayed_leases" ["requests"] Quantity, Less +Shown: "fresh requests that waited and were served"
        => |v| Some(v.ledger.delayed as f64);
    "waited_longer_share" ["share"] Quantity, Less +Shown +Compared:
        "share of fresh requests that waited longer than `wait_limit` or failed, without those that still wait within it at the end"
        => |v| v.ledger.waited_longer_share().filter(|_| v.has_limit);
    "wait_mean_s" ["s"] Quantity, Less: "mean wait of fresh requests, 0 where a worker was ready; to the end where they still wait"
        => |v| mean_of_waits(v.ledger.hits, &v.ledger.waits);
    "wait_p95_s" ["s"] Quantity, Less +Shown: "95th percentile of the wait of fresh requests" => |v| v.wait(0.95);
    "wait_max_s" ["s"] Quantity, Less: "longest wait of a fresh request" => |v| v.longest_wait();
    "tenants_unserved" ["tenants"] Quantity, Less +Shown: "distinct tenants that found no ready worker"
        => |v| v.tenants(v.ledger.tenants_unserved);
    "tenants_impacted" ["tenants"] Quantity, Less as "impacted tenants" +Shown +Compared: "distinct tenants of whom a request failed, or a job could not connect to its worker"
        => |v| v.tenants(v.ledger.tenants_impacted);
    "refused" ["requests"] Quantity +Shown +Rare: "requests refused to keep workers for others"
        => |v| Some(v.ledger.refused as f64);
    "requests_repeated" ["requests"] Quantity +Shown +Rare: "failed requests that were retried"
        => |v| Some(v.ledger.retries as f64);
}

/// Measures of one class, those at the places that are wanted.
pub(crate) fn read(
    scenario: &Scenario,
    ledger: &Ledger,
    class: ClassId,
    wanted: impl Fn(usize) -> bool,
) -> Vec<Option<f64>> {
    let setup = &scenario.setup.classes[class];
    let view = Requests {
        ledger: &ledger.classes[class],
        has_tenants: setup.source.has_tenants(),
        has_limit: setup.wait_limit.is_some(),
    };
    read_all(READ_CLASS, &view, wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::measure::MEASURES;

    #[test]
    fn a_name_means_the_same_of_classes_and_of_pools() {
        let mut shared = 0;
        for measure in CLASS_MEASURES {
            let Some(pool) = MEASURES.iter().find(|it| it.name == measure.name) else {
                continue;
            };
            let of = |it: &Measure| (it.unit, it.meaning, it.kind, it.since, it.better, it.label);
            assert_eq!(of(measure), of(pool), "{}", measure.name);
            for role in [Role::Shown, Role::Rare, Role::Compared] {
                assert_eq!(measure.has(role), pool.has(role), "{}", measure.name);
            }
            shared += 1;
        }
        assert_eq!(shared, 11);
    }
}
