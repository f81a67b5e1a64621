//! Forty thousand generated scenario files: none makes the reader or a replication panic,
//! hang, or fail without a message.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use drawdown::measure::{DEPENDENCY_MEASURES, INCIDENT_MEASURES, MEASURES};
use drawdown::scenario::Problems;
use drawdown::study::{Ended, Outcome, audit};
use drawdown::{Scenario, Seed, expected_value, run};
use jsonschema::Validator;
use serde_json::Value;

use crate::generate::{Chance, Generator};
use crate::schema::{as_json, printed, validator};
use crate::worlds::SMALLEST;

/// Files in all.
const FILES: u64 = 40_000;
/// Files of one lineage: each is the previous one, mended or changed.
const GENERATIONS: u64 = 8;
/// Event budget of a replication; enough to exercise every rule of a scenario.
const BUDGET: u64 = 4_000;
/// The largest whole number in a file that is simulated.
const MODEST: u64 = 5_000;
/// Time without a result after which a lineage counts as hanging.
const PATIENCE: Duration = Duration::from_secs(60);

/// The results of a lineage.
#[derive(Default)]
struct Tally {
    files: u64,
    valid: u64,
    simulated: u64,
    sections: BTreeSet<String>,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.files += other.files;
        self.valid += other.valid;
        self.simulated += other.simulated;
        self.sections.extend(other.sections);
    }
}

/// State shared by the workers.
struct Bench {
    generator: Generator,
    validator: Validator,
    next: AtomicU64,
}

impl Bench {
    fn new() -> Self {
        let schema: Value = serde_json::from_str(&printed()).expect("JSON");
        let shipped = ["scenarios/fnj8-vqz.yaml", "scenarios/rnq2-nc8.yaml"]
            .map(|path| std::fs::read_to_string(path).expect("a file"));
        let shipped = shipped.iter().map(String::as_str).chain([SMALLEST]);
        let shipped = shipped.map(|text| as_json(text).expect("YAML"));
        Self {
            generator: Generator::new(schema, shipped.collect()),
            validator: validator(),
            next: AtomicU64::new(0),
        }
    }

    /// A lineage of files, each derived from the problems of the previous one. The text under
    /// test is in `text`.
    fn lineage(&self, seed: u64, text: &Mutex<String>) -> Tally {
        let mut chance = Chance(seed);
        let mut tally = Tally::default();
        let mut file = self.generator.begin(&mut chance);
        for _ in 0..GENERATIONS {
            let written = write(&file, &mut chance);
            text.lock().expect("a text").clone_from(&written);
            tally.files += 1;
            match Scenario::parse("made-up.yaml", &written) {
                Ok(scenario) => {
                    tally.valid += 1;
                    self.check_schema(&written);
                    let keys = file.as_object().expect("a map").keys();
                    tally.sections.extend(keys.cloned());
                    if is_modest(&file) {
                        tally.simulated += 1;
                        simulate(scenario, seed);
                    }
                    self.generator.mutate(&mut file, &mut chance);
                }
                Err(problems) => {
                    check_messages(&problems);
                    let list = problems.list();
                    self.generator.mend(&mut file, list, &mut chance);
                }
            }
        }
        tally
    }

    /// The schema accepts what the reader accepts.
    fn check_schema(&self, text: &str) {
        let file = as_json(text).expect("YAML");
        if let Err(wrong) = self.validator.validate(&file) {
            panic!("read, but against the schema: {wrong}");
        }
    }
}

/// A file as text; occasionally truncated, or with a duplicated line.
fn write(file: &Value, chance: &mut Chance) -> String {
    let mut text = if chance.percent(50) {
        serde_json::to_string(file).expect("JSON")
    } else {
        serde_yaml::to_string(file).expect("YAML")
    };
    if chance.percent(1) {
        let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        text.truncate(*chance.pick(&ends));
    } else if chance.percent(1) {
        let mut lines: Vec<&str> = text.lines().collect();
        let twice = *chance.pick(&lines);
        lines.insert(chance.below(lines.len()), twice);
        text = lines.join("\n");
    } else if chance.percent(1) {
        let ends = [
            "\n---\n{}\n",
            "\n\tx: 1\n",
            "\nx: &x [*x]\n",
            "\n*y\n",
            "\n<<: 1\n",
        ];
        text.push_str(chance.pick::<&str>(&ends));
    }
    text
}

fn is_modest(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.as_u64().is_none_or(|number| number <= MODEST),
        Value::Array(items) => items.iter().all(is_modest),
        Value::Object(entries) => entries.values().all(is_modest),
        _ => true,
    }
}

/// Every problem has a message and a help text.
fn check_messages(problems: &Problems) {
    assert!(!problems.list().is_empty(), "no problem at all");
    for problem in problems.list() {
        assert!(!problem.message.is_empty(), "{problem:?}");
        assert!(problem.help.is_some(), "no help in {problem:?}");
    }
    let text = problems.to_string();
    assert!(!text.contains(['\u{1b}', '\u{7}']), "{text:?}");
    assert!(
        (20..200_000).contains(&text.len()),
        "{} bytes of message",
        text.len()
    );
}

