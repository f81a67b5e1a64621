//! `drawdown check`: scenarios held to the published facts of their incidents. A file that states no
//! fact counts neither for nor against; where no file states one, nothing was checked, and the exit code
//! is 2. A JUnit report is written in any case.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::cli::args::CheckArgs;
use crate::cli::evidence;
use crate::cli::exit::Exit;
use crate::cli::finding::Sentence;
use crate::cli::progress::Bar;
use crate::cli::screen::{Glance, Screen};
use crate::cli::shell::Line;
use crate::cli::table::table;
use crate::cli::words;
use crate::cli::{Failure, finding, load, name_of, paint, remark, say};
use crate::experiment::check::{Checked, Figure, Verdict, check_with};
use crate::kernel::random::Seed;
use crate::output::folder::{OutputError, Pending};
use crate::output::junit::Found;
use crate::output::{json, junit};
use crate::scenario::Scenario;

/// What is said of a file without facts.
const NO_FACTS: &str = "states no facts; nothing to hold it to";

/// Answers the command. A file that is invalid keeps no other from being checked.
pub(crate) fn check(args: &CheckArgs) -> Result<Exit, Failure> {
    let report = args.junit.as_deref().map(Pending::open).transpose()?;
    let record = args.evidence.as_deref().map(Pending::open).transpose()?;
    let read = read(args)?;
    let bar = Bar::new((args.many.replications().count.get() * read.len()) as u64);
    let results: Vec<_> = args
        .files
        .iter()
        .zip(&read)
        .map(|(file, read)| match read {
            Ok(scenario) => timed(file, scenario, (args, &bar)),
            Err(wrong) => Err(wrong.clone()),
        })
        .collect();
    bar.end();
    let found = results.iter().map(|result| match result {
        Ok((checked, took)) => Found::Checked(checked, *took),
        Err(wrong) => Found::Invalid(wrong),
    });
    write(report, args, found)?;
    let wrong = results.iter().filter_map(|it| it.as_ref().err());
    let wrong: Vec<String> = wrong.cloned().collect();
    let checked: Vec<Checked<'_>> = results.into_iter().flatten().map(|(it, _)| it).collect();
    if let (Some(record), Some(path)) = (record, &args.evidence) {
        record.write(evidence::text(&checked, args).as_bytes())?;
        remark(&format!("wrote {}", path.display()));
    }
    if checked.iter().any(|checked| checked.check.is_some()) {
        answer(&checked, args)?;
    } else if wrong.is_empty() {
        return Err(Failure::Message(no_facts(args)));
    }
    if !wrong.is_empty() {
        return Err(Failure::Message(wrong.join("\n\n")));
    }
    let mut checks = checked.iter().filter_map(|checked| checked.check.as_ref());
    let holds = checks.all(|check| check.holds());
    Ok(if holds { Exit::Answered } else { Exit::No })
}

/// Checks a scenario, and says how long that took. Nothing is judged by fewer replications than were asked for.
fn timed<'a>(
    file: &Path,
    scenario: &'a Scenario,
    (args, bar): (&CheckArgs, &Bar),
) -> Result<(Checked<'a>, Duration), String> {
    let begun = now();
    let replications = args.many.replications();
    let check = || check_with(scenario, replications, Seed(args.source.seed), bar);
    let check = scenario.has_facts().then(check);
    let (name, asked) = (name_of(file), replications.count.get());
    match check {
        Some(check) if check.n < asked => Err(format!(
            "{name}: interrupted after {} of {asked} replications; not checked",
            check.n
        )),
        check => Ok((
            Checked {
                file: name,
                scenario,
                check,
            },
            now() - begun,
        )),
    }
}

