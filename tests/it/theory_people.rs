//! Exact results about people and services: alerts, standbys, and retrial queues. The
//! protocol is that of `theory`: z = (estimate - exact) / standard error, at most 4.5, fixed seeds.

use crate::statistics::{mean_is, minutes, quantiles_are, share_is};
use crate::worlds::{BATCHES, sample, smallest};
use drawdown::study::Ensemble;
use drawdown::{Replications, Scenario, Seed, ensemble};

/// A world of one service and of nothing else that happens.
#[track_caller]
fn service(dependency: &str, horizon: &str, warm_up: &str) -> Scenario {
    smallest(&[
        ("clock.horizon", horizon),
        ("clock.warm_up", warm_up),
        ("pools.r/i.target", "0"),
        ("demand", "{}"),
        ("outages", "{}"),
        ("dependencies.d", dependency),
    ])
}

fn of(found: &Ensemble, measure: &str) -> Vec<f64> {
    found
        .dependency(0, measure)
        .expect("a measure")
        .flatten()
        .collect()
}

/// What happened in each replication, by unit of a measured time of so many units.
fn per(found: &Ensemble, measure: &str, units: f64) -> Vec<f64> {
    of(found, measure).iter().map(|all| all / units).collect()
}

/// The chain of K4: 10 calls a minute are served, callers time out after a minute and retry after
/// one on average. Lateness is decided by the position in the queue, so that the chain has two numbers.
fn storm(calls: &str, again: &str) -> String {
    format!(
        "{{capacity: 10/min, queue: 20, timeout: 1m, late: position, load: {calls}/min, \
         retry: {{probability: {again}, delay: {{exponential: {{mean: 1m}}}}, tries: unlimited}}, \
         initial: {{queue: 20, waiting: 15}}, calm: {{queue: 5, waiting: 5}}}}"
    )
}

/// How long the storm lasts from a full queue and 15 callers in orbit. Where a horizon cuts
/// some storms off, what is exact is E[min(T, horizon)]: the chain whose E[T] is the row gives it,
/// and P(T <= horizon) with it.
#[track_caller]
fn storm_lasts(calls: &str, again: &str, (horizon, n): (u32, usize), mean: f64, over: f64) {
    let scenario = service(&storm(calls, again), &format!("{horizon}m"), "0s");
    let found = ensemble(&scenario, Replications::new(n), Seed(41));
    let full = of(&found, "congested_at_s");
    assert!(
        full.len() == n && full.iter().all(|at| *at == 0.0),
        "a queue that is full at first is congested from the start"
    );
    let ends: Vec<Option<f64>> = found
        .dependency(0, "first_calm_at_s")
        .expect("a measure")
        .collect();
    let cut = f64::from(horizon);
    let lasted: Vec<f64> = ends
        .iter()
        .map(|end| end.map_or(cut, |end| end / 60.0))
        .collect();
    mean_is(&format!("a storm of {calls} calls"), &lasted, mean);
    let hits = ends.iter().flatten().count();
    if over < 0.999 {
        share_is(
            &format!("{calls} calls calm by {horizon} min"),
            hits,
            n,
            over,
        );
    }
}

#[test]
fn k4_storms_below_the_amplified_capacity_are_short() {
    // At these horizons nothing is cut off that a mean of this precision could show.
    storm_lasts("2", "75%", (120, 25_000), 12.393_465_266, 1.0);
    storm_lasts("3", "75%", (300, 20_000), 25.778_103_106, 1.0);
    storm_lasts("5", "50%", (150, 20_000), 14.184_000_286, 1.0);
}

#[test]
fn k4_storms_above_it_last_ever_longer() {
    // E[T] is 318.077066, 1116.637875 and 18728.983 minutes.
    storm_lasts("4.5", "75%", (3_000, 1_000), 318.058_218_974, 0.999_938_8);
    storm_lasts(
        "5",
        "75%",
        (3_000, 1_000),
        1_042.156_974_037,
        0.932_779_169_6,
    );
    storm_lasts(
        "6",
        "75%",
        (20_000, 80),
        12_292.610_858_565,
        0.656_263_234_6,
    );
}

