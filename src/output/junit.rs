//! JUnit reports: a suite for each scenario, a case for each fact. A held-out fact that is missed
//! is reported as skipped with its figures: it is evidence about the scenario, not a regression.
//! The only file that knows `quick_junit`.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::experiment::check::{Check, Verdict};

/// The report on checks of several scenarios; `told` says what became of a fact.
pub(crate) fn report(
    checks: &[(String, String, Check)],
    told: impl Fn(usize, &Verdict) -> String,
) -> Vec<u8> {
    let mut report = Report::new("drawdown check");
    for (place, (file, _, check)) in checks.iter().enumerate() {
        let mut suite = TestSuite::new(file.as_str());
        for verdict in &check.verdicts {
            let told = told(place, verdict);
            let mut status = match (verdict.holds(), verdict.fitted) {
                (true, _) => TestCaseStatus::success(),
                (false, true) => TestCaseStatus::non_success(NonSuccessKind::Failure),
                (false, false) => TestCaseStatus::skipped(),
            };
            if !verdict.holds() {
                status.set_message(told.as_str());
            }
            let mut case = TestCase::new(verdict.name.as_str(), status);
            case.set_classname(if verdict.fitted { "fitted" } else { "held out" });
            case.set_system_out(told);
            suite.add_test_case(case);
        }
        report.add_test_suite(suite);
    }
    report
        .to_string()
        .expect("a report of plain text")
        .into_bytes()
}
