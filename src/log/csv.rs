//! Logs as CSV: requests, attempts to provision, or machines in use. Which of them it is, its columns say.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use csv::{ReaderBuilder, StringRecord, Trim};

use crate::log::intake::Intake;
use crate::log::{Attempt, End, Level, Outcome, Request};
use crate::scenario::text::node::shortened;
use crate::scenario::text::read::nearest;

/// A kind of CSV, by its columns.
struct Kind {
    what: &'static str,
    /// Columns that it must have.
    needs: &'static [&'static str],
    /// Columns that it may have.
    may: &'static [&'static str],
    read: fn(&mut Intake<'_>, &Row<'_>),
}

const REQUESTS: Kind = Kind {
    what: "requests",
    needs: &["requested", "started", "ended"],
    may: &["tenant", "class", "region", "pool", "outcome"],
    read: request,
};
const ATTEMPTS: Kind = Kind {
    what: "provisioning attempts",
    needs: &["started", "ended", "outcome"],
    may: &["region", "pool", "machine_s", "extension_s"],
    read: attempt,
};
const STAGES: Kind = Kind {
    what: "durations of provisioning attempts",
    needs: &["machine_s"],
    may: &["region", "pool", "total_s", "extension_s", "outcome"],
    read: attempt,
};
const LEVELS: Kind = Kind {
    what: "levels",
    needs: &["hour", "count"],
    may: &["region", "pool"],
    read: level,
};

/// Other names of columns.
const ALIASES: [(&str, &str); 4] = [
    ("vm_s", "machine_s"),
    ("time", "hour"),
    ("at", "hour"),
    ("level", "count"),
];

/// Cells of a row by column; empty ones are absent.
struct Row<'a> {
    places: &'a BTreeMap<&'static str, usize>,
    record: &'a StringRecord,
}

impl Row<'_> {
    fn get(&self, column: &str) -> Option<&str> {
        let cell = self.record.get(*self.places.get(column)?)?;
        Some(cell).filter(|cell| !cell.is_empty())
    }
}

/// Reads a file.
pub(crate) fn read(bytes: &[u8], intake: &mut Intake<'_>) {
    let mut reader = ReaderBuilder::new()
        .trim(Trim::All)
        .flexible(true)
        .from_reader(bytes);
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => {
            let message = format!("the header cannot be read: {error}");
            intake.whole(&message, "save the file as UTF-8 text");
            return;
        }
    };
    let Some((kind, places)) = kind(&header, intake) else {
        return;
    };
    let Some(conditions) = conditions(&header, intake) else {
        return;
    };
    intake.file.what = kind.what;
    let mut record = StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => return,
            Ok(true) => {
                let line = record.position().map_or(0, csv::Position::line);
                if !intake.next_row(line) {
                    return;
                }
                if record.len() != header.len() {
                    let (found, needed) = (record.len(), header.len());
                    let message = format!("{found} cells, and the header has {needed}");
                    intake.problem("(all)", message);
                    continue;
                }
                let meets = |(place, value): &(usize, String)| &record[*place] == value;
                if conditions.iter().all(meets) {
                    let places = &places;
                    let record = &record;
                    (kind.read)(intake, &Row { places, record });
                } else {
                    intake.leave_out("not of --where");
                }
            }
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                if !intake.next_row(line) {
                    return;
                }
                intake.problem("(all)", "not UTF-8 text");
                if !matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) {
                    return;
                }
            }
        }
    }
}

/// The kind of a file and the places of its columns; records what is missing.
fn kind(
    header: &StringRecord,
    intake: &mut Intake<'_>,
) -> Option<(&'static Kind, BTreeMap<&'static str, usize>)> {
    let mut names: Vec<&str> = header.iter().collect();
    if names.iter().all(|name| name.is_empty()) {
        intake.whole("the file is empty", "write a header and at least one row");
        return None;
    }
    let kinds = [&REQUESTS, &ATTEMPTS, &STAGES, &LEVELS];
    for (alias, name) in ALIASES {
        // `machine` of some tables is a description, and `machine_s` its time.
        if !names.contains(&name)
            && let Some(place) = names.iter().position(|it| *it == alias)
        {
            names[place] = name;
        }
    }
    let has = |kind: &Kind| kind.needs.iter().all(|it| names.contains(it));
    let Some(kind) = kinds.into_iter().find(|kind| has(kind)) else {
        missing(&names, kinds, intake);
        return None;
    };
    let known = kind.needs.iter().chain(kind.may);
    let mut places = BTreeMap::new();
    for column in known {
        let mut found = (0..names.len()).filter(|place| names[*place] == *column);
        if let Some(place) = found.next() {
            places.insert(*column, place);
        }
        if found.next().is_some() {
            let message = format!("two columns `{column}`");
            intake.whole(&message, "keep one of them");
            return None;
        }
    }
    note_unused(header, &places, intake);
    Some((kind, places))
}

