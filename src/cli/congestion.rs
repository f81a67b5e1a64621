//! `drawdown ensemble --rare --measure congested_at_s`: how long until a service is congested, where that is rare.

use crate::cli::args::EnsembleArgs;
use crate::cli::deliver::{deliver, open};
use crate::cli::ensemble_args::Rare;
use crate::cli::exit::Exit;
use crate::cli::finding::{self, Sentence};
use crate::cli::progress::Bar;
use crate::cli::rare::{command, study, trials};
use crate::cli::screen::{self, Glance, Screen};
use crate::cli::{Failure, template, words};
use crate::experiment::rare::{NoRareEvent, RareMethod};
use crate::experiment::rare_congestion::{CongestionTime, time_to_congestion};
use crate::kernel::random::Seed;
use crate::output::study::congestion;
use crate::output::study::header::Words;
use crate::output::study::rare::{estimate, plain_sample, probability};
use crate::scenario::Scenario;

/// The measure of which the mean is estimated.
const CONGESTED: &str = "congested_at_s";

/// Answers the command.
pub(crate) fn answer(args: &EnsembleArgs, how: Rare) -> Result<Exit, Failure> {
    refuse_others(args, how)?;
    let template = template(&args.file, &args.source)?;
    let scenario = &template.base;
    let folder = open(
        args.out.as_deref(),
        "congestion",
        study(args, how).as_deref(),
    )?;
    let seed = args.source.seed;
    let bar = Bar::new(2 * trials(args) as u64 * scenario.dependencies.len() as u64);
    let (mut found, mut refused) = (Vec::new(), Vec::new());
    for (id, name) in scenario
        .setup
        .dependencies
        .keys()
        .zip(&scenario.dependencies)
    {
        let many = (trials(args), args.many.threads.number);
        match time_to_congestion(scenario, id, many, Seed(seed), &bar) {
            Ok(it) => found.push((name.clone(), it)),
            Err(NoRareEvent::Unfit(reasons)) => refused.extend(reasons),
            Err(NoRareEvent::Interrupted) => {
                bar.end();
                let label = "interrupted: there is no estimate yet, and nothing was written";
                return Err(Failure::Message(label.to_owned()));
            }
        }
    }
    bar.end();
    if found.is_empty() {
        return Err(Failure::Message(no_estimate(&refused)));
    }
    let notes = notes(scenario, &found, &refused);
    let words = Words {
        findings: finding::plain(&sentences(&found)),
        notes: notes.clone(),
        reproduce: command(args, how),
        study: study(args, how),
    };
    let given = congestion::study(scenario, &found, seed, words);
    deliver(&given, folder, args.print.json, || {
        screen(scenario, &found, (args, how), notes).text()
    })?;
    Ok(Exit::Answered)
}

/// Refuses what cannot be asked of it.
fn refuse_others(args: &EnsembleArgs, how: Rare) -> Result<(), Failure> {
    let other = args.measures.iter().find(|name| **name != CONGESTED);
    let refused = match (other, &args.pool, how.method()) {
        (Some(other), ..) => format!(
            "`--measure {other}` cannot be used with `--rare`\n  help: `--rare` alone estimates how likely a lease fails, \
             and `--rare --measure {CONGESTED}` how long until a dependency is congested"
        ),
        (None, Some(_), _) => format!(
            "`--pool` cannot be used with `--rare --measure {CONGESTED}`\n  help: it is a measure of dependencies, each of \
             which is answered"
        ),
        (None, None, Some(RareMethod::Tilted)) => format!(
            "`--rare=tilted` cannot be used with `--measure {CONGESTED}`\n  help: leave the method out, or write \
             `--rare=splitting`"
        ),
        (None, None, _) => return Ok(()),
    };
    Err(Failure::Message(refused))
}

fn no_estimate(refused: &[String]) -> String {
    let why = match refused.is_empty() {
        true => "the scenario has no dependency".to_owned(),
        false => refused.join("; "),
    };
    format!(
        "the time to congestion cannot be estimated as that of a rare event: {why}\n  \
         help: the service must have a constant load, begin empty, and be changed by nothing else; \
         `--measure {CONGESTED}` without `--rare` has no such limits; nothing was written"
    )
}

/// The answers.
fn sentences(found: &[(String, CongestionTime)]) -> Vec<Sentence> {
    let each = found.iter().map(|(name, it)| {
        let label = match it.mean_s.point {
            None => "no trial became congested".to_owned(),
            Some(_) => format!(
                "congested after {} on average, from empty{}",
                congestion::length(it.mean_s),
                if it.doubts.is_empty() {
                    ""
                } else {
                    ", which is doubtful"
                }
            ),
        };
        (name.clone(), label)
    });
    each.collect()
}

/// What the estimates rest on.
fn notes(
    scenario: &Scenario,
    found: &[(String, CongestionTime)],
    refused: &[String],
) -> Vec<String> {
    let mut notes = vec![
        "By splitting on cycles: congested is a full queue, and a cycle begins and ends with no call in the queue and no \
         caller about to retry."
            .to_owned(),
    ];
    for (name, it) in found {
        let spent = words::separated(&it.trajectories.to_string());
        notes.push(format!(
            "{name}: {spent} trajectories, over {}; congested in {} of {}.",
            words::counted(it.levels.len() + 1, "level"),
            estimate(it.plain),
            plain_sample(it.plain.n).replace("replication", "plain cycle"),
        ));
        let length = scenario.length().seconds();
        notes.extend(it.mean_s.point.map(|mean_s| within(name, mean_s, length)));
        let doubts = it.doubts.iter();
        notes.extend(doubts.map(|doubt| format!("{name}: doubtful: {doubt}.")));
    }
    notes.extend(refused.iter().map(|why| format!("No estimate for {why}.")));
    notes
}

/// How likely it is in the measured time.
fn within(name: &str, mean_s: f64, length_s: f64) -> String {
    if mean_s <= length_s {
        return format!(
            "{name}: it is not rare: plain replications are enough, since the measured time is longer."
        );
    }
    let share = probability(-libm::expm1(-length_s / mean_s));
    let length = words::duration(length_s);
    format!(
        "{name}: a time to a rare event is nearly exponential (Keilson, 1979), so that the probability within {length} is \
         about {share}."
    )
}

fn screen(
    scenario: &Scenario,
    found: &[(String, CongestionTime)],
    (args, how): (&EnsembleArgs, Rare),
    notes: Vec<String>,
) -> Screen {
    let rows = found.iter().map(|(name, it)| {
        let cycle = [it.in_a_cycle, it.cycle_s];
        congestion::row(name, (it.mean_s, it.relative_error), cycle)
    });
    Screen {
        title: format!("{}: how long until a service is congested", scenario.name),
        table: Glance::new(congestion::COLUMNS, rows.map(Into::into).collect()),
        notes: notes.into_iter().chain(screen::assumed(scenario)).collect(),
        reproduce: command(args, how),
        answer: sentences(found),
        ..Screen::default()
    }
}
