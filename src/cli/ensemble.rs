//! `drawdown ensemble`: what many replications say together.

use std::num::NonZeroUsize;

use crate::cli::args::{EnsembleArgs, Keep, Many};
use crate::cli::deliver::{deliver, open};
use crate::cli::ensemble_tables::{clocks, figures, lasting};
use crate::cli::exit::Exit;
use crate::cli::finding::Sentence;
use crate::cli::progress::Bar;
use crate::cli::run::assumed;
use crate::cli::screen::{self, Glance, SERVED, Screen, shown_pools};
use crate::cli::shell::Line;
use crate::cli::words;
use crate::cli::{
    Failure, asked, finding, paint, place_of, posterior, rare, remark, remark_memory,
    shared_ensemble, template, warm_up,
};
use crate::experiment::condensed::QUANTILE_ERROR;
use crate::experiment::ensemble::{Ensemble, ensemble_keeping};
use crate::experiment::kept::KeptMeasures;
use crate::experiment::measure::Subject;
use crate::experiment::replications::{Precision, Replications, Stopped};
use crate::kernel::random::Seed;
use crate::output::json;
use crate::output::manifest;
use crate::output::pieces::PieceFiles;
use crate::output::study::ensemble;
use crate::output::study::header::Words;
use crate::scenario::Scenario;
use crate::scenario::vary::template::Template;

impl Many {
    /// What the flags ask for.
    pub fn replications(&self) -> Replications {
        Replications {
            threads: self.threads.number,
            ..Replications::new(self.replications.map_or(1_000, NonZeroUsize::get))
        }
    }
}

/// The default maximum of replications for a precision.
const PRECISE_MAX: NonZeroUsize = NonZeroUsize::new(100_000).expect("it is not 0");

/// The measure that is to be precise, where none is named.
const PRECISE: &str = "first_lease_failure_at_s";

impl EnsembleArgs {
    /// The measure that is to be precise.
    fn precise(&self) -> &'static str {
        self.measures.first().copied().unwrap_or(PRECISE)
    }

    /// What is kept.
    fn kept(&self, scenario: &Scenario) -> Result<KeptMeasures, Failure> {
        let kept = match self.measures.is_empty() {
            true => KeptMeasures::all(),
            false => {
                let pool = self.pool.as_ref().map(|name| place_of(scenario, name));
                let pool = pool.transpose()?.map(Into::into);
                let kept = KeptMeasures::only(&self.measures, pool);
                kept.map_err(|it| Failure::Message(it.to_string()))?
            }
        };
        // All pools are to run.
        let kept = if self.plain || self.whole {
            kept.plain()
        } else {
            kept
        };
        Ok(match self.keep {
            Keep::Rows => kept,
            Keep::Summary => kept.summarised(),
        })
    }

    fn replications(&self, scenario: &Scenario) -> Result<Replications, Failure> {
        let plain = self.many.replications();
        let Some(relative) = self.precision else {
            return Ok(plain);
        };
        let pool = self.pool.as_ref().map(|name| place_of(scenario, name));
        let pool = pool.transpose()?.map(Into::into);
        let precision = Precision::new(relative, self.precise(), pool);
        Ok(Replications {
            count: self.many.replications.unwrap_or(PRECISE_MAX),
            precision: Some(precision.map_err(|it| Failure::Message(it.to_string()))?),
            ..plain
        })
    }
}

