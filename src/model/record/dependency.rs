//! What happened to the calls of one dependency, in slices of the measured time.

use crate::kernel::time::{SimDuration, SimTime};
use crate::model::record::clocks::Spans;
use crate::model::record::ledger::Slice;
use crate::model::record::level::Level;

/// Counts of a dependency, in [`SLICES`] slices of the measured time.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct DependencyLedger {
    pub slices: Vec<Slice>,
    /// The slice of the last event, and when it ends.
    current: usize,
    until: SimTime,
    /// Calls in the queue, and callers in orbit.
    pub queue: Level,
    pub orbit: Level,
    /// From when its queue is full until it is calm again.
    pub congested: Spans,
}

/// Slices of the measured time in which dependencies are observed.
pub(crate) const SLICES: u64 = 96;

impl DependencyLedger {
    /// Clears everything; keeps the memory.
    pub fn begin(&mut self) {
        self.slices.clear();
        self.slices.resize(SLICES as usize, Slice::default());
        (self.current, self.until) = (0, SimTime::ZERO);
        (self.queue, self.orbit) = (Level::default(), Level::default());
        self.congested.clear();
    }

    /// The slice of an instant, no earlier than that of the last.
    #[inline]
    pub fn slice(&mut self, now: SimTime, start: SimTime, horizon: SimTime) -> &mut Slice {
        if self.until <= now {
            let length = (horizon - start).micros();
            let place = ((now - start).micros() * SLICES / length).min(SLICES - 1);
            self.current = place as usize;
            let end = ((place + 1) * length).div_ceil(SLICES);
            self.until = start + SimDuration::from_micros(end);
        }
        &mut self.slices[self.current]
    }

    /// Clears the records of the warm-up, except what holds now.
    pub fn measure(&mut self, now: SimTime, rest: SimDuration) {
        let congested = self.congested.is_open();
        self.congested.clear();
        if congested {
            self.congested.open(now);
        }
        self.slices.fill(Slice::default());
        (self.queue, self.orbit) = (self.queue.restarted(rest), self.orbit.restarted(rest));
    }
}
