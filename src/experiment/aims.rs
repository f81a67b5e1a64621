//! How far a replication is from what was published of an incident.

use crate::experiment::check::{Figure, observed};
use crate::model::record::ledger::Ledger;
use crate::scenario::compile::facts::{Claim, Fact};
use crate::scenario::{Bound, Scenario};

/// A fact as an observation: a figure, and how finely it was published.
#[derive(Clone, Debug)]
pub(crate) struct Aim {
    pub name: String,
    /// Whether it is part of the data; otherwise it is predicted.
    pub fitted: bool,
    pub figure: Figure,
    pub bound: Bound,
    /// The published figure, in the unit of the figure.
    pub published: f64,
    /// The accepted distance, at least a minute, a count of 1, or a percent.
    pub resolution: f64,
}

impl Aim {
    /// The facts of a scenario, in their order.
    pub fn all(scenario: &Scenario) -> Vec<Self> {
        let aim = |fact: &Fact| {
            let figure = Figure::of(&fact.claim);
            let finest = match figure.unit() {
                "s" => 60.0,
                "share" => 0.01,
                _ => 1.0,
            };
            let bound = match fact.claim {
                Claim::NotBefore { .. } => Bound::AtLeast,
                Claim::By { .. } => Bound::AtMost,
                _ => fact.bound,
            };
            Self {
                name: fact.name.clone(),
                fitted: fact.fitted,
                figure,
                bound,
                published: published(scenario, &fact.claim),
                resolution: fact.tolerance.size().max(finest),
            }
        };
        scenario.facts.iter().map(aim).collect()
    }

    /// How far a figure is from the published one, in resolutions. An event that does not occur counts as one
    /// at the end of the scenario; a count of what did not begin as 0.
    pub fn distance(&self, value: Option<f64>, length_s: f64) -> f64 {
        let value = self.reached(value, length_s);
        let off = match self.bound {
            Bound::About => (value - self.published).abs(),
            Bound::AtLeast => (self.published - value).max(0.0),
            Bound::AtMost => (value - self.published).max(0.0),
        };
        off / self.resolution
    }

    /// The figure of a replication; the end of the scenario for an event that does not occur.
    pub fn reached(&self, value: Option<f64>, length_s: f64) -> f64 {
        let missing = if self.figure.is_of_event() {
            length_s
        } else {
            0.0
        };
        value.unwrap_or(missing)
    }
}

/// What a claim says, in the unit of its figure.
pub(crate) fn published(scenario: &Scenario, claim: &Claim) -> f64 {
    match claim {
        Claim::Occurred { after, .. } => after.seconds(),
        Claim::NotBefore { until, .. } => scenario.seconds(*until),
        Claim::By { by, .. } => scenario.seconds(*by),
        Claim::TenantsUnserved { count, .. } => f64::from(*count),
        Claim::Measured { value, .. } => value.size(),
    }
}

/// The figure of every fact in a replication.
pub(crate) fn figures(scenario: &Scenario, ledger: &Ledger) -> Vec<Option<f64>> {
    let facts = scenario.facts.iter();
    facts
        .map(|fact| observed(scenario, ledger, &fact.claim))
        .collect()
}

/// The largest distance over the facts that are data.
pub(crate) fn distance(aims: &[Aim], figures: &[Option<f64>], length_s: f64) -> f64 {
    let fitted = aims.iter().zip(figures).filter(|(aim, _)| aim.fitted);
    let distances = fitted.map(|(aim, value)| aim.distance(*value, length_s));
    distances.fold(0.0, f64::max)
}
