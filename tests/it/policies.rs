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