/// Simulates a scenario randomly and by expected values, sometimes with an audit.
fn simulate(scenario: Scenario, seed: u64) {
    let scenario = scenario.with_budget(BUDGET);
    if seed.is_multiple_of(16) {
        audit(&scenario, Seed(seed), 0);
    }
    let (random, mean) = (run(&scenario, Seed(seed), 0), expected_value(&scenario));
    check_outcome(&scenario, &random);
    check_outcome(&scenario, &mean);
    let plain = scenario.without_shortcuts();
    check_same(&scenario, &random, &run(&plain, Seed(seed), 0));
    check_same(&scenario, &mean, &expected_value(&plain));
}

/// Shortcuts change no result, if neither replication exhausted its budget.
fn check_same(scenario: &Scenario, short: &Outcome, plain: &Outcome) {
    if short.ended == Ended::Horizon && plain.ended == Ended::Horizon {
        assert_eq!(differences(scenario, short, plain), Vec::<String>::new());
    }
}

/// Measures in which two replications of a scenario differ.
pub fn differences(scenario: &Scenario, one: &Outcome, other: &Outcome) -> Vec<String> {
    let mut found = Vec::new();
    let mut note = |of: &str, name: &str, values: [Option<f64>; 2]| {
        if values[0] != values[1] {
            found.push(format!("{of} {name}: {values:?}"));
        }
    };
    for (place, pool) in scenario.pools().iter().enumerate() {
        for it in MEASURES {
            let values =
                [one, other].map(|outcome| outcome.measure(place, it.name).expect("a measure"));
            note(&pool.name, it.name, values);
        }
    }
    for it in INCIDENT_MEASURES {
        note(
            "incident",
            it.name,
            [one, other].map(|outcome| outcome.incident(it.name).expect("a measure")),
        );
    }
    for place in 0..scenario.dependencies().len() {
        for it in DEPENDENCY_MEASURES {
            let values =
                [one, other].map(|outcome| outcome.dependency(place, it.name).expect("a measure"));
            note(&scenario.dependencies()[place], it.name, values);
        }
    }
    found
}

fn check_outcome(scenario: &Scenario, outcome: &Outcome) {
    assert!(outcome.events <= BUDGET, "{} events", outcome.events);
    for pool in 0..scenario.pools().len() {
        for measure in MEASURES {
            let value = outcome.measure(pool, measure.name).expect("a measure");
            assert!(
                value.is_none_or(f64::is_finite),
                "{} is {value:?}",
                measure.name
            );
        }
    }
}

/// Processes lineages until none is left, and sends the results.
fn work(bench: &Bench, text: &Mutex<String>, sender: &mpsc::Sender<Result<Tally, u64>>) {
    loop {
        let seed = bench.next.fetch_add(1, Ordering::Relaxed);
        if FILES / GENERATIONS <= seed {
            return;
        }
        let done = catch_unwind(AssertUnwindSafe(|| bench.lineage(seed, text)));
        let failed = done.is_err();
        sender
            .send(done.map_err(|_| seed))
            .expect("the receiver is open");
        if failed {
            // The text is kept for the report.
            return;
        }
    }
}

#[test]
fn forty_thousand_files_neither_panic_nor_hang() {
    let bench = Arc::new(Bench::new());
    let (sender, receiver) = mpsc::channel();
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    let texts: Vec<Arc<Mutex<String>>> = (0..workers)
        .map(|_| {
            let text = Arc::new(Mutex::new(String::new()));
            let (bench, own, sender) = (bench.clone(), text.clone(), sender.clone());
            std::thread::spawn(move || work(&bench, &own, &sender));
            text
        })
        .collect();
    drop(sender);
    let under_way = || {
        let texts = texts.iter().map(|text| match text.lock() {
            Ok(text) => text.clone(),
            Err(text) => text.into_inner().clone(),
        });
        texts.collect::<Vec<_>>().join("\n---\n")
    };
    let mut all = Tally::default();
    while all.files < FILES {
        match receiver.recv_timeout(PATIENCE) {
            Ok(Ok(tally)) => all.add(tally),
            Ok(Err(seed)) => panic!("lineage {seed}, one of\n{}", under_way()),
            Err(_) => panic!("one of these hangs:\n{}", under_way()),
        }
    }
    assert_eq!(all.files, FILES);
    assert!(FILES / 20 <= all.valid, "only {} are valid", all.valid);
    assert!(
        FILES / 40 <= all.simulated,
        "only {} were simulated",
        all.simulated
    );
    let missing: Vec<String> = bench.generator.sections();
    let missing = missing.iter().filter(|key| !all.sections.contains(*key));
    assert_eq!(missing.count(), 0, "only {:?} are valid", all.sections);
}
