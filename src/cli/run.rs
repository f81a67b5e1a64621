//! `drawdown run`: the story of one replication.

use std::cmp::Ordering;

use crate::cli::args::RunArgs;
use crate::cli::deliver::{deliver, open};
use crate::cli::exit::Exit;
use crate::cli::screen::{self, Glance, SERVED, Screen, shown_pools};
use crate::cli::shell::Line;
use crate::cli::table::table;
use crate::cli::{Failure, finding, load, paint, plot, say};
use crate::cli::{trace, warm_up, watch, words};
use crate::experiment::class_measures::CLASS_MEASURES;
use crate::experiment::measure::{MEASURES, Measure, Subject};
use crate::experiment::names::Role;
use crate::experiment::run::{Outcome, expected_value, run as simulate};
use crate::experiment::timeline::timeline;
use crate::kernel::event_loop::Ended;
use crate::kernel::random::Seed;
use crate::output::json;
use crate::output::study::header::Words;
use crate::output::study::run;
use crate::scenario::Scenario;

/// What an expected-value replay does not show.
const EVEN: &str = "Expected-value replay, every chance at its mean. Chance makes small stocks worse; see \
                    `drawdown ensemble`.";

/// Answers the command.
pub(crate) fn answer(args: &RunArgs) -> Result<Exit, Failure> {
    if args.watch {
        return play(args);
    }
    let scenario = load(&args.file, &args.source)?;
    let folder = open(args.out.as_deref(), "run", study(args).as_deref())?;
    let outcome = if args.course.expected_value {
        expected_value(&scenario)
    } else {
        simulate(&scenario, Seed(args.source.seed), args.course.replication)
    };
    let short = short(&scenario, args);
    let mut words = words_of(&scenario, &outcome, args);
    words.notes.extend(short.clone());
    let given = run::study(&scenario, &outcome, words, &named(args));
    deliver(&given, folder, args.print.json, || match args.print.all {
        true => story(&scenario, &outcome, (args, short.as_deref())),
        false => {
            let mut screen = screen(&scenario, &outcome, args);
            screen.notes.extend(short.clone());
            screen.text()
        }
    })?;
    Ok(Exit::Answered)
}

/// Replications by which the warm-up is judged: one alone could not tell a trend from chance.
const WARM_UPS: usize = 10;

/// What there is to say of the warm-up. A replay without chance has no levels that settle.
fn short(scenario: &Scenario, args: &RunArgs) -> Option<String> {
    let judged = !args.course.expected_value;
    judged
        .then(|| warm_up::note(scenario, args.source.seed, (WARM_UPS, None)))
        .flatten()
}

/// Which replication it is, and what it says of each pool.
fn findings(scenario: &Scenario, outcome: &Outcome, args: &RunArgs) -> Vec<String> {
    let pools = finding::plain(&finding::of_run(scenario, outcome));
    std::iter::once(course(args)).chain(pools).collect()
}

/// Which of many possible courses is shown.
fn course(args: &RunArgs) -> String {
    match args.course.expected_value {
        true => EVEN.to_owned(),
        false => format!(
            "One random replication (seed {}, number {}); `drawdown ensemble` shows what is usual.",
            args.source.seed, args.course.replication
        ),
    }
}

/// What is said of the results.
fn words_of(scenario: &Scenario, outcome: &Outcome, args: &RunArgs) -> Words {
    let mut notes: Vec<String> = spent(outcome).map(str::to_owned).into_iter().collect();
    notes.extend(incident(outcome).map(since_outage));
    Words {
        findings: findings(scenario, outcome, args),
        notes,
        reproduce: command(args),
        study: study(args),
    }
}

/// What there is to say where a replication did not come to its end.
fn spent(outcome: &Outcome) -> Option<&'static str> {
    let label = "The budget of events was spent before the horizon; figures cover the time before.";
    (outcome.ended == Ended::BudgetSpent).then_some(label)
}