/// The chain in its steady state: calls answered in time and callers lost, a minute; calls queued
/// and callers in orbit.
#[track_caller]
fn storm_settles(calls: &str, again: &str, (warm_up, minutes): (u32, u32), exact: [f64; 4]) {
    let storm = storm(calls, again);
    let scenario = service(&storm, &format!("{minutes}m"), &format!("{warm_up}m"));
    let found = ensemble(&scenario, Replications::new(BATCHES), Seed(42));
    let units = f64::from(minutes);
    let [good, lost, queue, orbit] = exact;
    mean_is("goodput", &per(&found, "calls_good", units), good);
    mean_is("callers lost", &per(&found, "callers_lost", units), lost);
    mean_is("queue", &of(&found, "queue_mean"), queue);
    mean_is("about to call", &of(&found, "backlog_mean"), orbit);
}

#[test]
fn k4_goodput_of_services_that_stay_calm() {
    let loss = |calls: f64, good: f64| [good, calls - good];
    let [good, lost] = loss(2.0, 1.999_831_443_022);
    storm_settles(
        "2",
        "75%",
        (1_000, 100_000),
        [good, lost, 0.250_107_381_7, 0.000_505_670_93],
    );
    let [good, lost] = loss(3.0, 2.999_296_476_060);
    storm_settles(
        "3",
        "75%",
        (1_000, 100_000),
        [good, lost, 0.429_302_065_2, 0.002_110_571_8],
    );
    let [good, lost] = loss(5.0, 4.977_081_154_245);
    storm_settles(
        "5",
        "50%",
        (1_000, 100_000),
        [good, lost, 1.027_187_213_8, 0.022_918_845_8],
    );
}

#[test]
fn k4_goodput_of_services_that_become_congested_and_recover() {
    // A warm-up of many times 1/(1/recovery + 1/time to congestion): 309, 801 and 324 minutes. The
    // chain's P(q >= 15) is not a measure of a dependency; the means of both its numbers are.
    let [good, lost] = [4.441_534_704_653, 0.058_465_295_347];
    storm_settles(
        "4.5",
        "75%",
        (5_000, 50_000),
        [good, lost, 1.049_937_723, 0.175_395_886],
    );
    let [good, lost] = [4.070_562_516_619, 0.929_437_483_381];
    storm_settles(
        "5",
        "75%",
        (10_000, 30_000),
        [good, lost, 4.424_013_687, 2.788_312_450],
    );
    let [good, lost] = [0.208_893_395_260, 5.791_106_604_740];
    storm_settles(
        "6",
        "75%",
        (5_000, 25_000),
        [good, lost, 18.913_367_483, 17.373_319_814],
    );
}

#[test]
fn k5_one_queue_and_callers_that_never_give_up() {
    // The retrial queue M/M/1/1: E[orbit] = rho (rho + lam/theta) / (1 - rho).
    for (calls, delay, busy, orbit) in [("0.7", "2m", 0.7, 4.9), ("0.5", "30s", 0.5, 0.75)] {
        let dependency = format!(
            "{{capacity: 1/min, queue: 1, timeout: never, load: {calls}/min, retry: {{probability: \
             100%, delay: {{exponential: {{mean: {delay}}}}}, tries: unlimited}}, \
             calm: {{queue: 0, waiting: 0}}}}"
        );
        let found = ensemble(
            &service(&dependency, "100000m", "1000m"),
            Replications::new(BATCHES),
            Seed(5),
        );
        mean_is("P(busy)", &of(&found, "queue_mean"), busy);
        mean_is("orbit", &of(&found, "backlog_mean"), orbit);
        let lost = of(&found, "callers_lost");
        assert!(lost.iter().all(|lost| *lost == 0.0), "nobody gives up");
    }
}

