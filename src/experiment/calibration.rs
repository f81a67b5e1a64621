//! What a calibration found: unknown values before and after the facts, and how well held-out facts were
//! predicted.

use crate::experiment::abc::{Abc, Ended, Generation, Particle, State, resampled};
use crate::experiment::aims::{Aim, distance, figures};
use crate::experiment::check::{Figure, meets};
use crate::experiment::parallel;
use crate::experiment::progress::Progress;
use crate::experiment::simple_model::Exact;
use crate::kernel::random::Seed;
use crate::model::chance::Chance;
use crate::model::world::World;
use crate::scenario::Bound;
use crate::scenario::vary::parameters::{Parameter, compiled};
use crate::scenario::vary::template::Template;
use crate::stats::mean::moments;
use crate::stats::quantile::quantile;

/// How the posterior was found.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Method {
    /// In closed form.
    Exact,
    /// By simulation: the tolerance reached, in resolutions of the facts, and why no lower one.
    Simulation {
        tolerance: Option<f64>,
        generations: u32,
        ended: Ended,
    },
}

/// What a calibration found.
#[derive(Clone, Debug)]
pub(crate) struct Calibration {
    pub method: Method,
    pub parameters: Vec<Parameter>,
    /// What is known of each.
    pub known: Vec<Known>,
    /// Correlations of pairs of parameters, the strongest first.
    pub correlations: Vec<(usize, usize, f64)>,
    pub aims: Vec<Aim>,
    pub predicted: Vec<Predicted>,
    /// Rows of the sample, and draws from the priors: a place for each parameter.
    pub rows: Vec<Vec<f64>>,
    pub prior_rows: Vec<Vec<f64>>,
    /// Fitted facts that say something of their own: not those that no value moves, nor those that follow from
    /// another, such as a step that is always taken as long after an alert.
    pub distinct: usize,
    /// Replications, and values that broke a constraint of the file.
    pub runs: u64,
    pub redrawn: u64,
}

impl Calibration {
    /// Facts that were not fitted, with their predictions.
    pub fn held_out(&self) -> Vec<(&Aim, &Predicted)> {
        let facts = self.aims.iter().zip(&self.predicted);
        facts.filter(|(aim, _)| !aim.fitted).collect()
    }

    /// How held-out facts were predicted, in words: figures and bounds apart; none where nothing was held out.
    pub fn held_out_in_words(&self) -> Option<String> {
        let held = self.held_out();
        let said = |bounds: bool, of: &str| {
            let these = held.iter().filter(|(_, it)| it.met.is_some() == bounds);
            let (n, hold) = these.fold((0, 0), |(n, hold), (_, it)| {
                (n + 1, hold + usize::from(it.holds()))
            });
            (0 < n).then(|| format!("{hold} of {n} {of}"))
        };
        let figures = said(false, "within the 90% that is predicted");
        let bounds = said(true, "bounds met in at least half of the predictions");
        let all: Vec<String> = figures.into_iter().chain(bounds).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }
}

/// What is known of one parameter: quantiles 5%, 50% and 95% (of the value) and the contraction.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Known {
    pub prior: [f64; 3],
    pub posterior: [f64; 3],
    /// 1 − the standard deviation of the posterior over that of the prior, on the scale of the prior.
    pub contraction: f64,
}

/// What is predicted of one fact.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Predicted {
    /// Quantiles 5%, 50% and 95%.
    pub quantiles: [f64; 3],
    pub prior_quantiles: [f64; 3],
    /// Probability of a figure below the published one, and half that of the same (PIT); absent for a bound.
    pub below: Option<f64>,
    /// Probability of a figure that meets a published bound; absent for other facts.
    pub met: Option<f64>,
    /// Continuous ranked probability score (Matheson and Winkler 1976), in the unit of the figure, and that of a
    /// prediction without a model: log-uniform from 10 minutes to 10 hours. Absent for a bound.
    pub score: Option<f64>,
    pub score_null: Option<f64>,
}

/// Contraction below which a parameter counts as not identified.
pub(crate) const IDENTIFIED: f64 = 0.2;
/// Correlation above which a pair is worth a word.
pub(crate) const CORRELATED: f64 = 0.5;
/// Quantiles of a summary.
const QUANTILES: [f64; 3] = [0.05, 0.5, 0.95];

