//! The measures that come first, in the terminal and in reports. The files have them all.

/// Of a replication and of many.
pub(crate) const SHOWN: [&str; 26] = [
    "pool_empty_after_s",
    "first_unserved_request_after_s",
    "first_lease_failure_after_s",
    "recovered_90_after_s",
    "recovered_100_after_s",
    "recovered_90_of_ordinary_after_s",
    "requests",
    "hit_rate",
    "failed_leases",
    "delayed_leases",
    "wait_p95_s",
    "tenants_unserved",
    "tenants_impacted",
    "empty_s",
    "ready_min",
    "attempts",
    "attempts_failed",
    "attempts_timed_out",
    "retries",
    "throttled",
    "refused",
    "unconnected",
    "workers_lost",
    "jobs_lost",
    "idle_worker_hours",
    "idle_cost",
];

/// Those of them that are shown only where they are not 0.
pub(crate) const RARE: [&str; 5] = [
    "throttled",
    "refused",
    "unconnected",
    "workers_lost",
    "jobs_lost",
];

/// Of a comparison.
pub(crate) const COMPARED: [&str; 13] = [
    "time_to_survive_s",
    "failed_leases",
    "tenants_impacted",
    "empty_s",
    "hit_rate",
    "recovered_90_after_s",
    "idle_worker_hours",
    "idle_cost",
    "detected_after_s",
    "declared_after_s",
    "mitigated_after_s",
    "calm_at_s",
    "calls_good",
];
