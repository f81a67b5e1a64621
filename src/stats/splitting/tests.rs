//! Splitting against exact probabilities, and its two pitfalls.

use super::*;
use crate::stats::mean::{Moments, mean};
use crate::stats::split_mix::SplitMix;

/// Random numbers of a trial.
fn numbers(seed: u64, code: u64) -> SplitMix {
    let mut numbers = SplitMix(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ code);
    numbers.0 = numbers.bits() ^ code.rotate_left(17);
    numbers
}

/// What tells how close a draining pool is to a failed lease.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Closeness {
    /// The probability of enough requests in the time that is left.
    TimeLeft,
    /// The level of the pool alone.
    Level,
}

/// A pool of so many workers in a full outage: requests are a Poisson stream, and the event is that one more comes
/// than there are workers.
struct Draining {
    workers: u32,
    rate: f64,
    length: f64,
    closeness: Closeness,
    /// Whether a state is tested before the first step.
    tested: bool,
    seed: u64,
    numbers: SplitMix,
    state: (u32, f64),
    stepped: bool,
}

impl Draining {
    fn new(workers: u32, seed: u64) -> Self {
        Self {
            workers,
            rate: 0.25,
            length: 60.0,
            closeness: Closeness::TimeLeft,
            tested: true,
            seed,
            numbers: numbers(0, 0),
            state: (0, 0.0),
            stepped: true,
        }
    }
}

impl Process for Draining {
    type State = (u32, f64);

    fn begin(&mut self, trial: Trial) {
        self.resume(&(0, 0.0), trial);
    }

    fn resume(&mut self, state: &(u32, f64), trial: Trial) {
        self.state = *state;
        self.numbers = numbers(self.seed, trial.code());
        self.stepped = self.tested;
    }

    fn save(&self) -> (u32, f64) {
        self.state
    }

    fn importance(&mut self) -> f64 {
        let (leased, at) = self.state;
        if !self.stepped {
            return f64::NEG_INFINITY;
        }
        if self.workers < leased {
            return 0.0;
        }
        let least = f64::from(self.workers - leased + 1);
        match self.closeness {
            Closeness::TimeLeft => {
                ln_poisson_tail(self.rate * (self.length - at), least).min(-1e-12)
            }
            Closeness::Level => -least,
        }
    }

    fn step(&mut self) -> bool {
        self.state.1 -= libm::log(self.numbers.unit()) / self.rate;
        self.state.0 += 1;
        self.stepped = true;
        self.state.1 < self.length
    }

    fn unit(&self, repeat: u32, stage: u32) -> f64 {
        let code = u64::from(repeat) << 32 | u64::from(stage);
        numbers(self.seed ^ 0xff, code).unit()
    }
}

/// Many estimates with levels from one pilot.
fn estimates<P: Process>(process: &mut P, trials: u32, repeats: u32) -> Vec<f64> {
    let levels = pilot(process, trials).expect("levels");
    (1..=repeats)
        .map(|repeat| estimate(process, &levels, trials, repeat))
        .collect()
}

/// How many standard errors the mean of estimates lies from an exact value.
fn z(estimates: &[f64], exact: f64) -> f64 {
    let moments = Moments::of(estimates.iter().copied());
    let sd = moments.sd().expect("several estimates");
    (moments.mean - exact) / sd * (estimates.len() as f64).sqrt()
}

/// Standard deviation of one estimate, relative to the exact value.
fn relative(estimates: &[f64], exact: f64) -> f64 {
    Moments::of(estimates.iter().copied())
        .sd()
        .expect("several")
        / exact
}

/// P(N > S) of a Poisson count of mean 15.
const EXACT: [(u32, f64); 2] = [(40, 2.343_442e-8), (45, 1.023_910e-10)];

#[test]
fn a_pool_that_hardly_ever_drains_is_estimated_without_bias() {
    for (workers, exact) in EXACT {
        let estimates = estimates(&mut Draining::new(workers, 1), 1_000, 200);
        let (z, sd) = (z(&estimates, exact), relative(&estimates, exact));
        assert!(z.abs() < 4.5, "{workers}: {z}");
        assert!(sd < 0.4, "{workers}: {sd}");
    }
}

#[test]
fn an_importance_that_ignores_the_time_left_is_silently_wrong() {
    for (workers, exact) in EXACT {
        let mut process = Draining {
            closeness: Closeness::Level,
            ..Draining::new(workers, 1)
        };
        let mut estimates = estimates(&mut process, 1_000, 100);
        estimates.sort_by(f64::total_cmp);
        assert!(estimates[50] < 0.5 * exact, "{workers}: {}", estimates[50]);
    }
}

#[test]
fn a_state_beyond_the_next_level_has_passed_it() {
    let (workers, exact) = EXACT[0];
    let levels = pilot(&mut Draining::new(workers, 1), 1_000).expect("levels");
    // Closer levels than a request's step are passed several at once.
    let levels: Vec<f64> = levels
        .iter()
        .flat_map(|it| [*it, it + 0.2, it + 0.4])
        .collect();
    let found = [true, false].map(|tested| {
        let mut process = Draining {
            tested,
            ..Draining::new(workers, 2)
        };
        let repeats = 1..=200;
        let estimates = repeats.map(|repeat| estimate(&mut process, &levels, 1_000, repeat));
        z(&estimates.collect::<Vec<f64>>(), exact)
    });
    assert!(found[0].abs() < 4.5, "{found:?}");
    assert!(found[1] < -4.5, "not testing them is too low: {found:?}");
}

