//! Unknown values from published facts, with the simulator as a black box: approximate Bayesian computation
//! by sequential Monte Carlo (Sisson, Fan and Tanaka 2007; Beaumont, Cornuet, Marin and Robert 2009).

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use crate::experiment::aims::{self, Aim};
use crate::experiment::parallel;
use crate::experiment::progress::Progress;
use crate::kernel::normal::normal_quantile;
use crate::kernel::random::{Key, Seed};
use crate::model::chance::{Chance, Purpose};
use crate::model::world::World;
use crate::scenario::Scenario;
use crate::scenario::vary::parameters::{self, Parameter};
use crate::scenario::vary::template::Template;
use crate::stats::quantile::quantile;

/// A calibration: what is unknown, what was published, and how long to look.
pub(crate) struct Abc<'a> {
    pub template: &'a Template,
    pub parameters: &'a [Parameter],
    pub aims: &'a [Aim],
    pub seed: Seed,
    /// Values in a generation.
    pub particles: usize,
    /// The most replications.
    pub budget: u64,
    pub threads: Option<NonZeroUsize>,
}

/// Values that were tried, and what their replication came to.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Particle {
    /// A place for each parameter.
    pub places: Vec<f64>,
    pub weight: f64,
    pub distance: f64,
    /// The figure of each fact.
    pub figures: Vec<Option<f64>>,
}

/// A population that is within a tolerance.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Generation {
    /// From 0, which is drawn from the priors.
    pub number: u32,
    /// The largest distance accepted, in resolutions; absent in the first, which accepts all.
    pub tolerance: Option<f64>,
    /// Replications of this generation, and values that broke a constraint of the file.
    pub runs: u64,
    pub redrawn: u64,
    pub particles: Vec<Particle>,
}

/// How far a calibration has come.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct State {
    /// The draws from the priors.
    pub prior: Generation,
    pub last: Generation,
    /// Tolerance and accepted share of each generation after the first.
    pub course: Vec<(f64, f64)>,
    /// Replications so far, those of generations that were given up among them.
    pub runs: u64,
    pub ended: Option<Ended>,
}

/// Why a calibration has ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Ended {
    /// Every fact is met to its resolution.
    Resolved,
    /// Fewer than one proposal in a hundred is accepted.
    Acceptance,
    /// The distances do not fall any further.
    Stalled,
    /// The replications that were allowed have been run.
    Budget,
    /// It was interrupted.
    Interrupted,
}

/// A fact that the model cannot produce with its priors.
#[derive(Clone, Debug)]
pub(crate) struct Beyond {
    pub aim: Aim,
    /// Central 99% of what the priors predict.
    pub range: [f64; 2],
}

/// Draws from the priors at least, so that a range of 99% is known.
const PRIOR_MIN: usize = 1_000;
/// Accepted share below which it is not worth going on.
const ACCEPTANCE_MIN: f64 = 0.01;
/// Accepted share below which a generation is given up.
const HOPELESS: f64 = 0.0025;