/// Records which columns are missing, for the kind that has most of its own.
fn missing(names: &[&str], kinds: [&Kind; 4], intake: &mut Intake<'_>) {
    let missing = |kind: &Kind| {
        let missing = kind.needs.iter().filter(|it| !names.contains(it));
        missing.copied().collect::<Vec<_>>()
    };
    let present = |kind: &Kind| {
        let all = kind.needs.iter().chain(kind.may);
        all.filter(|it| names.contains(it)).count()
    };
    // Of equals the last is taken, which is to be the first kind.
    let kinds = kinds.into_iter().rev();
    let closest = kinds.max_by_key(|kind| (present(kind), Reverse(missing(kind).len())));
    let found = listed(names);
    let Some(closest) = closest.filter(|kind| 0 < present(kind)) else {
        let message = format!("no column that a log has; it has {found}");
        let help = "a log of requests has `requested`, `started` and `ended`; `drawdown help calibration` lists the others";
        intake.whole(&message, help);
        return;
    };
    let absent = missing(closest);
    let (absent_ones, what) = (listed(&absent), closest.what);
    let message = format!("no column {absent_ones}, which {what} need; it has {found}");
    let near = absent.iter().find_map(|it| nearest(it, names));
    let help = match near {
        Some(near) => format!("is `{near}` meant? Columns are in `drawdown help calibration`"),
        None => "`drawdown help calibration` lists the columns of each kind of log".to_owned(),
    };
    intake.whole(&message, &help);
}

/// Notes the columns that nothing uses.
fn note_unused(header: &StringRecord, places: &BTreeMap<&str, usize>, intake: &mut Intake<'_>) {
    let used: Vec<usize> = places.values().copied().collect();
    let conditions = &intake.options.conditions;
    let unused = |place: &usize| {
        let name = &header[*place];
        !used.contains(place) && !conditions.iter().any(|(column, _)| column == name)
    };
    let unused: Vec<&str> = (0..header.len())
        .filter(unused)
        .map(|place| &header[place])
        .collect();
    if !unused.is_empty() {
        let note = format!("columns that are not used: {}", listed(&unused));
        intake.file.notes.push(note);
    }
}

/// The places of the columns of `--where`, and the values there; records columns that are absent.
fn conditions(header: &StringRecord, intake: &mut Intake<'_>) -> Option<Vec<(usize, String)>> {
    let mut found = Vec::new();
    for (column, value) in &intake.options.conditions {
        match header.iter().position(|name| name == column) {
            Some(place) => found.push((place, value.clone())),
            None => {
                let message = format!("no column `{column}`, which --where names");
                let names: Vec<&str> = header.iter().collect();
                let help = format!("it has {}", listed(&names));
                intake.whole(&message, &help);
                return None;
            }
        }
    }
    Some(found)
}

fn listed(names: &[&str]) -> String {
    let quoted = names.iter().map(|name| format!("`{}`", shortened(name)));
    quoted.collect::<Vec<_>>().join(", ")
}

/// A required cell; records a problem where it is empty.
fn needed<'a>(intake: &mut Intake<'_>, row: &Row<'a>, column: &str) -> Option<&'a str>
where
{
    let cell = row.record.get(*row.places.get(column)?)?;
    if cell.is_empty() {
        intake.problem(column, "it is empty");
        return None;
    }
    Some(cell)
}

/// The outcome of a row, in lower case, with `_` for blanks and dashes.
fn outcome(row: &Row<'_>) -> Option<String> {
    let word = |it: &str| it.to_lowercase().replace([' ', '-'], "_");
    row.get("outcome").map(word)
}

fn unknown(intake: &mut Intake<'_>, outcome: &str, known: &str) {
    let message = format!("the outcome `{}` is unknown: {known}", shortened(outcome));
    intake.problem("outcome", message);
}

/// What became of a request.
enum Became {
    Served,
    Cancelled,
    Unserved,
    Unsaid,
}

fn became(intake: &mut Intake<'_>, row: &Row<'_>) -> Became {
    let Some(outcome) = outcome(row) else {
        return Became::Unsaid;
    };
    match outcome.as_str() {
        "served" | "succeeded" | "success" | "completed" => Became::Served,
        "cancelled" | "canceled" => Became::Cancelled,
        "rejected" | "abandoned" | "unserved" => Became::Unserved,
        // A job that failed or timed out held its machine until then; without a start, it got none.
        "failed" | "failure" | "timed_out" => Became::Unsaid,
        other => {
            let known = "`served`, `succeeded`, `failed`, `timed_out`, `cancelled`, `rejected`, `abandoned`";
            unknown(intake, other, known);
            Became::Unsaid
        }
    }
}

