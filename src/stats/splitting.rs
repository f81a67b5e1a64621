//! Probabilities of rare events by fixed-effort splitting on states (Kahn and Harris, 1951; Garvels, 2000): a
//! trajectory that has come closer to the event is continued many times, level by level, and the product of the shares
//! that pass is an unbiased estimate, whatever the importance function and the levels are. Both decide how much it
//! varies: an importance that ignores the time left can be silently wrong by orders of magnitude, since then almost all
//! estimates are far too low.

/// What is estimated: a process whose state at any instant decides its future law.
pub(crate) trait Process {
    /// Its state, to go on from.
    type State;

    /// Begins at the beginning, with the random numbers of a trial.
    fn begin(&mut self, trial: Trial);

    /// Goes on from a state, with the random numbers of a trial.
    fn resume(&mut self, state: &Self::State, trial: Trial);

    /// Its state now.
    fn save(&self) -> Self::State;

    /// How close to the event it is now: below 0, and 0 or more once the event has occurred. It must be a function of the
    /// state, and should rise with the probability of the event in the time that is left.
    fn importance(&mut self) -> f64;

    /// Goes on by a step; false once it has ended.
    fn step(&mut self) -> bool;

    /// A random number of [0, 1) for each repeat and stage, independent of those of trials.
    fn unit(&self, repeat: u32, stage: u32) -> f64;
}

/// The trajectory from one level on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Trial {
    /// Independent repeat of the whole estimate; 0 is the pilot.
    pub repeat: u32,
    /// Levels passed before.
    pub stage: u32,
    pub number: u32,
}

impl Trial {
    /// A number that no other trial has, nor any replication below 2^63.
    pub fn code(self) -> u64 {
        1 << 63
            | u64::from(self.repeat) << 48
            | u64::from(self.stage) << 32
            | u64::from(self.number)
    }
}

/// Share of trials that a pilot wants to pass each level.
const PASSING: f64 = 0.2;

/// The most levels. Twenty passes of one in five are 1e-14.
const LEVELS_MAX: usize = 60;

/// Trials of a pilot below which a level counts as not passed.
const PASSED_MIN: usize = 5;

/// Why there are no levels.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum NoLevels {
    /// Beyond this importance no trial of the pilot came, or too few.
    Stuck(f64),
}

/// The levels of importance below the event, by a pilot: each is passed by about a fifth of the trials that passed the
/// one before.
///
/// # Errors
/// If hardly any trial comes closer to the event than a level.
pub(crate) fn pilot<P: Process>(process: &mut P, trials: u32) -> Result<Vec<f64>, NoLevels> {
    let mut levels = Vec::new();
    let mut entrances: Vec<P::State> = Vec::new();
    let mut passed = f64::NEG_INFINITY;
    loop {
        let stage = levels.len() as u32;
        let trial = |number| Trial {
            repeat: 0,
            stage,
            number,
        };
        let turn = (process.unit(0, stage) * entrances.len() as f64) as usize;
        let mut closest: Vec<f64> = Vec::with_capacity(trials as usize);
        for number in 0..trials {
            start(process, &entrances, turn, trial(number));
            closest.push(maximum(process));
        }
        closest.sort_unstable_by(|one, other| other.total_cmp(one));
        let quantile = closest[((f64::from(trials) * PASSING) as usize).min(closest.len() - 1)];
        if 0.0 <= quantile {
            return Ok(levels);
        }
        // Where many trials come equally close, the level is the next closer one.
        let level = match passed < quantile {
            true => quantile,
            false => {
                let closer = closest.iter().copied().filter(|it| passed < *it);
                closer.fold(f64::INFINITY, f64::min)
            }
        };
        let passing = closest.iter().filter(|it| level <= **it).count();
        if passing < PASSED_MIN || LEVELS_MAX <= levels.len() {
            return Err(NoLevels::Stuck(closest[0].min(0.0)));
        }
        if 0.0 <= level {
            return Ok(levels);
        }
        let mut next = Vec::new();
        for number in 0..trials {
            start(process, &entrances, turn, trial(number));
            if reaches(process, level) {
                next.push(process.save());
            }
        }
        (entrances, passed) = (next, level);
        levels.push(level);
    }
}

/// One unbiased estimate of the probability of the event: as many trials from each level, whose starts are shared out
/// among the states in which the level was passed.
pub(crate) fn estimate<P: Process>(
    process: &mut P,
    levels: &[f64],
    trials: u32,
    repeat: u32,
) -> f64 {
    let mut entrances: Vec<P::State> = Vec::new();
    let mut probability = 1.0;
    for stage in 0..=levels.len() {
        let level = levels.get(stage).copied().unwrap_or(0.0);
        let stage = stage as u32;
        let turn = (process.unit(repeat, stage) * entrances.len() as f64) as usize;
        let (mut next, mut passed) = (Vec::new(), 0);
        for number in 0..trials {
            let trial = Trial {
                repeat,
                stage,
                number,
            };
            start(process, &entrances, turn, trial);
            if reaches(process, level) {
                passed += 1;
                if level < 0.0 {
                    next.push(process.save());
                }
            }
        }
        probability *= f64::from(passed) / f64::from(trials);
        if passed == 0 {
            return 0.0;
        }
        entrances = next;
    }
    probability
}

/// Starts a trial: at the beginning, or at one of the states in which the last level was passed, in turn from a random
/// one on, so that each is expected to be used equally often.
fn start<P: Process>(process: &mut P, entrances: &[P::State], turn: usize, trial: Trial) {
    match entrances.len() {
        0 => process.begin(trial),
        n => process.resume(&entrances[(turn + trial.number as usize) % n], trial),
    }
}

/// Whether a level is reached. A state can lie beyond several levels at once, so it is tested before the first step.
fn reaches<P: Process>(process: &mut P, level: f64) -> bool {
    loop {
        if level <= process.importance() {
            return true;
        }
        if !process.step() {
            return false;
        }
    }
}

/// The highest importance until the end, or until the event.
fn maximum<P: Process>(process: &mut P) -> f64 {
    let mut closest = process.importance();
    while closest < 0.0 && process.step() {
        closest = closest.max(process.importance());
    }
    closest
}

/// Logarithm of the probability that a Poisson count of mean `expected` is `least` or more; 0 where it lies eight
/// standard deviations or more below the mean.
pub(crate) fn ln_poisson_tail(expected: f64, least: f64) -> f64 {
    if least <= 0.0 || least <= expected - 8.0 * expected.sqrt() {
        return 0.0;
    }
    if expected <= 0.0 {
        return f64::NEG_INFINITY;
    }
    // The sum of the terms from `least` on, relative to the first.
    let (mut term, mut sum, mut count) = (1.0, 1.0, least);
    while 1e-16 * sum < term {
        count += 1.0;
        term *= expected / count;
        sum += term;
    }
    let first = least * libm::log(expected) - expected - libm::lgamma(least + 1.0);
    (first + libm::log(sum)).min(0.0)
}

#[cfg(test)]
mod tests;
