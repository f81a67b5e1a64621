//! Published facts of an incident, compiled to claims that a simulation can be checked against.

use crate::kernel::time::{SimDuration, SimTime};
use crate::model::id::{AlertId, DependencyId, PoolId, StepId};
use crate::model::record::ledger::{Mark, RECOVERY_SHARES};
use crate::model::setup::people::Milestone;
use crate::model::setup::probe::Probes;
use crate::scenario::compile::Compiler;
use crate::scenario::compile::figures::{About, Amount, Measured};
use crate::scenario::schema::{self, Of, Role, Since, What};
use crate::scenario::{Bound, ClassName, PoolName};

/// One published fact.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    pub name: String,
    pub claim: Claim,
    /// Whether the figure of the claim is a bound.
    pub bound: Bound,
    /// How far from its figure the simulation may be.
    pub tolerance: Amount,
    /// Tolerance of the median of an ensemble, as a share of the figure.
    pub median_within: Option<f64>,
    pub source: String,
    /// Whether it was fitted, or held out as evidence.
    pub fitted: bool,
}

/// The claim of a fact.
#[derive(Clone, Debug)]
pub(crate) enum Claim {
    /// An event occurred this long after its anchor.
    Occurred {
        clock: Clock,
        since: Anchor,
        after: SimDuration,
    },
    /// An event had not occurred until then, in at least this share of replications.
    NotBefore {
        clock: Clock,
        until: SimTime,
        share: f64,
    },
    /// An event had occurred by then.
    By { clock: Clock, by: SimTime },
    /// Number of tenants that found a pool empty between an origin and an instant.
    TenantsUnserved {
        pool: PoolId,
        since: Anchor,
        until: SimTime,
        count: u32,
    },
    /// A figure of requests, of a level, or of the time without ready workers.
    Measured { what: Measured, value: Amount },
}

/// An event of one pool, or of all of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Clock {
    FirstFailedProvisioning(Option<PoolId>),
    PoolEmpty(PoolId),
    FirstUnservedRequest(PoolId),
    FirstLeaseFailure(PoolId),
    LastLeaseFailure(PoolId),
    /// A pool had recovered to this share (by index) of its target or of its ordinary level.
    Restored(PoolId, Mark, usize),
    /// A standby was activated for the first time.
    Activated(PoolId),
    /// An alert paged for the first time.
    Paged(AlertId),
    /// A step of the playbook was taken for the first time.
    StepTaken(StepId),
    /// The incident reached a milestone.
    Reached(Milestone),
    /// The queue of a dependency was full for the first time, or calm again for the last.
    Congested(DependencyId),
    Calm(DependencyId),
}

/// The origin of a figure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Anchor {
    /// The start of the scenario.
    Start,
    /// The beginning of the first outage.
    OutageBegins,
    /// The occurrence of an event.
    Clock(Clock),
}

/// Every fact, in the order of its name, and what they ask of a replication; defaults that are used are added
/// to those of the file.
pub(crate) fn facts(
    compiler: &mut Compiler<'_>,
    pools: &[PoolName],
    classes: &[ClassName],
    defaults: &mut Vec<(String, String)>,
) -> (Vec<Fact>, Probes) {
    let file = compiler.file;
    let (mut facts, mut probes) = (Vec::new(), Probes::default());
    for (name, fact) in &file.observed {
        let path = format!("observed.{name}");
        let claim = compiler.claim(&path, fact, (pools, classes), &mut probes);
        let tolerance = compiler.tolerance(&path, fact, defaults);
        if let (Some(claim), Some(tolerance)) = (claim, tolerance) {
            facts.push(Fact {
                name: name.clone(),
                claim,
                bound: fact.bound(),
                tolerance,
                median_within: fact.median_within.map(|share| share.0),
                source: fact.source.clone(),
                fitted: matches!(fact.role, Role::Fit),
            });
        }
    }
    (facts, probes)
}

