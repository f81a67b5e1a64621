//! Scenario files generated from the schema: mostly sensible, sometimes wild, and mended according to the
//! reader's messages.

use drawdown::scenario::Problem;
use serde_json::{Map, Value, json};

/// A random number generator (splitmix64, Steele et al. 2014), the same on every platform.
pub struct Chance(pub u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// True in `percent` of a hundred cases.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of several words.
    fn word(&mut self, of: &'static str) -> &'static str {
        let words: Vec<&str> = of.split_whitespace().collect();
        self.pick::<&str>(&words)
    }

    /// One of several.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

const DURATIONS: &str = "1s 30s 1m 2m 5m 10m 20m 30m 45m 1h 90m 2h 4h 8h";
const WILD_DURATIONS: &str = "0s 1us 2us 1ns 1ms 10d 365d 3659d 3660d PT1H 1h30m 0.0000004s";
const RATES: &str = "1/h 2/h 0.5/min 6/h 1/min 3/d 0.2/h";
const WILD_RATES: &str = "1000/s 1e-300/d 1e-9/h 999.9/s 50/s 5e-324/s";
const SHARES: &str = "0% 10% 50% 90% 95% 100% 0.1%";
const MOMENTS: &str = "+0s +10m +30m +1h +90m +2h +3h +5h 18:30Z 20:00Z 2026-02-02T19:00:00Z never";
const WILD_MOMENTS: &str = "+3660d +1us 17:59:59Z 2026-02-02T17:00:00Z 9999-12-30T22:00:00Z \
    -009999-01-02T01:59:59Z 2036-02-02T18:00:00Z +1ms";
const STARTS: &str = "2026-02-02T18:00:00Z 2026-02-02T18:00:00Z 2026-03-29T00:30:00Z \
    2026-10-25T00:00:00+02:00 1970-01-01T00:00:00Z";
const WILD_STARTS: &str = "9999-12-30T22:00:00Z -009999-01-02T01:59:59Z 2026-02-30T00:00:00Z \
    1900-01-01T00:00:00Z 2199-12-31T23:59:59Z";
const TEXTS: [&str; 9] = [
    "a",
    "Ubuntu",
    "größer 🙂",
    "\u{202e}right to left",
    "a: b # c",
    "x\ny",
    "'\"{}[]",
    "~",
    "\u{feff}é",
];

/// The generator of files.
pub struct Generator {
    schema: Value,
    /// Whole files to begin with.
    shipped: Vec<Value>,
}

/// A place in a file: keys, and places in lists.
type Path = Vec<String>;

impl Generator {
    pub fn new(schema: Value, shipped: Vec<Value>) -> Self {
        Self { schema, shipped }
    }

    /// The keys that a file may have.
    pub fn sections(&self) -> Vec<String> {
        let file = self.resolved(&self.schema);
        let keys = file["properties"].as_object().expect("a record").keys();
        keys.cloned().collect()
    }

    /// A file to begin with: mostly from nothing, else a shipped one with a change.
    pub fn begin(&self, chance: &mut Chance) -> Value {
        if chance.percent(94) {
            return self.value(&self.schema, "", chance);
        }
        let mut file = chance.pick(&self.shipped).clone();
        self.mutate(&mut file, chance);
        file
    }

    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(name) => {
                let pointer = name.trim_start_matches('#');
                self.resolved(self.schema.pointer(pointer).expect("a definition"))
            }
            None => schema,
        }
    }

    /// A value of a form, under `key`.
    fn value(&self, schema: &Value, key: &str, chance: &mut Chance) -> Value {
        if let Some(text) = named_form(schema["$ref"].as_str(), chance) {
            return json!(text);
        }
        let schema = self.resolved(schema);
        if let Some(any) = schema["anyOf"].as_array() {
            return self.value(chance.pick(any), key, chance);
        }
        if let Some(words) = schema["enum"].as_array() {
            return chance.pick(words).clone();
        }
        if let Some(word) = schema.get("const") {
            return word.clone();
        }
        match schema["type"].as_str() {
            Some("boolean") => json!(chance.percent(50)),
            Some("integer") => whole(schema, chance),
            Some("number") => number(schema, chance),
            Some("string") => json!(text(key, chance)),
            Some("array") => {
                let least = schema["minItems"].as_u64().unwrap_or(0) as usize;
                let most = schema["maxItems"].as_u64().unwrap_or(least as u64 + 3) as usize;
                let many = least + chance.below(most - least + 1);
                let items = (0..many).map(|_| self.value(&schema["items"], key, chance));
                items.collect()
            }
            Some("object") => Value::Object(self.object(schema, key, chance)),
            _ => json!(chance.word(DURATIONS)),
        }
    }

    fn object(&self, schema: &Value, key: &str, chance: &mut Chance) -> Map<String, Value> {
        let mut object = Map::new();
        if schema["additionalProperties"].is_object() {
            let names = names(key);
            let many = if key.starts_with("week") {
                1
            } else {
                1 + chance.below(2)
            };
            for place in 0..many {
                // The first name always, so that others can name it.
                let name = names[if place == 0 {
                    0
                } else {
                    chance.below(names.len())
                }];
                let value = self.value(&schema["additionalProperties"], name, chance);
                object.insert(name.to_owned(), value);
            }
            return object;
        }
        let properties = schema["properties"].as_object().expect("a record");
        if schema["maxProperties"] == 1 {
            let keys: Vec<&String> = properties.keys().collect();
            let key = *chance.pick(&keys);
            object.insert(key.clone(), self.value(&properties[key], key, chance));
            return object;
        }
        let required = schema["required"].as_array().expect("a record");
        for (key, property) in properties {
            let needed = required.iter().any(|needed| needed == key);
            if needed || chance.percent(if key.len() < 5 { 40 } else { 25 }) {
                object.insert(key.clone(), self.value(property, key, chance));
            }
        }
        object
    }

    /// The form of what stands or should stand at a path of `file`.
    fn form_at<'a>(&'a self, file: &Value, path: &[String]) -> Option<&'a Value> {
        let mut schema = &self.schema;
        let mut value = Some(file);
        for step in path {
            schema = self.step(schema, value, step)?;
            value = value.and_then(|value| child(value, step));
        }
        Some(schema)
    }

    fn step<'a>(
        &'a self,
        schema: &'a Value,
        value: Option<&Value>,
        step: &str,
    ) -> Option<&'a Value> {
        let schema = self.resolved(schema);
        if let Some(any) = schema["anyOf"].as_array() {
            return any.iter().find_map(|one| self.step(one, value, step));
        }
        if let Some(property) = schema["properties"].get(step) {
            return Some(property);
        }
        if value.is_some_and(Value::is_array) {
            return schema.get("items");
        }
        schema
            .get("additionalProperties")
            .filter(|it| it.is_object())
    }

    /// Makes the value at a path up anew.
    fn renew(&self, file: &mut Value, path: &[String], chance: &mut Chance) {
        let Some(schema) = self.form_at(file, path) else {
            return;
        };
        let key = path
            .iter()
            .rev()
            .find(|step| step.parse::<usize>().is_err());
        let value = self.value(schema, key.map_or("", String::as_str), chance);
        put(file, path, value);
    }

    /// Makes a change that a person or a program might make by mistake.
    pub fn mutate(&self, file: &mut Value, chance: &mut Chance) {
        let mut paths = Vec::new();
        places(file, &mut Vec::new(), &mut paths);
        let path = chance.pick(&paths).clone();
        match chance.below(8) {
            0 => remove(file, &path),
            1 => put(file, &path, wild(chance)),
            2 => rename(file, &path, chance),
            3 => {
                let other = chance.pick(&paths).clone();
                if let Some(value) = at(file, &other).cloned() {
                    put(file, &path, value);
                }
            }
            4 | 5 => {
                let extreme = match at(file, &path) {
                    Some(Value::Number(_)) => *chance.pick(&[0.0, 1.0, 1e6, 1e9, 1e-9, 999_999.0]),
                    _ => return self.renew(file, &path, chance),
                };
                put(file, &path, plain(extreme));
            }
            _ => self.renew(file, &path, chance),
        }
    }

    /// Mends what the reader reports, as far as its message tells how.
    pub fn mend(&self, file: &mut Value, problems: &[Problem], chance: &mut Chance) {
        for problem in problems.iter().take(12) {
            let mut path: Path = problem.path.split('.').map(str::to_owned).collect();
            let help = problem.help.as_deref().unwrap_or_default();
            let section = section_of(&problem.message).filter(|_| chance.percent(60));
            if let Some(section) = section {
                self.renew(file, &[section.to_owned()], chance);
            } else if help.starts_with("remove") || problem.message.contains("there is no key") {
                remove(file, &path);
            } else if problem.message.ends_with("is missing") || chance.percent(60) {
                self.renew(file, &path, chance);
            } else if chance.percent(50) {
                remove(file, &path);
            } else {
                path.pop();
                self.renew(file, &path, chance);
            }
        }
    }
}

