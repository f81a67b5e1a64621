//! `drawdown compare`: what a change would have saved.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::args::CompareArgs;
use crate::cli::deliver::{deliver, open};
use crate::cli::exit::Exit;
use crate::cli::progress::Bar;
use crate::cli::run::assumed;
use crate::cli::screen::{self, Glance, Screen};
use crate::cli::shell::Line;
use crate::cli::table::table;
use crate::cli::words;
use crate::cli::{Failure, changed, paint, posterior, remark, remark_memory};
use crate::experiment::compare::{Compared, Comparison, compared, sides};
use crate::experiment::kept::KeptMeasures;
use crate::experiment::measure::Measure;
use crate::experiment::names::{Role, label};
use crate::experiment::progress::Progress;
use crate::experiment::unknown::of_comparison;
use crate::kernel::random::Seed;
use crate::output::json;
use crate::output::study::compare;
use crate::output::study::header::Words;
use crate::scenario::vary::posterior::Posterior;
use crate::scenario::vary::template::Template;
use crate::scenario::{PoolName, Scenario};
use crate::stats::Estimate;

/// Answers the command.
pub(crate) fn answer(args: &CompareArgs) -> Result<Exit, Failure> {
    let side = side(&args.file, None, args)?;
    let sample = posterior::sample(&side, &args.unknown, args.seed)?;
    let side = with(side, sample.as_ref())?;
    let variants = variants(&side.base, sample.as_ref(), args)?;
    let base = &side.base;
    let folder = open(args.out.as_deref(), "compare", study(args).as_deref())?;
    let (replications, seed) = (args.many.replications(), Seed(args.seed));
    let asked = replications.count.get();
    remark_memory(base, &KeptMeasures::all(), (1 + variants.len(), asked));
    let bar = Bar::new((asked * (1 + variants.len())) as u64);
    let scenarios = [base]
        .into_iter()
        .chain(variants.iter().map(|(_, variant)| variant));
    let sides = sides(&scenarios.collect::<Vec<_>>(), (replications, seed), &bar);
    let found = variants
        .iter()
        .zip(&sides[1..])
        .map(|((name, variant), other)| {
            (name.clone(), compared((base, &sides[0]), (variant, other)))
        });
    let found: Vec<(String, Comparison)> = found.collect();
    bar.end();
    let least = found
        .iter()
        .map(|(_, comparison)| comparison.n)
        .min()
        .unwrap_or(0);
    if least == 0 {
        let label = "interrupted before each side was run; nothing was written";
        return Err(Failure::Message(label.to_owned()));
    }
    if bar.is_cancelled() {
        remark(&format!(
            "interrupted: {least} of {asked} pairs were run, and the results are of those"
        ));
    }
    let given = compare::study(base, &found, args.seed, words_of(&found, args));
    let note = posterior::note(sample.as_deref());
    deliver(&given, folder, args.print.json, || match args.print.all {
        true => shown(base, &found, args) + &note.map_or_else(String::new, |note| note + "\n"),
        false => {
            let mut screen = screen(base, &found, args);
            screen.notes.splice(0..0, note);
            screen.text()
        }
    })?;
    Ok(Exit::Answered)
}

/// Reads one side.
fn side(file: &Path, variant: Option<&str>, args: &CompareArgs) -> Result<Template, Failure> {
    let access = args.files.access();
    let changes = changed(file, args.outage.through.as_deref(), &args.set, access)?;
    Template::load_with_access(file, variant, changes, access)
        .map_err(|problems| Failure::Message(problems.to_string()))
}

/// The same side, with a sample of what is not known: every side draws the same row in one replication.
fn with(side: Template, sample: Option<&Arc<Posterior>>) -> Result<Template, Failure> {
    match sample {
        Some(sample) => posterior::with(side, sample),
        None => Ok(side),
    }
}

