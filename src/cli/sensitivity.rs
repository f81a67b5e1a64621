//! `drawdown sensitivity`: which of the values that a scenario assumes decide its results.

use crate::cli::deliver::{deliver, open};
use crate::cli::exit::Exit;
use crate::cli::finding::{Sentence, plain};
use crate::cli::progress::Bar;
use crate::cli::screen::{Glance, Screen};
use crate::cli::sensitivity_args::{MethodKind, SensitivityArgs};
use crate::cli::shell::Line;
use crate::cli::table::table;
use crate::cli::{Failure, finding, paint, template, words};
use crate::experiment::measure::{Measure, TimeOrigin};
use crate::experiment::sensitivity::{
    NoSensitivity, Sensitivity, SensitivityMethod, SensitivitySpec, replications, sensitivity_with,
};
use crate::kernel::random::Seed;
use crate::output::chart::scales::brief_path;
use crate::output::study::header::Words;
use crate::output::study::sensitivity::{
    Output, Record, Value, counted, in_words, meaning, method, study,
};
use crate::scenario::vary::parameters::Parameter;
use crate::scenario::vary::template::Template;
use crate::stats::Estimate;

/// Answers the command.
pub(crate) fn answer(args: &SensitivityArgs) -> Result<Exit, Failure> {
    let template = template(&args.file, &args.source)?;
    let folder = open(
        args.out.as_deref(),
        "sensitivity",
        question(args).as_deref(),
    )?;
    let spec = spec(args);
    let bar = Bar::new(replications(&spec, Parameter::all(&template).len()));
    let found = sensitivity_with(&template, &spec, &bar);
    bar.end();
    let found = found.map_err(|error| Failure::Message(explained(&template, &error)))?;
    let record = Record::of(&template.base, &found, args.source.seed);
    let answer = findings(&record);
    let words = Words {
        findings: plain(&answer),
        notes: notes(&record, &found),
        reproduce: command(&found, args),
        study: question(args),
    };
    let given = study(&template.base, &found, args.source.seed, words);
    deliver(&given, folder, args.print.json, || match args.print.all {
        true => shown(&template, (&record, &found), args),
        false => screen(&template, (&record, &found), args).text(),
    })?;
    Ok(Exit::Answered)
}

fn spec(args: &SensitivityArgs) -> SensitivitySpec {
    SensitivitySpec {
        method: match args.method {
            MethodKind::Sobol => SensitivityMethod::Sobol,
            MethodKind::Morris => SensitivityMethod::Morris,
        },
        points: args.points,
        measures: args.measures.iter().map(|it| (*it).to_owned()).collect(),
        pools: args.pool.clone(),
        seed: Seed(args.source.seed),
        threads: args.threads.number,
    }
}

fn explained(template: &Template, error: &NoSensitivity) -> String {
    match error {
        NoSensitivity::NothingUnknown => format!("{}: {error}", template.base.name),
        error => error.to_string(),
    }
}

/// What is asked, for the identity of its folder.
fn question(args: &SensitivityArgs) -> Option<String> {
    let line = asked(Line::question(), args).changes(&args.source);
    line.study(args.out.as_deref(), &[&args.file])
}

fn asked(line: Line, args: &SensitivityArgs) -> Line {
    let line = line
        .flags("measure", &args.measures)
        .flags("pool", &args.pool);
    match args.method {
        MethodKind::Sobol => line,
        MethodKind::Morris => line.flag("method", method(SensitivityMethod::Morris)),
    }
}

fn command(found: &Sensitivity, args: &SensitivityArgs) -> String {
    let line = asked(Line::new("sensitivity"), args).flag("points", found.planned);
    let line = line.flag("seed", args.source.seed).source(&args.source);
    line.files(&[&args.file])
}

/// What was done.
fn title(template: &Template, found: &Sensitivity) -> String {
    let values = words::counted(found.paths.len(), "unknown value");
    let rows = counted(found.rows, found.method == SensitivityMethod::Morris);
    let runs = words::counted(found.replications as usize, "replication");
    format!("{}: {values}, {rows}, {runs}", template.base.name)
}

