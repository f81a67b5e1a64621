//! Scenario files: reading them, changing their values, and planning sweeps. A [`Scenario`] that exists is
//! valid, and nothing downstream checks it again.

/// From text to a tree, and from a tree to typed values.
pub(crate) mod text;

/// The file format: every key.
pub(crate) mod schema;

/// From the file as written to a valid scenario.
pub(crate) mod compile;

/// Scenarios that differ from a file at some paths.
pub(crate) mod vary;

/// Pools and dependencies by their names.
pub(crate) mod names;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::kernel::distribution::Distribution;
use crate::kernel::time::{SimDuration, SimTime};
pub use crate::model::id::{ClassId, DependencyId, PoolId};
use crate::model::setup::Setup;
use crate::model::setup::demand::{ClassOnEmpty, ClassSetup};
use crate::model::setup::outage::Window;
use crate::model::setup::people::Action;
use crate::model::setup::pool::{GiveUp, OnEmpty};
use crate::scenario::compile::cost::Cost;
use crate::scenario::compile::facts::{Anchor, Claim, Clock, Fact};
use crate::scenario::compile::provenance::Provenance;
pub use crate::scenario::names::UnknownName;
use crate::scenario::schema::Sweep;
pub use crate::scenario::schema::axis::Axis;
pub use crate::scenario::text::files::FileAccess;
pub use crate::scenario::text::problem::{Problem, Problems, Spot};
pub use crate::scenario::vary::design::{Design, Plan, SweepSpec};
pub use crate::scenario::vary::posterior::Posterior;
use crate::scenario::vary::posterior::Uncertain;
pub use crate::scenario::vary::template::Template;

/// No changes, for functions that take some.
pub const NO_CHANGES: [(&str, &str); 0] = [];

/// A valid scenario: the initial world, and what was published about the incident. Only the reader
/// creates or changes one, so no function that takes one has to validate it.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The name of the incident or the study.
    pub(crate) name: String,
    /// The question that the scenario answers.
    pub(crate) question: Option<String>,
    /// Pools, in the order of their names; results are indexed by their place in this list.
    pub(crate) pools: Vec<PoolName>,
    /// Demand classes, in the order of their names.
    pub(crate) classes: Vec<ClassName>,
    /// The published history of the incident.
    pub(crate) history: Vec<Happened>,
    pub(crate) setup: Setup,
    pub(crate) windows: Vec<WindowName>,
    pub(crate) steps: Vec<String>,
    pub(crate) alerts: Vec<String>,
    /// Dependencies, in the order of their names.
    pub(crate) dependencies: Vec<String>,
    /// Names of the variants that the file declares.
    pub(crate) variants: Vec<String>,
    /// What the file varies.
    pub(crate) sweep: Option<Sweep>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) provenance: Provenance,
    pub(crate) cost: Cost,
    pub(crate) prices: Prices,
    /// A hash of each part of the file, by its path.
    pub(crate) parts: BTreeMap<String, u64>,
    /// What values are drawn from, if some are not known.
    pub(crate) uncertain: Option<Arc<Uncertain>>,
    /// Pools that do not run, since they cannot affect those that are asked about.
    pub(crate) left_out: Vec<PoolId>,
    start: Timestamp,
}

/// A pool's name and handle, and what a table of pools shows.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct PoolName {
    /// The handle that results are asked for with.
    pub id: PoolId,
    /// `region/image`, or `region/image/size`.
    pub name: String,
    /// The region's name.
    pub region: String,
    /// The region's time zone.
    pub timezone: String,
    /// Base stock (workers).
    pub target: u32,
    #[serde(skip)]
    pub(crate) image: String,
    /// Price of keeping one worker ready for an hour, in whatever currency.
    #[serde(skip)]
    pub(crate) cost: Option<f64>,
    /// Price of one leased worker for an hour.
    #[serde(skip)]
    pub(crate) leased_cost: Option<f64>,
}

/// What a file states of costs beside those of its pools.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Prices {
    /// The currency of every cost of the file.
    pub currency: Option<String>,
    /// Cost of a fresh request that is rejected or gives up.
    pub failed_lease: Option<f64>,
    /// Cost of a minute that one request waits.
    pub waiting_minute: Option<f64>,
}