/// Which replication charts show.
fn named(args: &RunArgs) -> String {
    match args.course.expected_value {
        true => "every chance at its mean".to_owned(),
        false => format!(
            "one replication: seed {}, number {}",
            args.source.seed, args.course.replication
        ),
    }
}

/// Plays it on the terminal.
fn play(args: &RunArgs) -> Result<Exit, Failure> {
    watch::refuse_without_terminal()?;
    let scenario = load(&args.file, &args.source)?;
    let trace = trace::recorded(&scenario, &args.source, &args.course);
    watch::watch(&scenario, &trace, args.pace)?;
    say(format!("reproduce: {}\n", command(args)).as_bytes())?;
    Ok(Exit::Answered)
}

/// Which of many possible replications a screen shows.
fn titled(args: &RunArgs) -> String {
    match args.course.expected_value {
        true => "expected-value replay, every chance at its mean".to_owned(),
        false => format!(
            "one random replication (seed {}, number {})",
            args.source.seed, args.course.replication
        ),
    }
}

/// The replication at a glance.
fn screen(scenario: &Scenario, outcome: &Outcome, args: &RunArgs) -> Screen {
    let figure = |pool: usize, name: &str| outcome.figure(pool, name);
    let count = |pool: usize, name: &str| figure(pool, name).unwrap_or(0.0);
    let (touched, left_out) = shown_pools(scenario, |pool| {
        let fails = 0.0 < count(pool, "outages") + count(pool, "failed_leases");
        fails || figure(pool, "hit_rate").is_some_and(|hits| hits < SERVED)
    });
    // A standby that never opened has nothing to show.
    let opened = |pool: &usize| figure(*pool, "empty_s").is_some();
    let touched: Vec<usize> = touched.into_iter().filter(opened).collect();
    let mut table = figures(scenario, outcome, &touched);
    table.left_out = left_out;
    let mut notes: Vec<String> = spent(outcome).map(str::to_owned).into_iter().collect();
    let people = incident(outcome).map(|times| format!("After the outage began: {times}"));
    notes.extend(people);
    notes.extend(screen::assumed(scenario));
    Screen {
        title: format!("{}: {}", scenario.name, titled(args)),
        plot: worst_hit(scenario, outcome, &touched),
        table: table.without_empty(&[words::NONE, "0"]),
        notes,
        reproduce: command(args),
        next: Some(next(args)),
        answer: finding::of_run(scenario, outcome),
    }
}

/// The ready level of the pool that is hit hardest.
fn worst_hit(scenario: &Scenario, outcome: &Outcome, pools: &[usize]) -> String {
    let count = |pool: usize, name: &str| outcome.figure(pool, name).unwrap_or(0.0);
    let worst = pools.iter().copied().max_by(|one, other| {
        let hurt = |pool: usize| (count(pool, "failed_leases"), -count(pool, "ready_min"));
        let (one, other) = (hurt(*one), hurt(*other));
        one.partial_cmp(&other).unwrap_or(Ordering::Equal)
    });
    worst.map_or_else(String::new, |pool| {
        let target = words::target(scenario.target_limits(pool));
        let name = &scenario.pools[pool].name;
        format!(
            "Ready workers of {name}, {target} ({} outage)\n{}",
            paint::outage("░"),
            plot::level(scenario, outcome, pool)
        )
    })
}

/// What happened to each of some pools.
fn figures(scenario: &Scenario, outcome: &Outcome, pools: &[usize]) -> Glance {
    let columns = [
        ("failed leases", "failed_leases", "requests"),
        ("tenants hurt", "tenants_impacted", "tenants"),
        ("delayed", "delayed_leases", "requests"),
        ("longest wait", "wait_max_s", "s"),
        ("lowest ready", "ready_min", "workers"),
        ("time empty", "empty_s", "s"),
        ("90% back after", "recovered_90_after_s", "s"),
    ];
    let row = |pool: &usize| {
        let name = std::iter::once(scenario.pools[*pool].name.clone());
        let cells =
            columns.map(|(_, measure, unit)| words::some(outcome.figure(*pool, measure), unit));
        name.chain(cells).collect()
    };
    let header = std::iter::once("pool").chain(columns.map(|(name, ..)| name));
    Glance::new(header, pools.iter().map(row).collect())
}

