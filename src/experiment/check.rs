//! Published facts against the simulation: the expected-value replay must land on each figure, and
//! the ensemble must hold it. Facts that did not shape the scenario are judged apart.

use crate::experiment::aims::published;
use crate::experiment::ensemble::{Ensemble, ensemble_with};
use crate::experiment::measure::Kind;
use crate::experiment::progress::Progress;
use crate::experiment::published::measured;
use crate::experiment::replications::Replications;
use crate::experiment::run::{Outcome, expected_value};
use crate::experiment::summary::{Summary, summarise};
use crate::kernel::random::Seed;
use crate::kernel::time::SimTime;
use crate::model::id::PoolId;
use crate::model::record::ledger::Ledger;
use crate::scenario::compile::facts::{Anchor, Claim, Clock, Fact};
use crate::scenario::compile::figures::{Amount, Measured, Tally};
use crate::scenario::{Bound, Scenario};
use crate::stats::proportion::proportion;

/// A file of which facts were asked.
pub(crate) struct Checked<'a> {
    pub file: String,
    pub scenario: &'a Scenario,
    /// What was found; nothing where the file states no facts.
    pub check: Option<Check>,
}

/// What a check of one scenario found.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct Check {
    /// Every fact, in the order of its name.
    pub verdicts: Vec<Verdict>,
    /// Replications behind the figures of the ensemble.
    pub n: usize,
    /// Digest of the ensemble.
    pub digest: u64,
}

/// What became of one fact.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct Verdict {
    /// Its key under `observed`.
    pub name: String,
    /// Whether it shaped the scenario; if not, it is evidence.
    pub fitted: bool,
    /// Who published it.
    pub source: String,
    /// The figure published: seconds after the anchor, a count, a share, or a length of time (s).
    pub published: f64,
    /// Whether it was published as it is, or as a bound.
    pub bound: Bound,
    /// What the figure is.
    pub figure: Figure,
    /// The figure of the expected-value replay; absent where the clock has not occurred.
    pub expected_value: Option<f64>,
    /// The figure over the ensemble.
    pub ensemble: Summary,
    /// Share of the ensemble below the published figure, and half of that of the same (probability integral
    /// transform): near 0 or 1 where the figure surprises. Absent for bounds.
    pub pit: Option<f64>,
    /// Each thing asked of the simulation.
    pub criteria: Vec<Criterion>,
}

/// What a published figure is.
#[derive(Clone, Copy, PartialEq, Debug, serde::Serialize)]
#[non_exhaustive]
pub enum Figure {
    /// A duration (s).
    Duration,
    /// An instant, as seconds after the start.
    Instant,
    /// Distinct tenants.
    Tenants,
    /// Requests.
    Requests,
    /// A share of requests.
    Share,
    /// Ready workers.
    Workers,
    /// A length of time: a wait, or the time without ready workers (s).
    Time,
    /// Something that did not happen before an instant (s after the start).
    NotBefore,
    /// Something that had happened by an instant (s after the start).
    By,
}

/// One thing asked of the simulation.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct Criterion {
    /// What was asked, with its limit.
    pub asked: String,
    /// Whether it holds.
    pub holds: bool,
}

impl Figure {
    pub(crate) fn of(claim: &Claim) -> Self {
        match claim {
            Claim::Occurred {
                since: Anchor::Start,
                ..
            } => Self::Instant,
            Claim::Occurred { .. } => Self::Duration,
            Claim::NotBefore { .. } => Self::NotBefore,
            Claim::By { .. } => Self::By,
            Claim::TenantsUnserved { .. } => Self::Tenants,
            Claim::Measured { what, .. } => match what {
                Measured::Requests(Tally::Failed | Tally::Delayed, _) => Self::Requests,
                Measured::Requests(Tally::DelayedOrFailed, _) => Self::Share,
                Measured::Requests(Tally::WaitMean | Tally::WaitMax, _)
                | Measured::EmptyTime(..) => Self::Time,
                Measured::ReadyLevel(_) => Self::Workers,
            },
        }
    }

    /// Whether it is the time of an event, which may not occur.
    pub fn is_of_event(self) -> bool {
        match self {
            Self::Duration | Self::Instant | Self::NotBefore | Self::By => true,
            Self::Tenants | Self::Requests | Self::Share | Self::Workers | Self::Time => false,
        }
    }