/// What is set against the base, by name.
fn variants(
    base: &Scenario,
    sample: Option<&Arc<Posterior>>,
    args: &CompareArgs,
) -> Result<Vec<(String, Scenario)>, Failure> {
    let scenario = |file: &Path, variant: Option<&str>| {
        let side = side(file, variant, args)?;
        Ok::<Scenario, Failure>(with(side, sample)?.base)
    };
    if let Some(other) = &args.other {
        let scenario = scenario(other, None)?;
        let known = |pool: &PoolName| base.pools.iter().any(|it| it.name == pool.name);
        if !scenario.pools.iter().any(known) {
            let (one, two) = (args.file.display(), other.display());
            let label = format!(
                "{one} and {two} have no pool in common\n  help: compare files of one service"
            );
            return Err(Failure::Message(label));
        }
        return Ok(vec![(other.display().to_string(), scenario)]);
    }
    let mut names = match args.variant.is_empty() {
        true => base.variants.clone(),
        false => args.variant.clone(),
    };
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    if names.is_empty() {
        let help = "declare `variants` in the file, or name a second file";
        let label = format!("{} has no variants\n  help: {help}", args.file.display());
        return Err(Failure::Message(label));
    }
    let variant = |name: &String| Ok((name.clone(), scenario(&args.file, Some(name))?));
    names.iter().map(variant).collect()
}

/// What is said of the results.
fn words_of(found: &[(String, Comparison)], args: &CompareArgs) -> Words {
    let findings = found
        .iter()
        .map(|(name, comparison)| finding(name, comparison));
    Words {
        findings: findings.collect(),
        notes: Vec::new(),
        reproduce: command(found, args),
        study: study(args),
    }
}

/// The variants at a glance.
fn screen(base: &Scenario, found: &[(String, Comparison)], args: &CompareArgs) -> Screen {
    let n = found.first().map_or(0, |(_, comparison)| comparison.n);
    let mut measures: Vec<&str> = Vec::new();
    for (_, comparison) in found {
        let headlines = comparison.headlines().into_iter().map(|(_, row)| row);
        for row in headlines.chain(comparison.cost()) {
            if !measures.contains(&row.measure) {
                measures.push(row.measure);
            }
        }
    }
    let name =
        |measure: &&str| Measure::find(measure).map_or((*measure).to_owned(), Measure::in_words);
    let header = std::iter::once("variant less base".to_owned());
    let header = header.chain(measures.iter().map(name));
    let row = |(variant, comparison): &(String, Comparison)| {
        let cell = |measure: &&str| {
            let row = comparison.of("all pools", measure)?;
            let unit = words::of_difference(row.unit);
            Some(words::estimate(row.paired.difference, unit, words::NONE))
        };
        let cells = measures
            .iter()
            .map(|it| cell(it).unwrap_or_else(|| words::NONE.to_owned()));
        std::iter::once(variant.clone()).chain(cells).collect()
    };
    let table = Glance {
        header: header.collect(),
        rows: found.iter().map(row).collect(),
        left_out: Vec::new(),
    };
    let pairs = words::counted(n, "pair");
    let answer = found.iter().map(|(name, comparison)| {
        let label = finding(name, comparison);
        let said = label.split_once(": ").map_or(&label[..], |(_, said)| said);
        (name.clone(), said.to_owned())
    });
    let meant = "Means over all pools; intervals cover 95%.".to_owned();
    Screen {
        title: format!("{}: {pairs} under common random numbers", base.name),
        plot: uncertain(found),
        table,
        notes: std::iter::once(meant)
            .chain(screen::assumed(base))
            .collect(),
        reproduce: command(found, args),
        next: None,
        answer: answer.collect(),
    }
}