/// K1: a hundred calls a second are served, callers time out after a tenth of a second and retry
/// up to three times, long after.
fn mean_field(calls: &str, queued: u32, (warm_up, seconds): (&str, u32)) -> Ensemble {
    let dependency = format!(
        "{{capacity: 100/s, queue: 1000000, timeout: 100ms, load: {calls}/s, retry: {{probability: \
         100%, delay: {{exponential: {{mean: 10s}}}}, tries: 4}}, \
         initial: {{queue: {queued}, waiting: 0}}, calm: {{queue: 0, waiting: 0}}}}"
    );
    let scenario = service(&dependency, &format!("{seconds}s"), warm_up);
    ensemble(&scenario, Replications::new(BATCHES), Seed(6))
}

#[test]
fn k1_the_good_fixed_point_of_calls_that_are_retried() {
    // The mean field is the limit of long delays: a retry meets a queue that has forgotten what made
    // its call late. A queue forgets within 0.03 s (20 calls a second) or 0.05 s (30), and delays are
    // 10 s on average, so what is left is below a hundredth; the standard errors are above it.
    for (calls, seconds, offered) in [
        ("20", 10_000, 20.006_716_015),
        ("30", 5_000, 30.027_456_780),
    ] {
        let found = mean_field(calls, 0, ("100s", seconds));
        let fresh: f64 = calls.parse().expect("a number");
        let again = per(&found, "calls_repeated", f64::from(seconds));
        mean_is(
            &format!("calls made again at {calls}"),
            &again,
            offered - fresh,
        );
        let all = per(&found, "calls", f64::from(seconds));
        mean_is(&format!("all calls at {calls}"), &all, offered);
    }
}

#[test]
fn k1_the_bad_fixed_point_where_every_call_is_late() {
    // No call is in time, so every caller makes four calls, whatever the delays: this is exact.
    for (calls, offered) in [("30", 120.0), ("50", 200.0), ("70", 280.0)] {
        let found = mean_field(calls, 5_000, ("300s", 200));
        mean_is(calls, &per(&found, "calls", 200.0), offered);
        let good = of(&found, "calls_good");
        assert!(
            good.iter().all(|good| *good == 0.0),
            "nobody is answered in time"
        );
        mean_is(
            "callers lost",
            &per(&found, "callers_lost", 200.0),
            offered / 4.0,
        );
        // All of its capacity is spent on callers that have given up.
        mean_is("wasted", &per(&found, "calls_wasted", 200.0), 100.0);
    }
}

#[test]
fn l1_a_page_at_the_fifth_failed_provisioning() {
    let n = 100_000;
    // An attempt fails a millisecond after its lease, once; somebody is paged at once.
    let scenario = smallest(&[
        ("pools.r/i.provision.latency", "1ms"),
        (
            "alerts.page",
            "{signal: failed_provisions, count: 5, cool_down: never}",
        ),
    ]);
    let found = ensemble(&scenario, Replications::new(n), Seed(7));
    let paged: Vec<f64> = minutes(
        found
            .incident("detected_after_s")
            .expect("a measure")
            .flatten()
            .collect(),
    );
    assert_eq!(paged.len(), n, "the fifth request comes within 400 minutes");
    mean_is("page", &paged, 20.0);
    let exact = [(0.05, 7.880_598_272), (0.95, 36.614_076_107)];
    quantiles_are("page", &paged, n, &exact);
    let fail = minutes(
        found
            .values(0, "first_lease_failure_at_s")
            .expect("a measure")
            .flatten()
            .collect(),
    );
    let lead: Vec<f64> = fail
        .iter()
        .zip(&paged)
        .map(|(fail, page)| fail - page)
        .collect();
    mean_is("warning", &lead, 104.0);
    let exact = [
        (0.01, 62.491_345_210),
        (0.05, 72.874_186_472),
        (0.5, 102.669_748_412),
    ];
    quantiles_are("warning", &lead, n, &exact);
    let pages = found.incident("pages").expect("a measure").flatten();
    assert!(pages.into_iter().all(|pages| pages == 1.0), "paged once");
}

