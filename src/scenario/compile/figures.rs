//! Figures of published facts: a duration, a count or a share, published as it is or as a bound, of a window
//! of time or of an instant.

use std::fmt;

use crate::kernel::time::{SimDuration, SimTime};
use crate::model::id::{ClassId, PoolId};
use crate::model::setup::probe::{LevelProbe, Origin, Probes, RequestProbe, TimeWindow};
use crate::scenario::Bound;
use crate::scenario::compile::Compiler;
use crate::scenario::schema::{self, FactValue, Since, What};
use crate::scenario::text::units::Moment;

/// A figure in its unit.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Amount {
    Duration(SimDuration),
    Count(u32),
    Share(f64),
}

/// The unit of a figure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unit {
    Duration,
    Count,
    Share,
}

/// What a figure measures, other than the time of an event.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Measured {
    /// A figure of the requests of a probe, by its place.
    Requests(Tally, usize),
    /// The ready level of a pool.
    ReadyLevel(LevelProbe),
    /// How long a pool had no ready worker.
    EmptyTime(PoolId, TimeWindow),
}

/// A figure of requests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tally {
    Failed,
    Delayed,
    DelayedOrFailed,
    WaitMean,
    WaitMax,
}

/// What a fact is about, by index.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About {
    pub pool: Option<PoolId>,
    pub class: Option<ClassId>,
    pub at: Option<SimTime>,
    pub by: Option<SimTime>,
    pub from: Option<SimTime>,
    pub until: Option<SimTime>,
}

impl Amount {
    /// Seconds, a count, or a share from 0 to 1.
    pub fn size(self) -> f64 {
        match self {
            Self::Duration(length) => length.seconds(),
            Self::Count(count) => f64::from(count),
            Self::Share(share) => share,
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Duration(length) => length.fmt(f),
            Self::Count(count) => count.fmt(f),
            Self::Share(share) => write!(f, "{}%", (share * 1_000.0).round() / 10.0),
        }
    }
}

impl What {
    /// The unit of its figure.
    pub fn unit(&self) -> Unit {
        match self {
            Self::TenantsUnserved | Self::FailedLeases | Self::DelayedLeases | Self::ReadyLevel => {
                Unit::Count
            }
            Self::DelayedOrFailedShare => Unit::Share,
            _ => Unit::Duration,
        }
    }

    /// Whether its figure is about a window of time.
    pub fn has_window(&self) -> bool {
        self.is_of_requests() || matches!(self, Self::EmptyTime | Self::TenantsUnserved)
    }

    /// Whether it has a figure that is not the time of an event.
    pub fn is_measured(&self) -> bool {
        self.is_of_requests() || matches!(self, Self::ReadyLevel | Self::EmptyTime)
    }

    /// Whether it is about requests.
    pub fn is_of_requests(&self) -> bool {
        self.tally().is_some()
    }

    fn tally(&self) -> Option<Tally> {
        Some(match self {
            Self::FailedLeases => Tally::Failed,
            Self::DelayedLeases => Tally::Delayed,
            Self::DelayedOrFailedShare => Tally::DelayedOrFailed,
            Self::WaitMean => Tally::WaitMean,
            Self::WaitMax => Tally::WaitMax,
            _ => return None,
        })
    }
}

impl schema::Fact {
    /// The ways in which its figure is published; a valid fact has at most one.
    pub fn published(&self) -> impl Iterator<Item = (&'static str, Bound, FactValue)> + use<> {
        let keys = [
            ("value", Bound::About, self.value),
            ("at_least", Bound::AtLeast, self.at_least),
            ("at_most", Bound::AtMost, self.at_most),
        ];
        let given = keys.into_iter();
        given.filter_map(|(key, bound, value)| Some((key, bound, value?)))
    }

    /// Whether its figure is a bound.
    pub fn bound(&self) -> Bound {
        self.published()
            .next()
            .map_or(Bound::About, |(_, bound, _)| bound)
    }
}

