//! Up to when scenarios have the same life: those that differ only in outages, alerts and people share the time
//! before any of these can act, which is simulated once.

use std::collections::BTreeSet;

use crate::kernel::time::{SimDuration, SimTime};
use crate::model::record::ordinary::WINDOW;
use crate::model::setup::Setup;
use crate::model::setup::outage::When;
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
        Self {
            until: SimTime::ZERO + (first - (SimTime::ZERO + ahead)),
            people,
        }
    }

    /// What both of two pairs share that have a scenario in common.
    pub fn and(self, other: Self) -> Self {
        Self {
            until: self.until.min(other.until),
            people: self.people && other.people,
        }
    }
}

fn section(path: &str) -> &str {
    path.split('.').next().unwrap_or_default()
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
