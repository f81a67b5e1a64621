//! Up to when scenarios have the same events: those that differ only in outages, alerts and people share the time
//! before any of these can act, and those that differ only in the ends of outages the time before the first, which is
//! simulated once.

use std::collections::BTreeSet;

use crate::kernel::time::{SimDuration, SimTime};
use crate::model::record::ordinary::WINDOW;
use crate::model::setup::Setup;
use crate::model::setup::outage::{When, Window};
use crate::model::setup::people::Trigger;
use crate::scenario::Scenario;
use crate::scenario::schema::renamed::last_step;
use crate::scenario::text::digest::DESCRIBING;

/// Keys that matter only from the measured time on: alerts ignore the warm-up.
const PEOPLE: [&str; 3] = ["alerts", "playbook", "staffing"];

/// Keys of an outage that can move its beginning, or the pools that it affects.
const BEGINNINGS: [&str; 6] = ["from", "windows", "onset", "regions", "images", "random"];

/// What two scenarios share.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Shared {
    /// The instant before which every replication of both is the same; 0 where that is not certain.
    pub until: SimTime,
    /// Whether they have the same alerts and people, so that these may act before that.
    pub people: bool,
}

impl Shared {
    /// Nothing.
    pub const NOTHING: Self = Self {
        until: SimTime::ZERO,
        people: true,
    };

    /// What two scenarios share.
    pub fn of(one: &Scenario, other: &Scenario) -> Self {
        if one.left_out != other.left_out || !alike(&one.setup, &other.setup) {
            return Self::NOTHING;
        }
        let keys: BTreeSet<&String> = one.parts.keys().chain(other.parts.keys()).collect();
        let differs = |key: &&String| one.parts.get(*key) != other.parts.get(*key);
        let differing: Vec<&String> = keys.into_iter().filter(differs).collect();
        let mut ahead = differing.iter().map(|key| matters_before(key));
        let Some(ahead) = ahead.try_fold(SimDuration::ZERO, |most, it| Some(most.max(it?))) else {
            return Self::NOTHING;
        };
        let people = !differing.iter().any(|key| is_of_people(key));
        let first = first_act(&one.setup, people).min(first_act(&other.setup, people));
        let mut until = SimTime::ZERO + (first - (SimTime::ZERO + ahead));
        if differing
            .iter()
            .all(|key| is_an_end(key) || is_without_events(key))
        {
            until = until.max(first_end(&one.setup, &other.setup).unwrap_or(until));
        }
        Self { until, people }
    }
}

/// Scenarios of which one runs from the beginning, and the others from the instants on at which they part from it.
pub(crate) struct Branches {
    /// The place of the one that runs whole.
    pub trunk: usize,
    /// The places of the others, and what each shares with it, in the order of instants.
    pub others: Vec<(usize, Shared)>,
}

impl Branches {
    /// The branches of some scenarios, from the first or from the one whose outages end last, whichever shares more.
    pub fn of(scenarios: &[&Scenario]) -> Self {
        let end = |place: &usize| last_end(&scenarios[*place].setup);
        let last = (0..scenarios.len()).rev().max_by_key(end).unwrap_or(0);
        let first = Self::from(0, scenarios);
        if last == 0 {
            return first;
        }
        let last = Self::from(last, scenarios);
        match first.length() < last.length() {
            true => last,
            false => first,
        }
    }

    fn from(trunk: usize, scenarios: &[&Scenario]) -> Self {
        let others = (0..scenarios.len()).filter(|place| *place != trunk);
        let shared = |place: usize| (place, Shared::of(scenarios[trunk], scenarios[place]));
        let mut others: Vec<(usize, Shared)> = others.map(shared).collect();
        others.sort_by_key(|(_, shared)| shared.until);
        Self { trunk, others }
    }

    /// The time that need not run again, over all of them (µs).
    fn length(&self) -> u128 {
        let until = |(_, shared): &(usize, Shared)| u128::from(shared.until.micros());
        self.others.iter().map(until).sum()
    }
}

/// When the last outage with dates ends.
fn last_end(setup: &Setup) -> SimTime {
    let ends = setup.windows.iter().map(|window| match &window.when {
        When::Dated { until, .. } => *until,
        When::RandomOutages => SimTime::ZERO,
    });
    ends.max().unwrap_or(SimTime::ZERO)
}

fn section(path: &str) -> &str {
    path.split('.').next().unwrap_or_default()
}

fn is_an_end(path: &str) -> bool {
    section(path) == "outages" && last_step(path) == "until"
}

fn is_of_people(path: &str) -> bool {
    PEOPLE.contains(&section(path))
}

/// Whether no event depends on a part of a file. What facts ask for is counted as a replication runs.
fn is_without_events(path: &str) -> bool {
    let section = section(path);
    section == "costs" || DESCRIBING.contains(&section) && section != "observed"
}

/// Whether values at a path, or below it, never matter from the beginning on.
pub(crate) fn matters_late(path: &str) -> bool {
    matters_before(path).is_some()
}

/// How long before the first outage or step a part of a file can matter; none if it always does.
fn matters_before(path: &str) -> Option<SimDuration> {
    if is_without_events(path) || is_of_people(path) {
        return Some(SimDuration::ZERO);
    }
    // The ordinary level of a pool is a mean over the time before its first outage.
    let begins = BEGINNINGS.contains(&last_step(path));
    let ahead = if begins { WINDOW } else { SimDuration::ZERO };
    (section(path) == "outages").then_some(ahead)
}

