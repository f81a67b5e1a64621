//! JUnit reports: a suite for each file, a case for each fact. A file that cannot be read is a case with an
//! error; one without facts is a case that passes and says so. A held-out fact that is missed passes too,
//! and its output says so: it is evidence about the scenario, not a regression.
//! The only file that knows `quick_junit`.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::experiment::check::{Checked, Verdict};
use crate::scenario::Scenario;

/// What became of a file.
pub(crate) enum Found<'a> {
    /// What is wrong with it.
    Invalid(&'a str),
    /// It was checked, or states no facts; and how long that took.
    Checked(&'a Checked<'a>, Duration),
}

/// The report on files, by their names; `label` says what became of a fact, first in one line.
pub(crate) fn report<'a>(
    files: impl Iterator<Item = (String, Found<'a>)>,
    label: impl Fn(&Scenario, &Verdict) -> String,
) -> Vec<u8> {
    let mut report = Report::new("drawdown check");
    let mut whole = Duration::ZERO;
    for (file, found) in files {
        let mut suite = TestSuite::new(file.as_str());
        let took = match found {
            Found::Checked(_, took) => took,
            Found::Invalid(_) => Duration::ZERO,
        };
        let cases = cases(&found, &label);
        // The facts of a file are checked together, so that each takes its share of the time.
        let each = took / cases.len() as u32;
        for mut case in cases {
            case.set_classname(file.as_str()).set_time(each);
            suite.add_test_case(case);
        }
        suite.set_time(took);
        whole += took;
        report.add_test_suite(suite);
    }
    report.set_time(whole);
    report
        .to_string()
        .expect("a report of plain text")
        .into_bytes()
}

/// The cases of a file; there is at least one.
fn cases(found: &Found<'_>, label: &impl Fn(&Scenario, &Verdict) -> String) -> Vec<TestCase> {
    let (scenario, verdicts) = match found {
        Found::Invalid(wrong) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(summary(wrong)).set_description(*wrong);
            return vec![TestCase::new("valid", status)];
        }
        Found::Checked(checked, _) => match &checked.check {
            Some(check) if !check.verdicts.is_empty() => (checked.scenario, &check.verdicts),
            _ => {
                let mut case = TestCase::new("no facts", TestCaseStatus::success());
                case.set_system_out("the file is valid and states no facts to check");
                return vec![case];
            }
        },
    };
    let case = |verdict: &Verdict| fact(verdict, &label(scenario, verdict));
    verdicts.iter().map(case).collect()
}

/// The first of several problems, and how many there are.
fn summary(wrong: &str) -> String {
    let mut problems = wrong
        .lines()
        .filter_map(|line| line.strip_prefix("error: "));
    let first = problems
        .next()
        .or_else(|| wrong.lines().next())
        .unwrap_or_default();
    match problems.count() {
        0 => first.to_owned(),
        more => format!("{first}, and {more} more"),
    }
}

/// The case of a fact. What became of it is said once: where it fails, as its message.
fn fact(verdict: &Verdict, label: &str) -> TestCase {
    let name = verdict.name.as_str();
    if verdict.fitted && !verdict.holds() {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        let (first, rest) = label.split_once('\n').unwrap_or((label, ""));
        status.set_message(first).set_description(rest);
        return TestCase::new(name, status);
    }
    let kind = match (verdict.fitted, verdict.holds()) {
        (true, _) => "fitted, holds",
        (false, true) => "held out, holds",
        (false, false) => "held out, missed",
    };
    let mut case = TestCase::new(name, TestCaseStatus::success());
    case.set_system_out(format!("{kind}: {label}"));
    case
}
