//! Replications of scenarios that differ only from some instant on are run once up to it: no byte tells.

use std::num::NonZeroUsize;

use drawdown::scenario::{Plan, SweepSpec, Template};
use drawdown::study::compare;
use drawdown::{Replications, Scenario, Seed, ensemble, sweep};
use serde_json::Value;

use crate::cli::drawdown;

const N: usize = 12;
const NO_CHANGES: [(&str, &str); 0] = [];

fn replications() -> Replications {
    let mut replications = Replications::new(N);
    replications.threads = NonZeroUsize::new(2);
    replications
}

/// Events and digest of a scenario that is run alone.
fn alone(scenario: &Scenario) -> (u64, u64) {
    let found = ensemble(scenario, replications(), Seed(3));
    (found.events, found.digest)
}

#[test]
fn a_variant_compared_is_the_variant_alone() {
    for file in [
        "scenarios/fnj8-vqz.yaml",
        "scenarios/rnq2-nc8.yaml",
        "scenarios/spill-over.yaml",
        "scenarios/quota-starvation.yaml",
    ] {
        let base = Scenario::load(file).expect("a scenario");
        for name in base.variants() {
            let variant = Scenario::load_variant(file, Some(name), NO_CHANGES).expect("a variant");
            let found = compare(&base, &variant, replications(), Seed(3));
            let digests = [alone(&base).1, alone(&variant).1];
            assert_eq!(found.digests, digests, "{file}: {name}");
        }
    }
}

/// Values of each kind of path, some of which share the beginning and some of which cannot.
const AXES: [&str; 17] = [
    "outages.extension-storage.until=20:00Z,22:48Z,23:30Z",
    "outages.extension-storage.from=18:50Z,19:30Z,18:10Z",
    "outages.extension-storage.failure=60%,100%",
    "outages.extension-storage.onset=0s,{exponential: {mean: 20m}}",
    "outages.extension-storage.recovery=0s,{exponential: {mean: 20m}}",
    "outages.extension-storage.judged=completion,{start: {fails: {reject: 20s}, in_flight: fail_now}}",
    "outages.extension-storage.shape=step,{ramp: {in: 20m}},{intermittent: {on: 10m, off: 5m}}",
    "outages.extension-storage.latency_factor=1,3",
    "outages.extension-storage.takes={ready: 0%},{ready: 40%}",
    "outages.extension-storage.images=[ubuntu],[ubuntu, windows]",
    "outages.extension-storage.operations=[create],[create, delete]",
    "playbook.more={at: +1h, do: {set_target: {pool: westus2/ubuntu, to: 30}}},{at: +3h, do: {shed: instance-upgrades-westus2}}",
    "playbook.early={at: +1h, do: note},{at: +30m, do: {set_target: {pool: westus2/ubuntu, to: 30}}}",
    "alerts.low={signal: ready_below, scope: westus2/ubuntu, level: 6},{signal: ready_below, level: 2, lasting: 1m}",
    "alerts.slow={signal: failed_provisions, count: 2, window: 1h},{signal: oldest_wait, wait: 3m}",
    "staffing.night={from: +0s, until: +4h, delays: 3},{from: +1h, until: +2h, delays: 2}",
    "pools.westus2/ubuntu.target=6,8,10",
];

/// Cells of some axes, each compared with its scenario run alone; how many there are.
fn compare_cells(file: &str, axes: &[&str]) -> usize {
    let template = Template::load(file).expect("a scenario");
    let spec = SweepSpec {
        axes: axes.iter().map(|axis| (*axis).to_owned()).collect(),
        ..SweepSpec::default()
    };
    let plan = match Plan::new(template, &spec) {
        Ok(plan) => plan,
        Err(problems) => panic!("{axes:?}: {problems}"),
    };
    let cells = sweep(&plan, replications(), Seed(3), |cell| {
        (cell.ensemble.events, cell.ensemble.digest)
    });
    for (place, cell) in cells.iter().enumerate() {
        assert_eq!(
            *cell,
            alone(&plan.scenario(place)),
            "{axes:?}, cell {place}"
        );
    }
    cells.len()
}

#[test]
fn a_cell_of_any_axis_is_its_scenario_alone() {
    let file = "scenarios/fnj8-vqz.yaml";
    let tried = AXES.iter().map(|axis| compare_cells(file, &[axis]));
    assert_eq!(tried.sum::<usize>(), 38);
}

/// What outages can be that differ in their ends: some of these must not be shared while they last.
const OUTAGES: [&str; 8] = [
    "shape={ramp: {in: 20m}},{ramp: {in: 20m, out: 30m}},{intermittent: {on: 10m, off: 5m}}",
    "judged={start: {fails: {reject: 20s}, in_flight: fail_now}},{start: {fails: hang, in_flight: stall}}",
    "failure=60%,90%",
    "latency_factor=3,4",
    "takes={ready: 40%, leased: 10%},{ready: 50%}",
    "operations=[create],[create, delete]",
    "onset=10m,{exponential: {mean: 20m}}",
    "recovery=10m,{exponential: {mean: 20m}}",
];

#[test]
fn outages_that_differ_in_their_ends_are_those_run_alone() {
    let ends = "outages.extension-storage.until=19:20Z,22:48Z,20:10Z";
    let tried = OUTAGES.iter().map(|outage| {
        let axis = format!("outages.extension-storage.{outage}");
        compare_cells("scenarios/fnj8-vqz.yaml", &[&axis, ends])
    });
    assert_eq!(tried.sum::<usize>(), 51);
}

#[test]
fn pools_whose_failures_are_counted_together_share_no_outage() {
    let ends = "outages.everything.until=+30m,+1h,+90m";
    let file = "examples/full-outage.yaml";
    assert_eq!(compare_cells(file, &[ends]), 3);
}

#[test]
fn pools_that_cannot_affect_the_answer_need_not_run() {
    let file = "tests/it/field/both-regions.yaml";
    let pool = "westeurope/ubuntu";
    let commands = [
        ["size", file, "--pool", pool, "-n", "200", "--json"].to_vec(),
        [
            "ensemble",
            file,
            "--pool",
            pool,
            "-n",
            "50",
            "--json",
            "--measure",
            "failed_leases",
        ]
        .to_vec(),
    ];
    for command in commands {
        let whole = [&command[..], &["--whole"]].concat();
        let [part, whole] = [command, whole].map(|args| {
            let (code, out, error) = drawdown(&args);
            assert_eq!(code, Some(0), "{error}");
            serde_json::from_str::<Value>(&out).expect("JSON")
        });
        let notes = |of: &Value| of["notes"].to_string();
        assert!(
            notes(&part).contains("Not run: 1 pool that cannot"),
            "{}",
            notes(&part)
        );
        assert!(!notes(&whole).contains("Not run"));
        let mut compared = 0;
        for key in ["buffers", "pools", "classes"] {
            assert_eq!(part[key], whole[key], "{key}");
            compared += usize::from(!part[key].is_null());
        }
        assert!(0 < compared, "{part}");
    }
}

#[test]
fn all_pools_run_where_the_measure_depends_on_all() {
    let file = "tests/it/field/both-regions.yaml";
    let measure = "first_lease_failure_after_s";
    let (code, out, _) = drawdown(&[
        "ensemble",
        file,
        "--pool",
        "westeurope/ubuntu",
        "-n",
        "20",
        "--json",
        "--measure",
        measure,
    ]);
    assert_eq!(code, Some(0));
    assert!(!out.contains("Not run"));
}