/// The first instant at which an outage can act; or, where people differ, an alert or a step.
fn first_act(setup: &Setup, people: bool) -> SimTime {
    let outages = setup.windows.iter().map(|window| match &window.when {
        When::Dated { from, .. } => *from,
        When::RandomOutages => SimTime::ZERO,
    });
    let first = outages.fold(setup.horizon, SimTime::min);
    if people {
        return first;
    }
    let steps = setup.playbook.iter().map(|step| match step.trigger {
        Trigger::At(at) => at,
        _ => SimTime::NEVER,
    });
    steps.fold(first.min(setup.start), SimTime::min)
}

/// The first instant at which outages can act that differ only in their ends: before it, attempts fail in both or in
/// none. None where an end matters earlier.
fn first_end(one: &Setup, other: &Setup) -> Option<SimTime> {
    let mut first = one.horizon;
    for (window, changed) in one.windows.iter().zip(&other.windows) {
        let ends = match (&window.when, &changed.when) {
            (When::RandomOutages, When::RandomOutages) => continue,
            (When::Dated { .. }, When::Dated { .. }) => [fixed(window)?, fixed(changed)?],
            _ => return None,
        };
        let [(from, until), (same, later)] = ends;
        if from != same || window.pools != changed.pools {
            return None;
        }
        // In predictable pools, attempts that fail are counted together up to the end.
        let counted = |setup: &Setup| {
            let mut pools = window.pools.iter();
            pools.any(|pool| setup.pools[*pool].shortcuts.predictable)
        };
        if until != later {
            if window.looks_ahead() || counted(one) || counted(other) {
                return None;
            }
            first = first.min(until).min(later);
        }
    }
    (one.start < first).then_some(first)
}

/// When an outage begins and ends, where that is the same in every replication.
fn fixed(window: &Window) -> Option<(SimTime, SimTime)> {
    match &window.when {
        When::Dated {
            from,
            until,
            lasting: None,
            ..
        } if window.when.is_certain() => Some((*from, *until)),
        _ => None,
    }
}

/// Whether two setups have the same events where nothing of what is compared by its parts acts.
fn alike(one: &Setup, other: &Setup) -> bool {
    let same = |it: &Setup| (it.start, it.horizon, it.budget, it.pools.len());
    let derived = |it: &Setup| -> Vec<[bool; 6]> {
        let pools = it.pools.iter().map(|pool| &pool.shortcuts);
        pools
            .map(|it| {
                let [deletions, ends] = [it.deletions_matter, it.ends_matter];
                [
                    it.limited,
                    it.gated,
                    it.plain,
                    deletions,
                    ends,
                    it.silent_ends,
                ]
            })
            .collect()
    };
    same(one) == same(other) && derived(one) == derived(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "scenarios/fnj8-vqz.yaml";

    fn scenario(changes: &[(&str, &str)]) -> Scenario {
        let changes = changes.iter().map(|(key, value)| {
            let path = format!("outages.extension-storage.{key}");
            (path, *value)
        });
        match Scenario::load_with(FILE, changes) {
            Ok(scenario) => scenario,
            Err(problems) => panic!("{problems}"),
        }
    }

    /// Hours after the start of the measured time until which two ends of an outage share their events, where it is
    /// changed otherwise in both; it begins 50 minutes after the start.
    fn shared(changes: &[(&str, &str)], ends: [&str; 2]) -> f64 {
        let [one, other] = ends.map(|end| scenario(&[changes, &[("until", end)]].concat()));
        Shared::of(&one, &other)
            .until
            .seconds_since(one.setup.start)
            / 3_600.0
    }

    #[test]
    fn ends_of_outages_are_shared_until_the_first_of_them() {
        assert_eq!(shared(&[], ["20:00Z", "22:48Z"]), 2.0);
        assert_eq!(shared(&[], ["22:48Z", "20:30Z"]), 2.5);
        assert_eq!(
            shared(&[("shape", "{ramp: {in: 20m}}")], ["20:00Z", "21:00Z"]),
            2.0
        );
    }

    #[test]
    fn an_outage_that_looks_ahead_is_shared_until_it_begins() {
        let ends = ["20:00Z", "22:48Z"];
        let begins = 50.0 / 60.0;
        for (key, value) in [
            ("shape", "{ramp: {out: 20m}}"),
            ("shape", "{intermittent: {on: 10m, off: 5m}}"),
            ("judged", "{start: {fails: hang, in_flight: stall}}"),
            ("recovery", "{exponential: {mean: 20m}}"),
        ] {
            assert_eq!(shared(&[(key, value)], ends), begins, "{key}: {value}");
        }
        // Pools whose failed attempts are counted together up to the end.
        let outage = "outages.everything.until";
        let [one, other] = ["+1h", "+90m"].map(|end| {
            Scenario::load_with("examples/full-outage.yaml", [(outage, end)]).expect("a scenario")
        });
        assert_eq!(Shared::of(&one, &other).until, SimTime::ZERO);
    }

    #[test]
    fn ordinary_times_are_shared_until_the_outage_begins() {
        let outage = scenario(&[]);
        let begins = Shared::of(&outage, &outage.calm()).until;
        assert_eq!(begins.seconds_since(outage.setup.start), 3_000.0);
    }

    #[test]
    fn the_one_whose_outage_lasts_longest_runs_whole() {
        let all = ["20:00Z", "22:48Z", "21:00Z"].map(|end| scenario(&[("until", end)]));
        let branches = Branches::of(&all.iter().collect::<Vec<_>>());
        assert_eq!(branches.trunk, 1);
        let hours = |(place, shared): &(usize, Shared)| {
            (
                *place,
                shared.until.seconds_since(all[0].setup.start) / 3_600.0,
            )
        };
        let others: Vec<(usize, f64)> = branches.others.iter().map(hours).collect();
        assert_eq!(others, [(0, 2.0), (2, 3.0)]);
    }
}
