//! Where the numbers come from: what was published, fitted and held out apart, and what was assumed.

use serde_json::Value;

use crate::output::report::read::{list, text, texts, words_of};
use crate::output::report::{Align, Cell, Section, Table, columns};

/// What was published, and what was assumed.
pub(crate) fn sections(document: &Value) -> Vec<Section> {
    let published = published(document);
    let assumed = assumed(document);
    let some = |section: &Section| !section.tables.is_empty() || !section.folded.is_empty();
    [published, assumed].into_iter().filter(some).collect()
}

fn published(document: &Value) -> Section {
    let observed = list(document, "observed");
    let facts = |role: &str, caption: &str| {
        let facts = observed
            .iter()
            .filter(|fact| text(fact, "use") == Some(role));
        let rows = facts.map(|fact| ["what", "published", "source"].map(|key| words_of(fact, key)));
        table(caption, &["what", "published", "source"], rows)
    };
    let fitted = "Fitted: these figures shaped the scenario. That it meets them proves nothing.";
    let held = "Held out: these did not shape it. They are evidence.";
    let tables = [facts("fit", fitted), facts("hold", held)];
    let sources = list(document, "sources").iter();
    let sources = sources.map(|source| ["path", "source"].map(|key| words_of(source, key)));
    let sources = table(
        "Values of the scenario that were published",
        &["path", "source"],
        sources,
    );
    Section {
        heading: "What was published".to_owned(),
        lead: String::new(),
        tables: tables.into_iter().flatten().collect(),
        folded: sources.into_iter().collect(),
    }
}

fn assumed(document: &Value) -> Section {
    let assumptions = list(document, "assumptions");
    let fitted = assumptions
        .iter()
        .filter(|it| text(it, "basis") == Some("fitted"));
    let fitted = fitted.count();
    let keys = ["path", "value", "basis", "prior", "why"];
    let rows = assumptions
        .iter()
        .map(|it| keys.map(|key| words_of(it, key)));
    let table_of = table("Assumed, because nobody published it", &keys, rows);
    let undeclared = texts(document, "undeclared");
    let rows = undeclared.iter().map(|path| [Cell::text(&path[..])]);
    let undeclared = table("Neither sourced nor assumed", &["path"], rows);
    let lead = match assumptions.len() {
        0 => String::new(),
        1 => format!("1 value is assumed, {fitted} fitted to the published figures."),
        n => format!("{n} values are assumed, {fitted} of them fitted to the published figures."),
    };
    Section {
        heading: "What was assumed".to_owned(),
        lead,
        tables: table_of.into_iter().collect(),
        folded: undeclared.into_iter().collect(),
    }
}

/// A table of words, if it has rows.
fn table<const N: usize>(
    caption: &str,
    names: &[&str; N],
    rows: impl Iterator<Item = [Cell; N]>,
) -> Option<Table> {
    let rows: Vec<Vec<Cell>> = rows.map(Into::into).collect();
    let mut header = columns(names, Align::Words);
    for column in &mut header {
        if [
            "path",
            "published",
            "prior",
            "source",
            "value",
            "what",
            "why",
        ]
        .contains(&column.name.as_str())
        {
            column.align = Align::Prose;
        }
    }
    (!rows.is_empty()).then(|| Table {
        caption: caption.to_owned(),
        columns: header,
        rows,
        pool: None,
    })
}
