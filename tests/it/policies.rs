//! Pool managers: what their policies promise of any world, and what becomes of them in one.

use crate::worlds::{sample, smallest};

#[test]
fn a_target_that_moves_is_recovered_where_it_stands() {
    // Of 20 workers about 5 are in use, so that 20 are never ready again, nor need be.
    let scenario = smallest(&[
        ("pools.r/i.target", "{complement: {total: 20}}"),
        ("pools.r/i.lease.release", "return"),
        ("demand.all.source.requests.hold", "20m"),
        ("outages.blackout.until", "+2h"),
    ]);
    let recovered = sample(&scenario, 50, "recovered_100_after_s");
    assert_eq!(recovered, [0.0; 50]);
}

#[test]
fn of_a_total_the_leased_workers_need_not_come_back() {
    let scenario = smallest(&[
        ("pools.r/i.target", "20"),
        ("pools.r/i.replenish.counts", "total"),
        ("pools.r/i.lease.release", "return"),
        ("demand.all.source.requests.hold", "20m"),
        ("outages.blackout.until", "+2h"),
    ]);
    let recovered = sample(&scenario, 50, "recovered_100_after_s");
    assert_eq!(recovered, [0.0; 50]);
}

#[test]
fn orders_that_fail_make_no_worker_one_too_many() {
    // In an outage without an end every worker that a lease takes is ordered anew and never comes; the
    // one that comes back must not be taken for a surplus beside that order.
    let scenario = smallest(&[
        ("pools.r/i.lease.release", "return"),
        ("pools.r/i.replenish.surplus", "delete"),
        ("demand.all.source.requests.hold", "20m"),
    ]);
    assert_eq!(sample(&scenario, 50, "workers_trimmed"), [0.0; 50]);
    assert_eq!(sample(&scenario, 50, "failed_leases"), [0.0; 50]);
}

#[test]
fn workers_being_deleted_make_no_other_one_too_many() {
    let scenario = smallest(&[
        (
            "pools.r/i.target",
            "{schedule: {base: 30, turns: [{days: daily, from: \"01:00\", to: \"00:00\", level: 25}]}}",
        ),
        ("pools.r/i.replenish.counts", "total"),
        ("pools.r/i.replenish.surplus", "delete"),
        ("pools.r/i.delete.latency", "10m"),
        ("demand", "{}"),
    ]);
    assert_eq!(sample(&scenario, 5, "workers_trimmed"), [5.0; 5]);
    assert_eq!(sample(&scenario, 5, "ready_end"), [25.0; 5]);
}
