//! `drawdown sweep`: an ensemble for each cell of a design, kept as they are finished.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::cli::args::{DesignKind, SweepArgs};
use crate::cli::cells::{Shown, describe as tables, note, page, screen};
use crate::cli::deliver::write;
use crate::cli::divided::{must_be_begun, own, refused};
#[cfg(feature = "parquet")]
use crate::cli::divided_args::TableFormat;
use crate::cli::exit::Exit;
use crate::cli::progress::Bar;
use crate::cli::shell::Line;
use crate::cli::{Failure, name_of, posterior, say, shared_sweep, template};
use crate::experiment::class_measures::CLASS_MEASURES;
use crate::experiment::dependency_measures::DEPENDENCY_MEASURES;
use crate::experiment::measure::{INCIDENT_MEASURES, MEASURES};
use crate::experiment::pieces::Pieces;
use crate::experiment::sweep::{Sweep, watched};
use crate::kernel::random::Seed;
use crate::output::claim::{Claim, PARQUET};
use crate::output::folder::{Folder, OutputError};
use crate::output::store::CellStore;
use crate::output::study::header::Words;
use crate::output::study::sweep;
use crate::output::sweep::{Finished, manifest};
use crate::output::sweep_charts::charts;
use crate::scenario::Scenario;
use crate::scenario::schema::DesignName;
use crate::scenario::text::read::nearest;
use crate::scenario::vary::design::{Design, Plan, SweepSpec};

/// Answers the command. Every cell is read, and the folder tried, before the first replication.
pub(crate) fn answer(args: &SweepArgs) -> Result<Exit, Failure> {
    let (plan, measures) = asked(args)?;
    let shown = Shown::of(&plan, &args.measure, &measures);
    let mut store = store(args, &plan, &measures)?;
    let out = args.out.as_deref().filter(|_| args.divided.is_divided());
    let missing = match out {
        Some(out) => shared_sweep::work(args, (&plan, &store), &measures, out)?,
        None => Some(store.missing()),
    };
    let Some(missing) = missing else {
        return Ok(Exit::Answered);
    };
    // Measures that are not shown need not be in memory until the end.
    let all = args.print.json || args.out.is_some();
    simulate(args, (&plan, &store), &missing, |cell| {
        match (all, shown.has(cell)) {
            (true, _) => &measures,
            (false, true) => &shown.measures,
            (false, false) => &[],
        }
    })?;
    let totals = store.end();
    let totals = totals.map_err(|error| stuck(args, &plan, plan.len(), &error))?;
    if let Some(out) = &args.out {
        show(args, (&plan, &store), &shown, &measures, out)?;
    }
    if args.print.json {
        store.document(say)?;
    } else if args.print.all {
        say(tables(args, (&plan, &store), &shown, totals)?.as_bytes())?;
    } else {
        let mut screen = screen(args, (&plan, &store), &shown, totals)?;
        let drawn = posterior::note_of_cells(plan.template.posterior.as_deref());
        screen.notes.splice(0..0, drawn);
        say(screen.text().as_bytes())?;
    }
    Ok(Exit::Answered)
}

/// Writes what is for people: charts, and a page that shows them.
fn show(
    args: &SweepArgs,
    (plan, store): (&Plan, &CellStore),
    shown: &Shown,
    measures: &[&str],
    out: &Path,
) -> Result<(), Failure> {
    let charts = charts(plan, store, measures)?;
    let (findings, tables) = page(plan, store, shown)?;
    let words = Words {
        findings,
        notes: posterior::note_of_cells(plan.template.posterior.as_deref())
            .into_iter()
            .chain([note(args, plan, shown)])
            .collect(),
        reproduce: command(args, None),
        study: None,
    };
    let base = &plan.template.base;
    let given = sweep::study(base, store.manifest().clone(), tables, charts, words);
    let folder = Folder::open(out, Claim::new("sweep", None))?;
    let files = given.files().into_iter();
    let table = rows(args, store)?.map(|table| (PARQUET.to_owned(), table.into()));
    write(
        folder,
        files.chain(table).collect(),
        &["manifest.json", "sweep.csv"],
    )
}

