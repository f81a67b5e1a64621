//! Responses of Prometheus to `query_range`: counters of requests, or gauges of machines in use.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::log::intake::Intake;
use crate::log::json::document;
use crate::log::{Counted, Level};

#[derive(serde::Deserialize)]
struct Response<'a> {
    #[serde(default)]
    status: String,
    #[serde(default)]
    error: Option<String>,
    #[serde(borrow)]
    data: Option<Data<'a>>,
}

#[derive(serde::Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    result: Vec<Series<'a>>,
}

#[derive(serde::Deserialize)]
struct Series<'a> {
    metric: BTreeMap<String, String>,
    #[serde(borrow)]
    values: Vec<(f64, Cow<'a, str>)>,
}

impl Series<'_> {
    fn name(&self) -> &str {
        self.metric.get("__name__").map_or("", String::as_str)
    }
}

/// Reads a file.
pub(crate) fn read(bytes: &[u8], intake: &mut Intake<'_>) {
    intake.file.what = "samples";
    intake.words = ("sample", "sample");
    let response: Response<'_> = match document(bytes) {
        Ok(response) => response,
        Err(message) => {
            let message = format!("it is no response of `query_range`: {message}");
            intake.whole(&message, "save the answer of /api/v1/query_range");
            return;
        }
    };
    let Some(data) = response.data else {
        let error = response.error.unwrap_or(response.status);
        intake.whole(&format!("it has no data: {error}"), "ask again");
        return;
    };
    if data.result.is_empty() {
        intake.whole("it has no series", "widen the query or its time range");
        return;
    }
    let (mut levels, mut number) = (Levels::new(), 0);
    for series in &data.result {
        if !one(series, &mut levels, &mut number, intake) {
            return;
        }
    }
    let levels = levels.into_iter().map(|((pool, at), level)| Level {
        pool,
        at: f64::from_bits(at),
        level,
    });
    intake.log.levels.extend(levels);
}

/// Sums of gauges by pool and instant; the bits of times above 0 are in their order.
type Levels = BTreeMap<(u32, u64), f64>;

/// Takes one series; false if there are too many samples.
fn one(
    series: &Series<'_>,
    levels: &mut Levels,
    number: &mut u64,
    intake: &mut Intake<'_>,
) -> bool {
    let label = |key: &str| series.metric.get(key).map(String::as_str);
    let pool = intake.log.pool(label("region"), label("pool"));
    let counter = is_counter(series);
    note(series, counter, intake);
    let mut before: Option<(f64, f64)> = None;
    for (at, value) in &series.values {
        *number += 1;
        if !intake.next_row(*number) {
            return false;
        }
        let Some((at, value)) = sample(*at, value, before, intake) else {
            continue;
        };
        match (counter, before) {
            (false, _) => *levels.entry((pool, at.to_bits())).or_default() += value,
            (true, None) => {}
            (true, Some((from, last))) => intake.log.counted.push(Counted {
                pool,
                from,
                until: at,
                // A counter that fell has been reset to 0.
                count: if value < last { value } else { value - last },
            }),
        }
        before = Some((at, value));
        intake.accept();
    }
    true
}

/// Notes as what a series is read.
fn note(series: &Series<'_>, counter: bool, intake: &mut Intake<'_>) {
    let name = match series.name() {
        "" => "a series",
        name => name,
    };
    let note = match counter {
        true => format!("{name}: a counter; its increments are requests"),
        false => format!("{name}: a gauge; its values are machines in use"),
    };
    if !intake.file.notes.contains(&note) {
        intake.file.notes.push(note);
    }
}

/// Whether a series counts: by its name, or because it never falls but to a small share of what it was.
fn is_counter(series: &Series<'_>) -> bool {
    let name = series.name();
    if name.ends_with("_total") || name.ends_with("_count") {
        return true;
    }
    if !name.is_empty() {
        return false;
    }
    let values: Vec<f64> = series
        .values
        .iter()
        .filter_map(|(_, it)| it.parse().ok())
        .collect();
    let rising = values.windows(2).all(|pair| pair[0] <= pair[1]);
    10 <= values.len() && rising && values.first() < values.last()
}

/// A sample; absent where it has no value, or a problem.
fn sample(
    at: f64,
    value: &str,
    before: Option<(f64, f64)>,
    intake: &mut Intake<'_>,
) -> Option<(f64, f64)> {
    let at = intake.time("time", &at.to_string());
    if let (Some(at), Some((last, _))) = (at, before)
        && at <= last
    {
        intake.problem("time", "not later than the sample before it");
    }
    let value = match value.parse::<f64>() {
        Ok(value) if !value.is_finite() => {
            intake.leave_out("samples without a value (NaN)");
            return None;
        }
        Ok(value) if value < 0.0 => {
            intake.problem("value", format!("it is negative: {value}"));
            None
        }
        Ok(value) => Some(value),
        Err(_) => {
            intake.problem("value", "it is no number");
            None
        }
    };
    match (at, value, intake.is_wrong()) {
        (Some(at), Some(value), false) => Some((at, value)),
        _ => None,
    }
}
