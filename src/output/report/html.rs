//! A report as HTML: one file that fetches nothing, can be read without its script, and says to the
//! browser that nothing else may run in it.

use crate::output::chart::svg;
use crate::output::report::inline::Chart;
use crate::output::report::{Align, Cell, Column, Report, Section, Table};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Nothing is fetched, and of scripts only that of the page runs.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-drawdown'; \
                      base-uri 'none'; form-action 'none'";

/// The page.
pub(crate) fn page(report: &Report) -> String {
    let title = escaped(&report.title);
    let parts = parts(report);
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"generator\" content=\"{engine}\">\n<title>{title}: {asked}</title>\n\
         <style>\n{STYLE}{rules}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#answer\">Skip to the answer</a>\n",
        engine = escaped(&report.engine),
        asked = escaped(&report.asked),
        rules = svg::rules(),
    );
    page += &format!(
        "<header>\n<p class=\"asked\">{}</p>\n<h1>{title}</h1>\n",
        escaped(&report.asked)
    );
    if let Some(question) = &report.question {
        page += &format!("<p class=\"question\">{}</p>\n", escaped(question));
    }
    page += "</header>\n<nav aria-label=\"Contents\">\n<ul>\n";
    for (id, heading, _) in &parts {
        page += &format!("<li><a href=\"#{id}\">{}</a></li>\n", escaped(heading));
    }
    page += "</ul>\n</nav>\n<main>\n";
    for (id, heading, body) in &parts {
        let heading = escaped(heading);
        page += &format!("<section id=\"{id}\" aria-labelledby=\"{id}-heading\">\n");
        page += &format!("<h2 id=\"{id}-heading\">{heading}</h2>\n{body}</section>\n");
    }
    page += &format!(
        "</main>\n<footer>\n<p>{}</p>\n</footer>\n",
        escaped(&report.engine)
    );
    page + &format!("<script nonce=\"drawdown\">\n{SCRIPT}</script>\n</body>\n</html>\n")
}

/// Each part of the page, as id, heading and body.
fn parts(report: &Report) -> Vec<(String, String, String)> {
    let mut parts = vec![("answer".to_owned(), "Answer".to_owned(), answer(report))];
    if !report.charts.is_empty() {
        let charts: String = report.charts.iter().enumerate().map(figure).collect();
        parts.push(("charts".to_owned(), "Charts".to_owned(), charts));
    }
    for section in report.results.iter().chain(&report.origins) {
        let id = section.heading.to_lowercase().replace(' ', "-");
        let body = self::section(section, &id);
        parts.push((id, section.heading.clone(), body));
    }
    let reproduce = "How to reproduce it".to_owned();
    parts.push(("reproduce".to_owned(), reproduce, reproduced(report)));
    parts
}

fn answer(report: &Report) -> String {
    let named = |finding: &String| {
        let (name, told) = finding.split_once(": ")?;
        // A sentence about a pool begins with its name.
        let about = report.pools.iter().find(|pool| pool.as_str() == name);
        let (name, about, told) = (escaped(name), of_pool(about), escaped(told));
        Some(format!(
            "<li{about}><strong>{name}:</strong> <span>{told}</span></li>\n"
        ))
    };
    let items = report.findings.iter().map(|finding| {
        named(finding).unwrap_or_else(|| format!("<li>{}</li>\n", escaped(finding)))
    });
    let items: String = items.collect();
    let mut body = format!("<ul class=\"findings named\">\n{items}</ul>\n");
    for note in &report.notes {
        body += &format!("<p class=\"note\">{}</p>\n", marked(note));
    }
    body
}

/// Text in which what stands between backticks is a command.
fn marked(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let parts = parts.map(|(place, part)| match place % 2 {
        0 => escaped(part),
        _ => format!("<code>{}</code>", escaped(part)),
    });
    parts.collect()
}

/// The mark by which a pool's parts are shown and hidden.
fn of_pool(pool: Option<&String>) -> String {
    pool.map_or_else(String::new, |pool| {
        format!(" data-pool=\"{}\"", escaped(pool))
    })
}