/// The rows of all cells as Parquet, if that is asked for.
#[cfg(feature = "parquet")]
fn rows(args: &SweepArgs, store: &CellStore) -> Result<Option<Vec<u8>>, Failure> {
    if args.tables.format == TableFormat::Csv {
        return Ok(None);
    }
    let mut writer = crate::output::parquet_file::Writer::new(store.columns().to_vec());
    store.rows(|row| -> Result<(), Failure> {
        writer.push(row.typed());
        Ok(())
    })?;
    Ok(Some(writer.end()))
}

#[cfg(not(feature = "parquet"))]
fn rows(_: &SweepArgs, _: &CellStore) -> Result<Option<Vec<u8>>, Failure> {
    Ok(None)
}

/// The cells and the measures that are asked for, or everything that is wrong with them.
fn asked(args: &SweepArgs) -> Result<(Plan, Vec<&'static str>), Failure> {
    let template = template(&args.file, &args.source)?;
    let template = posterior::attach(template, &args.unknown, args.source.seed)?;
    let (measures, design) = (measures(&args.measure), design(args, &template.base));
    let is_read = |cell: usize, cells: usize| {
        let pieces = pieces(args, cells, None);
        let mut all = pieces.of_cell(cell);
        // What is put together was read by those that ran it.
        !args.divided.gather && all.any(|piece| own(&args.divided, piece))
    };
    let varied = SweepSpec {
        axes: args.vary.clone(),
        constraints: args.constraints.clone(),
        // Of a design that says too little, its axes can still be read.
        design: design.clone().unwrap_or(Some(Design::LatinHypercube(1))),
        seed: Seed(args.source.seed),
    };
    match (measures, design, Plan::reading(template, &varied, &is_read)) {
        (Ok(measures), Ok(_), Ok(plan)) => Ok((plan, measures)),
        (measures, design, plan) => {
            let mut wrong: Vec<String> = measures.err().into_iter().chain(design.err()).collect();
            wrong.push(match plan {
                Ok(_) => format!("{}: nothing was run", name_of(&args.file)),
                Err(problems) => problems.to_string(),
            });
            Err(Failure::Message(wrong.join("\n\n")))
        }
    }
}

/// Measures by their names, in the order of columns; all if none is named.
fn measures(names: &[String]) -> Result<Vec<&'static str>, String> {
    // A name that pools and classes share means both.
    let shared = |name: &str| MEASURES.iter().any(|it| it.name == name);
    let classes = CLASS_MEASURES.iter().filter(|it| !shared(it.name));
    let others = INCIDENT_MEASURES.iter().chain(DEPENDENCY_MEASURES);
    let all = MEASURES.iter().chain(others).chain(classes);
    let all: Vec<&'static str> = all.map(|it| it.name).collect();
    let unknown = names.iter().filter(|name| !all.contains(&name.as_str()));
    let wrong: Vec<String> = unknown
        .map(|name| {
            let help = match nearest(name, &all) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`drawdown help outputs` lists them".to_owned(),
            };
            format!("error: there is no measure `{name}`\n  help: {help}")
        })
        .collect();
    let asked = |name: &&str| names.is_empty() || names.iter().any(|asked| asked == name);
    match wrong.is_empty() {
        true => Ok(all.into_iter().filter(asked).collect()),
        false => Err(wrong.join("\n\n")),
    }
}

/// The design that the flags ask for; none if that of the file is meant.
fn design(args: &SweepArgs, base: &Scenario) -> Result<Option<Design>, String> {
    let file = base.sweep.as_ref();
    let kind = args.design.or_else(|| {
        let kind = match file?.design {
            DesignName::Grid => DesignKind::Grid,
            DesignName::LatinHypercube => DesignKind::Lhs,
            DesignName::Sobol => DesignKind::Sobol,
        };
        Some(kind)
    });
    let kind = kind.unwrap_or(DesignKind::Grid);
    if kind == DesignKind::Grid {
        return match args.points {
            Some(_) => {
                let label = "error: a grid has as many cells as its values make, and no `--points`";
                Err(format!(
                    "{label}\n  help: add `--design sobol` or `--design lhs`"
                ))
            }
            None => Ok(args.design.map(|_| Design::Grid)),
        };
    }
    let points = || Some(file?.points?.0.into());
    let Some(points) = args.points.or_else(points) else {
        let label = "error: the design does not say how many cells there are";
        return Err(format!(
            "{label}\n  help: add `--points`, such as `--points 64`"
        ));
    };
    Ok(Some(match kind {
        DesignKind::Lhs => Design::LatinHypercube(points),
        _ => Design::Sobol(points),
    }))
}