impl Compiler<'_> {
    /// The figure that was published, in the unit of its kind.
    pub fn figure(&mut self, path: &str, fact: &schema::Fact) -> Option<Amount> {
        let (key, _, value) = fact.published().next()?;
        let help = match (fact.what.unit(), &fact.what) {
            (Unit::Count, What::TenantsUnserved) => "write the number of tenants, without a unit",
            (Unit::Count, What::ReadyLevel) => "write the number of workers, without a unit",
            (Unit::Count, _) => "write the number of requests, without a unit",
            (Unit::Share, _) => "write it as `35%` or as `0.35`",
            (Unit::Duration, What::WaitMean | What::WaitMax | What::EmptyTime) => {
                "write it with its unit, such as `5m`"
            }
            (Unit::Duration, _) => "write the time after `since`, with its unit",
        };
        self.amount(&format!("{path}.{key}"), value, (fact.what.unit(), help))
    }

    /// How far from the figure the simulation may be. A figure is published to its last digit: to the
    /// minute, to the percent. Where the file does not say, the default is noted.
    pub fn tolerance(
        &mut self,
        path: &str,
        fact: &schema::Fact,
        defaults: &mut Vec<(String, String)>,
    ) -> Option<Amount> {
        let unit = fact.what.unit();
        let path = format!("{path}.tolerance");
        if let Some(given) = fact.tolerance {
            let help = "write it in the unit of the figure";
            return self.amount(&path, given, (unit, help));
        }
        let default = match (unit, &fact.what) {
            // A small number of tenants is counted, and not rounded.
            (Unit::Count, What::TenantsUnserved) => Amount::Count(0),
            (Unit::Count, _) => Amount::Count(1),
            (Unit::Share, _) => Amount::Share(0.01),
            (Unit::Duration, _) => Amount::Duration(SimDuration::from_seconds(60)),
        };
        if fact.bound() == Bound::About {
            defaults.push((path, default.to_string()));
        }
        Some(default)
    }

    fn amount(
        &mut self,
        path: &str,
        value: FactValue,
        (unit, help): (Unit, &str),
    ) -> Option<Amount> {
        match (unit, value) {
            (_, FactValue::Unread) => return None,
            (Unit::Duration, FactValue::Length(length)) => return Some(Amount::Duration(length.0)),
            (Unit::Count, FactValue::Number(count)) if count.fract() == 0.0 => {
                return Some(Amount::Count(count as u32));
            }
            (Unit::Share, FactValue::Share(share)) => return Some(Amount::Share(share.0)),
            (Unit::Share, FactValue::Number(share)) if share <= 1.0 => {
                return Some(Amount::Share(share));
            }
            _ => {}
        }
        let message = match value {
            FactValue::Length(_) | FactValue::Unread => "a duration",
            FactValue::Number(_) => "a bare number",
            FactValue::Share(_) => "a share",
        };
        let limit = match unit {
            Unit::Duration => "a duration",
            Unit::Count => "a whole number",
            Unit::Share => "a share from 0% to 100%",
        };
        self.problem(path, message, limit, help);
        None
    }

    /// The end of a window: an instant of the scenario, or its end.
    pub fn window_end(&mut self, path: &str, moment: Moment) -> SimTime {
        let clock = &self.file.clock;
        let length = clock.horizon.0.micros() as i64;
        match moment.micros_after(clock.start) == Some(length) {
            true => self.horizon(),
            false => self.instant_inside(path, moment),
        }
    }

    /// What a figure measures; its probe is added to those of the scenario.
    pub fn measured(
        &mut self,
        path: &str,
        fact: &schema::Fact,
        about: About,
        probes: &mut Probes,
    ) -> Option<Measured> {
        if let What::ReadyLevel = fact.what {
            let (pool, at) = (about.pool?, about.at?);
            let probe = LevelProbe { pool, at };
            probes.levels.push(probe);
            return Some(Measured::ReadyLevel(probe));
        }
        let window = self.fact_window(path, fact, about)?;
        let Some(tally) = fact.what.tally() else {
            return Some(Measured::EmptyTime(about.pool?, window));
        };
        probes.requests.push(RequestProbe {
            pool: about.pool,
            class: about.class,
            window,
            longer_than: fact.longer_than.map_or(SimDuration::ZERO, |it| it.0),
        });
        Some(Measured::Requests(tally, probes.requests.len() - 1))
    }

    fn fact_window(&mut self, path: &str, fact: &schema::Fact, about: About) -> Option<TimeWindow> {
        let start = SimTime::ZERO + self.file.clock.warm_up.0;
        let until = about.until.unwrap_or_else(|| self.horizon());
        let from = match (&fact.since, about.from) {
            (_, Some(from)) => Origin::At(from),
            (None | Some(Since::Start), None) => Origin::At(start),
            (Some(Since::OutageBegins), None) => Origin::OutageBegins,
            (Some(Since::FirstFailedProvisioning), None) => Origin::FirstFailedProvisioning,
            (Some(Since::FirstUnservedRequest), None) => Origin::FirstUnservedRequest(about.pool?),
            (Some(Since::FirstLeaseFailure), None) => Origin::FirstLeaseFailure(about.pool?),
        };
        if let Origin::At(from) = from
            && until <= from
        {
            let limit = "a beginning before the end";
            let help = "move `from` or `until`";
            let message = "the window ends before it begins";
            self.problem(&format!("{path}.until"), message, limit, help);
            return None;
        }
        Some(TimeWindow { from, until })
    }
}
