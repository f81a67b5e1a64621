//! `drawdown run`: the story of one replication.

use crate::cli::args::RunArgs;
use crate::cli::exit::Exit;
use crate::cli::shell::Line;
use crate::cli::table::table;
use crate::cli::{Failure, finding, load, open, paint, plot, report, say};
use crate::cli::{trace, watch, words};
use crate::experiment::measure::MEASURES;
use crate::experiment::names::Role;
use crate::experiment::run::{Outcome, expected_value, run as live};
use crate::experiment::timeline::timeline;
use crate::kernel::queue::Ended;
use crate::kernel::random::Seed;
use crate::output::chart::dependency::{self, Calls};
use crate::output::chart::drawing::Drawing;
use crate::output::chart::levels::{self, Levels};
use crate::output::report::told::{self, Told};
use crate::output::{chart, csv, json};
use crate::scenario::Scenario;

/// What an expected-value replay does not tell.
const EVEN: &str = "The expected-value replay: every chance at its mean. Small stocks and queues do worse by \
                    chance; `drawdown ensemble` shows by how much.";

/// Answers the command.
pub(crate) fn run(args: &RunArgs) -> Result<Exit, Failure> {
    if args.watch {
        return play(args);
    }
    let scenario = load(&args.file, &args.source)?;
    let names = names(&scenario);
    let study = study(args);
    let folder = open(args.out.as_deref(), &names, ("run", study.as_deref()))?;
    let outcome = if args.course.expected_value {
        expected_value(&scenario)
    } else {
        live(&scenario, Seed(args.source.seed), args.course.replication)
    };
    let told = told(&scenario, &outcome, args, &names);
    let document = told::with(json::run(&scenario, &outcome), &scenario, told);
    let document = json::text(&document);
    if let Some(folder) = folder {
        let measures = csv::measures(&scenario, &outcome);
        let levels = csv::levels(&scenario, &outcome);
        let dependencies = csv::dependencies(&scenario, &outcome);
        let mut files = vec![document.clone(), measures, levels, dependencies];
        for drawing in drawings(&scenario, &outcome, args) {
            files.extend(chart::files(&drawing));
        }
        report::write(folder, files, &[])?;
    }
    if args.json {
        say(&document)?;
    } else {
        say(story(&scenario, &outcome, args).as_bytes())?;
    }
    Ok(Exit::Answered)
}

/// The files of `--out`: tables first, then a chart for each pool and each dependency.
fn names(scenario: &Scenario) -> Vec<String> {
    let tables = ["run.json", "measures.csv", "levels.csv", "dependencies.csv"];
    let mut names: Vec<String> = tables.map(str::to_owned).into();
    let pools = scenario
        .pools
        .iter()
        .map(|pool| ("levels", pool.name.as_str()));
    let dependencies = scenario.dependencies.iter();
    let dependencies = dependencies.map(|name| ("dependency", name.as_str()));
    names.extend(chart::named(pools.chain(dependencies)));
    names.push(report::NAME.to_owned());
    names
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
            "One random replication (seed {}, number {}): `drawdown ensemble` shows what is usual.",
            args.source.seed, args.course.replication
        ),
    }
}

/// What is said of the results.
fn told<'a>(
    scenario: &Scenario,
    outcome: &Outcome,
    args: &RunArgs,
    files: &'a [String],
) -> Told<'a> {
    let mut notes: Vec<String> = spent(outcome).map(str::to_owned).into_iter().collect();
    notes.extend(incident(outcome));
    Told {
        command: "run",
        findings: findings(scenario, outcome, args),
        notes,
        files,
        reproduce: command(args),
        study: study(args),
    }
}

/// What there is to say where a replication did not come to its end.
fn spent(outcome: &Outcome) -> Option<&'static str> {
    let told = "The budget of events was spent before the horizon; figures cover the time before.";
    (outcome.ended == Ended::BudgetSpent).then_some(told)
}

/// The charts, in the order of their names.
fn drawings(scenario: &Scenario, outcome: &Outcome, args: &RunArgs) -> Vec<Drawing> {
    let course = match args.course.expected_value {
        true => "every chance at its mean".to_owned(),
        false => format!(
            "one replication: seed {}, number {}",
            args.source.seed, args.course.replication
        ),
    };
    let pools = 0..scenario.pools.len();
    let pools = pools.map(|pool| levels::draw(&Levels::of(scenario, outcome, pool, &course)));
    let dependencies = 0..scenario.dependencies.len();
    let dependencies =
        dependencies.map(|place| dependency::draw(&Calls::of(scenario, outcome, place, &course)));
    pools.chain(dependencies).collect()
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

fn story(scenario: &Scenario, outcome: &Outcome, args: &RunArgs) -> String {
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
    if let Some(told) = incident(outcome) {
        text += &(paint::prose(&format!("  {told}")) + "\n");
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
    text += &assumed(scenario);
    let digest = json::digest(outcome.digest);
    text += &paint::dim(&format!("\n{} events, digest {digest}\n", outcome.events));
    text += &paint::dim(&format!("reproduce: {}\n", command(args)));
    text
}

/// How long it took people to come how far, where there are people.
fn incident(outcome: &Outcome) -> Option<String> {
    let told = ["detected", "declared", "mitigated", "resolved"].map(|milestone| {
        let after = outcome.figure_of_incident(&format!("{milestone}_after_s"))?;
        Some(format!("{milestone} {}", words::duration(after)))
    });
    let told: Vec<String> = told.into_iter().flatten().collect();
    let told = (!told.is_empty()).then(|| told.join(", "));
    told.map(|told| format!("incident: {told} after the outage began"))
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
    let mut rows = Vec::new();
    for measure in MEASURES.iter().filter(|measure| measure.has(Role::Shown)) {
        let values: Vec<Option<f64>> = (0..scenario.pools.len())
            .map(|pool| outcome.figure(pool, measure.name))
            .collect();
        // What this world knows nothing of is left out.
        let rare = measure.has(Role::Rare);
        let found = |value: &Option<f64>| value.is_some_and(|value| !rare || value != 0.0);
        if values.iter().any(found) {
            let mut row = vec![measure.name.to_owned()];
            row.extend(
                values
                    .into_iter()
                    .map(|value| words::some(value, measure.unit)),
            );
            rows.push(row);
        }
    }
    let right: Vec<&str> = header[1..].to_vec();
    table(&header, &right, &rows)
}

/// Says which values nobody published.
pub(crate) fn assumed(scenario: &Scenario) -> String {
    let provenance = &scenario.provenance;
    let fitted = provenance
        .assumptions
        .iter()
        .filter(|it| it.basis == "fitted")
        .count();
    let mut text = String::new();
    if !provenance.assumptions.is_empty() {
        let told = format!(
            "{} values are assumed, {fitted} of them fitted to the published figures; \
             `drawdown validate` lists them.",
            provenance.assumptions.len(),
        );
        text += &format!("\n{}\n", paint::prose(&told));
    }
    if !provenance.undeclared.is_empty() {
        let told = format!(
            "{} values have neither a source nor an assumption; `drawdown validate` lists them.",
            provenance.undeclared.len(),
        );
        text += &format!("\n{}\n", paint::prose(&told));
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
