//! The provenance of every number: published with its source, assumed with its reason, or neither,
//! which is reported too.

use std::collections::BTreeSet;

use crate::scenario::compile::Compiler;
use crate::scenario::compile::priors::{DeclaredPrior, PriorLaw};
use crate::scenario::schema::{Basis, Prior, Quantity};
use crate::scenario::text::node::{Node, Value};
use crate::scenario::text::units::magnitude;

/// Parts of a file whose numbers determine the answer.
const SHAPING: [&str; 5] = ["profiles", "pools", "demand", "outages", "playbook"];

/// The provenance of the numbers of a scenario.
#[derive(Clone, Debug, Default)]
pub(crate) struct Provenance {
    /// Path and origin of what was published.
    pub sources: Vec<(String, String)>,
    pub assumptions: Vec<Assumed>,
    /// Path and value of every default that was used.
    pub defaults: Vec<(String, String)>,
    /// Paths of numbers that are neither sourced nor assumed.
    pub undeclared: Vec<String>,
    /// Values with a prior distribution, in the order of the file.
    pub priors: Vec<DeclaredPrior>,
}

/// A value without a published source.
#[derive(Clone, Debug)]
pub(crate) struct Assumed {
    pub path: String,
    pub value: String,
    pub basis: &'static str,
    pub prior: Option<String>,
    pub why: String,
}

impl Provenance {
    /// Follows every path of `sources` and `assumptions`.
    pub fn of(compiler: &mut Compiler<'_>, root: &Node, defaults: Vec<(String, String)>) -> Self {
        let file = compiler.file;
        for (place, source) in file.sources.iter().enumerate() {
            compiler.check_path(root, &format!("sources.{place}.path"), &source.path);
        }
        let (mut assumptions, mut priors) = (Vec::new(), Vec::new());
        for (place, assumption) in file.assumptions.iter().enumerate() {
            let path = format!("assumptions.{place}");
            compiler.check_path(root, &format!("{path}.path"), &assumption.path);
            let Some(node) = root.find(&assumption.path) else {
                continue;
            };
            // A value that is varied is a choice, and no longer an assumption.
            if let Some(prior) = &assumption.prior
                && !compiler.changed
            {
                compiler.check_prior(&format!("{path}.prior"), node, prior);
            }
            let declared = assumption.prior.as_ref();
            priors.extend(declared.and_then(|it| DeclaredPrior::of(&assumption.path, node, it)));
            assumptions.push(Assumed {
                path: assumption.path.clone(),
                value: node.written(),
                basis: match assumption.basis {
                    Basis::Calibrated => "fitted",
                    Basis::Bounded => "bounded",
                    Basis::Reasoned => "reasoned",
                },
                prior: assumption.prior.as_ref().map(described),
                why: assumption.why.clone(),
            });
        }
        let declared = file.sources.iter().map(|source| source.path.as_str());
        let declared: BTreeSet<&str> = declared
            .chain(file.assumptions.iter().map(|it| it.path.as_str()))
            .collect();
        let undeclared = undeclared(root, &declared);
        let sources = file
            .sources
            .iter()
            .map(|it| (it.path.clone(), it.source.clone()));
        Self {
            sources: sources.collect(),
            assumptions,
            defaults,
            undeclared,
            priors,
        }
    }
}

/// Numbers and times in those parts that no declared path covers. Where several places
/// share one value by an alias, only one of them is listed.
fn undeclared(root: &Node, declared: &BTreeSet<&str>) -> Vec<String> {
    let (mut covered, mut open) = (Vec::new(), Vec::new());
    root.leaves(&mut Vec::new(), &mut |path, node| {
        let shaping = path.first().is_some_and(|part| SHAPING.contains(part));
        let number = match &node.value {
            Value::Text(text) => text.starts_with(|first: char| first.is_ascii_digit()),
            Value::Number(_) => true,
            _ => false,
        };
        if !(shaping && number) {
            return;
        }
        let path = path.join(".");
        let mut above = path.match_indices('.').map(|(end, _)| &path[..end]);
        if declared.contains(path.as_str()) || above.any(|above| declared.contains(above)) {
            covered.push(node.defined);
        } else {
            open.push((path, node.defined));
        }
    });
    covered.sort_unstable();
    open.retain(|(_, defined)| covered.binary_search(defined).is_err());
    open.into_iter().map(|(path, _)| path).collect()
}

pub(crate) fn described(prior: &Prior) -> String {
    let written = |it: &Quantity| it.unit.written(it.size);
    match prior {
        Prior::Uniform(range) => format!("uniform, {}", range.text),
        Prior::LogUniform(range) => format!("log-uniform, {}", range.text),
        Prior::Lognormal(law) => {
            let (p5, p95) = (written(&law.p5), written(&law.p95));
            format!("log-normal, 5% {p5}, 95% {p95}")
        }
        Prior::Gamma(law) => {
            let (shape, rate) = (law.shape.0, written(&law.rate));
            format!("gamma, shape {shape}, rate {rate}")
        }
    }
}

impl Compiler<'_> {
    fn check_path(&mut self, root: &Node, at: &str, path: &str) {
        // Changed values may have removed some paths.
        if root.find(path).is_none() && !self.changed {
            let help = "a path is keys joined by dots, such as `pools.westus2/ubuntu.target`";
            let limit = "the path of a value in this file";
            self.problem(at, format!("there is nothing at `{path}`"), limit, help);
        }
    }

    fn check_prior(&mut self, at: &str, node: &Node, prior: &Prior) {
        let range = match prior {
            Prior::Uniform(range) => range,
            Prior::LogUniform(range) => {
                if range.low.size <= 0.0 {
                    let help = "raise the lower end, or write `uniform`";
                    self.problem(at, "a log-uniform prior from 0", "both ends above 0", help);
                }
                range
            }
            Prior::Lognormal(_) | Prior::Gamma(_) => {
                if let Err((message, limit)) = PriorLaw::of(prior, node) {
                    let help = "write `{p5: 10m, p95: 1h}` for a duration, `{shape: 23, rate: 96m}` for a rate";
                    self.problem(at, message, limit, help);
                }
                return;
            }
        };
        if let Some(value) = magnitude(node)
            && !(range.low.size <= value && value <= range.high.size)
        {
            let message = format!("the value {} lies outside its prior", node.written());
            let limit = range.text.clone();
            self.problem(at, message, &limit, "widen the prior, or correct the value");
        }
    }
}
