//! Outages, as declared. Windows are half-open and independent: the end of
//! one never undoes another.

use crate::kernel::distribution::Distribution;
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::id::{PoolId, WindowId};

/// An outage in one region.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    /// Key of its random streams.
    pub stream_key: u64,
    pub when: When,
    pub shape: Shape,
    /// Probability that a call fails at full severity.
    pub failure: f64,
    /// Factor on the latency of attempts that start in it, at full severity.
    pub latency_factor: f64,
    pub judged: Judged,
    /// Workers that the provider has room for; more are refused.
    pub room: Option<Room>,
    pub operations: Operations,
    /// Share of ready and of leased workers that are lost when it begins.
    pub takes: Takes,
    /// Pools that it affects.
    pub pools: Vec<PoolId>,
}

impl Window {
    /// Whether its effect depends on which workers there are, leased ones among them.
    pub fn depends_on_workers(&self) -> bool {
        0.0 < self.takes.ready + self.takes.leased || self.room.is_some()
    }

    /// Whether its effect depends on how far away its end is.
    pub fn looks_ahead(&self) -> bool {
        let stalls = matches!(
            self.judged,
            Judged::Start {
                in_flight: InFlight::Stall,
                ..
            }
        );
        let rises_only =
            matches!(self.shape, Shape::Ramp { fall, .. } if fall == SimDuration::ZERO);
        stalls || !rises_only
    }

    /// Whether attempts to create machines meet it when they complete, and not before, at instants that are known.
    pub fn acts_at_completion_only(&self) -> bool {
        self.judged.at_completion()
            && self.latency_factor == 1.0
            && self.room.is_none()
            && self.when.is_certain()
    }
}

/// Workers of the affected pools of a region that the provider has room for: at any of its stages, from an
/// attempt to the end of the deletion.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Room {
    /// So many more than there are when the outage begins.
    More(u32),
    /// So many in all.
    Total(u32),
}

/// When an outage is in force.
#[derive(Clone, Debug)]
pub(crate) enum When {
    /// Between two instants, each shifted by its own random delay; or from the first for a random length.
    Dated {
        from: SimTime,
        until: SimTime,
        onset: Distribution,
        lasting: Option<Distribution>,
        recovery: Distribution,
    },
    /// At the random times of its renewal process.
    RandomOutages,
}

/// Random outages: an alternating renewal process.
#[derive(Clone, Debug)]
pub(crate) struct RandomOutages {
    /// Key of its random streams.
    pub stream_key: u64,
    /// From the end of one outage, or the beginning of the world, to the beginning of the next.
    pub up: Distribution,
    /// How long an outage lasts.
    pub down: Distribution,
    /// Probability that an occurrence affects all regions; otherwise it affects one, equally likely.
    pub shared: f64,
    /// One for each region, in the order of their names.
    pub windows: Vec<WindowId>,
}

/// How severity runs from the beginning to the end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shape {
    /// It rises over `rise` from the beginning and falls over `fall` to the end.
    Ramp {
        rise: SimDuration,
        fall: SimDuration,
    },
    /// Full for `on`, none for `off`, and so on.
    Intermittent { on: SimDuration, off: SimDuration },
}

impl Shape {
    /// Whether severity is full from the beginning to the end.
    pub fn is_flat(self) -> bool {
        let none = SimDuration::ZERO;
        matches!(self, Self::Ramp { rise, fall } if rise == none && fall == none)
    }
}

/// Operations that an outage makes fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Operations {
    pub create: bool,
    pub extend: bool,
    pub start: bool,
    pub delete: bool,
    pub reimage: bool,
    pub connect: bool,
}

/// Shares of workers that are lost.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(crate) struct Takes {
    pub ready: f64,
    pub leased: f64,
}

/// When the outcome of an attempt is drawn.
#[derive(Clone, Debug)]
pub(crate) enum Judged {
    /// At the instant it would complete.
    Completion,
    /// When it starts; a failing attempt fails in this manner.
    Start { manner: Manner, in_flight: InFlight },
}

/// How an attempt fails that was judged when it started.
#[derive(Clone, Debug)]
pub(crate) enum Manner {
    /// After a delay of the provider's.
    Reject(Distribution),
    /// At the end of its ordinary course.
    Late,
    /// When its timeout has run out.
    Hang,
    /// It does not fail, but takes so many times as long.
    Slow(f64),
}

/// What happens to attempts in flight when the window begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum InFlight {
    /// They complete normally.
    Finish,
    /// Each fails at once, with the window's probability at full severity.
    FailNow,
    /// Each stalls until the end, with that probability.
    Stall,
}

impl Judged {
    /// Whether the outcome is drawn at completion.
    pub fn at_completion(&self) -> bool {
        matches!(self, Self::Completion)
    }
}

impl When {
    /// Whether the outage is in force at the same time in every replication.
    pub fn is_certain(&self) -> bool {
        match self {
            Self::Dated {
                onset,
                lasting,
                recovery,
                ..
            } => {
                let lasts = lasting.as_ref().is_none_or(Distribution::is_fixed);
                onset.is_fixed() && recovery.is_fixed() && lasts
            }
            Self::RandomOutages => false,
        }
    }
}

impl Shape {
    /// Full from the beginning to the end.
    pub const STEP: Self = Self::Ramp {
        rise: SimDuration::ZERO,
        fall: SimDuration::ZERO,
    };
}