/// A demand class.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct ClassName {
    /// Its key under `demand`.
    pub name: String,
    /// Whether customers depend on it.
    pub essential: bool,
    /// The pool that it draws on.
    pub pool: PoolId,
}

/// An outage in one region.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct WindowName {
    pub outage: String,
    pub region: String,
}

/// Something that was published about the course of the incident.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct Happened {
    /// When; [`Scenario::seconds`] counts it from the scenario's start.
    pub at: SimTime,
    /// What happened.
    pub what: String,
    /// The source.
    pub source: String,
}

/// Whether a figure was published as it is, or as a bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Bound {
    /// About that.
    About,
    /// That or more.
    AtLeast,
    /// That or less.
    AtMost,
}

impl Bound {
    /// What to write before a figure.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::About => "",
            Self::AtLeast => "at least ",
            Self::AtMost => "at most ",
        }
    }
}

impl Scenario {
    /// The name of the incident or the study.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The question that the scenario answers.
    pub fn question(&self) -> Option<&str> {
        self.question.as_deref()
    }

    /// Pools with their handles, in the order of their names.
    ///
    /// # Examples
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let scenario = drawdown::Scenario::load("scenarios/fnj8-vqz.yaml")?;
    /// for pool in scenario.pools() {
    ///     assert_eq!(scenario.pool(&pool.name)?, pool.id);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn pools(&self) -> &[PoolName] {
        &self.pools
    }

    /// Demand classes, in the order of their names.
    pub fn classes(&self) -> &[ClassName] {
        &self.classes
    }

    /// The published history of the incident.
    pub fn history(&self) -> &[Happened] {
        &self.history
    }

    /// Dependencies, in the order of their names.
    pub fn dependencies(&self) -> &[String] {
        &self.dependencies
    }

    /// Names of the variants that the file declares.
    pub fn variants(&self) -> &[String] {
        &self.variants
    }

    /// Reads a scenario file.
    ///
    /// # Errors
    /// Every problem of the file, in the order of its lines.
    ///
    /// # Examples
    /// How many pools a scenario has:
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let scenario = drawdown::Scenario::load("scenarios/fnj8-vqz.yaml")?;
    /// assert_eq!(scenario.name(), "FNJ8-VQZ");
    /// # Ok(())
    /// # }
    /// ```
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Problems> {
        Template::load(path).map(|template| template.base)
    }

    /// Reads a scenario file, with values changed: each is a path and the YAML to put there.
    ///
    /// # Errors
    /// Every problem of the file and of the changed values.
    ///
    /// # Examples
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use drawdown::Scenario;
    ///
    /// let more = [("pools.anywhere/any.target", "40")];
    /// let scenario = Scenario::load_with("examples/full-outage.yaml", more)?;
    /// assert_eq!(scenario.pools()[0].target, 40);
    /// # Ok(())
    /// # }
    /// ```
    pub fn load_with(
        path: impl AsRef<Path>,
        changes: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Result<Self, Problems> {
        Self::load_variant(path, None, changes)
    }

    /// Reads a variant that a scenario file declares, or the file itself, with values changed.
    ///
    /// # Errors
    /// Every problem of the file, of the variant and of the changed values.
    pub fn load_variant(
        path: impl AsRef<Path>,
        variant: Option<&str>,
        changes: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Result<Self, Problems> {
        Template::load_variant(path, variant, changes).map(|template| template.base)
    }

    /// Reads a scenario from a text; `name` is the name of the file in messages.
    ///
    /// # Errors
    /// Every problem of the text, in the order of its lines.
    ///
    /// # Examples
    /// The message for a misspelt key:
    /// ```
    /// let problems = drawdown::Scenario::parse("mine.yaml", "schema: 1\nnmae: mine\n").unwrap_err();
    /// assert!(problems.to_string().contains("did you mean `name`?"));
    /// ```
    pub fn parse(name: &str, text: &str) -> Result<Self, Problems> {
        Template::parse(name, text).map(|template| template.base)
    }

    /// Reads a scenario from a text, with values changed.
    ///
    /// # Errors
    /// Every problem of the text and of the changed values.
    pub fn parse_with(
        name: &str,
        text: &str,
        changes: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Result<Self, Problems> {
        Template::parse_variant(name, text, None, changes).map(|template| template.base)
    }

    /// The same scenario, in which a replication ends after `events` events at the most; see
    /// [`crate::kernel::Ended`].
    pub fn with_budget(mut self, events: u64) -> Self {
        self.setup.budget = events;
        let uncertain = self.uncertain.as_ref();
        self.uncertain = uncertain.map(|it| Arc::new(it.with_budget(events)));
        self
    }

    /// The same scenario, run without the engine's shortcuts: the same results, more slowly and with
    /// more events. For tests of the engine.
    #[doc(hidden)]
    pub fn without_shortcuts(&self) -> Self {
        Self {
            setup: self.setup.without_shortcuts(),
            ..self.clone()
        }
    }

    /// Whether a request to a pool can fail: be rejected, give up, be unable to connect, or fail in a cold
    /// start. Otherwise requests only wait.
    pub(crate) fn requests_can_fail(&self, pool: usize) -> bool {
        let id = PoolId::from(pool);
        let cut_off = |window: &Window| window.operations.connect && window.pools.contains(&id);
        let raised = |action: &Action| matches!(action, Action::SetTimeout(it, _) if *it == id);
        let gives_up = match &self.setup.pools[PoolId::from(pool)].on_empty {
            OnEmpty::Wait(law) => law.can_end(),
            OnEmpty::Reject | OnEmpty::Cold { .. } => true,
        };
        let of = &self.setup.pools[id];
        let gives_up = gives_up
            || of.waiting_max < u32::MAX
            || matches!(of.give_up, GiveUp::FailRequest(_) | GiveUp::MoveRequest(_));
        // Requests of any class may come to it, by way of standbys.
        let fails = |class: &ClassSetup| {
            class.on_empty == Some(ClassOnEmpty::Reject)
                || class.waiting_max < u32::MAX
                || class.patience.as_ref().is_some_and(Distribution::can_end)
        };
        let gives_up = gives_up || self.setup.classes.iter().any(fails);
        let mut actions = self.setup.playbook.iter().flat_map(|step| &step.actions);
        gives_up || self.setup.windows.iter().any(cut_off) || actions.any(raised)
    }

    /// Whether a request to a pool can wait; otherwise it is served at once, or fails.
    pub(crate) fn requests_can_wait(&self, pool: usize) -> bool {
        let of = &self.setup.pools[PoolId::from(pool)];
        of.stopped.is_some() || !matches!(of.on_empty, OnEmpty::Reject)
    }

    /// Whether the file has any outage.
    pub(crate) fn has_outages(&self) -> bool {
        !(self.setup.windows.is_empty() && self.setup.hazards.is_empty())
    }

    /// Whether a failed lease or waiting has a price.
    pub(crate) fn prices_failures(&self) -> bool {
        let prices = &self.prices;
        prices.failed_lease.is_some() || prices.waiting_minute.is_some()
    }

    /// Whether some pools, given by their places, share nothing but outages: the stock of one
    /// cannot affect another.
    pub(crate) fn are_apart(&self, pools: &[usize]) -> bool {
        let setup = &self.setup;
        let alone = |place: &usize| {
            let pool = &setup.pools[PoolId::from(*place)];
            let region = &setup.regions[pool.region];
            let limits = [&region.creates, &region.deletes];
            pool.standby.is_none()
                && pool.standbys.is_empty()
                && pool.through.is_none()
                && pool.breaker.is_none()
                && !pool.yields
                && region.quota.is_none()
                && limits.iter().all(|limit| limit.is_none())
        };
        let decides = setup.alerts.is_empty() && setup.playbook.is_empty();
        let decides = decides && setup.windows.iter().all(|window| window.room.is_none());
        decides && pools.iter().all(alone)
    }

    /// The standbys of a pool, by their places.
    pub(crate) fn standbys_of(&self, pool: usize) -> impl Iterator<Item = usize> {
        let standbys = self.setup.pools[PoolId::from(pool)].standbys.iter();
        standbys.map(|it| it.0 as usize)
    }

    /// The primary of a standby pool.
    pub(crate) fn primary_of(&self, pool: usize) -> Option<usize> {
        let standby = self.setup.pools[PoolId::from(pool)].standby.as_ref();
        standby.map(|it| it.primary.0 as usize)
    }

    /// The same scenario, in which outages affect no pool.
    pub(crate) fn calm(&self) -> Self {
        Self {
            setup: self.setup.calm(),
            uncertain: self.uncertain.as_ref().map(|it| Arc::new(it.calm())),
            ..self.clone()
        }
    }

    /// The same scenario, in which only those pools run that can affect some of these; all, if there are none.
    pub(crate) fn asking(mut self, pools: &[PoolId]) -> Self {
        if pools.is_empty() {
            return self;
        }
        self.left_out = self.setup.unconnected(pools);
        if !self.left_out.is_empty() {
            self.setup = self.setup.without(&self.left_out);
        }
        self.uncertain = self.uncertain.map(|it| Arc::new(it.asking(pools)));
        self
    }

    /// The published time of the first failed lease of a pool, after the first failed provisioning of any
    /// (s).
    pub(crate) fn published_failure(&self, pool: usize) -> Option<f64> {
        let failed = Clock::FirstLeaseFailure(PoolId::from(pool));
        let first = Anchor::Clock(Clock::FirstFailedProvisioning(None));
        self.facts.iter().find_map(|fact| match fact.claim {
            Claim::Occurred {
                clock,
                since,
                after,
            } if (clock, since, fact.bound) == (failed, first, Bound::About) => {
                Some(after.seconds())
            }
            _ => None,
        })
    }

    /// Minimum and maximum of the target of a pool, unless a playbook changes it (workers).
    pub(crate) fn target_limits(&self, pool: usize) -> (u32, u32) {
        self.setup.pools[PoolId::from(pool)].target.limits()
    }

    /// Whether the scenario has published facts to check.
    pub(crate) fn has_facts(&self) -> bool {
        !self.facts.is_empty()
    }

    /// Seconds from the scenario's start to `at`; negative in the warm-up.
    pub fn seconds(&self, at: SimTime) -> f64 {
        at.seconds_since(self.setup.start)
    }

    /// The date and time of an instant, in UTC.
    pub(crate) fn utc(&self, at: SimTime) -> Timestamp {
        let micros = at.micros() as i64 - self.setup.start.micros() as i64;
        self.start + SignedDuration::from_micros(micros)
    }

    /// The date and time of an instant in the time zone of a pool, or in UTC.
    pub(crate) fn local(&self, at: SimTime, pool: Option<usize>) -> DateTime {
        let zone = pool.map_or(Ok(TimeZone::UTC), |pool| {
            TimeZone::get(&self.pools[pool].timezone)
        });
        let zone = zone.expect("a valid scenario names zones that there are");
        zone.to_datetime(self.utc(at))
    }

    /// The instant so many seconds after the scenario's start.
    pub fn instant_at(&self, seconds: f64) -> SimTime {
        let micros = self.setup.start.micros() as f64 + seconds * 1e6;
        SimTime::ZERO + SimDuration::from_micros_f64(micros)
    }

    /// The scenario's length, without the warm-up.
    pub fn length(&self) -> SimDuration {
        self.setup.horizon - self.setup.start
    }

    /// Ids of the pools, in their order.
    pub(crate) fn pool_ids(&self) -> impl Iterator<Item = PoolId> + use<> {
        (0..self.pools.len()).map(PoolId::from)
    }

    /// Ids of the classes whose requests go to a pool.
    pub(crate) fn classes_of(&self, pool: PoolId) -> impl Iterator<Item = ClassId> + '_ {
        let ids = self.setup.classes.keys();
        ids.filter(move |id| self.setup.classes[*id].pool == pool)
    }
}
