//! The assumptions of a scenario, as YAML. The only file of the program that writes YAML by a library.

use serde::Serialize;
use serde_yaml::Value;

/// A value that was fitted, or that the log cannot tell.
#[derive(Serialize)]
pub(crate) struct Assumption {
    path: String,
    basis: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    prior: Option<Value>,
    why: String,
}

impl Assumption {
    /// An assumption; its prior is a map as a scenario has it.
    pub fn new(path: &str, basis: &'static str, prior: Option<&str>, why: &str) -> Self {
        Self {
            path: path.to_owned(),
            basis,
            prior: prior.and_then(|prior| serde_yaml::from_str(prior).ok()),
            why: why.to_owned(),
        }
    }
}

/// The section of a file that declares them.
pub(crate) fn section(assumptions: &[Assumption]) -> String {
    let list = serde_yaml::to_string(assumptions).unwrap_or_default();
    let lines: Vec<String> = list.lines().map(|line| format!("  {line}\n")).collect();
    format!("\nassumptions:\n{}", lines.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_is_read_back() {
        let why = "From \"a: b\", #1 {odd}\u{1f600}: 5 % of jobs";
        let prior = Some("{log_uniform: [1m, 1h30m]}");
        let text = section(&[Assumption::new("pools.a/b.target", "reasoned", prior, why)]);
        let read: Value = serde_yaml::from_str(&text).expect("YAML");
        let first = &read["assumptions"][0];
        assert_eq!(first["why"].as_str(), Some(why), "{text}");
        assert_eq!(first["prior"]["log_uniform"][1].as_str(), Some("1h30m"));
    }
}
