//! The page of several studies: of each its question, its answer and its first chart, and a link to its page.

use maud::{Markup, html};

use crate::output::report::Report;
use crate::output::report::html::{Part, answer, document, figure};

/// A study in a folder of studies.
pub(crate) struct Entry {
    /// The path of its page, relative to the index.
    pub page: String,
    pub report: Report,
}

/// The page.
pub(crate) fn page(entries: &[Entry]) -> String {
    let mut parts: Vec<Part> = Vec::new();
    let mut chart = 0;
    for (place, entry) in entries.iter().enumerate() {
        let header = &entry.report.header;
        // The first part is where the link at the top goes.
        let id = match place {
            0 => "answer".to_owned(),
            _ => format!("study-{place}"),
        };
        let heading = format!("{}: {}", header.scenario, entry.report.asked);
        parts.push((id, heading, body(entry, &mut chart)));
    }
    let engine = entries
        .first()
        .map_or("", |it| &it.report.header.engine[..]);
    let head = html! {
        p class="asked" { (entries.len()) " studies" }
        h1 { "Studies" }
    };
    document("Studies", engine, head, &parts)
}

fn body(entry: &Entry, chart: &mut usize) -> Markup {
    let header = &entry.report.header;
    let assumed = header.assumptions.len();
    *chart += 1;
    html! {
        @if let Some(question) = &header.question { p class="question" { (question) } }
        (answer(&entry.report))
        @if let Some(first) = entry.report.charts.first() { (figure(*chart, first)) }
        p class="lead" {
            (assumed) @if assumed == 1 { " value is" } @else { " values are" } " assumed. "
            a href=(entry.page) { "All figures, assumptions and charts" }
        }
        pre tabindex="0" aria-label="Command" { code { (header.reproduce) } }
    }
}
