//! `drawdown calibrate`: unknown values of a scenario from its published facts.

use crate::cli::calibrate_args::CalibrateArgs;
use crate::cli::deliver::{deliver, open};
use crate::cli::exit::Exit;
use crate::cli::finding::{Sentence, plain};
use crate::cli::progress::Bar;
use crate::cli::screen::{Glance, Screen};
use crate::cli::shell::Line;
use crate::cli::table::table;
use crate::cli::{Failure, apply, paint, remark, template, words};
use crate::experiment::abc::{Abc, Beyond, Ended, State};
use crate::experiment::aims::Aim;
use crate::experiment::calibration::{CORRELATED, Calibration, Method, Predicted};
use crate::experiment::simple_model::Exact;
use crate::kernel::random::Seed;
use crate::output::chart::marginals::brief;
use crate::output::generation::Identity;
use crate::output::study::calibrate::{figure, study, why};
use crate::output::study::header::Words;
use crate::scenario::vary::parameters::Parameter;
use crate::scenario::vary::template::Template;

/// Answers the command.
pub(crate) fn answer(args: &CalibrateArgs) -> Result<Exit, Failure> {
    let template = template(args.file(), &args.source)?;
    let parameters = Parameter::all(&template);
    let aims = Aim::all(&template.base);
    there_is_something(&template, &parameters, &aims)?;
    if let Some(path) = &args.apply {
        apply::is_free(path, args.file())?;
    }
    let folder = open(args.out.as_deref(), "calibrate", question(args).as_deref())?;
    let abc = Abc {
        template: &template,
        parameters: &parameters,
        aims: &aims,
        seed: Seed(args.source.seed),
        particles: args.particles.get(),
        budget: args.budget,
        threads: args.threads.number,
    };
    let exact = Exact::of(&template, &parameters, &aims);
    let resumed = match (args.resume, &exact) {
        (true, None) => Some(resume(&abc, args)?),
        _ => None,
    };
    let total = if exact.is_some() {
        2 * args.particles.get() as u64
    } else {
        args.budget
    };
    let bar = Bar::new(total);
    let found = found(&abc, exact.as_ref(), resumed, args, &bar);
    bar.end();
    let found = found?;
    let screen = screen(&template, &found, args);
    let words = Words {
        findings: plain(&screen.answer),
        notes: screen.notes.clone(),
        reproduce: command(&found, args),
        study: question(args),
    };
    let given = study(&template.base, &found, args.source.seed, words);
    deliver(&given, folder, args.print.json, || match args.print.all {
        true => shown(&template, &found, args),
        false => screen.text(),
    })?;
    if let Some(path) = &args.apply {
        apply::write(path, &template, &found)?;
    }
    Ok(Exit::Answered)
}

/// Whether there are unknown values, and facts to find them from.
fn there_is_something(
    template: &Template,
    parameters: &[Parameter],
    aims: &[Aim],
) -> Result<(), Failure> {
    let name = &template.base.name;
    let (missing, help) = if parameters.is_empty() {
        (
            "no assumption has a `prior` for a single value that is not set otherwise",
            "add one, such as `prior: {log_uniform: [4, 60]}`",
        )
    } else if !aims.iter().any(|aim| aim.fitted) {
        (
            "no fact under `observed` has `use: fit`",
            "say which facts may shape the scenario",
        )
    } else {
        return Ok(());
    };
    let label = format!("{name}: {missing}, so that there is nothing to calibrate\n  help: {help}");
    Err(Failure::Message(label))
}

