//! `drawdown run`: the story of one replication.

use crate::cli::args::RunArgs;
use crate::cli::exit::Exit;
use crate::cli::table::table;
use crate::cli::{Failure, load, plot, say};
use crate::cli::{trace, watch, words};
use crate::experiment::measure::MEASURES;
use crate::experiment::run::{Outcome, expected_value, run as live};
use crate::experiment::timeline::timeline;
use crate::kernel::queue::Ended;
use crate::kernel::random::Seed;
use crate::output::folder::Folder;
use crate::output::{csv, json};
use crate::scenario::Scenario;

/// Measures of the summary; the files have them all.
const SHOWN: [&str; 25] = [
    "pool_empty_after_s",
    "first_unserved_request_after_s",
    "first_lease_failure_after_s",
    "recovered_90_after_s",
    "recovered_100_after_s",
    "requests",
    "hit_rate",
    "failed_leases",
    "delayed_leases",
    "wait_p95_s",
    "tenants_unserved",
    "tenants_impacted",
    "empty_s",
    "ready_min",
    "attempts",
    "attempts_failed",
    "attempts_timed_out",
    "retries",
    "throttled",
    "refused",
    "unconnected",
    "workers_lost",
    "jobs_lost",
    "idle_worker_hours",
    "idle_cost",
];

/// Measures that are shown only where they are not 0.
const RARE: [&str; 5] = [
    "throttled",
    "refused",
    "unconnected",
    "workers_lost",
    "jobs_lost",
];

/// Answers the command.
pub(crate) fn run(args: &RunArgs) -> Result<Exit, Failure> {
    if args.watch {
        return play(args);
    }
    let scenario = load(&args.file, &args.source)?;
    let names = ["run.json", "measures.csv", "levels.csv", "dependencies.csv"];
    let folder = args
        .out
        .as_deref()
        .map(|out| Folder::open(out, &names))
        .transpose()?;
    let outcome = if args.course.expected_value {
        expected_value(&scenario)
    } else {
        live(&scenario, Seed(args.source.seed), args.course.replication)
    };
    let document = json::text(&json::run(&scenario, &outcome));
    if let Some(folder) = folder {
        let measures = csv::measures(&scenario, &outcome);
        let levels = csv::levels(&scenario, &outcome);
        let dependencies = csv::dependencies(&scenario, &outcome);
        folder.write(&[document.clone(), measures, levels, dependencies])?;
    }
    if args.json {
        say(&document)?;
    } else {
        say(story(&scenario, &outcome, args).as_bytes())?;
    }
    Ok(Exit::Answered)
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
    let mut text = format!("{}\n", scenario.name);
    if let Some(question) = &scenario.question {
        text += &format!("{question}\n");
    }
    text += "\n";
    text += &findings(scenario, outcome);
    if outcome.ended == Ended::BudgetSpent {
        text +=
            "The budget of events was spent before the horizon; figures cover the time before.\n";
    }
    text += &incident(outcome);
    text += "\nTimeline (UTC)\n";
    text += &moments(scenario, outcome);
    text += "\nReady workers (░ outage)\n";
    for (place, pool) in scenario.pools.iter().enumerate() {
        text += &format!("\n  {}, target {}\n", pool.name, pool.target);
        text += &plot::level(scenario, outcome, place);
    }
    for (place, name) in scenario.dependencies.iter().enumerate() {
        text += &format!("\nCalls to {name}\n");
        text += &plot::dependency(scenario, outcome, place);
    }
    text += "\nSummary (times after the first failed provisioning, recoveries after the outage)\n";
    text += &summary(scenario, outcome);
    if args.course.expected_value {
        text += "\nThis is one even course. Small stocks and queues fare worse by chance; `drawdown ensemble` tells by how much.\n";
    }
    text += &assumed(scenario);
    text += &format!(
        "\n{} events, digest {}\n",
        outcome.events,
        json::digest(outcome.digest)
    );
    text += &format!("reproduce: {}\n", command(args));
    text
}

/// The answer in one sentence a pool.
fn findings(scenario: &Scenario, outcome: &Outcome) -> String {
    let width = scenario
        .pools
        .iter()
        .map(|pool| pool.name.len())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for (place, pool) in scenario.pools.iter().enumerate() {
        let after = outcome.measure(place, "first_lease_failure_after_s");
        let at = outcome.measure(place, "first_lease_failure_at_s");
        let lowest = outcome.measure(place, "ready_min").unwrap_or(0.0);
        let told = match (after, at) {
            (Some(after), _) => format!(
                "first lease failed {} {} the first failed provisioning",
                words::duration(after.abs()),
                if after < 0.0 { "before" } else { "after" },
            ),
            (None, Some(at)) => {
                format!("first lease failed {} after the start", words::duration(at))
            }
            (None, None) => format!(
                "no lease failed; {} ready at the lowest",
                words::number(lowest)
            ),
        };
        text += &format!("  {:width$}  {told}\n", pool.name);
    }
    text
}

/// How long it took people to come how far, where there are people.
fn incident(outcome: &Outcome) -> String {
    let told = ["detected", "declared", "mitigated", "resolved"].map(|milestone| {
        let after = outcome.incident(&format!("{milestone}_after_s"))?;
        Some(format!("{milestone} {}", words::duration(after)))
    });
    let told: Vec<String> = told.into_iter().flatten().collect();
    match told[..] {
        [] => String::new(),
        _ => format!("  incident: {} after the outage began\n", told.join(", ")),
    }
}

fn moments(scenario: &Scenario, outcome: &Outcome) -> String {
    let clock = |at: Option<_>| at.map_or_else(String::new, |at| words::clock(scenario, at));
    let rows: Vec<Vec<String>> = timeline(scenario, outcome)
        .into_iter()
        .map(|moment| {
            let apart = match (moment.published, moment.simulated) {
                (Some(published), Some(simulated)) => {
                    let seconds = simulated.seconds_since(published);
                    let sign = if seconds < 0.5 { "" } else { "+" };
                    format!("{sign}{}", words::duration(seconds))
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
    for measure in MEASURES
        .iter()
        .filter(|measure| SHOWN.contains(&measure.name))
    {
        let values: Vec<Option<f64>> = (0..scenario.pools.len())
            .map(|pool| outcome.measure(pool, measure.name))
            .collect();
        // What this world knows nothing of is left out.
        let rare = RARE.contains(&measure.name);
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
        text += &format!(
            "\n{} values are assumed, {fitted} of them fitted to the published figures; \
             `drawdown validate` lists them.\n",
            provenance.assumptions.len(),
        );
    }
    if !provenance.undeclared.is_empty() {
        text += &format!(
            "\n{} values have neither a source nor an assumption; `drawdown validate` lists them.\n",
            provenance.undeclared.len(),
        );
    }
    text
}

fn command(args: &RunArgs) -> String {
    let chance = match (args.course.expected_value, args.course.replication) {
        (true, _) => " --expected-value".to_owned(),
        (false, 0) => format!(" --seed {}", args.source.seed),
        (false, replication) => format!(" --seed {} --replication {replication}", args.source.seed),
    };
    format!(
        "drawdown run{chance}{} {}",
        args.source.flags(),
        args.file.display()
    )
}