/// A text of a form that has a name of its own.
fn named_form(reference: Option<&str>, chance: &mut Chance) -> Option<&'static str> {
    let (tame, wild) = match reference?.rsplit('/').next()? {
        "Duration" => (DURATIONS, WILD_DURATIONS),
        // Few distributions: some take long to tabulate.
        "AnyLaw" if chance.percent(70) => (DURATIONS, WILD_DURATIONS),
        "Rate" => (RATES, WILD_RATES),
        "Share" => (SHARES, "1e-9% 99.9999999%"),
        "Moment" => (MOMENTS, WILD_MOMENTS),
        "Timestamp" => (STARTS, WILD_STARTS),
        "ClockTime" => ("08:00 12:30 18:00", "00:00 23:59:59 24:00"),
        _ => return None,
    };
    let words = if chance.percent(4) { wild } else { tame };
    Some(chance.word(words))
}

fn whole(schema: &Value, chance: &mut Chance) -> Value {
    let bound = |key: &str| schema[key].as_u64().expect("a bound");
    let (low, high) = (bound("minimum"), bound("maximum"));
    let spread = *chance.pick(&[1, 2, 4, 10, 10, 30]);
    let spread = spread.min((high - low) as usize + 1);
    let value = match chance.below(50) {
        0 => high,
        1 if low < high => high + 1,
        2 if low < high => 5_000,
        _ => low + chance.below(spread) as u64,
    };
    json!(value)
}