/// Prints what became of the facts.
fn answer(checked: &[Checked<'_>], args: &CheckArgs) -> Result<(), Failure> {
    if args.print.json {
        return say(&json::text(&json::checks(checked, args.source.seed)));
    }
    if !args.print.all {
        return say(coloured(&screen(checked, args).text()).as_bytes());
    }
    let each: String = checked.iter().map(one).collect();
    let text = format!("{}\n{each}", finding::of_check(checked));
    say((text + &verdict(checked, args)).as_bytes())
}

/// How many facts hold, and which do not.
fn verdicts_in_words(checked: &[Checked<'_>]) -> Vec<Sentence> {
    let verdicts = |fitted: bool| {
        let checks = checked.iter().filter_map(|checked| checked.check.as_ref());
        let verdicts = checks.flat_map(|check| &check.verdicts);
        verdicts.filter(move |it| it.fitted == fitted)
    };
    let answer = [(true, "fitted"), (false, "held-out")].map(|(fitted, name)| {
        let holds = verdicts(fitted).filter(|it| it.holds()).count();
        let n = verdicts(fitted).count();
        let missed: Vec<&str> = verdicts(fitted)
            .filter(|it| !it.holds())
            .map(|it| it.name.as_str())
            .collect();
        let said = match (n, &missed[..]) {
            (0, _) => "no such facts".to_owned(),
            (_, []) => format!("every fact holds ({holds} of {n})"),
            (_, missed) => format!("{} of {n} missed ({})", missed.len(), missed.join(", ")),
        };
        (format!("{name} facts"), said)
    });
    answer.into()
}

/// The facts at a glance, the missed ones first.
fn screen(checked: &[Checked<'_>], args: &CheckArgs) -> Screen {
    let mut rows = Vec::new();
    let mut notes = Vec::new();
    for it in checked {
        let Some(check) = &it.check else {
            notes.push(format!("{}: {NO_FACTS}.", it.file));
            continue;
        };
        for verdict in &check.verdicts {
            let figure = |value| shown(it.scenario, verdict.figure, value);
            rows.push(vec![
                verdict.name.clone(),
                it.scenario.name.clone(),
                claimed(it.scenario, verdict),
                figure(verdict.expected_value),
                figure(verdict.ensemble.quantiles[1].point),
                if verdict.fitted { "fitted" } else { "held out" }.to_owned(),
                if verdict.holds() { "holds" } else { "MISSED" }.to_owned(),
            ]);
        }
    }
    rows.sort_by_key(|row| row[6] == "holds");
    let header = [
        "fact",
        "scenario",
        "published",
        "expected",
        "median",
        "use",
        "",
    ];
    let mut table = Glance::new(header, rows);
    if let [_] = checked {
        table.header.remove(1);
        table.rows.iter_mut().for_each(|row| drop(row.remove(1)));
    }
    let replications = words::counted(args.many.replications().count.get(), "replication");
    Screen {
        title: format!(
            "{}: {replications}",
            words::counted(checked.len(), "scenario")
        ),
        table,
        notes,
        reproduce: reproduced(args),
        answer: verdicts_in_words(checked),
        ..Screen::default()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a report for continuous integration says how long its cases took"
)]
fn now() -> Instant {
    Instant::now()
}

/// Each file: its scenario, or what is wrong with it.
fn read(args: &CheckArgs) -> Result<Vec<Result<Scenario, String>>, Failure> {
    let read = args
        .files
        .iter()
        .map(|file| match load(file, &args.source) {
            Ok(scenario) => Ok(Ok(scenario)),
            Err(Failure::Message(message)) => Ok(Err(message)),
            Err(failure) => Err(failure),
        });
    read.collect()
}

/// What is said where no file states a fact.
fn no_facts(args: &CheckArgs) -> String {
    let files = args.files.iter().map(|file| name_of(file));
    let files = files.collect::<Vec<_>>().join(", ");
    format!("{files}: {NO_FACTS}\n  help: add facts under `observed:`")
}

/// Writes the JUnit report, if one is asked for, and says so.
fn write<'a>(
    report: Option<Pending>,
    args: &CheckArgs,
    found: impl Iterator<Item = Found<'a>>,
) -> Result<(), OutputError> {
    let Some(report) = report else {
        return Ok(());
    };
    let files = args.files.iter().map(|file| name_of(file));
    report.write(&junit::report(files.zip(found), describe))?;
    if let Some(path) = &args.junit {
        remark(&format!("wrote {}", path.display()));
    }
    Ok(())
}

fn one(checked: &Checked<'_>) -> String {
    let (scenario, file) = (checked.scenario, &checked.file);
    let Some(check) = &checked.check else {
        return format!("{} ({file}): {NO_FACTS}\n\n", scenario.name);
    };
    let name = paint::title(&scenario.name);
    let n = words::counted(check.n, "replication");
    let mut text = format!("{name} ({file}), {n}\n");
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
            let (title, facts) = (
                paint::finding(&paint::prose(title)),
                facts(scenario, &verdicts),
            );
            text += &format!("\n{title}\n{}", coloured(&facts));
        }
    }
    let missed: Vec<&Verdict> = check
        .verdicts
        .iter()
        .filter(|verdict| !verdict.holds())
        .collect();
    for verdict in missed {
        let label = describe(scenario, verdict);
        let lines: Vec<String> = label.lines().map(paint::prose).collect();
        text += &coloured(&format!("\n{}\n", lines.join("\n")));
    }
    text + "\n"
}