    /// Its unit.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Tenants => "tenants",
            Self::Requests => "requests",
            Self::Share => "share",
            Self::Workers => "workers",
            Self::Duration | Self::Instant | Self::NotBefore | Self::By | Self::Time => "s",
        }
    }
}

impl Check {
    /// Whether every fact that shaped the scenario is reproduced.
    pub fn holds(&self) -> bool {
        self.verdicts
            .iter()
            .filter(|verdict| verdict.fitted)
            .all(Verdict::holds)
    }
}

impl Verdict {
    /// Whether everything asked of the simulation holds.
    pub fn holds(&self) -> bool {
        self.criteria.iter().all(|criterion| criterion.holds)
    }
}

/// Checks a scenario against what was published of its incident.
///
/// # Examples
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use drawdown::{Replications, Scenario, Seed, check};
///
/// let scenario = Scenario::load("scenarios/fnj8-vqz.yaml")?;
/// let found = check(&scenario, Replications::new(200), Seed(1));
/// assert!(!found.verdicts.is_empty());
/// # Ok(())
/// # }
/// ```
pub fn check(scenario: &Scenario, replications: Replications, seed: Seed) -> Check {
    check_with(scenario, replications, seed, &())
}

/// The same, with progress reporting and cancellation: cancelled, it judges by fewer replications.
pub(crate) fn check_with(
    scenario: &Scenario,
    replications: Replications,
    seed: Seed,
    progress: &dyn Progress,
) -> Check {
    let even = expected_value(scenario);
    let ensemble = ensemble_with(scenario, replications, seed, progress);
    let facts = scenario.facts.iter().enumerate();
    let verdicts = facts.map(|(place, fact)| judge(scenario, place, fact, &even, &ensemble));
    Check {
        verdicts: verdicts.collect(),
        n: ensemble.n,
        digest: ensemble.digest,
    }
}

/// What a replication shows of a fact: seconds after the anchor, its figure, or the instant (s) of what
/// was claimed to happen late or early; absent where the clock, or the anchor's, has not occurred.
pub(crate) fn observed(scenario: &Scenario, ledger: &Ledger, claim: &Claim) -> Option<f64> {
    match claim {
        Claim::Occurred { clock, since, .. } => {
            let from = anchor(scenario, ledger, *since);
            let at = occurred_since(ledger, *clock, from);
            (at.is_finite() && from.is_finite()).then(|| at.seconds_since(from))
        }
        Claim::NotBefore { clock, .. } => {
            let at = occurred(ledger, *clock);
            at.is_finite().then(|| scenario.seconds(at))
        }
        Claim::By { clock, .. } => {
            let at = occurred(ledger, *clock);
            at.is_finite().then(|| scenario.seconds(at))
        }
        Claim::TenantsUnserved {
            pool, since, until, ..
        } => {
            let from = anchor(scenario, ledger, *since);
            from.is_finite()
                .then(|| f64::from(tenants_unserved(ledger, *pool, from, *until)))
        }
        Claim::Measured { what, .. } => measured(scenario, ledger, *what),
    }
}

/// When a clock occurred.
pub(crate) fn occurred(ledger: &Ledger, clock: Clock) -> SimTime {
    occurred_since(ledger, clock, SimTime::ZERO)
}

/// When a clock occurred at or after an origin. What is counted from an outage is a part of it: what
/// came before would be an answer to another question.
pub(crate) fn occurred_since(ledger: &Ledger, clock: Clock, origin: SimTime) -> SimTime {
    let pool = |id: PoolId| &ledger.pools[id].clocks;
    match clock {
        Clock::FirstFailedProvisioning(None) => {
            let each = ledger.pools.iter();
            let each = each.map(|pool| pool.clocks.failed_provisionings.first_since(origin));
            each.min().unwrap_or(SimTime::NEVER)
        }
        Clock::FirstFailedProvisioning(Some(id)) => {
            pool(id).failed_provisionings.first_since(origin)
        }
        Clock::PoolEmpty(id) => pool(id).empty_since(origin),
        Clock::FirstUnservedRequest(id) => pool(id).unserved_requests.first_since(origin),
        Clock::FirstLeaseFailure(id) => pool(id).lease_failures.first_since(origin),
        Clock::LastLeaseFailure(id) => pool(id).lease_failures.last_since(origin),
        Clock::Activated(id) => pool(id).activations.first_since(origin),
        Clock::Restored(id, mark, share) => {
            let at = ledger.pools[id].recovered[mark as usize][share];
            if origin <= at { at } else { SimTime::NEVER }
        }
        Clock::Paged(id) => ledger.alerts[id].pages.first_since(origin),
        Clock::StepTaken(id) => ledger.steps[id].first_since(origin),
        Clock::Reached(milestone) => ledger.milestones[milestone as usize].first_since(origin),
        Clock::Congested(id) => ledger.dependencies[id].congested.first_since(origin),
        Clock::Calm(id) => ledger.dependencies[id].congested.last_end_since(origin),
    }
}

