//! Another outage than the file's own: that of a provider, from a file of its own, which any scenario can be put
//! through. The outage comes as changes to the scenario, as if they were set on the command line.
//!
//! It affects those regions of the scenario that it names, or all of them where the scenario has none of those. It begins
//! when the first dated outage of the scenario begins, so that the hour of the day and demand are the same, or at the
//! start where the file has none.

use std::path::Path;

use crate::model::setup::outage::When;
use crate::scenario::Scenario;
use crate::scenario::schema::Named;
use crate::scenario::schema::outage::{Judged, Operation};

use crate::scenario::text::node::{Node, Value, quoted};
use crate::scenario::text::problem::{Problem, Problems};
use crate::scenario::text::read::{Read, Reader, record};
use crate::scenario::text::units::{Length, Number, Share};
use crate::scenario::text::yaml;
use crate::scenario::vary::template::{Template, read_text};

record! {
    /// A provider outage.
    ProviderOutage {
        /// Name of the outage.
        name: String,
        /// The provider.
        #[expect(dead_code, reason = "for readers of the file")]
        provider: String,
        /// Where its figures are from.
        #[expect(dead_code, reason = "for readers of the file")]
        source: String,
        /// What is assumed, since it is not published.
        #[expect(dead_code, reason = "for readers of the file")]
        assumed: String,
        /// Regions that it affected, as scenarios call them.
        regions: Vec<String>,
        /// What failed, and when, by name.
        phases: Named<OutagePhase>,
    }
}

record! {
    /// A part of a provider outage.
    OutagePhase {
        /// Beginning, after that of the outage.
        from: Length = "0s",
        /// End, exclusive, after the beginning of the outage.
        until: Length,
        /// Operations that fail.
        #[expect(dead_code, reason = "the scenario reads it")]
        operations: Vec<Operation>,
        /// Probability that a call fails.
        #[expect(dead_code, reason = "the scenario reads it")]
        failure: Option<Share>,
        /// Factor on the latency of attempts that start in it.
        #[expect(dead_code, reason = "the scenario reads it")]
        latency_factor: Number = "1",
        /// When it is decided whether an attempt fails.
        #[expect(dead_code, reason = "the scenario reads it")]
        judged: Option<Judged>,
    }
}

/// An outage in place of the scenario's own.
#[derive(Clone, Debug)]
pub(crate) struct Through {
    pub name: String,
    /// The regions that it affects.
    pub regions: Vec<String>,
    /// Whether the scenario has regions that the outage names.
    pub named: bool,
    /// From the start of the scenario to the beginning, and to the last end (s).
    pub from_s: f64,
    pub until_s: f64,
    /// The changes that it comes as.
    pub changes: Vec<(String, String)>,
}

/// The outage of a file, in place of those of a scenario.
///
/// # Errors
/// Every problem of the outage's file.
pub(crate) fn through(path: &Path, base: &Template) -> Result<Through, Problems> {
    let name = path.display().to_string();
    let wrong =
        |text: &str, problems| Problems::new(vec![(name.clone(), text.to_owned())], problems);
    let text = read_text(path).map_err(|problem| wrong("", vec![*problem]))?;
    let tree = yaml::parse(&text, 0).map_err(|problem| wrong(&text, vec![*problem]))?;
    if let Some(node) = tree.find("pools") {
        let problem = Problem::new("pools", "this is a scenario, not an outage")
            .limit("a file of a provider outage, with `provider`, `regions` and `phases`")
            .help("choose one such as those in `scenarios/outages`")
            .at(Some(node.spot));
        return Err(wrong(&text, vec![problem]));
    }
    let mut reader = Reader::default();
    let outage = ProviderOutage::read(&tree, &mut reader);
    let outage = match outage {
        Some(outage) if reader.problems.is_empty() => outage,
        _ => return Err(wrong(&text, reader.problems)),
    };
    let (regions, named) = affected(&outage, base.tree());
    let from_s = begins(&base.base);
    let ends = outage.phases.values().map(|phase| phase.until.0.seconds());
    let until_s = from_s + ends.fold(0.0, f64::max);
    let phase = |(key, phase): (&String, &OutagePhase)| {
        let kept = tree.find(&format!("phases.{key}"));
        let kept = kept.map_or_else(Vec::new, |node| others(node, &["from", "until"]));
        let at = |length: &Length| {
            let micros = from_s * 1e6 + length.0.seconds() * 1e6;
            format!("+{}us", micros.round() as u64)
        };
        let names: Vec<String> = regions.iter().map(|it| quoted(it)).collect();
        let own = [
            format!("regions: [{}]", names.join(", ")),
            format!("from: {}", at(&phase.from)),
            format!("until: {}", at(&phase.until)),
        ];
        let all = [&own[..], &kept].concat().join(", ");
        format!("{}: {{{all}}}", quoted(key))
    };
    let phases: Vec<String> = outage.phases.iter().map(phase).collect();
    let mut changes = vec![("outages".to_owned(), format!("{{{}}}", phases.join(", ")))];
    changes.extend(
        ["sources", "assumptions"]
            .into_iter()
            .filter_map(|list| without_outages(base.tree(), list)),
    );
    Ok(Through {
        name: outage.name,
        regions,
        named,
        from_s,
        until_s,
        changes,
    })
}

/// The regions of a scenario that an outage affects, and whether it names any of them.
fn affected(outage: &ProviderOutage, tree: &Node) -> (Vec<String>, bool) {
    let all: Vec<String> = match tree.find("regions").map(|node| &node.value) {
        Some(Value::Map(entries)) => entries.iter().map(|entry| entry.key.clone()).collect(),
        _ => Vec::new(),
    };
    let named: Vec<String> = all
        .iter()
        .filter(|region| outage.regions.contains(region))
        .cloned()
        .collect();
    match named.is_empty() {
        true => (all, false),
        false => (named, true),
    }
}

/// From the start of a scenario to its first dated outage (s).
fn begins(scenario: &Scenario) -> f64 {
    let windows = scenario.setup.windows.iter();
    let dated = windows.filter_map(|window| match &window.when {
        When::Dated { from, .. } => Some(scenario.seconds(*from)),
        When::RandomOutages => None,
    });
    dated.reduce(f64::min).unwrap_or(0.0).max(0.0)
}

/// The entries of a map but some, as they would be written on one line.
fn others(node: &Node, without: &[&str]) -> Vec<String> {
    let Value::Map(entries) = &node.value else {
        return Vec::new();
    };
    let kept = entries
        .iter()
        .filter(|entry| !without.contains(&entry.key.as_str()));
    kept.map(|entry| format!("{}: {}", quoted(&entry.key), on_one_line(&entry.value)))
        .collect()
}

/// A list of origins of values, without those of outages that are no longer there; nothing where the file has none.
fn without_outages(tree: &Node, list: &str) -> Option<(String, String)> {
    let Value::List(items) = &tree.find(list)?.value else {
        return None;
    };
    let is_of_outage = |item: &&Node| {
        let path = item.find("path").map(Node::written).unwrap_or_default();
        path == "outages" || path.starts_with("outages.")
    };
    let kept: Vec<String> = items
        .iter()
        .filter(|it| !is_of_outage(it))
        .map(on_one_line)
        .collect();
    Some((list.to_owned(), format!("[{}]", kept.join(", "))))
}

/// A value as YAML on one line, every text in quotes: a sentence may hold any mark of YAML.
fn on_one_line(node: &Node) -> String {
    match &node.value {
        Value::Text(text) => quoted(text),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(on_one_line).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(_) => format!("{{{}}}", others(node, &[]).join(", ")),
        _ => node.flow(),
    }
}
