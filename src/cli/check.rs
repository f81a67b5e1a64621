//! `drawdown check`: scenarios held to the published facts of their incidents.

use crate::cli::args::CheckArgs;
use crate::cli::exit::Exit;
use crate::cli::table::table;
use crate::cli::words;
use crate::cli::{Failure, load, say};
use crate::experiment::check::{Check, Figure, Verdict, check as hold};
use crate::kernel::random::Seed;
use crate::output::folder::Pending;
use crate::output::{json, junit};
use crate::scenario::Scenario;

/// Answers the command. Every file is read before the first replication of any.
pub(crate) fn check(args: &CheckArgs) -> Result<Exit, Failure> {
    let scenarios = load_all(args)?;
    let report = args.junit.as_deref().map(Pending::open).transpose()?;
    let seed = Seed(args.source.seed);
    let mut checks = Vec::new();
    for (file, scenario) in args.files.iter().zip(&scenarios) {
        let found = hold(scenario, args.many.replications(), seed);
        checks.push((file.display().to_string(), scenario.name.clone(), found));
    }
    if let Some(report) = report {
        report.write(&junit::report(&checks, |place, verdict| {
            told(&scenarios[place], verdict)
        }))?;
    }
    if args.json {
        say(&json::text(&json::checks(&checks, args.source.seed)))?;
    } else {
        let texts = scenarios.iter().zip(&checks);
        let text: String = texts
            .map(|(scenario, (file, _, found))| one(scenario, file, found))
            .collect();
        say((text + &verdict(&checks, args)).as_bytes())?;
    }
    let holds = checks.iter().all(|(_, _, check)| check.holds());
    Ok(if holds { Exit::Answered } else { Exit::No })
}

fn load_all(args: &CheckArgs) -> Result<Vec<Scenario>, Failure> {
    let (mut scenarios, mut wrong) = (Vec::new(), Vec::new());
    for file in &args.files {
        match load(file, &args.source) {
            Ok(scenario) if scenario.has_facts() => scenarios.push(scenario),
            Ok(_) => wrong.push(format!(
                "{}: nothing is published here to hold it to
  help: add facts under `observed:`",
                file.display()
            )),
            Err(Failure::Told(message)) => wrong.push(message),
            Err(failure) => return Err(failure),
        }
    }
    if wrong.is_empty() {
        Ok(scenarios)
    } else {
        Err(Failure::Told(wrong.join("\n\n")))
    }
}

fn one(scenario: &Scenario, file: &str, check: &Check) -> String {
    let mut text = format!("{} ({file}), {} replications\n", scenario.name, check.n);
    let groups = [
        (
            true,
            "Fitted: these figures shaped the scenario, so that it meets them proves nothing",
        ),
        (
            false,
            "Held out: these figures did not shape the scenario, and count as evidence",
        ),
    ];
    for (fitted, title) in groups {
        let verdicts: Vec<&Verdict> = check
            .verdicts
            .iter()
            .filter(|verdict| verdict.fitted == fitted)
            .collect();
        if !verdicts.is_empty() {
            text += &format!("\n{title}\n{}", facts(scenario, &verdicts));
        }
    }
    let missed: Vec<&Verdict> = check
        .verdicts
        .iter()
        .filter(|verdict| !verdict.holds())
        .collect();
    for verdict in missed {
        text += &format!("\n{}\n", told(scenario, verdict));
    }
    text + "\n"
}

fn facts(scenario: &Scenario, verdicts: &[&Verdict]) -> String {
    let header = [
        "fact",
        "published",
        "expected value",
        "5 %",
        "median",
        "95 %",
        "struck",
        "",
        "source",
    ];
    let rows: Vec<Vec<String>> = verdicts
        .iter()
        .map(|verdict| {
            let figure = |value| shown(scenario, verdict.figure, value);
            let summary = &verdict.ensemble;
            let [low, median, high] = summary.quantiles.map(|quantile| figure(quantile.point));
            let (published, even) = (claimed(scenario, verdict), figure(verdict.expected_value));
            let struck = match verdict.figure {
                Figure::Tenants => String::new(),
                _ => words::some(summary.present.point, "share"),
            };
            let holds = if verdict.holds() { "holds" } else { "MISSED" };
            let (name, source) = (verdict.name.clone(), verdict.source.clone());
            vec![
                name,
                published,
                even,
                low,
                median,
                high,
                struck,
                holds.to_owned(),
                source,
            ]
        })
        .collect();
    table(
        &header,
        &[
            "published",
            "expected value",
            "5 %",
            "median",
            "95 %",
            "struck",
        ],
        &rows,
    )
}

/// What was published of a fact.
fn claimed(scenario: &Scenario, verdict: &Verdict) -> String {
    let figure = shown(scenario, verdict.figure, Some(verdict.published));
    match verdict.figure {
        Figure::NotBefore => format!("not before {figure}"),
        Figure::By => format!("by {figure}"),
        Figure::Duration | Figure::Instant | Figure::Tenants => figure,
    }
}

fn shown(scenario: &Scenario, figure: Figure, value: Option<f64>) -> String {
    match figure {
        Figure::Duration => words::some(value, "s"),
        Figure::Tenants => words::some(value, "tenants"),
        Figure::Instant | Figure::NotBefore | Figure::By => value.map_or_else(
            || words::NONE.to_owned(),
            |seconds| words::clock(scenario, scenario.instant_at(seconds)),
        ),
    }
}

/// What became of a fact, in a sentence.
fn told(scenario: &Scenario, verdict: &Verdict) -> String {
    let figure = |value| shown(scenario, verdict.figure, value);
    let [low, median, high] = verdict
        .ensemble
        .quantiles
        .map(|quantile| figure(quantile.point));
    let mut text = format!(
        "{}: published {}; simulated {} in the expected-value replay, median {median} (90 % from \
         {low} to {high}) in the ensemble",
        verdict.name,
        claimed(scenario, verdict),
        figure(verdict.expected_value),
    );
    for criterion in &verdict.criteria {
        let mark = if criterion.holds { "holds " } else { "missed" };
        text += &format!("\n  {mark}  {}", criterion.asked);
    }
    text
}

fn verdict(checks: &[(String, String, Check)], args: &CheckArgs) -> String {
    let count = |fitted: bool, holds: bool| {
        let verdicts = checks.iter().flat_map(|(_, _, check)| &check.verdicts);
        let counted = verdicts.filter(|it| it.fitted == fitted && it.holds() == holds);
        counted.count()
    };
    let files: Vec<String> = checks.iter().map(|(file, _, _)| file.clone()).collect();
    format!(
        "fitted facts: {} hold, {} missed; held-out facts: {} hold, {} missed\n\
         reproduce: drawdown check --replications {} --seed {}{} {}\n",
        count(true, true),
        count(true, false),
        count(false, true),
        count(false, false),
        args.many.replications,
        args.source.seed,
        args.source.flags(),
        files.join(" "),
    )
}