/// Where the cells are kept.
fn store(args: &SweepArgs, plan: &Plan, measures: &[&str]) -> Result<CellStore, Failure> {
    let replications = args.many.replications().count.get();
    let piece = pieces(args, plan.len(), None).size;
    let manifest = manifest(
        plan,
        replications,
        Seed(args.source.seed),
        (measures, piece),
    );
    let Some(out) = &args.out else {
        return Ok(CellStore::memory(plan, manifest));
    };
    must_be_begun(&args.divided, out)?;
    let asked = args.divided.piece.map(NonZeroUsize::get);
    let store = match args.divided.is_divided() {
        true => CellStore::join(out, plan, manifest, asked),
        false => CellStore::begin(out, plan, manifest),
    };
    store.map_err(|refusal| refused(out, refusal))
}

/// Into what the work is divided: pieces of the size that is asked for, or else that the folder has.
pub(super) fn pieces(args: &SweepArgs, cells: usize, there: Option<NonZeroUsize>) -> Pieces {
    let replications = args.many.replications().count.get();
    Pieces::new(cells, replications, args.divided.piece.or(there))
}

/// Runs cells, and keeps of each the measures that `kept` names.
pub(super) fn simulate<'a>(
    args: &SweepArgs,
    (plan, store): (&Plan, &CellStore),
    cells: &[usize],
    kept: impl Fn(usize) -> &'a [&'static str] + Sync,
) -> Result<(), Failure> {
    let replications = args.many.replications();
    if cells.is_empty() {
        return Ok(());
    }
    let bar = Bar::new((cells.len() * replications.count.get()) as u64);
    let done = AtomicUsize::new(plan.len() - cells.len());
    let failed: Mutex<Option<OutputError>> = Mutex::default();
    let sweep = Sweep {
        plan,
        cells,
        replications,
        seed: Seed(args.source.seed),
    };
    watched(&sweep, &bar, &|cell| {
        let finished = Finished::of(cell, plan, kept(cell.number));
        match store.keep(cell.number, finished) {
            Ok(()) => {
                let done = 1 + done.fetch_add(1, Ordering::Relaxed);
                bar.say(format!("{done} of {} cells", plan.len()));
                true
            }
            Err(error) => {
                let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                failed.get_or_insert(error);
                false
            }
        }
    });
    bar.end();
    let done = done.into_inner();
    match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(stuck(args, plan, done, &error)),
        None if done < plan.len() => {
            let label = format!("interrupted: {}", left(args, plan, done));
            Err(Failure::Message(label))
        }
        None => Ok(()),
    }
}

/// What is said where a disk did not take a file.
fn stuck(args: &SweepArgs, plan: &Plan, done: usize, error: &OutputError) -> Failure {
    Failure::Message(format!("{error}\n{}", left(args, plan, done)))
}

/// What became of the cells that are done.
fn left(args: &SweepArgs, plan: &Plan, done: usize) -> String {
    let cells = format!("{done} of {} cells are done", plan.len());
    let Some(out) = &args.out else {
        return format!(
            "{cells}, and nothing is kept\n  help: `--out DIR` keeps cells as they are done"
        );
    };
    let command = command(args, Some(out));
    format!(
        "{cells} and kept in {}; go on with: {command}",
        out.display()
    )
}

/// The command that asks the same; where a folder is named, the one that goes on there.
pub(crate) fn command(args: &SweepArgs, resumed: Option<&Path>) -> String {
    let mut line = Line::new("sweep");
    if let Some(out) = resumed {
        line = line.switch("resume").flag("out", out.display());
    }
    line.flag("replications", args.many.replications().count)
        .flag("seed", args.source.seed)
        .source(&args.source)
        .unknown(&args.unknown)
        .flags("vary", &args.vary)
        .flags("where", &args.constraints)
        .flags("design", args.design.map(DesignKind::name))
        .flags("points", args.points)
        .flags("measure", &args.measure)
        .files(&[&args.file])
}
