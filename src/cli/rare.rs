//! `drawdown ensemble --rare`: the probability of a failed lease, where that is rare.

use std::num::NonZeroUsize;

use crate::cli::args::EnsembleArgs;
use crate::cli::deliver::{deliver, open};
use crate::cli::ensemble_args::Rare;
use crate::cli::exit::Exit;
use crate::cli::finding::{self, Sentence};
use crate::cli::progress::Bar;
use crate::cli::screen::{self, Glance, Screen};
use crate::cli::shell::Line;
use crate::cli::{Failure, congestion, paint, place_of, template, words};
use crate::experiment::rare::{NoRareEvent, RareEvent, RareMethod, RareQuestion, rare_event_with};
use crate::kernel::random::Seed;
use crate::output::study::header::Words;
use crate::output::study::rare;
use crate::scenario::Scenario;

/// Trials by default.
const TRIALS: usize = 20_000;

/// Plain replications with the event from which the plain estimate is as good.
const PLAIN_ENOUGH: f64 = 100.0;

/// Answers the command.
pub(crate) fn answer(args: &EnsembleArgs, how: Rare) -> Result<Exit, Failure> {
    if !args.measures.is_empty() {
        return congestion::answer(args, how);
    }
    let template = template(&args.file, &args.source)?;
    let scenario = &template.base;
    let folder = open(args.out.as_deref(), "rare", study(args, how).as_deref())?;
    let pool = args.pool.as_ref().map(|name| place_of(scenario, name));
    let pool = pool.transpose()?;
    let question = RareQuestion {
        method: how.method(),
        threads: args.many.threads.number,
        ..RareQuestion::new(pool.map(Into::into), trials(args))
    };
    let seed = args.source.seed;
    let bar = Bar::new(2 * question.trials as u64);
    let found = rare_event_with(scenario, question, Seed(seed), &bar);
    bar.end();
    let found = found.map_err(|why| Failure::Message(refused(&why)))?;
    let words = Words {
        findings: finding::plain(&[sentence(scenario, &found, args)]),
        notes: notes(&found),
        reproduce: command(args, how),
        study: study(args, how),
    };
    let given = rare::study(scenario, &found, (args.pool.as_deref(), seed), words);
    deliver(&given, folder, args.print.json, || {
        let text = screen(scenario, &found, (args, how)).text();
        match args.print.all {
            true => details(&found) + &text,
            false => text,
        }
    })?;
    Ok(Exit::Answered)
}

/// Trials that are asked for.
pub(super) fn trials(args: &EnsembleArgs) -> usize {
    args.many.replications.map_or(TRIALS, NonZeroUsize::get)
}

fn refused(why: &NoRareEvent) -> String {
    match why {
        NoRareEvent::Interrupted => {
            "interrupted: there is no estimate yet, and nothing was written".to_owned()
        }
        why => format!(
            "this probability cannot be estimated as that of a rare event: {why}\n  \
             help: without `--rare`, replications bound it from above by about 3 divided by their number; nothing was written"
        ),
    }
}

/// The answer.
fn sentence(scenario: &Scenario, found: &RareEvent, args: &EnsembleArgs) -> Sentence {
    let place = match &args.pool {
        Some(pool) => pool.clone(),
        None if scenario.pools.len() == 1 => scenario.pools[0].name.clone(),
        None => "any pool".to_owned(),
    };
    let label = match (found.relative_error, found.doubts.is_empty()) {
        (None, _) => format!(
            "no trial had a failed lease; by {} the probability is below {}",
            rare::plain_sample(found.plain.n),
            found
                .plain
                .high
                .map_or(words::NONE.to_owned(), rare::probability)
        ),
        (Some(_), sure) => format!(
            "a lease fails with a probability of {}{}",
            rare::estimate(found.probability),
            if sure { "" } else { ", which is doubtful" }
        ),
    };
    (place, label)
}

/// What the estimate rests on.
fn notes(found: &RareEvent) -> Vec<String> {
    let method = match found.method {
        RareMethod::Tilted => {
            let factor = words::number(found.tilt.unwrap_or(1.0));
            format!(
                "By tilted sampling, with {factor} times the demand in the outage: {}.",
                found.why
            )
        }
        RareMethod::Splitting => format!(
            "By splitting, over {}: {}.",
            words::counted(found.levels.len() + 1, "level"),
            found.why
        ),
    };
    let spent = words::separated(&found.trajectories.to_string());
    let spent = format!("{spent} trajectories were simulated.");
    let hits = found.plain.point.unwrap_or(0.0) * found.plain.n as f64;
    let apart =
        found.plain.high < found.probability.low || found.probability.high < found.plain.low;
    let apart = apart && found.probability.low.is_some();
    let checks = [
        (0.0 < hits && apart)
            .then(|| "Plain replications disagree: their interval does not overlap.".to_owned()),
        (PLAIN_ENOUGH <= hits).then(|| "It is not rare: plain replications are enough.".to_owned()),
    ];
    let doubts = found
        .doubts
        .iter()
        .map(|doubt| format!("Doubtful: {doubt}."));
    let all = [format!("{method} {spent}")].into_iter().chain(doubts);
    all.chain(checks.into_iter().flatten()).collect()
}

fn screen(scenario: &Scenario, found: &RareEvent, (args, how): (&EnsembleArgs, Rare)) -> Screen {
    let estimates = (found.probability, found.relative_error, found.plain);
    let rows = rare::rows(found.method, estimates).map(Into::into);
    Screen {
        title: format!("{}: how likely a lease fails", scenario.name),
        table: Glance::new(rare::COLUMNS, rows.into()),
        notes: notes(found)
            .into_iter()
            .chain(screen::assumed(scenario))
            .collect(),
        reproduce: command(args, how),
        answer: vec![sentence(scenario, found, args)],
        ..Screen::default()
    }
}

/// Levels and repeats.
fn details(found: &RareEvent) -> String {
    let list = |name: &str, values: Vec<String>| match values.is_empty() {
        true => String::new(),
        false => format!("{name}: {}\n", values.join(" ")),
    };
    let levels = found.levels.iter().map(|it| format!("{it:.2}")).collect();
    let repeats = found.repeats.iter().map(|it| format!("{it:.2e}")).collect();
    let text = list("levels of importance", levels) + &list("repeats", repeats);
    paint::prose(&text)
}

pub(super) fn study(args: &EnsembleArgs, how: Rare) -> Option<String> {
    let question = Line::question().flag("rare", how.name());
    let question = question
        .flags("measure", &args.measures)
        .flags("pool", &args.pool)
        .changes(&args.source);
    question.study(args.out.as_deref(), &[&args.file])
}

pub(super) fn command(args: &EnsembleArgs, how: Rare) -> String {
    let line = Line::new("ensemble");
    let line = match how {
        Rare::Auto => line.switch("rare"),
        how => line.switch(&format!("rare={}", how.name())),
    };
    let line = line.flag("replications", trials(args));
    let line = line
        .flags("measure", &args.measures)
        .flags("pool", &args.pool)
        .flag("seed", args.source.seed);
    line.source(&args.source).files(&[&args.file])
}
