//! The report: one page that fetches nothing, shows the files, and can be rebuilt from them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::cli::drawdown;
use crate::worlds::SMALLEST;

const FNJ8: &str = "scenarios/fnj8-vqz.yaml";

/// The folder that a command has written.
#[track_caller]
fn written(args: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_string_lossy().into_owned();
    let (code, _, stderr) = drawdown(&[args, &["--out", &out]].concat());
    assert_ne!(code, Some(2), "{stderr}");
    folder
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).expect("a file")
}

fn page(folder: &tempfile::TempDir) -> String {
    read(folder.path(), "report.html")
}

/// A cell of a table: its attributes and its text.
type Cell = (BTreeMap<String, String>, String);

/// The tables of a page: caption, and rows of cells.
fn tables(page: &str) -> Vec<(String, Vec<Vec<Cell>>)> {
    let between = |text: &str, from: &str, to: &str| {
        let (_, rest) = text.split_once(from)?;
        Some(rest.split_once(to)?.0.to_owned())
    };
    let table = |text: &str| {
        let caption = between(text, "<span>", "</span>").expect("a caption");
        let rows = text.split("<tr>").skip(1);
        (caption, rows.map(cells).collect())
    };
    let parts = page.split("<table").skip(1);
    let parts = parts.map(|part| part.split("</table>").next().unwrap_or_default());
    parts.map(table).collect()
}

fn cells(row: &str) -> Vec<Cell> {
    let parts = row
        .split("<t")
        .skip(1)
        .filter(|part| part.starts_with(['h', 'd']));
    let cell = |part: &str| {
        let (tag, rest) = part.split_once('>').expect("a tag");
        let text = rest.split("</t").next().unwrap_or_default();
        let mut attributes = BTreeMap::new();
        let mut rest = tag;
        while let Some((name, after)) = rest.split_once("=\"") {
            let (value, after) = after.split_once('"').expect("a value");
            let name = name.split(' ').next_back().unwrap_or_default();
            attributes.insert(name.to_owned(), value.to_owned());
            rest = after;
        }
        (attributes, text.replace("<wbr>", ""))
    };
    parts.map(cell).collect()
}

#[test]
fn nothing_is_fetched_and_everything_is_on_the_page() {
    for args in [
        &["run", "--expected-value", FNJ8][..],
        &["ensemble", "--replications", "20", FNJ8],
        &["compare", "--replications", "20", FNJ8],
        &[
            "size",
            "--pool",
            "westus2/ubuntu",
            "--risk",
            "10%",
            "--replications",
            "20",
            FNJ8,
        ],
    ] {
        let folder = written(args);
        let page = page(&folder);
        for stderr in [
            " src=",
            " href=\"h",
            "url(",
            "@import",
            "<link",
            "<iframe",
            "http://",
            "https://",
        ] {
            assert!(!page.contains(stderr), "{args:?} holds {stderr}");
        }
        assert!(page.contains("default-src 'none'"));
        let name = format!("{}.json", args[0]);
        let document: Value = serde_json::from_str(&read(folder.path(), &name)).expect("JSON");
        let findings = document["findings"].as_array().expect("findings");
        assert!(!findings.is_empty());
        let said = page.replace(":</strong> <span>", ": ");
        for finding in findings.iter().filter_map(Value::as_str) {
            assert!(said.contains(finding), "{args:?} does not say: {finding}");
        }
        assert!(page.contains(document["question"].as_str().expect("a question")));
        assert!(page.contains(document["reproduce"].as_str().expect("a command")));
        assert!(page.contains("Fitted: these figures shaped the scenario"));
        let assumed = "demand.<wbr>deployments-westus2.<wbr>source.<wbr>tenants.<wbr>count";
        assert!(
            page.contains(assumed) && page.contains(">fitted</td>"),
            "{args:?}"
        );
        assert!(page.len() < 2_000_000, "{args:?}: {} bytes", page.len());
    }
}

#[test]
fn figures_of_a_replication_are_those_of_its_table() {
    let folder = written(&["run", "--seed", "3", FNJ8]);
    let measures = read(folder.path(), "measures.csv");
    let rows = measures
        .lines()
        .skip(1)
        .map(|row| row.split(',').collect::<Vec<_>>());
    let rows: Vec<Vec<&str>> = rows.collect();
    let value = |pool: &str, measure: &str| {
        let row = rows
            .iter()
            .find(|row| row[0] == "pool" && row[1] == pool && row[2] == measure);
        row.expect("a row")[4].to_owned()
    };
    let page = page(&folder);
    let tables = tables(&page);
    let mut compared = 0;
    for (_, rows) in tables
        .iter()
        .filter(|(caption, _)| caption.contains("easures"))
    {
        for row in &rows[1..] {
            for (attributes, text) in &row[1..] {
                let Some(pool) = attributes.get("data-pool") else {
                    continue;
                };
                let expected = value(pool, &row[0].1);
                let found = attributes.get("data-value").cloned().unwrap_or_default();
                assert_eq!(found, expected, "{} of {pool}", row[0].1);
                assert_eq!(text == "–", expected.is_empty(), "{} of {pool}", row[0].1);
                compared += 1;
            }
        }
    }
    // Seven pools: the main measures, then all of them.
    assert!(
        7 * (15 + drawdown::measure::MEASURES.len()) <= compared,
        "{compared} figures"
    );
}

