//! `drawdown ensemble`: what many replications say together.

use crate::cli::args::{EnsembleArgs, Many};
use crate::cli::exit::Exit;
use crate::cli::run::assumed;
use crate::cli::table::table;
use crate::cli::words;
use crate::cli::{Failure, finding, load, say};
use crate::experiment::ensemble::{Ensemble, Replications, ensemble as live};
use crate::experiment::measure::{Kind, Measure, Subject};
use crate::kernel::random::Seed;
use crate::output::folder::Folder;
use crate::output::{csv, json};
use crate::scenario::Scenario;

impl Many {
    /// What the flags ask for.
    pub fn replications(&self) -> Replications {
        Replications {
            count: self.replications,
            threads: self.threads,
        }
    }
}

/// Answers the command.
pub(crate) fn ensemble(args: &EnsembleArgs) -> Result<Exit, Failure> {
    let scenario = load(&args.file, &args.source)?;
    let names = [
        "ensemble.json",
        "summary.csv",
        "replications.csv",
        "incidents.csv",
    ];
    let folder = args
        .out
        .as_deref()
        .map(|out| Folder::open(out, &names))
        .transpose()?;
    let found = live(&scenario, args.many.replications(), Seed(args.source.seed));
    let document = json::text(&json::ensemble(&scenario, &found, args.source.seed));
    if let Some(folder) = folder {
        let summary = csv::summary(&scenario, &found);
        folder.write(&[
            document.clone(),
            summary,
            csv::replications(&scenario, &found),
            csv::incidents(&scenario, &found),
        ])?;
    }
    if args.json {
        say(&document)?;
    } else {
        say(told(&scenario, &found, args).as_bytes())?;
    }
    Ok(Exit::Answered)
}

fn told(scenario: &Scenario, found: &Ensemble, args: &EnsembleArgs) -> String {
    let mut text = format!("{}: {} replications\n", scenario.name, found.n);
    if let Some(question) = &scenario.question {
        text += &format!("{question}\n");
    }
    text += &format!("\n{}", finding::of_ensemble(scenario, found));
    if 0 < found.budget_spent {
        text += &format!(
            "{} replications spent their budget of events.\n",
            found.budget_spent
        );
    }
    for subject in Subject::all(scenario) {
        let title = match subject {
            Subject::Pool(place) => {
                let pool = &scenario.pools[place];
                format!("{}, target {}", pool.name, pool.target)
            }
            // Where nobody does anything, there is no incident to tell of.
            Subject::Incident if scenario.steps.is_empty() && scenario.alerts.is_empty() => {
                continue;
            }
            Subject::Incident => "incident, after the outage began".to_owned(),
            Subject::Dependency(place) => scenario.dependencies[place].clone(),
        };
        text += &format!("\n{title}\n");
        text += &clocks(found, subject);
        text += "\n";
        text += &figures(found, subject);
    }
    text +=
        "\nIntervals cover 95 %. A clock that has not struck counts as later than all others.\n";
    text += &assumed(scenario);
    text += &format!(
        "\n{} events, digest {}\n",
        found.events,
        json::digest(found.digest)
    );
    text += &format!(
        "reproduce: drawdown ensemble --replications {} --seed {}{} {}\n",
        found.n,
        args.source.seed,
        args.source.flags(),
        args.file.display(),
    );
    text
}

/// Measures of one kind, with their places.
fn of_kind(subject: Subject, kind: Kind) -> impl Iterator<Item = (usize, &'static Measure)> {
    let measures = subject.measures().iter().enumerate();
    measures.filter(move |(_, measure)| measure.kind == kind)
}

fn clocks(found: &Ensemble, subject: Subject) -> String {
    let mut rows = Vec::new();
    for (place, measure) in of_kind(subject, Kind::Clock) {
        let summary = found.summary_of(subject, place);
        if summary.present.point == Some(0.0) {
            rows.push(vec![measure.name.to_owned(), "never".to_owned()]);
            continue;
        }
        let mut row = vec![measure.name.to_owned()];
        row.push(words::estimate(summary.present, "share", words::NONE));
        let later = |estimate| words::estimate(estimate, measure.unit, "not within the scenario");
        row.extend(summary.quantiles.map(later));
        rows.push(row);
    }
    table(&["clock", "struck", "5 %", "median", "95 %"], &[], &rows)
}

fn figures(found: &Ensemble, subject: Subject) -> String {
    let mut rows = Vec::new();
    for (place, measure) in of_kind(subject, Kind::Figure) {
        let summary = found.summary_of(subject, place);
        if summary.present.point == Some(0.0) {
            continue;
        }
        let mut row = vec![measure.name.to_owned()];
        row.push(words::estimate(summary.mean, measure.unit, words::NONE));
        let point = |place: usize| words::some(summary.quantiles[place].point, measure.unit);
        row.extend([point(0), point(1), point(2)]);
        rows.push(row);
    }
    table(
        &["figure", "mean", "5 %", "median", "95 %"],
        &["5 %", "median", "95 %"],
        &rows,
    )
}