/// A chain that cannot come close to its event by chance.
#[test]
fn a_pilot_that_does_not_move_says_so() {
    let mut process = Draining {
        length: 0.0,
        ..Draining::new(40, 1)
    };
    assert!(matches!(
        pilot(&mut process, 1_000),
        Err(NoLevels::Stuck(_))
    ));
}

/// A retrial queue whose callers time out and retry (theory K4): calls in the queue and callers in orbit. A cycle
/// begins with an empty system and ends with the next; the event is a queue of 15.
struct Storm {
    calls: f64,
    again: f64,
    late: Vec<f64>,
    seed: u64,
    numbers: SplitMix,
    state: (u32, u32),
    begun: bool,
    /// Expected time passed in this trajectory.
    time: f64,
}

const SERVED: f64 = 10.0;
const QUEUE: u32 = 20;
const ORBIT: u32 = 60;
const FULL: u32 = 15;

impl Storm {
    fn new(calls: f64, again: f64) -> Self {
        let late =
            (0..=QUEUE).map(|queue| 1.0 - libm::exp(ln_poisson_tail(SERVED, f64::from(queue))));
        Self {
            calls,
            again,
            late: late.collect(),
            seed: 3,
            numbers: numbers(0, 0),
            state: (0, 0),
            begun: false,
            time: 0.0,
        }
    }

    /// Mean time from an empty system to a queue of 15: of a cycle, up to the event, over the probability of the event in
    /// a cycle, since cycles are independent of each other.
    fn first_passage(&mut self, trials: u32, repeats: u32) -> (f64, f64) {
        let estimates = estimates(self, trials, repeats);
        let probability = mean(&estimates);
        let point = probability.point.expect("a mean");
        let half = (probability.high.expect("an end") - point) / point;
        let cycles = 200_000;
        let mut time = 0.0;
        for number in 0..cycles {
            let (repeat, stage) = (0, u32::from(u16::MAX));
            self.begin(Trial {
                repeat,
                stage,
                number,
            });
            maximum(self);
            time += self.time;
        }
        (time / f64::from(cycles) / point, half)
    }
}

impl Process for Storm {
    type State = (u32, u32);

    fn begin(&mut self, trial: Trial) {
        self.resume(&(0, 0), trial);
        self.begun = false;
    }

    fn resume(&mut self, state: &(u32, u32), trial: Trial) {
        (self.state, self.begun, self.time) = (*state, true, 0.0);
        self.numbers = numbers(self.seed, trial.code());
    }

    fn save(&self) -> (u32, u32) {
        self.state
    }

    fn importance(&mut self) -> f64 {
        let (queue, orbit) = self.state;
        let near = f64::from(queue) + 0.5 * f64::from(orbit);
        match FULL <= queue {
            true => 0.0,
            false => (near / f64::from(FULL) - 2.0).min(-1e-9),
        }
    }

    fn step(&mut self) -> bool {
        let (queue, orbit) = self.state;
        if self.begun && self.state == (0, 0) {
            return false;
        }
        self.begun = true;
        let served = if 0 < queue { SERVED } else { 0.0 };
        let all = self.calls + f64::from(orbit) + served;
        self.time += 1.0 / all;
        let unit = all * self.numbers.unit();
        let again = self.numbers.unit() < self.again;
        let joins = |orbit: u32| (orbit + u32::from(again)).min(ORBIT);
        self.state = if unit < self.calls {
            match queue < QUEUE {
                true => (queue + 1, orbit),
                false => (queue, joins(orbit)),
            }
        } else if unit < self.calls + f64::from(orbit) {
            match queue < QUEUE {
                true => (queue + 1, orbit - 1),
                false => (queue, joins(orbit - 1)),
            }
        } else {
            let late = self.numbers.unit() < self.late[queue as usize];
            (queue - 1, if late { joins(orbit) } else { orbit })
        };
        true
    }

    fn unit(&self, repeat: u32, stage: u32) -> f64 {
        numbers(self.seed ^ 0xff, u64::from(repeat) << 32 | u64::from(stage)).unit()
    }
}

#[test]
fn k4_storms_that_begin_once_in_a_million_minutes_have_their_first_passage() {
    for (calls, again, exact) in [
        (2.0, 0.75, 1.1057e9),
        (3.0, 0.75, 3.0363e6),
        (5.0, 0.5, 4871.22),
    ] {
        let (passage, half) = Storm::new(calls, again).first_passage(1_000, 40);
        let off = passage / exact - 1.0;
        // Two and a half half-widths are five standard errors.
        assert!(
            off.abs() < 2.5 * half,
            "{calls}: {passage:e} is not {exact:e}"
        );
        assert!(half < 0.15, "{calls}: {half}");
    }
}

#[test]
fn tails_of_the_poisson_law_keep_their_digits() {
    let tail = |expected, least: u32| libm::exp(ln_poisson_tail(expected, f64::from(least)));
    for (workers, exact) in EXACT {
        assert!((tail(15.0, workers + 1) / exact - 1.0).abs() < 1e-6);
    }
    assert!((tail(15.0, 10) - 0.930_146_34).abs() < 1e-7);
    assert_eq!(tail(15.0, 0), 1.0);
    assert_eq!(tail(0.0, 1), 0.0);
    // Far beyond what a probability can be as such.
    assert!(ln_poisson_tail(1.0, 1_000.0) < -5_000.0);
}
