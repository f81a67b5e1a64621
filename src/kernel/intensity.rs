//! A time-varying rate, linear between knots, and the instants at which its integral
//! reaches given values. No thinning: one uniform number for each arrival.

use crate::kernel::time::{SimDuration, SimTime};

/// A rate and its integral. After the last knot the rate stays as it is.
#[derive(Clone, Debug)]
pub struct Intensity {
    // Invariant: never empty; the first knot is at 0, and times rise strictly.
    knots: Vec<Knot>,
}

#[derive(Clone, Copy, Debug)]
struct Knot {
    /// (µs)
    at: f64,
    /// (1/µs)
    rate: f64,
    /// Change of the rate until the next knot (1/µs²).
    slope: f64,
    /// Expected arrivals before this knot.
    reached: f64,
}

impl Knot {
    /// How long after this knot so many more arrivals are expected (µs); none if the rate drops to 0.
    #[inline]
    fn after(&self, more: f64) -> Option<f64> {
        // The root of rate x + slope x² / 2 = more, in the form without cancellation.
        let root = if self.slope == 0.0 {
            self.rate + self.rate
        } else {
            self.rate
                + (self.rate * self.rate + 2.0 * self.slope * more)
                    .max(0.0)
                    .sqrt()
        };
        (0.0 < root).then(|| 2.0 * more / root)
    }
}

impl Intensity {
    /// A constant `rate` (1/µs).
    pub fn flat(rate: f64) -> Self {
        Self {
            knots: vec![Knot {
                at: 0.0,
                rate,
                slope: 0.0,
                reached: 0.0,
            }],
        }
    }

    /// Linear between `points` (instant, rate (1/µs)), which must be sorted by instant; before the
    /// first the rate is that of the first. Of several points at one instant the last counts.
    pub fn through(points: &[(SimTime, f64)]) -> Self {
        let mut knots: Vec<Knot> = Vec::with_capacity(points.len() + 1);
        for (at, rate) in points {
            let at = at.micros() as f64;
            if knots.is_empty() && 0.0 < at {
                knots.push(Knot {
                    at: 0.0,
                    rate: *rate,
                    slope: 0.0,
                    reached: 0.0,
                });
            }
            match knots.last_mut() {
                Some(last) if last.at == at => last.rate = *rate,
                _ => knots.push(Knot {
                    at,
                    rate: *rate,
                    slope: 0.0,
                    reached: 0.0,
                }),
            }
        }
        if knots.is_empty() {
            return Self::flat(0.0);
        }
        for i in 1..knots.len() {
            let (before, after) = (knots[i - 1], knots[i]);
            let span = after.at - before.at;
            knots[i - 1].slope = (after.rate - before.rate) / span;
            knots[i].reached = before.reached + 0.5 * (before.rate + after.rate) * span;
        }
        Self { knots }
    }

    /// This intensity times `factor` >= 0.
    pub fn scaled(&self, factor: f64) -> Self {
        let scale = |knot: &Knot| Knot {
            rate: knot.rate * factor,
            slope: knot.slope * factor,
            reached: knot.reached * factor,
            ..*knot
        };
        Self {
            knots: self.knots.iter().map(scale).collect(),
        }
    }

    /// How many knots it has.
    pub(crate) fn len(&self) -> usize {
        self.knots.len()
    }

    /// This intensity with a `factor` >= 0 on the rate in the half-open window [from, until).
    pub fn surging(&self, from: SimTime, until: SimTime, factor: f64) -> Self {
        let (from, until) = (from.micros() as f64, until.micros() as f64);
        let mut edges: Vec<f64> = self.knots.iter().map(|knot| knot.at).collect();
        edges.extend([from, until]);
        edges.sort_unstable_by(f64::total_cmp);
        edges.dedup();
        let mut knots: Vec<Knot> = Vec::with_capacity(edges.len());
        for at in edges {
            let (rate, slope) = (self.rate(at), self.before(at).slope);
            let factor = if from <= at && at < until {
                factor
            } else {
                1.0
            };
            let reached = knots.last().map_or(0.0, |last| {
                let x = at - last.at;
                last.reached + x * (last.rate + 0.5 * last.slope * x)
            });
            knots.push(Knot {
                at,
                rate: factor * rate,
                slope: factor * slope,
                reached,
            });
        }
        Self { knots }
    }

    /// The rate at `at` (1/µs).
    pub fn rate(&self, at: f64) -> f64 {
        let knot = self.before(at);
        knot.rate + knot.slope * (at - knot.at)
    }

    /// Expected arrivals between time 0 and `at` (µs); before that the first
    /// rate applies.
    pub fn reached(&self, at: f64) -> f64 {
        let knot = self.before(at);
        let x = at - knot.at;
        if x < 0.0 {
            knot.rate * x
        } else {
            knot.reached + x * (knot.rate + 0.5 * knot.slope * x)
        }
    }

