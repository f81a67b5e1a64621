//! The one way out of a command: a study goes to its folder, and to standard output as JSON or as a screen.

use std::path::Path;

use crate::cli::{Failure, remark, say};
use crate::output::claim::Claim;
use crate::output::folder::{Content, Folder, OutputError};
use crate::output::study::{DRAWINGS, Study};

/// Tries the folder of `--out` before the work begins, if there is one.
///
/// # Errors
/// If the folder holds the results of another command or study, or cannot be written to.
pub(crate) fn open(
    out: Option<&Path>,
    command: &'static str,
    study: Option<&str>,
) -> Result<Option<Folder>, OutputError> {
    let open = |out| Folder::open(out, Claim::new(command, study));
    out.map(open).transpose()
}

/// Writes a study to its folder, and prints it.
pub(crate) fn deliver(
    study: &Study<'_>,
    folder: Option<Folder>,
    json: bool,
    screen: impl FnOnce() -> String,
) -> Result<(), Failure> {
    if let Some(folder) = folder {
        write(folder, study.files(), &[])?;
    }
    match json {
        true => say(&study.document),
        false => say(screen().as_bytes()),
    }
}

/// Writes files to a folder, and says what it holds then, with what was kept there before.
pub(crate) fn write(
    folder: Folder,
    files: Vec<(String, Content<'_>)>,
    kept: &[&str],
) -> Result<(), Failure> {
    let out = folder.path().to_owned();
    folder.write(&files)?;
    let names = files.iter().map(|(name, _)| name.as_str());
    let all: Vec<&str> = kept.iter().copied().chain(names).collect();
    wrote(&out, &all);
    Ok(())
}

/// Says which files a folder holds now. Charts are counted, since a large scenario has a hundred of them.
pub(crate) fn wrote(out: &Path, names: &[&str]) {
    let is_chart =
        |name: &&str| name.ends_with(".svg") || name.ends_with(".png") || *name == DRAWINGS;
    let (charts, mut named): (Vec<&str>, Vec<&str>) = names.iter().partition(|name| is_chart(name));
    let drawn = charts.iter().filter(|name| name.ends_with(".svg")).count();
    let drawn = match drawn {
        1 => "1 chart".to_owned(),
        _ => format!("{drawn} charts"),
    };
    named.extend((!charts.is_empty()).then_some(&drawn[..]));
    remark(&format!("wrote to {}: {}", out.display(), named.join(", ")));
}