impl Abc<'_> {
    /// Draws from the priors, and runs a replication of each. Absent where that is cancelled.
    pub fn begin(&self, progress: &dyn Progress) -> Option<State> {
        let count = self.particles.max(PRIOR_MIN);
        let parts = parallel::with_threads(self.threads, || {
            parallel::map_ranges(count, |range| {
                let drawn = range.map(|index| self.drawn(index, progress));
                drawn.collect::<Option<Vec<_>>>()
            })
        });
        let parts: Option<Vec<Vec<(Particle, u32)>>> = parts.into_iter().collect();
        let drawn = parts?.concat();
        let redrawn = drawn.iter().map(|(_, tries)| u64::from(*tries)).sum();
        let particles = drawn.into_iter().map(|(mut particle, _)| {
            particle.weight = 1.0 / count as f64;
            particle
        });
        let prior = Generation {
            number: 0,
            tolerance: None,
            runs: count as u64,
            redrawn,
            particles: particles.collect(),
        };
        Some(State {
            last: prior.clone(),
            prior,
            course: Vec::new(),
            runs: count as u64,
            ended: None,
        })
    }

    fn drawn(&self, index: usize, progress: &dyn Progress) -> Option<(Particle, u32)> {
        if progress.is_cancelled() {
            return None;
        }
        let number = index as u64;
        let drawn = parameters::draw_valid(self.template, self.parameters, self.seed, number);
        let (places, scenario, tries) = drawn.ok()?;
        let particle = self.particle(places, &scenario, number);
        progress.completed(1);
        Some((particle, tries))
    }

    /// Runs a replication, under a number that no other has.
    fn particle(&self, places: Vec<f64>, scenario: &Scenario, number: u64) -> Particle {
        let mut world = World::new(&scenario.setup);
        world.run(Chance::of(self.seed, number), &mut ());
        let figures = aims::figures(scenario, &world.ledger);
        Particle {
            distance: aims::distance(self.aims, &figures, scenario.length().seconds()),
            places,
            weight: 0.0,
            figures,
        }
    }

    /// The facts that lie outside the central 99% of what the priors predict.
    pub fn beyond(&self, prior: &Generation) -> Vec<Beyond> {
        let length = self.template.base.length().seconds();
        let fitted = self.aims.iter().enumerate().filter(|(_, aim)| aim.fitted);
        let beyond = fitted.filter_map(|(place, aim)| {
            let values = prior.particles.iter();
            let values = values.map(|it| aim.reached(it.figures[place], length));
            let mut values: Vec<f64> = values.collect();
            values.sort_unstable_by(f64::total_cmp);
            let range = [0.005, 0.995].map(|p| quantile(&values, p).point.unwrap_or(f64::NAN));
            let far = |value: f64| 1.0 < aim.distance(Some(value), length);
            let (low, high) = (range[0], range[1]);
            let inside = low <= aim.published && aim.published <= high;
            (!inside && far(low) && far(high)).then(|| Beyond {
                aim: aim.clone(),
                range,
            })
        });
        beyond.collect()
    }

    /// Goes on from a state, generation by generation. Each that is complete is handed to `complete`, which says
    /// whether to go on.
    pub fn go_on(
        &self,
        mut state: State,
        progress: &dyn Progress,
        complete: &mut dyn FnMut(&State) -> bool,
    ) -> State {
        state.ended = None;
        loop {
            state.ended = self.is_enough(&state, progress);
            if state.ended.is_some() {
                return state;
            }
            let Some(tolerance) = next_tolerance(&state.last) else {
                state.ended = Some(Ended::Stalled);
                return state;
            };
            match parallel::with_threads(self.threads, || {
                self.generation(&state, tolerance, progress)
            }) {
                Ok(generation) => {
                    let accepted = self.particles as f64 / generation.runs as f64;
                    state.runs += generation.runs;
                    state.course.push((tolerance, accepted));
                    state.last = generation;
                    if !complete(&state) {
                        state.ended = Some(Ended::Interrupted);
                        return state;
                    }
                }
                Err((runs, ended)) => {
                    // An interruption leaves what the last generation left, so that it can be asked for again.
                    if ended != Ended::Interrupted {
                        state.runs += runs;
                    }
                    state.ended = Some(ended);
                    return state;
                }
            }
        }
    }

    fn is_enough(&self, state: &State, progress: &dyn Progress) -> Option<Ended> {
        let acceptance = state.course.last().map(|(_, accepted)| *accepted);
        if state.last.tolerance.is_some_and(|it| it <= 1.0) {
            Some(Ended::Resolved)
        } else if acceptance.is_some_and(|it| it < ACCEPTANCE_MIN) {
            Some(Ended::Acceptance)
        } else if self.budget <= state.runs {
            Some(Ended::Budget)
        } else if progress.is_cancelled() {
            Some(Ended::Interrupted)
        } else {
            None
        }
    }

    /// The next generation: for each place in it proposals until one is within the tolerance. Every proposal has
    /// its own random numbers, by generation, place and try; whether to give up is decided between rounds.
    fn generation(
        &self,
        state: &State,
        tolerance: f64,
        progress: &dyn Progress,
    ) -> Result<Generation, (u64, Ended)> {
        let kernel = Kernel::of(self.parameters, &state.last);
        let number = state.last.number + 1;
        let mut found: Vec<Option<Particle>> = vec![None; self.particles];
        let (mut runs, mut redrawn, mut from, mut tries) = (0, 0, 0_u32, 1_u32);
        loop {
            let open: Vec<usize> = (0..self.particles)
                .filter(|it| found[*it].is_none())
                .collect();
            if open.is_empty() {
                break;
            }
            let parts = parallel::map_ranges(open.len(), |range| {
                let places = open[range].iter();
                let attempt = |index: &usize| {
                    let names = (number, *index, from..from + tries);
                    self.attempt(&kernel, names, tolerance, progress)
                };
                places.map(attempt).collect::<Vec<Attempt>>()
            });
            for (index, attempt) in open.iter().zip(parts.into_iter().flatten()) {
                runs += attempt.runs;
                redrawn += attempt.redrawn;
                found[*index] = attempt.found;
            }
            (from, tries) = (from + tries, (2 * tries).min(64));
            if found.iter().all(Option::is_some) {
                break;
            }
            let hopeless = self.particles as f64 / HOPELESS;
            if progress.is_cancelled() {
                return Err((runs, Ended::Interrupted));
            } else if self.budget <= state.runs + runs {
                return Err((runs, Ended::Budget));
            } else if hopeless < runs as f64 || hopeless < redrawn as f64 {
                return Err((runs, Ended::Acceptance));
            }
        }
        let mut particles: Vec<Particle> = found.into_iter().flatten().collect();
        kernel.weigh(self.parameters, &mut particles);
        Ok(Generation {
            number,
            tolerance: Some(tolerance),
            runs,
            redrawn,
            particles,
        })
    }

    fn attempt(
        &self,
        kernel: &Kernel<'_>,
        (generation, index, tries): (u32, usize, std::ops::Range<u32>),
        tolerance: f64,
        progress: &dyn Progress,
    ) -> Attempt {
        let mut attempt = Attempt::default();
        for try_number in tries {
            if progress.is_cancelled() {
                break;
            }
            let number = u64::from(generation) << 52 | (index as u64) << 28 | u64::from(try_number);
            let places = kernel.propose(Key::new(self.seed.0, number));
            let inside = ln_prior(self.parameters, &places).is_finite();
            let scenario = inside
                .then(|| parameters::compiled(self.template, self.parameters, &places).ok())
                .flatten();
            let Some(scenario) = scenario else {
                attempt.redrawn += 1;
                continue;
            };
            attempt.runs += 1;
            progress.completed(1);
            let particle = self.particle(places, &scenario, number);
            if particle.distance <= tolerance {
                attempt.found = Some(particle);
                break;
            }
        }
        attempt
    }
}