/// Verdicts in their colours. They are painted once they are laid out, where an escape code takes no
/// room any more. Only a column stands so far from what is left of it, only a verdict begins a line.
fn coloured(text: &str) -> String {
    let (holds, missed) = (paint::good("holds"), paint::bad("MISSED"));
    let text = text.replace("   holds", &format!("   {holds}"));
    let text = text.replace("   MISSED", &format!("   {missed}"));
    let text = text.replace("\n  holds ", &format!("\n  {holds} "));
    text.replace("\n  missed ", &format!("\n  {} ", paint::bad("missed")))
}

fn facts(scenario: &Scenario, verdicts: &[&Verdict]) -> String {
    let n = verdicts.first().map_or(0, |it| it.ensemble.present.n);
    let [least, most] = words::ends(n);
    let header = [
        "fact",
        "published",
        "expected value",
        least,
        "median",
        most,
        "occurs",
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
            let occurs = match verdict.figure {
                figure if !figure.is_of_event() => String::new(),
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
                occurs,
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
            least,
            "median",
            most,
            "occurs",
        ],
        &rows,
    )
}

/// What was published of a fact.
pub(crate) fn claimed(scenario: &Scenario, verdict: &Verdict) -> String {
    let figure = shown(scenario, verdict.figure, Some(verdict.published));
    match verdict.figure {
        Figure::NotBefore => format!("not before {figure}"),
        Figure::By => format!("by {figure}"),
        _ => format!("{}{figure}", verdict.bound.words()),
    }
}

pub(crate) fn shown(scenario: &Scenario, figure: Figure, value: Option<f64>) -> String {
    match figure {
        Figure::Duration
        | Figure::Tenants
        | Figure::Requests
        | Figure::Share
        | Figure::Workers
        | Figure::Time => words::some(value, figure.unit()),
        Figure::Instant | Figure::NotBefore | Figure::By => value.map_or_else(
            || words::NONE.to_owned(),
            |seconds| words::clock(scenario, scenario.instant_at(seconds)),
        ),
    }
}

/// What became of a fact, in a sentence.
fn describe(scenario: &Scenario, verdict: &Verdict) -> String {
    let figure = |value| shown(scenario, verdict.figure, value);
    let [low, median, high] = verdict
        .ensemble
        .quantiles
        .map(|quantile| figure(quantile.point));
    let spread = words::between(&low, &high, verdict.ensemble.present.n);
    let mut text = format!(
        "{}: published {}; simulated {} in the expected-value replay, median {median} ({spread}) in \
         the ensemble",
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

/// The command that checks the same.
pub(crate) fn reproduced(args: &CheckArgs) -> String {
    let files: Vec<&Path> = args.files.iter().map(PathBuf::as_path).collect();
    Line::new("check")
        .flag("replications", args.many.replications().count)
        .flag("seed", args.source.seed)
        .source(&args.source)
        .files(&files)
}

fn verdict(checked: &[Checked<'_>], args: &CheckArgs) -> String {
    let count = |fitted: bool, holds: bool| {
        let checks = checked.iter().filter_map(|checked| checked.check.as_ref());
        let verdicts = checks.flat_map(|check| &check.verdicts);
        let counted = verdicts.filter(|it| it.fitted == fitted && it.holds() == holds);
        counted.count()
    };
    let reproduce = reproduced(args);
    format!(
        "fitted facts: {} hold, {} missed; held-out facts: {} hold, {} missed\n\
         reproduce: {reproduce}\n",
        count(true, true),
        count(true, false),
        count(false, true),
        count(false, false),
    )
}