/// The posterior.
fn found(
    abc: &Abc<'_>,
    exact: Option<&Exact>,
    resumed: Option<State>,
    args: &CalibrateArgs,
    bar: &Bar,
) -> Result<Calibration, Failure> {
    let (template, parameters, aims) = (abc.template, abc.parameters, abc.aims);
    let interrupted = || {
        let label = "interrupted before the priors were looked at; nothing was written";
        Failure::Message(label.to_owned())
    };
    let state = match resumed {
        Some(state) => state,
        None => {
            let state = abc.begin(bar).ok_or_else(interrupted)?;
            let beyond = abc.beyond(&state.prior);
            if !beyond.is_empty() {
                return Err(Failure::Message(cannot(template, &beyond)));
            }
            state
        }
    };
    let sample = (abc.particles, abc.seed);
    if let Some(exact) = exact {
        let found = Calibration::exact(abc, exact, &state.prior, bar);
        return found.ok_or_else(interrupted);
    }
    let identity = identity(abc);
    let mut stuck = None;
    let state = abc.go_on(state, bar, &mut |state| {
        let (tolerance, accepted) = state.course.last().copied().unwrap_or_default();
        bar.say(format!(
            "generation {}: within {tolerance:.1}, {} accepted",
            state.last.number,
            words::value(accepted, "share")
        ));
        let kept = args.out.as_deref().map(|out| identity.keep(out, state));
        stuck = kept.and_then(Result::err);
        stuck.is_none()
    });
    if let Some(error) = stuck {
        return Err(error.into());
    }
    if state.last.tolerance.is_none() {
        let label = match state.ended {
            Some(Ended::Interrupted) => "interrupted before a generation was complete",
            _ => "no generation could be completed; raise `--budget`",
        };
        return Err(Failure::Message(format!("{label}; nothing was written")));
    }
    if state.ended == Some(Ended::Interrupted) {
        let go_on = match &args.out {
            Some(_) => "; `--resume` goes on",
            None => "",
        };
        remark(&format!(
            "interrupted: the results are those of generation {}{go_on}",
            state.last.number
        ));
    }
    Ok(Calibration::of_state(
        template, parameters, aims, &state, sample,
    ))
}

fn identity(abc: &Abc<'_>) -> Identity {
    let paths = abc.parameters.iter().map(|it| it.path.clone());
    let sample = (abc.seed.0, abc.particles);
    Identity::new(abc.template.digest(), sample, paths.collect())
}

/// The state that the folder of `--out` holds.
fn resume(abc: &Abc<'_>, args: &CalibrateArgs) -> Result<State, Failure> {
    let out = args.out.as_deref().unwrap_or(std::path::Path::new("."));
    let state = identity(abc).resume(out);
    state.map_err(Failure::Message)
}

/// What is said where the model cannot produce facts.
fn cannot(template: &Template, beyond: &[Beyond]) -> String {
    let base = &template.base;
    let lines = beyond.iter().map(|it| {
        let of = |value: f64| figure(base, it.aim.figure, value);
        format!(
            "the model and its priors cannot produce `{}`: published {}{}, predicted {} to {} (central 99%)",
            it.aim.name,
            it.aim.bound.words(),
            of(it.aim.published),
            of(it.range[0]),
            of(it.range[1])
        )
    });
    let help = "widen the priors, give other values a prior, correct the model, or hold the fact out with `use: hold`";
    format!("{}\n  help: {help}", lines.collect::<Vec<_>>().join("\n"))
}

/// What was done.
fn title(template: &Template, found: &Calibration) -> String {
    let values = words::counted(found.parameters.len(), "unknown value");
    let fitted = found.aims.iter().filter(|aim| aim.fitted).count();
    let how = match found.method {
        Method::Exact => "in closed form".to_owned(),
        Method::Simulation { generations, .. } => format!(
            "by {} in {}",
            words::counted(found.runs as usize, "replication"),
            words::counted(generations as usize, "generation")
        ),
    };
    let facts = words::counted(fitted, "fitted fact");
    format!("{}: {values} from {facts}, {how}", template.base.name)
}