/// What came of some tries for one place.
#[derive(Default)]
struct Attempt {
    found: Option<Particle>,
    runs: u64,
    redrawn: u64,
}

/// The tolerance of the next generation: the median distance, or, where that does not fall, the next lower
/// distance. Absent where there is none.
fn next_tolerance(last: &Generation) -> Option<f64> {
    let distances = last.particles.iter().map(|it| it.distance);
    let mut distances: Vec<f64> = distances.collect();
    distances.sort_unstable_by(f64::total_cmp);
    let now = last.tolerance.unwrap_or(f64::INFINITY);
    let middle = distances[(distances.len() - 1) / 2].max(1.0);
    if middle < now {
        return Some(middle);
    }
    let lower = distances.into_iter().rev().find(|it| *it < now);
    lower.map(|it| it.max(1.0)).filter(|it| *it < now)
}

fn ln_prior(parameters: &[Parameter], places: &[f64]) -> f64 {
    let each = parameters.iter().zip(places);
    each.map(|(parameter, place)| parameter.ln_density(*place))
        .sum()
}

/// Normal steps from the particles of a generation, component by component, with twice its variance
/// (Beaumont and others 2009).
struct Kernel<'a> {
    particles: &'a [Particle],
    /// Sums of weights up to each particle.
    sums: Vec<f64>,
    steps: Vec<f64>,
}