impl Calibration {
    /// What a state of the simulation comes to, in so many rows of equal weight.
    pub fn of_state(
        template: &Template,
        parameters: &[Parameter],
        aims: &[Aim],
        state: &State,
        (rows, seed): (usize, Seed),
    ) -> Self {
        let chosen = resampled(&state.last.particles, rows, seed);
        let particles = chosen.iter().map(|it| &state.last.particles[*it]);
        let method = Method::Simulation {
            tolerance: state.last.tolerance,
            generations: state.last.number,
            ended: state.ended.unwrap_or(Ended::Interrupted),
        };
        let prior = state.prior.particles.iter();
        let mut found = Self::new(
            template,
            (method, parameters, aims),
            particles.collect(),
            prior.collect(),
        );
        found.runs = state.runs;
        found.redrawn = state.prior.redrawn;
        found
    }

    /// What the closed form comes to. A replication of each row predicts the facts.
    pub fn exact(
        abc: &Abc<'_>,
        exact: &Exact,
        prior: &Generation,
        progress: &dyn Progress,
    ) -> Option<Self> {
        let (template, parameters, aims) = (abc.template, abc.parameters, abc.aims);
        let (rows, seed) = (abc.particles, abc.seed);
        let length = template.base.length().seconds();
        let row = |number: usize| {
            if progress.is_cancelled() {
                return None;
            }
            // Numbers beyond those of the draws from the priors.
            let number = (1_u64 << 52) + number as u64;
            let places = exact.draw(parameters, seed, number)?;
            let scenario = compiled(template, parameters, &places).ok()?;
            let mut world = World::new(&scenario.setup);
            world.run(Chance::of(seed, number), &mut ());
            progress.completed(1);
            let figures = figures(&scenario, &world.ledger);
            Some(Particle {
                places,
                weight: 1.0 / rows as f64,
                distance: distance(aims, &figures, length),
                figures,
            })
        };
        let parts = parallel::map_ranges(rows, |range| range.map(row).collect::<Option<Vec<_>>>());
        let parts: Option<Vec<Vec<Particle>>> = parts.into_iter().collect();
        let particles = parts?.concat();
        let mut found = Self::new(
            template,
            (Method::Exact, parameters, aims),
            particles.iter().collect(),
            prior.particles.iter().collect(),
        );
        found.runs = prior.runs + rows as u64;
        found.redrawn = prior.redrawn;
        Some(found)
    }

    fn new(
        template: &Template,
        (method, parameters, aims): (Method, &[Parameter], &[Aim]),
        particles: Vec<&Particle>,
        prior: Vec<&Particle>,
    ) -> Self {
        let length = template.base.length().seconds();
        let places = |of: &[&Particle]| of.iter().map(|it| it.places.clone()).collect();
        let reached = |of: &[&Particle]| {
            let row = |it: &&Particle| {
                let each = aims.iter().zip(&it.figures);
                each.map(|(aim, value)| aim.reached(*value, length))
                    .collect()
            };
            of.iter().map(row).collect::<Vec<Vec<f64>>>()
        };
        let (rows, prior_rows): (Vec<Vec<f64>>, Vec<Vec<f64>>) =
            (places(&particles), places(&prior));
        let (figures, prior_figures) = (reached(&particles), reached(&prior));
        let known = parameters.iter().enumerate();
        let known = known
            .map(|(place, it)| Known::of(it, column(&rows, place), column(&prior_rows, place)));
        let predicted = aims.iter().enumerate().map(|(place, aim)| {
            Predicted::of(aim, column(&figures, place), column(&prior_figures, place))
        });
        Self {
            method,
            known: known.collect(),
            correlations: correlations(parameters.len(), &rows),
            predicted: predicted.collect(),
            distinct: distinct(aims, &prior_figures),
            parameters: parameters.to_vec(),
            aims: aims.to_vec(),
            rows,
            prior_rows,
            runs: 0,
            redrawn: 0,
        }
    }

    /// Facts that are data, less parameters.
    pub fn freedom(&self) -> isize {
        self.distinct as isize - self.parameters.len() as isize
    }

    /// The rows as a file would have them.
    pub fn written(&self) -> impl Iterator<Item = Vec<String>> {
        self.rows.iter().map(|row| {
            let values = self.parameters.iter().zip(row);
            values.map(|(it, place)| it.written(*place)).collect()
        })
    }
}

/// A column of some rows.
pub(crate) fn column(rows: &[Vec<f64>], place: usize) -> Vec<f64> {
    rows.iter().map(|row| row[place]).collect()
}

/// Quantiles 5%, 50% and 95%.
fn quantiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_unstable_by(f64::total_cmp);
    QUANTILES.map(|p| quantile(&values, p).point.unwrap_or(f64::NAN))
}

fn deviation(values: &[f64]) -> f64 {
    let (_, squares) = moments(values);
    (squares / (values.len().max(2) - 1) as f64).sqrt()
}

