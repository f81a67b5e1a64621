//! Reading documents of results: what is missing is empty, whatever should have been there.

use serde_json::Value;

use crate::output::report::Cell;
use crate::output::words;
use crate::stats::Estimate;

/// The text under a key.
pub(crate) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str()
}

/// The list under a key.
pub(crate) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// The texts in the list under a key.
pub(crate) fn texts(value: &Value, key: &str) -> Vec<String> {
    let texts = list(value, key).iter().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

/// The keys of an object, in order.
pub(crate) fn keys(value: &Value) -> Vec<String> {
    let object = value.as_object();
    object.map_or_else(Vec::new, |object| object.keys().cloned().collect())
}

/// An estimate.
pub(crate) fn estimate(value: &Value) -> Estimate {
    Estimate {
        point: value["point"].as_f64(),
        low: value["low"].as_f64(),
        high: value["high"].as_f64(),
        n: value["n"].as_u64().unwrap_or(0) as usize,
    }
}

/// A cell with the text under a key.
pub(crate) fn words_of(value: &Value, key: &str) -> Cell {
    Cell::text(text(value, key).unwrap_or(words::NONE))
}

/// A cell with a number in its unit.
pub(crate) fn number(value: &Value, unit: &str) -> Cell {
    let value = value.as_f64();
    Cell::number(words::some(value, unit), value)
}

/// A cell with an estimate and its interval.
pub(crate) fn interval(value: &Value, unit: &str, missing: &str) -> Cell {
    let estimate = estimate(value);
    Cell::number(words::estimate(estimate, unit, missing), estimate.point)
}
