//! `drawdown calibrate --from LOG...`: from logs of one's own pools to a scenario, and a screen of what was read, what
//! was fitted, and what the logs cannot tell.

use jiff::tz::TimeZone;

use crate::cli::calibrate_args::{CalibrateArgs, LogArgs, LogFormat};
use crate::cli::exit::Exit;
use crate::cli::new::create;
use crate::cli::shell::Line;
use crate::cli::table::table;
use crate::cli::{Failure, paint, remark, say, words};
use crate::log::demand::{Basis, Demand};
use crate::log::durations::{Durations, Law};
use crate::log::estimate::{Calibrated, Pool, estimate};
use crate::log::instant::{date, zone};
use crate::log::intake::Options;
use crate::log::notes::Names;
use crate::log::scenario::{Written, written};
use crate::log::written::{length, number, share};
use crate::log::{FileRead, Format, Log, read, record};
use crate::scenario::vary::template::Template;
use crate::stats::Estimate;

/// Most rows of the table of fits.
const ROWS_MAX: usize = 9;

/// Answers the command.
pub(crate) fn answer(args: &CalibrateArgs) -> Result<Exit, Failure> {
    let (options, zone, zone_name) = options(&args.log)?;
    let log = read::read(&args.log.from, &options).map_err(Failure::Message)?;
    let found = estimate(&log, &zone);
    if !found.tells_something() {
        let rows: usize = log.files.iter().map(|file| file.used).sum();
        let rows = words::counted(rows, "row");
        return Err(Failure::Message(format!(
            "nothing can be fitted to {rows}\n  limit: at least two requests, or five durations that ended\n  help: give a longer log"
        )));
    }
    let names = Names::of(&log, &found);
    let scenario = written(&found, &names, (&zone, &zone_name));
    // What is wrong only together, such as more requests than a scenario may have, shows here.
    if let Err(problems) = Template::parse("calibrate", &scenario.text) {
        return Err(Failure::Message(format!(
            "the log gives a scenario that cannot be run:\n{problems}"
        )));
    }
    if let Some(file) = &args.out {
        create(file, &scenario.text)?;
    }
    let screen = match args.print.json {
        true => String::new(),
        false => screen(args, (&log, &found), &scenario),
    };
    match (args.print.json, &args.out) {
        (true, _) => say(&record::text(&log, &found, &scenario.unknown))?,
        (false, Some(_)) => say(screen.as_bytes())?,
        (false, None) => {
            say(scenario.text.as_bytes())?;
            remark(paint::plain(&screen).trim_end());
        }
    }
    Ok(Exit::Answered)
}

fn options(args: &LogArgs) -> Result<(Options, TimeZone, String), Failure> {
    let named = args.timezone.as_deref();
    let found = named.map(|name| {
        zone(name).ok_or_else(|| {
            let help = "write a name such as `Europe/Amsterdam` or `UTC`";
            Failure::Message(format!(
                "--timezone: there is no zone `{name}`\n  help: {help}"
            ))
        })
    });
    let found = found.transpose()?;
    let format = args.format.map(|format| match format {
        LogFormat::Csv => Format::Csv,
        LogFormat::WorkflowJob => Format::WorkflowJob,
        LogFormat::Prometheus => Format::Prometheus,
    });
    let options = Options {
        format,
        zone: found.clone(),
        conditions: args.conditions.clone(),
        skip_invalid: args.skip_invalid,
    };
    let name = named.unwrap_or("UTC").to_owned();
    Ok((options, found.unwrap_or(TimeZone::UTC), name))
}

/// What is said of the calibration: at most 25 lines but for many files.
fn screen(args: &CalibrateArgs, (log, found): (&Log, &Calibrated), scenario: &Written) -> String {
    let mut text = paint::title(&title(log, found)) + "\n";
    for file in &log.files {
        text += &(paint::prose(&described(file)) + "\n");
    }
    let labels = labels(&found.pools);
    let named = found.pools.iter().zip(&labels);
    let rows = named.flat_map(|(pool, label)| fits(pool, label));
    let mut rows: Vec<Vec<String>> = rows.collect();
    let more = rows.len().saturating_sub(ROWS_MAX);
    rows.truncate(ROWS_MAX);
    let header = ["what", "fit", "90% interval", "from", "misfit"];
    text += &format!("\n{}\n", table(&header, &[], &rows).trim_matches('\n'));
    if 0 < more {
        text += &format!("{more} more fits: --json, or `assumptions` of the scenario.\n");
    }
    text.push('\n');
    let mut notes: Vec<String> = found.pools.iter().filter_map(pool_note).take(2).collect();
    notes.extend(levels(found));
    notes.extend(poor(found));
    notes.extend(found.unused.iter().map(|it| format!("Not used: {it}.")));
    for note in &notes {
        text += &(paint::prose(note) + "\n");
    }
    let unknown = scenario.unknown.join("; ");
    let unknown = format!("The log cannot tell, and the scenario assumes: {unknown}.");
    text += &(paint::prose(&unknown) + "\n\n");
    let next = match &args.out {
        Some(file) => {
            let next = Line::new("ensemble").files(&[file]);
            format!("{} is written. Next: {next}", file.display())
        }
        None => "Next: give --out FILE, then `drawdown ensemble FILE`".to_owned(),
    };
    text + &paint::finding(&next) + "\n"
}

