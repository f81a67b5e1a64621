//! The ordinary ready level of a pool: its mean over the hour before the first outage that affects
//! it. Does not use targets, which a busy pool may never reach.

use crate::kernel::time::{SimDuration, SimTime};
use crate::model::record::level::Level;

/// How long before an outage the ordinary level is averaged. Long enough to average out noise, short
/// enough for the hour of the day to be the same.
pub(crate) const WINDOW: SimDuration = SimDuration::from_seconds(3_600);

/// The window before an outage, and the integrals of the ready level up to its two ends, once they
/// are past.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Ordinary {
    from: SimTime,
    until: SimTime,
    /// The next end that lies ahead.
    due: SimTime,
    /// Integrals up to `from` and to `until` (µs), which wrap.
    areas: [u64; 2],
    /// The initial stock, used where an outage is in force
    /// at time 0.
    stock: u32,
    /// What the integral of the level held before it was restarted (µs).
    carried: u64,
}

impl Ordinary {
    /// For a pool that no outage affects.
    pub const NONE: Self = Self {
        from: SimTime::NEVER,
        until: SimTime::NEVER,
        due: SimTime::NEVER,
        areas: [0; 2],
        stock: 0,
        carried: 0,
    };

    /// For a pool whose first outage begins then.
    pub fn before(outage: SimTime) -> Self {
        let back = outage.micros().saturating_sub(WINDOW.micros());
        let from = SimTime::from_micros(back);
        Self {
            from,
            until: outage,
            due: from,
            ..Self::NONE
        }
    }

    /// The same, where the first outage begins at another instant, if at all; neither window has begun.
    pub fn moved(self, outage: Option<SimTime>) -> Self {
        let moved = outage.map_or(Self::NONE, Self::before);
        if moved.until == self.until {
            return self;
        }
        Self {
            stock: self.stock,
            carried: self.carried,
            ..moved
        }
    }

    /// The stock of the pool at time 0.
    pub fn stock(&mut self, level: u32) {
        self.stock = level;
    }

    /// Records the integrals up to the ends that are past, before the level changes at `now`.
    #[inline]
    pub fn note(&mut self, ready: Level, now: SimTime, horizon: SimTime) {
        if self.due <= now {
            self.note_past(ready, now, horizon);
        }
    }

    fn note_past(&mut self, ready: Level, now: SimTime, horizon: SimTime) {
        let ends = [self.from, self.until];
        for (end, area) in ends.into_iter().zip(&mut self.areas) {
            if self.due <= end && end <= now {
                *area = ready.until(horizon - end).wrapping_add(self.carried);
            }
        }
        let ahead = ends.into_iter().find(|end| now < *end);
        self.due = ahead.unwrap_or(SimTime::NEVER);
    }

    /// The integral of the level is about to be reset.
    pub fn carry(&mut self, ready: Level, rest: SimDuration) {
        self.carried = self.carried.wrapping_add(ready.until(rest));
    }

    /// The mean level, once the outage has begun by `now`.
    pub fn level(mut self, ready: Level, now: SimTime, horizon: SimTime) -> Option<f64> {
        if now < self.until || !self.until.is_finite() {
            return None;
        }
        if self.from == self.until {
            return Some(f64::from(self.stock));
        }
        self.note(ready, now, horizon);
        let area = self.areas[1].wrapping_sub(self.areas[0]);
        Some(SimDuration::from_micros(area).seconds() / (self.until - self.from).seconds())
    }
}