fn figure((place, chart): (usize, &Chart)) -> String {
    let readout = match &chart.readout {
        Some(readout) => format!(" data-readout=\"{}\"", readout.replace('"', "&quot;")),
        None => String::new(),
    };
    let title = chart.title.replace('"', "&quot;");
    format!(
        "<figure id=\"chart-{place}\"{pool}{readout}>\n\
         <div class=\"plot\" role=\"group\" tabindex=\"0\" aria-label=\"Chart: {title}\">\n\
         <svg class=\"chart\" role=\"img\" viewBox=\"{view}\" aria-label=\"{title}\" \
         aria-describedby=\"chart-{place}-words\">\n{drawing}</svg>\n</div>\n\
         <figcaption><details><summary>In words</summary>\n\
         <p id=\"chart-{place}-words\">{words}</p></details></figcaption>\n</figure>\n",
        pool = of_pool(chart.pool.as_ref()),
        view = chart.view,
        drawing = chart.drawing,
        words = chart.description,
    )
}

fn section(section: &Section, id: &str) -> String {
    let mut body = match &section.lead[..] {
        "" => String::new(),
        lead => format!("<p class=\"lead\">{}</p>\n", escaped(lead)),
    };
    for (place, shown) in section.tables.iter().enumerate() {
        body += &table(shown, &format!("{id}-{place}"));
    }
    for (place, folded) in section.folded.iter().enumerate() {
        let table = table(folded, &format!("{id}-all-{place}"));
        let rows = folded.rows.len();
        body += &format!(
            "<details class=\"folded\"{}><summary>{} <span class=\"count\">({rows})</span></summary>\n\
             {table}</details>\n",
            of_pool(folded.pool.as_ref()),
            escaped(&folded.caption),
        );
    }
    body
}

fn table(table: &Table, id: &str) -> String {
    // Where there is nothing to compare down a column, a narrow page shows a row as a list.
    let words = table
        .columns
        .iter()
        .all(|column| column.align != Align::Numbers);
    let mut body = format!(
        "<div class=\"table\"{} role=\"group\" tabindex=\"0\" aria-labelledby=\"{id}\">\n<table{}>\n\
         <caption id=\"{id}\"><span>{}</span></caption>\n<thead><tr>",
        of_pool(table.pool.as_ref()),
        if words { " class=\"words\"" } else { "" },
        escaped(&table.caption)
    );
    for column in &table.columns {
        let (class, pool) = (class(column.align), of_pool(column.pool.as_ref()));
        let name = escaped(&column.name);
        body += &format!("<th scope=\"col\"{class}{pool}>{name}</th>");
    }
    body += "</tr></thead>\n<tbody>\n";
    for row in &table.rows {
        body += "<tr>";
        for (place, (shown, column)) in row.iter().zip(&table.columns).enumerate() {
            let tag = if place == 0 { "th scope=\"row\"" } else { "td" };
            let label = match words && 0 < place {
                true => format!(" data-label=\"{}\"", escaped(&column.name)),
                false => String::new(),
            };
            body += &cell(shown, column, &format!("{tag}{label}"));
        }
        body += "</tr>\n";
    }
    body + "</tbody>\n</table>\n</div>\n"
}

fn cell(cell: &Cell, column: &Column, tag: &str) -> String {
    let (class, pool) = (class(column.align), of_pool(column.pool.as_ref()));
    let text = match &column.name[..] {
        // A path may break behind each of its keys.
        "path" => escaped(&cell.text).replace('.', ".<wbr>"),
        _ => escaped(&cell.text),
    };
    let end = &tag[..2];
    format!("<{tag}{class}{pool}{}>{text}</{end}>", told(cell))
}

fn class(align: Align) -> &'static str {
    match align {
        Align::Words => "",
        Align::Numbers => " class=\"number\"",
        Align::Prose => " class=\"prose\"",
    }
}

/// The whole number that a cell rounds, as the CSV has it, and what its name means.
fn told(cell: &Cell) -> String {
    let value = cell.value.map(|value| format!(" data-value=\"{value}\""));
    let hint = cell
        .hint
        .map(|hint| format!(" title=\"{}\"", escaped(hint)));
    value.unwrap_or_default() + &hint.unwrap_or_default()
}

fn reproduced(report: &Report) -> String {
    let mut body = format!(
        "<pre tabindex=\"0\" aria-label=\"Command\"><code>{}</code></pre>\n",
        escaped(&report.reproduce)
    );
    match &report.digests[..] {
        [] => {}
        digests => {
            let many = if digests.len() == 1 { "" } else { "s" };
            let told: Vec<String> = digests
                .iter()
                .map(|digest| format!("<code>{}</code>", escaped(digest)))
                .collect();
            body += &format!(
                "<p>Digest{many} {}. Whoever runs the command anew gets the same.</p>\n",
                told.join(", ")
            );
        }
    }
    body
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('"', "&quot;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}