fn title(log: &Log, found: &Calibrated) -> String {
    let pools = words::counted(found.pools.len(), "pool");
    let rows: usize = log.files.iter().map(|file| file.used).sum();
    let rows = words::counted(rows, "row");
    match found.window {
        Some((first, last)) => {
            let (long, days) = (last - first, (last - first) / 86_400.0);
            let long = match days {
                days if 2.0 <= days => format!("{} days", number((days * 10.0).round() / 10.0)),
                _ => length(long),
            };
            format!(
                "{rows} used, {pools}, {} to {} ({long})",
                date(first),
                date(last)
            )
        }
        None => format!("{rows} used, {pools}, no dates"),
    }
}

/// What was read of a file, in a line.
fn described(file: &FileRead) -> String {
    let count = |count: usize| words::separated(&count.to_string());
    let (rows, used) = (count(file.rows), count(file.used));
    let mut text = format!(
        "{}: {rows} {} ({}), {used} used",
        file.name,
        file.what,
        file.format.name()
    );
    for (reason, rows) in &file.left_out {
        text += &format!("; left out: {} {reason}", count(*rows));
    }
    for note in &file.notes {
        text += &format!("; {note}");
    }
    text
}

fn row(what: String, fit: String, interval: String, from: String, distance: String) -> Vec<String> {
    vec![what, fit, interval, from, distance]
}

fn between(of: Estimate, write: fn(f64) -> String) -> String {
    let end = |end: Option<f64>| end.map_or("unbounded".to_owned(), write);
    format!("{} to {}", end(of.low), end(of.high))
}

/// What begins the rows of each pool: nothing for a lone one, and its image where all are in one region.
fn labels(pools: &[Pool]) -> Vec<String> {
    let alone = |pool: &Pool| pools.iter().all(|other| other.region == pool.region);
    let label = |pool: &Pool| match pools.len() {
        1 => String::new(),
        _ if alone(pool) => format!("{} ", pool.key.split('/').next_back().unwrap_or_default()),
        _ => format!("{} ", pool.key),
    };
    pools.iter().map(label).collect()
}

/// The fits of a pool, a row each.
fn fits(pool: &Pool, label: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for demand in &pool.demand {
        let of = match demand.class.as_str() {
            "" => label.to_owned(),
            class => format!("{label}{class} "),
        };
        rows.push(rate_row(&of, demand));
        if let Some(hold) = &demand.hold {
            rows.extend(durations(&format!("{of}hold"), hold));
        }
    }
    let Some(known) = &pool.provisioning else {
        return rows;
    };
    let of = label;
    let stage = if known.extension.is_some() {
        "machine"
    } else {
        "provisioning"
    };
    rows.extend(durations(&format!("{of}{stage}"), &known.machine));
    if let Some(extension) = &known.extension {
        rows.extend(durations(&format!("{of}extension"), extension));
    }
    let failures = [
        (stage, known.failure),
        ("extension", known.extension_failure),
    ];
    for (stage, failure) in failures {
        if let Some(failure) = failure {
            let (point, interval) = (share(failure.point.unwrap_or(0.0)), between(failure, share));
            let from = words::counted(failure.n, "attempt");
            rows.push(row(
                format!("{of}{stage} fails"),
                point,
                interval,
                from,
                String::new(),
            ));
        }
    }
    rows
}

/// A rate to three digits.
fn brief_rate(per_second: f64) -> String {
    match per_second * 3_600.0 {
        hourly if hourly < 0.1 => format!("{}/d", words::number(hourly * 24.0)),
        hourly => format!("{}/h", words::number(hourly)),
    }
}

fn rate_row(of: &str, demand: &Demand) -> Vec<String> {
    let point = demand.rate.point.unwrap_or(0.0);
    match demand.basis {
        Basis::Level => row(
            format!("{of}machines in use"),
            format!("mean {}", words::number(point)),
            between(demand.rate, words::number),
            words::counted(demand.count, "sample"),
            String::new(),
        ),
        Basis::Requests | Basis::Counter if point <= 0.0 => row(
            format!("{of}demand"),
            "too few to tell".to_owned(),
            String::new(),
            words::counted(demand.count, "request"),
            String::new(),
        ),
        Basis::Requests | Basis::Counter => row(
            format!("{of}demand"),
            match demand.batch.and_then(|batch| batch.point) {
                None => format!("mean {}", brief_rate(point)),
                Some(batch) => {
                    let batch = words::number(batch);
                    format!("mean {}, {batch} at a time", brief_rate(point))
                }
            },
            between(demand.rate, brief_rate),
            words::counted(demand.count, "request"),
            String::new(),
        ),
    }
}

