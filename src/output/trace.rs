//! A replication as a Chrome trace, for Perfetto and chrome://tracing: a process for each pool, and
//! in it a track for each lane of workers and a counter for each level. An event a line.

use serde_json::{Value, json};

use crate::experiment::run::{PoolSample, Slice as Calls};
use crate::experiment::trace::{Phase, Trace, WorkerSlice as Slice};
use crate::kernel::time::SimTime;
use crate::output::json::{ENGINE, digest};
use crate::scenario::Scenario;

/// Processes: the outages, the people, and then the pools and the dependencies.
const OUTAGES: usize = 1;
const PEOPLE: usize = 2;
const POOLS: usize = 3;

/// `trace.json`.
pub(crate) fn trace(scenario: &Scenario, trace: &Trace, study: Option<&str>) -> Vec<u8> {
    let drawing = Drawing::new(scenario, trace);
    let mut other = json!({
        "engine": ENGINE,
        "scenario": scenario.name,
        "start": scenario.utc(scenario.setup.start).to_string(),
        "digest": digest(trace.outcome.digest),
    });
    if let Some(study) = study {
        other["study"] = json!(study);
    }
    let mut text = format!("{{\"displayTimeUnit\":\"ms\",\"otherData\":{other},\"traceEvents\":[");
    // Written at once: a year has more events than anybody wants in memory as trees.
    let mut first = true;
    let mut draw = |event: Value| {
        text += if first { "\n" } else { ",\n" };
        text += &event.to_string();
        first = false;
    };
    drawing.names(&mut draw);
    drawing.outages(&mut draw);
    drawing.people(&mut draw);
    trace.slices.iter().for_each(|it| draw(drawing.slice(it)));
    drawing.failures(&mut draw);
    drawing.counters(&mut draw);
    drawing.dependencies(&mut draw);
    (text + "\n]}\n").into_bytes()
}

/// Where everything is drawn. Numbers of tracks are distinct from each other and from those of
/// processes: some viewers take a thread numbered like a process for its main one.
struct Drawing<'a> {
    scenario: &'a Scenario,
    trace: &'a Trace,
    /// The first track of each window, of alerts, of the playbook and of each pool: failed leases, and
    /// then the lanes.
    windows: usize,
    people: usize,
    pools: Vec<usize>,
}

impl<'a> Drawing<'a> {
    fn new(scenario: &'a Scenario, trace: &'a Trace) -> Self {
        let windows = POOLS + scenario.pools.len() + scenario.dependencies.len();
        let people = windows + scenario.windows.len();
        let mut next = people + 2;
        let pools = trace.lanes.iter().map(|lanes| {
            let first = next;
            next += 1 + *lanes as usize;
            first
        });
        Self {
            pools: pools.collect(),
            scenario,
            trace,
            windows,
            people,
        }
    }

    /// Microseconds from the start.
    fn micros(&self, at: SimTime) -> u64 {
        (at - self.scenario.setup.start).micros()
    }

    /// Names and order of processes and tracks.
    fn names(&self, draw: &mut impl FnMut(Value)) {
        let mut process = |pid: usize, name: &str| {
            draw(named("process", (pid, 0), name));
            draw(ordered("process", (pid, 0), pid));
        };
        process(OUTAGES, "outages");
        process(PEOPLE, "people");
        for (place, pool) in self.scenario.pools.iter().enumerate() {
            process(POOLS + place, &pool.name);
        }
        for (place, name) in self.scenario.dependencies.iter().enumerate() {
            process(POOLS + self.scenario.pools.len() + place, name);
        }
        let mut track = |pid: usize, tid: usize, name: &str| {
            draw(named("thread", (pid, tid), name));
            draw(ordered("thread", (pid, tid), tid));
        };
        for (place, window) in self.scenario.windows.iter().enumerate() {
            let name = format!("{} in {}", window.outage, window.region);
            track(OUTAGES, self.windows + place, &name);
        }
        track(PEOPLE, self.people, "alerts");
        track(PEOPLE, self.people + 1, "playbook");
        for (place, first) in self.pools.iter().enumerate() {
            track(POOLS + place, *first, "failed leases");
            for lane in 1..=self.trace.lanes[place] as usize {
                track(POOLS + place, first + lane, &format!("worker {lane}"));
            }
        }
    }

    fn outages(&self, draw: &mut impl FnMut(Value)) {
        let (start, until) = (self.scenario.setup.start, self.trace.outcome.until);
        for occurrence in &self.trace.outcome.occurrences {
            let window = occurrence.window.0 as usize;
            let (from, until) = (occurrence.from.max(start), occurrence.until.min(until));
            if from < until {
                let name = &self.scenario.windows[window];
                draw(json!({
                    "ph": "X", "cat": "outage", "name": name.outage,
                    "pid": OUTAGES, "tid": self.windows + window,
                    "ts": self.micros(from), "dur": (until - from).micros(),
                    "args": {"region": name.region},
                }));
            }
        }
    }

    fn people(&self, draw: &mut impl FnMut(Value)) {
        for entry in &self.trace.entries {
            let (category, name, track) = match (entry.alert, entry.step) {
                (Some(alert), _) => ("alert", &self.scenario.alerts[alert], self.people),
                (_, Some(step)) => ("step", &self.scenario.steps[step], self.people + 1),
                _ => continue,
            };
            draw(json!({
                "ph": "i", "s": "t", "cat": category, "name": name,
                "pid": PEOPLE, "tid": track, "ts": self.micros(entry.at),
            }));
        }
    }