fn number(schema: &Value, chance: &mut Chance) -> Value {
    let most = schema["maximum"].as_f64().unwrap_or(1e9);
    let value = match chance.below(25) {
        0 => most,
        1 => 1e-9,
        2 => 0.0,
        3 => 30.0,
        _ => *chance.pick(&[0.5, 1.0, 1.0, 1.5, 2.0, 3.0]),
    };
    plain(value)
}

/// A number as a person writes it: `2`, and not `2.0`.
fn plain(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        json!(value as i64)
    } else {
        json!(value)
    }
}

/// Names for the entries of a map under `key`; the first of them is what others name.
fn names(key: &str) -> &'static [&'static str] {
    match key {
        "regions" | "windows" => &["r", "s"],
        "pools" => &["r/i", "r/j", "s/i", "s/j/large", "r"],
        "profiles" => &["week", "weekend"],
        "week" | "weekend" => &["daily", "mon-fri", "sat", "sun-mon"],
        "daily" | "mon-fri" | "sat" | "sun-mon" => &["08:00", "12:30", "00:00", "23:59"],
        "demand" => &["jobs", "upgrades"],
        "outages" => &["blackout", "brownout"],
        "dependencies" => &["storage", "identity"],
        "alerts" => &["page", "mail"],
        "playbook" => &["first", "then"],
        "swap" | "night" => &["clock.horizon", "outages", "pools.r/i.target"],
        "variants" => &["swap", "night"],
        _ => &["one", "größer 🙂", "two"],
    }
}

