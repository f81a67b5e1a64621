//! The course of one replication beside the published course of the incident.

use crate::experiment::check::struck;
use crate::experiment::run::Outcome;
use crate::kernel::time::SimTime;
use crate::model::playbook::{MILESTONES, Milestone};
use crate::scenario::Scenario;
use crate::scenario::facts::{Anchor, Claim, Clock};

/// Something that happened, was published to have happened, or both.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Moment {
    pub published: Option<SimTime>,
    pub simulated: Option<SimTime>,
    pub what: String,
    /// For a fact with a figure: whether it shaped the scenario.
    pub fitted: Option<bool>,
}

/// Every moment, in the order of time.
pub(crate) fn timeline(scenario: &Scenario, outcome: &Outcome) -> Vec<Moment> {
    let mut moments = simulated(scenario, outcome);
    for fact in &scenario.facts {
        let Claim::Struck {
            clock,
            since,
            after,
        } = fact.claim
        else {
            continue;
        };
        let published = published_anchor(scenario, outcome, since).map(|from| from + after);
        let what = told(scenario, clock);
        let fitted = Some(fact.fitted);
        match moments.iter_mut().find(|moment| moment.what == what) {
            Some(moment) => (moment.published, moment.fitted) = (published, fitted),
            None => moments.push(Moment {
                published,
                simulated: None,
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

/// When an anchor was published to have struck, if that was published.
fn published_anchor(scenario: &Scenario, outcome: &Outcome, anchor: Anchor) -> Option<SimTime> {
    let anchor = match anchor {
        Anchor::Start => return Some(scenario.setup.start),
        Anchor::OutageBegins => return outcome.ledger.outage_from.into(),
        Anchor::Clock(anchor) => anchor,
    };
    scenario.facts.iter().find_map(|fact| match fact.claim {
        Claim::Struck {
            clock,
            since: Anchor::Start,
            after,
        } if clock == anchor => Some(scenario.setup.start + after),
        _ => None,
    })
}

fn simulated(scenario: &Scenario, outcome: &Outcome) -> Vec<Moment> {
    let mut moments = Vec::new();
    let (start, horizon) = (scenario.setup.start, scenario.setup.horizon);
    let mut add = |at: SimTime, what: String| {
        if start <= at && at < horizon {
            moments.push(Moment {
                published: None,
                simulated: Some(at),
                what,
                fitted: None,
            });
        }
    };
    for window in &outcome.occurrences {
        let name = &scenario.windows[window.window.0 as usize];
        add(
            window.from,
            format!("outage {} begins in {}", name.outage, name.region),
        );
        add(
            window.until,
            format!("outage {} ends in {}", name.outage, name.region),
        );
    }
    let ledger = &outcome.ledger;
    for (at, name) in ledger.steps.iter().zip(&scenario.steps) {
        add(*at, format!("step {name}"));
    }
    for (alert, name) in ledger.alerts.iter().zip(&scenario.alerts) {
        add(alert.first_paged, format!("alert {name} pages"));
    }
    for (dependency, name) in ledger.dependencies.iter().zip(&scenario.dependencies) {
        add(dependency.first_congested, format!("{name}: congested"));
        add(dependency.last_calm, format!("{name}: calm"));
    }
    for milestone in MILESTONES {
        let at = ledger.milestones[milestone as usize];
        add(at, told(scenario, Clock::Reached(milestone)));
    }
    add(
        ledger.first_failed_provisioning,
        told(scenario, Clock::FirstFailedProvisioning(None)),
    );
    for pool in scenario.pool_ids() {
        let standby = scenario.setup.pools[pool.0 as usize].standby.is_some();
        add(
            struck(ledger, Clock::Activated(pool)),
            told(scenario, Clock::Activated(pool)),
        );
        for clock in [
            Clock::PoolEmpty(pool),
            Clock::FirstUnservedRequest(pool),
            Clock::FirstLeaseFailure(pool),
            Clock::LastLeaseFailure(pool),
        ] {
            // That a standby has nobody ready while it is asleep is no news.
            if standby && clock == Clock::PoolEmpty(pool) {
                continue;
            }
            add(struck(ledger, clock), told(scenario, clock));
        }
        // A pool that never fell has nothing to come back from.
        let [at, _] = ledger.pools[pool.0 as usize].recovered;
        if !standby && ledger.pools[pool.0 as usize].recovery_from < at {
            let name = &scenario.pools[pool.0 as usize].name;
            add(at, format!("{name}: 90 % of the target is ready again"));
        }
    }
    moments
}

/// A clock in words.
pub(crate) fn told(scenario: &Scenario, clock: Clock) -> String {
    let (pool, what) = match clock {
        Clock::FirstFailedProvisioning(pool) => (pool, "first failed provisioning"),
        Clock::PoolEmpty(pool) => (Some(pool), "no worker is ready"),
        Clock::FirstUnservedRequest(pool) => (Some(pool), "first unserved request"),
        Clock::FirstLeaseFailure(pool) => (Some(pool), "first lease failure"),
        Clock::LastLeaseFailure(pool) => (Some(pool), "last lease failure"),
        Clock::Activated(pool) => (Some(pool), "takes requests"),
        Clock::Paged(id) => return format!("alert {} pages", scenario.alerts[id.0 as usize]),
        Clock::StepTaken(id) => return format!("step {}", scenario.steps[id.0 as usize]),
        Clock::Reached(milestone) => return format!("incident {}", named(milestone)),
        Clock::Congested(id) => {
            return format!("{}: congested", scenario.dependencies[id.0 as usize]);
        }
        Clock::Calm(id) => return format!("{}: calm", scenario.dependencies[id.0 as usize]),
    };
    match pool {
        Some(pool) => format!("{}: {what}", scenario.pools[pool.0 as usize].name),
        None => what.to_owned(),
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
