//! The course of one replication beside the published course of the incident.

use crate::experiment::check::{anchor, occurred, occurred_since};
use crate::experiment::run::Outcome;
use crate::kernel::time::SimTime;
use crate::model::id::{AlertId, DependencyId, PoolId, StepId};
use crate::model::record::ledger::Mark;
use crate::model::setup::people::{MILESTONES, Milestone};
use crate::scenario::compile::facts::{Anchor, Claim, Clock};
use crate::scenario::{Bound, Scenario};

/// Something that occurred in a replication, was published to have occurred, or both.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct Moment {
    /// When it occurred as was published; absent where nothing was.
    pub published: Option<SimTime>,
    /// When it occurred in the replication; absent where it did not.
    pub simulated: Option<SimTime>,
    /// What occurred.
    pub what: String,
    /// For a fact with a figure: whether it shaped the scenario.
    pub fitted: Option<bool>,
}

/// The course of a replication beside the published one, in the order of time. Instants count from the
/// beginning of the warm-up; [`Scenario::seconds`] counts them from the scenario's start.
///
/// # Examples
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use drawdown::study::timeline;
/// use drawdown::{Scenario, expected_value};
///
/// let scenario = Scenario::load("scenarios/fnj8-vqz.yaml")?;
/// let moments = timeline(&scenario, &expected_value(&scenario));
/// let begins = moments.iter().find(|moment| moment.what.ends_with("begins in westus2"));
/// assert!(begins.is_some_and(|begins| begins.simulated.is_some()));
/// # Ok(())
/// # }
/// ```
pub fn timeline(scenario: &Scenario, outcome: &Outcome) -> Vec<Moment> {
    let mut moments = simulated(scenario, outcome);
    for fact in &scenario.facts {
        let Claim::Occurred {
            clock,
            since,
            after,
        } = fact.claim
        else {
            continue;
        };
        // A bound is no instant at which something was published to have occurred.
        if fact.bound != Bound::About {
            continue;
        }
        let published = published_anchor(scenario, outcome, since).map(|from| from + after);
        let what = describe(scenario, clock);
        let fitted = Some(fact.fitted);
        // An event before the origin is not what was published.
        let origin = anchor(scenario, &outcome.ledger, since);
        let simulated =
            Some(occurred_since(&outcome.ledger, clock, origin)).filter(|at| at.is_finite());
        let same = |moment: &&mut Moment| moment.what == what && moment.simulated == simulated;
        match moments.iter_mut().find(same) {
            Some(moment) => (moment.published, moment.fitted) = (published, fitted),
            None => moments.push(Moment {
                published,
                simulated,
                what,
                fitted,
            }),
        }
    }
    for happened in &scenario.history {
        let (at, what) = (
            happened.at,
            format!("{} ({})", happened.what, happened.source),
        );
        moments.push(Moment {
            published: Some(at),
            simulated: None,
            what,
            fitted: None,
        });
    }
    moments.retain(|moment| moment.published.is_some() || moment.simulated.is_some());
    moments.sort_by_key(|moment| moment.simulated.or(moment.published));
    moments
}

/// When an anchor was published to have occurred, if that was published.
fn published_anchor(scenario: &Scenario, outcome: &Outcome, anchor: Anchor) -> Option<SimTime> {
    let anchor = match anchor {
        Anchor::Start => return Some(scenario.setup.start),
        Anchor::OutageBegins => return outcome.ledger.outage_from.into(),
        Anchor::Clock(anchor) => anchor,
    };
    scenario.facts.iter().find_map(|fact| match fact.claim {
        Claim::Occurred {
            clock,
            since: Anchor::Start,
            after,
        } if clock == anchor && fact.bound == Bound::About => Some(scenario.setup.start + after),
        _ => None,
    })
}

/// What happened in a replication, within the scenario.
fn simulated(scenario: &Scenario, outcome: &Outcome) -> Vec<Moment> {
    let (start, horizon) = (scenario.setup.start, scenario.setup.horizon);
    let mut happened = Vec::new();
    of_outages(scenario, outcome, &mut happened);
    of_people(scenario, outcome, &mut happened);
    for pool in scenario.pool_ids() {
        of_pool(scenario, outcome, pool, &mut happened);
    }
    let within = happened
        .into_iter()
        .filter(|(at, _)| start <= *at && *at < horizon);
    let moments = within.map(|(at, what)| Moment {
        published: None,
        simulated: Some(at),
        what,
        fitted: None,
    });
    moments.collect()
}

