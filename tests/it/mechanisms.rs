//! The mechanisms that the source documents describe, each with a scenario that uses it and a
//! test that shows it.

use std::path::Path;

/// What it is, the scenario, the test.
const MECHANISMS: [(&str, &str, &str); 27] = [
    (
        "M1 a worker is provisioned, ready, leased, deleted; provisioning and deletion may fail",
        "fnj8-vqz",
        "a_pool_of_any_policy_passes_the_audit",
    ),
    (
        "M2 pools by region, image and standby",
        "fnj8-vqz",
        "shipped_scenarios_pass_the_audit",
    ),
    (
        "M3 replenishment to a base stock counts orders in flight",
        "policies/octopus",
        "row C1",
    ),
    (
        "M4 a tenant reuses its lease, and each run extends it",
        "fnj8-vqz",
        "row I1",
    ),
    (
        "M5 leases that expire in an outage turn the safe into new demand",
        "fnj8-vqz",
        "row I7",
    ),
    (
        "M6 a request waits up to a timeout, then fails",
        "fnj8-vqz",
        "row E2",
    ),
    (
        "M7 deletion is an operation that can fail",
        "policies/nodepool",
        "a_machine_that_cannot_be_deleted_is_a_leak_that_holds_quota",
    ),
    (
        "M8 windows by region, with onsets and recoveries of their own",
        "fnj8-vqz-managed-identity",
        "beginning_and_end_of_an_outage_have_their_own_delays",
    ),
    (
        "M9 failure of some images and some operations only",
        "fnj8-vqz",
        "requests_that_cannot_connect_fail_although_the_pool_is_full",
    ),
    (
        "M10 refused at once, failed late, in part, or on and off",
        "rnq2-nc8",
        "an_intermittent_outage_is_on_and_off_in_turn_from_its_beginning",
    ),
    (
        "M11 gradual recovery, and the time a pool needs to refill",
        "rnq2-nc8",
        "row G1",
    ),
    (
        "M12 an outage that touches no capacity",
        "wan-2023-01-25",
        "requests_that_cannot_connect_fail_although_the_pool_is_full",
    ),
    (
        "M13 existing leases go on, unless the data plane fails",
        "fnj8-vqz",
        "ready_and_leased_workers_are_lost_when_an_outage_begins",
    ),
    (
        "M14 blocked work comes back at once",
        "fnj8-vqz-managed-identity",
        "the_storm_needs_its_surge",
    ),
    (
        "M15 retries multiply load, and the backlog grows",
        "fnj8-vqz-managed-identity",
        "the_storm_outlasts_its_trigger",
    ),
    (
        "M16 retries fail over to the paired region and congest it",
        "fnj8-vqz-managed-identity",
        "the_storm_reaches_the_paired_region_later",
    ),
    (
        "M17 scaling out does not suffice",
        "fnj8-vqz-managed-identity",
        "scale_outs_alone_do_not_help",
    ),
    (
        "M18 removing all traffic and ramping it does",
        "fnj8-vqz-managed-identity",
        "removing_traffic_and_ramping_ends_the_storm_and_not_before",
    ),
    (
        "M19 a pool that provisions through a congested service stays empty",
        "fnj8-vqz-managed-identity",
        "pools_stay_empty_while_the_storm_lasts",
    ),
    (
        "M20 alerts on failed leases, on failed provisioning, and too high for what is sporadic",
        "wan-2023-01-25",
        "an_alert_pages_at_the_nth_failed_provisioning",
    ),
    (
        "M21 a chain of people, each with a delay",
        "rnq2-nc8",
        "steps_are_triggered_by_a_time_an_alert_or_another_step",
    ),
    ("M22 non-essential demand is shed", "fnj8-vqz", "row B4"),
    (
        "M23 a standby takes time, may share the fate, and is reverted on what is believed",
        "fnj8-vqz",
        "a_standby_is_reverted_when_two_regions_fail_and_kept_when_one_does",
    ),
    (
        "M24 recovery needs nobody",
        "fnj8-vqz",
        "the_pools_recover_without_people",
    ),
    (
        "M25 tenants are counted, not requests",
        "rnq2-nc8",
        "row H1",
    ),
    (
        "M26 what the provider says lags behind",
        "fnj8-vqz",
        "notes_tickets_and_posts_change_nothing",
    ),
    (
        "M27 people take longer on holidays",
        "front-door-2023-01-25",
        "reduced_staffing_lengthens_every_delay_of_people",
    ),
];

#[test]
fn every_mechanism_has_a_scenario_and_a_test() {
    let mut tests = String::new();
    read_into(Path::new("tests/it"), &mut tests);
    // Rows of `drawdown verify`, which a test runs.
    read_into(Path::new("src/experiment/verify/table"), &mut tests);
    for (place, (what, scenario, test)) in MECHANISMS.iter().enumerate() {
        assert!(what.starts_with(&format!("M{} ", place + 1)), "{what}");
        let file = format!("scenarios/{scenario}.yaml");
        assert!(Path::new(&file).exists(), "{what}: no {file}");
        let claim = match test.strip_prefix("row ") {
            Some(row) => format!("id: \"{row}\","),
            None => format!("#[test]\nfn {test}()"),
        };
        assert!(tests.contains(&claim), "{what}: no test {test}");
    }
}

fn read_into(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read_into(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            *text += &std::fs::read_to_string(&path).expect("a file");
        }
    }
}