#[test]
fn figures_of_an_ensemble_are_those_of_its_summary() {
    let folder = written(&["ensemble", "--replications", "40", FNJ8]);
    let summary = read(folder.path(), "summary.csv");
    let mut lines = summary
        .lines()
        .map(|row| row.split(',').collect::<Vec<_>>());
    let header = lines.next().expect("a header");
    let rows: Vec<Vec<&str>> = lines.collect();
    let page = page(&folder);
    let mut compared = 0;
    for (caption, table) in tables(&page) {
        let pool = caption.split([',', ':']).next().unwrap_or_default();
        for row in table.iter().skip(1) {
            let found = rows
                .iter()
                .find(|it| it[0] == "pool" && it[1] == pool && it[2] == row[0].1);
            let Some(expected) = found else { continue };
            for (place, name) in ["present_share", "mean", "p05", "p50", "p95"]
                .iter()
                .enumerate()
            {
                let column = header.iter().position(|it| it == name).expect("a column");
                let shown = row[1 + place]
                    .0
                    .get("data-value")
                    .map_or("", String::as_str);
                assert_eq!(shown, expected[column], "{name} of {} of {pool}", row[0].1);
                compared += 1;
            }
        }
    }
    assert!(7 * 5 * 15 < compared, "{compared} figures");
}

#[test]
fn the_same_page_is_made_anew() {
    for args in [
        &["run", "--seed", "2", FNJ8][..],
        &[
            "ensemble",
            "--replications",
            "20",
            "scenarios/rnq2-nc8.yaml",
        ],
        &["compare", "--replications", "20", "scenarios/rnq2-nc8.yaml"],
    ] {
        let folder = written(args);
        let first = page(&folder);
        assert_eq!(
            first,
            page(&written(args)),
            "{args:?} depends on something else"
        );
        fs::remove_file(folder.path().join("report.html")).expect("a file");
        let (code, stdout, stderr) = drawdown(&["report", &folder.path().to_string_lossy()]);
        assert_eq!(code, Some(0), "{stderr}");
        assert!(stdout.contains("report.html"), "{stdout}");
        assert_eq!(first, page(&folder), "{args:?}");
    }
}

#[test]
fn without_results_there_is_no_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let name = folder.path().to_string_lossy().into_owned();
    let (code, _, stderr) = drawdown(&["report", &name]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("holds no results\n  help: "), "{stderr}");
    for document in ["run.json", "size.json"] {
        fs::write(folder.path().join(document), "{}").expect("a file");
    }
    let (code, _, stderr) = drawdown(&["report", &name]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("results of several commands"), "{stderr}");
    let one = folder.path().join("run.json");
    let (code, _, stderr) = drawdown(&["report", &one.to_string_lossy()]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("cannot be read: missing field"), "{stderr}");
}

#[test]
fn hostile_names_stay_names() {
    let hostile = "<script>alert(1)</script>";
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = folder.path().join("hostile.yaml");
    let text = SMALLEST.replace("name: smallest", &format!("name: \"{hostile}\""));
    fs::write(&scenario, text).expect("a file");
    let question = format!("question=\"{hostile} & '\\\"</style>\"");
    let file = scenario.to_string_lossy().into_owned();
    for command in ["run", "ensemble"] {
        let many: &[&str] = if command == "ensemble" {
            &["--replications", "10"]
        } else {
            &[]
        };
        let args = [&[command, "--set", &question, &file][..], many].concat();
        let page = page(&written(&args));
        assert!(!page.contains(hostile), "{command}");
        assert!(
            page.contains("<h1>&lt;script&gt;alert(1)&lt;/script&gt;</h1>"),
            "{command}"
        );
        assert_eq!(page.matches("</style>").count(), 1, "{command}");
        assert_eq!(page.matches("<script").count(), 1, "{command}");
    }
}

#[test]
fn drawings_that_were_tampered_with_are_refused_or_escaped() {
    let folder = written(&["run", "scenarios/rnq2-nc8.yaml"]);
    let path = folder.path().join("charts.json");
    let again = || drawdown(&["report", &folder.path().to_string_lossy()]);
    let drawings = fs::read_to_string(&path).expect("a file");
    let name = "Ready workers";
    let hostile = drawings.replacen("\"Text\":[", "\"Text\":[[1.0,1.0],\"x\"],\"Text\":[", 1);
    fs::write(&path, hostile).expect("a file");
    let (code, _, stderr) = again();
    assert_eq!(code, Some(2));
    assert!(stderr.contains("charts.json cannot be read"), "{stderr}");
    let title = drawings.replace(name, "<script>1</script>");
    fs::write(
        &path,
        title.replace("\"title\":\"", "\"title\":\"<script>1</script>"),
    )
    .expect("a file");
    assert_eq!(again().0, Some(0));
    let page = page(&folder);
    assert!(!page.contains("<script>1") && page.contains("&lt;script&gt;1"));
    fs::remove_file(&path).expect("a file");
    let (code, _, stderr) = again();
    assert_eq!(code, Some(2));
    assert!(stderr.contains("its charts are missing"), "{stderr}");
}

#[test]
fn a_folder_of_studies_has_an_index() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = "scenarios/rnq2-nc8.yaml";
    for command in [&["run"][..], &["ensemble", "-n", "20"]] {
        let out = folder.path().join(command[0]);
        let out = out.to_string_lossy();
        let (code, _, stderr) = drawdown(&[command, &["--out", &out, file]].concat());
        assert_eq!(code, Some(0), "{stderr}");
    }
    let (code, out, stderr) = drawdown(&["report", &folder.path().to_string_lossy()]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(out.trim_end().ends_with("index.html"), "{out}");
    let page = read(folder.path(), "index.html");
    for part in [
        "2 studies",
        "href=\"run/report.html\"",
        "href=\"ensemble/report.html\"",
        "drawdown ensemble --replications 20",
        "values are assumed",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert_eq!(
        page.matches("<figure").count(),
        2,
        "the first chart of each"
    );
}

#[test]
fn a_year_fits_into_one_page() {
    let page = page(&written(&["run", "scenarios/azure-year.yaml"]));
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
    assert!(page.contains("data-readout"));
}
