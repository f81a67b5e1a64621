//! A recorded replication as it is looked at: what the levels are at an instant, which outages are in
//! force, and what has happened before it.

use crate::cli::watch::player::Course;
use crate::cli::words;
use crate::experiment::run::PoolSample;
use crate::experiment::trace::{Trace, TraceEntry as Entry};
use crate::kernel::time::SimTime;
use crate::scenario::{PoolId, Scenario};

/// A recording.
pub(crate) struct Film<'a> {
    pub scenario: &'a Scenario,
    pub trace: &'a Trace,
    pub course: Course,
    /// In the order of time.
    scenes: Vec<Scene>,
    /// The most ready workers that each pool has at any time, or its target: the length of its bar.
    pub fullest: Vec<u32>,
}

/// Something that happens.
#[derive(Clone, Copy)]
pub(crate) struct Scene {
    pub at: SimTime,
    pub notable: bool,
    what: What,
}

#[derive(Clone, Copy)]
enum What {
    Entry(usize),
    /// The last ready worker of a pool is gone.
    Empty(usize),
}

/// Levels before anything has happened.
const NOTHING: PoolSample = PoolSample {
    at: SimTime::ZERO,
    ready: 0,
    pending: 0,
    leased: 0,
    deleting: 0,
    waiting: 0,
    failed: 0,
    target: 0,
};

impl<'a> Film<'a> {
    /// Makes a recording ready to be played.
    pub fn new(scenario: &'a Scenario, trace: &'a Trace) -> Self {
        let (start, until) = (scenario.setup.start, trace.outcome.until);
        let mut scenes = entries(scenario, trace);
        for (place, levels) in trace.outcome.levels.iter().enumerate() {
            if scenario.setup.pools[PoolId::from(place)].standby.is_some() {
                continue;
            }
            let falls = levels.windows(2).filter(|two| {
                start <= two[1].at && two[1].at < until && 0 < two[0].ready && two[1].ready == 0
            });
            scenes.extend(falls.map(|two| Scene {
                at: two[1].at,
                notable: true,
                what: What::Empty(place),
            }));
        }
        scenes.sort_by_key(|scene| scene.at);
        let instants = |notable: bool| {
            let kept = scenes.iter().filter(|scene| !notable || scene.notable);
            let mut instants: Vec<SimTime> = kept.map(|scene| scene.at).collect();
            instants.dedup();
            instants
        };
        let course = Course {
            start,
            until,
            instants: instants(false),
            notable: instants(true),
        };
        let pools = scenario.pools.iter().zip(&trace.outcome.levels);
        let fullest = pools.map(|(pool, levels)| {
            let most = levels.iter().map(|noted| noted.ready).max();
            most.unwrap_or(0).max(pool.target).max(1)
        });
        Self {
            fullest: fullest.collect(),
            scenario,
            trace,
            course,
            scenes,
        }
    }

    /// The levels of a pool at an instant.
    pub fn levels(&self, pool: usize, at: SimTime) -> PoolSample {
        let levels = &self.trace.outcome.levels[pool];
        let known = levels.partition_point(|noted| noted.at <= at);
        known.checked_sub(1).map_or(NOTHING, |place| levels[place])
    }

    /// Whether an outage meets a pool at an instant.
    pub fn is_shaded(&self, pool: usize, at: SimTime) -> bool {
        let mut met = self.trace.outcome.shaded(self.scenario, pool);
        met.any(|outage| outage.from <= at && at < outage.until)
    }

    /// Whether any outage is in force between two instants.
    pub fn is_dark(&self, from: SimTime, until: SimTime) -> bool {
        let mut all = self.trace.outcome.occurrences.iter();
        all.any(|outage| outage.from < until && from < outage.until)
    }

    /// The outages in force, each with its regions.
    pub fn in_force(&self, at: SimTime) -> Vec<(&str, Vec<&str>)> {
        let all = self.trace.outcome.occurrences.iter();
        let now = all.filter(|outage| outage.from <= at && at < outage.until);
        let mut named: Vec<(&str, Vec<&str>)> = Vec::new();
        for outage in now {
            let name = &self.scenario.windows[usize::from(outage.window)];
            match named.iter_mut().find(|(known, _)| *known == name.outage) {
                Some((_, regions)) => regions.push(&name.region),
                None => named.push((&name.outage, vec![&name.region])),
            }
        }
        named
    }

    /// Whether a pool is a standby, of which nobody expects a ready worker.
    pub fn is_standby(&self, pool: usize) -> bool {
        self.scenario.setup.pools[PoolId::from(pool)]
            .standby
            .is_some()
    }

    /// The last `count` things that have happened, the latest last.
    pub fn past(&self, at: SimTime, count: usize) -> &[Scene] {
        let known = self.scenes.partition_point(|scene| scene.at <= at);
        &self.scenes[known.saturating_sub(count)..known]
    }

    /// A scene in words.
    pub fn told(&self, scene: &Scene) -> String {
        let clock = words::clock(self.scenario, scene.at);
        let what = match scene.what {
            What::Empty(pool) => {
                format!("{}: no worker is ready", self.scenario.pools[pool].name)
            }
            What::Entry(place) => told(self.scenario, &self.trace.entries[place]),
        };
        format!("{clock}  {what}")
    }
}

fn entries(scenario: &Scenario, trace: &Trace) -> Vec<Scene> {
    // Whether an attempt of the pool has failed by an outage.
    let mut struck = vec![false; scenario.pools.len()];
    let entries = trace.entries.iter().enumerate();
    let scenes = entries.map(|(place, entry)| {
        let notable = match (entry.event, entry.pool) {
            ("attempt_failed", Some(pool)) if entry.cause == Some("outage") => {
                !std::mem::replace(&mut struck[pool], true)
            }
            (
                "outage_began" | "outage_ended" | "alert_paged" | "step_taken" | "request_failed"
                | "standby_activated",
                _,
            ) => true,
            _ => false,
        };
        Scene {
            at: entry.at,
            notable,
            what: What::Entry(place),
        }
    });
    scenes.collect()
}

/// What happened, in the words of `events.csv`.
fn told(scenario: &Scenario, entry: &Entry) -> String {
    let mut text = String::new();
    if let Some(pool) = entry.pool {
        text += &format!("{}: ", scenario.pools[pool].name);
    }
    text += &entry.event.replace('_', " ");
    if let Some(window) = entry.window {
        let name = &scenario.windows[window];
        text += &format!(": {} in {}", name.outage, name.region);
    }
    for named in [
        entry.alert.map(|place| &scenario.alerts[place]),
        entry.step.map(|place| &scenario.steps[place]),
    ] {
        text += &named.map_or_else(String::new, |name| format!(": {name}"));
    }
    let about = [
        entry.worker.map(|worker| format!("worker {worker}")),
        entry
            .class
            .map(|place| scenario.classes[place].name.clone()),
        entry.tenant.map(|tenant| format!("tenant {tenant}")),
        entry.cause.map(str::to_owned),
    ];
    let about: Vec<String> = about.into_iter().flatten().collect();
    match about[..] {
        [] => text,
        _ => format!("{text} ({})", about.join(", ")),
    }
}