pub(crate) fn anchor(scenario: &Scenario, ledger: &Ledger, anchor: Anchor) -> SimTime {
    match anchor {
        Anchor::Start => scenario.setup.start,
        Anchor::OutageBegins => ledger.outage_from,
        Anchor::Clock(clock) => occurred(ledger, clock),
    }
}

fn tenants_unserved(ledger: &Ledger, pool: PoolId, from: SimTime, until: SimTime) -> u32 {
    let inside = ledger
        .unserved
        .iter()
        .filter(|unserved| unserved.pool == pool && from <= unserved.at && unserved.at < until);
    let mut tenants: Vec<(u32, u32)> = inside
        .filter_map(|unserved| Some((unserved.class.0, unserved.tenant?)))
        .collect();
    tenants.sort_unstable();
    tenants.dedup();
    tenants.len() as u32
}

fn judge(
    scenario: &Scenario,
    place: usize,
    fact: &Fact,
    even: &Outcome,
    ensemble: &Ensemble,
) -> Verdict {
    let figure = Figure::of(&fact.claim);
    let kind = if figure.is_of_event() {
        Kind::TimeToEvent
    } else {
        Kind::Quantity
    };
    let expected_value = observed(scenario, &even.ledger, &fact.claim);
    let values: Vec<Option<f64>> = ensemble.fact(place).collect();
    let summary = summarise(values.iter().copied(), kind);
    let published = published(scenario, &fact.claim);
    let criteria = match &fact.claim {
        Claim::NotBefore { share, .. } => not_before(published, *share, expected_value, &values),
        Claim::By { .. } => by(published, expected_value, &summary),
        // An expected-value replay has no chance in it, so no distribution of counts either.
        Claim::TenantsUnserved { .. } => vec![match fact.bound {
            Bound::About => central(published, fact.tolerance, &summary),
            bound => mostly(published, bound, &values),
        }],
        Claim::Occurred { .. } | Claim::Measured { .. } if fact.bound != Bound::About => vec![
            replayed(published, fact.bound, expected_value),
            mostly(published, fact.bound, &values),
        ],
        Claim::Occurred { .. } | Claim::Measured { .. } => {
            let mut criteria = vec![lands(published, fact, expected_value)];
            criteria.extend(
                fact.median_within
                    .map(|share| median(published, share, &summary)),
            );
            criteria.push(central(published, fact.tolerance, &summary));
            criteria
        }
    };
    Verdict {
        name: fact.name.clone(),
        fitted: fact.fitted,
        source: fact.source.clone(),
        published,
        bound: fact.bound,
        figure,
        expected_value,
        ensemble: summary,
        pit: pit(published, fact, &values),
        criteria,
    }
}

/// Where a published figure lies in the ensemble (Dawid, 1984). An event that does not occur would come later.
fn pit(published: f64, fact: &Fact, values: &[Option<f64>]) -> Option<f64> {
    let is_figure = !matches!(fact.claim, Claim::NotBefore { .. } | Claim::By { .. });
    if !is_figure || fact.bound != Bound::About {
        return None;
    }
    let is_event = Figure::of(&fact.claim).is_of_event();
    let known = values.iter().filter(|value| is_event || value.is_some());
    let n = known.count();
    let present = || values.iter().flatten();
    let below = present().filter(|value| **value < published).count() as f64;
    let same = present().filter(|value| **value == published).count() as f64;
    (0 < n).then(|| (below + 0.5 * same) / n as f64)
}