impl Known {
    fn of(parameter: &Parameter, places: Vec<f64>, prior: Vec<f64>) -> Self {
        let contraction = 1.0 - deviation(&places) / deviation(&prior).max(f64::MIN_POSITIVE);
        let value = |places: Vec<f64>| quantiles(places).map(|place| parameter.value(place));
        Self {
            prior: value(prior),
            posterior: value(places),
            contraction,
        }
    }

    /// Whether the facts say anything about it.
    pub fn is_identified(&self) -> bool {
        IDENTIFIED <= self.contraction
    }
}

/// How many fitted facts differ by more than a constant, or a factor, from all before them, over draws from the
/// priors.
fn distinct(aims: &[Aim], figures: &[Vec<f64>]) -> usize {
    let places = (0..aims.len()).filter(|place| aims[*place].fitted);
    let mut kept: Vec<Vec<f64>> = Vec::new();
    for place in places {
        let Some(values) = standardised(&column(figures, place)) else {
            continue;
        };
        let n = values.len() as f64;
        let same = |other: &Vec<f64>| {
            let products = values.iter().zip(other).map(|(one, other)| one * other);
            ALIKE < (products.sum::<f64>() / n).abs()
        };
        if !kept.iter().any(same) {
            kept.push(values);
        }
    }
    kept.len()
}

/// Correlation above which a fact says what another says.
const ALIKE: f64 = 0.99;

/// Values less their mean, over their standard deviation; absent where they are all the same.
fn standardised(values: &[f64]) -> Option<Vec<f64>> {
    let (mean, squares) = moments(values);
    let spread = (squares / values.len() as f64).sqrt();
    let scaled = values.iter().map(|value| (value - mean) / spread);
    (0.0 < spread).then(|| scaled.collect())
}

fn correlations(parameters: usize, rows: &[Vec<f64>]) -> Vec<(usize, usize, f64)> {
    let n = rows.len() as f64;
    let scaled = (0..parameters).map(|place| {
        let values = column(rows, place);
        standardised(&values).unwrap_or_else(|| vec![0.0; values.len()])
    });
    let scaled: Vec<Vec<f64>> = scaled.collect();
    let mut found = Vec::new();
    for one in 0..parameters {
        for other in one + 1..parameters {
            let products = scaled[one].iter().zip(&scaled[other]);
            let sum: f64 = products.map(|(one, other)| one * other).sum();
            found.push((one, other, sum / n));
        }
    }
    found.sort_by(|one, other| other.2.abs().total_cmp(&one.2.abs()));
    found
}

impl Predicted {
    /// How much the published figure surprises, from 0 to 0.5.
    pub fn surprise(&self) -> f64 {
        let off = self.below.map(|below| (below - 0.5).abs());
        off.or(self.met.map(|met| 0.5 - 0.5 * met)).unwrap_or(0.0)
    }

    /// Whether the published figure lies in the 90% that is predicted, or half of the predictions meet the bound.
    pub fn holds(&self) -> bool {
        match (self.below, self.met) {
            (Some(below), _) => (0.05..=0.95).contains(&below),
            (None, met) => met.is_some_and(|met| 0.5 <= met),
        }
    }

    fn of(aim: &Aim, values: Vec<f64>, prior: Vec<f64>) -> Self {
        let n = values.len() as f64;
        let count = |of: &dyn Fn(f64) -> bool| values.iter().filter(|it| of(**it)).count() as f64;
        let below = count(&|it| it < aim.published);
        let same = count(&|it| it == aim.published);
        let is_time = matches!(aim.figure, Figure::Duration | Figure::Time);
        let is_exact = aim.bound == Bound::About;
        let met = count(&|it| meets(aim.published, aim.bound, Some(it)));
        Self {
            below: is_exact.then(|| (below + 0.5 * same) / n),
            met: (!is_exact).then(|| met / n),
            score: is_exact.then(|| score(&values, aim.published)),
            score_null: (is_exact && is_time).then(|| score(&null(), aim.published)),
            quantiles: quantiles(values),
            prior_quantiles: quantiles(prior),
        }
    }
}

/// The continuous ranked probability score of a sample: mean |X − x| − ½ mean |X − X'|.
pub(crate) fn score(values: &[f64], published: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let off = sorted.iter().map(|it| (it - published).abs()).sum::<f64>() / n;
    let apart = sorted.iter().enumerate();
    let apart = apart
        .map(|(place, it)| (2.0 * place as f64 + 1.0 - n) * it)
        .sum::<f64>();
    off - apart / (n * n)
}

/// A prediction without a model: log-uniform from 10 minutes to 10 hours (s).
pub(crate) fn null() -> Vec<f64> {
    let (low, high) = (libm::log(600.0), libm::log(36_000.0));
    let place = |it: u32| low + (high - low) * (f64::from(it) + 0.5) / 1_000.0;
    (0..1_000).map(|it| libm::exp(place(it))).collect()
}
