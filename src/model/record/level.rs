//! A number of workers or requests over time, and its integral.

use crate::kernel::time::SimDuration;

/// A number of workers or requests over time.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(crate) struct Level {
    pub value: u32,
    /// Integral until the horizon, as if the level stayed as it is (µs). It may wrap in between; the
    /// final value is exact.
    area: u64,
}

impl Level {
    #[inline]
    pub fn raise(&mut self, rest: SimDuration) {
        self.value += 1;
        self.area = self.area.wrapping_add(rest.micros());
    }

    #[inline]
    pub fn lower(&mut self, rest: SimDuration) {
        assert!(0 < self.value, "a level of 0 was lowered");
        self.value -= 1;
        self.area = self.area.wrapping_sub(rest.micros());
    }

    /// The same level with its integral reset.
    pub fn restarted(self, rest: SimDuration) -> Self {
        let area = u64::from(self.value).wrapping_mul(rest.micros());
        Self { area, ..self }
    }

    /// Integral until `rest` before the horizon (µs); it wraps.
    pub fn until(self, rest: SimDuration) -> u64 {
        let ahead = u64::from(self.value).wrapping_mul(rest.micros());
        self.area.wrapping_sub(ahead)
    }

    /// Integral over the measured time (s).
    pub fn seconds(self) -> f64 {
        SimDuration::from_micros(self.area).seconds()
    }
}