/// Answers the command.
pub(crate) fn answer(args: &EnsembleArgs) -> Result<Exit, Failure> {
    if let Some(how) = args.rare {
        return rare::answer(args, how);
    }
    if args.warm_up.is_some() {
        return warm_up::propose(args);
    }
    let template = template(&args.file, &args.source)?;
    let template = posterior::attach(template, &args.unknown, args.source.seed)?;
    let template = asked::asking(template, args)?;
    let scenario = &template.base;
    let replications = args.replications(scenario)?;
    let folder = open(args.out.as_deref(), "ensemble", study(args).as_deref())?;
    let kept = args.kept(scenario)?;
    let found = match args.out.as_deref() {
        Some(out) if args.divided.is_divided() => {
            match shared_ensemble::found(args, (&template, &kept), replications, out)? {
                Some(found) => found,
                None => return Ok(Exit::Answered),
            }
        }
        out => {
            out.map_or(Ok(()), shared_ensemble::refuse_unfinished)?;
            whole(args, scenario, &kept, replications)?
        }
    };
    let short = warm_up::note(
        scenario,
        args.source.seed,
        (found.n, args.many.threads.number),
    );
    let said = words_of((scenario, args), &found, short.as_deref());
    let given = ensemble::study(
        scenario,
        &found,
        (args.source.seed, args.tables.format.into()),
        said,
    );
    // Its digest reads the files that the scenario names.
    let written = args.out.as_ref();
    let manifest =
        written.map(|_| shared_ensemble::finished(args, &template, replications, &found));
    let given = match &manifest {
        Some(manifest) => given.with_manifest(manifest),
        None => given,
    };
    deliver(&given, folder, args.print.json, || match args.print.all {
        true => shown(&template, &found, (args, short.as_deref())),
        false => {
            let mut screen = screen(&template, &found, args);
            screen.notes.extend(short.clone());
            screen.text()
        }
    })?;
    let divided = args.out.as_deref().filter(|_| args.divided.is_divided());
    if let (Some(out), Some(manifest)) = (divided, &manifest) {
        PieceFiles::new(out, manifest::key(manifest)).remove(0);
    }
    Ok(Exit::Answered)
}

/// Runs all replications in this process, and keeps them in memory.
fn whole(
    args: &EnsembleArgs,
    scenario: &Scenario,
    kept: &KeptMeasures,
    replications: Replications,
) -> Result<Ensemble, Failure> {
    remark_memory(scenario, kept, (1, replications.count.get()));
    let bar = Bar::new(replications.count.get() as u64);
    let found = ensemble_keeping(scenario, kept, replications, Seed(args.source.seed), &bar);
    bar.end();
    if found.n == 0 {
        let label = "interrupted before a replication was run; nothing was written";
        return Err(Failure::Message(label.to_owned()));
    }
    if found.stopped == Stopped::Absent {
        return Err(Failure::Message(absent(&found, args)));
    }
    if found.stopped == Stopped::Interrupted {
        let (n, of) = (found.n, replications.count);
        remark(&format!(
            "interrupted: {n} of {of} replications were run, and the results are of those"
        ));
    }
    Ok(found)
}

/// What is said where the measure that was to be precise does not occur.
fn absent(found: &Ensemble, args: &EnsembleArgs) -> String {
    let place = args.pool.as_deref().unwrap_or("any pool");
    format!(
        "`{}` does not occur in {place} in any of {}, so that there is no mean to be precise about\n  \
         help: choose another `--measure`, or leave out `--precision`; nothing was written",
        args.precise(),
        words::counted(found.n, "replication"),
    )
}

/// How many replications there are, and why no more.
fn count(found: &Ensemble, args: &EnsembleArgs) -> String {
    let place = match &args.pool {
        Some(pool) => format!("in {pool}"),
        None => "in every pool".to_owned(),
    };
    let asked = |relative| {
        let within = words::percent(relative);
        format!("{} within {within} {place}", args.precise())
    };
    let asked = args.precision.map(asked).unwrap_or_default();
    let why = match found.stopped {
        Stopped::Count => String::new(),
        Stopped::Precise => format!(", enough to know the mean of {asked}"),
        Stopped::Cap => format!(", the most allowed, and not enough to know the mean of {asked}"),
        Stopped::Interrupted => ", then interrupted".to_owned(),
        Stopped::Absent => format!(", in none of which there is {}", args.precise()),
    };
    format!("{}{why}", words::counted(found.n, "replication"))
}

/// What is said of the results.
fn words_of(
    (scenario, args): (&Scenario, &EnsembleArgs),
    found: &Ensemble,
    short: Option<&str>,
) -> Words {
    let stopped = (found.stopped != Stopped::Count).then(|| count(found, args) + ".");
    Words {
        findings: finding::plain(&findings(scenario, found)),
        notes: stopped
            .into_iter()
            .chain(spent(found))
            .chain(short.map(str::to_owned))
            .chain(asked::notes(scenario, found))
            .collect(),
        reproduce: command(found, args),
        study: study(args),
    }
}

/// The answer: of the measures that were asked for, or else of what the scenario is about.
fn findings(scenario: &Scenario, found: &Ensemble) -> Vec<Sentence> {
    match found.is_whole() {
        true => finding::of_ensemble(scenario, found),
        false => asked::findings(scenario, found),
    }
}

