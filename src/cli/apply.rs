//! A scenario with posterior medians, written to a new file.

use std::path::Path;

use crate::cli::{Failure, remark};
use crate::experiment::calibration::Calibration;
use crate::output::folder::Pending;
use crate::scenario::Scenario;
use crate::scenario::text::files::STDIN_PATH;
use crate::scenario::vary::apply::{Calibrated, applied};
use crate::scenario::vary::template::Template;

/// Refuses a file that is there, before the work begins.
pub(crate) fn is_free(path: &Path, file: &Path) -> Result<(), Failure> {
    if path.exists() || file == Path::new(STDIN_PATH) && path == file {
        let path = path.display();
        let label =
            format!("{path} exists; nothing was run\n  help: choose another name for `--apply`");
        return Err(Failure::Message(label));
    }
    Ok(())
}

/// Writes the scenario of a template with the medians of a sample.
pub(crate) fn write(path: &Path, template: &Template, found: &Calibration) -> Result<(), Failure> {
    let parameters = found.parameters.iter().zip(&found.known);
    let values = parameters.map(|(it, known)| {
        let [low, median, high] = known.posterior.map(|value| it.unit.written(value));
        let share = (known.contraction * 100.0).round();
        let weak = if known.is_identified() { "" } else { ", so the facts do not identify it" };
        Calibrated {
            path: it.path.clone(),
            why: format!(
                "Posterior median {median}, 90% between {low} and {high}; contraction {share}%{weak}."
            ),
            value: median,
        }
    });
    let applied = applied(template, &values.collect::<Vec<_>>());
    let name = path.display().to_string();
    if let Err(problems) = Scenario::parse(&name, &applied.text) {
        let label = format!(
            "the medians do not make a valid scenario; {name} was not written\n\n{problems}"
        );
        return Err(Failure::Message(label));
    }
    Pending::open(path)?.write(applied.text.as_bytes())?;
    remark(&format!("wrote {name}"));
    for path in applied.shared {
        remark(&format!(
            "{path} changed too, since it shares its value by an alias"
        ));
    }
    for path in applied.left {
        remark(&format!(
            "{path} stands elsewhere in the file, and was left as it is"
        ));
    }
    Ok(())
}