    /// When so many arrivals are expected since time 0 (µs); none if the rate drops to 0 before.
    #[inline]
    pub(crate) fn instant(&self, arrivals: f64) -> Option<f64> {
        let after = self.knots.partition_point(|knot| knot.reached <= arrivals);
        let knot = &self.knots[after.saturating_sub(1)];
        knot.after(arrivals - knot.reached)
            .map(|after| knot.at + after)
    }

    /// The rate, if it is the same at all times (1/µs).
    pub(crate) fn constant(&self) -> Option<f64> {
        let flat = self
            .knots
            .iter()
            .all(|it| it.slope == 0.0 && it.rate == self.knots[0].rate);
        flat.then(|| self.knots[0].rate)
    }

    /// The sum of this intensity and another.
    pub(crate) fn plus(&self, other: &Self) -> Self {
        let mut edges: Vec<f64> = self.knots.iter().map(|knot| knot.at).collect();
        edges.extend(other.knots.iter().map(|knot| knot.at));
        edges.sort_unstable_by(f64::total_cmp);
        edges.dedup();
        let sum = |at: f64| Knot {
            at,
            rate: self.rate(at) + other.rate(at),
            slope: self.before(at).slope + other.before(at).slope,
            reached: self.reached(at) + other.reached(at),
        };
        Self {
            knots: edges.into_iter().map(sum).collect(),
        }
    }

    fn before(&self, at: f64) -> Knot {
        let after = self.knots.partition_point(|knot| knot.at <= at);
        self.knots[after.saturating_sub(1)]
    }
}

/// A walk along an intensity, forward only.
#[derive(Clone, Debug, Default)]
pub struct Walk {
    reached: f64,
    knot: usize,
}

impl Walk {
    /// Arrivals expected so far.
    pub fn reached(&self) -> f64 {
        self.reached
    }

    /// Skips `more` expected arrivals.
    pub fn skip(&mut self, more: f64) {
        self.reached += more;
    }

    /// The instant at which `more` further arrivals are expected; `NEVER` if the rate drops to 0.
    #[inline]
    pub fn advance(&mut self, intensity: &Intensity, more: f64) -> SimTime {
        self.reached += more;
        let knots = &intensity.knots;
        while self.knot + 1 < knots.len() && knots[self.knot + 1].reached <= self.reached {
            self.knot += 1;
        }
        let knot = knots[self.knot];
        let after = knot.after(self.reached - knot.reached);
        after.map_or(SimTime::NEVER, |after| {
            SimTime::ZERO + SimDuration::from_micros_f64(knot.at + after)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SimTime {
        SimTime::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn a_walk_undoes_the_integral() {
        let points = [
            (at(0), 1e-6),
            (at(100), 3e-6),
            (at(150), 0.0),
            (at(200), 0.0),
            (at(260), 2e-6),
        ];
        let intensity = Intensity::through(&points);
        let mut walk = Walk::default();
        let mut total = 0.0;
        for _ in 0..400 {
            total += 0.73;
            let when = walk.advance(&intensity, 0.73);
            let reached = intensity.reached(when.micros() as f64);
            assert!((reached - total).abs() < 1e-5, "{reached} for {total}");
        }
    }

    #[test]
    fn a_sum_adds_and_its_instants_undo_it() {
        let one = Intensity::through(&[(at(0), 1e-6), (at(100), 3e-6)]);
        let other = Intensity::through(&[(at(30), 2e-6), (at(60), 0.0)]).surging(at(5), at(9), 3.0);
        let sum = one.plus(&other);
        for micros in [0.0, 7e6, 31.5e6, 80e6, 130e6] {
            let apart = one.reached(micros) + other.reached(micros) - sum.reached(micros);
            assert!(apart.abs() < 1e-9, "{micros}");
            let instant = sum.instant(sum.reached(micros)).expect("a rate above 0");
            assert!((instant - micros).abs() < 1e-3, "{instant}");
        }
        assert_eq!(sum.constant(), None);
        assert_eq!(Intensity::flat(2e-6).constant(), Some(2e-6));
        assert_eq!(other.instant(1e9), None);
    }

    #[test]
    fn a_surge_adds_what_its_factor_says() {
        let plain = Intensity::through(&[(at(0), 1e-6), (at(100), 3e-6)]);
        let surging = plain.surging(at(20), at(60), 4.0);
        let within = |one: &Intensity| one.reached(60e6) - one.reached(20e6);
        assert!((within(&surging) / within(&plain) - 4.0).abs() < 1e-12);
        let after = |one: &Intensity| one.reached(300e6) - one.reached(60e6);
        assert!((after(&surging) / after(&plain) - 1.0).abs() < 1e-12);
        assert_eq!(surging.rate(60e6), plain.rate(60e6));
    }

    #[test]
    fn a_rate_that_ends_brings_no_further_arrival() {
        let intensity = Intensity::through(&[(at(0), 1e-6), (at(10), 0.0)]);
        let mut walk = Walk::default();
        assert!(walk.advance(&intensity, 4.0).is_finite());
        assert_eq!(walk.advance(&intensity, 4.0), SimTime::NEVER);
        assert_eq!(
            Walk::default().advance(&Intensity::flat(0.0), 1.0),
            SimTime::NEVER
        );
    }
}