fn durations(what: &str, of: &Durations) -> Vec<Vec<String>> {
    let from = match of.censored {
        0 => format!("{} ended", words::separated(&of.ended.to_string())),
        censored => format!(
            "{} + {censored} censored",
            words::separated(&of.ended.to_string())
        ),
    };
    let (fit, interval, distance) = match (&of.law, of.best()) {
        (Law::Equal(seconds), _) => (
            format!("all {}", length(*seconds)),
            String::new(),
            String::new(),
        ),
        (_, None) => ("too few to tell".to_owned(), String::new(), String::new()),
        (_, Some(best)) => {
            let parameters = of.parameters();
            let (key, location) = parameters[0];
            let key = if key == "p50" { "median" } else { key };
            let point = length(location.point.unwrap_or(0.0));
            let fit = format!("{}, {key} {point}", best.family.name());
            let found = best.goodness;
            let poor = if found.is_poor() { " poor" } else { "" };
            (
                fit,
                between(location, length),
                format!("{:.3}{poor}", found.distance),
            )
        }
    };
    vec![row(what.to_owned(), fit, interval, from, distance)]
}

/// What else the log says of a pool: its week, waits, tenants.
fn pool_note(pool: &Pool) -> Option<String> {
    let mut parts = Vec::new();
    for demand in &pool.demand {
        let of = if demand.class.is_empty() {
            String::new()
        } else {
            format!("{}: ", demand.class)
        };
        parts.push(of + &week(demand));
        if let Some(over) = crate::log::notes::dispersions(demand) {
            parts.push(over);
        }
        if let Some(waits) = demand.waits {
            let unserved = match waits.unserved {
                0 => String::new(),
                unserved => format!(", {unserved} never served"),
            };
            let (mean, p95) = (words::duration(waits.mean), words::duration(waits.p95));
            parts.push(format!("waits mean {mean}, p95 {p95}{unserved}"));
        }
        if let Some(tenants) = demand.tenants {
            let largest = share(tenants.largest.point.unwrap_or(0.0));
            let equal = number((tenants.effective * 10.0).round() / 10.0);
            parts.push(format!(
                "{} tenants, the largest {largest}, as concentrated as {equal} equal ones",
                tenants.count
            ));
        }
    }
    (!parts.is_empty()).then(|| format!("{}: {}.", pool.key, parts.join("; ")))
}

fn week(demand: &Demand) -> String {
    let weekly = &demand.weekly;
    if weekly.is_flat() {
        return "no profile over the week that the log can tell".to_owned();
    }
    let (slot, most) = weekly.busiest();
    let day = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][slot / 96];
    let days: Vec<&str> = weekly.days.iter().map(|(key, _)| *key).collect();
    let day = match days[0] {
        "daily" => String::new(),
        "mon-fri" if slot / 96 < 5 => "Mon-Fri ".to_owned(),
        "mon-fri" => "Sat-Sun ".to_owned(),
        _ => format!("{day} "),
    };
    let (hour, minute) = (slot % 96 / 4, slot % 4 * 15);
    let least = number((weekly.quietest() * 100.0).round() / 100.0);
    let most = number((most * 100.0).round() / 100.0);
    format!("busiest {day}{hour:02}:{minute:02} at {most} times the mean, quietest {least}")
}

/// Says what machines in use do not say.
fn levels(found: &Calibrated) -> Option<String> {
    let mut all = found.pools.iter().flat_map(|pool| &pool.demand);
    all.any(|demand| demand.basis == Basis::Level).then(|| {
        "Machines in use are not arrivals: the rate is their mean divided by an assumed hold of 1h.".to_owned()
    })
}

/// Says which fits are ruled out, and what to do.
fn poor(found: &Calibrated) -> Option<String> {
    let of_pool = |pool: &Pool| {
        let holds = pool.demand.iter().filter_map(|demand| demand.hold.clone());
        let known = pool.provisioning.clone();
        let stages = known
            .into_iter()
            .flat_map(|it| [Some(it.machine), it.extension]);
        holds.chain(stages.flatten()).collect::<Vec<Durations>>()
    };
    let all = found.pools.iter().flat_map(of_pool);
    let poor = all
        .filter(|it| it.best().is_some_and(|best| best.goodness.is_poor()))
        .count();
    (0 < poor).then(|| {
        "A misfit marked poor rules its family out: the log mixes kinds. Split it by `class` or `pool`, or use --where."
            .to_owned()
    })
}
