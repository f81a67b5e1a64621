//! Jobs of GitHub Actions: objects or webhook deliveries of `workflow_job`, or pages of the API that lists jobs. A
//! job is requested when it is created, gets its machine when it starts, and holds it until it completes.

use std::collections::BTreeMap;

use crate::log::intake::Intake;
use crate::log::json::{Value, items};
use crate::log::{End, Request};
use crate::scenario::text::node::shortened;

/// What a delivery says of a job.
struct Job {
    request: Request,
    /// How far it has come: queued, in progress, completed.
    progress: u8,
}

/// Jobs by their numbers; those without a number stand alone.
#[derive(Default)]
struct Jobs {
    all: Vec<Job>,
    places: BTreeMap<u64, usize>,
}

/// Reads a file.
pub(crate) fn read(bytes: &[u8], intake: &mut Intake<'_>) {
    intake.file.what = "jobs";
    intake.words = ("job", "item");
    let mut jobs = Jobs::default();
    let mut number = 0;
    let mut see = |item: Value| match item.get("jobs") {
        Some(Value::Array(page)) => page.iter().all(|item| {
            number += 1;
            one(item, &item["repository"], number, (&mut *intake, &mut jobs))
        }),
        _ => {
            number += 1;
            let job = item.get("workflow_job").unwrap_or(&item);
            one(job, &item["repository"], number, (&mut *intake, &mut jobs))
        }
    };
    let done = items(bytes, &mut see);
    if let Err(message) = done {
        intake.whole(&format!("it is no JSON: {message}"), "save the file again");
    }
    let requests = jobs.all.iter().map(|job| job.request);
    intake.log.requests.extend(requests);
}

/// Takes one job; false if there are too many.
fn one(
    job: &Value,
    repository: &Value,
    number: u64,
    (intake, jobs): (&mut Intake<'_>, &mut Jobs),
) -> bool {
    if !intake.next_row(number) {
        return false;
    }
    let Some(read) = job_of(job, repository, intake) else {
        return true;
    };
    let place = job["id"].as_u64().and_then(|id| {
        let next = jobs.all.len();
        let place = *jobs.places.entry(id).or_insert(next);
        (place < next).then_some(place)
    });
    match place {
        None => {
            jobs.all.push(read);
            intake.accept();
        }
        Some(place) => {
            if jobs.all[place].progress <= read.progress {
                jobs.all[place] = read;
            }
            intake.leave_out("an earlier delivery of the same job");
        }
    }
    true
}

fn job_of(job: &Value, repository: &Value, intake: &mut Intake<'_>) -> Option<Job> {
    if !job.is_object() {
        intake.problem("(all)", "no object");
        return None;
    }
    let progress = progress(job, intake)?;
    let conclusion = conclusion(job, intake);
    let created = time(job, "created_at", intake);
    // A queued job has the time of its creation as that of its start.
    let started = time(job, "started_at", intake).filter(|_| 0 < progress);
    let completed = time(job, "completed_at", intake);
    if conclusion == Some("skipped") && !intake.is_wrong() {
        intake.leave_out("skipped jobs, which use no machine");
        return None;
    }
    // GitHub gives a job that was cancelled in the queue a start, and no runner.
    let without_runner = job.get("runner_name").is_some_and(|name| match name {
        Value::Null => true,
        name => name.as_str() == Some(""),
    });
    let started = started.filter(|_| !(without_runner && conclusion == Some("cancelled")));
    check(progress, (created, started, completed), intake);
    let (Some(requested), false) = (created, intake.is_wrong()) else {
        return None;
    };
    let end = match completed {
        Some(at) if conclusion == Some("cancelled") => End::Censored(at),
        Some(at) => End::Ended(at),
        None => End::Open,
    };
    let request = Request {
        pool: pool_of(job, intake),
        class: intake.log.number(""),
        tenant: tenant_of(job, repository).map(|name| intake.log.number(&name)),
        requested,
        served: started.map(|started| (started, end)),
    };
    Some(Job { request, progress })
}

/// How far a job has come; records a status that is missing or unknown.
fn progress(job: &Value, intake: &mut Intake<'_>) -> Option<u8> {
    match job["status"].as_str() {
        Some("queued" | "waiting" | "pending" | "requested") => Some(0),
        Some("in_progress") => Some(1),
        Some("completed") => Some(2),
        None => {
            intake.problem("status", "it is missing");
            None
        }
        Some(other) => {
            let known = "`queued`, `waiting`, `in_progress`, `completed`";
            let message = format!("the status `{}` is unknown: {known}", shortened(other));
            intake.problem("status", message);
            None
        }
    }
}

/// Records times that are missing or out of order.
fn check(
    progress: u8,
    (created, started, completed): (Option<f64>, Option<f64>, Option<f64>),
    intake: &mut Intake<'_>,
) {
    if let (Some(created), Some(started)) = (created, started) {
        intake.ordered(("created_at", created), ("started_at", started));
    }
    if let (Some(started), Some(completed)) = (started, completed) {
        intake.ordered(("started_at", started), ("completed_at", completed));
    }
    let missing = [
        (created.is_none(), "created_at"),
        (progress == 1 && started.is_none(), "started_at"),
        (progress == 2 && completed.is_none(), "completed_at"),
    ];
    for (is_missing, key) in missing {
        // A time that cannot be read is reported already.
        if is_missing && !intake.is_wrong() {
            intake.problem(key, "it is missing");
        }
    }
}

fn conclusion<'a>(job: &'a Value, intake: &mut Intake<'_>) -> Option<&'a str> {
    let known = [
        "success",
        "failure",
        "cancelled",
        "skipped",
        "timed_out",
        "neutral",
        "action_required",
        "stale",
        "startup_failure",
    ];
    let conclusion = job["conclusion"].as_str()?;
    if !known.contains(&conclusion) {
        let known = "`success`, `failure`, `cancelled`, `skipped`, `timed_out`, …";
        let conclusion = shortened(conclusion);
        let message = format!("the conclusion `{conclusion}` is unknown: {known}");
        intake.problem("conclusion", message);
    }
    Some(conclusion)
}

/// A time; absent where it is missing or null.
fn time(job: &Value, key: &str, intake: &mut Intake<'_>) -> Option<f64> {
    match &job[key] {
        Value::Null => None,
        Value::String(text) => intake.time(key, text),
        other => intake.time(key, &other.to_string()),
    }
}

/// The pool: its labels, without `self-hosted` where there are others.
fn pool_of(job: &Value, intake: &mut Intake<'_>) -> u32 {
    let labels = job["labels"].as_array();
    let labels = labels.iter().flat_map(|labels| labels.iter());
    let labels: Vec<&str> = labels.filter_map(Value::as_str).collect();
    let others = labels.iter().filter(|label| **label != "self-hosted");
    let others: Vec<&str> = others.copied().collect();
    let labels = if others.is_empty() { labels } else { others };
    let image = (!labels.is_empty()).then(|| labels.join("-").replace('/', "-"));
    intake.log.pool(None, image.as_deref())
}

/// The tenant: the repository, of the delivery or of the address of the run.
fn tenant_of(job: &Value, repository: &Value) -> Option<String> {
    let named = repository["full_name"].as_str().map(str::to_owned);
    named.or_else(|| {
        let url = job["run_url"].as_str()?;
        let (_, rest) = url.split_once("/repos/")?;
        let mut parts = rest.split('/');
        Some(format!("{}/{}", parts.next()?, parts.next()?))
    })
}