impl<'a> Kernel<'a> {
    fn of(parameters: &[Parameter], last: &'a Generation) -> Self {
        let particles = &last.particles[..];
        let mut sum = 0.0;
        let sums = particles.iter().map(|it| {
            sum += it.weight;
            sum
        });
        let sums: Vec<f64> = sums.collect();
        let step = |place: usize| {
            let mean: f64 = particles
                .iter()
                .map(|it| it.weight * it.places[place])
                .sum::<f64>()
                / sum;
            let squares = particles.iter();
            let squares = squares.map(|it| it.weight * (it.places[place] - mean).powi(2));
            (2.0 * squares.sum::<f64>() / sum).sqrt().max(1e-9)
        };
        Self {
            particles,
            steps: (0..parameters.len()).map(step).collect(),
            sums,
        }
    }

    fn propose(&self, key: Key) -> Vec<f64> {
        let stream = key.stream(Purpose::Proposal as u8, 0, 0);
        let total = self.sums.last().copied().unwrap_or(1.0);
        let aim = stream.unit_at(0) * total;
        let from = self.sums.partition_point(|sum| *sum < aim);
        let from = &self.particles[from.min(self.particles.len() - 1)].places;
        let places = from.iter().zip(&self.steps).zip(1..);
        let moved = places.map(|((place, step), position)| {
            place + step * normal_quantile(stream.unit_at(position))
        });
        moved.collect()
    }

    /// Weights: the prior's density over that of having been proposed.
    fn weigh(&self, parameters: &[Parameter], found: &mut [Particle]) {
        let parts = parallel::map_ranges(found.len(), |range| {
            let weight = |particle: &Particle| {
                let proposed = self.particles.iter().map(|from| {
                    let moved = from.places.iter().zip(&particle.places).zip(&self.steps);
                    let squares = moved.map(|((one, other), step)| ((other - one) / step).powi(2));
                    from.weight * libm::exp(-0.5 * squares.sum::<f64>())
                });
                libm::exp(ln_prior(parameters, &particle.places)) / proposed.sum::<f64>()
            };
            found[range].iter().map(weight).collect::<Vec<f64>>()
        });
        let weights: Vec<f64> = parts.concat();
        let total: f64 = weights.iter().sum();
        for (particle, weight) in found.iter_mut().zip(weights) {
            particle.weight = weight / total;
        }
    }
}

/// So many rows of equal weight from weighted particles, by their places: systematic resampling (Kitagawa
/// 1996), in the order of the particles.
pub(crate) fn resampled(particles: &[Particle], rows: usize, seed: Seed) -> Vec<usize> {
    let first = Key::new(seed.0, 0)
        .stream(Purpose::Resampling as u8, 0, 0)
        .unit_at(0);
    let total: f64 = particles.iter().map(|it| it.weight).sum();
    let (mut sum, mut place, mut chosen) = (particles[0].weight, 0, Vec::with_capacity(rows));
    for row in 0..rows {
        let aim = (row as f64 + first) / rows as f64 * total;
        while sum < aim && place + 1 < particles.len() {
            place += 1;
            sum += particles[place].weight;
        }
        chosen.push(place);
    }
    chosen
}
