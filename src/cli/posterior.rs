//! `--posterior`: a sample of what is not known, and estimates with both of their intervals.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use crate::cli::args::Unknown;
use crate::cli::{Failure, remark, words};
use crate::experiment::ensemble::Ensemble;
use crate::experiment::unknown::{Uncertain, of_ensemble};
use crate::kernel::random::Seed;
use crate::output::csv::records;
use crate::scenario::text::problem::Problem;
use crate::scenario::vary::posterior::Posterior;
use crate::scenario::vary::template::Template;
use crate::stats::between::TwoIntervals;

/// The word for draws from the priors.
const PRIORS: &str = "priors";

/// The file that a folder of a calibration has.
const SAMPLE: &str = "posterior.csv";

/// The template with the sample that a flag names, if it names one.
pub(crate) fn attach(
    template: Template,
    unknown: &Unknown,
    seed: u64,
) -> Result<Template, Failure> {
    match sample(&template, unknown, seed)? {
        Some(posterior) => with(template, &posterior),
        None => Ok(template),
    }
}

/// The sample that a flag names.
pub(crate) fn sample(
    template: &Template,
    unknown: &Unknown,
    seed: u64,
) -> Result<Option<Arc<Posterior>>, Failure> {
    let Some(path) = &unknown.posterior else {
        return Ok(None);
    };
    if path == Path::new(PRIORS) {
        let drawn = Posterior::of_priors(template, Seed(seed));
        let drawn = drawn.map_err(|problems| {
            let label = "no draw from the priors makes a valid scenario";
            Failure::Message(problem(label, &problems))
        })?;
        if 0 < drawn.redrawn() {
            remark(&format!(
                "{} from the priors broke a constraint of the file, and were drawn again",
                words::counted(drawn.redrawn() as usize, "draw")
            ));
        }
        return Ok(Some(Arc::new(drawn)));
    }
    let path = match path.is_dir() {
        true => path.join(SAMPLE),
        false => path.clone(),
    };
    let name = path.display();
    let wrong = |error: String| {
        let help = "name the posterior.csv that `drawdown calibrate --out DIR` writes, or `priors`";
        Failure::Message(format!("{name}: {error}\n  help: {help}"))
    };
    let file = File::open(&path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    let mut rows = Vec::new();
    for record in records(file) {
        rows.push(record.map_err(|error| wrong(format!("is no table: {error}")))?);
    }
    if rows.is_empty() {
        return Err(wrong("is empty".to_owned()));
    }
    let paths = rows.remove(0);
    let sample = Posterior::new(paths, &rows).map_err(wrong)?;
    Ok(Some(Arc::new(sample)))
}

/// The template with a sample.
pub(crate) fn with(template: Template, posterior: &Arc<Posterior>) -> Result<Template, Failure> {
    let template = template
        .with_posterior(posterior)
        .map_err(|(row, problems)| {
            let label = format!("row {row} of the sample does not make a valid scenario");
            Failure::Message(problem(&label, &problems))
        })?;
    for path in template.unused() {
        remark(&format!(
            "{path} is set otherwise, so the sample's values of it are not used"
        ));
    }
    Ok(template)
}

/// What is wrong, in short: a sample may have thousands of rows.
fn problem(label: &str, problems: &[Problem]) -> String {
    let Some(first) = problems.first() else {
        return label.to_owned();
    };
    let limit = first
        .limit
        .as_deref()
        .map_or_else(String::new, |limit| format!("; expected {limit}"));
    let help = first
        .help
        .as_deref()
        .unwrap_or("change the sample or the scenario");
    format!(
        "{label}: `{}`: {}{limit}\n  help: {help}",
        first.path, first.message
    )
}

/// What is drawn, in a line.
pub(crate) fn note(posterior: Option<&Posterior>) -> Option<String> {
    posterior.map(|it| {
        format!(
            "{} drawn from a sample of {}. Luck: the finite number of replications. Luck with ignorance: where \
             the figure lies for the true values, which are not known.",
            words::counted(it.paths().len(), "value"),
            words::counted(it.len(), "row")
        )
    })
}

/// What is drawn in the cells of a sweep, in a line.
pub(crate) fn note_of_cells(posterior: Option<&Posterior>) -> Option<String> {
    posterior.map(|it| {
        format!(
            "{} drawn from a sample of {}. In brackets: luck, the finite number of replications. In parentheses: \
             luck with ignorance, where the figure lies for the true values, which are not known.",
            words::counted(it.paths().len(), "value"),
            words::counted(it.len(), "row")
        )
    })
}

/// The second interval.
pub(crate) fn second(it: &TwoIntervals, unit: &str) -> String {
    let of = |value: f64| match value.is_finite() {
        true => words::value(value, unit),
        false => "unbounded".to_owned(),
    };
    match it.ends {
        Some([low, high]) => format!("{} to {}", of(low), of(high)),
        None => "unknown (too few replications share a row)".to_owned(),
    }
}

/// A row for each estimate: what it is, the point and the intervals.
pub(crate) fn rows(all: &[Uncertain]) -> Vec<Vec<String>> {
    let row = |it: &Uncertain| {
        let figure = &it.both.figure;
        let of = |value: Option<f64>| {
            value.map_or_else(|| "unbounded".to_owned(), |end| words::value(end, &it.unit))
        };
        vec![
            format!("{}: {}", it.name, it.what),
            words::some(figure.point, &it.unit),
            match (figure.low, figure.high) {
                // Too few values differ for an interval worth its name.
                (None, None) => words::NONE.to_owned(),
                (low, high) => format!("{} to {}", of(low), of(high)),
            },
            second(&it.both, &it.unit),
        ]
    };
    all.iter().map(row).collect()
}

/// The names of the columns of such rows.
pub(crate) const HEADER: [&str; 4] = ["figure", "estimate", "luck", "luck with ignorance"];

/// The estimates of an ensemble at a glance, as a table.
pub(crate) fn table_of(template: &Template, found: &Ensemble) -> String {
    let all = of_ensemble(&template.base, found);
    if all.is_empty() {
        return String::new();
    }
    crate::cli::table::table(&HEADER, &HEADER[1..], &rows(&all))
}