type Happened = Vec<(SimTime, String)>;

fn of_outages(scenario: &Scenario, outcome: &Outcome, happened: &mut Happened) {
    for window in &outcome.occurrences {
        let name = &scenario.windows[usize::from(window.window)];
        let (outage, region) = (&name.outage, &name.region);
        happened.push((window.from, format!("outage {outage} begins in {region}")));
        happened.push((window.until, format!("outage {outage} ends in {region}")));
    }
    let clock = Clock::FirstFailedProvisioning(None);
    happened.push((occurred(&outcome.ledger, clock), describe(scenario, clock)));
    for id in (0..scenario.dependencies.len() as u32).map(DependencyId) {
        for clock in [Clock::Congested(id), Clock::Calm(id)] {
            happened.push((occurred(&outcome.ledger, clock), describe(scenario, clock)));
        }
    }
}

fn of_people(scenario: &Scenario, outcome: &Outcome, happened: &mut Happened) {
    let steps = (0..scenario.steps.len() as u32).map(StepId);
    let alerts = (0..scenario.alerts.len() as u16).map(AlertId);
    let clocks = steps
        .map(Clock::StepTaken)
        .chain(alerts.map(Clock::Paged))
        .chain(MILESTONES.map(Clock::Reached));
    happened
        .extend(clocks.map(|clock| (occurred(&outcome.ledger, clock), describe(scenario, clock))));
}

fn of_pool(scenario: &Scenario, outcome: &Outcome, pool: PoolId, happened: &mut Happened) {
    let ledger = &outcome.ledger;
    let standby = !scenario.setup.pools[pool].serves_at_first();
    for clock in [
        Clock::Activated(pool),
        Clock::PoolEmpty(pool),
        Clock::FirstUnservedRequest(pool),
        Clock::FirstLeaseFailure(pool),
        Clock::LastLeaseFailure(pool),
    ] {
        // A standby without ready workers while it is inactive is not listed.
        if !standby || clock != Clock::PoolEmpty(pool) {
            happened.push((occurred(ledger, clock), describe(scenario, clock)));
        }
    }
    // A pool that never fell has nothing to recover from.
    let restored = Clock::Restored(pool, Mark::Target, 0);
    let at = occurred(ledger, restored);
    if !standby && ledger.pools[pool].recovery_from < at {
        happened.push((at, describe(scenario, restored)));
    }
}

/// A clock in words.
pub(crate) fn describe(scenario: &Scenario, clock: Clock) -> String {
    let (pool, what) = match clock {
        Clock::FirstFailedProvisioning(pool) => (pool, "first failed provisioning"),
        Clock::PoolEmpty(pool) => (Some(pool), "no worker is ready"),
        Clock::FirstUnservedRequest(pool) => (Some(pool), "first unserved request"),
        Clock::FirstLeaseFailure(pool) => (Some(pool), "first lease failure"),
        Clock::LastLeaseFailure(pool) => (Some(pool), "last lease failure"),
        Clock::Activated(pool) => (Some(pool), "takes requests"),
        Clock::Restored(pool, mark, share) => (Some(pool), restored(mark, share)),
        Clock::Paged(id) => return format!("alert {} pages", scenario.alerts[usize::from(id)]),
        Clock::StepTaken(id) => return format!("step {}", scenario.steps[usize::from(id)]),
        Clock::Reached(milestone) => return format!("incident {}", named(milestone)),
        Clock::Congested(id) => {
            return format!("{}: congested", scenario.dependencies[usize::from(id)]);
        }
        Clock::Calm(id) => return format!("{}: calm", scenario.dependencies[usize::from(id)]),
    };
    match pool {
        Some(pool) => format!("{}: {what}", scenario.pools[usize::from(pool)].name),
        None => what.to_owned(),
    }
}

/// A level that is reached again, in words.
fn restored(mark: Mark, share: usize) -> &'static str {
    match (mark, share) {
        (Mark::Target, 0) => "90% of the target is ready again",
        (Mark::Target, _) => "the whole target is ready again",
        (Mark::Ordinary, 0) => "90% of the ordinary level is ready again",
        (Mark::Ordinary, _) => "the ordinary level is ready again",
    }
}

/// A milestone in one word.
pub(crate) fn named(milestone: Milestone) -> &'static str {
    match milestone {
        Milestone::Detected => "detected",
        Milestone::Declared => "declared",
        Milestone::Mitigated => "mitigated",
        Milestone::Resolved => "resolved",
    }
}