#[test]
fn l2_a_page_at_two_failures_within_ten_minutes() {
    // A pool without workers rejects every request of a Poisson stream.
    let scenario = smallest(&[
        ("clock.horizon", "200m"),
        ("pools.r/i.target", "0"),
        (
            "alerts.page",
            "{signal: failed_leases, count: 2, window: 10m, cool_down: never}",
        ),
    ]);
    let found = ensemble(&scenario, Replications::new(200_000), Seed(8));
    let paged = minutes(
        found
            .incident("detected_after_s")
            .expect("a measure")
            .flatten()
            .collect(),
    );
    mean_is("page", &paged, 8.357_701_959);
}

#[test]
fn s1_a_standby_that_is_switched_on() {
    let n = 100_000;
    let standby = "{target: 20, provision: {latency: 8m, timeout: never}, \
                   replenish: {counts: ready_and_pending, in_flight_max: unlimited, \
                   retry: {initial: 30d, max: 30d}}, lease: {on_empty: reject}, \
                   standby: {for: r/i, share: 100%, activation: 0s, warm: true}}";
    let scenario = smallest(&[
        ("regions.s", "{}"),
        ("pools.s/i", standby),
        ("outages.blackout.regions", "[r, s]"),
        ("playbook.switch", "{at: +100m, do: {activate: s/i}}"),
    ]);
    let found = ensemble(&scenario, Replications::new(n), Seed(9));
    // All later failures occur at the standby, the first choice.
    let (primary, second) = (0, 1);
    let before = found
        .values(primary, "first_lease_failure_at_s")
        .expect("a measure")
        .flatten();
    share_is("P(failed before)", before.count(), n, 0.136_691_130_8);
    let failed: Vec<f64> = found
        .values(primary, "failed_leases")
        .expect("a measure")
        .flatten()
        .collect();
    mean_is("failed before", &failed, 0.451_863_974_0);
    let again = found
        .values(second, "first_lease_failure_at_s")
        .expect("a measure")
        .flatten();
    let again = minutes(again.collect());
    mean_is("second depletion", &again, 205.807_455_896);
    let by = again.iter().filter(|at| **at <= 300.0).count();
    share_is("P(fail by 300)", by, n, 0.998_597_151_4);
}

/// W1: requests wait for ten minutes.
#[track_caller]
fn waiting_world(changes: &[(&str, &str)]) -> Scenario {
    let lease = "{on_empty: wait, wait_timeout: 10m}";
    let mut all = vec![
        ("pools.r/i.lease", lease),
        ("pools.r/i.replenish.waiting_orders", "false"),
        ("pools.r/i.provision.latency", "1ms"),
    ];
    all.extend(changes);
    smallest(&all)
}

#[test]
fn w1_requests_that_wait_as_the_outage_ends_are_served() {
    // Failed orders are not retried, so supply is instant at the end of the outage
    // and nowhere else: thirty fresh orders then, for those who wait.
    let scenario = waiting_world(&[
        ("clock.horizon", "181m"),
        ("outages.blackout.until", "+180m"),
        (
            "playbook.supply",
            "{at: +180m, do: {set_target: {pool: r/i, to: 60}}}",
        ),
    ]);
    let found = ensemble(&scenario, Replications::new(100_000), Seed(10));
    let of = |measure| {
        found
            .values(0, measure)
            .expect("a measure")
            .flatten()
            .collect::<Vec<f64>>()
    };
    mean_is("timeouts", &of("failed_leases"), 12.548_196_690_9);
    mean_is("rescued", &of("delayed_leases"), 2.469_561_227_0);
}

#[test]
fn w1_a_failure_is_observed_when_the_wait_is_over() {
    let fail = sample(&waiting_world(&[]), 100_000, "first_lease_failure_at_s");
    mean_is("first observed failure", &minutes(fail), 134.0);
}