    fn slice(&self, slice: &Slice) -> Value {
        let mut arguments = json!({"worker": slice.worker});
        let mut name = slice.phase.name().to_owned();
        if let Some(class) = slice.class {
            arguments["class"] = json!(self.scenario.classes[class].name);
            name = format!("{name} by {}", self.scenario.classes[class].name);
        }
        if let Some(tenant) = slice.tenant {
            arguments["tenant"] = json!(tenant);
        }
        if let Some(fate) = slice.fate {
            arguments["fate"] = json!(fate);
            name = match fate {
                "succeeded" => name,
                "outage" | "timeout" | "dependency" => format!("{name} fails: {fate}"),
                _ => format!("{name}: {fate}"),
            };
        }
        // Viewers colour by name, so that the states differ.
        json!({
            "ph": "X", "cat": category(slice.phase), "name": name,
            "pid": POOLS + slice.pool,
            "tid": self.pools[slice.pool] + 1 + slice.lane as usize,
            "ts": self.micros(slice.from), "dur": (slice.until - slice.from).micros(),
            "args": arguments,
        })
    }

    fn failures(&self, draw: &mut impl FnMut(Value)) {
        for entry in &self.trace.entries {
            let ("request_failed", Some(pool), Some(class)) =
                (entry.event, entry.pool, entry.class)
            else {
                continue;
            };
            let class = &self.scenario.classes[class].name;
            let mut arguments = json!({"class": class});
            if let Some(tenant) = entry.tenant {
                arguments["tenant"] = json!(tenant);
            }
            draw(json!({
                "ph": "i", "s": "t", "cat": "failed_lease", "name": format!("lease of {class} fails"),
                "pid": POOLS + pool, "tid": self.pools[pool], "ts": self.micros(entry.at),
                "args": arguments,
            }));
        }
    }

    /// The levels of every pool: what they are at the start, and each change.
    fn counters(&self, draw: &mut impl FnMut(Value)) {
        let start = self.scenario.setup.start;
        for (pool, noted) in self.trace.outcome.levels.iter().enumerate() {
            let known = noted.partition_point(|it| it.at <= start);
            for Counter { name, unit, of } in LEVELS {
                let mut last = known.checked_sub(1).map_or(0, |place| of(&noted[place]));
                let mut count = |at, value: u64| {
                    draw(json!({
                        "ph": "C", "name": name, "pid": POOLS + pool, "tid": self.pools[pool],
                        "ts": self.micros(at), "args": {unit: value},
                    }));
                };
                count(start, last);
                for noted in &noted[known..] {
                    if of(noted) != last {
                        last = of(noted);
                        count(noted.at, last);
                    }
                }
            }
        }
    }

    /// What was asked of every dependency, slice by slice of time.
    fn dependencies(&self, draw: &mut impl FnMut(Value)) {
        let (scenario, outcome) = (self.scenario, &self.trace.outcome);
        for place in 0..scenario.dependencies.len() {
            let pid = POOLS + scenario.pools.len() + place;
            for Counter { name, unit, of } in CALLS {
                let slices = outcome.slices(scenario, place);
                for (at, calls) in slices.take_while(|(at, _)| *at < outcome.until) {
                    draw(json!({
                        "ph": "C", "name": name, "pid": pid, "tid": 0,
                        "ts": self.micros(at), "args": {unit: of(calls)},
                    }));
                }
            }
        }
    }
}

/// Something that is counted.
struct Counter<T> {
    name: &'static str,
    unit: &'static str,
    of: fn(&T) -> u64,
}

const fn counter<T>(name: &'static str, unit: &'static str, of: fn(&T) -> u64) -> Counter<T> {
    Counter { name, unit, of }
}

/// Levels of a pool.
const LEVELS: [Counter<PoolSample>; 5] = [
    counter("ready", "workers", |it| it.ready.into()),
    counter("pending", "workers", |it| it.pending.into()),
    counter("leased", "workers", |it| it.leased.into()),
    counter("deleting", "workers", |it| it.deleting.into()),
    counter("waiting", "requests", |it| it.waiting.into()),
];

/// Calls to a dependency in a slice of time.
const CALLS: [Counter<Calls>; 5] = [
    counter("made", "calls", |it| it.offered),
    counter("repeated", "calls", |it| it.retries),
    counter("good", "calls", |it| it.good),
    counter("queued at most", "calls", |it| it.queue_max.into()),
    counter("calling again at most", "callers", |it| it.orbit_max.into()),
];

/// The name of a process or a thread.
fn named(what: &str, (pid, tid): (usize, usize), name: &str) -> Value {
    json!({"ph": "M", "name": format!("{what}_name"), "pid": pid, "tid": tid, "args": {"name": name}})
}

/// Its place among the others.
fn ordered(what: &str, (pid, tid): (usize, usize), place: usize) -> Value {
    let name = format!("{what}_sort_index");
    json!({"ph": "M", "name": name, "pid": pid, "tid": tid, "args": {"sort_index": place}})
}

fn category(phase: Phase) -> &'static str {
    match phase {
        Phase::Attempt
        | Phase::Extension
        | Phase::HeldBack
        | Phase::BackingOff
        | Phase::Clearing => "pending",
        Phase::Ready => "ready",
        Phase::Leased => "leased",
        Phase::Reimaging => "reimaging",
        Phase::Starting => "starting",
        Phase::Deleting => "deleting",
    }
}
