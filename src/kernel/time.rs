//! Instants and durations in whole microseconds. There is no floating-point time and no epsilon.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

/// Microseconds in a second, for conversions.
const PER_SECOND: u64 = 1_000_000;

/// An instant, in microseconds since the world began (the start of the warm-up).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash, serde::Serialize)]
pub struct SimTime(u64);

/// A length of time (µs).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash, serde::Serialize)]
pub struct SimDuration(u64);

impl SimTime {
    /// Time 0.
    pub const ZERO: Self = Self(0);
    /// An infinite instant, after more than two thousand years; sums saturate here.
    pub const NEVER: Self = Self((1 << 56) - 1);

    /// The instant `micros` microseconds after the world began.
    pub const fn from_micros(micros: u64) -> Self {
        Self(if micros < Self::NEVER.0 {
            micros
        } else {
            Self::NEVER.0
        })
    }

    /// Microseconds since the world began.
    pub const fn micros(self) -> u64 {
        self.0
    }

    /// Whether this instant is finite.
    pub fn is_finite(self) -> bool {
        self < Self::NEVER
    }

    /// Seconds from `origin` to this instant; negative when this instant is earlier.
    pub fn seconds_since(self, origin: Self) -> f64 {
        if origin <= self {
            (self.0 - origin.0) as f64 / PER_SECOND as f64
        } else {
            -((origin.0 - self.0) as f64 / PER_SECOND as f64)
        }
    }
}

impl SimDuration {
    /// Zero.
    pub const ZERO: Self = Self(0);
    /// An infinite duration.
    pub const FOREVER: Self = Self((1 << 56) - 1);

    /// A duration of `micros` microseconds.
    pub const fn from_micros(micros: u64) -> Self {
        Self(if micros < Self::FOREVER.0 {
            micros
        } else {
            Self::FOREVER.0
        })
    }

    /// A duration of `seconds` whole seconds.
    pub const fn from_seconds(seconds: u64) -> Self {
        Self::from_micros(seconds.saturating_mul(PER_SECOND))
    }

    /// The nearest whole number of microseconds; negative values count as zero, and more than
    /// seventy years as seventy years.
    #[inline]
    pub fn from_micros_f64(micros: f64) -> Self {
        // Added to 2^52, a number up to 2^51 is rounded into the low bits of the sum, which costs a
        // tenth of a saturating cast.
        const SHIFT: f64 = (1_u64 << 52) as f64;
        let within = micros.clamp(0.0, 0.5 * SHIFT);
        Self((within + SHIFT).to_bits() - SHIFT.to_bits())
    }

    /// Length in microseconds.
    pub const fn micros(self) -> u64 {
        self.0
    }

    /// Length in seconds.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / PER_SECOND as f64
    }

    /// Whether this duration is finite.
    pub fn is_finite(self) -> bool {
        self < Self::FOREVER
    }

    /// This duration times `factor`, to the nearest microsecond.
    pub fn scaled(self, factor: f64) -> Self {
        Self::from_micros_f64(self.0 as f64 * factor)
    }
}

impl Add<SimDuration> for SimTime {
    type Output = Self;

    fn add(self, length: SimDuration) -> Self {
        // Neither operand exceeds 2^56 - 1, so the sum cannot wrap.
        Self::from_micros(self.0 + length.0)
    }
}

impl AddAssign<SimDuration> for SimTime {
    fn add_assign(&mut self, length: SimDuration) {
        *self = *self + length;
    }
}

impl Sub for SimTime {
    type Output = SimDuration;

    /// The time from `earlier` to this instant; zero when `earlier` is not earlier.
    fn sub(self, earlier: Self) -> SimDuration {
        SimDuration(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Display for SimDuration {
    /// Writes `1h30m`, `45s`, `2d3h`, `1.5s`; no unit between two others is left out, and where there are
    /// three or more, all but the first have two digits: `2h00m04s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_finite() {
            return f.write_str("forever");
        }
        let seconds = self.0 / PER_SECOND;
        let micros = self.0 % PER_SECOND;
        let counts = [
            seconds / 86_400,
            seconds / 3_600 % 24,
            seconds / 60 % 60,
            seconds % 60,
        ];
        let shown = |place: &usize| 0 < counts[*place] || (*place == 3 && 0 < micros);
        let first = (0..4).find(shown).unwrap_or(3);
        let last = (0..4).rev().find(shown).unwrap_or(3);
        let digits = if first + 2 <= last { 2 } else { 1 };
        let mut text = String::new();
        for place in first..=last {
            let width = if place == first { 1 } else { digits };
            text += &format!("{:0width$}", counts[place]);
            if place == 3 && 0 < micros {
                let fraction = format!("{micros:06}");
                text += &format!(".{}", fraction.trim_end_matches('0'));
            }
            text += ["d", "h", "m", "s"][place];
        }
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_write_them() {
        let cases = [
            (0, "0s"),
            (45_000_000, "45s"),
            (5_400_000_000, "1h30m"),
            (1_500_000, "1.5s"),
            (97_200_000_000, "1d3h"),
            (61_000_000, "1m1s"),
            (7_211_000_000, "2h00m11s"),
            (7_384_500_000, "2h03m04.5s"),
            (86_700_000_000, "1d00h05m"),
        ];
        for (micros, text) in cases {
            assert_eq!(SimDuration::from_micros(micros).to_string(), text);
        }
        assert_eq!(SimDuration::FOREVER.to_string(), "forever");
    }

    #[test]
    fn sums_saturate_at_never() {
        assert_eq!(
            SimTime::from_micros(5) + SimDuration::FOREVER,
            SimTime::NEVER
        );
        assert_eq!(SimTime::NEVER + SimDuration::FOREVER, SimTime::NEVER);
        assert_eq!(SimTime::ZERO - SimTime::from_micros(5), SimDuration::ZERO);
    }
}