/// The values of an output, the first so many of them; where there is no room their priors are left out, and their paths
/// are shortened.
fn values(output: &Output, most: usize) -> String {
    let whole = output.values.len() <= most && most == usize::MAX;
    let effects = output.values.iter().any(|it| it.effect.is_some());
    let figures = match effects {
        true => ["mean size of effects", "mean effect", "standard deviation"],
        false => ["share of one run", "mean: first order", "mean: total"],
    };
    let first = if whole {
        vec!["value", "prior"]
    } else {
        vec!["value"]
    };
    let header: Vec<&str> = first.iter().copied().chain(figures).collect();
    let briefly =
        |it: Option<Estimate>, unit: &str| words::estimate_briefly(it.unwrap_or_default(), unit);
    let row = |it: &Value| {
        let mut row = match whole {
            true => vec![it.path.clone(), it.prior.clone()],
            false => vec![brief_path(&it.path, PATH)],
        };
        row.extend(match effects {
            true => {
                let deviation = it.effect_deviation;
                let deviation =
                    deviation.map_or(words::NONE.to_owned(), |it| words::brief(it, &output.unit));
                [
                    briefly(it.effect, &output.unit),
                    briefly(it.effect_mean, &output.unit),
                    deviation,
                ]
            }
            false => [it.of_run, it.first, it.total].map(|it| briefly(it, "share")),
        });
        row
    };
    let mut rows: Vec<Vec<String>> = output.values.iter().take(most).map(row).collect();
    let others = [
        ("combinations of values", output.interactions),
        ("randomness", output.randomness),
    ];
    for (name, share) in others.into_iter().filter(|(_, it)| it.is_some()) {
        let mut row = vec![String::new(); header.len()];
        row[0] = name.to_owned();
        row[first.len()] = briefly(share, "share");
        rows.push(row);
    }
    let more = match output.values.len().saturating_sub(most) {
        0 => String::new(),
        1 => "  and 1 more value, which matters less\n".to_owned(),
        left => format!("  and {left} more values, which matter less\n"),
    };
    format!(
        "{}\n{}{more}",
        paint::title(&output.caption()),
        table(&header, &header[1..], &rows)
    )
}

/// What decides an output.
fn sentence(output: &Output) -> String {
    let says = |it: &Value| {
        let share = match (it.effect, it.total.filter(|it| it.point.is_some())) {
            (Some(effect), _) => {
                format!(
                    "effects of {} on average",
                    words::estimate_briefly(effect, &output.unit)
                )
            }
            (None, Some(total)) => {
                format!("total index {}", words::estimate_briefly(total, "share"))
            }
            (None, None) => {
                let of_run = it.of_run.unwrap_or_default();
                format!("{} of one run", words::estimate_briefly(of_run, "share"))
            }
        };
        format!("{} ({share})", brief_path(&it.path, PATH))
    };
    let top: Vec<String> = output
        .values
        .iter()
        .filter(|it| !it.is_idle())
        .take(2)
        .map(says)
        .collect();
    match top.is_empty() {
        true => "no value can be shown to change it".to_owned(),
        false => top.join(", then "),
    }
}

/// Which values decide the output that says most, which do not matter, and what is left to randomness.
fn findings(record: &Record) -> Vec<Sentence> {
    let Some(output) = record.outputs().first().filter(|it| it.varies()) else {
        let none = "none of the results that were asked for varies";
        return vec![("unknown values".to_owned(), none.to_owned())];
    };
    let what = in_words(&output.measure);
    let mut answer = vec![(output.pool.clone(), format!("{what}: {}", sentence(output)))];
    let idle = output.values.iter().filter(|it| it.is_idle());
    let idle: Vec<String> = idle.map(|it| brief_path(&it.path, PATH)).collect();
    if !idle.is_empty() && idle.len() < output.values.len() {
        let more = match idle.len().saturating_sub(IDLE_MAX) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let first = idle[..idle.len().min(IDLE_MAX)].join(", ");
        answer.push(("no effect shown".to_owned(), first + &more));
    }
    if let Some(randomness) = output.randomness {
        let share = words::estimate_briefly(randomness, "share");
        let left = "of the variance of one run would remain if all values were known";
        answer.push(("randomness".to_owned(), format!("{share} {left}")));
    }
    answer
}

/// What the answer rests on.
fn notes(record: &Record, found: &Sensitivity) -> Vec<String> {
    let mut notes = Vec::new();
    if found.rows < found.planned {
        notes.push(format!(
            "Interrupted: {} of {} were run; the command below runs all.",
            words::number(found.rows as f64),
            counted(found.planned, found.method == SensitivityMethod::Morris),
        ));
    }
    if !found.not_varied.is_empty() {
        notes.push(format!(
            "Not varied, though with a prior: {}; only a number, a share, a rate or a duration can be.",
            found.not_varied.join(", ")
        ));
    }
    if 0 < found.left_out {
        let why = found.constraint.as_deref().unwrap_or_default();
        notes.push(format!(
            "{} of {} hold a combination of values that the file does not allow, and are left out: {why}. The values \
             are then not independent, and the shares describe the rest: take them as rough, or narrow the priors.",
            found.left_out,
            words::counted(found.rows, "row"),
        ));
    }
    let outputs = || record.outputs().iter().filter(|it| it.varies());
    if let Some(output) = record.outputs().first().filter(|it| it.varies()) {
        notes.extend(notes_of(output));
    }
    let constant = record.outputs().len() - outputs().count();
    if 0 < constant {
        let results = words::counted(constant, "result");
        let verb = if constant == 1 { "does" } else { "do" };
        notes.push(format!("{results} {verb} not vary."));
    }
    notes
}

