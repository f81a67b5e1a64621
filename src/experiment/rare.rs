//! The probability that a lease fails within the scenario, where that is rare: by tilted importance sampling where the
//! model allows it, and by splitting on states of the world otherwise; `--rare` of `ensemble`.

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use crate::experiment::parallel;
use crate::experiment::progress::Progress;
use crate::experiment::rare_splitting::{self, FailedLease, Split, Stuck, Trajectories};
use crate::experiment::rare_tilted::{self, Tilt};
use crate::experiment::runner::Runner;
use crate::kernel::random::Seed;
use crate::model::id::PoolId;
use crate::model::record::ledger::Ledger;
use crate::scenario::Scenario;
use crate::stats::mean::Moments;
use crate::stats::proportion::proportion;
use crate::stats::{ALPHA, Estimate};

/// How the probability of a rare event is estimated.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RareMethod {
    /// Importance sampling with more demand, weighted by the likelihood ratio (Siegmund, 1976).
    Tilted,
    /// Fixed-effort splitting on states of the world (Garvels, 2000).
    Splitting,
}

/// What is asked of a rare event.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RareQuestion {
    /// The pool in which a lease fails; any pool where it is absent.
    pub pool: Option<PoolId>,
    /// The method; absent to choose the one that fits.
    pub method: Option<RareMethod>,
    /// Trials: of tilted sampling, of each level over all repeats of splitting, and of the plain estimate.
    pub trials: usize,
    /// Threads; one for each processor where it is absent. No result depends on it.
    pub threads: Option<NonZeroUsize>,
}

impl RareQuestion {
    /// Whether a lease fails in a pool, or in any, by so many trials.
    pub fn new(pool: Option<PoolId>, trials: usize) -> Self {
        Self {
            pool,
            method: None,
            trials,
            threads: None,
        }
    }
}

/// The probability that a lease fails within the measured time of the scenario.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RareEvent {
    /// How it was estimated.
    pub method: RareMethod,
    /// Why by this method.
    pub why: String,
    /// The probability, with its 95% interval (Student's, of independent and unbiased estimates).
    pub probability: Estimate,
    /// Standard error of the probability, as a share of it; absent where the event did not occur.
    pub relative_error: Option<f64>,
    /// Why the interval may not hold; empty where nothing was found.
    pub doubts: Vec<String>,
    /// Trajectories that were simulated, the pilot of splitting and the plain estimate included.
    pub trajectories: u64,
    /// The share of plain replications with the event, with its exact interval.
    pub plain: Estimate,
    /// Factor on the rate of requests, for tilted sampling.
    pub tilt: Option<f64>,
    /// Levels of importance, for splitting: logarithms of a probability.
    pub levels: Vec<f64>,
    /// Independent estimates, for splitting.
    pub repeats: Vec<f64>,
}

/// Why there is no estimate of a rare event.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum NoRareEvent {
    /// No method fits, or not the one that was asked for: the reasons.
    Unfit(Vec<String>),
    /// The work was cancelled.
    Interrupted,
}

impl std::error::Error for NoRareEvent {}

impl std::fmt::Display for NoRareEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unfit(reasons) => f.write_str(&reasons.join("; ")),
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}

/// Estimates the probability that a lease fails within the measured time of a scenario, where that is rare.
///
/// # Errors
/// If no method fits the scenario.
///
/// # Panics
/// If there is no such pool.
///
/// # Examples
/// A pool of 40, from which 15 leases are expected while nothing can be provisioned:
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use drawdown::study::{RareQuestion, rare_event};
/// use drawdown::{Scenario, Seed};
///
/// let larger = [("pools.anywhere/any.target", "40"), ("clock.horizon", "1h")];
/// let scenario = Scenario::load_with("examples/full-outage.yaml", larger)?;
/// let found = rare_event(&scenario, RareQuestion::new(None, 5_000), Seed(1))?;
/// let probability = found.probability.point.ok_or("no estimate")?;
/// assert!((probability / 2.343_442e-8 - 1.0).abs() < 0.2);
/// # Ok(())
/// # }
/// ```
pub fn rare_event(
    scenario: &Scenario,
    question: RareQuestion,
    seed: Seed,
) -> Result<RareEvent, NoRareEvent> {
    rare_event_with(scenario, question, seed, &())
}