/// What is known of each value.
fn values(found: &Calibration) -> String {
    let header = [
        "value",
        "prior (90%)",
        "posterior 5%",
        "median",
        "95%",
        "contraction",
    ];
    let known = found.parameters.iter().zip(&found.known);
    let rows = known.map(|(it, known)| {
        let [low, _, high] = known.prior.map(|value| brief(it, value));
        let mut row = vec![it.path.clone(), format!("{low} to {high}")];
        row.extend(known.posterior.iter().map(|value| brief(it, *value)));
        row.push(words::value(known.contraction, "share"));
        row
    });
    table(&header, &header[1..], &rows.collect::<Vec<_>>())
}

/// Facts as they are predicted: those held out, or all.
fn facts(template: &Template, found: &Calibration, all: bool) -> Vec<Vec<String>> {
    let base = &template.base;
    let held = found.aims.iter().any(|aim| !aim.fitted);
    let mut rows = Vec::new();
    let mut order: Vec<(&Aim, &Predicted)> = found.aims.iter().zip(&found.predicted).collect();
    // Held-out facts first, and those that were predicted worst.
    order.sort_by(|(one, first), (other, second)| {
        one.fitted
            .cmp(&other.fitted)
            .then(second.surprise().total_cmp(&first.surprise()))
    });
    for (aim, it) in order {
        if aim.fitted && held && !all {
            continue;
        }
        let of = |value: f64| figure(base, aim.figure, value);
        let [low, median, high] = it.quantiles.map(of);
        let unit = aim.figure.unit();
        rows.push(vec![
            aim.name.clone(),
            if aim.fitted { "fitted" } else { "held out" }.to_owned(),
            format!("{}{}", aim.bound.words(), of(aim.published)),
            low,
            median,
            high,
            it.below
                .map_or(words::NONE.to_owned(), |below| format!("{below:.3}")),
            words::some(it.met, "share"),
            words::some(it.score, unit),
            words::some(it.score_null, unit),
        ]);
    }
    rows
}

const FACTS: [&str; 10] = [
    "fact",
    "use",
    "published",
    "5%",
    "median",
    "95%",
    "PIT",
    "met",
    "CRPS",
    "no model",
];

/// Distance of rows from facts, in resolutions, from which on the sample is called wide.
const WIDE: f64 = 5.0;

/// What is said of a sample whose rows lie so many resolutions from the facts.
fn wide(found: &Calibration, tolerance: f64) -> String {
    let fitted = found.aims.iter().filter(|aim| aim.fitted);
    let times = fitted.filter(|aim| aim.figure.unit() == "s");
    let finest = times.map(|aim| aim.resolution).min_by(f64::total_cmp);
    let miss = finest.map_or_else(String::new, |it| {
        let [miss, known] = [tolerance * it, it].map(|it| words::value(it, "s"));
        format!(" by up to {miss} where they are known to {known}")
    });
    format!(
        "WIDE: rows miss fitted facts{miss}, so that ranges are wider than the facts allow; a larger `--budget` or fewer \
         unknown values come closer."
    )
}

/// What the answer rests on.
fn notes(found: &Calibration, most: usize) -> Vec<String> {
    let mut notes = Vec::new();
    let fitted = found.aims.iter().filter(|aim| aim.fitted).count();
    if found.freedom() <= 0 {
        notes.push(format!(
            "SATURATED: {}{} for {}. That the fit meets them proves nothing; only held-out facts can.",
            words::counted(fitted, "fitted fact"),
            match found.distinct {
                distinct if distinct < fitted => format!(", {distinct} of them distinct,"),
                _ => String::new(),
            },
            words::counted(found.parameters.len(), "unknown value"),
        ));
    }
    if let Method::Simulation {
        tolerance, ended, ..
    } = found.method
    {
        let within = tolerance.map_or_else(String::new, |it| format!("{it:.1}"));
        notes.push(format!(
            "Every row meets every fitted fact within {within} times its resolution; no closer, since {}.",
            why(ended),
        ));
        notes.extend(tolerance.filter(|it| WIDE < *it).map(|it| wide(found, it)));
    }
    if 0 < found.redrawn {
        notes.push(format!(
            "{} broke a constraint of the file, and were drawn again.",
            words::counted(found.redrawn as usize, "draw")
        ));
    }
    let strong = found
        .correlations
        .iter()
        .filter(|it| CORRELATED < it.2.abs());
    let name = |place: usize| {
        let path = found.parameters[place].path.as_str();
        path.rsplit('.')
            .take(2)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect::<Vec<_>>()
            .join(".")
    };
    let strong = strong.map(|(one, other, correlation)| {
        format!("{} and {} ({correlation:.2})", name(*one), name(*other))
    });
    let strong: Vec<String> = strong.take(most).collect();
    if !strong.is_empty() {
        notes.push(format!(
            "Not separated by the facts: {}.",
            strong.join(", ")
        ));
    }
    notes
}