fn shown(base: &Scenario, found: &[(String, Comparison)], args: &CompareArgs) -> String {
    let n = found.first().map_or(0, |(_, comparison)| comparison.n);
    let mut text = format!(
        "{}: what a change makes of it, {} on common random numbers\n",
        base.name,
        words::counted(n, "pair")
    );
    for (name, comparison) in found {
        text += &paint::finding(&paint::prose(&finding(name, comparison)));
        text += "\n";
    }
    text += &uncertain(found);
    for (name, comparison) in found {
        text += &format!("\n{}\n{}", paint::title(name), differences(comparison));
        if !comparison.alone.is_empty() {
            text += &format!("  only on one side: {}\n", comparison.alone.join(", "));
        }
    }
    let meant = "Differences are variant less base; intervals cover 95%. A time to an event that does not occur \
                 counts to the end. Variance: how many times as large without common random numbers; \
                 `constant` where every pair has the same difference.";
    text += &format!("\n{}\n", paint::prose(meant));
    text += &assumed(base);
    for (name, comparison) in found {
        let [of_base, of_variant] = comparison.digests.map(json::digest);
        text += &format!("\ndigest {of_base} of the base, {of_variant} of {name}");
    }
    text += "\n";
    text += &format!("\nreproduce: {}\n", command(found, args));
    text
}

/// Differences with both intervals, where values are drawn.
fn uncertain(found: &[(String, Comparison)]) -> String {
    let all = found.iter();
    let all = all.flat_map(|(name, it)| of_comparison(name, it, &it.sample_rows));
    let all: Vec<_> = all.collect();
    match all.is_empty() {
        true => String::new(),
        false => table(
            &posterior::HEADER,
            &posterior::HEADER[1..],
            &posterior::rows(&all),
        ),
    }
}

/// The files that are compared.
fn files(args: &CompareArgs) -> Vec<&Path> {
    let files = [&args.file].into_iter().chain(&args.other);
    files.map(PathBuf::as_path).collect()
}

fn study(args: &CompareArgs) -> Option<String> {
    let question = Line::question()
        .unknown(&args.unknown)
        .flags("variant", &args.variant);
    question
        .through(args.outage.through.as_deref())
        .sets(&args.set)
        .study(args.out.as_deref(), &files(args))
}

fn command(found: &[(String, Comparison)], args: &CompareArgs) -> String {
    let n = found.first().map_or(0, |(_, comparison)| comparison.n);
    Line::new("compare")
        .flags("variant", &args.variant)
        .flag("replications", n)
        .flag("seed", args.seed)
        .unknown(&args.unknown)
        .through(args.outage.through.as_deref())
        .sets(&args.set)
        .access(&args.files)
        .files(&files(args))
}

/// What a change saves, of all pools together. A difference whose interval holds 0 is none that was found.
fn finding(name: &str, comparison: &Comparison) -> String {
    if comparison.of("all pools", "failed_leases").is_none() {
        return format!("{name}: has other pools, so that only those in common are compared");
    }
    let (mut said, mut saved, mut same) = ("", Vec::new(), Vec::new());
    for (measure, row) in comparison.headlines() {
        let name = measure.in_words();
        let Some(verb) = verb(row) else {
            match row.differs() && row.paired.difference.low.is_none() {
                // Where few replications differ there is no interval worth its name.
                true => saved.push(in_some(row, &name)),
                false => same.push(name),
            }
            said = "";
            continue;
        };
        let repeated = std::mem::replace(&mut said, verb) == verb;
        let verb = if repeated { "" } else { verb };
        saved.push(format!("{verb}{}", amount(row, &name)));
    }
    // What a buffer costs stands beside what it saves, and decides between equals.
    if let Some(row) = comparison.cost()
        && let Some(verb) = verb(row)
    {
        let verb = if said == verb { "" } else { verb };
        saved.push(format!("{verb}{}", amount(row, "idle cost")));
    }
    if let Some(last) = same.pop() {
        let all = match same.is_empty() {
            true => last,
            false => format!("{} or {last}", same.join(", ")),
        };
        saved.push(format!("no difference found in {all}"));
    }
    format!("{name}: {}", saved.join(", "))
}

