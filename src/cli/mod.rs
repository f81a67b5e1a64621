//! The command line: arguments in, words and exit codes out. The only layer that speaks to a
//! person, and the only one that owns files.

/// The measures that were asked for.
pub(crate) mod asked;

/// Flags and commands.
pub(crate) mod args;

/// Flags about facts.
pub(crate) mod args_facts;

/// Values of flags.
pub(crate) mod values;

/// Exit codes.
pub(crate) mod exit;

/// `drawdown run`.
pub(crate) mod run;

/// `drawdown run --watch`.
pub(crate) mod watch;

/// `drawdown ensemble`.
pub(crate) mod ensemble;

/// `drawdown ensemble --rare`.
pub(crate) mod rare;

/// The same of times to congestion.
pub(crate) mod congestion;

/// Whether the warm-up is long enough.
pub(crate) mod warm_up;

/// `drawdown sweep`.
pub(crate) mod sweep;

/// What a sweep found, in tables.
pub(crate) mod cells;
/// `drawdown compare`.
pub(crate) mod compare;
/// Costs of the levels of a buffer.
pub(crate) mod costs;

/// What `drawdown size` is asked.
pub(crate) mod buffers;

/// `drawdown size`.
pub(crate) mod size;

/// From a study to its folder and to standard output.
pub(crate) mod deliver;

/// `drawdown report`.
pub(crate) mod report;

/// `drawdown trace`.
pub(crate) mod trace;

/// `drawdown check`.
pub(crate) mod check;

/// The evidence that `drawdown check` writes.
pub(crate) mod evidence;

/// `drawdown calibrate`.
pub(crate) mod calibrate_facts;

/// `drawdown sensitivity`.
pub(crate) mod sensitivity;

/// Flags of `drawdown sensitivity`.
pub(crate) mod sensitivity_args;

/// Buffers for what is not known.
pub(crate) mod robust;

/// Samples of what is not known.
pub(crate) mod posterior;

/// A scenario with posterior medians.
pub(crate) mod apply;

/// `drawdown verify`.
pub(crate) mod verify;

/// `drawdown validate`.
pub(crate) mod validate;

/// `drawdown schema`.
pub(crate) mod schema;

/// Requests to end.
pub(crate) mod signals;

/// Command lines that are printed.
pub(crate) mod shell;

/// Work that several processes share.
pub(crate) mod divided;

/// An ensemble that several processes share.
pub(crate) mod shared_ensemble;

/// A sweep that several processes share.
pub(crate) mod shared_sweep;

/// Flags of shared work.
pub(crate) mod divided_args;

/// Tables of `drawdown ensemble`.
pub(crate) mod ensemble_tables;

/// Flags of `drawdown ensemble`.
pub(crate) mod ensemble_args;

/// Long work at a terminal.
pub(crate) mod progress;

/// `drawdown new`.
pub(crate) mod new;

/// Scenarios with figures that are given.
pub(crate) mod figures;

/// Flags of `drawdown calibrate`.
pub(crate) mod calibrate_args;

/// `drawdown calibrate --from`.
pub(crate) mod calibrate_log;

/// `drawdown completions`.
pub(crate) mod completions;

/// `drawdown man`.
pub(crate) mod man;

mod decide;
/// `drawdown help`.
pub(crate) mod help;
mod information;

/// A screen of answer.
pub(crate) mod screen;

/// The answer in a sentence.
pub(crate) mod finding;

/// Styles of text, and the width of the terminal.
pub(crate) mod paint;

/// Tables.
pub(crate) mod table;

/// Levels over time, drawn with characters.
pub(crate) mod plot;

/// Times below a drawing.
pub(crate) mod axis;

/// Durations, instants and estimates in words.
pub(crate) mod words;

use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::cli::args::{Command, Source, clap_error};
use crate::cli::exit::Exit;
use crate::experiment::ensemble::Ensemble;
use crate::experiment::kept::KeptMeasures;
use crate::output::folder::OutputError;
use crate::scenario::text::files::{STDIN_NAME, STDIN_PATH};
use crate::scenario::text::read::nearest;
use crate::scenario::vary::template::Template;
use crate::scenario::vary::through::through;
use crate::scenario::{FileAccess, NO_CHANGES, Problems, Scenario};

/// Runs the command that the process was called with, and gives its exit code.
pub fn main() -> std::process::ExitCode {
    let parsed = args::parse().map(|(command, quiet)| {
        QUIET.store(quiet, Ordering::Relaxed);
        command
    });
    let done = match parsed {
        Ok(Command::Run(args)) => run::answer(&args),
        Ok(Command::Ensemble(args)) => ensemble::answer(&args),
        Ok(Command::Sweep(args)) => sweep::answer(&args),
        Ok(Command::Compare(args)) => compare::answer(&args),
        Ok(Command::Size(args)) => size::answer_command(&args),
        Ok(Command::Report(args)) => report::report(&args),
        Ok(Command::Trace(args)) => trace::trace(&args),
        Ok(Command::Check(args)) => check::check(&args),
        Ok(Command::Calibrate(args)) if args.file.is_none() => calibrate_log::answer(&args),
        Ok(Command::Calibrate(args)) => calibrate_facts::answer(&args),
        Ok(Command::Sensitivity(args)) => sensitivity::answer(&args),
        Ok(Command::Verify(args)) => verify::verify(&args),
        Ok(Command::Validate(args)) => validate::validate(&args),
        Ok(Command::Schema) => schema::schema(),
        Ok(Command::New(args)) => new::new(&args),
        Ok(Command::Completions(args)) => completions::completions(&args),
        Ok(Command::Man(args)) => man::man(&args),
        Ok(Command::Help(args)) => help::help(&args),
        Err(label) => Err(label),
    };
    match done {
        Ok(exit) => exit.into(),
        Err(Failure::Usage(error)) => {
            let _ = error.print();
            if error.use_stderr() {
                Exit::CouldNotAnswer
            } else {
                Exit::Answered
            }
            .into()
        }
        Err(Failure::Message(message)) => {
            let _ = writeln!(io::stderr(), "{message}");
            Exit::CouldNotAnswer.into()
        }
        // The reader of the output has gone away, which is no failure.
        Err(Failure::Closed) => Exit::Answered.into(),
    }
}

