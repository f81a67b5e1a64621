//! Every measure as a constant, so that a program that names one that does not exist does not compile.

use crate::experiment::class_measures::CLASS_MEASURES;
use crate::experiment::dependency_measures::DEPENDENCY_MEASURES;
use crate::experiment::measure::{INCIDENT_MEASURES, MEASURES, Measure};

/// Declares a constant for each measure of a list.
macro_rules! constants {
    ($all:ident of $list:ident: $($constant:ident = $name:literal,)*) => {
        $(
            #[doc = concat!("`", $name, "`, of [`", stringify!($list), "`].")]
            pub const $constant: &Measure = named($list, $name);
        )*

        #[cfg(test)]
        const $all: &[(&str, &Measure)] = &[$((stringify!($constant), $constant)),*];
    };
}

/// The measure of this name; where there is none, the crate does not compile.
const fn named(measures: &'static [Measure], name: &str) -> &'static Measure {
    let mut place = 0;
    while place < measures.len() {
        if is(measures[place].name.as_bytes(), name.as_bytes()) {
            return &measures[place];
        }
        place += 1;
    }
    panic!("there is no such measure")
}

/// Whether two texts are the same; `==` cannot be used in constants.
const fn is(one: &[u8], other: &[u8]) -> bool {
    let mut place = 0;
    while place < one.len() && place < other.len() && one[place] == other[place] {
        place += 1;
    }
    place == one.len() && place == other.len()
}

constants! {
    POOLS of MEASURES:
    FIRST_FAILED_PROVISIONING_AT_S = "first_failed_provisioning_at_s",
    POOL_EMPTY_AT_S = "pool_empty_at_s",
    FIRST_UNSERVED_REQUEST_AT_S = "first_unserved_request_at_s",
    FIRST_LEASE_FAILURE_AT_S = "first_lease_failure_at_s",
    LAST_LEASE_FAILURE_AT_S = "last_lease_failure_at_s",
    POOL_EMPTY_AFTER_S = "pool_empty_after_s",
    FIRST_UNSERVED_REQUEST_AFTER_S = "first_unserved_request_after_s",
    FIRST_LEASE_FAILURE_AFTER_S = "first_lease_failure_after_s",
    TIME_TO_SURVIVE_S = "time_to_survive_s",
    OUTAGE_S = "outage_s",
    OUTAGES = "outages",
    OUTAGES_SURVIVED = "outages_survived",
    RECOVERED_90_AFTER_S = "recovered_90_after_s",
    RECOVERED_100_AFTER_S = "recovered_100_after_s",
    RECOVERED_90_OF_ORDINARY_AFTER_S = "recovered_90_of_ordinary_after_s",
    RECOVERED_100_OF_ORDINARY_AFTER_S = "recovered_100_of_ordinary_after_s",
    REQUESTS = "requests",
    FAILED_LEASES = "failed_leases",
    FAILED_LEASES_IN_OUTAGE = "failed_leases_in_outage",
    DELAYED_LEASES = "delayed_leases",
    PENDING_END = "pending_end",
    LEASED_END = "leased_end",
    WAITING_END = "waiting_end",
    FAILED_SHARE = "failed_share",
    HIT_RATE = "hit_rate",
    WAIT_MEAN_S = "wait_mean_s",
    WAIT_P50_S = "wait_p50_s",
    WAIT_P95_S = "wait_p95_s",
    WAIT_MAX_S = "wait_max_s",
    QUEUE_MAX = "queue_max",
    TENANTS_UNSERVED = "tenants_unserved",
    TENANTS_IMPACTED = "tenants_impacted",
    EMPTY_S = "empty_s",
    READY_MIN = "ready_min",
    READY_MEAN = "ready_mean",
    READY_ORDINARY = "ready_ordinary",
    READY_END = "ready_end",
    PENDING_MEAN = "pending_mean",
    LEASED_MEAN = "leased_mean",
    REUSED = "reused",
    LEASE_MEAN_S = "lease_mean_s",
    LEASES_ENDED = "leases_ended",
    LEASES_AGED_OUT = "leases_aged_out",
    ATTEMPTS = "attempts",
    RETRIES = "retries",
    ATTEMPTS_FAILED = "attempts_failed",
    ATTEMPTS_TIMED_OUT = "attempts_timed_out",
    ATTEMPTS_UNANSWERED = "attempts_unanswered",
    ATTEMPTS_FAILED_ORDINARILY = "attempts_failed_ordinarily",
    STARTS = "starts",
    STARTS_FAILED = "starts_failed",
    ORDERS_GIVEN_UP = "orders_given_up",
    DELETIONS_FAILED = "deletions_failed",
    THROTTLED = "throttled",
    REFUSED = "refused",
    UNCONNECTED = "unconnected",
    WORKERS_LOST = "workers_lost",
    JOBS_LOST = "jobs_lost",
    WORKERS_EXPIRED = "workers_expired",
    WORKERS_TRIMMED = "workers_trimmed",
    DELETING_MEAN = "deleting_mean",
    IDLE_WORKER_HOURS = "idle_worker_hours",
    IDLE_COST = "idle_cost",
    FAILURE_COST = "failure_cost",
    WAITING_COST = "waiting_cost",
    LEASED_COST = "leased_cost",
    TOTAL_COST = "total_cost",
}

constants! {
    INCIDENT of INCIDENT_MEASURES:
    DETECTED_AFTER_S = "detected_after_s",
    DECLARED_AFTER_S = "declared_after_s",
    MITIGATED_AFTER_S = "mitigated_after_s",
    RESOLVED_AFTER_S = "resolved_after_s",
    PAGES = "pages",
}

constants! {
    DEPENDENCIES of DEPENDENCY_MEASURES:
    CONGESTED_AT_S = "congested_at_s",
    FIRST_CALM_AT_S = "first_calm_at_s",
    CALM_AT_S = "calm_at_s",
    CALLS = "calls",
    CALLS_REPEATED = "calls_repeated",
    CALLS_GOOD = "calls_good",
    CALLS_WASTED = "calls_wasted",
    CALLS_REJECTED = "calls_rejected",
    CALLS_SHED = "calls_shed",
    CALLERS_LOST = "callers_lost",
    QUEUE_MEAN = "queue_mean",
    BACKLOG_MEAN = "backlog_mean",
}

// Classes share the other constants with pools.
constants! {
    CLASSES of CLASS_MEASURES:
    HITS = "hits",
    WAITED_LONGER_SHARE = "waited_longer_share",
    REQUESTS_REPEATED = "requests_repeated",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_has_its_constant() {
        let lists = [
            (POOLS, MEASURES),
            (INCIDENT, INCIDENT_MEASURES),
            (DEPENDENCIES, DEPENDENCY_MEASURES),
        ];
        for (constants, measures) in lists {
            check(constants, measures.iter());
        }
        let shared = |it: &&Measure| MEASURES.iter().any(|pool| pool.name == it.name);
        check(CLASSES, CLASS_MEASURES.iter().filter(|it| !shared(it)));
    }

    fn check<'a>(
        constants: &[(&str, &Measure)],
        measures: impl Iterator<Item = &'a Measure> + Clone,
    ) {
        assert_eq!(constants.len(), measures.clone().count());
        for ((constant, named), measure) in constants.iter().zip(measures) {
            assert_eq!(named.name, measure.name);
            assert_eq!(*constant, measure.name.to_uppercase());
        }
    }
}
