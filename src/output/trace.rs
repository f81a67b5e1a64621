//! A replication as a Chrome trace, for Perfetto and chrome://tracing: a process for each pool, and
//! in it a track for each lane of workers and a counter for each level. An event a line.

use serde_json::{Value, json};

use crate::experiment::run::Noted;
use crate::experiment::trace::{Entry, Phase, Slice, Trace};
use crate::kernel::time::SimTime;
use crate::output::json::{ENGINE, digest};
use crate::scenario::Scenario;

/// Processes: the outages, the people, and then the pools.
const OUTAGES: usize = 1;
const PEOPLE: usize = 2;
const POOLS: usize = 3;

/// `trace.json`.
pub(crate) fn trace(scenario: &Scenario, trace: &Trace) -> Vec<u8> {
    let drawing = Drawing::new(scenario, trace);
    let other = json!({
        "engine": ENGINE,
        "scenario": scenario.name,
        "start": scenario.utc(scenario.setup.start).to_string(),
        "digest": digest(trace.outcome.digest),
    });
    let events = [
        drawing.names(),
        drawing.outages(),
        drawing.people(),
        drawing.slices(),
        drawing.failures(),
        drawing.counters(),
    ];
    let events: Vec<String> = events.iter().flatten().map(Value::to_string).collect();
    let events = events.join(",\n");
    format!("{{\"displayTimeUnit\":\"ms\",\"otherData\":{other},\"traceEvents\":[\n{events}\n]}}\n")
        .into_bytes()
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
        let windows = POOLS + scenario.pools.len();
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
    fn names(&self) -> Vec<Value> {
        let mut named = Vec::new();
        let mut process = |pid: usize, name: &str| {
            named.push(json!({"ph": "M", "name": "process_name", "pid": pid, "tid": 0, "args": {"name": name}}));
            named.push(json!({"ph": "M", "name": "process_sort_index", "pid": pid, "tid": 0, "args": {"sort_index": pid}}));
        };
        process(OUTAGES, "outages");
        process(PEOPLE, "people");
        for (place, pool) in self.scenario.pools.iter().enumerate() {
            process(POOLS + place, &pool.name);
        }
        let mut track = |pid: usize, tid: usize, name: &str| {
            named.push(json!({"ph": "M", "name": "thread_name", "pid": pid, "tid": tid, "args": {"name": name}}));
            named.push(json!({"ph": "M", "name": "thread_sort_index", "pid": pid, "tid": tid, "args": {"sort_index": tid}}));
        };
        for (place, window) in self.scenario.windows.iter().enumerate() {
            let name = format!("{} in {}", window.outage, window.region);
            track(OUTAGES, self.windows + place, &name);
        }
        track(PEOPLE, self.people, "alerts");
        track(PEOPLE, self.people + 1, "playbook");
        for (place, first) in self.pools.iter().enumerate() {
            track(POOLS + place, *first, "failed leases");
            for lane in 0..self.trace.lanes[place] as usize {
                track(
                    POOLS + place,
                    first + 1 + lane,
                    &format!("worker {}", lane + 1),
                );
            }
        }
        named
    }

    fn outages(&self) -> Vec<Value> {
        let (start, until) = (self.scenario.setup.start, self.trace.outcome.until);
        let occurrences = self.trace.outcome.occurrences.iter();
        let drawn = occurrences.filter_map(|occurrence| {
            let window = occurrence.window.0 as usize;
            let (from, until) = (occurrence.from.max(start), occurrence.until.min(until));
            (from < until).then(|| {
                let name = &self.scenario.windows[window];
                json!({
                    "ph": "X", "cat": "outage", "name": name.outage,
                    "pid": OUTAGES, "tid": self.windows + window,
                    "ts": self.micros(from), "dur": (until - from).micros(),
                    "args": {"region": name.region},
                })
            })
        });
        drawn.collect()
    }

    fn people(&self) -> Vec<Value> {
        let drawn = self.trace.entries.iter().filter_map(|entry| {
            let (category, name, track) = match (entry.alert, entry.step) {
                (Some(alert), _) => ("alert", &self.scenario.alerts[alert], self.people),
                (_, Some(step)) => ("step", &self.scenario.steps[step], self.people + 1),
                _ => return None,
            };
            Some(json!({
                "ph": "i", "s": "t", "cat": category, "name": name,
                "pid": PEOPLE, "tid": track, "ts": self.micros(entry.at),
            }))
        });
        drawn.collect()
    }

    fn slices(&self) -> Vec<Value> {
        let slices = self.trace.slices.iter();
        slices.map(|slice| self.slice(slice)).collect()
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
        // Viewers colour by name, so that the states tell apart.
        json!({
            "ph": "X", "cat": category(slice.phase), "name": name,
            "pid": POOLS + slice.pool,
            "tid": self.pools[slice.pool] + 1 + slice.lane as usize,
            "ts": self.micros(slice.from), "dur": (slice.until - slice.from).micros(),
            "args": arguments,
        })
    }

    fn failures(&self) -> Vec<Value> {
        let failed = |entry: &&Entry| entry.event == "request_failed";
        let drawn = self.trace.entries.iter().filter(failed).filter_map(|entry| {
            let (pool, class) = (entry.pool?, entry.class?);
            let class = &self.scenario.classes[class].name;
            let mut arguments = json!({"class": class});
            if let Some(tenant) = entry.tenant {
                arguments["tenant"] = json!(tenant);
            }
            Some(json!({
                "ph": "i", "s": "t", "cat": "failed_lease", "name": format!("lease of {class} fails"),
                "pid": POOLS + pool, "tid": self.pools[pool], "ts": self.micros(entry.at),
                "args": arguments,
            }))
        });
        drawn.collect()
    }

    /// The levels of every pool: what they are at the start, and each change.
    fn counters(&self) -> Vec<Value> {
        let levels: [(&str, &str, fn(&Noted) -> u32); 5] = [
            ("ready", "workers", |noted| noted.ready),
            ("pending", "workers", |noted| noted.pending),
            ("leased", "workers", |noted| noted.leased),
            ("deleting", "workers", |noted| noted.deleting),
            ("waiting", "requests", |noted| noted.waiting),
        ];
        let start = self.scenario.setup.start;
        let mut drawn = Vec::new();
        for (pool, noted) in self.trace.outcome.levels.iter().enumerate() {
            let known = noted.partition_point(|noted| noted.at <= start);
            for (name, unit, of) in levels {
                let mut last = known.checked_sub(1).map_or(0, |place| of(&noted[place]));
                let mut draw = |at, value: u32| {
                    drawn.push(json!({
                        "ph": "C", "name": name, "pid": POOLS + pool, "tid": self.pools[pool],
                        "ts": self.micros(at), "args": {unit: value},
                    }));
                };
                draw(start, last);
                for noted in &noted[known..] {
                    if of(noted) != last {
                        last = of(noted);
                        draw(noted.at, last);
                    }
                }
            }
        }
        drawn
    }
}

fn category(phase: Phase) -> &'static str {
    match phase {
        Phase::Attempt | Phase::HeldBack | Phase::BackingOff | Phase::Clearing => "pending",
        Phase::Ready => "ready",
        Phase::Leased => "leased",
        Phase::Reimaging => "reimaging",
        Phase::Deleting => "deleting",
    }
}