/// Why a command gives no answer.
pub(crate) enum Failure {
    /// The flags make no sense, or help was asked for.
    Usage(clap_error::Error),
    /// Something is wrong, in words.
    Message(String),
    /// The reader of the output has gone away.
    Closed,
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Self {
        Self::Message(error.to_string())
    }
}

/// Reads the scenario that a command names.
pub(crate) fn load(file: &Path, source: &Source) -> Result<Scenario, Failure> {
    template(file, source).map(|template| template.base)
}

/// Reads the scenario that a command names, for values to be put into.
pub(crate) fn template(file: &Path, source: &Source) -> Result<Template, Failure> {
    let variant = source.variant.as_deref();
    let access = source.files.access();
    let changes = changed(file, source.outage.through.as_deref(), &source.set, access)?;
    Template::load_with_access(file, variant, changes, access)
        .map_err(|problems| Failure::Message(problems.to_string()))
}

/// The changes to a scenario: first an outage in place of its own, and says where and when it is; then those that are
/// set.
pub(crate) fn changed(
    file: &Path,
    outage: Option<&Path>,
    set: &[(String, String)],
    access: FileAccess,
) -> Result<Vec<(String, String)>, Failure> {
    let Some(outage) = outage else {
        return Ok(set.to_vec());
    };
    if file == Path::new(STDIN_PATH) {
        let message = "--through reads the scenario twice, so that it cannot be standard input\n  help: name a file";
        return Err(Failure::Message(message.to_owned()));
    }
    let wrong = |problems: Problems| Failure::Message(problems.to_string());
    let base = Template::load_with_access(file, None, NO_CHANGES, access).map_err(wrong)?;
    let found = through(outage, &base).map_err(wrong)?;
    let regions = match found.named {
        true => found.regions.join(", "),
        false => format!("all regions, since it names none of {}", name_of(file)),
    };
    let ends = match found.until_s <= base.base.length().seconds() {
        true => format!("to +{}", words::duration(found.until_s)),
        false => "beyond the end of the scenario".to_owned(),
    };
    remark(&format!(
        "through {}: from +{} {ends}, in {regions}",
        found.name,
        words::duration(found.from_s)
    ));
    Ok([&found.changes[..], set].concat())
}

/// The place of a pool that a flag names.
pub(crate) fn place_of(scenario: &Scenario, name: &str) -> Result<usize, Failure> {
    let names: Vec<&str> = scenario
        .pools
        .iter()
        .map(|pool| pool.name.as_str())
        .collect();
    let place = names.iter().position(|known| *known == name);
    place.ok_or_else(|| {
        let help = match nearest(name, &names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the scenario has {}", names.join(", ")),
        };
        Failure::Message(format!("there is no pool `{name}`\n  help: {help}"))
    })
}

/// Memory of replications that is worth saying (bytes).
const MEMORY_SAID: f64 = (256_u64 << 20) as f64;

/// Says how much memory the replications of so many sides take, where that is much.
pub(crate) fn remark_memory(
    scenario: &Scenario,
    kept: &KeptMeasures,
    (sides, replications): (usize, usize),
) {
    let bytes = Ensemble::memory(scenario, kept, replications) * sides as f64;
    if MEMORY_SAID < bytes {
        let mebibytes = bytes / f64::from(1 << 20);
        remark(&format!(
            "{} take about {} MiB of memory",
            words::counted(replications, "replication"),
            words::number(mebibytes.round())
        ));
    }
}

/// Whether `--quiet` was given. Nothing but notes and progress depends on it.
static QUIET: AtomicBool = AtomicBool::new(false);

/// Whether notes and progress are left out.
pub(crate) fn is_quiet() -> bool {
    QUIET.load(Ordering::Relaxed)
}

/// Prints a note on standard error, unless notes are left out. A closed standard error changes nothing.
pub(crate) fn remark(text: &str) {
    if !is_quiet() {
        let _ = writeln!(io::stderr(), "{text}");
    }
}

/// What a scenario file is called in messages.
pub(crate) fn name_of(file: &Path) -> String {
    match file == Path::new(STDIN_PATH) {
        true => STDIN_NAME.to_owned(),
        false => file.display().to_string(),
    }
}

/// Writes to standard output, in colour on a terminal.
pub(crate) fn say(text: &[u8]) -> Result<(), Failure> {
    paint::write(text).map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::Closed,
        _ => Failure::Message(format!("standard output cannot be written: {error}")),
    })
}