/// [`rare_event`] with progress reporting.
///
/// # Errors
/// If no method fits the scenario, or the work is cancelled.
pub fn rare_event_with(
    scenario: &Scenario,
    question: RareQuestion,
    seed: Seed,
    progress: &dyn Progress,
) -> Result<RareEvent, NoRareEvent> {
    if scenario.is_uncertain() {
        let why = "values are drawn from a sample, so that the event may be rare for some values only: ask for fixed values";
        return Err(NoRareEvent::Unfit(vec![why.to_owned()]));
    }
    let pools: Vec<PoolId> = match question.pool {
        Some(pool) => vec![pool],
        None => scenario.setup.pools.keys().collect(),
    };
    let fits = rare_tilted::fits(scenario, &pools);
    let by_tilting = match (question.method, fits) {
        (Some(RareMethod::Splitting), _) => Err("it was asked for".to_owned()),
        (_, Ok(tilt)) => Ok(tilt),
        (Some(RareMethod::Tilted), Err(why)) => {
            return Err(NoRareEvent::Unfit(vec![format!(
                "tilted sampling does not fit: {why}"
            )]));
        }
        (None, Err(why)) => Err(format!("tilted sampling does not fit: {why}")),
    };
    let work = || {
        let plain = plain(scenario, &pools, question.trials, seed, progress);
        let found = match by_tilting {
            Ok(tilt) => Ok(tilted(
                scenario,
                &pools,
                &tilt,
                (question.trials, seed),
                progress,
            )),
            Err(why) => split(scenario, &pools, (question.trials, seed), (why, progress)),
        };
        found.map(|found| RareEvent {
            plain,
            trajectories: found.trajectories + plain.n as u64,
            ..found
        })
    };
    let found = parallel::with_threads(question.threads, work);
    // What was cancelled may not have come to its levels.
    match progress.is_cancelled() {
        true => Err(NoRareEvent::Interrupted),
        false => found,
    }
}

/// Whether a lease has failed in one of some pools.
pub(super) fn has_failed(ledger: &Ledger, pools: &[PoolId]) -> bool {
    pools.iter().any(|pool| 0 < ledger.pools[*pool].failed)
}

/// The share of plain replications with the event.
fn plain(
    scenario: &Scenario,
    pools: &[PoolId],
    trials: usize,
    seed: Seed,
    progress: &dyn Progress,
) -> Estimate {
    let parts = parallel::map_ranges(trials, |range| {
        let mut runner = Runner::new(scenario, seed);
        let mut hits = 0;
        let mut n = 0;
        for replication in range {
            if progress.is_cancelled() {
                break;
            }
            hits += usize::from(runner.run(replication, |_, ledger| has_failed(ledger, pools)));
            n += 1;
            progress.completed(1);
        }
        (hits, n)
    });
    let (hits, n) = parts
        .into_iter()
        .fold((0, 0), |all, part| (all.0 + part.0, all.1 + part.1));
    proportion(hits, n)
}

/// Standard error of a mean as a share of it.
pub(super) fn relative_error(moments: Moments) -> Option<f64> {
    let sd = moments.sd()?;
    (0.0 < moments.mean).then(|| sd / (moments.n as f64).sqrt() / moments.mean)
}

/// The mean of independent unbiased estimates, as a probability.
pub(super) fn probability(moments: Moments) -> Estimate {
    moments.mean(ALPHA, moments.mean == 0.0).within_one()
}

/// The largest relative error of which nothing is said.
const ERROR_MAX: f64 = 0.15;

