//! A report as HTML: one file that fetches nothing, can be read without its script, and forbids the browser
//! to run any other.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::output::chart::svg;
use crate::output::report::Report;
use crate::output::study::Chart;
use crate::output::table::{Align, Cell, Column, Section, Table};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Nothing is fetched, and of scripts only that of the page runs.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-drawdown'; \
                      base-uri 'none'; form-action 'none'";

/// A part of a page: id, heading and content.
pub(crate) type Part = (String, String, Markup);

/// The page of a study.
pub(crate) fn page(report: &Report) -> String {
    let header = &report.header;
    let head = html! {
        p class="asked" { (report.asked) }
        h1 { (header.scenario) }
        @if let Some(question) = &header.question { p class="question" { (question) } }
    };
    let title = format!("{}: {}", header.scenario, report.asked);
    document(&title, &header.engine, head, &parts(report))
}

/// A whole page.
pub(crate) fn document(title: &str, engine: &str, head: Markup, parts: &[Part]) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content=(engine);
                title { (title) }
                style { (PreEscaped(STYLE)) (PreEscaped(svg::rules())) }
            }
            body {
                a class="skip" href="#answer" { "Skip to the answer" }
                header { (head) }
                nav aria-label="Contents" {
                    ul {
                        @for (id, heading, _) in parts {
                            li { a href=(format!("#{id}")) { (heading) } }
                        }
                    }
                }
                main {
                    @for (id, heading, body) in parts {
                        section id=(id) aria-labelledby=(format!("{id}-heading")) {
                            h2 id=(format!("{id}-heading")) { (heading) }
                            (body)
                        }
                    }
                }
                footer { p { (engine) } }
                script nonce="drawdown" { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string() + "\n"
}

fn parts(report: &Report) -> Vec<Part> {
    let mut parts = vec![("answer".to_owned(), "Answer".to_owned(), answer(report))];
    if !report.charts.is_empty() {
        let charts = html! {
            @for (place, chart) in report.charts.iter().enumerate() { (figure(place, chart)) }
        };
        parts.push(("charts".to_owned(), "Charts".to_owned(), charts));
    }
    let origins = report.header.origins();
    for part in report.results.iter().chain(&origins) {
        let id = part.heading.to_lowercase().replace(' ', "-");
        let body = section(part, &id);
        parts.push((id, part.heading.clone(), body));
    }
    let reproduce = "How to reproduce it".to_owned();
    parts.push(("reproduce".to_owned(), reproduce, reproduced(report)));
    parts
}

/// The answer, a sentence each, and what it rests on.
pub(crate) fn answer(report: &Report) -> Markup {
    let header = &report.header;
    html! {
        ul class="findings named" {
            @for finding in &header.findings {
                @if let Some((name, rest)) = finding.split_once(": ") {
                    // A sentence about a pool begins with its name.
                    @let pool = header.targets.contains_key(name).then_some(name);
                    li data-pool=[pool] { strong { (name) ":" } " " span { (rest) } }
                } @else {
                    li { (finding) }
                }
            }
        }
        @for note in &header.notes { p class="note" { (marked(note)) } }
    }
}

/// Text in which what is between backticks is a command.
fn marked(text: &str) -> Markup {
    html! {
        @for (place, part) in text.split('`').enumerate() {
            @if place % 2 == 0 { (part) } @else { code { (part) } }
        }
    }
}

/// A chart.
pub(crate) fn figure(place: usize, chart: &Chart) -> Markup {
    let drawing = &chart.drawing;
    let words = format!("chart-{place}-words");
    html! {
        figure id=(format!("chart-{place}")) data-pool=[&chart.pool] data-readout=[&drawing.readout] {
            div class="plot" role="group" tabindex="0" aria-label=(format!("Chart: {}", drawing.title)) {
                svg class="chart" role="img" viewBox=(svg::view_box(drawing)) aria-label=(drawing.title)
                    aria-describedby=(words) {
                    (PreEscaped(svg::elements(drawing)))
                }
            }
            figcaption {
                details {
                    summary { "In words" }
                    p id=(words) { (drawing.description) }
                }
            }
        }
    }
}

fn section(section: &Section, id: &str) -> Markup {
    html! {
        @if !section.lead.is_empty() { p class="lead" { (section.lead) } }
        @for (place, shown) in section.tables.iter().enumerate() {
            (table(shown, &format!("{id}-{place}")))
        }
        @for (place, folded) in section.folded.iter().enumerate() {
            details class="folded" data-pool=[&folded.pool] {
                summary {
                    (folded.caption) " " span class="count" { "(" (folded.rows.len()) ")" }
                }
                (table(folded, &format!("{id}-all-{place}")))
            }
        }
    }
}

/// A table.
pub(crate) fn table(table: &Table, id: &str) -> Markup {
    // Where there is nothing to compare down a column, a narrow page shows a row as a list.
    let words = table
        .columns
        .iter()
        .all(|column| column.align != Align::Numbers);
    html! {
        div class="table" data-pool=[&table.pool] role="group" tabindex="0" aria-labelledby=(id) {
            table class=[words.then_some("words")] {
                caption id=(id) { span { (table.caption) } }
                thead {
                    tr {
                        @for column in &table.columns {
                            th scope="col" class=[class(column.align)] data-pool=[&column.pool] {
                                (column.name)
                            }
                        }
                    }
                }
                tbody {
                    @for row in &table.rows {
                        tr {
                            @for (place, (shown, column)) in row.iter().zip(&table.columns).enumerate() {
                                (cell(shown, column, place, words))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The cell in the column at `place`, of which the first heads its row.
fn cell(cell: &Cell, column: &Column, place: usize, words: bool) -> Markup {
    let heads = place == 0;
    let class = class(column.align);
    // The whole number that a cell rounds, as the CSV has it.
    let value = cell.value.map(|value| value.to_string());
    let label = (words && !heads).then_some(&column.name);
    let text = html! {
        @if column.name == "path" {
            // A path may break behind each of its keys.
            @for (place, key) in cell.text.split('.').enumerate() {
                @if 0 < place { "." wbr; }
                (key)
            }
        } @else {
            (cell.text)
        }
    };
    html! {
        @if heads {
            th scope="row" class=[class] data-pool=[&column.pool] data-value=[value] title=[cell.hint] { (text) }
        } @else {
            td data-label=[label] class=[class] data-pool=[&column.pool] data-value=[value] title=[cell.hint] {
                (text)
            }
        }
    }
}

fn class(align: Align) -> Option<&'static str> {
    match align {
        Align::Words => None,
        Align::Numbers => Some("number"),
        Align::Prose => Some("prose"),
    }
}

fn reproduced(report: &Report) -> Markup {
    let digests = &report.digests;
    html! {
        pre tabindex="0" aria-label="Command" { code { (report.header.reproduce) } }
        @if !digests.is_empty() {
            p {
                "Digest" @if 1 < digests.len() { "s" } " "
                @for (place, digest) in digests.iter().enumerate() {
                    @if 0 < place { ", " }
                    code { (digest) }
                }
                ". The command gives the same."
            }
        }
    }
}
