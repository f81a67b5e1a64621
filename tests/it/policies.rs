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

#[test]
fn a_surplus_worker_is_deleted_once_it_has_been_idle_for_so_long() {
    // One worker for one request an hour, held for 20 minutes: another is made in 8 minutes, and of the
    // two, the one that has been idle for longer is deleted 30 minutes after it became ready.
    let trimmed_and_idle = |idle: &str| {
        let scenario = smallest(&[
            ("clock.horizon", "60m"),
            ("pools.r/i.target", "1"),
            ("pools.r/i.lease.release", "return"),
            ("pools.r/i.replenish.surplus", idle),
            ("demand.all.source", "{even: {rate: 1/h, hold: 20m}}"),
            ("outages", "{}"),
        ]);
        let of = |measure| sample(&scenario, 1, measure)[0];
        (
            of("workers_trimmed"),
            (of("idle_worker_hours") * 60.0).round(),
        )
    };
    // The request comes at 30 minutes. Until then one is idle, from 38 minutes on the new one, and
    // from 50 the old one beside it.
    assert_eq!(trimmed_and_idle("keep"), (0.0, 30.0 + 22.0 + 10.0));
    assert_eq!(trimmed_and_idle("{idle: 30m}"), (0.0, 30.0 + 22.0 + 10.0));
    assert_eq!(trimmed_and_idle("{idle: 20m}"), (1.0, 30.0 + 20.0 + 10.0));
    assert_eq!(trimmed_and_idle("{idle: 10m}"), (1.0, 30.0 + 12.0 + 10.0));
    assert_eq!(trimmed_and_idle("delete"), (1.0, 30.0 + 12.0 + 10.0));
}

#[test]
fn idle_time_counts_from_the_last_lease_and_age_does_not() {
    // One worker, taken at 30 minutes for 20: idle for 40 minutes it is gone at 90, aged 40 at 50.
    let emptied = |key: &str| {
        let scenario = smallest(&[
            ("clock.horizon", "100m"),
            ("pools.r/i.target", "1"),
            (key, "40m"),
            ("pools.r/i.lease.release", "return"),
            ("demand.all.source", "{even: {rate: 1/h, hold: 20m}}"),
            (
                "demand.all.surges",
                "{none: {from: +1h, until: never, factor: 0}}",
            ),
        ]);
        let idle = sample(&scenario, 1, "idle_worker_hours")[0] * 60.0;
        (idle.round(), sample(&scenario, 1, "workers_expired")[0])
    };
    assert_eq!(emptied("pools.r/i.ready_max_idle"), (70.0, 1.0));
    assert_eq!(emptied("pools.r/i.ready_max_age"), (30.0, 1.0));
}
