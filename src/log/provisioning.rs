//! What a log says of attempts to provision.

use crate::log::demand::ALPHA;
use crate::log::durations::Durations;
use crate::log::{Attempt, Outcome};
use crate::stats::Estimate;
use crate::stats::proportion::proportion_at;

/// How machines are made.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Provisioning {
    /// Attempts of every outcome.
    pub attempts: usize,
    /// Time until a machine is complete, or of its first stage where attempts have two.
    pub machine: Durations,
    /// Time of the second stage.
    pub extension: Option<Durations>,
    /// Share of completed attempts that failed in the first stage, or at all where stages are unknown.
    pub failure: Option<Estimate>,
    /// Share of those that reached the second stage and failed there.
    pub extension_failure: Option<Estimate>,
    /// The longest attempt that succeeded (s).
    pub longest: Option<f64>,
}

/// What attempts say. Those under way are censored at `end`, cancelled ones when they were cancelled.
pub(crate) fn provisioning(attempts: &[Attempt], end: f64) -> Option<Provisioning> {
    if attempts.is_empty() {
        return None;
    }
    let staged = attempts.iter().any(|it| it.extension.is_some());
    let machine = attempts.iter().filter_map(|it| machine(it, staged, end));
    let extension = attempts.iter().filter_map(|it| extension(it, end));
    let count = |of: Outcome| attempts.iter().filter(|it| it.outcome == of).count();
    let (succeeded, failed) = (count(Outcome::Succeeded), count(Outcome::Failed));
    // A failed attempt whose machine was complete failed in the second stage.
    let is_late = |it: &&Attempt| staged && it.outcome == Outcome::Failed && it.machine.is_some();
    let late = attempts.iter().filter(is_late).count();
    // Durations alone are those of machines that were made: they say nothing of failures.
    let tells = attempts.iter().any(|it| it.started.is_some()) || 0 < failed;
    let share =
        |failed: usize, of: usize| (tells && 0 < of).then(|| proportion_at(failed, of, ALPHA));
    let made = attempts
        .iter()
        .filter(|it| it.outcome == Outcome::Succeeded);
    let longest = made.filter_map(|it| it.total).fold(0.0, f64::max);
    Some(Provisioning {
        attempts: attempts.len(),
        machine: Durations::of(machine),
        extension: staged.then(|| Durations::of(extension)),
        failure: share(failed - late, succeeded + failed),
        extension_failure: share(late, succeeded + late).filter(|_| staged),
        longest: (0.0 < longest).then_some(longest),
    })
}

/// How long an attempt was seen (s): to its end, or to that of the log.
fn seen(it: &Attempt, end: f64) -> Option<f64> {
    match it.outcome {
        Outcome::Open => it.started.map(|started| end - started),
        _ => it.total,
    }
}

/// The first stage of an attempt, or all of it where attempts have one; and whether it ended. Of two stages the first is
/// all but the second: what lies around both belongs to the machine. How long a failure takes says nothing of how long a
/// machine takes.
fn machine(it: &Attempt, staged: bool, end: f64) -> Option<(f64, bool)> {
    match (it.outcome, it.machine) {
        (Outcome::Succeeded, machine) => {
            let second = it.extension.unwrap_or(0.0);
            let all_but = it.total.map(|total| total - second);
            all_but.or(machine).map(|seconds| (seconds, true))
        }
        // The machine was complete when the attempt failed, was cut short, or was last seen.
        (_, Some(machine)) if staged => Some((machine, true)),
        (Outcome::Failed, _) => None,
        (Outcome::Cancelled | Outcome::Open, _) => seen(it, end).map(|seconds| (seconds, false)),
    }
}

/// The second stage of an attempt, and whether it ended.
fn extension(it: &Attempt, end: f64) -> Option<(f64, bool)> {
    match (it.outcome, it.machine) {
        (Outcome::Succeeded, _) => it.extension.map(|seconds| (seconds, true)),
        (Outcome::Cancelled | Outcome::Open, Some(machine)) => {
            seen(it, end).map(|seconds| ((seconds - machine).max(0.0), false))
        }
        (Outcome::Failed, _) | (_, None) => None,
    }
}
