//! `drawdown validate`: everything that is wrong with scenario files; and, of those that are valid,
//! where their numbers come from.

use crate::cli::args::ValidateArgs;
use crate::cli::exit::Exit;
use crate::cli::table::table;
use crate::cli::{Failure, name_of, paint, say};
use crate::scenario::vary::template::Template;

/// Answers the command.
pub(crate) fn validate(args: &ValidateArgs) -> Result<Exit, Failure> {
    let mut wrong = Vec::new();
    for file in &args.files {
        match Template::load_with_variants(
            file,
            args.set.iter().cloned(),
            args.files_named.access(),
        ) {
            Ok(template) => {
                let all = describe(&template, &name_of(file));
                let said = if args.all { all } else { shortened(&all) };
                say(said.as_bytes())?;
            }
            Err(problems) => wrong.push(problems.to_string()),
        }
    }
    if wrong.is_empty() {
        Ok(Exit::Answered)
    } else {
        Err(Failure::Message(wrong.join("\n\n")))
    }
}

fn describe(template: &Template, file: &str) -> String {
    let (scenario, provenance) = (&template.base, &template.base.provenance);
    let mut text = format!(
        "{file}: {}; {}, {}, {}\n",
        paint::good("valid"),
        counted(scenario.pools.len(), "pool"),
        counted(scenario.classes.len(), "demand class"),
        counted(scenario.facts.len(), "published fact"),
    );
    if let Some(cost) = scenario.cost.summary() {
        text += &format!("{cost}\n");
    }
    if !provenance.undeclared.is_empty() {
        let undeclared = counted(provenance.undeclared.len(), "value");
        let label = format!("{undeclared} neither sourced nor assumed, listed below\n");
        text += &paint::bad(&label);
    }
    let renamed = |note: &String| format!("{note}; the old name is still read\n");
    text.extend(template.renamed.iter().map(renamed));
    if !scenario.variants.is_empty() {
        text += &format!("variants: {}\n", scenario.variants.join(", "));
    }
    if !provenance.sources.is_empty() {
        text += &paint::title("\nValues with a source\n");
        let rows: Vec<Vec<String>> = provenance
            .sources
            .iter()
            .map(|(path, source)| vec![path.clone(), source.clone()])
            .collect();
        text += &table(&["path", "source"], &[], &rows);
    }
    if !provenance.assumptions.is_empty() {
        text += &paint::title("\nAssumed values\n");
        let rows: Vec<Vec<String>> = provenance
            .assumptions
            .iter()
            .map(|it| {
                let prior = it.prior.clone().unwrap_or_default();
                vec![
                    it.path.clone(),
                    it.value.clone(),
                    it.basis.to_owned(),
                    prior,
                ]
            })
            .collect();
        text += &table(&["path", "value", "basis", "prior"], &["value"], &rows);
    }
    if !provenance.defaults.is_empty() {
        text += &paint::title("\nTaken by default\n");
        let rows = grouped(&provenance.defaults);
        text += &table(&["path", "value"], &["value"], &rows);
    }
    if !provenance.undeclared.is_empty() {
        text += &paint::title("\nNeither sourced nor assumed\n");
        for path in &provenance.undeclared {
            text += &format!("  {path}\n");
        }
    }
    text + "\n"
}

/// The most lines of a list on one screen.
const LINES_MAX: usize = 22;

/// The first lines, and how many more there are.
fn shortened(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    if lines.len() <= LINES_MAX {
        return text.to_owned();
    }
    let more = lines.len() - LINES_MAX;
    format!(
        "{}\n… {more} more lines: --all.\n",
        lines[..LINES_MAX].join("\n")
    )
}

/// So many of a thing.
fn counted(count: usize, thing: &str) -> String {
    match (count, thing) {
        (1, thing) => format!("1 {thing}"),
        (count, thing) if thing.ends_with('s') => format!("{count} {thing}es"),
        (count, thing) => format!("{count} {thing}s"),
    }
}

/// Path and value of each default, once for all the named things that took it.
fn grouped(defaults: &[(String, String)]) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (path, value) in defaults {
        let mut steps: Vec<&str> = path.split('.').collect();
        if 2 < steps.len() {
            steps[1] = "*";
        }
        let row = vec![steps.join("."), value.clone()];
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    rows
}