/// A text under `key`: mostly a name of the kind that is meant.
fn text(key: &str, chance: &mut Chance) -> &'static str {
    if chance.percent(2) {
        return chance.pick::<&str>(&TEXTS);
    }
    chance.word(match key {
        "regions" | "region" => "r r r s",
        "images" => "i i j",
        "scope" => "all r r/i",
        "pool" | "for" | "activate" | "revert" | "follow_policy" => "r/i r/i r/j s/i",
        "suspend_expiry" | "resume_expiry" => "r/i r/i r/j",
        "shed" | "restore" => "jobs jobs upgrades",
        "profile" => "week week weekend",
        "outage" => "blackout",
        "dependency" | "through" | "to" => "storage storage identity",
        "alert" => "page page mail",
        "step" => "first first then",
        "timezone" => "UTC America/Los_Angeles Australia/Lord_Howe",
        "days" => "daily mon-fri sat",
        "csv" => "nowhere.csv",
        "path" => "clock.horizon pools.r/i pools.r/i.target regions",
        _ => "hearsay record",
    })
}

/// The section in which something is missing that a message asks for.
fn section_of(message: &str) -> Option<&'static str> {
    let kinds = [
        ("pool", "pools"),
        ("region", "regions"),
        ("profile", "profiles"),
        ("demand class", "demand"),
        ("outage", "outages"),
        ("dependency", "dependencies"),
        ("alert", "alerts"),
        ("step of the playbook", "playbook"),
    ];
    let asked = message.strip_prefix("there is no ")?;
    let kind = asked.split(" `").next()?;
    kinds
        .iter()
        .find(|(known, _)| *known == kind)
        .map(|(_, section)| *section)
}

fn wild(chance: &mut Chance) -> Value {
    match chance.below(15) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-1),
        3 => json!(1e300),
        4 => json!(0.1),
        5 => json!([]),
        6 => json!({}),
        7 => json!({"fixed": "1m"}),
        8 => json!(["1m", "x"]),
        9 => json!(chance.word(WILD_DURATIONS)),
        10 => json!("n".repeat(20_000)),
        11 => (0..70).fold(json!(1), |inner, _| json!([inner])),
        12 => json!("\u{1b}[2J"),
        _ => json!(*chance.pick(&TEXTS)),
    }
}

fn child<'a>(value: &'a Value, step: &str) -> Option<&'a Value> {
    match value {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        _ => value.get(step),
    }
}

fn at<'a>(file: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(file, |value, step| child(value, step))
}

fn at_mut<'a>(file: &'a mut Value, path: &[String]) -> Option<&'a mut Value> {
    path.iter().try_fold(file, |value, step| match value {
        Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
        _ => value.get_mut(step),
    })
}

fn put(file: &mut Value, path: &[String], value: Value) {
    let Some((last, parents)) = path.split_last() else {
        *file = value;
        return;
    };
    match at_mut(file, parents) {
        Some(Value::Object(map)) => drop(map.insert(last.clone(), value)),
        Some(Value::Array(items)) => {
            let place = last.parse().ok();
            if let Some(item) = place.and_then(|place: usize| items.get_mut(place)) {
                *item = value;
            }
        }
        _ => {}
    }
}

fn remove(file: &mut Value, path: &[String]) {
    let Some((last, parents)) = path.split_last() else {
        return;
    };
    match at_mut(file, parents) {
        Some(Value::Object(map)) => drop(map.remove(last)),
        Some(Value::Array(items)) => {
            let place = last.parse().ok().filter(|place| *place < items.len());
            if let Some(place) = place {
                items.remove(place);
            }
        }
        _ => {}
    }
}

fn rename(file: &mut Value, path: &[String], chance: &mut Chance) {
    let Some((last, parents)) = path.split_last() else {
        return;
    };
    if let Some(Value::Object(map)) = at_mut(file, parents)
        && let Some(value) = map.remove(last)
    {
        let name = match chance.below(6) {
            3 => format!("{last}\u{7}"),
            4 => last.repeat(200),
            0 => format!("{last}s"),
            1 => (*chance.pick(&TEXTS)).to_owned(),
            2 => String::new(),
            _ => "wait".to_owned(),
        };
        map.insert(name, value);
    }
}

/// The path of every value below `value`.
fn places(value: &Value, path: &mut Path, found: &mut Vec<Path>) {
    found.push(path.clone());
    let children: Vec<(String, &Value)> = match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (key.clone(), value))
            .collect(),
        Value::Array(items) => (0..)
            .map(|place: usize| place.to_string())
            .zip(items)
            .collect(),
        _ => Vec::new(),
    };
    for (step, value) in children {
        path.push(step);
        places(value, path, found);
        path.pop();
    }
}
