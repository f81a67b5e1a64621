//! Reading the files of a log.

use std::path::Path;

use crate::log::intake::{Intake, Options};
use crate::log::{Format, LOG_BYTES_MAX, LOG_SPAN_MAX, Log, csv, prometheus, workflow};
use crate::scenario::text::files;

/// Reads files, which are one log together.
///
/// # Errors
/// Everything that is wrong with any of them, in one text.
pub(crate) fn read(paths: &[impl AsRef<Path>], options: &Options) -> Result<Log, String> {
    let mut log = Log::default();
    let mut problems = Vec::new();
    for path in paths {
        if let Err(problem) = file(path.as_ref(), options, &mut log) {
            problems.push(problem);
        }
    }
    if problems.is_empty()
        && let Some((first, last)) = log.window()
        && LOG_SPAN_MAX < last - first
    {
        let years = (last - first) / (365.25 * 86_400.0);
        problems.push(format!(
            "the times of the log lie {years:.0} years apart\n  help: give at most ten years"
        ));
    }
    match problems.is_empty() {
        true => Ok(log),
        false => Err(problems.join("\n\n")),
    }
}

fn file(path: &Path, options: &Options, log: &mut Log) -> Result<(), String> {
    let name = match path.file_name() {
        _ if path == Path::new(files::STDIN_PATH) => files::STDIN_NAME.to_owned(),
        Some(name) => name.to_string_lossy().into_owned(),
        None => path.display().to_string(),
    };
    let bytes = if path == Path::new(files::STDIN_PATH) {
        files::read_stdin(LOG_BYTES_MAX)
    } else {
        files::read(path, LOG_BYTES_MAX)
    };
    let bytes = bytes.map_err(|refused| {
        let (limit, help) = (&refused.limit, refused.help);
        let path = path.display();
        format!(
            "{path} {}\n  limit: {limit}\n  help: {help}",
            refused.message
        )
    })?;
    // A mark of byte order is no part of the first column's name.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    text(bytes, &name, options, log)
}

/// Reads the content of a file.
///
/// # Errors
/// Everything that is wrong with it.
pub(crate) fn text(
    bytes: &[u8],
    name: &str,
    options: &Options,
    log: &mut Log,
) -> Result<(), String> {
    let format = options.format.unwrap_or_else(|| format_of(bytes));
    let mut intake = Intake::new(log, options, name, format);
    if !options.conditions.is_empty() && format != Format::Csv {
        intake.whole(
            "--where names columns, and this is no CSV",
            "filter the file first",
        );
    }
    match format {
        _ if bytes.iter().all(u8::is_ascii_whitespace) => {
            intake.whole("the file is empty", "check the export");
        }
        Format::Csv => csv::read(bytes, &mut intake),
        Format::WorkflowJob => workflow::read(bytes, &mut intake),
        Format::Prometheus => prometheus::read(bytes, &mut intake),
    }
    intake.finish()
}

/// The format of a file, by how it begins.
fn format_of(bytes: &[u8]) -> Format {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if !matches!(first, Some(b'{' | b'[')) {
        return Format::Csv;
    }
    let head = &bytes[..bytes.len().min(2_000)];
    let head = String::from_utf8_lossy(head);
    let has = |key: &str| head.contains(key);
    match has("\"resultType\"") || (has("\"data\"") && has("\"metric\"")) {
        true => Format::Prometheus,
        false => Format::WorkflowJob,
    }
}