/// Doubts that any method can have.
pub(super) fn doubts(error: Option<f64>) -> Vec<String> {
    match error {
        None => vec!["the event did not occur in any trial".to_owned()],
        Some(error) if ERROR_MAX < error => {
            vec![format!(
                "the relative error is above {:.0}%: more trials make it smaller",
                100.0 * ERROR_MAX
            )]
        }
        Some(_) => Vec::new(),
    }
}

/// By importance sampling with more demand.
fn tilted(
    scenario: &Scenario,
    pools: &[PoolId],
    tilt: &Tilt,
    (trials, seed): (usize, Seed),
    progress: &dyn Progress,
) -> RareEvent {
    let weights = rare_tilted::weights(scenario, pools, tilt, (trials, seed), progress);
    let moments = Moments::of(weights.iter().copied());
    let error = relative_error(moments);
    let mut doubts = doubts(error);
    // Few trials carry the estimate where weights differ much (Kish, 1965).
    let (sum, squares) = weights
        .iter()
        .fold((0.0, 0.0), |all, it| (all.0 + it, all.1 + it * it));
    let effective = if 0.0 < squares {
        sum * sum / squares
    } else {
        0.0
    };
    if error.is_some() && effective < EFFECTIVE_MIN {
        doubts.push(format!(
            "few trials carry the estimate: they weigh as {effective:.0} equal ones"
        ));
    }
    RareEvent {
        method: RareMethod::Tilted,
        why: tilt.why.clone(),
        probability: probability(moments),
        relative_error: error,
        doubts,
        trajectories: weights.len() as u64,
        plain: Estimate::default(),
        tilt: Some(tilt.factor),
        levels: Vec::new(),
        repeats: Vec::new(),
    }
}

/// Equally weighted trials below which the interval of tilted sampling is doubted.
const EFFECTIVE_MIN: f64 = 50.0;

/// Share of all repeats that one of them may carry.
const CARRIED_MAX: f64 = 0.3;

/// The doubt that one repeat of splitting carries most of the estimate.
pub(super) fn carried(repeats: &[f64], moments: Moments) -> Option<String> {
    let most = repeats.iter().copied().fold(0.0, f64::max);
    let one = 0.0 < most && CARRIED_MAX * moments.mean * (repeats.len() as f64) < most;
    one.then(|| "one repeat carries the estimate".to_owned())
}

/// By splitting.
fn split(
    scenario: &Scenario,
    pools: &[PoolId],
    (trials, seed): (usize, Seed),
    (why, progress): (String, &dyn Progress),
) -> Result<RareEvent, NoRareEvent> {
    let setup = &scenario.setup;
    let new = || Trajectories::new(setup, FailedLease::new(setup, pools), seed, progress);
    let found = rare_splitting::repeats(trials, &new).map_err(|Stuck { trials, closest }| {
        let closest = libm::exp(closest);
        let stuck = format!(
            "splitting does not fit: no trial of {trials} came closer to a failed lease than where one is expected with \
             a probability of about {closest:.1e}"
        );
        NoRareEvent::Unfit(vec![why.clone(), stuck])
    })?;
    let Split {
        levels,
        repeats,
        trajectories,
    } = found;
    let moments = Moments::of(repeats.iter().copied());
    let error = relative_error(moments);
    let mut doubts = doubts(error);
    let none = repeats.iter().filter(|it| **it == 0.0).count();
    if 0 < none && error.is_some() {
        doubts.push(format!(
            "{none} of {} repeats did not reach the event",
            repeats.len()
        ));
    }
    doubts.extend(carried(&repeats, moments));
    Ok(RareEvent {
        method: RareMethod::Splitting,
        why,
        probability: probability(moments),
        relative_error: error,
        doubts,
        trajectories,
        plain: Estimate::default(),
        tilt: None,
        levels,
        repeats,
    })
}