/// What the figures of an output rest on.
fn notes_of(output: &Output) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(share) = output.not_occurred() {
        let since = Measure::of_pools(&output.measure)
            .ok()
            .and_then(|it| it.since);
        let end = match since {
            Some(TimeOrigin::Outage) => "outage",
            _ => "scenario",
        };
        notes.push(format!(
            "{} does not occur in {} of runs, and counts to the end of the {end} there.",
            output.measure,
            words::value(share, "share")
        ));
    }
    if 0 < output.nothing_measured() {
        notes.push(format!(
            "{} have a run without {}, and are left out of its shares.",
            words::counted(output.nothing_measured(), "row"),
            output.measure
        ));
    }
    let known = |it: Option<Estimate>| it.is_some_and(|it| it.low.is_some());
    if output.randomness.is_some() && !known(output.randomness) {
        notes.push("Too few runs differ for intervals.".to_owned());
    } else if output.randomness.is_some() && !output.has_mean() {
        notes.push(
                "The variance of the mean cannot be distinguished from 0, so that its indices are not given: raise \
                 `--points`."
                    .to_owned(),
            );
    }
    notes
}

/// The next command: from facts if there are any, and otherwise answers over the priors.
fn next(template: &Template, args: &SensitivityArgs) -> String {
    let fitted = template.base.facts.iter().any(|fact| fact.fitted);
    let line = match fitted {
        true => Line::new("calibrate"),
        false => Line::new("ensemble").flag("posterior", "priors"),
    };
    line.source(&args.source).files(&[&args.file])
}

/// The most values without effect in a sentence.
const IDLE_MAX: usize = 3;

/// The most letters of a path on one screen.
const PATH: usize = 32;

/// The most values on one screen.
const VALUES_MAX: usize = 6;

fn screen(
    template: &Template,
    (record, found): (&Record, &Sensitivity),
    args: &SensitivityArgs,
) -> Screen {
    let varying: Vec<&Output> = record.outputs().iter().filter(|it| it.varies()).collect();
    let (first, others) = varying
        .split_first()
        .map_or((None, &[][..]), |(first, others)| (Some(first), others));
    let room = 4_usize.saturating_sub(found.paths.len());
    let row = |output: &&Output| {
        let top = output.values.iter().find(|it| !it.is_idle());
        let weight = top.and_then(Value::weight);
        let unit = if top.is_some_and(|it| it.effect.is_some()) {
            &output.unit
        } else {
            "share"
        };
        vec![
            output.name(),
            top.map_or(words::NONE.to_owned(), |it| brief_path(&it.path, PATH)),
            weight.map_or(words::NONE.to_owned(), |it| {
                words::estimate_briefly(it, unit)
            }),
            words::some(output.randomness.and_then(|it| it.point), "share"),
        ]
    };
    let left = others.len().saturating_sub(room);
    let left_out = match left {
        0 => Vec::new(),
        left => vec![words::counted(left, "result")],
    };
    let header = ["other results", "matters most", "total index", "randomness"];
    let header = match found.method {
        SensitivityMethod::Sobol => header.to_vec(),
        SensitivityMethod::Morris => vec![header[0], header[1], "size of effects", header[3]],
    };
    let glance = Glance {
        header: header.into_iter().map(str::to_owned).collect(),
        rows: others.iter().take(room).map(row).collect(),
        left_out,
    };
    Screen {
        title: title(template, found),
        plot: first.map_or_else(String::new, |it| values(it, VALUES_MAX)),
        table: glance.without_empty(&[words::NONE]),
        notes: notes(record, found),
        reproduce: command(found, args),
        next: Some(next(template, args)),
        answer: findings(record),
    }
}

fn shown(
    template: &Template,
    (record, found): (&Record, &Sensitivity),
    args: &SensitivityArgs,
) -> String {
    let mut text = paint::title(&title(template, found)) + "\n";
    for output in record.outputs().iter().filter(|it| it.varies()) {
        text += &format!("\n{}", values(output, usize::MAX));
    }
    text.push('\n');
    for note in notes(record, found) {
        text += &(paint::prose(&note) + "\n");
    }
    text += &(paint::prose(meaning(found.method == SensitivityMethod::Morris)) + "\n");
    text += &finding::listed(&findings(record));
    text + &format!("reproduce: {}\n", command(found, args))
}