/// Which values are known now, and how held-out facts came out.
fn findings(found: &Calibration) -> Vec<Sentence> {
    let known = found.parameters.iter().zip(&found.known);
    let (identified, not): (Vec<_>, Vec<_>) = known.partition(|(_, known)| known.is_identified());
    let mut answer: Vec<Sentence> = Vec::new();
    for (it, known) in &identified {
        let [low, median, high] = known.posterior.map(|value| brief(it, value));
        answer.push((
            it.path.clone(),
            format!("{median} (90% between {low} and {high})"),
        ));
    }
    if !not.is_empty() {
        let names: Vec<&str> = not.iter().map(|(it, _)| it.path.as_str()).collect();
        answer.push(("not identified".to_owned(), names.join(", ")));
    }
    let held = found.held_out_in_words();
    answer.extend(held.map(|said| ("held-out facts".to_owned(), said)));
    answer
}

fn screen(template: &Template, found: &Calibration, args: &CalibrateArgs) -> Screen {
    let mut rows = facts(template, found, false);
    let room = 8_usize.saturating_sub(found.parameters.len()).max(2);
    let left = rows.len().saturating_sub(room);
    rows.truncate(room);
    let left_out = match left {
        0 => Vec::new(),
        n => vec![words::counted(n, "more fact")],
    };
    let table = Glance {
        header: FACTS.map(str::to_owned).into(),
        rows,
        left_out,
    };
    Screen {
        title: title(template, found),
        plot: values(found),
        table: table.without_empty(&[words::NONE]),
        notes: notes(found, 2),
        reproduce: command(found, args),
        next: args.out.as_ref().map(|out| {
            let sample = out.join("posterior.csv");
            let line = Line::new("ensemble").flag("posterior", sample.display());
            line.source(&args.source).files(&[args.file()])
        }),
        answer: findings(found),
    }
}

fn shown(template: &Template, found: &Calibration, args: &CalibrateArgs) -> String {
    let mut text = paint::title(&title(template, found)) + "\n\n";
    text += &values(found);
    let rows = facts(template, found, true);
    text += &format!("\n{}\n", table(&FACTS, &FACTS[2..], &rows));
    for note in notes(found, usize::MAX) {
        text += &(paint::prose(&note) + "\n");
    }
    let meant = "PIT: probability of a figure below the published one. CRPS: the distance of the prediction from it, \
                 less is better; `no model` is that of a log-uniform guess from 10 minutes to 10 hours.";
    text += &(paint::prose(meant) + "\n");
    text += &crate::cli::finding::listed(&findings(found));
    text + &format!("reproduce: {}\n", command(found, args))
}

fn question(args: &CalibrateArgs) -> Option<String> {
    let line = Line::question().changes(&args.source);
    line.study(args.out.as_deref(), &[args.file()])
}

fn command(found: &Calibration, args: &CalibrateArgs) -> String {
    // Where it was interrupted, the replications that were run give the same generation.
    let budget = match found.method {
        Method::Simulation {
            ended: Ended::Interrupted,
            ..
        } => found.runs,
        _ => args.budget,
    };
    Line::new("calibrate")
        .flag("particles", args.particles)
        .flag("budget", budget)
        .flag("seed", args.source.seed)
        .source(&args.source)
        .files(&[args.file()])
}