/// Whether a change saves or costs some of what less is better of; nothing where that is not clear.
fn verb(row: &Compared) -> Option<&'static str> {
    let difference = row.paired.difference;
    let less = match (difference.low, difference.high) {
        (_, Some(high)) if high < 0.0 => true,
        (Some(low), _) if 0.0 < low => false,
        _ if row.is_constant() => difference.point? < 0.0,
        _ => return None,
    };
    Some(if less { "saves " } else { "costs " })
}

/// How much of what is saved or cost.
fn amount(row: &Compared, name: &str) -> String {
    let difference = match row.paired.difference {
        it if it.point.is_some_and(|point| point < 0.0) => turned(it),
        it => it,
    };
    let amount = words::estimate(difference, row.unit, words::NONE);
    let of = words::some(row.base.point, row.unit);
    let unit = if row.unit == "s" { "of " } else { "" };
    let every = if row.is_constant() {
        " in every pair"
    } else {
        ""
    };
    format!("{amount} {unit}{name}{every} (of {of})")
}

/// What a change does where it makes a difference in few pairs: in how many.
fn in_some(row: &Compared, name: &str) -> String {
    let [less, more] = [row.paired.less, row.paired.more];
    let (verb, often, other) = match more.point <= less.point {
        true => ("saves", less, ("costs", more)),
        false => ("costs", more, ("saves", less)),
    };
    let often = words::estimate(often, "share", words::NONE);
    match other {
        (opposite, share) if share.point.is_some_and(|share| 0.0 < share) => {
            let share = words::estimate(share, "share", words::NONE);
            format!("{verb} {name} in {often} of pairs and {opposite} some in {share}")
        }
        _ => format!("{verb} {name} in {often} of pairs"),
    }
}

/// The estimate of the opposite.
fn turned(estimate: Estimate) -> Estimate {
    let turn = |end: Option<f64>| end.map(|end| -end);
    Estimate {
        point: turn(estimate.point),
        low: turn(estimate.high),
        high: turn(estimate.low),
        n: estimate.n,
    }
}

fn differences(comparison: &Comparison) -> String {
    let shown = comparison
        .rows
        .iter()
        .filter(|row| Measure::find(row.measure).is_ok_and(|it| it.has(Role::Compared)));
    let (changed, same): (Vec<&Compared>, Vec<&Compared>) = shown.partition(|row| row.differs());
    let row = |row: &&Compared| {
        let share = |share: Option<Estimate>| {
            let share = share.and_then(|share| share.point);
            words::some(share, "share")
        };
        let ratio = row.paired.variance_ratio;
        vec![
            label(row.kind, &row.name),
            row.measure.to_owned(),
            words::some(row.base.point, row.unit),
            words::some(row.variant.point, row.unit),
            words::estimate(
                row.paired.difference,
                words::of_difference(row.unit),
                words::NONE,
            ),
            share(row.improves()),
            share(row.worsens()),
            match ratio {
                Some(ratio) => format!("×{}", words::number(ratio)),
                None if row.is_constant() => "constant".to_owned(),
                None => words::NONE.to_owned(),
            },
        ]
    };
    let header = [
        "of",
        "measure",
        "base",
        "variant",
        "difference",
        "better in",
        "worse in",
        "variance",
    ];
    let right = ["base", "variant", "better in", "worse in", "variance"];
    let rows: Vec<Vec<String>> = changed.iter().map(row).collect();
    let mut text = match rows.is_empty() {
        true => String::new(),
        false => table(&header, &right, &rows),
    };
    let called = |row: &&Compared| label(row.kind, &row.name);
    let mut names: Vec<String> = same.iter().map(called).collect();
    names.dedup();
    names.retain(|name| !changed.iter().any(|row| called(row) == *name));
    if !names.is_empty() {
        text += &format!("  unchanged: {}\n", names.join(", "));
    }
    text
}