/// A command to try next.
fn next(args: &RunArgs) -> String {
    Line::new("ensemble")
        .source(&args.source)
        .files(&[&args.file])
}

fn story(
    scenario: &Scenario,
    outcome: &Outcome,
    (args, short): (&RunArgs, Option<&str>),
) -> String {
    let mut text = paint::title(&format!("{}\n", scenario.name));
    if let Some(question) = &scenario.question {
        text += &(paint::prose(question) + "\n");
    }
    text += "\n";
    text += &format!("{}\n", paint::prose(&course(args)));
    text += &finding::aligned(&finding::of_run(scenario, outcome));
    if let Some(spent) = spent(outcome) {
        text += &format!("{spent}\n");
    }
    if let Some(label) = incident(outcome).map(since_outage) {
        text += &(paint::prose(&format!("  {label}")) + "\n");
    }
    if let Some(short) = short {
        text += &(paint::prose(short) + "\n");
    }
    text += &paint::title("\nTimeline (UTC)\n");
    text += &moments(scenario, outcome);
    let ready = paint::title("Ready workers");
    text += &format!("\n{ready} ({} outage)\n", paint::outage("░"));
    for (place, pool) in scenario.pools.iter().enumerate() {
        let target = words::target(scenario.target_limits(place));
        let asleep = finding::never_opened(outcome.figure(place, "empty_s"));
        text += &format!("\n  {}, {target}{asleep}\n", pool.name);
        text += &plot::level(scenario, outcome, place);
    }
    for (place, name) in scenario.dependencies.iter().enumerate() {
        text += &paint::title(&format!("\nCalls to {name}\n"));
        text += &plot::dependency(scenario, outcome, place);
    }
    let counted = "(times after the first failed provisioning, recoveries after the outage)";
    let summarised = paint::prose(&format!("Summary {counted}"));
    text += &format!(
        "\n{}\n",
        summarised.replacen("Summary", &paint::title("Summary"), 1)
    );
    text += &summary(scenario, outcome);
    if !scenario.classes.is_empty() {
        text += &format!("\n{}", classes(scenario, outcome));
    }
    text += &assumed(scenario);
    let digest = json::digest(outcome.digest);
    text += &paint::dim(&format!("\n{} events, digest {digest}\n", outcome.events));
    text += &paint::dim(&format!("reproduce: {}\n", command(args)));
    text
}

/// How long it took people to come how far, where there are people.
fn incident(outcome: &Outcome) -> Option<String> {
    let label = ["detected", "declared", "mitigated", "resolved"].map(|milestone| {
        let after = outcome.figure_of_incident(&format!("{milestone}_after_s"))?;
        Some(format!("{milestone} {}", words::duration(after)))
    });
    let label: Vec<String> = label.into_iter().flatten().collect();
    (!label.is_empty()).then(|| label.join(", "))
}

/// The same, as a sentence of its own.
fn since_outage(times: String) -> String {
    format!("incident: {times} after the outage began")
}

fn moments(scenario: &Scenario, outcome: &Outcome) -> String {
    let clock = |at: Option<_>| at.map_or_else(String::new, |at| words::clock(scenario, at));
    let rows: Vec<Vec<String>> = timeline(scenario, outcome)
        .into_iter()
        .map(|moment| {
            let apart = match (moment.published, moment.simulated) {
                (Some(published), Some(simulated)) => {
                    let seconds = simulated.seconds_since(published);
                    words::apart(seconds)
                }
                _ => String::new(),
            };
            let role = match moment.fitted {
                Some(true) => "fitted",
                Some(false) => "held out",
                None => "",
            };
            let (published, simulated) = (clock(moment.published), clock(moment.simulated));
            vec![published, simulated, apart, moment.what, role.to_owned()]
        })
        .collect();
    let header = ["published", "simulated", "apart", "what", ""];
    table(&header, &["published", "simulated", "apart"], &rows)
}