/// Slack for the rounding of shares and seconds, far below any figure that is published.
const ROUNDING: f64 = 1e-9;

fn lands(published: f64, fact: &Fact, expected_value: Option<f64>) -> Criterion {
    let tolerance = fact.tolerance.size() + ROUNDING;
    Criterion {
        asked: format!("expected-value replay within {}", width(fact.tolerance)),
        holds: expected_value.is_some_and(|value| (value - published).abs() <= tolerance),
    }
}

/// A tolerance in words. That of a share is in points, for percent would be of the share.
fn width(tolerance: Amount) -> String {
    match tolerance {
        Amount::Share(share) => points(share),
        tolerance => tolerance.to_string(),
    }
}

fn points(share: f64) -> String {
    let points = (share * 1_000.0).round() / 10.0;
    let many = if points == 1.0 { "" } else { "s" };
    format!("{points} point{many}")
}

/// Whether a figure lies on the right side of a bound; what is absent meets none.
pub(crate) fn meets(published: f64, bound: Bound, value: Option<f64>) -> bool {
    value.is_some_and(|value| match bound {
        Bound::About => true,
        Bound::AtLeast => published <= value + ROUNDING,
        Bound::AtMost => value <= published + ROUNDING,
    })
}

fn replayed(published: f64, bound: Bound, expected_value: Option<f64>) -> Criterion {
    Criterion {
        asked: format!("{}that in the expected-value replay", bound.words()),
        holds: meets(published, bound, expected_value),
    }
}

fn mostly(published: f64, bound: Bound, values: &[Option<f64>]) -> Criterion {
    let kept = values.iter().filter(|it| meets(published, bound, **it));
    let found = proportion(kept.count(), values.len()).point.unwrap_or(0.0);
    Criterion {
        asked: format!(
            "{}that in at least half of the ensemble (found {})",
            bound.words(),
            percent(found)
        ),
        holds: 0.5 <= found,
    }
}

fn median(published: f64, share: f64, summary: &Summary) -> Criterion {
    let near = |value: f64| (value - published).abs() <= share * published;
    Criterion {
        asked: format!("median of the ensemble within {}", percent(share)),
        holds: summary.quantiles[1].point.is_some_and(near),
    }
}

/// Whether the figure lies inside the central 90%, give or take its tolerance: a figure that was
/// rounded says no more than that.
fn central(published: f64, tolerance: Amount, summary: &Summary) -> Criterion {
    let [low, _, high] = summary.quantiles;
    let around = tolerance.size() + ROUNDING;
    let (least, most) = (published - around, published + around);
    let above = low.point.is_some_and(|low| low <= most);
    // A 95% quantile beyond the end of the scenario bounds nothing from above.
    let below = high.point.is_none_or(|high| least <= high);
    let within = match tolerance.size() {
        0.0 => "inside".to_owned(),
        _ => format!("within {} of", width(tolerance)),
    };
    Criterion {
        asked: format!("{within} the central 90% of the ensemble"),
        holds: above && below,
    }
}

fn not_before(
    published: f64,
    share: f64,
    expected_value: Option<f64>,
    values: &[Option<f64>],
) -> Vec<Criterion> {
    let later = |value: &Option<f64>| value.is_none_or(|value| published <= value);
    let kept = values.iter().filter(|value| later(value)).count();
    let found = proportion(kept, values.len()).point.unwrap_or(0.0);
    vec![
        Criterion {
            asked: "none in the expected-value replay".to_owned(),
            holds: later(&expected_value),
        },
        Criterion {
            asked: format!(
                "none in at least {} of replications (found {})",
                percent(share),
                percent(found)
            ),
            holds: share <= found,
        },
    ]
}

fn by(published: f64, expected_value: Option<f64>, summary: &Summary) -> Vec<Criterion> {
    let earlier = |value: Option<f64>| value.is_some_and(|value| value <= published);
    vec![
        Criterion {
            asked: "by then in the expected-value replay".to_owned(),
            holds: earlier(expected_value),
        },
        Criterion {
            asked: "by then in at least half of the ensemble".to_owned(),
            holds: earlier(summary.quantiles[1].point),
        },
    ]
}

fn percent(share: f64) -> String {
    let percent = (share * 1_000.0).round() / 10.0;
    format!("{percent}%")
}
