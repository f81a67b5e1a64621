//! JUnit reports: a suite for each scenario, a case for each fact. A held-out fact that is missed
//! is reported as skipped with its figures: it is evidence about the scenario, not a regression. The
//! suite of a file without facts has no cases.
//! The only file that knows `quick_junit`.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::experiment::check::{Checked, Verdict};
use crate::scenario::Scenario;

/// The report on checks of several scenarios; `told` says what became of a fact.
pub(crate) fn report(
    checked: &[Checked<'_>],
    told: impl Fn(&Scenario, &Verdict) -> String,
) -> Vec<u8> {
    let mut report = Report::new("drawdown check");
    for Checked {
        file,
        scenario,
        check,
    } in checked
    {
        let mut suite = TestSuite::new(file.as_str());
        for verdict in check.iter().flat_map(|check| &check.verdicts) {
            let told = told(scenario, verdict);
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