fn summary(scenario: &Scenario, outcome: &Outcome) -> String {
    let mut header = vec![""];
    header.extend(scenario.pools.iter().map(|pool| pool.name.as_str()));
    let pools: Vec<Subject> = (0..scenario.pools.len()).map(Subject::Pool).collect();
    let rows = shown(MEASURES, &pools, outcome);
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|(measure, values)| {
            let name = std::iter::once(measure.name.to_owned());
            name.chain(values).collect()
        })
        .collect();
    table(&header, &header[1..], &rows)
}

/// A row for each demand class.
fn classes(scenario: &Scenario, outcome: &Outcome) -> String {
    let names = scenario.classes.iter().map(|class| class.name.clone());
    let classes: Vec<Subject> = (0..scenario.classes.len()).map(Subject::Class).collect();
    let columns = shown(CLASS_MEASURES, &classes, outcome);
    let mut header = vec!["demand class"];
    header.extend(columns.iter().map(|(measure, _)| measure.name));
    let rows: Vec<Vec<String>> = names
        .enumerate()
        .map(|(place, name)| {
            let values = columns.iter().map(|(_, values)| values[place].clone());
            std::iter::once(name).chain(values).collect()
        })
        .collect();
    table(&header, &header[1..], &rows)
}

/// The main measures that any of some subjects has, with the value of each in words.
fn shown(
    measures: &'static [Measure],
    subjects: &[Subject],
    outcome: &Outcome,
) -> Vec<(&'static Measure, Vec<String>)> {
    let mut found = Vec::new();
    for (place, measure) in measures.iter().enumerate() {
        let values = subjects.iter().map(|it| outcome.value_of(*it, place));
        let values: Vec<Option<f64>> = values.collect();
        // What this world knows nothing of is left out.
        let rare = measure.has(Role::Rare);
        let known = |value: &Option<f64>| value.is_some_and(|value| !rare || value != 0.0);
        if measure.has(Role::Shown) && values.iter().any(known) {
            let texts = values.into_iter();
            let texts = texts.map(|value| words::some(value, measure.unit));
            found.push((measure, texts.collect()));
        }
    }
    found
}

/// How many values are assumed.
pub(crate) fn assumed(scenario: &Scenario) -> String {
    let provenance = &scenario.provenance;
    let fitted = provenance
        .assumptions
        .iter()
        .filter(|it| it.basis == "fitted")
        .count();
    let mut text = String::new();
    if !provenance.assumptions.is_empty() {
        let label = format!(
            "{} values are assumed, {fitted} of them fitted to the published figures; \
             `drawdown validate` lists them.",
            provenance.assumptions.len(),
        );
        text += &format!("\n{}\n", paint::prose(&label));
    }
    if !provenance.undeclared.is_empty() {
        let label = format!(
            "{} values have neither a source nor an assumption; `drawdown validate` lists them.",
            provenance.undeclared.len(),
        );
        text += &format!("\n{}\n", paint::prose(&label));
    }
    text
}

fn study(args: &RunArgs) -> Option<String> {
    let question = Line::question().changes(&args.source);
    question.study(args.out.as_deref(), &[&args.file])
}

fn command(args: &RunArgs) -> String {
    let line = Line::new("run");
    let line = match (args.course.expected_value, args.course.replication) {
        (true, _) => line.switch("expected-value"),
        (false, 0) => line.flag("seed", args.source.seed),
        (false, replication) => {
            let line = line.flag("seed", args.source.seed);
            line.flag("replication", replication)
        }
    };
    line.source(&args.source).files(&[&args.file])
}
