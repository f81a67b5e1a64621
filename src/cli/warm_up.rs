//! Whether the warm-up is long enough, in words, and `drawdown ensemble --warm-up auto`.

use std::num::NonZeroUsize;

use crate::cli::args::EnsembleArgs;
use crate::cli::exit::Exit;
use crate::cli::shell::Line;
use crate::cli::{Failure, paint, say, template, words};
use crate::experiment::parallel::with_threads;
use crate::experiment::warm_up::{over_warm_up, proposed};
use crate::kernel::random::Seed;
use crate::scenario::Scenario;

/// What there is to say of the warm-up: which pools have not settled in half of it, by so many replications at the most.
pub(super) fn note(
    scenario: &Scenario,
    seed: u64,
    (replications, threads): (usize, Option<NonZeroUsize>),
) -> Option<String> {
    let found = with_threads(threads, || over_warm_up(scenario, Seed(seed), replications));
    let short = found.iter().filter(|it| it.settled.is_none());
    let names: Vec<&str> = short.map(|it| &scenario[it.pool].name[..]).collect();
    let (first, others) = names.split_first()?;
    let others = match others.len() {
        0 => String::new(),
        n => format!(" and {}", words::counted(n, "other pool")),
    };
    Some(format!(
        "The warm-up is too short: the levels of {first}{others} depend on how they began for more than half of it \
         (MSER-5). `drawdown ensemble --warm-up auto` proposes a longer one."
    ))
}

/// Proposes a warm-up.
pub(super) fn propose(args: &EnsembleArgs) -> Result<Exit, Failure> {
    let template = template(&args.file, &args.source)?;
    let scenario = &template.base;
    if scenario.is_uncertain() {
        return Err(Failure::Message(
            "a warm-up is proposed for fixed values only".to_owned(),
        ));
    }
    let seed = Seed(args.source.seed);
    let found = with_threads(args.many.threads.number, || proposed(scenario, seed));
    let now = words::duration((scenario.setup.start.micros() as f64) / 1e6);
    let name = paint::title(&scenario.name);
    let text = match found {
        Some(length) => {
            let length = length.to_string();
            let line = Line::new("ensemble").flag("set", format!("clock.warm_up={length}"));
            let line = line.source(&args.source).files(&[&args.file]);
            format!(
                "{name}: a warm-up of {length} is enough; it is {now} now\n{}set it with: {line}\n",
                paint::prose(
                    "In the first half of it at the most, levels depend on how they began (MSER-5, without outages).\n"
                ),
            )
        }
        None => format!(
            "{name}: no warm-up is proposed; it is {now} now\n{}",
            paint::prose(
                "No pool has a demand and a target that are the same all the time and levels that settle within 60 days. \
                 Where demand varies over the day or the week, take at least one whole period, and the longest lease or \
                 retry.\n"
            ),
        ),
    };
    say(text.as_bytes())?;
    Ok(Exit::Answered)
}