/// What there is to say where replications did not come to their end, or are not kept.
fn spent(found: &Ensemble) -> Option<String> {
    let n = words::counted(found.budget_spent, "replication");
    let spent = (0 < found.budget_spent).then(|| format!("{n} spent the budget of events."));
    let most = words::value(QUANTILE_ERROR, "share");
    let summarised = found.is_summarised();
    let kept = summarised.then(|| {
        format!("Only summaries are kept: quantiles and survival times lie up to {most} too low, all else is exact.")
    });
    let notes: Vec<String> = spent.into_iter().chain(kept).collect();
    (!notes.is_empty()).then(|| notes.join(" "))
}

fn study(args: &EnsembleArgs) -> Option<String> {
    let question = Line::question()
        .unknown(&args.unknown)
        .changes(&args.source);
    question.study(args.out.as_deref(), &[&args.file])
}

fn command(found: &Ensemble, args: &EnsembleArgs) -> String {
    // Where it was stopped by a person, the number that were run is all that can be asked for again.
    let precision = args
        .precision
        .filter(|_| found.stopped != Stopped::Interrupted);
    command_of(Line::new("ensemble"), args, precision, found.n)
}

/// The line that asks the same of so many replications.
pub(super) fn command_of(
    line: Line,
    args: &EnsembleArgs,
    precision: Option<f64>,
    replications: usize,
) -> String {
    let line = match precision {
        Some(precision) => line
            .flag("precision", precision)
            .flags("replications", args.many.replications),
        None => line.flag("replications", replications),
    };
    let line = line.flags("measure", &args.measures);
    let asking = precision.is_some() || !args.measures.is_empty();
    let line = line.flags("pool", args.pool.iter().filter(|_| asking));
    let line = line
        .switch_if("whole", args.whole)
        .switch_if("plain", args.plain);
    let summary = (args.keep == Keep::Summary).then_some(args.keep.name());
    let line = line.flags("keep", summary);
    let line = line.flag("seed", args.source.seed).unknown(&args.unknown);
    line.source(&args.source).files(&[&args.file])
}

/// Means of each of some pools.
fn means(scenario: &Scenario, found: &Ensemble, pools: &[usize]) -> Glance {
    let columns = [
        ("failed leases", "failed_leases", "requests"),
        ("tenants hurt", "tenants_impacted", "tenants"),
        ("delayed", "delayed_leases", "requests"),
        ("longest wait", "wait_max_s", "s"),
        ("time empty", "empty_s", "s"),
        ("idle hours", "idle_worker_hours", "h"),
    ];
    let row = |pool: &usize| {
        let none = found
            .about(*pool, "failed_leases")
            .nonzero
            .point
            .map(|it| 1.0 - it);
        let first = [
            scenario.pools[*pool].name.clone(),
            words::some(none, "share"),
        ];
        let cells = columns
            .map(|(_, measure, unit)| words::some(found.about(*pool, measure).mean.point, unit));
        first.into_iter().chain(cells).collect()
    };
    let header = ["mean of", "no failed lease"].into_iter();
    let header = header.chain(columns.map(|(name, ..)| name));
    Glance::new(header, pools.iter().map(row).collect())
}

/// The measures that were asked for at a glance.
fn screen_of_asked(scenario: &Scenario, found: &Ensemble, args: &EnsembleArgs) -> Screen {
    let notes = spent(found)
        .into_iter()
        .chain(asked::notes(scenario, found));
    Screen {
        title: format!("{}: {}", scenario.name, count(found, args)),
        table: asked::table(scenario, found),
        notes: notes.chain(screen::assumed(scenario)).collect(),
        reproduce: command(found, args),
        answer: findings(scenario, found),
        ..Screen::default()
    }
}