fn request(intake: &mut Intake<'_>, row: &Row<'_>) {
    let requested = needed(intake, row, "requested");
    let requested = requested.and_then(|text| intake.time("requested", text));
    let read = |column: &str, intake: &mut Intake<'_>| {
        let cell = row.get(column);
        cell.and_then(|text| intake.time(column, text))
    };
    let (started, ended) = (read("started", intake), read("ended", intake));
    let became = became(intake, row);
    if let (Some(requested), Some(started)) = (requested, started) {
        intake.ordered(("requested", requested), ("started", started));
    }
    if let (Some(started), Some(ended)) = (started, ended) {
        intake.ordered(("started", started), ("ended", ended));
    }
    if let (Some(requested), None, Some(ended)) = (requested, started, ended) {
        intake.ordered(("requested", requested), ("ended", ended));
    }
    match (&became, started) {
        (Became::Served, None) => {
            intake.problem("started", "it is empty, and the outcome says served")
        }
        (Became::Unserved, Some(_)) => {
            intake.problem("started", "it has a time, and the outcome says not served");
        }
        _ => {}
    }
    let (Some(requested), false) = (requested, intake.is_wrong()) else {
        return;
    };
    let served = started.map(|started| {
        let end = match (ended, &became) {
            (Some(at), Became::Cancelled) => End::Censored(at),
            (Some(at), _) => End::Ended(at),
            (None, _) => End::Open,
        };
        (started, end)
    });
    let pool = intake.log.pool(row.get("region"), row.get("pool"));
    let class = intake.log.number(row.get("class").unwrap_or_default());
    let tenant = row.get("tenant").map(|tenant| intake.log.number(tenant));
    intake.log.requests.push(Request {
        pool,
        class,
        tenant,
        requested,
        served,
    });
    intake.accept();
}

fn attempt(intake: &mut Intake<'_>, row: &Row<'_>) {
    let timed = row.places.contains_key("started");
    let started = match timed {
        true => {
            let text = needed(intake, row, "started");
            text.and_then(|text| intake.time("started", text))
        }
        false => None,
    };
    let ended = row.get("ended").and_then(|text| intake.time("ended", text));
    if let (Some(started), Some(ended)) = (started, ended) {
        intake.ordered(("started", started), ("ended", ended));
    }
    let stage = |column: &str, intake: &mut Intake<'_>| {
        let cell = row.get(column);
        cell.and_then(|text| intake.seconds(column, text))
    };
    let [machine, extension, total] =
        ["machine_s", "extension_s", "total_s"].map(|column| stage(column, intake));
    let outcome = outcome_of_attempt(intake, row, timed);
    let stages = machine.map(|machine| machine + extension.unwrap_or(0.0));
    let total = match (started, ended) {
        (Some(started), Some(ended)) => Some(ended - started),
        _ => total.or(stages.filter(|_| !timed)),
    };
    if !timed && total.is_none() && !intake.is_wrong() {
        intake.problem("machine_s", "it is empty");
    }
    let stages = machine.unwrap_or(0.0) + extension.unwrap_or(0.0);
    if let Some(total) = total.filter(|total| total + 1.0 < stages) {
        let message = format!("stages of {stages} s, and {total} s in all");
        let column = if machine.is_some() {
            "machine_s"
        } else {
            "extension_s"
        };
        intake.problem(column, message);
    }
    if intake.is_wrong() {
        return;
    }
    let named = row.get("pool").is_some() || row.get("region").is_some();
    let pool = named.then(|| intake.log.pool(row.get("region"), row.get("pool")));
    intake.log.attempts.push(Attempt {
        pool,
        started,
        outcome,
        total,
        machine,
        extension,
    });
    intake.accept();
}

/// The outcome of an attempt, which must agree with whether it ended.
fn outcome_of_attempt(intake: &mut Intake<'_>, row: &Row<'_>, timed: bool) -> Outcome {
    let found = match outcome(row).as_deref() {
        Some("succeeded" | "success") => Outcome::Succeeded,
        Some("failed" | "failure" | "timed_out") => Outcome::Failed,
        Some("cancelled" | "canceled") => Outcome::Cancelled,
        // Durations alone are those of attempts that succeeded.
        None if !timed => Outcome::Succeeded,
        None => Outcome::Open,
        Some(other) => {
            let known = "`succeeded`, `failed`, `cancelled`, or empty while under way";
            unknown(intake, other, known);
            return Outcome::Open;
        }
    };
    match (timed, found, row.get("ended")) {
        (true, Outcome::Open, Some(_)) => {
            intake.problem("outcome", "it is empty, and `ended` has a time");
        }
        (true, Outcome::Succeeded | Outcome::Failed | Outcome::Cancelled, None) => {
            intake.problem("ended", "it is empty, and the outcome says that it ended");
        }
        _ => {}
    }
    found
}

fn level(intake: &mut Intake<'_>, row: &Row<'_>) {
    let at = needed(intake, row, "hour").and_then(|text| intake.time("hour", text));
    let level = needed(intake, row, "count").and_then(|text| intake.seconds("count", text));
    let (Some(at), Some(level), false) = (at, level, intake.is_wrong()) else {
        return;
    };
    let pool = intake.log.pool(row.get("region"), row.get("pool"));
    intake.log.levels.push(Level { pool, at, level });
    intake.accept();
}
