//! Published facts of an incident, compiled to claims that a simulation can be checked against.

use crate::kernel::time::{SimDuration, SimTime};
use crate::model::id::{AlertId, DependencyId, PoolId, StepId};
use crate::model::record::ledger::{Mark, RECOVERY_SHARES};
use crate::model::setup::people::Milestone;
use crate::scenario::PoolName;
use crate::scenario::compile::Compiler;
use crate::scenario::schema::{self, FactValue, Of, Role, Since, What};

/// One published fact.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    pub name: String,
    pub claim: Claim,
    /// Tolerance of the expected-value replay.
    pub tolerance: SimDuration,
    /// Tolerance of the median of an ensemble, as a share of the figure.
    pub median_within: Option<f64>,
    pub source: String,
    /// Whether it was fitted, or held out as evidence.
    pub fitted: bool,
}

/// The claim of a fact.
#[derive(Clone, Debug)]
pub(crate) enum Claim {
    /// An event occurred this long after its origin.
    Struck {
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

/// Every fact, in the order of its name.
pub(crate) fn facts(compiler: &mut Compiler<'_>, pools: &[PoolName]) -> Vec<Fact> {
    let file = compiler.file;
    let mut facts = Vec::new();
    for (name, fact) in &file.observed {
        let path = format!("observed.{name}");
        if let Some(claim) = compiler.claim(&path, fact, pools) {
            facts.push(Fact {
                name: name.clone(),
                claim,
                tolerance: fact.tolerance.0,
                median_within: fact.median_within.map(|share| share.0),
                source: fact.source.clone(),
                fitted: matches!(fact.role, Role::Fit),
            });
        }
    }
    facts
}

impl Compiler<'_> {
    fn claim(&mut self, path: &str, fact: &schema::Fact, pools: &[PoolName]) -> Option<Claim> {
        let before = self.problems.len();
        self.check_keys(path, fact);
        let pool = fact.pool.as_deref();
        let pool = pool.and_then(|name| self.pool(&format!("{path}.pool"), name, pools));
        let until = fact
            .until
            .map(|at| self.instant_inside(&format!("{path}.until"), at));
        let by = fact
            .by
            .map(|at| self.instant_inside(&format!("{path}.by"), at));
        let at = fact
            .at
            .map(|at| self.instant_inside(&format!("{path}.at"), at));
        if before < self.problems.len() {
            return None;
        }
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
                let count = self.count(path, fact.value?)?;
                let since = anchor(fact.since.as_ref()?, pool?);
                Some(Claim::TenantsUnserved {
                    pool: pool?,
                    since,
                    until: until?,
                    count,
                })
            }
            _ => self.struck(path, fact, pool, at.map(|at| at - start)),
        }
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

    fn count(&mut self, path: &str, value: FactValue) -> Option<u32> {
        match value {
            FactValue::Count(count) => Some(count.0),
            FactValue::Length(_) => {
                let help = "write the number of tenants, without a unit";
                self.problem(
                    &format!("{path}.value"),
                    "a duration",
                    "a whole number",
                    help,
                );
                None
            }
        }
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
            What::NoLeaseFailure | What::NoDepletion | What::NoPage | What::TenantsUnserved => {
                return None;
            }
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

    fn struck(
        &mut self,
        path: &str,
        fact: &schema::Fact,
        pool: Option<PoolId>,
        at: Option<SimDuration>,
    ) -> Option<Claim> {
        let clock = self.clock(path, fact, pool)?;
        if let Some(after) = at {
            return Some(Claim::Struck {
                clock,
                since: Anchor::Start,
                after,
            });
        }
        match fact.value? {
            FactValue::Length(after) => {
                let since = fact.since.as_ref()?;
                let since = match (since, pool) {
                    (Since::Start, _) => Anchor::Start,
                    (Since::OutageBegins, _) => Anchor::OutageBegins,
                    (Since::FirstFailedProvisioning, _) => {
                        Anchor::Clock(Clock::FirstFailedProvisioning(None))
                    }
                    (since, pool) => anchor(since, pool?),
                };
                Some(Claim::Struck {
                    clock,
                    since,
                    after: after.0,
                })
            }
            FactValue::Count(_) => {
                let help = "write the time after `since`, with its unit";
                self.problem(
                    &format!("{path}.value"),
                    "a bare number",
                    "a duration",
                    help,
                );
                None
            }
        }
    }

    /// Checks the keys of each kind of fact.
    fn check_keys(&mut self, path: &str, fact: &schema::Fact) {
        let has = [
            ("pool", fact.pool.is_some()),
            ("alert", fact.alert.is_some()),
            ("step", fact.step.is_some()),
            ("dependency", fact.dependency.is_some()),
            ("since", fact.since.is_some()),
            ("value", fact.value.is_some()),
            ("at", fact.at.is_some()),
            ("by", fact.by.is_some()),
            ("until", fact.until.is_some()),
            ("share", fact.share.is_some()),
            ("of", fact.of.is_some()),
            ("median_within", fact.median_within.is_some()),
        ];
        let of: &[&str] = match fact.what {
            What::Paged | What::NoPage => &["alert"],
            What::StepTaken => &["step"],
            What::Congested | What::Calm => &["dependency"],
            What::FirstFailedProvisioning
            | What::Detected
            | What::Declared
            | What::Mitigated
            | What::Resolved => &[],
            _ => &["pool"],
        };
        let (also, bears): (&[&str], &[&str]) = match fact.what {
            What::FirstFailedProvisioning => (&["at"], &["pool"]),
            What::NoLeaseFailure | What::NoDepletion | What::NoPage => (&["until", "share"], &[]),
            What::Restored if fact.at.is_some() => (&["at", "share"], &["of"]),
            What::Restored if fact.value.is_some() => {
                (&["since", "value", "share"], &["of", "median_within"])
            }
            What::Restored => (&["by", "share"], &["of"]),
            What::TenantsUnserved => (&["since", "until", "value"], &[]),
            _ if fact.at.is_some() => (&["at"], &[]),
            _ => (&["since", "value"], &["median_within"]),
        };
        let mut needs = [of, also].concat();
        // These events belong to a pool, whatever the origin.
        let of_pool = matches!(
            fact.since,
            Some(Since::FirstUnservedRequest | Since::FirstLeaseFailure)
        );
        if of_pool && needs.contains(&"since") && !needs.contains(&"pool") {
            needs.push("pool");
        }
        self.check_given(path, "fact", &has, (&needs, bears));
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