/// The replications at a glance.
fn screen(template: &Template, found: &Ensemble, args: &EnsembleArgs) -> Screen {
    let scenario = &template.base;
    if !found.is_whole() {
        return screen_of_asked(scenario, found, args);
    }
    let mean = |pool: usize, name: &str| found.about(pool, name).mean.point.unwrap_or(0.0);
    let (touched, left_out) = shown_pools(scenario, |pool| {
        let hits = found.about(pool, "hit_rate").mean.point;
        let fails = 0.0 < mean(pool, "outages") + mean(pool, "failed_leases");
        fails || hits.is_some_and(|hits| hits < SERVED)
    });
    let touched: Vec<usize> = touched
        .into_iter()
        .filter(|pool| !found.never_opened(*pool))
        .collect();
    let failed = |pool: &usize| mean(*pool, "failed_leases_in_outage");
    let delayed = |pool: &usize| mean(*pool, "delayed_leases");
    let worst = touched.iter().copied().max_by(|one, other| {
        let fewer = failed(one).total_cmp(&failed(other));
        fewer.then(delayed(one).total_cmp(&delayed(other)))
    });
    let mut table = means(scenario, found, &touched);
    table.left_out = left_out;
    Screen {
        title: format!("{}: {}", scenario.name, count(found, args)),
        plot: match &template.posterior {
            None => lasting(scenario, found, false),
            Some(_) => posterior::table_of(template, found),
        },
        table: table.without_empty(&[words::NONE, "0"]),
        notes: spent(found)
            .into_iter()
            .chain(posterior::note(template.posterior.as_deref()))
            .chain(screen::assumed(scenario))
            .collect(),
        reproduce: command(found, args),
        next: worst.map(|pool| {
            // Without an outage, a requirement must be named.
            let calm = !scenario.has_outages();
            // Where requests only wait, any buffer meets a requirement on failed leases.
            let waits = !calm && failed(&pool) == 0.0 && 0.0 < delayed(&pool);
            Line::new("size")
                .unknown(&args.unknown)
                .flag("pool", &scenario.pools[pool].name)
                .flags("hit-rate", calm.then_some(">= 99%"))
                .flags("wait", waits.then_some("p95 <= 1m"))
                .source(&args.source)
                .files(&[&args.file])
        }),
        answer: finding::of_ensemble(scenario, found),
    }
}

fn shown(
    template: &Template,
    found: &Ensemble,
    (args, short): (&EnsembleArgs, Option<&str>),
) -> String {
    let scenario = &template.base;
    let mut text = format!("{}: {}\n", paint::title(&scenario.name), count(found, args));
    if let Some(question) = &scenario.question {
        text += &format!("{}\n", paint::prose(question));
    }
    let findings = findings(scenario, found);
    text += &format!("\n{}", finding::listed(&findings));
    if let Some(spent) = spent(found) {
        text += &format!("{spent}\n");
    }
    let drawn = asked::shortcut(found);
    for note in short.into_iter().chain(drawn.as_deref()) {
        text += &(paint::prose(note) + "\n");
    }
    if found.is_whole() {
        text += &lasting(scenario, found, true);
    }
    text += &posterior::table_of(template, found);
    text += &posterior::note(template.posterior.as_deref())
        .map_or_else(String::new, |note| paint::prose(&note) + "\n");
    for subject in Subject::all(scenario) {
        if (0..subject.measures().len()).all(|place| !found.asks(subject, place)) {
            continue;
        }
        let title = match subject {
            Subject::Pool(place) => {
                let pool = &scenario.pools[place];
                let target = words::target(scenario.target_limits(place));
                let opened = (!found.never_opened(place)).then_some(1.0);
                let asleep = finding::never_opened(opened);
                format!("{}, {target}{asleep}", pool.name)
            }
            // Without alerts and steps there is no incident.
            Subject::Incident if scenario.steps.is_empty() && scenario.alerts.is_empty() => {
                continue;
            }
            Subject::Incident => "incident, after the outage began".to_owned(),
            Subject::Dependency(place) => scenario.dependencies[place].clone(),
            Subject::Class(place) => {
                let class = &scenario.classes[place];
                format!(
                    "demand class {}, of {}",
                    class.name, scenario[class.pool].name
                )
            }
        };
        text += &format!("\n{}\n", paint::title(&title));
        let tables = [clocks(found, subject), figures(found, subject)];
        let tables: Vec<String> = tables.into_iter().filter(|it| !it.is_empty()).collect();
        text += &tables.join("\n");
    }
    let meant = "Intervals cover 95%. A time to an event that does not occur counts as later than all others.";
    text += &format!("\n{}\n", paint::prose(meant));
    text += &assumed(scenario);
    text += &format!(
        "\n{} events, digest {}\n",
        found.events,
        json::digest(found.digest)
    );
    text += &format!("reproduce: {}\n", command(found, args));
    text
}