impl Compiler<'_> {
    fn claim(
        &mut self,
        path: &str,
        fact: &schema::Fact,
        names: (&[PoolName], &[ClassName]),
        probes: &mut Probes,
    ) -> Option<Claim> {
        let about = self.about(path, fact, names)?;
        let About {
            pool,
            at,
            by,
            until,
            ..
        } = about;
        let start = SimTime::ZERO + self.file.clock.warm_up.0;
        match fact.what {
            What::NoLeaseFailure => {
                let share = fact.share?.0;
                Some(Claim::NotBefore {
                    clock: Clock::FirstLeaseFailure(pool?),
                    until: until?,
                    share,
                })
            }
            What::NoDepletion => Some(Claim::NotBefore {
                clock: Clock::PoolEmpty(pool?),
                until: until?,
                share: fact.share?.0,
            }),
            What::NoPage => Some(Claim::NotBefore {
                clock: Clock::Paged(self.alert(path, fact)?),
                until: until?,
                share: fact.share?.0,
            }),
            What::Restored if by.is_some() => Some(Claim::By {
                clock: self.clock(path, fact, pool)?,
                by: by?,
            }),
            What::TenantsUnserved => {
                let Amount::Count(count) = self.figure(path, fact)? else {
                    return None;
                };
                let since = anchor(fact.since.as_ref()?, pool?);
                Some(Claim::TenantsUnserved {
                    pool: pool?,
                    since,
                    until: until?,
                    count,
                })
            }
            _ if fact.what.is_measured() => {
                let value = self.figure(path, fact)?;
                let what = self.measured(path, fact, about, probes)?;
                Some(Claim::Measured { what, value })
            }
            _ => self.occurred(path, fact, pool, at.map(|at| at - start)),
        }
    }

    /// What a fact is about, once its keys are right.
    fn about(
        &mut self,
        path: &str,
        fact: &schema::Fact,
        (pools, classes): (&[PoolName], &[ClassName]),
    ) -> Option<About> {
        let before = self.problems.len();
        self.check_keys(path, fact);
        let pool = fact.pool.as_deref();
        let pool = pool.and_then(|name| self.pool(&format!("{path}.pool"), name, pools));
        let class = fact.class.as_deref();
        let class = class.and_then(|name| self.class(&format!("{path}.class"), name, classes));
        let until = fact.until.map(|at| {
            let path = format!("{path}.until");
            match fact.what.has_window() {
                true => self.window_end(&path, at),
                false => self.instant_inside(&path, at),
            }
        });
        let mut inside = |key: &str, at: Option<_>| {
            at.map(|at| self.instant_inside(&format!("{path}.{key}"), at))
        };
        let about = About {
            pool,
            class,
            by: inside("by", fact.by),
            at: inside("at", fact.at),
            from: inside("from", fact.from),
            until,
        };
        (before == self.problems.len()).then_some(about)
    }

    /// The index of a share among those that are measured.
    fn recovery_share(&mut self, path: &str, share: f64) -> Option<usize> {
        let place = RECOVERY_SHARES.iter().position(|known| *known == share);
        if place.is_none() {
            let limit = "`90%` or `100%`, which are measured";
            let message = format!("a share of {share}");
            self.problem(
                &format!("{path}.share"),
                message,
                limit,
                "choose one of them",
            );
        }
        place
    }

    fn clock(&mut self, path: &str, fact: &schema::Fact, pool: Option<PoolId>) -> Option<Clock> {
        Some(match fact.what {
            What::FirstFailedProvisioning => Clock::FirstFailedProvisioning(pool),
            What::PoolEmpty => Clock::PoolEmpty(pool?),
            What::FirstUnservedRequest => Clock::FirstUnservedRequest(pool?),
            What::FirstLeaseFailure => Clock::FirstLeaseFailure(pool?),
            What::LastLeaseFailure => Clock::LastLeaseFailure(pool?),
            What::Activated => Clock::Activated(pool?),
            What::Restored => {
                let mark = match fact.of {
                    Some(Of::Ordinary) => Mark::Ordinary,
                    Some(Of::Target) | None => Mark::Target,
                };
                Clock::Restored(pool?, mark, self.recovery_share(path, fact.share?.0)?)
            }
            What::Paged => Clock::Paged(self.alert(path, fact)?),
            What::Detected => Clock::Reached(Milestone::Detected),
            What::Declared => Clock::Reached(Milestone::Declared),
            What::Mitigated => Clock::Reached(Milestone::Mitigated),
            What::Resolved => Clock::Reached(Milestone::Resolved),
            What::StepTaken => {
                let name = fact.step.as_deref()?;
                Clock::StepTaken(self.step(&format!("{path}.step"), name)?)
            }
            What::Congested => Clock::Congested(self.congestible(path, fact)?),
            What::Calm => Clock::Calm(self.congestible(path, fact)?),
            What::NoLeaseFailure
            | What::NoDepletion
            | What::NoPage
            | What::TenantsUnserved
            | What::FailedLeases
            | What::DelayedLeases
            | What::DelayedOrFailedShare
            | What::WaitMean
            | What::WaitMax
            | What::ReadyLevel
            | What::EmptyTime => return None,
        })
    }

    fn congestible(&mut self, path: &str, fact: &schema::Fact) -> Option<DependencyId> {
        let name = fact.dependency.as_deref()?;
        self.dependency(&format!("{path}.dependency"), name)
    }

    fn alert(&mut self, path: &str, fact: &schema::Fact) -> Option<AlertId> {
        let name = fact.alert.as_deref()?;
        let place = self.file.alerts.keys().position(|it| it == name);
        if place.is_none() {
            let known: Vec<&str> = self.file.alerts.keys().map(String::as_str).collect();
            self.dangling(&format!("{path}.alert"), "alert", name, &known);
        }
        place.map(AlertId::from)
    }

    fn occurred(
        &mut self,
        path: &str,
        fact: &schema::Fact,
        pool: Option<PoolId>,
        at: Option<SimDuration>,
    ) -> Option<Claim> {
        let clock = self.clock(path, fact, pool)?;
        if let Some(after) = at {
            return Some(Claim::Occurred {
                clock,
                since: Anchor::Start,
                after,
            });
        }
        let Amount::Duration(after) = self.figure(path, fact)? else {
            return None;
        };
        let since = match (fact.since.as_ref()?, pool) {
            (Since::Start, _) => Anchor::Start,
            (Since::OutageBegins, _) => Anchor::OutageBegins,
            (Since::FirstFailedProvisioning, _) => {
                Anchor::Clock(Clock::FirstFailedProvisioning(None))
            }
            (since, pool) => anchor(since, pool?),
        };
        Some(Claim::Occurred {
            clock,
            since,
            after,
        })
    }
}

fn anchor(since: &Since, pool: PoolId) -> Anchor {
    match since {
        Since::Start => Anchor::Start,
        Since::OutageBegins => Anchor::OutageBegins,
        Since::FirstFailedProvisioning => Anchor::Clock(Clock::FirstFailedProvisioning(None)),
        Since::FirstUnservedRequest => Anchor::Clock(Clock::FirstUnservedRequest(pool)),
        Since::FirstLeaseFailure => Anchor::Clock(Clock::FirstLeaseFailure(pool)),
    }
}
